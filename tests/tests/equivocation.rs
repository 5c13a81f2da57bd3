// SPDX-License-Identifier: Apache-2.0
//! Four validators, some of which contradict themselves: the test has everybody's keys, and signs
//! for those whose nodes it has ended. The others find it out and report it by themselves.

use anyhow::{Context, Result, bail, ensure};
use futures::try_join;
use jurat_cli::{
	Client,
	amount::JUR,
	client::{
		AccountId32, Balance, BlockId, BlockNumber, Ticket, events::requested, reads::Request,
	},
};
use jurat_primitives::{
	Answer, Assurance, JobFailure, RequestDigest, Verdict,
	batch::{CommitEntry, RevealBatch, RevealEntry, Revealed},
	commitment::{answer_digest, commitment},
	traits::Conduct,
	view::Stage,
};
use jurat_tests::{
	actors::{self, Model, Terms, account_of, answer, check_accounts, key, publish_model},
	attestation::{SessionIndex, authorised, batch, commit, reveal, session, submit},
	events::{Span, in_block},
	harness::World,
	models,
	network::Network,
	promises,
	wait::{until, until_true},
};
use std::process::ExitCode;

/// The honest one that is killed for a while, and whose node takes the second commitment.
const CHARLIE: usize = 2;
/// The validators that equivocate, each in a promise of its own.
const BOB: usize = 1;
const DAVE: usize = 3;

/// Blocks within which a panel is drawn.
const SOON: BlockNumber = 6;
/// Blocks within which an equivocation must be reported: the commitment's block, that of the
/// report, and some for validators that are down.
const PROMPT: BlockNumber = 8;
/// Blocks in which two forks become one, and a report is in it.
const REUNION: BlockNumber = 40;
/// Requests for which two commitments are tried: each node must take one before it hears of the
/// other.
const ATTEMPTS: usize = 5;

struct Equivocation {
	network: Network,
	/// Served by Alice, Bob and Charlie: every panel of three is they.
	model: Model,
	/// The same for Alice, Charlie and Dave.
	other: Model,
}

impl World for Equivocation {
	async fn start() -> Result<Self> {
		let network = Network::local(&[("digits", models::DIGITS_INT8)]).await?;
		let terms = Terms { units: Some(5), ..Terms::default() };
		let eve = key("Eve");
		let publish =
			|name, terms| publish_model(network.client(0), &eve, name, models::DIGITS_INT8, terms);
		let ((), model, other) = try_join!(
			actors::bond_all(&network),
			publish("abc", terms.clone()),
			publish("acd", terms),
		)?;
		let both = [model.release, other.release];
		let (first, second) = both.split_at(1);
		try_join!(
			actors::serve(&network, &[0, CHARLIE], &both),
			actors::serve(&network, &[BOB], first),
			actors::serve(&network, &[DAVE], second),
		)?;
		Ok(Self { network, model, other })
	}

	fn network(&mut self) -> &mut Network {
		&mut self.network
	}
}

/// A report, as the event of the chain.
#[derive(Debug)]
struct Report {
	block: BlockId,
	attester: AccountId32,
	reporter: AccountId32,
	session: SessionIndex,
	digest: RequestDigest,
}

/// Reports in a block.
async fn reports_in(client: &Client, block: BlockId) -> Result<Vec<Report>> {
	let events = in_block(client, block.hash).await?;
	let reports = events.iter().filter(|event| event.is("Attestation", "EquivocationReported"));
	reports
		.map(|event| {
			let (attester, reporter, session, digest) = event.fields()?;
			Ok(Report { block, attester, reporter, session, digest })
		})
		.collect()
}

/// Reports in all blocks of the best chain up to now.
async fn all_reports(client: &Client) -> Result<Vec<Report>> {
	let mut found = Vec::new();
	for number in 1..=client.best().await?.number {
		let hash = client.block_hash(Some(number)).await?;
		found.extend(reports_in(client, BlockId { number, hash }).await?);
	}
	Ok(found)
}

