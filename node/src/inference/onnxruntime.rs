// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! placeholder
use super::{args::InferenceArgs, engine::EngineState};
use std::process::ExitCode;
pub const WORKER_SUBCOMMAND: &str = "inference-worker";
pub fn worker_main() -> ExitCode {
	ExitCode::FAILURE
}
pub fn start(_args: &InferenceArgs) -> EngineState {
	EngineState::Unavailable("not built".into())
}
