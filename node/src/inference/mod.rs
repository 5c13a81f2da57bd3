// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! The native part of inference: runs the jobs that the off-chain worker posts, on this node's
//! cores, with models from this node's disk.
//!
//! ```text
//! off-chain worker ──► off-chain database ──► dispatcher ──► slots ──► child processes
//!                        (the mailbox)          mailbox       pool,      jurat-engine
//!                                                             executor ◄── blobs: jurat-store
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | `args` | options |
//! | `mailbox` | the off-chain database as the worker gets it, and the executor's end of it |
//! | `dispatch` | from pending jobs to written results |
//! | `custody` | proofs that a file is here |
//! | `pool` | the slots: threads that wait for child processes |
//! | `fetch` | files of jobs, before these get a slot |
//! | `executor` | from one job to one answer |
//! | `admit` | whether this node would serve a release |
//! | `engine` | what is asked of an engine |
//! | `onnxruntime` | the engine that this node has |
//! | `status` | how all this is doing |
//! | `rpc` | `inference_…` and `blob_…` |
//! | `metrics` | for Prometheus |
//! | `bench` | how fast all this is |
//!
//! A node without the inference library is a whole node that serves no model: it says so once in
//! its log, always in `inference_status`, and answers jobs with
//! [`JobFailure::EngineUnavailable`](jurat_primitives::JobFailure).

mod admit;
mod args;
mod bench;
mod custody;
mod dispatch;
mod engine;
mod executor;
mod fetch;
mod mailbox;
mod metrics;
mod onnxruntime;
mod pool;
mod rpc;
mod status;
#[cfg(test)]
mod tests;

use futures::FutureExt;
use jsonrpsee::RpcModule;
use jurat_store::{BlobSource, Limits, Store, StoreError};
use sp_core::{offchain::OffchainStorage, traits::SpawnNamed};
use std::{
	io,
	path::{Path, PathBuf},
	sync::Arc,
	time::Duration,
};
use substrate_prometheus_endpoint::{PrometheusError, Registry};

use dispatch::{Dispatcher, Tally};
use engine::EngineState;
#[cfg(not(feature = "byzantine"))]
use executor::Answerer;
use mailbox::Doorbell;
use metrics::{Metrics, Sources};
use pool::Pool;
use rpc::{BlobApiServer, InferenceApiServer};

pub use admit::Admitted;
pub use args::InferenceArgs;
pub use bench::bench;
#[cfg(feature = "byzantine")]
pub use executor::Answerer;
pub use executor::Executor;
pub use mailbox::{Mailbox, NotifyingStorage};
pub use onnxruntime::worker;
pub use status::{Status, Vitals};

/// Target of log lines.
const LOG_TARGET: &str = "inference";

/// How long a node that stops waits for its slots, after their child processes are killed.
const STOPPING: Duration = Duration::from_secs(5);

