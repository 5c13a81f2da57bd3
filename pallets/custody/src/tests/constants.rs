// SPDX-License-Identifier: Apache-2.0
use crate::{WeightInfo, mock::*};
use frame_support::traits::Hooks;

fn check() {
	ExtBuilder.build().execute_with(<Custody as Hooks<u64>>::integrity_test);
}

#[test]
fn the_constants_of_the_tests_fit() {
	check();
}

#[test]
#[should_panic(expected = "able to ask")]
fn a_block_that_can_ask_nothing_is_refused() {
	ExtBuilder.build().execute_with(|| {
		MaxQuestions::set(0);
		<Custody as Hooks<u64>>::integrity_test();
	});
}

#[test]
#[should_panic(expected = "as many questions")]
fn a_weight_in_which_questions_pile_up_is_refused() {
	ExtBuilder.build().execute_with(|| {
		HookWeight::set(<() as WeightInfo>::expire_one());
		<Custody as Hooks<u64>>::integrity_test();
	});
}
