// SPDX-License-Identifier: Apache-2.0
//! Runtime APIs of Jurat: what clients and nodes ask of the chain's state.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

use alloc::vec::Vec;
use codec::{Codec, Decode, Encode};
use jurat_primitives::{
	Assurance, ModelId, ReleaseId, RequestId, Settlement,
	crypto::AttestationId,
	custody::{CustodyRecord, Question},
	equivocation::Equivocation,
	request::Quote,
	view::{AttesterView, EconomicSecurity, ModelView, ReleaseView, RequestView},
};
use scale_info::TypeInfo;
use sp_staking::SessionIndex;

/// Proof that a key was a validator's in some session. Only the runtime knows what is in it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct KeyOwnershipProof(pub Vec<u8>);

sp_api::decl_runtime_apis! {
	/// The registry of models.
	pub trait ModelsApi<AccountId, Balance, BlockNumber>
	where
		AccountId: Codec,
		Balance: Codec,
		BlockNumber: Codec,
	{
		/// A model.
		fn model(model: ModelId) -> Option<ModelView<AccountId, Balance>>;
		/// The model of this name.
		fn model_by_name(name: Vec<u8>) -> Option<ModelId>;
		/// Up to `count` (at most 100) models, from number `start` on.
		fn models(start: ModelId, count: u32) -> Vec<ModelView<AccountId, Balance>>;
		/// A release.
		fn release(release: ReleaseId) -> Option<ReleaseView<Balance, BlockNumber>>;
		/// The releases of a model, oldest version first.
		fn releases(model: ModelId) -> Vec<ReleaseView<Balance, BlockNumber>>;
	}

	/// Attesters.
	pub trait AttestationApi<AccountId, Balance, BlockNumber>
	where
		AccountId: Codec,
		Balance: Codec,
		BlockNumber: Codec,
	{
		/// An attester: bond, standing, work, reputation, penalties that wait.
		fn attester(attester: AccountId) -> Option<AttesterView<AccountId, Balance, BlockNumber>>;
		/// The attesters that announce a release.
		fn servers(release: ReleaseId) -> Vec<AccountId>;
		/// The releases that an attester announces.
		fn serving(attester: AccountId) -> Vec<ReleaseId>;
		/// The current session.
		fn session() -> SessionIndex;
		/// Proof that an attestation key is a validator's in the current session.
		fn key_ownership_proof(key: AttestationId) -> Option<KeyOwnershipProof>;
		/// Submits evidence of an equivocation, with the proof for its session, to the node's pool.
		/// `None` if the proof does not decode or the pool refuses it.
		fn submit_equivocation(
			evidence: Equivocation<AccountId>,
			proof: KeyOwnershipProof,
			reporter: AccountId,
		) -> Option<()>;
	}

	/// Proofs that attesters hold the files which they announce.
	pub trait CustodyApi<AccountId, BlockNumber>
	where
		AccountId: Codec,
		BlockNumber: Codec,
	{
		/// What an attester is asked now.
		fn question(attester: AccountId) -> Option<Question<BlockNumber>>;
		/// What became of the questions to an attester so far.
		fn record(attester: AccountId) -> CustodyRecord;
	}

	/// Requests.
	pub trait InferenceApi<AccountId, Balance, BlockNumber>
	where
		AccountId: Codec,
		Balance: Codec,
		BlockNumber: Codec,
	{
		/// What a request would cost now: the same numbers as the charge. `None` if the release
		/// does not exist or the assurance is unsound.
		fn quote(release: ReleaseId, assurance: Assurance, input_size: u64) -> Option<Quote<Balance>>;
		/// An open request.
		fn request(request: RequestId) -> Option<RequestView<AccountId, Balance, BlockNumber>>;
		/// The block before which a request on which a panel disagreed may be escalated.
		fn contestable_until(request: RequestId) -> Option<BlockNumber>;
		/// What those who agreed on an answer can still lose, while its result is kept.
		fn economic_security(request: RequestId) -> Option<EconomicSecurity<AccountId, Balance>>;
		/// How a request ended, while its result is kept.
		fn settlement(request: RequestId) -> Option<Settlement<AccountId, Balance, BlockNumber>>;
		/// Checks every invariant of Jurat's pallets against the state, as `try_state` does. The
		/// text says what does not hold.
		fn check_invariants() -> Result<(), Vec<u8>>;
	}
}
