// SPDX-License-Identifier: Apache-2.0
//! Four validators, of which one is given files: the others get them from their peers.

use anyhow::{Context, Result, ensure};
use futures::try_join;
use jurat_cli::client::node::hash_bytes;
use jurat_primitives::{
	Assurance, ContentHash, JobFailure, Outcome, Verdict, outcome::UnservedReason,
};
use jurat_tests::{
	actors::{self, Model, Terms, account_of, answer, key, publish_model},
	harness::World,
	models,
	network::Network,
	node::wait_for_end,
	promises,
	wait::until_true,
};
use std::process::ExitCode;

/// The node that is given every file. It serves none of the models.
const GIVEN: usize = 0;
/// Those that are given nothing, and serve.
const SERVING: [usize; 3] = [1, 2, 3];
const NAMES: [&str; 4] = ["Alice", "Bob", "Charlie", "Dave"];
/// Blocks within which a node that is asked has the file.
const SOON: u32 = 10;
/// Bytes of a large input: four ranges of 1 MiB, and a part of a fifth.
const LARGE: usize = 4_500_000;

struct Transfer {
	network: Network,
	/// Served by Bob, Charlie and Dave.
	digits: Model,
	/// The same, for inputs that no extrinsic carries.
	peak: Model,
	/// The same, for a panel of one at first.
	int8: Model,
	/// The same; nobody asks for it before the node that was given it is gone.
	lost: Model,
}

impl World for Transfer {
	async fn start() -> Result<Self> {
		// No model in the store of any node.
		let network = Network::local(&[]).await?;
		let (client, owner) = (network.client(GIVEN), key("Eve"));
		let publish = |name, file, symbol_max| {
			let terms = Terms { units: Some(5), symbol_max, ..Terms::default() };
			publish_model(client, &owner, name, file, terms)
		};
		let peak = models::peak();
		let ((), digits, peak, int8, lost) = try_join!(
			actors::bond_all(&network),
			publish("digits", models::DIGITS, None),
			publish("peak", &peak, Some(LARGE as u64)),
			publish("int8", models::DIGITS_INT8, None),
			publish("lost", models::IDENTITY, Some(8)),
		)?;
		let all = [digits.release, peak.release, int8.release, lost.release];
		actors::serve(&network, &SERVING, &all).await?;
		Ok(Self { network, digits, peak, int8, lost })
	}

	fn network(&mut self) -> &mut Network {
		&mut self.network
	}
}

async fn has(world: &Transfer, node: usize, content: ContentHash) -> Result<bool> {
	Ok(world.network.client(node).blob_size(content).await?.is_some())
}

/// Each of the three fetches it when it is drawn, and swears to the same answer.
async fn a_model_that_one_node_was_given_is_answered_by_those_that_were_not(
	world: &mut Transfer,
) -> Result<()> {
	let content = hash_bytes(models::DIGITS);
	ensure!(has(world, GIVEN, content).await?, "it was given to this one");
	for node in SERVING {
		ensure!(!has(world, node, content).await?, "it was not given to {node}");
	}
	let (client, model) = (world.network.client(GIVEN), &world.digits);
	let input = models::image(&model.manifest, 7)?;
	let settled =
		actors::ask(client, &key("Ferdie"), model.release, Assurance::quorum(3), &input).await?;
	ensure!(models::integer(answer(&settled)?, "label")? == 7);
	ensure!(settled.panel.len() == 3 && settled.agreement == 3, "{settled:?}");
	for member in &settled.panel {
		ensure!(member.attester != account_of("Alice"), "who was given the file did not answer");
		ensure!(member.verdict == Verdict::Agreed, "{member:?}");
	}
	for node in SERVING {
		ensure!(has(world, node, content).await?, "it has come to {node}");
	}
	Ok(())
}

