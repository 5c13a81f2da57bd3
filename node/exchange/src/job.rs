// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! One transfer: does what its [`Plan`] says, and tells it what came of it.

use codec::Encode;
use futures::{
	FutureExt, StreamExt,
	future::BoxFuture,
	stream::{BoxStream, FuturesUnordered, SelectAll},
};
use jurat_store::{ContentHash, StoreError};
use sc_network::ReputationChange;
use sc_network_types::PeerId;
use std::{
	collections::HashSet,
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::sync::Semaphore;

use crate::{
	FetchError, LOG_TARGET,
	metrics::{Asked, Metrics},
	network::{Network, RequestError, cost},
	plan::{Action, Plan, Rules, jitter},
	protocol::{Held, Request, Response},
	shelf::Partial,
};

/// Numbers of a transfer.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
	pub rules: Rules,
	/// Ranges of one blob asked for at a time.
	pub parallel: usize,
	/// How long a peer has to send a range.
	pub range_timeout: Duration,
	/// How long a peer has to say what it has.
	pub ask_timeout: Duration,
	/// Connected peers that are tried at each look around.
	pub fan_out: usize,
	/// Time until the second look around; it doubles with each.
	pub look_again: Duration,
	/// How long the network may take to name those who have a blob.
	pub look_up: Duration,
	/// How long after the last range came a transfer of which nobody has any more ends.
	pub nobody: Duration,
	/// How long after that it ends though some say that they have more.
	pub stalled: Duration,
}

impl Default for Pace {
	fn default() -> Self {
		Self {
			rules: Rules::default(),
			parallel: 8,
			range_timeout: Duration::from_secs(15),
			ask_timeout: Duration::from_secs(5),
			fan_out: 16,
			look_again: Duration::from_secs(2),
			look_up: Duration::from_secs(20),
			nobody: Duration::from_secs(8),
			stalled: Duration::from_secs(45),
		}
	}
}

/// Peers that may have the blob, and whether they are connected.
type Found = BoxStream<'static, (PeerId, bool)>;

/// What came of one request to a peer.
enum Outcome {
	Has(Held),
	/// A range that is now in the store; bytes of the response.
	Range(u64),
	Wrong(ReputationChange),
	NotHere,
	Busy(Duration),
	Failed(RequestError),
	/// The store could not take a range, which is not the peer's fault.
	Store(StoreError),
}

struct Done {
	action: Action,
	outcome: Outcome,
	took: Duration,
}

/// One transfer.
pub(crate) struct Job {
	pub content: ContentHash,
	pub size: u64,
	pub partial: Arc<Partial>,
	pub network: Arc<dyn Network>,
	pub pace: Pace,
	/// Ranges asked for at a time by all transfers.
	pub permits: Arc<Semaphore>,
	pub metrics: Metrics,
}

impl Job {
	/// Runs until every range is there, or nobody helps any more. May be dropped at any time: what
	/// has been accepted stays.
	pub async fn run(self) -> Result<(), FetchError> {
		let rules = self.pace.rules.clone();
		let mut plan = Plan::new(rules, self.partial.ranges(), self.partial.missing());
		let mut running = FuturesUnordered::<BoxFuture<'static, Done>>::new();
		let mut found = SelectAll::<Found>::new();
		let mut named = HashSet::new();
		let began = Instant::now();
		let mut progress = began;
		let (mut look, mut rest) = (began, self.pace.look_again);
		let mut looks = 0u32;
		loop {
			if plan.is_done() {
				return Ok(());
			}
			let now = Instant::now();
			if now >= look {
				self.look_around(&mut found, looks);
				looks += 1;
				look = now + jitter(rest);
				rest = (rest * 2).min(self.pace.stalled / 2);
			}
			while running.len() < self.pace.parallel
				&& let Some(action) = plan.next(Instant::now())
			{
				running.push(self.start(action));
			}
			let quiet = now.saturating_duration_since(progress);
			let idle = running.is_empty() && found.is_empty() && plan.is_hopeless();
			// Nobody there at all; or twice around, so that who is just getting it is found; or
			// some had it and are gone, and may come back.
			if idle && (plan.is_alone() || quiet > self.pace.nobody)
				|| idle && looks > 1 && !plan.was_claimed()
			{
				return Err(FetchError::NotFound(self.content));
			}
			if quiet > self.pace.stalled {
				return Err(FetchError::Stalled(self.content));
			}
			let wake = plan.wake_at(now).map_or(look, |wake| wake.min(look));
			// At least now and then, to see whether it is time to end.
			let wake = wake.min(now + Duration::from_secs(1));
			tokio::select! {
				Some(done) = running.next(), if !running.is_empty() => {
					if let Done { outcome: Outcome::Range(_), .. } = done {
						progress = Instant::now();
					}
					self.note(&mut plan, done)?;
				},
				Some((peer, connected)) = found.next(), if !found.is_empty() => {
					if named.insert(peer) && named.len() > 4 * self.pace.rules.candidates {
						// Whoever can name so many peers could name any number.
						named.clear();
						found.clear();
					}
					plan.add(peer, connected, Instant::now());
				},
				() = tokio::time::sleep_until(wake.into()) => {},
			}
		}
	}

