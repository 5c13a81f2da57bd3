// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Why a blob could not be had.

use jurat_store::{BlobError, ContentHash, StoreError};
use std::{fmt::Display, io, sync::Arc};

/// Why a blob could not be had. Cheap to clone: all who wait for the blob get the same.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FetchError {
	/// Nobody whom this node can reach has it.
	#[error("blob {0} is with nobody whom this node can reach")]
	NotFound(ContentHash),
	/// Some have it, or said so, but for a long time nothing came.
	#[error("nobody sends any more of blob {0}; what has come is kept")]
	Stalled(ContentHash),
	/// The deadline has passed. What has come is kept, and the next fetch goes on from there.
	#[error("blob {0} did not arrive in time; what has come is kept")]
	TimedOut(ContentHash),
	/// As many blobs are being fetched or waited for as may be.
	#[error("{0} blobs are being fetched or waited for already, which is the limit")]
	TooMany(usize),
	/// The store does not take it.
	#[error(transparent)]
	Store(Arc<StoreError>),
	/// The node is stopping.
	#[error("the node is stopping")]
	Stopping,
}

impl From<StoreError> for FetchError {
	fn from(error: StoreError) -> Self {
		Self::Store(Arc::new(error))
	}
}

impl FetchError {
	/// What this means for who wants the file.
	pub(crate) fn into_blob_error(self, content: ContentHash) -> BlobError {
		match self {
			Self::TimedOut(content) | Self::Stalled(content) => BlobError::TimedOut(content),
			Self::NotFound(content) => BlobError::NotFound(content),
			Self::TooMany(_) | Self::Stopping => BlobError::from_store(content, other(self)),
			Self::Store(error) => match &*error {
				StoreError::Full { needed, free } => {
					BlobError::Full { content, needed: *needed, free: *free }
				},
				StoreError::WrongSize { expected, actual } => {
					BlobError::WrongSize { content, expected: *expected, actual: *actual }
				},
				// Others may wait for the same blob, and have the same error.
				_ => BlobError::from_store(content, Arc::try_unwrap(error).unwrap_or_else(other)),
			},
		}
	}

	/// The name that metrics have for this.
	pub(crate) fn label(&self) -> &'static str {
		match self {
			Self::NotFound(_) => "not_found",
			Self::Stalled(_) => "stalled",
			Self::TimedOut(_) => "timed_out",
			Self::TooMany(_) => "too_many",
			Self::Store(_) => "store",
			Self::Stopping => "stopping",
		}
	}
}

fn other(error: impl Display) -> StoreError {
	StoreError::Io(io::Error::other(error.to_string()))
}
