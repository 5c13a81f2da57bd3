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

/// Calls that fetch a blob, each of some seconds, after which it is given up if nothing comes.
const IDLE_FETCHES: u32 = 6;

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
	/// What keeps a model from the machine.
	pub sandbox: Option<String>,
	/// Whether the machine computes as others do.
	pub known_answers: Option<String>,
	/// Runs that were stopped at their deadline.
	pub stops: Option<u64>,
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

/// A release that fits the node's rules of serving.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Served {
	/// Number of the model.
	pub model: u32,
	/// Its name.
	pub name: String,
	/// Version of the release.
	pub version: String,
	/// BLAKE3 hash of its file.
	pub content: String,
	/// Size of the file in bytes.
	pub size: u64,
	/// `waiting`, `trying`, `ready`, `missing` or `refused`.
	pub state: String,
	/// Why it is missing or refused.
	pub reason: Option<String>,
	/// Time of a run on the largest inputs, in microseconds.
	pub micros: Option<u64>,
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

/// What the node says of a blob that it has, or of which it has a part.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all(deserialize = "camelCase", serialize = "snake_case"))]
pub struct BlobInfo {
	/// Its hash.
	pub hash: String,
	/// Its size in bytes.
	pub size: u64,
	/// Bytes that are there.
	pub received: Option<u64>,
	/// Whether it is complete.
	pub complete: Option<bool>,
	/// Whether it stays until it is unpinned.
	pub pinned: Option<bool>,
	/// Whether it stays because the node serves a model that it belongs to.
	pub kept: Option<bool>,
	/// When it was used last: seconds since 1970, UTC.
	pub last_used: Option<u64>,
}

impl BlobInfo {
	/// Whether all of it is there. A node that does not say has whole ones only.
	pub fn is_complete(&self) -> bool {
		self.complete.unwrap_or(true)
	}
}

/// The node answers as many calls of the kind as it may.
const BUSY: i32 = 9100;
/// A piece of a blob does not follow the one before.
const WRONG_OFFSET: i32 = 9208;
/// What the node says of its store: it has no such blob, it has no room under its limit, none on
/// its disk, it takes no more uploads, a blob was damaged.
const NOT_FOUND: i32 = 9201;
const FULL: i32 = 9202;
const DISK_FULL: i32 = 9203;
const TOO_MANY_UPLOADS: i32 = 9205;
const DAMAGED: i32 = 9210;
/// Blobs in one list of the node, at most.
const MAX_LIST: usize = 1000;
/// Pauses before a busy node is asked again, and how many there are: a minute in all.
const PAUSE: Duration = Duration::from_millis(500);
const PAUSES: u32 = 120;

