// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Fetches: who waits for which blob.

use futures::{FutureExt, channel::oneshot, future::Either};
use futures_timer::Delay;
use jurat_store::{BlobError, BlobSource, ContentHash, Store};
use parking_lot::Mutex;
use sp_core::traits::SpawnNamed;
use std::{
	collections::HashMap,
	path::PathBuf,
	pin::pin,
	sync::{
		Arc, Weak,
		atomic::{AtomicBool, Ordering},
	},
	time::Instant,
};
use substrate_prometheus_endpoint::{PrometheusError, Registry};
use tokio::sync::{Notify, Semaphore, watch};

use crate::{
	FetchError, LOG_TARGET, Mirrors, Network, Server,
	announce::Announcer,
	gate::ServeLimits,
	job::{Job, Pace},
	metrics::Metrics,
	shelf::{Key, Shelf},
};
use sc_network::request_responses::IncomingRequest;

/// Numbers of an exchange.
#[derive(Clone, Debug)]
pub struct Config {
	/// What peers may have.
	pub serve: ServeLimits,
	/// Ranges of one blob that are asked for at a time.
	pub parallel: usize,
	/// Ranges of all blobs that are asked for at a time. Each takes as much memory as a range, and
	/// twice that while it is checked.
	pub parallel_all: usize,
	/// Blobs that are fetched at a time.
	pub fetches: usize,
	/// Blobs that are fetched or wait for their turn.
	pub fetches_waiting: usize,
	/// Where to look when peers cannot help; `None`: nowhere.
	pub mirrors: Option<Mirrors>,
	/// Whether to look where hints say, after that.
	pub hints: Hints,
	pub(crate) pace: Pace,
}

impl Default for Config {
	fn default() -> Self {
		Self {
			serve: ServeLimits::default(),
			parallel: 8,
			parallel_all: 24,
			fetches: 4,
			fetches_waiting: 64,
			mirrors: None,
			hints: Hints::Ignored,
			pace: Pace::default(),
		}
	}
}

/// What to do with addresses that strangers give.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hints {
	/// Nothing.
	#[default]
	Ignored,
	/// Ask those of the public internet.
	Public,
	/// Ask all of them.
	All,
}

/// What an exchange needs of the node.
pub struct ExchangeParams<'a> {
	/// Where blobs are and go.
	pub store: Store,
	/// Peers.
	pub network: Arc<dyn Network>,
	/// What peers ask: the other end of the queue that the protocol was configured with.
	pub requests: async_channel::Receiver<IncomingRequest>,
	/// Runs the fetches, inside a tokio runtime.
	pub spawner: Arc<dyn SpawnNamed>,
	/// Takes the metrics.
	pub registry: Option<&'a Registry>,
	/// Numbers.
	pub config: Config,
}

/// Gets blobs from peers. Cheap to clone.
#[derive(Clone)]
pub struct Exchange {
	inner: Arc<Inner>,
}

struct Inner {
	shelf: Arc<Shelf>,
	network: Arc<dyn Network>,
	spawner: Arc<dyn SpawnNamed>,
	config: Config,
	/// Where else blobs may be, as long as somebody says so.
	hints: Mutex<HashMap<ContentHash, Vec<String>>>,
	/// Fetches that somebody waits for.
	fetches: Mutex<HashMap<Key, Weak<Fetch>>>,
	/// One for each fetch that may run.
	turns: Arc<Semaphore>,
	/// One for each range that may be asked for.
	permits: Arc<Semaphore>,
	news: Arc<Notify>,
	metrics: Metrics,
}

type Outcome = Result<PathBuf, FetchError>;

/// A fetch, shared by all who wait for it. When the last of them is gone, it stops.
struct Fetch {
	outcome: watch::Receiver<Option<Outcome>>,
	/// Never used: that it is dropped is what is told.
	_wanted: oneshot::Sender<()>,
}

