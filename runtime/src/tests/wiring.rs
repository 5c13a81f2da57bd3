// SPDX-License-Identifier: Apache-2.0
//! How the pallets fit together.

use frame_support::traits::{PalletInfoAccess, PalletsInfoAccess, StorageInfoTrait};
use sp_consensus_babe::AllowedSlots;
use sp_core::crypto::key_types;
use sp_runtime::traits::OpaqueKeys;

use super::new_test_ext;
use crate::{
	AllPalletsWithSystem, Babe, Runtime, SessionKeys, Staking, System, VERSION,
	configs::{
		governance::TreasuryAccount,
		staking::VoterBags,
		system::{RuntimeBlockLength, RuntimeBlockWeights},
	},
	constants::{BABE_GENESIS_EPOCH_CONFIG, time},
};

#[test]
fn the_chain_is_called_jurat() {
	assert_eq!(VERSION.spec_name, "jurat");
}

#[test]
fn each_block_carries_a_vrf_output() {
	assert_eq!(BABE_GENESIS_EPOCH_CONFIG.allowed_slots, AllowedSlots::PrimaryAndSecondaryVRFSlots);
	new_test_ext("local").execute_with(|| {
		let configured = Babe::epoch_config().expect("the preset configures BABE");
		assert_eq!(configured.allowed_slots, AllowedSlots::PrimaryAndSecondaryVRFSlots);
	});
}

#[test]
fn blocks_come_every_three_seconds_and_epochs_every_ten_minutes() {
	assert_eq!(Babe::slot_duration(), 3_000);
	assert_eq!(u64::from(time::EPOCH_DURATION) * time::MILLISECS_PER_BLOCK, 600_000);
}

#[test]
fn a_validator_has_four_keys_in_a_fixed_order() {
	assert_eq!(
		SessionKeys::key_ids(),
		[
			key_types::BABE,
			key_types::GRANDPA,
			key_types::AUTHORITY_DISCOVERY,
			sp_core::crypto::KeyTypeId(*b"infr"),
		]
	);
}

#[test]
fn the_treasury_collects_where_it_spends_from() {
	assert_eq!(crate::Treasury::account_id(), TreasuryAccount::get());
}

#[test]
fn the_author_is_noted_before_the_session_can_change() {
	assert!(crate::Babe::index() < crate::Authorship::index());
	assert!(crate::Authorship::index() < crate::Session::index());
	assert!(Staking::index() < crate::Session::index());
}

#[test]
fn indices_50_to_59_are_kept_for_inference() {
	const OURS: [&str; 5] = ["Models", "Attestation", "Inference", "Rewards", "Custody"];
	for pallet in <AllPalletsWithSystem as PalletsInfoAccess>::infos() {
		assert_eq!(
			(50..60).contains(&pallet.index),
			OURS.contains(&pallet.name),
			"{}",
			pallet.name
		);
	}
}

#[test]
fn a_full_block_takes_half_a_slot() {
	let full = RuntimeBlockWeights::get().max_block;
	assert_eq!(full.ref_time() / 1_000_000_000, time::MILLISECS_PER_BLOCK / 2);
	assert!(*RuntimeBlockLength::get().max.get(frame_support::dispatch::DispatchClass::Normal) > 0);
}

#[test]
fn the_metadata_names_every_pallet() {
	new_test_ext("development").execute_with(|| {
		let metadata: Vec<u8> = Runtime::metadata_at_version(16).expect("version 16").to_vec();
		for pallet in <AllPalletsWithSystem as PalletsInfoAccess>::infos() {
			let name = pallet.name.as_bytes();
			assert!(metadata.windows(name.len()).any(|window| window == name), "{}", pallet.name);
		}
		assert!(!AllPalletsWithSystem::storage_info().is_empty());
		assert_eq!(System::block_number(), 1);
	});
}

#[test]
fn whoever_stops_to_validate_does_not_come_back_to_the_list_of_voters() {
	use frame_election_provider_support::SortedListProvider;
	use frame_support::traits::Hooks;
	use pallet_bags_list::NextNodeAutoRebagged;

	new_test_ext("local").execute_with(|| {
		let who = sp_keyring::Sr25519Keyring::Alice.to_account_id();
		Staking::chill(crate::RuntimeOrigin::signed(who.clone())).expect("a validator");
		// The list was to go on with it.
		NextNodeAutoRebagged::<Runtime, VoterBags>::put(&who);
		crate::VoterList::on_idle(1, frame_support::weights::Weight::MAX);
		assert!(!crate::VoterList::contains(&who));
		assert_eq!(crate::VoterList::iter().count(), 3);
	});
}

/// A divergence that becomes final after the staking pallet has forgotten its era slashes nobody.
#[test]
fn a_challenge_window_ends_before_its_era_is_forgotten() {
	use crate::{
		configs::attestation::Penalties,
		constants::time::EPOCH_DURATION,
		parameters::dynamic_params::staking::{BondingDuration, SessionsPerEra},
	};
	use frame_support::traits::Get;
	use pallet_attestation::types::PenaltyTerms;
	let fits = || {
		let PenaltyTerms { challenge_window, .. } = Penalties::get();
		// The last era may have begun just now.
		let kept = (BondingDuration::get() - 1) * SessionsPerEra::get() * EPOCH_DURATION;
		assert!(challenge_window < kept, "{challenge_window} of {kept}");
	};
	sp_io::TestExternalities::default().execute_with(fits);
	for preset in ["development", "local"] {
		new_test_ext(preset).execute_with(fits);
	}
}
