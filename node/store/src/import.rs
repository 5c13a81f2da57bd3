// SPDX-License-Identifier: Apache-2.0
//! Import of a directory of model files.

use crate::{Store, StoreError, store::copy_hashed};
use jurat_primitives::ContentHash;
use std::{
	fs::{self, File},
	io,
	path::Path,
};

/// What came of an import: one file that is refused does not keep the others out.
#[derive(Debug, Default)]
pub struct Import {
	/// Files that are blobs now, or were already.
	pub imported: Vec<Imported>,
	/// Files that are not, and why.
	pub refused: Vec<Refused>,
}

/// A file that is in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
	/// Its name in the directory.
	pub name: String,
	/// Its hash.
	pub content: ContentHash,
	/// Its size in bytes.
	pub size: u64,
}

/// A file that was not taken.
#[derive(Debug)]
pub struct Refused {
	/// Its name in the directory.
	pub name: String,
	/// Why not.
	pub error: StoreError,
}

impl Store {
	/// Takes every regular file of a directory, or link to one, whose name does not begin with a
	/// dot, in the order of their names. Files are copied, not linked: the original stays its
	/// owner's to change. They are pinned.
	pub fn import_dir(&self, dir: impl AsRef<Path>) -> Result<Import, StoreError> {
		let mut files = Vec::new();
		for entry in fs::read_dir(dir)? {
			let entry = entry?;
			let name = entry.file_name().to_string_lossy().into_owned();
			// `metadata` of the path follows links; a broken one is no regular file.
			let regular = fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_file());
			if regular && !name.starts_with('.') {
				files.push((name, entry.path()));
			}
		}
		files.sort();
		let mut import = Import::default();
		for (name, path) in files {
			match self.put_file(&path) {
				Ok((content, size)) => import.imported.push(Imported { name, content, size }),
				Err(error) => import.refused.push(Refused { name, error }),
			}
		}
		Ok(import)
	}

	/// Takes a copy of a file, and pins it. Its hash and its size.
	pub fn put_file(&self, path: impl AsRef<Path>) -> Result<(ContentHash, u64), StoreError> {
		let mut source = File::open(&path)?;
		let size = source.metadata()?.len();
		self.inner.check_blob_size(size)?;
		// Reading is much cheaper than writing, and after the first import all are there.
		let (content, read) = copy(&mut source, &mut io::sink(), size)?;
		if self.inner.pin_if_present(&content)? {
			return Ok((content, read));
		}
		let reservation = self.inner.reserve(size)?;
		let mut file = self.inner.temporary()?;
		let (content, copied) = copy(&mut File::open(&path)?, &mut file, size)?;
		if copied != size {
			let error = io::Error::other("the file changed while it was copied");
			return Err(StoreError::Io(error));
		}
		self.inner.commit_temporary(file, &content, reservation)?;
		Ok((content, size))
	}
}

fn copy(from: &mut File, to: &mut impl io::Write, size: u64) -> io::Result<(ContentHash, u64)> {
	let mut hasher = blake3::Hasher::new();
	let copied = copy_hashed(from, &mut hasher, to, size)?;
	Ok((ContentHash(*hasher.finalize().as_bytes()), copied))
}
