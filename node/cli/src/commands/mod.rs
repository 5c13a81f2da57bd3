// SPDX-License-Identifier: Apache-2.0
//! The commands: what each does, one file per subject.

pub mod attester;
pub mod blob;
pub mod infer;
pub mod keys;
pub mod model;
pub mod outcome;
pub mod request;
pub mod status;

use crate::{
	cli::{Cli, Command, Global},
	client::{AccountId32, Client, Keypair},
	error::Error,
	keys::{KeyStore, address, keypair},
	publish::PublishError,
	reference::ReferenceError,
	ui::{self, Ui},
};
use anyhow::{Context as _, Result, bail};
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::json;
use std::process::ExitCode;

/// A request ended without an answer that was agreed on.
pub const EXIT_DISAGREED: u8 = 10;
/// A panel was drawn but did not deliver.
pub const EXIT_EXPIRED: u8 = 11;
/// Nobody could serve the request.
pub const EXIT_UNSERVED: u8 = 12;
/// The requester withdrew it.
pub const EXIT_CANCELLED: u8 = 13;

/// What a command works with.
#[derive(Debug)]
pub struct Context {
	/// What every command takes.
	pub global: Global,
	/// Where it shows what it does.
	pub ui: Ui,
}

impl Context {
	/// Connects to the node.
	pub async fn connect(&self) -> Result<Client> {
		Ok(Client::connect(&self.global.url).await?)
	}

	/// The key that signs: `--key`, or //Alice where that is worth nothing.
	pub async fn signer(&self, client: &Client) -> Result<Keypair> {
		if let Some(key) = self.key() {
			return self.resolve(key);
		}
		let (kind, chain) = chain_kind(client).await?;
		if !is_development(&kind) {
			bail!(
				"who signs? {chain} is no development chain: name a key with --key or JURAT_KEY. \
				 `jurat keys list` shows yours, `jurat keys new <name>` makes one"
			);
		}
		self.ui.note(format!("signing as //Alice, since {chain} is a development chain"));
		Ok(keypair("//Alice")?)
	}

	/// The account that is meant: one named, else that of the key that signs.
	pub async fn account(&self, client: &Client, named: Option<&str>) -> Result<AccountId32> {
		match named {
			None => Ok(crate::keys::account(&self.signer(client).await?)),
			Some(named) => match named.parse() {
				Ok(account) => Ok(account),
				Err(_) => {
					let pair = self.resolve(named).with_context(|| {
						format!("`{named}` is neither an account in SS58 nor a key")
					})?;
					Ok(crate::keys::account(&pair))
				},
			},
		}
	}

	fn key(&self) -> Option<&str> {
		self.global.key.as_deref().filter(|key| !key.is_empty())
	}

	fn resolve(&self, key: &str) -> Result<Keypair> {
		// A secret URI needs no folder of keys, nor a home.
		if key.contains("//") {
			return Ok(keypair(key)?);
		}
		Ok(KeyStore::of_user()?.resolve(key)?)
	}

	/// What people call the signer.
	pub fn show_signer(&self, signer: &Keypair) -> String {
		match self.key() {
			Some(key) if !key.contains(char::is_whitespace) && !key.starts_with("0x") => key.into(),
			_ => address(signer),
		}
	}
}

/// Kind and name of the chain.
async fn chain_kind(client: &Client) -> Result<(serde_json::Value, String)> {
	let none = subxt::rpcs::rpc_params![];
	let kind = client.rpc("system_chainType", none.clone()).await?;
	let name = client.rpc("system_chain", none).await?;
	Ok((kind, name))
}

/// Whether everyone knows this chain's keys: one that a node makes for itself, on one machine.
fn is_development(kind: &serde_json::Value) -> bool {
	matches!(kind.as_str(), Some("Development" | "Local"))
}

/// A table without frame, for people.
pub fn table(header: &[&str]) -> Table {
	let mut table = Table::new();
	table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
	table.set_header(header.iter().map(|text| text.to_uppercase()));
	table
}

