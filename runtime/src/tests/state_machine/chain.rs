// SPDX-License-Identifier: Apache-2.0
//! The chain under test: its genesis, its keys, and its blocks with the hooks in the order in which
//! the node runs them.

use std::sync::OnceLock;

use codec::Encode;
use frame_support::{
	build_struct_json_patch,
	dispatch::DispatchClass,
	traits::{Authorize, Get, OnFinalize, OnIdle, OnInitialize},
	weights::Weight,
};
use jurat_primitives::crypto::{AttestationPair, AttestationSignature};
use pallet_staking::StakerStatus;
use sp_consensus_babe::{
	BABE_ENGINE_ID, Slot,
	digests::{PreDigest, SecondaryVRFPreDigest},
};
use sp_core::{H256, Pair, crypto::VrfSecret, ed25519, sr25519};
use sp_io::TestExternalities;
use sp_runtime::{
	Digest, DigestItem, DispatchError, Perbill,
	traits::Dispatchable,
	transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
};

use crate::{
	AccountId, AllPalletsWithSystem, Babe, BabeConfig, Balance, BalancesConfig, BlockNumber,
	GenesisParametersConfig, Hash, Runtime, RuntimeCall, RuntimeEvent, RuntimeGenesisConfig,
	RuntimeOrigin, RuntimeParameters, Session, SessionConfig, SessionKeys, StakingConfig, System,
	configs::{governance::TreasuryAccount, system::RuntimeBlockWeights},
	constants::{
		BABE_GENESIS_EPOCH_CONFIG,
		currency::{EXISTENTIAL_DEPOSIT, JUR, MICROJUR},
		time::{EPOCH_DURATION, SLOT_DURATION},
	},
	parameters::dynamic_params::{attestation, custody, inference, models, staking},
	tests::build_patch,
};

/// Who may be a validator and an attester. A panel of three, and one of seven without any of its
/// members, fit.
pub const ATTESTERS: usize = 14;
/// Validators that are elected at first.
pub const VALIDATORS: u32 = 12;
/// Bond of each attester at first.
pub const BOND: Balance = 2_000 * JUR;
/// What each account has.
const ENDOWMENT: Balance = 1_000_000 * JUR;
/// What a requester has: little enough to be spent.
const PURSE: Balance = 50 * JUR;
/// VRF outputs to choose from.
const VRFS: usize = 256;

fn seeded<P: Pair>(kind: &str, index: usize) -> P {
	P::from_string(&format!("//{kind}{index}"), None).expect("a derivation path")
}

fn pairs() -> &'static [sr25519::Pair] {
	static PAIRS: OnceLock<Vec<sr25519::Pair>> = OnceLock::new();
	PAIRS.get_or_init(|| (0..ATTESTERS).map(|index| seeded("Attester", index)).collect())
}

/// Account of an attester: of its stash, and of its session key.
pub fn attester(index: usize) -> AccountId {
	AccountId::from(pairs()[index % ATTESTERS].public().0)
}

/// Place of an attester among all.
pub fn place(who: &AccountId) -> Option<usize> {
	pairs().iter().position(|pair| &AccountId::from(pair.public().0) == who)
}

/// The key that signs for an attester.
pub fn key(index: usize) -> AttestationPair {
	pairs()[index % ATTESTERS].clone().into()
}

/// Signs as an attester.
pub fn sign(index: usize, payload: &[u8]) -> AttestationSignature {
	key(index).sign(payload)
}

/// Accounts that only ask: the last one is kept alive by something else than its balance.
pub const ASKERS: usize = 3;
/// The one that something else keeps alive.
pub const KEPT: usize = 2;

/// An account that asks for inferences and does nothing else.
pub fn asker(index: usize) -> AccountId {
	AccountId::from([0xa0 + (index % ASKERS) as u8; 32])
}

/// The owner of all models, who also has money for others.
pub fn owner() -> AccountId {
	AccountId::from([0xb0; 32])
}

/// Who reports equivocations.
pub fn reporter() -> AccountId {
	AccountId::from([0xc0; 32])
}

/// Whoever asks: the askers, the owner of the models, and an attester.
pub fn requester(index: usize) -> AccountId {
	match index % (ASKERS + 2) {
		index if index < ASKERS => asker(index),
		ASKERS => owner(),
		_ => attester(0),
	}
}

fn session_keys(index: usize) -> SessionKeys {
	let public = pairs()[index].public();
	let grandpa: ed25519::Pair = seeded("Attester", index);
	SessionKeys {
		babe: public.into(),
		grandpa: grandpa.public().into(),
		authority_discovery: public.into(),
		attestation: public.into(),
	}
}

