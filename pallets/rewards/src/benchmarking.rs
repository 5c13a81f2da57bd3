// SPDX-License-Identifier: Apache-2.0
//! Benchmarks of the calls, and of what each settlement does.

use crate::{Call, CommissionRecord, Commissions, Config, Incomes, Pallet};
use alloc::vec::Vec;
use frame_benchmarking::{BenchmarkError, v2::*};
use frame_support::traits::{
	fungible::{Inspect, Mutate},
	tokens::Preservation,
};
use frame_system::RawOrigin;
use jurat_primitives::income::{EraIndex, Income, PagedExposures};
use sp_core::Get;
use sp_runtime::{
	Perbill, Saturating,
	traits::{One, Zero},
};

use crate::BalanceOf;

/// The era in which income is earned.
const ERA: EraIndex = 1;

/// An amount that is no trouble to any account.
fn plenty<T: Config>() -> BalanceOf<T> {
	T::Currency::minimum_balance().saturating_mul(1_000u32.into())
}

/// A validator with a commission of its own and so many nominators of the same stake, whose
/// accounts do not exist. The pot and the protocol's account are alive.
fn validator<T: Config>(nominators: u32) -> T::AccountId {
	let validator = account("validator", 0, 0);
	let backing = (0..nominators)
		.map(|number| (account("nominator", number, 0), T::Currency::minimum_balance()))
		.collect::<Vec<_>>();
	T::Exposures::benchmark_era(ERA);
	T::Exposures::benchmark_exposure(ERA, &validator, Zero::zero(), backing);
	let record = CommissionRecord { rate: Perbill::zero(), era: 0, base: Perbill::zero() };
	Commissions::<T>::insert(&validator, record);
	T::Currency::set_balance(&Pallet::<T>::account_id(), T::Currency::minimum_balance());
	T::Currency::set_balance(&T::ProtocolAccount::get(), T::Currency::minimum_balance());
	validator
}

/// Pays nominators of the validator `amount`, out of new money.
fn earn<T: Config>(validator: &T::AccountId, amount: BalanceOf<T>) -> Result<(), BenchmarkError> {
	T::Currency::mint_into(&Pallet::<T>::account_id(), amount)?;
	Pallet::<T>::shared(validator, amount);
	Ok(())
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// Of a validator that has set one before, in an earlier era.
	#[benchmark]
	fn set_commission() {
		let validator = validator::<T>(1);
		let rate = T::MaxCommissionRise::get().max(Perbill::from_parts(1));
		let record = CommissionRecord { rate, era: 0, base: rate };
		Commissions::<T>::insert(&validator, record);

		#[extrinsic_call]
		_(RawOrigin::Signed(validator.clone()), Perbill::zero());

		assert_eq!(Commissions::<T>::get(validator).map(|c| c.era), Some(ERA));
	}

	/// `n`: nominators on the page, which is the last one. The account of each is made by its
	/// payment, and the rest goes to the protocol.
	#[benchmark]
	fn payout(n: Linear<1, { T::MaxPageSize::get() }>) -> Result<(), BenchmarkError> {
		let validator = validator::<T>(n);
		let share = T::Currency::minimum_balance().saturating_mul(2u32.into());
		// With a rest that is not divided. Of one nominator's income there is none.
		let amount = share.saturating_mul(n.into()).saturating_add(n.saturating_sub(1).into());
		earn::<T>(&validator, amount)?;
		T::Exposures::benchmark_era(ERA + 1);
		let caller: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), validator.clone(), ERA, 0);

		assert!(!Incomes::<T>::contains_key(validator, ERA));
		let last: T::AccountId = account("nominator", n - 1, 0);
		assert!(T::Currency::balance(&last) >= share);
		Ok(())
	}

	#[benchmark]
	fn sweep() -> Result<(), BenchmarkError> {
		let validator = validator::<T>(1);
		earn::<T>(&validator, plenty::<T>())?;
		let over = ERA.saturating_add(T::ClaimPeriod::get()).saturating_add(1);
		T::Exposures::benchmark_era(over);
		let caller: T::AccountId = whitelisted_caller();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), validator.clone(), ERA);

		assert!(!Incomes::<T>::contains_key(validator, ERA));
		Ok(())
	}

	/// What a settlement does for one attester beyond paying it: division, payment into the pot,
	/// entry. It is not the first income of the era, so that the entry is read too.
	#[benchmark]
	fn divide_and_share() -> Result<(), BenchmarkError> {
		let validator = validator::<T>(1);
		earn::<T>(&validator, One::one())?;
		let payer: T::AccountId = account("payer", 0, 0);
		T::Currency::set_balance(&payer, plenty::<T>().saturating_mul(2u32.into()));

		#[block]
		{
			let division = Pallet::<T>::divide(&validator, plenty::<T>());
			let pot = Pallet::<T>::account_id();
			T::Currency::transfer(&payer, &pot, division.shared, Preservation::Preserve)?;
			Pallet::<T>::shared(&validator, division.shared);
		}

		let shared = Incomes::<T>::get(validator, ERA).map(|record| record.amount);
		assert_eq!(shared, Some(plenty::<T>().saturating_add(One::one())));
		Ok(())
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	);
}
