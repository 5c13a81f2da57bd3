// SPDX-License-Identifier: Apache-2.0
//! The off-chain worker, with a keystore, an off-chain database and a pool. The executor is played
//! by the test, which writes results into the mailbox.

use crate::{mock::*, worker::testing::*};
use codec::Decode;
use frame_support::traits::Hooks;
use jurat_primitives::{
	RequestId,
	answer::Answer,
	batch::Revealed,
	crypto::ATTESTATION_KEY_TYPE,
	mailbox::{self, Job, JobKey, JobResult},
};
use sp_core::{
	H256,
	offchain::{
		OffchainDbExt, OffchainWorkerExt, TransactionPoolExt,
		testing::{PoolState, TestOffchainExt, TestTransactionPoolExt},
	},
};
use sp_keystore::{Keystore, KeystoreExt, testing::MemoryKeystore};
use sp_runtime::{offchain::storage::StorageValueRef, testing::TestXt};
use std::sync::Arc;

pub(super) type Pool = Arc<parking_lot::RwLock<PoolState>>;

/// Runs a test on a node that holds the keys of these validators.
pub(super) fn on_node(validators: &[AccountId], test: impl FnOnce(&Pool)) {
	let mut ext = ExtBuilder.build();
	let (offchain, _) = TestOffchainExt::new();
	let (pool, state) = TestTransactionPoolExt::new();
	let keystore = MemoryKeystore::new();
	for who in validators {
		let seed = format!("0x{}", hex_of(*who));
		keystore.sr25519_generate_new(ATTESTATION_KEY_TYPE, Some(&seed)).unwrap();
	}
	ext.register_extension(OffchainDbExt::new(offchain.clone()));
	ext.register_extension(OffchainWorkerExt::new(offchain));
	ext.register_extension(TransactionPoolExt::new(pool));
	ext.register_extension(KeystoreExt::new(keystore));
	ext.execute_with(|| {
		// The run that draws the seed does nothing else.
		work();
		test(&state);
		Attestation::do_try_state().unwrap();
	});
}

