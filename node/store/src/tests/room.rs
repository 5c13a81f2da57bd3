// SPDX-License-Identifier: Apache-2.0
//! Room: what goes, what stays, and in which order.

use super::{Fixture, bytes, transfer};
use crate::{BlobSource, ContentHash, Limits, Store, StoreError, hash};
use std::{
	collections::BTreeSet,
	fs::{self, File},
	io::Read,
	time::{Duration, Instant, SystemTime},
};

/// Room for ten bytes, of which everything may go at once.
fn ten() -> Limits {
	Limits { bytes: 10, in_use: Duration::ZERO, ..Default::default() }
}

/// A blob that came from a peer: nobody pinned it.
fn fetched(store: &Store, bytes: &[u8]) -> Result<ContentHash, StoreError> {
	let from = Fixture::default();
	let (content, size) = (from.store.put_bytes(bytes)?, bytes.len() as u64);
	let download = store.download(&content, size)?;
	download.accept(0, &from.store.encode_range(&content, size, 0)?)?;
	Ok(content)
}

fn there(store: &Store, blobs: &[ContentHash]) -> Vec<bool> {
	blobs.iter().map(|content| store.stat(content).is_some()).collect()
}

/// Uses a blob as an executor does.
fn use_of(store: &Store, content: &ContentHash) {
	let size = store.stat(content).unwrap().size;
	store.fetch(content, size, Instant::now()).unwrap();
}

#[test]
fn the_least_recently_used_goes_first_and_no_more_than_must() {
	let Fixture { store, .. } = &Fixture::new(ten());
	let blobs = [b"aaa", b"bbb", b"ccc"].map(|bytes| fetched(store, bytes).unwrap());
	use_of(store, &blobs[0]);
	let new = fetched(store, b"dddd").unwrap();
	assert_eq!(there(store, &blobs), [true, false, true]);
	assert!(store.stat(&new).is_some());
	fetched(store, b"eeeeee").unwrap();
	assert_eq!(there(store, &blobs), [false, false, false]);
	assert_eq!(there(store, &[new]), [true]);
	let usage = store.usage();
	assert_eq!((usage.bytes, usage.reserved, usage.evicted), (10, 0, 3));
}

#[test]
fn what_is_pinned_or_kept_or_in_use_stays() {
	let fixture = Fixture::new(ten());
	let store = &fixture.store;
	let put = store.put_bytes(b"put").unwrap();
	let kept = fetched(store, b"kept").unwrap();
	store.set_kept(BTreeSet::from([kept]));
	let free = fetched(store, b"fre").unwrap();
	// Nothing goes where it would not help.
	assert!(matches!(fetched(store, b"12345"), Err(StoreError::Full { needed: 5, free: 3 })));
	assert_eq!(there(store, &[put, kept, free]), [true, true, true]);
	fetched(store, b"123").unwrap();
	assert_eq!(there(store, &[put, kept, free]), [true, true, false]);
	store.set_kept(BTreeSet::new());
	fetched(store, b"1234567").unwrap();
	assert_eq!(there(store, &[put, kept]), [true, false]);
	store.unpin(&put).unwrap();
	fetched(store, b"0123456789").unwrap();
	assert_eq!(store.usage().blobs, 1);

	let limits = Limits { in_use: Duration::from_secs(3600), ..ten() };
	let Fixture { store, .. } = &Fixture::new(limits);
	let used = fetched(store, b"used now").unwrap();
	assert!(matches!(fetched(store, b"other"), Err(StoreError::Full { free: 2, .. })));
	assert_eq!(there(store, &[used]), [true]);
}

#[test]
fn whatever_way_a_blob_is_put_it_is_pinned_and_one_from_a_peer_is_not() {
	let Fixture { store, dir, .. } = &Fixture::default();
	let bytes_put = store.put_bytes(b"bytes").unwrap();
	let uploaded = hash(b"upload");
	store.append(&uploaded, 6, 0, b"upload").unwrap();
	fs::write(dir.path().join("file"), b"file").unwrap();
	let (file, _) = store.put_file(dir.path().join("file")).unwrap();
	let from_peer = fetched(store, b"peer").unwrap();
	for content in [bytes_put, uploaded, file] {
		assert!(store.is_pinned(&content));
	}
	assert!(!store.is_pinned(&from_peer));
	let from_mirror = hash(b"mirror");
	store.receive(&from_mirror, 6, 0, b"mir").unwrap();
	assert!(store.receive(&from_mirror, 6, 3, b"ror").unwrap().complete);
	assert!(store.receive(&from_mirror, 6, 0, b"").unwrap().complete);
	assert!(!store.is_pinned(&from_mirror));
	// Who puts what is there already wants it to stay, too.
	for (content, size) in [(from_peer, 4), (from_mirror, 6)] {
		assert!(store.append(&content, size, 0, b"").unwrap().complete);
		assert!(store.is_pinned(&content));
	}
	assert!(store.list().iter().all(|blob| blob.pinned));
}

