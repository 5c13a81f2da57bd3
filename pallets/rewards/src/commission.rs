// SPDX-License-Identifier: Apache-2.0
//! Commissions, and how fast they may rise.
//!
//! A commission works on each settlement from the moment it is set, so a validator could raise it
//! just before income that its nominators count on. What bounds the damage is the step: at no time
//! in an era is the commission further than [`Config::MaxCommissionRise`] above what it was when
//! the era began, whatever was set in between. Eras without a change save nothing up.

use crate::{CommissionRecord, Commissions, Config, Error, Event, Pallet};
use frame_support::{ensure, pallet_prelude::DispatchResult};
use jurat_primitives::income::PagedExposures;
use sp_core::Get;
use sp_runtime::{Perbill, Saturating};

impl<T: Config> Pallet<T> {
	/// The commission in force.
	pub(crate) fn commission_of(validator: &T::AccountId) -> Perbill {
		match Commissions::<T>::get(validator) {
			Some(record) => record.rate,
			None => T::DefaultCommission::get(),
		}
	}

	pub(crate) fn do_set_commission(who: T::AccountId, rate: Perbill) -> DispatchResult {
		ensure!(T::Exposures::is_validator(&who), Error::<T>::NotValidator);
		let era = T::Exposures::era();
		let (current, base) = match Commissions::<T>::get(&who) {
			Some(record) => {
				ensure!(rate != record.rate, Error::<T>::SameCommission);
				(record.rate, if record.era == era { record.base } else { record.rate })
			},
			// Who never set one may set the default: it is then its own, and stays when the
			// default changes.
			None => {
				let default = T::DefaultCommission::get();
				(default, default)
			},
		};
		let most = base.saturating_add(T::MaxCommissionRise::get());
		// To lower is always allowed, even to a rate that the limit, lowered since, would forbid.
		ensure!(rate <= most || rate <= current, Error::<T>::RiseTooSteep);
		Commissions::<T>::insert(&who, CommissionRecord { rate, era, base });
		Self::deposit_event(Event::CommissionSet { validator: who, rate });
		Ok(())
	}
}
