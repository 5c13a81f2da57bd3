// SPDX-License-Identifier: Apache-2.0
//! Models as people name them: `digits`, `digits@1.2`, `5`, `5@1.2`.

use crate::{
	client::{
		Client,
		reads::{Model, Release},
	},
	error::Error,
	tensors::show_name,
};
use jurat_primitives::{ModelId, ReleaseId, Version, view::ReleaseState};
use std::{fmt, str::FromStr};

/// A model, and perhaps one of its releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
	/// Name or number.
	pub model: String,
	/// Version.
	pub version: Option<Version>,
}

/// Why a model cannot be found. Says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
	/// Not a reference.
	#[error(
		"`{0}` is no model: write a name or number, with or without a version, such as `digits` or `digits@1.0`"
	)]
	Malformed(String),
	/// Not a name that the chain takes.
	#[error("`{0}` cannot name a model: use 3 to 64 of a-z, 0-9, -, . and /")]
	Name(String),
	/// No such model.
	#[error("there is no model `{0}`: `jurat model list` shows those there are")]
	NoModel(String),
	/// No such release.
	#[error("`{model}` has no release {version}{}", list(.known))]
	NoRelease {
		/// The model's name.
		model: String,
		/// The version asked for.
		version: Version,
		/// The versions there are.
		known: Vec<Version>,
	},
	/// None at all.
	#[error("`{0}` has no release: publish one with `jurat model publish <file.onnx> --model {0}`")]
	NoReleases(String),
	/// None that takes requests.
	#[error("{}", not_active(.0, .1))]
	NotActive(String, Vec<(Version, ReleaseState)>),
	/// The chain cannot be asked.
	#[error(transparent)]
	Client(#[from] Error),
}

fn list(known: &[Version]) -> String {
	if known.is_empty() {
		return ", nor any other".into();
	}
	let known: Vec<_> = known.iter().map(Version::to_string).collect();
	format!("; it has {}", known.join(", "))
}

fn not_active(model: &str, releases: &[(Version, ReleaseState)]) -> String {
	let states: Vec<_> = releases
		.iter()
		.map(|(version, state)| format!("{version} is {}", state_name(*state)))
		.collect();
	let hint = if releases.iter().any(|(_, state)| *state == ReleaseState::Published) {
		". A published release takes requests once enough attesters announce it \
		 (`jurat attester serve`)"
	} else {
		""
	};
	format!("no release of `{model}` takes requests: {}{hint}", states.join(", "))
}

/// The name of a state, as printed.
pub fn state_name(state: ReleaseState) -> &'static str {
	match state {
		ReleaseState::Published => "published",
		ReleaseState::Active => "active",
		ReleaseState::Deprecated => "deprecated",
	}
}

impl FromStr for Reference {
	type Err = ReferenceError;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		let malformed = || ReferenceError::Malformed(text.into());
		let (model, version) = match text.split_once('@') {
			None => (text, None),
			Some((model, version)) => (model, Some(version.parse().map_err(|_| malformed())?)),
		};
		if model.is_empty() || model.contains(char::is_whitespace) {
			return Err(malformed());
		}
		Ok(Self { model: model.into(), version })
	}
}

impl fmt::Display for Reference {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self.version {
			Some(version) => write!(f, "{}@{version}", self.model),
			None => f.write_str(&self.model),
		}
	}
}

/// A model and one of its releases.
#[derive(Clone, Debug)]
pub struct Found {
	/// The model.
	pub model: Model,
	/// The release.
	pub release: Release,
}

impl Found {
	/// `name@version`.
	pub fn label(&self) -> String {
		format!("{}@{}", show_name(&self.model.name), self.release.release.version)
	}
}

impl Client {
	/// The model that a reference names: by name first, then by number.
	pub async fn find_model(&self, reference: &Reference) -> Result<Model, ReferenceError> {
		let unknown = || ReferenceError::NoModel(reference.model.clone());
		let number: Option<ModelId> = match self.model_by_name(&reference.model).await? {
			Some(number) => Some(number),
			None => reference.model.parse().ok(),
		};
		self.model(number.ok_or_else(unknown)?).await?.ok_or_else(unknown)
	}

	/// What people call a release: `name@version`; by its number where the name is not known.
	pub async fn release_label(&self, release: ReleaseId) -> Result<String, Error> {
		let model = self.model(release.model).await?;
		let name = model.map(|model| show_name(&model.name));
		Ok(match name {
			Some(name) => format!("{name}@{}", release.version),
			None => release.to_string(),
		})
	}

