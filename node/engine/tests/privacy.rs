// SPDX-License-Identifier: Apache-2.0
//! The library does not report home, and the child gets nothing of the node's environment.

mod common;

use common::*;
use jurat_engine::{EngineConfig, EngineError, Executor, TELEMETRY_VARIABLE, WorkerCommand};
use std::{fs, process::Command};

/// A worker started through `env`, which changes the environment first.
fn through_env(arguments: &[&str]) -> EngineConfig {
	let args = arguments.iter().chain(&[WORKER]).map(|text| text.to_string()).collect();
	EngineConfig { worker: WorkerCommand { program: "/usr/bin/env".into(), args }, ..config() }
}

#[test]
fn a_child_without_the_telemetry_variable_refuses_to_work() {
	for arguments in [
		["-u", TELEMETRY_VARIABLE].as_slice(),
		[format!("{TELEMETRY_VARIABLE}=0").as_str()].as_slice(),
	] {
		let error = Executor::start(through_env(arguments)).err().expect("it starts");
		assert!(matches!(error, EngineError::Telemetry), "{error}");
	}
}

#[test]
fn no_file_is_written_to_a_fresh_home() {
	let directory = tempfile::tempdir().unwrap();
	let home = tempfile::tempdir().unwrap();
	let assignments: Vec<_> = ["HOME", "TMPDIR", "XDG_CACHE_HOME"]
		.into_iter()
		.map(|name| format!("{name}={}", home.path().display()))
		.collect();
	let assignments: Vec<_> = assignments.iter().map(String::as_str).collect();
	let executor = Executor::start(through_env(&assignments)).unwrap();
	let model = publish(&directory, &doubling());
	for _ in 0..10 {
		let inputs = tensors(vec![("x", floats(&[1], &[1.0]))]);
		executor.run(&model, inputs, in_time()).unwrap();
	}
	executor.shutdown();
	assert_eq!(files(home.path()), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_child_sees_nothing_of_the_nodes_environment_and_is_limited() {
	let directory = tempfile::tempdir().unwrap();
	let number = directory.path().join("number");
	let script = format!("echo $$ > '{}'; exec '{WORKER}'", number.display());
	let worker = WorkerCommand { program: "/bin/sh".into(), args: vec!["-c".into(), script] };
	let executor = Executor::start(EngineConfig { worker, ..config() }).unwrap();
	let process = fs::read_to_string(number).unwrap();
	let of_process = |file: &str| fs::read(format!("/proc/{}/{file}", process.trim())).unwrap();
	let environment = String::from_utf8(of_process("environ")).unwrap();
	let mut names: Vec<_> = environment
		.split_terminator('\0')
		.filter_map(|variable| Some(variable.split_once('=')?.0))
		// what the shell itself sets
		.filter(|name| !["PWD", "OLDPWD", "SHLVL", "_"].contains(name))
		.collect();
	names.sort();
	assert_eq!(names, ["MALLOC_ARENA_MAX", TELEMETRY_VARIABLE]);
	let limits = String::from_utf8(of_process("limits")).unwrap();
	for (name, value) in [
		("Max core file size", "0"),
		("Max file size", "0"),
		("Max locked memory", "0"),
		("Max msgqueue size", "0"),
		("Max processes", "0"),
		("Max open files", "16"),
		("Max stack size", "8388608"),
		("Max address space", "4294967296"),
	] {
		let line = limits.lines().find_map(|line| line.strip_prefix(name)).unwrap();
		assert!(line.split_whitespace().take(2).all(|word| word == value), "{name}{line}");
	}
	// Granted by the node as it is needed: here, to start and to give the known answers.
	let line = limits.lines().find_map(|line| line.strip_prefix("Max cpu time")).unwrap();
	let seconds: u64 = line.split_whitespace().next().unwrap().parse().unwrap();
	assert!((60..200).contains(&seconds), "{line}");
	drop(executor);
}

#[test]
fn the_library_is_named_by_version_and_hash() {
	let library = executor().library();
	assert_eq!(library.version, jurat_engine::library::VERSION);
	assert_eq!(library.sha256.len(), 64);
	assert!(library.build_info.contains("ORT Build Info"), "{}", library.build_info);
	assert!(std::path::Path::new(&library.path).is_absolute());
	if cfg!(target_arch = "x86_64") {
		assert!(library.cpu_features.contains(&"sse4.1".to_string()), "{library:?}");
	}
}

#[test]
fn a_worker_started_by_hand_says_so() {
	let output = Command::new(WORKER).stdin(std::process::Stdio::null()).output().unwrap();
	assert_eq!(output.status.code(), Some(2));
	assert!(String::from_utf8_lossy(&output.stderr).contains("Jurat node"));
}
