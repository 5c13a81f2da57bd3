// SPDX-License-Identifier: Apache-2.0
//! `jurat`: the client of the Jurat chain.

use clap::Parser;
use jurat_cli::{cli::Cli, commands};
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
	match Cli::try_parse() {
		Ok(cli) => commands::run(cli).await,
		Err(error) => commands::misused(&error),
	}
}
