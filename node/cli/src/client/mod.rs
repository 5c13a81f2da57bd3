// SPDX-License-Identifier: Apache-2.0
//! The chain and the node, as a client sees them.
//!
//! | file | holds |
//! | --- | --- |
//! | `mod.rs` | [`Client`]: connection, blocks |
//! | [`calls`] | the calls that can be submitted |
//! | [`submit`] | signing, nonces, inclusion, errors by name |
//! | [`reads`] | runtime APIs |
//! | [`events`] | events of a transaction or a block |
//! | [`follow`] | a request from inclusion to settlement |
//! | [`node`] | the node's own interface: blobs and its inference engine |

pub mod calls;
pub mod events;
pub mod follow;
pub mod node;
pub mod reads;
pub mod submit;

use crate::error::{Error, Result};
use std::{collections::HashMap, sync::Arc, time::Duration};
use subxt::{
	SubstrateConfig,
	backend::LegacyBackend,
	client::{Blocks, OnlineClient},
	config::RpcConfigFor,
	ext::jsonrpsee::{
		client_transport::ws::{Url, WsTransportClientBuilder},
		core::client::Client as WsClient,
	},
	rpcs::{
		LegacyRpcMethods,
		client::{RpcClient, RpcParams},
	},
	utils::H256,
};
use tokio::sync::Mutex;

pub use calls::Call;
pub use events::ChainEvent;
pub use follow::{Step, Ticket};
pub use submit::{Included, SubmitOptions, Wait};
pub use subxt::utils::AccountId32;
pub use subxt_signer::sr25519::Keypair;

/// What the chain is to subxt: 32-byte accounts, multi-addresses and -signatures, BLAKE2 hashes.
pub type ChainConfig = SubstrateConfig;

/// Balances, in planck of JUR.
pub type Balance = u128;

/// Numbers of blocks.
pub type BlockNumber = u32;

/// How long the node may take for one answer. To admit a model it may take five minutes.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(360);

/// A block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockId {
	/// Its number.
	pub number: BlockNumber,
	/// Its hash.
	pub hash: H256,
}

/// A connection to a node. Cheap to clone; clones share the connection and count nonces together.
#[derive(Clone)]
pub struct Client {
	url: Arc<str>,
	api: OnlineClient<ChainConfig>,
	rpc: RpcClient,
	legacy: LegacyRpcMethods<RpcConfigFor<ChainConfig>>,
	/// The next nonce of each account that this client submitted for. The lock is held from choosing
	/// a nonce until the pool has the transaction.
	nonces: Arc<Mutex<HashMap<[u8; 32], u64>>>,
}

impl std::fmt::Debug for Client {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.debug_struct("Client").field("url", &self.url).finish_non_exhaustive()
	}
}

impl Client {
	/// Connects to a node's WebSocket, such as `ws://127.0.0.1:9944`.
	///
	/// The older JSON-RPC methods are used throughout: a short-lived client wants the best block at
	/// any time and pins none.
	pub async fn connect(url: &str) -> Result<Self> {
		let refused = |reason: String| Error::Connect { url: url.into(), reason };
		let address = Url::parse(url).map_err(|error| refused(error.to_string()))?;
		let (sender, receiver) = WsTransportClientBuilder::default()
			.build(address)
			.await
			.map_err(|error| refused(root_cause(&error)))?;
		let socket = WsClient::builder()
			.request_timeout(REQUEST_TIMEOUT)
			.max_buffer_capacity_per_subscription(4096)
			.build_with_tokio(sender, receiver);
		let rpc = RpcClient::new(socket);
		let backend = LegacyBackend::<ChainConfig>::builder().build(rpc.clone());
		let api = OnlineClient::from_backend_with_config(ChainConfig::new(), Arc::new(backend))
			.await
			.map_err(|error| refused(root_cause(&error)))?;
		let legacy = LegacyRpcMethods::new(rpc.clone());
		Ok(Self { url: url.into(), api, rpc, legacy, nonces: Default::default() })
	}

	/// Where the node is.
	pub fn url(&self) -> &str {
		&self.url
	}

	/// The chain's first block.
	pub fn genesis(&self) -> H256 {
		self.api.genesis_hash()
	}

	/// The underlying subxt client.
	pub fn api(&self) -> &OnlineClient<ChainConfig> {
		&self.api
	}

	/// Calls a method of the node.
	pub async fn rpc<R: serde::de::DeserializeOwned>(
		&self,
		method: &str,
		params: RpcParams,
	) -> Result<R> {
		self.rpc.request(method, params).await.map_err(|error| rpc_error(method, error))
	}

	/// The best block.
	pub async fn best(&self) -> Result<BlockId> {
		let hash = self.block_hash(None).await?;
		self.block(hash).await
	}

	/// The finalised block.
	pub async fn finalised(&self) -> Result<BlockId> {
		let method = "chain_getFinalizedHead";
		let hash = self.legacy.chain_get_finalized_head().await;
		self.block(hash.map_err(|error| rpc_error(method, error))?).await
	}

