// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! A registry of models on paper.

use jurat_primitives::{
	ContentHash, EngineId, Manifest, ModelId, NumericProfile, ReleaseId, Version,
};
use jurat_runtime::Hash;
use parking_lot::Mutex;
use sp_api::ApiError;
use sp_keyring::Sr25519Keyring::Alice;
use std::sync::Arc;

use super::catalogue::{Catalogue, Changes, Offer};

/// Release 1.0 of a model of Alice's.
pub fn offer(model: ModelId, name: &str, size: u64) -> Offer {
	let manifest = Manifest {
		opset: 17,
		engine: EngineId::OnnxRuntime1_31,
		profile: NumericProfile::Exact,
		inputs: Default::default(),
		outputs: Default::default(),
		operators: Default::default(),
		compute_units: 1,
		allow_nan: false,
		licence: Default::default(),
		tags: Default::default(),
	};
	Offer {
		release: ReleaseId { model, version: Version { major: 1, minor: 0 } },
		name: name.into(),
		owner: Alice.to_account_id(),
		content: ContentHash([model as u8; 32]),
		size,
		manifest,
		mirrors: Vec::new(),
		in_use: true,
	}
}

/// What is on offer, and what the next block is said to have changed.
#[derive(Clone)]
pub struct Table {
	pub offers: Arc<Mutex<Vec<Offer>>>,
	pub changes: Arc<Mutex<Changes>>,
	/// Whether the list of models cannot be read.
	pub broken: Arc<Mutex<bool>>,
}

impl Default for Table {
	fn default() -> Self {
		let changes = Arc::new(Mutex::new(Changes::Models(Default::default())));
		Self { offers: Default::default(), changes, broken: Default::default() }
	}
}

impl Table {
	/// The next block concerns these models.
	pub fn touch(&self, models: impl IntoIterator<Item = ModelId>) {
		*self.changes.lock() = Changes::Models(models.into_iter().collect());
	}
}

impl Catalogue for Table {
	fn changes(&self, _at: Hash) -> Changes {
		self.changes.lock().clone()
	}

	fn model(&self, _at: Hash, model: ModelId) -> Result<Vec<Offer>, ApiError> {
		let offers = self.offers.lock();
		Ok(offers.iter().filter(|offer| offer.release.model == model).cloned().collect())
	}

	fn models(&self, _at: Hash) -> Result<Vec<ModelId>, ApiError> {
		if *self.broken.lock() {
			return Err(ApiError::StateBackendIsNotTrie);
		}
		Ok(self.offers.lock().iter().map(|offer| offer.release.model).collect())
	}
}
