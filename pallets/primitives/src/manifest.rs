// SPDX-License-Identifier: Apache-2.0
//! The manifest: what a release promises, on chain.

use crate::{
	limits::{
		MAX_LICENCE, MAX_OPERATORS, MAX_OUTPUT_APPROXIMATE, MAX_OUTPUT_EXACT, MAX_TAG, MAX_TAGS,
		MaxRank, MaxTensors,
	},
	profile::{NumericProfile, is_exact_operator},
	tensor::{ElementType, Name, NamedTensor, Tensors},
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use frame_support::BoundedVec;
use scale_info::TypeInfo;
use sp_core::{ConstU32, Get};

/// Which engine, in which execution profile, the release was made for. A later library or another
/// set of session options is a new entry, never a silent change of an old one.
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
pub enum EngineId {
	/// ONNX Runtime 1.31.1 on CPU: one intra-op and one inter-op thread, graph optimisation level
	/// 2, no batching across requests, `session.x64quantprecision` for u8 activations.
	#[codec(index = 0)]
	OnnxRuntime1_31,
}

/// One dimension of an input or output.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Dimension {
	/// Always this size.
	#[codec(index = 0)]
	Fixed(u64),
	/// Chosen by the request: the same for each occurrence of `name`, at most `max`.
	#[codec(index = 1)]
	Symbolic {
		/// Name of the symbol.
		name: Name,
		/// Largest size allowed; what the release's compute units are stated for.
		max: u64,
	},
}

/// Element type and shape of one input or output.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct TensorSpec {
	/// Name in the graph.
	pub name: Name,
	/// Type of its elements.
	pub element_type: ElementType,
	/// Its dimensions, outermost first.
	pub shape: BoundedVec<Dimension, MaxRank>,
}

/// The inputs or outputs of a model.
pub type Signature = BoundedVec<TensorSpec, MaxTensors>;

/// Names of the distinct operators of a graph, sorted; outside the default domain `domain:Name`.
pub type Operators = BoundedVec<Name, ConstU32<MAX_OPERATORS>>;

/// On-chain description of a release.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Manifest {
	/// Version of ONNX's default operator set.
	pub opset: u16,
	/// Engine and execution profile.
	pub engine: EngineId,
	/// When two answers count as equal.
	pub profile: NumericProfile,
	/// Inputs, in the order in which requests give them.
	pub inputs: Signature,
	/// Outputs, in the order in which answers give them.
	pub outputs: Signature,
	/// The graph's operators.
	pub operators: Operators,
	/// Cost of one run on the largest inputs allowed, in compute units: milliseconds of one core
	/// of the reference machine, rounded up. At least 1.
	pub compute_units: u32,
	/// Whether an input may hold NaN.
	pub allow_nan: bool,
	/// Licence of the model (SPDX expression).
	pub licence: BoundedVec<u8, ConstU32<MAX_LICENCE>>,
	/// For search.
	pub tags: BoundedVec<BoundedVec<u8, ConstU32<MAX_TAG>>, ConstU32<MAX_TAGS>>,
}

/// Why a manifest is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManifestError {
	/// No inputs or no outputs.
	Empty,
	/// A name is empty, not UTF-8, or given twice.
	Name,
	/// A symbol without room, or with two different bounds.
	Symbol,
	/// Compute units are zero.
	Cost,
	/// The list of operators is empty, unsorted or has repetitions.
	Operators,
	/// `Exact` with an operator that is not in the exact set, or with NaN among the inputs: what
	/// comparisons make of it depends on the processor.
	NotExact,
	/// The gross bound is not many times wider than the tolerance: at least
	/// [`crate::profile::GROSS_FACTOR`] times, absolute and relative.
	Gross,
	/// The licence, a tag, a symbol or an operator is not UTF-8, or a tag is empty.
	Text,
}

