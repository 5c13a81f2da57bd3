// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! What the chain offers to serve.

use codec::Decode;
use jurat_primitives::{ContentHash, Manifest, Mirrors, ModelId, ReleaseId, view::ReleaseState};
use jurat_runtime::{AccountId, Balance, BlockNumber, Hash, Runtime, RuntimeEvent};
use jurat_runtime_api::ModelsApi;
use sc_client_api::StorageProvider;
use sp_api::{ApiError, ProvideRuntimeApi};
use sp_core::storage::StorageKey;
use sp_io::hashing::twox_128;
use std::{collections::BTreeSet, sync::Arc};

use crate::{chain_spec::Block, service::FullClient};

/// Models of one page.
const PAGE: u32 = 100;

/// A release that could be served.
#[derive(Clone, Debug)]
pub struct Offer {
	/// Which.
	pub release: ReleaseId,
	/// The model's name.
	pub name: String,
	/// The model's owner.
	pub owner: AccountId,
	/// The file.
	pub content: ContentHash,
	/// Its size in bytes.
	pub size: u64,
	/// What it promises.
	pub manifest: Manifest,
	/// Where its owner says that the file is too.
	pub mirrors: Vec<String>,
	/// Whether requests may come, or are open.
	pub in_use: bool,
}

/// What became of the catalogue in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
	/// It concerns these models.
	Models(BTreeSet<ModelId>),
	/// Nobody can tell.
	Unknown,
}

/// The registry of models, as far as serving is concerned.
pub trait Catalogue: Send + 'static {
	/// What happened in a block.
	fn changes(&self, at: Hash) -> Changes;
	/// Releases of a model; none, if it does not exist.
	fn model(&self, at: Hash, model: ModelId) -> Result<Vec<Offer>, ApiError>;
	/// All models.
	fn models(&self, at: Hash) -> Result<Vec<ModelId>, ApiError>;
}

/// The registry as this node has it.
pub struct NodeCatalogue {
	/// Blocks and states.
	pub client: Arc<FullClient>,
}

impl Catalogue for NodeCatalogue {
	fn changes(&self, at: Hash) -> Changes {
		type Records = Vec<frame_system::EventRecord<RuntimeEvent, Hash>>;
		let key = StorageKey([twox_128(b"System"), twox_128(b"Events")].concat());
		let records = match self.client.storage(at, &key) {
			Ok(Some(value)) => Records::decode(&mut &value.0[..]).ok(),
			Ok(None) => Some(Records::new()),
			Err(_) => None,
		};
		// A runtime that was upgraded may have events that this node cannot read.
		let Some(records) = records else { return Changes::Unknown };
		let touched = records.into_iter().filter_map(|record| match record.event {
			RuntimeEvent::Models(event) => touched(&event),
			_ => None,
		});
		Changes::Models(touched.collect())
	}

	fn model(&self, at: Hash, model: ModelId) -> Result<Vec<Offer>, ApiError> {
		let api = self.client.runtime_api();
		let view = ModelsApi::<Block, AccountId, Balance, BlockNumber>::model(&*api, at, model)?;
		let Some(view) = view else { return Ok(Vec::new()) };
		let releases =
			ModelsApi::<Block, AccountId, Balance, BlockNumber>::releases(&*api, at, model)?;
		let name = String::from_utf8_lossy(&view.name).into_owned();
		Ok(releases
			.into_iter()
			.map(|release| Offer {
				release: release.release,
				name: name.clone(),
				owner: view.owner.clone(),
				content: release.content,
				size: release.size,
				manifest: release.manifest,
				mirrors: texts(&release.mirrors),
				in_use: release.state != ReleaseState::Deprecated || release.users > 0,
			})
			.collect())
	}

	fn models(&self, at: Hash) -> Result<Vec<ModelId>, ApiError> {
		let api = self.client.runtime_api();
		let (mut all, mut start) = (Vec::new(), 0);
		loop {
			let page = ModelsApi::<Block, AccountId, Balance, BlockNumber>::models(
				&*api, at, start, PAGE,
			)?;
			let Some(last) = page.last().map(|view| view.model) else { return Ok(all) };
			all.extend(page.into_iter().map(|view| view.model));
			start = last.saturating_add(1);
		}
	}
}

fn texts(mirrors: &Mirrors) -> Vec<String> {
	mirrors.iter().map(|mirror| String::from_utf8_lossy(mirror).into_owned()).collect()
}

/// The model that an event is about, if it matters to who serves.
fn touched(event: &pallet_models::Event<Runtime>) -> Option<ModelId> {
	use pallet_models::Event::*;
	match event {
		ReleasePublished { release, .. }
		| ReleaseDeprecated { release }
		| MirrorsSet { release }
		| ReleaseRemoved { release } => Some(release.model),
		ModelTransferred { model, .. } | ModelRemoved { model } => Some(*model),
		_ => None,
	}
}
