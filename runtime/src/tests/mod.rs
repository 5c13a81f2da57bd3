// SPDX-License-Identifier: Apache-2.0
//! Promises of the assembled runtime, by subject. Those of each pallet are with the pallet.

mod genesis;
mod inference;
mod rewards;
mod state_machine;
mod transactions;
mod wiring;

use frame_support::genesis_builder_helper::build_state;
use sp_io::TestExternalities;

use crate::{RuntimeGenesisConfig, System, genesis_config_presets};

/// State of the chain after the genesis of this preset.
fn new_test_ext(preset: &str) -> TestExternalities {
	let mut ext = TestExternalities::default();
	ext.execute_with(|| {
		build_preset(preset).expect("the preset builds");
		System::set_block_number(1);
	});
	ext
}

/// Builds the preset over the default genesis, as a node does.
fn build_preset(preset: &str) -> Result<(), String> {
	let patch = genesis_config_presets::get_preset(&preset.into())
		.ok_or_else(|| format!("no preset {preset}"))?;
	build_patch(serde_json::from_slice(&patch).map_err(|e| e.to_string())?)
}

/// Builds a patch over the default genesis.
fn build_patch(patch: serde_json::Value) -> Result<(), String> {
	let mut config =
		serde_json::to_value(RuntimeGenesisConfig::default()).map_err(|e| e.to_string())?;
	merge(&mut config, patch);
	build_state::<RuntimeGenesisConfig>(config.to_string().into_bytes())
}

/// Merges a patch into a JSON object, member by member.
fn merge(into: &mut serde_json::Value, patch: serde_json::Value) {
	match (into, patch) {
		(serde_json::Value::Object(into), serde_json::Value::Object(patch)) => {
			for (name, value) in patch {
				merge(into.entry(name).or_insert(serde_json::Value::Null), value);
			}
		},
		(into, patch) => *into = patch,
	}
}

/// The invariants of all pallets.
#[cfg(feature = "try-runtime")]
fn try_state() {
	use crate::AllPalletsWithSystem;
	use frame_support::traits::{TryState, TryStateSelect};

	AllPalletsWithSystem::try_state(System::block_number(), TryStateSelect::All)
		.expect("the invariants hold");
}
