// SPDX-License-Identifier: Apache-2.0
//! What can happen, and how it is done to the chain. Operations name what they are about by a
//! number, modulo what there is when they are applied, so that each program makes sense with any of
//! its operations taken out.

use frame_support::traits::{Get, KeyOwnerProofSystem};
use jurat_primitives::{
	Answer, Assurance, RequestId, RequestInput, RequestOptions,
	batch::{CommitBatch, CommitEntry, RevealBatch, RevealEntry, Revealed},
	commitment::{answer_digest, commitment},
	crypto::ATTESTATION_KEY_TYPE,
	custody::ReleaseFile,
	equivocation::{Contradiction, Equivocation, signed_commitments, signed_reveals},
	traits::Releases,
};
use pallet_attestation::types::Phase;
use pallet_staking::ValidatorPrefs;
use proptest::prelude::*;
use sp_core::H256;
use sp_runtime::{
	BoundedVec, DispatchError, MultiAddress, Perbill, transaction_validity::InvalidTransaction,
};

use super::{
	answers::{self, Deed, Opening, Profile, deed, opening},
	chain,
	coverage::{self, name},
	custody::{self, Custodial},
	model::{self, Checked, Model, Release, Stand, require},
};
use crate::{
	AccountId, Balance, BlockNumber, Historical, Models, Runtime, RuntimeCall, RuntimeOrigin,
	RuntimeParameters, System,
	constants::currency::{JUR, MICROJUR, MILLIJUR},
	parameters::dynamic_params::{
		attestation, custody as parameters_of_custody, inference,
		inference::{MaxDeadline, MinDeadline},
		models, staking,
	},
};

/// What can happen.
#[derive(Clone, Debug)]
pub enum Operation {
	/// The block ends and the next begins. `by` chooses author and VRF output, `late` which of the
	/// honest wait while they can, `full` leaves no weight for the end of the block.
	Block { by: u8, late: u16, full: bool },
	/// The same, several times.
	Blocks { count: u8, by: u8 },
	/// The block ends and the next begins a session.
	Session { by: u8 },
	/// Somebody asks.
	Ask(Ask),
	/// So many ask that the agenda can not serve them in one block.
	Flood { input: u8 },
	/// Somebody withdraws a request, its own or not.
	Cancel { request: u8, by: u8 },
	/// Members of a panel, or of all, that need not be honest do what is due.
	Act { request: u8, all: bool, deeds: Vec<(Deed, Opening)> },
	/// A message that must be refused.
	Forge { kind: u8, request: u8, member: u8 },
	/// A message that was taken is sent again.
	Replay { message: u8 },
	/// What an attester does about its bond.
	Bond { who: u8, change: Change },
	/// An attester announces a release.
	Serve { who: u8, release: u8 },
	/// All of them do.
	ServeAll { release: u8 },
	/// An attester does not serve a release any more.
	StopServing { who: u8, release: u8 },
	/// Root sets a parameter.
	Parameter { which: u8, value: u8 },
	/// The owner publishes a release, which all serve.
	Publish { profile: u8 },
	/// The price of a release changes.
	Price { release: u8, price: u8 },
	/// A release takes no more requests.
	Deprecate { release: u8 },
	/// A release goes.
	Remove { release: u8, by_owner: bool },
	/// Root gives a penalty back.
	Overturn { penalty: u8 },
	/// An attester signs a contradiction, and is reported, now or later.
	Equivocate { who: u8, reveals: bool, later: bool },
	/// A report that was kept is sent.
	Report { which: u8 },
	/// A report that proves nothing is sent.
	Slander { who: u8, kind: u8 },
	/// A larger panel is asked.
	Escalate { request: u8, max_fee: bool },
	/// A requester gives all its money away.
	Empty { who: u8 },
	/// It gets some.
	Refill { who: u8 },
	/// A validator stands no more for election.
	Chill { who: u8 },
	/// It stands again.
	Validate { who: u8 },
	/// Root sets how many validators there are.
	Validators { count: u8 },
	/// Somebody has the pay of an era paid out.
	Payout { who: u8, ago: u8 },
	/// Questions for proofs, and announcements of a node.
	Custodial(Custodial),
}

/// What an attester does about its bond.
#[derive(Clone, Copy, Debug)]
pub enum Change {
	/// Bonds so many thousands of JUR.
	Bond(u8),
	/// Raises its bond.
	Extra(u8),
	/// Takes a part back.
	Part(u8),
	/// Takes all back.
	All,
	/// Gets what is due.
	Withdraw,
	/// Takes no work.
	Pause,
	/// Takes work.
	Resume,
}

/// A request, or several.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
	/// Who.
	pub who: u8,
	/// Of which release.
	pub release: u8,
	/// The first input; the others follow it.
	pub input: u8,
	/// How many.
	pub count: u8,
	/// Seats.
	pub size: u8,
	/// Which rule for the threshold.
	pub threshold: u8,
	/// Which deadline.
	pub deadline: u8,
	/// Which least stake.
	pub min_stake: u8,
	/// What is wrong with it, if anything.
	pub flaw: u8,
}

fn ask() -> impl Strategy<Value = Ask> {
	let panel = prop_oneof![1 => Just(0u8), 30 => 1u8..=3, 30 => 1u8..=7];
	let choices = (0u8..4, 0u8..6, prop_oneof![12 => Just(0u8), 1 => 1u8..3], 0u8..40);
	(any::<u8>(), any::<u8>(), any::<u8>(), 1u8..4, panel, choices).prop_map(
		|(who, release, input, count, size, (threshold, deadline, min_stake, flaw))| Ask {
			who,
			release,
			input,
			count,
			size,
			threshold,
			deadline,
			min_stake,
			flaw,
		},
	)
}

