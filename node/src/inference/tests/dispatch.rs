// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! From pending jobs to written results.

use super::{
	super::{
		dispatch::{Dispatcher, Tally},
		executor::Executor,
		fetch::{MARGIN, PLACES},
		mailbox::{Doorbell, Mailbox},
		metrics::Metrics,
		pool::{AHEAD, Pool},
	},
	ABSENT, Db, FakeEngine, MODEL, PATIENCE, Stalling, eventually, inline, job, job_by_hash, name,
	now,
};
use codec::Encode;
use jurat_primitives::{
	Answer, JobFailure,
	mailbox::{Job, JobKey, JobResult, job_storage_key, pending_key, result_storage_key},
};
use jurat_store::{Limits, Store};
use std::sync::Arc;
use tempfile::TempDir;

/// A node's inference, looked into by hand.
struct Node {
	db: Db,
	engine: Arc<FakeEngine>,
	pool: Arc<Pool>,
	tally: Arc<Tally>,
	store: Store,
	blobs: Arc<Stalling>,
	dispatcher: Dispatcher<Db>,
	_dir: TempDir,
}

impl Node {
	fn start(db: &Db, engine: &Arc<FakeEngine>, slots: usize) -> Self {
		let dir = TempDir::new().unwrap();
		let store = Store::open(dir.path(), Limits::default()).unwrap();
		store.put_bytes(MODEL).unwrap();
		let blobs = Stalling::new(&store);
		let executor = Executor::new(engine.state(), blobs.clone());
		let (pool, tally) = (Pool::start(slots).unwrap(), Arc::new(Tally::default()));
		let dispatcher = Dispatcher::new(
			Mailbox::new(db.clone()),
			Doorbell::default(),
			Arc::new(executor),
			pool.clone(),
			tally.clone(),
			Metrics::default(),
		);
		let (db, engine) = (db.clone(), engine.clone());
		Self { db, engine, pool, tally, store, blobs, dispatcher, _dir: dir }
	}

	fn pending(&self) -> Vec<JobKey> {
		Mailbox::new(self.db.clone()).pending()
	}

	/// Waits until all that was taken is written.
	fn finish(&mut self, left: usize) {
		eventually("all taken jobs are off the list", || {
			self.dispatcher.look();
			self.pending().len() == left
		});
	}

	/// What the end of the process does to the slots.
	fn stop(self) {
		self.pool.close();
		self.pool.abandon();
		self.engine.open();
		assert!(self.pool.join(PATIENCE));
	}
}

fn output(request: u64) -> Answer {
	let mut output = inline(&[request as f32]);
	output[0].name = name("y");
	Answer::Output(output)
}

#[test]
fn a_posted_job_is_answered_and_off_the_list() {
	let (db, engine) = (Db::default(), FakeEngine::identity());
	let mut node = Node::start(&db, &engine, 1);
	db.post(&[job(1)]);
	node.dispatcher.look();
	node.finish(0);
	assert_eq!(db.result(&job(1).0), Some(JobResult { answer: output(1), micros: 5 }));
	assert_eq!((node.tally.done(), node.tally.failed().len()), (1, 0));
	db.clear(&job(1).0);
	// The empty list is all that is left.
	assert_eq!(db.len(), 1);
}

#[test]
fn everything_pending_is_run_again_after_a_restart() {
	let (db, engine) = (Db::default(), FakeEngine::identity());
	db.post(&[job(1), job(2), job(3)]);
	engine.shut();
	let mut node = Node::start(&db, &engine, 1);
	node.dispatcher.look();
	eventually("the first job runs", || engine.runs() == 1);
	node.stop();
	assert_eq!(db.result(&job(1).0), None, "a run that the stop cut off is no answer");

	let mut node = Node::start(&db, &engine, 2);
	assert_eq!(node.pending().len(), 3);
	node.dispatcher.look();
	node.finish(0);
	for request in 1..4 {
		assert_eq!(db.result(&job(request).0).unwrap().answer, output(request));
	}
	assert_eq!(engine.runs(), 4);
}

#[test]
fn a_job_whose_result_is_there_is_not_run_again() {
	let (db, engine) = (Db::default(), FakeEngine::identity());
	db.post(&[job(1)]);
	let result = JobResult { answer: Answer::Failure(JobFailure::RunFailed), micros: 1 };
	db.write(result_storage_key(&job(1).0), &result.encode());
	let mut node = Node::start(&db, &engine, 1);
	node.dispatcher.look();
	assert_eq!(node.pending(), []);
	assert_eq!(db.result(&job(1).0), Some(result));
	assert_eq!(engine.runs(), 0);
}

