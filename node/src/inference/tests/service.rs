// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! All parts together, as the node starts and stops them.

use super::{
	super::{InferenceArgs, InferenceParams, InferenceService, engine::EngineState, open_store},
	Db, FakeEngine, MODEL, PATIENCE, Stalling, as_worker, eventually, job, job_by_hash,
};
use clap::Parser;
use futures::future::BoxFuture;
use jurat_primitives::{Answer, JobFailure, mailbox::post};
use parking_lot::Mutex;
use sp_core::traits::SpawnNamed;
use std::{
	fs,
	sync::{Arc, atomic::Ordering},
	time::{Duration, Instant},
};
use substrate_prometheus_endpoint::Registry;
use tempfile::TempDir;
use tokio::{runtime::Handle, sync::watch, task::JoinHandle};

/// Runs tasks until it is told to stop, like the node's task manager.
#[derive(Clone)]
struct Tasks {
	handle: Handle,
	stop: watch::Sender<bool>,
	running: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Tasks {
	fn new() -> Self {
		let (stop, _) = watch::channel(false);
		Self { handle: Handle::current(), stop, running: Default::default() }
	}

	async fn stop(self) {
		self.stop.send_replace(true);
		let running = std::mem::take(&mut *self.running.lock());
		for task in running {
			tokio::time::timeout(PATIENCE, task).await.unwrap().unwrap();
		}
	}
}

impl SpawnNamed for Tasks {
	fn spawn_blocking(
		&self,
		_: &'static str,
		_: Option<&'static str>,
		task: BoxFuture<'static, ()>,
	) {
		let (handle, mut stop) = (self.handle.clone(), self.stop.subscribe());
		let task = self.handle.spawn_blocking(move || {
			handle.block_on(async {
				tokio::select! {
					() = task => {},
					_ = stop.wait_for(|stopped| *stopped) => {},
				}
			});
		});
		self.running.lock().push(task);
	}

