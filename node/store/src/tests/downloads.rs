// SPDX-License-Identifier: Apache-2.0
//! Downloads: wrong ranges, restarts, company, and what a disk does.

use super::{Fixture, bytes, transfer};
use crate::{Accepted, ContentHash, Limits, StoreError, encoded_length, hash, range_count};
use proptest::prelude::*;
use std::{
	fs::{self, File},
	os::unix::fs::FileExt,
	path::PathBuf,
	sync::Barrier,
	thread,
	time::Duration,
};

const MIB: u64 = 1 << 20;

/// A blob in a store of its own, and another store that wants it.
struct Pair {
	from: Fixture,
	to: Fixture,
	bytes: Vec<u8>,
	content: ContentHash,
	size: u64,
}

impl Pair {
	fn new(size: u64) -> Self {
		Self::limited(size, Limits::default())
	}

	fn limited(size: u64, limits: Limits) -> Self {
		let (from, to) = (Fixture::default(), Fixture::new(limits));
		let bytes = bytes(size);
		let content = from.store.put_bytes(&bytes).unwrap();
		Self { from, to, bytes, content, size }
	}

	fn encoded(&self, index: u64) -> Vec<u8> {
		self.from.store.encode_range(&self.content, self.size, index).unwrap()
	}

	/// Accepts these ranges.
	fn accept(&self, indices: impl IntoIterator<Item = u64>) {
		let download = self.to.store.download(&self.content, self.size).unwrap();
		for index in indices {
			download.accept(index, &self.encoded(index)).unwrap();
		}
	}

	fn missing(&self) -> Vec<u64> {
		self.to.store.download(&self.content, self.size).unwrap().missing()
	}

	/// The file of the download.
	fn data(&self) -> PathBuf {
		self.to.dir.path().join(format!("downloads/{}.{}", self.content, self.size))
	}

	fn pairs(&self) -> PathBuf {
		self.data().with_extension(format!("{}.tree", self.size))
	}

	/// Brings what is missing, and looks at the blob.
	fn complete(&self) {
		self.accept(self.missing());
		let read = self.to.store.get_range(&self.content, 0, self.bytes.len()).unwrap();
		assert_eq!(read, self.bytes);
		assert_eq!(self.to.store.usage().reserved, 0);
		assert!(self.to.files("downloads").is_empty());
	}
}

fn overwrite(path: PathBuf, offset: u64, bytes: &[u8]) {
	File::options().write(true).open(path).unwrap().write_all_at(bytes, offset).unwrap();
}

/// Each is refused, and then the right ones are taken.
fn each_is_refused(pair: &Pair, index: u64, wrong: impl IntoIterator<Item = Vec<u8>>) {
	let download = pair.to.store.download(&pair.content, pair.size).unwrap();
	let missing = download.missing();
	let mut refused = 0;
	for wrong in wrong {
		let result = download.accept(index, &wrong);
		assert!(matches!(result, Err(StoreError::InvalidRange { index: of }) if of == index));
		refused += 1;
	}
	assert!(refused > 0);
	assert_eq!(download.missing(), missing);
	// No room is taken, and nothing is written.
	assert_eq!(pair.to.store.usage().reserved, 0);
	assert!(pair.to.files("downloads").is_empty());
}

#[test]
fn every_wrong_byte_of_a_small_blob_is_refused() {
	for size in [1, 1025, 16_385, 40_000] {
		let pair = Pair::new(size);
		let encoded = pair.encoded(0);
		let flipped = (0..encoded.len()).map(|at| {
			let mut wrong = encoded.clone();
			wrong[at] ^= 1 << (at % 8);
			wrong
		});
		each_is_refused(&pair, 0, flipped);
		pair.complete();
	}
}

