// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! From a job to an answer: files from the blob store, checks on both sides, one run of the engine.

use jurat_engine::answer::accept;
use jurat_primitives::{
	Answer, ContentHash, JobFailure, Manifest, RequestInput, Tensors,
	mailbox::{Job, JobResult},
	manifest::{TensorHeader, check_tensors},
	tensor::{BlobTensors, NamedTensor, decode_tensors},
};
use jurat_store::{BlobError, BlobSource};
use std::{
	fs::File,
	io::{self, Read},
	sync::Arc,
	time::{Duration, Instant},
};

use super::{
	LOG_TARGET,
	engine::{Engine, EngineState, ModelFile, Run},
};

/// Largest input that this node reads from the blob store, in bytes. It is held in memory here and
/// in the child process.
pub const MAX_INPUT_BYTES: u64 = 512 * 1024 * 1024;

/// Something that answers jobs.
pub trait Answerer: Send + Sync + 'static {
	/// Answers a job. Blocks, at most until the deadline.
	fn answer(&self, job: &Job, deadline: Instant) -> JobResult;
}

/// Answers jobs with the engine and the blobs of this node.
#[derive(Clone)]
pub struct Executor {
	engine: EngineState,
	pub(super) blobs: Arc<dyn BlobSource>,
}

impl Answerer for Executor {
	fn answer(&self, job: &Job, deadline: Instant) -> JobResult {
		let started = Instant::now();
		match self.output(job, deadline) {
			Ok((output, micros)) => JobResult { answer: Answer::Output(output), micros },
			Err(failure) => {
				let micros = micros(started.elapsed());
				JobResult { answer: Answer::Failure(failure), micros }
			},
		}
	}
}

impl Executor {
	/// Answers with this engine and files from there.
	pub fn new(engine: EngineState, blobs: Arc<dyn BlobSource>) -> Self {
		Self { engine, blobs }
	}

	fn output(&self, job: &Job, deadline: Instant) -> Result<(Tensors, u64), JobFailure> {
		let manifest = &job.manifest;
		// Without an engine nothing is fetched.
		self.engine_for(manifest)?;
		let model = self.model(job.content, job.size, manifest.clone(), deadline)?;
		let inputs = self.inputs(&job.input, manifest, deadline)?;
		let run = self.run(&model, inputs, deadline)?;
		Ok((accept(run.outputs, manifest)?, run.micros))
	}

	/// Runs a model on inputs that fit its manifest. The outputs fit it too; they may be larger
	/// than an answer.
	pub fn run(
		&self,
		model: &ModelFile,
		inputs: BlobTensors,
		deadline: Instant,
	) -> Result<Run, JobFailure> {
		let engine = self.engine_for(&model.manifest)?;
		if Instant::now() >= deadline {
			return Err(JobFailure::TimedOut);
		}
		let mut run = engine.run(model, inputs, deadline).inspect_err(|failure| {
			// The engine reads the file and checks its hash.
			if *failure == JobFailure::ModelUnavailable {
				self.blobs.reject(&model.content);
			}
		})?;
		run.outputs.iter_mut().for_each(|output| output.tensor.canonicalise_nans());
		if let Err(error) = check_tensors(&model.manifest.outputs, &run.outputs, true) {
			tracing::warn!(target: LOG_TARGET, content = %model.content, %error, "outputs");
			return Err(JobFailure::OutputMismatch);
		}
		Ok(run)
	}

	/// The engine that a manifest names.
	fn engine_for(&self, manifest: &Manifest) -> Result<&Arc<dyn Engine>, JobFailure> {
		let engine = self.engine.get().filter(|engine| engine.provides(manifest.engine));
		engine.ok_or(JobFailure::EngineUnavailable)
	}

	/// The engine of this node.
	pub fn engine(&self) -> &EngineState {
		&self.engine
	}

	/// The model with this content, if it is to be had by the deadline.
	pub fn model(
		&self,
		content: ContentHash,
		size: u64,
		manifest: Manifest,
		deadline: Instant,
	) -> Result<ModelFile, JobFailure> {
		match self.blobs.fetch(&content, size, deadline) {
			Ok(path) => Ok(ModelFile { content, manifest, path }),
			Err(error) => {
				tracing::warn!(target: LOG_TARGET, %content, %error, "model");
				Err(match error {
					// What was published is not true of the file, here or anywhere.
					BlobError::WrongSize { .. } => JobFailure::ModelRejected,
					_ => JobFailure::ModelUnavailable,
				})
			},
		}
	}

	/// The tensors that a request names.
	fn inputs(
		&self,
		input: &RequestInput,
		manifest: &Manifest,
		deadline: Instant,
	) -> Result<BlobTensors, JobFailure> {
		let inputs = match input {
			RequestInput::Inline(tensors) => widen(tensors).ok_or(JobFailure::InputMismatch)?,
			RequestInput::Blob { content, size, headers } => {
				let inputs = decode_tensors(&self.input_bytes(content, *size, deadline)?)
					.ok_or(JobFailure::InputMismatch)?;
				if !inputs.iter().map(TensorHeader::from).eq(headers.iter().cloned()) {
					return Err(JobFailure::InputMismatch);
				}
				inputs
			},
		};
		match check_tensors(&manifest.inputs, &inputs, manifest.allow_nan) {
			Ok(()) => Ok(inputs),
			Err(_) => Err(JobFailure::InputMismatch),
		}
	}

	/// The bytes of an input, which have its hash.
	fn input_bytes(
		&self,
		content: &ContentHash,
		size: u64,
		deadline: Instant,
	) -> Result<Vec<u8>, JobFailure> {
		if size > MAX_INPUT_BYTES {
			return Err(JobFailure::InputUnavailable);
		}
		let path = self.blobs.fetch(content, size, deadline).map_err(|error| {
			tracing::warn!(target: LOG_TARGET, %content, %error, "input");
			match error {
				BlobError::WrongSize { .. } => JobFailure::InputMismatch,
				_ => JobFailure::InputUnavailable,
			}
		})?;
		let read = || -> io::Result<Vec<u8>> {
			let mut bytes = Vec::new();
			File::open(&path)?.take(size).read_to_end(&mut bytes)?;
			Ok(bytes)
		};
		match read() {
			Ok(bytes) if jurat_store::hash(&bytes) == *content => Ok(bytes),
			Ok(_) => {
				self.blobs.reject(content);
				Err(JobFailure::InputUnavailable)
			},
			Err(error) => {
				tracing::warn!(target: LOG_TARGET, %content, %error, "input");
				Err(JobFailure::InputUnavailable)
			},
		}
	}
}

fn widen(tensors: &Tensors) -> Option<BlobTensors> {
	let widened: Option<Vec<_>> = tensors
		.iter()
		.cloned()
		.map(|NamedTensor { name, tensor }| {
			Some(NamedTensor { name, tensor: tensor.into_limit().ok()? })
		})
		.collect();
	BlobTensors::try_from(widened?).ok()
}

/// Microseconds of a time that is far from the end of `u64`.
fn micros(time: Duration) -> u64 {
	time.as_micros().try_into().unwrap_or(u64::MAX)
}
