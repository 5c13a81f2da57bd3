// SPDX-License-Identifier: Apache-2.0
//! What a node learns of a model before it announces that it serves it.

mod common;

use common::*;
use jurat_engine::{AdmissionError, EngineConfig, Executor, Model, answer};
use jurat_onnx::{Activations, ManifestOptions, build, proto::ModelProto};
use jurat_primitives::{Answer, ContentHash, ElementType, JobFailure, manifest::SignatureError};
use std::{
	fs,
	time::{Duration, Instant},
};

#[test]
fn a_model_that_keeps_its_promises_is_admitted_with_its_cost() {
	let directory = tempfile::tempdir().unwrap();
	let executor = executor();
	let model = publish(&directory, &product());
	let admission = executor.admit(&model, in_time()).unwrap();
	assert_eq!(admission.facts.operators, ["MatMul"]);
	assert!(admission.micros < 1_000_000);
	assert!(admission.session_bytes > 0);
	assert!(admission.peak_bytes.unwrap() > 1 << 20);
	let stats = executor.stats();
	assert_eq!((stats.admitted, stats.refused, stats.busy), (1, 0, 0));

	let inputs = tensors(vec![("x", floats(&[1, 3], &[1.0, 1.0, 1.0]))]);
	let result = executor.run(&model, inputs, in_time());
	assert!(matches!(answer(result, &model.manifest), Answer::Output(_)));
	assert_eq!(executor.stats().cache_hits, 1);
}

fn refused(executor: &Executor, model: &Model) -> AdmissionError {
	executor.admit(model, in_time()).unwrap_err()
}

#[test]
fn each_refusal_is_named() {
	let directory = tempfile::tempdir().unwrap();
	let executor = executor();
	let model = publish(&directory, &product());

	let missing = Model { path: "/nonexistent".into(), ..model.clone() };
	assert!(matches!(refused(&executor, &missing), AdmissionError::Missing(_)));
	let wrong = Model { content: ContentHash([7; 32]), ..model.clone() };
	let found = model.content;
	assert_eq!(refused(&executor, &wrong), AdmissionError::WrongContent { found });
	let mut other = model.clone();
	other.manifest.inputs[0].element_type = ElementType::F64;
	assert!(matches!(refused(&executor, &other), AdmissionError::Mismatch(_)));

	let mut external = product();
	external.graph.as_mut().unwrap().initializer[0].data_location = 1;
	let external = build::file(&external);
	let path = directory.path().join("external");
	fs::write(&path, &external).unwrap();
	let content = ContentHash(*blake3::hash(&external).as_bytes());
	let external = Model { content, path, ..model };
	assert!(matches!(refused(&executor, &external), AdmissionError::Refused(_)));

	// an operator that is younger than the file's operator set
	let mut unknown = doubling();
	let gelu = build::node("Gelu", &["x"], &["y"]);
	unknown.graph.as_mut().unwrap().node = vec![gelu];
	let unknown = publish(&directory, &unknown);
	assert!(matches!(refused(&executor, &unknown), AdmissionError::NotLoaded(_)));

	// ONNX Runtime computes in advance what is constant
	let mut crashing = crashing();
	let graph = crashing.graph.as_mut().unwrap();
	let number = |name, value: i32| {
		build::constant(name, ElementType::I32, &[1], value.to_le_bytes().to_vec())
	};
	graph.initializer = vec![number("least", i32::MIN), number("minus", -1)];
	graph.node.push(build::node("Div", &["least", "minus"], &["dead"]));
	let z = build::value("dead", ElementType::I32, [build::fixed(1)]);
	graph.output.push(z);
	let crashing = publish(&directory, &crashing);
	let crashed = AdmissionError::LoadFailed(JobFailure::Crashed);
	assert_eq!(refused(&executor, &crashing), crashed);

	// hours, on any input
	let mut endless = looping();
	let graph = endless.graph.as_mut().unwrap();
	let more = build::ints("more", &[], &[i64::MAX]);
	graph.node[0] = build::node("Max", &["times", "more"], &["few"]);
	graph.node.insert(1, build::node("Min", &["few", "most"], &["bounded"]));
	graph.node[2].input[0] = "bounded".into();
	graph.initializer.push(more);
	let endless = publish(&directory, &endless);
	let soon = Instant::now() + Duration::from_millis(500);
	let timed_out = AdmissionError::ProbeLost(JobFailure::TimedOut);
	assert_eq!(executor.admit(&endless, soon), Err(timed_out));

	// y = x[1000]: no input of at most 64 elements has it
	let x = build::value("x", ElementType::F32, [build::symbol("N")]);
	let y = build::value("y", ElementType::F32, []);
	let gather = build::node("Gather", &["x", "i"], &["y"]);
	let index = build::ints("i", &[], &[1000]);
	let failing = build::model(build::graph([x], [y], [gather], [index]), 17);
	let failing = publish(&directory, &failing);
	assert!(matches!(refused(&executor, &failing), AdmissionError::ProbeFailed(_)));

	let stats = executor.stats();
	assert_eq!((stats.admitted, stats.refused), (0, 8));
	executor.shutdown();
	let model = publish(&directory, &product());
	let closed = AdmissionError::Unavailable(JobFailure::EngineUnavailable);
	assert_eq!(refused(&executor, &model), closed);
}

