// SPDX-License-Identifier: Apache-2.0
//! From bytes to [`GraphFacts`], or a typed refusal.

use crate::{
	budget,
	error::InspectError,
	facts::{Dim, GraphFacts, ValueFacts},
	opsets,
	proto::{Kind, ModelProto, Size, ValueInfoProto},
	survey::Survey,
};
use jurat_primitives::ElementType;
use prost::{Message, bytes::Bytes};
use std::collections::HashSet;

/// Nodes of one file, subgraphs included.
pub const MAX_NODES: u64 = 200_000;
/// Constants of one file, subgraphs and attributes included.
pub const MAX_CONSTANTS: u64 = 200_000;
/// Graphs within graphs. The outermost is the first.
pub const MAX_DEPTH: u32 = 8;
/// Rounds of a loop.
pub const MAX_TRIPS: i64 = 65_536;
/// Nodes that loops may run: each node counts as often as the loops around it go round.
pub const MAX_NODE_RUNS: u64 = 4_000_000;
/// Bytes of a name: of a value, a node, a graph, an attribute.
pub const MAX_NAME: usize = 1024;
/// Dimensions of a value.
pub const MAX_AXES: usize = 32;
/// Bytes of a value by those of its dimensions that are fixed.
pub const MAX_VALUE_BYTES: u64 = 4 << 30;
/// Elements that a node may make by its constants alone. As 32-bit numbers they are 1 GiB, which is
/// also what ONNX Runtime computes in advance at most.
pub const MAX_CONSTANT_ELEMENTS: u64 = 1 << 28;
/// Domains whose operators ONNX Runtime brings along. The default one is also called `ai.onnx`.
pub const DOMAINS: &[&str] = &["", "ai.onnx.ml", "com.microsoft"];

/// A name from outside, short enough and clean enough for a log.
pub(crate) fn shown(name: &str) -> String {
	name.chars().take(64).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Reads a file. Copies its constants once; [`inspect_bytes`] does not.
pub fn inspect(file: &[u8]) -> Result<GraphFacts, InspectError> {
	budget::check(file)?;
	inspect_model(decode(file)?, file.len())
}

/// Reads a file without copying its constants.
pub fn inspect_bytes(file: Bytes) -> Result<GraphFacts, InspectError> {
	budget::check(&file)?;
	let size = file.len();
	inspect_model(decode(file)?, size)
}

fn decode(file: impl prost::bytes::Buf) -> Result<ModelProto, InspectError> {
	ModelProto::decode(file).map_err(|error| InspectError::Malformed(shown(&error.to_string())))
}

fn inspect_model(model: ModelProto, size: usize) -> Result<GraphFacts, InspectError> {
	let graph = model.graph.as_ref().ok_or(InspectError::NoGraph)?;
	if !model.functions.is_empty() {
		return Err(InspectError::LocalFunctions);
	}
	if !model.training_info.is_empty() {
		return Err(InspectError::Training);
	}
	let mut survey = Survey::default();
	survey.main(graph)?;
	let opset = opsets::check(&model, &survey.domains)?;

	let constants: HashSet<_> = graph.initializer.iter().map(|t| t.name.as_str()).collect();
	let free = graph.input.iter().filter(|value| !constants.contains(value.name.as_str()));
	let inputs = values(free)?;
	let outputs = values(graph.output.iter())?;
	if inputs.is_empty() || outputs.is_empty() {
		return Err(InspectError::NoSignature);
	}
	Ok(GraphFacts {
		opset,
		inputs,
		outputs,
		operators: survey.operators.into_iter().collect(),
		nodes: survey.nodes,
		initialiser_bytes: survey.bytes,
		file_bytes: size as u64,
		activations: survey.activations,
	})
}

fn values<'a>(
	infos: impl Iterator<Item = &'a ValueInfoProto>,
) -> Result<Vec<ValueFacts>, InspectError> {
	let mut names = HashSet::new();
	infos
		.map(|info| {
			if info.name.is_empty() || !names.insert(info.name.as_str()) {
				return Err(InspectError::Name { value: shown(&info.name) });
			}
			value(info)
		})
		.collect()
}

fn value(info: &ValueInfoProto) -> Result<ValueFacts, InspectError> {
	let name = || shown(&info.name);
	let kind = info.r#type.as_ref().and_then(|r#type| r#type.value.as_ref());
	let Some(Kind::Tensor(tensor)) = kind else {
		return Err(InspectError::NotTensor { value: name() });
	};
	let element = ElementType::from_onnx_code(tensor.elem_type)
		.ok_or_else(|| InspectError::ElementType { value: name(), code: tensor.elem_type })?;
	let shape = tensor.shape.as_ref().ok_or_else(|| InspectError::NoShape { value: name() })?;
	let dims = shape
		.dim
		.iter()
		.map(|dim| match &dim.value {
			Some(Size::Value(size)) => u64::try_from(*size)
				.map(Dim::Fixed)
				.map_err(|_| InspectError::Dimension { value: name() }),
			Some(Size::Param(symbol)) if !symbol.is_empty() => Ok(Dim::Symbol(symbol.clone())),
			_ => Ok(Dim::Unnamed),
		})
		.collect::<Result<_, _>>()?;
	Ok(ValueFacts { name: info.name.clone(), element, dims })
}