#[test]
fn a_job_that_came_too_late_times_out_without_a_run() {
	let (db, engine) = (Db::default(), FakeEngine::identity());
	let (key, mut late) = job(1);
	late.deadline = now() - 1;
	db.post(&[(key, late)]);
	let mut node = Node::start(&db, &engine, 1);
	node.dispatcher.look();
	assert_eq!(node.pending(), []);
	let expected = JobResult { answer: Answer::Failure(JobFailure::TimedOut), micros: 0 };
	assert_eq!(db.result(&key), Some(expected));
	assert_eq!(engine.runs(), 0);
	assert_eq!(node.tally.failed(), [("timed_out", 1)].into());
}

#[test]
fn a_job_that_waits_beyond_its_deadline_times_out_while_others_run() {
	let (db, engine) = (Db::default(), FakeEngine::identity());
	engine.shut();
	let mut node = Node::start(&db, &engine, 1);
	db.post(&[job(1), job(2)]);
	node.dispatcher.look();
	let (key, mut waiting) = job(3);
	waiting.deadline = now() + 50;
	db.post(&[(key, waiting)]);
	eventually("it is answered", || {
		node.dispatcher.look();
		db.result(&key).is_some()
	});
	let failure = Answer::Failure(JobFailure::TimedOut);
	assert_eq!(db.result(&key).unwrap().answer, failure);
	assert_eq!(node.pending(), [job(1).0, job(2).0]);
	engine.open();
	node.finish(0);
	assert_eq!(engine.runs(), 2);
}

#[test]
fn a_job_that_is_forgotten_before_its_turn_is_not_run() {
	let (db, engine) = (Db::default(), FakeEngine::identity());
	engine.shut();
	let mut node = Node::start(&db, &engine, 1);
	db.post(&[job(1), job(2)]);
	node.dispatcher.look();
	eventually("the first one runs", || engine.runs() == 1);
	db.clear(&job(2).0);
	engine.open();
	node.finish(0);
	assert_eq!((engine.runs(), db.result(&job(2).0)), (1, None));
}

#[test]
fn no_more_is_taken_than_slots_and_their_queue_hold_and_nothing_twice() {
	let (db, engine) = (Db::default(), FakeEngine::identity());
	engine.shut();
	let mut node = Node::start(&db, &engine, 2);
	let jobs: Vec<_> = (0..AHEAD as u64 + 10).map(job).collect();
	db.post(&jobs[..2]);
	node.dispatcher.look();
	eventually("both slots run", || engine.runs() == 2);
	db.post(&jobs);
	for _ in 0..3 {
		node.dispatcher.look();
	}
	assert_eq!((node.pool.busy(), node.pool.queued()), (2, AHEAD));
	assert_eq!(node.tally.waiting(), AHEAD + 8);
	assert_eq!(node.pending().len(), jobs.len());
	engine.open();
	node.finish(0);
	assert_eq!(engine.runs(), jobs.len());
	assert_eq!(node.tally.done(), jobs.len() as u64);
}

#[test]
fn records_that_cannot_be_read_are_removed_and_do_not_stop_the_others() {
	let (db, engine) = (Db::default(), FakeEngine::identity());
	db.post(&[job(1), job(2), job(3)]);
	db.write(job_storage_key(&job(1).0), b"garbage");
	db.clear(&job(2).0);
	let mut node = Node::start(&db, &engine, 1);
	node.dispatcher.look();
	node.finish(0);
	assert_eq!(db.result(&job(1).0), None);
	assert_eq!(db.read(job_storage_key(&job(1).0)), None);
	assert_eq!(db.result(&job(2).0), None);
	assert_eq!(db.result(&job(3).0).unwrap().answer, output(3));
}

#[test]
fn a_job_that_is_forgotten_while_it_runs_leaves_nothing_behind() {
	let (db, engine) = (Db::default(), FakeEngine::identity());
	engine.shut();
	let mut node = Node::start(&db, &engine, 1);
	db.post(&[job(1)]);
	node.dispatcher.look();
	eventually("it runs", || engine.runs() == 1);
	db.clear(&job(1).0);
	engine.open();
	node.finish(0);
	assert_eq!(db.len(), 1);
	assert_eq!(db.read(pending_key()), Some(Vec::<JobKey>::new().encode()));
	assert_eq!(node.tally.done(), 0);
}

/// A job whose input nobody sends, and which is to be answered so many milliseconds after its files
/// are given up.
fn stalled(request: u64, millis: u64) -> (JobKey, Job) {
	let (key, mut job, _) = job_by_hash(request);
	job.deadline = now() + MARGIN.as_millis() as u64 + millis;
	(key, job)
}

