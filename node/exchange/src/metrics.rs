// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Prometheus metrics of the exchange.

use std::{sync::Arc, time::Duration};
use substrate_prometheus_endpoint::{
	Counter, CounterVec, Gauge, Histogram, HistogramOpts, Opts, PrometheusError, Registry, U64,
	register,
};

/// Upper bounds of the time that a range takes, in seconds.
const SECONDS: [f64; 11] = [0.01, 0.03, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0];

/// What became of a range that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
	/// It came, and is the one.
	Ok,
	/// It came, and is another.
	Wrong,
	/// It came when another peer had already sent it.
	Late,
	/// It did not come in time.
	Timeout,
	/// The peer does not have it.
	NotHere,
	/// The peer put us off.
	Busy,
	/// The peer could not be reached, or closed the stream.
	Failed,
}

impl Asked {
	fn label(self) -> &'static str {
		match self {
			Self::Ok => "ok",
			Self::Wrong => "wrong",
			Self::Late => "late",
			Self::Timeout => "timeout",
			Self::NotHere => "not_here",
			Self::Busy => "busy",
			Self::Failed => "failed",
		}
	}
}

/// What became of a request of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Served {
	/// It got what it asked for.
	Ok,
	/// It is not here.
	NotHere,
	/// It was put off.
	Busy,
	/// It got no answer, and lost reputation.
	Abuse,
	/// It was gone before the answer was.
	Gone,
}

impl Served {
	fn label(self) -> &'static str {
		match self {
			Self::Ok => "ok",
			Self::NotHere => "not_here",
			Self::Busy => "busy",
			Self::Abuse => "abuse",
			Self::Gone => "gone",
		}
	}
}

struct Counted {
	received: CounterVec<U64>,
	sent: Counter<U64>,
	asked: CounterVec<U64>,
	served: CounterVec<U64>,
	penalised: Counter<U64>,
	in_flight: Gauge<U64>,
	finished: CounterVec<U64>,
	providers: Counter<U64>,
	announced: Gauge<U64>,
	queue: Gauge<U64>,
	seconds: Histogram,
}

/// Counts; nothing, if nobody asks for metrics.
#[derive(Clone, Default)]
pub(crate) struct Metrics(Option<Arc<Counted>>);

impl Metrics {
	/// Registers everything.
	pub fn register(registry: Option<&Registry>) -> Result<Self, PrometheusError> {
		let Some(registry) = registry else { return Ok(Self::default()) };
		let counter = |name, help| register(Counter::<U64>::new(name, help)?, registry);
		let gauge = |name, help| register(Gauge::<U64>::new(name, help)?, registry);
		let by = |name, help, label| {
			register(CounterVec::<U64>::new(Opts::new(name, help), &[label])?, registry)
		};
		let seconds = HistogramOpts::new(
			"jurat_exchange_range_seconds",
			"Time from the request for a range to its arrival, checked",
		);
		Ok(Self(Some(Arc::new(Counted {
			received: by(
				"jurat_exchange_received_bytes_total",
				"Bytes of blobs received and found right, by where they came from",
				"from",
			)?,
			sent: counter(
				"jurat_exchange_sent_bytes_total",
				"Bytes of ranges sent to peers, with their proofs",
			)?,
			asked: by(
				"jurat_exchange_ranges_asked_total",
				"Ranges asked of peers, by what came of it",
				"result",
			)?,
			served: by(
				"jurat_exchange_requests_served_total",
				"Requests of peers, by what they got",
				"result",
			)?,
			penalised: counter(
				"jurat_exchange_peers_penalised_total",
				"Times that a peer lost reputation over blobs",
			)?,
			in_flight: gauge("jurat_exchange_fetches", "Blobs that are being fetched")?,
			finished: by(
				"jurat_exchange_fetches_total",
				"Blobs that are no longer being fetched, by what came of it",
				"result",
			)?,
			providers: counter(
				"jurat_exchange_providers_found_total",
				"Peers that the distributed hash table named as having a wanted blob",
			)?,
			announced: gauge(
				"jurat_exchange_announced_blobs",
				"Blobs that this node has told the network of",
			)?,
			queue: gauge(
				"jurat_exchange_queue",
				"Requests for ranges that are waited for, read or sent",
			)?,
			seconds: register(Histogram::with_opts(seconds.buckets(SECONDS.into()))?, registry)?,
		}))))
	}

	fn with(&self, count: impl FnOnce(&Counted)) {
		if let Some(counted) = &self.0 {
			count(counted);
		}
	}

	/// A range that was asked of a peer.
	pub fn asked(&self, result: Asked) {
		self.with(|counted| counted.asked.with_label_values(&[result.label()]).inc());
	}

	/// A range of so many bytes came after this time, and is right.
	pub fn received(&self, bytes: u64, took: Duration) {
		self.with(|counted| {
			counted.received.with_label_values(&["peers"]).inc_by(bytes);
			counted.seconds.observe(took.as_secs_f64());
		});
	}

	/// So many bytes came from a mirror.
	pub fn mirrored(&self, bytes: u64) {
		self.with(|counted| counted.received.with_label_values(&["mirrors"]).inc_by(bytes));
	}

	/// A request of a peer, and the bytes of the range that it got.
	pub fn served(&self, result: Served, bytes: u64) {
		self.with(|counted| {
			counted.served.with_label_values(&[result.label()]).inc();
			counted.sent.inc_by(bytes);
		});
	}

	/// A peer lost reputation.
	pub fn penalised(&self) {
		self.with(|counted| counted.penalised.inc());
	}

	/// A fetch has begun.
	pub fn begun(&self) {
		self.with(|counted| counted.in_flight.inc());
	}

	/// A fetch has come to an end.
	pub fn ended(&self, result: &'static str) {
		self.with(|counted| {
			counted.in_flight.dec();
			counted.finished.with_label_values(&[result]).inc();
		});
	}

	/// The network named a peer.
	pub fn provider_found(&self) {
		self.with(|counted| counted.providers.inc());
	}

	/// The network knows of so many blobs of this node.
	pub fn announced(&self, blobs: usize) {
		self.with(|counted| counted.announced.set(blobs as u64));
	}

	/// So many requests for ranges are waiting or being answered.
	pub fn queue(&self, requests: usize) {
		self.with(|counted| counted.queue.set(requests as u64));
	}

	#[cfg(test)]
	pub fn ranges(&self, result: Asked) -> u64 {
		let Some(counted) = &self.0 else { return 0 };
		counted.asked.with_label_values(&[result.label()]).get()
	}
}
