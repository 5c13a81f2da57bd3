// SPDX-License-Identifier: Apache-2.0
//! What the view functions show. Off-chain use only: no weights.

use crate::{BalanceOf, Config, Incomes, MAX_ERAS_PER_QUERY, Pallet, UnpaidIncome};
use alloc::vec::Vec;
use jurat_primitives::income::PagedExposures;
use sp_core::Get;

impl<T: Config> Pallet<T> {
	pub(crate) fn unpaid_of(validator: &T::AccountId) -> Vec<UnpaidIncome<BalanceOf<T>>> {
		let now = T::Exposures::era();
		let mut unpaid: Vec<_> = Incomes::<T>::iter_prefix(validator)
			.take(MAX_ERAS_PER_QUERY as usize)
			.map(|(era, record)| UnpaidIncome {
				era,
				amount: record.amount,
				paid: record.paid,
				pages: (0..record.pages)
					.filter(|page| !record.paid_pages.contains(*page))
					.collect(),
				payable: era < now,
				sweepable_from: era.saturating_add(T::ClaimPeriod::get()).saturating_add(1),
			})
			.collect();
		unpaid.sort_unstable_by_key(|income| income.era);
		unpaid
	}
}
