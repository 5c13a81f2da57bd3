// SPDX-License-Identifier: Apache-2.0
//! The walk over a graph and the graphs within it, node by node.

use crate::{
	attributes,
	error::InspectError,
	facts::Activations,
	growth,
	inspect::{
		DOMAINS, MAX_AXES, MAX_CONSTANTS, MAX_DEPTH, MAX_NODE_RUNS, MAX_NODES, MAX_TRIPS,
		MAX_VALUE_BYTES, shown,
	},
	operators::{RANDOM, UNBOUNDED, is_served},
	opsets::canonical,
	proto::{AttributeProto, GraphProto, Kind, NodeProto, TensorProto, ValueInfoProto},
	quantisation::Types,
	scope::{Scope, fixed_elements},
	tensors::check_tensor,
};
use jurat_primitives::ElementType;
use std::collections::BTreeSet;

/// What has been seen so far.
#[derive(Default)]
pub(crate) struct Survey<'a> {
	/// Distinct operators, with their domains.
	pub(crate) operators: BTreeSet<String>,
	/// Domains of these, canonical.
	pub(crate) domains: BTreeSet<&'a str>,
	/// Nodes.
	pub(crate) nodes: u64,
	/// Bytes of constants.
	pub(crate) bytes: u64,
	/// What quantised operators take.
	pub(crate) activations: Activations,
	constants: u64,
	/// Nodes, each as often as the loops around it go round.
	runs: u64,
}

/// Where a graph lies.
struct Place<'s, 'a> {
	types: &'s Types<'a, 's>,
	scope: &'s Scope<'a, 's>,
	/// Graphs around it.
	depth: u32,
	/// How often it is run.
	rounds: u64,
}

impl<'a> Survey<'a> {
	/// Walks the main graph.
	pub(crate) fn main(&mut self, graph: &'a GraphProto) -> Result<(), InspectError> {
		if graph.node.is_empty() {
			return Err(InspectError::NoNodes);
		}
		self.graph(graph, None)
	}

	fn graph(
		&mut self,
		graph: &'a GraphProto,
		place: Option<&Place<'_, 'a>>,
	) -> Result<(), InspectError> {
		let (depth, rounds) = place.map_or((1, 1), |place| (place.depth + 1, place.rounds));
		if depth > MAX_DEPTH {
			return Err(InspectError::TooDeep);
		}
		let nodes = graph.node.len() as u64;
		self.nodes += nodes;
		if self.nodes > MAX_NODES {
			return Err(InspectError::TooManyNodes);
		}
		// Nodes alone are bounded above; what counts here is what loops make of them.
		self.runs = self.runs.saturating_add(nodes.saturating_mul(rounds));
		if rounds > 1 && self.runs > MAX_NODE_RUNS {
			return Err(InspectError::TooManyRuns);
		}
		if !graph.sparse_initializer.is_empty() {
			return Err(InspectError::Sparse);
		}
		let values = graph.input.iter().chain(&graph.output).chain(&graph.value_info);
		values.into_iter().try_for_each(check_value)?;
		let mut scope = Scope::of(graph, place.map(|place| place.scope))?;
		graph.initializer.iter().try_for_each(|tensor| self.constant(tensor))?;
		let types = Types::of(graph, place.map(|place| place.types));
		for node in &graph.node {
			self.node(node, &types, &scope, depth, rounds)?;
			scope.compute(node)?;
		}
		for output in &graph.output {
			if output.name.is_empty() {
				return Err(InspectError::Name { value: String::new() });
			}
			scope.require(&output.name)?;
		}
		Ok(())
	}

	fn node(
		&mut self,
		node: &'a NodeProto,
		types: &Types<'a, '_>,
		scope: &Scope<'a, '_>,
		depth: u32,
		rounds: u64,
	) -> Result<(), InspectError> {
		let operator = self.operator(node)?;
		crate::scope::check_name(&node.name)?;
		let domain = canonical(&node.domain);
		attributes::check(node, domain)?;
		for name in node.input.iter().filter(|name| !name.is_empty()) {
			scope.require(name)?;
		}
		let mut rounds = rounds;
		if domain.is_empty() {
			growth::check(node, scope)?;
			match node.op_type.as_str() {
				"Loop" => rounds = rounds.saturating_mul(trips(node, scope)?),
				// In training mode it is one of the operators that give another result each time.
				"Dropout" if trains(node, scope) => {
					return Err(InspectError::Random { operator: "Dropout".into() });
				},
				_ => {},
			}
		}
		self.activations = types.observe(node, &operator, self.activations);
		if !self.operators.contains(&operator) {
			self.operators.insert(operator);
		}
		self.domains.insert(domain);
		let place = Place { types, scope, depth, rounds };
		node.attribute.iter().try_for_each(|attribute| self.attribute(attribute, &place))
	}

