// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0

use super::{
	chain::{At, Chain, Evidence, Keys, Standing},
	memory::Memory,
	message::{Entries, Message, opaque},
	metrics::Metrics,
	watch::Watch,
};
use codec::Encode;
use frame_system::offchain::CreateAuthorizedTransaction;
use jurat_primitives::{
	Answer, JobFailure, RequestDigest, RequestId,
	batch::{CommitBatch, CommitEntry, RevealBatch, RevealEntry, Revealed},
	commitment::answer_digest,
	crypto::{AttestationId, AttestationPair},
	equivocation::{Contradiction, Equivocation, signed_commitments, signed_reveals},
};
use jurat_runtime::{
	AccountId, BlockNumber, Hash, Runtime, RuntimeCall, configs::governance::TreasuryAccount,
};
use jurat_runtime_api::KeyOwnershipProof;
use pallet_attestation::Call;
use sp_core::{H256, Pair};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob, Charlie};
use sp_runtime::OpaqueExtrinsic;
use sp_staking::SessionIndex;
use std::cell::{Cell, RefCell};

const GENESIS: H256 = H256([9; 32]);
const SESSION: SessionIndex = 5;

fn pair(who: Sr25519Keyring) -> AttestationPair {
	AttestationPair::from(who.pair())
}

fn digest(request: RequestId) -> RequestDigest {
	RequestDigest::from_low_u64_be(request)
}

fn failure(n: u8) -> Answer {
	Answer::Failure(if n == 0 { JobFailure::TimedOut } else { JobFailure::Crashed })
}

fn commit_batch(
	who: Sr25519Keyring,
	session: SessionIndex,
	entries: &[(RequestId, u8)],
) -> CommitBatch<AccountId> {
	let entries = entries.iter().map(|(request, commitment)| CommitEntry {
		request: *request,
		digest: digest(*request),
		commitment: H256::repeat_byte(*commitment),
	});
	let entries = entries.collect::<Vec<_>>().try_into().unwrap();
	CommitBatch { attester: who.to_account_id(), session, entries }
}

/// Commitments in a session, each a request and a byte.
fn commits_in(who: Sr25519Keyring, session: SessionIndex, entries: &[(RequestId, u8)]) -> Message {
	let batch = commit_batch(who, session, entries);
	let signature = pair(who).sign(&batch.signing_payload(&GENESIS));
	Message::commits(&batch, signature)
}

fn commits(who: Sr25519Keyring, entries: &[(RequestId, u8)]) -> Message {
	commits_in(who, SESSION, entries)
}

/// A reveal: request, salt, and what is shown.
fn reveal(who: Sr25519Keyring, request: RequestId, salt: u8, revealed: Revealed) -> Message {
	let entry = RevealEntry { request, digest: digest(request), salt: [salt; 32], revealed };
	let entries = vec![entry].try_into().unwrap();
	let batch = RevealBatch { attester: who.to_account_id(), session: SESSION, entries };
	let signature = pair(who).sign(&batch.signing_payload(&GENESIS));
	Message::reveals(&batch, signature)
}

fn by_digest(n: u8) -> Revealed {
	Revealed::Digest(answer_digest(&failure(n)))
}

fn transaction(call: Call<Runtime>) -> OpaqueExtrinsic {
	opaque(&<Runtime as CreateAuthorizedTransaction<RuntimeCall>>::create_authorized_transaction(
		call.into(),
	))
	.unwrap()
}

