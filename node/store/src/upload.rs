// SPDX-License-Identifier: Apache-2.0
//! Uploads in chunks, which go on where they were interrupted.

use crate::{
	Store, StoreError,
	room::{State, Trash},
	store::{Inner, LOG_TARGET, copy_hashed},
};
use jurat_primitives::ContentHash;
use parking_lot::Mutex;
use std::{
	fs::{self, File},
	io::{self, Seek, SeekFrom, Write},
	path::{Path, PathBuf},
	sync::Arc,
	time::SystemTime,
};

/// How far an upload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
	/// Bytes received: the offset of the next chunk.
	pub received: u64,
	/// Whether the blob is complete, checked, and there for everybody.
	pub complete: bool,
}

/// An upload is named by hash *and* size, so that who announces a wrong size for a hash is not in
/// the way of who knows the right one.
pub(crate) type UploadKey = (ContentHash, u64);

/// An open upload. Its file holds the first `received` bytes.
pub(crate) struct Upload {
	path: PathBuf,
	received: u64,
	/// Hash of the bytes received; `None` after a restart, until the file is read again.
	hasher: Option<blake3::Hasher>,
	touched: SystemTime,
	/// Completed or discarded: who waited for the lock begins anew.
	closed: bool,
}

enum Step {
	Open,
	Complete,
}

impl Store {
	/// Takes the chunk of an upload that begins at `offset`. An upload begins with its first
	/// chunk, announces the size of the whole with every one, and is checked against the hash with
	/// the last; a blob of other bytes is discarded. A chunk elsewhere than at the end of what was
	/// received changes nothing, and the error says where to go on. A blob that is there already is
	/// complete, whatever the chunk. What is complete is pinned.
	pub fn append(
		&self,
		content: &ContentHash,
		total: u64,
		offset: u64,
		data: &[u8],
	) -> Result<Progress, StoreError> {
		self.append_or_receive(content, total, offset, data, true)
	}

	/// The same for bytes that the node fetches by itself, in order, from somewhere that cannot
	/// prove them: what is complete is not pinned.
	pub fn receive(
		&self,
		content: &ContentHash,
		total: u64,
		offset: u64,
		data: &[u8],
	) -> Result<Progress, StoreError> {
		self.append_or_receive(content, total, offset, data, false)
	}

	fn append_or_receive(
		&self,
		content: &ContentHash,
		total: u64,
		offset: u64,
		data: &[u8],
		pin: bool,
	) -> Result<Progress, StoreError> {
		let end = offset.saturating_add(data.len() as u64);
		if end > total {
			return Err(StoreError::TooLarge { size: end, limit: total });
		}
		self.expire_uploads();
		let key = (*content, total);
		loop {
			let upload = {
				let mut state = self.inner.state.lock();
				match state.blobs.get(content).map(|blob| blob.size) {
					Some(size) if size == total => None,
					Some(size) => {
						return Err(StoreError::WrongSize { expected: total, actual: size });
					},
					None => Some(self.inner.upload(&mut state, key)?),
				}
			};
			let Some((upload, trash)) = upload else {
				// Who would put it wants it to stay. If it went meanwhile, it is put after all.
				match !pin || self.inner.pin_if_present(content)? {
					true => return Ok(Progress { received: total, complete: true }),
					false => continue,
				}
			};
			drop(trash);
			let mut upload = upload.lock();
			if upload.closed {
				continue;
			}
			return match upload.take(offset, total, data) {
				Ok(Step::Open) => Ok(Progress { received: upload.received, complete: false }),
				Ok(Step::Complete) => {
					let done = upload.finish(&self.inner, content, pin);
					self.inner.close(&mut upload, &key);
					done.map(|()| Progress { received: total, complete: true })
				},
				Err(error) => Err(error),
			};
		}
	}

	/// How far the upload of this blob is; `None` if there is none, and no such blob.
	pub fn progress(&self, content: &ContentHash, total: u64) -> Option<Progress> {
		let upload = {
			let state = self.inner.state.lock();
			if state.blobs.get(content).is_some_and(|blob| blob.size == total) {
				return Some(Progress { received: total, complete: true });
			}
			state.uploads.get(&(*content, total))?.clone()
		};
		let upload = upload.lock();
		(!upload.closed).then_some(Progress { received: upload.received, complete: false })
	}

	/// Forgets uploads that got no chunk for too long. [`Store::append`] does it too.
	pub fn expire_uploads(&self) {
		let mut state = self.inner.state.lock();
		let expired: Vec<_> = state
			.uploads
			.iter()
			.filter_map(|(key, upload)| {
				// One whose lock is taken is in use.
				let mut upload = upload.try_lock()?;
				let old = is_older(upload.touched, &self.inner);
				if old {
					upload.closed = true;
					remove_partial(&upload.path);
				}
				old.then_some(*key)
			})
			.collect();
		for key in expired {
			state.uploads.remove(&key);
			state.release(key.1);
		}
	}
}

impl Inner {
	/// The open upload of this name, or a new one and what went to make room for it.
	fn upload(
		&self,
		state: &mut State,
		key @ (content, total): UploadKey,
	) -> Result<(Arc<Mutex<Upload>>, Trash), StoreError> {
		if let Some(upload) = state.uploads.get(&key) {
			return Ok((upload.clone(), Trash::default()));
		}
		self.check_blob_size(total)?;
		self.check_uploads(state, total)?;
		let trash = state.take(self, total)?;
		let upload = Arc::new(Mutex::new(Upload {
			path: self.uploads_dir().join(format!("{content}.{total}")),
			received: 0,
			hasher: Some(blake3::Hasher::new()),
			touched: SystemTime::now(),
			closed: false,
		}));
		state.uploads.insert(key, upload.clone());
		Ok((upload, trash))
	}