#[test]
fn a_wrong_byte_anywhere_costs_its_range_only() {
	let pair = Pair::new(3 * MIB + 20_000);
	for index in 0..4 {
		let encoded = pair.encoded(index);
		// Every hash on the way down, and bytes all over the groups and their inner hashes.
		let places = (0..256).chain((256..encoded.len()).step_by(8_191)).chain([encoded.len() - 1]);
		let flipped = places.filter(|at| *at < encoded.len()).map(|at| {
			let mut wrong = encoded.clone();
			wrong[at] = !wrong[at];
			wrong
		});
		each_is_refused(&pair, index, flipped);
	}
	// The others come as if nothing had happened.
	pair.accept([1, 3]);
	let download = pair.to.store.download(&pair.content, pair.size).unwrap();
	let mut wrong = pair.encoded(2);
	wrong[700_000] ^= 1;
	assert!(matches!(download.accept(2, &wrong), Err(StoreError::InvalidRange { index: 2 })));
	assert_eq!(download.missing(), [0, 2]);
	pair.complete();
}

#[test]
fn an_encoding_of_another_length_or_place_or_blob_is_refused() {
	let pair = Pair::new(2 * MIB + 5_000);
	let other = Pair::new(2 * MIB + 5_000 + 1);
	for index in 0..3 {
		let encoded = pair.encoded(index);
		let cut = [0, 1, 63, 64, 65, encoded.len() / 2, encoded.len() - 1];
		let cut = cut.into_iter().map(|length| encoded[..length].to_vec());
		let longer = [&encoded[..], &[0]].concat();
		let zeros = vec![0; encoded.len()];
		let elsewhere = pair.encoded((index + 1) % 2);
		let foreign = other.encoded(index);
		each_is_refused(&pair, index, cut.chain([longer, zeros, elsewhere, foreign]));
	}
	let download = pair.to.store.download(&pair.content, pair.size).unwrap();
	for index in [3, u64::MAX] {
		let past = download.accept(index, &pair.encoded(0));
		assert!(matches!(past, Err(StoreError::NoSuchRange { ranges: 3, .. })));
	}
	drop(download);
	pair.complete();
}

#[test]
fn a_download_of_a_wrong_size_never_completes() {
	let pair = Pair::new(2 * MIB + 5_000);
	for wrong in [0, 1, MIB, pair.size - 1, pair.size + 1, pair.size + MIB, 3 * MIB] {
		let download = pair.to.store.download(&pair.content, wrong).unwrap();
		for index in 0..range_count(wrong) {
			let last = index + 1 == range_count(wrong);
			// Whatever is given, also filled up to the length that is right for the wrong size.
			let mut encoded = pair.encoded(index.min(2));
			encoded.resize(encoded_length(wrong, index).unwrap(), 0);
			let result = download.accept(index, &encoded);
			if last {
				assert!(matches!(result, Err(StoreError::InvalidRange { .. })), "{wrong}");
			}
		}
		assert!(!download.is_complete());
		download.discard().unwrap();
	}
	assert!(pair.to.store.list().is_empty());
	// Nobody who believed in a wrong size is in the way.
	pair.complete();
	let late = pair.to.store.download(&pair.content, 5);
	assert!(matches!(late, Err(StoreError::WrongSize { expected: 5, .. })));
}

#[test]
fn a_blob_over_the_limit_is_not_even_begun() {
	let limits = Limits { blob_bytes: 10, ..Default::default() };
	let Fixture { store, .. } = &Fixture::new(limits);
	for size in [11, u64::MAX] {
		let refused = store.download(&hash(b"x"), size);
		assert!(matches!(refused, Err(StoreError::TooLarge { limit: 10, .. })));
	}
	assert_eq!(store.usage().downloads, 0);
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(48))]

	/// At whatever point it stops, however often, and whatever of it the disk forgot.
	#[test]
	fn a_download_goes_on_with_what_is_really_there(
		size in 0..6 * MIB,
		steps in proptest::collection::vec(
			(any::<prop::sample::Index>(), any::<bool>(), 0..4u8), 1..10,
		),
	) {
		let mut pair = Pair::new(size);
		let mut left: Vec<u64> = (0..range_count(size)).collect();
		for (index, restart, harm) in steps {
			if left.is_empty() {
				break;
			}
			let at = index.index(left.len());
			let range = left.remove(at);
			pair.accept([range]);
			if restart {
				let lost = match harm {
					// A page of the data that never reached the disk.
					0 if size > 0 && !left.is_empty() => {
						overwrite(pair.data(), range * MIB, &[0; 1]);
						pair.bytes[(range * MIB) as usize] != 0
					},
					// Everything but the names.
					1 if size > 0 && !left.is_empty() => {
						for path in [pair.data(), pair.pairs()] {
							File::options().write(true).open(path).unwrap().set_len(0).unwrap();
						}
						left = (0..range_count(size)).collect();
						false
					},
					_ => false,
				};
				if lost {
					left.push(range);
					left.sort();
				}
				pair.to.restart();
			}
			prop_assert_eq!(pair.missing(), left.clone());
		}
		pair.complete();
	}
}

