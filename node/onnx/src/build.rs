// SPDX-License-Identifier: Apache-2.0
//! Small graphs, written by hand: for examples and tests.

use crate::proto::{
	AttributeProto, DimensionProto, GraphProto, Kind, ModelProto, NodeProto, OperatorSetIdProto,
	ShapeProto, Size, TensorProto, TensorType, TypeProto, ValueInfoProto, attribute_type,
};
use jurat_primitives::ElementType;
use prost::{Message, bytes::Bytes};

/// A dimension of a fixed size.
pub fn fixed(size: i64) -> DimensionProto {
	DimensionProto { value: Some(Size::Value(size)) }
}

/// A free dimension under a name.
pub fn symbol(name: &str) -> DimensionProto {
	DimensionProto { value: Some(Size::Param(name.into())) }
}

/// A free dimension without a name.
pub fn unnamed() -> DimensionProto {
	DimensionProto { value: None }
}

/// An input or output.
pub fn value(
	name: &str,
	element: ElementType,
	dims: impl IntoIterator<Item = DimensionProto>,
) -> ValueInfoProto {
	let shape = Some(ShapeProto { dim: dims.into_iter().collect() });
	let tensor = TensorType { elem_type: element.onnx_code(), shape };
	let r#type = Some(TypeProto { value: Some(Kind::Tensor(tensor)) });
	ValueInfoProto { name: name.into(), r#type }
}

/// A node of the default domain.
pub fn node(op_type: &str, input: &[&str], output: &[&str]) -> NodeProto {
	NodeProto {
		input: input.iter().map(|name| name.to_string()).collect(),
		output: output.iter().map(|name| name.to_string()).collect(),
		op_type: op_type.into(),
		..Default::default()
	}
}

/// A constant, from little-endian bytes.
pub fn constant(name: &str, element: ElementType, dims: &[i64], data: Vec<u8>) -> TensorProto {
	TensorProto {
		name: name.into(),
		dims: dims.to_vec(),
		data_type: element.onnx_code(),
		raw_data: Bytes::from(data),
		..Default::default()
	}
}

/// A constant of 32-bit floats.
pub fn floats(name: &str, dims: &[i64], values: &[f32]) -> TensorProto {
	let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
	constant(name, ElementType::F32, dims, data)
}

/// A constant of 64-bit integers.
pub fn ints(name: &str, dims: &[i64], values: &[i64]) -> TensorProto {
	let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
	constant(name, ElementType::I64, dims, data)
}

/// An integer attribute.
pub fn int_attribute(name: &str, i: i64) -> AttributeProto {
	AttributeProto { name: name.into(), i, r#type: attribute_type::INT, ..Default::default() }
}

/// An attribute of integers.
pub fn ints_attribute(name: &str, ints: &[i64]) -> AttributeProto {
	AttributeProto {
		name: name.into(),
		ints: ints.to_vec(),
		r#type: attribute_type::INTS,
		..Default::default()
	}
}

/// A text attribute.
pub fn text_attribute(name: &str, text: &str) -> AttributeProto {
	AttributeProto {
		name: name.into(),
		s: Bytes::copy_from_slice(text.as_bytes()),
		r#type: attribute_type::STRING,
		..Default::default()
	}
}

/// A tensor attribute.
pub fn tensor_attribute(name: &str, tensor: TensorProto) -> AttributeProto {
	AttributeProto {
		name: name.into(),
		t: Some(Box::new(tensor)),
		r#type: attribute_type::TENSOR,
		..Default::default()
	}
}

/// A graph attribute: a loop's body, a branch.
pub fn graph_attribute(name: &str, graph: GraphProto) -> AttributeProto {
	AttributeProto {
		name: name.into(),
		g: Some(Box::new(graph)),
		r#type: attribute_type::GRAPH,
		..Default::default()
	}
}

/// A graph.
pub fn graph(
	inputs: impl IntoIterator<Item = ValueInfoProto>,
	outputs: impl IntoIterator<Item = ValueInfoProto>,
	nodes: impl IntoIterator<Item = NodeProto>,
	constants: impl IntoIterator<Item = TensorProto>,
) -> GraphProto {
	GraphProto {
		name: "graph".into(),
		input: inputs.into_iter().collect(),
		output: outputs.into_iter().collect(),
		node: nodes.into_iter().collect(),
		initializer: constants.into_iter().collect(),
		..Default::default()
	}
}

/// A model of one graph, on a version of the default operator set.
pub fn model(graph: GraphProto, opset: i64) -> ModelProto {
	// The oldest format version that has this operator set, as far as ONNX Runtime cares.
	let ir_version = if opset <= 19 { 8 } else { 10 };
	ModelProto {
		ir_version,
		graph: Some(graph),
		opset_import: vec![OperatorSetIdProto { domain: String::new(), version: opset }],
		..Default::default()
	}
}

/// The same, with operators of one more domain.
pub fn importing(mut model: ModelProto, domain: &str, version: i64) -> ModelProto {
	model.opset_import.push(OperatorSetIdProto { domain: domain.into(), version });
	model
}

/// The bytes of a file.
pub fn file(model: &ModelProto) -> Vec<u8> {
	model.encode_to_vec()
}