/// Stake of an attester: none like another, and the largest four times the smallest.
fn stake(index: usize) -> Balance {
	(100 + 25 * index as Balance) * JUR * 100
}

fn vrf(index: u8) -> sr25519::vrf::VrfSignature {
	static VRF: OnceLock<Vec<sr25519::vrf::VrfSignature>> = OnceLock::new();
	let all = VRF.get_or_init(|| {
		(0..VRFS)
			.map(|index| {
				let number = (index as u64).to_le_bytes();
				let data = sr25519::vrf::VrfTranscript::new(b"test", &[(b"number", &number)]);
				pairs()[0].vrf_sign(&data.into_sign_data())
			})
			.collect()
	});
	all[usize::from(index)].clone()
}

/// Windows short enough that a program of some hundred blocks sees all of them end.
fn parameters() -> Vec<sp_core::Bytes> {
	use attestation::Parameters as A;
	use custody::Parameters as C;
	use inference::Parameters as I;
	use models::Parameters as M;
	use staking::Parameters as S;
	[
		RuntimeParameters::Staking(S::SessionsPerEra(staking::SessionsPerEra, Some(2))),
		RuntimeParameters::Staking(S::BondingDuration(staking::BondingDuration, Some(3))),
		RuntimeParameters::Staking(S::SlashDeferDuration(staking::SlashDeferDuration, Some(0))),
		RuntimeParameters::Models(M::ActivationQuorum(models::ActivationQuorum, Some(3))),
		RuntimeParameters::Models(M::ActivationPeriod(models::ActivationPeriod, Some(50))),
		RuntimeParameters::Attestation(A::CommitWindow(attestation::CommitWindow, Some(4))),
		RuntimeParameters::Attestation(A::RevealWindow(attestation::RevealWindow, Some(3))),
		RuntimeParameters::Attestation(A::UnbondingPeriod(attestation::UnbondingPeriod, Some(20))),
		RuntimeParameters::Attestation(A::WarningPeriod(attestation::WarningPeriod, Some(60))),
		RuntimeParameters::Attestation(A::ChallengeWindow(attestation::ChallengeWindow, Some(10))),
		RuntimeParameters::Attestation(A::AnnouncementInterval(
			attestation::AnnouncementInterval,
			Some(3),
		)),
		RuntimeParameters::Custody(C::QuestionPeriod(custody::QuestionPeriod, Some(6))),
		RuntimeParameters::Custody(C::AnswerDeadline(custody::AnswerDeadline, Some(4))),
		RuntimeParameters::Inference(I::BaseFee(inference::BaseFee, Some(MICROJUR))),
		RuntimeParameters::Inference(I::MinDeadline(inference::MinDeadline, Some(1))),
		RuntimeParameters::Inference(I::ResultRetention(inference::ResultRetention, Some(40))),
		RuntimeParameters::Inference(I::EscalationWindow(inference::EscalationWindow, Some(15))),
	]
	.into_iter()
	.map(|parameter| sp_core::Bytes(parameter.encode()))
	.collect()
}

fn genesis_patch() -> serde_json::Value {
	let mut balances: Vec<(AccountId, Balance)> =
		(0..ATTESTERS).map(|index| (attester(index), ENDOWMENT)).collect();
	balances.extend((0..ASKERS).map(|index| (asker(index), PURSE)));
	balances.push((owner(), ENDOWMENT));
	balances.push((TreasuryAccount::get(), EXISTENTIAL_DEPOSIT));
	build_struct_json_patch!(RuntimeGenesisConfig {
		babe: BabeConfig { epoch_config: BABE_GENESIS_EPOCH_CONFIG },
		balances: BalancesConfig { balances },
		genesis_parameters: GenesisParametersConfig { values: parameters() },
		session: SessionConfig {
			keys: (0..ATTESTERS)
				.map(|index| (attester(index), attester(index), session_keys(index)))
				.collect(),
		},
		staking: StakingConfig {
			validator_count: VALIDATORS,
			minimum_validator_count: 1,
			slash_reward_fraction: Perbill::from_percent(40),
			min_validator_bond: 100 * JUR,
			min_nominator_bond: 10 * JUR,
			stakers: (0..ATTESTERS)
				.map(|index| {
					let who = attester(index);
					(who.clone(), who, stake(index), StakerStatus::Validator)
				})
				.collect(),
		},
	})
}

/// The chain after its genesis, in block 1.
pub fn new_chain() -> TestExternalities {
	let mut ext = TestExternalities::default();
	ext.execute_with(|| {
		build_patch(genesis_patch()).expect("the genesis builds");
		// Something that holds a reference, as a pallet does whose state an account pays for.
		System::inc_providers(&asker(KEPT));
	});
	ext
}

