// SPDX-License-Identifier: Apache-2.0
//! # Jurat store
//!
//! Model files and large tensors on this node's disk, each under the BLAKE3 hash of its bytes. The
//! store knows nothing of the chain: what is asked for by hash is either here, byte for byte, or
//! it is not.
//!
//! ```text
//! DIR/complete/HASH        a complete blob, read-only; its name is checked before it gets it
//! DIR/complete/.tmp…       a blob that is being written; removed when the store is opened
//! DIR/uploads/HASH.SIZE    the first bytes of an upload that was begun; goes on after a restart
//! ```
//!
//! A blob appears by one `rename` of a file that is complete and synced, and the directory is
//! synced after it: whatever moment the machine stops at, what bears a hash has that hash.
//!
//! What is there counts against [`Limits::bytes`], uploads by the size that they announced, so
//! that a full store says so at the first chunk and not at the last. Nothing is evicted.
//!
//! [`BlobSource`] is the seam towards those who need a file and do not care where it comes from:
//! a [`Store`] is one, and a store that asks its peers is to be another.

mod download;
mod error;
mod import;
mod limits;
mod pins;
mod proof;
mod ranges;
mod room;
mod source;
mod store;
mod trees;
mod upload;

pub use download::{Accepted, Download};
pub use error::{BlobError, StoreError};
pub use import::{Import, Imported, Refused};
pub use jurat_primitives::ContentHash;
pub use limits::Limits;
pub use proof::{ChunkProof, chunk_count};
pub use ranges::{MAX_ENCODED_RANGE, RANGE, encoded_length, range_count, range_length};
pub use source::BlobSource;
pub use store::{BlobInfo, BlobStat, Store, Usage};
pub use upload::Progress;

/// The name of these bytes.
pub fn hash(bytes: &[u8]) -> ContentHash {
	ContentHash(*blake3::hash(bytes).as_bytes())
}

#[cfg(test)]
mod tests;
