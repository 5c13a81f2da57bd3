// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! From one job to one answer: each failure has its way in.

use super::{
	super::{
		admit::Admitted,
		engine::EngineState,
		executor::{Answerer, Executor, MAX_INPUT_BYTES},
	},
	ABSENT, FakeEngine, MODEL, Stalling, blob, blob_input, inline, job, job_by_hash, name,
};
use jurat_primitives::{
	Answer, JobFailure, NumericProfile, RequestInput, Tensors,
	mailbox::{Job, JobResult},
	profile::{Bounds, Tolerance},
	tensor::BlobTensors,
};
use jurat_store::{Limits, Store};
use std::{
	fs,
	sync::Arc,
	time::{Duration, Instant},
};
use tempfile::TempDir;

struct Fixture {
	store: Store,
	engine: Arc<FakeEngine>,
	executor: Executor,
	_dir: TempDir,
}

impl Fixture {
	fn new(engine: Arc<FakeEngine>) -> Self {
		let dir = TempDir::new().unwrap();
		let store = Store::open(dir.path(), Limits::default()).unwrap();
		store.put_bytes(MODEL).unwrap();
		let executor = Executor::new(engine.state(), Arc::new(store.clone()));
		Self { store, engine, executor, _dir: dir }
	}

	/// The answer to job 1 after a change to it.
	fn answer(&self, change: impl FnOnce(&mut Job)) -> JobResult {
		let (_, mut job) = job(1);
		change(&mut job);
		self.executor.answer(&job, Instant::now() + Duration::from_secs(60))
	}

	fn failure(&self, change: impl FnOnce(&mut Job)) -> JobFailure {
		match self.answer(change).answer {
			Answer::Failure(failure) => failure,
			Answer::Output(output) => panic!("{output:?}"),
		}
	}

	fn output(&self, change: impl FnOnce(&mut Job)) -> Tensors {
		match self.answer(change).answer {
			Answer::Output(output) => output,
			Answer::Failure(failure) => panic!("{failure}"),
		}
	}
}

/// An engine that gives these values, whatever it is asked.
fn giving(outputs: BlobTensors) -> Fixture {
	Fixture::new(FakeEngine::new(move |_| Ok(outputs.clone())))
}

fn identity() -> Fixture {
	Fixture::new(FakeEngine::identity())
}

fn same(_: &mut Job) {}

#[test]
fn an_inline_input_gives_an_output() {
	let fixture = identity();
	let mut expected = inline(&[1.0]);
	expected[0].name = name("y");
	assert_eq!(fixture.output(same), expected);
	assert_eq!(fixture.engine.seen.lock()[..], [blob("x", &[1.0])]);
}

#[test]
fn an_input_by_hash_gives_the_same_output_as_inline() {
	let fixture = identity();
	let (bytes, input) = blob_input(&blob("x", &[1.0]));
	fixture.store.put_bytes(&bytes).unwrap();
	assert_eq!(fixture.output(|job| job.input = input), fixture.output(same));
}

#[test]
fn without_an_engine_the_failure_says_so() {
	let mut fixture = identity();
	let blobs = Arc::new(fixture.store.clone());
	fixture.executor = Executor::new(EngineState::Unavailable("none".into()), blobs);
	assert_eq!(fixture.failure(same), JobFailure::EngineUnavailable);
}

#[test]
fn a_model_that_is_not_here_or_has_another_size_is_not_run() {
	let fixture = identity();
	assert_eq!(fixture.failure(|job| job.content = ABSENT), JobFailure::ModelUnavailable);
	assert_eq!(fixture.failure(|job| job.size += 1), JobFailure::ModelRejected);
	assert_eq!(fixture.engine.runs(), 0);
}

#[test]
fn an_inline_input_that_does_not_fit_the_manifest_is_not_run() {
	let fixture = identity();
	let mut renamed = inline(&[1.0]);
	renamed[0].name = name("z");
	for input in [Tensors::default(), renamed, inline(&[f32::NAN])] {
		let failure = fixture.failure(|job| job.input = RequestInput::Inline(input));
		assert_eq!(failure, JobFailure::InputMismatch);
	}
	assert_eq!(fixture.engine.runs(), 0);
	let nan = RequestInput::Inline(inline(&[f32::NAN]));
	fixture.output(|job| {
		job.input = nan;
		job.manifest.allow_nan = true;
	});
}

