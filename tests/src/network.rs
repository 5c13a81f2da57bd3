// SPDX-License-Identifier: Apache-2.0
//! The nodes of a chain, on this machine's loopback.

use crate::{node::Node, wait::until};
use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use jurat_cli::Client;
use serde_json::Value;
use std::{
	env, fs,
	net::TcpListener,
	path::{Path, PathBuf},
	process::Command,
};
use subxt::rpcs::rpc_params;
use tempfile::TempDir;

/// The validators of the preset `local`; the first is that of `dev`.
const VALIDATORS: [&str; 4] = ["alice", "bob", "charlie", "dave"];

/// Their peer ids: those of the keys `00…01`, `00…02` and so on.
const PEERS: [&str; 4] = [
	"12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp",
	"12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMuD",
	"12D3KooWSCufgHzV4fCwRijfH2k3abrpAJxTKxEvN1FDuRXA2U9x",
	"12D3KooWSsChzF81YDUKpe9Uk5AHV5oqAaXAcWNSPYgoLauUk4st",
];

/// What the nodes log: more of what is tested, less of each block.
const LOG_LEVELS: &str =
	"basic-authorship=warn,babe=warn,inference=debug,runtime::attestation=debug";

/// Blocks within which a network that was started, or a node that was, is of one mind.
const SETTLING: u32 = 20;

/// A chain and its nodes. Ends with this value.
pub struct Network {
	// Before the folder: nodes end before their files go.
	nodes: Vec<Node>,
	links: Links,
	/// Addresses of the nodes, with their peer ids.
	addresses: Vec<String>,
	folder: Option<TempDir>,
}

/// How nodes find each other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Links {
	/// By themselves.
	Found,
	/// Each has those peers only that it is told of, so that connections can be cut.
	Given,
}

impl Network {
	/// The development chain: one validator, Alice. `models` go into its node's store.
	pub async fn dev(models: &[(&str, &[u8])]) -> Result<Self> {
		Self::start("dev", 1, models, Links::Found, &[]).await
	}

	/// The development chain, whose node has these options more.
	pub async fn dev_with(models: &[(&str, &[u8])], options: &[&str]) -> Result<Self> {
		Self::start("dev", 1, models, Links::Found, options).await
	}

	/// Four validators. `models` go into the store of each node.
	pub async fn local(models: &[(&str, &[u8])]) -> Result<Self> {
		Self::start("local", VALIDATORS.len(), models, Links::Found, &[]).await
	}

	/// Four validators, whose nodes have these options more.
	pub async fn local_with(options: &[&str]) -> Result<Self> {
		Self::start("local", VALIDATORS.len(), &[], Links::Found, options).await
	}

	/// Four validators, in a network that can be [split](Self::split). `models` go into the store
	/// of each node.
	pub async fn severable(models: &[(&str, &[u8])]) -> Result<Self> {
		Self::start("local", VALIDATORS.len(), models, Links::Given, &[]).await
	}

	async fn start(
		chain: &str,
		count: usize,
		models: &[(&str, &[u8])],
		links: Links,
		more: &[&str],
	) -> Result<Self> {
		let folder = tempfile::Builder::new().prefix("jurat-tests.").tempdir()?;
		let store = folder.path().join("models");
		fs::create_dir(&store)?;
		for (name, file) in models {
			fs::write(store.join(format!("{name}.onnx")), file)?;
		}
		let program = node_binary()?;
		let library = onnxruntime()?;
		let spec = folder.path().join("chain.json");
		export_spec(&program, chain, &spec)?;
		// Of the nodes of all tests: beside the program, as private as that is.
		let wasm_cache = program.with_file_name("wasm-cache-of-tests");
		let ports = free_ports(3 * count)?;
		let peer_ports = ports.iter().skip(1).step_by(3);
		let addresses: Vec<_> = peer_ports
			.zip(PEERS)
			.map(|(port, peer)| format!("/ip4/127.0.0.1/tcp/{port}/p2p/{peer}"))
			.collect();
		let mut nodes = Vec::new();
		for (i, name) in VALIDATORS.iter().copied().enumerate().take(count) {
			let (rpc, peer, metrics) = (ports[3 * i], ports[3 * i + 1], ports[3 * i + 2]);
			let path = |path: PathBuf| path.display().to_string();
			let mut options = vec![format!("--chain={}", path(spec.clone())), format!("--{name}")];
			if count == 1 {
				// Nobody to wait for.
				options.push("--force-authoring".into());
			}
			options.extend([
				format!("--wasm-cache={}", path(wasm_cache.clone())),
				format!("--base-path={}", path(folder.path().join(name))),
				format!("--rpc-port={rpc}"),
				"--rpc-methods=unsafe".into(),
				format!("--listen-addr=/ip4/127.0.0.1/tcp/{peer}"),
				// Known to everyone, as the validators' keys are.
				format!("--node-key={:064x}", i + 1),
				"--no-mdns".into(),
				"--discover-local".into(),
				"--no-telemetry".into(),
				format!("--prometheus-port={metrics}"),
				format!("--onnxruntime={}", path(library.clone())),
				format!("--model-dir={}", path(store.clone())),
				"--inference-slots=2".into(),
			]);
			match links {
				Links::Given => {
					let others = addresses.iter().enumerate().filter(|(j, _)| *j != i);
					options.extend(others.map(|(_, other)| format!("--reserved-nodes={other}")));
					// Without slots: who is no longer reserved would keep its connection in one.
					let none = ["--reserved-only", "--in-peers=0", "--out-peers=0"];
					options.extend(none.map(String::from));
				},
				Links::Found if i > 0 => options.push(format!("--bootnodes={}", addresses[0])),
				Links::Found => {},
			}
			let levels = env::var("JURAT_TEST_LOG");
			options.push(format!("--log={}", levels.as_deref().unwrap_or(LOG_LEVELS)));
			options.extend(more.iter().map(|option| option.to_string()));
			let log = folder.path().join(format!("{name}.log"));
			nodes.push(Node::new(name, program.clone(), options, [rpc, metrics], log));
		}
		let mut network = Self { nodes, links, addresses, folder: Some(folder) };
		match network.bring_up().await {
			Ok(()) => Ok(network),
			Err(error) => {
				network.print_logs();
				Err(error.context("the network does not start"))
			},
		}
	}