#[test]
fn a_file_that_nobody_sends_holds_no_slot_and_no_other_job() {
	let (db, engine) = (Db::default(), FakeEngine::identity());
	let mut node = Node::start(&db, &engine, 1);
	let stalled: Vec<_> = (100..110).map(|request| stalled(request, 60_000)).collect();
	db.post(&stalled);
	node.dispatcher.look();
	eventually("all are fetched for", || node.blobs.waited() == stalled.len());
	let (key, by_hash, bytes) = job_by_hash(2);
	node.store.put_bytes(&bytes).unwrap();
	db.post(&[job(1), (key, by_hash)]);
	node.finish(stalled.len());
	assert_eq!(db.result(&job(1).0).unwrap().answer, output(1));
	assert_eq!(db.result(&key).unwrap().answer, output(2));
	assert_eq!((node.tally.waiting(), node.tally.fetching()), (0, stalled.len()));
	assert_eq!((node.pool.busy(), engine.runs()), (0, 2));
}

#[test]
fn a_file_that_does_not_come_is_told_early_enough_to_commit_to_that() {
	let (db, engine) = (Db::default(), FakeEngine::identity());
	let mut node = Node::start(&db, &engine, 1);
	let (key, stalled) = stalled(1, 500);
	let (model_key, mut without_model) = job(2);
	(without_model.content, without_model.deadline) = (ABSENT, stalled.deadline);
	let until = stalled.deadline;
	db.post(&[(key, stalled), (model_key, without_model)]);
	node.dispatcher.look();
	assert_eq!(node.tally.fetching(), 2);
	node.finish(0);
	assert!(now() < until, "it is later than the deadline");
	let failure = |failure| JobResult { answer: Answer::Failure(failure), micros: 0 };
	assert_eq!(db.result(&key), Some(failure(JobFailure::InputUnavailable)));
	assert_eq!(db.result(&model_key), Some(failure(JobFailure::ModelUnavailable)));
	assert_eq!((engine.runs(), node.blobs.waited(), node.tally.fetching()), (0, 2, 0));
}

#[test]
fn a_job_is_run_when_its_file_has_come() {
	let (db, engine) = (Db::default(), FakeEngine::identity());
	let mut node = Node::start(&db, &engine, 1);
	let (key, job, bytes) = job_by_hash(1);
	db.post(&[(key, job)]);
	node.dispatcher.look();
	eventually("it is fetched for", || node.blobs.waited() == 1);
	node.store.put_bytes(&bytes).unwrap();
	node.finish(0);
	assert_eq!(db.result(&key).unwrap().answer, output(1));
	assert_eq!(node.blobs.waited(), 1);
}

#[test]
fn who_finds_no_place_to_fetch_is_answered_as_early_as_the_others() {
	let (db, engine) = (Db::default(), FakeEngine::identity());
	let mut node = Node::start(&db, &engine, 1);
	let all = PLACES as u64 + 5;
	let jobs: Vec<_> = (0..all).map(|request| stalled(request, 2_500)).collect();
	let until = jobs[0].1.deadline;
	db.post(&jobs);
	node.dispatcher.look();
	eventually("there is a fetch in each place", || node.blobs.waited() == PLACES);
	db.post(&[job(100)]);
	node.finish(jobs.len());
	assert_eq!(db.result(&job(100).0).unwrap().answer, output(100));
	assert_eq!((node.tally.fetching(), node.blobs.waited()), (jobs.len(), PLACES));
	node.finish(0);
	assert!(now() < until, "it is later than the deadline");
	for (key, _) in &jobs {
		let failure = Answer::Failure(JobFailure::InputUnavailable);
		assert_eq!(db.result(key).unwrap().answer, failure);
	}
	assert_eq!(engine.runs(), 1);
}

#[test]
fn a_job_with_no_time_to_fetch_is_run_with_what_is_here_or_not_at_all() {
	let (db, engine) = (Db::default(), FakeEngine::identity());
	let mut node = Node::start(&db, &engine, 1);
	let soon = now() + MARGIN.as_millis() as u64 - 1;
	let (absent, mut absent_job, _) = job_by_hash(1);
	let (present, mut present_job, bytes) = job_by_hash(2);
	(absent_job.deadline, present_job.deadline) = (soon, soon);
	node.store.put_bytes(&bytes).unwrap();
	db.post(&[(absent, absent_job), (present, present_job)]);
	node.dispatcher.look();
	let failure = Answer::Failure(JobFailure::InputUnavailable);
	assert_eq!(db.result(&absent).unwrap().answer, failure);
	node.finish(0);
	assert_eq!(db.result(&present).unwrap().answer, output(2));
	assert_eq!(node.blobs.waited(), 0);
}

#[test]
fn failures_are_results_and_are_counted_by_reason() {
	let db = Db::default();
	let engine = FakeEngine::new(|_| Err(JobFailure::Crashed));
	let mut node = Node::start(&db, &engine, 1);
	db.post(&[job(1), job(2)]);
	node.dispatcher.look();
	node.finish(0);
	assert_eq!(db.result(&job(2).0).unwrap().answer, Answer::Failure(JobFailure::Crashed));
	assert_eq!(node.tally.failed(), [("crashed", 2)].into());
	node.stop();
}
