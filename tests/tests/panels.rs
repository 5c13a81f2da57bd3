// SPDX-License-Identifier: Apache-2.0
//! Four validators: panels of three, how long they take, and members that are down.

use anyhow::{Context, Result, ensure};
use futures::{future::try_join_all, try_join};
use jurat_cli::{
	amount::JUR,
	client::{Call, events::requested},
};
use jurat_primitives::{Answer, Assurance, Outcome, Verdict, outcome::Fault};
use jurat_tests::{
	actors::{
		self, DEADLINE, Model, Terms, account_of, answer, ask, check_accounts, key, publish_model,
	},
	attestation::swear,
	harness::World,
	models,
	network::{Network, client_binary},
	node::wait_for_end,
	promises,
	wait::{at_most, until},
};
use std::{collections::BTreeMap, process::ExitCode};

/// Requests whose time to settlement is measured.
const MEASURED: u32 = 20;
/// The validator that is killed: it serves `by_three` and writes no block that others need.
const VICTIM: usize = 2;
const VICTIM_NAME: &str = "Charlie";
/// The validator whose key swears to something wrong while its node is down.
const PERJURER: usize = 3;
const PERJURER_NAME: &str = "Dave";

struct Panels {
	network: Network,
	/// Served by all four.
	by_all: Model,
	/// Served by Alice, Bob and Charlie: every panel of three is they.
	by_three: Model,
}

impl World for Panels {
	async fn start() -> Result<Self> {
		let files = [("digits", models::DIGITS), ("int8", models::DIGITS_INT8)];
		let network = Network::local(&files).await?;
		let (client, owner) = (network.client(0), key("Eve"));
		let publish = |name, file| {
			let terms = Terms { units: Some(5), price: 1_000_000, ..Terms::default() };
			publish_model(client, &owner, name, file, terms)
		};
		let ((), by_all, by_three) = try_join!(
			actors::bond_all(&network),
			publish("by-all", models::DIGITS_INT8),
			publish("by-three", models::DIGITS),
		)?;
		let (all, fourth) = ([by_all.release, by_three.release], [by_all.release]);
		try_join!(
			actors::serve(&network, &[0, 1, 2], &all),
			actors::serve(&network, &[3], &fourth),
		)?;
		Ok(Self { network, by_all, by_three })
	}

	fn network(&mut self) -> &mut Network {
		&mut self.network
	}
}

/// A request in each of twenty blocks, of which the network has little to do.
async fn a_panel_of_three_settles_within_four_blocks(world: &mut Panels) -> Result<()> {
	let (client, requester, model) = (world.network.client(0), key("Ferdie"), &world.by_all);
	let start = client.best().await?.number;
	let asked = (1..=MEASURED).map(async |i| {
		until(client, MEASURED + 10, "its turn", async |block| {
			Ok((block.number >= start + i).then_some(()))
		})
		.await?;
		let digit = i as usize % models::IMAGES.len();
		let input = models::image(&model.manifest, digit)?;
		let settled = ask(client, &requester, model.release, Assurance::quorum(3), &input).await?;
		ensure!(models::integer(answer(&settled)?, "label")? == digit as i64);
		ensure!(settled.panel.len() == 3 && settled.agreement >= 2, "{settled:?}");
		anyhow::Ok((settled.settled_at - settled.requested_at, settled.agreement))
	});
	let mut times = try_join_all(asked).await?;
	times.sort_unstable();
	let mut distribution = BTreeMap::<u32, usize>::new();
	times.iter().for_each(|(blocks, _)| *distribution.entry(*blocks).or_default() += 1);
	let shown: Vec<_> =
		distribution.iter().map(|(blocks, count)| format!("{blocks}: {count}")).collect();
	let unanimous = times.iter().filter(|(_, agreement)| *agreement == 3).count();
	let median = times[times.len() / 2].0;
	println!("(requests by blocks to settlement: {}; median {median})", shown.join(", "));
	println!("({unanimous} of {MEASURED} unanimous)");
	ensure!(median <= 4, "median {median} blocks");
	Ok(())
}

