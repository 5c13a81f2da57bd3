// SPDX-License-Identifier: Apache-2.0
//! Commitments and reveals: who may send them, and what they do.
//!
//! Both travel as authorised transactions. They carry no nonce and pay no fee, so what protects the
//! chain is here: what is not due right now never enters a block. The order of checks is cheap
//! first: shape of the batch, the first entry's panel, then the signature, then the other entries.
//! Whoever has no key of a panel costs a node two reads and one signature check for each attempt.

use crate::{
	Answers, Config, OpenPanels, Pallet, PanelOf,
	types::{PanelMember, Phase},
};
use codec::Encode;
use frame_support::pallet_prelude::TransactionValidityWithRefund;
use frame_system::pallet_prelude::BlockNumberFor;
use jurat_primitives::{
	Answer, RequestDigest, RequestId,
	batch::{CommitBatch, CommitEntry, RevealBatch, RevealEntry, Revealed},
	commitment::{commitment, genesis_hash},
	crypto::{AttestationId, AttestationSignature},
	limits::{MAX_OUTPUT_APPROXIMATE, MAX_OUTPUT_EXACT},
	traits::{Conduct, PanelObserver},
};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::{Get, H256};
use sp_runtime::{
	SaturatedConversion, Saturating, Weight,
	transaction_validity::{InvalidTransaction, ValidTransaction},
};
use sp_staking::SessionIndex;

/// What an entry of a batch asks for.
pub(crate) trait Entry {
	/// What the pool tells two kinds of entries apart by.
	const TAG: &'static str;
	fn request(&self) -> RequestId;
	fn digest(&self) -> RequestDigest;
	/// The block before which the entry must be included; an error if it is not due now.
	fn check<T: Config>(
		&self,
		panel: &PanelOf<T>,
		member: &PanelMember<T::AccountId, crate::BalanceOf<T>>,
	) -> Result<BlockNumberFor<T>, InvalidTransaction>;
}

impl Entry for CommitEntry {
	const TAG: &'static str = "JuratCommit";

	fn request(&self) -> RequestId {
		self.request
	}

	fn digest(&self) -> RequestDigest {
		self.digest
	}

	fn check<T: Config>(
		&self,
		panel: &PanelOf<T>,
		member: &PanelMember<T::AccountId, crate::BalanceOf<T>>,
	) -> Result<BlockNumberFor<T>, InvalidTransaction> {
		match (panel.phase, member.conduct) {
			(Phase::Commit(until), Conduct::Silent) => Ok(until),
			_ => Err(InvalidTransaction::Stale),
		}
	}
}

impl Entry for RevealEntry {
	const TAG: &'static str = "JuratReveal";

	fn request(&self) -> RequestId {
		self.request
	}

	fn digest(&self) -> RequestDigest {
		self.digest
	}

	fn check<T: Config>(
		&self,
		panel: &PanelOf<T>,
		member: &PanelMember<T::AccountId, crate::BalanceOf<T>>,
	) -> Result<BlockNumberFor<T>, InvalidTransaction> {
		let Phase::Reveal(until) = panel.phase else { return Err(InvalidTransaction::Stale) };
		match &self.revealed {
			Revealed::Full(Answer::Output(output)) => {
				let limit = if panel.exact { MAX_OUTPUT_EXACT } else { MAX_OUTPUT_APPROXIMATE };
				if output.encoded_size() > limit as usize {
					return Err(InvalidTransaction::ExhaustsResources);
				}
			},
			Revealed::Full(Answer::Failure(_)) => {},
			// Without the numbers nobody can compare them.
			Revealed::Digest(_) if !panel.exact => return Err(InvalidTransaction::Call),
			Revealed::Digest(_) => {},
		}
		match (member.conduct, &self.revealed) {
			(Conduct::Committed(_), _) => Ok(until),
			// The bytes behind a digest that it revealed before, if nobody showed them.
			(Conduct::Revealed(digest), Revealed::Full(_))
				if self.revealed.digest() == digest
					&& !Answers::<T>::contains_key(self.request, digest) =>
			{
				Ok(until)
			},
			_ => Err(InvalidTransaction::Stale),
		}
	}
}

