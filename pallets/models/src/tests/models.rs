// SPDX-License-Identifier: Apache-2.0
use crate::{Event, MAX_METADATA, Metadata, NextModel, mock::*};
use frame_support::{assert_noop, assert_ok};

fn create(name: &str) -> frame_support::dispatch::DispatchResult {
	Registry::create_model(signed(ALICE), bounded(name), Metadata::default())
}

#[test]
fn a_model_is_found_by_number_and_by_name() {
	ExtBuilder::build_and_execute(|| {
		let model = created("acme/net-1.b");
		let name = bounded("acme/net-1.b");
		assert_eq!(last_event(), Event::ModelCreated { model, owner: ALICE, name }.into());
		let view = Registry::model_view(model).unwrap();
		assert_eq!((view.owner, view.releases), (ALICE, 0));
		assert_eq!(view.name, b"acme/net-1.b");
		assert_eq!(view.metadata, b"about it");
		assert_eq!(Registry::model_by_name(b"acme/net-1.b"), Some(model));
	});
}

#[test]
fn names_of_any_allowed_length_and_letter_are_taken() {
	ExtBuilder::build_and_execute(|| {
		let longest = "x".repeat(64);
		for name in ["abc", "0-9", "a.b/c-d", "abcdefghijklmnopqrstuvwxyz", "0123456789", &longest]
		{
			assert_ok!(create(name));
		}
	});
}

#[test]
fn a_name_below_three_bytes_is_refused() {
	ExtBuilder::build_and_execute(|| {
		for name in ["", "a", "ab"] {
			assert_noop!(create(name), E::NameTooShort);
		}
	});
}

#[test]
fn a_name_with_another_character_is_refused() {
	ExtBuilder::build_and_execute(|| {
		for name in ["Acme", "a b", "a_b", "naïve", "a\\b", "a\0b", "a:b", "a@1"] {
			assert_noop!(create(name), E::NameCharacter);
		}
	});
}

#[test]
fn a_name_with_a_separator_out_of_place_is_refused() {
	ExtBuilder::build_and_execute(|| {
		for name in
			["-ab", ".ab", "/ab", "ab-", "ab.", "ab/", "a--b", "a..b", "a//b", "a./b", "..."]
		{
			assert_noop!(create(name), E::NameSeparator);
		}
	});
}

#[test]
fn a_name_is_given_once() {
	ExtBuilder::build_and_execute(|| {
		created("acme/net");
		assert_noop!(create("acme/net"), E::NameTaken);
		let other = Registry::create_model(signed(BOB), bounded("acme/net"), Metadata::default());
		assert_noop!(other, E::NameTaken);
	});
}

#[test]
fn the_name_of_a_removed_model_is_free_and_its_number_is_not() {
	ExtBuilder::build_and_execute(|| {
		let model = created("acme/net");
		assert_ok!(Registry::remove_model(signed(ALICE), model));
		assert_eq!(last_event(), Event::ModelRemoved { model }.into());
		assert_eq!(Registry::model_view(model), None);
		assert_eq!(Registry::model_by_name(b"acme/net"), None);
		assert_eq!(created("acme/net"), model + 1);
	});
}

#[test]
fn metadata_that_is_not_text_is_refused() {
	ExtBuilder::build_and_execute(|| {
		let bytes: Metadata = vec![0xff].try_into().unwrap();
		let create = Registry::create_model(signed(ALICE), bounded("abc"), bytes.clone());
		assert_noop!(create, E::MetadataNotUtf8);
		let model = created("acme/net");
		let update = Registry::update_metadata(signed(ALICE), model, bytes);
		assert_noop!(update, E::MetadataNotUtf8);
	});
}

#[test]
fn the_numbers_of_models_can_run_out() {
	ExtBuilder::build_and_execute(|| {
		NextModel::<Test>::put(u32::MAX - 1);
		created("the-last");
		assert_noop!(create("one-more"), E::TooManyModels);
	});
}

#[test]
fn metadata_can_be_replaced() {
	ExtBuilder::build_and_execute(|| {
		let model = created("acme/net");
		let metadata: Metadata = vec![b'x'; MAX_METADATA as usize].try_into().unwrap();
		assert_ok!(Registry::update_metadata(signed(ALICE), model, metadata.clone()));
		assert_eq!(last_event(), Event::MetadataUpdated { model }.into());
		assert_eq!(Registry::model_view(model).unwrap().metadata, metadata.into_inner());
	});
}