fn change() -> impl Strategy<Value = Change> {
	prop_oneof![
		4 => any::<u8>().prop_map(Change::Bond),
		2 => any::<u8>().prop_map(Change::Extra),
		2 => any::<u8>().prop_map(Change::Part),
		1 => Just(Change::All),
		3 => Just(Change::Withdraw),
		1 => Just(Change::Pause),
		4 => Just(Change::Resume),
	]
}

/// How often what happens.
#[derive(Clone, Copy, Debug)]
pub struct Emphasis {
	/// Changes of parameters.
	pub parameters: u32,
	/// Changes of bonds.
	pub bonds: u32,
	/// Sessions, elections, equivocations.
	pub consensus: u32,
	/// Models coming and going.
	pub models: u32,
}

/// Any operation.
pub fn operation(emphasis: Emphasis) -> impl Strategy<Value = Operation> {
	use Operation::*;
	let Emphasis { parameters, bonds, consensus, models } = emphasis;
	let number = any::<u8>;
	let work = prop_oneof![
		60 => (number(), any::<u16>(), prop::bool::weighted(0.1))
			.prop_map(|(by, late, full)| Block { by, late, full }),
		3 => (2u8..12, number()).prop_map(|(count, by)| Blocks { count, by }),
		28 => ask().prop_map(Ask),
		60 => (number(), any::<bool>(), prop::collection::vec((deed(), opening()), 1..=7))
			.prop_map(|(request, all, deeds)| Act { request, all, deeds }),
		2 => (number(), number()).prop_map(|(request, by)| Cancel { request, by }),
		8 => (number(), number(), number())
			.prop_map(|(kind, request, member)| Forge { kind, request, member }),
		5 => number().prop_map(|message| Replay { message }),
		12 => (number(), prop::bool::weighted(0.9))
			.prop_map(|(request, max_fee)| Escalate { request, max_fee }),
		3 => number().prop_map(|who| Empty { who }),
		2 => number().prop_map(|who| Refill { who }),
		2 => number().prop_map(|penalty| Overturn { penalty }),
	];
	let rare = prop_oneof![
		1 => number().prop_map(|input| Flood { input }),
		1 => (number(), number()).prop_map(|(who, ago)| Payout { who, ago }),
	];
	let bonding = prop_oneof![
		6 => (number(), change()).prop_map(|(who, change)| Bond { who, change }),
		2 => (number(), number()).prop_map(|(who, release)| Serve { who, release }),
		1 => (number(), number()).prop_map(|(who, release)| StopServing { who, release }),
	];
	let validating = prop_oneof![
		5 => number().prop_map(|by| Session { by }),
		1 => number().prop_map(|who| Chill { who }),
		2 => number().prop_map(|who| Validate { who }),
		1 => (6u8..=14).prop_map(|count| Validators { count }),
		2 => (number(), any::<bool>(), any::<bool>())
			.prop_map(|(who, reveals, later)| Equivocate { who, reveals, later }),
		1 => number().prop_map(|which| Report { which }),
		1 => (number(), number()).prop_map(|(who, kind)| Slander { who, kind }),
	];
	let holding = prop_oneof![
		3 => number().prop_map(|who| custody::Custodial::Neglect { who }),
		2 => (number(), number()).prop_map(|(who, kind)| custody::Custodial::Forge { who, kind }),
		4 => (number(), number(), prop_oneof![Just(0u8), number()], 0u8..20)
			.prop_map(|(who, serve, stop, flaw)| custody::Custodial::Announce { who, serve, stop, flaw }),
	];
	let registry = prop_oneof![
		2 => (0u8..3).prop_map(|profile| Publish { profile }),
		2 => number().prop_map(|release| ServeAll { release }),
		2 => (number(), number()).prop_map(|(release, price)| Price { release, price }),
		1 => number().prop_map(|release| Deprecate { release }),
		2 => (number(), any::<bool>())
			.prop_map(|(release, by_owner)| Remove { release, by_owner }),
	];
	prop_oneof![
		200 => work,
		2 => rare,
		bonds => bonding,
		consensus => validating,
		models => registry,
		10 => holding.prop_map(Custodial),
		parameters => (number(), number()).prop_map(|(which, value)| Parameter { which, value }),
	]
}

/// The chain and its model.
pub struct Machine {
	/// The model.
	pub model: Model,
	number: BlockNumber,
	/// Steps: operations, and blocks.
	pub blocks: u64,
	sent: Vec<RuntimeCall>,
	reports: Vec<RuntimeCall>,
	minor: u16,
}

fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

fn pick<T: Clone>(of: &[T], index: u8) -> Option<T> {
	of.get(usize::from(index).checked_rem(of.len())?).cloned()
}

impl Machine {
	/// A chain with three releases that are served, the last one by few.
	pub fn new(honest: Vec<bool>) -> Result<Self, String> {
		chain::begin(1, 0, false);
		chain::take_events();
		let mut machine = Self {
			model: Model::new(honest),
			number: 1,
			blocks: 0,
			sent: Vec::new(),
			reports: Vec::new(),
			minor: 0,
		};
		let create = pallet_models::Call::create_model {
			name: BoundedVec::truncate_from(b"echo".to_vec()),
			metadata: Default::default(),
		};
		machine.call("setup", signed(chain::owner()), create);
		for index in 0..chain::ATTESTERS {
			let bond = pallet_attestation::Call::bond { amount: chain::BOND };
			machine.call("setup", signed(chain::attester(index)), bond);
		}
		for (profile, servers) in [(0, chain::ATTESTERS), (1, chain::ATTESTERS), (0, 4)] {
			machine.publish(profile);
			for index in 0..servers {
				machine.serve(index as u8, machine.model.releases.len() as u8 - 1);
			}
		}
		machine.model.check()?;
		Ok(machine)
	}

	/// Applies one operation and checks everything.
	pub fn step(&mut self, operation: &Operation) -> Checked {
		self.apply(operation)?;
		self.model.check()
	}

