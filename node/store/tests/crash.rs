// SPDX-License-Identifier: Apache-2.0
//! A process that works on a store is killed at random moments, fifty times; what it leaves is
//! opened, looked at, and worked on by the next one.
//!
//! The process is this test itself, started again with a directory in its environment: it downloads
//! blobs in ranges, on two threads, puts, unpins and removes blobs, in a store that has no room for
//! all of them. In every third round, pages of unfinished downloads are overwritten with zeros
//! before the store is opened, as after a power cut.

use jurat_store::{ContentHash, Limits, RANGE, Store, StoreError, hash, range_count};
use std::{
	collections::{BTreeMap, BTreeSet},
	env,
	fs::{self, File},
	hash::{BuildHasher, RandomState},
	io::{BufRead, BufReader},
	os::unix::fs::FileExt,
	path::{Path, PathBuf},
	process::{Child, Command, Stdio},
	thread,
	time::Duration,
};
use tempfile::TempDir;

const ROUNDS: u64 = 50;
const DIR: &str = "JURAT_STORE_CRASH_DIR";
const SIZES: [u64; 6] = [1, 20_000, RANGE, 2 * RANGE + 1, 5 * RANGE + 12_345, 9 * RANGE - 1];
/// Small blobs that the child puts: they are pinned.
const PUT: u8 = 4;

/// Two downloads of the large blobs fit, not all.
fn limits() -> Limits {
	Limits { bytes: 16 * RANGE, in_use: Duration::ZERO, ..Default::default() }
}

fn content_of(size: u64) -> Vec<u8> {
	let mut bytes = vec![0; size as usize];
	blake3::Hasher::new_keyed(&[3; 32]).finalize_xof().fill(&mut bytes);
	bytes
}

fn small(number: u8) -> Vec<u8> {
	vec![number; 100_000]
}

/// Numbers that nobody foresees; which they were does not matter, since every moment has to be
/// survived.
fn random(below: u64) -> u64 {
	RandomState::new().hash_one(0u8) % below
}

/// Where the parent keeps the encoding of a range.
fn encoded_path(dir: &Path, content: &ContentHash, index: u64) -> PathBuf {
	dir.join("encoded").join(format!("{content}.{index}"))
}

/// Works until it is killed. Says on its standard output what is done for good.
fn work(dir: &Path) {
	let store = Store::open(dir.join("store"), limits()).unwrap();
	println!("open");
	thread::scope(|scope| {
		for _ in 0..2 {
			scope.spawn(|| {
				loop {
					let size = SIZES[random(SIZES.len() as u64) as usize];
					let content = hash(&content_of(size));
					download(dir, &store, &content, size);
					match random(8) {
						0 => drop(store.remove(&content)),
						1 => {
							let number = random(PUT.into()) as u8;
							if let Ok(content) = store.put_bytes(&small(number)) {
								println!("put {content}");
							}
						},
						_ => {},
					}
				}
			});
		}
	});
}

/// Brings what is missing, in any order.
fn download(dir: &Path, store: &Store, content: &ContentHash, size: u64) {
	let download = store.download(content, size).unwrap();
	let mut missing = download.missing();
	while !missing.is_empty() {
		let index = missing.swap_remove(random(missing.len() as u64) as usize);
		let encoded = fs::read(encoded_path(dir, content, index)).unwrap();
		match download.accept(index, &encoded) {
			Ok(_) => {},
			// The other thread holds the room.
			Err(StoreError::Full { .. }) => return,
			Err(error) => panic!("{content} {index}: {error}"),
		}
	}
	println!("complete {content}");
}

#[test]
fn a_process_killed_fifty_times_never_leaves_a_store_that_is_wrong() {
	if let Some(dir) = env::var_os(DIR) {
		return work(Path::new(&dir));
	}
	let dir = TempDir::new().unwrap();
	let blobs = prepare(dir.path());
	let mut seen = Seen::default();
	for round in 0..ROUNDS {
		let mut child = Kill(spawn(dir.path()));
		let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
		// The moments are counted from the time when it works, however busy the machine is.
		assert!(lines.any(|line| line.unwrap() == "open"), "the child never worked");
		let reader = thread::spawn(move || lines.map_while(Result::ok).collect::<Vec<_>>());
		thread::sleep(Duration::from_micros(random(40_000)));
		assert!(child.0.try_wait().unwrap().is_none(), "the child ended by itself");
		drop(child);
		let said = reader.join().unwrap();
		if round % 3 == 0 {
			lose_pages(dir.path());
		}
		check(dir.path(), &blobs, &said, &mut seen);
	}
	println!("{seen:?}");
	// The moments were such that there was something to be survived.
	assert!(seen.unfinished >= 5 && seen.resumed >= 5 && seen.complete >= 5, "{seen:?}");
}

