// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Prometheus metrics of the watch.

use substrate_prometheus_endpoint::{Counter, Gauge, PrometheusError, Registry, U64, register};

/// Counts; nothing, if nobody asks for metrics.
#[derive(Clone, Default)]
pub struct Metrics(Option<Counted>);

#[derive(Clone)]
struct Counted {
	watched: Gauge<U64>,
	found: Counter<U64>,
	reports: Counter<U64>,
}

impl Metrics {
	/// Registers everything.
	pub fn register(registry: Option<&Registry>) -> Result<Self, PrometheusError> {
		let Some(registry) = registry else { return Ok(Self::default()) };
		let watched = Gauge::new(
			"jurat_equivocation_watched",
			"Commitments and reveals that are held against later ones",
		)?;
		let found = Counter::new(
			"jurat_equivocations_found_total",
			"Attesters found to equivocate, each once for each session",
		)?;
		let reports = Counter::new(
			"jurat_equivocation_reports_total",
			"Reports of equivocations that the pool of this node took",
		)?;
		Ok(Self(Some(Counted {
			watched: register(watched, registry)?,
			found: register(found, registry)?,
			reports: register(reports, registry)?,
		})))
	}

	/// So many entries are remembered.
	pub fn watched(&self, entries: usize) {
		if let Some(metrics) = &self.0 {
			metrics.watched.set(entries as u64);
		}
	}

	/// An equivocation was found.
	pub fn found(&self) {
		if let Some(metrics) = &self.0 {
			metrics.found.inc();
		}
	}

	/// A report was submitted.
	pub fn reported(&self) {
		if let Some(metrics) = &self.0 {
			metrics.reports.inc();
		}
	}
}
