// SPDX-License-Identifier: Apache-2.0
//! Attributes of nodes, within ranges.
//!
//! ONNX Runtime checks most attributes when it makes a session. A few it does not, and divides by
//! them, or takes memory for them: a head count of zero ends the process. So every attribute is
//! bounded by one general rule, those that count or measure something by their name, and the
//! attributes of some operators together.

use crate::{
	error::InspectError,
	inspect::{MAX_AXES, shown},
	proto::{AttributeProto, NodeProto, attribute_type as kind},
	scope::check_name,
};
use std::collections::HashSet;

/// Attributes of one node.
const MAX_ATTRIBUTES: usize = 64;
/// Bytes of a string that is no datum.
const MAX_STRING: usize = 4096;
/// Bytes of a string that is one.
const MAX_DATUM: usize = 1 << 20;
/// Largest size of a window, a stride, a block.
const MAX_EXTENT: i64 = 1 << 16;
/// Elements of a kernel or window.
const MAX_WINDOW: i64 = 1 << 24;

const AXIS: i64 = MAX_AXES as i64;

/// Attributes that hold data of the model, and may have any value.
const DATA: &[&str] = &[
	"cats_int64s",
	"cats_strings",
	"classlabels_int64s",
	"classlabels_ints",
	"classlabels_strings",
	"default_float",
	"default_int64",
	"default_string",
	"ends",
	"imputed_value_floats",
	"imputed_value_int64s",
	"keys_floats",
	"keys_int64s",
	"keys_strings",
	"locale",
	"mask_filter_value",
	"nodes_hitrates",
	"nodes_values",
	"pattern",
	"pool_int64s",
	"pool_strings",
	"replaced_value_float",
	"replaced_value_int64",
	"starts",
	"stopwords",
	"value_float",
	"value_floats",
	"value_int",
	"value_ints",
	"value_string",
	"value_strings",
	"values_floats",
	"values_int64s",
	"values_strings",
];

/// Integers within ranges, whatever operator they belong to; each of a list.
const RANGES: &[(&str, i64, i64)] = &[
	("K", 1, MAX_WINDOW),
	("N", 1, MAX_WINDOW),
	("axes", -AXIS, AXIS - 1),
	("axis", -AXIS, AXIS - 1),
	("batch_axis", -AXIS, AXIS - 1),
	("batch_dims", 0, AXIS),
	("bits", 2, 8),
	("block_size", 0, MAX_EXTENT),
	("blocksize", 1, MAX_EXTENT),
	("dilations", 1, MAX_EXTENT),
	("end", -AXIS, AXIS),
	("group", 1, MAX_EXTENT),
	("head_size", 1, MAX_EXTENT),
	("hidden_size", 1, 1 << 20),
	("k", 0, MAX_WINDOW),
	("kernel_shape", 1, MAX_EXTENT),
	("kv_num_heads", 1, 4096),
	("n_targets", 1, 1 << 20),
	("nodes_featureids", 0, MAX_WINDOW),
	("num_groups", 1, 1 << 20),
	("num_heads", 0, 4096),
	("num_outputs", 1, MAX_EXTENT),
	("output_height", 1, MAX_EXTENT),
	("output_padding", 0, MAX_EXTENT),
	("output_shape", 1, MAX_WINDOW),
	("output_width", 1, MAX_EXTENT),
	("pads", -MAX_WINDOW, MAX_WINDOW),
	("pooled_shape", 1, MAX_EXTENT),
	("q_num_heads", 1, 4096),
	("repeats", 0, MAX_WINDOW),
	("rotary_embedding_dim", 0, MAX_EXTENT),
	("sampling_ratio", 0, MAX_EXTENT),
	("seq_axis", -AXIS, AXIS - 1),
	("size", 1, MAX_EXTENT),
	("start", -AXIS, AXIS),
	("strides", 1, MAX_EXTENT),
	("time_axis", -AXIS, AXIS - 1),
	("to", 1, 32),
	("vocab_size", 1, 1 << 20),
];

/// Operators that divide by the number of heads: it must be there, and at least one.
const HEADS: &[&str] = &["Attention", "GroupQueryAttention", "MultiHeadAttention", "QAttention"];

