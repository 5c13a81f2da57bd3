// SPDX-License-Identifier: Apache-2.0
//! The seams between the pallets. A pallet knows another only through these.
//!
//! ```text
//!                 Releases                      Panels, JobSource
//! pallet-models ◄────────── pallet-inference ◄─────────────────► pallet-attestation
//!       ▲  │                                     PanelObserver             │ ▲
//!       │  └──────────────────── ReleaseObserver ──────────────────────────┼─┘
//!       ├─────────────────────── ServedReleases ───────────────────────────┤
//!       │ ReleaseFiles                                          Custodians │
//!       └────────────────────────── pallet-custody ────────────────────────┘
//! ```
//!
//! The last two stand in [`crate::custody`].

use crate::{
	answer::Answer,
	commitment::AnswerDigest,
	ids::{ContentHash, ReleaseId, RequestDigest, RequestId},
	manifest::Manifest,
	outcome::{Outcome, UnservedReason, Verdict},
	request::RequestInput,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H256;
use sp_runtime::{DispatchError, DispatchResult, Weight};
use sp_staking::SessionIndex;

/// What a request needs to know of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseTerms<AccountId, Balance> {
	/// Who gets the royalty.
	pub owner: AccountId,
	/// The model file.
	pub content: ContentHash,
	/// Its size in bytes.
	pub size: u64,
	/// Price of one request, in planck of JUR.
	pub royalty: Balance,
	/// What the release promises.
	pub manifest: Manifest,
	/// Whether it takes new requests.
	pub active: bool,
}

/// The registry, for whoever requests. Implemented by `pallet-models`.
pub trait Releases<AccountId, Balance> {
	/// The terms of a release.
	fn terms(release: ReleaseId) -> Option<ReleaseTerms<AccountId, Balance>>;
	/// An open request uses the release: it cannot be removed.
	fn pin(release: ReleaseId) -> DispatchResult;
	/// The request ended.
	fn unpin(release: ReleaseId);
	/// A release that takes requests, for benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_release(owner: AccountId, manifest: Manifest, royalty: Balance) -> ReleaseId;
}

/// The registry, for whoever serves. Implemented by `pallet-models`.
pub trait ServedReleases {
	/// Whether attesters may announce that they serve this release.
	fn may_be_served(release: ReleaseId) -> DispatchResult;
	/// So many attesters now announce it.
	fn servers_changed(release: ReleaseId, servers: u32);
	/// A release that may be served, for benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_release(seed: u32) -> ReleaseId;
}

/// Hears of releases that are gone. Implemented by `pallet-attestation`.
pub trait ReleaseObserver {
	/// The release was removed; nobody can serve it any more.
	fn release_removed(release: ReleaseId);
	/// What that weighs for a release of so many servers, or of as many as there may be.
	fn weight(servers: u32) -> Weight;
}

impl ReleaseObserver for () {
	fn release_removed(_: ReleaseId) {}
	fn weight(_: u32) -> Weight {
		Weight::zero()
	}
}

/// What panel a request needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelSpec<AccountId, Balance, BlockNumber> {
	/// What to serve.
	pub release: ReleaseId,
	/// What the request is.
	pub digest: RequestDigest,
	/// Seats.
	pub size: u8,
	/// How many must agree.
	pub threshold: u8,
	/// Whether equal bytes are asked for, so that one answer may stand for many.
	pub exact: bool,
	/// Stake that the members must have in sum.
	pub min_stake: Balance,
	/// The last block of the request: no window may reach past it.
	pub deadline: BlockNumber,
	/// Who must not sit on it: the members of the panel whose disagreement it is to decide.
	pub exclude: Vec<AccountId>,
}

/// What a member of a panel did.
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
pub enum Conduct {
	/// Nothing yet.
	#[codec(index = 0)]
	Silent,
	/// Committed.
	#[codec(index = 1)]
	Committed(crate::commitment::Commitment),
	/// Revealed an answer of this digest.
	#[codec(index = 2)]
	Revealed(AnswerDigest),
	/// Revealed something that does not open its commitment.
	#[codec(index = 3)]
	BadOpening,
}

/// One member of a panel.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Seat<AccountId, Balance> {
	/// Who.
	pub attester: AccountId,
	/// Its stake (exposure) when it was drawn.
	pub stake: Balance,
	/// What it did.
	pub conduct: Conduct,
}

/// A panel at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClosedPanel<AccountId, Balance> {
	/// Members, in the order in which they were drawn.
	pub seats: Vec<Seat<AccountId, Balance>>,
	/// The answers that were shown, by digest.
	pub answers: Vec<(AnswerDigest, Answer)>,
	/// The session in which it was drawn.
	pub session: SessionIndex,
}

/// What whoever judges a panel has to know of its request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case<AccountId, Balance> {
	/// Which.
	pub request: RequestId,
	/// Who asked.
	pub requester: AccountId,
	/// What the requester is owed out of what is taken for faults, before anybody else gets of it.
	pub damages: Balance,
	/// What a member that agrees earns: how much the panel counts in a reputation.
	pub reward: Balance,
	/// The session in which the panel was drawn.
	pub session: SessionIndex,
	/// Who agreed on the accepted answer. Empty if none was.
	pub witnesses: Vec<AccountId>,
}

