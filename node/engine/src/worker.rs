// SPDX-License-Identifier: Apache-2.0
//! The child: [`worker_main`].

use crate::{
	Engine, OnnxRuntime, RunError, RunOutput,
	library::{self, LibraryError},
	limits,
	sandbox::{self, SandboxMode, SandboxReport},
	shown,
	watch::Watch,
	wire::{self, MAX_REQUEST, MAX_RESPONSE, Refusal, Request, Response, VERSION, WireError},
};
use jurat_primitives::{ContentHash, tensor::BlobTensors};
use std::{
	ffi::OsString,
	fs::File,
	io,
	os::{
		fd::AsFd,
		unix::{ffi::OsStringExt, net::UnixStream},
	},
	path::PathBuf,
	process::ExitCode,
	time::Duration,
};

/// The child's program: serves the node that holds the other end of the socket on its standard
/// input, until that is closed. `jurat-node inference-worker` is this. Takes no arguments.
///
/// Exit codes: 0 when the socket is closed, 1 after a failure of the socket or a refusal to work,
/// 2 when started by hand.
pub fn worker_main(arguments: impl IntoIterator<Item = String>) -> ExitCode {
	let stream = match socket() {
		Ok(stream) if arguments.into_iter().next().is_none() => stream,
		_ => {
			eprintln!("The inference worker is started by a Jurat node, without arguments.");
			return ExitCode::from(2);
		},
	};
	match serve(&stream) {
		Ok(()) | Err(WireError::Closed) => ExitCode::SUCCESS,
		Err(error) => {
			eprintln!("inference worker: {error}");
			ExitCode::FAILURE
		},
	}
}

fn socket() -> io::Result<UnixStream> {
	let stream = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
	// Fails if standard input is not a socket.
	stream.peer_addr()?;
	Ok(stream)
}

fn serve(stream: &UnixStream) -> Result<(), WireError> {
	let Greeted { mut engine, watch, sandbox } =
		match greet(wire::receive(stream, MAX_REQUEST, None)?) {
			Ok(greeted) => greeted,
			Err(refusal) => {
				reply(stream, &Response::Refused(refusal.clone()))?;
				return Err(WireError::Io(io::Error::other(refusal)));
			},
		};
	let build_info = shown(engine.build_info());
	reply(stream, &Response::Ready { build_info, cpu_features: library::cpu_features(), sandbox })?;
	loop {
		let response = match wire::receive_with(stream, MAX_REQUEST, None)? {
			(Request::Hello { .. }, _) => return Err(WireError::Malformed),
			(Request::Load { content, manifest }, file) => {
				let file = file.map(File::from);
				let loaded = engine.load(&content, &manifest, file.as_ref());
				let sessions = engine.sessions();
				match loaded {
					Ok(loaded) => Response::Loaded { loaded, sessions },
					Err(error) => Response::LoadFailed { error, sessions },
				}
			},
			(Request::Run { content, micros, inputs }, _) => {
				watch.begin(Duration::from_micros(micros));
				let result = run(&mut engine, &watch, &content, &inputs);
				watch.end();
				match result {
					Ok(output) => Response::Output(output),
					Err(error) => Response::RunFailed { error, sessions: engine.sessions() },
				}
			},
			(Request::Unload { content }, _) => {
				engine.unload(&content);
				Response::Unloaded { sessions: engine.sessions() }
			},
			(Request::Vary(variant), _) => {
				engine.vary(variant);
				Response::Varied
			},
		};
		reply(stream, &response)?;
	}
}

struct Greeted {
	engine: OnnxRuntime,
	watch: Watch,
	sandbox: SandboxReport,
}

/// Makes this process one that may see models.
fn greet(request: Request) -> Result<Greeted, Refusal> {
	let Request::Hello { version, library, session_budget, memory_limit, sandbox: mode } = request
	else {
		return Err(Refusal::Version(0));
	};
	if version != VERSION {
		return Err(Refusal::Version(VERSION));
	}
	let limits = |error: io::Error| Refusal::Limits(shown(&error.to_string()));
	limits::apply(memory_limit).map_err(limits)?;
	let path = PathBuf::from(OsString::from_vec(library));
	let engine = OnnxRuntime::open(&path, session_budget).map_err(|error| match error {
		LibraryError::Telemetry => Refusal::Telemetry,
		error => Refusal::Library(shown(&error.to_string())),
	})?;
	let walls = sandbox::forbid(mode);
	let watch = Watch::start(engine.options()).map_err(limits)?;
	limits::seal().map_err(limits)?;
	let sandbox = walls.close();
	if mode == SandboxMode::Enforce && !sandbox.is_whole() {
		return Err(Refusal::Sandbox(shown(&sandbox.missing.join("; "))));
	}
	Ok(Greeted { engine, watch, sandbox })
}

/// Runs; and once more without the other sessions if that fails, because memory that they hold may
/// be what was missing. What a node answers must not depend on what it ran before.
fn run(
	engine: &mut OnnxRuntime,
	watch: &Watch,
	content: &ContentHash,
	inputs: &BlobTensors,
) -> Result<RunOutput, RunError> {
	let mut result = engine.run(content, inputs);
	if matches!(result, Err(RunError::Engine(_)))
		&& !watch.stopped()
		&& engine.evict_others(content) > 0
	{
		result = engine.run(content, inputs);
	}
	match result {
		// Whatever text ONNX Runtime has for it.
		Err(RunError::Engine(_)) if watch.stopped() => Err(RunError::Stopped),
		result => result,
	}
}

fn reply(stream: &UnixStream, response: &Response) -> Result<(), WireError> {
	match wire::frame(response, MAX_RESPONSE) {
		Ok(frame) => wire::send(stream, &frame, None),
		// The tensors fit, their encoding does not.
		Err(WireError::TooLarge(_)) => {
			let error = RunError::TooLarge;
			let sessions = Vec::new();
			let frame = wire::frame(&Response::RunFailed { error, sessions }, MAX_RESPONSE)?;
			wire::send(stream, &frame, None)
		},
		Err(error) => Err(error),
	}
}
