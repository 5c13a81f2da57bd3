// SPDX-License-Identifier: Apache-2.0
//! Numeric profiles: when two answers count as equal.
//!
//! ONNX Runtime gives the same integers on every machine tried, but not the same floats; see
//! `docs/verification.md`. A profile is therefore part of a release, and only `Exact` lets a difference
//! be a fault by itself.

use crate::tensor::{ElementType, Tensor, Tensors};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::Get;

/// A tolerance in units of 10⁻¹²: `Tolerance(10_000_000)` is 10⁻⁵.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	PartialOrd,
	Ord,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Tolerance(pub u64);

impl Tolerance {
	/// Units in one.
	pub const UNITS: u64 = 1_000_000_000_000;

	/// As a number. `u64` to `f64` and one division: the same on every machine.
	pub fn as_f64(self) -> f64 {
		self.0 as f64 / Self::UNITS as f64
	}
}

/// Absolute and relative tolerance. Two numbers `a`, `b` are within it if
/// `|a − b| ≤ max(abs, rel · max(|a|, |b|))`, the symmetric rule of PEP 485.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Default,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Bounds {
	/// Absolute part.
	pub abs: Tolerance,
	/// Part relative to the larger of the two numbers.
	pub rel: Tolerance,
}

/// How many times wider than the tolerance a gross bound is, at least. Honest machines differ by
/// much less than a well-chosen tolerance; what is to cost stake must be far from that.
pub const GROSS_FACTOR: u64 = 10;

impl Bounds {
	/// Whether these bounds are wide enough to be a gross bound beside a tolerance: wider, and
	/// [`GROSS_FACTOR`] times as wide, in both parts.
	pub const fn is_many_times(&self, tolerance: &Self) -> bool {
		const fn wide(gross: Tolerance, tolerance: Tolerance) -> bool {
			gross.0 > tolerance.0 && gross.0 / GROSS_FACTOR >= tolerance.0
		}
		wide(self.abs, tolerance.abs) && wide(self.rel, tolerance.rel)
	}

	/// Whether two numbers are within these bounds. NaN is within bounds of NaN only; an infinity
	/// of itself only; zeros of either sign are equal.
	pub fn contain(&self, a: f64, b: f64) -> bool {
		if a.is_nan() || b.is_nan() {
			return a.is_nan() && b.is_nan();
		}
		if a == b {
			return true;
		}
		if a.is_infinite() || b.is_infinite() {
			return false;
		}
		let (size_a, size_b) = (a.max(-a), b.max(-b));
		let difference = (a - b).max(b - a);
		difference <= self.abs.as_f64().max(self.rel.as_f64() * size_a.max(size_b))
	}
}

/// When two answers of one release count as equal.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum NumericProfile {
	/// Bytes must be equal. Only for graphs made of [`EXACT_OPERATORS`].
	#[codec(index = 0)]
	Exact,
	/// Floats may differ element by element within `tolerance`; everything else must be equal.
	#[codec(index = 1)]
	Approximate {
		/// Within it, answers agree.
		tolerance: Bounds,
		/// Beyond it, while others agree, a difference counts as a wrong answer. Wider than
		/// `tolerance`. `None`: a difference is never a fault.
		gross: Option<Bounds>,
	},
}

/// Operators whose ONNX Runtime kernels gave the same bytes on every machine tried. Names outside
/// the default domain carry it, as in `com.microsoft:QGemm`.
///
/// Integer arithmetic, quantisation with static scales, movement of data, comparison and
/// selection. Float arithmetic is not in it, with one exception: `QuantizeLinear` and
/// `DequantizeLinear` are one rounding per element, the same everywhere.
pub const EXACT_OPERATORS: &[&str] = &[
	"And",
	"ArgMax",
	"ArgMin",
	"Concat",
	"Constant",
	"ConstantOfShape",
	"ConvInteger",
	"DequantizeLinear",
	"Equal",
	"Expand",
	"Flatten",
	"Gather",
	"GatherElements",
	"GatherND",
	"Greater",
	"GreaterOrEqual",
	"Identity",
	"Less",
	"LessOrEqual",
	"MatMulInteger",
	"Max",
	"MaxPool",
	"Min",
	"Not",
	"OneHot",
	"Or",
	"Pad",
	"QLinearConv",
	"QLinearMatMul",
	"QuantizeLinear",
	"Relu",
	"Reshape",
	"Shape",
	"Slice",
	"Split",
	"Squeeze",
	"Tile",
	"TopK",
	"Transpose",
	"Unsqueeze",
	"Where",
	"Xor",
	"com.microsoft:QGemm",
	"com.microsoft:QLinearAdd",
	"com.microsoft:QLinearConcat",
];

