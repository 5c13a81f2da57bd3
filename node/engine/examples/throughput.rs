// SPDX-License-Identifier: Apache-2.0
//! What the child process costs: runs per second of ONNX Runtime alone, of the engine in this
//! process, and of the executor, on one model and one input. Prints one line of JSON.
//!
//! ```sh
//! cargo run --release -p jurat-engine --example throughput -- MODEL.onnx [RUNS] [SLOTS]
//! ```
//!
//! The input is the largest that the derived manifest allows (free dimensions: 64), zeros.
//!
//! | field | meaning |
//! | --- | --- |
//! | `raw_per_second` | `ort::Session::run`, inputs converted once, outputs dropped |
//! | `engine_per_second` | with conversion of inputs and outputs, in this process |
//! | `executor_per_second` | through one child process |
//! | `executor_slots_per_second` | through `slots` child processes at once |
//! | `ratio` | `executor_per_second / raw_per_second` |

use jurat_engine::{
	Engine, EngineConfig, Executor, Model, OnnxRuntime, TELEMETRY_VARIABLE, WorkerCommand, convert,
	library,
	probe::{self, Fill, Size},
	worker_main,
};
use jurat_onnx::{ManifestOptions, derive_manifest, inspect};
use jurat_primitives::{ContentHash, tensor::BlobTensors};
use std::{
	env,
	error::Error,
	fs,
	process::{Command, ExitCode},
	thread,
	time::{Duration, Instant},
};

const WORKER: &str = "inference-worker";

fn main() -> Result<ExitCode, Box<dyn Error>> {
	let arguments: Vec<String> = env::args().skip(1).collect();
	if arguments.first().is_some_and(|argument| argument == WORKER) {
		return Ok(worker_main(arguments.into_iter().skip(1)));
	}
	if env::var_os(TELEMETRY_VARIABLE).is_none_or(|value| value != "1") {
		// This process loads the library, so it needs the variable from the start.
		let mut again = Command::new(env::current_exe()?);
		let status = again.args(&arguments).env(TELEMETRY_VARIABLE, "1").status()?;
		return Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
	}
	let path =
		fs::canonicalize(arguments.first().ok_or("usage: throughput MODEL [RUNS] [SLOTS]")?)?;
	let number = |index: usize, default: usize| match arguments.get(index) {
		Some(text) => text.parse::<usize>().map(|n| n.max(1)),
		None => Ok(default),
	};
	let (runs, slots) = (number(1, 1000)?, number(2, 2)?);

	let file = fs::read(&path)?;
	let manifest = derive_manifest(&inspect(&file)?, &ManifestOptions::default())?;
	let model = Model { content: ContentHash(*blake3::hash(&file).as_bytes()), manifest, path };
	let inputs = probe::inputs(&model.manifest, Size::Largest, Fill::Zeros)
		.ok_or("the model's inputs are too large")?;

	let mut engine = OnnxRuntime::open(&library::locate(None)?.path, u64::MAX)?;
	engine.load(&model)?;
	let per_second = |runs: usize, time: Duration| runs as f64 / time.as_secs_f64();
	let warm = runs.div_ceil(10);

	let session = engine.session(&model.content).ok_or("no session")?;
	let values: Vec<_> = convert::inputs(&inputs)?.into_iter().map(|(_, value)| value).collect();
	let raw = timed(warm, runs, || session.run(values.as_slice()).map(drop))?;
	let in_process = timed(warm, runs, || engine.run(&model.content, &inputs).map(drop))?;

	let config = |slots| -> Result<EngineConfig, Box<dyn Error>> {
		Ok(EngineConfig { slots, ..EngineConfig::new(WorkerCommand::current_exe(WORKER)?) })
	};
	let executor = Executor::start(config(1)?)?;
	let one = timed(warm, runs, || job(&executor, &model, &inputs))?;
	executor.shutdown();

	let executor = Executor::start(config(slots)?)?;
	let many = thread::scope(|scope| {
		let (executor, model, inputs) = (&executor, &model, &inputs);
		let job = move || job(executor, model, inputs);
		let threads: Vec<_> =
			(0..slots).map(|_| scope.spawn(move || timed(warm, runs, job))).collect();
		threads
			.into_iter()
			.map(|thread| thread.join().map_err(|_| "a thread panicked")?.map_err(Into::into))
			.collect::<Result<Vec<Duration>, Box<dyn Error>>>()
	})?;
	let many: f64 = many.into_iter().map(|time| per_second(runs, time)).sum();

	let (raw, one) = (per_second(runs, raw), per_second(runs, one));
	println!(
		"{{\"model\":\"{}\",\"bytes\":{},\"runs\":{runs},\"slots\":{slots},\
		\"raw_per_second\":{raw:.1},\"engine_per_second\":{:.1},\"executor_per_second\":{one:.1},\
		\"executor_slots_per_second\":{many:.1},\"ratio\":{:.4}}}",
		model.content,
		file.len(),
		per_second(runs, in_process),
		one / raw,
	);
	Ok(ExitCode::SUCCESS)
}

fn job(executor: &Executor, model: &Model, inputs: &BlobTensors) -> Result<(), String> {
	let deadline = Instant::now() + Duration::from_secs(600);
	let output = executor.run(model, inputs.clone(), deadline);
	output.map(drop).map_err(|failure| failure.to_string())
}

/// Time of `runs` runs, after `warm` that are not counted.
fn timed<E>(
	warm: usize,
	runs: usize,
	mut run: impl FnMut() -> Result<(), E>,
) -> Result<Duration, E> {
	(0..warm).try_for_each(|_| run())?;
	let start = Instant::now();
	(0..runs).try_for_each(|_| run())?;
	Ok(start.elapsed())
}
