// SPDX-License-Identifier: Apache-2.0
//! A model that spins, crashes or eats memory costs one job, and yields a typed failure.

mod common;

use common::*;
use jurat_engine::{EngineConfig, EngineError, Executor, Model, WorkerCommand, library};
use jurat_onnx::{build, proto::ModelProto};
use jurat_primitives::{ContentHash, ElementType, JobFailure};
use std::{
	fs, thread,
	time::{Duration, Instant},
};

fn soon() -> Instant {
	Instant::now() + Duration::from_secs(2)
}

/// Runs a model that ends well.
fn still_works(executor: &Executor, model: &Model) {
	let output = executor.run(model, loop_inputs(3, 4), in_time()).unwrap();
	assert_eq!(output.outputs, tensors(vec![("y", ints(&[], &[7]))]));
}

#[test]
fn a_run_that_does_not_end_is_stopped_at_its_deadline_and_its_session_stays() {
	let directory = tempfile::tempdir().unwrap();
	let model = publish(&directory, &stoppable());
	let executor = executor();
	still_works(&executor, &model);
	for round in 1..=3 {
		let deadline = Instant::now() + Duration::from_millis(300);
		let result = executor.run(&model, loop_inputs(i64::MAX, 0), deadline);
		assert_eq!(result, Err(JobFailure::TimedOut));
		assert!(Instant::now() >= deadline);
		still_works(&executor, &model);
		let stats = executor.stats();
		assert_eq!((stats.stops, stats.kills, stats.crashes, stats.restarts), (round, 0, 0, 0));
		assert_eq!(stats.cache_misses, 1, "the session is warm");
	}
}

/// y = sum of x·x of `shape` ones: one operator that takes long, and is not stopped in between.
fn heavy() -> ModelProto {
	let shape = build::value("shape", ElementType::I64, [build::fixed(2)]);
	let y = build::value("y", ElementType::F32, []);
	let mut ones = build::node("ConstantOfShape", &["shape"], &["x"]);
	ones.attribute.push(build::tensor_attribute("value", build::floats("one", &[1], &[1.0])));
	let product = build::node("MatMul", &["x", "x"], &["product"]);
	let mut sum = build::node("ReduceSum", &["product"], &["y"]);
	sum.attribute.push(build::int_attribute("keepdims", 0));
	build::model(build::graph([shape], [y], [ones, product, sum], []), 17)
}

#[test]
fn a_run_that_cannot_be_stopped_is_killed_soon_after_its_deadline_and_the_next_job_works() {
	let directory = tempfile::tempdir().unwrap();
	let (model, heavy) = (publish(&directory, &looping()), publish(&directory, &heavy()));
	let executor = executor();
	let run = |size: i64, deadline| {
		let inputs = tensors(vec![("shape", ints(&[2], &[size, size]))]);
		executor.run(&heavy, inputs, deadline)
	};
	assert_eq!(run(2, in_time()).unwrap().outputs, tensors(vec![("y", floats(&[], &[8.0]))]));
	for round in 1..=2 {
		// Time to fill the matrix, then 2 · 7000³ operations: seconds on any core.
		let deadline = Instant::now() + Duration::from_millis(1200);
		assert_eq!(run(7000, deadline), Err(JobFailure::TimedOut));
		let late = deadline.elapsed();
		assert!(late < Duration::from_secs(2), "{late:?} after the deadline");
		still_works(&executor, &model);
		let stats = executor.stats();
		assert_eq!((stats.stops, stats.kills, stats.restarts), (0, round, round));
	}
}

