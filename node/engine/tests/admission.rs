// SPDX-License-Identifier: Apache-2.0
//! What a node learns of a model before it announces that it serves it.

mod common;

use common::*;
use jurat_engine::{AdmissionError, EngineConfig, Executor, Model, answer, calibration};
use jurat_onnx::{Activations, ManifestOptions, build, proto::ModelProto};
use jurat_primitives::{
	Answer, ContentHash, ElementType, JobFailure, NumericProfile,
	manifest::SignatureError,
	profile::{Bounds, GROSS_FACTOR, Tolerance},
};
use std::{
	fs,
	path::Path,
	thread,
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
	// In a child that did not see it when it was tried.
	let stats = executor.stats();
	assert_eq!((stats.cache_hits, stats.cache_misses), (0, 1));
}

/// Takes hours, on any input.
fn endless() -> ModelProto {
	let mut endless = looping();
	let graph = endless.graph.as_mut().unwrap();
	let more = build::ints("more", &[], &[i64::MAX]);
	graph.node[0] = build::node("Max", &["times", "more"], &["few"]);
	graph.node.insert(1, build::node("Min", &["few", "most"], &["bounded"]));
	graph.node[2].input[0] = "bounded".into();
	graph.initializer.push(more);
	endless
}

#[test]
fn an_admission_that_lasts_keeps_no_job_waiting() {
	let directory = tempfile::tempdir().unwrap();
	let worker = noting(directory.path());
	let executor = Executor::start(EngineConfig { worker, ..config() }).unwrap();
	let (model, endless) = (publish(&directory, &product()), publish(&directory, &endless()));
	let job = || {
		let inputs = tensors(vec![("x", floats(&[1, 3], &[1.0, 1.0, 1.0]))]);
		executor.run(&model, inputs, in_time()).unwrap();
	};
	job();
	let admission = {
		let (executor, endless) = (executor.clone(), endless.clone());
		thread::spawn(move || executor.admit(&endless, in_time()))
	};
	while noted(directory.path()).len() < 2 {
		assert!(!admission.is_finished());
		thread::yield_now();
	}
	// It has the model after a moment.
	thread::sleep(Duration::from_millis(500));
	(0..20).for_each(|_| job());
	assert!(!admission.is_finished());
	let stats = executor.stats();
	assert_eq!((stats.slots, stats.busy, stats.cache_hits), (1, 0, 20), "{stats:?}");

	// Another admission waits for the first.
	let soon = Instant::now() + Duration::from_millis(200);
	let busy = AdmissionError::Unavailable(JobFailure::Overloaded);
	assert_eq!(executor.admit(&model, soon), Err(busy));
	assert_eq!(noted(directory.path()).len(), 2, "no child was started for it");

	executor.shutdown();
	let stopped = AdmissionError::ProbeLost(JobFailure::EngineUnavailable);
	assert_eq!(admission.join().unwrap(), Err(stopped));
}

