// SPDX-License-Identifier: Apache-2.0
//! The draw: a sample weighted by stake, without repetition.

use alloc::vec::Vec;
use codec::Encode;
use jurat_primitives::RequestDigest;
use sp_core::H256;

/// Draws `seats` places out of `weights`, each with probability proportional to its weight among
/// those that are left. Deterministic in `randomness` and `request`. Weights of zero are never
/// drawn; fewer than `seats` places come back if there are not enough.
///
/// The n-th number is `blake2_256("jurat/draw/v1" ‖ randomness ‖ request ‖ n)`, its first 16 bytes
/// modulo the sum of what is left. With sums below 2⁹⁶ the bias of the modulus is below 2⁻³².
pub fn weighted_draw(
	randomness: &H256,
	request: &RequestDigest,
	weights: &[u128],
	seats: usize,
) -> Vec<usize> {
	let mut left: Vec<(usize, u128)> =
		weights.iter().copied().enumerate().filter(|(_, weight)| *weight > 0).collect();
	let mut drawn = Vec::with_capacity(seats);
	for n in 0..seats as u32 {
		if left.is_empty() {
			break;
		}
		let total = left.iter().fold(0u128, |sum, (_, weight)| sum.saturating_add(*weight));
		let hash =
			(b"jurat/draw/v1", randomness, request, n).using_encoded(sp_io::hashing::blake2_256);
		let mut number = [0u8; 16];
		number.copy_from_slice(&hash[..16]);
		let mut ticket = u128::from_le_bytes(number) % total;
		// Falls on the last place only if the sum saturated.
		let place = left
			.iter()
			.position(|(_, weight)| {
				let here = ticket < *weight;
				ticket = ticket.saturating_sub(*weight);
				here
			})
			.unwrap_or(left.len() - 1);
		drawn.push(left.remove(place).0);
	}
	drawn
}

#[cfg(test)]
mod tests {
	use super::*;

	fn draw(seed: u64, weights: &[u128], seats: usize) -> Vec<usize> {
		weighted_draw(&H256::from_low_u64_be(seed), &H256::zero(), weights, seats)
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
	fn another_block_or_another_request_is_another_draw() {
		let weights = [1u128; 64];
		let at = |seed, request| {
			weighted_draw(
				&H256::from_low_u64_be(seed),
				&H256::from_low_u64_be(request),
				&weights,
				15,
			)
		};
		assert_eq!(at(1, 1), at(1, 1));
		assert_ne!(at(1, 1), at(2, 1));
		assert_ne!(at(1, 1), at(1, 2));
	}
}
