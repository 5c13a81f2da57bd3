// SPDX-License-Identifier: Apache-2.0
//! [`Trial`]: a child for one model that nobody has tried yet.
//!
//! Such a model is a stranger's, it may take minutes, and it may take its process over. So it has no
//! slot, which jobs would wait for, and no child that later answers for other models: its child is
//! started for it and killed after it, whatever came of it. One at a time, for memory and cores.

use super::Inner;
use crate::{
	LOG_TARGET, LoadError, Loaded, Model, RunError, RunOutput,
	child::{Lost, Worker},
};
use jurat_primitives::{ContentHash, JobFailure, tensor::BlobTensors};
use std::{sync::Arc, time::Instant};

/// A child that tries one model. Killed when dropped.
pub(crate) struct Trial {
	inner: Arc<Inner>,
	worker: Option<Worker>,
}

impl Trial {
	/// Starts a child when no other trial is under way, with the sandbox and the limits of all.
	///
	/// # Errors
	/// * [`JobFailure::Overloaded`]: another trial takes until the deadline.
	/// * [`JobFailure::EngineUnavailable`]: shut down, or the child does not start in time.
	pub(crate) fn start(inner: &Arc<Inner>, deadline: Instant) -> Result<Self, JobFailure> {
		let mut pool = inner.pool.lock();
		while pool.trying && !pool.closed {
			if Instant::now() >= deadline {
				return Err(JobFailure::Overloaded);
			}
			inner.tried.wait_until(&mut pool, deadline);
		}
		if pool.closed {
			return Err(JobFailure::EngineUnavailable);
		}
		pool.trying = true;
		drop(pool);
		// Gives the turn back when it is dropped.
		let mut trial = Self { inner: inner.clone(), worker: None };
		let until = deadline.min(Instant::now() + inner.config.load_timeout);
		let worker = inner.start_worker("for a trial", until);
		let worker = trial.worker.insert(worker.ok_or(JobFailure::EngineUnavailable)?);
		let handle = worker.handle();
		let mut pool = inner.pool.lock();
		let closed = pool.closed;
		pool.trial = handle.filter(|_| !closed);
		drop(pool);
		if closed { Err(JobFailure::EngineUnavailable) } else { Ok(trial) }
	}

	/// Process number of the child.
	pub(crate) fn process(&self) -> Option<u32> {
		self.worker.as_ref().map(Worker::id)
	}

	/// Makes a session, within `load_timeout`.
	pub(crate) fn load(
		&mut self,
		model: &Model,
		deadline: Instant,
	) -> Result<Result<Loaded, LoadError>, JobFailure> {
		let until = deadline.min(Instant::now() + self.inner.config.load_timeout);
		match self.call(|worker| worker.load(model, until)) {
			// There was time left: it is the model that takes too long.
			Err(JobFailure::TimedOut) if until < deadline => Err(JobFailure::ModelRejected),
			loaded => loaded,
		}
	}

	/// Runs a loaded model.
	pub(crate) fn run(
		&mut self,
		content: ContentHash,
		inputs: &BlobTensors,
		deadline: Instant,
	) -> Result<Result<RunOutput, RunError>, JobFailure> {
		match self.call(|worker| worker.run(content, inputs, deadline))? {
			Err(RunError::Stopped) => Err(JobFailure::TimedOut),
			result => Ok(result),
		}
	}

	/// Asks the child. If it does not answer, it is killed, and no other one takes its place.
	pub(crate) fn call<T>(
		&mut self,
		ask: impl FnOnce(&mut Worker) -> Result<T, Lost>,
	) -> Result<T, JobFailure> {
		let worker = self.worker.as_mut().ok_or(JobFailure::Crashed)?;
		let failure = match ask(worker) {
			Ok(answer) => return Ok(answer),
			Err(Lost::TooLarge) => return Err(JobFailure::InputMismatch),
			Err(Lost::TimedOut) => JobFailure::TimedOut,
			Err(Lost::Died | Lost::Undelivered) => JobFailure::Crashed,
		};
		let process = worker.id();
		// Kills it.
		self.worker = None;
		if self.inner.pool.lock().closed {
			return Err(JobFailure::EngineUnavailable);
		}
		tracing::info!(target: LOG_TARGET, process, ?failure, "inference worker lost in a trial");
		Err(failure)
	}
}

impl Drop for Trial {
	fn drop(&mut self) {
		// Before the next one begins.
		self.worker = None;
		let mut pool = self.inner.pool.lock();
		pool.trying = false;
		pool.trial = None;
		drop(pool);
		self.inner.tried.notify_one();
	}
}
