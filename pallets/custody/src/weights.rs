// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet_custody`.
//!
//! By hand, from what `scripts/weights.sh` measured of others like them: to be measured.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]
#![allow(dead_code)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::{constants::RocksDbWeight, Weight}};

/// Weight functions needed for `pallet_custody`.
pub trait WeightInfo {
	fn on_initialize() -> Weight;
	fn look() -> Weight;
	fn ask_one() -> Weight;
	fn expire_one() -> Weight;
	fn prove() -> Weight;
	fn authorize_prove() -> Weight;
}

/// Weights for `pallet_custody` on the machine named above.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Custody::CounterForQuestions` (r:1 w:0)
	/// Storage: `Custody::NextDeadline` (r:0 w:1)
	/// Storage: `System::Digest` (r:1 w:0)
	/// Storage: `Attestation::RosterIndex` (r:1 w:0)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	fn on_initialize() -> Weight {
		Weight::from_parts(25_000_000, 7900)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Custody::NextDeadline` (r:1 w:1)
	/// Storage: `Custody::Deadlines` (r:1 w:0)
	fn look() -> Weight {
		Weight::from_parts(8_000_000, 3600)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Attestation::RosterIndex` (r:1 w:0)
	/// Storage: `Attestation::Attesters` (r:1 w:0)
	/// Storage: `Attestation::Roster` (r:1 w:0)
	/// Storage: `Attestation::Serving` (r:1 w:0)
	/// Storage: `Custody::Questions` (r:1 w:1)
	/// Storage: `Custody::CounterForQuestions` (r:1 w:1)
	/// Storage: `Models::Releases` (r:1 w:0)
	/// Storage: `Parameters::Parameters` (r:2 w:0)
	/// Storage: `Session::CurrentIndex` (r:1 w:0)
	/// Storage: `Custody::Records` (r:1 w:1)
	/// Storage: `Custody::Deadlines` (r:0 w:1)
	fn ask_one() -> Weight {
		Weight::from_parts(60_000_000, 10000)
			.saturating_add(T::DbWeight::get().reads(11_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Custody::Deadlines` (r:1 w:1)
	/// Storage: `Custody::Questions` (r:1 w:1)
	/// Storage: `Custody::CounterForQuestions` (r:1 w:1)
	/// Storage: `Custody::Records` (r:1 w:1)
	/// Storage: `Attestation::Roster` (r:1 w:0)
	/// Storage: `Attestation::Serving` (r:1 w:1)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Storage: `Attestation::Servers` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:2 w:2)
	/// Storage: `Parameters::Parameters` (r:14 w:0)
	fn expire_one() -> Weight {
		Weight::from_parts(180_000_000, 40000)
			.saturating_add(T::DbWeight::get().reads(26_u64))
			.saturating_add(T::DbWeight::get().writes(11_u64))
	}
	/// Storage: `Custody::Questions` (r:1 w:1)
	/// Storage: `Custody::CounterForQuestions` (r:1 w:1)
	/// Storage: `Custody::Records` (r:1 w:1)
	/// Storage: `Custody::Deadlines` (r:0 w:1)
	fn prove() -> Weight {
		Weight::from_parts(30_000_000, 3700)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Custody::Questions` (r:1 w:0)
	/// Storage: `System::BlockHash` (r:1 w:0)
	fn authorize_prove() -> Weight {
		Weight::from_parts(130_000_000, 3700)
			.saturating_add(T::DbWeight::get().reads(2_u64))
	}
}

// For the mock.
impl WeightInfo for () {
	/// Storage: `Custody::CounterForQuestions` (r:1 w:0)
	/// Storage: `Custody::NextDeadline` (r:0 w:1)
	/// Storage: `System::Digest` (r:1 w:0)
	/// Storage: `Attestation::RosterIndex` (r:1 w:0)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	fn on_initialize() -> Weight {
		Weight::from_parts(25_000_000, 7900)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Custody::NextDeadline` (r:1 w:1)
	/// Storage: `Custody::Deadlines` (r:1 w:0)
	fn look() -> Weight {
		Weight::from_parts(8_000_000, 3600)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Attestation::RosterIndex` (r:1 w:0)
	/// Storage: `Attestation::Attesters` (r:1 w:0)
	/// Storage: `Attestation::Roster` (r:1 w:0)
	/// Storage: `Attestation::Serving` (r:1 w:0)
	/// Storage: `Custody::Questions` (r:1 w:1)
	/// Storage: `Custody::CounterForQuestions` (r:1 w:1)
	/// Storage: `Models::Releases` (r:1 w:0)
	/// Storage: `Parameters::Parameters` (r:2 w:0)
	/// Storage: `Session::CurrentIndex` (r:1 w:0)
	/// Storage: `Custody::Records` (r:1 w:1)
	/// Storage: `Custody::Deadlines` (r:0 w:1)
	fn ask_one() -> Weight {
		Weight::from_parts(60_000_000, 10000)
			.saturating_add(RocksDbWeight::get().reads(11_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
	/// Storage: `Custody::Deadlines` (r:1 w:1)
	/// Storage: `Custody::Questions` (r:1 w:1)
	/// Storage: `Custody::CounterForQuestions` (r:1 w:1)
	/// Storage: `Custody::Records` (r:1 w:1)
	/// Storage: `Attestation::Roster` (r:1 w:0)
	/// Storage: `Attestation::Serving` (r:1 w:1)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Storage: `Attestation::Servers` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:2 w:2)
	/// Storage: `Parameters::Parameters` (r:14 w:0)
	fn expire_one() -> Weight {
		Weight::from_parts(180_000_000, 40000)
			.saturating_add(RocksDbWeight::get().reads(26_u64))
			.saturating_add(RocksDbWeight::get().writes(11_u64))
	}
	/// Storage: `Custody::Questions` (r:1 w:1)
	/// Storage: `Custody::CounterForQuestions` (r:1 w:1)
	/// Storage: `Custody::Records` (r:1 w:1)
	/// Storage: `Custody::Deadlines` (r:0 w:1)
	fn prove() -> Weight {
		Weight::from_parts(30_000_000, 3700)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
	/// Storage: `Custody::Questions` (r:1 w:0)
	/// Storage: `System::BlockHash` (r:1 w:0)
	fn authorize_prove() -> Weight {
		Weight::from_parts(130_000_000, 3700)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
	}
}
