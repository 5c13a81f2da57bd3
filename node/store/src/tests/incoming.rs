// SPDX-License-Identifier: Apache-2.0
//! What strangers send.

use super::{Fixture, bytes};
use crate::{Limits, StoreError, Usage, hash};
use std::time::Duration;

#[test]
fn what_strangers_send_takes_room_as_it_comes_and_leaves_none_taken() {
	let fixture = Fixture::default();
	let (store, content) = (&fixture.store, hash(b"0123456789"));
	let mut incoming = store.incoming(&content, 10).unwrap();
	assert_eq!(store.usage().reserved, 0);
	assert_eq!(incoming.write(b"0123").unwrap(), 4);
	let usage = store.usage();
	assert_eq!((usage.reserved, usage.uploads, usage.downloads), (4, 0, 0));
	drop(incoming);
	assert_eq!(store.usage(), Usage { limit: store.usage().limit, ..Default::default() });
	assert!(fixture.files("complete").is_empty() && fixture.files("uploads").is_empty());
}

#[test]
fn what_strangers_send_is_a_blob_if_it_is_whole_and_right_and_is_not_pinned() {
	let fixture = Fixture::default();
	let store = &fixture.store;
	let right = bytes(1_000_000);
	let (content, total) = (hash(&right), right.len() as u64);
	for wrong in [&right[1..], &[&right[1..], b"x"].concat()] {
		let mut incoming = store.incoming(&content, total).unwrap();
		incoming.write(wrong).unwrap();
		let refused = incoming.finish();
		let expected =
			matches!(refused, Err(StoreError::WrongSize { .. } | StoreError::WrongHash { .. }));
		assert!(expected, "{refused:?}");
		assert!(fixture.files("complete").is_empty());
	}
	let mut incoming = store.incoming(&content, total).unwrap();
	for chunk in right.chunks(300_000) {
		incoming.write(chunk).unwrap();
	}
	let more = incoming.write(b"x");
	assert!(matches!(more, Err(StoreError::TooLarge { .. })), "{more:?}");
	incoming.finish().unwrap();
	assert_eq!(store.get_range(&content, 0, right.len()).unwrap(), right);
	assert!(!store.list()[0].pinned);
	let usage = store.usage();
	assert_eq!((usage.blobs, usage.bytes, usage.reserved), (1, total, 0));
	// Again, as when two come at a time.
	let mut incoming = store.incoming(&content, total).unwrap();
	incoming.write(&right).unwrap();
	incoming.finish().unwrap();
	let usage = store.usage();
	assert_eq!((usage.blobs, usage.bytes, usage.reserved), (1, total, 0));
}

#[test]
fn what_strangers_send_is_not_begun_without_room_and_drives_out_as_much_as_it_needs() {
	let limits = Limits { bytes: 10, in_use: Duration::ZERO, ..Default::default() };
	let fixture = Fixture::new(limits);
	let store = &fixture.store;
	let full = store.incoming(&hash(b"x"), 11).map(drop);
	assert!(matches!(full, Err(StoreError::Full { needed: 11, free: 10 })), "{full:?}");
	for bytes in [b"0123", b"4567"] {
		let content = store.put_bytes(bytes).unwrap();
		store.unpin(&content).unwrap();
	}
	let mut incoming = store.incoming(&hash(b"0123456789"), 10).unwrap();
	incoming.write(b"01").unwrap();
	assert_eq!(store.usage().blobs, 2);
	incoming.write(b"2").unwrap();
	assert_eq!(store.usage().blobs, 1);
	// Others may take the room meanwhile.
	store.put_bytes(b"abcdef").unwrap();
	let full = incoming.write(b"34567");
	assert!(matches!(full, Err(StoreError::Full { needed: 5, free: 1 })), "{full:?}");
}
