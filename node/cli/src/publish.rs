// SPDX-License-Identifier: Apache-2.0
//! Publishing a model: from an ONNX file to a release on the chain.

use crate::{
	amount::Amount,
	client::{Balance, Call, Client, Keypair, node::hash_bytes, reads::Release},
	error::Error,
	keys::account,
	reference::{ReferenceError, check_name},
	tensors::show_name,
};
use jurat_onnx::{DeriveError, InspectError, ManifestOptions, derive_manifest, inspect};
use jurat_primitives::{
	ContentHash, Dimension, Manifest, Mirrors, ModelId, NumericProfile, ReleaseId, Version,
	manifest::Signature,
	profile::{Bounds, Tolerance},
};
use std::{collections::BTreeSet, str::FromStr};

/// Compute units stated while the node measures the true cost: no machine shall refuse a model for
/// being slower than a number that nobody knows yet.
const UNMEASURED: u32 = 60_000;

/// Why a model cannot be published. Says what to do.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
	/// The file is refused.
	#[error("the file is not a model that can be served: {0}")]
	Inspect(#[from] InspectError),
	/// No manifest describes it.
	#[error("{}", derive_text(.0))]
	Derive(#[from] DeriveError),
	/// The node cannot run it.
	#[error("the node cannot run the model: {reason}{}", bounds_text(.bounds))]
	Rejected {
		/// What the node says.
		reason: String,
		/// Free dimensions that only outputs have, whose bounds nobody chose.
		bounds: Vec<String>,
	},
	/// The node has no engine to measure the cost with.
	#[error(
		"the node cannot measure the model's cost ({0}): connect to one that serves models (--url), \
		 or state the cost with --units <milliseconds of one core for the largest inputs>"
	)]
	Unmeasured(String),
	/// Somebody else's model.
	#[error(
		"the model `{model}` belongs to {owner}, not to {you}: choose another --model, or sign with the owner's --key"
	)]
	Foreign {
		/// The model's name.
		model: String,
		/// Its owner.
		owner: String,
		/// Who signs.
		you: String,
	},
	/// The version is taken by another file or manifest.
	#[error(
		"{model}@{version} is published already, and releases never change: choose another --version, or leave it out"
	)]
	Taken {
		/// The model's name.
		model: String,
		/// The version.
		version: Version,
	},
	/// The model has a release of this file, with another manifest.
	#[error(
		"the file is published already as {model}@{version}, with another manifest, and releases \
		 never change: publish it under another --model"
	)]
	SameFile {
		/// The model's name.
		model: String,
		/// The version.
		version: Version,
	},
	/// No version is left.
	#[error("the model has no version left after {0}")]
	NoVersion(Version),
	/// Names.
	#[error(transparent)]
	Reference(#[from] ReferenceError),
	/// Chain and node.
	#[error(transparent)]
	Client(#[from] Error),
}

fn derive_text(error: &DeriveError) -> String {
	let hint = match error {
		DeriveError::UnknownSymbol(_) => ". `jurat model inspect <file>` shows its dimensions",
		DeriveError::Manifest(jurat_primitives::manifest::ManifestError::NotExact) => {
			". Use --profile approximate, or quantise the model with static scales"
		},
		DeriveError::Manifest(jurat_primitives::manifest::ManifestError::Gross) => {
			". Its factor must be above 1, and both tolerances above 0"
		},
		_ => "",
	};
	format!("no manifest describes the model: {error}{hint}")
}

fn bounds_text(bounds: &[String]) -> String {
	match bounds.first() {
		None => String::new(),
		Some(first) => format!(
			". If an output is larger than its manifest says: nobody chose the largest sizes of {}; \
			 choose them with --dim {first}=<size>",
			bounds.join(", ")
		),
	}
}

/// What to publish.
#[derive(Clone, Debug)]
pub struct PublishOptions {
	/// The model's name. It is created if it does not exist.
	pub model: String,
	/// What is said of it, if it is created.
	pub metadata: String,
	/// The version; `None`: the next one that is free.
	pub version: Option<Version>,
	/// Royalty of one request.
	pub price: Balance,
	/// Where the file can be had, besides from attesters.
	pub mirrors: Mirrors,
	/// Cost of one run; `None`: the node measures it.
	pub units: Option<u32>,
	/// What the file does not say.
	pub manifest: ManifestOptions,
}

/// What is being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
	/// Reading the file.
	Inspecting,
	/// Giving it to the node: bytes there, of all.
	Uploading(u64, u64),
	/// Letting the node run it.
	Measuring,
	/// Creating the model.
	Creating,
	/// Publishing the release.
	Publishing,
}

