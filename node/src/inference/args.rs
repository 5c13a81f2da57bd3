// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Options of inference and of the blob store.

use jurat_engine::SandboxMode;
use std::{path::PathBuf, thread, time::Duration};

const MIB: u64 = 1024 * 1024;
const GIB: u64 = 1024 * MIB;

/// Options of inference and of the blob store.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Inference")]
pub struct InferenceArgs {
	/// The ONNX Runtime library (libonnxruntime.so). Without this option it is looked for beside
	/// the node's binary. A node without it follows the chain but serves no model.
	#[arg(long, value_name = "PATH")]
	pub onnxruntime: Option<PathBuf>,

	/// Take all files of this directory into the blob store at the start, so that their models can
	/// be served.
	#[arg(long, value_name = "DIR")]
	pub model_dir: Option<PathBuf>,

	/// Models that run at a time, each in a process of its own on one core. Default: half of the
	/// cores, at least 1.
	#[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
	pub inference_slots: Option<u16>,

	/// Memory for loaded models that wait for their next run, in MiB.
	#[arg(long, value_name = "MIB", default_value_t = 2048)]
	pub session_budget_mib: u64,

	/// Memory that one process running models may have, in MiB.
	#[arg(long, value_name = "MIB", default_value_t = 4096,
		value_parser = clap::value_parser!(u64).range(64..))]
	pub worker_memory_mib: u64,

	/// What to do where the kernel cannot hold the processes that run models (Landlock, seccomp).
	/// Models are programs of strangers.
	#[arg(long, value_name = "MODE", value_enum, default_value_t)]
	pub sandbox: Sandbox,

	/// Disk space for model files and large tensors, in GiB.
	#[arg(long, value_name = "GIB", default_value_t = 50)]
	pub blob_cap_gib: u64,

	/// Seconds for which a node that stops lets models finish that run. What waits, or takes longer,
	/// is run when the node is back.
	#[arg(long, value_name = "SECONDS", default_value_t = 10,
		value_parser = clap::value_parser!(u64).range(0..=40))]
	pub inference_grace: u64,

	/// How this node misbehaves.
	#[cfg(feature = "byzantine")]
	#[command(flatten)]
	pub misbehaviour: crate::byzantine::MisbehaviourArgs,
}

/// What to do where the kernel cannot hold the processes that run models.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Sandbox {
	/// Serve no model.
	Enforce,
	/// Serve with what the kernel has, and warn of what is missing.
	#[default]
	BestEffort,
	/// Serve without, even where the kernel could.
	Off,
}

impl From<Sandbox> for SandboxMode {
	fn from(sandbox: Sandbox) -> Self {
		match sandbox {
			Sandbox::Enforce => Self::Enforce,
			Sandbox::BestEffort => Self::BestEffort,
			Sandbox::Off => Self::Off,
		}
	}
}

impl InferenceArgs {
	/// Models that run at a time.
	pub fn slots(&self) -> usize {
		match self.inference_slots {
			Some(slots) => slots.max(1).into(),
			None => thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1)),
		}
	}

	/// Memory for loaded models, in bytes.
	pub fn session_budget(&self) -> u64 {
		self.session_budget_mib.saturating_mul(MIB)
	}

	/// Memory of one process that runs models, in bytes.
	pub fn worker_memory(&self) -> u64 {
		self.worker_memory_mib.saturating_mul(MIB)
	}

	/// Time to finish what runs.
	pub fn grace(&self) -> Duration {
		Duration::from_secs(self.inference_grace)
	}

	/// Disk space for blobs, in bytes.
	pub fn blob_cap(&self) -> u64 {
		self.blob_cap_gib.saturating_mul(GIB)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::Parser;

	#[derive(Parser)]
	struct Cli {
		#[command(flatten)]
		inference: InferenceArgs,
	}

	fn parse(args: &[&str]) -> Result<InferenceArgs, clap::Error> {
		Cli::try_parse_from([&["node"], args].concat()).map(|cli| cli.inference)
	}

	#[test]
	fn there_is_at_least_one_slot() {
		assert!(parse(&[]).unwrap().slots() >= 1);
		assert_eq!(parse(&["--inference-slots", "3"]).unwrap().slots(), 3);
		assert!(parse(&["--inference-slots", "0"]).is_err());
	}

	#[test]
	fn the_sandbox_is_as_good_as_the_kernel_unless_told_otherwise() {
		let mode = |args: &[&str]| SandboxMode::from(parse(args).unwrap().sandbox);
		assert_eq!(mode(&[]), SandboxMode::default());
		assert_eq!(mode(&["--sandbox", "enforce"]), SandboxMode::Enforce);
		assert_eq!(mode(&["--sandbox", "best-effort"]), SandboxMode::BestEffort);
		assert_eq!(mode(&["--sandbox", "off"]), SandboxMode::Off);
	}

	#[test]
	fn sizes_are_given_in_binary_units_and_do_not_overflow() {
		let args = parse(&["--session-budget-mib", "1", "--blob-cap-gib", "2"]).unwrap();
		assert_eq!((args.session_budget(), args.blob_cap()), (1 << 20, 2 << 30));
		let args = parse(&["--blob-cap-gib", "18446744073709551615"]).unwrap();
		assert_eq!(args.blob_cap(), u64::MAX);
		assert!(parse(&["--worker-memory-mib", "1"]).is_err());
	}
}