#[test]
fn a_child_that_never_starts_again_is_tried_ever_more_slowly() {
	let directory = tempfile::tempdir().unwrap();
	let model = publish(&directory, &looping());
	// The first one works; each later one leaves a mark and ends.
	let marks = directory.path().join("marks");
	let script = format!(
		"[ ! -e '{0}' ] || {{ echo x >> '{0}'; exit 1; }}; echo first > '{0}'; exec '{WORKER}'",
		marks.display(),
	);
	let worker = WorkerCommand { program: "/bin/sh".into(), args: vec!["-c".into(), script] };
	let executor = Executor::start(EngineConfig { worker, ..config() }).unwrap();
	let evil = publish(&directory, &crashing());
	assert_eq!(executor.run(&evil, crash_inputs(), in_time()), Err(JobFailure::Crashed));
	let soon = Instant::now() + Duration::from_secs(3);
	let result = executor.run(&model, loop_inputs(1, 1), soon);
	assert_eq!(result, Err(JobFailure::EngineUnavailable));
	// 50, 100, 200 … ms: six tries fit in three seconds; without a pause it would be hundreds.
	let tries = fs::read_to_string(&marks).unwrap().lines().count() - 1;
	assert!((3..=8).contains(&tries), "{tries} tries");
}

#[test]
fn a_crash_costs_one_job_and_the_next_one_works() {
	let directory = tempfile::tempdir().unwrap();
	let fine = publish(&directory, &looping());
	let evil = publish(&directory, &crashing());
	let executor = executor();
	for round in 1..=3 {
		assert_eq!(executor.run(&evil, crash_inputs(), in_time()), Err(JobFailure::Crashed));
		still_works(&executor, &fine);
		let stats = executor.stats();
		assert_eq!((stats.crashes, stats.restarts), (round, round));
	}
}

#[test]
fn a_child_killed_at_a_job_costs_that_job() {
	let directory = tempfile::tempdir().unwrap();
	let model = publish(&directory, &looping());
	let worker = noting(directory.path());
	let executor = Executor::start(EngineConfig { worker, ..config() }).unwrap();
	still_works(&executor, &model);
	let running = {
		let (executor, model) = (executor.clone(), model.clone());
		thread::spawn(move || executor.run(&model, loop_inputs(i64::MAX, 0), in_time()))
	};
	while executor.stats().busy == 0 {
		thread::yield_now();
	}
	// It has the job after a moment. Before that, its death would cost nothing.
	thread::sleep(Duration::from_millis(300));
	assert_eq!(signal_noted(directory.path(), "-KILL"), 1);
	assert_eq!(running.join().unwrap(), Err(JobFailure::Crashed));
	still_works(&executor, &model);
}

#[test]
fn a_child_killed_while_idle_costs_no_job() {
	let directory = tempfile::tempdir().unwrap();
	let model = publish(&directory, &looping());
	let worker = noting(directory.path());
	let executor = Executor::start(EngineConfig { worker, slots: 2, ..config() }).unwrap();
	still_works(&executor, &model);
	let mut killed = 0;
	for round in 0..6 {
		all_started(&executor);
		killed += signal_noted(directory.path(), "-KILL") as u64;
		// It may be dead, or dying, when the next job comes.
		thread::sleep(Duration::from_millis(round % 3 * 20));
		still_works(&executor, &model);
	}
	let stats = executor.stats();
	assert_eq!((stats.jobs_done, stats.jobs_failed.as_slice()), (7, [].as_slice()), "{stats:?}");
	// The slot with the session is preferred: the dead child of the other one is not noticed.
	assert_eq!((stats.crashes, stats.restarts, killed), (6, 6, 7), "{stats:?}");
}

#[test]
fn a_child_killed_while_idle_costs_no_admission() {
	let directory = tempfile::tempdir().unwrap();
	let model = publish(&directory, &looping());
	let worker = noting(directory.path());
	let executor = Executor::start(EngineConfig { worker, ..config() }).unwrap();
	assert_eq!(signal_noted(directory.path(), "-KILL"), 1);
	executor.admit(&model, in_time()).unwrap();
	// It was not asked: a model is tried in a child of its own.
	let stats = executor.stats();
	assert_eq!((stats.admitted, stats.crashes, stats.restarts), (1, 0, 0));
}

