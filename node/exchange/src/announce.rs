// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Tells the network which blobs are here, and that one no longer is.
//!
//! The network's hash table repeats what it was told every three and a half hours by itself, and
//! forgets it after ten. So each blob is announced once, when there is somebody to tell; and some
//! times more if the network did not take note. It is not announced more often than that: the
//! network repeats each announcement that it was given.

use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use jurat_store::{ContentHash, Store};
use std::{
	collections::HashMap,
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::sync::Notify;

use crate::{LOG_TARGET, Network, metrics::Metrics, plan::jitter};

/// Time between two looks at the store.
const LOOK: Duration = Duration::from_secs(10);
/// Announcements that the network works at, at a time.
const AT_A_TIME: usize = 16;
/// Announcements of one blob that may fail. In a network of few nodes all of them do, though every
/// node takes note: as many nodes are wanted as are not there.
const ATTEMPTS: u32 = 5;
/// Time between the first two attempts.
const AGAIN: Duration = Duration::from_secs(60);
/// How long the network may take for one.
const TIMEOUT: Duration = Duration::from_secs(120);
/// Blobs that are announced. The hash table's own limit for what a node announces is 10,000.
const BLOBS: usize = 8_000;

enum Standing {
	/// Attempts so far, and when to try again.
	Waiting(u32, Instant),
	/// Being announced; attempts so far.
	Telling(u32),
	/// The network knows, or will not hear of it.
	Told,
}

/// Tells the network what is here, until the network is gone.
pub struct Announcer {
	store: Store,
	network: Arc<dyn Network>,
	news: Arc<Notify>,
	metrics: Metrics,
	/// Time until the second attempt; it doubles with each.
	again: Duration,
	blobs: HashMap<ContentHash, Standing>,
	telling: FuturesUnordered<BoxFuture<'static, (ContentHash, bool)>>,
}

impl Announcer {
	pub(crate) fn new(
		store: Store,
		network: Arc<dyn Network>,
		news: Arc<Notify>,
		metrics: Metrics,
	) -> Self {
		let (blobs, telling) = Default::default();
		Self { store, network, news, metrics, again: AGAIN, blobs, telling }
	}

	#[cfg(test)]
	pub(crate) fn again(self, again: Duration) -> Self {
		Self { again, ..self }
	}

	#[cfg(test)]
	pub(crate) fn news(&self) -> Arc<Notify> {
		self.news.clone()
	}

	/// Runs for ever.
	pub async fn run(mut self) {
		loop {
			if !self.network.connected().await.is_empty() {
				self.look();
			}
			tokio::select! {
				Some((content, noted)) = self.telling.next() => self.told(content, noted),
				() = self.news.notified() => {},
				() = tokio::time::sleep(LOOK) => {},
			}
		}
	}

	/// Compares what is here with what the network was told.
	fn look(&mut self) {
		let now = Instant::now();
		let here = self.store.list().into_iter().filter(|blob| blob.complete);
		let here: Vec<_> = here.take(BLOBS).map(|blob| blob.content).collect();
		let network = &self.network;
		self.blobs.retain(|content, standing| {
			// The list is in the order of the hashes.
			let here = here.binary_search(content).is_ok();
			if !here && !matches!(standing, Standing::Waiting(0, _)) {
				network.stop_providing(*content);
			}
			here
		});
		for content in here {
			let standing = self.blobs.entry(content).or_insert(Standing::Waiting(0, now));
			if let Standing::Waiting(attempts, at) = standing
				&& *at <= now
				&& self.telling.len() < AT_A_TIME
			{
				*standing = Standing::Telling(*attempts + 1);
				let tell = tokio::time::timeout(TIMEOUT, self.network.start_providing(content));
				self.telling.push(tell.map(move |told| (content, told.unwrap_or(false))).boxed());
			}
		}
		let told = |standing: &&Standing| !matches!(standing, Standing::Waiting(0, _));
		self.metrics.announced(self.blobs.values().filter(told).count());
	}

	fn told(&mut self, content: ContentHash, noted: bool) {
		let Some(standing) = self.blobs.get_mut(&content) else {
			// Removed in the meantime, and taken back before it was told.
			return self.network.stop_providing(content);
		};
		*standing = match *standing {
			Standing::Telling(attempts) if !noted && attempts < ATTEMPTS => {
				log::debug!(target: LOG_TARGET, "announcement {attempts} of {content} failed");
				let pause = self.again * 2u32.saturating_pow(attempts - 1);
				Standing::Waiting(attempts, Instant::now() + jitter(pause))
			},
			_ => Standing::Told,
		};
	}
}
