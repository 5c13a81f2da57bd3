// SPDX-License-Identifier: Apache-2.0
//! Income of attesters and their nominators: whose exposure counts, and where the money waits.

use alloc::vec::Vec;

use frame_support::{PalletId, parameter_types, traits::ConstU32};
use jurat_primitives::income::{EraIndex, ExposureOverview, MAX_PAGES, PagedExposures};

use crate::{
	AccountId, Balance, Balances, Runtime,
	configs::{attestation::Exposures, governance::TreasuryAccount},
	constants::{MAX_ELECTING_VOTERS, MAX_EXPOSURE_PAGE_SIZE},
	parameters::dynamic_params::rewards::{ClaimPeriod, DefaultCommission, MaxCommissionRise},
};

// A set of pages has room for each page that an election can make.
const _: () = assert!(MAX_ELECTING_VOTERS.div_ceil(MAX_EXPOSURE_PAGE_SIZE) <= MAX_PAGES);

/// From which the account of the nominators' pot is derived.
pub const REWARDS_PALLET_ID: PalletId = PalletId(*b"ju/rewds");

parameter_types! {
	pub const RewardsPalletId: PalletId = REWARDS_PALLET_ID;
}

impl PagedExposures<AccountId, Balance> for Exposures {
	fn era() -> EraIndex {
		// At genesis no era is active yet.
		pallet_staking::ActiveEra::<Runtime>::get()
			.map(|active| active.index)
			.or_else(pallet_staking::CurrentEra::<Runtime>::get)
			.unwrap_or_default()
	}

	fn is_validator(who: &AccountId) -> bool {
		pallet_staking::Validators::<Runtime>::contains_key(who)
			|| pallet_staking::ErasStakersOverview::<Runtime>::contains_key(Self::era(), who)
	}

	fn overview(era: EraIndex, validator: &AccountId) -> Option<ExposureOverview<Balance>> {
		let overview = pallet_staking::ErasStakersOverview::<Runtime>::get(era, validator)?;
		Some(ExposureOverview {
			own: overview.own,
			total: overview.total,
			pages: overview.page_count,
		})
	}

	fn page(era: EraIndex, validator: &AccountId, page: u32) -> Vec<(AccountId, Balance)> {
		pallet_staking::ErasStakersPaged::<Runtime>::get((era, validator, page))
			.map(|exposed| exposed.others.into_iter().map(|one| (one.who, one.value)).collect())
			.unwrap_or_default()
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_era(era: EraIndex) {
		let active = pallet_staking::ActiveEraInfo { index: era, start: None };
		pallet_staking::ActiveEra::<Runtime>::put(active);
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_exposure(
		era: EraIndex,
		validator: &AccountId,
		own: Balance,
		nominators: Vec<(AccountId, Balance)>,
	) {
		let total = nominators.iter().fold(own, |sum, (_, value)| sum.saturating_add(*value));
		let others = nominators
			.into_iter()
			.map(|(who, value)| sp_staking::IndividualExposure { who, value })
			.collect();
		let exposure = sp_staking::Exposure { total, own, others };
		pallet_staking::EraInfo::<Runtime>::set_exposure(era, validator, exposure);
	}
}

impl pallet_inference_rewards::Config for Runtime {
	type ClaimPeriod = ClaimPeriod;
	type Currency = Balances;
	type DefaultCommission = DefaultCommission;
	type Exposures = Exposures;
	type MaxCommissionRise = MaxCommissionRise;
	type MaxPageSize = ConstU32<MAX_EXPOSURE_PAGE_SIZE>;
	type PalletId = RewardsPalletId;
	type ProtocolAccount = TreasuryAccount;
	type WeightInfo = pallet_inference_rewards::weights::SubstrateWeight<Runtime>;
}
