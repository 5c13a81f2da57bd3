// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Proves to the chain that files are here: takes the chunks that the off-chain worker wants proved
//! out of the mailbox, and writes back what shows that they are of the file.
//!
//! One at a time, on a thread of its own: the first proof of a file takes one pass over it, which may
//! be two gigabytes, and inference must not wait for that. A proof is checked before it is
//! written: a file that was damaged on the disk makes no transaction that nobody takes.

use jurat_primitives::{
	custody::{ChunkProof, ReleaseFile},
	mailbox::{
		JobKey,
		custody::{CustodyFailure, CustodyJob, CustodyResult},
	},
};
use jurat_store::{Store, StoreError};
use sp_core::offchain::OffchainStorage;
use std::{
	sync::{
		Arc,
		atomic::{AtomicBool, Ordering},
	},
	thread,
};

use super::{
	LOG_TARGET,
	mailbox::{Doorbell, Entry, Mailbox},
	pool::Pool,
};

/// Something that has files, or has not, and can prove what it has.
pub trait Prover: Send + Sync + 'static {
	/// The proof of a chunk, or why there is none. Blocks. `None`: `stopped` said that the node stops.
	fn prove(
		&self,
		file: &ReleaseFile,
		chunk: u64,
		stopped: &dyn Fn() -> bool,
	) -> Option<CustodyResult>;
}

impl Prover for Store {
	fn prove(
		&self,
		file: &ReleaseFile,
		chunk: u64,
		stopped: &dyn Fn() -> bool,
	) -> Option<CustodyResult> {
		(!stopped()).then(|| prove_stored(self, file, chunk))
	}
}

fn prove_stored(store: &Store, file: &ReleaseFile, chunk: u64) -> CustodyResult {
	let ReleaseFile { content, size } = file;
	let stat = store.stat(content).ok_or(CustodyFailure::Absent)?;
	// Nor is a chunk asked for that a file of this size does not have.
	if stat.size != *size {
		return Err(CustodyFailure::Unreadable);
	}
	let proof = store.prove_chunk(content, chunk).map_err(|error| match error {
		StoreError::NotFound(_) => CustodyFailure::Absent,
		error => {
			log::warn!(target: LOG_TARGET, "cannot read a file that is to be proved: {error}");
			CustodyFailure::Unreadable
		},
	})?;
	let proof = ChunkProof {
		bytes: proof.chunk.try_into().map_err(|_| CustodyFailure::Unreadable)?,
		siblings: proof.siblings.try_into().map_err(|_| CustodyFailure::Unreadable)?,
	};
	proof.verify(content, *size, chunk).map_err(|flaw| {
		tracing::error!(target: LOG_TARGET, %content, %flaw, "a file is damaged on this disk");
		CustodyFailure::Unreadable
	})?;
	Ok(proof)
}

/// Proves what the mailbox asks for.
pub struct Custody<S> {
	mailbox: Mailbox<S>,
	doorbell: Doorbell,
	prover: Arc<dyn Prover>,
	/// Closed when the node stops.
	pool: Arc<Pool>,
	busy: Arc<AtomicBool>,
}

impl<S: OffchainStorage + 'static> Custody<S> {
	/// Takes jobs from this mailbox, until that pool is closed.
	pub fn new(
		mailbox: Mailbox<S>,
		doorbell: Doorbell,
		prover: Arc<dyn Prover>,
		pool: Arc<Pool>,
	) -> Self {
		Self { mailbox, doorbell, prover, pool, busy: Arc::default() }
	}

	/// Begins with the oldest job, if none is under way. Does not block.
	pub fn look(&self) {
		if self.busy.load(Ordering::Acquire) || self.pool.is_closed() {
			return;
		}
		let mut over = Vec::new();
		for key in self.mailbox.pending_proofs() {
			match self.mailbox.proof_entry(&key) {
				Entry::Job(job) => {
					self.begin(key, job);
					break;
				},
				Entry::Done | Entry::Forgotten => over.push(key),
				Entry::Garbage => {
					log::warn!(target: LOG_TARGET, "proof {key} cannot be read; it is removed");
					self.mailbox.discard_proof(&key);
					over.push(key);
				},
			}
		}
		self.mailbox.remove_proofs(&over);
	}

	/// Proves a chunk on a thread of its own.
	fn begin(&self, key: JobKey, job: CustodyJob) {
		let (mailbox, doorbell) = (self.mailbox.clone(), self.doorbell.clone());
		let (prover, pool) = (self.prover.clone(), self.pool.clone());
		let busy = Busy::new(&self.busy);
		let run = move || {
			let CustodyJob { file, chunk } = job;
			let result = prover.prove(&file, chunk, &|| pool.is_closed());
			// A node that stops proves it when it is back.
			if let Some(result) = result {
				match &result {
					Ok(_) => {
						tracing::debug!(target: LOG_TARGET, content = %file.content, chunk, "proved");
					},
					Err(failure) => {
						tracing::warn!(target: LOG_TARGET, content = %file.content, ?failure, "no proof");
					},
				}
				mailbox.store_proof(&key, &result);
				mailbox.remove_proofs(&[key]);
			}
			drop(busy);
			doorbell.ring();
		};
		// A thread that can not be started is started with the next look.
		if let Err(error) = thread::Builder::new().name("custody".into()).spawn(run) {
			log::warn!(target: LOG_TARGET, "cannot start a thread to prove a file: {error}");
		}
	}
}

/// Says that a thread is at work, for as long as it lives: also if it panics.
struct Busy(Arc<AtomicBool>);

impl Busy {
	fn new(busy: &Arc<AtomicBool>) -> Self {
		busy.store(true, Ordering::Release);
		Self(busy.clone())
	}
}

impl Drop for Busy {
	fn drop(&mut self) {
		self.0.store(false, Ordering::Release);
	}
}