#[test]
fn batches_are_read_from_transactions_and_nothing_else_is() {
	let batch = commit_batch(Bob, SESSION, &[(1, 1), (2, 2)]);
	let signature = pair(Bob).sign(&batch.signing_payload(&GENESIS));
	let call = Call::commit { batch: batch.clone(), signature: signature.clone() };
	let message = Message::read(&transaction(call)).unwrap();
	assert_eq!(message, Message::commits(&batch, signature.clone()));
	assert!(message.is_signed(&GENESIS, &pair(Bob).public()));
	assert!(!message.is_signed(&GENESIS, &pair(Alice).public()));
	assert!(!message.is_signed(&H256::zero(), &pair(Bob).public()));

	let entries = vec![RevealEntry {
		request: 1,
		digest: digest(1),
		salt: [1; 32],
		revealed: Revealed::Full(failure(0)),
	}];
	let batch = RevealBatch {
		attester: Bob.to_account_id(),
		session: SESSION,
		entries: entries.try_into().unwrap(),
	};
	let signature = pair(Bob).sign(&batch.signing_payload(&GENESIS));
	let call = Call::reveal { batch: batch.clone(), signature: signature.clone() };
	let message = Message::read(&transaction(call)).unwrap();
	assert_eq!(message, Message::reveals(&batch, signature));
	assert!(message.is_signed(&GENESIS, &pair(Bob).public()));

	assert_eq!(Message::read(&transaction(Call::pause {})), None);
	assert_eq!(
		Message::read(&OpaqueExtrinsic::try_from_encoded_extrinsic(&[4u8; 40].encode()).unwrap()),
		None
	);
}

#[test]
fn a_call_within_thousands_of_calls_is_refused_and_not_followed() {
	let mut call = RuntimeCall::Attestation(Call::pause {}).encode();
	// `Utility::batch` of one: the pallet's index, the call's, a list of one.
	for _ in 0..100_000 {
		call.splice(0..0, [40, 0, 4]);
	}
	let bytes = [&[0b0100_0101, 0, 0, 0, 0, 0][..], &call].concat();
	assert_eq!(
		Message::read(&OpaqueExtrinsic::try_from_encoded_extrinsic(&bytes.encode()).unwrap()),
		None
	);
}

#[test]
fn two_commitments_to_one_request_contradict_each_other_whatever_the_batches() {
	let mut memory = Memory::default();
	let first = commits(Bob, &[(1, 1), (2, 2)]);
	assert!(memory.compare(&first).is_news);
	memory.remember(&first, 10);
	let second = commits(Bob, &[(2, 3), (7, 7)]);
	let comparison = memory.compare(&second);
	let Some(Contradiction::Commitments(a, b)) = comparison.contradiction else { panic!() };

	// The same halves that the chain's own functions make.
	let batch = commit_batch(Bob, SESSION, &[(1, 1), (2, 2)]);
	assert_eq!(a, signed_commitments(&batch, &first.seal.signature)[1]);
	let batch = commit_batch(Bob, SESSION, &[(2, 3), (7, 7)]);
	assert_eq!(b, signed_commitments(&batch, &second.seal.signature)[0]);
	let evidence = Equivocation {
		attester: Bob.to_account_id(),
		key: pair(Bob).public(),
		contradiction: Contradiction::Commitments(a, b),
	};
	assert_eq!(evidence.check(&GENESIS), Ok(()));
}

#[test]
fn two_reveals_of_one_request_contradict_each_other_in_salt_or_answer() {
	let mut memory = Memory::default();
	let first = reveal(Bob, 1, 1, by_digest(0));
	memory.remember(&first, 10);
	for other in [reveal(Bob, 1, 2, by_digest(0)), reveal(Bob, 1, 1, by_digest(1))] {
		let found = memory.compare(&other).contradiction.unwrap();
		let Contradiction::Reveals(a, b) = found.clone() else { panic!() };
		let entry =
			RevealEntry { request: 1, digest: digest(1), salt: [1; 32], revealed: by_digest(0) };
		let batch = RevealBatch {
			attester: Bob.to_account_id(),
			session: SESSION,
			entries: vec![entry].try_into().unwrap(),
		};
		assert_eq!(a, signed_reveals(&batch, &first.seal.signature)[0]);
		assert_eq!(b.entry.request, 1);
		let evidence = Equivocation {
			attester: Bob.to_account_id(),
			key: pair(Bob).public(),
			contradiction: found,
		};
		assert_eq!(evidence.check(&GENESIS), Ok(()));
	}
}

