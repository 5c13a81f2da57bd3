// SPDX-License-Identifier: Apache-2.0
//! Nominators are paid, page by page.
use crate::{Event, Incomes, mock::*};
use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use sp_runtime::traits::BadOrigin;

/// Pays a page of an era that is over.
fn pay(page: u32) -> frame_support::dispatch::PostDispatchInfo {
	Rewards::payout(signed(ANYBODY), VALIDATOR, FIRST, page).expect("the page is to be paid")
}

/// `noop` for calls that return a weight with their error.
#[track_caller]
fn refused(validator: u64, era: u32, page: u32, error: E) {
	let root = sp_io::storage::root(sp_core::storage::StateVersion::V1);
	let refusal = Rewards::payout(signed(ANYBODY), validator, era, page).unwrap_err();
	assert_eq!(refusal.error, error.into());
	assert_eq!(refusal.post_info.actual_weight, Some(payout_weight(1)));
	assert_eq!(refusal.post_info.pays_fee, Pays::Yes);
	assert_eq!(sp_io::storage::root(sp_core::storage::StateVersion::V1), root);
}

#[test]
fn each_nominator_gets_its_part_by_stake() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(earn(VALIDATOR, 10_000).shared, 6_750);
		begin_era(FIRST + 1);
		let before = free(TREASURY);
		pay(0);
		assert_eq!(gains(), [450, 900, 0, 0, 0]);
		pay(2);
		assert_eq!(gains(), [450, 900, 0, 0, 2_250]);
		pay(1);
		assert_eq!(gains(), [450, 900, 1_350, 1_800, 2_250]);
		assert_eq!(free(TREASURY), before);
		assert_eq!(Incomes::<Test>::iter().count(), 0);
		let paid = |page, nominators, amount| Event::PagePaid {
			validator: VALIDATOR,
			era: FIRST,
			page,
			nominators,
			amount,
		};
		assert_eq!(
			events()[1..],
			[
				paid(0, 2, 1_350),
				paid(2, 1, 2_250),
				paid(1, 2, 3_150),
				Event::EraPaid { validator: VALIDATOR, era: FIRST, dust: 0 },
			]
		);
	});
}

#[test]
fn shares_are_rounded_down_and_the_protocol_has_the_rest_at_once() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(earn(VALIDATOR, 1_003).shared, 676);
		begin_era(FIRST + 1);
		let before = free(TREASURY);
		(0..3).for_each(|page| {
			pay(page);
		});
		// 45.07, 90.13, 135.2, 180.27, 225.33
		assert_eq!(gains(), [45, 90, 135, 180, 225]);
		assert_eq!(free(TREASURY), before + 1);
		let end = Event::EraPaid { validator: VALIDATOR, era: FIRST, dust: 1 };
		assert_eq!(events().last(), Some(&end));
	});
}

#[test]
fn who_pays_a_page_pays_no_fee_and_the_weight_is_that_of_its_nominators() {
	ExtBuilder::default().build_and_execute(|| {
		earn(VALIDATOR, 1_000);
		begin_era(FIRST + 1);
		let info = pay(2);
		assert_eq!(info.pays_fee, Pays::No);
		assert_eq!(info.actual_weight, Some(payout_weight(1)));
		assert_eq!(pay(0).actual_weight, Some(payout_weight(2)));
	});
}

#[test]
fn a_payout_that_pays_nobody_costs_its_fee() {
	ExtBuilder::default().build_and_execute(|| {
		// 1 for all: nobody's share is a whole one.
		assert_eq!(earn(VALIDATOR, 3).shared, 1);
		begin_era(FIRST + 1);
		let before = free(TREASURY);
		assert!((0..3).all(|page| pay(page).pays_fee == Pays::Yes));
		assert_eq!(gains(), [0; 5]);
		assert_eq!(free(TREASURY), before + 1);
		assert_eq!(Incomes::<Test>::iter().count(), 0);
	});
}

#[test]
fn an_era_that_runs_or_is_to_come_is_not_paid() {
	ExtBuilder::default().build_and_execute(|| {
		earn(VALIDATOR, 1_000);
		refused(VALIDATOR, FIRST, 0, E::EraNotOver);
		refused(VALIDATOR, FIRST + 1, 0, E::EraNotOver);
		refused(VALIDATOR, u32::MAX, 0, E::EraNotOver);
	});
}

#[test]
fn a_page_is_paid_once() {
	ExtBuilder::default().build_and_execute(|| {
		earn(VALIDATOR, 1_000);
		begin_era(FIRST + 1);
		pay(1);
		refused(VALIDATOR, FIRST, 1, E::AlreadyPaid);
		pay(0);
		pay(2);
		// The entry is gone: nothing can be had from it any more.
		(0..3).for_each(|page| refused(VALIDATOR, FIRST, page, E::NoIncome));
	});
}

