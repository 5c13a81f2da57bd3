// SPDX-License-Identifier: Apache-2.0
//! Whether quantised operators take unsigned or signed activations.

use crate::{
	facts::Activations,
	proto::{GraphProto, Kind, NodeProto, ValueInfoProto},
};
use jurat_primitives::ElementType;
use std::collections::{HashMap, HashSet};

/// Quantised operators, the operand that is the activation, and the operand that is its zero point.
const QUANTISED: &[(&str, usize, usize)] = &[
	("ConvInteger", 0, 2),
	("MatMulInteger", 0, 2),
	("QLinearConv", 0, 2),
	("QLinearMatMul", 0, 2),
	("com.microsoft:MatMulIntegerToFloat", 0, 4),
	("com.microsoft:QAttention", 0, 6),
	("com.microsoft:QGemm", 0, 2),
	("com.microsoft:QLinearAdd", 0, 2),
	("com.microsoft:QLinearAveragePool", 0, 2),
	("com.microsoft:QLinearConv", 0, 2),
	("com.microsoft:QLinearGlobalAveragePool", 0, 2),
	("com.microsoft:QLinearLeakyRelu", 0, 2),
	("com.microsoft:QLinearMul", 0, 2),
	("com.microsoft:QLinearSigmoid", 0, 2),
	("com.microsoft:QLinearSoftmax", 0, 2),
];

/// Operators that quantise their operand to unsigned themselves.
const DYNAMIC: &[&str] = &[
	"DynamicQuantizeLinear",
	"com.microsoft:DynamicQuantizeLSTM",
	"com.microsoft:DynamicQuantizeMatMul",
];

/// Element types of one graph's values, as far as they are known. A subgraph looks up through the
/// graphs around it.
pub(crate) struct Types<'a, 'outer> {
	known: HashMap<&'a str, ElementType>,
	constants: HashSet<&'a str>,
	outer: Option<&'outer Types<'a, 'outer>>,
}

impl<'a, 'outer> Types<'a, 'outer> {
	/// Types known in `graph`, which lies within `outer`.
	pub(crate) fn of(graph: &'a GraphProto, outer: Option<&'outer Types<'a, 'outer>>) -> Self {
		let values = graph.input.iter().chain(&graph.output).chain(&graph.value_info);
		let mut known: HashMap<&str, ElementType> =
			values.filter_map(|value| Some((value.name.as_str(), element(value)?))).collect();
		let mut constants = HashSet::new();
		for tensor in &graph.initializer {
			constants.insert(tensor.name.as_str());
			if let Some(element) = ElementType::from_onnx_code(tensor.data_type) {
				known.insert(&tensor.name, element);
			}
		}
		let mut types = Self { known, constants, outer };
		for node in &graph.node {
			types.learn(node);
		}
		types
	}

	/// This graph's types and those of the graphs around it, innermost first.
	fn scopes(&self) -> impl Iterator<Item = &Self> {
		std::iter::successors(Some(self), |types| types.outer)
	}

	fn learn(&mut self, node: &'a NodeProto) {
		let Some(output) = node.output.first() else { return };
		let element = match node.op_type.as_str() {
			"Constant" => {
				self.constants.insert(output);
				let value = node.attribute.iter().find_map(|attribute| attribute.t.as_ref());
				value.and_then(|tensor| ElementType::from_onnx_code(tensor.data_type))
			},
			"QuantizeLinear" => Some(self.quantised(node)),
			"DynamicQuantizeLinear" => {
				if let Some(zero_point) = node.output.get(2) {
					self.known.insert(zero_point, ElementType::U8);
				}
				Some(ElementType::U8)
			},
			_ => None,
		};
		if let Some(element) = element {
			self.known.insert(output, element);
		}
	}

	fn operand(&self, node: &NodeProto, index: usize) -> Option<ElementType> {
		let name = node.input.get(index).filter(|name| !name.is_empty())?;
		self.scopes().find_map(|types| types.known.get(name.as_str()).copied())
	}

	/// What a `QuantizeLinear` gives: the type of its zero point, else of its attribute
	/// `output_dtype`, else unsigned.
	fn quantised(&self, node: &NodeProto) -> ElementType {
		let attribute = || {
			let attribute = node.attribute.iter().find(|a| a.name == "output_dtype")?;
			ElementType::from_onnx_code(attribute.i.try_into().ok()?)
		};
		self.operand(node, 2).or_else(attribute).unwrap_or(ElementType::U8)
	}

	/// Adds what `node` (whose operator is called `operator`) takes.
	pub(crate) fn observe(
		&self,
		node: &NodeProto,
		operator: &str,
		so_far: Activations,
	) -> Activations {
		if DYNAMIC.contains(&operator) {
			return so_far.and(ElementType::U8);
		}
		if operator == "QuantizeLinear" || operator == "com.microsoft:QuantizeLinear" {
			// A weight that is quantised in the graph is no activation.
			let constant = |x: &String| self.scopes().any(|t| t.constants.contains(x.as_str()));
			let weight = node.input.first().is_some_and(constant);
			return if weight { so_far } else { so_far.and(self.quantised(node)) };
		}
		match QUANTISED.iter().find(|(name, ..)| *name == operator) {
			Some((_, activation, zero_point)) => {
				let element =
					self.operand(node, *zero_point).or_else(|| self.operand(node, *activation));
				// What is not known may be either.
				element.map_or(Activations::Mixed, |element| so_far.and(element))
			},
			None => so_far,
		}
	}
}

fn element(value: &ValueInfoProto) -> Option<ElementType> {
	match value.r#type.as_ref()?.value.as_ref()? {
		Kind::Tensor(tensor) => ElementType::from_onnx_code(tensor.elem_type),
		_ => None,
	}
}
