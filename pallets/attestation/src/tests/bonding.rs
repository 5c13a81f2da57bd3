// SPDX-License-Identifier: Apache-2.0
//! Bonds.

use crate::{Error, Event, HoldReason, mock::*};
use frame_support::{
	assert_noop, assert_ok,
	traits::fungible::{Inspect, InspectHold},
};

fn held(who: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::AttestationBond.into(), &who)
}

fn origin(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

#[test]
fn a_bond_is_held_and_can_be_raised() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(Attestation::bond(origin(1), 1_000));
		assert_ok!(Attestation::bond_extra(origin(1), 5));
		assert_eq!(held(1), 1_005);
		assert_eq!(
			events(),
			[
				Event::Bonded { attester: 1, amount: 1_000 },
				Event::Bonded { attester: 1, amount: 5 }
			]
		);
	});
}

#[test]
fn bonds_that_are_too_small_double_or_uncovered_are_refused() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(Attestation::bond(origin(1), 999), Error::<Test>::BondTooSmall);
		assert_noop!(
			Attestation::bond(origin(1), 2_000_000),
			sp_runtime::TokenError::FundsUnavailable
		);
		assert_noop!(Attestation::bond_extra(origin(1), 1), Error::<Test>::NotBonded);
		assert_ok!(Attestation::bond(origin(1), 1_000));
		assert_noop!(Attestation::bond(origin(1), 1_000), Error::<Test>::AlreadyBonded);
		assert_noop!(Attestation::bond_extra(origin(1), 0), Error::<Test>::NothingToBond);
		assert_noop!(Attestation::bond_extra(origin(1), Balance::MAX), Error::<Test>::BondTooLarge);
	});
}

#[test]
fn an_unbonded_amount_stays_liable_until_its_period_is_over() {
	ExtBuilder.build_and_execute(|| {
		let before = Balances::balance(&1);
		assert_ok!(Attestation::bond(origin(1), 3_000));
		assert_noop!(Attestation::unbond(origin(1), 2_500), Error::<Test>::BondTooSmall);
		assert_noop!(Attestation::unbond(origin(1), 3_001), Error::<Test>::NotBonded);
		assert_noop!(Attestation::unbond(origin(1), 0), Error::<Test>::NotBonded);
		assert_ok!(Attestation::unbond(origin(1), 500));
		assert_eq!(held(1), 3_000);
		System::set_block_number(50);
		assert_noop!(Attestation::withdraw(origin(1)), Error::<Test>::NothingToWithdraw);
		System::set_block_number(51);
		assert_ok!(Attestation::withdraw(origin(1)));
		assert_eq!(held(1), 2_500);
		assert_eq!(events().last(), Some(&Event::Withdrawn { attester: 1, amount: 500 }));

		assert_ok!(Attestation::unbond(origin(1), 2_500));
		assert_noop!(Attestation::bond_extra(origin(1), 1), Error::<Test>::NotBonded);
		System::set_block_number(200);
		assert_ok!(Attestation::withdraw(origin(1)));
		assert_eq!(held(1), 0);
		assert_eq!(Balances::balance(&1), before);
		assert!(crate::Attesters::<Test>::get(1).is_none());
		assert_noop!(Attestation::withdraw(origin(1)), Error::<Test>::NotBonded);
		assert_noop!(Attestation::unbond(origin(1), 1), Error::<Test>::NotBonded);
	});
}

#[test]
fn parts_on_their_way_out_are_bounded() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(Attestation::bond(origin(1), 3_000));
		for _ in 0..3 {
			assert_ok!(Attestation::unbond(origin(1), 100));
		}
		assert_noop!(Attestation::unbond(origin(1), 100), Error::<Test>::TooManyUnlocking);
	});
}

#[test]
fn the_last_of_a_bond_stays_while_a_panel_is_open() {
	ExtBuilder.build_and_execute(|| {
		serve(&[1, 2, 3]);
		let who = draw(7, 3, 2, true)[0];
		assert_ok!(Attestation::unbond(origin(who), 1_000));
		System::set_block_number(100);
		assert_noop!(Attestation::withdraw(origin(who)), Error::<Test>::PanelsOpen);
		use jurat_primitives::traits::Panels;
		Attestation::close(7);
		assert_ok!(Attestation::withdraw(origin(who)));
	});
}

#[test]
fn a_bond_can_be_renewed_after_all_of_it_was_unbonded() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(Attestation::bond(origin(1), 1_000));
		assert_ok!(Attestation::unbond(origin(1), 1_000));
		assert_ok!(Attestation::bond(origin(1), 2_000));
		assert_eq!(held(1), 3_000);
		assert_eq!(attester(1).bonded, 2_000);
	});
}

#[test]
fn whoever_is_paused_or_unbonded_is_not_drawn() {
	ExtBuilder.build_and_execute(|| {
		serve(&[1, 2, 3, 4]);
		assert_noop!(Attestation::resume(origin(1)), Error::<Test>::NotPaused);
		assert_ok!(Attestation::pause(origin(1)));
		assert_noop!(Attestation::pause(origin(1)), Error::<Test>::AlreadyPaused);
		assert_noop!(Attestation::pause(origin(20)), Error::<Test>::NotBonded);
		let mut drawn = draw(1, 3, 2, true);
		drawn.sort();
		assert_eq!(drawn, [2, 3, 4]);
		assert_ok!(Attestation::unbond(origin(2), 1_000));
		use jurat_primitives::{UnservedReason, traits::Panels};
		assert_eq!(Attestation::draw(2, &spec(3, 2, true)), Err(UnservedReason::TooFewAttesters));
		assert_ok!(Attestation::resume(origin(1)));
		let mut drawn = draw(3, 3, 2, true);
		drawn.sort();
		assert_eq!(drawn, [1, 3, 4]);
	});
}
