// SPDX-License-Identifier: Apache-2.0
//! What honest nodes earn, and what `NoShow` takes from them.

use crate::{DAILY_CAP, FEE, NO_SHOW, WARNINGS, exact::binomial};

/// One day of one attester.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Day {
	/// Jobs missed.
	pub missed: f64,
	/// Of these, penalised: all but the first of the day.
	pub penalised: f64,
	/// Share of the bond that is lost.
	pub lost: f64,
	/// Fees earned, in JUR, if every answer given is accepted.
	pub earned: f64,
}

/// Share of the bond that so many `NoShow`s of one day cost.
pub fn penalty(missed: u32) -> f64 {
	(f64::from(missed.saturating_sub(WARNINGS)) * NO_SHOW).min(DAILY_CAP)
}

/// A day on which each of `jobs` is missed independently.
pub fn day(jobs: u32, availability: f64) -> Day {
	let distribution = binomial(jobs as usize, 1.0 - availability);
	let mean = |of: &dyn Fn(u32) -> f64| {
		(0u32..).zip(&distribution).map(|(missed, p)| p * of(missed)).sum()
	};
	Day {
		missed: mean(&f64::from),
		penalised: mean(&|missed| f64::from(missed.saturating_sub(WARNINGS))),
		lost: mean(&penalty),
		earned: f64::from(jobs) * availability * FEE,
	}
}

/// The fee per answer at which a day neither earns nor loses, in JUR.
pub fn break_even(jobs: u32, availability: f64, bond: f64) -> f64 {
	day(jobs, availability).lost * bond / (f64::from(jobs) * availability)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::rules::Dice;

	#[test]
	fn one_job_missed_in_a_day_is_a_warning() {
		assert_eq!([0, 1, 2, 3].map(penalty), [0.0, 0.0, 0.001, 0.002]);
		assert_eq!(penalty(10_000), DAILY_CAP);
	}

	#[test]
	fn days_are_as_sampled() {
		let (jobs, availability, days) = (100, 0.99, 20_000);
		let mut dice = Dice::new(1, "days");
		let lost: f64 = (0..days)
			.map(|_| penalty((0..jobs).filter(|_| dice.chance(1.0 - availability)).count() as u32))
			.sum::<f64>()
			/ f64::from(days);
		let expected = day(jobs, availability);
		// q J − 1 + (1 − q)^J.
		assert!((expected.penalised - (1.0 - 1.0 + 0.99f64.powi(100))).abs() < 1e-9);
		assert!((lost - expected.lost).abs() < 0.03 * expected.lost, "{lost} {expected:?}");
	}
}
