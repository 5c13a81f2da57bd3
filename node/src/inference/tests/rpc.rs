// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! What clients see.

use super::{
	super::{
		engine::EngineState,
		executor::Executor,
		pool::Pool,
		rpc::{BlobApiServer, Blobs, Inference, InferenceApiServer, MAX_CHUNK},
		status::Vitals,
	},
	ABSENT, FakeEngine, MODEL, PATIENCE, blob, manifest,
};
use codec::Encode;
use jsonrpsee::RpcModule;
use jurat_primitives::{ContentHash, JobFailure, tensor::decode_tensors};
use jurat_store::{Limits, RANGE, Store, hash};
use sc_rpc_api::DenyUnsafe;
use serde_json::{Value, json};
use sp_core::Bytes;
use std::{fs, path::PathBuf, sync::Arc, time::Duration};
use tempfile::TempDir;

struct Api {
	rpc: RpcModule<()>,
	store: Store,
	dir: TempDir,
}

fn api(engine: EngineState, deny_unsafe: DenyUnsafe) -> Api {
	api_with(engine, deny_unsafe, Limits::default())
}

fn api_with(engine: EngineState, deny_unsafe: DenyUnsafe, limits: Limits) -> Api {
	let dir = TempDir::new().unwrap();
	let store = Store::open(dir.path(), limits).unwrap();
	let executor = Executor::new(engine, Arc::new(store.clone()));
	let pool = Pool::start(3).unwrap();
	let vitals = Vitals::new(executor.clone(), pool, Arc::default());
	let inference = Inference::new(executor, store.clone(), vitals);
	let mut rpc = RpcModule::new(());
	rpc.merge(inference.into_rpc()).unwrap();
	rpc.merge(Blobs::new(store.clone(), Arc::new(store.clone())).into_rpc()).unwrap();
	rpc.extensions_mut().insert(deny_unsafe);
	Api { rpc, store, dir }
}

fn local() -> Api {
	local_with(Limits::default())
}

fn local_with(limits: Limits) -> Api {
	api_with(FakeEngine::identity().state(), DenyUnsafe::No, limits)
}

impl Api {
	/// The response: `result` or `error`.
	async fn call(&self, method: &str, params: Value) -> Value {
		let request = json!({ "jsonrpc": "2.0", "id": 0, "method": method, "params": params });
		let (response, _) = self.rpc.raw_json_request(&request.to_string(), 1).await.unwrap();
		serde_json::from_str(&response).unwrap()
	}

	/// Where an upload of the store keeps what it received.
	fn partial(&self, content: &ContentHash, size: usize) -> PathBuf {
		self.dir.path().join(format!("uploads/{content}.{size}"))
	}

	async fn ok(&self, method: &str, params: Value) -> Value {
		let response = self.call(method, params).await;
		assert_eq!(response.get("error"), None, "{method}");
		response["result"].clone()
	}

	async fn error(&self, method: &str, params: Value) -> (i64, Value) {
		let error = &self.call(method, params).await["error"];
		(error["code"].as_i64().unwrap(), error["data"].clone())
	}
}

fn hex(bytes: &[u8]) -> Value {
	serde_json::to_value(Bytes(bytes.to_vec())).unwrap()
}

fn text(content: &ContentHash) -> String {
	content.to_string()
}

#[tokio::test]
async fn the_status_tells_what_runs_here() {
	let api = local();
	let status = api.ok("inference_status", json!([])).await;
	assert_eq!(
		status,
		json!({
			"available": true,
			"library": {
				"version": "1.31.1", "sha256": "fc44", "path": "/lib/libonnxruntime.so"
			},
			"profile": "cpu",
			"sandbox": "seccomp on", "knownAnswers": "equal",
			"slots": 3, "busy": 0, "queued": 0, "fetching": 0,
			"jobsDone": 0, "jobsFailed": {},
			"stops": 7, "kills": 1, "restarts": 2,
			"sessions": [{ "content": "ab", "bytes": 5, "uses": 6 }],
			"cacheHits": 3, "cacheMisses": 4,
		})
	);
}

#[tokio::test]
async fn the_status_tells_why_nothing_runs_here() {
	let api = api(EngineState::Unavailable("no library".into()), DenyUnsafe::No);
	let status = api.ok("inference_status", json!([])).await;
	assert_eq!(status["available"], false);
	assert_eq!(status["reason"], "no library");
	assert_eq!(status["library"], Value::Null);
	let admitted = api.ok("inference_admit", json!([text(&ABSENT), 1, "0x"])).await;
	assert_eq!(admitted, json!({ "ok": false, "reason": "no library" }));
	let (code, _) = api.error("inference_dryRun", json!([text(&ABSENT), "0x", "0x"])).await;
	assert_eq!(code, 9101);
}

