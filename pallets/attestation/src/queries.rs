// SPDX-License-Identifier: Apache-2.0
//! What the runtime API shows of attesters.

use crate::{Attesters, BalanceOf, Config, Pallet, Roster, Servers};
use alloc::vec::Vec;
use frame_system::pallet_prelude::BlockNumberFor;
use jurat_primitives::{ReleaseId, outcome::Fault, view::AttesterView};

impl<T: Config> Pallet<T> {
	/// An attester: bond, standing, work.
	pub fn attester_view(
		who: &T::AccountId,
	) -> Option<AttesterView<BalanceOf<T>, BlockNumberFor<T>>> {
		let attester = Attesters::<T>::get(who)?;
		let entry = Roster::<T>::get(who);
		let faults = [Fault::NoShow, Fault::Withheld, Fault::BadOpening, Fault::Divergent];
		Some(AttesterView {
			bonded: attester.bonded,
			unlocking: attester.unlocking.into_inner(),
			paused: attester.paused,
			active: entry.is_some(),
			stake: entry.map(|entry| entry.stake).unwrap_or_default(),
			open_panels: attester.open_panels,
			faults: faults.into_iter().map(|fault| (fault, attester.faults.of(fault))).collect(),
		})
	}

	/// The attesters that announce a release.
	pub fn servers(release: ReleaseId) -> Vec<T::AccountId> {
		Servers::<T>::get(release).into_inner()
	}
}
