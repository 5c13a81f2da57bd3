// SPDX-License-Identifier: Apache-2.0
//! A chain of this pallet, a registry and panels that keep their sides of the contract, and whose
//! behaviour a test can script.

use crate as pallet_inference;
use crate::{Config, OutcomeKind, Pallet, Requests, Settlements, mock_weights::FixedWeights};
use frame_support::{
	derive_impl,
	dispatch::DispatchResult,
	parameter_types,
	traits::{Hooks, VariantCountOf},
	weights::Weight,
};
use jurat_primitives::{
	Answer, ContentHash, Dimension, ElementType, EngineId, Manifest, NumericProfile, Outcome,
	ReleaseId, RequestId, TensorSpec, UnservedReason, Verdict, Version,
	commitment::{AnswerDigest, answer_digest},
	income::{Division, Income},
	manifest::{Operators, Signature},
	profile::{Bounds, Tolerance},
	tensor::Name,
	traits::{
		Case, ClosedPanel, Conduct, OnSettled, PanelObserver, PanelSpec, Panels, ReleaseTerms,
		Releases, Seat,
	},
};
use sp_core::H256;
use sp_runtime::{BuildStorage, DispatchError, Perbill};
use std::{cell::RefCell, collections::BTreeMap};

pub type AccountId = u64;
pub type Balance = u64;
pub type Block = frame_system::mocking::MockBlock<Test>;

/// Accounts.
pub const ALICE: AccountId = 1;
pub const BOB: AccountId = 2;
pub const OWNER: AccountId = 50;
pub const TREASURY: AccountId = 99;
/// Of the nominators. Not there unless a test endows it.
pub const POT: AccountId = 98;
/// Members of panels, in the order in which they are drawn.
pub const ATTESTERS: [AccountId; 15] =
	[101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115];

/// The least that an account may have.
pub const ED: Balance = 10;
/// What each account starts with.
pub const ENDOWMENT: Balance = 1_000_000;
/// Stake of each attester.
pub const STAKE: Balance = 1_000;
/// Half of a block of the mock.
pub const GENEROUS: Weight = Weight::from_parts(500_000_000_000, 0);
/// The session in which all panels are drawn.
pub const SESSION: sp_staking::SessionIndex = 3;
/// Windows of panels.
pub const COMMIT_WINDOW: u64 = 10;
pub const REVEAL_WINDOW: u64 = 5;

#[frame_support::runtime]
mod runtime {
	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(2)]
	pub type Inference = pallet_inference;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<Balance>;
}

parameter_types! {
	pub const ExistentialDeposit: Balance = ED;
	pub const ProtocolAccount: AccountId = TREASURY;
	pub static BaseFee: Balance = 100;
	pub static ComputePrice: Balance = 10;
	pub static BytePrice: Balance = 1;
	pub static OutputBytePrice: Balance = 0;
	pub static ProtocolCut: Perbill = Perbill::from_percent(2);
	pub static MinDeadline: u64 = 20;
	pub static MaxDeadline: u64 = 1_000;
	pub static DrawRetryPeriod: u64 = 5;
	pub static ResultRetention: u64 = 100;
	pub static EscalationWindow: u64 = 20;
	/// What the faults of a panel cost.
	pub static Taken: Balance = 0;
	pub static MaxOpenRequests: u32 = 300;
	pub static MaxBlobInput: u64 = 1_000_000;
	pub static AgendaWeight: Weight = GENEROUS;
	/// What of an attester's pay is its nominators'. Nothing, as with the unit implementation.
	pub static NominatorsPart: Perbill = Perbill::zero();
	pub static IncomeWeight: Weight = Weight::zero();
	pub static SharesHeard: Vec<(AccountId, Balance)> = vec![];
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type AccountStore = System;
	type ExistentialDeposit = ExistentialDeposit;
	type RuntimeHoldReason = RuntimeHoldReason;
	type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
}

impl Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Releases = Registry;
	type Panels = Attestation;
	type Income = Nominations;
	type OnSettled = Listener;
	type ProtocolAccount = ProtocolAccount;
	type BaseFee = BaseFee;
	type ComputePrice = ComputePrice;
	type BytePrice = BytePrice;
	type OutputBytePrice = OutputBytePrice;
	type ProtocolCut = ProtocolCut;
	type MinDeadline = MinDeadline;
	type MaxDeadline = MaxDeadline;
	type DrawRetryPeriod = DrawRetryPeriod;
	type ResultRetention = ResultRetention;
	type EscalationWindow = EscalationWindow;
	type MaxOpenRequests = MaxOpenRequests;
	type MaxBlobInput = MaxBlobInput;
	type AgendaWeight = AgendaWeight;
	type WeightInfo = FixedWeights;
}

