// SPDX-License-Identifier: Apache-2.0
//! Four validators, of which two and two do not see each other for a while. Each half goes on with
//! a chain of its own, on which requests are drawn, committed to and settled, until the halves meet
//! again and one of the two chains is undone.

use anyhow::{Context, Result, ensure};
use futures::{future::try_join_all, try_join};
use jurat_cli::{
	Client,
	amount::JUR,
	client::{Balance, BlockId, BlockNumber, Call, Ticket, events::Requested, reads::Settled},
};
use jurat_primitives::{Assurance, outcome::Fault, traits::Conduct};
use jurat_tests::{
	actors::{self, Model, Terms, account_of, key, publish_model},
	events::{Span, balance_at},
	harness::World,
	invariants::open_requests,
	models,
	network::Network,
	promises,
	wait::{at_most, until, until_true},
	witness::{Commitments, Witness},
};
use std::{
	collections::{BTreeMap, BTreeSet},
	process::ExitCode,
};
use subxt::utils::H256;

/// The validators of each half.
const HALVES: [[usize; 2]; 2] = [[0, 1], [2, 3]];
const VALIDATORS: [&str; 4] = ["Alice", "Bob", "Charlie", "Dave"];

/// Asks both halves, but for different things.
const TWO_FACED: &str = "Ferdie";
/// Asks both halves for the same things.
const CONSTANT: &str = "Eve";
/// Asks one half only, by half.
const LONERS: [&str; 2] = ["Grace", "Heidi"];
/// What each of these has.
const POCKET_MONEY: Balance = 1_000 * JUR;

/// Requests of each half.
const ASKED: usize = 18;

/// Blocks in which a half, with every other slot empty, does what it can.
const APART: BlockNumber = 20;
/// Blocks in which halves that met are of one mind, with what was on the way meanwhile settled.
const REUNION: BlockNumber = 40;

struct Forks {
	network: Network,
	/// Served by all four.
	model: Model,
	/// What happened; every promise is about it. It happens once.
	story: Option<Story>,
	begun: bool,
}

struct Story {
	/// The last block of both forks.
	parting: BlockId,
	winner: Fork,
	loser: Fork,
	/// Blocks of the chain, from the first after the parting until no request was open.
	span: Span,
	/// The same blocks, by hash.
	blocks: BTreeSet<H256>,
	/// The requests of these blocks, and how they ended.
	ended: Vec<(Requested, Settled)>,
	/// In any block of either fork.
	commitments: Commitments,
}

/// What one half did by itself.
struct Fork {
	half: usize,
	/// Its blocks before the halves met.
	span: Span,
	/// The same blocks, in order.
	blocks: Vec<H256>,
	/// The requests of these blocks, in order.
	requests: Vec<Requested>,
	/// Of a request that an account made who knew of this fork only.
	ticket: Ticket,
}

impl Fork {
	async fn read(client: &Client, half: usize, span: Span, ticket: Ticket) -> Result<Self> {
		let events = span.events(client, "Inference", "Requested").await?;
		let requests = events.iter().map(|event| Ok(event.fields()?)).collect::<Result<_>>()?;
		Ok(Self { half, span, blocks: hashes(client, span).await?, requests, ticket })
	}

	/// Requests of this account.
	fn of(&self, name: &str) -> Vec<&Requested> {
		let who = account_of(name);
		self.requests.iter().filter(|requested| requested.requester == who).collect()
	}
}

impl World for Forks {
	async fn start() -> Result<Self> {
		let network = Network::severable(&[("int8", models::DIGITS_INT8)]).await?;
		let (client, alice) = (network.client(0), key("Alice"));
		let terms = Terms { units: Some(5), price: 1_000_000, ..Terms::default() };
		let fund = LONERS.map(async |name| {
			let transfer = Call::transfer(account_of(name), POCKET_MONEY);
			at_most(10, "a transfer", client.submit(&transfer, &alice)).await
		});
		let ((), model, _) = try_join!(
			actors::bond_all(&network),
			publish_model(client, &alice, "by-all", models::DIGITS_INT8, terms),
			try_join_all(fund),
		)?;
		actors::serve(&network, &[0, 1, 2, 3], &[model.release]).await?;
		network.agree().await?;
		Ok(Self { network, model, story: None, begun: false })
	}

	fn network(&mut self) -> &mut Network {
		&mut self.network
	}
}

