// SPDX-License-Identifier: Apache-2.0
//! Four validators whose nodes serve whatever they can (`--serve all`). Files are given to one of
//! them; the others get them from their peers, some of which lie, or die.

use anyhow::{Context, Result, ensure};
use futures::try_join;
use jurat_cli::{
	Client,
	client::{BlockNumber, Call, node::hash_bytes},
	publish::create,
};
use jurat_onnx::{ManifestOptions, derive_manifest, inspect};
use jurat_primitives::{
	Assurance, ContentHash, Mirror, Mirrors, ReleaseId, Version, view::ReleaseState,
};
use jurat_tests::{
	actors::{self, Terms, answer, key, publish_model},
	harness::World,
	models,
	network::Network,
	promises,
	wait::{until, until_true},
};
use serde_json::Value;
use std::{
	collections::BTreeSet,
	io::{BufRead, BufReader, Read, Write},
	net::{SocketAddr, TcpListener, TcpStream},
	process::{Command, ExitCode},
	thread,
	time::{Duration, Instant},
};

const ALICE: usize = 0;
const BOB: usize = 1;
const CHARLIE: usize = 2;
const DAVE: usize = 3;

/// Blocks in which a release that was published is final, fetched, tried, and announced by all: an
/// attester may announce once in ten blocks.
const SERVED: BlockNumber = 60;
/// Bytes of a large blob.
const LARGE: usize = 100_000_000;
/// Part of the large blob after which a node dies that fetches it.
const HALF_WAY: u64 = LARGE as u64 / 10;
/// Pause between two looks at a transfer, of which no block tells.
const LOOK: Duration = Duration::from_millis(5);

struct Serving {
	network: Network,
}

impl World for Serving {
	async fn start() -> Result<Self> {
		// Private: the tests' web server is on this machine.
		let options = ["--serve=all", "--blob-release-mirrors", "--blob-mirrors-private"];
		let network = Network::local_with(&options).await?;
		actors::bond_all(&network).await?;
		Ok(Self { network })
	}

	fn network(&mut self) -> &mut Network {
		&mut self.network
	}
}

/// Waits until a release has as many servers as there are validators.
async fn served(client: &Client, release: ReleaseId) -> Result<BlockNumber> {
	until(client, SERVED, "a release that all serve", async |block| {
		let view = client.release(release).await?.context("a release")?;
		let all = view.servers == 4 && view.state == ReleaseState::Active;
		Ok(all.then_some(block.number))
	})
	.await
}

async fn what_is_published_on_one_node_is_served_and_answered_by_all(
	world: &mut Serving,
) -> Result<()> {
	let client = world.network.client(ALICE);
	let terms = Terms { units: Some(5), ..Terms::default() };
	let model = publish_model(client, &key("Eve"), "digits", models::DIGITS, terms).await?;
	let published = client.best().await?.number;
	let block = served(client, model.release).await?;
	println!("(announced by all four {} blocks after it was published)", block - published);
	let content = hash_bytes(models::DIGITS);
	for (name, client) in world.network.clients() {
		let serving = client.serving().await?;
		let [one] = serving.as_slice() else { anyhow::bail!("{name}: {serving:?}") };
		ensure!(one.state == "ready" && one.micros.is_some(), "{name}: {one:?}");
		ensure!(client.blob_size(content).await?.is_some(), "{name} has no file");
	}
	let input = models::image(&model.manifest, 7)?;
	for ask in [DAVE, ALICE] {
		let client = world.network.client(ask);
		let assurance = Assurance::quorum(3);
		let settled = actors::ask(client, &key("Ferdie"), model.release, assurance, &input).await?;
		ensure!(models::integer(answer(&settled)?, "label")? == 7, "{settled:?}");
		ensure!(settled.agreement == 3, "{settled:?}");
	}
	Ok(())
}

