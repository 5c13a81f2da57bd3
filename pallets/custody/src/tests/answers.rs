// SPDX-License-Identifier: Apache-2.0
//! Answers, right and wrong.

use crate::{Call, Event, mock::*};
use frame_support::assert_noop;
use sp_runtime::{DispatchError, transaction_validity::InvalidTransaction};

#[test]
fn the_chunk_with_its_siblings_answers_a_question_for_free() {
	ExtBuilder.build_and_execute(|| {
		let question = until_asked(1);
		let valid = send(proof(1, &question)).unwrap();
		assert!(valid.propagate && valid.priority == 1_000_000);
		assert_eq!((valid.longevity, valid.provides.len()), (10, 1));
		assert_eq!(Custody::question(1), None);
		assert_eq!(
			events().last(),
			Some(&Event::Proved { attester: 1, release: question.release })
		);
		let record = Custody::record(1);
		assert_eq!((record.asked, record.proved, record.failed), (1, 1, 0));
		// The deadline passes, and nothing happens.
		Period::set(0);
		(0..20).for_each(|_| next_block());
		assert_eq!(failures(), []);
	});
}

#[test]
fn an_answer_counts_once_and_before_its_deadline() {
	ExtBuilder.build_and_execute(|| {
		let question = until_asked(1);
		let answer = proof(1, &question);
		// In the block at whose beginning the question ends, if it had not been ended yet.
		System::set_block_number(question.until);
		assert_eq!(send(answer.clone()), Err(InvalidTransaction::Stale));
		System::set_block_number(question.until - 1);
		send(answer.clone()).unwrap();
		assert_eq!(send(answer), Err(InvalidTransaction::Stale));
	});
}

#[test]
fn the_last_block_before_the_deadline_is_early_enough() {
	ExtBuilder.build_and_execute(|| {
		let question = until_asked(1);
		Period::set(0);
		while System::block_number() + 1 < question.until {
			next_block();
		}
		send(proof(1, &question)).unwrap();
		next_block();
		assert_eq!(failures(), []);
	});
}

#[test]
fn whoever_is_not_asked_has_nothing_to_say() {
	ExtBuilder.build_and_execute(|| {
		let question = until_asked(1);
		Period::set(0);
		assert_eq!(send(proof(4, &question)), Err(InvalidTransaction::Stale));
		assert_eq!(send(proof(99, &question)), Err(InvalidTransaction::Stale));
	});
}

#[test]
fn the_answer_to_another_fork_s_question_is_stale() {
	ExtBuilder.build_and_execute(|| {
		let question = until_asked(1);
		let of = |change: fn(&mut crate::Proof<AccountId>)| {
			let mut answer = proof(1, &question);
			change(&mut answer);
			send(answer)
		};
		assert_eq!(of(|answer| answer.session += 1), Err(InvalidTransaction::Stale));
		assert_eq!(of(|answer| answer.release = release(77)), Err(InvalidTransaction::Stale));
		assert_eq!(of(|answer| answer.chunk += 1), Err(InvalidTransaction::Stale));
		of(|_| ()).unwrap();
	});
}

#[test]
fn only_the_key_that_was_asked_signs() {
	ExtBuilder.build_and_execute(|| {
		let question = until_asked(1);
		let answer = proof(1, &question);
		let stranger = sign(2, &answer);
		assert_eq!(send_signed(answer.clone(), stranger), Err(InvalidTransaction::BadProof));
		// A signature of something else.
		let mut other = answer.clone();
		other.answer.bytes[0] ^= 1;
		let signature = sign(1, &other);
		assert_eq!(send_signed(answer, signature), Err(InvalidTransaction::BadProof));
	});
}

#[test]
fn bytes_that_are_not_of_the_file_prove_nothing() {
	ExtBuilder.build_and_execute(|| {
		let question = loop {
			let question = until_asked(1);
			if question.release == release(2) {
				break question;
			}
			send(proof(1, &question)).unwrap();
		};
		let of = |change: fn(&mut crate::Proof<AccountId>)| {
			let mut answer = proof(1, &question);
			change(&mut answer);
			send(answer)
		};
		let refused = Err(InvalidTransaction::BadProof);
		assert_eq!(of(|answer| answer.answer.bytes[3] ^= 1), refused);
		assert_eq!(of(|answer| answer.answer.siblings[0][3] ^= 1), refused);
		assert_eq!(of(|answer| answer.answer.siblings.truncate(1)), refused);
		assert_eq!(of(|answer| answer.answer.bytes.truncate(9)), refused);
		// Another chunk of the file under the number of this one.
		let other = (question.chunk + 1) % 5;
		let mut answer = proof(1, &question);
		answer.answer = jurat_primitives::custody::prove(&bytes(2), other).unwrap();
		assert_eq!(send(answer), refused);
		of(|_| ()).unwrap();
	});
}

#[test]
fn nobody_answers_by_a_signed_or_root_origin() {
	ExtBuilder.build_and_execute(|| {
		let question = until_asked(1);
		let proof = proof(1, &question);
		let signature = sign(1, &proof);
		for origin in [RuntimeOrigin::signed(1), RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(
				Custody::prove(origin, proof.clone(), signature.clone()),
				DispatchError::BadOrigin
			);
		}
	});
}

#[test]
fn answers_of_two_questions_stand_beside_each_other_in_the_pool() {
	ExtBuilder.build_and_execute(|| {
		let first = until_asked(1);
		let a = send(proof(1, &first)).unwrap();
		let second = until_asked(1);
		let b = send(proof(1, &second)).unwrap();
		let same = (first.release, first.chunk, first.session)
			== (second.release, second.chunk, second.session);
		assert_eq!(a.provides == b.provides, same);
		let other = until_asked(2);
		assert_ne!(send(proof(2, &other)).unwrap().provides, b.provides);
	});
}

#[test]
fn an_answer_weighs_what_its_check_weighs_and_full_blocks_have_room_for_it() {
	use frame_support::dispatch::{DispatchClass, GetDispatchInfo};
	ExtBuilder.build_and_execute(|| {
		let question = until_asked(1);
		let proof = proof(1, &question);
		let call = Call::<Test>::prove { signature: sign(1, &proof), proof };
		let info = RuntimeCall::from(call.clone()).get_dispatch_info();
		assert_eq!(info.class, DispatchClass::Operational);
		use frame_support::traits::Authorize;
		assert!(call.weight_of_authorize().ref_time() > 0);
	});
}
