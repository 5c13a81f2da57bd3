// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Lines for programs: with `--log-format json` each line on standard error is one JSON object.
//!
//! Lines for people are Substrate's own, which know no other format. So with this format the runner
//! is made here, out of the same parts, with another subscriber; the options that shape lines for
//! people have no effect. The format that `tracing-subscriber` has for JSON is not used: flat, it
//! names the source file of each line that comes by way of the crate `log`, and a key twice.

use std::{fmt, io};

use sc_cli::{CliConfiguration, Result, Runner, Signals, SubstrateCli};
use serde_json::{Map, Value};
use tracing::{
	Event, Subscriber,
	field::{Field, Visit},
};
use tracing_log::NormalizeEvent;
use tracing_subscriber::{
	EnvFilter,
	fmt::{
		FmtContext, FormatEvent, FormatFields,
		format::Writer,
		time::{FormatTime, SystemTime},
	},
	registry::LookupSpan,
};

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
		.event_format(Json)
		.with_writer(io::stderr)
		.with_env_filter(filter(directives)?);
	// Takes what is logged by way of the crate `log`, too.
	subscriber.try_init().map_err(sc_cli::Error::Application)
}

/// One object a line.
struct Json;

impl<S, N> FormatEvent<S, N> for Json
where
	S: Subscriber + for<'a> LookupSpan<'a>,
	N: for<'a> FormatFields<'a> + 'static,
{
	fn format_event(
		&self,
		_: &FmtContext<'_, S, N>,
		mut writer: Writer<'_>,
		event: &Event<'_>,
	) -> fmt::Result {
		// Of what comes by way of `log` these are the true ones.
		let normalized = event.normalized_metadata();
		let metadata = normalized.as_ref().unwrap_or_else(|| event.metadata());
		let mut time = String::new();
		SystemTime.format_time(&mut Writer::new(&mut time))?;

		let mut fields = Fields::default();
		event.record(&mut fields);
		let Fields(mut line) = fields;
		// Last: no field can pass itself off as one of these.
		line.insert("timestamp".into(), time.into());
		line.insert("level".into(), metadata.level().as_str().into());
		line.insert("target".into(), metadata.target().into());
		writeln!(writer, "{}", Value::Object(line))
	}
}

/// What a line is about.
#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
	fn set(&mut self, field: &Field, value: Value) {
		// Where in the source a line of the crate `log` comes from.
		if !field.name().starts_with("log.") {
			self.0.insert(field.name().into(), value);
		}
	}
}

impl Visit for Fields {
	fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
		self.set(field, format!("{value:?}").into());
	}

	fn record_str(&mut self, field: &Field, value: &str) {
		self.set(field, value.into());
	}

	fn record_bool(&mut self, field: &Field, value: bool) {
		self.set(field, value.into());
	}

	fn record_i64(&mut self, field: &Field, value: i64) {
		self.set(field, value.into());
	}

	fn record_u64(&mut self, field: &Field, value: u64) {
		self.set(field, value.into());
	}

	fn record_f64(&mut self, field: &Field, value: f64) {
		// What is no number in JSON becomes `null`.
		self.set(field, value.into());
	}
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
	use super::{Json, filter};
	use serde_json::{Value, json};
	use std::{
		io::{self, Write},
		sync::{Arc, Mutex},
	};

	#[test]
	fn what_the_options_name_is_logged_beside_the_defaults() {
		let text = filter("inference=debug,runtime::attestation=trace").unwrap().to_string();
		for part in ["inference=debug", "runtime::attestation=trace", "yamux=off", "info"] {
			assert!(text.contains(part), "{part}: {text}");
		}
		assert!(filter("inference=loud").unwrap_err().to_string().contains("inference=loud"));
	}

	/// Keeps what is written.
	#[derive(Clone, Default)]
	struct Kept(Arc<Mutex<Vec<u8>>>);

	impl Write for Kept {
		fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
			self.0.lock().unwrap().write(bytes)
		}

		fn flush(&mut self) -> io::Result<()> {
			Ok(())
		}
	}

	#[test]
	fn a_line_is_an_object_with_what_it_is_about() {
		let kept = Kept::default();
		let writer = kept.clone();
		let subscriber = tracing_subscriber::fmt()
			.event_format(Json)
			.with_writer(move || writer.clone())
			.finish();
		tracing::subscriber::with_default(subscriber, || {
			let failure = io::Error::other("a \"quoted\" word\nand a line");
			tracing::warn!(
				target: "inference", request = 7u64, ratio = f64::NAN, ok = true, %failure,
				level = "none", "{} of {}", 1, 2,
			);
			tracing::info!("plain");
		});
		let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
		let mut lines: Vec<Value> =
			text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
		assert_eq!(lines.len(), 2, "{text}");
		let time = lines[0]["timestamp"].take();
		assert!(time.as_str().is_some_and(|time| time.ends_with('Z') && time.contains('T')));
		let expected = json!({
			"timestamp": null,
			"level": "WARN",
			"target": "inference",
			"message": "1 of 2",
			"request": 7,
			"ratio": null,
			"ok": true,
			"failure": "a \"quoted\" word\nand a line",
		});
		assert_eq!(lines[0], expected);
		assert_eq!(lines[1]["message"], "plain");
	}
}
