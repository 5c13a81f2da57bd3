// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet_inference`.
//!
//! Written by `scripts/weights.sh` with version 64.0.0 of the benchmark command.
//! DATE: 2026-11-21, STEPS: `10`, REPEAT: `4`, LOW RANGE: `[]`, HIGH RANGE: `[]`
//! WORST CASE MAP SIZE: `1000000`
//! CPU: `AMD EPYC`, WASM-EXECUTION: `Compiled`, DB CACHE: `1024`

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]
#![allow(dead_code)]

use core::marker::PhantomData;
use frame_support::{traits::Get, weights::{constants::RocksDbWeight, Weight}};

/// Weight functions needed for `pallet_inference`.
pub trait WeightInfo {
	fn request(b: u32, ) -> Weight;
	fn request_batch(n: u32, b: u32, ) -> Weight;
	fn cancel() -> Weight;
	fn escalate() -> Weight;
	fn judge_again(p: u32, ) -> Weight;
	fn drop_contested() -> Weight;
	fn agenda_base() -> Weight;
	fn agenda_slot() -> Weight;
	fn agenda_item() -> Weight;
	fn draw(p: u32, s: u32, ) -> Weight;
	fn close_commitments(p: u32, ) -> Weight;
	fn settle_exact(p: u32, ) -> Weight;
	fn settle_approximate(p: u32, ) -> Weight;
	fn compare() -> Weight;
	fn prune() -> Weight;
}

