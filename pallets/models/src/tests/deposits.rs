// SPDX-License-Identifier: Apache-2.0
use crate::{Metadata, mock::*};
use codec::Encode;
use frame_support::{assert_noop, assert_ok, traits::fungible::MutateFreeze};
use jurat_primitives::traits::ServedReleases;
use sp_runtime::TokenError;

fn model_deposit(name: &str, metadata: &str) -> Balance {
	ModelDeposit::get()
		+ DepositPerByte::get() * (name.encoded_size() + metadata.encoded_size()) as Balance
}

fn release_deposit() -> Balance {
	ReleaseDeposit::get() + DepositPerByte::get() * manifest().encoded_size() as Balance
}

#[test]
fn deposits_are_the_bytes_stored_times_their_price_on_a_base() {
	ExtBuilder::build_and_execute(|| {
		let model = created("acme/net");
		let deposit = model_deposit("acme/net", "about it");
		assert_eq!(held(ALICE), (deposit, 0));
		assert_eq!(Registry::model_view(model).unwrap().deposit, deposit);
		let release = published(model, version(1, 0));
		assert_eq!(held(ALICE), (deposit, release_deposit()));
		assert_eq!(Registry::release_view(release).unwrap().deposit, release_deposit());
		published(model, version(1, 1));
		assert_eq!(held(ALICE), (deposit, 2 * release_deposit()));
		assert_eq!(Balances::free_balance(ALICE), FUNDS - deposit - 2 * release_deposit());
	});
}

#[test]
fn every_deposit_comes_back() {
	ExtBuilder::build_and_execute(|| {
		let release = a_deprecated_release();
		assert_ok!(Registry::remove_release(signed(ALICE), release));
		assert_eq!(held(ALICE).1, 0);
		assert_ok!(Registry::remove_model(signed(ALICE), release.model));
		assert_eq!(held(ALICE), (0, 0));
		assert_eq!(Balances::free_balance(ALICE), FUNDS);
	});
}

#[test]
fn what_was_taken_comes_back_whatever_the_prices_are_now() {
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		ModelDeposit::set(1_000);
		ReleaseDeposit::set(20);
		DepositPerByte::set(50);
		assert_ok!(Registry::do_try_state());
		assert_ok!(Registry::remove_release(signed(ALICE), release));
		assert_ok!(Registry::remove_model(signed(ALICE), release.model));
		assert_eq!(Balances::free_balance(ALICE), FUNDS);
	});
}

#[test]
fn nobody_stores_without_means() {
	ExtBuilder::build_and_execute(|| {
		let create = Registry::create_model(signed(POOR), bounded("abc"), Metadata::default());
		assert_noop!(create, TokenError::FundsUnavailable);

		let model = created("acme/net");
		ReleaseDeposit::set(FUNDS);
		let (version, content) = (version(1, 0), content(version(1, 0)));
		let publish =
			Registry::publish_release(signed(ALICE), model, version, content, 1, manifest(), 1);
		assert_noop!(publish, TokenError::FundsUnavailable);

		DepositPerByte::set(FUNDS);
		let update = Registry::update_metadata(signed(ALICE), model, bounded("a longer text"));
		assert_noop!(update, TokenError::FundsUnavailable);
	});
}

#[test]
fn a_price_of_bytes_beyond_all_means_saturates() {
	ExtBuilder::build_and_execute(|| {
		DepositPerByte::set(Balance::MAX);
		let create = Registry::create_model(signed(ALICE), bounded("abc"), Metadata::default());
		assert_noop!(create, TokenError::FundsUnavailable);
	});
}

#[test]
fn the_deposit_follows_the_metadata_up_and_down() {
	ExtBuilder::build_and_execute(|| {
		let model = created("acme/net");
		for text in ["longer than before, that is", "", "about it", "about it"] {
			assert_ok!(Registry::update_metadata(signed(ALICE), model, bounded(text)));
			let deposit = model_deposit("acme/net", text);
			assert_eq!(held(ALICE), (deposit, 0));
			assert_eq!(Registry::model_view(model).unwrap().deposit, deposit);
			assert_eq!(Balances::free_balance(ALICE), FUNDS - deposit);
		}
	});
}

