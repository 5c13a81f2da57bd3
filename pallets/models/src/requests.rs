// SPDX-License-Identifier: Apache-2.0
//! What requests need of the registry: the terms of a release, and that it stays while they are
//! open. And what questions for proofs of custody need: its file.

use crate::{BalanceOf, Config, Error, Manifests, Models, Pallet, ReleaseRecord, Releases};
use frame_support::{defensive, ensure, pallet_prelude::*};
use jurat_primitives::{
	ReleaseId,
	custody::{ReleaseFile, ReleaseFiles},
	traits::{ReleaseTerms, Releases as ReleasesForRequests},
	view::ReleaseState,
};

impl<T: Config> ReleasesForRequests<T::AccountId, BalanceOf<T>> for Pallet<T> {
	fn terms(release: ReleaseId) -> Option<ReleaseTerms<T::AccountId, BalanceOf<T>>> {
		let record = Releases::<T>::get(release.model, release.version)?;
		let model = Models::<T>::get(release.model)?;
		let manifest = Manifests::<T>::get(release.model, release.version)?;
		Some(ReleaseTerms {
			owner: model.owner,
			content: record.content,
			size: record.size,
			royalty: record.price,
			manifest,
			active: record.state == ReleaseState::Active,
		})
	}

	fn pin(release: ReleaseId) -> DispatchResult {
		let mut record = Self::release_record(release)?;
		ensure!(record.state == ReleaseState::Active, Error::<T>::NotActive);
		ensure!(record.users < T::MaxUsers::get(), Error::<T>::TooManyUsers);
		record.users = record.users.saturating_add(1);
		Releases::<T>::insert(release.model, release.version, record);
		Ok(())
	}

	fn unpin(release: ReleaseId) {
		let Ok(mut record) = Self::release_record(release) else {
			defensive!("a release that is pinned cannot be removed");
			return;
		};
		let Some(users) = record.users.checked_sub(1) else {
			defensive!("each unpin follows a pin");
			return;
		};
		record.users = users;
		Releases::<T>::insert(release.model, release.version, record);
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_release(
		owner: T::AccountId,
		manifest: jurat_primitives::Manifest,
		royalty: BalanceOf<T>,
	) -> ReleaseId {
		use crate::benchmarking::{activate, publish};
		let release = publish::<T>(&owner, manifest, royalty);
		activate::<T>(release);
		release
	}
}

impl<T: Config> ReleaseFiles for Pallet<T> {
	fn file(release: ReleaseId) -> Option<ReleaseFile> {
		let record = Releases::<T>::get(release.model, release.version)?;
		let ReleaseRecord { content, size, .. } = record;
		(record.state != ReleaseState::Deprecated).then_some(ReleaseFile { content, size })
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_file(file: ReleaseFile) -> ReleaseId {
		crate::benchmarking::publish_file::<T>(file)
	}
}
