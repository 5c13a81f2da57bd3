// SPDX-License-Identifier: Apache-2.0
//! Typed tensors.
//!
//! A [`Tensor`] is an element type, a shape and bytes. Numbers lie in row-major order, little
//! endian, without padding; a `bool` is one byte, 0 or 1; a string is a SCALE `Vec<u8>` of UTF-8.
//! The same bytes travel from the client through the chain to ONNX Runtime and back.

use crate::limits::{BlobLimit, InlineLimit, MaxName, MaxRank, MaxTensors};
use alloc::vec::Vec;
use codec::{Compact, Decode, DecodeWithMemTracking, Encode, Input, MaxEncodedLen};
use core::fmt;
use frame_support::{BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound};
use scale_info::TypeInfo;
use sp_core::Get;

/// Type of a tensor's elements. Codec indices are ONNX's own (`TensorProto.DataType`).
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Hash,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum ElementType {
	/// 32-bit IEEE 754 float.
	#[codec(index = 1)]
	F32,
	/// 8-bit unsigned integer.
	#[codec(index = 2)]
	U8,
	/// 8-bit signed integer.
	#[codec(index = 3)]
	I8,
	/// 16-bit unsigned integer.
	#[codec(index = 4)]
	U16,
	/// 16-bit signed integer.
	#[codec(index = 5)]
	I16,
	/// 32-bit signed integer.
	#[codec(index = 6)]
	I32,
	/// 64-bit signed integer.
	#[codec(index = 7)]
	I64,
	/// UTF-8 text.
	#[codec(index = 8)]
	String,
	/// Truth value.
	#[codec(index = 9)]
	Bool,
	/// 16-bit IEEE 754 float.
	#[codec(index = 10)]
	F16,
	/// 64-bit IEEE 754 float.
	#[codec(index = 11)]
	F64,
	/// 32-bit unsigned integer.
	#[codec(index = 12)]
	U32,
	/// 64-bit unsigned integer.
	#[codec(index = 13)]
	U64,
	/// The upper half of a 32-bit float ("brain float").
	#[codec(index = 16)]
	BF16,
}

impl ElementType {
	/// Every element type.
	pub const ALL: [Self; 14] = [
		Self::F32,
		Self::U8,
		Self::I8,
		Self::U16,
		Self::I16,
		Self::I32,
		Self::I64,
		Self::String,
		Self::Bool,
		Self::F16,
		Self::F64,
		Self::U32,
		Self::U64,
		Self::BF16,
	];

	/// Bytes of one element; `None` for strings.
	pub const fn size(self) -> Option<usize> {
		match self {
			Self::U8 | Self::I8 | Self::Bool => Some(1),
			Self::U16 | Self::I16 | Self::F16 | Self::BF16 => Some(2),
			Self::F32 | Self::I32 | Self::U32 => Some(4),
			Self::F64 | Self::I64 | Self::U64 => Some(8),
			Self::String => None,
		}
	}

	/// Whether elements are floats.
	pub const fn is_float(self) -> bool {
		matches!(self, Self::F16 | Self::BF16 | Self::F32 | Self::F64)
	}

	/// The number ONNX has for it (`TensorProto.DataType`).
	pub fn onnx_code(self) -> i32 {
		self.encode()[0].into()
	}

	/// The element type with this number in ONNX.
	pub fn from_onnx_code(code: i32) -> Option<Self> {
		Self::ALL.into_iter().find(|element| element.onnx_code() == code)
	}

	/// The name used in JSON and on the command line.
	pub const fn name(self) -> &'static str {
		match self {
			Self::F32 => "f32",
			Self::U8 => "u8",
			Self::I8 => "i8",
			Self::U16 => "u16",
			Self::I16 => "i16",
			Self::I32 => "i32",
			Self::I64 => "i64",
			Self::String => "string",
			Self::Bool => "bool",
			Self::F16 => "f16",
			Self::F64 => "f64",
			Self::U32 => "u32",
			Self::U64 => "u64",
			Self::BF16 => "bf16",
		}
	}
}

