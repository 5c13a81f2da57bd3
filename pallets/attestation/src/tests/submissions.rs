// SPDX-License-Identifier: Apache-2.0
//! What may enter a block, and what it does there.

use crate::{Answers, Call, Event, mock::*};
use jurat_primitives::{batch::Revealed, commitment::answer_digest, traits::Conduct};
use sp_core::H256;
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};

fn refused(invalid: InvalidTransaction) -> TransactionValidityError {
	invalid.into()
}

/// A panel of three, and who sits on it.
fn three(request: u64, exact: bool) -> Vec<AccountId> {
	if !crate::Attesters::<Test>::contains_key(1) {
		serve(&[1, 2, 3]);
	}
	draw(request, 3, 2, exact)
}

/// A panel of three of which all have committed to the answer of this value.
fn committed(request: u64, exact: bool, values: [u8; 3]) -> Vec<AccountId> {
	let members = three(request, exact);
	for (who, value) in members.iter().zip(values) {
		commit(*who, request, &answer(value)).unwrap();
	}
	heard();
	members
}

#[test]
fn a_batch_is_authorised_once_with_a_tag_for_each_entry() {
	ExtBuilder.build_and_execute(|| {
		serve(&[1]);
		draw(1, 1, 1, true);
		draw(2, 1, 1, true);
		let entries = vec![commit_entry(1, 1, &answer(0)), commit_entry(1, 2, &answer(0))];
		let (batch, signature) = commit_batch(1, entries);
		let call = Call::<Test>::commit { batch, signature };
		let valid = apply(call.clone()).unwrap();
		assert_eq!(valid.provides.len(), 2);
		assert_eq!(valid.longevity, 10);
		assert!(valid.propagate);
		// The very same transaction again.
		assert_eq!(authorize(call), Err(refused(InvalidTransaction::Stale)));
	});
}

#[test]
fn what_is_empty_unordered_or_repeated_is_refused() {
	ExtBuilder.build_and_execute(|| {
		serve(&[1]);
		draw(1, 1, 1, true);
		draw(2, 1, 1, true);
		for requests in [vec![], vec![2, 1], vec![1, 1]] {
			let entries = requests.into_iter().map(|r| commit_entry(1, r, &answer(0))).collect();
			let (batch, signature) = commit_batch(1, entries);
			assert_eq!(
				authorize(Call::commit { batch, signature }),
				Err(refused(InvalidTransaction::Call))
			);
		}
	});
}

#[test]
fn only_members_commit_and_only_with_their_own_key() {
	ExtBuilder.build_and_execute(|| {
		let members = three(1, true);
		let outsider = 20;
		assert_eq!(commit(outsider, 1, &answer(0)), Err(refused(InvalidTransaction::BadSigner)));
		// Another's key under a member's name.
		let (batch, _) = commit_batch(members[0], vec![commit_entry(members[0], 1, &answer(0))]);
		let (_, foreign) = commit_batch(members[1], vec![commit_entry(members[1], 1, &answer(0))]);
		assert_eq!(
			authorize(Call::commit { batch, signature: foreign }),
			Err(refused(InvalidTransaction::BadProof))
		);
		// A signature over something else.
		let (_, signature) =
			commit_batch(members[0], vec![commit_entry(members[0], 1, &answer(1))]);
		let (batch, _) = commit_batch(members[0], vec![commit_entry(members[0], 1, &answer(0))]);
		assert_eq!(
			authorize(Call::commit { batch, signature }),
			Err(refused(InvalidTransaction::BadProof))
		);
	});
}

#[test]
fn one_stale_entry_keeps_the_whole_batch_out() {
	ExtBuilder.build_and_execute(|| {
		serve(&[1]);
		draw(1, 1, 1, true);
		draw(2, 1, 1, true);
		let entry = |request| commit_entry(1, request, &answer(0));
		commit(1, 2, &answer(0)).unwrap();
		let (batch, signature) = commit_batch(1, vec![entry(1), entry(2)]);
		assert_eq!(
			authorize(Call::commit { batch, signature }),
			Err(refused(InvalidTransaction::Stale))
		);
	});
}

