// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! The node's end of the mailbox, whose other end is [`jurat_primitives::mailbox`] in the runtime.
//!
//! The off-chain worker writes through [`NotifyingStorage`], which rings a [`Doorbell`] whenever
//! a list of pending jobs changes: of inferences, or of chunks to prove. [`Mailbox`] reads and writes
//! the same keys beside it.

use codec::{Decode, Encode};
use jurat_primitives::mailbox::{
	Job, JobKey, JobResult,
	custody::{self, CustodyJob, CustodyResult},
	job_storage_key, pending_key, result_storage_key,
	serving::{ServingWish, wish_key},
};
use sp_core::offchain::{OffchainStorage, STORAGE_PREFIX};
use std::{collections::HashSet, sync::Arc};
use tokio::sync::Notify;

use super::LOG_TARGET;

/// How often the list of pending jobs is read anew while the worker keeps changing it. What is not
/// removed then is removed with the next look.
const ATTEMPTS: usize = 64;

/// Wakes who waits for jobs. A ring that nobody waits for is kept.
#[derive(Clone, Debug, Default)]
pub struct Doorbell(Arc<Notify>);

impl Doorbell {
	/// There may be something to do.
	pub fn ring(&self) {
		self.0.notify_one();
	}

	/// Ends with the next ring, at once if there was one since the last time.
	pub async fn rung(&self) {
		self.0.notified().await;
	}
}

/// The off-chain database, as the off-chain worker gets it: the same, with a doorbell.
#[derive(Clone, Debug)]
pub struct NotifyingStorage<S> {
	storage: S,
	doorbell: Doorbell,
	pending: Arc<[Vec<u8>]>,
}

impl<S> NotifyingStorage<S> {
	/// Rings when a list of pending jobs is written.
	pub fn new(storage: S, doorbell: Doorbell) -> Self {
		let pending = [pending_key(), custody::pending_key()];
		Self { storage, doorbell, pending: pending.into() }
	}

	fn written(&self, prefix: &[u8], key: &[u8]) {
		if prefix == STORAGE_PREFIX && self.pending.iter().any(|pending| pending == key) {
			self.doorbell.ring();
		}
	}
}

impl<S: OffchainStorage> OffchainStorage for NotifyingStorage<S> {
	fn set(&mut self, prefix: &[u8], key: &[u8], value: &[u8]) {
		self.storage.set(prefix, key, value);
		self.written(prefix, key);
	}

	fn remove(&mut self, prefix: &[u8], key: &[u8]) {
		self.storage.remove(prefix, key);
	}

	fn get(&self, prefix: &[u8], key: &[u8]) -> Option<Vec<u8>> {
		self.storage.get(prefix, key)
	}

	fn compare_and_set(
		&mut self,
		prefix: &[u8],
		key: &[u8],
		old_value: Option<&[u8]>,
		new_value: &[u8],
	) -> bool {
		let set = self.storage.compare_and_set(prefix, key, old_value, new_value);
		if set {
			self.written(prefix, key);
		}
		set
	}
}

/// What the mailbox holds under a pending key.
#[derive(Debug, PartialEq, Eq)]
pub enum Entry<J = Box<Job>> {
	/// A job that waits for its result.
	Job(J),
	/// The result is there: the node stopped before it took the key off the list.
	Done,
	/// The worker has forgotten the job: its request has ended.
	Forgotten,
	/// Bytes that are no job.
	Garbage,
}

/// The executor's end of the mailbox.
#[derive(Clone)]
pub struct Mailbox<S> {
	storage: S,
}

impl<S: OffchainStorage> Mailbox<S> {
	/// The mailbox in this off-chain database.
	pub fn new(storage: S) -> Self {
		Self { storage }
	}

	fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
		self.storage.get(STORAGE_PREFIX, key)
	}

	/// Jobs that wait, oldest first. A list that is none is emptied; the worker posts again what
	/// it still wants.
	pub fn pending(&self) -> Vec<JobKey> {
		self.list(pending_key())
	}

	fn list(&self, key: Vec<u8>) -> Vec<JobKey> {
		let Some(raw) = self.get(&key) else { return Vec::new() };
		decode_list(&raw).unwrap_or_else(|| {
			log::warn!(target: LOG_TARGET, "the list of pending jobs is damaged; it is emptied");
			let empty = Vec::<JobKey>::new().encode();
			self.storage.clone().compare_and_set(STORAGE_PREFIX, &key, Some(&raw), &empty);
			Vec::new()
		})
	}

	/// What is there under a pending key.
	pub fn entry(&self, key: &JobKey) -> Entry {
		self.look_up::<_, JobResult>(&job_storage_key(key), &result_storage_key(key))
	}

	fn look_up<J: Decode, R: Decode>(&self, job_key: &[u8], result_key: &[u8]) -> Entry<J> {
		if self.get(result_key).is_some_and(|raw| R::decode(&mut &raw[..]).is_ok()) {
			return Entry::Done;
		}
		match self.get(job_key) {
			None => Entry::Forgotten,
			Some(raw) => J::decode(&mut &raw[..]).map_or(Entry::Garbage, Entry::Job),
		}
	}

	/// Removes the record of a job.
	pub fn discard(&self, key: &JobKey) {
		self.storage.clone().remove(STORAGE_PREFIX, &job_storage_key(key));
	}

	/// Whether the worker has not forgotten a job.
	pub fn wants(&self, key: &JobKey) -> bool {
		self.get(&job_storage_key(key)).is_some()
	}

	/// Writes the result of a job that the worker has not forgotten: a result that nobody reads
	/// would lie in the database for ever. Whether it was written.
	pub fn store(&self, key: &JobKey, result: &JobResult) -> bool {
		self.answer(&job_storage_key(key), &result_storage_key(key), result)
	}

	fn answer(&self, job_key: &[u8], result_key: &[u8], result: &impl Encode) -> bool {
		let wanted = || self.get(job_key).is_some();
		if !wanted() {
			return false;
		}
		let mut storage = self.storage.clone();
		storage.set(STORAGE_PREFIX, result_key, &result.encode());
		// The worker removes the job first and the result second. So either the job is still here
		// now and the worker will remove the result too, or it is for us to do.
		let kept = wanted();
		if !kept {
			storage.remove(STORAGE_PREFIX, result_key);
		}
		kept
	}

	/// Takes keys off the list of pending jobs, whatever the worker adds meanwhile.
	pub fn remove(&self, keys: &[JobKey]) {
		self.remove_from(pending_key(), keys);
	}

	fn remove_from(&self, pending: Vec<u8>, keys: &[JobKey]) {
		if keys.is_empty() {
			return;
		}
		let keys: HashSet<_> = keys.iter().collect();
		for _ in 0..ATTEMPTS {
			let Some(raw) = self.get(&pending) else { return };
			let Some(list) = decode_list(&raw) else { return };
			let rest: Vec<_> = list.iter().filter(|key| !keys.contains(key)).copied().collect();
			if rest.len() == list.len() {
				return;
			}
			let mut storage = self.storage.clone();
			if storage.compare_and_set(STORAGE_PREFIX, &pending, Some(&raw), &rest.encode()) {
				return;
			}
		}
		log::debug!(target: LOG_TARGET, "the list of pending jobs is busy; trying again later");
	}

	/// Chunks that are to be proved, oldest first.
	pub fn pending_proofs(&self) -> Vec<JobKey> {
		self.list(custody::pending_key())
	}

	/// What is there under the key of a chunk that is to be proved.
	pub fn proof_entry(&self, key: &JobKey) -> Entry<CustodyJob> {
		let result_key = custody::result_storage_key(key);
		self.look_up::<_, CustodyResult>(&custody::job_storage_key(key), &result_key)
	}

	/// Writes what came of a chunk that was to be proved, unless the worker has forgotten it. Whether
	/// it was written.
	pub fn store_proof(&self, key: &JobKey, result: &CustodyResult) -> bool {
		self.answer(&custody::job_storage_key(key), &custody::result_storage_key(key), result)
	}

	/// Takes keys off the list of chunks that are to be proved.
	pub fn remove_proofs(&self, keys: &[JobKey]) {
		self.remove_from(custody::pending_key(), keys);
	}

	/// Removes the record of a chunk that was to be proved.
	pub fn discard_proof(&self, key: &JobKey) {
		self.storage.clone().remove(STORAGE_PREFIX, &custody::job_storage_key(key));
	}

	/// Says which releases this node wants to serve: the off-chain worker announces what differs from
	/// what the chain says. `None`: the operator announces by hand.
	pub fn set_serving(&self, wish: Option<&ServingWish>) {
		let mut storage = self.storage.clone();
		match wish {
			Some(wish) => storage.set(STORAGE_PREFIX, &wish_key(), &wish.encode()),
			None => storage.remove(STORAGE_PREFIX, &wish_key()),
		}
	}
}

fn decode_list(raw: &[u8]) -> Option<Vec<JobKey>> {
	Vec::<JobKey>::decode(&mut &raw[..]).ok()
}
