// SPDX-License-Identifier: Apache-2.0
//! A runtime with this pallet, a scriptable registry and a scriptable observer.

use crate as pallet_attestation;
use crate::{AttesterOf, Config, OpenPanels, PanelOf, types::PenaltyTerms};
use codec::{Decode, DecodeWithMemTracking, Encode};
use core::cell::RefCell;
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU32, ConstU64, KeyOwnerProofSystem, OneSessionHandler},
};
use jurat_primitives::{
	Dimension, ElementType, EngineId, Manifest, NumericProfile, ReleaseId, RequestDigest,
	RequestId, RequestInput, TensorSpec, Version,
	answer::{Answer, JobFailure},
	batch::{CommitBatch, CommitEntry, RevealBatch, RevealEntry, Revealed},
	commitment::{answer_digest, commitment},
	crypto::{AttestationId, AttestationPair, AttestationSignature},
	outcome::Verdict,
	tensor::{InlineTensor, NamedTensor, Tensors},
	traits::*,
};
use scale_info::TypeInfo;
use sp_core::{H256, Pair, crypto::KeyTypeId};
use sp_runtime::{
	BoundedVec, BuildStorage, DispatchError, DispatchResult, Perbill,
	testing::TestXt,
	transaction_validity::{TransactionSource, TransactionValidityError, ValidTransaction},
};

use sp_staking::{
	SessionIndex,
	offence::{Kind, Offence, OffenceError, ReportOffence},
};

pub type AccountId = u64;
pub type Balance = u128;
type Extrinsic = TestXt<RuntimeCall, ()>;

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
	pub type System = frame_system::Pallet<Test>;
	#[runtime::pallet_index(1)]
	pub type Balances = pallet_balances::Pallet<Test>;
	#[runtime::pallet_index(2)]
	pub type Attestation = pallet_attestation::Pallet<Test>;
}

type Block = frame_system::mocking::MockBlock<Test>;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
	type AccountData = pallet_balances::AccountData<Balance>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
	type Balance = Balance;
	type AccountStore = System;
	type ExistentialDeposit = frame_support::traits::ConstU128<1>;
}

impl frame_system::offchain::CreateTransactionBase<crate::Call<Test>> for Test {
	type RuntimeCall = RuntimeCall;
	type Extrinsic = Extrinsic;
}

impl frame_system::offchain::CreateTransaction<crate::Call<Test>> for Test {
	type Extension = ();
	fn create_transaction(call: RuntimeCall, _: ()) -> Extrinsic {
		Extrinsic::new_transaction(call, ())
	}
}

impl frame_system::offchain::CreateAuthorizedTransaction<crate::Call<Test>> for Test {
	fn create_extension() -> Self::Extension {}
}

thread_local! {
	static SERVERS: RefCell<Vec<(ReleaseId, u32)>> = const { RefCell::new(Vec::new()) };
	static FORBIDDEN: RefCell<bool> = const { RefCell::new(false) };
	static HEARD: RefCell<Vec<Heard>> = const { RefCell::new(Vec::new()) };
	static OFFENCES: RefCell<Vec<Reported>> = const { RefCell::new(Vec::new()) };
	static STAKES: RefCell<Vec<(AccountId, Balance)>> = const { RefCell::new(Vec::new()) };
	static RANDOMNESS: RefCell<Option<H256>> = const { RefCell::new(None) };
}

/// An offence that was reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
	pub kind: Kind,
	pub session: SessionIndex,
	pub offenders: Vec<AccountId>,
	pub reporters: Vec<AccountId>,
	/// What each of them loses, if nobody else offends in this session.
	pub fraction: Perbill,
}

/// What the observer heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
	Committed(RequestId, u64),
	Revealing(RequestId),
	Complete(RequestId),
}

pub struct Registry;
impl ServedReleases for Registry {
	fn may_be_served(_: ReleaseId) -> DispatchResult {
		if FORBIDDEN.with(|f| *f.borrow()) {
			Err(DispatchError::Other("forbidden"))
		} else {
			Ok(())
		}
	}
	fn servers_changed(release: ReleaseId, servers: u32) {
		SERVERS.with(|s| s.borrow_mut().push((release, servers)));
	}
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_release(seed: u32) -> ReleaseId {
		release(seed)
	}
}

