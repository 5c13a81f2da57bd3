// SPDX-License-Identifier: Apache-2.0
//! Nominated proof of stake.
//!
//! `pallet-staking` is what a chain of its own can use in this release of the SDK, although its
//! authors have turned to one that needs a relay chain. So other pallets see it through the traits
//! of `sp_staking` only. The election runs on chain: the sets are small (see
//! [`crate::constants::MAX_ELECTING_VOTERS`]).

use frame_election_provider_support::{
	ScoreProvider, SequentialPhragmen, VoteWeight, bounds::ElectionBoundsBuilder, onchain,
};
use frame_support::{
	parameter_types,
	traits::{ConstBool, ConstU32, Nothing},
};
use frame_system::EnsureRoot;
use sp_runtime::{Perbill, curve::PiecewiseLinear};

use crate::{
	AccountId, Balance, Balances, Runtime, RuntimeEvent, RuntimeHoldReason, Session, Staking,
	Timestamp, VoterList,
	configs::money::ToTreasury,
	constants::{
		MAX_ELECTABLE_TARGETS, MAX_ELECTING_VOTERS, MAX_EXPOSURE_PAGE_SIZE, MAX_VALIDATORS,
		currency::{EXISTENTIAL_DEPOSIT, JUR},
	},
	parameters::dynamic_params::staking::{BondingDuration, SessionsPerEra, SlashDeferDuration},
};

/// Validators that one nominator may back.
const MAX_NOMINATIONS: u32 = 16;

pallet_staking_reward_curve::build! {
	const REWARD_CURVE: PiecewiseLinear<'static> = curve!(
		min_inflation: 0_025_000,
		max_inflation: 0_100_000,
		ideal_stake: 0_500_000,
		falloff: 0_050_000,
		max_piece_count: 40,
		test_precision: 0_005_000,
	);
}

parameter_types! {
	/// Yearly inflation by the share of all money that is staked.
	pub const RewardCurve: &'static PiecewiseLinear<'static> = &REWARD_CURVE;
	pub ElectionBounds: frame_election_provider_support::bounds::ElectionBounds =
		ElectionBoundsBuilder::default()
			.voters_count(MAX_ELECTING_VOTERS.into())
			.targets_count(MAX_ELECTABLE_TARGETS.into())
			.build();
}

/// The election on chain.
pub struct OnChainElection;

impl onchain::Config for OnChainElection {
	type Bounds = ElectionBounds;
	type DataProvider = Staking;
	type MaxBackersPerWinner = ConstU32<MAX_ELECTING_VOTERS>;
	type MaxWinnersPerPage = ConstU32<MAX_VALIDATORS>;
	type Solver = SequentialPhragmen<AccountId, Perbill>;
	type Sort = ConstBool<true>;
	type System = Runtime;
	type WeightInfo = frame_election_provider_support::weights::SubstrateWeight<Runtime>;
}

/// Sizes of the staking benchmarks.
pub struct StakingBenchmarkingConfig;

impl pallet_staking::BenchmarkingConfig for StakingBenchmarkingConfig {
	type MaxNominators = ConstU32<1_000>;
	type MaxValidators = ConstU32<MAX_VALIDATORS>;
}

impl pallet_staking::Config for Runtime {
	type AdminOrigin = EnsureRoot<AccountId>;
	type BenchmarkingConfig = StakingBenchmarkingConfig;
	type BondingDuration = BondingDuration;
	type Currency = Balances;
	type CurrencyBalance = Balance;
	type CurrencyToVote = sp_staking::currency_to_vote::U128CurrencyToVote;
	type ElectionProvider = onchain::OnChainExecution<OnChainElection>;
	type EraPayout = pallet_staking::ConvertCurve<RewardCurve>;
	type EventListeners = ();
	type Filter = Nothing;
	type GenesisElectionProvider = onchain::OnChainExecution<OnChainElection>;
	/// Must outlive the bonding duration, since a slash looks up the exposure of its era.
	type HistoryDepth = ConstU32<336>;
	type MaxControllersInDeprecationBatch = ConstU32<100>;
	type MaxExposurePageSize = ConstU32<MAX_EXPOSURE_PAGE_SIZE>;
	type MaxUnlockingChunks = ConstU32<32>;
	type MaxValidatorSet = ConstU32<MAX_VALIDATORS>;
	type NextNewSession = Session;
	type NominationsQuota = pallet_staking::FixedNominationsQuota<MAX_NOMINATIONS>;
	type OldCurrency = Balances;
	type Reward = ();
	type RewardRemainder = ToTreasury;
	type RuntimeEvent = RuntimeEvent;
	type RuntimeHoldReason = RuntimeHoldReason;
	type SessionInterface = Self;
	type SessionsPerEra = SessionsPerEra;
	type Slash = ToTreasury;
	type SlashDeferDuration = SlashDeferDuration;
	type TargetList = pallet_staking::UseValidatorsMap<Self>;
	type UnixTime = Timestamp;
	type VoterList = VoterList;
	type WeightInfo = pallet_staking::weights::SubstrateWeight<Runtime>;
}

/// Bags of the voter list.
const BAGS: usize = 44;

/// Upper bounds of the bags, in votes: the existential deposit, then from 1 JUR by half as much
/// again each, up to all votes there can be.
const fn bag_thresholds() -> [u64; BAGS] {
	let mut bags = [0u64; BAGS];
	bags[0] = EXISTENTIAL_DEPOSIT as u64;
	bags[1] = JUR as u64;
	let mut bag = 2;
	while bag < BAGS {
		bags[bag] = match (bags[bag - 1] / 2).checked_mul(3) {
			Some(bound) => bound,
			None => u64::MAX,
		};
		bag += 1;
	}
	bags
}

const BAG_THRESHOLDS: [u64; BAGS] = bag_thresholds();

parameter_types! {
	pub const BagThresholds: &'static [u64] = &BAG_THRESHOLDS;
}

/// The list of voters is the first of its kind; another may sort something else.
pub type VoterBags = pallet_bags_list::Instance1;

/// Votes of those who vote. The list puts in by itself whoever has a score: with the staking pallet's
/// own scores, which every stake has, somebody who has just left would be on it again.
pub struct VoterScores;

impl ScoreProvider<AccountId> for VoterScores {
	type Score = VoteWeight;

	fn score(who: &AccountId) -> Option<VoteWeight> {
		let votes = pallet_staking::Validators::<Runtime>::contains_key(who)
			|| pallet_staking::Nominators::<Runtime>::contains_key(who);
		if votes { <Staking as ScoreProvider<AccountId>>::score(who) } else { None }
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn set_score_of(who: &AccountId, score: VoteWeight) {
		<Staking as ScoreProvider<AccountId>>::set_score_of(who, score);
		pallet_staking::Validators::<Runtime>::insert(
			who,
			pallet_staking::ValidatorPrefs::default(),
		);
	}
}

impl pallet_bags_list::Config<VoterBags> for Runtime {
	type BagThresholds = BagThresholds;
	type MaxAutoRebagPerBlock = ConstU32<10>;
	type RuntimeEvent = RuntimeEvent;
	type Score = VoteWeight;
	type ScoreProvider = VoterScores;
	type WeightInfo = pallet_bags_list::weights::SubstrateWeight<Runtime>;
}
