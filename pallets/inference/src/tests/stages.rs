// SPDX-License-Identifier: Apache-2.0
//! The life of a request: each state, and each way out of it.

use super::*;
use crate::Inputs;

fn due(id: RequestId) -> u64 {
	Requests::<Test>::get(id).unwrap().due
}

#[test]
fn an_answer_takes_three_blocks_after_inclusion() {
	ExtBuilder::default().build_and_execute(|| {
		// Block N: inclusion. Nothing more happens in it.
		let id = request(EXACT, 3);
		end_block();
		assert_eq!((now(), stage(id)), (1, Some(Stage::Pending)));
		assert_eq!(Attestation::draws(), []);

		// Block N + 1: the panel.
		begin_block();
		assert_eq!(Attestation::draws(), [(id, 2)]);
		assert_eq!((stage(id), due(id)), (Some(Stage::Assigned), 12));
		assert_eq!(events().last(), Some(&Event::Assigned { request: id, commit_until: 12 }));

		// Block N + 2: commitments.
		next_block();
		ATTESTERS[..3].iter().for_each(|attester| Attestation::commit(id, *attester));
		assert_eq!((stage(id), due(id)), (Some(Stage::Committed), 8));

		// Block N + 3: reveals and settlement.
		next_block();
		for attester in &ATTESTERS[..2] {
			Attestation::reveal(id, *attester, output(&[1.0]));
			assert_eq!((stage(id), due(id)), (Some(Stage::Revealing), 8));
		}
		Attestation::reveal(id, ATTESTERS[2], output(&[1.0]));
		assert_eq!(due(id), now());
		end_block();
		assert_eq!(now(), 4);
		assert_eq!(outcome(id), Outcome::Answered(tensors("y", &[1.0])));
		assert_eq!(settled(id).settled_at, 4);
		assert_eq!(settled(id).requested_at, 1);
		assert!(!Attestation::is_open(id));
		assert_eq!(Inputs::<Test>::get(id), None);
		assert_eq!(Listener::heard(), [(id, ALICE, OutcomeKind::Answered)]);
	});
}

#[test]
fn a_request_nobody_serves_is_refunded_once_no_panel_can_finish_in_time() {
	ExtBuilder::default().build_and_execute(|| {
		Attestation::set_servers(&ATTESTERS[..2]);
		let id = request(EXACT, 3);
		// Deadline 51; a panel takes 15: the last draw is at 36. Draws are at 2, 7, … and grow rarer.
		run_to(35);
		assert_eq!(stage(id), Some(Stage::Pending));
		assert_eq!(
			Requests::<Test>::get(id).unwrap().refused,
			Some(UnservedReason::TooFewAttesters)
		);
		run_to(36);
		assert_eq!(outcome(id), Outcome::Unserved(UnservedReason::TooFewAttesters));
		let draws: Vec<_> = Attestation::draws().into_iter().map(|(_, block)| block).collect();
		assert_eq!(draws, [2, 7, 12, 17, 22, 27, 33, 36]);
		assert_eq!(settled(id).refunded, 915);
		assert_eq!(free(ALICE), ENDOWMENT);
		assert!(settled(id).panel.is_empty());
	});
}

#[test]
fn a_request_that_cannot_be_served_for_long_is_tried_seldom() {
	ExtBuilder::default().build_and_execute(|| {
		Attestation::set_servers(&[]);
		let deadline = MaxDeadline::get();
		let id = request_by(ALICE, EXACT, RequestOptions { deadline, ..options(3) });
		run_to(1 + deadline);
		assert_eq!(outcome(id), Outcome::Unserved(UnservedReason::TooFewAttesters));
		// One for each five blocks at first, then each time a quarter of its age later.
		let draws = Attestation::draws().len();
		assert!((10..60).contains(&draws), "{draws} draws in {deadline} blocks");
	});
}

#[test]
fn a_request_is_served_as_soon_as_there_are_attesters() {
	ExtBuilder::default().build_and_execute(|| {
		Attestation::set_servers(&[]);
		let id = request(EXACT, 3);
		run_to(6);
		Attestation::set_servers(&ATTESTERS);
		run_to(7);
		assert_eq!((stage(id), due(id)), (Some(Stage::Assigned), 17));
		assert_eq!(Requests::<Test>::get(id).unwrap().refused, None);
	});
}

#[test]
fn a_panel_with_too_little_stake_is_not_taken() {
	ExtBuilder::default().build_and_execute(|| {
		let with = |min_stake| RequestOptions { min_stake, ..options(3) };
		let enough = request_by(ALICE, EXACT, with(3 * STAKE));
		let more = request_by(ALICE, EXACT, with(3 * STAKE + 1));
		run_to(2);
		assert_eq!(stage(enough), Some(Stage::Assigned));
		assert_eq!(stage(more), Some(Stage::Pending));
		run_to(40);
		assert_eq!(outcome(more), Outcome::Unserved(UnservedReason::TooLittleStake));
		assert_eq!(settled(more).refunded, 915);
	});
}

