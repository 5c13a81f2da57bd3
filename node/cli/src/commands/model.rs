// SPDX-License-Identifier: Apache-2.0
//! `jurat model`.

use super::{Context, facts, table};
use crate::{
	amount::Amount,
	client::{Call, reads::Release},
	publish::{Doing, Profile, PublishOptions, Published, create, publish, show_manifest},
	reference::{Found, Reference, ReferenceError, name_of_file, state_name},
	tensors::show_name,
	ui::show_bytes,
	view::{ManifestJson, ModelJson, ReleaseJson},
};
use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use jurat_onnx::{ManifestOptions, derive_manifest, inspect};
use jurat_primitives::{
	Dimension, Manifest, Mirror, Mirrors, ReleaseId, Version,
	limits::{MAX_MIRROR, MAX_MIRRORS},
	mirror::is_address,
	view::ReleaseState,
};
use serde_json::json;
use std::{
	collections::BTreeMap,
	path::{Path, PathBuf},
	process::ExitCode,
};

/// Models: publish and look at them.
#[derive(Debug, Subcommand)]
pub enum Model {
	/// Publish an ONNX file as a release. The model is created if it does not exist.
	Publish(Publish),
	/// Show what a file's manifest would be, without a chain.
	Inspect(Inspect),
	/// Create a model without a release.
	Create {
		/// Its name: 3 to 64 of a-z, 0-9, -, . and /.
		name: String,
		/// What to say of it.
		#[arg(long, default_value = "")]
		metadata: String,
	},
	/// List all models.
	List,
	/// Show a model and its releases, or one release.
	Show {
		/// The model, by name or number, with or without a version.
		#[arg(value_name = "MODEL[@VERSION]")]
		model: Reference,
	},
	/// Let a release take no new requests.
	Deprecate {
		/// The release.
		#[arg(value_name = "MODEL[@VERSION]")]
		model: Reference,
	},
	/// Set what one request of a release pays to the model's owner.
	Price {
		/// The release.
		#[arg(value_name = "MODEL[@VERSION]")]
		model: Reference,
		/// Royalty of one request, in JUR.
		#[arg(value_name = "JUR")]
		amount: Amount,
	},
	/// Say where the file of a release can be had, besides from attesters. Replaces what was said
	/// before; without an address, removes it.
	Mirrors {
		/// The release.
		#[arg(value_name = "MODEL[@VERSION]")]
		model: Reference,
		/// Addresses of the file, at most four.
		#[arg(value_name = "URL", value_parser = parse_mirror, num_args = 0..=MAX_MIRRORS as usize)]
		mirrors: Vec<Mirror>,
	},
}

/// What a file does not say of itself.
#[derive(Debug, Args)]
pub struct Stated {
	/// When two answers count as equal: exact, or approximate[:abs[,rel[,gross]]]. Exact where all
	/// operators are, else approximate, unless said otherwise.
	#[arg(long, long_help = Profile::HELP)]
	pub profile: Option<Profile>,
	/// Cost of one run on the largest inputs, in milliseconds of one core; measured by the node
	/// unless said.
	#[arg(long)]
	pub units: Option<u32>,
	/// Largest size of a free dimension, such as batch=64; may be given several times.
	#[arg(long = "dim", value_name = "NAME=SIZE", value_parser = parse_dim)]
	pub dims: Vec<(String, u64)>,
	/// Licence of the model (SPDX expression).
	#[arg(long, default_value = "", alias = "license")]
	pub licence: String,
	/// A tag, for search; may be given several times.
	#[arg(long = "tag", value_name = "TAG")]
	pub tags: Vec<String>,
	/// Let inputs hold NaN.
	#[arg(long)]
	pub allow_nan: bool,
}

/// Publish an ONNX file as a release.
#[derive(Debug, Args)]
pub struct Publish {
	/// The ONNX file.
	pub file: PathBuf,
	/// The model's name; that of the file unless said otherwise.
	#[arg(long, value_name = "NAME")]
	pub model: Option<String>,
	/// The version, such as 1.0; the next one that is free unless said otherwise.
	#[arg(long, value_name = "VERSION")]
	pub version: Option<Version>,
	/// What one request pays to the model's owner, in JUR.
	#[arg(long, default_value = "0", value_name = "JUR")]
	pub price: Amount,
	/// What to say of the model, if it is created.
	#[arg(long, default_value = "")]
	pub metadata: String,
	/// Where the file can be had, besides from attesters; up to four times, the best first.
	#[arg(long = "mirror", value_name = "URL", value_parser = parse_mirror)]
	pub mirrors: Vec<Mirror>,
	/// What the file does not say of itself.
	#[command(flatten)]
	pub stated: Stated,
}

