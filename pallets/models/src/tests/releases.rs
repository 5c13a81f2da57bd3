// SPDX-License-Identifier: Apache-2.0
use crate::{Event, mock::*};
use frame_support::{assert_noop, assert_ok, dispatch::DispatchResult};
use jurat_primitives::{
	ContentHash, Dimension, Manifest, ModelId, NumericProfile, ReleaseId, Version,
	limits::MAX_MODEL_BYTES,
	profile::{Bounds, Tolerance},
	view::{ReleaseState, ReleaseView},
};

fn publish(model: ModelId, version: Version, content: ContentHash) -> DispatchResult {
	Registry::publish_release(signed(ALICE), model, version, content, 1, manifest(), 1)
}

fn publish_sized(model: ModelId, size: u64) -> DispatchResult {
	let (version, content) = (version(1, 0), ContentHash([1; 32]));
	Registry::publish_release(signed(ALICE), model, version, content, size, manifest(), 1)
}

fn publish_flawed(model: ModelId, flaw: impl FnOnce(&mut Manifest)) -> DispatchResult {
	let (version, content) = (version(1, 0), ContentHash([1; 32]));
	let mut manifest = manifest();
	flaw(&mut manifest);
	Registry::publish_release(signed(ALICE), model, version, content, 1, manifest, 1)
}

#[test]
fn a_published_release_says_what_was_published_and_waits() {
	ExtBuilder::build_and_execute(|| {
		System::set_block_number(8);
		let model = created("acme/net");
		let release = published(model, version(0, 0));
		let content = content(version(0, 0));
		assert_eq!(last_event(), Event::ReleasePublished { release, content, size: 9 }.into());
		let view = Registry::release_view(release).unwrap();
		assert_eq!(view.release, release);
		assert_eq!((view.content, view.size, view.price), (content, 9, 5));
		assert_eq!(view.manifest, manifest());
		assert_eq!(view.state, ReleaseState::Published);
		assert_eq!((view.published_at, view.servers, view.users), (8, 0, 0));
		assert_eq!(Registry::model_view(model).unwrap().releases, 1);
	});
}

#[test]
fn only_the_owner_publishes() {
	ExtBuilder::build_and_execute(|| {
		let model = created("acme/net");
		let (version, content) = (version(1, 0), content(version(1, 0)));
		let publish =
			Registry::publish_release(signed(BOB), model, version, content, 1, manifest(), 1);
		assert_noop!(publish, E::NotOwner);
	});
}

#[test]
fn versions_only_grow() {
	ExtBuilder::build_and_execute(|| {
		let model = created("acme/net");
		published(model, version(1, 1));
		for old in [version(1, 1), version(1, 0), version(0, 9)] {
			assert_noop!(publish(model, old, ContentHash([1; 32])), E::VersionNotNewer);
		}
		published(model, version(1, 2));
		published(model, version(2, 0));
	});
}

#[test]
fn the_version_of_a_removed_release_is_not_used_again() {
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		let ReleaseId { model, version } = release;
		assert_ok!(Registry::remove_release(signed(ALICE), release));
		assert_noop!(publish(model, version, content(version)), E::VersionNotNewer);
	});
}

#[test]
fn a_model_holds_a_content_once_at_a_time() {
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		let model = release.model;
		let taken = content(release.version);
		assert_noop!(publish(model, version(2, 0), taken), E::ContentRepeated);
		// Another model may have it.
		assert_ok!(publish(created("acme/fork"), version(1, 0), taken));
		// And the same one, after the release that has it is gone.
		assert_ok!(Registry::remove_release(signed(ALICE), release));
		assert_ok!(publish(model, version(2, 0), taken));
	});
}

#[test]
fn a_file_that_is_empty_or_too_large_is_refused() {
	ExtBuilder::build_and_execute(|| {
		let model = created("acme/net");
		assert_noop!(publish_sized(model, 0), E::SizeOutOfRange);
		assert_noop!(publish_sized(model, MAX_MODEL_BYTES + 1), E::SizeOutOfRange);
		assert_ok!(publish_sized(model, MAX_MODEL_BYTES));
	});
}

#[test]
fn a_model_has_a_bounded_number_of_releases() {
	ExtBuilder::build_and_execute(|| {
		let model = created("acme/net");
		let first = published(model, version(1, 0));
		for minor in 1..MaxReleases::get() as u16 {
			published(model, version(1, minor));
		}
		let next = version(2, 0);
		assert_noop!(publish(model, next, content(next)), E::TooManyReleases);
		assert_ok!(Registry::remove_release(signed(ALICE), first));
		assert_ok!(publish(model, next, content(next)));
	});
}