	async fn bring_up(&mut self) -> Result<()> {
		self.nodes.iter_mut().try_for_each(Node::start)?;
		try_join_all(self.nodes.iter_mut().map(Node::connect)).await?;
		for (node, expected) in self.nodes.iter().zip(PEERS) {
			let client = node.client().context("connected")?;
			let peer: String = client.rpc("system_localPeerId", rpc_params![]).await?;
			ensure!(peer == expected, "{} is {peer}", node.name);
		}
		for node in &self.nodes {
			let client = node.client().context("connected")?;
			let status = client.engine_status().await?;
			let reason = status.reason.unwrap_or_default();
			ensure!(status.available, "{} cannot run models: {reason}", node.name);
			node.wait_for_peers(self.nodes.len() - 1).await?;
		}
		self.agree().await
	}

	/// Number of its validators.
	pub fn size(&self) -> usize {
		self.nodes.len()
	}

	/// A node, by number.
	pub fn node(&self, i: usize) -> &Node {
		&self.nodes[i]
	}

	/// A connection to a node that is up, by number.
	pub fn client(&self, i: usize) -> &Client {
		self.nodes[i].client().expect("a test asks only nodes that it has not killed")
	}

	/// Connections to the nodes that are up, with their names.
	pub fn clients(&self) -> impl Iterator<Item = (&'static str, &Client)> {
		self.nodes.iter().filter_map(|node| Some((node.name, node.client()?)))
	}

	/// Ends a node by SIGKILL.
	pub fn kill(&mut self, i: usize) {
		self.nodes[i].kill();
	}

	/// Starts a node that was killed, on the same files and ports, and waits until it answers.
	pub async fn restart(&mut self, i: usize) -> Result<()> {
		let node = &mut self.nodes[i];
		node.start()?;
		node.connect().await.with_context(|| format!("restarting {}", node.name))
	}

	/// Cuts the network into parts that cannot see one another, and waits until they do not. Within
	/// a part all see each other. Each node that is up is in one part.
	pub async fn split(&self, parts: &[&[usize]]) -> Result<()> {
		self.link(|one, other| {
			parts.iter().any(|part| part.contains(&one) && part.contains(&other))
		})
		.await
	}

	/// Lets every node that is up see every other, and waits until they do.
	pub async fn join(&self) -> Result<()> {
		self.link(|_, _| true).await
	}

	/// Gives each node the peers that it is to have, and no others.
	async fn link(&self, together: impl Fn(usize, usize) -> bool) -> Result<()> {
		ensure!(self.links == Links::Given, "these nodes find each other by themselves");
		let up = |(_, node): &(usize, &Node)| node.client().is_some();
		let nodes: Vec<_> = self.nodes.iter().enumerate().filter(up).collect();
		let linked = nodes.iter().map(async |(i, node)| {
			let (i, client) = (*i, node.client().context("it is up")?);
			let mut count = 0;
			for j in nodes.iter().map(|(j, _)| *j).filter(|j| *j != i) {
				let (method, peer) = match together(i, j) {
					true => ("system_addReservedPeer", self.addresses[j].as_str()),
					false => ("system_removeReservedPeer", PEERS[j]),
				};
				let _: Value = client.rpc(method, rpc_params![peer]).await?;
				count += usize::from(together(i, j));
			}
			anyhow::Ok(count)
		});
		let counts = try_join_all(linked).await?;
		let nodes = nodes.into_iter().zip(counts);
		try_join_all(nodes.map(|((_, node), count)| node.wait_for_peers(count))).await?;
		Ok(())
	}

