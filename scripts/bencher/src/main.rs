// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Measures the benchmarks of a runtime and writes weights, as `frame-omni-bencher` does; see
//! `scripts/weights.sh`. In the workspace, so that it is built from the same lock file.

use clap::Parser;
use sp_runtime::traits::HashingFor;

/// The options of `benchmark pallet`.
#[derive(Parser)]
#[command(about)]
struct Options {
	#[command(flatten)]
	pallet: frame_benchmarking_cli::PalletCmd,
}

fn main() -> sc_cli::Result<()> {
	sc_cli::LoggerBuilder::new("info").init()?;
	// The runtime imports the standard host functions only.
	Options::parse().pallet.run_with_spec::<HashingFor<Block>, ()>(None)
}

/// Only its hashing matters here: that of every Substrate chain.
type Block = sp_runtime::generic::Block<
	sp_runtime::generic::Header<u32, sp_runtime::traits::BlakeTwo256>,
	sp_runtime::OpaqueExtrinsic,
>;
