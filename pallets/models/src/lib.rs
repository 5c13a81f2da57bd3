// SPDX-License-Identifier: Apache-2.0
#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![deny(missing_docs)]
#![deny(rustdoc::broken_intra_doc_links)]

extern crate alloc;

mod activation;
mod deposit;
mod invariants;
mod models;
mod queries;
mod releases;
mod requests;
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
pub(crate) const LOG_TARGET: &str = "runtime::models";

#[frame_support::pallet]
pub mod pallet {
	use super::*;
	use frame_support::{
		pallet_prelude::*,
		traits::{
			StorageVersion,
			fungible::{Inspect, Mutate, MutateHold},
		},
	};
	use frame_system::pallet_prelude::*;
	use jurat_primitives::{
		ContentHash, Manifest, Mirrors, ModelId, ReleaseId, Version, manifest::ManifestError,
		traits::ReleaseObserver,
	};
	use sp_runtime::traits::{StaticLookup, Zero};

	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// Where deposits are held.
		type Currency: Mutate<Self::AccountId>
			+ MutateHold<Self::AccountId, Reason = Self::RuntimeHoldReason>;

		/// The runtime's reasons for holds.
		type RuntimeHoldReason: From<HoldReason>;

		/// Attesters that must announce a release before it takes requests. At least 1.
		#[pallet::constant]
		type ActivationQuorum: Get<u32>;

		/// Blocks that a release has to become active. After them anyone may remove it.
		#[pallet::constant]
		type ActivationPeriod: Get<BlockNumberFor<Self>>;

		/// Deposit for a model, apart from its bytes: keys and fields of fixed size. At least the
		/// minimum balance, so that it can always be given back.
		#[pallet::constant]
		type ModelDeposit: Get<BalanceOf<Self>>;

		/// Deposit for a release, apart from its bytes: keys and fields of fixed size. At least
		/// the minimum balance, so that it can always be given back.
		#[pallet::constant]
		type ReleaseDeposit: Get<BalanceOf<Self>>;

		/// Deposit for one SCALE-encoded byte: of name and metadata of a model, of the manifest of
		/// a release, and of its mirrors.
		#[pallet::constant]
		type DepositPerByte: Get<BalanceOf<Self>>;

		/// Releases that one model may have at a time.
		#[pallet::constant]
		type MaxReleases: Get<u32>;

		/// Open requests that one release may have at a time. A part of what the chain takes in
		/// all, so that requests for one release, such as one that nobody serves any more, cannot
		/// keep out those for others.
		#[pallet::constant]
		type MaxUsers: Get<u32>;

		/// Hears of releases that are gone. What that weighs is added to `remove_release`.
		type Observer: ReleaseObserver;

