// SPDX-License-Identifier: Apache-2.0
//! Who is asked for what.
//!
//! With `v` validators in the session and a period of `p` blocks, a block makes `v / p` draws on
//! average: its quotient for sure, and one more with the probability of its remainder, at most
//! [`Config::MaxQuestions`]. A draw takes one of the `v`, each with the same chance; one of the
//! releases that it announces; one of the chunks of its file. A draw of somebody who can not be asked
//! comes to nothing: so no validator is asked more often because others are not, and what a draw
//! costs does not depend on how many releases or attesters there are.
//!
//! The n-th number is `blake2_256("jurat/custody/v1" ‖ randomness ‖ n)`: its bytes 0..8 choose the
//! validator, 8..16 the release, 16..32 the chunk, each as a little-endian number modulo what there
//! is to choose from. With at most 2³³ chunks the bias of the modulus is below 2⁻⁵⁰.

use crate::{Config, Deadlines, Event, Pallet, Questions, Records, WeightInfo};
use codec::Encode;
use frame_support::weights::WeightMeter;
use frame_system::pallet_prelude::BlockNumberFor;
use jurat_primitives::{
	custody::{Custodians, Question, ReleaseFiles, chunks},
	traits::BlockRandomness,
};
use sp_core::{Get, H256};
use sp_runtime::{SaturatedConversion, Saturating};

/// Blocks that a deadline has at least, whatever its parameter says: the block after the question
/// can have an answer.
const LEAST_DEADLINE: u32 = 2;

/// Numbers drawn from one hash.
pub(crate) struct Draw([u8; 32]);

impl Draw {
	/// The n-th of a block.
	pub(crate) fn new(randomness: &H256, n: u32) -> Self {
		Self((b"jurat/custody/v1", randomness, n).using_encoded(sp_io::hashing::blake2_256))
	}

	/// One that chooses these, if there are as many.
	#[cfg(feature = "runtime-benchmarks")]
	pub(crate) fn of(validator: u64, release: u64, chunk: u64) -> Self {
		let mut bytes = [0; 32];
		bytes[..8].copy_from_slice(&validator.to_le_bytes());
		bytes[8..16].copy_from_slice(&release.to_le_bytes());
		bytes[16..24].copy_from_slice(&chunk.to_le_bytes());
		Self(bytes)
	}

	/// The eight bytes at a place, as a number below `bound`.
	pub(crate) fn below(&self, at: usize, bound: u64) -> u64 {
		let mut bytes = [0; 8];
		bytes.iter_mut().zip(self.0.iter().skip(at)).for_each(|(to, from)| *to = *from);
		u64::from_le_bytes(bytes).checked_rem(bound).unwrap_or_default()
	}

	/// The last sixteen bytes, as a number below `bound`.
	pub(crate) fn chunk(&self, bound: u64) -> u64 {
		let mut bytes = [0; 16];
		bytes.iter_mut().zip(self.0.iter().skip(16)).for_each(|(to, from)| *to = *from);
		// Below `bound`, hence it fits.
		u128::from_le_bytes(bytes).checked_rem(bound.into()).unwrap_or_default() as u64
	}
}

impl<T: Config> Pallet<T> {
	/// Asks what this block has to ask.
	pub(crate) fn ask(now: BlockNumberFor<T>, meter: &mut WeightMeter) {
		// Without randomness of this very block somebody could have known the questions before.
		let Some(randomness) = T::Randomness::current() else { return };
		for n in 0..Self::draws(&randomness) {
			if meter.try_consume(T::WeightInfo::ask_one()).is_err() {
				return;
			}
			Self::ask_one(now, &Draw::new(&randomness, n));
		}
	}

	/// How many draws this block makes.
	pub(crate) fn draws(randomness: &H256) -> u32 {
		let validators = u64::from(T::Custodians::count());
		let period: u64 = T::Period::get().saturated_into();
		let (Some(sure), Some(rest)) =
			(validators.checked_div(period), validators.checked_rem(period))
		else {
			return 0;
		};
		// A draw that stands for nobody.
		let one_more = Draw::new(randomness, u32::MAX).below(0, period) < rest;
		sure.saturating_add(one_more.into()).min(T::MaxQuestions::get().into()) as u32
	}

	/// Asks somebody something, if the draw says somebody who can be asked.
	pub(crate) fn ask_one(now: BlockNumberFor<T>, draw: &Draw) -> Option<()> {
		let index = draw.below(0, T::Custodians::count().into());
		let custodian = T::Custodians::custodian(index.saturated_into())?;
		let attester = custodian.attester;
		if Questions::<T>::contains_key(&attester) {
			return None;
		}
		let which = draw.below(8, custodian.serves.len() as u64);
		let release = *custodian.serves.get(which.saturated_into::<usize>())?;
		// One that was deprecated since it was announced has no file to be asked for.
		let file = T::Files::file(release)?;
		let chunk = draw.chunk(chunks(file.size));
		let until = now.saturating_add(T::Deadline::get().max(LEAST_DEADLINE.into()));
		let session = T::Custodians::session();
		let key = custodian.key;
		let question = Question { release, file, chunk, key, session, asked: now, until };
		Deadlines::<T>::insert(until, &attester, ());
		Questions::<T>::insert(&attester, question);
		Records::<T>::mutate(&attester, |record| record.asked.saturating_inc());
		Self::deposit_event(Event::Asked { attester, release, chunk, until });
		Some(())
	}
}
