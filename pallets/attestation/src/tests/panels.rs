// SPDX-License-Identifier: Apache-2.0
//! Draw, windows, close, judgement.

use crate::{Event, mock::*, types::Phase};
use jurat_primitives::{
	UnservedReason,
	batch::Revealed,
	commitment::answer_digest,
	traits::{Conduct, PanelSpec, Panels},
};
use sp_core::H256;

#[test]
fn a_panel_is_drawn_among_those_who_serve_and_remembers_key_and_stake() {
	ExtBuilder.build_and_execute(|| {
		serve(&[1, 2, 3, 4, 5]);
		let members = draw(9, 3, 2, true);
		let panel = panel(9);
		assert_eq!(members.len(), 3);
		assert!(members.iter().all(|who| (1..=5).contains(who)));
		for member in &panel.members {
			assert_eq!(member.key, sp_core::Pair::public(&pair(member.attester)));
			assert_eq!((member.stake, member.conduct), (100, Conduct::Silent));
			assert_eq!(attester(member.attester).open_panels, 1);
		}
		assert_eq!(panel.phase, Phase::Commit(11));
		assert_eq!(events().last(), Some(&Event::PanelDrawn { request: 9, members, until: 11 }));
		assert_eq!(Attestation::seats(9).len(), 3);
		assert_eq!(Attestation::duration(), 15);
	});
}

#[test]
fn too_few_attesters_or_too_little_stake_is_no_panel() {
	ExtBuilder.build_and_execute(|| {
		serve(&[1, 2]);
		assert_eq!(Attestation::draw(1, &spec(3, 2, true)), Err(UnservedReason::TooFewAttesters));
		let spec = PanelSpec { min_stake: 201, ..spec(2, 2, true) };
		assert_eq!(Attestation::draw(1, &spec), Err(UnservedReason::TooLittleStake));
		assert_eq!(attester(1).open_panels, 0);
		let spec = PanelSpec { min_stake: 200, ..spec };
		assert!(Attestation::draw(1, &spec).is_ok());
	});
}

#[test]
fn a_validator_without_stake_or_out_of_the_session_is_not_drawn() {
	ExtBuilder.build_and_execute(|| {
		serve(&[1, 2, 3]);
		set_stakes(&[(1, 0)]);
		session(&[1, 2]);
		assert_eq!(Attestation::draw(1, &spec(2, 2, true)), Err(UnservedReason::TooFewAttesters));
		assert_eq!(draw(2, 1, 1, true), [2]);
	});
}

#[test]
fn an_attester_with_its_hands_full_is_not_drawn() {
	ExtBuilder.build_and_execute(|| {
		serve(&[1]);
		for request in 0..300 {
			draw(request, 1, 1, true);
		}
		assert_eq!(Attestation::draw(300, &spec(1, 1, true)), Err(UnservedReason::TooFewAttesters));
		Attestation::close(0);
		assert!(Attestation::draw(300, &spec(1, 1, true)).is_ok());
	});
}

#[test]
fn the_panel_follows_from_the_randomness_of_the_block_of_the_draw() {
	ExtBuilder.build_and_execute(|| {
		serve(&(1..=20).collect::<Vec<_>>());
		set_randomness(H256::repeat_byte(1));
		let first = draw(1, 5, 4, true);
		Attestation::close(1);
		assert_eq!(draw(1, 5, 4, true), first);
		Attestation::close(1);
		set_randomness(H256::repeat_byte(2));
		assert_ne!(draw(1, 5, 4, true), first);
	});
}

#[test]
fn the_reveal_window_opens_when_all_committed() {
	ExtBuilder.build_and_execute(|| {
		serve(&[1, 2, 3]);
		let members = draw(5, 3, 2, true);
		System::set_block_number(2);
		commit(members[0], 5, &answer(1)).unwrap();
		commit(members[1], 5, &answer(1)).unwrap();
		assert_eq!(heard(), []);
		commit(members[2], 5, &answer(1)).unwrap();
		assert_eq!(heard(), [Heard::Committed(5, 7)]);
		assert_eq!(panel(5).phase, Phase::Reveal(7));
		// The window that is open is not opened again.
		assert_eq!(Attestation::close_commitments(5), Some(7));
	});
}

#[test]
fn at_the_end_of_the_commit_window_a_threshold_decides() {
	ExtBuilder.build_and_execute(|| {
		serve(&[1, 2, 3]);
		let members = draw(5, 3, 2, true);
		commit(members[0], 5, &answer(1)).unwrap();
		System::set_block_number(11);
		assert_eq!(Attestation::close_commitments(5), None);
		assert_eq!(panel(5).phase, Phase::Commit(11));
		System::set_block_number(3);
		commit(members[1], 5, &answer(1)).unwrap();
		System::set_block_number(11);
		assert_eq!(Attestation::close_commitments(5), Some(16));
		assert_eq!(events().last(), Some(&Event::RevealsOpened { request: 5, until: 16 }));
		assert_eq!(Attestation::close_commitments(99), None);
	});
}

#[test]
fn a_closed_panel_leaves_nothing_behind() {
	ExtBuilder.build_and_execute(|| {
		serve(&[1, 2, 3]);
		let members = draw(5, 3, 2, true);
		for who in &members[..2] {
			commit(*who, 5, &answer(1)).unwrap();
		}
		Attestation::close_commitments(5);
		reveal(members[0], 5, Revealed::Full(answer(1))).unwrap();
		let closed = Attestation::close(5);
		let digest = answer_digest(&answer(1));
		assert_eq!(closed.answers, [(digest, answer(1))]);
		assert_eq!(closed.seats[0].conduct, Conduct::Revealed(digest));
		assert!(matches!(closed.seats[1].conduct, Conduct::Committed(_)));
		assert_eq!(closed.seats[2].conduct, Conduct::Silent);
		assert!(crate::OpenPanels::<Test>::get(5).is_none());
		assert_eq!(crate::Assignments::<Test>::iter().count(), 0);
		assert_eq!(crate::Answers::<Test>::iter().count(), 0);
		assert!(members.iter().all(|who| attester(*who).open_panels == 0));
	});
}

#[test]
fn a_window_is_never_too_short_to_be_met() {
	ExtBuilder.build_and_execute(|| {
		CommitWindow::set(0);
		RevealWindow::set(1);
		serve(&[1]);
		assert_eq!(Attestation::duration(), 4);
		draw(1, 1, 1, true);
		System::set_block_number(2);
		commit(1, 1, &answer(1)).unwrap();
		System::set_block_number(3);
		reveal(1, 1, Revealed::Full(answer(1))).unwrap();
	});
}