/// Names of the graphs that nodes hold.
pub(crate) const BRANCHES: &[(&str, &[&str])] =
	&[("If", &["then_branch", "else_branch"]), ("Loop", &["body"])];

/// Checks a node's attributes. `domain` is canonical.
pub(crate) fn check(node: &NodeProto, domain: &str) -> Result<(), InspectError> {
	let refused = |attribute: &str, rule| InspectError::Attribute {
		operator: shown(&node.op_type),
		attribute: shown(attribute),
		rule,
	};
	if node.attribute.len() > MAX_ATTRIBUTES {
		return Err(refused("*", "is one of more than 64"));
	}
	let mut names = HashSet::new();
	for attribute in &node.attribute {
		check_name(&attribute.name)?;
		if !attribute.ref_attr_name.is_empty() {
			return Err(InspectError::LocalFunctions);
		}
		if attribute.name.is_empty() || !names.insert(attribute.name.as_str()) {
			return Err(refused(&attribute.name, "has no name, or is given twice"));
		}
		one(node, attribute).map_err(|rule| refused(&attribute.name, rule))?;
	}
	let together = match (domain, node.op_type.as_str()) {
		("" | "com.microsoft", operator) if HEADS.contains(&operator) => heads(node, domain),
		("", "TfIdfVectorizer") => grams(node),
		("", "Constant") if node.attribute.len() != 1 => Err(("value", "must be the only one")),
		_ => Ok(()),
	};
	together.map_err(|(attribute, rule)| refused(attribute, rule))
}

fn one(node: &NodeProto, attribute: &AttributeProto) -> Result<(), &'static str> {
	shape(attribute)?;
	if attribute.r#type == kind::GRAPH {
		let held = BRANCHES.iter().find(|(operator, _)| *operator == node.op_type);
		let known = held.is_some_and(|(_, graphs)| graphs.contains(&attribute.name.as_str()));
		return if known { Ok(()) } else { Err("is a graph that this operator does not hold") };
	}
	let integers = || {
		let single = (attribute.r#type == kind::INT).then_some(&attribute.i);
		attribute.ints.iter().chain(single).copied()
	};
	let strings = || {
		attribute.strings.iter().chain((attribute.r#type == kind::STRING).then_some(&attribute.s))
	};
	if DATA.contains(&attribute.name.as_str()) {
		let long = strings().any(|string| string.len() > MAX_DATUM);
		return if long { Err("has a string of more than 1 MiB") } else { Ok(()) };
	}
	if strings().any(|string| string.len() > MAX_STRING) {
		return Err("has a string of more than 4096 bytes");
	}
	let float = (attribute.r#type == kind::FLOAT).then_some(&attribute.f);
	if attribute.floats.iter().chain(float).any(|float| !float.is_finite()) {
		return Err("is not a finite number");
	}
	if integers().any(|integer| i32::try_from(integer).is_err()) {
		return Err("does not fit into 32 bits");
	}
	match attribute.name.as_str() {
		"perm" => return permutation(&attribute.ints),
		"kernel_shape" | "output_shape" | "pooled_shape" => {
			let window = attribute.ints.iter().try_fold(1i64, |product, size| {
				product.checked_mul(*size).filter(|product| *product <= MAX_WINDOW)
			});
			window.ok_or("makes too large a window")?;
		},
		"scales" if attribute.floats.iter().any(|scale| !(0.0..=1024.0).contains(scale)) => {
			return Err("is not within 0 and 1024");
		},
		_ => {},
	}
	let Some((name, least, most)) = RANGES.iter().find(|(name, ..)| *name == attribute.name) else {
		return Ok(());
	};
	if *name != "nodes_featureids" && attribute.ints.len() > 2 * MAX_AXES {
		return Err("has too many elements");
	}
	if integers().all(|integer| (*least..=*most).contains(&integer)) {
		Ok(())
	} else {
		Err("is out of its range")
	}
}

/// The field that the type names is the only one that is set.
fn shape(a: &AttributeProto) -> Result<(), &'static str> {
	if a.tp.is_some() || !a.type_protos.is_empty() || !a.graphs.is_empty() {
		return Err("is of a type that is not supported");
	}
	let set = [
		(kind::FLOAT, a.f.to_bits() != 0),
		(kind::INT, a.i != 0),
		(kind::STRING, !a.s.is_empty()),
		(kind::TENSOR, a.t.is_some()),
		(kind::GRAPH, a.g.is_some()),
		(kind::FLOATS, !a.floats.is_empty()),
		(kind::INTS, !a.ints.is_empty()),
		(kind::STRINGS, !a.strings.is_empty()),
	];
	if !a.tensors.is_empty() || set.iter().any(|(of, set)| *set && *of != a.r#type) {
		return Err("holds what its type does not say");
	}
	match a.r#type {
		kind::TENSOR if a.t.is_none() => Err("holds nothing"),
		kind::GRAPH if a.g.is_none() => Err("holds nothing"),
		of if set.iter().any(|(known, _)| *known == of) => Ok(()),
		_ => Err("is of a type that is not supported"),
	}
}

fn permutation(perm: &[i64]) -> Result<(), &'static str> {
	let mut seen = [false; MAX_AXES];
	for axis in perm {
		let axis = usize::try_from(*axis).ok().filter(|axis| *axis < perm.len());
		match axis.and_then(|axis| seen.get_mut(axis)) {
			Some(seen) if !*seen => *seen = true,
			_ => return Err("is not a permutation"),
		}
	}
	Ok(())
}

