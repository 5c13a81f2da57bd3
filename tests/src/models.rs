// SPDX-License-Identifier: Apache-2.0
//! The models and inputs of the tests.

use anyhow::{Context, Result};
use jurat_cli::input::{self, Prepared};
use jurat_onnx::build;
use jurat_primitives::{
	ElementType, InlineTensor, Manifest, NamedTensor, RequestInput, Tensors, tensor::BlobTensor,
};
use std::collections::BTreeMap;

/// Recognises a digit, in floats.
pub const DIGITS: &[u8] = include_bytes!("../../scripts/models/digits.onnx");
/// Recognises a digit, in integers.
pub const DIGITS_INT8: &[u8] = include_bytes!("../../scripts/models/digits-int8.onnx");
/// Hands a string tensor and an integer tensor back.
pub const IDENTITY: &[u8] = include_bytes!("../../scripts/models/identity.onnx");

/// Images of the ten digits, in JSON; the place is the digit.
pub const IMAGES: [&str; 10] = [
	include_str!("../../scripts/models/images/digit-0.json"),
	include_str!("../../scripts/models/images/digit-1.json"),
	include_str!("../../scripts/models/images/digit-2.json"),
	include_str!("../../scripts/models/images/digit-3.json"),
	include_str!("../../scripts/models/images/digit-4.json"),
	include_str!("../../scripts/models/images/digit-5.json"),
	include_str!("../../scripts/models/images/digit-6.json"),
	include_str!("../../scripts/models/images/digit-7.json"),
	include_str!("../../scripts/models/images/digit-8.json"),
	include_str!("../../scripts/models/images/digit-9.json"),
];

const LABELS: &str = include_str!("../../scripts/models/images/labels.json");

/// Finds the largest of up to 262,144 bytes: `samples` u8 [n] → `peak` i64 [1]. For inputs that do
/// not fit into an extrinsic.
pub fn peak() -> Vec<u8> {
	let mut node = build::node("ArgMax", &["samples"], &["peak"]);
	node.attribute = vec![build::int_attribute("axis", 0), build::int_attribute("keepdims", 1)];
	let graph = build::graph(
		[build::value("samples", ElementType::U8, [build::symbol("n")])],
		[build::value("peak", ElementType::I64, [build::fixed(1)])],
		[node],
		[],
	);
	build::file(&build::model(graph, 17))
}

/// What is in the image of this number.
pub fn label_of_image(i: usize) -> Result<i64> {
	let labels: BTreeMap<String, i64> = serde_json::from_str(LABELS)?;
	labels.get(&format!("digit-{i}.json")).copied().context("the image has a label")
}

/// The image of this number, as this model takes it.
pub fn image(manifest: &Manifest, i: usize) -> Result<RequestInput> {
	Ok(prepared(manifest, &[IMAGES[i].trim()])?.input)
}

/// Inputs given as on the command line.
pub fn prepared(manifest: &Manifest, arguments: &[&str]) -> Result<Prepared> {
	let arguments: Vec<_> = arguments.iter().map(|argument| argument.to_string()).collect();
	Ok(input::prepare(input::parse(manifest, &arguments)?)?)
}

/// Inputs that travel inside the extrinsic, as they are: nothing is checked.
pub fn inline(tensors: impl IntoIterator<Item = (&'static str, InlineTensor)>) -> RequestInput {
	let named = tensors.into_iter().map(|(name, tensor)| {
		let name = name.as_bytes().to_vec().try_into().expect("names in tests are short; qed");
		NamedTensor { name, tensor }
	});
	let tensors = named.collect::<Vec<_>>().try_into().expect("tests give few tensors; qed");
	RequestInput::Inline(tensors)
}

/// Bytes, as the model [`peak`] takes them: the input and its blob.
pub fn samples(manifest: &Manifest, bytes: Vec<u8>) -> Result<(RequestInput, Vec<u8>)> {
	let tensor = BlobTensor::new(ElementType::U8, [bytes.len() as u64], bytes)
		.map_err(|error| anyhow::anyhow!("{error}"))?;
	let given = BTreeMap::from([(b"samples".to_vec(), tensor)]);
	let prepared = input::prepare(input::assemble(manifest, given)?)?;
	let blob = prepared.blob.context("the input is too large for an extrinsic")?;
	Ok((prepared.input, blob))
}

/// An output, by name.
pub fn output<'a>(outputs: &'a Tensors, name: &str) -> Result<&'a InlineTensor> {
	let named = outputs.iter().find(|named| named.name.as_slice() == name.as_bytes());
	Ok(&named.with_context(|| format!("no output `{name}`"))?.tensor)
}

/// The only element of an i64 output.
pub fn integer(outputs: &Tensors, name: &str) -> Result<i64> {
	let tensor = output(outputs, name)?;
	let bytes = tensor.data.as_slice().try_into().context("one i64")?;
	Ok(i64::from_le_bytes(bytes))
}
