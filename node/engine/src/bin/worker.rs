// SPDX-License-Identifier: Apache-2.0
//! The inference worker as a program of its own. `jurat-node inference-worker` is the same.

use std::process::ExitCode;

fn main() -> ExitCode {
	jurat_engine::worker_main(std::env::args().skip(1))
}