#[tokio::test]
async fn who_is_not_local_may_neither_write_nor_compute_nor_see_paths() {
	let api = api(FakeEngine::identity().state(), DenyUnsafe::Yes);
	let content = text(&hash(b"abc"));
	for (method, params) in [
		("blob_put", json!([content, 3, 0, hex(b"abc")])),
		("blob_fetch", json!([content, 3])),
		("blob_pin", json!([content])),
		("blob_unpin", json!([content])),
		("blob_verify", json!([content])),
		("inference_admit", json!([content, 3, hex(&manifest().encode())])),
		("inference_dryRun", json!([content, hex(&manifest().encode()), "0x"])),
	] {
		assert_eq!(api.error(method, params).await.0, -32601, "{method}");
	}
	assert_eq!(api.ok("inference_status", json!([])).await["library"]["path"], Value::Null);
	api.store.put_bytes(b"abc").unwrap();
	assert_eq!(api.ok("blob_get", json!([content, 0, 9])).await, hex(b"abc"));
	assert_eq!(api.ok("blob_stat", json!([content])).await, json!({ "size": 3 }));
	assert_eq!(api.ok("blob_list", json!([])).await[0]["hash"], content);
}

#[tokio::test]
async fn a_blob_is_put_in_chunks_and_read_in_ranges() {
	let api = local();
	let bytes: Vec<u8> = (0..MAX_CHUNK + 5).map(|i| i as u8).collect();
	let (content, size) = (text(&hash(&bytes)), bytes.len());
	assert_eq!(api.ok("blob_stat", json!([content])).await, Value::Null);
	let put = api.ok("blob_put", json!([content, size, 0, hex(&bytes[..MAX_CHUNK])])).await;
	assert_eq!(put, json!({ "hash": content, "received": MAX_CHUNK, "complete": false }));
	// A client that lost its place is told it.
	let (code, data) = api.error("blob_put", json!([content, size, 0, hex(&bytes[..9])])).await;
	assert_eq!((code, data), (9208, json!({ "expected": MAX_CHUNK })));
	let prefixed = format!("0x{content}");
	let put =
		api.ok("blob_put", json!([prefixed, size, MAX_CHUNK, hex(&bytes[MAX_CHUNK..])])).await;
	assert_eq!(put, json!({ "hash": content, "received": size, "complete": true }));
	let read = api.ok("blob_get", json!([content, 3, MAX_CHUNK])).await;
	assert_eq!(read, hex(&bytes[3..MAX_CHUNK + 3]));
	assert_eq!(api.ok("blob_get", json!([content, size, 1])).await, "0x");
}

/// The store alone has no peers to ask.
#[tokio::test]
async fn a_blob_is_fetched_if_it_is_to_be_had() {
	let api = local();
	let content = text(&api.store.put_bytes(b"abc").unwrap());
	let fetched = api.ok("blob_fetch", json!([content, 3])).await;
	assert_eq!(fetched, json!({ "hash": content, "received": 3, "complete": true }));
	assert_eq!(api.error("blob_fetch", json!([content, 4])).await.0, 9207);
	assert_eq!(api.error("blob_fetch", json!([text(&ABSENT), 3])).await.0, 9201);
}

#[tokio::test]
async fn each_wrong_call_on_blobs_has_its_code() {
	let api = local();
	let content = text(&hash(b"abc"));
	for (method, params, expected) in [
		("blob_stat", json!(["zz"]), -32602),
		("blob_get", json!([text(&ABSENT), 0, 1]), 9201),
		("blob_get", json!([content, 0, MAX_CHUNK + 1]), -32602),
		("blob_put", json!([content, 1u64 << 40, 0, "0x"]), 9204),
		("blob_put", json!([content, 2, 0, hex(b"abc")]), 9204),
		("blob_put", json!([content, 3, 0, hex(b"xyz")]), 9206),
		("blob_put", json!([content, MAX_CHUNK + 1, 0, hex(&[0; MAX_CHUNK + 1])]), -32602),
		("blob_list", json!(["zz"]), -32602),
		("blob_pin", json!(["zz"]), -32602),
		("blob_pin", json!([text(&ABSENT)]), 9201),
		("blob_unpin", json!([text(&ABSENT)]), 9201),
		("blob_verify", json!([text(&ABSENT)]), 9201),
	] {
		assert_eq!(api.error(method, params).await.0, expected, "{method}");
	}
}

