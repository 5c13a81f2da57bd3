// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! The promises of inference on this node, kept with a fake engine and an off-chain database in
//! memory.

mod custody;
mod dispatch;
mod executor;
mod mailbox;
mod rpc;
mod service;

use super::engine::{
	Engine, EngineInfo, EngineState, EngineStats, ModelFile, NotAdmitted, Run, Session,
};
use codec::Encode;
use jurat_primitives::{
	ContentHash, Dimension, ElementType, EngineId, JobFailure, Manifest, NamedTensor,
	NumericProfile, RequestInput, Tensor, TensorSpec, Tensors,
	limits::InlineLimit,
	mailbox::{self as worker_end, Job, JobKey, job_key},
	tensor::{BlobTensors, Name},
};
use jurat_store::{BlobError, BlobSource, Store};
use parking_lot::{Condvar, Mutex};
use sp_core::{
	H256,
	offchain::{
		OffchainDbExt, OffchainStorage, STORAGE_PREFIX,
		storage::{InMemOffchainStorage, OffchainDb},
	},
};
use sp_io::TestExternalities;
use std::{
	path::PathBuf,
	sync::{
		Arc,
		atomic::{AtomicBool, AtomicUsize, Ordering},
	},
	time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Long enough for any machine; reached only by a test that fails.
const PATIENCE: Duration = Duration::from_secs(60);

type Interference = Box<dyn FnOnce(&mut InMemOffchainStorage) + Send>;

/// An off-chain database that clones share, as they share the real one.
#[derive(Clone, Default)]
struct Db {
	storage: Arc<Mutex<InMemOffchainStorage>>,
	/// What somebody else does right before the next compare-and-set.
	before_compare: Arc<Mutex<Option<Interference>>>,
	/// What somebody else does right after the next write.
	after_set: Arc<Mutex<Option<Interference>>>,
}

impl OffchainStorage for Db {
	fn set(&mut self, prefix: &[u8], key: &[u8], value: &[u8]) {
		let mut storage = self.storage.lock();
		storage.set(prefix, key, value);
		if let Some(interfere) = self.after_set.lock().take() {
			interfere(&mut storage);
		}
	}

	fn remove(&mut self, prefix: &[u8], key: &[u8]) {
		OffchainStorage::remove(&mut *self.storage.lock(), prefix, key);
	}

	fn get(&self, prefix: &[u8], key: &[u8]) -> Option<Vec<u8>> {
		self.storage.lock().get(prefix, key)
	}

	fn compare_and_set(
		&mut self,
		prefix: &[u8],
		key: &[u8],
		old_value: Option<&[u8]>,
		new_value: &[u8],
	) -> bool {
		let mut storage = self.storage.lock();
		if let Some(interfere) = self.before_compare.lock().take() {
			interfere(&mut storage);
		}
		storage.compare_and_set(prefix, key, old_value, new_value)
	}
}

impl Db {
	/// Writes bytes under a key of the mailbox.
	fn write(&self, key: Vec<u8>, bytes: &[u8]) {
		self.storage.lock().set(STORAGE_PREFIX, &key, bytes);
	}

	fn read(&self, key: Vec<u8>) -> Option<Vec<u8>> {
		self.storage.lock().get(STORAGE_PREFIX, &key)
	}

	/// How many records there are.
	fn len(&self) -> usize {
		self.storage.lock().iter().count()
	}

	/// Posts jobs as the off-chain worker does.
	fn post(&self, jobs: &[(JobKey, Job)]) {
		as_worker(self.clone(), || worker_end::post(jobs).unwrap());
	}

	/// The result that the off-chain worker sees.
	fn result(&self, key: &JobKey) -> Option<worker_end::JobResult> {
		as_worker(self.clone(), || worker_end::result(key))
	}

	/// Forgets a job as the off-chain worker does.
	fn clear(&self, key: &JobKey) {
		as_worker(self.clone(), || worker_end::clear(key));
	}
}

/// Does something with what an off-chain worker gets.
fn as_worker<S: OffchainStorage + 'static, R>(storage: S, act: impl FnOnce() -> R) -> R {
	let mut externalities = TestExternalities::default();
	externalities.register_extension(OffchainDbExt::new(OffchainDb::new(storage)));
	externalities.execute_with(act)
}

