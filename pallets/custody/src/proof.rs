// SPDX-License-Identifier: Apache-2.0
//! Answers: who may send them, and what they do.
//!
//! They travel as authorised transactions. They carry no nonce and pay no fee, so what protects the
//! chain is here: what does not answer an open question never enters a block. The order of checks is
//! cheap first: the question, which one read finds; its deadline; whether it is this one; then the
//! signature; then the proof, which hashes at most 1 KiB and 33 nodes. Whoever has no key of an
//! attester that is asked costs a node one read and one signature check for each attempt.

use crate::{Config, Deadlines, Event, Pallet, Questions, Records};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::pallet_prelude::TransactionValidityWithRefund;
use frame_system::pallet_prelude::BlockNumberFor;
use jurat_primitives::{
	ReleaseId, commitment::genesis_hash, crypto::AttestationSignature, custody::ChunkProof,
};
use scale_info::TypeInfo;
use sp_application_crypto::RuntimeAppPublic;
use sp_core::{Get, H256};
use sp_runtime::{
	SaturatedConversion, Saturating, Weight,
	transaction_validity::{InvalidTransaction, ValidTransaction},
};
use sp_staking::SessionIndex;

/// Separates answers from all else that the key signs.
const DOMAIN: &[u8] = b"jurat/custody/v1";

/// The answer to a question.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Proof<AccountId> {
	/// Who was asked.
	pub attester: AccountId,
	/// In which session: the one whose key signs.
	pub session: SessionIndex,
	/// About the file of which release.
	pub release: ReleaseId,
	/// For which chunk.
	pub chunk: u64,
	/// The chunk.
	pub answer: ChunkProof,
}

impl<AccountId: Encode> Proof<AccountId> {
	/// The bytes that are signed: `blake2_256("jurat/custody/v1" ‖ genesis ‖ proof)`.
	pub fn signing_payload(&self, genesis: &H256) -> Vec<u8> {
		(DOMAIN, genesis, self).using_encoded(sp_io::hashing::blake2_256).to_vec()
	}
}

impl<T: Config> Pallet<T> {
	/// Genesis hash: what is signed for one chain is worth nothing on another.
	pub(crate) fn genesis() -> H256 {
		genesis_hash(&frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::from(0u32)))
	}

	pub(crate) fn authorize_prove(
		proof: &Proof<T::AccountId>,
		signature: &AttestationSignature,
	) -> TransactionValidityWithRefund {
		let Proof { attester, session, release, chunk, answer } = proof;
		let question = Questions::<T>::get(attester).ok_or(InvalidTransaction::Stale)?;
		let now = frame_system::Pallet::<T>::block_number();
		// Over, or another one than on the fork on which it was answered.
		if now >= question.until
			|| (question.session, question.release, question.chunk) != (*session, *release, *chunk)
		{
			return Err(InvalidTransaction::Stale.into());
		}
		if !question.key.verify(&proof.signing_payload(&Self::genesis()), signature) {
			return Err(InvalidTransaction::BadProof.into());
		}
		answer
			.verify(&question.file.content, question.file.size, question.chunk)
			.map_err(|_| InvalidTransaction::BadProof)?;
		ValidTransaction::with_tag_prefix("JuratCustody")
			.priority(T::SubmissionPriority::get())
			.longevity(question.until.saturating_sub(now).saturated_into::<u64>().max(1))
			.propagate(true)
			.and_provides((attester, session, release, chunk))
			.build()
			.map(|valid| (valid, Weight::zero()))
	}

	/// Books an answer that was authorised in this very block.
	pub(crate) fn do_prove(proof: Proof<T::AccountId>) {
		let Proof { attester, release, .. } = proof;
		let Some(question) = Questions::<T>::take(&attester) else { return };
		Deadlines::<T>::remove(question.until, &attester);
		Records::<T>::mutate(&attester, |record| record.proved.saturating_inc());
		Self::deposit_event(Event::Proved { attester, release });
	}
}