#[test]
fn too_few_commitments_end_a_request_when_the_window_closes() {
	ExtBuilder::default().build_and_execute(|| {
		let id = request(EXACT, 3);
		run_to(3);
		Attestation::commit(id, ATTESTERS[1]);
		run_to(11);
		end_block();
		assert_eq!(stage(id), Some(Stage::Assigned));
		begin_block();
		assert_eq!(outcome(id), Outcome::Expired(ExpiryReason::CommitmentsMissing));
		assert_eq!(
			Attestation::verdicts(id),
			[
				(ATTESTERS[0], Verdict::NoShow),
				(ATTESTERS[1], Verdict::Excused),
				(ATTESTERS[2], Verdict::NoShow)
			]
		);
		assert_eq!((settled(id).charged, settled(id).refunded), (0, 915));
		assert_eq!(free(ALICE), ENDOWMENT);
		assert!(!Attestation::is_open(id));
	});
}

#[test]
fn a_quorum_of_commitments_opens_the_reveals_when_the_window_closes() {
	ExtBuilder::default().build_and_execute(|| {
		let id = request(EXACT, 3);
		run_to(3);
		ATTESTERS[..2].iter().for_each(|attester| Attestation::commit(id, *attester));
		run_to(11);
		assert_eq!(stage(id), Some(Stage::Assigned));
		run_to(12);
		assert_eq!((stage(id), due(id)), (Some(Stage::Committed), 17));
		ATTESTERS[..2]
			.iter()
			.for_each(|attester| Attestation::reveal(id, *attester, output(&[1.0])));
		end_block();
		assert_eq!(outcome(id), Outcome::Answered(tensors("y", &[1.0])));
		assert_eq!(
			Attestation::verdicts(id),
			[
				(ATTESTERS[0], Verdict::Agreed),
				(ATTESTERS[1], Verdict::Agreed),
				(ATTESTERS[2], Verdict::NoShow)
			]
		);
	});
}

#[test]
fn reveals_that_do_not_come_end_a_request_when_their_window_closes() {
	ExtBuilder::default().build_and_execute(|| {
		// None at all: out of `Committed`.
		let none = request(EXACT, 3);
		let one = request(EXACT, 3);
		run_to(3);
		for attester in &ATTESTERS[..3] {
			Attestation::commit(none, *attester);
			Attestation::commit(one, *attester);
		}
		// One of three: out of `Revealing`.
		Attestation::reveal(one, ATTESTERS[2], output(&[1.0]));
		run_to(7);
		assert_eq!(stage(none), Some(Stage::Committed));
		assert_eq!(stage(one), Some(Stage::Revealing));
		run_to(8);
		for (id, last) in [(none, Verdict::Withheld), (one, Verdict::Undecided)] {
			assert_eq!(outcome(id), Outcome::Expired(ExpiryReason::RevealsMissing));
			assert_eq!(
				Attestation::verdicts(id),
				[
					(ATTESTERS[0], Verdict::Withheld),
					(ATTESTERS[1], Verdict::Withheld),
					(ATTESTERS[2], last)
				]
			);
			assert_eq!(settled(id).refunded, 915);
		}
		assert_eq!(free(ALICE), ENDOWMENT);
	});
}

#[test]
fn enough_reveals_by_the_end_of_the_window_are_an_answer() {
	ExtBuilder::default().build_and_execute(|| {
		let id = committed_request(EXACT, 3);
		Attestation::reveal(id, ATTESTERS[0], output(&[1.0]));
		Attestation::reveal(id, ATTESTERS[2], output(&[1.0]));
		run_to(7);
		assert_eq!(stage(id), Some(Stage::Revealing));
		run_to(8);
		assert_eq!(outcome(id), Outcome::Answered(tensors("y", &[1.0])));
		assert_eq!(Attestation::verdicts(id)[1], (ATTESTERS[1], Verdict::Withheld));
		assert_eq!(settled(id).agreement, 2);
		assert_eq!(settled(id).stake_behind, 2 * STAKE);
	});
}

#[test]
fn a_panel_that_contradicts_itself_is_a_draw() {
	ExtBuilder::default().build_and_execute(|| {
		let id = committed_request(EXACT, 3);
		for (attester, value) in ATTESTERS.into_iter().zip([1.0, 2.0, 3.0]) {
			Attestation::reveal(id, attester, output(&[value]));
		}
		end_block();
		assert_eq!(outcome(id), Outcome::Disagreed);
		assert!(Attestation::verdicts(id).iter().all(|(_, v)| *v == Verdict::Undecided));
		assert_eq!(settled(id).refunded, 915);
		assert_eq!(free(ALICE), ENDOWMENT);
	});
}

