// SPDX-License-Identifier: Apache-2.0
//! Nothing that is due is lost, and no block is overloaded.

use super::*;
use crate::{Agenda, IncompleteSince, WeightInfo, agenda::MAX_SLOTS, mock_weights::FixedWeights};
use frame_support::BoundedVec;
use std::collections::BTreeSet;

type W = FixedWeights;

/// What a run needs that looks at so many slots.
fn run(slots: u64) -> Weight {
	W::agenda_base() + W::agenda_slot() * slots
}

/// What a draw needs to be tried.
fn draw(seats: u32) -> Weight {
	drawn(seats) + W::cancel()
}

/// What a draw costs that gives a panel.
fn drawn(seats: u32) -> Weight {
	W::agenda_item() + W::draw(seats, ATTESTERS.len() as u32)
}

fn batch(n: usize, size: u8) {
	let inputs = BoundedVec::truncate_from(vec![input(&[1.0]); n]);
	assert_ok!(Inference::request_batch(
		RuntimeOrigin::signed(ALICE),
		EXACT,
		inputs,
		options(size)
	));
}

fn slots_in_use() -> BTreeSet<u64> {
	Agenda::<Test>::iter().map(|(slot, ..)| slot).collect()
}

#[test]
fn more_than_fits_is_served_over_later_blocks_in_order() {
	ExtBuilder::default().build_and_execute(|| {
		// Two slots are looked at in a quiet block, one more for each block behind.
		AgendaWeight::set(run(2) + drawn(1) * 2 + draw(1) + W::agenda_item());
		batch(7, 1);
		next_block();
		assert_eq!(Attestation::draws().len(), 3);
		assert_eq!(IncompleteSince::<Test>::get(), Some(2));
		batch(2, 1);
		next_block();
		assert_eq!(Attestation::draws().len(), 6);
		next_block();
		next_block();
		let draws = Attestation::draws();
		assert_eq!(draws.len(), 9);
		// The slot before is served to its end first.
		let first: BTreeSet<_> = draws[..7].iter().map(|(id, _)| *id).collect();
		assert_eq!(first, (0..7).collect());
		let blocks: Vec<_> = draws.iter().map(|(_, block)| *block).collect();
		assert!(blocks.is_sorted());
		assert_eq!(blocks[..6], [2, 2, 2, 3, 3, 3]);
		assert_eq!(IncompleteSince::<Test>::get(), Some(now()));
		assert!(Requests::<Test>::iter_values().all(|r| r.stage == Stage::Assigned));
	});
}

#[test]
fn nothing_overtakes_what_does_not_fit() {
	ExtBuilder::default().build_and_execute(|| {
		ResultRetention::set(2);
		let large = request(EXACT, 15);
		let small = request(EXACT, 1);
		assert_ok!(Inference::cancel(RuntimeOrigin::signed(ALICE), small));
		// Enough to prune, not to draw fifteen.
		let prune = run(3) + (W::agenda_item() + W::prune()) * 2;
		AgendaWeight::set(prune);
		assert!(!draw(15).all_lte(prune));
		for _ in 0..5 {
			end_block_with(Weight::zero());
			begin_block();
		}
		assert_eq!(stage(large), Some(Stage::Pending));
		assert!(Settlements::<Test>::contains_key(small));
		AgendaWeight::set(GENEROUS);
		begin_block();
		assert_eq!(stage(large), Some(Stage::Assigned));
		assert!(!Settlements::<Test>::contains_key(small));
	});
}

#[test]
fn no_weight_is_no_work_and_no_loss() {
	ExtBuilder::default().build_and_execute(|| {
		let full = AgendaWeight::get();
		batch(5, 1);
		AgendaWeight::set(Weight::zero());
		for _ in 0..10 {
			end_block_with(Weight::zero());
			assert_eq!(begin_block(), Weight::zero());
		}
		assert_eq!(slots_in_use(), [2].into());
		AgendaWeight::set(full);
		begin_block();
		assert_eq!(Attestation::draws().len(), 5);
	});
}

#[test]
fn what_is_used_is_what_was_done() {
	ExtBuilder::default().build_and_execute(|| {
		batch(2, 3);
		end_block();
		assert_eq!(begin_block(), run(2) + drawn(3) * 2);
		end_block();
		// Nothing is due.
		assert_eq!(begin_block(), run(2));
		while now() < 11 {
			next_block();
		}
		end_block();
		let missing = W::agenda_item() + W::close_commitments(3);
		assert_eq!(begin_block(), run(2) + missing * 2);
		while now() < 111 {
			next_block();
		}
		end_block();
		let prune = W::agenda_item() + W::prune();
		assert_eq!(begin_block(), run(2) + prune * 2);
		assert_eq!(slots_in_use(), [].into());
	});
}

