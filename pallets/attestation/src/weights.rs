// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet_attestation`.
//!
//! Written by `scripts/weights.sh` with version 64.0.0 of the benchmark command.
//! DATE: 2026-11-21, STEPS: `10`, REPEAT: `4`, LOW RANGE: `[]`, HIGH RANGE: `[]`
//! WORST CASE MAP SIZE: `1000000`
//! By hand since then, to be measured again: `serve`, `stop_serving`, `release_removed`, `announce`,
//! `authorize_announce`.
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
	fn release_removed(n: u32, ) -> Weight;
	fn announce(s: u32, t: u32, ) -> Weight;
	fn authorize_announce(s: u32, t: u32, ) -> Weight;
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
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	fn bond() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `463`
		//  Estimated: `3945`
		// Minimum execution time: 65_417_000 picoseconds.
		Weight::from_parts(69_483_000, 3945)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	fn bond_extra() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `457`
		//  Estimated: `3945`
		// Minimum execution time: 63_674_000 picoseconds.
		Weight::from_parts(69_543_000, 3945)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Parameters::Parameters` (r:11 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	fn unbond() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `416`
		//  Estimated: `28611`
		// Minimum execution time: 48_162_000 picoseconds.
		Weight::from_parts(57_355_000, 28611)
			.saturating_add(T::DbWeight::get().reads(12_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	fn withdraw() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `777`
		//  Estimated: `3945`
		// Minimum execution time: 59_708_000 picoseconds.
		Weight::from_parts(67_099_000, 3945)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Attestation::Attesters` (r:100 w:0)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:2 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Roster` (r:101 w:0)
	/// Proof: `Attestation::Roster` (`max_values`: None, `max_size`: Some(112), added: 2587, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Servers` (r:1 w:1)
	/// Proof: `Attestation::Servers` (`max_values`: None, `max_size`: Some(3218), added: 5693, mode: `MaxEncodedLen`)
	fn serve() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `21121`
		//  Estimated: `296490`
		// Minimum execution time: 1_000_365_000 picoseconds.
		Weight::from_parts(1_072_414_000, 301063)
			.saturating_add(T::DbWeight::get().reads(207_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Attestation::Servers` (r:1 w:1)
	/// Proof: `Attestation::Servers` (`max_values`: None, `max_size`: Some(3218), added: 5693, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	fn stop_serving() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `3838`
		//  Estimated: `6683`
		// Minimum execution time: 56_634_000 picoseconds.
		Weight::from_parts(67_722_000, 6683)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Attestation::Servers` (r:1 w:1), `Attestation::Serving` (r:n w:n)
	/// The range of component `n` is `[0, 100]`.
	/// By hand, from what others like it were measured at: to be measured.
	fn release_removed(n: u32, ) -> Weight {
		Weight::from_parts(15_000_000, 6683)
			.saturating_add(Weight::from_parts(6_000_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(1_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 4573).saturating_mul(n.into()))
	}
	/// Storage: as `serve` for each of `s`, as `stop_serving` for each of `t`, and `Attestation::Announced` (r:0 w:1)
	/// The range of component `s` is `[0, 32]`.
	/// The range of component `t` is `[0, 32]`.
	/// By hand, from what others like it were measured at: to be measured.
	fn announce(s: u32, t: u32, ) -> Weight {
		Weight::from_parts(30_000_000, 300000)
			.saturating_add(Weight::from_parts(1_080_000_000, 0).saturating_mul(s.into()))
			.saturating_add(Weight::from_parts(65_000_000, 0).saturating_mul(t.into()))
			.saturating_add(T::DbWeight::get().reads(205_u64))
			.saturating_add(T::DbWeight::get().reads((204_u64).saturating_mul(s.into())))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(t.into())))
			.saturating_add(T::DbWeight::get().writes(3_u64))
			.saturating_add(T::DbWeight::get().writes((4_u64).saturating_mul(s.into())))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(t.into())))
			.saturating_add(Weight::from_parts(0, 18600).saturating_mul(s.into()))
			.saturating_add(Weight::from_parts(0, 8297).saturating_mul(t.into()))
	}
	/// Storage: as `may_serve` for each of `s`; `Attestation::Roster` (r:1 w:0), `Session::CurrentIndex` (r:1 w:0), `Attestation::Announced` (r:1 w:0), `Attestation::Serving` (r:1 w:0)
	/// The range of component `s` is `[0, 32]`.
	/// The range of component `t` is `[0, 32]`.
	/// By hand, from what others like it were measured at: to be measured.
	fn authorize_announce(s: u32, t: u32, ) -> Weight {
		Weight::from_parts(90_000_000, 300000)
			.saturating_add(Weight::from_parts(1_000_000_000, 0).saturating_mul(s.into()))
			.saturating_add(Weight::from_parts(500_000, 0).saturating_mul(t.into()))
			.saturating_add(T::DbWeight::get().reads(208_u64))
			.saturating_add(T::DbWeight::get().reads((203_u64).saturating_mul(s.into())))
			.saturating_add(Weight::from_parts(0, 18600).saturating_mul(s.into()))
	}
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	fn pause() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `224`
		//  Estimated: `3945`
		// Minimum execution time: 13_500_000 picoseconds.
		Weight::from_parts(16_895_000, 3945)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	fn resume() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `416`
		//  Estimated: `3945`
		// Minimum execution time: 20_580_000 picoseconds.
		Weight::from_parts(23_355_000, 3945)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Offences::Reports` (r:1 w:1)
	/// Proof: `Offences::Reports` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// Storage: `Session::CurrentIndex` (r:1 w:0)
	/// Proof: `Session::CurrentIndex` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	/// Storage: `Session::Validators` (r:1 w:0)
	/// Proof: `Session::Validators` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	/// Storage: `Session::NextKeys` (r:1 w:0)
	/// Proof: `Session::NextKeys` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:10 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Offences::ConcurrentReportsIndex` (r:1 w:1)
	/// Proof: `Offences::ConcurrentReportsIndex` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// Storage: `Staking::SlashRewardFraction` (r:1 w:0)
	/// Proof: `Staking::SlashRewardFraction` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Staking::ActiveEra` (r:1 w:0)
	/// Proof: `Staking::ActiveEra` (`max_values`: Some(1), `max_size`: Some(13), added: 508, mode: `MaxEncodedLen`)
	/// Storage: `Staking::ErasStartSessionIndex` (r:1 w:0)
	/// Proof: `Staking::ErasStartSessionIndex` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `Staking::Invulnerables` (r:1 w:0)
	/// Proof: `Staking::Invulnerables` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	/// Storage: `Staking::ErasStakersOverview` (r:1 w:0)
	/// Proof: `Staking::ErasStakersOverview` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	/// Storage: `Session::DisabledValidators` (r:1 w:0)
	/// Proof: `Session::DisabledValidators` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	/// Storage: `Staking::ValidatorSlashInEra` (r:1 w:1)
	/// Proof: `Staking::ValidatorSlashInEra` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
	/// Storage: `Staking::SlashingSpans` (r:1 w:1)
	/// Proof: `Staking::SlashingSpans` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// Storage: `Staking::SpanSlash` (r:1 w:1)
	/// Proof: `Staking::SpanSlash` (`max_values`: None, `max_size`: Some(76), added: 2551, mode: `MaxEncodedLen`)
	/// Storage: `Staking::Bonded` (r:1 w:0)
	/// Proof: `Staking::Bonded` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
	/// Storage: `Staking::Ledger` (r:1 w:1)
	/// Proof: `Staking::Ledger` (`max_values`: None, `max_size`: Some(2099), added: 4574, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:3 w:3)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Staking::VirtualStakers` (r:1 w:0)
	/// Proof: `Staking::VirtualStakers` (`max_values`: None, `max_size`: Some(40), added: 2515, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	fn report_equivocation() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `2203`
		//  Estimated: `26100`
		// Minimum execution time: 447_795_000 picoseconds.
		Weight::from_parts(486_042_000, 26100)
			.saturating_add(T::DbWeight::get().reads(33_u64))
			.saturating_add(T::DbWeight::get().writes(11_u64))
	}
	/// Storage: `Offences::Reports` (r:1 w:0)
	/// Proof: `Offences::Reports` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// Storage: `Session::CurrentIndex` (r:1 w:0)
	/// Proof: `Session::CurrentIndex` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	/// Storage: `Session::Validators` (r:1 w:0)
	/// Proof: `Session::Validators` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	/// Storage: `Session::NextKeys` (r:1 w:0)
	/// Proof: `Session::NextKeys` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:8 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	fn authorize_report_equivocation() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `693`
		//  Estimated: `21078`
		// Minimum execution time: 262_870_000 picoseconds.
		Weight::from_parts(295_639_000, 21078)
			.saturating_add(T::DbWeight::get().reads(13_u64))
	}
	/// Storage: `Attestation::PendingPenalties` (r:1 w:1)
	/// Proof: `Attestation::PendingPenalties` (`max_values`: None, `max_size`: Some(626), added: 3101, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	fn overturn() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `970`
		//  Estimated: `4091`
		// Minimum execution time: 20_401_000 picoseconds.
		Weight::from_parts(23_134_000, 4091)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:3 w:3)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Witnesses` (r:1 w:1)
	/// Proof: `Attestation::Witnesses` (`max_values`: None, `max_size`: Some(6462), added: 8937, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Roster` (r:199 w:0)
	/// Proof: `Attestation::Roster` (`max_values`: None, `max_size`: Some(112), added: 2587, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::RosterStake` (r:1 w:0)
	/// Proof: `Attestation::RosterStake` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Divergents` (r:1 w:1)
	/// Proof: `Attestation::Divergents` (`max_values`: None, `max_size`: Some(6414), added: 8889, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::PendingPenalties` (r:0 w:1)
	/// Proof: `Attestation::PendingPenalties` (`max_values`: None, `max_size`: Some(626), added: 3101, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::PenaltyQueueHead` (r:0 w:1)
	/// Proof: `Attestation::PenaltyQueueHead` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::PenaltyQueue` (r:0 w:1)
	/// Proof: `Attestation::PenaltyQueue` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	fn finalise_penalty() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `30889`
		//  Estimated: `515803`
		// Minimum execution time: 1_023_399_000 picoseconds.
		Weight::from_parts(1_057_320_000, 515803)
			.saturating_add(T::DbWeight::get().reads(207_u64))
			.saturating_add(T::DbWeight::get().writes(10_u64))
	}
	/// Storage: `Attestation::OpenPanels` (r:256 w:256)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1755), added: 4230, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:256 w:0)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 256]`.
	fn commit(n: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `306 + n * (1730 ±0)`
		//  Estimated: `3501 + n * (4230 ±0)`
		// Minimum execution time: 45_788_000 picoseconds.
		Weight::from_parts(11_417_427, 3501)
			// Standard Error: 796_518
			.saturating_add(Weight::from_parts(22_367_142, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 4230).saturating_mul(n.into()))
	}
	/// Storage: `Attestation::OpenPanels` (r:256 w:0)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1755), added: 4230, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 256]`.
	fn authorize_commit(n: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `162 + n * (1730 ±0)`
		//  Estimated: `3509 + n * (4230 ±0)`
		// Minimum execution time: 64_666_000 picoseconds.
		Weight::from_parts(50_906_214, 3509)
			// Standard Error: 21_237
			.saturating_add(Weight::from_parts(7_434_917, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 4230).saturating_mul(n.into()))
	}
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::OpenPanels` (r:256 w:256)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1755), added: 4230, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Answers` (r:256 w:256)
	/// Proof: `Attestation::Answers` (`max_values`: None, `max_size`: Some(1050802), added: 1053277, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:256 w:0)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 256]`.
	/// The range of component `b` is `[0, 524288]`.
	fn reveal(n: u32, b: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `164 + n * (1762 ±0)`
		//  Estimated: `3509 + n * (1053277 ±0)`
		// Minimum execution time: 168_481_000 picoseconds.
		Weight::from_parts(173_287_000, 3509)
			// Standard Error: 1_464_761
			.saturating_add(Weight::from_parts(28_204_741, 0).saturating_mul(n.into()))
			// Standard Error: 715
			.saturating_add(Weight::from_parts(4_355, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 1053277).saturating_mul(n.into()))
	}
	/// Storage: `Attestation::OpenPanels` (r:256 w:0)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1755), added: 4230, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 256]`.
	/// The range of component `b` is `[0, 524288]`.
	fn authorize_reveal(n: u32, b: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `158 + n * (1762 ±0)`
		//  Estimated: `3509 + n * (4230 ±0)`
		// Minimum execution time: 137_624_000 picoseconds.
		Weight::from_parts(46_202_802, 3509)
			// Standard Error: 611_245
			.saturating_add(Weight::from_parts(9_413_125, 0).saturating_mul(n.into()))
			// Standard Error: 297
			.saturating_add(Weight::from_parts(851, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 4230).saturating_mul(n.into()))
	}
	/// Storage: `Attestation::RosterIndex` (r:1 w:1)
	/// Proof: `Attestation::RosterIndex` (`max_values`: Some(1), `max_size`: Some(6402), added: 6897, mode: `MaxEncodedLen`)
	/// Storage: `Staking::ActiveEra` (r:1 w:0)
	/// Proof: `Staking::ActiveEra` (`max_values`: Some(1), `max_size`: Some(13), added: 508, mode: `MaxEncodedLen`)
	/// Storage: `Staking::ErasStakersOverview` (r:200 w:0)
	/// Proof: `Staking::ErasStakersOverview` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	/// Storage: `Session::CurrentIndex` (r:1 w:0)
	/// Proof: `Session::CurrentIndex` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	/// Storage: `Attestation::RosterStake` (r:0 w:1)
	/// Proof: `Attestation::RosterStake` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Roster` (r:0 w:200)
	/// Proof: `Attestation::Roster` (`max_values`: None, `max_size`: Some(112), added: 2587, mode: `MaxEncodedLen`)
	/// The range of component `v` is `[1, 200]`.
	fn on_new_session(v: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `1023 + v * (32 ±0)`
		//  Estimated: `7887 + v * (2567 ±0)`
		// Minimum execution time: 29_354_000 picoseconds.
		Weight::from_parts(30_716_000, 7887)
			// Standard Error: 285_777
			.saturating_add(Weight::from_parts(7_690_194, 0).saturating_mul(v.into()))
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(v.into())))
			.saturating_add(T::DbWeight::get().writes(2_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(v.into())))
			.saturating_add(Weight::from_parts(0, 2567).saturating_mul(v.into()))
	}
}