#[test]
fn pins_are_there_after_a_restart() {
	let mut fixture = Fixture::new(ten());
	let pinned = fetched(&fixture.store, b"pinned").unwrap();
	let other = fixture.store.put_bytes(b"othr").unwrap();
	fixture.store.pin(&pinned).unwrap();
	fixture.store.unpin(&other).unwrap();
	fixture.restart();
	assert!(fixture.store.is_pinned(&pinned));
	assert!(!fixture.store.is_pinned(&other));
	fetched(&fixture.store, b"new").unwrap();
	assert_eq!(there(&fixture.store, &[pinned, other]), [true, false]);
	let absent = hash(b"absent");
	assert!(matches!(fixture.store.pin(&absent), Err(StoreError::NotFound(of)) if of == absent));
	assert!(matches!(fixture.store.unpin(&absent), Err(StoreError::NotFound(_))));
	// A blob that is removed takes its pin along.
	fixture.store.remove(&pinned).unwrap();
	fixture.restart();
	let again = fetched(&fixture.store, b"pinned").unwrap();
	assert_eq!(again, pinned);
	assert!(!fixture.store.is_pinned(&again));
}

#[test]
fn lines_that_are_no_pins_are_passed_over() {
	let mut fixture = Fixture::default();
	let content = fixture.store.put_bytes(b"abc").unwrap();
	let text = format!("rubbish\n\u{0}\n{content}\n{}\n", hash(b"absent"));
	fs::write(fixture.dir.path().join("pins"), text).unwrap();
	fixture.restart();
	assert!(fixture.store.is_pinned(&content));
	assert!(!fixture.store.is_pinned(&hash(b"absent")));
}

#[test]
fn a_store_from_before_there_were_pins_keeps_what_it_has() {
	let mut fixture = Fixture::new(ten());
	let old = fetched(&fixture.store, b"old").unwrap();
	fs::remove_file(fixture.dir.path().join("pins")).unwrap();
	fixture.restart();
	assert!(fixture.store.is_pinned(&old));
	// but what comes from now on may go
	let new = fetched(&fixture.store, b"new").unwrap();
	fixture.restart();
	assert!(!fixture.store.is_pinned(&new));
}

#[test]
fn the_order_of_uses_is_there_after_a_restart() {
	let mut fixture = Fixture::new(ten());
	let blobs = [b"aaa", b"bbb", b"ccc"].map(|bytes| fetched(&fixture.store, bytes).unwrap());
	let path = |content: &ContentHash| fixture.dir.path().join(format!("complete/{content}"));
	for (age, content) in [300, 200, 100].into_iter().zip(&blobs) {
		let used = SystemTime::now() - Duration::from_secs(age);
		File::open(path(content)).unwrap().set_modified(used).unwrap();
	}
	fixture.restart();
	use_of(&fixture.store, &blobs[0]);
	fixture.restart();
	fetched(&fixture.store, b"dddd").unwrap();
	assert_eq!(there(&fixture.store, &blobs), [true, false, true]);
	// Neither did reading ranges for others count as a use.
	fixture.store.get_range(&blobs[2], 0, 1).unwrap();
	fixture.store.encode_range(&blobs[2], 3, 0).unwrap();
	fetched(&fixture.store, b"ee").unwrap();
	assert_eq!(there(&fixture.store, &blobs), [true, false, false]);
}

#[test]
fn who_has_a_blob_open_reads_it_to_its_end_although_it_goes() {
	let limits = Limits { bytes: 3 << 20, in_use: Duration::ZERO, ..Default::default() };
	let (fixture, from) = (Fixture::new(limits), Fixture::default());
	let (store, blob) = (&fixture.store, bytes(2 << 20));
	let content = from.store.put_bytes(&blob).unwrap();
	transfer(&from.store, store, &content, 2 << 20);
	let mut file = File::open(store.path_if_present(&content).unwrap()).unwrap();
	let mut read = vec![0; 1000];
	file.read_exact(&mut read).unwrap();
	let other = from.store.put_bytes(&bytes((2 << 20) + 1)).unwrap();
	transfer(&from.store, store, &other, (2 << 20) + 1);
	assert_eq!(store.path_if_present(&content), None);
	assert_eq!(fixture.files("complete"), [other.to_string()]);
	assert_eq!(fixture.files("trees"), [other.to_string()]);
	file.read_to_end(&mut read).unwrap();
	assert_eq!(read, blob);
}

#[test]
fn a_download_that_nobody_holds_goes_before_any_blob() {
	let limits = Limits { bytes: 4 << 20, in_use: Duration::ZERO, ..Default::default() };
	let (fixture, from) = (Fixture::new(limits), Fixture::default());
	let store = &fixture.store;
	let size = 3 << 20;
	let content = from.store.put_bytes(&bytes(size)).unwrap();
	let blob = fetched(store, b"blob").unwrap();
	let download = store.download(&content, size).unwrap();
	download.accept(0, &from.store.encode_range(&content, size, 0).unwrap()).unwrap();
	let large = vec![9; 2 << 20];
	assert!(matches!(store.put_bytes(&large), Err(StoreError::Full { .. })));
	drop(download);
	store.put_bytes(&large).unwrap();
	assert_eq!(there(store, &[blob]), [true]);
	assert!(fixture.files("downloads").is_empty());
	assert_eq!(store.usage().reserved, 0);
}

#[test]
fn an_upload_makes_room_as_well() {
	let Fixture { store, .. } = &Fixture::new(ten());
	let old = fetched(store, b"0123456789").unwrap();
	store.append(&hash(b"abc"), 3, 0, b"abc").unwrap();
	assert_eq!(there(store, &[old, hash(b"abc")]), [false, true]);
}
