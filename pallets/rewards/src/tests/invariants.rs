// SPDX-License-Identifier: Apache-2.0
//! The check of the invariants finds each defect that it promises to find.
use crate::{CommissionRecord, Commissions, IncomeRecordOf, Incomes, PageSet, mock::*};
use frame_support::{assert_ok, traits::fungible::Mutate};
use sp_runtime::TryRuntimeError;

/// Breaks a sound state with one entry, of which one page is paid.
#[track_caller]
fn breaks(flaw: &'static str, defect: impl FnOnce()) {
	ExtBuilder::default().build().execute_with(|| {
		earn(VALIDATOR, 1_000);
		begin_era(FIRST + 1);
		assert_ok!(Rewards::payout(signed(ANYBODY), VALIDATOR, FIRST, 0));
		assert_ok!(Rewards::do_try_state());
		defect();
		assert_eq!(Rewards::do_try_state(), Err(TryRuntimeError::Other(flaw)));
	});
}

fn change(change: impl FnOnce(&mut IncomeRecordOf<Test>)) {
	Incomes::<Test>::mutate(VALIDATOR, FIRST, |record| change(record.as_mut().unwrap()));
}

#[test]
fn defects_of_entries_are_found() {
	breaks("entry without income", || change(|r| (r.amount, r.paid) = (0, 0)));
	breaks("entry without backing", || change(|r| r.backing = 0));
	breaks("more was paid than there was", || change(|r| r.paid = r.amount + 1));
	breaks("entry has more pages than allowed", || change(|r| r.pages = 65));
	breaks("paid page does not exist", || change(|r| r.paid_pages.insert(3)));
	breaks("entry is paid and still there", || {
		change(|r| (1..3).for_each(|page| r.paid_pages.insert(page)));
	});
	breaks("entry is paid and still there", || {
		change(|r| (r.pages, r.paid_pages) = (0, PageSet::default()));
	});
	breaks("income is from the future", || Era::set(FIRST - 1));
	breaks("the running era is paid", || Era::set(FIRST));
}

#[test]
fn defects_of_the_pot_are_found() {
	breaks("the pot has less than it owes", || change(|r| r.amount += 1));
	breaks("the pot has less than it owes", || {
		Balances::set_balance(&pot(), free(pot()) - 1);
	});
}

#[test]
fn defects_of_commissions_are_found() {
	breaks("commission is from the future", || {
		let record = CommissionRecord { rate: percent(1), era: FIRST + 2, base: percent(1) };
		Commissions::<Test>::insert(VALIDATOR, record);
	});
}
