// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! The engine that this node has: ONNX Runtime, in child processes of [`jurat_engine`].

use jurat_engine::{
	AdmissionError, EngineConfig, EngineError, Executor, LibraryInfo, Model, WorkerCommand,
};
use jurat_primitives::{EngineId, JobFailure, tensor::BlobTensors};
use std::{
	env,
	process::ExitCode,
	sync::Arc,
	time::{Duration, Instant},
};

use super::{
	LOG_TARGET,
	args::InferenceArgs,
	engine::{Engine, EngineInfo, EngineState, EngineStats, ModelFile, NotAdmitted, Run, Session},
};

/// First argument of a child process: the node's own binary runs the models.
const WORKER: &str = "inference-worker";

/// Time for a child process to start, and for a model to load.
const LOAD_TIMEOUT: Duration = Duration::from_secs(60);

/// Does the work of a child process, if that is what this process was started for. To be asked
/// before anything else is set up.
pub fn worker() -> Option<ExitCode> {
	let mut arguments = env::args().skip(1);
	(arguments.next()? == WORKER).then(|| jurat_engine::worker_main(arguments))
}

/// Starts the engine. A node that cannot have one says so once, with what there is to do.
pub fn start(args: &InferenceArgs) -> EngineState {
	let config = WorkerCommand::current_exe(WORKER).map(|worker| EngineConfig {
		worker,
		library: args.onnxruntime.clone(),
		slots: args.slots(),
		session_budget: args.session_budget(),
		memory_limit: args.worker_memory(),
		load_timeout: LOAD_TIMEOUT,
		sandbox: args.sandbox.into(),
	});
	let started = config.map_err(EngineError::Start).and_then(Executor::start);
	match started {
		Ok(executor) => {
			let LibraryInfo { version, path, .. } = executor.library();
			let slots = args.slots();
			log::info!(target: LOG_TARGET, "ONNX Runtime {version} from {path}, {slots} slot(s)");
			EngineState::Available(Arc::new(OnnxRuntime(executor)))
		},
		Err(error) => {
			log::warn!(
				target: LOG_TARGET,
				"this node follows the chain but serves no model: {error}. To serve, install ONNX \
				Runtime (scripts/setup.sh does) and start with --onnxruntime PATH.",
			);
			EngineState::Unavailable(error.to_string().into())
		},
	}
}

/// ONNX Runtime, as inference asks for it.
struct OnnxRuntime(Executor);

impl Engine for OnnxRuntime {
	fn provides(&self, engine: EngineId) -> bool {
		match engine {
			// `Executor::start` takes no other version.
			EngineId::OnnxRuntime1_31 => true,
		}
	}

	fn run(
		&self,
		model: &ModelFile,
		inputs: BlobTensors,
		deadline: Instant,
	) -> Result<Run, JobFailure> {
		let run = self.0.run(&named(model), inputs, deadline)?;
		Ok(Run { outputs: run.outputs, micros: run.micros })
	}

	fn admit(&self, model: &ModelFile, deadline: Instant) -> Result<u64, NotAdmitted> {
		match self.0.admit(&named(model), deadline) {
			Ok(admission) => Ok(admission.micros),
			Err(error) => Err(not_admitted(error)),
		}
	}

	fn info(&self) -> EngineInfo {
		let LibraryInfo { version, sha256, path, profile, .. } = self.0.library();
		let (sandbox, known_answers) = (self.0.sandbox(), self.0.known_answers());
		EngineInfo {
			version,
			sha256,
			path,
			profile: profile.into(),
			sandbox: sandbox.to_string(),
			sandboxed: sandbox.is_whole(),
			known_answers: known_answers.to_string(),
			declines: known_answers.wrong().map(str::to_owned),
		}
	}

	fn stats(&self) -> EngineStats {
		let stats = self.0.stats();
		let sessions = stats.sessions.into_iter().map(|session| Session {
			content: session.content.to_string(),
			bytes: session.bytes,
			uses: session.uses,
		});
		EngineStats {
			stops: stats.stops,
			kills: stats.kills,
			restarts: stats.restarts,
			cache_hits: stats.cache_hits,
			cache_misses: stats.cache_misses,
			sessions: sessions.collect(),
		}
	}

	fn shutdown(&self) {
		self.0.shutdown();
	}
}

/// Whether a model that was not admitted may be, with the same file, at another time.
fn not_admitted(error: AdmissionError) -> NotAdmitted {
	use AdmissionError::*;
	let reason = error.to_string();
	match error {
		WrongContent { .. } => NotAdmitted::Damaged,
		// Too large for a process to be asked.
		LoadFailed(JobFailure::InputMismatch) | ProbeLost(JobFailure::InputMismatch) => {
			NotAdmitted::Because(reason)
		},
		// The file made room for another one; or the machine is busy or out of memory, for a model
		// that ends its process cannot be told from a process that the system ended.
		Missing(_)
		| Unavailable(_)
		| LoadFailed(_)
		| ProbeLost(_)
		| TooSlow { .. }
		| Unmeasured => NotAdmitted::Passing(reason),
		Refused(_)
		| Mismatch(_)
		| NotLoaded(_)
		| ProbeTooLarge
		| ProbeFailed(_)
		| Output(_)
		| OutputTooLarge
		| KnownAnswer(_)
		| ToleranceTooTight { .. }
		| GrossTooTight { .. }
		| Unequal { .. } => NotAdmitted::Because(reason),
	}
}

fn named(model: &ModelFile) -> Model {
	Model { content: model.content, manifest: model.manifest.clone(), path: model.path.clone() }
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn what_may_pass_is_told_from_what_a_file_is() {
		let passing = [
			AdmissionError::Missing("gone".into()),
			AdmissionError::Unavailable(JobFailure::Overloaded),
			AdmissionError::Unavailable(JobFailure::EngineUnavailable),
			AdmissionError::LoadFailed(JobFailure::Crashed),
			AdmissionError::LoadFailed(JobFailure::ModelRejected),
			AdmissionError::ProbeLost(JobFailure::TimedOut),
			AdmissionError::TooSlow { micros: 2, allowed: 1 },
			AdmissionError::Unmeasured,
		];
		for error in passing {
			let reason = error.to_string();
			assert_eq!(not_admitted(error), NotAdmitted::Passing(reason));
		}
		let lasting = [
			AdmissionError::Refused("no graph".into()),
			AdmissionError::ProbeLost(JobFailure::InputMismatch),
			AdmissionError::ProbeFailed("index".into()),
			AdmissionError::OutputTooLarge,
			AdmissionError::Unequal { output: "y".into() },
		];
		for error in lasting {
			let reason = error.to_string();
			assert_eq!(not_admitted(error), NotAdmitted::Because(reason));
		}
		let wrong = AdmissionError::WrongContent { found: jurat_primitives::ContentHash([1; 32]) };
		assert_eq!(not_admitted(wrong), NotAdmitted::Damaged);
	}
}
