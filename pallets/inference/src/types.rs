// SPDX-License-Identifier: Apache-2.0
//! What the pallet stores, and what its events say.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::BoundedVec;
use jurat_primitives::{
	Answer, Assurance, ContentHash, ExpiryReason, Outcome, ReleaseId, RequestDigest, RequestId,
	RequestOptions, UnservedReason, commitment::AnswerDigest, traits::Seat, view::Stage,
};
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_runtime::Perbill;
use sp_staking::SessionIndex;

/// The prices of a request, fixed when it is included: what parameters and price of the release
/// become later does not change what it costs.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct FeeTerms<Balance> {
	/// To each attester that agrees, in planck of JUR.
	pub per_attester: Balance,
	/// To the model's owner, in planck of JUR.
	pub royalty: Balance,
	/// The protocol's share of what attesters and owner get.
	pub cut: Perbill,
}

/// An open request.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Request<AccountId, Balance, BlockNumber> {
	/// Who asked and pays.
	pub requester: AccountId,
	/// What was asked.
	pub release: ReleaseId,
	/// The model file.
	pub content: ContentHash,
	/// What the request is, on whichever fork.
	pub digest: RequestDigest,
	/// What the requester chose.
	pub options: RequestOptions<Balance, BlockNumber>,
	/// What it costs.
	pub terms: FeeTerms<Balance>,
	/// Held for it: the quote at inclusion, in planck of JUR.
	pub escrow: Balance,
	/// Whether answers must be equal byte for byte, as the manifest says.
	pub exact: bool,
	/// The request whose disagreement it is to decide, if it is an escalation.
	pub escalates: Option<RequestId>,
	/// Where it stands.
	pub stage: Stage,
	/// Why the last attempt to draw a panel failed.
	pub refused: Option<UnservedReason>,
	/// The agenda slot that it sits in: the block in which this stage ends.
	pub due: BlockNumber,
	/// The block by which it ends.
	pub deadline: BlockNumber,
	/// Block of inclusion.
	pub requested_at: BlockNumber,
}

impl<AccountId, Balance, BlockNumber> Request<AccountId, Balance, BlockNumber> {
	/// Seats of the panel.
	pub const fn seats(&self) -> u8 {
		let Assurance::Quorum { size, .. } = self.options.assurance;
		size
	}

	/// How many members of the panel must agree.
	pub const fn threshold(&self) -> u8 {
		let Assurance::Quorum { threshold, .. } = self.options.assurance;
		threshold
	}
}

/// A request on which a panel disagreed, while a larger one may decide or is to decide.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ContestedRequest<AccountId, Balance, BlockNumber> {
	/// The request as it was.
	pub request: Request<AccountId, Balance, BlockNumber>,
	/// Its panel.
	pub seats: BoundedVec<Seat<AccountId, Balance>, MaxContested>,
	/// The answers that it showed, by digest. Empty if digests say it all.
	pub answers: BoundedVec<(AnswerDigest, Answer), MaxContested>,
	/// The session in which the panel was drawn.
	pub session: SessionIndex,
	/// It may be escalated in blocks before this one.
	pub until: BlockNumber,
	/// The request that decides.
	pub escalation: Option<RequestId>,
}

/// Seats of a panel that a larger one can follow, as a type.
pub type MaxContested = ConstU32<{ crate::escalation::MAX_CONTESTED }>;

/// How a request ended, without the output. Codec indices are those of [`Outcome`].
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
pub enum OutcomeKind {
	/// Enough of the panel agreed on an output.
	#[codec(index = 0)]
	Answered,
	/// The panel answered, but too few of it agreed.
	#[codec(index = 1)]
	Disagreed,
	/// A panel was drawn but did not deliver.
	#[codec(index = 2)]
	Expired(ExpiryReason),
	/// Nobody could serve it.
	#[codec(index = 3)]
	Unserved(UnservedReason),
	/// The requester withdrew it before a panel was drawn.
	#[codec(index = 4)]
	Cancelled,
}

impl From<&Outcome> for OutcomeKind {
	fn from(outcome: &Outcome) -> Self {
		match outcome {
			Outcome::Answered(_) => Self::Answered,
			Outcome::Disagreed => Self::Disagreed,
			Outcome::Expired(reason) => Self::Expired(*reason),
			Outcome::Unserved(reason) => Self::Unserved(*reason),
			Outcome::Cancelled => Self::Cancelled,
		}
	}
}
