// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! What this node asks of an inference engine.

use jurat_primitives::{ContentHash, EngineId, JobFailure, Manifest, tensor::BlobTensors};
use std::{path::PathBuf, sync::Arc, time::Instant};

/// A model to run: its file, and what the chain says of it.
#[derive(Clone, Debug)]
pub struct ModelFile {
	/// BLAKE3 hash of the file.
	pub content: ContentHash,
	/// What the chain says of it.
	pub manifest: Manifest,
	/// Where it is.
	pub path: PathBuf,
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Run {
	/// The outputs, in the order of the manifest.
	pub outputs: BlobTensors,
	/// Time of the run, in microseconds.
	pub micros: u64,
}

/// Why a model is not to be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAdmitted {
	/// The file does not have its hash.
	Damaged,
	/// Something that may be otherwise the next time, in words: the state of this machine, or the
	/// file went meanwhile.
	Passing(String),
	/// Anything else, in words: it is so as long as file, manifest and engine are what they are.
	Because(String),
}

/// Which engine it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineInfo {
	/// Version of the library.
	pub version: String,
	/// SHA-256 of the library's file, in hexadecimal.
	pub sha256: String,
	/// Where the library is.
	pub path: String,
	/// Name of the execution profile.
	pub profile: String,
	/// What holds the child processes, in words.
	pub sandbox: String,
	/// Whether that is all there should be.
	pub sandboxed: bool,
	/// Whether this machine computes what the others do, in words.
	pub known_answers: String,
	/// What it computes otherwise; models that compute such things are not run.
	pub declines: Option<String>,
}

/// A loaded model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
	/// Hash of its file, in hexadecimal.
	pub content: String,
	/// Memory it is counted with, in bytes.
	pub bytes: u64,
	/// Runs it was used for.
	pub uses: u64,
}

/// What an engine has done so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineStats {
	/// Runs that were stopped at their deadline, and left their child process as it was.
	pub stops: u64,
	/// Child processes that were killed: out of time, or over a limit.
	pub kills: u64,
	/// Child processes that were started in place of one that died.
	pub restarts: u64,
	/// Runs that found their model loaded.
	pub cache_hits: u64,
	/// Runs that had to load it.
	pub cache_misses: u64,
	/// Models that are loaded.
	pub sessions: Vec<Session>,
}

/// Something that runs models, each in a process that may die. All calls may block until the
/// deadline, and none longer.
pub trait Engine: Send + Sync + 'static {
	/// Whether this is the engine that a manifest names.
	fn provides(&self, engine: EngineId) -> bool;

	/// Runs a model on inputs that fit its manifest.
	fn run(
		&self,
		model: &ModelFile,
		inputs: BlobTensors,
		deadline: Instant,
	) -> Result<Run, JobFailure>;

	/// Loads a model within its limits, compares it with its manifest and runs it on the largest
	/// inputs allowed: how long that takes, in microseconds, or why the model is not to be served.
	fn admit(&self, model: &ModelFile, deadline: Instant) -> Result<u64, NotAdmitted>;

	/// Which engine it is.
	fn info(&self) -> EngineInfo;

	/// What it has done so far.
	fn stats(&self) -> EngineStats;

	/// Kills all child processes; what runs fails, and nothing runs any more.
	fn shutdown(&self);
}

/// The engine of this node, or why it has none.
#[derive(Clone)]
pub enum EngineState {
	/// Here it is.
	Available(Arc<dyn Engine>),
	/// None, for this reason.
	Unavailable(Arc<str>),
}

impl EngineState {
	/// The engine, if there is one.
	pub fn get(&self) -> Option<&Arc<dyn Engine>> {
		match self {
			Self::Available(engine) => Some(engine),
			Self::Unavailable(_) => None,
		}
	}
}
