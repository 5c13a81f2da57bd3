// SPDX-License-Identifier: Apache-2.0
//! Keys: files under `~/.config/jurat/keys`, and secret URIs.
//!
//! A key file is JSON and holds the secret in the clear, readable by its owner only (mode 0600 in a
//! folder of mode 0700). Whoever can read it can spend from the account.

use serde::{Deserialize, Serialize};
use sp_core::Pair;
use std::{
	fs,
	io::{ErrorKind, Write},
	os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
	path::{Path, PathBuf},
	str::FromStr,
};
use subxt::utils::AccountId32;
use subxt_signer::{SecretUri, sr25519::Keypair};

/// Why a key cannot be had or kept. Says what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
	/// Neither a secret URI nor a key file.
	#[error(
		"no key named `{0}`: `jurat keys list` shows the keys there are, `jurat keys new {0}` makes \
		 one"
	)]
	Unknown(String),
	/// Not a name.
	#[error("`{0}` cannot name a key: use 1 to 64 of a-z, A-Z, 0-9, - and _")]
	Name(String),
	/// The name is taken.
	#[error("a key named `{0}` is there already: choose another name, or remove {1}")]
	Taken(String, PathBuf),
	/// Not a secret.
	#[error(
		"not a secret: {0}. Give a recovery phrase of 12 to 24 words, a seed of 0x and 64 hexadecimal \
		 digits, or either with a derivation path such as //stash"
	)]
	Secret(String),
	/// Others can read the file.
	#[error(
		"{0} can be read by others: `chmod 600 {0}`, and if others could have read it, move the money"
	)]
	Exposed(PathBuf),
	/// Not a key file.
	#[error("{0} is not a key file: {1}")]
	Malformed(PathBuf, String),
	/// No home directory.
	#[error("there is no place for keys: neither XDG_CONFIG_HOME nor HOME is set")]
	NoHome,
	/// Reading or writing.
	#[error("{0}: {1}")]
	File(PathBuf, std::io::Error),
}

/// A secret in the form that [`KeyStore`] keeps.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
	version: u32,
	name: String,
	address: String,
	secret: String,
}

/// A key that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyInfo {
	/// Its name.
	pub name: String,
	/// Its account, in SS58.
	pub address: String,
	/// Where it lies.
	pub path: PathBuf,
}

/// The folder of key files.
#[derive(Clone, Debug)]
pub struct KeyStore {
	folder: PathBuf,
}

impl KeyStore {
	/// The user's own: `$XDG_CONFIG_HOME/jurat/keys`, else `~/.config/jurat/keys`.
	pub fn of_user() -> Result<Self, KeyError> {
		let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
		let config = set("XDG_CONFIG_HOME")
			.map(PathBuf::from)
			.or_else(|| set("HOME").map(|home| Path::new(&home).join(".config")))
			.ok_or(KeyError::NoHome)?;
		Ok(Self::at(config.join("jurat/keys")))
	}

	/// The key files of this folder.
	pub fn at(folder: impl Into<PathBuf>) -> Self {
		Self { folder: folder.into() }
	}

	fn path(&self, name: &str) -> Result<PathBuf, KeyError> {
		let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
		if name.is_empty() || name.len() > 64 || !name.chars().all(fits) {
			return Err(KeyError::Name(name.into()));
		}
		Ok(self.folder.join(format!("{name}.json")))
	}

	/// Makes a key from new randomness (BIP39, 12 words).
	pub fn create(&self, name: &str) -> Result<KeyInfo, KeyError> {
		let (_, phrase, _) = sp_core::sr25519::Pair::generate_with_phrase(None);
		self.import(name, &phrase)
	}

