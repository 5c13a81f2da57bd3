// SPDX-License-Identifier: Apache-2.0
//! Assurance: what the requester chose; how an answer becomes accepted.

use crate::limits::MAX_PANEL;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// How an answer becomes accepted.
///
/// The enum grows; codec indices are fixed from the first day: 0 `Quorum`, 1 `Optimistic`, 2
/// `Attested` (trusted hardware), 3 `Proven` (zero-knowledge). Only what exists decodes.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Assurance {
	/// A panel of `size` attesters is drawn by stake; the answer on which at least `threshold` of
	/// them agree is accepted.
	#[codec(index = 0)]
	Quorum {
		/// Attesters on the panel.
		size: u8,
		/// How many of them must agree.
		threshold: u8,
	},
}

impl Assurance {
	/// A panel of this size with the default threshold: two thirds, rounded up.
	pub const fn quorum(size: u8) -> Self {
		Self::Quorum { size, threshold: default_threshold(size) }
	}

	/// Whether size and threshold are possible: `1 ≤ size ≤ 15`, `size / 2 < threshold ≤ size`.
	/// With half or less, two contradicting answers could both be accepted.
	pub const fn is_sound(&self) -> bool {
		let Self::Quorum { size, threshold } = *self;
		size >= 1 && size as u32 <= MAX_PANEL && threshold <= size && threshold > size / 2
	}

	/// The panel that may decide where one of this assurance disagreed: `2n + 1` seats, and the same
	/// share of them that must agree, rounded up. `None` if there is no panel that large.
	pub fn larger(&self) -> Option<Self> {
		let Self::Quorum { size, threshold } = *self;
		let larger = u32::from(size) * 2 + 1;
		let agree = (u32::from(threshold) * larger).div_ceil(u32::from(size).max(1));
		let next =
			Self::Quorum { size: larger.try_into().ok()?, threshold: agree.try_into().ok()? };
		next.is_sound().then_some(next)
	}
}

/// Two thirds of a panel, rounded up.
pub const fn default_threshold(size: u8) -> u8 {
	((size as u16 * 2).div_ceil(3)) as u8
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_default_threshold_is_two_thirds_and_always_sound() {
		assert_eq!([1, 2, 3, 4, 5, 6, 15].map(default_threshold), [1, 2, 2, 3, 4, 4, 10]);
		assert!((1..=15).all(|size| Assurance::quorum(size).is_sound()));
	}

	#[test]
	fn impossible_panels_are_unsound() {
		for (size, threshold) in [(0, 0), (3, 0), (3, 1), (3, 4), (4, 2), (16, 11), (255, 255)] {
			assert!(!Assurance::Quorum { size, threshold }.is_sound(), "{size}/{threshold}");
		}
	}

	#[test]
	fn the_larger_panel_has_twice_the_seats_and_one_and_the_same_share_must_agree() {
		let next = |size, threshold| Assurance::Quorum { size, threshold }.larger();
		assert_eq!(next(1, 1), Some(Assurance::Quorum { size: 3, threshold: 3 }));
		assert_eq!(next(3, 2), Some(Assurance::Quorum { size: 7, threshold: 5 }));
		assert_eq!(next(5, 3), Some(Assurance::Quorum { size: 11, threshold: 7 }));
		assert_eq!(next(7, 7), Some(Assurance::Quorum { size: 15, threshold: 15 }));
		for (size, threshold) in [(8, 6), (15, 10), (0, 0), (255, 255)] {
			assert_eq!(next(size, threshold), None);
		}
		for size in 1..=7 {
			for threshold in size / 2 + 1..=size {
				assert!(next(size, threshold).is_some_and(|next| next.is_sound()));
			}
		}
	}

	#[test]
	fn kinds_that_do_not_exist_yet_do_not_decode() {
		assert_eq!(Assurance::quorum(3).encode()[0], 0);
		for index in 1u8..=3 {
			assert!(Assurance::decode(&mut &[index, 3, 2, 0, 0, 0, 0][..]).is_err());
		}
	}
}
