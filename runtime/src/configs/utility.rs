// SPDX-License-Identifier: Apache-2.0
//! Batches, multisignature accounts and proxies.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
	parameter_types,
	traits::{ConstU32, InstanceFilter},
};
use scale_info::TypeInfo;
use sp_runtime::traits::BlakeTwo256;

use crate::{
	Balance, Balances, OriginCaller, Runtime, RuntimeCall, RuntimeEvent, System,
	constants::currency::deposit,
};

impl pallet_utility::Config for Runtime {
	type PalletsOrigin = OriginCaller;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
	// One item: 32 bytes of key, 4 + 4 + 16 + 32 of value. Each signatory adds an account.
	pub const MultisigDepositBase: Balance = deposit(1, 88);
	pub const MultisigDepositFactor: Balance = deposit(0, 32);
}

impl pallet_multisig::Config for Runtime {
	type BlockNumberProvider = System;
	type Currency = Balances;
	type DepositBase = MultisigDepositBase;
	type DepositFactor = MultisigDepositFactor;
	type MaxSignatories = ConstU32<100>;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_multisig::weights::SubstrateWeight<Runtime>;
}

/// What a proxy may do for the account that appointed it.
#[derive(
	Copy,
	Clone,
	Eq,
	PartialEq,
	Ord,
	PartialOrd,
	Encode,
	Decode,
	DecodeWithMemTracking,
	Debug,
	Default,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum ProxyType {
	/// Everything.
	#[default]
	#[codec(index = 0)]
	Any,
	/// What neither moves money nor spends more than fees and deposits: no transfers, no models given
	/// away, no requests, no other payee, and nothing that acts for others.
	#[codec(index = 1)]
	NonTransfer,
	/// Staking, income from it, and session keys.
	#[codec(index = 2)]
	Staking,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
	fn filter(&self, call: &RuntimeCall) -> bool {
		match self {
			ProxyType::Any => true,
			ProxyType::NonTransfer => match call {
				RuntimeCall::Models(call) => {
					!matches!(call, pallet_models::Call::transfer_model { .. })
				},
				RuntimeCall::Staking(call) => {
					use pallet_staking::Call::{bond, set_payee, update_payee};
					!matches!(call, bond { .. } | set_payee { .. } | update_payee { .. })
				},
				RuntimeCall::Inference(call) => {
					matches!(call, pallet_inference::Call::cancel { .. })
				},
				RuntimeCall::System(_)
				| RuntimeCall::Attestation(_)
				| RuntimeCall::Custody(_)
				| RuntimeCall::Rewards(_)
				| RuntimeCall::Session(_)
				| RuntimeCall::VoterList(_)
				| RuntimeCall::Utility(_) => true,
				_ => false,
			},
			ProxyType::Staking => matches!(
				call,
				RuntimeCall::Staking(_)
					| RuntimeCall::Rewards(_)
					| RuntimeCall::Session(_)
					| RuntimeCall::VoterList(_)
					| RuntimeCall::Utility(_)
			),
		}
	}

	fn is_superset(&self, other: &Self) -> bool {
		match (self, other) {
			(mine, other) if mine == other => true,
			(ProxyType::Any, _) => true,
			(_, ProxyType::Any) => false,
			_ => false,
		}
	}
}

parameter_types! {
	// One item: 32 bytes of key, 16 of value. Each proxy adds an account, its type and its delay.
	pub const ProxyDepositBase: Balance = deposit(1, 48);
	pub const ProxyDepositFactor: Balance = deposit(0, 37);
	pub const AnnouncementDepositBase: Balance = deposit(1, 48);
	pub const AnnouncementDepositFactor: Balance = deposit(0, 68);
}

impl pallet_proxy::Config for Runtime {
	type AnnouncementDepositBase = AnnouncementDepositBase;
	type AnnouncementDepositFactor = AnnouncementDepositFactor;
	type BlockNumberProvider = System;
	type CallHasher = BlakeTwo256;
	type Currency = Balances;
	type MaxPending = ConstU32<32>;
	type MaxProxies = ConstU32<32>;
	type ProxyDepositBase = ProxyDepositBase;
	type ProxyDepositFactor = ProxyDepositFactor;
	type ProxyType = ProxyType;
	type RuntimeCall = RuntimeCall;
	type RuntimeEvent = RuntimeEvent;
	type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
}