impl fmt::Display for ElementType {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(self.name())
	}
}

/// Sizes of a tensor's dimensions, outermost first. Empty: a scalar. A dimension may be zero.
pub type Shape = BoundedVec<u64, MaxRank>;

/// A tensor's name within a model.
pub type Name = BoundedVec<u8, MaxName>;

/// A tensor of at most `Limit` bytes.
#[derive(
	CloneNoBound,
	PartialEqNoBound,
	EqNoBound,
	DebugNoBound,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[scale_info(skip_type_params(Limit))]
#[codec(mel_bound())]
pub struct Tensor<Limit: Get<u32>> {
	/// Type of the elements.
	pub element_type: ElementType,
	/// Sizes of the dimensions.
	pub shape: Shape,
	/// The elements; see the [module](self) for their layout.
	pub data: BoundedVec<u8, Limit>,
}

/// A tensor that travels inside an extrinsic.
pub type InlineTensor = Tensor<InlineLimit>;

/// A tensor that travels by the hash of its encoding.
pub type BlobTensor = Tensor<BlobLimit>;

/// Why bytes are not a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TensorError {
	/// More than [`crate::limits::MAX_RANK`] dimensions.
	Rank,
	/// The product of the dimensions does not fit.
	TooManyElements,
	/// More bytes than the limit.
	TooLarge,
	/// The bytes are not as many as shape and element type say.
	ByteLength,
	/// A `bool` that is neither 0 nor 1.
	NotBool,
	/// A string that is not UTF-8.
	NotUtf8,
	/// A string with U+0000 in it: ONNX Runtime takes strings that end there.
	Nul,
}

impl fmt::Display for TensorError {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Rank => "more than 8 dimensions",
			Self::TooManyElements => "the dimensions multiply to more than fits",
			Self::TooLarge => "too many bytes",
			Self::ByteLength => "the number of bytes does not fit shape and element type",
			Self::NotBool => "a bool that is neither 0 nor 1",
			Self::NotUtf8 => "a string that is not UTF-8",
			Self::Nul => "a string with U+0000 in it",
		})
	}
}

impl core::error::Error for TensorError {}

/// Product of the dimensions.
pub fn elements(shape: &[u64]) -> Option<u64> {
	// A zero anywhere makes the tensor empty, however large the other dimensions are.
	if shape.contains(&0) {
		return Some(0);
	}
	shape.iter().try_fold(1u64, |product, size| product.checked_mul(*size))
}

impl<Limit: Get<u32>> Tensor<Limit> {
	/// A tensor of these bytes, checked.
	pub fn new(
		element_type: ElementType,
		shape: impl IntoIterator<Item = u64>,
		data: Vec<u8>,
	) -> Result<Self, TensorError> {
		let shape = Shape::try_from(shape.into_iter().collect::<Vec<_>>())
			.map_err(|_| TensorError::Rank)?;
		let data = BoundedVec::try_from(data).map_err(|_| TensorError::TooLarge)?;
		let tensor = Self { element_type, shape, data };
		tensor.check()?;
		Ok(tensor)
	}

	/// A tensor of strings.
	pub fn strings<S: AsRef<str>>(
		shape: impl IntoIterator<Item = u64>,
		values: impl IntoIterator<Item = S>,
	) -> Result<Self, TensorError> {
		let mut data = Vec::new();
		values.into_iter().for_each(|value| value.as_ref().as_bytes().encode_to(&mut data));
		Self::new(ElementType::String, shape, data)
	}

	/// Number of elements.
	pub fn elements(&self) -> Option<u64> {
		elements(&self.shape)
	}

