// SPDX-License-Identifier: Apache-2.0
#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]
#![deny(rustdoc::broken_intra_doc_links)]

extern crate alloc;

mod commission;
mod invariants;
mod payout;
mod queries;
mod sharing;
mod types;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;
pub mod weights;

pub use pallet::*;
pub use types::*;
pub use weights::WeightInfo;

/// Target of log lines.
pub(crate) const LOG_TARGET: &str = "runtime::rewards";

/// Eras that [`Pallet::unpaid`] shows at most.
pub const MAX_ERAS_PER_QUERY: u32 = 256;

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use alloc::vec::Vec;
	use frame_support::{
		PalletId,
		dispatch::WithPostDispatchInfo,
		pallet_prelude::*,
		traits::{
			StorageVersion,
			fungible::{Inspect, Mutate},
		},
	};
	use frame_system::pallet_prelude::*;
	use jurat_primitives::income::{EraIndex, PagedExposures};
	use sp_runtime::{
		Perbill,
		traits::{AccountIdConversion, Zero},
	};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// Parameters without `#[pallet::constant]` are read at each use and may change while the chain
	/// runs.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// What income is paid in.
		type Currency: Mutate<Self::AccountId>;

		/// Who backs whom, era by era.
		type Exposures: PagedExposures<Self::AccountId, BalanceOf<Self>>;

		/// From which the account of the pot is derived.
		#[pallet::constant]
		type PalletId: Get<PalletId>;

		/// Where what nominators do not get ends up: remainders of divisions, what cannot arrive,
		/// and what nobody claimed. It should be kept alive, so that even sums below the minimum
		/// balance arrive.
		type ProtocolAccount: Get<Self::AccountId>;

		/// Nominators on one page of an exposure at most.
		#[pallet::constant]
		type MaxPageSize: Get<u32>;

		/// The commission of a validator that never set one.
		type DefaultCommission: Get<Perbill>;

		/// How far a commission may be, at any time in an era, above what it was when the era
		/// began.
		type MaxCommissionRise: Get<Perbill>;

		/// Eras after the end of an era in which its nominators can be paid for sure. Afterwards
		/// anyone may sweep what is left. To be shorter than the time for which exposures are kept.
		type ClaimPeriod: Get<EraIndex>;

		/// Weights of this pallet.
		type WeightInfo: WeightInfo;
	}

	/// Commissions that validators set.
	// Blake2_128Concat: account ids are chosen by anyone. One small entry for each account that
	// ever called `set_commission` while it was a validator or stood for election, which takes the
	// staking system's least stake. Not removed with the validator: it could come back at the
	// default rate, above what it was bound to.
	#[pallet::storage]
	pub type Commissions<T: Config> =
		StorageMap<_, Blake2_128Concat, T::AccountId, CommissionRecord>;

	/// What nominators are still to get, by validator and era.
	// Blake2_128Concat: account ids are chosen by anyone. Twox64Concat: eras are counted by the
	// chain. At most one entry for each validator of an era; it goes when its last page is paid or
	// when it is swept, both of which anyone may do without a fee.
	#[pallet::storage]
	pub type Incomes<T: Config> = StorageDoubleMap<
		_,
		Blake2_128Concat,
		T::AccountId,
		Twox64Concat,
		EraIndex,
		IncomeRecordOf<T>,
	>;

	/// Endows the pot with the minimum balance: sums below it can arrive from the first settlement
	/// on, and the account outlives the payment of everything that is owed.
	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		#[serde(skip)]
		#[doc(hidden)]
		pub _config: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			let pot = Pallet::<T>::account_id();
			if T::Currency::balance(&pot).is_zero() {
				T::Currency::mint_into(&pot, T::Currency::minimum_balance())
					.expect("an account can have the minimum balance; qed");
			}
		}
	}

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A validator set its commission.
		CommissionSet {
			/// Who.
			validator: T::AccountId,
			/// The commission from now on.
			rate: Perbill,
		},
		/// Income of a validator was shared with its nominators.
		IncomeShared {
			/// Whose income.
			validator: T::AccountId,
			/// In which era.
			era: EraIndex,
			/// The nominators' part, in planck of JUR.
			amount: BalanceOf<T>,
		},
		/// The nominators on a page got their shares.
		PagePaid {
			/// Of which validator.
			validator: T::AccountId,
			/// For which era.
			era: EraIndex,
			/// Which page.
			page: u32,
			/// Nominators to whom something was paid.
			nominators: u32,
			/// What they got in sum, in planck of JUR.
			amount: BalanceOf<T>,
		},
		/// The last page of an era was paid.
		EraPaid {
			/// Of which validator.
			validator: T::AccountId,
			/// Which era.
			era: EraIndex,
			/// What no nominator could get and the protocol got, in planck of JUR.
			dust: BalanceOf<T>,
		},
		/// What nobody claimed in time went to the protocol.
		Swept {
			/// Of which validator.
			validator: T::AccountId,
			/// Of which era.
			era: EraIndex,
			/// How much, in planck of JUR.
			amount: BalanceOf<T>,
		},
	}

	#[pallet::error]
	#[derive(PartialEq, Eq)]
	pub enum Error<T> {
		/// The account is no validator and does not stand for election as one.
		NotValidator,
		/// The commission is this already.
		SameCommission,
		/// The commission would rise faster than it may. Try a smaller step, or the next era.
		RiseTooSteep,
		/// The era is not over: its income may still grow.
		EraNotOver,
		/// Nothing of this validator's income of this era is left to be paid: there was none to
		/// share, or everything is paid or swept.
		NoIncome,
		/// The exposure has fewer pages.
		PageOutOfRange,
		/// The page was paid before.
		AlreadyPaid,
		/// The staking system does not know the nominators any more. What is left can be swept.
		ExposureGone,
		/// The pot lacks money that it should have: its endowment, which a chain that gets this
		/// pallet by an upgrade has to give it.
		PotTooSmall,
		/// Nominators may still claim.
		ClaimPeriodRunning,
	}

	#[pallet::call(weight(T::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Set the commission of the calling validator.
		///
		/// ## Dispatch Origin
		///
		/// Signed by a validator, or by an account that stands for election as one.
		///
		/// ## Details
		///
		/// `rate` is the part of each income that the validator keeps before the rest is divided by
		/// stake. It holds for each settlement from now on. It may go down by any step, and up to
		/// [`Config::MaxCommissionRise`] above what it was when the running era began.
		///
		/// ## Errors
		///
		/// [`Error::NotValidator`], [`Error::SameCommission`], [`Error::RiseTooSteep`].
		///
		/// ## Events
		///
		/// [`Event::CommissionSet`].
		#[pallet::call_index(0)]
		pub fn set_commission(origin: OriginFor<T>, rate: Perbill) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_commission(who, rate)
		}

		/// Pay the nominators on one page their shares in a validator's income of an era.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by anyone. Free of charge if it paid anything.
		///
		/// ## Details
		///
		/// Each nominator gets its part by stake, rounded down. A share that cannot arrive, because
		/// the account does not exist and the share is below the minimum balance, stays in the pot
		/// and fails nothing. With the last page, what is left goes to the protocol.
		///
		/// ## Errors
		///
		/// [`Error::EraNotOver`], [`Error::NoIncome`], [`Error::PageOutOfRange`],
		/// [`Error::AlreadyPaid`], [`Error::ExposureGone`], [`Error::PotTooSmall`].
		///
		/// ## Events
		///
		/// [`Event::PagePaid`]; after the last page [`Event::EraPaid`].
		#[pallet::call_index(1)]
		#[pallet::weight(T::WeightInfo::payout(T::MaxPageSize::get()))]
		pub fn payout(
			origin: OriginFor<T>,
			validator: T::AccountId,
			era: EraIndex,
			page: u32,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			let paid = Self::do_payout(validator, era, page)
				// Whoever comes second to a page has not had anybody paid.
				.map_err(|error| error.with_weight(T::WeightInfo::payout(1)))?;
			let weight = T::WeightInfo::payout(paid.visited);
			let pays = if paid.amount.is_zero() { Pays::Yes } else { Pays::No };
			Ok((Some(weight), pays).into())
		}

		/// Send what is left of a validator's income of an era to the protocol.
		///
		/// ## Dispatch Origin
		///
		/// Signed, by anyone. Free of charge.
		///
		/// ## Details
		///
		/// Possible once [`Config::ClaimPeriod`] eras have passed after the era. Removes the entry.
		///
		/// ## Errors
		///
		/// [`Error::ClaimPeriodRunning`], [`Error::NoIncome`], [`Error::PotTooSmall`].
		///
		/// ## Events
		///
		/// [`Event::Swept`].
		#[pallet::call_index(2)]
		pub fn sweep(
			origin: OriginFor<T>,
			validator: T::AccountId,
			era: EraIndex,
		) -> DispatchResultWithPostInfo {
			ensure_signed(origin)?;
			Self::do_sweep(validator, era)?;
			Ok(Pays::No.into())
		}
	}

	#[pallet::view_functions]
	impl<T: Config> Pallet<T> {
		/// The part of its income that a validator keeps before the rest is divided by stake.
		pub fn commission(validator: T::AccountId) -> Perbill {
			Self::commission_of(&validator)
		}

		/// Income of a validator that its nominators have not got yet, oldest era first. At most
		/// [`MAX_ERAS_PER_QUERY`] eras; what is paid gives way to the rest.
		pub fn unpaid(validator: T::AccountId) -> Vec<UnpaidIncome<BalanceOf<T>>> {
			Self::unpaid_of(&validator)
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(T::MaxPageSize::get() > 0, "a page without a nominator pays nobody");
			assert!(
				T::ProtocolAccount::get() != Self::account_id(),
				"what leaves the pot must go elsewhere"
			);
			assert!(
				!T::Currency::minimum_balance().is_zero(),
				"the endowment keeps the pot alive: it must be something"
			);
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	impl<T: Config> Pallet<T> {
		/// The account that keeps nominators' shares until they are paid.
		pub fn account_id() -> T::AccountId {
			T::PalletId::get().into_account_truncating()
		}
	}

	/// An amount of the pallet's currency.
	pub type BalanceOf<T> =
		<<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

	/// What nominators of one validator are to get for one era.
	pub type IncomeRecordOf<T> = IncomeRecord<BalanceOf<T>>;
}