	fn attribute(
		&mut self,
		attribute: &'a AttributeProto,
		place: &Place<'_, 'a>,
	) -> Result<(), InspectError> {
		if attribute.sparse_tensor.is_some() || !attribute.sparse_tensors.is_empty() {
			return Err(InspectError::Sparse);
		}
		attribute.t.iter().try_for_each(|tensor| self.constant(tensor))?;
		attribute.g.iter().try_for_each(|graph| self.graph(graph, Some(place)))
	}

	fn constant(&mut self, tensor: &TensorProto) -> Result<(), InspectError> {
		crate::scope::check_name(&tensor.name)?;
		self.constants += 1;
		if self.constants > MAX_CONSTANTS {
			return Err(InspectError::TooManyConstants);
		}
		self.bytes = self.bytes.saturating_add(check_tensor(tensor)?);
		Ok(())
	}

	/// The operator's full name.
	fn operator(&self, node: &NodeProto) -> Result<String, InspectError> {
		let (op_type, domain) = (node.op_type.as_str(), canonical(&node.domain));
		if op_type.is_empty() {
			return Err(InspectError::NoOperator);
		}
		if !node.overload.is_empty() {
			return Err(InspectError::LocalFunctions);
		}
		if !DOMAINS.contains(&domain) {
			let (operator, domain) = (shown(op_type), shown(domain));
			return Err(InspectError::ForeignDomain { operator, domain });
		}
		if is_served(domain, op_type) {
			let default = domain.is_empty();
			return Ok(if default { op_type.into() } else { format!("{domain}:{op_type}") });
		}
		let operator = shown(&if domain.is_empty() {
			op_type.to_string()
		} else {
			format!("{domain}:{op_type}")
		});
		Err(if RANDOM.contains(&operator.as_str()) {
			InspectError::Random { operator }
		} else if UNBOUNDED.contains(&operator.as_str()) {
			InspectError::Unbounded { operator }
		} else {
			InspectError::Operator { operator }
		})
	}
}

/// Whether a `Dropout` may be in training mode: anything but a constant `false`.
fn trains(node: &NodeProto, scope: &Scope) -> bool {
	node.input.get(2).is_some_and(|name| !name.is_empty()) && !scope.is_false(node, 2)
}

/// Rounds of a loop: a constant, not above [`MAX_TRIPS`].
fn trips(node: &NodeProto, scope: &Scope) -> Result<u64, InspectError> {
	match scope.integers(node, 0).as_deref() {
		Some(&[trips]) if trips > MAX_TRIPS => Err(InspectError::LoopTooLong { trips }),
		Some(&[trips]) => Ok(u64::try_from(trips).unwrap_or(0)),
		_ => Err(InspectError::Unbounded { operator: "Loop".into() }),
	}
}

/// Whether a value's type, if it is given, can be that of a tensor.
fn check_value(info: &ValueInfoProto) -> Result<(), InspectError> {
	let absurd = || InspectError::Absurd { value: shown(&info.name) };
	let kind = info.r#type.as_ref().and_then(|r#type| r#type.value.as_ref());
	let Some(Kind::Tensor(tensor)) = kind else { return Ok(()) };
	let dims = tensor.shape.as_ref().map_or(0, |shape| shape.dim.len());
	if dims > MAX_AXES {
		return Err(absurd());
	}
	let size = ElementType::from_onnx_code(tensor.elem_type).and_then(ElementType::size);
	let bytes = fixed_elements(info).saturating_mul(size.unwrap_or(1) as u64);
	if bytes > MAX_VALUE_BYTES { Err(absurd()) } else { Ok(()) }
}