/// Has somebody ask the panel of three, and waits until it is drawn.
async fn panel(client: &Client, model: &Model, digit: usize) -> Result<(Ticket, Request)> {
	let input = models::image(&model.manifest, digit)?;
	let assurance = Assurance::Quorum { size: 3, threshold: 2 };
	let included =
		actors::request(client, &key("Ferdie"), model.release, assurance, &input).await?;
	let requested = requested(&included.events)?.remove(0);
	let view = until(client, SOON, "a panel", async |block| {
		let view = client.request_at(requested.request, Some(block.hash)).await?;
		Ok(view.filter(|view| view.digest == requested.digest && !view.panel.is_empty()))
	})
	.await?;
	Ok((client.ticket(included)?, view))
}

/// Two transactions by which one attester commits to two answers to one request.
async fn two_faces(client: &Client, who: &str, view: &Request) -> Result<[Vec<u8>; 2]> {
	let one = commits(client, who, view, RequestDigest::repeat_byte(1)).await?;
	let two = commits(client, who, view, RequestDigest::repeat_byte(2)).await?;
	Ok([one, two])
}

/// A transaction that commits to something.
async fn commits(
	client: &Client,
	who: &str,
	view: &Request,
	commitment: RequestDigest,
) -> Result<Vec<u8>> {
	let now = session(client).await?;
	let mut batch = batch(account_of(who), now, &[(view.request, view.digest)]);
	let entry = CommitEntry { request: view.request, digest: view.digest, commitment };
	batch.entries = vec![entry].try_into().expect("one fits; qed");
	authorised(client, &commit(client, &batch, &key(who))).await
}

/// Has an attester commit, by hand, and waits until its panel may reveal. Two transactions that
/// open the commitment: the right one, and one to another answer.
async fn two_openings(client: &Client, who: &str, view: &Request) -> Result<[Vec<u8>; 2]> {
	let (attester, salt) = (account_of(who), [7; 32]);
	let answers = [JobFailure::RunFailed, JobFailure::TimedOut].map(Answer::Failure);
	let genesis = RequestDigest::from(client.genesis().0);
	let answer = answer_digest(&answers[0]);
	let commitment = commitment(&genesis, &view.digest, &attester, &answer, &salt);
	submit(client, &commits(client, who, view, commitment).await?).await?;
	until_true(client, SOON, "the time to reveal", async |block| {
		let view = client.request_at(view.request, Some(block.hash)).await?;
		Ok(view.is_some_and(|view| matches!(view.stage, Stage::Committed | Stage::Revealing)))
	})
	.await?;
	let now = session(client).await?;
	let mut transactions = Vec::new();
	for answer in answers {
		let (request, digest) = (view.request, view.digest);
		let entry = RevealEntry { request, digest, salt, revealed: Revealed::Full(answer) };
		let entries = vec![entry].try_into().expect("one fits; qed");
		let batch = RevealBatch { attester, session: now, entries };
		transactions.push(authorised(client, &reveal(client, &batch, &key(who))).await?);
	}
	Ok([transactions.remove(0), transactions.remove(0)])
}

/// Waits until the chain of a node convicts for a request.
async fn convicted(
	client: &Client,
	blocks: BlockNumber,
	first: BlockNumber,
	digest: RequestDigest,
) -> Result<Option<Report>> {
	let mut found = None;
	let waited = until_true(client, blocks, "a report", async |_| {
		let best = client.best().await?.number;
		for number in first..=best {
			let hash = client.block_hash(Some(number)).await?;
			let reports = reports_in(client, BlockId { number, hash }).await?;
			found = reports.into_iter().find(|report| report.digest == digest);
			if found.is_some() {
				return Ok(true);
			}
		}
		Ok(false)
	})
	.await;
	match (waited, found) {
		(Ok(()), found) => Ok(found),
		(Err(error), _) if format!("{error:#}").contains("not within") => Ok(None),
		(Err(error), _) => Err(error),
	}
}

