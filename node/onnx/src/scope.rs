// SPDX-License-Identifier: Apache-2.0
//! Names: what is defined where, and what is constant.
//!
//! A graph must be what ONNX says it is: each value is defined once, before it is used, in this
//! graph or in one around it. So it has no cycles, and walking its nodes in order sees each value
//! before its use.

use crate::{
	error::InspectError,
	inspect::{MAX_AXES, MAX_NAME, shown},
	proto::{AttributeProto, GraphProto, NodeProto, Size, TensorProto, ValueInfoProto},
	tensors,
};
use std::collections::{HashMap, HashSet};

/// What is known of a value that a node does not compute from others.
#[derive(Clone, Copy)]
pub(crate) enum Known<'a> {
	/// Nothing.
	Computed,
	/// An input of the main graph.
	Input(&'a ValueInfoProto),
	/// A constant.
	Tensor(&'a TensorProto),
	/// A constant, as an attribute of a node: `value_int`, `value_floats` and so on.
	Attribute(&'a AttributeProto),
}

/// Values of one graph that are defined so far. A subgraph looks up through the graphs around it.
pub(crate) struct Scope<'a, 'outer> {
	values: HashMap<&'a str, Known<'a>>,
	/// What nodes further on will compute: to tell a cycle from a name that nobody defines.
	later: HashSet<&'a str>,
	outer: Option<&'outer Scope<'a, 'outer>>,
}

impl<'a, 'outer> Scope<'a, 'outer> {
	/// What is defined before the first node of `graph`, which lies within `outer`.
	pub(crate) fn of(
		graph: &'a GraphProto,
		outer: Option<&'outer Scope<'a, 'outer>>,
	) -> Result<Self, InspectError> {
		check_name(&graph.name)?;
		let later = graph.node.iter().flat_map(|node| &node.output).map(String::as_str).collect();
		let mut scope = Self { values: HashMap::new(), later, outer };
		for input in &graph.input {
			let known = if outer.is_none() { Known::Input(input) } else { Known::Computed };
			scope.define(&input.name, known)?;
		}
		for tensor in &graph.initializer {
			// An input of the same name is one that may be left out, and nobody gives it.
			let known = Known::Tensor(tensor);
			let replaced = match scope.values.get_mut(tensor.name.as_str()) {
				Some(value @ (Known::Input(_) | Known::Computed)) => {
					*value = known;
					true
				},
				_ => false,
			};
			if !replaced {
				scope.define(&tensor.name, known)?;
			}
		}
		for info in &graph.value_info {
			check_name(&info.name)?;
		}
		Ok(scope)
	}

	fn scopes(&self) -> impl Iterator<Item = &Self> {
		std::iter::successors(Some(self), |scope| scope.outer)
	}

	fn define(&mut self, name: &'a str, known: Known<'a>) -> Result<(), InspectError> {
		check_name(name)?;
		if name.is_empty() || self.scopes().any(|scope| scope.values.contains_key(name)) {
			return Err(InspectError::Name { value: shown(name) });
		}
		self.values.insert(name, known);
		Ok(())
	}

	/// Whether a value may be used here.
	pub(crate) fn require(&self, name: &str) -> Result<(), InspectError> {
		if self.scopes().any(|scope| scope.values.contains_key(name)) {
			return Ok(());
		}
		let value = shown(name);
		Err(if self.scopes().any(|scope| scope.later.contains(name)) {
			InspectError::Order { value }
		} else {
			InspectError::Undefined { value }
		})
	}

	/// Defines what a node computes. Its operands have been required.
	pub(crate) fn compute(&mut self, node: &'a NodeProto) -> Result<(), InspectError> {
		let constant = || {
			let attribute = node.attribute.first()?;
			Some(match &attribute.t {
				Some(tensor) => Known::Tensor(tensor),
				None => Known::Attribute(attribute),
			})
		};
		for name in node.output.iter().filter(|name| !name.is_empty()) {
			let known = match node.op_type.as_str() {
				"Constant" => constant().unwrap_or(Known::Computed),
				"Identity" => node.input.first().map_or(Known::Computed, |from| self.get(from)),
				_ => Known::Computed,
			};
			self.define(name, known)?;
		}
		Ok(())
	}

	/// What is known of a value.
	pub(crate) fn get(&self, name: &str) -> Known<'a> {
		self.scopes().find_map(|s| s.values.get(name).copied()).unwrap_or(Known::Computed)
	}

	fn operand(&self, node: &NodeProto, index: usize) -> Known<'a> {
		node.input.get(index).map_or(Known::Computed, |name| self.get(name))
	}

	/// Few integers that are a node's operand, if they are constant.
	pub(crate) fn integers(&self, node: &NodeProto, index: usize) -> Option<Vec<i64>> {
		match self.operand(node, index) {
			Known::Tensor(tensor) => tensors::integers(tensor),
			Known::Attribute(a) if a.name == "value_int" => Some(vec![a.i]),
			Known::Attribute(a) if a.name == "value_ints" => few(&a.ints),
			_ => None,
		}
	}

	/// Few floats that are a node's operand, if they are constant.
	pub(crate) fn floats(&self, node: &NodeProto, index: usize) -> Option<Vec<f32>> {
		match self.operand(node, index) {
			Known::Tensor(tensor) => tensors::few_floats(tensor),
			Known::Attribute(a) if a.name == "value_float" => Some(vec![a.f]),
			Known::Attribute(a) if a.name == "value_floats" => few(&a.floats),
			_ => None,
		}
	}

	/// Whether a node's operand is a constant `false`.
	pub(crate) fn is_false(&self, node: &NodeProto, index: usize) -> bool {
		match self.operand(node, index) {
			Known::Tensor(tensor) => {
				matches!(*tensor.raw_data, [] | [0]) && matches!(*tensor.int32_data, [] | [0])
			},
			_ => false,
		}
	}

	/// Elements of a node's operand, at least: fixed dimensions of an input, all of a constant.
	pub(crate) fn elements(&self, node: &NodeProto, index: usize) -> u64 {
		match self.operand(node, index) {
			Known::Tensor(tensor) => product(&tensor.dims),
			Known::Input(info) => fixed_elements(info),
			_ => 1,
		}
	}
}

