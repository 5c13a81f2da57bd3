// SPDX-License-Identifier: Apache-2.0
//! What was committed to in any block of any fork.
//!
//! Nodes forget the blocks of a fork that lost once another is final. So each block is read when
//! it comes: at every node, since the author of a block may be the only one that ever has it.

use crate::{attestation::commitments, network::Network};
use anyhow::{Context, Result, bail};
use jurat_cli::{Client, client::AccountId32};
use jurat_primitives::{RequestDigest, commitment::Commitment};
use std::{
	collections::{BTreeMap, BTreeSet},
	sync::{Arc, Mutex, PoisonError},
};
use subxt::utils::H256;
use tokio::task::JoinHandle;

/// By attester and request: each commitment, and the blocks that have it.
pub type Commitments = BTreeMap<([u8; 32], RequestDigest), BTreeMap<Commitment, BTreeSet<H256>>>;

/// Watches the blocks of a network until it is dropped.
pub struct Witness {
	seen: Arc<Mutex<Commitments>>,
	watches: Vec<JoinHandle<Result<()>>>,
}

impl Witness {
	/// Watches every node of a network.
	pub async fn new(network: &Network) -> Result<Self> {
		let mut witness = Self { seen: Default::default(), watches: Vec::new() };
		for (_, client) in network.clients() {
			let (client, seen) = (client.clone(), witness.seen.clone());
			let mut blocks = client.api().stream_all_blocks().await?;
			witness.watches.push(tokio::spawn(async move {
				while let Some(block) = blocks.next().await {
					read(&client, block?.hash(), &seen).await?;
				}
				bail!("{} tells of no more blocks", client.url())
			}));
		}
		Ok(witness)
	}

	/// What was seen until now. An error if a block could not be read.
	pub async fn seen(&mut self) -> Result<Commitments> {
		if let Some(i) = self.watches.iter().position(JoinHandle::is_finished) {
			self.watches.swap_remove(i).await?.context("a witness saw no more")?;
		}
		Ok(self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone())
	}
}

impl Drop for Witness {
	fn drop(&mut self) {
		self.watches.iter().for_each(JoinHandle::abort);
	}
}

async fn read(client: &Client, block: H256, seen: &Mutex<Commitments>) -> Result<()> {
	for batch in commitments(client, block).await? {
		let AccountId32(attester) = batch.attester;
		let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
		for entry in batch.entries {
			let of_request = seen.entry((attester, entry.digest)).or_default();
			of_request.entry(entry.commitment).or_default().insert(block);
		}
	}
	Ok(())
}