/// No node is given the file. Its owner names two web servers: one that is gone, and one that has it.
async fn what_no_node_has_is_served_from_where_its_owner_says(world: &mut Serving) -> Result<()> {
	let (client, owner) = (world.network.client(ALICE), key("Eve"));
	let file: &'static [u8] = models::DIGITS_INT8;
	let (content, size) = (hash_bytes(file), file.len() as u64);
	let stated = ManifestOptions { compute_units: 5, ..ManifestOptions::default() };
	let manifest = derive_manifest(&inspect(file)?, &stated)?;
	let model = create(client, &owner, "elsewhere", "").await?;
	let version = Version { major: 1, minor: 0 };
	let release = ReleaseId { model, version };
	let publish = Call::publish_release(model, version, content, size, &manifest, 0);
	client.submit(&publish, &owner).await?;
	until_true(client, SERVED, "a file that is missing everywhere", async |_| {
		let mut missing = 0;
		for (_, client) in world.network.clients() {
			let serving = client.serving().await?;
			let of_it = serving.into_iter().find(|one| one.model == model);
			missing += usize::from(of_it.is_some_and(|one| one.state == "missing"));
		}
		Ok(missing == 4)
	})
	.await?;

	let (gone, here) = (format!("http://{}/x.onnx", closed_port()?), web_server(file)?);
	let addresses = [gone, here].map(|address| Mirror::truncate_from(address.into_bytes()));
	let mirrors = Mirrors::truncate_from(addresses.to_vec());
	let named = client.submit(&Call::set_mirrors(release, &mirrors), &owner).await?.block.number;
	let block = served(client, release).await?;
	println!("(announced by all four {} blocks after its owner said where it is)", block - named);
	let input = models::image(&manifest, 7)?;
	let assurance = Assurance::quorum(3);
	let settled = actors::ask(client, &key("Ferdie"), release, assurance, &input).await?;
	ensure!(models::integer(answer(&settled)?, "label")? == 7, "{settled:?}");
	Ok(())
}

/// An address at which nobody listens.
fn closed_port() -> Result<SocketAddr> {
	Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?)
}

/// A web server with one file: its address. It ends with the test.
fn web_server(file: &'static [u8]) -> Result<String> {
	let listener = TcpListener::bind(("127.0.0.1", 0))?;
	let address = format!("http://{}/model.onnx", listener.local_addr()?);
	thread::spawn(move || {
		for stream in listener.incoming().flatten() {
			thread::spawn(move || send_file(stream, file).ok());
		}
	});
	Ok(address)
}

fn send_file(mut stream: TcpStream, file: &[u8]) -> std::io::Result<()> {
	let mut request = BufReader::new(stream.try_clone()?).lines();
	while request.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
	write!(
		stream,
		"HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
		file.len()
	)?;
	stream.write_all(file)
}

/// A tolerance that honest machines would miss, and a gross bound that they would pass: who served
/// such a release could lose stake for nothing.
async fn what_honest_machines_could_be_punished_for_is_announced_by_nobody(
	world: &mut Serving,
) -> Result<()> {
	let client = world.network.client(ALICE);
	let profile = Some("approximate:1e-12,1e-12,100");
	let terms = Terms { units: Some(5), profile, ..Terms::default() };
	let model = publish_model(client, &key("Eve"), "tight", models::DIGITS, terms).await?;
	let reasons = until(client, SERVED, "a refusal by all", async |_| {
		let mut reasons = Vec::new();
		for (_, client) in world.network.clients() {
			let serving = client.serving().await?;
			let of_it = serving.into_iter().find(|one| one.model == model.release.model);
			reasons.extend(of_it.filter(|one| one.state == "refused").and_then(|one| one.reason));
		}
		Ok((reasons.len() == 4).then_some(reasons))
	})
	.await?;
	println!("({})", reasons[0]);
	ensure!(reasons.iter().all(|reason| reason.contains("honest runs differ")), "{reasons:?}");
	let view = client.release(model.release).await?.context("a release")?;
	ensure!(view.servers == 0 && view.state == ReleaseState::Published, "{view:?}");
	Ok(())
}

