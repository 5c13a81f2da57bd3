// SPDX-License-Identifier: Apache-2.0
//! # The executor: runs models for a Jurat node
//!
//! ```text
//!  node                                   │ child process, one per slot; one more per trial
//!  Executor::run ──► slot ──► frames ─────┼──► worker_main ──► OnnxRuntime (Engine) ──► sessions
//!        │           deadline, SIGKILL    │    limits; no file, no network, no process
//!        └── opens the model's file ──────┼──► reads it
//! ```
//!
//! Models are untrusted input to a C++ library: small files hang it or kill its process. So the
//! node itself never loads ONNX Runtime. It starts [`worker_main`] in child processes, speaks to
//! each over a Unix socket ([`wire`]), and kills what does not answer in time. A model that
//! crashes, spins or eats memory costs one job, which ends in a typed
//! [`JobFailure`](jurat_primitives::JobFailure). A model that takes its process over finds itself
//! in a [`sandbox`], where there is nothing but the socket.
//!
//! Before the first job, a node compares what its library computes with bytes written down in
//! [`known_answer`].
//!
//! | module | holds | runs in |
//! | --- | --- | --- |
//! | [`pool`] | [`Executor`]: slots, trials, deadlines, restarts | node |
//! | [`admission`] | [`Executor::admit`]: may this node serve this release? | node |
//! | [`spread`] | how far honest machines may lie apart | both |
//! | [`calibration`] | what compute units buy on this machine | node |
//! | [`answer`](mod@answer) | from what came out of a run to what an attester swears to | node |
//! | [`known_answer`] | does this machine compute what the others do? | node |
//! | [`stats`] | counters for metrics and status | node |
//! | [`library`] | finding, naming and loading ONNX Runtime | both |
//! | [`wire`] | framed SCALE between node and child | both |
//! | [`worker`] | the child's loop | child |
//! | [`sandbox`] | what holds the child: Landlock, seccomp | child |
//! | [`session`] | [`OnnxRuntime`]: the fixed execution profile, cached sessions | child |
//! | [`convert`] | tensors to ONNX Runtime and back, exact | child |
//!
//! This crate does not know the runtime: what it runs is a [`Model`], what it gives back tensors.

pub mod admission;
pub mod answer;
pub mod calibration;
mod child;
pub mod convert;
pub mod known_answer;
pub mod library;
mod limits;
pub mod pool;
pub mod probe;
pub mod sandbox;
pub mod session;
pub mod spread;
pub mod stats;
mod watch;
pub mod wire;
pub mod worker;

use codec::{Decode, Encode};
use jurat_onnx::GraphFacts;
use jurat_primitives::{
	ContentHash, JobFailure, Manifest, limits::MAX_MODEL_BYTES, tensor::BlobTensors,
};
use rustix::fs::OFlags;
use std::{
	fs::{File, OpenOptions},
	io::ErrorKind,
	os::unix::fs::OpenOptionsExt,
	path::PathBuf,
};

pub use admission::{Admission, AdmissionError};
pub use answer::answer;
pub use known_answer::KnownAnswers;
pub use library::{LibraryInfo, PROFILE, TELEMETRY_VARIABLE};
pub use pool::{EngineConfig, EngineError, Executor, WorkerCommand};
pub use sandbox::{SandboxMode, SandboxReport};
pub use session::OnnxRuntime;
pub use spread::{Spread, Variant};
pub use stats::{ExecutorStats, FailureCount, SessionStats, failure_name};
pub use worker::worker_main;

/// Target of this crate's log messages.
pub const LOG_TARGET: &str = "jurat::engine";

/// A release, as far as running it is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
	/// BLAKE3 hash that the file must have.
	pub content: ContentHash,
	/// What the release promises.
	pub manifest: Manifest,
	/// Where the file lies. The node opens it; the child reads it, and checks its hash, when it
	/// makes a session.
	pub path: PathBuf,
}

impl Model {
	/// Opens the file, without waiting for whatever it may be.
	///
	/// # Errors
	/// [`LoadError::Missing`] if that fails, or if it is not a regular file of at most
	/// [`MAX_MODEL_BYTES`].
	pub fn open(&self) -> Result<File, LoadError> {
		let missing = |error: std::io::Error| LoadError::Missing(shown(&error.to_string()));
		// A pipe that nobody writes to would make the node wait; a terminal would become its own.
		let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
		let flags = i32::try_from(flags.bits()).map_err(|_| missing(ErrorKind::Other.into()))?;
		let file =
			OpenOptions::new().read(true).custom_flags(flags).open(&self.path).map_err(missing)?;
		let metadata = file.metadata().map_err(missing)?;
		if !metadata.is_file() || metadata.len() > MAX_MODEL_BYTES {
			return Err(LoadError::Missing("not a file, or larger than a model may be".into()));
		}
		Ok(file)
	}
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct RunOutput {
	/// The outputs in the order of the graph, NaNs canonical. Not yet compared with the manifest:
	/// [`answer()`] does that.
	pub outputs: BlobTensors,
	/// Time of the run in microseconds, measured where it ran: conversion of inputs and outputs
	/// included, waiting and transport not.
	pub micros: u64,
}

/// Something that runs models, in this process.
///
/// Calls may hang, or kill the process: the node uses an [`Executor`], which holds engines in
/// child processes.
pub trait Engine {
	/// Makes a session of the model in this file, or finds the one it has, for which no file is
	/// needed. The file's hash is checked once per session, file and manifest are compared on each
	/// call.
	fn load(
		&mut self,
		content: &ContentHash,
		manifest: &Manifest,
		file: Option<&File>,
	) -> Result<Loaded, LoadError>;

