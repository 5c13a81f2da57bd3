// SPDX-License-Identifier: Apache-2.0
//! Announcements and the roster.

use crate::{Error, Event, Roster, RosterIndex, Servers, Serving, mock::*};
use frame_support::{assert_noop, assert_ok};
use jurat_primitives::{limits::MAX_SERVED, traits::ReleaseObserver};
use sp_runtime::DispatchError;

fn origin(who: AccountId) -> RuntimeOrigin {
	RuntimeOrigin::signed(who)
}

#[test]
fn the_registry_hears_who_serves() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(Attestation::bond(origin(1), 1_000));
		assert_ok!(Attestation::bond(origin(2), 1_000));
		assert_ok!(Attestation::serve(origin(1), release(0)));
		assert_ok!(Attestation::serve(origin(2), release(0)));
		assert_ok!(Attestation::stop_serving(origin(1), release(0)));
		assert_ok!(Attestation::stop_serving(origin(2), release(0)));
		let r = release(0);
		assert_eq!(servers_heard(), [(r, 1), (r, 2), (r, 1), (r, 0)]);
		assert!(!Servers::<Test>::contains_key(r));
		assert_eq!(
			events()[2..],
			[
				Event::ServingStarted { attester: 1, release: r },
				Event::ServingStarted { attester: 2, release: r },
				Event::ServingStopped { attester: 1, release: r },
				Event::ServingStopped { attester: 2, release: r },
			]
		);
	});
}

#[test]
fn only_bonded_validators_announce_and_only_once() {
	ExtBuilder.build_and_execute(|| {
		assert_noop!(Attestation::serve(origin(1), release(0)), Error::<Test>::NotBonded);
		let outsider = VALIDATORS + 1;
		assert_ok!(Attestation::bond(origin(outsider), 1_000));
		assert_noop!(Attestation::serve(origin(outsider), release(0)), Error::<Test>::NotValidator);
		assert_ok!(Attestation::bond(origin(1), 1_000));
		assert_noop!(Attestation::stop_serving(origin(1), release(0)), Error::<Test>::NotServing);
		assert_ok!(Attestation::serve(origin(1), release(0)));
		assert_noop!(Attestation::serve(origin(1), release(0)), Error::<Test>::AlreadyServing);
		assert_noop!(Attestation::stop_serving(origin(2), release(0)), Error::<Test>::NotServing);
		assert_ok!(Attestation::unbond(origin(1), 1_000));
		assert_noop!(Attestation::serve(origin(1), release(1)), Error::<Test>::NotBonded);
	});
}

#[test]
fn what_the_registry_forbids_is_not_announced() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(Attestation::bond(origin(1), 1_000));
		forbid_serving();
		assert_noop!(Attestation::serve(origin(1), release(0)), DispatchError::Other("forbidden"));
	});
}

#[test]
fn a_full_list_takes_the_place_of_somebody_who_can_not_work() {
	ExtBuilder.build_and_execute(|| {
		serve(&(1..=20).collect::<Vec<_>>());
		assert_ok!(Attestation::bond(origin(21), 1_000));
		assert_noop!(Attestation::serve(origin(21), release(0)), Error::<Test>::TooManyServers);
		// 5 leaves the set of validators.
		session(&(1..=VALIDATORS).filter(|who| *who != 5).collect::<Vec<_>>());
		assert_ok!(Attestation::serve(origin(21), release(0)));
		assert!(!Servers::<Test>::get(release(0)).contains(&5));
		assert_eq!(Attestation::serving(5), []);
		// 6 takes its bond back.
		assert_ok!(Attestation::unbond(origin(6), 1_000));
		assert_ok!(Attestation::bond(origin(22), 1_000));
		assert_ok!(Attestation::serve(origin(22), release(0)));
		assert!(!Servers::<Test>::get(release(0)).contains(&6));
	});
}

#[test]
fn nobody_serves_a_release_that_is_gone() {
	ExtBuilder.build_and_execute(|| {
		serve(&[1, 2]);
		assert_ok!(Attestation::serve(origin(1), release(1)));
		Attestation::release_removed(release(0));
		assert!(Servers::<Test>::get(release(0)).is_empty());
		assert_eq!(Attestation::serving(1), [release(1)]);
		assert!(!Serving::<Test>::contains_key(2));
	});
}

#[test]
fn what_a_removal_weighs_is_bounded_by_the_servers_there_may_be() {
	let weight = |servers| <Attestation as ReleaseObserver>::weight(servers).ref_time();
	assert!(weight(0) < weight(1) && weight(1) < weight(20));
	assert_eq!(weight(20), weight(u32::MAX));
}

#[test]
fn an_attester_serves_no_more_releases_than_it_can_be_asked_about() {
	ExtBuilder.build_and_execute(|| {
		assert_ok!(Attestation::bond(origin(1), 1_000));
		for model in 0..MAX_SERVED {
			assert_ok!(Attestation::serve(origin(1), release(model)));
		}
		let one_more = release(MAX_SERVED);
		assert_noop!(Attestation::serve(origin(1), one_more), Error::<Test>::TooManyServed);
		assert_ok!(Attestation::stop_serving(origin(1), release(7)));
		assert_ok!(Attestation::serve(origin(1), one_more));
		assert_eq!(Attestation::serving(1).len(), MAX_SERVED as usize);
	});
}

#[test]
fn two_directions_that_differ_are_found() {
	ExtBuilder.build().execute_with(|| {
		serve(&[1]);
		Serving::<Test>::remove(1);
		assert!(Attestation::do_try_state().is_err());
		serve(&[2]);
		Servers::<Test>::remove(release(0));
		assert!(Attestation::do_try_state().is_err());
	});
}

#[test]
fn a_session_replaces_the_roster_and_takes_stake_anew() {
	ExtBuilder.build_and_execute(|| {
		set_stakes(&[(2, 777)]);
		session(&[2, 3]);
		assert_eq!(RosterIndex::<Test>::get().into_inner(), [2, 3]);
		assert!(Roster::<Test>::get(1).is_none());
		assert_eq!(Roster::<Test>::get(2).unwrap().exposure.total, 777);
		assert_eq!(Roster::<Test>::get(3).unwrap().exposure.total, 100);
	});
}

#[test]
fn validators_beyond_the_bound_are_left_out_of_the_roster() {
	ExtBuilder.build_and_execute(|| {
		session(&(1..=60).collect::<Vec<_>>());
		assert_eq!(RosterIndex::<Test>::get().len(), 40);
		assert_eq!(Roster::<Test>::iter().count(), 40);
	});
}

#[test]
fn an_attester_is_shown_with_bond_stake_and_faults() {
	ExtBuilder.build_and_execute(|| {
		serve(&[1]);
		let view = Attestation::attester_view(&1).unwrap();
		assert_eq!((view.bonded, view.exposure.total, view.active), (1_000, 100, true));
		assert_eq!(view.faults.len(), 5);
		assert_eq!(Attestation::servers(release(0)), [1]);
		assert!(Attestation::attester_view(&2).is_none());
	});
}
