// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! `jurat-node inference-bench`: runs per second through the mailbox. For `scripts/bench.sh`.
//!
//! Everything on the way from the off-chain worker to the child processes and back is the node's
//! own: the off-chain database in a ParityDB on disk, the doorbell, the dispatcher, the blob store,
//! the slots. Only the worker is played, by the functions that it calls itself
//! ([`jurat_primitives::mailbox`]), outside Wasm: it posts the jobs of a block, looks for results
//! between naps, and forgets what is answered. No chain, no panels, no signatures.

use anyhow::{Context, bail, ensure};
use clap::Parser;
use jurat_engine::probe::{self, Fill, Size};
use jurat_onnx::{ManifestOptions, derive_manifest, inspect};
use jurat_primitives::{
	Answer, RequestInput,
	limits::MAX_BATCH,
	mailbox::{self, Job, JobKey},
	tensor::{BlobTensors, NamedTensor, Tensors},
};
use jurat_runtime::Block;
use sc_client_api::Backend;
use sc_client_db::{BlocksPruning, DatabaseSettings, DatabaseSource};
use sc_service::TaskManager;
use sp_core::{
	H256,
	offchain::{OffchainDbExt, OffchainStorage, storage::OffchainDb},
};
use sp_state_machine::BasicExternalities;
use std::{
	collections::VecDeque,
	env, fs,
	path::{Path, PathBuf},
	process::ExitCode,
	sync::Arc,
	thread,
	time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use super::{
	InferenceArgs, InferenceParams, InferenceService, NotifyingStorage, STOPPING,
	engine::EngineState, onnxruntime, open_store,
};

/// First argument of this process.
const BENCH: &str = "inference-bench";

/// Jobs that are posted at once: a full batch of requests.
const BATCH: usize = MAX_BATCH as usize;

/// Batches that wait at a time, so that no slot waits for this process to look for results.
const BATCHES: usize = 4;

/// Between two looks at the mailbox, as long as the off-chain worker naps.
const NAP: Duration = Duration::from_millis(15);

/// Longest time of all, the start of the node's parts not counted.
const LIMIT: Duration = Duration::from_secs(600);

/// Measures runs per second of a model, through the mailbox and a child process.
#[derive(Parser)]
#[command(name = "jurat-node inference-bench")]
struct Arguments {
	/// The model's file. It is run on the smallest inputs that its signature allows.
	#[arg(long, value_name = "PATH")]
	model: PathBuf,

	/// Runs that are timed, after one batch that is not.
	#[arg(long, value_name = "N", default_value_t = 2048,
		value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
	runs: u32,

	/// Models that run at a time.
	#[arg(long, value_name = "N", default_value_t = 1,
		value_parser = clap::value_parser!(u16).range(1..=256))]
	slots: u16,

	/// The ONNX Runtime library.
	#[arg(long, value_name = "PATH")]
	onnxruntime: Option<PathBuf>,
}

/// Measures, if that is what this process was started for. To be asked before anything else is set
/// up. Prints one line of JSON.
pub fn bench() -> Option<ExitCode> {
	if env::args().nth(1)? != BENCH {
		return None;
	}
	let arguments = Arguments::parse_from(env::args_os().skip(1));
	Some(match run(&arguments) {
		Ok(report) => {
			println!("{report}");
			ExitCode::SUCCESS
		},
		Err(error) => {
			eprintln!("error: {error:#}");
			ExitCode::FAILURE
		},
	})
}

fn run(arguments: &Arguments) -> anyhow::Result<serde_json::Value> {
	let file = fs::read(&arguments.model)
		.with_context(|| format!("cannot read {}", arguments.model.display()))?;
	let template = template(&file)?;
	let dir = tempfile::tempdir().context("cannot make a temporary folder")?;
	let models = dir.path().join("models");
	fs::create_dir(&models)?;
	fs::write(models.join("model.onnx"), &file)?;

	let args = InferenceArgs {
		onnxruntime: arguments.onnxruntime.clone(),
		model_dir: Some(models),
		inference_slots: Some(arguments.slots),
		session_budget_mib: 2048,
		worker_memory_mib: 4096,
		sandbox: Default::default(),
		blob_cap_gib: 8,
		inference_grace: 0,
		#[cfg(feature = "byzantine")]
		misbehaviour: Default::default(),
	};
	let engine = onnxruntime::start(&args);
	if let EngineState::Unavailable(reason) = &engine {
		bail!("no engine: {reason}");
	}
	let storage = database(&dir.path().join("db"))?;
	let runtime = sc_cli::build_runtime()?;
	let tasks = TaskManager::new(runtime.handle().clone(), None)?;
	let store = open_store(&args, &dir.path().join("blobs"))?;
	let params = InferenceParams {
		args: &args,
		blobs: Arc::new(store.clone()),
		store,
		storage,
		spawner: &tasks.spawn_handle(),
		registry: None,
	};
	let service = InferenceService::start_with(params, engine)?;
	let measured = measure(Worker::new(service.offchain_db, template), arguments);
	// Slots and child processes end before the folder goes.
	drop(tasks);
	runtime.shutdown_timeout(STOPPING);
	measured
}

