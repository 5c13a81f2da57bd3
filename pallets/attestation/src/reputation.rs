// SPDX-License-Identifier: Apache-2.0
//! Reputation: what share of an attester's work is right, as far as its past tells.
//!
//! The beta reputation system of Jøsang and Ismail (*The Beta Reputation System*, Bled eCommerce
//! Conference 2002): with `r` the good and `s` the bad that was seen, the expected share of good
//! work is that of the Beta(`r` + 1, `s` + 1) distribution,
//!
//! ```text
//! E = (r + 1) / (r + s + 2)
//! ```
//!
//! so that an attester of which nothing is known stands at one half. What is older counts less:
//! with each judgement of weight `w` both sums are first multiplied by `1 − (1 − λ) · w`, λ = 0.98,
//! and then `w` is added to one of them. `w` is what the request paid an agreeing member, as a
//! share of a reference, at most 1. So a request that pays almost nothing neither builds a
//! reputation nor washes one away, and no more than `1 / (1 − λ)` = 50 paid requests count: the
//! best reputation is 51 / 52, the worst 1 / 52.
//!
//! In the draw of panels, stake is weighted by `1/4 + 3/4 · E`: a reputation can not lift anybody
//! above its stake, and can not push it out entirely, so that it can be regained.

use codec::{Decode, Encode, MaxEncodedLen};
use jurat_primitives::Verdict;
use scale_info::TypeInfo;
use sp_runtime::Perbill;

/// What is forgotten with each judgement of full weight: `1 − λ`.
const FORGET: Perbill = Perbill::from_percent(2);
/// The least share of a stake that counts in a draw.
const FLOOR: Perbill = Perbill::from_percent(25);
/// Units of [`Reputation`] in one.
const ONE: u64 = 1_000_000;

/// Discounted sums of what was good and what was bad, in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Reputation {
	/// What was good.
	pub good: u64,
	/// What was bad.
	pub bad: u64,
}

impl Reputation {
	/// What a verdict says of a member. `None`: nothing.
	pub const fn mark(verdict: Verdict) -> Option<bool> {
		match verdict {
			Verdict::Agreed => Some(true),
			Verdict::Outlier
			| Verdict::Divergent
			| Verdict::NoShow
			| Verdict::Withheld
			| Verdict::BadOpening => Some(false),
			Verdict::Abstained | Verdict::Undecided | Verdict::Excused => None,
		}
	}

	/// Takes one judgement in.
	pub fn note(&mut self, good: bool, weight: Perbill) {
		let keep = Perbill::one() - FORGET * weight;
		self.good = keep * self.good;
		self.bad = keep * self.bad;
		let sum = if good { &mut self.good } else { &mut self.bad };
		*sum = sum.saturating_add(weight * ONE);
	}

	/// What was taken for bad was good.
	pub fn mend(&mut self, weight: Perbill) {
		let mark = (weight * ONE).min(self.bad);
		self.bad = self.bad.saturating_sub(mark);
		self.good = self.good.saturating_add(mark);
	}

	/// The expected share of right work.
	pub fn expected(&self) -> Perbill {
		Perbill::from_rational(
			self.good.saturating_add(ONE),
			self.good.saturating_add(self.bad).saturating_add(2 * ONE),
		)
	}

	/// What of its stake counts in a draw.
	pub fn weighs(&self, stake: u128) -> u128 {
		let share = FLOOR + (Perbill::one() - FLOOR) * self.expected();
		// Whoever has stake can be drawn.
		(share * stake).max(stake.min(1))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn after(marks: impl IntoIterator<Item = (bool, Perbill)>) -> Reputation {
		let mut reputation = Reputation::default();
		marks.into_iter().for_each(|(good, weight)| reputation.note(good, weight));
		reputation
	}

	const FULL: Perbill = Perbill::one();

	#[test]
	fn nothing_known_is_one_half_and_one_mark_moves_it_by_a_sixth() {
		assert_eq!(after([]).expected(), Perbill::from_percent(50));
		assert_eq!(after([(true, FULL)]).expected(), Perbill::from_rational(2u32, 3));
		assert_eq!(after([(false, FULL)]).expected(), Perbill::from_rational(1u32, 3));
	}

	#[test]
	fn it_is_bounded_by_what_fifty_requests_say() {
		let best = after([(true, FULL); 5_000]);
		let worst = after([(false, FULL); 5_000]);
		assert!(best.expected() <= Perbill::from_rational(51u32, 52));
		assert!(best.expected() > Perbill::from_percent(98));
		assert!(worst.expected() >= Perbill::from_rational(1u32, 52));
		assert!(worst.expected() < Perbill::from_percent(2));
		// Old sins are forgiven, slowly: after fifty right answers a third is forgotten.
		let mut mended = worst;
		(0..50).for_each(|_| mended.note(true, FULL));
		assert!(mended.expected() > Perbill::from_percent(60));
		assert!(mended.expected() < Perbill::from_percent(70));
	}

	#[test]
	fn work_that_pays_nothing_neither_builds_nor_washes() {
		let bad = after([(false, FULL); 20]);
		let mut washed = bad;
		(0..100_000).for_each(|_| washed.note(true, Perbill::zero()));
		assert_eq!(washed, bad);
		// Nor does splitting a job in a thousand: as much as the one job, give or take rounding.
		let mut split = bad;
		(0..1_000).for_each(|_| split.note(true, Perbill::from_rational(1u32, 1_000)));
		let mut whole = bad;
		whole.note(true, FULL);
		let difference = split.expected().deconstruct().abs_diff(whole.expected().deconstruct());
		assert!(difference < Perbill::from_rational(1u32, 1_000).deconstruct(), "{difference}");
	}

	#[test]
	fn a_draw_counts_between_a_quarter_and_all_of_a_stake() {
		let stake = 1_000_000_000_000u128;
		assert_eq!(after([]).weighs(stake), stake / 8 * 5);
		let best = after([(true, FULL); 5_000]).weighs(stake);
		let worst = after([(false, FULL); 5_000]).weighs(stake);
		assert!(best < stake && best > stake / 100 * 98);
		assert!(worst > stake / 4 && worst < stake / 100 * 27);
		assert_eq!(after([]).weighs(1), 1);
		assert_eq!(after([]).weighs(0), 0);
	}

	#[test]
	fn only_what_is_right_or_wrong_by_a_rule_counts() {
		use Verdict::*;
		assert_eq!(Reputation::mark(Agreed), Some(true));
		for verdict in [Outlier, Divergent, NoShow, Withheld, BadOpening] {
			assert_eq!(Reputation::mark(verdict), Some(false));
		}
		for verdict in [Abstained, Undecided, Excused] {
			assert_eq!(Reputation::mark(verdict), None);
		}
	}
}
