// SPDX-License-Identifier: Apache-2.0
//! What goes wrong.

use jurat_primitives::ContentHash;
use std::io;

/// Why the store did not do something.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
	/// No such blob.
	#[error("no blob {0}")]
	NotFound(ContentHash),
	/// The store has reached its limit, and too little of it may go: raise it, or unpin blobs.
	#[error(
		"the blob store is full: {needed} bytes needed, {free} can be had under its limit. Unpin \
		 blobs, or raise the limit"
	)]
	Full {
		/// Bytes asked for.
		needed: u64,
		/// Bytes left under the limit, with those of blobs that may go.
		free: u64,
	},
	/// The disk, or this user's share of it, is full.
	#[error("the disk is full")]
	DiskFull,
	/// Larger than a blob may be, or a chunk that goes past the announced end.
	#[error("{size} bytes are more than the {limit} allowed")]
	TooLarge {
		/// Bytes offered.
		size: u64,
		/// Bytes allowed.
		limit: u64,
	},
	/// As many uploads are open as may be: finish one, or wait until one expires.
	#[error("{limit} uploads are open already, which is the limit")]
	TooManyUploads {
		/// How many may be open.
		limit: usize,
	},
	/// The bytes have another hash. The upload is discarded.
	#[error("the bytes hash to {actual}, not to {expected}; the upload was discarded")]
	WrongHash {
		/// The name under which they came.
		expected: ContentHash,
		/// What they hash to.
		actual: ContentHash,
	},
	/// The blob with this hash has another size.
	#[error("the blob has {actual} bytes, not {expected}")]
	WrongSize {
		/// The size that was given.
		expected: u64,
		/// The size that it has.
		actual: u64,
	},
	/// A chunk that does not continue the upload, or a range that begins past the end.
	#[error("offset {actual} given, {expected} expected")]
	WrongOffset {
		/// Where to go on, or the size of the blob.
		expected: u64,
		/// The offset that was given.
		actual: u64,
	},
	/// As many downloads are open as may be: finish or discard one.
	#[error("{limit} downloads are open already, which is the limit")]
	TooManyDownloads {
		/// How many may be open.
		limit: usize,
	},
	/// A range that does not prove what it holds. Nothing of it was kept.
	#[error("range {index} is not what the hash says")]
	InvalidRange {
		/// Its number.
		index: u64,
	},
	/// A number past the last range, or past the last chunk.
	#[error("no number {index} among {ranges}")]
	NoSuchRange {
		/// The number that was given.
		index: u64,
		/// How many there are.
		ranges: u64,
	},
	/// The range is not here yet.
	#[error("range {index} of blob {content} is not here")]
	RangeMissing {
		/// The blob.
		content: ContentHash,
		/// The number of the range.
		index: u64,
	},
	/// The bytes on disk are no longer those with this hash. What is wrong of them was removed.
	#[error("blob {0} was damaged on disk; it has to come again")]
	Damaged(ContentHash),
	/// The download was discarded while it was used.
	#[error("the download of {0} was discarded")]
	Discarded(ContentHash),
	/// The file system failed.
	#[error("blob store: {0}")]
	Io(#[source] io::Error),
}

impl From<io::Error> for StoreError {
	fn from(error: io::Error) -> Self {
		match error.kind() {
			io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
			_ => Self::Io(error),
		}
	}
}

/// Why a blob could not be had.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
	/// It is nowhere to be found.
	#[error("blob {0} is not available")]
	NotFound(ContentHash),
	/// Its size is not the one that is asked for.
	#[error("blob {content} has {actual} bytes, not {expected}")]
	WrongSize {
		/// Its name.
		content: ContentHash,
		/// The size asked for.
		expected: u64,
		/// The size it has.
		actual: u64,
	},
	/// It did not come in time. It may come with a later attempt, which goes on where this one was.
	#[error("blob {0} did not come in time")]
	TimedOut(ContentHash),
	/// The store has no room for it.
	#[error("no room for blob {content}: {needed} bytes needed, {free} can be had")]
	Full {
		/// Its name.
		content: ContentHash,
		/// Bytes asked for.
		needed: u64,
		/// Bytes left under the limit, with those of blobs that may go.
		free: u64,
	},
	/// The store failed.
	#[error("blob {content}: {error}")]
	Store {
		/// Its name.
		content: ContentHash,
		/// How.
		#[source]
		error: StoreError,
	},
}

impl BlobError {
	/// What this failure of the store means for a blob that was to be had.
	pub fn from_store(content: ContentHash, error: StoreError) -> Self {
		match error {
			StoreError::NotFound(content) => Self::NotFound(content),
			StoreError::WrongSize { expected, actual } => {
				Self::WrongSize { content, expected, actual }
			},
			StoreError::Full { needed, free } => Self::Full { content, needed, free },
			error => Self::Store { content, error },
		}
	}
}