#[test]
fn a_child_that_cannot_be_replaced_is_told_from_a_crash() {
	let directory = tempfile::tempdir().unwrap();
	let model = publish(&directory, &looping());
	let note = directory.path().join("first");
	// Only the first one starts.
	let script =
		format!("[ ! -e '{0}' ] || exit 1; echo $$ > '{0}'; exec '{WORKER}'", note.display());
	let worker = WorkerCommand { program: "/bin/sh".into(), args: vec!["-c".into(), script] };
	let executor = Executor::start(EngineConfig { worker, ..config() }).unwrap();
	kill(&note);
	let failed = executor.run(&model, loop_inputs(1, 1), in_time());
	assert_eq!(failed, Err(JobFailure::EngineUnavailable));
	fs::remove_file(&note).unwrap();
	still_works(&executor, &model);
}

#[test]
fn a_child_whose_parent_dies_ends_in_the_middle_of_a_run() {
	let directory = tempfile::tempdir().unwrap();
	let model = publish(&directory, &looping());
	// The worker's parent is a shell, which can be killed while this test looks on.
	let number = directory.path().join("number");
	let script = format!("echo $$ > '{}'; exec 3<&0; '{WORKER}' <&3 3<&- & wait", number.display());
	let worker = WorkerCommand { program: "/bin/sh".into(), args: vec!["-c".into(), script] };
	let executor = Executor::start(EngineConfig { worker, ..config() }).unwrap();
	still_works(&executor, &model);
	let running = {
		let (executor, model) = (executor.clone(), model.clone());
		thread::spawn(move || executor.run(&model, loop_inputs(i64::MAX, 0), in_time()))
	};
	while executor.stats().busy == 0 {
		thread::yield_now();
	}
	thread::sleep(Duration::from_millis(300));
	kill(&number);
	// The worker still holds the socket: only its own end closes it.
	assert_eq!(running.join().unwrap(), Err(JobFailure::Crashed));
}

#[test]
fn memory_beyond_the_limit_is_an_error_of_the_run() {
	let directory = tempfile::tempdir().unwrap();
	let model = publish(&directory, &hoarding());
	let config = EngineConfig { memory_limit: 2 << 30, ..config() };
	let executor = Executor::start(config).unwrap();
	let take = |bytes: i64| {
		let inputs = tensors(vec![("shape", ints(&[1], &[bytes / 4]))]);
		executor.run(&model, inputs, in_time())
	};
	assert_eq!(take(64 << 20).unwrap().outputs, tensors(vec![("y", floats(&[], &[0.0]))]));
	// three times the limit; more than there is
	assert_eq!(take(6 << 30), Err(JobFailure::RunFailed));
	assert_eq!(take(1 << 47), Err(JobFailure::RunFailed));
	take(64 << 20).unwrap();
	assert_eq!(executor.stats().restarts, 0);
}

#[test]
fn memory_that_one_model_holds_is_there_for_another() {
	let directory = tempfile::tempdir().unwrap();
	let models = ["a", "b"].map(|name| {
		let mut model = hoarding();
		model.graph.as_mut().unwrap().name = name.into();
		publish(&directory, &model)
	});
	let config = EngineConfig { memory_limit: 2 << 30, ..config() };
	let executor = Executor::start(config).unwrap();
	// Each takes more than half of what there is, and its session keeps it.
	for model in models.iter().cycle().take(6) {
		let inputs = tensors(vec![("shape", ints(&[1], &[1200 << 18]))]);
		executor.run(model, inputs, in_time()).unwrap();
	}
	let stats = executor.stats();
	assert_eq!((stats.jobs_done, stats.restarts), (6, 0), "{stats:?}");
	// Or the test says nothing: sessions were closed for the other model, and made again.
	assert!(stats.cache_misses > 2, "{stats:?}");
}

