// SPDX-License-Identifier: Apache-2.0
//! The hashes between the root of a blob and its groups of chunks, without which no range could be
//! proven but by reading the whole blob.
//!
//! For a complete blob they lie in `trees/HASH`, pairs of child hashes in pre-order: four
//! thousandths of its size, and nothing for a blob of one group. The file comes with a download, or
//! is made when the first range is asked for. It is never synced and never trusted: each encoding
//! compares what it uses of it with the root, and a file that is damaged is made anew.

use crate::{
	Store, StoreError,
	ranges::{self, PAIR},
	store::{BUFFER, Inner},
	upload::remove_partial,
};
use bao_tree::{
	BaoTree, TreeNode, blake3,
	io::{
		EncodeError,
		outboard::PreOrderOutboard,
		sync::{Outboard, ReadAt, outboard},
	},
};
use jurat_primitives::ContentHash;
use std::{
	fs::File,
	io::{self, BufReader, Write},
};

/// The pairs of a blob, in a file; without one for a blob of one group, which has none.
#[derive(Clone, Copy)]
pub(crate) struct Pairs<'a> {
	pub content: &'a ContentHash,
	pub size: u64,
	pub file: Option<&'a File>,
}

impl Outboard for Pairs<'_> {
	fn root(&self) -> blake3::Hash {
		ranges::root(self.content)
	}

	fn tree(&self) -> BaoTree {
		ranges::tree(self.size)
	}

	fn load(&self, node: TreeNode) -> io::Result<Option<(blake3::Hash, blake3::Hash)>> {
		let Some(place) = self.tree().pre_order_offset(node) else { return Ok(None) };
		let (mut left, mut right) = ([0; 32], [0; 32]);
		if let Some(file) = self.file {
			let mut pair = [0; PAIR as usize];
			match file.read_exact_at(place * PAIR, &mut pair) {
				// What is not there verifies nothing, as zeros do.
				Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {},
				result => result?,
			}
			left.copy_from_slice(&pair[..32]);
			right.copy_from_slice(&pair[32..]);
		}
		Ok(Some((left.into(), right.into())))
	}
}

impl Store {
	/// The bytes of a range with the hashes that prove them: see [`RANGE`](crate::RANGE). Whoever
	/// knows the hash and the size can check them, and nothing else is needed for it. Also those
	/// ranges of an unfinished download are given that are there.
	///
	/// The size is the asker's: to an asker that believes in another size than the blob has, what
	/// is right would seem wrong, and he gets [`StoreError::WrongSize`] instead.
	///
	/// The first range of a blob that was not downloaded costs a reading of the whole blob, later
	/// ones a reading of the range. A blob that proves damaged is removed. As with
	/// [`Store::get_range`], this is no use of the blob.
	pub fn encode_range(
		&self,
		content: &ContentHash,
		size: u64,
		index: u64,
	) -> Result<Vec<u8>, StoreError> {
		let Some(length) = ranges::encoded_length(size, index) else {
			return Err(StoreError::NoSuchRange { index, ranges: ranges::range_count(size) });
		};
		let mut encoded = Vec::with_capacity(length);
		match self.stat(content) {
			None => self.encode_partial(content, size, index, &mut encoded)?,
			Some(stat) if stat.size != size => {
				return Err(StoreError::WrongSize { expected: size, actual: stat.size });
			},
			Some(_) => self.with_pairs(content, size, |data, pairs| {
				encoded.clear();
				ranges::encode(data, pairs, index, &mut encoded)
			})?,
		}
		Ok(encoded)
	}

	/// Works with the file and the pairs of a complete blob, and once more if the pairs are wrong.
	pub(crate) fn with_pairs(
		&self,
		content: &ContentHash,
		size: u64,
		mut work: impl FnMut(&File, Pairs<'_>) -> Result<(), EncodeError>,
	) -> Result<(), StoreError> {
		let data = self.open_blob(content)?;
		let mut rebuilt = false;
		loop {
			let mut pairs = self.inner.pairs(content, size)?;
			if pairs.is_none() && ranges::tree(size).outboard_size() > 0 {
				if !self.build_pairs(content, size, &data)? {
					return Err(self.damaged(content));
				}
				pairs = self.inner.pairs(content, size)?;
			}
			match work(&data, Pairs { content, size, file: pairs.as_ref() }) {
				Ok(()) => return Ok(()),
				Err(EncodeError::ParentHashMismatch(_)) if !rebuilt => {
					rebuilt = true;
					self.inner.remove_pairs(content);
				},
				// The pairs lead to it, so that it is the bytes that are wrong.
				Err(EncodeError::LeafHashMismatch(_)) => return Err(self.damaged(content)),
				Err(EncodeError::Io(error)) => return Err(error.into()),
				Err(error) => return Err(io::Error::from(error).into()),
			}
		}
	}

	/// Removes a blob that does not have its hash.
	pub(crate) fn damaged(&self, content: &ContentHash) -> StoreError {
		if let Err(error) = self.remove(content) {
			log::warn!(target: crate::store::LOG_TARGET, "damaged blob {content}: {error}");
		}
		StoreError::Damaged(*content)
	}

	/// Reads a blob and writes its pairs. Whether it has its hash.
	fn build_pairs(
		&self,
		content: &ContentHash,
		size: u64,
		data: &File,
	) -> Result<bool, StoreError> {
		// One at a time, however many ask: it reads the whole blob.
		let _building = self.inner.building.lock();
		if self.inner.pairs(content, size)?.is_some() {
			return Ok(true);
		}
		let tree = ranges::tree(size);
		let place = Vec::with_capacity(tree.outboard_size() as usize);
		let mut pairs = PreOrderOutboard { root: ranges::root(content), tree, data: place };
		let from_start = FromStart { file: data, at: 0 };
		let root = match outboard(BufReader::with_capacity(BUFFER, from_start), tree, &mut pairs) {
			Ok(root) => root,
			// Somebody cut the file.
			Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
			Err(error) => return Err(error.into()),
		};
		if root != ranges::root(content) {
			return Ok(false);
		}
		let mut file = self.inner.temporary()?;
		file.write_all(&pairs.data)?;
		file.persist(self.inner.pairs_path(content)).map_err(|error| error.error)?;
		Ok(true)
	}
}

impl Inner {
	fn remove_pairs(&self, content: &ContentHash) {
		remove_partial(&self.pairs_path(content));
	}

	/// The file with the pairs of a complete blob, if it is there and has the right length.
	fn pairs(&self, content: &ContentHash, size: u64) -> Result<Option<File>, StoreError> {
		let file = match File::open(self.pairs_path(content)) {
			Ok(file) => file,
			Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
			Err(error) => return Err(error.into()),
		};
		let length = ranges::tree(size).outboard_size();
		Ok((file.metadata()?.len() == length).then_some(file))
	}
}

/// Reads a file from its start, wherever others who read it are.
struct FromStart<'a> {
	file: &'a File,
	at: u64,
}

impl io::Read for FromStart<'_> {
	fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
		let read = self.file.read_at(self.at, buffer)?;
		self.at += read as u64;
		Ok(read)
	}
}
