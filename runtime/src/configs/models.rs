// SPDX-License-Identifier: Apache-2.0
//! The registry of models.

use frame_support::{parameter_types, traits::ConstU32};

use crate::{
	Attestation, Balance, Balances, Runtime, RuntimeHoldReason,
	constants::currency::deposit,
	parameters::dynamic_params::models::{ActivationPeriod, ActivationQuorum},
};

/// Releases that one model may have at once.
const MAX_RELEASES: u32 = 64;
/// Open requests that one release may have at once: an eighth of what the chain takes in all.
const MAX_USERS: u32 = super::inference::MAX_OPEN_REQUESTS / 8;

parameter_types! {
	pub const ModelDeposit: Balance = deposit(2, 0);
	pub const ReleaseDeposit: Balance = deposit(2, 0);
	pub const DepositPerByte: Balance = deposit(0, 1);
}

impl pallet_models::Config for Runtime {
	type ActivationPeriod = ActivationPeriod;
	type ActivationQuorum = ActivationQuorum;
	type Currency = Balances;
	type DepositPerByte = DepositPerByte;
	type MaxReleases = ConstU32<MAX_RELEASES>;
	type MaxUsers = ConstU32<MAX_USERS>;
	type ModelDeposit = ModelDeposit;
	type Observer = Attestation;
	type ReleaseDeposit = ReleaseDeposit;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = pallet_models::weights::SubstrateWeight<Runtime>;
}