	/// Whether one more upload may be open.
	fn check_uploads(&self, state: &State, total: u64) -> Result<(), StoreError> {
		let limit = self.limits.uploads;
		if state.uploads.len() >= limit {
			return Err(StoreError::TooManyUploads { limit });
		}
		let open: u64 = state.uploads.keys().map(|(_, total)| *total).sum();
		let free = self.limits.upload_bytes.saturating_sub(open);
		if total > free {
			return Err(StoreError::Full { needed: total, free });
		}
		Ok(())
	}

	/// An upload is over: its room is free again, or taken by the blob.
	fn close(&self, upload: &mut Upload, key: &UploadKey) {
		upload.closed = true;
		let mut state = self.state.lock();
		state.uploads.remove(key);
		state.release(key.1);
		// There is none if it is a blob now.
		remove_partial(&upload.path);
	}

	/// Goes on with the uploads that an earlier process left, as far as limits allow.
	pub fn adopt_uploads(&self, state: &mut State) -> Result<(), StoreError> {
		for entry in fs::read_dir(self.uploads_dir())? {
			let entry = entry?;
			let metadata = entry.metadata()?;
			let path = entry.path();
			let key = entry.file_name().to_str().and_then(parse_name);
			let touched = metadata.modified()?;
			let good = key.filter(|(content, total)| {
				metadata.is_file()
					&& metadata.len() <= *total
					&& !state.blobs.contains_key(content)
					&& !is_older(touched, self)
			});
			match good {
				Some(key)
					if self.check_uploads(state, key.1).is_ok()
						&& state.take_free(key.1, self.limits.bytes).is_ok() =>
				{
					let upload = Upload {
						path,
						received: metadata.len(),
						hasher: None,
						touched,
						closed: false,
					};
					state.uploads.insert(key, Arc::new(Mutex::new(upload)));
				},
				_ => remove_partial(&path),
			}
		}
		Ok(())
	}
}

impl Upload {
	/// Writes a chunk. What was not written wholly is not counted.
	fn take(&mut self, offset: u64, total: u64, data: &[u8]) -> Result<Step, StoreError> {
		// All is there already if the process ended between the last chunk and the check.
		let all = self.received == total;
		if offset != self.received && !all {
			return Err(StoreError::WrongOffset { expected: self.received, actual: offset });
		}
		self.touched = SystemTime::now();
		let mut file =
			File::options().read(true).write(true).create(true).truncate(false).open(&self.path)?;
		let hasher = self.hasher(&mut file)?;
		if all {
			return Ok(Step::Complete);
		}
		if let Err(error) = file.seek(SeekFrom::Start(offset)).and_then(|_| file.write_all(data)) {
			// A chunk written in part, as on a full disk: what is on disk is what was received.
			if let Err(second) = file.set_len(offset) {
				log::warn!(target: LOG_TARGET, "{}: {second}", self.path.display());
			}
			return Err(error.into());
		}
		hasher.update(data);
		self.received += data.len() as u64;
		Ok(if self.received == total { Step::Complete } else { Step::Open })
	}

	/// Hash of what was received. Reads the file if that was in an earlier process.
	fn hasher(&mut self, file: &mut File) -> io::Result<&mut blake3::Hasher> {
		match &mut self.hasher {
			Some(_) => {},
			none => {
				let mut hasher = blake3::Hasher::new();
				file.seek(SeekFrom::Start(0))?;
				copy_hashed(file, &mut hasher, &mut io::sink(), self.received)?;
				*none = Some(hasher);
			},
		}
		Ok(self.hasher.get_or_insert_default())
	}

	/// Checks the hash of the whole and makes it a blob.
	fn finish(
		&mut self,
		inner: &Inner,
		expected: &ContentHash,
		pin: bool,
	) -> Result<(), StoreError> {
		let file = File::options().read(true).write(true).open(&self.path)?;
		let hasher = self.hasher.take().unwrap_or_default();
		let actual = ContentHash(*hasher.finalize().as_bytes());
		if actual != *expected {
			return Err(StoreError::WrongHash { expected: *expected, actual });
		}
		file.sync_all()?;
		let rename = |to: &Path| fs::rename(&self.path, to).map(|()| file);
		if pin {
			inner.commit_pinned(expected, self.received, rename)
		} else {
			inner.commit(expected, self.received, rename)
		}
	}
}

fn is_older(touched: SystemTime, inner: &Inner) -> bool {
	// A time in the future, as after the clock was set back, is not old.
	touched.elapsed().is_ok_and(|age| age >= inner.limits.upload_expiry)
}

pub(crate) fn remove_partial(path: &Path) {
	match fs::remove_file(path) {
		Err(error) if error.kind() != io::ErrorKind::NotFound => {
			log::warn!(target: LOG_TARGET, "cannot remove {}: {error}", path.display());
		},
		_ => {},
	}
}

/// `HASH.SIZE`
pub(crate) fn parse_name(name: &str) -> Option<UploadKey> {
	let (content, total) = name.split_once('.')?;
	Some((content.parse().ok()?, total.parse().ok()?))
}