impl Forks {
	async fn story(&mut self) -> Result<(&Network, &Story)> {
		if self.story.is_none() {
			ensure!(!self.begun, "it did not come to an end, see the first promise");
			self.begun = true;
			self.story = Some(happen(&self.network, &self.model).await?);
		}
		Ok((&self.network, self.story.as_ref().context("it happened")?))
	}
}

/// Splits the network, lets both halves work, joins them, and waits until all is over.
async fn happen(network: &Network, model: &Model) -> Result<Story> {
	let mut witness = Witness::new(network).await?;
	let clients = HALVES.map(|half| network.client(half[0]));
	network.split(&[&HALVES[0], &HALVES[1]]).await.context("splitting the network")?;
	let tickets = try_join!(life(network, model, 0), life(network, model, 1))?;
	let (one, other) = try_join!(clients[0].best(), clients[1].best())?;
	let parting = parting(clients, one.number.min(other.number)).await?;
	let first = parting.number + 1;
	let span = |tip: BlockId| Span { first, last: tip.number };
	let (one, other) = try_join!(
		Fork::read(clients[0], 0, span(one), tickets.0),
		Fork::read(clients[1], 1, span(other), tickets.1),
	)?;
	println!("(forks of {} and {} blocks)", one.blocks.len(), other.blocks.len());

	network.join().await.context("joining the network")?;
	let beyond = one.span.last.max(other.span.last) + 1;
	finalised(network, beyond).await?;
	let kept = clients[0].block_hash(Some(first)).await?;
	let (winner, mut loser) = if one.blocks[0] == kept { (one, other) } else { (other, one) };
	println!("(one chain, final up to {beyond}; half {} won)", winner.half);

	// Its client follows it to the other chain.
	let client = clients[loser.half];
	let followed = actors::settled(client, &mut loser.ticket).await.context("the loser's")?;
	ensure!(followed.digest == loser.ticket.digest, "{followed:?}");
	let end = until(client, REUNION, "no request open", async |block| {
		Ok((open_requests(client, block.hash).await? == 0).then_some(block.number))
	})
	.await?;
	let end = finalised(network, end).await?;
	ensure!(open_requests(client, end.hash).await? == 0, "it was not the end: {end:?}");

	let span = Span { first, last: end.number };
	let mut ended = Vec::new();
	for event in span.events(client, "Inference", "Requested").await? {
		let requested: Requested = event.fields()?;
		let settled = client.settlement_at(requested.request, Some(end.hash)).await?;
		ended.push((requested, settled.context("a request that is not open has ended")?));
	}
	let blocks = hashes(client, span).await?.into_iter().collect();
	let commitments = witness.seen().await?;
	Ok(Story { parting, winner, loser, span, blocks, ended, commitments })
}

/// What a half does by itself: the ticket of a request that only this half knows of.
async fn life(network: &Network, model: &Model, half: usize) -> Result<Ticket> {
	let client = network.client(HALVES[half][0]);
	let start = client.finalised().await?;
	let ask = async |who: &str, images: &[usize], size: u8| {
		let inputs = images.iter().map(|i| models::image(&model.manifest, *i));
		let inputs = inputs.collect::<Result<Vec<_>>>()?;
		let options =
			actors::options(client, model.release, Assurance::quorum(size), &inputs[0]).await?;
		let call = Call::request_batch(model.release, &inputs, &options);
		at_most(APART, "requests included", client.submit(&call, &key(who))).await
	};
	// By themselves in front of all others: with the same numbers on both forks.
	ask(TWO_FACED, [&[0, 1, 2, 3], &[4, 5, 6, 7]][half], 3).await?;
	// Panels of one: half of them are of this half, which takes them to their end.
	let (_, _, alone) = try_join!(
		ask(TWO_FACED, [&[0, 1, 2, 3, 4, 5], &[4, 5, 6, 7, 8, 9]][half], 1),
		ask(CONSTANT, &[5, 6, 7, 8], 3),
		ask(LONERS[half], &[9, 8, 7, 6], 3),
	)?;
	// The pool tells of any block that includes a transaction, also of one that loses within its own
	// half. What counts is what this half's best chain has.
	let members = HALVES[half].map(|i| account_of(VALIDATORS[i]));
	let mut ended = 0;
	until_true(client, APART, "what this half can do", async |block| {
		let fork = Span { first: start.number + 1, last: block.number };
		let asked = fork.events(client, "Inference", "Requested").await?;
		let asked: Vec<Requested> =
			asked.iter().map(|event| event.fields()).collect::<Result<_, _>>()?;
		let at = Some(block.hash);
		let views = asked.iter().map(|requested| client.request_at(requested.request, at));
		let views: Vec<_> = try_join_all(views).await?;
		ended = views.iter().filter(|view| view.is_none()).count();
		let done = views.iter().flatten().all(|view| {
			let here = || view.panel.iter().filter(|seat| members.contains(&seat.attester));
			// With all its members here it ends here.
			let waits = here().count() < view.panel.len();
			waits && here().all(|seat| seat.conduct != Conduct::Silent)
		});
		Ok(asked.len() == ASKED && done)
	})
	.await?;
	println!("(half {half}: {ended} of {ASKED} requests ended on its fork)");
	Ok(client.ticket(alone)?)
}

