// SPDX-License-Identifier: Apache-2.0
//! What faults cost, who gets it, and what waits.

use crate::{Attesters, Error, Event, HoldReason, PenaltyQueue, PendingPenalties, mock::*};
use frame_support::{assert_noop, assert_ok, traits::fungible::InspectHold};
use jurat_primitives::{
	Verdict,
	outcome::Fault,
	traits::{Case, Panels, Penalties},
};
use sp_runtime::{DispatchError, Perbill};

const BOND: Balance = 100_000;

/// Attesters 1 to `count`, with a bond of a hundred times the least one.
fn bonded(count: AccountId) {
	for who in 1..=count {
		Attestation::bond(RuntimeOrigin::signed(who), BOND).unwrap();
	}
}

fn total() -> Balance {
	Balances::total_issuance()
}

fn free(who: AccountId) -> Balance {
	Balances::free_balance(who)
}

#[test]
fn each_fault_costs_its_share_and_the_treasury_gets_it() {
	ExtBuilder.build_and_execute(|| {
		bonded(2);
		let (before, issuance) = (free(TREASURY), total());
		assert_eq!(judge(1, 1, Verdict::Withheld), 0);
		assert_eq!(attester(1).bonded, 99_000);
		judge(2, 1, Verdict::BadOpening);
		assert_eq!(attester(1).bonded, 99_000 - 4_950);
		assert_eq!(free(TREASURY) - before, 5_950);
		assert_eq!(total(), issuance);
		assert_eq!(held(1), attester(1).bonded);
		assert_eq!(
			events().last(),
			Some(&Event::Penalised { attester: 1, request: 2, amount: 4_950, compensated: 0 })
		);
		assert_eq!(attester(2).bonded, BOND);
	});
}

#[test]
fn the_first_absence_of_a_period_is_a_warning() {
	ExtBuilder.build_and_execute(|| {
		bonded(1);
		judge(1, 1, Verdict::NoShow);
		assert_eq!(attester(1).bonded, BOND);
		assert_eq!(events().last(), Some(&Event::Warned { attester: 1, request: 1, until: 401 }));
		assert_eq!(Attestation::attester_view(&1).unwrap().warned_until, Some(401));
		System::set_block_number(400);
		judge(2, 1, Verdict::NoShow);
		assert_eq!(attester(1).bonded, BOND - 100);
		System::set_block_number(401);
		assert_eq!(Attestation::attester_view(&1).unwrap().warned_until, None);
		judge(3, 1, Verdict::NoShow);
		assert_eq!(attester(1).bonded, BOND - 100);
		judge(4, 1, Verdict::NoShow);
		assert_eq!(attester(1).bonded, BOND - 100 - 100);
		assert_eq!(attester(1).faults.of(Fault::NoShow), 4);
	});
}

#[test]
fn what_is_no_fault_costs_nothing() {
	ExtBuilder.build_and_execute(|| {
		bonded(1);
		for verdict in [
			Verdict::Agreed,
			Verdict::Outlier,
			Verdict::Abstained,
			Verdict::Undecided,
			Verdict::Excused,
		] {
			judge(1, 1, verdict);
		}
		assert_eq!(attester(1).bonded, BOND);
		assert!(attester(1).faults == Default::default());
		// Whoever is no attester has nothing to lose.
		assert_eq!(judge(1, 25, Verdict::BadOpening), 0);
	});
}

#[test]
fn the_requester_is_made_whole_first() {
	ExtBuilder.build_and_execute(|| {
		bonded(3);
		let (requester, treasury) = (free(REQUESTER), free(TREASURY));
		let rulings = [(1, Verdict::Agreed), (2, Verdict::Withheld), (3, Verdict::BadOpening)];
		// 1,000 and 5,000 are taken; 1,500 are owed.
		assert_eq!(Attestation::judge(&case(1, 1_500), &rulings), 1_500);
		assert_eq!(free(REQUESTER) - requester, 1_500);
		assert_eq!(free(TREASURY) - treasury, 4_500);
		assert_eq!((attester(2).bonded, attester(3).bonded), (99_000, 95_000));
	});
}

#[test]
fn a_requester_that_cannot_be_paid_leaves_it_to_the_treasury() {
	ExtBuilder.build_and_execute(|| {
		bonded(1);
		let treasury = free(TREASURY);
		// No such account, and below what an account must have: nothing in this mock is, so that
		// the amount is zero.
		let nobody = Case { requester: 777, ..case(1, 0) };
		assert_eq!(Attestation::judge(&nobody, &[(1, Verdict::Withheld)]), 0);
		assert_eq!(free(TREASURY) - treasury, 1_000);
		assert_eq!(free(777), 0);
	});
}