	/// Ends what is open, so that the end of everything is seen.
	pub fn finish(&mut self) -> Checked {
		for _ in 0..40 {
			self.turn_block(7, 0, false, false)?;
		}
		#[cfg(feature = "try-runtime")]
		{
			use frame_support::traits::{TryState, TryStateSelect};
			let all = crate::AllPalletsWithSystem::try_state(self.number, TryStateSelect::All);
			require!(all.is_ok(), "a pallet's state is wrong: {:?}", coverage::complaints());
		}
		Ok(())
	}

	pub(super) fn call(
		&mut self,
		what: &str,
		origin: RuntimeOrigin,
		call: impl Into<RuntimeCall>,
	) -> bool {
		let result = chain::dispatch(origin, call);
		self.model.coverage.note(match &result {
			Ok(()) => format!("{what}: ok"),
			Err(DispatchError::Module(error)) => {
				format!("{what}: {}", error.message.unwrap_or("error"))
			},
			Err(error) => format!("{what}: {error:?}"),
		});
		result.is_ok()
	}

	fn turn_block(&mut self, by: u8, late: u16, full: bool, turn: bool) -> Checked {
		if chain::end(self.number, full) {
			self.model.coverage.note("a block that disables its author");
		}
		self.model.check()?;
		self.model.check_end_of_block(full)?;
		self.number += 1;
		self.blocks += 1;
		chain::begin(self.number, by, turn);
		self.model.check()?;
		self.answer_questions(late)?;
		self.honest_work(late)
	}

	/// Honest attesters commit to the right answer, and open it, all that is due in one batch.
	fn honest_work(&mut self, late: u16) -> Checked {
		for place in 0..chain::ATTESTERS {
			if !self.model.honest[place] {
				continue;
			}
			let patient = late & (1 << place) != 0;
			let mut commits = Vec::new();
			let mut reveals = Vec::new();
			for (id, request) in &self.model.requests {
				if !self.model.open.contains(id) {
					continue;
				}
				let Some(seat) = request.seats.iter().find(|seat| seat.place == place) else {
					continue;
				};
				let phase = model::panel(*id).ok_or("a panel is gone")?.phase;
				let (Phase::Commit(until) | Phase::Reveal(until)) = phase;
				if patient && until > self.number + 1 {
					continue;
				}
				match (phase, &seat.stand) {
					(Phase::Commit(_), Stand::Silent) => commits.push((*id, request.session)),
					(Phase::Reveal(_), Stand::Committed) => reveals.push((*id, request.session)),
					_ => {},
				}
			}
			for (work, is_commit) in [(commits, true), (reveals, false)] {
				for session in work
					.iter()
					.map(|(_, session)| *session)
					.collect::<std::collections::BTreeSet<_>>()
				{
					let ids = work.iter().filter(|(_, of)| *of == session).map(|(id, _)| *id);
					let ids: Vec<_> = ids.collect();
					let done = match is_commit {
						true => self.commit(place, session, &ids, Deed::Right),
						false => self.reveal(place, session, &ids, Opening::Full),
					};
					require!(done.is_ok(), "honest work is refused: {done:?}");
					self.model.coverage.note(format!(
						"honest batch of {}",
						if ids.len() > 1 { "several" } else { "one" }
					));
				}
			}
		}
		self.model.check()
	}

	fn salt(place: usize, id: RequestId) -> [u8; 32] {
		let mut salt = [place as u8; 32];
		salt[..8].copy_from_slice(&id.to_le_bytes());
		salt
	}

	fn commit(
		&mut self,
		place: usize,
		session: u32,
		ids: &[RequestId],
		deed: Deed,
	) -> Result<(), InvalidTransaction> {
		let who = chain::attester(place);
		let mut entries = Vec::new();
		let mut sworn = Vec::new();
		for id in ids {
			let request = &self.model.requests[id];
			let Some(answer) = request.profile.answer(deed, request.input, place) else {
				return Ok(());
			};
			let salt = Self::salt(place, *id);
			let digest = answer_digest(&answer);
			let commitment = commitment(&chain::genesis(), &request.digest, &who, &digest, &salt);
			entries.push(CommitEntry { request: *id, digest: request.digest, commitment });
			sworn.push((*id, answer, salt));
		}
		let batch =
			CommitBatch { attester: who, session, entries: BoundedVec::truncate_from(entries) };
		let signature = chain::sign(place, &batch.signing_payload(&chain::genesis()));
		let call = RuntimeCall::from(pallet_attestation::Call::commit { batch, signature });
		chain::submit(call.clone())?;
		self.sent.push(call);
		for (id, answer, salt) in sworn {
			let request = self.model.requests.get_mut(&id).expect("known");
			let seat = request.seats.iter_mut().find(|seat| seat.place == place).expect("a seat");
			seat.stand = Stand::Committed;
			seat.sworn = Some((answer, salt));
		}
		Ok(())
	}

