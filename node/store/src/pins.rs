// SPDX-License-Identifier: Apache-2.0
//! Pins: blobs that stay until they are unpinned.
//!
//! The file `DIR/pins` has one hash in each line. It is written anew with each change, synced, and
//! renamed into its place.

use crate::{
	Store, StoreError,
	store::{Inner, LOG_TARGET},
};
use jurat_primitives::ContentHash;
use std::{collections::BTreeSet, fmt::Write as _, fs, io, io::Write as _};

/// The blobs that are pinned.
#[derive(Default)]
pub(crate) struct Pins {
	pinned: BTreeSet<ContentHash>,
	/// Counts changes.
	version: u64,
}

impl Pins {
	pub fn contains(&self, content: &ContentHash) -> bool {
		self.pinned.contains(content)
	}

	pub fn set(&mut self, content: ContentHash, pinned: bool) {
		let changed =
			if pinned { self.pinned.insert(content) } else { self.pinned.remove(&content) };
		self.version += u64::from(changed);
	}

	/// Forgets pins of blobs that are not there.
	pub fn retain(&mut self, there: impl Fn(&ContentHash) -> bool) {
		self.pinned.retain(there);
	}
}

impl Store {
	/// Keeps a blob until it is unpinned, also after a restart.
	pub fn pin(&self, content: &ContentHash) -> Result<(), StoreError> {
		self.set_pinned(content, true)
	}

	/// From now on a blob may go when there is no room for another.
	pub fn unpin(&self, content: &ContentHash) -> Result<(), StoreError> {
		self.set_pinned(content, false)
	}

	fn set_pinned(&self, content: &ContentHash, pinned: bool) -> Result<(), StoreError> {
		{
			let mut state = self.inner.state.lock();
			if !state.blobs.contains_key(content) {
				return Err(StoreError::NotFound(*content));
			}
			state.pins.set(*content, pinned);
		}
		self.inner.write_pins()
	}

	/// Whether a blob is pinned.
	pub fn is_pinned(&self, content: &ContentHash) -> bool {
		self.inner.state.lock().pins.contains(content)
	}

	/// Blobs that stay as pinned ones do, in place of those of the last call: those that the node
	/// promised to serve. Forgotten with a restart.
	pub fn set_kept(&self, kept: BTreeSet<ContentHash>) {
		self.inner.state.lock().kept = kept;
	}
}

impl Inner {
	/// What an earlier process pinned; `None` if none ever did, as before there were pins.
	pub fn read_pins(&self) -> Result<Option<Pins>, StoreError> {
		let bytes = match fs::read(self.pins_path()) {
			Ok(bytes) => bytes,
			Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
			Err(error) => return Err(error.into()),
		};
		let mut pins = Pins::default();
		for line in String::from_utf8_lossy(&bytes).lines() {
			match line.parse() {
				Ok(content) => pins.set(content, true),
				Err(_) => log::warn!(target: LOG_TARGET, "no pin: {line:?}"),
			}
		}
		Ok(Some(pins))
	}

	/// Brings the pins to disk, if they changed since that was done last.
	pub fn write_pins(&self) -> Result<(), StoreError> {
		// One at a time, and the one who comes last writes what is true then.
		let mut written = self.pins_written.lock();
		let (version, text) = {
			let pins = &self.state.lock().pins;
			let mut text = String::with_capacity(pins.pinned.len() * 65);
			for content in &pins.pinned {
				// Writing to a string cannot fail.
				let _ = writeln!(text, "{content}");
			}
			(pins.version, text)
		};
		if *written == Some(version) {
			return Ok(());
		}
		let mut file = self.temporary()?;
		file.write_all(text.as_bytes())?;
		file.as_file().sync_all()?;
		file.persist(self.pins_path()).map_err(|error| error.error)?;
		self.sync_dir()?;
		*written = Some(version);
		Ok(())
	}
}
