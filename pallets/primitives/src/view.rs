// SPDX-License-Identifier: Apache-2.0
//! What the runtime APIs show of the chain's state.

use crate::{
	ids::{ContentHash, ModelId, ReleaseId, RequestDigest, RequestId},
	manifest::Manifest,
	outcome::Fault,
	request::RequestOptions,
	traits::Seat,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// State of a release.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum ReleaseState {
	/// Waits for enough attesters to announce it.
	#[codec(index = 0)]
	Published,
	/// Takes requests.
	#[codec(index = 1)]
	Active,
	/// Takes no new requests.
	#[codec(index = 2)]
	Deprecated,
}

/// A model.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ModelView<AccountId, Balance> {
	/// Its number.
	pub model: ModelId,
	/// Its name.
	pub name: Vec<u8>,
	/// Its owner.
	pub owner: AccountId,
	/// What the owner says of it (UTF-8).
	pub metadata: Vec<u8>,
	/// Held for its storage.
	pub deposit: Balance,
	/// Number of its releases.
	pub releases: u32,
}

/// A release.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct ReleaseView<Balance, BlockNumber> {
	/// Which.
	pub release: ReleaseId,
	/// The model file.
	pub content: ContentHash,
	/// Its size in bytes.
	pub size: u64,
	/// What it promises.
	pub manifest: Manifest,
	/// Royalty of one request.
	pub price: Balance,
	/// Its state.
	pub state: ReleaseState,
	/// Held for its storage.
	pub deposit: Balance,
	/// Block of publication.
	pub published_at: BlockNumber,
	/// Attesters that announce it.
	pub servers: u32,
	/// Open requests that use it.
	pub users: u32,
}

/// Where an open request stands.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum Stage {
	/// Waits for its panel.
	#[codec(index = 0)]
	Pending,
	/// A panel is drawn; commitments are due.
	#[codec(index = 1)]
	Assigned,
	/// Commitments are in; reveals are due.
	#[codec(index = 2)]
	Committed,
	/// The first reveal is in.
	#[codec(index = 3)]
	Revealing,
}

/// An open request.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct RequestView<AccountId, Balance, BlockNumber> {
	/// Its number.
	pub request: RequestId,
	/// What it is, on whichever fork.
	pub digest: RequestDigest,
	/// Who asked.
	pub requester: AccountId,
	/// What was asked.
	pub release: ReleaseId,
	/// What the requester chose.
	pub options: RequestOptions<Balance, BlockNumber>,
	/// Where it stands.
	pub stage: Stage,
	/// The block by which this stage ends.
	pub due: BlockNumber,
	/// The block by which the request ends.
	pub deadline: BlockNumber,
	/// Held for it.
	pub escrow: Balance,
	/// Block of inclusion.
	pub requested_at: BlockNumber,
	/// Its panel, once drawn.
	pub panel: Vec<Seat<AccountId, Balance>>,
}

/// Part of a bond on its way out.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Unlocking<Balance, BlockNumber> {
	/// How much.
	pub amount: Balance,
	/// From which block it can be withdrawn.
	pub at: BlockNumber,
}

/// An attester.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct AttesterView<Balance, BlockNumber> {
	/// Its bond that stands for new work.
	pub bonded: Balance,
	/// Its bond on the way out; still liable.
	pub unlocking: Vec<Unlocking<Balance, BlockNumber>>,
	/// Whether it takes no new work by its own choice.
	pub paused: bool,
	/// Whether it is a validator of this session with an attestation key.
	pub active: bool,
	/// Its stake (exposure) in this session.
	pub stake: Balance,
	/// Panels it sits on now.
	pub open_panels: u32,
	/// Faults booked so far.
	pub faults: Vec<(Fault, u32)>,
}
