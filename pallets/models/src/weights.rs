// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet_models`.
//!
//! Estimates, of the shape that the benchmark command writes; measured ones take their place.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]
#![allow(dead_code)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::{constants::RocksDbWeight, Weight}};

/// Weight functions needed for `pallet_models`.
///
/// The last five are not calls: they are what other pallets pay for using the registry.
pub trait WeightInfo {
	fn create_model() -> Weight;
	fn publish_release() -> Weight;
	fn deprecate_release() -> Weight;
	fn transfer_model() -> Weight;
	fn set_price() -> Weight;
	fn update_metadata() -> Weight;
	fn remove_release() -> Weight;
	fn remove_model() -> Weight;
	fn terms() -> Weight;
	fn pin() -> Weight;
	fn unpin() -> Weight;
	fn may_be_served() -> Weight;
	fn servers_changed() -> Weight;
}

/// Weights for `pallet_models` on reference hardware.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Models::NextModel`
	/// Storage: `Models::ModelNames`
	/// Storage: `Models::Models`
	/// Storage: `System::Account`
	/// Storage: `Balances::Holds`
	fn create_model() -> Weight {
		Weight::from_parts(45_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Models::Models`
	/// Storage: `Models::Contents`
	/// Storage: `Models::Releases`
	/// Storage: `Models::Manifests`
	/// Storage: `System::Account`
	/// Storage: `Balances::Holds`
	fn publish_release() -> Weight {
		Weight::from_parts(220_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `Models::Models`
	/// Storage: `Models::Releases`
	fn deprecate_release() -> Weight {
		Weight::from_parts(22_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Models::Models`
	/// Storage: `System::Account`
	/// Storage: `Balances::Holds`
	fn transfer_model() -> Weight {
		Weight::from_parts(75_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Models::Models`
	/// Storage: `Models::Releases`
	fn set_price() -> Weight {
		Weight::from_parts(22_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Models::Models`
	/// Storage: `System::Account`
	/// Storage: `Balances::Holds`
	fn update_metadata() -> Weight {
		Weight::from_parts(48_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Models::Models`
	/// Storage: `Models::Releases`
	/// Storage: `Models::Manifests`
	/// Storage: `Models::Contents`
	/// Storage: `System::Account`
	/// Storage: `Balances::Holds`
	fn remove_release() -> Weight {
		Weight::from_parts(70_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `Models::Models`
	/// Storage: `Models::ModelNames`
	/// Storage: `System::Account`
	/// Storage: `Balances::Holds`
	fn remove_model() -> Weight {
		Weight::from_parts(48_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Models::Models`
	/// Storage: `Models::Releases`
	/// Storage: `Models::Manifests`
	fn terms() -> Weight {
		Weight::from_parts(60_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(3_u64))
	}
	/// Storage: `Models::Releases`
	fn pin() -> Weight {
		Weight::from_parts(12_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Models::Releases`
	fn unpin() -> Weight {
		Weight::from_parts(12_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Models::Releases`
	fn may_be_served() -> Weight {
		Weight::from_parts(8_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(1_u64))
	}
	/// Storage: `Models::Releases`
	fn servers_changed() -> Weight {
		Weight::from_parts(16_000_000, 0)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
}

// For tests.
impl WeightInfo for () {
	/// Storage: `Models::NextModel`
	/// Storage: `Models::ModelNames`
	/// Storage: `Models::Models`
	/// Storage: `System::Account`
	/// Storage: `Balances::Holds`
	fn create_model() -> Weight {
		Weight::from_parts(45_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(5_u64))
			.saturating_add(RocksDbWeight::get().writes(5_u64))
	}
	/// Storage: `Models::Models`
	/// Storage: `Models::Contents`
	/// Storage: `Models::Releases`
	/// Storage: `Models::Manifests`
	/// Storage: `System::Account`
	/// Storage: `Balances::Holds`
	fn publish_release() -> Weight {
		Weight::from_parts(220_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(5_u64))
			.saturating_add(RocksDbWeight::get().writes(6_u64))
	}
	/// Storage: `Models::Models`
	/// Storage: `Models::Releases`
	fn deprecate_release() -> Weight {
		Weight::from_parts(22_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Models::Models`
	/// Storage: `System::Account`
	/// Storage: `Balances::Holds`
	fn transfer_model() -> Weight {
		Weight::from_parts(75_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(5_u64))
			.saturating_add(RocksDbWeight::get().writes(5_u64))
	}
	/// Storage: `Models::Models`
	/// Storage: `Models::Releases`
	fn set_price() -> Weight {
		Weight::from_parts(22_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Models::Models`
	/// Storage: `System::Account`
	/// Storage: `Balances::Holds`
	fn update_metadata() -> Weight {
		Weight::from_parts(48_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	/// Storage: `Models::Models`
	/// Storage: `Models::Releases`
	/// Storage: `Models::Manifests`
	/// Storage: `Models::Contents`
	/// Storage: `System::Account`
	/// Storage: `Balances::Holds`
	fn remove_release() -> Weight {
		Weight::from_parts(70_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(6_u64))
	}
	/// Storage: `Models::Models`
	/// Storage: `Models::ModelNames`
	/// Storage: `System::Account`
	/// Storage: `Balances::Holds`
	fn remove_model() -> Weight {
		Weight::from_parts(48_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
	/// Storage: `Models::Models`
	/// Storage: `Models::Releases`
	/// Storage: `Models::Manifests`
	fn terms() -> Weight {
		Weight::from_parts(60_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
	}
	/// Storage: `Models::Releases`
	fn pin() -> Weight {
		Weight::from_parts(12_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Models::Releases`
	fn unpin() -> Weight {
		Weight::from_parts(12_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Models::Releases`
	fn may_be_served() -> Weight {
		Weight::from_parts(8_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
	}
	/// Storage: `Models::Releases`
	fn servers_changed() -> Weight {
		Weight::from_parts(16_000_000, 0)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
}
