// SPDX-License-Identifier: Apache-2.0
//! What the registry stores.

use crate::Config;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, traits::fungible::Inspect};
use jurat_primitives::{ContentHash, Version, view::ReleaseState};
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_runtime::traits::{AtLeast32BitUnsigned, StaticLookup};

/// Shortest name of a model, in bytes.
pub const MIN_MODEL_NAME: usize = 3;
/// Longest name of a model, in bytes.
pub const MAX_MODEL_NAME: u32 = 64;
/// Longest metadata of a model, in bytes.
pub const MAX_METADATA: u32 = 1024;
/// Most models that one query returns.
pub const MAX_MODELS_PER_QUERY: u32 = 100;

/// Name of a model: 3 to 64 bytes of `a-z`, `0-9` and the separators `-`, `.`, `/`. It begins and
/// ends with a letter or digit, and no separator follows another.
pub type ModelName = BoundedVec<u8, ConstU32<MAX_MODEL_NAME>>;

/// What the owner says of a model: UTF-8.
pub type Metadata = BoundedVec<u8, ConstU32<MAX_METADATA>>;

/// Money of the registry, in planck of JUR.
pub type BalanceOf<T> =
	<<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

/// How a call names an account.
pub type AccountIdLookupOf<T> = <<T as frame_system::Config>::Lookup as StaticLookup>::Source;

/// [`ModelRecord`] of a runtime.
pub type ModelRecordOf<T> = ModelRecord<<T as frame_system::Config>::AccountId, BalanceOf<T>>;

/// [`ReleaseRecord`] of a runtime.
pub type ReleaseRecordOf<T> =
	ReleaseRecord<BalanceOf<T>, frame_system::pallet_prelude::BlockNumberFor<T>>;

/// What is held for stored bytes, and how it was reckoned: the prices may change later, and what
/// was taken must come back all the same.
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
pub struct Deposit<Balance> {
	/// Held, in planck of JUR: a base plus `bytes` × `per_byte`.
	pub amount: Balance,
	/// SCALE-encoded bytes that it pays for.
	pub bytes: u32,
	/// Price of one byte when the deposit was taken.
	pub per_byte: Balance,
}

impl<Balance: AtLeast32BitUnsigned + Copy> Deposit<Balance> {
	/// The deposit for so many bytes. Saturates: nobody can hold the largest balance.
	pub fn new(base: Balance, bytes: u32, per_byte: Balance) -> Self {
		let amount = base.saturating_add(per_byte.saturating_mul(bytes.into()));
		Self { amount, bytes, per_byte }
	}

	/// Whether it covers these bytes at the price of its time.
	pub fn covers(&self, bytes: u32) -> bool {
		self.bytes == bytes && self.amount >= self.per_byte.saturating_mul(bytes.into())
	}
}

/// A model.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct ModelRecord<AccountId, Balance> {
	/// Its owner, whose balance its deposits are held in.
	pub owner: AccountId,
	/// Its name.
	pub name: ModelName,
	/// What the owner says of it.
	pub metadata: Metadata,
	/// Held for name and metadata.
	pub deposit: Deposit<Balance>,
	/// Number of its releases.
	pub releases: u32,
	/// Sum of its releases' deposits, so that a transfer need not visit them.
	pub release_deposits: Balance,
	/// The newest version ever published, removed or not: versions only grow.
	pub newest: Option<Version>,
}

/// A release, without its manifest: what changes while it is served and used is kept apart from
/// the tens of kilobytes that never change.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct ReleaseRecord<Balance, BlockNumber> {
	/// The model file.
	pub content: ContentHash,
	/// Its size in bytes.
	pub size: u64,
	/// Price of one request, in planck of JUR.
	pub price: Balance,
	/// Whether it takes requests.
	pub state: ReleaseState,
	/// Held for the manifest.
	pub deposit: Deposit<Balance>,
	/// Block of publication.
	pub published_at: BlockNumber,
	/// Attesters that announce it.
	pub servers: u32,
	/// Open requests that use it.
	pub users: u32,
}
