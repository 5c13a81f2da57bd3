// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Takes jobs out of the mailbox, gives them to the slots, and writes back what came of them.
//!
//! Nothing is remembered beside the mailbox: what is pending when the node starts is run, again if
//! need be. A key leaves the list of pending jobs after its result is written and not before.
//!
//! Whoever changes that list makes the change fail that another one is about to write. So results
//! are written as they come, but the list is changed once for all that ended since the last look,
//! with a [`PAUSE`] between two looks; the slots have enough jobs in their queue for that time.

use futures::future::select;
use futures_timer::Delay;
use jurat_engine::failure_name;
use jurat_primitives::{
	Answer, JobFailure,
	mailbox::{Job, JobKey, JobResult},
};
use parking_lot::Mutex;
use sp_core::offchain::OffchainStorage;
use std::{
	collections::{BTreeMap, HashMap, HashSet},
	pin::pin,
	sync::{
		Arc,
		atomic::{AtomicUsize, Ordering},
	},
	time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use super::{
	LOG_TARGET,
	custody::{Custody, Prover},
	executor::Answerer,
	mailbox::{Doorbell, Entry, Mailbox},
	metrics::Metrics,
	pool::Pool,
};

/// How often the mailbox is looked into when nobody rings.
const POLL: Duration = Duration::from_millis(250);

/// Time between two looks into the mailbox in which the off-chain worker can add to the list
/// undisturbed. About as long as it naps between two looks for results.
const PAUSE: Duration = Duration::from_millis(20);

/// Longest time that one job may take, whatever its deadline.
const LONGEST_RUN: Duration = Duration::from_secs(60 * 60);

/// How many jobs ended how, for those who ask.
#[derive(Debug, Default)]
pub struct Tally {
	waiting: AtomicUsize,
	ended: Mutex<Ended>,
}

#[derive(Clone, Debug, Default)]
struct Ended {
	done: u64,
	failed: BTreeMap<&'static str, u64>,
}

impl Tally {
	/// Jobs that wait for a slot.
	pub fn waiting(&self) -> usize {
		self.waiting.load(Ordering::Relaxed)
	}

	/// Jobs that ended with an output.
	pub fn done(&self) -> u64 {
		self.ended.lock().done
	}

	/// Jobs that ended without one, by reason.
	pub fn failed(&self) -> BTreeMap<&'static str, u64> {
		self.ended.lock().failed.clone()
	}

	fn count(&self, result: &JobResult) {
		let mut ended = self.ended.lock();
		match &result.answer {
			Answer::Output(_) => ended.done += 1,
			Answer::Failure(failure) => {
				*ended.failed.entry(failure_name(*failure)).or_default() += 1;
			},
		}
	}
}

/// Milliseconds since the Unix epoch.
fn now() -> u64 {
	let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
	since.as_millis().try_into().unwrap_or(u64::MAX)
}

/// How far a job is that was given to the slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
	/// In their queue. Of no more use after this, in milliseconds since the Unix epoch.
	Queued(u64),
	/// With one of them.
	Running,
	/// Over. Its result is written.
	Ended,
}

/// What the dispatcher and the slots share.
struct Shared<S> {
	mailbox: Mailbox<S>,
	doorbell: Doorbell,
	answerer: Arc<dyn Answerer>,
	/// Jobs that are with the slots, until they are off the list of pending ones.
	in_flight: Mutex<HashMap<JobKey, Stage>>,
	tally: Arc<Tally>,
	metrics: Metrics,
}

impl<S: OffchainStorage> Shared<S> {
	/// Writes what came of a job.
	fn finish(&self, key: &JobKey, result: &JobResult) {
		if self.mailbox.store(key, result) {
			self.tally.count(result);
			self.metrics.job_ended(result);
		}
	}

	/// Runs a job in a slot.
	fn run(&self, key: JobKey, job: &Job, deadline: Instant, pool: &Pool) {
		match self.in_flight.lock().get_mut(&key) {
			Some(stage @ Stage::Queued(_)) => *stage = Stage::Running,
			// It waited for too long, and was answered so.
			_ => return,
		}
		// It may have waited for longer than its request lived.
		let result = self.mailbox.wants(&key).then(|| self.answerer.answer(job, deadline));
		// A node that stops kills child processes that take too long: that is no answer. The job stays
		// pending.
		if pool.is_abandoned() {
			return;
		}
		if let Some(result) = result {
			let (request, micros) = (job.request, result.micros);
			match &result.answer {
				Answer::Output(_) => {
					tracing::debug!(target: LOG_TARGET, request, micros, "answered");
				},
				Answer::Failure(failure) => {
					tracing::info!(target: LOG_TARGET, request, %failure, "not answered");
				},
			}
			self.finish(&key, &result);
		}
		self.in_flight.lock().insert(key, Stage::Ended);
		self.doorbell.ring();
	}