/// A release that was published.
#[derive(Clone, Debug)]
pub struct Published {
	/// The model's number.
	pub model: ModelId,
	/// The version.
	pub version: Version,
	/// The file.
	pub content: ContentHash,
	/// Its size in bytes.
	pub size: u64,
	/// What it promises.
	pub manifest: Manifest,
	/// Royalty of one request.
	pub price: Balance,
	/// How long a run took on the node, in microseconds, if it was measured.
	pub micros: Option<u64>,
	/// Whether the model was created for it.
	pub created: bool,
	/// Whether it was there already, with the same file and manifest.
	pub existed: bool,
}

/// Publishes a file as a release.
pub async fn publish(
	client: &Client,
	signer: &Keypair,
	file: &[u8],
	options: &PublishOptions,
	mut on: impl FnMut(Doing),
) -> Result<Published, PublishError> {
	check_name(&options.model)?;
	on(Doing::Inspecting);
	let facts = inspect(file)?;
	let stated = ManifestOptions {
		compute_units: options.units.unwrap_or(UNMEASURED),
		..options.manifest.clone()
	};
	let mut manifest = derive_manifest(&facts, &stated)?;

	// Whose model it is, and which versions are taken, before anything is sent.
	let known = client.model_by_name(&options.model).await?;
	let mut releases = Vec::new();
	if let Some(model) = known {
		let view = client.model(model).await?;
		let you = account(signer);
		if let Some(view) = view.filter(|view| view.owner != you) {
			return Err(PublishError::Foreign {
				model: options.model.clone(),
				owner: view.owner.to_string(),
				you: you.to_string(),
			});
		}
		releases = client.releases(model).await?;
	}
	let (content, size) = (hash_bytes(file), file.len() as u64);
	let published = |model, version, manifest, price, micros, created, existed| Published {
		model,
		version,
		content,
		size,
		manifest,
		price,
		micros,
		created,
		existed,
	};
	// A model has each file once.
	let model = options.model.clone();
	if let Some(release) = releases.iter().find(|release| release.content == content) {
		let id = release.release;
		let cost = options.units.unwrap_or(release.manifest.compute_units);
		let same = release.manifest == Manifest { compute_units: cost, ..manifest };
		if !same || options.version.is_some_and(|version| version != id.version) {
			return Err(PublishError::SameFile { model, version: id.version });
		}
		if !options.mirrors.is_empty() && options.mirrors != release.mirrors {
			on(Doing::Publishing);
			client.submit(&Call::set_mirrors(id, &options.mirrors), signer).await?;
		}
		let manifest = release.manifest.clone();
		return Ok(published(id.model, id.version, manifest, release.price, None, false, true));
	}
	let mut versions = releases.iter().map(|release| release.release.version);
	if let Some(version) = options.version.filter(|version| versions.any(|v| v == *version)) {
		return Err(PublishError::Taken { model, version });
	}

	on(Doing::Uploading(0, size));
	client.put_blob(file, |done| on(Doing::Uploading(done, size))).await?;
	let mut micros = None;
	if options.units.is_none() {
		on(Doing::Measuring);
		let measured = measure(client, content, size, &manifest, &options.manifest).await?;
		manifest.compute_units = units(measured);
		micros = Some(measured);
	}
	let version = match options.version {
		Some(version) => version,
		None => next_version(&releases, &manifest)?,
	};
	let (model, created) = match known {
		Some(model) => (model, false),
		None => {
			on(Doing::Creating);
			(create(client, signer, &options.model, &options.metadata).await?, true)
		},
	};
	on(Doing::Publishing);
	let call = Call::publish_release(model, version, content, size, &manifest, options.price);
	let mut calls = vec![call];
	if !options.mirrors.is_empty() {
		calls.push(Call::set_mirrors(ReleaseId { model, version }, &options.mirrors));
	}
	client.submit_all(&calls, signer).await?;
	Ok(published(model, version, manifest, options.price, micros, created, false))
}

/// Creates a model: its number.
pub async fn create(
	client: &Client,
	signer: &Keypair,
	name: &str,
	metadata: &str,
) -> Result<ModelId, PublishError> {
	check_name(name)?;
	let included = client.submit(&Call::create_model(name, metadata), signer).await?;
	let model = client.model_by_name_at(name, Some(included.block.hash)).await?;
	Ok(model.ok_or_else(|| ReferenceError::NoModel(name.into()))?)
}

/// Lets the node run the model: microseconds of one run.
async fn measure(
	client: &Client,
	content: ContentHash,
	size: u64,
	manifest: &Manifest,
	options: &ManifestOptions,
) -> Result<u64, PublishError> {
	match client.engine_status().await {
		Err(error) if error.is_unknown_method() => {
			return Err(PublishError::Unmeasured("it does not serve models".into()));
		},
		Err(error) => return Err(error.into()),
		Ok(status) if !status.available => {
			let reason = status.reason.unwrap_or_else(|| "its engine is not available".into());
			return Err(PublishError::Unmeasured(reason));
		},
		Ok(_) => {},
	}
	let admission = client.admit(content, size, manifest).await?;
	if !admission.ok {
		let reason = admission.reason.unwrap_or_else(|| "it does not say why".into());
		return Err(PublishError::Rejected { reason, bounds: guessed(manifest, options) });
	}
	admission.micros.ok_or_else(|| PublishError::Unmeasured("it gives no time".into()))
}

