// SPDX-License-Identifier: Apache-2.0
//! Closed forms. Distributions are vectors: place k holds the probability of k liars on a panel.
//!
//! Sums and products only, no function of the platform's mathematics library: the same digits
//! everywhere.

/// Hypergeometric: k liars among `seats` drawn from `attesters` of equal stake, `liars` of which
/// lie. C(L, k) C(N − L, n − k) / C(N, n).
pub fn hypergeometric(attesters: usize, liars: usize, seats: usize) -> Vec<f64> {
	(0..=seats)
		.map(|k| {
			let honest = seats - k;
			if k > liars || honest > attesters - liars {
				return 0.0;
			}
			choose(liars, k) * choose(attesters - liars, honest) / choose(attesters, seats)
		})
		.collect()
}

fn choose(n: usize, k: usize) -> f64 {
	(0..k).fold(1.0, |product, i| product * (n - i) as f64 / (i + 1) as f64)
}

/// Binomial: k of `n`, each with probability `p`. The hypergeometric distribution of a pool without
/// end.
pub fn binomial(n: usize, p: f64) -> Vec<f64> {
	let mut distribution = vec![1.0];
	for _ in 0..n {
		let mut next = vec![0.0; distribution.len() + 1];
		for (k, probability) in distribution.into_iter().enumerate() {
			next[k] += probability * (1.0 - p);
			next[k + 1] += probability * p;
		}
		distribution = next;
	}
	distribution
}

/// Sequential draw without repetition from two classes (Wallenius' noncentral hypergeometric
/// distribution): each liar weighs `liar`, each honest attester `honest`.
pub fn two_classes(
	attesters: usize,
	liars: usize,
	liar: f64,
	honest: f64,
	seats: usize,
) -> Vec<f64> {
	let mut distribution = vec![1.0];
	for drawn in 0..seats {
		let mut next = vec![0.0; distribution.len() + 1];
		for (k, probability) in distribution.into_iter().enumerate() {
			let lying = liars.saturating_sub(k) as f64 * liar;
			let sincere = (attesters - liars).saturating_sub(drawn - k) as f64 * honest;
			if probability > 0.0 {
				next[k + 1] += probability * lying / (lying + sincere);
				next[k] += probability * sincere / (lying + sincere);
			}
		}
		distribution = next;
	}
	distribution
}

/// Probability of at least `least`.
pub fn at_least(distribution: &[f64], least: usize) -> f64 {
	distribution.iter().skip(least).sum()
}

/// How a panel ends.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ends {
	/// The true answer is accepted.
	pub right: f64,
	/// The answer of the liars is accepted.
	pub wrong: f64,
	/// Neither is.
	pub disagreed: f64,
	/// Too few said anything.
	pub expired: f64,
}

/// How a panel ends of whose honest members each is silent with probability `silent`.
pub fn ends(liars: &[f64], threshold: usize, silent: f64) -> Ends {
	let seats = liars.len() - 1;
	let mut ends = Ends::default();
	for (k, probability) in liars.iter().enumerate() {
		for (honest, chance) in binomial(seats - k, 1.0 - silent).iter().enumerate() {
			let part = probability * chance;
			if k >= threshold {
				ends.wrong += part;
			} else if honest >= threshold {
				ends.right += part;
			} else if k + honest >= threshold {
				ends.disagreed += part;
			} else {
				ends.expired += part;
			}
		}
	}
	ends
}

/// What `Divergent` falls on, if all answer.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Divergence {
	/// Probability that a liar who sits is judged `Divergent`.
	pub liar: f64,
	/// Probability that an honest member who sits is.
	pub honest: f64,
	/// Liars judged `Divergent`, on average, for each panel.
	pub liars: f64,
	/// Probability that on a panel at least one liar is.
	pub caught: f64,
	/// Probability that on a panel at least one honest member is.
	pub wronged: f64,
}

