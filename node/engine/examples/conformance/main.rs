// SPDX-License-Identifier: Apache-2.0
//! Runs the ONNX backend node tests twice: through the executor (pre-scan, manifest, child process,
//! sandbox) and by ONNX Runtime alone in this process, with the same session options. Prints a
//! report in Markdown, and fails if the executor loses a case that ONNX Runtime passes for any
//! other reason than a typed refusal.
//!
//! ```sh
//! scripts/conformance.sh
//! ```
//!
//! Outputs are compared as the suite's own runner does: floats by [`RELATIVE`] and [`ABSOLUTE`],
//! everything else must be equal.

mod report;
mod suite;

use jurat_engine::{
	EngineConfig, Executor, Model, OnnxRuntime, WorkerCommand, convert, failure_name, library,
	worker_main,
};
use jurat_onnx::{Activations, InspectError, ManifestOptions, derive_manifest, inspect};
use jurat_primitives::{ContentHash, tensor::BlobTensors};
use std::{
	env,
	error::Error,
	fs,
	path::Path,
	process::ExitCode,
	time::{Duration, Instant},
};
use suite::{Case, Set, same};

/// Tolerances of the suite.
const RELATIVE: f64 = 1e-3;
const ABSOLUTE: f64 = 1e-7;
const WORKER: &str = "inference-worker";
const TIME: Duration = Duration::from_secs(20);

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
	/// All outputs are as they should be.
	Passed,
	/// Jurat refuses the file or its signature, by name, before ONNX Runtime sees it.
	Refused(String),
	/// Anything else.
	Failed(String),
}

/// A case, and how it ended both ways.
pub struct Row {
	name: String,
	executor: Outcome,
	alone: Outcome,
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
	let words: Vec<String> = env::args().skip(1).collect();
	if words.first().is_some_and(|word| word == WORKER) {
		return Ok(worker_main(words.into_iter().skip(1)));
	}
	let [directory] = words.as_slice() else { return Err("usage: conformance DIRECTORY".into()) };
	let engine = OnnxRuntime::open(&library::locate(None)?.path, 0)?;
	let config = EngineConfig::new(WorkerCommand::current_exe(WORKER)?);
	let executor = Executor::start(EngineConfig { session_budget: 0, ..config })?;
	let mut paths: Vec<_> =
		fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
	paths.retain(|path| path.join("model.onnx").is_file());
	paths.sort();
	let (mut rows, mut skipped) = (Vec::new(), Vec::new());
	for path in &paths {
		let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
		match Case::read(path)? {
			Ok(case) => {
				let alone = alone(&engine, &case);
				rows.push(Row { name, executor: executed(&executor, path, &case), alone });
			},
			Err(why) => skipped.push((name, why)),
		}
	}
	let stats = executor.stats();
	let report = report::Report {
		rows,
		skipped,
		sandbox: executor.sandbox().to_string(),
		library: executor.library().version,
		children: (stats.crashes, stats.kills),
	};
	println!("{}", report.markdown());
	eprintln!("{}", report.summary());
	Ok(if report.lost().next().is_none() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Compares what a run gave with what it should have given.
fn judge(set: &Set, outputs: &BlobTensors) -> Outcome {
	if outputs.len() != set.outputs.len() {
		return Outcome::Failed("another number of outputs".into());
	}
	let differs =
		outputs.iter().zip(&set.outputs).any(|(found, expected)| !same(&found.tensor, expected));
	if differs { Outcome::Failed("an output differs".into()) } else { Outcome::Passed }
}

fn alone(engine: &OnnxRuntime, case: &Case) -> Outcome {
	let activations = inspect(&case.file).map_or(Activations::None, |facts| facts.activations);
	let mut session = match engine.unchecked(&case.file, activations) {
		Ok(session) => session,
		Err(_) => return Outcome::Failed("ONNX Runtime does not load it".into()),
	};
	for set in &case.sets {
		let run = || -> Result<BlobTensors, String> {
			let inputs = convert::inputs(&set.inputs).map_err(|error| error.to_string())?;
			let outputs = session.run(inputs).map_err(|error| error.message().to_string())?;
			convert::outputs(outputs).map_err(|error| error.to_string())
		};
		let mut run = run;
		match run() {
			Ok(outputs) => match judge(set, &outputs) {
				Outcome::Passed => {},
				failed => return failed,
			},
			Err(_) => return Outcome::Failed("ONNX Runtime does not run it".into()),
		}
	}
	Outcome::Passed
}

fn executed(executor: &Executor, path: &Path, case: &Case) -> Outcome {
	let facts = match inspect(&case.file) {
		Ok(facts) => facts,
		Err(error) => return Outcome::Refused(class(&error)),
	};
	let options =
		ManifestOptions { symbol_max: 1 << 20, allow_nan: true, ..ManifestOptions::default() };
	let manifest = match derive_manifest(&facts, &options) {
		Ok(manifest) => manifest,
		Err(error) => return Outcome::Refused(format!("no manifest: {error}")),
	};
	let content = ContentHash(*blake3::hash(&case.file).as_bytes());
	let model = Model { content, manifest, path: path.join("model.onnx") };
	for set in &case.sets {
		match executor.run(&model, set.inputs.clone(), Instant::now() + TIME) {
			Ok(output) => match judge(set, &output.outputs) {
				Outcome::Passed => {},
				failed => return failed,
			},
			Err(failure) => return Outcome::Failed(failure_name(failure).replace('_', " ")),
		}
	}
	Outcome::Passed
}

/// The kind of a refusal, without the names in it.
fn class(error: &InspectError) -> String {
	let text = format!("{error:?}");
	let kind = text.split([' ', '(', '{']).next().unwrap_or_default();
	match error {
		InspectError::Random { operator } => format!("{kind}: {operator}"),
		InspectError::ElementType { code, .. } => format!("{kind}: number {code}"),
		_ => kind.into(),
	}
}
