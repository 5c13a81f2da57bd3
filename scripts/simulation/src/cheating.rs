// SPDX-License-Identifier: Apache-2.0
//! What lying costs those who lie.

use crate::{
	ATTESTERS, CAREER_DAYS, DAILY_CAP, DIVERGENT, LARGEST_STAKE, MIN_BOND, REQUESTS_PER_DAY,
	SESSIONS_PER_DAY, correlated_slash,
	exact::{at_least, divergence, hypergeometric},
	rules::{Dice, Does, End, Judge, threshold},
};
use jurat_primitives::Verdict;

/// Liars who lie on each panel that they sit on, for each request of the chain. Each penalty is
/// that of a full bond; the daily cap does not bind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Blind {
	/// Probability that the lie is accepted.
	pub accepted: f64,
	/// Requests until the first accepted lie, on average.
	pub requests: f64,
	/// Penalties until then, on average.
	pub penalties: f64,
}

/// See [`Blind`].
pub fn blind(liars: usize, seats: u8) -> Blind {
	let drawn = hypergeometric(ATTESTERS, liars, seats.into());
	let threshold = threshold(seats);
	let accepted = at_least(&drawn, threshold);
	let requests = 1.0 / accepted;
	// No penalty falls on a panel whose lie is accepted, so all that are expected fall before.
	Blind { accepted, requests, penalties: divergence(&drawn, threshold).liars * requests }
}

impl Blind {
	/// What is lost until the first accepted lie, in JUR. What one accepted lie must bring to
	/// break even is the same.
	pub fn cost(&self, bond: f64) -> f64 {
		self.penalties * DIVERGENT * bond
	}
}

/// What came of the careers of a group of liars.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Career {
	/// Lies accepted.
	pub accepted: f64,
	/// Bonds lost, in JUR.
	pub lost: f64,
	/// Liars still drawn at the end.
	pub left: f64,
	/// Days until none was left, at most [`CAREER_DAYS`].
	pub days: f64,
	/// The highest correlated slash of a session, as a share of each offender's stake.
	pub slash: f64,
}

/// Plays the career of liars who lie on each panel they sit on, with the daily cap, and until
/// their bonds are below the least. Stake is not taken, so that bonds can be looked at alone; the
/// worst correlated slash is reported beside them.
pub fn career(mut dice: Dice, judge: &Judge, liars: usize, seats: u8, bond: f64) -> Career {
	let mut weights = vec![LARGEST_STAKE; ATTESTERS];
	let mut bonds = vec![bond; liars];
	let mut career = Career { left: liars as f64, ..Career::default() };
	let per_session = REQUESTS_PER_DAY.div_ceil(SESSIONS_PER_DAY);
	'days: for _ in 0..CAREER_DAYS {
		career.days += 1.0;
		let mut may_lose: Vec<_> = bonds.iter().map(|bond| bond * DAILY_CAP).collect();
		let mut offenders = vec![false; liars];
		for request in 0..REQUESTS_PER_DAY {
			if request % per_session == 0 {
				offenders.fill(false);
			}
			let drawn = dice.panel(&weights, seats.into());
			let members: Vec<_> = drawn
				.iter()
				.map(|place| if *place < liars { Does::Lies } else { Does::TellsTruth })
				.collect();
			let (end, verdicts) = judge.judge(&members, threshold(seats));
			career.accepted += f64::from(u32::from(end == End::Wrong));
			for (place, verdict) in drawn.into_iter().zip(verdicts) {
				if place >= liars || verdict != Verdict::Divergent {
					continue;
				}
				offenders[place] = true;
				let penalty = (bonds[place] * DIVERGENT).min(may_lose[place]);
				bonds[place] -= penalty;
				may_lose[place] -= penalty;
				career.lost += penalty;
				if bonds[place] < MIN_BOND && weights[place] > 0 {
					weights[place] = 0;
					career.left -= 1.0;
				}
			}
			let together = offenders.iter().filter(|offended| **offended).count();
			career.slash = career.slash.max(correlated_slash(together, ATTESTERS));
			if career.left == 0.0 {
				break 'days;
			}
		}
	}
	career
}

/// The average of careers.
pub fn average(careers: &[Career]) -> Career {
	let mean = |of: fn(&Career) -> f64| careers.iter().map(of).sum::<f64>() / careers.len() as f64;
	Career {
		accepted: mean(|career| career.accepted),
		lost: mean(|career| career.lost),
		left: mean(|career| career.left),
		days: mean(|career| career.days),
		slash: mean(|career| career.slash),
	}
}

/// One session against liars who see who is on a panel before they commit, and lie only where they
/// hold the threshold: how many liars, and how many honest validators, are judged `Divergent`.
pub fn careful_session(
	mut dice: Dice,
	judge: &Judge,
	liars: usize,
	seats: u8,
	requests: u32,
) -> [usize; 2] {
	let weights = vec![LARGEST_STAKE; ATTESTERS];
	let mut judged = [false; ATTESTERS];
	for _ in 0..requests {
		let drawn = dice.panel(&weights, seats.into());
		let theirs = drawn.iter().filter(|place| **place < liars).count();
		let lie = theirs >= threshold(seats);
		let members: Vec<_> = drawn
			.iter()
			.map(|place| if lie && *place < liars { Does::Lies } else { Does::TellsTruth })
			.collect();
		let (_, verdicts) = judge.judge(&members, threshold(seats));
		for (place, verdict) in drawn.into_iter().zip(verdicts) {
			judged[place] |= verdict == Verdict::Divergent;
		}
	}
	let count = |part: &[bool]| part.iter().filter(|judged| **judged).count();
	[count(&judged[..liars]), count(&judged[liars..])]
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn careful_liars_are_never_judged_and_honest_validators_are() {
		let judge = Judge::default();
		let [liars, honest] = careful_session(Dice::new(1, "careful"), &judge, 33, 3, 1_000);
		assert_eq!(liars, 0);
		assert!(honest > 50, "{honest}");
	}

	#[test]
	fn the_cap_and_the_least_bond_end_careers() {
		let judge = Judge::default();
		// One liar with the least bond is out with its first penalty.
		let poor = career(Dice::new(1, "poor"), &judge, 1, 3, MIN_BOND);
		assert_eq!((poor.accepted, poor.lost, poor.left), (0.0, MIN_BOND * DIVERGENT, 0.0));
		// A rich one loses a fifth of what it has each day, at most.
		let rich = career(Dice::new(1, "rich"), &judge, 1, 15, 1e6);
		assert_eq!(rich.days, f64::from(CAREER_DAYS));
		assert!(rich.lost <= 1e6 * (1.0 - (1.0 - DAILY_CAP).powi(CAREER_DAYS as i32)) + 1e-6);
	}
}
