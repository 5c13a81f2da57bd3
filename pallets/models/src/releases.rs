// SPDX-License-Identifier: Apache-2.0
//! Releases: publication, price, mirrors, deprecation, removal.

use crate::{
	BalanceOf, Config, Contents, Error, Event, HoldReason, Manifests, Models, Pallet,
	ReleaseMirrors, ReleaseRecord, ReleaseRecordOf, Releases,
};
use frame_support::{ensure, pallet_prelude::*};
use jurat_primitives::{
	ContentHash, Manifest, Mirrors, ReleaseId, limits::MAX_MODEL_BYTES, mirror::is_address,
	traits::ReleaseObserver, view::ReleaseState,
};
use sp_runtime::{Saturating, traits::Zero};

impl<T: Config> Pallet<T> {
	/// A release.
	pub(crate) fn release_record(release: ReleaseId) -> Result<ReleaseRecordOf<T>, Error<T>> {
		Releases::<T>::get(release.model, release.version).ok_or(Error::<T>::UnknownRelease)
	}

	/// A release of a model of this owner.
	fn owned_release(
		release: ReleaseId,
		owner: &T::AccountId,
	) -> Result<ReleaseRecordOf<T>, Error<T>> {
		Self::owned_model(release.model, owner)?;
		Self::release_record(release)
	}

	pub(crate) fn do_publish_release(
		owner: T::AccountId,
		release: ReleaseId,
		content: ContentHash,
		size: u64,
		manifest: Manifest,
		price: BalanceOf<T>,
	) -> DispatchResult {
		let ReleaseId { model, version } = release;
		let mut record = Self::owned_model(model, &owner)?;
		ensure!(record.newest.is_none_or(|newest| version > newest), Error::<T>::VersionNotNewer);
		ensure!(record.releases < T::MaxReleases::get(), Error::<T>::TooManyReleases);
		ensure!((1..=MAX_MODEL_BYTES).contains(&size), Error::<T>::SizeOutOfRange);
		ensure!(!Contents::<T>::contains_key(model, content), Error::<T>::ContentRepeated);
		manifest.check().map_err(Error::<T>::from)?;

		let deposit = Self::release_deposit(&manifest, &Mirrors::default());
		Self::hold_release_deposit(&owner, deposit.amount)?;
		record.newest = Some(version);
		record.releases.saturating_inc();
		record.release_deposits.saturating_accrue(deposit.amount);
		Models::<T>::insert(model, record);
		let published = ReleaseRecord {
			content,
			size,
			price,
			state: ReleaseState::Published,
			deposit,
			published_at: frame_system::Pallet::<T>::block_number(),
			servers: 0,
			users: 0,
		};
		Releases::<T>::insert(model, version, published);
		Manifests::<T>::insert(model, version, manifest);
		Contents::<T>::insert(model, content, version);
		Self::deposit_event(Event::ReleasePublished { release, content, size });
		Ok(())
	}

	pub(crate) fn do_deprecate_release(owner: T::AccountId, release: ReleaseId) -> DispatchResult {
		let mut record = Self::owned_release(release, &owner)?;
		ensure!(record.state != ReleaseState::Deprecated, Error::<T>::Deprecated);
		record.state = ReleaseState::Deprecated;
		Releases::<T>::insert(release.model, release.version, record);
		Self::deposit_event(Event::ReleaseDeprecated { release });
		Ok(())
	}

	pub(crate) fn do_set_price(
		owner: T::AccountId,
		release: ReleaseId,
		price: BalanceOf<T>,
	) -> DispatchResult {
		let mut record = Self::owned_release(release, &owner)?;
		ensure!(record.state != ReleaseState::Deprecated, Error::<T>::Deprecated);
		record.price = price;
		Releases::<T>::insert(release.model, release.version, record);
		Self::deposit_event(Event::PriceSet { release, price });
		Ok(())
	}

	pub(crate) fn do_set_mirrors(
		owner: T::AccountId,
		release: ReleaseId,
		mirrors: Mirrors,
	) -> DispatchResult {
		let ReleaseId { model, version } = release;
		let mut owned = Self::owned_model(model, &owner)?;
		let mut record = Self::release_record(release)?;
		ensure!(mirrors.iter().all(|mirror| is_address(mirror)), Error::<T>::MirrorAddress);
		let manifest = Manifests::<T>::get(model, version).ok_or(Error::<T>::UnknownRelease)?;

		let deposit = Self::release_deposit(&manifest, &mirrors);
		Self::change_deposit(HoldReason::Release, &owner, record.deposit.amount, deposit.amount)?;
		owned.release_deposits.saturating_reduce(record.deposit.amount);
		owned.release_deposits.saturating_accrue(deposit.amount);
		record.deposit = deposit;
		Models::<T>::insert(model, owned);
		Releases::<T>::insert(model, version, record);
		if mirrors.is_empty() {
			ReleaseMirrors::<T>::remove(model, version);
		} else {
			ReleaseMirrors::<T>::insert(model, version, mirrors);
		}
		Self::deposit_event(Event::MirrorsSet { release });
		Ok(())
	}

	/// Removes a release: whether that is paid for, and how many served it. Whoever clears away
	/// somebody else's stale one does it for nothing, so the chain asks no fee for it.
	pub(crate) fn do_remove_release(
		who: T::AccountId,
		release: ReleaseId,
	) -> Result<(Pays, u32), DispatchError> {
		let ReleaseId { model, version } = release;
		let mut owned = Models::<T>::get(model).ok_or(Error::<T>::UnknownModel)?;
		let record = Self::release_record(release)?;
		let pays = if who == owned.owner {
			ensure!(record.state != ReleaseState::Active, Error::<T>::StillActive);
			Pays::Yes
		} else {
			ensure!(record.state == ReleaseState::Published, Error::<T>::NotOwner);
			ensure!(Self::activation_overdue(&record), Error::<T>::ActivationPending);
			Pays::No
		};
		ensure!(record.users.is_zero(), Error::<T>::InUse);

		Self::release_release_deposit(&owned.owner, record.deposit.amount)?;
		owned.releases.saturating_dec();
		owned.release_deposits.saturating_reduce(record.deposit.amount);
		Models::<T>::insert(model, owned);
		Releases::<T>::remove(model, version);
		Manifests::<T>::remove(model, version);
		ReleaseMirrors::<T>::remove(model, version);
		Contents::<T>::remove(model, record.content);
		T::Observer::release_removed(release);
		Self::deposit_event(Event::ReleaseRemoved { release });
		Ok((pays, record.servers))
	}

	fn activation_overdue(record: &ReleaseRecordOf<T>) -> bool {
		let end = record.published_at.saturating_add(T::ActivationPeriod::get());
		frame_system::Pallet::<T>::block_number() > end
	}
}
