// SPDX-License-Identifier: Apache-2.0
//! The off-chain worker: answers the questions to this node's attesters.
//!
//! With each new best block it looks which open questions are to be signed with a key of this node,
//! has the node prove the chunk through the [mailbox], and submits the answer, again
//! with each block until it is included. It does not wait: the deadline spans many blocks, and the
//! node may have to hash the whole file. In the block of the question itself nothing is submitted: a
//! node that meets the answer before that block drops it as not due.
//!
//! # What it remembers
//!
//! In the node's off-chain database, under `jurat/custody/v1/`:
//!
//! | key | value | why |
//! | --- | --- | --- |
//! | `known` | jobs, and the blocks that last needed them and had an answer sent | to forget a job some time after it is over, not at once: a re-org may revive it; to send once at each block |

use crate::{Call, Config, LOG_TARGET, Pallet, Proof, QuestionOf, Questions};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use frame_system::{offchain::SubmitTransaction, pallet_prelude::BlockNumberFor};
use jurat_primitives::{
	crypto::AttestationId,
	custody::ChunkProof,
	mailbox::{
		JobKey,
		custody::{self as mailbox, CustodyJob},
	},
};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::offchain::Duration;
use sp_runtime::{
	Saturating,
	offchain::{
		storage::StorageValueRef,
		storage_lock::{StorageLock, Time},
	},
};

const PREFIX: &[u8] = b"jurat/custody/v1/";

/// Blocks for which a job is kept after no open question needs it any more.
const FORGET_AFTER: u32 = 32;
/// Questions that one run looks at. There are about as many as a block asks, times the blocks of a
/// deadline.
const QUESTIONS_PER_RUN: usize = 4_096;
/// Questions that one run answers: a node has few attesters.
const ANSWERS_PER_RUN: usize = 16;
/// Milliseconds after which a run that died lets go of the lock. None takes as long: it only reads.
const LOCK: u64 = 2_000;

fn key(name: &[u8]) -> Vec<u8> {
	[PREFIX, name].concat()
}

/// A job that some question needed.
#[derive(Clone, Encode, Decode)]
struct Known<BlockNumber> {
	job: JobKey,
	/// The last block that needed it.
	needed: BlockNumber,
	/// The last block at which an answer was submitted.
	sent: Option<BlockNumber>,
}

/// Runs at each new best block on a node that may be a validator.
pub(crate) fn run<T: Config>(now: BlockNumberFor<T>) {
	let keys = AttestationId::all();
	if keys.is_empty() {
		return;
	}
	let lock_key = key(b"lock");
	let mut lock = StorageLock::<'_, Time>::with_deadline(&lock_key, Duration::from_millis(LOCK));
	let Ok(_guard) = lock.try_lock() else {
		// Of another block; this one's questions are looked at with the next.
		log::debug!(target: LOG_TARGET, "another run is at work");
		return;
	};
	let questions = questions::<T>(&keys);
	let jobs: Vec<_> = questions.iter().map(|(_, question)| job::<T>(question)).collect();
	let mut known = remember::<T>(&jobs, now);
	if !jobs.is_empty() {
		if mailbox::post(&jobs).is_err() {
			log::warn!(target: LOG_TARGET, "the node has more chunks to prove than it takes");
		}
		// A run for the same block has been here.
		let sent: Vec<_> =
			known.iter().filter(|known| known.sent == Some(now)).map(|known| known.job).collect();
		for ((attester, question), job) in questions.into_iter().zip(&jobs) {
			let key = job.key();
			let Some(Ok(answer)) = mailbox::result(&key) else { continue };
			if question.asked >= now || sent.contains(&key) {
				continue;
			}
			known
				.iter_mut()
				.filter(|known| known.job == key)
				.for_each(|known| known.sent = Some(now));
			submit::<T>(attester, question, answer);
		}
	}
	store::<T>(&known);
}

/// Open questions that are to be answered with a key of this node.
fn questions<T: Config>(keys: &[AttestationId]) -> Vec<(T::AccountId, QuestionOf<T>)> {
	Questions::<T>::iter()
		.take(QUESTIONS_PER_RUN)
		.filter(|(_, question)| keys.contains(&question.key))
		.take(ANSWERS_PER_RUN)
		.collect()
}

fn job<T: Config>(question: &QuestionOf<T>) -> CustodyJob {
	CustodyJob { file: question.file, chunk: question.chunk }
}

/// Signs and submits an answer. One that was not included by the next block is submitted again: it
/// may have met a pool that had not come to its block yet. If the pool has it after all, it refuses
/// the second copy.
fn submit<T: Config>(attester: T::AccountId, question: QuestionOf<T>, answer: ChunkProof) {
	let QuestionOf::<T> { release, chunk, key, session, .. } = question;
	let proof = Proof { attester, session, release, chunk, answer };
	let Some(signature) = key.sign(&proof.signing_payload(&Pallet::<T>::genesis())) else {
		log::error!(target: LOG_TARGET, "the keystore does not sign with {key:?}");
		return;
	};
	let transaction = T::create_authorized_transaction(Call::prove { proof, signature }.into());
	match SubmitTransaction::<T, Call<T>>::submit_transaction(transaction) {
		Ok(()) => log::debug!(target: LOG_TARGET, "proved chunk {chunk} of {release}"),
		Err(()) => log::debug!(target: LOG_TARGET, "the pool refused the proof of {release}"),
	}
}

/// Jobs that are needed, or were a short time ago. Forgets the others.
fn remember<T: Config>(
	jobs: &[CustodyJob],
	now: BlockNumberFor<T>,
) -> Vec<Known<BlockNumberFor<T>>> {
	let mut known: Vec<Known<BlockNumberFor<T>>> =
		StorageValueRef::persistent(&key(b"known")).get().ok().flatten().unwrap_or_default();
	for job in jobs {
		let job = job.key();
		match known.iter_mut().find(|known| known.job == job) {
			Some(known) => known.needed = now,
			None => known.push(Known { job, needed: now, sent: None }),
		}
	}
	known.retain(|known| {
		let keep = now <= known.needed.saturating_add(FORGET_AFTER.into());
		if !keep {
			mailbox::clear(&known.job);
		}
		keep
	});
	known
}

fn store<T: Config>(known: &Vec<Known<BlockNumberFor<T>>>) {
	let key = key(b"known");
	let stored = StorageValueRef::persistent(&key);
	// A node that is never asked writes nothing.
	if !known.is_empty() || stored.get::<Vec<Known<BlockNumberFor<T>>>>().is_ok_and(|s| s.is_some())
	{
		stored.set(known);
	}
}

/// Names used by the tests of this pallet.
#[cfg(test)]
pub(crate) mod testing {
	/// Blocks after which a job is forgotten.
	pub const FORGET_AFTER: u32 = super::FORGET_AFTER;
}