#[test]
fn a_file_that_is_not_there_or_not_the_one_is_unavailable() {
	let directory = tempfile::tempdir().unwrap();
	let model = publish(&directory, &looping());
	let executor = executor();
	let run = |model: &Model| executor.run(model, loop_inputs(1, 1), in_time());

	let missing = Model { path: directory.path().join("missing"), ..model.clone() };
	assert_eq!(run(&missing), Err(JobFailure::ModelUnavailable));
	let not_a_file = Model { path: directory.path().into(), ..model.clone() };
	assert_eq!(run(&not_a_file), Err(JobFailure::ModelUnavailable));
	let wrong = Model { content: ContentHash([7; 32]), ..model.clone() };
	assert_eq!(run(&wrong), Err(JobFailure::ModelUnavailable));
	// once there is a session, the file is not needed any more
	run(&model).unwrap();
	fs::remove_file(&model.path).unwrap();
	run(&model).unwrap();
	assert_eq!(executor.stats().jobs_failed.iter().map(|f| f.count).sum::<u64>(), 3);
}

#[test]
fn a_file_that_does_not_fit_its_manifest_is_rejected() {
	let directory = tempfile::tempdir().unwrap();
	let model = publish(&directory, &looping());
	let executor = executor();
	let run = |model: &Model| executor.run(model, loop_inputs(1, 1), in_time());
	let mut other = model.clone();
	other.manifest.opset += 1;
	assert_eq!(run(&other), Err(JobFailure::ModelRejected));
	run(&model).unwrap();
	// also where there is a session already
	assert_eq!(run(&other), Err(JobFailure::ModelRejected));
	run(&model).unwrap();

	let mut operator = looping();
	// younger than the file's operator set
	operator.graph.as_mut().unwrap().node[0].op_type = "Gelu".into();
	assert_eq!(run(&publish(&directory, &operator)), Err(JobFailure::ModelRejected));
	let garbage = directory.path().join("garbage");
	fs::write(&garbage, b"garbage").unwrap();
	let content = ContentHash(*blake3::hash(b"garbage").as_bytes());
	let garbage = Model { content, path: garbage, ..model };
	assert_eq!(run(&garbage), Err(JobFailure::ModelRejected));
}

#[test]
fn inputs_that_do_not_fit_the_manifest_do_not_reach_the_model() {
	let directory = tempfile::tempdir().unwrap();
	let model = publish(&directory, &looping());
	let executor = executor();
	let wrong = tensors(vec![("times", ints(&[], &[1]))]);
	assert_eq!(executor.run(&model, wrong, in_time()), Err(JobFailure::InputMismatch));
	assert_eq!(executor.stats().cache_misses, 0);
}

#[test]
fn a_full_executor_says_so_at_the_deadline() {
	let directory = tempfile::tempdir().unwrap();
	let model = publish(&directory, &looping());
	let executor = executor();
	still_works(&executor, &model);
	let running = {
		let (executor, model) = (executor.clone(), model.clone());
		thread::spawn(move || executor.run(&model, loop_inputs(i64::MAX, 0), soon()))
	};
	while executor.stats().busy == 0 {
		thread::yield_now();
	}
	let deadline = Instant::now() + Duration::from_millis(100);
	let late = executor.run(&model, loop_inputs(1, 1), deadline);
	assert_eq!(late, Err(JobFailure::Overloaded));
	assert_eq!(running.join().unwrap(), Err(JobFailure::TimedOut));
	still_works(&executor, &model);
}

#[test]
fn slots_work_at_once_and_keep_their_sessions() {
	let directory = tempfile::tempdir().unwrap();
	let model = publish(&directory, &stoppable());
	let executor = Executor::start(EngineConfig { slots: 2, ..config() }).unwrap();
	let started = Instant::now();
	all_started(&executor);
	let runs: Vec<_> = (0..2)
		.map(|_| {
			let (executor, model) = (executor.clone(), model.clone());
			thread::spawn(move || executor.run(&model, loop_inputs(i64::MAX, 0), soon()))
		})
		.collect();
	while executor.stats().busy < 2 {
		assert!(started.elapsed() < Duration::from_secs(30), "never busy at once");
		thread::yield_now();
	}
	for run in runs {
		assert_eq!(run.join().unwrap(), Err(JobFailure::TimedOut));
	}
	for _ in 0..10 {
		still_works(&executor, &model);
	}
	let stats = executor.stats();
	// The slot that has the session is preferred.
	let uses: Vec<_> = stats.sessions.iter().map(|session| session.uses).collect();
	assert_eq!(uses, [11, 1], "{stats:?}");
	assert_eq!((stats.cache_hits, stats.cache_misses), (10, 2));
}

