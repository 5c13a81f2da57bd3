// SPDX-License-Identifier: Apache-2.0
//! The promises of the store.

mod blobs;
mod import;
mod uploads;

use crate::{Limits, Store};
use tempfile::TempDir;

/// A store in a directory of its own.
struct Fixture {
	dir: TempDir,
	limits: Limits,
	store: Store,
}

impl Fixture {
	fn new(limits: Limits) -> Self {
		let dir = TempDir::new().unwrap();
		let store = Store::open(dir.path(), limits.clone()).unwrap();
		Self { dir, limits, store }
	}

	/// What a restart of the node does.
	fn restart(&mut self) {
		self.store = Store::open(self.dir.path(), self.limits.clone()).unwrap();
	}

	fn files(&self, folder: &str) -> Vec<String> {
		let entries = std::fs::read_dir(self.dir.path().join(folder)).unwrap();
		let mut names: Vec<_> =
			entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
		names.sort();
		names
	}
}

impl Default for Fixture {
	fn default() -> Self {
		Self::new(Limits::default())
	}
}
