// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Serves releases by itself, as the operator's rules say (`--serve`): fetches the files from
//! peers, tries whether they run here, and has the off-chain worker announce those that do.
//!
//! ```text
//! final blocks ─► catalogue ─► policy ─► steward ─► fetch (blobs) ─► try (engine)
//!                                           └─► mailbox ─► off-chain worker ─► announcement
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | `policy` | the operator's rules |
//! | `catalogue` | what the chain offers |
//! | `steward` | how far the node is with each release |
//! | `metrics` | for Prometheus |
//! | `rpc` | `inference_serving` |
//!
//! Nothing is announced that did not run here, on this machine, since the node was started; and what
//! runs no more is withdrawn.

mod catalogue;
mod metrics;
mod policy;
mod rpc;
mod steward;
#[cfg(test)]
mod testing;

use futures::{FutureExt, StreamExt, channel::mpsc, select};
use futures_timer::Delay;
use jsonrpsee::RpcModule;
use jurat_exchange::Exchange;
use jurat_primitives::{ReleaseId, mailbox::serving::ServingWish};
use jurat_runtime::Hash;
use jurat_store::Store;
use sc_client_api::{BlockchainEvents, FinalityNotification};
use sp_blockchain::HeaderBackend;
use sp_core::traits::SpawnNamed;
use sp_runtime::BoundedVec;
use std::{
	collections::BTreeSet,
	sync::Arc,
	thread,
	time::{Duration, Instant},
};
use substrate_prometheus_endpoint::{PrometheusError, Registry};

use crate::{
	chain_spec::Block,
	inference::{Admitted, Executor},
	service::FullClient,
};
use catalogue::{NodeCatalogue, Offer};
use rpc::ServingApiServer;
use steward::{Board, Steward, Tried};

pub use policy::ServingArgs;

/// Target of log lines.
const LOG_TARGET: &str = "serving";

/// Between two looks at what is due.
const LOOK: Duration = Duration::from_secs(1);

/// Time for a file in one attempt, however large. What has come of it stays in the store, and the
/// next attempt goes on from there: nobody who sends slowly keeps other releases waiting.
const FETCH_SLICE: Duration = Duration::from_secs(120);

/// Time to try a release, its file being here.
const ADMIT_TIME: Duration = Duration::from_secs(300);

/// Blocks that became final together and are read one by one; of more, the whole catalogue is read.
const READ_SINGLY: usize = 64;

/// Why serving cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
	/// The metrics are there already.
	#[error("cannot register the metrics of serving: {0}")]
	Metrics(#[from] PrometheusError),
	/// The RPC method is there already.
	#[error("cannot register the RPC method of serving: {0}")]
	Rpc(#[from] jsonrpsee::core::RegisterMethodError),
}

/// What serving needs of the node.
pub struct ServingParams<'a> {
	/// Options.
	pub args: &'a ServingArgs,
	/// Blocks and states.
	pub client: Arc<FullClient>,
	/// Whether the node is far behind.
	pub is_syncing: Box<dyn Fn() -> bool + Send>,
	/// Fetches and tries.
	pub executor: Executor,
	/// Told where files are.
	pub exchange: Exchange,
	/// Keeps what is served.
	pub store: Store,
	/// Takes what the node wishes to serve; `None`: the operator announces by hand.
	pub announce: Box<dyn Fn(Option<&ServingWish>) + Send>,
	/// Runs tasks until the node stops.
	pub spawner: &'a dyn SpawnNamed,
	/// Takes the metrics.
	pub registry: Option<&'a Registry>,
}

/// Starts serving, if there are rules. The RPC method, ready to be merged.
pub fn start(params: ServingParams<'_>) -> Result<RpcModule<()>, StartError> {
	let ServingParams { args, client, is_syncing, executor, exchange, store, announce, .. } =
		params;
	// Before the off-chain worker runs: what an earlier run wished has not run here yet.
	let wishes = Wishes::new(announce);
	let board = Board::default();
	metrics::register(params.registry, &board)?;
	let mut rpc = RpcModule::new(());
	rpc.merge(rpc::Serving::new(board.clone()).into_rpc())?;
	if args.serve.is_empty() {
		return Ok(rpc);
	}
	let catalogue = NodeCatalogue { client: client.clone() };
	let limit = args.serve_limit as usize;
	let steward = Steward::new(catalogue, args.serve.clone(), limit, board);
	// Before the task runs: no block is missed.
	let blocks = client.finality_notification_stream();
	let task = Serving { steward, client, is_syncing, executor, exchange, store, wishes };
	// Blocking: it calls the runtime.
	params.spawner.spawn_blocking("serving", Some("inference"), task.run(blocks).boxed());
	Ok(rpc)
}

/// Takes what the node wishes to serve to the off-chain worker.
struct Wishes {
	announce: Box<dyn Fn(Option<&ServingWish>) + Send>,
	/// What was said last.
	said: Option<BTreeSet<ReleaseId>>,
}

impl Wishes {
	/// Takes back what an earlier run wished: until something new is said, nothing is announced and
	/// nothing withdrawn.
	fn new(announce: Box<dyn Fn(Option<&ServingWish>) + Send>) -> Self {
		announce(None);
		Self { announce, said: None }
	}

	/// Whether this was not said last.
	fn is_new(&self, wish: &BTreeSet<ReleaseId>) -> bool {
		self.said.as_ref() != Some(wish)
	}

	fn say(&mut self, wish: BTreeSet<ReleaseId>) {
		let releases = BoundedVec::truncate_from(wish.iter().copied().collect());
		(self.announce)(Some(&ServingWish { releases }));
		self.said = Some(wish);
	}
}

