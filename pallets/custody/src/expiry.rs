// SPDX-License-Identifier: Apache-2.0
//! What becomes of a question that is not answered.

use crate::{
	Config, Deadlines, Event, NextDeadline, Pallet, QuestionOf, Questions, Records, WeightInfo,
};
use frame_support::weights::WeightMeter;
use frame_system::pallet_prelude::BlockNumberFor;
use jurat_primitives::custody::{Custodians, ReleaseFiles};
use sp_runtime::{Saturating, traits::One};

impl<T: Config> Pallet<T> {
	/// Ends the questions whose deadline is this block or an earlier one, oldest first. What does not
	/// fit is ended in the next block; until then it is as late as it was.
	pub(crate) fn expire(now: BlockNumberFor<T>, meter: &mut WeightMeter) {
		// Nothing is open: also the first block ever, however far the chain is.
		if Questions::<T>::count() == 0 {
			NextDeadline::<T>::put(now.saturating_add(One::one()));
			return;
		}
		let mut block = NextDeadline::<T>::get();
		while block <= now && meter.try_consume(T::WeightInfo::look()).is_ok() {
			while let Some(attester) = Deadlines::<T>::iter_key_prefix(block).next() {
				if meter.try_consume(T::WeightInfo::expire_one()).is_err() {
					NextDeadline::<T>::put(block);
					return;
				}
				Self::expire_one(block, &attester);
			}
			block.saturating_inc();
		}
		NextDeadline::<T>::put(block);
	}

	/// Ends one question without an answer.
	pub(crate) fn expire_one(block: BlockNumberFor<T>, attester: &T::AccountId) {
		Deadlines::<T>::remove(block, attester);
		let Some(question) = Questions::<T>::take(attester) else { return };
		let release = question.release;
		let attester = attester.clone();
		if Self::stands(&attester, &question) {
			Records::<T>::mutate(&attester, |record| record.failed.saturating_inc());
			T::Custodians::failed(&attester, release);
			Self::deposit_event(Event::Missed { attester, release });
		} else {
			Records::<T>::mutate(&attester, |record| record.lapsed.saturating_inc());
			Self::deposit_event(Event::Lapsed { attester, release });
		}
	}

	/// Whether an answer was still owed: the attester is a validator that announces the release, and
	/// the release still has the file.
	fn stands(attester: &T::AccountId, question: &QuestionOf<T>) -> bool {
		T::Custodians::is_custodian(attester, question.release)
			&& T::Files::file(question.release) == Some(question.file)
	}
}