fn find<'a>(node: &'a NodeProto, name: &str) -> Option<&'a AttributeProto> {
	node.attribute.iter().find(|attribute| attribute.name == name)
}

type Together = Result<(), (&'static str, &'static str)>;

/// Numbers of heads. The default domain's `Attention` may leave them out: ONNX Runtime then takes
/// them from a shape of four dimensions, and refuses three.
fn heads(node: &NodeProto, domain: &str) -> Together {
	let integer = |name| find(node, name).map(|attribute| attribute.i);
	let (query, all) = if domain.is_empty() {
		("q_num_heads", integer("q_num_heads"))
	} else {
		("num_heads", Some(integer("num_heads").unwrap_or(0)))
	};
	if all == Some(0) {
		return Err((query, "must be at least 1"));
	}
	match (all, integer("kv_num_heads")) {
		(Some(all), Some(shared)) if shared < 1 || all % shared != 0 => {
			Err(("kv_num_heads", "does not divide the number of heads"))
		},
		_ => Ok(()),
	}
}

/// Pools of n-grams: `ngram_counts[n]` is where those of n + 1 begin in the pool.
fn grams(node: &NodeProto) -> Together {
	let integer = |name| find(node, name).map_or(0, |attribute| attribute.i);
	let empty: &[i64] = &[];
	let integers = |name| find(node, name).map_or(empty, |attribute| attribute.ints.as_slice());
	let (shortest, longest) = (integer("min_gram_length"), integer("max_gram_length"));
	if !(1..=64).contains(&longest) || !(1..=longest).contains(&shortest) {
		return Err(("max_gram_length", "is out of its range"));
	}
	if !(0..=64).contains(&integer("max_skip_count")) {
		return Err(("max_skip_count", "is out of its range"));
	}
	let pool = integers("pool_int64s").len()
		+ find(node, "pool_strings").map_or(0, |attribute| attribute.strings.len());
	let counts = integers("ngram_counts");
	let mut total = 0;
	for (index, count) in counts.iter().enumerate() {
		let next = counts.get(index + 1).copied().unwrap_or(pool as i64);
		let length = index as i64 + 1;
		if *count < 0 || next < *count || next > pool as i64 || (next - count) % length != 0 {
			return Err(("ngram_counts", "does not divide the pool into n-grams"));
		}
		total += (next - count) / length;
	}
	if counts.first() != Some(&0) || (counts.len() as i64) < longest {
		return Err(("ngram_counts", "does not divide the pool into n-grams"));
	}
	let indexes = integers("ngram_indexes");
	if indexes.len() as i64 != total || indexes.iter().any(|i| !(0..MAX_WINDOW).contains(i)) {
		return Err(("ngram_indexes", "does not give each n-gram a place"));
	}
	let weights = find(node, "weights").map_or(0, |attribute| attribute.floats.len());
	if weights != 0 && weights != indexes.len() {
		return Err(("weights", "does not give each n-gram a weight"));
	}
	Ok(())
}
