// SPDX-License-Identifier: Apache-2.0
//! Proof of one chunk of a blob.

use crate::{
	Store, StoreError,
	ranges::{self, CHUNK, PAIR},
};
use jurat_primitives::ContentHash;
use std::io;

/// One chunk of BLAKE3 with what connects it to the hash of the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkProof {
	/// Its bytes: 1,024, or what is left at the end of the blob.
	pub chunk: Vec<u8>,
	/// The hash (chaining value) of the other child of each node above it, from the chunk up to the
	/// root; none for a blob of one chunk. Which child is the other one follows from the size of
	/// the blob and the number of the chunk: the left child of a node over `n` > 1,024 bytes covers
	/// the largest power of two below `n` (BLAKE3, section 2.1).
	pub siblings: Vec<[u8; 32]>,
}

/// How many chunks a blob of this size has: one for each 1,024 bytes; an empty blob has one.
pub const fn chunk_count(size: u64) -> u64 {
	let count = size.div_ceil(CHUNK);
	if count == 0 { 1 } else { count }
}

impl Store {
	/// Proves that a chunk belongs to a complete blob. Costs what
	/// [`encode_range`](Store::encode_range) does.
	pub fn prove_chunk(&self, content: &ContentHash, chunk: u64) -> Result<ChunkProof, StoreError> {
		let size = self.stat(content).ok_or(StoreError::NotFound(*content))?.size;
		if chunk >= chunk_count(size) {
			return Err(StoreError::NoSuchRange { index: chunk, ranges: chunk_count(size) });
		}
		let mut encoded = Vec::new();
		self.with_pairs(content, size, |data, pairs| {
			encoded.clear();
			ranges::encode_chunk(data, pairs, chunk, &mut encoded)
		})?;
		from_encoding(size, chunk, &encoded)
			.ok_or_else(|| io::Error::other("the proof has another shape than the blob").into())
	}
}

/// Of the pairs from the root down to the chunk, the hashes beside the way.
fn from_encoding(size: u64, chunk: u64, mut encoded: &[u8]) -> Option<ChunkProof> {
	let (mut offset, mut length) = (chunk * CHUNK, size);
	let mut siblings = Vec::new();
	while length > CHUNK {
		let (pair, rest) = encoded.split_at_checked(PAIR as usize)?;
		let left = blake3::hazmat::left_subtree_len(length);
		let sibling = if offset < left {
			length = left;
			&pair[32..]
		} else {
			offset -= left;
			length -= left;
			&pair[..32]
		};
		siblings.push(sibling.try_into().ok()?);
		encoded = rest;
	}
	siblings.reverse();
	(encoded.len() as u64 == length).then(|| ChunkProof { chunk: encoded.to_vec(), siblings })
}
