// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! What the watch asks of the chain, and how the node answers it.

use codec::Decode;
use frame_system::offchain::CreateAuthorizedTransaction;
use jurat_primitives::{
	crypto::{ATTESTATION_KEY_TYPE, AttestationId},
	equivocation::Equivocation,
};
use jurat_runtime::{
	AccountId, Balance, BlockNumber, Hash, Runtime, RuntimeCall, UncheckedExtrinsic,
};
use jurat_runtime_api::{AttestationApi, KeyOwnershipProof};
use pallet_attestation::{Call, Roster, RosterIndex, types::RosterEntry};
use sc_client_api::StorageProvider;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_api::{ApiError, ApiExt, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use sp_core::storage::StorageKey;
use sp_keystore::KeystorePtr;
use sp_runtime::transaction_validity::{
	InvalidTransaction, TransactionSource, TransactionValidityError,
};
use sp_staking::SessionIndex;
use sp_transaction_pool::runtime_api::TaggedTransactionQueue;
use std::{collections::HashMap, sync::Arc};

use super::{LOG_TARGET, message::opaque};
use crate::{chain_spec::Block, service::FullClient};

/// Ancestors among which a block of a session is looked for. Sessions have 200 slots; nodes keep
/// the states of 256 blocks unless they are told otherwise.
const LOOK_BACK: BlockNumber = 1_024;

/// Evidence.
pub type Evidence = Equivocation<AccountId>;

/// The attestation keys of a session's validators, in the order of the roster.
pub type Keys = Vec<(AccountId, AttestationId)>;

/// How evidence stands with a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
	/// It would be taken.
	Due,
	/// The chain has convicted this attester for this session.
	Known,
	/// It is no evidence there.
	Refused(String),
}

/// A block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
	/// Its hash.
	pub hash: Hash,
	/// Its height.
	pub number: BlockNumber,
}

/// What the watch asks of the chain.
pub trait Chain {
	/// The best block.
	fn best(&self) -> At;
	/// The last block that cannot be undone.
	fn finalised(&self) -> Hash;
	/// A block of a session: this one if it is one, else one of the best chain.
	fn block_of(&self, session: SessionIndex, hint: Hash) -> Option<Hash>;
	/// Attestation keys of the session of a block.
	fn keys(&self, at: Hash) -> Option<Keys>;
	/// Proof that a key is a validator's in the session of a block.
	fn proof(&self, at: Hash, key: &AttestationId) -> Option<KeyOwnershipProof>;
	/// How evidence stands.
	fn standing(&self, at: Hash, evidence: &Evidence, proof: &KeyOwnershipProof) -> Standing;
	/// Hands a report to the pool: whether it was taken.
	fn submit(
		&self,
		at: Hash,
		evidence: &Evidence,
		proof: &KeyOwnershipProof,
		reporter: &AccountId,
	) -> bool;
	/// Whether this node signs with a key.
	fn is_own(&self, key: &AttestationId) -> bool;
}

/// The chain as this node has it.
pub struct NodeChain {
	/// Blocks and states.
	pub client: Arc<FullClient>,
	/// This node's keys.
	pub keystore: KeystorePtr,
	/// Where reports go.
	pub pool: OffchainTransactionPoolFactory<Block>,
}

impl NodeChain {
	fn session(&self, at: Hash) -> Result<SessionIndex, ApiError> {
		let api = self.client.runtime_api();
		AttestationApi::<Block, AccountId, Balance, BlockNumber>::session(&*api, at)
	}

	/// The value under a key of the state, if it is there and what it should be.
	fn read<V: Decode>(&self, at: Hash, key: Vec<u8>) -> Option<V> {
		let value = self.client.storage(at, &StorageKey(key)).ok()??;
		V::decode(&mut &value.0[..]).ok()
	}
}

/// The block of a session on a chain on which sessions only rise, among those from `first` to
/// `last`. `session` is `None` where the state is gone: that is so for the older ones.
fn search(
	mut first: BlockNumber,
	mut last: BlockNumber,
	wanted: SessionIndex,
	session: impl Fn(BlockNumber) -> Option<SessionIndex>,
) -> Option<BlockNumber> {
	while first <= last {
		let middle = first + (last - first) / 2;
		match session(middle) {
			Some(found) if found == wanted => return Some(middle),
			Some(found) if found > wanted => last = middle.checked_sub(1)?,
			_ => first = middle.checked_add(1)?,
		}
	}
	None
}

impl Chain for NodeChain {
	fn best(&self) -> At {
		let info = self.client.info();
		At { hash: info.best_hash, number: info.best_number }
	}

	fn finalised(&self) -> Hash {
		self.client.info().finalized_hash
	}

	fn block_of(&self, session: SessionIndex, hint: Hash) -> Option<Hash> {
		let best = self.best();
		for at in [hint, best.hash] {
			if self.session(at).ok() == Some(session) {
				return Some(at);
			}
		}
		let hash = |number| self.client.hash(number).ok().flatten();
		let found = search(best.number.saturating_sub(LOOK_BACK), best.number, session, |number| {
			self.session(hash(number)?).ok()
		});
		hash(found?)
	}