#[tokio::test]
async fn a_full_store_and_too_many_uploads_have_their_codes() {
	let api = local_with(Limits { bytes: 10, uploads: 2, ..Default::default() });
	let put = async |bytes: &[u8], length: usize| {
		let content = text(&hash(bytes));
		api.call("blob_put", json!([content, bytes.len(), 0, hex(&bytes[..length])])).await
	};
	let code = async |bytes: &[u8]| put(bytes, 0).await["error"]["code"].as_i64();
	// What is announced counts, before a byte of it is there.
	assert_eq!(put(b"01234", 1).await["result"]["received"], 1);
	assert_eq!(code(b"abcdef").await, Some(9202));
	assert_eq!(put(b"abcde", 1).await["result"]["received"], 1);
	assert_eq!(code(b"x").await, Some(9205));
	// A place is free again with the end of an upload, the room it took is not.
	let rest = json!([text(&hash(b"01234")), 5, 1, hex(b"1234")]);
	assert_eq!(api.ok("blob_put", rest).await["complete"], true);
	assert_eq!(code(b"x").await, Some(9202));
	assert_eq!(api.store.usage().bytes, 5);
}

#[tokio::test]
async fn another_size_than_the_blob_has_is_told() {
	let api = local();
	let content = text(&api.store.put_bytes(b"abc").unwrap());
	let error = &api.call("blob_put", json!([content, 4, 0, hex(b"abcd")])).await["error"];
	assert_eq!(error["code"], 9207);
	assert_eq!(error["message"], "the blob has 3 bytes, not 4");
	assert_eq!(api.ok("blob_stat", json!([content])).await, json!({ "size": 3 }));
}

/// The file of the upload is a device on which nothing has room.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_told_and_the_upload_goes_on_when_there_is_room() {
	let api = local();
	let content = hash(b"abc");
	let put = json!([text(&content), 3, 0, hex(b"abc")]);
	std::os::unix::fs::symlink("/dev/full", api.partial(&content, 3)).unwrap();
	assert_eq!(api.error("blob_put", put.clone()).await, (9203, Value::Null));
	fs::remove_file(api.partial(&content, 3)).unwrap();
	assert_eq!(api.ok("blob_put", put).await["complete"], true);
	assert_eq!(api.store.get_range(&content, 0, 9).unwrap(), b"abc");
}

#[tokio::test]
async fn a_file_system_that_fails_is_told() {
	let api = local();
	let content = hash(b"abc");
	fs::create_dir(api.partial(&content, 3)).unwrap();
	let put = json!([text(&content), 3, 0, hex(b"abc")]);
	assert_eq!(api.error("blob_put", put).await, (9209, Value::Null));
}

#[tokio::test]
async fn a_list_goes_on_after_a_blob() {
	let api = local();
	let mut hashes: Vec<_> = [b"a", b"b", b"c"].map(|b| api.store.put_bytes(b).unwrap()).into();
	hashes.sort();
	let rest = api.ok("blob_list", json!([text(&hashes[0])])).await;
	let rest: Vec<_> = rest.as_array().unwrap().iter().map(|blob| blob["hash"].clone()).collect();
	assert_eq!(rest, [text(&hashes[1]), text(&hashes[2])]);
}

#[tokio::test]
async fn a_list_says_what_stays_and_how_much_is_there() {
	let api = local();
	let size = 2 * RANGE;
	let dir = TempDir::new().unwrap();
	let from = Store::open(dir.path(), Limits::default()).unwrap();
	let content = from.put_bytes(&vec![1; size as usize]).unwrap();
	let download = api.store.download(&content, size).unwrap();
	let listed = async || api.ok("blob_list", json!([])).await[0].clone();
	for (index, complete) in [(0, false), (1, true)] {
		let encoded = from.encode_range(&content, size, index).unwrap();
		download.accept(index, &encoded).unwrap();
		let mut blob = listed().await;
		assert!(blob["lastUsed"].take().as_u64().unwrap() > 1_700_000_000);
		let received = (index + 1) * RANGE;
		assert_eq!(
			blob,
			json!({
				"hash": text(&content), "size": size, "received": received,
				"complete": complete, "pinned": false, "kept": false, "lastUsed": null,
			})
		);
	}
	api.ok("blob_pin", json!([text(&content)])).await;
	assert_eq!(listed().await["pinned"], true);
	api.ok("blob_unpin", json!([text(&content)])).await;
	assert_eq!(listed().await["pinned"], false);
	api.store.set_kept([content].into());
	assert_eq!(listed().await["kept"], true);
}

