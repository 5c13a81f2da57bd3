// SPDX-License-Identifier: Apache-2.0
//! The mailbox: how the off-chain worker (Wasm) and the native executor hand each other jobs and
//! results, through keys of the node's off-chain database.
//!
//! ```text
//! worker:   post(jobs)    job/KEY = Job        pending += KEY
//! executor:               reads pending, runs, result/KEY = JobResult, pending -= KEY
//! worker:   result(KEY)   reads result/KEY
//!           clear(KEY)    a while after a terminal state: removes job/KEY and result/KEY
//! ```
//!
//! Everything is keyed by request *digest* and attester, hence safe over re-orgs: two forks that
//! give one number to two requests have two jobs, and one request on two forks has one. Everything
//! survives a restart: what is pending is run again. Keys carry the version of the codec.
//!
//! Two more things travel the same way: proofs that the node holds a file ([`custody`]), and which
//! releases the node wants to announce ([`serving`]).

pub mod custody;
pub mod serving;

use crate::{
	answer::Answer,
	ids::{ContentHash, RequestDigest, RequestId},
	manifest::Manifest,
	request::RequestInput,
};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use sp_core::H256;
use sp_runtime::offchain::storage::{MutateStorageError, StorageValueRef};

/// Keys that wait for the executor, at most.
pub const PENDING_LIMIT: usize = 4096;

/// How often to try to add to the list while others write to it.
const ATTEMPTS: usize = 16;

const PREFIX: &[u8] = b"jurat/mailbox/v1/";

/// Name of a job: [`job_key`].
pub type JobKey = H256;

/// `blake2_256("jurat/job/v1" ‖ request ‖ attester)`.
pub fn job_key<AccountId: Encode>(request: &RequestDigest, attester: &AccountId) -> JobKey {
	(b"jurat/job/v1", request, attester)
		.using_encoded(|bytes| H256(sp_io::hashing::blake2_256(bytes)))
}

/// Key of the list of pending jobs, a `Vec<JobKey>`, oldest first.
pub fn pending_key() -> Vec<u8> {
	[PREFIX, b"pending"].concat()
}

/// Key of a [`Job`].
pub fn job_storage_key(key: &JobKey) -> Vec<u8> {
	[PREFIX, b"job/", key.as_bytes()].concat()
}

/// Key of a [`JobResult`].
pub fn result_storage_key(key: &JobKey) -> Vec<u8> {
	[PREFIX, b"result/", key.as_bytes()].concat()
}

/// One inference to run.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Job {
	/// Number of the request, for the log.
	pub request: RequestId,
	/// The model file.
	pub content: ContentHash,
	/// Its size in bytes.
	pub size: u64,
	/// What the model is.
	pub manifest: Manifest,
	/// What to run it on.
	pub input: RequestInput,
	/// When a result is of no more use, in milliseconds since the Unix epoch.
	pub deadline: u64,
}

/// What came of a job.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct JobResult {
	/// The answer.
	pub answer: Answer,
	/// Time of the run, in microseconds.
	pub micros: u64,
}

/// The list of pending jobs is full, or other writers got in between too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailboxFull;

/// Hands jobs to the executor. A job whose result is there, or that is pending already, is not
/// queued again. All or nothing: a full mailbox takes none.
pub fn post(jobs: &[(JobKey, Job)]) -> Result<(), MailboxFull> {
	let fresh: Vec<_> = jobs.iter().filter(|(key, _)| result(key).is_none()).collect();
	if fresh.is_empty() {
		return Ok(());
	}
	for (key, job) in &fresh {
		StorageValueRef::persistent(&job_storage_key(key)).set(job);
	}
	match enqueue(&pending_key(), PENDING_LIMIT, fresh.iter().map(|(key, _)| *key)) {
		Some(Ok(())) => Ok(()),
		Some(Err(full)) => {
			fresh.iter().for_each(|(key, _)| clear(key));
			Err(full)
		},
		None => Err(MailboxFull),
	}
}