/// Two of three decide; the third is unpaid, and its share goes back.
async fn a_member_that_is_down_is_a_no_show_and_its_share_goes_back(
	world: &mut Panels,
) -> Result<()> {
	let workers = world.network.node(VICTIM).workers();
	world.network.kill(VICTIM);
	wait_for_end(&workers).await?;
	let (client, model) = (world.network.client(0), &world.by_three);
	let input = models::image(&model.manifest, 7)?;
	let assurance = Assurance::Quorum { size: 3, threshold: 2 };
	let quote = client.quote(model.release, assurance, input.size()).await?;
	let included =
		actors::request(client, &key("Ferdie"), model.release, assurance, &input).await?;
	let settled = actors::settled(client, &mut client.ticket(included)?).await?;

	ensure!(models::integer(answer(&settled)?, "label")? == 7);
	check_accounts(&settled, quote.total)?;
	let behind = actors::stake_of(client, "Alice").await? + actors::stake_of(client, "Bob").await?;
	ensure!(settled.agreement == 2 && settled.stake_behind == behind, "{settled:?}");
	for member in &settled.panel {
		let down = member.attester == account_of(VICTIM_NAME);
		let expected =
			if down { (Verdict::NoShow, 0) } else { (Verdict::Agreed, quote.per_attester) };
		ensure!((member.verdict, member.paid) == expected, "{member:?}");
	}
	let protocol = (2 * quote.per_attester + quote.royalty).div_ceil(50);
	ensure!(settled.protocol == protocol && settled.royalty == quote.royalty, "{settled:?}");
	ensure!(settled.refunded == quote.total - 2 * quote.per_attester - quote.royalty - protocol);
	ensure!(settled.refunded >= quote.per_attester, "{settled:?}");
	let victim = client.attester(&account_of(VICTIM_NAME)).await?.context("it is bonded")?;
	ensure!(victim.faults.contains(&(Fault::NoShow, 1)), "{:?}", victim.faults);
	// The first absence is a warning.
	ensure!(victim.warned_until.is_some() && victim.bonded >= 1_000 * JUR, "{victim:?}");
	let present = client.attester(&account_of("Alice")).await?.context("she is bonded")?;
	ensure!(victim.reputation < present.reputation, "{victim:?} {present:?}");
	println!("(settled after {} blocks)", settled.settled_at - settled.requested_at);

	world.network.restart(VICTIM).await?;
	world.network.agree().await
}

/// A member is killed as soon as it is drawn and started again: the panel is complete in the end.
async fn a_member_killed_after_the_draw_is_back_in_time(world: &mut Panels) -> Result<()> {
	let (client, model) = (world.network.client(0), &world.by_three);
	let input = models::image(&model.manifest, 8)?;
	let assurance = Assurance::quorum(3);
	let included =
		actors::request(client, &key("Ferdie"), model.release, assurance, &input).await?;
	let requested = requested(&included.events)?.remove(0);
	until(client, 6, "a panel", async |block| {
		let view = client.request_at(requested.request, Some(block.hash)).await?;
		Ok(view.filter(|view| view.digest == requested.digest && !view.panel.is_empty()))
	})
	.await?;
	let mut ticket = client.ticket(included)?;
	world.network.kill(VICTIM);
	world.network.restart(VICTIM).await?;
	let client = world.network.client(0);
	let settled = actors::settled(client, &mut ticket).await?;

	ensure!(models::integer(answer(&settled)?, "label")? == 8);
	check_accounts(&settled, requested.escrow)?;
	let verdict = |member: &jurat_primitives::settlement::Member<_, _>| member.verdict;
	let verdicts: Vec<_> = settled.panel.iter().map(verdict).collect();
	let blocks = settled.settled_at - settled.requested_at;
	println!("({verdicts:?} after {blocks} blocks)");
	ensure!(verdicts == [Verdict::Agreed; 3], "{settled:?}");
	world.network.agree().await
}

