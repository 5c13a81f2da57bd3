// SPDX-License-Identifier: Apache-2.0
//! What must hold of this pallet's state at the end of every block.

use crate::{
	Answers, Assignments, Attesters, BalanceOf, Config, HoldReason, OpenPanels, Pallet,
	PenaltyQueue, PenaltyQueueHead, PenaltyQueueTail, PendingPenalties, Roster, RosterIndex,
	RosterStake, Servers, Serving,
};
use alloc::collections::BTreeSet;
use frame_support::{ensure, traits::fungible::InspectHold};
use sp_runtime::{Saturating, TryRuntimeError, traits::Zero};

impl<T: Config> Pallet<T> {
	/// Checks every invariant. Always compiled: a runtime API lets anyone ask a live chain.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		Self::check_bonds()?;
		Self::check_penalties()?;
		Self::check_panels()?;
		Self::check_roster()
	}

	/// What is held is what is booked.
	fn check_bonds() -> Result<(), TryRuntimeError> {
		for (who, attester) in Attesters::<T>::iter() {
			let held = T::Currency::balance_on_hold(&HoldReason::AttestationBond.into(), &who);
			let pending = PendingPenalties::<T>::iter_prefix_values(&who)
				.fold(BalanceOf::<T>::zero(), |sum, penalty| sum.saturating_add(penalty.amount));
			ensure!(pending == attester.pending, "penalties that wait are not what is booked");
			ensure!(
				held == attester.liable().saturating_add(pending),
				"bond, chunks and penalties that wait are not what is on hold",
			);
			let open = Assignments::<T>::iter_prefix(&who).count() as u32;
			ensure!(open == attester.open_panels, "open panels are miscounted");
			ensure!(!attester.is_gone(), "an attester without bond or panel is still booked");
		}
		Ok(())
	}

	/// Each penalty that waits is in the queue, once, and is its attester's.
	fn check_penalties() -> Result<(), TryRuntimeError> {
		let (head, tail) = (PenaltyQueueHead::<T>::get(), PenaltyQueueTail::<T>::get());
		let mut queued = BTreeSet::new();
		for (place, entry) in PenaltyQueue::<T>::iter() {
			ensure!((head..tail).contains(&place), "a penalty is queued out of the queue");
			queued.insert(entry);
		}
		for (attester, request, penalty) in PendingPenalties::<T>::iter() {
			ensure!(penalty.owed <= penalty.amount, "more is owed of a penalty than was taken");
			// One of nothing, as when a day allows no more, outlives a bond that is gone.
			let known = Attesters::<T>::contains_key(&attester);
			ensure!(known || penalty.amount.is_zero(), "a penalty of nobody");
			ensure!(queued.contains(&(attester, request)), "a penalty that nobody will end");
		}
		Ok(())
	}

	/// Members, assignments and answers belong together.
	fn check_panels() -> Result<(), TryRuntimeError> {
		let mut seats = 0usize;
		for (request, panel) in OpenPanels::<T>::iter() {
			let members: BTreeSet<_> =
				panel.members.iter().map(|member| member.attester.clone()).collect();
			ensure!(members.len() == panel.members.len(), "a member sits twice on a panel");
			ensure!(
				usize::from(panel.threshold) <= members.len() && panel.threshold > 0,
				"a threshold that the panel can not meet",
			);
			for member in members {
				ensure!(
					Assignments::<T>::contains_key(&member, request),
					"a member is not assigned to its panel",
				);
				seats = seats.saturating_add(1);
			}
		}
		ensure!(Assignments::<T>::iter().count() == seats, "an assignment without a panel");
		for (request, answer, shown) in Answers::<T>::iter() {
			let panel = OpenPanels::<T>::get(request).ok_or("an answer without a panel")?;
			ensure!(panel.revealed(&answer) > 0, "an answer that nobody revealed");
			ensure!(
				jurat_primitives::commitment::answer_digest(&shown) == answer,
				"an answer under another's digest",
			);
		}
		Ok(())
	}

	/// The roster and its index are the same set; who serves a release and what an attester serves
	/// are the same pairs, each once.
	fn check_roster() -> Result<(), TryRuntimeError> {
		let index: BTreeSet<_> = RosterIndex::<T>::get().into_iter().collect();
		let roster: BTreeSet<_> = Roster::<T>::iter_keys().collect();
		ensure!(index == roster, "the roster and its index differ");
		let stake = Roster::<T>::iter_values()
			.fold(BalanceOf::<T>::zero(), |sum, entry| sum.saturating_add(entry.exposure.total));
		ensure!(stake == RosterStake::<T>::get(), "the stake of the roster is miscounted");
		let mut pairs = BTreeSet::new();
		for (release, servers) in Servers::<T>::iter() {
			ensure!(!servers.is_empty(), "an empty list of servers is stored");
			for server in servers {
				ensure!(pairs.insert((server, release)), "a server is listed twice");
			}
		}
		for (server, releases) in Serving::<T>::iter() {
			ensure!(!releases.is_empty(), "an empty list of releases is stored");
			for release in releases {
				let listed = pairs.remove(&(server.clone(), release));
				ensure!(listed, "an attester is not among the servers of what it serves");
			}
		}
		ensure!(pairs.is_empty(), "a server does not know what it serves");
		Ok(())
	}
}
