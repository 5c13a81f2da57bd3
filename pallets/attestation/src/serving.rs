// SPDX-License-Identifier: Apache-2.0
//! Who serves which release. Kept both ways: a draw looks for those who serve a release, whoever
//! asks an attester for proofs for what it serves.

use crate::{
	AttesterOf, Attesters, Config, Error, Event, Pallet, Roster, Servers, Serving,
	weights::WeightInfo,
};
use frame_support::{ensure, weights::Weight};
use jurat_primitives::{
	ReleaseId,
	traits::{ReleaseObserver, ServedReleases},
};
use sp_core::Get;
use sp_runtime::{DispatchError, DispatchResult};

impl<T: Config> Pallet<T> {
	/// Whether an attester stands by: bonded and not paused.
	pub(crate) fn stands_by(attester: &AttesterOf<T>) -> bool {
		attester.bonded >= T::MinBond::get() && !attester.paused
	}

	/// Whether an attester may be given work: it stands by, and is not overloaded. Being in the
	/// session's roster is asked separately, since that also gives key and stake.
	pub(crate) fn takes_work(attester: &AttesterOf<T>) -> bool {
		Self::stands_by(attester) && attester.open_panels < T::MaxOpenPanels::get()
	}

	/// Whether somebody may announce a release now. The place in the list of servers that it would
	/// take, if the list is full.
	pub(crate) fn may_serve(
		who: &T::AccountId,
		release: ReleaseId,
	) -> Result<Option<usize>, DispatchError> {
		let attester = Attesters::<T>::get(who).ok_or(Error::<T>::NotBonded)?;
		ensure!(attester.bonded >= T::MinBond::get(), Error::<T>::NotBonded);
		// Only validators: to crowd others out of a release then costs seats in consensus.
		ensure!(Roster::<T>::contains_key(who), Error::<T>::NotValidator);
		T::Releases::may_be_served(release)?;
		let served = Serving::<T>::get(who);
		ensure!(!served.contains(&release), Error::<T>::AlreadyServing);
		ensure!(!served.is_full(), Error::<T>::TooManyServed);
		let servers = Servers::<T>::get(release);
		if !servers.is_full() {
			return Ok(None);
		}
		// A place held by somebody who can not be drawn is free.
		let idle = servers.iter().position(|server| {
			!Roster::<T>::contains_key(server)
				|| Attesters::<T>::get(server).is_none_or(|other| other.bonded < T::MinBond::get())
		});
		Ok(Some(idle.ok_or(Error::<T>::TooManyServers)?))
	}

	pub(crate) fn do_serve(who: T::AccountId, release: ReleaseId) -> DispatchResult {
		let taken = Self::may_serve(&who, release)?;
		let servers = Servers::<T>::try_mutate(release, |servers| {
			if let Some(place) = taken {
				Self::forget_served(&servers.remove(place), release);
			}
			servers.try_push(who.clone()).map_err(|_| Error::<T>::TooManyServers)?;
			Ok::<_, DispatchError>(servers.len() as u32)
		})?;
		Serving::<T>::try_mutate(&who, |served| served.try_push(release))
			.map_err(|_| Error::<T>::TooManyServed)?;
		T::Releases::servers_changed(release, servers);
		Self::deposit_event(Event::ServingStarted { attester: who, release });
		Ok(())
	}

	pub(crate) fn do_stop_serving(who: T::AccountId, release: ReleaseId) -> DispatchResult {
		let servers = Servers::<T>::try_mutate_exists(release, |slot| {
			let servers = slot.as_mut().ok_or(Error::<T>::NotServing)?;
			let place =
				servers.iter().position(|server| server == &who).ok_or(Error::<T>::NotServing)?;
			servers.remove(place);
			let left = servers.len() as u32;
			if left == 0 {
				*slot = None;
			}
			Ok::<_, DispatchError>(left)
		})?;
		Self::forget_served(&who, release);
		T::Releases::servers_changed(release, servers);
		Self::deposit_event(Event::ServingStopped { attester: who, release });
		Ok(())
	}

	/// Takes a release off what an attester serves.
	fn forget_served(who: &T::AccountId, release: ReleaseId) {
		Serving::<T>::mutate_exists(who, |slot| {
			if let Some(served) = slot {
				served.retain(|other| *other != release);
				if served.is_empty() {
					*slot = None;
				}
			}
		});
	}
}

impl<T: Config> ReleaseObserver for Pallet<T> {
	fn release_removed(release: ReleaseId) {
		for server in Servers::<T>::take(release) {
			Self::forget_served(&server, release);
		}
	}

	fn weight(servers: u32) -> Weight {
		T::WeightInfo::release_removed(servers.min(T::MaxServers::get()))
	}
}
