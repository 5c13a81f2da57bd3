// SPDX-License-Identifier: Apache-2.0
//! [`Executor`]: slots, each with a child process; deadlines; restarts.
//!
//! A slot is *idle* (its child waits), *busy* (a caller has taken the child, by a [`Lease`]), or
//! *starting* (its child was lost and a thread starts another one, after a delay that grows with
//! every loss in a row). Callers wait for an idle slot until their deadline.
//!
//! Models that nobody has tried yet get a child of their own, outside the slots: a [`Trial`].

mod lease;
mod trial;

use crate::{
	KnownAnswers, LOG_TARGET, Model, RunError, RunOutput, SandboxMode, SandboxReport,
	child::{Greeting, Worker},
	known_answer::{self, References},
	library::{self, LibraryError, LibraryFile, LibraryInfo},
	sandbox,
	stats::{self, ExecutorStats, SessionStats},
};
use jurat_primitives::{JobFailure, manifest::check_tensors, tensor::BlobTensors};
use parking_lot::{Condvar, Mutex, MutexGuard};
use std::{
	fmt::Display,
	io,
	net::Shutdown,
	os::unix::net::UnixStream,
	path::PathBuf,
	sync::{Arc, Weak},
	thread,
	time::{Duration, Instant},
};

use lease::Lease;
pub(crate) use trial::Trial;

/// Delay before the second child in a row is started after a loss; doubles each time.
const FIRST_DELAY: Duration = Duration::from_millis(50);
/// Largest delay after jobs that lost their child: others' jobs must not wait for a bad model's.
const LONGEST_DELAY: Duration = Duration::from_secs(2);
/// Largest delay after children that did not start.
const LONGEST_START_DELAY: Duration = Duration::from_secs(30);

/// How to start a child: a program that calls [`worker_main`](crate::worker_main).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerCommand {
	/// The program.
	pub program: PathBuf,
	/// Its arguments, such as `inference-worker`.
	pub args: Vec<String>,
}

impl WorkerCommand {
	/// This program, with one argument.
	pub fn current_exe(argument: &str) -> io::Result<Self> {
		Ok(Self { program: std::env::current_exe()?, args: vec![argument.into()] })
	}
}

/// What an executor is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineConfig {
	/// How to start a child.
	pub worker: WorkerCommand,
	/// The library, or the directory it is in; `None`: see [`library::locate`].
	pub library: Option<PathBuf>,
	/// Jobs at once; one child process and about one core each. At least 1.
	pub slots: usize,
	/// Bytes of sessions to keep, all slots together.
	pub session_budget: u64,
	/// Bytes of address space of one child; 0: no limit.
	pub memory_limit: u64,
	/// How long a child may take to start, and a model to load.
	pub load_timeout: Duration,
	/// What to do where the kernel cannot hold a child.
	pub sandbox: SandboxMode,
}

impl EngineConfig {
	/// One slot, 2 GiB of sessions, 4 GiB of address space, a minute to load, the best sandbox
	/// that the kernel has.
	pub fn new(worker: WorkerCommand) -> Self {
		Self {
			worker,
			library: None,
			slots: 1,
			session_budget: 2 << 30,
			memory_limit: 4 << 30,
			load_timeout: Duration::from_secs(60),
			sandbox: SandboxMode::default(),
		}
	}
}

/// Why there is no executor. The node goes on, and says that it cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
	/// No library where it was looked for.
	#[error(transparent)]
	LibraryNotFound(LibraryError),
	/// A library was found, but it is not the one that serves.
	#[error(transparent)]
	LibraryUnfit(LibraryError),
	/// The child's program does not start.
	#[error("the inference worker does not start: {0}")]
	Start(io::Error),
	/// Telemetry is not switched off in the child's environment.
	#[error("the inference worker found telemetry not switched off, and does not work")]
	Telemetry,
	/// The kernel cannot hold a child, and [`SandboxMode::Enforce`] was asked for.
	#[error("the kernel has no sandbox for the inference worker, and one is required: {0}")]
	Sandbox(String),
	/// The child cannot work.
	#[error("the inference worker cannot work: {0}")]
	Refused(String),
	/// The child did not say that it is ready in time.
	#[error("the inference worker did not get ready in time")]
	TimedOut,
	/// The child died, or is not an inference worker.
	#[error("the inference worker died while starting")]
	Died,
}