#[test]
fn no_more_than_a_fifth_is_taken_in_a_day() {
	ExtBuilder.build_and_execute(|| {
		bonded(1);
		for request in 0..100 {
			judge(request, 1, Verdict::BadOpening);
		}
		assert_eq!(attester(1).bonded, 80_000);
		assert_eq!(attester(1).faults.of(Fault::BadOpening), 100);
		// To add to the bond does not raise the cap of the day, nor begin another one.
		Attestation::bond_extra(RuntimeOrigin::signed(1), 10_000).unwrap();
		judge(100, 1, Verdict::BadOpening);
		assert_eq!(attester(1).bonded, 90_000);
		System::set_block_number(1_001);
		for request in 0..100 {
			judge(request, 1, Verdict::BadOpening);
		}
		assert_eq!(attester(1).bonded, 72_000);
	});
}

#[test]
fn what_is_on_its_way_out_pays_too_last_due_first() {
	ExtBuilder.build_and_execute(|| {
		bonded(1);
		Attestation::unbond(RuntimeOrigin::signed(1), 60_000).unwrap();
		System::set_block_number(2);
		Attestation::unbond(RuntimeOrigin::signed(1), 40_000).unwrap();
		judge(1, 1, Verdict::BadOpening);
		let left = attester(1);
		assert_eq!(left.bonded, 0);
		assert_eq!(left.unlocking.iter().map(|u| u.amount).collect::<Vec<_>>(), [60_000, 35_000]);
		for request in 2..9 {
			judge(request, 1, Verdict::BadOpening);
		}
		assert_eq!(attester(1).liable(), 80_000);
		assert_eq!(held(1), 80_000);
	});
}

#[test]
fn whoever_falls_below_the_minimum_is_paused_until_the_bond_is_raised() {
	ExtBuilder.build_and_execute(|| {
		serve(&[1]);
		judge(1, 1, Verdict::Withheld);
		assert_eq!(attester(1).bonded, 990);
		assert!(attester(1).paused);
		assert!(events().contains(&Event::Paused { attester: 1 }));
		assert!(Attestation::draw(1, &spec(1, 1, true)).is_err());
		let origin = RuntimeOrigin::signed(1);
		assert_noop!(Attestation::resume(origin.clone()), Error::<Test>::BondTooSmall);
		assert_ok!(Attestation::bond_extra(origin.clone(), 10));
		assert!(Attestation::draw(1, &spec(1, 1, true)).is_err());
		assert_ok!(Attestation::resume(origin));
		assert!(Attestation::draw(1, &spec(1, 1, true)).is_ok());
	});
}

#[test]
fn a_divergence_is_paid_at_once_and_shared_out_after_the_challenge_window() {
	ExtBuilder.build_and_execute(|| {
		bonded(1);
		let (requester, treasury, issuance) = (free(REQUESTER), free(TREASURY), total());
		let rulings = [(1, Verdict::Divergent)];
		assert_eq!(Attestation::judge(&case(4, 700), &rulings), 0);
		assert_eq!(attester(1).bonded, 95_000);
		assert_eq!((attester(1).pending, held(1)), (5_000, BOND));
		let view = Attestation::attester_view(&1).unwrap();
		assert_eq!(view.pending.len(), 1);
		assert_eq!((view.pending[0].0, view.pending[0].1.until), (4, 11));
		// The last block of the window.
		System::set_block_number(10);
		idle();
		assert_eq!((free(REQUESTER), free(TREASURY)), (requester, treasury));
		System::set_block_number(11);
		idle();
		assert_eq!(free(REQUESTER) - requester, 700);
		assert_eq!(free(TREASURY) - treasury, 4_300);
		assert_eq!((attester(1).pending, held(1), total()), (0, 95_000, issuance));
		assert_eq!(PenaltyQueue::<Test>::iter().count(), 0);
		assert_eq!(
			events().last(),
			Some(&Event::PenaltyFinal { attester: 1, request: 4, amount: 5_000, compensated: 700 })
		);
		// One who is alone has paid with its bond.
		assert_eq!(offences(), []);
	});
}

#[test]
fn views_show_reputation_penalties_and_what_is_on_its_way_out() {
	ExtBuilder.build_and_execute(|| {
		assert_eq!(Attestation::reputation(1), None);
		bonded(1);
		Attestation::unbond(RuntimeOrigin::signed(1), 5_000).unwrap();
		judge(4, 1, Verdict::Divergent);
		assert_eq!(Attestation::reputation(1), Some(Perbill::from_rational(1u32, 3)));
		let pending = Attestation::pending_penalties(1);
		assert_eq!((pending.len(), pending[0].0, pending[0].1.amount), (1, 4, 5_000));
		let leaving = Attestation::unbonding(1);
		assert_eq!((leaving.len(), leaving[0].amount, leaving[0].at), (1, 5_000, 51));
		assert!(Attestation::unbonding(2).is_empty());
	});
}

