// SPDX-License-Identifier: Apache-2.0
//! Cases as the suite keeps them: `model.onnx`, and for each set of data `input_N.pb` and
//! `output_N.pb`, one `TensorProto` each.

use crate::{ABSOLUTE, RELATIVE};
use half::{bf16, f16};
use jurat_onnx::proto::{Kind, ModelProto, TensorProto, ValueInfoProto};
use jurat_primitives::{
	ElementType,
	tensor::{BlobTensor, BlobTensors, NamedTensor, Tensor},
};
use prost::Message;
use std::{error::Error, fs, path::Path};

/// A model and what it is to compute.
pub struct Case {
	pub file: Vec<u8>,
	pub sets: Vec<Set>,
}

/// Inputs, and the outputs that they are to give.
pub struct Set {
	pub inputs: BlobTensors,
	pub outputs: Vec<BlobTensor>,
}

impl Case {
	/// Reads a case, or says what in it Jurat has no tensor for.
	pub fn read(path: &Path) -> Result<Result<Self, String>, Box<dyn Error>> {
		let file = fs::read(path.join("model.onnx"))?;
		let Some(graph) = ModelProto::decode(file.as_slice())?.graph else {
			return Ok(Err("no graph".into()));
		};
		for value in graph.input.iter().chain(&graph.output) {
			match kind(value) {
				Some("tensor") => {},
				other => {
					return Ok(Err(format!(
						"{} at the boundary",
						other.unwrap_or("something else")
					)));
				},
			}
		}
		let mut sets = Vec::new();
		for number in 0.. {
			let directory = path.join(format!("test_data_set_{number}"));
			if !directory.is_dir() {
				break;
			}
			let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
			for (index, value) in graph.input.iter().enumerate() {
				let file = directory.join(format!("input_{index}.pb"));
				match tensor(&TensorProto::decode(fs::read(file)?.as_slice())?) {
					Ok(tensor) => inputs.push(
						NamedTensor::new(value.name.as_str(), tensor).ok_or("a name is long")?,
					),
					Err(why) => return Ok(Err(why)),
				}
			}
			for index in 0..graph.output.len() {
				let file = directory.join(format!("output_{index}.pb"));
				match tensor(&TensorProto::decode(fs::read(file)?.as_slice())?) {
					Ok(tensor) => outputs.push(tensor),
					Err(why) => return Ok(Err(why)),
				}
			}
			let inputs = BlobTensors::try_from(inputs).map_err(|_| "too many inputs")?;
			sets.push(Set { inputs, outputs });
		}
		Ok(if sets.is_empty() { Err("no data".into()) } else { Ok(Self { file, sets }) })
	}
}

fn kind(value: &ValueInfoProto) -> Option<&'static str> {
	Some(match value.r#type.as_ref()?.value.as_ref()? {
		Kind::Tensor(_) => "tensor",
		Kind::Sequence(_) => "a sequence",
		Kind::Map(_) => "a map",
		Kind::Sparse(_) => "a sparse tensor",
		Kind::Optional(_) => "an optional value",
	})
}

/// A tensor as Jurat has it, or why it has none like this.
fn tensor(proto: &TensorProto) -> Result<BlobTensor, String> {
	use ElementType::*;
	let element = ElementType::ALL
		.into_iter()
		.find(|element| element.onnx_code() == proto.data_type)
		.ok_or_else(|| format!("elements of ONNX type {}", type_name(proto.data_type)))?;
	let shape: Vec<u64> = proto.dims.iter().map(|size| *size as u64).collect();
	if element == String {
		let strings = proto.string_data.iter();
		let strings: Result<Vec<_>, _> =
			strings.map(|bytes| std::string::String::from_utf8(bytes.to_vec())).collect();
		let strings = strings.map_err(|_| "strings that are not UTF-8")?;
		return Tensor::strings(shape, strings).map_err(|error| error.to_string());
	}
	let ints = || proto.int32_data.iter();
	let data: Vec<u8> = if !proto.raw_data.is_empty() {
		proto.raw_data.to_vec()
	} else {
		match element {
			F32 => proto.float_data.iter().flat_map(|v| v.to_le_bytes()).collect(),
			F64 => proto.double_data.iter().flat_map(|v| v.to_le_bytes()).collect(),
			I64 => proto.int64_data.iter().flat_map(|v| v.to_le_bytes()).collect(),
			U64 => proto.uint64_data.iter().flat_map(|v| v.to_le_bytes()).collect(),
			U32 => proto.uint64_data.iter().flat_map(|v| (*v as u32).to_le_bytes()).collect(),
			I32 => ints().flat_map(|v| v.to_le_bytes()).collect(),
			I16 | U16 | F16 | BF16 => ints().flat_map(|v| (*v as u16).to_le_bytes()).collect(),
			I8 | U8 | Bool => ints().map(|v| *v as u8).collect(),
			String => Vec::new(),
		}
	};
	Tensor::new(element, shape, data).map_err(|error| error.to_string())
}

fn type_name(code: i32) -> String {
	let names = [
		(14, "complex64"),
		(15, "complex128"),
		(17, "float8e4m3fn"),
		(18, "float8e4m3fnuz"),
		(19, "float8e5m2"),
		(20, "float8e5m2fnuz"),
		(21, "uint4"),
		(22, "int4"),
		(23, "float4e2m1"),
		(24, "float8e8m0"),
		(25, "uint2"),
		(26, "int2"),
	];
	let name = names.into_iter().find(|(known, _)| *known == code);
	name.map_or_else(|| format!("number {code}"), |(_, name)| name.into())
}

/// Whether a tensor is what it should be.
pub fn same(found: &BlobTensor, expected: &BlobTensor) -> bool {
	if found.element_type != expected.element_type || found.shape != expected.shape {
		return false;
	}
	let (a, b) = (found.data.as_slice(), expected.data.as_slice());
	match (floats(found), floats(expected)) {
		(Some(a), Some(b)) => a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| near(*a, *b)),
		_ => a == b,
	}
}

fn near(found: f64, expected: f64) -> bool {
	found == expected
		|| (found.is_nan() && expected.is_nan())
		|| (found - expected).abs() <= ABSOLUTE + RELATIVE * expected.abs()
}

fn floats(tensor: &BlobTensor) -> Option<Vec<f64>> {
	let data = tensor.data.as_slice();
	let halves = || data.as_chunks::<2>().0.iter();
	Some(match tensor.element_type {
		ElementType::F32 => {
			data.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b).into()).collect()
		},
		ElementType::F64 => {
			data.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect()
		},
		ElementType::F16 => halves().map(|b| f16::from_le_bytes(*b).to_f64()).collect(),
		ElementType::BF16 => halves().map(|b| bf16::from_le_bytes(*b).to_f64()).collect(),
		_ => return None,
	})
}
