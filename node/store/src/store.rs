// SPDX-License-Identifier: Apache-2.0
//! The store: blobs, their index, and the space they take.

use crate::{
	Limits, RANGE, StoreError, hash,
	pins::Pins,
	ranges::MAX_SIZE,
	room::{Blob, Reservation, State, Trash},
	upload::remove_partial,
};
use jurat_primitives::ContentHash;
use parking_lot::Mutex;
use std::{
	fs::{self, File},
	io::{self, Read, Seek, SeekFrom, Write},
	path::{Path, PathBuf},
	sync::{
		Arc,
		atomic::{AtomicU64, Ordering},
	},
	time::SystemTime,
};

pub(crate) const LOG_TARGET: &str = "blobs";

const BLOBS: &str = "complete";
const TREES: &str = "trees";
const UPLOADS: &str = "uploads";
const DOWNLOADS: &str = "downloads";
const PINS: &str = "pins";
const TEMPORARY: &str = ".tmp-";

/// Bytes read from disk at a time.
pub(crate) const BUFFER: usize = 256 * 1024;

/// What is known of a blob without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobStat {
	/// Its size in bytes.
	pub size: u64,
}

/// A blob in the list of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobInfo {
	/// Its hash.
	pub content: ContentHash,
	/// Its size in bytes; while it is not complete, the size that is believed.
	pub size: u64,
	/// Bytes that are there.
	pub received: u64,
	/// Whether it is a blob; if not, it is a download.
	pub complete: bool,
	/// Whether it stays until it is unpinned.
	pub pinned: bool,
	/// Whether [`Store::set_kept`] names it.
	pub kept: bool,
	/// When it was used last, or last got a range.
	pub last_used: SystemTime,
}

/// How full a store is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
	/// Complete blobs.
	pub blobs: u64,
	/// Their bytes.
	pub bytes: u64,
	/// Open uploads.
	pub uploads: u64,
	/// Downloads that are not complete.
	pub downloads: u64,
	/// Bytes kept free for what is being written.
	pub reserved: u64,
	/// Blobs that made room for others since the store was opened.
	pub evicted: u64,
	/// Bytes that blobs and reservations may come to.
	pub limit: u64,
}

/// Blobs on disk, each under its BLAKE3 hash. Cheap to clone; all calls block on the disk.
#[derive(Clone)]
pub struct Store {
	pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
	dir: PathBuf,
	pub limits: Limits,
	/// Held for look-ups and while files get or lose their names, so that names and state agree;
	/// never while bytes are read, written, synced or removed.
	pub state: Mutex<State>,
	/// Held by the one who reads a blob to find its pairs.
	pub building: Mutex<()>,
	/// The version of the pins that is on disk.
	pub pins_written: Mutex<Option<u64>>,
	trashed: AtomicU64,
}

impl Store {
	/// The store in this directory, which is made if it is not there. What an earlier process left
	/// half-written is removed; uploads and downloads that are still fresh are kept.
	pub fn open(dir: impl AsRef<Path>, limits: Limits) -> Result<Self, StoreError> {
		let inner = Inner {
			// Absolute: paths of blobs are given to processes with another working directory.
			dir: std::path::absolute(dir)?,
			limits,
			state: Default::default(),
			building: Default::default(),
			pins_written: Default::default(),
			trashed: AtomicU64::new(0),
		};
		for folder in [BLOBS, TREES, UPLOADS, DOWNLOADS] {
			fs::create_dir_all(inner.dir.join(folder))?;
		}
		let mut found = Vec::new();
		for entry in fs::read_dir(inner.dir.join(BLOBS))? {
			let entry = entry?;
			let Ok(name) = entry.file_name().into_string() else { continue };
			if name.starts_with(TEMPORARY) {
				fs::remove_file(entry.path())?;
			} else if let Some(content) = parse_blob_name(&name)
				&& entry.file_type()?.is_file()
			{
				let metadata = entry.metadata()?;
				found.push((metadata.modified()?, content, metadata.len()));
			}
		}
		// In the order of their last uses.
		found.sort();
		let mut state = State::default();
		for (used, content, size) in found {
			state.insert_used(content, size, used);
		}
		for entry in fs::read_dir(inner.dir.join(TREES))? {
			let entry = entry?;
			let content = entry.file_name().to_str().and_then(parse_blob_name);
			if !content.is_some_and(|content| state.blobs.contains_key(&content)) {
				remove_partial(&entry.path());
			}
		}
		state.pins = match inner.read_pins()? {
			Some(pins) => pins,
			// Before there were pins nothing was driven out, and it stays so for what is there.
			None => {
				let mut pins = Pins::default();
				state.blobs.keys().for_each(|content| pins.set(*content, true));
				pins
			},
		};
		let blobs = &state.blobs;
		state.pins.retain(|content| blobs.contains_key(content));
		inner.adopt_uploads(&mut state)?;
		inner.adopt_downloads(&mut state)?;
		*inner.state.lock() = state;
		inner.write_pins()?;
		Ok(Self { inner: Arc::new(inner) })
	}

