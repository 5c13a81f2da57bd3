// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Commitments and reveals as they travel, and the key that signs them.

use codec::{Decode, Encode};
use frame_system::offchain::CreateAuthorizedTransaction;
use jurat_primitives::{
	attestation_crypto::{ATTESTATION_KEY_TYPE, AttestationSignature},
	batch::{CommitBatch, CommitEntry, RevealBatch, RevealEntry},
	limits::MaxBatch,
};
use jurat_runtime::{AccountId, Runtime, RuntimeCall};
use pallet_attestation::Call;
use sp_core::{H256, Pair, sr25519};
use sp_keystore::KeystorePtr;
use sp_runtime::{BoundedVec, OpaqueExtrinsic};

use crate::equivocation::attestation_call;

/// What an attester's worker sends.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
	/// Commitments.
	Commit(CommitBatch<AccountId>, AttestationSignature),
	/// Reveals.
	Reveal(RevealBatch<AccountId>, AttestationSignature),
}

impl Message {
	/// The message that a transaction is, if it is one.
	pub fn read(transaction: &OpaqueExtrinsic) -> Option<Self> {
		match attestation_call(transaction)? {
			Call::commit { batch, signature } => Some(Self::Commit(batch, signature)),
			Call::reveal { batch, signature } => Some(Self::Reveal(batch, signature)),
			_ => None,
		}
	}

	/// The transaction that carries it.
	pub fn transaction(self) -> OpaqueExtrinsic {
		let call = match self {
			Self::Commit(batch, signature) => Call::<Runtime>::commit { batch, signature },
			Self::Reveal(batch, signature) => Call::<Runtime>::reveal { batch, signature },
		};
		let transaction =
			<Runtime as CreateAuthorizedTransaction<RuntimeCall>>::create_authorized_transaction(
				call.into(),
			);
		let bytes = transaction.encode();
		OpaqueExtrinsic::decode(&mut &bytes[..]).expect("the bytes begin with their length; qed")
	}

	/// The bytes that are signed.
	pub fn payload(&self, genesis: &H256) -> Vec<u8> {
		match self {
			Self::Commit(batch, _) => batch.signing_payload(genesis),
			Self::Reveal(batch, _) => batch.signing_payload(genesis),
		}
	}

	/// Its signature.
	pub fn signature(&self) -> &AttestationSignature {
		match self {
			Self::Commit(_, signature) | Self::Reveal(_, signature) => signature,
		}
	}

	/// The same with another signature.
	pub fn with_signature(mut self, other: sr25519::Signature) -> Self {
		match &mut self {
			Self::Commit(_, signature) | Self::Reveal(_, signature) => *signature = other.into(),
		}
		self
	}

	/// One message for each entry. Their signatures are void.
	pub fn split(&self) -> Vec<Self> {
		match self {
			Self::Commit(batch, signature) => {
				let single = |entry: &CommitEntry| {
					let mut batch = batch.clone();
					batch.entries = one(entry.clone());
					Self::Commit(batch, signature.clone())
				};
				batch.entries.iter().map(single).collect()
			},
			Self::Reveal(batch, signature) => {
				let single = |entry: &RevealEntry| {
					let mut batch = batch.clone();
					batch.entries = one(entry.clone());
					Self::Reveal(batch, signature.clone())
				};
				batch.entries.iter().map(single).collect()
			},
		}
	}
}

fn one<E>(entry: E) -> BoundedVec<E, MaxBatch> {
	BoundedVec::truncate_from(vec![entry])
}

/// Signs with the keys of this node.
pub struct Signer {
	/// Holds them.
	pub keystore: KeystorePtr,
	/// The chain that signatures are for.
	pub genesis: H256,
}

impl Signer {
	/// Signs a changed message with the key that signed the original.
	pub fn sign(&self, original: &Message, changed: Message) -> Option<Message> {
		let payload = original.payload(&self.genesis);
		let signature = sr25519::Signature::from(original.signature().clone());
		let key = self
			.keystore
			.sr25519_public_keys(ATTESTATION_KEY_TYPE)
			.into_iter()
			.find(|key| sr25519::Pair::verify(&signature, &payload, key))?;
		let payload = changed.payload(&self.genesis);
		let signature = self.keystore.sr25519_sign(ATTESTATION_KEY_TYPE, &key, &payload);
		Some(changed.with_signature(signature.ok()??))
	}
}

