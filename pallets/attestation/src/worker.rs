// SPDX-License-Identifier: Apache-2.0
//! The off-chain worker: what an attester's node does for each new best block.
//!
//! It computes nothing itself. It reads which of its attesters sit on open panels, hands the jobs
//! to the native executor through the [mailbox], waits a moment for short ones, and submits what is
//! due: commitments, then reveals, in batches with one signature each. Before all that it announces
//! what the node wants to serve (`announcer.rs`).
//!
//! # What it remembers
//!
//! In the node's off-chain database, under `jurat/attestation/v1/`:
//!
//! | key | value | why |
//! | --- | --- | --- |
//! | `seed` | 32 random bytes | salts are derived from it: a node killed at any point uses the same salt again |
//! | `attesters` | accounts this node signed for | an attester that left the session still finishes its panels |
//! | `known` | jobs and the block that last needed them | to forget a job some time after it is over, not at once: a re-org may revive it |
//! | `sent/…` | block of the last submission | to send once at each block, and again what was not included |
//! | `sworn/…` | the answer's digest that was committed to | never to commit to another one |
//! | `announced/…` | block of the last announcement | as `sent/…`; see `announcer.rs` |
//!
//! # Why it can not equivocate
//!
//! What is signed names the request by its digest, so two forks that give one number to two
//! requests are two requests. The salt is a function of seed, request and attester. The answer is
//! the executor's stored result, or that of running the same file on the same input in the same
//! profile again; should that one be another, since the machine failed in between, nothing is
//! signed. The seed is used only by a later run than the one that drew it, so that it is on disk
//! before anything derived from it leaves the node.

use crate::types::Phase;
use crate::{
	Assignments, Call, Config, LOG_TARGET, OpenPanels, Pallet, PanelOf, Roster, RosterIndex,
};
use alloc::{collections::BTreeMap, vec::Vec};
use codec::{Decode, Encode};
use frame_support::BoundedVec;
use frame_system::{offchain::SubmitTransaction, pallet_prelude::BlockNumberFor};
use jurat_primitives::{
	Answer, RequestId,
	batch::{CommitBatch, CommitEntry, RevealBatch, RevealEntry, Revealed},
	commitment::{AnswerDigest, answer_digest, commitment, derive_salt},
	crypto::AttestationId,
	limits::MAX_BATCH,
	mailbox::{self, Job, JobKey, JobResult},
	traits::{Conduct, JobSource},
};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::{
	Get,
	offchain::{Duration, Timestamp},
};
use sp_runtime::{
	SaturatedConversion, Saturating,
	offchain::{
		storage::StorageValueRef,
		storage_lock::{StorageLock, Time},
	},
};
use sp_staking::SessionIndex;

pub(crate) const PREFIX: &[u8] = b"jurat/attestation/v1/";

/// Blocks for which a job is kept after no open panel needs it any more.
const FORGET_AFTER: u32 = 128;
/// Seats with something to do that one run serves, those whose window closes first before others.
const SEATS_PER_RUN: usize = 512;
/// Attesters that a node remembers to have signed for.
const MAX_ATTESTERS: usize = 16;
/// Encoded bytes of one batch of reveals, about; the answers in it are up to 64 KiB each.
const BATCH_BYTES: usize = 512 * 1024;
/// Milliseconds between two looks at the mailbox.
const NAP: u64 = 15;

fn key(name: &[u8]) -> Vec<u8> {
	[PREFIX, name].concat()
}

/// One seat of one of this node's attesters on an open panel.
struct Seat<T: Config> {
	attester: T::AccountId,
	key: AttestationId,
	request: RequestId,
	job: JobKey,
	panel: PanelOf<T>,
	conduct: Conduct,
}

/// What a seat has to do now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Duty {
	/// Run the model and commit to the answer.
	Commit,
	/// Open the commitment.
	Reveal,
	/// Show the bytes behind the digest that was revealed.
	Supply,
	/// Nothing, now.
	Rest,
}

