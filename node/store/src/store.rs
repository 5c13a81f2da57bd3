// SPDX-License-Identifier: Apache-2.0
//! The store: blobs, their index, and the space they take.

use crate::{
	Limits, StoreError, hash,
	upload::{Upload, UploadKey},
};
use jurat_primitives::ContentHash;
use parking_lot::Mutex;
use std::{
	collections::{BTreeMap, HashMap},
	fs::{self, File},
	io::{self, Read, Seek, SeekFrom, Write},
	path::{Path, PathBuf},
	sync::Arc,
};

pub(crate) const LOG_TARGET: &str = "blobs";

const BLOBS: &str = "complete";
const UPLOADS: &str = "uploads";
const TEMPORARY: &str = ".tmp-";

/// Bytes read from disk at a time.
pub(crate) const BUFFER: usize = 256 * 1024;

/// What is known of a blob without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlobStat {
	/// Its size in bytes.
	pub size: u64,
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
	/// Bytes kept free for what is being written.
	pub reserved: u64,
	/// Bytes that blobs and reservations may come to.
	pub limit: u64,
}

#[derive(Default)]
pub(crate) struct State {
	pub blobs: BTreeMap<ContentHash, u64>,
	/// Sum of the sizes in `blobs`.
	pub bytes: u64,
	/// Kept free for uploads and for blobs being written.
	pub reserved: u64,
	pub uploads: HashMap<UploadKey, Arc<Mutex<Upload>>>,
}

impl State {
	pub fn reserve(&mut self, size: u64, limit: u64) -> Result<(), StoreError> {
		let free = limit.saturating_sub(self.bytes).saturating_sub(self.reserved);
		if size > free {
			return Err(StoreError::Full { needed: size, free });
		}
		self.reserved += size;
		Ok(())
	}

	pub fn insert(&mut self, content: ContentHash, size: u64) {
		if self.blobs.insert(content, size).is_none() {
			self.bytes += size;
		}
	}

	fn forget(&mut self, content: &ContentHash) {
		if let Some(size) = self.blobs.remove(content) {
			self.bytes = self.bytes.saturating_sub(size);
		}
	}
}

/// Blobs on disk, each under its BLAKE3 hash. Cheap to clone; all calls block on the disk.
#[derive(Clone)]
pub struct Store {
	pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
	blobs_dir: PathBuf,
	uploads_dir: PathBuf,
	pub limits: Limits,
	/// Held for look-ups only, never while the disk is written.
	pub state: Mutex<State>,
}

impl Store {
	/// The store in this directory, which is made if it is not there. What an earlier process left
	/// half-written is removed, uploads that are still fresh are kept.
	pub fn open(dir: impl AsRef<Path>, limits: Limits) -> Result<Self, StoreError> {
		// Absolute: paths of blobs are given to processes with another working directory.
		let dir = std::path::absolute(dir)?;
		let (blobs_dir, uploads_dir) = (dir.join(BLOBS), dir.join(UPLOADS));
		fs::create_dir_all(&blobs_dir)?;
		fs::create_dir_all(&uploads_dir)?;
		let inner = Inner { blobs_dir, uploads_dir, limits, state: Default::default() };
		let mut state = State::default();
		for entry in fs::read_dir(&inner.blobs_dir)? {
			let entry = entry?;
			let Ok(name) = entry.file_name().into_string() else { continue };
			if name.starts_with(TEMPORARY) {
				fs::remove_file(entry.path())?;
			} else if let Ok(content) = name.parse::<ContentHash>()
				&& content.to_string() == name
				&& entry.file_type()?.is_file()
			{
				state.insert(content, entry.metadata()?.len());
			}
		}
		inner.adopt_uploads(&mut state)?;
		*inner.state.lock() = state;
		Ok(Self { inner: Arc::new(inner) })
	}

	/// Takes a blob.
	pub fn put_bytes(&self, bytes: &[u8]) -> Result<ContentHash, StoreError> {
		let content = hash(bytes);
		let size = bytes.len() as u64;
		self.inner.check_blob_size(size)?;
		if self.stat(&content).is_some() {
			return Ok(content);
		}
		let reservation = Reservation::new(&self.inner, size)?;
		let mut file = self.inner.temporary()?;
		file.write_all(bytes)?;
		self.inner.commit_temporary(file, &content)?;
		reservation.turn_into_blob(content);
		Ok(content)
	}

	/// What is known of a blob; `None` if it is not here.
	pub fn stat(&self, content: &ContentHash) -> Option<BlobStat> {
		self.inner.state.lock().blobs.get(content).map(|size| BlobStat { size: *size })
	}

