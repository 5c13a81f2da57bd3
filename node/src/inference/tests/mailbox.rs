// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! The mailbox, between a worker's end and the executor's end.

use super::{
	super::mailbox::{Doorbell, Entry, Mailbox, NotifyingStorage},
	Db, as_worker, job,
};
use codec::Encode;
use futures::FutureExt;
use jurat_primitives::{
	Answer, JobFailure,
	mailbox::{
		JobKey, JobResult, clear, job_storage_key, pending_key, post, result, result_storage_key,
	},
};
use sp_core::offchain::{OffchainStorage, STORAGE_PREFIX};
use std::sync::atomic::{AtomicUsize, Ordering};

const RESULT: JobResult = JobResult { answer: Answer::Failure(JobFailure::RunFailed), micros: 7 };

fn pair() -> (Db, Mailbox<Db>) {
	let db = Db::default();
	(db.clone(), Mailbox::new(db))
}

#[test]
fn the_bell_rings_when_a_job_is_posted_and_at_nothing_else() {
	let (db, bell) = (Db::default(), Doorbell::default());
	let storage = NotifyingStorage::new(db.clone(), bell.clone());
	let rang = || bell.rung().now_or_never().is_some();
	assert!(!rang());
	as_worker(storage.clone(), || post(&[job(1)]).unwrap());
	assert!(rang() && !rang());
	as_worker(storage.clone(), || {
		let _ = result(&job(1).0);
		clear(&job(1).0);
	});
	assert!(!rang());
	// Somebody else's key of the same name, and a write that did not happen.
	let mut other = storage.clone();
	other.set(b"elsewhere", &pending_key(), b"");
	assert!(!other.compare_and_set(STORAGE_PREFIX, &pending_key(), Some(b"no"), b""));
	assert!(!rang());
	other.set(STORAGE_PREFIX, &pending_key(), b"");
	assert!(rang());
}

#[test]
fn what_the_worker_posts_is_what_the_executor_reads_and_back() {
	let (db, mailbox) = pair();
	let (a, b) = (job(1), job(2));
	assert_eq!(mailbox.pending(), []);
	db.post(&[a.clone(), b.clone()]);
	assert_eq!(mailbox.pending(), [a.0, b.0]);
	assert_eq!(mailbox.entry(&a.0), Entry::Job(Box::new(a.1)));
	assert!(mailbox.store(&a.0, &RESULT));
	assert_eq!(mailbox.entry(&a.0), Entry::Done);
	assert_eq!(db.result(&a.0), Some(RESULT));
	mailbox.remove(&[a.0]);
	assert_eq!(mailbox.pending(), [b.0]);
}

#[test]
fn a_job_that_the_worker_forgot_gets_no_result_that_would_stay_for_ever() {
	let (db, mailbox) = pair();
	let (key, _) = job(1);
	db.post(&[job(1)]);
	db.clear(&key);
	assert_eq!(mailbox.entry(&key), Entry::Forgotten);
	assert!(!mailbox.store(&key, &RESULT));
	// Forgotten at the very moment of writing.
	db.post(&[job(1)]);
	*db.after_set.lock() = Some(Box::new(move |storage| {
		storage.remove(STORAGE_PREFIX, &job_storage_key(&key));
	}));
	assert!(!mailbox.store(&key, &RESULT));
	assert_eq!(db.read(result_storage_key(&key)), None);
}

#[test]
fn what_the_worker_adds_while_a_key_is_removed_stays() {
	let (db, mailbox) = pair();
	let keys: Vec<_> = (1..4).map(|request| job(request).0).collect();
	db.post(&[job(1), job(2)]);
	let posted = keys.clone();
	*db.before_compare.lock() = Some(Box::new(move |storage| {
		storage.set(STORAGE_PREFIX, &pending_key(), &posted.encode());
	}));
	mailbox.remove(&keys[..1]);
	assert_eq!(mailbox.pending(), keys[1..]);
}

#[test]
fn many_who_add_and_remove_at_a_time_lose_nothing() {
	let (db, mailbox) = pair();
	let removed = AtomicUsize::new(0);
	std::thread::scope(|scope| {
		for worker in 0..4u64 {
			let db = db.clone();
			scope.spawn(move || {
				for request in 0..50 {
					// The real worker does not give up either: it posts again in the next block.
					let job = job(worker * 50 + request);
					let post = || as_worker(db.clone(), || post(std::slice::from_ref(&job)));
					while post().is_err() {}
				}
			});
		}
		let (mailbox, removed) = (mailbox.clone(), &removed);
		scope.spawn(move || {
			while removed.load(Ordering::SeqCst) < 200 {
				let before = mailbox.pending();
				mailbox.remove(&before);
				let after = mailbox.pending();
				let gone = before.iter().filter(|key| !after.contains(key)).count();
				removed.fetch_add(gone, Ordering::SeqCst);
			}
		});
	});
	assert_eq!(mailbox.pending(), []);
}

#[test]
fn a_list_that_cannot_be_read_is_emptied() {
	let (db, mailbox) = pair();
	db.write(pending_key(), &[0xff; 7]);
	mailbox.remove(&[job(1).0]);
	assert_eq!(mailbox.pending(), []);
	assert_eq!(db.read(pending_key()), Some(Vec::<JobKey>::new().encode()));
	db.post(&[job(1)]);
	assert_eq!(mailbox.pending(), [job(1).0]);
}

#[test]
fn bytes_that_are_no_job_are_told_from_jobs() {
	let (db, mailbox) = pair();
	let (key, record) = job(1);
	db.write(job_storage_key(&key), b"nonsense");
	assert_eq!(mailbox.entry(&key), Entry::Garbage);
	mailbox.discard(&key);
	assert_eq!(mailbox.entry(&key), Entry::Forgotten);
	// A result that cannot be read is none.
	db.write(result_storage_key(&key), &[0xff]);
	db.write(job_storage_key(&key), &record.encode());
	assert_eq!(mailbox.entry(&key), Entry::Job(Box::new(record)));
}
