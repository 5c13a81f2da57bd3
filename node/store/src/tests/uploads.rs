// SPDX-License-Identifier: Apache-2.0
//! Uploads in chunks.

use super::Fixture;
use crate::{Limits, Progress, StoreError, hash};
use proptest::prelude::*;
use std::{fs, sync::Barrier, thread, time::Duration};

const OPEN: fn(u64) -> Progress = |received| Progress { received, complete: false };
const DONE: fn(u64) -> Progress = |received| Progress { received, complete: true };

#[test]
fn an_upload_is_a_blob_only_when_its_last_chunk_is_there() {
	let fixture = Fixture::default();
	let (store, content) = (&fixture.store, hash(b"0123456789"));
	assert_eq!(store.progress(&content, 10), None);
	assert_eq!(store.append(&content, 10, 0, b"0123").unwrap(), OPEN(4));
	assert_eq!(store.progress(&content, 10), Some(OPEN(4)));
	assert_eq!(store.stat(&content), None);
	assert_eq!(store.usage().reserved, 10);
	assert_eq!(store.append(&content, 10, 4, b"456789").unwrap(), DONE(10));
	assert_eq!(store.get_range(&content, 0, 99).unwrap(), b"0123456789");
	assert_eq!(store.append(&content, 10, 0, b"whatever").unwrap(), DONE(10));
	assert_eq!(store.progress(&content, 10), Some(DONE(10)));
	let usage = store.usage();
	assert_eq!((usage.bytes, usage.uploads, usage.reserved), (10, 0, 0));
	assert!(fixture.files("uploads").is_empty());
}

#[test]
fn an_empty_blob_is_complete_at_once() {
	let Fixture { store, .. } = &Fixture::default();
	assert_eq!(store.append(&hash(b""), 0, 0, b"").unwrap(), DONE(0));
	assert!(store.stat(&hash(b"")).is_some());
}

#[test]
fn an_interrupted_upload_goes_on_after_a_restart() {
	let mut fixture = Fixture::default();
	let content = hash(b"0123456789");
	fixture.store.append(&content, 10, 0, b"0123").unwrap();
	fixture.restart();
	assert_eq!(fixture.store.usage().reserved, 10);
	let again = fixture.store.append(&content, 10, 0, b"0123");
	assert!(matches!(again, Err(StoreError::WrongOffset { expected: 4, actual: 0 })));
	assert_eq!(fixture.store.append(&content, 10, 4, b"456").unwrap(), OPEN(7));
	fixture.restart();
	assert_eq!(fixture.store.append(&content, 10, 7, b"789").unwrap(), DONE(10));
	assert_eq!(fixture.store.get_range(&content, 0, 99).unwrap(), b"0123456789");
}

#[test]
fn an_upload_stopped_before_its_check_is_checked_with_the_next_call() {
	let mut fixture = Fixture::default();
	let (good, bad) = (hash(b"0123"), hash(b"4567"));
	for content in [good, bad] {
		fs::write(fixture.dir.path().join(format!("uploads/{content}.4")), b"0123").unwrap();
	}
	fixture.restart();
	assert_eq!(fixture.store.append(&good, 4, 0, b"").unwrap(), DONE(4));
	let wrong = fixture.store.append(&bad, 4, 0, b"4567");
	assert!(matches!(wrong, Err(StoreError::WrongHash { expected, actual })
		if expected == bad && actual == good));
}

#[test]
fn wrong_bytes_never_become_a_blob_and_the_right_ones_still_can() {
	let fixture = Fixture::default();
	let (store, content) = (&fixture.store, hash(b"right"));
	store.append(&content, 5, 0, b"wr").unwrap();
	let wrong = store.append(&content, 5, 2, b"ong");
	assert!(matches!(wrong, Err(StoreError::WrongHash { expected, actual })
		if expected == content && actual == hash(b"wrong")));
	assert_eq!(store.stat(&content), None);
	assert!(fixture.files("uploads").is_empty());
	assert_eq!(store.usage(), crate::Usage { limit: store.usage().limit, ..Default::default() });
	assert_eq!(store.append(&content, 5, 0, b"right").unwrap(), DONE(5));
}

