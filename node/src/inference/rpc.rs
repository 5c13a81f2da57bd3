// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! RPC methods of inference (`inference_…`) and of the blob store (`blob_…`).
//!
//! Bytes travel as `0x` hexadecimal digits, hashes as 64 hexadecimal digits with or without `0x`,
//! structures of the chain as `0x` and their SCALE encoding. Calls that write to this node's disk
//! or take its cores are unsafe ones in the sense of `--rpc-methods`: by default they are answered
//! to local clients only.

use codec::{DecodeAll, Encode};
use jsonrpsee::{
	Extensions,
	proc_macros::rpc,
	types::{ErrorObject, ErrorObjectOwned},
};
use jurat_engine::failure_name;
use jurat_primitives::{
	ContentHash, JobFailure, Manifest,
	manifest::{SignatureError, check_tensors},
	tensor::decode_tensors,
};
use jurat_store::{BlobError, BlobInfo, BlobSource, Store, StoreError};
use sc_rpc_api::{UnsafeRpcError, check_if_safe};
use serde::Serialize;
use sp_core::Bytes;
use std::{
	sync::Arc,
	time::{Duration, Instant, UNIX_EPOCH},
};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{
	admit::Admitted,
	engine::{EngineState, ModelFile},
	executor::Executor,
	status::{Status, Vitals},
};

/// Bytes that one call moves, at most.
pub const MAX_CHUNK: usize = 1024 * 1024;

/// Blobs that one call lists, at most.
const MAX_LIST: usize = 1000;

/// Calls that compute at a time.
const COMPUTING: usize = 2;

/// Calls that use the disk at a time.
const READING: usize = 16;

/// Time for one dry run, loading included.
const DRY_RUN_TIME: Duration = Duration::from_secs(60);

/// Time for the file of a model that a call names, if it is not here and has to come from peers.
const FETCH_TIME: Duration = Duration::from_secs(60);

/// Time that one call fetches a blob for; the next call goes on.
const FETCH_SLICE: Duration = Duration::from_secs(20);

/// Calls that fetch blobs at a time.
const FETCHING: usize = 4;

/// Time for one admission.
const ADMIT_TIME: Duration = Duration::from_secs(300);

/// Whether this node would serve a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Admission {
	/// Whether it would.
	pub ok: bool,
	/// Why not.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub reason: Option<String>,
	/// Time of one run on the largest inputs allowed, in microseconds.
	#[serde(skip_serializing_if = "Option::is_none")]
	pub micros: Option<u64>,
}

/// What came of a dry run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DryRun {
	/// SCALE encoding of the outputs.
	pub outputs: Bytes,
	/// Time of the run, in microseconds.
	pub micros: u64,
}

/// How far an upload is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Put {
	/// The blob.
	pub hash: String,
	/// Offset of the next chunk.
	pub received: u64,
	/// Whether the blob is complete, and checked.
	pub complete: bool,
}

/// What is known of a blob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stat {
	/// Its size in bytes.
	pub size: u64,
}

/// A blob in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
	/// Its hash.
	pub hash: String,
	/// Its size in bytes.
	pub size: u64,
	/// Bytes that are there; all of them unless it is still coming from peers.
	pub received: u64,
	/// Whether it is complete, and checked.
	pub complete: bool,
	/// Whether it stays until it is unpinned.
	pub pinned: bool,
	/// Whether it stays because this node serves a model that it belongs to.
	pub kept: bool,
	/// When it was used last: seconds since 1970, UTC.
	pub last_used: u64,
}

impl From<BlobInfo> for Listed {
	fn from(info: BlobInfo) -> Self {
		let since = info.last_used.duration_since(UNIX_EPOCH);
		Self {
			hash: info.content.to_string(),
			size: info.size,
			received: info.received,
			complete: info.complete,
			pinned: info.pinned,
			kept: info.kept,
			last_used: since.map_or(0, |since| since.as_secs()),
		}
	}
}

