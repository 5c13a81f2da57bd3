// SPDX-License-Identifier: Apache-2.0
//! Ranges: what a blob is cut into on its way between stores, each with its proof.
//!
//! The hash of a blob is the root of a binary tree over its chunks of 1 KiB (BLAKE3, section 2.1).
//! The encoding of a range is, in pre-order, the two child hashes of each node between the root and
//! the range, and the bytes of the range, cut into groups of 16 chunks, whose inner nodes everybody
//! computes for himself. It is the encoding of `bao` with such groups, without its length prefix:
//! who asks knows the size.

use jurat_primitives::ContentHash;

use bao_tree::{
	BaoTree, BlockSize, ChunkNum, ChunkRanges,
	io::{
		BaoContentItem, EncodeError,
		sync::{DecodeResponseIter, ReadAt, encode_ranges_validated, truncate_ranges},
	},
	iter::{BaoChunk, ResponseIterRef},
};
use std::io::Write;

use crate::trees::Pairs;

/// Bytes of a range; the last one of a blob may be shorter.
pub const RANGE: u64 = 1024 * 1024;

/// Bytes of the longest encoding that [`encoded_length`] gives for any blob.
pub const MAX_ENCODED_RANGE: usize =
	RANGE as usize + PAIR as usize * ((RANGE as usize >> 14) - 1 + MAX_DEPTH as usize);

/// Bytes of two hashes.
pub(crate) const PAIR: u64 = 64;

/// Bytes of a chunk of BLAKE3.
pub(crate) const CHUNK: u64 = 1024;

/// Groups of 16 chunks: 16 KiB.
const GROUP: BlockSize = BlockSize::from_chunk_log(4);

/// Nodes between the root and a range, at most.
const MAX_DEPTH: u32 = 28;

/// No blob is larger, whatever a store's limits are: arithmetic on sizes cannot overflow.
pub(crate) const MAX_SIZE: u64 = RANGE << MAX_DEPTH;

/// How many ranges a blob of this size has. An empty blob has one, which is empty.
pub const fn range_count(size: u64) -> u64 {
	let count = size.div_ceil(RANGE);
	if count == 0 { 1 } else { count }
}

/// Bytes of a range of a blob; `None` if the blob has no such range.
pub fn range_length(size: u64, index: u64) -> Option<u64> {
	(index < range_count(size)).then(|| (size - index * RANGE).min(RANGE))
}

/// Bytes of the encoding of a range; `None` if the blob has no such range, or if no blob is so
/// large.
pub fn encoded_length(size: u64, index: u64) -> Option<usize> {
	if size > MAX_SIZE {
		return None;
	}
	range_length(size, index)?;
	let length = |chunk| match chunk {
		BaoChunk::Parent { .. } => PAIR as usize,
		BaoChunk::Leaf { size, .. } => size,
	};
	// As in an encoding, what reaches the end of the blob has no end.
	let chunks = chunks(index);
	Some(ResponseIterRef::new(tree(size), truncate_ranges(&chunks, size)).map(length).sum())
}

pub(crate) fn tree(size: u64) -> BaoTree {
	BaoTree::new(size, GROUP)
}

/// The chunks of a range.
fn chunks(index: u64) -> ChunkRanges {
	let per_range = RANGE / CHUNK;
	ChunkRanges::from(ChunkNum(index * per_range)..ChunkNum((index + 1) * per_range))
}

/// The root of the tree.
pub(crate) fn root(content: &ContentHash) -> bao_tree::blake3::Hash {
	bao_tree::blake3::Hash::from_bytes(content.0)
}

/// Writes the encoding of a range that there is. What is written was compared with the root.
pub(crate) fn encode(
	data: impl ReadAt,
	pairs: Pairs<'_>,
	index: u64,
	to: impl Write,
) -> Result<(), EncodeError> {
	encode_ranges_validated(data, pairs, &chunks(index), to)
}

/// The encoding of one chunk that there is: the pairs from the root down to it, and its bytes.
pub(crate) fn encode_chunk(
	data: impl ReadAt,
	pairs: Pairs<'_>,
	chunk: u64,
	to: impl Write,
) -> Result<(), EncodeError> {
	encode_ranges_validated(
		data,
		pairs,
		&ChunkRanges::from(ChunkNum(chunk)..ChunkNum(chunk + 1)),
		to,
	)
}

/// A range that has its place in the blob.
pub(crate) struct Decoded {
	/// Where it begins.
	pub offset: u64,
	/// Its bytes.
	pub data: Vec<u8>,
	/// The pairs that it came with, each with its place in the file of pairs.
	pub pairs: Vec<(u64, [u8; 64])>,
}

/// Checks an encoding, whatever it holds; `None` if it is not that of this range. Its length was
/// compared with [`encoded_length`] before.
pub(crate) fn decode(
	content: &ContentHash,
	size: u64,
	index: u64,
	mut encoded: &[u8],
) -> Option<Decoded> {
	let (tree, chunks) = (tree(size), chunks(index));
	let length = range_length(size, index)?;
	let mut decoded =
		Decoded { offset: index * RANGE, data: Vec::with_capacity(length as usize), pairs: vec![] };
	for item in DecodeResponseIter::new(root(content), tree, &mut encoded, &chunks) {
		match item.ok()? {
			BaoContentItem::Parent(parent) => {
				let Some(place) = tree.pre_order_offset(parent.node) else { continue };
				let mut pair = [0; 64];
				pair[..32].copy_from_slice(parent.pair.0.as_bytes());
				pair[32..].copy_from_slice(parent.pair.1.as_bytes());
				decoded.pairs.push((place * PAIR, pair));
			},
			BaoContentItem::Leaf(leaf) => decoded.data.extend_from_slice(&leaf.data),
		}
	}
	(encoded.is_empty() && decoded.data.len() as u64 == length).then_some(decoded)
}
