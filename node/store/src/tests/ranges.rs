// SPDX-License-Identifier: Apache-2.0
//! Ranges and their proofs, without a disk between.

use super::{Fixture, SIZES, bytes, transfer};
use crate::{
	MAX_ENCODED_RANGE, RANGE, StoreError, encoded_length, hash, range_count, range_length,
};
use proptest::prelude::*;

const MIB: u64 = 1 << 20;

#[test]
fn a_blob_has_a_range_for_each_mebibyte_and_at_least_one() {
	for (size, count) in [(0, 1), (1, 1), (MIB, 1), (MIB + 1, 2), (3 * MIB, 3), (u64::MAX, 1 << 44)]
	{
		assert_eq!(range_count(size), count, "{size}");
		assert_eq!(range_length(size, count), None);
	}
	assert_eq!(range_length(0, 0), Some(0));
	assert_eq!(range_length(MIB + 5, 0), Some(MIB));
	assert_eq!(range_length(MIB + 5, 1), Some(5));
}

#[test]
fn no_encoding_is_longer_than_the_longest() {
	// The largest blob has the deepest tree.
	let largest = RANGE << 28;
	assert_eq!(encoded_length(largest, 0), Some(MAX_ENCODED_RANGE));
	assert_eq!(encoded_length(largest + 1, 0), None);
	assert_eq!(encoded_length(u64::MAX, 0), None);
	for size in SIZES {
		for index in 0..range_count(size) {
			assert!(encoded_length(size, index).unwrap() <= MAX_ENCODED_RANGE);
		}
		assert_eq!(encoded_length(size, range_count(size)), None);
	}
}

#[test]
fn what_one_store_encodes_another_accepts_at_every_border() {
	for size in SIZES {
		let (from, to) = (Fixture::default(), Fixture::default());
		let bytes = bytes(size);
		let content = from.store.put_bytes(&bytes).unwrap();
		transfer(&from.store, &to.store, &content, size);
		assert_eq!(to.store.get_range(&content, 0, bytes.len()).unwrap(), bytes, "{size}");
		assert!(to.store.verify(&content).unwrap());
		// and from there to a third, with the pairs that came along
		let third = Fixture::default();
		transfer(&to.store, &third.store, &content, size);
		assert!(third.store.verify(&content).unwrap());
	}
}

#[test]
fn an_encoding_has_the_length_that_is_announced() {
	for size in SIZES {
		let Fixture { store, .. } = &Fixture::default();
		let content = store.put_bytes(&bytes(size)).unwrap();
		for index in 0..range_count(size) {
			let encoded = store.encode_range(&content, size, index).unwrap();
			assert_eq!(Some(encoded.len()), encoded_length(size, index), "{size} {index}");
		}
		let past = store.encode_range(&content, size, range_count(size));
		assert!(matches!(past, Err(StoreError::NoSuchRange { .. })));
		let wrong = store.encode_range(&content, size + 1, 0);
		assert!(matches!(wrong, Err(StoreError::WrongSize { actual, .. }) if actual == size));
		let absent = store.encode_range(&hash(b"absent"), size, 0);
		assert!(matches!(absent, Err(StoreError::NotFound(_))));
	}
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(32))]

	/// Whatever the size, in whatever order, whatever comes twice.
	#[test]
	fn ranges_in_any_order_give_the_blob(
		size in 0..5 * MIB,
		order in proptest::collection::vec(any::<proptest::sample::Index>(), 0..12),
	) {
		let (from, to) = (Fixture::default(), Fixture::default());
		let bytes = bytes(size);
		let content = from.store.put_bytes(&bytes).unwrap();
		let download = to.store.download(&content, size).unwrap();
		let count = range_count(size);
		let all = order.iter().map(|index| index.index(count as usize) as u64).chain(0..count);
		for index in all {
			let missing = download.missing();
			let encoded = from.store.encode_range(&content, size, index).unwrap();
			let accepted = download.accept(index, &encoded).unwrap();
			prop_assert_eq!(accepted.new, missing.contains(&index));
			prop_assert_eq!(accepted.complete, download.missing().is_empty());
		}
		prop_assert_eq!(to.store.get_range(&content, 0, bytes.len()).unwrap(), bytes);
		prop_assert_eq!(to.store.usage().reserved, 0);
		prop_assert!(to.files("downloads").is_empty());
	}
}
