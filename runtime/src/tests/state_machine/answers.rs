// SPDX-License-Identifier: Apache-2.0
//! Models whose right answers are known, and the wrong ones that attesters give.

use jurat_primitives::{
	Answer, Dimension, ElementType, EngineId, JobFailure, Manifest, NumericProfile, TensorSpec,
	profile::{Bounds, Tolerance},
	tensor::{InlineTensor, NamedTensor, Tensors},
};
use proptest::prelude::*;
use sp_runtime::BoundedVec;

/// Within it, answers of approximate releases agree.
pub const TOLERANCE: f32 = 0.01;
/// Beyond it, they are wrong.
pub const GROSS: f32 = 1.0;

/// What a release of the test is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
	/// Equal bytes.
	Exact,
	/// A tolerance, and a bound beyond which an answer is wrong.
	Gross,
	/// A tolerance only.
	Lenient,
}

/// What a member of a panel gives for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
	/// The right answer.
	Right,
	/// A wrong one, of a few that colluders agree on.
	Lie(u8),
	/// Outside of the tolerance, within the gross bound.
	Near(u8),
	/// Of another shape than the manifest says.
	Unfit,
	/// More bytes than an answer of an approximate release may have.
	Huge,
	/// That it can not.
	Fail(u8),
	/// None.
	Silence,
}

/// Any deed, the right ones not more often than the others.
pub fn deed() -> impl Strategy<Value = Deed> {
	prop_oneof![
		4 => Just(Deed::Right),
		6 => (0u8..2).prop_map(Deed::Lie),
		3 => (0u8..2).prop_map(Deed::Near),
		1 => Just(Deed::Unfit),
		1 => Just(Deed::Huge),
		3 => (0u8..3).prop_map(Deed::Fail),
		2 => Just(Deed::Silence),
	]
}

/// How a member opens what it committed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
	/// As it should.
	Full,
	/// Without the bytes.
	Digest,
	/// With another salt.
	BadSalt,
	/// With another answer.
	Other,
	/// Not at all.
	Never,
}

/// Any opening.
pub fn opening() -> impl Strategy<Value = Opening> {
	prop_oneof![
		6 => Just(Opening::Full),
		4 => Just(Opening::Digest),
		1 => Just(Opening::BadSalt),
		1 => Just(Opening::Other),
		2 => Just(Opening::Never),
	]
}

impl Profile {
	/// Whether equal bytes are asked for.
	pub fn exact(self) -> bool {
		self == Self::Exact
	}

	/// The manifest of a release of this kind: one byte in; one byte, or one float, out.
	pub fn manifest(self) -> Manifest {
		let spec = |name: &str, element_type| TensorSpec {
			name: BoundedVec::truncate_from(name.into()),
			element_type,
			shape: BoundedVec::truncate_from(vec![Dimension::Fixed(1)]),
		};
		let bounds = |size: f32| {
			let units = Tolerance((f64::from(size) * Tolerance::UNITS as f64) as u64);
			Bounds { abs: units, rel: Tolerance(u64::from(size >= GROSS)) }
		};
		let (profile, output) = match self {
			Self::Exact => (NumericProfile::Exact, ElementType::U8),
			Self::Gross | Self::Lenient => {
				let gross = (self == Self::Gross).then(|| bounds(GROSS));
				let tolerance = bounds(TOLERANCE);
				(NumericProfile::Approximate { tolerance, gross }, ElementType::F32)
			},
		};
		Manifest {
			opset: 17,
			engine: EngineId::OnnxRuntime1_31,
			profile,
			inputs: BoundedVec::truncate_from(vec![spec("x", ElementType::U8)]),
			outputs: BoundedVec::truncate_from(vec![spec("y", output)]),
			operators: BoundedVec::truncate_from(vec![BoundedVec::truncate_from(
				b"Identity".to_vec(),
			)]),
			compute_units: 5,
			allow_nan: false,
			licence: Default::default(),
			tags: Default::default(),
		}
	}

	fn output(self, value: f32) -> Answer {
		let tensor = match self {
			Self::Exact => bytes(vec![value as u8]),
			Self::Gross | Self::Lenient => {
				InlineTensor::new(ElementType::F32, [1], value.to_le_bytes().to_vec())
					.expect("one float")
			},
		};
		Answer::Output(named("y", tensor))
	}

	/// What a deed of the attester at `place` answers to an input. Floats of honest machines differ
	/// in their last digits.
	pub fn answer(self, deed: Deed, input: u8, place: usize) -> Option<Answer> {
		let right = f32::from(input % 100);
		let noise = if self.exact() { 0.0 } else { TOLERANCE / 50.0 * place as f32 };
		Some(match deed {
			Deed::Right => self.output(right + noise),
			Deed::Lie(which) => self.output(right + 20.0 * (1.0 + f32::from(which)) + noise),
			Deed::Near(which) if self.exact() => self.output(right + 1.0 + f32::from(which)),
			Deed::Near(which) => self.output(right + 0.3 * (1.0 + f32::from(which)) + noise),
			Deed::Unfit => Answer::Output(named("z", bytes(vec![input]))),
			Deed::Huge => Answer::Output(named("y", bytes(vec![input; 5_000]))),
			Deed::Fail(which) => Answer::Failure(match which {
				0 => JobFailure::RunFailed,
				1 => JobFailure::TimedOut,
				_ => JobFailure::ModelUnavailable,
			}),
			Deed::Silence => return None,
		})
	}

	/// Whether an answer is the right one.
	pub fn is_right(self, answer: &Answer, input: u8) -> bool {
		match (self.value(answer), self) {
			(None, _) => false,
			(Some(value), Self::Exact) => value == f32::from(input % 100),
			(Some(value), _) => (value - f32::from(input % 100)).abs() < TOLERANCE,
		}
	}

	/// The number that an answer gives, if it is one that the release may give.
	pub fn value(self, answer: &Answer) -> Option<f32> {
		let Answer::Output(tensors) = answer else { return None };
		let [one] = tensors.as_slice() else { return None };
		if one.name.as_slice() != b"y" || one.tensor.shape.as_slice() != [1] {
			return None;
		}
		match (self, one.tensor.element_type) {
			(Self::Exact, ElementType::U8) => one.tensor.data.first().map(|byte| f32::from(*byte)),
			(Self::Gross | Self::Lenient, ElementType::F32) => {
				one.tensor.data.as_slice().try_into().ok().map(f32::from_le_bytes)
			},
			_ => None,
		}
	}
}

fn bytes(data: Vec<u8>) -> InlineTensor {
	InlineTensor::new(ElementType::U8, [data.len() as u64], data).expect("bytes of a shape")
}

fn named(name: &str, tensor: InlineTensor) -> Tensors {
	Tensors::truncate_from(vec![NamedTensor::new(name, tensor).expect("a name")])
}

/// The input of a request.
pub fn input(value: u8) -> Tensors {
	named("x", bytes(vec![value]))
}

/// One that does not fit the manifest.
pub fn unfit_input(value: u8) -> Tensors {
	named("x", bytes(vec![value; 2]))
}