/// It commits, is killed, and reveals when it is back: with the salt that it had before.
async fn an_honest_node_that_is_killed_and_comes_back_is_not_reported(
	world: &mut Equivocation,
) -> Result<()> {
	let client = world.network.client(0).clone();
	let (mut ticket, view) = panel(&client, &world.model, 3).await?;
	let charlie = account_of("Charlie");
	until_true(&client, SOON, "its commitment", async |block| {
		let view = client.request_at(view.request, Some(block.hash)).await?;
		let view = view.context("the request is open")?;
		let seat = view.panel.iter().find(|seat| seat.attester == charlie).context("a seat")?;
		Ok(seat.conduct != Conduct::Silent)
	})
	.await?;
	world.network.kill(CHARLIE);
	world.network.restart(CHARLIE).await?;
	let settled = actors::settled(&client, &mut ticket).await?;
	ensure!(models::integer(answer(&settled)?, "label")? == 3);
	let verdicts: Vec<_> = settled.panel.iter().map(|member| member.verdict).collect();
	println!("({verdicts:?} after {} blocks)", settled.settled_at - settled.requested_at);
	ensure!(verdicts == [Verdict::Agreed; 3], "{settled:?}");
	world.network.agree().await?;
	// One more, with all that the node said before in the others' memories.
	let (mut ticket, _) = panel(&client, &world.model, 4).await?;
	actors::settled(&client, &mut ticket).await?;
	let reports = all_reports(&client).await?;
	ensure!(reports.is_empty(), "{reports:?}");
	Ok(())
}

/// Bob tells Alice one thing and Charlie another, at the same time. One of the two goes into a block,
/// and whoever has the other sees the contradiction.
async fn who_commits_twice_is_reported_slashed_and_paused(world: &mut Equivocation) -> Result<()> {
	world.network.kill(BOB);
	let (client, other) = (world.network.client(0), world.network.client(CHARLIE));
	let bob = account_of("Bob");
	let stake = actors::stake_of(client, "Bob").await?;
	for attempt in 0..ATTEMPTS {
		let (mut ticket, view) = panel(client, &world.model, attempt).await?;
		let first = client.best().await?.number;
		let [one, two] = two_faces(client, "Bob", &view).await?;
		// Charlie's node may have heard of the first already, and refuse the second.
		let (here, there) = futures::join!(submit(client, &one), submit(other, &two));
		println!("(attempt {attempt}: Alice's node {here:?}, Charlie's {there:?})");
		let report = convicted(client, PROMPT, first, view.digest).await?;
		let settled = actors::settled(client, &mut ticket).await?;
		check_accounts(&settled, settled.charged + settled.refunded)?;
		let Some(report) = report else { continue };

		println!("(reported in block {}, {} after the panel)", report.block.number, {
			report.block.number.saturating_sub(first)
		});
		ensure!(report.attester == bob, "{report:?}");
		let honest = ["Alice", "Charlie", "Dave"].map(account_of);
		ensure!(honest.contains(&report.reporter), "{report:?}");
		ensure!(report.session <= session(client).await?, "{report:?}");
		punished(client, &report, stake).await?;
		// No second report, however long the others still hold what they saw.
		until_true(client, PROMPT + 2, "some blocks", async |block| {
			Ok(block.number >= report.block.number + PROMPT)
		})
		.await?;
		let reports = all_reports(client).await?;
		ensure!(reports.len() == 1, "{reports:?}");
		world.network.restart(BOB).await?;
		return world.network.agree().await;
	}
	bail!("no node saw both commitments, in {ATTEMPTS} attempts")
}

