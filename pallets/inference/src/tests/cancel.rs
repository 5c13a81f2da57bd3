// SPDX-License-Identifier: Apache-2.0
//! Who may withdraw a request, and until when.

use super::*;

#[test]
fn a_request_without_a_panel_can_be_withdrawn_and_costs_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let other = request(EXACT, 1);
		let id = request(EXACT, 3);
		assert_ok!(Inference::cancel(RuntimeOrigin::signed(ALICE), id));
		let settled = settled(id);
		assert_eq!(settled.outcome, Outcome::Cancelled);
		assert_eq!((settled.charged, settled.refunded), (0, 915));
		assert_eq!((settled.agreement, settled.answer, settled.panel.len()), (0, None, 0));
		// The other one's escrow stays.
		assert_eq!(held(ALICE), Requests::<Test>::get(other).unwrap().escrow);
		assert_eq!(
			events().last(),
			Some(&Event::Settled {
				request: id,
				requester: ALICE,
				outcome: OutcomeKind::Cancelled,
				answer: None,
				agreement: 0,
				stake_behind: 0,
				charged: 0,
				refunded: 915,
				compensated: 0,
			})
		);
		assert_eq!(Listener::heard(), [(id, ALICE, OutcomeKind::Cancelled)]);
		// No panel is ever drawn for it.
		next_block();
		assert_eq!(Attestation::draws(), [(other, 2)]);
	});
}

#[test]
fn a_request_that_waits_for_attesters_can_still_be_withdrawn() {
	ExtBuilder::default().build_and_execute(|| {
		Attestation::set_servers(&[]);
		let id = request(EXACT, 3);
		run_to(9);
		assert_ok!(Inference::cancel(RuntimeOrigin::signed(ALICE), id));
		assert_eq!(outcome(id), Outcome::Cancelled);
		assert_eq!(free(ALICE), ENDOWMENT);
		run_to(30);
		assert_eq!(Attestation::draws(), [(id, 2), (id, 7)]);
	});
}

#[test]
fn only_the_requester_withdraws() {
	ExtBuilder::default().build_and_execute(|| {
		let id = request(EXACT, 3);
		assert_noop!(Inference::cancel(RuntimeOrigin::signed(BOB), id), Failure::NotRequester);
	});
}

#[test]
fn once_a_panel_works_on_it_a_request_is_not_withdrawn() {
	ExtBuilder::default().build_and_execute(|| {
		let cancel = |id| Inference::cancel(RuntimeOrigin::signed(ALICE), id);
		let id = request(EXACT, 3);
		next_block();
		assert_eq!(stage(id), Some(Stage::Assigned));
		assert_noop!(cancel(id), Failure::PanelDrawn);
		next_block();
		ATTESTERS[..3].iter().for_each(|attester| Attestation::commit(id, *attester));
		assert_noop!(cancel(id), Failure::PanelDrawn);
		Attestation::reveal(id, ATTESTERS[0], output(&[1.0]));
		assert_eq!(stage(id), Some(Stage::Revealing));
		assert_noop!(cancel(id), Failure::PanelDrawn);
	});
}

#[test]
fn what_is_not_open_is_not_withdrawn() {
	ExtBuilder::default().build_and_execute(|| {
		let cancel = |id| Inference::cancel(RuntimeOrigin::signed(ALICE), id);
		assert_noop!(cancel(0), Failure::UnknownRequest);
		let id = request(EXACT, 3);
		assert_ok!(cancel(id));
		assert_noop!(cancel(id), Failure::UnknownRequest);
	});
}