#[test]
fn a_chunk_out_of_place_changes_nothing() {
	let Fixture { store, .. } = &Fixture::default();
	let content = hash(b"0123456789");
	for offset in [1, 9] {
		let refused = store.append(&content, 10, offset, b"x");
		assert!(matches!(refused, Err(StoreError::WrongOffset { expected: 0, .. })));
	}
	store.append(&content, 10, 0, b"0123").unwrap();
	let refused = store.append(&content, 10, 2, b"xx");
	assert!(matches!(refused, Err(StoreError::WrongOffset { expected: 4, actual: 2 })));
	let refused = store.append(&content, 10, 4, b"4567890");
	assert!(matches!(refused, Err(StoreError::TooLarge { size: 11, limit: 10 })));
	let refused = store.append(&content, u64::MAX, u64::MAX, b"4");
	assert!(matches!(refused, Err(StoreError::TooLarge { .. })));
	assert_eq!(store.append(&content, 10, 4, b"456789").unwrap(), DONE(10));
	let refused = store.append(&content, 11, 0, b"0");
	assert!(matches!(refused, Err(StoreError::WrongSize { expected: 11, actual: 10 })));
}

#[test]
fn who_announces_a_wrong_size_is_not_in_the_way() {
	let Fixture { store, .. } = &Fixture::default();
	let content = hash(b"0123");
	store.append(&content, 9, 0, b"012345").unwrap();
	assert_eq!(store.append(&content, 4, 0, b"0123").unwrap(), DONE(4));
}

#[test]
fn uploads_are_bounded_in_number_and_in_what_they_announce() {
	let limits = Limits { bytes: 100, uploads: 2, upload_bytes: 50, ..Default::default() };
	let Fixture { store, .. } = &Fixture::new(limits);
	store.append(&hash(b"a"), 40, 0, b"x").unwrap();
	let refused = store.append(&hash(b"b"), 11, 0, b"x");
	assert!(matches!(refused, Err(StoreError::Full { needed: 11, free: 10 })));
	store.append(&hash(b"b"), 10, 0, b"x").unwrap();
	let refused = store.append(&hash(b"c"), 0, 0, b"");
	assert!(matches!(refused, Err(StoreError::TooManyUploads { limit: 2 })));
	// What is announced is not given to others.
	assert!(matches!(store.put_bytes(&[0; 51]), Err(StoreError::Full { free: 50, .. })));
	store.put_bytes(&[0; 50]).unwrap();
}

#[test]
fn an_upload_without_chunks_expires_and_gives_its_room_back() {
	let limits = Limits { upload_expiry: Duration::ZERO, ..Default::default() };
	let mut fixture = Fixture::new(limits);
	let content = hash(b"0123");
	fixture.store.append(&content, 4, 0, b"01").unwrap();
	assert_eq!(fixture.store.usage().reserved, 4);
	fixture.store.expire_uploads();
	assert_eq!(fixture.store.progress(&content, 4), None);
	assert_eq!(fixture.store.usage().reserved, 0);
	assert!(fixture.files("uploads").is_empty());
	// The same when it expired while the node was down.
	fixture.store.append(&content, 4, 0, b"01").unwrap();
	fixture.restart();
	assert_eq!(fixture.store.usage().uploads, 0);
	assert!(fixture.files("uploads").is_empty());
}

#[test]
fn a_restart_drops_what_is_no_upload_and_what_is_over_the_limits() {
	let mut fixture = Fixture::default();
	let name = |size: u64| format!("{}.{size}", hash(b"0123"));
	for name in [name(3), name(4), name(5), "readme".into(), "00.4".into()] {
		fs::write(fixture.dir.path().join("uploads").join(name), b"0123").unwrap();
	}
	fixture.restart();
	assert_eq!(fixture.files("uploads"), [name(4), name(5)]);
	fixture.limits.uploads = 1;
	fixture.restart();
	assert_eq!(fixture.files("uploads").len(), 1);
	assert_eq!(fixture.store.usage().uploads, 1);
}

