// SPDX-License-Identifier: Apache-2.0
//! A request on the assembled runtime: real stake, real randomness, real prices.

use core::any::TypeId;

use codec::Encode;
use frame_support::{
	assert_ok,
	traits::{Authorize, Hooks},
	weights::Weight,
};
use jurat_primitives::{
	Answer, Assurance, ContentHash, Dimension, ElementType, EngineId, Manifest, NumericProfile,
	Outcome, ReleaseId, RequestInput, RequestOptions, TensorSpec, Version,
	batch::{CommitBatch, CommitEntry, RevealBatch, RevealEntry, Revealed},
	commitment::{answer_digest, commitment},
	crypto::{AttestationPair, AttestationSignature},
	tensor::{InlineTensor, NamedTensor, Tensors},
	traits::{BlockRandomness, ValidatorStake},
};
use sp_consensus_babe::{
	BABE_ENGINE_ID, Slot,
	digests::{PreDigest, SecondaryVRFPreDigest},
};
use sp_core::{H256, Pair, sr25519::vrf::VrfSignature};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
	BoundedVec, Digest, DigestItem, traits::Dispatchable, transaction_validity::TransactionSource,
};

use super::new_test_ext;
use crate::{
	AccountId, Attestation, Balance, Balances, BlockNumber, Hash, Inference, Models, Runtime,
	RuntimeCall, RuntimeOrigin, System,
	configs::{
		attestation::{AuthorVrf, Exposures},
		governance::TreasuryAccount,
	},
	constants::currency::{EXISTENTIAL_DEPOSIT, JUR},
	genesis_config_presets::STAKE,
};

const PRICE: Balance = JUR;

/// A VRF signature as it stands in a block's digest. Block import verifies it; the runtime reads it.
fn vrf(slot: u64) -> VrfSignature {
	use sp_core::crypto::VrfSecret;
	let data =
		sp_core::sr25519::vrf::VrfTranscript::new(b"test", &[(b"slot", &slot.to_le_bytes())])
			.into_sign_data();
	Sr25519Keyring::Alice.pair().vrf_sign(&data)
}

/// Begins a block as the node does: with the author's pre-runtime digest.
pub(super) fn begin(number: BlockNumber) {
	let pre_digest = PreDigest::SecondaryVRF(SecondaryVRFPreDigest {
		authority_index: 0,
		slot: Slot::from(u64::from(number)),
		vrf_signature: vrf(number.into()),
	});
	let digest = Digest { logs: vec![DigestItem::PreRuntime(BABE_ENGINE_ID, pre_digest.encode())] };
	System::initialize(&number, &Hash::repeat_byte(number as u8), &digest);
	Inference::on_initialize(number);
}

/// Ends it with what is left of its weight.
pub(super) fn end(number: BlockNumber) {
	Inference::on_idle(number, Weight::MAX);
	assert_ok!(crate::invariants::check());
}

fn manifest() -> Manifest {
	let spec = |name: &str| TensorSpec {
		name: BoundedVec::truncate_from(name.into()),
		element_type: ElementType::U8,
		shape: BoundedVec::truncate_from(vec![Dimension::Fixed(2)]),
	};
	Manifest {
		opset: 17,
		engine: EngineId::OnnxRuntime1_31,
		profile: NumericProfile::Exact,
		inputs: BoundedVec::truncate_from(vec![spec("x")]),
		outputs: BoundedVec::truncate_from(vec![spec("y")]),
		operators: BoundedVec::truncate_from(vec![BoundedVec::truncate_from(b"Identity".to_vec())]),
		compute_units: 5,
		allow_nan: false,
		licence: Default::default(),
		tags: Default::default(),
	}
}

pub(super) fn tensors(name: &str) -> Tensors {
	let tensor = InlineTensor::new(ElementType::U8, [2], vec![7, 9]).unwrap();
	Tensors::truncate_from(vec![NamedTensor::new(name, tensor).unwrap()])
}

pub(super) fn validators() -> [Sr25519Keyring; 4] {
	[Sr25519Keyring::Alice, Sr25519Keyring::Bob, Sr25519Keyring::Charlie, Sr25519Keyring::Dave]
}

pub(super) fn origin(who: Sr25519Keyring) -> RuntimeOrigin {
	RuntimeOrigin::signed(who.to_account_id())
}