impl Duty {
	const fn name(self) -> &'static [u8] {
		match self {
			Self::Commit => b"commit",
			Self::Reveal => b"reveal",
			Self::Supply => b"supply",
			Self::Rest => b"rest",
		}
	}
}

impl<T: Config> Seat<T> {
	fn duty(&self, now: BlockNumberFor<T>) -> Duty {
		match (self.panel.phase, self.conduct) {
			(Phase::Commit(until), Conduct::Silent) if now < until => Duty::Commit,
			(Phase::Reveal(until), Conduct::Committed(_)) if now < until => Duty::Reveal,
			(Phase::Reveal(until), Conduct::Revealed(digest))
				if now < until
					&& self.panel.revealed(&digest) >= usize::from(self.panel.threshold)
					&& !crate::Answers::<T>::contains_key(self.request, digest) =>
			{
				Duty::Supply
			},
			_ => Duty::Rest,
		}
	}

	/// Whether this member shows the bytes when it reveals. Of an exact panel, the first that
	/// committed does; the others follow with digests.
	fn shows_bytes(&self) -> bool {
		let first = self.panel.members.iter().find(|member| member.conduct != Conduct::Silent);
		!self.panel.exact || first.is_some_and(|member| member.attester == self.attester)
	}
}

/// Runs at each new best block on a node that may be a validator.
pub(crate) fn run<T: Config>(now: BlockNumberFor<T>) {
	let keys = AttestationId::all();
	if keys.is_empty() {
		return;
	}
	// Runs may overlap: of neighbouring blocks on a busy node, of two blocks of one slot on any. Each
	// waits for the one before it, since a panel of its own block may be what that one does not know.
	let lock_key = key(b"lock");
	let patience = Duration::from_millis(T::WorkerPatience::get());
	let begun = sp_io::offchain::timestamp();
	let mut lock = StorageLock::<'_, Time>::with_deadline(
		&lock_key,
		// Long enough for the wait and what is around it; a run that died lets go by then.
		Duration::from_millis(T::WorkerPatience::get().saturating_mul(2)),
	);
	let _guard = loop {
		if let Ok(guard) = lock.try_lock() {
			break guard;
		}
		let clock = sp_io::offchain::timestamp();
		if clock >= begun.add(patience) {
			log::debug!(target: LOG_TARGET, "an earlier run is still at work");
			return;
		}
		sp_io::offchain::sleep_until(clock.add(Duration::from_millis(NAP)));
	};
	let attesters = attesters::<T>(&keys);
	crate::announcer::run::<T>(&attesters, &keys, now);
	let Some(seed) = seed() else { return };

	let seats: Vec<Seat<T>> =
		attesters.iter().flat_map(|attester| seats::<T>(attester, &keys)).collect();
	remember::<T>(&seats, now);
	let seats = due::<T>(seats, now);
	if seats.is_empty() {
		return;
	}
	post_jobs::<T>(&seats, now);
	// Meanwhile the executor is at work.
	sp_io::offchain::sleep_until(begun.add(Duration::from_millis(T::SubmissionDelay::get())));
	reveal::<T>(&seats, &seed, now);
	wait::<T>(&seats, now, begun.add(patience));
	commit::<T>(&seats, &seed, now);
}

/// The seed of the salts. Absent in the run that draws it.
fn seed() -> Option<[u8; 32]> {
	let key = key(b"seed");
	let stored = StorageValueRef::persistent(&key);
	match stored.get::<[u8; 32]>() {
		Ok(Some(seed)) => Some(seed),
		_ => {
			stored.set(&sp_io::offchain::random_seed());
			None
		},
	}
}

