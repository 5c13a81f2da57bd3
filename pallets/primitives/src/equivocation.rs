// SPDX-License-Identifier: Apache-2.0
//! Evidence that an attester signed two things of which an honest one signs at most one: two
//! different commitments, or two different reveals, for one request.
//!
//! The request is named by its digest, which no two forks share unless it is the same request; salt
//! and answer are kept by an honest node over forks and restarts. So both signatures together
//! convict, whatever chain they were made for.

use crate::{
	batch::{CommitBatch, CommitEntry, RevealBatch, RevealHead, Signed, signing_payload},
	crypto::{AttestationId, AttestationSignature},
	ids::RequestDigest,
	limits::MaxBatch,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use frame_support::BoundedVec;
use scale_info::TypeInfo;
use sp_application_crypto::RuntimeAppPublic;
use sp_core::H256;
use sp_staking::SessionIndex;

/// One entry of a batch, and what proves that it was signed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct SignedEntry<Entry> {
	/// The session whose key signed it.
	pub session: SessionIndex,
	/// Hashes of all entries of the batch.
	pub hashes: BoundedVec<H256, MaxBatch>,
	/// Which of them is the entry's.
	pub place: u8,
	/// The entry.
	pub entry: Entry,
	/// The signature of the batch.
	pub signature: AttestationSignature,
}

impl<Entry: Signed> SignedEntry<Entry> {
	/// Whether `key` signed the entry for `attester`.
	fn is_signed<AccountId: Encode>(
		&self,
		genesis: &H256,
		attester: &AccountId,
		key: &AttestationId,
	) -> bool {
		self.hashes.get(usize::from(self.place)) == Some(&self.entry.hash())
			&& key.verify(
				&signing_payload::<Entry, _>(genesis, attester, self.session, &self.hashes),
				&self.signature,
			)
	}
}

/// Two signed entries of one kind that contradict each other.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub enum Contradiction {
	/// Two commitments.
	#[codec(index = 0)]
	Commitments(SignedEntry<CommitEntry>, SignedEntry<CommitEntry>),
	/// Two reveals.
	#[codec(index = 1)]
	Reveals(SignedEntry<RevealHead>, SignedEntry<RevealHead>),
}

/// Evidence of an equivocation. Convicts by itself, once it is known that `key` was the attester's
/// in that session.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Equivocation<AccountId> {
	/// Whose.
	pub attester: AccountId,
	/// The key that signed both.
	pub key: AttestationId,
	/// What it signed.
	pub contradiction: Contradiction,
}

/// Why something is no evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoEvidence {
	/// The two are of different requests.
	OtherRequest,
	/// The two say the same.
	Agreement,
	/// The two were signed for different sessions.
	OtherSession,
	/// One of them was not signed by the key.
	Unsigned,
}

impl<AccountId: Encode> Equivocation<AccountId> {
	/// The session whose key signed.
	pub fn session(&self) -> SessionIndex {
		match &self.contradiction {
			Contradiction::Commitments(first, _) => first.session,
			Contradiction::Reveals(first, _) => first.session,
		}
	}

	/// The request for which it was.
	pub fn digest(&self) -> RequestDigest {
		match &self.contradiction {
			Contradiction::Commitments(first, _) => first.entry.digest(),
			Contradiction::Reveals(first, _) => first.entry.digest(),
		}
	}

	/// Whether this convicts. What is cheap is checked first, the two signatures last.
	pub fn check(&self, genesis: &H256) -> Result<(), NoEvidence> {
		match &self.contradiction {
			Contradiction::Commitments(a, b) => self.check_pair(genesis, a, b),
			Contradiction::Reveals(a, b) => self.check_pair(genesis, a, b),
		}
	}

	fn check_pair<Entry: Signed>(
		&self,
		genesis: &H256,
		a: &SignedEntry<Entry>,
		b: &SignedEntry<Entry>,
	) -> Result<(), NoEvidence> {
		if a.entry.digest() != b.entry.digest() {
			return Err(NoEvidence::OtherRequest);
		}
		if !a.entry.contradicts(&b.entry) {
			return Err(NoEvidence::Agreement);
		}
		// A request has its panel drawn in one block. On another fork that may be one of another
		// session, in which the validator may have another key: evidence has one key and session.
		if a.session != b.session {
			return Err(NoEvidence::OtherSession);
		}
		let signed = |half: &SignedEntry<Entry>| half.is_signed(genesis, &self.attester, &self.key);
		if signed(a) && signed(b) { Ok(()) } else { Err(NoEvidence::Unsigned) }
	}
}

/// The entries of a signed batch of commitments, each with what proves that it was signed.
pub fn signed_commitments<AccountId: Encode>(
	batch: &CommitBatch<AccountId>,
	signature: &AttestationSignature,
) -> Vec<SignedEntry<CommitEntry>> {
	signed(batch.session, batch.hashes(), batch.entries.iter().cloned(), signature)
}

/// The entries of a signed batch of reveals, each with what proves that it was signed.
pub fn signed_reveals<AccountId: Encode>(
	batch: &RevealBatch<AccountId>,
	signature: &AttestationSignature,
) -> Vec<SignedEntry<RevealHead>> {
	let heads = batch.entries.iter().map(|entry| entry.head());
	signed(batch.session, batch.hashes(), heads, signature)
}

fn signed<Entry>(
	session: SessionIndex,
	hashes: Vec<H256>,
	entries: impl Iterator<Item = Entry>,
	signature: &AttestationSignature,
) -> Vec<SignedEntry<Entry>> {
	let hashes: BoundedVec<H256, MaxBatch> = BoundedVec::truncate_from(hashes);
	entries
		.zip(0u8..=u8::MAX)
		.map(|(entry, place)| SignedEntry {
			session,
			hashes: hashes.clone(),
			place,
			entry,
			signature: signature.clone(),
		})
		.collect()
}
