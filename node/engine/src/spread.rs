// SPDX-License-Identifier: Apache-2.0
//! How far honest machines may lie apart, as far as one machine can tell.
//!
//! Machines differ in the kernels that ONNX Runtime picks: by processor, by number of rows, by what
//! was packed or laid out in advance. One machine has one processor, but it can be made to take
//! other kernels: [`Variant`] says how. A model is run in each, on the same inputs, and the largest
//! difference is what its release must be content with.
//!
//! | variant | stands for |
//! | --- | --- |
//! | `Unpacked` | other products of matrices: those that a processor takes whose packing differs |
//! | `Unfused`, `Basic` | the same computation in other steps, with roundings in between |
//! | `Laid` | convolutions in the layout of processors with wide registers |
//! | `Threads` | sums split in two |
//!
//! Where a graph quantises, `Unfused` and `Basic` are left out: ONNX Runtime then computes between
//! two quantisations in floats, which no machine that follows the profile does. Batches are not
//! split either: a request is run as it comes, and rows may depend on each other.

use codec::{Decode, Encode};
use jurat_onnx::{Activations, GraphFacts};
use jurat_primitives::{
	ElementType,
	profile::{Bounds, Tolerance},
	tensor::BlobTensors,
};

/// How a session is made: as the execution profile says, or in one respect otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub enum Variant {
	/// As the profile says. What is answered is computed so, always.
	#[default]
	#[codec(index = 0)]
	Standard,
	/// Constants are not packed in advance.
	#[codec(index = 1)]
	Unpacked,
	/// No optimisation of the graph.
	#[codec(index = 2)]
	Unfused,
	/// Graph optimisation level 1.
	#[codec(index = 3)]
	Basic,
	/// Every graph optimisation, those of memory layout included.
	#[codec(index = 4)]
	Laid,
	/// Two threads.
	#[codec(index = 5)]
	Threads,
}

impl Variant {
	/// Those that a graph is measured in, beside the standard one. The one that needs a second
	/// thread comes last: not every sandbox has one.
	pub fn of(facts: &GraphFacts) -> &'static [Self] {
		match facts.activations {
			Activations::None => {
				&[Self::Unpacked, Self::Unfused, Self::Basic, Self::Laid, Self::Threads]
			},
			_ => &[Self::Unpacked, Self::Laid, Self::Threads],
		}
	}
}

/// The largest differences seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spread {
	/// Largest absolute difference.
	abs: f64,
	/// Largest difference relative to the larger number.
	rel: f64,
	/// Pairs of numbers that differ: size of the larger one and difference. Only those that no
	/// other pair exceeds in both, so few.
	pairs: Vec<(f64, f64)>,
	/// The first output in which something differs that may not: an integer, a text, a shape, or
	/// NaN and a number.
	unequal: Option<String>,
	/// Comparisons made.
	pub comparisons: usize,
}

/// Pairs kept: more become one that is harder to be content with than each of them.
const PAIRS: usize = 64;

impl Spread {
	/// Adds the difference of two outputs of one model on the same inputs.
	pub fn add(&mut self, standard: &BlobTensors, other: &BlobTensors) {
		self.comparisons += 1;
		for (a, b) in standard.iter().zip(other.iter()) {
			let float = a.tensor.element_type.is_float();
			let alike = a.name == b.name
				&& a.tensor.shape == b.tensor.shape
				&& a.tensor.element_type == b.tensor.element_type
				&& (float || a.tensor.data == b.tensor.data);
			let name = || String::from_utf8_lossy(&a.name).into_owned();
			if !alike {
				self.unequal.get_or_insert_with(name);
				continue;
			}
			if !float || a.tensor.data == b.tensor.data {
				continue;
			}
			debug_assert_ne!(a.tensor.element_type, ElementType::String);
			for (x, y) in a.tensor.floats().zip(b.tensor.floats()) {
				if x == y || (x.is_nan() && y.is_nan()) {
					continue;
				}
				let (size, difference) = (x.abs().max(y.abs()), (x - y).abs());
				if !difference.is_finite() {
					self.unequal.get_or_insert_with(name);
					continue;
				}
				self.pair(size, difference);
			}
		}
		if standard.len() != other.len() {
			self.unequal.get_or_insert_with(String::new);
		}
	}

