// SPDX-License-Identifier: Apache-2.0
//! [`OnnxRuntime`]: models run by ONNX Runtime in this process, by one fixed execution profile.

use crate::{
	Engine, LoadError, Loaded, RunError, RunOutput, SessionUse, convert,
	library::{self, LibraryError},
	shown,
	spread::Variant,
	wire::MAX_SESSIONS,
};
use jurat_onnx::{Activations, Bytes, GraphFacts, check_signature, inspect_bytes};
use jurat_primitives::{ContentHash, Manifest, limits::MAX_MODEL_BYTES, tensor::BlobTensors};
use ort::{
	environment::Environment,
	session::{
		RunOptions, Session,
		builder::{GraphOptimizationLevel, SessionBuilder},
	},
};
use std::{
	collections::HashMap,
	fs::File,
	io::{self, Read, Seek, SeekFrom},
	os::unix::fs::FileExt,
	path::Path,
	sync::Arc,
	time::Instant,
};

/// Bytes that a session counts for at least, however small its model.
const SESSION_FLOOR: u64 = 512 * 1024;

/// ONNX Runtime and the sessions made with it.
pub struct OnnxRuntime {
	environment: Environment,
	options: Arc<RunOptions>,
	cache: Cache,
	/// How sessions are made: as the profile says, except while a model is measured.
	variant: Variant,
}

/// Sessions by content, under a budget of bytes. The least recently used one goes first.
struct Cache {
	sessions: HashMap<ContentHash, Cached>,
	budget: u64,
	clock: u64,
}

struct Cached {
	session: Session,
	facts: GraphFacts,
	/// The manifest that the facts were last found to fit.
	manifest: Manifest,
	bytes: u64,
	uses: u64,
	last_use: u64,
}

impl OnnxRuntime {
	/// Loads the library. Once per process; see [`library::open`].
	///
	/// `budget` bounds the sessions that are kept, in bytes. One is always kept.
	pub fn open(library: &Path, budget: u64) -> Result<Self, LibraryError> {
		let environment = library::open(library)?;
		let options = RunOptions::new().map_err(|error| LibraryError::Load(error.to_string()))?;
		let cache = Cache { sessions: HashMap::new(), budget, clock: 0 };
		let variant = Variant::Standard;
		Ok(Self { environment, options: Arc::new(options), cache, variant })
	}

	/// What stops the run that is under way, from another thread; and any later one, until it is
	/// taken back.
	pub fn options(&self) -> Arc<RunOptions> {
		self.options.clone()
	}

	/// What the library says of its own build.
	pub fn build_info(&self) -> &'static str {
		// Only callable once the library is loaded, which `self` shows.
		ort::info()
	}

	/// Closes all sessions but one. Returns how many.
	pub fn evict_others(&mut self, kept: &ContentHash) -> usize {
		let before = self.cache.sessions.len();
		self.cache.sessions.retain(|content, _| content == kept);
		before - self.cache.sessions.len()
	}

	/// Closes a session.
	pub fn unload(&mut self, content: &ContentHash) {
		self.cache.sessions.remove(content);
	}

	/// Closes all sessions, and makes those to come in this way.
	pub fn vary(&mut self, variant: Variant) {
		self.cache.sessions.clear();
		self.variant = variant;
	}

	/// The session of a loaded model, for benchmarks that measure ONNX Runtime alone.
	#[doc(hidden)]
	pub fn session(&mut self, content: &ContentHash) -> Option<&mut Session> {
		Some(&mut self.cache.sessions.get_mut(content)?.session)
	}

	/// A session of any file, which nobody has looked at, with the options of the execution
	/// profile: what ONNX Runtime alone would do, for comparison.
	#[doc(hidden)]
	pub fn unchecked(&self, file: &[u8], activations: Activations) -> Result<Session, String> {
		builder(&self.environment, activations, Variant::Standard)
			.and_then(|mut builder| builder.commit_from_memory(file))
			.map_err(|error| shown(error.message()))
	}

	fn make(
		&mut self,
		content: &ContentHash,
		manifest: &Manifest,
		file: &File,
	) -> Result<Cached, LoadError> {
		let file = read(file)?;
		let found = ContentHash(*blake3::hash(&file).as_bytes());
		if found != *content {
			return Err(LoadError::WrongContent { found });
		}
		let file = Bytes::from(file);
		let facts = inspect_bytes(file.clone())
			.map_err(|error| LoadError::Refused(shown(&error.to_string())))?;
		check(&facts, manifest)?;
		// ONNX Runtime holds the constants up to twice: as it read them, and packed for its kernels.
		let bytes = facts.file_bytes.saturating_add(facts.initialiser_bytes).max(SESSION_FLOOR);
		self.cache.make_room(bytes);
		let session = builder(&self.environment, facts.activations, self.variant)
			.and_then(|mut builder| builder.commit_from_memory(&file))
			.map_err(|error| LoadError::Engine(shown(error.message())))?;
		let manifest = manifest.clone();
		Ok(Cached { session, facts, manifest, bytes, uses: 0, last_use: 0 })
	}
}

