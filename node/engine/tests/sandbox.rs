// SPDX-License-Identifier: Apache-2.0
//! What a process cannot do once it is in the sandbox: tried by this program itself, started anew
//! for each attempt; and the same seen from outside on a child that runs models.

mod common;

use common::*;
use jurat_engine::{
	EngineConfig, Executor, LoadError, Model, SandboxMode,
	sandbox::{self, Landlock},
};
use jurat_primitives::{ContentHash, JobFailure, limits::MAX_MODEL_BYTES};
use libtest_mimic::{Arguments, Trial};
use std::{
	env, fs, io,
	net::{Ipv4Addr, TcpStream, UdpSocket},
	os::unix::{net::UnixStream, process::ExitStatusExt},
	process::{Command, ExitCode},
	thread,
};

/// Set to the name of an attempt in a process that is to make it.
const ATTEMPT: &str = "JURAT_ATTEMPT";
/// Set to one half of the sandbox, to see that it holds alone.
const ONLY: &str = "JURAT_ONLY";
const EPERM: i32 = 1;
const EACCES: i32 = 13;
const SIGSYS: i32 = 31;
/// How an abort ends also outside: what a model's crash is, it stays.
const SIGABRT: i32 = 6;
/// What an attempt that succeeds ends with.
const DONE: i32 = 200;

/// What is tried, and what it ends in: `Ok` an error number, `Err` a signal.
const ATTEMPTS: &[(&str, Result<i32, i32>)] = &[
	("read a file", Ok(EPERM)),
	("write a file", Ok(EPERM)),
	("look at a file", Ok(EPERM)),
	("list a directory", Ok(EPERM)),
	("remove a file", Err(SIGSYS)),
	("start a thread", Ok(EPERM)),
	("start a program", Err(SIGSYS)),
	("make a TCP socket", Err(SIGSYS)),
	("make a UDP socket", Err(SIGSYS)),
	("make a Unix socket", Err(SIGSYS)),
	("signal the parent", Err(SIGSYS)),
	("make a file in memory", Err(SIGSYS)),
	("raise a limit", Ok(EPERM)),
	("abort", Err(SIGABRT)),
	("compute", Ok(DONE)),
];

fn attempt(name: &str) -> io::Result<()> {
	match name {
		"read a file" => fs::read("/etc/hostname").map(drop),
		"write a file" => fs::write("/tmp/jurat-sandbox-attempt", b"x"),
		"look at a file" => fs::metadata("/etc/hostname").map(drop),
		"list a directory" => fs::read_dir("/").map(drop),
		"remove a file" => fs::remove_file("/tmp/jurat-sandbox-attempt"),
		"start a thread" => thread::Builder::new().spawn(|| {}).map(drop),
		"start a program" => Command::new("/bin/true").status().map(drop),
		"make a TCP socket" => TcpStream::connect((Ipv4Addr::LOCALHOST, 9)).map(drop),
		"make a UDP socket" => UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map(drop),
		"make a Unix socket" => UnixStream::pair().map(drop),
		"signal the parent" => {
			let parent = rustix::process::getppid().ok_or(io::ErrorKind::NotFound)?;
			Ok(rustix::process::kill_process(parent, rustix::process::Signal::CONT)?)
		},
		"make a file in memory" => {
			Ok(rustix::fs::memfd_create("x", rustix::fs::MemfdFlags::CLOEXEC).map(drop)?)
		},
		"raise a limit" => {
			use rustix::process::{Resource, Rlimit, setrlimit};
			Ok(setrlimit(Resource::Nofile, Rlimit { current: Some(9), maximum: Some(9) })?)
		},
		"abort" => std::process::abort(),
		"compute" => {
			let much: Vec<u8> = (0..32 << 20).map(|i| i as u8).collect();
			(much.len() == 32 << 20).then_some(()).ok_or(io::ErrorKind::OutOfMemory.into())
		},
		_ => Err(io::ErrorKind::InvalidInput.into()),
	}
}

