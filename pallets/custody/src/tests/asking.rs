// SPDX-License-Identifier: Apache-2.0
//! Who is asked for what.

use crate::{Event, Questions, asking::Draw, mock::*};
use jurat_primitives::custody::chunks;
use sp_core::H256;
use std::collections::{BTreeMap, BTreeSet};

/// What was asked, by attester and release, in so many blocks in which everybody answers at once.
fn asked(blocks: u32) -> BTreeMap<(AccountId, u32), u32> {
	let mut asked = BTreeMap::new();
	for _ in 0..blocks {
		next_block();
		let open: Vec<_> = Questions::<Test>::iter().collect();
		for (attester, question) in open {
			*asked.entry((attester, question.release.model)).or_default() += 1;
			send(proof(attester, &question)).unwrap();
		}
	}
	asked
}

#[test]
fn each_validator_is_asked_once_in_a_period_and_about_each_release_as_often() {
	ExtBuilder.build_and_execute(|| {
		// A draw in each block, of four validators of whom one serves nothing. So of 12,000 draws
		// 1,000 are of each pair: with a standard deviation of 30, five of which are allowed. A
		// second draw of the same validator in one block comes to nothing: there is only one.
		let asked = asked(12_000);
		assert_eq!(asked.len(), 9);
		for (pair, count) in asked {
			assert!((850..=1_150).contains(&count), "{pair:?}: {count}");
		}
	});
}

#[test]
fn a_period_that_is_longer_than_the_validators_are_many_leaves_blocks_out() {
	ExtBuilder.build_and_execute(|| {
		Period::set(40);
		// One draw in ten blocks, three of four of somebody: 900, give or take five times 29.
		let count: u32 = asked(12_000).values().sum();
		assert!((755..=1_045).contains(&count), "{count}");
	});
}

#[test]
fn a_block_asks_no_more_than_it_may() {
	ExtBuilder.build_and_execute(|| {
		let many: Vec<_> = (1..=1_000).collect();
		session(&many);
		many.iter().for_each(|attester| serve(*attester, release(1)));
		Period::set(1);
		next_block();
		let open = Questions::<Test>::count();
		assert!((1..=8).contains(&open), "{open}");
		assert_eq!(Custody::draws(&H256::zero()), 8);
		MaxQuestions::set(3);
		assert_eq!(Custody::draws(&H256::zero()), 3);
	});
}

#[test]
fn nobody_is_asked_without_a_period_or_randomness_or_validators() {
	ExtBuilder.build_and_execute(|| {
		let quiet = || {
			(0..50).for_each(|_| next_block());
			assert_eq!(Questions::<Test>::count(), 0);
		};
		Period::set(0);
		quiet();
		Period::set(1);
		HasRandomness::set(false);
		quiet();
		HasRandomness::set(true);
		session(&[]);
		quiet();
		session(&[1]);
		next_block();
		assert_eq!(Questions::<Test>::count(), 1);
	});
}

#[test]
fn who_does_not_stand_by_or_serves_nothing_is_never_asked() {
	ExtBuilder.build_and_execute(|| {
		idle(1, true);
		(0..3).for_each(|model| stop(2, release(model)));
		let all: BTreeSet<_> = asked(300).into_keys().map(|(attester, _)| attester).collect();
		assert_eq!(all, BTreeSet::from([3]));
		idle(1, false);
		until_asked(1);
	});
}

#[test]
fn whoever_has_a_question_is_asked_no_other() {
	ExtBuilder.build_and_execute(|| {
		Period::set(1);
		Deadline::set(1_000);
		let first = until_asked(1);
		(0..200).for_each(|_| next_block());
		assert_eq!(Custody::question(1), Some(first));
		let asked = events().into_iter().filter(|event| matches!(event, Event::Asked { .. }));
		assert_eq!(asked.count() as u32, Questions::<Test>::count());
		assert_eq!(Custody::record(1).asked, 1);
	});
}

#[test]
fn a_release_that_is_gone_or_deprecated_is_not_asked_about() {
	ExtBuilder.build_and_execute(|| {
		withdraw(release(0));
		withdraw(release(2));
		let all: BTreeSet<_> = asked(300).into_keys().map(|(_, release)| release).collect();
		assert_eq!(all, BTreeSet::from([1]));
	});
}

#[test]
fn each_chunk_can_be_asked_for_and_none_that_is_not_there() {
	ExtBuilder.build_and_execute(|| {
		let mut seen = BTreeSet::new();
		for _ in 0..2_000 {
			next_block();
			let open: Vec<_> = Questions::<Test>::iter().collect();
			for (attester, question) in open {
				assert!(question.chunk < chunks(question.file.size));
				seen.insert((question.release.model, question.chunk));
				send(proof(attester, &question)).unwrap();
			}
		}
		// Files of one, three and five chunks.
		assert_eq!(seen.len(), 9);
	});
}

#[test]
fn another_block_s_randomness_is_another_question() {
	let draw = |byte, n| {
		let draw = Draw::new(&H256::repeat_byte(byte), n);
		(draw.below(0, 1 << 40), draw.below(8, 1 << 40), draw.chunk(1 << 33))
	};
	assert_eq!(draw(1, 0), draw(1, 0));
	assert_ne!(draw(1, 0), draw(2, 0));
	assert_ne!(draw(1, 0), draw(1, 1));
	let (validator, release, chunk) = draw(1, 0);
	assert!(validator != release && release != chunk);
}

#[test]
fn the_question_says_what_to_prove_until_when_and_with_which_key() {
	ExtBuilder.build_and_execute(|| {
		let question = until_asked(2);
		let now = System::block_number();
		assert_eq!((question.asked, question.until), (now, now + 10));
		assert_eq!(question.session, Session::get());
		assert_eq!(question.file, file_of(&bytes(question.release.model)));
		use sp_core::Pair;
		assert_eq!(question.key, pair(2).public());
		let asked = Event::Asked {
			attester: 2,
			release: question.release,
			chunk: question.chunk,
			until: question.until,
		};
		assert!(events().contains(&asked));
	});
}

#[test]
fn a_deadline_is_never_too_short_to_be_met() {
	ExtBuilder.build_and_execute(|| {
		Deadline::set(0);
		let question = until_asked(1);
		assert_eq!(question.until, question.asked + 2);
		// The next block takes the answer.
		System::set_block_number(question.asked + 1);
		send(proof(1, &question)).unwrap();
	});
}
