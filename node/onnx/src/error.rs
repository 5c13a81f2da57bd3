// SPDX-License-Identifier: Apache-2.0
//! [`InspectError`]: why a file is refused.

use crate::inspect::{
	MAX_CONSTANT_ELEMENTS, MAX_CONSTANTS, MAX_DEPTH, MAX_NAME, MAX_NODE_RUNS, MAX_NODES, MAX_TRIPS,
	MAX_VALUE_BYTES,
};

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
	/// An operator of a domain that is not in [`crate::inspect::DOMAINS`].
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
	/// Reading the file would take more memory than its size justifies.
	#[error("reading the file would take {bytes} bytes of memory; store its constants as raw data")]
	Memory {
		/// Bytes that it would take.
		bytes: u64,
	},
	/// The main graph computes nothing.
	#[error("the graph has no nodes")]
	NoNodes,
	/// A version of an operator set that the engine does not run, or that is not released.
	#[error("version {version} of the operator set `{domain}` is not one of 1 to {newest}")]
	OpsetVersion {
		/// The operator set; `ai.onnx` for the default one.
		domain: String,
		/// The version that the file asks for.
		version: i64,
		/// The newest one that the engine runs.
		newest: i64,
	},
	/// An operator of a domain of which the file imports no operator set.
	#[error("the file does not say which version of the operator set `{domain}` it uses")]
	OpsetMissing {
		/// The domain.
		domain: String,
	},
	/// An operator that is not in [`crate::operators`].
	#[error("operator `{operator}` is not one that can be served")]
	Operator {
		/// The operator.
		operator: String,
	},
	/// A loop without a constant number of rounds, or a scan.
	#[error(
		"operator `{operator}` goes on for as long as its inputs say; a loop needs a constant \
		 number of rounds"
	)]
	Unbounded {
		/// The operator.
		operator: String,
	},
	/// A loop of more than [`MAX_TRIPS`] rounds.
	#[error("a loop of {trips} rounds; at most {MAX_TRIPS} are allowed")]
	LoopTooLong {
		/// Its rounds.
		trips: i64,
	},
	/// Loops within loops that run more than [`MAX_NODE_RUNS`] nodes together.
	#[error("loops that run more than {MAX_NODE_RUNS} nodes")]
	TooManyRuns,
	/// An attribute that is malformed, or out of its range.
	#[error("attribute `{attribute}` of `{operator}` {rule}")]
	Attribute {
		/// The operator.
		operator: String,
		/// The attribute.
		attribute: String,
		/// What it breaks.
		rule: &'static str,
	},
	/// A node takes a value, or the graph gives one, that nothing defines.
	#[error("nothing defines the value `{value}`")]
	Undefined {
		/// Name of the value.
		value: String,
	},
	/// A node takes a value that a later node computes: the graph is cyclic, or not in topological
	/// order.
	#[error("the value `{value}` is used before it is computed; the graph is cyclic or unsorted")]
	Order {
		/// Name of the value.
		value: String,
	},
	/// A name of more than [`MAX_NAME`] bytes.
	#[error("a name of more than {MAX_NAME} bytes: `{value}`...")]
	NameTooLong {
		/// Its first characters.
		value: String,
	},
	/// A name with control characters.
	#[error("the name `{value}` has control characters")]
	NameCharacter {
		/// The name.
		value: String,
	},
	/// A value whose fixed dimensions alone make it larger than [`MAX_VALUE_BYTES`], or that has
	/// more than [`crate::inspect::MAX_AXES`] dimensions.
	#[error("`{value}` is of an absurd size: more than {MAX_VALUE_BYTES} bytes or 32 dimensions")]
	Absurd {
		/// Name of the value.
		value: String,
	},
	/// A node that, by its constants alone, makes more than [`MAX_CONSTANT_ELEMENTS`] elements.
	#[error(
		"`{operator}` makes more than {MAX_CONSTANT_ELEMENTS} elements, by its constants alone"
	)]
	Growth {
		/// The operator.
		operator: String,
	},
}
