// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Prometheus metrics of inference and of the blob store. What others count already is asked of
//! them when the metrics are read.

use jurat_engine::failure_name;
use jurat_primitives::{Answer, mailbox::JobResult};
use jurat_store::Store;
use std::sync::Arc;
use substrate_prometheus_endpoint::{
	CounterVec, Gauge, Histogram, HistogramOpts, MetricSource, Opts, PrometheusError, Registry,
	SourcedCounter, SourcedGauge, U64, register,
};

use super::{
	dispatch::Tally,
	engine::{EngineState, EngineStats},
	pool::Pool,
};

/// Upper bounds of the run's duration, in seconds.
const SECONDS: [f64; 13] =
	[0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.6, 1.0, 2.0, 5.0, 10.0, 30.0, 120.0];

/// Counts what happens in inference; nothing, if nobody asks for metrics.
#[derive(Clone, Default)]
pub struct Metrics(Option<Counted>);

#[derive(Clone)]
struct Counted {
	jobs: CounterVec<U64>,
	seconds: Histogram,
}

/// Whom the other metrics are asked of.
#[derive(Clone)]
pub struct Sources {
	/// Sessions and child processes.
	pub engine: EngineState,
	/// Blobs.
	pub store: Store,
	/// Slots.
	pub pool: Arc<Pool>,
	/// Jobs.
	pub tally: Arc<Tally>,
}

/// A number that is read when the metrics are.
#[derive(Clone)]
struct Read(Arc<dyn Fn() -> u64 + Send + Sync>);

impl MetricSource for Read {
	type N = u64;

	fn collect(&self, mut set: impl FnMut(&[&str], u64)) {
		set(&[], (self.0)());
	}
}

impl Metrics {
	/// Registers everything.
	pub fn register(
		registry: Option<&Registry>,
		sources: &Sources,
	) -> Result<Self, PrometheusError> {
		let Some(registry) = registry else { return Ok(Self::default()) };
		let jobs = register(
			CounterVec::new(
				Opts::new("jurat_inference_jobs_total", "Inference jobs that ended, by result"),
				&["result"],
			)?,
			registry,
		)?;
		let seconds = register(
			Histogram::with_opts(
				HistogramOpts::new(
					"jurat_inference_run_seconds",
					"Time of the runs that gave an output",
				)
				.buckets(SECONDS.into()),
			)?,
			registry,
		)?;
		// So that it is there, at zero, before the first job ends.
		jobs.with_label_values(&["done"]);
		sources.register(registry)?;
		Ok(Self(Some(Counted { jobs, seconds })))
	}

	/// A job has ended.
	pub fn job_ended(&self, result: &JobResult) {
		let Some(metrics) = &self.0 else { return };
		match &result.answer {
			Answer::Output(_) => {
				metrics.jobs.with_label_values(&["done"]).inc();
				metrics.seconds.observe(result.micros as f64 / 1e6);
			},
			Answer::Failure(failure) => {
				metrics.jobs.with_label_values(&[failure_name(*failure)]).inc();
			},
		}
	}
}

impl Sources {
	fn register(&self, registry: &Registry) -> Result<(), PrometheusError> {
		let read = |read: Box<dyn Fn(&Self) -> u64 + Send + Sync>| {
			let sources = self.clone();
			Read(Arc::new(move || read(&sources)))
		};
		let gauge = |name, help, of: fn(&Self) -> u64| {
			let gauge = SourcedGauge::new(&Opts::new(name, help), read(Box::new(of)))?;
			registry.register(Box::new(gauge))
		};
		gauge("jurat_inference_slots", "Models that may run at a time", |s| s.pool.slots() as u64)?;
		gauge("jurat_inference_slots_busy", "Models that run", |s| s.pool.busy() as u64)?;
		gauge("jurat_inference_queue", "Inference jobs that wait for a slot", |s| {
			s.tally.waiting() as u64
		})?;
		gauge("jurat_inference_fetching", "Inference jobs whose files are not here yet", |s| {
			s.tally.fetching() as u64
		})?;
		gauge("jurat_blobs", "Complete blobs", |s| s.store.usage().blobs)?;
		gauge("jurat_blob_bytes", "Bytes of complete blobs", |s| s.store.usage().bytes)?;
		gauge("jurat_blob_limit_bytes", "Bytes that blobs may take", |s| s.store.usage().limit)?;
		gauge("jurat_blob_uploads", "Open uploads", |s| s.store.usage().uploads)?;

		let Some(engine) = self.engine.get() else { return Ok(()) };
		let counter = |name, help, of: fn(EngineStats) -> u64| {
			let engine = engine.clone();
			let source = Read(Arc::new(move || of(engine.stats())));
			registry.register(Box::new(SourcedCounter::new(&Opts::new(name, help), source)?))
		};
		let sessions = |name, help, of: fn(EngineStats) -> u64| {
			let engine = engine.clone();
			let source = Read(Arc::new(move || of(engine.stats())));
			registry.register(Box::new(SourcedGauge::new(&Opts::new(name, help), source)?))
		};
		sessions("jurat_inference_sessions", "Loaded models", |s| s.sessions.len() as u64)?;
		sessions("jurat_inference_session_bytes", "Memory of loaded models", |s| {
			s.sessions.iter().map(|session| session.bytes).sum()
		})?;
		counter("jurat_inference_cache_hits_total", "Runs of a loaded model", |s| s.cache_hits)?;
		counter("jurat_inference_cache_misses_total", "Runs that loaded their model", |s| {
			s.cache_misses
		})?;
		counter("jurat_inference_stops_total", "Runs stopped at their deadline", |s| s.stops)?;
		counter("jurat_inference_worker_kills_total", "Child processes killed", |s| s.kills)?;
		counter("jurat_inference_worker_restarts_total", "Child processes started anew", |s| {
			s.restarts
		})?;

		let info = engine.info();
		let opts = Opts::new("jurat_inference_sandboxed", "Whether models run in a sandbox");
		register(Gauge::<U64>::with_opts(opts)?, registry)?.set(info.sandboxed.into());
		let labels =
			[("version", info.version), ("sha256", info.sha256), ("profile", info.profile)];
		let mut opts = Opts::new("jurat_inference_library_info", "The inference library; always 1");
		for (name, value) in labels {
			opts = opts.const_label(name, value);
		}
		register(Gauge::<U64>::with_opts(opts)?, registry)?.set(1);
		Ok(())
	}
}