	fn reveal(
		&mut self,
		place: usize,
		session: u32,
		ids: &[RequestId],
		opening: Opening,
	) -> Result<(), InvalidTransaction> {
		let mut entries = Vec::new();
		let mut stands = Vec::new();
		for id in ids {
			let request = &self.model.requests[id];
			let seat = request.seats.iter().find(|seat| seat.place == place).expect("a seat");
			let (answer, mut salt) = seat.sworn.clone().expect("something to open");
			let digest = answer_digest(&answer);
			let honest = self.model.honest[place];
			let mut stand = Stand::Revealed(answer.clone());
			let mut shown = Some(digest);
			let revealed = match opening {
				// As the node does: one copy of the bytes is enough.
				Opening::Full
					if honest && request.profile.exact() && model::is_shown(*id, &digest) =>
				{
					Revealed::Digest(digest)
				},
				Opening::Full => Revealed::Full(answer),
				Opening::Digest => {
					shown = None;
					Revealed::Digest(digest)
				},
				Opening::BadSalt => {
					salt[31] ^= 0xff;
					(stand, shown) = (Stand::Bad, None);
					Revealed::Full(answer)
				},
				Opening::Other => {
					(stand, shown) = (Stand::Bad, None);
					let other = if request.profile.is_right(&answer, request.input) {
						Deed::Lie(0)
					} else {
						Deed::Right
					};
					let other = request.profile.answer(other, request.input, place);
					Revealed::Full(other.expect("an answer"))
				},
				Opening::Never => return Ok(()),
			};
			entries.push(RevealEntry { request: *id, digest: request.digest, salt, revealed });
			stands.push((*id, stand, shown));
		}
		let attester = chain::attester(place);
		let batch = RevealBatch { attester, session, entries: BoundedVec::truncate_from(entries) };
		let signature = chain::sign(place, &batch.signing_payload(&chain::genesis()));
		let call = RuntimeCall::from(pallet_attestation::Call::reveal { batch, signature });
		chain::submit(call.clone())?;
		self.sent.push(call);
		for (id, stand, shown) in stands {
			let request = self.model.requests.get_mut(&id).expect("known");
			let seat = request.seats.iter_mut().find(|seat| seat.place == place).expect("a seat");
			seat.stand = stand;
			request.shown.extend(shown);
		}
		Ok(())
	}

	/// Open requests whose panel is drawn.
	fn drawn(&self) -> Vec<RequestId> {
		let open = self.model.open.iter();
		open.filter(|id| !self.model.requests[id].seats.is_empty()).copied().collect()
	}

	fn act(&mut self, id: RequestId, deeds: &[(Deed, Opening)]) -> Checked {
		let session = self.model.requests[&id].session;
		let exact = self.model.requests[&id].profile.exact();
		let faulty: Vec<_> = self.model.requests[&id]
			.seats
			.iter()
			.map(|seat| seat.place)
			.filter(|place| !self.model.honest[*place])
			.collect();
		for (place, (deed, opening)) in faulty.into_iter().zip(deeds.iter().cycle()) {
			let Some(panel) = model::panel(id) else { return Err("a panel is gone".into()) };
			let seats = &self.model.requests[&id].seats;
			let seat = seats.iter().find(|seat| seat.place == place).expect("a seat").clone();
			// The agenda may be late to close a window; messages are late all the same.
			let (Phase::Commit(until) | Phase::Reveal(until)) = panel.phase;
			match (panel.phase, &seat.stand) {
				(Phase::Commit(_), Stand::Silent) if until <= self.number => {
					let done = self.commit(place, session, &[id], Deed::Right);
					require!(done == Err(InvalidTransaction::Stale), "late, but {done:?}");
					self.note_refusal("late commitment", &done);
				},
				(Phase::Reveal(_), Stand::Committed) if until <= self.number => {
					let done = self.reveal(place, session, &[id], Opening::Full);
					let refused = matches!(
						done,
						Err(InvalidTransaction::Stale | InvalidTransaction::ExhaustsResources)
					);
					require!(refused, "late, but {done:?}");
					self.note_refusal("late reveal", &done);
				},
				(Phase::Commit(_), Stand::Silent) => {
					let done = self.commit(place, session, &[id], *deed);
					require!(done.is_ok(), "a commitment is refused: {done:?}");
					self.model.coverage.note(format!("deed {}", name(deed)));
				},
				(Phase::Reveal(_), Stand::Committed) => {
					let (answer, _) = seat.sworn.clone().expect("what it committed to");
					let huge = is_huge(&answer);
					let done = self.reveal(place, session, &[id], *opening);
					let expected = match opening {
						Opening::Digest if !exact => Err(InvalidTransaction::Call),
						Opening::Full | Opening::BadSalt if huge && !exact => {
							Err(InvalidTransaction::ExhaustsResources)
						},
						_ => Ok(()),
					};
					require!(done == expected, "{opening:?} of {seat:?} gives {done:?}");
					self.note_refusal("reveal", &done);
					self.model.coverage.note(format!("opening {}", name(opening)));
				},
				// Bytes that were withheld.
				(Phase::Reveal(_), Stand::Revealed(answer)) if *opening == Opening::Full => {
					let late = until <= self.number;
					let shown = late || model::is_shown(id, &answer_digest(answer));
					let done = self.reveal(place, session, &[id], Opening::Full);
					let expected = if shown { Err(InvalidTransaction::Stale) } else { Ok(()) };
					require!(done == expected, "late bytes: {done:?}");
					self.note_refusal("late bytes", &done);
				},
				_ => {},
			}
		}
		Ok(())
	}

	pub(super) fn note_refusal(&mut self, what: &str, done: &Result<(), InvalidTransaction>) {
		self.model.coverage.note(match done {
			Ok(()) => format!("{what}: taken"),
			Err(reason) => format!("{what}: refused as {reason:?}"),
		});
	}