/// Why a call fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// Not for clients from elsewhere.
	#[error(transparent)]
	Unsafe(#[from] UnsafeRpcError),
	/// A parameter that is not what it should be.
	#[error("{0}")]
	Parameter(String),
	/// As many such calls as may be are being answered.
	#[error("this node answers as many such calls as it may; try again")]
	Busy,
	/// The blob store.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// Peers.
	#[error(transparent)]
	Fetch(BlobError),
	/// The run.
	#[error("{0}")]
	Job(JobFailure),
	/// No engine.
	#[error("this node cannot run models: {0}")]
	Unavailable(Arc<str>),
}

impl From<SignatureError> for Error {
	fn from(error: SignatureError) -> Self {
		Self::Parameter(format!("inputs: {error}"))
	}
}

impl From<Error> for ErrorObjectOwned {
	fn from(error: Error) -> Self {
		let text = error.to_string();
		let plain = |code: i32| ErrorObject::owned(code, text.clone(), None::<()>);
		match error {
			Error::Unsafe(error) => error.into(),
			Error::Parameter(_) => plain(jsonrpsee::types::error::INVALID_PARAMS_CODE),
			Error::Busy => plain(9100),
			Error::Unavailable(_) => plain(9101),
			Error::Job(failure) => {
				let data = serde_json::json!({ "failure": failure_name(failure) });
				ErrorObject::owned(9102, text, Some(data))
			},
			Error::Fetch(error) => match error {
				BlobError::NotFound(_) => plain(9201),
				BlobError::Full { .. } => plain(9202),
				BlobError::WrongSize { .. } => plain(9207),
				BlobError::TimedOut(_) => plain(9211),
				BlobError::Store { .. } => plain(9209),
			},
			Error::Store(error) => match error {
				StoreError::NotFound(_) => plain(9201),
				StoreError::Full { .. } => plain(9202),
				StoreError::DiskFull => plain(9203),
				StoreError::TooLarge { .. } => plain(9204),
				StoreError::TooManyUploads { .. } => plain(9205),
				StoreError::WrongHash { .. } => plain(9206),
				StoreError::WrongSize { .. } => plain(9207),
				// With this a client goes on where it was interrupted.
				StoreError::WrongOffset { expected, .. } => {
					let data = serde_json::json!({ "expected": expected });
					ErrorObject::owned(9208, text, Some(data))
				},
				StoreError::Io(_) => plain(9209),
				StoreError::Damaged(_) => plain(9210),
				// No call of this interface deals in ranges.
				StoreError::TooManyDownloads { .. }
				| StoreError::InvalidRange { .. }
				| StoreError::NoSuchRange { .. }
				| StoreError::RangeMissing { .. }
				| StoreError::Discarded(_) => plain(jsonrpsee::types::error::INTERNAL_ERROR_CODE),
			},
		}
	}
}

/// Methods of inference.
#[rpc(server)]
pub trait InferenceApi {
	/// What this node can run, and what it has run.
	#[method(name = "inference_status", with_extensions)]
	fn status(&self) -> Result<Status, Error>;

	/// Whether this node would serve a model whose file is in its blob store, or comes from its peers
	/// within a minute. Unsafe.
	#[method(name = "inference_admit", blocking, with_extensions)]
	fn admit(&self, content: String, size: u64, manifest: Bytes) -> Result<Admission, Error>;

	/// Runs a model on this node, beside the chain. Unsafe.
	#[method(name = "inference_dryRun", blocking, with_extensions)]
	fn dry_run(&self, content: String, manifest: Bytes, inputs: Bytes) -> Result<DryRun, Error>;
}

/// Methods of the blob store.
#[rpc(server)]
pub trait BlobApi {
	/// Takes a chunk of a blob of `size` bytes. A blob that is complete is pinned. Unsafe.
	#[method(name = "blob_put", blocking, with_extensions)]
	fn put(&self, hash: String, size: u64, offset: u64, data: Bytes) -> Result<Put, Error>;

	/// What is known of a blob; `null` if it is not here.
	#[method(name = "blob_stat")]
	fn stat(&self, hash: String) -> Result<Option<Stat>, Error>;

	/// At most `length` bytes of a blob, from `offset`.
	#[method(name = "blob_get", blocking)]
	fn get(&self, hash: String, offset: u64, length: u64) -> Result<Bytes, Error>;

