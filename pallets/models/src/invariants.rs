// SPDX-License-Identifier: Apache-2.0
//! What must hold after each block.

use crate::{
	BalanceOf, Config, Contents, HoldReason, LOG_TARGET, Manifests, ModelNames, Models, NextModel,
	Pallet, ReleaseMirrors, Releases,
};
use alloc::collections::BTreeMap;
use core::fmt;
use frame_support::{ensure, traits::fungible::InspectHold};
use jurat_primitives::{ReleaseId, view::ReleaseState};
use sp_core::Get;
use sp_runtime::{TryRuntimeError, traits::Saturating};

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the registry against the state:
	///
	/// * names and models are in bijection; numbers are below the next one;
	/// * each release has its model, its manifest and its content, and none of these is left
	///   without its release; a model counts its releases right and has no more than allowed;
	/// * versions are at most the newest, contents differ within a model, a release that never took
	///   a request is used by none, no release comes from the future;
	/// * each deposit states the bytes stored and covers them; a model knows the sum of its
	///   releases' deposits; and each owner has exactly the sum of its deposits on hold, by reason.
	///
	/// Reads the whole registry: for tests, `try-runtime` and runtime APIs.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_models()?;
		Self::check_releases()?;
		Self::check_release_counts()?;
		Self::check_holds()
	}

	fn check_models() -> Result<(), TryRuntimeError> {
		let next = NextModel::<T>::get();
		let mut models = 0usize;
		for (model, record) in Models::<T>::iter() {
			models.saturating_inc();
			holds(model < next, &model, "model number was not given out")?;
			let named = ModelNames::<T>::get(&record.name) == Some(model);
			holds(named, &model, "model is not found by its name")?;
			let bytes = Self::model_bytes(&record.name, &record.metadata);
			holds(record.deposit.covers(bytes), &model, "model deposit does not fit its bytes")?;
			let within = record.releases <= T::MaxReleases::get();
			holds(within, &model, "model has more releases than allowed")?;
		}
		ensure!(ModelNames::<T>::iter_keys().count() == models, "name without a model");
		Ok(())
	}

	fn check_releases() -> Result<(), TryRuntimeError> {
		let now = frame_system::Pallet::<T>::block_number();
		let mut releases = 0usize;
		for (model, version, record) in Releases::<T>::iter() {
			releases.saturating_inc();
			let release = ReleaseId { model, version };
			let Some(owner) = Models::<T>::get(model) else {
				return holds(false, &release, "release without its model");
			};
			let newest = owner.newest.is_some_and(|newest| version <= newest);
			holds(newest, &release, "version is above the newest of the model")?;
			let Some(manifest) = Manifests::<T>::get(model, version) else {
				return holds(false, &release, "release without its manifest");
			};
			let mirrors = ReleaseMirrors::<T>::get(model, version).unwrap_or_default();
			let bytes = Self::release_bytes(&manifest, &mirrors);
			let covered = record.deposit.covers(bytes);
			holds(covered, &release, "release deposit does not fit its bytes")?;
			let content = Contents::<T>::get(model, record.content) == Some(version);
			holds(content, &release, "release is not found by its content")?;
			let unused = record.state != ReleaseState::Published || record.users == 0;
			holds(unused, &release, "release is in use without having been active")?;
			holds(record.published_at <= now, &release, "release is from the future")?;
		}
		ensure!(Manifests::<T>::iter_keys().count() == releases, "manifest without a release");
		ensure!(Contents::<T>::iter_keys().count() == releases, "content without a release");
		for (model, version, mirrors) in ReleaseMirrors::<T>::iter() {
			let release = ReleaseId { model, version };
			let there = Releases::<T>::contains_key(model, version);
			holds(there && !mirrors.is_empty(), &release, "mirrors without a release, or none")?;
		}
		Ok(())
	}

	fn check_release_counts() -> Result<(), TryRuntimeError> {
		let mut found = BTreeMap::<_, (u32, BalanceOf<T>)>::new();
		for (model, _, record) in Releases::<T>::iter() {
			let (count, deposits) = found.entry(model).or_default();
			count.saturating_inc();
			deposits.saturating_accrue(record.deposit.amount);
		}
		for (model, record) in Models::<T>::iter() {
			let (count, deposits) = found.remove(&model).unwrap_or_default();
			holds(record.releases == count, &model, "model miscounts its releases")?;
			let right = record.release_deposits == deposits;
			holds(right, &model, "model missums its releases' deposits")?;
		}
		Ok(())
	}

	fn check_holds() -> Result<(), TryRuntimeError> {
		let mut owed = BTreeMap::<T::AccountId, (BalanceOf<T>, BalanceOf<T>)>::new();
		for record in Models::<T>::iter_values() {
			let (models, releases) = owed.entry(record.owner).or_default();
			models.saturating_accrue(record.deposit.amount);
			releases.saturating_accrue(record.release_deposits);
		}
		for (owner, (models, releases)) in owed {
			let held = T::Currency::balance_on_hold(&HoldReason::Model.into(), &owner);
			holds(held == models, &Shown(&owner), "models' deposits are not what is held")?;
			let held = T::Currency::balance_on_hold(&HoldReason::Release.into(), &owner);
			holds(held == releases, &Shown(&owner), "releases' deposits are not what is held")?;
		}
		Ok(())
	}
}

/// An account in a log line.
struct Shown<'a, A>(&'a A);

impl<A: fmt::Debug> fmt::Display for Shown<'_, A> {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		self.0.fmt(f)
	}
}

/// The error carries no data, so that `subject` goes to the log.
fn holds(
	condition: bool,
	subject: &dyn fmt::Display,
	flaw: &'static str,
) -> Result<(), TryRuntimeError> {
	if condition {
		return Ok(());
	}
	log::error!(target: LOG_TARGET, "{subject}: {flaw}");
	Err(TryRuntimeError::Other(flaw))
}