/// Weights for `pallet_inference` on the machine named above.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Models::Models` (r:1 w:0)
	/// Proof: `Models::Models` (`max_values`: None, `max_size`: Some(1197), added: 3672, mode: `MaxEncodedLen`)
	/// Storage: `Models::Manifests` (r:1 w:0)
	/// Proof: `Models::Manifests` (`max_values`: None, `max_size`: Some(30225), added: 32700, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:9 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `Inference::NextRequest` (r:1 w:1)
	/// Proof: `Inference::NextRequest` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::RequestCounters` (r:1 w:1)
	/// Proof: `Inference::RequestCounters` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:1)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// The range of component `b` is `[0, 62000]`.
	fn request(b: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `21089`
		//  Estimated: `33690`
		// Minimum execution time: 634_782_000 picoseconds.
		Weight::from_parts(650_750_929, 33690)
			// Standard Error: 26
			.saturating_add(Weight::from_parts(6_544, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(18_u64))
			.saturating_add(T::DbWeight::get().writes(8_u64))
	}
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Models::Models` (r:1 w:0)
	/// Proof: `Models::Models` (`max_values`: None, `max_size`: Some(1197), added: 3672, mode: `MaxEncodedLen`)
	/// Storage: `Models::Manifests` (r:1 w:0)
	/// Proof: `Models::Manifests` (`max_values`: None, `max_size`: Some(30225), added: 32700, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:9 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `Inference::NextRequest` (r:1 w:1)
	/// Proof: `Inference::NextRequest` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::RequestCounters` (r:1 w:1)
	/// Proof: `Inference::RequestCounters` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:256 w:256)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:256)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:256)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 256]`.
	/// The range of component `b` is `[0, 62000]`.
	fn request_batch(n: u32, b: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `21089`
		//  Estimated: `33690 + n * (2712 ±0)`
		// Minimum execution time: 1_017_341_000 picoseconds.
		Weight::from_parts(7_304_111, 33690)
			// Standard Error: 21_502_576
			.saturating_add(Weight::from_parts(475_562_393, 0).saturating_mul(n.into()))
			// Standard Error: 88_543
			.saturating_add(Weight::from_parts(63_069, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(17_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(5_u64))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2712).saturating_mul(n.into()))
	}
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:2 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Settlements` (r:0 w:1)
	/// Proof: `Inference::Settlements` (`max_values`: None, `max_size`: Some(1052000), added: 1054475, mode: `MaxEncodedLen`)
	fn cancel() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `1578`
		//  Estimated: `6012`
		// Minimum execution time: 120_900_000 picoseconds.
		Weight::from_parts(136_773_000, 6012)
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(8_u64))
	}
	/// Storage: `Inference::Contested` (r:1 w:1)
	/// Proof: `Inference::Contested` (`max_values`: None, `max_size`: Some(7356325), added: 7358800, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Models::Models` (r:1 w:0)
	/// Proof: `Models::Models` (`max_values`: None, `max_size`: Some(1197), added: 3672, mode: `MaxEncodedLen`)
	/// Storage: `Models::Manifests` (r:1 w:0)
	/// Proof: `Models::Manifests` (`max_values`: None, `max_size`: Some(30225), added: 32700, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:9 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:1 w:2)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `Inference::NextRequest` (r:1 w:1)
	/// Proof: `Inference::NextRequest` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::RequestCounters` (r:1 w:1)
	/// Proof: `Inference::RequestCounters` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn escalate() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `115783`
		//  Estimated: `7359790`
		// Minimum execution time: 439_353_000 picoseconds.
		Weight::from_parts(492_311_000, 7359790)
			.saturating_add(T::DbWeight::get().reads(20_u64))
			.saturating_add(T::DbWeight::get().writes(11_u64))
	}
	/// Storage: `Inference::Contested` (r:1 w:1)
	/// Proof: `Inference::Contested` (`max_values`: None, `max_size`: Some(7356325), added: 7358800, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:0)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Models::Models` (r:1 w:0)
	/// Proof: `Models::Models` (`max_values`: None, `max_size`: Some(1197), added: 3672, mode: `MaxEncodedLen`)
	/// Storage: `Models::Manifests` (r:1 w:0)
	/// Proof: `Models::Manifests` (`max_values`: None, `max_size`: Some(30225), added: 32700, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:10 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:7 w:7)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::RosterIndex` (r:1 w:0)
	/// Proof: `Attestation::RosterIndex` (`max_values`: Some(1), `max_size`: Some(6402), added: 6897, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::PenaltyQueueTail` (r:1 w:1)
	/// Proof: `Attestation::PenaltyQueueTail` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::PendingPenalties` (r:0 w:7)
	/// Proof: `Attestation::PendingPenalties` (`max_values`: None, `max_size`: Some(626), added: 3101, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::PenaltyQueue` (r:0 w:7)
	/// Proof: `Attestation::PenaltyQueue` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// The range of component `p` is `[1, 7]`.
	fn judge_again(p: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `25536 + p * (4363 ±0)`
		//  Estimated: `7359790 + p * (2955 ±0)`
		// Minimum execution time: 226_827_000 picoseconds.
		Weight::from_parts(185_070_305, 7359790)
			// Standard Error: 1_553_764
			.saturating_add(Weight::from_parts(58_129_802, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(16_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(2_u64))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 2955).saturating_mul(p.into()))
	}
	/// Storage: `Inference::Agenda` (r:0 w:1)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Contested` (r:0 w:1)
	/// Proof: `Inference::Contested` (`max_values`: None, `max_size`: Some(7356325), added: 7358800, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	fn drop_contested() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `0`
		//  Estimated: `0`
		// Minimum execution time: 7_471_000 picoseconds.
		Weight::from_parts(9_634_000, 0)
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Inference::IncompleteSince` (r:1 w:1)
	/// Proof: `Inference::IncompleteSince` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn agenda_base() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `185`
		//  Estimated: `1489`
		// Minimum execution time: 8_863_000 picoseconds.
		Weight::from_parts(10_225_000, 1489)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Inference::Agenda` (r:1 w:0)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn agenda_slot() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `175`
		//  Estimated: `3493`
		// Minimum execution time: 11_257_000 picoseconds.
		Weight::from_parts(13_049_000, 3493)
			.saturating_add(T::DbWeight::get().reads(1_u64))
	}
	/// Storage: `Inference::Agenda` (r:2 w:0)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:1 w:0)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	fn agenda_item() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `393`
		//  Estimated: `5996`
		// Minimum execution time: 22_032_000 picoseconds.
		Weight::from_parts(25_308_000, 5996)
			.saturating_add(T::DbWeight::get().reads(3_u64))
	}
	/// Storage: `Parameters::Parameters` (r:3 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Servers` (r:1 w:0)
	/// Proof: `Attestation::Servers` (`max_values`: None, `max_size`: Some(3218), added: 5693, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Roster` (r:100 w:0)
	/// Proof: `Attestation::Roster` (`max_values`: None, `max_size`: Some(112), added: 2587, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:100 w:15)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `Session::CurrentIndex` (r:1 w:0)
	/// Proof: `Session::CurrentIndex` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::OpenPanels` (r:0 w:1)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1755), added: 4230, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Assignments` (r:0 w:15)
	/// Proof: `Attestation::Assignments` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// The range of component `p` is `[1, 15]`.
	/// The range of component `s` is `[15, 100]`.
	fn draw(p: u32, s: u32, ) -> Weight {
		// Estimated from the measurement with 100 attesters.
		Weight::from_parts(100_000_000, 296490)
			.saturating_add(Weight::from_parts(6_144_917, 0).saturating_mul(p.into()))
			.saturating_add(Weight::from_parts(10_400_000, 0).saturating_mul(s.into()))
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(s.into())))
			.saturating_add(T::DbWeight::get().writes(4_u64))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(p.into())))
	}
	/// Storage: `Attestation::OpenPanels` (r:1 w:1)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1755), added: 4230, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:15 w:15)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Answers` (r:1 w:0)
	/// Proof: `Attestation::Answers` (`max_values`: None, `max_size`: Some(1050802), added: 1053277, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Assignments` (r:15 w:15)
	/// Proof: `Attestation::Assignments` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:16 w:16)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:11 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:16 w:16)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Settlements` (r:0 w:1)
	/// Proof: `Inference::Settlements` (`max_values`: None, `max_size`: Some(1052000), added: 1054475, mode: `MaxEncodedLen`)
	/// The range of component `p` is `[1, 15]`.
	fn close_commitments(p: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `3303 + p * (598 ±0)`
		//  Estimated: `1054267 + p * (2955 ±0)`
		// Minimum execution time: 297_221_000 picoseconds.
		Weight::from_parts(216_589_938, 1054267)
			// Standard Error: 630_589
			.saturating_add(Weight::from_parts(84_558_376, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(18_u64))
			.saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(10_u64))
			.saturating_add(T::DbWeight::get().writes((4_u64).saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 2955).saturating_mul(p.into()))
	}
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::OpenPanels` (r:1 w:1)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1755), added: 4230, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:15 w:15)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Answers` (r:9 w:8)
	/// Proof: `Attestation::Answers` (`max_values`: None, `max_size`: Some(1050802), added: 1053277, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Assignments` (r:15 w:15)
	/// Proof: `Attestation::Assignments` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Models::Models` (r:1 w:0)
	/// Proof: `Models::Models` (`max_values`: None, `max_size`: Some(1197), added: 3672, mode: `MaxEncodedLen`)
	/// Storage: `Models::Manifests` (r:1 w:0)
	/// Proof: `Models::Manifests` (`max_values`: None, `max_size`: Some(30225), added: 32700, mode: `MaxEncodedLen`)
	/// Storage: `Staking::ActiveEra` (r:1 w:0)
	/// Proof: `Staking::ActiveEra` (`max_values`: Some(1), `max_size`: Some(13), added: 508, mode: `MaxEncodedLen`)
	/// Storage: `Staking::ErasStakersOverview` (r:8 w:0)
	/// Proof: `Staking::ErasStakersOverview` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:10 w:10)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:11 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::RosterIndex` (r:1 w:0)
	/// Proof: `Attestation::RosterIndex` (`max_values`: Some(1), `max_size`: Some(6402), added: 6897, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::PenaltyQueueTail` (r:1 w:1)
	/// Proof: `Attestation::PenaltyQueueTail` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Settlements` (r:0 w:1)
	/// Proof: `Inference::Settlements` (`max_values`: None, `max_size`: Some(1052000), added: 1054475, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::PendingPenalties` (r:0 w:7)
	/// Proof: `Attestation::PendingPenalties` (`max_values`: None, `max_size`: Some(626), added: 3101, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::PenaltyQueue` (r:0 w:7)
	/// Proof: `Attestation::PenaltyQueue` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// The range of component `p` is `[1, 15]`.
	fn settle_exact(p: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `49098 + p * (33477 ±0)`
		//  Estimated: `1239824 + p * (543800 ±348)`
		// Minimum execution time: 721_832_000 picoseconds.
		Weight::from_parts(693_382_937, 1239824)
			// Standard Error: 3_411_527
			.saturating_add(Weight::from_parts(97_435_429, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(18_u64))
			.saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(11_u64))
			.saturating_add(T::DbWeight::get().writes((4_u64).saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 543800).saturating_mul(p.into()))
	}
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::OpenPanels` (r:1 w:1)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1755), added: 4230, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:15 w:15)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Answers` (r:16 w:15)
	/// Proof: `Attestation::Answers` (`max_values`: None, `max_size`: Some(1050802), added: 1053277, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Assignments` (r:15 w:15)
	/// Proof: `Attestation::Assignments` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Models::Models` (r:1 w:0)
	/// Proof: `Models::Models` (`max_values`: None, `max_size`: Some(1197), added: 3672, mode: `MaxEncodedLen`)
	/// Storage: `Models::Manifests` (r:1 w:0)
	/// Proof: `Models::Manifests` (`max_values`: None, `max_size`: Some(30225), added: 32700, mode: `MaxEncodedLen`)
	/// Storage: `Staking::ActiveEra` (r:1 w:0)
	/// Proof: `Staking::ActiveEra` (`max_values`: Some(1), `max_size`: Some(13), added: 508, mode: `MaxEncodedLen`)
	/// Storage: `Staking::ErasStakersOverview` (r:15 w:0)
	/// Proof: `Staking::ErasStakersOverview` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:17 w:17)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:2 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Settlements` (r:0 w:1)
	/// Proof: `Inference::Settlements` (`max_values`: None, `max_size`: Some(1052000), added: 1054475, mode: `MaxEncodedLen`)
	/// The range of component `p` is `[1, 15]`.
	fn settle_approximate(p: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `24602 + p * (4626 ±0)`
		//  Estimated: `1054267 + p * (1053277 ±0)`
		// Minimum execution time: 386_393_000 picoseconds.
		Weight::from_parts(60_293_047, 1054267)
			// Standard Error: 4_615_329
			.saturating_add(Weight::from_parts(179_323_812, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(13_u64))
			.saturating_add(T::DbWeight::get().reads((5_u64).saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(11_u64))
			.saturating_add(T::DbWeight::get().writes((4_u64).saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 1053277).saturating_mul(p.into()))
	}
	fn compare() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `0`
		//  Estimated: `0`
		// Minimum execution time: 12_579_000 picoseconds.
		Weight::from_parts(12_799_000, 0)
	}
	/// Storage: `Inference::Settlements` (r:1 w:1)
	/// Proof: `Inference::Settlements` (`max_values`: None, `max_size`: Some(1052000), added: 1054475, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:1)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn prune() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `195`
		//  Estimated: `1055465`
		// Minimum execution time: 19_228_000 picoseconds.
		Weight::from_parts(23_656_000, 1055465)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
}

