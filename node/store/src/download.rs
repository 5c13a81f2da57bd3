// SPDX-License-Identifier: Apache-2.0
//! Downloads: blobs that come in ranges, in any order, from whoever has them.
//!
//! ```text
//! DIR/downloads/HASH.SIZE        the blob, with holes where ranges are missing
//! DIR/downloads/HASH.SIZE.tree   the pairs that the ranges came with
//! ```
//!
//! Nothing on disk says which ranges are there. While the store is open it knows, since each was
//! checked before it was written; after a restart, each is compared with the root again, by its
//! bytes and its pairs, when the download goes on. So it does not matter what the machine had on
//! disk when it stopped: a range is there if and only if it can be proven. Nothing is synced before
//! the end.
//!
//! A download takes its room with its first range that is right, not before: that somebody asks for
//! a blob that nobody has drives out nothing.

use crate::{
	Store, StoreError,
	ranges::{self, Decoded},
	room::{State, Trash},
	store::{Inner, LOG_TARGET, copy_hashed},
	trees::Pairs,
	upload::{parse_name, remove_partial},
};
use bao_tree::io::{EncodeError, sync::WriteAt};
use jurat_primitives::ContentHash;
use parking_lot::{Mutex, RwLock, RwLockReadGuard};
use std::{
	fs::{self, File},
	io::{self, Seek},
	path::PathBuf,
	sync::Arc,
	time::{Duration, SystemTime},
};

/// A download is named by hash *and* size, so that who believes in a wrong size is not in the way
/// of who knows the right one.
pub(crate) type DownloadKey = (ContentHash, u64);

/// What came of a range that was right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
	/// Whether it was missing; `false` if it came before.
	pub new: bool,
	/// Whether the blob is complete, checked, and there for everybody.
	pub complete: bool,
}

/// A download, begun or gone on with by [`Store::download`]. Cheap to clone; all calls block on the
/// disk. What was received stays when it is dropped, until [`Download::discard`] or
/// [`Limits::download_expiry`](crate::Limits::download_expiry).
#[derive(Clone)]
pub struct Download {
	store: Store,
	content: ContentHash,
	size: u64,
	/// `None` if the blob was complete from the start.
	partial: Option<Arc<Partial>>,
}

/// What there is of a blob that is not complete.
pub(crate) struct Partial {
	/// Written to end a phase, read while files are written: no range is written to a blob that is
	/// complete. Taken before the lock of the store's state.
	phase: RwLock<Phase>,
	/// Which ranges are there. Held for look-ups only.
	present: Mutex<Present>,
	/// Held by the one who makes it a blob.
	finishing: Mutex<()>,
}

enum Phase {
	/// Nothing is on disk, no room is taken.
	Empty,
	/// An earlier process left files, which were not looked at yet.
	Left,
	/// Ranges are written.
	Open(Files),
	/// It is a blob.
	Complete,
	/// It was discarded.
	Discarded,
}

struct Files {
	data: File,
	pairs: File,
}

struct Present {
	ranges: Vec<bool>,
	missing: u64,
	touched: SystemTime,
}

impl Present {
	fn new(size: u64, touched: SystemTime) -> Self {
		let count = ranges::range_count(size);
		Self { ranges: vec![false; count as usize], missing: count, touched }
	}

	fn has(&self, index: u64) -> bool {
		self.ranges.get(index as usize).copied().unwrap_or(false)
	}

	/// Whether the range was missing.
	fn set(&mut self, index: u64, there: bool) -> bool {
		match self.ranges.get_mut(index as usize) {
			Some(range) if *range != there => {
				*range = there;
				self.missing = if there { self.missing - 1 } else { self.missing + 1 };
				true
			},
			_ => false,
		}
	}
}

impl Partial {
	/// A download of which nothing is there.
	pub fn empty(size: u64) -> Self {
		Self::in_phase(Phase::Empty, size, SystemTime::now())
	}

	/// A download that an earlier process left.
	pub fn left(size: u64, touched: SystemTime) -> Self {
		Self::in_phase(Phase::Left, size, touched)
	}