	/// Whether bytes, shape and element type fit one another. Linear in the number of bytes.
	pub fn check(&self) -> Result<(), TensorError> {
		let elements = self.elements().ok_or(TensorError::TooManyElements)?;
		match self.element_type.size() {
			Some(size) => {
				let bytes =
					elements.checked_mul(size as u64).ok_or(TensorError::TooManyElements)?;
				if bytes != self.data.len() as u64 {
					return Err(TensorError::ByteLength);
				}
				if self.element_type == ElementType::Bool && self.data.iter().any(|b| *b > 1) {
					return Err(TensorError::NotBool);
				}
				Ok(())
			},
			None => {
				let mut rest = self.data.as_slice();
				let mut count = 0u64;
				while !rest.is_empty() {
					let string = next_string(&mut rest).ok_or(TensorError::ByteLength)?;
					core::str::from_utf8(string).map_err(|_| TensorError::NotUtf8)?;
					if string.contains(&0) {
						return Err(TensorError::Nul);
					}
					count += 1;
				}
				if count == elements { Ok(()) } else { Err(TensorError::ByteLength) }
			},
		}
	}

	/// The strings of a string tensor, in row-major order. `None` if it is not a valid one.
	pub fn as_strings(&self) -> Option<Vec<&str>> {
		if self.element_type != ElementType::String {
			return None;
		}
		let mut rest = self.data.as_slice();
		let mut strings = Vec::new();
		while !rest.is_empty() {
			strings.push(core::str::from_utf8(next_string(&mut rest)?).ok()?);
		}
		Some(strings)
	}

	/// Gives every NaN one bit pattern, so that equal answers have equal bytes: which of the many
	/// NaN patterns an operation returns is up to the machine.
	pub fn canonicalise_nans(&mut self) {
		let data = self.data.as_bounded_slice_mut_bytes();
		match self.element_type {
			ElementType::F16 => canonicalise::<2>(data, |b| {
				let bits = u16::from_le_bytes(b) & 0x7fff;
				(bits > 0x7c00).then_some(0x7e00u16.to_le_bytes())
			}),
			ElementType::BF16 => canonicalise::<2>(data, |b| {
				let bits = u16::from_le_bytes(b) & 0x7fff;
				(bits > 0x7f80).then_some(0x7fc0u16.to_le_bytes())
			}),
			ElementType::F32 => canonicalise::<4>(data, |b| {
				let bits = u32::from_le_bytes(b) & 0x7fff_ffff;
				(bits > 0x7f80_0000).then_some(0x7fc0_0000u32.to_le_bytes())
			}),
			ElementType::F64 => canonicalise::<8>(data, |b| {
				let bits = u64::from_le_bytes(b) & 0x7fff_ffff_ffff_ffff;
				(bits > 0x7ff0_0000_0000_0000).then_some(0x7ff8_0000_0000_0000u64.to_le_bytes())
			}),
			_ => {},
		}
	}

	/// Whether a float element is NaN.
	pub fn has_nan(&self) -> bool {
		self.element_type.is_float() && self.floats().any(|value| value.is_nan())
	}

	/// The elements of a float tensor, widened to `f64` (exact for every ONNX float type). Empty
	/// for other types.
	pub fn floats(&self) -> impl Iterator<Item = f64> + '_ {
		let size = if self.element_type.is_float() {
			self.element_type.size().unwrap_or(1)
		} else {
			usize::MAX
		};
		self.data.chunks_exact(size).map(move |b| match (self.element_type, b) {
			(ElementType::F16, &[a, b]) => half::f16::from_le_bytes([a, b]).to_f64(),
			(ElementType::BF16, &[a, b]) => half::bf16::from_le_bytes([a, b]).to_f64(),
			(ElementType::F32, &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]).into(),
			(ElementType::F64, &[a, b, c, d, e, f, g, h]) => {
				f64::from_le_bytes([a, b, c, d, e, f, g, h])
			},
			// Not reached: `size` is that of a float type.
			_ => f64::NAN,
		})
	}

	/// The same tensor under another limit.
	pub fn into_limit<Other: Get<u32>>(self) -> Result<Tensor<Other>, TensorError> {
		let data =
			BoundedVec::try_from(self.data.into_inner()).map_err(|_| TensorError::TooLarge)?;
		Ok(Tensor { element_type: self.element_type, shape: self.shape, data })
	}
}