#[test]
fn a_download_stopped_between_its_last_range_and_its_name_completes_when_it_goes_on() {
	let mut pair = Pair::new(2 * MIB + 1);
	let third = Fixture::default();
	transfer(&pair.from.store, &third.store, &pair.content, pair.size);
	fs::copy(third.dir.path().join(format!("complete/{}", pair.content)), pair.data()).unwrap();
	fs::copy(third.dir.path().join(format!("trees/{}", pair.content)), pair.pairs()).unwrap();
	pair.to.restart();
	assert_eq!(pair.to.store.usage().reserved, pair.size);
	assert!(pair.to.store.download(&pair.content, pair.size).unwrap().is_complete());
	pair.complete();
}

#[test]
fn what_an_earlier_process_left_is_never_believed() {
	let mut pair = Pair::new(2 * MIB + 20_000);
	// Bytes of the right length, with pairs that were made for them.
	let evil = Fixture::default();
	let other = vec![1; pair.size as usize];
	let wrong = evil.store.put_bytes(&other).unwrap();
	evil.store.encode_range(&wrong, pair.size, 0).unwrap();
	fs::write(pair.data(), &other).unwrap();
	fs::copy(evil.dir.path().join(format!("trees/{wrong}")), pair.pairs()).unwrap();
	pair.to.restart();
	assert_eq!(pair.missing(), [0, 1, 2]);
	pair.complete();
}

#[test]
fn a_restart_drops_what_is_no_download_and_what_is_over_the_limits() {
	let mut pair = Pair::new(2 * MIB);
	pair.accept([0]);
	let stray = pair.to.dir.path().join("downloads");
	fs::write(stray.join("readme"), b"x").unwrap();
	fs::write(stray.join(format!("{}.9.tree", pair.content)), b"x").unwrap();
	fs::write(stray.join(format!("{}.9", hash(b"long"))), b"longer than nine").unwrap();
	pair.to.restart();
	assert_eq!(pair.to.files("downloads").len(), 2);
	assert_eq!(pair.missing(), [1]);
	pair.to.limits.bytes = MIB;
	pair.to.restart();
	assert!(pair.to.files("downloads").is_empty());
	assert_eq!(pair.to.store.usage().reserved, 0);
}

#[test]
fn an_unfinished_download_gives_what_it_has() {
	let pair = Pair::new(3 * MIB + 7);
	pair.accept([1, 3]);
	let give = |index| pair.to.store.encode_range(&pair.content, pair.size, index);
	for index in [1, 3] {
		assert_eq!(give(index).unwrap(), pair.encoded(index));
	}
	assert!(matches!(give(0), Err(StoreError::RangeMissing { index: 0, .. })));
	let other_size = pair.to.store.encode_range(&pair.content, pair.size + 1, 1);
	assert!(matches!(other_size, Err(StoreError::NotFound(_))));
	// What the disk made of a range is not given, and comes again.
	overwrite(pair.data(), MIB + 5, &[pair.bytes[MIB as usize + 5] ^ 1]);
	assert!(matches!(give(1), Err(StoreError::RangeMissing { index: 1, .. })));
	assert_eq!(pair.missing(), [0, 1, 2]);
	let info = pair.to.store.list();
	assert_eq!((info.len(), info[0].complete, info[0].received), (1, false, MIB));
	pair.complete();
}