	/// The release that a reference names; without a version, the newest that takes requests.
	pub async fn find_active(&self, reference: &Reference) -> Result<Found, ReferenceError> {
		let active = |state| state == ReleaseState::Active;
		let found = self.find_release(reference, active).await?;
		if !active(found.release.state) {
			let states = vec![(found.release.release.version, found.release.state)];
			return Err(ReferenceError::NotActive(show_name(&found.model.name), states));
		}
		Ok(found)
	}

	/// The release that a reference names; without a version, the newest that is not deprecated.
	pub async fn find_any(&self, reference: &Reference) -> Result<Found, ReferenceError> {
		self.find_release(reference, |state| state != ReleaseState::Deprecated).await
	}

	async fn find_release(
		&self,
		reference: &Reference,
		wanted: impl Fn(ReleaseState) -> bool,
	) -> Result<Found, ReferenceError> {
		let model = self.find_model(reference).await?;
		let name = show_name(&model.name);
		let releases = self.releases(model.model).await?;
		let versions = releases.iter().map(|release| release.release.version);
		match reference.version {
			Some(version) => {
				let known = versions.collect();
				let release =
					releases.into_iter().find(|release| release.release.version == version);
				match release {
					Some(release) => Ok(Found { model, release }),
					None => Err(ReferenceError::NoRelease { model: name, version, known }),
				}
			},
			None => {
				let states: Vec<_> = versions.zip(releases.iter().map(|r| r.state)).collect();
				match releases.into_iter().rfind(|release| wanted(release.state)) {
					Some(release) => Ok(Found { model, release }),
					None if states.is_empty() => Err(ReferenceError::NoReleases(name)),
					None => Err(ReferenceError::NotActive(name, states)),
				}
			},
		}
	}
}

/// Whether the chain takes this as a model's name.
pub fn check_name(name: &str) -> Result<(), ReferenceError> {
	let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-./".contains(&b);
	if (3..=64).contains(&name.len()) && name.bytes().all(fits) {
		Ok(())
	} else {
		Err(ReferenceError::Name(name.into()))
	}
}

/// A model's name from that of its file: lower case, `-` for what a name cannot hold.
pub fn name_of_file(path: &std::path::Path) -> Option<String> {
	let stem = path.file_stem()?.to_str()?.to_lowercase();
	let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
	let name: String = stem.chars().map(|c| if fits(c) { c } else { '-' }).take(64).collect();
	check_name(&name).is_ok().then_some(name)
}

#[cfg(test)]
mod tests {
	use super::*;
	use std::path::Path;

	#[test]
	fn a_reference_reads_back_what_it_prints() {
		for text in ["digits", "digits@1.0", "5", "acme/net-2.1@3.14"] {
			assert_eq!(text.parse::<Reference>().unwrap().to_string(), text);
		}
		for text in ["", "@1.0", "digits@", "digits@1", "digits@1.0.0", "a b"] {
			let error = text.parse::<Reference>().unwrap_err();
			assert!(error.to_string().contains("digits@1.0"), "{error}");
		}
	}

	#[test]
	fn a_file_names_its_model() {
		let name = |path: &str| name_of_file(Path::new(path));
		assert_eq!(name("/a/b/digits.onnx").as_deref(), Some("digits"));
		assert_eq!(name("My Net_v2.1.onnx").as_deref(), Some("my-net-v2.1"));
		assert_eq!(name("ab.onnx"), None);
		assert_eq!(name(".."), None);
		assert!(check_name("Ab-").unwrap_err().to_string().contains("3 to 64"));
	}

	#[test]
	fn errors_say_what_to_do() {
		let states = vec![(Version { major: 1, minor: 0 }, ReleaseState::Published)];
		let text = ReferenceError::NotActive("digits".into(), states).to_string();
		assert!(text.contains("1.0 is published") && text.contains("jurat attester serve"));
		let known = vec![Version { major: 1, minor: 0 }];
		let version = Version { major: 2, minor: 0 };
		let text = ReferenceError::NoRelease { model: "digits".into(), version, known };
		assert_eq!(text.to_string(), "`digits` has no release 2.0; it has 1.0");
		let text = ReferenceError::NoModel("x".into()).to_string();
		assert!(text.contains("jurat model list"));
		assert!(ReferenceError::NoReleases("x".into()).to_string().contains("model publish"));
	}
}
