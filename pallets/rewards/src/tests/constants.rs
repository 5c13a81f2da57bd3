// SPDX-License-Identifier: Apache-2.0
use crate::mock::*;
use frame_support::traits::Hooks;

fn check(change: impl FnOnce()) {
	ExtBuilder::default().build().execute_with(|| {
		change();
		<Rewards as Hooks<u64>>::integrity_test();
	});
}

#[test]
fn the_constants_of_the_tests_fit() {
	check(|| {});
}

#[test]
#[should_panic(expected = "pays nobody")]
fn a_page_without_room_is_refused() {
	check(|| MaxPageSize::set(0));
}

#[test]
#[should_panic(expected = "must go elsewhere")]
fn a_protocol_that_is_the_pot_is_refused() {
	check(|| ProtocolAccount::set(pot()));
}

#[test]
#[should_panic(expected = "must be something")]
fn a_currency_without_a_minimum_balance_is_refused() {
	check(|| ExistentialDeposit::set(0));
}
