// SPDX-License-Identifier: Apache-2.0
//! Models written by hand, and executors to run them. ONNX Runtime is the real one.

#![allow(dead_code)]

use jurat_engine::{EngineConfig, Executor, Model, WorkerCommand};
use jurat_onnx::{ManifestOptions, build, derive_manifest, inspect, proto::ModelProto};
use jurat_primitives::{
	ContentHash, ElementType,
	tensor::{BlobTensor, BlobTensors, NamedTensor, Tensor},
};
use std::{
	fs,
	path::Path,
	process::Command,
	thread,
	time::{Duration, Instant},
};
use tempfile::TempDir;

/// The worker that this crate builds.
pub const WORKER: &str = env!("CARGO_BIN_EXE_jurat-inference-worker");

/// Long enough for anything that is meant to end well, on a busy machine.
pub fn in_time() -> Instant {
	Instant::now() + Duration::from_secs(60)
}

pub fn config() -> EngineConfig {
	EngineConfig::new(WorkerCommand { program: WORKER.into(), args: Vec::new() })
}

pub fn executor() -> Executor {
	Executor::start(config()).expect("ONNX Runtime 1.31.1 is where scripts/setup.sh puts it")
}

/// Writes a model's file, and says what it is.
pub fn publish(directory: &TempDir, model: &ModelProto) -> Model {
	publish_with(directory, model, &ManifestOptions::default())
}

pub fn publish_with(directory: &TempDir, model: &ModelProto, options: &ManifestOptions) -> Model {
	let file = build::file(model);
	let manifest = derive_manifest(&inspect(&file).unwrap(), options).unwrap();
	let content = ContentHash(*blake3::hash(&file).as_bytes());
	let path = directory.path().join(content.to_string());
	fs::write(&path, file).unwrap();
	Model { content, manifest, path }
}

pub fn named(name: &str, tensor: BlobTensor) -> NamedTensor<jurat_primitives::limits::BlobLimit> {
	NamedTensor::new(name, tensor).unwrap()
}

pub fn tensors(tensors: Vec<(&str, BlobTensor)>) -> BlobTensors {
	let tensors: Vec<_> = tensors.into_iter().map(|(name, t)| named(name, t)).collect();
	tensors.try_into().unwrap()
}

pub fn floats(shape: &[u64], values: &[f32]) -> BlobTensor {
	let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
	Tensor::new(ElementType::F32, shape.to_vec(), data).unwrap()
}

pub fn ints(shape: &[u64], values: &[i64]) -> BlobTensor {
	let data = values.iter().flat_map(|value| value.to_le_bytes()).collect();
	Tensor::new(ElementType::I64, shape.to_vec(), data).unwrap()
}

/// y = x, of any element type, with these free dimensions.
pub fn identity(element: ElementType, rank: usize) -> ModelProto {
	let dims = || (0..rank).map(|i| build::symbol(&format!("d{i}"))).collect::<Vec<_>>();
	build::model(
		build::graph(
			[build::value("x", element, dims())],
			[build::value("y", element, dims())],
			[build::node("Identity", &["x"], &["y"])],
			[],
		),
		17,
	)
}

/// y[N] = x[N] + x[N]
pub fn doubling() -> ModelProto {
	let value = |name| build::value(name, ElementType::F32, [build::symbol("N")]);
	let add = build::node("Add", &["x", "x"], &["y"]);
	build::model(build::graph([value("x")], [value("y")], [add], []), 17)
}

/// y[N, 2] = x[N, 3] · w[3, 2]
pub fn product() -> ModelProto {
	let x = build::value("x", ElementType::F32, [build::symbol("N"), build::fixed(3)]);
	let y = build::value("y", ElementType::F32, [build::symbol("N"), build::fixed(2)]);
	let w = build::floats("w", &[3, 2], &[1.0, 10.0, 2.0, 20.0, 3.0, 30.0]);
	let node = build::node("MatMul", &["x", "w"], &["y"]);
	build::model(build::graph([x], [y], [node], [w]), 17)
}

/// y = x + times, in time that grows with the square of `times`: that many boxes lie on each other,
/// and each is compared with all before it. (Loops that depend on inputs are not served.)
pub fn looping() -> ModelProto {
	let scalar = |name| build::value(name, ElementType::I64, []);
	let mut concat = build::node("Concat", &["one", "boxes", "four"], &["shape"]);
	concat.attribute.push(build::int_attribute("axis", 0));
	let mut flat = build::node("Concat", &["one", "one", "boxes"], &["flat"]);
	flat.attribute.push(build::int_attribute("axis", 0));
	let nodes = [
		// A score of one box at least, and of as many as take hours.
		build::node("Min", &["times", "most"], &["few"]),
		build::node("Max", &["few", "single"], &["count"]),
		build::node("Reshape", &["count", "one"], &["boxes"]),
		concat,
		flat,
		build::node("Expand", &["box", "shape"], &["placed"]),
		build::node("Expand", &["score", "flat"], &["scores"]),
		build::node("NonMaxSuppression", &["placed", "scores", "boxes", "overlap"], &["kept"]),
		build::node("Size", &["kept"], &["size"]),
		build::node("Mul", &["size", "zero"], &["nothing"]),
		build::node("Add", &["x", "times"], &["sum"]),
		build::node("Add", &["sum", "nothing"], &["y"]),
	];
	let constants = [
		build::ints("most", &[], &[2_000_000]),
		build::ints("single", &[], &[1]),
		build::ints("one", &[1], &[1]),
		build::ints("four", &[1], &[4]),
		build::ints("zero", &[], &[0]),
		build::floats("box", &[1, 1, 4], &[0.0, 0.0, 1.0, 1.0]),
		build::floats("score", &[1, 1, 1], &[1.0]),
		build::floats("overlap", &[1], &[1.0]),
	];
	build::model(build::graph([scalar("times"), scalar("x")], [scalar("y")], nodes, constants), 17)
}

