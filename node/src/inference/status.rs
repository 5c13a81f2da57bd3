// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! What this node can run, and what it has run.

use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};

use super::{dispatch::Tally, engine::EngineState, executor::Executor, pool::Pool};

/// The inference engine of this node, as `inference_status` tells of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
	/// Whether models can be run.
	pub available: bool,
	/// Why not.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub reason: Option<String>,
	/// The library.
	pub library: Option<Library>,
	/// Name of the execution profile.
	pub profile: Option<String>,
	/// What holds the processes that run models.
	pub sandbox: Option<String>,
	/// Whether this machine computes what the others do.
	pub known_answers: Option<String>,
	/// What this machine computes otherwise, so that it declines such models.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub declines: Option<String>,
	/// Models that may run at a time.
	pub slots: usize,
	/// Models that run.
	pub busy: usize,
	/// Jobs that wait for a slot.
	pub queued: usize,
	/// Jobs whose files are not here yet.
	pub fetching: usize,
	/// Jobs that ended with an output, since the node started.
	pub jobs_done: u64,
	/// Jobs that ended without one, by reason.
	pub jobs_failed: BTreeMap<&'static str, u64>,
	/// Runs that were stopped at their deadline.
	pub stops: u64,
	/// Child processes that were killed.
	pub kills: u64,
	/// Child processes that were started anew.
	pub restarts: u64,
	/// Loaded models.
	pub sessions: Vec<SessionStatus>,
	/// Runs that found their model loaded.
	pub cache_hits: u64,
	/// Runs that had to load it.
	pub cache_misses: u64,
}

/// The library that runs the models.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Library {
	/// Its version.
	pub version: String,
	/// SHA-256 of its file.
	pub sha256: String,
	/// Its file. Told only to who may make unsafe calls.
	pub path: Option<String>,
}

/// A loaded model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SessionStatus {
	/// BLAKE3 hash of its file.
	pub content: String,
	/// Memory it is counted with.
	pub bytes: u64,
	/// Runs it was used for.
	pub uses: u64,
}

/// Knows how inference is doing.
#[derive(Clone)]
pub struct Vitals {
	executor: Executor,
	pool: Arc<Pool>,
	tally: Arc<Tally>,
}

impl Vitals {
	/// Asks these.
	pub(super) fn new(executor: Executor, pool: Arc<Pool>, tally: Arc<Tally>) -> Self {
		Self { executor, pool, tally }
	}

	/// How it is doing; with paths on this machine's disk, or without.
	pub fn status(&self, with_paths: bool) -> Status {
		let (available, reason) = match self.executor.engine() {
			EngineState::Available(_) => (true, None),
			EngineState::Unavailable(reason) => (false, Some(reason.to_string())),
		};
		let engine = self.executor.engine().get();
		let info = engine.map(|engine| engine.info());
		let stats = engine.map(|engine| engine.stats()).unwrap_or_default();
		let sessions = stats.sessions.into_iter().map(|session| SessionStatus {
			content: session.content,
			bytes: session.bytes,
			uses: session.uses,
		});
		Status {
			available,
			reason,
			profile: info.as_ref().map(|info| info.profile.clone()),
			sandbox: info.as_ref().map(|info| info.sandbox.clone()),
			known_answers: info.as_ref().map(|info| info.known_answers.clone()),
			declines: info.as_ref().and_then(|info| info.declines.clone()),
			library: info.map(|info| Library {
				version: info.version,
				sha256: info.sha256,
				path: with_paths.then_some(info.path),
			}),
			slots: self.pool.slots(),
			busy: self.pool.busy(),
			queued: self.tally.waiting(),
			fetching: self.tally.fetching(),
			jobs_done: self.tally.done(),
			jobs_failed: self.tally.failed(),
			stops: stats.stops,
			kills: stats.kills,
			restarts: stats.restarts,
			sessions: sessions.collect(),
			cache_hits: stats.cache_hits,
			cache_misses: stats.cache_misses,
		}
	}
}
