// SPDX-License-Identifier: Apache-2.0
//! What must hold after each block.

use crate::{BalanceOf, Commissions, Config, Incomes, LOG_TARGET, Pallet};
use core::fmt::Debug;
use frame_support::traits::fungible::Inspect;
use jurat_primitives::income::{MAX_PAGES, PagedExposures};
use sp_runtime::{Saturating, TryRuntimeError, traits::Zero};

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the pallet against the state:
	///
	/// * the pot has what its entries have left in sum, and the minimum balance above it. More it
	///   has only by gifts, and by rests that the protocol's account could not take;
	/// * each entry is of some income and some backing, has paid no more than it got, and has pages
	///   of which at least one is to be paid and none is paid that it does not have;
	/// * no entry is of an era to come, and nothing is paid of the running one;
	/// * no commission was set in an era to come.
	///
	/// Reads all entries: for tests, `try-runtime` and runtime APIs.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let now = T::Exposures::era();
		for (validator, record) in Commissions::<T>::iter() {
			holds(record.era <= now, &validator, "commission is from the future")?;
		}
		let mut owed = BalanceOf::<T>::zero();
		for (validator, era, record) in Incomes::<T>::iter() {
			let entry = (validator, era);
			holds(!record.amount.is_zero(), &entry, "entry without income")?;
			holds(!record.backing.is_zero(), &entry, "entry without backing")?;
			holds(record.paid <= record.amount, &entry, "more was paid than there was")?;
			holds(record.pages <= MAX_PAGES, &entry, "entry has more pages than allowed")?;
			holds(record.paid_pages.is_below(record.pages), &entry, "paid page does not exist")?;
			holds(!record.is_complete(), &entry, "entry is paid and still there")?;
			holds(era <= now, &entry, "income is from the future")?;
			let untouched = record.paid.is_zero() && record.paid_pages.count() == 0;
			holds(era < now || untouched, &entry, "the running era is paid")?;
			owed.saturating_accrue(record.left());
		}
		let least = owed.saturating_add(T::Currency::minimum_balance());
		let there = T::Currency::balance(&Self::account_id());
		holds(there >= least, &(there, least), "the pot has less than it owes")
	}
}

/// The error carries no data, so that `subject` goes to the log.
fn holds(condition: bool, subject: &dyn Debug, flaw: &'static str) -> Result<(), TryRuntimeError> {
	if condition {
		return Ok(());
	}
	log::error!(target: LOG_TARGET, "{subject:?}: {flaw}");
	Err(TryRuntimeError::Other(flaw))
}