fn measure(mut worker: Worker, arguments: &Arguments) -> anyhow::Result<serde_json::Value> {
	worker.answer(BATCH)?;
	(worker.micros, worker.refused) = (0, 0);
	let start = Instant::now();
	worker.answer(arguments.runs as usize)?;
	let seconds = start.elapsed().as_secs_f64();
	let runs = f64::from(arguments.runs);
	Ok(serde_json::json!({
		"runs_per_second": runs / seconds,
		"runs": arguments.runs,
		"slots": arguments.slots,
		"batch": BATCH,
		"seconds": seconds,
		"run_micros": worker.micros as f64 / runs,
		"refused_posts": worker.refused,
	}))
}

/// The off-chain database of a new chain.
fn database(path: &Path) -> anyhow::Result<impl OffchainStorage + 'static> {
	let backend = sc_service::new_db_backend::<Block>(DatabaseSettings {
		trie_cache_maximum_size: None,
		state_pruning: None,
		source: DatabaseSource::ParityDb { path: path.into() },
		blocks_pruning: BlocksPruning::KeepFinalized,
		pruning_filters: Vec::new(),
		metrics_registry: None,
	})?;
	backend.offchain_storage().context("the database has no off-chain storage")
}

/// A job that runs this file.
fn template(file: &[u8]) -> anyhow::Result<Job> {
	let manifest = derive_manifest(&inspect(file)?, &ManifestOptions::default())?;
	let inputs = probe::inputs(&manifest, Size::Smallest, Fill::Zeros)
		.and_then(inline)
		.context("the model's smallest inputs do not fit into a transaction")?;
	Ok(Job {
		request: 0,
		content: jurat_store::hash(file),
		size: file.len() as u64,
		manifest,
		input: RequestInput::Inline(inputs),
		deadline: 0,
	})
}

fn inline(inputs: BlobTensors) -> Option<Tensors> {
	let inputs = inputs.into_iter().map(|NamedTensor { name, tensor }| {
		Some(NamedTensor { name, tensor: tensor.into_limit().ok()? })
	});
	Tensors::try_from(inputs.collect::<Option<Vec<_>>>()?).ok()
}

/// What the off-chain worker does with the mailbox.
struct Worker {
	externalities: BasicExternalities,
	template: Job,
	/// The first answer. All others must be the same.
	expected: Option<Answer>,
	/// Time of the runs, by what the child processes say.
	micros: u64,
	/// Posts that the mailbox refused, because the executor wrote at the same time.
	refused: u64,
	until: Instant,
}

impl Worker {
	fn new<S: OffchainStorage + 'static>(storage: NotifyingStorage<S>, template: Job) -> Self {
		let mut externalities = BasicExternalities::new_empty();
		externalities.register_extension(OffchainDbExt::new(OffchainDb::new(storage)));
		let until = Instant::now() + LIMIT;
		Self { externalities, template, expected: None, micros: 0, refused: 0, until }
	}

	/// Has this many new jobs answered.
	fn answer(&mut self, mut jobs: usize) -> anyhow::Result<()> {
		let mut waiting = VecDeque::new();
		while jobs > 0 || !waiting.is_empty() {
			while jobs > 0 && waiting.len() < BATCHES {
				let posted = jobs.min(BATCH);
				waiting.push_back(self.post(posted)?);
				jobs -= posted;
			}
			if let Some(batch) = waiting.pop_front() {
				self.collect(batch)?;
			}
		}
		Ok(())
	}

	fn post(&mut self, count: usize) -> anyhow::Result<Vec<JobKey>> {
		let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
		self.template.deadline = (now + LIMIT).as_millis().try_into()?;
		let jobs: Vec<_> = (0..count)
			.map(|_| {
				self.template.request += 1;
				let request = H256::from_low_u64_be(self.template.request);
				(mailbox::job_key(&request, &[0u8; 32]), self.template.clone())
			})
			.collect();
		while self.externalities.execute_with(|| mailbox::post(&jobs)).is_err() {
			ensure!(Instant::now() < self.until, "no job taken within {LIMIT:?}");
			self.refused += 1;
			thread::sleep(NAP);
		}
		Ok(jobs.into_iter().map(|(key, _)| key).collect())
	}

	/// Waits for the results of a batch, and forgets them.
	fn collect(&mut self, batch: Vec<JobKey>) -> anyhow::Result<()> {
		let mut missing = batch.clone();
		loop {
			let mut done = Vec::new();
			missing.retain(|key| {
				let result = self.externalities.execute_with(|| mailbox::result(key));
				result.map(|result| done.push(result)).is_none()
			});
			for result in done {
				if let Answer::Failure(failure) = result.answer {
					bail!("a run failed: {failure}");
				}
				let expected = self.expected.get_or_insert_with(|| result.answer.clone());
				ensure!(*expected == result.answer, "equal inputs gave two answers");
				self.micros += result.micros;
			}
			if missing.is_empty() {
				break;
			}
			ensure!(Instant::now() < self.until, "no result within {LIMIT:?}");
			thread::sleep(NAP);
		}
		self.externalities.execute_with(|| batch.iter().for_each(mailbox::clear));
		Ok(())
	}
}