/// Whether a graph may claim [`NumericProfile::Exact`] with this operator in it.
pub fn is_exact_operator(name: &[u8]) -> bool {
	EXACT_OPERATORS.iter().any(|exact| exact.as_bytes() == name)
}

/// Whether two tensors agree within `bounds`: same element type and shape; floats within the
/// bounds, everything else equal.
pub fn tensors_agree<L: Get<u32>>(a: &Tensor<L>, b: &Tensor<L>, bounds: &Bounds) -> bool {
	if a.element_type != b.element_type || a.shape != b.shape || a.data.len() != b.data.len() {
		return false;
	}
	match a.element_type {
		ElementType::F16 | ElementType::BF16 | ElementType::F32 | ElementType::F64 => {
			a.floats().zip(b.floats()).all(|(x, y)| bounds.contain(x, y))
		},
		_ => a.data == b.data,
	}
}

/// Whether two outputs agree within `bounds`: same names in the same order, and each tensor.
pub fn outputs_agree(a: &Tensors, b: &Tensors, bounds: &Bounds) -> bool {
	a.len() == b.len()
		&& a.iter()
			.zip(b.iter())
			.all(|(x, y)| x.name == y.name && tensors_agree(&x.tensor, &y.tensor, bounds))
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::tensor::InlineTensor;
	use proptest::prelude::*;

	const FINE: Bounds = Bounds { abs: Tolerance(10_000_000), rel: Tolerance(1_000_000_000) };

	#[test]
	fn nan_agrees_with_nan_only_and_infinity_with_itself_only() {
		assert!(FINE.contain(f64::NAN, -f64::NAN));
		assert!(!FINE.contain(f64::NAN, 0.0));
		assert!(!FINE.contain(1.0, f64::NAN));
		assert!(FINE.contain(f64::INFINITY, f64::INFINITY));
		assert!(!FINE.contain(f64::INFINITY, f64::NEG_INFINITY));
		assert!(!FINE.contain(f64::INFINITY, f64::MAX));
		assert!(FINE.contain(0.0, -0.0));
	}

	#[test]
	fn the_absolute_part_rules_small_numbers_and_the_relative_part_large_ones() {
		assert!(FINE.contain(0.0, 9e-6));
		assert!(!FINE.contain(0.0, 1.1e-5));
		assert!(FINE.contain(1000.0, 1000.9));
		assert!(!FINE.contain(1000.0, 1001.1));
	}

	#[test]
	fn other_types_must_be_equal() {
		let int =
			|v: i64| InlineTensor::new(ElementType::I64, [1], v.to_le_bytes().to_vec()).unwrap();
		let all = Bounds { abs: Tolerance(u64::MAX), rel: Tolerance(u64::MAX) };
		assert!(tensors_agree(&int(3), &int(3), &all));
		assert!(!tensors_agree(&int(3), &int(4), &all));
	}

	#[test]
	fn exact_operators_are_sorted_and_unique() {
		assert!(EXACT_OPERATORS.is_sorted_by(|a, b| a < b));
		assert!(is_exact_operator(b"QLinearConv"));
		assert!(!is_exact_operator(b"Softmax"));
	}

	proptest! {
		#[test]
		fn agreement_is_symmetric_and_reflexive(a: f64, b: f64, abs: u64, rel: u64) {
			let bounds = Bounds { abs: Tolerance(abs), rel: Tolerance(rel) };
			prop_assert_eq!(bounds.contain(a, b), bounds.contain(b, a));
			prop_assert!(bounds.contain(a, a));
		}
	}
}