fn now() -> u64 {
	SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
}

fn name(text: &str) -> Name {
	Name::truncate_from(text.into())
}

/// `y: f32[N] = f(x: f32[N])`, N up to 1,000,000.
fn manifest() -> Manifest {
	let spec = |text| TensorSpec {
		name: name(text),
		element_type: ElementType::F32,
		shape: vec![Dimension::Symbolic { name: name("N"), max: 1_000_000 }].try_into().unwrap(),
	};
	Manifest {
		opset: 17,
		engine: EngineId::OnnxRuntime1_31,
		profile: NumericProfile::Exact,
		inputs: vec![spec("x")].try_into().unwrap(),
		outputs: vec![spec("y")].try_into().unwrap(),
		operators: vec![name("Identity")].try_into().unwrap(),
		compute_units: 1,
		allow_nan: false,
		licence: Default::default(),
		tags: Default::default(),
	}
}

fn tensor<L: sp_core::Get<u32>>(text: &str, values: &[f32]) -> NamedTensor<L> {
	let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
	let tensor = Tensor::new(ElementType::F32, [values.len() as u64], bytes).unwrap();
	NamedTensor::new(text, tensor).unwrap()
}

fn inline(values: &[f32]) -> Tensors {
	vec![tensor::<InlineLimit>("x", values)].try_into().unwrap()
}

fn blob(text: &str, values: &[f32]) -> BlobTensors {
	vec![tensor(text, values)].try_into().unwrap()
}

const MODEL: &[u8] = b"a model";

/// The job of a request, on the values `[request]`, with a minute to run.
fn job(request: u64) -> (JobKey, Job) {
	let job = Job {
		request,
		content: jurat_store::hash(MODEL),
		size: MODEL.len() as u64,
		manifest: manifest(),
		input: RequestInput::Inline(inline(&[request as f32])),
		deadline: now() + 60_000,
	};
	(job_key(&H256::from_low_u64_be(request), &7u64), job)
}

/// How the fake engine answers.
type Behaviour = Box<dyn Fn(BlobTensors) -> Result<BlobTensors, JobFailure> + Send + Sync>;

/// Stands for the real engine, in tests only.
struct FakeEngine {
	behaviour: Behaviour,
	runs: AtomicUsize,
	gate: Gate,
	/// Inputs of runs, in the order in which they began.
	seen: Mutex<Vec<BlobTensors>>,
}

/// Runs stop here while it is shut.
#[derive(Default)]
struct Gate {
	shut: Mutex<bool>,
	changed: Condvar,
}

impl FakeEngine {
	fn new(
		behaviour: impl Fn(BlobTensors) -> Result<BlobTensors, JobFailure> + Send + Sync + 'static,
	) -> Arc<Self> {
		Arc::new(Self {
			behaviour: Box::new(behaviour),
			runs: AtomicUsize::new(0),
			gate: Gate::default(),
			seen: Default::default(),
		})
	}

	/// Gives its input back.
	fn identity() -> Arc<Self> {
		Self::new(|mut inputs| {
			inputs.iter_mut().for_each(|input| input.name = name("y"));
			Ok(inputs)
		})
	}

	fn state(self: &Arc<Self>) -> EngineState {
		EngineState::Available(self.clone())
	}

	fn runs(&self) -> usize {
		self.runs.load(Ordering::SeqCst)
	}

	fn shut(&self) {
		*self.gate.shut.lock() = true;
	}

	fn open(&self) {
		*self.gate.shut.lock() = false;
		self.gate.changed.notify_all();
	}
}

impl Engine for FakeEngine {
	fn provides(&self, _: EngineId) -> bool {
		true
	}

