// SPDX-License-Identifier: Apache-2.0
//! How income divides between a validator and its nominators, and the way into the pot.
//!
//! The exposure that counts is that of the era in which the income is settled. Divisions are rounded
//! so that the shares of nominators never sum up to more than was put aside for them.

use crate::{BalanceOf, Config, Event, IncomeRecordOf, Incomes, PageSet, Pallet, WeightInfo};
use frame_support::{defensive, weights::Weight};
use jurat_primitives::income::{
	Division, EraIndex, ExposureOverview, Income, MAX_PAGES, PagedExposures,
};
use sp_runtime::{
	Rounding, Saturating,
	helpers_128bit::multiply_by_rational_with_rounding,
	traits::{UniqueSaturatedFrom, UniqueSaturatedInto, Zero},
};

/// `amount` × `part` ÷ `whole`, rounded down, without overflow in between. At most `amount`; zero
/// of a whole that is zero.
pub(crate) fn portion<Balance>(amount: Balance, part: Balance, whole: Balance) -> Balance
where
	Balance: UniqueSaturatedInto<u128> + UniqueSaturatedFrom<u128> + Ord + Copy,
{
	let exact = multiply_by_rational_with_rounding(
		amount.unique_saturated_into(),
		part.min(whole).unique_saturated_into(),
		whole.unique_saturated_into(),
		Rounding::Down,
	);
	Balance::unique_saturated_from(exact.unwrap_or_default())
}

/// Stake of the nominators of a validator. `None` if nobody shares its income.
fn backing<Balance>(overview: &ExposureOverview<Balance>) -> Option<Balance>
where
	Balance: Saturating + Zero + Copy,
{
	let backing = overview.total.saturating_sub(overview.own);
	(!backing.is_zero() && overview.pages > 0).then_some(backing)
}

impl<T: Config> Pallet<T> {
	/// The entry with which the first income of an era is written down.
	fn new_income(era: EraIndex, validator: &T::AccountId) -> Option<IncomeRecordOf<T>> {
		let overview = T::Exposures::overview(era, validator)?;
		Some(IncomeRecordOf::<T> {
			amount: Zero::zero(),
			paid: Zero::zero(),
			backing: backing(&overview)?,
			pages: overview.pages.min(MAX_PAGES),
			paid_pages: PageSet::default(),
		})
	}
}

impl<T: Config> Income<T::AccountId, BalanceOf<T>> for Pallet<T> {
	fn divide(attester: &T::AccountId, amount: BalanceOf<T>) -> Division<BalanceOf<T>> {
		let overview = T::Exposures::overview(T::Exposures::era(), attester);
		let Some((overview, backing)) = overview.and_then(|o| Some((o, backing(&o)?))) else {
			// It left the set, or nobody nominates it.
			return Division::undivided(amount);
		};
		let commission = Self::commission_of(attester).mul_ceil(amount);
		let shared = portion(amount.saturating_sub(commission), backing, overview.total);
		Division { own: amount.saturating_sub(shared), shared }
	}

	fn pot() -> Option<T::AccountId> {
		Some(Self::account_id())
	}

	fn shared(attester: &T::AccountId, amount: BalanceOf<T>) {
		if amount.is_zero() {
			return;
		}
		let era = T::Exposures::era();
		let known = Incomes::<T>::get(attester, era);
		let Some(mut record) = known.or_else(|| Self::new_income(era, attester)) else {
			defensive!("income is shared only where it was divided, and in the same era");
			return;
		};
		record.amount.saturating_accrue(amount);
		Incomes::<T>::insert(attester, era, record);
		Self::deposit_event(Event::IncomeShared { validator: attester.clone(), era, amount });
	}

	fn weight() -> Weight {
		T::WeightInfo::divide_and_share()
	}
}