/// Why inputs do not fit a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureError {
	/// Another number of tensors.
	Count,
	/// A tensor has another name, or stands at another place.
	Name,
	/// Another element type.
	ElementType,
	/// Another number of dimensions.
	Rank,
	/// A dimension has another size, is above its symbol's maximum, or differs from an earlier
	/// occurrence of its symbol.
	Dimension,
	/// Bytes do not fit shape and element type.
	Bytes,
	/// A NaN where the manifest forbids it.
	Nan,
}

impl fmt::Display for SignatureError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Count => "wrong number of tensors",
			Self::Name => "wrong name, or wrong order",
			Self::ElementType => "wrong element type",
			Self::Rank => "wrong number of dimensions",
			Self::Dimension => "wrong size of a dimension",
			Self::Bytes => "number of bytes does not fit the shape",
			Self::Nan => "NaN is not allowed",
		})
	}
}

/// Name, element type and shape of a tensor whose bytes are elsewhere.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct TensorHeader {
	/// Name of the model's input.
	pub name: Name,
	/// Type of its elements.
	pub element_type: ElementType,
	/// Its shape.
	pub shape: crate::tensor::Shape,
}

impl<L: Get<u32>> From<&NamedTensor<L>> for TensorHeader {
	fn from(named: &NamedTensor<L>) -> Self {
		Self {
			name: named.name.clone(),
			element_type: named.tensor.element_type,
			shape: named.tensor.shape.clone(),
		}
	}
}

/// Sizes given to symbols so far.
type Bindings<'a> = Vec<(&'a [u8], u64)>;

fn check_header<'a>(
	spec: &'a TensorSpec,
	header: (&[u8], ElementType, &[u64]),
	bindings: &mut Bindings<'a>,
) -> Result<(), SignatureError> {
	let (name, element_type, shape) = header;
	if name != spec.name.as_slice() {
		return Err(SignatureError::Name);
	}
	if element_type != spec.element_type {
		return Err(SignatureError::ElementType);
	}
	if shape.len() != spec.shape.len() {
		return Err(SignatureError::Rank);
	}
	for (dimension, size) in spec.shape.iter().zip(shape) {
		match dimension {
			Dimension::Fixed(fixed) if fixed == size => {},
			Dimension::Fixed(_) => return Err(SignatureError::Dimension),
			Dimension::Symbolic { name, max } => {
				if size > max {
					return Err(SignatureError::Dimension);
				}
				match bindings.iter().find(|(symbol, _)| symbol == &name.as_slice()) {
					Some((_, bound)) if bound == size => {},
					Some(_) => return Err(SignatureError::Dimension),
					None => bindings.push((name, *size)),
				}
			},
		}
	}
	Ok(())
}

/// Whether tensors whose bytes are elsewhere fit a signature.
pub fn check_headers(
	signature: &Signature,
	headers: &[TensorHeader],
) -> Result<(), SignatureError> {
	if signature.len() != headers.len() {
		return Err(SignatureError::Count);
	}
	let mut bindings = Bindings::new();
	signature.iter().zip(headers).try_for_each(|(spec, header)| {
		check_header(spec, (&header.name, header.element_type, &header.shape), &mut bindings)
	})
}

/// Whether tensors fit a signature, bytes included.
pub fn check_tensors<L: Get<u32>>(
	signature: &Signature,
	tensors: &[NamedTensor<L>],
	allow_nan: bool,
) -> Result<(), SignatureError> {
	if signature.len() != tensors.len() {
		return Err(SignatureError::Count);
	}
	let mut bindings = Bindings::new();
	for (spec, NamedTensor { name, tensor }) in signature.iter().zip(tensors) {
		check_header(spec, (name, tensor.element_type, &tensor.shape), &mut bindings)?;
		tensor.check().map_err(|_| SignatureError::Bytes)?;
		if !allow_nan && tensor.has_nan() {
			return Err(SignatureError::Nan);
		}
	}
	Ok(())
}

