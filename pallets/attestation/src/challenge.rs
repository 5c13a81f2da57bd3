// SPDX-License-Identifier: Apache-2.0
//! Penalties that can still be given back.
//!
//! That somebody diverged is the word of a majority, and a majority can lie. So what is taken for it
//! stays on hold with the attester for the challenge window, outside of its bond. Until then
//! [`Penalties::overturn`] gives everything back; afterwards the requester gets what it is owed and
//! the treasury the rest, and the divergence counts as final.
//!
//! If several attesters diverged in one session, that is an offence
//! ([`crate::offence::DivergenceOffence`]) and reaches their stake in consensus. But only those
//! count whom attesters with more than a third of all stake have contradicted in that session, all
//! panels taken together. Who lies only on panels on which it holds the threshold makes honest
//! members diverge; with a third of the stake or less it can take their bonds' share, which can be
//! given back, but can never turn this offence against them.
//!
//! Penalties wait in a queue, in the order in which they were imposed. If governance shortens the
//! window, later ones wait for earlier ones; none is ever shared out before its time.

use crate::{
	AttesterOf, Attesters, Config, Divergents, Error, Event, Pallet, PenaltyQueue,
	PenaltyQueueHead, PenaltyQueueTail, PendingPenalties, PendingPenaltyOf, Roster, RosterIndex,
	RosterStake, WeightInfo, Witnesses, offence::DivergenceOffence, penalties::CaseOf,
};
use alloc::vec::Vec;
use frame_support::{
	BoundedVec,
	weights::{Weight, WeightMeter},
};
use frame_system::pallet_prelude::BlockNumberFor;
use jurat_primitives::{RequestId, outcome::Fault, traits::Penalties, view::PendingPenalty};
use sp_core::Get;
use sp_runtime::{
	DispatchResult, Perbill, Saturating,
	traits::{Convert, Zero},
};
use sp_staking::{SessionIndex, offence::ReportOffence};

/// Sessions for which divergences are remembered. Longer than any challenge window: with sessions
/// of ten minutes, seven days.
pub(crate) const MEMORY: SessionIndex = 1_008;

impl<T: Config> Pallet<T> {
	/// Lets what was taken for a divergence wait.
	pub(crate) fn defer(
		case: &CaseOf<T>,
		attester: &T::AccountId,
		record: &mut AttesterOf<T>,
		amount: crate::BalanceOf<T>,
		owed: crate::BalanceOf<T>,
		weight: Perbill,
	) {
		let now = frame_system::Pallet::<T>::block_number();
		let until = now.saturating_add(T::PenaltyTerms::get().challenge_window);
		record.pending.saturating_accrue(amount);
		PendingPenalties::<T>::insert(
			attester,
			case.request,
			PendingPenalty {
				fault: Fault::Divergent,
				amount,
				until,
				requester: case.requester.clone(),
				owed,
				session: case.session,
				validators: RosterIndex::<T>::decode_len().unwrap_or_default() as u32,
				weight,
				witnesses: BoundedVec::truncate_from(case.witnesses.clone()),
			},
		);
		let place = PenaltyQueueTail::<T>::get();
		PenaltyQueue::<T>::insert(place, (attester, case.request));
		PenaltyQueueTail::<T>::put(place.saturating_add(1));
		Self::deposit_event(Event::PenaltyDeferred {
			attester: attester.clone(),
			request: case.request,
			amount,
			until,
		});
	}

	/// Shares out penalties whose challenge window is over, as far as the weight allows.
	pub(crate) fn serve_penalties(now: BlockNumberFor<T>, meter: &mut WeightMeter) {
		if meter.try_consume(T::DbWeight::get().reads(2)).is_err() {
			return;
		}
		let mut head = PenaltyQueueHead::<T>::get();
		let begun = head;
		let tail = PenaltyQueueTail::<T>::get();
		while head < tail && meter.try_consume(T::DbWeight::get().reads(3)).is_ok() {
			let Some((attester, request)) = PenaltyQueue::<T>::get(head) else {
				head.saturating_inc();
				continue;
			};
			if let Some(penalty) = PendingPenalties::<T>::get(&attester, request) {
				if penalty.until > now {
					break;
				}
				if meter.try_consume(Self::weight_of_final(&attester, penalty.session)).is_err() {
					break;
				}
				Self::finalise(&attester, request, penalty);
			}
			PenaltyQueue::<T>::remove(head);
			head.saturating_inc();
		}
		if head != begun {
			PenaltyQueueHead::<T>::put(head);
		}
	}