	fn in_phase(phase: Phase, size: u64, touched: SystemTime) -> Self {
		Self {
			phase: RwLock::new(phase),
			present: Mutex::new(Present::new(size, touched)),
			finishing: Mutex::new(()),
		}
	}

	/// Whether nothing was received for so long. A time in the future is not.
	pub fn is_older(&self, age: Duration) -> bool {
		self.present.lock().touched.elapsed().is_ok_and(|elapsed| elapsed >= age)
	}

	/// When something was received last.
	pub fn touched(&self) -> SystemTime {
		self.present.lock().touched
	}

	/// Ranges that are there, as far as that is known.
	pub fn received(&self) -> u64 {
		let present = self.present.lock();
		present.ranges.len() as u64 - present.missing
	}

	/// Ends a download that nobody uses. Whether it had room; `None` if it is in use after all.
	pub fn close(&self) -> Option<bool> {
		let mut phase = self.phase.try_write()?;
		let had_room = matches!(*phase, Phase::Left | Phase::Open(_));
		*phase = Phase::Discarded;
		Some(had_room)
	}

	/// Whether it holds room of the store; `None` while that is changing.
	pub fn has_room(&self) -> Option<bool> {
		Some(matches!(*self.phase.try_read()?, Phase::Left | Phase::Open(_)))
	}
}

impl Store {
	/// Begins the download of a blob, or goes on with one that was begun, also before a restart.
	/// If an earlier process left ranges, they are read and checked.
	///
	/// The size is believed until a range contradicts it: a range may be right under several sizes,
	/// but the last range of a blob is right under its own size only. Who is not sure of the size
	/// asks for the last range first.
	pub fn download(&self, content: &ContentHash, size: u64) -> Result<Download, StoreError> {
		self.inner.check_blob_size(size)?;
		self.expire_downloads();
		loop {
			let partial = {
				let mut state = self.inner.state.lock();
				match state.blobs.get(content) {
					Some(blob) if blob.size == size => None,
					Some(blob) => {
						return Err(StoreError::WrongSize { expected: size, actual: blob.size });
					},
					None => Some(self.inner.partial(&mut state, (*content, size))?),
				}
			};
			let download = Download { store: self.clone(), content: *content, size, partial };
			match download.resume() {
				// Somebody discarded it at this moment.
				Err(StoreError::Discarded(_)) => continue,
				result => return result.map(|()| download),
			}
		}
	}

	/// Forgets downloads that nobody holds and that got no range for too long.
	/// [`Store::download`] does it too.
	pub fn expire_downloads(&self) {
		let mut state = self.inner.state.lock();
		let expiry = self.inner.limits.download_expiry;
		let old = |partial: &Partial| partial.is_older(expiry);
		let trash = state.close_downloads(&self.inner, u64::MAX, old);
		drop(state);
		drop(trash);
	}

	pub(crate) fn encode_partial(
		&self,
		content: &ContentHash,
		size: u64,
		index: u64,
		encoded: &mut Vec<u8>,
	) -> Result<(), StoreError> {
		let partial = self.inner.state.lock().downloads.get(&(*content, size)).cloned();
		let partial = partial.ok_or(StoreError::NotFound(*content))?;
		let phase = partial.phase.read();
		let missing = || StoreError::RangeMissing { content: *content, index };
		let Phase::Open(files) = &*phase else { return Err(missing()) };
		if !partial.present.lock().has(index) {
			return Err(missing());
		}
		match ranges::encode(&files.data, files.pairs(content, size), index, encoded) {
			Ok(()) => Ok(()),
			Err(error) => {
				// The disk lost it, or somebody wrote to the file: it has to come again.
				partial.present.lock().set(index, false);
				log::warn!(target: LOG_TARGET, "range {index} of download {content}: {error}");
				Err(missing())
			},
		}
	}
}

impl Files {
	fn pairs<'a>(&'a self, content: &'a ContentHash, size: u64) -> Pairs<'a> {
		Pairs { content, size, file: Some(&self.pairs) }
	}