/// So many of these constants as can be sizes; copying more, for each node that takes them, would
/// be work without bound.
fn few<T: Clone>(values: &[T]) -> Option<Vec<T>> {
	(values.len() <= MAX_AXES).then(|| values.to_vec())
}

/// Product of the sizes above zero, saturating.
pub(crate) fn product(sizes: &[i64]) -> u64 {
	let sizes = sizes.iter().filter_map(|size| u64::try_from(*size).ok()).filter(|size| *size > 0);
	sizes.fold(1, u64::saturating_mul)
}

/// Product of the dimensions of a tensor that are fixed.
pub(crate) fn fixed_elements(info: &ValueInfoProto) -> u64 {
	let Some(crate::proto::Kind::Tensor(tensor)) =
		info.r#type.as_ref().and_then(|r#type| r#type.value.as_ref())
	else {
		return 1;
	};
	let dims = tensor.shape.iter().flat_map(|shape| &shape.dim);
	let sizes = dims.filter_map(|dim| match dim.value {
		Some(Size::Value(size)) => Some(size),
		_ => None,
	});
	product(&sizes.collect::<Vec<_>>())
}

/// Whether a name can be shown and kept.
pub(crate) fn check_name(name: &str) -> Result<(), InspectError> {
	if name.len() > MAX_NAME {
		return Err(InspectError::NameTooLong { value: shown(name) });
	}
	if name.chars().any(char::is_control) {
		return Err(InspectError::NameCharacter { value: shown(name) });
	}
	Ok(())
}
