// SPDX-License-Identifier: Apache-2.0
//! What nobody claims in time.
use crate::{Event, Incomes, mock::*};
use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use sp_runtime::traits::BadOrigin;

fn sweep(era: u32) -> frame_support::dispatch::DispatchResultWithPostInfo {
	Rewards::sweep(signed(ANYBODY), VALIDATOR, era)
}

#[test]
fn after_the_claim_period_the_rest_goes_to_the_protocol_without_a_fee() {
	ExtBuilder::default().build_and_execute(|| {
		earn(VALIDATOR, 1_000);
		begin_era(FIRST + 1);
		assert_ok!(Rewards::payout(signed(ANYBODY), VALIDATOR, FIRST, 0));
		begin_era(FIRST + 4);
		let before = free(TREASURY);
		assert_eq!(sweep(FIRST).unwrap().pays_fee, Pays::No);
		assert_eq!(free(TREASURY), before + 675 - 135);
		assert!(!Incomes::<Test>::contains_key(VALIDATOR, FIRST));
		let swept = Event::Swept { validator: VALIDATOR, era: FIRST, amount: 540 };
		assert_eq!(events().last(), Some(&swept));
		let late = Rewards::payout(signed(ANYBODY), VALIDATOR, FIRST, 1).unwrap_err();
		assert_eq!(late.error, E::NoIncome.into());
	});
}

#[test]
fn nominators_have_the_whole_claim_period() {
	ExtBuilder::default().build_and_execute(|| {
		earn(VALIDATOR, 1_000);
		for era in FIRST..=FIRST + 3 {
			begin_era(era);
			assert_noop!(sweep(FIRST), E::ClaimPeriodRunning);
		}
		begin_era(FIRST + 4);
		assert_ok!(sweep(FIRST));
	});
}

#[test]
fn the_running_era_is_never_swept_and_no_era_overflows() {
	ExtBuilder::default().build_and_execute(|| {
		ClaimPeriod::set(0);
		earn(VALIDATOR, 1_000);
		assert_noop!(sweep(FIRST), E::ClaimPeriodRunning);
		assert_noop!(sweep(u32::MAX), E::ClaimPeriodRunning);
		begin_era(FIRST + 1);
		assert_ok!(sweep(FIRST));
	});
}

#[test]
fn what_is_not_there_is_not_swept_twice() {
	ExtBuilder::default().build_and_execute(|| {
		begin_era(FIRST + 10);
		assert_noop!(sweep(FIRST), E::NoIncome);
		earn(VALIDATOR, 1_000);
		begin_era(FIRST + 14);
		assert_ok!(sweep(FIRST + 10));
		assert_noop!(sweep(FIRST + 10), E::NoIncome);
	});
}

#[test]
fn a_sweep_is_signed() {
	ExtBuilder::default().build_and_execute(|| {
		let unsigned = Rewards::sweep(RuntimeOrigin::none(), VALIDATOR, FIRST);
		assert_noop!(unsigned, BadOrigin);
	});
}

#[test]
fn what_the_staking_system_forgot_can_be_swept() {
	ExtBuilder::default().build_and_execute(|| {
		earn(VALIDATOR, 1_000);
		begin_era(FIRST + 4);
		Exposures::forget(FIRST);
		assert_ok!(sweep(FIRST));
	});
}