#[test]
fn sessions_beyond_the_budget_give_way_to_those_in_use() {
	let directory = tempfile::tempdir().unwrap();
	let models: Vec<_> = (0..3)
		.map(|i| {
			publish(&directory, &{
				let mut model = looping();
				model.graph.as_mut().unwrap().name = format!("graph {i}");
				model
			})
		})
		.collect();
	// room for two: a small session counts for 512 KiB
	let config = EngineConfig { session_budget: 1 << 20, ..config() };
	let executor = Executor::start(config).unwrap();
	for index in [0, 1, 0, 2, 0, 1] {
		still_works(&executor, &models[index]);
	}
	let stats = executor.stats();
	assert_eq!((stats.cache_hits, stats.cache_misses), (2, 4));
	let mut kept: Vec<_> = stats.sessions.iter().map(|session| session.content).collect();
	kept.sort();
	let mut expected = vec![models[0].content, models[1].content];
	expected.sort();
	assert_eq!(kept, expected);
}

#[test]
fn after_shutdown_nothing_runs() {
	let directory = tempfile::tempdir().unwrap();
	let model = publish(&directory, &looping());
	let executor = executor();
	still_works(&executor, &model);
	let running = {
		let (executor, model) = (executor.clone(), model.clone());
		thread::spawn(move || executor.run(&model, loop_inputs(i64::MAX, 0), in_time()))
	};
	while executor.stats().busy == 0 {
		thread::yield_now();
	}
	executor.shutdown();
	assert_eq!(running.join().unwrap(), Err(JobFailure::EngineUnavailable));
	let later = executor.run(&model, loop_inputs(1, 1), in_time());
	assert_eq!(later, Err(JobFailure::EngineUnavailable));
}

#[test]
fn a_node_without_library_or_worker_is_told_why() {
	let start = |config| Executor::start(config).err().expect("it starts");
	let nowhere = EngineConfig { library: Some("/nonexistent".into()), ..config() };
	match start(nowhere) {
		EngineError::LibraryNotFound(library::LibraryError::NotFound { searched }) => {
			assert_eq!(searched, [std::path::PathBuf::from("/nonexistent")]);
		},
		other => panic!("{other}"),
	}
	let directory = tempfile::tempdir().unwrap();
	let fake = directory.path().join("libonnxruntime.so");
	fs::write(&fake, b"\0VERS_1.30.0\0").unwrap();
	let error = start(EngineConfig { library: Some(fake.clone()), ..config() });
	assert!(matches!(error, EngineError::LibraryUnfit(_)), "{error}");
	// it says that it is the right one, and is none
	fs::write(&fake, b"\0VERS_1.31.1\0").unwrap();
	let error = start(EngineConfig { library: Some(fake), ..config() });
	assert!(matches!(error, EngineError::Refused(_)), "{error}");

	let worker = |program: &str| EngineConfig {
		worker: WorkerCommand { program: program.into(), args: Vec::new() },
		load_timeout: Duration::from_millis(300),
		..config()
	};
	let error = start(worker("/nonexistent/worker"));
	assert!(matches!(error, EngineError::Start(_)), "{error}");
	let error = start(worker("/bin/false"));
	assert!(matches!(error, EngineError::Died), "{error}");
	let mut silent = worker("/bin/sleep");
	silent.worker.args.push("60".into());
	let error = start(silent);
	assert!(matches!(error, EngineError::TimedOut), "{error}");
}