/// An attester that is alone on its panel swears to what is no answer; three others decide, asked at
/// the command line, and it pays.
async fn a_disagreement_is_decided_by_a_larger_panel(world: &mut Panels) -> Result<()> {
	world.network.kill(PERJURER);
	let (client, model) = (world.network.client(0), &world.by_all);
	let (perjurer, requester) = (account_of(PERJURER_NAME), key("Ferdie"));
	let input = models::image(&model.manifest, 5)?;
	let mut included = None;
	for _ in 0..40 {
		let alone = Assurance::quorum(1);
		let next = actors::request(client, &requester, model.release, alone, &input).await?;
		let request = requested(&next.events)?.remove(0).request;
		let drawn = until(client, 8, "a panel", async |block| {
			if let Some(settled) = client.settlement_at(request, Some(block.hash)).await? {
				return Ok(settled.panel.first().map(|member| member.attester));
			}
			let view = client.request_at(request, Some(block.hash)).await?;
			Ok(view.and_then(|view| view.panel.first().map(|seat| seat.attester)))
		})
		.await?;
		if drawn == perjurer {
			included = Some(next);
			break;
		}
	}
	let included = included.context("never drawn in 40 panels of one of four")?;
	let first = requested(&included.events)?.remove(0);
	let wrong = Answer::Output(Default::default());
	swear(client, &first, perjurer, &key(PERJURER_NAME), wrong).await?;
	let settled = actors::settled(client, &mut client.ticket(included)?).await?;
	ensure!(settled.outcome == Outcome::Disagreed, "{settled:?}");
	check_accounts(&settled, first.escrow)?;
	let after = client.aftermath(first.request, &settled).await?;
	ensure!(after.contestable_until.is_some() && after.security.is_none(), "{after:?}");
	let before = client.attester(&perjurer).await?.context("it is bonded")?;

	let number = first.request.to_string();
	let words = ["--url", client.url(), "--key", "//Ferdie", "--json", "request", "escalate"];
	let mut command = tokio::process::Command::new(client_binary()?);
	let output = command.args(words).arg(&number).kill_on_drop(true).output();
	let output = at_most(DEADLINE, "an escalation", output).await?;
	let shown = String::from_utf8_lossy(&output.stdout);
	ensure!(output.status.success(), "{shown} {}", String::from_utf8_lossy(&output.stderr));
	let document: serde_json::Value = serde_json::from_str(&shown)?;
	ensure!(document["outcome"] == "answered" && document["agreement"] == 3, "{document}");
	ensure!(document["escalates"] == first.request, "{document}");
	ensure!(document["outputs"][0]["data"] == serde_json::json!([5]), "{document}");
	ensure!(document["security"]["members"].as_array().map(Vec::len) == Some(3), "{document}");

	let view = client.attester(&perjurer).await?.context("it is bonded")?;
	let [(request, penalty)] = view.pending.as_slice() else { anyhow::bail!("{view:?}") };
	ensure!((*request, penalty.fault) == (first.request, Fault::Divergent), "{view:?}");
	ensure!(penalty.amount == before.bonded / 20, "{view:?}");
	// What is left is more than the least bond.
	ensure!(view.bonded == before.bonded - penalty.amount && !view.paused, "{view:?}");
	let charged: u128 = document["charged"].as_str().context("an amount")?.parse()?;
	ensure!(penalty.owed == charged - first.escrow, "{view:?} {document}");
	ensure!(view.reputation < before.reputation, "{view:?}");
	let again = client.submit(&Call::escalate(first.request, JUR), &requester).await.err();
	let name = again.as_ref().and_then(|error| error.dispatch());
	ensure!(name == Some("Inference::NotContested"), "{again:?}");

	world.network.restart(PERJURER).await?;
	world.network.agree().await
}

fn main() -> ExitCode {
	jurat_tests::harness::run::<Panels>(promises![
		a_panel_of_three_settles_within_four_blocks,
		a_member_that_is_down_is_a_no_show_and_its_share_goes_back,
		a_member_killed_after_the_draw_is_back_in_time,
		a_disagreement_is_decided_by_a_larger_panel,
	])
}
