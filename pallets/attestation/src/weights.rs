// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet-attestation`. `scripts/weights.sh` writes this file.

#![allow(clippy::unnecessary_cast, missing_docs)]

use core::marker::PhantomData;
use frame_support::{
	traits::Get,
	weights::{Weight, constants::RocksDbWeight},
};

/// Weights needed by the pallet.
pub trait WeightInfo {
	fn bond() -> Weight;
	fn bond_extra() -> Weight;
	fn unbond() -> Weight;
	fn withdraw() -> Weight;
	fn serve() -> Weight;
	fn stop_serving() -> Weight;
	fn pause() -> Weight;
	fn resume() -> Weight;
	fn commit(n: u32) -> Weight;
	fn authorize_commit(n: u32) -> Weight;
	fn reveal(n: u32, b: u32) -> Weight;
	fn authorize_reveal(n: u32, b: u32) -> Weight;
	fn on_new_session(v: u32) -> Weight;
}

/// Weights on the reference machine.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	fn bond() -> Weight {
		Weight::from_parts(100_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}
	fn bond_extra() -> Weight {
		Weight::from_parts(100_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}
	fn unbond() -> Weight {
		Weight::from_parts(100_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}
	fn withdraw() -> Weight {
		Weight::from_parts(100_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}
	fn serve() -> Weight {
		Weight::from_parts(100_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}
	fn stop_serving() -> Weight {
		Weight::from_parts(100_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}
	fn pause() -> Weight {
		Weight::from_parts(100_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}
	fn resume() -> Weight {
		Weight::from_parts(100_000_000, 0).saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}
	fn commit(n: u32) -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(Weight::from_parts(40000000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}
	fn authorize_commit(n: u32) -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(Weight::from_parts(40000000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}
	fn reveal(n: u32, b: u32) -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(Weight::from_parts(40000000, 0).saturating_mul(n.into()))
			.saturating_add(Weight::from_parts(2000, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}
	fn authorize_reveal(n: u32, b: u32) -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(Weight::from_parts(40000000, 0).saturating_mul(n.into()))
			.saturating_add(Weight::from_parts(2000, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}
	fn on_new_session(v: u32) -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(Weight::from_parts(40000000, 0).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads_writes(4, 4))
	}
}

impl WeightInfo for () {
	fn bond() -> Weight {
		Weight::from_parts(100_000_000, 0).saturating_add(RocksDbWeight::get().reads_writes(4, 4))
	}
	fn bond_extra() -> Weight {
		Weight::from_parts(100_000_000, 0).saturating_add(RocksDbWeight::get().reads_writes(4, 4))
	}
	fn unbond() -> Weight {
		Weight::from_parts(100_000_000, 0).saturating_add(RocksDbWeight::get().reads_writes(4, 4))
	}
	fn withdraw() -> Weight {
		Weight::from_parts(100_000_000, 0).saturating_add(RocksDbWeight::get().reads_writes(4, 4))
	}
	fn serve() -> Weight {
		Weight::from_parts(100_000_000, 0).saturating_add(RocksDbWeight::get().reads_writes(4, 4))
	}
	fn stop_serving() -> Weight {
		Weight::from_parts(100_000_000, 0).saturating_add(RocksDbWeight::get().reads_writes(4, 4))
	}
	fn pause() -> Weight {
		Weight::from_parts(100_000_000, 0).saturating_add(RocksDbWeight::get().reads_writes(4, 4))
	}
	fn resume() -> Weight {
		Weight::from_parts(100_000_000, 0).saturating_add(RocksDbWeight::get().reads_writes(4, 4))
	}
	fn commit(n: u32) -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(Weight::from_parts(40000000, 0).saturating_mul(n.into()))
			.saturating_add(RocksDbWeight::get().reads_writes(4, 4))
	}
	fn authorize_commit(n: u32) -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(Weight::from_parts(40000000, 0).saturating_mul(n.into()))
			.saturating_add(RocksDbWeight::get().reads_writes(4, 4))
	}
	fn reveal(n: u32, b: u32) -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(Weight::from_parts(40000000, 0).saturating_mul(n.into()))
			.saturating_add(Weight::from_parts(2000, 0).saturating_mul(b.into()))
			.saturating_add(RocksDbWeight::get().reads_writes(4, 4))
	}
	fn authorize_reveal(n: u32, b: u32) -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(Weight::from_parts(40000000, 0).saturating_mul(n.into()))
			.saturating_add(Weight::from_parts(2000, 0).saturating_mul(b.into()))
			.saturating_add(RocksDbWeight::get().reads_writes(4, 4))
	}
	fn on_new_session(v: u32) -> Weight {
		Weight::from_parts(100_000_000, 0)
			.saturating_add(Weight::from_parts(40000000, 0).saturating_mul(v.into()))
			.saturating_add(RocksDbWeight::get().reads_writes(4, 4))
	}
}
