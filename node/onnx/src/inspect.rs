// SPDX-License-Identifier: Apache-2.0
//! From bytes to [`GraphFacts`], or a typed refusal.

use crate::{
	facts::{Activations, Dim, GraphFacts, ValueFacts},
	proto::{GraphProto, Kind, ModelProto, Size, ValueInfoProto},
	quantisation::Types,
	tensors::check_tensor,
};
use jurat_primitives::ElementType;
use prost::{Message, bytes::Bytes};
use std::collections::{BTreeSet, HashSet};

/// Nodes of one file, subgraphs included.
pub const MAX_NODES: u64 = 200_000;
/// Constants of one file, subgraphs and attributes included.
pub const MAX_CONSTANTS: u64 = 200_000;
/// Graphs within graphs. The outermost is the first.
pub const MAX_DEPTH: u32 = 8;
/// Domains whose operators ONNX Runtime brings along.
pub const DOMAINS: &[&str] = &["", "ai.onnx", "ai.onnx.ml", "com.microsoft"];
/// Operators that give another result each time.
pub const RANDOM: &[&str] = &[
	"Bernoulli",
	"Multinomial",
	"RandomNormal",
	"RandomNormalLike",
	"RandomUniform",
	"RandomUniformLike",
];

/// Why a file is refused. Names are shortened to what can be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InspectError {
	/// Not an ONNX protobuf, or cut short.
	#[error("not an ONNX file: {0}")]
	Malformed(String),
	/// No graph in it.
	#[error("the file holds no graph")]
	NoGraph,
	/// No operator set of the default domain, more than one, or one whose version cannot be.
	#[error("the file does not say which one version of the default operator set it uses")]
	Opset,
	/// A constant lies in another file.
	#[error("the data of `{tensor}` lies in another file; save the model as one file")]
	ExternalData {
		/// Name of the constant.
		tensor: String,
	},
	/// The file defines functions of its own.
	#[error("the file defines functions of its own; inline them before publishing")]
	LocalFunctions,
	/// The file holds training algorithms.
	#[error("the file holds training information")]
	Training,
	/// An operator of a domain that is not in [`DOMAINS`].
	#[error("operator `{operator}` is of the foreign domain `{domain}`")]
	ForeignDomain {
		/// The operator.
		operator: String,
		/// Its domain.
		domain: String,
	},
	/// An operator that gives another result each time.
	#[error("operator `{operator}` gives another result each time")]
	Random {
		/// The operator.
		operator: String,
	},
	/// A node without an operator.
	#[error("a node names no operator")]
	NoOperator,
	/// More than [`MAX_NODES`] nodes.
	#[error("more than {MAX_NODES} nodes")]
	TooManyNodes,
	/// More than [`MAX_CONSTANTS`] constants.
	#[error("more than {MAX_CONSTANTS} constants")]
	TooManyConstants,
	/// Graphs nested deeper than [`MAX_DEPTH`].
	#[error("graphs nested more than {MAX_DEPTH} deep")]
	TooDeep,
	/// A sparse constant.
	#[error("sparse constants are not supported")]
	Sparse,
	/// An element type that Jurat has no name for: complex numbers, 8-, 4- and 2-bit numbers.
	#[error("`{value}` has the unsupported element type number {code}")]
	ElementType {
		/// Name of the value.
		value: String,
		/// ONNX's number for the type.
		code: i32,
	},
	/// An input or output that is not a tensor.
	#[error("`{value}` is not a tensor")]
	NotTensor {
		/// Name of the value.
		value: String,
	},
	/// An input or output without a shape.
	#[error("`{value}` has no shape; run shape inference before publishing")]
	NoShape {
		/// Name of the value.
		value: String,
	},
	/// A dimension below zero.
	#[error("`{value}` has a dimension below zero")]
	Dimension {
		/// Name of the value.
		value: String,
	},
	/// Two inputs, outputs or constants of one name, or one without a name.
	#[error("the name `{value}` is empty or given twice")]
	Name {
		/// The name.
		value: String,
	},
	/// The elements of a constant are not as many as its shape says, or not of its type.
	#[error("the data of `{tensor}` does not fit its shape and type")]
	Constant {
		/// Name of the constant.
		tensor: String,
	},
	/// The graph has no inputs or no outputs.
	#[error("the graph has no inputs or no outputs")]
	NoSignature,
}