#[test]
fn each_admission_has_a_child_of_its_own_that_ends_with_it() {
	let directory = tempfile::tempdir().unwrap();
	let worker = noting(directory.path());
	let executor = Executor::start(EngineConfig { worker, ..config() }).unwrap();
	let model = publish(&directory, &product());
	let slot = noted(directory.path());
	let of_trials = || -> Vec<String> {
		noted(directory.path()).into_iter().filter(|child| !slot.contains(child)).collect()
	};
	executor.admit(&model, in_time()).unwrap();
	let wrong = Model { content: ContentHash([7; 32]), ..model.clone() };
	refused(&executor, &wrong);
	let soon = Instant::now() + Duration::from_secs(2);
	executor.admit(&publish(&directory, &endless()), soon).unwrap_err();
	let trials = of_trials();
	assert_eq!(trials.len(), 3, "{trials:?}");
	for child in trials {
		assert!(!Path::new("/proc").join(&child).exists(), "{child} is there still");
	}
	assert!(Path::new("/proc").join(&slot[0]).exists());
	// Nothing of it is counted as what became of jobs.
	let stats = executor.stats();
	assert_eq!((stats.admitted, stats.refused), (1, 2));
	let of_jobs = [stats.stops, stats.kills, stats.crashes, stats.restarts, stats.cache_misses];
	assert_eq!((of_jobs, stats.sessions.len()), ([0; 5], 0), "{stats:?}");
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

	let endless = publish(&directory, &endless());
	let soon = Instant::now() + Duration::from_secs(2);
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
	// Hundreds of products of constants, which ONNX Runtime computes in advance.
	let x = build::value("x", ElementType::F32, [build::fixed(1)]);
	let y = build::value("y", ElementType::F32, [build::fixed(1)]);
	let mut nodes = vec![build::node("Expand", &["zero", "shape"], &["m0"])];
	nodes.extend((0..400).map(|i| {
		let (from, to) = (format!("m{i}"), format!("m{}", i + 1));
		build::node("MatMul", &[&from, "m0"], &[&to])
	}));
	let mut last = build::node("ReduceMax", &["m400"], &["most"]);
	last.attribute.push(build::int_attribute("keepdims", 0));
	nodes.extend([last, build::node("Add", &["x", "most"], &["y"])]);
	let constants =
		[build::floats("zero", &[1], &[0.0]), build::ints("shape", &[2], &[1024, 1024])];
	let slow = publish(&directory, &build::model(build::graph([x], [y], nodes, constants), 17));
	let rejected = AdmissionError::LoadFailed(JobFailure::ModelRejected);
	assert_eq!(refused(&executor, &slow), rejected);
	for child in noted(directory.path()) {
		// That of the trial.
		if !Path::new("/proc").join(&child).exists() {
			fs::remove_file(directory.path().join(format!("{child}.child"))).unwrap();
		}
	}
	// A child that does not get on with it: it is stopped.
	let hang = || {
		all_started(&executor);
		signal_noted(directory.path(), "-STOP");
	};
	let inputs = || tensors(vec![("x", floats(&[1, 3], &[1.0, 1.0, 1.0]))]);
	hang();
	let result = executor.run(&model, inputs(), in_time());
	assert_eq!(result, Err(JobFailure::ModelRejected));
	hang();
	let soon = Instant::now() + Duration::from_millis(500);
	assert_eq!(executor.run(&model, inputs(), soon), Err(JobFailure::TimedOut));
	assert_eq!(executor.stats().kills, 2);
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

/// y[N, 10] = softmax(x[N, 64] · w[64, 10]), in floats.
fn classifier() -> ModelProto {
	let x = build::value("x", ElementType::F32, [build::symbol("N"), build::fixed(64)]);
	let y = build::value("y", ElementType::F32, [build::symbol("N"), build::fixed(10)]);
	let weights: Vec<f32> = (0..640).map(|i| ((i * 37 % 101) as f32 - 50.0) / 64.0).collect();
	let product = build::node("MatMul", &["x", "w"], &["p"]);
	let mut sum = build::node("ReduceSum", &["e", "axis"], &["s"]);
	sum.attribute.push(build::int_attribute("keepdims", 1));
	let nodes = [
		product,
		build::node("Sigmoid", &["p"], &["g"]),
		build::node("Exp", &["g"], &["e"]),
		sum,
		build::node("Div", &["e", "s"], &["y"]),
	];
	let constants = [build::floats("w", &[64, 10], &weights), build::ints("axis", &[1], &[1])];
	build::model(build::graph([x], [y], nodes, constants), 17)
}

fn stating(tolerance: u64, gross: Option<u64>) -> ManifestOptions {
	let bounds = |units| Bounds { abs: Tolerance(units), rel: Tolerance(units) };
	let profile =
		NumericProfile::Approximate { tolerance: bounds(tolerance), gross: gross.map(bounds) };
	let symbol_overrides = [("N".to_string(), 8)].into();
	ManifestOptions { profile: Some(profile), symbol_overrides, ..Default::default() }
}

#[test]
fn bounds_that_honest_runs_would_break_are_refused_with_what_was_measured() {
	let directory = tempfile::tempdir().unwrap();
	let executor = executor();
	let publish = |options| publish_with(&directory, &classifier(), &options);
	// 10⁻⁵, and a thousand times that
	let admission =
		executor.admit(&publish(stating(10_000_000, Some(10_000_000_000))), in_time()).unwrap();
	let measured = admission.spread.bounds();
	println!("measured {measured:?} in {} comparisons", admission.spread.comparisons);
	assert!(admission.spread.comparisons >= 15, "{}", admission.spread.comparisons);
	// The last bits of numbers below one differ, and nothing more.
	assert!(!admission.spread.is_zero());
	assert!((1..1_000_000).contains(&measured.abs.0), "{measured:?}");

	// no room at all
	let none = publish(stating(0, None));
	let stated = Bounds::default();
	let tight = AdmissionError::ToleranceTooTight { measured, stated };
	assert_eq!(refused(&executor, &none), tight);
	// ten times the tolerance, as the chain wants it, and not ten times what was measured
	let narrow = publish(stating(measured.abs.0 / 2, Some(measured.abs.0 * 6)));
	match refused(&executor, &narrow) {
		AdmissionError::GrossTooTight { measured: again, stated } => {
			assert_eq!((again, stated.abs.0), (measured, measured.abs.0 * 6));
		},
		other => panic!("{other}"),
	}
	// just enough
	executor
		.admit(&publish(stating(measured.abs.0, Some(measured.abs.0 * 10))), in_time())
		.unwrap();
	// What was asked of the process to measure is not how it answers afterwards.
	let fine = publish(stating(10_000_000, None));
	let zeros = || tensors(vec![("x", floats(&[1, 64], &[0.0; 64]))]);
	let first = executor.run(&fine, zeros(), in_time()).unwrap();
	executor.admit(&fine, in_time()).unwrap();
	assert_eq!(executor.run(&fine, zeros(), in_time()).unwrap().outputs, first.outputs);
	assert_eq!(executor.stats().restarts, 0);
}

#[test]
fn the_examples_leave_room_for_honest_machines() {
	let directory = tempfile::tempdir().unwrap();
	let executor = executor();
	for name in ["digits.onnx", "digits-int8.onnx", "identity.onnx"] {
		// From the folder of the package, in which tests run.
		let path = Path::new("../../scripts/models").join(name);
		let file = fs::read(path).unwrap();
		let facts = jurat_onnx::inspect(&file).unwrap();
		let manifest = jurat_onnx::derive_manifest(&facts, &Default::default()).unwrap();
		let content = ContentHash(*blake3::hash(&file).as_bytes());
		let path = directory.path().join(name);
		fs::write(&path, file).unwrap();
		let model = Model { content, manifest, path };
		let admission = executor.admit(&model, in_time()).unwrap();
		let (spread, micros) = (&admission.spread, admission.micros);
		println!("{name}: {micros} µs, {:?}, {} comparisons", spread.bounds(), spread.comparisons);
		assert!(spread.comparisons >= 6, "{name}: {}", spread.comparisons);
		let exact = model.manifest.profile == NumericProfile::Exact;
		assert!(!exact || spread.is_zero(), "{name}");
		let tolerance = jurat_onnx::derive::DEFAULT_TOLERANCE;
		assert!(spread.within(&tolerance, GROSS_FACTOR), "{name}: {spread:?}");
	}
}

#[test]
fn a_run_that_costs_more_than_its_compute_units_buy_is_not_admitted() {
	let directory = tempfile::tempdir().unwrap();
	let executor = executor();
	// 6 products of 1024 · 1024 · 1024: far above what one unit buys, on any machine
	let x = build::value("x", ElementType::F32, [build::fixed(1)]);
	let y = build::value("y", ElementType::F32, []);
	let mut nodes = vec![build::node("Expand", &["x", "shape"], &["m0"])];
	nodes.extend((0..6).map(|i| {
		let (from, to) = (format!("m{i}"), format!("m{}", i + 1));
		build::node("MatMul", &[&from, "m0"], &[&to])
	}));
	let mut last = build::node("ReduceMax", &["m6"], &["y"]);
	last.attribute.push(build::int_attribute("keepdims", 0));
	nodes.push(last);
	let shape = build::ints("shape", &[2], &[1024, 1024]);
	let slow = build::model(build::graph([x], [y], nodes, [shape]), 17);
	let cheap = publish(&directory, &slow);
	let AdmissionError::TooSlow { micros, allowed } = refused(&executor, &cheap) else {
		panic!("admitted, or refused for another reason");
	};
	assert!(micros > allowed && allowed >= calibration::FLOOR_MICROS, "{micros} {allowed}");
	let honest = ManifestOptions {
		compute_units: u32::try_from(micros.div_ceil(1000)).unwrap(),
		..Default::default()
	};
	executor.admit(&publish_with(&directory, &slow, &honest), in_time()).unwrap();
}

#[test]
fn an_output_that_must_be_equal_and_is_not_is_named() {
	let directory = tempfile::tempdir().unwrap();
	let executor = executor();
	// The bits of the floats, as integers: whatever differs, differs as a whole.
	let mut bits = classifier();
	let graph = bits.graph.as_mut().unwrap();
	graph.node[4].output[0] = "f".into();
	let mut cast = build::node("BitCast", &["f"], &["y"]);
	cast.attribute.push(build::int_attribute("to", i64::from(ElementType::I32.onnx_code())));
	graph.node.push(cast);
	let dims = [build::symbol("N"), build::fixed(10)];
	graph.output[0] = build::value("y", ElementType::I32, dims);
	bits.opset_import[0].version = 26;
	let options = stating(10_000_000, None);
	let bits = publish_with(&directory, &bits, &options);
	assert_eq!(refused(&executor, &bits), AdmissionError::Unequal { output: "y".into() });
}
