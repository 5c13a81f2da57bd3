// SPDX-License-Identifier: Apache-2.0
//! Lengths of time and amounts that governance, or the genesis preset of a test network, may set.
//!
//! Each static below is a default, in force until [`pallet_parameters`] stores another value. A
//! pallet that needs such a value gets a module of its own here, under a new `#[codec(index)]`;
//! indices are never used again.

use frame_support::dynamic_params::{dynamic_pallet_params, dynamic_params};
use sp_staking::{EraIndex, SessionIndex};

use sp_runtime::Perbill;

use crate::{
	Balance, BlockNumber, Runtime,
	constants::{
		currency::{JUR, MICROJUR, MILLIJUR},
		time::{DAYS, HOURS, MINUTES},
	},
};

/// The parameters, by the pallet that reads them.
#[dynamic_params(RuntimeParameters, pallet_parameters::Parameters::<Runtime>)]
pub mod dynamic_params {
	use super::*;

	/// Lengths of staking.
	///
	/// `SlashDeferDuration` must stay below `BondingDuration`: a slash that is applied after the
	/// stake has left takes nothing.
	#[dynamic_pallet_params]
	#[codec(index = 0)]
	pub mod staking {
		/// Sessions in an era: one hour.
		#[codec(index = 0)]
		pub static SessionsPerEra: SessionIndex = 6;

		/// Eras that stake stays slashable after it was unbonded: seven days.
		#[codec(index = 1)]
		pub static BondingDuration: EraIndex = 168;

		/// Eras between an offence and its slash, in which governance may cancel it: one day.
		#[codec(index = 2)]
		pub static SlashDeferDuration: EraIndex = 24;
	}

	/// The registry of models.
	#[dynamic_pallet_params]
	#[codec(index = 1)]
	pub mod models {
		/// Attesters that must announce a release before it takes requests.
		#[codec(index = 0)]
		pub static ActivationQuorum: u32 = 3;

		/// Blocks after which anyone may remove a release that was never activated: seven days.
		#[codec(index = 1)]
		pub static ActivationPeriod: BlockNumber = 7 * DAYS;
	}

	/// Attesters and panels.
	#[dynamic_pallet_params]
	#[codec(index = 2)]
	pub mod attestation {
		/// Least bond of an attester, in planck.
		#[codec(index = 0)]
		pub static MinBond: Balance = 1_000 * JUR;

		/// Blocks for which a bond stays liable after it was unbonded: seven days.
		#[codec(index = 1)]
		pub static UnbondingPeriod: BlockNumber = 7 * DAYS;

		/// Blocks for commitments.
		#[codec(index = 2)]
		pub static CommitWindow: BlockNumber = 10;

		/// Blocks for reveals.
		#[codec(index = 3)]
		pub static RevealWindow: BlockNumber = 5;

		/// Share of the bond that an absence costs which is not the first.
		#[codec(index = 4)]
		pub static NoShowPenalty: Perbill = Perbill::from_parts(1_000_000);

		/// Share of the bond that a commitment costs which is not opened.
		#[codec(index = 5)]
		pub static WithheldPenalty: Perbill = Perbill::from_percent(1);

		/// Share of the bond that a reveal costs which does not open its commitment.
		#[codec(index = 6)]
		pub static BadOpeningPenalty: Perbill = Perbill::from_percent(5);

		/// Share of the bond that a wrong answer costs.
		#[codec(index = 7)]
		pub static DivergentPenalty: Perbill = Perbill::from_percent(5);

		/// Share of the bond that is taken within a day, at most.
		#[codec(index = 8)]
		pub static DailyPenaltyCap: Perbill = Perbill::from_percent(20);

		/// Share of the stake in consensus that an equivocation costs one that is alone.
		#[codec(index = 9)]
		pub static EquivocationPenalty: Perbill = Perbill::from_percent(10);

		/// Blocks after a warning in which the next absence costs: one day.
		#[codec(index = 10)]
		pub static WarningPeriod: BlockNumber = DAYS;

		/// Blocks for which what was taken for a wrong answer can be given back: two hours.
		#[codec(index = 11)]
		pub static ChallengeWindow: BlockNumber = 2 * HOURS;

		/// Pay of an attester from which on a request counts in full in reputations, in planck.
		#[codec(index = 12)]
		pub static ReferenceReward: Balance = 10 * MILLIJUR;

		/// Share of the bond that a file costs which is not proved to be there, if it is not the
		/// first absence.
		#[codec(index = 13)]
		pub static NotHeldPenalty: Perbill = Perbill::from_parts(5_000_000);

		/// Blocks from one announcement of an attester's node to its next: a minute.
		#[codec(index = 14)]
		pub static AnnouncementInterval: BlockNumber = MINUTES;
	}