fn hex_of(who: AccountId) -> String {
	let mut seed = [0u8; 32];
	seed[..8].copy_from_slice(&who.to_le_bytes());
	seed.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn work() {
	let now = System::block_number();
	crate::worker::run::<Test>(now);
}

/// What the worker submitted since the last call.
pub(super) fn submitted(pool: &Pool) -> Vec<crate::Call<Test>> {
	pool.write()
		.transactions
		.drain(..)
		.map(|bytes| {
			let transaction = TestXt::<RuntimeCall, ()>::decode(&mut &bytes[..]).unwrap();
			match transaction.function {
				RuntimeCall::Attestation(call) => call,
				other => panic!("{other:?}"),
			}
		})
		.collect()
}

fn job_of(request: RequestId, who: AccountId) -> JobKey {
	mailbox::job_key(&digest(request), &who)
}

/// Plays the executor.
fn finish(request: RequestId, who: AccountId, answer: Answer) {
	let result = JobResult { answer, micros: 1 };
	StorageValueRef::persistent(&mailbox::result_storage_key(&job_of(request, who))).set(&result);
}

fn stored_job(request: RequestId, who: AccountId) -> Option<Job> {
	StorageValueRef::persistent(&mailbox::job_storage_key(&job_of(request, who))).get().unwrap()
}

pub(super) fn next_block() {
	System::set_block_number(System::block_number() + 1);
}

#[test]
fn a_node_runs_commits_and_reveals_what_its_attester_is_drawn_for() {
	on_node(&[1], |pool| {
		serve(&[1]);
		draw(1, 1, 1, true);
		work();
		let job = stored_job(1, 1).unwrap();
		assert_eq!(job.request, 1);
		assert!(submitted(pool).is_empty());

		finish(1, 1, answer(7));
		next_block();
		work();
		let [call] = submitted(pool).try_into().unwrap();
		assert!(matches!(call, crate::Call::commit { .. }));
		apply(call).unwrap();

		next_block();
		work();
		let [call] = submitted(pool).try_into().unwrap();
		let crate::Call::reveal { ref batch, .. } = call else { panic!("{call:?}") };
		assert_eq!(batch.entries[0].revealed, Revealed::Full(answer(7)));
		apply(call).unwrap();
		assert_eq!(heard().last(), Some(&Heard::Complete(1)));
		next_block();
		work();
		assert!(submitted(pool).is_empty());
	});
}

#[test]
fn many_requests_travel_in_one_batch() {
	on_node(&[1], |pool| {
		serve(&[1]);
		for request in 1..=20 {
			draw(request, 1, 1, true);
			finish(request, 1, answer(request as u8));
		}
		work();
		let [call] = submitted(pool).try_into().unwrap();
		let crate::Call::commit { ref batch, .. } = call else { panic!("{call:?}") };
		assert_eq!(batch.entries.len(), 20);
		apply(call).unwrap();
	});
}

/// A panel that was drawn later may be that of an earlier request.
#[test]
fn a_batch_is_in_order_of_request_whichever_is_more_urgent() {
	on_node(&[1], |pool| {
		serve(&[1]);
		for request in [3, 1, 2] {
			draw(request, 1, 1, true);
			finish(request, 1, answer(request as u8));
			System::set_block_number(System::block_number() + 1);
		}
		work();
		let [call] = submitted(pool).try_into().unwrap();
		let crate::Call::commit { ref batch, .. } = call else { panic!("{call:?}") };
		let requests: Vec<_> = batch.entries.iter().map(|entry| entry.request).collect();
		assert_eq!(requests, [1, 2, 3]);
		apply(call).unwrap();
	});
}

#[test]
fn a_batch_holds_no_more_entries_than_the_chain_takes() {
	on_node(&[1], |pool| {
		serve(&[1]);
		for request in 1..=260 {
			draw(request, 1, 1, true);
			finish(request, 1, answer(0));
		}
		work();
		let sizes: Vec<_> = submitted(pool)
			.into_iter()
			.map(|call| {
				let crate::Call::commit { ref batch, .. } = call else { panic!("{call:?}") };
				let size = batch.entries.len();
				apply(call).unwrap();
				size
			})
			.collect();
		assert_eq!(sizes, [256, 4]);
	});
}

#[test]
fn reveals_are_split_by_bytes() {
	on_node(&[1], |pool| {
		serve(&[1]);
		for request in 1..=10 {
			draw(request, 1, 1, true);
			finish(request, 1, sized_answer(request as u8, 60_000));
		}
		work();
		submitted(pool).into_iter().for_each(|call| {
			apply(call).unwrap();
		});
		next_block();
		work();
		let calls = submitted(pool);
		assert_eq!(calls.len(), 2);
		calls.into_iter().for_each(|call| {
			apply(call).unwrap();
		});
	});
}

#[test]
fn only_the_first_that_committed_shows_the_bytes_of_an_exact_answer() {
	on_node(&[1, 2, 3], |pool| {
		serve(&[1, 2, 3]);
		let members = draw(1, 3, 2, true);
		members.iter().for_each(|who| finish(1, *who, answer(5)));
		work();
		submitted(pool).into_iter().for_each(|call| {
			apply(call).unwrap();
		});
		next_block();
		work();
		let mut shown = vec![];
		for call in submitted(pool) {
			let crate::Call::reveal { ref batch, .. } = call else { panic!("{call:?}") };
			if matches!(batch.entries[0].revealed, Revealed::Full(_)) {
				shown.push(batch.attester);
			}
			apply(call).unwrap();
		}
		assert_eq!(shown, [members[0]]);
	});
}

#[test]
fn bytes_that_nobody_shows_are_supplied() {
	on_node(&[1, 2], |pool| {
		serve(&[1, 2, 3]);
		let members = draw(1, 3, 2, true);
		// 3 is another node's. Whoever is to show the bytes gives its digest only.
		for who in members.iter().filter(|who| **who != 3) {
			finish(1, *who, answer(5));
		}
		work();
		submitted(pool).into_iter().for_each(|call| {
			apply(call).unwrap();
		});
		commit(3, 1, &answer(6)).unwrap();
		next_block();
		let digest = jurat_primitives::commitment::answer_digest(&answer(5));
		for who in [1, 2] {
			let seed: [u8; 32] =
				StorageValueRef::persistent(b"jurat/attestation/v1/seed").get().unwrap().unwrap();
			let mut entry = reveal_entry(who, 1, Revealed::Digest(digest));
			entry.salt =
				jurat_primitives::commitment::derive_salt(&seed, &crate::mock::digest(1), &who);
			let (batch, signature) = reveal_batch(who, vec![entry]);
			apply(crate::Call::reveal { batch, signature }).unwrap();
		}
		work();
		let calls = submitted(pool);
		let crate::Call::reveal { ref batch, .. } = calls[0] else { panic!("{calls:?}") };
		assert_eq!(batch.entries[0].revealed, Revealed::Full(answer(5)));
		apply(calls[0].clone()).unwrap();
		assert!(crate::Answers::<Test>::contains_key(1, digest));
	});
}

#[test]
fn a_failure_of_the_executor_is_sworn_to_as_well() {
	on_node(&[1], |pool| {
		serve(&[1]);
		draw(1, 1, 1, true);
		finish(1, 1, failure());
		work();
		assert_eq!(submitted(pool).len(), 1);
	});
}

#[test]
fn what_was_not_included_is_sent_again_at_the_next_block_and_not_before() {
	on_node(&[1], |pool| {
		serve(&[1]);
		draw(1, 1, 1, true);
		finish(1, 1, answer(7));
		work();
		let first = submitted(pool);
		assert_eq!(first.len(), 1);
		work();
		assert!(submitted(pool).is_empty());
		next_block();
		work();
		let again = submitted(pool);
		// Signatures are randomised; what is signed is the same.
		let batch = |call: &crate::Call<Test>| match call {
			crate::Call::commit { batch, .. } => batch.clone(),
			other => panic!("{other:?}"),
		};
		assert_eq!(batch(&first[0]), batch(&again[0]));
	});
}

#[test]
fn what_is_sent_again_does_not_hold_up_what_is_new() {
	on_node(&[1], |pool| {
		serve(&[1]);
		draw(1, 1, 1, true);
		finish(1, 1, answer(7));
		work();
		submitted(pool);
		next_block();
		draw(2, 1, 1, true);
		finish(2, 1, answer(8));
		work();
		let requests: Vec<Vec<_>> = submitted(pool)
			.iter()
			.map(|call| {
				let crate::Call::commit { batch, .. } = call else { panic!("{call:?}") };
				batch.entries.iter().map(|entry| entry.request).collect()
			})
			.collect();
		assert_eq!(requests, [[1], [2]]);
	});
}

#[test]
fn a_request_that_moves_to_another_number_on_a_fork_gets_the_same_commitment() {
	on_node(&[1], |pool| {
		serve(&[1]);
		draw(1, 1, 1, true);
		finish(1, 1, answer(7));
		work();
		let Ok([crate::Call::commit { batch: first, .. }]) = <[_; 1]>::try_from(submitted(pool))
		else {
			panic!()
		};
		// The other fork: the same request under another number.
		use jurat_primitives::traits::{PanelSpec, Panels};
		Attestation::close(1);
		Attestation::draw(2, &PanelSpec { digest: digest(1), ..spec(1, 1, true) }).unwrap();
		next_block();
		work();
		let Ok([crate::Call::commit { batch: second, .. }]) = <[_; 1]>::try_from(submitted(pool))
		else {
			panic!()
		};
		assert_eq!(first.entries[0].commitment, second.entries[0].commitment);
		assert_ne!(first.entries[0].request, second.entries[0].request);
	});
}

#[test]
fn a_finished_job_is_forgotten_after_a_while_and_not_before() {
	on_node(&[1], |pool| {
		serve(&[1]);
		draw(1, 1, 1, true);
		work();
		finish(1, 1, answer(7));
		use jurat_primitives::traits::Panels;
		Attestation::close(1);
		let block = System::block_number();
		System::set_block_number(block + u64::from(FORGET_AFTER));
		work();
		assert!(stored_job(1, 1).is_some());
		next_block();
		work();
		assert!(stored_job(1, 1).is_none());
		assert_eq!(mailbox::result(&job_of(1, 1)), None);
		assert!(submitted(pool).is_empty());
	});
}

#[test]
fn a_node_without_the_key_does_nothing() {
	on_node(&[2], |pool| {
		serve(&[1]);
		draw(1, 1, 1, true);
		work();
		assert!(stored_job(1, 1).is_none());
		assert!(submitted(pool).is_empty());
	});
	on_node(&[], |pool| {
		serve(&[1]);
		draw(1, 1, 1, true);
		work();
		assert!(submitted(pool).is_empty());
	});
}

#[test]
fn an_attester_that_left_the_session_still_finishes() {
	on_node(&[1], |pool| {
		serve(&[1]);
		draw(1, 1, 1, true);
		work();
		session(&[2]);
		finish(1, 1, answer(7));
		next_block();
		work();
		assert_eq!(submitted(pool).len(), 1);
	});
}

#[test]
fn a_job_is_of_no_use_after_the_window_in_which_it_is_due() {
	on_node(&[1], |_| {
		serve(&[1]);
		draw(1, 1, 1, true);
		let clock = sp_io::offchain::timestamp().unix_millis();
		work();
		let deadline = stored_job(1, 1).unwrap().deadline;
		// Ten blocks of three seconds less two, and what the last run would wait: what fails at its
		// deadline can still be committed to.
		assert!((clock + 24_000..=clock + 24_500).contains(&deadline), "{}", deadline - clock);
	});
}

#[test]
fn two_runs_do_not_work_at_the_same_time() {
	on_node(&[1], |pool| {
		serve(&[1]);
		draw(1, 1, 1, true);
		finish(1, 1, answer(7));
		use sp_runtime::offchain::storage_lock::{StorageLock, Time};
		let mut lock = StorageLock::<'_, Time>::new(b"jurat/attestation/v1/lock");
		let guard = lock.lock();
		work();
		assert!(submitted(pool).is_empty());
		drop(guard);
		work();
		assert_eq!(submitted(pool).len(), 1);
	});
}

#[test]
fn the_hook_works_only_on_a_validator_s_node() {
	on_node(&[1], |pool| {
		serve(&[1]);
		draw(1, 1, 1, true);
		finish(1, 1, answer(7));
		<Attestation as Hooks<u64>>::offchain_worker(System::block_number());
		// `TestOffchainExt` says that it is a validator.
		assert_eq!(submitted(pool).len(), 1);
	});
}

#[test]
fn the_seed_is_drawn_once() {
	on_node(&[1], |_| {
		let key = b"jurat/attestation/v1/seed";
		let first: [u8; 32] = StorageValueRef::persistent(key).get().unwrap().unwrap();
		work();
		let second: [u8; 32] = StorageValueRef::persistent(key).get().unwrap().unwrap();
		assert_eq!(first, second);
		assert_ne!(H256(first), H256::repeat_byte(1));
	});
}