impl Manifest {
	/// Whether the manifest is sound in itself. Whether it is true of the file is for attesters to
	/// find out before they announce the release.
	pub fn check(&self) -> Result<(), ManifestError> {
		if self.inputs.is_empty() || self.outputs.is_empty() {
			return Err(ManifestError::Empty);
		}
		for signature in [&self.inputs, &self.outputs] {
			for (i, spec) in signature.iter().enumerate() {
				let repeated = signature[..i].iter().any(|earlier| earlier.name == spec.name);
				if spec.name.is_empty() || core::str::from_utf8(&spec.name).is_err() || repeated {
					return Err(ManifestError::Name);
				}
			}
		}
		let utf8 = |text: &[u8]| core::str::from_utf8(text).is_ok();
		let tags = self.tags.iter().all(|tag| !tag.is_empty() && utf8(tag));
		if !tags || !utf8(&self.licence) || !self.operators.iter().all(|operator| utf8(operator)) {
			return Err(ManifestError::Text);
		}
		let mut symbols: Bindings<'_> = Vec::new();
		let dimensions =
			self.inputs.iter().chain(self.outputs.iter()).flat_map(|spec| spec.shape.iter());
		for dimension in dimensions {
			let Dimension::Symbolic { name, max } = dimension else { continue };
			let known = symbols.iter().find(|(symbol, _)| symbol == &name.as_slice());
			match known {
				_ if *max == 0 || name.is_empty() => return Err(ManifestError::Symbol),
				_ if !utf8(name) => return Err(ManifestError::Text),
				Some((_, earlier)) if earlier != max => return Err(ManifestError::Symbol),
				Some(_) => {},
				None => symbols.push((name, *max)),
			}
		}
		if self.compute_units == 0 {
			return Err(ManifestError::Cost);
		}
		if self.operators.is_empty() || !self.operators.is_sorted_by(|a, b| a < b) {
			return Err(ManifestError::Operators);
		}
		match self.profile {
			NumericProfile::Exact => {
				let exact = self.operators.iter().all(|operator| is_exact_operator(operator));
				if !exact || self.allow_nan {
					return Err(ManifestError::NotExact);
				}
			},
			NumericProfile::Approximate { tolerance, gross: Some(gross) } => {
				if !gross.is_many_times(&tolerance) {
					return Err(ManifestError::Gross);
				}
			},
			NumericProfile::Approximate { gross: None, .. } => {},
		}
		Ok(())
	}

	/// Largest SCALE encoding of an output, in bytes.
	pub fn output_limit(&self) -> u32 {
		match self.profile {
			NumericProfile::Exact => MAX_OUTPUT_EXACT,
			NumericProfile::Approximate { .. } => MAX_OUTPUT_APPROXIMATE,
		}
	}

	/// Bytes that the tensors of an output may have at most: the sizes of the signature, each symbol
	/// at its maximum, but never more than [`Self::output_limit`]. Strings may fill all of it.
	pub fn output_bound(&self) -> u32 {
		let limit = u64::from(self.output_limit());
		let bytes = self.outputs.iter().fold(0u64, |sum, spec| {
			let elements = spec.shape.iter().fold(1u64, |product, dimension| {
				let (Dimension::Fixed(size) | Dimension::Symbolic { max: size, .. }) = dimension;
				product.saturating_mul(*size)
			});
			let size = spec.element_type.size().map_or(limit, |size| size as u64);
			sum.saturating_add(elements.saturating_mul(size))
		});
		bytes.min(limit) as u32
	}

