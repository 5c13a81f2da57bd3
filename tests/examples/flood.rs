// SPDX-License-Identifier: Apache-2.0
//! Floods a node with authorised transactions that it must refuse, as fast as it takes them, and
//! shows what becomes of honest requests meanwhile.
//!
//! ```text
//! flood --transactions 100000
//! ```
//!
//! Starts a development chain of its own, whose only validator is flooded: it writes every block
//! and commits to every answer. Prints a table, or JSON. Fails if it accepts any of the garbage, or
//! if an honest request is not answered.

use anyhow::{Context, Result, ensure};
use clap::Parser;
use futures::{
	StreamExt,
	future::try_join_all,
	stream::{self, FuturesUnordered},
};
use jurat_cli::{
	Client,
	client::{AccountId32, BlockNumber, Keypair, reads::Settled},
	keys::account,
};
use jurat_primitives::{Assurance, RequestDigest, RequestId, batch::CommitBatch};
use jurat_tests::{
	actors::{self, Model, Terms, answer, key, publish_model},
	attestation::{SessionIndex, Wire, batch, refusal, session},
	events::{Span, in_block},
	models,
	network::Network,
	wait::{BLOCK_TIME, until_true},
};
use serde_json::{Value, json};
use std::{
	collections::{BTreeMap, HashMap},
	sync::atomic::{AtomicBool, AtomicU64, Ordering},
	time::{Duration, Instant},
};
use tokio::sync::watch;

/// Connections that send garbage.
const CONNECTIONS: usize = 4;
/// Transactions that each of them has on the way.
const IN_FLIGHT: usize = 32;
/// Entries of a large batch: the most there can be.
const LARGE: usize = 256;
/// A block that comes so much later than its predecessor missed a slot.
const GAP: u64 = 4_500;

/// Floods a node with transactions that it must refuse.
#[derive(Parser)]
struct Arguments {
	/// Transactions in all.
	#[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(6..))]
	transactions: u64,
	/// Blocks without a flood, to compare with.
	#[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(4..))]
	quiet: BlockNumber,
	/// Print JSON instead of the table.
	#[arg(long)]
	json: bool,
}

/// What is wrong with a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
	/// The bytes end too early.
	Truncated,
	/// A request that never was.
	UnknownRequest,
	/// Another request of that number.
	WrongDigest,
	/// Not a member of the panel.
	Outsider,
	/// A member's seat, and a stranger's signature.
	ForeignKey,
	/// The same with as many entries as a batch can have.
	LargeForeignKey,
}

const KINDS: [Kind; 6] = [
	Kind::Truncated,
	Kind::UnknownRequest,
	Kind::WrongDigest,
	Kind::Outsider,
	Kind::ForeignKey,
	Kind::LargeForeignKey,
];

impl Kind {
	const fn name(self) -> &'static str {
		match self {
			Self::Truncated => "truncated",
			Self::UnknownRequest => "unknown request",
			Self::WrongDigest => "wrong digest",
			Self::Outsider => "not of the panel",
			Self::ForeignKey => "foreign signature",
			Self::LargeForeignKey => "foreign signature, 256 entries",
		}
	}
}

/// An open panel on which the validator has not committed yet, and the session of its draw.
type Open = (RequestId, RequestDigest, SessionIndex);

/// Makes garbage, never twice the same.
struct Source {
	wire: Wire,
	genesis: RequestDigest,
	/// The validator that is flooded.
	member: AccountId32,
	/// Somebody else.
	stranger: Keypair,
	count: AtomicU64,
}

impl Source {
	fn make(&self, kind: Kind, open: Open) -> Vec<u8> {
		let count = self.count.fetch_add(1, Ordering::Relaxed);
		let (mut request, mut digest, mut who) = (open.0, open.1, self.member);
		match kind {
			Kind::UnknownRequest => request += 1_000_000,
			Kind::WrongDigest => digest = RequestDigest::from_low_u64_be(count),
			Kind::Outsider => who = account(&self.stranger),
			Kind::Truncated | Kind::ForeignKey | Kind::LargeForeignKey => {},
		}
		let entries = if kind == Kind::LargeForeignKey { LARGE } else { 1 };
		let requests: Vec<_> = (0..entries as u64).map(|i| (request + i, digest)).collect();
		let mut batch: CommitBatch<AccountId32> = batch(who, open.2, &requests);
		for entry in batch.entries.iter_mut() {
			entry.commitment = RequestDigest::from_low_u64_be(count);
		}
		let signature = match kind {
			// Whatever is not looked at need not be right.
			Kind::Truncated | Kind::UnknownRequest | Kind::WrongDigest | Kind::Outsider => [1; 64],
			Kind::ForeignKey | Kind::LargeForeignKey => {
				self.stranger.sign(&batch.signing_payload(&self.genesis)).0
			},
		};
		let whole = self.wire.commit(&batch, &signature);
		if kind != Kind::Truncated {
			return whole;
		}
		// The length in front is of what follows, so that only the runtime finds out.
		let body = &whole[2..whole.len() * 3 / 4];
		[codec::Encode::encode(&codec::Compact(body.len() as u32)), body.to_vec()].concat()
	}
}

