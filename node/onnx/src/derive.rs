// SPDX-License-Identifier: Apache-2.0
//! From [`GraphFacts`] to a [`Manifest`].

use crate::{
	facts::{Activations, Dim, GraphFacts, ValueFacts},
	inspect::shown,
};
use jurat_primitives::{
	Dimension, EngineId, Manifest, NumericProfile, TensorSpec,
	manifest::{ManifestError, Operators, Signature},
	profile::{Bounds, Tolerance, is_exact_operator},
	tensor::Name,
};
use std::collections::{BTreeMap, BTreeSet};

/// Largest size of a free dimension, unless the publisher says otherwise.
pub const DEFAULT_SYMBOL_MAX: u64 = 64;
/// Tolerance of [`NumericProfile::Approximate`], unless the publisher says otherwise: absolute
/// 10⁻⁵, relative 10⁻⁴. Machines with AVX2 were seen to differ by up to 8·10⁻⁶.
pub const DEFAULT_TOLERANCE: Bounds =
	Bounds { abs: Tolerance(10_000_000), rel: Tolerance(100_000_000) };

/// What a file does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestOptions {
	/// Largest size of each free dimension.
	pub symbol_max: u64,
	/// Largest size of single symbols, by name.
	pub symbol_overrides: BTreeMap<String, u64>,
	/// Numeric profile; `None`: [`default_profile`].
	pub profile: Option<NumericProfile>,
	/// Licence (SPDX expression).
	pub licence: String,
	/// Tags, for search.
	pub tags: Vec<String>,
	/// Cost of one run on the largest inputs: milliseconds of one core, at least 1.
	pub compute_units: u32,
	/// Whether an input may hold NaN.
	pub allow_nan: bool,
}

impl Default for ManifestOptions {
	fn default() -> Self {
		Self {
			symbol_max: DEFAULT_SYMBOL_MAX,
			symbol_overrides: BTreeMap::new(),
			profile: None,
			licence: String::new(),
			tags: Vec::new(),
			compute_units: 1,
			allow_nan: false,
		}
	}
}

/// Why no manifest describes a graph.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeriveError {
	/// A name of an input, output, symbol or operator is longer than 64 bytes.
	#[error("the name `{0}` is longer than 64 bytes")]
	NameTooLong(String),
	/// More than 16 inputs or 16 outputs.
	#[error("more than 16 inputs or 16 outputs")]
	TooManyTensors,
	/// More than 8 dimensions.
	#[error("`{0}` has more than 8 dimensions")]
	Rank(String),
	/// More than 128 distinct operators.
	#[error("more than 128 distinct operators")]
	TooManyOperators,
	/// A bound for a symbol that the graph does not have.
	#[error("the graph has no symbol `{0}`")]
	UnknownSymbol(String),
	/// A licence longer than 64 bytes.
	#[error("the licence is longer than 64 bytes")]
	Licence,
	/// More than 8 tags, or one longer than 32 bytes.
	#[error("more than 8 tags, or one longer than 32 bytes")]
	Tags,
	/// `Exact` for a graph whose quantised operators take unsigned activations here and signed
	/// ones there, or of a type that cannot be told: see [`Activations`].
	#[error(
		"the activations of its quantised operators are not all unsigned, or all signed, as far as \
		 the file says; `Exact` needs one of the two"
	)]
	Activations,
	/// What comes out is no manifest: `Exact` for a graph that is not, a bound of zero, no cost.
	#[error("{}", manifest_error(.0))]
	Manifest(ManifestError),
}

/// What a flaw of a manifest means, in words.
pub(crate) fn manifest_error(error: &ManifestError) -> &'static str {
	match error {
		ManifestError::Empty => "a model needs inputs and outputs",
		ManifestError::Name => "a name is empty, not UTF-8, or given twice",
		ManifestError::Symbol => "a symbol has no room, or two bounds",
		ManifestError::Cost => "compute units must be at least 1",
		ManifestError::Operators => "the list of operators is empty, unsorted or repeats itself",
		ManifestError::NotExact => "the graph has operators outside the exact set",
		ManifestError::Gross => "the gross bound is not ten times as wide as the tolerance",
		ManifestError::Text => "licence, tags, symbols and operators must be UTF-8, tags not empty",
	}
}

/// Whether a graph gives the same bytes on every machine: each operator is in the exact set, and
/// its quantised operators take either unsigned or signed activations. With both, or with types that
/// cannot be told, the engine can not be set up so that products of u8 and i8 are right on every
/// processor.
pub fn is_exact(facts: &GraphFacts) -> bool {
	facts.activations != Activations::Mixed && has_exact_operators(facts)
}

/// Whether each operator is in the exact set.
pub(crate) fn has_exact_operators(facts: &GraphFacts) -> bool {
	facts.operators.iter().all(|operator| is_exact_operator(operator.as_bytes()))
}

/// `Exact` if the graph [is](is_exact), else `Approximate` with [`DEFAULT_TOLERANCE`].
pub fn default_profile(facts: &GraphFacts) -> NumericProfile {
	if is_exact(facts) {
		NumericProfile::Exact
	} else {
		NumericProfile::Approximate { tolerance: DEFAULT_TOLERANCE, gross: None }
	}
}

