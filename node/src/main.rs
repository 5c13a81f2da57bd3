// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! The Jurat node: keeps the chain, writes and finalises blocks as a validator, and does the
//! native part of inference.
//!
//! | file | holds |
//! | --- | --- |
//! | `cli` | options and subcommands |
//! | `command` | what each subcommand does |
//! | `chain_spec` | the networks that come with the node |
//! | `equivocation` | watches for attesters that contradict themselves, and reports them |
//! | `inference` | runs models: the native part of inference, and the blob store |
//! | `serving` | fetches, tries and announces what the operator wants to serve |
//! | `health` | tells over HTTP how the node is doing |
//! | `logging` | log lines for programs |
//! | `service` | the parts of a running node and how they are joined |
//! | `rpc` | methods beyond the standard ones |
//!
//! `byzantine` and `byzantine_main.rs` are another binary: validators that misbehave, for tests.

#![warn(missing_docs)]

use std::process::ExitCode;

#[cfg(all(feature = "byzantine", not(test)))]
compile_error!(
	"jurat-node is never built with the feature `byzantine`: add `--bin jurat-byzantine-node`"
);

#[cfg(feature = "byzantine")]
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
	// Processes that run models, or measure how fast that is, are started from this same binary, and
	// are nothing else.
	match inference::worker().or_else(inference::bench) {
		Some(code) => Ok(code),
		None => command::run().map(|()| ExitCode::SUCCESS),
	}
}
