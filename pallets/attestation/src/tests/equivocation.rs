// SPDX-License-Identifier: Apache-2.0
//! Evidence: what convicts, and what does not.

use crate::{Call, Error, Event, mock::*};
use frame_support::{assert_noop, assert_ok, dispatch::Pays};
use jurat_primitives::{
	RequestId,
	batch::Revealed,
	commitment::answer_digest,
	equivocation::{Contradiction, Equivocation, signed_commitments, signed_reveals},
};
use sp_core::Pair;
use sp_runtime::{
	Perbill,
	transaction_validity::{InvalidTransaction, TransactionValidityError},
};

const REPORTER: AccountId = 12;

fn proof() -> Proof {
	Proof { session: Session::get(), validators: VALIDATORS as u32 }
}

/// Two commitments of one attester, among others.
fn commitments(
	who: AccountId,
	requests: [RequestId; 2],
	values: [u8; 2],
) -> Equivocation<AccountId> {
	let batch = |request: RequestId, value: u8| {
		let entries = vec![
			commit_entry(who, request, &answer(value)),
			commit_entry(who, request + 100, &answer(9)),
		];
		let (batch, signature) = commit_batch(who, entries);
		signed_commitments(&batch, &signature).remove(0)
	};
	Equivocation {
		attester: who,
		key: pair(who).public(),
		contradiction: Contradiction::Commitments(
			batch(requests[0], values[0]),
			batch(requests[1], values[1]),
		),
	}
}

fn reveals(who: AccountId, first: Revealed, second: Revealed) -> Equivocation<AccountId> {
	let batch = |revealed: Revealed| {
		let (batch, signature) = reveal_batch(who, vec![reveal_entry(who, 1, revealed)]);
		signed_reveals(&batch, &signature).remove(0)
	};
	Equivocation {
		attester: who,
		key: pair(who).public(),
		contradiction: Contradiction::Reveals(batch(first), batch(second)),
	}
}

fn report(
	evidence: Equivocation<AccountId>,
) -> frame_support::dispatch::DispatchResultWithPostInfo {
	Attestation::report_equivocation(
		RuntimeOrigin::signed(REPORTER),
		Box::new(evidence),
		proof(),
		REPORTER,
	)
}

fn refused(evidence: Equivocation<AccountId>, error: Error<Test>) {
	assert_noop!(report(evidence.clone()), error);
	let call = Call::report_equivocation {
		evidence: Box::new(evidence),
		key_owner_proof: proof(),
		reporter: REPORTER,
	};
	assert_eq!(
		authorize(call),
		Err(TransactionValidityError::Invalid(InvalidTransaction::BadProof))
	);
}

#[test]
fn two_commitments_for_one_request_convict() {
	ExtBuilder.build_and_execute(|| {
		serve(&[3]);
		let evidence = commitments(3, [1, 1], [1, 2]);
		let digest = digest(1);
		assert_eq!(report(evidence).unwrap().pays_fee, Pays::No);
		let all = offences();
		assert_eq!(all.len(), 1);
		assert_eq!(all[0].kind, *b"jurat:equivocate");
		assert_eq!((&all[0].offenders, &all[0].reporters), (&vec![3], &vec![REPORTER]));
		assert_eq!((all[0].session, all[0].fraction), (7, Perbill::from_percent(10)));
		assert!(attester(3).paused);
		assert_eq!(
			events().last(),
			Some(&Event::EquivocationReported {
				attester: 3,
				reporter: REPORTER,
				session: 7,
				digest
			})
		);
	});
}

#[test]
fn two_reveals_for_one_request_convict() {
	ExtBuilder.build_and_execute(|| {
		let digest = |value| Revealed::Digest(answer_digest(&answer(value)));
		assert_ok!(report(reveals(4, Revealed::Full(answer(1)), digest(2))));
		assert_eq!(offences()[0].offenders, [4]);
		// A conviction needs no bond to be left.
		assert!(crate::Attesters::<Test>::get(4).is_none());
	});
}

#[test]
fn anybody_may_report_without_a_signature_and_each_offence_once() {
	ExtBuilder.build_and_execute(|| {
		let call = |values| Call::report_equivocation {
			evidence: Box::new(commitments(3, [1, 1], values)),
			key_owner_proof: proof(),
			reporter: REPORTER,
		};
		let valid = apply(call([1, 2])).unwrap();
		assert!(valid.propagate);
		assert_eq!(valid.provides.len(), 1);
		// Known: also by other evidence.
		for values in [[1, 2], [1, 3]] {
			assert_eq!(
				authorize(call(values)),
				Err(TransactionValidityError::Invalid(InvalidTransaction::Stale))
			);
			assert_noop!(report(commitments(3, [1, 1], values)), Error::<Test>::KnownEquivocation);
		}
		// In another session it is another offence.
		Session::set(8);
		assert_ok!(report(commitments(3, [1, 1], [1, 2])));
		assert_eq!(offences().len(), 2);
	});
}

