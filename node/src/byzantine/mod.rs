// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! A validator that breaks the rules, for tests. Only `jurat-byzantine-node` has this, and only if
//! it is built with the feature `byzantine`; `jurat-node` does not compile with that feature.
//!
//! The runtime's off-chain worker stays honest. What it gets from the executor, or what it sends, is
//! tampered with natively:
//!
//! | file | holds |
//! | --- | --- |
//! | `answer` | wrong answers in place of right ones |
//! | `blobs` | wrong bytes for peers that fetch blobs |
//! | `message` | commitments and reveals as they travel, signed again after a change |
//! | `scheme` | which messages go out instead of those of the worker, and when |
//! | `pool` | the transaction pool that the worker gets; carries the scheme out |
//! | `flood` | garbage at full speed |
//! | `peers` | the way to other nodes past gossip: their JSON-RPC |

mod answer;
mod blobs;
mod flood;
mod message;
mod peers;
mod pool;
mod scheme;

use std::{num::NonZeroU32, str::FromStr, sync::Arc};

use jurat_exchange::async_channel;
use jurat_primitives::commitment::genesis_hash;
use sc_network::request_responses::IncomingRequest;
use sc_service::{SpawnTaskHandle, TaskManager};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_keystore::KeystorePtr;

use crate::{
	chain_spec::Block,
	inference::Answerer,
	service::{FullClient, TransactionPool},
};
use message::Signer;
use peers::Peers;
use pool::{ByzantinePool, Shared};
use scheme::Scheme;

/// Target of log lines.
const LOG_TARGET: &str = "byzantine";

/// How many blocks `late` holds messages back, unless it is told otherwise.
const LATE: u32 = 3;

/// Options of misbehaviour.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Misbehaviour")]
pub struct MisbehaviourArgs {
	/// What this validator does wrong: wrong[=SEED], silent, withhold, bad-opening, copy,
	/// late[=BLOCKS], equivocate, equivocate-reveal, replay, flood[=PER_SECOND], wrong-blobs.
	#[arg(long, value_name = "KIND")]
	pub misbehave: Option<Kind>,

	/// JSON-RPC of the nodes that hear what gossip does not tell them: http://HOST:PORT,...
	#[arg(long, value_name = "URL,URL", value_delimiter = ',')]
	pub misbehave_peers: Vec<String>,
}

/// A kind of misbehaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
	/// Swears to a wrong answer; nodes with one seed give the same one.
	Wrong(u64),
	/// Never commits.
	Silent,
	/// Commits, and never reveals.
	Withhold,
	/// Reveals with another salt than it committed with.
	BadOpening,
	/// Commits and reveals what another member of its panel does.
	Copy,
	/// Sends everything so many blocks late.
	Late(u32),
	/// Signs two commitments to one request, and shows one of them to its peers.
	Equivocate,
	/// Signs two reveals of one request, and shows one of them to its peers.
	EquivocateReveal,
	/// Sends everything several times, old messages with each new block.
	Replay,
	/// Sends garbage: so much in a second, or as much as it can.
	Flood(Option<NonZeroU32>),
	/// Sends wrong bytes to peers that fetch blobs.
	WrongBlobs,
}

impl FromStr for Kind {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		fn number<T: FromStr>(text: Option<&str>, default: T) -> Result<T, String> {
			let Some(text) = text else { return Ok(default) };
			text.parse().map_err(|_| format!("`{text}` is not such a number"))
		}
		let (name, value) = match text.split_once('=') {
			Some((name, value)) => (name, Some(value)),
			None => (text, None),
		};
		let kind = match name {
			"wrong" => return Ok(Self::Wrong(number(value, 0)?)),
			"late" => return Ok(Self::Late(number(value, LATE)?)),
			"flood" => return Ok(Self::Flood(NonZeroU32::new(number(value, 0)?))),
			"silent" => Self::Silent,
			"withhold" => Self::Withhold,
			"bad-opening" => Self::BadOpening,
			"copy" => Self::Copy,
			"equivocate" => Self::Equivocate,
			"equivocate-reveal" => Self::EquivocateReveal,
			"replay" => Self::Replay,
			"wrong-blobs" => Self::WrongBlobs,
			_ => return Err(format!("no misbehaviour is called `{name}`")),
		};
		match value {
			None => Ok(kind),
			Some(_) => Err(format!("`{name}` takes no number")),
		}
	}
}

impl MisbehaviourArgs {
	/// What answers jobs in place of the executor.
	pub fn answerer(&self, honest: Arc<dyn Answerer>) -> Arc<dyn Answerer> {
		match self.misbehave {
			Some(Kind::Wrong(seed)) => Arc::new(answer::Liar { honest, seed }),
			_ => honest,
		}
	}

	/// Requests of peers for blobs, as they reach who answers them.
	pub fn blob_requests(
		&self,
		requests: async_channel::Receiver<IncomingRequest>,
		spawner: SpawnTaskHandle,
	) -> async_channel::Receiver<IncomingRequest> {
		match self.misbehave {
			Some(Kind::WrongBlobs) => blobs::spoiled(requests, spawner),
			_ => requests,
		}
	}

	/// The pool that the off-chain worker gets in place of the node's.
	pub fn worker_pool(
		&self,
		pool: Arc<TransactionPool>,
		client: Arc<FullClient>,
		keystore: KeystorePtr,
		tasks: &TaskManager,
	) -> OffchainTransactionPoolFactory<Block> {
		let Some(kind) = self.misbehave else {
			log::warn!(target: LOG_TARGET, "This node can misbehave, and is not told to");
			return OffchainTransactionPoolFactory::new(pool);
		};
		for line in ["!".repeat(72), format!("THIS NODE MISBEHAVES ON PURPOSE: {kind:?}")] {
			log::error!(target: LOG_TARGET, "{line}");
		}
		let genesis = genesis_hash(&client.chain_info().genesis_hash);
		let peers = Peers::new(&self.misbehave_peers);
		let scheme = Scheme::new(kind, Signer { keystore, genesis });
		let shared = Arc::new(Shared::new(pool, client, peers, scheme));
		let spawner = tasks.spawn_handle();
		spawner.spawn_blocking("byzantine", None, shared.clone().watch());
		if let Kind::Flood(rate) = kind {
			let flood = flood::run(shared.clone(), genesis, rate);
			spawner.spawn_blocking("byzantine-flood", None, flood);
		}
		OffchainTransactionPoolFactory::new(ByzantinePool(shared))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn each_kind_is_read_with_and_without_its_number() {
		let cases = [
			("wrong", Kind::Wrong(0)),
			("wrong=7", Kind::Wrong(7)),
			("silent", Kind::Silent),
			("withhold", Kind::Withhold),
			("bad-opening", Kind::BadOpening),
			("copy", Kind::Copy),
			("late", Kind::Late(LATE)),
			("late=12", Kind::Late(12)),
			("equivocate", Kind::Equivocate),
			("equivocate-reveal", Kind::EquivocateReveal),
			("replay", Kind::Replay),
			("flood", Kind::Flood(None)),
			("flood=50", Kind::Flood(NonZeroU32::new(50))),
			("wrong-blobs", Kind::WrongBlobs),
		];
		for (text, kind) in cases {
			assert_eq!(text.parse(), Ok(kind), "{text}");
		}
		for text in ["", "honest", "silent=1", "wrong=x", "late=-1"] {
			assert!(text.parse::<Kind>().is_err(), "{text}");
		}
	}
}