#[test]
fn many_who_upload_one_blob_at_a_time_complete_it_once() {
	let fixture = &Fixture::default();
	let bytes: Vec<u8> = (0..200_000u32).map(|i| (i % 251) as u8).collect();
	let (content, total) = (hash(&bytes), bytes.len() as u64);
	let barrier = Barrier::new(4);
	thread::scope(|scope| {
		for _ in 0..4 {
			scope.spawn(|| {
				barrier.wait();
				let mut offset = 0;
				loop {
					let end = (offset + 10_000).min(bytes.len());
					match fixture.store.append(&content, total, offset as u64, &bytes[offset..end])
					{
						Ok(Progress { complete: true, .. }) => break,
						Ok(Progress { received, .. }) => offset = received as usize,
						Err(StoreError::WrongOffset { expected, .. }) => offset = expected as usize,
						Err(error) => panic!("{error}"),
					}
				}
			});
		}
	});
	assert_eq!(fixture.store.get_range(&content, 0, bytes.len()).unwrap(), bytes);
	let usage = fixture.store.usage();
	assert_eq!((usage.blobs, usage.uploads, usage.reserved), (1, 0, 0));
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(64))]

	/// However it is cut, whenever the node restarts, whatever is sent twice.
	#[test]
	fn any_chunking_gives_the_same_blob(
		bytes in proptest::collection::vec(any::<u8>(), 0..4096),
		steps in proptest::collection::vec((1usize..700, any::<bool>(), any::<bool>()), 1..12),
	) {
		let mut fixture = Fixture::default();
		let (content, total) = (hash(&bytes), bytes.len() as u64);
		let (mut offset, mut complete, mut steps) = (0usize, false, steps.into_iter().cycle());
		while !complete {
			let (length, restart, repeat) = steps.next().unwrap();
			let end = (offset + length).min(bytes.len());
			let progress =
				fixture.store.append(&content, total, offset as u64, &bytes[offset..end]).unwrap();
			prop_assert_eq!(progress.received, end as u64);
			complete = progress.complete;
			if restart {
				fixture.restart();
			}
			if repeat && offset < end {
				match fixture.store.append(&content, total, offset as u64, &bytes[offset..end]) {
					Ok(progress) => prop_assert!(progress.complete),
					Err(StoreError::WrongOffset { expected, .. }) => {
						prop_assert_eq!(expected, end as u64)
					},
					Err(error) => panic!("{error}"),
				}
			}
			offset = end;
		}
		prop_assert_eq!(fixture.store.get_range(&content, 0, bytes.len()).unwrap(), bytes);
		prop_assert_eq!(fixture.store.usage().bytes, total);
		prop_assert_eq!(fixture.store.usage().reserved, 0);
	}

	/// One bit anywhere, and it is another blob.
	#[test]
	fn any_flipped_bit_is_found(
		bytes in proptest::collection::vec(any::<u8>(), 1..2000),
		place in any::<proptest::sample::Index>(),
		cut in any::<proptest::sample::Index>(),
	) {
		let fixture = Fixture::default();
		let (content, total) = (hash(&bytes), bytes.len() as u64);
		let mut wrong = bytes.clone();
		let bit = place.index(bytes.len() * 8);
		wrong[bit / 8] ^= 1 << (bit % 8);
		let cut = cut.index(bytes.len());
		fixture.store.append(&content, total, 0, &wrong[..cut]).unwrap();
		let refused = fixture.store.append(&content, total, cut as u64, &wrong[cut..]);
		let refused = matches!(refused, Err(StoreError::WrongHash { .. }));
		prop_assert!(refused);
		prop_assert!(fixture.store.list().is_empty());
		prop_assert!(fixture.files("complete").is_empty() && fixture.files("uploads").is_empty());
	}
}