	/// Looks for peers: some of those connected, and, every other time, who the network names.
	fn look_around(&self, found: &mut SelectAll<Found>, looks: u32) {
		let (fan_out, connected) = (self.pace.fan_out, self.network.connected());
		let connected = async move {
			let mut peers = connected.await;
			fastrand::shuffle(&mut peers);
			peers.truncate(fan_out);
			futures::stream::iter(peers).map(|peer| (peer, true))
		};
		found.push(connected.flatten_stream().boxed());
		if looks.is_multiple_of(2) {
			let metrics = self.metrics.clone();
			let providers = self.network.providers(self.content);
			let providers = providers.take(self.pace.rules.candidates);
			let providers = providers.inspect(move |_| metrics.provider_found());
			let end = tokio::time::sleep(self.pace.look_up);
			found.push(providers.take_until(end).map(|peer| (peer, false)).boxed());
		}
	}

	/// Begins a request.
	fn start(&self, action: Action) -> BoxFuture<'static, Done> {
		let (content, size) = (self.content, self.size);
		let (peer, request, timeout) = match action {
			Action::Ask(peer) => (peer, Request::Have { content, size }, self.pace.ask_timeout),
			Action::Get(peer, index) => {
				(peer, Request::Range { content, size, index }, self.pace.range_timeout)
			},
		};
		let (network, permits) = (self.network.clone(), self.permits.clone());
		let partial = self.partial.clone();
		async move {
			let _permit = match action {
				// Closed only when the node stops, and then nothing matters.
				Action::Get(..) => permits.acquire_owned().await.ok(),
				Action::Ask(_) => None,
			};
			let started = Instant::now();
			let response = network.request(peer, request.encode());
			let outcome = match tokio::time::timeout(timeout, response).await {
				Err(_) => Outcome::Failed(RequestError::TimedOut),
				Ok(Err(error)) => Outcome::Failed(error),
				Ok(Ok(response)) => outcome(action, &response, partial).await,
			};
			Done { action, outcome, took: started.elapsed() }
		}
		.boxed()
	}

	/// Takes note of what came of a request.
	fn note(&self, plan: &mut Plan, done: Done) -> Result<(), FetchError> {
		let Done { action, outcome, took } = done;
		let (peer, index) = match action {
			Action::Ask(peer) => (peer, None),
			Action::Get(peer, index) => (peer, Some(index)),
		};
		let now = Instant::now();
		let asked = match outcome {
			Outcome::Has(held) => {
				plan.has(&peer, held, now);
				return Ok(());
			},
			Outcome::Range(bytes) => {
				let Some(index) = index else { return Ok(()) };
				let wanted = plan.wants(index);
				if wanted {
					plan.received(&peer, index, took);
					self.metrics.received(bytes, took);
				} else {
					plan.superfluous(&peer, index);
				}
				if wanted { Asked::Ok } else { Asked::Late }
			},
			Outcome::Wrong(change) => {
				tracing::warn!(
					target: LOG_TARGET, %peer, content = %self.content, "a peer lies: {}", change.reason,
				);
				plan.lied(&peer, index);
				self.report(peer, change);
				Asked::Wrong
			},
			Outcome::NotHere => {
				plan.not_here(&peer, index, now);
				Asked::NotHere
			},
			Outcome::Busy(retry_after) => {
				plan.busy(&peer, index, retry_after, now);
				Asked::Busy
			},
			Outcome::Failed(error) => {
				log::debug!(target: LOG_TARGET, "blob {}: peer {peer}: {error}", self.content);
				plan.failed(&peer, index, now);
				if error == RequestError::TimedOut {
					if index.is_some() {
						self.report(peer, cost::STALLED);
					}
					Asked::Timeout
				} else {
					Asked::Failed
				}
			},
			Outcome::Store(error) => return Err(error.into()),
		};
		if index.is_some() {
			self.metrics.asked(asked);
		}
		Ok(())
	}

	fn report(&self, peer: PeerId, change: ReputationChange) {
		self.metrics.penalised();
		self.network.report(peer, change);
	}
}

/// Reads a response, and puts a range into the store.
async fn outcome(action: Action, response: &[u8], partial: Arc<Partial>) -> Outcome {
	match (Response::read(response), action) {
		(Ok(Response::NotHere), _) => Outcome::NotHere,
		(Ok(Response::Busy { retry_after }), _) => {
			Outcome::Busy(Duration::from_millis(retry_after.into()))
		},
		(Ok(Response::Have(held)), Action::Ask(_)) => Outcome::Has(held),
		(Ok(Response::Range(encoded)), Action::Get(_, index)) => {
			let bytes = encoded.len() as u64;
			let accept = move || partial.accept(index, &encoded);
			match tokio::task::spawn_blocking(accept).await {
				Ok(Ok(true)) => Outcome::Range(bytes),
				Ok(Ok(false)) => Outcome::Wrong(cost::WRONG_RANGE),
				Ok(Err(error)) => Outcome::Store(error),
				// Only while the runtime shuts down, or after a panic in the store.
				Err(_) => Outcome::Failed(RequestError::Refused),
			}
		},
		// What is no response, or one to another question.
		_ => Outcome::Wrong(cost::BAD_RESPONSE),
	}
}
