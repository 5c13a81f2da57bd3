// SPDX-License-Identifier: Apache-2.0
use crate::{Event, mock::*};
use frame_support::{assert_noop, assert_ok, assert_storage_noop};
use jurat_primitives::{traits::ServedReleases, view::ReleaseState};

#[test]
fn a_release_is_active_once_a_quorum_announces_it() {
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		Registry::servers_changed(release, 2);
		assert_eq!(state(release), ReleaseState::Published);
		Registry::servers_changed(release, 3);
		assert_eq!(last_event(), Event::ReleaseActivated { release, servers: 3 }.into());
		assert_eq!(state(release), ReleaseState::Active);
		assert_eq!(Registry::release_view(release).unwrap().servers, 3);
	});
}

#[test]
fn a_release_is_activated_once() {
	ExtBuilder::build_and_execute(|| {
		let release = an_active_release();
		System::reset_events();
		Registry::servers_changed(release, 4);
		assert_eq!(System::events(), vec![]);
		assert_eq!(Registry::release_view(release).unwrap().servers, 4);
	});
}

#[test]
fn an_active_release_stays_active_when_its_servers_leave() {
	ExtBuilder::build_and_execute(|| {
		let release = an_active_release();
		Registry::servers_changed(release, 0);
		assert_eq!(state(release), ReleaseState::Active);
		assert_eq!(Registry::release_view(release).unwrap().servers, 0);
	});
}

#[test]
fn a_deprecated_release_is_not_revived_by_servers() {
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		assert_ok!(Registry::deprecate_release(signed(ALICE), release));
		System::reset_events();
		Registry::servers_changed(release, 9);
		assert_eq!(state(release), ReleaseState::Deprecated);
		assert_eq!(System::events(), vec![]);
	});
}

#[test]
fn a_release_may_become_active_after_its_period_if_nobody_removed_it() {
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		System::set_block_number(1000);
		Registry::servers_changed(release, 3);
		assert_eq!(state(release), ReleaseState::Active);
		let removal = Registry::remove_release(signed(BOB), release);
		assert_noop!(removal, E::NotOwner);
	});
}

#[test]
fn a_lower_quorum_takes_effect_at_the_next_announcement() {
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		Registry::servers_changed(release, 1);
		ActivationQuorum::set(1);
		assert_eq!(state(release), ReleaseState::Published);
		Registry::servers_changed(release, 1);
		assert_eq!(state(release), ReleaseState::Active);
	});
}

#[test]
fn servers_of_what_does_not_exist_change_nothing() {
	ExtBuilder::build_and_execute(|| {
		assert_storage_noop!(Registry::servers_changed(unknown_release(), 3));
	});
}

#[test]
fn published_and_active_releases_may_be_served() {
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		assert_ok!(Registry::may_be_served(release));
		Registry::servers_changed(release, 3);
		assert_ok!(Registry::may_be_served(release));
	});
}

#[test]
fn a_deprecated_or_unknown_release_may_not_be_served() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(Registry::may_be_served(unknown_release()), E::UnknownRelease);
		let release = a_deprecated_release();
		assert_noop!(Registry::may_be_served(release), E::Deprecated);
	});
}