#[test]
fn a_range_that_rots_before_the_last_one_comes_is_found_and_comes_again() {
	let pair = Pair::new(3 * MIB);
	pair.accept([0, 1]);
	overwrite(pair.data(), 77, &[pair.bytes[77] ^ 1]);
	let download = pair.to.store.download(&pair.content, pair.size).unwrap();
	let refused = download.accept(2, &pair.encoded(2));
	assert!(matches!(refused, Err(StoreError::Damaged(of)) if of == pair.content));
	assert!(!download.is_complete());
	assert_eq!(pair.to.store.stat(&pair.content), None);
	assert_eq!(download.missing(), [0]);
	let last = download.accept(0, &pair.encoded(0)).unwrap();
	assert_eq!(last, Accepted { new: true, complete: true });
	pair.complete();
}

#[test]
fn a_complete_blob_that_rots_is_not_given_but_removed() {
	let pair = Pair::new(2 * MIB);
	pair.complete();
	let Fixture { store, dir, .. } = &pair.to;
	// Pairs that rot are made anew.
	overwrite(dir.path().join(format!("trees/{}", pair.content)), 10, &[1; 20]);
	assert_eq!(store.encode_range(&pair.content, pair.size, 1).unwrap(), pair.encoded(1));
	fs::remove_file(dir.path().join(format!("trees/{}", pair.content))).unwrap();
	assert_eq!(store.encode_range(&pair.content, pair.size, 1).unwrap(), pair.encoded(1));
	// Bytes cannot be.
	let path = store.path_if_present(&pair.content).unwrap();
	let mut bytes = pair.bytes.clone();
	bytes[7] ^= 1;
	fs::remove_file(&path).unwrap();
	fs::write(&path, bytes).unwrap();
	assert_eq!(store.encode_range(&pair.content, pair.size, 1).unwrap(), pair.encoded(1));
	let damaged = store.encode_range(&pair.content, pair.size, 0);
	assert!(matches!(damaged, Err(StoreError::Damaged(_))));
	assert!(store.list().is_empty());
	assert!(pair.to.files("complete").is_empty() && pair.to.files("trees").is_empty());
	pair.complete();
}

#[test]
fn many_who_bring_ranges_at_a_time_complete_the_blob_once() {
	for round in 0..8 {
		let pair = &Pair::new(5 * MIB + 3);
		let encoded: &Vec<_> = &(0..6).map(|index| pair.encoded(index)).collect();
		let barrier = &Barrier::new(6);
		let (new, complete): (Vec<_>, Vec<_>) = thread::scope(|scope| {
			let threads: Vec<_> = (0..6)
				.map(|thread| {
					scope.spawn(move || {
						let download = pair.to.store.download(&pair.content, pair.size).unwrap();
						barrier.wait();
						let mut results = Vec::new();
						for step in 0..6 {
							let index = (step * (1 + round % 5) + thread) % 6;
							let accepted = download.accept(index as u64, &encoded[index]).unwrap();
							results.push((accepted.new, accepted.complete));
						}
						// One of the ranges may not be there yet: 6 and the step may have a
						// divisor.
						for index in download.missing() {
							download.accept(index, &encoded[index as usize]).unwrap();
						}
						assert!(download.is_complete());
						results
					})
				})
				.collect();
			threads.into_iter().flat_map(|thread| thread.join().unwrap()).unzip()
		});
		assert!(new.iter().filter(|new| **new).count() <= 6);
		assert!(complete.iter().any(|complete| *complete));
		pair.complete();
		let usage = pair.to.store.usage();
		assert_eq!((usage.blobs, usage.bytes, usage.downloads), (1, pair.size, 0));
	}
}

#[test]
fn a_download_takes_its_room_with_its_first_range() {
	let pair = Pair::limited(3 * MIB, Limits { bytes: 4 * MIB, ..Default::default() });
	let store = &pair.to.store;
	let download = store.download(&pair.content, pair.size).unwrap();
	assert_eq!(store.usage().reserved, 0);
	assert!(pair.to.files("downloads").is_empty());
	let large = store.put_bytes(&bytes(2 * MIB)).unwrap();
	let full = download.accept(0, &pair.encoded(0));
	assert!(matches!(full, Err(StoreError::Full { needed, free })
		if needed == 3 * MIB && free == 2 * MIB));
	assert_eq!(download.missing(), [0, 1, 2]);
	store.remove(&large).unwrap();
	download.accept(0, &pair.encoded(0)).unwrap();
	assert_eq!(store.usage().reserved, 3 * MIB);
	let full = store.put_bytes(&bytes(2 * MIB));
	assert!(matches!(full, Err(StoreError::Full { free: MIB, .. })));
	pair.complete();
}