/// y[M] = x[N], with `M` free.
fn renamed() -> ModelProto {
	let x = build::value("x", ElementType::F32, [build::symbol("N")]);
	let y = build::value("y", ElementType::F32, [build::symbol("M")]);
	build::model(build::graph([x], [y], [build::node("Relu", &["x"], &["y"])], []), 17)
}

#[test]
fn outputs_must_fit_the_manifest_and_be_small_enough_at_least_once() {
	let directory = tempfile::tempdir().unwrap();
	let executor = executor();
	let sizes = |n: u64, m: u64| ManifestOptions {
		symbol_overrides: [("N".to_string(), n), ("M".to_string(), m)].into(),
		..Default::default()
	};
	let beyond = publish_with(&directory, &renamed(), &sizes(64, 32));
	let error = AdmissionError::Output(SignatureError::Dimension);
	assert_eq!(refused(&executor, &beyond), error);
	// `Relu` is exact: 64 KiB
	let large = publish_with(&directory, &renamed(), &sizes(1 << 20, 1 << 20));
	executor.admit(&large, in_time()).unwrap();
	let x = build::value("x", ElementType::F32, [build::fixed(20_000)]);
	let y = build::value("y", ElementType::F32, [build::fixed(20_000)]);
	let relu = build::node("Relu", &["x"], &["y"]);
	let always = build::model(build::graph([x], [y], [relu], []), 17);
	let always = publish(&directory, &always);
	assert_eq!(refused(&executor, &always), AdmissionError::OutputTooLarge);
	let x = build::value("x", ElementType::F32, [build::fixed(1 << 25)]);
	let y = build::value("y", ElementType::F32, [build::fixed(1 << 25)]);
	let relu = build::node("Relu", &["x"], &["y"]);
	let huge = build::model(build::graph([x], [y], [relu], []), 17);
	let huge = publish(&directory, &huge);
	assert_eq!(refused(&executor, &huge), AdmissionError::ProbeTooLarge);
}

#[test]
fn a_model_that_loads_too_long_is_not_admitted_and_its_jobs_are_rejected() {
	let directory = tempfile::tempdir().unwrap();
	let model = publish(&directory, &product());
	let config = EngineConfig { load_timeout: Duration::from_secs(1), ..config() };
	let executor = Executor::start(EngineConfig { worker: noting(directory.path()), ..config });
	let executor = executor.unwrap();
	// A child that does not get on with it: it is stopped.
	let hang = || {
		all_started(&executor);
		signal_noted(directory.path(), "-STOP");
	};
	hang();
	let rejected = AdmissionError::LoadFailed(JobFailure::ModelRejected);
	assert_eq!(refused(&executor, &model), rejected);
	let inputs = || tensors(vec![("x", floats(&[1, 3], &[1.0, 1.0, 1.0]))]);
	hang();
	let result = executor.run(&model, inputs(), in_time());
	assert_eq!(result, Err(JobFailure::ModelRejected));
	hang();
	let soon = Instant::now() + Duration::from_millis(500);
	assert_eq!(executor.run(&model, inputs(), soon), Err(JobFailure::TimedOut));
	assert_eq!(executor.stats().kills, 3);
}

/// A quantised product: x[2] → quantised to `element`, times s8 weights.
fn quantised(element: ElementType) -> ModelProto {
	let scalar = |name| build::floats(name, &[], &[0.5]);
	let zero = |name, element| build::constant(name, element, &[], vec![0]);
	let x = build::value("x", ElementType::F32, [build::symbol("N"), build::fixed(2)]);
	let y = build::value("y", ElementType::F32, [build::symbol("N"), build::fixed(1)]);
	let weights = build::constant("w", ElementType::I8, &[2, 1], vec![3, 0xff]);
	let nodes = [
		build::node("QuantizeLinear", &["x", "s", "z"], &["q"]),
		build::node("DequantizeLinear", &["q", "s", "z"], &["d"]),
		build::node("DequantizeLinear", &["w", "s", "zw"], &["dw"]),
		build::node("MatMul", &["d", "dw"], &["p"]),
		build::node("QuantizeLinear", &["p", "s", "z"], &["qp"]),
		build::node("DequantizeLinear", &["qp", "s", "z"], &["y"]),
	];
	let constants = [scalar("s"), zero("z", element), zero("zw", ElementType::I8), weights];
	build::model(build::graph([x], [y], nodes, constants), 17)
}

#[test]
fn unsigned_and_signed_quantised_models_load_and_give_the_same() {
	let directory = tempfile::tempdir().unwrap();
	let executor = executor();
	for (element, activations) in
		[(ElementType::U8, Activations::Unsigned), (ElementType::I8, Activations::Signed)]
	{
		let model = publish(&directory, &quantised(element));
		assert_eq!(executor.admit(&model, in_time()).unwrap().facts.activations, activations);
		let inputs = tensors(vec![("x", floats(&[1, 2], &[4.0, 2.0]))]);
		let output = executor.run(&model, inputs, in_time()).unwrap();
		// 4 · 1.5 − 2 · 0.5
		assert_eq!(output.outputs, tensors(vec![("y", floats(&[1, 1], &[5.0]))]));
	}
}
