// SPDX-License-Identifier: Apache-2.0
//! Balances and fees.

use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU8, ConstU32, ConstU128, tokens::imbalance::ResolveTo},
	weights::{ConstantMultiplier, IdentityFee},
};
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{FixedPointNumber, Perquintill, traits::Bounded};

use crate::{
	Balance, Balances, Runtime, RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason, System,
	configs::governance::TreasuryAccount,
	constants::currency::{EXISTENTIAL_DEPOSIT, MICROJUR},
};

/// Sends what is taken to the treasury.
pub type ToTreasury = ResolveTo<TreasuryAccount, Balances>;

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Runtime {
	type AccountStore = System;
	type Balance = Balance;
	type DoneSlashHandler = ();
	type DustRemoval = ToTreasury;
	type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
	type FreezeIdentifier = RuntimeFreezeReason;
	type MaxFreezes = ConstU32<8>;
	type MaxLocks = ConstU32<50>;
	type MaxReserves = ConstU32<50>;
	type ReserveIdentifier = [u8; 8];
	type RuntimeEvent = RuntimeEvent;
	type RuntimeFreezeReason = RuntimeFreezeReason;
	type RuntimeHoldReason = RuntimeHoldReason;
	type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
	/// Fee of a byte in a block: a full block costs about 5 JUR.
	pub const TransactionByteFee: Balance = MICROJUR;
	/// Fullness at which fees neither rise nor fall.
	pub const TargetBlockFullness: Perquintill = Perquintill::from_percent(25);
	/// Speed of the change: about 30 % in a day of full blocks.
	pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(75, 1_000_000);
	/// Fees never fall below a hundredth of the base.
	pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_rational(1, 100);
	pub MaximumMultiplier: Multiplier = Bounded::max_value();
}

impl pallet_transaction_payment::Config for Runtime {
	type FeeMultiplierUpdate = TargetedFeeAdjustment<
		Self,
		TargetBlockFullness,
		AdjustmentVariable,
		MinimumMultiplier,
		MaximumMultiplier,
	>;
	type LengthToFee = ConstantMultiplier<Balance, TransactionByteFee>;
	type OnChargeTransaction = FungibleAdapter<Balances, ToTreasury>;
	type OperationalFeeMultiplier = ConstU8<5>;
	type RuntimeEvent = RuntimeEvent;
	/// A picosecond of execution costs a planck: a second costs 1 JUR.
	type WeightToFee = IdentityFee<Balance>;
	type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
}