/// A name from outside, short enough and clean enough for a log.
pub(crate) fn shown(name: &str) -> String {
	name.chars().take(64).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Reads a file. Copies its constants once; [`inspect_bytes`] does not.
pub fn inspect(file: &[u8]) -> Result<GraphFacts, InspectError> {
	inspect_model(decode(file)?, file.len())
}

/// Reads a file without copying its constants.
pub fn inspect_bytes(file: Bytes) -> Result<GraphFacts, InspectError> {
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
	survey.graph(graph, None, 1)?;

	let constants: HashSet<_> = graph.initializer.iter().map(|t| t.name.as_str()).collect();
	let free = graph.input.iter().filter(|value| !constants.contains(value.name.as_str()));
	let inputs = values(free)?;
	let outputs = values(graph.output.iter())?;
	if inputs.is_empty() || outputs.is_empty() {
		return Err(InspectError::NoSignature);
	}
	Ok(GraphFacts {
		opset: opset(&model, survey.default_domain)?,
		inputs,
		outputs,
		operators: survey.operators.into_iter().collect(),
		nodes: survey.nodes,
		initialiser_bytes: survey.bytes,
		file_bytes: size as u64,
		activations: survey.activations,
	})
}

fn opset(model: &ModelProto, needed: bool) -> Result<u16, InspectError> {
	let mut versions = model
		.opset_import
		.iter()
		.filter(|import| matches!(import.domain.as_str(), "" | "ai.onnx"))
		.map(|import| import.version);
	match (versions.next(), versions.next()) {
		(Some(version), None) => match u16::try_from(version) {
			Ok(version) if version > 0 => Ok(version),
			_ => Err(InspectError::Opset),
		},
		(None, _) if !needed => Ok(0),
		_ => Err(InspectError::Opset),
	}
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

/// What has been seen so far.
#[derive(Default)]
struct Survey {
	operators: BTreeSet<String>,
	nodes: u64,
	constants: u64,
	bytes: u64,
	default_domain: bool,
	activations: Activations,
}

impl Survey {
	fn graph<'a>(
		&mut self,
		graph: &'a GraphProto,
		outer: Option<&Types<'a, '_>>,
		depth: u32,
	) -> Result<(), InspectError> {
		if depth > MAX_DEPTH {
			return Err(InspectError::TooDeep);
		}
		self.nodes += graph.node.len() as u64;
		if self.nodes > MAX_NODES {
			return Err(InspectError::TooManyNodes);
		}
		if !graph.sparse_initializer.is_empty() {
			return Err(InspectError::Sparse);
		}
		let mut names = HashSet::new();
		for tensor in &graph.initializer {
			if tensor.name.is_empty() || !names.insert(tensor.name.as_str()) {
				return Err(InspectError::Name { value: shown(&tensor.name) });
			}
			self.constant(tensor)?;
		}
		let types = Types::of(graph, outer);
		for node in &graph.node {
			let operator = self.operator(&node.op_type, &node.domain)?;
			self.activations = types.observe(node, &operator, self.activations);
			if !self.operators.contains(&operator) {
				self.operators.insert(operator);
			}
			for attribute in &node.attribute {
				if attribute.sparse_tensor.is_some() || !attribute.sparse_tensors.is_empty() {
					return Err(InspectError::Sparse);
				}
				attribute.t.iter().chain(&attribute.tensors).try_for_each(|t| self.constant(t))?;
				attribute
					.g
					.iter()
					.chain(&attribute.graphs)
					.try_for_each(|graph| self.graph(graph, Some(&types), depth + 1))?;
			}
		}
		Ok(())
	}

	fn constant(&mut self, tensor: &crate::proto::TensorProto) -> Result<(), InspectError> {
		self.constants += 1;
		if self.constants > MAX_CONSTANTS {
			return Err(InspectError::TooManyConstants);
		}
		self.bytes = self.bytes.saturating_add(check_tensor(tensor)?);
		Ok(())
	}

	/// The operator's full name.
	fn operator(&mut self, op_type: &str, domain: &str) -> Result<String, InspectError> {
		if op_type.is_empty() {
			return Err(InspectError::NoOperator);
		}
		if !DOMAINS.contains(&domain) {
			let (operator, domain) = (shown(op_type), shown(domain));
			return Err(InspectError::ForeignDomain { operator, domain });
		}
		if !matches!(domain, "" | "ai.onnx") {
			return Ok(format!("{domain}:{op_type}"));
		}
		if RANDOM.contains(&op_type) {
			return Err(InspectError::Random { operator: shown(op_type) });
		}
		self.default_domain = true;
		Ok(op_type.into())
	}
}
