// SPDX-License-Identifier: Apache-2.0
#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod announcement;
mod announcer;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod bonding;
mod challenge;
mod custody;
mod draw;
mod equivocation;
mod invariants;
#[cfg(test)]
mod mock;
pub mod offence;
mod panel;
mod penalties;
mod queries;
pub mod reputation;
mod roster;
mod serving;
mod submission;
#[cfg(test)]
mod tests;
pub mod types;
pub mod weights;
mod worker;

pub use draw::weighted_draw;
pub use pallet::*;
pub use weights::WeightInfo;

use frame_support::traits::fungible::Inspect;
use frame_system::pallet_prelude::BlockNumberFor;
use jurat_primitives::view::PendingPenalty;

/// Target of this pallet's log.
pub const LOG_TARGET: &str = "runtime::attestation";

/// Amounts, in planck of JUR.
pub type BalanceOf<T> =
	<<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

/// An attester's record.
pub type AttesterOf<T> =
	types::Attester<BalanceOf<T>, BlockNumberFor<T>, <T as Config>::MaxUnlocking>;

/// A panel's record.
pub type PanelOf<T> =
	types::Panel<<T as frame_system::Config>::AccountId, BalanceOf<T>, BlockNumberFor<T>>;

/// A penalty that waits.
pub type PendingPenaltyOf<T> =
	PendingPenalty<<T as frame_system::Config>::AccountId, BalanceOf<T>, BlockNumberFor<T>>;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::{boxed::Box, vec::Vec};
	use frame_support::{
		pallet_prelude::*,
		traits::{
			KeyOwnerProofSystem,
			fungible::{Inspect, MutateHold},
		},
		weights::WeightMeter,
	};
	use frame_system::{offchain::CreateAuthorizedTransaction, pallet_prelude::*};
	use jurat_primitives::{
		Answer, ReleaseId, RequestDigest, RequestId,
		announcement::Announcement,
		batch::{CommitBatch, RevealBatch},
		commitment::AnswerDigest,
		crypto::{AttestationId, AttestationSignature},
		equivocation::Equivocation,
		limits::MaxServed,
		outcome::Fault,
		traits::{BlockRandomness, JobSource, PanelObserver, ServedReleases, ValidatorStake},
		view::Unlocking,
	};
	use offence::{DivergenceOffence, EquivocationOffence};
	use sp_core::crypto::KeyTypeId;
	use sp_runtime::{Perbill, traits::Convert};
	use sp_session::{GetSessionNumber, GetValidatorCount};
	use sp_staking::{SessionIndex, offence::ReportOffence};
	use types::{LastAnnouncement, PenaltyTerms, RosterEntry};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config + CreateAuthorizedTransaction<Call<Self>> {
		/// Where bonds are held.
		type Currency: Inspect<Self::AccountId>
			+ MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>
			+ frame_support::traits::fungible::Mutate<Self::AccountId>;

		/// Reasons of the runtime for holding balances.
		type RuntimeHoldReason: From<HoldReason>;

		/// The registry of models.
		type Releases: ServedReleases;

		/// Who hears of panels.
		type Observer: PanelObserver<BlockNumberFor<Self>>;

		/// Where the off-chain worker finds what to run.
		type Jobs: JobSource;

		/// Stake of the validators in consensus.
		type Stake: ValidatorStake<Self::AccountId, BalanceOf<Self>>;

		/// Randomness of the block that is being executed.
		type Randomness: BlockRandomness;

		/// The current session.
		type Session: Get<SessionIndex>;

		/// What faults cost.
		type PenaltyTerms: Get<PenaltyTerms<BlockNumberFor<Self>>>;

		/// What a request pays an attester, in planck of JUR, whose judgement counts in full in a
		/// reputation; one that pays less counts less.
		type ReferenceReward: Get<BalanceOf<Self>>;

		/// The account that penalties go to, after the requester. It should be kept alive, so that
		/// even amounts below the minimum balance arrive.
		type Treasury: Get<Self::AccountId>;

		/// How the offences pallet names a validator.
		type IdentificationTuple: Parameter;

		/// The name of a validator in the offences pallet.
		type Identify: Convert<Self::AccountId, Self::IdentificationTuple>;

		/// Where offences are reported.
		type Offences: ReportOffence<
				Self::AccountId,
				Self::IdentificationTuple,
				EquivocationOffence<Self::IdentificationTuple>,
			> + ReportOffence<
				Self::AccountId,
				Self::IdentificationTuple,
				DivergenceOffence<Self::IdentificationTuple>,
			>;

		/// Proof that a key was a validator's in some session.
		type KeyOwnerProof: Parameter + GetSessionNumber + GetValidatorCount;

		/// Who owned which key in which session.
		type KeyOwners: KeyOwnerProofSystem<
				(KeyTypeId, AttestationId),
				Proof = Self::KeyOwnerProof,
				IdentificationTuple = Self::IdentificationTuple,
			>;

		/// Who may give back what was taken for a fault.
		type OverturnOrigin: EnsureOrigin<Self::RuntimeOrigin>;

		/// Nominators of a validator that a slash looks at, at most.
		#[pallet::constant]
		type MaxNominators: Get<u32>;

		/// Least bond, in planck of JUR.
		#[pallet::constant]
		type MinBond: Get<BalanceOf<Self>>;

		/// Blocks for which a bond stays liable after `unbond`.
		#[pallet::constant]
		type UnbondingPeriod: Get<BlockNumberFor<Self>>;

		/// Blocks for commitments.
		#[pallet::constant]
		type CommitWindow: Get<BlockNumberFor<Self>>;

		/// Blocks for reveals.
		#[pallet::constant]
		type RevealWindow: Get<BlockNumberFor<Self>>;

		/// Blocks from one announcement of an attester's node to its next, at least. They are free.
		type AnnouncementInterval: Get<BlockNumberFor<Self>>;

		/// Validators of a session, at most.
		#[pallet::constant]
		type MaxValidators: Get<u32>;

		/// Attesters of one release, at most.
		#[pallet::constant]
		type MaxServers: Get<u32>;

		/// Panels on which one attester sits at once, at most.
		#[pallet::constant]
		type MaxOpenPanels: Get<u32>;

		/// Parts of a bond that are on their way out at once, at most.
		#[pallet::constant]
		type MaxUnlocking: Get<u32>;

		/// Priority of commitments and reveals in the pool.
		#[pallet::constant]
		type SubmissionPriority: Get<TransactionPriority>;

		/// Time between two blocks, in milliseconds.
		#[pallet::constant]
		type BlockTime: Get<u64>;

		/// How long one run of the off-chain worker waits for answers, in milliseconds. A fraction
		/// of [`Config::BlockTime`].
		#[pallet::constant]
		type WorkerPatience: Get<u64>;

		/// How long after the beginning of a run the off-chain worker submits, in milliseconds. Long
		/// enough for other nodes to have imported the block too: a node that meets a commitment
		/// before the block that drew its panel drops it as not due. Below
		/// [`Config::WorkerPatience`].
		#[pallet::constant]
		type SubmissionDelay: Get<u64>;

		/// Weights of this pallet.
		type WeightInfo: WeightInfo;

		/// A validator of the current session with a key that the keystore holds, for benchmarks.
		#[cfg(feature = "runtime-benchmarks")]
		fn benchmark_validator() -> (Self::AccountId, AttestationId);
	}

	/// Why this pallet holds balances.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// The bond of an attester.
		AttestationBond,
	}

	/// Bonded attesters.
	// Keys are accounts that outsiders choose, hence a hash that can not be steered. Bounded: each
	// entry costs its owner a bond.
	#[pallet::storage]
	pub type Attesters<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, AttesterOf<T>, OptionQuery>;

	/// Attestation keys and stake of this session's validators.
	#[pallet::storage]
	pub type Roster<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, RosterEntry<BalanceOf<T>>, OptionQuery>;

	/// Keys of [`Roster`].
	#[pallet::storage]
	pub type RosterIndex<T: Config> =
		StorageValue<_, BoundedVec<T::AccountId, T::MaxValidators>, ValueQuery>;

	/// Attesters that announce a release.
	// Keys are numbers given out by the registry. An entry goes with its release.
	#[pallet::storage]
	pub type Servers<T: Config> =
		StorageMap<_, Twox64Concat, ReleaseId, BoundedVec<T::AccountId, T::MaxServers>, ValueQuery>;

	/// The same by attester: releases that it announces.
	// An entry goes with its last release. Each was announced by a validator with a bond.
	#[pallet::storage]
	pub type Serving<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, BoundedVec<ReleaseId, MaxServed>, ValueQuery>;

	/// The last announcement that an attester's node signed.
	// Not removed with the attester: its announcements would count again. Bounded by the validators
	// there ever were, each of which had a seat in consensus.
	#[pallet::storage]
	pub type Announced<T: Config> = StorageMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		LastAnnouncement<BlockNumberFor<T>>,
		OptionQuery,
	>;

	/// Open panels.
	// Keys are numbers given out in order. Bounded by the number of open requests.
	#[pallet::storage]
	pub type OpenPanels<T: Config> =
		StorageMap<_, Twox64Concat, RequestId, PanelOf<T>, OptionQuery>;

	/// On which open panels an attester sits.
	#[pallet::storage]
	pub type Assignments<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		Twox64Concat,
		RequestId,
		(),
		OptionQuery,
	>;

	/// Answers that were shown to open panels.
	// The second key is a digest already. At most one answer for each member of a panel.
	#[pallet::storage]
	pub type Answers<T: Config> =
		StorageDoubleMap<_, Twox64Concat, RequestId, Identity, AnswerDigest, Answer, OptionQuery>;

	/// Penalties that wait for the end of their challenge window.
	// The second key is a number given out in order. An entry costs its attester part of its bond.
	#[pallet::storage]
	pub type PendingPenalties<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		Twox64Concat,
		RequestId,
		PendingPenaltyOf<T>,
		OptionQuery,
	>;

	/// The same, in the order in which they were imposed. May name one that was overturned.
	// Keys are places in the queue. Bounded by the penalties that wait.
	#[pallet::storage]
	pub type PenaltyQueue<T: Config> =
		StorageMap<_, Twox64Concat, u64, (T::AccountId, RequestId), OptionQuery>;

	/// The first place of [`PenaltyQueue`].
	#[pallet::storage]
	pub type PenaltyQueueHead<T: Config> = StorageValue<_, u64, ValueQuery>;

	/// The place after the last one of [`PenaltyQueue`].
	#[pallet::storage]
	pub type PenaltyQueueTail<T: Config> = StorageValue<_, u64, ValueQuery>;

	/// Who contradicted an attester in a session, on panels whose penalties became final, for
	/// seven days.
	// The first key is a number of a session; the second an account that outsiders choose. An entry
	// costs its attester part of its bond.
	#[pallet::storage]
	pub type Witnesses<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		SessionIndex,
		Blake2_128Concat,
		T::AccountId,
		BoundedVec<T::AccountId, T::MaxValidators>,
		ValueQuery,
	>;

	/// Stake of all validators of this session.
	#[pallet::storage]
	pub type RosterStake<T: Config> = StorageValue<_, BalanceOf<T>, ValueQuery>;

	/// Attesters whose divergence in a session became final and was seen by more than a third of
	/// all stake, for seven days.
	// Keys are numbers of sessions. An entry costs its attesters part of their bonds.
	#[pallet::storage]
	pub type Divergents<T: Config> = StorageMap<
		_,
		Twox64Concat,
		SessionIndex,
		BoundedVec<T::AccountId, T::MaxValidators>,
		ValueQuery,
	>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An attester raised its bond.
		Bonded {
			/// Who.
			attester: T::AccountId,
			/// By how much.
			amount: BalanceOf<T>,
		},
		/// Part of a bond is on its way out.
		Unbonded {
			/// Whose.
			attester: T::AccountId,
			/// How much.
			amount: BalanceOf<T>,
			/// From which block it can be withdrawn.
			at: BlockNumberFor<T>,
		},
		/// Unbonded amounts were released.
		Withdrawn {
			/// Whose.
			attester: T::AccountId,
			/// How much.
			amount: BalanceOf<T>,
		},
		/// An attester takes no new work.
		Paused {
			/// Who.
			attester: T::AccountId,
		},
		/// An attester takes work again.
		Resumed {
			/// Who.
			attester: T::AccountId,
		},
		/// An attester announced a release.
		ServingStarted {
			/// Who.
			attester: T::AccountId,
			/// What.
			release: ReleaseId,
		},
		/// An attester withdrew its announcement of a release.
		ServingStopped {
			/// Who.
			attester: T::AccountId,
			/// What.
			release: ReleaseId,
		},
		/// A panel was drawn.
		PanelDrawn {
			/// For which request.
			request: RequestId,
			/// Its members, in the order in which they were drawn.
			members: Vec<T::AccountId>,
			/// Commitments are taken in blocks before this one.
			until: BlockNumberFor<T>,
		},
		/// A member committed.
		Committed {
			/// To an answer of which request.
			request: RequestId,
			/// Who.
			attester: T::AccountId,
		},
		/// The reveal window opened.
		RevealsOpened {
			/// Of which request.
			request: RequestId,
			/// Reveals are taken in blocks before this one.
			until: BlockNumberFor<T>,
		},
		/// A member opened its commitment.
		Revealed {
			/// On which request.
			request: RequestId,
			/// Who.
			attester: T::AccountId,
			/// Digest of its answer.
			answer: AnswerDigest,
		},
		/// A member revealed something that does not open its commitment.
		OpeningFailed {
			/// On which request.
			request: RequestId,
			/// Who.
			attester: T::AccountId,
		},
		/// An attester breached its duty.
		FaultRecorded {
			/// Who.
			attester: T::AccountId,
			/// On which request.
			request: RequestId,
			/// How.
			fault: Fault,
		},
		/// An attester was absent for the first time in a while: the next time costs.
		Warned {
			/// Who.
			attester: T::AccountId,
			/// On which request.
			request: RequestId,
			/// The next absence in blocks before this one costs.
			until: BlockNumberFor<T>,
		},
		/// Part of a bond was taken and shared out. Nothing, if as much as may be was taken that day.
		Penalised {
			/// Whose.
			attester: T::AccountId,
			/// For a fault on which request.
			request: RequestId,
			/// How much.
			amount: BalanceOf<T>,
			/// Of it, to the requester.
			compensated: BalanceOf<T>,
		},
		/// Part of a bond was taken; it waits, in case that it was wrong.
		PenaltyDeferred {
			/// Whose.
			attester: T::AccountId,
			/// For its answer to which request.
			request: RequestId,
			/// How much.
			amount: BalanceOf<T>,
			/// From which block on it is shared out.
			until: BlockNumberFor<T>,
		},
		/// What waited was shared out.
		PenaltyFinal {
			/// Whose.
			attester: T::AccountId,
			/// For its answer to which request.
			request: RequestId,
			/// How much.
			amount: BalanceOf<T>,
			/// Of it, to the requester.
			compensated: BalanceOf<T>,
		},
		/// What waited was given back.
		PenaltyOverturned {
			/// To whom.
			attester: T::AccountId,
			/// For its answer to which request.
			request: RequestId,
			/// How much.
			amount: BalanceOf<T>,
		},
		/// An attester was convicted of an equivocation.
		EquivocationReported {
			/// Who.
			attester: T::AccountId,
			/// Who reported it.
			reporter: T::AccountId,
			/// The session in which its key signed.
			session: SessionIndex,
			/// For which request.
			digest: RequestDigest,
		},
		/// An attester did not prove in time that it holds the file of a release that it announced. It
		/// does not serve it any more.
		NotHeld {
			/// Who.
			attester: T::AccountId,
			/// Which release.
			release: ReleaseId,
			/// What was taken of its bond for the treasury.
			amount: BalanceOf<T>,
			/// If it was only warned: the next absence in blocks before this one costs.
			warned_until: Option<BlockNumberFor<T>>,
		},
		/// An attester's node announced what it serves from now on, and what no more. An event for
		/// each release follows.
		Announced {
			/// Who.
			attester: T::AccountId,
			/// The number of this announcement.
			sequence: u64,
		},
		/// Part of an announcement did not apply; the rest did.
		AnnouncementSkipped {
			/// Whose.
			attester: T::AccountId,
			/// Which release.
			release: ReleaseId,
			/// Why, as `serve` or `stop_serving` would have said.
			error: DispatchError,
		},
	}

	#[pallet::error]
	#[derive(PartialEq)]
	pub enum Error<T> {
		/// The bond, or what would be left of it, is below the minimum. Bond at least `MinBond`,
		/// and unbond either all of it or so much that `MinBond` stays.
		BondTooSmall,
		/// The bond does not fit the type of balances.
		BondTooLarge,
		/// There is a bond already. Use `bond_extra` to raise it.
		AlreadyBonded,
		/// The account has no such bond.
		NotBonded,
		/// The amount is zero.
		NothingToBond,
		/// Too many parts of the bond are on their way out. Withdraw those that are due.
		TooManyUnlocking,
		/// No part of the bond is due.
		NothingToWithdraw,
		/// The last of the bond stays while the attester sits on open panels.
		PanelsOpen,
		/// The attester is paused already.
		AlreadyPaused,
		/// The attester is not paused.
		NotPaused,
		/// Only validators of the current session may announce a release.
		NotValidator,
		/// The attester announces this release already.
		AlreadyServing,
		/// The attester does not announce this release.
		NotServing,
		/// As many attesters as possible announce this release, each of them able to work.
		TooManyServers,
		/// The two entries are of different requests or sessions, or do not contradict each other.
		NoContradiction,
		/// One of the entries was not signed by that key.
		InvalidSignature,
		/// The key was not the attester's in that session, as far as the proof shows.
		InvalidKeyOwnershipProof,
		/// The attester was convicted of an equivocation in that session already.
		KnownEquivocation,
		/// Nothing was taken of the attester for this request, or it was shared out already.
		NoPendingPenalty,
		/// The attester announces as many releases as anybody may. Stop serving one.
		TooManyServed,
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Bond for attestation.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the account of the validator (its stash).
		///
		/// ## Details
		///
		/// `amount` planck are held. The bond answers for the attester's faults. Anyone may bond;
		/// only validators are drawn.
		///
		/// ## Errors
		///
		/// [`Error::BondTooSmall`], [`Error::AlreadyBonded`], or that the balance does not suffice.
		///
		/// ## Events
		///
		/// [`Event::Bonded`].
		#[pallet::call_index(0)]
		pub fn bond(
			origin: OriginFor<T>,
			#[pallet::compact] amount: BalanceOf<T>,
		) -> DispatchResult {
			Self::do_bond(ensure_signed(origin)?, amount)
		}

		/// Raise one's bond.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the attester.
		///
		/// ## Details
		///
		/// Another `amount` planck are held.
		///
		/// ## Errors
		///
		/// [`Error::NotBonded`], [`Error::NothingToBond`], [`Error::BondTooLarge`], or that the
		/// balance does not suffice.
		///
		/// ## Events
		///
		/// [`Event::Bonded`].
		#[pallet::call_index(1)]
		pub fn bond_extra(
			origin: OriginFor<T>,
			#[pallet::compact] amount: BalanceOf<T>,
		) -> DispatchResult {
			Self::do_bond_extra(ensure_signed(origin)?, amount)
		}

		/// Begin to take one's bond back.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the attester.
		///
		/// ## Details
		///
		/// `amount` planck stop standing for new work at once, stay liable for `UnbondingPeriod`
		/// blocks, or for twice the time in which a fault is found and can be challenged if that is
		/// more, and can then be withdrawn. Either all of the bond, or so much that `MinBond` stays. Panels that are open must be finished.
		///
		/// ## Errors
		///
		/// [`Error::NotBonded`], [`Error::BondTooSmall`], [`Error::TooManyUnlocking`].
		///
		/// ## Events
		///
		/// [`Event::Unbonded`].
		#[pallet::call_index(2)]
		pub fn unbond(
			origin: OriginFor<T>,
			#[pallet::compact] amount: BalanceOf<T>,
		) -> DispatchResult {
			Self::do_unbond(ensure_signed(origin)?, amount)
		}

		/// Take back what is due of one's bond.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the attester.
		///
		/// ## Details
		///
		/// The last part stays while the attester sits on an open panel.
		///
		/// ## Errors
		///
		/// [`Error::NotBonded`], [`Error::NothingToWithdraw`], [`Error::PanelsOpen`].
		///
		/// ## Events
		///
		/// [`Event::Withdrawn`].
		#[pallet::call_index(3)]
		pub fn withdraw(origin: OriginFor<T>) -> DispatchResult {
			Self::do_withdraw(ensure_signed(origin)?)
		}

		/// Announce that one serves a release.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the attester, a validator of the current session.
		///
		/// ## Details
		///
		/// Announce only what the own node has admitted: whoever is drawn and does not answer is
		/// at fault. If the list is full, a server that can not be drawn makes room.
		///
		/// ## Errors
		///
		/// [`Error::NotBonded`], [`Error::NotValidator`], [`Error::AlreadyServing`],
		/// [`Error::TooManyServed`], [`Error::TooManyServers`], or the registry's reason why the release can not be served.
		///
		/// ## Events
		///
		/// [`Event::ServingStarted`].
		#[pallet::call_index(4)]
		pub fn serve(origin: OriginFor<T>, release: ReleaseId) -> DispatchResult {
			Self::do_serve(ensure_signed(origin)?, release)
		}

		/// Stop serving a release.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the attester.
		///
		/// ## Details
		///
		/// Panels that are open must be finished.
		///
		/// ## Errors
		///
		/// [`Error::NotServing`].
		///
		/// ## Events
		///
		/// [`Event::ServingStopped`].
		#[pallet::call_index(5)]
		pub fn stop_serving(origin: OriginFor<T>, release: ReleaseId) -> DispatchResult {
			Self::do_stop_serving(ensure_signed(origin)?, release)
		}

		/// Take no new work.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the attester.
		///
		/// ## Details
		///
		/// Panels that are open must be finished. Announcements stay.
		///
		/// ## Errors
		///
		/// [`Error::NotBonded`], [`Error::AlreadyPaused`].
		///
		/// ## Events
		///
		/// [`Event::Paused`].
		#[pallet::call_index(6)]
		pub fn pause(origin: OriginFor<T>) -> DispatchResult {
			Self::do_set_paused(ensure_signed(origin)?, true)
		}

		/// Take work again.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the attester.
		///
		/// ## Details
		///
		/// The attester can be drawn from the next block on. A bond that fell below `MinBond` has to
		/// be raised before.
		///
		/// ## Errors
		///
		/// [`Error::NotBonded`], [`Error::NotPaused`], [`Error::BondTooSmall`].
		///
		/// ## Events
		///
		/// [`Event::Resumed`].
		#[pallet::call_index(7)]
		pub fn resume(origin: OriginFor<T>) -> DispatchResult {
			Self::do_set_paused(ensure_signed(origin)?, false)
		}

		/// Commit to answers. Sent by the off-chain worker.
		///
		/// ## Dispatch Origin
		///
		/// Authorised by the signature of the attester's session key.
		///
		/// ## Details
		///
		/// One commitment for each seat, in the commit window, in rising order of request. Free.
		/// When the last member of a panel commits, its reveal window opens. A batch with an entry
		/// that is stale, foreign or repeated never enters a block.
		///
		/// ## Errors
		///
		/// None: what is not due is not authorised.
		///
		/// ## Events
		///
		/// [`Event::Committed`] for each entry, [`Event::RevealsOpened`].
		#[pallet::call_index(8)]
		#[pallet::weight((
			T::WeightInfo::commit(batch.entries.len() as u32)
				// The observer moves a request in its agenda: two reads, three writes.
				.saturating_add(T::DbWeight::get().reads_writes(
					(batch.entries.len() as u64).saturating_mul(2),
					(batch.entries.len() as u64).saturating_mul(3),
				)),
			DispatchClass::Operational,
		))]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_commit(batch.entries.len() as u32))]
		#[pallet::authorize(|_source, batch, signature| {
			Pallet::<T>::authorize_commit(batch, signature)
		})]
		pub fn commit(
			origin: OriginFor<T>,
			batch: CommitBatch<T::AccountId>,
			// Verified when the transaction is authorised.
			_signature: AttestationSignature,
		) -> DispatchResult {
			ensure_authorized(origin)?;
			Self::do_commit(batch);
			Ok(())
		}

		/// Open commitments. Sent by the off-chain worker.
		///
		/// ## Dispatch Origin
		///
		/// Authorised by the signature of the attester's session key.
		///
		/// ## Details
		///
		/// One reveal for each commitment, in the reveal window, in rising order of request. Free.
		/// In an exact panel the answer may be given by its digest; whoever did so may show the
		/// bytes later if nobody else has. When nothing more is to be expected, the panel is
		/// complete. A batch with an entry that is stale, foreign or repeated never enters a block.
		///
		/// ## Errors
		///
		/// None: what is not due is not authorised. A reveal that does not open its commitment is
		/// taken, and is a fault.
		///
		/// ## Events
		///
		/// [`Event::Revealed`] or [`Event::OpeningFailed`] for each entry.
		#[pallet::call_index(9)]
		#[pallet::weight((
			T::WeightInfo::reveal(batch.entries.len() as u32, batch.encoded_size() as u32)
				// As for `commit`.
				.saturating_add(T::DbWeight::get().reads_writes(
					(batch.entries.len() as u64).saturating_mul(2),
					(batch.entries.len() as u64).saturating_mul(3),
				)),
			DispatchClass::Operational,
		))]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_reveal(
			batch.entries.len() as u32,
			batch.encoded_size() as u32,
		))]
		#[pallet::authorize(|_source, batch, signature| {
			Pallet::<T>::authorize_reveal(batch, signature)
		})]
		pub fn reveal(
			origin: OriginFor<T>,
			batch: RevealBatch<T::AccountId>,
			// Verified when the transaction is authorised.
			_signature: AttestationSignature,
		) -> DispatchResult {
			ensure_authorized(origin)?;
			Self::do_reveal(batch);
			Ok(())
		}

		/// Report that an attester signed two things that contradict each other.
		///
		/// ## Dispatch Origin
		///
		/// Authorised by the evidence itself, or signed by anybody.
		///
		/// ## Details
		///
		/// Needs no bond, and is free if it is right. The offence is raised in the offences pallet:
		/// the staking pallet slashes the validator and its nominators, after its delay, and pays
		/// `reporter` its share. The attester is paused. Further equivocations of one attester in
		/// one session are not reported.
		///
		/// ## Errors
		///
		/// [`Error::NoContradiction`], [`Error::InvalidSignature`],
		/// [`Error::InvalidKeyOwnershipProof`], [`Error::KnownEquivocation`].
		///
		/// ## Events
		///
		/// [`Event::EquivocationReported`], [`Event::Paused`].
		#[pallet::call_index(10)]
		#[pallet::weight((
			T::WeightInfo::report_equivocation().saturating_add(Pallet::<T>::offence_weight(1)),
			DispatchClass::Operational,
		))]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_report_equivocation())]
		#[pallet::authorize(|_source, evidence, key_owner_proof, _reporter| {
			Pallet::<T>::authorize_report(evidence, key_owner_proof)
		})]
		pub fn report_equivocation(
			origin: OriginFor<T>,
			evidence: Box<Equivocation<T::AccountId>>,
			key_owner_proof: T::KeyOwnerProof,
			reporter: T::AccountId,
		) -> DispatchResultWithPostInfo {
			if ensure_authorized(origin.clone()).is_err() {
				ensure_signed(origin)?;
			}
			Self::do_report(*evidence, key_owner_proof, reporter)?;
			Ok(Pays::No.into())
		}

		/// Give back what was taken of an attester for its answer to a request.
		///
		/// ## Dispatch Origin
		///
		/// [`Config::OverturnOrigin`].
		///
		/// ## Details
		///
		/// For when a majority was wrong. The amount is bond again, and the fault is struck from the
		/// record. Possible until the challenge window ends.
		///
		/// ## Errors
		///
		/// [`Error::NoPendingPenalty`].
		///
		/// ## Events
		///
		/// [`Event::PenaltyOverturned`].
		#[pallet::call_index(11)]
		pub fn overturn(
			origin: OriginFor<T>,
			attester: T::AccountId,
			#[pallet::compact] request: RequestId,
		) -> DispatchResult {
			T::OverturnOrigin::ensure_origin(origin)?;
			Self::do_overturn(request, &attester)
		}

		/// Announce what one's node serves, and what no more. Sent by the off-chain worker.
		///
		/// ## Dispatch Origin
		///
		/// Authorised by the signature of the attester's session key.
		///
		/// ## Details
		///
		/// As `stop_serving` and then `serve` for each release, which rise in both lists; what does
		/// not apply is left out. Free. At most one in `AnnouncementInterval` blocks for each
		/// attester, numbered, of the current session, and only if it changes something.
		///
		/// ## Errors
		///
		/// None: what is not due is not authorised.
		///
		/// ## Events
		///
		/// [`Event::Announced`]; for each release [`Event::ServingStopped`],
		/// [`Event::ServingStarted`] or [`Event::AnnouncementSkipped`].
		#[pallet::call_index(12)]
		#[pallet::weight(T::WeightInfo::announce(
			announcement.serve.len() as u32,
			announcement.stop.len() as u32,
		))]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_announce(
			announcement.serve.len() as u32,
			announcement.stop.len() as u32,
		))]
		#[pallet::authorize(|_source, announcement, signature| {
			Pallet::<T>::authorize_announce(announcement, signature)
		})]
		pub fn announce(
			origin: OriginFor<T>,
			announcement: Announcement<T::AccountId>,
			// Verified when the transaction is authorised.
			_signature: AttestationSignature,
		) -> DispatchResult {
			ensure_authorized(origin)?;
			Self::do_announce(announcement);
			Ok(())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The expected share of an attester's work that is right; see [`crate::reputation`].
		pub fn reputation(attester: T::AccountId) -> Option<Perbill> {
			Attesters::<T>::get(attester).map(|record| record.reputation.expected())
		}

		/// What was taken of an attester and can still be given back, by request.
		pub fn pending_penalties(attester: T::AccountId) -> Vec<(RequestId, PendingPenaltyOf<T>)> {
			PendingPenalties::<T>::iter_prefix(attester).collect()
		}

		/// The releases that an attester announces.
		pub fn serving(attester: T::AccountId) -> Vec<ReleaseId> {
			Self::served_by(&attester)
		}

		/// When which parts of a bond can be withdrawn.
		pub fn unbonding(
			attester: T::AccountId,
		) -> Vec<Unlocking<BalanceOf<T>, BlockNumberFor<T>>> {
			let record = Attesters::<T>::get(attester);
			record.map(|record| record.unlocking.into_inner()).unwrap_or_default()
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_idle(now: BlockNumberFor<T>, remaining: Weight) -> Weight {
			let mut meter = WeightMeter::with_limit(remaining);
			Self::serve_penalties(now, &mut meter);
			meter.consumed()
		}

		fn offchain_worker(now: BlockNumberFor<T>) {
			if sp_io::offchain::is_validator() {
				worker::run::<T>(now);
			}
		}

		fn integrity_test() {
			let one = BlockNumberFor::<T>::from(1u32);
			assert!(T::CommitWindow::get() > one, "a commitment needs a block after the draw");
			assert!(T::RevealWindow::get() > one, "a reveal needs a block after the commitments");
			assert!(T::MaxServers::get() > 0 && T::MaxValidators::get() > 0);
			assert!(T::MaxOpenPanels::get() > 0 && T::MaxUnlocking::get() > 0);
			assert!(
				T::WorkerPatience::get() < T::BlockTime::get(),
				"a worker that waits longer than a block meets the next one's",
			);
			assert!(
				T::SubmissionDelay::get() < T::WorkerPatience::get(),
				"a worker must submit before its patience ends",
			);
			Self::check_penalty_terms();
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}
}
