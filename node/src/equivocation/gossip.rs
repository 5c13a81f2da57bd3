// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! The transaction pool as the network gets it: the same, but what peers send of commitments and
//! reveals is passed on to the watch, also what the pool refuses because it has a transaction for
//! the same seat already.

use async_trait::async_trait;
use futures::channel::mpsc;
use jurat_runtime::Hash;
use parking_lot::Mutex;
use sc_transaction_pool_api::{
	ImportNotificationStream, PoolStatus, ReadyTransactions, TransactionFor,
	TransactionPool as Api, TransactionSource, TransactionStatusStreamFor, TxHash,
	TxInvalidityReportMap,
	error::{Error, IntoPoolError},
};
use sp_runtime::OpaqueExtrinsic;
use std::{collections::HashMap, pin::Pin, sync::Arc, time::Duration};

use super::message::Message;
use crate::{chain_spec::Block, service::TransactionPool};

/// Messages that wait for the watch at most. It reads faster than a pool validates.
const WAITING: usize = 1_024;

type Ready<P> = Box<dyn ReadyTransactions<Item = Arc<<P as Api>::InPoolTransaction>> + Send>;

/// The pool, overheard.
pub struct OverheardPool {
	pool: Arc<TransactionPool>,
	heard: Mutex<mpsc::Sender<Message>>,
}

/// Wraps the pool for the network.
pub fn overhear(pool: Arc<TransactionPool>) -> (Arc<OverheardPool>, mpsc::Receiver<Message>) {
	let (heard, messages) = mpsc::channel(WAITING);
	(Arc::new(OverheardPool { pool, heard: Mutex::new(heard) }), messages)
}

impl OverheardPool {
	/// Passes a transaction on that the runtime found valid.
	fn hear(&self, transaction: &OpaqueExtrinsic) {
		if let Some(message) = Message::read(transaction) {
			// Not a clone of the sender for each message: each clone enlarges the channel.
			if self.heard.lock().try_send(message).is_err() {
				log::debug!(target: super::LOG_TARGET, "more messages than the watch reads");
			}
		}
	}
}

#[async_trait]
impl Api for OverheardPool {
	type Block = Block;
	type Hash = <TransactionPool as Api>::Hash;
	type InPoolTransaction = <TransactionPool as Api>::InPoolTransaction;
	type Error = <TransactionPool as Api>::Error;

	async fn submit_at(
		&self,
		at: Hash,
		source: TransactionSource,
		transactions: Vec<TransactionFor<Self>>,
	) -> Result<Vec<Result<TxHash<Self>, Self::Error>>, Self::Error> {
		self.pool.submit_at(at, source, transactions).await
	}

	// What the network calls for each transaction that a peer sends.
	async fn submit_one(
		&self,
		at: Hash,
		source: TransactionSource,
		transaction: TransactionFor<Self>,
	) -> Result<TxHash<Self>, Self::Error> {
		match self.pool.submit_one(at, source, transaction.clone()).await {
			Ok(hash) => {
				self.hear(&transaction);
				Ok(hash)
			},
			Err(error) => Err(match error.into_pool_error() {
				Ok(reason) => {
					// Tags are compared after the runtime has validated a transaction.
					if matches!(reason, Error::TooLowPriority { .. }) {
						self.hear(&transaction);
					}
					reason.into()
				},
				Err(error) => error,
			}),
		}
	}

	async fn submit_and_watch(
		&self,
		at: Hash,
		source: TransactionSource,
		transaction: TransactionFor<Self>,
	) -> Result<Pin<Box<TransactionStatusStreamFor<Self>>>, Self::Error> {
		self.pool.submit_and_watch(at, source, transaction).await
	}

	async fn ready_at(&self, at: Hash) -> Ready<Self> {
		self.pool.ready_at(at).await
	}

	fn ready(&self) -> Ready<Self> {
		self.pool.ready()
	}

	async fn report_invalid(
		&self,
		at: Option<Hash>,
		errors: TxInvalidityReportMap<TxHash<Self>>,
	) -> Vec<Arc<Self::InPoolTransaction>> {
		self.pool.report_invalid(at, errors).await
	}

	fn futures(&self) -> Vec<Self::InPoolTransaction> {
		self.pool.futures()
	}

	fn status(&self) -> PoolStatus {
		self.pool.status()
	}

	fn import_notification_stream(&self) -> ImportNotificationStream<TxHash<Self>> {
		self.pool.import_notification_stream()
	}

	fn on_broadcasted(&self, propagations: HashMap<TxHash<Self>, Vec<String>>) {
		self.pool.on_broadcasted(propagations);
	}

	fn hash_of(&self, transaction: &TransactionFor<Self>) -> TxHash<Self> {
		self.pool.hash_of(transaction)
	}

	fn ready_transaction(&self, hash: &TxHash<Self>) -> Option<Arc<Self::InPoolTransaction>> {
		self.pool.ready_transaction(hash)
	}

	async fn ready_at_with_timeout(&self, at: Hash, timeout: Duration) -> Ready<Self> {
		self.pool.ready_at_with_timeout(at, timeout).await
	}
}
