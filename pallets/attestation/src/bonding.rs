// SPDX-License-Identifier: Apache-2.0
//! The attestation bond: in, out, and standing by.

use crate::{Attesters, BalanceOf, Config, Error, Event, HoldReason, Pallet};
use frame_support::{
	ensure,
	traits::{fungible::MutateHold, tokens::Precision},
};
use frame_system::pallet_prelude::BlockNumberFor;
use jurat_primitives::view::Unlocking;
use sp_core::Get;
use sp_runtime::{
	DispatchResult, Saturating,
	traits::{CheckedAdd, Zero},
};

impl<T: Config> Pallet<T> {
	pub(crate) fn do_bond(who: T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
		ensure!(amount >= T::MinBond::get(), Error::<T>::BondTooSmall);
		Attesters::<T>::try_mutate(&who, |slot| {
			match slot {
				Some(attester) => {
					ensure!(attester.bonded.is_zero(), Error::<T>::AlreadyBonded);
					attester.bonded = amount;
				},
				None => *slot = Some(crate::AttesterOf::<T>::new(amount)),
			}
			T::Currency::hold(&HoldReason::AttestationBond.into(), &who, amount)
		})?;
		Self::deposit_event(Event::Bonded { attester: who, amount });
		Ok(())
	}

	pub(crate) fn do_bond_extra(who: T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
		ensure!(!amount.is_zero(), Error::<T>::NothingToBond);
		Attesters::<T>::try_mutate(&who, |slot| {
			let attester = slot.as_mut().ok_or(Error::<T>::NotBonded)?;
			ensure!(!attester.bonded.is_zero(), Error::<T>::NotBonded);
			attester.bonded =
				attester.bonded.checked_add(&amount).ok_or(Error::<T>::BondTooLarge)?;
			T::Currency::hold(&HoldReason::AttestationBond.into(), &who, amount)
		})?;
		Self::deposit_event(Event::Bonded { attester: who, amount });
		Ok(())
	}

	pub(crate) fn do_unbond(who: T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
		let at = frame_system::Pallet::<T>::block_number().saturating_add(Self::unbonding_period());
		Attesters::<T>::try_mutate(&who, |slot| -> DispatchResult {
			let attester = slot.as_mut().ok_or(Error::<T>::NotBonded)?;
			ensure!(!amount.is_zero() && amount <= attester.bonded, Error::<T>::NotBonded);
			let rest = attester.bonded.saturating_sub(amount);
			ensure!(rest.is_zero() || rest >= T::MinBond::get(), Error::<T>::BondTooSmall);
			attester.bonded = rest;
			attester
				.unlocking
				.try_push(Unlocking { amount, at })
				.map_err(|_| Error::<T>::TooManyUnlocking)?;
			Ok(())
		})?;
		Self::deposit_event(Event::Unbonded { attester: who, amount, at });
		Ok(())
	}

	pub(crate) fn do_withdraw(who: T::AccountId) -> DispatchResult {
		let now = frame_system::Pallet::<T>::block_number();
		let amount = Attesters::<T>::try_mutate_exists(&who, |slot| {
			let attester = slot.as_mut().ok_or(Error::<T>::NotBonded)?;
			let due = |chunk: &Unlocking<BalanceOf<T>, BlockNumberFor<T>>| chunk.at <= now;
			let amount = attester
				.unlocking
				.iter()
				.filter(|chunk| due(chunk))
				.fold(BalanceOf::<T>::zero(), |sum, chunk| sum.saturating_add(chunk.amount));
			ensure!(!amount.is_zero(), Error::<T>::NothingToWithdraw);
			// The last of the bond stays while a panel is open: somebody must answer for it.
			let rest = attester.liable().saturating_sub(amount);
			ensure!(!rest.is_zero() || attester.open_panels == 0, Error::<T>::PanelsOpen);
			attester.unlocking.retain(|chunk| !due(chunk));
			T::Currency::release(
				&HoldReason::AttestationBond.into(),
				&who,
				amount,
				Precision::Exact,
			)?;
			if attester.is_gone() {
				*slot = None;
			}
			Ok::<_, sp_runtime::DispatchError>(amount)
		})?;
		Self::deposit_event(Event::Withdrawn { attester: who, amount });
		Ok(())
	}

	pub(crate) fn do_set_paused(who: T::AccountId, paused: bool) -> DispatchResult {
		Attesters::<T>::try_mutate(&who, |slot| -> DispatchResult {
			let attester = slot.as_mut().ok_or(Error::<T>::NotBonded)?;
			let unchanged = if paused { Error::<T>::AlreadyPaused } else { Error::<T>::NotPaused };
			ensure!(attester.paused != paused, unchanged);
			// A bond that fell below the minimum has to be raised before.
			ensure!(paused || attester.bonded >= T::MinBond::get(), Error::<T>::BondTooSmall);
			attester.paused = paused;
			Ok(())
		})?;
		Self::deposit_event(if paused {
			Event::Paused { attester: who }
		} else {
			Event::Resumed { attester: who }
		});
		Ok(())
	}
}
