// SPDX-License-Identifier: Apache-2.0
//! Who gets what, to the unit.

use super::*;

/// Balances of everybody who may gain or lose.
fn balances() -> Vec<Balance> {
	[ALICE, OWNER, TREASURY].into_iter().chain(ATTESTERS).map(Balances::total_balance_of).collect()
}

trait TotalBalance {
	fn total_balance_of(who: AccountId) -> Balance;
}

impl TotalBalance for Balances {
	fn total_balance_of(who: AccountId) -> Balance {
		Self::total_balance(&who)
	}
}

/// Gains since `before`, in the order of [`balances`].
fn gains(before: &[Balance]) -> Vec<i64> {
	balances().iter().zip(before).map(|(now, then)| *now as i64 - *then as i64).collect()
}

fn reveal(id: RequestId, answers: &[Answer]) {
	for (attester, answer) in ATTESTERS.into_iter().zip(answers) {
		Attestation::reveal(id, attester, answer.clone());
	}
	end_block();
}

#[test]
fn everybody_who_agrees_is_paid_the_same_and_the_sum_is_the_quote() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = committed_request(EXACT, 3);
		reveal(id, &[output(&[1.0]), output(&[1.0]), output(&[1.0])]);
		// 3 · 188 + 333 = 897; 2 % of it is 17.94.
		assert_eq!(gains(&before)[..6], [-915, 333, 18, 188, 188, 188]);
		let settled = settled(id);
		assert_eq!(settled.charged, 915);
		assert_eq!((settled.royalty, settled.protocol, settled.refunded), (333, 18, 0));
		assert_eq!((settled.agreement, settled.stake_behind), (3, 3 * STAKE));
		assert_eq!(
			settled.answer,
			Some(jurat_primitives::commitment::answer_digest(&output(&[1.0])))
		);
		assert_eq!(held(ALICE), 0);
		assert_eq!(
			events().last(),
			Some(&Event::Settled {
				request: id,
				requester: ALICE,
				outcome: OutcomeKind::Answered,
				answer: settled.answer,
				agreement: 3,
				stake_behind: 3 * STAKE,
				charged: 915,
				refunded: 0,
				compensated: 0,
			})
		);
	});
}

#[test]
fn who_does_not_agree_is_not_paid_and_the_cut_is_of_what_is_paid() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = committed_request(EXACT, 3);
		reveal(id, &[output(&[1.0]), output(&[2.0]), output(&[1.0])]);
		// 2 · 188 + 333 = 709; 2 % of it is 14.18.
		assert_eq!(gains(&before)[..6], [-724, 333, 15, 188, 0, 188]);
		let settled = settled(id);
		assert_eq!((settled.charged, settled.refunded), (724, 191));
		assert_eq!((settled.agreement, settled.stake_behind), (2, 2 * STAKE));
		let members: Vec<_> =
			settled.panel.iter().map(|m| (m.attester, m.stake, m.verdict, m.paid)).collect();
		assert_eq!(
			members,
			[
				(ATTESTERS[0], STAKE, Verdict::Agreed, 188),
				(ATTESTERS[1], STAKE, Verdict::Divergent, 0),
				(ATTESTERS[2], STAKE, Verdict::Agreed, 188),
			]
		);
	});
}

