// SPDX-License-Identifier: Apache-2.0
//! Questions for proofs and their answers, and announcements that a node signs.

use std::collections::{BTreeMap, BTreeSet};

use frame_support::traits::Get;
use jurat_primitives::{
	ReleaseId,
	announcement::Announcement,
	custody::{self, Question, ReleaseFile},
	limits::MaxAnnounced,
	outcome::Fault,
};
use pallet_custody::Proof;
use sp_runtime::{BoundedVec, transaction_validity::InvalidTransaction};

use super::{
	chain,
	coverage::name,
	model::{Checked, Model, require},
	operations::{Machine, now},
};
use crate::{
	AccountId, Balance, BlockNumber, Runtime, RuntimeCall, RuntimeOrigin,
	parameters::dynamic_params::attestation::AnnouncementInterval,
};

/// What an attester does that need not be honest.
#[derive(Clone, Debug)]
pub enum Custodial {
	/// It lets a question pass: the one that is open, or its next.
	Neglect {
		/// Who.
		who: u8,
	},
	/// It sends what is no answer.
	Forge {
		/// Who.
		who: u8,
		/// What is wrong.
		kind: u8,
	},
	/// Its node announces.
	Announce {
		/// Who.
		who: u8,
		/// Which releases, by bit.
		serve: u8,
		/// Which no more, by bit.
		stop: u8,
		/// What is wrong with it, if anything.
		flaw: u8,
	},
}

/// What the model knows of questions.
#[derive(Debug, Default)]
pub struct Custody {
	/// Open ones: about what, and until when.
	open: BTreeMap<AccountId, (ReleaseId, BlockNumber)>,
	/// Who lets a question pass, by place.
	neglects: BTreeSet<usize>,
}

/// The file of a release, of some chunks and a bit.
pub fn bytes(minor: u16) -> Vec<u8> {
	(0..2_500 + u64::from(minor) * 700).map(|i| (i * i / 5 + u64::from(minor)) as u8).collect()
}

/// What the registry knows of it.
pub fn file(minor: u16) -> ReleaseFile {
	let bytes = bytes(minor);
	let size = bytes.len() as u64;
	let proof = custody::prove(&bytes, 0).expect("it has a chunk");
	ReleaseFile { content: proof.root(size, 0).expect("a proof of it"), size }
}

fn question(who: &AccountId) -> Option<Question<BlockNumber>> {
	pallet_custody::Questions::<Runtime>::get(who)
}

fn proof(who: &AccountId, question: &Question<BlockNumber>) -> Proof<AccountId> {
	let bytes = bytes(question.release.version.minor);
	Proof {
		attester: who.clone(),
		session: question.session,
		release: question.release,
		chunk: question.chunk,
		answer: custody::prove(&bytes, question.chunk).expect("a chunk of the file"),
	}
}

fn send(by: usize, proof: Proof<AccountId>) -> Result<(), InvalidTransaction> {
	let signature = chain::sign(by, &proof.signing_payload(&chain::genesis()));
	chain::submit(pallet_custody::Call::prove { proof, signature })
}

impl Model {
	/// Takes in what became of questions.
	pub fn hear_custody(&mut self, event: &pallet_custody::Event<Runtime>) -> Checked {
		use pallet_custody::Event::*;
		self.coverage.note(format!("custody {}", name(event)));
		let now = now();
		match event {
			Asked { attester, release, until, .. } => {
				let record = pallet_attestation::Attesters::<Runtime>::get(attester);
				let least = <Runtime as pallet_attestation::Config>::MinBond::get();
				require!(
					record.is_some_and(|record| !record.paused && record.bonded >= least),
					"somebody is asked who takes no work"
				);
				require!(*until > now + 1, "a deadline that can not be met");
				let before = self.custody.open.insert(attester.clone(), (*release, *until));
				require!(before.is_none(), "asked again before the first question ended");
			},
			Proved { attester, release } => {
				let open = self.custody.open.remove(attester);
				let open = open.ok_or("an answer to nothing")?;
				require!(open.0 == *release && now < open.1, "an answer to {open:?}");
			},
			Missed { attester, release } => {
				self.ended(attester, *release)?;
				// It answers the next.
				if let Some(place) = chain::place(attester) {
					self.custody.neglects.remove(&place);
				}
				require!(!self.is_honest(attester), "an honest attester failed");
			},
			Lapsed { attester, release } => self.ended(attester, *release)?,
			_ => {},
		}
		Ok(())
	}