#[test]
fn what_is_overturned_is_bond_again() {
	ExtBuilder.build_and_execute(|| {
		bonded(1);
		let before = attester(1);
		judge(4, 1, Verdict::Divergent);
		let origin = RuntimeOrigin::signed(1);
		assert_noop!(Attestation::overturn(origin, 1, 4), DispatchError::BadOrigin);
		assert_noop!(
			Attestation::overturn(RuntimeOrigin::root(), 1, 5),
			Error::<Test>::NoPendingPenalty
		);
		assert_ok!(Attestation::overturn(RuntimeOrigin::root(), 1, 4));
		let after = attester(1);
		assert_eq!((after.bonded, after.pending), (before.bonded, 0));
		assert_eq!(after.faults, before.faults);
		// It counts as taken that day: so much less can be.
		assert_eq!(after.toll.map(|toll| toll.taken), Some(5_000));
		// One more right answer than before.
		assert_eq!((after.reputation.good, after.reputation.bad), (1_000_000, 0));
		let again = <Attestation as Penalties<_>>::overturn(4, &1);
		assert_eq!(again, Err(Error::<Test>::NoPendingPenalty.into()));
		System::set_block_number(11);
		let treasury = free(TREASURY);
		idle();
		assert_eq!(free(TREASURY), treasury);
		assert_eq!(PenaltyQueue::<Test>::iter().count(), 0);
	});
}

#[test]
fn a_bond_cannot_leave_before_what_waits_is_over() {
	ExtBuilder.build_and_execute(|| {
		bonded(1);
		Attestation::unbond(RuntimeOrigin::signed(1), BOND).unwrap();
		Terms::set(crate::types::PenaltyTerms { challenge_window: 500, ..Terms::get() });
		judge(4, 1, Verdict::Divergent);
		System::set_block_number(60);
		assert_ok!(Attestation::withdraw(RuntimeOrigin::signed(1)));
		assert_eq!((attester(1).liable(), held(1)), (0, 5_000));
		System::set_block_number(501);
		idle();
		assert_eq!(held(1), 0);
		assert!(!Attesters::<Test>::contains_key(1));
	});
}

#[test]
fn a_bond_stays_liable_twice_as_long_as_a_fault_can_be_found_and_challenged() {
	ExtBuilder.build_and_execute(|| {
		bonded(1);
		Terms::set(crate::types::PenaltyTerms { challenge_window: 30, ..Terms::get() });
		// 2 × (30 + 10 + 5) is more than the 50 blocks of the parameter.
		Attestation::unbond(RuntimeOrigin::signed(1), 1_000).unwrap();
		assert_eq!(attester(1).unlocking[0].at, 91);
		Terms::set(crate::types::PenaltyTerms { challenge_window: 1, ..Terms::get() });
		Attestation::unbond(RuntimeOrigin::signed(1), 1_000).unwrap();
		assert_eq!(attester(1).unlocking[1].at, 51);
	});
}

#[test]
fn divergences_of_several_in_one_session_are_an_offence_of_all_of_them() {
	ExtBuilder.build_and_execute(|| {
		bonded(4);
		judge(1, 1, Verdict::Divergent);
		judge(2, 2, Verdict::Divergent);
		judge(3, 2, Verdict::Divergent);
		let another = Case { session: 6, ..case(4, 0) };
		Attestation::judge(&another, &[(3, Verdict::Divergent)]);
		System::set_block_number(11);
		idle();
		let all = offences();
		assert_eq!(all.len(), 1);
		assert_eq!((all[0].session, &all[0].offenders), (7, &vec![1, 2]));
		assert_eq!(all[0].kind, *b"jurat:divergence");
		// (3 · 1 / 30)²
		assert_eq!(all[0].fraction, Perbill::from_percent(1));
		// A third one, later in the same session, is an offence again.
		judge(5, 4, Verdict::Divergent);
		System::set_block_number(21);
		idle();
		assert_eq!(offences()[1].offenders, [1, 2, 4]);
		assert_eq!(offences()[1].fraction, Perbill::from_percent(4));
	});
}