	fn spawn(&self, _: &'static str, _: Option<&'static str>, _: BoxFuture<'static, ()>) {
		unreachable!("inference blocks");
	}
}

#[derive(Parser)]
struct Cli {
	#[command(flatten)]
	inference: InferenceArgs,
}

struct Node {
	tasks: Tasks,
	service: InferenceService<Db>,
	registry: Registry,
	blobs: Arc<Stalling>,
	_dir: TempDir,
}

fn start(db: &Db, engine: EngineState, options: &[&str]) -> Node {
	let (dir, tasks, registry) = (TempDir::new().unwrap(), Tasks::new(), Registry::new());
	let options = [&["node", "--inference-slots", "2"], options].concat();
	let args = Cli::parse_from(options).inference;
	let store = open_store(&args, &dir.path().join("blobs")).unwrap();
	let blobs = Stalling::new(&store);
	let service = InferenceService::start_with(
		InferenceParams {
			args: &args,
			blobs: blobs.clone(),
			store,
			storage: db.clone(),
			spawner: &tasks,
			registry: Some(&registry),
		},
		engine,
	)
	.unwrap();
	Node { tasks, service, registry, blobs, _dir: dir }
}

/// A directory with the model, for `--model-dir`.
fn models() -> TempDir {
	let dir = TempDir::new().unwrap();
	fs::write(dir.path().join("model.onnx"), MODEL).unwrap();
	dir
}

#[tokio::test]
async fn a_worker_that_posts_gets_its_answer() {
	let (db, engine, models) = (Db::default(), FakeEngine::identity(), models());
	let options = ["--model-dir", models.path().to_str().unwrap()];
	let node = start(&db, engine.state(), &options);
	for request in 0..5 {
		as_worker(node.service.offchain_db.clone(), || post(&[job(request)]).unwrap());
	}
	eventually("all are answered", || (0..5).all(|request| db.result(&job(request).0).is_some()));
	let answer = db.result(&job(4).0).unwrap().answer;
	assert!(matches!(answer, Answer::Output(_)), "{answer:?}");

	let metric = |name: &str| {
		let families = node.registry.gather();
		let family = families.iter().find(|family| family.get_name() == name).unwrap();
		let metric = &family.get_metric()[0];
		(metric.get_counter().get_value() + metric.get_gauge().get_value()) as u64
	};
	eventually("they are counted", || metric("jurat_inference_jobs_total") == 5);
	assert_eq!(metric("jurat_inference_slots"), 2);
	assert_eq!(metric("jurat_blob_bytes"), MODEL.len() as u64);
	assert_eq!(metric("jurat_inference_session_bytes"), 5);
	assert_eq!(metric("jurat_inference_worker_kills_total"), 1);
	assert_eq!(metric("jurat_inference_library_info"), 1);
	node.tasks.stop().await;
}

#[tokio::test]
async fn a_run_that_a_stopping_node_cuts_off_leaves_its_job_pending() {
	let (db, engine, models) = (Db::default(), FakeEngine::identity(), models());
	let options = ["--model-dir", models.path().to_str().unwrap(), "--inference-grace", "0"];
	engine.shut();
	let node = start(&db, engine.state(), &options);
	as_worker(node.service.offchain_db.clone(), || post(&[job(1)]).unwrap());
	eventually("it runs", || engine.runs() == 1);
	// Only the shutdown of the engine opens the gate again.
	node.tasks.stop().await;
	assert_eq!(db.result(&job(1).0), None);

	let node = start(&db, engine.state(), &options);
	eventually("it is answered by the next node", || db.result(&job(1).0).is_some());
	node.tasks.stop().await;
}

#[tokio::test]
async fn a_node_that_stops_lets_its_runs_finish_and_begins_no_other() {
	let (db, engine, models) = (Db::default(), FakeEngine::identity(), models());
	let options = ["--model-dir", models.path().to_str().unwrap()];
	engine.shut();
	let node = start(&db, engine.state(), &options);
	as_worker(node.service.offchain_db.clone(), || post(&[job(1), job(2), job(3)]).unwrap());
	eventually("as many run as there are slots", || engine.runs() == 2);
	let stopped = tokio::spawn(node.tasks.stop());
	tokio::time::sleep(Duration::from_millis(200)).await;
	assert!(!stopped.is_finished(), "it does not wait");
	engine.open();
	stopped.await.unwrap();
	let done = [1, 2, 3].map(|request| db.result(&job(request).0).is_some());
	assert_eq!(done.iter().filter(|done| **done).count(), 2, "{done:?}");
	assert_eq!(engine.runs(), 2);
}

#[tokio::test]
async fn a_node_that_stops_waits_for_no_file_and_answers_nothing_for_want_of_it() {
	let (db, engine, models) = (Db::default(), FakeEngine::identity(), models());
	let options = ["--model-dir", models.path().to_str().unwrap()];
	let node = start(&db, engine.state(), &options);
	let (key, job, bytes) = job_by_hash(1);
	as_worker(node.service.offchain_db.clone(), || post(&[(key, job)]).unwrap());
	eventually("it is fetched for", || node.blobs.waited() == 1);
	let started = Instant::now();
	node.tasks.stop().await;
	assert!(started.elapsed() < Duration::from_secs(20), "it waited for the file");
	// Its thread is left, and its fetch fails with the network.
	node.blobs.stopped.store(true, Ordering::SeqCst);
	drop(node.service);
	eventually("the thread has ended", || Arc::strong_count(&node.blobs) == 1);
	tokio::time::sleep(Duration::from_millis(50)).await;
	assert_eq!(db.result(&key), None);

	let node = start(&db, engine.state(), &options);
	eventually("it is fetched for again", || node.blobs.waited() == 1);
	node.blobs.store.put_bytes(&bytes).unwrap();
	eventually("it is answered by the next node", || db.result(&key).is_some());
	let answer = db.result(&key).unwrap().answer;
	assert!(matches!(answer, Answer::Output(_)), "{answer:?}");
	node.tasks.stop().await;
}

#[tokio::test]
async fn a_node_without_an_engine_answers_that_it_has_none() {
	let db = Db::default();
	let node = start(&db, EngineState::Unavailable("no library".into()), &[]);
	as_worker(node.service.offchain_db.clone(), || post(&[job(1)]).unwrap());
	eventually("it is answered", || db.result(&job(1).0).is_some());
	let failure = Answer::Failure(JobFailure::EngineUnavailable);
	assert_eq!(db.result(&job(1).0).unwrap().answer, failure);
	node.tasks.stop().await;
}
