// SPDX-License-Identifier: Apache-2.0
//! What the child process and its sandbox cost: runs per second of ONNX Runtime alone, of the
//! engine in this process, and of the executor, on one model and one input. Prints one line of
//! JSON.
//!
//! ```sh
//! cargo run --release -p jurat-engine --example throughput -- MODEL [option...]
//! ```
//!
//! `MODEL` is a file; or `mlp` (64 → 256 → 256 → 10) or `transformer` (the sizes of
//! all-MiniLM-L6-v2, 128 tokens), which are made up.
//!
//! | option | meaning |
//! | --- | --- |
//! | `--seconds N` | how long each of them is measured; default 3 |
//! | `--batch N` | the batch of a model that is made up; default 1 |
//! | `--slots N` | child processes at once for `executor_slots_per_second`; default 1: not measured |
//! | `--largest` | the largest input that the derived manifest allows (free dimensions: 64), not the smallest |
//!
//! The input is zeros. The library is where the node would look for it. All are measured in turn,
//! in [`ROUNDS`] rounds, so that what else the machine does hits them alike; told is the median.
//!
//! | field | meaning |
//! | --- | --- |
//! | `raw_per_second` | `ort::Session::run` in this process on one thread, inputs converted once, outputs dropped |
//! | `engine_per_second` | with conversion of inputs and outputs, in this process |
//! | `executor_per_second` | through one child process, in the sandbox |
//! | `unsandboxed_per_second` | through one child process without sandbox |
//! | `executor_slots_per_second` | through `slots` child processes at once |
//! | `executor_ratio`, `unsandboxed_ratio` | of these to `raw_per_second` |

mod models;

