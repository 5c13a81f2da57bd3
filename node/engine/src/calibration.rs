// SPDX-License-Identifier: Apache-2.0
//! How fast this machine is, so that what a release says it costs means the same on each.
//!
//! A release's compute units are milliseconds of one core of the reference machine. [`slowness`]
//! times a fixed piece of work here; [`REFERENCE_MICROS`] is what it took there:
//!
//! ```text
//! allowed = compute units × 1000 µs × SLACK × slowness
//! slowness = median time of the work / REFERENCE_MICROS, within 1/4 and 4
//! ```
//!
//! The work is a product of matrices, as most of a model is, but by plain code and not by the
//! kernels of ONNX Runtime, which use what a processor has: [`SLACK`] is for that, for caches, and
//! for neighbours. A node that is more than four times slower than the reference is held to that.

use std::{hint::black_box, time::Instant};

/// Median time of the work on the reference machine: one core of the one of `docs/benchmarks.md`.
pub const REFERENCE_MICROS: u64 = 650;
/// By how much a run may take longer than what its compute units buy.
pub const SLACK: u64 = 4;
/// A run is never too slow below this: clocks and schedulers are not finer.
pub const FLOOR_MICROS: u64 = 20_000;

const SIZE: usize = 192;
const ROUNDS: usize = 9;
/// `slowness` is in units of one thousandth.
const UNIT: u64 = 1000;

/// Time of the work here against [`REFERENCE_MICROS`], in thousandths, within 250 and 4000.
pub fn slowness() -> u64 {
	let left: Vec<f32> = (0..SIZE * SIZE).map(|i| (i % 13) as f32 * 0.25).collect();
	let right: Vec<f32> = (0..SIZE * SIZE).map(|i| (i % 7) as f32 * 0.5).collect();
	let mut times: Vec<u64> = (0..ROUNDS)
		.map(|_| {
			let start = Instant::now();
			black_box(product(black_box(&left), black_box(&right)));
			start.elapsed().as_micros().try_into().unwrap_or(u64::MAX)
		})
		.collect();
	times.sort_unstable();
	log::debug!(target: crate::LOG_TARGET, "calibration took {} µs", times[ROUNDS / 2]);
	relative(times[ROUNDS / 2])
}

fn relative(micros: u64) -> u64 {
	(micros.saturating_mul(UNIT) / REFERENCE_MICROS).clamp(UNIT / 4, UNIT * 4)
}

/// Microseconds that a run may take here.
pub fn allowed(compute_units: u32, slowness: u64) -> u64 {
	let bought = u64::from(compute_units).saturating_mul(1000).saturating_mul(SLACK);
	(bought.saturating_mul(slowness) / UNIT).max(FLOOR_MICROS)
}

fn product(left: &[f32], right: &[f32]) -> Vec<f32> {
	let mut result = vec![0.0f32; SIZE * SIZE];
	for (row, out) in left.chunks_exact(SIZE).zip(result.chunks_exact_mut(SIZE)) {
		for (factor, line) in row.iter().zip(right.chunks_exact(SIZE)) {
			for (sum, value) in out.iter_mut().zip(line) {
				*sum += factor * value;
			}
		}
	}
	result
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_slow_machine_is_given_more_time_and_a_fast_one_less() {
		assert_eq!(relative(REFERENCE_MICROS), 1000);
		assert_eq!(relative(2 * REFERENCE_MICROS), 2000);
		assert_eq!(relative(0), 250);
		assert_eq!(relative(u64::MAX), 4000);
		assert_eq!(allowed(10, 1000), 40_000);
		assert_eq!(allowed(10, 2000), 80_000);
		assert_eq!(allowed(1, 1000), FLOOR_MICROS);
		assert!(allowed(u32::MAX, 4000) > 1 << 40);
		let slowness = slowness();
		println!("slowness here: {slowness} thousandths");
		assert!((250..=4000).contains(&slowness));
	}

	#[test]
	fn the_work_is_a_product() {
		let mut unit = vec![0.0; SIZE * SIZE];
		(0..SIZE).for_each(|i| unit[i * SIZE + i] = 1.0);
		let any: Vec<f32> = (0..SIZE * SIZE).map(|i| i as f32).collect();
		assert_eq!(product(&unit, &any), any);
	}
}