	/// Takes a blob, and pins it.
	pub fn put_bytes(&self, bytes: &[u8]) -> Result<ContentHash, StoreError> {
		let content = hash(bytes);
		let size = bytes.len() as u64;
		self.inner.check_blob_size(size)?;
		if !self.inner.pin_if_present(&content)? {
			let reservation = self.inner.reserve(size)?;
			let mut file = self.inner.temporary()?;
			file.write_all(bytes)?;
			self.inner.commit_temporary(file, &content, reservation)?;
		}
		Ok(content)
	}

	/// What is known of a blob; `None` if it is not here.
	pub fn stat(&self, content: &ContentHash) -> Option<BlobStat> {
		self.inner.state.lock().blobs.get(content).map(|blob| BlobStat { size: blob.size })
	}

	/// The file that holds a blob, if it is here. For reading only. This is a use of the blob: for
	/// a while ([`Limits::in_use`]) it does not go to make room; and who has opened the file reads
	/// it to its end even then.
	pub fn path_if_present(&self, content: &ContentHash) -> Option<PathBuf> {
		self.open_blob(content).ok()?;
		let stale = self.inner.state.lock().touch(content)?;
		let path = self.inner.blob_path(content);
		if stale {
			self.inner.write_use(&path);
		}
		Some(path)
	}

	/// Opens a blob for reading, which is no use of it.
	pub(crate) fn open_blob(&self, content: &ContentHash) -> Result<File, StoreError> {
		let absent = || StoreError::NotFound(*content);
		let size = self.stat(content).ok_or_else(absent)?.size;
		let file = match File::open(self.inner.blob_path(content)) {
			Ok(file) if file.metadata()?.len() == size => return Ok(file),
			Ok(file) => Some(file),
			Err(error) if error.kind() == io::ErrorKind::NotFound => None,
			Err(error) => return Err(error.into()),
		};
		// Somebody else removed or cut the file: it is no longer here.
		drop(file);
		self.inner.state.lock().forget(content);
		Err(absent())
	}

	/// At most `length` bytes of a blob, from `offset`; fewer at its end. Since everybody may ask a
	/// node for them, this is no use of the blob: nobody keeps one here by reading it.
	pub fn get_range(
		&self,
		content: &ContentHash,
		offset: u64,
		length: usize,
	) -> Result<Vec<u8>, StoreError> {
		let mut file = self.open_blob(content)?;
		let size = file.metadata()?.len();
		if offset > size {
			return Err(StoreError::WrongOffset { expected: size, actual: offset });
		}
		file.seek(SeekFrom::Start(offset))?;
		let length = (size - offset).min(length as u64);
		let mut bytes = Vec::with_capacity(length as usize);
		file.take(length).read_to_end(&mut bytes)?;
		Ok(bytes)
	}

	/// All blobs in the order of their hashes, also those of which only ranges are there.
	pub fn list(&self) -> Vec<BlobInfo> {
		let (mut list, downloads) = {
			let state = self.inner.state.lock();
			let info = |(content, blob): (&ContentHash, &Blob)| BlobInfo {
				content: *content,
				size: blob.size,
				received: blob.size,
				complete: true,
				pinned: state.pins.contains(content),
				kept: state.kept.contains(content),
				last_used: blob.last_used,
			};
			let list: Vec<_> = state.blobs.iter().map(info).collect();
			let downloads = state.downloads.iter();
			let downloads: Vec<_> =
				downloads.map(|(key, partial)| (*key, partial.clone())).collect();
			(list, downloads)
		};
		list.extend(downloads.into_iter().map(|((content, size), partial)| BlobInfo {
			content,
			size,
			received: partial.received().saturating_mul(RANGE).min(size),
			complete: false,
			pinned: false,
			kept: false,
			last_used: partial.touched(),
		}));
		list.sort_by_key(|blob| (blob.content, !blob.complete, blob.size));
		list
	}

	/// How full the store is.
	pub fn usage(&self) -> Usage {
		let state = self.inner.state.lock();
		Usage {
			blobs: state.blobs.len() as u64,
			bytes: state.bytes,
			uploads: state.uploads.len() as u64,
			downloads: state.downloads.len() as u64,
			reserved: state.reserved,
			evicted: state.evicted,
			limit: self.inner.limits.bytes,
		}
	}

	/// Removes a blob, pinned or not.
	pub fn remove(&self, content: &ContentHash) -> Result<(), StoreError> {
		let mut trash = Trash::default();
		{
			let mut state = self.inner.state.lock();
			if !state.blobs.contains_key(content) {
				return Err(StoreError::NotFound(*content));
			}
			trash.take(&self.inner, &self.inner.blob_path(content))?;
			trash.take(&self.inner, &self.inner.pairs_path(content))?;
			state.forget(content);
			state.pins.set(*content, false);
		}
		drop(trash);
		self.inner.write_pins()
	}

	/// Reads a blob and says whether it has its hash. One that has not is removed.
	pub fn verify(&self, content: &ContentHash) -> Result<bool, StoreError> {
		let mut file = self.open_blob(content)?;
		let mut hasher = blake3::Hasher::new();
		copy_hashed(&mut file, &mut hasher, &mut io::sink(), u64::MAX)?;
		if hasher.finalize().as_bytes() == &content.0 {
			return Ok(true);
		}
		self.remove(content)?;
		Ok(false)
	}
}

