// SPDX-License-Identifier: Apache-2.0
//! Four validators, of whom some break the rules: what a requester gets, how each member of the
//! panel is judged, who pays how much to whom, and that all of it adds up. Nodes change their ways
//! by being restarted; the first one stays honest.
//!
//! Panels are no matter of chance here: each release is served by three validators.

use anyhow::{Context, Result, ensure};
use futures::{future::try_join_all, try_join};
use jurat_cli::{
	Client,
	amount::JUR,
	client::{
		AccountId32, Balance, BlockNumber, Call,
		events::{Requested, requested},
		reads::{Request, Settled},
	},
};
use jurat_primitives::{
	Assurance, ExpiryReason, Outcome, RequestDigest, RequestId, Verdict, batch::CommitBatch,
	commitment::Commitment, outcome::Fault, traits::Conduct,
};
use jurat_tests::{
	actors::{self, Model, Terms, account_of, answer, check_accounts, key, publish_model},
	attestation::{Wire, attestations, unhex},
	economics::{Books, Penalty, Price},
	events::Span,
	harness::World,
	models,
	network::Network,
	promises,
	wait::{until, until_true},
};
use std::{
	collections::{BTreeMap, BTreeSet},
	process::ExitCode,
};
use subxt_signer::sr25519;

const NAMES: [&str; 4] = ["Alice", "Bob", "Charlie", "Dave"];
const BOB: usize = 1;
const CHARLIE: usize = 2;
const DAVE: usize = 3;

/// Blocks within which a panel of three that answers in time has settled a request, on a machine
/// that has much else to do.
const PROMPT: BlockNumber = 8;
/// Blocks within which an honest node that has seen an equivocation reports it.
const REPORTED: BlockNumber = 3;
/// Blocks for which a penalty waits on a test network.
const CHALLENGE_WINDOW: BlockNumber = 20;
/// Blocks of the commit window.
const COMMIT_WINDOW: BlockNumber = 10;
/// Blocks for reveals, as the network begins; and where a node is restarted meanwhile.
const REVEAL: BlockNumber = 5;
const LONG_REVEAL: BlockNumber = 15;
/// What a node with the seed 7 adds to a label.
const LIE: i64 = 8;
/// Garbage that a flooding node sends to itself and to each other node, per second.
const FLOOD: u32 = 100;

struct Byzantine {
	network: Network,
	/// Equal bytes, of Alice, Bob and Charlie.
	abc: Model,
	/// Within a tolerance, of Alice, Bob and Charlie.
	abc_floats: Model,
	/// The same, and far beyond the tolerance is a fault.
	abc_bounded: Model,
	/// Equal bytes, of Alice, Bob and Dave.
	abd: Model,
	/// Equal bytes, of Bob, Charlie and Dave.
	bcd: Model,
	/// How each node behaves.
	roles: [Option<String>; 4],
}

impl World for Byzantine {
	async fn start() -> Result<Self> {
		let files = [("digits", models::DIGITS), ("int8", models::DIGITS_INT8)];
		let network = Network::local(&files).await?;
		let (client, owner) = (network.client(0), key("Eve"));
		let publish = |name, file, profile| {
			let terms = Terms { units: Some(5), price: 1_000_000, profile, ..Terms::default() };
			publish_model(client, &owner, name, file, terms)
		};
		let bounded = Some("approximate:1e-5,1e-4,100");
		let ((), abc, abc_floats, abc_bounded, abd, bcd) = try_join!(
			actors::bond_all(&network),
			publish("abc", models::DIGITS_INT8, None),
			publish("abc-floats", models::DIGITS, None),
			publish("abc-bounded", models::DIGITS, bounded),
			publish("abd", models::DIGITS_INT8, None),
			publish("bcd", models::DIGITS_INT8, None),
		)?;
		let of_abc = [abc.release, abc_floats.release, abc_bounded.release];
		let served_by = [
			[&of_abc[..], &[abd.release]].concat(),
			[&of_abc[..], &[abd.release, bcd.release]].concat(),
			[&of_abc[..], &[bcd.release]].concat(),
			vec![abd.release, bcd.release],
		];
		let serve = served_by
			.iter()
			.enumerate()
			.map(async |(i, releases)| actors::serve(&network, &[i], releases).await);
		try_join_all(serve).await?;
		Ok(Self { network, abc, abc_floats, abc_bounded, abd, bcd, roles: Default::default() })
	}

