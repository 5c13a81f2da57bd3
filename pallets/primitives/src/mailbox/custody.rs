// SPDX-License-Identifier: Apache-2.0
//! Proofs that the node holds a file: what the off-chain worker of `pallet-custody` wants proved,
//! and what the node says.
//!
//! ```text
//! worker:   post(jobs)    custody/job/KEY = CustodyJob     custody/pending += KEY
//! node:                   reads custody/pending, hashes,   custody/result/KEY, custody/pending -= KEY
//! worker:   result(KEY)   reads custody/result/KEY
//!           clear(KEY)    when no question needs it: removes job and result
//! ```
//!
//! A job is keyed by file and chunk: the proof is the same on each fork and for each attester.

use super::{JobKey, MailboxFull, enqueue};
use crate::custody::{ChunkProof, ReleaseFile};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use sp_core::H256;
use sp_runtime::offchain::storage::StorageValueRef;

/// Keys that wait for the node, at most. A node has few attesters, each of which is asked one
/// question at a time.
pub const PENDING_LIMIT: usize = 64;

const PREFIX: &[u8] = b"jurat/mailbox/v1/custody/";

/// A chunk that is to be proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct CustodyJob {
	/// The file.
	pub file: ReleaseFile,
	/// Which chunk of it.
	pub chunk: u64,
}

impl CustodyJob {
	/// `blake2_256("jurat/custody-job/v1" ‖ file ‖ chunk)`.
	pub fn key(&self) -> JobKey {
		(b"jurat/custody-job/v1", self)
			.using_encoded(|bytes| H256(sp_io::hashing::blake2_256(bytes)))
	}
}

/// Why a chunk could not be proved. It may be possible later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum CustodyFailure {
	/// The node does not have the file.
	#[codec(index = 0)]
	Absent,
	/// The node has another file under this name, or it could not be read.
	#[codec(index = 1)]
	Unreadable,
}

/// What the node says to a job.
pub type CustodyResult = Result<ChunkProof, CustodyFailure>;

/// Key of the list of pending jobs, a `Vec<JobKey>`, oldest first.
pub fn pending_key() -> Vec<u8> {
	[PREFIX, b"pending"].concat()
}

/// Key of a [`CustodyJob`].
pub fn job_storage_key(key: &JobKey) -> Vec<u8> {
	[PREFIX, b"job/", key.as_bytes()].concat()
}

/// Key of a [`CustodyResult`].
pub fn result_storage_key(key: &JobKey) -> Vec<u8> {
	[PREFIX, b"result/", key.as_bytes()].concat()
}

/// Wants chunks proved. One that is proved, or pending already, is not queued again; one that could
/// not be proved is. All or nothing.
pub fn post(jobs: &[CustodyJob]) -> Result<(), MailboxFull> {
	let mut fresh = Vec::new();
	for job in jobs {
		let key = job.key();
		match result(&key) {
			Some(Ok(_)) => continue,
			Some(Err(_)) => StorageValueRef::persistent(&result_storage_key(&key)).clear(),
			None => {},
		}
		StorageValueRef::persistent(&job_storage_key(&key)).set(job);
		fresh.push(key);
	}
	if fresh.is_empty() {
		return Ok(());
	}
	let done = enqueue(&pending_key(), PENDING_LIMIT, fresh.iter().copied());
	if let Some(Err(_)) = done {
		fresh.iter().for_each(clear);
	}
	done.unwrap_or(Err(MailboxFull))
}

/// What the node said to a job, if it has.
pub fn result(key: &JobKey) -> Option<CustodyResult> {
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
	use crate::ids::ContentHash;
	use sp_core::offchain::{OffchainDbExt, testing::TestOffchainExt};

	fn job(chunk: u64) -> CustodyJob {
		CustodyJob { file: ReleaseFile { content: ContentHash([1; 32]), size: 9_000 }, chunk }
	}

	fn pending() -> Vec<JobKey> {
		StorageValueRef::persistent(&pending_key()).get().unwrap().unwrap_or_default()
	}

	fn say(job: &CustodyJob, result: CustodyResult) {
		StorageValueRef::persistent(&result_storage_key(&job.key())).set(&result);
	}

	fn offchain(test: impl FnOnce()) {
		let mut ext = sp_io::TestExternalities::default();
		ext.register_extension(OffchainDbExt::new(TestOffchainExt::new().0));
		ext.execute_with(test);
	}

	#[test]
	fn a_chunk_is_queued_once_and_again_only_if_it_could_not_be_proved() {
		offchain(|| {
			post(&[job(1), job(2)]).unwrap();
			post(&[job(1)]).unwrap();
			assert_eq!(pending(), [job(1).key(), job(2).key()]);
			// The node took both off the list.
			StorageValueRef::persistent(&pending_key()).clear();
			let proof = ChunkProof { bytes: Default::default(), siblings: Default::default() };
			say(&job(1), Ok(proof.clone()));
			say(&job(2), Err(CustodyFailure::Absent));
			post(&[job(1), job(2)]).unwrap();
			assert_eq!(pending(), [job(2).key()]);
			assert_eq!(result(&job(1).key()), Some(Ok(proof)));
			assert_eq!(result(&job(2).key()), None);
			clear(&job(1).key());
			assert_eq!(result(&job(1).key()), None);
			let stored = job_storage_key(&job(1).key());
			assert_eq!(StorageValueRef::persistent(&stored).get::<CustodyJob>(), Ok(None));
		});
	}

	#[test]
	fn a_full_list_takes_nothing_and_keeps_no_job() {
		offchain(|| {
			let full: Vec<_> = (0..PENDING_LIMIT as u64).map(H256::from_low_u64_be).collect();
			StorageValueRef::persistent(&pending_key()).set(&full);
			assert_eq!(post(&[job(1)]), Err(MailboxFull));
			assert_eq!(pending(), full);
			let stored = job_storage_key(&job(1).key());
			assert_eq!(StorageValueRef::persistent(&stored).get::<CustodyJob>(), Ok(None));
		});
	}
}
