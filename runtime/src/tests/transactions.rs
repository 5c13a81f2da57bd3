// SPDX-License-Identifier: Apache-2.0
//! What transactions carry and what is refused.

use codec::Encode;
use frame_support::dispatch::GetDispatchInfo;
use frame_system::offchain::{CreateAuthorizedTransaction, CreateBare};
use sp_keyring::Sr25519Keyring;
use sp_runtime::{
	generic::Era,
	traits::{Checkable, TransactionExtension},
	transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
};

use super::new_test_ext;
use crate::{
	Balance, Executive, Runtime, RuntimeCall, SignedPayload, System, TxExtension,
	UncheckedExtrinsic, constants::currency::MILLIJUR, transaction::tx_extension,
};

fn remark() -> RuntimeCall {
	RuntimeCall::System(frame_system::Call::remark { remark: b"sworn".to_vec() })
}

fn signed(call: RuntimeCall, by: Sr25519Keyring, nonce: crate::Nonce) -> UncheckedExtrinsic {
	let payload = SignedPayload::new(call, tx_extension(nonce, Era::Immortal, 0))
		.expect("the implicit part is there");
	let signature = payload.using_encoded(|bytes| by.sign(bytes));
	let (call, extension, _) = payload.deconstruct();
	UncheckedExtrinsic::new_signed(
		call,
		by.to_account_id().into(),
		crate::Signature::Sr25519(signature),
		extension,
	)
}

#[test]
fn authorisation_comes_first_and_weight_is_reclaimed_last() {
	let names: Vec<_> = <TxExtension as TransactionExtension<RuntimeCall>>::metadata()
		.into_iter()
		.map(|extension| extension.identifier)
		.collect();
	assert_eq!(
		names,
		[
			"AuthorizeCall",
			"CheckNonZeroSender",
			"CheckSpecVersion",
			"CheckTxVersion",
			"CheckGenesis",
			"CheckMortality",
			"CheckNonce",
			"CheckWeight",
			"ChargeTransactionPayment",
			"CheckMetadataHash",
			"WeightReclaim",
		]
	);
}

#[test]
fn a_signed_transaction_is_valid_once_its_nonce_is_next() {
	new_test_ext("development").execute_with(|| {
		let at = System::parent_hash();
		let source = TransactionSource::External;
		let fresh = signed(remark(), Sr25519Keyring::Bob, 0);
		assert!(Executive::validate_transaction(source, fresh, at).is_ok());
	});
}

#[test]
fn an_account_without_money_cannot_pay() {
	new_test_ext("development").execute_with(|| {
		let poor = signed(remark(), Sr25519Keyring::One, 0);
		assert_eq!(
			Executive::validate_transaction(
				TransactionSource::External,
				poor,
				System::parent_hash()
			),
			Err(TransactionValidityError::Invalid(InvalidTransaction::Payment)),
		);
	});
}

#[test]
fn a_call_that_nobody_authorises_is_no_transaction() {
	new_test_ext("development").execute_with(|| {
		let at = System::parent_hash();
		let source = TransactionSource::External;
		let general =
			<Runtime as CreateAuthorizedTransaction<RuntimeCall>>::create_authorized_transaction(
				remark(),
			);
		assert!(Executive::validate_transaction(source, general, at).is_err());
		let bare = <Runtime as CreateBare<RuntimeCall>>::create_bare(remark());
		assert!(Executive::validate_transaction(source, bare, at).is_err());
	});
}

#[test]
fn a_transaction_survives_the_wire() {
	new_test_ext("development").execute_with(|| {
		let sent = signed(remark(), Sr25519Keyring::Alice, 0);
		let received: UncheckedExtrinsic =
			codec::DecodeAll::decode_all(&mut &sent.encode()[..]).expect("it decodes");
		assert_eq!(sent, received);
		assert!(received.check(&frame_system::ChainContext::<Runtime>::default()).is_ok());
	});
}

#[test]
fn a_transfer_costs_between_a_tenth_and_ten_millijur() {
	new_test_ext("development").execute_with(|| {
		let transfer = RuntimeCall::Balances(pallet_balances::Call::transfer_keep_alive {
			dest: Sr25519Keyring::Bob.to_account_id().into(),
			value: MILLIJUR,
		});
		let length = signed(transfer.clone(), Sr25519Keyring::Alice, 0).encoded_size() as u32;
		let fee: Balance =
			crate::TransactionPayment::compute_fee(length, &transfer.get_dispatch_info(), 0);
		assert!((MILLIJUR / 10..10 * MILLIJUR).contains(&fee), "{fee} planck");
	});
}

/// Whoever may do no more than that can neither take the money nor what it hangs on.
#[test]
fn a_proxy_that_moves_no_money_moves_none() {
	use crate::configs::utility::ProxyType;
	use frame_support::traits::InstanceFilter;

	let bob = || Sr25519Keyring::Bob.to_account_id();
	let release = jurat_primitives::ReleaseId { model: 0, version: Default::default() };
	let options = jurat_primitives::RequestOptions {
		assurance: jurat_primitives::Assurance::quorum(1),
		max_fee: 1,
		deadline: 20,
		min_stake: 0,
	};
	let input = jurat_primitives::RequestInput::Inline(Default::default());
	let forbidden: [RuntimeCall; 7] = [
		pallet_balances::Call::transfer_allow_death { dest: bob().into(), value: 1 }.into(),
		pallet_models::Call::transfer_model { model: 0, new_owner: bob().into() }.into(),
		pallet_inference::Call::request { release, input, options }.into(),
		pallet_staking::Call::set_payee {
			payee: pallet_staking::RewardDestination::Account(bob()),
		}
		.into(),
		pallet_staking::Call::bond { value: 1, payee: pallet_staking::RewardDestination::Staked }
			.into(),
		pallet_sudo::Call::sudo { call: Box::new(remark()) }.into(),
		pallet_proxy::Call::proxy {
			real: bob().into(),
			force_proxy_type: None,
			call: Box::new(remark()),
		}
		.into(),
	];
	for call in forbidden {
		assert!(!ProxyType::NonTransfer.filter(&call), "{call:?}");
		assert!(ProxyType::Any.filter(&call), "{call:?}");
	}
	let allowed: [RuntimeCall; 5] = [
		pallet_models::Call::set_price { release, price: 1 }.into(),
		pallet_attestation::Call::pause {}.into(),
		pallet_inference::Call::cancel { request: 0 }.into(),
		pallet_staking::Call::chill {}.into(),
		pallet_utility::Call::batch { calls: vec![remark()] }.into(),
	];
	for call in allowed {
		assert!(ProxyType::NonTransfer.filter(&call), "{call:?}");
	}
	// Else it could make itself a proxy that may name another payee.
	assert!(!ProxyType::NonTransfer.is_superset(&ProxyType::Staking));
	assert!(ProxyType::Any.is_superset(&ProxyType::NonTransfer));
}
