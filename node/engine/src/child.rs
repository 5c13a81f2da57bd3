// SPDX-License-Identifier: Apache-2.0
//! The node's side of one child process.

use crate::{
	LOG_TARGET, LoadError, Loaded, Model, RunError, RunOutput, SandboxReport, SessionUse,
	library::{LibraryFile, TELEMETRY_VARIABLE},
	limits::CpuLimit,
	pool::{EngineConfig, EngineError},
	shown,
	spread::Variant,
	wire::{self, MAX_REQUEST, MAX_RESPONSE, Refusal, Request, Response, WireError},
};
use jurat_primitives::{ContentHash, Manifest, tensor::BlobTensors};
use rustix::process::Signal;
use std::{
	collections::HashMap,
	fs::File,
	io::{self, BufRead, BufReader, Read},
	os::{
		fd::{AsFd, OwnedFd},
		unix::{
			ffi::OsStrExt,
			net::UnixStream,
			process::{CommandExt, ExitStatusExt},
		},
	},
	process::{Child, ChildStderr, Command, ExitStatus, Stdio},
	thread,
	time::{Duration, Instant},
};

/// Lines of a child's standard error that are logged; what it says beyond is dropped.
const LOGGED_LINES: usize = 200;
/// Bytes of such a line.
const LOGGED_LINE: u64 = 1024;

/// Time between the deadline, at which a child stops a run by itself, and SIGKILL. It is late only
/// if one operator of the graph takes longer than this, or the machine is very busy.
pub(crate) const STOPPING: Duration = Duration::from_millis(250);

/// A child that is ready. Killed when dropped.
pub(crate) struct Worker {
	child: Child,
	stream: UnixStream,
	cpu: CpuLimit,
	sessions: HashMap<ContentHash, Mirror>,
}

/// What the node knows of one of the child's sessions.
struct Mirror {
	bytes: u64,
	uses: u64,
	/// The manifest that the child last compared it with; none, if it was not told one.
	manifest: Option<Manifest>,
}

/// What a child says of itself and the library.
pub(crate) struct Greeting {
	pub(crate) build_info: String,
	pub(crate) cpu_features: Vec<String>,
	pub(crate) sandbox: SandboxReport,
}

/// Why a child did not answer. It must be killed.
#[derive(Debug)]
pub(crate) enum Lost {
	/// Not in time.
	TimedOut,
	/// It died, or speaks nonsense.
	Died,
	/// It died before it had read the request, which may be given to another one.
	Undelivered,
	/// The request is larger than a frame may be. The child is as it was.
	TooLarge,
}

impl From<WireError> for Lost {
	fn from(error: WireError) -> Self {
		match error {
			WireError::TimedOut => Self::TimedOut,
			WireError::Unread => Self::Undelivered,
			error => {
				log::debug!(target: LOG_TARGET, "inference worker: {error}");
				Self::Died
			},
		}
	}
}

impl Worker {
	/// Starts a child and waits until it has loaded the library.
	pub(crate) fn start(
		config: &EngineConfig,
		library: &LibraryFile,
		session_budget: u64,
		deadline: Instant,
	) -> Result<(Self, Greeting), EngineError> {
		let (child, stream) = spawn(config).map_err(EngineError::Start)?;
		let cpu = CpuLimit::new(child.id());
		let mut worker = Self { child, stream, cpu, sessions: HashMap::new() };
		let hello = Request::Hello {
			version: wire::VERSION,
			library: library.path.as_os_str().as_bytes().to_vec(),
			session_budget,
			memory_limit: config.memory_limit,
			sandbox: config.sandbox,
		};
		match worker.call(&hello, None, deadline, deadline) {
			Ok(Response::Ready { build_info, cpu_features, mut sandbox }) => {
				let build_info = shown(&build_info);
				let cpu_features = cpu_features.iter().take(64).map(|f| shown(f)).collect();
				sandbox.missing = sandbox.missing.iter().take(8).map(|m| shown(m)).collect();
				Ok((worker, Greeting { build_info, cpu_features, sandbox }))
			},
			Ok(Response::Refused(Refusal::Telemetry)) => Err(EngineError::Telemetry),
			Ok(Response::Refused(Refusal::Sandbox(why))) => Err(EngineError::Sandbox(shown(&why))),
			Ok(Response::Refused(refusal)) => {
				Err(EngineError::Refused(shown(&refusal.to_string())))
			},
			Err(Lost::TimedOut) => Err(EngineError::TimedOut),
			Ok(_) | Err(_) => Err(EngineError::Died),
		}
	}

