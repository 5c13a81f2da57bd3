// SPDX-License-Identifier: Apache-2.0
//! One node: its process, its log, its end.
//!
//! A node is started by a small shell that kills it when the pipe on the shell's standard input
//! closes. So it ends with the test process, however that ends, and `Node::kill` is SIGKILL.

use crate::wait::BLOCK_TIME;
use anyhow::{Context, Result, bail, ensure};
use jurat_cli::Client;
use serde_json::Value;
use std::{
	fs,
	io::{BufRead, BufReader, Read, Seek, SeekFrom},
	net::SocketAddr,
	os::unix::process::CommandExt,
	path::{Path, PathBuf},
	process::{Child, Command, Stdio},
	time::{Duration, Instant},
};
use subxt::rpcs::rpc_params;
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::TcpStream,
};

/// `$0` is the log, the rest is the command.
const KEEPER: &str = r#"log=$0
exec 2>/dev/null
"$@" </dev/null >>"$log" 2>&1 &
node=$!
echo "$node"
read -r _
kill -KILL "$node"
wait "$node""#;

/// How long a node may take until it answers.
const STARTING: Duration = Duration::from_secs(90);
/// Pause between two looks at something that no block tells of.
const POLL: Duration = Duration::from_millis(100);
/// Ticks of the clock of processor times in a second: Linux shows them so to every program.
const TICKS: u64 = 100;
/// Of a log, what is printed.
const TAIL_LINES: usize = 40;
const TAIL_BYTES: u64 = 256 * 1024;

/// What a web server answers, with its headers.
pub async fn http_get(server: SocketAddr, path: &str) -> Result<String> {
	let mut stream = TcpStream::connect(server).await?;
	let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
	stream.write_all(request.as_bytes()).await?;
	let mut answer = String::new();
	stream.read_to_string(&mut answer).await?;
	Ok(answer)
}

/// A node of a test network.
pub struct Node {
	/// Its name: that of its validator, in small letters.
	pub name: &'static str,
	/// Port of its RPC server.
	pub rpc_port: u16,
	metrics_port: u16,
	program: PathBuf,
	options: Vec<String>,
	/// A program and options that it is started with instead, for the time being.
	other: Option<(PathBuf, Vec<String>)>,
	log: PathBuf,
	process: Option<Process>,
	client: Option<Client>,
}

struct Process {
	keeper: Child,
	pid: u32,
}

impl Drop for Process {
	fn drop(&mut self) {
		// Closes the pipe: the keeper kills the node, and ends.
		drop(self.keeper.stdin.take());
		let _ = self.keeper.wait();
	}
}

impl Node {
	/// A node that is not started yet.
	pub fn new(
		name: &'static str,
		program: PathBuf,
		options: Vec<String>,
		[rpc_port, metrics_port]: [u16; 2],
		log: PathBuf,
	) -> Self {
		let (other, process, client) = Default::default();
		Self { name, rpc_port, metrics_port, program, options, other, log, process, client }
	}

	/// Has it started from another program from now on, with these options more; `None`: from its
	/// own.
	pub fn set_program(&mut self, other: Option<(PathBuf, Vec<String>)>) {
		self.other = other;
	}

	/// Starts it.
	pub fn start(&mut self) -> Result<()> {
		let (program, more) = match &self.other {
			Some((program, more)) => (program, more.as_slice()),
			None => (&self.program, &[][..]),
		};
		let mut keeper = Command::new("sh")
			.args(["-c", KEEPER])
			.arg(&self.log)
			.arg(program)
			.args(&self.options)
			.args(more)
			.stdin(Stdio::piped())
			.stdout(Stdio::piped())
			// A signal from the terminal is for the tests; they end their nodes.
			.process_group(0)
			.spawn()
			.context("cannot start a shell")?;
		let mut line = String::new();
		let stdout = keeper.stdout.take().context("the shell has a standard output")?;
		BufReader::new(stdout).read_line(&mut line)?;
		let pid = line.trim().parse().context("the shell names the node's process")?;
		self.process = Some(Process { keeper, pid });
		Ok(())
	}

	/// Ends it at once, by SIGKILL.
	pub fn kill(&mut self) {
		self.client = None;
		self.process = None;
	}

	/// Number of its process, while it is started.
	pub fn pid(&self) -> Option<u32> {
		self.process.as_ref().map(|process| process.pid)
	}

	/// Whether its process runs.
	pub fn is_alive(&self) -> bool {
		self.pid().is_some_and(is_running)
	}