	/// Requests.
	#[dynamic_pallet_params]
	#[codec(index = 3)]
	pub mod inference {
		/// Fee of each attester for one request, in planck.
		#[codec(index = 0)]
		pub static BaseFee: Balance = MILLIJUR;

		/// Fee of each attester for one compute unit (a millisecond of one core), in planck.
		#[codec(index = 1)]
		pub static ComputePrice: Balance = 100 * MICROJUR;

		/// Fee of each attester for one byte of input, in planck.
		#[codec(index = 2)]
		pub static BytePrice: Balance = MICROJUR / 10;

		/// Share of fees and royalty that goes to the treasury.
		#[codec(index = 3)]
		pub static ProtocolCut: Perbill = Perbill::from_percent(2);

		/// Least number of blocks that a request may give.
		#[codec(index = 4)]
		pub static MinDeadline: BlockNumber = 20;

		/// Largest number of blocks that a request may give: half a day.
		#[codec(index = 5)]
		pub static MaxDeadline: BlockNumber = 14_400;

		/// Blocks between two attempts to draw a panel.
		#[codec(index = 6)]
		pub static DrawRetryPeriod: BlockNumber = 5;

		/// Blocks for which a result is kept: half a day.
		#[codec(index = 7)]
		pub static ResultRetention: BlockNumber = 14_400;

		/// Fee of each attester for one byte that the output may have, in planck.
		#[codec(index = 8)]
		pub static OutputBytePrice: Balance = MICROJUR / 10;

		/// Blocks after a disagreement in which a larger panel may be asked: five minutes.
		#[codec(index = 9)]
		pub static EscalationWindow: BlockNumber = 100;
	}

	/// Income of attesters and their nominators.
	#[dynamic_pallet_params]
	#[codec(index = 4)]
	pub mod rewards {
		/// Commission of a validator that never set one.
		#[codec(index = 0)]
		pub static DefaultCommission: Perbill = Perbill::from_percent(10);

		/// How far a commission may be above what it was when the era began.
		#[codec(index = 1)]
		pub static MaxCommissionRise: Perbill = Perbill::from_percent(1);

		/// Eras for which nominators can be paid after an era is over: three and a half days.
		///
		/// Must stay below the history depth of staking, which has to know the nominators.
		#[codec(index = 2)]
		pub static ClaimPeriod: EraIndex = 84;
	}

	/// Proofs that attesters hold the files which they announce.
	#[dynamic_pallet_params]
	#[codec(index = 5)]
	pub mod custody {
		/// Blocks in which each validator is asked once, on average: an hour. Zero: nobody is asked.
		#[codec(index = 0)]
		pub static QuestionPeriod: BlockNumber = HOURS;

		/// Blocks in which a question is to be answered.
		#[codec(index = 1)]
		pub static AnswerDeadline: BlockNumber = 10;
	}
}

#[cfg(feature = "runtime-benchmarks")]
impl Default for RuntimeParameters {
	fn default() -> Self {
		RuntimeParameters::Staking(dynamic_params::staking::Parameters::BondingDuration(
			dynamic_params::staking::BondingDuration,
			Some(1),
		))
	}
}

/// Gives the genesis preset a say in the parameters, which `pallet-parameters` itself does not.
#[frame_support::pallet]
pub mod pallet_genesis_parameters {
	use alloc::vec::Vec;
	use codec::DecodeAll;
	use frame_support::{pallet_prelude::*, traits::dynamic_params::AggregatedKeyValue};
	use sp_core::Bytes;

	/// The parameter, whose default the preset overrides.
	type ParameterOf<T> = <T as pallet_parameters::Config>::RuntimeParameters;

	#[pallet::config]
	pub trait Config: frame_system::Config + pallet_parameters::Config {}

	#[pallet::pallet]
	pub struct Pallet<T>(_);

	#[pallet::genesis_config]
	#[derive(frame_support::DefaultNoBound)]
	pub struct GenesisConfig<T: Config> {
		/// SCALE-encoded parameters with their values, as hexadecimal strings.
		pub values: Vec<Bytes>,
		#[serde(skip)]
		pub _config: PhantomData<T>,
	}

	#[pallet::genesis_build]
	impl<T: Config> BuildGenesisConfig for GenesisConfig<T> {
		fn build(&self) {
			for encoded in &self.values {
				let parameter = ParameterOf::<T>::decode_all(&mut &encoded.0[..])
					.expect("a genesis preset names parameters of its own runtime; qed");
				let (key, value) = parameter.into_parts();
				pallet_parameters::Parameters::<T>::set(key, value);
			}
		}
	}
}
