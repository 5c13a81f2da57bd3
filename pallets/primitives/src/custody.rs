// SPDX-License-Identifier: Apache-2.0
//! Proofs that somebody holds a file.
//!
//! A file is named by its BLAKE3 hash ([`ContentHash`]). BLAKE3 cuts it into chunks of 1 KiB, the
//! last one shorter, and hashes these as the leaves of a binary tree, the left half of which is
//! always full (Aumasson, Neves, O'Connor, Wilcox-O'Hearn: *BLAKE3*, 2020, section 2.1). So one
//! chunk and the chaining values beside its way to the root are all that it takes to show that the
//! chunk is of the file: nobody can make them up without the bytes of that chunk.
//!
//! ```text
//!                root = name of the file
//!              /                        \
//!          parent                      parent        siblings of chunk 2, from the leaf up:
//!         /      \                    /      \       chunk 3, parent of 0 and 1, chunk 4
//!     parent   parent                ...
//!     /    \   /    \
//!    0      1 2      3    4
//! ```
//!
//! [`ChunkProof`] is such a proof, [`ChunkProof::verify`] checks it, [`siblings`] says what to hash
//! in order to make one. The size of the file is not in its name: it must be known from elsewhere,
//! as from the registry, since it gives the tree its shape.

use crate::ids::{ContentHash, ReleaseId};
use alloc::vec::Vec;
use blake3::{
	Hasher,
	hazmat::{HasherExt, Mode, left_subtree_len, merge_subtrees_non_root, merge_subtrees_root},
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::{fmt, ops::Range};
use frame_support::BoundedVec;
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_staking::SessionIndex;

/// Bytes of a chunk; the last one of a file may have less.
pub const CHUNK_BYTES: u32 = blake3::CHUNK_LEN as u32;
/// Siblings of a chunk, at most: those of a file of 8 TiB. The largest model has 21.
pub const MAX_SIBLINGS: u32 = 33;

/// The largest file of which a chunk can be proved.
const MAX_FILE: u64 = (CHUNK_BYTES as u64) << MAX_SIBLINGS;

/// Hash of a subtree.
pub type ChainingValue = [u8; 32];

/// How many chunks a file of so many bytes has. An empty one has one, of no bytes.
pub const fn chunks(size: u64) -> u64 {
	let full = size.div_ceil(CHUNK_BYTES as u64);
	if full == 0 { 1 } else { full }
}

/// Where a chunk lies in a file of so many bytes. `None`: the file has less, or is larger than any of
/// which something can be proved.
pub fn chunk_range(size: u64, chunk: u64) -> Option<Range<u64>> {
	if size > MAX_FILE || chunk >= chunks(size) {
		return None;
	}
	let start = chunk.checked_mul(CHUNK_BYTES.into())?;
	Some(start..start.saturating_add(CHUNK_BYTES.into()).min(size))
}

/// A subtree beside the way from a chunk to the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sibling {
	/// The bytes of the file that it covers.
	pub range: Range<u64>,
	/// Whether it lies to the left.
	pub left: bool,
}

/// The subtrees beside the way from a chunk to the root, from the leaf up. `None`: the file has no
/// such chunk.
pub fn siblings(size: u64, chunk: u64) -> Option<Vec<Sibling>> {
	let target = chunk_range(size, chunk)?.start;
	let mut siblings = Vec::new();
	let (mut start, mut end) = (0, size);
	while end - start > u64::from(CHUNK_BYTES) {
		let middle = start + left_subtree_len(end - start);
		let left = target >= middle;
		let range = if left { start..middle } else { middle..end };
		(start, end) = if left { (middle, end) } else { (start, middle) };
		siblings.push(Sibling { range, left });
	}
	siblings.reverse();
	Some(siblings)
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofError {
	/// The file has no such chunk.
	NoSuchChunk,
	/// The chunk has another length than it has in the file.
	WrongLength,
	/// More or fewer siblings than the chunk has in the file.
	WrongDepth,
	/// The bytes are not those of the file.
	WrongHash,
}

impl fmt::Display for ProofError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::NoSuchChunk => "the file has no such chunk",
			Self::WrongLength => "the chunk has another length",
			Self::WrongDepth => "another number of siblings belongs to the chunk",
			Self::WrongHash => "the chunk is not of the file",
		})
	}
}

impl core::error::Error for ProofError {}

