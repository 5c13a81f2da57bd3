// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Fetches the files of jobs before these get a slot: a file that nobody sends takes its time, and a
//! slot that waited for it would run nothing meanwhile.
//!
//! Each job is fetched for on a thread of its own, which ends with the fetch. Such a thread holds
//! nothing of the off-chain database and writes nothing there, so that a node that stops can leave it.

use jurat_primitives::{JobFailure, mailbox::Job};
use std::{
	io,
	sync::Arc,
	thread,
	time::{Duration, Instant},
};

use super::executor::Answerer;

/// Jobs whose files are fetched at a time. Each takes a thread. Jobs for the same file take as many
/// places, and one fetch.
pub const PLACES: usize = 32;

/// How long before its job's deadline a fetch ends. What came last has still to be run, and what did
/// not come has to be written before the off-chain worker's last look, which is at the deadline. A
/// block's time, so that the look before the last sees it already, and a second for a node that is
/// slow.
pub const MARGIN: Duration = Duration::from_secs(4);

/// Threads that fetch.
#[derive(Default)]
pub struct Fetchers {
	/// Each thread has a clone.
	at_work: Arc<()>,
}

impl Fetchers {
	/// Jobs whose files are fetched now.
	pub fn at_work(&self) -> usize {
		Arc::strong_count(&self.at_work) - 1
	}

	/// Whether one more may be.
	pub fn room(&self) -> bool {
		self.at_work() < PLACES
	}

	/// Fetches the files of a job, at most until then, and tells what came of it. Does not block.
	pub fn begin(
		&self,
		answerer: Arc<dyn Answerer>,
		job: Job,
		until: Instant,
		tell: impl FnOnce(Result<(), JobFailure>) + Send + 'static,
	) -> io::Result<()> {
		let place = self.at_work.clone();
		let run = move || {
			let outcome = answerer.fetch(&job, until);
			drop((answerer, place));
			tell(outcome);
		};
		thread::Builder::new().name("inference-fetch".into()).spawn(run).map(drop)
	}
}
