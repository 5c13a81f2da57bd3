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