use jurat_engine::{
	Engine, EngineConfig, Executor, Model, OnnxRuntime, SandboxMode, TELEMETRY_VARIABLE,
	WorkerCommand, convert, library,
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
const USAGE: &str = "usage: throughput MODEL [--seconds N] [--batch N] [--slots N] [--largest]";
/// How often each way is measured.
const ROUNDS: u32 = 5;

struct Arguments {
	model: String,
	batch: i64,
	time: Duration,
	slots: usize,
	size: Size,
}

impl Arguments {
	fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
		let (mut model, mut time, mut slots) = (None, Duration::from_secs(3), 1);
		let (mut size, mut batch) = (Size::Smallest, 1);
		while let Some(word) = words.next() {
			match word.as_str() {
				"--largest" => size = Size::Largest,
				"--seconds" => {
					let seconds = words.next().ok_or(USAGE)?.parse()?;
					time = Duration::try_from_secs_f64(seconds)?;
				},
				"--batch" => batch = words.next().ok_or(USAGE)?.parse::<i64>()?.max(1),
				"--slots" => slots = words.next().ok_or(USAGE)?.parse::<usize>()?.max(1),
				_ if model.is_none() && !word.starts_with('-') => model = Some(word),
				_ => return Err(USAGE.into()),
			}
		}
		Ok(Self { model: model.ok_or(USAGE)?, batch, time, slots, size })
	}
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
	let words: Vec<String> = env::args().skip(1).collect();
	if words.first().is_some_and(|word| word == WORKER) {
		return Ok(worker_main(words.into_iter().skip(1)));
	}
	if env::var_os(TELEMETRY_VARIABLE).is_none_or(|value| value != "1") {
		// This process loads the library, so it needs the variable from the start.
		let mut again = Command::new(env::current_exe()?);
		let status = again.args(&words).env(TELEMETRY_VARIABLE, "1").status()?;
		return Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
	}
	let Arguments { model, batch, time, slots, size } = Arguments::parse(words.into_iter())?;
	let directory = tempfile::tempdir()?;
	let (file, path) = match models::named(&model, batch) {
		Some(file) => {
			let path = directory.path().join("model.onnx");
			fs::write(&path, &file)?;
			(file, path)
		},
		None => (fs::read(&model)?, fs::canonicalize(&model)?),
	};
	let manifest = derive_manifest(&inspect(&file)?, &ManifestOptions::default())?;
	let model = Model { content: ContentHash(*blake3::hash(&file).as_bytes()), manifest, path };
	let inputs =
		probe::inputs(&model.manifest, size, Fill::Zeros).ok_or("the inputs are too large")?;

	let mut engine = OnnxRuntime::open(&library::locate(None)?.path, u64::MAX)?;
	engine.load(&model.content, &model.manifest, Some(&model.open()?))?;
	let values: Vec<_> = convert::inputs(&inputs)?.into_iter().map(|(_, value)| value).collect();
	let sandboxed = start(1, SandboxMode::Enforce)?;
	let free = start(1, SandboxMode::Off)?;
	let round = time / ROUNDS;
	let mut rates: [Vec<f64>; 4] = Default::default();
	for _ in 0..ROUNDS {
		let session = engine.session(&model.content).ok_or("no session")?;
		rates[0].push(per_second(round, || session.run(values.as_slice()).map(drop))?);
		rates[1].push(per_second(round, || engine.run(&model.content, &inputs).map(drop))?);
		rates[2].push(executed(&sandboxed, 1, round, &model, &inputs)?);
		rates[3].push(executed(&free, 1, round, &model, &inputs)?);
	}
	let [raw, in_process, one, unsandboxed] = rates.map(|mut rates| {
		rates.sort_by(f64::total_cmp);
		rates[rates.len() / 2]
	});
	drop((sandboxed, free));
	let many = match slots {
		1 => one,
		slots => executed(&start(slots, SandboxMode::Enforce)?, slots, time, &model, &inputs)?,
	};
	println!(
		"{{\"model\":\"{}\",\"bytes\":{},\"input_bytes\":{},\"slots\":{slots},\
		\"raw_per_second\":{raw:.1},\"engine_per_second\":{in_process:.1},\
		\"executor_per_second\":{one:.1},\"unsandboxed_per_second\":{unsandboxed:.1},\
		\"executor_slots_per_second\":{many:.1},\"executor_ratio\":{:.3},\
		\"unsandboxed_ratio\":{:.3}}}",
		model.content,
		file.len(),
		inputs.iter().map(|named| named.tensor.data.len()).sum::<usize>(),
		one / raw,
		unsandboxed / raw,
	);
	Ok(ExitCode::SUCCESS)
}

fn start(slots: usize, sandbox: SandboxMode) -> Result<Executor, Box<dyn Error>> {
	let worker = WorkerCommand::current_exe(WORKER)?;
	Ok(Executor::start(EngineConfig { slots, sandbox, ..EngineConfig::new(worker) })?)
}

/// Through this many child processes at once, each asked by a thread of its own.
fn executed(
	executor: &Executor,
	slots: usize,
	time: Duration,
	model: &Model,
	inputs: &BlobTensors,
) -> Result<f64, Box<dyn Error>> {
	let job = || {
		let deadline = Instant::now() + Duration::from_secs(600);
		let output = executor.run(model, inputs.clone(), deadline);
		output.map(drop).map_err(|failure| failure.to_string())
	};
	thread::scope(|scope| {
		let threads: Vec<_> =
			(0..slots).map(|_| scope.spawn(move || per_second(time, job))).collect();
		let rates = threads
			.into_iter()
			.map(|thread| Ok(thread.join().map_err(|_| "a thread panicked")??));
		rates.sum()
	})
}

/// Runs per second for this long, after a tenth of it that is not counted.
fn per_second<E>(time: Duration, mut run: impl FnMut() -> Result<(), E>) -> Result<f64, E> {
	let mut count = |time: Duration| {
		let (start, mut runs) = (Instant::now(), 0u64);
		loop {
			run()?;
			runs += 1;
			let passed = start.elapsed();
			if passed >= time {
				return Ok(runs as f64 / passed.as_secs_f64());
			}
		}
	};
	count(time / 10)?;
	count(time)
}