#[test]
fn an_input_blob_must_be_here_and_undamaged() {
	let fixture = identity();
	let (bytes, input) = blob_input(&blob("x", &[1.0]));
	let failure = fixture.failure(|job| job.input = input.clone());
	assert_eq!(failure, JobFailure::InputUnavailable);

	let content = fixture.store.put_bytes(&bytes).unwrap();
	let path = fixture.store.path_if_present(&content).unwrap();
	fs::remove_file(&path).unwrap();
	fs::write(&path, vec![0; bytes.len()]).unwrap();
	let failure = fixture.failure(|job| job.input = input.clone());
	assert_eq!(failure, JobFailure::InputUnavailable);
	assert_eq!(fixture.store.stat(&content), None, "a damaged blob is removed");

	fixture.store.put_bytes(&bytes).unwrap();
	fixture.output(|job| job.input = input);
}

#[test]
fn an_input_blob_must_be_what_the_request_says() {
	let fixture = identity();
	let (bytes, input) = blob_input(&blob("x", &[1.0]));
	fixture.store.put_bytes(&bytes).unwrap();
	let RequestInput::Blob { content, size, headers } = input else { unreachable!() };

	let other_size = RequestInput::Blob { content, size: size + 1, headers: headers.clone() };
	assert_eq!(fixture.failure(|job| job.input = other_size), JobFailure::InputMismatch);

	let (_, longer) = blob_input(&blob("x", &[1.0, 2.0]));
	let RequestInput::Blob { headers: other, .. } = longer else { unreachable!() };
	let other_headers = RequestInput::Blob { content, size, headers: other };
	assert_eq!(fixture.failure(|job| job.input = other_headers), JobFailure::InputMismatch);

	let garbage = b"no tensors";
	let content = fixture.store.put_bytes(garbage).unwrap();
	let garbage = RequestInput::Blob { content, size: garbage.len() as u64, headers };
	assert_eq!(fixture.failure(|job| job.input = garbage), JobFailure::InputMismatch);

	let (bytes, nan) = blob_input(&blob("x", &[f32::NAN]));
	fixture.store.put_bytes(&bytes).unwrap();
	assert_eq!(fixture.failure(|job| job.input = nan), JobFailure::InputMismatch);
	assert_eq!(fixture.engine.runs(), 0);
}

#[test]
fn an_input_too_large_to_hold_is_not_read() {
	let fixture = identity();
	let (_, input) = blob_input(&blob("x", &[1.0]));
	let RequestInput::Blob { content, headers, .. } = input else { unreachable!() };
	let input = RequestInput::Blob { content, size: MAX_INPUT_BYTES + 1, headers };
	assert_eq!(fixture.failure(|job| job.input = input), JobFailure::InputUnavailable);
}

#[test]
fn only_what_is_not_here_and_may_come_is_fetched() {
	let fixture = identity();
	let missing = |change: &dyn Fn(&mut Job)| {
		let (_, mut job, _) = job_by_hash(1);
		change(&mut job);
		fixture.executor.missing(&job)
	};
	let resize = |job: &mut Job, to: u64| {
		if let RequestInput::Blob { size, .. } = &mut job.input {
			*size = to;
		}
	};
	assert_eq!(missing(&same), Some(JobFailure::InputUnavailable));
	assert_eq!(missing(&|job| job.content = ABSENT), Some(JobFailure::ModelUnavailable));
	assert_eq!(missing(&|job| resize(job, MAX_INPUT_BYTES + 1)), None, "it would not be read");
	let (_, _, bytes) = job_by_hash(1);
	fixture.store.put_bytes(&bytes).unwrap();
	assert_eq!(missing(&same), None);
	assert_eq!(missing(&|job| resize(job, 1)), None, "it has another size everywhere");
	let (_, inline_job) = job(1);
	assert_eq!(fixture.executor.missing(&inline_job), None);

	let none = EngineState::Unavailable("none".into());
	let without_engine = Executor::new(none, Arc::new(fixture.store.clone()));
	let (_, mut absent) = job(1);
	absent.content = ABSENT;
	assert_eq!(without_engine.missing(&absent), None, "it could not be run anyway");
}

