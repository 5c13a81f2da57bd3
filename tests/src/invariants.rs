// SPDX-License-Identifier: Apache-2.0
//! What holds at the end of every test: the runtime's own invariants, that nothing is open, and
//! the sums of money, added up once more from the outside.

use crate::{network::Network, wait::until_true};
use anyhow::{Context, Result, ensure};
use codec::Decode;
use futures::future::try_join_all;
use jurat_cli::{
	Client,
	client::{AccountId32, Balance, reads::AccountBalance},
};
use subxt::{dynamic::Value, utils::H256};

/// Blocks within which the last request of a test must have left the state.
const CLEARED: u32 = 10;

/// Checks everything on the best block of each node that is up.
pub async fn check(network: &Network) -> Result<()> {
	ensure!(network.clients().next().is_some(), "every node is down");
	let checks = network.clients().map(async |(name, client)| {
		check_node(client).await.with_context(|| format!("as {name} has it"))
	});
	try_join_all(checks).await?;
	Ok(())
}

async fn check_node(client: &Client) -> Result<()> {
	until_true(client, CLEARED, "no request open", async |block| {
		Ok(open_requests(client, block.hash).await? == 0)
	})
	.await?;
	let broken = client.check_invariants().await?;
	ensure!(broken.is_ok(), "an invariant is broken: {broken:?}");
	check_money(client).await.context("sums of money")
}

/// Requests that are open in a block.
pub async fn open_requests(client: &Client, at: H256) -> Result<u32> {
	let count = client.storage("Inference", "CounterForRequests", (), Some(at)).await?;
	Ok(count.unwrap_or_default())
}

/// A hold: reason, as pallet and its own number, and amount.
pub(crate) type Hold = ((u8, u8), Balance);

async fn check_money(client: &Client) -> Result<()> {
	// The views are read on the best block: all is, and once more should it change meanwhile.
	for _ in 0..5 {
		let at = client.best().await?.hash;
		let sums = sums(client, at).await;
		if client.best().await?.hash == at {
			return sums;
		}
	}
	anyhow::bail!("a new block at each attempt")
}

async fn sums(client: &Client, at: H256) -> Result<()> {
	let open = open_requests(client, at).await?;
	let holds: Vec<Vec<Hold>> = values(client, "Balances", "Holds", at).await?;
	let of = async |pallet: &str| {
		let index = pallet_index(client, pallet, at).await?;
		let reasons = holds.iter().flatten();
		anyhow::Ok(reasons.filter(|hold| hold.0.0 == index).map(|hold| hold.1).sum::<Balance>())
	};
	let escrows = of("Inference").await?;
	ensure!(open > 0 || escrows == 0, "{escrows} planck held without an open request");

	let mut bonds = 0;
	// Only the keys are of interest; the view says the rest.
	for (who, ()) in entries(client, "Attestation", "Attesters", at).await? {
		let attester = client.attester(&who).await?.context("an attester is one")?;
		bonds += attester.bonded + attester.unlocking.iter().map(|part| part.amount).sum::<u128>();
		// Not part of the bond any more, and still in its hold.
		bonds += attester.pending.iter().map(|(_, penalty)| penalty.amount).sum::<u128>();
	}
	ensure!(bonds == of("Attestation").await?, "bonds are {bonds}, held is something else");

	let mut deposits = 0;
	for model in client.models().await? {
		deposits += model.deposit;
		let releases = client.releases(model.model).await?;
		deposits += releases.iter().map(|release| release.deposit).sum::<Balance>();
	}
	ensure!(deposits == of("Models").await?, "deposits are {deposits}, held is something else");

	let accounts: Vec<(u32, u32, u32, u32, AccountBalance)> =
		values(client, "System", "Account", at).await?;
	let everything: Balance = accounts.iter().map(|info| info.4.free + info.4.reserved).sum();
	let issuance: Option<Balance> =
		client.storage("Balances", "TotalIssuance", (), Some(at)).await?;
	ensure!(issuance == Some(everything), "issuance {issuance:?}, accounts {everything}");
	Ok(())
}

pub(crate) async fn pallet_index(client: &Client, pallet: &str, at: H256) -> Result<u8> {
	let at = client.api().at_block(at).await?;
	let found = at.metadata_ref().pallet_by_name(pallet).map(|pallet| pallet.call_index());
	found.with_context(|| format!("no pallet {pallet}"))
}

/// The values of a map whose keys are accounts.
async fn values<V: Decode>(client: &Client, pallet: &str, item: &str, at: H256) -> Result<Vec<V>> {
	Ok(entries(client, pallet, item, at).await?.into_iter().map(|(_, value)| value).collect())
}

/// A map whose keys are accounts, hashed so that they can be read.
pub(crate) async fn entries<V: Decode>(
	client: &Client,
	pallet: &str,
	item: &str,
	at: H256,
) -> Result<Vec<(AccountId32, V)>> {
	let at = client.api().at_block(at).await?;
	let address = subxt::dynamic::storage::<(AccountId32,), Value>(pallet, item);
	let mut entries = at.storage().iter(address, ()).await?;
	let mut found = Vec::new();
	while let Some(entry) = entries.next().await {
		let entry = entry?;
		let account = entry.key_bytes().last_chunk::<32>().context("an account in the key")?;
		found.push((AccountId32(*account), V::decode(&mut entry.value().bytes())?));
	}
	Ok(found)
}
