// SPDX-License-Identifier: Apache-2.0
//! What the runtime API shows. Off-chain use only: no weights.

use crate::{
	BalanceOf, Config, MAX_MODELS_PER_QUERY, Manifests, ModelName, ModelNames, Models, NextModel,
	Pallet, ReleaseMirrors, ReleaseRecordOf, Releases,
};
use alloc::vec::Vec;
use frame_system::pallet_prelude::BlockNumberFor;
use jurat_primitives::{
	ModelId, ReleaseId,
	view::{ModelView, ReleaseView},
};

impl<T: Config> Pallet<T> {
	/// A model.
	pub fn model_view(model: ModelId) -> Option<ModelView<T::AccountId, BalanceOf<T>>> {
		let record = Models::<T>::get(model)?;
		Some(ModelView {
			model,
			name: record.name.into_inner(),
			owner: record.owner,
			metadata: record.metadata.into_inner(),
			deposit: record.deposit.amount,
			releases: record.releases,
		})
	}

	/// The model of this name.
	pub fn model_by_name(name: &[u8]) -> Option<ModelId> {
		let name = ModelName::try_from(name.to_vec()).ok()?;
		ModelNames::<T>::get(name)
	}

	/// Up to `count` (at most [`MAX_MODELS_PER_QUERY`]) models in the order of their numbers, from
	/// number `start` on. The next page starts after the last number returned; an empty page is
	/// the end.
	pub fn models(start: ModelId, count: u32) -> Vec<ModelView<T::AccountId, BalanceOf<T>>> {
		(start..NextModel::<T>::get())
			.filter_map(Self::model_view)
			.take(count.min(MAX_MODELS_PER_QUERY) as usize)
			.collect()
	}

	/// A release.
	pub fn release_view(
		release: ReleaseId,
	) -> Option<ReleaseView<BalanceOf<T>, BlockNumberFor<T>>> {
		let record = Releases::<T>::get(release.model, release.version)?;
		Self::view_of(release, record)
	}

	/// The releases of a model, oldest version first. At most `MaxReleases`.
	pub fn releases(model: ModelId) -> Vec<ReleaseView<BalanceOf<T>, BlockNumberFor<T>>> {
		let mut releases: Vec<_> = Releases::<T>::iter_prefix(model)
			.filter_map(|(version, record)| Self::view_of(ReleaseId { model, version }, record))
			.collect();
		releases.sort_unstable_by_key(|view| view.release);
		releases
	}

	fn view_of(
		release: ReleaseId,
		record: ReleaseRecordOf<T>,
	) -> Option<ReleaseView<BalanceOf<T>, BlockNumberFor<T>>> {
		Some(ReleaseView {
			release,
			content: record.content,
			size: record.size,
			manifest: Manifests::<T>::get(release.model, release.version)?,
			price: record.price,
			state: record.state,
			deposit: record.deposit.amount,
			published_at: record.published_at,
			servers: record.servers,
			users: record.users,
			mirrors: ReleaseMirrors::<T>::get(release.model, release.version).unwrap_or_default(),
		})
	}
}