#[test]
fn an_answer_that_is_shown_after_its_digest_is_no_contradiction() {
	let mut memory = Memory::default();
	memory.remember(&reveal(Bob, 1, 1, by_digest(0)), 10);
	let comparison = memory.compare(&reveal(Bob, 1, 1, Revealed::Full(failure(0))));
	assert!(comparison.contradiction.is_none() && !comparison.is_news);
}

#[test]
fn the_same_entry_in_another_batch_is_no_contradiction() {
	let mut memory = Memory::default();
	memory.remember(&commits(Bob, &[(1, 1)]), 10);
	let comparison = memory.compare(&commits(Bob, &[(1, 1)]));
	assert!(comparison.contradiction.is_none() && !comparison.is_news);
	let comparison = memory.compare(&commits(Bob, &[(1, 1), (2, 2)]));
	assert!(comparison.contradiction.is_none() && comparison.is_news);
}

#[test]
fn attesters_kinds_requests_and_sessions_are_kept_apart() {
	let mut memory = Memory::default();
	memory.remember(&commits(Bob, &[(1, 1)]), 10);
	for other in [
		commits(Alice, &[(1, 2)]),
		commits(Bob, &[(2, 2)]),
		commits_in(Bob, SESSION + 1, &[(1, 2)]),
		reveal(Bob, 1, 2, by_digest(0)),
	] {
		assert!(memory.compare(&other).contradiction.is_none());
		memory.remember(&other, 10);
	}
	assert_eq!(memory.len(), 5);
	// In that session as well.
	let again = commits_in(Bob, SESSION + 1, &[(1, 3)]);
	assert!(memory.compare(&again).contradiction.is_some());
}

#[test]
fn the_memory_is_bounded_in_number_and_the_oldest_goes_first() {
	let mut memory = Memory::new(3, 100);
	for request in 1..=5 {
		memory.remember(&commits(Bob, &[(request, 1)]), 10);
		// Heard again, it is no younger.
		memory.remember(&commits(Bob, &[(3, 1)]), 10);
		assert!(memory.len() <= 3);
	}
	let remembered =
		|request| memory.compare(&commits(Bob, &[(request, 2)])).contradiction.is_some();
	assert_eq!((1..=5).filter(|request| remembered(*request)).collect::<Vec<_>>(), [3, 4, 5]);
	let many: Vec<_> = (10..200).map(|request| (request, 1)).collect();
	memory.remember(&commits(Bob, &many), 10);
	assert_eq!(memory.len(), 3);
}

#[test]
fn the_memory_is_bounded_in_age() {
	let mut memory = Memory::new(100, 20);
	memory.remember(&commits(Bob, &[(1, 1)]), 10);
	memory.remember(&commits(Bob, &[(2, 1)]), 15);
	memory.forget(30);
	assert_eq!(memory.len(), 2);
	memory.forget(31);
	assert_eq!(memory.len(), 1);
	assert!(memory.compare(&commits(Bob, &[(1, 2)])).contradiction.is_none());
	assert!(memory.compare(&commits(Bob, &[(2, 2)])).contradiction.is_some());
	memory.forget(1_000);
	assert_eq!(memory.len(), 0);
}

/// A chain on which all is as a test says.
struct Scene {
	number: Cell<BlockNumber>,
	standing: RefCell<Standing>,
	final_standing: RefCell<Standing>,
	takes: Cell<bool>,
	own: Vec<AttestationId>,
	submitted: RefCell<Vec<(Evidence, AccountId)>>,
	attempts: Cell<u32>,
}

const BEST: Hash = H256([1; 32]);
const FINAL: Hash = H256([2; 32]);

impl Scene {
	/// On a node that signs for these.
	fn new(own: &[Sr25519Keyring]) -> Self {
		Self {
			number: Cell::new(100),
			standing: RefCell::new(Standing::Due),
			final_standing: RefCell::new(Standing::Due),
			takes: Cell::new(true),
			own: own.iter().map(|who| pair(*who).public()).collect(),
			submitted: RefCell::default(),
			attempts: Cell::new(0),
		}
	}
}

impl Chain for &Scene {
	fn best(&self) -> At {
		At { hash: BEST, number: self.number.get() }
	}

	fn finalised(&self) -> Hash {
		FINAL
	}

