// SPDX-License-Identifier: Apache-2.0
//! Answers settled per second by a running development chain, requests sent in batches.
//!
//! ```text
//! settled_per_second --url ws://127.0.0.1:9944 --model scripts/models/digits-int8.onnx
//! ```
//!
//! Bonds the validator, publishes and serves the model, as far as that is not done yet. Prints the
//! number to standard output, and all of what it measured, as a line of JSON, to standard error.

use anyhow::{Context, Result, bail, ensure};
use clap::{Parser, ValueEnum};
use futures::future::try_join_all;
use jurat_cli::{
	Client,
	amount::JUR,
	client::{BlockNumber, Call, Keypair, events::requested, node::hash_file},
	input,
	keys::{account, keypair},
};
use jurat_primitives::{
	Assurance, Dimension, Manifest, Outcome, ReleaseId, RequestInput, RequestOptions,
	view::ReleaseState,
};
use jurat_tests::{
	actors::{Model, Terms, publish_model},
	invariants::open_requests,
	wait::{until, until_true},
};
use serde_json::json;
use std::{collections::BTreeMap, path::PathBuf};

/// Blocks within which a transaction must be included.
const SOON: BlockNumber = 10;
/// Blocks that the requests may take, each.
const DEADLINE: BlockNumber = 1_000;

/// How the requests of a transaction are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Mode {
	/// One call of `Inference.request_batch`.
	Batch,
	/// `Utility.batch_all` of calls of `Inference.request`.
	Calls,
}

/// Measures answers settled per second by a running development chain.
#[derive(Parser)]
struct Arguments {
	/// The node.
	#[arg(long, default_value = "ws://127.0.0.1:9944")]
	url: String,
	/// The model's file.
	#[arg(long, default_value = "scripts/models/digits-int8.onnx")]
	model: PathBuf,
	/// The validator, who also publishes and asks.
	#[arg(long, default_value = "//Alice")]
	key: String,
	/// Requests in all.
	#[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
	requests: u32,
	/// Requests in one transaction.
	#[arg(long, default_value_t = 250, value_parser = clap::value_parser!(u32).range(1..=256))]
	batch: u32,
	/// How the requests of a transaction are put together.
	#[arg(long, value_enum, default_value = "batch")]
	mode: Mode,
}

/// The model on the chain: published, served and active, if need be by this program.
async fn prepare(client: &Client, key: &Keypair, arguments: &Arguments) -> Result<Model> {
	let who = account(key);
	if client.attester(&who).await?.is_none() {
		client.submit(&Call::bond(1_000 * JUR), key).await?;
	}
	let file = std::fs::read(&arguments.model)
		.with_context(|| format!("reading {}", arguments.model.display()))?;
	let (content, _) = hash_file(&arguments.model)?;
	let name = format!("bench-{}", &content.to_string()[..12]);
	let model = publish_model(client, key, &name, &file, Terms::default()).await?;
	if !client.servers(model.release).await?.contains(&who) {
		client.submit(&Call::serve(model.release), key).await?;
	}
	until_true(client, SOON, "an active release", async |_| {
		let view = client.release(model.release).await?;
		Ok(view.is_some_and(|view| view.state == ReleaseState::Active))
	})
	.await?;
	Ok(model)
}

/// An input that fits: each free dimension is 1, and the numbers depend on `seed`.
fn example(manifest: &Manifest, seed: u32) -> Result<RequestInput> {
	let mut given = BTreeMap::new();
	for spec in &manifest.inputs {
		let shape: Vec<u64> = spec
			.shape
			.iter()
			.map(|dimension| match dimension {
				Dimension::Fixed(size) => *size,
				Dimension::Symbolic { .. } => 1,
			})
			.collect();
		let count: u64 = shape.iter().product();
		let numbers = (0..count).map(|i| (i * 7 + u64::from(seed)) % 17);
		let text = json!({
			"type": spec.element_type.name(),
			"shape": shape,
			"data": numbers.collect::<Vec<_>>(),
		});
		let tensor = jurat_cli::json::parse(&text.to_string(), spec.element_type)?;
		given.insert(spec.name.to_vec(), tensor);
	}
	let prepared = input::prepare(input::assemble(manifest, given)?)?;
	ensure!(prepared.blob.is_none(), "the model's inputs do not fit into a transaction");
	Ok(prepared.input)
}

/// Milliseconds since 1970, as a block has it.
async fn time_of(client: &Client, block: BlockNumber) -> Result<u64> {
	let hash = client.block_hash(Some(block)).await?;
	client.storage("Timestamp", "Now", (), Some(hash)).await?.context("a block has its time")
}

async fn send(
	client: &Client,
	key: &Keypair,
	arguments: &Arguments,
	release: ReleaseId,
	inputs: &[RequestInput],
) -> Result<Vec<u64>> {
	let mut most = 0;
	for input in inputs {
		most = most.max(input.size());
	}
	let quote = client.quote(release, Assurance::quorum(1), most).await?;
	let options = RequestOptions {
		assurance: Assurance::quorum(1),
		max_fee: quote.total,
		deadline: DEADLINE,
		min_stake: 0,
	};
	let included = match arguments.mode {
		Mode::Batch => client.submit(&Call::request_batch(release, inputs, &options), key).await?,
		Mode::Calls => {
			let calls: Vec<_> =
				inputs.iter().map(|input| Call::request(release, input, &options)).collect();
			client.submit_all(&calls, key).await?
		},
	};
	Ok(requested(&included.events)?.into_iter().map(|requested| requested.request).collect())
}

#[tokio::main]
async fn main() -> Result<()> {
	let arguments = Arguments::parse();
	let client = Client::connect(&arguments.url).await?;
	let key = keypair(&arguments.key)?;
	let model = prepare(&client, &key, &arguments).await?;
	let inputs = (0..arguments.requests)
		.map(|seed| example(&model.manifest, seed))
		.collect::<Result<Vec<_>>>()?;

	let sent = inputs
		.chunks(arguments.batch as usize)
		.map(|chunk| send(&client, &key, &arguments, model.release, chunk));
	let requests = try_join_all(sent).await?.concat();
	ensure!(requests.len() == inputs.len(), "{} requests of {}", requests.len(), inputs.len());
	until(&client, DEADLINE, "all requests settled", async |block| {
		Ok((open_requests(&client, block.hash).await? == 0).then_some(()))
	})
	.await?;

	let (mut first, mut last, mut waited) = (BlockNumber::MAX, 0, 0);
	for request in &requests {
		let settled = client.settlement(*request).await?.context("every request has ended")?;
		if !matches!(settled.outcome, Outcome::Answered(_)) {
			bail!("request {request}: {:?}", settled.outcome);
		}
		first = first.min(settled.requested_at);
		last = last.max(settled.settled_at);
		waited += u64::from(settled.settled_at - settled.requested_at);
	}
	// The first block's own time counts: what it includes was sent before it.
	let millis = time_of(&client, last).await? - time_of(&client, first.saturating_sub(1)).await?;
	let seconds = millis as f64 / 1000.0;
	let rate = requests.len() as f64 / seconds;
	let all = json!({
		"model": arguments.model,
		"requests": requests.len(),
		"per_transaction": arguments.batch,
		"mode": format!("{:?}", arguments.mode).to_lowercase(),
		"blocks": last - first + 1,
		"seconds": seconds,
		"mean_blocks_to_settlement": waited as f64 / requests.len() as f64,
		"settled_per_second": rate,
	});
	eprintln!("{all}");
	println!("{rate:.2}");
	Ok(())
}