impl Inner {
	pub fn check_blob_size(&self, size: u64) -> Result<(), StoreError> {
		let limit = self.limits.blob_bytes.min(MAX_SIZE);
		if size > limit { Err(StoreError::TooLarge { size, limit }) } else { Ok(()) }
	}

	pub fn blob_path(&self, content: &ContentHash) -> PathBuf {
		self.dir.join(BLOBS).join(content.to_string())
	}

	pub fn pairs_path(&self, content: &ContentHash) -> PathBuf {
		self.dir.join(TREES).join(content.to_string())
	}

	pub fn uploads_dir(&self) -> PathBuf {
		self.dir.join(UPLOADS)
	}

	pub fn downloads_dir(&self) -> PathBuf {
		self.dir.join(DOWNLOADS)
	}

	pub fn pins_path(&self) -> PathBuf {
		self.dir.join(PINS)
	}

	/// A name that nobody has, for a file that is to go.
	pub fn trash_path(&self) -> PathBuf {
		let number = self.trashed.fetch_add(1, Ordering::Relaxed);
		self.dir.join(BLOBS).join(format!("{TEMPORARY}gone-{number}"))
	}

	/// A file that vanishes unless it is committed.
	pub fn temporary(&self) -> io::Result<tempfile::NamedTempFile> {
		tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(self.dir.join(BLOBS))
	}

	/// Pins a blob if it is there.
	pub fn pin_if_present(&self, content: &ContentHash) -> Result<bool, StoreError> {
		{
			let mut state = self.state.lock();
			if state.touch(content).is_none() {
				return Ok(false);
			}
			state.pins.set(*content, true);
		}
		self.write_pins().map(|()| true)
	}

	/// Makes a temporary file, of which everything is written, the blob with this hash, and pins
	/// it.
	pub fn commit_temporary(
		&self,
		file: tempfile::NamedTempFile,
		content: &ContentHash,
		reservation: Reservation<'_>,
	) -> Result<(), StoreError> {
		file.as_file().sync_all()?;
		self.commit_pinned(content, reservation.size(), |to| {
			file.persist(to).map_err(|error| error.error)
		})
	}

	/// Gives a file that is synced the name of the blob, and pins it.
	pub fn commit_pinned(
		&self,
		content: &ContentHash,
		size: u64,
		rename: impl FnOnce(&Path) -> io::Result<File>,
	) -> Result<(), StoreError> {
		// The pin first: a pin without a blob is dropped with the next start, but a blob without
		// its pin might be, too.
		self.state.lock().pins.set(*content, true);
		let committed = self.write_pins().and_then(|()| self.commit(content, size, rename));
		if committed.is_err() {
			let mut state = self.state.lock();
			if !state.blobs.contains_key(content) {
				state.pins.set(*content, false);
			}
		}
		committed
	}

	/// Gives a file that is synced the name of the blob.
	pub fn commit(
		&self,
		content: &ContentHash,
		size: u64,
		rename: impl FnOnce(&Path) -> io::Result<File>,
	) -> Result<(), StoreError> {
		let mut trash = Trash::default();
		let file = {
			let mut state = self.state.lock();
			let file = rename(&self.blob_path(content))?;
			state.insert(*content, size);
			state.close_downloads_of(self, content, &mut trash);
			file
		};
		drop(trash);
		// After it has its name: an upload or a download that is stopped at its end is still opened
		// for writing.
		if let Err(error) = set_readonly(&file) {
			log::debug!(target: LOG_TARGET, "blob {content}: {error}");
		}
		Ok(File::open(self.dir.join(BLOBS))?.sync_all()?)
	}

	pub fn sync_dir(&self) -> Result<(), StoreError> {
		Ok(File::open(&self.dir)?.sync_all()?)
	}
}

/// The name of a blob's file is its hash, as it is written.
fn parse_blob_name(name: &str) -> Option<ContentHash> {
	name.parse().ok().filter(|content: &ContentHash| content.to_string() == name)
}

/// Nobody writes this file any more.
fn set_readonly(file: &File) -> io::Result<()> {
	let mut permissions = file.metadata()?.permissions();
	permissions.set_readonly(true);
	file.set_permissions(permissions)
}

/// Copies at most `limit` bytes and hashes them. How many there were.
pub(crate) fn copy_hashed(
	from: &mut impl Read,
	hasher: &mut blake3::Hasher,
	to: &mut impl Write,
	limit: u64,
) -> io::Result<u64> {
	let mut from = from.take(limit);
	let mut buffer = vec![0; BUFFER];
	let mut copied = 0;
	loop {
		match from.read(&mut buffer) {
			Ok(0) => return Ok(copied),
			Ok(read) => {
				hasher.update(&buffer[..read]);
				to.write_all(&buffer[..read])?;
				copied += read as u64;
			},
			Err(error) if error.kind() == io::ErrorKind::Interrupted => {},
			Err(error) => return Err(error),
		}
	}
}
