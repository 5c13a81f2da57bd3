// SPDX-License-Identifier: Apache-2.0
//! Announcements that an attester's node signs: who may send them, and what they do.
//!
//! They travel as authorised transactions, free of charge. What bounds them: one for each attester
//! in [`Config::AnnouncementInterval`] blocks, of at most 32 releases to serve and 32 to stop, which
//! must change something. Each carries the number that follows that of the one before, so that it
//! counts once on each fork, and the session whose key signs it.
//!
//! The order of checks is cheap first: shape, roster, session, number, time; then the signature;
//! then whether anything would change, which reads the registry for each entry. Whoever has no key
//! of the roster costs a node three reads and one signature check for each attempt.

use crate::{Announced, Config, Event, Pallet, Roster, Serving, types::LastAnnouncement};
use frame_support::{pallet_prelude::TransactionValidityWithRefund, storage::with_storage_layer};
use frame_system::pallet_prelude::BlockNumberFor;
use jurat_primitives::{ReleaseId, announcement::Announcement, crypto::AttestationSignature};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::Get;
use sp_runtime::{
	DispatchResult, Saturating, Weight,
	transaction_validity::{InvalidTransaction, TransactionLongevity, ValidTransaction},
};

/// Blocks for which an announcement waits in the pool. The worker sends it again if need be.
const LONGEVITY: TransactionLongevity = 16;

impl<T: Config> Pallet<T> {
	/// The first block that may have the next announcement of an attester.
	pub(crate) fn next_announcement(attester: &T::AccountId) -> (u64, BlockNumberFor<T>) {
		match Announced::<T>::get(attester) {
			Some(LastAnnouncement { sequence, at }) => {
				(sequence.saturating_add(1), at.saturating_add(T::AnnouncementInterval::get()))
			},
			None => (1, BlockNumberFor::<T>::default()),
		}
	}

	pub(crate) fn authorize_announce(
		announcement: &Announcement<T::AccountId>,
		signature: &AttestationSignature,
	) -> TransactionValidityWithRefund {
		let Announcement { attester, session, sequence, .. } = announcement;
		if !announcement.is_well_formed() {
			return Err(InvalidTransaction::Call.into());
		}
		let key = Roster::<T>::get(attester).ok_or(InvalidTransaction::BadSigner)?.key;
		if *session != T::Session::get() {
			return Err(InvalidTransaction::Stale.into());
		}
		let (next, from) = Self::next_announcement(attester);
		if *sequence < next {
			return Err(InvalidTransaction::Stale.into());
		}
		if *sequence > next || frame_system::Pallet::<T>::block_number() < from {
			return Err(InvalidTransaction::Future.into());
		}
		if !key.verify(&announcement.signing_payload(&Self::genesis()), signature) {
			return Err(InvalidTransaction::BadProof.into());
		}
		if !Self::changes_something(announcement) {
			return Err(InvalidTransaction::Call.into());
		}
		ValidTransaction::with_tag_prefix("JuratAnnounce")
			// It is free, and has time: whatever pays goes before it.
			.priority(0)
			.longevity(LONGEVITY)
			.propagate(true)
			.and_provides((attester, sequence))
			.build()
			.map(|valid| (valid, Weight::zero()))
	}

	fn changes_something(announcement: &Announcement<T::AccountId>) -> bool {
		let Announcement { attester, serve, stop, .. } = announcement;
		let served = Serving::<T>::get(attester);
		stop.iter().any(|release| served.contains(release))
			|| serve.iter().any(|release| Self::may_serve(attester, *release).is_ok())
	}

	/// Does what an announcement says that was authorised in this very block. What does not apply,
	/// any more or at all, is left out and said so.
	pub(crate) fn do_announce(announcement: Announcement<T::AccountId>) {
		let Announcement { attester, sequence, serve, stop, .. } = announcement;
		let at = frame_system::Pallet::<T>::block_number();
		Announced::<T>::insert(&attester, LastAnnouncement { sequence, at });
		Self::deposit_event(Event::Announced { attester: attester.clone(), sequence });
		let each = |releases: &[ReleaseId], act: fn(T::AccountId, ReleaseId) -> DispatchResult| {
			for release in releases {
				let done = with_storage_layer(|| act(attester.clone(), *release));
				if let Err(error) = done {
					Self::deposit_event(Event::AnnouncementSkipped {
						attester: attester.clone(),
						release: *release,
						error,
					});
				}
			}
		};
		// First what makes room.
		each(&stop, Self::do_stop_serving);
		each(&serve, Self::do_serve);
	}
}
