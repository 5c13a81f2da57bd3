// SPDX-License-Identifier: Apache-2.0
//! The node's side of one child process.

use crate::{
	LOG_TARGET, LoadError, Loaded, Model, RunError, RunOutput, SandboxReport, SessionUse,
	library::{LibraryFile, TELEMETRY_VARIABLE},
	limits::CpuLimit,
	pool::{EngineConfig, EngineError},
	shown,
	spread::Variant,
	wire::{
		self, MAX_REPLY, MAX_REQUEST, MAX_RESPONSE, MAX_SESSIONS, Ran, Refusal, Request, Response,
		WireError,
	},
};
use jurat_onnx::check_signature;
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

/// Bytes that a session may be said to hold: beyond any memory, and sums of it are numbers still.
const LARGEST_SESSION: u64 = 1 << 40;

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
		match worker.ask(&hello, None, deadline) {
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
		match self.ask(&request, file, deadline)? {
			Response::Loaded { loaded, sessions } => {
				// The child has compared them. If it says another thing now, it has been taken over.
				check_signature(&loaded.facts, manifest).map_err(|_| Lost::Died)?;
				self.mirror(sessions)?;
				if let Some(mirror) = self.sessions.get_mut(&content) {
					mirror.manifest = Some(manifest.clone());
				}
				Ok(Ok(loaded))
			},
			Response::LoadFailed { error, sessions } => {
				self.mirror(sessions)?;
				Ok(Err(error.shown()))
			},
			_ => Err(Lost::Died),
		}
	}

	/// Closes a session.
	pub(crate) fn unload(&mut self, content: ContentHash, deadline: Instant) -> Result<(), Lost> {
		match self.ask(&Request::Unload { content }, None, deadline)? {
			Response::Unloaded { sessions } => self.mirror(sessions),
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
		match self.call(&request, None, MAX_RESPONSE, deadline, deadline + STOPPING)? {
			Ran::Output(output) => {
				if let Some(mirror) = self.sessions.get_mut(&content) {
					mirror.uses = mirror.uses.saturating_add(1);
				}
				Ok(Ok(output))
			},
			Ran::Failed { error, sessions } => {
				self.mirror(sessions)?;
				Ok(Err(error.shown()))
			},
		}
	}

	/// Closes all sessions of the child; it makes those to come in this way.
	pub(crate) fn vary(&mut self, variant: Variant, deadline: Instant) -> Result<(), Lost> {
		self.sessions.clear();
		match self.ask(&Request::Vary(variant), None, deadline)? {
			Response::Varied => Ok(()),
			_ => Err(Lost::Died),
		}
	}

	fn mirror(&mut self, sessions: Vec<SessionUse>) -> Result<(), Lost> {
		if sessions.len() > MAX_SESSIONS {
			let count = sessions.len();
			log::debug!(target: LOG_TARGET, "inference worker: {count} sessions are none");
			return Err(Lost::Died);
		}
		let mut old = std::mem::take(&mut self.sessions);
		self.sessions = sessions
			.into_iter()
			.map(|SessionUse { content, bytes, uses }| {
				let manifest = old.remove(&content).and_then(|mirror| mirror.manifest);
				let bytes = bytes.min(LARGEST_SESSION);
				(content, Mirror { bytes, uses, manifest })
			})
			.collect();
		Ok(())
	}

	/// Sends a request other than a run, and receives the response.
	fn ask(
		&mut self,
		request: &Request,
		file: Option<&File>,
		deadline: Instant,
	) -> Result<Response, Lost> {
		self.call(request, file, MAX_REPLY, deadline, deadline)
	}

	/// Sends a request until one time, and receives a response of at most `limit` bytes until
	/// another.
	fn call<T: codec::Decode>(
		&mut self,
		request: &impl codec::Encode,
		file: Option<&File>,
		limit: usize,
		send_until: Instant,
		until: Instant,
	) -> Result<T, Lost> {
		let started = Instant::now();
		let frame = wire::frame(request, MAX_REQUEST).map_err(|_| Lost::TooLarge)?;
		if let Err(error) = self.cpu.grant(until) {
			// It is gone, or this node may not limit it: then the deadline alone does.
			log::debug!(target: LOG_TARGET, "CPU limit of an inference worker: {error}");
		}
		let sent = wire::send_with(&self.stream, &frame, file.map(AsFd::as_fd), Some(send_until));
		let response = match sent {
			Ok(()) => wire::receive(&self.stream, limit, Some(until)),
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
	use jurat_onnx::{Activations, Dim, GraphFacts, ValueFacts, derive_manifest};
	use jurat_primitives::{
		ElementType,
		tensor::{NamedTensor, Tensor},
	};

	#[test]
	fn a_borrowed_run_reads_as_a_run() {
		let tensor = Tensor::strings([1], ["text"]).unwrap();
		let inputs = BlobTensors::truncate_from(vec![NamedTensor::new("x", tensor).unwrap()]);
		let content = ContentHash([7; 32]);
		let owned = Request::Run { content, micros: 8, inputs: inputs.clone() };
		assert_eq!(RunRef { content, micros: 8, inputs: &inputs }.encode(), owned.encode());
	}

	fn facts() -> GraphFacts {
		let value = |name: &str| ValueFacts {
			name: name.into(),
			element: ElementType::F32,
			dims: vec![Dim::Fixed(1)],
		};
		GraphFacts {
			opset: 17,
			inputs: vec![value("x")],
			outputs: vec![value("y")],
			operators: vec!["Relu".into()],
			nodes: 1,
			initialiser_bytes: 0,
			file_bytes: 9,
			activations: Activations::None,
		}
	}

	fn session(number: u16) -> SessionUse {
		let mut content = ContentHash([0; 32]);
		content.0[..2].copy_from_slice(&number.to_le_bytes());
		SessionUse { content, bytes: u64::MAX, uses: u64::MAX }
	}

	/// A worker whose process does nothing, and the socket from which anything can be said for it.
	fn puppet() -> (Worker, UnixStream) {
		let (ours, theirs) = UnixStream::pair().unwrap();
		let child = Command::new("/bin/sleep").arg("60").spawn().unwrap();
		let cpu = CpuLimit::new(child.id());
		(Worker { child, stream: ours, cpu, sessions: HashMap::new() }, theirs)
	}

	/// What a child that says this is taken to say about a model.
	fn load(response: &Response) -> Result<Result<Loaded, LoadError>, Lost> {
		let (mut worker, theirs) = puppet();
		let frame = wire::frame(response, MAX_RESPONSE).unwrap();
		let said = thread::spawn(move || {
			// Too large a frame is not read to its end.
			let _ = wire::send(&theirs, &frame, Some(Instant::now() + Duration::from_secs(5)));
			theirs
		});
		let manifest = derive_manifest(&facts(), &Default::default()).unwrap();
		let deadline = Instant::now() + Duration::from_secs(20);
		let loaded = worker.load_from(session(0).content, &manifest, None, deadline);
		assert!(worker.sessions().iter().all(|session| session.bytes <= LARGEST_SESSION));
		drop(worker);
		drop(said.join().unwrap());
		loaded
	}

	#[test]
	fn a_child_that_says_more_than_an_honest_one_could_is_lost() {
		let loaded = |facts: GraphFacts, sessions: usize| {
			let loaded = Loaded { facts, bytes: 1, cached: false };
			let sessions = (0..sessions).map(|number| session(number as u16)).collect();
			Response::Loaded { loaded, sessions }
		};
		assert_eq!(load(&loaded(facts(), MAX_SESSIONS)).unwrap().unwrap().facts, facts());
		let died = |response: Response| {
			let lost = load(&response);
			assert!(matches!(lost, Err(Lost::Died)), "{lost:?}");
		};
		died(loaded(facts(), MAX_SESSIONS + 1));
		died(loaded(GraphFacts { operators: vec!["Relu".into(); 5000], ..facts() }, 1));
		died(loaded(GraphFacts { inputs: Vec::new(), ..facts() }, 1));
		// Ten million texts of nothing are read by nobody.
		died(loaded(GraphFacts { operators: vec![String::new(); 10_000_000], ..facts() }, 1));
		died(Response::Varied);
	}

	#[test]
	fn what_a_child_says_went_wrong_is_cleaned_for_the_log() {
		let text = format!("\x1b[31m{}", "x".repeat(5000));
		let error = LoadError::Engine(text.clone());
		let said = load(&Response::LoadFailed { error, sessions: Vec::new() });
		let Ok(Err(LoadError::Engine(said))) = said else { panic!("{said:?}") };
		assert!(said.starts_with(" [31mx") && said.len() == 400, "{said}");
		let RunError::Output(said) = RunError::Output(text).shown() else { panic!() };
		assert!(said.starts_with(" [31mx") && said.len() == 400, "{said}");
	}
}
