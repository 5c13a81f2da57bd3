// SPDX-License-Identifier: Apache-2.0
//! Each invariant is noticed when it is broken.

use super::*;
use crate::{Agenda, IncompleteSince, Inputs};
use frame_support::traits::fungible::MutateHold;
use sp_runtime::TryRuntimeError;

/// A chain with an open request (0), a settled one (1) and another open one (2).
fn found(flaw: impl FnOnce()) -> Result<(), TryRuntimeError> {
	ExtBuilder::default().build().execute_with(|| {
		request(EXACT, 1);
		request(EXACT, 1);
		request_by(BOB, EXACT, options(3));
		assert_ok!(Inference::cancel(RuntimeOrigin::signed(ALICE), 1));
		next_block();
		assert_ok!(Pallet::<Test>::do_try_state());
		flaw();
		Pallet::<Test>::do_try_state()
	})
}

fn flaw(text: &'static str) -> Result<(), TryRuntimeError> {
	Err(TryRuntimeError::Other(text))
}

fn change(id: RequestId, change: impl FnOnce(&mut crate::RequestOf<Test>)) {
	Requests::<Test>::mutate(id, |request| change(request.as_mut().unwrap()));
}

#[test]
fn a_sound_state_is_sound() {
	assert_eq!(found(|| {}), Ok(()));
}

#[test]
fn money_held_without_a_request_is_found() {
	let hold = |who, amount| {
		move || {
			assert_ok!(Balances::hold(&HoldReason::Escrow.into(), &who, amount));
		}
	};
	assert_eq!(found(hold(ALICE, 1)), flaw("escrows are not what is held"));
	assert_eq!(found(hold(BOB, 1)), flaw("escrows are not what is held"));
	let release = || {
		let reason = HoldReason::Escrow.into();
		let precision = frame_support::traits::tokens::Precision::Exact;
		assert_ok!(Balances::release(&reason, &BOB, 1, precision));
	};
	assert_eq!(found(release), flaw("escrows are not what is held"));
	assert_eq!(found(|| change(0, |r| r.escrow += 1)), flaw("escrows are not what is held"));
}

#[test]
fn entries_in_wrong_slots_are_found() {
	let found_with = |slot, id| found(|| Agenda::<Test>::insert(slot, id, ()));
	assert_eq!(found_with(500, 0), flaw("entry in two slots"));
	assert_eq!(found_with(500, 77), flaw("entry of neither a request nor a settlement"));
	assert_eq!(found_with(0, 77), flaw("entry before the served slots"));
	assert_eq!(found(|| change(0, |r| r.due += 1)), flaw("request is not in its slot"));
	assert_eq!(found(|| Agenda::<Test>::remove(12, 0)), flaw("request is not in its slot"));
	assert_eq!(found(|| Agenda::<Test>::remove(101, 1)), flaw("settlement is not in a later slot"));
	assert_eq!(
		found(|| IncompleteSince::<Test>::put(3)),
		flaw("agenda is served from a block to come")
	);
}

#[test]
fn inputs_and_requests_that_miss_each_other_are_found() {
	assert_eq!(found(|| Inputs::<Test>::remove(2)), flaw("request without its input"));
	assert_eq!(
		found(|| Inputs::<Test>::insert(1, input(&[1.0]))),
		flaw("input without its request")
	);
	assert_eq!(found(|| NextRequest::<Test>::put(2)), flaw("request number was not given out"));
	let twice = || Settlements::<Test>::insert(0, Settlements::<Test>::get(1).unwrap());
	assert_eq!(found(twice), flaw("request is open and settled"));
	assert_eq!(found(|| change(0, |r| r.requested_at = 9)), flaw("request is from the future"));
	let gone = || {
		let unknown = ReleaseId { model: 77, ..EXACT };
		change(0, |r| r.release = unknown);
	};
	assert_eq!(found(gone), flaw("request without its release"));
}

#[test]
fn a_miscount_is_found() {
	let miscount = || {
		let key = frame_support::storage::storage_prefix(b"Inference", b"CounterForRequests");
		frame_support::storage::unhashed::put(&key, &5u32);
	};
	assert_eq!(found(miscount), flaw("requests are miscounted"));
}

#[test]
fn settlements_that_do_not_add_up_are_found() {
	let mutate = |change: fn(&mut Settlement<AccountId, Balance, u64>)| {
		found(|| Settlements::<Test>::mutate(1, |s| change(s.as_mut().unwrap())))
	};
	assert_eq!(mutate(|s| s.charged += 1), flaw("settlement's charge is not its parts"));
	assert_eq!(mutate(|s| s.settled_at = 9), flaw("settlement is from the future"));
	assert_eq!(mutate(|s| s.settled_at = 101), flaw("settlement is not in a later slot"));
}
