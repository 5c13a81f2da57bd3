// SPDX-License-Identifier: Apache-2.0
use crate::{Incomes, MAX_ERAS_PER_QUERY, PageSet, UnpaidIncome, mock::*};
use frame_support::assert_ok;

#[test]
fn the_eras_that_are_to_be_paid_are_shown_with_their_pages() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(Rewards::unpaid(VALIDATOR), []);
		earn(VALIDATOR, 1_000);
		begin_era(FIRST + 1);
		earn(VALIDATOR, 100);
		assert_ok!(Rewards::payout(signed(ANYBODY), VALIDATOR, FIRST, 1));
		assert_eq!(
			Rewards::unpaid(VALIDATOR),
			[
				UnpaidIncome {
					era: FIRST,
					amount: 675,
					paid: 315,
					pages: vec![0, 2],
					payable: true,
					sweepable_from: FIRST + 4,
				},
				UnpaidIncome {
					era: FIRST + 1,
					amount: 67,
					paid: 0,
					pages: vec![0, 1, 2],
					payable: false,
					sweepable_from: FIRST + 5,
				},
			]
		);
		// What it says can be swept from then on, and not before.
		Era::set(FIRST + 3);
		assert!(Rewards::sweep(signed(ANYBODY), VALIDATOR, FIRST).is_err());
		Era::set(FIRST + 4);
		assert_ok!(Rewards::sweep(signed(ANYBODY), VALIDATOR, FIRST));
	});
}

#[test]
fn a_query_shows_a_bounded_number_of_eras() {
	ExtBuilder::default().build().execute_with(|| {
		earn(VALIDATOR, 1_000);
		let record = Incomes::<Test>::get(VALIDATOR, FIRST).unwrap();
		for era in 0..2 * MAX_ERAS_PER_QUERY {
			Incomes::<Test>::insert(VALIDATOR, era, record.clone());
		}
		assert_eq!(Rewards::unpaid(VALIDATOR).len(), MAX_ERAS_PER_QUERY as usize);
	});
}

#[test]
fn a_set_of_pages_knows_its_pages_and_no_others() {
	let mut pages = PageSet::default();
	for page in [0, 5, 63] {
		assert!(!pages.contains(page));
		pages.insert(page);
		assert!(pages.contains(page));
	}
	assert_eq!(pages.count(), 3);
	assert!(pages.is_below(64) && !pages.is_below(63) && !pages.is_below(0));
	// Beyond the last, nothing is ever in it.
	for page in [64, 65, u32::MAX] {
		pages.insert(page);
		assert!(!pages.contains(page));
	}
	assert_eq!(pages.count(), 3);
}
