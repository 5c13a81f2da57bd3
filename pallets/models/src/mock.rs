// SPDX-License-Identifier: Apache-2.0
//! A runtime for tests.

use crate::{self as pallet_models, Error, HoldReason, Models};
use frame_support::{
	BoundedVec, assert_ok, derive_impl, parameter_types,
	traits::{ConstU32, fungible::InspectHold},
};
use jurat_primitives::{
	ContentHash, Dimension, ElementType, EngineId, Manifest, Mirrors, ModelId, NumericProfile,
	ReleaseId, TensorSpec, Version,
	profile::{Bounds, Tolerance},
	tensor::Name,
	traits::{ReleaseObserver, ServedReleases},
	view::ReleaseState,
};
use sp_runtime::{BuildStorage, Weight};

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
		RuntimeFreezeReason
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type Registry = pallet_models;
}

pub type AccountId = u64;
pub type Balance = u64;
pub type Block = frame_system::mocking::MockBlock<Test>;

pub const ALICE: AccountId = 1;
pub const BOB: AccountId = 2;
/// Has the minimum balance only.
pub const POOR: AccountId = 3;
/// Has no account.
pub const NOBODY: AccountId = 4;
pub const FUNDS: Balance = 1_000_000;
pub const MINIMUM: Balance = 10;
/// Some other reason why money may not leave.
pub const FREEZE: u8 = 0;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type ExistentialDeposit = ExistentialDeposit;
	type FreezeIdentifier = u8;
	type MaxFreezes = ConstU32<1>;
}

parameter_types! {
	pub const ExistentialDeposit: Balance = MINIMUM;
	pub static ActivationQuorum: u32 = 3;
	pub static ActivationPeriod: u64 = 50;
	pub static ModelDeposit: Balance = 100;
	pub static ReleaseDeposit: Balance = 200;
	pub static DepositPerByte: Balance = 2;
	pub static MaxReleases: u32 = 4;
	pub static MaxUsers: u32 = 100;
	pub static RemovalsHeard: Vec<ReleaseId> = vec![];
}

/// Servers of a release at most.
pub const SERVERS: u32 = 1_000;

/// Writes down what it hears, and gives up the servers of what is gone.
pub struct Observer;

impl ReleaseObserver for Observer {
	fn release_removed(release: ReleaseId) {
		assert_eq!(Registry::release_view(release), None);
		Registry::servers_changed(release, 0);
		assert_eq!(Registry::release_view(release), None);
		RemovalsHeard::mutate(|heard| heard.push(release));
	}

	fn weight(servers: u32) -> Weight {
		Weight::from_parts(servers.min(SERVERS).into(), 0)
	}
}

impl pallet_models::Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type ActivationQuorum = ActivationQuorum;
	type ActivationPeriod = ActivationPeriod;
	type ModelDeposit = ModelDeposit;
	type ReleaseDeposit = ReleaseDeposit;
	type DepositPerByte = DepositPerByte;
	type MaxReleases = MaxReleases;
	type MaxUsers = MaxUsers;
	type Observer = Observer;
	type WeightInfo = ();
}

pub struct ExtBuilder;

impl ExtBuilder {
	pub fn build() -> sp_io::TestExternalities {
		let mut storage = frame_system::GenesisConfig::<Test>::default()
			.build_storage()
			.expect("system has no genesis state to get wrong");
		pallet_balances::GenesisConfig::<Test> {
			balances: vec![(ALICE, FUNDS), (BOB, FUNDS), (POOR, MINIMUM)],
			..Default::default()
		}
		.assimilate_storage(&mut storage)
		.expect("balances are above the minimum");
		let mut ext = sp_io::TestExternalities::new(storage);
		ext.execute_with(|| System::set_block_number(1));
		ext
	}

	/// Runs a test; the invariants must hold after it.
	pub fn build_and_execute(test: impl FnOnce()) {
		Self::build().execute_with(|| {
			test();
			assert_ok!(Registry::do_try_state());
			nobody_else_has_deposits();
		})
	}
}

