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

/// Time for a file, however small.
const FETCH_TIME: Duration = Duration::from_secs(60);
/// Slowest transfer that is waited for, in bytes per second.
const SLOWEST: u64 = 256 * 1024;

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
	let board = Board::default();
	metrics::register(params.registry, &board)?;
	let mut rpc = RpcModule::new(());
	rpc.merge(rpc::Serving::new(board.clone()).into_rpc())?;
	if args.serve.is_empty() {
		// An earlier run may have had rules.
		announce(None);
		return Ok(rpc);
	}
	let catalogue = NodeCatalogue { client: client.clone() };
	let limit = args.serve_limit as usize;
	let steward = Steward::new(catalogue, args.serve.clone(), limit, board);
	// Before the task runs: no block is missed.
	let blocks = client.finality_notification_stream();
	let said = None;
	let task = Serving { steward, client, is_syncing, executor, exchange, store, announce, said };
	// Blocking: it calls the runtime.
	params.spawner.spawn_blocking("serving", Some("inference"), task.run(blocks).boxed());
	Ok(rpc)
}

struct Serving {
	steward: Steward<NodeCatalogue>,
	client: Arc<FullClient>,
	is_syncing: Box<dyn Fn() -> bool + Send>,
	executor: Executor,
	exchange: Exchange,
	store: Store,
	announce: Box<dyn Fn(Option<&ServingWish>) + Send>,
	/// What was announced last.
	said: Option<BTreeSet<ReleaseId>>,
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
		let executor = self.executor.clone();
		let hint = self.exchange.hint(offer.content, offer.mirrors.clone());
		let thread = thread::Builder::new().name("serving".into());
		let (task, teller) = (offer.clone(), tell.clone());
		let spawned = thread.spawn(move || {
			let tried = attempt(&executor, &task);
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
		if self.said.as_ref() == Some(&wish) {
			return;
		}
		self.store.set_kept(self.steward.files());
		let releases = BoundedVec::truncate_from(wish.iter().copied().collect());
		(self.announce)(Some(&ServingWish { releases }));
		self.said = Some(wish);
	}
}

/// Fetches a release and tries it.
fn attempt(executor: &Executor, offer: &Offer) -> Tried {
	let time = FETCH_TIME + Duration::from_secs(offer.size / SLOWEST);
	let fetched = Instant::now() + time;
	match executor.admit(offer.content, offer.size, &offer.manifest, fetched, ADMIT_TIME) {
		Admitted::Runs { micros } => Tried::Runs(micros),
		Admitted::Missing(reason) => Tried::Missing(reason),
		Admitted::Refused(reason) => Tried::Refused(reason),
	}
}