	/// Messages that must never enter a block.
	fn forge(&mut self, kind: u8, request: u8, member: u8) -> Checked {
		use InvalidTransaction::*;
		let Some(id) = pick(&self.drawn(), request) else { return Ok(()) };
		let request = self.model.requests[&id].clone();
		let seat = pick(&request.seats, member).expect("a panel has seats");
		let panel = model::panel(id).ok_or("a panel is gone")?;
		let silent = matches!(seat.stand, Stand::Silent);
		let due = matches!(panel.phase, Phase::Commit(until) if until > self.number) && silent;
		let mut entry =
			CommitEntry { request: id, digest: request.digest, commitment: H256::repeat_byte(7) };
		let mut session = request.session;
		let mut attester = seat.place;
		let mut signer = seat.place;
		let mut entries = vec![entry.clone()];
		let mut tamper = false;
		let expected = match kind % 10 {
			0 => {
				signer += 1;
				if due { BadProof } else { Stale }
			},
			1 => {
				let outsider = (0..chain::ATTESTERS)
					.find(|place| request.seats.iter().all(|seat| seat.place != *place));
				let Some(outsider) = outsider else { return Ok(()) };
				(attester, signer) = (outsider, outsider);
				BadSigner
			},
			2 => {
				entry.digest = H256::repeat_byte(9);
				entries = vec![entry];
				Stale
			},
			3 => {
				session += 1;
				BadSigner
			},
			4 => {
				entries.clear();
				Call
			},
			5 => {
				entries.push(entry);
				Call
			},
			// Late, or twice.
			6 if !due => Stale,
			7 => {
				entry.request = 1_000_000 + id;
				entries = vec![entry];
				Stale
			},
			8 if due => {
				tamper = true;
				BadProof
			},
			// A reveal before its time, or of nothing.
			9 if !matches!((panel.phase, &seat.stand), (Phase::Reveal(_), Stand::Committed)) => {
				let revealed = Revealed::Digest(H256::repeat_byte(7));
				let exact = request.profile.exact();
				let digest = request.digest;
				let entry = RevealEntry { request: id, digest, salt: [1; 32], revealed };
				let entries = BoundedVec::truncate_from(vec![entry]);
				let batch = RevealBatch { attester: chain::attester(attester), session, entries };
				let signature = chain::sign(signer, &batch.signing_payload(&chain::genesis()));
				let done = chain::submit(pallet_attestation::Call::reveal { batch, signature });
				let commit = matches!(panel.phase, Phase::Commit(_));
				let reason = if commit || exact { Stale } else { Call };
				require!(done == Err(reason), "a reveal that is not due: {done:?}");
				self.note_refusal("forged reveal", &done);
				return Ok(());
			},
			_ => return Ok(()),
		};
		let attester = chain::attester(attester);
		let mut batch =
			CommitBatch { attester, session, entries: BoundedVec::truncate_from(entries) };
		let signature = chain::sign(signer, &batch.signing_payload(&chain::genesis()));
		if tamper {
			batch.entries[0].commitment = H256::repeat_byte(8);
		}
		let call = pallet_attestation::Call::commit { batch, signature };
		for origin in [RuntimeOrigin::root(), signed(chain::asker(0))] {
			let done = chain::dispatch(origin, call.clone());
			require!(done == Err(DispatchError::BadOrigin), "a commitment by anybody: {done:?}");
		}
		let done = chain::submit(call);
		require!(done == Err(expected), "forgery {} gives {done:?}, not {expected:?}", kind % 10);
		self.note_refusal("forged commit", &done);
		Ok(())
	}

	fn ask(&mut self, ask: &Ask) {
		let takes = |release: &Release| {
			<Models as Releases<_, _>>::terms(release.id).is_some_and(|terms| terms.active)
		};
		let mut releases = self.model.releases.clone();
		if ask.flaw != 4 {
			releases.retain(takes);
		}
		let Some(release) = pick(&releases, ask.release) else { return };
		let Ask { size, input, .. } = *ask;
		let threshold = match ask.threshold {
			0 | 1 => jurat_primitives::assurance::default_threshold(size),
			2 => size / 2 + 1,
			_ => size,
		};
		let assurance = Assurance::Quorum { size, threshold };
		let shortest = shortest_deadline();
		let deadline = match ask.deadline {
			0 => shortest,
			1 => shortest + 1,
			2 => shortest + 4,
			3 => 20,
			4 => 45,
			_ => shortest + 9,
		};
		let options = RequestOptions {
			assurance,
			max_fee: if ask.flaw == 1 { 0 } else { Balance::MAX },
			deadline: if ask.flaw == 2 { shortest - 1 } else { deadline },
			min_stake: match ask.min_stake {
				0 => 0,
				1 => 40_000 * JUR,
				_ => 1_000_000_000 * JUR,
			},
		};
		let values: Vec<u8> = (0..ask.count).map(|index| input.wrapping_add(index)).collect();
		let tensors = |value| match ask.flaw {
			3 => answers::unfit_input(value),
			_ => answers::input(value),
		};
		let origin = signed(chain::requester(ask.who.into()));
		self.model.asked = values.clone();
		let done = if let [value] = values[..] {
			let call = pallet_inference::Call::request {
				release: release.id,
				input: RequestInput::Inline(tensors(value)),
				options,
			};
			self.call("request", origin, call)
		} else {
			let inputs = values.iter().map(|value| RequestInput::Inline(tensors(*value)));
			let call = pallet_inference::Call::request_batch {
				release: release.id,
				inputs: BoundedVec::truncate_from(inputs.collect()),
				options,
			};
			self.call("batch", origin, call)
		};
		if !done {
			self.model.asked.clear();
		}
	}

	fn flood(&mut self, input: u8) {
		// The one that few serve: nothing of it is ever drawn.
		let Some(release) = self.model.releases.get(2).copied() else { return };
		let options = RequestOptions {
			assurance: Assurance::quorum(7),
			max_fee: Balance::MAX,
			deadline: shortest_deadline(),
			min_stake: 0,
		};
		let inputs: Vec<_> =
			(0..120).map(|_| RequestInput::Inline(answers::input(input))).collect();
		self.model.asked = vec![input; inputs.len()];
		let call = pallet_inference::Call::request_batch {
			release: release.id,
			inputs: BoundedVec::truncate_from(inputs),
			options,
		};
		if !self.call("flood", signed(chain::owner()), call) {
			self.model.asked.clear();
		}
	}

	fn publish(&mut self, profile: u8) {
		let profile = [Profile::Exact, Profile::Gross, Profile::Lenient][usize::from(profile % 3)];
		self.minor += 1;
		let release = Release { id: model::release_id(0, self.minor), profile };
		let ReleaseFile { content, size } = custody::file(self.minor);
		let call = pallet_models::Call::publish_release {
			model: 0,
			version: release.id.version,
			content,
			size,
			manifest: profile.manifest(),
			// One of two is free, so that what goes back can be less than an account must have.
			price: if self.minor.is_multiple_of(2) { 0 } else { MILLIJUR },
		};
		if self.call("publish", signed(chain::owner()), call) {
			self.model.releases.push(release);
		}
	}