	/// The socket, so that somebody else can close it.
	pub(crate) fn handle(&self) -> Option<UnixStream> {
		self.stream.try_clone().ok()
	}

	/// Process number.
	pub(crate) fn id(&self) -> u32 {
		self.child.id()
	}

	/// Whether the child has a session of this model, compared with this manifest.
	pub(crate) fn is_warm(&self, model: &Model) -> bool {
		let mirror = self.sessions.get(&model.content);
		mirror.is_some_and(|mirror| mirror.manifest.as_ref() == Some(&model.manifest))
	}

	/// The child's sessions.
	pub(crate) fn sessions(&self) -> Vec<SessionUse> {
		let sessions = self.sessions.iter();
		sessions
			.map(|(content, m)| SessionUse { content: *content, bytes: m.bytes, uses: m.uses })
			.collect()
	}

	/// Makes a session. The file is opened here, unless there is a session already.
	pub(crate) fn load(
		&mut self,
		model: &Model,
		deadline: Instant,
	) -> Result<Result<Loaded, LoadError>, Lost> {
		let file = match self.sessions.contains_key(&model.content) {
			true => None,
			false => match model.open() {
				Ok(file) => Some(file),
				Err(error) => return Ok(Err(error)),
			},
		};
		self.load_from(model.content, &model.manifest, file.as_ref(), deadline)
	}

	/// Makes a session from this file.
	pub(crate) fn load_from(
		&mut self,
		content: ContentHash,
		manifest: &Manifest,
		file: Option<&File>,
		deadline: Instant,
	) -> Result<Result<Loaded, LoadError>, Lost> {
		let request = Request::Load { content, manifest: manifest.clone() };
		match self.call(&request, file, deadline, deadline)? {
			Response::Loaded { loaded, sessions } => {
				self.mirror(sessions);
				if let Some(mirror) = self.sessions.get_mut(&content) {
					mirror.manifest = Some(manifest.clone());
				}
				Ok(Ok(loaded))
			},
			Response::LoadFailed { error, sessions } => {
				self.mirror(sessions);
				Ok(Err(error))
			},
			_ => Err(Lost::Died),
		}
	}

	/// Closes a session.
	pub(crate) fn unload(&mut self, content: ContentHash, deadline: Instant) -> Result<(), Lost> {
		match self.call(&Request::Unload { content }, None, deadline, deadline)? {
			Response::Unloaded { sessions } => {
				self.mirror(sessions);
				Ok(())
			},
			_ => Err(Lost::Died),
		}
	}

	/// Runs a loaded model. The child stops it at the deadline; [`STOPPING`] later it is lost.
	pub(crate) fn run(
		&mut self,
		content: ContentHash,
		inputs: &BlobTensors,
		deadline: Instant,
	) -> Result<Result<RunOutput, RunError>, Lost> {
		let left = deadline.saturating_duration_since(Instant::now()).as_micros();
		let micros = left.try_into().unwrap_or(u64::MAX);
		let request = RunRef { content, micros, inputs };
		match self.call(&request, None, deadline, deadline + STOPPING)? {
			Response::Output(output) => {
				if let Some(mirror) = self.sessions.get_mut(&content) {
					mirror.uses += 1;
				}
				Ok(Ok(output))
			},
			Response::RunFailed { error, sessions } => {
				self.mirror(sessions);
				Ok(Err(error))
			},
			_ => Err(Lost::Died),
		}
	}

	/// Closes all sessions of the child; it makes those to come in this way.
	pub(crate) fn vary(&mut self, variant: Variant, deadline: Instant) -> Result<(), Lost> {
		self.sessions.clear();
		match self.call(&Request::Vary(variant), None, deadline, deadline)? {
			Response::Varied => Ok(()),
			_ => Err(Lost::Died),
		}
	}

	fn mirror(&mut self, sessions: Vec<SessionUse>) {
		let mut old = std::mem::take(&mut self.sessions);
		self.sessions = sessions
			.into_iter()
			.map(|SessionUse { content, bytes, uses }| {
				let manifest = old.remove(&content).and_then(|mirror| mirror.manifest);
				(content, Mirror { bytes, uses, manifest })
			})
			.collect();
	}