/// In the process that makes the attempt.
fn attempted(name: &str) -> ExitCode {
	let (mut whole, only) = (true, env::var(ONLY).unwrap_or_default());
	match only.as_str() {
		"landlock" => whole = sandbox::landlock::apply().is_ok(),
		"seccomp" => whole = sandbox::seccomp::apply().is_ok(),
		_ => {
			let report = sandbox::forbid(SandboxMode::Enforce).close();
			whole &= report.is_whole();
		},
	}
	if !whole {
		return ExitCode::from(201);
	}
	let code = match attempt(name) {
		Ok(()) => DONE,
		Err(error) => error.raw_os_error().unwrap_or(202),
	};
	ExitCode::from(u8::try_from(code).unwrap_or(203))
}

/// What an attempt ends in, in a process of its own.
fn outcome(name: &str, only: &str) -> Result<i32, i32> {
	let mut command = Command::new(env::current_exe().unwrap());
	let status = command.env(ATTEMPT, name).env(ONLY, only).status().unwrap();
	status.code().ok_or_else(|| status.signal().unwrap_or_default())
}

fn main() -> ExitCode {
	if let Ok(name) = env::var(ATTEMPT) {
		return attempted(&name);
	}
	let mut trials: Vec<Trial> = ATTEMPTS
		.iter()
		.map(|(name, expected)| {
			let who = if ["abort", "compute"].contains(name) { "one" } else { "nobody" };
			let title = format!("in_the_sandbox_{who}_can_{}", name.replace(' ', "_"));
			Trial::test(title, move || {
				assert_eq!(outcome(name, ""), *expected, "{name}");
				Ok(())
			})
		})
		.collect();
	let tests: [(&str, fn()); 6] = [
		("landlock_alone_keeps_files_and_ports", landlock_alone_keeps_files_and_ports),
		("seccomp_alone_keeps_everything", seccomp_alone_keeps_everything),
		(
			"a_child_is_in_the_sandbox_in_all_its_threads",
			a_child_is_in_the_sandbox_in_all_its_threads,
		),
		("jobs_leave_no_open_file_behind", jobs_leave_no_open_file_behind),
		("a_file_is_what_it_was_said_to_be_or_is_not_loaded", a_file_is_what_it_was_said_to_be),
		("enforcement_is_asked_for_and_can_be_left_out", enforcement_is_asked_for),
	];
	trials.extend(tests.map(|(name, test)| {
		Trial::test(name, move || {
			test();
			Ok(())
		})
	}));
	libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn landlock_alone_keeps_files_and_ports() {
	for name in ["read a file", "write a file", "list a directory", "make a TCP socket"] {
		assert_eq!(outcome(name, "landlock"), Ok(EACCES), "{name}");
	}
}

fn seccomp_alone_keeps_everything() {
	for (name, expected) in ATTEMPTS {
		assert_eq!(outcome(name, "seccomp"), *expected, "{name}");
	}
}

fn a_child_is_in_the_sandbox_in_all_its_threads() {
	let directory = tempfile::tempdir().unwrap();
	let worker = noting(directory.path());
	let executor = Executor::start(EngineConfig { worker, ..config() }).unwrap();
	let report = executor.sandbox();
	assert!(report.is_whole() && report.missing.is_empty(), "{report:?}");
	assert_ne!(report.landlock, Landlock::Off);
	let process = noted(directory.path()).pop().unwrap();
	let tasks = fs::read_dir(format!("/proc/{process}/task")).unwrap();
	let mut threads = 0;
	for task in tasks {
		let status = fs::read_to_string(task.unwrap().path().join("status")).unwrap();
		for line in ["NoNewPrivs:\t1", "Seccomp:\t2", "Seccomp_filters:\t3"] {
			assert!(status.contains(line), "{line} is missing in {status}");
		}
		threads += 1;
	}
	assert_eq!(threads, 2, "one that computes and one that watches");
}

fn open_files(process: &str) -> usize {
	fs::read_dir(format!("/proc/{process}/fd")).unwrap().count()
}

fn jobs_leave_no_open_file_behind() {
	let directory = tempfile::tempdir().unwrap();
	let models: Vec<_> = (0..20)
		.map(|i| {
			let mut model = looping();
			model.graph.as_mut().unwrap().name = format!("graph {i}");
			publish(&directory, &model)
		})
		.collect();
	// No session fits beside another: each job passes a file.
	let worker = noting(directory.path());
	let config = EngineConfig { worker, session_budget: 0, ..config() };
	let executor = Executor::start(config).unwrap();
	let process = noted(directory.path()).pop().unwrap();
	let run = |model: &Model| executor.run(model, loop_inputs(3, 4), in_time()).unwrap();
	run(&models[0]);
	// Of this process as a whole: other tests come and go, so it may be fewer, and a few more.
	let (ours, theirs) = (open_files("self"), open_files(&process));
	for model in models.iter().cycle().skip(1).take(200) {
		run(model);
	}
	let stats = executor.stats();
	assert_eq!((stats.jobs_done, stats.cache_misses, stats.restarts), (201, 201, 0), "{stats:?}");
	assert_eq!(open_files(&process), theirs);
	assert!(open_files("self") < ours + 100, "{} after {ours}", open_files("self"));
}

fn a_file_is_what_it_was_said_to_be() {
	let directory = tempfile::tempdir().unwrap();
	let model = publish(&directory, &product());
	let executor = executor();
	let inputs = || tensors(vec![("x", floats(&[1, 3], &[1.0; 3]))]);
	let unavailable = |path: &std::path::Path| {
		let model = Model { path: path.into(), ..model.clone() };
		let failed = executor.run(&model, inputs(), in_time());
		assert_eq!(failed, Err(JobFailure::ModelUnavailable), "{}", path.display());
	};
	let file = fs::read(&model.path).unwrap();
	let other = directory.path().join("other");
	// short, long, another one, empty
	fs::write(&other, &file[..file.len() - 1]).unwrap();
	unavailable(&other);
	fs::write(&other, [file.as_slice(), b"x"].concat()).unwrap();
	unavailable(&other);
	fs::write(&other, vec![7; file.len()]).unwrap();
	unavailable(&other);
	fs::write(&other, b"").unwrap();
	unavailable(&other);
	// larger than any model: not read at all
	fs::File::create(&other).unwrap().set_len(MAX_MODEL_BYTES + 1).unwrap();
	let huge = Model { path: other.clone(), ..model.clone() };
	assert!(matches!(huge.open(), Err(LoadError::Missing(_))));
	unavailable(&other);
	// a pipe that nobody writes to, a directory, a device, nothing
	let pipe = directory.path().join("pipe");
	assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
	for path in [pipe.as_path(), directory.path(), "/dev/zero".as_ref(), "/nonexistent".as_ref()] {
		unavailable(path);
	}
	let wrong = Model { content: ContentHash([7; 32]), ..model.clone() };
	let failed = executor.run(&wrong, inputs(), in_time());
	assert_eq!(failed, Err(JobFailure::ModelUnavailable));
	executor.run(&model, inputs(), in_time()).unwrap();
	assert_eq!(executor.stats().restarts, 0);
}

fn enforcement_is_asked_for() {
	let directory = tempfile::tempdir().unwrap();
	let model = publish(&directory, &product());
	let inputs = || tensors(vec![("x", floats(&[1, 3], &[1.0; 3]))]);
	for sandbox in [SandboxMode::Enforce, SandboxMode::BestEffort, SandboxMode::Off] {
		let executor = Executor::start(EngineConfig { sandbox, ..config() }).unwrap();
		let report = executor.sandbox();
		assert_eq!((report.mode, report.is_whole()), (sandbox, sandbox != SandboxMode::Off));
		executor.run(&model, inputs(), in_time()).unwrap();
	}
}
