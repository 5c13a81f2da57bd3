// SPDX-License-Identifier: Apache-2.0
//! Who shares in what attesters earn.
//!
//! ```text
//!                     Income                               PagedExposures
//! pallet-inference ──────────► pallet-inference-rewards ──────────────────► staking
//! ```

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::weights::Weight;
use scale_info::TypeInfo;
use sp_runtime::traits::Zero;

pub use sp_staking::EraIndex;

/// Pages of one exposure at most. A record of the pages that were paid is a set of this many bits.
pub const MAX_PAGES: u32 = 64;

/// How income of an attester divides. The two parts are the whole.
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
pub struct Division<Balance> {
	/// To the attester itself, at once.
	pub own: Balance,
	/// To its nominators, by way of [`Income::pot`].
	pub shared: Balance,
}

impl<Balance: Zero> Division<Balance> {
	/// Everything to the attester.
	pub fn undivided(amount: Balance) -> Self {
		Self { own: amount, shared: Zero::zero() }
	}
}

/// Divides what attesters earn between them and their nominators. Implemented by
/// `pallet-inference-rewards`; the unit implementation leaves all to the attester.
///
/// Whoever pays an attester asks for the division, pays the attester its part, pays the rest into
/// the pot, and says so by [`Income::shared`], all in one block and without anything in between.
pub trait Income<AccountId, Balance> {
	/// How `amount` divides at this moment.
	fn divide(attester: &AccountId, amount: Balance) -> Division<Balance>;
	/// The account into which `shared` is to be paid. `None`: nothing is ever shared.
	fn pot() -> Option<AccountId>;
	/// `amount` for the nominators of `attester`, of what was divided just before, has arrived in
	/// the pot.
	fn shared(attester: &AccountId, amount: Balance);
	/// Weight of a division, of the payment into the pot, and of [`Income::shared`], in the worst
	/// case.
	fn weight() -> Weight;
}

impl<AccountId, Balance: Zero> Income<AccountId, Balance> for () {
	fn divide(_: &AccountId, amount: Balance) -> Division<Balance> {
		Division::undivided(amount)
	}
	fn pot() -> Option<AccountId> {
		None
	}
	fn shared(_: &AccountId, _: Balance) {}
	fn weight() -> Weight {
		Weight::zero()
	}
}

/// What stands behind a validator in an era, in planck of JUR.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExposureOverview<Balance> {
	/// Its own stake.
	pub own: Balance,
	/// Its own stake and that of its nominators.
	pub total: Balance,
	/// Pages over which the nominators are spread, from 0 on. At most [`MAX_PAGES`].
	pub pages: u32,
}

/// Exposures of the staking system, by era, in bounded pages. Those of an era never change once it
/// has begun.
pub trait PagedExposures<AccountId, Balance> {
	/// The era that runs.
	fn era() -> EraIndex;
	/// Whether an account is a validator of the running era or stands for election as one.
	fn is_validator(who: &AccountId) -> bool;
	/// What stands behind a validator. `None` if it is not one in this era, or if the era is so
	/// long over that it is forgotten.
	fn overview(era: EraIndex, validator: &AccountId) -> Option<ExposureOverview<Balance>>;
	/// The nominators on one page, and with how much each backs the validator. Empty if there is
	/// no such page, or if the era is forgotten.
	fn page(era: EraIndex, validator: &AccountId, page: u32) -> Vec<(AccountId, Balance)>;
	/// Makes an era the running one, for benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_era(era: EraIndex);
	/// Sets the exposure of a validator in an era, for benchmarks.
	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_exposure(
		era: EraIndex,
		validator: &AccountId,
		own: Balance,
		nominators: Vec<(AccountId, Balance)>,
	);
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn without_nominators_in_the_game_everything_is_the_attester_s() {
		let division = <() as Income<u64, u64>>::divide(&1, 100);
		assert_eq!(division, Division { own: 100, shared: 0 });
		assert_eq!(<() as Income<u64, u64>>::pot(), None);
		assert!(<() as Income<u64, u64>>::weight().is_zero());
	}
}
