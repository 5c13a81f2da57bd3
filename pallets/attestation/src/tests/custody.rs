// SPDX-License-Identifier: Apache-2.0
//! Who can be asked for proofs, and what it costs to give none.

use crate::{Event, mock::*};
use frame_support::assert_ok;
use jurat_primitives::{Verdict, custody::Custodians, outcome::Fault};
use sp_core::Pair;

const BOND: Balance = 100_000;

/// Bonds validators with a hundred times the least bond, and lets them serve release 0.
fn serving(validators: &[AccountId]) {
	for who in validators {
		assert_ok!(Attestation::bond(RuntimeOrigin::signed(*who), BOND));
		assert_ok!(Attestation::serve(RuntimeOrigin::signed(*who), release(0)));
	}
}

fn failures() -> Vec<Event<Test>> {
	events().into_iter().filter(|event| matches!(event, Event::NotHeld { .. })).collect()
}

#[test]
fn only_who_stands_by_in_this_session_is_asked() {
	ExtBuilder.build_and_execute(|| {
		assert_eq!(Attestation::count(), VALIDATORS as u32);
		assert_eq!(Attestation::custodian(0), None);
		serving(&[1, 2]);
		let first = Attestation::custodian(0).unwrap();
		assert_eq!((first.attester, first.key), (1, pair(1).public()));
		assert_eq!(first.serves, [release(0)]);
		assert!(Attestation::is_custodian(&1, release(0)));
		assert!(!Attestation::is_custodian(&1, release(1)));

		assert_ok!(Attestation::pause(RuntimeOrigin::signed(1)));
		assert_eq!(Attestation::custodian(0), None);
		assert_ok!(Attestation::resume(RuntimeOrigin::signed(1)));
		assert!(Attestation::custodian(0).is_some());
		assert_ok!(Attestation::unbond(RuntimeOrigin::signed(1), BOND));
		assert_eq!(Attestation::custodian(0), None);

		assert_eq!(Attestation::custodian(VALIDATORS as u32), None);
		session(&[1]);
		assert_eq!(Attestation::count(), 1);
		assert_eq!(Attestation::custodian(1), None);
		assert!(!Attestation::is_custodian(&2, release(0)));
	});
}

#[test]
fn the_first_failure_is_a_warning_and_the_next_costs_its_share_for_the_treasury() {
	ExtBuilder.build_and_execute(|| {
		serving(&[1]);
		let treasury = Balances::free_balance(TREASURY);
		let before = attester(1).reputation.expected();
		Attestation::failed(&1, release(0));
		assert_eq!(attester(1).bonded, BOND);
		assert_eq!(attester(1).faults.of(Fault::NotHeld), 1);
		assert!(attester(1).reputation.expected() < before);
		let warned_until = Some(System::block_number() + 400);
		let warning = Event::NotHeld { attester: 1, release: release(0), amount: 0, warned_until };
		assert_eq!(failures(), [warning]);

		Attestation::failed(&1, release(1));
		assert_eq!(attester(1).bonded, BOND - 500);
		assert_eq!(held(1), BOND - 500);
		assert_eq!(Balances::free_balance(TREASURY) - treasury, 500);
		let penalty =
			Event::NotHeld { attester: 1, release: release(1), amount: 500, warned_until: None };
		assert_eq!(failures()[1..], [penalty]);
		assert_eq!(Attestation::attester_view(&1).unwrap().faults[4], (Fault::NotHeld, 2));
	});
}

#[test]
fn an_absence_on_a_panel_and_a_missing_proof_share_one_warning() {
	ExtBuilder.build_and_execute(|| {
		serving(&[1, 2]);
		judge(1, 1, Verdict::NoShow);
		Attestation::failed(&1, release(0));
		assert_eq!(attester(1).bonded, BOND - 500);
		Attestation::failed(&2, release(0));
		judge(2, 2, Verdict::NoShow);
		assert_eq!(attester(2).bonded, BOND - 100);
		// Over: the next is a warning again.
		System::set_block_number(System::block_number() + 400);
		Attestation::failed(&2, release(0));
		assert_eq!(attester(2).bonded, BOND - 100);
	});
}

#[test]
fn whoever_fails_serves_that_release_no_more_and_others_still() {
	ExtBuilder.build_and_execute(|| {
		serving(&[1, 2]);
		assert_ok!(Attestation::serve(RuntimeOrigin::signed(1), release(1)));
		servers_heard();
		Attestation::failed(&1, release(0));
		assert_eq!(Attestation::serving(1), [release(1)]);
		assert_eq!(Attestation::servers(release(0)), [2]);
		assert_eq!(servers_heard(), [(release(0), 1)]);
		assert_eq!(
			events().last(),
			Some(&Event::ServingStopped { attester: 1, release: release(0) })
		);
	});
}

#[test]
fn a_day_of_failures_costs_no_more_than_the_cap_and_a_bond_below_the_minimum_pauses() {
	ExtBuilder.build_and_execute(|| {
		serving(&[1]);
		for _ in 0..100 {
			Attestation::failed(&1, release(0));
		}
		assert_eq!(attester(1).bonded, BOND - BOND / 5);
		serve(&[2]);
		Attestation::failed(&2, release(0));
		Attestation::failed(&2, release(0));
		assert!(attester(2).paused && attester(2).bonded == 995);
		assert_eq!(Attestation::custodian(1), None);
	});
}

#[test]
fn whoever_has_no_bond_any_more_can_not_fail() {
	ExtBuilder.build_and_execute(|| {
		Attestation::failed(&9, release(0));
		assert_eq!(events(), []);
	});
}
