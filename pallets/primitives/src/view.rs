// SPDX-License-Identifier: Apache-2.0
//! What the runtime APIs show of the chain's state.

use crate::{
	ids::{ContentHash, ModelId, ReleaseId, RequestDigest, RequestId},
	limits::MaxPanel,
	manifest::Manifest,
	mirror::Mirrors,
	outcome::Fault,
	request::RequestOptions,
	traits::{Exposure, Seat},
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::BoundedVec;
use scale_info::TypeInfo;
use sp_runtime::Perbill;
use sp_staking::SessionIndex;

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
	/// Where its file can be had, besides from attesters.
	pub mirrors: Mirrors,
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
	/// The request whose disagreement it is to decide, if it is an escalation.
	pub escalates: Option<RequestId>,
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

/// What was taken for a fault and waits, in case it is proved wrong.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PendingPenalty<AccountId, Balance, BlockNumber> {
	/// For which fault.
	pub fault: Fault,
	/// How much, in planck of JUR.
	pub amount: Balance,
	/// From which block on it is shared out.
	pub until: BlockNumber,
	/// Who asked.
	pub requester: AccountId,
	/// How much of it is the requester's, in planck of JUR.
	pub owed: Balance,
	/// The session in which the panel was drawn.
	pub session: SessionIndex,
	/// Validators when it was judged.
	pub validators: u32,
	/// How much the panel counted in the attester's reputation.
	pub weight: Perbill,
	/// Those whose word it is: who agreed on the other answer.
	pub witnesses: BoundedVec<AccountId, MaxPanel>,
}

/// An attester.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct AttesterView<AccountId, Balance, BlockNumber> {
	/// Its bond that stands for new work.
	pub bonded: Balance,
	/// Its bond on the way out; still liable.
	pub unlocking: Vec<Unlocking<Balance, BlockNumber>>,
	/// What was taken of its bond and waits for the end of the challenge window, by request.
	pub pending: Vec<(RequestId, PendingPenalty<AccountId, Balance, BlockNumber>)>,
	/// Whether it takes no new work, by its own choice or because its bond fell below the minimum.
	pub paused: bool,
	/// Whether it is a validator of this session with an attestation key.
	pub active: bool,
	/// What stands behind it in this session.
	pub exposure: Exposure<Balance>,
	/// Expected share of its work that is right.
	pub reputation: Perbill,
	/// What it is drawn by: its exposure, weighted by its reputation.
	pub weight: u128,
	/// Panels it sits on now.
	pub open_panels: u32,
	/// Faults booked so far.
	pub faults: Vec<(Fault, u32)>,
	/// The block before which its next absence is not its first: it was warned.
	pub warned_until: Option<BlockNumber>,
}

/// What one attester stands with behind an answer, now.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Backing<AccountId, Balance> {
	/// Who.
	pub attester: AccountId,
	/// Its attestation bond, also what is on the way out: what its faults are paid from.
	pub bond: Balance,
	/// Its stake in consensus, which an equivocation is paid from: its own and its nominators'.
	pub exposure: Exposure<Balance>,
}

/// The economic security of a settled answer: what those who agreed on it can still lose.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct EconomicSecurity<AccountId, Balance> {
	/// Each member that agreed.
	pub members: Vec<Backing<AccountId, Balance>>,
	/// Their bonds in sum.
	pub bonds: Balance,
	/// Their own stakes in sum.
	pub own: Balance,
	/// Their nominators' stakes in sum.
	pub nominated: Balance,
}
