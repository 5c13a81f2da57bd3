// SPDX-License-Identifier: Apache-2.0
//! Room: what the store knows of its blobs, what they take, and which of them go when there is no
//! room for another.
//!
//! What goes, in this order, until there is room: downloads that nobody holds, and blobs that are
//! neither pinned nor kept, the least recently used first. Nothing goes that was used within
//! [`Limits::in_use`](crate::Limits::in_use), so that a path that was given is good for a while.
//! Who has the file open reads it to its end, since its name goes and not its bytes.

use crate::{
	StoreError,
	download::{DownloadKey, Partial},
	pins::Pins,
	store::{Inner, LOG_TARGET},
	upload::{Upload, UploadKey, remove_partial},
};
use jurat_primitives::ContentHash;
use parking_lot::Mutex;
use std::{
	collections::{BTreeMap, BTreeSet, HashMap},
	fs::{self, File},
	io,
	path::{Path, PathBuf},
	sync::Arc,
	time::{Duration, SystemTime},
};

/// The time of a use is written to disk when the one that is there is older than this.
const STALE: Duration = Duration::from_secs(60);

/// A complete blob.
#[derive(Clone, Copy)]
pub(crate) struct Blob {
	pub size: u64,
	/// Orders uses; of two, the later one has the larger number.
	turn: u64,
	pub last_used: SystemTime,
	/// The time of use that is on disk.
	written: SystemTime,
}

#[derive(Default)]
pub(crate) struct State {
	pub blobs: BTreeMap<ContentHash, Blob>,
	/// Sum of the sizes in `blobs`.
	pub bytes: u64,
	/// Kept free for uploads, downloads and blobs being written.
	pub reserved: u64,
	/// Blobs that made room for others since the store was opened.
	pub evicted: u64,
	pub uploads: HashMap<UploadKey, Arc<Mutex<Upload>>>,
	pub downloads: BTreeMap<DownloadKey, Arc<Partial>>,
	pub pins: Pins,
	/// What [`Store::set_kept`](crate::Store::set_kept) was given.
	pub kept: BTreeSet<ContentHash>,
	turn: u64,
}

impl State {
	pub fn free(&self, limit: u64) -> u64 {
		limit.saturating_sub(self.bytes).saturating_sub(self.reserved)
	}

	/// Takes room that is free, and drives out nothing.
	pub fn take_free(&mut self, size: u64, limit: u64) -> Result<(), StoreError> {
		let free = self.free(limit);
		if size > free {
			return Err(StoreError::Full { needed: size, free });
		}
		self.reserved += size;
		Ok(())
	}

	/// Whether so much room is free, or can be had.
	pub fn check_room(&self, inner: &Inner, size: u64) -> Result<(), StoreError> {
		let free = self.free(inner.limits.bytes);
		if size <= free {
			return Ok(());
		}
		let free = free.saturating_add(self.evictable(inner));
		if size > free { Err(StoreError::Full { needed: size, free }) } else { Ok(()) }
	}

	/// Takes room, after driving out what has to go for it. If even that is too little, everything
	/// stays. What went is to be dropped when the lock of the state no longer is held.
	pub fn take(&mut self, inner: &Inner, size: u64) -> Result<Trash, StoreError> {
		let limit = inner.limits.bytes;
		let mut trash = Trash::default();
		self.check_room(inner, size)?;
		if size > self.free(limit) {
			let needed = size - self.free(limit);
			let idle = |partial: &Partial| partial.is_older(inner.limits.in_use);
			trash = self.close_downloads(inner, needed, idle);
			self.evict(inner, size, &mut trash);
		}
		self.take_free(size, limit).map(|()| trash)
	}

	/// Gives room back.
	pub fn release(&mut self, size: u64) {
		self.reserved = self.reserved.saturating_sub(size);
	}

	/// A blob that was used just now, if it was not there.
	pub fn insert(&mut self, content: ContentHash, size: u64) {
		let now = SystemTime::now();
		self.insert_used(content, size, now);
	}

	/// A blob that was used last at this time, later than all that are there.
	pub fn insert_used(&mut self, content: ContentHash, size: u64, used: SystemTime) {
		self.turn += 1;
		let blob = Blob { size, turn: self.turn, last_used: used, written: used };
		if self.blobs.insert(content, blob).is_none() {
			self.bytes += size;
		}
	}

	/// A blob is used: it goes after all others. Whether the time is to be written to disk.
	pub fn touch(&mut self, content: &ContentHash) -> Option<bool> {
		let blob = self.blobs.get_mut(content)?;
		self.turn += 1;
		blob.turn = self.turn;
		blob.last_used = SystemTime::now();
		let stale = blob.last_used.duration_since(blob.written).map_or(true, |age| age >= STALE);
		if stale {
			blob.written = blob.last_used;
		}
		Some(stale)
	}

	pub fn forget(&mut self, content: &ContentHash) {
		if let Some(blob) = self.blobs.remove(content) {
			self.bytes = self.bytes.saturating_sub(blob.size);
		}
	}

	/// Whether a blob may go.
	fn may_go(&self, inner: &Inner, content: &ContentHash, blob: &Blob) -> bool {
		// After the clock was set back, a use in the future is a recent one.
		let in_use = blob.last_used.elapsed().map_or(true, |age| age < inner.limits.in_use);
		!in_use && !self.pins.contains(content) && !self.kept.contains(content)
	}