	/// Sends a request until one time, and receives the response until another.
	fn call(
		&mut self,
		request: &impl codec::Encode,
		file: Option<&File>,
		send_until: Instant,
		until: Instant,
	) -> Result<Response, Lost> {
		let started = Instant::now();
		let frame = wire::frame(request, MAX_REQUEST).map_err(|_| Lost::TooLarge)?;
		if let Err(error) = self.cpu.grant(until) {
			// It is gone, or this node may not limit it: then the deadline alone does.
			log::debug!(target: LOG_TARGET, "CPU limit of an inference worker: {error}");
		}
		let sent = wire::send_with(&self.stream, &frame, file.map(AsFd::as_fd), Some(send_until));
		let response = match sent {
			Ok(()) => wire::receive(&self.stream, MAX_RESPONSE, Some(until)),
			Err(error) => Err(error),
		};
		self.cpu.called(started);
		Ok(response?)
	}
}

impl Drop for Worker {
	fn drop(&mut self) {
		// SIGKILL: whatever it does, it ends. Both fail only if it has ended and been reaped.
		let _ = self.child.kill();
		match self.child.wait() {
			Ok(status) => match broken_limit(status) {
				Some(limit) => {
					let id = self.child.id();
					log::warn!(target: LOG_TARGET, "inference worker {id} ended: {limit}");
				},
				None => log::debug!(target: LOG_TARGET, "inference worker ended: {status}"),
			},
			Err(error) => log::warn!(target: LOG_TARGET, "cannot reap inference worker: {error}"),
		}
	}
}

/// What the kernel ended a child for, where that says that a model tried something.
fn broken_limit(status: ExitStatus) -> Option<&'static str> {
	match Signal::from_named_raw(status.signal()?)? {
		Signal::SYS => Some("it made a system call that no model needs"),
		Signal::XCPU => Some("it used more CPU time than its jobs had"),
		Signal::XFSZ => Some("it wrote to a file"),
		_ => None,
	}
}

/// [`Request::Run`], borrowed.
struct RunRef<'a> {
	content: ContentHash,
	micros: u64,
	inputs: &'a BlobTensors,
}

impl codec::Encode for RunRef<'_> {
	fn encode_to<T: codec::Output + ?Sized>(&self, out: &mut T) {
		(2u8, self.content, self.micros, self.inputs).encode_to(out);
	}
}

fn spawn(config: &EngineConfig) -> io::Result<(Child, UnixStream)> {
	let (ours, theirs) = UnixStream::pair()?;
	let mut command = Command::new(std::path::absolute(&config.worker.program)?);
	command
		.args(&config.worker.args)
		// Nothing of the node's environment: no addresses, no keys, no options for the library.
		.env_clear()
		.env(TELEMETRY_VARIABLE, "1")
		// Each of glibc's arenas reserves address space, of which there is a limit.
		.env("MALLOC_ARENA_MAX", "2")
		// Where no model finds a file next to itself.
		.current_dir("/")
		// A terminal's Ctrl-C is for the node, which then closes the socket.
		.process_group(0)
		.stdin(OwnedFd::from(theirs))
		.stdout(Stdio::null())
		.stderr(Stdio::piped());
	let mut child = command.spawn()?;
	// Closes our copy of the child's end, so that its death is seen.
	drop(command);
	if let Some(stderr) = child.stderr.take() {
		let id = child.id();
		let reader = thread::Builder::new().name(format!("worker-{id}-log"));
		if let Err(error) = reader.spawn(move || log_lines(id, stderr)) {
			log::warn!(target: LOG_TARGET, "inference worker {id} is not logged: {error}");
		}
	}
	Ok((child, ours))
}

fn log_lines(id: u32, stderr: ChildStderr) {
	let mut reader = BufReader::new(stderr);
	let mut line = Vec::new();
	let mut lines = 0;
	while matches!(reader.by_ref().take(LOGGED_LINE).read_until(b'\n', &mut line), Ok(1..)) {
		lines += 1;
		if lines <= LOGGED_LINES {
			let text = shown(String::from_utf8_lossy(&line).trim_end());
			log::warn!(target: LOG_TARGET, "inference worker {id}: {text}");
		}
		line.clear();
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::Encode;
	use jurat_primitives::tensor::{NamedTensor, Tensor};

	#[test]
	fn a_borrowed_run_reads_as_a_run() {
		let tensor = Tensor::strings([1], ["text"]).unwrap();
		let inputs = BlobTensors::truncate_from(vec![NamedTensor::new("x", tensor).unwrap()]);
		let content = ContentHash([7; 32]);
		let owned = Request::Run { content, micros: 8, inputs: inputs.clone() };
		assert_eq!(RunRef { content, micros: 8, inputs: &inputs }.encode(), owned.encode());
	}
}
