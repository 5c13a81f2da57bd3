// SPDX-License-Identifier: Apache-2.0
//! Bytes from somewhere that nobody vouches for: nothing of them stays unless all of them are right.
//!
//! An [upload](Store::append) keeps room for the whole, and stays for a day when it breaks off. That
//! is for the node's own people and their servers. A stranger could fill the store so with what he
//! announces and never sends.

use crate::{Store, StoreError, room::Reservation, store::Inner};
use jurat_primitives::ContentHash;
use std::io::Write;

/// A blob that comes in order. It takes room as it comes. Dropped before [`Incoming::finish`], it
/// leaves nothing.
pub struct Incoming<'a> {
	inner: &'a Inner,
	content: ContentHash,
	total: u64,
	received: u64,
	hasher: blake3::Hasher,
	file: tempfile::NamedTempFile,
	reservation: Reservation<'a>,
}

impl Store {
	/// Begins to take a blob of this size. Not begun if there is no room for all of it now.
	pub fn incoming(&self, content: &ContentHash, total: u64) -> Result<Incoming<'_>, StoreError> {
		let inner = &*self.inner;
		inner.check_blob_size(total)?;
		inner.state.lock().check_room(inner, total)?;
		Ok(Incoming {
			inner,
			content: *content,
			total,
			received: 0,
			hasher: blake3::Hasher::new(),
			file: inner.temporary()?,
			reservation: inner.reserve(0)?,
		})
	}
}

impl Incoming<'_> {
	/// Takes the next bytes. How many have come.
	pub fn write(&mut self, data: &[u8]) -> Result<u64, StoreError> {
		let end = self.received.saturating_add(data.len() as u64);
		if end > self.total {
			return Err(StoreError::TooLarge { size: end, limit: self.total });
		}
		self.reservation.grow(data.len() as u64)?;
		self.file.write_all(data)?;
		self.hasher.update(data);
		self.received = end;
		Ok(end)
	}

	/// Makes it a blob, if it is whole and has the hash. It is not pinned.
	pub fn finish(self) -> Result<(), StoreError> {
		if self.received != self.total {
			return Err(StoreError::WrongSize { expected: self.total, actual: self.received });
		}
		let actual = ContentHash(*self.hasher.finalize().as_bytes());
		if actual != self.content {
			return Err(StoreError::WrongHash { expected: self.content, actual });
		}
		self.file.as_file().sync_all()?;
		let file = self.file;
		self.inner
			.commit(&self.content, self.total, |to| file.persist(to).map_err(|error| error.error))
	}
}
