// SPDX-License-Identifier: Apache-2.0
//! The part of the off-chain worker that announces what the node wants to serve.
//!
//! The node writes its wish into the mailbox ([`mailbox::serving`]). Whatever differs from what the
//! chain says, and could be taken now, is announced; again with the next block, until it is. Nothing
//! is remembered but the block of the last submission, under `announced/…`: the number that an
//! announcement carries comes from the chain, so that it fits on each fork.

use crate::{Call, Config, LOG_TARGET, Pallet, Roster, Serving, worker};
use alloc::vec::Vec;
use codec::Encode;
use frame_support::BoundedVec;
use frame_system::{offchain::SubmitTransaction, pallet_prelude::BlockNumberFor};
use jurat_primitives::{
	ReleaseId,
	announcement::Announcement,
	crypto::AttestationId,
	limits::{MAX_ANNOUNCED, MAX_SERVED},
	mailbox::{self, serving::ServingWish},
};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::Get;
use sp_runtime::{Saturating, offchain::storage::StorageValueRef};

/// Announces what the attesters of this node do not serve yet, or should not any more.
pub(crate) fn run<T: Config>(
	attesters: &[T::AccountId],
	keys: &[AttestationId],
	now: BlockNumberFor<T>,
) {
	let Some(wish) = mailbox::serving::wish() else { return };
	for attester in attesters {
		// Only who is in the roster can announce.
		let key = Roster::<T>::get(attester).map(|entry| entry.key);
		let Some(key) = key.filter(|key| keys.contains(key)) else { continue };
		let Some(announcement) = announcement::<T>(attester, &wish, now) else { continue };
		submit::<T>(announcement, &key, now);
	}
}

/// What an attester has to announce so that the chain comes nearer to the wish, if it may now.
fn announcement<T: Config>(
	attester: &T::AccountId,
	wish: &ServingWish,
	now: BlockNumberFor<T>,
) -> Option<Announcement<T::AccountId>> {
	let (sequence, from) = Pallet::<T>::next_announcement(attester);
	// The next block is the first that can have it.
	if now.saturating_add(1u32.into()) < from {
		return None;
	}
	let served = Serving::<T>::get(attester);
	let bounded = |mut releases: Vec<ReleaseId>, most: usize| {
		releases.sort_unstable();
		releases.dedup();
		releases.truncate(most.min(MAX_ANNOUNCED as usize));
		BoundedVec::truncate_from(releases)
	};
	let surplus = served.iter().filter(|release| !wish.releases.contains(release)).copied();
	let stop = bounded(surplus.collect(), usize::MAX);
	let room = (MAX_SERVED as usize).saturating_sub(served.len()).saturating_add(stop.len());
	// A list that is full has room with the announcement after this one.
	let missing =
		wish.releases.iter().filter(|release| Pallet::<T>::may_serve(attester, **release).is_ok());
	let serve = bounded(missing.copied().collect(), room);
	if serve.is_empty() && stop.is_empty() {
		return None;
	}
	let session = T::Session::get();
	Some(Announcement { attester: attester.clone(), session, sequence, serve, stop })
}

/// Signs and submits, once at each block: what was not included is sent again, in case it met a pool
/// that had not come to its block yet.
fn submit<T: Config>(
	announcement: Announcement<T::AccountId>,
	key: &AttestationId,
	now: BlockNumberFor<T>,
) {
	let attester = announcement.attester.using_encoded(sp_io::hashing::blake2_128);
	let mark = [worker::PREFIX, b"announced/", &attester].concat();
	let mark = StorageValueRef::persistent(&mark);
	if mark.get() == Ok(Some(now)) {
		return;
	}
	let Some(signature) = key.sign(&announcement.signing_payload(&Pallet::<T>::genesis())) else {
		log::error!(target: LOG_TARGET, "the keystore does not sign with {key:?}");
		return;
	};
	mark.set(&now);
	let (serve, stop) = (announcement.serve.len(), announcement.stop.len());
	let call = Call::<T>::announce { announcement, signature };
	let transaction = T::create_authorized_transaction(call.into());
	match SubmitTransaction::<T, Call<T>>::submit_transaction(transaction) {
		Ok(()) => log::info!(target: LOG_TARGET, "announced {serve} releases, withdrew {stop}"),
		// It has this one still, or has not come to this block yet: again at the next block.
		Err(()) => log::debug!(target: LOG_TARGET, "the pool refused an announcement"),
	}
}
