// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Prometheus metrics of serving.

use substrate_prometheus_endpoint::{MetricSource, Opts, PrometheusError, Registry, SourcedGauge};

use super::{rpc::state_name, steward::Board};

/// Every state that a release can be in.
const STATES: [&str; 5] = ["waiting", "trying", "ready", "missing", "refused"];

#[derive(Clone)]
struct Releases(Board);

impl MetricSource for Releases {
	type N = u64;

	fn collect(&self, mut set: impl FnMut(&[&str], u64)) {
		let board = self.0.lock();
		for state in STATES {
			let count = board.iter().filter(|shown| state_name(&shown.stage) == state).count();
			set(&[state], count as u64);
		}
	}
}

/// Registers everything.
pub fn register(registry: Option<&Registry>, board: &Board) -> Result<(), PrometheusError> {
	let Some(registry) = registry else { return Ok(()) };
	let mut opts = Opts::new(
		"jurat_serving_releases",
		"Releases that fit the rules of --serve, by how far the node is with them",
	);
	opts = opts.variable_label("state");
	registry.register(Box::new(SourcedGauge::new(&opts, Releases(board.clone()))?))
}
