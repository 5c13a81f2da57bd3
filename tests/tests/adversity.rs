// SPDX-License-Identifier: Apache-2.0
//! One validator, and what goes wrong: requests that do not fit, that nobody serves, whose input
//! nobody has; forged and replayed transactions; a node that is killed.

use anyhow::{Context, Result, bail, ensure};
use futures::{future::try_join_all, try_join};
use jurat_cli::{
	Client,
	client::{
		Balance, BlockNumber, Call, Included,
		events::requested,
		reads::{Request, Settled},
	},
	keys::account,
};
use jurat_primitives::{
	Assurance, ElementType, InlineTensor, JobFailure, Outcome, ReleaseId, RequestDigest,
	RequestInput, RequestOptions, UnservedReason, Verdict, Version, traits::Conduct, view::Stage,
};
use jurat_tests::{
	actors::{self, DEADLINE, Model, Terms, answer, check_accounts, key, publish_model},
	attestation::{attestations, authorised, batch, commit, refusal, session},
	events::Span,
	harness::World,
	models,
	network::Network,
	node::wait_for_end,
	promises,
	wait::{at_most, until},
};
use std::process::ExitCode;

/// The shortest deadline that the chain takes: it leaves time for no second attempt to draw.
const SHORTEST: BlockNumber = 20;
/// Blocks within which a panel must be drawn, or a new transaction take effect.
const SOON: BlockNumber = 6;

struct Adversity {
	network: Network,
	/// Floats, served.
	digits: Model,
	/// Never served.
	inactive: Model,
	// Requests that cannot be answered. Some take long to end, so they are made before all else.
	/// To a release that was active until everyone stopped serving it.
	deserted: Included,
	/// For more stake than there is.
	greedy: Included,
	/// With an input that nobody has.
	lost: Included,
}

impl World for Adversity {
	async fn start() -> Result<Self> {
		let file = models::peak();
		let network =
			Network::dev(&[("digits", models::DIGITS), ("int8", models::DIGITS_INT8)]).await?;
		let (client, owner) = (network.client(0), key("Bob"));
		let publish = |name, file, symbol_max| {
			let terms = Terms { units: Some(5), symbol_max, ..Terms::default() };
			publish_model(client, &owner, name, file, terms)
		};
		let ((), digits, peak, deserted, inactive) = try_join!(
			actors::bond_all(&network),
			publish("digits", models::DIGITS, None),
			publish("peak", &file, Some(262_144)),
			publish("deserted", models::DIGITS_INT8, None),
			publish("inactive", models::IDENTITY, None),
		)?;
		let served = [digits.release, peak.release, deserted.release];
		actors::serve(&network, &[0], &served).await?;
		client.submit(&Call::stop_serving(deserted.release), &key("Alice")).await?;

		let image = |model: &Model| models::image(&model.manifest, 1);
		let (input, _never_uploaded) = models::samples(&peak.manifest, vec![1; 100_000])?;
		let (deserted, greedy, lost) = try_join!(
			asks(client, "Charlie", &deserted, image(&deserted)?, |options| {
				options.deadline = SHORTEST;
			}),
			asks(client, "Dave", &digits, image(&digits)?, |options| {
				options.deadline = SHORTEST;
				options.min_stake = Balance::MAX;
			}),
			asks(client, "Ferdie", &peak, input, |_| ()),
		)?;
		Ok(Self { network, digits, inactive, deserted, greedy, lost })
	}

	fn network(&mut self) -> &mut Network {
		&mut self.network
	}
}

type Options = RequestOptions<Balance, BlockNumber>;

/// Has somebody ask a panel of one, with other options than usual.
async fn asks(
	client: &Client,
	who: &str,
	model: &Model,
	input: RequestInput,
	change: impl FnOnce(&mut Options),
) -> Result<Included> {
	let assurance = Assurance::quorum(1);
	let mut options = actors::options(client, model.release, assurance, &input).await?;
	change(&mut options);
	let call = Call::request(model.release, &input, &options);
	at_most(SOON, "a request included", client.submit(&call, &key(who))).await
}

