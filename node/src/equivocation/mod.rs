// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Watches for attesters that sign two things of which an honest one signs at most one, and reports
//! them. Every node does, of its own accord.
//!
//! ```text
//! own pool ─┐                        ┌► memory: what each said first
//! gossip ───┼► message ─► watch ─────┤
//! blocks ───┘                        └► cases ─► proof ─► report ─► own pool
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | `message` | batches of commitments and of reveals, as transactions carry them |
//! | `gossip` | the pool as the network gets it, overheard |
//! | `memory` | what attesters said lately, bounded |
//! | `cases` | what was found, until the chain has convicted |
//! | `chain` | what the watch asks of the chain |
//! | `watch` | from what is seen to reports |
//! | `metrics` | for Prometheus |
//!
//! # What a node can see
//!
//! * **Its pool**: what it took. Of two that contradict each other it takes one: the pool tells
//!   entries apart by (kind, request, attester), all of one priority, and refuses the second.
//! * **Gossip**: what peers send, also what the pool refuses for that very reason. The runtime has
//!   validated it then, as it validates what is taken.
//! * **Blocks**, each that is imported, whether it ever becomes the best one or not. What is retracted
//!   with a fork was in one of its blocks. So a node sees both halves of an equivocation if one is in
//!   its pool and the other in a block, if they are in blocks of two forks, or if peers send both.
//!
//! It does not see what is not due any more when it comes: after the first half is in a block of its
//! best chain, the second is stale, and never reaches the pool of any node that has that block. Such
//! a second half can do nothing on that chain. Nor does it see what its peers keep to themselves, nor
//! what was said before it was started, apart from the blocks before its best one.
//!
//! Only what the runtime accepted is looked at, and only what the attester's key of that session
//! signed is remembered, so no flood of anything else fills the memory or displaces something in it.

mod cases;
mod chain;
mod gossip;
mod memory;
mod message;
mod metrics;
#[cfg(test)]
mod tests;
mod watch;

use futures::{FutureExt, StreamExt, channel::mpsc, select};
use jurat_primitives::commitment::genesis_hash;
use jurat_runtime::{AccountId, Hash};
use sc_client_api::{BlockBackend, BlockchainEvents};
use sc_transaction_pool_api::{
	InPoolTransaction, OffchainTransactionPoolFactory, TransactionPool as _,
};
use sp_blockchain::HeaderBackend;
use sp_core::{crypto::Ss58Codec, traits::SpawnNamed};
use sp_keystore::KeystorePtr;
use std::sync::Arc;
use substrate_prometheus_endpoint::{PrometheusError, Registry};

use crate::service::{FullClient, TransactionPool};
use chain::NodeChain;
use message::Message;
use metrics::Metrics;
use watch::Watch;

pub use gossip::overhear;
#[cfg(feature = "byzantine")]
pub use message::attestation_call;

/// Target of log lines.
const LOG_TARGET: &str = "attestation-watch";

/// Blocks before the best one that are read when the node starts.
const READ_AT_START: usize = 32;

/// Options of the watch.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Equivocations")]
pub struct EquivocationArgs {
	/// The account that is paid for equivocations that this node reports. Default: the first
	/// attester of the session whose key is in the keystore; without one, the treasury.
	#[arg(long, value_name = "SS58", value_parser = account)]
	pub equivocation_reporter: Option<AccountId>,
}

fn account(text: &str) -> Result<AccountId, String> {
	AccountId::from_ss58check(text).map_err(|error| format!("not an SS58 address: {error:?}"))
}

/// What the watch needs of the node.
pub struct WatchParams<'a> {
	/// Options.
	pub args: &'a EquivocationArgs,
	/// Blocks and states.
	pub client: Arc<FullClient>,
	/// Transactions that wait.
	pub pool: Arc<TransactionPool>,
	/// What [`overhear`] hears.
	pub gossip: mpsc::Receiver<Message>,
	/// This node's keys.
	pub keystore: KeystorePtr,
	/// Runs tasks until the node stops.
	pub spawner: &'a dyn SpawnNamed,
	/// Takes the metrics.
	pub registry: Option<&'a Registry>,
}

/// Starts the watch.
pub fn start(params: WatchParams<'_>) -> Result<(), PrometheusError> {
	let WatchParams { args, client, pool, gossip, keystore, spawner, registry } = params;
	let metrics = Metrics::register(registry)?;
	let factory = OffchainTransactionPoolFactory::new(pool.clone());
	let chain = NodeChain { client: client.clone(), keystore, pool: factory };
	let genesis = genesis_hash(&client.info().genesis_hash);
	let watch = Watch::new(chain, genesis, args.equivocation_reporter.clone(), metrics);
	// Before the task runs: nothing that comes meanwhile is missed.
	let sources = Sources {
		imported: pool.import_notification_stream(),
		blocks: client.every_import_notification_stream(),
		gossip,
	};
	let task = run(watch, client, pool, sources);
	// Blocking: it calls the runtime and verifies signatures.
	spawner.spawn_blocking("equivocation-watch", Some("equivocation"), task.boxed());
	Ok(())
}

struct Sources {
	imported: sc_transaction_pool_api::ImportNotificationStream<Hash>,
	blocks: sc_client_api::ImportNotifications<crate::chain_spec::Block>,
	gossip: mpsc::Receiver<Message>,
}

async fn run(
	mut watch: Watch<NodeChain>,
	client: Arc<FullClient>,
	pool: Arc<TransactionPool>,
	sources: Sources,
) {
	let Sources { imported, blocks, gossip } = sources;
	let (mut imported, mut blocks, mut gossip) = (imported.fuse(), blocks.fuse(), gossip.fuse());
	for hash in ancestors(&client) {
		hear_block(&mut watch, &client, hash);
	}
	loop {
		select! {
			hash = imported.select_next_some() => {
				// It is not there any more if a block came first, which is heard of as well.
				let ready = pool.ready_transaction(&hash);
				if let Some(message) = ready.and_then(|ready| Message::read(ready.data())) {
					watch.hear(&message, client.info().best_hash);
				}
			},
			message = gossip.select_next_some() => watch.hear(&message, client.info().best_hash),
			block = blocks.select_next_some() => {
				// The notification keeps the block's state from being pruned as long as it lives.
				hear_block(&mut watch, &client, block.hash);
				if block.is_new_best {
					watch.tick();
				}
			},
			complete => return,
		}
	}
}

/// The best block and some before it, oldest first.
fn ancestors(client: &FullClient) -> Vec<Hash> {
	let mut hashes = vec![client.info().best_hash];
	while hashes.len() < READ_AT_START
		&& let Some(Ok(Some(header))) = hashes.last().map(|hash| client.header(*hash))
		&& header.number > 0
	{
		hashes.push(header.parent_hash);
	}
	hashes.reverse();
	hashes
}

fn hear_block(watch: &mut Watch<NodeChain>, client: &FullClient, hash: Hash) {
	let body = client.block_body(hash).ok().flatten().unwrap_or_default();
	for message in body.iter().filter_map(Message::read) {
		watch.hear(&message, hash);
	}
}