	/// The block of this number on the best chain; without a number, the best block.
	pub async fn block_hash(&self, number: Option<BlockNumber>) -> Result<H256> {
		let method = "chain_getBlockHash";
		let hash = self.legacy.chain_get_block_hash(number.map(|n| u64::from(n).into())).await;
		hash.map_err(|error| rpc_error(method, error))?
			.ok_or_else(|| decode(method, "no such block"))
	}

	/// A block by its hash.
	pub async fn block(&self, hash: H256) -> Result<BlockId> {
		let method = "chain_getHeader";
		let header = self.legacy.chain_get_header(Some(hash)).await;
		let header = header
			.map_err(|error| rpc_error(method, error))?
			.ok_or_else(|| decode(method, "no such block"))?;
		Ok(BlockId { number: block_number(header.number)?, hash })
	}

	/// Best blocks, from the present one on. After a re-organisation numbers go back.
	pub async fn best_blocks(&self) -> Result<BestBlocks> {
		let blocks = self.api.stream_best_blocks().await;
		Ok(BestBlocks(blocks.map_err(|error| Error::Disconnected(error.to_string()))?))
	}

	/// Waits for the best block to have at least this number.
	pub async fn wait_for_block(&self, number: BlockNumber) -> Result<BlockId> {
		let mut blocks = self.best_blocks().await?;
		loop {
			let block = blocks.next().await?;
			if block.number >= number {
				return Ok(block);
			}
		}
	}
}

/// A stream of best blocks.
pub struct BestBlocks(Blocks<ChainConfig>);

impl BestBlocks {
	/// The next one.
	pub async fn next(&mut self) -> Result<BlockId> {
		match self.0.next().await {
			Some(Ok(block)) => {
				Ok(BlockId { number: block_number(block.number())?, hash: block.hash() })
			},
			Some(Err(error)) => Err(Error::Disconnected(error.to_string())),
			None => Err(Error::Disconnected("the stream of blocks ended".into())),
		}
	}
}

fn block_number(number: u64) -> Result<BlockNumber> {
	number.try_into().map_err(|_| decode("a block number", "it has more than 32 bits"))
}

pub(crate) fn decode(what: &str, reason: impl ToString) -> Error {
	Error::Decode { what: what.into(), reason: reason.to_string() }
}

/// An error of the JSON-RPC client, by what the caller can do about it.
pub(crate) fn rpc_error(method: &str, error: subxt::rpcs::Error) -> Error {
	match error {
		subxt::rpcs::Error::User(error) => {
			let data = error.data.and_then(|data| serde_json::from_str(data.get()).ok());
			let mut message = error.message;
			// Substrate gives the same code for a method that is not there.
			if message.contains("unsafe to be called externally") {
				return Error::NotLocal(method.into());
			}
			if let Some(serde_json::Value::String(more)) = &data
				&& !message.contains(more)
			{
				message = format!("{message}: {more}");
			}
			Error::Node { method: method.into(), code: error.code, message, data }
		},
		subxt::rpcs::Error::Deserialization(error) => decode(method, error),
		other => Error::Disconnected(root_cause(&other)),
	}
}

/// The innermost reason, which is what says something to people.
pub(crate) fn root_cause(error: &dyn std::error::Error) -> String {
	let mut cause = error;
	while let Some(inner) = cause.source() {
		cause = inner;
	}
	cause.to_string()
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::{json, value::RawValue};
	use subxt::rpcs::{Error as RpcError, UserError};

	fn user(code: i32, message: &str, data: Option<serde_json::Value>) -> Error {
		let data = data.map(|data| RawValue::from_string(data.to_string()).unwrap());
		rpc_error("m", RpcError::User(UserError { code, message: message.into(), data }))
	}

	#[test]
	fn what_the_node_says_is_kept_for_people_and_for_programs() {
		let unsafe_call = user(-32601, "RPC call is unsafe to be called externally", None);
		assert!(matches!(&unsafe_call, Error::NotLocal(method) if method == "m"));
		assert!(unsafe_call.to_string().contains("--rpc-methods unsafe"));
		assert!(!unsafe_call.is_unknown_method());
		assert!(user(-32601, "Method not found", None).is_unknown_method());
		let Error::Node { data, .. } = user(9208, "offset", Some(json!({ "expected": 7 }))) else {
			panic!("not an error of the node")
		};
		assert_eq!(data.unwrap()["expected"], 7);
		let text = user(1010, "Invalid", Some(json!("outdated"))).to_string();
		assert_eq!(text, "the node refuses m: Invalid: outdated");
	}

	#[tokio::test]
	async fn without_a_node_the_error_says_how_to_have_one() {
		for url in ["ws://127.0.0.1:1", "http://127.0.0.1:1", "nonsense"] {
			let error = Client::connect(url).await.unwrap_err().to_string();
			assert!(error.contains("jurat-node --dev") && error.contains("--url"), "{error}");
		}
	}
}
