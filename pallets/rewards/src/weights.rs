// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet_inference_rewards`.
//!
//! Estimates on the high side, not measured: counts of reads and writes are those of the code,
//! times are above those of like calls of other pallets. `scripts/weights.sh
//! pallet_inference_rewards` writes what it measures in their place.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]
#![allow(dead_code)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::{constants::RocksDbWeight, Weight}};

/// Weight functions needed for `pallet_inference_rewards`.
pub trait WeightInfo {
	fn set_commission() -> Weight;
	fn payout(n: u32, ) -> Weight;
	fn sweep() -> Weight;
	fn divide_and_share() -> Weight;
}

/// Weights for `pallet_inference_rewards`.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Staking::ActiveEra` (r:1 w:0)
	/// Storage: `Staking::Validators` (r:1 w:0)
	/// Storage: `Rewards::Commissions` (r:1 w:1)
	/// Storage: `Parameters::Parameters` (r:2 w:0)
	fn set_commission() -> Weight {
		Weight::from_parts(60_000_000, 6172)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Staking::ActiveEra` (r:1 w:0)
	/// Storage: `Rewards::Incomes` (r:1 w:1)
	/// Storage: `Staking::ErasStakersPaged` (r:1 w:0)
	/// Storage: `System::Account` (r:514 w:514)
	/// The range of component `n` is `[1, 512]`.
	fn payout(n: u32, ) -> Weight {
		Weight::from_parts(250_000_000, 33000)
			.saturating_add(Weight::from_parts(90_000_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(3_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2651).saturating_mul(n.into()))
	}
	/// Storage: `Staking::ActiveEra` (r:1 w:0)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Storage: `Rewards::Incomes` (r:1 w:1)
	/// Storage: `System::Account` (r:2 w:2)
	fn sweep() -> Weight {
		Weight::from_parts(180_000_000, 6196)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Staking::ActiveEra` (r:1 w:0)
	/// Storage: `Staking::ErasStakersOverview` (r:1 w:0)
	/// Storage: `Rewards::Commissions` (r:1 w:0)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Storage: `System::Account` (r:2 w:2)
	/// Storage: `Rewards::Incomes` (r:1 w:1)
	fn divide_and_share() -> Weight {
		Weight::from_parts(180_000_000, 6196)
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
}

// For tests.
impl WeightInfo for () {
	/// Storage: `Staking::ActiveEra` (r:1 w:0)
	/// Storage: `Staking::Validators` (r:1 w:0)
	/// Storage: `Rewards::Commissions` (r:1 w:1)
	/// Storage: `Parameters::Parameters` (r:2 w:0)
	fn set_commission() -> Weight {
		Weight::from_parts(60_000_000, 6172)
			.saturating_add(RocksDbWeight::get().reads(5_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Staking::ActiveEra` (r:1 w:0)
	/// Storage: `Rewards::Incomes` (r:1 w:1)
	/// Storage: `Staking::ErasStakersPaged` (r:1 w:0)
	/// Storage: `System::Account` (r:514 w:514)
	/// The range of component `n` is `[1, 512]`.
	fn payout(n: u32, ) -> Weight {
		Weight::from_parts(250_000_000, 33000)
			.saturating_add(Weight::from_parts(90_000_000, 0).saturating_mul(n.into()))
			.saturating_add(RocksDbWeight::get().reads(5_u64))
			.saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
			.saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2651).saturating_mul(n.into()))
	}
	/// Storage: `Staking::ActiveEra` (r:1 w:0)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Storage: `Rewards::Incomes` (r:1 w:1)
	/// Storage: `System::Account` (r:2 w:2)
	fn sweep() -> Weight {
		Weight::from_parts(180_000_000, 6196)
			.saturating_add(RocksDbWeight::get().reads(5_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	/// Storage: `Staking::ActiveEra` (r:1 w:0)
	/// Storage: `Staking::ErasStakersOverview` (r:1 w:0)
	/// Storage: `Rewards::Commissions` (r:1 w:0)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Storage: `System::Account` (r:2 w:2)
	/// Storage: `Rewards::Incomes` (r:1 w:1)
	fn divide_and_share() -> Weight {
		Weight::from_parts(180_000_000, 6196)
			.saturating_add(RocksDbWeight::get().reads(7_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
}
