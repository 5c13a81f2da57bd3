// SPDX-License-Identifier: Apache-2.0
//! The node's own interface: blobs, and its inference engine.

use super::{Client, decode};
use crate::error::{Error, Result};
use codec::Encode;
use jurat_primitives::{
	ContentHash, Manifest,
	tensor::{BlobTensors, decode_tensors},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
	collections::BTreeMap,
	fs::File,
	io::{Read, Seek, SeekFrom, Write},
	path::Path,
	time::Duration,
};
use subxt::rpcs::{client::RpcParams, rpc_params};

/// Bytes of one piece of a blob: the most that the node takes or gives at once.
pub const CHUNK: u64 = 1024 * 1024;

/// What the node says of its inference engine.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all(deserialize = "camelCase", serialize = "snake_case"))]
pub struct EngineStatus {
	/// Whether it can run models.
	pub available: bool,
	/// Why not.
	pub reason: Option<String>,
	/// The library that runs them.
	pub library: Option<Library>,
	/// The execution profile.
	pub profile: Option<Value>,
	/// Models it can run at once.
	pub slots: Option<u32>,
	/// Of these, how many are at work.
	pub busy: Option<u32>,
	/// Jobs that wait for one.
	pub queued: Option<u64>,
	/// Jobs done since the node started.
	pub jobs_done: Option<u64>,
	/// Jobs failed since the node started, by reason.
	pub jobs_failed: Option<BTreeMap<String, u64>>,
	/// Processes that ran models and were killed.
	pub kills: Option<u64>,
	/// Such processes that were started anew.
	pub restarts: Option<u64>,
	/// Loaded models.
	pub sessions: Option<Vec<Value>>,
	/// Runs that found their model loaded.
	pub cache_hits: Option<u64>,
	/// Runs that had to load it.
	pub cache_misses: Option<u64>,
}

/// The library that runs models.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Library {
	/// Its version.
	pub version: Option<String>,
	/// SHA-256 of its file.
	pub sha256: Option<String>,
	/// Where it lies on the node's machine.
	pub path: Option<String>,
}

/// Whether the node could serve a release.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Admission {
	/// It could.
	pub ok: bool,
	/// Why not.
	pub reason: Option<String>,
	/// How long one run took, in microseconds.
	pub micros: Option<u64>,
}

/// What a node's dry run gave.
#[derive(Clone, Debug)]
pub struct DryRun {
	/// The outputs, in the order of the manifest.
	pub outputs: BlobTensors,
	/// How long it took, in microseconds.
	pub micros: u64,
}

#[derive(Deserialize)]
struct Put {
	received: u64,
	complete: bool,
}

#[derive(Deserialize)]
struct Stat {
	size: u64,
}

#[derive(Deserialize)]
struct RawDryRun {
	outputs: String,
	micros: u64,
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
	format!("0x{}", ::hex::encode(bytes))
}

fn unhex(method: &str, text: &str) -> Result<Vec<u8>> {
	::hex::decode(text.strip_prefix("0x").unwrap_or(text)).map_err(|error| decode(method, error))
}

/// The hash of some bytes.
pub fn hash_bytes(bytes: &[u8]) -> ContentHash {
	ContentHash(*blake3::hash(bytes).as_bytes())
}

/// Hash and size of a file, read in pieces.
pub fn hash_file(path: &Path) -> Result<(ContentHash, u64)> {
	let failed = |reason| Error::File { path: path.display().to_string(), reason };
	let mut file = File::open(path).map_err(failed)?;
	let mut hasher = blake3::Hasher::new();
	let size = std::io::copy(&mut file, &mut hasher).map_err(failed)?;
	Ok((ContentHash(*hasher.finalize().as_bytes()), size))
}

/// The node answers as many calls of the kind as it may.
const BUSY: i32 = 9100;
/// A piece of a blob does not follow the one before.
const WRONG_OFFSET: i32 = 9208;
/// Pauses before a busy node is asked again, and how many there are: a minute in all.
const PAUSE: Duration = Duration::from_millis(500);
const PAUSES: u32 = 120;

impl Client {
	/// Calls a method of the node; while it is busy, again.
	async fn patient<R: serde::de::DeserializeOwned>(
		&self,
		method: &str,
		params: impl Fn() -> RpcParams,
	) -> Result<R> {
		for _ in 0..PAUSES {
			match self.rpc(method, params()).await {
				Err(Error::Node { code: BUSY, .. }) => tokio::time::sleep(PAUSE).await,
				result => return result,
			}
		}
		self.rpc(method, params()).await
	}

	/// What the node says of its inference engine.
	pub async fn engine_status(&self) -> Result<EngineStatus> {
		self.rpc("inference_status", rpc_params![]).await
	}