	fn keys(&self, at: Hash) -> Option<Keys> {
		let index: Vec<AccountId> = self.read(at, RosterIndex::<Runtime>::hashed_key().to_vec())?;
		let entries = index.into_iter().filter_map(|who| {
			let key = Roster::<Runtime>::hashed_key_for(&who);
			Some((who, self.read::<RosterEntry<Balance>>(at, key)?.key))
		});
		Some(entries.collect())
	}

	fn proof(&self, at: Hash, key: &AttestationId) -> Option<KeyOwnershipProof> {
		let api = self.client.runtime_api();
		AttestationApi::<Block, AccountId, Balance, BlockNumber>::key_ownership_proof(
			&*api,
			at,
			key.clone(),
		)
		.inspect_err(|error| log::debug!(target: LOG_TARGET, "no proof: {error}"))
		.ok()?
	}

	fn standing(&self, at: Hash, evidence: &Evidence, proof: &KeyOwnershipProof) -> Standing {
		let refused = |reason: &dyn std::fmt::Debug| Standing::Refused(format!("{reason:?}"));
		// The reporter decides nothing: the attester's own account stands in for it.
		let Some(transaction) = transaction(evidence, proof, &evidence.attester)
			.and_then(|transaction| opaque(&transaction))
		else {
			return refused(&"the proof is of another kind");
		};
		let source = TransactionSource::Local;
		match self.client.runtime_api().validate_transaction(at, source, transaction, at) {
			Ok(Ok(_)) => Standing::Due,
			Ok(Err(TransactionValidityError::Invalid(InvalidTransaction::Stale))) => {
				Standing::Known
			},
			Ok(Err(reason)) => refused(&reason),
			Err(error) => refused(&error),
		}
	}

	fn submit(
		&self,
		at: Hash,
		evidence: &Evidence,
		proof: &KeyOwnershipProof,
		reporter: &AccountId,
	) -> bool {
		let mut api = self.client.runtime_api();
		api.register_extension(self.pool.offchain_transaction_pool(at));
		let taken = AttestationApi::<Block, AccountId, Balance, BlockNumber>::submit_equivocation(
			&*api,
			at,
			evidence.clone(),
			proof.clone(),
			reporter.clone(),
		);
		match taken {
			Ok(taken) => taken.is_some(),
			Err(error) => {
				log::warn!(target: LOG_TARGET, "a report cannot be submitted: {error}");
				false
			},
		}
	}

	fn is_own(&self, key: &AttestationId) -> bool {
		let own = self.keystore.sr25519_public_keys(ATTESTATION_KEY_TYPE);
		own.contains(&key.clone().into())
	}
}

/// The transaction that reports this.
fn transaction(
	evidence: &Evidence,
	proof: &KeyOwnershipProof,
	reporter: &AccountId,
) -> Option<UncheckedExtrinsic> {
	let call = Call::<Runtime>::report_equivocation {
		evidence: Box::new(evidence.clone()),
		key_owner_proof: Decode::decode(&mut &proof.0[..]).ok()?,
		reporter: reporter.clone(),
	};
	Some(<Runtime as CreateAuthorizedTransaction<RuntimeCall>>::create_authorized_transaction(
		call.into(),
	))
}

/// Rosters of sessions, read once each.
#[derive(Default)]
pub struct Rosters(HashMap<SessionIndex, HashMap<AccountId, AttestationId>>);

impl Rosters {
	/// Sessions whose rosters are kept.
	const KEPT: u32 = 8;

	/// The key of an attester in a session. `hint` is a block that may be one of that session.
	pub fn key(
		&mut self,
		chain: &impl Chain,
		session: SessionIndex,
		hint: Hash,
		attester: &AccountId,
	) -> Option<AttestationId> {
		if let Some(keys) = self.0.get(&session) {
			return keys.get(attester).cloned();
		}
		let keys: HashMap<_, _> = chain.keys(chain.block_of(session, hint)?)?.into_iter().collect();
		let key = keys.get(attester).cloned();
		self.0.insert(session, keys);
		let newest = self.0.keys().copied().max().unwrap_or_default();
		self.0.retain(|known, _| known.saturating_add(Self::KEPT) > newest);
		key
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_block_of_a_session_is_found_among_ancestors_whose_state_is_there() {
		let session = |number: BlockNumber| (number >= 40).then_some(number / 10);
		assert_eq!(search(0, 99, 9, session).map(|n| n / 10), Some(9));
		assert_eq!(search(0, 99, 4, session).map(|n| n / 10), Some(4));
		// Its states are gone, or it has not come yet.
		assert_eq!(search(0, 99, 3, session), None);
		assert_eq!(search(0, 99, 10, session), None);
		assert_eq!(search(0, 0, 0, |_| Some(0)), Some(0));
		assert_eq!(search(0, 0, 0, |_| Some(1)), None);
	}
}
