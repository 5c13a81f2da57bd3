// SPDX-License-Identifier: Apache-2.0
//! Offences: what is worse than a fault, and reaches the stake in consensus, the validator's own and
//! its nominators'.
//!
//! The time slot of both kinds is a session: what several validators do in one session counts
//! together, and what one of them does repeatedly counts once. With `k` offenders in a session of
//! `n` validators, each loses
//!
//! ```text
//! f(k) = min(1, base + (3 · (k − 1) / n)²)
//! ```
//!
//! of its stake. The square and the factor of three are those by which BABE and GRANDPA punish
//! equivocations (Web3 Foundation, *Slashing mechanisms*; `min(1, (3k/n)²)` in `pallet-grandpa`): a
//! third of the validators together lose everything. Here `k − 1` stands for `k`, so that the one
//! who is alone loses the base only: a tenth for an equivocation; nothing for a divergence, whose
//! price has been taken from its bond already.

use alloc::{vec, vec::Vec};
use sp_runtime::{Perbill, Saturating};
use sp_staking::{
	SessionIndex,
	offence::{Kind, Offence},
};

/// `min(1, base + (3 · (k − 1) / n)²)`.
pub fn correlated(base: Perbill, offenders: u32, validators: u32) -> Perbill {
	let others = offenders.saturating_sub(1);
	base.saturating_add(
		Perbill::from_rational(others.saturating_mul(3), validators.max(1)).square(),
	)
}

/// An attester signed two things that contradict each other.
pub struct EquivocationOffence<Offender> {
	/// The session in which its key signed.
	pub session: SessionIndex,
	/// Validators of that session.
	pub validators: u32,
	/// Who.
	pub offender: Offender,
	/// What the one who is alone loses.
	pub base: Perbill,
}

impl<Offender: Clone> Offence<Offender> for EquivocationOffence<Offender> {
	const ID: Kind = *b"jurat:equivocate";
	type Slot = SessionIndex;

	fn offenders(&self) -> Vec<Offender> {
		vec![self.offender.clone()]
	}

	fn session_index(&self) -> SessionIndex {
		self.session
	}

	fn validator_set_count(&self) -> u32 {
		self.validators
	}

	fn slot(&self) -> SessionIndex {
		self.session
	}

	fn slash_fraction(&self, offenders: u32) -> Perbill {
		correlated(self.base, offenders, self.validators)
	}
}

/// Several attesters diverged in one session, and nobody proved the others wrong.
pub struct DivergenceOffence<Offender> {
	/// The session in which their panels were drawn.
	pub session: SessionIndex,
	/// Validators.
	pub validators: u32,
	/// Who.
	pub offenders: Vec<Offender>,
}

impl<Offender: Clone> Offence<Offender> for DivergenceOffence<Offender> {
	const ID: Kind = *b"jurat:divergence";
	type Slot = SessionIndex;

	fn offenders(&self) -> Vec<Offender> {
		self.offenders.clone()
	}

	fn session_index(&self) -> SessionIndex {
		self.session
	}

	fn validator_set_count(&self) -> u32 {
		self.validators
	}

	fn slot(&self) -> SessionIndex {
		self.session
	}

	fn slash_fraction(&self, offenders: u32) -> Perbill {
		correlated(Perbill::zero(), offenders, self.validators)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn one_alone_loses_the_base_and_a_third_together_lose_everything() {
		let tenth = Perbill::from_percent(10);
		assert_eq!(correlated(tenth, 1, 4), tenth);
		assert_eq!(correlated(Perbill::zero(), 1, 1), Perbill::zero());
		assert_eq!(correlated(Perbill::zero(), 2, 30), Perbill::from_percent(1));
		assert_eq!(correlated(tenth, 4, 30), Perbill::from_percent(19));
		assert_eq!(correlated(Perbill::zero(), 11, 30), Perbill::one());
		assert_eq!(correlated(tenth, 30, 30), Perbill::one());
		assert_eq!(correlated(tenth, 0, 0), tenth);
	}

	#[test]
	fn what_all_lose_together_grows_faster_than_their_number() {
		let sum =
			|k: u32| u64::from(correlated(Perbill::zero(), k, 100).deconstruct()) * u64::from(k);
		for k in 2..30 {
			assert!(sum(k + 1) * u64::from(k) > sum(k) * u64::from(k + 1), "{k}");
		}
	}
}
