// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Whether this node would serve a release: fetches its file, and has the engine try it.

use jurat_primitives::{ContentHash, JobFailure, Manifest};
use std::time::{Duration, Instant};

use super::{
	engine::{EngineState, ModelFile, NotAdmitted},
	executor::Executor,
};

/// Whether this node would serve a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admitted {
	/// It runs here.
	Runs {
		/// Time of a run on the largest inputs, in microseconds.
		micros: u64,
	},
	/// Not now: its file is not to be had, or it failed for what may pass.
	Missing(String),
	/// It does not run here.
	Refused(String),
}

impl Executor {
	/// Fetches a release's file until `fetched`, and tries it for at most `time`.
	pub fn admit(
		&self,
		content: ContentHash,
		size: u64,
		manifest: &Manifest,
		fetched: Instant,
		time: Duration,
	) -> Admitted {
		let engine = match self.engine() {
			EngineState::Available(engine) => engine,
			EngineState::Unavailable(reason) => return Admitted::Refused(reason.to_string()),
		};
		if !engine.provides(manifest.engine) {
			return Admitted::Refused(JobFailure::EngineUnavailable.to_string());
		}
		let path = match self.blobs.fetch(&content, size, fetched) {
			Ok(path) => path,
			Err(error) => return Admitted::Missing(error.to_string()),
		};
		let model = ModelFile { content, manifest: manifest.clone(), path };
		match engine.admit(&model, Instant::now() + time) {
			Ok(micros) => Admitted::Runs { micros },
			Err(NotAdmitted::Because(reason)) => Admitted::Refused(reason),
			Err(NotAdmitted::Passing(reason)) => Admitted::Missing(reason),
			Err(NotAdmitted::Damaged) => {
				self.blobs.reject(&content);
				Admitted::Missing("the file was damaged on disk and is removed".into())
			},
		}
	}
}
