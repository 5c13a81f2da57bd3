// SPDX-License-Identifier: Apache-2.0
//! What an attester's node announces by itself: which releases it serves from now on, and which no
//! more.

use crate::{ids::ReleaseId, limits::MaxAnnounced};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::BoundedVec;
use scale_info::TypeInfo;
use sp_core::H256;
use sp_staking::SessionIndex;

/// Separates announcements from all else that the key signs.
const DOMAIN: &[u8] = b"jurat/announce/v1";

/// Releases that an attester serves from now on, and those that it serves no more.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Announcement<AccountId> {
	/// Who.
	pub attester: AccountId,
	/// The session whose key signs: the current one.
	pub session: SessionIndex,
	/// One more than that of its announcement before, so that none counts twice. The first is 1.
	pub sequence: u64,
	/// Releases that it serves from now on, rising.
	pub serve: BoundedVec<ReleaseId, MaxAnnounced>,
	/// Releases that it serves no more, rising, none of them in the other list.
	pub stop: BoundedVec<ReleaseId, MaxAnnounced>,
}

impl<AccountId: Encode> Announcement<AccountId> {
	/// The bytes that are signed: `blake2_256("jurat/announce/v1" ‖ genesis ‖ announcement)`.
	pub fn signing_payload(&self, genesis: &H256) -> Vec<u8> {
		(DOMAIN, genesis, self).using_encoded(sp_io::hashing::blake2_256).to_vec()
	}

	/// Whether both lists rise, and have nothing in common, and one of them has something.
	pub fn is_well_formed(&self) -> bool {
		let rises = |list: &[ReleaseId]| list.is_sorted_by(|a, b| a < b);
		let both = |release: &ReleaseId| self.stop.binary_search(release).is_ok();
		rises(&self.serve)
			&& rises(&self.stop)
			&& !(self.serve.is_empty() && self.stop.is_empty())
			&& !self.serve.iter().any(both)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::ids::Version;

	fn releases(models: &[u32]) -> BoundedVec<ReleaseId, MaxAnnounced> {
		let version = Version { major: 1, minor: 0 };
		let all: Vec<_> = models.iter().map(|model| ReleaseId { model: *model, version }).collect();
		all.try_into().unwrap()
	}

	fn of(serve: &[u32], stop: &[u32]) -> Announcement<u64> {
		let (serve, stop) = (releases(serve), releases(stop));
		Announcement { attester: 1, session: 2, sequence: 3, serve, stop }
	}

	#[test]
	fn a_release_is_named_once_and_something_is_named() {
		for (serve, stop) in [(&[1, 2][..], &[3][..]), (&[1], &[]), (&[], &[1])] {
			assert!(of(serve, stop).is_well_formed());
		}
		for (serve, stop) in
			[(&[][..], &[][..]), (&[2, 1], &[]), (&[1, 1], &[]), (&[1, 2], &[2]), (&[], &[3, 3])]
		{
			assert!(!of(serve, stop).is_well_formed());
		}
	}

	#[test]
	fn what_is_signed_depends_on_each_of_its_parts() {
		let genesis = H256([1; 32]);
		let base = of(&[1], &[2]);
		let payload = |announcement: &Announcement<u64>| announcement.signing_payload(&genesis);
		let mut others = vec![base.clone(); 5];
		others[0].attester += 1;
		others[1].session += 1;
		others[2].sequence += 1;
		others[3].serve = releases(&[3]);
		others[4].stop = releases(&[3]);
		for other in others {
			assert_ne!(payload(&base), payload(&other));
		}
		assert_ne!(payload(&base), base.signing_payload(&H256([2; 32])));
	}
}
