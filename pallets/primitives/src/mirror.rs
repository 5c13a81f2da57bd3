// SPDX-License-Identifier: Apache-2.0
//! Where a model's owner says that its file can be had: addresses of web servers.
//!
//! A mirror is a hint and no more. Whatever comes from it counts only if it has the hash of the
//! release, and no node has to ask it: peers are asked first, and mirrors only by operators who want
//! that.

use crate::limits::{MAX_MIRROR, MAX_MIRRORS};
use frame_support::BoundedVec;
use sp_core::ConstU32;

/// Address of a file: `https://…` or `http://…`, see [`is_address`].
pub type Mirror = BoundedVec<u8, ConstU32<MAX_MIRROR>>;

/// Addresses of one file, the best first.
pub type Mirrors = BoundedVec<Mirror, ConstU32<MAX_MIRRORS>>;

/// Whether it can be an address: `http://` or `https://`, then a host, all in printable ASCII
/// without spaces. What nodes connect to is checked by them, when they do.
pub fn is_address(address: &[u8]) -> bool {
	let rest = address.strip_prefix(b"https://").or_else(|| address.strip_prefix(b"http://"));
	rest.is_some_and(|rest| {
		rest.first().is_some_and(|byte| *byte != b'/') && rest.iter().all(u8::is_ascii_graphic)
	})
}

#[cfg(test)]
mod tests {
	use super::is_address;

	#[test]
	fn an_address_has_a_scheme_and_a_host_and_nothing_that_cannot_be_seen() {
		for address in ["https://a.org/model.onnx", "http://a", "https://[2001:db8::1]:8443/x?y=z"]
		{
			assert!(is_address(address.as_bytes()), "{address}");
		}
		let others =
			["", "a.org", "ftp://a.org", "https://", "https:///x", "https://a b", "https://a\n"];
		for address in others.into_iter().chain(["HTTPS://a.org", "http://ä.org", "file:///etc"]) {
			assert!(!is_address(address.as_bytes()), "{address}");
		}
	}
}