/// A chunk of a file, and what shows that it is one.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct ChunkProof {
	/// The bytes of the chunk.
	pub bytes: BoundedVec<u8, ConstU32<CHUNK_BYTES>>,
	/// Chaining values of [`siblings`].
	pub siblings: BoundedVec<ChainingValue, ConstU32<MAX_SIBLINGS>>,
}

impl ChunkProof {
	/// The name of the file of `size` bytes to which the chunk belongs with these siblings, as its
	/// chunk of number `chunk`. Hashes at most 1 KiB and [`MAX_SIBLINGS`] nodes.
	pub fn root(&self, size: u64, chunk: u64) -> Result<ContentHash, ProofError> {
		let range = chunk_range(size, chunk).ok_or(ProofError::NoSuchChunk)?;
		if self.bytes.len() as u64 != range.end - range.start {
			return Err(ProofError::WrongLength);
		}
		let path = siblings(size, chunk).ok_or(ProofError::NoSuchChunk)?;
		if self.siblings.len() != path.len() {
			return Err(ProofError::WrongDepth);
		}
		let mut steps = self.siblings.iter().zip(&path).rev();
		let Some((last, last_place)) = steps.next() else {
			// The only chunk is the root.
			return Ok(ContentHash(*blake3::hash(&self.bytes).as_bytes()));
		};
		let leaf = Subtree::of(range.start, &self.bytes);
		let below = steps.rev().fold(leaf, |value, (sibling, place)| {
			let (left, right) = ordered(&value, sibling, place.left);
			merge_subtrees_non_root(left, right, Mode::Hash)
		});
		let (left, right) = ordered(&below, last, last_place.left);
		Ok(ContentHash(*merge_subtrees_root(left, right, Mode::Hash).as_bytes()))
	}

	/// Whether the chunk of number `chunk` of the file of this name and size has these bytes.
	pub fn verify(&self, content: &ContentHash, size: u64, chunk: u64) -> Result<(), ProofError> {
		if self.root(size, chunk)? == *content { Ok(()) } else { Err(ProofError::WrongHash) }
	}
}

/// Left and right of a value and its sibling.
const fn ordered<'a>(
	value: &'a ChainingValue,
	sibling: &'a ChainingValue,
	sibling_is_left: bool,
) -> (&'a ChainingValue, &'a ChainingValue) {
	if sibling_is_left { (sibling, value) } else { (value, sibling) }
}

/// Hashes a subtree that is not the root, part by part.
pub struct Subtree(Hasher);

impl Subtree {
	/// The subtree that begins at this byte of the file, which must be where one of [`siblings`], or a
	/// chunk, begins.
	pub fn new(start: u64) -> Self {
		let mut hasher = Hasher::new();
		hasher.set_input_offset(start);
		Self(hasher)
	}

	/// Its next bytes. No more than it has.
	pub fn update(&mut self, bytes: &[u8]) {
		self.0.update(bytes);
	}

	/// Its chaining value.
	pub fn finish(&self) -> ChainingValue {
		self.0.finalize_non_root()
	}

	/// The chaining value of the subtree that begins at `start` and has these bytes.
	fn of(start: u64, bytes: &[u8]) -> ChainingValue {
		let mut subtree = Self::new(start);
		subtree.update(bytes);
		subtree.finish()
	}
}

/// The proof of a chunk of a file that is in memory. `None`: it has no such chunk.
pub fn prove(file: &[u8], chunk: u64) -> Option<ChunkProof> {
	let size = file.len() as u64;
	let part = |range: &Range<u64>| file.get(range.start as usize..range.end as usize);
	let bytes = part(&chunk_range(size, chunk)?)?.to_vec();
	let siblings = siblings(size, chunk)?
		.iter()
		.map(|sibling| Some(Subtree::of(sibling.range.start, part(&sibling.range)?)))
		.collect::<Option<Vec<_>>>()?;
	Some(ChunkProof { bytes: bytes.try_into().ok()?, siblings: siblings.try_into().ok()? })
}

/// A file of the registry.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct ReleaseFile {
	/// Its name.
	pub content: ContentHash,
	/// Its size in bytes.
	pub size: u64,
}

/// What attesters are asked for.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Question<BlockNumber> {
	/// A release that the attester announced.
	pub release: ReleaseId,
	/// Its file.
	pub file: ReleaseFile,
	/// Which chunk of it.
	pub chunk: u64,
	/// The key that signs the answer: that of the session in which was asked.
	pub key: crate::crypto::AttestationId,
	/// That session.
	pub session: SessionIndex,
	/// The block that asked.
	pub asked: BlockNumber,
	/// The answer must be in a block before this one.
	pub until: BlockNumber,
}