/// Show what a file's manifest would be.
#[derive(Debug, Args)]
pub struct Inspect {
	/// The ONNX file.
	pub file: PathBuf,
	/// What the file does not say of itself.
	#[command(flatten)]
	pub stated: Stated,
}

fn parse_dim(text: &str) -> Result<(String, u64), String> {
	let malformed =
		|| format!("`{text}` is no dimension: write its name and size, such as batch=64");
	let (name, size) = text.rsplit_once('=').ok_or_else(malformed)?;
	match size.parse() {
		Ok(size) if size > 0 && !name.is_empty() => Ok((name.into(), size)),
		_ => Err(malformed()),
	}
}

fn parse_mirror(text: &str) -> Result<Mirror, String> {
	if !is_address(text.as_bytes()) {
		return Err(format!(
			"`{text}` is no address of a web server: write https://, a host, and the file's path"
		));
	}
	let length = text.len();
	Mirror::try_from(text.as_bytes().to_vec())
		.map_err(|_| format!("an address has at most {MAX_MIRROR} bytes, this one has {length}"))
}

/// As many as a release may name.
fn mirrors(addresses: Vec<Mirror>) -> Result<Mirrors> {
	let count = addresses.len();
	Mirrors::try_from(addresses)
		.ok()
		.with_context(|| format!("a release names at most {MAX_MIRRORS} mirrors, not {count}"))
}

impl Stated {
	fn options(&self) -> ManifestOptions {
		ManifestOptions {
			symbol_overrides: self.dims.iter().cloned().collect::<BTreeMap<_, _>>(),
			profile: self.profile.map(|profile| profile.0),
			licence: self.licence.clone(),
			tags: self.tags.clone(),
			compute_units: self.units.unwrap_or(1),
			allow_nan: self.allow_nan,
			..Default::default()
		}
	}

	/// Bounds that nobody chose: the publisher should know of them.
	fn assumed(&self, manifest: &Manifest) -> Vec<String> {
		let mut assumed: Vec<String> = Vec::new();
		let specs = manifest.inputs.iter().chain(&manifest.outputs);
		for dimension in specs.flat_map(|spec| &spec.shape) {
			let Dimension::Symbolic { name, max } = dimension else { continue };
			let name = show_name(name);
			let text = format!("{name} is at most {max}");
			if !self.dims.iter().any(|(known, _)| *known == name) && !assumed.contains(&text) {
				assumed.push(text);
			}
		}
		assumed
	}
}

impl Model {
	/// Runs the command.
	pub async fn run(self, context: &Context) -> Result<ExitCode> {
		match self {
			Self::Publish(command) => run_publish(context, command).await?,
			Self::Inspect(command) => run_inspect(context, &command)?,
			Self::Create { name, metadata } => {
				let client = context.connect().await?;
				let signer = context.signer(&client).await?;
				let model = create(&client, &signer, &name, &metadata).await?;
				let document = json!({ "model": model, "name": name });
				context.ui.result(&document, || format!("model {name} is number {model}"))?;
			},
			Self::List => list(context).await?,
			Self::Show { model } => show(context, &model).await?,
			Self::Deprecate { model } => {
				let found = on_release(context, &model, Call::deprecate_release).await?;
				let document = json!({ "release": found.label(), "state": "deprecated" });
				let text = || format!("{} takes no new requests", found.label());
				context.ui.result(&document, text)?;
			},
			Self::Price { model, amount } => {
				let call = |release| Call::set_price(release, amount.0);
				let found = on_release(context, &model, call).await?;
				let document = json!({ "release": found.label(), "price": amount });
				let text = || format!("a request of {} pays its owner {amount}", found.label());
				context.ui.result(&document, text)?;
			},
			Self::Mirrors { model, mirrors: addresses } => {
				let mirrors = mirrors(addresses)?;
				let call = |release| Call::set_mirrors(release, &mirrors);
				let found = on_release(context, &model, call).await?;
				let shown: Vec<_> = mirrors.iter().map(|mirror| show_name(mirror)).collect();
				let document = json!({ "release": found.label(), "mirrors": shown });
				context.ui.result(&document, || match shown.is_empty() {
					true => format!("{} has no mirrors", found.label()),
					false => format!("{} is also at {}", found.label(), shown.join(", ")),
				})?;
			},
		}
		Ok(ExitCode::SUCCESS)
	}
}