/// What a refusal of the node's store means for who asked for this blob.
fn blob_error(content: ContentHash, error: Error) -> Error {
	match error {
		Error::Node { code: NOT_FOUND, .. } => Error::NoBlob(content.to_string()),
		Error::Node { code: FULL, message, .. } => Error::StoreFull(message),
		Error::Node { code: DISK_FULL, .. } => Error::NodeDiskFull,
		Error::Node { code: TOO_MANY_UPLOADS, message, .. } => Error::TooManyUploads(message),
		Error::Node { code: DAMAGED, .. } => Error::DamagedBlob(content.to_string()),
		error => error,
	}
}

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

	/// What the node serves by its rules, and why not more.
	pub async fn serving(&self) -> Result<Vec<Served>> {
		self.rpc("inference_serving", rpc_params![]).await
	}

	/// The size of a blob that the node has.
	pub async fn blob_size(&self, content: ContentHash) -> Result<Option<u64>> {
		let stat: Option<Stat> = self.rpc("blob_stat", rpc_params![hex(content)]).await?;
		Ok(stat.map(|stat| stat.size))
	}

	/// All blobs of the node, in the order of their hashes.
	pub async fn blobs(&self) -> Result<Vec<BlobInfo>> {
		let mut blobs: Vec<BlobInfo> = Vec::new();
		loop {
			let after = blobs.last().map(|blob| blob.hash.clone());
			let more: Vec<BlobInfo> = self.rpc("blob_list", rpc_params![&after]).await?;
			let done = more.len() < MAX_LIST;
			// Each answer has to bring it on.
			let new = more.last().is_none_or(|last| after.as_ref() < Some(&last.hash));
			if !new {
				return Err(decode("blob_list", "the list does not go on"));
			}
			blobs.extend(more);
			if done {
				return Ok(blobs);
			}
		}
	}

	/// Has the node get a blob of this size from its peers. `on` hears how many bytes are there.
	pub async fn fetch_blob(
		&self,
		content: ContentHash,
		size: u64,
		mut on: impl FnMut(u64),
	) -> Result<()> {
		let method = "blob_fetch";
		let (mut received, mut idle) = (0, 0);
		loop {
			let put = self.patient(method, || rpc_params![hex(content), size]).await;
			let put: Put = put.map_err(|error| blob_error(content, error))?;
			on(put.received.min(size));
			if put.complete {
				return Ok(());
			}
			// A while in which nothing comes is a peer that is gone, or two.
			idle = if put.received > received { 0 } else { idle + 1 };
			received = put.received;
			if idle == IDLE_FETCHES {
				return Err(Error::NoBlob(content.to_string()));
			}
		}
	}

	/// Keeps a blob on the node until it is unpinned.
	pub async fn pin_blob(&self, content: ContentHash) -> Result<()> {
		let pinned = self.patient("blob_pin", || rpc_params![hex(content)]).await;
		pinned.map_err(|error| blob_error(content, error))
	}

	/// Lets a blob go when the node has no room for others.
	pub async fn unpin_blob(&self, content: ContentHash) -> Result<()> {
		let unpinned = self.patient("blob_unpin", || rpc_params![hex(content)]).await;
		unpinned.map_err(|error| blob_error(content, error))
	}

	/// Has the node read a blob and compare its hash. `false`: it was damaged, and is removed.
	pub async fn verify_blob(&self, content: ContentHash) -> Result<bool> {
		let good = self.patient("blob_verify", || rpc_params![hex(content)]).await;
		good.map_err(|error| blob_error(content, error))
	}

	/// Gives a blob to the node, which pins it. `on` hears how many bytes are there.
	pub async fn put_blob(&self, bytes: &[u8], on: impl FnMut(u64)) -> Result<ContentHash> {
		let content = hash_bytes(bytes);
		let mut source = std::io::Cursor::new(bytes);
		self.put(content, bytes.len() as u64, &mut source, "the blob", on).await?;
		Ok(content)
	}

	/// Gives a file to the node, which pins it: its hash and size. `on` hears how many bytes are
	/// there.
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
			// It may have come from peers, and then it would go again.
			match self.pin_blob(content).await {
				// Gone already.
				Err(Error::NoBlob(_)) => {},
				// It is there, which is what counts for who may not pin.
				Err(error)
					if !error.is_unknown_method() && !matches!(error, Error::NotLocal(_)) =>
				{
					return Err(error);
				},
				_ => {
					on(size);
					return Ok(());
				},
			}
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
				put => put.map_err(|error| blob_error(content, error))?,
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
			let text = self.patient(method, || rpc_params![hex(content), offset, length]).await;
			let text: String = text.map_err(|error| blob_error(content, error))?;
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

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn each_refusal_of_the_store_says_what_to_do() {
		let content = ContentHash([7; 32]);
		let text = |code| {
			let message = "the blob store is full".into();
			let error = Error::Node { method: "blob_put".into(), code, message, data: None };
			blob_error(content, error).to_string()
		};
		for (code, what) in [
			(NOT_FOUND, "jurat blob put"),
			(FULL, "jurat blob unpin"),
			(DISK_FULL, "make room"),
			(TOO_MANY_UPLOADS, "try again"),
			(DAMAGED, "put it again"),
		] {
			assert!(text(code).to_lowercase().contains(what), "{}", text(code));
		}
		// What it does not know it leaves as it is.
		assert!(text(9209).contains("the node refuses blob_put"));
	}

	#[test]
	fn a_node_that_says_less_of_a_blob_is_understood() {
		let old: BlobInfo = serde_json::from_str(r#"{ "hash": "00", "size": 5 }"#).unwrap();
		assert!(old.is_complete());
		let new = r#"{ "hash": "00", "size": 5, "received": 2, "complete": false,
			"pinned": true, "kept": false, "lastUsed": 9 }"#;
		let new: BlobInfo = serde_json::from_str(new).unwrap();
		assert!(!new.is_complete());
		assert_eq!((new.received, new.pinned, new.last_used), (Some(2), Some(true), Some(9)));
	}
}
