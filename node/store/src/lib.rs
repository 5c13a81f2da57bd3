// SPDX-License-Identifier: Apache-2.0
//! # Jurat store
//!
//! Model files and large tensors on this node's disk, each under the BLAKE3 hash of its bytes. The
//! store knows nothing of the chain nor of the network: what is asked for by hash is either here,
//! byte for byte, or it is not; and what comes from elsewhere is believed as far as it proves
//! itself.
//!
//! ```text
//! DIR/complete/HASH              a complete blob, read-only; checked before it gets its name
//! DIR/complete/.tmp-…            being written, or on its way out; removed at the next start
//! DIR/trees/HASH                 hashes inside a blob, by which its ranges are proven
//! DIR/downloads/HASH.SIZE[.tree] ranges of a blob, and what proved them; goes on after a restart
//! DIR/uploads/HASH.SIZE          the first bytes of an upload; goes on after a restart
//! DIR/pins                       hashes of the blobs that stay until they are unpinned
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | `store` | [`Store`]: put, find, read, remove |
//! | `ranges`, `trees` | a blob in ranges that prove themselves |
//! | `download` | [`Download`]: from ranges to a blob |
//! | `proof` | [`ChunkProof`]: one chunk of a blob, for those who have only its hash |
//! | `upload`, `import` | blobs from the node's own people |
//! | `incoming` | [`Incoming`]: blobs from those whom nobody vouches for |
//! | `room`, `pins` | what stays, and what goes when there is no room |
//! | `source` | [`BlobSource`] |
//!
//! ## What survives
//!
//! A blob appears by one `rename` of a file that is complete, checked and synced, and the directory
//! is synced after it: whatever moment the process or the machine stops at, what bears a hash has
//! that hash. An upload or a download goes on from what is really on disk: nothing says which
//! ranges are there but the ranges themselves, each of which is proven again after a restart. Trees
//! are not synced and never trusted: what is used of one is compared with the hash, and a tree that
//! is wrong is made anew from its blob. A blob that proves wrong is removed.
//!
//! ## What stays
//!
//! Blobs, uploads and downloads count against [`Limits::bytes`], uploads and downloads by the size
//! of the whole, so that a full store says so at the first bytes and not at the last. What is
//! [`Incoming`] counts as far as it has come, so that who announces much and sends little takes
//! little. When there is no room, blobs go, the least recently used first. These do not:
//!
//! * **pinned** ones. What the node's own people put is pinned by that, whichever way: `put_…`,
//!   uploads, imported directories (at each start again, while the file is there). What came as a
//!   [`Download`], as [`Incoming`] or by [`Store::receive`] is not. [`Store::pin`] and
//!   [`Store::unpin`] change it, and it survives restarts. In a store from before there were pins, everything is pinned once;
//! * **kept** ones, which the node names with [`Store::set_kept`]: models that it serves;
//! * those **in use**: used within [`Limits::in_use`].
//!
//! A use is that a blob is put, or its path given out ([`Store::path_if_present`],
//! [`BlobSource::fetch`]). Reading ranges for others is none, so that nobody outside decides what
//! stays. The time of the last use is the time of the file's last change, renewed when it is a
//! minute old: after a restart, the order of uses is known to the minute.
//!
//! On disk a blob that goes loses its name and not its bytes: who has it open reads it to its end.
//!
//! [`BlobSource`] is the seam towards those who need a file and do not care where it comes from: a
//! [`Store`] is one, which gives what it has; one that asks peers for the rest is built on it.

mod download;
mod error;
mod import;
mod incoming;
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
pub use incoming::Incoming;
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