impl From<LibraryError> for EngineError {
	fn from(error: LibraryError) -> Self {
		match error {
			LibraryError::NotFound { .. } => Self::LibraryNotFound(error),
			LibraryError::Telemetry => Self::Telemetry,
			error => Self::LibraryUnfit(error),
		}
	}
}

/// Runs models in child processes. Clones are the same executor; the last one to go ends it.
#[derive(Clone)]
pub struct Executor(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
	config: EngineConfig,
	file: LibraryFile,
	info: LibraryInfo,
	sandbox: SandboxReport,
	known_answers: KnownAnswers,
	pool: Mutex<Pool>,
	/// A slot became idle, or all are closed.
	idle: Condvar,
	/// A trial has ended, or the executor is closed.
	tried: Condvar,
	/// The executor is closed.
	closing: Condvar,
}

#[derive(Default)]
struct Pool {
	slots: Vec<Slot>,
	queue: usize,
	/// Whether there is a [`Trial`].
	trying: bool,
	/// The socket of its child.
	trial: Option<UnixStream>,
	closed: bool,
	counters: ExecutorStats,
}

struct Slot {
	state: State,
	/// The child's socket while it is busy, so that it can be closed from outside.
	handle: Option<UnixStream>,
	sessions: Vec<SessionStats>,
	/// Children lost since a job last ended well.
	losses: u32,
}

enum State {
	Idle(Worker),
	Busy,
	Starting,
}

impl Executor {
	/// Finds the library, starts one child to learn what it is, and the others behind the back.
	///
	/// Blocks until the first child is ready, at most `config.load_timeout`.
	pub fn start(config: EngineConfig) -> Result<Self, EngineError> {
		Self::start_with(config, &References::default())
	}

	/// As [`Self::start`], compared with other known answers. For tests.
	#[doc(hidden)]
	pub fn start_with(config: EngineConfig, references: &References) -> Result<Self, EngineError> {
		let file = library::locate(config.library.as_deref())?;
		let pinned = library::PINNED_SHA256.contains(&file.sha256.as_str());
		if !pinned {
			log::warn!(
				target: LOG_TARGET,
				"{} is not a build of ONNX Runtime that Jurat is tested with",
				file.path.display(),
			);
		}
		let deadline = Instant::now() + config.load_timeout;
		log::info!(target: LOG_TARGET, "sandbox: the kernel offers {}", sandbox::offer());
		let (mut worker, Greeting { build_info, cpu_features, sandbox }) =
			Worker::start(&config, &file, session_budget(&config), deadline)?;
		log_sandbox(&sandbox);
		let known_answers = known_answer::ask(&mut worker, references, deadline)?;
		known_answers.log();
		let info = LibraryInfo {
			version: file.version.clone(),
			sha256: file.sha256.clone(),
			pinned,
			path: file.path.display().to_string(),
			build_info,
			cpu_features,
			profile: library::PROFILE,
		};
		let slot = |state| Slot { state, handle: None, sessions: Vec::new(), losses: 0 };
		let mut slots = vec![slot(State::Idle(worker))];
		slots.extend((1..config.slots).map(|_| slot(State::Starting)));
		let starting = 1..slots.len();
		let pool = Mutex::new(Pool { slots, ..Default::default() });
		let (idle, tried, closing) = Default::default();
		let inner =
			Inner { config, file, info, sandbox, known_answers, pool, idle, tried, closing };
		let inner = Arc::new(inner);
		starting.for_each(|index| inner.restart(index, false));
		Ok(Self(inner))
	}

	/// What models are run with.
	pub fn library(&self) -> LibraryInfo {
		self.0.info.clone()
	}

	/// What holds the children.
	pub fn sandbox(&self) -> &SandboxReport {
		&self.0.sandbox
	}

	/// Whether this machine computes what the others do.
	pub fn known_answers(&self) -> &KnownAnswers {
		&self.0.known_answers
	}

