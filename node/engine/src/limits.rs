// SPDX-License-Identifier: Apache-2.0
//! What the child does to itself before it sees a model.
//!
//! [`apply`] runs before the library loads. What must wait until the library is loaded, because it
//! would keep it from loading (rules for the file system, a list of allowed system calls), belongs
//! at the end of the worker's greeting, in [`crate::worker`].

use rustix::process::{Resource, Rlimit, Signal, getpid, getppid, kill_process, setrlimit};
use std::{io, process, thread, time::Duration};

/// Files open at once, at most.
const OPEN_FILES: u64 = 64;
/// How often the child looks whether its parent is still there.
const WATCH: Duration = Duration::from_millis(250);
/// Stack of the thread that does.
const WATCH_STACK: usize = 64 * 1024;

/// Limits this process: address space (`memory_limit` bytes; 0: unlimited), no core file, few open
/// files.
pub(crate) fn apply(memory_limit: u64) -> io::Result<()> {
	limit(Resource::Core, 0)?;
	limit(Resource::Nofile, OPEN_FILES)?;
	if memory_limit > 0 {
		limit(Resource::As, memory_limit)?;
	}
	Ok(())
}

fn limit(resource: Resource, value: u64) -> io::Result<()> {
	let limit = Rlimit { current: Some(value), maximum: Some(value) };
	setrlimit(resource, limit).map_err(Into::into)
}

/// Ends this process when its parent dies, even in the middle of a run. (Between runs it would
/// see the socket close. `PR_SET_PDEATHSIG` would act on the death of the parent's *thread*.)
pub(crate) fn end_with_parent() -> io::Result<()> {
	let parent = getppid();
	let watch = move || {
		while getppid() == parent {
			thread::sleep(WATCH);
		}
		// Not `exit`: its handlers would take the library apart under a run, which would then
		// report an error as if it were the model's.
		let _ = kill_process(getpid(), Signal::KILL);
		process::abort()
	};
	let thread = thread::Builder::new().name("watch".into()).stack_size(WATCH_STACK);
	thread.spawn(watch).map(drop)
}