/// A device on which nothing has room takes the place of the file.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_the_download_goes_on_when_there_is_room() {
	let pair = Pair::new(2 * MIB);
	std::os::unix::fs::symlink("/dev/full", pair.pairs()).unwrap();
	let download = pair.to.store.download(&pair.content, pair.size).unwrap();
	let full = download.accept(0, &pair.encoded(0));
	assert!(matches!(full, Err(StoreError::DiskFull)), "{full:?}");
	assert_eq!(download.missing(), [0, 1]);
	drop(download);
	fs::remove_file(pair.pairs()).unwrap();
	let mut pair = pair;
	pair.to.restart();
	pair.complete();
}

#[test]
fn downloads_are_bounded_in_number_and_those_that_hold_nothing_are_none() {
	let limits = Limits { downloads: 2, ..Default::default() };
	let pair = Pair::limited(2 * MIB, limits);
	let store = &pair.to.store;
	// Asked for and dropped: nobody has these.
	for nobody in 0..10u8 {
		store.download(&hash(&[nobody]), 5).unwrap();
	}
	assert_eq!(store.usage().downloads, 0);
	pair.accept([0]);
	let second = store.download(&hash(b"second"), 5).unwrap();
	let third = store.download(&hash(b"third"), 5);
	assert!(matches!(third, Err(StoreError::TooManyDownloads { limit: 2 })));
	drop(second);
	store.download(&hash(b"third"), 5).unwrap();
	// The one that was begun is not in question.
	assert_eq!(pair.missing(), [1]);
}

#[test]
fn a_download_that_is_discarded_leaves_nothing_and_can_begin_again() {
	let pair = Pair::new(2 * MIB);
	pair.accept([0]);
	let other = pair.to.store.download(&pair.content, pair.size).unwrap();
	pair.to.store.download(&pair.content, pair.size).unwrap().discard().unwrap();
	let refused = other.accept(1, &pair.encoded(1));
	assert!(matches!(refused, Err(StoreError::Discarded(_))));
	assert!(pair.to.files("downloads").is_empty());
	assert_eq!(pair.to.store.usage().reserved, 0);
	assert_eq!(pair.missing(), [0, 1]);
	// Who still holds the old one is not in the way of the new one.
	drop(other);
	pair.complete();
}

#[test]
fn a_download_without_ranges_expires_when_nobody_holds_it() {
	let limits = Limits { download_expiry: Duration::ZERO, ..Default::default() };
	let pair = Pair::limited(2 * MIB, limits);
	let download = pair.to.store.download(&pair.content, pair.size).unwrap();
	download.accept(0, &pair.encoded(0)).unwrap();
	pair.to.store.expire_downloads();
	assert_eq!(download.missing(), [1]);
	drop(download);
	pair.to.store.expire_downloads();
	assert_eq!(pair.to.store.usage().reserved, 0);
	assert!(pair.to.files("downloads").is_empty());
}

#[test]
fn a_blob_that_comes_another_way_ends_its_download() {
	let pair = Pair::new(2 * MIB);
	pair.accept([0]);
	pair.to.store.put_bytes(&pair.bytes).unwrap();
	assert_eq!(pair.to.store.usage().reserved, 0);
	assert!(pair.to.files("downloads").is_empty());
	// Also when somebody holds it, as soon as he does not.
	pair.to.store.remove(&pair.content).unwrap();
	let download = pair.to.store.download(&pair.content, pair.size).unwrap();
	download.accept(0, &pair.encoded(0)).unwrap();
	pair.to.store.put_bytes(&pair.bytes).unwrap();
	drop(download);
	assert_eq!(pair.to.store.usage().reserved, 0);
	pair.complete();
}
