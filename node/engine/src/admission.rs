// SPDX-License-Identifier: Apache-2.0
//! [`Executor::admit`]: may this node announce that it serves this release?

use crate::{
	Executor, LOG_TARGET, LoadError, Model, RunError, RunOutput,
	answer::accept,
	calibration,
	pool::Trial,
	probe::{self, Fill, Size},
	shown,
	spread::{Spread, Variant},
};
use jurat_onnx::GraphFacts;
use jurat_primitives::{
	ContentHash, JobFailure, NumericProfile,
	manifest::{SignatureError, check_tensors},
	profile::{Bounds, GROSS_FACTOR},
	tensor::BlobTensors,
};
use std::{fs, time::Instant};

/// Runs that are timed, at most; fewer if the deadline is near.
const PROBES: usize = 5;

/// Made-up inputs on which the spread of honest machines is measured.
const NOISE: [(Size, Fill); 4] = [
	(Size::Largest, Fill::Noise(1)),
	(Size::Largest, Fill::Noise(16)),
	(Size::Smallest, Fill::Noise(1)),
	(Size::Smallest, Fill::Noise(100)),
];

/// What was learnt of a model that this node may serve.
#[derive(Clone, Debug, PartialEq)]
pub struct Admission {
	/// Median time of a run on the largest inputs, in microseconds, after a first run that is not
	/// counted.
	pub micros: u64,
	/// Bytes that its session counts for in the budget.
	pub session_bytes: u64,
	/// Largest resident set of the process that ran it, in bytes, so far: an upper bound. `None`
	/// where the system does not tell.
	pub peak_bytes: Option<u64>,
	/// What is known of the graph.
	pub facts: GraphFacts,
	/// How far runs lie apart that honest machines could make. Compared with the manifest's bounds.
	pub spread: Spread,
}

/// Why this node does not serve a release.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdmissionError {
	/// The file cannot be read.
	#[error("the model file cannot be read: {0}")]
	Missing(String),
	/// The file is another one.
	#[error("the model file has the hash {found}")]
	WrongContent {
		/// The hash it has.
		found: ContentHash,
	},
	/// The file is refused before ONNX Runtime sees it.
	#[error("the model file is refused: {0}")]
	Refused(String),
	/// The file is not what the manifest says.
	#[error("the model file does not fit its manifest: {0}")]
	Mismatch(String),
	/// ONNX Runtime does not load it.
	#[error("ONNX Runtime does not load the model: {0}")]
	NotLoaded(String),
	/// Loading it takes longer than this node allows, or ends the process.
	#[error("loading the model failed: {0}")]
	LoadFailed(JobFailure),
	/// The manifest's fixed sizes are beyond what is probed.
	#[error("inputs of the manifest's sizes are too large to try")]
	ProbeTooLarge,
	/// It gives an error on inputs that fit its manifest: zeros, ones, large and small.
	#[error("the model fails on inputs that fit its manifest: {0}")]
	ProbeFailed(String),
	/// It ends the process on such inputs, or does not end in time.
	#[error("the model does not end well on inputs that fit its manifest: {0}")]
	ProbeLost(JobFailure),
	/// What it gives does not fit the manifest.
	#[error("an output does not fit the manifest: {0}")]
	Output(SignatureError),
	/// Even its smallest output is larger than an answer may be.
	#[error("even the smallest output is larger than an answer may be")]
	OutputTooLarge,
	/// This machine does not compute what its manifest asks for.
	#[error("this machine gave a wrong known answer: {0}")]
	KnownAnswer(String),
	/// A run takes longer than what its compute units buy: see [`calibration`].
	#[error("a run takes {micros} µs, and its compute units buy {allowed} µs on this machine")]
	TooSlow {
		/// Median time of a run on the largest inputs, in microseconds.
		micros: u64,
		/// What it may take here.
		allowed: u64,
	},
	/// Honest answers would lie further apart than the manifest's tolerance, and not be paid.
	#[error(
		"honest runs differ by {:e} absolute, {:e} relative: more than the tolerance of {:e}, {:e}",
		.measured.abs.as_f64(), .measured.rel.as_f64(), .stated.abs.as_f64(), .stated.rel.as_f64()
	)]
	ToleranceTooTight {
		/// The largest differences seen.
		measured: Bounds,
		/// The manifest's tolerance.
		stated: Bounds,
	},
	/// The manifest's gross bound is not [`GROSS_FACTOR`] times what honest answers differ by: an
	/// honest attester could lose stake.
	#[error(
		"honest runs differ by {:e} absolute, {:e} relative: a gross bound of {:e}, {:e} is not \
		 {GROSS_FACTOR} times as wide",
		.measured.abs.as_f64(), .measured.rel.as_f64(), .stated.abs.as_f64(), .stated.rel.as_f64()
	)]
	GrossTooTight {
		/// The largest differences seen.
		measured: Bounds,
		/// The manifest's gross bound.
		stated: Bounds,
	},
	/// The manifest states a gross bound, and the time or the machine did not allow to measure
	/// what it must be wider than.
	#[error("the gross bound could not be compared with what honest runs differ by")]
	Unmeasured,
	/// An output that must be equal everywhere is not: one of an `Exact` release, an integer, a
	/// text, or a number here that is NaN there.
	#[error("the output `{output}` is not the same in all honest runs")]
	Unequal {
		/// Its name.
		output: String,
	},
	/// Another model was tried until the deadline, no child could be started, or the executor is
	/// closed.
	#[error("the executor could not try the model: {0}")]
	Unavailable(JobFailure),
}

