// SPDX-License-Identifier: Apache-2.0
//! A machine that computes something else than the others does not answer.

mod common;

use common::*;
use jurat_engine::{AdmissionError, Executor, known_answer::References};
use jurat_primitives::{ElementType, JobFailure, NumericProfile};

#[test]
fn this_machine_computes_what_the_others_do() {
	let executor = executor();
	let answers = executor.known_answers();
	assert_eq!((&answers.integers_wrong, &answers.floats_wrong), (&None, &None), "{answers}");
	// Asking leaves no trace.
	let stats = executor.stats();
	assert!(stats.sessions.is_empty());
	assert_eq!((stats.jobs_done, stats.cache_misses, stats.restarts), (0, 0, 0));
}

#[test]
fn a_machine_that_is_wrong_about_integers_serves_nothing() {
	let directory = tempfile::tempdir().unwrap();
	let (exact, approximate) =
		(publish(&directory, &identity(ElementType::F32, 1)), publish(&directory, &product()));
	assert_eq!(exact.manifest.profile, NumericProfile::Exact);
	assert_ne!(approximate.manifest.profile, NumericProfile::Exact);
	for output in ["product_of_u8", "linear_of_u8", "convolved_of_s8", "widened_of_s8"] {
		let references = References::default().spoilt(output, 0, 1);
		let executor = Executor::start_with(config(), &references).unwrap();
		let wrong = executor.known_answers().integers_wrong.clone().unwrap();
		assert!(wrong.contains(output), "{wrong}");
		let inputs = || tensors(vec![("x", floats(&[1], &[1.0]))]);
		let run = executor.run(&exact, inputs(), in_time());
		assert_eq!(run, Err(JobFailure::EngineUnavailable));
		let inputs = tensors(vec![("x", floats(&[1, 3], &[1.0; 3]))]);
		let run = executor.run(&approximate, inputs, in_time());
		assert_eq!(run, Err(JobFailure::EngineUnavailable));
		for model in [&exact, &approximate] {
			let refused = executor.admit(model, in_time());
			assert_eq!(refused, Err(AdmissionError::KnownAnswer(wrong.clone())));
		}
	}
}

#[test]
fn floats_that_are_near_are_served_and_told_and_those_that_are_far_are_not_served() {
	let directory = tempfile::tempdir().unwrap();
	let (exact, approximate) =
		(publish(&directory, &identity(ElementType::F32, 1)), publish(&directory, &product()));
	let run = |executor: &Executor| {
		let inputs = tensors(vec![("x", floats(&[1], &[1.0]))]);
		executor.run(&exact, inputs, in_time()).unwrap();
		let inputs = tensors(vec![("x", floats(&[1, 3], &[1.0; 3]))]);
		executor.run(&approximate, inputs, in_time())
	};
	// the last bit of the first element; its exponent
	let near = Executor::start_with(config(), &References::default().spoilt("softmax", 0, 1));
	let near = near.unwrap();
	assert!(near.known_answers().floats_near.iter().any(|near| near.starts_with("softmax")));
	run(&near).unwrap();
	let far = Executor::start_with(config(), &References::default().spoilt("gelu", 3, 1)).unwrap();
	assert!(far.known_answers().floats_wrong.as_ref().unwrap().contains("gelu"));
	assert_eq!(run(&far), Err(JobFailure::EngineUnavailable));
	assert!(far.admit(&exact, in_time()).is_ok());
	let refused = far.admit(&approximate, in_time());
	assert!(matches!(refused, Err(AdmissionError::KnownAnswer(_))), "{refused:?}");
}
