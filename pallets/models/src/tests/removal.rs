// SPDX-License-Identifier: Apache-2.0
use crate::{Contents, Event, Manifests, mock::*};
use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use jurat_primitives::traits::{Releases, ServedReleases};

#[test]
fn a_removed_release_leaves_nothing_and_is_told() {
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		assert_ok!(Registry::remove_release(signed(ALICE), release));
		assert_eq!(last_event(), Event::ReleaseRemoved { release }.into());
		assert_eq!(RemovalsHeard::get(), vec![release]);
		assert_eq!(Registry::release_view(release), None);
		assert_eq!(Manifests::<Test>::iter().count(), 0);
		assert_eq!(Contents::<Test>::iter().count(), 0);
		assert_eq!(Registry::model_view(release.model).unwrap().releases, 0);
		assert_noop!(Registry::remove_release(signed(ALICE), release), E::UnknownRelease);
	});
}

#[test]
fn the_owner_may_remove_what_was_never_active_at_any_time() {
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		Registry::servers_changed(release, 2);
		let post = Registry::remove_release(signed(ALICE), release).unwrap();
		assert_eq!(post.pays_fee, Pays::Yes);
	});
}

#[test]
fn an_active_release_cannot_be_removed() {
	ExtBuilder::build_and_execute(|| {
		let release = an_active_release();
		assert_noop!(Registry::remove_release(signed(ALICE), release), E::StillActive);
	});
}

#[test]
fn a_deprecated_release_is_removed_by_its_owner_only() {
	ExtBuilder::build_and_execute(|| {
		let release = a_deprecated_release();
		System::set_block_number(1000);
		assert_noop!(Registry::remove_release(signed(BOB), release), E::NotOwner);
		assert_ok!(Registry::remove_release(signed(ALICE), release));
	});
}

#[test]
fn a_release_stays_while_an_open_request_uses_it() {
	ExtBuilder::build_and_execute(|| {
		let release = an_active_release();
		assert_ok!(Registry::pin(release));
		assert_ok!(Registry::deprecate_release(signed(ALICE), release));
		assert_noop!(Registry::remove_release(signed(ALICE), release), E::InUse);
		Registry::unpin(release);
		assert_ok!(Registry::remove_release(signed(ALICE), release));
	});
}

#[test]
fn anyone_clears_away_a_stale_release_for_nothing_and_its_owner_gets_the_deposit() {
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		Registry::servers_changed(release, 2);
		let (_, deposit) = held(ALICE);
		assert!(deposit > 0);
		let free = Balances::free_balance(ALICE);

		// Published in block 1, with 50 blocks to become active.
		System::set_block_number(51);
		assert_noop!(Registry::remove_release(signed(BOB), release), E::ActivationPending);
		System::set_block_number(52);
		let post = Registry::remove_release(signed(BOB), release).unwrap();
		assert_eq!(post.pays_fee, Pays::No);
		assert_eq!(held(ALICE).1, 0);
		assert_eq!(Balances::free_balance(ALICE), free + deposit);
		assert_eq!(Balances::free_balance(BOB), FUNDS);
	});
}

#[test]
fn removing_one_release_leaves_the_others_alone() {
	ExtBuilder::build_and_execute(|| {
		let model = created("acme/net");
		let first = published(model, version(1, 0));
		let second = published(model, version(1, 1));
		let view = Registry::release_view(second);
		assert_ok!(Registry::remove_release(signed(ALICE), first));
		assert_eq!(Registry::release_view(second), view);
		assert_eq!(Registry::model_view(model).unwrap().releases, 1);
	});
}

#[test]
fn a_removal_is_charged_for_the_servers_that_there_are() {
	use frame_support::dispatch::GetDispatchInfo;
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		Registry::servers_changed(release, 2);
		let call = crate::Call::<Test>::remove_release { release };
		let before = call.get_dispatch_info().call_weight.ref_time();
		let post = Registry::remove_release(signed(ALICE), release).unwrap();
		let after = post.actual_weight.unwrap().ref_time();
		assert_eq!(before - after, u64::from(SERVERS) - 2);
	});
}

#[test]
fn only_a_release_that_is_there_and_not_deprecated_has_a_file_to_be_asked_for() {
	use jurat_primitives::custody::ReleaseFiles;
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		let view = Registry::release_view(release).unwrap();
		let file = Registry::file(release).unwrap();
		assert_eq!((file.content, file.size), (view.content, view.size));
		assert_ok!(Registry::deprecate_release(signed(ALICE), release));
		assert_eq!(Registry::file(release), None);
		assert_ok!(Registry::remove_release(signed(ALICE), release));
		assert_eq!(Registry::file(release), None);
	});
}