	fn network(&mut self) -> &mut Network {
		&mut self.network
	}
}

impl Byzantine {
	/// Has these nodes misbehave, and all others be honest. Who was taken out of the draw comes back.
	async fn cast(&mut self, kinds: &[(usize, &str)]) -> Result<()> {
		let mut changes = Vec::new();
		for i in 0..self.roles.len() {
			let kind = kinds.iter().find(|(who, _)| *who == i).map(|(_, kind)| *kind);
			if self.roles[i].as_deref() != kind {
				changes.push((i, kind));
			}
		}
		self.network.cast(&changes).await?;
		for (i, kind) in changes {
			self.roles[i] = kind.map(Into::into);
		}
		for name in NAMES {
			let attester = self.client().attester(&account_of(name)).await?.context("bonded")?;
			if attester.paused {
				self.client().submit(&Call::new("Attestation", "resume", ()), &key(name)).await?;
			}
		}
		Ok(())
	}

	fn client(&self) -> &Client {
		self.network.client(0)
	}

	/// Has Ferdie ask a panel of three what is in an image, and waits for the end.
	async fn ask(&self, model: &Model, digit: usize) -> Result<(Requested, Settled)> {
		let (client, input) = (self.client(), models::image(&model.manifest, digit)?);
		let assurance = Assurance::Quorum { size: 3, threshold: 2 };
		let included =
			actors::request(client, &key("Ferdie"), model.release, assurance, &input).await?;
		let requested = requested(&included.events)?.remove(0);
		let settled = actors::settled(client, &mut client.ticket(included)?).await?;
		check_accounts(&settled, requested.escrow)?;
		println!(
			"({:?} after {} blocks)",
			verdicts(&settled),
			settled.settled_at - settled.requested_at
		);
		Ok((requested, settled))
	}
}

/// The verdict on each member, by name.
fn verdicts(settled: &Settled) -> BTreeMap<&'static str, Verdict> {
	let name = |member: &jurat_primitives::settlement::Member<_, _>| {
		let name = NAMES.into_iter().find(|name| account_of(name) == member.attester);
		(name.unwrap_or("?"), member.verdict)
	};
	settled.panel.iter().map(name).collect()
}

