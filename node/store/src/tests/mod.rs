// SPDX-License-Identifier: Apache-2.0
//! The promises of the store.

mod blobs;
mod downloads;
mod import;
mod incoming;
mod proofs;
mod ranges;
mod room;
mod uploads;

use crate::{ContentHash, Limits, Store};
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

/// Sizes around the borders of chunks, groups and ranges.
const SIZES: [u64; 18] = [
	0,
	1,
	1023,
	1024,
	1025,
	2048,
	2049,
	16_383,
	16_384,
	16_385,
	32_768,
	49_153,
	(1 << 20) - 1,
	1 << 20,
	(1 << 20) + 1,
	(2 << 20) + 1025,
	(3 << 20) - 16_384,
	(5 << 20) + 12_345,
];

/// Bytes of which no chunk is like another.
fn bytes(size: u64) -> Vec<u8> {
	let mut bytes = vec![0; size as usize];
	blake3::Hasher::new_keyed(&[7; 32]).finalize_xof().fill(&mut bytes);
	bytes
}

/// Takes a blob from one store to another, range by range.
fn transfer(from: &Store, to: &Store, content: &ContentHash, size: u64) {
	let download = to.download(content, size).unwrap();
	for index in download.missing() {
		assert!(!download.is_complete());
		download.accept(index, &from.encode_range(content, size, index).unwrap()).unwrap();
	}
	assert!(download.is_complete());
}
