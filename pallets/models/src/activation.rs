// SPDX-License-Identifier: Apache-2.0
//! Activation: a release takes requests once enough attesters announced it.
//!
//! A release that is active stays so when attesters leave it. Its panels are drawn from those who
//! serve at that time; a request for which they are too few ends as unserved and is refunded. The
//! other rule, falling back to `Published`, would let one leaving attester switch a release off
//! between a requester's quote and its request.

use crate::{Config, Error, Event, LOG_TARGET, Pallet, Releases};
use frame_support::{ensure, pallet_prelude::*};
use jurat_primitives::{ReleaseId, traits::ServedReleases, view::ReleaseState};

impl<T: Config> ServedReleases for Pallet<T> {
	fn may_be_served(release: ReleaseId) -> DispatchResult {
		let record = Self::release_record(release)?;
		ensure!(record.state != ReleaseState::Deprecated, Error::<T>::Deprecated);
		Ok(())
	}

	fn servers_changed(release: ReleaseId, servers: u32) {
		let Ok(mut record) = Self::release_record(release) else {
			// Whoever is told that a release is removed may give its servers up one by one.
			log::debug!(target: LOG_TARGET, "servers of {release}, which does not exist");
			return;
		};
		record.servers = servers;
		let activated =
			record.state == ReleaseState::Published && servers >= T::ActivationQuorum::get();
		if activated {
			record.state = ReleaseState::Active;
		}
		Releases::<T>::insert(release.model, release.version, record);
		if activated {
			Self::deposit_event(Event::ReleaseActivated { release, servers });
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_release(seed: u32) -> ReleaseId {
		use crate::benchmarking::{benchmark_owner, largest_manifest, publish};
		publish::<T>(&benchmark_owner::<T>(seed), largest_manifest(), Default::default())
	}
}