#[test]
fn an_answer_waits_for_no_file() {
	let mut fixture = identity();
	let blobs = Stalling::new(&fixture.store);
	fixture.executor = Executor::new(fixture.engine.state(), blobs.clone());
	let (_, job, bytes) = job_by_hash(1);
	let deadline = Instant::now() + Duration::from_secs(60);
	let failure = Answer::Failure(JobFailure::InputUnavailable);
	assert_eq!(fixture.executor.answer(&job, deadline).answer, failure);
	assert_eq!(blobs.waited(), 0);
	let late = fixture.executor.fetch(&job, Instant::now() + Duration::from_millis(10));
	assert_eq!((late, blobs.waited()), (Err(JobFailure::InputUnavailable), 1));
	fixture.store.put_bytes(&bytes).unwrap();
	assert_eq!(fixture.executor.fetch(&job, Instant::now()), Ok(()));
	assert!(matches!(fixture.executor.answer(&job, deadline).answer, Answer::Output(_)));
}

#[test]
fn nothing_is_run_after_the_deadline() {
	let fixture = identity();
	let (_, job) = job(1);
	let result = fixture.executor.answer(&job, Instant::now());
	assert_eq!(result.answer, Answer::Failure(JobFailure::TimedOut));
	assert_eq!(fixture.engine.runs(), 0);
}

#[test]
fn what_the_engine_fails_with_is_the_answer() {
	for failure in [JobFailure::RunFailed, JobFailure::Crashed, JobFailure::ModelRejected] {
		let fixture = Fixture::new(FakeEngine::new(move |_| Err(failure)));
		assert_eq!(fixture.failure(same), failure);
	}
}

#[test]
fn a_model_file_that_the_engine_finds_damaged_is_removed() {
	let fixture = Fixture::new(FakeEngine::new(|_| Err(JobFailure::ModelUnavailable)));
	let content = job(1).1.content;
	assert_eq!(fixture.failure(same), JobFailure::ModelUnavailable);
	assert!(fixture.store.stat(&content).is_some(), "it is not damaged");
	let path = fixture.store.path_if_present(&content).unwrap();
	fs::remove_file(&path).unwrap();
	fs::write(&path, vec![0; MODEL.len()]).unwrap();
	assert_eq!(fixture.failure(same), JobFailure::ModelUnavailable);
	assert_eq!(fixture.store.stat(&content), None);
}

#[test]
fn an_output_that_does_not_fit_the_manifest_is_no_answer() {
	assert_eq!(giving(blob("z", &[1.0])).failure(same), JobFailure::OutputMismatch);
	assert_eq!(giving(BlobTensors::default()).failure(same), JobFailure::OutputMismatch);
}

#[test]
fn an_output_may_be_as_large_as_its_profile_allows_and_no_larger() {
	let approximate = |job: &mut Job| {
		let tolerance = Bounds { abs: Tolerance(1), rel: Tolerance(1) };
		job.manifest.profile = NumericProfile::Approximate { tolerance, gross: None };
	};
	giving(blob("y", &[1.0; 1000])).output(approximate);
	assert_eq!(giving(blob("y", &[1.0; 1024])).failure(approximate), JobFailure::OutputTooLarge);
	giving(blob("y", &[1.0; 16_000])).output(same);
	// Its bytes alone would fit, its encoding does not; and bytes that would not fit either.
	assert_eq!(giving(blob("y", &[1.0; 16_384])).failure(same), JobFailure::OutputTooLarge);
	assert_eq!(giving(blob("y", &[1.0; 20_000])).failure(same), JobFailure::OutputTooLarge);
}

#[test]
fn every_nan_of_an_output_is_the_same_nan() {
	let odd = giving(blob("y", &[f32::from_bits(0xffc1_2345)])).output(same);
	let even = giving(blob("y", &[f32::from_bits(0x7fc0_0000)])).output(same);
	assert_eq!(odd, even);
}

#[test]
fn what_may_pass_in_a_trial_is_told_from_what_stays() {
	let fixture = Fixture::new(FakeEngine::identity());
	let (_, job) = job(1);
	let admit = |opset| {
		let manifest = jurat_primitives::Manifest { opset, ..job.manifest.clone() };
		let fetched = Instant::now() + Duration::from_secs(60);
		fixture.executor.admit(job.content, job.size, &manifest, fetched, Duration::from_secs(60))
	};
	assert_eq!(admit(17), Admitted::Runs { micros: 1234 });
	assert_eq!(admit(20), Admitted::Missing("busy".into()));
	assert_eq!(admit(19), Admitted::Refused("opset".into()));
}