	/// Asks the node whether it could serve a release, and how long a run takes. It fetches, loads
	/// and runs the model: this takes a while.
	pub async fn admit(
		&self,
		content: ContentHash,
		size: u64,
		manifest: &Manifest,
	) -> Result<Admission> {
		let manifest = hex(manifest.encode());
		self.patient("inference_admit", || rpc_params![hex(content), size, &manifest]).await
	}

	/// Runs a model on the node, without the chain.
	pub async fn dry_run(
		&self,
		content: ContentHash,
		manifest: &Manifest,
		inputs: &BlobTensors,
	) -> Result<DryRun> {
		let method = "inference_dryRun";
		let (manifest, inputs) = (hex(manifest.encode()), hex(inputs.encode()));
		let raw: RawDryRun =
			self.patient(method, || rpc_params![hex(content), &manifest, &inputs]).await?;
		let outputs = decode_tensors(&unhex(method, &raw.outputs)?)
			.ok_or_else(|| decode(method, "the outputs are not tensors"))?;
		Ok(DryRun { outputs, micros: raw.micros })
	}

	/// The size of a blob that the node has.
	pub async fn blob_size(&self, content: ContentHash) -> Result<Option<u64>> {
		let stat: Option<Stat> = self.rpc("blob_stat", rpc_params![hex(content)]).await?;
		Ok(stat.map(|stat| stat.size))
	}

	/// Gives a blob to the node. `on` hears how many bytes are there.
	pub async fn put_blob(&self, bytes: &[u8], on: impl FnMut(u64)) -> Result<ContentHash> {
		let content = hash_bytes(bytes);
		let mut source = std::io::Cursor::new(bytes);
		self.put(content, bytes.len() as u64, &mut source, "the blob", on).await?;
		Ok(content)
	}

	/// Gives a file to the node: its hash and size. `on` hears how many bytes are there.
	pub async fn put_file(&self, path: &Path, on: impl FnMut(u64)) -> Result<(ContentHash, u64)> {
		let (content, size) = hash_file(path)?;
		let label = path.display().to_string();
		let failed = |reason| Error::File { path: label.clone(), reason };
		let mut file = File::open(path).map_err(failed)?;
		self.put(content, size, &mut file, &label, on).await?;
		Ok((content, size))
	}

	async fn put(
		&self,
		content: ContentHash,
		size: u64,
		source: &mut (impl Read + Seek),
		label: &str,
		mut on: impl FnMut(u64),
	) -> Result<()> {
		let method = "blob_put";
		let failed = |reason| Error::File { path: label.into(), reason };
		if self.blob_size(content).await? == Some(size) {
			on(size);
			return Ok(());
		}
		let mut offset = 0;
		loop {
			let length = CHUNK.min(size - offset);
			let mut piece = vec![0; length as usize];
			source.seek(SeekFrom::Start(offset)).map_err(failed)?;
			source.read_exact(&mut piece).map_err(failed)?;
			let piece = hex(&piece);
			let put =
				self.patient(method, || rpc_params![hex(content), size, offset, &piece]).await;
			let put: Put = match put {
				// An upload that was interrupted goes on where it was.
				Err(Error::Node { code: WRONG_OFFSET, data: Some(data), .. }) if offset == 0 => {
					let expected = data.get("expected").and_then(Value::as_u64).unwrap_or(0);
					Put { received: expected, complete: false }
				},
				put => put?,
			};
			on(put.received.min(size));
			if put.complete {
				return Ok(());
			}
			// What the node has already need not be sent again; but each answer must bring it on.
			if put.received <= offset || put.received >= size {
				let reason = format!("{} of {size} bytes received, not complete", put.received);
				return Err(decode(method, reason));
			}
			offset = put.received;
		}
	}

	/// Takes a blob from the node into a writer, and compares its hash. `on` hears how many bytes
	/// came.
	pub async fn get_blob(
		&self,
		content: ContentHash,
		out: &mut impl Write,
		label: &str,
		mut on: impl FnMut(u64, u64),
	) -> Result<u64> {
		let method = "blob_get";
		let size = self.blob_size(content).await?;
		let size = size.ok_or_else(|| Error::NoBlob(content.to_string()))?;
		let mut hasher = blake3::Hasher::new();
		let mut offset = 0;
		while offset < size {
			let length = CHUNK.min(size - offset);
			let text: String = self.rpc(method, rpc_params![hex(content), offset, length]).await?;
			let piece = unhex(method, &text)?;
			if piece.is_empty() || piece.len() as u64 > length {
				return Err(decode(method, format!("{} bytes for {length}", piece.len())));
			}
			hasher.update(&piece);
			out.write_all(&piece).map_err(|reason| Error::File { path: label.into(), reason })?;
			offset += piece.len() as u64;
			on(offset, size);
		}
		let got = ContentHash(*hasher.finalize().as_bytes());
		if got != content {
			let (expected, got) = (content.to_string(), got.to_string());
			return Err(Error::WrongBlob { expected, got });
		}
		Ok(size)
	}
}