#[test]
fn what_agrees_or_is_of_two_requests_or_sessions_does_not_convict() {
	ExtBuilder.build_and_execute(|| {
		refused(commitments(3, [1, 1], [1, 1]), Error::NoContradiction);
		refused(commitments(3, [1, 2], [1, 2]), Error::NoContradiction);
		// The same reveal with and without its bytes.
		let same = Revealed::Digest(answer_digest(&answer(1)));
		refused(reveals(3, Revealed::Full(answer(1)), same), Error::NoContradiction);
		let mut mixed = commitments(3, [1, 1], [1, 2]);
		Session::set(8);
		let later = commitments(3, [1, 1], [1, 2]);
		if let (Contradiction::Commitments(a, _), Contradiction::Commitments(_, b)) =
			(&mixed.contradiction, &later.contradiction)
		{
			mixed.contradiction = Contradiction::Commitments(a.clone(), b.clone());
		}
		Session::set(7);
		refused(mixed, Error::NoContradiction);
	});
}

#[test]
fn what_the_key_did_not_sign_does_not_convict() {
	ExtBuilder.build_and_execute(|| {
		let good = commitments(3, [1, 1], [1, 2]);
		let tampered = |change: fn(&mut Equivocation<AccountId>)| {
			let mut evidence = good.clone();
			change(&mut evidence);
			evidence
		};
		fn second(
			evidence: &mut Equivocation<AccountId>,
		) -> &mut jurat_primitives::equivocation::SignedEntry<jurat_primitives::batch::CommitEntry>
		{
			match &mut evidence.contradiction {
				Contradiction::Commitments(_, second) => second,
				Contradiction::Reveals(..) => unreachable!("these are commitments"),
			}
		}
		for evidence in [
			tampered(|e| second(e).entry.commitment = Default::default()),
			tampered(|e| second(e).place = 1),
			tampered(|e| second(e).place = 200),
			tampered(|e| {
				let hash = jurat_primitives::batch::Signed::hash(&second(e).entry);
				second(e).hashes = vec![hash].try_into().unwrap();
			}),
			tampered(|e| {
				let Contradiction::Commitments(first, _) = e.contradiction.clone() else { return };
				second(e).signature = first.signature;
			}),
		] {
			refused(evidence, Error::InvalidSignature);
		}
		// Somebody else's key, or somebody else's name.
		refused(tampered(|e| e.key = pair(5).public()), Error::InvalidKeyOwnershipProof);
		refused(tampered(|e| e.attester = 5), Error::InvalidKeyOwnershipProof);
		assert_eq!(offences(), []);
	});
}

#[test]
fn the_proof_must_be_of_the_session_that_was_signed_for() {
	ExtBuilder.build_and_execute(|| {
		let evidence = Box::new(commitments(3, [1, 1], [1, 2]));
		for session in [6, 8] {
			let proof = Proof { session, ..proof() };
			assert_noop!(
				Attestation::report_equivocation(
					RuntimeOrigin::signed(REPORTER),
					evidence.clone(),
					proof,
					REPORTER,
				),
				Error::<Test>::InvalidKeyOwnershipProof
			);
		}
		// A session that is over convicts as well.
		Session::set(20);
		let proof = Proof { session: 7, validators: 30 };
		assert_ok!(Attestation::report_equivocation(
			RuntimeOrigin::signed(REPORTER),
			evidence,
			proof,
			REPORTER,
		));
		assert_eq!(offences()[0].session, 7);
	});
}

#[test]
fn what_is_signed_for_another_session_than_that_of_the_draw_is_not_taken() {
	ExtBuilder.build_and_execute(|| {
		serve(&[1]);
		draw(1, 1, 1, true);
		Session::set(8);
		let (batch, signature) = commit_batch(1, vec![commit_entry(1, 1, &answer(1))]);
		assert_eq!(
			authorize(Call::commit { batch, signature }),
			Err(TransactionValidityError::Invalid(InvalidTransaction::BadSigner))
		);
		Session::set(7);
		assert_ok!(commit(1, 1, &answer(1)));
	});
}

#[test]
fn an_attester_that_repeats_itself_over_forks_and_restarts_gives_no_evidence() {
	ExtBuilder.build_and_execute(|| {
		// The same commitment in batches of different company.
		let entry = commit_entry(3, 1, &answer(1));
		let (alone, signature) = commit_batch(3, vec![entry.clone()]);
		let first = signed_commitments(&alone, &signature).remove(0);
		let (company, signature) = commit_batch(3, vec![commit_entry(3, 0, &answer(5)), entry]);
		let second = signed_commitments(&company, &signature).remove(1);
		let evidence = Equivocation {
			attester: 3,
			key: pair(3).public(),
			contradiction: Contradiction::Commitments(first, second),
		};
		refused(evidence, Error::NoContradiction);
	});
}