#[test]
fn a_commitment_for_another_fork_s_request_is_stale() {
	ExtBuilder.build_and_execute(|| {
		let members = three(1, true);
		let mut entry = commit_entry(members[0], 1, &answer(0));
		entry.digest = H256::repeat_byte(9);
		let (batch, signature) = commit_batch(members[0], vec![entry]);
		assert_eq!(
			authorize(Call::commit { batch, signature }),
			Err(refused(InvalidTransaction::Stale))
		);
		assert_eq!(commit(members[0], 77, &answer(0)), Err(refused(InvalidTransaction::Stale)));
	});
}

#[test]
fn nobody_commits_twice_late_or_reveals_early() {
	ExtBuilder.build_and_execute(|| {
		let members = three(1, true);
		commit(members[0], 1, &answer(0)).unwrap();
		assert_eq!(commit(members[0], 1, &answer(1)), Err(refused(InvalidTransaction::Stale)));
		assert_eq!(
			reveal(members[0], 1, Revealed::Full(answer(0))),
			Err(refused(InvalidTransaction::Stale))
		);
		System::set_block_number(11);
		assert_eq!(commit(members[1], 1, &answer(0)), Err(refused(InvalidTransaction::Stale)));
	});
}

#[test]
fn a_late_reveal_is_refused() {
	ExtBuilder.build_and_execute(|| {
		let members = committed(1, true, [1, 1, 1]);
		System::set_block_number(6);
		assert_eq!(
			reveal(members[0], 1, Revealed::Full(answer(1))),
			Err(refused(InvalidTransaction::Stale))
		);
	});
}

#[test]
fn a_panel_is_complete_when_all_have_revealed() {
	ExtBuilder.build_and_execute(|| {
		let members = committed(1, true, [1, 1, 1]);
		let digest = answer_digest(&answer(1));
		reveal(members[0], 1, Revealed::Full(answer(1))).unwrap();
		reveal(members[1], 1, Revealed::Digest(digest)).unwrap();
		assert_eq!(heard(), [Heard::Revealing(1), Heard::Revealing(1)]);
		reveal(members[2], 1, Revealed::Digest(digest)).unwrap();
		assert_eq!(heard(), [Heard::Complete(1)]);
		assert_eq!(Answers::<Test>::get(1, digest), Some(answer(1)));
		assert_eq!(
			events().last(),
			Some(&Event::Revealed { request: 1, attester: members[2], answer: digest })
		);
	});
}

#[test]
fn a_panel_waits_for_the_bytes_behind_the_digest_on_which_it_agrees() {
	ExtBuilder.build_and_execute(|| {
		// The first member, who should show the bytes, answers something else.
		let members = committed(1, true, [9, 1, 1]);
		let digest = answer_digest(&answer(1));
		reveal(members[0], 1, Revealed::Full(answer(9))).unwrap();
		reveal(members[1], 1, Revealed::Digest(digest)).unwrap();
		reveal(members[2], 1, Revealed::Digest(digest)).unwrap();
		assert!(!heard().contains(&Heard::Complete(1)));
		// Somebody who swore to it shows them; nobody can show something else.
		assert_eq!(
			reveal(members[1], 1, Revealed::Full(answer(2))),
			Err(refused(InvalidTransaction::Stale))
		);
		reveal(members[1], 1, Revealed::Full(answer(1))).unwrap();
		assert_eq!(heard(), [Heard::Complete(1)]);
		// Once is enough.
		assert_eq!(
			reveal(members[2], 1, Revealed::Full(answer(1))),
			Err(refused(InvalidTransaction::Stale))
		);
	});
}

#[test]
fn a_panel_without_agreement_waits_for_no_bytes() {
	ExtBuilder.build_and_execute(|| {
		let members = committed(1, true, [1, 2, 3]);
		for (who, value) in members.iter().zip([1, 2, 3]) {
			reveal(*who, 1, Revealed::Digest(answer_digest(&answer(value)))).unwrap();
		}
		assert_eq!(heard().last(), Some(&Heard::Complete(1)));
	});
}

#[test]
fn a_reveal_that_does_not_open_its_commitment_is_a_fault_and_ends_the_duty() {
	ExtBuilder.build_and_execute(|| {
		let members = committed(1, true, [1, 1, 1]);
		reveal(members[0], 1, Revealed::Full(answer(2))).unwrap();
		assert_eq!(panel(1).member(&members[0]).unwrap().conduct, Conduct::BadOpening);
		assert_eq!(
			events().last(),
			Some(&Event::OpeningFailed { request: 1, attester: members[0] })
		);
		assert_eq!(Answers::<Test>::iter().count(), 0);
		assert_eq!(
			reveal(members[0], 1, Revealed::Full(answer(1))),
			Err(refused(InvalidTransaction::Stale))
		);
	});
}

