// SPDX-License-Identifier: Apache-2.0
//! What `frame-omni-bencher` can measure in this runtime.

use crate::Runtime;

impl frame_system_benchmarking::Config for Runtime {}

impl pallet_transaction_payment::BenchmarkConfig for Runtime {}

frame_benchmarking::define_benchmarks!(
	[frame_system, SystemBench::<Runtime>]
	[frame_system_extensions, SystemExtensionsBench::<Runtime>]
	[pallet_balances, Balances]
	[pallet_multisig, Multisig]
	[pallet_parameters, Parameters]
	[pallet_preimage, Preimage]
	[pallet_proxy, Proxy]
	[pallet_scheduler, Scheduler]
	[pallet_sudo, Sudo]
	[pallet_timestamp, Timestamp]
	[pallet_transaction_payment, TransactionPayment]
	[pallet_treasury, Treasury]
	[pallet_utility, Utility]
	[pallet_bags_list, VoterList]
	[pallet_staking, Staking]
	[pallet_models, Models]
	[pallet_attestation, Attestation]
	[pallet_inference, Inference]
	[pallet_inference_rewards, Rewards]
	[pallet_custody, Custody]
);