	/// What it takes to end the wait of one penalty. At most half of a block, so that it always
	/// finds one with room: only if more than a third of all validators diverge in one session is it
	/// more.
	fn weight_of_final(attester: &T::AccountId, session: SessionIndex) -> Weight {
		let others =
			Divergents::<T>::get(session).iter().filter(|other| *other != attester).count();
		let offence = match others as u32 {
			0 => Weight::zero(),
			others => Self::offence_weight(others.saturating_add(1)),
		};
		T::WeightInfo::finalise_penalty()
			.saturating_add(offence)
			.min(T::BlockWeights::get().max_block / 2)
	}

	/// Ends the wait of one penalty.
	pub(crate) fn finalise(
		attester: &T::AccountId,
		request: RequestId,
		penalty: PendingPenaltyOf<T>,
	) {
		PendingPenalties::<T>::remove(attester, request);
		let compensated =
			Self::share_out(attester, penalty.amount, &penalty.requester, penalty.owed);
		Self::forget_pending(attester, penalty.amount);
		Self::deposit_event(Event::PenaltyFinal {
			attester: attester.clone(),
			request,
			amount: penalty.amount,
			compensated,
		});
		if Self::is_contradicted(attester, &penalty) {
			Self::note_divergence(attester, penalty.session, penalty.validators);
		}
	}

	fn forget_pending(attester: &T::AccountId, amount: crate::BalanceOf<T>) {
		if let Some(mut record) = Attesters::<T>::get(attester) {
			record.pending.saturating_reduce(amount);
			Self::store(attester, record);
		}
	}

	/// Whether attesters with more than a third of all stake have contradicted an attester in a
	/// session, after this penalty. Stake is that of the current session.
	fn is_contradicted(attester: &T::AccountId, penalty: &PendingPenaltyOf<T>) -> bool {
		let witnesses = Witnesses::<T>::mutate(penalty.session, attester, |all| {
			for witness in &penalty.witnesses {
				if !all.contains(witness) {
					// As many as there are validators fit; in a session there are no more.
					let _ = all.try_push(witness.clone());
				}
			}
			all.clone()
		});
		let against = witnesses
			.iter()
			.filter_map(Roster::<T>::get)
			.fold(crate::BalanceOf::<T>::zero(), |sum, entry| {
				sum.saturating_add(entry.exposure.total)
			});
		against.saturating_mul(3u32.into()) > RosterStake::<T>::get()
	}

	/// Several attesters that diverged in one session are more than several accidents.
	fn note_divergence(attester: &T::AccountId, session: SessionIndex, validators: u32) {
		let all = Divergents::<T>::mutate(session, |all| {
			if !all.contains(attester) {
				// As many as there are validators fit; in a session there are no more.
				let _ = all.try_push(attester.clone());
			}
			all.clone()
		});
		if all.len() < 2 {
			return;
		}
		let offenders: Vec<_> = all.into_iter().map(T::Identify::convert).collect();
		let offence = DivergenceOffence { session, validators, offenders };
		// Known already: this attester diverged before in this session, and paid for it.
		if let Err(error) = T::Offences::report_offence(Vec::new(), offence) {
			log::debug!(target: crate::LOG_TARGET, "divergence not reported: {error:?}");
		}
	}

	/// Forgets what happened so long ago that no penalty of that session can still wait.
	pub(crate) fn forget_divergents(session: SessionIndex) {
		if let Some(old) = session.checked_sub(MEMORY) {
			Divergents::<T>::remove(old);
			// At most one entry for each validator.
			let _ = Witnesses::<T>::clear_prefix(old, T::MaxValidators::get(), None);
		}
	}

	/// Gives back what was taken.
	pub(crate) fn do_overturn(request: RequestId, attester: &T::AccountId) -> DispatchResult {
		let penalty =
			PendingPenalties::<T>::take(attester, request).ok_or(Error::<T>::NoPendingPenalty)?;
		Attesters::<T>::mutate(attester, |slot| {
			if let Some(record) = slot {
				record.pending.saturating_reduce(penalty.amount);
				record.bonded.saturating_accrue(penalty.amount);
				// The toll of the day stays: it may be another day than that of the penalty.
				record.faults.strike(penalty.fault);
				record.reputation.mend(penalty.weight);
			}
		});
		Self::deposit_event(Event::PenaltyOverturned {
			attester: attester.clone(),
			request,
			amount: penalty.amount,
		});
		Ok(())
	}
}

impl<T: Config> Penalties<T::AccountId> for Pallet<T> {
	fn overturn(request: RequestId, attester: &T::AccountId) -> DispatchResult {
		Self::do_overturn(request, attester)
	}
}
