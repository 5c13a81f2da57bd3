// SPDX-License-Identifier: Apache-2.0
//! The part of ONNX's protobuf schema (`onnx-ml.proto`, ONNX 1.23, IR version 13) that is read
//! here, written by hand. Fields left out are skipped by prost.
//!
//! Field numbers and meanings: <https://onnx.ai/onnx/repo-docs/IR.html>.

use prost::bytes::Bytes;

/// A file.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ModelProto {
	/// Version of the format.
	#[prost(int64, tag = "1")]
	pub ir_version: i64,
	/// The computation.
	#[prost(message, optional, tag = "7")]
	pub graph: Option<GraphProto>,
	/// Versions of the operator sets.
	#[prost(message, repeated, tag = "8")]
	pub opset_import: Vec<OperatorSetIdProto>,
	/// Training algorithms.
	#[prost(message, repeated, tag = "20")]
	pub training_info: Vec<Opaque>,
	/// Functions that the model defines for itself.
	#[prost(message, repeated, tag = "25")]
	pub functions: Vec<Opaque>,
}

/// A message of which only the presence is of interest.
#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct Opaque {}

/// Version of one operator set.
#[derive(Clone, PartialEq, prost::Message)]
pub struct OperatorSetIdProto {
	/// Empty or `ai.onnx`: the default operator set.
	#[prost(string, tag = "1")]
	pub domain: String,
	/// Its version.
	#[prost(int64, tag = "2")]
	pub version: i64,
}

/// Nodes in topological order, with the values they share.
#[derive(Clone, PartialEq, prost::Message)]
pub struct GraphProto {
	/// The nodes.
	#[prost(message, repeated, tag = "1")]
	pub node: Vec<NodeProto>,
	/// Name of the graph.
	#[prost(string, tag = "2")]
	pub name: String,
	/// Constants by name.
	#[prost(message, repeated, tag = "5")]
	pub initializer: Vec<TensorProto>,
	/// Inputs; one that has an initialiser of the same name is optional.
	#[prost(message, repeated, tag = "11")]
	pub input: Vec<ValueInfoProto>,
	/// Outputs.
	#[prost(message, repeated, tag = "12")]
	pub output: Vec<ValueInfoProto>,
	/// Types of values in between.
	#[prost(message, repeated, tag = "13")]
	pub value_info: Vec<ValueInfoProto>,
	/// Sparse constants.
	#[prost(message, repeated, tag = "15")]
	pub sparse_initializer: Vec<SparseTensorProto>,
}

/// One operation.
#[derive(Clone, PartialEq, prost::Message)]
pub struct NodeProto {
	/// Names of the operands; an empty name is an operand left out.
	#[prost(string, repeated, tag = "1")]
	pub input: Vec<String>,
	/// Names of the results.
	#[prost(string, repeated, tag = "2")]
	pub output: Vec<String>,
	/// Name of the node, for messages.
	#[prost(string, tag = "3")]
	pub name: String,
	/// The operator.
	#[prost(string, tag = "4")]
	pub op_type: String,
	/// Its attributes.
	#[prost(message, repeated, tag = "5")]
	pub attribute: Vec<AttributeProto>,
	/// The operator's domain.
	#[prost(string, tag = "7")]
	pub domain: String,
	/// Which of several functions of one name it is.
	#[prost(string, tag = "8")]
	pub overload: String,
}

/// A constant parameter of a node.
#[derive(Clone, PartialEq, prost::Message)]
pub struct AttributeProto {
	/// Its name.
	#[prost(string, tag = "1")]
	pub name: String,
	/// A float.
	#[prost(float, tag = "2")]
	pub f: f32,
	/// An integer.
	#[prost(int64, tag = "3")]
	pub i: i64,
	/// A string.
	#[prost(bytes = "bytes", tag = "4")]
	pub s: Bytes,
	/// A tensor.
	#[prost(message, optional, boxed, tag = "5")]
	pub t: Option<Box<TensorProto>>,
	/// A graph: the body of `If`, `Loop` or `Scan`.
	#[prost(message, optional, boxed, tag = "6")]
	pub g: Option<Box<GraphProto>>,
	/// Floats.
	#[prost(float, repeated, tag = "7")]
	pub floats: Vec<f32>,
	/// Integers.
	#[prost(int64, repeated, tag = "8")]
	pub ints: Vec<i64>,
	/// Strings.
	#[prost(bytes = "bytes", repeated, tag = "9")]
	pub strings: Vec<Bytes>,
	/// Tensors.
	#[prost(message, repeated, tag = "10")]
	pub tensors: Vec<TensorProto>,
	/// Graphs.
	#[prost(message, repeated, tag = "11")]
	pub graphs: Vec<GraphProto>,
	/// A type.
	#[prost(message, optional, tag = "14")]
	pub tp: Option<Opaque>,
	/// Types.
	#[prost(message, repeated, tag = "15")]
	pub type_protos: Vec<Opaque>,
	/// Which of the fields holds the value: see [`attribute_type`].
	#[prost(int32, tag = "20")]
	pub r#type: i32,
	/// The attribute of the function around it whose value it takes.
	#[prost(string, tag = "21")]
	pub ref_attr_name: String,
	/// A sparse tensor.
	#[prost(message, optional, boxed, tag = "22")]
	pub sparse_tensor: Option<Box<SparseTensorProto>>,
	/// Sparse tensors.
	#[prost(message, repeated, tag = "23")]
	pub sparse_tensors: Vec<SparseTensorProto>,
}

