// SPDX-License-Identifier: Apache-2.0
//! The draw: a sample weighted by stake, without repetition.
//!
//! Each candidate runs a race of its own. Its time is exponentially distributed with its weight as
//! rate, and comes from a hash of the block's randomness, the request and the candidate; the first
//! to arrive sit. That is the sample in which each seat goes to one of those that are left with
//! probability proportional to its weight (Efraimidis and Spirakis, "Weighted random sampling with
//! a reservoir", Information Processing Letters 97, 2006).
//!
//! What matters here is that no candidate's time depends on another's: who leaves the race, or
//! changes its place in a list, moves nobody else, but makes room for the next. Whoever knows the
//! randomness of a block that is still to come can drop out of a panel, and not choose its members.

use alloc::vec::Vec;
use codec::Encode;
use core::cmp::Reverse;
use jurat_primitives::RequestDigest;
use sp_core::H256;

/// Draws `seats` places out of `candidates`, each with probability proportional to its weight among
/// those that are left, in the order in which they were drawn. Deterministic in `randomness`,
/// `request` and the candidates, whatever their order. Weights of zero are never drawn; fewer than
/// `seats` places come back if there are not enough.
///
/// The time of a candidate is `−log₂(u) / weight`, where `u` are the first 16 bytes, little endian,
/// of `blake2_256("jurat/draw/v2" ‖ randomness ‖ request ‖ candidate)`, plus one, over 2¹²⁸.
/// Logarithms have 48 binary places, and times 70 more: weights may be up to 2⁹⁶, and differ by a
/// factor of 2³⁰, without a noticeable bias.
pub fn weighted_draw<A: Encode>(
	randomness: &H256,
	request: &RequestDigest,
	candidates: &[(A, u128)],
	seats: usize,
) -> Vec<usize> {
	let mut race: Vec<(u128, Reverse<u128>, usize)> = candidates
		.iter()
		.enumerate()
		.filter(|(_, (_, weight))| *weight > 0)
		.map(|(place, (candidate, weight))| {
			let hash = (b"jurat/draw/v2", randomness, request, candidate)
				.using_encoded(sp_io::hashing::blake2_256);
			let mut number = [0u8; 16];
			number.copy_from_slice(&hash[..16]);
			let number = u128::from_le_bytes(number);
			// Below 2⁵⁶ · 2⁷⁰.
			let time = (u128::from(surprise(number)) << 70) / weight;
			(time, Reverse(number), place)
		})
		.collect();
	race.sort_unstable();
	race.into_iter().take(seats).map(|(.., place)| place).collect()
}

/// `−log₂((number + 1) / 2¹²⁸)`, with 48 binary places, rounded up; never zero.
///
/// Bit by bit: a square has twice the logarithm (Turner, "A fast binary logarithm algorithm", IEEE
/// Signal Processing Magazine 27(5), 2010).
fn surprise(number: u128) -> u64 {
	const PLACES: u32 = 48;
	let number = number.saturating_add(1);
	let zeros = number.leading_zeros();
	// In [1, 2), with 63 binary places. What is cut off, here and of each square, changes the
	// logarithm by less than 2⁻⁵⁶.
	let mut mantissa = ((number << zeros) >> 64) as u64;
	let mut log = 0u64;
	for _ in 0..PLACES {
		// In [1, 4), with 126 binary places.
		let square = u128::from(mantissa) * u128::from(mantissa);
		let carry = (square >> 127) as u64;
		log = (log << 1) | carry;
		mantissa = (square >> (63 + carry)) as u64;
	}
	// −log₂ = zeros + 1 − log₂(mantissa).
	(u64::from(zeros + 1) << PLACES) - log
}

#[cfg(test)]
mod tests {
	use super::*;

	fn draw(seed: u64, weights: &[u128], seats: usize) -> Vec<usize> {
		let candidates: Vec<_> = (0u32..).zip(weights.iter().copied()).collect();
		weighted_draw(&H256::from_low_u64_be(seed), &H256::zero(), &candidates, seats)
	}

	#[test]
	fn logarithms_are_right() {
		let mut number = 1u128;
		for step in 0..1_000u128 {
			number = number.wrapping_mul(0x2545_f491_4f6c_dd1d_9e37_79b9_7f4a_7c15) ^ (step << 64);
			let exact = 128.0 - (number as f64).log2();
			let ours = surprise(number) as f64 / (1u64 << 48) as f64;
			assert!((exact - ours).abs() < 1e-12 * exact.max(1.0), "{number}: {exact}, {ours}");
		}
		for (number, bits) in [(0, 128), (1, 127), (3, 126), ((1 << 127) - 1, 1)] {
			assert_eq!(surprise(number), bits << 48);
		}
		// Nearly one: a time of nearly nothing, and still some.
		assert_eq!(surprise(u128::MAX), 1);
		// −log₂(1 − 2⁻⁴⁰) = 2⁻⁴⁰ / ln 2, about.
		let near = surprise(u128::MAX - (1 << 88)) as f64;
		assert!((near - 256.0 / core::f64::consts::LN_2).abs() <= 1.0, "{near}");
	}

