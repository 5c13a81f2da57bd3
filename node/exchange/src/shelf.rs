// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! The store, as the exchange sees it: complete blobs, and those that are on their way.

use jurat_store::{ContentHash, Download, Store, StoreError, range_count};
use parking_lot::Mutex;
use std::{
	collections::{BTreeSet, HashMap},
	path::PathBuf,
	sync::{Arc, Weak},
};

use crate::{
	LOG_TARGET,
	protocol::{Held, MAX_RANGES},
};

/// A transfer: a blob is named by hash and size.
pub(crate) type Key = (ContentHash, u64);

/// The store, and what is being fetched into it.
pub(crate) struct Shelf {
	store: Store,
	partial: Mutex<HashMap<Key, Weak<Partial>>>,
}

/// A blob that is being fetched.
pub(crate) struct Partial(Download);

impl Shelf {
	pub fn new(store: Store) -> Self {
		Self { store, partial: Default::default() }
	}

	pub fn store(&self) -> &Store {
		&self.store
	}

	/// The file of a complete blob.
	pub fn path(&self, content: &ContentHash, size: u64) -> Option<PathBuf> {
		let right = self.store.stat(content)?.size == size;
		right.then(|| self.store.path_if_present(content))?
	}

	/// Which ranges of a blob are here; `None` if there is none. Does not read the disk.
	pub fn held(&self, content: &ContentHash, size: u64) -> Option<Held> {
		if let Some(stat) = self.store.stat(content) {
			return (stat.size == size).then_some(Held::All);
		}
		let partial = self.partial.lock().get(&(*content, size))?.upgrade()?;
		Some(partial.held()).filter(|held| !held.is_empty())
	}

	/// A range with its proof, if it is here. Reads the disk.
	pub fn encode(&self, content: &ContentHash, size: u64, index: u32) -> Option<Vec<u8>> {
		match self.store.encode_range(content, size, index.into()) {
			Ok(encoded) => Some(encoded),
			Err(error) => {
				log::debug!(target: LOG_TARGET, "range {index} of {content}: {error}");
				None
			},
		}
	}

	/// Opens the transfer of a blob, where it was left. Reads the disk.
	pub fn open(&self, content: &ContentHash, size: u64) -> Result<Arc<Partial>, StoreError> {
		// What is larger has no place in a request.
		let limit = MAX_RANGES * jurat_store::RANGE;
		if size > limit {
			return Err(StoreError::TooLarge { size, limit });
		}
		let partial = Arc::new(Partial(self.store.download(content, size)?));
		let mut all = self.partial.lock();
		all.retain(|_, partial| partial.strong_count() > 0);
		all.insert((*content, size), Arc::downgrade(&partial));
		Ok(partial)
	}
}

impl Partial {
	/// How many ranges the blob has.
	pub fn ranges(&self) -> u32 {
		index(range_count(self.0.size()))
	}

	/// Ranges that are to come.
	pub fn missing(&self) -> BTreeSet<u32> {
		self.0.missing().into_iter().map(index).collect()
	}

	/// Ranges that are here.
	fn held(&self) -> Held {
		let missing = self.missing();
		Held::of((0..self.ranges()).filter(|index| !missing.contains(index)))
	}

	/// Takes a range. `false` if it is not the one. Writes to the disk.
	pub fn accept(&self, index: u32, encoded: &[u8]) -> Result<bool, StoreError> {
		match self.0.accept(index.into(), encoded) {
			Ok(_) => Ok(true),
			Err(StoreError::InvalidRange { .. }) => Ok(false),
			Err(error) => Err(error),
		}
	}
}

/// The number of a range, as it is on the wire. None is larger, since [`Shelf::open`] refuses
/// larger blobs.
fn index(index: u64) -> u32 {
	u32::try_from(index).unwrap_or(u32::MAX)
}