	fn ended(&mut self, who: &AccountId, release: ReleaseId) -> Checked {
		let open = self.custody.open.remove(who).ok_or("the end of nothing")?;
		require!(open == (release, now()), "{open:?} ended in block {}", now());
		Ok(())
	}

	/// A failure costs what its parameter says, or is a warning, as absences are.
	pub fn hear_not_held(
		&mut self,
		who: &AccountId,
		amount: Balance,
		warned_until: Option<BlockNumber>,
	) -> Checked {
		self.coverage.note(format!("fault {:?}", Fault::NotHeld));
		require!(!self.is_honest(who), "an honest attester at fault");
		let taken = self.absence(who, Fault::NotHeld);
		self.coverage.note(match taken {
			None => "not held: warning",
			Some(_) => "not held: penalty",
		});
		require!(
			amount == taken.unwrap_or_default() && warned_until.is_some() == taken.is_none(),
			"{amount} was taken, not {taken:?}"
		);
		self.warned(who, warned_until);
		self.take(who, amount)
	}

	/// Each question ends at its deadline.
	pub fn check_questions(&self) -> Checked {
		for (who, (release, until)) in &self.custody.open {
			require!(now() < *until, "the question to {who} on {release} did not end");
		}
		let open = pallet_custody::Questions::<Runtime>::count() as usize;
		require!(open == self.custody.open.len(), "{open} questions are open");
		Ok(())
	}
}

impl Machine {
	/// Who is asked answers: the honest in any case, when they are not patient.
	pub fn answer_questions(&mut self, late: u16) -> Checked {
		for place in 0..chain::ATTESTERS {
			let who = chain::attester(place);
			let Some(question) = question(&who) else { continue };
			let honest = self.model.honest[place];
			if (late & (1 << place) != 0 && question.until > now() + 1)
				|| (!honest && self.model.custody.neglects.contains(&place))
			{
				continue;
			}
			let done = send(place, proof(&who, &question));
			require!(done.is_ok(), "the right answer is refused: {done:?}");
		}
		self.model.check()
	}

	/// Does what need not be honest.
	pub fn custodial(&mut self, what: &Custodial) -> Checked {
		match *what {
			Custodial::Neglect { who } => {
				let place = usize::from(who) % chain::ATTESTERS;
				self.model.custody.neglects.insert(place);
				Ok(())
			},
			Custodial::Forge { who, kind } => self.forge_answer(who, kind),
			Custodial::Announce { who, serve, stop, flaw } => self.announce(who, serve, stop, flaw),
		}
	}

	fn forge_answer(&mut self, who: u8, kind: u8) -> Checked {
		use InvalidTransaction::{BadProof, Stale};
		let place = usize::from(who) % chain::ATTESTERS;
		let who = chain::attester(place);
		let Some(question) = question(&who) else {
			// Of what somebody else was asked, if anybody was.
			let other = pallet_custody::Questions::<Runtime>::iter().next();
			let Some((_, question)) = other else { return Ok(()) };
			let done = send(place, proof(&who, &question));
			require!(done == Err(Stale), "an answer of nobody that was asked: {done:?}");
			self.note_refusal("forged proof", &done);
			return Ok(());
		};
		let mut forged = proof(&who, &question);
		let mut signer = place;
		let expected = match kind % 7 {
			0 => {
				forged.answer.bytes[9] ^= 1;
				BadProof
			},
			1 => {
				forged.answer.siblings[0][9] ^= 1;
				BadProof
			},
			2 => {
				forged.answer.siblings.truncate(0);
				BadProof
			},
			3 => {
				signer += 1;
				BadProof
			},
			4 => {
				forged.session += 1;
				Stale
			},
			5 => {
				forged.chunk += 1;
				Stale
			},
			_ => {
				forged.release.version.minor += 1;
				Stale
			},
		};
		let done = send(signer, forged);
		require!(done == Err(expected), "forgery {} gives {done:?}", kind % 7);
		self.note_refusal("forged proof", &done);
		Ok(())
	}

