// SPDX-License-Identifier: Apache-2.0
//! Whether a file is what its manifest says.

use crate::{
	derive::{is_exact, manifest_error},
	facts::{Dim, GraphFacts, ValueFacts},
	inspect::shown,
};
use core::fmt;
use jurat_primitives::{
	Dimension, ElementType, Manifest, NumericProfile, TensorSpec,
	manifest::{ManifestError, Signature},
};
use std::collections::HashMap;

/// Inputs or outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
	/// Inputs.
	Input,
	/// Outputs.
	Output,
}

impl fmt::Display for Side {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Input => "input",
			Self::Output => "output",
		})
	}
}

/// How a file differs from its manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
	/// The manifest itself is flawed. This includes [`ManifestError::NotExact`]: since the operators
	/// listed are those of the file, `Exact` cannot be claimed for a file that is not.
	#[error("the manifest is flawed: {}", manifest_error(.0))]
	Manifest(ManifestError),
	/// Another version of the operator set.
	#[error("the file uses operator set {file}, the manifest says {manifest}")]
	Opset {
		/// In the file.
		file: u16,
		/// In the manifest.
		manifest: u16,
	},
	/// Another number of inputs or outputs.
	#[error("the file has {file} {side}s, the manifest says {manifest}")]
	Count {
		/// Inputs or outputs.
		side: Side,
		/// In the file.
		file: usize,
		/// In the manifest.
		manifest: usize,
	},
	/// Another name.
	#[error("{side} {index} is called `{file}` in the file and not in the manifest")]
	Name {
		/// Inputs or outputs.
		side: Side,
		/// Which one.
		index: usize,
		/// Its name in the file.
		file: String,
	},
	/// Another element type.
	#[error("{side} `{name}` is {file} in the file and {manifest} in the manifest")]
	ElementType {
		/// Inputs or outputs.
		side: Side,
		/// Its name.
		name: String,
		/// In the file.
		file: ElementType,
		/// In the manifest.
		manifest: ElementType,
	},
	/// Another number of dimensions.
	#[error("{side} `{name}` has {file} dimensions in the file and {manifest} in the manifest")]
	Rank {
		/// Inputs or outputs.
		side: Side,
		/// Its name.
		name: String,
		/// In the file.
		file: usize,
		/// In the manifest.
		manifest: usize,
	},
	/// A dimension that is fixed in the file has another size in the manifest, or none.
	#[error("dimension {index} of {side} `{name}` is always {file} in the file")]
	Fixed {
		/// Inputs or outputs.
		side: Side,
		/// Its name.
		name: String,
		/// Which dimension.
		index: usize,
		/// In the file.
		file: u64,
	},
	/// Two input dimensions of one symbol in the file are not always equal in the manifest.
	#[error("dimensions called `{symbol}` in the file are not tied together in the manifest")]
	Symbol {
		/// Name of the symbol in the file.
		symbol: String,
	},
	/// `Exact` for a graph whose quantised operators take unsigned activations here and signed
	/// ones there, or of a type that cannot be told.
	#[error("the file's quantised operators take activations of several or of unknown types")]
	Activations,
	/// Other operators.
	#[error("the manifest does not list the operators of the file")]
	Operators,
}

/// Whether the file is what its manifest says.
///
/// A dimension that the file fixes must be fixed to the same size. One that it leaves free may be
/// bounded or fixed by the manifest: that only narrows what requests may ask. Dimensions of inputs
/// that share a symbol in the file must be tied together in the manifest too. What outputs turn
/// out to be is checked on each run ([`Manifest::accepts_output`]).
pub fn check_signature(facts: &GraphFacts, manifest: &Manifest) -> Result<(), Mismatch> {
	manifest.check().map_err(Mismatch::Manifest)?;
	if facts.opset != manifest.opset {
		return Err(Mismatch::Opset { file: facts.opset, manifest: manifest.opset });
	}
	check_side(Side::Input, &facts.inputs, &manifest.inputs)?;
	check_side(Side::Output, &facts.outputs, &manifest.outputs)?;
	let mut operators: Vec<_> = facts.operators.iter().map(|o| o.as_bytes()).collect();
	operators.sort();
	if !operators.iter().copied().eq(manifest.operators.iter().map(|o| o.as_slice())) {
		return Err(Mismatch::Operators);
	}
	if manifest.profile == NumericProfile::Exact && !is_exact(facts) {
		// Their operators have been compared: only the activations are left.
		return Err(Mismatch::Activations);
	}
	Ok(())
}

fn check_side(side: Side, file: &[ValueFacts], manifest: &Signature) -> Result<(), Mismatch> {
	if file.len() != manifest.len() {
		return Err(Mismatch::Count { side, file: file.len(), manifest: manifest.len() });
	}
	let mut symbols = HashMap::new();
	for (index, (value, spec)) in file.iter().zip(manifest).enumerate() {
		if value.name.as_bytes() != spec.name.as_slice() {
			return Err(Mismatch::Name { side, index, file: shown(&value.name) });
		}
		check_value(side, value, spec, &mut symbols)?;
	}
	Ok(())
}

fn check_value<'a>(
	side: Side,
	value: &'a ValueFacts,
	spec: &'a TensorSpec,
	symbols: &mut HashMap<&'a str, &'a Dimension>,
) -> Result<(), Mismatch> {
	let name = || shown(&value.name);
	if value.element != spec.element_type {
		let (file, manifest) = (value.element, spec.element_type);
		return Err(Mismatch::ElementType { side, name: name(), file, manifest });
	}
	if value.dims.len() != spec.shape.len() {
		let (file, manifest) = (value.dims.len(), spec.shape.len());
		return Err(Mismatch::Rank { side, name: name(), file, manifest });
	}
	for (index, (dim, dimension)) in value.dims.iter().zip(&spec.shape).enumerate() {
		match dim {
			Dim::Fixed(size) if *dimension != Dimension::Fixed(*size) => {
				return Err(Mismatch::Fixed { side, name: name(), index, file: *size });
			},
			Dim::Symbol(symbol)
				if side == Side::Input
					&& *symbols.entry(symbol).or_insert(dimension) != dimension =>
			{
				return Err(Mismatch::Symbol { symbol: shown(symbol) });
			},
			_ => {},
		}
	}
	Ok(())
}