#[test]
fn a_draw_is_charged_by_who_announces_the_release() {
	for count in [3, ATTESTERS.len()] {
		ExtBuilder::default().build_and_execute(|| {
			Attestation::set_servers(&ATTESTERS[..count]);
			request(EXACT, 3);
			end_block();
			let draw = W::agenda_item() + W::draw(3, count as u32);
			assert_eq!(begin_block(), run(2) + draw);
		});
	}
}

#[test]
fn a_draw_without_a_panel_is_charged_with_the_refund_that_follows() {
	ExtBuilder::default().build_and_execute(|| {
		Attestation::set_servers(&[]);
		let id = request(EXACT, 3);
		let draw = W::agenda_item() + W::draw(3, 0);
		end_block();
		assert_eq!(begin_block(), run(2) + draw);
		loop {
			end_block();
			let spent = begin_block();
			if Requests::<Test>::contains_key(id) {
				assert!(spent == run(2) || spent == run(2) + draw, "{spent:?}");
			} else {
				assert_eq!(spent, run(2) + draw + W::cancel());
				break;
			}
		}
	});
}

#[test]
fn settlements_are_charged_by_panel_and_profile() {
	for (release, agreed) in
		[(EXACT, W::settle_exact(3)), (APPROXIMATE, W::settle_approximate(3) + W::compare() * 6)]
	{
		ExtBuilder::default().build_and_execute(|| {
			committed_request(release, 3);
			run_to(7);
			end_block();
			let settle = agreed.max(W::close_commitments(3));
			assert_eq!(begin_block(), run(2) + W::agenda_item() + settle);
		});
	}
}

#[test]
fn no_panel_is_drawn_after_the_transactions_of_a_block() {
	ExtBuilder::default().build_and_execute(|| {
		let full = AgendaWeight::get();
		batch(3, 1);
		end_block();
		AgendaWeight::set(Weight::zero());
		begin_block();
		// All the weight there is, but the author has seen this block's randomness.
		end_block();
		assert_eq!(Attestation::draws(), []);
		assert_eq!(IncompleteSince::<Test>::get(), Some(2));
		AgendaWeight::set(full);
		begin_block();
		assert_eq!(Attestation::draws().len(), 3);
	});
}

#[test]
fn a_complete_panel_is_settled_in_its_block_though_draws_are_waiting() {
	ExtBuilder::default().build_and_execute(|| {
		let id = committed_request(EXACT, 1);
		batch(3, 1);
		AgendaWeight::set(Weight::zero());
		end_block();
		begin_block();
		Attestation::reveal(id, ATTESTERS[0], output(&[1.0]));
		end_block();
		assert_eq!(settled(id).settled_at, now());
		assert_eq!(Requests::<Test>::count(), 3);
	});
}

#[test]
fn a_complete_panel_without_weight_left_is_settled_in_the_next_block() {
	ExtBuilder::default().build_and_execute(|| {
		let id = committed_request(EXACT, 1);
		Attestation::reveal(id, ATTESTERS[0], output(&[1.0]));
		end_block_with(run(1) + W::agenda_item());
		assert_eq!(stage(id), Some(Stage::Committed));
		begin_block();
		assert_eq!(settled(id).settled_at, 5);
	});
}

#[test]
fn a_settlement_is_kept_for_its_time_and_no_longer() {
	ExtBuilder::default().build_and_execute(|| {
		let id = request(EXACT, 1);
		assert_ok!(Inference::cancel(RuntimeOrigin::signed(ALICE), id));
		// What the parameter becomes later does not matter.
		ResultRetention::set(3);
		run_to(100);
		assert!(Settlements::<Test>::contains_key(id));
		run_to(101);
		assert!(!Settlements::<Test>::contains_key(id));
		assert_eq!(events().last(), Some(&Event::ResultPruned { request: id }));
		assert_eq!(slots_in_use(), [].into());
		assert_eq!(Inference::settlement(id), None);
	});
}

#[test]
fn many_settlements_are_pruned_as_weight_allows() {
	ExtBuilder::default().build_and_execute(|| {
		batch(20, 1);
		for id in 0..20 {
			assert_ok!(Inference::cancel(RuntimeOrigin::signed(ALICE), id));
		}
		run_to(100);
		let prune = W::agenda_item() + W::prune();
		AgendaWeight::set(run(2) + prune * 6);
		let left = || Settlements::<Test>::iter().count();
		end_block();
		begin_block();
		assert_eq!(left(), 14);
		begin_block();
		assert_eq!(left(), 8);
		// What is left of a block is used, too.
		end_block_with(run(2) + prune * 5);
		assert_eq!(left(), 3);
		begin_block();
		assert_eq!(left(), 0);
	});
}