/// Session options of the execution profile ([`library::PROFILE`]), unless a variant is asked for.
fn builder(
	environment: &Environment,
	activations: Activations,
	variant: Variant,
) -> ort::Result<SessionBuilder> {
	let level = match variant {
		Variant::Unfused => GraphOptimizationLevel::Disable,
		Variant::Basic => GraphOptimizationLevel::Level1,
		Variant::Laid => GraphOptimizationLevel::All,
		_ => GraphOptimizationLevel::Level2,
	};
	let builder = Session::builder(environment)?
		.with_intra_threads(if variant == Variant::Threads { 2 } else { 1 })?
		.with_inter_threads(1)?
		.with_parallel_execution(false)?
		.with_optimization_level(level)?;
	let builder =
		if variant == Variant::Unpacked { builder.with_prepacking(false)? } else { builder };
	Ok(if activations.needs_precise_products() { builder.with_precise_qmm()? } else { builder })
}

/// The whole file, from its start. It may be read more than once, and by others at the same time:
/// its position is not used.
fn read(file: &File) -> Result<Vec<u8>, LoadError> {
	let missing = |error: io::Error| LoadError::Missing(shown(&error.to_string()));
	// `File::metadata`, and on some systems `fstat`, would ask by calls that a child may not make.
	// That it is a regular file was seen by the node, which opened it.
	let mut end = file;
	let size = end.seek(SeekFrom::End(0)).map_err(missing)?;
	if size > MAX_MODEL_BYTES {
		return Err(LoadError::Missing("larger than a model may be".into()));
	}
	let mut bytes = Vec::new();
	// An allocation that fails is an error here, not the end of the process.
	bytes
		.try_reserve_exact(size as usize)
		.map_err(|_| LoadError::Missing("larger than this process's memory".into()))?;
	FromStart { file, position: 0 }.take(size).read_to_end(&mut bytes).map_err(missing)?;
	Ok(bytes)
}

struct FromStart<'a> {
	file: &'a File,
	position: u64,
}

impl Read for FromStart<'_> {
	fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
		let read = self.file.read_at(buffer, self.position)?;
		self.position += read as u64;
		Ok(read)
	}
}

fn check(facts: &GraphFacts, manifest: &Manifest) -> Result<(), LoadError> {
	check_signature(facts, manifest)
		.map_err(|mismatch| LoadError::Mismatch(shown(&mismatch.to_string())))
}

impl Cache {
	fn touch(&mut self, content: &ContentHash) -> Option<&mut Cached> {
		self.clock += 1;
		let cached = self.sessions.get_mut(content)?;
		cached.last_use = self.clock;
		Some(cached)
	}

	/// Closes sessions until one more of `bytes` fits, or none is left.
	fn make_room(&mut self, bytes: u64) {
		let mut held: u64 = self.sessions.values().map(|cached| cached.bytes).sum();
		while held.saturating_add(bytes) > self.budget || self.sessions.len() >= MAX_SESSIONS {
			let oldest = self.sessions.iter().min_by_key(|(_, cached)| cached.last_use);
			let Some((oldest, freed)) = oldest.map(|(content, cached)| (*content, cached.bytes))
			else {
				break;
			};
			self.sessions.remove(&oldest);
			held -= freed;
		}
	}
}

impl Engine for OnnxRuntime {
	fn load(
		&mut self,
		content: &ContentHash,
		manifest: &Manifest,
		file: Option<&File>,
	) -> Result<Loaded, LoadError> {
		let loaded = |cached: &Cached, before| Loaded {
			facts: cached.facts.clone(),
			bytes: cached.bytes,
			cached: before,
		};
		if let Some(cached) = self.cache.touch(content) {
			if cached.manifest != *manifest {
				check(&cached.facts, manifest)?;
				cached.manifest = manifest.clone();
			}
			return Ok(loaded(cached, true));
		}
		let file = file.ok_or_else(|| LoadError::Missing("no file came with it".into()))?;
		let made = match self.make(content, manifest, file) {
			// Memory that other sessions hold may be what is missing.
			Err(LoadError::Engine(_)) if !self.cache.sessions.is_empty() => {
				self.evict_others(content);
				self.make(content, manifest, file)
			},
			made => made,
		}?;
		let answer = loaded(&made, false);
		self.cache.sessions.insert(*content, made);
		self.cache.touch(content);
		Ok(answer)
	}

	fn run(&mut self, content: &ContentHash, inputs: &BlobTensors) -> Result<RunOutput, RunError> {
		let cached = self.cache.touch(content).ok_or(RunError::NotLoaded)?;
		cached.uses += 1;
		let start = Instant::now();
		let values = convert::inputs(inputs)?;
		let outputs = cached
			.session
			.run_with_options(values, &*self.options)
			.map_err(|error| RunError::Engine(shown(error.message())))?;
		let outputs = convert::outputs(outputs)?;
		let micros = start.elapsed().as_micros().try_into().unwrap_or(u64::MAX);
		Ok(RunOutput { outputs, micros })
	}

	fn sessions(&self) -> Vec<SessionUse> {
		let sessions = self.cache.sessions.iter();
		sessions
			.map(|(content, cached)| SessionUse {
				content: *content,
				bytes: cached.bytes,
				uses: cached.uses,
			})
			.collect()
	}
}
