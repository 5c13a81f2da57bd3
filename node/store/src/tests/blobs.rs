// SPDX-License-Identifier: Apache-2.0
//! Blobs put in one go, found, read, removed.

use super::Fixture;
use crate::{BlobError, BlobSource, BlobStat, Limits, Store, StoreError, hash};
use jurat_primitives::ContentHash;
use std::{
	fs::{self, File},
	io::Write,
	sync::Barrier,
	thread,
	time::Instant,
};
use tempfile::TempDir;

const ABSENT: ContentHash = ContentHash([7; 32]);

fn contents(store: &Store) -> Vec<ContentHash> {
	store.list().into_iter().map(|blob| blob.content).collect()
}

fn small(bytes: u64) -> Limits {
	Limits { bytes, ..Default::default() }
}

#[test]
fn what_is_put_is_there_under_its_blake3_hash() {
	let Fixture { store, .. } = &Fixture::default();
	let content = store.put_bytes(b"abc").unwrap();
	assert_eq!(
		content.to_string(),
		"6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"
	);
	assert_eq!(store.stat(&content), Some(BlobStat { size: 3 }));
	assert_eq!(fs::read(store.path_if_present(&content).unwrap()).unwrap(), b"abc");
	let empty = store.put_bytes(b"").unwrap();
	assert_eq!(store.get_range(&empty, 0, 9).unwrap(), b"");
	assert_eq!(store.list().len(), 2);
	assert!(store.list().is_sorted_by_key(|blob| blob.content));
}

#[test]
fn paths_lead_to_blobs_from_any_directory() {
	let here = std::env::current_dir().unwrap();
	let dir = TempDir::new_in(&here).unwrap();
	let relative = dir.path().strip_prefix(&here).unwrap();
	let store = Store::open(relative, Limits::default()).unwrap();
	let content = store.put_bytes(b"abc").unwrap();
	assert!(store.path_if_present(&content).unwrap().starts_with(dir.path()));
}

#[test]
fn a_range_ends_with_the_blob_and_does_not_begin_past_it() {
	let Fixture { store, .. } = &Fixture::default();
	let content = store.put_bytes(b"0123456789").unwrap();
	assert_eq!(store.get_range(&content, 2, 3).unwrap(), b"234");
	assert_eq!(store.get_range(&content, 8, 100).unwrap(), b"89");
	assert_eq!(store.get_range(&content, 10, 1).unwrap(), b"");
	assert!(matches!(
		store.get_range(&content, 11, 1),
		Err(StoreError::WrongOffset { expected: 10, actual: 11 })
	));
	assert!(matches!(store.get_range(&ABSENT, 0, 1), Err(StoreError::NotFound(ABSENT))));
}

#[test]
fn blobs_are_there_after_a_restart_and_debris_is_not() {
	let mut fixture = Fixture::default();
	let content = fixture.store.put_bytes(b"abc").unwrap();
	fs::write(fixture.dir.path().join("complete/.tmp-x"), b"half of someth").unwrap();
	fs::write(fixture.dir.path().join("complete/readme"), b"not a blob").unwrap();
	fixture.restart();
	assert_eq!(contents(&fixture.store), [content]);
	assert_eq!(fixture.store.usage().bytes, 3);
	assert_eq!(fixture.files("complete"), [content.to_string(), "readme".into()]);
}

#[test]
fn a_full_store_says_so_and_keeps_what_it_has() {
	let Fixture { store, .. } = &Fixture::new(small(10));
	let content = store.put_bytes(b"0123456").unwrap();
	assert!(matches!(store.put_bytes(b"abcd"), Err(StoreError::Full { needed: 4, free: 3 })));
	assert_eq!(store.put_bytes(b"0123456").unwrap(), content);
	store.put_bytes(b"abc").unwrap();
	assert_eq!(store.usage().bytes, 10);
	store.remove(&content).unwrap();
	store.put_bytes(b"abcd").unwrap();
	assert_eq!(store.usage().reserved, 0);
}

