// SPDX-License-Identifier: Apache-2.0
//! Who serves which release.

use crate::{AttesterOf, Attesters, Config, Error, Event, Pallet, Roster, Servers};
use frame_support::ensure;
use jurat_primitives::{
	ReleaseId,
	traits::{ReleaseObserver, ServedReleases},
};
use sp_core::Get;
use sp_runtime::DispatchResult;

impl<T: Config> Pallet<T> {
	/// Whether an attester may be given work: bonded, not paused, not overloaded. Being in the
	/// session's roster is asked separately, since that also gives key and stake.
	pub(crate) fn takes_work(attester: &AttesterOf<T>) -> bool {
		attester.bonded >= T::MinBond::get()
			&& !attester.paused
			&& attester.open_panels < T::MaxOpenPanels::get()
	}

	pub(crate) fn do_serve(who: T::AccountId, release: ReleaseId) -> DispatchResult {
		let attester = Attesters::<T>::get(&who).ok_or(Error::<T>::NotBonded)?;
		ensure!(attester.bonded >= T::MinBond::get(), Error::<T>::NotBonded);
		// Only validators: to crowd others out of a release then costs seats in consensus.
		ensure!(Roster::<T>::contains_key(&who), Error::<T>::NotValidator);
		T::Releases::may_be_served(release)?;
		let servers = Servers::<T>::try_mutate(release, |servers| {
			ensure!(!servers.contains(&who), Error::<T>::AlreadyServing);
			if servers.is_full() {
				// A place held by somebody who can not be drawn is free.
				let idle = servers
					.iter()
					.position(|server| {
						!Roster::<T>::contains_key(server)
							|| Attesters::<T>::get(server)
								.is_none_or(|other| other.bonded < T::MinBond::get())
					})
					.ok_or(Error::<T>::TooManyServers)?;
				servers.remove(idle);
			}
			servers.try_push(who.clone()).map_err(|_| Error::<T>::TooManyServers)?;
			Ok::<_, sp_runtime::DispatchError>(servers.len() as u32)
		})?;
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
			Ok::<_, sp_runtime::DispatchError>(left)
		})?;
		T::Releases::servers_changed(release, servers);
		Self::deposit_event(Event::ServingStopped { attester: who, release });
		Ok(())
	}
}

impl<T: Config> ReleaseObserver for Pallet<T> {
	fn release_removed(release: ReleaseId) {
		Servers::<T>::remove(release);
	}
}
