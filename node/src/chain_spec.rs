// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! The networks that come with the node. Their genesis is a preset of the runtime.

use jurat_runtime::{Header, WASM_BINARY, genesis_config_presets::LOCAL_RUNTIME_PRESET};
use sc_chain_spec::{ChainSpecExtension, ChainType, Properties};
use serde::{Deserialize, Serialize};
use sp_genesis_builder::DEV_RUNTIME_PRESET;
use sp_runtime::{OpaqueExtrinsic, generic};

/// A block as the node has it: its transactions are bytes, which only the runtime reads. JSON shows
/// them as hexadecimal digits, as clients expect.
pub type Block = generic::Block<Header, OpaqueExtrinsic>;

/// What the node keeps in a chain's specification beside its genesis.
#[derive(Default, Clone, Debug, Serialize, Deserialize, ChainSpecExtension)]
#[serde(rename_all = "camelCase")]
pub struct Extensions {
	/// Blocks with known hashes.
	pub fork_blocks: sc_client_api::ForkBlocks<Block>,
	/// Blocks that are never imported.
	pub bad_blocks: sc_client_api::BadBlocks<Block>,
	/// Where a light client may start; filled in by `sync_state_genSyncSpec`.
	pub light_sync_state: sc_sync_state_rpc::LightSyncStateExtension,
}

/// The specification of a Jurat chain.
pub type ChainSpec = sc_service::GenericChainSpec<Extensions>;

/// How wallets show amounts and addresses.
fn properties() -> Properties {
	let mut properties = Properties::new();
	properties.insert("tokenSymbol".into(), "JUR".into());
	properties.insert("tokenDecimals".into(), 12.into());
	properties.insert("ss58Format".into(), 42.into());
	properties
}

fn test_network(name: &str, id: &str, kind: ChainType, preset: &str) -> Result<ChainSpec, String> {
	let wasm = WASM_BINARY.ok_or(
		"this node was built without its Wasm runtime; build it again without SKIP_WASM_BUILD",
	)?;
	Ok(ChainSpec::builder(wasm, Extensions::default())
		.with_name(name)
		.with_id(id)
		.with_protocol_id(id)
		.with_chain_type(kind)
		.with_properties(properties())
		.with_genesis_config_preset_name(preset)
		.build())
}

/// One validator, for development.
pub fn development() -> Result<ChainSpec, String> {
	test_network("Jurat development", "jurat_dev", ChainType::Development, DEV_RUNTIME_PRESET)
}

/// Four validators on one machine.
pub fn local() -> Result<ChainSpec, String> {
	test_network("Jurat local", "jurat_local", ChainType::Local, LOCAL_RUNTIME_PRESET)
}