#[test]
fn a_copied_commitment_does_not_open() {
	ExtBuilder.build_and_execute(|| {
		let members = three(1, true);
		let honest = commit_entry(members[0], 1, &answer(1));
		commit(members[0], 1, &answer(1)).unwrap();
		let (batch, signature) = commit_batch(members[1], vec![honest]);
		apply(Call::commit { batch, signature }).unwrap();
		commit(members[2], 1, &answer(1)).unwrap();
		// The copier learns salt and answer from the honest reveal, and gains nothing.
		reveal(members[0], 1, Revealed::Full(answer(1))).unwrap();
		let mut copy = reveal_entry(members[1], 1, Revealed::Full(answer(1)));
		copy.salt = salt(members[0]);
		let (batch, signature) = reveal_batch(members[1], vec![copy]);
		apply(Call::reveal { batch, signature }).unwrap();
		assert_eq!(panel(1).member(&members[1]).unwrap().conduct, Conduct::BadOpening);
	});
}

#[test]
fn an_approximate_panel_wants_the_numbers_of_each() {
	ExtBuilder.build_and_execute(|| {
		let members = committed(1, false, [1, 2, 3]);
		assert_eq!(
			reveal(members[0], 1, Revealed::Digest(answer_digest(&answer(1)))),
			Err(refused(InvalidTransaction::Call))
		);
		for (who, value) in members.iter().zip([1, 2, 3]) {
			reveal(*who, 1, Revealed::Full(answer(value))).unwrap();
		}
		assert_eq!(heard().last(), Some(&Heard::Complete(1)));
		assert_eq!(Answers::<Test>::iter().count(), 3);
	});
}

#[test]
fn an_answer_above_the_limit_of_its_profile_is_refused() {
	ExtBuilder.build_and_execute(|| {
		serve(&[1]);
		for (request, exact, bytes, ok) in [
			(1, false, 4_000, true),
			(2, false, 4_096, false),
			(3, true, 4_096, true),
			(4, true, 65_536, false),
		] {
			draw(request, 1, 1, exact);
			let large = sized_answer(0, bytes);
			commit(1, request, &large).unwrap();
			let revealed = reveal(1, request, Revealed::Full(large));
			assert_eq!(revealed.is_ok(), ok, "{bytes} bytes, exact: {exact}");
		}
	});
}

#[test]
fn a_failure_is_committed_to_and_revealed_like_an_answer() {
	ExtBuilder.build_and_execute(|| {
		serve(&[1]);
		draw(1, 1, 1, true);
		commit(1, 1, &failure()).unwrap();
		reveal(1, 1, Revealed::Full(failure())).unwrap();
		assert_eq!(heard().last(), Some(&Heard::Complete(1)));
		assert_eq!(Answers::<Test>::get(1, answer_digest(&failure())), Some(failure()));
	});
}

#[test]
fn a_validator_that_left_finishes_with_the_key_of_its_draw() {
	ExtBuilder.build_and_execute(|| {
		let members = three(1, true);
		session(&[20]);
		commit(members[0], 1, &answer(1)).unwrap();
		commit(members[1], 1, &answer(1)).unwrap();
		commit(members[2], 1, &answer(1)).unwrap();
		reveal(members[0], 1, Revealed::Full(answer(1))).unwrap();
	});
}

#[test]
fn nobody_commits_by_a_signed_or_root_origin() {
	ExtBuilder.build_and_execute(|| {
		let members = three(1, true);
		let (batch, signature) =
			commit_batch(members[0], vec![commit_entry(members[0], 1, &answer(0))]);
		for origin in
			[RuntimeOrigin::signed(members[0]), RuntimeOrigin::root(), RuntimeOrigin::none()]
		{
			frame_support::assert_noop!(
				Attestation::commit(origin.clone(), batch.clone(), signature.clone()),
				sp_runtime::DispatchError::BadOrigin
			);
			let (batch, signature) = reveal_batch(
				members[0],
				vec![reveal_entry(members[0], 1, Revealed::Full(answer(0)))],
			);
			frame_support::assert_noop!(
				Attestation::reveal(origin, batch, signature),
				sp_runtime::DispatchError::BadOrigin
			);
		}
	});
}