/// Accounts for which this node may sign: validators of this session whose key it has, and those
/// for which it signed before.
fn attesters<T: Config>(keys: &[AttestationId]) -> Vec<T::AccountId> {
	let key = key(b"attesters");
	let stored = StorageValueRef::persistent(&key);
	let known: Vec<T::AccountId> = stored.get().ok().flatten().unwrap_or_default();
	let mut all = known.clone();
	for validator in RosterIndex::<T>::get() {
		let mine = Roster::<T>::get(&validator).is_some_and(|entry| keys.contains(&entry.key));
		if mine && !all.contains(&validator) {
			all.insert(0, validator);
		}
	}
	all.truncate(MAX_ATTESTERS);
	if all != known {
		stored.set(&all);
	}
	all
}

/// The seats that have something to do; if they are more than one run serves, the most urgent. In
/// order of request, as batches must be.
fn due<T: Config>(mut seats: Vec<Seat<T>>, now: BlockNumberFor<T>) -> Vec<Seat<T>> {
	seats.retain(|seat| seat.duty(now) != Duty::Rest);
	seats.sort_by_key(|seat| {
		let (Phase::Commit(until) | Phase::Reveal(until)) = seat.panel.phase;
		(until, seat.request)
	});
	seats.truncate(SEATS_PER_RUN);
	seats.sort_by_key(|seat| seat.request);
	seats
}

/// Open panels on which an attester sits with a key of this node, in order of request. No attester
/// sits on more than `MaxOpenPanels`.
fn seats<T: Config>(attester: &T::AccountId, keys: &[AttestationId]) -> Vec<Seat<T>> {
	let most = T::MaxOpenPanels::get() as usize;
	let mut requests: Vec<RequestId> =
		Assignments::<T>::iter_key_prefix(attester).take(most).collect();
	requests.sort_unstable();
	requests
		.into_iter()
		.filter_map(|request| {
			let panel = OpenPanels::<T>::get(request)?;
			let member = panel.member(attester)?;
			let key = keys.contains(&member.key).then(|| member.key.clone())?;
			Some(Seat {
				attester: attester.clone(),
				key,
				request,
				job: mailbox::job_key(&panel.digest, attester),
				conduct: member.conduct,
				panel,
			})
		})
		.collect()
}

/// Hands to the executor whatever has no result yet.
fn post_jobs<T: Config>(seats: &[Seat<T>], now: BlockNumberFor<T>) {
	let clock = sp_io::offchain::timestamp().unix_millis();
	let jobs: Vec<_> = seats
		.iter()
		.filter(|seat| mailbox::result(&seat.job).is_none())
		.filter_map(|seat| {
			let terms = T::Jobs::job(seat.request)?;
			let (Phase::Commit(until) | Phase::Reveal(until)) = seat.panel.phase;
			// The block before `until` is the last that may hold what is sent; its author takes that
			// from what came after the block before. The run at that one waits for as long as a
			// run does.
			let blocks = until.saturating_sub(now).saturated_into::<u64>().saturating_sub(2);
			let patience = T::WorkerPatience::get().saturating_mul(3) / 4;
			let job = Job {
				request: seat.request,
				content: terms.content,
				size: terms.size,
				manifest: terms.manifest,
				input: terms.input,
				deadline: clock
					.saturating_add(blocks.saturating_mul(T::BlockTime::get()))
					.saturating_add(patience),
			};
			Some((seat.job, job))
		})
		.collect();
	if mailbox::post(&jobs).is_err() {
		log::warn!(target: LOG_TARGET, "the executor has {} jobs more than it takes", jobs.len());
	}
}

/// Waits until each commitment that is due has its answer, but not beyond `end`.
fn wait<T: Config>(seats: &[Seat<T>], now: BlockNumberFor<T>, end: Timestamp) {
	let mut missing: Vec<JobKey> =
		seats.iter().filter(|seat| seat.duty(now) == Duty::Commit).map(|seat| seat.job).collect();
	loop {
		missing.retain(|job| mailbox::result(job).is_none());
		let clock = sp_io::offchain::timestamp();
		if missing.is_empty() || clock >= end {
			return;
		}
		sp_io::offchain::sleep_until(clock.add(Duration::from_millis(NAP)));
	}
}

