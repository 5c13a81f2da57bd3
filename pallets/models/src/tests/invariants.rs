// SPDX-License-Identifier: Apache-2.0
//! The check of the invariants finds each defect that it promises to find.
use crate::{
	Contents, HoldReason, Manifests, ModelNames, ModelRecordOf, Models, NextModel, ReleaseMirrors,
	ReleaseRecordOf, Releases, mock::*,
};
use frame_support::{assert_ok, traits::fungible::MutateHold};
use jurat_primitives::{ContentHash, ReleaseId};
use sp_runtime::TryRuntimeError;

/// Breaks a sound registry with one release.
#[track_caller]
fn breaks(flaw: &'static str, defect: impl FnOnce(ReleaseId)) {
	ExtBuilder::build().execute_with(|| {
		let release = a_published_release();
		assert_ok!(Registry::do_try_state());
		defect(release);
		assert_eq!(Registry::do_try_state(), Err(TryRuntimeError::Other(flaw)));
	});
}

fn change_model(release: ReleaseId, change: impl FnOnce(&mut ModelRecordOf<Test>)) {
	Models::<Test>::mutate(release.model, |record| change(record.as_mut().unwrap()));
}

fn change_release(release: ReleaseId, change: impl FnOnce(&mut ReleaseRecordOf<Test>)) {
	Releases::<Test>::mutate(release.model, release.version, |record| {
		change(record.as_mut().unwrap());
	});
}

#[test]
fn defects_of_models_are_found() {
	breaks("model number was not given out", |_| NextModel::<Test>::put(0));
	breaks("model is not found by its name", |r| change_model(r, |m| m.name = bounded("other")));
	breaks("name without a model", |_| ModelNames::<Test>::insert(bounded::<64>("other"), 7));
	breaks("model deposit does not fit its bytes", |r| change_model(r, |m| m.metadata.clear()));
	breaks("model deposit does not fit its bytes", |r| {
		change_model(r, |m| m.deposit.amount = m.deposit.per_byte);
	});
	breaks("model has more releases than allowed", |_| MaxReleases::set(0));
}

#[test]
fn defects_of_releases_are_found() {
	breaks("release without its model", |r| {
		Models::<Test>::remove(r.model);
		ModelNames::<Test>::remove(bounded::<64>("acme/net"));
	});
	breaks("version is above the newest of the model", |r| change_model(r, |m| m.newest = None));
	breaks("release without its manifest", |r| Manifests::<Test>::remove(r.model, r.version));
	breaks("manifest without a release", |r| {
		Manifests::<Test>::insert(r.model, version(9, 9), manifest());
	});
	breaks("release deposit does not fit its bytes", |r| {
		change_release(r, |r| r.deposit.bytes += 1);
	});
	breaks("release is not found by its content", |r| {
		change_release(r, |r| r.content = ContentHash([1; 32]));
	});
	breaks("content without a release", |r| {
		Contents::<Test>::insert(r.model, ContentHash([1; 32]), r.version);
	});
	breaks("mirrors without a release, or none", |r| {
		let places = mirrors(&["https://a.org"]);
		ReleaseMirrors::<Test>::insert(r.model, version(9, 9), places);
	});
	breaks("mirrors without a release, or none", |r| {
		ReleaseMirrors::<Test>::insert(r.model, r.version, mirrors(&[]));
	});
	breaks("release deposit does not fit its bytes", |r| {
		let places = mirrors(&["https://a.org"]);
		ReleaseMirrors::<Test>::insert(r.model, r.version, places);
	});
	breaks("release is in use without having been active", |r| {
		change_release(r, |r| r.users = 1);
	});
	breaks("release is from the future", |r| change_release(r, |r| r.published_at = 2));
}

#[test]
fn defects_of_counts_and_sums_are_found() {
	breaks("model miscounts its releases", |r| change_model(r, |m| m.releases = 2));
	breaks("model missums its releases' deposits", |r| {
		change_model(r, |m| m.release_deposits += 1);
	});
	breaks("models' deposits are not what is held", |_| {
		assert_ok!(Balances::hold(&HoldReason::Model.into(), &ALICE, 1));
	});
	breaks("releases' deposits are not what is held", |_| {
		assert_ok!(Balances::hold(&HoldReason::Release.into(), &ALICE, 1));
	});
}