	/// Whether an output is one that this release may give: signature and size.
	pub fn accepts_output(&self, output: &Tensors) -> bool {
		output.encoded_size() <= self.output_limit() as usize
			&& check_tensors(&self.outputs, output, true).is_ok()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{
		profile::{Bounds, Tolerance},
		tensor::InlineTensor,
	};
	use alloc::vec;

	fn name(text: &str) -> Name {
		Name::truncate_from(text.into())
	}

	fn spec(text: &str, shape: Vec<Dimension>) -> TensorSpec {
		TensorSpec {
			name: name(text),
			element_type: ElementType::F32,
			shape: BoundedVec::truncate_from(shape),
		}
	}

	fn batch(max: u64) -> Dimension {
		Dimension::Symbolic { name: name("N"), max }
	}

	fn manifest() -> Manifest {
		Manifest {
			opset: 17,
			engine: EngineId::OnnxRuntime1_31,
			profile: NumericProfile::Approximate {
				tolerance: Bounds { abs: Tolerance(1), rel: Tolerance(1) },
				gross: None,
			},
			inputs: Signature::truncate_from(vec![
				spec("a", vec![batch(4), Dimension::Fixed(2)]),
				spec("b", vec![batch(4)]),
			]),
			outputs: Signature::truncate_from(vec![spec("y", vec![batch(4)])]),
			operators: Operators::truncate_from(vec![name("MatMul"), name("Softmax")]),
			compute_units: 1,
			allow_nan: false,
			licence: Default::default(),
			tags: Default::default(),
		}
	}

	fn tensor(text: &str, shape: &[u64]) -> NamedTensor<crate::limits::InlineLimit> {
		let bytes = vec![0u8; 4 * shape.iter().product::<u64>() as usize];
		let tensor = InlineTensor::new(ElementType::F32, shape.to_vec(), bytes).unwrap();
		NamedTensor::new(text, tensor).unwrap()
	}

	#[test]
	fn each_flaw_of_a_manifest_is_named() {
		assert_eq!(manifest().check(), Ok(()));
		let flawed = |change: &dyn Fn(&mut Manifest)| {
			let mut manifest = manifest();
			change(&mut manifest);
			manifest.check().unwrap_err()
		};
		assert_eq!(flawed(&|m| m.inputs = Default::default()), ManifestError::Empty);
		assert_eq!(flawed(&|m| m.outputs = Default::default()), ManifestError::Empty);
		assert_eq!(flawed(&|m| m.inputs[1].name = name("a")), ManifestError::Name);
		assert_eq!(flawed(&|m| m.inputs[1].name = name("")), ManifestError::Name);
		assert_eq!(flawed(&|m| m.inputs[1].shape[0] = batch(5)), ManifestError::Symbol);
		assert_eq!(flawed(&|m| m.outputs[0].shape[0] = batch(0)), ManifestError::Symbol);
		assert_eq!(flawed(&|m| m.compute_units = 0), ManifestError::Cost);
		assert_eq!(flawed(&|m| m.operators = Default::default()), ManifestError::Operators);
		assert_eq!(flawed(&|m| m.operators[1] = name("Abs")), ManifestError::Operators);
		assert_eq!(flawed(&|m| m.profile = NumericProfile::Exact), ManifestError::NotExact);
		let gross = |m: &mut Manifest| {
			let bounds = Bounds { abs: Tolerance(1), rel: Tolerance(9) };
			m.profile = NumericProfile::Approximate { tolerance: bounds, gross: Some(bounds) };
		};
		assert_eq!(flawed(&gross), ManifestError::Gross);
		// Nine times is too narrow in one part, ten times wide enough in both.
		let wider = |abs: u64, rel: u64| {
			move |m: &mut Manifest| {
				let bounds = |abs, rel| Bounds { abs: Tolerance(abs), rel: Tolerance(rel) };
				m.profile = NumericProfile::Approximate {
					tolerance: bounds(2, 3),
					gross: Some(bounds(2 * abs, 3 * rel)),
				};
			}
		};
		assert_eq!(flawed(&wider(9, 10)), ManifestError::Gross);
		assert_eq!(flawed(&wider(10, 9)), ManifestError::Gross);
		let mut wide = manifest();
		wider(10, 10)(&mut wide);
		assert_eq!(wide.check(), Ok(()));
		let bad = || vec![0xff];
		assert_eq!(flawed(&|m| m.licence = BoundedVec::truncate_from(bad())), ManifestError::Text);
		let tags = |tag: Vec<u8>| BoundedVec::truncate_from(vec![BoundedVec::truncate_from(tag)]);
		assert_eq!(flawed(&|m| m.tags = tags(bad())), ManifestError::Text);
		assert_eq!(flawed(&|m| m.tags = tags(vec![])), ManifestError::Text);
		assert_eq!(flawed(&|m| m.operators[1] = Name::truncate_from(bad())), ManifestError::Text);
		let symbol = Dimension::Symbolic { name: Name::truncate_from(bad()), max: 1 };
		assert_eq!(flawed(&|m| m.outputs[0].shape[0] = symbol.clone()), ManifestError::Text);
	}

	#[test]
	fn each_flaw_of_an_input_is_named() {
		let inputs = manifest().inputs;
		let check = |tensors: &[_]| check_tensors(&inputs, tensors, false);
		assert_eq!(check(&[tensor("a", &[3, 2]), tensor("b", &[3])]), Ok(()));
		assert_eq!(check(&[tensor("a", &[0, 2]), tensor("b", &[0])]), Ok(()));
		assert_eq!(check(&[tensor("a", &[3, 2])]), Err(SignatureError::Count));
		let swapped = [tensor("b", &[3]), tensor("a", &[3, 2])];
		assert_eq!(check(&swapped), Err(SignatureError::Name));
		let rank = [tensor("a", &[3, 2]), tensor("b", &[3, 1])];
		assert_eq!(check(&rank), Err(SignatureError::Rank));
		let fixed = [tensor("a", &[3, 3]), tensor("b", &[3])];
		assert_eq!(check(&fixed), Err(SignatureError::Dimension));
		let symbol = [tensor("a", &[3, 2]), tensor("b", &[2])];
		assert_eq!(check(&symbol), Err(SignatureError::Dimension));
		let above = [tensor("a", &[5, 2]), tensor("b", &[5])];
		assert_eq!(check(&above), Err(SignatureError::Dimension));

		let mut wrong = tensor("b", &[3]);
		wrong.tensor.element_type = ElementType::I32;
		assert_eq!(check(&[tensor("a", &[3, 2]), wrong]), Err(SignatureError::ElementType));
		let mut wrong = tensor("b", &[3]);
		wrong.tensor.data.pop();
		assert_eq!(check(&[tensor("a", &[3, 2]), wrong]), Err(SignatureError::Bytes));
		let mut nan = tensor("b", &[3]);
		nan.tensor.data[2..4].copy_from_slice(&[0xc0, 0x7f]);
		assert_eq!(check(&[tensor("a", &[3, 2]), nan.clone()]), Err(SignatureError::Nan));
		assert_eq!(check_tensors(&inputs, &[tensor("a", &[3, 2]), nan], true), Ok(()));
	}

	#[test]
	fn headers_are_checked_like_tensors() {
		let inputs = manifest().inputs;
		let headers = [tensor("a", &[3, 2]), tensor("b", &[3])].map(|t| TensorHeader::from(&t));
		assert_eq!(check_headers(&inputs, &headers), Ok(()));
		assert_eq!(check_headers(&inputs, &headers[..1]), Err(SignatureError::Count));
	}

	#[test]
	fn the_bound_of_an_output_follows_from_its_signature() {
		let mut manifest = manifest();
		assert_eq!(manifest.output_bound(), 16);
		manifest.outputs[0].shape[0] = Dimension::Fixed(u64::MAX);
		assert_eq!(manifest.output_bound(), MAX_OUTPUT_APPROXIMATE);
		manifest.outputs[0].shape[0] = Dimension::Fixed(0);
		assert_eq!(manifest.output_bound(), 0);
		manifest.outputs[0] = spec("y", vec![]);
		manifest.outputs[0].element_type = ElementType::String;
		assert_eq!(manifest.output_bound(), MAX_OUTPUT_APPROXIMATE);
	}

	#[test]
	fn an_output_must_fit_signature_and_size() {
		let manifest = manifest();
		let outputs = |shape: &[u64]| Tensors::truncate_from(vec![tensor("y", shape)]);
		assert!(manifest.accepts_output(&outputs(&[4])));
		assert!(!manifest.accepts_output(&outputs(&[5])));
		assert!(!manifest.accepts_output(&Default::default()));
		let mut large = manifest.clone();
		large.outputs[0].shape[0] = Dimension::Fixed(2000);
		assert!(!large.accepts_output(&outputs(&[2000])));
	}
}
