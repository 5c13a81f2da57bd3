// SPDX-License-Identifier: Apache-2.0
//! Validators that serve, owners that publish, dApps that ask.

use crate::{
	network::Network,
	wait::{at_most, until_true},
};
use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use jurat_cli::{
	Client,
	amount::JUR,
	client::{
		Balance, BlockNumber, Call, Included, Keypair, Ticket, events::requested, reads::Settled,
	},
	keys::{account, keypair},
	publish::{Profile, PublishOptions, publish},
};
use jurat_onnx::ManifestOptions;
use jurat_primitives::{
	Assurance, Manifest, Mirrors, Outcome, ReleaseId, RequestInput, RequestOptions, Tensors,
	Verdict, view::ReleaseState,
};

/// Blocks that the tests' requests may take.
pub const DEADLINE: BlockNumber = 30;
/// What an attester bonds: ten times the least, so that a fault does not push it below.
pub const BOND: Balance = 10_000 * JUR;
/// Blocks within which a transaction is included and its effect seen.
const SOON: BlockNumber = 10;
/// Blocks after its deadline within which the client calls a request overdue.
const GRACE: BlockNumber = 20;

/// The key of a well-known account.
pub fn key(name: &str) -> Keypair {
	keypair(&format!("//{name}")).expect("a derivation of the well-known phrase; qed")
}

/// The keys of a network's validators, by number.
pub fn validators(network: &Network) -> Vec<Keypair> {
	["Alice", "Bob", "Charlie", "Dave"].into_iter().take(network.size()).map(key).collect()
}

/// A release that tests use.
#[derive(Clone, Debug)]
pub struct Model {
	/// Which.
	pub release: ReleaseId,
	/// What it promises.
	pub manifest: Manifest,
}

/// What to publish, beside the file.
#[derive(Clone, Debug, Default)]
pub struct Terms {
	/// Royalty of one request.
	pub price: Balance,
	/// Cost of one run; `None`: the node measures it.
	pub units: Option<u32>,
	/// Largest size of a free dimension; `None`: the default.
	pub symbol_max: Option<u64>,
	/// Numeric profile, as on the command line; `None`: what fits the file.
	pub profile: Option<&'static str>,
	/// Whether inputs and outputs may hold NaN.
	pub allow_nan: bool,
}

/// Publishes a file as the first release of a model, as the command line does.
pub async fn publish_model(
	client: &Client,
	owner: &Keypair,
	name: &str,
	file: &[u8],
	terms: Terms,
) -> Result<Model> {
	let mut manifest = ManifestOptions { licence: "MIT".into(), ..Default::default() };
	manifest.allow_nan = terms.allow_nan;
	if let Some(max) = terms.symbol_max {
		manifest.symbol_max = max;
	}
	if let Some(profile) = terms.profile {
		let Profile(profile) = profile.parse().map_err(anyhow::Error::msg)?;
		manifest.profile = Some(profile);
	}
	let options = PublishOptions {
		model: name.into(),
		metadata: String::new(),
		version: None,
		price: terms.price,
		mirrors: Mirrors::default(),
		units: terms.units,
		manifest,
	};
	let published = publish(client, owner, file, &options, |_| ());
	let published = at_most(4 * SOON, &format!("{name} published"), published).await?;
	let release = ReleaseId { model: published.model, version: published.version };
	Ok(Model { release, manifest: published.manifest })
}

/// Bonds every validator of a network, each through its own node.
pub async fn bond_all(network: &Network) -> Result<()> {
	let keys = validators(network);
	let bonds = keys.iter().enumerate().map(async |(i, key)| {
		let client = network.client(i);
		client.submit(&Call::bond(BOND), key).await.context("bond")
	});
	at_most(SOON, "every validator bonded", try_join_all(bonds)).await?;
	Ok(())
}

/// Announces releases for validators, each through its own node, and waits until the releases
/// take requests.
pub async fn serve(network: &Network, who: &[usize], releases: &[ReleaseId]) -> Result<()> {
	let keys = validators(network);
	let calls: Vec<_> = releases.iter().copied().map(Call::serve).collect();
	let announced = who
		.iter()
		.map(async |i| network.client(*i).submit_all(&calls, &keys[*i]).await.context("serve"));
	at_most(SOON, "releases announced", try_join_all(announced)).await?;
	let client = network.client(who[0]);
	for release in releases {
		until_true(client, SOON, "an active release", async |_| {
			let view = client.release(*release).await?;
			Ok(view.is_some_and(|view| view.state == ReleaseState::Active))
		})
		.await?;
	}
	Ok(())
}

