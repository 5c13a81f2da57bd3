// SPDX-License-Identifier: Apache-2.0
//! What the pallet stores and shows.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use jurat_primitives::income::{EraIndex, MAX_PAGES};
use scale_info::TypeInfo;
use sp_runtime::{Perbill, Saturating};

/// A commission that a validator set.
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
pub struct CommissionRecord {
	/// In force.
	pub rate: Perbill,
	/// The era in which it was last set.
	pub era: EraIndex,
	/// What it was when that era began: the rise within the era is counted from here.
	pub base: Perbill,
}

/// A set of pages of an exposure, each below [`MAX_PAGES`].
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct PageSet(u64);

impl PageSet {
	/// The bit of a page. None beyond the last that can be in a set.
	fn bit(page: u32) -> u64 {
		1u64.checked_shl(page).unwrap_or_default()
	}

	/// Adds a page.
	pub fn insert(&mut self, page: u32) {
		self.0 |= Self::bit(page);
	}

	/// Whether a page is in the set.
	pub fn contains(&self, page: u32) -> bool {
		self.0 & Self::bit(page) != 0
	}

	/// How many pages are in the set.
	pub fn count(&self) -> u32 {
		self.0.count_ones()
	}

	/// Whether every page of the set is below `pages`.
	pub fn is_below(&self, pages: u32) -> bool {
		(pages..MAX_PAGES).all(|page| !self.contains(page))
	}
}

/// What nominators of one validator are to get for one era.
///
/// Their stake and the number of their pages are written down with the first income of the era, so
/// that no later forgetting of the staking system changes what is owed.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct IncomeRecord<Balance> {
	/// The nominators' part of all income of the era, in planck of JUR.
	pub amount: Balance,
	/// What of it was paid, in planck of JUR.
	pub paid: Balance,
	/// Stake of all nominators in sum, in planck of JUR: `amount` is divided by it.
	pub backing: Balance,
	/// Pages over which the nominators are spread.
	pub pages: u32,
	/// Those of them that were paid.
	pub paid_pages: PageSet,
}

impl<Balance: Saturating + Copy> IncomeRecord<Balance> {
	/// What was not paid.
	pub fn left(&self) -> Balance {
		self.amount.saturating_sub(self.paid)
	}

	/// Whether each page was paid.
	pub fn is_complete(&self) -> bool {
		self.paid_pages.count() >= self.pages
	}
}

/// Income of a validator in an era that its nominators have not got yet.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct UnpaidIncome<Balance> {
	/// The era.
	pub era: EraIndex,
	/// The nominators' part, in planck of JUR. It may grow while the era runs.
	pub amount: Balance,
	/// What of it was paid, in planck of JUR.
	pub paid: Balance,
	/// The pages that can be paid once the era is over.
	pub pages: Vec<u32>,
	/// Whether the era is over.
	pub payable: bool,
	/// The first era in which what is left may be swept.
	pub sweepable_from: EraIndex,
}
