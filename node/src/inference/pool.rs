// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! The slots: a fixed number of threads that run jobs. They are no threads of the async runtime,
//! since a job blocks for as long as its model runs.

use parking_lot::{Condvar, Mutex, MutexGuard};
use std::{
	collections::VecDeque,
	io,
	sync::Arc,
	thread,
	time::{Duration, Instant},
};

/// Tasks that may wait for a thread: what short runs need between two looks into the mailbox.
pub const AHEAD: usize = 512;

type Task = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct State {
	queue: VecDeque<Task>,
	busy: usize,
	/// Threads that have not ended.
	alive: usize,
	closed: bool,
	abandoned: bool,
}

/// A fixed number of threads and a queue of at most [`AHEAD`] tasks.
pub struct Pool {
	slots: usize,
	state: Mutex<State>,
	changed: Condvar,
}

impl Pool {
	/// Starts the threads.
	pub fn start(slots: usize) -> io::Result<Arc<Self>> {
		let pool = Arc::new(Self { slots, state: Default::default(), changed: Condvar::new() });
		for slot in 0..slots {
			pool.state.lock().alive += 1;
			let own = pool.clone();
			let thread = thread::Builder::new().name(format!("inference-{slot}"));
			if let Err(error) = thread.spawn(move || own.work()) {
				pool.state.lock().alive -= 1;
				pool.close();
				return Err(error);
			}
		}
		Ok(pool)
	}

	/// Threads that there are.
	pub fn slots(&self) -> usize {
		self.slots
	}

	/// Threads that run a task.
	pub fn busy(&self) -> usize {
		self.state.lock().busy
	}

	/// Tasks that wait for a thread.
	pub fn queued(&self) -> usize {
		self.state.lock().queue.len()
	}

	/// Whether one more task may wait.
	pub fn room(&self) -> bool {
		let state = self.state.lock();
		!state.closed && state.queue.len() < AHEAD
	}

	/// Runs a task when it is its turn. A closed pool drops it.
	pub fn submit(&self, task: Task) {
		let mut state = self.state.lock();
		if !state.closed {
			state.queue.push_back(task);
			self.changed.notify_one();
		}
	}

	/// Whether the node stops.
	pub fn is_closed(&self) -> bool {
		self.state.lock().closed
	}

	/// What still runs is to be cut off: nothing that comes of it counts.
	pub fn abandon(&self) {
		self.state.lock().abandoned = true;
	}

	/// Whether what still runs is cut off.
	pub fn is_abandoned(&self) -> bool {
		self.state.lock().abandoned
	}

	/// Starts nothing more, and drops what waits.
	pub fn close(&self) {
		let dropped = {
			let mut state = self.state.lock();
			state.closed = true;
			std::mem::take(&mut state.queue)
		};
		self.changed.notify_all();
		drop(dropped);
	}

	/// Waits for the threads of a closed pool, but no longer than this. Whether they have ended.
	pub fn join(&self, wait: Duration) -> bool {
		let until = Instant::now() + wait;
		let mut state = self.state.lock();
		while state.alive > 0 {
			if self.changed.wait_until(&mut state, until).timed_out() {
				return state.alive == 0;
			}
		}
		true
	}

	fn work(&self) {
		let mut state = self.state.lock();
		while !state.closed {
			match state.queue.pop_front() {
				Some(task) => {
					state.busy += 1;
					MutexGuard::unlocked(&mut state, task);
					state.busy -= 1;
				},
				None => self.changed.wait(&mut state),
			}
		}
		state.alive -= 1;
		self.changed.notify_all();
	}
}