/// Why inference cannot be set up. That there is no engine is no such reason.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
	/// The blob store cannot be opened.
	#[error("cannot open the blob store in {0}: {1}")]
	Store(PathBuf, #[source] StoreError),
	/// The threads cannot be started.
	#[error("cannot start the inference slots: {0}")]
	Slots(#[from] io::Error),
	/// The metrics are there already.
	#[error("cannot register the metrics of inference: {0}")]
	Metrics(#[from] PrometheusError),
	/// The RPC methods are there already.
	#[error("cannot register the RPC methods of inference: {0}")]
	Rpc(#[from] jsonrpsee::core::RegisterMethodError),
}

/// What inference needs of the node.
pub struct InferenceParams<'a, S> {
	/// Options.
	pub args: &'a InferenceArgs,
	/// The blob store: [`open_store`].
	pub store: Store,
	/// Where models and inputs come from: the store, or one that asks peers for what it lacks.
	pub blobs: Arc<dyn BlobSource>,
	/// The off-chain database: `backend.offchain_storage()`.
	pub storage: S,
	/// Runs tasks until the node stops.
	pub spawner: &'a dyn SpawnNamed,
	/// Takes the metrics.
	pub registry: Option<&'a Registry>,
}

/// Opens the blob store in this directory, which is made if it is not there.
pub fn open_store(args: &InferenceArgs, dir: &Path) -> Result<Store, StartError> {
	let limits = Limits { bytes: args.blob_cap(), ..Default::default() };
	Store::open(dir, limits).map_err(|error| StartError::Store(dir.into(), error))
}

/// Inference, running.
pub struct InferenceService<S> {
	/// The off-chain database, for the off-chain worker.
	pub offchain_db: NotifyingStorage<S>,
	/// RPC methods, ready to be merged.
	pub rpc: RpcModule<()>,
	/// Answers jobs, and says what this node would serve.
	pub executor: Executor,
	/// The executor's end of the mailbox.
	pub mailbox: Mailbox<S>,
	/// Knows how all this is doing.
	pub vitals: Vitals,
}

impl<S: OffchainStorage + 'static> InferenceService<S> {
	/// Starts the engine, if its library is there, and everything around it.
	pub fn start(params: InferenceParams<'_, S>) -> Result<Self, StartError> {
		let engine = onnxruntime::start(params.args);
		Self::start_with(params, engine)
	}

	/// Starts everything around an engine.
	fn start_with(params: InferenceParams<'_, S>, engine: EngineState) -> Result<Self, StartError> {
		let InferenceParams { args, store, blobs, storage, spawner, registry } = params;
		let pool = Pool::start(args.slots())?;
		let guard = StopGuard { pool: pool.clone(), engine: engine.clone(), grace: args.grace() };

		let tally = Arc::new(Tally::default());
		let sources = Sources {
			engine: engine.clone(),
			store: store.clone(),
			pool: pool.clone(),
			tally: tally.clone(),
		};
		let metrics = Metrics::register(registry, &sources)?;
		let executor = Executor::new(engine, blobs.clone());
		let answerer: Arc<dyn Answerer> = Arc::new(executor.clone());
		#[cfg(feature = "byzantine")]
		let answerer = args.misbehaviour.answerer(answerer);

		let vitals = Vitals::new(executor.clone(), pool.clone(), tally.clone());
		let mut rpc = RpcModule::new(());
		rpc.merge(rpc::Inference::new(executor.clone(), store.clone(), vitals.clone()).into_rpc())?;
		rpc.merge(rpc::Blobs::new(store.clone(), blobs.clone()).into_rpc())?;

		let doorbell = Doorbell::default();
		let offchain_db = NotifyingStorage::new(storage.clone(), doorbell.clone());
		let mailbox = Mailbox::new(storage);
		let dispatcher = Dispatcher::new(mailbox.clone(), doorbell, answerer, pool, tally, metrics)
			.proving(Arc::new(store.clone()));
		let model_dir = args.model_dir.clone();
		let task = async move {
			let _stopped_when_dropped = guard;
			if let Some(dir) = model_dir {
				import(&store, &dir);
			}
			dispatcher.run().await;
		};
		// Blocking: it reads the database and, at the start, model files.
		spawner.spawn_blocking("inference-dispatcher", Some("inference"), task.boxed());
		Ok(Self { offchain_db, rpc, executor, mailbox, vitals })
	}
}

/// Ends slots and child processes with the node. What runs may finish, for a while, and its result
/// is kept; what waits, for a slot or for a file, and what takes longer, is run again when the node
/// is back.
struct StopGuard {
	pool: Arc<Pool>,
	engine: EngineState,
	/// How long it may take to finish.
	grace: Duration,
}

impl Drop for StopGuard {
	fn drop(&mut self) {
		self.pool.close();
		let finished = self.pool.join(self.grace);
		// In this order: a run that fails because its process was killed is not an answer.
		self.pool.abandon();
		if let Some(engine) = self.engine.get() {
			engine.shutdown();
		}
		if !finished && !self.pool.join(STOPPING) {
			log::warn!(target: LOG_TARGET, "slots still busy after {STOPPING:?}; leaving them");
		}
	}
}

/// Takes the files of `--model-dir` into the store.
fn import(store: &Store, dir: &Path) {
	let import = match store.import_dir(dir) {
		Ok(import) => import,
		Err(error) => {
			log::warn!(target: LOG_TARGET, "cannot read --model-dir {}: {error}", dir.display());
			return;
		},
	};
	for file in &import.imported {
		tracing::info!(
			target: LOG_TARGET, content = %file.content, bytes = file.size, "{} is imported", file.name,
		);
	}
	for file in &import.refused {
		log::warn!(target: LOG_TARGET, "{} is not imported: {}", file.name, file.error);
	}
}
