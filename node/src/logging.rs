// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Lines for programs: with `--log-format json` each line on standard error is one JSON object.
//!
//! Lines for people are Substrate's own, which know no other format. So with this format the runner
//! is made here, out of the same parts, with another subscriber; the options that shape lines for
//! people have no effect.

use std::io;

use sc_cli::{CliConfiguration, Result, Runner, Signals, SubstrateCli};
use tracing_subscriber::EnvFilter;

use crate::cli::Cli;

/// What is logged unless `RUST_LOG` and `--log` say otherwise: what `sc-tracing` takes.
const DEFAULTS: &str = "info,ws=off,yamux=off,regalloc=off,cranelift_codegen=off,\
                        cranelift_wasm=warn,hyper=warn,trust_dns_proto=off,hickory_proto=off,\
                        libp2p_mdns::behaviour::iface=off,rustls::common_state=off,\
                        rustls::conn=off";

/// How lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
	/// For people.
	#[default]
	Text,
	/// For programs.
	Json,
}

/// Options of the log.
#[derive(Clone, Debug, clap::Args)]
pub struct LogArgs {
	/// How log lines look: `text` for people; `json`: one object a line, with `timestamp`, `level`,
	/// `target`, `message`, and what the line is about.
	#[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
	pub log_format: LogFormat,
}

/// What runs the node, with the log as the options say.
pub fn runner(cli: &Cli) -> Result<Runner<Cli>> {
	match cli.log.log_format {
		LogFormat::Text => cli.create_runner(&cli.run),
		LogFormat::Json => {
			let tokio = sc_cli::build_runtime()?;
			// In a runtime, and before anything that takes time.
			let signals = tokio.block_on(async { Signals::capture() })?;
			let config = cli.run.create_configuration(cli, tokio.handle().clone())?;
			sp_panic_handler::set(&Cli::support_url(), &Cli::impl_version());
			init(&cli.run.log_filters()?)?;
			if let Err(error) = fdlimit::raise_fd_limit() {
				tracing::warn!(%error, "cannot raise the limit of open files");
			}
			Runner::new(config, tokio, signals)
		},
	}
}

/// Writes lines from now on, of what these directives name.
fn init(directives: &str) -> Result<()> {
	let subscriber = tracing_subscriber::fmt()
		.json()
		.flatten_event(true)
		.with_current_span(false)
		.with_span_list(false)
		.with_writer(io::stderr)
		.with_env_filter(filter(directives)?);
	// Takes what is logged by way of the crate `log`, too.
	subscriber.try_init().map_err(sc_cli::Error::Application)
}

fn filter(directives: &str) -> Result<EnvFilter> {
	let wanted = [DEFAULTS, &std::env::var("RUST_LOG").unwrap_or_default(), directives];
	let mut filter = EnvFilter::default();
	for directive in wanted.into_iter().flat_map(|list| list.split(',')) {
		if !directive.is_empty() {
			let parsed = directive.parse().map_err(|error| {
				sc_cli::Error::Input(format!("`{directive}` is nothing to log: {error}"))
			})?;
			filter = filter.add_directive(parsed);
		}
	}
	Ok(filter)
}

#[cfg(test)]
mod tests {
	use super::filter;

	#[test]
	fn what_the_options_name_is_logged_beside_the_defaults() {
		let text = filter("inference=debug,runtime::attestation=trace").unwrap().to_string();
		for part in ["inference=debug", "runtime::attestation=trace", "yamux=off", "info"] {
			assert!(text.contains(part), "{part}: {text}");
		}
		assert!(filter("inference=loud").unwrap_err().to_string().contains("inference=loud"));
	}
}