	fn serve(&mut self, who: u8, release: u8) {
		let Some(release) = pick(&self.model.releases, release) else { return };
		let call = pallet_attestation::Call::serve { release: release.id };
		self.call("serve", signed(chain::attester(who.into())), call);
	}

	fn bond(&mut self, who: u8, change: Change) {
		use pallet_attestation::Call;
		let who = chain::attester(who.into());
		let bonded = pallet_attestation::Attesters::<Runtime>::get(&who)
			.map(|record| record.bonded)
			.unwrap_or_default();
		let part = |of: u8| Balance::from(of) * 20 * JUR;
		let (what, call) = match change {
			Change::Bond(amount) => ("bond", Call::bond { amount: part(amount) }),
			Change::Extra(amount) => ("bond_extra", Call::bond_extra { amount: part(amount) }),
			Change::Part(amount) => {
				("unbond", Call::unbond { amount: Perbill::from_percent(amount.into()) * bonded })
			},
			Change::All => ("unbond", Call::unbond { amount: bonded }),
			Change::Withdraw => ("withdraw", Call::withdraw {}),
			Change::Pause => ("pause", Call::pause {}),
			Change::Resume => ("resume", Call::resume {}),
		};
		self.call(what, signed(who), call);
	}

	/// Evidence against an attester, if it is a validator now.
	fn evidence(
		&self,
		place: usize,
		reveals: bool,
		digests: [H256; 2],
		signers: [usize; 2],
	) -> Option<RuntimeCall> {
		let who = chain::attester(place);
		let session = chain::session();
		let key = chain::key(place);
		let key: jurat_primitives::crypto::AttestationId = sp_core::Pair::public(&key);
		let key_owner_proof = Historical::prove((ATTESTATION_KEY_TYPE, key.clone()))?;
		let genesis = chain::genesis();
		let commits = |which: usize| {
			let digest = digests[which];
			let commitment = H256::repeat_byte(which as u8);
			let entry = CommitEntry { request: 1, digest, commitment };
			let entries = BoundedVec::truncate_from(vec![entry]);
			let batch = CommitBatch { attester: who.clone(), session, entries };
			let signature = chain::sign(signers[which], &batch.signing_payload(&genesis));
			signed_commitments(&batch, &signature).remove(0)
		};
		let opened = |which: usize| {
			let (digest, salt) = (digests[which], [which as u8; 32]);
			let revealed = Revealed::Digest(H256::zero());
			let entry = RevealEntry { request: 1, digest, salt, revealed };
			let entries = BoundedVec::truncate_from(vec![entry]);
			let batch = RevealBatch { attester: who.clone(), session, entries };
			let signature = chain::sign(signers[which], &batch.signing_payload(&genesis));
			signed_reveals(&batch, &signature).remove(0)
		};
		let contradiction = match reveals {
			true => Contradiction::Reveals(opened(0), opened(1)),
			false => Contradiction::Commitments(commits(0), commits(1)),
		};
		let evidence = Box::new(Equivocation { attester: who.clone(), key, contradiction });
		let reporter = chain::reporter();
		let call =
			pallet_attestation::Call::report_equivocation { evidence, key_owner_proof, reporter };
		Some(call.into())
	}

	fn equivocate(&mut self, who: u8, reveals: bool, later: bool) -> Checked {
		let all: Vec<_> =
			(0..chain::ATTESTERS).filter(|place| !self.model.honest[*place]).collect();
		let Some(place) = pick(&all, who) else { return Ok(()) };
		let digests = [H256::repeat_byte(1); 2];
		let Some(call) = self.evidence(place, reveals, digests, [place; 2]) else {
			return Ok(());
		};
		self.model.convicts.insert(chain::attester(place));
		if later {
			self.reports.push(call);
			return Ok(());
		}
		self.report(call)
	}

	fn report(&mut self, call: RuntimeCall) -> Checked {
		let done = chain::submit(call);
		require!(
			matches!(done, Ok(()) | Err(InvalidTransaction::Stale | InvalidTransaction::BadProof)),
			"a report gives {done:?}"
		);
		self.note_refusal("report", &done);
		Ok(())
	}

	/// Evidence that proves nothing: of two requests, by another's key, of the same thing twice.
	fn slander(&mut self, who: u8, kind: u8) -> Checked {
		let place = usize::from(who) % chain::ATTESTERS;
		let one = H256::repeat_byte(1);
		let call = match kind % 2 {
			0 => self.evidence(place, false, [one, H256::repeat_byte(2)], [place; 2]),
			_ => self.evidence(place, true, [one; 2], [place, place + 1]),
		};
		let Some(call) = call else { return Ok(()) };
		let done = chain::submit(call);
		require!(
			matches!(done, Err(InvalidTransaction::BadProof | InvalidTransaction::Stale)),
			"slander gives {done:?}"
		);
		self.note_refusal("slander", &done);
		Ok(())
	}

