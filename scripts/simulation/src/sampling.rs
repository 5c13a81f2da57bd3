// SPDX-License-Identifier: Apache-2.0
//! Monte Carlo: panels drawn and judged by the rules of the chain, one after the other.

use crate::{
	ATTESTERS, LARGEST_STAKE, ZIPF,
	rules::{Dice, Does, End, Judge, threshold},
};
use jurat_primitives::Verdict;
use std::sync::{
	Mutex,
	atomic::{AtomicUsize, Ordering},
};

/// Those who can be drawn: weight, and whether it lies.
#[derive(Clone)]
pub struct Pool {
	/// Weight of each in the draw.
	pub weights: Vec<u128>,
	/// Whether each lies.
	pub lies: Vec<bool>,
}

/// Who lies, of validators of unequal stake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Liars {
	/// The smallest, as many as fit into the share: one hand behind many small validators.
	Small,
	/// The largest first, as far as they fit into the share.
	Large,
}

impl Pool {
	/// Two classes of attesters with one weight each.
	pub fn two_classes(attesters: usize, liars: usize, liar: u128, honest: u128) -> Self {
		let lies: Vec<_> = (0..attesters).map(|place| place < liars).collect();
		let weights = lies.iter().map(|lies| if *lies { liar } else { honest }).collect();
		Self { weights, lies }
	}

	/// Equal stakes, of which a share (in percent) lies.
	pub fn equal(share: usize) -> Self {
		Self::two_classes(ATTESTERS, ATTESTERS * share / 100, LARGEST_STAKE, LARGEST_STAKE)
	}

	/// Stakes by Zipf's law, of which at most a share (in percent) lies.
	pub fn skewed(share: usize, liars: Liars) -> Self {
		let weights: Vec<u128> =
			(1..=ATTESTERS as u128).map(|rank| LARGEST_STAKE / rank.pow(ZIPF as u32)).collect();
		let may_lie = weights.iter().sum::<u128>() * share as u128 / 100;
		let mut order: Vec<_> = (0..ATTESTERS).collect();
		if liars == Liars::Small {
			order.reverse();
		}
		let mut lies = vec![false; ATTESTERS];
		let mut sum = 0;
		for place in order {
			if sum + weights[place] <= may_lie {
				sum += weights[place];
				lies[place] = true;
			}
		}
		Self { weights, lies }
	}

	/// How many lie.
	pub fn liars(&self) -> usize {
		self.lies.iter().filter(|lies| **lies).count()
	}

	/// The share of weight that lies.
	pub fn lying(&self) -> f64 {
		let sum: u128 = self.weights.iter().sum();
		let lying: u128 =
			self.weights.iter().zip(&self.lies).filter(|(_, lies)| **lies).map(|(w, _)| w).sum();
		lying as f64 / sum as f64
	}
}

/// What came of many panels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
	/// Panels drawn.
	pub panels: u32,
	/// Those that accepted the true answer.
	pub right: u32,
	/// Those that accepted the liars' answer.
	pub wrong: u32,
	/// Those that disagreed.
	pub disagreed: u32,
	/// Those to which too few contributed.
	pub expired: u32,
	/// Seats of liars.
	pub liars_seated: u32,
	/// Liars judged `Divergent`.
	pub liars_divergent: u32,
	/// Panels on which a liar was.
	pub caught: u32,
	/// Panels on which an honest member was.
	pub wronged: u32,
}

impl Tally {
	fn count(&mut self, end: End) {
		self.panels += 1;
		match end {
			End::Right => self.right += 1,
			End::Wrong => self.wrong += 1,
			End::Disagreed => self.disagreed += 1,
			End::Expired => self.expired += 1,
		}
	}

	/// A count as a share of the panels.
	pub fn share(&self, count: u32) -> f64 {
		f64::from(count) / f64::from(self.panels)
	}
}