/// Does something with a release, as its owner: the release.
async fn on_release(
	context: &Context,
	reference: &Reference,
	call: impl FnOnce(ReleaseId) -> Call,
) -> Result<Found> {
	let client = context.connect().await?;
	let found = client.find_any(reference).await?;
	let signer = context.signer(&client).await?;
	client.submit(&call(found.release.release), &signer).await?;
	Ok(found)
}

fn read(file: &Path) -> Result<Vec<u8>> {
	std::fs::read(file).with_context(|| file.display().to_string())
}

async fn run_publish(context: &Context, command: Publish) -> Result<()> {
	let bytes = read(&command.file)?;
	let model = match command.model {
		Some(model) => model,
		None => name_of_file(&command.file).with_context(|| {
			format!("{} gives the model no name: choose one with --model", command.file.display())
		})?,
	};
	let mirrors = mirrors(command.mirrors)?;
	let client = context.connect().await?;
	let signer = context.signer(&client).await?;
	let options = PublishOptions {
		model: model.clone(),
		metadata: command.metadata,
		version: command.version,
		price: command.price.0,
		mirrors,
		units: command.stated.units,
		manifest: command.stated.options(),
	};
	let task = context.ui.task(format!("publishing {model}"));
	let published = publish(&client, &signer, &bytes, &options, |doing| match doing {
		Doing::Inspecting => task.set("reading the file"),
		Doing::Uploading(done, total) => {
			task.set("giving the file to the node");
			task.bytes(done, total);
		},
		Doing::Measuring => task.set("the node loads the model and measures a run"),
		Doing::Creating => task.set(format!("creating the model {model}")),
		Doing::Publishing => task.set("publishing the release"),
	})
	.await?;
	drop(task);
	let assumed =
		if published.existed { Vec::new() } else { command.stated.assumed(&published.manifest) };
	for text in assumed {
		context.ui.note(format!("note: {text}, since the file does not say; choose with --dim"));
	}
	let Published { version, content, size, manifest, micros, created, existed, .. } = &published;
	let price = Amount(published.price);
	let document = json!({
		"model": published.model,
		"name": model,
		"version": version.to_string(),
		"content": content.to_string(),
		"size": size,
		"price": price,
		"created": created,
		"existed": existed,
		"micros": micros,
		"manifest": ManifestJson::from(manifest),
	});
	context.ui.result(&document, || {
		let verb = if *existed { "is published already" } else { "is published" };
		let next = format!(
			"it takes requests once enough attesters announce it: `jurat attester serve {model}`"
		);
		let mut lines = vec![
			("content", content.to_string()),
			("size", show_bytes(*size)),
			("manifest", show_manifest(manifest, price.0)),
		];
		if let Some(micros) = micros {
			lines.push(("measured", format!("{} ms for a run", *micros as f64 / 1000.0)));
		}
		format!("{model}@{version} {verb}\n\n{}\n\n{next}", facts(&lines))
	})?;
	Ok(())
}

fn run_inspect(context: &Context, command: &Inspect) -> Result<()> {
	let facts = inspect(&read(&command.file)?)
		.with_context(|| format!("{} is not a model that can be served", command.file.display()))?;
	let manifest = derive_manifest(&facts, &command.stated.options())?;
	let document = json!({
		"nodes": facts.nodes,
		"constant_bytes": facts.initialiser_bytes,
		"file_bytes": facts.file_bytes,
		"manifest": ManifestJson::from(&manifest),
	});
	context.ui.result(&document, || {
		let operators: Vec<_> = manifest.operators.iter().map(|name| show_name(name)).collect();
		let mut text = show_manifest(&manifest, 0);
		text.push_str(&format!("\noperators     {}", operators.join(", ")));
		text.push_str(&format!("\nnodes         {}", facts.nodes));
		text
	})?;
	Ok(())
}

