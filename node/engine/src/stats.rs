// SPDX-License-Identifier: Apache-2.0
//! Counters of an [`Executor`](crate::Executor), for metrics and status.

use jurat_primitives::{ContentHash, JobFailure};
use serde::{Serialize, Serializer};

/// What an executor is doing and has done since it started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ExecutorStats {
	/// Child processes it may have.
	pub slots: usize,
	/// Slots that run a job.
	pub busy: usize,
	/// Slots whose child is being started again.
	pub starting: usize,
	/// Callers that wait for a slot.
	pub queue: usize,
	/// Jobs that gave an output.
	pub jobs_done: u64,
	/// Jobs that did not, by reason; reasons that never happened are left out.
	pub jobs_failed: Vec<FailureCount>,
	/// Models admitted.
	pub admitted: u64,
	/// Models not admitted.
	pub refused: u64,
	/// Runs that their child stopped at the deadline.
	pub stops: u64,
	/// Children killed because they did not answer in time.
	pub kills: u64,
	/// Children that died, or made no sense.
	pub crashes: u64,
	/// Children started again.
	pub restarts: u64,
	/// Jobs that found their session.
	pub cache_hits: u64,
	/// Jobs whose session had to be made first.
	pub cache_misses: u64,
	/// Sessions held.
	pub sessions: Vec<SessionStats>,
}

/// How often jobs failed for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FailureCount {
	/// The reason.
	#[serde(serialize_with = "reason")]
	pub reason: JobFailure,
	/// How often.
	pub count: u64,
}

/// One session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SessionStats {
	/// The model file.
	#[serde(serialize_with = "text")]
	pub content: ContentHash,
	/// Bytes that it counts for in the budget.
	pub bytes: u64,
	/// The slot that holds it.
	pub slot: usize,
	/// Runs so far.
	pub uses: u64,
}

fn reason<S: Serializer>(reason: &JobFailure, serializer: S) -> Result<S::Ok, S::Error> {
	serializer.serialize_str(failure_name(*reason))
}

fn text<S: Serializer>(value: &impl ToString, serializer: S) -> Result<S::Ok, S::Error> {
	serializer.serialize_str(&value.to_string())
}

/// A failure's name in metrics and JSON.
pub const fn failure_name(failure: JobFailure) -> &'static str {
	match failure {
		JobFailure::EngineUnavailable => "engine_unavailable",
		JobFailure::ModelUnavailable => "model_unavailable",
		JobFailure::ModelRejected => "model_rejected",
		JobFailure::InputUnavailable => "input_unavailable",
		JobFailure::InputMismatch => "input_mismatch",
		JobFailure::RunFailed => "run_failed",
		JobFailure::TimedOut => "timed_out",
		JobFailure::Crashed => "crashed",
		JobFailure::OutputMismatch => "output_mismatch",
		JobFailure::OutputTooLarge => "output_too_large",
		JobFailure::Overloaded => "overloaded",
	}
}

/// Adds one to the count of a reason.
pub(crate) fn count(failures: &mut Vec<FailureCount>, reason: JobFailure) {
	match failures.iter_mut().find(|entry| entry.reason == reason) {
		Some(entry) => entry.count += 1,
		None => failures.push(FailureCount { reason, count: 1 }),
	}
}
