// SPDX-License-Identifier: Apache-2.0
//! A runtime with this pallet, scriptable attesters and a scriptable registry.

use crate as pallet_custody;
use crate::{Config, Proof, QuestionOf, Questions};
use codec::Encode;
use core::cell::RefCell;
use frame_support::{
	derive_impl, parameter_types,
	traits::{ConstU64, Hooks},
	weights::Weight,
};
use jurat_primitives::{
	ContentHash, ReleaseId, Version,
	crypto::{AttestationPair, AttestationSignature},
	custody::{self, ChunkProof, Custodian, Custodians, ReleaseFile, ReleaseFiles},
	traits::BlockRandomness,
};
use sp_core::{H256, Pair};
use sp_runtime::{
	BuildStorage,
	testing::TestXt,
	transaction_validity::{
		InvalidTransaction, TransactionSource, TransactionValidityError, ValidTransaction,
	},
};
use sp_staking::SessionIndex;
use std::collections::{BTreeMap, BTreeSet};

pub type AccountId = u64;
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
		RuntimeViewFunction
	)]
	pub struct Test;

	#[runtime::pallet_index(0)]
	pub type System = frame_system::Pallet<Test>;
	#[runtime::pallet_index(1)]
	pub type Custody = pallet_custody::Pallet<Test>;
}

type Block = frame_system::mocking::MockBlock<Test>;

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
	type Block = Block;
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

/// What the pallet sees of attesters and registry.
#[derive(Default)]
struct World {
	/// Validators of this session, and which of them do not stand by.
	roster: Vec<AccountId>,
	idle: BTreeSet<AccountId>,
	serves: BTreeMap<AccountId, Vec<ReleaseId>>,
	files: BTreeMap<ReleaseId, Vec<u8>>,
	failures: Vec<(AccountId, ReleaseId)>,
	/// Registered under a name and a size for which nobody has bytes.
	named: BTreeMap<ReleaseId, ReleaseFile>,
}

thread_local! {
	static WORLD: RefCell<World> = RefCell::default();
}

fn world<R>(act: impl FnOnce(&mut World) -> R) -> R {
	WORLD.with(|world| act(&mut world.borrow_mut()))
}

pub struct Attesters;
impl Custodians<AccountId> for Attesters {
	fn count() -> u32 {
		world(|world| world.roster.len() as u32)
	}

	fn custodian(index: u32) -> Option<Custodian<AccountId>> {
		world(|world| {
			let attester = *world.roster.get(index as usize)?;
			let serves = world.serves.get(&attester).cloned().unwrap_or_default();
			let key = pair(attester).public();
			(!world.idle.contains(&attester)).then_some(Custodian { attester, key, serves })
		})
	}

	fn is_custodian(attester: &AccountId, release: ReleaseId) -> bool {
		world(|world| {
			world.roster.contains(attester)
				&& world.serves.get(attester).is_some_and(|serves| serves.contains(&release))
		})
	}

	fn failed(attester: &AccountId, release: ReleaseId) {
		world(|world| world.failures.push((*attester, release)));
		stop(*attester, release);
	}