/// See [`Divergence`].
pub fn divergence(liars: &[f64], threshold: usize) -> Divergence {
	let seats = liars.len() - 1;
	let mut result = Divergence::default();
	let (mut liars_seated, mut honest_seated, mut honest_judged) = (0.0, 0.0, 0.0);
	for (k, probability) in liars.iter().enumerate() {
		let (lying, honest) = (k as f64 * probability, (seats - k) as f64 * probability);
		liars_seated += lying;
		honest_seated += honest;
		if seats - k >= threshold {
			result.liars += lying;
			if k > 0 {
				result.caught += probability;
			}
		}
		if k >= threshold {
			honest_judged += honest;
			if k < seats {
				result.wronged += probability;
			}
		}
	}
	if liars_seated > 0.0 {
		result.liar = result.liars / liars_seated;
	}
	if honest_seated > 0.0 {
		result.honest = honest_judged / honest_seated;
	}
	result
}

/// How a request ends that goes to a second panel, drawn from those who did not sit on the first,
/// if the first disagrees. Attesters have equal stakes. `panels`: seats and threshold of each.
/// `copying`: the share of honest members of the second that repeat what most of the first said.
pub fn escalation(
	attesters: usize,
	liars: usize,
	panels: [(usize, usize); 2],
	copying: f64,
) -> Ends {
	let [(seats, threshold), (more_seats, higher)] = panels;
	let mut ends = Ends::default();
	for (k, probability) in hypergeometric(attesters, liars, seats).into_iter().enumerate() {
		if k >= threshold {
			ends.wrong += probability;
			continue;
		}
		if seats - k >= threshold {
			ends.right += probability;
			continue;
		}
		if probability == 0.0 {
			continue;
		}
		let misled = if 2 * k > seats { copying } else { 0.0 };
		let second = hypergeometric(attesters - seats, liars - k, more_seats);
		for (lying, chance) in second.into_iter().enumerate() {
			for (copied, share) in binomial(more_seats - lying, misled).into_iter().enumerate() {
				let part = probability * chance * share;
				let wrong = lying + copied;
				if wrong >= higher {
					ends.wrong += part;
				} else if more_seats - wrong >= higher {
					ends.right += part;
				} else {
					ends.disagreed += part;
				}
			}
		}
	}
	ends
}

#[cfg(test)]
mod tests {
	use super::*;

	fn close(a: f64, b: f64) {
		assert!((a - b).abs() <= 1e-12 * a.abs().max(b.abs()).max(1e-3), "{a} {b}");
	}

	#[test]
	fn known_values() {
		// C(3,2) C(7,1) / C(10,3) + C(3,3) / C(10,3) = 22 / 120.
		close(at_least(&hypergeometric(10, 3, 3), 2), 22.0 / 120.0);
		close(at_least(&hypergeometric(10, 3, 5), 4), 0.0);
		// 3 p² − 2 p³ at p = 1/4.
		close(at_least(&binomial(3, 0.25), 2), 3.0 / 16.0 - 2.0 / 64.0);
		assert_eq!(hypergeometric(4, 4, 3), [0.0, 0.0, 0.0, 1.0]);
	}

	#[test]
	fn equal_weights_are_the_hypergeometric_distribution() {
		for (attesters, liars, seats) in [(100, 33, 15), (20, 3, 7), (10, 10, 5), (9, 0, 9)] {
			let one = two_classes(attesters, liars, 3.0, 3.0, seats);
			let other = hypergeometric(attesters, liars, seats);
			one.into_iter().zip(other).for_each(|(a, b)| close(a, b));
		}
	}

	#[test]
	fn ends_are_complete() {
		for silent in [0.0, 0.1, 1.0] {
			let ends = ends(&hypergeometric(100, 33, 7), 5, silent);
			close(ends.right + ends.wrong + ends.disagreed + ends.expired, 1.0);
		}
		let ends = escalation(100, 33, [(5, 4), (11, 8)], 0.5);
		close(ends.right + ends.wrong + ends.disagreed, 1.0);
	}

	#[test]
	fn a_liar_is_judged_by_the_others_on_its_panel() {
		// The others are two of 99, of which 32 lie; both must be honest.
		let others = hypergeometric(99, 32, 2);
		close(divergence(&hypergeometric(100, 33, 3), 2).liar, others[0]);
		// Alone on its panel, nobody judges it.
		close(divergence(&hypergeometric(100, 33, 1), 1).liar, 0.0);
	}
}
