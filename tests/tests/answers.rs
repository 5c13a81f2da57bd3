// SPDX-License-Identifier: Apache-2.0
//! One validator: right answers, exact bytes, exact bills.

use anyhow::{Context, Result, ensure};
use futures::{future::try_join_all, try_join};
use jurat_cli::{
	amount::JUR,
	client::{Call, events::requested},
};
use jurat_primitives::{Assurance, Outcome, RequestInput, Verdict};
use jurat_tests::{
	actors::{
		self, Model, Terms, account_of, all_settled, answer, ask, check_accounts, key,
		publish_model,
	},
	events::{Span, treasury},
	harness::World,
	models,
	network::Network,
	promises,
};
use std::process::ExitCode;

/// Royalty of a request to the models of this file.
const ROYALTY: u128 = JUR / 100;
/// Blocks within which what is sent at once has been answered.
const ALL_ANSWERED: u32 = 15;

struct Answers {
	network: Network,
	digits: Model,
	digits_int8: Model,
	identity: Model,
	peak: Model,
}

impl World for Answers {
	async fn start() -> Result<Self> {
		// No model lies in the node's store yet: publishing uploads it.
		let network = Network::dev(&[]).await?;
		let (client, owner, peak) = (network.client(0), key("Bob"), models::peak());
		let publish = |name, file, symbol_max| {
			let terms = Terms { price: ROYALTY, symbol_max, ..Terms::default() };
			publish_model(client, &owner, name, file, terms)
		};
		let ((), digits, digits_int8, identity, peak) = try_join!(
			actors::bond_all(&network),
			publish("digits", models::DIGITS, None),
			publish("digits-int8", models::DIGITS_INT8, None),
			publish("identity", models::IDENTITY, Some(8)),
			publish("peak", &peak, Some(262_144)),
		)?;
		let all = [&digits, &digits_int8, &identity, &peak].map(|model| model.release);
		actors::serve(&network, &[0], &all).await?;
		Ok(Self { network, digits, digits_int8, identity, peak })
	}

	fn network(&mut self) -> &mut Network {
		&mut self.network
	}
}

/// Each image once, in a transaction of its own, to the float and to the integer model.
async fn every_image_gets_its_label(world: &mut Answers) -> Result<()> {
	let (client, requester) = (world.network.client(0), key("Ferdie"));
	let stake = actors::stake_of(client, "Alice").await?;
	let asked = [&world.digits, &world.digits_int8].into_iter().flat_map(|model| {
		let (requester, stake) = (&requester, &stake);
		(0..models::IMAGES.len()).map(async move |i| {
			let input = models::image(&model.manifest, i)?;
			let settled =
				ask(client, requester, model.release, Assurance::quorum(1), &input).await?;
			let label = models::integer(answer(&settled)?, "label")?;
			ensure!(label == models::label_of_image(i)?, "image {i} is taken for {label}");
			ensure!(settled.agreement == 1 && settled.stake_behind == *stake, "{settled:?}");
			anyhow::Ok(())
		})
	});
	try_join_all(asked).await?;
	Ok(())
}

/// The requester pays the quote and the transaction's fee, and who gets what adds up.
async fn an_answer_costs_its_quote_and_the_split_adds_up(world: &mut Answers) -> Result<()> {
	let client = world.network.client(0);
	let (requester, model) = (key("Eve"), &world.digits_int8);
	let input = models::image(&model.manifest, 3)?;
	let quote = client.quote(model.release, Assurance::quorum(1), input.size()).await?;
	ensure!(quote.royalty == ROYALTY);
	ensure!(quote.total == quote.attesters + quote.royalty + quote.protocol, "{quote:?}");
	ensure!(quote.protocol == (quote.attesters + ROYALTY).div_ceil(50), "not 2 %: {quote:?}");

	let included =
		actors::request(client, &requester, model.release, Assurance::quorum(1), &input).await?;
	let requested = requested(&included.events)?;
	ensure!(requested.len() == 1 && requested[0].escrow == quote.total, "{requested:?}");
	let settled = actors::settled(client, &mut client.ticket(included)?).await?;

	answer(&settled)?;
	check_accounts(&settled, quote.total)?;
	ensure!(settled.charged == quote.total && settled.refunded == 0, "{settled:?}");
	let [member] = settled.panel.as_slice() else { anyhow::bail!("{settled:?}") };
	ensure!(member.attester == account_of("Alice") && member.verdict == Verdict::Agreed);
	ensure!(member.paid == quote.per_attester && settled.royalty == ROYALTY, "{settled:?}");

	// Nothing else happens in these blocks.
	let span = Span { first: settled.requested_at, last: settled.settled_at };
	let fee = span.fees(client, &account_of("Eve")).await?;
	ensure!(fee > 0, "a signed transaction is not free");
	let gain = async |who| {
		let (before, after) = span.wealth(client, &who).await?;
		anyhow::Ok(after as i128 - before as i128)
	};
	ensure!(gain(account_of("Eve")).await? == -((quote.total + fee) as i128));
	ensure!(gain(account_of("Alice")).await? == quote.per_attester as i128);
	ensure!(gain(account_of("Bob")).await? == ROYALTY as i128);
	ensure!(gain(treasury()).await? == (quote.protocol + fee) as i128);
	Ok(())
}

