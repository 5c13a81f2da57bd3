// SPDX-License-Identifier: Apache-2.0
//! Questions that are not answered.

use crate::{Event, NextDeadline, Questions, WeightInfo, mock::*};
use frame_support::weights::Weight;

/// Begins blocks until nothing is open any more, and asks nothing new.
fn let_all_end() {
	Period::set(0);
	while Questions::<Test>::count() > 0 {
		next_block();
	}
}

#[test]
fn whoever_does_not_answer_in_time_has_failed_once_and_is_out_of_that_release() {
	ExtBuilder.build_and_execute(|| {
		let question = until_asked(1);
		idle(2, true);
		idle(3, true);
		Period::set(0);
		while System::block_number() + 1 < question.until {
			next_block();
			assert!(!failures().contains(&(1, question.release)));
		}
		next_block();
		assert_eq!(failures().iter().filter(|(who, _)| *who == 1).count(), 1);
		assert_eq!(Custody::record(1).failed, 1);
		let missed = Event::Missed { attester: 1, release: question.release };
		assert!(events().contains(&missed));
		assert_eq!(Custody::question(1), None);
		// Never about that one again.
		Period::set(4);
		for _ in 0..300 {
			next_block();
			if let Some(next) = Custody::question(1) {
				assert_ne!(next.release, question.release);
				send(proof(1, &next)).unwrap();
			}
		}
	});
}

/// What makes a question lapse.
fn lapses(what: fn(u64, jurat_primitives::ReleaseId)) {
	ExtBuilder.build_and_execute(|| {
		let question = until_asked(1);
		what(1, question.release);
		let_all_end();
		assert!(!failures().iter().any(|(who, _)| *who == 1));
		assert_eq!((Custody::record(1).lapsed, Custody::record(1).failed), (1, 0));
		assert!(events().contains(&Event::Lapsed { attester: 1, release: question.release }));
	});
}

#[test]
fn a_question_lapses_when_the_release_is_removed_or_deprecated() {
	lapses(|_, release| withdraw(release));
}

#[test]
fn a_question_lapses_when_its_announcement_is_withdrawn() {
	lapses(stop);
}

#[test]
fn a_question_lapses_when_the_release_has_another_file() {
	lapses(|_, release| {
		withdraw(release);
		// The number of a release is never given out twice; if it were, this is another file.
		publish_as(release, &bytes(7));
	});
}

#[test]
fn a_validator_that_left_is_excused() {
	lapses(|_, _| session(&[2, 3, 4]));
}

#[test]
fn a_validator_that_paused_when_it_was_asked_is_not() {
	ExtBuilder.build_and_execute(|| {
		let question = until_asked(1);
		idle(1, true);
		let_all_end();
		assert!(failures().contains(&(1, question.release)));
	});
}

#[test]
fn a_new_session_changes_neither_the_question_nor_the_key_that_answers_it() {
	ExtBuilder.build_and_execute(|| {
		let question = until_asked(1);
		session(&[1, 2, 3, 4]);
		assert_ne!(question.session, Session::get());
		send(proof(1, &question)).unwrap();
	});
}

#[test]
fn one_that_left_may_answer_all_the_same() {
	ExtBuilder.build_and_execute(|| {
		let question = until_asked(1);
		session(&[2, 3, 4]);
		send(proof(1, &question)).unwrap();
		assert_eq!(Custody::record(1).proved, 1);
	});
}

#[test]
fn deadlines_that_do_not_fit_into_a_block_are_served_in_the_next_ones() {
	ExtBuilder.build_and_execute(|| {
		Period::set(1);
		Deadline::set(50);
		while Questions::<Test>::count() < 3 {
			next_block();
			// All of them end at once.
			Deadline::set(50 - System::block_number().min(40));
		}
		Period::set(0);
		let last = Questions::<Test>::iter_values().map(|question| question.until).max().unwrap();
		let first = Questions::<Test>::iter_values().map(|question| question.until).min().unwrap();
		// None fits.
		HookWeight::set(<() as WeightInfo>::on_initialize());
		while System::block_number() <= last + 5 {
			next_block();
		}
		assert_eq!(Questions::<Test>::count(), 3);
		assert!(NextDeadline::<Test>::get() <= first);
		// They are as late as they were: no answer is taken any more.
		let (who, question) = Questions::<Test>::iter().next().unwrap();
		assert!(send(proof(who, &question)).is_err());
		// One in each block.
		let one = <() as WeightInfo>::expire_one()
			.saturating_add(<() as WeightInfo>::on_initialize())
			.saturating_add(<() as WeightInfo>::look().saturating_mul(100));
		HookWeight::set(Weight::from_parts(one.ref_time(), u64::MAX));
		let mut left = vec![];
		while Questions::<Test>::count() > 0 {
			next_block();
			left.push(Questions::<Test>::count());
			assert!(left.len() < 10);
		}
		assert_eq!(failures().len(), 3);
	});
}

#[test]
fn a_lowered_deadline_holds_for_new_questions_and_old_ones_keep_theirs() {
	ExtBuilder.build_and_execute(|| {
		let old = until_asked(1);
		Deadline::set(2);
		idle(3, true);
		let new = until_asked(2);
		let_all_end();
		let now = System::block_number();
		assert_eq!(now, old.until.max(new.until));
		assert!(failures().contains(&(1, old.release)) && failures().contains(&(2, new.release)));
	});
}

#[test]
fn the_first_block_ever_does_not_look_at_all_that_were_before_it() {
	ExtBuilder.build_and_execute(|| {
		System::set_block_number(5_000_000);
		let one = <() as WeightInfo>::on_initialize();
		HookWeight::set(one.saturating_add(<() as WeightInfo>::ask_one()));
		Period::set(1);
		until_asked(1);
		assert!(NextDeadline::<Test>::get() > 5_000_000);
	});
}