	fn apply(&mut self, operation: &Operation) -> Checked {
		self.model
			.coverage
			.note(format!("operation {}", name(operation).split('(').next().unwrap_or_default()));
		match operation {
			Operation::Block { by, late, full } => self.turn_block(*by, *late, *full, false)?,
			Operation::Blocks { count, by } => {
				for step in 0..*count {
					self.turn_block(by.wrapping_add(step), 0, false, false)?;
				}
			},
			Operation::Session { by } => self.turn_block(*by, 0, false, true)?,
			Operation::Ask(ask) => self.ask(ask),
			Operation::Flood { input } => self.flood(*input),
			Operation::Cancel { request, by } => {
				let open: Vec<_> = self.model.open.iter().copied().collect();
				if let Some(request) = pick(&open, *request) {
					let owner = self.model.requests[&request].requester.clone();
					let own = by % 4 > 0;
					let who = if own { owner } else { chain::requester((*by).into()) };
					self.call("cancel", signed(who), pallet_inference::Call::cancel { request });
				}
			},
			Operation::Act { request, all, deeds } => {
				let drawn = self.drawn();
				let some = if *all { drawn } else { pick(&drawn, *request).into_iter().collect() };
				for id in some {
					self.act(id, deeds)?;
				}
			},
			Operation::Forge { kind, request, member } => self.forge(*kind, *request, *member)?,
			Operation::Replay { message } => {
				if let Some(call) = pick(&self.sent, *message) {
					let done = chain::submit(call);
					require!(done == Err(InvalidTransaction::Stale), "a replay gives {done:?}");
					self.note_refusal("replay", &done);
				}
			},
			Operation::Bond { who, change } => self.bond(*who, *change),
			Operation::Serve { who, release } => self.serve(*who, *release),
			Operation::ServeAll { release } => {
				for who in 0..chain::ATTESTERS {
					self.serve(who as u8, *release);
				}
			},
			Operation::StopServing { who, release } => {
				if let Some(release) = pick(&self.model.releases, *release) {
					let call = pallet_attestation::Call::stop_serving { release: release.id };
					self.call("stop_serving", signed(chain::attester((*who).into())), call);
				}
			},
			Operation::Parameter { which, value } => {
				let (what, key_value) = parameter(*which, *value);
				let call = pallet_parameters::Call::set_parameter { key_value };
				self.call(&format!("parameter {what}"), RuntimeOrigin::root(), call);
			},
			Operation::Publish { profile } => {
				self.publish(*profile);
				let last = self.model.releases.len() as u8 - 1;
				for who in 0..chain::ATTESTERS {
					self.serve(who as u8, last);
				}
			},
			Operation::Price { release, price } => {
				if let Some(Release { id: release, .. }) = pick(&self.model.releases, *release) {
					let price = Balance::from(*price / 4) * MICROJUR * 100;
					let call = pallet_models::Call::set_price { release, price };
					self.call("set_price", signed(chain::owner()), call);
				}
			},
			Operation::Deprecate { release } => {
				if let Some(Release { id: release, .. }) = pick(&self.model.releases, *release) {
					let call = pallet_models::Call::deprecate_release { release };
					self.call("deprecate", signed(chain::owner()), call);
				}
			},
			Operation::Remove { release, by_owner } => {
				if let Some(Release { id: release, .. }) = pick(&self.model.releases, *release) {
					let who = if *by_owner { chain::owner() } else { chain::reporter() };
					let call = pallet_models::Call::remove_release { release };
					self.call("remove", signed(who), call);
				}
			},
			Operation::Overturn { penalty } => {
				if let Some((attester, request)) = pick(&self.model.waiting(), *penalty) {
					let call = pallet_attestation::Call::overturn { attester, request };
					let stranger = signed(chain::owner());
					let done = chain::dispatch(stranger, call.clone());
					require!(done == Err(DispatchError::BadOrigin), "by anybody: {done:?}");
					require!(self.call("overturn", RuntimeOrigin::root(), call), "not overturned");
				}
			},
			Operation::Equivocate { who, reveals, later } => {
				self.equivocate(*who, *reveals, *later)?;
			},
			Operation::Report { which } => {
				if let Some(call) = pick(&self.reports, *which) {
					self.report(call)?;
				}
			},
			Operation::Slander { who, kind } => self.slander(*who, *kind)?,
			Operation::Escalate { request, max_fee } => {
				if let Some(request) = pick(&self.model.contested(), *request) {
					let who = self.model.requests[&request].requester.clone();
					let max_fee = if *max_fee { Balance::MAX } else { 0 };
					let call = pallet_inference::Call::escalate { request, max_fee };
					self.call("escalate", signed(who), call);
				}
			},
			Operation::Empty { who } => {
				let call = pallet_balances::Call::transfer_all {
					dest: MultiAddress::Id(chain::owner()),
					keep_alive: false,
				};
				self.call("empty", signed(chain::asker((*who).into())), call);
			},
			Operation::Refill { who } => {
				let call = pallet_balances::Call::transfer_allow_death {
					dest: MultiAddress::Id(chain::asker((*who).into())),
					value: JUR,
				};
				self.call("refill", signed(chain::owner()), call);
			},
			Operation::Chill { who } => {
				let who = signed(chain::attester((*who).into()));
				self.call("chill", who, pallet_staking::Call::chill {});
			},
			Operation::Validate { who } => {
				let who = signed(chain::attester((*who).into()));
				let prefs = ValidatorPrefs::default();
				self.call("validate", who, pallet_staking::Call::validate { prefs });
			},
			Operation::Validators { count } => {
				let call = pallet_staking::Call::set_validator_count { new: (*count).into() };
				self.call("set_validator_count", RuntimeOrigin::root(), call);
			},
			Operation::Custodial(what) => self.custodial(what)?,
			Operation::Payout { who, ago } => {
				let era = pallet_staking::CurrentEra::<Runtime>::get().unwrap_or_default();
				let call = pallet_staking::Call::payout_stakers {
					validator_stash: chain::attester((*who).into()),
					era: era.saturating_sub(u32::from(*ago) % 3 + 1),
				};
				self.call("payout", signed(chain::reporter()), call);
			},
		}
		Ok(())
	}
}

fn is_huge(answer: &Answer) -> bool {
	use codec::Encode;
	answer.encoded_size() > 4 * 1024
}

fn shortest_deadline() -> BlockNumber {
	let windows = [attestation::CommitWindow::get(), attestation::RevealWindow::get()];
	let panel: BlockNumber = windows.into_iter().map(|window| window.max(2)).sum();
	MinDeadline::get().max(panel + 1).min(MaxDeadline::get())
}