	fn block_of(&self, session: SessionIndex, _: Hash) -> Option<Hash> {
		(session == SESSION).then_some(BEST)
	}

	fn keys(&self, _: Hash) -> Option<Keys> {
		Some([Alice, Bob, Charlie].map(|who| (who.to_account_id(), pair(who).public())).to_vec())
	}

	fn proof(&self, _: Hash, key: &AttestationId) -> Option<KeyOwnershipProof> {
		Some(KeyOwnershipProof(key.encode()))
	}

	fn standing(&self, at: Hash, evidence: &Evidence, proof: &KeyOwnershipProof) -> Standing {
		assert_eq!(proof.0, evidence.key.encode());
		let standing = if at == FINAL { &self.final_standing } else { &self.standing };
		standing.borrow().clone()
	}

	fn submit(
		&self,
		_: Hash,
		evidence: &Evidence,
		_: &KeyOwnershipProof,
		reporter: &AccountId,
	) -> bool {
		assert_eq!(evidence.check(&GENESIS), Ok(()));
		self.attempts.set(self.attempts.get() + 1);
		if self.takes.get() {
			self.submitted.borrow_mut().push((evidence.clone(), reporter.clone()));
		}
		self.takes.get()
	}

	fn is_own(&self, key: &AttestationId) -> bool {
		self.own.contains(key)
	}
}

fn watch(scene: &Scene, reporter: Option<AccountId>) -> Watch<&Scene> {
	Watch::new(scene, GENESIS, reporter, Metrics::default())
}

/// Ticks through so many blocks.
fn pass(scene: &Scene, watch: &mut Watch<&Scene>, blocks: u32) {
	for _ in 0..blocks {
		scene.number.set(scene.number.get() + 1);
		watch.tick();
	}
}

fn equivocate(watch: &mut Watch<&Scene>) {
	watch.hear(&commits(Bob, &[(1, 1)]), BEST);
	watch.hear(&commits(Bob, &[(1, 2)]), BEST);
}

fn reporters(scene: &Scene) -> Vec<AccountId> {
	scene.submitted.borrow().iter().map(|(_, reporter)| reporter.clone()).collect()
}

#[test]
fn an_equivocation_is_reported_at_once_for_an_attester_of_this_node() {
	let scene = Scene::new(&[Charlie]);
	let mut watch = watch(&scene, None);
	watch.hear(&commits(Bob, &[(1, 1), (2, 1)]), BEST);
	watch.hear(&commits(Bob, &[(1, 1), (3, 1)]), BEST);
	assert!(scene.submitted.borrow().is_empty());
	watch.hear(&commits(Bob, &[(3, 2)]), BEST);
	assert_eq!(reporters(&scene), [Charlie.to_account_id()]);
	assert_eq!(scene.submitted.borrow()[0].0.digest(), digest(3));
}

#[test]
fn the_account_that_the_operator_names_is_paid() {
	let scene = Scene::new(&[Charlie]);
	let mut watch = watch(&scene, Some(Sr25519Keyring::Ferdie.to_account_id()));
	equivocate(&mut watch);
	assert_eq!(reporters(&scene), [Sr25519Keyring::Ferdie.to_account_id()]);
}

#[test]
fn a_node_with_nobody_to_pay_reports_for_the_treasury_after_all_others() {
	let scene = Scene::new(&[]);
	let mut watch = watch(&scene, None);
	equivocate(&mut watch);
	pass(&scene, &mut watch, 9);
	assert!(reporters(&scene).is_empty());
	pass(&scene, &mut watch, 1);
	assert_eq!(reporters(&scene), [TreasuryAccount::get()]);
}

#[test]
fn a_node_does_not_report_its_own_attester() {
	let scene = Scene::new(&[Bob, Charlie]);
	let mut watch = watch(&scene, None);
	equivocate(&mut watch);
	pass(&scene, &mut watch, 100);
	assert_eq!(scene.attempts.get(), 0);
}

