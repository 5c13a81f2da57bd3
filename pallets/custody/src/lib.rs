// SPDX-License-Identifier: Apache-2.0
#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]
#![deny(rustdoc::broken_intra_doc_links)]

extern crate alloc;

mod asking;
#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
mod expiry;
mod invariants;
#[cfg(test)]
mod mock;
mod proof;
#[cfg(test)]
mod tests;
pub mod weights;
mod worker;

pub use pallet::*;
pub use proof::Proof;
pub use weights::WeightInfo;

use frame_system::pallet_prelude::BlockNumberFor;
use jurat_primitives::custody::Question;

/// Target of this pallet's log.
pub(crate) const LOG_TARGET: &str = "runtime::custody";

/// A question, in the types of the chain.
pub type QuestionOf<T> = Question<BlockNumberFor<T>>;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{pallet_prelude::*, weights::WeightMeter};
	use frame_system::{offchain::CreateAuthorizedTransaction, pallet_prelude::*};
	use jurat_primitives::{
		ReleaseId,
		crypto::AttestationSignature,
		custody::{Custodians, CustodyRecord, ReleaseFiles},
		traits::BlockRandomness,
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(0);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// Parameters without `#[pallet::constant]` are read at each use and may change while the chain
	/// runs.
	#[pallet::config]
	pub trait Config: frame_system::Config + CreateAuthorizedTransaction<Call<Self>> {
		/// Who is asked, and who hears of failures.
		type Custodians: Custodians<Self::AccountId>;

		/// What is asked about.
		type Files: ReleaseFiles;

		/// Randomness of the block that is being executed.
		type Randomness: BlockRandomness;

		/// Each validator is asked once in so many blocks, on average. Zero: nobody is asked.
		type Period: Get<BlockNumberFor<Self>>;

		/// Blocks in which a question is to be answered.
		type Deadline: Get<BlockNumberFor<Self>>;

		/// Questions that one block asks, at most.
		#[pallet::constant]
		type MaxQuestions: Get<u32>;

		/// What questions and deadlines may use at the start of a block.
		#[pallet::constant]
		type HookWeight: Get<Weight>;

		/// Priority of answers in the pool.
		#[pallet::constant]
		type SubmissionPriority: Get<TransactionPriority>;

		/// Weights of this pallet.
		type WeightInfo: WeightInfo;
	}

	/// Open questions, by whom they are asked. One for each attester at a time.
	// Keys are accounts that outsiders choose, hence a hash that can not be steered. Bounded: each
	// attester has a seat in consensus when it is asked, and each question ends at its deadline.
	#[pallet::storage]
	pub type Questions<T: Config> =
		CountedStorageMap<_, Blake2_128Concat, T::AccountId, QuestionOf<T>, OptionQuery>;

	/// The same, by the block at whose beginning they end.
	// The first key is a number of a block.
	#[pallet::storage]
	pub type Deadlines<T: Config> = StorageDoubleMap<
		_,
		Twox64Concat,
		BlockNumberFor<T>,
		Blake2_128Concat,
		T::AccountId,
		(),
		OptionQuery,
	>;

	/// The first block whose deadlines may not all have been served.
	#[pallet::storage]
	pub type NextDeadline<T: Config> = StorageValue<_, BlockNumberFor<T>, ValueQuery>;

	/// What became of the questions to each attester so far.
	// Bounded by the attesters there ever were, each of which had a bond and a seat in consensus.
	#[pallet::storage]
	pub type Records<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, CustodyRecord, ValueQuery>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(crate) fn deposit_event)]
	pub enum Event<T: Config> {
		/// An attester is to prove that it holds a chunk of a file.
		Asked {
			/// Who.
			attester: T::AccountId,
			/// Of the file of which release.
			release: ReleaseId,
			/// Which chunk.
			chunk: u64,
			/// Answers are taken in blocks before this one.
			until: BlockNumberFor<T>,
		},
		/// It did.
		Proved {
			/// Who.
			attester: T::AccountId,
			/// Of the file of which release.
			release: ReleaseId,
		},
		/// It did not, in time.
		Missed {
			/// Who.
			attester: T::AccountId,
			/// Of the file of which release.
			release: ReleaseId,
		},
		/// The deadline passed without an answer, and nobody is to blame: the release is gone,
		/// deprecated or not announced any more, or the attester is no validator any more.
		Lapsed {
			/// Who was asked.
			attester: T::AccountId,
			/// About the file of which release.
			release: ReleaseId,
		},
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Answer a question. Sent by the off-chain worker.
		///
		/// ## Dispatch Origin
		///
		/// Authorised by the signature of the attester's session key.
		///
		/// ## Details
		///
		/// The chunk that was asked for, with what shows that it is of the file. One answer for each
		/// question, before its deadline, with the key of the session in which was asked. Free. What
		/// is late, foreign, repeated or proves nothing never enters a block.
		///
		/// ## Errors
		///
		/// None: what does not answer an open question is not authorised.
		///
		/// ## Events
		///
		/// [`Event::Proved`].
		#[pallet::call_index(0)]
		#[pallet::weight((T::WeightInfo::prove(), DispatchClass::Operational))]
		#[pallet::weight_of_authorize(T::WeightInfo::authorize_prove())]
		#[pallet::authorize(|_source, proof, signature| {
			Pallet::<T>::authorize_prove(proof, signature)
		})]
		pub fn prove(
			origin: OriginFor<T>,
			proof: Proof<T::AccountId>,
			// Verified when the transaction is authorised.
			_signature: AttestationSignature,
		) -> DispatchResult {
			ensure_authorized(origin)?;
			Self::do_prove(proof);
			Ok(())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// What an attester is asked now.
		pub fn question(attester: T::AccountId) -> Option<QuestionOf<T>> {
			Questions::<T>::get(attester)
		}

		/// What became of the questions to an attester so far.
		pub fn record(attester: T::AccountId) -> CustodyRecord {
			Records::<T>::get(attester)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn on_initialize(now: BlockNumberFor<T>) -> Weight {
			let mut meter = WeightMeter::with_limit(T::HookWeight::get());
			if meter.try_consume(T::WeightInfo::on_initialize()).is_ok() {
				// Old questions first: whoever has one is not asked another.
				Self::expire(now, &mut meter);
				Self::ask(now, &mut meter);
			}
			meter.consumed()
		}

		fn offchain_worker(now: BlockNumberFor<T>) {
			if sp_io::offchain::is_validator() {
				worker::run::<T>(now);
			}
		}

		fn integrity_test() {
			assert!(T::MaxQuestions::get() > 0, "a block has to be able to ask");
			let each = T::WeightInfo::ask_one()
				.saturating_add(T::WeightInfo::expire_one())
				.saturating_add(T::WeightInfo::look());
			let all = each
				.saturating_mul(T::MaxQuestions::get().into())
				.saturating_add(T::WeightInfo::on_initialize());
			assert!(
				T::HookWeight::get().all_gte(all),
				"a block must be able to end as many questions as another asked",
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_now: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}
}
