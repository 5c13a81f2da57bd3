// SPDX-License-Identifier: Apache-2.0
//! A larger panel for a request on which the first one disagreed.

use super::*;
use crate::{Agenda, Contested, Inputs};
use jurat_primitives::Verdict::{Agreed, Divergent, Outlier};

/// A request whose panel of three gave these answers, all different.
fn disagreed(release: ReleaseId, answers: [f32; 3]) -> RequestId {
	let id = committed_request(release, 3);
	for (attester, value) in ATTESTERS.into_iter().zip(answers) {
		Attestation::reveal(id, attester, output(&[value]));
	}
	end_block();
	assert_eq!(outcome(id), Outcome::Disagreed);
	begin_block();
	id
}

fn escalate(id: RequestId) -> RequestId {
	let escalation = NextRequest::<Test>::get();
	assert_ok!(Inference::escalate(RuntimeOrigin::signed(ALICE), id, Balance::MAX));
	escalation
}

/// Lets the panel of seven of an escalation answer; each member the same.
fn answered(escalation: RequestId, value: f32) {
	next_block();
	for attester in &ATTESTERS[3..10] {
		Attestation::commit(escalation, *attester);
	}
	next_block();
	for attester in &ATTESTERS[3..10] {
		Attestation::reveal(escalation, *attester, output(&[value]));
	}
	end_block();
	begin_block();
}

#[test]
fn a_larger_panel_decides_and_the_first_is_judged_by_it() {
	ExtBuilder::default().build_and_execute(|| {
		let first = disagreed(EXACT, [1.0, 2.0, 3.0]);
		assert_eq!(settled(first).refunded, 915);
		assert_eq!(Inference::contestable_until(first), Some(now() + 19));
		let escalation = escalate(first);
		assert_eq!(Inference::contestable_until(first), None);
		let opened = Requests::<Test>::get(escalation).unwrap();
		assert_eq!((opened.escalates, opened.seats(), opened.threshold()), (Some(first), 7, 5));
		assert_eq!(held(ALICE), opened.escrow);
		assert!(!Inputs::<Test>::contains_key(first));
		assert_eq!(Inputs::<Test>::get(escalation), Some(input(&[1.0])));
		assert_ne!(opened.digest, settled(first).digest);

		answered(escalation, 2.0);
		let second = settled(escalation);
		assert_eq!((second.agreement, second.escalates), (7, Some(first)));
		assert!(second.panel.iter().all(|member| !ATTESTERS[..3].contains(&member.attester)));
		let rulings =
			vec![(ATTESTERS[0], Divergent), (ATTESTERS[1], Agreed), (ATTESTERS[2], Divergent)];
		assert_eq!(Attestation::verdicts(first)[3..], rulings);
		// What the escalation cost beyond the first quote.
		let case = Attestation::cases(first).remove(1);
		assert_eq!((case.damages, case.requester), (second.charged - 915, ALICE));
		assert_eq!((case.reward, case.session), (188, SESSION));
		assert_eq!(case.witnesses, ATTESTERS[3..10]);
		assert!(events().contains(&Event::Rejudged { request: first, rulings }));
		assert_eq!(Contested::<Test>::iter().count(), 0);
		assert_eq!(held(ALICE), 0);
	});
}

#[test]
fn approximate_answers_are_judged_by_distance_again() {
	ExtBuilder::default().build_and_execute(|| {
		let first = disagreed(APPROXIMATE, [1.0, 1.5, 9.0]);
		let escalation = escalate(first);
		answered(escalation, 1.0005);
		assert_eq!(
			Attestation::verdicts(first)[3..],
			[(ATTESTERS[0], Agreed), (ATTESTERS[1], Outlier), (ATTESTERS[2], Divergent)]
		);
	});
}

#[test]
fn only_who_answered_is_judged_again() {
	ExtBuilder::default().build_and_execute(|| {
		let first = committed_request(EXACT, 5);
		Attestation::reveal(first, ATTESTERS[0], output(&[1.0]));
		Attestation::reveal(first, ATTESTERS[1], output(&[2.0]));
		Attestation::reveal(first, ATTESTERS[2], output(&[3.0]));
		Attestation::reveal(first, ATTESTERS[3], output(&[4.0]));
		Attestation::open_badly(first, ATTESTERS[4]);
		end_block();
		begin_block();
		assert_eq!(outcome(first), Outcome::Disagreed);
		// Eleven others are not there.
		let escalation = escalate(first);
		next_block();
		assert_eq!(
			Requests::<Test>::get(escalation).unwrap().refused,
			Some(UnservedReason::TooFewAttesters)
		);
		run_to(now() + 60);
		assert_eq!(outcome(escalation), Outcome::Unserved(UnservedReason::TooFewAttesters));
		assert_eq!(settled(escalation).charged, 0);
		// Without an answer nobody is judged.
		assert_eq!(Attestation::verdicts(first).len(), 5);
		assert_eq!(Contested::<Test>::iter().count(), 0);
	});
}

