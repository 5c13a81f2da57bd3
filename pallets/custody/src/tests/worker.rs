// SPDX-License-Identifier: Apache-2.0
//! The off-chain worker, with a keystore, an off-chain database and a pool. The node is played by the
//! test, which writes results into the mailbox.

use crate::{QuestionOf, mock::*, worker::testing::FORGET_AFTER};
use codec::Decode;
use frame_support::traits::Hooks;
use jurat_primitives::{
	crypto::ATTESTATION_KEY_TYPE,
	mailbox::{
		JobKey,
		custody::{
			self as mailbox, CustodyFailure, CustodyJob, CustodyResult, job_storage_key,
			pending_key, result_storage_key,
		},
	},
};
use sp_core::offchain::{
	OffchainDbExt, OffchainWorkerExt, TransactionPoolExt,
	testing::{PoolState, TestOffchainExt, TestTransactionPoolExt},
};
use sp_keystore::{Keystore, KeystoreExt, testing::MemoryKeystore};
use sp_runtime::{offchain::storage::StorageValueRef, testing::TestXt};
use std::sync::Arc;

type Pool = Arc<parking_lot::RwLock<PoolState>>;

/// Runs a test on a node that holds the keys of these validators.
fn on_node(validators: &[AccountId], test: impl FnOnce(&Pool)) {
	let mut ext = ExtBuilder.build();
	let (offchain, _) = TestOffchainExt::new();
	let (pool, state) = TestTransactionPoolExt::new();
	let keystore = MemoryKeystore::new();
	for who in validators {
		let seed: String = seed(*who).iter().map(|byte| format!("{byte:02x}")).collect();
		keystore.sr25519_generate_new(ATTESTATION_KEY_TYPE, Some(&format!("0x{seed}"))).unwrap();
	}
	ext.register_extension(OffchainDbExt::new(offchain.clone()));
	ext.register_extension(OffchainWorkerExt::new(offchain));
	ext.register_extension(TransactionPoolExt::new(pool));
	ext.register_extension(KeystoreExt::new(keystore));
	ext.execute_with(|| {
		test(&state);
		Custody::do_try_state().unwrap();
	});
}

fn work() {
	<Custody as Hooks<u64>>::offchain_worker(System::block_number());
}

/// What the worker submitted since the last call.
fn submitted(pool: &Pool) -> Vec<crate::Call<Test>> {
	pool.write()
		.transactions
		.drain(..)
		.map(|bytes| match TestXt::<RuntimeCall, ()>::decode(&mut &bytes[..]).unwrap().function {
			RuntimeCall::Custody(call) => call,
			other => panic!("{other:?}"),
		})
		.collect()
}

fn job(question: &QuestionOf<Test>) -> CustodyJob {
	CustodyJob { file: question.file, chunk: question.chunk }
}

fn pending() -> Vec<JobKey> {
	StorageValueRef::persistent(&pending_key()).get().unwrap().unwrap_or_default()
}

/// Plays the node.
fn say(question: &QuestionOf<Test>, result: CustodyResult) {
	let key = job(question).key();
	StorageValueRef::persistent(&result_storage_key(&key)).set(&result);
	StorageValueRef::persistent(&pending_key()).clear();
}

/// Whether the worker still knows a job.
fn knows(question: &QuestionOf<Test>) -> bool {
	let key = job_storage_key(&job(question).key());
	StorageValueRef::persistent(&key).get::<CustodyJob>().unwrap().is_some()
}

#[test]
fn a_node_has_the_chunk_proved_and_answers() {
	on_node(&[1], |pool| {
		let question = until_asked(1);
		Period::set(0);
		work();
		assert_eq!(pending(), [job(&question).key()]);
		assert!(knows(&question) && submitted(pool).is_empty());
		// Fast as the node may be, nothing is sent in the block of the question.
		say(&question, Ok(right(&question)));
		work();
		assert!(submitted(pool).is_empty());
		next_block();
		work();
		let [call] = submitted(pool).try_into().unwrap();
		apply(call).unwrap();
		next_block();
		work();
		assert!(submitted(pool).is_empty());
		assert_eq!(Custody::record(1).proved, 1);
	});
}

#[test]
fn what_is_not_included_is_sent_again_once_at_each_block() {
	on_node(&[1], |pool| {
		let question = until_asked(1);
		Period::set(0);
		say(&question, Ok(right(&question)));
		for _ in 0..3 {
			next_block();
			work();
			work();
			assert_eq!(submitted(pool).len(), 1);
		}
		(0..10).for_each(|_| next_block());
		work();
		assert!(submitted(pool).is_empty());
		assert_eq!(Custody::record(1).failed, 1);
	});
}

#[test]
fn a_file_that_comes_within_the_deadline_is_proved_after_all() {
	on_node(&[1], |pool| {
		let question = until_asked(1);
		Period::set(0);
		work();
		say(&question, Err(CustodyFailure::Absent));
		next_block();
		work();
		assert_eq!(pending(), [job(&question).key()]);
		assert!(submitted(pool).is_empty());
		say(&question, Ok(right(&question)));
		next_block();
		work();
		let [call] = submitted(pool).try_into().unwrap();
		apply(call).unwrap();
	});
}

#[test]
fn a_node_answers_for_its_own_attesters_only() {
	on_node(&[2, 4], |pool| {
		let question = until_asked(1);
		Period::set(0);
		idle(2, true);
		say(&question, Ok(right(&question)));
		next_block();
		work();
		if Custody::question(2).is_none() {
			assert!(pending().is_empty());
		}
		let own: Vec<_> = submitted(pool);
		assert!(own.is_empty());
	});
	on_node(&[], |pool| {
		until_asked(1);
		work();
		assert!(pending().is_empty() && submitted(pool).is_empty());
	});
}

#[test]
fn a_session_that_ends_does_not_keep_a_node_from_its_answer() {
	on_node(&[1], |pool| {
		let question = until_asked(1);
		Period::set(0);
		session(&[2, 3]);
		say(&question, Ok(right(&question)));
		next_block();
		work();
		let [call] = submitted(pool).try_into().unwrap();
		apply(call).unwrap();
	});
}

#[test]
fn a_job_is_forgotten_a_while_after_its_question_and_not_before() {
	on_node(&[1], |pool| {
		let question = until_asked(1);
		Period::set(0);
		work();
		say(&question, Ok(right(&question)));
		next_block();
		work();
		let [call] = submitted(pool).try_into().unwrap();
		apply(call).unwrap();
		let last = System::block_number();
		System::set_block_number(last + u64::from(FORGET_AFTER));
		work();
		assert!(knows(&question));
		System::set_block_number(last + u64::from(FORGET_AFTER) + 1);
		work();
		assert!(!knows(&question));
		assert_eq!(mailbox::result(&job(&question).key()), None);
	});
}

#[test]
fn two_runs_do_not_work_at_the_same_time() {
	on_node(&[1], |pool| {
		let question = until_asked(1);
		Period::set(0);
		say(&question, Ok(right(&question)));
		next_block();
		use sp_runtime::offchain::storage_lock::{StorageLock, Time};
		let mut lock = StorageLock::<'_, Time>::new(b"jurat/custody/v1/lock");
		let guard = lock.lock();
		work();
		assert!(submitted(pool).is_empty());
		drop(guard);
		work();
		assert_eq!(submitted(pool).len(), 1);
	});
}