#[test]
fn a_run_looks_at_a_bounded_number_of_slots() {
	ExtBuilder::default().build_and_execute(|| {
		let id = request(EXACT, 1);
		let since = IncompleteSince::<Test>::get().unwrap();
		// Long without a block that had weight for the agenda, and then a request.
		assert_ok!(Inference::cancel(RuntimeOrigin::signed(ALICE), id));
		let behind = since + 3 * u64::from(MAX_SLOTS);
		System::set_block_number(behind);
		let late = request_by(ALICE, EXACT, options(1));
		for runs in 1..=3 {
			System::set_block_number(behind + runs);
			let used = Inference::on_initialize(now());
			let pruned = W::agenda_item() + W::prune();
			let slots = u64::from(MAX_SLOTS);
			assert!(used.all_lte(run(slots) + pruned));
			assert_eq!(IncompleteSince::<Test>::get(), Some(since + runs * slots));
		}
		assert_eq!(stage(late), Some(Stage::Pending));
		begin_block();
		assert_eq!(stage(late), Some(Stage::Assigned));
		assert_eq!(IncompleteSince::<Test>::get(), Some(now()));
	});
}

#[test]
fn the_weight_of_empty_slots_is_charged() {
	ExtBuilder::default().build_and_execute(|| {
		System::set_block_number(100);
		AgendaWeight::set(run(10));
		let since = IncompleteSince::<Test>::get().unwrap();
		assert_eq!(Inference::on_initialize(100), run(10));
		assert_eq!(IncompleteSince::<Test>::get(), Some(since + 10));
	});
}

#[test]
fn a_chain_that_gets_the_pallet_late_does_not_look_back() {
	ExtBuilder::default().build_and_execute(|| {
		IncompleteSince::<Test>::kill();
		System::set_block_number(1_000_000);
		assert_eq!(Inference::on_initialize(1_000_000), run(1));
		assert_eq!(IncompleteSince::<Test>::get(), Some(1_000_000));
	});
}

#[test]
fn hundreds_of_requests_come_to_their_end_under_a_tight_budget() {
	ExtBuilder::default().build_and_execute(|| {
		let entry = draw(1).max(W::agenda_item() + W::settle_exact(1).max(W::close_commitments(1)));
		AgendaWeight::set(run(60) + entry * 8);
		MaxDeadline::set(10_000);
		for _ in 0..3 {
			let inputs = BoundedVec::truncate_from(vec![input(&[1.0]); 100]);
			let options = RequestOptions { deadline: 500, ..options(1) };
			let origin = RuntimeOrigin::signed(ALICE);
			assert_ok!(Inference::request_batch(origin, EXACT, inputs, options));
			end_block_with(Weight::zero());
			begin_block();
		}
		while Requests::<Test>::count() > 0 {
			assert!(now() < 200, "all are served in time");
			for id in 0..300 {
				// Every third attester works.
				if id % 3 == 0 && Attestation::is_open(id) && stage(id) == Some(Stage::Assigned) {
					Attestation::commit(id, ATTESTERS[0]);
					Attestation::reveal(id, ATTESTERS[0], output(&[1.0]));
				}
			}
			assert_ok!(Pallet::<Test>::do_try_state());
			end_block_with(Weight::zero());
			begin_block();
		}
		for id in 0..300 {
			let expected = if id % 3 == 0 {
				OutcomeKind::Answered
			} else {
				OutcomeKind::Expired(ExpiryReason::CommitmentsMissing)
			};
			assert_eq!(OutcomeKind::from(&outcome(id)), expected);
		}
		// 188 + 333 and 2 % of it, a hundred times.
		assert_eq!(free(ALICE), ENDOWMENT - 532 * 100);
	});
}

#[test]
fn parameters_that_would_stop_the_chain_are_found() {
	fn found(change: impl Fn()) -> bool {
		ExtBuilder::default().build().execute_with(|| {
			Inference::integrity_test();
			std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
				change();
				Inference::integrity_test();
			}))
			.is_err()
		})
	}
	assert!(!found(|| {}));
	assert!(found(|| MinDeadline::set(1_001)));
	assert!(found(|| {
		MinDeadline::set(15);
		MaxDeadline::set(15);
	}));
	assert!(found(|| DrawRetryPeriod::set(0)));
	assert!(found(|| ResultRetention::set(0)));
	assert!(found(|| MaxOpenRequests::set(0)));
	assert!(found(|| MaxBlobInput::set(0)));
	assert!(found(|| AgendaWeight::set(run(2) + draw(15))));
	assert!(found(|| AgendaWeight::set(Weight::MAX)));
}
