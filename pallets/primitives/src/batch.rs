// SPDX-License-Identifier: Apache-2.0
//! What an attester's session key signs: batches of commitments and of reveals.
//!
//! One signature covers many requests. What is signed is the list of the hashes of the entries, so
//! that one entry can be shown to be signed without the others: two that contradict each other are
//! small evidence ([`crate::equivocation`]), however large the batches around them. Each entry
//! names its request by digest, and each batch the session whose key signs it.

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
use sp_staking::SessionIndex;

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

impl RevealEntry {
	/// What of the entry is signed.
	pub fn head(&self) -> RevealHead {
		RevealHead {
			request: self.request,
			digest: self.digest,
			salt: self.salt,
			answer: self.revealed.digest(),
			shown: matches!(self.revealed, Revealed::Full(_)),
		}
	}
}

/// A reveal without the bytes of its answer, which its digest stands for.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct RevealHead {
	/// Where the chain finds the request.
	pub request: RequestId,
	/// What the request is.
	pub digest: RequestDigest,
	/// The salt of the commitment.
	pub salt: Salt,
	/// Digest of the answer.
	pub answer: AnswerDigest,
	/// Whether the bytes come with it. Signed, so that nobody can strip them on the way.
	pub shown: bool,
}

/// What is signed of an entry.
pub trait Signed: Encode {
	/// Separates what is signed for one purpose from what is signed for another.
	const DOMAIN: &'static [u8];

	/// What the request is.
	fn digest(&self) -> RequestDigest;

	/// Whether both could not have been signed by an honest attester. Both are of one request.
	fn contradicts(&self, other: &Self) -> bool;

	/// The hash that is signed: `blake2_256(entry)`.
	fn hash(&self) -> H256 {
		self.using_encoded(|bytes| H256(sp_io::hashing::blake2_256(bytes)))
	}
}

impl Signed for CommitEntry {
	const DOMAIN: &'static [u8] = b"jurat/commits/v1";

	fn digest(&self) -> RequestDigest {
		self.digest
	}

	fn contradicts(&self, other: &Self) -> bool {
		self.commitment != other.commitment
	}
}

impl Signed for RevealHead {
	const DOMAIN: &'static [u8] = b"jurat/reveals/v1";

	fn digest(&self) -> RequestDigest {
		self.digest
	}

	// With or without bytes it is the same reveal: they may be shown later.
	fn contradicts(&self, other: &Self) -> bool {
		(self.salt, self.answer) != (other.salt, other.answer)
	}
}

/// The bytes that a session key signs for a batch: `blake2_256(domain ‖ genesis ‖ attester ‖
/// session ‖ hashes of the entries)`.
pub fn signing_payload<S: Signed, AccountId: Encode>(
	genesis: &H256,
	attester: &AccountId,
	session: SessionIndex,
	hashes: &[H256],
) -> Vec<u8> {
	(S::DOMAIN, genesis, attester, session, hashes)
		.using_encoded(sp_io::hashing::blake2_256)
		.to_vec()
}

/// Commitments of one attester, in rising order of request.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct CommitBatch<AccountId> {
	/// Who commits.
	pub attester: AccountId,
	/// The session in which the panels were drawn: the one whose key signs.
	pub session: SessionIndex,
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
	/// The session in which the panels were drawn: the one whose key signs.
	pub session: SessionIndex,
	/// What.
	pub entries: BoundedVec<RevealEntry, MaxBatch>,
}

impl<AccountId: Encode> CommitBatch<AccountId> {
	/// Hashes of the entries, in their order.
	pub fn hashes(&self) -> Vec<H256> {
		self.entries.iter().map(Signed::hash).collect()
	}

	/// The bytes that are signed.
	pub fn signing_payload(&self, genesis: &H256) -> Vec<u8> {
		signing_payload::<CommitEntry, _>(genesis, &self.attester, self.session, &self.hashes())
	}
}

impl<AccountId: Encode> RevealBatch<AccountId> {
	/// Hashes of the entries' heads, in their order.
	pub fn hashes(&self) -> Vec<H256> {
		self.entries.iter().map(|entry| entry.head().hash()).collect()
	}

	/// The bytes that are signed.
	pub fn signing_payload(&self, genesis: &H256) -> Vec<u8> {
		signing_payload::<RevealHead, _>(genesis, &self.attester, self.session, &self.hashes())
	}
}
