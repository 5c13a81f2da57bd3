// SPDX-License-Identifier: Apache-2.0
//! Whom `pallet-custody` may ask for proofs, and what it costs to give none.

use crate::{Attesters, BalanceOf, Config, Event, Pallet, Roster, RosterIndex, Serving};
use jurat_primitives::{
	ReleaseId,
	custody::{Custodian, Custodians},
	outcome::Fault,
};
use sp_core::Get;
use sp_runtime::{Perbill, traits::Zero};
use sp_staking::SessionIndex;

impl<T: Config> Custodians<T::AccountId> for Pallet<T> {
	fn count() -> u32 {
		RosterIndex::<T>::decode_len().unwrap_or_default() as u32
	}

	fn custodian(index: u32) -> Option<Custodian<T::AccountId>> {
		let attester = RosterIndex::<T>::get().get(index as usize)?.clone();
		let record = Attesters::<T>::get(&attester)?;
		if !Self::stands_by(&record) {
			return None;
		}
		let key = Roster::<T>::get(&attester)?.key;
		let serves = Serving::<T>::get(&attester).into_inner();
		Some(Custodian { attester, key, serves })
	}

	fn is_custodian(attester: &T::AccountId, release: ReleaseId) -> bool {
		Roster::<T>::contains_key(attester) && Serving::<T>::get(attester).contains(&release)
	}

	/// A fault like any other: it counts in full in the reputation, the first absence is a warning,
	/// and what is taken goes to the treasury, at most what the day leaves. The attester stops to
	/// serve the release: nobody is drawn for a file that it does not have.
	fn failed(attester: &T::AccountId, release: ReleaseId) {
		if let Some(mut record) = Attesters::<T>::get(attester) {
			record.reputation.note(false, Perbill::one());
			record.faults.book(Fault::NotHeld);
			let warned_until = Self::forgive(&mut record, Fault::NotHeld);
			let amount = match warned_until {
				Some(_) => BalanceOf::<T>::zero(),
				None => Self::take(attester, &mut record, Fault::NotHeld),
			};
			Self::store(attester, record);
			Self::share_out(attester, amount, &T::Treasury::get(), Zero::zero());
			Self::deposit_event(Event::NotHeld {
				attester: attester.clone(),
				release,
				amount,
				warned_until,
			});
		}
		// It may have stopped by itself.
		let _ = Self::do_stop_serving(attester.clone(), release);
	}

	fn session() -> SessionIndex {
		T::Session::get()
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_custodian(release: ReleaseId) -> Custodian<T::AccountId> {
		crate::benchmarking::busiest_custodian::<T>(release)
	}
}