	fn run(&self, _: &ModelFile, inputs: BlobTensors, _: Instant) -> Result<Run, JobFailure> {
		self.runs.fetch_add(1, Ordering::SeqCst);
		self.seen.lock().push(inputs.clone());
		let mut shut = self.gate.shut.lock();
		while *shut {
			self.gate.changed.wait(&mut shut);
		}
		drop(shut);
		(self.behaviour)(inputs).map(|outputs| Run { outputs, micros: 5 })
	}

	fn admit(&self, model: &ModelFile, _: Instant) -> Result<u64, NotAdmitted> {
		match model.manifest.opset {
			17 => Ok(1234),
			18 => Err(NotAdmitted::Damaged),
			20 => Err(NotAdmitted::Passing("busy".into())),
			_ => Err(NotAdmitted::Because("opset".into())),
		}
	}

	fn info(&self) -> EngineInfo {
		EngineInfo {
			version: "1.31.1".into(),
			sha256: "fc44".into(),
			path: "/lib/libonnxruntime.so".into(),
			profile: "cpu".into(),
			sandbox: "seccomp on".into(),
			sandboxed: true,
			known_answers: "equal".into(),
			declines: None,
		}
	}

	fn stats(&self) -> EngineStats {
		EngineStats {
			stops: 7,
			kills: 1,
			restarts: 2,
			cache_hits: 3,
			cache_misses: 4,
			sessions: vec![Session { content: "ab".into(), bytes: 5, uses: 6 }],
		}
	}

	fn shutdown(&self) {
		self.open();
	}
}

/// A store that waits for what it lacks, as if a peer claimed to have it and sent nothing.
struct Stalling {
	store: Store,
	/// Fetches that had to wait.
	waited: AtomicUsize,
	/// Fetches fail, as those of a node that stops.
	stopped: AtomicBool,
}

impl Stalling {
	fn new(store: &Store) -> Arc<Self> {
		let (waited, stopped) = Default::default();
		Arc::new(Self { store: store.clone(), waited, stopped })
	}

	fn waited(&self) -> usize {
		self.waited.load(Ordering::SeqCst)
	}
}

impl BlobSource for Stalling {
	fn fetch(
		&self,
		content: &ContentHash,
		size: u64,
		until: Instant,
	) -> Result<PathBuf, BlobError> {
		let mut first = true;
		loop {
			match self.store.fetch(content, size, until) {
				Err(BlobError::NotFound(_)) if Instant::now() >= until => {
					return Err(BlobError::TimedOut(*content));
				},
				Err(BlobError::NotFound(_)) if !self.stopped.load(Ordering::SeqCst) => {},
				here => return here,
			}
			if std::mem::take(&mut first) {
				self.waited.fetch_add(1, Ordering::SeqCst);
			}
			std::thread::sleep(Duration::from_millis(1));
		}
	}

	fn reject(&self, content: &ContentHash) {
		self.store.reject(content);
	}
}

/// Waits until something is so.
fn eventually(what: &str, mut is: impl FnMut() -> bool) {
	let until = Instant::now() + PATIENCE;
	while !is() {
		assert!(Instant::now() < until, "never: {what}");
		std::thread::yield_now();
	}
}

/// The encoding of tensors as a blob, and the input that names it.
fn blob_input(tensors: &BlobTensors) -> (Vec<u8>, RequestInput) {
	let bytes = tensors.encode();
	let headers: Vec<_> = tensors.iter().map(Into::into).collect();
	let input = RequestInput::Blob {
		content: jurat_store::hash(&bytes),
		size: bytes.len() as u64,
		headers: headers.try_into().unwrap(),
	};
	(bytes, input)
}

/// The job of a request whose input is a blob of its own, and the bytes of that.
fn job_by_hash(request: u64) -> (JobKey, Job, Vec<u8>) {
	let (key, job) = job(request);
	let (bytes, input) = blob_input(&blob("x", &[request as f32]));
	(key, Job { input, ..job }, bytes)
}

const ABSENT: ContentHash = ContentHash([9; 32]);
