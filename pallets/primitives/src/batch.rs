// SPDX-License-Identifier: Apache-2.0
//! What an attester's session key signs: batches of commitments and of reveals. One signature
//! covers many requests; each entry names its request by digest, so that a signed entry is evidence
//! by itself.

use crate::{
	answer::Answer,
	commitment::{AnswerDigest, Commitment, Salt},
	ids::{RequestDigest, RequestId},
	limits::MaxBatch,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::BoundedVec;
use scale_info::TypeInfo;
use sp_core::H256;

/// One commitment.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct CommitEntry {
	/// Where the chain finds the request.
	pub request: RequestId,
	/// What the request is.
	pub digest: RequestDigest,
	/// The commitment.
	pub commitment: Commitment,
}

/// What a reveal shows of the answer.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Revealed {
	/// The answer itself.
	#[codec(index = 0)]
	Full(Answer),
	/// Only its digest: somebody else shows the same answer. `Exact` releases only.
	#[codec(index = 1)]
	Digest(AnswerDigest),
}

impl Revealed {
	/// Digest of the answer.
	pub fn digest(&self) -> AnswerDigest {
		match self {
			Self::Full(answer) => crate::commitment::answer_digest(answer),
			Self::Digest(digest) => *digest,
		}
	}
}

/// One reveal.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct RevealEntry {
	/// Where the chain finds the request.
	pub request: RequestId,
	/// What the request is.
	pub digest: RequestDigest,
	/// The salt of the commitment.
	pub salt: Salt,
	/// The answer.
	pub revealed: Revealed,
}

/// Commitments of one attester, in rising order of request.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct CommitBatch<AccountId> {
	/// Who commits.
	pub attester: AccountId,
	/// What to.
	pub entries: BoundedVec<CommitEntry, MaxBatch>,
}

/// Reveals of one attester, in rising order of request.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct RevealBatch<AccountId> {
	/// Who reveals.
	pub attester: AccountId,
	/// What.
	pub entries: BoundedVec<RevealEntry, MaxBatch>,
}

impl<AccountId: Encode> CommitBatch<AccountId> {
	/// The bytes that are signed: `"jurat/commits/v1" ‖ genesis ‖ attester ‖ entries`, by their
	/// `blake2_256` hash, so that evidence is small.
	pub fn signing_payload(&self, genesis: &H256) -> Vec<u8> {
		let bytes = (b"jurat/commits/v1", genesis, self).encode();
		sp_io::hashing::blake2_256(&bytes).to_vec()
	}
}

impl<AccountId: Encode> RevealBatch<AccountId> {
	/// The bytes that are signed: `"jurat/reveals/v1" ‖ genesis ‖ attester ‖ entries`, by their
	/// `blake2_256` hash.
	pub fn signing_payload(&self, genesis: &H256) -> Vec<u8> {
		let bytes = (b"jurat/reveals/v1", genesis, self).encode();
		sp_io::hashing::blake2_256(&bytes).to_vec()
	}
}