/// The errors of a request, each by its name, and what they cost: a transaction's fee.
async fn what_does_not_fit_is_refused_before_money_moves(world: &mut Adversity) -> Result<()> {
	let client = world.network.client(0);
	let (requester, release) = (key("Eve"), world.digits.release);
	let good = models::image(&world.digits.manifest, 0)?;
	let options = actors::options(client, release, Assurance::quorum(1), &good).await?;
	let quote = client.quote(release, Assurance::quorum(1), good.size()).await?.total;

	let floats = |shape: &[u64], values: &[f32]| InlineTensor {
		element_type: ElementType::F32,
		shape: shape.to_vec().try_into().expect("few dimensions; qed"),
		data: values
			.iter()
			.flat_map(|value| value.to_le_bytes())
			.collect::<Vec<_>>()
			.try_into()
			.expect("few values; qed"),
	};
	let image = floats(&[1, 64], &[0.5; 64]);
	let bytes = InlineTensor { element_type: ElementType::U8, ..floats(&[1, 64], &[0.0; 16]) };
	let input = |tensor| models::inline([("image", tensor)]);
	let unknown = ReleaseId { version: Version { major: 9, minor: 9 }, ..release };
	let assurance = Assurance::Quorum { size: 3, threshold: 1 };
	let with = |change: fn(&mut Options)| {
		let mut changed = options.clone();
		change(&mut changed);
		changed
	};
	let cheap = Options { max_fee: quote - 1, ..options.clone() };
	let unsound = Options { assurance, ..options.clone() };
	let request = |input: RequestInput| Call::request(release, &input, &options);
	let optioned = |options: &Options| Call::request(release, &good, options);

	let cases = [
		("WrongTensorCount", request(models::inline([]))),
		("WrongTensorName", request(models::inline([("picture", image.clone())]))),
		("WrongElementType", request(input(bytes))),
		("WrongRank", request(input(floats(&[64], &[0.5; 64])))),
		("WrongDimension", request(input(floats(&[1, 63], &[0.5; 63])))),
		("WrongDimension", request(input(floats(&[65, 64], &[0.5; 65 * 64])))),
		("WrongByteLength", request(input(floats(&[1, 64], &[0.5; 63])))),
		("NanNotAllowed", request(input(floats(&[1, 64], &[f32::NAN; 64])))),
		("InputTooLarge", request(input(floats(&[256, 64], &[0.5; 256 * 64])))),
		("FeeAboveMax", optioned(&cheap)),
		("DeadlineOutOfRange", optioned(&with(|options| options.deadline = SHORTEST - 1))),
		("DeadlineOutOfRange", optioned(&with(|options| options.deadline = 14_401))),
		("UnsoundAssurance", optioned(&unsound)),
		("UnknownRelease", Call::request(unknown, &good, &options)),
		("InactiveRelease", Call::request(world.inactive.release, &good, &options)),
		("EmptyBatch", Call::request_batch(release, &[], &options)),
		("UnknownRequest", Call::cancel(u64::MAX)),
	];
	let first = client.best().await?.number + 1;
	let count = cases.len();
	try_join_all(cases.map(async |(name, call)| {
		let refused =
			at_most(SOON, name, async { anyhow::Ok(client.submit(&call, &requester).await.err()) });
		let error = refused.await?.with_context(|| format!("{name}: the chain accepts it"))?;
		ensure!(error.dispatch() == Some(&format!("Inference::{name}")), "{name}: {error}");
		anyhow::Ok(())
	}))
	.await?;

	let span = Span { first, last: client.best().await?.number };
	let who = account(&requester);
	let failed = span.events(client, "System", "ExtrinsicFailed").await?.len();
	ensure!(failed == count, "{failed} of {count} transactions failed");
	let (before, after) = span.wealth(client, &who).await?;
	ensure!(before - after == span.fees(client, &who).await?, "more is gone than fees");
	ensure!(client.balance(&who).await?.reserved == 0, "something is held");
	Ok(())
}

/// Has Eve ask for what is in an image.
async fn eve_asks(world: &Adversity, digit: usize) -> Result<Included> {
	let input = models::image(&world.digits.manifest, digit)?;
	asks(world.network.client(0), "Eve", &world.digits, input, |_| ()).await
}