#[test]
fn each_kind_of_member_gets_its_verdict_and_its_pay() {
	ExtBuilder::default().build_and_execute(|| {
		let before = balances();
		let id = request(APPROXIMATE, 9);
		run_to(3);
		// The ninth never commits.
		ATTESTERS[..8].iter().for_each(|attester| Attestation::commit(id, *attester));
		run_to(12);
		let answers = [
			output(&[1.0]),
			output(&[1.0005]),
			output(&[0.9995]),
			output(&[1.0]),
			output(&[1.5]),
			output(&[3.0]),
		];
		for (attester, answer) in ATTESTERS.into_iter().zip(answers) {
			Attestation::reveal(id, attester, answer);
		}
		Attestation::open_badly(id, ATTESTERS[6]);
		run_to(17);
		// Four agree; six must.
		assert_eq!(outcome(id), Outcome::Disagreed);
		assert_eq!(gains(&before), [0; 18]);

		let id = request_by(
			ALICE,
			APPROXIMATE,
			RequestOptions { assurance: Assurance::Quorum { size: 7, threshold: 4 }, ..options(3) },
		);
		run_to(19);
		ATTESTERS[..6].iter().for_each(|attester| Attestation::commit(id, *attester));
		run_to(28);
		for (attester, value) in ATTESTERS.into_iter().zip([1.0, 1.0005, 0.9995, 1.0]) {
			Attestation::reveal(id, attester, output(&[value]));
		}
		Attestation::reveal(id, ATTESTERS[4], output(&[1.5]));
		Attestation::reveal(id, ATTESTERS[5], output(&[3.0]));
		end_block();
		assert_eq!(outcome(id), Outcome::Answered(tensors("y", &[1.0])));
		let verdicts: Vec<_> =
			Attestation::verdicts(id).into_iter().map(|(_, verdict)| verdict).collect();
		use Verdict::*;
		assert_eq!(verdicts, [Agreed, Agreed, Agreed, Agreed, Outlier, Divergent, NoShow]);
		// 4 · 188 + 333 = 1085; 2 % of it is 21.7.
		assert_eq!(gains(&before)[..10], [-1107, 333, 22, 188, 188, 188, 188, 0, 0, 0]);
	});
}

#[test]
fn the_owner_at_settlement_gets_the_royalty() {
	ExtBuilder::default().build_and_execute(|| {
		let id = committed_request(EXACT, 1);
		Registry::change(EXACT, |terms| terms.owner = BOB);
		reveal(id, &[output(&[1.0])]);
		assert_eq!(free(BOB), ENDOWMENT + ROYALTY);
		assert_eq!(free(OWNER), ENDOWMENT);
	});
}

#[test]
fn one_account_may_be_requester_attester_and_owner() {
	ExtBuilder::default().build_and_execute(|| {
		Attestation::set_servers(&[ALICE, ATTESTERS[1], ATTESTERS[2]]);
		Registry::change(EXACT, |terms| terms.owner = ALICE);
		let id = request(EXACT, 3);
		run_to(3);
		for attester in [ALICE, ATTESTERS[1], ATTESTERS[2]] {
			Attestation::commit(id, attester);
		}
		for attester in [ALICE, ATTESTERS[1], ATTESTERS[2]] {
			Attestation::reveal(id, attester, output(&[1.0]));
		}
		end_block();
		assert_eq!(settled(id).charged, 915);
		// It paid the others and the protocol.
		assert_eq!(free(ALICE), ENDOWMENT - 2 * 188 - 18);
		assert_eq!(held(ALICE), 0);
	});
}

#[test]
fn escrows_of_one_account_do_not_mix() {
	ExtBuilder::default().build_and_execute(|| {
		let first = committed_request(EXACT, 3);
		let second = request(APPROXIMATE, 5);
		let escrow = Requests::<Test>::get(second).unwrap().escrow;
		assert_eq!(held(ALICE), 915 + escrow);
		reveal(first, &[output(&[1.0]), output(&[2.0]), output(&[1.0])]);
		assert_eq!(held(ALICE), escrow);
		assert_eq!(free(ALICE), ENDOWMENT - 724 - escrow);
	});
}

#[test]
fn an_attester_whose_account_cannot_take_so_little_costs_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		// 5 is below the minimum balance of 10.
		BaseFee::set(5);
		ComputePrice::set(0);
		BytePrice::set(0);
		let nobody = 777;
		Attestation::set_servers(&[nobody, ATTESTERS[1], ATTESTERS[2]]);
		let id = request(EXACT, 3);
		run_to(3);
		for attester in [nobody, ATTESTERS[1], ATTESTERS[2]] {
			Attestation::commit(id, attester);
		}
		for attester in [nobody, ATTESTERS[1], ATTESTERS[2]] {
			Attestation::reveal(id, attester, output(&[1.0]));
		}
		end_block();
		let settled = settled(id);
		assert_eq!(settled.outcome, Outcome::Answered(tensors("y", &[1.0])));
		assert_eq!(settled.agreement, 3);
		let paid: Vec<_> = settled.panel.iter().map(|member| member.paid).collect();
		assert_eq!(paid, [0, 5, 5]);
		// 2 % of 343 is 6.86; the quote was 15 + 333 + 7.
		assert_eq!((settled.charged, settled.protocol, settled.refunded), (350, 7, 5));
		assert_eq!(free(ALICE), ENDOWMENT - 350);
		assert!(!frame_system::Account::<Test>::contains_key(nobody));
	});
}

