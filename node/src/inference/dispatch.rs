// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Takes jobs out of the mailbox, gives them to the slots, and writes back what came of them.
//!
//! A job goes to the slots when its files are here, and never waits for those of others. What is not
//! here is fetched first, by [`Fetchers`]; then the job is looked at again, like a new one.
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
	fetch::{Fetchers, MARGIN},
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
	fetching: AtomicUsize,
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

	/// Jobs whose files are not here yet.
	pub fn fetching(&self) -> usize {
		self.fetching.load(Ordering::Relaxed)
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

/// How far a job is that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
	/// Its files are being fetched. Of no more use after this, in milliseconds since the Unix epoch.
	Fetching(u64),
	/// A file could not be had. That is not written yet.
	Unavailable(JobFailure),
	/// In the queue of the slots. Of no more use after this.
	Queued(u64),
	/// With one of them.
	Running,
	/// Over. Its result is written.
	Ended,
}

/// Jobs that were taken, until they are off the list of pending ones.
type InFlight = Arc<Mutex<HashMap<JobKey, Stage>>>;

/// What a job waits for that was not taken, and until when.
#[derive(Clone, Copy, Debug)]
enum Waiting {
	/// A slot.
	Slot(u64),
	/// A place among those whose files are fetched.
	Place(u64),
}

/// What the dispatcher and the slots share.
struct Shared<S> {
	mailbox: Mailbox<S>,
	doorbell: Doorbell,
	answerer: Arc<dyn Answerer>,
	in_flight: InFlight,
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

	/// Jobs that ended. Those that waited in the queue for too long end here, without a run, and
	/// those whose files could not be had.
	///
	/// Nobody else writes that a file could not be had: where a node stops, fetches fail, and the
	/// dispatcher looks no more.
	fn ended(&self, now: u64) -> Vec<JobKey> {
		let (mut ended, mut failed) = (Vec::new(), Vec::new());
		for (key, stage) in self.in_flight.lock().iter_mut() {
			let failure = match stage {
				Stage::Unavailable(failure) => Some(*failure),
				Stage::Fetching(deadline) | Stage::Queued(deadline) if *deadline <= now => {
					Some(JobFailure::TimedOut)
				},
				_ => None,
			};
			if let Some(failure) = failure {
				*stage = Stage::Ended;
				failed.push((*key, failure));
			}
			if *stage == Stage::Ended {
				ended.push(*key);
			}
		}
		failed.iter().for_each(|(key, failure)| self.fail(key, *failure));
		ended
	}

	/// Writes that a job failed without a run.
	fn fail(&self, key: &JobKey, failure: JobFailure) {
		self.finish(key, &JobResult { answer: Answer::Failure(failure), micros: 0 });
	}
}

/// Gives the jobs in the mailbox to the slots.
pub struct Dispatcher<S> {
	shared: Arc<Shared<S>>,
	pool: Arc<Pool>,
	fetchers: Fetchers,
	/// Jobs that were looked at and not taken, so that not all have to be read again each time.
	waiting: HashMap<JobKey, Waiting>,
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
		let (fetchers, waiting) = Default::default();
		Self { shared: Arc::new(shared), pool, fetchers, waiting, custody: None }
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
			let waits_on = self.waiting.get(&key).is_some_and(|waiting| match waiting {
				Waiting::Slot(until) => !self.pool.room() && *until > now,
				Waiting::Place(until) => !self.fetchers.room() && *until > now,
			});
			if waits_on {
				continue;
			}
			match self.shared.mailbox.entry(&key) {
				Entry::Job(job) if job.deadline <= now => {
					tracing::info!(target: LOG_TARGET, request = job.request, "came too late");
					self.shared.fail(&key, JobFailure::TimedOut);
					over.push(key);
				},
				Entry::Job(job) => {
					if self.take(key, *job, now) {
						over.push(key);
					}
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
		let for_slot = |waiting: &&Waiting| matches!(waiting, Waiting::Slot(_));
		let for_slots = self.waiting.values().filter(for_slot).count();
		let for_places = self.waiting.len() - for_slots;
		let tally = &self.shared.tally;
		tally.waiting.store(for_slots + self.pool.queued(), Ordering::Relaxed);
		tally.fetching.store(for_places + self.fetchers.at_work(), Ordering::Relaxed);
	}

	/// Takes a job to where it goes on, or leaves it waiting. Whether it ended at once.
	fn take(&mut self, key: JobKey, job: Job, now: u64) -> bool {
		self.waiting.remove(&key);
		let missing = self.shared.answerer.missing(&job);
		let fetched = job.deadline.saturating_sub(MARGIN.as_millis() as u64);
		match missing {
			None if self.pool.room() => self.submit(key, job, now),
			None => {
				self.waiting.insert(key, Waiting::Slot(job.deadline));
			},
			Some(failure) if fetched <= now => {
				tracing::info!(target: LOG_TARGET, request = job.request, %failure, "not answered");
				self.shared.fail(&key, failure);
				return true;
			},
			Some(_) if self.fetchers.room() => self.fetch(key, job, fetched - now),
			Some(_) => {
				self.waiting.insert(key, Waiting::Place(fetched));
			},
		}
		false
	}

	/// Has the files of a job fetched, for so many milliseconds. When they are here it is as if the
	/// job had come just now.
	fn fetch(&self, key: JobKey, job: Job, millis: u64) {
		let until = Instant::now() + Duration::from_millis(millis).min(LONGEST_RUN);
		let (request, answerer) = (job.request, self.shared.answerer.clone());
		let (in_flight, doorbell) = (self.shared.in_flight.clone(), self.shared.doorbell.clone());
		in_flight.lock().insert(key, Stage::Fetching(job.deadline));
		let tell = move |outcome| {
			let mut in_flight = in_flight.lock();
			// It may have taken longer than it should, and was answered so.
			if let Some(stage @ Stage::Fetching(_)) = in_flight.get_mut(&key) {
				match outcome {
					Ok(()) => {
						in_flight.remove(&key);
					},
					Err(failure) => {
						tracing::info!(target: LOG_TARGET, request, %failure, "no file");
						*stage = Stage::Unavailable(failure);
					},
				}
			}
			drop(in_flight);
			doorbell.ring();
		};
		// A thread that can not be started is started with the next look.
		if let Err(error) = self.fetchers.begin(answerer, job, until, tell) {
			log::warn!(target: LOG_TARGET, "cannot start a thread to fetch files: {error}");
			self.shared.in_flight.lock().remove(&key);
		}
	}

	fn submit(&self, key: JobKey, job: Job, now: u64) {
		let left = Duration::from_millis(job.deadline.saturating_sub(now)).min(LONGEST_RUN);
		let deadline = Instant::now() + left;
		self.shared.in_flight.lock().insert(key, Stage::Queued(job.deadline));
		let (shared, pool) = (self.shared.clone(), self.pool.clone());
		self.pool.submit(Box::new(move || shared.run(key, &job, deadline, &pool)));
	}
}