#[derive(Debug, Default)]
struct Seen {
	/// Downloads found unfinished, with some of their ranges.
	unfinished: u64,
	/// Ranges that they had.
	resumed: u64,
	/// Blobs found complete.
	complete: u64,
	/// Blobs found pinned.
	pinned: u64,
}

/// Encodes all ranges of all blobs, as peers would.
fn prepare(dir: &Path) -> BTreeMap<ContentHash, Vec<u8>> {
	fs::create_dir(dir.join("encoded")).unwrap();
	let source = Store::open(dir.join("source"), Limits::default()).unwrap();
	let mut blobs = BTreeMap::new();
	for size in SIZES {
		let bytes = content_of(size);
		let content = source.put_bytes(&bytes).unwrap();
		for index in 0..range_count(size) {
			let encoded = source.encode_range(&content, size, index).unwrap();
			fs::write(encoded_path(dir, &content, index), encoded).unwrap();
		}
		blobs.insert(content, bytes);
	}
	for number in 0..PUT {
		blobs.insert(hash(&small(number)), small(number));
	}
	blobs
}

/// A child that does not outlive its round.
struct Kill(Child);

impl Drop for Kill {
	fn drop(&mut self) {
		// SIGKILL: it has no time for anything.
		self.0.kill().unwrap();
		self.0.wait().unwrap();
	}
}

fn spawn(dir: &Path) -> Child {
	Command::new(env::current_exe().unwrap())
		.args(["--exact", "--nocapture"])
		.arg("a_process_killed_fifty_times_never_leaves_a_store_that_is_wrong")
		.env(DIR, dir)
		.stdout(Stdio::piped())
		.spawn()
		.unwrap()
}

/// Overwrites a page in each file of the unfinished downloads.
fn lose_pages(dir: &Path) {
	let Ok(entries) = fs::read_dir(dir.join("store/downloads")) else { return };
	for entry in entries {
		let path = entry.unwrap().path();
		let pages = fs::metadata(&path).unwrap().len() / 4096;
		if pages > 0 {
			let file = File::options().write(true).open(&path).unwrap();
			file.write_all_at(&[0; 4096], random(pages) * 4096).unwrap();
		}
	}
}

fn check(dir: &Path, blobs: &BTreeMap<ContentHash, Vec<u8>>, said: &[String], seen: &mut Seen) {
	let store = Store::open(dir.join("store"), limits()).unwrap();
	let names = |folder: &str| -> BTreeSet<String> {
		let entries = fs::read_dir(dir.join("store").join(folder)).unwrap();
		entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
	};
	let list = store.list();

	// What bears a hash has it, and nothing else is there.
	let complete = list.iter().filter(|blob| blob.complete);
	let complete: BTreeSet<_> = complete.map(|blob| blob.content.to_string()).collect();
	assert_eq!(names("complete"), complete);
	for blob in list.iter().filter(|blob| blob.complete) {
		assert!(store.verify(&blob.content).unwrap());
		let read = store.get_range(&blob.content, 0, blob.size as usize).unwrap();
		assert_eq!(&read, &blobs[&blob.content]);
		seen.complete += 1;
		seen.pinned += u64::from(blob.pinned);
	}
	// What the child said to have put is pinned as long as it is there, and nothing drove it out.
	for content in said.iter().filter_map(|line| line.strip_prefix("put ")) {
		assert!(store.is_pinned(&content.parse().unwrap()), "{content}");
	}

	// The room that is taken is that of what is there.
	let usage = store.usage();
	let sum = |complete| {
		list.iter().filter(|blob| blob.complete == complete).map(|blob| blob.size).sum::<u64>()
	};
	assert_eq!((usage.bytes, usage.reserved), (sum(true), sum(false)));
	assert!(usage.bytes + usage.reserved <= usage.limit);

	// What is there of a download can be proven, and what is not comes again.
	for blob in list.iter().filter(|blob| !blob.complete) {
		let download = store.download(&blob.content, blob.size).unwrap();
		let missing = download.missing();
		for index in (0..range_count(blob.size)).filter(|index| !missing.contains(index)) {
			let expected = fs::read(encoded_path(dir, &blob.content, index)).unwrap();
			if !download.is_complete() {
				seen.resumed += 1;
			}
			let given = store.encode_range(&blob.content, blob.size, index).unwrap();
			assert_eq!(given, expected);
		}
		seen.unfinished += u64::from((missing.len() as u64) < range_count(blob.size));
		// Half of them are completed here, the others are left to the next child.
		if random(2) == 0 {
			for index in missing {
				let encoded = fs::read(encoded_path(dir, &blob.content, index)).unwrap();
				download.accept(index, &encoded).unwrap();
			}
			assert!(download.is_complete());
			assert!(store.verify(&blob.content).unwrap());
		}
	}

	// The next child has something to do.
	for blob in list.iter().filter(|_| random(2) == 0) {
		let _ = store.remove(&blob.content);
	}
}
