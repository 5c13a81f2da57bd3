// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! What goes over the wire: one request, one response, both in SCALE.
//!
//! A transfer is named by hash *and* size, as the chain names a blob. Who has other bytes under
//! that size has nothing of it, so that a wrong size on the chain makes nobody look like a liar.

use codec::{Decode, DecodeAll, Encode};
use jurat_primitives::limits::MAX_MODEL_BYTES;
use jurat_store::{ContentHash, MAX_ENCODED_RANGE, range_count};
use std::time::Duration;

/// Bytes of the largest encoded request; a request has a fixed size of at most 45.
pub const MAX_REQUEST_BYTES: u64 = 64;

/// Bytes of the largest encoded response: a range with its proof, and what SCALE puts before it.
pub const MAX_RESPONSE_BYTES: u64 = MAX_ENCODED_RANGE as u64 + 64;

/// Ranges of the largest blob there may be.
pub const MAX_RANGES: u64 = range_count(MAX_MODEL_BYTES);

/// The longest time that who is busy may put somebody off; more is read as this.
pub const MAX_RETRY_AFTER: Duration = Duration::from_secs(30);

/// The name of the protocol: that of the chain and its fork comes first, as with every protocol of
/// a Substrate node.
pub fn protocol_name(genesis_hash: impl AsRef<[u8]>, fork_id: Option<&str>) -> String {
	let genesis = hex::encode(genesis_hash);
	match fork_id {
		Some(fork_id) => format!("/{genesis}/{fork_id}/jurat/blob/1"),
		None => format!("/{genesis}/jurat/blob/1"),
	}
}

/// What is asked of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Request {
	/// Which ranges of this blob are there? Costs next to nothing to answer.
	#[codec(index = 0)]
	Have {
		/// Its hash.
		content: ContentHash,
		/// Its size in bytes.
		size: u64,
	},
	/// One range, with the hashes that prove it.
	#[codec(index = 1)]
	Range {
		/// Hash of the blob.
		content: ContentHash,
		/// Size of the blob in bytes.
		size: u64,
		/// Which range, from 0.
		index: u32,
	},
}

/// What a peer answers.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Response {
	/// To [`Request::Range`]: the range and its proof.
	#[codec(index = 0)]
	Range(Vec<u8>),
	/// To [`Request::Have`].
	#[codec(index = 1)]
	Have(Held),
	/// Not here, or no longer.
	#[codec(index = 2)]
	NotHere,
	/// Not now.
	#[codec(index = 3)]
	Busy {
		/// When to ask again, in milliseconds from now.
		retry_after: u32,
	},
}

/// Which ranges of a blob somebody has.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Held {
	/// All of them.
	#[codec(index = 0)]
	All,
	/// Those whose bit is set: range `8 i + j` is bit `j`, counted from the least, of byte `i`.
	/// Bytes after the last one that has a bit are left out.
	#[codec(index = 1)]
	Some(Vec<u8>),
}

impl Held {
	/// These ranges.
	pub fn of(ranges: impl IntoIterator<Item = u32>) -> Self {
		let mut bits = Vec::new();
		for index in ranges {
			let byte = (index / 8) as usize;
			if bits.len() <= byte {
				bits.resize(byte + 1, 0u8);
			}
			bits[byte] |= 1 << (index % 8);
		}
		Self::Some(bits)
	}

	/// Whether this range is among them.
	pub fn has(&self, index: u32) -> bool {
		match self {
			Self::All => true,
			Self::Some(bits) => {
				bits.get((index / 8) as usize).is_some_and(|byte| byte & (1 << (index % 8)) != 0)
			},
		}
	}

	/// Whether there is none.
	pub fn is_empty(&self) -> bool {
		matches!(self, Self::Some(bits) if bits.iter().all(|byte| *byte == 0))
	}

	fn is_bounded(&self) -> bool {
		match self {
			Self::All => true,
			Self::Some(bits) => bits.len() as u64 <= MAX_RANGES.div_ceil(8),
		}
	}
}

/// These bytes are no message of this protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a message of this protocol")]
pub struct Malformed;

impl Request {
	/// Reads a request. Nothing may follow it.
	pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
		Self::decode_all(&mut &*bytes).map_err(|_| Malformed)
	}
}

impl Response {
	/// Reads a response. Nothing may follow it, and no part may be longer than there is use for.
	pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
		if bytes.len() as u64 > MAX_RESPONSE_BYTES {
			return Err(Malformed);
		}
		match Self::decode_all(&mut &*bytes).map_err(|_| Malformed)? {
			Self::Have(held) if !held.is_bounded() => Err(Malformed),
			Self::Range(encoded) if encoded.len() > MAX_ENCODED_RANGE => Err(Malformed),
			response => Ok(response),
		}
	}

	/// A refusal for this long.
	pub fn busy(retry_after: Duration) -> Self {
		let retry_after = retry_after.min(MAX_RETRY_AFTER).as_millis();
		Self::Busy { retry_after: u32::try_from(retry_after).unwrap_or(u32::MAX) }
	}
}