	/// Runs a model. Blocks until there is an output or the deadline has passed; waiting for a
	/// slot and making a session count. A run that does not end is stopped at the deadline, or
	/// killed a quarter of a second later.
	///
	/// # Errors
	/// * [`JobFailure::InputMismatch`]: the inputs do not fit the manifest.
	/// * [`JobFailure::Overloaded`]: no slot became idle in time.
	/// * [`JobFailure::EngineUnavailable`]: shut down, or no child could be started in time, or
	///   this machine gave a wrong known answer ([`known_answer`]) for the manifest's profile.
	/// * [`JobFailure::ModelUnavailable`], [`JobFailure::ModelRejected`]: there is no session; see
	///   [`LoadError`](crate::LoadError). To load for longer than `load_timeout` is a rejection.
	/// * [`JobFailure::RunFailed`]: ONNX Runtime reports an error.
	/// * [`JobFailure::TimedOut`]: the run was stopped at the deadline, or the child killed.
	/// * [`JobFailure::Crashed`]: the child died at it. One that died before it had the job is
	///   replaced, and the job runs in the next one.
	///
	/// Whether an output fits the manifest is asked by [`answer()`](crate::answer()).
	pub fn run(
		&self,
		model: &Model,
		inputs: BlobTensors,
		deadline: Instant,
	) -> Result<RunOutput, JobFailure> {
		let result = self.try_run(model, &inputs, deadline);
		let mut pool = self.0.pool.lock();
		match &result {
			Ok(_) => pool.counters.jobs_done += 1,
			Err(failure) => stats::count(&mut pool.counters.jobs_failed, *failure),
		}
		result
	}

	fn try_run(
		&self,
		model: &Model,
		inputs: &BlobTensors,
		deadline: Instant,
	) -> Result<RunOutput, JobFailure> {
		check_tensors(&model.manifest.inputs, inputs, model.manifest.allow_nan)
			.map_err(|_| JobFailure::InputMismatch)?;
		if self.known_answers().refusal(&model.manifest.profile).is_some() {
			return Err(JobFailure::EngineUnavailable);
		}
		let mut lease = self.0.acquire(model, deadline)?;
		lease.warm(model, deadline)?;
		let mut output = lease.run(model.content, inputs, deadline)?;
		if output == Err(RunError::NotLoaded) {
			// The child closed the session to make room for another model's run, or is another one.
			lease.warm(model, deadline)?;
			output = lease.run(model.content, inputs, deadline)?;
		}
		output.map_err(|error| {
			tracing::info!(target: LOG_TARGET, content = %model.content, %error, "a run failed");
			JobFailure::from(&error)
		})
	}

	/// What it is doing and has done.
	pub fn stats(&self) -> ExecutorStats {
		let pool = self.0.pool.lock();
		let count =
			|which: fn(&State) -> bool| pool.slots.iter().filter(|slot| which(&slot.state)).count();
		ExecutorStats {
			slots: pool.slots.len(),
			busy: count(|state| matches!(state, State::Busy)),
			starting: count(|state| matches!(state, State::Starting)),
			queue: pool.queue,
			sessions: pool.slots.iter().flat_map(|slot| slot.sessions.clone()).collect(),
			..pool.counters.clone()
		}
	}

	/// Kills all children. Jobs that run end as [`JobFailure::EngineUnavailable`], and so does
	/// every later one.
	pub fn shutdown(&self) {
		self.0.shutdown();
	}
}

fn log_sandbox(report: &SandboxReport) {
	match report.mode {
		SandboxMode::Off => log::warn!(
			target: LOG_TARGET,
			"sandbox: OFF. A model that takes its process over can do what this node can do.",
		),
		_ if report.is_whole() => log::info!(target: LOG_TARGET, "sandbox: {report}"),
		_ => log::warn!(
			target: LOG_TARGET,
			"sandbox: NOT WHOLE ({report}). Models are untrusted programs: serve those that you \
			know, or use another kernel. Missing: {}",
			report.missing.join("; "),
		),
	}
}

fn session_budget(config: &EngineConfig) -> u64 {
	config.session_budget / config.slots.max(1) as u64
}

impl Inner {
	/// Takes an idle child: one that has the model's session, else the one that holds least.
	pub(crate) fn acquire(
		self: &Arc<Self>,
		model: &Model,
		deadline: Instant,
	) -> Result<Lease, JobFailure> {
		let mut pool = self.pool.lock();
		loop {
			if pool.closed {
				return Err(JobFailure::EngineUnavailable);
			}
			if let Some(lease) = self.take(&mut pool, model) {
				return Ok(lease);
			}
			if Instant::now() >= deadline {
				let busy = pool.slots.iter().any(|slot| matches!(slot.state, State::Busy));
				return Err(match busy {
					true => JobFailure::Overloaded,
					false => JobFailure::EngineUnavailable,
				});
			}
			pool.queue += 1;
			self.idle.wait_until(&mut pool, deadline);
			pool.queue -= 1;
		}
	}