#[test]
fn the_deposit_follows_the_mirrors_up_and_down() {
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		let models = held(ALICE).0;
		for addresses in [&["https://a.org/net", "http://b.org"][..], &["https://a.org"], &[]] {
			let mirrors = mirrors(addresses);
			assert_ok!(Registry::set_mirrors(signed(ALICE), release, mirrors.clone()));
			let bytes = if addresses.is_empty() { 0 } else { mirrors.encoded_size() };
			let deposit = release_deposit() + DepositPerByte::get() * bytes as Balance;
			assert_eq!(held(ALICE), (models, deposit));
			assert_eq!(Registry::release_view(release).unwrap().deposit, deposit);
			assert_eq!(Balances::free_balance(ALICE), FUNDS - models - deposit);
		}
	});
}

#[test]
fn mirrors_are_reckoned_at_the_prices_of_their_day() {
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		DepositPerByte::set(3);
		ReleaseDeposit::set(20);
		assert_ok!(Registry::set_mirrors(signed(ALICE), release, mirrors(&[])));
		assert_eq!(held(ALICE).1, release_deposit());
		DepositPerByte::set(FUNDS);
		let set = Registry::set_mirrors(signed(ALICE), release, mirrors(&["https://a.org"]));
		assert_noop!(set, TokenError::FundsUnavailable);
	});
}

#[test]
fn deposits_for_mirrors_move_with_the_model_and_come_back() {
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		assert_ok!(Registry::set_mirrors(signed(ALICE), release, mirrors(&["https://a.org"])));
		let (models, releases) = held(ALICE);
		assert_ok!(Registry::transfer_model(signed(ALICE), release.model, BOB));
		assert_eq!(held(BOB), (models, releases));
		assert_ok!(Registry::remove_release(signed(BOB), release));
		assert_eq!(crate::ReleaseMirrors::<Test>::iter().count(), 0);
		assert_ok!(Registry::remove_model(signed(BOB), release.model));
		assert_eq!(Balances::free_balance(BOB), FUNDS + models + releases);
	});
}

#[test]
fn an_update_is_reckoned_at_the_prices_of_its_day() {
	ExtBuilder::build_and_execute(|| {
		let model = created("acme/net");
		ModelDeposit::set(30);
		DepositPerByte::set(3);
		assert_ok!(Registry::update_metadata(signed(ALICE), model, bounded("about it")));
		assert_eq!(held(ALICE), (model_deposit("acme/net", "about it"), 0));
	});
}

#[test]
fn deposits_move_with_the_model_and_stay_on_hold() {
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		let other = created("acme/other");
		let kept = model_deposit("acme/other", "about it");
		let (models, releases) = held(ALICE);
		assert_ok!(Registry::transfer_model(signed(ALICE), release.model, BOB));
		assert_eq!(held(ALICE), (kept, 0));
		assert_eq!(held(BOB), (models - kept, releases));
		assert_eq!(Balances::free_balance(BOB), FUNDS);

		// What is given away comes back to whom it was given.
		System::set_block_number(100);
		assert_ok!(Registry::remove_release(signed(POOR), release));
		assert_ok!(Registry::remove_model(signed(BOB), release.model));
		assert_eq!(Balances::free_balance(BOB), FUNDS + models - kept + releases);
		assert_ok!(Registry::remove_model(signed(ALICE), other));
	});
}

#[test]
fn a_poor_new_owner_needs_no_means_of_its_own() {
	ExtBuilder::build_and_execute(|| {
		let release = an_active_release();
		let (models, releases) = held(ALICE);
		assert_ok!(Registry::transfer_model(signed(ALICE), release.model, POOR));
		assert_eq!(held(POOR), (models, releases));
		assert_ok!(Registry::deprecate_release(signed(POOR), release));
		assert_ok!(Registry::remove_release(signed(POOR), release));
		assert_ok!(Registry::remove_model(signed(POOR), release.model));
		assert_eq!(Balances::free_balance(POOR), MINIMUM + models + releases);
	});
}

#[test]
fn a_new_owner_must_have_an_account() {
	ExtBuilder::build_and_execute(|| {
		let model = created("acme/net");
		let transfer = Registry::transfer_model(signed(ALICE), model, NOBODY);
		assert_noop!(transfer, TokenError::CannotCreateHold);
	});
}

#[test]
fn a_transfer_is_no_way_around_the_givers_freezes() {
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		assert_ok!(Balances::set_freeze(&FREEZE, &ALICE, FUNDS));
		let transfer = Registry::transfer_model(signed(ALICE), release.model, BOB);
		assert_noop!(transfer, TokenError::Frozen);
	});
}

#[test]
fn servers_and_activation_cost_the_owner_nothing() {
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		let before = held(ALICE);
		Registry::servers_changed(release, 5);
		assert_eq!(held(ALICE), before);
	});
}