/// Text of any kind and integers from end to end of their range, as matrices.
async fn strings_and_integers_come_back_exactly(world: &mut Answers) -> Result<()> {
	let (client, model) = (world.network.client(0), &world.identity);
	let text = r#"text=[["", "grüß dich", "数字"], ["🦀", "a\nb\t", "\"quoted\""]]"#;
	let numbers = format!("numbers=[[0, -1, 1], [{}, {}, 42]]", i64::MIN, i64::MAX);
	let prepared = models::prepared(&model.manifest, &[text, &numbers])?;
	let RequestInput::Inline(inputs) = &prepared.input else { anyhow::bail!("inline") };
	let settled =
		ask(client, &key("Ferdie"), model.release, Assurance::quorum(1), &prepared.input).await?;
	let outputs = answer(&settled)?;
	ensure!(outputs.len() == 2);
	for (name, given) in [("text_out", "text"), ("numbers_out", "numbers")] {
		let (output, input) = (models::output(outputs, name)?, models::output(inputs, given)?);
		ensure!(output.shape.as_slice() == [2, 3], "{output:?}");
		ensure!(output == input, "{given} {input:?} came back as {output:?}");
	}
	Ok(())
}

/// 200,000 bytes, which no extrinsic carries.
async fn a_large_input_travels_by_its_hash(world: &mut Answers) -> Result<()> {
	let (client, model) = (world.network.client(0), &world.peak);
	let mut bytes: Vec<u8> = (0..200_000u32).map(|i| (i % 251) as u8).collect();
	bytes[123_456] = 255;
	let (input, blob) = models::samples(&model.manifest, bytes)?;
	let content = client.put_blob(&blob, |_| ()).await?;
	ensure!(matches!(input, RequestInput::Blob { content: named, .. } if named == content));
	let settled = ask(client, &key("Ferdie"), model.release, Assurance::quorum(1), &input).await?;
	let peak = models::integer(answer(&settled)?, "peak")?;
	ensure!(peak == 123_456, "{peak}");
	Ok(())
}

/// Fifty requests in one transaction.
async fn a_batch_of_fifty_is_answered_to_the_last(world: &mut Answers) -> Result<()> {
	let (client, model) = (world.network.client(0), &world.digits_int8);
	let images = (0..50).map(|i| models::image(&model.manifest, i % models::IMAGES.len()));
	let inputs = images.collect::<Result<Vec<_>>>()?;
	let options = actors::options(client, model.release, Assurance::quorum(1), &inputs[0]).await?;
	let batch = Call::request_batch(model.release, &inputs, &options);
	let included = client.submit(&batch, &key("Ferdie")).await?;
	let escrows = requested(&included.events)?;
	let settlements = all_settled(client, &included, ALL_ANSWERED).await?;
	ensure!(settlements.len() == inputs.len());
	for (i, (settled, requested)) in settlements.iter().zip(&escrows).enumerate() {
		ensure!(matches!(settled.outcome, Outcome::Answered(_)), "{i}: {:?}", settled.outcome);
		check_accounts(settled, requested.escrow)?;
		let label = models::integer(answer(settled)?, "label")?;
		ensure!(label == models::label_of_image(i % models::IMAGES.len())?, "{i}: {label}");
	}
	let last = settlements.iter().map(|settled| settled.settled_at).max().unwrap_or_default();
	println!("(50 requests of block {} ended by block {last})", included.block.number);
	Ok(())
}

/// What is said of an answer and of who gave it, after some answers; and what cannot be escalated.
async fn an_answer_has_security_and_its_attester_a_reputation(world: &mut Answers) -> Result<()> {
	let (client, model) = (world.network.client(0), &world.digits_int8);
	let input = models::image(&model.manifest, 4)?;
	let requester = key("Ferdie");
	let included =
		actors::request(client, &requester, model.release, Assurance::quorum(1), &input).await?;
	let mut ticket = client.ticket(included)?;
	let settled = actors::settled(client, &mut ticket).await?;
	answer(&settled)?;

	let view = client.attester(&account_of("Alice")).await?.context("she is an attester")?;
	let half = 500_000_000;
	let reputation = view.reputation.deconstruct();
	ensure!(reputation > half && reputation < 2 * half, "{view:?}");
	ensure!(view.weight > view.exposure.total / 2 && view.weight < view.exposure.total, "{view:?}");
	ensure!(view.pending.is_empty() && view.warned_until.is_none() && !view.paused, "{view:?}");
	println!("(reputation {:.2} %)", f64::from(reputation) / 1e7);

	let after = client.aftermath(ticket.request, &settled).await?;
	let security = after.security.context("an answer has security")?;
	ensure!(security.bonds == view.bonded && security.bonds >= 1_000 * JUR, "{security:?}");
	ensure!(security.own == view.exposure.own && security.own > 0, "{security:?}");
	ensure!(security.own + security.nominated == view.exposure.total, "{security:?}");
	ensure!(after.contestable_until.is_none() && settled.compensated == 0, "{settled:?}");
	let refused = client.submit(&Call::escalate(ticket.request, JUR), &requester).await.err();
	let name = refused.as_ref().and_then(|error| error.dispatch());
	ensure!(name == Some("Inference::NotContested"), "{refused:?}");
	Ok(())
}

fn main() -> ExitCode {
	jurat_tests::harness::run::<Answers>(promises![
		every_image_gets_its_label,
		an_answer_costs_its_quote_and_the_split_adds_up,
		strings_and_integers_come_back_exactly,
		a_large_input_travels_by_its_hash,
		a_batch_of_fifty_is_answered_to_the_last,
		an_answer_has_security_and_its_attester_a_reputation,
	])
}