struct Serving {
	steward: Steward<NodeCatalogue>,
	client: Arc<FullClient>,
	is_syncing: Box<dyn Fn() -> bool + Send>,
	executor: Executor,
	exchange: Exchange,
	store: Store,
	wishes: Wishes,
}

impl Serving {
	async fn run(mut self, blocks: sc_client_api::FinalityNotifications<Block>) {
		let mut blocks = blocks.fuse();
		let (tell, mut told) = mpsc::unbounded::<(Arc<Offer>, Tried)>();
		let mut busy = false;
		let mut behind = true;
		loop {
			if behind && !(self.is_syncing)() {
				behind = false;
				self.steward.survey(self.client.info().finalized_hash);
			}
			if !busy && let Some(offer) = self.steward.next(Instant::now()) {
				busy = self.attempt(offer, tell.clone());
			}
			self.say();
			select! {
				block = blocks.select_next_some() => behind = behind || !self.block(&block),
				(offer, tried) = told.select_next_some() => {
					busy = false;
					self.steward.tried(&offer, tried, Instant::now());
				},
				() = Delay::new(LOOK).fuse() => {},
				complete => return,
			}
		}
	}

	/// Takes in what became final. Whether it could be read block by block.
	fn block(&mut self, block: &FinalityNotification<Block>) -> bool {
		if block.tree_route.len() > READ_SINGLY || (self.is_syncing)() {
			return false;
		}
		let hashes: Vec<Hash> = block.tree_route.iter().copied().chain([block.hash]).collect();
		hashes.into_iter().for_each(|hash| self.steward.block(hash));
		true
	}

	/// Tries a release, in a thread of its own. Whether there is one.
	fn attempt(
		&mut self,
		offer: Arc<Offer>,
		tell: mpsc::UnboundedSender<(Arc<Offer>, Tried)>,
	) -> bool {
		// So that it is not evicted while it is tried.
		self.store.set_kept(self.steward.files());
		let (executor, store) = (self.executor.clone(), self.store.clone());
		let hint = self.exchange.hint(offer.content, offer.mirrors.clone());
		let thread = thread::Builder::new().name("serving".into());
		let (task, teller) = (offer.clone(), tell.clone());
		let spawned = thread.spawn(move || {
			let tried = attempt(&executor, &store, &task);
			drop(hint);
			// Nobody listens when the node stops.
			let _ = teller.unbounded_send((task, tried));
		});
		if let Err(error) = spawned {
			self.steward.tried(&offer, Tried::Missing(error.to_string()), Instant::now());
			return false;
		}
		true
	}

	/// Says what the node wishes to serve, when that changes.
	fn say(&mut self) {
		let Some(wish) = self.steward.wish() else { return };
		if self.wishes.is_new(&wish) {
			self.store.set_kept(self.steward.files());
			self.wishes.say(wish);
		}
	}
}

/// Fetches a release and tries it.
fn attempt(executor: &Executor, store: &Store, offer: &Offer) -> Tried {
	let before = received(store, offer);
	let fetched = Instant::now() + FETCH_SLICE;
	match executor.admit(offer.content, offer.size, &offer.manifest, fetched, ADMIT_TIME) {
		Admitted::Runs { micros } => Tried::Runs(micros),
		Admitted::Missing(reason) => match received(store, offer) {
			Some(now) if now > before.unwrap_or_default() => {
				Tried::Coming(format!("{reason}; {now} of {} bytes are here", offer.size))
			},
			_ => Tried::Missing(reason),
		},
		Admitted::Refused(reason) => Tried::Refused(reason),
	}
}

/// Bytes that have come of a release's file, while it is not complete.
fn received(store: &Store, offer: &Offer) -> Option<u64> {
	let wanted = (offer.content, offer.size);
	let blobs = store.list().into_iter();
	let mut parts = blobs.filter(|blob| !blob.complete && (blob.content, blob.size) == wanted);
	parts.next().map(|part| part.received)
}

#[cfg(test)]
mod tests {
	use super::{testing::offer, *};
	use parking_lot::Mutex;

	#[test]
	fn what_an_earlier_run_wished_is_taken_back_before_anything_is_said() {
		let said = Arc::new(Mutex::new(vec![Some(3)]));
		let log = said.clone();
		let count = |wish: &ServingWish| wish.releases.len();
		let announce = move |wish: Option<&ServingWish>| log.lock().push(wish.map(count));
		let mut wishes = Wishes::new(Box::new(announce));
		assert_eq!(*said.lock(), [Some(3), None]);
		let none = BTreeSet::new();
		assert!(wishes.is_new(&none), "nothing is not the same as no wish");
		wishes.say(none.clone());
		assert!(!wishes.is_new(&none));
		wishes.say([offer(0, "a", 1).release].into());
		assert_eq!(*said.lock(), [Some(3), None, Some(0), Some(1)]);
	}

	#[test]
	fn what_has_come_of_a_file_is_known_until_it_is_complete() {
		let directory = tempfile::tempdir().unwrap();
		let store = Store::open(directory.path(), Default::default()).unwrap();
		let wanted = offer(1, "a", 3 << 20);
		assert_eq!(received(&store, &wanted), None);
		let _download = store.download(&wanted.content, wanted.size).unwrap();
		assert_eq!(received(&store, &wanted), Some(0));
		assert_eq!(received(&store, &offer(1, "a", 2 << 20)), None);
		let content = store.put_bytes(b"abc").unwrap();
		assert_eq!(received(&store, &Offer { content, ..offer(1, "a", 3) }), None);
	}
}
