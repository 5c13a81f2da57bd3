// SPDX-License-Identifier: Apache-2.0
//! What a fault costs: how much is taken of a bond, and who gets it.
//!
//! | fault | costs | goes to |
//! | --- | --- | --- |
//! | `NoShow` or `NotHeld`, the first of both in a warning period | nothing: a warning | |
//! | `NoShow`, `Withheld`, `BadOpening` | its share of the bond | the requester what it is owed, the rest the treasury, at once |
//! | `NotHeld` | its share of the bond | the treasury, at once |
//! | `Divergent` | its share of the bond | waits for the end of the challenge window; `challenge.rs` |
//!
//! The share is one of all that is liable at that moment, what is on its way out included. It is
//! taken from what stands for new work first, then from the parts on their way out, the last due
//! first. Within one day no more than a fixed share of what was liable at its beginning is taken:
//! a machine that breaks is expensive, but does not ruin anybody before it is noticed. An attester
//! whose bond falls below the minimum is paused.

use crate::{
	AttesterOf, Attesters, BalanceOf, Config, Event, HoldReason, Pallet,
	reputation::Reputation,
	types::{PenaltyTerms, Toll},
};
use frame_support::{
	storage::with_storage_layer,
	traits::{
		Defensive,
		fungible::MutateHold,
		tokens::{Fortitude, Precision, Restriction},
	},
};
use frame_system::pallet_prelude::BlockNumberFor;
use jurat_primitives::{Verdict, outcome::Fault, traits::Case};
use sp_core::Get;
use sp_runtime::{DispatchError, Perbill, Saturating, traits::Zero};

/// A case in the types of the chain.
pub(crate) type CaseOf<T> = Case<<T as frame_system::Config>::AccountId, BalanceOf<T>>;

impl<T: Config> Pallet<T> {
	/// Books what became of the members of a panel and takes what their faults cost. What the
	/// requester got at once.
	pub(crate) fn do_judge(case: &CaseOf<T>, rulings: &[(T::AccountId, Verdict)]) -> BalanceOf<T> {
		let weight = Self::weight_of_reward(case.reward);
		let mut owed = case.damages;
		let mut compensated = BalanceOf::<T>::zero();
		for (attester, verdict) in rulings {
			// An attester can be gone when a panel is judged again.
			let Some(mut record) = Attesters::<T>::get(attester) else { continue };
			if let Some(good) = Reputation::mark(*verdict) {
				record.reputation.note(good, weight);
			}
			let Some(fault) = verdict.fault() else {
				Self::store(attester, record);
				continue;
			};
			record.faults.book(fault);
			Self::deposit_event(Event::FaultRecorded {
				attester: attester.clone(),
				request: case.request,
				fault,
			});
			if let Some(until) = Self::forgive(&mut record, fault) {
				Self::deposit_event(Event::Warned {
					attester: attester.clone(),
					request: case.request,
					until,
				});
				Self::store(attester, record);
				continue;
			}
			// Nothing, if as much as may be was taken today.
			let taken = Self::take(attester, &mut record, fault);
			if fault == Fault::Divergent {
				let part = owed.min(taken);
				owed.saturating_reduce(part);
				Self::defer(case, attester, &mut record, taken, part, weight);
				Self::store(attester, record);
				continue;
			}
			Self::store(attester, record);
			let paid = Self::share_out(attester, taken, &case.requester, owed);
			owed.saturating_reduce(paid);
			compensated.saturating_accrue(paid);
			Self::deposit_event(Event::Penalised {
				attester: attester.clone(),
				request: case.request,
				amount: taken,
				compensated: paid,
			});
		}
		compensated
	}

	/// Keeps a record, unless nothing is left to keep: a fault may have cost the last of a bond.
	pub(crate) fn store(attester: &T::AccountId, record: AttesterOf<T>) {
		Attesters::<T>::set(attester, (!record.is_gone()).then_some(record));
	}

	/// How much a panel counts in reputations, by what it pays.
	fn weight_of_reward(reward: BalanceOf<T>) -> Perbill {
		let reference = T::ReferenceReward::get();
		if reference.is_zero() {
			return Perbill::one();
		}
		Perbill::from_rational(reward.min(reference), reference)
	}

