// SPDX-License-Identifier: Apache-2.0
use crate::mock::*;
use frame_support::traits::Hooks;

fn check() {
	ExtBuilder::build().execute_with(<Registry as Hooks<u64>>::integrity_test);
}

#[test]
fn the_constants_of_the_tests_fit() {
	check();
}

#[test]
#[should_panic(expected = "nobody serves")]
fn a_quorum_of_nobody_is_refused() {
	ActivationQuorum::set(0);
	check();
}

#[test]
#[should_panic(expected = "needs time")]
fn an_empty_activation_period_is_refused() {
	ActivationPeriod::set(0);
	check();
}

#[test]
#[should_panic(expected = "able to have a release")]
fn models_without_releases_are_refused() {
	MaxReleases::set(0);
	check();
}

#[test]
#[should_panic(expected = "able to go back")]
fn a_model_deposit_below_the_minimum_balance_is_refused() {
	ModelDeposit::set(MINIMUM - 1);
	check();
}

#[test]
#[should_panic(expected = "able to go back")]
fn a_release_deposit_below_the_minimum_balance_is_refused() {
	ReleaseDeposit::set(MINIMUM - 1);
	check();
}
