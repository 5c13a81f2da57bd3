// SPDX-License-Identifier: Apache-2.0
//! The networks that come with the runtime: one validator, or four, all with well-known keys.
//!
//! Lengths of time that a test network shortens go to [`crate::parameters`], by
//! `GenesisParameters`.

use alloc::{string::ToString, vec, vec::Vec};

use codec::Encode;
use frame_support::build_struct_json_patch;
use pallet_staking::StakerStatus;
use serde_json::Value;
use sp_core::Bytes;
use sp_genesis_builder::{DEV_RUNTIME_PRESET, LOCAL_TESTNET_RUNTIME_PRESET, PresetId};
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::Perbill;

use crate::{
	AccountId, BabeConfig, Balance, BalancesConfig, BlockNumber, GenesisParametersConfig,
	RuntimeGenesisConfig, RuntimeParameters, SessionConfig, SessionKeys, StakingConfig, SudoConfig,
	configs::governance::TreasuryAccount,
	constants::{
		BABE_GENESIS_EPOCH_CONFIG,
		currency::{EXISTENTIAL_DEPOSIT, JUR},
		time::{DAYS, MINUTES},
	},
	parameters::dynamic_params::{attestation, custody, models, staking},
};

/// Preset of a network of four validators on one machine.
pub const LOCAL_RUNTIME_PRESET: &str = "local";

/// What each well-known account has at genesis, its stake included.
pub const ENDOWMENT: Balance = 10_000_000 * JUR;
/// What each validator stakes at genesis.
pub const STAKE: Balance = 100_000 * JUR;
/// Least own stake of a validator.
const MIN_VALIDATOR_BOND: Balance = 1_000 * JUR;
/// Least stake of a nominator.
const MIN_NOMINATOR_BOND: Balance = 10 * JUR;
/// Validators that a test network elects at most; all who stand are elected until then.
const VALIDATOR_COUNT: u32 = 16;
/// Of this share of a slash, the staking pallet pays half to who reported it first: a fifth of the
/// slash.
const SLASH_REWARD_FRACTION: Perbill = Perbill::from_percent(40);

/// Session keys that the seed of a well-known account gives.
pub fn session_keys(validator: Sr25519Keyring) -> SessionKeys {
	let public = validator.public();
	SessionKeys {
		babe: public.into(),
		grandpa: grandpa_keyring(validator).public().into(),
		authority_discovery: public.into(),
		attestation: public.into(),
	}
}

/// The same well-known name among the Ed25519 keys.
fn grandpa_keyring(validator: Sr25519Keyring) -> Ed25519Keyring {
	match validator {
		Sr25519Keyring::Bob => Ed25519Keyring::Bob,
		Sr25519Keyring::Charlie => Ed25519Keyring::Charlie,
		Sr25519Keyring::Dave => Ed25519Keyring::Dave,
		Sr25519Keyring::Eve => Ed25519Keyring::Eve,
		Sr25519Keyring::Ferdie => Ed25519Keyring::Ferdie,
		_ => Ed25519Keyring::Alice,
	}
}

/// Attesters that must announce a release on a test network before it takes requests.
fn activation_quorum(validators: usize) -> u32 {
	(validators as u32).clamp(1, 3)
}

/// A test network of these validators, each of which is asked to prove that it holds a file once in
/// `question_period` blocks.
fn test_network(validators: &[Sr25519Keyring], question_period: BlockNumber) -> Value {
	let mut balances: Vec<(AccountId, Balance)> = Sr25519Keyring::invulnerable()
		.map(|account| (account.to_account_id(), ENDOWMENT))
		.collect();
	balances.push((TreasuryAccount::get(), EXISTENTIAL_DEPOSIT));

	build_struct_json_patch!(RuntimeGenesisConfig {
		babe: BabeConfig { epoch_config: BABE_GENESIS_EPOCH_CONFIG },
		balances: BalancesConfig { balances },
		genesis_parameters: GenesisParametersConfig {
			values: test_parameters(validators.len(), question_period),
		},
		session: SessionConfig {
			keys: validators
				.iter()
				.map(|v| (v.to_account_id(), v.to_account_id(), session_keys(*v)))
				.collect(),
		},
		staking: StakingConfig {
			validator_count: VALIDATOR_COUNT,
			minimum_validator_count: 1,
			slash_reward_fraction: SLASH_REWARD_FRACTION,
			min_validator_bond: MIN_VALIDATOR_BOND,
			min_nominator_bond: MIN_NOMINATOR_BOND,
			stakers: validators
				.iter()
				.map(|v| (v.to_account_id(), v.to_account_id(), STAKE, StakerStatus::Validator))
				.collect(),
		},
		sudo: SudoConfig { key: Some(Sr25519Keyring::Alice.to_account_id()) },
	})
}

/// What a test network shortens: an era is two sessions, slashes come at once, bonds are free after
/// twenty minutes, what is taken for a wrong answer waits for one; a node may announce again after
/// five blocks; and a release needs no more attesters than there are.
fn test_parameters(validators: usize, question_period: BlockNumber) -> Vec<Bytes> {
	let staking = [
		staking::Parameters::SessionsPerEra(staking::SessionsPerEra, Some(2)),
		staking::Parameters::BondingDuration(staking::BondingDuration, Some(3)),
		staking::Parameters::SlashDeferDuration(staking::SlashDeferDuration, Some(0)),
	];
	let models = [models::Parameters::ActivationQuorum(
		models::ActivationQuorum,
		Some(activation_quorum(validators)),
	)];
	let attestation = [
		attestation::Parameters::UnbondingPeriod(attestation::UnbondingPeriod, Some(20 * MINUTES)),
		attestation::Parameters::ChallengeWindow(attestation::ChallengeWindow, Some(MINUTES)),
		attestation::Parameters::AnnouncementInterval(attestation::AnnouncementInterval, Some(5)),
	];
	let custody =
		[custody::Parameters::QuestionPeriod(custody::QuestionPeriod, Some(question_period))];
	staking
		.into_iter()
		.map(RuntimeParameters::Staking)
		.chain(models.into_iter().map(RuntimeParameters::Models))
		.chain(attestation.into_iter().map(RuntimeParameters::Attestation))
		.chain(custody.into_iter().map(RuntimeParameters::Custody))
		.map(|parameter| Bytes(parameter.encode()))
		.collect()
}

/// One validator, Alice. It is asked for a proof every two minutes.
pub fn development() -> Value {
	test_network(&[Sr25519Keyring::Alice], 2 * MINUTES)
}

/// Four validators: Alice, Bob, Charlie and Dave. Tests stop such nodes and split such networks: a
/// question that nobody could see or answer meanwhile would take an announcement away. So each is
/// asked once in a day only, until somebody sets `QuestionPeriod`.
pub fn local() -> Value {
	let validators =
		[Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie, Sr25519Keyring::Dave];
	test_network(&validators, DAYS)
}

/// The preset of this name, as a JSON patch.
pub fn get_preset(id: &PresetId) -> Option<Vec<u8>> {
	let patch = match id.as_str() {
		DEV_RUNTIME_PRESET => development(),
		LOCAL_RUNTIME_PRESET | LOCAL_TESTNET_RUNTIME_PRESET => local(),
		_ => return None,
	};
	Some(patch.to_string().into_bytes())
}

/// Names of the presets. `local_testnet` is another name of `local`, which tools expect.
pub fn preset_names() -> Vec<PresetId> {
	vec![
		PresetId::from(DEV_RUNTIME_PRESET),
		PresetId::from(LOCAL_RUNTIME_PRESET),
		PresetId::from(LOCAL_TESTNET_RUNTIME_PRESET),
	]
}