async fn list(context: &Context) -> Result<()> {
	let client = context.connect().await?;
	let mut models = Vec::new();
	for model in client.models().await? {
		let releases = client.releases(model.model).await?;
		models.push((model, releases));
	}
	let views: Vec<_> = models.iter().map(|(m, releases)| ModelJson::new(m, releases)).collect();
	context.ui.result(&json!({ "models": views }), || {
		if models.is_empty() {
			return "no models yet: `jurat model publish <file.onnx>` publishes one".into();
		}
		let mut table = table(&["id", "name", "release", "state", "price", "attesters", "owner"]);
		for (model, releases) in &models {
			let newest = newest(releases);
			table.add_row([
				model.model.to_string(),
				show_name(&model.name),
				newest.map(|r| r.release.version.to_string()).unwrap_or_else(|| "none".into()),
				newest.map(|r| state_name(r.state).into()).unwrap_or_default(),
				newest.map(|r| Amount(r.price).to_string()).unwrap_or_default(),
				newest.map(|r| r.servers.to_string()).unwrap_or_default(),
				model.owner.to_string(),
			]);
		}
		table.to_string()
	})?;
	Ok(())
}

/// The release that a request without a version would take, else the newest.
fn newest(releases: &[Release]) -> Option<&Release> {
	releases.iter().rfind(|r| r.state == ReleaseState::Active).or(releases.last())
}

async fn show(context: &Context, reference: &Reference) -> Result<()> {
	let client = context.connect().await?;
	let model = client.find_model(reference).await?;
	let mut releases = client.releases(model.model).await?;
	if let Some(version) = reference.version {
		let known = releases.iter().map(|release| release.release.version).collect();
		releases.retain(|release| release.release.version == version);
		if releases.is_empty() {
			let model = show_name(&model.name);
			return Err(ReferenceError::NoRelease { model, version, known }.into());
		}
	}
	context.ui.result(&ModelJson::new(&model, &releases), || {
		let mut text = facts(&[
			("model", format!("{} (number {})", show_name(&model.name), model.model)),
			("owner", model.owner.to_string()),
			("says", show_name(&model.metadata)),
			("deposit", Amount(model.deposit).to_string()),
		]);
		if releases.is_empty() {
			text.push_str("\n\nno release yet: `jurat model publish <file.onnx>` publishes one");
		}
		for release in releases.iter().rev() {
			let ReleaseJson { version, content, size, state, servers, users, mirrors, .. } =
				release.into();
			let price = release.price;
			text.push_str(&format!("\n\n{}@{version}, {state}\n", show_name(&model.name)));
			let mut lines = vec![
				("  content", content),
				("  size", show_bytes(size)),
				("  attesters", format!("{servers}, {users} open requests")),
				("  published", format!("block {}", release.published_at)),
			];
			if !mirrors.is_empty() {
				lines.push(("  also at", mirrors.join("\n")));
			}
			lines.push(("  manifest", show_manifest(&release.manifest, price)));
			text.push_str(&facts(&lines));
		}
		text
	})?;
	Ok(())
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn dimensions_are_read_as_they_are_written() {
		assert_eq!(parse_dim("batch=64"), Ok(("batch".into(), 64)));
		assert_eq!(parse_dim("a=b=2"), Ok(("a=b".into(), 2)));
		for text in ["batch", "=3", "batch=", "batch=0", "batch=-1", "batch=x"] {
			assert!(parse_dim(text).unwrap_err().contains("batch=64"), "{text}");
		}
	}

	#[test]
	fn mirrors_are_few_and_are_addresses() {
		let mirror = parse_mirror("https://a.org/x.onnx").unwrap();
		assert_eq!(mirror.as_slice(), b"https://a.org/x.onnx");
		assert!(parse_mirror("a.org/x.onnx").unwrap_err().contains("https://"));
		let long = format!("https://{}", "a".repeat(MAX_MIRROR as usize));
		assert!(parse_mirror(&long).unwrap_err().contains("at most 256"));
		assert_eq!(mirrors(vec![mirror.clone(); 4]).unwrap().len(), 4);
		let five = mirrors(vec![mirror; 5]).unwrap_err();
		assert!(five.to_string().contains("at most 4"), "{five}");
	}
}
