// SPDX-License-Identifier: Apache-2.0
//! Reports of equivocations: evidence in, offence out.
//!
//! Anyone may report, without a bond and without a fee, for the evidence convicts by itself; who
//! reports first gets its share of the slash from the staking pallet. A report travels like the
//! attestations: what is no evidence, or is known already, never enters a block. Checks in the
//! order of their cost: whether the offence is known; in the running session, whether the key is the
//! attester's; the two entries against each other; the two signatures; the proof that the key was
//! the attester's, which may take a trie of all keys to be built, and so is looked at only for who
//! has signed two things.

use crate::{Call, Config, Error, Event, Pallet, Roster, offence::EquivocationOffence};
use alloc::{boxed::Box, vec};
use frame_support::{
	ensure, pallet_prelude::TransactionValidityWithRefund, traits::KeyOwnerProofSystem,
	weights::Weight,
};
use frame_system::offchain::SubmitTransaction;
use jurat_primitives::{
	crypto::ATTESTATION_KEY_TYPE,
	equivocation::{Equivocation, NoEvidence},
};
use sp_core::Get;
use sp_runtime::{
	DispatchResult,
	traits::Convert,
	transaction_validity::{InvalidTransaction, ValidTransaction},
};
use sp_session::{GetSessionNumber, GetValidatorCount};
use sp_staking::offence::ReportOffence;

/// Blocks for which a report stays in the pool.
const LONGEVITY: u64 = 64;

impl<T: Config> Pallet<T> {
	/// Whether evidence convicts: the offence.
	fn convict(
		evidence: &Equivocation<T::AccountId>,
		proof: T::KeyOwnerProof,
	) -> Result<EquivocationOffence<T::IdentificationTuple>, Error<T>> {
		let session = evidence.session();
		ensure!(proof.session() == session, Error::<T>::InvalidKeyOwnershipProof);
		let offender = T::Identify::convert(evidence.attester.clone());
		let known = <T::Offences as ReportOffence<
			_,
			_,
			EquivocationOffence<T::IdentificationTuple>,
		>>::is_known_offence(core::slice::from_ref(&offender), &session);
		ensure!(!known, Error::<T>::KnownEquivocation);
		if session == T::Session::get() {
			let entry = Roster::<T>::get(&evidence.attester);
			let is_key = entry.is_some_and(|entry| entry.key == evidence.key);
			ensure!(is_key, Error::<T>::InvalidKeyOwnershipProof);
		}
		evidence.check(&Self::genesis())?;
		let validators = proof.validator_count();
		let owner = T::KeyOwners::check_proof((ATTESTATION_KEY_TYPE, evidence.key.clone()), proof)
			.ok_or(Error::<T>::InvalidKeyOwnershipProof)?;
		ensure!(owner == offender, Error::<T>::InvalidKeyOwnershipProof);
		let base = T::PenaltyTerms::get().equivocation;
		Ok(EquivocationOffence { session, validators, offender, base })
	}

	pub(crate) fn authorize_report(
		evidence: &Equivocation<T::AccountId>,
		proof: &T::KeyOwnerProof,
	) -> TransactionValidityWithRefund {
		Self::convict(evidence, proof.clone()).map_err(|error| match error {
			Error::KnownEquivocation => InvalidTransaction::Stale,
			_ => InvalidTransaction::BadProof,
		})?;
		ValidTransaction::with_tag_prefix("JuratEquivocation")
			.priority(T::SubmissionPriority::get())
			.longevity(LONGEVITY)
			// One report for each offender and session: further ones would cost it nothing more.
			.and_provides((&evidence.attester, evidence.session()))
			.propagate(true)
			.build()
			.map(|valid| (valid, Weight::zero()))
	}

	pub(crate) fn do_report(
		evidence: Equivocation<T::AccountId>,
		proof: T::KeyOwnerProof,
		reporter: T::AccountId,
	) -> DispatchResult {
		let offence = Self::convict(&evidence, proof)?;
		T::Offences::report_offence(vec![reporter.clone()], offence)
			.map_err(|_| Error::<T>::KnownEquivocation)?;
		Self::pause_convict(&evidence.attester);
		let (session, digest) = (evidence.session(), evidence.digest());
		Self::deposit_event(Event::EquivocationReported {
			attester: evidence.attester,
			reporter,
			session,
			digest,
		});
		Ok(())
	}

	/// Submits a report to the pool of the node that runs this. Whether the pool took it.
	pub fn submit_report(
		evidence: Equivocation<T::AccountId>,
		key_owner_proof: T::KeyOwnerProof,
		reporter: T::AccountId,
	) -> bool {
		let evidence = Box::new(evidence);
		let call = Call::<T>::report_equivocation { evidence, key_owner_proof, reporter };
		let transaction = T::create_authorized_transaction(call.into());
		SubmitTransaction::<T, Call<T>>::submit_transaction(transaction).is_ok()
	}

	/// What it takes to hand so many offenders to the staking pallet, which looks at each
	/// nominator: the numbers of `pallet-grandpa`.
	pub(crate) fn offence_weight(offenders: u32) -> Weight {
		let nominators = u64::from(T::MaxNominators::get());
		let micro = Weight::from_parts(1_000_000, 0);
		let db = T::DbWeight::get();
		micro
			.saturating_mul(25u64.saturating_mul(nominators).saturating_add(35))
			.saturating_add(db.reads_writes(
				nominators.saturating_mul(3).saturating_add(14),
				nominators.saturating_mul(3).saturating_add(10),
			))
			.saturating_mul(offenders.into())
	}
}

impl<T> From<NoEvidence> for Error<T> {
	fn from(reason: NoEvidence) -> Self {
		match reason {
			NoEvidence::OtherRequest | NoEvidence::Agreement | NoEvidence::OtherSession => {
				Self::NoContradiction
			},
			NoEvidence::Unsigned => Self::InvalidSignature,
		}
	}
}
