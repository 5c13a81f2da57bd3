// SPDX-License-Identifier: Apache-2.0
//! What must hold of this pallet's state at the end of every block.

use crate::{Config, Deadlines, NextDeadline, Pallet, Questions, Records};
use frame_support::ensure;
use jurat_primitives::custody::chunks;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks every invariant. Always compiled: a runtime API lets anyone ask a live chain.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let next = NextDeadline::<T>::get();
		let mut open = 0u32;
		for (attester, question) in Questions::<T>::iter() {
			open = open.saturating_add(1);
			ensure!(question.asked < question.until, "a question that ends before it is asked");
			ensure!(question.until >= next, "a question that nobody will end");
			ensure!(
				Deadlines::<T>::contains_key(question.until, &attester),
				"a question without a deadline",
			);
			ensure!(
				question.chunk < chunks(question.file.size),
				"a question for what the file does not have",
			);
			ensure!(Records::<T>::contains_key(&attester), "a question that is not counted");
		}
		ensure!(Questions::<T>::count() == open, "open questions are miscounted");
		ensure!(
			Deadlines::<T>::iter_keys().count() as u32 == open,
			"a deadline without a question"
		);
		for (attester, record) in Records::<T>::iter() {
			let open = u32::from(Questions::<T>::contains_key(&attester));
			let ended = record.proved.saturating_add(record.failed).saturating_add(record.lapsed);
			ensure!(record.asked == ended.saturating_add(open), "a question ended more than once");
		}
		Ok(())
	}
}