impl Exchange {
	/// An exchange; the task that answers peers; and the one that tells the network what is here.
	/// Both tasks run until the network is gone.
	pub fn new(params: ExchangeParams<'_>) -> Result<(Self, Server, Announcer), PrometheusError> {
		let ExchangeParams { store, network, requests, spawner, registry, config } = params;
		let metrics = Metrics::register(registry)?;
		let shelf = Arc::new(Shelf::new(store));
		let news = Arc::new(Notify::new());
		let server = Server::new(requests, shelf.clone(), config.serve.clone(), metrics.clone());
		let store = shelf.store().clone();
		let announcer = Announcer::new(store, network.clone(), news.clone(), metrics.clone());
		let turns = Arc::new(Semaphore::new(config.fetches.max(1)));
		let permits = Arc::new(Semaphore::new(config.parallel_all.max(1)));
		let (hints, fetches) = Default::default();
		let inner = Inner {
			shelf,
			network,
			spawner,
			config,
			hints,
			fetches,
			turns,
			permits,
			news,
			metrics,
		};
		Ok((Self { inner: Arc::new(inner) }, server, announcer))
	}

	/// Says at which addresses a blob may be, besides with peers and the operator's mirrors, for as
	/// long as what this gives is not dropped.
	pub fn hint(&self, content: ContentHash, addresses: Vec<String>) -> Hint {
		if self.inner.config.hints != Hints::Ignored && !addresses.is_empty() {
			self.inner.hints.lock().insert(content, addresses);
		}
		Hint { inner: self.inner.clone(), content }
	}

	/// The file of a blob, from this node's store, or from peers if they send it before the
	/// deadline. Who asks for a blob that is being fetched waits for the same fetch. To drop the
	/// future is to wait no longer; a fetch for which nobody waits stops. What has come is kept in
	/// the store for the next fetch, under the store's own limits.
	///
	/// Needs no runtime of its own: the fetch itself runs where the spawner runs it.
	pub async fn fetch(&self, content: ContentHash, size: u64, deadline: Instant) -> Outcome {
		if let Some(path) = self.inner.shelf.path(&content, size) {
			return Ok(path);
		}
		let left = deadline.saturating_duration_since(Instant::now());
		if left.is_zero() {
			return Err(FetchError::TimedOut(content));
		}
		let fetch = self.join((content, size))?;
		let mut outcome = fetch.outcome.clone();
		let done = pin!(outcome.wait_for(Option::is_some));
		match futures::future::select(done, Delay::new(left)).await {
			Either::Left((Ok(outcome), _)) => outcome.clone().unwrap_or(Err(FetchError::Stopping)),
			Either::Left((Err(_), _)) => Err(FetchError::Stopping),
			Either::Right(_) => Err(FetchError::TimedOut(content)),
		}
	}

	#[cfg(test)]
	pub(crate) fn metrics(&self) -> &Metrics {
		&self.inner.metrics
	}

	/// The fetch of a blob: the one that runs, or a new one.
	fn join(&self, key: Key) -> Result<Arc<Fetch>, FetchError> {
		let mut fetches = self.inner.fetches.lock();
		if let Some(fetch) = fetches.get(&key).and_then(Weak::upgrade)
			&& fetch.outcome.borrow().is_none()
		{
			return Ok(fetch);
		}
		fetches.retain(|_, fetch| fetch.strong_count() > 0);
		let limit = self.inner.config.fetches_waiting;
		if fetches.len() >= limit {
			return Err(FetchError::TooMany(limit));
		}
		let (tell, outcome) = watch::channel(None);
		let (wanted, unwanted) = oneshot::channel();
		let fetch = Arc::new(Fetch { outcome, _wanted: wanted });
		fetches.insert(key, Arc::downgrade(&fetch));
		drop(fetches);

		let inner = self.inner.clone();
		let task = async move {
			inner.metrics.begun();
			let running = pin!(inner.run(key));
			let result = match futures::future::select(running, unwanted).await {
				Either::Left((outcome, _)) => {
					let label = outcome.as_ref().map_or_else(FetchError::label, |_| "done");
					if let Err(error) = &outcome {
						log::debug!(target: LOG_TARGET, "{error}");
					}
					// Nobody may be left to be told.
					let _ = tell.send(Some(outcome));
					label
				},
				Either::Right(_) => "cancelled",
			};
			inner.metrics.ended(result);
		};
		self.inner.spawner.spawn("blob-fetch", Some("exchange"), task.boxed());
		Ok(fetch)
	}
}

