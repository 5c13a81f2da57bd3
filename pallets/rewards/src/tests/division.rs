// SPDX-License-Identifier: Apache-2.0
//! How one income divides.
use crate::{Commissions, Event, Incomes, mock::*, sharing::portion};
use frame_support::assert_ok;
use jurat_primitives::income::{Division, Income};

fn entry(era: u32) -> Option<(u64, u64, u32)> {
	Incomes::<Test>::get(VALIDATOR, era).map(|r| (r.amount, r.backing, r.pages))
}

#[test]
fn the_validator_has_its_commission_and_its_own_stake_s_share() {
	ExtBuilder::default().build_and_execute(|| {
		// 10 % is 100; a quarter of the rest is 225.
		assert_eq!(earn(VALIDATOR, 1_000), Division { own: 325, shared: 675 });
		assert_eq!(free(VALIDATOR), FUNDS + 325);
		assert_eq!(free(pot()), MINIMUM + 675);
		assert_eq!(entry(FIRST), Some((675, 750, 3)));
		assert_eq!(
			events(),
			[Event::IncomeShared { validator: VALIDATOR, era: FIRST, amount: 675 }]
		);
	});
}

#[test]
fn incomes_of_an_era_add_up_and_eras_do_not_mix() {
	ExtBuilder::default().build_and_execute(|| {
		earn(VALIDATOR, 1_000);
		earn(VALIDATOR, 100);
		begin_era(FIRST + 1);
		earn(VALIDATOR, 10);
		assert_eq!(entry(FIRST), Some((675 + 67, 750, 3)));
		assert_eq!(entry(FIRST + 1), Some((6, 750, 3)));
	});
}

#[test]
fn nominators_parts_are_rounded_down() {
	ExtBuilder::default().build_and_execute(|| {
		// The commission of 0.1 is rounded up; of the rest of 0 there is nothing to share.
		assert_eq!(Rewards::divide(&VALIDATOR, 1), Division { own: 1, shared: 0 });
		// 1 is commission; three quarters of 1.
		assert_eq!(Rewards::divide(&VALIDATOR, 2), Division { own: 2, shared: 0 });
		// 1 is commission; three quarters of 2 are 1.5.
		assert_eq!(Rewards::divide(&VALIDATOR, 3), Division { own: 2, shared: 1 });
		assert_eq!(Rewards::divide(&VALIDATOR, 0), Division { own: 0, shared: 0 });
	});
}

#[test]
fn a_validator_whom_nobody_nominates_has_everything() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(earn(LONER, 1_000), Division { own: 1_000, shared: 0 });
		assert_eq!(Incomes::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_validator_that_left_the_set_has_everything() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(earn(ANYBODY, 1_000), Division { own: 1_000, shared: 0 });
		assert_eq!(Incomes::<Test>::iter().count(), 0);
	});
}

#[test]
fn nominators_without_stake_or_page_share_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		Exposures::set(FIRST, ANYBODY, 0, &[(NOMINATORS[0], 0)]);
		assert_eq!(earn(ANYBODY, 1_000), Division { own: 1_000, shared: 0 });
	});
}

#[test]
fn a_validator_without_own_stake_has_its_commission() {
	ExtBuilder::default().build_and_execute(|| {
		Exposures::set(FIRST, ANYBODY, 0, &[(NOMINATORS[0], 1)]);
		assert_eq!(earn(ANYBODY, 1_000), Division { own: 100, shared: 900 });
	});
}

#[test]
fn without_commission_the_stake_decides_alone() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Rewards::set_commission(signed(VALIDATOR), percent(0)));
		assert!(Commissions::<Test>::contains_key(VALIDATOR));
		assert_eq!(earn(VALIDATOR, 1_000), Division { own: 250, shared: 750 });
	});
}

#[test]
fn nothing_shared_leaves_no_entry() {
	ExtBuilder::default().build_and_execute(|| {
		for _ in 0..100 {
			earn(VALIDATOR, 1);
		}
		assert_eq!(Incomes::<Test>::iter().count(), 0);
		assert_eq!(events(), []);
	});
}

#[test]
fn a_flood_of_tiny_incomes_makes_one_entry_an_era() {
	ExtBuilder::default().build_and_execute(|| {
		for _ in 0..1_000 {
			earn(VALIDATOR, 3);
		}
		assert_eq!(Incomes::<Test>::iter().count(), 1);
		assert_eq!(entry(FIRST), Some((1_000, 750, 3)));
	});
}

#[test]
#[cfg_attr(debug_assertions, should_panic(expected = "shared only where it was divided"))]
fn income_of_whoever_has_no_nominators_is_not_taken_for_shared() {
	ExtBuilder::default().build_and_execute(|| {
		Rewards::shared(&LONER, 5);
		assert_eq!(Incomes::<Test>::iter().count(), 0);
		assert_eq!(events(), []);
	});
}

#[test]
fn what_a_division_costs_is_what_was_measured() {
	use crate::WeightInfo;
	assert_eq!(<Rewards as Income<u64, u64>>::weight(), <()>::divide_and_share());
	assert!(<()>::divide_and_share().ref_time() > 0);
}

#[test]
fn portions_do_not_overflow_and_are_never_more_than_the_amount() {
	assert_eq!(portion(u128::MAX, u128::MAX, u128::MAX), u128::MAX);
	assert_eq!(portion(u128::MAX, 1, u128::MAX), 1);
	assert_eq!(portion(10u128, 1, 3), 3);
	assert_eq!(portion(10u128, 2, 3), 6);
	assert_eq!(portion(10u128, 7, 3), 10);
	assert_eq!(portion(10u128, 7, 0), 0);
	assert_eq!(portion(0u128, 7, 8), 0);
}