/// A release of Ferdie's that all four validators serve.
pub(super) fn active_release() -> ReleaseId {
	assert_ok!(Models::create_model(
		origin(Sr25519Keyring::Ferdie),
		BoundedVec::truncate_from(b"echo".to_vec()),
		Default::default(),
	));
	let release = ReleaseId { model: 0, version: Version { major: 1, minor: 0 } };
	assert_ok!(Models::publish_release(
		origin(Sr25519Keyring::Ferdie),
		release.model,
		release.version,
		ContentHash([1; 32]),
		100,
		manifest(),
		PRICE,
	));
	for validator in validators() {
		assert_ok!(Attestation::bond(origin(validator), 1_000 * JUR));
		assert_ok!(Attestation::serve(origin(validator), release));
	}
	release
}

/// Applies a call of the off-chain worker as a block does.
pub(super) fn apply(call: RuntimeCall) {
	let authorised = call.authorize(TransactionSource::InBlock).expect("an authorised call");
	authorised.expect("it is due and well signed");
	assert_ok!(call.dispatch(frame_system::RawOrigin::Authorized.into()));
}

fn key(who: &AccountId) -> AttestationPair {
	Sr25519Keyring::from_account_id(who).expect("a well-known validator").pair().into()
}

pub(super) fn sign(who: &AccountId, payload: &[u8]) -> AttestationSignature {
	key(who).sign(payload)
}

pub(super) fn genesis() -> H256 {
	System::block_hash(0)
}

#[test]
fn a_request_is_answered_in_four_blocks_and_every_planck_is_accounted_for() {
	new_test_ext("local").execute_with(|| {
		begin(2);
		let release = active_release();
		end(2);

		begin(3);
		let requester = Sr25519Keyring::Eve.to_account_id();
		let before = Balances::free_balance(&requester);
		let owner_before = Balances::free_balance(Sr25519Keyring::Ferdie.to_account_id());
		let issuance = Balances::total_issuance();
		let assurance = Assurance::quorum(3);
		let input = RequestInput::Inline(tensors("x"));
		let quote = Inference::quote(release, assurance, input.size()).unwrap();
		let options =
			RequestOptions { assurance, max_fee: quote.total, deadline: 50, min_stake: 0 };
		assert_ok!(Inference::request(
			RuntimeOrigin::signed(requester.clone()),
			release,
			input,
			options
		));
		assert_eq!(Balances::free_balance(&requester), before - quote.total);
		end(3);
		assert!(Attestation::seats(0).is_empty());

		begin(4);
		let seats = Attestation::seats(0);
		assert_eq!(seats.len(), 3);
		let digest = pallet_inference::Requests::<Runtime>::get(0).unwrap().digest;
		end(4);

		begin(5);
		let answer = Answer::Output(tensors("y"));
		let sworn = answer_digest(&answer);
		for seat in &seats {
			let commitment = commitment(&genesis(), &digest, &seat.attester, &sworn, &[3; 32]);
			let batch = CommitBatch {
				attester: seat.attester.clone(),
				session: 0,
				entries: BoundedVec::truncate_from(vec![CommitEntry {
					request: 0,
					digest,
					commitment,
				}]),
			};
			let signature = sign(&seat.attester, &batch.signing_payload(&genesis()));
			apply(pallet_attestation::Call::commit { batch, signature }.into());
		}
		end(5);

		begin(6);
		for (place, seat) in seats.iter().enumerate() {
			let revealed =
				if place == 0 { Revealed::Full(answer.clone()) } else { Revealed::Digest(sworn) };
			let batch = RevealBatch {
				attester: seat.attester.clone(),
				session: 0,
				entries: BoundedVec::truncate_from(vec![RevealEntry {
					request: 0,
					digest,
					salt: [3; 32],
					revealed,
				}]),
			};
			let signature = sign(&seat.attester, &batch.signing_payload(&genesis()));
			apply(pallet_attestation::Call::reveal { batch, signature }.into());
		}
		end(6);

		let settlement = Inference::settlement(0).expect("settled in the block of the reveals");
		assert_eq!(settlement.outcome, Outcome::Answered(tensors("y")));
		assert_eq!((settlement.requested_at, settlement.settled_at), (3, 6));
		assert_eq!(settlement.agreement, 3);
		let stake: Balance = seats.iter().map(|seat| seat.stake).sum();
		assert_eq!(settlement.stake_behind, stake);
		assert_eq!((settlement.charged, settlement.refunded), (quote.total, 0));
		assert_eq!(Balances::free_balance(&requester), before - quote.total);
		assert_eq!(
			Balances::free_balance(Sr25519Keyring::Ferdie.to_account_id()),
			owner_before + PRICE
		);
		assert_eq!(
			Balances::free_balance(TreasuryAccount::get()),
			EXISTENTIAL_DEPOSIT + quote.protocol
		);
		assert_eq!(Balances::total_issuance(), issuance);
	});
}