// For tests.
impl WeightInfo for () {
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	fn bond() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `463`
		//  Estimated: `3945`
		// Minimum execution time: 65_417_000 picoseconds.
		Weight::from_parts(69_483_000, 3945)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	fn bond_extra() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `457`
		//  Estimated: `3945`
		// Minimum execution time: 63_674_000 picoseconds.
		Weight::from_parts(69_543_000, 3945)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	/// Storage: `Parameters::Parameters` (r:11 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	fn unbond() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `416`
		//  Estimated: `28611`
		// Minimum execution time: 48_162_000 picoseconds.
		Weight::from_parts(57_355_000, 28611)
			.saturating_add(RocksDbWeight::get().reads(12_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	fn withdraw() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `777`
		//  Estimated: `3945`
		// Minimum execution time: 59_708_000 picoseconds.
		Weight::from_parts(67_099_000, 3945)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	/// Storage: `Attestation::Attesters` (r:100 w:0)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:2 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Roster` (r:101 w:0)
	/// Proof: `Attestation::Roster` (`max_values`: None, `max_size`: Some(112), added: 2587, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Servers` (r:1 w:1)
	/// Proof: `Attestation::Servers` (`max_values`: None, `max_size`: Some(3218), added: 5693, mode: `MaxEncodedLen`)
	fn serve() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `21121`
		//  Estimated: `296490`
		// Minimum execution time: 1_000_365_000 picoseconds.
		Weight::from_parts(1_072_414_000, 301063)
			.saturating_add(RocksDbWeight::get().reads(207_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
	/// Storage: `Attestation::Servers` (r:1 w:1)
	/// Proof: `Attestation::Servers` (`max_values`: None, `max_size`: Some(3218), added: 5693, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	fn stop_serving() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `3838`
		//  Estimated: `6683`
		// Minimum execution time: 56_634_000 picoseconds.
		Weight::from_parts(67_722_000, 6683)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	/// Storage: `Attestation::Servers` (r:1 w:1), `Attestation::Serving` (r:n w:n)
	/// The range of component `n` is `[0, 100]`.
	/// By hand, from what others like it were measured at: to be measured.
	fn release_removed(n: u32, ) -> Weight {
		Weight::from_parts(15_000_000, 6683)
			.saturating_add(Weight::from_parts(6_000_000, 0).saturating_mul(n.into()))
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
			.saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 4573).saturating_mul(n.into()))
	}
	/// Storage: as `serve` for each of `s`, as `stop_serving` for each of `t`, and `Attestation::Announced` (r:0 w:1)
	/// The range of component `s` is `[0, 32]`.
	/// The range of component `t` is `[0, 32]`.
	/// By hand, from what others like it were measured at: to be measured.
	fn announce(s: u32, t: u32, ) -> Weight {
		Weight::from_parts(30_000_000, 300000)
			.saturating_add(Weight::from_parts(1_080_000_000, 0).saturating_mul(s.into()))
			.saturating_add(Weight::from_parts(65_000_000, 0).saturating_mul(t.into()))
			.saturating_add(RocksDbWeight::get().reads(205_u64))
			.saturating_add(RocksDbWeight::get().reads((204_u64).saturating_mul(s.into())))
			.saturating_add(RocksDbWeight::get().reads((2_u64).saturating_mul(t.into())))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
			.saturating_add(RocksDbWeight::get().writes((4_u64).saturating_mul(s.into())))
			.saturating_add(RocksDbWeight::get().writes((2_u64).saturating_mul(t.into())))
			.saturating_add(Weight::from_parts(0, 18600).saturating_mul(s.into()))
			.saturating_add(Weight::from_parts(0, 8297).saturating_mul(t.into()))
	}
	/// Storage: as `may_serve` for each of `s`; `Attestation::Roster` (r:1 w:0), `Session::CurrentIndex` (r:1 w:0), `Attestation::Announced` (r:1 w:0), `Attestation::Serving` (r:1 w:0)
	/// The range of component `s` is `[0, 32]`.
	/// The range of component `t` is `[0, 32]`.
	/// By hand, from what others like it were measured at: to be measured.
	fn authorize_announce(s: u32, t: u32, ) -> Weight {
		Weight::from_parts(90_000_000, 300000)
			.saturating_add(Weight::from_parts(1_000_000_000, 0).saturating_mul(s.into()))
			.saturating_add(Weight::from_parts(500_000, 0).saturating_mul(t.into()))
			.saturating_add(RocksDbWeight::get().reads(208_u64))
			.saturating_add(RocksDbWeight::get().reads((203_u64).saturating_mul(s.into())))
			.saturating_add(Weight::from_parts(0, 18600).saturating_mul(s.into()))
	}
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	fn pause() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `224`
		//  Estimated: `3945`
		// Minimum execution time: 13_500_000 picoseconds.
		Weight::from_parts(16_895_000, 3945)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	fn resume() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `416`
		//  Estimated: `3945`
		// Minimum execution time: 20_580_000 picoseconds.
		Weight::from_parts(23_355_000, 3945)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Offences::Reports` (r:1 w:1)
	/// Proof: `Offences::Reports` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// Storage: `Session::CurrentIndex` (r:1 w:0)
	/// Proof: `Session::CurrentIndex` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	/// Storage: `Session::Validators` (r:1 w:0)
	/// Proof: `Session::Validators` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	/// Storage: `Session::NextKeys` (r:1 w:0)
	/// Proof: `Session::NextKeys` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:10 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Offences::ConcurrentReportsIndex` (r:1 w:1)
	/// Proof: `Offences::ConcurrentReportsIndex` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// Storage: `Staking::SlashRewardFraction` (r:1 w:0)
	/// Proof: `Staking::SlashRewardFraction` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Staking::ActiveEra` (r:1 w:0)
	/// Proof: `Staking::ActiveEra` (`max_values`: Some(1), `max_size`: Some(13), added: 508, mode: `MaxEncodedLen`)
	/// Storage: `Staking::ErasStartSessionIndex` (r:1 w:0)
	/// Proof: `Staking::ErasStartSessionIndex` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `Staking::Invulnerables` (r:1 w:0)
	/// Proof: `Staking::Invulnerables` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	/// Storage: `Staking::ErasStakersOverview` (r:1 w:0)
	/// Proof: `Staking::ErasStakersOverview` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	/// Storage: `Session::DisabledValidators` (r:1 w:0)
	/// Proof: `Session::DisabledValidators` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	/// Storage: `Staking::ValidatorSlashInEra` (r:1 w:1)
	/// Proof: `Staking::ValidatorSlashInEra` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
	/// Storage: `Staking::SlashingSpans` (r:1 w:1)
	/// Proof: `Staking::SlashingSpans` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// Storage: `Staking::SpanSlash` (r:1 w:1)
	/// Proof: `Staking::SpanSlash` (`max_values`: None, `max_size`: Some(76), added: 2551, mode: `MaxEncodedLen`)
	/// Storage: `Staking::Bonded` (r:1 w:0)
	/// Proof: `Staking::Bonded` (`max_values`: None, `max_size`: Some(72), added: 2547, mode: `MaxEncodedLen`)
	/// Storage: `Staking::Ledger` (r:1 w:1)
	/// Proof: `Staking::Ledger` (`max_values`: None, `max_size`: Some(2099), added: 4574, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:3 w:3)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Staking::VirtualStakers` (r:1 w:0)
	/// Proof: `Staking::VirtualStakers` (`max_values`: None, `max_size`: Some(40), added: 2515, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	fn report_equivocation() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `2203`
		//  Estimated: `26100`
		// Minimum execution time: 447_795_000 picoseconds.
		Weight::from_parts(486_042_000, 26100)
			.saturating_add(RocksDbWeight::get().reads(33_u64))
			.saturating_add(RocksDbWeight::get().writes(11_u64))
	}
	/// Storage: `Offences::Reports` (r:1 w:0)
	/// Proof: `Offences::Reports` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// Storage: `Session::CurrentIndex` (r:1 w:0)
	/// Proof: `Session::CurrentIndex` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	/// Storage: `Session::Validators` (r:1 w:0)
	/// Proof: `Session::Validators` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	/// Storage: `Session::NextKeys` (r:1 w:0)
	/// Proof: `Session::NextKeys` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:8 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	fn authorize_report_equivocation() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `693`
		//  Estimated: `21078`
		// Minimum execution time: 262_870_000 picoseconds.
		Weight::from_parts(295_639_000, 21078)
			.saturating_add(RocksDbWeight::get().reads(13_u64))
	}
	/// Storage: `Attestation::PendingPenalties` (r:1 w:1)
	/// Proof: `Attestation::PendingPenalties` (`max_values`: None, `max_size`: Some(626), added: 3101, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	fn overturn() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `970`
		//  Estimated: `4091`
		// Minimum execution time: 20_401_000 picoseconds.
		Weight::from_parts(23_134_000, 4091)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:3 w:3)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:1 w:1)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Witnesses` (r:1 w:1)
	/// Proof: `Attestation::Witnesses` (`max_values`: None, `max_size`: Some(6462), added: 8937, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Roster` (r:199 w:0)
	/// Proof: `Attestation::Roster` (`max_values`: None, `max_size`: Some(112), added: 2587, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::RosterStake` (r:1 w:0)
	/// Proof: `Attestation::RosterStake` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Divergents` (r:1 w:1)
	/// Proof: `Attestation::Divergents` (`max_values`: None, `max_size`: Some(6414), added: 8889, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::PendingPenalties` (r:0 w:1)
	/// Proof: `Attestation::PendingPenalties` (`max_values`: None, `max_size`: Some(626), added: 3101, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::PenaltyQueueHead` (r:0 w:1)
	/// Proof: `Attestation::PenaltyQueueHead` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::PenaltyQueue` (r:0 w:1)
	/// Proof: `Attestation::PenaltyQueue` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	fn finalise_penalty() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `30889`
		//  Estimated: `515803`
		// Minimum execution time: 1_023_399_000 picoseconds.
		Weight::from_parts(1_057_320_000, 515803)
			.saturating_add(RocksDbWeight::get().reads(207_u64))
			.saturating_add(RocksDbWeight::get().writes(10_u64))
	}
	/// Storage: `Attestation::OpenPanels` (r:256 w:256)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1755), added: 4230, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:256 w:0)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 256]`.
	fn commit(n: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `306 + n * (1730 ±0)`
		//  Estimated: `3501 + n * (4230 ±0)`
		// Minimum execution time: 45_788_000 picoseconds.
		Weight::from_parts(11_417_427, 3501)
			// Standard Error: 796_518
			.saturating_add(Weight::from_parts(22_367_142, 0).saturating_mul(n.into()))
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().reads((2_u64).saturating_mul(n.into())))
			.saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 4230).saturating_mul(n.into()))
	}
	/// Storage: `Attestation::OpenPanels` (r:256 w:0)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1755), added: 4230, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 256]`.
	fn authorize_commit(n: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `162 + n * (1730 ±0)`
		//  Estimated: `3509 + n * (4230 ±0)`
		// Minimum execution time: 64_666_000 picoseconds.
		Weight::from_parts(50_906_214, 3509)
			// Standard Error: 21_237
			.saturating_add(Weight::from_parts(7_434_917, 0).saturating_mul(n.into()))
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 4230).saturating_mul(n.into()))
	}
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::OpenPanels` (r:256 w:256)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1755), added: 4230, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Answers` (r:256 w:256)
	/// Proof: `Attestation::Answers` (`max_values`: None, `max_size`: Some(1050802), added: 1053277, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:256 w:0)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 256]`.
	/// The range of component `b` is `[0, 524288]`.
	fn reveal(n: u32, b: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `164 + n * (1762 ±0)`
		//  Estimated: `3509 + n * (1053277 ±0)`
		// Minimum execution time: 168_481_000 picoseconds.
		Weight::from_parts(173_287_000, 3509)
			// Standard Error: 1_464_761
			.saturating_add(Weight::from_parts(28_204_741, 0).saturating_mul(n.into()))
			// Standard Error: 715
			.saturating_add(Weight::from_parts(4_355, 0).saturating_mul(b.into()))
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().reads((3_u64).saturating_mul(n.into())))
			.saturating_add(RocksDbWeight::get().writes((2_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 1053277).saturating_mul(n.into()))
	}
	/// Storage: `Attestation::OpenPanels` (r:256 w:0)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1755), added: 4230, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 256]`.
	/// The range of component `b` is `[0, 524288]`.
	fn authorize_reveal(n: u32, b: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `158 + n * (1762 ±0)`
		//  Estimated: `3509 + n * (4230 ±0)`
		// Minimum execution time: 137_624_000 picoseconds.
		Weight::from_parts(46_202_802, 3509)
			// Standard Error: 611_245
			.saturating_add(Weight::from_parts(9_413_125, 0).saturating_mul(n.into()))
			// Standard Error: 297
			.saturating_add(Weight::from_parts(851, 0).saturating_mul(b.into()))
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 4230).saturating_mul(n.into()))
	}
	/// Storage: `Attestation::RosterIndex` (r:1 w:1)
	/// Proof: `Attestation::RosterIndex` (`max_values`: Some(1), `max_size`: Some(6402), added: 6897, mode: `MaxEncodedLen`)
	/// Storage: `Staking::ActiveEra` (r:1 w:0)
	/// Proof: `Staking::ActiveEra` (`max_values`: Some(1), `max_size`: Some(13), added: 508, mode: `MaxEncodedLen`)
	/// Storage: `Staking::ErasStakersOverview` (r:200 w:0)
	/// Proof: `Staking::ErasStakersOverview` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	/// Storage: `Session::CurrentIndex` (r:1 w:0)
	/// Proof: `Session::CurrentIndex` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	/// Storage: `Attestation::RosterStake` (r:0 w:1)
	/// Proof: `Attestation::RosterStake` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Roster` (r:0 w:200)
	/// Proof: `Attestation::Roster` (`max_values`: None, `max_size`: Some(112), added: 2587, mode: `MaxEncodedLen`)
	/// The range of component `v` is `[1, 200]`.
	fn on_new_session(v: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `1023 + v * (32 ±0)`
		//  Estimated: `7887 + v * (2567 ±0)`
		// Minimum execution time: 29_354_000 picoseconds.
		Weight::from_parts(30_716_000, 7887)
			// Standard Error: 285_777
			.saturating_add(Weight::from_parts(7_690_194, 0).saturating_mul(v.into()))
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(v.into())))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
			.saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(v.into())))
			.saturating_add(Weight::from_parts(0, 2567).saturating_mul(v.into()))
	}
}
