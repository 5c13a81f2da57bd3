// SPDX-License-Identifier: Apache-2.0
//! The calls of the chain that a client submits.
//!
//! Arguments are SCALE-encoded from the types of `jurat-primitives`; pallet and call are found by
//! name in the chain's metadata when the call is submitted. So no metadata is compiled in.

use super::{AccountId32, Balance, BlockNumber};
use codec::{Compact, Encode};
use jurat_primitives::{
	ContentHash, Manifest, Mirrors, ModelId, ReleaseId, RequestId, RequestInput, RequestOptions,
	Version,
};
use subxt::{
	ext::{
		scale_encode::{EncodeAsFields, Error as EncodeError, FieldIter},
		scale_type_resolver::TypeResolver,
	},
	transactions::Payload,
	utils::MultiAddress,
};

/// A call: pallet, name, and its arguments in SCALE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
	pallet: &'static str,
	name: &'static str,
	args: Args,
}

/// Encoded arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Args(Vec<u8>);

impl EncodeAsFields for Args {
	fn encode_as_fields_to<R: TypeResolver>(
		&self,
		_: &mut dyn FieldIter<'_, R::TypeId>,
		_: &R,
		out: &mut Vec<u8>,
	) -> Result<(), EncodeError> {
		out.extend(&self.0);
		Ok(())
	}
}

impl Payload for Call {
	type CallData = Args;

	fn pallet_name(&self) -> &str {
		self.pallet
	}

	fn call_name(&self) -> &str {
		self.name
	}

	fn call_data(&self) -> &Args {
		&self.args
	}
}

impl Call {
	/// Any call. `args` is the tuple of its arguments.
	pub fn new(pallet: &'static str, name: &'static str, args: impl Encode) -> Self {
		Self { pallet, name, args: Args(args.encode()) }
	}

	/// What errors call it: `Pallet.call`.
	pub fn label(&self) -> String {
		format!("{}.{}", self.pallet, self.name)
	}

	/// Several calls, each already encoded with its indices: all succeed or none.
	pub(super) fn batch_all(calls: &[Vec<u8>]) -> Self {
		let mut args = Compact(calls.len() as u32).encode();
		calls.iter().for_each(|call| args.extend(call));
		Self { pallet: "Utility", name: "batch_all", args: Args(args) }
	}

	// --- Models ---

	/// Creates a model.
	pub fn create_model(name: &str, metadata: &str) -> Self {
		Self::new("Models", "create_model", (name, metadata))
	}

	/// Publishes a release. `price` is the royalty of one request.
	pub fn publish_release(
		model: ModelId,
		version: Version,
		content: ContentHash,
		size: u64,
		manifest: &Manifest,
		price: Balance,
	) -> Self {
		let args = (model, version, content, size, manifest, price);
		Self::new("Models", "publish_release", args)
	}

	/// Lets a release take no new requests.
	pub fn deprecate_release(release: ReleaseId) -> Self {
		Self::new("Models", "deprecate_release", (release,))
	}

	/// Gives a model to another account.
	pub fn transfer_model(model: ModelId, owner: AccountId32) -> Self {
		let owner: MultiAddress<AccountId32, ()> = MultiAddress::Id(owner);
		Self::new("Models", "transfer_model", (model, owner))
	}

	/// Sets the royalty of a release.
	pub fn set_price(release: ReleaseId, price: Balance) -> Self {
		Self::new("Models", "set_price", (release, price))
	}

	/// Says where the file of a release can be had, besides from attesters.
	pub fn set_mirrors(release: ReleaseId, mirrors: &Mirrors) -> Self {
		Self::new("Models", "set_mirrors", (release, mirrors))
	}

	/// Replaces what the owner says of a model.
	pub fn update_metadata(model: ModelId, metadata: &str) -> Self {
		Self::new("Models", "update_metadata", (model, metadata))
	}

	/// Removes a release that is not in use.
	pub fn remove_release(release: ReleaseId) -> Self {
		Self::new("Models", "remove_release", (release,))
	}

	/// Removes a model without releases.
	pub fn remove_model(model: ModelId) -> Self {
		Self::new("Models", "remove_model", (model,))
	}

	// --- Attestation ---

	/// Bonds for attestation.
	pub fn bond(amount: Balance) -> Self {
		Self::new("Attestation", "bond", (Compact(amount),))
	}

	/// Adds to a bond.
	pub fn bond_extra(amount: Balance) -> Self {
		Self::new("Attestation", "bond_extra", (Compact(amount),))
	}

	/// Begins to take out a part of a bond.
	pub fn unbond(amount: Balance) -> Self {
		Self::new("Attestation", "unbond", (Compact(amount),))
	}

	/// Takes out what is due.
	pub fn withdraw() -> Self {
		Self::new("Attestation", "withdraw", ())
	}

	/// Announces that a release is served.
	pub fn serve(release: ReleaseId) -> Self {
		Self::new("Attestation", "serve", (release,))
	}

	/// Takes back such an announcement.
	pub fn stop_serving(release: ReleaseId) -> Self {
		Self::new("Attestation", "stop_serving", (release,))
	}

	/// Takes no new work.
	pub fn pause() -> Self {
		Self::new("Attestation", "pause", ())
	}

	/// Takes work again.
	pub fn resume() -> Self {
		Self::new("Attestation", "resume", ())
	}

	// --- Inference ---

	/// Requests an inference.
	pub fn request(
		release: ReleaseId,
		input: &RequestInput,
		options: &RequestOptions<Balance, BlockNumber>,
	) -> Self {
		Self::new("Inference", "request", (release, input, options))
	}

	/// Requests several inferences of one release.
	pub fn request_batch(
		release: ReleaseId,
		inputs: &[RequestInput],
		options: &RequestOptions<Balance, BlockNumber>,
	) -> Self {
		Self::new("Inference", "request_batch", (release, inputs, options))
	}

	/// Withdraws a request that has no panel yet.
	pub fn cancel(request: RequestId) -> Self {
		Self::new("Inference", "cancel", (request,))
	}

	/// Asks a larger panel to decide a request on which one disagreed.
	pub fn escalate(request: RequestId, max_fee: Balance) -> Self {
		Self::new("Inference", "escalate", (request, Compact(max_fee)))
	}

	// --- Others ---

	/// Sends money.
	pub fn transfer(to: AccountId32, amount: Balance) -> Self {
		let to: MultiAddress<AccountId32, ()> = MultiAddress::Id(to);
		Self::new("Balances", "transfer_keep_alive", (to, Compact(amount)))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn arguments_are_encoded_one_after_another() {
		let release = ReleaseId { model: 7, version: Version { major: 1, minor: 2 } };
		assert_eq!(Call::serve(release).args.0, [7, 0, 0, 0, 1, 0, 2, 0]);
		assert_eq!(Call::create_model("ab", "").args.0, [8, b'a', b'b', 0]);
		assert!(Call::withdraw().args.0.is_empty());
		assert_eq!(Call::batch_all(&[vec![1, 2], vec![3]]).args.0, [8, 1, 2, 3]);
		let transfer = Call::transfer_model(1, AccountId32([9; 32])).args.0;
		assert_eq!(transfer[..6], [1, 0, 0, 0, 0, 9]);
		assert_eq!(Call::escalate(7, 1).args.0, [7, 0, 0, 0, 0, 0, 0, 0, 4]);
	}
}