/// Free dimensions that only outputs have, and whose bounds nobody chose.
fn guessed(manifest: &Manifest, options: &ManifestOptions) -> Vec<String> {
	let symbols = |specs: &Signature| {
		let dimensions = specs.iter().flat_map(|spec| spec.shape.iter());
		let names = dimensions.filter_map(|dimension| match dimension {
			Dimension::Symbolic { name, .. } => Some(show_name(name)),
			Dimension::Fixed(_) => None,
		});
		names.collect::<BTreeSet<_>>()
	};
	let given = symbols(&manifest.inputs);
	let chosen = &options.symbol_overrides;
	let outputs = symbols(&manifest.outputs);
	outputs.into_iter().filter(|s| !given.contains(s) && !chosen.contains_key(s)).collect()
}

/// Compute units of a run that takes so long: milliseconds, rounded up, at least 1.
fn units(micros: u64) -> u32 {
	u32::try_from(micros.div_ceil(1000)).unwrap_or(u32::MAX).max(1)
}

/// The version after the newest: a new minor one while inputs and outputs stay, else a new major
/// one.
fn next_version(releases: &[Release], manifest: &Manifest) -> Result<Version, PublishError> {
	let Some(newest) = releases.iter().max_by_key(|release| release.release.version) else {
		return Ok(Version { major: 1, minor: 0 });
	};
	let last = newest.release.version;
	let same =
		newest.manifest.inputs == manifest.inputs && newest.manifest.outputs == manifest.outputs;
	let minor = last.minor.checked_add(1).filter(|_| same);
	match (minor, last.major.checked_add(1)) {
		(Some(minor), _) => Ok(Version { major: last.major, minor }),
		(None, Some(major)) => Ok(Version { major, minor: 0 }),
		(None, None) => Err(PublishError::NoVersion(last)),
	}
}

/// `exact`, or `approximate[:abs[,rel[,gross]]]`; see [`Profile::HELP`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile(pub NumericProfile);

impl Profile {
	/// What the parts mean.
	pub const HELP: &str = "exact, or approximate[:abs[,rel[,gross]]], such as \
	                        approximate:1e-5,1e-4,100: absolute and relative tolerance, and the \
	                        multiple of both beyond which a difference is a fault";
}

impl FromStr for Profile {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		let malformed = || format!("`{text}` is no numeric profile: write {}", Self::HELP);
		if text == "exact" {
			return Ok(Self(NumericProfile::Exact));
		}
		let rest = text.strip_prefix("approximate").ok_or_else(malformed)?;
		let mut tolerance = jurat_onnx::derive::DEFAULT_TOLERANCE;
		let mut gross = None;
		if !rest.is_empty() {
			let parts = rest.strip_prefix(':').ok_or_else(malformed)?;
			let numbers: Vec<f64> = parts
				.split(',')
				.map(|part| part.parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0))
				.collect::<Option<_>>()
				.ok_or_else(malformed)?;
			let units = |value: f64| {
				let units = (value * Tolerance::UNITS as f64).round();
				// Above this, not every unit is an f64.
				if units < 9e15 { Ok(Tolerance(units as u64)) } else { Err(malformed()) }
			};
			match *numbers.as_slice() {
				[abs] => tolerance.abs = units(abs)?,
				[abs, rel] => tolerance = Bounds { abs: units(abs)?, rel: units(rel)? },
				[abs, rel, factor] => {
					tolerance = Bounds { abs: units(abs)?, rel: units(rel)? };
					gross = Some(Bounds { abs: units(abs * factor)?, rel: units(rel * factor)? });
				},
				_ => return Err(malformed()),
			}
		}
		Ok(Self(NumericProfile::Approximate { tolerance, gross }))
	}
}

/// A numeric profile, for people.
pub fn show_profile(profile: &NumericProfile) -> String {
	let bounds = |b: &Bounds| format!("abs {:e}, rel {:e}", b.abs.as_f64(), b.rel.as_f64());
	match profile {
		NumericProfile::Exact => "exact".into(),
		NumericProfile::Approximate { tolerance, gross } => {
			let gross = gross.as_ref().map(|g| format!("; fault beyond {}", bounds(g)));
			format!("approximate ({}{})", bounds(tolerance), gross.unwrap_or_default())
		},
	}
}