impl<T: Config> Pallet<T> {
	/// Genesis hash: what is signed for one chain is worth nothing on another.
	pub(crate) fn genesis() -> H256 {
		genesis_hash(&frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::from(0u32)))
	}

	/// Checks one entry against its panel. The key that must have signed it, and the block before
	/// which it must be included.
	fn check_entry<E: Entry>(
		attester: &T::AccountId,
		session: SessionIndex,
		entry: &E,
	) -> Result<(AttestationId, BlockNumberFor<T>), InvalidTransaction> {
		let panel = OpenPanels::<T>::get(entry.request()).ok_or(InvalidTransaction::Stale)?;
		// The number is that of another request on this fork.
		if panel.digest != entry.digest() {
			return Err(InvalidTransaction::Stale);
		}
		// So that what is signed says whose key that was.
		if panel.session != session {
			return Err(InvalidTransaction::BadSigner);
		}
		let member = panel.member(attester).ok_or(InvalidTransaction::BadSigner)?;
		let until = entry.check::<T>(&panel, member)?;
		if frame_system::Pallet::<T>::block_number() >= until {
			return Err(InvalidTransaction::Stale);
		}
		Ok((member.key.clone(), until))
	}

	/// Decides whether a batch may enter the pool and the block.
	fn authorize<E: Entry>(
		attester: &T::AccountId,
		session: SessionIndex,
		entries: &[E],
		payload: impl FnOnce(&H256) -> alloc::vec::Vec<u8>,
		signature: &AttestationSignature,
	) -> TransactionValidityWithRefund {
		let Some((first, rest)) = entries.split_first() else {
			return Err(InvalidTransaction::Call.into());
		};
		// Rising, hence without repetition.
		if !entries.is_sorted_by(|a, b| a.request() < b.request()) {
			return Err(InvalidTransaction::Call.into());
		}
		let (key, mut until) = Self::check_entry(attester, session, first)?;
		if !key.verify(&payload(&Self::genesis()), signature) {
			return Err(InvalidTransaction::BadProof.into());
		}
		for entry in rest {
			let (other, other_until) = Self::check_entry(attester, session, entry)?;
			if other != key {
				return Err(InvalidTransaction::BadSigner.into());
			}
			until = until.min(other_until);
		}

		let now = frame_system::Pallet::<T>::block_number();
		let mut valid = ValidTransaction::with_tag_prefix(E::TAG)
			.priority(T::SubmissionPriority::get())
			.longevity(until.saturating_sub(now).saturated_into::<u64>().max(1))
			.propagate(true);
		for entry in entries {
			valid = valid.and_provides((entry.digest(), attester));
		}
		valid.build().map(|valid| (valid, Weight::zero()))
	}

	pub(crate) fn authorize_commit(
		batch: &CommitBatch<T::AccountId>,
		signature: &AttestationSignature,
	) -> TransactionValidityWithRefund {
		Self::authorize(
			&batch.attester,
			batch.session,
			&batch.entries,
			|genesis| batch.signing_payload(genesis),
			signature,
		)
	}

	pub(crate) fn authorize_reveal(
		batch: &RevealBatch<T::AccountId>,
		signature: &AttestationSignature,
	) -> TransactionValidityWithRefund {
		Self::authorize(
			&batch.attester,
			batch.session,
			&batch.entries,
			|genesis| batch.signing_payload(genesis),
			signature,
		)
	}

	/// Books commitments that were authorised in this very block.
	pub(crate) fn do_commit(batch: CommitBatch<T::AccountId>) {
		let now = frame_system::Pallet::<T>::block_number();
		for entry in batch.entries {
			let opened = OpenPanels::<T>::mutate(entry.request, |slot| {
				let panel = slot.as_mut()?;
				panel.member_mut(&batch.attester)?.conduct = Conduct::Committed(entry.commitment);
				if panel.committed() < panel.members.len() {
					return None;
				}
				let until = now.saturating_add(Self::reveal_window());
				panel.phase = Phase::Reveal(until);
				Some(until)
			});
			Self::deposit_event(crate::Event::Committed {
				request: entry.request,
				attester: batch.attester.clone(),
			});
			if let Some(until) = opened {
				Self::deposit_event(crate::Event::RevealsOpened { request: entry.request, until });
				T::Observer::panel_committed(entry.request, until);
			}
		}
	}

	/// Books reveals that were authorised in this very block.
	pub(crate) fn do_reveal(batch: RevealBatch<T::AccountId>) {
		let genesis = Self::genesis();
		for entry in batch.entries {
			Self::reveal_one(&genesis, &batch.attester, entry);
		}
	}

	fn reveal_one(genesis: &H256, attester: &T::AccountId, entry: RevealEntry) {
		let RevealEntry { request, salt, revealed, .. } = entry;
		let Some(mut panel) = OpenPanels::<T>::get(request) else { return };
		let digest = panel.digest;
		let Some(member) = panel.member_mut(attester) else { return };
		let answer = revealed.digest();
		let opens = match member.conduct {
			Conduct::Committed(committed) => {
				commitment(genesis, &digest, attester, &answer, &salt) == committed
			},
			Conduct::Revealed(earlier) => earlier == answer,
			Conduct::Silent | Conduct::BadOpening => return,
		};
		if opens {
			member.conduct = Conduct::Revealed(answer);
			if let Revealed::Full(shown) = revealed {
				// Equal digests are equal answers: the first copy is as good as any.
				if !Answers::<T>::contains_key(request, answer) {
					Answers::<T>::insert(request, answer, shown);
				}
			}
			Self::deposit_event(crate::Event::Revealed {
				request,
				attester: attester.clone(),
				answer,
			});
		} else {
			member.conduct = Conduct::BadOpening;
			Self::deposit_event(crate::Event::OpeningFailed {
				request,
				attester: attester.clone(),
			});
		}
		let complete = Self::is_complete(request, &panel);
		OpenPanels::<T>::insert(request, panel);
		if complete {
			T::Observer::panel_complete(request);
		} else {
			T::Observer::panel_revealing(request);
		}
	}

	/// Whether nothing more is to be expected of a panel: whoever committed has revealed, and the
	/// bytes of each answer that could be accepted are shown.
	fn is_complete(request: RequestId, panel: &PanelOf<T>) -> bool {
		panel.members.iter().all(|member| match member.conduct {
			Conduct::Committed(_) => false,
			Conduct::Revealed(digest) => {
				panel.revealed(&digest) < usize::from(panel.threshold)
					|| Answers::<T>::contains_key(request, digest)
			},
			Conduct::Silent | Conduct::BadOpening => true,
		})
	}
}
