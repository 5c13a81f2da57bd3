// SPDX-License-Identifier: Apache-2.0

use super::*;
use proptest::prelude::*;

fn bytes(text: &str, element: ElementType) -> Vec<u8> {
	parse(text, element).unwrap().data.to_vec()
}

fn message(text: &str, element: ElementType) -> String {
	parse(text, element).unwrap_err().to_string()
}

fn shape(text: &str) -> Vec<u64> {
	parse(text, ElementType::F32).unwrap().shape.to_vec()
}

#[test]
fn the_shape_is_read_off_the_nesting() {
	assert_eq!(shape("1"), [0u64; 0]);
	assert_eq!(shape("[]"), [0]);
	assert_eq!(shape("[1, 2, 3]"), [3]);
	assert_eq!(shape(" [[1,2] ,[3,4], [5,6]]\n"), [3, 2]);
	assert_eq!(shape("[[],[]]"), [2, 0]);
	assert_eq!(shape("[[[[[[[[1]]]]]]]]"), [1; 8]);
}

#[test]
fn the_shape_may_be_stated() {
	assert_eq!(shape(r#"{"shape": [2, 2], "data": [1, 2, 3, 4]}"#), [2, 2]);
	assert_eq!(shape(r#"{"shape": [2, 2], "data": [[1, 2], [3, 4]]}"#), [2, 2]);
	assert_eq!(shape(r#"{"shape": [0, 3], "data": []}"#), [0, 3]);
	assert_eq!(shape(r#"{"data": [[7]]}"#), [1, 1]);
	assert_eq!(shape(r#"{"name":"x","datatype":"FP32","shape":[1],"data":[7]}"#), [1]);
	assert_eq!(shape(r#"{"name":"x","type":"f32","shape":[],"data":7}"#), [0u64; 0]);
	let wrong = |text: &str| message(text, ElementType::F32);
	let count = wrong(r#"{"shape": [2, 2], "data": [1, 2, 3]}"#);
	assert_eq!(count, "the shape is [2, 2], but the data has 3 elements");
	let nested = wrong(r#"{"shape": [4], "data": [[1, 2], [3, 4]]}"#);
	assert_eq!(nested, "the shape is [4], but the data has [2, 2]");
	assert!(wrong(r#"{"type": "i64", "data": [1]}"#).contains("i64 but f32 is wanted"));
	assert!(wrong(r#"{"values": [1]}"#).contains("\"shape\""));
}

#[test]
fn ragged_data_is_named() {
	let wrong = |text: &str| message(text, ElementType::F32);
	assert_eq!(wrong("[[1, 2], [3]]"), "ragged: [3] has 1 elements where the row before it has 2");
	assert_eq!(wrong("[[1], 2]"), "ragged: 2 is not a row");
	assert_eq!(wrong("[1, [2]]"), "ragged: [2] is a row where others have an element");
	assert_eq!(wrong("[[], 1]"), "ragged: 1 is not a row");
	assert_eq!(wrong("[[[[[[[[[1]]]]]]]]]"), "ragged: more than 8 dimensions");
	assert!(wrong(&"[".repeat(100_000)).contains("not JSON"));
	let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
	assert!(parse(&deep, ElementType::F32).is_err());
}

#[test]
fn integers_are_exact_at_the_ends_of_their_ranges() {
	use ElementType::*;
	assert_eq!(bytes("18446744073709551615", U64), u64::MAX.to_le_bytes());
	assert_eq!(bytes("\"18446744073709551615\"", U64), u64::MAX.to_le_bytes());
	assert_eq!(bytes("-9223372036854775808", I64), i64::MIN.to_le_bytes());
	assert_eq!(bytes("9007199254740993", I64), 9007199254740993i64.to_le_bytes());
	assert_eq!(bytes("[-128, 127]", I8), [0x80, 0x7f]);
	for (text, element) in [
		("256", U8),
		("-1", U8),
		("128", I8),
		("65536", U16),
		("4294967296", U32),
		("18446744073709551616", U64),
		("9223372036854775808", I64),
	] {
		assert!(message(text, element).ends_with("out of range"), "{text}");
	}
	for text in ["1.0", "1e3", "true", "null", "\"one\"", "\"\""] {
		assert!(message(text, I32).contains("whole number"), "{text}");
	}
}

#[test]
fn floats_are_the_nearest_to_what_was_written() {
	use ElementType::*;
	// Read as an f64 first, this one would be rounded twice, and away.
	let text = "1.00000005960464477540";
	assert_ne!(text.parse::<f64>().unwrap() as f32, text.parse::<f32>().unwrap());
	assert_eq!(bytes(text, F32), text.parse::<f32>().unwrap().to_le_bytes());
	assert_eq!(bytes("-0.0", F32), (-0f32).to_le_bytes());
	assert_eq!(bytes("0.1", F64), 0.1f64.to_le_bytes());
	assert_eq!(bytes("[1, 65504]", F16), [0x00, 0x3c, 0xff, 0x7b]);
	assert_eq!(bytes("1.0", BF16), [0x80, 0x3f]);
	assert_eq!(bytes("\"NaN\"", F32), 0x7fc0_0000u32.to_le_bytes());
	assert_eq!(bytes("\"Infinity\"", F16), [0x00, 0x7c]);
	assert_eq!(bytes("\"-Infinity\"", BF16), [0x80, 0xff]);
	assert_eq!(bytes("\"-inf\"", F64), f64::NEG_INFINITY.to_le_bytes());
	for (text, element) in [("1e39", F32), ("65520", F16), ("1e39", BF16), ("1e309", F64)] {
		assert!(message(text, element).contains("Infinity"), "{text}");
	}
	for text in ["true", "null", "\"1.5\"", "\"\"", "{}"] {
		assert!(parse(text, F32).is_err(), "{text}");
	}
	assert!(message("null", F32).contains("\"NaN\""));
}

#[test]
fn bools_and_strings_are_only_themselves() {
	use ElementType::*;
	assert_eq!(bytes("[true, false]", Bool), [1, 0]);
	assert!(message("1", Bool).contains("true or false"));
	let tensor = parse(r#"["a", "grüß\n", ""]"#, String).unwrap();
	assert_eq!(tensor.as_strings().unwrap(), ["a", "grüß\n", ""]);
	assert!(message("1", String).contains("double quotes"));
}

#[test]
fn what_is_printed_says_name_type_and_shape() {
	let tensor = parse("[[0.1, 1e30], [\"NaN\", -0.0]]", ElementType::F32).unwrap();
	let named = NamedTensor::new("y", tensor).unwrap();
	assert_eq!(
		serde_json::to_string(&JsonTensor(&named)).unwrap(),
		r#"{"name":"y","type":"f32","shape":[2,2],"data":[[0.1,1e30],["NaN",-0.0]]}"#
	);
}

fn tensors() -> impl Strategy<Value = BlobTensor> {
	let shapes = proptest::collection::vec(0u64..4, 0..5);
	(0..ElementType::ALL.len(), shapes).prop_flat_map(|(index, shape)| {
		let element = ElementType::ALL[index];
		let count = elements(&shape).unwrap() as usize;
		let tensor: BoxedStrategy<BlobTensor> = match element.size() {
			None => proptest::collection::vec("[^\\x00\n]{0,8}", count)
				.prop_map(move |texts| BlobTensor::strings(shape.clone(), texts).unwrap())
				.boxed(),
			Some(size) => proptest::collection::vec(any::<u8>(), count * size)
				.prop_map(move |mut data| {
					if element == ElementType::Bool {
						data.iter_mut().for_each(|byte| *byte &= 1);
					}
					let mut tensor = BlobTensor::new(element, shape.clone(), data).unwrap();
					tensor.canonicalise_nans();
					tensor
				})
				.boxed(),
		};
		tensor
	})
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(2000))]

	#[test]
	fn every_tensor_reads_back_from_what_it_prints(tensor in tensors()) {
		let named = NamedTensor::new("x", tensor.clone()).unwrap();
		let text = serde_json::to_string(&JsonTensor(&named)).unwrap();
		prop_assert_eq!(parse_named(&text).unwrap(), named);
		// Without the shape beside it, nested data says the same unless something is empty.
		if tensor.elements() != Some(0) {
			let nested = data(&tensor).unwrap();
			prop_assert_eq!(parse(&nested, tensor.element_type).unwrap(), tensor);
		}
	}

	#[test]
	fn no_text_makes_the_reader_panic(text in "[\\[\\]{}\"0-9a-z:,.eE+-]{0,60}", index in 0usize..14) {
		let _ = parse(&text, ElementType::ALL[index]);
	}
}