impl From<LoadError> for AdmissionError {
	fn from(error: LoadError) -> Self {
		match error {
			LoadError::Missing(why) => Self::Missing(why),
			LoadError::WrongContent { found } => Self::WrongContent { found },
			LoadError::Refused(why) => Self::Refused(why),
			LoadError::Mismatch(why) => Self::Mismatch(why),
			LoadError::Engine(why) => Self::NotLoaded(why),
		}
	}
}

impl Executor {
	/// Tries a model: its hash, its graph, its manifest, and runs on made-up inputs. Blocks until
	/// it knows or the deadline has passed. Takes no slot: a child is started for it and killed
	/// afterwards. One model is tried at a time; others wait.
	pub fn admit(&self, model: &Model, deadline: Instant) -> Result<Admission, AdmissionError> {
		let result = self.try_admit(model, deadline);
		self.0.count_admission(result.is_ok());
		match &result {
			Ok(Admission { micros, .. }) => {
				tracing::info!(target: LOG_TARGET, content = %model.content, micros, "admitted");
			},
			Err(error) => {
				tracing::info!(target: LOG_TARGET, content = %model.content, %error, "not admitted");
			},
		}
		result
	}

	fn try_admit(&self, model: &Model, deadline: Instant) -> Result<Admission, AdmissionError> {
		if let Some(why) = self.known_answers().refusal(&model.manifest.profile) {
			return Err(AdmissionError::KnownAnswer(why));
		}
		let mut trial = Trial::start(&self.0, deadline).map_err(AdmissionError::Unavailable)?;
		let loaded = trial.load(model, deadline).map_err(AdmissionError::LoadFailed)??;
		let mut probe = Probe { trial: &mut trial, model, deadline };

		let (inputs, first) = probe.find(Size::Largest)?;
		check_tensors(&model.manifest.outputs, &first.outputs, true)
			.map_err(AdmissionError::Output)?;
		if accept(first.outputs.clone(), &model.manifest) == Err(JobFailure::OutputTooLarge) {
			// Then not all requests that fit the manifest can be answered, but some may.
			let (_, smallest) = probe.find(Size::Smallest)?;
			check_tensors(&model.manifest.outputs, &smallest.outputs, true)
				.map_err(AdmissionError::Output)?;
			accept(smallest.outputs, &model.manifest)
				.map_err(|_| AdmissionError::OutputTooLarge)?;
		}

		let mut times = Vec::new();
		while times.len() < PROBES {
			// No more if another run may not fit.
			let slowest = times.iter().max().copied().unwrap_or(first.micros);
			let left = deadline.saturating_duration_since(Instant::now()).as_micros();
			if left < u128::from(slowest) * 2 {
				break;
			}
			times.push(probe.run(&inputs)?.map_err(probe_failed)?.micros);
		}
		times.sort_unstable();
		let micros = times.get(times.len() / 2).copied().unwrap_or(first.micros);
		let allowed = calibration::allowed(model.manifest.compute_units, calibration::slowness());
		if micros > allowed {
			return Err(AdmissionError::TooSlow { micros, allowed });
		}
		let peak_bytes = probe.trial.process().and_then(peak);
		let spread = probe.spread(&loaded.facts, (inputs, first))?;
		check_spread(&spread, &model.manifest.profile)?;
		let session_bytes = loaded.bytes;
		Ok(Admission { micros, session_bytes, peak_bytes, facts: loaded.facts, spread })
	}
}