/// Sends so much garbage of a kind. Why it was refused, and how often.
async fn flood(
	clients: &[Client],
	source: &Source,
	kind: Kind,
	count: u64,
	open: &watch::Receiver<Option<Open>>,
) -> Result<BTreeMap<String, u64>> {
	let share = count.div_ceil(clients.len() as u64);
	let floods = clients.iter().map(async |client| {
		let mut reasons = BTreeMap::<String, u64>::new();
		let mut refused = stream::iter(0..share)
			.map(|_| {
				let open = open.borrow().unwrap_or_default();
				let transaction = source.make(kind, open);
				async move { refusal(client, &transaction).await }
			})
			.buffer_unordered(IN_FLIGHT);
		while let Some(reason) = refused.next().await {
			let reason = reason.with_context(|| format!("{}: accepted", kind.name()))?;
			let reason = reason.lines().next().unwrap_or_default().chars().take(80).collect();
			*reasons.entry(reason).or_default() += 1;
		}
		anyhow::Ok(reasons)
	});
	let mut all = BTreeMap::new();
	for reasons in try_join_all(floods).await? {
		for (reason, count) in reasons {
			*all.entry(reason).or_default() += count;
		}
	}
	Ok(all)
}

/// Has Ferdie ask once in the time of each block, until it is told to stop.
async fn honest(client: &Client, model: &Model, stop: &AtomicBool) -> Result<Vec<Settled>> {
	let mut clock = tokio::time::interval(BLOCK_TIME);
	let (mut asked, mut settled, mut digit) = (FuturesUnordered::new(), Vec::new(), 0);
	while !stop.load(Ordering::Relaxed) || !asked.is_empty() {
		tokio::select! {
			_ = clock.tick() => if !stop.load(Ordering::Relaxed) {
				digit = (digit + 1) % models::IMAGES.len();
				let input = models::image(&model.manifest, digit)?;
				asked.push(async move {
					let requester = key("Ferdie");
					let one = Assurance::quorum(1);
					let settled = actors::ask(client, &requester, model.release, one, &input).await?;
					let label = models::integer(answer(&settled)?, "label")?;
					ensure!(label == digit as i64, "{label} instead of {digit}");
					anyhow::Ok(settled)
				});
			},
			Some(done) = asked.next() => settled.push(done?),
		}
	}
	Ok(settled)
}

/// Says which panel is open, for as long as somebody wants to know.
async fn follow(client: &Client, open: &watch::Sender<Option<Open>>) -> Result<()> {
	let mut blocks = client.best_blocks().await?;
	loop {
		let block = blocks.next().await?;
		for event in in_block(client, block.hash).await? {
			if event.is("Attestation", "PanelDrawn") {
				let request = event.fields()?;
				let view = client.request_at(request, Some(block.hash)).await?;
				let now = session(client).await?;
				open.send_replace(view.map(|view| (request, view.digest, now)));
			}
		}
	}
}

/// What is to be said of some blocks.
async fn blocks(client: &Client, span: Span, settled: &[Settled]) -> Result<Value> {
	let mut times = Vec::new();
	for number in span.first - 1..=span.last {
		let hash = client.block_hash(Some(number)).await?;
		let time: Option<u64> = client.storage("Timestamp", "Now", (), Some(hash)).await?;
		times.push(time.context("a block has its time")?);
	}
	let gaps: Vec<_> = times.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();

	let (mut drawn, mut waited) = (HashMap::<RequestId, BlockNumber>::new(), BTreeMap::new());
	for number in span.first..=span.last {
		for event in in_block(client, client.block_hash(Some(number)).await?).await? {
			if event.is("Attestation", "PanelDrawn") {
				drawn.insert(event.fields()?, number);
			} else if event.is("Attestation", "Committed")
				&& let Some(drawn) = drawn.get(&event.fields()?)
			{
				*waited.entry(number - drawn).or_insert(0u32) += 1;
			}
		}
	}
	let mut taken: Vec<_> =
		settled.iter().map(|settled| settled.settled_at - settled.requested_at).collect();
	taken.sort_unstable();
	let mean = taken.iter().map(|blocks| f64::from(*blocks)).sum::<f64>() / taken.len() as f64;
	Ok(json!({
		"blocks": gaps.len(),
		"requests": taken.len(),
		"mean_blocks_to_settlement": mean,
		"most_blocks_to_settlement": taken.last(),
		"commitments_by_blocks_after_the_draw": waited,
		"longest_gap_seconds": gaps.iter().max().map_or(0.0, |gap| *gap as f64 / 1000.0),
		"missed_slots": gaps.iter().filter(|gap| **gap > GAP).count(),
	}))
}

