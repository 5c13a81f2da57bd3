// SPDX-License-Identifier: Apache-2.0
//! Genesis presets.

use frame_support::traits::{Currency, Get};
use sp_keyring::Sr25519Keyring;

use super::{build_preset, new_test_ext};
use crate::{
	Babe, Balances, Grandpa, Runtime, Session,
	configs::{consensus::ReportLongevity, governance::TreasuryAccount},
	constants::currency::EXISTENTIAL_DEPOSIT,
	genesis_config_presets::{ENDOWMENT, STAKE, preset_names, session_keys},
	parameters::dynamic_params::staking::{BondingDuration, SlashDeferDuration},
};

#[test]
fn every_named_preset_builds() {
	for name in preset_names() {
		sp_io::TestExternalities::default()
			.execute_with(|| build_preset(&name))
			.unwrap_or_else(|error| panic!("preset {name}: {error}"));
	}
}

#[test]
fn an_unknown_preset_is_none() {
	assert!(crate::genesis_config_presets::get_preset(&"nobody's".into()).is_none());
}

#[test]
fn development_starts_with_alice_alone() {
	new_test_ext("development").execute_with(|| {
		assert_eq!(Session::validators(), vec![Sr25519Keyring::Alice.to_account_id()]);
	});
}

#[test]
fn local_starts_with_four_validators_of_equal_stake_in_every_protocol() {
	new_test_ext("local").execute_with(|| {
		let validators = Session::validators();
		assert_eq!(validators.len(), 4);
		assert_eq!(Babe::authorities().len(), 4);
		assert_eq!(Grandpa::grandpa_authorities().len(), 4);
		assert_eq!(crate::AuthorityDiscovery::authorities().len(), 4);
		for validator in validators {
			let ledger = pallet_staking::Ledger::<Runtime>::get(&validator).expect("it stakes");
			assert_eq!(ledger.active, STAKE);
			assert_eq!(pallet_balances::Pallet::<Runtime>::total_balance(&validator), ENDOWMENT);
		}
	});
}

#[test]
fn each_validator_has_an_attestation_key_from_the_first_session() {
	new_test_ext("local").execute_with(|| {
		let (account, keys) = &pallet_session::QueuedKeys::<Runtime>::get()[0];
		let keyring = Sr25519Keyring::from_account_id(account).expect("a well-known validator");
		assert_eq!(keys, &session_keys(keyring));
	});
}

#[test]
fn the_treasury_exists_so_that_it_can_receive_any_amount() {
	new_test_ext("development").execute_with(|| {
		assert_eq!(Balances::free_balance(TreasuryAccount::get()), EXISTENTIAL_DEPOSIT);
	});
}

#[test]
fn a_preset_sets_parameters_and_the_others_keep_their_defaults() {
	sp_io::TestExternalities::default().execute_with(|| {
		assert_eq!(BondingDuration::get(), 168);
	});
	new_test_ext("development").execute_with(|| {
		assert_eq!(BondingDuration::get(), 3);
		assert_eq!(SlashDeferDuration::get(), 0);
	});
}

#[test]
fn an_equivocation_can_be_reported_as_long_as_its_stake_is_bonded() {
	new_test_ext("development").execute_with(|| {
		let sessions = u64::from(BondingDuration::get()) * 2;
		assert_eq!(<ReportLongevity as Get<u64>>::get(), sessions * 200);
	});
}

#[cfg(feature = "try-runtime")]
#[test]
fn the_invariants_of_all_pallets_hold_at_genesis() {
	for name in preset_names() {
		new_test_ext(&name).execute_with(super::try_state);
	}
}