	/// Blobs in the order of their hashes, after the one that is named; at most 1,000. Also those
	/// of which only a part has come from peers.
	#[method(name = "blob_list")]
	fn list(&self, after: Option<String>) -> Result<Vec<Listed>, Error>;

	/// Has this node get a blob of this size from its peers, for some seconds: how far it is then.
	/// Called again it goes on. What was fetched is not pinned. Unsafe.
	#[method(name = "blob_fetch", blocking, with_extensions)]
	fn fetch(&self, hash: String, size: u64) -> Result<Put, Error>;

	/// Keeps a blob until it is unpinned, however little room there is. Unsafe.
	#[method(name = "blob_pin", blocking, with_extensions)]
	fn pin(&self, hash: String) -> Result<(), Error>;

	/// From now on a blob may be removed to make room for others. Unsafe.
	#[method(name = "blob_unpin", blocking, with_extensions)]
	fn unpin(&self, hash: String) -> Result<(), Error>;

	/// Reads a blob and says whether it has its hash. One that has not is removed. Unsafe.
	#[method(name = "blob_verify", blocking, with_extensions)]
	fn verify(&self, hash: String) -> Result<bool, Error>;
}

/// Answers calls on inference.
pub struct Inference {
	executor: Executor,
	store: Store,
	vitals: Vitals,
	computing: Semaphore,
}

impl Inference {
	/// Answers with these.
	pub fn new(executor: Executor, store: Store, vitals: Vitals) -> Self {
		Self { executor, store, vitals, computing: Semaphore::new(COMPUTING) }
	}

	fn model(&self, content: &str, manifest: &[u8]) -> Result<ModelFile, Error> {
		let (content, manifest) = (parse_hash(content)?, parse_manifest(manifest)?);
		let stat = self.store.stat(&content).ok_or(StoreError::NotFound(content))?;
		let fetched = Instant::now() + FETCH_TIME;
		self.executor.model(content, stat.size, manifest, fetched).map_err(Error::Job)
	}
}

impl InferenceApiServer for Inference {
	fn status(&self, ext: &Extensions) -> Result<Status, Error> {
		Ok(self.vitals.status(check_if_safe(ext).is_ok()))
	}

	fn admit(
		&self,
		ext: &Extensions,
		content: String,
		size: u64,
		manifest: Bytes,
	) -> Result<Admission, Error> {
		check_if_safe(ext)?;
		let _permit = permit(&self.computing)?;
		if let EngineState::Unavailable(reason) = self.executor.engine() {
			return Ok(Admission { ok: false, reason: Some(reason.to_string()), micros: None });
		}
		let (content, manifest) = (parse_hash(&content)?, parse_manifest(&manifest)?);
		let fetched = Instant::now() + FETCH_TIME;
		match self.executor.admit(content, size, &manifest, fetched, ADMIT_TIME) {
			Admitted::Runs { micros } => {
				Ok(Admission { ok: true, reason: None, micros: Some(micros) })
			},
			Admitted::Missing(reason) | Admitted::Refused(reason) => {
				Ok(Admission { ok: false, reason: Some(reason), micros: None })
			},
		}
	}

	fn dry_run(
		&self,
		ext: &Extensions,
		content: String,
		manifest: Bytes,
		inputs: Bytes,
	) -> Result<DryRun, Error> {
		check_if_safe(ext)?;
		let _permit = permit(&self.computing)?;
		if let EngineState::Unavailable(reason) = self.executor.engine() {
			return Err(Error::Unavailable(reason.clone()));
		}
		let model = self.model(&content, &manifest)?;
		let inputs = decode_tensors(&inputs)
			.ok_or_else(|| Error::Parameter("inputs: not the encoding of tensors".into()))?;
		check_tensors(&model.manifest.inputs, &inputs, model.manifest.allow_nan)?;
		let run =
			self.executor.run(&model, inputs, Instant::now() + DRY_RUN_TIME).map_err(Error::Job)?;
		Ok(DryRun { outputs: run.outputs.encode().into(), micros: run.micros })
	}
}

/// Answers calls on blobs.
pub struct Blobs {
	store: Store,
	source: Arc<dyn BlobSource>,
	reading: Semaphore,
	fetching: Semaphore,
}

