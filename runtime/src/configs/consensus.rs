// SPDX-License-Identifier: Apache-2.0
//! BABE, GRANDPA, sessions, and what happens to those who break their rules.

use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU64, ConstU128, Get},
};
use pallet_session::{
	FindAccountFromAuthorIndex, disabling::UpToLimitDisablingStrategy, historical,
};
use sp_runtime::traits::{ConvertInto, OpaqueKeys};

use crate::{
	AccountId, Babe, Balances, Historical, Offences, Runtime, RuntimeEvent, SessionKeys, Staking,
	constants::{
		MAX_EXPOSURE_PAGE_SIZE, MAX_VALIDATORS,
		currency::JUR,
		time::{EPOCH_DURATION, MILLISECS_PER_BLOCK, SLOT_DURATION},
	},
	parameters::dynamic_params::staking::{BondingDuration, SessionsPerEra},
};

parameter_types! {
	pub const EpochDuration: u64 = EPOCH_DURATION as u64;
	pub const ExpectedBlockTime: u64 = MILLISECS_PER_BLOCK;
}

/// Blocks after which an equivocation can no longer be reported: by then the stake behind it may
/// have left.
pub struct ReportLongevity;

impl Get<u64> for ReportLongevity {
	fn get() -> u64 {
		u64::from(BondingDuration::get())
			.saturating_mul(u64::from(SessionsPerEra::get()))
			.saturating_mul(EpochDuration::get())
	}
}

impl pallet_babe::Config for Runtime {
	type DisabledValidators = crate::Session;
	type EpochChangeTrigger = pallet_babe::ExternalTrigger;
	type EpochDuration = EpochDuration;
	type EquivocationReportSystem =
		pallet_babe::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
	type ExpectedBlockTime = ExpectedBlockTime;
	type KeyOwnerProof = sp_session::MembershipProof;
	type MaxAuthorities = ConstU32<MAX_VALIDATORS>;
	type MaxNominators = ConstU32<MAX_EXPOSURE_PAGE_SIZE>;
	type WeightInfo = ();
}

impl pallet_grandpa::Config for Runtime {
	type EquivocationReportSystem =
		pallet_grandpa::EquivocationReportSystem<Self, Offences, Historical, ReportLongevity>;
	type KeyOwnerProof = sp_session::MembershipProof;
	type MaxAuthorities = ConstU32<MAX_VALIDATORS>;
	type MaxNominators = ConstU32<MAX_EXPOSURE_PAGE_SIZE>;
	type MaxSetIdSessionEntries = MaxSetIdSessionEntries;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = ();
}

parameter_types! {
	/// Sessions whose GRANDPA set is remembered: as long as an equivocation can be reported.
	pub MaxSetIdSessionEntries: u64 =
		u64::from(BondingDuration::get()).saturating_mul(u64::from(SessionsPerEra::get()));
}

impl pallet_timestamp::Config for Runtime {
	type MinimumPeriod = ConstU64<{ SLOT_DURATION / 2 }>;
	type Moment = u64;
	type OnTimestampSet = Babe;
	type WeightInfo = pallet_timestamp::weights::SubstrateWeight<Runtime>;
}

impl pallet_authorship::Config for Runtime {
	type EventHandler = Staking;
	type FindAuthor = FindAccountFromAuthorIndex<Self, Babe>;
}

impl pallet_authority_discovery::Config for Runtime {
	type MaxAuthorities = ConstU32<MAX_VALIDATORS>;
}

impl pallet_session::Config for Runtime {
	type Currency = Balances;
	type DisablingStrategy = UpToLimitDisablingStrategy;
	/// Held while an account has session keys.
	type KeyDeposit = ConstU128<JUR>;
	type Keys = SessionKeys;
	type NextSessionRotation = Babe;
	type RuntimeEvent = RuntimeEvent;
	type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
	type SessionManager = historical::NoteHistoricalRoot<Self, Staking>;
	type ShouldEndSession = Babe;
	type ValidatorId = AccountId;
	type ValidatorIdOf = ConvertInto;
	type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
}

impl historical::Config for Runtime {
	/// Exposures are in the staking pallet already; a validator is identified by its account.
	type FullIdentification = ();
	type FullIdentificationOf = pallet_staking::UnitIdentificationOf<Self>;
	type RuntimeEvent = RuntimeEvent;
}

impl pallet_offences::Config for Runtime {
	type IdentificationTuple = historical::IdentificationTuple<Self>;
	type OnOffenceHandler = Staking;
	type RuntimeEvent = RuntimeEvent;
}
