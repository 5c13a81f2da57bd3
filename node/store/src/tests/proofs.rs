// SPDX-License-Identifier: Apache-2.0
//! Proofs of single chunks, checked by rules written from the BLAKE3 paper.

use super::{Fixture, SIZES, bytes, transfer};
use crate::{ChunkProof, ContentHash, StoreError, chunk_count, hash};
use blake3::{
	CHUNK_LEN, Hasher,
	hazmat::{HasherExt, Mode, merge_subtrees_non_root, merge_subtrees_root},
};

/// Whether this is a chunk of the blob. Section 2.1 of the paper: of `n` chunks under a node, the
/// left child has the largest power of two below `n`; a chunk is hashed with its number; the root
/// is hashed unlike other nodes.
fn verify(content: &ContentHash, size: u64, index: u64, proof: &ChunkProof) -> bool {
	let chunks = chunk_count(size);
	let start = index * CHUNK_LEN as u64;
	if index >= chunks || proof.chunk.len() as u64 != (size - start).min(CHUNK_LEN as u64) {
		return false;
	}
	if chunks == 1 {
		return proof.siblings.is_empty() && blake3::hash(&proof.chunk).as_bytes() == &content.0;
	}
	// From the root down: on which side the chunk lies.
	let (mut first, mut count, mut sides) = (0, chunks, Vec::new());
	while count > 1 {
		let left = 1 << (count - 1).ilog2();
		let on_left = index < first + left;
		sides.push(on_left);
		(first, count) = if on_left { (first, left) } else { (first + left, count - left) };
	}
	if sides.len() != proof.siblings.len() {
		return false;
	}
	let mut value = Hasher::new().set_input_offset(start).update(&proof.chunk).finalize_non_root();
	for (level, sibling) in proof.siblings.iter().enumerate() {
		let on_left = sides[sides.len() - 1 - level];
		let (left, right) = if on_left { (&value, sibling) } else { (sibling, &value) };
		if level + 1 == sides.len() {
			return merge_subtrees_root(left, right, Mode::Hash).as_bytes() == &content.0;
		}
		value = merge_subtrees_non_root(left, right, Mode::Hash);
	}
	false
}

#[test]
fn every_chunk_is_proven_against_the_hash_of_the_blob() {
	for size in SIZES {
		let Fixture { store, .. } = &Fixture::default();
		let bytes = bytes(size);
		let content = store.put_bytes(&bytes).unwrap();
		for index in 0..chunk_count(size) {
			let proof = store.prove_chunk(&content, index).unwrap();
			let start = index as usize * CHUNK_LEN;
			assert_eq!(proof.chunk, bytes[start..bytes.len().min(start + CHUNK_LEN)]);
			assert!(verify(&content, size, index, &proof), "{size} {index}");
		}
		let past = store.prove_chunk(&content, chunk_count(size));
		assert!(matches!(past, Err(StoreError::NoSuchRange { .. })));
	}
}

#[test]
fn a_proof_of_anything_else_is_none() {
	let Fixture { store, .. } = &Fixture::default();
	let size = 100_000;
	let content = store.put_bytes(&bytes(size)).unwrap();
	for index in [0, 15, 16, 50, chunk_count(size) - 1] {
		let proof = store.prove_chunk(&content, index).unwrap();
		assert!(!verify(&content, size, index + 1, &proof));
		assert!(!verify(&hash(b"other"), size, index, &proof));
		for at in 0..proof.chunk.len() {
			let mut wrong = proof.clone();
			wrong.chunk[at] ^= 1;
			assert!(!verify(&content, size, index, &wrong));
		}
		for level in 0..proof.siblings.len() {
			let mut wrong = proof.clone();
			wrong.siblings[level][31] ^= 128;
			assert!(!verify(&content, size, index, &wrong));
		}
		let mut shorter = proof.clone();
		shorter.siblings.pop();
		assert!(!verify(&content, size, index, &shorter));
	}
}

#[test]
fn only_a_complete_blob_proves_its_chunks() {
	let (from, to) = (Fixture::default(), Fixture::default());
	let size = 3 << 20;
	let content = from.store.put_bytes(&bytes(size)).unwrap();
	assert!(matches!(to.store.prove_chunk(&content, 0), Err(StoreError::NotFound(_))));
	let download = to.store.download(&content, size).unwrap();
	download.accept(0, &from.store.encode_range(&content, size, 0).unwrap()).unwrap();
	assert!(matches!(to.store.prove_chunk(&content, 0), Err(StoreError::NotFound(_))));
	transfer(&from.store, &to.store, &content, size);
	let proof = to.store.prove_chunk(&content, 2047).unwrap();
	assert!(verify(&content, size, 2047, &proof));
}
