// SPDX-License-Identifier: Apache-2.0
//! The terminal record of a request.

use crate::{
	assurance::Assurance,
	commitment::AnswerDigest,
	ids::{ContentHash, ReleaseId, RequestDigest, RequestId},
	limits::MaxPanel,
	outcome::{Outcome, Verdict},
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::BoundedVec;
use scale_info::TypeInfo;

/// One member of the panel, in the end.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Member<AccountId, Balance> {
	/// Who.
	pub attester: AccountId,
	/// Its stake (exposure) when it was drawn.
	pub stake: Balance,
	/// What became of it.
	pub verdict: Verdict,
	/// What it was paid: its own part, and that of its nominators (see [`crate::income`]).
	pub paid: Balance,
}

/// How a request ended: the record that a dApp reads and a light client can prove.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Settlement<AccountId, Balance, BlockNumber> {
	/// Who asked and paid.
	pub requester: AccountId,
	/// What was asked.
	pub release: ReleaseId,
	/// The model file.
	pub content: ContentHash,
	/// What the request was.
	pub digest: RequestDigest,
	/// What the requester chose.
	pub assurance: Assurance,
	/// The answer, or the typed failure.
	pub outcome: Outcome,
	/// Digest of the accepted answer.
	pub answer: Option<AnswerDigest>,
	/// The panel, in the order in which it was drawn. Empty if none was.
	pub panel: BoundedVec<Member<AccountId, Balance>, MaxPanel>,
	/// How many members agreed with the accepted answer.
	pub agreement: u8,
	/// Stake (exposure) of those members in sum.
	pub stake_behind: Balance,
	/// What the requester paid: attesters, royalty and protocol.
	pub charged: Balance,
	/// Of it, to the model's owner.
	pub royalty: Balance,
	/// Of it, to the treasury.
	pub protocol: Balance,
	/// What went back to the requester.
	pub refunded: Balance,
	/// What the requester got, at once, of what faults on its panel cost.
	pub compensated: Balance,
	/// The request whose disagreement it decides, if it was an escalation.
	pub escalates: Option<RequestId>,
	/// Block of inclusion.
	pub requested_at: BlockNumber,
	/// Block of settlement.
	pub settled_at: BlockNumber,
}
