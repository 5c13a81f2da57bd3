// SPDX-License-Identifier: Apache-2.0
#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]
#![deny(rustdoc::broken_intra_doc_links)]

extern crate alloc;

mod agenda;
pub mod agreement;
mod escalation;
mod invariants;
mod queries;
mod quote;
mod request;
mod settlement;
mod types;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod mock_weights;
#[cfg(test)]
mod tests;
pub mod weights;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

/// Target of log lines.
pub(crate) const LOG_TARGET: &str = "runtime::inference";

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			StorageVersion,
			fungible::{Inspect, Mutate, MutateHold},
		},
		weights::WeightMeter,
	};
	use frame_system::pallet_prelude::*;
	use jurat_primitives::{
		Assurance, ReleaseId, RequestDigest, RequestId, RequestInput, RequestOptions, Settlement,
		Verdict,
		commitment::AnswerDigest,
		income::Income,
		limits::MaxBatch,
		manifest::SignatureError,
		request::Quote,
		traits::{ClosedPanel, OnSettled, Panels, Releases, Seat},
	};
	use sp_runtime::Perbill;

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// Parameters without `#[pallet::constant]` are read at each use and may change while the chain
	/// runs; whatever a request depends on is fixed when it is included.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// Where fees are held and paid.
		type Currency: Mutate<Self::AccountId>
			+ MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// The registry of models.
		type Releases: Releases<Self::AccountId, BalanceOf<Self>>;

		/// Who serves requests.
		type Panels: Panels<Self::AccountId, BalanceOf<Self>, BlockNumberFor<Self>>;

		/// Who shares in what attesters earn.
		type Income: Income<Self::AccountId, BalanceOf<Self>>;

		/// Hears how requests end.
		type OnSettled: OnSettled<Self::AccountId>;

		/// The account that the protocol's share goes to. It should be kept alive, so that even
		/// shares below the minimum balance arrive.
		type ProtocolAccount: Get<Self::AccountId>;

		/// To each attester that agrees, whatever the release and the input, in planck of JUR.
		type BaseFee: Get<BalanceOf<Self>>;

		/// To each attester that agrees, for one compute unit, in planck of JUR.
		type ComputePrice: Get<BalanceOf<Self>>;

		/// To each attester that agrees, for one byte of input, in planck of JUR.
		type BytePrice: Get<BalanceOf<Self>>;

		/// To each attester that agrees, for one byte that the output may have
		/// ([`jurat_primitives::Manifest::output_bound`]), in planck of JUR. The chain keeps outputs
		/// for [`Config::ResultRetention`].
		type OutputBytePrice: Get<BalanceOf<Self>>;

		/// The protocol's share of what attesters and model owner get; the requester pays it on
		/// top.
		type ProtocolCut: Get<Perbill>;

		/// The shortest deadline, in blocks.
		type MinDeadline: Get<BlockNumberFor<Self>>;

		/// The longest deadline, in blocks.
		type MaxDeadline: Get<BlockNumberFor<Self>>;

		/// Blocks between two attempts to draw a panel for one request.
		type DrawRetryPeriod: Get<BlockNumberFor<Self>>;

		/// Blocks after a disagreement in which the requester may ask a larger panel. Zero: never.
		type EscalationWindow: Get<BlockNumberFor<Self>>;

		/// Blocks for which a settlement is kept.
		type ResultRetention: Get<BlockNumberFor<Self>>;

		/// Requests that may be open at once, of all requesters together.
		#[pallet::constant]
		type MaxOpenRequests: Get<u32>;

		/// Bytes of an input that a request names by hash.
		#[pallet::constant]
		type MaxBlobInput: Get<u64>;

		/// The part of each block that the agenda may use before transactions. After them it may
		/// use what is left of the block.
		#[pallet::constant]
		type AgendaWeight: Get<Weight>;

		/// Weights of this pallet.
		type WeightInfo: WeightInfo;
	}

	/// Why this pallet holds money.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For open requests.
		#[codec(index = 0)]
		Escrow,
	}

	/// The number that the next request gets. Numbers are never reused.
	#[pallet::storage]
	pub type NextRequest<T> = StorageValue<_, RequestId, ValueQuery>;

	/// Requests that each account made: what tells two equal requests of one account apart.
	// Blake2_128Concat: account ids are chosen by anyone. One small entry for each account that
	// ever paid for a request. Not to be removed with the account: a counter that began anew would
	// give two requests one digest, and honest attesters would seem to equivocate.
	#[pallet::storage]
	pub type RequestCounters<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, u64, ValueQuery>;

	/// The open requests.
	// Twox64Concat: the chain gives out the numbers, nobody can choose them to unbalance the trie.
	// At most `MaxOpenRequests`.
	#[pallet::storage]
	pub type Requests<T: Config> = CountedStorageMap<_, Twox64Concat, RequestId, RequestOf<T>>;

	/// The inputs of the open requests: large, hence not read and written with every step.
	// Hasher as for `Requests`. One entry for each of its entries.
	#[pallet::storage]
	pub type Inputs<T> = StorageMap<_, Twox64Concat, RequestId, RequestInput>;

	/// Requests on which a panel disagreed, while a larger one may decide or is to decide.
	// Hasher as for `Requests`. Each entry follows a request that was paid for and drawn, and goes
	// after `EscalationWindow` or with the request that decides.
	#[pallet::storage]
	pub type Contested<T: Config> = StorageMap<_, Twox64Concat, RequestId, ContestedOf<T>>;

	/// What is to be done in which block. An open request sits in exactly one slot, the one that
	/// its record names; so does a settlement, until it is pruned; and so does a contested request
	/// that is not escalated, until it no longer can be.
	// Twox64Concat: neither key can be chosen. One entry for each entry of `Requests` and of
	// `Settlements`, and one for each of `Contested` without an escalation.
	#[pallet::storage]
	pub type Agenda<T> =
		StorageDoubleMap<_, Twox64Concat, BlockNumberFor<T>, Twox64Concat, RequestId, ()>;

	/// The first slot of the agenda that may hold something: each one before it is empty. At most
	/// the current block. `None` before the first block.
	#[pallet::storage]
	pub type IncompleteSince<T> = StorageValue<_, BlockNumberFor<T>>;

	/// How requests ended, until `ResultRetention` blocks after.
	// Hasher as for `Requests`. Each entry follows a request that was paid for and included
	// within the retention period, or open when it began.
	#[pallet::storage]
	pub type Settlements<T: Config> = StorageMap<_, Twox64Concat, RequestId, SettlementOf<T>>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A request was accepted and its quote taken into escrow.
		Requested {
			/// Its number.
			request: RequestId,
			/// Who pays.
			requester: T::AccountId,
			/// What was asked.
			release: ReleaseId,
			/// What the request is, on whichever fork.
			digest: RequestDigest,
			/// Held for it, in planck of JUR.
			escrow: BalanceOf<T>,
		},
		/// A panel was drawn.
		Assigned {
			/// For which request.
			request: RequestId,
			/// The block in which the commit window closes.
			commit_until: BlockNumberFor<T>,
		},
		/// A request ended. Its output, if it has one, is in [`Settlements`].
		Settled {
			/// Which.
			request: RequestId,
			/// Who asked and paid.
			requester: T::AccountId,
			/// How it ended.
			outcome: OutcomeKind,
			/// Digest of the accepted answer.
			answer: Option<AnswerDigest>,
			/// Members of the panel that agreed with it.
			agreement: u8,
			/// Stake (exposure) of those members in sum, in planck of JUR.
			stake_behind: BalanceOf<T>,
			/// What the requester paid, in planck of JUR.
			charged: BalanceOf<T>,
			/// What went back to the requester, in planck of JUR.
			refunded: BalanceOf<T>,
			/// What the requester got at once of what faults cost, in planck of JUR.
			compensated: BalanceOf<T>,
		},
		/// A panel disagreed. The requester may ask a larger one.
		Contested {
			/// On which request.
			request: RequestId,
			/// In blocks before this one.
			until: BlockNumberFor<T>,
		},
		/// A larger panel was asked for.
		Escalated {
			/// For which request.
			request: RequestId,
			/// The request that decides.
			escalation: RequestId,
		},
		/// The members of a panel that disagreed were judged by the answer of a larger one.
		Rejudged {
			/// On which request.
			request: RequestId,
			/// What became of those who had given an answer.
			rulings: Vec<(T::AccountId, Verdict)>,
		},
		/// A settlement was removed from state after its retention period.
		ResultPruned {
			/// Which.
			request: RequestId,
		},
	}

	#[pallet::error]
	#[derive(PartialEq, Eq)]
	pub enum Error<T> {
		/// There is no such release.
		UnknownRelease,
		/// The release takes no requests: not yet, or not any more.
		InactiveRelease,
		/// The input has another number of tensors than the manifest.
		WrongTensorCount,
		/// A tensor has another name than in the manifest, or stands at another place.
		WrongTensorName,
		/// A tensor has another element type than in the manifest.
		WrongElementType,
		/// A tensor has another number of dimensions than in the manifest.
		WrongRank,
		/// A dimension has another size than in the manifest, is above its symbol's maximum, or
		/// differs from an earlier occurrence of its symbol.
		WrongDimension,
		/// The bytes of a tensor do not fit its shape and element type.
		WrongByteLength,
		/// A tensor holds NaN and the manifest forbids it.
		NanNotAllowed,
		/// The input has more bytes than allowed. An inline one may be given by hash instead.
		InputTooLarge,
		/// The input named by hash has no bytes: not even empty tensors encode to nothing.
		InputEmpty,
		/// Size and threshold of the panel are not possible together.
		UnsoundAssurance,
		/// The deadline is below the minimum, above the maximum, or too short for a panel.
		DeadlineOutOfRange,
		/// The quote is above the most that the requester would pay. Ask for a new quote.
		FeeAboveMax,
		/// A batch without a request.
		EmptyBatch,
		/// The chain has as many open requests as it may have. Try again later.
		TooManyOpenRequests,
		/// The requester's free balance does not cover the quote and the minimum balance.
		InsufficientBalance,
		/// There is no such open request.
		UnknownRequest,
		/// The request was made by somebody else.
		NotRequester,
		/// A panel has been drawn already: attesters work on the request.
		PanelDrawn,
		/// No panel disagreed on this request, it was too large for a larger one, or the time to
		/// escalate is over.
		NotContested,
		/// A larger panel was asked already.
		AlreadyEscalated,
	}

	impl<T> From<SignatureError> for Error<T> {
		fn from(error: SignatureError) -> Self {
			match error {
				SignatureError::Count => Self::WrongTensorCount,
				SignatureError::Name => Self::WrongTensorName,
				SignatureError::ElementType => Self::WrongElementType,
				SignatureError::Rank => Self::WrongRank,
				SignatureError::Dimension => Self::WrongDimension,
				SignatureError::Bytes => Self::WrongByteLength,
				SignatureError::Nan => Self::NanNotAllowed,
			}
		}
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Asks for an inference.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the requester, who pays.
		///
		/// ## Details
		///
		/// The input is checked against the manifest of the release before anything is charged.
		/// The quote at inclusion is held; at settlement the bill is paid from it and the rest
		/// released. A panel is drawn in the next block at the earliest.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownRelease`], [`Error::InactiveRelease`]: the release takes no requests.
		/// - [`Error::UnsoundAssurance`], [`Error::DeadlineOutOfRange`]: impossible options.
		/// - [`Error::InputTooLarge`], [`Error::InputEmpty`]: the size of the input is out of
		///   range.
		/// - [`Error::WrongTensorCount`], [`Error::WrongTensorName`], [`Error::WrongElementType`],
		///   [`Error::WrongRank`], [`Error::WrongDimension`], [`Error::WrongByteLength`],
		///   [`Error::NanNotAllowed`]: the input does not fit the manifest.
		/// - [`Error::FeeAboveMax`]: the quote is above `options.max_fee`.
		/// - [`Error::TooManyOpenRequests`]: the chain is full.
		/// - [`Error::InsufficientBalance`], or an error of the currency: the quote cannot be held.
		///
		/// ## Events
		///
		/// - [`Event::Requested`].
		#[pallet::call_index(0)]
		#[pallet::weight(T::WeightInfo::request(input.encoded_size() as u32))]
		pub fn request(
			origin: OriginFor<T>,
			release: ReleaseId,
			input: RequestInput,
			options: RequestOptions<BalanceOf<T>, BlockNumberFor<T>>,
		) -> DispatchResult {
			let requester = ensure_signed(origin)?;
			Self::do_request(&requester, release, alloc::vec![input], options)?;
			Ok(())
		}

		/// Asks for several inferences of one release with the same options: all or none.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the requester, who pays.
		///
		/// ## Details
		///
		/// Each input becomes a request of its own, as by [`Pallet::request`], in the order of the
		/// batch. `options.max_fee` bounds each of them. If one cannot be accepted, none is.
		///
		/// ## Errors
		///
		/// - [`Error::EmptyBatch`]: there are no inputs.
		/// - Those of [`Pallet::request`].
		///
		/// ## Events
		///
		/// - [`Event::Requested`] for each input.
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::request_batch(
			inputs.len() as u32,
			inputs.iter().map(|input| input.encoded_size() as u32).fold(0, u32::saturating_add),
		))]
		pub fn request_batch(
			origin: OriginFor<T>,
			release: ReleaseId,
			inputs: BoundedVec<RequestInput, MaxBatch>,
			options: RequestOptions<BalanceOf<T>, BlockNumberFor<T>>,
		) -> DispatchResult {
			let requester = ensure_signed(origin)?;
			Self::do_request(&requester, release, inputs.into_inner(), options)?;
			Ok(())
		}

		/// Withdraws a request for which no panel is drawn yet.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the requester.
		///
		/// ## Details
		///
		/// The whole escrow goes back. The request ends as `Cancelled`.
		///
		/// ## Errors
		///
		/// - [`Error::UnknownRequest`]: there is no such open request.
		/// - [`Error::NotRequester`]: somebody else made it.
		/// - [`Error::PanelDrawn`]: attesters work on it already.
		///
		/// ## Events
		///
		/// - [`Event::Settled`].
		#[pallet::call_index(2)]
		#[pallet::weight(T::WeightInfo::cancel())]
		pub fn cancel(origin: OriginFor<T>, request: RequestId) -> DispatchResult {
			let requester = ensure_signed(origin)?;
			Self::do_cancel(&requester, request)
		}

		/// Asks a larger panel to decide a request on which the first one disagreed.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the requester, who pays.
		///
		/// ## Details
		///
		/// Once, within [`Config::EscalationWindow`]. The input is asked again, as a request of its
		/// own, of `2n + 1` attesters that did not sit on the panel of `n`; the same share of them
		/// must agree. The quote for them is held; it may not be above `max_fee`. If they accept an
		/// answer, the first panel is judged by it, and the requester gets, of what that costs those
		/// at fault, what the escalation cost it beyond the quote of the first request.
		///
		/// ## Errors
		///
		/// - [`Error::NotContested`]: there is nothing to decide, or not any more.
		/// - [`Error::NotRequester`]: somebody else made the request.
		/// - [`Error::AlreadyEscalated`]: a larger panel was asked already.
		/// - [`Error::FeeAboveMax`]: the quote is above `max_fee`.
		/// - [`Error::UnknownRelease`], [`Error::InactiveRelease`], [`Error::DeadlineOutOfRange`],
		///   [`Error::TooManyOpenRequests`], [`Error::InsufficientBalance`]: as of
		///   [`Pallet::request`].
		///
		/// ## Events
		///
		/// - [`Event::Escalated`], [`Event::Requested`].
		#[pallet::call_index(3)]
		#[pallet::weight(T::WeightInfo::escalate())]
		pub fn escalate(
			origin: OriginFor<T>,
			request: RequestId,
			#[pallet::compact] max_fee: BalanceOf<T>,
		) -> DispatchResult {
			let requester = ensure_signed(origin)?;
			Self::do_escalate(&requester, request, max_fee)?;
			Ok(())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What a request would cost if it were included now: the same numbers as the charge.
		/// `input_size` is in bytes: of the SCALE-encoded tensors, or of the blob. `None` if the
		/// release does not exist or the assurance is unsound.
		pub fn quote(
			release: ReleaseId,
			assurance: Assurance,
			input_size: u64,
		) -> Option<Quote<BalanceOf<T>>> {
			Self::do_quote(release, assurance, input_size)
		}

		/// How a request ended, while its result is kept.
		pub fn settlement(request: RequestId) -> Option<SettlementOf<T>> {
			Settlements::<T>::get(request)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			let mut meter = WeightMeter::with_limit(T::AgendaWeight::get());
			Self::serve_agenda(now, &mut meter, true);
			meter.consumed()
		}

		fn on_idle(now: BlockNumberFor<T>, remaining: Weight) -> Weight {
			let mut meter = WeightMeter::with_limit(remaining);
			// No draws: the author of this block knows its randomness and chose its transactions.
			Self::serve_agenda(now, &mut meter, false);
			meter.consumed()
		}

		fn integrity_test() {
			Self::check_parameters();
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	/// An amount of the pallet's currency.
	pub type BalanceOf<T> =
		<<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

	/// An open request.
	pub type RequestOf<T> =
		Request<<T as frame_system::Config>::AccountId, BalanceOf<T>, BlockNumberFor<T>>;

	/// How a request ended.
	pub type SettlementOf<T> =
		Settlement<<T as frame_system::Config>::AccountId, BalanceOf<T>, BlockNumberFor<T>>;

	/// A request on which a panel disagreed.
	pub type ContestedOf<T> =
		ContestedRequest<<T as frame_system::Config>::AccountId, BalanceOf<T>, BlockNumberFor<T>>;

	/// A panel at its end.
	pub(crate) type ClosedPanelOf<T> =
		ClosedPanel<<T as frame_system::Config>::AccountId, BalanceOf<T>>;

	/// A member of a panel.
	pub(crate) type SeatOf<T> = Seat<<T as frame_system::Config>::AccountId, BalanceOf<T>>;

	/// Members of a panel.
	pub(crate) type SeatsOf<T> = Vec<SeatOf<T>>;
}
