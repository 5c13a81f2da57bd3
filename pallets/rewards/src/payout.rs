// SPDX-License-Identifier: Apache-2.0
//! The way out of the pot: to the nominators, page by page, and to the protocol in the end.
//!
//! No payment can reap the pot, since each leaves the minimum balance in it; and none can take what
//! is kept for others, since each is bounded by what its own entry has left.

use crate::{BalanceOf, Config, Error, Event, IncomeRecordOf, Incomes, Pallet};
use frame_support::{
	ensure,
	storage::with_storage_layer,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::{Fortitude, Preservation},
	},
};
use jurat_primitives::income::{EraIndex, PagedExposures};
use sp_core::Get;
use sp_runtime::{DispatchError, DispatchResult, Saturating, traits::Zero};

use crate::sharing::portion;

/// What came of the payment of a page.
pub(crate) struct Payout<Balance> {
	/// Nominators that were looked at.
	pub visited: u32,
	/// What arrived, in planck of JUR.
	pub amount: Balance,
}

impl<T: Config> Pallet<T> {
	pub(crate) fn do_payout(
		validator: T::AccountId,
		era: EraIndex,
		page: u32,
	) -> Result<Payout<BalanceOf<T>>, DispatchError> {
		ensure!(era < T::Exposures::era(), Error::<T>::EraNotOver);
		let mut record = Self::income(&validator, era)?;
		ensure!(page < record.pages, Error::<T>::PageOutOfRange);
		ensure!(!record.paid_pages.contains(page), Error::<T>::AlreadyPaid);
		let exposed = T::Exposures::page(era, &validator, page);
		ensure!(!exposed.is_empty(), Error::<T>::ExposureGone);

		let visited = exposed.len() as u32;
		let (mut nominators, mut amount) = (0u32, BalanceOf::<T>::zero());
		for (nominator, value) in exposed {
			let share = portion(record.amount, value, record.backing);
			let paid = Self::pay(&nominator, share.min(record.left()));
			if !paid.is_zero() {
				nominators.saturating_inc();
				amount.saturating_accrue(paid);
				record.paid.saturating_accrue(paid);
			}
		}
		record.paid_pages.insert(page);
		let event = Event::PagePaid { validator: validator.clone(), era, page, nominators, amount };
		Self::deposit_event(event);
		if record.is_complete() {
			let dust = Self::close(&validator, era, &record);
			Self::deposit_event(Event::EraPaid { validator, era, dust });
		} else {
			Incomes::<T>::insert(&validator, era, record);
		}
		Ok(Payout { visited, amount })
	}

	pub(crate) fn do_sweep(validator: T::AccountId, era: EraIndex) -> DispatchResult {
		let over = T::Exposures::era() > era.saturating_add(T::ClaimPeriod::get());
		ensure!(over, Error::<T>::ClaimPeriodRunning);
		let record = Self::income(&validator, era)?;
		let amount = Self::close(&validator, era, &record);
		Self::deposit_event(Event::Swept { validator, era, amount });
		Ok(())
	}

	/// An entry that has money left, which is really there.
	fn income(validator: &T::AccountId, era: EraIndex) -> Result<IncomeRecordOf<T>, DispatchError> {
		let record = Incomes::<T>::get(validator, era).ok_or(Error::<T>::NoIncome)?;
		// Payments that fail are taken for such as cannot arrive. One that fails because the pot
		// has nothing must not be among them, or its nominator would lose it.
		let pot = Self::account_id();
		let there = T::Currency::reducible_balance(&pot, Preservation::Preserve, Fortitude::Polite);
		ensure!(there >= record.left(), Error::<T>::PotTooSmall);
		Ok(record)
	}

	/// Pays out of the pot and returns what arrived: all of it or nothing.
	fn pay(to: &T::AccountId, amount: BalanceOf<T>) -> BalanceOf<T> {
		if amount.is_zero() {
			return Zero::zero();
		}
		let pot = Self::account_id();
		with_storage_layer::<_, DispatchError, _>(|| {
			T::Currency::transfer(&pot, to, amount, Preservation::Preserve)
		})
		.unwrap_or_default()
	}

	/// Removes an entry. Returns what of the rest the protocol got: all of it, except if its
	/// account does not exist and the rest is below the minimum balance. Then the rest stays in the
	/// pot, owed to nobody.
	fn close(validator: &T::AccountId, era: EraIndex, record: &IncomeRecordOf<T>) -> BalanceOf<T> {
		Incomes::<T>::remove(validator, era);
		Self::pay(&T::ProtocolAccount::get(), record.left())
	}
}
