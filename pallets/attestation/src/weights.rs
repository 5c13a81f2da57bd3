// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet_attestation`.
//!
//! Written by `scripts/weights.sh` with version 64.0.0 of the benchmark command.
//! DATE: 2026-11-21, STEPS: `15`, REPEAT: `4`, LOW RANGE: `[]`, HIGH RANGE: `[]`
//! WORST CASE MAP SIZE: `1000000`
//! CPU: `AMD EPYC`, WASM-EXECUTION: `Compiled`, DB CACHE: `1024`

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]
#![allow(dead_code)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::{constants::RocksDbWeight, Weight}};

/// Weight functions needed for `pallet_attestation`.
pub trait WeightInfo {
	fn bond() -> Weight;
	fn bond_extra() -> Weight;
	fn unbond() -> Weight;
	fn withdraw() -> Weight;
	fn serve() -> Weight;
	fn stop_serving() -> Weight;
	fn pause() -> Weight;
	fn resume() -> Weight;
	fn report_equivocation() -> Weight;
	fn authorize_report_equivocation() -> Weight;
	fn overturn() -> Weight;
	fn finalise_penalty() -> Weight;
	fn commit(n: u32, ) -> Weight;
	fn authorize_commit(n: u32, ) -> Weight;
	fn reveal(n: u32, b: u32, ) -> Weight;
	fn authorize_reveal(n: u32, b: u32, ) -> Weight;
	fn on_new_session(v: u32, ) -> Weight;
}

