// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Proofs that files are here, from the mailbox and back.

use super::{
	super::{
		custody::{Custody, Prover},
		mailbox::{Doorbell, Mailbox, NotifyingStorage},
		pool::Pool,
	},
	Db, Gate, PATIENCE, as_worker, eventually,
};
use codec::{Decode, Encode};
use futures::FutureExt;
use jurat_primitives::{
	ContentHash, ReleaseId, Version,
	custody::{ChunkProof, ReleaseFile, chunks},
	mailbox::{
		JobKey,
		custody::{self as worker_end, CustodyFailure, CustodyJob, CustodyResult},
		serving::{self, ServingWish},
	},
};
use jurat_store::{Limits, Store};
use std::{
	fs,
	sync::{
		Arc,
		atomic::{AtomicUsize, Ordering},
	},
};
use tempfile::TempDir;

/// Bytes that do not repeat.
fn bytes(size: usize) -> Vec<u8> {
	(0..size as u64).map(|i| (i * i / 11 + i / 97) as u8).collect()
}

fn put(store: &Store, size: usize) -> ReleaseFile {
	let content = store.put_bytes(&bytes(size)).unwrap();
	ReleaseFile { content, size: size as u64 }
}

fn store() -> (Store, TempDir) {
	let dir = TempDir::new().unwrap();
	(Store::open(dir.path(), Limits::default()).unwrap(), dir)
}

fn never() -> bool {
	false
}

struct Node {
	db: Db,
	custody: Custody<Db>,
	pool: Arc<Pool>,
}

impl Node {
	fn start(db: &Db, prover: Arc<dyn Prover>) -> Self {
		let pool = Pool::start(1).unwrap();
		let mailbox = Mailbox::new(db.clone());
		let custody = Custody::new(mailbox, Doorbell::default(), prover, pool.clone());
		Self { db: db.clone(), custody, pool }
	}

	fn pending(&self) -> Vec<JobKey> {
		Mailbox::new(self.db.clone()).pending_proofs()
	}

	/// Waits until all is answered.
	fn finish(&self) {
		eventually("all chunks are off the list", || {
			self.custody.look();
			self.pending().is_empty()
		});
	}
}

fn post(db: &Db, jobs: &[CustodyJob]) {
	as_worker(db.clone(), || worker_end::post(jobs).unwrap());
}

fn result(db: &Db, job: &CustodyJob) -> Option<CustodyResult> {
	as_worker(db.clone(), || worker_end::result(&job.key()))
}

#[test]
fn each_chunk_of_a_stored_file_is_proved_as_the_chain_wants_it() {
	let (store, _dir) = store();
	for size in [1, 1_024, 1_025, 5_000, 2_500_000] {
		let file = put(&store, size);
		let all = chunks(file.size);
		for chunk in (0..all).step_by((all as usize / 7).max(1)).chain([all - 1]) {
			let proof = store.prove(&file, chunk, &never).unwrap().unwrap();
			assert_eq!(proof.verify(&file.content, file.size, chunk), Ok(()), "{chunk} of {size}");
		}
	}
}

#[test]
fn a_file_that_is_not_here_cut_or_damaged_is_not_proved() {
	let (store, _dir) = store();
	let file = put(&store, 9_000);
	let absent = ReleaseFile { content: ContentHash([9; 32]), size: 9_000 };
	assert_eq!(store.prove(&absent, 0, &never), Some(Err(CustodyFailure::Absent)));
	let unreadable = Some(Err(CustodyFailure::Unreadable));
	assert_eq!(store.prove(&ReleaseFile { size: 9_001, ..file }, 0, &never), unreadable);
	assert_eq!(store.prove(&file, 9, &never), unreadable);
	let path = store.path_if_present(&file.content).unwrap();
	let mut damaged = bytes(9_000);
	damaged[5_000] ^= 1;
	fs::remove_file(&path).unwrap();
	fs::write(&path, damaged).unwrap();
	assert_eq!(store.prove(&file, 0, &never), unreadable);
	fs::write(&path, b"short").unwrap();
	assert!(matches!(store.prove(&file, 0, &never), Some(Err(_))));
}

#[test]
fn what_the_worker_posts_is_proved_and_off_the_list() {
	let (store, _dir) = store();
	let (db, file) = (Db::default(), put(&store, 7_000));
	let node = Node::start(&db, Arc::new(store));
	let absent = ReleaseFile { content: ContentHash([9; 32]), size: 1 };
	let jobs = [
		CustodyJob { file, chunk: 2 },
		CustodyJob { file: absent, chunk: 0 },
		CustodyJob { file, chunk: 6 },
	];
	post(&db, &jobs);
	node.finish();
	for job in [jobs[0], jobs[2]] {
		let proof = result(&db, &job).unwrap().unwrap();
		assert_eq!(proof.verify(&file.content, file.size, job.chunk), Ok(()));
	}
	assert_eq!(result(&db, &jobs[1]), Some(Err(CustodyFailure::Absent)));
	// Posted again, since it may be here now.
	post(&db, &jobs);
	assert_eq!(node.pending(), [jobs[1].key()]);
}

