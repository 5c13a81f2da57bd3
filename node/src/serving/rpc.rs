// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! `inference_serving`: what this node serves by its rules, and why not more.

use jsonrpsee::{core::RpcResult, proc_macros::rpc};
use serde::Serialize;

use super::steward::{Board, Shown, Stage};

/// A release that fits the rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Release {
	/// Number of the model.
	pub model: u32,
	/// Name of the model.
	pub name: String,
	/// Version of the release.
	pub version: String,
	/// BLAKE3 hash of the file.
	pub content: String,
	/// Its size in bytes.
	pub size: u64,
	/// `waiting`, `trying`, `ready`, `missing` or `refused`.
	pub state: &'static str,
	/// Why it is missing or refused.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub reason: Option<String>,
	/// Time of a run on the largest inputs, in microseconds, if it runs here.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub micros: Option<u64>,
}

impl From<&Shown> for Release {
	fn from(shown: &Shown) -> Self {
		let (reason, micros) = match &shown.stage {
			Stage::Waiting | Stage::Trying => (None, None),
			Stage::Ready { micros } => (None, Some(*micros)),
			Stage::Missing { reason } | Stage::Refused { reason } => (Some(reason.clone()), None),
		};
		Self {
			model: shown.release.model,
			name: shown.name.clone(),
			version: shown.release.version.to_string(),
			content: shown.content.to_string(),
			size: shown.size,
			state: state_name(&shown.stage),
			reason,
			micros,
		}
	}
}

/// The name of a state.
pub fn state_name(stage: &Stage) -> &'static str {
	match stage {
		Stage::Waiting => "waiting",
		Stage::Trying => "trying",
		Stage::Ready { .. } => "ready",
		Stage::Missing { .. } => "missing",
		Stage::Refused { .. } => "refused",
	}
}

/// Methods of serving.
#[rpc(server)]
pub trait ServingApi {
	/// The releases that fit the rules of `--serve`; empty without rules.
	#[method(name = "inference_serving")]
	fn serving(&self) -> RpcResult<Vec<Release>>;
}

/// Answers calls.
pub struct Serving {
	board: Board,
}

impl Serving {
	/// Answers with what is on this board.
	pub fn new(board: Board) -> Self {
		Self { board }
	}
}

impl ServingApiServer for Serving {
	fn serving(&self) -> RpcResult<Vec<Release>> {
		Ok(self.board.lock().iter().map(Release::from).collect())
	}
}
