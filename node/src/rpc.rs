// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Methods beyond those that every Substrate node has.

use std::sync::Arc;

use jsonrpsee::RpcModule;
use jurat_runtime::{BlockNumber, Hash};
use sc_consensus_babe::BabeWorkerHandle;
use sc_consensus_grandpa::{
	FinalityProofProvider, GrandpaJustificationStream, SharedAuthoritySet, SharedVoterState,
};
use sc_rpc::SubscriptionTaskExecutor;
use sp_keystore::KeystorePtr;

use crate::{
	chain_spec::Block,
	service::{FullBackend, FullClient, FullSelectChain, TransactionPool},
};

/// What BABE's methods need.
pub struct BabeDeps {
	/// Answers questions about epochs.
	pub worker_handle: BabeWorkerHandle<Block>,
	/// Holds the node's keys.
	pub keystore: KeystorePtr,
}

/// What GRANDPA's methods need.
pub struct GrandpaDeps {
	/// State of the current vote.
	pub shared_voter_state: SharedVoterState,
	/// Those who vote.
	pub shared_authority_set: SharedAuthoritySet<Hash, BlockNumber>,
	/// Justifications as they come.
	pub justification_stream: GrandpaJustificationStream<Block>,
	/// Runs subscriptions.
	pub subscription_executor: SubscriptionTaskExecutor,
	/// Proves that a block is final.
	pub finality_provider: Arc<FinalityProofProvider<FullBackend, Block>>,
}

/// What all methods need.
pub struct FullDeps {
	/// The chain.
	pub client: Arc<FullClient>,
	/// Transactions that wait.
	pub pool: Arc<TransactionPool>,
	/// Knows the best chain.
	pub select_chain: FullSelectChain,
	/// The chain's specification.
	pub chain_spec: Box<dyn sc_chain_spec::ChainSpec>,
	/// For BABE.
	pub babe: BabeDeps,
	/// For GRANDPA.
	pub grandpa: GrandpaDeps,
	/// Modules of other parts of the node, such as inference and blobs, ready to be merged.
	pub extra: Vec<RpcModule<()>>,
}

/// All methods of this node beyond the standard ones.
pub fn create_full(
	deps: FullDeps,
) -> Result<RpcModule<()>, Box<dyn std::error::Error + Send + Sync>> {
	use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
	use sc_consensus_babe_rpc::{Babe, BabeApiServer};
	use sc_consensus_grandpa_rpc::{Grandpa, GrandpaApiServer};
	use sc_sync_state_rpc::{SyncState, SyncStateApiServer};
	use substrate_frame_rpc_system::{System, SystemApiServer};

	let FullDeps { client, pool, select_chain, chain_spec, babe, grandpa, extra } = deps;
	let mut io = RpcModule::new(());

	io.merge(System::new(client.clone(), pool).into_rpc())?;
	io.merge(TransactionPayment::new(client.clone()).into_rpc())?;
	io.merge(
		Babe::new(client.clone(), babe.worker_handle.clone(), babe.keystore, select_chain)
			.into_rpc(),
	)?;
	io.merge(
		Grandpa::new(
			grandpa.subscription_executor,
			grandpa.shared_authority_set.clone(),
			grandpa.shared_voter_state,
			grandpa.justification_stream,
			grandpa.finality_provider,
		)
		.into_rpc(),
	)?;
	io.merge(
		SyncState::new(chain_spec, client, grandpa.shared_authority_set, babe.worker_handle)?
			.into_rpc(),
	)?;
	for module in extra {
		io.merge(module)?;
	}

	Ok(io)
}