/// Slot of the first block.
const FIRST_SLOT: u64 = 1_000_000;

/// Begins the next block as the node does. `turn`: in the first slot of the next epoch, so that the
/// session ends.
pub fn begin(number: BlockNumber, by: u8, turn: bool) {
	let slot = match u64::from(pallet_babe::CurrentSlot::<Runtime>::get()) {
		0 => FIRST_SLOT,
		_ if turn => u64::from(Babe::current_epoch_start()) + u64::from(EPOCH_DURATION),
		last => last + 1,
	};
	let pre_digest = PreDigest::SecondaryVRF(SecondaryVRFPreDigest {
		authority_index: author(by),
		slot: Slot::from(slot),
		vrf_signature: vrf(by),
	});
	let digest = Digest { logs: vec![DigestItem::PreRuntime(BABE_ENGINE_ID, pre_digest.encode())] };
	System::reset_events();
	System::initialize(&number, &Hash::from_low_u64_be(number.into()), &digest);
	let base = RuntimeBlockWeights::get().base_block;
	System::register_extra_weight_unchecked(base, DispatchClass::Mandatory);
	let weight = <AllPalletsWithSystem as OnInitialize<BlockNumber>>::on_initialize(number);
	System::register_extra_weight_unchecked(weight, DispatchClass::Mandatory);
	System::note_finished_initialize();
	let now = pallet_timestamp::Call::set { now: slot * SLOT_DURATION };
	RuntimeCall::from(now).dispatch(RuntimeOrigin::none()).expect("an inherent");
	System::note_inherents_applied();
}

/// An authority that may write a block.
fn author(by: u8) -> u32 {
	let authorities = Babe::authorities().len() as u32;
	let disabled = Session::disabled_validators();
	(0..authorities)
		.map(|step| (u32::from(by) + step) % authorities)
		.find(|index| !disabled.contains(index))
		.expect("never are all validators disabled")
}

/// Ends the block with what is left of its weight. `full`: nothing. Whether it disabled its author.
pub fn end(number: BlockNumber, full: bool) -> bool {
	System::note_finished_extrinsics();
	let max = RuntimeBlockWeights::get().max_block;
	if full {
		let rest = max.saturating_sub(System::block_weight().total());
		System::register_extra_weight_unchecked(rest, DispatchClass::Normal);
	}
	let remaining = max.saturating_sub(System::block_weight().total());
	if remaining.all_gt(Weight::zero()) {
		let used = <AllPalletsWithSystem as OnIdle<BlockNumber>>::on_idle(number, remaining);
		System::register_extra_weight_unchecked(used, DispatchClass::Mandatory);
	}
	let replaced = replace_disabled_author();
	<AllPalletsWithSystem as OnFinalize<BlockNumber>>::on_finalize(number);
	replaced
}

/// An author that its own block disables can not finish it: BABE refuses. The slot is lost, and the
/// same happens in a block of somebody else, which this one becomes. Whether that was so.
fn replace_disabled_author() -> bool {
	pallet_babe::Initialized::<Runtime>::mutate(|slot| {
		let Some(Some(PreDigest::SecondaryVRF(digest))) = slot else { return false };
		let enabled = author(digest.authority_index as u8);
		let disabled = enabled != digest.authority_index;
		digest.authority_index = enabled;
		disabled
	})
}

/// The hash that signatures name.
pub fn genesis() -> H256 {
	System::block_hash(0)
}

/// Applies a call of the off-chain worker as a block does: authorised first, or refused.
pub fn submit(call: impl Into<RuntimeCall>) -> Result<(), InvalidTransaction> {
	let call = call.into();
	let authorised = call.authorize(TransactionSource::InBlock).expect("a call to authorise");
	match authorised {
		Ok(_) => {
			let done = call.dispatch(frame_system::RawOrigin::Authorized.into());
			done.map(drop).map_err(|error| {
				panic!("what was authorised can not fail: {error:?}");
			})
		},
		Err(TransactionValidityError::Invalid(reason)) => Err(reason),
		Err(other) => panic!("neither valid nor invalid: {other:?}"),
	}
}

/// Applies a call, without a fee.
pub fn dispatch(origin: RuntimeOrigin, call: impl Into<RuntimeCall>) -> Result<(), DispatchError> {
	call.into().dispatch(origin).map(drop).map_err(|error| error.error)
}

/// The events since this was asked last.
pub fn take_events() -> Vec<RuntimeEvent> {
	let events = System::read_events_no_consensus().map(|record| record.event).collect();
	System::reset_events();
	events
}

/// The current session.
pub fn session() -> u32 {
	<Runtime as pallet_attestation::Config>::Session::get()
}