		/// Weights of this pallet.
		type WeightInfo: WeightInfo;
	}

	/// Why the registry holds money.
	#[pallet::composite_enum]
	pub enum HoldReason {
		/// For the storage of a model.
		#[codec(index = 0)]
		Model,
		/// For the storage of a release.
		#[codec(index = 1)]
		Release,
	}

	/// The number that the next model gets. Numbers are never reused, so neither is a [`ReleaseId`].
	#[pallet::storage]
	pub type NextModel<T> = StorageValue<_, ModelId, ValueQuery>;

	/// The models.
	// Twox64Concat: the chain gives out the numbers, nobody can choose them to unbalance the trie.
	// Grows only against deposits, which pay for each entry's bytes.
	#[pallet::storage]
	pub type Models<T: Config> = StorageMap<_, Twox64Concat, ModelId, ModelRecordOf<T>>;

	/// Models by name.
	// Blake2_128Concat: names are chosen by anyone. One entry for each entry of `Models`.
	#[pallet::storage]
	pub type ModelNames<T> = StorageMap<_, Blake2_128Concat, ModelName, ModelId>;

	/// The releases of a model.
	// Twox64Concat: the first key is given out by the chain; the second is chosen by the model's
	// owner, but lies under that model's own prefix. At most `MaxReleases` under each first key,
	// and each against a deposit.
	#[pallet::storage]
	pub type Releases<T: Config> =
		StorageDoubleMap<_, Twox64Concat, ModelId, Twox64Concat, Version, ReleaseRecordOf<T>>;

	/// The manifests of releases: immutable, and up to tens of kilobytes each, hence not read or
	/// written with every request.
	// Hashers as for `Releases`. One entry for each of its entries.
	#[pallet::storage]
	pub type Manifests<T> =
		StorageDoubleMap<_, Twox64Concat, ModelId, Twox64Concat, Version, Manifest>;

	/// Where the files of releases can be had, besides from attesters. What has no mirrors has no
	/// entry.
	// Hashers as for `Releases`. At most one entry for each of its entries.
	#[pallet::storage]
	pub type ReleaseMirrors<T> =
		StorageDoubleMap<_, Twox64Concat, ModelId, Twox64Concat, Version, Mirrors>;

	/// Which release of a model has a content: no two have the same.
	// Blake2_128Concat for the second key: the hash is what the publisher claims, hence chosen by
	// anyone. One entry for each entry of `Releases`.
	#[pallet::storage]
	pub type Contents<T> =
		StorageDoubleMap<_, Twox64Concat, ModelId, Blake2_128Concat, ContentHash, Version>;

	#[pallet::event]
	#[pallet::generate_deposit(pub(super) fn deposit_event)]
	pub enum Event<T: Config> {
		/// A model was created.
		ModelCreated {
			/// Its number.
			model: ModelId,
			/// Its owner.
			owner: T::AccountId,
			/// Its name.
			name: ModelName,
		},
		/// A release was published.
		ReleasePublished {
			/// Which.
			release: ReleaseId,
			/// The model file.
			content: ContentHash,
			/// Its size in bytes.
			size: u64,
		},
		/// Enough attesters announced a release: it takes requests.
		ReleaseActivated {
			/// Which.
			release: ReleaseId,
			/// How many announce it.
			servers: u32,
		},
		/// A release takes no new requests any more.
		ReleaseDeprecated {
			/// Which.
			release: ReleaseId,
		},
		/// A model has a new owner, and so have its deposits.
		ModelTransferred {
			/// Which.
			model: ModelId,
			/// The owner before.
			from: T::AccountId,
			/// The owner now.
			to: T::AccountId,
		},
		/// New requests of a release cost another royalty.
		PriceSet {
			/// Which.
			release: ReleaseId,
			/// Price of one request, in planck of JUR.
			price: BalanceOf<T>,
		},
		/// A release has other mirrors.
		MirrorsSet {
			/// Which.
			release: ReleaseId,
		},
		/// A model has other metadata.
		MetadataUpdated {
			/// Which.
			model: ModelId,
		},
		/// A release is gone; its deposit went back to the model's owner.
		ReleaseRemoved {
			/// Which.
			release: ReleaseId,
		},
		/// A model is gone; its deposit went back to its owner.
		ModelRemoved {
			/// Which.
			model: ModelId,
		},
	}

	#[pallet::error]
	pub enum Error<T> {
		/// The name has fewer than three bytes.
		NameTooShort,
		/// The name has a byte other than `a-z`, `0-9`, `-`, `.` and `/`.
		NameCharacter,
		/// The name begins or ends with a separator, or has two in a row.
		NameSeparator,
		/// Another model has this name.
		NameTaken,
		/// The metadata is not UTF-8.
		MetadataNotUtf8,
		/// No number is left for another model.
		TooManyModels,
		/// There is no such model.
		UnknownModel,
		/// There is no such release.
		UnknownRelease,
		/// The model belongs to somebody else.
		NotOwner,
		/// The model belongs to the new owner already.
		AlreadyOwner,
		/// The version is not greater than each earlier one of the model, removed ones included.
		VersionNotNewer,
		/// Another release of the model has the same content.
		ContentRepeated,
		/// The size is zero or above the limit of a model file.
		SizeOutOfRange,
		/// The model has as many releases as a model may have. Remove one first.
		TooManyReleases,
		/// The manifest has no inputs or no outputs.
		ManifestEmpty,
		/// A name in the manifest is empty, not UTF-8, or given twice.
		ManifestName,
		/// A symbol in the manifest has no room or no name, or two different bounds.
		ManifestSymbol,
		/// The manifest states no compute units.
		ManifestCost,
		/// The manifest's list of operators is empty, unsorted or has repetitions.
		ManifestOperators,
		/// The manifest claims to be exact with an operator that is not.
		ManifestNotExact,
		/// The manifest's gross bound is not ten times as wide as its tolerance, in both parts.
		ManifestGross,
		/// The manifest's licence, a tag, a symbol or an operator is not UTF-8, or a tag is empty.
		ManifestText,
		/// A mirror is no `http` or `https` address in printable ASCII.
		MirrorAddress,
		/// The release is deprecated: it can be neither served anew, nor priced, nor deprecated
		/// again.
		Deprecated,
		/// The release does not take requests: too few attesters announced it so far, or it is
		/// deprecated.
		NotActive,
		/// The release has as many open requests as one release may have. Try again in a few
		/// blocks.
		TooManyUsers,
		/// The release takes requests. Deprecate it before removing it.
		StillActive,
		/// Open requests use the release. Remove it when they have ended.
		InUse,
		/// The release may still become active; so far only its owner may remove it.
		ActivationPending,
		/// The model has releases. Remove them first.
		HasReleases,
	}

	impl<T> From<ManifestError> for Error<T> {
		fn from(error: ManifestError) -> Self {
			match error {
				ManifestError::Empty => Self::ManifestEmpty,
				ManifestError::Name => Self::ManifestName,
				ManifestError::Symbol => Self::ManifestSymbol,
				ManifestError::Cost => Self::ManifestCost,
				ManifestError::Operators => Self::ManifestOperators,
				ManifestError::NotExact => Self::ManifestNotExact,
				ManifestError::Gross => Self::ManifestGross,
				ManifestError::Text => Self::ManifestText,
			}
		}
	}

	#[pallet::hooks]
	impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
		fn integrity_test() {
			assert!(T::ActivationQuorum::get() > 0, "a release that nobody serves is not active");
			assert!(!T::ActivationPeriod::get().is_zero(), "a release needs time to become active");
			assert!(T::MaxReleases::get() > 0, "a model must be able to have a release");
			assert!(T::MaxUsers::get() > 0, "a release must be able to have a request");
			let minimum = T::Currency::minimum_balance();
			assert!(T::ModelDeposit::get() >= minimum, "a deposit must be able to go back");
			assert!(T::ReleaseDeposit::get() >= minimum, "a deposit must be able to go back");
		}

		#[cfg(feature = "try-runtime")]
		fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
			Self::do_try_state()
		}
	}

	#[pallet::call(weight(<T as Config>::WeightInfo))]
	impl<T: Config> Pallet<T> {
		/// Create a model: a name under which releases can be published.
		///
		/// ## Dispatch Origin
		///
		/// Signed. The sender becomes the owner.
		///
		/// ## Details
		///
		/// `name`: 3 to 64 bytes of `a-z`, `0-9`, `-`, `.`, `/`; the last three separate, so they
		/// stand neither first, nor last, nor side by side. Names are unique, and free again once
		/// their model is removed. `metadata`: UTF-8, free in form.
		///
		/// Holds `ModelDeposit` plus `DepositPerByte` for each byte of the SCALE-encoded name and
		/// metadata.
		///
		/// ## Errors
		///
		/// [`Error::NameTooShort`], [`Error::NameCharacter`], [`Error::NameSeparator`],
		/// [`Error::NameTaken`], [`Error::MetadataNotUtf8`], [`Error::TooManyModels`], and the
		/// currency's if the deposit cannot be held.
		///
		/// ## Events
		///
		/// [`Event::ModelCreated`].
		#[pallet::call_index(0)]
		pub fn create_model(
			origin: OriginFor<T>,
			name: ModelName,
			metadata: Metadata,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_create_model(who, name, metadata).map(drop)
		}

		/// Publish an immutable release of a model.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the model's owner.
		///
		/// ## Details
		///
		/// The release waits in the state `Published` until `ActivationQuorum` attesters announce
		/// it. `version` must be greater than each version the model ever had; `content` is the
		/// BLAKE3 hash of the model file, `size` its bytes, `price` the royalty of one request in
		/// planck of JUR. Whether the manifest is true of the file is for attesters to find out.
		///
		/// Holds `ReleaseDeposit` plus `DepositPerByte` for each byte of the SCALE-encoded
		/// manifest.
		///
		/// ## Errors
		///
		/// [`Error::UnknownModel`], [`Error::NotOwner`], [`Error::VersionNotNewer`],
		/// [`Error::TooManyReleases`], [`Error::SizeOutOfRange`], [`Error::ContentRepeated`], one
		/// of the `Manifest…` errors, and the currency's if the deposit cannot be held.
		///
		/// ## Events
		///
		/// [`Event::ReleasePublished`].
		#[pallet::call_index(1)]
		pub fn publish_release(
			origin: OriginFor<T>,
			model: ModelId,
			version: Version,
			content: ContentHash,
			size: u64,
			manifest: Manifest,
			price: BalanceOf<T>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let release = ReleaseId { model, version };
			Self::do_publish_release(who, release, content, size, manifest, price)
		}

		/// Let a release take no new requests, for good.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the model's owner.
		///
		/// ## Details
		///
		/// Open requests end as if nothing had happened. The release can be removed after that.
		///
		/// ## Errors
		///
		/// [`Error::UnknownModel`], [`Error::UnknownRelease`], [`Error::NotOwner`],
		/// [`Error::Deprecated`].
		///
		/// ## Events
		///
		/// [`Event::ReleaseDeprecated`].
		#[pallet::call_index(2)]
		pub fn deprecate_release(origin: OriginFor<T>, release: ReleaseId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_deprecate_release(who, release)
		}

		/// Give a model, its releases and the deposits held for them to somebody else.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the model's owner.
		///
		/// ## Details
		///
		/// The new owner is not asked. It loses nothing: the deposits stay on hold and come with
		/// the model, as a gift, and it may remove the model and keep them. It must have an account
		/// already. Royalties of requests settled from now on are the new owner's.
		///
		/// ## Errors
		///
		/// [`Error::UnknownModel`], [`Error::NotOwner`], [`Error::AlreadyOwner`], and the
		/// currency's if the new owner's account cannot take the deposits.
		///
		/// ## Events
		///
		/// [`Event::ModelTransferred`].
		#[pallet::call_index(3)]
		pub fn transfer_model(
			origin: OriginFor<T>,
			model: ModelId,
			new_owner: AccountIdLookupOf<T>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			let new_owner = T::Lookup::lookup(new_owner)?;
			Self::do_transfer_model(who, model, new_owner)
		}

		/// Set the royalty of each new request of a release.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the model's owner.
		///
		/// ## Details
		///
		/// `price` is in planck of JUR. Requests made before keep their terms, and no request costs
		/// more than the maximum fee that its requester stated.
		///
		/// ## Errors
		///
		/// [`Error::UnknownModel`], [`Error::UnknownRelease`], [`Error::NotOwner`],
		/// [`Error::Deprecated`].
		///
		/// ## Events
		///
		/// [`Event::PriceSet`].
		#[pallet::call_index(4)]
		pub fn set_price(
			origin: OriginFor<T>,
			release: ReleaseId,
			price: BalanceOf<T>,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_price(who, release, price)
		}

		/// Replace the metadata of a model.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the model's owner.
		///
		/// ## Details
		///
		/// The deposit is reckoned anew, at today's prices; the difference is held or given back.
		///
		/// ## Errors
		///
		/// [`Error::UnknownModel`], [`Error::NotOwner`], [`Error::MetadataNotUtf8`], and the
		/// currency's if the difference cannot be held.
		///
		/// ## Events
		///
		/// [`Event::MetadataUpdated`].
		#[pallet::call_index(5)]
		pub fn update_metadata(
			origin: OriginFor<T>,
			model: ModelId,
			metadata: Metadata,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_update_metadata(who, model, metadata)
		}

		/// Remove a release; its deposit goes back to the model's owner.
		///
		/// ## Dispatch Origin
		///
		/// Signed: by the model's owner, or by anyone if the release was published more than
		/// `ActivationPeriod` blocks ago and is still not active. The latter pays no fee.
		///
		/// ## Details
		///
		/// The owner may remove a release that never became active, or a deprecated one that no
		/// open request uses. The version cannot be published again.
		///
		/// ## Errors
		///
		/// [`Error::UnknownModel`], [`Error::UnknownRelease`], [`Error::StillActive`],
		/// [`Error::InUse`]; from others than the owner [`Error::NotOwner`],
		/// [`Error::ActivationPending`].
		///
		/// ## Events
		///
		/// [`Event::ReleaseRemoved`].
		#[pallet::call_index(6)]
		#[pallet::weight(T::WeightInfo::remove_release().saturating_add(T::Observer::weight(u32::MAX)))]
		pub fn remove_release(
			origin: OriginFor<T>,
			release: ReleaseId,
		) -> DispatchResultWithPostInfo {
			let who = ensure_signed(origin)?;
			let (pays, servers) = Self::do_remove_release(who, release)?;
			let weight = T::WeightInfo::remove_release();
			Ok((Some(weight.saturating_add(T::Observer::weight(servers))), pays).into())
		}

		/// Remove a model without releases; its deposit goes back to its owner.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the model's owner.
		///
		/// ## Details
		///
		/// The name is free again; the number is not given out again.
		///
		/// ## Errors
		///
		/// [`Error::UnknownModel`], [`Error::NotOwner`], [`Error::HasReleases`].
		///
		/// ## Events
		///
		/// [`Event::ModelRemoved`].
		#[pallet::call_index(7)]
		pub fn remove_model(origin: OriginFor<T>, model: ModelId) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_remove_model(who, model)
		}

		/// Say where the file of a release can be had, besides from attesters.
		///
		/// ## Dispatch Origin
		///
		/// Signed by the model's owner.
		///
		/// ## Details
		///
		/// `mirrors` replaces what was said before; an empty list removes it. Each is the address
		/// of the file itself, `http` or `https`. They are hints: attesters ask each other first,
		/// and a mirror only if their operators want that and nobody else has the file; what comes
		/// from it must have the release's hash.
		///
		/// The release's deposit is reckoned anew, at today's prices, for the SCALE-encoded manifest
		/// and mirrors; the difference is held or given back.
		///
		/// ## Errors
		///
		/// [`Error::UnknownModel`], [`Error::UnknownRelease`], [`Error::NotOwner`],
		/// [`Error::MirrorAddress`], and the currency's if the difference cannot be held.
		///
		/// ## Events
		///
		/// [`Event::MirrorsSet`].
		#[pallet::call_index(8)]
		pub fn set_mirrors(
			origin: OriginFor<T>,
			release: ReleaseId,
			mirrors: Mirrors,
		) -> DispatchResult {
			let who = ensure_signed(origin)?;
			Self::do_set_mirrors(who, release, mirrors)
		}
	}
}