/// Checks who was judged how.
fn judged(settled: &Settled, expected: &[(&'static str, Verdict)]) -> Result<()> {
	let expected: BTreeMap<_, _> = expected.iter().copied().collect();
	ensure!(verdicts(settled) == expected, "{expected:?} expected: {settled:?}");
	Ok(())
}

/// What a fault cost, but for the amount, which the books have checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cost {
	Warning,
	Paid,
	Waits,
}

/// Checks who paid for what, in whichever order.
fn paid(penalties: &[Penalty], expected: &[(&'static str, Fault, Cost)]) -> Result<()> {
	let name = |penalty: &Penalty| {
		let name = NAMES.into_iter().find(|name| account_of(name) == penalty.attester);
		let cost = match penalty.price {
			Price::Warning => Cost::Warning,
			Price::Paid(_) => Cost::Paid,
			Price::Waits(_) => Cost::Waits,
		};
		(name.unwrap_or("?"), format!("{:?}", penalty.fault), cost)
	};
	let mut found: Vec<_> = penalties.iter().map(name).collect();
	let mut expected: Vec<_> =
		expected.iter().map(|(who, fault, cost)| (*who, format!("{fault:?}"), *cost)).collect();
	found.sort();
	expected.sort();
	ensure!(found == expected, "{expected:?} expected: {penalties:?}");
	Ok(())
}

/// Has governance give back what was taken for an answer.
async fn overturn(client: &Client, who: &str, request: RequestId) -> Result<()> {
	let overturn = Call::new("Attestation", "overturn", (account_of(who), codec::Compact(request)));
	actors::as_root(client, &overturn).await
}

/// Checks that the requester has an answer, and that it is this.
fn labelled(settled: &Settled, label: i64) -> Result<()> {
	let found = models::integer(answer(settled)?, "label")?;
	ensure!(found == label, "{found} instead of {label}: {settled:?}");
	Ok(())
}

/// Checks that the requester has all of its money back.
fn refunded(settled: &Settled, requested: &Requested, outcome: Outcome) -> Result<()> {
	ensure!(settled.outcome == outcome, "{outcome:?} expected: {settled:?}");
	ensure!(settled.charged == 0 && settled.refunded == requested.escrow, "{settled:?}");
	Ok(())
}

/// Commitments of somebody to a request in the blocks of its life.
async fn commitments_of(client: &Client, settled: &Settled, who: &str) -> Result<Vec<Commitment>> {
	let (wire, mut found) = (Wire::new(client).await?, Vec::new());
	for number in settled.requested_at..=settled.settled_at {
		let block = client.block_hash(Some(number)).await?;
		for transaction in attestations(client, block).await? {
			if let Some((batch, _)) = wire.read(&transaction)? {
				let theirs = batch.attester == account_of(who);
				let entries = batch.entries.iter().filter(|entry| entry.digest == settled.digest);
				found.extend(entries.filter(|_| theirs).map(|entry| entry.commitment));
			}
		}
	}
	Ok(found)
}

/// Commitments and reveals in the blocks of these requests' lives.
async fn count_attestations(client: &Client, settled: &[Settled]) -> Result<usize> {
	let first = settled.iter().map(|settled| settled.requested_at).min().unwrap_or_default();
	let last = settled.iter().map(|settled| settled.settled_at).max().unwrap_or_default();
	let mut count = 0;
	for number in first..=last {
		let block = client.block_hash(Some(number)).await?;
		count += attestations(client, block).await?.len();
	}
	Ok(count)
}

async fn one_wrong_answer_of_three_is_outvoted(world: &mut Byzantine) -> Result<()> {
	world.cast(&[(CHARLIE, "wrong=7")]).await?;
	let books = Books::open(world.client()).await?;
	let ((_, exact), (_, floats), (_, bounded)) = try_join!(
		world.ask(&world.abc, 3),
		world.ask(&world.abc_floats, 4),
		world.ask(&world.abc_bounded, 5),
	)?;
	// A difference in floats is a fault only where the owner said from where on.
	for (settled, label, verdict) in [
		(exact, 3, Verdict::Divergent),
		(floats, 4, Verdict::Outlier),
		(bounded, 5, Verdict::Divergent),
	] {
		labelled(&settled, label)?;
		judged(
			&settled,
			&[("Alice", Verdict::Agreed), ("Bob", Verdict::Agreed), ("Charlie", verdict)],
		)?;
	}
	let penalties = books.close(world.client()).await?;
	paid(
		&penalties,
		&[("Charlie", Fault::Divergent, Cost::Waits), ("Charlie", Fault::Divergent, Cost::Waits)],
	)?;
	Ok(())
}

/// What is not promised: a threshold that colludes decides, and the honest one is blamed.
async fn two_colluders_of_three_decide_and_what_the_honest_one_loses_can_be_given_back(
	world: &mut Byzantine,
) -> Result<()> {
	world.cast(&[(CHARLIE, "wrong=7"), (DAVE, "wrong=7")]).await?;
	let books = Books::open(world.client()).await?;
	let ((asked, lied), (_, told)) = try_join!(world.ask(&world.bcd, 5), world.ask(&world.abc, 5))?;
	labelled(&lied, 5 + LIE)?;
	judged(
		&lied,
		&[("Bob", Verdict::Divergent), ("Charlie", Verdict::Agreed), ("Dave", Verdict::Agreed)],
	)?;
	// The same liar, one of three, is outvoted at the same time.
	labelled(&told, 5)?;
	// A majority can lie as well: what it took of the honest one can be given back.
	let client = world.client();
	let bob = account_of("Bob");
	let lost = client.attester(&bob).await?.context("bonded")?;
	ensure!(lost.pending.len() == 1 && lost.bonded < actors::BOND, "{lost:?}");
	overturn(client, "Bob", asked.request).await?;
	let whole = client.attester(&bob).await?.context("bonded")?;
	ensure!(whole.pending.is_empty() && whole.bonded == actors::BOND, "{whole:?}");
	let penalties = books.close(client).await?;
	paid(
		&penalties,
		&[("Bob", Fault::Divergent, Cost::Waits), ("Charlie", Fault::Divergent, Cost::Waits)],
	)?;
	Ok(())
}

async fn three_different_lies_are_no_answer_and_cost_nothing(world: &mut Byzantine) -> Result<()> {
	world.cast(&[(BOB, "wrong=1"), (CHARLIE, "wrong=7"), (DAVE, "wrong=9")]).await?;
	let books = Books::open(world.client()).await?;
	let (requested, settled) = world.ask(&world.bcd, 6).await?;
	refunded(&settled, &requested, Outcome::Disagreed)?;
	judged(
		&settled,
		&[
			("Bob", Verdict::Undecided),
			("Charlie", Verdict::Undecided),
			("Dave", Verdict::Undecided),
		],
	)?;
	let penalties = books.close(world.client()).await?;
	paid(&penalties, &[])?;
	Ok(())
}

async fn the_silent_are_no_shows_and_a_silent_majority_is_a_refund(
	world: &mut Byzantine,
) -> Result<()> {
	world.cast(&[(CHARLIE, "silent"), (DAVE, "silent")]).await?;
	let books = Books::open(world.client()).await?;
	let ((_, minority), (asked, majority)) =
		try_join!(world.ask(&world.abc, 7), world.ask(&world.bcd, 7))?;
	labelled(&minority, 7)?;
	judged(
		&minority,
		&[("Alice", Verdict::Agreed), ("Bob", Verdict::Agreed), ("Charlie", Verdict::NoShow)],
	)?;
	refunded(&majority, &asked, Outcome::Expired(ExpiryReason::CommitmentsMissing))?;
	judged(
		&majority,
		&[("Bob", Verdict::Excused), ("Charlie", Verdict::NoShow), ("Dave", Verdict::NoShow)],
	)?;
	// Whoever gets no answer is owed as much again, out of what the silent pay.
	let penalties = books.close(world.client()).await?;
	let expected = [
		("Charlie", Fault::NoShow, Cost::Warning),
		("Charlie", Fault::NoShow, Cost::Paid),
		("Dave", Fault::NoShow, Cost::Warning),
	];
	paid(&penalties, &expected)?;
	let of_majority = |penalty: &Penalty| {
		penalty.request == asked.request && matches!(penalty.price, Price::Paid(_))
	};
	let owed = if penalties.iter().any(of_majority) { asked.escrow } else { 0 };
	ensure!(majority.compensated == owed, "{majority:?}");
	Ok(())
}

async fn commitments_without_reveals_are_withheld_and_a_majority_of_them_is_a_refund(
	world: &mut Byzantine,
) -> Result<()> {
	world.cast(&[(CHARLIE, "withhold"), (DAVE, "withhold")]).await?;
	let books = Books::open(world.client()).await?;
	let ((_, minority), (asked, majority)) =
		try_join!(world.ask(&world.abc, 8), world.ask(&world.bcd, 8))?;
	labelled(&minority, 8)?;
	judged(
		&minority,
		&[("Alice", Verdict::Agreed), ("Bob", Verdict::Agreed), ("Charlie", Verdict::Withheld)],
	)?;
	refunded(&majority, &asked, Outcome::Expired(ExpiryReason::RevealsMissing))?;
	judged(
		&majority,
		&[("Bob", Verdict::Undecided), ("Charlie", Verdict::Withheld), ("Dave", Verdict::Withheld)],
	)?;
	ensure!(majority.compensated == asked.escrow, "{majority:?}");
	let penalties = books.close(world.client()).await?;
	paid(
		&penalties,
		&[
			("Charlie", Fault::Withheld, Cost::Paid),
			("Charlie", Fault::Withheld, Cost::Paid),
			("Dave", Fault::Withheld, Cost::Paid),
		],
	)?;
	Ok(())
}

async fn bad_openings_are_faults_and_a_majority_of_them_is_a_refund(
	world: &mut Byzantine,
) -> Result<()> {
	world.cast(&[(CHARLIE, "bad-opening"), (DAVE, "bad-opening")]).await?;
	let books = Books::open(world.client()).await?;
	let ((_, minority), (asked, majority)) =
		try_join!(world.ask(&world.abc, 9), world.ask(&world.bcd, 9))?;
	labelled(&minority, 9)?;
	judged(
		&minority,
		&[("Alice", Verdict::Agreed), ("Bob", Verdict::Agreed), ("Charlie", Verdict::BadOpening)],
	)?;
	refunded(&majority, &asked, Outcome::Expired(ExpiryReason::RevealsMissing))?;
	judged(
		&majority,
		&[
			("Bob", Verdict::Undecided),
			("Charlie", Verdict::BadOpening),
			("Dave", Verdict::BadOpening),
		],
	)?;
	ensure!(majority.compensated == asked.escrow, "{majority:?}");
	let penalties = books.close(world.client()).await?;
	paid(
		&penalties,
		&[
			("Charlie", Fault::BadOpening, Cost::Paid),
			("Charlie", Fault::BadOpening, Cost::Paid),
			("Dave", Fault::BadOpening, Cost::Paid),
		],
	)?;
	Ok(())
}

/// To copy a commitment gains nothing: it is bound to who made it.
async fn a_copied_answer_does_not_open_and_who_was_copied_is_paid(
	world: &mut Byzantine,
) -> Result<()> {
	world.cast(&[(CHARLIE, "copy")]).await?;
	let books = Books::open(world.client()).await?;
	let (_, settled) = world.ask(&world.abc, 2).await?;
	labelled(&settled, 2)?;
	judged(
		&settled,
		&[("Alice", Verdict::Agreed), ("Bob", Verdict::Agreed), ("Charlie", Verdict::BadOpening)],
	)?;
	let client = world.client();
	let copied = commitments_of(client, &settled, "Charlie").await?;
	ensure!(copied.len() == 1, "{copied:?}");
	let (alice, bob) = try_join!(
		commitments_of(client, &settled, "Alice"),
		commitments_of(client, &settled, "Bob"),
	)?;
	ensure!(copied == alice || copied == bob, "{copied:?} is of neither {alice:?} nor {bob:?}");
	let penalties = books.close(client).await?;
	paid(&penalties, &[("Charlie", Fault::BadOpening, Cost::Paid)])?;
	Ok(())
}

/// Who is late but within the windows has done its duty; who is later is absent.
async fn late_within_the_window_is_paid_and_later_is_a_no_show(
	world: &mut Byzantine,
) -> Result<()> {
	world.cast(&[(CHARLIE, "late=12"), (DAVE, "late=2")]).await?;
	let books = Books::open(world.client()).await?;
	let (_, settled) = world.ask(&world.bcd, 1).await?;
	labelled(&settled, 1)?;
	judged(
		&settled,
		&[("Bob", Verdict::Agreed), ("Charlie", Verdict::NoShow), ("Dave", Verdict::Agreed)],
	)?;
	let blocks = settled.settled_at - settled.requested_at;
	ensure!(blocks > COMMIT_WINDOW, "{blocks} blocks: the window was not waited for");
	let penalties = books.close(world.client()).await?;
	paid(&penalties, &[("Charlie", Fault::NoShow, Cost::Paid)])?;
	Ok(())
}

/// A node that is late keeps the panel waiting; one that has committed is killed meanwhile.
async fn a_member_restarted_between_commitment_and_reveal_is_paid(
	world: &mut Byzantine,
) -> Result<()> {
	world.cast(&[(DAVE, "late=3")]).await?;
	// Time for a node to start on a machine that has other things to do.
	reveal_within(world.client(), LONG_REVEAL).await?;
	let books = Books::open(world.client()).await?;
	let (client, model) = (world.client(), &world.bcd);
	let input = models::image(&model.manifest, 0)?;
	let included =
		actors::request(client, &key("Ferdie"), model.release, Assurance::quorum(3), &input)
			.await?;
	let requested = requested(&included.events)?.remove(0);
	let charlie = account_of("Charlie");
	until(client, 10, "Charlie's commitment", async |block| {
		let view = client.request_at(requested.request, Some(block.hash)).await?;
		let committed = |view: &Request| {
			let mut seats = view.panel.iter();
			seats.any(|seat| {
				seat.attester == charlie && matches!(seat.conduct, Conduct::Committed(_))
			})
		};
		Ok(view.filter(committed))
	})
	.await?;
	let mut ticket = client.ticket(included)?;
	world.network.kill(CHARLIE);
	world.network.restart(CHARLIE).await?;
	let settled = actors::settled(world.client(), &mut ticket).await?;
	check_accounts(&settled, requested.escrow)?;
	labelled(&settled, 0)?;
	judged(
		&settled,
		&[("Bob", Verdict::Agreed), ("Charlie", Verdict::Agreed), ("Dave", Verdict::Agreed)],
	)?;
	world.network.agree().await?;
	let penalties = books.close(world.client()).await?;
	paid(&penalties, &[])?;
	reveal_within(world.client(), REVEAL).await
}

/// Has governance set how long reveals are waited for.
async fn reveal_within(client: &Client, blocks: BlockNumber) -> Result<()> {
	// `RuntimeParameters::Attestation(Parameters::RevealWindow(RevealWindow, Some(blocks)))`
	let parameter = (2u8, 3u8, Some(blocks));
	actors::as_root(client, &Call::new("Parameters", "set_parameter", parameter)).await
}

/// Two commitments of Charlie to one request, and where he signed them.
type Evidence = [(CommitBatch<AccountId32>, [u8; 64]); 2];

/// What the log of Charlie's node says of the two commitments that it signed for a request.
async fn evidence(world: &Byzantine, digest: RequestDigest) -> Result<Evidence> {
	let wire = Wire::new(world.client()).await?;
	let log = world.network.node(CHARLIE).log_text()?;
	for line in log.lines() {
		let Some((_, pair)) = line.split_once("equivocation: ") else { continue };
		let mut batches = Vec::new();
		for transaction in pair.split_whitespace() {
			batches.extend(wire.read(&unhex(transaction)?)?);
		}
		let Ok(pair) = Evidence::try_from(batches) else { continue };
		if pair[0].0.entries.iter().any(|entry| entry.digest == digest) {
			return Ok(pair);
		}
	}
	anyhow::bail!("the log says nothing of an equivocation")
}

/// Only one of two commitments counts; both are signed, so that either convicts with the other.
async fn of_two_commitments_to_one_request_one_counts_and_both_are_evidence(
	world: &mut Byzantine,
) -> Result<()> {
	world.cast(&[(CHARLIE, "equivocate")]).await?;
	let books = Books::open(world.client()).await?;
	let (_, settled) = world.ask(&world.abc, 3).await?;
	labelled(&settled, 3)?;
	let client = world.client();
	let on_chain = commitments_of(client, &settled, "Charlie").await?;
	ensure!(on_chain.len() == 1, "{on_chain:?}");

	let evidence = evidence(world, settled.digest).await?;
	let genesis = RequestDigest::from(client.genesis().0);
	let signer = key("Charlie").public_key();
	for (batch, signature) in &evidence {
		let signature = sr25519::Signature(*signature);
		let payload = batch.signing_payload(&genesis);
		ensure!(sr25519::verify(&signature, payload, &signer), "{batch:?}");
	}
	let [first, second] = evidence.map(|(batch, _)| batch);
	let commitment = |batch: &CommitBatch<_>| {
		let entry = batch.entries.iter().find(|entry| entry.digest == settled.digest);
		entry.map(|entry| entry.commitment)
	};
	ensure!(commitment(&first) != commitment(&second), "{first:?} and {second:?}");
	// The first is the one that he can open.
	let expected = match Some(on_chain[0]) {
		it if it == commitment(&first) => Verdict::Agreed,
		it if it == commitment(&second) => Verdict::BadOpening,
		_ => anyhow::bail!("{on_chain:?} is neither of the two"),
	};
	judged(
		&settled,
		&[("Alice", Verdict::Agreed), ("Bob", Verdict::Agreed), ("Charlie", expected)],
	)?;
	// Whoever has seen both reports by itself. Whether an honest node has is a matter of which of
	// the two the author of the block got first; `equivocation.rs` tries until one has.
	until_true(client, REPORTED + 1, "time to report", async |block| {
		Ok(block.number >= settled.settled_at + REPORTED)
	})
	.await?;
	let span = Span { first: books.at.number + 1, last: client.best().await?.number };
	let reports = span.events(client, "Attestation", "EquivocationReported").await?;
	println!("({} reports)", reports.len());
	if let Some(report) = reports.first() {
		type Report = (AccountId32, AccountId32);
		let (convict, reporter): Report = report.fields()?;
		let charlie = account_of("Charlie");
		ensure!(convict == charlie && reporter != charlie, "{convict}, reported by {reporter}");
		let attester = client.attester(&charlie).await?.context("bonded")?;
		ensure!(attester.paused, "a convict is drawn: {attester:?}");
	}
	let penalties = books.close(client).await?;
	let faults = match expected {
		Verdict::BadOpening => vec![("Charlie", Fault::BadOpening, Cost::Paid)],
		_ => vec![],
	};
	paid(&penalties, &faults)?;
	Ok(())
}

async fn of_two_reveals_of_one_commitment_one_counts(world: &mut Byzantine) -> Result<()> {
	world.cast(&[(CHARLIE, "equivocate-reveal")]).await?;
	let books = Books::open(world.client()).await?;
	let (_, settled) = world.ask(&world.abc, 4).await?;
	labelled(&settled, 4)?;
	let verdicts = verdicts(&settled);
	ensure!(verdicts["Alice"] == Verdict::Agreed && verdicts["Bob"] == Verdict::Agreed);
	let expected = [Verdict::Agreed, Verdict::BadOpening];
	ensure!(expected.contains(&verdicts["Charlie"]), "{settled:?}");
	let penalties = books.close(world.client()).await?;
	let faults = match verdicts["Charlie"] {
		Verdict::BadOpening => vec![("Charlie", Fault::BadOpening, Cost::Paid)],
		_ => vec![],
	};
	paid(&penalties, &faults)?;
	Ok(())
}

async fn replayed_messages_count_once_and_harm_nobody(world: &mut Byzantine) -> Result<()> {
	world.cast(&[(CHARLIE, "replay")]).await?;
	let books = Books::open(world.client()).await?;
	let mut all = Vec::new();
	for digit in [5, 6, 7] {
		let (_, settled) = world.ask(&world.abc, digit).await?;
		labelled(&settled, digit as i64)?;
		judged(
			&settled,
			&[("Alice", Verdict::Agreed), ("Bob", Verdict::Agreed), ("Charlie", Verdict::Agreed)],
		)?;
		all.push(settled);
	}
	let count = count_attestations(world.client(), &all).await?;
	ensure!(count == 6 * all.len(), "{count} commitments and reveals of {} requests", all.len());
	let penalties = books.close(world.client()).await?;
	paid(&penalties, &[])?;
	Ok(())
}

/// One member floods all four nodes with what they must refuse.
async fn a_flood_of_garbage_delays_no_answer_and_enters_no_block(
	world: &mut Byzantine,
) -> Result<()> {
	world.cast(&[(CHARLIE, &format!("flood={FLOOD}"))]).await?;
	let books = Books::open(world.client()).await?;
	let world = &*world;
	let asked = [1, 2, 3, 4].map(async |digit| {
		let (_, settled) = world.ask(&world.abc, digit).await?;
		labelled(&settled, digit as i64)?;
		judged(
			&settled,
			&[("Alice", Verdict::Agreed), ("Bob", Verdict::Agreed), ("Charlie", Verdict::Agreed)],
		)?;
		let blocks = settled.settled_at - settled.requested_at;
		ensure!(blocks <= PROMPT, "{blocks} blocks under a flood: {settled:?}");
		anyhow::Ok(settled)
	});
	let settled = try_join_all(asked).await?;
	let count = count_attestations(world.client(), &settled).await?;
	// Requests of one block share their batches.
	ensure!((6..=6 * settled.len()).contains(&count), "{count} commitments and reveals");
	let penalties = books.close(world.client()).await?;
	paid(&penalties, &[])?;
	Ok(())
}

/// After all this, nobody is shut out: the same nodes, honest again, agree.
async fn those_who_repent_agree_again(world: &mut Byzantine) -> Result<()> {
	world.cast(&[]).await?;
	let books = Books::open(world.client()).await?;
	let ((_, abc), (_, bcd)) = try_join!(world.ask(&world.abc, 8), world.ask(&world.bcd, 9))?;
	for (settled, label) in [(abc, 8), (bcd, 9)] {
		labelled(&settled, label)?;
		ensure!(settled.agreement == 3, "{settled:?}");
	}
	for name in &NAMES[1..] {
		let attester = world.client().attester(&account_of(name)).await?.context("bonded")?;
		println!("({name}: {:?})", attester.faults);
	}
	// What waited is shared out when the time to challenge it is over.
	let client = world.client();
	nothing_waits(client).await?;
	paid(&books.close(client).await?, &[])?;
	Ok(())
}

/// One wrong answer costs bond. Two attesters with wrong answers in one session, both contradicted by
/// others with more than a third of the stake, lose stake as well, once nobody has proved the others
/// wrong.
async fn two_who_diverge_in_one_session_lose_stake(world: &mut Byzantine) -> Result<()> {
	world.cast(&[(CHARLIE, "wrong=7"), (DAVE, "wrong=9")]).await?;
	let client = world.client();
	let books = Books::open(client).await?;
	let stakes =
		[actors::stake_of(client, "Charlie").await?, actors::stake_of(client, "Dave").await?];
	let mut faults = Vec::new();
	loop {
		let ((_, abc), (_, abd)) = try_join!(world.ask(&world.abc, 1), world.ask(&world.abd, 2))?;
		for (settled, label, liar) in [(abc, 1, "Charlie"), (abd, 2, "Dave")] {
			labelled(&settled, label)?;
			judged(
				&settled,
				&[("Alice", Verdict::Agreed), ("Bob", Verdict::Agreed), (liar, Verdict::Divergent)],
			)?;
			faults.push((liar, Fault::Divergent, Cost::Waits));
		}
		let mut sessions = BTreeSet::new();
		for name in ["Charlie", "Dave"] {
			let attester = client.attester(&account_of(name)).await?.context("bonded")?;
			let last = attester.pending.iter().max_by_key(|(request, _)| *request);
			sessions.insert(last.context("a penalty that waits")?.1.session);
		}
		if sessions.len() == 1 {
			break;
		}
		println!("(a session ended in between: once more)");
	}
	nothing_waits(client).await?;

	let span = Span { first: books.at.number + 1, last: client.best().await?.number };
	let offences = span.events(client, "Offences", "Offence").await?;
	let kinds = offences.iter().map(|event| Ok(event.fields::<([u8; 16], Vec<u8>)>()?.0));
	let kinds: Vec<_> = kinds.collect::<Result<_>>()?;
	ensure!(kinds == [*b"jurat:divergence"], "{kinds:?}");
	// (3 · (2 − 1) / 4)² of what each had at stake, at once on a test network; but of all that
	// somebody does in an era, the staking pallet takes the worst only.
	let earlier = slashed_in_this_era(client, books.at.number).await?;
	let mut slashes = BTreeMap::<_, Balance>::new();
	for event in span.events(client, "Staking", "Slashed").await? {
		let (who, amount): (AccountId32, Balance) = event.fields()?;
		*slashes.entry(who.0).or_default() += amount;
	}
	for (name, stake) in ["Charlie", "Dave"].into_iter().zip(stakes) {
		let slashed = slashes.remove(&account_of(name).0).unwrap_or_default();
		println!("({name} loses {} of {} JUR at stake)", slashed / JUR, stake / JUR);
		let before = earlier.get(&account_of(name).0).copied().unwrap_or_default();
		ensure!(
			(before + slashed).abs_diff(stake * 9 / 16) <= 2,
			"{name}: {slashed} of {stake}, after {before}"
		);
	}
	ensure!(slashes.is_empty(), "others are slashed: {slashes:?}");
	paid(&books.close(client).await?, &faults)
}

/// What was slashed of whom up to a block, in the era of that block.
async fn slashed_in_this_era(
	client: &Client,
	last: BlockNumber,
) -> Result<BTreeMap<[u8; 32], Balance>> {
	let mut slashed = BTreeMap::<_, Balance>::new();
	for (_, event) in (Span { first: 1, last }).all(client).await? {
		if event.is("Staking", "EraPaid") {
			slashed.clear();
		} else if event.is("Staking", "Slashed") {
			let (who, amount): (AccountId32, Balance) = event.fields()?;
			*slashed.entry(who.0).or_default() += amount;
		}
	}
	Ok(slashed)
}

/// Waits until what was taken for wrong answers is shared out.
async fn nothing_waits(client: &Client) -> Result<()> {
	until_true(client, CHALLENGE_WINDOW + 5, "no penalty that waits", async |_| {
		let mut waiting = 0;
		for name in NAMES {
			let attester = client.attester(&account_of(name)).await?.context("bonded")?;
			waiting += attester.pending.len();
		}
		Ok(waiting == 0)
	})
	.await
}

fn main() -> ExitCode {
	jurat_tests::harness::run::<Byzantine>(promises![
		one_wrong_answer_of_three_is_outvoted,
		two_colluders_of_three_decide_and_what_the_honest_one_loses_can_be_given_back,
		three_different_lies_are_no_answer_and_cost_nothing,
		the_silent_are_no_shows_and_a_silent_majority_is_a_refund,
		commitments_without_reveals_are_withheld_and_a_majority_of_them_is_a_refund,
		bad_openings_are_faults_and_a_majority_of_them_is_a_refund,
		a_copied_answer_does_not_open_and_who_was_copied_is_paid,
		late_within_the_window_is_paid_and_later_is_a_no_show,
		a_member_restarted_between_commitment_and_reveal_is_paid,
		of_two_commitments_to_one_request_one_counts_and_both_are_evidence,
		of_two_reveals_of_one_commitment_one_counts,
		replayed_messages_count_once_and_harm_nobody,
		a_flood_of_garbage_delays_no_answer_and_enters_no_block,
		those_who_repent_agree_again,
		two_who_diverge_in_one_session_lose_stake,
	])
}