/// How far a node is with a blob that it fetches.
async fn received(client: &Client, content: ContentHash) -> Result<u64> {
	let blobs = client.blobs().await?;
	let blob = blobs.into_iter().find(|blob| blob.hash == content.to_string());
	Ok(blob.and_then(|blob| blob.received).unwrap_or_default())
}

/// Bob sends wrong bytes of whatever he has. Charlie dies, and comes back. Everybody fetches from
/// everybody.
async fn a_large_file_reaches_three_nodes_though_one_sends_wrong_bytes_and_one_dies(
	world: &mut Serving,
) -> Result<()> {
	let network = &mut world.network;
	network.cast(&[(BOB, Some("wrong-blobs"))]).await?;
	let bytes = noise(LARGE);
	let size = bytes.len() as u64;
	let content = network.client(ALICE).put_blob(&bytes, |_| ()).await?;
	let plain = copy_over_loopback(&bytes)?;

	let started = Instant::now();
	let fetch = async |node: usize| {
		let fetched = network.client(node).fetch_blob(content, size, |_| ()).await;
		fetched.map(|()| started.elapsed())
	};
	let dies = async {
		let client = network.client(CHARLIE);
		let fetched = client.fetch_blob(content, size, |_| ());
		let far = async {
			while received(client, content).await? < HALF_WAY {
				tokio::time::sleep(LOOK).await;
			}
			anyhow::Ok(())
		};
		tokio::select! {
			fetched = fetched => { fetched?; println!("(Charlie was too fast to die half-way)"); },
			far = far => far?,
		}
		// At once: the others go on meanwhile.
		let pid = network.node(CHARLIE).pid().context("it runs")?.to_string();
		ensure!(Command::new("kill").args(["-KILL", &pid]).status()?.success(), "kill {pid}");
		anyhow::Ok(started.elapsed())
	};
	let (bob, dave, charlie) = try_join!(
		async { fetch(BOB).await.context("Bob") },
		async { fetch(DAVE).await.context("Dave") },
		dies,
	)?;
	network.kill(CHARLIE);
	network.restart(CHARLIE).await?;
	let left = received(network.client(CHARLIE), content).await?;
	network.client(CHARLIE).fetch_blob(content, size, |_| ()).await.context("Charlie, again")?;
	for node in [ALICE, BOB, CHARLIE, DAVE] {
		let client = network.client(node);
		ensure!(client.blob_size(content).await? == Some(size), "node {node} has it");
		ensure!(client.verify_blob(content).await?, "node {node} has other bytes");
	}
	let ratio = |time: Duration| time.as_secs_f64() / plain.as_secs_f64();
	println!(
		"({} MB to two nodes at once in {:.1} s and {:.1} s, {:.0} and {:.0} times a plain copy over \
		 loopback; Charlie died after {:.1} s, and had {} MB when he was back)",
		LARGE / 1_000_000,
		bob.as_secs_f64(),
		dave.as_secs_f64(),
		ratio(bob),
		ratio(dave),
		charlie.as_secs_f64(),
		left / 1_000_000,
	);
	Ok(())
}