#[test]
fn an_attester_that_can_live_on_its_pay_is_born() {
	ExtBuilder::default().build_and_execute(|| {
		let nobody = 777;
		Attestation::set_servers(&[nobody]);
		let id = request(EXACT, 1);
		run_to(3);
		Attestation::commit(id, nobody);
		Attestation::reveal(id, nobody, output(&[1.0]));
		end_block();
		assert_eq!(free(nobody), 188);
		assert_eq!(settled(id).refunded, 0);
	});
}

#[test]
fn a_royalty_that_cannot_arrive_stays_with_the_requester() {
	ExtBuilder::default().build_and_execute(|| {
		Registry::change(EXACT, |terms| (terms.owner, terms.royalty) = (777, 9));
		let id = committed_request(EXACT, 1);
		reveal(id, &[output(&[1.0])]);
		let settled = settled(id);
		// 2 % of 188 is 3.76; held were 188 + 9 + 4.
		assert_eq!((settled.royalty, settled.protocol), (0, 4));
		assert_eq!((settled.charged, settled.refunded), (192, 9));
		assert_eq!(free(ALICE), ENDOWMENT - 192);
	});
}

#[test]
fn a_cut_that_cannot_arrive_stays_with_the_requester() {
	ExtBuilder::default().build_and_execute(|| {
		let all = RuntimeOrigin::signed(TREASURY);
		assert_ok!(Balances::transfer_all(all, BOB, false));
		Registry::change(EXACT, |terms| terms.royalty = 0);
		let id = committed_request(EXACT, 1);
		reveal(id, &[output(&[1.0])]);
		let settled = settled(id);
		assert_eq!((settled.protocol, settled.charged, settled.refunded), (0, 188, 4));
		assert!(!frame_system::Account::<Test>::contains_key(TREASURY));
	});
}

/// A request of an account that something else keeps alive and that has nothing but its escrow;
/// two of three members agree, so that 5, less than the minimum balance, should go back.
fn settle_for_an_account_without_free_balance(
	escrow: Balance,
) -> Settlement<AccountId, Balance, u64> {
	BaseFee::set(5);
	ComputePrice::set(0);
	BytePrice::set(0);
	System::inc_providers(&ALICE);
	let rest = ENDOWMENT - escrow;
	assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(ALICE), BOB, rest));
	let id = committed_request(EXACT, 3);
	assert_eq!((free(ALICE), held(ALICE)), (0, escrow));
	reveal(id, &[output(&[1.0]), output(&[2.0]), output(&[1.0])]);
	assert_eq!((free(ALICE), held(ALICE)), (0, 0));
	assert_ok!(System::dec_providers(&ALICE));
	settled(id)
}

#[test]
fn a_refund_that_the_requester_cannot_take_goes_to_the_protocol() {
	ExtBuilder::default().build_and_execute(|| {
		let settled = settle_for_an_account_without_free_balance(355);
		assert_eq!((settled.charged, settled.refunded), (355, 0));
		assert_eq!(settled.protocol, 7 + 5);
		assert_eq!(free(TREASURY), ENDOWMENT + 12);
	});
}

#[test]
fn dust_that_nobody_can_take_is_burnt_and_nothing_stays_held() {
	ExtBuilder::default().may_burn().build_and_execute(|| {
		assert_ok!(Balances::transfer_all(RuntimeOrigin::signed(TREASURY), BOB, false));
		ProtocolCut::set(Perbill::zero());
		let issuance = Balances::total_issuance();
		let settled = settle_for_an_account_without_free_balance(348);
		assert_eq!((settled.charged, settled.protocol, settled.refunded), (343, 0, 5));
		assert_eq!(Balances::total_issuance(), issuance - 5);
	});
}