/// What became of the questions to an attester.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct CustodyRecord {
	/// How many were asked, the open one included.
	pub asked: u32,
	/// Answered in time.
	pub proved: u32,
	/// Not answered in time: faults.
	pub failed: u32,
	/// Came to nothing: the release was gone, or the attester was excused.
	pub lapsed: u32,
}

/// An attester that can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Custodian<AccountId> {
	/// Who.
	pub attester: AccountId,
	/// Its key of this session.
	pub key: crate::crypto::AttestationId,
	/// Releases that it announces.
	pub serves: Vec<ReleaseId>,
}

/// Attesters, for whoever asks them for proofs. Implemented by `pallet-attestation`.
pub trait Custodians<AccountId> {
	/// Validators of this session, whether they attest or not.
	fn count() -> u32;
	/// One of them, by a number below [`Custodians::count`]. `None`: it takes no work now. What this
	/// costs does not depend on how many releases or attesters there are.
	fn custodian(index: u32) -> Option<Custodian<AccountId>>;
	/// Whether an attester is a validator of this session that announces a release.
	fn is_custodian(attester: &AccountId, release: ReleaseId) -> bool;
	/// An attester did not prove in time that it holds the file of a release that it announces.
	fn failed(attester: &AccountId, release: ReleaseId);
	/// The current session.
	fn session() -> SessionIndex;
	/// Makes one attester, with a key of the keystore, serve as many releases as possible, this one
	/// the last, and puts it into the roster, for benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_custodian(release: ReleaseId) -> Custodian<AccountId>;
}

/// Files of the registry. Implemented by `pallet-models`.
pub trait ReleaseFiles {
	/// The file of a release that is there and not deprecated.
	fn file(release: ReleaseId) -> Option<ReleaseFile>;
	/// A release of this file that may be served, for benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_file(file: ReleaseFile) -> ReleaseId;
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	/// Bytes that do not repeat with the chunks.
	fn file(size: usize) -> Vec<u8> {
		(0..size as u64).map(|i| (i * i / 7 + i / 251 + 3) as u8).collect()
	}

	fn name(file: &[u8]) -> ContentHash {
		ContentHash(*blake3::hash(file).as_bytes())
	}

	/// Sizes around each border: of chunks, and of full subtrees.
	fn borders() -> impl Iterator<Item = usize> {
		let chunks = [0usize, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 65];
		let around = |chunks: usize| {
			let size = chunks * CHUNK_BYTES as usize;
			[size.saturating_sub(1), size, size + 1, size + 700]
		};
		chunks.into_iter().flat_map(around)
	}

	#[test]
	fn each_chunk_of_a_file_of_any_shape_is_proved_against_its_hash() {
		for size in borders() {
			let file = file(size);
			let content = name(&file);
			for chunk in 0..chunks(size as u64) {
				let proof = prove(&file, chunk).unwrap();
				assert_eq!(proof.verify(&content, size as u64, chunk), Ok(()), "{chunk} of {size}");
			}
		}
	}

	#[test]
	fn a_file_has_no_chunk_beyond_its_end() {
		for size in borders() {
			let file = file(size);
			let last = chunks(size as u64);
			assert_eq!(prove(&file, last), None);
			assert_eq!(prove(&file, u64::MAX), None);
			let proof = prove(&file, 0).unwrap();
			let done = proof.verify(&name(&file), size as u64, last);
			assert_eq!(done, Err(ProofError::NoSuchChunk));
		}
	}

	#[test]
	fn the_largest_model_needs_21_siblings_and_no_size_too_many() {
		let depth = |size, chunk| siblings(size, chunk).unwrap().len();
		let largest = crate::limits::MAX_MODEL_BYTES;
		assert_eq!(depth(largest, 0), 21);
		assert_eq!(depth(largest, chunks(largest) - 1), 21);
		assert_eq!(depth(1 << 43, 77), MAX_SIBLINGS as usize);
		// Of what is larger nothing can be proved.
		let full = ChunkProof {
			bytes: vec![0; 1024].try_into().unwrap(),
			siblings: vec![[0; 32]; MAX_SIBLINGS as usize].try_into().unwrap(),
		};
		let nobody = ContentHash([0; 32]);
		assert_eq!(full.verify(&nobody, MAX_FILE, 5), Err(ProofError::WrongHash));
		assert_eq!(full.verify(&nobody, MAX_FILE + 1, 5), Err(ProofError::NoSuchChunk));
		assert_eq!(full.verify(&nobody, u64::MAX, 5), Err(ProofError::NoSuchChunk));
	}