	fn announce(&mut self, who: u8, serve: u8, stop: u8, flaw: u8) -> Checked {
		use InvalidTransaction::*;
		let place = usize::from(who) % chain::ATTESTERS;
		let attester = chain::attester(place);
		// Of the newest releases, which are served by most.
		let newest: Vec<_> = self.model.releases.iter().rev().take(8).map(|one| one.id).collect();
		let chosen = |bits: u8| -> Vec<ReleaseId> {
			let mut all: Vec<_> = newest
				.iter()
				.enumerate()
				.filter(|(bit, _)| bits & (1 << bit) != 0)
				.map(|(_, release)| *release)
				.collect();
			all.sort_unstable();
			all
		};
		let (mut serve, stop) = (chosen(serve & !stop), chosen(stop));
		let last = pallet_attestation::Announced::<Runtime>::get(&attester).unwrap_or_default();
		let mut announcement = Announcement {
			attester: attester.clone(),
			session: chain::session(),
			sequence: last.sequence + 1,
			serve: BoundedVec::<_, MaxAnnounced>::truncate_from(serve.clone()),
			stop: BoundedVec::truncate_from(stop.clone()),
		};
		let mut signer = place;
		let early = last.sequence > 0 && now() < last.at + AnnouncementInterval::get();
		let mut expected = if early { Err(Future) } else { Ok(()) };
		match flaw {
			0 => {
				announcement.sequence -= 1;
				expected = Err(Stale);
			},
			1 => {
				announcement.sequence += 1;
				expected = Err(Future);
			},
			2 => {
				announcement.session += 1;
				expected = Err(Stale);
			},
			3 => {
				signer += 1;
				expected = expected.and(Err(BadProof));
			},
			4 => {
				serve.reverse();
				announcement.serve = BoundedVec::truncate_from(serve.clone());
			},
			_ => {},
		}
		if !pallet_attestation::Roster::<Runtime>::contains_key(&attester) {
			expected = Err(BadSigner);
		}
		if !announcement.is_well_formed() {
			expected = Err(Call);
		} else if expected == Ok(()) {
			// What the same by hand would do.
			let origin = || RuntimeOrigin::signed(attester.clone());
			let changes = frame_support::hypothetically!({
				use pallet_attestation::Call as A;
				let stops = stop.iter().map(|release| A::stop_serving { release: *release });
				let serves = serve.iter().map(|release| A::serve { release: *release });
				let all: Vec<RuntimeCall> = stops.chain(serves).map(Into::into).collect();
				all.into_iter()
					.filter(|call| chain::dispatch(origin(), call.clone()).is_ok())
					.count()
			});
			if changes == 0 {
				expected = Err(Call);
			}
		}
		let signature = chain::sign(signer, &announcement.signing_payload(&chain::genesis()));
		let call: RuntimeCall =
			pallet_attestation::Call::announce { announcement, signature }.into();
		let done = chain::submit(call.clone());
		require!(done == expected, "an announcement gives {done:?}, not {expected:?}");
		self.note_refusal("announcement", &done);
		if done.is_ok() {
			let served = crate::Attestation::served_by(&attester);
			require!(!stop.iter().any(|release| served.contains(release)), "still served");
			let again = chain::submit(call);
			require!(again == Err(Stale), "a second time it gives {again:?}");
		}
		Ok(())
	}
}