#[test]
fn a_third_of_the_stake_or_less_cannot_turn_the_offence_against_the_honest() {
	ExtBuilder.build_and_execute(|| {
		bonded(3);
		// Ten of thirty lie wherever they hold the threshold.
		let liars = |request| Case { witnesses: (11..=20).collect(), ..case(request, 0) };
		for request in 0..4 {
			Attestation::judge(&liars(request), &[(1, Verdict::Divergent)]);
			Attestation::judge(&liars(request + 10), &[(2, Verdict::Divergent)]);
		}
		System::set_block_number(11);
		idle();
		assert_eq!(offences(), []);
		// Others contradict the first, on another panel: together they are more than a third.
		let others = Case { witnesses: vec![20, 21], ..case(30, 0) };
		Attestation::judge(&others, &[(1, Verdict::Divergent)]);
		System::set_block_number(21);
		idle();
		// One alone is no offence yet.
		assert_eq!(offences(), []);
		assert_eq!(crate::Divergents::<Test>::get(7).to_vec(), [1]);
		Attestation::judge(&case(31, 0), &[(3, Verdict::Divergent)]);
		System::set_block_number(31);
		idle();
		assert_eq!(offences()[0].offenders, [1, 3]);
		// The second was contradicted by the liars only.
		assert!(!crate::Divergents::<Test>::get(7).contains(&2));
	});
}

#[test]
fn what_was_overturned_counts_for_no_offence() {
	ExtBuilder.build_and_execute(|| {
		bonded(2);
		judge(1, 1, Verdict::Divergent);
		judge(2, 2, Verdict::Divergent);
		assert_ok!(Attestation::overturn(RuntimeOrigin::root(), 2, 2));
		System::set_block_number(11);
		idle();
		assert_eq!(offences(), []);
		assert_eq!(PendingPenalties::<Test>::iter().count(), 0);
	});
}

#[test]
fn divergences_are_forgotten_after_seven_days_of_sessions() {
	ExtBuilder.build_and_execute(|| {
		bonded(1);
		judge(1, 1, Verdict::Divergent);
		System::set_block_number(11);
		idle();
		assert_eq!(crate::Divergents::<Test>::get(7).to_vec(), [1]);
		Session::set(7 + crate::challenge::MEMORY);
		session(&[1, 2]);
		assert!(!crate::Divergents::<Test>::contains_key(7));
		assert_eq!(crate::Witnesses::<Test>::iter_prefix(7).count(), 0);
	});
}

#[test]
fn penalties_are_served_in_order_and_as_far_as_the_weight_allows() {
	use frame_support::{traits::Hooks, weights::Weight};
	ExtBuilder.build_and_execute(|| {
		bonded(3);
		for who in 1..=3 {
			judge(who, who, Verdict::Divergent);
		}
		System::set_block_number(11);
		let none = Weight::from_parts(1, 1);
		assert!(Attestation::on_idle(11, none).all_lte(none));
		assert_eq!(PendingPenalties::<Test>::iter().count(), 3);
		// Room for one: the others wait for the next block.
		let one = <() as crate::WeightInfo>::finalise_penalty()
			.saturating_add(Weight::from_parts(1_000, 1_000));
		let used = Attestation::on_idle(11, one);
		assert!(used.all_lte(one));
		assert_eq!(PendingPenalties::<Test>::iter().count(), 2);
		Attestation::do_try_state().unwrap();
		idle();
		assert_eq!(PendingPenalties::<Test>::iter().count(), 0);
	});
}

#[test]
fn reputation_follows_verdicts_and_weighs_in_the_draw() {
	ExtBuilder.build_and_execute(|| {
		serve(&[1, 2]);
		assert_eq!(Attestation::attester_view(&1).unwrap().reputation, Perbill::from_percent(50));
		for request in 0..200 {
			judge(request, 1, Verdict::Agreed);
			judge(request, 2, Verdict::Outlier);
		}
		let (one, two) =
			(Attestation::attester_view(&1).unwrap(), Attestation::attester_view(&2).unwrap());
		assert!(one.reputation > Perbill::from_percent(95));
		assert!(two.reputation < Perbill::from_percent(5));
		assert_eq!(two.bonded, one.bonded);
		assert_eq!((one.weight, two.weight), (99, 26));
		// Of 2,000 panels of one seat, 99 in 125 go to the first: 1,584 ± 18; five deviations.
		let mut first = 0;
		for request in 0..2_000u64 {
			set_randomness(sp_core::H256::from_low_u64_be(request));
			first += usize::from(draw(request, 1, 1, true) == [1]);
			Attestation::close(request);
		}
		assert!((1_584i32 - first as i32).abs() < 92, "{first}");
	});
}