	/// Runs the loaded model with this content on inputs in the order of its manifest.
	fn run(&mut self, content: &ContentHash, inputs: &BlobTensors) -> Result<RunOutput, RunError>;

	/// Sessions held, in no particular order.
	fn sessions(&self) -> Vec<SessionUse>;
}

/// A session that is ready.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Loaded {
	/// What is known of the graph.
	pub facts: GraphFacts,
	/// Bytes that the session counts for in the budget.
	pub bytes: u64,
	/// Whether it was there before the call.
	pub cached: bool,
}

/// One session of one engine.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct SessionUse {
	/// The model file.
	pub content: ContentHash,
	/// Bytes that the session counts for in the budget.
	pub bytes: u64,
	/// Runs so far.
	pub uses: u64,
}

/// Why there is no session of a model. Texts are for the log.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, thiserror::Error)]
pub enum LoadError {
	/// The file cannot be read, or is larger than any model may be.
	#[error("the model file cannot be read: {0}")]
	Missing(String),
	/// The file is another one.
	#[error("the model file has the hash {found}")]
	WrongContent {
		/// The hash it has.
		found: ContentHash,
	},
	/// The file is refused before ONNX Runtime sees it: see [`jurat_onnx::InspectError`].
	#[error("the model file is refused: {0}")]
	Refused(String),
	/// The file is not what the manifest says: see [`jurat_onnx::Mismatch`].
	#[error("the model file does not fit its manifest: {0}")]
	Mismatch(String),
	/// ONNX Runtime does not load it.
	#[error("ONNX Runtime does not load the model: {0}")]
	Engine(String),
}

impl LoadError {
	/// With a text that is short and clean enough for a log, whoever made it.
	pub(crate) fn shown(self) -> Self {
		match self {
			Self::Missing(why) => Self::Missing(shown(&why)),
			Self::WrongContent { found } => Self::WrongContent { found },
			Self::Refused(why) => Self::Refused(shown(&why)),
			Self::Mismatch(why) => Self::Mismatch(shown(&why)),
			Self::Engine(why) => Self::Engine(shown(&why)),
		}
	}
}

impl From<&LoadError> for JobFailure {
	fn from(error: &LoadError) -> Self {
		match error {
			LoadError::Missing(_) | LoadError::WrongContent { .. } => Self::ModelUnavailable,
			LoadError::Refused(_) | LoadError::Mismatch(_) | LoadError::Engine(_) => {
				Self::ModelRejected
			},
		}
	}
}

/// Why a run gave no output. Texts are for the log.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, thiserror::Error)]
pub enum RunError {
	/// There is no session of this model.
	#[error("the model is not loaded")]
	NotLoaded,
	/// An input is not a tensor that ONNX Runtime can be given.
	#[error("an input cannot be converted: {0}")]
	Input(String),
	/// ONNX Runtime reports an error.
	#[error("the model failed on this input: {0}")]
	Engine(String),
	/// An output is not a tensor that Jurat has a name for.
	#[error("an output cannot be converted: {0}")]
	Output(String),
	/// The outputs are larger than [`wire::MAX_OUTPUT`].
	#[error("the outputs are too large")]
	TooLarge,
	/// It was stopped at its deadline. The session is as it was.
	#[error("the run was stopped at its deadline")]
	Stopped,
}

impl RunError {
	/// With a text that is short and clean enough for a log, whoever made it.
	pub(crate) fn shown(self) -> Self {
		match self {
			Self::Input(why) => Self::Input(shown(&why)),
			Self::Engine(why) => Self::Engine(shown(&why)),
			Self::Output(why) => Self::Output(shown(&why)),
			Self::NotLoaded | Self::TooLarge | Self::Stopped => self,
		}
	}
}

impl From<&RunError> for JobFailure {
	fn from(error: &RunError) -> Self {
		match error {
			RunError::NotLoaded => Self::EngineUnavailable,
			RunError::Input(_) => Self::InputMismatch,
			RunError::Engine(_) => Self::RunFailed,
			RunError::Output(_) => Self::OutputMismatch,
			RunError::TooLarge => Self::OutputTooLarge,
			RunError::Stopped => Self::TimedOut,
		}
	}
}

/// A text from the library or the child, short enough and clean enough for a log.
pub(crate) fn shown(text: &str) -> String {
	text.chars().take(400).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
