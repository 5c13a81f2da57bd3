// SPDX-License-Identifier: Apache-2.0
//! A chain of this pallet and balances, with exposures that a test can set.

use crate::{self as pallet_inference_rewards, Error, Event, Incomes};
use frame_support::{
	PalletId, assert_ok, derive_impl, parameter_types,
	traits::{
		fungible::{Inspect, Mutate},
		tokens::Preservation,
	},
	weights::Weight,
};
use jurat_primitives::income::{Division, EraIndex, ExposureOverview, Income, PagedExposures};
use sp_runtime::{BuildStorage, Perbill};
use std::{cell::RefCell, collections::BTreeMap};

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeTask,
		RuntimeHoldReason,
		RuntimeFreezeReason,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type Rewards = pallet_inference_rewards;
}

pub type AccountId = u64;
pub type Balance = u64;
pub type Block = frame_system::mocking::MockBlock<Test>;
pub type E = Error<Test>;

/// A validator with nominators.
pub const VALIDATOR: AccountId = 1;
/// A validator whom nobody nominates.
pub const LONER: AccountId = 2;
/// Stands for election.
pub const CANDIDATE: AccountId = 3;
/// Is nothing but an account.
pub const ANYBODY: AccountId = 4;
/// Pays for inferences.
pub const REQUESTER: AccountId = 5;
pub const TREASURY: AccountId = 9;
/// The nominators of the validator, with funds.
pub const NOMINATORS: [AccountId; 5] = [11, 12, 13, 14, 15];
/// Has no account.
pub const NOBODY: AccountId = 99;

pub const FUNDS: Balance = 1_000_000;
pub const MINIMUM: Balance = 10;
/// The era that runs when a test begins.
pub const FIRST: EraIndex = 5;
/// The validator's own stake. With its nominators' it is 1,000.
pub const OWN: Balance = 250;
/// What each nominator backs it with.
pub const STAKES: [Balance; 5] = [50, 100, 150, 200, 250];

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type ExistentialDeposit = ExistentialDeposit;
}

parameter_types! {
	pub static ExistentialDeposit: Balance = MINIMUM;
	pub static ProtocolAccount: AccountId = TREASURY;
	pub const RewardsPalletId: PalletId = PalletId(*b"ju/rewds");
	pub static Era: EraIndex = FIRST;
	pub static MaxPageSize: u32 = 2;
	pub static DefaultCommission: Perbill = Perbill::from_percent(10);
	pub static MaxCommissionRise: Perbill = Perbill::from_percent(1);
	pub static ClaimPeriod: EraIndex = 3;
}

impl pallet_inference_rewards::Config for Test {
	type Currency = Balances;
	type Exposures = Exposures;
	type PalletId = RewardsPalletId;
	type ProtocolAccount = ProtocolAccount;
	type MaxPageSize = MaxPageSize;
	type DefaultCommission = DefaultCommission;
	type MaxCommissionRise = MaxCommissionRise;
	type ClaimPeriod = ClaimPeriod;
	type WeightInfo = ();
}

type Exposed = (Balance, Vec<(AccountId, Balance)>);

thread_local! {
	static EXPOSED: RefCell<BTreeMap<(EraIndex, AccountId), Exposed>> = RefCell::default();
}

/// A staking system that knows what a test tells it.
pub struct Exposures;

impl Exposures {
	pub fn set(era: EraIndex, validator: AccountId, own: Balance, others: &[(AccountId, Balance)]) {
		EXPOSED.with_borrow_mut(|known| known.insert((era, validator), (own, others.to_vec())));
	}

	/// The era is so long over that its exposures are gone.
	pub fn forget(era: EraIndex) {
		EXPOSED.with_borrow_mut(|known| known.retain(|(of, _), _| *of != era));
	}

	fn of(era: EraIndex, validator: AccountId) -> Option<Exposed> {
		EXPOSED.with_borrow(|known| known.get(&(era, validator)).cloned())
	}
}

impl PagedExposures<AccountId, Balance> for Exposures {
	fn era() -> EraIndex {
		Era::get()
	}

	fn is_validator(who: &AccountId) -> bool {
		*who == CANDIDATE || Self::of(Era::get(), *who).is_some()
	}

	fn overview(era: EraIndex, validator: &AccountId) -> Option<ExposureOverview<Balance>> {
		Self::of(era, *validator).map(|(own, others)| ExposureOverview {
			own,
			total: own + others.iter().map(|(_, value)| value).sum::<Balance>(),
			pages: (others.len() as u32).div_ceil(MaxPageSize::get()),
		})
	}