/// The manifest of a graph.
pub fn derive_manifest(
	facts: &GraphFacts,
	options: &ManifestOptions,
) -> Result<Manifest, DeriveError> {
	let symbols: BTreeSet<&str> = facts
		.inputs
		.iter()
		.chain(&facts.outputs)
		.flat_map(|value| &value.dims)
		.filter_map(|dim| match dim {
			Dim::Symbol(name) => Some(name.as_str()),
			_ => None,
		})
		.collect();
	let mut namer = Namer { taken: symbols, generated: BTreeSet::new(), options };
	let inputs = namer.signature(&facts.inputs)?;
	let outputs = namer.signature(&facts.outputs)?;
	let unknown = options
		.symbol_overrides
		.keys()
		.find(|name| !namer.taken.contains(name.as_str()) && !namer.generated.contains(*name));
	if let Some(name) = unknown {
		return Err(DeriveError::UnknownSymbol(shown(name)));
	}

	let operators = facts.operators.iter().map(|operator| name(operator)).collect::<Result<_, _>>();
	let tag = |tag: &String| tag.clone().into_bytes().try_into().map_err(|_| DeriveError::Tags);
	let tags = options.tags.iter().map(tag).collect::<Result<Vec<_>, _>>()?;
	let profile = match options.profile {
		Some(NumericProfile::Exact) if !has_exact_operators(facts) => {
			return Err(DeriveError::Manifest(ManifestError::NotExact));
		},
		Some(NumericProfile::Exact) if !is_exact(facts) => return Err(DeriveError::Activations),
		Some(profile) => profile,
		// With NaN among the inputs, comparisons and selections depend on the processor.
		None if options.allow_nan => {
			NumericProfile::Approximate { tolerance: DEFAULT_TOLERANCE, gross: None }
		},
		None => default_profile(facts),
	};
	let manifest = Manifest {
		opset: facts.opset,
		engine: EngineId::OnnxRuntime1_31,
		profile,
		inputs,
		outputs,
		operators: Operators::try_from(sorted(operators?))
			.map_err(|_| DeriveError::TooManyOperators)?,
		compute_units: options.compute_units,
		allow_nan: options.allow_nan,
		licence: options
			.licence
			.clone()
			.into_bytes()
			.try_into()
			.map_err(|_| DeriveError::Licence)?,
		tags: tags.try_into().map_err(|_| DeriveError::Tags)?,
	};
	manifest.check().map_err(DeriveError::Manifest)?;
	Ok(manifest)
}

fn sorted(mut names: Vec<Name>) -> Vec<Name> {
	names.sort();
	names
}

fn name(text: &str) -> Result<Name, DeriveError> {
	Name::try_from(text.as_bytes().to_vec()).map_err(|_| DeriveError::NameTooLong(shown(text)))
}

/// Gives names to unnamed dimensions and bounds to all free ones.
struct Namer<'a> {
	taken: BTreeSet<&'a str>,
	generated: BTreeSet<String>,
	options: &'a ManifestOptions,
}

impl Namer<'_> {
	fn signature(&mut self, values: &[ValueFacts]) -> Result<Signature, DeriveError> {
		let specs = values.iter().map(|value| self.spec(value)).collect::<Result<Vec<_>, _>>()?;
		Signature::try_from(specs).map_err(|_| DeriveError::TooManyTensors)
	}

	fn spec(&mut self, value: &ValueFacts) -> Result<TensorSpec, DeriveError> {
		let dims = value.dims.iter().enumerate();
		let shape = dims
			.map(|(index, dim)| match dim {
				Dim::Fixed(size) => Ok(Dimension::Fixed(*size)),
				Dim::Symbol(symbol) => self.symbolic(symbol.clone()),
				Dim::Unnamed => {
					let generated = self.generate(&value.name, index);
					self.symbolic(generated)
				},
			})
			.collect::<Result<Vec<_>, _>>()?;
		Ok(TensorSpec {
			name: name(&value.name)?,
			element_type: value.element,
			shape: shape.try_into().map_err(|_| DeriveError::Rank(shown(&value.name)))?,
		})
	}

	fn symbolic(&self, symbol: String) -> Result<Dimension, DeriveError> {
		let max = self.options.symbol_overrides.get(&symbol).copied();
		Ok(Dimension::Symbolic {
			name: name(&symbol)?,
			max: max.unwrap_or(self.options.symbol_max),
		})
	}

	/// `dim_<value>_<index>`, cut to 64 bytes, with as many underscores in front as make it unique.
	fn generate(&mut self, value: &str, index: usize) -> String {
		let suffix = format!("_{index}");
		let mut lead = String::from("dim_");
		loop {
			let room = 64usize.saturating_sub(lead.len() + suffix.len());
			let end = (0..=room.min(value.len())).rev().find(|end| value.is_char_boundary(*end));
			let symbol = format!("{lead}{}{suffix}", &value[..end.unwrap_or(0)]);
			if !self.taken.contains(symbol.as_str()) && self.generated.insert(symbol.clone()) {
				return symbol;
			}
			lead.insert(0, '_');
		}
	}
}