	/// Keeps a secret.
	pub fn import(&self, name: &str, secret: &str) -> Result<KeyInfo, KeyError> {
		let path = self.path(name)?;
		let secret = secret.split_whitespace().collect::<Vec<_>>().join(" ");
		let address = address(&keypair(&secret)?);
		let file = KeyFile { version: 1, name: name.into(), address: address.clone(), secret };
		let mut text = serde_json::to_string_pretty(&file)
			.map_err(|error| KeyError::Malformed(path.clone(), error.to_string()))?;
		text.push('\n');
		let failed = |error| KeyError::File(path.clone(), error);
		fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder).map_err(failed)?;
		let mut options = fs::OpenOptions::new();
		let opened = options.write(true).create_new(true).mode(0o600).open(&path);
		let mut out = match opened {
			Err(error) if error.kind() == ErrorKind::AlreadyExists => {
				return Err(KeyError::Taken(name.into(), path));
			},
			opened => opened.map_err(failed)?,
		};
		out.write_all(text.as_bytes()).and_then(|()| out.sync_all()).map_err(failed)?;
		Ok(KeyInfo { name: name.into(), address, path })
	}

	fn read(&self, name: &str) -> Result<(PathBuf, KeyFile), KeyError> {
		let path = self.path(name)?;
		let text = match fs::read_to_string(&path) {
			Err(error) if error.kind() == ErrorKind::NotFound => {
				return Err(KeyError::Unknown(name.into()));
			},
			read => read.map_err(|error| KeyError::File(path.clone(), error))?,
		};
		let mode = fs::metadata(&path)
			.map_err(|error| KeyError::File(path.clone(), error))?
			.permissions()
			.mode();
		if mode & 0o077 != 0 {
			return Err(KeyError::Exposed(path));
		}
		let file = serde_json::from_str(&text)
			.map_err(|error| KeyError::Malformed(path.clone(), error.to_string()))?;
		Ok((path, file))
	}

	/// A key that is there.
	pub fn show(&self, name: &str) -> Result<KeyInfo, KeyError> {
		let (path, file) = self.read(name)?;
		Ok(KeyInfo { name: file.name, address: file.address, path })
	}

	/// Its secret.
	pub fn secret(&self, name: &str) -> Result<String, KeyError> {
		Ok(self.read(name)?.1.secret)
	}

	/// Every key that is there, by name.
	pub fn list(&self) -> Result<Vec<KeyInfo>, KeyError> {
		let entries = match fs::read_dir(&self.folder) {
			Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
			entries => entries.map_err(|error| KeyError::File(self.folder.clone(), error))?,
		};
		let mut keys = Vec::new();
		for entry in entries {
			let entry = entry.map_err(|error| KeyError::File(self.folder.clone(), error))?;
			let name = entry.file_name();
			if let Some(name) = name.to_str().and_then(|name| name.strip_suffix(".json")) {
				keys.push(self.show(name)?);
			}
		}
		keys.sort_by(|a, b| a.name.cmp(&b.name));
		Ok(keys)
	}

	/// The key pair that `--key` means: a secret URI (`//Alice`, a phrase, a seed), or the name of
	/// a key file.
	pub fn resolve(&self, key: &str) -> Result<Keypair, KeyError> {
		let key = key.trim();
		if key.contains("//") || key.starts_with("0x") || key.contains(char::is_whitespace) {
			return keypair(key);
		}
		keypair(&self.secret(key)?)
	}
}

/// The key pair of a secret URI.
pub fn keypair(secret: &str) -> Result<Keypair, KeyError> {
	let uri = SecretUri::from_str(secret).map_err(|error| KeyError::Secret(error.to_string()))?;
	Keypair::from_uri(&uri).map_err(|error| KeyError::Secret(error.to_string()))
}

/// The account of a key pair.
pub fn account(pair: &Keypair) -> AccountId32 {
	pair.public_key().to_account_id()
}

/// The account of a key pair, in SS58.
pub fn address(pair: &Keypair) -> String {
	account(pair).to_string()
}

#[cfg(test)]
mod tests {
	use super::*;

	fn store() -> (tempfile::TempDir, KeyStore) {
		let folder = tempfile::tempdir().unwrap();
		let store = KeyStore::at(folder.path().join("keys"));
		(folder, store)
	}

	#[test]
	fn a_new_key_can_be_used_by_its_name_and_read_by_nobody_else() {
		let (_folder, store) = store();
		assert_eq!(store.list().unwrap(), []);
		let made = store.create("ann").unwrap();
		assert_eq!(store.show("ann").unwrap(), made);
		assert_eq!(store.list().unwrap(), std::slice::from_ref(&made));
		assert_eq!(address(&store.resolve("ann").unwrap()), made.address);
		assert_eq!(store.secret("ann").unwrap().split(' ').count(), 12);
		let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
		assert_eq!(mode(&made.path), 0o600);
		assert_eq!(mode(made.path.parent().unwrap()), 0o700);
		fs::set_permissions(&made.path, fs::Permissions::from_mode(0o644)).unwrap();
		let error = store.resolve("ann").unwrap_err();
		assert!(error.to_string().contains("chmod 600"), "{error}");
	}

	#[test]
	fn an_imported_key_is_the_one_that_was_given_and_never_overwritten() {
		let (_folder, store) = store();
		let phrase = subxt_signer::DEV_PHRASE;
		let made =
			store.import("dev", &format!("  {}//Alice\n", phrase.replace(' ', "\n"))).unwrap();
		assert_eq!(made.address, "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY");
		assert!(matches!(store.import("dev", "//Bob"), Err(KeyError::Taken(..))));
		assert_eq!(address(&store.resolve("dev").unwrap()), made.address);
		assert_eq!(address(&store.resolve("//Alice").unwrap()), made.address);
	}

	#[test]
	fn errors_say_what_to_do() {
		let (_folder, store) = store();
		let message = |key: &str| store.resolve(key).unwrap_err().to_string();
		assert!(message("nobody").contains("jurat keys new nobody"));
		assert!(message("../etc/passwd").contains("cannot name a key"));
		assert!(message("twelve words that are no phrase").contains("recovery phrase"));
		assert!(message("0x12").contains("64 hexadecimal"));
		fs::create_dir_all(&store.folder).unwrap();
		let path = store.folder.join("odd.json");
		fs::write(&path, "{}").unwrap();
		fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
		assert!(message("odd").contains("not a key file"));
	}
}