/// The answer of a job that is done.
fn answer_of(job: &JobKey) -> Option<Answer> {
	mailbox::result(job).map(|JobResult { answer, .. }| answer)
}

fn commit<T: Config>(seats: &[Seat<T>], seed: &[u8; 32], now: BlockNumberFor<T>) {
	let genesis = Pallet::<T>::genesis();
	let entries = seats.iter().filter(|seat| seat.duty(now) == Duty::Commit).filter_map(|seat| {
		let answer = answer_digest(&answer_of(&seat.job)?);
		if !is_sworn(&seat.job, &answer) {
			log::error!(
				target: LOG_TARGET,
				"request {}: another answer than the one that was committed to before",
				seat.request,
			);
			return None;
		}
		let digest = seat.panel.digest;
		let salt = derive_salt(seed, &digest, &seat.attester);
		let commitment = commitment(&genesis, &digest, &seat.attester, &answer, &salt);
		Some((seat, Duty::Commit, CommitEntry { request: seat.request, digest, commitment }))
	});
	submit::<T, _>(entries, now, |attester, session, key, entries| {
		let entries = BoundedVec::truncate_from(entries);
		let batch = CommitBatch { attester, session, entries };
		let signature = key.sign(&batch.signing_payload(&genesis))?;
		Some(Call::commit { batch, signature })
	});
}

fn reveal<T: Config>(seats: &[Seat<T>], seed: &[u8; 32], now: BlockNumberFor<T>) {
	let genesis = Pallet::<T>::genesis();
	let entries = seats.iter().filter_map(|seat| {
		let duty = seat.duty(now);
		if duty != Duty::Reveal && duty != Duty::Supply {
			return None;
		}
		let answer = answer_of(&seat.job)?;
		if !is_sworn(&seat.job, &answer_digest(&answer)) {
			log::error!(
				target: LOG_TARGET,
				"request {}: the answer that was committed to is lost",
				seat.request,
			);
			return None;
		}
		let digest = seat.panel.digest;
		let salt = derive_salt(seed, &digest, &seat.attester);
		let revealed = if duty == Duty::Supply || seat.shows_bytes() {
			Revealed::Full(answer)
		} else {
			Revealed::Digest(answer_digest(&answer))
		};
		Some((seat, duty, RevealEntry { request: seat.request, digest, salt, revealed }))
	});
	submit::<T, _>(entries, now, |attester, session, key, entries| {
		let entries = BoundedVec::truncate_from(entries);
		let batch = RevealBatch { attester, session, entries };
		let signature = key.sign(&batch.signing_payload(&genesis))?;
		Some(Call::reveal { batch, signature })
	});
}

/// Entries that travel together.
struct Group<T: Config, E> {
	attester: T::AccountId,
	session: SessionIndex,
	key: AttestationId,
	/// Whether they were sent before.
	again: bool,
	marks: Vec<Vec<u8>>,
	entries: Vec<E>,
	bytes: usize,
}