/// A tenth of the stake, of which the reporter gets a fifth, at once on a test network.
async fn punished(client: &Client, report: &Report, stake: Balance) -> Result<()> {
	let attester = client.attester(&report.attester).await?.context("it is bonded")?;
	ensure!(attester.paused, "{attester:?}");
	let slashes = slashes(client, report).await?;
	let [(who, slash)] = slashes.as_slice() else { bail!("slashes: {slashes:?}") };
	ensure!(*who == report.attester, "{slashes:?}");
	ensure!(*slash == stake / 10 || *slash == stake / 10 + 1, "{slash} of {stake}");
	let span = Span { first: report.block.number, last: report.block.number };
	let (before, after) = span.wealth(client, &report.attester).await?;
	ensure!(before - after == *slash, "lost {}, slashed {slash}", before - after);
	let (before, after) = span.wealth(client, &report.reporter).await?;
	println!("(slashed {} JUR, the reporter got {} JUR)", slash / JUR, (after - before) / JUR);
	ensure!((after - before).abs_diff(slash / 5) <= 1, "paid {}", after - before);
	Ok(())
}

/// As with commitments: one reveal goes to Alice, another to Charlie. He is the second validator of
/// this session that contradicts itself: both lose more than each of them would alone.
async fn who_reveals_twice_is_reported_and_two_in_a_session_lose_more(
	world: &mut Equivocation,
) -> Result<()> {
	let (client, other) = (world.network.client(0).clone(), world.network.client(CHARLIE).clone());
	let earlier = all_reports(&client).await?;
	world.network.kill(DAVE);
	let dave = account_of("Dave");
	let stake = actors::stake_of(&client, "Dave").await?;
	for attempt in 0..ATTEMPTS {
		let (mut ticket, view) = panel(&client, &world.other, attempt).await?;
		let [one, two] = two_openings(&client, "Dave", &view).await?;
		let first = client.best().await?.number;
		let (here, there) = futures::join!(submit(&client, &one), submit(&other, &two));
		println!("(attempt {attempt}: Alice's node {here:?}, Charlie's {there:?})");
		let report = convicted(&client, PROMPT, first, view.digest).await?;
		let settled = actors::settled(&client, &mut ticket).await?;
		check_accounts(&settled, settled.charged + settled.refunded)?;
		let Some(report) = report else { continue };

		ensure!(report.attester == dave, "{report:?}");
		ensure!(["Alice", "Bob", "Charlie"].map(account_of).contains(&report.reporter));
		// A tenth, and (3 · 1 / 4)² for the other one of the same session.
		let two = earlier.iter().any(|earlier| earlier.session == report.session);
		let parts = if two { 6_625 } else { 1_000 };
		println!("({} of 10,000 parts of the stake)", parts);
		let slashes = slashes(&client, &report).await?;
		let of = |who| slashes.iter().find(|(slashed, _)| *slashed == who).map(|(_, slash)| *slash);
		let slash = of(dave).context("Dave is slashed")?;
		ensure!(slash.abs_diff(stake * parts / 10_000) <= 1, "{slash} of {stake}");
		// What was taken of Bob before counts.
		let more = of(account_of("Bob")).unwrap_or_default();
		let all = stake * parts / 10_000 - stake * 1_000 / 10_000;
		ensure!(more.abs_diff(all) <= 2, "{more} of Bob instead of {all}");
		let span = Span { first: report.block.number, last: report.block.number };
		let (before, after) = span.wealth(&client, &report.reporter).await?;
		// It may be Bob's node that reports, in the very block in which he is slashed once more.
		let own = of(report.reporter).unwrap_or_default();
		ensure!(after + own >= before + slash / 5 - 1, "{before}, {after}: no fifth of {slash}");
		world.network.restart(DAVE).await?;
		return world.network.agree().await;
	}
	bail!("no node saw both reveals, in {ATTEMPTS} attempts")
}