/// That a blob may be elsewhere too; see [`Exchange::hint`].
#[must_use = "what is dropped hints at nothing"]
pub struct Hint {
	inner: Arc<Inner>,
	content: ContentHash,
}

impl Drop for Hint {
	fn drop(&mut self) {
		self.inner.hints.lock().remove(&self.content);
	}
}

impl Inner {
	async fn run(&self, (content, size): Key) -> Outcome {
		// Closed never; a node that stops drops this future.
		let _turn = self.turns.acquire().await.map_err(|_| FetchError::Stopping)?;
		let shelf = self.shelf.clone();
		let opened = tokio::task::spawn_blocking(move || shelf.open(&content, size)).await;
		let partial = opened.map_err(|_| FetchError::Stopping)??;
		let job = Job {
			content,
			size,
			partial: partial.clone(),
			network: self.network.clone(),
			pace: Pace { parallel: self.config.parallel.max(1), ..self.config.pace.clone() },
			permits: self.permits.clone(),
			metrics: self.metrics.clone(),
		};
		let mut result = job.run().await;
		for mirrors in self.config.mirrors.clone().into_iter().chain(self.hinted(&content)) {
			if let Err(FetchError::NotFound(_) | FetchError::Stalled(_)) = result {
				result = self.mirror(mirrors, content, size).await;
			}
		}
		result?;
		self.news.notify_one();
		self.shelf.path(&content, size).ok_or(FetchError::NotFound(content))
	}

	/// Where strangers say that a blob is.
	fn hinted(&self, content: &ContentHash) -> Option<Mirrors> {
		let addresses = self.hints.lock().get(content)?.clone();
		Some(Mirrors::of_file(addresses, self.config.hints == Hints::All))
	}

	async fn mirror(
		&self,
		mirrors: Mirrors,
		content: ContentHash,
		size: u64,
	) -> Result<(), FetchError> {
		/// Tells the thread that nobody waits any more.
		struct StopOnDrop(Arc<AtomicBool>);
		impl Drop for StopOnDrop {
			fn drop(&mut self) {
				self.0.store(true, Ordering::Relaxed);
			}
		}
		let stop = StopOnDrop(Arc::new(AtomicBool::new(false)));
		let (stopped, store) = (stop.0.clone(), self.shelf.store().clone());
		let metrics = self.metrics.clone();
		let download = move || {
			let stop = || stopped.load(Ordering::Relaxed);
			mirrors.download(&store, &content, size, &stop, &|bytes| metrics.mirrored(bytes))
		};
		match tokio::task::spawn_blocking(download).await {
			Ok(Ok(())) => Ok(()),
			Ok(Err(error)) => {
				log::debug!(target: LOG_TARGET, "blob {content}: {error}");
				Err(FetchError::NotFound(content))
			},
			Err(_) => Err(FetchError::Stopping),
		}
	}
}

impl BlobSource for Exchange {
	/// Blocks, at most until the deadline: for threads of their own, not for those of a runtime.
	fn fetch(
		&self,
		content: &ContentHash,
		size: u64,
		deadline: Instant,
	) -> Result<PathBuf, BlobError> {
		match self.inner.shelf.store().fetch(content, size, deadline) {
			Err(BlobError::NotFound(_)) => {},
			local => return local,
		}
		let fetch = Exchange::fetch(self, *content, size, deadline);
		futures::executor::block_on(fetch).map_err(|error| error.into_blob_error(*content))
	}

	fn reject(&self, content: &ContentHash) {
		self.inner.shelf.store().reject(content);
	}
}