/// A parameter that root sets, to one of a few values that are allowed but not all wise.
fn parameter(which: u8, value: u8) -> (&'static str, RuntimeParameters) {
	use attestation::Parameters as A;
	use inference::Parameters as I;
	use models::Parameters as M;
	use parameters_of_custody::Parameters as C;
	use staking::Parameters as S;
	let of = usize::from(value);
	let share = [
		Perbill::zero(),
		Perbill::from_parts(1_000_000),
		Perbill::from_percent(5),
		Perbill::from_percent(20),
		Perbill::one(),
	][of % 5];
	let blocks = [1, 3, 10, 40][of % 4];
	let window = [1, 2, 3, 5, 8][of % 5];
	let amount = [0, 1, MICROJUR, MILLIJUR, 20 * MILLIJUR][of % 5];
	match which % 28 {
		0 => {
			let value = A::CommitWindow(attestation::CommitWindow, Some(window));
			("CommitWindow", RuntimeParameters::Attestation(value))
		},
		1 => {
			let value = A::RevealWindow(attestation::RevealWindow, Some(window));
			("RevealWindow", RuntimeParameters::Attestation(value))
		},
		2 => {
			let value = A::NoShowPenalty(attestation::NoShowPenalty, Some(share));
			("NoShowPenalty", RuntimeParameters::Attestation(value))
		},
		3 => {
			let value = A::WithheldPenalty(attestation::WithheldPenalty, Some(share));
			("WithheldPenalty", RuntimeParameters::Attestation(value))
		},
		4 => {
			let value = A::BadOpeningPenalty(attestation::BadOpeningPenalty, Some(share));
			("BadOpeningPenalty", RuntimeParameters::Attestation(value))
		},
		5 => {
			let value = A::DivergentPenalty(attestation::DivergentPenalty, Some(share));
			("DivergentPenalty", RuntimeParameters::Attestation(value))
		},
		6 => {
			let value = A::DailyPenaltyCap(attestation::DailyPenaltyCap, Some(share));
			("DailyPenaltyCap", RuntimeParameters::Attestation(value))
		},
		7 => {
			let value = A::EquivocationPenalty(attestation::EquivocationPenalty, Some(share));
			("EquivocationPenalty", RuntimeParameters::Attestation(value))
		},
		8 => {
			let value = A::WarningPeriod(attestation::WarningPeriod, Some(blocks - 1));
			("WarningPeriod", RuntimeParameters::Attestation(value))
		},
		9 => {
			let value = A::ChallengeWindow(attestation::ChallengeWindow, Some(blocks - 1));
			("ChallengeWindow", RuntimeParameters::Attestation(value))
		},
		10 => {
			let value = A::UnbondingPeriod(attestation::UnbondingPeriod, Some(blocks));
			("UnbondingPeriod", RuntimeParameters::Attestation(value))
		},
		11 => {
			let bond = [100 * JUR, 1_000 * JUR, 1_500 * JUR][of % 3];
			let value = A::MinBond(attestation::MinBond, Some(bond));
			("MinBond", RuntimeParameters::Attestation(value))
		},
		12 => {
			let value = A::ReferenceReward(attestation::ReferenceReward, Some(amount));
			("ReferenceReward", RuntimeParameters::Attestation(value))
		},
		13 => {
			let value = I::BaseFee(inference::BaseFee, Some(amount));
			("BaseFee", RuntimeParameters::Inference(value))
		},
		14 => {
			let value = I::ComputePrice(inference::ComputePrice, Some(amount / 10));
			("ComputePrice", RuntimeParameters::Inference(value))
		},
		15 => {
			let value = I::ProtocolCut(inference::ProtocolCut, Some(share));
			("ProtocolCut", RuntimeParameters::Inference(value))
		},
		16 => {
			let value = I::MinDeadline(inference::MinDeadline, Some(window));
			("MinDeadline", RuntimeParameters::Inference(value))
		},
		17 => {
			let value = I::DrawRetryPeriod(inference::DrawRetryPeriod, Some(window - 1));
			("DrawRetryPeriod", RuntimeParameters::Inference(value))
		},
		18 => {
			let value = I::ResultRetention(inference::ResultRetention, Some(blocks - 1));
			("ResultRetention", RuntimeParameters::Inference(value))
		},
		19 => {
			let value = I::EscalationWindow(inference::EscalationWindow, Some(blocks - 1));
			("EscalationWindow", RuntimeParameters::Inference(value))
		},
		20 => {
			let value = M::ActivationQuorum(models::ActivationQuorum, Some(window));
			("ActivationQuorum", RuntimeParameters::Models(value))
		},
		21 => {
			let value = S::SlashDeferDuration(staking::SlashDeferDuration, Some(of as u32 % 3));
			("SlashDeferDuration", RuntimeParameters::Staking(value))
		},
		22 => {
			let value = S::SessionsPerEra(staking::SessionsPerEra, Some(of as u32 % 3 + 1));
			("SessionsPerEra", RuntimeParameters::Staking(value))
		},
		23 => {
			let period = [0, 1, 6, 6, 40][of % 5];
			let value = C::QuestionPeriod(parameters_of_custody::QuestionPeriod, Some(period));
			("QuestionPeriod", RuntimeParameters::Custody(value))
		},
		24 => {
			let value = C::AnswerDeadline(parameters_of_custody::AnswerDeadline, Some(window));
			("AnswerDeadline", RuntimeParameters::Custody(value))
		},
		25 => {
			let value = A::NotHeldPenalty(attestation::NotHeldPenalty, Some(share));
			("NotHeldPenalty", RuntimeParameters::Attestation(value))
		},
		26 => {
			let value = A::AnnouncementInterval(attestation::AnnouncementInterval, Some(window));
			("AnnouncementInterval", RuntimeParameters::Attestation(value))
		},
		_ => {
			let value = I::OutputBytePrice(inference::OutputBytePrice, Some(amount));
			("OutputBytePrice", RuntimeParameters::Inference(value))
		},
	}
}

/// The block of the chain, for messages.
pub fn now() -> BlockNumber {
	System::block_number()
}
