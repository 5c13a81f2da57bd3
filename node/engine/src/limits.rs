// SPDX-License-Identifier: Apache-2.0
//! Limits of a child: those it sets itself, before the library loads ([`apply`]) and before it sees
//! a model ([`seal`]), and the one on CPU time ([`CpuLimit`]), which the node sets from outside,
//! job by job, because only so can it be raised.
//!
//! Memory is limited as address space, for the process as a whole: weights, copies and ONNX
//! Runtime's arenas together. ONNX Runtime can cap an arena only if all sessions share one, which
//! is not given back when a session is closed: then whether a model finds memory would depend on
//! what ran before. Here each session has its own, and closing others frees theirs.

use rustix::process::{Pid, Resource, Rlimit, getrlimit, prlimit, setrlimit};
use std::{
	io,
	time::{Duration, Instant},
};

/// Files open at once, at most: the three standard ones, the socket, one model, and the library
/// while it is loaded.
const OPEN_FILES: u64 = 16;
/// Stack of the main thread, in bytes.
const STACK: u64 = 8 << 20;

/// Limits this process: address space (`memory_limit` bytes; 0: unlimited), no core file, no byte
/// written to a file, few open files, no memory locked, no message queue.
pub(crate) fn apply(memory_limit: u64) -> io::Result<()> {
	limit(Resource::Core, 0)?;
	limit(Resource::Fsize, 0)?;
	limit(Resource::Memlock, 0)?;
	limit(Resource::Msgqueue, 0)?;
	limit(Resource::Nofile, OPEN_FILES)?;
	limit(Resource::Stack, STACK)?;
	if memory_limit > 0 {
		limit(Resource::As, memory_limit)?;
	}
	Ok(())
}

/// No thread or process beyond those that are there. (Not for a node that runs as root: root is
/// exempt. The filter of system calls is not.)
pub(crate) fn seal() -> io::Result<()> {
	limit(Resource::Nproc, 0)
}

fn limit(resource: Resource, value: u64) -> io::Result<()> {
	// Less, if the node itself may not have as much.
	let value = getrlimit(resource).maximum.map_or(value, |most| most.min(value));
	let limit = Rlimit { current: Some(value), maximum: Some(value) };
	setrlimit(resource, limit).map_err(Into::into)
}

/// CPU time that a child may have used, kept up to date by the node. Beyond it the kernel ends the
/// child (`SIGXCPU`), even if the node is stopped or too busy to keep its deadlines.
///
/// A child computes with one thread, while somebody waits for it: it cannot use more than the time
/// that passed in calls, and a thousandth of the rest, in which its watch thread looks around.
pub(crate) struct CpuLimit {
	process: Option<Pid>,
	started: Instant,
	called: Duration,
	granted: Duration,
	slack: Duration,
}

/// Added to every limit: time to start, and what rounding costs.
const SLACK: Duration = Duration::from_secs(5);
/// Granted in advance, so that the limit is not moved at every short call.
const STEP: Duration = Duration::from_secs(60);

impl CpuLimit {
	/// For a child that was just started.
	pub(crate) fn new(process: u32) -> Self {
		let process = i32::try_from(process).ok().and_then(Pid::from_raw);
		let zero = Duration::ZERO;
		Self { process, started: Instant::now(), called: zero, granted: zero, slack: SLACK }
	}

	/// Lets the child work until this time.
	pub(crate) fn grant(&mut self, until: Instant) -> io::Result<()> {
		let left = until.saturating_duration_since(Instant::now());
		let needed = self.called + self.started.elapsed() / 1000 + left + self.slack;
		if needed <= self.granted {
			return Ok(());
		}
		let granted = needed + STEP.min(left);
		let seconds = granted.as_secs().saturating_add(1);
		let limit = Rlimit { current: Some(seconds), maximum: None };
		let process = self.process.ok_or(io::ErrorKind::NotFound)?;
		prlimit(Some(process), Resource::Cpu, limit)?;
		self.granted = granted;
		Ok(())
	}

	/// A call has ended that began at this time.
	pub(crate) fn called(&mut self, since: Instant) {
		self.called += since.elapsed();
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::{
		os::unix::process::ExitStatusExt,
		process::{Child, Command, Stdio},
	};

	/// Ends with the test, however that ends.
	struct Killed(Child);

	impl Drop for Killed {
		fn drop(&mut self) {
			let _ = self.0.kill();
			let _ = self.0.wait();
		}
	}

	fn start(program: &str, arguments: &[&str]) -> Killed {
		let mut command = Command::new(program);
		command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
		Killed(command.spawn().unwrap())
	}

	#[test]
	fn a_process_ends_at_the_cpu_time_it_was_granted() {
		let mut child = start("/bin/sh", &["-c", "while :; do :; done"]);
		let mut cpu = CpuLimit::new(child.0.id());
		cpu.slack = Duration::ZERO;
		cpu.grant(Instant::now() + Duration::from_millis(400)).unwrap();
		let started = Instant::now();
		assert_eq!(child.0.wait().unwrap().signal(), Some(24), "SIGXCPU");
		assert!(started.elapsed() > Duration::from_millis(800));
	}

	#[test]
	fn a_limit_is_moved_for_long_work_and_not_for_each_short_call() {
		let mut child = start("/bin/sleep", &["60"]);
		let mut cpu = CpuLimit::new(child.0.id());
		cpu.grant(Instant::now() + Duration::from_secs(30)).unwrap();
		let first = cpu.granted;
		for _ in 0..1000 {
			cpu.grant(Instant::now() + Duration::from_secs(30)).unwrap();
		}
		assert_eq!(cpu.granted, first);
		cpu.grant(Instant::now() + Duration::from_secs(600)).unwrap();
		assert!(cpu.granted > first + Duration::from_secs(500));
		child.0.kill().unwrap();
		child.0.wait().unwrap();
		assert!(cpu.grant(Instant::now() + Duration::from_secs(6000)).is_err());
	}
}