/// The last block that both have, not above this number.
async fn parting(clients: [&Client; 2], below: BlockNumber) -> Result<BlockId> {
	let mut number = below;
	loop {
		let (one, other) =
			try_join!(clients[0].block_hash(Some(number)), clients[1].block_hash(Some(number)),)?;
		if one == other {
			ensure!(number < below, "the halves have the same blocks");
			return Ok(BlockId { number, hash: one });
		}
		number = number.checked_sub(1).context("two genesis blocks")?;
	}
}

/// Blocks of a client's best chain, in order.
async fn hashes(client: &Client, span: Span) -> Result<Vec<H256>> {
	let hashes = (span.first..=span.last).map(async |number| client.block_hash(Some(number)).await);
	Ok(try_join_all(hashes).await?)
}

/// Waits until every node has this block final, and it is the same.
async fn finalised(network: &Network, number: BlockNumber) -> Result<BlockId> {
	let hashes = network.clients().map(async |(name, client)| {
		until_true(client, REUNION, "finality", async |_| {
			Ok(client.finalised().await?.number >= number)
		})
		.await
		.context(name)?;
		anyhow::Ok(client.block_hash(Some(number)).await?)
	});
	let hashes: Vec<H256> = try_join_all(hashes).await?;
	ensure!(hashes.iter().all(|hash| *hash == hashes[0]), "different final blocks: {hashes:?}");
	Ok(BlockId { number, hash: hashes[0] })
}

async fn two_halves_that_meet_again_become_one_chain(world: &mut Forks) -> Result<()> {
	let (network, story) = world.story().await?;
	let (first, end) = (story.span.first, story.span.last);
	for (name, client) in network.clients() {
		let parting = client.block_hash(Some(story.parting.number)).await?;
		ensure!(parting == story.parting.hash, "{name} does not have the parting");
		let kept = client.block_hash(Some(first)).await?;
		ensure!(kept == story.winner.blocks[0], "{name} does not have the winner's blocks");
		ensure!(kept != story.loser.blocks[0], "{name} has the loser's blocks");
	}
	finalised(network, end + 2).await.context("finality goes on")?;
	Ok(())
}

async fn every_request_of_the_winning_fork_ends(world: &mut Forks) -> Result<()> {
	let (_, story) = world.story().await?;
	for (requested, settled) in &story.ended {
		ensure!(settled.digest == requested.digest, "another request: {settled:?}");
		ensure!(settled.requester == requested.requester, "{settled:?}");
		actors::check_accounts(settled, requested.escrow)?;
	}
	ensure!(story.winner.requests.len() == ASKED, "{:?}", story.winner.requests);
	for requested in &story.winner.requests {
		let kept = story.ended.iter().any(|(kept, _)| kept == requested);
		ensure!(kept, "not on the chain of its fork: {requested:?}");
	}
	let answered = story.ended.iter().filter(|(_, settled)| settled.answer.is_some()).count();
	println!("({answered} of {} answered)", story.ended.len());
	Ok(())
}

