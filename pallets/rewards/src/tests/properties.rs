// SPDX-License-Identifier: Apache-2.0
//! Whatever is earned, staked and set: everything adds up to the unit.
use crate::{CommissionRecord, Commissions, Incomes, mock::*};
use frame_support::assert_ok;
use jurat_primitives::income::Income;
use proptest::prelude::*;
use sp_runtime::Perbill;

const BIG: u64 = u64::MAX / 1_000;

fn set_commission(parts: u32) -> Perbill {
	let rate = Perbill::from_parts(parts);
	Commissions::<Test>::insert(VALIDATOR, CommissionRecord { rate, era: FIRST, base: rate });
	rate
}

/// Accounts that live, and accounts that do not.
fn nominators(stakes: &[u64]) -> Vec<(u64, u64)> {
	let account = |place| if place % 2 == 0 { NOMINATORS[place % 5] } else { 1_000 + place as u64 };
	stakes.iter().enumerate().map(|(place, stake)| (account(place), *stake)).collect()
}

proptest! {
	#[test]
	fn a_division_is_the_whole_and_in_nobody_s_favour_but_the_validator_s(
		amount: u64,
		parts in 0..=1_000_000_000u32,
		own in 0..BIG,
		stakes in prop::collection::vec(0..BIG, 0..9),
	) {
		ExtBuilder::default().build().execute_with(|| {
			let rate = set_commission(parts);
			Exposures::set(FIRST, VALIDATOR, own, &nominators(&stakes));
			let division = Rewards::divide(&VALIDATOR, amount);
			prop_assert_eq!(u128::from(division.own) + u128::from(division.shared), amount.into());
			let backing: u128 = stakes.iter().map(|stake| u128::from(*stake)).sum();
			let total = backing + u128::from(own);
			if backing == 0 {
				prop_assert_eq!(division.shared, 0);
			} else {
				let rest = u128::from(amount - rate.mul_ceil(amount));
				prop_assert_eq!(u128::from(division.shared), rest * backing / total);
			}
			Ok(())
		})?;
	}

	#[test]
	fn payouts_and_dust_are_what_was_shared(
		amounts in prop::collection::vec(0..2_000u64, 1..20),
		parts in 0..=1_000_000_000u32,
		own in 0..BIG,
		stakes in prop::collection::vec(0..BIG, 1..9),
		first in 0..4u32,
		claimed in 0..4u32,
	) {
		ExtBuilder::default().build_and_execute(|| {
			set_commission(parts);
			let nominators = nominators(&stakes);
			Exposures::set(FIRST, VALIDATOR, own, &nominators);
			let everybody = || -> u64 {
				let mut accounts: Vec<_> = nominators.iter().map(|(who, _)| *who).collect();
				accounts.sort_unstable();
				accounts.dedup();
				accounts.into_iter().map(free).sum()
			};
			let (had, protocol) = (everybody(), free(TREASURY));
			let shared: u64 = amounts.iter().map(|amount| earn(VALIDATOR, *amount).shared).sum();
			assert_eq!(owed(), shared);

			// Some pages, in some order; the protocol has the rest.
			begin_era(FIRST + 4);
			let pages = (stakes.len() as u32).div_ceil(MaxPageSize::get());
			for page in (0..claimed.min(pages)).map(|n| (first + n) % pages) {
				if shared > 0 {
					assert_ok!(Rewards::payout(signed(ANYBODY), VALIDATOR, FIRST, page));
				}
				assert_ok!(Rewards::do_try_state());
			}
			if Incomes::<Test>::contains_key(VALIDATOR, FIRST) {
				assert_ok!(Rewards::sweep(signed(ANYBODY), VALIDATOR, FIRST));
			}
			assert_eq!(everybody() - had + free(TREASURY) - protocol, shared);
			assert_eq!(free(pot()), MINIMUM);
		});
	}
}