	fn take(self: &Arc<Self>, pool: &mut MutexGuard<'_, Pool>, model: &Model) -> Option<Lease> {
		let idle = pool.slots.iter().enumerate().filter_map(|(index, slot)| match &slot.state {
			State::Idle(worker) => {
				let held: u64 = slot.sessions.iter().map(|session| session.bytes).sum();
				Some((!worker.is_warm(model), held, index))
			},
			State::Busy | State::Starting => None,
		});
		let (_, _, index) = idle.min()?;
		let slot = &mut pool.slots[index];
		match std::mem::replace(&mut slot.state, State::Busy) {
			State::Idle(worker) => {
				slot.handle = worker.handle();
				Some(Lease::new(self.clone(), index, worker))
			},
			other => {
				slot.state = other;
				None
			},
		}
	}

	/// Starts a child. The log says why, if it does not start.
	fn start_worker(&self, name: impl Display, deadline: Instant) -> Option<Worker> {
		let budget = session_budget(&self.config);
		Worker::start(&self.config, &self.file, budget, deadline)
			.map(|(worker, _)| worker)
			.inspect_err(|error| {
				log::error!(target: LOG_TARGET, "inference worker {name}: {error}");
			})
			.ok()
	}

	/// Counts an admission.
	pub(crate) fn count_admission(&self, admitted: bool) {
		let counters = &mut self.pool.lock().counters;
		counters.admitted += u64::from(admitted);
		counters.refused += u64::from(!admitted);
	}

	/// Starts another child for a slot, in a thread of its own. Keeps trying until it succeeds or
	/// the executor is closed.
	fn restart(self: &Arc<Self>, index: usize, again: bool) {
		let inner = Arc::downgrade(self);
		let thread = thread::Builder::new().name(format!("engine-start-{index}"));
		let started = thread.spawn(move || {
			let mut failures = 0;
			while !start_slot(&inner, index, again, failures) {
				failures += 1;
			}
		});
		if let Err(error) = started {
			// The slot is lost until the executor is started again: there are others, or none.
			log::error!(target: LOG_TARGET, "cannot start inference worker {index}: {error}");
		}
	}

	fn shutdown(&self) {
		let mut pool = self.pool.lock();
		pool.closed = true;
		if let Some(handle) = pool.trial.take() {
			let _ = handle.shutdown(Shutdown::Both);
		}
		let mut idle = Vec::new();
		for slot in &mut pool.slots {
			slot.sessions.clear();
			if let Some(handle) = slot.handle.take() {
				// The caller that waits for this child sees it close, and kills it.
				let _ = handle.shutdown(Shutdown::Both);
			}
			match std::mem::replace(&mut slot.state, State::Starting) {
				State::Idle(worker) => idle.push(worker),
				other => slot.state = other,
			}
		}
		drop(pool);
		self.idle.notify_all();
		self.tried.notify_all();
		self.closing.notify_all();
	}
}

impl Drop for Inner {
	fn drop(&mut self) {
		self.shutdown();
	}
}

/// One try to start the child of a slot. Returns whether to stop trying.
fn start_slot(inner: &Weak<Inner>, index: usize, again: bool, failures: u32) -> bool {
	let Some(inner) = inner.upgrade() else { return true };
	{
		let mut pool = inner.pool.lock();
		let losses = pool.slots[index].losses;
		let pause = delay(losses, LONGEST_DELAY).max(delay(failures + 1, LONGEST_START_DELAY));
		if again || failures > 0 {
			let until = Instant::now() + pause;
			while !pool.closed && !inner.closing.wait_until(&mut pool, until).timed_out() {}
		}
		if pool.closed {
			return true;
		}
	}
	let Some(worker) = inner.start_worker(index, Instant::now() + inner.config.load_timeout) else {
		return false;
	};
	let mut pool = inner.pool.lock();
	if pool.closed {
		return true;
	}
	pool.counters.restarts += u64::from(again);
	pool.slots[index].state = State::Idle(worker);
	drop(pool);
	inner.idle.notify_one();
	true
}

/// No delay after one loss, then [`FIRST_DELAY`], doubled each time.
fn delay(losses: u32, longest: Duration) -> Duration {
	match losses {
		0 | 1 => Duration::ZERO,
		losses => FIRST_DELAY.saturating_mul(1 << (losses - 2).min(16)).min(longest),
	}
}