	fn session() -> SessionIndex {
		Session::get()
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_custodian(release: ReleaseId) -> Custodian<AccountId> {
		use jurat_primitives::crypto::AttestationId;
		use sp_application_crypto::RuntimeAppPublic;
		session(&[1, 2, 3]);
		serve(3, release);
		let hex: String = seed(3).iter().map(|byte| format!("{byte:02x}")).collect();
		let key = AttestationId::generate_pair(Some(format!("0x{hex}").into_bytes()));
		assert_eq!(key, pair(3).public());
		let serves = world(|world| world.serves[&3].clone());
		Custodian { attester: 3, key, serves }
	}
}

pub struct Registry;
impl ReleaseFiles for Registry {
	fn file(release: ReleaseId) -> Option<ReleaseFile> {
		world(|world| {
			let named = world.named.get(&release).copied();
			named.or_else(|| world.files.get(&release).map(|bytes| file_of(bytes)))
		})
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_file(file: ReleaseFile) -> ReleaseId {
		world(|world| world.named.insert(release(9), file));
		release(9)
	}
}

pub struct Randomness;
impl BlockRandomness for Randomness {
	fn current() -> Option<H256> {
		HasRandomness::get().then(|| {
			H256(sp_io::hashing::blake2_256(&(System::block_number(), Seed::get()).encode()))
		})
	}
}

parameter_types! {
	pub static Session: SessionIndex = 7;
	pub static Period: u64 = 4;
	pub static Deadline: u64 = 10;
	pub static HookWeight: Weight = Weight::MAX;
	pub static HasRandomness: bool = true;
	pub static Seed: u64 = 0;
	pub static MaxQuestions: u32 = 8;
}

impl Config for Test {
	type Custodians = Attesters;
	type Files = Registry;
	type Randomness = Randomness;
	type Period = Period;
	type Deadline = Deadline;
	type MaxQuestions = MaxQuestions;
	type HookWeight = HookWeight;
	type SubmissionPriority = ConstU64<1_000_000>;
	type WeightInfo = ();
}

pub fn seed(validator: AccountId) -> [u8; 32] {
	let mut seed = [0u8; 32];
	seed[..8].copy_from_slice(&validator.to_le_bytes());
	seed
}

/// The session key of a validator.
pub fn pair(validator: AccountId) -> AttestationPair {
	AttestationPair::from_seed(&seed(validator))
}

pub fn release(model: u32) -> ReleaseId {
	ReleaseId { model, version: Version { major: 1, minor: 0 } }
}

/// The file of a release of this number, of some chunks and a bit.
pub fn bytes(model: u32) -> Vec<u8> {
	(0..model as u64 * 2_048 + 700).map(|i| (i * i / 5 + u64::from(model)) as u8).collect()
}

pub fn file_of(bytes: &[u8]) -> ReleaseFile {
	let size = bytes.len() as u64;
	let all = custody::chunks(size);
	// The name of a file is what any of its proofs gives.
	let content = custody::prove(bytes, all - 1).unwrap().root(size, all - 1).unwrap();
	ReleaseFile { content: ContentHash(content.0), size }
}

/// Starts a session of these validators.
pub fn session(validators: &[AccountId]) {
	world(|world| world.roster = validators.to_vec());
	Session::set(Session::get() + 1);
}

pub fn publish(model: u32) -> ReleaseId {
	world(|world| world.files.insert(release(model), bytes(model)));
	release(model)
}

/// Gives a release a file.
pub fn publish_as(release: ReleaseId, bytes: &[u8]) {
	world(|world| world.files.insert(release, bytes.to_vec()));
}

/// Removes a release, or deprecates it.
pub fn withdraw(release: ReleaseId) {
	world(|world| world.files.remove(&release));
}

pub fn serve(attester: AccountId, release: ReleaseId) {
	world(|world| world.serves.entry(attester).or_default().push(release));
}

pub fn stop(attester: AccountId, release: ReleaseId) {
	world(|world| world.serves.entry(attester).or_default().retain(|other| *other != release));
}

/// It does not stand by any more, or does again.
pub fn idle(attester: AccountId, idle: bool) {
	world(|world| match idle {
		true => world.idle.insert(attester),
		false => world.idle.remove(&attester),
	});
}

/// Who failed so far.
pub fn failures() -> Vec<(AccountId, ReleaseId)> {
	world(|world| world.failures.clone())
}

/// Begins the next block.
pub fn next_block() {
	System::set_block_number(System::block_number() + 1);
	Custody::on_initialize(System::block_number());
}

/// Begins blocks until this attester is asked.
pub fn until_asked(attester: AccountId) -> QuestionOf<Test> {
	(0..10_000)
		.find_map(|_| {
			next_block();
			Questions::<Test>::get(attester)
		})
		.expect("within ten thousand blocks")
}

/// The right answer to a question.
pub fn right(question: &QuestionOf<Test>) -> ChunkProof {
	custody::prove(&bytes(question.release.model), question.chunk).unwrap()
}

pub fn proof(attester: AccountId, question: &QuestionOf<Test>) -> Proof<AccountId> {
	Proof {
		attester,
		session: question.session,
		release: question.release,
		chunk: question.chunk,
		answer: right(question),
	}
}

pub fn sign(by: AccountId, proof: &Proof<AccountId>) -> AttestationSignature {
	pair(by).sign(&proof.signing_payload(&Custody::genesis()))
}

/// Authorises and dispatches a call, as a block does.
pub fn apply(call: crate::Call<Test>) -> Result<ValidTransaction, TransactionValidityError> {
	use frame_support::traits::Authorize;
	use sp_runtime::traits::Dispatchable;
	let call = RuntimeCall::from(call);
	let valid = call
		.authorize(TransactionSource::External)
		.expect("only authorised calls are tried here")
		.map(|(valid, _)| valid)?;
	let origin = RuntimeOrigin::from(frame_system::RawOrigin::Authorized);
	call.dispatch(origin).unwrap();
	Ok(valid)
}

/// Sends an answer that its attester signed.
pub fn send(proof: Proof<AccountId>) -> Result<ValidTransaction, InvalidTransaction> {
	let signature = sign(proof.attester, &proof);
	send_signed(proof, signature)
}

pub fn send_signed(
	proof: Proof<AccountId>,
	signature: AttestationSignature,
) -> Result<ValidTransaction, InvalidTransaction> {
	apply(crate::Call::prove { proof, signature }).map_err(|error| match error {
		TransactionValidityError::Invalid(reason) => reason,
		other => panic!("{other:?}"),
	})
}

pub fn events() -> Vec<crate::Event<Test>> {
	System::events()
		.into_iter()
		.filter_map(|record| match record.event {
			RuntimeEvent::Custody(event) => Some(event),
			_ => None,
		})
		.collect()
}

#[derive(Default)]
pub struct ExtBuilder;

impl ExtBuilder {
	/// Validators 1 to 4, of which 1 to 3 serve the releases of number 0 to 2.
	pub fn build(self) -> sp_io::TestExternalities {
		let storage = frame_system::GenesisConfig::<Test>::default().build_storage().unwrap();
		let mut ext = sp_io::TestExternalities::from(storage);
		ext.execute_with(|| {
			WORLD.with(|world| world.take());
			Session::set(7);
			Period::set(4);
			Deadline::set(10);
			HookWeight::set(Weight::MAX);
			HasRandomness::set(true);
			Seed::set(0);
			MaxQuestions::set(8);
			System::set_block_number(1);
			session(&[1, 2, 3, 4]);
			for model in 0..3 {
				let release = publish(model);
				(1..=3).for_each(|attester| serve(attester, release));
			}
		});
		ext
	}

	/// Runs a test; checks every invariant afterwards.
	pub fn build_and_execute(self, test: impl FnOnce()) {
		self.build().execute_with(|| {
			test();
			Custody::do_try_state().unwrap();
		});
	}
}