// --- the registry ---

#[derive(Default)]
struct RegistryState {
	releases: BTreeMap<ReleaseId, (ReleaseTerms<AccountId, Balance>, u32)>,
	refuses_pins: bool,
}

/// A panel of the mock.
#[derive(Clone)]
struct OpenPanel {
	threshold: u8,
	exact: bool,
	reveal_until: Option<u64>,
	seats: Vec<Seat<AccountId, Balance>>,
	answers: Vec<(AnswerDigest, Answer)>,
}

struct AttestationState {
	servers: Vec<AccountId>,
	open: BTreeMap<RequestId, OpenPanel>,
	verdicts: Vec<(RequestId, AccountId, Verdict)>,
	cases: Vec<Case<AccountId, Balance>>,
	draws: Vec<(RequestId, u64)>,
}

impl Default for AttestationState {
	fn default() -> Self {
		Self {
			servers: ATTESTERS.into(),
			open: BTreeMap::new(),
			verdicts: vec![],
			cases: vec![],
			draws: vec![],
		}
	}
}

thread_local! {
	static REGISTRY: RefCell<RegistryState> = RefCell::default();
	static ATTESTATION: RefCell<AttestationState> = RefCell::default();
	static HEARD: RefCell<Vec<(RequestId, AccountId, OutcomeKind)>> = const { RefCell::new(vec![]) };
	static NEXT: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

/// The registry.
pub struct Registry;

impl Registry {
	pub fn publish(release: ReleaseId, manifest: Manifest, royalty: Balance) {
		let terms = ReleaseTerms {
			owner: OWNER,
			content: ContentHash([release.model as u8; 32]),
			size: 12_345,
			royalty,
			manifest,
			active: true,
		};
		REGISTRY.with_borrow_mut(|r| r.releases.insert(release, (terms, 0)));
	}

	pub fn change(release: ReleaseId, change: impl FnOnce(&mut ReleaseTerms<AccountId, Balance>)) {
		REGISTRY.with_borrow_mut(|r| change(&mut r.releases.get_mut(&release).unwrap().0));
	}

	pub fn remove(release: ReleaseId) {
		REGISTRY.with_borrow_mut(|r| r.releases.remove(&release));
	}

	pub fn refuse_pins() {
		REGISTRY.with_borrow_mut(|r| r.refuses_pins = true);
	}

	/// Open requests that use a release.
	pub fn users(release: ReleaseId) -> u32 {
		REGISTRY.with_borrow(|r| r.releases[&release].1)
	}
}

impl Releases<AccountId, Balance> for Registry {
	fn terms(release: ReleaseId) -> Option<ReleaseTerms<AccountId, Balance>> {
		REGISTRY.with_borrow(|r| r.releases.get(&release).map(|(terms, _)| terms.clone()))
	}

	fn pin(release: ReleaseId) -> DispatchResult {
		REGISTRY.with_borrow_mut(|r| {
			if r.refuses_pins {
				return Err(DispatchError::Other("no pins"));
			}
			r.releases.get_mut(&release).unwrap().1 += 1;
			Ok(())
		})
	}

	fn unpin(release: ReleaseId) {
		REGISTRY.with_borrow_mut(|r| r.releases.get_mut(&release).unwrap().1 -= 1);
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_release(owner: AccountId, manifest: Manifest, royalty: Balance) -> ReleaseId {
		manifest.check().unwrap();
		let release = ReleaseId { model: 1_000, version: Version::default() };
		Self::publish(release, manifest, royalty);
		Self::change(release, |terms| terms.owner = owner);
		release
	}
}

// --- panels ---

/// Panels of attesters.
pub struct Attestation;

impl Attestation {
	pub fn set_servers(servers: &[AccountId]) {
		ATTESTATION.with_borrow_mut(|a| a.servers = servers.into());
	}

	/// Draws so far: of which request, in which block.
	pub fn draws() -> Vec<(RequestId, u64)> {
		ATTESTATION.with_borrow(|a| a.draws.clone())
	}

	pub fn is_open(request: RequestId) -> bool {
		ATTESTATION.with_borrow(|a| a.open.contains_key(&request))
	}

	/// Verdicts on the members of a panel, in the order in which they were passed.
	pub fn verdicts(request: RequestId) -> Vec<(AccountId, Verdict)> {
		ATTESTATION.with_borrow(|a| {
			let of = a.verdicts.iter().filter(|(id, ..)| *id == request);
			of.map(|(_, attester, verdict)| (*attester, *verdict)).collect()
		})
	}

	/// What the judge was told of the panels of a request, in order.
	pub fn cases(request: RequestId) -> Vec<Case<AccountId, Balance>> {
		ATTESTATION.with_borrow(|a| {
			a.cases.iter().filter(|case| case.request == request).cloned().collect()
		})
	}

	fn with_panel<R>(request: RequestId, f: impl FnOnce(&mut OpenPanel) -> R) -> R {
		ATTESTATION.with_borrow_mut(|a| f(a.open.get_mut(&request).expect("the panel is open")))
	}

	/// A member commits; the last one opens the reveals.
	pub fn commit(request: RequestId, attester: AccountId) {
		let until = Self::with_panel(request, |panel| {
			let seat = panel.seats.iter_mut().find(|seat| seat.attester == attester).unwrap();
			assert_eq!(seat.conduct, Conduct::Silent);
			seat.conduct = Conduct::Committed(H256::repeat_byte(attester as u8));
			let all = panel.seats.iter().all(|seat| seat.conduct != Conduct::Silent);
			if all && panel.reveal_until.is_none() {
				panel.reveal_until = Some(now() + REVEAL_WINDOW);
				return panel.reveal_until;
			}
			None
		});
		if let Some(until) = until {
			Inference::panel_committed(request, until);
		}
	}

	/// A member reveals; the last one that can completes the panel.
	fn conclude(request: RequestId, attester: AccountId, conduct: Conduct, shown: Option<Answer>) {
		let complete = Self::with_panel(request, |panel| {
			assert!(panel.reveal_until.is_some(), "reveals are open");
			let seat = panel.seats.iter_mut().find(|seat| seat.attester == attester).unwrap();
			assert!(matches!(seat.conduct, Conduct::Committed(_)), "it has committed");
			seat.conduct = conduct;
			if let Some(answer) = shown {
				let digest = answer_digest(&answer);
				if panel.answers.iter().all(|(known, _)| *known != digest) {
					panel.answers.push((digest, answer));
				}
			}
			!panel.seats.iter().any(|seat| matches!(seat.conduct, Conduct::Committed(_)))
		});
		if complete {
			Inference::panel_complete(request);
		} else {
			Inference::panel_revealing(request);
		}
	}

	pub fn reveal(request: RequestId, attester: AccountId, answer: Answer) {
		let conduct = Conduct::Revealed(answer_digest(&answer));
		Self::conclude(request, attester, conduct, Some(answer));
	}

	pub fn reveal_digest(request: RequestId, attester: AccountId, answer: &Answer) {
		assert!(Self::with_panel(request, |panel| panel.exact));
		Self::conclude(request, attester, Conduct::Revealed(answer_digest(answer)), None);
	}

	pub fn open_badly(request: RequestId, attester: AccountId) {
		Self::conclude(request, attester, Conduct::BadOpening, None);
	}
}

impl Panels<AccountId, Balance, u64> for Attestation {
	fn duration() -> u64 {
		COMMIT_WINDOW + REVEAL_WINDOW
	}

	fn servers(_: ReleaseId) -> u32 {
		ATTESTATION.with_borrow(|a| a.servers.len() as u32)
	}

	fn max_servers() -> u32 {
		ATTESTERS.len() as u32
	}

	fn draw(
		request: RequestId,
		spec: &PanelSpec<AccountId, Balance, u64>,
	) -> Result<u64, UnservedReason> {
		assert!(now() + Self::duration() <= spec.deadline, "there is time for a panel");
		let requested = Requests::<Test>::get(request).unwrap();
		assert!(now() > requested.requested_at, "randomness is later than the request");
		assert_eq!((requested.digest, requested.release), (spec.digest, spec.release));
		ATTESTATION.with_borrow_mut(|a| {
			a.draws.push((request, now()));
			let size = usize::from(spec.size);
			let servers: Vec<_> =
				a.servers.iter().filter(|server| !spec.exclude.contains(server)).collect();
			if servers.len() < size {
				return Err(UnservedReason::TooFewAttesters);
			}
			if STAKE * Balance::from(spec.size) < spec.min_stake {
				return Err(UnservedReason::TooLittleStake);
			}
			let seats = servers.into_iter().take(size).map(|attester| Seat {
				attester: *attester,
				stake: STAKE,
				conduct: Conduct::Silent,
			});
			let panel = OpenPanel {
				threshold: spec.threshold,
				exact: spec.exact,
				reveal_until: None,
				seats: seats.collect(),
				answers: vec![],
			};
			assert!(a.open.insert(request, panel).is_none(), "a panel is drawn once");
			Ok(now() + COMMIT_WINDOW)
		})
	}

	fn close_commitments(request: RequestId) -> Option<u64> {
		Self::with_panel(request, |panel| {
			let committed =
				panel.seats.iter().filter(|seat| seat.conduct != Conduct::Silent).count();
			if committed < usize::from(panel.threshold) {
				return None;
			}
			Some(*panel.reveal_until.get_or_insert(now() + REVEAL_WINDOW))
		})
	}

	fn close(request: RequestId) -> ClosedPanel<AccountId, Balance> {
		let panel = ATTESTATION.with_borrow_mut(|a| a.open.remove(&request).unwrap());
		ClosedPanel { seats: panel.seats, answers: panel.answers, session: SESSION }
	}

	fn judge(case: &Case<AccountId, Balance>, rulings: &[(AccountId, Verdict)]) -> Balance {
		ATTESTATION.with_borrow_mut(|a| {
			a.cases.push(case.clone());
			let verdicts = rulings.iter().map(|(who, verdict)| (case.request, *who, *verdict));
			a.verdicts.extend(verdicts);
		});
		case.damages.min(Taken::get())
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_servers(_: ReleaseId, count: u32) {
		use frame_support::traits::fungible::Mutate;
		// Unlike storage, this outlives a repetition.
		ATTESTATION.take();
		let servers: Vec<AccountId> = ATTESTERS.into_iter().take(count as usize).collect();
		for server in &servers {
			Balances::set_balance(server, ENDOWMENT);
		}
		Self::set_servers(&servers);
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_reveal(request: RequestId, answers: Vec<Answer>) {
		let members: Vec<_> = Self::with_panel(request, |panel| {
			panel.seats.iter().map(|seat| seat.attester).collect()
		});
		assert_eq!(members.len(), answers.len());
		members.iter().for_each(|member| Self::commit(request, *member));
		members
			.into_iter()
			.zip(answers)
			.for_each(|(member, answer)| Self::reveal(request, member, answer));
	}
}

/// Hears how requests end.
pub struct Listener;

impl Listener {
	pub fn heard() -> Vec<(RequestId, AccountId, OutcomeKind)> {
		HEARD.with_borrow(|heard| heard.clone())
	}

	/// Does something when the next request ends.
	pub fn next_time(does: impl FnOnce() + 'static) {
		NEXT.replace(Some(Box::new(does)));
	}
}

impl OnSettled<AccountId> for Listener {
	fn on_settled(request: RequestId, requester: &AccountId, outcome: &Outcome) {
		// Everything is in its final state when it hears.
		assert!(!Requests::<Test>::contains_key(request));
		assert_eq!(Settlements::<Test>::get(request).unwrap().outcome, *outcome);
		HEARD.with_borrow_mut(|heard| heard.push((request, *requester, outcome.into())));
		if let Some(does) = NEXT.take() {
			does();
		}
	}
}

/// Nominators of attesters.
pub struct Nominations;

impl Income<AccountId, Balance> for Nominations {
	fn divide(_: &AccountId, amount: Balance) -> Division<Balance> {
		let shared = NominatorsPart::get().mul_floor(amount);
		Division { own: amount - shared, shared }
	}

	fn pot() -> Option<AccountId> {
		Some(POT)
	}

	fn shared(attester: &AccountId, amount: Balance) {
		SharesHeard::mutate(|heard| heard.push((*attester, amount)));
	}

	fn weight() -> Weight {
		IncomeWeight::get()
	}
}

// --- time ---

pub fn now() -> u64 {
	System::block_number()
}

/// Ends the current block: what is due is served with the weight that is left.
pub fn end_block() {
	end_block_with(Weight::MAX);
}

pub fn end_block_with(remaining: Weight) {
	let used = Inference::on_idle(now(), remaining);
	assert!(used.all_lte(remaining));
}

/// Begins the next block. Returns what the agenda used.
pub fn begin_block() -> Weight {
	System::set_block_number(now() + 1);
	let used = Inference::on_initialize(now());
	assert!(used.all_lte(AgendaWeight::get()));
	used
}

pub fn next_block() {
	end_block();
	begin_block();
}

pub fn run_to(block: u64) {
	while now() < block {
		next_block();
	}
}

// --- things ---

pub const EXACT: ReleaseId = ReleaseId { model: 1, version: Version { major: 1, minor: 0 } };
pub const APPROXIMATE: ReleaseId = ReleaseId { model: 2, version: Version { major: 1, minor: 0 } };
pub const NEVER_GROSS: ReleaseId = ReleaseId { model: 3, version: Version { major: 1, minor: 0 } };

/// Compute units of each release of the mock.
pub const UNITS: u32 = 7;
/// Royalty of each release of the mock.
pub const ROYALTY: Balance = 333;

pub fn name(text: &str) -> Name {
	Name::truncate_from(text.into())
}

fn spec(text: &str) -> TensorSpec {
	TensorSpec {
		name: name(text),
		element_type: ElementType::F32,
		shape: vec![Dimension::Symbolic { name: name("N"), max: 1_000 }].try_into().unwrap(),
	}
}

/// 10⁻³ agrees; beyond 1, if `gross`, is a fault.
pub fn approximate(gross: bool) -> NumericProfile {
	let bounds = |abs| Bounds { abs: Tolerance(abs), rel: Tolerance(abs / 1_000_000) };
	NumericProfile::Approximate {
		tolerance: bounds(Tolerance::UNITS / 1_000),
		gross: gross.then(|| bounds(Tolerance::UNITS)),
	}
}

pub fn manifest(profile: NumericProfile) -> Manifest {
	Manifest {
		opset: 17,
		engine: EngineId::OnnxRuntime1_31,
		profile,
		inputs: Signature::truncate_from(vec![spec("x")]),
		outputs: Signature::truncate_from(vec![spec("y")]),
		operators: Operators::truncate_from(vec![name("Relu")]),
		compute_units: UNITS,
		allow_nan: false,
		licence: Default::default(),
		tags: Default::default(),
	}
}

/// Genesis hash of the mock.
pub const GENESIS: H256 = H256::repeat_byte(0x47);

/// Builds a chain, runs a test on it, and checks what must always hold.
#[derive(Default)]
pub struct ExtBuilder {
	may_burn: bool,
}

impl ExtBuilder {
	/// The test burns dust; otherwise not a unit may come or go.
	pub fn may_burn(mut self) -> Self {
		self.may_burn = true;
		self
	}

	pub fn build(self) -> sp_io::TestExternalities {
		REGISTRY.take();
		ATTESTATION.take();
		HEARD.take();
		NEXT.take();
		BaseFee::set(100);
		ComputePrice::set(10);
		BytePrice::set(1);
		ProtocolCut::set(Perbill::from_percent(2));
		MinDeadline::set(20);
		MaxDeadline::set(1_000);
		DrawRetryPeriod::set(5);
		ResultRetention::set(100);
		EscalationWindow::set(20);
		Taken::set(0);
		MaxOpenRequests::set(300);
		MaxBlobInput::set(1_000_000);
		AgendaWeight::set(GENEROUS);
		NominatorsPart::set(Perbill::zero());
		IncomeWeight::set(Weight::zero());
		SharesHeard::take();
		let accounts = [ALICE, BOB, OWNER, TREASURY].into_iter().chain(ATTESTERS);
		let storage = RuntimeGenesisConfig {
			balances: pallet_balances::GenesisConfig {
				balances: accounts.map(|account| (account, ENDOWMENT)).collect(),
				..Default::default()
			},
			..Default::default()
		}
		.build_storage()
		.unwrap();
		let mut ext = sp_io::TestExternalities::from(storage);
		ext.execute_with(|| {
			frame_system::BlockHash::<Test>::insert(0, GENESIS);
			Registry::publish(EXACT, manifest(NumericProfile::Exact), ROYALTY);
			Registry::publish(APPROXIMATE, manifest(approximate(true)), ROYALTY);
			Registry::publish(NEVER_GROSS, manifest(approximate(false)), ROYALTY);
			begin_block();
		});
		ext
	}

	pub fn build_and_execute(self, test: impl FnOnce()) {
		let may_burn = self.may_burn;
		let mut ext = self.build();
		ext.execute_with(|| {
			let issuance = Balances::total_issuance();
			test();
			Pallet::<Test>::do_try_state().expect("every invariant holds");
			let accounts: Balance = frame_system::Account::<Test>::iter_values()
				.map(|a| a.data.free + a.data.reserved)
				.sum();
			assert_eq!(accounts, Balances::total_issuance());
			assert!(may_burn || issuance == accounts, "{issuance} became {accounts}");
			let open: u32 =
				[EXACT, APPROXIMATE, NEVER_GROSS].into_iter().map(Registry::users).sum();
			assert_eq!(open, Requests::<Test>::count(), "pins are open requests");
		});
	}
}