/// The same number meant two things; what was undone is asked again, or it is gone and has cost
/// nothing.
async fn what_the_losing_fork_had_is_asked_again_or_never_was(world: &mut Forks) -> Result<()> {
	let (network, story) = world.story().await?;
	let (winner, loser) = (&story.winner, &story.loser);
	ensure!(loser.requests.len() == ASKED, "{:?}", loser.requests);
	for (one, other) in winner.of(TWO_FACED).iter().zip(loser.of(TWO_FACED)).take(4) {
		ensure!(one.request == other.request, "different numbers: {one:?}, {other:?}");
		ensure!(one.digest != other.digest, "the same request: {one:?}, {other:?}");
	}
	for (one, other) in winner.of(CONSTANT).iter().zip(loser.of(CONSTANT)) {
		ensure!(one.digest == other.digest, "not the same: {one:?}, {other:?}");
	}
	let all = |requests: Vec<&Requested>, times: usize| {
		requests.iter().all(|requested| {
			let found = story.ended.iter().filter(|(kept, _)| kept.digest == requested.digest);
			found.count() == times
		})
	};
	// Their nonces are used up by what the winner was asked.
	ensure!(all(loser.of(TWO_FACED), 0), "{:?}", loser.of(TWO_FACED));
	ensure!(all(loser.of(CONSTANT), 1), "{:?}", loser.of(CONSTANT));
	// And this one's is not.
	let alone = LONERS[loser.half];
	ensure!(all(loser.of(alone), 1), "{:?}", loser.of(alone));

	let client = network.client(0);
	for name in [TWO_FACED, CONSTANT, LONERS[0], LONERS[1]] {
		let who = account_of(name);
		let own = story.ended.iter().filter(|(requested, _)| requested.requester == who);
		let charged: Balance = own.map(|(_, settled)| settled.charged).sum();
		let fees = story.span.fees(client, &who).await?;
		let (before, after) = story.span.wealth(client, &who).await?;
		ensure!(before - after == charged + fees, "{name}: {before}, {after}, {charged}, {fees}");
		let at = client.block_hash(Some(story.span.last)).await?;
		ensure!(balance_at(client, &who, at).await?.reserved == 0, "{name}: something is held");
	}
	Ok(())
}

/// One attester, one request, one commitment, whatever the fork.
async fn nobody_commits_to_two_answers_on_two_forks(world: &mut Forks) -> Result<()> {
	let (_, story) = world.story().await?;
	for ((attester, digest), commitments) in &story.commitments {
		ensure!(commitments.len() == 1, "{attester:?} equivocates on {digest:?}: {commitments:?}");
	}
	let lost: BTreeSet<_> = story.loser.blocks.iter().copied().collect();
	let blocks = || story.commitments.values().flat_map(BTreeMap::values);
	let undone = blocks().filter(|blocks| !blocks.is_disjoint(&lost));
	let kept = blocks().filter(|blocks| !blocks.is_disjoint(&story.blocks)).count();
	let (again, gone): (Vec<_>, Vec<_>) =
		undone.partition(|blocks| !blocks.is_disjoint(&story.blocks));
	println!("({kept} commitments; {} undone, {} of both forks)", gone.len(), again.len());
	ensure!(kept > 0 && !gone.is_empty() && !again.is_empty(), "too few to prove anything");
	Ok(())
}

/// Who was across the split when its panel was drawn may have missed it; nobody else, and nothing
/// else.
async fn the_only_faults_are_absences_across_the_split(world: &mut Forks) -> Result<()> {
	let (network, story) = world.story().await?;
	let across = HALVES[story.loser.half].map(|i| account_of(VALIDATORS[i]));
	let mut faults = BTreeMap::<_, u32>::new();
	for (_, settled) in &story.ended {
		for member in &settled.panel {
			let Some(fault) = member.verdict.fault() else { continue };
			ensure!(matches!(fault, Fault::NoShow | Fault::Withheld), "{member:?}: {settled:?}");
			ensure!(across.contains(&member.attester), "{member:?} was not across: {settled:?}");
			ensure!(settled.requested_at <= story.winner.span.last, "after the split: {settled:?}");
			*faults.entry((member.attester.0, fault as u8)).or_default() += 1;
		}
	}
	println!("({} absences)", faults.values().sum::<u32>());
	for name in VALIDATORS {
		let attester = network.client(0).attester(&account_of(name)).await?.context("bonded")?;
		for (fault, count) in attester.faults {
			let counted = faults.get(&(account_of(name).0, fault as u8)).copied();
			ensure!(count == counted.unwrap_or_default(), "{name}: {fault:?} {count} times");
		}
	}
	Ok(())
}

fn main() -> ExitCode {
	jurat_tests::harness::run::<Forks>(promises![
		two_halves_that_meet_again_become_one_chain,
		every_request_of_the_winning_fork_ends,
		what_the_losing_fork_had_is_asked_again_or_never_was,
		nobody_commits_to_two_answers_on_two_forks,
		the_only_faults_are_absences_across_the_split,
	])
}
