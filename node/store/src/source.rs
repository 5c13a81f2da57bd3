// SPDX-License-Identifier: Apache-2.0
//! Where blobs come from.

use crate::{BlobError, Store};
use jurat_primitives::ContentHash;
use std::path::PathBuf;

/// Somewhere that blobs come from: the local store, later also the node's peers.
pub trait BlobSource: Send + Sync {
	/// A file with this content. May block for as long as it takes to get it. Who reads the file
	/// checks its hash, since a disk can rot, and tells [`BlobSource::reject`] of one that is
	/// wrong.
	fn fetch(&self, content: &ContentHash, size: u64) -> Result<PathBuf, BlobError>;

	/// What [`BlobSource::fetch`] gave for this hash does not have it. It is not given again.
	fn reject(&self, content: &ContentHash);
}

impl BlobSource for Store {
	fn fetch(&self, content: &ContentHash, size: u64) -> Result<PathBuf, BlobError> {
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
