// SPDX-License-Identifier: Apache-2.0
//! Nominators' part of what attesters are paid.

use super::*;

/// A request that three attesters answer, each for 188, of which a quarter is its nominators'.
fn answered() -> RequestId {
	NominatorsPart::set(Perbill::from_percent(25));
	let id = committed_request(EXACT, 3);
	for attester in &ATTESTERS[..3] {
		Attestation::reveal(id, *attester, output(&[1.0]));
	}
	end_block();
	id
}

fn paid(id: RequestId) -> Vec<Balance> {
	settled(id).panel.iter().map(|member| member.paid).collect()
}

#[test]
fn an_attester_has_its_own_part_at_once_and_its_nominators_theirs_in_the_pot() {
	ExtBuilder::default().build_and_execute(|| {
		let id = answered();
		assert!(ATTESTERS[..3].iter().all(|attester| free(*attester) == ENDOWMENT + 141));
		assert_eq!(free(POT), 3 * 47);
		assert_eq!(SharesHeard::get(), ATTESTERS[..3].iter().map(|a| (*a, 47)).collect::<Vec<_>>());
		// The record and the bill are of both parts together: as without nominators.
		assert_eq!(paid(id), [188, 188, 188]);
		let settled = settled(id);
		assert_eq!((settled.charged, settled.protocol, settled.refunded), (915, 18, 0));
		assert_eq!(free(ALICE), ENDOWMENT - 915);
	});
}

#[test]
fn an_attester_that_nobody_nominates_has_everything() {
	ExtBuilder::default().build_and_execute(|| {
		let id = committed_request(EXACT, 1);
		Attestation::reveal(id, ATTESTERS[0], output(&[1.0]));
		end_block();
		assert_eq!(free(ATTESTERS[0]), ENDOWMENT + 188);
		assert_eq!(paid(id), [188]);
		assert_eq!((free(POT), SharesHeard::get()), (0, vec![]));
	});
}

#[test]
fn who_is_not_paid_has_nothing_to_share() {
	ExtBuilder::default().build_and_execute(|| {
		NominatorsPart::set(Perbill::from_percent(25));
		let id = committed_request(EXACT, 3);
		for (attester, value) in ATTESTERS.into_iter().zip([1.0, 2.0, 1.0]) {
			Attestation::reveal(id, attester, output(&[value]));
		}
		end_block();
		assert_eq!(SharesHeard::get(), [(ATTESTERS[0], 47), (ATTESTERS[2], 47)]);
		assert_eq!(paid(id), [188, 0, 188]);
	});
}

#[test]
fn a_part_that_the_pot_cannot_take_stays_with_the_requester_and_is_not_said_to_be_shared() {
	ExtBuilder::default().build_and_execute(|| {
		// 9 of 37 is below the minimum balance, and the pot does not exist.
		BaseFee::set(37);
		ComputePrice::set(0);
		BytePrice::set(0);
		let id = answered();
		assert_eq!(paid(id), [28, 28, 28]);
		assert_eq!((free(POT), SharesHeard::get()), (0, vec![]));
		// 2 % of 84 + 333 is 8.34; the quote was 111 + 333 + 9.
		let settled = settled(id);
		assert_eq!((settled.charged, settled.protocol, settled.refunded), (426, 9, 27));
	});
}

#[test]
fn nominators_have_their_part_even_if_the_attester_s_own_cannot_arrive() {
	ExtBuilder::default().build_and_execute(|| {
		let nobody = 777;
		Attestation::set_servers(&[nobody]);
		NominatorsPart::set(Perbill::from_percent(75));
		BaseFee::set(20);
		ComputePrice::set(0);
		BytePrice::set(0);
		let id = request(EXACT, 1);
		run_to(3);
		Attestation::commit(id, nobody);
		Attestation::reveal(id, nobody, output(&[1.0]));
		end_block();
		assert_eq!((free(nobody), free(POT)), (0, 15));
		assert_eq!(SharesHeard::get(), [(nobody, 15)]);
		assert_eq!(paid(id), [15]);
	});
}

#[test]
#[should_panic(expected = "must have room for one entry")]
fn the_agenda_reckons_with_what_divisions_cost() {
	ExtBuilder::default().build().execute_with(|| {
		Inference::integrity_test();
		IncomeWeight::set(GENEROUS / 15);
		Inference::integrity_test();
	});
}
