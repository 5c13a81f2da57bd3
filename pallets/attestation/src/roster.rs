// SPDX-License-Identifier: Apache-2.0
//! The validators of this session: their attestation keys and the stake behind them.

use crate::{
	Config, Pallet, Roster, RosterIndex, RosterStake, types::RosterEntry, weights::WeightInfo,
};
use alloc::vec::Vec;
use frame_support::traits::OneSessionHandler;
use jurat_primitives::{crypto::AttestationId, traits::ValidatorStake};
use sp_core::Get;
use sp_runtime::{Saturating, traits::Zero};

impl<T: Config> Pallet<T> {
	/// Replaces the roster. Validators beyond [`Config::MaxValidators`] are left out and say so in
	/// the log; the runtime bounds the validator set by the same number.
	pub(crate) fn set_roster(validators: impl Iterator<Item = (T::AccountId, AttestationId)>) {
		for validator in RosterIndex::<T>::take() {
			Roster::<T>::remove(validator);
		}
		let mut index = Vec::new();
		let mut total = crate::BalanceOf::<T>::zero();
		let mut left_out = 0u32;
		for (validator, key) in validators {
			if index.len() as u32 >= T::MaxValidators::get() {
				left_out = left_out.saturating_add(1);
				continue;
			}
			let exposure = T::Stake::exposure(&validator);
			total.saturating_accrue(exposure.total);
			Roster::<T>::insert(&validator, RosterEntry { key, exposure });
			index.push(validator);
		}
		if left_out > 0 {
			log::error!(
				target: crate::LOG_TARGET,
				"{left_out} validators more than the roster holds can not attest",
			);
		}
		let validators = index.len() as u32;
		RosterIndex::<T>::put(frame_support::BoundedVec::truncate_from(index));
		RosterStake::<T>::put(total);
		Self::forget_divergents(T::Session::get());
		frame_system::Pallet::<T>::register_extra_weight_unchecked(
			T::WeightInfo::on_new_session(validators),
			frame_support::dispatch::DispatchClass::Mandatory,
		);
	}
}

impl<T: Config> sp_runtime::BoundToRuntimeAppPublic for Pallet<T> {
	type Public = AttestationId;
}

impl<T: Config> OneSessionHandler<T::AccountId> for Pallet<T> {
	type Key = AttestationId;

	fn on_genesis_session<'a, I: 'a>(validators: I)
	where
		I: Iterator<Item = (&'a T::AccountId, AttestationId)>,
	{
		Self::set_roster(validators.map(|(validator, key)| (validator.clone(), key)));
	}

	fn on_new_session<'a, I: 'a>(_changed: bool, validators: I, _queued: I)
	where
		I: Iterator<Item = (&'a T::AccountId, AttestationId)>,
	{
		// Even if the set is the same: a new era changes the stake behind it.
		Self::set_roster(validators.map(|(validator, key)| (validator.clone(), key)));
	}

	fn on_disabled(_validator_index: u32) {
		// A validator that consensus disabled keeps its duties here; its faults are its own.
	}
}