/// How a request ended that cannot be answered: by its deadline, without a fault, and for no more
/// than the fee of its transaction.
async fn refunded(
	world: &Adversity,
	included: &Included,
	deadline: BlockNumber,
) -> Result<Settled> {
	let client = world.network.client(0);
	let settled = actors::all_settled(client, included, deadline + 1).await?.remove(0);
	let escrow = requested(&included.events)?[0].escrow;
	check_accounts(&settled, escrow)?;
	ensure!(settled.charged == 0 && settled.refunded == escrow, "{settled:?}");
	ensure!(settled.settled_at <= settled.requested_at + deadline, "late: {settled:?}");
	let span = Span { first: settled.requested_at, last: settled.settled_at };
	let (before, after) = span.wealth(client, &settled.requester).await?;
	ensure!(before - after == span.fees(client, &settled.requester).await?);
	ensure!(client.balance(&settled.requester).await?.reserved == 0, "something is held");
	ensure!(settled.panel.iter().all(|member| member.verdict.fault().is_none()), "{settled:?}");
	println!("({:?} after {} blocks)", settled.outcome, settled.settled_at - settled.requested_at);
	Ok(settled)
}

async fn a_request_that_nobody_serves_is_refunded_by_its_deadline(
	world: &mut Adversity,
) -> Result<()> {
	let settled = refunded(world, &world.deserted, SHORTEST).await?;
	let expected = Outcome::Unserved(UnservedReason::TooFewAttesters);
	ensure!(settled.outcome == expected && settled.panel.is_empty(), "{settled:?}");
	Ok(())
}

async fn a_request_for_more_stake_than_there_is_is_refunded(world: &mut Adversity) -> Result<()> {
	let settled = refunded(world, &world.greedy, SHORTEST).await?;
	let expected = Outcome::Unserved(UnservedReason::TooLittleStake);
	ensure!(settled.outcome == expected && settled.panel.is_empty(), "{settled:?}");
	Ok(())
}

/// The attester says in time that it cannot have the input: that is no fault.
async fn a_request_whose_input_nobody_has_is_refunded(world: &mut Adversity) -> Result<()> {
	let settled = refunded(world, &world.lost, DEADLINE).await?;
	let unavailable = UnservedReason::Execution(JobFailure::InputUnavailable);
	ensure!(settled.outcome == Outcome::Unserved(unavailable), "{settled:?}");
	ensure!(settled.panel[0].verdict == Verdict::Abstained, "{settled:?}");
	Ok(())
}

/// The request as the block sees it in which its panel is drawn.
async fn drawn(world: &Adversity, included: &Included) -> Result<Request> {
	let client = world.network.client(0);
	let request = requested(&included.events)?[0].request;
	until(client, SOON, "a panel", async |block| {
		let view = client.request_at(request, Some(block.hash)).await?;
		Ok(view.filter(|view| !view.panel.is_empty()))
	})
	.await
}

async fn forged_and_replayed_commitments_never_enter_the_pool(world: &mut Adversity) -> Result<()> {
	let client = world.network.client(0);
	let (alice, bob) = (key("Alice"), key("Bob"));
	// What is wrong is found only while the panel waits for commitments: one block.
	for _ in 0..5 {
		let included = eve_asks(world, 4).await?;
		let view = drawn(world, &included).await?;
		let at = client.best().await?;
		let open = (view.request, view.digest);
		let silent = view.stage == Stage::Assigned && view.panel[0].conduct == Conduct::Silent;

		let now = session(client).await?;
		let genuine = batch(account(&alice), now, &[open]);
		let cases = [
			("bad signature", commit(client, &genuine, &bob)),
			("Invalid signing address", commit(client, &batch(account(&bob), now, &[open]), &bob)),
			("outdated", {
				let other = (view.request, RequestDigest::repeat_byte(1));
				commit(client, &batch(account(&alice), now, &[other]), &alice)
			}),
			("outdated", {
				let never = (view.request + 1_000, view.digest);
				commit(client, &batch(account(&alice), now, &[never]), &alice)
			}),
			("call is not expected", commit(client, &batch(account(&alice), now, &[]), &alice)),
			("call is not expected", {
				commit(client, &batch(account(&alice), now, &[open, open]), &alice)
			}),
		];
		let mut refusals = Vec::new();
		for (reason, call) in cases {
			let transaction = authorised(client, &call).await?;
			refusals.push((reason, refusal(client, &transaction).await?));
		}
		let in_time = silent && client.best().await?.hash == at.hash;
		let settled = actors::all_settled(client, &included, DEADLINE).await?.remove(0);
		answer(&settled)?;
		if !in_time {
			continue;
		}
		for (reason, refused) in refusals {
			ensure!(refused.contains(reason), "refused for `{refused}`, not for `{reason}`");
		}
		return replays(world, &settled, open).await;
	}
	bail!("a new block came before the forgeries, at each attempt")
}

