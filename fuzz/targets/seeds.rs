// SPDX-License-Identifier: Apache-2.0
//! Writes what the targets start from: `seeds DIRECTORY`. Sound messages of each kind, a few
//! hundred bytes each; those of the `manifest` target are models of this repository.

// Instrumented code needs what libFuzzer brings.
use libfuzzer_sys as _;

use codec::Encode;
use jurat_engine::{
	SandboxMode,
	wire::{MAX_RESPONSE, Request, Response, VERSION, frame},
};
use jurat_onnx::{ManifestOptions, derive_manifest, inspect};
use jurat_primitives::{
	Answer, ContentHash, ElementType, JobFailure, RequestInput,
	mailbox::{Job, JobKey, JobResult},
	tensor::{BlobTensors, NamedTensor, Tensor},
};
use jurat_store::{Limits, Store};
use std::{env, fs, io, path::PathBuf};

// As the exchange has it; the crate itself would bring a whole network along.
#[allow(dead_code)]
#[path = "../../node/exchange/src/protocol.rs"]
mod protocol;

fn main() -> io::Result<()> {
	let into = PathBuf::from(env::args().nth(1).unwrap_or_else(|| "corpus".into()));
	// From the folder of the repository, in which the script runs it.
	let models = PathBuf::from("scripts/models");
	let hostile = PathBuf::from("tests/hostile-models/files");
	let write = |target: &str, name: &str, data: Vec<u8>| {
		let folder = into.join(target);
		fs::create_dir_all(&folder)?;
		fs::write(folder.join(name), data)
	};
	let identity = fs::read(models.join("identity.onnx"))?;
	write("manifest", "identity", identity.clone())?;
	for name in [
		"attention-of-no-heads-in-its-shape",
		"expand-by-identity",
		"if-7-deep",
		"loop-in-loop",
		"loop-of-few-rounds",
		"ngrams-good",
		"resize",
		"trees-cycle",
	] {
		write("manifest", name, fs::read(hostile.join(name).with_extension("onnx"))?)?;
	}

	let facts = inspect(&identity).map_err(io::Error::other)?;
	let options = ManifestOptions { licence: "MIT".into(), ..Default::default() };
	let manifest = derive_manifest(&facts, &options).map_err(io::Error::other)?;
	let content = ContentHash([7; 32]);
	let mut named = Vec::new();
	for element in ElementType::ALL {
		let tensor = match element.size() {
			Some(size) => Tensor::new(element, [2, 1], vec![0; 2 * size]),
			None => Tensor::strings([2], ["one", "two"]),
		};
		let tensor = tensor.map_err(|error| io::Error::other(format!("{error:?}")))?;
		named.extend(NamedTensor::new(element.name(), tensor));
	}
	let all = BlobTensors::truncate_from(named);
	write("tensors", "every-type", all.encode())?;
	let few = BlobTensors::truncate_from(all.iter().take(2).cloned().collect());
	write("tensors", "two", few.encode())?;

	let tagged = |kind: u8, data: Vec<u8>| [vec![kind], data].concat();
	let job = Job {
		request: 1,
		content,
		size: identity.len() as u64,
		manifest: manifest.clone(),
		input: RequestInput::Inline(Default::default()),
		deadline: 99,
	};
	write("mailbox", "job", tagged(0, job.encode()))?;
	let result = JobResult { answer: Answer::Failure(JobFailure::RunFailed), micros: 5 };
	write("mailbox", "result", tagged(1, result.encode()))?;
	write("mailbox", "pending", tagged(2, vec![JobKey::default(); 2].encode()))?;

	let request = |message: Request| frame(&message, MAX_RESPONSE).map_err(io::Error::other);
	write("wire", "load", tagged(1, request(Request::Load { content, manifest })?))?;
	let run = Request::Run { content, micros: 5, inputs: few.clone() };
	write("wire", "run", tagged(1, request(run)?))?;
	let hello = Request::Hello {
		version: VERSION,
		library: b"/library".to_vec(),
		session_budget: 1,
		memory_limit: 1,
		sandbox: SandboxMode::Enforce,
	};
	write("wire", "hello", tagged(1, request(hello)?))?;
	let output = jurat_engine::RunOutput { outputs: few, micros: 3 };
	for (name, message) in [
		("output", Response::Output(output)),
		("unloaded", Response::Unloaded { sessions: Vec::new() }),
	] {
		let frame = frame(&message, MAX_RESPONSE).map_err(io::Error::other)?;
		write("wire", name, tagged(0, frame))?;
	}

	// The first byte: which range. The rest: its encoding, and a message that carries it.
	let blob: Vec<u8> = (0..40_000u32).map(|i| (i % 251) as u8).collect();
	let folder = env::temp_dir().join(format!("jurat-seeds-{}", std::process::id()));
	let store = Store::open(&folder, Limits::default()).map_err(io::Error::other)?;
	let content = store.put_bytes(&blob).map_err(io::Error::other)?;
	let range = store.encode_range(&content, blob.len() as u64, 0).map_err(io::Error::other)?;
	drop(store);
	fs::remove_dir_all(&folder)?;
	write("blob_range", "whole", range.clone())?;
	write("blob_range", "cut", range[..range.len() / 2].to_vec())?;
	let size = blob.len() as u64;
	let request = protocol::Request::Range { content, size, index: 0 };
	write("blob_message", "request", tagged(0, request.encode()))?;
	let have = protocol::Response::Have(protocol::Held::of([0, 9]));
	write("blob_message", "have", tagged(1, have.encode()))?;
	write("blob_message", "range", tagged(1, protocol::Response::Range(vec![7; 99]).encode()))?;
	Ok(())
}