	/// Notes a warning instead of a penalty, if the fault is the first absence in a warning period:
	/// the block before which the next one costs. Not to answer on a panel and not to prove that a
	/// file is there are both absences: a machine that is down for an hour does both.
	pub(crate) fn forgive(record: &mut AttesterOf<T>, fault: Fault) -> Option<BlockNumberFor<T>> {
		let now = frame_system::Pallet::<T>::block_number();
		let absent = matches!(fault, Fault::NoShow | Fault::NotHeld);
		if !absent || record.warned_until.is_some_and(|until| now < until) {
			return None;
		}
		let until = now.saturating_add(T::PenaltyTerms::get().warning_period);
		record.warned_until = Some(until);
		Some(until)
	}

	/// Takes what a fault costs out of a bond. The money stays on hold until it is shared out.
	pub(crate) fn take(
		attester: &T::AccountId,
		record: &mut AttesterOf<T>,
		fault: Fault,
	) -> BalanceOf<T> {
		let terms = T::PenaltyTerms::get();
		let now = frame_system::Pallet::<T>::block_number();
		let liable = record.liable();
		let mut toll = record
			.toll
			.filter(|toll| now < toll.begun.saturating_add(terms.day))
			.unwrap_or(Toll { begun: now, liable, taken: Zero::zero() });
		let left = (terms.daily_cap * toll.liable).saturating_sub(toll.taken);
		let amount = (terms.fraction(fault) * liable).min(left).min(liable);
		toll.taken.saturating_accrue(amount);
		record.toll = Some(toll);
		record.deduct(amount);
		if record.bonded < T::MinBond::get() && !record.paused {
			record.paused = true;
			Self::deposit_event(Event::Paused { attester: attester.clone() });
		}
		amount
	}

	/// Shares out what was taken: to the requester what it is owed, the rest to the treasury. What
	/// the requester got.
	pub(crate) fn share_out(
		attester: &T::AccountId,
		amount: BalanceOf<T>,
		requester: &T::AccountId,
		owed: BalanceOf<T>,
	) -> BalanceOf<T> {
		let compensation = Self::hand_over(attester, requester, owed.min(amount));
		let rest = amount.saturating_sub(compensation);
		let kept = Self::hand_over(attester, &T::Treasury::get(), rest);
		if kept < rest {
			let burnt = with_storage_layer::<_, DispatchError, _>(|| {
				T::Currency::burn_held(
					&HoldReason::AttestationBond.into(),
					attester,
					rest.saturating_sub(kept),
					Precision::Exact,
					Fortitude::Force,
				)
			});
			let _ = burnt.defensive_proof("what was taken of a bond is still on hold");
		}
		compensation
	}

	/// Pays out of a bond. What arrived: all of it or nothing, as of an amount below the least that
	/// an account may have.
	fn hand_over(from: &T::AccountId, to: &T::AccountId, amount: BalanceOf<T>) -> BalanceOf<T> {
		if amount.is_zero() {
			return Zero::zero();
		}
		with_storage_layer::<_, DispatchError, _>(|| {
			T::Currency::transfer_on_hold(
				&HoldReason::AttestationBond.into(),
				from,
				to,
				amount,
				Precision::Exact,
				Restriction::Free,
				Fortitude::Force,
			)
		})
		.unwrap_or_default()
	}

	/// Blocks for which a bond stays liable after it was unbonded: never less than twice what it
	/// takes to find a fault out and to challenge it.
	pub(crate) fn unbonding_period() -> BlockNumberFor<T> {
		let least = T::PenaltyTerms::get()
			.challenge_window
			.saturating_add(Self::commit_window())
			.saturating_add(Self::reveal_window())
			.saturating_mul(2u32.into());
		T::UnbondingPeriod::get().max(least)
	}

	/// Takes an attester that was convicted out of the draw, until it says that it is back.
	pub(crate) fn pause_convict(attester: &T::AccountId) {
		Attesters::<T>::mutate(attester, |slot| match slot {
			Some(record) if !record.paused => {
				record.paused = true;
				Self::deposit_event(Event::Paused { attester: attester.clone() });
			},
			_ => {},
		});
	}

	pub(crate) fn check_penalty_terms() {
		let PenaltyTerms { day, warning_period, .. } = T::PenaltyTerms::get();
		assert!(!day.is_zero(), "a day has at least one block");
		assert!(!warning_period.is_zero(), "a warning lasts at least one block");
	}
}