/// What was slashed in the block of a report.
async fn slashes(client: &Client, report: &Report) -> Result<Vec<(AccountId32, Balance)>> {
	let events = in_block(client, report.block.hash).await?;
	let slashes = events.iter().filter(|event| event.is("Staking", "Slashed"));
	Ok(slashes.map(|event| event.fields()).collect::<Result<_, _>>()?)
}

/// The two halves of a network that is split. Dave's node is in the second; so is whatever else
/// signs with his key in the first.
const HALVES: [[usize; 2]; 2] = [[0, BOB], [CHARLIE, DAVE]];

/// A network of its own: the staking pallet has not disabled anybody yet.
struct Split {
	network: Network,
	/// Served by Alice, Charlie and Dave: every panel of three is they.
	model: Model,
}

impl World for Split {
	async fn start() -> Result<Self> {
		let network = Network::severable(&[("digits", models::DIGITS)]).await?;
		let terms = Terms { units: Some(5), ..Terms::default() };
		let eve = key("Eve");
		let ((), model) = try_join!(
			actors::bond_all(&network),
			publish_model(network.client(0), &eve, "digits", models::DIGITS, terms),
		)?;
		actors::serve(&network, &[0, CHARLIE, DAVE], &[model.release]).await?;
		network.agree().await?;
		Ok(Self { network, model })
	}

	fn network(&mut self) -> &mut Network {
		&mut self.network
	}
}

/// Both halves are asked the same, and Dave is on both panels. His node commits on one fork, and
/// somebody with his key on the other: an operator with a spare machine. When the halves meet again,
/// who was on the fork that is undone sees both.
async fn who_commits_differently_on_two_forks_is_reported(world: &mut Split) -> Result<()> {
	let network = &world.network;
	let (client, other) = (network.client(HALVES[0][0]), network.client(HALVES[1][0]));
	let first = client.best().await?.number;
	network.split(&[&HALVES[0], &HALVES[1]]).await?;
	let ((_, here), (_, there)) =
		try_join!(panel(client, &world.model, 5), panel(other, &world.model, 5))?;
	ensure!(here.digest == there.digest, "two requests: {here:?} and {there:?}");

	let [face, _] = two_faces(client, "Dave", &here).await?;
	submit(client, &face).await?;
	try_join!(committed(client, &here, "Dave"), committed(other, &there, "Dave"))?;
	let reports = all_reports(client).await?;
	ensure!(reports.is_empty(), "nobody can know yet: {reports:?}");
	network.join().await?;

	let report = convicted(client, REUNION, first, here.digest).await?;
	let report = report.context("nobody saw both forks")?;
	println!("(reported by {} in block {})", report.reporter, report.block.number);
	ensure!(report.attester == account_of("Dave"), "{report:?}");
	ensure!(report.reporter != report.attester, "{report:?}");
	let attester = client.attester(&report.attester).await?.context("it is bonded")?;
	ensure!(attester.paused, "{attester:?}");
	Ok(())
}

/// Waits until a block of a node's chain has a member's commitment.
async fn committed(client: &Client, view: &Request, who: &str) -> Result<()> {
	let who = account_of(who);
	until_true(client, SOON, "a commitment in a block", async |block| {
		let view = client.request_at(view.request, Some(block.hash)).await?;
		let view = view.context("the request is open")?;
		let seat = view.panel.iter().find(|seat| seat.attester == who).context("a seat")?;
		Ok(seat.conduct != Conduct::Silent)
	})
	.await
}

fn main() -> ExitCode {
	let together = jurat_tests::harness::run::<Equivocation>(promises![
		an_honest_node_that_is_killed_and_comes_back_is_not_reported,
		who_commits_twice_is_reported_slashed_and_paused,
		who_reveals_twice_is_reported_and_two_in_a_session_lose_more,
	]);
	let split = jurat_tests::harness::run::<Split>(promises![
		who_commits_differently_on_two_forks_is_reported,
	]);
	if together == ExitCode::SUCCESS { split } else { together }
}