/// The invariants look at owners only; a test can afford to look at every account.
fn nobody_else_has_deposits() {
	for account in frame_system::Account::<Test>::iter_keys() {
		if Models::<Test>::iter_values().all(|model| model.owner != account) {
			assert_eq!(held(account), (0, 0));
		}
	}
}

/// On hold for models, and for releases.
pub fn held(who: AccountId) -> (Balance, Balance) {
	(
		Balances::balance_on_hold(&HoldReason::Model.into(), &who),
		Balances::balance_on_hold(&HoldReason::Release.into(), &who),
	)
}

pub fn signed(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

pub fn bounded<const N: u32>(text: &str) -> BoundedVec<u8, ConstU32<N>> {
	text.as_bytes().to_vec().try_into().expect("short enough")
}

pub fn mirrors(addresses: &[&str]) -> Mirrors {
	let mirrors: Vec<_> = addresses.iter().map(|address| bounded(address)).collect();
	mirrors.try_into().expect("few enough")
}

pub fn version(major: u16, minor: u16) -> Version {
	Version { major, minor }
}

pub fn manifest() -> Manifest {
	let name = |text: &str| Name::truncate_from(text.into());
	let batch = || Dimension::Symbolic { name: name("N"), max: 4 };
	let spec = |text: &str| TensorSpec {
		name: name(text),
		element_type: ElementType::F32,
		shape: vec![batch()].try_into().expect("one dimension"),
	};
	Manifest {
		opset: 17,
		engine: EngineId::OnnxRuntime1_31,
		profile: NumericProfile::Approximate {
			tolerance: Bounds { abs: Tolerance(1), rel: Tolerance(1) },
			gross: None,
		},
		inputs: vec![spec("a"), spec("b")].try_into().expect("two inputs"),
		outputs: vec![spec("y")].try_into().expect("one output"),
		operators: vec![name("MatMul"), name("Softmax")].try_into().expect("two operators"),
		compute_units: 1,
		allow_nan: false,
		licence: bounded("Apache-2.0"),
		tags: Default::default(),
	}
}

/// A content that differs by version.
pub fn content(version: Version) -> ContentHash {
	let mut hash = [7; 32];
	hash[..2].copy_from_slice(&version.major.to_le_bytes());
	hash[2..4].copy_from_slice(&version.minor.to_le_bytes());
	ContentHash(hash)
}

/// A model of Alice.
pub fn created(name: &str) -> ModelId {
	assert_ok!(Registry::create_model(signed(ALICE), bounded(name), bounded("about it")));
	Registry::model_by_name(name.as_bytes()).expect("just created")
}

/// A release of a model of Alice.
pub fn published(model: ModelId, version: Version) -> ReleaseId {
	let (content, manifest) = (content(version), manifest());
	let call = Registry::publish_release(signed(ALICE), model, version, content, 9, manifest, 5);
	assert_ok!(call);
	ReleaseId { model, version }
}

/// A release of Alice, in the state `Published`.
pub fn a_published_release() -> ReleaseId {
	published(created("acme/net"), version(1, 0))
}

/// A release of Alice, in the state `Active`.
pub fn an_active_release() -> ReleaseId {
	let release = a_published_release();
	Registry::servers_changed(release, ActivationQuorum::get());
	assert_eq!(state(release), ReleaseState::Active);
	release
}

/// A release of Alice, in the state `Deprecated`.
pub fn a_deprecated_release() -> ReleaseId {
	let release = an_active_release();
	assert_ok!(Registry::deprecate_release(signed(ALICE), release));
	release
}

/// No release of Alice's first model has this version.
pub fn unknown_release() -> ReleaseId {
	ReleaseId { model: 0, version: version(9, 9) }
}

pub fn state(release: ReleaseId) -> ReleaseState {
	Registry::release_view(release).expect("the release exists").state
}

pub fn last_event() -> RuntimeEvent {
	System::events().pop().expect("an event was deposited").event
}

pub type E = Error<Test>;
