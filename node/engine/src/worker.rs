// SPDX-License-Identifier: Apache-2.0
//! The child: [`worker_main`].

use crate::{
	Engine, Model, OnnxRuntime, RunError, RunOutput,
	library::{self, LibraryError},
	limits, shown,
	wire::{self, MAX_REQUEST, MAX_RESPONSE, Refusal, Request, Response, VERSION, WireError},
};
use jurat_primitives::{ContentHash, tensor::BlobTensors};
use std::{
	ffi::OsString,
	io,
	os::{
		fd::AsFd,
		unix::{ffi::OsStringExt, net::UnixStream},
	},
	path::PathBuf,
	process::ExitCode,
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
	let mut engine = match greet(wire::receive(stream, MAX_REQUEST, None)?) {
		Ok(engine) => engine,
		Err(refusal) => {
			reply(stream, &Response::Refused(refusal.clone()))?;
			return Err(WireError::Io(io::Error::other(refusal)));
		},
	};
	let build_info = shown(engine.build_info());
	reply(stream, &Response::Ready { build_info, cpu_features: library::cpu_features() })?;
	loop {
		let response = match wire::receive(stream, MAX_REQUEST, None)? {
			Request::Hello { .. } => return Err(WireError::Malformed),
			Request::Load { content, path, manifest } => {
				let path = PathBuf::from(OsString::from_vec(path));
				let loaded = engine.load(&Model { content, manifest, path });
				let sessions = engine.sessions();
				match loaded {
					Ok(loaded) => Response::Loaded { loaded, sessions },
					Err(error) => Response::LoadFailed { error, sessions },
				}
			},
			Request::Run { content, inputs } => match run(&mut engine, &content, &inputs) {
				Ok(output) => Response::Output(output),
				Err(error) => Response::RunFailed { error, sessions: engine.sessions() },
			},
			Request::Vary(variant) => {
				engine.vary(variant);
				Response::Varied
			},
		};
		reply(stream, &response)?;
	}
}

/// Makes this process one that may see models.
fn greet(request: Request) -> Result<OnnxRuntime, Refusal> {
	let Request::Hello { version, library, session_budget, memory_limit } = request else {
		return Err(Refusal::Version(0));
	};
	if version != VERSION {
		return Err(Refusal::Version(VERSION));
	}
	limits::apply(memory_limit)
		.and_then(|()| limits::end_with_parent())
		.map_err(|error| Refusal::Limits(shown(&error.to_string())))?;
	let path = PathBuf::from(OsString::from_vec(library));
	OnnxRuntime::open(&path, session_budget).map_err(|error| match error {
		LibraryError::Telemetry => Refusal::Telemetry,
		error => Refusal::Library(shown(&error.to_string())),
	})
}

/// Runs; and once more without the other sessions if that fails, because memory that they hold may
/// be what was missing. What a node answers must not depend on what it ran before.
fn run(
	engine: &mut OnnxRuntime,
	content: &ContentHash,
	inputs: &BlobTensors,
) -> Result<RunOutput, RunError> {
	match engine.run(content, inputs) {
		Err(RunError::Engine(_)) if engine.evict_others(content) > 0 => engine.run(content, inputs),
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
