// SPDX-License-Identifier: Apache-2.0
//! Four validators that announce a model are asked, at random, to prove that they hold its file.

use anyhow::{Context, Result, ensure};
use futures::{future::try_join_all, try_join};
use jurat_cli::{
	Client,
	client::{BlockNumber, Call},
};
use jurat_primitives::{custody::CustodyRecord, outcome::Fault};
use jurat_tests::{
	actors::{self, Model, Terms, account_of, key, publish_model},
	events::Span,
	harness::World,
	models,
	network::Network,
	promises,
	wait::until_true,
};
use std::process::ExitCode;

const NAMES: [&str; 4] = ["Alice", "Bob", "Charlie", "Dave"];
const DAVE: usize = 3;

/// Blocks in which each is asked once, on average. On a test network it is a day.
const PERIOD: BlockNumber = 6;
/// Blocks in which everybody has been asked: that somebody is not has a chance of `(5/6)^80`, one in
/// two million.
const ALL_ASKED: BlockNumber = 80;
/// Blocks of a deadline.
const DEADLINE: BlockNumber = 10;

struct Custody {
	network: Network,
	/// Served by all four.
	model: Model,
}

impl World for Custody {
	async fn start() -> Result<Self> {
		let network = Network::local(&[("digits", models::DIGITS)]).await?;
		let terms = Terms { units: Some(5), ..Terms::default() };
		let eve = key("Eve");
		let ((), model) = try_join!(
			actors::bond_all(&network),
			publish_model(network.client(0), &eve, "digits", models::DIGITS, terms),
		)?;
		actors::serve(&network, &[0, 1, 2, DAVE], &[model.release]).await?;
		Ok(Self { network, model })
	}

	fn network(&mut self) -> &mut Network {
		&mut self.network
	}
}

/// Has governance ask each validator once in so many blocks; zero: nobody.
async fn ask_every(client: &Client, period: BlockNumber) -> Result<()> {
	// `RuntimeParameters::Custody(Parameters::QuestionPeriod(QuestionPeriod, Some(period)))`
	let parameter = (5u8, 0u8, Some(period));
	actors::as_root(client, &Call::new("Parameters", "set_parameter", parameter)).await
}

async fn record(client: &Client, name: &str) -> Result<CustodyRecord> {
	Ok(client.runtime_api("CustodyApi_record", account_of(name), None).await?)
}

async fn whoever_holds_the_file_proves_it(world: &mut Custody) -> Result<()> {
	let client = world.network.client(0);
	ask_every(client, PERIOD).await?;
	let start = client.best().await?.number;
	until_true(client, ALL_ASKED, "a proof of everybody", async |_| {
		let records = try_join_all(NAMES.map(|name| record(client, name))).await?;
		Ok(records.iter().all(|record| record.proved > 0))
	})
	.await?;
	let span = Span { first: start, last: client.best().await?.number };
	let asked = span.events(client, "Custody", "Asked").await?.len();
	let proved = span.events(client, "Custody", "Proved").await?.len();
	println!("({proved} of {asked} proved in {} blocks)", span.last - span.first);
	for name in NAMES {
		let record = record(client, name).await?;
		ensure!(record.failed == 0 && record.lapsed == 0, "{name}: {record:?}");
	}
	Ok(())
}

/// A node that is gone has no file either. It is warned, and drawn for this model no more; the
/// others are.
async fn whoever_does_not_answer_is_at_fault_and_serves_the_model_no_more(
	world: &mut Custody,
) -> Result<()> {
	let release = world.model.release;
	let dave = account_of("Dave");
	world.network.kill(DAVE);
	let client = world.network.client(0);
	until_true(client, ALL_ASKED + DEADLINE, "an answer that does not come", async |_| {
		Ok(record(client, "Dave").await?.failed > 0)
	})
	.await?;
	ask_every(client, 0).await?;
	let attester = client.attester(&dave).await?.context("it is bonded")?;
	let faults = attester.faults.iter().find(|(fault, _)| *fault == Fault::NotHeld);
	ensure!(faults.is_some_and(|(_, count)| *count == 1), "{attester:?}");
	ensure!(attester.warned_until.is_some() && attester.bonded == actors::BOND, "{attester:?}");
	let servers = client.servers(release).await?;
	ensure!(servers.len() == 3 && !servers.contains(&dave), "{servers:?}");
	for name in &NAMES[..DAVE] {
		let record = record(client, name).await?;
		ensure!(record.failed == 0, "{name}: {record:?}");
	}
	// Requests go to the others.
	let input = models::image(&world.model.manifest, 7)?;
	let assurance = jurat_primitives::Assurance::Quorum { size: 3, threshold: 2 };
	let included = actors::request(client, &key("Ferdie"), release, assurance, &input).await?;
	let settled = actors::settled(client, &mut client.ticket(included)?).await?;
	ensure!(settled.agreement == 3, "{settled:?}");
	Ok(())
}

/// Nothing but the announcement was lost: who is back announces again, and is asked again.
async fn whoever_is_back_announces_again_and_proves(world: &mut Custody) -> Result<()> {
	world.network.restart(DAVE).await?;
	world.network.agree().await?;
	actors::serve(&world.network, &[DAVE], &[world.model.release]).await?;
	let client = world.network.client(0);
	let before = record(client, "Dave").await?;
	ask_every(client, PERIOD).await?;
	until_true(client, ALL_ASKED, "a proof of Dave's", async |_| {
		Ok(record(client, "Dave").await?.proved > before.proved)
	})
	.await?;
	let after = record(client, "Dave").await?;
	ensure!(after.failed == before.failed, "{before:?}, {after:?}");
	Ok(())
}

fn main() -> ExitCode {
	jurat_tests::harness::run::<Custody>(promises![
		whoever_holds_the_file_proves_it,
		whoever_does_not_answer_is_at_fault_and_serves_the_model_no_more,
		whoever_is_back_announces_again_and_proves,
	])
}