/// Counts, and waits.
#[derive(Default)]
struct Slow {
	runs: AtomicUsize,
	gate: Gate,
}

impl Prover for Slow {
	fn prove(&self, _: &ReleaseFile, _: u64, stopped: &dyn Fn() -> bool) -> Option<CustodyResult> {
		self.runs.fetch_add(1, Ordering::SeqCst);
		let mut shut = self.gate.shut.lock();
		while *shut {
			self.gate.changed.wait(&mut shut);
		}
		let proof = ChunkProof { bytes: Default::default(), siblings: Default::default() };
		(!stopped()).then_some(Ok(proof))
	}
}

impl Slow {
	fn shut(shut: bool) -> Arc<Self> {
		let slow = Self::default();
		*slow.gate.shut.lock() = shut;
		Arc::new(slow)
	}

	fn open(&self) {
		*self.gate.shut.lock() = false;
		self.gate.changed.notify_all();
	}
}

fn some(chunk: u64) -> CustodyJob {
	CustodyJob { file: ReleaseFile { content: ContentHash([3; 32]), size: 1 << 20 }, chunk }
}

#[test]
fn one_file_is_read_at_a_time_and_nobody_waits_for_it() {
	let (db, slow) = (Db::default(), Slow::shut(true));
	let node = Node::start(&db, slow.clone());
	post(&db, &[some(0), some(1)]);
	(0..5).for_each(|_| node.custody.look());
	eventually("the first has begun", || slow.runs.load(Ordering::SeqCst) == 1);
	node.custody.look();
	assert_eq!(slow.runs.load(Ordering::SeqCst), 1);
	assert_eq!(node.pending().len(), 2);
	slow.open();
	node.finish();
	assert_eq!(slow.runs.load(Ordering::SeqCst), 2);
}

#[test]
fn a_node_that_stops_leaves_its_proof_to_the_next_one() {
	let (db, slow) = (Db::default(), Slow::shut(true));
	let node = Node::start(&db, slow.clone());
	post(&db, &[some(0)]);
	node.custody.look();
	eventually("it has begun", || slow.runs.load(Ordering::SeqCst) == 1);
	node.pool.close();
	slow.open();
	assert!(node.pool.join(PATIENCE));
	node.custody.look();
	assert_eq!(result(&db, &some(0)), None);
	assert_eq!(node.pending(), [some(0).key()]);
	let next = Node::start(&db, Slow::shut(false));
	next.finish();
	assert!(result(&db, &some(0)).unwrap().is_ok());
}

#[test]
fn what_the_worker_forgot_or_nobody_can_read_is_dropped() {
	let db = Db::default();
	let node = Node::start(&db, Slow::shut(false));
	post(&db, &[some(0), some(1)]);
	as_worker(db.clone(), || worker_end::clear(&some(0).key()));
	db.write(worker_end::job_storage_key(&some(1).key()), b"nonsense");
	node.finish();
	assert_eq!(result(&db, &some(0)), None);
	assert_eq!(result(&db, &some(1)), None);
	assert_eq!(db.read(worker_end::job_storage_key(&some(1).key())), None);
	// A list that is none is emptied.
	db.write(worker_end::pending_key(), &[0xff; 3]);
	node.finish();
	assert_eq!(db.read(worker_end::pending_key()), Some(Vec::<JobKey>::new().encode()));
}

#[test]
fn the_bell_rings_for_proofs_too() {
	let (db, bell) = (Db::default(), Doorbell::default());
	let storage = NotifyingStorage::new(db.clone(), bell.clone());
	as_worker(storage, || worker_end::post(&[some(0)]).unwrap());
	assert!(bell.rung().now_or_never().is_some());
}

#[test]
fn what_the_node_wants_to_serve_is_what_the_worker_reads() {
	let db = Db::default();
	let mailbox = Mailbox::new(db.clone());
	let wish = || as_worker(db.clone(), serving::wish);
	assert_eq!(wish(), None);
	let releases = vec![ReleaseId { model: 7, version: Version { major: 1, minor: 2 } }];
	let some = ServingWish { releases: releases.try_into().unwrap() };
	mailbox.set_serving(Some(&some));
	assert_eq!(wish(), Some(some.clone()));
	let raw = db.read(serving::wish_key()).unwrap();
	assert_eq!(ServingWish::decode(&mut &raw[..]), Ok(some));
	mailbox.set_serving(None);
	assert_eq!(wish(), None);
}