pub struct Observer;
impl PanelObserver<u64> for Observer {
	fn panel_committed(request: RequestId, until: u64) {
		HEARD.with(|h| h.borrow_mut().push(Heard::Committed(request, until)));
	}
	fn panel_revealing(request: RequestId) {
		HEARD.with(|h| h.borrow_mut().push(Heard::Revealing(request)));
	}
	fn panel_complete(request: RequestId) {
		HEARD.with(|h| h.borrow_mut().push(Heard::Complete(request)));
	}
}

pub struct Jobs;
impl JobSource for Jobs {
	fn job(_: RequestId) -> Option<JobTerms> {
		Some(JobTerms {
			content: Default::default(),
			size: 1,
			manifest: manifest(),
			input: RequestInput::Inline(Default::default()),
		})
	}
}

pub struct Stake;
impl ValidatorStake<AccountId, Balance> for Stake {
	fn exposure(validator: &AccountId) -> Exposure<Balance> {
		let total = STAKES.with(|stakes| {
			let stakes = stakes.borrow();
			stakes.iter().find(|(who, _)| who == validator).map_or(100, |(_, stake)| *stake)
		});
		Exposure { own: total / 4, total }
	}
}

pub struct Randomness;
impl BlockRandomness for Randomness {
	fn current() -> Option<H256> {
		let set = RANDOMNESS.with(|r| *r.borrow());
		Some(set.unwrap_or_else(|| H256::from_low_u64_be(System::block_number())))
	}
}

/// Keeps what was reported, each offender once for each kind and session.
pub struct Offences;
impl<O: Offence<AccountId>> ReportOffence<AccountId, AccountId, O> for Offences {
	fn report_offence(reporters: Vec<AccountId>, offence: O) -> Result<(), OffenceError> {
		let offenders = offence.offenders();
		if <Self as ReportOffence<_, _, O>>::is_known_offence(&offenders, &offence.slot()) {
			return Err(OffenceError::DuplicateReport);
		}
		OFFENCES.with(|all| {
			all.borrow_mut().push(Reported {
				kind: O::ID,
				session: offence.session_index(),
				fraction: offence.slash_fraction(offenders.len() as u32),
				offenders,
				reporters,
			})
		});
		Ok(())
	}

	fn is_known_offence(offenders: &[AccountId], slot: &O::Slot) -> bool {
		use codec::Encode;
		offenders.iter().all(|offender| {
			OFFENCES.with(|all| {
				all.borrow().iter().any(|known| {
					known.kind == O::ID
						&& known.session.encode() == slot.encode()
						&& known.offenders.contains(offender)
				})
			})
		})
	}
}

/// Says in which session a key was whose, and of how many.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Proof {
	pub session: SessionIndex,
	pub validators: u32,
}

impl sp_session::GetSessionNumber for Proof {
	fn session(&self) -> SessionIndex {
		self.session
	}
}

impl sp_session::GetValidatorCount for Proof {
	fn validator_count(&self) -> u32 {
		self.validators
	}
}

pub struct KeyOwners;
impl KeyOwnerProofSystem<(KeyTypeId, AttestationId)> for KeyOwners {
	type Proof = Proof;
	type IdentificationTuple = AccountId;

	fn prove(_: (KeyTypeId, AttestationId)) -> Option<Proof> {
		Some(Proof { session: Session::get(), validators: VALIDATORS as u32 })
	}

	/// Keys never change here; those of sessions to come are unknown.
	fn check_proof((_, key): (KeyTypeId, AttestationId), proof: Proof) -> Option<AccountId> {
		let known = proof.session <= Session::get();
		(1..=VALIDATORS).find(|who| known && pair(*who).public() == key)
	}
}