	/// Ends these nodes and starts them again, on the same files and ports: with this kind of
	/// misbehaviour, or honest. Waits until they keep up with the others.
	pub async fn cast(&mut self, roles: &[(usize, Option<&str>)]) -> Result<()> {
		for (i, kind) in roles {
			let other = match kind {
				None => None,
				Some(kind) => {
					let peers = self.nodes.iter().enumerate().filter(|(peer, _)| peer != i);
					let urls = peers.map(|(_, peer)| format!("http://127.0.0.1:{}", peer.rpc_port));
					let options = vec![
						format!("--misbehave={kind}"),
						format!("--misbehave-peers={}", urls.collect::<Vec<_>>().join(",")),
					];
					Some((byzantine_binary()?, options))
				},
			};
			self.nodes[*i].kill();
			self.nodes[*i].set_program(other);
		}
		for (i, _) in roles {
			self.nodes[*i].start()?;
		}
		for (i, _) in roles {
			let node = &mut self.nodes[*i];
			node.connect().await.with_context(|| format!("restarting {}", node.name))?;
		}
		for node in &self.nodes {
			node.wait_for_peers(self.nodes.len() - 1).await?;
		}
		self.agree().await
	}

	/// Waits until every node has the best block that the first one has.
	pub async fn agree(&self) -> Result<()> {
		let target = self.client(0).best().await?.number + 1;
		for node in &self.nodes {
			let client = node.client().with_context(|| format!("{} is down", node.name))?;
			until(client, SETTLING, "the others' blocks", async |block| {
				Ok((block.number >= target).then_some(()))
			})
			.await
			.context(node.name)?;
		}
		Ok(())
	}

	/// Prints the end of every node's log.
	pub fn print_logs(&self) {
		for node in &self.nodes {
			let state = if node.is_alive() { "running" } else { "not running" };
			eprintln!("--- the end of the log of {}, {state} ---", node.name);
			eprintln!("{}", node.log_tail());
		}
	}

	/// Lets the files of the nodes be when the network ends, to look into them.
	pub fn keep_files(&mut self) {
		if let Some(folder) = self.folder.take() {
			eprintln!("--- kept to look into: {} ---", folder.keep().display());
		}
	}
}

/// Writes the specification of a chain, with its whole first state: else each node would compile the
/// runtime once more, to ask it for that state.
fn export_spec(program: &Path, chain: &str, to: &Path) -> Result<()> {
	let export = Command::new(program)
		.args(["export-chain-spec", "--raw", "--chain", chain])
		.output()
		.with_context(|| program.display().to_string())?;
	let error = String::from_utf8_lossy(&export.stderr);
	ensure!(export.status.success(), "the chain {chain} cannot be exported: {error}");
	Ok(fs::write(to, export.stdout)?)
}

/// Ports that nobody listens on.
fn free_ports(count: usize) -> Result<Vec<u16>> {
	// All at once, so that no port is given twice.
	let listeners = (0..count)
		.map(|_| TcpListener::bind(("127.0.0.1", 0)))
		.collect::<std::io::Result<Vec<_>>>()?;
	listeners.iter().map(|listener| Ok(listener.local_addr()?.port())).collect()
}

/// The node: `JURAT_NODE_BIN`, or the one that was built beside the tests.
fn node_binary() -> Result<PathBuf> {
	binary("JURAT_NODE_BIN", "jurat-node")
}

/// The node that misbehaves: `JURAT_BYZANTINE_NODE_BIN`, or the one that was built beside the tests.
fn byzantine_binary() -> Result<PathBuf> {
	binary("JURAT_BYZANTINE_NODE_BIN", "jurat-byzantine-node")
}

/// The client: `JURAT_BIN`, or the one that was built beside the tests.
pub fn client_binary() -> Result<PathBuf> {
	binary("JURAT_BIN", "jurat")
}

fn binary(setting: &str, name: &str) -> Result<PathBuf> {
	if let Some(path) = env::var_os(setting) {
		return Ok(path.into());
	}
	// target/release/deps/answers-0123 and target/release/examples/latency: one folder further up.
	let mine = env::current_exe()?;
	let mut found = mine.ancestors().skip(1).take(2).map(|folder| folder.join(name));
	found.find(|path| path.is_file()).with_context(|| {
		format!("no {name} beside the tests: `scripts/test.sh e2e` builds it, or set {setting}")
	})
}

/// The ONNX Runtime library: `JURAT_ONNXRUNTIME`, or the one that `scripts/setup.sh` installs.
fn onnxruntime() -> Result<PathBuf> {
	if let Some(path) = env::var_os("JURAT_ONNXRUNTIME") {
		return Ok(path.into());
	}
	let home = env::var_os("HOME").context("HOME is not set")?;
	let folder = env::var_os("JURAT_HOME")
		.map_or_else(|| Path::new(&home).join(".cache/jurat"), PathBuf::from)
		.join("onnxruntime");
	let libraries = fs::read_dir(&folder).into_iter().flatten().filter_map(|entry| {
		let path = entry.ok()?.path();
		let name = path.file_name()?.to_str()?.to_owned();
		(name.starts_with("libonnxruntime.so") || name.starts_with("libonnxruntime.dylib"))
			.then_some(path)
	});
	libraries.max().with_context(|| {
		format!(
			"no ONNX Runtime in {}: scripts/setup.sh, or set JURAT_ONNXRUNTIME",
			folder.display()
		)
	})
}
