// SPDX-License-Identifier: Apache-2.0
//! What the runtime API shows of attesters.

use crate::{Attesters, BalanceOf, Config, Pallet, PendingPenalties, Roster, Servers, Serving};
use alloc::vec::Vec;
use frame_system::pallet_prelude::BlockNumberFor;
use jurat_primitives::{
	ReleaseId,
	outcome::Fault,
	traits::Exposure,
	view::{AttesterView, Backing, EconomicSecurity},
};
use sp_runtime::{SaturatedConversion, Saturating, traits::Zero};

impl<T: Config> Pallet<T> {
	/// An attester: bond, standing, work.
	pub fn attester_view(
		who: &T::AccountId,
	) -> Option<AttesterView<T::AccountId, BalanceOf<T>, BlockNumberFor<T>>> {
		let attester = Attesters::<T>::get(who)?;
		let entry = Roster::<T>::get(who);
		let active = entry.is_some();
		let exposure = entry.map(|entry| entry.exposure).unwrap_or_default();
		let now = frame_system::Pallet::<T>::block_number();
		Some(AttesterView {
			bonded: attester.bonded,
			unlocking: attester.unlocking.into_inner(),
			// As many as it had wrong answers within one challenge window.
			pending: PendingPenalties::<T>::iter_prefix(who).collect(),
			paused: attester.paused,
			active,
			exposure,
			reputation: attester.reputation.expected(),
			weight: attester.reputation.weighs(exposure.total.saturated_into()),
			open_panels: attester.open_panels,
			faults: Fault::ALL
				.into_iter()
				.map(|fault| (fault, attester.faults.of(fault)))
				.collect(),
			warned_until: attester.warned_until.filter(|until| now < *until),
		})
	}

	/// The attesters that announce a release.
	pub fn servers(release: ReleaseId) -> Vec<T::AccountId> {
		Servers::<T>::get(release).into_inner()
	}

	/// The releases that an attester announces.
	pub fn served_by(attester: &T::AccountId) -> Vec<ReleaseId> {
		Serving::<T>::get(attester).into_inner()
	}

	/// What these attesters can still lose, now.
	pub fn economic_security(
		attesters: impl IntoIterator<Item = T::AccountId>,
	) -> EconomicSecurity<T::AccountId, BalanceOf<T>> {
		let members: Vec<_> = attesters
			.into_iter()
			.map(|attester| Backing {
				bond: Attesters::<T>::get(&attester)
					.map(|record| record.liable())
					.unwrap_or_default(),
				exposure: Roster::<T>::get(&attester)
					.map(|entry| entry.exposure)
					.unwrap_or_default(),
				attester,
			})
			.collect();
		let sum = |of: fn(&Backing<T::AccountId, BalanceOf<T>>) -> BalanceOf<T>| {
			members.iter().fold(BalanceOf::<T>::zero(), |sum, one| sum.saturating_add(of(one)))
		};
		EconomicSecurity {
			bonds: sum(|one| one.bond),
			own: sum(|one| one.exposure.own),
			nominated: sum(|one| {
				let Exposure { own, total } = one.exposure;
				total.saturating_sub(own)
			}),
			members,
		}
	}
}