/// y = x + times, in that many rounds of a loop, each with a product of matrices; at most as many as
/// a loop may have, which take seconds. Between two operators a run can be stopped.
pub fn stoppable() -> ModelProto {
	let scalar = |name| build::value(name, ElementType::I64, []);
	let truth = |name| build::value(name, ElementType::Bool, []);
	let cast = |from: &str, to: &str, element: ElementType| {
		let mut cast = build::node("Cast", &[from], &[to]);
		cast.attribute.push(build::int_attribute("to", element.onnx_code().into()));
		cast
	};
	let mut sum = build::node("ReduceSum", &["product"], &["total"]);
	sum.attribute.push(build::int_attribute("keepdims", 0));
	let body = build::graph(
		[scalar("round"), truth("go"), scalar("so_far")],
		[truth("on"), scalar("then")],
		[
			// Of another matrix each time, so that nothing is computed in advance.
			cast("round", "shift", ElementType::F32),
			build::node("Add", &["matrix", "shift"], &["shifted"]),
			build::node("MatMul", &["shifted", "matrix"], &["product"]),
			sum,
			cast("total", "whole", ElementType::I64),
			build::node("Mul", &["whole", "zero"], &["nothing"]),
			build::node("Add", &["so_far", "one"], &["more"]),
			build::node("Add", &["more", "nothing"], &["then"]),
			build::node("Add", &["round", "one"], &["next"]),
			build::node("Less", &["next", "times"], &["on"]),
		],
		[],
	);
	let mut looped = build::node("Loop", &["most", "begin", "x"], &["y"]);
	looped.attribute.push(build::graph_attribute("body", body));
	let nodes = [build::node("Greater", &["times", "zero"], &["begin"]), looped];
	let side = 192;
	let constants = [
		build::ints("most", &[], &[65_536]),
		build::ints("zero", &[], &[0]),
		build::ints("one", &[], &[1]),
		build::floats("matrix", &[side, side], &vec![0.0; (side * side) as usize]),
	];
	build::model(build::graph([scalar("times"), scalar("x")], [scalar("y")], nodes, constants), 17)
}

pub fn loop_inputs(times: i64, x: i64) -> BlobTensors {
	tensors(vec![("times", ints(&[], &[times])), ("x", ints(&[], &[x]))])
}

/// y = sum of a tensor of `shape` zeros: takes as much memory as it is told.
pub fn hoarding() -> ModelProto {
	let shape = build::value("shape", ElementType::I64, [build::fixed(1)]);
	let y = build::value("y", ElementType::F32, []);
	let mut sum = build::node("ReduceSum", &["zeros"], &["y"]);
	sum.attribute.push(build::int_attribute("keepdims", 0));
	let zeros = build::node("ConstantOfShape", &["shape"], &["zeros"]);
	build::model(build::graph([shape], [y], [zeros, sum], []), 17)
}

/// y = a / b. Kills the process that runs it on [`crash_inputs`]: ONNX Runtime 1.31.1 looks for a
/// division by zero, but not for the other one that integers do not have.
pub fn crashing() -> ModelProto {
	let value = |name| build::value(name, ElementType::I32, [build::fixed(1)]);
	let divide = build::node("Div", &["a", "b"], &["y"]);
	build::model(build::graph([value("a"), value("b")], [value("y")], [divide], []), 17)
}

pub fn crash_inputs() -> BlobTensors {
	let one =
		|value: i32| Tensor::new(ElementType::I32, [1], value.to_le_bytes().to_vec()).unwrap();
	tensors(vec![("a", one(i32::MIN)), ("b", one(-1))])
}

/// Every file below a directory.
pub fn files(directory: &Path) -> Vec<std::path::PathBuf> {
	let mut found = Vec::new();
	for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
		let path = entry.path();
		if path.is_dir() {
			found.extend(files(&path));
		}
		found.push(path);
	}
	found
}

/// A worker that notes its process number in a file of its own before it starts.
pub fn noting(directory: &Path) -> WorkerCommand {
	let script = format!("echo $$ > '{}'/$$.child; exec '{WORKER}'", directory.display());
	WorkerCommand { program: "/bin/sh".into(), args: vec!["-c".into(), script] }
}

/// The process numbers that were noted.
pub fn noted(directory: &Path) -> Vec<String> {
	let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
	let notes = entries.filter(|path| path.extension().is_some_and(|e| e == "child"));
	notes.map(|note| fs::read_to_string(note).unwrap().trim().into()).collect()
}

/// Sends a signal to every child that was noted, once, and returns to how many.
pub fn signal_noted(directory: &Path, signal: &str) -> usize {
	let children = noted(directory);
	for child in &children {
		let kill = Command::new("kill").args([signal, child]).status();
		assert!(kill.unwrap().success());
		fs::remove_file(directory.join(format!("{child}.child"))).unwrap();
	}
	children.len()
}

/// Kills the process whose number is in this file.
pub fn kill(note: &Path) {
	let number = fs::read_to_string(note).unwrap();
	let kill = Command::new("kill").args(["-9", number.trim()]).status();
	assert!(kill.unwrap().success());
}

/// Until no slot is starting its child.
pub fn all_started(executor: &Executor) {
	let started = Instant::now();
	while executor.stats().starting > 0 {
		assert!(started.elapsed() < Duration::from_secs(30));
		thread::yield_now();
	}
}