/// What was right once is of no use a second time.
async fn replays(
	world: &Adversity,
	settled: &Settled,
	request: (u64, RequestDigest),
) -> Result<()> {
	let (client, alice) = (world.network.client(0), key("Alice"));
	let mut replayed = 0;
	for number in settled.requested_at..=settled.settled_at {
		let block = client.block_hash(Some(number)).await?;
		for transaction in attestations(client, block).await? {
			refusal(client, &transaction).await?;
			replayed += 1;
		}
	}
	ensure!(replayed == 2, "{replayed} instead of a commitment and a reveal");
	let now = session(client).await?;
	let again = commit(client, &batch(account(&alice), now, &[request]), &alice);
	let refused = refusal(client, &authorised(client, &again).await?).await?;
	ensure!(refused.contains("outdated"), "{refused}");
	// Nor does a sender make it legitimate.
	let signed = client.submit(&again, &key("Eve")).await;
	ensure!(signed.is_err(), "a commitment needs no sender, and must not have one");
	Ok(())
}

/// Kills the node as soon as a request is where it is to be, starts it again, and waits for the
/// end of the request.
async fn killed_when(world: &mut Adversity, there: fn(&Request) -> bool) -> Result<Settled> {
	let client = world.network.client(0);
	let included = eve_asks(world, 5).await?;
	let requested = requested(&included.events)?.remove(0);
	until(client, SOON, "the moment to kill the node", async |block| {
		let view = client.request_at(requested.request, Some(block.hash)).await?;
		Ok(view.filter(there))
	})
	.await?;
	let workers = world.network.node(0).workers();
	ensure!(!workers.is_empty(), "the node runs its models in processes of their own");
	world.network.kill(0);
	wait_for_end(&workers).await?;
	world.network.restart(0).await?;

	let client = world.network.client(0);
	let settled = client.wait_for_settlement(requested.request, |_| ());
	let settled = at_most(DEADLINE + 20, "the request settled", settled).await?;
	ensure!(settled.digest == requested.digest);
	check_accounts(&settled, requested.escrow)?;
	let blocks = settled.settled_at - settled.requested_at;
	println!("({:?} after {blocks} blocks)", settled.panel[0].verdict);
	Ok(settled)
}

async fn a_node_killed_after_the_draw_answers_when_it_is_back(world: &mut Adversity) -> Result<()> {
	let settled = killed_when(world, |view| view.stage != Stage::Pending).await?;
	ensure!(models::integer(answer(&settled)?, "label")? == 5);
	Ok(())
}

/// The reveal must open the commitment: same answer, same salt.
async fn a_node_killed_after_its_commitment_reveals_when_it_is_back(
	world: &mut Adversity,
) -> Result<()> {
	let committed = |view: &Request| {
		view.panel.iter().any(|seat| matches!(seat.conduct, Conduct::Committed(_)))
	};
	let settled = killed_when(world, committed).await?;
	ensure!(models::integer(answer(&settled)?, "label")? == 5);
	Ok(())
}

fn main() -> ExitCode {
	jurat_tests::harness::run::<Adversity>(promises![
		what_does_not_fit_is_refused_before_money_moves,
		a_request_that_nobody_serves_is_refunded_by_its_deadline,
		a_request_for_more_stake_than_there_is_is_refunded,
		a_request_whose_input_nobody_has_is_refunded,
		forged_and_replayed_commitments_never_enter_the_pool,
		a_node_killed_after_the_draw_answers_when_it_is_back,
		a_node_killed_after_its_commitment_reveals_when_it_is_back,
	])
}