	fn pair(&mut self, size: f64, difference: f64) {
		self.abs = self.abs.max(difference);
		self.rel = self.rel.max(difference / size);
		// A pair of smaller numbers with a larger difference is harder to be content with.
		if self.pairs.iter().any(|(s, d)| *s <= size && *d >= difference) {
			return;
		}
		self.pairs.retain(|(s, d)| !(size <= *s && difference >= *d));
		self.pairs.push((size, difference));
		if self.pairs.len() > PAIRS {
			let hardest = self
				.pairs
				.iter()
				.fold((f64::INFINITY, 0.0f64), |(s, d), pair| (s.min(pair.0), d.max(pair.1)));
			self.pairs = vec![hardest];
		}
	}

	/// An output that is not the same everywhere though it must be.
	pub fn unequal(&self) -> Option<&str> {
		self.unequal.as_deref()
	}

	/// Whether any number differs.
	pub fn is_zero(&self) -> bool {
		self.pairs.is_empty()
	}

	/// Whether all that was seen, `factor` times as large, lies within these bounds.
	pub fn within(&self, bounds: &Bounds, factor: u64) -> bool {
		let (abs, rel) = (bounds.abs.as_f64(), bounds.rel.as_f64());
		let fits =
			|(size, difference): &(f64, f64)| difference * factor as f64 <= abs.max(rel * size);
		self.pairs.iter().all(fits)
	}

	/// The largest absolute and the largest relative difference, rounded up.
	pub fn bounds(&self) -> Bounds {
		// Casts of floats saturate.
		let units = |value: f64| Tolerance((value * Tolerance::UNITS as f64).ceil() as u64);
		Bounds { abs: units(self.abs), rel: units(self.rel) }
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use jurat_primitives::tensor::{NamedTensor, Tensor};

	fn outputs(values: &[f32], label: i64) -> BlobTensors {
		let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
		let floats = Tensor::new(ElementType::F32, [values.len() as u64], data).unwrap();
		let label = Tensor::new(ElementType::I64, [1], label.to_le_bytes().to_vec()).unwrap();
		let named = vec![
			NamedTensor::new("scores", floats).unwrap(),
			NamedTensor::new("label", label).unwrap(),
		];
		BlobTensors::truncate_from(named)
	}

	fn bounds(abs: f64, rel: f64) -> Bounds {
		let units = |value: f64| Tolerance((value * Tolerance::UNITS as f64) as u64);
		Bounds { abs: units(abs), rel: units(rel) }
	}

	#[test]
	fn a_difference_must_fit_one_part_of_the_bounds_and_not_both() {
		let mut spread = Spread::default();
		spread.add(&outputs(&[1000.0, 1.0], 3), &outputs(&[1000.5, 1.0], 3));
		assert!(spread.within(&bounds(1.0, 0.0), 1) && spread.within(&bounds(0.0, 0.001), 1));
		assert!(!spread.within(&bounds(0.1, 0.0001), 1));
		// a small number that is as far off fits the absolute part only
		spread.add(&outputs(&[0.0, 1.0], 3), &outputs(&[0.5, 1.0], 3));
		assert!(!spread.within(&bounds(0.0, 0.9), 1));
		assert!(spread.within(&bounds(0.5, 0.0), 1) && !spread.within(&bounds(0.5, 0.0), 2));
		assert_eq!(spread.bounds(), bounds(0.5, 1.0));
		assert_eq!((spread.unequal(), spread.is_zero(), spread.comparisons), (None, false, 2));
	}

	#[test]
	fn what_is_no_float_must_be_equal() {
		let mut spread = Spread::default();
		spread.add(
			&outputs(&[f32::NAN, f32::INFINITY, 0.0], 3),
			&outputs(&[f32::NAN, f32::INFINITY, -0.0], 3),
		);
		assert!(spread.is_zero() && spread.unequal().is_none());
		spread.add(&outputs(&[1.0], 3), &outputs(&[1.0], 4));
		assert_eq!(spread.unequal(), Some("label"));
		let mut spread = Spread::default();
		spread.add(&outputs(&[1.0], 3), &outputs(&[f32::NAN], 3));
		assert_eq!(spread.unequal(), Some("scores"));
	}
}