#[test]
fn what_cannot_be_paid_may_make_a_refund_large_enough() {
	ExtBuilder::default().build_and_execute(|| {
		assert_ok!(Balances::transfer_all(RuntimeOrigin::signed(TREASURY), BOB, false));
		BaseFee::set(5);
		ComputePrice::set(0);
		BytePrice::set(0);
		System::inc_providers(&ALICE);
		let rest = ENDOWMENT - 355;
		assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(ALICE), BOB, rest));
		let id = committed_request(EXACT, 3);
		reveal(id, &[output(&[1.0]), output(&[2.0]), output(&[1.0])]);
		// The cut of 7 could not arrive; with the 5 it is above the minimum balance.
		assert_eq!((settled(id).charged, settled(id).refunded), (343, 12));
		assert_eq!((free(ALICE), held(ALICE)), (12, 0));
	});
}

#[test]
#[allow(deprecated)]
fn money_frozen_after_the_request_is_still_paid() {
	use frame_support::traits::{LockableCurrency, WithdrawReasons};
	ExtBuilder::default().build_and_execute(|| {
		let id = committed_request(EXACT, 3);
		Balances::set_lock(*b"democrac", &ALICE, Balance::MAX, WithdrawReasons::all());
		reveal(id, &[output(&[1.0]), output(&[2.0]), output(&[1.0])]);
		assert_eq!(settled(id).charged, 724);
		assert_eq!((free(ALICE), held(ALICE)), (ENDOWMENT - 724, 0));
	});
}

#[test]
fn every_way_to_fail_gives_everything_back() {
	type Script = fn(RequestId);
	let ways: [(Script, OutcomeKind); 5] = [
		(|_| {}, OutcomeKind::Expired(ExpiryReason::RevealsMissing)),
		(
			|id| Attestation::reveal(id, ATTESTERS[0], output(&[1.0])),
			OutcomeKind::Expired(ExpiryReason::RevealsMissing),
		),
		(
			|id| {
				ATTESTERS[..2].iter().for_each(|attester| {
					Attestation::reveal_digest(id, *attester, &output(&[1.0]));
				})
			},
			OutcomeKind::Expired(ExpiryReason::AnswerMissing),
		),
		(
			|id| {
				Attestation::reveal(id, ATTESTERS[0], output(&[1.0]));
				Attestation::reveal(id, ATTESTERS[1], output(&[2.0]));
			},
			OutcomeKind::Disagreed,
		),
		(
			|id| {
				Attestation::reveal(id, ATTESTERS[0], output(&[1.0]));
				Attestation::reveal(id, ATTESTERS[1], failure(JobFailure::TimedOut));
			},
			OutcomeKind::Unserved(UnservedReason::Execution(JobFailure::TimedOut)),
		),
	];
	for (script, expected) in ways {
		ExtBuilder::default().build_and_execute(|| {
			let before = balances();
			let id = committed_request(EXACT, 3);
			script(id);
			run_to(10);
			assert_eq!(OutcomeKind::from(&outcome(id)), expected);
			let settled = settled(id);
			assert_eq!((settled.charged, settled.refunded), (0, 915));
			assert_eq!((settled.royalty, settled.protocol), (0, 0));
			assert_eq!((settled.agreement, settled.stake_behind), (0, 0));
			assert_eq!(settled.answer, None);
			assert!(settled.panel.iter().all(|member| member.paid == 0));
			assert_eq!(gains(&before), [0; 18]);
		});
	}
}

#[test]
fn an_output_that_does_not_fit_the_manifest_is_not_accepted() {
	ExtBuilder::default().build_and_execute(|| {
		let wrong = Answer::Output(tensors("z", &[1.0]));
		let id = committed_request(EXACT, 3);
		reveal(id, &[wrong.clone(), wrong.clone(), wrong]);
		assert_eq!(outcome(id), Outcome::Disagreed);
		assert_eq!(free(ALICE), ENDOWMENT);
	});
}

#[test]
fn outcomes_keep_their_numbers() {
	use codec::Encode;
	let outcomes = [
		Outcome::Answered(tensors("y", &[1.0])),
		Outcome::Disagreed,
		Outcome::Expired(ExpiryReason::AnswerMissing),
		Outcome::Unserved(UnservedReason::TooLittleStake),
		Outcome::Cancelled,
	];
	for (index, outcome) in outcomes.iter().enumerate() {
		let kind = OutcomeKind::from(outcome).encode();
		assert_eq!(kind[0] as usize, index);
		if index > 0 {
			assert_eq!(kind, outcome.encode());
		}
	}
}