parameter_types! {
	pub const MinBond: Balance = 1_000;
	pub static CommitWindow: u64 = 10;
	pub static RevealWindow: u64 = 5;
	pub static Session: SessionIndex = 7;
	pub static ReferenceReward: Balance = 100;
	pub const Treasury: AccountId = TREASURY;
	pub static Terms: PenaltyTerms<u64> = PenaltyTerms {
		no_show: Perbill::from_rational(1u32, 1_000),
		withheld: Perbill::from_percent(1),
		bad_opening: Perbill::from_percent(5),
		divergent: Perbill::from_percent(5),
		not_held: Perbill::from_rational(5u32, 1_000),
		daily_cap: Perbill::from_percent(20),
		equivocation: Perbill::from_percent(10),
		day: 1_000,
		warning_period: 400,
		challenge_window: 10,
	};
}

impl Config for Test {
	type Currency = Balances;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Releases = Registry;
	type Observer = Observer;
	type Jobs = Jobs;
	type Stake = Stake;
	type Randomness = Randomness;
	type Session = Session;
	type PenaltyTerms = Terms;
	type ReferenceReward = ReferenceReward;
	type Treasury = Treasury;
	type IdentificationTuple = AccountId;
	type Identify = sp_runtime::traits::ConvertInto;
	type Offences = Offences;
	type KeyOwnerProof = Proof;
	type KeyOwners = KeyOwners;
	type OverturnOrigin = frame_system::EnsureRoot<AccountId>;
	type MaxNominators = ConstU32<64>;
	type MinBond = MinBond;
	type UnbondingPeriod = ConstU64<50>;
	type CommitWindow = CommitWindow;
	type RevealWindow = RevealWindow;
	type AnnouncementInterval = ConstU64<10>;
	type MaxValidators = ConstU32<40>;
	type MaxServers = ConstU32<20>;
	type MaxOpenPanels = ConstU32<300>;
	type MaxUnlocking = ConstU32<3>;
	type SubmissionPriority = ConstU64<1_000_000>;
	type BlockTime = ConstU64<3_000>;
	type WorkerPatience = ConstU64<100>;
	type SubmissionDelay = ConstU64<10>;
	type WeightInfo = ();

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_validator() -> (AccountId, AttestationId) {
		// The keystore of benchmarks is empty: the mock's keys are put there.
		use sp_application_crypto::RuntimeAppPublic;
		let seed = format!("0x{}", hex_of(&seed(1))).into_bytes();
		let key = AttestationId::generate_pair(Some(seed));
		assert_eq!(key, pair(1).public());
		(1, key)
	}
}

/// Accounts 1 to this many are validators with keys and money.
pub const VALIDATORS: AccountId = 30;
/// The account that penalties go to.
pub const TREASURY: AccountId = 99;
/// An account that asks.
pub const REQUESTER: AccountId = VALIDATORS + 5;

fn seed(validator: AccountId) -> [u8; 32] {
	let mut seed = [0u8; 32];
	seed[..8].copy_from_slice(&validator.to_le_bytes());
	seed
}

