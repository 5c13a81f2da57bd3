// SPDX-License-Identifier: Apache-2.0
//! Units of money and time, and the structural limits of the chain.
//!
//! What a test network must shorten is not here but in [`crate::parameters`]: there is one Wasm
//! for all networks.

use frame_support::weights::{Weight, constants::WEIGHT_REF_TIME_PER_MILLIS};
use sp_consensus_babe::{AllowedSlots, BabeEpochConfiguration};

use crate::{Balance, BlockNumber};

/// Money. All amounts on chain are in planck.
pub mod currency {
	use super::Balance;

	/// The smallest unit.
	pub const PLANCK: Balance = 1;
	/// A millionth of a JUR.
	pub const MICROJUR: Balance = 1_000_000;
	/// A thousandth of a JUR.
	pub const MILLIJUR: Balance = 1_000 * MICROJUR;
	/// One JUR: 10^12 planck.
	pub const JUR: Balance = 1_000 * MILLIJUR;
	/// An account below this is removed.
	pub const EXISTENTIAL_DEPOSIT: Balance = MILLIJUR;

	/// What storing `items` entries of `bytes` bytes in all costs as a deposit, in planck.
	pub const fn deposit(items: u32, bytes: u32) -> Balance {
		items as Balance * 100 * MILLIJUR + bytes as Balance * 100 * MICROJUR
	}
}

/// Time.
pub mod time {
	use super::BlockNumber;

	/// Aimed-at distance of two blocks, in milliseconds.
	pub const MILLISECS_PER_BLOCK: u64 = 3_000;
	/// A BABE slot, in milliseconds.
	pub const SLOT_DURATION: u64 = MILLISECS_PER_BLOCK;
	/// Blocks in a minute.
	pub const MINUTES: BlockNumber = 60_000 / (MILLISECS_PER_BLOCK as BlockNumber);
	/// Blocks in an hour.
	pub const HOURS: BlockNumber = 60 * MINUTES;
	/// Blocks in a day.
	pub const DAYS: BlockNumber = 24 * HOURS;
	/// Slots in a BABE epoch, which is also a session: ten minutes.
	///
	/// A constant, since nodes read it once from genesis.
	pub const EPOCH_DURATION: BlockNumber = 10 * MINUTES;
}

/// BABE may leave one slot in four without a primary author.
pub const PRIMARY_PROBABILITY: (u64, u64) = (1, 4);

/// BABE's settings at genesis.
///
/// Secondary slots carry a VRF output too. The panel of a request is drawn from the author's VRF,
/// so that a block without one would leave its requests without a panel.
pub const BABE_GENESIS_EPOCH_CONFIG: BabeEpochConfiguration = BabeEpochConfiguration {
	c: PRIMARY_PROBABILITY,
	allowed_slots: AllowedSlots::PrimaryAndSecondaryVRFSlots,
};

/// Execution time of a full block: half a slot, as much as the node gives the block's author.
pub const MAXIMUM_BLOCK_WEIGHT: Weight =
	Weight::from_parts(WEIGHT_REF_TIME_PER_MILLIS * time::MILLISECS_PER_BLOCK / 2, u64::MAX);

/// Length of a full block, in bytes.
pub const MAXIMUM_BLOCK_LENGTH: u32 = 5 * 1024 * 1024;

/// Validators in a session at most.
///
/// The election runs on chain, inside one block; this and the next two keep it within one.
pub const MAX_VALIDATORS: u32 = 200;
/// Candidates that an election looks at.
pub const MAX_ELECTABLE_TARGETS: u32 = 500;
/// Nominators that an election looks at.
pub const MAX_ELECTING_VOTERS: u32 = 2_000;
/// Nominators of a validator that are paid and slashed in one page.
pub const MAX_EXPOSURE_PAGE_SIZE: u32 = 512;