	fn page(era: EraIndex, validator: &AccountId, page: u32) -> Vec<(AccountId, Balance)> {
		let (_, others) = Self::of(era, *validator).unwrap_or_default();
		let size = MaxPageSize::get() as usize;
		others.chunks(size).nth(page as usize).map(<[_]>::to_vec).unwrap_or_default()
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_era(era: EraIndex) {
		Era::set(era);
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_exposure(
		era: EraIndex,
		validator: &AccountId,
		own: Balance,
		nominators: Vec<(AccountId, Balance)>,
	) {
		Self::set(era, *validator, own, &nominators);
	}
}

#[derive(Default)]
pub struct ExtBuilder {
	surplus: Balance,
}

impl ExtBuilder {
	/// In the end the pot has so much more than its endowment and what it owes.
	pub fn surplus(mut self, amount: Balance) -> Self {
		self.surplus = amount;
		self
	}

	pub fn build(self) -> sp_io::TestExternalities {
		EXPOSED.take();
		Era::set(FIRST);
		ExistentialDeposit::set(MINIMUM);
		ProtocolAccount::set(TREASURY);
		MaxPageSize::set(2);
		DefaultCommission::set(percent(10));
		MaxCommissionRise::set(percent(1));
		ClaimPeriod::set(3);
		let accounts = [VALIDATOR, LONER, CANDIDATE, ANYBODY, REQUESTER, TREASURY];
		let storage = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig {
				balances: accounts.into_iter().chain(NOMINATORS).map(|a| (a, FUNDS)).collect(),
				..Default::default()
			},
			..Default::default()
		}
		.build_storage()
		.expect("balances are above the minimum");
		let mut ext = sp_io::TestExternalities::new(storage);
		ext.execute_with(|| {
			System::set_block_number(1);
			begin_era(FIRST);
		});
		ext
	}

	/// Runs a test; the invariants must hold after it, and not a unit may come or go.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		let surplus = self.surplus;
		self.build().execute_with(|| {
			let issuance = Balances::total_issuance();
			test();
			assert_ok!(Rewards::do_try_state());
			assert_eq!(free(pot()), MINIMUM + owed() + surplus);
			assert_eq!(Balances::total_issuance(), issuance);
		})
	}
}

/// The next era, with the same exposures as each.
pub fn begin_era(era: EraIndex) {
	Era::set(era);
	let others: Vec<_> = NOMINATORS.into_iter().zip(STAKES).collect();
	Exposures::set(era, VALIDATOR, OWN, &others);
	Exposures::set(era, LONER, OWN, &[]);
}

/// What `pallet-inference` does with the pay of an attester.
pub fn earn(attester: AccountId, amount: Balance) -> Division<Balance> {
	let division = Rewards::divide(&attester, amount);
	assert_eq!(division.own + division.shared, amount);
	let pay = |to, part| {
		if part > 0 {
			let paid = Balances::transfer(&REQUESTER, &to, part, Preservation::Preserve);
			assert_ok!(paid);
		}
	};
	pay(attester, division.own);
	pay(<Rewards as Income<_, _>>::pot().expect("there is a pot"), division.shared);
	Rewards::shared(&attester, division.shared);
	division
}

pub fn pot() -> AccountId {
	Rewards::account_id()
}

pub fn free(who: AccountId) -> Balance {
	Balances::balance(&who)
}

/// What all entries have left.
pub fn owed() -> Balance {
	Incomes::<Test>::iter_values().map(|record| record.left()).sum()
}

/// What each nominator has got.
pub fn gains() -> Vec<Balance> {
	NOMINATORS.into_iter().map(|nominator| free(nominator) - FUNDS).collect()
}

pub fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

pub fn percent(percent: u32) -> Perbill {
	Perbill::from_percent(percent)
}

/// The pallet's events so far.
pub fn events() -> Vec<Event<Test>> {
	let of_pallet =
		|record: frame_system::EventRecord<RuntimeEvent, sp_core::H256>| match record.event {
			RuntimeEvent::Rewards(event) => Some(event),
			_ => None,
		};
	System::events().into_iter().filter_map(of_pallet).collect()
}

/// The weight of a payout that looked at so many nominators.
pub fn payout_weight(nominators: u32) -> Weight {
	<() as crate::WeightInfo>::payout(nominators)
}