impl Blobs {
	/// Answers with this store, and with where it gets what it lacks.
	pub fn new(store: Store, source: Arc<dyn BlobSource>) -> Self {
		let (reading, fetching) = (Semaphore::new(READING), Semaphore::new(FETCHING));
		Self { store, source, reading, fetching }
	}
}

impl BlobApiServer for Blobs {
	fn put(
		&self,
		ext: &Extensions,
		hash: String,
		size: u64,
		offset: u64,
		data: Bytes,
	) -> Result<Put, Error> {
		check_if_safe(ext)?;
		let _permit = permit(&self.reading)?;
		let content = parse_hash(&hash)?;
		if data.len() > MAX_CHUNK {
			return Err(chunk_too_large(data.len() as u64));
		}
		let progress = self.store.append(&content, size, offset, &data)?;
		Ok(Put {
			hash: content.to_string(),
			received: progress.received,
			complete: progress.complete,
		})
	}

	fn stat(&self, hash: String) -> Result<Option<Stat>, Error> {
		Ok(self.store.stat(&parse_hash(&hash)?).map(|stat| Stat { size: stat.size }))
	}

	fn get(&self, hash: String, offset: u64, length: u64) -> Result<Bytes, Error> {
		let _permit = permit(&self.reading)?;
		let content = parse_hash(&hash)?;
		if length > MAX_CHUNK as u64 {
			return Err(chunk_too_large(length));
		}
		Ok(self.store.get_range(&content, offset, length as usize)?.into())
	}

	fn list(&self, after: Option<String>) -> Result<Vec<Listed>, Error> {
		let after = after.map(|hash| parse_hash(&hash)).transpose()?;
		let blobs = self.store.list().into_iter();
		Ok(blobs
			.filter(|blob| after.is_none_or(|after| blob.content > after))
			.take(MAX_LIST)
			.map(Listed::from)
			.collect())
	}

	fn fetch(&self, ext: &Extensions, hash: String, size: u64) -> Result<Put, Error> {
		check_if_safe(ext)?;
		let _permit = permit(&self.fetching)?;
		let content = parse_hash(&hash)?;
		match self.source.fetch(&content, size, Instant::now() + FETCH_SLICE) {
			Ok(_) => Ok(Put { hash: content.to_string(), received: size, complete: true }),
			Err(BlobError::TimedOut(_)) => {
				let part = self.store.list().into_iter().find(|blob| blob.content == content);
				let received = part.map(|blob| blob.received).unwrap_or_default();
				Ok(Put { hash: content.to_string(), received, complete: false })
			},
			Err(error) => Err(Error::Fetch(error)),
		}
	}

	fn pin(&self, ext: &Extensions, hash: String) -> Result<(), Error> {
		check_if_safe(ext)?;
		let _permit = permit(&self.reading)?;
		Ok(self.store.pin(&parse_hash(&hash)?)?)
	}

	fn unpin(&self, ext: &Extensions, hash: String) -> Result<(), Error> {
		check_if_safe(ext)?;
		let _permit = permit(&self.reading)?;
		Ok(self.store.unpin(&parse_hash(&hash)?)?)
	}

	fn verify(&self, ext: &Extensions, hash: String) -> Result<bool, Error> {
		check_if_safe(ext)?;
		let _permit = permit(&self.reading)?;
		Ok(self.store.verify(&parse_hash(&hash)?)?)
	}
}

fn parse_manifest(bytes: &[u8]) -> Result<Manifest, Error> {
	let manifest = Manifest::decode_all(&mut &bytes[..])
		.map_err(|error| Error::Parameter(format!("manifest: {error}")))?;
	manifest.check().map_err(|error| Error::Parameter(format!("manifest: {error:?}")))?;
	Ok(manifest)
}

fn parse_hash(text: &str) -> Result<ContentHash, Error> {
	text.parse().map_err(|error| Error::Parameter(format!("hash: {error}")))
}

fn chunk_too_large(bytes: u64) -> Error {
	Error::Parameter(format!("{bytes} bytes in one call; at most {MAX_CHUNK} are moved"))
}

fn permit(semaphore: &Semaphore) -> Result<SemaphorePermit<'_>, Error> {
	semaphore.try_acquire().map_err(|_| Error::Busy)
}