/// Values of [`AttributeProto::type`] that may be served.
pub mod attribute_type {
	/// `f`
	pub const FLOAT: i32 = 1;
	/// `i`
	pub const INT: i32 = 2;
	/// `s`
	pub const STRING: i32 = 3;
	/// `t`
	pub const TENSOR: i32 = 4;
	/// `g`
	pub const GRAPH: i32 = 5;
	/// `floats`
	pub const FLOATS: i32 = 6;
	/// `ints`
	pub const INTS: i32 = 7;
	/// `strings`
	pub const STRINGS: i32 = 8;
}

/// A constant tensor.
#[derive(Clone, PartialEq, prost::Message)]
pub struct TensorProto {
	/// Sizes of the dimensions.
	#[prost(int64, repeated, tag = "1")]
	pub dims: Vec<i64>,
	/// Element type: [`jurat_primitives::ElementType::onnx_code`].
	#[prost(int32, tag = "2")]
	pub data_type: i32,
	/// Which part of the elements this is.
	#[prost(message, optional, tag = "3")]
	pub segment: Option<Opaque>,
	/// Elements of type f32.
	#[prost(float, repeated, tag = "4")]
	pub float_data: Vec<f32>,
	/// Elements of the integer types up to 32 bits, `bool`, and the bits of 16-bit floats.
	#[prost(int32, repeated, tag = "5")]
	pub int32_data: Vec<i32>,
	/// Elements of type string.
	#[prost(bytes = "bytes", repeated, tag = "6")]
	pub string_data: Vec<Bytes>,
	/// Elements of type i64.
	#[prost(int64, repeated, tag = "7")]
	pub int64_data: Vec<i64>,
	/// Name of the constant.
	#[prost(string, tag = "8")]
	pub name: String,
	/// All elements, little endian. Shares the file's memory where the file is
	/// [`Bytes`](crate::inspect_bytes).
	#[prost(bytes = "bytes", tag = "9")]
	pub raw_data: Bytes,
	/// Elements of type f64.
	#[prost(double, repeated, tag = "10")]
	pub double_data: Vec<f64>,
	/// Elements of type u32 and u64.
	#[prost(uint64, repeated, tag = "11")]
	pub uint64_data: Vec<u64>,
	/// Where the elements lie in another file.
	#[prost(message, repeated, tag = "13")]
	pub external_data: Vec<Opaque>,
	/// 0: here. 1: in another file.
	#[prost(int32, tag = "14")]
	pub data_location: i32,
}

/// A sparse constant.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SparseTensorProto {
	/// Elements that are not zero.
	#[prost(message, optional, tag = "1")]
	pub values: Option<TensorProto>,
}

/// Name and type of a value.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ValueInfoProto {
	/// Its name.
	#[prost(string, tag = "1")]
	pub name: String,
	/// Its type.
	#[prost(message, optional, tag = "2")]
	pub r#type: Option<TypeProto>,
}

/// Type of a value.
#[derive(Clone, PartialEq, prost::Message)]
pub struct TypeProto {
	/// What kind of value it is. Other kinds than these are skipped and read as `None`.
	#[prost(oneof = "Kind", tags = "1, 4, 5, 8, 9")]
	pub value: Option<Kind>,
}

/// Kind of a value.
#[derive(Clone, PartialEq, prost::Oneof)]
pub enum Kind {
	/// A tensor.
	#[prost(message, tag = "1")]
	Tensor(TensorType),
	/// A sequence.
	#[prost(message, tag = "4")]
	Sequence(Opaque),
	/// A map.
	#[prost(message, tag = "5")]
	Map(Opaque),
	/// A sparse tensor.
	#[prost(message, tag = "8")]
	Sparse(Opaque),
	/// A value that may be missing.
	#[prost(message, tag = "9")]
	Optional(Opaque),
}

/// Element type and shape.
#[derive(Clone, PartialEq, prost::Message)]
pub struct TensorType {
	/// Element type: [`jurat_primitives::ElementType::onnx_code`].
	#[prost(int32, tag = "1")]
	pub elem_type: i32,
	/// The shape; none if even the number of dimensions is unknown.
	#[prost(message, optional, tag = "2")]
	pub shape: Option<ShapeProto>,
}

/// A shape.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ShapeProto {
	/// Its dimensions, outermost first.
	#[prost(message, repeated, tag = "1")]
	pub dim: Vec<DimensionProto>,
}

/// A dimension.
#[derive(Clone, PartialEq, prost::Message)]
pub struct DimensionProto {
	/// Its size, or a symbol for it.
	#[prost(oneof = "Size", tags = "1, 2")]
	pub value: Option<Size>,
}

/// Size of a dimension.
#[derive(Clone, PartialEq, prost::Oneof)]
pub enum Size {
	/// A number.
	#[prost(int64, tag = "1")]
	Value(i64),
	/// A symbol.
	#[prost(string, tag = "2")]
	Param(String),
}