/// Of several ranges.
async fn a_large_input_that_one_node_was_given_reaches_the_whole_panel(
	world: &mut Transfer,
) -> Result<()> {
	let (client, model) = (world.network.client(GIVEN), &world.peak);
	let mut bytes: Vec<u8> = (0..LARGE).map(|i| (i % 251) as u8).collect();
	bytes[LARGE - 5] = 255;
	let (input, blob) = models::samples(&model.manifest, bytes)?;
	let content = client.put_blob(&blob, |_| ()).await?;
	let settled =
		actors::ask(client, &key("Ferdie"), model.release, Assurance::quorum(3), &input).await?;
	let peak = models::integer(answer(&settled)?, "peak")?;
	ensure!(peak == LARGE as i64 - 5, "{peak}");
	ensure!(settled.agreement == 3, "{settled:?}");
	for node in SERVING {
		ensure!(has(world, node, content).await?, "it has come to {node}");
	}
	Ok(())
}

/// The node that was given the file is gone; the one that had it from there passes it on.
async fn a_file_outlives_the_node_that_was_given_it(world: &mut Transfer) -> Result<()> {
	let content = hash_bytes(models::DIGITS_INT8);
	let model = world.int8.clone();
	let input = models::image(&model.manifest, 4)?;
	let bob = world.network.client(SERVING[0]);
	let ferdie = key("Ferdie");
	let settled = actors::ask(bob, &ferdie, model.release, Assurance::quorum(1), &input).await?;
	ensure!(models::integer(answer(&settled)?, "label")? == 4);
	let mut holders = Vec::new();
	for node in SERVING {
		if has(world, node, content).await? {
			holders.push(account_of(NAMES[node]));
		}
	}
	ensure!(holders == [settled.panel[0].attester], "{holders:?}, but {:?}", settled.panel);

	let workers = world.network.node(GIVEN).workers();
	world.network.kill(GIVEN);
	wait_for_end(&workers).await?;
	let bob = world.network.client(SERVING[0]);
	let settled = actors::ask(bob, &ferdie, model.release, Assurance::quorum(3), &input).await?;
	ensure!(models::integer(answer(&settled)?, "label")? == 4);
	// The third may be later than the two that decide.
	for node in SERVING {
		let client = world.network.client(node);
		until_true(client, SOON, "the file", async |_| {
			Ok(client.blob_size(content).await?.is_some())
		})
		.await?;
	}
	Ok(())
}

/// Three attesters announced it and none has it, nor anybody else: a refund, and no fault.
async fn a_model_that_nobody_can_fetch_is_refunded_and_costs_nobody_stake(
	world: &mut Transfer,
) -> Result<()> {
	let (client, model) = (world.network.client(SERVING[0]), &world.lost);
	let input = models::prepared(&model.manifest, &["text=[[\"a\"]]", "numbers=[[1]]"])?.input;
	let ferdie = key("Ferdie");
	let included =
		actors::request(client, &ferdie, model.release, Assurance::quorum(3), &input).await?;
	let settled = actors::settled(client, &mut client.ticket(included)?).await?;
	println!("({:?} after {} blocks)", settled.outcome, settled.settled_at - settled.requested_at);
	let unserved = UnservedReason::Execution(JobFailure::ModelUnavailable);
	ensure!(settled.outcome == Outcome::Unserved(unserved), "{settled:?}");
	ensure!(settled.charged == 0, "{settled:?}");
	for member in &settled.panel {
		ensure!(member.verdict == Verdict::Abstained, "{member:?}");
	}
	for node in SERVING {
		let attester = client.attester(&account_of(NAMES[node])).await?.context("bonded")?;
		ensure!(attester.faults.iter().all(|(_, count)| *count == 0), "{attester:?}");
		ensure!(attester.bonded == actors::BOND, "{attester:?}");
	}
	Ok(())
}

fn main() -> ExitCode {
	jurat_tests::harness::run::<Transfer>(promises![
		a_model_that_one_node_was_given_is_answered_by_those_that_were_not,
		a_large_input_that_one_node_was_given_reaches_the_whole_panel,
		a_file_outlives_the_node_that_was_given_it,
		a_model_that_nobody_can_fetch_is_refunded_and_costs_nobody_stake,
	])
}
