// SPDX-License-Identifier: Apache-2.0
//! `jurat keys`.

use super::{Context, facts, table};
use crate::keys::{KeyInfo, KeyStore};
use anyhow::{Context as _, Result, bail};
use clap::Subcommand;
use serde_json::json;
use std::{
	io::{BufRead, IsTerminal},
	process::ExitCode,
};

/// Keys that sign. They lie in `~/.config/jurat/keys`, readable by you only.
#[derive(Debug, Subcommand)]
pub enum Keys {
	/// Make a key.
	New {
		/// What to call it.
		name: String,
	},
	/// Keep a key that you have: its secret is read from standard input.
	Import {
		/// What to call it.
		name: String,
	},
	/// List your keys.
	List,
	/// Show a key's account.
	Show {
		/// Which one.
		name: String,
		/// Show its secret too. Whoever sees it can spend from the account.
		#[arg(long)]
		secret: bool,
	},
}

impl Keys {
	/// Runs the command.
	pub async fn run(self, context: &Context) -> Result<ExitCode> {
		let store = KeyStore::of_user()?;
		match self {
			Self::New { name } => {
				let key = store.create(&name)?;
				context.ui.note(format!(
					"keep a copy of its recovery phrase: `jurat keys show {name} --secret`"
				));
				show(context, &key)?;
			},
			Self::Import { name } => show(context, &store.import(&name, &read_secret(context)?)?)?,
			Self::List => {
				let keys = store.list()?;
				context.ui.result(&json!({ "keys": keys }), || {
					if keys.is_empty() {
						return "no keys yet: `jurat keys new <name>` makes one".into();
					}
					let mut table = table(&["name", "account"]);
					for key in &keys {
						table.add_row([&key.name, &key.address]);
					}
					table.to_string()
				})?;
			},
			Self::Show { name, secret: false } => show(context, &store.show(&name)?)?,
			Self::Show { name, secret: true } => {
				let (key, secret) = (store.show(&name)?, store.secret(&name)?);
				let document = json!({
					"name": key.name,
					"address": key.address,
					"path": key.path,
					"secret": secret,
				});
				context.ui.result(&document, || secret)?;
			},
		}
		Ok(ExitCode::SUCCESS)
	}
}

fn show(context: &Context, key: &KeyInfo) -> Result<()> {
	context.ui.result(key, || {
		facts(&[
			("name", key.name.clone()),
			("account", key.address.clone()),
			("file", key.path.display().to_string()),
		])
	})?;
	Ok(())
}

/// Reads a secret from standard input, never from the command line, which others can see.
fn read_secret(context: &Context) -> Result<String> {
	let mut input = std::io::stdin().lock();
	if std::io::stdin().is_terminal() {
		context
			.ui
			.note("recovery phrase, seed or secret URI (it is shown as you type), then Enter:");
	}
	let mut line = String::new();
	input.read_line(&mut line).context("standard input cannot be read")?;
	if line.trim().is_empty() {
		bail!(
			"no secret on standard input: give a recovery phrase, a seed or a secret URI, such as \
			 `jurat keys import <name> < phrase.txt`"
		);
	}
	Ok(line.trim().into())
}
