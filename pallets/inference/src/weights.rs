// SPDX-License-Identifier: Apache-2.0
//! Weights of `pallet_inference`.
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
	fn draw(p: u32, ) -> Weight;
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
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(228), added: 2703, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:1)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// The range of component `b` is `[0, 62000]`.
	fn request(b: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `21062`
		//  Estimated: `33690`
		// Minimum execution time: 620_421_000 picoseconds.
		Weight::from_parts(650_634_581, 33690)
			// Standard Error: 22
			.saturating_add(Weight::from_parts(5_949, 0).saturating_mul(b.into()))
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
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(228), added: 2703, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:256)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:256)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 256]`.
	/// The range of component `b` is `[0, 62000]`.
	fn request_batch(n: u32, b: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `21062`
		//  Estimated: `33690 + n * (2703 ±0)`
		// Minimum execution time: 980_917_000 picoseconds.
		Weight::from_parts(1_743_655_664, 33690)
			// Standard Error: 5_381_758
			.saturating_add(Weight::from_parts(475_534_244, 0).saturating_mul(n.into()))
			// Standard Error: 22_165
			.saturating_add(Weight::from_parts(9_584, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(17_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(5_u64))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2703).saturating_mul(n.into()))
	}
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(228), added: 2703, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Settlements` (r:0 w:1)
	/// Proof: `Inference::Settlements` (`max_values`: None, `max_size`: Some(1051975), added: 1054450, mode: `MaxEncodedLen`)
	fn cancel() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `1550`
		//  Estimated: `3693`
		// Minimum execution time: 120_148_000 picoseconds.
		Weight::from_parts(132_476_000, 3693)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(8_u64))
	}
	fn escalate() -> Weight {
		Weight::from_parts(1_000_000_000, 200_000)
			.saturating_add(T::DbWeight::get().reads(14_u64))
			.saturating_add(T::DbWeight::get().writes(14_u64))
	}
	/// The range of component `p` is `[1, 7]`.
	fn judge_again(p: u32, ) -> Weight {
		Weight::from_parts(60_000_000, 60_000)
			.saturating_add(Weight::from_parts(120_000_000, 6_000).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().reads((5_u64).saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(3_u64))
			.saturating_add(T::DbWeight::get().writes((4_u64).saturating_mul(p.into())))
	}
	fn drop_contested() -> Weight {
		Weight::from_parts(60_000_000, 150_000)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Inference::IncompleteSince` (r:1 w:1)
	/// Proof: `Inference::IncompleteSince` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn agenda_base() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `185`
		//  Estimated: `1489`
		// Minimum execution time: 8_162_000 picoseconds.
		Weight::from_parts(9_314_000, 1489)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Inference::Agenda` (r:1 w:0)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn agenda_slot() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `175`
		//  Estimated: `3493`
		// Minimum execution time: 10_625_000 picoseconds.
		Weight::from_parts(12_158_000, 3493)
			.saturating_add(T::DbWeight::get().reads(1_u64))
	}
	/// Storage: `Inference::Agenda` (r:2 w:0)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:1 w:0)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(228), added: 2703, mode: `MaxEncodedLen`)
	fn agenda_item() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `392`
		//  Estimated: `5996`
		// Minimum execution time: 20_009_000 picoseconds.
		Weight::from_parts(22_494_000, 5996)
			.saturating_add(T::DbWeight::get().reads(3_u64))
	}
	/// Storage: `Parameters::Parameters` (r:3 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Servers` (r:1 w:0)
	/// Proof: `Attestation::Servers` (`max_values`: None, `max_size`: Some(3218), added: 5693, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Roster` (r:100 w:0)
	/// Proof: `Attestation::Roster` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:100 w:15)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(228), added: 2703, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::OpenPanels` (r:0 w:1)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1751), added: 4226, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Assignments` (r:0 w:15)
	/// Proof: `Attestation::Assignments` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// The range of component `p` is `[1, 15]`.
	fn draw(p: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `22615`
		//  Estimated: `289090`
		// Minimum execution time: 1_125_100_000 picoseconds.
		Weight::from_parts(1_126_913_804, 289090)
			// Standard Error: 4_877_798
			.saturating_add(Weight::from_parts(14_071_428, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(205_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(p.into())))
	}
	/// Storage: `Attestation::OpenPanels` (r:1 w:1)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1751), added: 4226, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(228), added: 2703, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:15 w:15)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Answers` (r:1 w:0)
	/// Proof: `Attestation::Answers` (`max_values`: None, `max_size`: Some(1050802), added: 1053277, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Assignments` (r:15 w:15)
	/// Proof: `Attestation::Assignments` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Settlements` (r:0 w:1)
	/// Proof: `Inference::Settlements` (`max_values`: None, `max_size`: Some(1051975), added: 1054450, mode: `MaxEncodedLen`)
	/// The range of component `p` is `[1, 15]`.
	fn close_commitments(p: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `2626 + p * (304 ±0)`
		//  Estimated: `1054267 + p * (2881 ±0)`
		// Minimum execution time: 163_633_000 picoseconds.
		Weight::from_parts(143_822_519, 1054267)
			// Standard Error: 1_105_470
			.saturating_add(Weight::from_parts(16_532_926, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(9_u64))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 2881).saturating_mul(p.into()))
	}
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(228), added: 2703, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::OpenPanels` (r:1 w:1)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1751), added: 4226, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:15 w:15)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
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
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:10 w:10)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Settlements` (r:0 w:1)
	/// Proof: `Inference::Settlements` (`max_values`: None, `max_size`: Some(1051975), added: 1054450, mode: `MaxEncodedLen`)
	/// The range of component `p` is `[1, 15]`.
	fn settle_exact(p: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `48082 + p * (33234 ±0)`
		//  Estimated: `1335141 + p * (526639 ±0)`
		// Minimum execution time: 728_302_000 picoseconds.
		Weight::from_parts(620_384_871, 1335141)
			// Standard Error: 12_263_636
			.saturating_add(Weight::from_parts(96_740_941, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(12_u64))
			.saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(12_u64))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 526639).saturating_mul(p.into()))
	}
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(228), added: 2703, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::OpenPanels` (r:1 w:1)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1751), added: 4226, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:15 w:15)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
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
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:17 w:17)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Settlements` (r:0 w:1)
	/// Proof: `Inference::Settlements` (`max_values`: None, `max_size`: Some(1051975), added: 1054450, mode: `MaxEncodedLen`)
	/// The range of component `p` is `[1, 15]`.
	fn settle_approximate(p: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `23854 + p * (4636 ±0)`
		//  Estimated: `1054267 + p * (1053277 ±0)`
		// Minimum execution time: 349_398_000 picoseconds.
		Weight::from_parts(2_047_214, 1054267)
			// Standard Error: 5_367_686
			.saturating_add(Weight::from_parts(176_442_773, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(11_u64))
			.saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(11_u64))
			.saturating_add(T::DbWeight::get().writes((4_u64).saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 1053277).saturating_mul(p.into()))
	}
	fn compare() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `0`
		//  Estimated: `0`
		// Minimum execution time: 13_010_000 picoseconds.
		Weight::from_parts(13_220_000, 0)
	}
	/// Storage: `Inference::Settlements` (r:1 w:1)
	/// Proof: `Inference::Settlements` (`max_values`: None, `max_size`: Some(1051975), added: 1054450, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:1)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn prune() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `195`
		//  Estimated: `1055440`
		// Minimum execution time: 19_319_000 picoseconds.
		Weight::from_parts(22_133_000, 1055440)
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
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(228), added: 2703, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:1)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// The range of component `b` is `[0, 62000]`.
	fn request(b: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `21062`
		//  Estimated: `33690`
		// Minimum execution time: 620_421_000 picoseconds.
		Weight::from_parts(650_634_581, 33690)
			// Standard Error: 22
			.saturating_add(Weight::from_parts(5_949, 0).saturating_mul(b.into()))
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
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(228), added: 2703, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:256)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:256)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 256]`.
	/// The range of component `b` is `[0, 62000]`.
	fn request_batch(n: u32, b: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `21062`
		//  Estimated: `33690 + n * (2703 ±0)`
		// Minimum execution time: 980_917_000 picoseconds.
		Weight::from_parts(1_743_655_664, 33690)
			// Standard Error: 5_381_758
			.saturating_add(Weight::from_parts(475_534_244, 0).saturating_mul(n.into()))
			// Standard Error: 22_165
			.saturating_add(Weight::from_parts(9_584, 0).saturating_mul(b.into()))
			.saturating_add(RocksDbWeight::get().reads(17_u64))
			.saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(RocksDbWeight::get().writes(5_u64))
			.saturating_add(RocksDbWeight::get().writes((3_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2703).saturating_mul(n.into()))
	}
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(228), added: 2703, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Settlements` (r:0 w:1)
	/// Proof: `Inference::Settlements` (`max_values`: None, `max_size`: Some(1051975), added: 1054450, mode: `MaxEncodedLen`)
	fn cancel() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `1550`
		//  Estimated: `3693`
		// Minimum execution time: 120_148_000 picoseconds.
		Weight::from_parts(132_476_000, 3693)
			.saturating_add(RocksDbWeight::get().reads(5_u64))
			.saturating_add(RocksDbWeight::get().writes(8_u64))
	}
	fn escalate() -> Weight {
		Weight::from_parts(1_000_000_000, 200_000)
			.saturating_add(RocksDbWeight::get().reads(14_u64))
			.saturating_add(RocksDbWeight::get().writes(14_u64))
	}
	/// The range of component `p` is `[1, 7]`.
	fn judge_again(p: u32, ) -> Weight {
		Weight::from_parts(60_000_000, 60_000)
			.saturating_add(Weight::from_parts(120_000_000, 6_000).saturating_mul(p.into()))
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().reads((5_u64).saturating_mul(p.into())))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
			.saturating_add(RocksDbWeight::get().writes((4_u64).saturating_mul(p.into())))
	}
	fn drop_contested() -> Weight {
		Weight::from_parts(60_000_000, 150_000)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	/// Storage: `Inference::IncompleteSince` (r:1 w:1)
	/// Proof: `Inference::IncompleteSince` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn agenda_base() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `185`
		//  Estimated: `1489`
		// Minimum execution time: 8_162_000 picoseconds.
		Weight::from_parts(9_314_000, 1489)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Inference::Agenda` (r:1 w:0)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn agenda_slot() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `175`
		//  Estimated: `3493`
		// Minimum execution time: 10_625_000 picoseconds.
		Weight::from_parts(12_158_000, 3493)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
	}
	/// Storage: `Inference::Agenda` (r:2 w:0)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:1 w:0)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(228), added: 2703, mode: `MaxEncodedLen`)
	fn agenda_item() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `392`
		//  Estimated: `5996`
		// Minimum execution time: 20_009_000 picoseconds.
		Weight::from_parts(22_494_000, 5996)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
	}
	/// Storage: `Parameters::Parameters` (r:3 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Servers` (r:1 w:0)
	/// Proof: `Attestation::Servers` (`max_values`: None, `max_size`: Some(3218), added: 5693, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Roster` (r:100 w:0)
	/// Proof: `Attestation::Roster` (`max_values`: None, `max_size`: Some(96), added: 2571, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:100 w:15)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(228), added: 2703, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::OpenPanels` (r:0 w:1)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1751), added: 4226, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Assignments` (r:0 w:15)
	/// Proof: `Attestation::Assignments` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// The range of component `p` is `[1, 15]`.
	fn draw(p: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `22615`
		//  Estimated: `289090`
		// Minimum execution time: 1_125_100_000 picoseconds.
		Weight::from_parts(1_126_913_804, 289090)
			// Standard Error: 4_877_798
			.saturating_add(Weight::from_parts(14_071_428, 0).saturating_mul(p.into()))
			.saturating_add(RocksDbWeight::get().reads(205_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
			.saturating_add(RocksDbWeight::get().writes((2_u64).saturating_mul(p.into())))
	}
	/// Storage: `Attestation::OpenPanels` (r:1 w:1)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1751), added: 4226, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(228), added: 2703, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:15 w:15)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Answers` (r:1 w:0)
	/// Proof: `Attestation::Answers` (`max_values`: None, `max_size`: Some(1050802), added: 1053277, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Assignments` (r:15 w:15)
	/// Proof: `Attestation::Assignments` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `Models::Releases` (r:1 w:1)
	/// Proof: `Models::Releases` (`max_values`: None, `max_size`: Some(129), added: 2604, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Settlements` (r:0 w:1)
	/// Proof: `Inference::Settlements` (`max_values`: None, `max_size`: Some(1051975), added: 1054450, mode: `MaxEncodedLen`)
	/// The range of component `p` is `[1, 15]`.
	fn close_commitments(p: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `2626 + p * (304 ±0)`
		//  Estimated: `1054267 + p * (2881 ±0)`
		// Minimum execution time: 163_633_000 picoseconds.
		Weight::from_parts(143_822_519, 1054267)
			// Standard Error: 1_105_470
			.saturating_add(Weight::from_parts(16_532_926, 0).saturating_mul(p.into()))
			.saturating_add(RocksDbWeight::get().reads(7_u64))
			.saturating_add(RocksDbWeight::get().reads((2_u64).saturating_mul(p.into())))
			.saturating_add(RocksDbWeight::get().writes(9_u64))
			.saturating_add(RocksDbWeight::get().writes((2_u64).saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 2881).saturating_mul(p.into()))
	}
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(228), added: 2703, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::OpenPanels` (r:1 w:1)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1751), added: 4226, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:15 w:15)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
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
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:10 w:10)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Settlements` (r:0 w:1)
	/// Proof: `Inference::Settlements` (`max_values`: None, `max_size`: Some(1051975), added: 1054450, mode: `MaxEncodedLen`)
	/// The range of component `p` is `[1, 15]`.
	fn settle_exact(p: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `48082 + p * (33234 ±0)`
		//  Estimated: `1335141 + p * (526639 ±0)`
		// Minimum execution time: 728_302_000 picoseconds.
		Weight::from_parts(620_384_871, 1335141)
			// Standard Error: 12_263_636
			.saturating_add(Weight::from_parts(96_740_941, 0).saturating_mul(p.into()))
			.saturating_add(RocksDbWeight::get().reads(12_u64))
			.saturating_add(RocksDbWeight::get().reads((3_u64).saturating_mul(p.into())))
			.saturating_add(RocksDbWeight::get().writes(12_u64))
			.saturating_add(RocksDbWeight::get().writes((3_u64).saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 526639).saturating_mul(p.into()))
	}
	/// Storage: `Inference::Requests` (r:1 w:1)
	/// Proof: `Inference::Requests` (`max_values`: None, `max_size`: Some(228), added: 2703, mode: `MaxEncodedLen`)
	/// Storage: `Inference::CounterForRequests` (r:1 w:1)
	/// Proof: `Inference::CounterForRequests` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::OpenPanels` (r:1 w:1)
	/// Proof: `Attestation::OpenPanels` (`max_values`: None, `max_size`: Some(1751), added: 4226, mode: `MaxEncodedLen`)
	/// Storage: `Attestation::Attesters` (r:15 w:15)
	/// Proof: `Attestation::Attesters` (`max_values`: None, `max_size`: Some(406), added: 2881, mode: `MaxEncodedLen`)
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
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(175), added: 2650, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:17 w:17)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:1 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:2)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Inputs` (r:0 w:1)
	/// Proof: `Inference::Inputs` (`max_values`: None, `max_size`: Some(1050770), added: 1053245, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Settlements` (r:0 w:1)
	/// Proof: `Inference::Settlements` (`max_values`: None, `max_size`: Some(1051975), added: 1054450, mode: `MaxEncodedLen`)
	/// The range of component `p` is `[1, 15]`.
	fn settle_approximate(p: u32, ) -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `23854 + p * (4636 ±0)`
		//  Estimated: `1054267 + p * (1053277 ±0)`
		// Minimum execution time: 349_398_000 picoseconds.
		Weight::from_parts(2_047_214, 1054267)
			// Standard Error: 5_367_686
			.saturating_add(Weight::from_parts(176_442_773, 0).saturating_mul(p.into()))
			.saturating_add(RocksDbWeight::get().reads(11_u64))
			.saturating_add(RocksDbWeight::get().reads((4_u64).saturating_mul(p.into())))
			.saturating_add(RocksDbWeight::get().writes(11_u64))
			.saturating_add(RocksDbWeight::get().writes((4_u64).saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 1053277).saturating_mul(p.into()))
	}
	fn compare() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `0`
		//  Estimated: `0`
		// Minimum execution time: 13_010_000 picoseconds.
		Weight::from_parts(13_220_000, 0)
	}
	/// Storage: `Inference::Settlements` (r:1 w:1)
	/// Proof: `Inference::Settlements` (`max_values`: None, `max_size`: Some(1051975), added: 1054450, mode: `MaxEncodedLen`)
	/// Storage: `Inference::Agenda` (r:0 w:1)
	/// Proof: `Inference::Agenda` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn prune() -> Weight {
		// Proof Size summary in bytes:
		//  Measured:  `195`
		//  Estimated: `1055440`
		// Minimum execution time: 19_319_000 picoseconds.
		Weight::from_parts(22_133_000, 1055440)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
}
