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
	iter,
	path::PathBuf,
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
	/// Why a job cannot be answered before its files are fetched; `None` if that need not be. Waits
	/// for nothing.
	fn missing(&self, job: &Job) -> Option<JobFailure>;

	/// Fetches the files of a job. Blocks, at most until then.
	fn fetch(&self, job: &Job, until: Instant) -> Result<(), JobFailure>;

	/// Answers a job with files that are here. Blocks, at most until the deadline.
	fn answer(&self, job: &Job, deadline: Instant) -> JobResult;
}

/// Answers jobs with the engine and the blobs of this node.
#[derive(Clone)]
pub struct Executor {
	engine: EngineState,
	pub(super) blobs: Arc<dyn BlobSource>,
}

impl Answerer for Executor {
	fn missing(&self, job: &Job) -> Option<JobFailure> {
		// Without an engine nothing is fetched.
		self.engine_for(&job.manifest).ok()?;
		let missing = files(job).find(|(_, content, size)| {
			let here = self.blobs.fetch(content, *size, Instant::now());
			// A file of another size will not come.
			!matches!(here, Ok(_) | Err(BlobError::WrongSize { .. }))
		});
		missing.map(|(file, ..)| file.unavailable())
	}

	fn fetch(&self, job: &Job, until: Instant) -> Result<(), JobFailure> {
		files(job)
			.try_for_each(|(file, content, size)| self.file(file, content, size, until).map(drop))
	}

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
		// Before the files, so that what is missed first is told.
		self.engine_for(manifest)?;
		// They were fetched before, and a slot waits for none: only what is here by now is given.
		let now = Instant::now();
		let model = self.model(job.content, job.size, manifest.clone(), now)?;
		let inputs = self.inputs(&job.input, manifest, now)?;
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
		let path = self.file(FileOf::Model, &content, size, deadline)?;
		Ok(ModelFile { content, manifest, path })
	}

	/// A file with this content, if it is to be had by the deadline.
	fn file(
		&self,
		file: FileOf,
		content: &ContentHash,
		size: u64,
		deadline: Instant,
	) -> Result<PathBuf, JobFailure> {
		self.blobs.fetch(content, size, deadline).map_err(|error| {
			tracing::warn!(target: LOG_TARGET, %content, %error, "{}", file.name());
			match error {
				BlobError::WrongSize { .. } => file.wrong_size(),
				_ => file.unavailable(),
			}
		})
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
		let path = self.file(FileOf::Input, content, size, deadline)?;
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

/// What a file of a job is.
#[derive(Clone, Copy)]
enum FileOf {
	Model,
	Input,
}

impl FileOf {
	fn name(self) -> &'static str {
		match self {
			Self::Model => "model",
			Self::Input => "input",
		}
	}

	fn unavailable(self) -> JobFailure {
		match self {
			Self::Model => JobFailure::ModelUnavailable,
			Self::Input => JobFailure::InputUnavailable,
		}
	}

	/// What was said of the file is not true of it, here or anywhere.
	fn wrong_size(self) -> JobFailure {
		match self {
			Self::Model => JobFailure::ModelRejected,
			Self::Input => JobFailure::InputMismatch,
		}
	}
}

/// The files that a job takes, with their sizes.
fn files(job: &Job) -> impl Iterator<Item = (FileOf, &ContentHash, u64)> {
	let input = match &job.input {
		// What is larger is not read, wherever it is.
		RequestInput::Blob { content, size, .. } if *size <= MAX_INPUT_BYTES => {
			Some((FileOf::Input, content, *size))
		},
		_ => None,
	};
	iter::once((FileOf::Model, &job.content, job.size)).chain(input)
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
