// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Options and subcommands of the node.

use std::path::PathBuf;

use sc_cli::RunCmd;

use crate::{
	equivocation::EquivocationArgs, exchange::ExchangeArgs, health::HealthArgs,
	inference::InferenceArgs, logging::LogArgs, serving::ServingArgs,
};

/// The Jurat node.
#[derive(Debug, clap::Parser)]
pub struct Cli {
	/// What to do other than run.
	#[command(subcommand)]
	pub subcommand: Option<Subcommand>,

	/// Options of a run.
	#[clap(flatten)]
	pub run: RunCmd,

	/// Options of inference and of the blob store.
	#[clap(flatten)]
	pub inference: InferenceArgs,

	/// Options of the exchange of blobs.
	#[clap(flatten)]
	pub exchange: ExchangeArgs,

	/// Options of serving.
	#[clap(flatten)]
	pub serving: ServingArgs,

	/// Options of the watch for equivocations.
	#[clap(flatten)]
	pub equivocation: EquivocationArgs,

	/// Options of the health endpoint.
	#[clap(flatten)]
	pub health: HealthArgs,

	/// Options of the log.
	#[clap(flatten)]
	pub log: LogArgs,

	/// Where machine code that was compiled from runtimes is kept, so that the next start need not
	/// compile it: a directory that nobody else can write to. Default: wasm-cache in the base path.
	#[arg(long, value_name = "DIR")]
	pub wasm_cache: Option<PathBuf>,
}

/// What the node can do other than run.
#[derive(Debug, clap::Subcommand)]
#[allow(clippy::large_enum_variant)]
pub enum Subcommand {
	/// Make, inspect and insert keys.
	#[command(subcommand)]
	Key(sc_cli::KeySubcommand),

	/// Write the specification of a chain to a file or to standard output.
	#[command(alias = "build-spec")]
	ExportChainSpec(sc_cli::ExportChainSpecCmd),

	/// Validate blocks once more.
	CheckBlock(sc_cli::CheckBlockCmd),

	/// Write blocks to a file.
	ExportBlocks(sc_cli::ExportBlocksCmd),

	/// Write the state of a block as a chain specification.
	ExportState(sc_cli::ExportStateCmd),

	/// Read blocks from a file.
	ImportBlocks(sc_cli::ImportBlocksCmd),

	/// Remove the whole chain.
	PurgeChain(sc_cli::PurgeChainCmd),

	/// Go back to an earlier block.
	Revert(sc_cli::RevertCmd),

	/// Show where the chain in the database stands.
	ChainInfo(sc_cli::ChainInfoCmd),
}