/// Names used by the tests of this module.
#[cfg(test)]
pub mod testing {
	use super::*;
	use jurat_primitives::{Answer, JobFailure, batch::Revealed};
	use sp_keyring::Sr25519Keyring;
	use sp_keystore::{Keystore, testing::MemoryKeystore};
	use sp_runtime::traits::TrailingZeroInput;
	use std::sync::Arc;

	/// Signs with the key of Alice.
	pub fn signer() -> Signer {
		let keystore = MemoryKeystore::new();
		keystore.sr25519_generate_new(ATTESTATION_KEY_TYPE, Some("//Alice")).unwrap();
		Signer { keystore: Arc::new(keystore), genesis: H256([1; 32]) }
	}

	/// A batch with nothing in it, whatever fields it has.
	fn empty<B: Decode>() -> B {
		B::decode(&mut TrailingZeroInput::zeroes()).unwrap()
	}

	fn signed(who: Sr25519Keyring, message: Message) -> Message {
		let signature = who.pair().sign(&message.payload(&H256([1; 32])));
		message.with_signature(signature)
	}

	/// A signature of nobody.
	pub fn void() -> AttestationSignature {
		sr25519::Signature::default().into()
	}

	/// Commitments to these requests.
	pub fn commits(who: Sr25519Keyring, requests: &[u64]) -> Message {
		let entry = |request: &u64| CommitEntry {
			request: *request,
			digest: H256::from_low_u64_be(*request),
			commitment: H256(sp_io::hashing::blake2_256(&(who.to_account_id(), request).encode())),
		};
		let entries = requests.iter().map(entry).collect::<Vec<_>>().try_into().unwrap();
		let mut batch: CommitBatch<AccountId> = empty();
		(batch.attester, batch.entries) = (who.to_account_id(), entries);
		signed(who, Message::Commit(batch, void()))
	}

	/// Reveals of these requests.
	pub fn reveals(who: Sr25519Keyring, requests: &[u64]) -> Message {
		let entry = |request: &u64| RevealEntry {
			request: *request,
			digest: H256::from_low_u64_be(*request),
			salt: sp_io::hashing::blake2_256(&(who.to_account_id(), request).encode()),
			revealed: Revealed::Full(Answer::Failure(JobFailure::RunFailed)),
		};
		let entries = requests.iter().map(entry).collect::<Vec<_>>().try_into().unwrap();
		let mut batch: RevealBatch<AccountId> = empty();
		(batch.attester, batch.entries) = (who.to_account_id(), entries);
		signed(who, Message::Reveal(batch, void()))
	}

	/// Whether this is signed with that key.
	pub fn is_signed_by(message: &Message, who: Sr25519Keyring) -> bool {
		let signature = sr25519::Signature::from(message.signature().clone());
		sr25519::Pair::verify(&signature, message.payload(&H256([1; 32])), &who.public())
	}
}

#[cfg(test)]
mod tests {
	use super::{testing::*, *};
	use sp_keyring::Sr25519Keyring::{Alice, Bob};

	#[test]
	fn a_message_survives_the_wire() {
		for message in [commits(Alice, &[1, 2]), reveals(Alice, &[1, 2])] {
			assert_eq!(Message::read(&message.clone().transaction()), Some(message));
		}
		assert_eq!(Message::read(&OpaqueExtrinsic::default()), None);
	}

	#[test]
	fn a_changed_message_is_signed_with_the_key_of_the_original_and_of_no_other() {
		let signer = signer();
		let (original, other) = (commits(Alice, &[1]), commits(Alice, &[2]));
		let unsigned = other.clone().with_signature(Default::default());
		assert!(!is_signed_by(&unsigned, Alice));
		let signed = signer.sign(&original, unsigned).unwrap();
		assert!(is_signed_by(&signed, Alice));
		assert_eq!(signer.sign(&commits(Bob, &[1]), other), None);
	}

	#[test]
	fn a_batch_is_split_into_its_entries() {
		let split = commits(Alice, &[1, 2, 3]).split();
		assert_eq!(split.len(), 3);
		let Message::Commit(batch, _) = &split[2] else { panic!("not commitments") };
		assert_eq!((batch.entries.len(), batch.entries[0].request), (1, 3));
	}
}