/// Whether a profile's bounds leave room for what honest machines differ by.
fn check_spread(spread: &Spread, profile: &NumericProfile) -> Result<(), AdmissionError> {
	let measured = spread.bounds();
	if let Some(output) = spread.unequal() {
		return Err(AdmissionError::Unequal { output: shown(output) });
	}
	match *profile {
		NumericProfile::Exact if !spread.is_zero() => {
			Err(AdmissionError::Unequal { output: "*".into() })
		},
		NumericProfile::Exact => Ok(()),
		NumericProfile::Approximate { tolerance, gross } => {
			// First what could cost stake. A tolerance that is wide enough makes a gross bound that
			// the chain takes wide enough, too.
			match gross {
				Some(_) if spread.comparisons == 0 => return Err(AdmissionError::Unmeasured),
				Some(stated) if !spread.within(&stated, GROSS_FACTOR) => {
					return Err(AdmissionError::GrossTooTight { measured, stated });
				},
				_ => {},
			}
			if spread.within(&tolerance, 1) {
				Ok(())
			} else {
				Err(AdmissionError::ToleranceTooTight { measured, stated: tolerance })
			}
		},
	}
}

fn probe_failed(error: RunError) -> AdmissionError {
	match error {
		RunError::TooLarge => AdmissionError::OutputTooLarge,
		error => AdmissionError::ProbeFailed(error.to_string()),
	}
}

struct Probe<'a> {
	trial: &'a mut Trial,
	model: &'a Model,
	deadline: Instant,
}

impl Probe<'_> {
	/// Inputs of this size on which the model runs, and what it gives.
	fn find(&mut self, size: Size) -> Result<(BlobTensors, RunOutput), AdmissionError> {
		let mut failed = None;
		for fill in [Fill::Zeros, Fill::Ones] {
			let inputs = probe::inputs(&self.model.manifest, size, fill)
				.ok_or(AdmissionError::ProbeTooLarge)?;
			match self.run(&inputs)? {
				Ok(output) => return Ok((inputs, output)),
				Err(error) => failed = Some(error),
			}
		}
		Err(failed.map_or(AdmissionError::ProbeTooLarge, probe_failed))
	}

	/// Runs the model in every [`Variant`] on the inputs that it is known to run on, and on made-up
	/// ones. Ends early, with what it has, when time runs short or the child is lost: what is asked
	/// of it here is not what a release promises.
	fn spread(
		&mut self,
		facts: &GraphFacts,
		known: (BlobTensors, RunOutput),
	) -> Result<Spread, AdmissionError> {
		let mut cases = vec![(known.0, known.1.outputs)];
		let start = Instant::now();
		for (size, fill) in NOISE {
			let Some(inputs) = probe::inputs(&self.model.manifest, size, fill) else { continue };
			// Noise need not be what the model can work on: an index, a length.
			if let Ok(output) = self.run(&inputs)? {
				cases.push((inputs, output.outputs));
			}
		}
		let mut slowest = start.elapsed();
		let mut spread = Spread::default();
		for variant in Variant::of(facts) {
			// Each makes a session of its own.
			if self.deadline.saturating_duration_since(Instant::now()) < slowest * 4 {
				break;
			}
			let start = Instant::now();
			let (model, deadline) = (self.model, self.deadline);
			let outputs = self.trial.call(|worker| {
				worker.vary(*variant, deadline)?;
				let mut outputs = Vec::new();
				if worker.load(model, deadline)?.is_ok() {
					for (inputs, _) in &cases {
						outputs.push(worker.run(model.content, inputs, deadline)?.ok());
					}
				}
				Ok(outputs)
			});
			let Ok(outputs) = outputs else { return Ok(spread) };
			for ((_, standard), other) in cases.iter().zip(outputs) {
				if let Some(other) = other {
					spread.add(standard, &other.outputs);
				}
			}
			slowest = slowest.max(start.elapsed());
		}
		Ok(spread)
	}

	fn run(&mut self, inputs: &BlobTensors) -> Result<Result<RunOutput, RunError>, AdmissionError> {
		self.trial.run(self.model.content, inputs, self.deadline).map_err(AdmissionError::ProbeLost)
	}
}

/// Largest resident set of a process so far, in bytes.
fn peak(process: u32) -> Option<u64> {
	let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
	let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
	line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
	use super::*;
	use jurat_primitives::profile::Tolerance;

	#[test]
	fn a_gross_bound_that_nothing_was_measured_for_is_not_taken() {
		let wide = Bounds { abs: Tolerance(1000), rel: Tolerance(1000) };
		let profile = |gross| NumericProfile::Approximate { tolerance: Bounds::default(), gross };
		let nothing = Spread::default();
		let unmeasured = Err(AdmissionError::Unmeasured);
		assert_eq!(check_spread(&nothing, &profile(Some(wide))), unmeasured);
		assert_eq!(check_spread(&nothing, &profile(None)), Ok(()));
		assert_eq!(check_spread(&nothing, &NumericProfile::Exact), Ok(()));
	}
}
