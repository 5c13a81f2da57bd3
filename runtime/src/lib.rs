// SPDX-License-Identifier: Apache-2.0
//! # The Jurat runtime
//!
//! The state transition function of the Jurat chain: BABE and GRANDPA for consensus, nominated
//! proof of stake for who may take part, and Jurat's own pallets for inference.
//!
//! It imports the standard host functions only, so that each node and tool of the ecosystem can
//! execute it, and one Wasm serves all networks: what differs between them comes from
//! [`genesis_config_presets`] through [`parameters`].
//!
//! | file | holds |
//! | --- | --- |
//! | [`constants`] | units of money and time, structural limits |
//! | [`parameters`] | what governance and presets may change |
//! | [`configs`] | how each pallet is wired, by concern |
//! | [`apis`] | what the node may ask of the runtime |
//! | [`genesis_config_presets`] | the networks that come with the runtime |

#![cfg_attr(not(feature = "std"), no_std)]
#![recursion_limit = "512"]

extern crate alloc;

#[cfg(feature = "std")]
include!(concat!(env!("OUT_DIR"), "/wasm_binary.rs"));

pub mod apis;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarks;
pub mod configs;
pub mod constants;
pub mod genesis_config_presets;
pub mod invariants;
pub mod migrations;
pub mod parameters;
pub mod transaction;

#[cfg(test)]
mod tests;

use alloc::{borrow::Cow, vec::Vec};
use sp_runtime::{
	MultiAddress, MultiSignature, generic, impl_opaque_keys,
	traits::{BlakeTwo256, IdentifyAccount, Verify},
};
use sp_version::RuntimeVersion;

pub use apis::{RUNTIME_API_VERSIONS, RuntimeApi};
pub use parameters::RuntimeParameters;
pub use transaction::TxExtension;

/// Signature of a user's transaction.
pub type Signature = MultiSignature;
/// Name of an account: its public key, or the hash of it.
pub type AccountId = <<Signature as Verify>::Signer as IdentifyAccount>::AccountId;
/// An amount in planck.
pub type Balance = u128;
/// Transactions that an account has sent.
pub type Nonce = u32;
/// Height of a block.
pub type BlockNumber = u32;
/// A 256-bit hash.
pub type Hash = sp_core::H256;
/// How a transaction names an account.
pub type Address = MultiAddress<AccountId, ()>;
/// Header of a block.
pub type Header = generic::Header<BlockNumber, BlakeTwo256>;
/// A block.
pub type Block = generic::Block<Header, UncheckedExtrinsic>;
/// A block with its signature checks and justifications.
pub type SignedBlock = generic::SignedBlock<Block>;
/// A transaction as it travels.
pub type UncheckedExtrinsic =
	generic::UncheckedExtrinsic<Address, RuntimeCall, Signature, TxExtension>;
/// What the sender of a transaction signs.
pub type SignedPayload = generic::SignedPayload<RuntimeCall, TxExtension>;

/// Runs blocks.
pub type Executive = frame_executive::Executive<
	Runtime,
	Block,
	frame_system::ChainContext<Runtime>,
	Runtime,
	AllPalletsWithSystem,
>;

impl_opaque_keys! {
	/// The keys by which a validator's node acts for it. The order is part of the state.
	pub struct SessionKeys {
		/// Writes blocks.
		pub babe: Babe,
		/// Finalises them.
		pub grandpa: Grandpa,
		/// Publishes the node's address.
		pub authority_discovery: AuthorityDiscovery,
		/// Signs commitments, reveals, announcements and proofs of custody.
		pub attestation: Attestation,
	}
}

/// Version of this runtime.
#[sp_version::runtime_version]
pub const VERSION: RuntimeVersion = RuntimeVersion {
	spec_name: Cow::Borrowed("jurat"),
	impl_name: Cow::Borrowed("jurat-node"),
	authoring_version: 1,
	spec_version: 100,
	impl_version: 1,
	apis: RUNTIME_API_VERSIONS,
	transaction_version: 1,
	system_version: 1,
};

/// The pallets. Hooks run in the order of the indices; an index is never used again.
#[frame_support::runtime]
mod runtime {
	use super::*;

	#[runtime::runtime]
	#[runtime::derive(
		RuntimeCall,
		RuntimeEvent,
		RuntimeError,
		RuntimeOrigin,
		RuntimeFreezeReason,
		RuntimeHoldReason,
		RuntimeSlashReason,
		RuntimeLockId,
		RuntimeTask,
		RuntimeViewFunction
	)]
	pub struct Runtime;

	// Basics.
	#[runtime::pallet_index(0)]
	pub type System = frame_system;
	// First of all genesis builds, so that every other one sees the preset's values.
	#[runtime::pallet_index(1)]
	pub type Parameters = pallet_parameters;
	#[runtime::pallet_index(2)]
	pub type GenesisParameters = parameters::pallet_genesis_parameters;
	#[runtime::pallet_index(3)]
	pub type Scheduler = pallet_scheduler;
	#[runtime::pallet_index(4)]
	pub type Preimage = pallet_preimage;

	// Consensus, first half. BABE reads its digest before anybody asks it for randomness.
	#[runtime::pallet_index(5)]
	pub type Babe = pallet_babe;
	#[runtime::pallet_index(6)]
	pub type Timestamp = pallet_timestamp;

	// Money.
	#[runtime::pallet_index(10)]
	pub type Balances = pallet_balances;
	#[runtime::pallet_index(11)]
	pub type TransactionPayment = pallet_transaction_payment;

	// Consensus, second half. The author is noted before the session can change, stakes are there
	// before the first session asks for validators.
	#[runtime::pallet_index(20)]
	pub type Authorship = pallet_authorship;
	#[runtime::pallet_index(21)]
	pub type Staking = pallet_staking;
	#[runtime::pallet_index(22)]
	pub type VoterList = pallet_bags_list<Instance1>;
	#[runtime::pallet_index(23)]
	pub type Offences = pallet_offences;
	#[runtime::pallet_index(24)]
	pub type Historical = pallet_session::historical;
	#[runtime::pallet_index(25)]
	pub type Session = pallet_session;
	#[runtime::pallet_index(26)]
	pub type Grandpa = pallet_grandpa;
	#[runtime::pallet_index(27)]
	pub type AuthorityDiscovery = pallet_authority_discovery;

	// Governance and tools.
	#[runtime::pallet_index(30)]
	pub type Treasury = pallet_treasury;
	#[runtime::pallet_index(40)]
	pub type Utility = pallet_utility;
	#[runtime::pallet_index(41)]
	pub type Multisig = pallet_multisig;
	#[runtime::pallet_index(42)]
	pub type Proxy = pallet_proxy;

	// Inference.
	#[runtime::pallet_index(50)]
	pub type Models = pallet_models;
	#[runtime::pallet_index(51)]
	pub type Attestation = pallet_attestation;
	#[runtime::pallet_index(52)]
	pub type Inference = pallet_inference;
	#[runtime::pallet_index(53)]
	pub type Rewards = pallet_inference_rewards;
	// After attestation, so that what begins in a block is known when it asks.
	#[runtime::pallet_index(54)]
	pub type Custody = pallet_custody;

	// Test networks only; a production preset names no key.
	#[runtime::pallet_index(90)]
	pub type Sudo = pallet_sudo;
}