	/// Writes a range that was checked.
	fn write(&self, decoded: &Decoded) -> io::Result<()> {
		// A duplicated handle writes at the places given, whoever writes elsewhere.
		let (mut data, mut pairs) = (self.data.try_clone()?, self.pairs.try_clone()?);
		data.write_all_at(decoded.offset, &decoded.data)?;
		decoded.pairs.iter().try_for_each(|(place, pair)| pairs.write_all_at(*place, pair))
	}
}

impl Download {
	/// Its hash.
	pub fn content(&self) -> &ContentHash {
		&self.content
	}

	/// Its size in bytes.
	pub fn size(&self) -> u64 {
		self.size
	}

	/// Whether it is a blob: complete, checked, and there for everybody.
	pub fn is_complete(&self) -> bool {
		self.partial.as_ref().is_none_or(|partial| matches!(*partial.phase.read(), Phase::Complete))
	}

	/// Numbers of the ranges that are to come, ascending.
	pub fn missing(&self) -> Vec<u64> {
		let Some(partial) = &self.partial else { return Vec::new() };
		let present = partial.present.lock();
		let missing = present.ranges.iter().enumerate().filter(|(_, there)| !**there);
		missing.map(|(index, _)| index as u64).collect()
	}

	/// Takes a range in the encoding of [`Store::encode_range`]. One that is wrong in any way, also
	/// by a byte too many, is [`StoreError::InvalidRange`] and changes nothing; which length is
	/// right is known before a byte is looked at. Several may be taken at a time. The one who
	/// brings the last missing range returns when the blob is complete: checked as a whole, synced,
	/// under its name.
	pub fn accept(&self, index: u64, encoded: &[u8]) -> Result<Accepted, StoreError> {
		let Some(expected) = ranges::encoded_length(self.size, index) else {
			let ranges = ranges::range_count(self.size);
			return Err(StoreError::NoSuchRange { index, ranges });
		};
		if encoded.len() != expected {
			return Err(StoreError::InvalidRange { index });
		}
		let Some(partial) = &self.partial else {
			return Ok(Accepted { new: false, complete: true });
		};
		let mut new = false;
		if !partial.present.lock().has(index) {
			let decoded = ranges::decode(&self.content, self.size, index, encoded)
				.ok_or(StoreError::InvalidRange { index })?;
			let phase = self.opened(partial)?;
			if let Phase::Open(files) = &*phase {
				// Others may write the same bytes to the same place.
				files.write(&decoded)?;
				let mut present = partial.present.lock();
				new = present.set(index, true);
				present.touched = SystemTime::now();
			}
		}
		if partial.present.lock().missing > 0 {
			return Ok(Accepted { new, complete: false });
		}
		self.finish(partial)?;
		Ok(Accepted { new, complete: true })
	}

	/// Gives up: what was received is removed, for all who hold this download.
	pub fn discard(self) -> Result<(), StoreError> {
		let Some(partial) = &self.partial else { return Ok(()) };
		let mut phase = partial.phase.write();
		self.give_up(&mut phase);
		Ok(())
	}

	/// Looks at what an earlier process left, and completes the blob if nothing is missing.
	fn resume(&self) -> Result<(), StoreError> {
		let Some(partial) = &self.partial else { return Ok(()) };
		{
			let mut phase = partial.phase.write();
			match *phase {
				Phase::Left => match self.inner().open_files(&self.key()) {
					Ok(files) => {
						self.check_present(partial, &files);
						*phase = Phase::Open(files);
					},
					Err(error) => {
						// Its room and its place go to a new one, with the next call.
						self.give_up(&mut phase);
						return Err(error.into());
					},
				},
				Phase::Discarded => return Err(StoreError::Discarded(self.content)),
				_ => {},
			}
		}
		if partial.present.lock().missing == 0 {
			self.finish(partial)?;
		}
		Ok(())
	}

	/// Finds out which ranges are on disk.
	fn check_present(&self, partial: &Partial, files: &Files) {
		for index in 0..ranges::range_count(self.size) {
			let pairs = files.pairs(&self.content, self.size);
			let there = ranges::encode(&files.data, pairs, index, io::sink());
			if let Err(EncodeError::Io(error)) = &there
				&& error.kind() != io::ErrorKind::UnexpectedEof
			{
				let content = self.content;
				log::warn!(target: LOG_TARGET, "range {index} of download {content}: {error}");
			}
			partial.present.lock().set(index, there.is_ok());
		}
	}