#[tokio::test]
async fn a_blob_that_rots_is_found_and_removed() {
	let api = local();
	let (good, bad) =
		(api.store.put_bytes(b"good").unwrap(), api.store.put_bytes(b"bad!").unwrap());
	let path = api.store.path_if_present(&bad).unwrap();
	fs::remove_file(&path).unwrap();
	fs::write(&path, b"evil").unwrap();
	assert_eq!(api.ok("blob_verify", json!([text(&good)])).await, true);
	assert_eq!(api.ok("blob_verify", json!([text(&bad)])).await, false);
	assert_eq!(api.error("blob_verify", json!([text(&bad)])).await.0, 9201);
}

#[tokio::test]
async fn a_dry_run_gives_outputs_of_any_size() {
	let api = local();
	let content = text(&api.store.put_bytes(MODEL).unwrap());
	let inputs = blob("x", &[1.0; 20_000]);
	let params = json!([content, hex(&manifest().encode()), hex(&inputs.encode())]);
	let run = api.ok("inference_dryRun", params).await;
	assert_eq!(run["micros"], 5);
	let outputs: Bytes = serde_json::from_value(run["outputs"].clone()).unwrap();
	assert_eq!(decode_tensors(&outputs), Some(blob("y", &[1.0; 20_000])));
}

#[tokio::test]
async fn a_dry_run_that_cannot_be_says_why() {
	let api = api(FakeEngine::new(|_| Err(JobFailure::Crashed)).state(), DenyUnsafe::No);
	let content = text(&api.store.put_bytes(MODEL).unwrap());
	let (good, inputs) = (hex(&manifest().encode()), hex(&blob("x", &[1.0]).encode()));
	let wrong = hex(&blob("z", &[1.0]).encode());
	for (params, expected) in [
		(json!([content, "0x00", inputs]), -32602),
		(json!([content, good, "0x00ff"]), -32602),
		(json!([content, good, wrong]), -32602),
		(json!([text(&ABSENT), good, inputs]), 9201),
	] {
		assert_eq!(api.error("inference_dryRun", params).await.0, expected);
	}
	let (code, data) = api.error("inference_dryRun", json!([content, good, inputs])).await;
	assert_eq!((code, data), (9102, json!({ "failure": "crashed" })));
}

#[tokio::test]
async fn who_would_compute_while_as_many_do_as_may_is_told_to_come_again() {
	let engine = FakeEngine::identity();
	let api = api(engine.state(), DenyUnsafe::No);
	let content = text(&api.store.put_bytes(MODEL).unwrap());
	let inputs = hex(&blob("x", &[1.0]).encode());
	let params = json!([content, hex(&manifest().encode()), inputs]);
	let run = || api.ok("inference_dryRun", params.clone());
	engine.shut();
	let busy = async {
		while engine.runs() < 2 {
			tokio::time::sleep(Duration::from_millis(1)).await;
		}
		let refused = api.error("inference_dryRun", params.clone()).await;
		engine.open();
		refused
	};
	let all = async { tokio::join!(run(), run(), busy) };
	let (first, second, refused) = tokio::time::timeout(PATIENCE, all).await.unwrap();
	assert_eq!(refused, (9100, Value::Null));
	assert_eq!((&first["micros"], &second["micros"]), (&json!(5), &json!(5)));
	assert_eq!(run().await["micros"], 5);
}

#[tokio::test]
async fn an_admission_says_how_long_a_run_takes_or_why_not() {
	let api = local();
	let content = text(&api.store.put_bytes(MODEL).unwrap());
	let admit = async |size: usize, manifest: &jurat_primitives::Manifest| {
		let params = json!([content, size, hex(&manifest.encode())]);
		api.ok("inference_admit", params).await
	};
	assert_eq!(admit(MODEL.len(), &manifest()).await, json!({ "ok": true, "micros": 1234 }));
	let mut other = manifest();
	other.opset = 19;
	assert_eq!(admit(MODEL.len(), &other).await, json!({ "ok": false, "reason": "opset" }));
	// The file as it is told: the store has a look for itself.
	other.opset = 18;
	let damaged = json!({ "ok": false, "reason": "the file was damaged on disk and is removed" });
	assert_eq!(admit(MODEL.len(), &other).await, damaged);
	assert_eq!(admit(1, &manifest()).await["ok"], false);
	let mut flawed = manifest();
	flawed.compute_units = 0;
	let params = json!([content, MODEL.len(), hex(&flawed.encode())]);
	assert_eq!(api.error("inference_admit", params).await.0, -32602);
}