/// Takes one SCALE-encoded byte string off the front. Fails without reading past the end.
fn next_string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
	let length = Compact::<u32>::decode(rest).ok()?.0 as usize;
	let (string, tail) = rest.split_at_checked(length)?;
	*rest = tail;
	Some(string)
}

fn canonicalise<const N: usize>(data: &mut [u8], nan: impl Fn([u8; N]) -> Option<[u8; N]>) {
	for chunk in data.chunks_exact_mut(N) {
		let mut bytes = [0u8; N];
		bytes.copy_from_slice(chunk);
		if let Some(canonical) = nan(bytes) {
			chunk.copy_from_slice(&canonical);
		}
	}
}

/// `BoundedVec` lends its bytes mutably only as an iterator or a slice reference through
/// `AsMut`; this names the slice.
trait MutBytes {
	fn as_bounded_slice_mut_bytes(&mut self) -> &mut [u8];
}

impl<Limit> MutBytes for BoundedVec<u8, Limit> {
	fn as_bounded_slice_mut_bytes(&mut self) -> &mut [u8] {
		self.as_mut()
	}
}

/// A tensor and the name it has in the model.
#[derive(
	CloneNoBound,
	PartialEqNoBound,
	EqNoBound,
	DebugNoBound,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
#[scale_info(skip_type_params(Limit))]
#[codec(mel_bound())]
pub struct NamedTensor<Limit: Get<u32>> {
	/// Name of the model's input or output.
	pub name: Name,
	/// Its value.
	pub tensor: Tensor<Limit>,
}

impl<Limit: Get<u32>> NamedTensor<Limit> {
	/// A tensor under a name; `None` if the name is too long.
	pub fn new(name: impl Into<Vec<u8>>, tensor: Tensor<Limit>) -> Option<Self> {
		Some(Self { name: Name::try_from(name.into()).ok()?, tensor })
	}
}

/// The inputs or outputs of one run, in the order of the manifest, small enough for an extrinsic.
pub type Tensors = BoundedVec<NamedTensor<InlineLimit>, MaxTensors>;

/// The inputs or outputs of one run, in the order of the manifest, of any size.
pub type BlobTensors = BoundedVec<NamedTensor<BlobLimit>, MaxTensors>;

/// Reads tensors from bytes that come from outside: everything is consumed and checked.
pub fn decode_tensors(mut bytes: &[u8]) -> Option<BlobTensors> {
	let tensors = BlobTensors::decode(&mut bytes).ok()?;
	let clean = bytes.remaining_len() == Ok(Some(0));
	(clean && tensors.iter().all(|named| named.tensor.check().is_ok())).then_some(tensors)
}

#[cfg(test)]
mod tests {
	use super::*;
	use alloc::vec;

	#[test]
	fn element_types_carry_the_numbers_of_onnx() {
		for (element, code) in
			[(ElementType::F32, 1), (ElementType::I64, 7), (ElementType::BF16, 16)]
		{
			assert_eq!(element.onnx_code(), code);
			assert_eq!(ElementType::from_onnx_code(code), Some(element));
		}
		// complex64, complex128, undefined, the 8- and 4-bit floats
		for code in [0, 14, 15, 17, 18, 23] {
			assert_eq!(ElementType::from_onnx_code(code), None);
		}
		assert_eq!(ElementType::ALL.len(), 14);
	}

