// SPDX-License-Identifier: Apache-2.0
//! The child's second thread: stops a run at its deadline, and ends the process with its parent.

use ort::session::RunOptions;
use parking_lot::{Condvar, Mutex};
use rustix::process::{Signal, getpid, getppid, kill_process};
use std::{
	io, process,
	sync::{Arc, mpsc},
	thread,
	time::{Duration, Instant},
};

/// How often the thread looks whether the parent is still there.
const PERIOD: Duration = Duration::from_millis(250);
/// Its stack, in bytes.
const STACK: usize = 64 * 1024;

/// Says when the run that is under way must end.
pub(crate) struct Watch(Arc<Shared>);

struct Shared {
	run: Mutex<Run>,
	/// The deadline is before the thread wakes up by itself.
	sooner: Condvar,
	options: Arc<RunOptions>,
}

struct Run {
	deadline: Option<Instant>,
	stopped: bool,
	/// When the thread looks again.
	wakes: Instant,
}

impl Watch {
	/// Starts the thread. Runs that are to be stopped must be given these options.
	///
	/// (Between runs a child would see the socket close when its parent dies; not in the middle of
	/// one. `PR_SET_PDEATHSIG` would act on the death of the parent's *thread*.)
	pub(crate) fn start(options: Arc<RunOptions>) -> io::Result<Self> {
		let run = Mutex::new(Run { deadline: None, stopped: false, wakes: Instant::now() });
		let shared = Arc::new(Shared { run, sooner: Condvar::new(), options });
		let theirs = shared.clone();
		let parent = getppid();
		let thread = thread::Builder::new().name("watch".into()).stack_size(STACK);
		let (up, is_up) = mpsc::sync_channel(1);
		thread.spawn(move || {
			let _ = up.send(());
			while getppid() == parent {
				theirs.wait();
			}
			// Not `exit`: its handlers would take the library apart under a run, which would then
			// report an error as if it were the model's.
			let _ = kill_process(getpid(), Signal::KILL);
			process::abort()
		})?;
		// To come up it makes calls that it may not make soon after.
		is_up.recv().map_err(io::Error::other)?;
		Ok(Self(shared))
	}

	/// A run begins.
	pub(crate) fn begin(&self, time: Duration) {
		let deadline = Instant::now().checked_add(time);
		let mut run = self.0.run.lock();
		if std::mem::take(&mut run.stopped) {
			// Fails only if the options are not options.
			let _ = self.0.options.unterminate();
		}
		run.deadline = deadline;
		if deadline.is_some_and(|deadline| deadline < run.wakes) {
			self.0.sooner.notify_one();
		}
	}

	/// Whether the run was stopped.
	pub(crate) fn stopped(&self) -> bool {
		self.0.run.lock().stopped
	}

	/// The run has ended.
	pub(crate) fn end(&self) {
		self.0.run.lock().deadline = None;
	}
}

impl Shared {
	/// Waits for a deadline or [`PERIOD`], and stops the run if it is time.
	fn wait(&self) {
		let mut run = self.run.lock();
		let period = Instant::now() + PERIOD;
		run.wakes = run.deadline.map_or(period, |deadline| deadline.min(period));
		let wakes = run.wakes;
		self.sooner.wait_until(&mut run, wakes);
		if run.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
			run.deadline = None;
			run.stopped = true;
			// Seen between two nodes of the graph; a node that does not end is the node's affair,
			// with SIGKILL.
			let _ = self.options.terminate();
		}
	}
}
