// SPDX-License-Identifier: Apache-2.0
//! What an operator's own programs see of a node: its log as JSON, and its health.

use anyhow::{Context, Result, ensure};
use jurat_primitives::Assurance;
use jurat_tests::{
	actors::{self, Model, Terms, answer, key, publish_model},
	harness::World,
	models,
	network::Network,
	node::http_get,
	promises,
};
use serde_json::Value;
use std::{net::SocketAddr, process::ExitCode};

struct Operations {
	network: Network,
	model: Model,
}

impl World for Operations {
	async fn start() -> Result<Self> {
		let options = ["--log-format=json", "--health-addr=127.0.0.1:0"];
		let network = Network::dev_with(&[], &options).await?;
		let client = network.client(0);
		let terms = Terms { units: Some(5), ..Terms::default() };
		actors::bond_all(&network).await?;
		let model = publish_model(client, &key("Eve"), "digits", models::DIGITS, terms).await?;
		actors::serve(&network, &[0], &[model.release]).await?;
		Ok(Self { network, model })
	}

	fn network(&mut self) -> &mut Network {
		&mut self.network
	}
}

/// The lines of the node's log.
fn lines(world: &Operations) -> Result<Vec<Value>> {
	let text = world.network.node(0).log_text()?;
	// The last one may not be complete yet.
	let complete = text.rsplit_once('\n').map_or("", |(lines, _)| lines);
	complete.lines().map(|line| serde_json::from_str(line).context(line.to_owned())).collect()
}

async fn every_line_of_the_log_is_an_object_that_says_what_it_is_about(
	world: &mut Operations,
) -> Result<()> {
	let client = world.network.client(0);
	let input = models::image(&world.model.manifest, 3)?;
	let assurance = Assurance::quorum(1);
	let (release, ferdie) = (world.model.release, key("Ferdie"));
	let included = actors::request(client, &ferdie, release, assurance, &input).await?;
	let mut ticket = client.ticket(included)?;
	let settled = actors::settled(client, &mut ticket).await?;
	ensure!(models::integer(answer(&settled)?, "label")? == 3, "{settled:?}");

	let lines = lines(world)?;
	for line in &lines {
		for field in ["timestamp", "level", "target", "message"] {
			ensure!(line[field].is_string(), "no {field}: {line}");
		}
	}
	let answered = lines.iter().any(|line| {
		line["target"] == "inference"
			&& line["request"].as_u64() == Some(ticket.request)
			&& line["micros"].is_u64()
	});
	ensure!(answered, "nothing on request {}", ticket.request);
	// Also what the runtime logs, and what the node does about its network.
	for target in ["runtime::attestation", "sc_service::builder"] {
		ensure!(lines.iter().any(|line| line["target"] == target), "nothing of {target}");
	}
	println!("({} lines)", lines.len());
	Ok(())
}

async fn health_says_whether_the_node_can_do_its_work(world: &mut Operations) -> Result<()> {
	let lines = lines(world)?;
	let mut said = lines.iter().filter(|line| line["target"] == "health");
	let message = said.next().and_then(|line| line["message"].as_str()).context("no address")?;
	let address: SocketAddr = message
		.split_once("http://")
		.and_then(|(_, rest)| rest.split_once('/'))
		.context(message.to_owned())?
		.0
		.parse()?;
	for path in ["/health", "/health/ready"] {
		let answer = http_get(address, path).await?;
		ensure!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
		let (_, body) = answer.split_once("\r\n\r\n").context("no body")?;
		let report: Value = serde_json::from_str(body)?;
		ensure!(report["ready"] == true && report["problems"] == Value::Array(vec![]), "{report}");
		ensure!(report["best"].as_u64() > Some(0), "{report}");
		ensure!(report["inference"]["available"] == true, "{report}");
		ensure!(report["inference"]["library"]["path"].is_null(), "a path is told: {report}");
	}
	ensure!(http_get(address, "/").await?.starts_with("HTTP/1.1 404"));
	Ok(())
}

fn main() -> ExitCode {
	jurat_tests::harness::run::<Operations>(promises![
		every_line_of_the_log_is_an_object_that_says_what_it_is_about,
		health_says_whether_the_node_can_do_its_work,
	])
}