#[tokio::main]
async fn main() -> Result<()> {
	let arguments = Arguments::parse();
	let network = Network::dev(&[("int8", models::DIGITS_INT8)]).await?;
	let client = network.client(0);
	actors::bond_all(&network).await?;
	let terms = Terms { units: Some(5), ..Terms::default() };
	let model = publish_model(client, &key("Eve"), "flooded", models::DIGITS_INT8, terms).await?;
	actors::serve(&network, &[0], &[model.release]).await?;

	let url = format!("ws://127.0.0.1:{}", network.node(0).rpc_port);
	let clients = try_join_all((0..CONNECTIONS).map(|_| Client::connect(&url))).await?;
	let source = Source {
		wire: Wire::new(client).await?,
		genesis: RequestDigest::from(client.genesis().0),
		member: actors::account_of("Alice"),
		stranger: key("Bob"),
		count: AtomicU64::new(0),
	};

	// Without a flood: the same honest requests, and what they cost the node.
	let stop = AtomicBool::new(false);
	let first = client.best().await?.number + 1;
	let (begun, used) = (Instant::now(), network.node(0).cpu_time()?);
	let (settled, ()) = futures::try_join!(honest(client, &model, &stop), async {
		until_true(client, arguments.quiet + 5, "the quiet time over", async |block| {
			Ok(block.number >= first + arguments.quiet)
		})
		.await?;
		stop.store(true, Ordering::Relaxed);
		anyhow::Ok(())
	})?;
	let idle = (network.node(0).cpu_time()? - used).as_secs_f64() / begun.elapsed().as_secs_f64();
	let span = Span { first, last: client.best().await?.number };
	let quiet = blocks(client, span, &settled).await?;

	stop.store(false, Ordering::Relaxed);
	let (sender, open) = watch::channel(None);
	let first = client.best().await?.number + 1;
	let each = arguments.transactions.div_ceil(KINDS.len() as u64);
	let begun = Instant::now();
	let flooding = async {
		let mut floods = Vec::new();
		for kind in KINDS {
			// The kinds that name a panel need one.
			open.clone().wait_for(Option::is_some).await?;
			let (begun, used) = (Instant::now(), network.node(0).cpu_time()?);
			let reasons = flood(&clients, &source, kind, each, &open).await?;
			let took = begun.elapsed().as_secs_f64();
			let spent = (network.node(0).cpu_time()? - used).as_secs_f64() - idle * took;
			let refused: u64 = reasons.values().sum();
			floods.push(json!({
				"kind": kind.name(),
				"refused": refused,
				"per_second": refused as f64 / took,
				"cpu_micros": spent.max(0.0) * 1e6 / refused as f64,
				"reasons": reasons,
			}));
		}
		let took = begun.elapsed();
		stop.store(true, Ordering::Relaxed);
		anyhow::Ok((floods, took))
	};
	let under = async {
		tokio::select! {
			both = async { futures::try_join!(honest(client, &model, &stop), flooding) } => both,
			failed = follow(client, &sender) => Err(failed.err().context("no more blocks")?),
		}
	};
	let (settled, (floods, took)) = under.await?;
	let span = Span { first, last: client.best().await?.number };
	let loud = blocks(client, span, &settled).await?;
	report(&arguments, &quiet, &loud, &floods, took)
}

fn report(
	arguments: &Arguments,
	quiet: &Value,
	loud: &Value,
	floods: &[Value],
	took: Duration,
) -> Result<()> {
	let refused: u64 = floods.iter().filter_map(|flood| flood["refused"].as_u64()).sum();
	let mean = |phase: &Value| phase["mean_blocks_to_settlement"].as_f64().unwrap_or(f64::NAN);
	let all = json!({
		"refused": refused,
		"refused_per_second": refused as f64 / took.as_secs_f64(),
		"settlement_ratio": mean(loud) / mean(quiet),
		"kinds": floods,
		"without": quiet,
		"with": loud,
	});
	if arguments.json {
		println!("{all}");
		return Ok(());
	}
	println!("| garbage | refused | per second | CPU of the node, µs each |");
	println!("| --- | ---: | ---: | ---: |");
	for flood in floods {
		println!(
			"| {} | {} | {:.0} | {:.0} |",
			flood["kind"].as_str().unwrap_or_default(),
			flood["refused"],
			flood["per_second"].as_f64().unwrap_or_default(),
			flood["cpu_micros"].as_f64().unwrap_or_default(),
		);
	}
	println!("\n| honest requests | without a flood | with one |");
	println!("| --- | ---: | ---: |");
	for (what, name) in [
		("requests", "answered"),
		("mean_blocks_to_settlement", "blocks to settlement, mean"),
		("most_blocks_to_settlement", "blocks to settlement, most"),
		("commitments_by_blocks_after_the_draw", "commitments, by blocks after the draw"),
		("longest_gap_seconds", "longest time between two blocks, s"),
		("missed_slots", "missed slots"),
	] {
		println!("| {name} | {} | {} |", quiet[what], loud[what]);
	}
	println!("\nBlocks to settlement with a flood to without: {:.2}.", all["settlement_ratio"]);
	println!(
		"{refused} transactions refused, none accepted; {:.0} per second.",
		all["refused_per_second"].as_f64().unwrap_or_default(),
	);
	Ok(())
}