/// Options that pay up to twice the quote.
pub async fn options(
	client: &Client,
	release: ReleaseId,
	assurance: Assurance,
	input: &RequestInput,
) -> Result<RequestOptions<Balance, BlockNumber>> {
	let quote = client.quote(release, assurance, input.size()).await?;
	Ok(RequestOptions { assurance, max_fee: 2 * quote.total, deadline: DEADLINE, min_stake: 0 })
}

/// Submits a request: the transaction, once a block includes it.
pub async fn request(
	client: &Client,
	requester: &Keypair,
	release: ReleaseId,
	assurance: Assurance,
	input: &RequestInput,
) -> Result<Included> {
	let options = options(client, release, assurance, input).await?;
	let call = Call::request(release, input, &options);
	at_most(SOON, "a request included", client.submit(&call, requester)).await
}

/// Waits until a request has ended.
pub async fn settled(client: &Client, ticket: &mut Ticket) -> Result<Settled> {
	let what = format!("request {} settled", ticket.request);
	at_most(DEADLINE + GRACE, &what, client.wait_for_ticket(ticket, |_| ())).await
}

/// Asks, and waits for what comes of it.
pub async fn ask(
	client: &Client,
	requester: &Keypair,
	release: ReleaseId,
	assurance: Assurance,
	input: &RequestInput,
) -> Result<Settled> {
	let included = request(client, requester, release, assurance, input).await?;
	settled(client, &mut client.ticket(included)?).await
}

/// Waits until all requests of a transaction have ended, within so many blocks.
pub async fn all_settled(
	client: &Client,
	included: &Included,
	blocks: BlockNumber,
) -> Result<Vec<Settled>> {
	let requests = requested(&included.events)?;
	let mut settlements = Vec::new();
	crate::wait::until(client, blocks, "all requests settled", async |block| {
		// In order of their numbers, so that each block asks only for what is missing.
		while let Some(next) = requests.get(settlements.len()) {
			match client.settlement_at(next.request, Some(block.hash)).await? {
				Some(settled) => settlements.push(settled),
				None => return Ok(None),
			}
		}
		Ok(Some(()))
	})
	.await?;
	for (requested, settled) in requests.iter().zip(&settlements) {
		ensure!(requested.digest == settled.digest, "request {} is another", requested.request);
	}
	Ok(settlements)
}

/// The output of an answered request.
pub fn answer(settled: &Settled) -> Result<&Tensors> {
	match &settled.outcome {
		Outcome::Answered(outputs) => Ok(outputs),
		other => anyhow::bail!("not answered: {other:?}; panel {:?}", settled.panel),
	}
}

/// Checks that a settlement accounts for every planck of its escrow, and that its members were
/// paid what their verdicts say.
pub fn check_accounts(settled: &Settled, escrow: Balance) -> Result<()> {
	let paid: Balance = settled.panel.iter().map(|member| member.paid).sum();
	let agreed = || settled.panel.iter().filter(|member| member.verdict == Verdict::Agreed);
	let behind: Balance = agreed().map(|member| member.stake).sum();
	ensure!(settled.charged == paid + settled.royalty + settled.protocol, "{settled:?}");
	ensure!(settled.charged + settled.refunded == escrow, "escrow {escrow}: {settled:?}");
	let answered = matches!(settled.outcome, Outcome::Answered(_));
	for member in &settled.panel {
		let earns = answered && member.verdict == Verdict::Agreed;
		ensure!((member.paid > 0) == earns, "{member:?}");
	}
	if answered {
		ensure!(usize::from(settled.agreement) == agreed().count(), "{settled:?}");
		ensure!(settled.stake_behind == behind && behind > 0, "{settled:?}");
	} else {
		ensure!(settled.charged == 0, "a failure is charged: {settled:?}");
	}
	Ok(())
}

/// The stake (exposure) of a well-known validator. The election rounds: it is a planck or two below
/// what genesis says.
pub async fn stake_of(client: &Client, name: &str) -> Result<Balance> {
	let attester = client.attester(&account_of(name)).await?;
	let stake = attester.with_context(|| format!("{name} is bonded"))?.exposure.total;
	ensure!(stake.abs_diff(100_000 * JUR) < 1_000, "{name} stakes {stake}");
	Ok(stake)
}

/// The account of a well-known name.
pub fn account_of(name: &str) -> jurat_cli::client::AccountId32 {
	account(&key(name))
}

/// Has Alice do something as root: the test networks have sudo.
pub async fn as_root(client: &Client, call: &Call) -> Result<()> {
	/// A call within a call: its bytes are in place.
	struct Inner(Vec<u8>);
	impl codec::Encode for Inner {
		fn encode(&self) -> Vec<u8> {
			self.0.clone()
		}
	}
	let at = client.api().at_block(client.best().await?.hash).await?;
	let inner = Inner(at.transactions().call_data(call)?);
	client.submit(&Call::new("Sudo", "sudo", inner), &key("Alice")).await?;
	Ok(())
}