#[test]
fn an_answer_that_nobody_showed_is_not_paid_for() {
	ExtBuilder::default().build_and_execute(|| {
		let id = committed_request(EXACT, 3);
		for attester in &ATTESTERS[..3] {
			Attestation::reveal_digest(id, *attester, &output(&[1.0]));
		}
		end_block();
		assert_eq!(outcome(id), Outcome::Expired(ExpiryReason::AnswerMissing));
		assert_eq!(free(ALICE), ENDOWMENT);
	});
}

#[test]
fn a_model_that_cannot_be_run_is_not_paid_for() {
	ExtBuilder::default().build_and_execute(|| {
		let id = committed_request(EXACT, 3);
		for attester in &ATTESTERS[..3] {
			Attestation::reveal(id, *attester, failure(JobFailure::InputUnavailable));
		}
		end_block();
		let reason = UnservedReason::Execution(JobFailure::InputUnavailable);
		assert_eq!(outcome(id), Outcome::Unserved(reason));
		assert!(Attestation::verdicts(id).iter().all(|(_, v)| *v == Verdict::Abstained));
		assert_eq!(free(ALICE), ENDOWMENT);
	});
}

#[test]
fn one_attester_is_a_panel_too() {
	ExtBuilder::default().build_and_execute(|| {
		let id = committed_request(APPROXIMATE, 1);
		Attestation::reveal(id, ATTESTERS[0], output(&[0.5]));
		end_block();
		let settled = settled(id);
		assert_eq!(settled.outcome, Outcome::Answered(tensors("y", &[0.5])));
		assert_eq!((settled.agreement, settled.stake_behind), (1, STAKE));
		assert_eq!(settled.assurance, Assurance::Quorum { size: 1, threshold: 1 });
	});
}

#[test]
fn a_request_that_the_chain_comes_to_too_late_is_refunded_without_a_panel() {
	ExtBuilder::default().build_and_execute(|| {
		let none = Weight::zero();
		let full = AgendaWeight::get();
		let fresh = request(EXACT, 3);
		Attestation::set_servers(&[]);
		let refused = request_by(BOB, EXACT, RequestOptions { deadline: 55, ..options(3) });
		begin_block();
		AgendaWeight::set(none);
		let late = request(EXACT, 3);
		Attestation::set_servers(&ATTESTERS);
		// The last draw for a deadline of 52 would be at 37.
		while now() < 43 {
			begin_block();
		}
		AgendaWeight::set(full);
		begin_block();
		for (id, reason) in [
			(fresh, UnservedReason::TooFewAttesters),
			(refused, UnservedReason::TooFewAttesters),
			(late, UnservedReason::ChainBusy),
		] {
			assert_eq!(outcome(id), Outcome::Unserved(reason));
			assert!(settled(id).panel.is_empty());
		}
		assert_eq!(free(ALICE), ENDOWMENT);
		assert_eq!(free(BOB), ENDOWMENT);
	});
}

#[test]
fn every_outcome_unpins_the_release_and_drops_the_input() {
	ExtBuilder::default().build_and_execute(|| {
		let answered = committed_request(EXACT, 1);
		let expired = request(EXACT, 1);
		let cancelled = request(EXACT, 1);
		assert_eq!(Registry::users(EXACT), 3);
		assert_ok!(Inference::cancel(RuntimeOrigin::signed(ALICE), cancelled));
		assert_eq!(Registry::users(EXACT), 2);
		Attestation::reveal(answered, ATTESTERS[0], output(&[1.0]));
		end_block();
		assert_eq!(Registry::users(EXACT), 1);
		run_to(20);
		assert_eq!(Registry::users(EXACT), 0);
		for id in [answered, expired, cancelled] {
			assert_eq!(Inputs::<Test>::get(id), None);
		}
		assert_eq!(Requests::<Test>::count(), 0);
	});
}

#[test]
fn who_hears_of_an_end_may_ask_again_at_once() {
	ExtBuilder::default().build_and_execute(|| {
		// After the transactions of block 4 ...
		let first = committed_request(EXACT, 1);
		Listener::next_time(|| _ = request(EXACT, 1));
		Attestation::reveal(first, ATTESTERS[0], output(&[1.0]));
		end_block();
		assert_eq!(settled(first).settled_at, 4);
		assert_eq!((stage(1), due(1)), (Some(Stage::Pending), 5));
		begin_block();
		assert_eq!((stage(1), due(1)), (Some(Stage::Assigned), 15));
		// ... and before those of block 15.
		Listener::next_time(|| _ = request(EXACT, 1));
		run_to(15);
		assert_eq!(outcome(1), Outcome::Expired(ExpiryReason::CommitmentsMissing));
		assert_eq!((stage(2), due(2)), (Some(Stage::Pending), 16));
		run_to(16);
		assert_eq!(stage(2), Some(Stage::Assigned));
	});
}
