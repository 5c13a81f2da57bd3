// SPDX-License-Identifier: Apache-2.0
//! How much a store takes.

use jurat_primitives::limits::MAX_MODEL_BYTES;
use std::time::Duration;

const GIB: u64 = 1024 * 1024 * 1024;

/// How much a store takes.
#[derive(Clone, Debug)]
pub struct Limits {
	/// Bytes of all blobs, uploads and downloads, the latter two by the size of the whole, and of
	/// what has come of an [`Incoming`](crate::Incoming). What proves ranges (`DIR/trees`) is not
	/// counted: at most four thousandths more.
	pub bytes: u64,
	/// Bytes of one blob.
	pub blob_bytes: u64,
	/// Uploads that are open at a time.
	pub uploads: usize,
	/// Bytes of all open uploads, by the size that they announced.
	pub upload_bytes: u64,
	/// How long an upload stays open without a chunk.
	pub upload_expiry: Duration,
	/// Downloads that are open at a time.
	pub downloads: usize,
	/// How long a download that nobody holds stays without a range.
	pub download_expiry: Duration,
	/// How long after its last use a blob that is not pinned stays in any case.
	pub in_use: Duration,
}

impl Default for Limits {
	/// 50 GiB in all, as much for one blob as a model file may have.
	fn default() -> Self {
		Self {
			bytes: 50 * GIB,
			blob_bytes: MAX_MODEL_BYTES,
			uploads: 16,
			upload_bytes: 16 * GIB,
			upload_expiry: Duration::from_secs(24 * 60 * 60),
			downloads: 64,
			download_expiry: Duration::from_secs(24 * 60 * 60),
			in_use: Duration::from_secs(60),
		}
	}
}