	/// The file that holds a blob, if it is here. For reading only.
	pub fn path_if_present(&self, content: &ContentHash) -> Option<PathBuf> {
		let BlobStat { size } = self.stat(content)?;
		let path = self.inner.blob_path(content);
		match fs::metadata(&path) {
			Ok(metadata) if metadata.len() == size => Some(path),
			// Somebody else removed or cut the file: it is no longer here.
			_ => {
				self.inner.state.lock().forget(content);
				None
			},
		}
	}

	/// At most `length` bytes of a blob, from `offset`; fewer at its end.
	pub fn get_range(
		&self,
		content: &ContentHash,
		offset: u64,
		length: usize,
	) -> Result<Vec<u8>, StoreError> {
		let path = self.path_if_present(content).ok_or(StoreError::NotFound(*content))?;
		let mut file = File::open(path)?;
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

	/// All blobs and their sizes, in the order of their hashes.
	pub fn list(&self) -> Vec<(ContentHash, BlobStat)> {
		let state = self.inner.state.lock();
		state.blobs.iter().map(|(content, size)| (*content, BlobStat { size: *size })).collect()
	}

	/// How full the store is.
	pub fn usage(&self) -> Usage {
		let state = self.inner.state.lock();
		Usage {
			blobs: state.blobs.len() as u64,
			bytes: state.bytes,
			uploads: state.uploads.len() as u64,
			reserved: state.reserved,
			limit: self.inner.limits.bytes,
		}
	}

	/// Removes a blob.
	pub fn remove(&self, content: &ContentHash) -> Result<(), StoreError> {
		if self.stat(content).is_none() {
			return Err(StoreError::NotFound(*content));
		}
		match fs::remove_file(self.inner.blob_path(content)) {
			Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
			_ => {},
		}
		self.inner.state.lock().forget(content);
		Ok(())
	}

	/// Reads a blob and says whether it has its hash. One that has not is removed.
	pub fn verify(&self, content: &ContentHash) -> Result<bool, StoreError> {
		let path = self.path_if_present(content).ok_or(StoreError::NotFound(*content))?;
		let mut hasher = blake3::Hasher::new();
		copy_hashed(&mut File::open(path)?, &mut hasher, &mut io::sink(), u64::MAX)?;
		if hasher.finalize().as_bytes() == &content.0 {
			return Ok(true);
		}
		self.remove(content)?;
		Ok(false)
	}
}

impl Inner {
	pub fn check_blob_size(&self, size: u64) -> Result<(), StoreError> {
		let limit = self.limits.blob_bytes;
		if size > limit { Err(StoreError::TooLarge { size, limit }) } else { Ok(()) }
	}

	pub fn blob_path(&self, content: &ContentHash) -> PathBuf {
		self.blobs_dir.join(content.to_string())
	}

	pub fn uploads_dir(&self) -> &Path {
		&self.uploads_dir
	}

	/// A file that vanishes unless it is committed.
	pub fn temporary(&self) -> io::Result<tempfile::NamedTempFile> {
		tempfile::Builder::new().prefix(TEMPORARY).tempfile_in(&self.blobs_dir)
	}

	/// Makes a temporary file, of which everything is written, the blob with this hash.
	pub fn commit_temporary(
		&self,
		file: tempfile::NamedTempFile,
		content: &ContentHash,
	) -> Result<(), StoreError> {
		seal(file.as_file())?;
		file.persist(self.blob_path(content)).map_err(|error| error.error)?;
		self.sync_blobs()
	}

	/// Makes the file of an upload, of which everything is written, the blob with this hash.
	pub fn commit_upload(
		&self,
		file: &File,
		path: &Path,
		content: &ContentHash,
	) -> Result<(), StoreError> {
		seal(file)?;
		fs::rename(path, self.blob_path(content))?;
		self.sync_blobs()
	}

	fn sync_blobs(&self) -> Result<(), StoreError> {
		Ok(File::open(&self.blobs_dir)?.sync_all()?)
	}
}

/// Nobody writes this file any more, and it is on disk.
fn seal(file: &File) -> io::Result<()> {
	let mut permissions = file.metadata()?.permissions();
	permissions.set_readonly(true);
	file.set_permissions(permissions)?;
	file.sync_all()
}

/// Room for a blob that is being written; given back when dropped.
pub(crate) struct Reservation<'a> {
	inner: &'a Inner,
	size: u64,
}

impl<'a> Reservation<'a> {
	pub fn new(inner: &'a Inner, size: u64) -> Result<Self, StoreError> {
		inner.state.lock().reserve(size, inner.limits.bytes)?;
		Ok(Self { inner, size })
	}

	/// The blob is there: its room is no longer reserved but taken.
	pub fn turn_into_blob(self, content: ContentHash) {
		self.inner.state.lock().insert(content, self.size);
	}
}

impl Drop for Reservation<'_> {
	fn drop(&mut self) {
		let mut state = self.inner.state.lock();
		state.reserved = state.reserved.saturating_sub(self.size);
	}
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