	#[test]
	fn each_flaw_has_its_name() {
		let file = file(5_000);
		let content = name(&file);
		let proof = prove(&file, 2).unwrap();
		let with = |change: fn(&mut ChunkProof)| {
			let mut proof = proof.clone();
			change(&mut proof);
			proof.verify(&content, 5_000, 2)
		};
		assert_eq!(with(|_| ()), Ok(()));
		assert_eq!(with(|proof| proof.bytes.truncate(1_023)), Err(ProofError::WrongLength));
		assert_eq!(with(|proof| proof.siblings.truncate(2)), Err(ProofError::WrongDepth));
		assert_eq!(with(|proof| proof.siblings.as_mut().swap(0, 1)), Err(ProofError::WrongHash));
		assert_eq!(with(|proof| proof.bytes[7] ^= 1), Err(ProofError::WrongHash));
		assert_eq!(proof.verify(&content, 5_000, 9), Err(ProofError::NoSuchChunk));
		assert_eq!(proof.verify(&content, 5_000, 3), Err(ProofError::WrongHash));
		// Another size is another tree.
		assert_eq!(proof.verify(&content, 3_000, 2), Err(ProofError::WrongLength));
		assert_eq!(proof.verify(&content, 3_072, 2), Err(ProofError::WrongDepth));
		assert_eq!(proof.verify(&ContentHash([0; 32]), 5_000, 2), Err(ProofError::WrongHash));
	}

	/// A parent must not pass for a chunk, or the root for a subtree.
	#[test]
	fn a_node_of_the_tree_is_no_chunk() {
		let file = file(2_048);
		let (left, right) = (Subtree::of(0, &file[..1_024]), Subtree::of(1_024, &file[1_024..]));
		let node = ChunkProof {
			bytes: [left, right].concat().try_into().unwrap(),
			siblings: Default::default(),
		};
		assert_eq!(node.verify(&name(&file), 64, 0), Err(ProofError::WrongHash));
	}

	proptest! {
		#[test]
		fn what_is_proved_is_what_is_there(size in 0usize..70_000, chunk: u64) {
			let file = file(size);
			let chunk = chunk % chunks(size as u64);
			let proof = prove(&file, chunk).unwrap();
			prop_assert_eq!(proof.verify(&name(&file), size as u64, chunk), Ok(()));
			let range = chunk_range(size as u64, chunk).unwrap();
			let there = &file[range.start as usize..range.end as usize];
			prop_assert_eq!(&proof.bytes[..], there);
		}

		#[test]
		fn no_bit_of_a_proof_can_be_changed(size in 1usize..70_000, chunk: u64, at: usize, bit in 0u8..8) {
			let file = file(size);
			let chunk = chunk % chunks(size as u64);
			let mut proof = prove(&file, chunk).unwrap();
			let own = proof.bytes.len();
			let at = at % (own + proof.siblings.len() * 32);
			if at < own {
				proof.bytes[at] ^= 1u8 << bit;
			} else {
				proof.siblings[(at - own) / 32][(at - own) % 32] ^= 1u8 << bit;
			}
			let done = proof.verify(&name(&file), size as u64, chunk);
			prop_assert_eq!(done, Err(ProofError::WrongHash));
		}

		#[test]
		fn a_proof_is_of_one_chunk_only(size in 2_049usize..70_000, chunk: u64, other: u64) {
			let file = file(size);
			let all = chunks(size as u64);
			let (chunk, other) = (chunk % all, other % all);
			prop_assume!(chunk != other);
			let proof = prove(&file, chunk).unwrap();
			prop_assert!(proof.verify(&name(&file), size as u64, other).is_err());
		}

		#[test]
		fn whatever_comes_is_refused_without_a_panic(
			bytes in prop::collection::vec(any::<u8>(), 0..=1_024),
			siblings in prop::collection::vec(any::<[u8; 32]>(), 0..=33),
			size: u64,
			chunk: u64,
		) {
			let proof = ChunkProof {
				bytes: bytes.try_into().unwrap(),
				siblings: siblings.try_into().unwrap(),
			};
			prop_assert!(proof.verify(&ContentHash([7; 32]), size, chunk).is_err());
			prop_assert!(proof.verify(&ContentHash([7; 32]), size, chunk % chunks(size)).is_err());
		}
	}
}