/// Draws and judges panels. Each honest member is silent with probability `silent`.
pub fn panels(
	mut dice: Dice,
	judge: &Judge,
	samples: u32,
	pool: &Pool,
	seats: u8,
	silent: f64,
) -> Tally {
	let mut tally = Tally::default();
	for _ in 0..samples {
		let drawn = dice.panel(&pool.weights, seats.into());
		let members: Vec<_> = drawn
			.into_iter()
			.map(|place| match pool.lies[place] {
				true => Does::Lies,
				false if dice.chance(silent) => Does::Nothing,
				false => Does::TellsTruth,
			})
			.collect();
		let (end, verdicts) = judge.judge(&members, threshold(seats));
		tally.count(end);
		let (mut caught, mut wronged) = (0, 0);
		for (does, verdict) in members.iter().zip(verdicts) {
			let divergent = verdict == Verdict::Divergent;
			if *does == Does::Lies {
				tally.liars_seated += 1;
				caught += u32::from(divergent);
			} else {
				wronged += u32::from(divergent);
			}
		}
		tally.liars_divergent += caught;
		tally.caught += u32::from(caught > 0);
		tally.wronged += u32::from(wronged > 0);
	}
	tally
}

/// Requests that go to a second panel if the first disagrees. `copying`: the share of honest
/// members of the second that repeat what most of the first said.
pub fn escalations(
	mut dice: Dice,
	judge: &Judge,
	samples: u32,
	pool: &Pool,
	sizes: [u8; 2],
	copying: f64,
) -> Tally {
	let mut tally = Tally::default();
	for _ in 0..samples {
		let first = dice.panel(&pool.weights, sizes[0].into());
		let members: Vec<_> = first
			.iter()
			.map(|place| if pool.lies[*place] { Does::Lies } else { Does::TellsTruth })
			.collect();
		let (end, _) = judge.judge(&members, threshold(sizes[0]));
		if end != End::Disagreed {
			tally.count(end);
			continue;
		}
		let lied = members.iter().filter(|does| **does == Does::Lies).count();
		let misled = 2 * lied > members.len();
		// A weight of zero is never drawn.
		let mut weights = pool.weights.clone();
		for place in first {
			weights[place] = 0;
		}
		let members: Vec<_> = dice
			.panel(&weights, sizes[1].into())
			.into_iter()
			.map(|place| match pool.lies[place] {
				true => Does::Lies,
				false if misled && dice.chance(copying) => Does::Lies,
				false => Does::TellsTruth,
			})
			.collect();
		let (end, _) = judge.judge(&members, threshold(sizes[1]));
		tally.count(end);
	}
	tally
}

/// Does the same with each task, on all cores; results in the order of the tasks.
pub fn each<T: Sync, R: Send>(tasks: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
	let next = AtomicUsize::new(0);
	let results = Mutex::new(Vec::with_capacity(tasks.len()));
	let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get());
	std::thread::scope(|scope| {
		for _ in 0..threads.min(tasks.len()) {
			scope.spawn(|| {
				loop {
					let index = next.fetch_add(1, Ordering::Relaxed);
					let Some(task) = tasks.get(index) else { break };
					let result = work(task);
					results.lock().expect("no thread panics with it").push((index, result));
				}
			});
		}
	});
	let mut results = results.into_inner().expect("no thread panicked");
	results.sort_by_key(|(index, _)| *index);
	results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn results_come_in_the_order_of_the_tasks() {
		let tasks: Vec<u32> = (0..100).collect();
		assert_eq!(each(&tasks, |task| task * 2), (0..200).step_by(2).collect::<Vec<_>>());
	}

	#[test]
	fn the_skewed_pool_lies_with_the_share_it_says() {
		for share in [10, 20, 33, 50] {
			let small = Pool::skewed(share, Liars::Small);
			let large = Pool::skewed(share, Liars::Large);
			for pool in [&small, &large] {
				let lying = pool.lying() * 100.0;
				// The next smallest validator would be too much.
				assert!(lying <= share as f64 && lying > share as f64 - 3.0, "{share} {lying}");
			}
			assert!(small.liars() > large.liars());
		}
	}
}