	/// The phase in which ranges are written, or a later one. Takes the room of the blob when
	/// nothing is there yet.
	fn opened<'a>(&self, partial: &'a Partial) -> Result<RwLockReadGuard<'a, Phase>, StoreError> {
		loop {
			let phase = partial.phase.read();
			match *phase {
				Phase::Empty => drop(phase),
				Phase::Open(_) | Phase::Complete => return Ok(phase),
				// Nobody holds a download before its files were looked at.
				Phase::Left | Phase::Discarded => return Err(StoreError::Discarded(self.content)),
			}
			let mut phase = partial.phase.write();
			if matches!(*phase, Phase::Empty) {
				let reservation = self.inner().reserve(self.size)?;
				let key = self.key();
				let files = self.inner().create_files(&key).inspect_err(|_| {
					self.inner().remove_files(&key);
				})?;
				reservation.keep();
				*phase = Phase::Open(files);
			}
		}
	}

	/// Makes it a blob, unless it is one.
	fn finish(&self, partial: &Partial) -> Result<(), StoreError> {
		let _finishing = partial.finishing.lock();
		{
			let phase = partial.phase.read();
			let files = match &*phase {
				Phase::Open(files) => files,
				Phase::Complete => return Ok(()),
				_ => return Err(StoreError::Discarded(self.content)),
			};
			// Each range was right when it came: this finds what the disk made of it.
			let mut hasher = blake3::Hasher::new();
			let mut data = &files.data;
			data.rewind()?;
			copy_hashed(&mut data, &mut hasher, &mut io::sink(), self.size)?;
			if hasher.finalize().as_bytes() != &self.content.0 {
				self.check_present(partial, files);
				return Err(StoreError::Damaged(self.content));
			}
			files.data.sync_all()?;
		}
		let mut phase = partial.phase.write();
		let Phase::Open(files) = &*phase else {
			return Err(StoreError::Discarded(self.content));
		};
		self.inner().commit_download(&self.key(), files)?;
		*phase = Phase::Complete;
		Ok(())
	}

	/// Removes what there is and gives its room back.
	fn give_up(&self, phase: &mut Phase) {
		if matches!(phase, Phase::Complete | Phase::Discarded) {
			return;
		}
		let had_room = !matches!(phase, Phase::Empty);
		*phase = Phase::Discarded;
		let mut state = self.inner().state.lock();
		state.downloads.remove(&self.key());
		if had_room {
			state.release(self.size);
			// Under the lock: a new download of the blob makes files of the same names.
			self.inner().remove_files(&self.key());
		}
	}

	fn key(&self) -> DownloadKey {
		(self.content, self.size)
	}

	fn inner(&self) -> &Inner {
		&self.store.inner
	}
}

impl Drop for Download {
	fn drop(&mut self) {
		let Some(partial) = &self.partial else { return };
		let mut trash = Trash::default();
		let mut state = self.inner().state.lock();
		// The last one who holds it, besides the state: of no use any more is a download that holds
		// nothing, or whose blob came in another way.
		let ours =
			state.downloads.get(&self.key()).is_some_and(|there| Arc::ptr_eq(there, partial));
		if ours
			&& Arc::strong_count(partial) == 2
			&& (partial.has_room() == Some(false) || state.blobs.contains_key(&self.content))
		{
			state.close_download(self.inner(), self.key(), &mut trash);
		}
		drop(state);
		drop(trash);
	}
}