	/// Jobs that ended. Those that waited in the queue for too long end here, without a run.
	fn ended(&self, now: u64) -> Vec<JobKey> {
		let (mut ended, mut late) = (Vec::new(), Vec::new());
		for (key, stage) in self.in_flight.lock().iter_mut() {
			if matches!(stage, Stage::Queued(deadline) if *deadline <= now) {
				*stage = Stage::Ended;
				late.push(*key);
			}
			if *stage == Stage::Ended {
				ended.push(*key);
			}
		}
		late.iter().for_each(|key| self.too_late(key));
		ended
	}

	fn too_late(&self, key: &JobKey) {
		let answer = Answer::Failure(JobFailure::TimedOut);
		self.finish(key, &JobResult { answer, micros: 0 });
	}
}

/// Gives the jobs in the mailbox to the slots.
pub struct Dispatcher<S> {
	shared: Arc<Shared<S>>,
	pool: Arc<Pool>,
	/// Deadlines of jobs that wait for a slot, so that not all have to be read again each time.
	waiting: HashMap<JobKey, u64>,
	/// Proves chunks of files, if this node does.
	custody: Option<Custody<S>>,
}

impl<S: OffchainStorage + 'static> Dispatcher<S> {
	/// Takes jobs from this mailbox whenever the doorbell rings, and has them answered.
	pub fn new(
		mailbox: Mailbox<S>,
		doorbell: Doorbell,
		answerer: Arc<dyn Answerer>,
		pool: Arc<Pool>,
		tally: Arc<Tally>,
		metrics: Metrics,
	) -> Self {
		let in_flight = Default::default();
		let shared = Shared { mailbox, doorbell, answerer, in_flight, tally, metrics };
		Self { shared: Arc::new(shared), pool, waiting: HashMap::new(), custody: None }
	}

	/// Also proves chunks of files, with the files of this prover.
	pub fn proving(mut self, prover: Arc<dyn Prover>) -> Self {
		let (mailbox, doorbell) = (self.shared.mailbox.clone(), self.shared.doorbell.clone());
		self.custody = Some(Custody::new(mailbox, doorbell, prover, self.pool.clone()));
		self
	}

	/// Looks into the mailbox until it is dropped.
	pub async fn run(mut self) {
		loop {
			self.look();
			// Not the timers of the async runtime: they panic while that is being shut down.
			Delay::new(PAUSE).await;
			select(pin!(self.shared.doorbell.rung()), Delay::new(POLL)).await;
		}
	}

	/// Looks into the mailbox once.
	pub fn look(&mut self) {
		if let Some(custody) = &self.custody {
			custody.look();
		}
		let now = now();
		let ended = self.shared.ended(now);
		let pending = self.shared.mailbox.pending();
		let known: HashSet<_> = pending.iter().copied().collect();
		self.waiting.retain(|key, _| known.contains(key));
		let mut over = Vec::new();
		for key in pending {
			if self.shared.in_flight.lock().contains_key(&key) {
				continue;
			}
			let room = self.pool.room();
			if !room && self.waiting.get(&key).is_some_and(|deadline| *deadline > now) {
				continue;
			}
			match self.shared.mailbox.entry(&key) {
				Entry::Job(job) if job.deadline <= now => {
					tracing::info!(target: LOG_TARGET, request = job.request, "came too late");
					self.shared.too_late(&key);
					over.push(key);
				},
				Entry::Job(job) if room => {
					self.waiting.remove(&key);
					self.submit(key, *job, now);
				},
				Entry::Job(job) => {
					self.waiting.insert(key, job.deadline);
				},
				Entry::Done | Entry::Forgotten => over.push(key),
				Entry::Garbage => {
					log::warn!(target: LOG_TARGET, "job {key} cannot be read; it is removed");
					self.shared.mailbox.discard(&key);
					over.push(key);
				},
			}
		}
		for key in &over {
			self.waiting.remove(key);
		}
		over.extend(&ended);
		self.shared.mailbox.remove(&over);
		let mut in_flight = self.shared.in_flight.lock();
		for key in &ended {
			in_flight.remove(key);
		}
		drop(in_flight);
		let waiting = self.waiting.len() + self.pool.queued();
		self.shared.tally.waiting.store(waiting, Ordering::Relaxed);
	}

	fn submit(&self, key: JobKey, job: Job, now: u64) {
		let left = Duration::from_millis(job.deadline.saturating_sub(now)).min(LONGEST_RUN);
		let deadline = Instant::now() + left;
		self.shared.in_flight.lock().insert(key, Stage::Queued(job.deadline));
		let (shared, pool) = (self.shared.clone(), self.pool.clone());
		self.pool.submit(Box::new(move || shared.run(key, &job, deadline, &pool)));
	}
}