#[cfg(feature = "runtime-benchmarks")]
fn hex_of(bytes: &[u8]) -> String {
	bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The session key of a validator.
pub fn pair(validator: AccountId) -> AttestationPair {
	AttestationPair::from_seed(&seed(validator))
}

pub fn release(model: u32) -> ReleaseId {
	ReleaseId { model, version: Version { major: 1, minor: 0 } }
}

pub fn manifest() -> Manifest {
	Manifest {
		opset: 17,
		engine: EngineId::OnnxRuntime1_31,
		profile: NumericProfile::Exact,
		inputs: BoundedVec::truncate_from(vec![TensorSpec {
			name: BoundedVec::truncate_from(b"x".to_vec()),
			element_type: ElementType::U8,
			shape: BoundedVec::truncate_from(vec![Dimension::Fixed(1)]),
		}]),
		outputs: Default::default(),
		operators: Default::default(),
		compute_units: 1,
		allow_nan: false,
		licence: Default::default(),
		tags: Default::default(),
	}
}

/// An answer of `bytes` bytes, each of them `value`.
pub fn sized_answer(value: u8, bytes: usize) -> Answer {
	let tensor = InlineTensor::new(ElementType::U8, [bytes as u64], vec![value; bytes]).unwrap();
	Answer::Output(Tensors::truncate_from(vec![NamedTensor::new("y", tensor).unwrap()]))
}

pub fn answer(value: u8) -> Answer {
	sized_answer(value, 1)
}

pub fn failure() -> Answer {
	Answer::Failure(JobFailure::TimedOut)
}

pub fn digest(request: RequestId) -> RequestDigest {
	H256::from_low_u64_be(1_000 + request)
}

pub fn spec(size: u8, threshold: u8, exact: bool) -> PanelSpec<AccountId, Balance, u64> {
	PanelSpec {
		release: release(0),
		digest: H256::zero(),
		size,
		threshold,
		exact,
		min_stake: 0,
		deadline: 1_000,
		exclude: vec![],
	}
}

/// Draws a panel for a request.
pub fn draw(request: RequestId, size: u8, threshold: u8, exact: bool) -> Vec<AccountId> {
	let spec = PanelSpec { digest: digest(request), ..spec(size, threshold, exact) };
	Attestation::draw(request, &spec).unwrap();
	panel(request).members.iter().map(|member| member.attester).collect()
}

pub fn panel(request: RequestId) -> PanelOf<Test> {
	OpenPanels::<Test>::get(request).unwrap()
}

pub fn attester(who: AccountId) -> AttesterOf<Test> {
	crate::Attesters::<Test>::get(who).unwrap()
}

/// The salt that a member uses in tests.
pub fn salt(who: AccountId) -> [u8; 32] {
	[who as u8; 32]
}

pub fn commit_entry(who: AccountId, request: RequestId, answer: &Answer) -> CommitEntry {
	let commitment = commitment(
		&Attestation::genesis(),
		&digest(request),
		&who,
		&answer_digest(answer),
		&salt(who),
	);
	CommitEntry { request, digest: digest(request), commitment }
}

pub fn commit_batch(
	who: AccountId,
	entries: Vec<CommitEntry>,
) -> (CommitBatch<AccountId>, AttestationSignature) {
	let entries = BoundedVec::truncate_from(entries);
	let batch = CommitBatch { attester: who, session: Session::get(), entries };
	let signature = pair(who).sign(&batch.signing_payload(&Attestation::genesis()));
	(batch, signature)
}

pub fn reveal_entry(who: AccountId, request: RequestId, revealed: Revealed) -> RevealEntry {
	RevealEntry { request, digest: digest(request), salt: salt(who), revealed }
}

pub fn reveal_batch(
	who: AccountId,
	entries: Vec<RevealEntry>,
) -> (RevealBatch<AccountId>, AttestationSignature) {
	let entries = BoundedVec::truncate_from(entries);
	let batch = RevealBatch { attester: who, session: Session::get(), entries };
	let signature = pair(who).sign(&batch.signing_payload(&Attestation::genesis()));
	(batch, signature)
}

/// Authorises a call as the pool and the block do.
pub fn authorize(call: crate::Call<Test>) -> Result<ValidTransaction, TransactionValidityError> {
	use frame_support::traits::Authorize;
	RuntimeCall::from(call)
		.authorize(TransactionSource::External)
		.expect("only authorised calls are tried here")
		.map(|(valid, _)| valid)
}

/// Authorises and dispatches a call.
pub fn apply(call: crate::Call<Test>) -> Result<ValidTransaction, TransactionValidityError> {
	use sp_runtime::traits::Dispatchable;
	let valid = authorize(call.clone())?;
	let origin = RuntimeOrigin::from(frame_system::RawOrigin::Authorized);
	RuntimeCall::from(call).dispatch(origin).unwrap();
	Ok(valid)
}

pub fn commit(
	who: AccountId,
	request: RequestId,
	answer: &Answer,
) -> Result<ValidTransaction, TransactionValidityError> {
	let (batch, signature) = commit_batch(who, vec![commit_entry(who, request, answer)]);
	apply(crate::Call::commit { batch, signature })
}

pub fn reveal(
	who: AccountId,
	request: RequestId,
	revealed: Revealed,
) -> Result<ValidTransaction, TransactionValidityError> {
	let (batch, signature) = reveal_batch(who, vec![reveal_entry(who, request, revealed)]);
	apply(crate::Call::reveal { batch, signature })
}

/// What the observer heard since the last call.
pub fn heard() -> Vec<Heard> {
	HEARD.with(|h| h.take())
}

/// What the registry heard since the last call.
pub fn servers_heard() -> Vec<(ReleaseId, u32)> {
	SERVERS.with(|s| s.take())
}

/// Offences reported so far.
pub fn offences() -> Vec<Reported> {
	OFFENCES.with(|all| all.borrow().clone())
}

/// A request of [`REQUESTER`], as far as a judge has to know it.
pub fn case(request: RequestId, damages: Balance) -> Case<AccountId, Balance> {
	let session = Session::get();
	Case {
		request,
		requester: REQUESTER,
		damages,
		reward: 100,
		session,
		// Eleven of thirty.
		witnesses: (10..=20).collect(),
	}
}

/// Judges one member. What the requester got at once.
pub fn judge(request: RequestId, who: AccountId, verdict: Verdict) -> Balance {
	Attestation::judge(&case(request, 0), &[(who, verdict)])
}

/// All that is on hold of an attester.
pub fn held(who: AccountId) -> Balance {
	use frame_support::traits::fungible::InspectHold;
	Balances::balance_on_hold(&crate::HoldReason::AttestationBond.into(), &who)
}

/// Ends blocks until the penalties that wait at this one are over.
pub fn idle() {
	use frame_support::traits::Hooks;
	Attestation::on_idle(System::block_number(), frame_support::weights::Weight::MAX);
}

pub fn forbid_serving() {
	FORBIDDEN.with(|f| *f.borrow_mut() = true);
}

pub fn set_stakes(stakes: &[(AccountId, Balance)]) {
	STAKES.with(|s| *s.borrow_mut() = stakes.to_vec());
}

pub fn set_randomness(randomness: H256) {
	RANDOMNESS.with(|r| *r.borrow_mut() = Some(randomness));
}

/// Starts a session of these validators.
pub fn session(validators: &[AccountId]) {
	let keys: Vec<(AccountId, AttestationId)> =
		validators.iter().map(|who| (*who, pair(*who).public())).collect();
	let of = |keys: &'static [_]| {
		keys.iter().map(|(who, key): &(AccountId, AttestationId)| (who, key.clone()))
	};
	Attestation::on_new_session(true, of(keys.leak()), of(&[]));
}