#[test]
fn a_transferred_model_obeys_its_new_owner_only() {
	ExtBuilder::build_and_execute(|| {
		let release = an_active_release();
		let model = release.model;
		assert_ok!(Registry::transfer_model(signed(ALICE), model, BOB));
		assert_eq!(last_event(), Event::ModelTransferred { model, from: ALICE, to: BOB }.into());
		assert_noop!(Registry::set_price(signed(ALICE), release, 6), E::NotOwner);
		assert_ok!(Registry::set_price(signed(BOB), release, 6));
		assert_ok!(Registry::transfer_model(signed(BOB), model, ALICE));
	});
}

#[test]
fn a_model_cannot_be_transferred_to_its_owner() {
	ExtBuilder::build_and_execute(|| {
		let model = created("acme/net");
		let transfer = Registry::transfer_model(signed(ALICE), model, ALICE);
		assert_noop!(transfer, E::AlreadyOwner);
	});
}

#[test]
fn only_the_owner_manages_a_model() {
	ExtBuilder::build_and_execute(|| {
		let model = created("acme/net");
		let metadata = Metadata::default();
		assert_noop!(Registry::update_metadata(signed(BOB), model, metadata), E::NotOwner);
		assert_noop!(Registry::transfer_model(signed(BOB), model, BOB), E::NotOwner);
		assert_noop!(Registry::remove_model(signed(BOB), model), E::NotOwner);
	});
}

#[test]
fn what_does_not_exist_cannot_be_managed() {
	ExtBuilder::build_and_execute(|| {
		let metadata = Metadata::default();
		assert_noop!(Registry::update_metadata(signed(ALICE), 0, metadata), E::UnknownModel);
		assert_noop!(Registry::transfer_model(signed(ALICE), 0, BOB), E::UnknownModel);
		assert_noop!(Registry::remove_model(signed(ALICE), 0), E::UnknownModel);
		let release = unknown_release();
		assert_noop!(Registry::deprecate_release(signed(ALICE), release), E::UnknownModel);
		assert_noop!(Registry::set_price(signed(ALICE), release, 1), E::UnknownModel);
		let set = Registry::set_mirrors(signed(ALICE), release, mirrors(&[]));
		assert_noop!(set, E::UnknownModel);
		assert_noop!(Registry::remove_release(signed(ALICE), release), E::UnknownModel);
		let publish = Registry::publish_release(
			signed(ALICE),
			0,
			version(1, 0),
			content(version(1, 0)),
			1,
			manifest(),
			1,
		);
		assert_noop!(publish, E::UnknownModel);
	});
}

#[test]
fn a_model_with_releases_cannot_be_removed() {
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		let model = release.model;
		assert_noop!(Registry::remove_model(signed(ALICE), model), E::HasReleases);
		assert_ok!(Registry::remove_release(signed(ALICE), release));
		assert_ok!(Registry::remove_model(signed(ALICE), model));
	});
}

#[test]
fn calls_need_a_signature() {
	ExtBuilder::build_and_execute(|| {
		let (origin, bad) = (RuntimeOrigin::root(), sp_runtime::DispatchError::BadOrigin);
		let release = a_published_release();
		let (model, fresh) = (release.model, version(2, 0));
		let name = bounded("abc");
		assert_noop!(Registry::create_model(origin.clone(), name, Metadata::default()), bad);
		let publish = Registry::publish_release(
			origin.clone(),
			model,
			fresh,
			content(fresh),
			1,
			manifest(),
			1,
		);
		assert_noop!(publish, bad);
		assert_noop!(Registry::deprecate_release(origin.clone(), release), bad);
		assert_noop!(Registry::transfer_model(origin.clone(), model, BOB), bad);
		assert_noop!(Registry::set_price(origin.clone(), release, 1), bad);
		assert_noop!(Registry::set_mirrors(origin.clone(), release, mirrors(&[])), bad);
		assert_noop!(Registry::update_metadata(origin.clone(), model, Metadata::default()), bad);
		assert_noop!(Registry::remove_release(origin.clone(), release), bad);
		assert_noop!(Registry::remove_model(origin, model), bad);
	});
}