impl Inner {
	/// The download of this name, or a new one.
	fn partial(&self, state: &mut State, key: DownloadKey) -> Result<Arc<Partial>, StoreError> {
		if let Some(partial) = state.downloads.get(&key) {
			return Ok(partial.clone());
		}
		let limit = self.limits.downloads;
		if state.downloads.len() >= limit {
			// Those that hold nothing make place, as long as nobody holds them.
			state.downloads.retain(|_, partial| {
				Arc::strong_count(partial) > 1 || partial.has_room() != Some(false)
			});
		}
		if state.downloads.len() >= limit {
			return Err(StoreError::TooManyDownloads { limit });
		}
		let partial = Arc::new(Partial::empty(key.1));
		state.downloads.insert(key, partial.clone());
		Ok(partial)
	}

	/// Goes on with the downloads that an earlier process left, as far as limits allow.
	pub fn adopt_downloads(&self, state: &mut State) -> Result<(), StoreError> {
		let mut strays = Vec::new();
		for entry in fs::read_dir(self.downloads_dir())? {
			let entry = entry?;
			let name = entry.file_name();
			let name = name.to_string_lossy();
			let key = parse_name(name.strip_suffix(TREE).unwrap_or(&name));
			let metadata = entry.metadata()?;
			match key {
				Some(_) if name.ends_with(TREE) && metadata.is_file() => {},
				Some(key @ (content, size))
					if metadata.is_file()
						&& metadata.len() <= size
						&& self.check_blob_size(size).is_ok()
						&& !state.blobs.contains_key(&content)
						&& state.downloads.len() < self.limits.downloads
						&& state.take_free(size, self.limits.bytes).is_ok() =>
				{
					let partial = Partial::left(size, metadata.modified()?);
					state.downloads.insert(key, Arc::new(partial));
					continue;
				},
				_ => {},
			}
			strays.push((key, entry.path()));
		}
		// The pairs of a download are not without it.
		for (key, path) in strays {
			let tree = path.extension().is_some_and(|extension| extension == &TREE[1..]);
			if !(tree && key.is_some_and(|key| state.downloads.contains_key(&key))) {
				remove_partial(&path);
			}
		}
		Ok(())
	}

	fn create_files(&self, key: &DownloadKey) -> io::Result<Files> {
		let mut options = File::options();
		options.read(true).write(true).create(true).truncate(true);
		let files = Files {
			data: options.open(self.partial_path(key))?,
			pairs: options.open(self.partial_pairs_path(key))?,
		};
		// Holes cost nothing, and a range is written wherever it belongs.
		files.data.set_len(key.1)?;
		Ok(files)
	}

	fn open_files(&self, key: &DownloadKey) -> io::Result<Files> {
		let mut options = File::options();
		options.read(true).write(true);
		let data = options.open(self.partial_path(key))?;
		data.set_len(key.1)?;
		let pairs = options.create(true).truncate(false).open(self.partial_pairs_path(key))?;
		Ok(Files { data, pairs })
	}

	fn remove_files(&self, key: &DownloadKey) {
		self.partial_paths(key).iter().for_each(|path| remove_partial(path));
	}

	/// The files of a download.
	pub fn partial_paths(&self, key: &DownloadKey) -> [PathBuf; 2] {
		[self.partial_path(key), self.partial_pairs_path(key)]
	}

	/// Makes the file of a download, which is complete and synced, the blob with its hash.
	fn commit_download(&self, key: &DownloadKey, files: &Files) -> Result<(), StoreError> {
		let (content, size) = key;
		let data = files.data.try_clone()?;
		self.commit(content, *size, |to| {
			// What an upload may have put there meanwhile is the same.
			fs::rename(self.partial_path(key), to)?;
			if let Err(error) = fs::rename(self.partial_pairs_path(key), self.pairs_path(content)) {
				log::debug!(target: LOG_TARGET, "pairs of {content}: {error}");
			}
			Ok(data)
		})?;
		let mut state = self.state.lock();
		state.downloads.remove(key);
		state.release(*size);
		Ok(())
	}

	fn partial_path(&self, (content, size): &DownloadKey) -> PathBuf {
		self.downloads_dir().join(format!("{content}.{size}"))
	}

	fn partial_pairs_path(&self, (content, size): &DownloadKey) -> PathBuf {
		self.downloads_dir().join(format!("{content}.{size}{TREE}"))
	}
}

/// How the name of a file of pairs ends.
const TREE: &str = ".tree";