#[test]
fn a_request_that_pays_little_says_little() {
	ExtBuilder.build_and_execute(|| {
		bonded(2);
		let poor = Case { reward: 1, ..case(1, 0) };
		Attestation::judge(&poor, &[(1, Verdict::Agreed)]);
		Attestation::judge(&case(2, 0), &[(2, Verdict::Agreed)]);
		assert_eq!(attester(1).reputation.good, 10_000);
		assert_eq!(attester(2).reputation.good, 1_000_000);
		ReferenceReward::set(0);
		Attestation::judge(&poor, &[(1, Verdict::Agreed)]);
		assert!(attester(1).reputation.good > 1_000_000);
	});
}

#[test]
fn the_excluded_are_not_drawn() {
	ExtBuilder.build_and_execute(|| {
		serve(&[1, 2, 3, 4]);
		let spec = jurat_primitives::traits::PanelSpec { exclude: vec![2, 4], ..spec(2, 2, true) };
		assert_ok!(Attestation::draw(1, &spec));
		let mut members: Vec<_> = panel(1).members.iter().map(|m| m.attester).collect();
		members.sort();
		assert_eq!(members, [1, 3]);
		let three = jurat_primitives::traits::PanelSpec { size: 3, ..spec };
		assert!(Attestation::draw(2, &three).is_err());
	});
}

#[test]
fn security_is_what_can_still_be_lost() {
	ExtBuilder.build_and_execute(|| {
		bonded(2);
		Attestation::unbond(RuntimeOrigin::signed(2), 30_000).unwrap();
		set_stakes(&[(1, 400), (2, 800)]);
		session(&[1]);
		let security = Attestation::economic_security([1, 2, 3]);
		// The second has left the set: its bond is still liable.
		assert_eq!((security.bonds, security.own, security.nominated), (200_000, 100, 300));
		assert_eq!(security.members[2].bond, 0);
		assert_eq!(
			Balances::balance_on_hold(&HoldReason::AttestationBond.into(), &2),
			security.members[1].bond
		);
	});
}

/// Terms under which a fault may cost everything, or nothing.
fn harsh(share: Perbill, cap: Perbill) {
	Terms::mutate(|terms| {
		terms.withheld = share;
		terms.divergent = share;
		terms.daily_cap = cap;
	});
}

#[test]
fn an_attester_that_loses_the_last_of_its_bond_is_gone() {
	ExtBuilder.build_and_execute(|| {
		bonded(1);
		harsh(Perbill::one(), Perbill::one());
		judge(1, 1, Verdict::Withheld);
		assert!(!Attesters::<Test>::contains_key(1));
		assert_eq!(held(1), 0);
		assert_ok!(Attestation::do_try_state());
		// It may begin anew.
		bonded(1);
		assert_eq!(attester(1).bonded, BOND);
	});
}

#[test]
fn an_attester_that_lost_all_is_kept_while_it_sits_on_a_panel_or_a_penalty_waits() {
	ExtBuilder.build_and_execute(|| {
		serve(&[1, 2]);
		draw(1, 2, 2, true);
		let bond = attester(2).bonded;
		harsh(Perbill::one(), Perbill::one());
		judge(2, 1, Verdict::Withheld);
		judge(3, 2, Verdict::Divergent);
		assert_eq!((attester(1).liable(), attester(1).open_panels), (0, 1));
		Attestation::close(1);
		Attestation::judge(&case(1, 0), &[(1, Verdict::Excused), (2, Verdict::Excused)]);
		assert!(!Attesters::<Test>::contains_key(1));
		assert_eq!((attester(2).liable(), attester(2).pending), (0, bond));
		assert_ok!(Attestation::do_try_state());
	});
}

#[test]
fn a_penalty_of_nothing_outlives_its_bond_and_ends() {
	ExtBuilder.build_and_execute(|| {
		bonded(1);
		harsh(Perbill::one(), Perbill::zero());
		judge(1, 1, Verdict::Divergent);
		judge(2, 1, Verdict::Divergent);
		assert_eq!(PendingPenalties::<Test>::get(1, 1).map(|penalty| penalty.amount), Some(0));
		let until = System::block_number() + Attestation::unbonding_period();
		Attestation::unbond(RuntimeOrigin::signed(1), BOND).unwrap();
		System::set_block_number(until);
		Attestation::withdraw(RuntimeOrigin::signed(1)).unwrap();
		assert!(!Attesters::<Test>::contains_key(1));
		assert_ok!(Attestation::do_try_state());
		assert_ok!(Attestation::do_overturn(1, &1));
		idle();
		assert!(PendingPenalties::<Test>::iter().next().is_none());
		assert_ok!(Attestation::do_try_state());
	});
}
