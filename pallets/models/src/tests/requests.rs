// SPDX-License-Identifier: Apache-2.0
use crate::{Releases as Stored, mock::*};
use frame_support::{assert_noop, assert_ok, assert_storage_noop};
use jurat_primitives::{
	ReleaseId,
	traits::{ReleaseTerms, Releases},
};

fn users(release: ReleaseId) -> u32 {
	Registry::release_view(release).unwrap().users
}

#[test]
fn terms_say_what_a_request_needs_to_know() {
	ExtBuilder::build_and_execute(|| {
		assert_eq!(Registry::terms(unknown_release()), None);
		let release = an_active_release();
		let terms = ReleaseTerms {
			owner: ALICE,
			content: content(release.version),
			size: 9,
			royalty: 5,
			manifest: manifest(),
			active: true,
		};
		assert_eq!(Registry::terms(release), Some(terms));
	});
}

#[test]
fn terms_follow_price_owner_and_state() {
	ExtBuilder::build_and_execute(|| {
		let release = an_active_release();
		assert_ok!(Registry::set_price(signed(ALICE), release, 77));
		assert_ok!(Registry::transfer_model(signed(ALICE), release.model, BOB));
		assert_ok!(Registry::deprecate_release(signed(BOB), release));
		let terms = Registry::terms(release).unwrap();
		assert_eq!((terms.owner, terms.royalty, terms.active), (BOB, 77, false));
	});
}

#[test]
fn only_an_active_release_takes_requests() {
	ExtBuilder::build_and_execute(|| {
		assert_noop!(Registry::pin(unknown_release()), E::UnknownRelease);
		let release = a_published_release();
		assert_noop!(Registry::pin(release), E::NotActive);
		assert!(!Registry::terms(release).unwrap().active);
		let model = release.model;
		assert_ok!(Registry::remove_release(signed(ALICE), release));
		assert_ok!(Registry::remove_model(signed(ALICE), model));

		let release = a_deprecated_release();
		assert_noop!(Registry::pin(release), E::NotActive);
	});
}

#[test]
fn the_open_requests_of_one_release_are_bounded() {
	ExtBuilder::build_and_execute(|| {
		MaxUsers::set(2);
		let release = an_active_release();
		assert_ok!(Registry::pin(release));
		assert_ok!(Registry::pin(release));
		assert_noop!(Registry::pin(release), E::TooManyUsers);
		Registry::unpin(release);
		assert_ok!(Registry::pin(release));
	});
}

#[test]
fn open_requests_are_counted() {
	ExtBuilder::build_and_execute(|| {
		let release = an_active_release();
		assert_ok!(Registry::pin(release));
		assert_ok!(Registry::pin(release));
		assert_eq!(users(release), 2);
		Registry::unpin(release);
		assert_eq!(users(release), 1);
	});
}

#[test]
fn a_request_that_is_open_ends_normally_after_deprecation() {
	ExtBuilder::build_and_execute(|| {
		let release = an_active_release();
		assert_ok!(Registry::pin(release));
		assert_ok!(Registry::deprecate_release(signed(ALICE), release));
		assert!(Registry::terms(release).is_some());
		Registry::unpin(release);
		assert_eq!(users(release), 0);
	});
}

#[test]
fn the_count_of_requests_does_not_overflow() {
	ExtBuilder::build_and_execute(|| {
		MaxUsers::set(u32::MAX);
		let ReleaseId { model, version } = an_active_release();
		Stored::<Test>::mutate(model, version, |record| {
			record.as_mut().unwrap().users = u32::MAX;
		});
		let pin = Registry::pin(ReleaseId { model, version });
		assert_noop!(pin, E::TooManyUsers);
	});
}

// A build with debug assertions stops at such a defect of the caller; any other logs it and goes on.

#[test]
#[cfg_attr(debug_assertions, should_panic(expected = "each unpin follows a pin"))]
fn an_unpin_too_many_changes_nothing() {
	ExtBuilder::build_and_execute(|| {
		let release = an_active_release();
		assert_storage_noop!(Registry::unpin(release));
	});
}

#[test]
#[cfg_attr(debug_assertions, should_panic(expected = "cannot be removed"))]
fn an_unpin_of_what_does_not_exist_changes_nothing() {
	ExtBuilder::build_and_execute(|| {
		assert_storage_noop!(Registry::unpin(unknown_release()));
	});
}