/// Adds keys to a list of pending ones, each once, unless it would have more than `limit`. `None`:
/// others wrote to it each time.
fn enqueue(
	list: &[u8],
	limit: usize,
	keys: impl Iterator<Item = JobKey> + Clone,
) -> Option<Result<(), MailboxFull>> {
	(0..ATTEMPTS).find_map(|_| {
		let attempt = StorageValueRef::persistent(list).mutate(|list| {
			let mut list: Vec<JobKey> = list.ok().flatten().unwrap_or_default();
			for key in keys.clone() {
				if !list.contains(&key) {
					list.push(key);
				}
			}
			if list.len() > limit { Err(MailboxFull) } else { Ok(list) }
		});
		match attempt {
			Ok(_) => Some(Ok(())),
			Err(MutateStorageError::ValueFunctionFailed(full)) => Some(Err(full)),
			// The executor took something off the list in between.
			Err(MutateStorageError::ConcurrentModification(_)) => None,
		}
	})
}

/// The result of a job, once there is one.
pub fn result(key: &JobKey) -> Option<JobResult> {
	StorageValueRef::persistent(&result_storage_key(key)).get().ok().flatten()
}

/// Forgets a job and its result.
pub fn clear(key: &JobKey) {
	StorageValueRef::persistent(&job_storage_key(key)).clear();
	StorageValueRef::persistent(&result_storage_key(key)).clear();
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::answer::JobFailure;
	use sp_core::offchain::{OffchainDbExt, testing::TestOffchainExt};

	fn job(request: RequestId) -> (JobKey, Job) {
		let manifest = Manifest {
			opset: 17,
			engine: crate::EngineId::OnnxRuntime1_31,
			profile: crate::NumericProfile::Exact,
			inputs: Default::default(),
			outputs: Default::default(),
			operators: Default::default(),
			compute_units: 1,
			allow_nan: false,
			licence: Default::default(),
			tags: Default::default(),
		};
		let job = Job {
			request,
			content: ContentHash([1; 32]),
			size: 7,
			manifest,
			input: RequestInput::Inline(Default::default()),
			deadline: 99,
		};
		(job_key(&H256::from_low_u64_be(request), &7u64), job)
	}

	fn pending() -> Vec<JobKey> {
		StorageValueRef::persistent(&pending_key()).get().unwrap().unwrap_or_default()
	}

	#[test]
	fn a_job_is_queued_once_and_forgotten_when_cleared() {
		let mut ext = sp_io::TestExternalities::default();
		ext.register_extension(OffchainDbExt::new(TestOffchainExt::new().0));
		ext.execute_with(|| {
			let (a, b) = (job(1), job(2));
			post(&[a.clone(), b.clone()]).unwrap();
			post(core::slice::from_ref(&a)).unwrap();
			assert_eq!(pending(), vec![a.0, b.0]);
			let stored = StorageValueRef::persistent(&job_storage_key(&a.0)).get::<Job>();
			assert_eq!(stored.unwrap(), Some(a.1.clone()));

			assert_eq!(result(&a.0), None);
			let done = JobResult { answer: Answer::Failure(JobFailure::RunFailed), micros: 5 };
			StorageValueRef::persistent(&result_storage_key(&a.0)).set(&done);
			assert_eq!(result(&a.0), Some(done));

			clear(&a.0);
			assert_eq!(result(&a.0), None);
			assert_eq!(StorageValueRef::persistent(&job_storage_key(&a.0)).get::<Job>(), Ok(None));
		});
	}

	#[test]
	fn a_full_mailbox_takes_nothing() {
		let mut ext = sp_io::TestExternalities::default();
		ext.register_extension(OffchainDbExt::new(TestOffchainExt::new().0));
		ext.execute_with(|| {
			let full: Vec<_> = (0..PENDING_LIMIT as u64).map(H256::from_low_u64_be).collect();
			StorageValueRef::persistent(&pending_key()).set(&full);
			let late = job(1);
			assert_eq!(post(core::slice::from_ref(&late)), Err(MailboxFull));
			assert_eq!(pending(), full);
			assert_eq!(
				StorageValueRef::persistent(&job_storage_key(&late.0)).get::<Job>(),
				Ok(None)
			);
		});
	}
}