#[test]
fn each_flaw_of_a_manifest_is_refused_by_its_name() {
	ExtBuilder::build_and_execute(|| {
		let model = created("acme/net");
		let wide = Bounds { abs: Tolerance(1), rel: Tolerance(1) };
		let publish = |flaw: &dyn Fn(&mut Manifest)| publish_flawed(model, flaw);
		assert_noop!(publish(&|m| m.inputs.clear()), E::ManifestEmpty);
		assert_noop!(publish(&|m| m.inputs[1].name = m.inputs[0].name.clone()), E::ManifestName);
		let symbol = |m: &mut Manifest| {
			m.outputs[0].shape[0] = Dimension::Symbolic { name: bounded("N"), max: 5 };
		};
		assert_noop!(publish(&symbol), E::ManifestSymbol);
		assert_noop!(publish(&|m| m.compute_units = 0), E::ManifestCost);
		assert_noop!(publish(&|m| m.operators.clear()), E::ManifestOperators);
		assert_noop!(publish(&|m| m.profile = NumericProfile::Exact), E::ManifestNotExact);
		let gross = |m: &mut Manifest| {
			m.profile = NumericProfile::Approximate { tolerance: wide, gross: Some(wide) };
		};
		assert_noop!(publish(&gross), E::ManifestGross);
		let text = |m: &mut Manifest| {
			m.licence = sp_runtime::BoundedVec::truncate_from(vec![0xff]);
		};
		assert_noop!(publish(&text), E::ManifestText);
		assert_ok!(publish(&|_| ()));
	});
}

#[test]
fn a_price_can_be_changed_by_the_owner_only() {
	ExtBuilder::build_and_execute(|| {
		let release = an_active_release();
		assert_noop!(Registry::set_price(signed(BOB), release, 6), E::NotOwner);
		assert_ok!(Registry::set_price(signed(ALICE), release, 6));
		assert_eq!(last_event(), Event::PriceSet { release, price: 6 }.into());
		assert_eq!(Registry::release_view(release).unwrap().price, 6);
	});
}

#[test]
fn a_deprecated_release_has_no_price_to_change() {
	ExtBuilder::build_and_execute(|| {
		let release = a_deprecated_release();
		assert_noop!(Registry::set_price(signed(ALICE), release, 6), E::Deprecated);
	});
}

#[test]
fn the_owner_says_where_else_the_file_is_and_takes_it_back() {
	ExtBuilder::build_and_execute(|| {
		let release = an_active_release();
		let before = Registry::release_view(release).unwrap();
		let places = mirrors(&["https://a.org/net.onnx", "http://b.org:8080/x?y"]);
		let set = Registry::set_mirrors(signed(BOB), release, places.clone());
		assert_noop!(set, E::NotOwner);
		assert_ok!(Registry::set_mirrors(signed(ALICE), release, places.clone()));
		assert_eq!(last_event(), Event::MirrorsSet { release }.into());
		let view = Registry::release_view(release).unwrap();
		assert_eq!(view.mirrors, places);
		// Nothing else of the release is touched.
		let same = ReleaseView { mirrors: before.mirrors.clone(), deposit: before.deposit, ..view };
		assert_eq!(same, before);
		assert_ok!(Registry::deprecate_release(signed(ALICE), release));
		assert_ok!(Registry::set_mirrors(signed(ALICE), release, mirrors(&[])));
		assert!(Registry::release_view(release).unwrap().mirrors.is_empty());
	});
}

#[test]
fn a_mirror_is_the_address_of_a_web_server() {
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		for bad in ["", "a.org", "ftp://a.org/x", "file:///etc/passwd", "https:// a"] {
			let places = mirrors(&["https://a.org", bad]);
			let set = Registry::set_mirrors(signed(ALICE), release, places);
			assert_noop!(set, E::MirrorAddress);
		}
	});
}

#[test]
fn a_release_that_does_not_exist_cannot_be_managed() {
	ExtBuilder::build_and_execute(|| {
		created("acme/net");
		let release = unknown_release();
		assert_noop!(Registry::set_price(signed(ALICE), release, 6), E::UnknownRelease);
		let set = Registry::set_mirrors(signed(ALICE), release, mirrors(&[]));
		assert_noop!(set, E::UnknownRelease);
		assert_noop!(Registry::deprecate_release(signed(ALICE), release), E::UnknownRelease);
		assert_noop!(Registry::remove_release(signed(ALICE), release), E::UnknownRelease);
	});
}

#[test]
fn the_owner_deprecates_a_release_once_and_for_all() {
	ExtBuilder::build_and_execute(|| {
		let release = an_active_release();
		assert_noop!(Registry::deprecate_release(signed(BOB), release), E::NotOwner);
		assert_ok!(Registry::deprecate_release(signed(ALICE), release));
		assert_eq!(last_event(), Event::ReleaseDeprecated { release }.into());
		assert_eq!(state(release), ReleaseState::Deprecated);
		assert_noop!(Registry::deprecate_release(signed(ALICE), release), E::Deprecated);
	});
}

#[test]
fn a_release_can_be_deprecated_before_it_was_ever_active() {
	ExtBuilder::build_and_execute(|| {
		let release = a_published_release();
		assert_ok!(Registry::deprecate_release(signed(ALICE), release));
		assert_eq!(state(release), ReleaseState::Deprecated);
	});
}
