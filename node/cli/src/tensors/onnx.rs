// SPDX-License-Identifier: Apache-2.0
//! ONNX's serialised tensors (`TensorProto`, as in `input_0.pb` of a model's test data).
//!
//! What a file from outside may not say is refused: data in another file.

use super::FormatError;
use codec::Encode;
use jurat_onnx::proto::TensorProto;
use jurat_primitives::{
	ElementType,
	tensor::{BlobTensor, TensorError},
};
use prost::Message;

/// Reads a `TensorProto`: its name, which may be empty, and the tensor.
pub fn parse(bytes: &[u8]) -> Result<(String, BlobTensor), FormatError> {
	let proto = TensorProto::decode(bytes)
		.map_err(|error| malformed(&format!("no TensorProto: {error}")))?;
	if proto.data_location != 0 || !proto.external_data.is_empty() {
		return Err(malformed("its data is in another file"));
	}
	let element = ElementType::from_onnx_code(proto.data_type)
		.ok_or_else(|| malformed(&format!("element type {} is not served", proto.data_type)))?;
	let dims = proto.dims.iter().map(|size| u64::try_from(*size));
	let dims =
		dims.collect::<Result<Vec<_>, _>>().map_err(|_| malformed("a negative dimension"))?;
	let tensor = BlobTensor::new(element, dims, data(&proto, element));
	let tensor = tensor.map_err(|error| match error {
		TensorError::ByteLength => malformed("its data does not fit its dimensions"),
		other => other.into(),
	})?;
	Ok((proto.name, tensor))
}

fn malformed(what: &str) -> FormatError {
	FormatError::Malformed(format!("not an ONNX tensor: {what}"))
}

/// The elements, from the field that holds those of this type.
fn data(proto: &TensorProto, element: ElementType) -> Vec<u8> {
	use ElementType::*;
	if element != String && !proto.raw_data.is_empty() {
		return proto.raw_data.to_vec();
	}
	// Small types travel in wider integers; floats of 16 bits as their bits.
	let narrow = |size: usize| {
		let words = proto.int32_data.iter();
		words.flat_map(|word| word.to_le_bytes().into_iter().take(size)).collect()
	};
	match element {
		F32 => proto.float_data.iter().flat_map(|v| v.to_le_bytes()).collect(),
		F64 => proto.double_data.iter().flat_map(|v| v.to_le_bytes()).collect(),
		I64 => proto.int64_data.iter().flat_map(|v| v.to_le_bytes()).collect(),
		U64 => proto.uint64_data.iter().flat_map(|v| v.to_le_bytes()).collect(),
		U32 => proto.uint64_data.iter().flat_map(|v| (*v as u32).to_le_bytes()).collect(),
		U8 | I8 | Bool => narrow(1),
		U16 | I16 | F16 | BF16 => narrow(2),
		I32 => narrow(4),
		String => {
			let mut out = Vec::new();
			proto.string_data.iter().for_each(|text| text.as_ref().encode_to(&mut out));
			out
		},
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	/// Dimensions 2 × 1, this element type, and one more field.
	fn proto(code: u8, more: &[u8]) -> Vec<u8> {
		[&[0x08, 2, 0x08, 1, 0x10, code][..], more].concat()
	}

	#[test]
	fn raw_and_typed_data_are_read() {
		let raw = [&[0x4a, 8][..], &1.5f32.to_le_bytes(), &(-2f32).to_le_bytes()].concat();
		let typed = [&[0x22, 8][..], &1.5f32.to_le_bytes(), &(-2f32).to_le_bytes()].concat();
		let unpacked =
			[&[0x25][..], &1.5f32.to_le_bytes(), &[0x25], &(-2f32).to_le_bytes()].concat();
		for bytes in [raw, typed, unpacked] {
			let (_, tensor) = parse(&proto(1, &bytes)).unwrap();
			assert_eq!(tensor.shape.to_vec(), [2, 1]);
			assert_eq!(tensor.floats().collect::<Vec<_>>(), [1.5, -2.0]);
		}
		// int64_data [1, -1], packed
		let minus_one = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
		let bytes = [&[0x3a, 11, 1][..], &minus_one].concat();
		let (_, tensor) = parse(&proto(7, &bytes)).unwrap();
		assert_eq!(tensor.data.to_vec(), [1i64.to_le_bytes(), (-1i64).to_le_bytes()].concat());
		// int32_data holds bools and the bits of halves
		let (_, tensor) = parse(&proto(9, &[0x2a, 2, 1, 0])).unwrap();
		assert_eq!(tensor.data.to_vec(), [1, 0]);
		let (_, tensor) = parse(&proto(10, &[0x2a, 4, 0x80, 0x78, 0x80, 0x78])).unwrap();
		assert_eq!(tensor.floats().collect::<Vec<_>>(), [1.0, 1.0]);
		// string_data, and a name
		let (name, tensor) = parse(&proto(8, b"\x32\x02hi\x32\x00\x42\x01x")).unwrap();
		assert_eq!((name.as_str(), tensor.as_strings().unwrap()), ("x", vec!["hi", ""]));
	}

	#[test]
	fn what_cannot_be_read_is_refused_with_its_reason() {
		let message = |bytes: &[u8]| parse(bytes).unwrap_err().to_string();
		assert!(message(&proto(14, &[])).contains("element type 14"));
		assert!(message(&proto(1, &[0x70, 1])).contains("another file"));
		assert!(
			message(&[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0x10, 1])
				.contains("negative")
		);
		assert!(message(&proto(1, &[0x4a, 1, 0])).contains("dimensions"));
		assert!(message(b"not protobuf").contains("TensorProto"));
	}

	proptest! {
		#[test]
		fn no_bytes_make_the_reader_panic(data: Vec<u8>) {
			let _ = parse(&data);
			let _ = parse(&proto(1, &data));
		}
	}
}
