// SPDX-License-Identifier: Apache-2.0
use crate::{Event, mock::*};
use frame_support::{assert_noop, assert_ok};
use sp_runtime::{Perbill, traits::BadOrigin};

fn set(who: u64, rate: u32) -> sp_runtime::DispatchResult {
	Rewards::set_commission(signed(who), percent(rate))
}

fn commission() -> Perbill {
	Rewards::commission(VALIDATOR)
}

#[test]
fn who_never_set_a_commission_has_the_default() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(commission(), percent(10));
		DefaultCommission::set(percent(7));
		assert_eq!(commission(), percent(7));
	});
}

#[test]
fn a_commission_that_was_set_stays_when_the_default_changes() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(set(VALIDATOR, 10));
		assert_eq!(events(), [Event::CommissionSet { validator: VALIDATOR, rate: percent(10) }]);
		DefaultCommission::set(percent(7));
		assert_eq!(commission(), percent(10));
	});
}

#[test]
fn a_commission_rises_by_a_step_per_era_at_most() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(set(VALIDATOR, 12), E::RiseTooSteep);
		assert_ok!(set(VALIDATOR, 11));
		assert_noop!(set(VALIDATOR, 12), E::RiseTooSteep);
		begin_era(FIRST + 1);
		assert_noop!(set(VALIDATOR, 13), E::RiseTooSteep);
		assert_ok!(set(VALIDATOR, 12));
		assert_eq!(commission(), percent(12));
	});
}

#[test]
fn eras_without_a_change_save_nothing_up() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(set(VALIDATOR, 11));
		begin_era(FIRST + 50);
		assert_noop!(set(VALIDATOR, 13), E::RiseTooSteep);
		assert_ok!(set(VALIDATOR, 12));
	});
}

#[test]
fn lowering_is_free_and_undoing_it_within_the_era_too() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(set(VALIDATOR, 0));
		assert_eq!(commission(), Perbill::zero());
		assert_ok!(set(VALIDATOR, 10));
		assert_ok!(set(VALIDATOR, 11));
		// Down and up again does not move the base.
		assert_ok!(set(VALIDATOR, 5));
		assert_noop!(set(VALIDATOR, 12), E::RiseTooSteep);
		begin_era(FIRST + 1);
		assert_noop!(set(VALIDATOR, 7), E::RiseTooSteep);
		assert_ok!(set(VALIDATOR, 6));
	});
}

#[test]
fn lowering_works_when_the_limit_was_lowered_in_between() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Rewards::set_commission(signed(VALIDATOR), Perbill::from_perthousand(110)));
		MaxCommissionRise::set(Perbill::zero());
		assert_ok!(Rewards::set_commission(signed(VALIDATOR), Perbill::from_perthousand(105)));
		let up = Rewards::set_commission(signed(VALIDATOR), Perbill::from_perthousand(106));
		assert_noop!(up, E::RiseTooSteep);
	});
}

#[test]
fn a_commission_is_never_above_the_whole() {
	ExtBuilder::default().build_and_execute(|| {
		MaxCommissionRise::set(percent(95));
		assert_ok!(set(VALIDATOR, 100));
		assert_eq!(earn(VALIDATOR, 1_000).shared, 0);
	});
}

#[test]
fn the_same_commission_again_is_an_error() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(set(VALIDATOR, 9));
		assert_noop!(set(VALIDATOR, 9), E::SameCommission);
	});
}

#[test]
fn only_validators_and_candidates_have_a_commission_to_set() {
	ExtBuilder::default().build_and_execute(|| {
		assert_noop!(set(ANYBODY, 9), E::NotValidator);
		assert_noop!(set(NOMINATORS[0], 9), E::NotValidator);
		assert_ok!(set(CANDIDATE, 9));
		assert_noop!(Rewards::set_commission(RuntimeOrigin::root(), percent(9)), BadOrigin);
	});
}

#[test]
fn a_commission_raised_just_before_a_settlement_takes_a_step_and_no_more() {
	ExtBuilder::default().build_and_execute(|| {
		let before = earn(VALIDATOR, 100_000).shared;
		assert_noop!(set(VALIDATOR, 100), E::RiseTooSteep);
		assert_ok!(set(VALIDATOR, 11));
		let after = earn(VALIDATOR, 100_000).shared;
		// 1 % of the whole, of which three quarters would have been the nominators'.
		assert_eq!(before - after, 750);
	});
}