	#[test]
	fn nobody_sits_twice_and_weight_zero_never_sits() {
		for seed in 0..500 {
			let mut panel = draw(seed, &[5, 0, 1, 1_000_000, 0, 7], 4);
			assert_eq!(panel.len(), 4);
			panel.sort();
			assert_eq!(panel, [0, 2, 3, 5]);
		}
		assert_eq!(draw(1, &[0, 0], 2), Vec::<usize>::new());
		assert_eq!(draw(1, &[], 2), Vec::<usize>::new());
		assert_eq!(draw(1, &[9], 2), [0]);
		assert_eq!(draw(1, &[u128::MAX, u128::MAX], 2).len(), 2);
		assert_eq!(draw(1, &[1, u128::MAX], 1), [1]);
	}

	#[test]
	fn seats_follow_stake() {
		// Expected frequency of place i in a draw of one is weight / sum. With 20,000 draws the
		// standard deviation of a frequency is below 0.0036; five of them are allowed.
		let weights = [10u128, 20, 30, 40];
		let mut seen = [0u32; 4];
		for seed in 0..20_000 {
			seen[draw(seed, &weights, 1)[0]] += 1;
		}
		for (count, weight) in seen.iter().zip(weights) {
			let frequency = f64::from(*count) / 20_000.0;
			assert!((frequency - weight as f64 / 100.0).abs() < 0.018, "{seen:?}");
		}
	}

	#[test]
	fn seats_after_the_first_follow_the_stake_that_is_left() {
		// P(first i, second j) = wᵢ/W · wⱼ/(W − wᵢ).
		let weights = [1u128, 2, 3];
		let mut seen = [[0u32; 3]; 3];
		for seed in 0..20_000 {
			let panel = draw(seed, &weights, 2);
			seen[panel[0]][panel[1]] += 1;
		}
		for (i, first) in weights.iter().enumerate() {
			for (j, second) in weights.iter().enumerate().filter(|(j, _)| *j != i) {
				let (first, second) = (*first as f64, *second as f64);
				let expected = first / 6.0 * second / (6.0 - first);
				let frequency = f64::from(seen[i][j]) / 20_000.0;
				assert!((frequency - expected).abs() < 0.018, "{i}, {j}: {seen:?}");
			}
		}
	}

	#[test]
	fn a_small_stake_is_drawn_as_seldom_as_it_should_be() {
		// One in 2¹² on average: 16 of 65,536, with a standard deviation of 4.
		let weights = [1u128 << 80, ((1u128 << 80) / 4_095)];
		let seen = (0..65_536).filter(|seed| draw(*seed, &weights, 1) == [1]).count();
		assert!((1..=40).contains(&seen), "{seen}");
	}

	/// Whoever knows the randomness beforehand can take its own attesters out of the race, or change
	/// the order of the list. Neither moves anybody else.
	#[test]
	fn who_leaves_makes_room_for_the_next_and_moves_nobody() {
		let (randomness, request) = (H256::repeat_byte(7), H256::repeat_byte(9));
		let all: Vec<(u32, u128)> = (0..40).map(|i| (i, 1 + u128::from(i % 7))).collect();
		let names = |candidates: &[(u32, u128)], seats| {
			let places = weighted_draw(&randomness, &request, candidates, seats);
			places.into_iter().map(|place| candidates[place].0).collect::<Vec<_>>()
		};
		let order = names(&all, all.len());
		for gone in 0..40 {
			let mut rest: Vec<_> = all.iter().copied().filter(|(name, _)| *name != gone).collect();
			rest.reverse();
			let expected: Vec<_> = order.iter().copied().filter(|name| *name != gone).collect();
			assert_eq!(names(&rest, 15), expected[..15]);
		}
	}

	#[test]
	fn another_block_or_another_request_is_another_draw() {
		let candidates: Vec<(u32, u128)> = (0..64).map(|i| (i, 1)).collect();
		let at = |seed, request| {
			weighted_draw(
				&H256::from_low_u64_be(seed),
				&H256::from_low_u64_be(request),
				&candidates,
				15,
			)
		};
		assert_eq!(at(1, 1), at(1, 1));
		assert_ne!(at(1, 1), at(2, 1));
		assert_ne!(at(1, 1), at(1, 2));
	}
}
