// SPDX-License-Identifier: Apache-2.0
//! Names of things.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::{fmt, str::FromStr};
use scale_info::TypeInfo;
use sp_core::H256;

/// A model: a named repository of releases. Numbers are given out in order and never reused.
pub type ModelId = u32;

/// A request, numbered in order of inclusion. Two forks may give one number to two requests; what
/// is signed therefore names a request by its [`RequestDigest`].
pub type RequestId = u64;

/// What a request is, independent of the fork it was included in:
/// see [`crate::commitment::request_digest`].
pub type RequestDigest = H256;

/// BLAKE3 hash of a file: the name of a model file or a large tensor.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Hash,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct ContentHash(pub [u8; 32]);

impl AsRef<[u8]> for ContentHash {
	fn as_ref(&self) -> &[u8] {
		&self.0
	}
}

impl fmt::Display for ContentHash {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
	}
}

/// Why a text is not the name of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseIdError(
	/// What was expected.
	pub &'static str,
);

impl fmt::Display for ParseIdError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "expected {}", self.0)
	}
}

impl core::error::Error for ParseIdError {}

impl FromStr for ContentHash {
	type Err = ParseIdError;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		let expected = ParseIdError("64 hexadecimal digits");
		let digits = text.strip_prefix("0x").unwrap_or(text).as_bytes();
		if digits.len() != 64 {
			return Err(expected);
		}
		let value = |digit: u8| (digit as char).to_digit(16).ok_or(expected);
		let mut hash = [0u8; 32];
		for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
			*byte = (value(pair[0])? * 16 + value(pair[1])?) as u8;
		}
		Ok(Self(hash))
	}
}

/// Version of a release: immutable once published.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Hash,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Version {
	/// Raised when inputs or outputs change.
	pub major: u16,
	/// Raised when only the weights or the cost change.
	pub minor: u16,
}

impl fmt::Display for Version {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{}.{}", self.major, self.minor)
	}
}

impl FromStr for Version {
	type Err = ParseIdError;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		let expected = ParseIdError("a version such as 1.0");
		let (major, minor) = text.split_once('.').ok_or(expected)?;
		Ok(Self {
			major: major.parse().map_err(|_| expected)?,
			minor: minor.parse().map_err(|_| expected)?,
		})
	}
}

/// One release of one model.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Hash,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct ReleaseId {
	/// The model.
	pub model: ModelId,
	/// Its version.
	pub version: Version,
}

impl fmt::Display for ReleaseId {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{}@{}", self.model, self.version)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::string::ToString;

	#[test]
	fn a_content_hash_reads_back_what_it_prints() {
		let hash = ContentHash(core::array::from_fn(|i| i as u8 * 7));
		assert_eq!(hash.to_string().parse(), Ok(hash));
		assert_eq!(alloc::format!("0x{hash}").parse(), Ok(hash));
		assert!("12".parse::<ContentHash>().is_err());
		assert!("g".repeat(64).parse::<ContentHash>().is_err());
	}

	#[test]
	fn a_version_reads_back_what_it_prints() {
		let version = Version { major: 3, minor: 14 };
		assert_eq!(version.to_string().parse(), Ok(version));
		assert!("3".parse::<Version>().is_err());
		assert!("3.x".parse::<Version>().is_err());
	}
}