	/// Waits until it answers, and connects to it.
	pub async fn connect(&mut self) -> Result<()> {
		let url = format!("ws://127.0.0.1:{}", self.rpc_port);
		let end = Instant::now() + STARTING;
		loop {
			match tokio::time::timeout(BLOCK_TIME, Client::connect(&url)).await {
				Ok(Ok(client)) => {
					self.client = Some(client);
					return Ok(());
				},
				_ if !self.is_alive() => bail!("{} ended when it was started", self.name),
				_ if Instant::now() > end => {
					bail!("{} does not answer at {url} within {STARTING:?}", self.name)
				},
				_ => tokio::time::sleep(POLL).await,
			}
		}
	}

	/// Waits until it has just so many peers.
	pub async fn wait_for_peers(&self, count: usize) -> Result<()> {
		let client = self.client().with_context(|| format!("{} is down", self.name))?;
		let end = Instant::now() + STARTING;
		loop {
			let health: Value = client.rpc("system_health", rpc_params![]).await?;
			if health["peers"].as_u64() == Some(count as u64) {
				return Ok(());
			}
			ensure!(Instant::now() < end, "{} does not have {count} peers: {health}", self.name);
			tokio::time::sleep(POLL).await;
		}
	}

	/// The connection to it; `None` while it is down.
	pub fn client(&self) -> Option<&Client> {
		self.client.as_ref()
	}

	/// Processes that it started: they run models.
	pub fn workers(&self) -> Vec<u32> {
		self.pid().map(children).unwrap_or_default()
	}

	/// Its metrics, as Prometheus gets them.
	pub async fn metrics(&self) -> Result<String> {
		let answer = http_get(([127, 0, 0, 1], self.metrics_port).into(), "/metrics").await?;
		ensure!(answer.starts_with("HTTP/1.1 200"), "{}: {answer}", self.name);
		Ok(answer)
	}

	/// All that it logged so far.
	pub fn log_text(&self) -> Result<String> {
		let bytes = fs::read(&self.log).with_context(|| self.log.display().to_string())?;
		Ok(String::from_utf8_lossy(&bytes).into_owned())
	}

	/// Processor time that its process has used so far, without the processes that run models.
	pub fn cpu_time(&self) -> Result<Duration> {
		let pid = self.pid().with_context(|| format!("{} is down", self.name))?;
		let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
		// The fields of `stat` behind the name: user and system time are the 12th and the 13th.
		let fields: Vec<_> = match text.rsplit_once(')') {
			Some((_, fields)) => fields.split_whitespace().collect(),
			None => bail!("{}: no processor times in `{text}`", self.name),
		};
		let ticks = fields.get(11..13).context("processor times")?.iter();
		let ticks = ticks.map(|ticks| ticks.parse::<u64>()).sum::<Result<u64, _>>()?;
		Ok(Duration::from_millis(ticks * 1000 / TICKS))
	}

	/// The end of its log.
	pub fn log_tail(&self) -> String {
		tail(&self.log).unwrap_or_else(|error| format!("{}: {error}", self.log.display()))
	}
}

/// Waits until none of these processes runs any more.
pub async fn wait_for_end(pids: &[u32]) -> Result<()> {
	let end = Instant::now() + BLOCK_TIME * 10;
	while let Some(pid) = pids.iter().find(|pid| is_running(**pid)) {
		if Instant::now() > end {
			bail!("process {pid} outlives its node");
		}
		tokio::time::sleep(POLL).await;
	}
	Ok(())
}

/// State and parent of a process, as `/proc` tells of it.
fn stat(pid: u32) -> Option<(char, u32)> {
	let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
	// The name before may hold anything, in brackets.
	let mut fields = text.rsplit_once(')')?.1.split_whitespace();
	Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

fn is_running(pid: u32) -> bool {
	stat(pid).is_some_and(|(state, _)| state != 'Z' && state != 'X')
}

fn children(pid: u32) -> Vec<u32> {
	let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
	entries
		.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
		.filter(|child| stat(*child).is_some_and(|(_, parent)| parent == pid))
		.collect()
}

fn tail(path: &Path) -> std::io::Result<String> {
	let mut file = fs::File::open(path)?;
	let start = file.metadata()?.len().saturating_sub(TAIL_BYTES);
	file.seek(SeekFrom::Start(start))?;
	let mut bytes = Vec::new();
	file.read_to_end(&mut bytes)?;
	let text = String::from_utf8_lossy(&bytes);
	let lines: Vec<_> = text.lines().collect();
	Ok(lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n"))
}
