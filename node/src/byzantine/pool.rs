// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! The transaction pool that the off-chain worker gets: it carries a scheme out.

use std::{collections::HashSet, sync::Arc, time::Duration};

use futures_timer::Delay;
use jurat_runtime::{BlockNumber, Hash};
use parking_lot::Mutex;
use sc_client_api::BlockBackend;
use sc_transaction_pool_api::{InPoolTransaction, LocalTransactionPool, TransactionPool as _};
use sp_blockchain::HeaderBackend;
use sp_runtime::OpaqueExtrinsic;

use super::{
	LOG_TARGET,
	message::Message,
	peers::Peers,
	scheme::{Action, Scheme},
};
use crate::{
	chain_spec::Block,
	service::{FullClient, TransactionPool},
};

/// Time between two looks at what others do.
const PAUSE: Duration = Duration::from_millis(50);
/// Blocks that are read at once when the best block is another one.
const CAUGHT_UP: BlockNumber = 16;

/// What worker and tasks share.
pub struct Shared {
	pool: Arc<TransactionPool>,
	client: Arc<FullClient>,
	peers: Peers,
	scheme: Mutex<Scheme>,
	/// The last message of this node's worker.
	last: Mutex<Option<Message>>,
}

impl Shared {
	/// Around the node's own pool.
	pub fn new(
		pool: Arc<TransactionPool>,
		client: Arc<FullClient>,
		peers: Peers,
		scheme: Scheme,
	) -> Self {
		Self { pool, client, peers, scheme: Mutex::new(scheme), last: Mutex::default() }
	}

	/// The last message of this node's worker.
	pub fn last_message(&self) -> Option<Message> {
		self.last.lock().clone()
	}

	/// Submits to this node's pool, on its best block.
	pub fn submit(&self, transaction: OpaqueExtrinsic) {
		let at = self.client.info().best_hash;
		if let Err(error) = self.pool.submit_local(at, transaction) {
			log::debug!(target: LOG_TARGET, "the pool of this node refuses: {error}");
		}
	}

	/// Submits to the peers.
	pub fn tell(&self, transactions: &[OpaqueExtrinsic]) {
		self.peers.tell(transactions);
	}

	fn carry_out(&self, actions: Vec<Action>) {
		let (mut submitted, mut told) = (Vec::new(), Vec::new());
		for action in actions {
			match action {
				Action::Submit(transaction) => submitted.push(transaction),
				Action::Tell(transaction) => told.push(transaction),
			}
		}
		// Before gossip can tell them of something else.
		self.tell(&told);
		submitted.into_iter().for_each(|transaction| self.submit(transaction));
	}

	/// Does what is due by itself, for as long as the node runs.
	pub async fn watch(self: Arc<Self>) {
		let (mut best, mut known) = (None, HashSet::new());
		loop {
			Delay::new(PAUSE).await;
			let info = self.client.info();
			let mut overheard = Vec::new();
			if self.scheme.lock().listens() {
				for waiting in self.pool.ready() {
					if known.insert(*waiting.hash()) {
						overheard.extend(Message::read(waiting.data()));
					}
				}
				if best != Some(info.best_hash) {
					best = Some(info.best_hash);
					overheard.extend(self.included(info.best_hash));
				}
			}
			let actions = self.scheme.lock().meanwhile(info.best_number, overheard);
			self.carry_out(actions);
		}
	}

	/// Messages in a block and in some before it.
	fn included(&self, mut hash: Hash) -> Vec<Message> {
		let mut messages = Vec::new();
		for _ in 0..CAUGHT_UP {
			let body = self.client.block_body(hash).ok().flatten().unwrap_or_default();
			messages.extend(body.iter().filter_map(Message::read));
			match self.client.header(hash) {
				Ok(Some(header)) => hash = header.parent_hash,
				_ => break,
			}
		}
		messages
	}
}

/// Takes the worker's messages, and does something else.
pub struct ByzantinePool(pub Arc<Shared>);

impl LocalTransactionPool for ByzantinePool {
	type Block = Block;
	type Hash = <TransactionPool as LocalTransactionPool>::Hash;
	type Error = <TransactionPool as LocalTransactionPool>::Error;

	fn submit_local(
		&self,
		at: Hash,
		transaction: OpaqueExtrinsic,
	) -> Result<Self::Hash, Self::Error> {
		let shared = &self.0;
		let Some(message) = Message::read(&transaction) else {
			return shared.pool.submit_local(at, transaction);
		};
		*shared.last.lock() = Some(message.clone());
		let now = shared.client.info().best_number;
		let actions = shared.scheme.lock().instead(message, now);
		log::info!(target: LOG_TARGET, "does {} things instead of submitting", actions.len());
		shared.carry_out(actions);
		// The worker is told that all is well.
		Ok(shared.pool.hash_of(&transaction))
	}
}
