// SPDX-License-Identifier: Apache-2.0
//! A model that spins, crashes or eats memory costs one job, and yields a typed failure.

mod common;

use common::*;
use jurat_engine::{EngineConfig, EngineError, Executor, Model, WorkerCommand, library};
use jurat_primitives::{ContentHash, JobFailure};
use std::{
	fs,
	path::Path,
	process::Command,
	thread,
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
fn a_run_that_does_not_end_is_killed_at_its_deadline_and_the_next_job_works() {
	let directory = tempfile::tempdir().unwrap();
	let model = publish(&directory, &looping());
	let executor = executor();
	still_works(&executor, &model);
	for round in 1..=2 {
		let deadline = Instant::now() + Duration::from_millis(300);
		let result = executor.run(&model, loop_inputs(i64::MAX, 0), deadline);
		assert_eq!(result, Err(JobFailure::TimedOut));
		let late = deadline.elapsed();
		assert!(late < Duration::from_secs(2), "{late:?} after the deadline");
		still_works(&executor, &model);
		let stats = executor.stats();
		assert_eq!((stats.kills, stats.crashes, stats.restarts), (round, 0, round));
	}
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

/// A worker that notes its process number in a file of its own before it starts.
fn noting(directory: &Path) -> WorkerCommand {
	let script = format!("echo $$ > '{}'/$$.child; exec '{WORKER}'", directory.display());
	WorkerCommand { program: "/bin/sh".into(), args: vec!["-c".into(), script] }
}

/// Kills every child that was noted, and returns how many.
fn kill_noted(directory: &Path) -> usize {
	let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
	let notes = entries.filter(|path| path.extension().is_some_and(|e| e == "child"));
	notes.inspect(|note| kill(note)).map(|note| fs::remove_file(note).unwrap()).count()
}

/// Kills the process whose number is in this file.
fn kill(note: &Path) {
	let number = fs::read_to_string(note).unwrap();
	let kill = Command::new("kill").args(["-9", number.trim()]).status();
	assert!(kill.unwrap().success());
}

/// Until no slot is starting its child.
fn all_started(executor: &Executor) {
	let started = Instant::now();
	while executor.stats().starting > 0 {
		assert!(started.elapsed() < Duration::from_secs(30));
		thread::yield_now();
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
	assert_eq!(kill_noted(directory.path()), 1);
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
		killed += kill_noted(directory.path()) as u64;
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
	assert_eq!(kill_noted(directory.path()), 1);
	executor.admit(&model, in_time()).unwrap();
	let stats = executor.stats();
	assert_eq!((stats.admitted, stats.crashes, stats.restarts), (1, 1, 1));
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
	let model = publish(&directory, &looping());
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
	assert_eq!(stats.sessions.len(), 1, "{stats:?}");
	assert_eq!((stats.sessions[0].uses, stats.sessions[0].content), (10, model.content));
	assert_eq!((stats.cache_hits, stats.cache_misses), (9, 3));
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
