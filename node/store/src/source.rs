// SPDX-License-Identifier: Apache-2.0
//! Where blobs come from.

use crate::{BlobError, Store};
use jurat_primitives::ContentHash;
use std::{path::PathBuf, time::Instant};

/// Somewhere that blobs come from: the local store, or one that asks the node's peers.
pub trait BlobSource: Send + Sync {
	/// A file with this content. Blocks for as long as it takes to get it, at most until the
	/// deadline: then it is [`BlobError::TimedOut`]. What is here is given whatever the deadline.
	/// Who reads the file checks its hash, since a disk can rot, and tells [`BlobSource::reject`]
	/// of one that is wrong.
	fn fetch(
		&self,
		content: &ContentHash,
		size: u64,
		deadline: Instant,
	) -> Result<PathBuf, BlobError>;

	/// What [`BlobSource::fetch`] gave for this hash does not have it. It is not given again.
	fn reject(&self, content: &ContentHash);
}

impl BlobSource for Store {
	/// What is here; it waits for nothing.
	fn fetch(
		&self,
		content: &ContentHash,
		size: u64,
		_deadline: Instant,
	) -> Result<PathBuf, BlobError> {
		let path = self.path_if_present(content).ok_or(BlobError::NotFound(*content))?;
		match self.stat(content) {
			Some(stat) if stat.size == size => Ok(path),
			Some(stat) => {
				Err(BlobError::WrongSize { content: *content, expected: size, actual: stat.size })
			},
			None => Err(BlobError::NotFound(*content)),
		}
	}

	fn reject(&self, content: &ContentHash) {
		match self.verify(content) {
			Ok(true) => {},
			Ok(false) => log::warn!(
				target: crate::store::LOG_TARGET,
				"blob {content} was damaged on disk and is removed; put it again",
			),
			Err(error) => log::warn!(
				target: crate::store::LOG_TARGET,
				"blob {content} could not be checked: {error}",
			),
		}
	}
}
