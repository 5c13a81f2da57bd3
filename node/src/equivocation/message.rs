// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Batches of commitments and of reveals, as transactions carry them.

use codec::{Decode, DecodeLimit, Encode};
use jurat_primitives::{
	batch::{CommitBatch, CommitEntry, RevealBatch, RevealHead, signing_payload},
	crypto::{AttestationId, AttestationSignature},
	limits::MaxBatch,
};
use jurat_runtime::{AccountId, Runtime, RuntimeCall, UncheckedExtrinsic};
use pallet_attestation::Call;
use sp_core::{H256, Pair, sr25519};
use sp_runtime::{BoundedVec, OpaqueExtrinsic};
use sp_staking::SessionIndex;
use std::sync::Arc;

/// How deep what is decoded may be nested: a batch is not, and a call within calls must not
/// exhaust the stack.
const MAX_DEPTH: u32 = 16;

/// What is common to the entries of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
	/// The session whose key signed.
	pub session: SessionIndex,
	/// Hashes of all entries.
	pub hashes: BoundedVec<H256, MaxBatch>,
	/// The signature.
	pub signature: AttestationSignature,
}

/// What an attester says, in the order of the hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entries {
	/// Commitments.
	Commits(Vec<CommitEntry>),
	/// Reveals, without the bytes of the answers.
	Reveals(Vec<RevealHead>),
}

/// A batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
	/// Whose.
	pub attester: AccountId,
	/// Its signature, and what it covers.
	pub seal: Arc<Seal>,
	/// What it says.
	pub entries: Entries,
}

/// The call of the attestation pallet that a transaction carries, if it does.
pub fn attestation_call(transaction: &OpaqueExtrinsic) -> Option<Call<Runtime>> {
	let bytes = transaction.encode();
	let transaction =
		UncheckedExtrinsic::decode_all_with_depth_limit(MAX_DEPTH, &mut &bytes[..]).ok()?;
	match transaction.function {
		RuntimeCall::Attestation(call) => Some(call),
		_ => None,
	}
}

impl Message {
	/// The batch that a transaction carries, if it does.
	pub fn read(transaction: &OpaqueExtrinsic) -> Option<Self> {
		match attestation_call(transaction)? {
			Call::commit { batch, signature } => Some(Self::commits(&batch, signature)),
			Call::reveal { batch, signature } => Some(Self::reveals(&batch, signature)),
			_ => None,
		}
	}

	/// Commitments.
	pub fn commits(batch: &CommitBatch<AccountId>, signature: AttestationSignature) -> Self {
		let entries = Entries::Commits(batch.entries.to_vec());
		Self::new(batch.attester.clone(), batch.session, batch.hashes(), signature, entries)
	}

	/// Reveals.
	pub fn reveals(batch: &RevealBatch<AccountId>, signature: AttestationSignature) -> Self {
		let entries = Entries::Reveals(batch.entries.iter().map(|entry| entry.head()).collect());
		Self::new(batch.attester.clone(), batch.session, batch.hashes(), signature, entries)
	}

	fn new(
		attester: AccountId,
		session: SessionIndex,
		hashes: Vec<H256>,
		signature: AttestationSignature,
		entries: Entries,
	) -> Self {
		let hashes = BoundedVec::truncate_from(hashes);
		Self { attester, seal: Arc::new(Seal { session, hashes, signature }), entries }
	}

	/// Whether this key signed it for the chain of this genesis.
	pub fn is_signed(&self, genesis: &H256, key: &AttestationId) -> bool {
		let Seal { session, hashes, signature } = &*self.seal;
		let payload = match &self.entries {
			Entries::Commits(_) => {
				signing_payload::<CommitEntry, _>(genesis, &self.attester, *session, hashes)
			},
			Entries::Reveals(_) => {
				signing_payload::<RevealHead, _>(genesis, &self.attester, *session, hashes)
			},
		};
		let signature = sr25519::Signature::from(signature.clone());
		sr25519::Pair::verify(&signature, payload, &sr25519::Public::from(key.clone()))
	}
}

/// Makes a transaction of the node out of one of the runtime.
pub fn opaque(transaction: &UncheckedExtrinsic) -> Option<OpaqueExtrinsic> {
	OpaqueExtrinsic::decode(&mut &transaction.encode()[..]).ok()
}