#[test]
fn there_is_no_third_panel() {
	ExtBuilder::default().build_and_execute(|| {
		let first = disagreed(EXACT, [1.0, 2.0, 3.0]);
		let escalation = escalate(first);
		next_block();
		for attester in &ATTESTERS[3..10] {
			Attestation::commit(escalation, *attester);
		}
		next_block();
		for (attester, value) in ATTESTERS[3..10].iter().zip(1u8..) {
			Attestation::reveal(escalation, *attester, output(&[value.into()]));
		}
		end_block();
		begin_block();
		assert_eq!(outcome(escalation), Outcome::Disagreed);
		assert_eq!(settled(escalation).charged, 0);
		let origin = RuntimeOrigin::signed(ALICE);
		for id in [first, escalation] {
			let again = Inference::escalate(origin.clone(), id, Balance::MAX);
			assert_noop!(again, Failure::NotContested);
		}
	});
}

#[test]
fn what_cannot_be_escalated_says_why() {
	ExtBuilder::default().build_and_execute(|| {
		let (alice, bob) = (RuntimeOrigin::signed(ALICE), RuntimeOrigin::signed(BOB));
		let escalate =
			|origin: &RuntimeOrigin, id, max_fee| Inference::escalate(origin.clone(), id, max_fee);
		let open = request(EXACT, 1);
		assert_noop!(escalate(&alice, open, Balance::MAX), Failure::NotContested);
		assert_noop!(escalate(&alice, 1_000, Balance::MAX), Failure::NotContested);
		let id = disagreed(EXACT, [1.0, 2.0, 3.0]);
		assert_noop!(escalate(&bob, id, Balance::MAX), Failure::NotRequester);
		assert_noop!(escalate(&alice, id, 10), Failure::FeeAboveMax);
		Registry::change(EXACT, |terms| terms.active = false);
		assert_noop!(escalate(&alice, id, Balance::MAX), Failure::InactiveRelease);
		Registry::change(EXACT, |terms| terms.active = true);
		MaxOpenRequests::set(0);
		assert_noop!(escalate(&alice, id, Balance::MAX), Failure::TooManyOpenRequests);
		MaxOpenRequests::set(300);
		MinDeadline::set(51);
		assert_noop!(escalate(&alice, id, Balance::MAX), Failure::DeadlineOutOfRange);
		MinDeadline::set(20);
		BaseFee::set(ENDOWMENT);
		assert_noop!(escalate(&alice, id, Balance::MAX), Failure::InsufficientBalance);
		BaseFee::set(100);
		assert_ok!(escalate(&alice, id, Balance::MAX));
		assert_noop!(escalate(&alice, id, Balance::MAX), Failure::AlreadyEscalated);
	});
}

#[test]
fn the_time_to_escalate_ends_and_leaves_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let id = disagreed(APPROXIMATE, [1.0, 5.0, 9.0]);
		let until = Inference::contestable_until(id).unwrap();
		assert!(events().contains(&Event::Contested { request: id, until }));
		// The last block in which it is possible, and the first in which it is not.
		run_to(until - 1);
		assert!(Contested::<Test>::contains_key(id));
		run_to(until);
		assert_noop!(
			Inference::escalate(RuntimeOrigin::signed(ALICE), id, Balance::MAX),
			Failure::NotContested
		);
		next_block();
		assert!(!Contested::<Test>::contains_key(id));
		assert!(!Inputs::<Test>::contains_key(id));
		// Its settlement stays until its own time.
		assert_eq!(Agenda::<Test>::iter().count(), 1);
		assert_eq!(outcome(id), Outcome::Disagreed);
	});
}

#[test]
fn a_network_without_escalation_keeps_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		EscalationWindow::set(0);
		let id = disagreed(EXACT, [1.0, 2.0, 3.0]);
		assert_eq!(Contested::<Test>::iter().count(), 0);
		assert!(!Inputs::<Test>::contains_key(id));
		// Nor does one that forgets its results as soon.
		EscalationWindow::set(20);
		ResultRetention::set(1);
		disagreed(EXACT, [1.0, 2.0, 3.0]);
		assert_eq!(Contested::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_release_that_is_gone_cannot_be_asked_again() {
	ExtBuilder::default().build_and_execute(|| {
		let id = disagreed(EXACT, [1.0, 2.0, 3.0]);
		assert_eq!(Registry::users(EXACT), 0);
		Registry::remove(EXACT);
		assert_noop!(
			Inference::escalate(RuntimeOrigin::signed(ALICE), id, Balance::MAX),
			Failure::UnknownRelease
		);
		Registry::publish(EXACT, manifest(jurat_primitives::NumericProfile::Exact), ROYALTY);
	});
}

#[test]
fn whoever_gets_no_answer_is_owed_as_much_again() {
	ExtBuilder::default().build_and_execute(|| {
		Taken::set(600);
		let id = committed_request(EXACT, 3);
		Attestation::reveal(id, ATTESTERS[0], output(&[1.0]));
		run_to(now() + 10);
		let settled = settled(id);
		assert_eq!(settled.outcome, Outcome::Expired(ExpiryReason::RevealsMissing));
		assert_eq!(Attestation::cases(id)[0].damages, 915);
		assert_eq!((settled.refunded, settled.compensated), (915, 600));
		assert!(
			events().iter().any(|event| matches!(
				event,
				Event::Settled { compensated: 600, refunded: 915, .. }
			))
		);
		// Whoever has an answer is owed nothing.
		let id = committed_request(EXACT, 1);
		Attestation::reveal(id, ATTESTERS[0], output(&[1.0]));
		end_block();
		begin_block();
		assert_eq!(Attestation::cases(id)[0].damages, 0);
	});
}
