// SPDX-License-Identifier: Apache-2.0
//! The command line.

use crate::commands::{attester, blob, infer, keys, model, request};
use clap::{Args, Parser, Subcommand};

const EXAMPLES: &str = "\
Examples:
  jurat model publish digits.onnx                 publish a model under its file's name
  jurat infer digits -i @digit.npy                ask for an inference, wait for the answer
  jurat infer digits -i '[[0.1, 0.9]]' --json     the same, for programs
  jurat attester serve digits                     announce that your node serves it

Exit status: 0 done or answered; 1 error; 2 wrong usage; and of a request that ended without an
answer: 10 disagreed, 11 expired, 12 unserved, 13 cancelled.";

/// The client of Jurat: AI inference that anyone can check.
#[derive(Debug, Parser)]
#[command(name = "jurat", version, after_help = EXAMPLES, propagate_version = true)]
pub struct Cli {
	/// What every command takes.
	#[command(flatten)]
	pub global: Global,
	/// What to do.
	#[command(subcommand)]
	pub command: Command,
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
	/// The node's WebSocket.
	#[arg(long, global = true, env = "JURAT_URL", default_value = "ws://127.0.0.1:9944")]
	#[arg(value_name = "URL")]
	pub url: String,
	/// Print one JSON document on standard output; progress goes to standard error.
	#[arg(long, global = true)]
	pub json: bool,
	/// Who signs: a key's name, or a secret URI such as //Alice. On a development chain //Alice
	/// unless said otherwise.
	#[arg(long, global = true, env = "JURAT_KEY", hide_env_values = true)]
	#[arg(value_name = "KEY", allow_hyphen_values = true)]
	pub key: Option<String>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
	/// Ask for an inference and wait for the answer.
	Infer(infer::Infer),
	/// Models: publish and look at them.
	#[command(subcommand)]
	Model(model::Model),
	/// Requests: look at them, wait for them, withdraw them, have a larger panel decide.
	#[command(subcommand)]
	Request(request::Request),
	/// Serve models as an attester.
	#[command(subcommand)]
	Attester(attester::Attester),
	/// Keys that sign.
	#[command(subcommand)]
	Keys(keys::Keys),
	/// Blobs: files that the node keeps by their hash.
	#[command(subcommand)]
	Blob(blob::Blob),
	/// The chain, the node and its inference engine.
	Status,
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::amount::JUR;
	use clap::CommandFactory;

	/// Every command without subcommands, with the words that lead to it.
	fn leaves(command: &clap::Command, path: Vec<String>) -> Vec<(Vec<String>, clap::Command)> {
		let subcommands: Vec<_> =
			command.get_subcommands().filter(|sub| sub.get_name() != "help").collect();
		if subcommands.is_empty() {
			return vec![(path, command.clone())];
		}
		let deeper = |sub: &&clap::Command| {
			let mut path = path.clone();
			path.push(sub.get_name().to_owned());
			leaves(sub, path)
		};
		subcommands.iter().flat_map(deeper).collect()
	}

	fn all() -> Vec<(Vec<String>, clap::Command)> {
		let mut command = Cli::command();
		command.build();
		leaves(&command, vec!["jurat".into()])
	}

	#[test]
	fn the_command_line_is_sound() {
		Cli::command().debug_assert();
	}

	#[test]
	fn every_command_takes_json_url_and_key() {
		let all = all();
		assert!(all.len() >= 25, "{}", all.len());
		for (path, command) in all {
			for option in ["json", "url", "key"] {
				let found = command.get_arguments().any(|arg| arg.get_id() == option);
				assert!(found, "{} does not take --{option}", path.join(" "));
			}
		}
	}

	#[test]
	fn json_may_stand_behind_every_command() {
		for (path, command) in all() {
			let mut words = path.clone();
			for argument in command.get_positionals().filter(|arg| arg.is_required_set()) {
				// A value that every required argument takes.
				words.push(match argument.get_id().as_str() {
					"request" => "1".into(),
					"amount" | "size" => "1".into(),
					"hash" => "00".repeat(32),
					_ => "digits".into(),
				});
			}
			words.push("--json".into());
			let parsed = Cli::try_parse_from(&words);
			let parsed = parsed.unwrap_or_else(|error| panic!("{}: {error}", words.join(" ")));
			assert!(parsed.global.json, "{}", words.join(" "));
		}
	}

	#[test]
	fn a_larger_panel_is_asked_by_the_number_of_the_request() {
		let words = ["jurat", "request", "escalate", "7", "--max-fee", "0.5"];
		let cli = Cli::try_parse_from(words).unwrap();
		let Command::Request(request::Request::Escalate { request, max_fee }) = cli.command else {
			panic!("another command")
		};
		assert_eq!((request, max_fee.unwrap().0), (7, JUR / 2));
		assert!(Cli::try_parse_from(["jurat", "request", "escalate"]).is_err());
		assert!(Cli::try_parse_from(["jurat", "attester", "bond-extra", "5"]).is_ok());
	}

	#[test]
	fn every_command_and_option_says_what_it_is() {
		for (path, command) in all() {
			assert!(command.get_about().is_some(), "{} has no help", path.join(" "));
			for argument in command.get_arguments() {
				let words = path.join(" ");
				assert!(
					argument.get_help().is_some(),
					"{words}: {} has no help",
					argument.get_id()
				);
			}
		}
	}
}
