// SPDX-License-Identifier: Apache-2.0
//! The pot lives, whatever is paid out of it.
use crate::{Incomes, mock::*};
use frame_support::{
	assert_noop, assert_ok,
	traits::{fungible::Mutate, tokens::Preservation},
};
use sp_runtime::BuildStorage;

#[test]
fn genesis_endows_the_pot_with_the_minimum_balance() {
	ExtBuilder::default().build_and_execute(|| assert_eq!(free(pot()), MINIMUM));
}

#[test]
fn genesis_leaves_a_pot_that_has_something_as_it_is() {
	let storage = RuntimeGenesisConfig {
		balances: pallet_balances::GenesisConfig {
			balances: vec![(pot(), 777)],
			..Default::default()
		},
		..Default::default()
	}
	.build_storage()
	.unwrap();
	sp_io::TestExternalities::new(storage).execute_with(|| assert_eq!(free(pot()), 777));
}

#[test]
fn the_first_unit_arrives() {
	ExtBuilder::default().build_and_execute(|| {
		assert_eq!(earn(VALIDATOR, 3).shared, 1);
		assert_eq!(free(pot()), MINIMUM + 1);
	});
}

#[test]
fn paying_everything_out_does_not_reap_the_pot() {
	ExtBuilder::default().build_and_execute(|| {
		for amount in [1_003, 3, 77] {
			let era = Era::get();
			earn(VALIDATOR, amount);
			begin_era(era + 1);
			for page in 0..3 {
				assert_ok!(Rewards::payout(signed(ANYBODY), VALIDATOR, era, page));
			}
			assert_eq!(free(pot()), MINIMUM);
		}
	});
}

#[test]
fn a_gift_to_the_pot_disturbs_nothing() {
	ExtBuilder::default().surplus(123).build_and_execute(|| {
		earn(VALIDATOR, 1_000);
		assert_ok!(Balances::transfer_keep_alive(signed(ANYBODY), pot(), 123));
		assert_ok!(Rewards::do_try_state());
		begin_era(FIRST + 1);
		for page in 0..3 {
			assert_ok!(Rewards::payout(signed(ANYBODY), VALIDATOR, FIRST, page));
		}
		assert_eq!(gains(), [45, 90, 135, 180, 225]);
	});
}

#[test]
fn a_pot_without_its_endowment_loses_nobody_s_share() {
	ExtBuilder::default().build_and_execute(|| {
		// As on a chain that got the pallet by an upgrade.
		assert_ok!(Balances::transfer(&pot(), &ANYBODY, MINIMUM, Preservation::Expendable));
		assert!(!frame_system::Account::<Test>::contains_key(pot()));
		earn(VALIDATOR, 1_000);
		assert_eq!(free(pot()), 675);
		begin_era(FIRST + 1);
		let payout = Rewards::payout(signed(ANYBODY), VALIDATOR, FIRST, 0);
		assert_eq!(payout.unwrap_err().error, E::PotTooSmall.into());
		begin_era(FIRST + 4);
		let sweep = Rewards::sweep(signed(ANYBODY), VALIDATOR, FIRST);
		assert_noop!(sweep, E::PotTooSmall);
		assert!(Incomes::<Test>::contains_key(VALIDATOR, FIRST));
		// Anyone can heal it.
		assert_ok!(Balances::transfer_keep_alive(signed(ANYBODY), pot(), MINIMUM));
		for page in 0..3 {
			assert_ok!(Rewards::payout(signed(ANYBODY), VALIDATOR, FIRST, page));
		}
		assert_eq!(gains(), [45, 90, 135, 180, 225]);
	});
}

#[test]
fn dust_that_the_protocol_cannot_take_stays_in_the_pot_and_keeps_no_entry() {
	ExtBuilder::default().surplus(1).build_and_execute(|| {
		assert_ok!(Balances::transfer_all(signed(TREASURY), ANYBODY, false));
		assert_eq!(earn(VALIDATOR, 3).shared, 1);
		begin_era(FIRST + 1);
		for page in 0..3 {
			assert_ok!(Rewards::payout(signed(ANYBODY), VALIDATOR, FIRST, page));
		}
		assert!(!Incomes::<Test>::contains_key(VALIDATOR, FIRST));
		assert_eq!(free(TREASURY), 0);
	});
}
