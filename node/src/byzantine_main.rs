// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! The Jurat node with one option more, `--misbehave`: for tests of what validators that break the
//! rules can do. All else is as in `main.rs`.

use std::process::ExitCode;

mod byzantine;
mod chain_spec;
mod cli;
mod command;
mod equivocation;
mod exchange;
mod health;
mod inference;
mod logging;
mod rpc;
mod service;
mod serving;

fn main() -> sc_cli::Result<ExitCode> {
	match inference::worker().or_else(inference::bench) {
		Some(code) => Ok(code),
		None => command::run().map(|()| ExitCode::SUCCESS),
	}
}