#[test]
fn a_page_that_does_not_exist_is_not_paid() {
	ExtBuilder::default().build_and_execute(|| {
		earn(VALIDATOR, 1_000);
		begin_era(FIRST + 1);
		for page in [3, 63, 64, 65, u32::MAX] {
			refused(VALIDATOR, FIRST, page, E::PageOutOfRange);
		}
	});
}

#[test]
fn where_nothing_was_shared_nothing_is_paid() {
	ExtBuilder::default().build_and_execute(|| {
		earn(LONER, 1_000);
		begin_era(FIRST + 1);
		refused(LONER, FIRST, 0, E::NoIncome);
		refused(VALIDATOR, FIRST, 0, E::NoIncome);
		refused(ANYBODY, FIRST, 0, E::NoIncome);
	});
}

#[test]
fn a_payout_is_signed() {
	ExtBuilder::default().build_and_execute(|| {
		earn(VALIDATOR, 1_000);
		begin_era(FIRST + 1);
		let unsigned = Rewards::payout(RuntimeOrigin::none(), VALIDATOR, FIRST, 0);
		assert_noop!(unsigned, BadOrigin);
	});
}

#[test]
fn a_nominator_that_left_is_paid_for_the_eras_in_which_it_was_there() {
	ExtBuilder::default().build_and_execute(|| {
		earn(VALIDATOR, 1_000);
		Era::set(FIRST + 1);
		Exposures::set(FIRST + 1, VALIDATOR, OWN, &[(NOMINATORS[1], 750)]);
		earn(VALIDATOR, 1_000);
		Era::set(FIRST + 2);
		pay(0);
		assert_eq!(gains()[..2], [45, 90]);
		assert_ok!(Rewards::payout(signed(ANYBODY), VALIDATOR, FIRST + 1, 0));
		assert_eq!(gains()[..2], [45, 90 + 675]);
	});
}

#[test]
fn a_share_that_cannot_arrive_fails_nothing_and_goes_to_the_protocol() {
	ExtBuilder::default().build_and_execute(|| {
		// Each gets 9, below the minimum of 10.
		Exposures::set(FIRST, ANYBODY, 0, &[(NOBODY, 1), (NOMINATORS[0], 1), (NOBODY + 1, 1)]);
		assert_eq!(earn(ANYBODY, 30).shared, 27);
		begin_era(FIRST + 1);
		let before = free(TREASURY);
		assert_ok!(Rewards::payout(signed(ANYBODY), ANYBODY, FIRST, 0));
		assert_eq!((free(NOBODY), free(NOMINATORS[0])), (0, FUNDS + 9));
		let last = Rewards::payout(signed(ANYBODY), ANYBODY, FIRST, 1).unwrap();
		assert_eq!(last.pays_fee, Pays::Yes);
		assert_eq!(free(TREASURY), before + 18);
		assert!(!frame_system::Account::<Test>::contains_key(NOBODY));
	});
}

#[test]
fn a_share_on_which_an_account_can_live_brings_it_to_life() {
	ExtBuilder::default().build_and_execute(|| {
		Exposures::set(FIRST, ANYBODY, 0, &[(NOBODY, 1)]);
		assert_eq!(earn(ANYBODY, 12).shared, 10);
		begin_era(FIRST + 1);
		assert_ok!(Rewards::payout(signed(ANYBODY), ANYBODY, FIRST, 0));
		assert_eq!(free(NOBODY), 10);
	});
}

#[test]
fn exposures_that_are_forgotten_are_not_taken_for_pages_without_nominators() {
	ExtBuilder::default().build_and_execute(|| {
		earn(VALIDATOR, 1_000);
		begin_era(FIRST + 1);
		Exposures::forget(FIRST);
		refused(VALIDATOR, FIRST, 0, E::ExposureGone);
	});
}

#[test]
fn nominators_of_one_validator_never_have_what_is_another_s() {
	ExtBuilder::default().build_and_execute(|| {
		Exposures::set(FIRST, ANYBODY, 0, &[(NOMINATORS[0], 10), (NOMINATORS[1], 10)]);
		assert_eq!(earn(ANYBODY, 100).shared, 90);
		earn(VALIDATOR, 100_000);
		begin_era(FIRST + 1);
		// A staking system that breaks its word.
		Exposures::set(FIRST, ANYBODY, 0, &[(NOMINATORS[0], 1_000), (NOMINATORS[1], 1_000)]);
		assert_ok!(Rewards::payout(signed(ANYBODY), ANYBODY, FIRST, 0));
		assert_eq!(gains()[..2], [90, 0]);
		assert_eq!(owed(), 67_500);
	});
}

#[test]
fn after_the_claim_period_nominators_are_paid_until_somebody_sweeps() {
	ExtBuilder::default().build_and_execute(|| {
		earn(VALIDATOR, 1_000);
		begin_era(FIRST + 100);
		pay(0);
		assert_eq!(gains()[..2], [45, 90]);
	});
}