/// One line on what a release promises, for people.
pub fn show_manifest(manifest: &Manifest, price: Balance) -> String {
	let side = |specs: &Signature| {
		specs.iter().map(crate::tensors::show_spec).collect::<Vec<_>>().join(", ")
	};
	let mut lines = vec![
		format!("inputs        {}", side(&manifest.inputs)),
		format!("outputs       {}", side(&manifest.outputs)),
		format!("profile       {}", show_profile(&manifest.profile)),
		format!("cost          {} compute units", manifest.compute_units),
		format!("price         {} per request", Amount(price)),
		format!(
			"engine        {:?}, operator set {}, {} operators",
			manifest.engine,
			manifest.opset,
			manifest.operators.len()
		),
	];
	if manifest.allow_nan {
		lines.push("NaN           allowed in inputs".into());
	}
	if !manifest.licence.is_empty() {
		lines.push(format!("licence       {}", show_name(&manifest.licence)));
	}
	if !manifest.tags.is_empty() {
		let tags: Vec<_> = manifest.tags.iter().map(|tag| show_name(tag)).collect();
		lines.push(format!("tags          {}", tags.join(", ")));
	}
	lines.join("\n")
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn profiles_are_read_as_they_are_written() {
		let read = |text: &str| text.parse::<Profile>().unwrap().0;
		let bounds = |abs, rel| Bounds { abs: Tolerance(abs), rel: Tolerance(rel) };
		assert_eq!(read("exact"), NumericProfile::Exact);
		let default = jurat_onnx::derive::DEFAULT_TOLERANCE;
		let approximate = |tolerance, gross| NumericProfile::Approximate { tolerance, gross };
		assert_eq!(read("approximate"), approximate(default, None));
		let abs = Bounds { abs: Tolerance(1_000_000), ..default };
		assert_eq!(read("approximate:1e-6"), approximate(abs, None));
		assert_eq!(read("approximate:0.001,0"), approximate(bounds(1_000_000_000, 0), None));
		assert_eq!(
			read("approximate:1e-5,1e-4,100"),
			approximate(
				bounds(10_000_000, 100_000_000),
				Some(bounds(1_000_000_000, 10_000_000_000))
			)
		);
		for text in [
			"",
			"Exact",
			"approximate:",
			"approximate1",
			"approximate:-1",
			"approximate:NaN",
			"approximate:1,2,3,4",
			"approximate:1e30",
		] {
			let error = text.parse::<Profile>().unwrap_err();
			assert!(error.contains("approximate:1e-5"), "{error}");
		}
	}

	fn manifest(outputs: i64) -> Manifest {
		use jurat_onnx::build::{file, fixed, graph, model, node, symbol, value};
		use jurat_primitives::ElementType::F32;
		let input = value("x", F32, [symbol("n")]);
		let output = value("y", F32, [fixed(outputs), symbol("m")]);
		let graph = graph([input], [output], [node("Relu", &["x"], &["y"])], []);
		let facts = inspect(&file(&model(graph, 17))).unwrap();
		derive_manifest(&facts, &ManifestOptions::default()).unwrap()
	}

	fn release(major: u16, minor: u16, manifest: Manifest) -> Release {
		let version = Version { major, minor };
		Release {
			release: ReleaseId { model: 0, version },
			content: ContentHash::default(),
			size: 1,
			manifest,
			price: 0,
			state: jurat_primitives::view::ReleaseState::Active,
			deposit: 0,
			published_at: 0,
			servers: 0,
			users: 0,
			mirrors: Mirrors::default(),
		}
	}

	#[test]
	fn the_next_version_tells_whether_inputs_and_outputs_stay() {
		let version = |major, minor| Version { major, minor };
		let next = |releases: &[Release], outputs| next_version(releases, &manifest(outputs));
		assert_eq!(next(&[], 1).unwrap(), version(1, 0));
		let known = [release(1, 0, manifest(1)), release(2, 3, manifest(2))];
		assert_eq!(next(&known, 2).unwrap(), version(2, 4));
		assert_eq!(next(&known, 1).unwrap(), version(3, 0));
		let last = [release(2, u16::MAX, manifest(1))];
		assert_eq!(next(&last, 1).unwrap(), version(3, 0));
		let none = [release(u16::MAX, u16::MAX, manifest(1))];
		assert!(matches!(next(&none, 1), Err(PublishError::NoVersion(_))));
	}

	#[test]
	fn bounds_of_outputs_that_nobody_chose_are_named() {
		let mut options = ManifestOptions::default();
		assert_eq!(guessed(&manifest(1), &options), ["m"]);
		options.symbol_overrides.insert("m".into(), 9);
		assert!(guessed(&manifest(1), &options).is_empty());
	}

	#[test]
	fn cost_is_rounded_up_and_never_nothing() {
		assert_eq!([0, 1, 1000, 1001, u64::MAX].map(units), [1, 1, 1, 2, u32::MAX]);
	}
}