	fn idle_downloads<'a>(
		&'a self,
		idle: impl Fn(&Partial) -> bool + 'a,
	) -> impl Iterator<Item = (&'a DownloadKey, &'a Arc<Partial>)> {
		// Who holds a download holds a second reference; new ones are made under the lock only.
		let unheld = |partial: &Arc<Partial>| Arc::strong_count(partial) == 1;
		self.downloads.iter().filter(move |(_, partial)| unheld(partial) && idle(partial))
	}

	/// Bytes of all that may go.
	fn evictable(&self, inner: &Inner) -> u64 {
		let blobs = self.blobs.iter().filter(|(content, blob)| self.may_go(inner, content, blob));
		let blobs: u64 = blobs.map(|(_, blob)| blob.size).sum();
		let downloads = self
			.idle_downloads(|partial| partial.is_older(inner.limits.in_use))
			.filter(|(_, partial)| partial.has_room() == Some(true));
		downloads.map(|((_, size), _)| *size).sum::<u64>().saturating_add(blobs)
	}

	/// Ends downloads that nobody holds and that are as is said, the oldest first, until so much
	/// room is free.
	pub fn close_downloads(
		&mut self,
		inner: &Inner,
		needed: u64,
		idle: impl Fn(&Partial) -> bool,
	) -> Trash {
		let mut trash = Trash::default();
		let mut idle: Vec<_> =
			self.idle_downloads(idle).map(|(key, partial)| (partial.touched(), *key)).collect();
		idle.sort();
		let mut freed: u64 = 0;
		for (_, key) in idle {
			if freed >= needed {
				break;
			}
			freed = freed.saturating_add(self.close_download(inner, key, &mut trash));
		}
		trash
	}

	/// Ends downloads of a blob that is there, if nobody holds them.
	pub fn close_downloads_of(&mut self, inner: &Inner, content: &ContentHash, trash: &mut Trash) {
		let keys: Vec<_> = self
			.idle_downloads(|_| true)
			.map(|(key, _)| *key)
			.filter(|(of, _)| of == content)
			.collect();
		for key in keys {
			self.close_download(inner, key, trash);
		}
	}

	/// Ends a download. The room that it had.
	pub fn close_download(&mut self, inner: &Inner, key: DownloadKey, trash: &mut Trash) -> u64 {
		let Some(had_room) = self.downloads.get(&key).and_then(|partial| partial.close()) else {
			return 0;
		};
		self.downloads.remove(&key);
		if !had_room {
			return 0;
		}
		self.release(key.1);
		for path in inner.partial_paths(&key) {
			trash.take_or_warn(inner, &path);
		}
		key.1
	}

	/// Drives out blobs until so much room is free, or none is left that may go.
	fn evict(&mut self, inner: &Inner, size: u64, trash: &mut Trash) {
		if self.free(inner.limits.bytes) >= size {
			return;
		}
		let mut candidates: Vec<_> = self
			.blobs
			.iter()
			.filter(|(content, blob)| self.may_go(inner, content, blob))
			.map(|(content, blob)| (blob.turn, *content))
			.collect();
		candidates.sort();
		for (_, content) in candidates {
			if self.free(inner.limits.bytes) >= size {
				break;
			}
			// A file that cannot be moved still takes its room, and the blob is as good as before.
			if let Err(error) = trash.take(inner, &inner.blob_path(&content)) {
				log::warn!(target: LOG_TARGET, "blob {content} cannot be removed: {error}");
				continue;
			}
			trash.take_or_warn(inner, &inner.pairs_path(&content));
			self.forget(&content);
			self.evicted += 1;
			log::debug!(target: LOG_TARGET, "blob {content} makes room for another");
		}
	}
}

/// Files that lost their names. Their bytes go when it is dropped, which takes a while.
#[derive(Default)]
pub(crate) struct Trash(Vec<PathBuf>);

impl Trash {
	/// Takes a file's name away, if it is there.
	pub fn take(&mut self, inner: &Inner, path: &Path) -> io::Result<()> {
		let away = inner.trash_path();
		match fs::rename(path, &away) {
			Ok(()) => self.0.push(away),
			Err(error) if error.kind() == io::ErrorKind::NotFound => {},
			Err(error) => return Err(error),
		}
		Ok(())
	}

	/// The same where a file that stays is no harm but to the log.
	fn take_or_warn(&mut self, inner: &Inner, path: &Path) {
		if let Err(error) = self.take(inner, path) {
			log::warn!(target: LOG_TARGET, "{}: {error}", path.display());
		}
	}
}

impl Drop for Trash {
	fn drop(&mut self) {
		self.0.iter().for_each(|path| remove_partial(path));
	}
}

impl Inner {
	/// Takes room, and drives out what has to go for it.
	pub fn reserve(&self, size: u64) -> Result<Reservation<'_>, StoreError> {
		let taken = self.state.lock().take(self, size);
		// What went is removed without the lock.
		taken.map(drop).map(|()| Reservation { inner: self, size })
	}

	/// Writes the time of a use to disk: as the time of the last change of a file that never
	/// changes.
	pub fn write_use(&self, path: &Path) {
		let written = File::open(path).and_then(|file| file.set_modified(SystemTime::now()));
		if let Err(error) = written {
			log::debug!(target: LOG_TARGET, "{}: {error}", path.display());
		}
	}
}

/// Room for a blob that is being written; given back when dropped.
pub(crate) struct Reservation<'a> {
	inner: &'a Inner,
	size: u64,
}

impl Reservation<'_> {
	/// Bytes that it is for.
	pub fn size(&self) -> u64 {
		self.size
	}

	/// Takes more room, and drives out what has to go for it.
	pub fn grow(&mut self, by: u64) -> Result<(), StoreError> {
		let more = self.inner.reserve(by)?;
		self.size += more.size;
		more.keep();
		Ok(())
	}

	/// The room stays taken; who keeps it gives it back.
	pub fn keep(self) {
		std::mem::forget(self);
	}
}

impl Drop for Reservation<'_> {
	fn drop(&mut self) {
		self.inner.state.lock().release(self.size);
	}
}