/// Sends entries in batches of one attester, session and key each. What is still due one block after it was
/// sent is sent again: it may have met a pool that had not come to its block yet, and have been
/// dropped as not due. If the pool has it after all, it refuses the second copy. What is sent again
/// travels apart from what is new, so that such a refusal does not hit the new.
fn submit<'a, T: Config, E: Encode>(
	entries: impl Iterator<Item = (&'a Seat<T>, Duty, E)>,
	now: BlockNumberFor<T>,
	call: impl Fn(T::AccountId, SessionIndex, &AttestationId, Vec<E>) -> Option<Call<T>>,
) {
	let mut groups: Vec<Group<T, E>> = Vec::new();
	for (seat, duty, entry) in entries {
		let mark = sent_key(duty, &seat.job);
		let sent = sent_at::<T>(&mark);
		if sent == Some(now) {
			continue;
		}
		let size = entry.encoded_size();
		let group = groups.iter_mut().find(|group| {
			group.attester == seat.attester
				&& group.session == seat.panel.session
				&& group.key == seat.key
				&& group.again == sent.is_some()
				&& group.entries.len() < MAX_BATCH as usize
				&& group.bytes.saturating_add(size) <= BATCH_BYTES
		});
		match group {
			Some(group) => {
				group.marks.push(mark);
				group.entries.push(entry);
				group.bytes = group.bytes.saturating_add(size);
			},
			None => groups.push(Group {
				attester: seat.attester.clone(),
				session: seat.panel.session,
				key: seat.key.clone(),
				again: sent.is_some(),
				marks: alloc::vec![mark],
				entries: alloc::vec![entry],
				bytes: size,
			}),
		}
	}
	for Group { attester, session, key, marks, entries, .. } in groups {
		let count = entries.len();
		let Some(call) = call(attester, session, &key, entries) else {
			log::error!(target: LOG_TARGET, "the keystore does not sign with {key:?}");
			continue;
		};
		marks.iter().for_each(|mark| StorageValueRef::persistent(mark).set(&now));
		let transaction = T::create_authorized_transaction(call.into());
		match SubmitTransaction::<T, Call<T>>::submit_transaction(transaction) {
			Ok(()) => log::debug!(target: LOG_TARGET, "submitted a batch of {count}"),
			// It has this batch still, or has not come to this block yet: again at the next block.
			Err(()) => log::debug!(target: LOG_TARGET, "the pool refused a batch of {count}"),
		}
	}
}

fn sent_key(duty: Duty, job: &JobKey) -> Vec<u8> {
	[PREFIX, b"sent/", duty.name(), b"/", job.as_bytes()].concat()
}

/// Whether an answer may be committed to: none was before, or this one. Notes it.
fn is_sworn(job: &JobKey, answer: &AnswerDigest) -> bool {
	let key = sworn_key(job);
	let stored = StorageValueRef::persistent(&key);
	match stored.get::<AnswerDigest>() {
		Ok(Some(sworn)) => sworn == *answer,
		_ => {
			stored.set(answer);
			true
		},
	}
}

fn sworn_key(job: &JobKey) -> Vec<u8> {
	[PREFIX, b"sworn/", job.as_bytes()].concat()
}

/// The block at which an entry was sent last.
fn sent_at<T: Config>(mark: &[u8]) -> Option<BlockNumberFor<T>> {
	StorageValueRef::persistent(mark).get().ok().flatten()
}

/// A job that some panel needed.
#[derive(Encode, Decode)]
struct Known<BlockNumber> {
	job: JobKey,
	last: BlockNumber,
}

/// Notes which jobs are needed, and forgets those that have not been for a while.
fn remember<T: Config>(seats: &[Seat<T>], now: BlockNumberFor<T>) {
	let key = key(b"known");
	let stored = StorageValueRef::persistent(&key);
	let known: Vec<Known<BlockNumberFor<T>>> = stored.get().ok().flatten().unwrap_or_default();
	if known.is_empty() && seats.is_empty() {
		return;
	}
	let mut all: BTreeMap<JobKey, BlockNumberFor<T>> =
		known.into_iter().map(|Known { job, last }| (job, last)).collect();
	all.extend(seats.iter().map(|seat| (seat.job, now)));
	all.retain(|job, last| {
		let keep = now <= last.saturating_add(FORGET_AFTER.into());
		if !keep {
			mailbox::clear(job);
			StorageValueRef::persistent(&sworn_key(job)).clear();
			for duty in [Duty::Commit, Duty::Reveal, Duty::Supply] {
				StorageValueRef::persistent(&sent_key(duty, job)).clear();
			}
		}
		keep
	});
	stored.set(&all.into_iter().map(|(job, last)| Known { job, last }).collect::<Vec<_>>());
}

/// Names used by the tests of this pallet.
#[cfg(test)]
pub(crate) mod testing {
	/// Blocks after which a job is forgotten.
	pub const FORGET_AFTER: u32 = super::FORGET_AFTER;
}