#[test]
fn what_the_key_of_the_session_did_not_sign_is_neither_remembered_nor_reported() {
	let scene = Scene::new(&[Charlie]);
	let mut watch = watch(&scene, None);
	let forged = |commitment| {
		let batch = commit_batch(Bob, SESSION, &[(1, commitment)]);
		let signature = pair(Alice).sign(&batch.signing_payload(&GENESIS));
		Message::commits(&batch, signature)
	};
	watch.hear(&forged(7), BEST);
	watch.hear(&commits(Bob, &[(1, 1)]), BEST);
	watch.hear(&forged(8), BEST);
	// Another's signature over entries that were changed on the way.
	let mut changed = commits(Bob, &[(1, 1)]);
	let Entries::Commits(entries) = &mut changed.entries else { panic!() };
	entries[0].commitment = H256::repeat_byte(2);
	watch.hear(&changed, BEST);
	// Nobody's, of no session that is known.
	watch.hear(&commits(Sr25519Keyring::Eve, &[(1, 1)]), BEST);
	watch.hear(&commits_in(Bob, SESSION + 1, &[(1, 2)]), BEST);
	assert_eq!(scene.attempts.get(), 0);
	watch.hear(&commits(Bob, &[(1, 2)]), BEST);
	assert_eq!(scene.attempts.get(), 1);
}

#[test]
fn an_attester_is_reported_once_for_each_session() {
	let scene = Scene::new(&[Charlie]);
	let mut watch = watch(&scene, None);
	equivocate(&mut watch);
	*scene.standing.borrow_mut() = Standing::Known;
	*scene.final_standing.borrow_mut() = Standing::Known;
	pass(&scene, &mut watch, 5);
	watch.hear(&commits(Bob, &[(1, 3)]), BEST);
	watch.hear(&commits(Bob, &[(2, 1)]), BEST);
	watch.hear(&commits(Bob, &[(2, 2)]), BEST);
	pass(&scene, &mut watch, 1_000);
	assert_eq!(scene.attempts.get(), 1);
}

#[test]
fn what_the_chain_knows_already_is_not_reported() {
	let scene = Scene::new(&[Charlie]);
	*scene.standing.borrow_mut() = Standing::Known;
	let mut watch = watch(&scene, None);
	equivocate(&mut watch);
	pass(&scene, &mut watch, 100);
	assert_eq!(scene.attempts.get(), 0);
}

#[test]
fn a_report_that_was_undone_with_its_block_is_made_again() {
	let scene = Scene::new(&[Charlie]);
	let mut watch = watch(&scene, None);
	equivocate(&mut watch);
	// In a block, which is not final; then that block is gone.
	*scene.standing.borrow_mut() = Standing::Known;
	pass(&scene, &mut watch, 3);
	*scene.standing.borrow_mut() = Standing::Due;
	pass(&scene, &mut watch, 20);
	assert!(reporters(&scene).len() > 1);
}

#[test]
fn a_report_that_the_pool_refuses_is_tried_again_ever_more_rarely_and_given_up() {
	let scene = Scene::new(&[Charlie]);
	scene.takes.set(false);
	let mut watch = watch(&scene, None);
	equivocate(&mut watch);
	let mut blocks = Vec::new();
	for block in 1..=2_000u32 {
		let before = scene.attempts.get();
		pass(&scene, &mut watch, 1);
		if scene.attempts.get() > before {
			blocks.push(block);
		}
	}
	assert_eq!(blocks[..6], [2, 6, 14, 30, 62, 126]);
	assert_eq!(scene.attempts.get(), 16);
	assert!(reporters(&scene).is_empty());
}

#[test]
fn two_attesters_that_equivocate_in_one_session_are_both_reported() {
	let scene = Scene::new(&[Charlie]);
	let mut watch = watch(&scene, None);
	watch.hear(&commits(Alice, &[(1, 1)]), BEST);
	equivocate(&mut watch);
	watch.hear(&commits(Alice, &[(1, 2)]), BEST);
	let accused: Vec<_> =
		scene.submitted.borrow().iter().map(|(evidence, _)| evidence.attester.clone()).collect();
	assert_eq!(accused, [Bob.to_account_id(), Alice.to_account_id()]);
}
