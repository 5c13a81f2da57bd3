// SPDX-License-Identifier: Apache-2.0
//! Requests: prices, windows, and who hears of settlements.

use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU64},
	weights::Weight,
};
use sp_runtime::Perbill;

use crate::{
	Attestation, Balances, Models, Rewards, Runtime, RuntimeHoldReason,
	configs::governance::TreasuryAccount,
	constants::MAXIMUM_BLOCK_WEIGHT,
	parameters::dynamic_params::inference::{
		BaseFee, BytePrice, ComputePrice, DrawRetryPeriod, EscalationWindow, MaxDeadline,
		MinDeadline, OutputBytePrice, ProtocolCut, ResultRetention,
	},
};

/// Open requests on the whole chain.
pub const MAX_OPEN_REQUESTS: u32 = 65_536;
/// Bytes of an input that is named by hash.
const MAX_BLOB_INPUT: u64 = 256 * 1024 * 1024;

parameter_types! {
	/// What the agenda may use at the start of a block. At its end it may use what is left.
	pub AgendaWeight: Weight = Perbill::from_percent(25) * MAXIMUM_BLOCK_WEIGHT;
}

impl pallet_inference::Config for Runtime {
	type AgendaWeight = AgendaWeight;
	type BaseFee = BaseFee;
	type BytePrice = BytePrice;
	type ComputePrice = ComputePrice;
	type Currency = Balances;
	type DrawRetryPeriod = DrawRetryPeriod;
	type EscalationWindow = EscalationWindow;
	type Income = Rewards;
	type MaxBlobInput = ConstU64<MAX_BLOB_INPUT>;
	type MaxDeadline = MaxDeadline;
	type MaxOpenRequests = ConstU32<MAX_OPEN_REQUESTS>;
	type MinDeadline = MinDeadline;
	type OnSettled = ();
	type OutputBytePrice = OutputBytePrice;
	type Panels = Attestation;
	type ProtocolAccount = TreasuryAccount;
	type ProtocolCut = ProtocolCut;
	type Releases = Models;
	type ResultRetention = ResultRetention;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = pallet_inference::weights::SubstrateWeight<Runtime>;
}
