// SPDX-License-Identifier: Apache-2.0
//! Deposits: what storage costs, and every touch of the currency.

use crate::{BalanceOf, Config, Deposit, HoldReason, ModelRecordOf, Pallet};
use codec::Encode;
use frame_support::{
	defensive,
	pallet_prelude::DispatchResult,
	traits::{
		fungible::MutateHold,
		tokens::{Fortitude, Precision, Restriction},
	},
};
use jurat_primitives::{Manifest, Mirrors};
use sp_core::Get;
use sp_runtime::traits::Zero;

impl<T: Config> Pallet<T> {
	/// The deposit for a model: for its bytes of variable length, on a base for the rest.
	pub(crate) fn model_deposit(name: &[u8], metadata: &[u8]) -> Deposit<BalanceOf<T>> {
		let bytes = Self::model_bytes(name, metadata);
		Deposit::new(T::ModelDeposit::get(), bytes, T::DepositPerByte::get())
	}

	/// The deposit for a release: for its manifest and mirrors, on a base for the rest.
	pub(crate) fn release_deposit(manifest: &Manifest, mirrors: &Mirrors) -> Deposit<BalanceOf<T>> {
		let bytes = Self::release_bytes(manifest, mirrors);
		Deposit::new(T::ReleaseDeposit::get(), bytes, T::DepositPerByte::get())
	}

	/// Bytes that a model pays for.
	pub(crate) fn model_bytes(name: &[u8], metadata: &[u8]) -> u32 {
		// Both are bounded far below 2³².
		(name.encoded_size() + metadata.encoded_size()) as u32
	}

	/// Bytes that a release pays for.
	pub(crate) fn release_bytes(manifest: &Manifest, mirrors: &Mirrors) -> u32 {
		// Without mirrors there is no entry for them.
		let of_mirrors = if mirrors.is_empty() { 0 } else { mirrors.encoded_size() };
		// Both are bounded far below 2³².
		(manifest.encoded_size() + of_mirrors) as u32
	}

	pub(crate) fn hold_model_deposit(who: &T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
		T::Currency::hold(&HoldReason::Model.into(), who, amount)
	}

	pub(crate) fn hold_release_deposit(who: &T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
		T::Currency::hold(&HoldReason::Release.into(), who, amount)
	}

	pub(crate) fn release_model_deposit(
		who: &T::AccountId,
		amount: BalanceOf<T>,
	) -> DispatchResult {
		Self::give_back(HoldReason::Model, who, amount)
	}

	pub(crate) fn release_release_deposit(
		who: &T::AccountId,
		amount: BalanceOf<T>,
	) -> DispatchResult {
		Self::give_back(HoldReason::Release, who, amount)
	}

	/// Holds or gives back what makes `old` into `new`.
	pub(crate) fn change_deposit(
		reason: HoldReason,
		who: &T::AccountId,
		old: BalanceOf<T>,
		new: BalanceOf<T>,
	) -> DispatchResult {
		if new > old {
			T::Currency::hold(&reason.into(), who, new - old)
		} else if new < old {
			Self::give_back(reason, who, old - new)
		} else {
			Ok(())
		}
	}

	/// Moves the deposits of a model and its releases to another account, where they stay on hold.
	pub(crate) fn move_deposits(model: &ModelRecordOf<T>, to: &T::AccountId) -> DispatchResult {
		let parts = [
			(HoldReason::Model, model.deposit.amount),
			(HoldReason::Release, model.release_deposits),
		];
		for (reason, amount) in parts {
			if amount.is_zero() {
				continue;
			}
			// Polite: a gift must not be a way around the giver's own freezes.
			T::Currency::transfer_on_hold(
				&reason.into(),
				&model.owner,
				to,
				amount,
				Precision::Exact,
				Restriction::OnHold,
				Fortitude::Polite,
			)?;
		}
		Ok(())
	}

	fn give_back(reason: HoldReason, who: &T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
		// Best effort: were the hold ever less than the record, the entry could still be removed.
		let released = T::Currency::release(&reason.into(), who, amount, Precision::BestEffort)?;
		if released != amount {
			defensive!("a deposit is held as long as its record exists");
		}
		Ok(())
	}
}