/// Panels of attesters. Implemented by `pallet-attestation`.
pub trait Panels<AccountId, Balance, BlockNumber> {
	/// Blocks that a panel may take from its draw to its close.
	fn duration() -> BlockNumber;
	/// Attesters that announce a release: a draw looks at each of them.
	fn servers(release: ReleaseId) -> u32;
	/// How many may announce one release.
	fn max_servers() -> u32;
	/// Draws a panel from this block's randomness. The block in which the commit window closes, or
	/// why there is no panel. A window that closes in block `until` is closed at the beginning of
	/// that block: what is to count must be included in an earlier one.
	fn draw(
		request: RequestId,
		spec: &PanelSpec<AccountId, Balance, BlockNumber>,
	) -> Result<BlockNumber, UnservedReason>;
	/// Closes the commit window. With a threshold of commitments the reveal window opens: the
	/// block in which it closes. `None`: too few.
	fn close_commitments(request: RequestId) -> Option<BlockNumber>;
	/// Ends a panel: nothing of it is left.
	fn close(request: RequestId) -> ClosedPanel<AccountId, Balance>;
	/// What became of the members of a panel: books their reputation and their faults, and takes
	/// what these cost. What the requester got of it at once; what waits for a challenge may give it
	/// more later.
	fn judge(case: &Case<AccountId, Balance>, rulings: &[(AccountId, Verdict)]) -> Balance;
	/// Makes so many attesters serve a release, for benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_servers(release: ReleaseId, count: u32);
	/// Lets every member of a panel reveal an answer, for benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_reveal(request: RequestId, answers: Vec<Answer>);
}

/// Hears of panels. Implemented by `pallet-inference`.
pub trait PanelObserver<BlockNumber> {
	/// Every member committed; reveals are due until this block.
	fn panel_committed(request: RequestId, until: BlockNumber);
	/// The first reveal is in.
	fn panel_revealing(request: RequestId);
	/// Nothing more is to be expected: the panel may be closed.
	fn panel_complete(request: RequestId);
}

impl<BlockNumber> PanelObserver<BlockNumber> for () {
	fn panel_committed(_: RequestId, _: BlockNumber) {}
	fn panel_revealing(_: RequestId) {}
	fn panel_complete(_: RequestId) {}
}

/// What the off-chain worker needs to run a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobTerms {
	/// The model file.
	pub content: ContentHash,
	/// Its size in bytes.
	pub size: u64,
	/// What the model is.
	pub manifest: Manifest,
	/// What to run it on.
	pub input: RequestInput,
}

/// Requests, for the off-chain worker. Implemented by `pallet-inference`.
pub trait JobSource {
	/// What to run for an open request.
	fn job(request: RequestId) -> Option<JobTerms>;
}

impl JobSource for () {
	fn job(_: RequestId) -> Option<JobTerms> {
		None
	}
}

/// What stands behind a validator in consensus, in planck of JUR.
#[derive(
	Clone,
	Copy,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Exposure<Balance> {
	/// Its own stake.
	pub own: Balance,
	/// Its own and its nominators' stake.
	pub total: Balance,
}

/// The stake behind validators in consensus.
pub trait ValidatorStake<AccountId, Balance> {
	/// Exposure of a validator in the current era. Zero if it is not one.
	fn exposure(validator: &AccountId) -> Exposure<Balance>;
}

/// Randomness that nobody could know before this block's author made it.
pub trait BlockRandomness {
	/// Randomness of the block being executed. `None` if its author gave none.
	fn current() -> Option<H256>;
}

/// Penalties that can still be given back. Implemented by `pallet-attestation`, for whoever can
/// prove a majority wrong.
pub trait Penalties<AccountId> {
	/// Gives back what was taken of `attester` for its answer to `request`.
	fn overturn(request: RequestId, attester: &AccountId) -> DispatchResult;
}

/// Hears how requests end. Must be cheap: its weight is part of each settlement.
pub trait OnSettled<AccountId> {
	/// The request ended.
	fn on_settled(request: RequestId, requester: &AccountId, outcome: &Outcome);
}

impl<AccountId> OnSettled<AccountId> for () {
	fn on_settled(_: RequestId, _: &AccountId, _: &Outcome) {}
}

/// Inference, for other pallets. Implemented by `pallet-inference`.
pub trait Inference<AccountId, Balance, BlockNumber> {
	/// Asks for an inference on behalf of `requester`, who pays.
	fn request(
		requester: &AccountId,
		release: ReleaseId,
		input: RequestInput,
		options: crate::request::RequestOptions<Balance, BlockNumber>,
	) -> Result<RequestId, DispatchError>;
	/// How a request ended, while its result is kept.
	fn outcome(request: RequestId) -> Option<Outcome>;
}