	#[test]
	fn bytes_must_fit_shape_and_type() {
		use ElementType::*;
		let new = |e, s: &[u64], d: &[u8]| InlineTensor::new(e, s.to_vec(), d.to_vec()).map(|_| ());
		assert_eq!(new(F32, &[2, 2], &[0; 16]), Ok(()));
		assert_eq!(new(F32, &[2, 2], &[0; 15]), Err(TensorError::ByteLength));
		assert_eq!(new(F32, &[], &[0; 4]), Ok(()));
		assert_eq!(new(F32, &[0, u64::MAX], &[]), Ok(()));
		assert_eq!(new(F32, &[u64::MAX, 2], &[]), Err(TensorError::TooManyElements));
		assert_eq!(new(F64, &[u64::MAX], &[]), Err(TensorError::TooManyElements));
		assert_eq!(new(F32, &[1; 9], &[0; 4]), Err(TensorError::Rank));
		assert_eq!(new(Bool, &[2], &[0, 1]), Ok(()));
		assert_eq!(new(Bool, &[2], &[0, 2]), Err(TensorError::NotBool));
		assert_eq!(new(U8, &[65537], &[0; 65537]), Err(TensorError::TooLarge));
		assert_eq!(new(String, &[1], &[4, 0xff]), Err(TensorError::NotUtf8));
		assert_eq!(new(String, &[1], &[12, b'a', 0, b'b']), Err(TensorError::Nul));
		assert_eq!(new(String, &[1], &[0]), Ok(()));
		assert_eq!(new(String, &[1], &[8, b'a']), Err(TensorError::ByteLength));
		assert_eq!(new(String, &[2], &[4, b'a']), Err(TensorError::ByteLength));
	}

	#[test]
	fn every_element_type_round_trips_through_scale() {
		for element in ElementType::ALL {
			for shape in [vec![], vec![0, 3], vec![2, 3], vec![1; 8]] {
				let count = elements(&shape).unwrap() as usize;
				let tensor = match element.size() {
					Some(size) => InlineTensor::new(element, shape, vec![1; count * size]),
					None => InlineTensor::strings(shape, vec!["grüß dich"; count]),
				}
				.unwrap();
				let bytes = tensor.encode();
				assert_eq!(InlineTensor::decode(&mut &bytes[..]).unwrap(), tensor);
			}
		}
	}

	#[test]
	fn nans_become_one_nan_and_nothing_else_changes() {
		let mut bytes = vec![];
		for value in [f32::from_bits(0xffc1_2345), 1.5, f32::INFINITY, f32::NEG_INFINITY, -0.0] {
			bytes.extend(value.to_le_bytes());
		}
		let mut tensor = InlineTensor::new(ElementType::F32, [5], bytes.clone()).unwrap();
		assert!(tensor.has_nan());
		tensor.canonicalise_nans();
		assert_eq!(&tensor.data[..4], &0x7fc0_0000u32.to_le_bytes());
		assert_eq!(&tensor.data[4..], &bytes[4..]);
		for (element, nan, canonical) in [
			(ElementType::F16, vec![0x01, 0xfc], vec![0x00, 0x7e]),
			(ElementType::BF16, vec![0x81, 0xff], vec![0xc0, 0x7f]),
			(ElementType::F64, (-f64::NAN).to_le_bytes().to_vec(), f64::NAN.to_le_bytes().to_vec()),
		] {
			let mut tensor = InlineTensor::new(element, [1], nan).unwrap();
			tensor.canonicalise_nans();
			assert_eq!(tensor.data.to_vec(), canonical);
		}
	}

	#[test]
	fn trailing_or_malformed_bytes_are_not_tensors() {
		let tensor = BlobTensor::strings([2], ["a", "b"]).unwrap();
		let tensors = BlobTensors::truncate_from(vec![NamedTensor::new("x", tensor).unwrap()]);
		let mut bytes = tensors.encode();
		assert_eq!(decode_tensors(&bytes), Some(tensors));
		bytes.push(0);
		assert_eq!(decode_tensors(&bytes), None);
		assert_eq!(decode_tensors(&bytes[..5]), None);
	}
}
