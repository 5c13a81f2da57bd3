// SPDX-License-Identifier: Apache-2.0
//! [`Lease`]: a child in the hands of one caller.

use super::{Inner, State};
use crate::{
	LOG_TARGET, LoadError, Loaded, Model, RunError, RunOutput,
	child::{Lost, Worker},
	stats::SessionStats,
};
use jurat_primitives::{ContentHash, JobFailure, tensor::BlobTensors};
use std::{sync::Arc, time::Instant};

/// A child taken from its slot. Given back when dropped; replaced if it was lost.
pub(crate) struct Lease {
	inner: Arc<Inner>,
	index: usize,
	worker: Option<Worker>,
	/// Whether a job ended in an answer from the child.
	well: bool,
	/// Whether the child was replaced by another one.
	replaced: bool,
}

impl Lease {
	/// A child that was idle in this slot.
	pub(super) fn new(inner: Arc<Inner>, index: usize, worker: Worker) -> Self {
		Self { inner, index, worker: Some(worker), well: false, replaced: false }
	}

	/// Process number of the child.
	fn process(&self) -> Option<u32> {
		self.worker.as_ref().map(Worker::id)
	}

	/// Sees to it that the child has a session of the model.
	pub(super) fn warm(&mut self, model: &Model, deadline: Instant) -> Result<(), JobFailure> {
		let warm = self.worker.as_ref().is_some_and(|worker| worker.is_warm(model));
		{
			let counters = &mut self.inner.pool.lock().counters;
			counters.cache_hits += u64::from(warm);
			counters.cache_misses += u64::from(!warm);
		}
		if warm {
			return Ok(());
		}
		self.load(model, deadline)?.map(drop).map_err(|error| {
			tracing::info!(
				target: LOG_TARGET, content = %model.content, %error, "a model cannot be run",
			);
			JobFailure::from(&error)
		})
	}

	/// Makes a session, within `load_timeout`.
	fn load(
		&mut self,
		model: &Model,
		deadline: Instant,
	) -> Result<Result<Loaded, LoadError>, JobFailure> {
		let limit = Instant::now() + self.inner.config.load_timeout;
		let until = deadline.min(limit);
		let loaded = self.call(until, |worker| worker.load(model, until));
		match loaded {
			// The job had time left: it is the model that takes too long.
			Err(JobFailure::TimedOut) if until < deadline => Err(JobFailure::ModelRejected),
			loaded => loaded,
		}
	}

	/// Runs a loaded model. A run that the child stopped in time is a failure of the job, and the
	/// child is as good as before.
	pub(super) fn run(
		&mut self,
		content: ContentHash,
		inputs: &BlobTensors,
		deadline: Instant,
	) -> Result<Result<RunOutput, RunError>, JobFailure> {
		let result = self.call(deadline, |worker| worker.run(content, inputs, deadline))?;
		if result == Err(RunError::Stopped) {
			self.inner.pool.lock().counters.stops += 1;
			return Err(JobFailure::TimedOut);
		}
		Ok(result)
	}

	/// Asks the child. If it does not answer, it is killed.
	///
	/// If it died before it had the request, nobody has worked on that yet: another child is
	/// started in its place, without sessions, and asked instead. Once, because it may be the
	/// request that kills them.
	fn call<T>(
		&mut self,
		deadline: Instant,
		mut ask: impl FnMut(&mut Worker) -> Result<T, Lost>,
	) -> Result<T, JobFailure> {
		loop {
			let worker = self.worker.as_mut().ok_or(JobFailure::Crashed)?;
			match ask(worker) {
				Ok(answer) => {
					self.well = true;
					return Ok(answer);
				},
				Err(Lost::TooLarge) => return Err(JobFailure::InputMismatch),
				Err(Lost::Undelivered) if !self.replaced => self.replace(deadline)?,
				Err(Lost::TimedOut) => return Err(self.lose(JobFailure::TimedOut, deadline)),
				Err(Lost::Died | Lost::Undelivered) => {
					return Err(self.lose(JobFailure::Crashed, deadline));
				},
			}
		}
	}

	/// Kills the child, and says what the job ends in.
	fn lose(&mut self, failure: JobFailure, deadline: Instant) -> JobFailure {
		let process = self.process().unwrap_or_default();
		// Kills it.
		self.worker = None;
		let mut pool = self.inner.pool.lock();
		if pool.closed {
			return JobFailure::EngineUnavailable;
		}
		if failure == JobFailure::TimedOut {
			pool.counters.kills += 1;
			drop(pool);
			let late = deadline.elapsed();
			tracing::warn!(
				target: LOG_TARGET, process, ?late, "inference worker killed after its deadline",
			);
		} else {
			pool.counters.crashes += 1;
			drop(pool);
			tracing::warn!(target: LOG_TARGET, process, "inference worker died");
		}
		failure
	}

	/// Starts another child in place of one that died.
	fn replace(&mut self, deadline: Instant) -> Result<(), JobFailure> {
		self.replaced = true;
		match self.lose(JobFailure::Crashed, deadline) {
			JobFailure::Crashed => {},
			closed => return Err(closed),
		}
		let until = deadline.min(Instant::now() + self.inner.config.load_timeout);
		let worker =
			self.inner.start_worker(self.index, until).ok_or(JobFailure::EngineUnavailable)?;
		let mut pool = self.inner.pool.lock();
		if pool.closed {
			// Dropped, and so killed, after the lock.
			drop(pool);
			return Err(JobFailure::EngineUnavailable);
		}
		pool.counters.restarts += 1;
		pool.slots[self.index].handle = worker.handle();
		drop(pool);
		self.worker = Some(worker);
		Ok(())
	}
}

impl Drop for Lease {
	fn drop(&mut self) {
		let (inner, index) = (&self.inner, self.index);
		let mut pool = inner.pool.lock();
		let closed = pool.closed;
		let slot = &mut pool.slots[index];
		slot.handle = None;
		slot.state = State::Starting;
		slot.sessions.clear();
		match self.worker.take() {
			// Dropped, and so killed, after the lock.
			worker if closed => {
				drop(pool);
				drop(worker);
			},
			Some(worker) => {
				if self.well {
					slot.losses = 0;
				}
				slot.sessions.extend(worker.sessions().into_iter().map(|session| SessionStats {
					content: session.content,
					bytes: session.bytes,
					slot: index,
					uses: session.uses,
				}));
				slot.state = State::Idle(worker);
				drop(pool);
				inner.idle.notify_one();
			},
			None => {
				slot.losses = slot.losses.saturating_add(1);
				drop(pool);
				inner.restart(index, true);
			},
		}
	}
}