#[test]
fn a_blob_over_the_limit_is_refused() {
	let limits = Limits { blob_bytes: 3, ..Default::default() };
	let Fixture { store, .. } = &Fixture::new(limits);
	let refused = store.put_bytes(b"abcd");
	assert!(matches!(refused, Err(StoreError::TooLarge { size: 4, limit: 3 })));
	let refused = store.append(&hash(b"abcd"), 4, 0, b"a");
	assert!(matches!(refused, Err(StoreError::TooLarge { size: 4, limit: 3 })));
	assert_eq!(store.usage().uploads, 0);
}

#[test]
fn a_full_disk_is_told_from_other_failures() {
	let error = File::options().write(true).open("/dev/full").unwrap().write(b"x").unwrap_err();
	assert!(matches!(StoreError::from(error), StoreError::DiskFull));
	let error = File::open("/nowhere").unwrap_err();
	assert!(matches!(StoreError::from(error), StoreError::Io(_)));
}

#[test]
fn what_is_removed_is_gone() {
	let mut fixture = Fixture::default();
	let content = fixture.store.put_bytes(b"abc").unwrap();
	fixture.store.remove(&content).unwrap();
	assert!(matches!(fixture.store.remove(&content), Err(StoreError::NotFound(_))));
	assert_eq!(fixture.store.usage().bytes, 0);
	fixture.restart();
	assert_eq!(contents(&fixture.store), []);
}

#[test]
fn a_file_that_somebody_removed_or_cut_is_not_there() {
	let Fixture { store, .. } = &Fixture::default();
	let gone = store.put_bytes(b"abc").unwrap();
	fs::remove_file(store.path_if_present(&gone).unwrap()).unwrap();
	assert_eq!(store.path_if_present(&gone), None);
	let cut = store.put_bytes(b"defg").unwrap();
	replace(store, &cut, b"de");
	assert_eq!(store.path_if_present(&cut), None);
	assert_eq!(store.usage().bytes, 0);
	// and it can come back
	store.put_bytes(b"defg").unwrap();
	assert_eq!(store.get_range(&cut, 0, 9).unwrap(), b"defg");
}

fn replace(store: &Store, content: &ContentHash, bytes: &[u8]) {
	let path = store.path_if_present(content).unwrap();
	fs::remove_file(&path).unwrap();
	fs::write(path, bytes).unwrap();
}

#[test]
fn a_damaged_blob_is_removed_when_it_is_rejected_and_a_good_one_is_not() {
	let Fixture { store, .. } = &Fixture::default();
	let (good, bad) = (store.put_bytes(b"good").unwrap(), store.put_bytes(b"bad!").unwrap());
	replace(store, &bad, b"evil");
	store.reject(&good);
	store.reject(&bad);
	store.reject(&ABSENT);
	assert_eq!(contents(store), [good]);
	assert!(store.verify(&good).unwrap());
}

#[test]
fn a_source_gives_a_file_only_of_the_size_asked_for() {
	let Fixture { store, .. } = &Fixture::default();
	let (content, now) = (store.put_bytes(b"abc").unwrap(), Instant::now());
	assert_eq!(fs::read(store.fetch(&content, 3, now).unwrap()).unwrap(), b"abc");
	let wrong = store.fetch(&content, 4, now);
	assert!(matches!(wrong, Err(BlobError::WrongSize { expected: 4, actual: 3, .. })));
	assert!(matches!(store.fetch(&ABSENT, 3, now), Err(BlobError::NotFound(ABSENT))));
}

#[test]
fn many_who_put_one_blob_at_a_time_all_succeed_and_it_counts_once() {
	let fixture = &Fixture::default();
	let bytes = vec![42; 1 << 20];
	let barrier = Barrier::new(8);
	thread::scope(|scope| {
		for _ in 0..8 {
			scope.spawn(|| {
				barrier.wait();
				assert_eq!(fixture.store.put_bytes(&bytes).unwrap(), hash(&bytes));
			});
		}
	});
	let usage = fixture.store.usage();
	assert_eq!((usage.blobs, usage.bytes, usage.reserved), (1, 1 << 20, 0));
	assert_eq!(fixture.files("complete"), [hash(&bytes).to_string()]);
}
