// SPDX-License-Identifier: Apache-2.0
//! Nodes that make absurdly large tensors by their constants alone.
//!
//! What depends on inputs is bounded where it runs: by the manifest's sizes, by the memory of the
//! child process, by the deadline. What is constant can be refused here, before anything runs.

use crate::{
	error::InspectError,
	inspect::{MAX_CONSTANT_ELEMENTS, shown},
	proto::NodeProto,
	scope::{Scope, product},
};

/// Largest factor by which `Resize` may enlarge one dimension.
const MAX_SCALE: f32 = 1024.0;

/// Refuses a node of the default domain whose constants make it larger than
/// [`MAX_CONSTANT_ELEMENTS`]. Its operands have been required.
pub(crate) fn check(node: &NodeProto, scope: &Scope) -> Result<(), InspectError> {
	let made = match node.op_type.as_str() {
		"ConstantOfShape" | "RandomUniform" => scope.integers(node, 0).map(|s| product(&s)),
		"Expand" | "Reshape" => scope.integers(node, 1).map(|s| product(&s)),
		"Tile" => {
			let repeats = scope.integers(node, 1);
			repeats.map(|r| product(&r).saturating_mul(scope.elements(node, 0)))
		},
		"OneHot" => {
			let depth = scope.integers(node, 1);
			depth.map(|d| product(&d).saturating_mul(scope.elements(node, 0)))
		},
		"Range" => range(node, scope),
		"Pad" => scope.integers(node, 1).map(|pads| {
			// At least as many elements as the widest pad, over all that is there.
			let widest = pads.iter().map(|pad| pad.unsigned_abs()).max().unwrap_or(0);
			widest.max(scope.elements(node, 0))
		}),
		"Resize" => resize(node, scope),
		"Upsample" => scope.floats(node, 1).map(|s| scaled(&s, scope.elements(node, 0))),
		"HannWindow" | "HammingWindow" | "BlackmanWindow" => {
			scope.integers(node, 0).map(|s| product(&s))
		},
		"DFT" => scope.integers(node, 1).map(|s| product(&s)),
		"STFT" => scope.integers(node, 3).map(|s| product(&s)),
		"MelWeightMatrix" => {
			let bins = scope.integers(node, 0).map_or(1, |s| product(&s));
			Some(bins.saturating_mul(scope.integers(node, 1).map_or(1, |s| product(&s))))
		},
		"Col2Im" | "CenterCropPad" => scope.integers(node, 1).map(|s| product(&s)),
		"AffineGrid" => scope.integers(node, 1).map(|s| product(&s)),
		"MaxUnpool" => scope.integers(node, 2).map(|s| product(&s)),
		"TopK" => scope.integers(node, 1).map(|s| product(&s)),
		_ => None,
	};
	match made {
		Some(elements) if elements > MAX_CONSTANT_ELEMENTS => {
			Err(InspectError::Growth { operator: shown(&node.op_type) })
		},
		_ => Ok(()),
	}
}

/// Elements from `start` to `limit` in steps of `delta`.
fn range(node: &NodeProto, scope: &Scope) -> Option<u64> {
	let one = |index| scope.integers(node, index).and_then(|values| values.first().copied());
	if let (Some(start), Some(limit), Some(delta)) = (one(0), one(1), one(2)) {
		let distance = i128::from(limit) - i128::from(start);
		// A step of zero is an error of the engine.
		let steps = distance.checked_div(i128::from(delta)).unwrap_or(0).max(0);
		return Some(u64::try_from(steps).unwrap_or(u64::MAX));
	}
	let one = |index| scope.floats(node, index).and_then(|values| values.first().copied());
	let steps = (f64::from(one(1)?) - f64::from(one(0)?)) / f64::from(one(2)?);
	// Casts of floats saturate, and NaN gives zero.
	Some(steps.max(0.0) as u64)
}

fn resize(node: &NodeProto, scope: &Scope) -> Option<u64> {
	// Until version 10 the scales were the second operand.
	let scales = if node.input.len() == 2 { 1 } else { 2 };
	let scales = scope.floats(node, scales).map(|s| scaled(&s, scope.elements(node, 0)));
	scales.max(scope.integers(node, 3).map(|sizes| product(&sizes)))
}

fn scaled(scales: &[f32], elements: u64) -> u64 {
	if scales.iter().any(|scale| !scale.is_finite() || *scale > MAX_SCALE) {
		return u64::MAX;
	}
	let factor: f64 = scales.iter().map(|scale| f64::from(*scale)).product();
	(factor * elements as f64) as u64
}