/// Weights for `pallet_attestation` on the machine named above.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	fn bond() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `366`
		//  Estimated: `3871`
		// Minimum execution time: 63_174_000 picoseconds.
		Weight::from_parts(67_280_000, 3871)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	fn bond_extra() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `351`
		//  Estimated: `3871`
		// Minimum execution time: 61_682_000 picoseconds.
		Weight::from_parts(65_988_000, 3871)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	fn unbond() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `320`
		//  Estimated: `3871`
		// Minimum execution time: 20_780_000 picoseconds.
		Weight::from_parts(23_745_000, 3871)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	fn withdraw() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `672`
		//  Estimated: `3871`
		// Minimum execution time: 54_601_000 picoseconds.
		Weight::from_parts(59_268_000, 3871)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Attestation::Attesters` (r:100 w:0)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:2 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Roster` (r:101 w:0)
	/// Proof: `Attestation::Roster` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Servers` (r:1 w:1)
	/// Proof: `Attestation::Servers` (`max_values`: None, `max_size`: Some(3218), added: 5693, mode: `MaxEncodedLen`)
	fn serve() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `20979`
		//  Estimated: `289090`
		// Minimum execution time: 997_881_000 picoseconds.
		Weight::from_parts(1_077_510_000, 289090)
			.saturating_add(T::DbWeight::get().reads(205_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Attestation::Servers` (r:1 w:1)
	/// Proof: `Attestation::Servers` (`max_values`: None, `max_size`: Some(3218), added: 5693, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	fn stop_serving() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `3778`
		//  Estimated: `6683`
		// Minimum execution time: 53_319_000 picoseconds.
		Weight::from_parts(60_100_000, 6683)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	fn pause() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `155`
		//  Estimated: `3871`
		// Minimum execution time: 12_689_000 picoseconds.
		Weight::from_parts(14_822_000, 3871)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	fn resume() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `155`
		//  Estimated: `3871`
		// Minimum execution time: 12_519_000 picoseconds.
		Weight::from_parts(15_092_000, 3871)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Attestation::Attesters` (r:1 w:1), `Session::CurrentIndex` (r:1 w:0),
	/// `Historical::HistoricalSessions` (r:1 w:0), `Offences` (r:2 w:2).
	fn report_equivocation() -> Weight {
		Weight::from_parts(250_000_000, 20_000)
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	fn authorize_report_equivocation() -> Weight {
		Weight::from_parts(200_000_000, 12_000)
			.saturating_add(T::DbWeight::get().reads(5_u64))
	}
	fn overturn() -> Weight {
		Weight::from_parts(40_000_000, 5_000)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	fn finalise_penalty() -> Weight {
		Weight::from_parts(200_000_000, 15_000)
			.saturating_add(T::DbWeight::get().reads(9_u64))
			.saturating_add(T::DbWeight::get().writes(10_u64))
	}
	/// Storage: `Attestation::OpenPanels` (r:255 w:255)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1751), added: 4226, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:255 w:0)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(228), added: 2703, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 256]`.
	fn commit(n: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `243 + n * (1726 ±0)`
		//  Estimated: `3501 + n * (4226 ±0)`
		// Minimum execution time: 50_204_000 picoseconds.
		Weight::from_parts(56_414_000, 3501)
			// Standard Error: 28_890
			.saturating_add(Weight::from_parts(20_814_051, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 4226).saturating_mul(n.into()))
	}
	/// Storage: `Attestation::OpenPanels` (r:255 w:0)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1751), added: 4226, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 256]`.
	fn authorize_commit(n: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `126 + n * (1726 ±0)`
		//  Estimated: `3509 + n * (4226 ±0)`
		// Minimum execution time: 56_394_000 picoseconds.
		Weight::from_parts(31_173_360, 3509)
			// Standard Error: 17_638
			.saturating_add(Weight::from_parts(6_807_486, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 4226).saturating_mul(n.into()))
	}
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::OpenPanels` (r:256 w:256)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1751), added: 4226, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Answers` (r:256 w:256)
	/// Proof: `Attestation::Answers` (`max_values`: None, `max_size`: Some(1050802), added: 1053277, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:256 w:0)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(228), added: 2703, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 256]`.
	/// The range of component `b` is `[0, 524288]`.
	fn reveal(n: u32, b: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `133 + n * (1758 ±0)`
		//  Estimated: `3509 + n * (1053277 ±0)`
		// Minimum execution time: 164_464_000 picoseconds.
		Weight::from_parts(173_378_000, 3509)
			// Standard Error: 128_091
			.saturating_add(Weight::from_parts(26_330_632, 0).saturating_mul(n.into()))
			// Standard Error: 62
			.saturating_add(Weight::from_parts(1_483, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 1053277).saturating_mul(n.into()))
	}
	/// Storage: `Attestation::OpenPanels` (r:256 w:0)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1751), added: 4226, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 256]`.
	/// The range of component `b` is `[0, 524288]`.
	fn authorize_reveal(n: u32, b: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `127 + n * (1758 ±0)`
		//  Estimated: `3509 + n * (4226 ±0)`
		// Minimum execution time: 128_450_000 picoseconds.
		Weight::from_parts(129_732_000, 3509)
			// Standard Error: 59_941
			.saturating_add(Weight::from_parts(6_656_332, 0).saturating_mul(n.into()))
			// Standard Error: 29
			.saturating_add(Weight::from_parts(1_096, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 4226).saturating_mul(n.into()))
	}
	/// Storage: `Attestation::RosterIndex` (r:1 w:1)
	/// Proof: `Attestation::RosterIndex` (`max_values`: Some(1), `max_size`: Some(6402), added: 6897, mode: `MaxEncodedLen`)
	/// Storage: `Staking::ActiveEra` (r:1 w:0)
	/// Proof: `Staking::ActiveEra` (`max_values`: Some(1), `max_size`: Some(13), added: 508, mode: `MaxEncodedLen`)
	/// Storage: `Staking::ErasStakersOverview` (r:200 w:0)
	/// Proof: `Staking::ErasStakersOverview` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Roster` (r:0 w:200)
	/// Proof: `Attestation::Roster` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	/// The range of component `v` is `[1, 200]`.
	fn on_new_session(v: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `714 + v * (32 ±0)`
		//  Estimated: `7887 + v * (2567 ±0)`
		// Minimum execution time: 23_855_000 picoseconds.
		Weight::from_parts(30_502_390, 7887)
			// Standard Error: 49_373
			.saturating_add(Weight::from_parts(6_884_407, 0).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(v.into())))
			.saturating_add(T::DbWeight::get().writes(1_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(v.into())))
			.saturating_add(Weight::from_parts(0, 2567).saturating_mul(v.into()))
	}
}

// For tests.
impl WeightInfo for () {
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	fn bond() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `366`
		//  Estimated: `3871`
		// Minimum execution time: 63_174_000 picoseconds.
		Weight::from_parts(67_280_000, 3871)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	fn bond_extra() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `351`
		//  Estimated: `3871`
		// Minimum execution time: 61_682_000 picoseconds.
		Weight::from_parts(65_988_000, 3871)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	fn unbond() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `320`
		//  Estimated: `3871`
		// Minimum execution time: 20_780_000 picoseconds.
		Weight::from_parts(23_745_000, 3871)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	fn withdraw() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `672`
		//  Estimated: `3871`
		// Minimum execution time: 54_601_000 picoseconds.
		Weight::from_parts(59_268_000, 3871)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	/// Storage: `Attestation::Attesters` (r:100 w:0)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:2 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Roster` (r:101 w:0)
	/// Proof: `Attestation::Roster` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Servers` (r:1 w:1)
	/// Proof: `Attestation::Servers` (`max_values`: None, `max_size`: Some(3218), added: 5693, mode: `MaxEncodedLen`)
	fn serve() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `20979`
		//  Estimated: `289090`
		// Minimum execution time: 997_881_000 picoseconds.
		Weight::from_parts(1_077_510_000, 289090)
			.saturating_add(RocksDbWeight::get().reads(205_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
	/// Storage: `Attestation::Servers` (r:1 w:1)
	/// Proof: `Attestation::Servers` (`max_values`: None, `max_size`: Some(3218), added: 5693, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	fn stop_serving() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `3778`
		//  Estimated: `6683`
		// Minimum execution time: 53_319_000 picoseconds.
		Weight::from_parts(60_100_000, 6683)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	fn pause() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `155`
		//  Estimated: `3871`
		// Minimum execution time: 12_689_000 picoseconds.
		Weight::from_parts(14_822_000, 3871)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	fn resume() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `155`
		//  Estimated: `3871`
		// Minimum execution time: 12_519_000 picoseconds.
		Weight::from_parts(15_092_000, 3871)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Attestation::Attesters` (r:1 w:1), `Session::CurrentIndex` (r:1 w:0),
	/// `Historical::HistoricalSessions` (r:1 w:0), `Offences` (r:2 w:2).
	fn report_equivocation() -> Weight {
		Weight::from_parts(250_000_000, 20_000)
			.saturating_add(RocksDbWeight::get().reads(8_u64))
			.saturating_add(RocksDbWeight::get().writes(6_u64))
	}
	fn authorize_report_equivocation() -> Weight {
		Weight::from_parts(200_000_000, 12_000)
			.saturating_add(RocksDbWeight::get().reads(5_u64))
	}
	fn overturn() -> Weight {
		Weight::from_parts(40_000_000, 5_000)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
	fn finalise_penalty() -> Weight {
		Weight::from_parts(200_000_000, 15_000)
			.saturating_add(RocksDbWeight::get().reads(9_u64))
			.saturating_add(RocksDbWeight::get().writes(10_u64))
	}
	/// Storage: `Attestation::OpenPanels` (r:255 w:255)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1751), added: 4226, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:255 w:0)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(228), added: 2703, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 256]`.
	fn commit(n: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `243 + n * (1726 ±0)`
		//  Estimated: `3501 + n * (4226 ±0)`
		// Minimum execution time: 50_204_000 picoseconds.
		Weight::from_parts(56_414_000, 3501)
			// Standard Error: 28_890
			.saturating_add(Weight::from_parts(20_814_051, 0).saturating_mul(n.into()))
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().reads((2_u64).saturating_mul(n.into())))
			.saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 4226).saturating_mul(n.into()))
	}
	/// Storage: `Attestation::OpenPanels` (r:255 w:0)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1751), added: 4226, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 256]`.
	fn authorize_commit(n: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `126 + n * (1726 ±0)`
		//  Estimated: `3509 + n * (4226 ±0)`
		// Minimum execution time: 56_394_000 picoseconds.
		Weight::from_parts(31_173_360, 3509)
			// Standard Error: 17_638
			.saturating_add(Weight::from_parts(6_807_486, 0).saturating_mul(n.into()))
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 4226).saturating_mul(n.into()))
	}
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::OpenPanels` (r:256 w:256)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1751), added: 4226, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Answers` (r:256 w:256)
	/// Proof: `Attestation::Answers` (`max_values`: None, `max_size`: Some(1050802), added: 1053277, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:256 w:0)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(228), added: 2703, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 256]`.
	/// The range of component `b` is `[0, 524288]`.
	fn reveal(n: u32, b: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `133 + n * (1758 ±0)`
		//  Estimated: `3509 + n * (1053277 ±0)`
		// Minimum execution time: 164_464_000 picoseconds.
		Weight::from_parts(173_378_000, 3509)
			// Standard Error: 128_091
			.saturating_add(Weight::from_parts(26_330_632, 0).saturating_mul(n.into()))
			// Standard Error: 62
			.saturating_add(Weight::from_parts(1_483, 0).saturating_mul(b.into()))
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().reads((3_u64).saturating_mul(n.into())))
			.saturating_add(RocksDbWeight::get().writes((2_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 1053277).saturating_mul(n.into()))
	}
	/// Storage: `Attestation::OpenPanels` (r:256 w:0)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1751), added: 4226, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 256]`.
	/// The range of component `b` is `[0, 524288]`.
	fn authorize_reveal(n: u32, b: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `127 + n * (1758 ±0)`
		//  Estimated: `3509 + n * (4226 ±0)`
		// Minimum execution time: 128_450_000 picoseconds.
		Weight::from_parts(129_732_000, 3509)
			// Standard Error: 59_941
			.saturating_add(Weight::from_parts(6_656_332, 0).saturating_mul(n.into()))
			// Standard Error: 29
			.saturating_add(Weight::from_parts(1_096, 0).saturating_mul(b.into()))
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 4226).saturating_mul(n.into()))
	}
	/// Storage: `Attestation::RosterIndex` (r:1 w:1)
	/// Proof: `Attestation::RosterIndex` (`max_values`: Some(1), `max_size`: Some(6402), added: 6897, mode: `MaxEncodedLen`)
	/// Storage: `Staking::ActiveEra` (r:1 w:0)
	/// Proof: `Staking::ActiveEra` (`max_values`: Some(1), `max_size`: Some(13), added: 508, mode: `MaxEncodedLen`)
	/// Storage: `Staking::ErasStakersOverview` (r:200 w:0)
	/// Proof: `Staking::ErasStakersOverview` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Roster` (r:0 w:200)
	/// Proof: `Attestation::Roster` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	/// The range of component `v` is `[1, 200]`.
	fn on_new_session(v: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `714 + v * (32 ±0)`
		//  Estimated: `7887 + v * (2567 ±0)`
		// Minimum execution time: 23_855_000 picoseconds.
		Weight::from_parts(30_502_390, 7887)
			// Standard Error: 49_373
			.saturating_add(Weight::from_parts(6_884_407, 0).saturating_mul(v.into()))
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(v.into())))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
			.saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(v.into())))
			.saturating_add(Weight::from_parts(0, 2567).saturating_mul(v.into()))
	}
}
