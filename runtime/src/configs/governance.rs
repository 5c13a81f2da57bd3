// SPDX-License-Identifier: Apache-2.0
//! The treasury, and who decides.
//!
//! Root decides for now: sudo on test networks. The treasury spends by its call `spend`, which
//! pays out of the treasury's own account.

use frame_support::{
	PalletId, parameter_types,
	traits::{
		ConstU32,
		tokens::{PayFromAccount, UnityAssetBalanceConversion},
	},
};
use frame_system::{EnsureRoot, EnsureRootWithSuccess};
use sp_runtime::{
	Permill,
	traits::{AccountIdConversion, IdentityLookup},
};

use crate::{
	AccountId, Balance, Balances, BlockNumber, Runtime, RuntimeCall, RuntimeEvent, System,
	constants::time::DAYS,
};

/// From which the treasury's account is derived.
pub const TREASURY_PALLET_ID: PalletId = PalletId(*b"ju/trsry");

parameter_types! {
	pub const TreasuryPalletId: PalletId = TREASURY_PALLET_ID;
	pub TreasuryAccount: AccountId = TREASURY_PALLET_ID.into_account_truncating();
	pub const SpendPeriod: BlockNumber = DAYS;
	pub const NoBurn: Permill = Permill::zero();
	pub const PayoutPeriod: BlockNumber = 30 * DAYS;
	pub const MaxSpend: Balance = Balance::MAX;
}

impl pallet_treasury::Config for Runtime {
	type AssetKind = ();
	type BalanceConverter = UnityAssetBalanceConversion;
	#[cfg(feature = "runtime-benchmarks")]
	type BenchmarkHelper = TreasuryBenchmarkHelper;
	type Beneficiary = AccountId;
	type BeneficiaryLookup = IdentityLookup<AccountId>;
	type BlockNumberProvider = System;
	type Burn = NoBurn;
	type BurnDestination = ();
	type Currency = Balances;
	type MaxApprovals = ConstU32<0>;
	type PalletId = TreasuryPalletId;
	type Paymaster = PayFromAccount<Balances, TreasuryAccount>;
	type PayoutPeriod = PayoutPeriod;
	type RejectOrigin = EnsureRoot<AccountId>;
	type RuntimeEvent = RuntimeEvent;
	type SpendFunds = ();
	type SpendOrigin = EnsureRootWithSuccess<AccountId, MaxSpend>;
	type SpendPeriod = SpendPeriod;
	type WeightInfo = pallet_treasury::weights::SubstrateWeight<Runtime>;
}

/// Makes beneficiaries for the treasury's benchmarks.
#[cfg(feature = "runtime-benchmarks")]
pub struct TreasuryBenchmarkHelper;

#[cfg(feature = "runtime-benchmarks")]
impl pallet_treasury::ArgumentsFactory<(), AccountId> for TreasuryBenchmarkHelper {
	fn create_asset_kind(_seed: u32) {}

	fn create_beneficiary(seed: [u8; 32]) -> AccountId {
		use frame_support::traits::fungible::Mutate;

		let beneficiary = AccountId::from(seed);
		let _ = Balances::mint_into(&beneficiary, crate::constants::currency::EXISTENTIAL_DEPOSIT);
		beneficiary
	}
}

impl pallet_sudo::Config for Runtime {
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_sudo::weights::SubstrateWeight<Runtime>;
}