/// Bob lost his peers over what he sent. Nobody else lost anything.
async fn who_sends_wrong_bytes_loses_his_peers_for_a_while(world: &mut Serving) -> Result<()> {
	let bytes = noise(3_000_000);
	let (size, network) = (bytes.len() as u64, &mut world.network);
	// Only Bob has it, so that whoever wants it meets him.
	let content = network.client(BOB).put_blob(&bytes, |_| ()).await?;
	let dave = network.client(DAVE);
	let before =
		counter(&network.node(DAVE).metrics().await?, "jurat_exchange_peers_penalised_total");
	let fetched =
		tokio::time::timeout(Duration::from_secs(60), dave.fetch_blob(content, size, |_| ())).await;
	ensure!(!matches!(fetched, Ok(Ok(()))), "wrong bytes were taken");
	ensure!(dave.blob_size(content).await?.is_none(), "wrong bytes are there");
	let after =
		counter(&network.node(DAVE).metrics().await?, "jurat_exchange_peers_penalised_total");
	println!("(peers penalised by Dave: {before}, then {after})");
	ensure!(after > 0.0, "nobody was penalised");
	network.cast(&[(BOB, None)]).await?;
	network.client(DAVE).fetch_blob(content, size, |_| ()).await.context("from honest Bob")?;
	Ok(())
}

/// Every metric that the dashboard shows is measured.
async fn the_dashboard_shows_what_nodes_measure(world: &mut Serving) -> Result<()> {
	let dashboard: Value = serde_json::from_str(include_str!("../../docs/grafana/jurat.json"))?;
	let mut names = BTreeSet::new();
	for panel in dashboard["panels"].as_array().context("panels")? {
		for target in panel["targets"].as_array().into_iter().flatten() {
			let query = target["expr"].as_str().context("a query")?;
			let words = query.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
			let metric = |word: &&str| word.starts_with("jurat_") || word.starts_with("substrate_");
			names.extend(words.filter(metric).map(str::to_owned));
		}
	}
	ensure!(names.len() > 20, "{names:?}");
	// Some are there only once there was something to count: who was given everything never asked.
	let (alice, dave) = (world.network.node(ALICE), world.network.node(DAVE));
	let measured = alice.metrics().await? + &dave.metrics().await?;
	let is_measured = |name: &String| {
		measured.lines().any(|line| {
			line.strip_prefix(name.as_str())
				.is_some_and(|rest| rest.starts_with('{') || rest.starts_with(' '))
		})
	};
	let missing: Vec<_> = names.iter().filter(|name| !is_measured(name)).collect();
	ensure!(missing.is_empty(), "not measured: {missing:?}");
	println!("({} metrics)", names.len());
	Ok(())
}

/// What a counter without labels is at.
fn counter(metrics: &str, name: &str) -> f64 {
	let lines = metrics.lines().filter(|line| line.starts_with(name));
	lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum()
}

/// Bytes that do not repeat.
fn noise(length: usize) -> Vec<u8> {
	let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ length as u64;
	let words = (0..length.div_ceil(8)).flat_map(|_| {
		// xorshift64*
		state ^= state >> 12;
		state ^= state << 25;
		state ^= state >> 27;
		state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_le_bytes()
	});
	words.take(length).collect()
}

/// Sends bytes to another thread through a socket: how long that takes.
fn copy_over_loopback(bytes: &[u8]) -> Result<Duration> {
	let listener = TcpListener::bind("127.0.0.1:0")?;
	let address = listener.local_addr()?;
	let started = Instant::now();
	let receiver = thread::spawn(move || -> std::io::Result<usize> {
		let mut received = Vec::new();
		listener.accept()?.0.read_to_end(&mut received)
	});
	TcpStream::connect(address)?.write_all(bytes)?;
	let received = receiver.join().map_err(|_| anyhow::anyhow!("the receiver panicked"))??;
	ensure!(received == bytes.len(), "{received} bytes came");
	Ok(started.elapsed())
}

fn main() -> ExitCode {
	jurat_tests::harness::run::<Serving>(promises![
		what_is_published_on_one_node_is_served_and_answered_by_all,
		what_no_node_has_is_served_from_where_its_owner_says,
		what_honest_machines_could_be_punished_for_is_announced_by_nobody,
		a_large_file_reaches_three_nodes_though_one_sends_wrong_bytes_and_one_dies,
		who_sends_wrong_bytes_loses_his_peers_for_a_while,
		the_dashboard_shows_what_nodes_measure,
	])
}