/// A name and a value per line, for people.
pub fn facts(pairs: &[(&str, String)]) -> String {
	let width = pairs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0) + 2;
	let line = |(name, value): &(&str, String)| {
		// Continued values stand under their first line.
		let value = value.replace('\n', &format!("\n{}", " ".repeat(width)));
		format!("{name:<width$}{value}").trim_end().to_owned()
	};
	pairs.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Runs a command, and says how it went.
pub async fn run(cli: Cli) -> ExitCode {
	let context = Context { ui: Ui::new(cli.global.json), global: cli.global };
	let result = match cli.command {
		Command::Infer(command) => command.run(&context).await,
		Command::Model(command) => command.run(&context).await,
		Command::Request(command) => command.run(&context).await,
		Command::Attester(command) => command.run(&context).await,
		Command::Keys(command) => command.run(&context).await,
		Command::Blob(command) => command.run(&context).await,
		Command::Status => status::run(&context).await,
	};
	result.unwrap_or_else(|error| {
		let message = message(&error);
		context.ui.note(format!("error: {message}"));
		if context.ui.is_json() {
			let code = chain_error(&error);
			let document = json!({ "error": { "message": message, "chain_error": code } });
			// The exit status says the same if nobody reads this.
			let _ = ui::print(&document.to_string());
		}
		ExitCode::FAILURE
	})
}

/// Says what is wrong with the words of the command line, or gives the help that they ask for.
pub fn misused(error: &clap::Error) -> ExitCode {
	// The exit status says the same if nobody reads this.
	let _ = error.print();
	if error.use_stderr() && std::env::args().any(|word| word == "--json") {
		let text = error.to_string();
		// The first paragraph says what is wrong; usage and hints follow.
		let words = text.split("\n\n").next().unwrap_or(&text).split_whitespace();
		let message = words.collect::<Vec<_>>().join(" ");
		let message = message.trim_start_matches("error: ");
		let _ =
			ui::print(&json!({ "error": { "message": message, "chain_error": null } }).to_string());
	}
	ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// The chain's name for an error, if the chain refused a call.
fn chain_error(error: &anyhow::Error) -> Option<&str> {
	let direct = error.downcast_ref::<Error>();
	let publishing = || match error.downcast_ref()? {
		PublishError::Client(error) => Some(error),
		_ => None,
	};
	let finding = || match error.downcast_ref()? {
		ReferenceError::Client(error) => Some(error),
		_ => None,
	};
	direct.or_else(publishing).or_else(finding)?.dispatch()
}

/// An error and its causes, each once.
fn message(error: &anyhow::Error) -> String {
	let mut texts: Vec<String> = Vec::new();
	for cause in error.chain() {
		let text = cause.to_string();
		if !texts.iter().any(|seen| seen.contains(&text)) {
			texts.push(text);
		}
	}
	texts.join(": ")
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn an_error_is_told_with_its_causes_once() {
		let error = anyhow::anyhow!("inner").context("middle: inner").context("outer");
		assert_eq!(message(&error), "outer: middle: inner");
	}

	#[test]
	fn programs_are_told_the_chain_s_own_name_for_an_error() {
		let error = || Error::Dispatch {
			call: "Models.create_model".into(),
			name: "Models::NameTaken".into(),
			docs: String::new(),
		};
		for error in [
			anyhow::Error::from(error()),
			PublishError::from(error()).into(),
			anyhow::Error::from(ReferenceError::from(error())).context("more"),
		] {
			assert_eq!(chain_error(&error), Some("Models::NameTaken"));
		}
		assert_eq!(chain_error(&anyhow::anyhow!("other")), None);
	}

	#[test]
	fn facts_stand_in_two_columns() {
		let text = facts(&[("a", "1\n2".into()), ("long", "3".into())]);
		assert_eq!(text, "a     1\n      2\nlong  3");
	}

	#[test]
	fn alice_signs_only_where_everyone_has_her_key() {
		for (kind, expected) in [
			(json!("Development"), true),
			(json!("Local"), true),
			(json!("Live"), false),
			(json!({ "Custom": "Development" }), false),
		] {
			assert_eq!(is_development(&kind), expected, "{kind}");
		}
	}
}