#[test]
fn a_request_that_nobody_answers_is_refunded() {
	new_test_ext("local").execute_with(|| {
		begin(2);
		let release = active_release();
		let requester = Sr25519Keyring::Eve.to_account_id();
		let before = Balances::free_balance(&requester);
		let options = RequestOptions {
			assurance: Assurance::quorum(3),
			max_fee: Balance::MAX,
			deadline: 20,
			min_stake: 0,
		};
		let input = RequestInput::Inline(tensors("x"));
		assert_ok!(Inference::request(
			RuntimeOrigin::signed(requester.clone()),
			release,
			input,
			options
		));
		end(2);
		for number in 3..=22 {
			begin(number);
			end(number);
		}
		let settlement = Inference::settlement(0).expect("settled by its deadline");
		assert!(matches!(settlement.outcome, Outcome::Expired(_)), "{settlement:?}");
		assert_eq!(Balances::free_balance(&requester), before);
	});
}

#[test]
fn the_panel_comes_from_the_vrf_of_the_block_s_own_author() {
	new_test_ext("local").execute_with(|| {
		begin(2);
		let first = AuthorVrf::current().expect("the digest carries a VRF output");
		assert_eq!(AuthorVrf::current(), Some(first));
		begin(3);
		assert_ne!(AuthorVrf::current(), Some(first));
		let foreign = Digest { logs: vec![DigestItem::Other(vec![1])] };
		System::initialize(&4, &Hash::repeat_byte(4), &foreign);
		assert_eq!(AuthorVrf::current(), None);
	});
}

#[test]
fn an_attester_s_weight_is_its_exposure_from_genesis_on() {
	new_test_ext("local").execute_with(|| {
		for validator in validators() {
			let account = validator.to_account_id();
			// The election rounds shares of stake.
			let stake = Exposures::exposure(&account).total;
			assert!((STAKE - 1_000..=STAKE).contains(&stake), "{stake}");
			let entry =
				pallet_attestation::Roster::<Runtime>::get(&account).expect("in the roster");
			assert_eq!(entry.exposure.total, stake);
		}
		assert_eq!(Exposures::exposure(&Sr25519Keyring::Eve.to_account_id()).total, 0);
	});
}

#[test]
fn our_pallets_use_the_weights_that_were_measured_for_them() {
	fn is<T: 'static, U: 'static>() -> bool {
		TypeId::of::<T>() == TypeId::of::<U>()
	}
	type Models = <Runtime as pallet_models::Config>::WeightInfo;
	type Attestation = <Runtime as pallet_attestation::Config>::WeightInfo;
	type Inference = <Runtime as pallet_inference::Config>::WeightInfo;
	type Rewards = <Runtime as pallet_inference_rewards::Config>::WeightInfo;
	type Custody = <Runtime as pallet_custody::Config>::WeightInfo;
	assert!(is::<Models, pallet_models::weights::SubstrateWeight<Runtime>>());
	assert!(is::<Attestation, pallet_attestation::weights::SubstrateWeight<Runtime>>());
	assert!(is::<Inference, pallet_inference::weights::SubstrateWeight<Runtime>>());
	assert!(is::<Rewards, pallet_inference_rewards::weights::SubstrateWeight<Runtime>>());
	assert!(is::<Custody, pallet_custody::weights::SubstrateWeight<Runtime>>());

	// What a block is charged is what the benchmark said.
	use frame_support::dispatch::GetDispatchInfo;
	use pallet_attestation::WeightInfo;
	let call = RuntimeCall::from(pallet_attestation::Call::pause {});
	assert_eq!(call.get_dispatch_info().call_weight, Attestation::pause());
	assert!(Attestation::pause().ref_time() > 0);
}

#[test]
fn attestations_are_operational_so_that_full_blocks_do_not_make_honest_nodes_look_absent() {
	use frame_support::dispatch::{DispatchClass, GetDispatchInfo};
	let batch = CommitBatch {
		attester: Sr25519Keyring::Alice.to_account_id(),
		session: 0,
		entries: Default::default(),
	};
	let signature = sign(&batch.attester, &[]);
	let call = RuntimeCall::from(pallet_attestation::Call::commit { batch, signature });
	assert_eq!(call.get_dispatch_info().class, DispatchClass::Operational);
}

#[test]
fn a_full_batch_of_each_kind_fits_a_block() {
	use pallet_attestation::WeightInfo;
	type Weights = <Runtime as pallet_attestation::Config>::WeightInfo;
	let max = crate::configs::system::RuntimeBlockWeights::get().max_block;
	for weight in [
		Weights::commit(256).saturating_add(Weights::authorize_commit(256)),
		Weights::reveal(256, 512 * 1024).saturating_add(Weights::authorize_reveal(256, 512 * 1024)),
	] {
		assert!(weight.all_lte(max), "{weight} of {max}");
	}
}