/// Bonds validators and lets them serve release 0.
pub fn serve(validators: &[AccountId]) {
	for who in validators {
		let origin = RuntimeOrigin::signed(*who);
		Attestation::bond(origin.clone(), MinBond::get()).unwrap();
		Attestation::serve(origin, release(0)).unwrap();
	}
	servers_heard();
}

pub fn events() -> Vec<crate::Event<Test>> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Attestation(event) => Some(event),
			_ => None,
		})
		.collect()
}

#[derive(Default)]
pub struct ExtBuilder;

impl ExtBuilder {
	pub fn build(self) -> sp_io::TestExternalities {
		let mut storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
		pallet_balances::GenesisConfig::<Test> {
			balances: (1..=VALIDATORS + 10).chain([TREASURY]).map(|who| (who, 1_000_000)).collect(),
			..Default::default()
		}
		.assimilate_storage(&mut storage)
		.unwrap();
		let mut ext = sp_io::TestExternalities::from(storage);
		ext.execute_with(|| {
			SERVERS.with(|s| s.take());
			HEARD.with(|h| h.take());
			OFFENCES.with(|f| f.take());
			Session::set(7);
			STAKES.with(|s| s.take());
			RANDOMNESS.with(|r| r.take());
			FORBIDDEN.with(|f| f.take());
			System::set_block_number(1);
			session(&(1..=VALIDATORS).collect::<Vec<_>>());
		});
		ext
	}

	/// Runs a test; checks every invariant afterwards.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			Attestation::do_try_state().unwrap();
		});
	}
}
