// SPDX-License-Identifier: Apache-2.0
//! What is known of a graph.

use codec::{Decode, Encode};
use core::fmt;
use jurat_primitives::ElementType;

/// What [`inspect`](crate::inspect()) finds in a file.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct GraphFacts {
	/// Version of the default operator set; 0 if the graph uses none of its operators.
	pub opset: u16,
	/// Inputs without an initialiser, in the order of the file.
	pub inputs: Vec<ValueFacts>,
	/// Outputs, in the order of the file.
	pub outputs: Vec<ValueFacts>,
	/// Distinct operators, subgraphs included, sorted: `Op`, or `domain:Op` outside the default
	/// domain.
	pub operators: Vec<String>,
	/// Number of nodes, subgraphs included.
	pub nodes: u64,
	/// Bytes of constants, subgraphs and attributes included.
	pub initialiser_bytes: u64,
	/// Bytes of the file.
	pub file_bytes: u64,
	/// What quantised operators take.
	pub activations: Activations,
}

/// One input or output.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct ValueFacts {
	/// Its name.
	pub name: String,
	/// Type of its elements.
	pub element: ElementType,
	/// Its dimensions, outermost first.
	pub dims: Vec<Dim>,
}

/// One dimension, as the file gives it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Dim {
	/// Always this size.
	Fixed(u64),
	/// Free, under a name.
	Symbol(String),
	/// Free, without a name.
	Unnamed,
}

impl fmt::Display for Dim {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::Fixed(size) => write!(f, "{size}"),
			Self::Symbol(name) => f.write_str(name),
			Self::Unnamed => f.write_str("?"),
		}
	}
}

/// Type of the activations that a graph's quantised operators take.
///
/// On x86-64 without VNNI the product of unsigned activations and signed weights saturates, unless
/// ONNX Runtime is told to be precise (`session.x64quantprecision`); told so, it does not load a
/// graph with signed activations. So the option follows this fact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub enum Activations {
	/// No quantised operator, or none whose type could be found.
	#[default]
	None,
	/// 8-bit unsigned.
	Unsigned,
	/// 8-bit signed.
	Signed,
	/// Some of each.
	Mixed,
}

impl Activations {
	/// Whether the session must be made with `session.x64quantprecision`.
	pub const fn needs_precise_products(self) -> bool {
		matches!(self, Self::Unsigned)
	}

	/// This, and one more operator that takes `element`.
	pub(crate) fn and(self, element: ElementType) -> Self {
		let one = match element {
			ElementType::U8 => Self::Unsigned,
			ElementType::I8 => Self::Signed,
			_ => return self,
		};
		match self {
			Self::None => one,
			same if same == one => same,
			_ => Self::Mixed,
		}
	}
}