// For tests.
impl WeightInfo for () {
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Models::Models` (r:1 w:0)
	/// Proof: `Models::Models` (`max_values`: None, `max_size`: Some(1197), added: 3672, mode: `MaxEncodedLen`)
	/// Storage: `Models::Manifests` (r:1 w:0)
	/// Proof: `Models::Manifests` (`max_values`: None, `max_size`: Some(30225), added: 32700, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:9 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `Inference::NextRequest` (r:1 w:1)
	/// Proof: `Inference::NextRequest` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::RequestCounters` (r:1 w:1)
	/// Proof: `Inference::RequestCounters` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:1)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// The range of component `b` is `[0, 62000]`.
	fn request(b: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `21089`
		//  Estimated: `33690`
		// Minimum execution time: 634_782_000 picoseconds.
		Weight::from_parts(650_750_929, 33690)
			// Standard Error: 26
			.saturating_add(Weight::from_parts(6_544, 0).saturating_mul(b.into()))
			.saturating_add(RocksDbWeight::get().reads(18_u64))
			.saturating_add(RocksDbWeight::get().writes(8_u64))
	}
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Models::Models` (r:1 w:0)
	/// Proof: `Models::Models` (`max_values`: None, `max_size`: Some(1197), added: 3672, mode: `MaxEncodedLen`)
	/// Storage: `Models::Manifests` (r:1 w:0)
	/// Proof: `Models::Manifests` (`max_values`: None, `max_size`: Some(30225), added: 32700, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:9 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `Inference::NextRequest` (r:1 w:1)
	/// Proof: `Inference::NextRequest` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::RequestCounters` (r:1 w:1)
	/// Proof: `Inference::RequestCounters` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:256 w:256)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:256)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:256)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 256]`.
	/// The range of component `b` is `[0, 62000]`.
	fn request_batch(n: u32, b: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `21089`
		//  Estimated: `33690 + n * (2712 ±0)`
		// Minimum execution time: 1_017_341_000 picoseconds.
		Weight::from_parts(7_304_111, 33690)
			// Standard Error: 21_502_576
			.saturating_add(Weight::from_parts(475_562_393, 0).saturating_mul(n.into()))
			// Standard Error: 88_543
			.saturating_add(Weight::from_parts(63_069, 0).saturating_mul(b.into()))
			.saturating_add(RocksDbWeight::get().reads(17_u64))
			.saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(RocksDbWeight::get().writes(5_u64))
			.saturating_add(RocksDbWeight::get().writes((3_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2712).saturating_mul(n.into()))
	}
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:2 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Settlements` (r:0 w:1)
	/// Proof: `Inference::Settlements` (`max_values`: None, `max_size`: Some(1052000), added: 1054475, mode: `MaxEncodedLen`)
	fn cancel() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `1578`
		//  Estimated: `6012`
		// Minimum execution time: 120_900_000 picoseconds.
		Weight::from_parts(136_773_000, 6012)
			.saturating_add(RocksDbWeight::get().reads(6_u64))
			.saturating_add(RocksDbWeight::get().writes(8_u64))
	}
	/// Storage: `Inference::Contested` (r:1 w:1)
	/// Proof: `Inference::Contested` (`max_values`: None, `max_size`: Some(7356325), added: 7358800, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Models::Models` (r:1 w:0)
	/// Proof: `Models::Models` (`max_values`: None, `max_size`: Some(1197), added: 3672, mode: `MaxEncodedLen`)
	/// Storage: `Models::Manifests` (r:1 w:0)
	/// Proof: `Models::Manifests` (`max_values`: None, `max_size`: Some(30225), added: 32700, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:9 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:1 w:2)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `Inference::NextRequest` (r:1 w:1)
	/// Proof: `Inference::NextRequest` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::RequestCounters` (r:1 w:1)
	/// Proof: `Inference::RequestCounters` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn escalate() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `115783`
		//  Estimated: `7359790`
		// Minimum execution time: 439_353_000 picoseconds.
		Weight::from_parts(492_311_000, 7359790)
			.saturating_add(RocksDbWeight::get().reads(20_u64))
			.saturating_add(RocksDbWeight::get().writes(11_u64))
	}
	/// Storage: `Inference::Contested` (r:1 w:1)
	/// Proof: `Inference::Contested` (`max_values`: None, `max_size`: Some(7356325), added: 7358800, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:0)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Models::Models` (r:1 w:0)
	/// Proof: `Models::Models` (`max_values`: None, `max_size`: Some(1197), added: 3672, mode: `MaxEncodedLen`)
	/// Storage: `Models::Manifests` (r:1 w:0)
	/// Proof: `Models::Manifests` (`max_values`: None, `max_size`: Some(30225), added: 32700, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:10 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:7 w:7)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::RosterIndex` (r:1 w:0)
	/// Proof: `Attestation::RosterIndex` (`max_values`: Some(1), `max_size`: Some(6402), added: 6897, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::PenaltyQueueTail` (r:1 w:1)
	/// Proof: `Attestation::PenaltyQueueTail` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::PendingPenalties` (r:0 w:7)
	/// Proof: `Attestation::PendingPenalties` (`max_values`: None, `max_size`: Some(626), added: 3101, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::PenaltyQueue` (r:0 w:7)
	/// Proof: `Attestation::PenaltyQueue` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// The range of component `p` is `[1, 7]`.
	fn judge_again(p: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `25536 + p * (4363 ±0)`
		//  Estimated: `7359790 + p * (2955 ±0)`
		// Minimum execution time: 226_827_000 picoseconds.
		Weight::from_parts(185_070_305, 7359790)
			// Standard Error: 1_553_764
			.saturating_add(Weight::from_parts(58_129_802, 0).saturating_mul(p.into()))
			.saturating_add(RocksDbWeight::get().reads(16_u64))
			.saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(p.into())))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
			.saturating_add(RocksDbWeight::get().writes((3_u64).saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 2955).saturating_mul(p.into()))
	}
	/// Storage: `Inference::Agenda` (r:0 w:1)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Contested` (r:0 w:1)
	/// Proof: `Inference::Contested` (`max_values`: None, `max_size`: Some(7356325), added: 7358800, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	fn drop_contested() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `0`
		//  Estimated: `0`
		// Minimum execution time: 7_471_000 picoseconds.
		Weight::from_parts(9_634_000, 0)
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	/// Storage: `Inference::IncompleteSince` (r:1 w:1)
	/// Proof: `Inference::IncompleteSince` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn agenda_base() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `185`
		//  Estimated: `1489`
		// Minimum execution time: 8_863_000 picoseconds.
		Weight::from_parts(10_225_000, 1489)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Inference::Agenda` (r:1 w:0)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn agenda_slot() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `175`
		//  Estimated: `3493`
		// Minimum execution time: 11_257_000 picoseconds.
		Weight::from_parts(13_049_000, 3493)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
	}
	/// Storage: `Inference::Agenda` (r:2 w:0)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:1 w:0)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	fn agenda_item() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `393`
		//  Estimated: `5996`
		// Minimum execution time: 22_032_000 picoseconds.
		Weight::from_parts(25_308_000, 5996)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
	}
	/// Storage: `Parameters::Parameters` (r:3 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Servers` (r:1 w:0)
	/// Proof: `Attestation::Servers` (`max_values`: None, `max_size`: Some(3218), added: 5693, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Roster` (r:100 w:0)
	/// Proof: `Attestation::Roster` (`max_values`: None, `max_size`: Some(112), added: 2587, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:100 w:15)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `Session::CurrentIndex` (r:1 w:0)
	/// Proof: `Session::CurrentIndex` (`max_values`: Some(1), `max_size`: None, mode: `Measured`)
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::OpenPanels` (r:0 w:1)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1755), added: 4230, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Assignments` (r:0 w:15)
	/// Proof: `Attestation::Assignments` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// The range of component `p` is `[1, 15]`.
	/// The range of component `s` is `[15, 100]`.
	fn draw(p: u32, s: u32, ) -> Weight {
		// Estimated from the measurement with 100 attesters.
		Weight::from_parts(100_000_000, 296490)
			.saturating_add(Weight::from_parts(6_144_917, 0).saturating_mul(p.into()))
			.saturating_add(Weight::from_parts(10_400_000, 0).saturating_mul(s.into()))
			.saturating_add(RocksDbWeight::get().reads(6_u64))
			.saturating_add(RocksDbWeight::get().reads((2_u64).saturating_mul(s.into())))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
			.saturating_add(RocksDbWeight::get().writes((2_u64).saturating_mul(p.into())))
	}
	/// Storage: `Attestation::OpenPanels` (r:1 w:1)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1755), added: 4230, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:15 w:15)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Answers` (r:1 w:0)
	/// Proof: `Attestation::Answers` (`max_values`: None, `max_size`: Some(1050802), added: 1053277, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Assignments` (r:15 w:15)
	/// Proof: `Attestation::Assignments` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:16 w:16)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:11 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:16 w:16)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Settlements` (r:0 w:1)
	/// Proof: `Inference::Settlements` (`max_values`: None, `max_size`: Some(1052000), added: 1054475, mode: `MaxEncodedLen`)
	/// The range of component `p` is `[1, 15]`.
	fn close_commitments(p: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `3303 + p * (598 ±0)`
		//  Estimated: `1054267 + p * (2955 ±0)`
		// Minimum execution time: 297_221_000 picoseconds.
		Weight::from_parts(216_589_938, 1054267)
			// Standard Error: 630_589
			.saturating_add(Weight::from_parts(84_558_376, 0).saturating_mul(p.into()))
			.saturating_add(RocksDbWeight::get().reads(18_u64))
			.saturating_add(RocksDbWeight::get().reads((4_u64).saturating_mul(p.into())))
			.saturating_add(RocksDbWeight::get().writes(10_u64))
			.saturating_add(RocksDbWeight::get().writes((4_u64).saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 2955).saturating_mul(p.into()))
	}
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::OpenPanels` (r:1 w:1)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1755), added: 4230, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:15 w:15)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Answers` (r:9 w:8)
	/// Proof: `Attestation::Answers` (`max_values`: None, `max_size`: Some(1050802), added: 1053277, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Assignments` (r:15 w:15)
	/// Proof: `Attestation::Assignments` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Models::Models` (r:1 w:0)
	/// Proof: `Models::Models` (`max_values`: None, `max_size`: Some(1197), added: 3672, mode: `MaxEncodedLen`)
	/// Storage: `Models::Manifests` (r:1 w:0)
	/// Proof: `Models::Manifests` (`max_values`: None, `max_size`: Some(30225), added: 32700, mode: `MaxEncodedLen`)
	/// Storage: `Staking::ActiveEra` (r:1 w:0)
	/// Proof: `Staking::ActiveEra` (`max_values`: Some(1), `max_size`: Some(13), added: 508, mode: `MaxEncodedLen`)
	/// Storage: `Staking::ErasStakersOverview` (r:8 w:0)
	/// Proof: `Staking::ErasStakersOverview` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:10 w:10)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:11 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::RosterIndex` (r:1 w:0)
	/// Proof: `Attestation::RosterIndex` (`max_values`: Some(1), `max_size`: Some(6402), added: 6897, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::PenaltyQueueTail` (r:1 w:1)
	/// Proof: `Attestation::PenaltyQueueTail` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Settlements` (r:0 w:1)
	/// Proof: `Inference::Settlements` (`max_values`: None, `max_size`: Some(1052000), added: 1054475, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::PendingPenalties` (r:0 w:7)
	/// Proof: `Attestation::PendingPenalties` (`max_values`: None, `max_size`: Some(626), added: 3101, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::PenaltyQueue` (r:0 w:7)
	/// Proof: `Attestation::PenaltyQueue` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// The range of component `p` is `[1, 15]`.
	fn settle_exact(p: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `49098 + p * (33477 ±0)`
		//  Estimated: `1239824 + p * (543800 ±348)`
		// Minimum execution time: 721_832_000 picoseconds.
		Weight::from_parts(693_382_937, 1239824)
			// Standard Error: 3_411_527
			.saturating_add(Weight::from_parts(97_435_429, 0).saturating_mul(p.into()))
			.saturating_add(RocksDbWeight::get().reads(18_u64))
			.saturating_add(RocksDbWeight::get().reads((4_u64).saturating_mul(p.into())))
			.saturating_add(RocksDbWeight::get().writes(11_u64))
			.saturating_add(RocksDbWeight::get().writes((4_u64).saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 543800).saturating_mul(p.into()))
	}
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(237), added: 2712, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::OpenPanels` (r:1 w:1)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1755), added: 4230, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:15 w:15)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(480), added: 2955, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Answers` (r:16 w:15)
	/// Proof: `Attestation::Answers` (`max_values`: None, `max_size`: Some(1050802), added: 1053277, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Assignments` (r:15 w:15)
	/// Proof: `Attestation::Assignments` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Models::Models` (r:1 w:0)
	/// Proof: `Models::Models` (`max_values`: None, `max_size`: Some(1197), added: 3672, mode: `MaxEncodedLen`)
	/// Storage: `Models::Manifests` (r:1 w:0)
	/// Proof: `Models::Manifests` (`max_values`: None, `max_size`: Some(30225), added: 32700, mode: `MaxEncodedLen`)
	/// Storage: `Staking::ActiveEra` (r:1 w:0)
	/// Proof: `Staking::ActiveEra` (`max_values`: Some(1), `max_size`: Some(13), added: 508, mode: `MaxEncodedLen`)
	/// Storage: `Staking::ErasStakersOverview` (r:15 w:0)
	/// Proof: `Staking::ErasStakersOverview` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:17 w:17)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:2 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Settlements` (r:0 w:1)
	/// Proof: `Inference::Settlements` (`max_values`: None, `max_size`: Some(1052000), added: 1054475, mode: `MaxEncodedLen`)
	/// The range of component `p` is `[1, 15]`.
	fn settle_approximate(p: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `24602 + p * (4626 ±0)`
		//  Estimated: `1054267 + p * (1053277 ±0)`
		// Minimum execution time: 386_393_000 picoseconds.
		Weight::from_parts(60_293_047, 1054267)
			// Standard Error: 4_615_329
			.saturating_add(Weight::from_parts(179_323_812, 0).saturating_mul(p.into()))
			.saturating_add(RocksDbWeight::get().reads(13_u64))
			.saturating_add(RocksDbWeight::get().reads((5_u64).saturating_mul(p.into())))
			.saturating_add(RocksDbWeight::get().writes(11_u64))
			.saturating_add(RocksDbWeight::get().writes((4_u64).saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 1053277).saturating_mul(p.into()))
	}
	fn compare() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `0`
		//  Estimated: `0`
		// Minimum execution time: 12_579_000 picoseconds.
		Weight::from_parts(12_799_000, 0)
	}
	/// Storage: `Inference::Settlements` (r:1 w:1)
	/// Proof: `Inference::Settlements` (`max_values`: None, `max_size`: Some(1052000), added: 1054475, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:1)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn prune() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `195`
		//  Estimated: `1055465`
		// Minimum execution time: 19_228_000 picoseconds.
		Weight::from_parts(23_656_000, 1055465)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
}
