// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! The node's end of the mailbox, whose other end is [`jurat_primitives::mailbox`] in the runtime.
//!
//! The off-chain worker writes through [`NotifyingStorage`], which rings a [`Doorbell`] whenever
//! the list of pending jobs changes. [`Mailbox`] reads and writes the same keys beside it.

use codec::{Decode, Encode};
use jurat_primitives::mailbox::{
	Job, JobKey, JobResult, job_storage_key, pending_key, result_storage_key,
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
	pending: Arc<[u8]>,
}

impl<S> NotifyingStorage<S> {
	/// Rings when the list of pending jobs is written.
	pub fn new(storage: S, doorbell: Doorbell) -> Self {
		Self { storage, doorbell, pending: pending_key().into() }
	}

	fn written(&self, prefix: &[u8], key: &[u8]) {
		if prefix == STORAGE_PREFIX && *key == *self.pending {
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
pub enum Entry {
	/// A job that waits for its result.
	Job(Box<Job>),
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
		let key = pending_key();
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
		let result = self.get(&result_storage_key(key));
		if result.is_some_and(|raw| JobResult::decode(&mut &raw[..]).is_ok()) {
			return Entry::Done;
		}
		match self.get(&job_storage_key(key)) {
			None => Entry::Forgotten,
			Some(raw) => match Job::decode(&mut &raw[..]) {
				Ok(job) => Entry::Job(Box::new(job)),
				Err(_) => Entry::Garbage,
			},
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
		let result_key = result_storage_key(key);
		if !self.wants(key) {
			return false;
		}
		let mut storage = self.storage.clone();
		storage.set(STORAGE_PREFIX, &result_key, &result.encode());
		// The worker removes the job first and the result second. So either the job is still here
		// now and the worker will remove the result too, or it is for us to do.
		let kept = self.wants(key);
		if !kept {
			storage.remove(STORAGE_PREFIX, &result_key);
		}
		kept
	}

	/// Takes keys off the list of pending jobs, whatever the worker adds meanwhile.
	pub fn remove(&self, keys: &[JobKey]) {
		if keys.is_empty() {
			return;
		}
		let keys: HashSet<_> = keys.iter().collect();
		let pending = pending_key();
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
}

fn decode_list(raw: &[u8]) -> Option<Vec<JobKey>> {
	Vec::<JobKey>::decode(&mut &raw[..]).ok()
}
