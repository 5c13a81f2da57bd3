// SPDX-License-Identifier: Apache-2.0
//! What must hold after each block.

use crate::{
	Agenda, BalanceOf, Config, Contested, HoldReason, IncompleteSince, Inputs, LOG_TARGET,
	NextRequest, Pallet, Requests, Settlements,
};
use alloc::collections::BTreeMap;
use core::fmt::Debug;
use frame_support::traits::fungible::InspectHold;
use frame_system::pallet_prelude::BlockNumberFor;
use jurat_primitives::{RequestId, traits::Releases};
use sp_runtime::{Saturating, TryRuntimeError, traits::Zero};

impl<T: Config> Pallet<T> {
	/// Checks every invariant of the pallet against the state:
	///
	/// * each account has exactly the escrows of its open requests on hold; accounts of ended
	///   requests without open ones have nothing on hold;
	/// * each open request sits in exactly one slot of the agenda, the one that it names, and so
	///   does each settlement in one after its own block, and each contested request that is not
	///   escalated in the one that it names; the agenda holds nothing else, and nothing before the
	///   slot from which it is served;
	/// * each open request has an input, a release and a number that was given out, and so does a
	///   contested one that is not escalated; nothing else has an input; none is open and settled
	///   at once;
	/// * a request that decides another and the one that it decides name each other;
	/// * requests are counted right and come from no later block than this one;
	/// * a settlement accounts for its charge to the unit.
	///
	/// Reads all requests and settlements: for tests, `try-runtime` and runtime APIs.
	pub fn do_try_state() -> Result<(), TryRuntimeError> {
		let slots = Self::check_agenda()?;
		Self::check_requests(&slots)?;
		Self::check_contested()?;
		Self::check_settlements(&slots)?;
		Self::check_holds()
	}

	/// The slot of each request and settlement.
	fn check_agenda() -> Result<BTreeMap<RequestId, BlockNumberFor<T>>, TryRuntimeError> {
		let now = frame_system::Pallet::<T>::block_number();
		let since = IncompleteSince::<T>::get();
		let passed = since.is_some_and(|since| since > now);
		holds(!passed, &since, "agenda is served from a block to come")?;
		let mut slots = BTreeMap::new();
		for (slot, id, ()) in Agenda::<T>::iter() {
			holds(since.is_none_or(|since| slot >= since), &id, "entry before the served slots")?;
			let contested = Contested::<T>::get(id).filter(|contested| contested.until == slot);
			if contested.is_some_and(|contested| contested.escalation.is_none()) {
				continue;
			}
			holds(slots.insert(id, slot).is_none(), &id, "entry in two slots")?;
			let known = Requests::<T>::contains_key(id) || Settlements::<T>::contains_key(id);
			holds(known, &id, "entry of neither a request nor a settlement")?;
		}
		Ok(slots)
	}

	fn check_requests(
		slots: &BTreeMap<RequestId, BlockNumberFor<T>>,
	) -> Result<(), TryRuntimeError> {
		let now = frame_system::Pallet::<T>::block_number();
		let next = NextRequest::<T>::get();
		let mut count = 0u32;
		for (id, request) in Requests::<T>::iter() {
			count.saturating_inc();
			holds(id < next, &id, "request number was not given out")?;
			holds(slots.get(&id) == Some(&request.due), &id, "request is not in its slot")?;
			holds(Inputs::<T>::contains_key(id), &id, "request without its input")?;
			holds(!Settlements::<T>::contains_key(id), &id, "request is open and settled")?;
			let release = T::Releases::terms(request.release);
			holds(release.is_some(), &id, "request without its release")?;
			holds(request.requested_at <= now, &id, "request is from the future")?;
		}
		holds(count == Requests::<T>::count(), &count, "requests are miscounted")?;
		for id in Inputs::<T>::iter_keys() {
			let open = Requests::<T>::contains_key(id) || Contested::<T>::contains_key(id);
			holds(open, &id, "input without its request")?;
		}
		Ok(())
	}

	fn check_contested() -> Result<(), TryRuntimeError> {
		for (id, contested) in Contested::<T>::iter() {
			holds(!Requests::<T>::contains_key(id), &id, "request is open and contested")?;
			match contested.escalation {
				None => {
					let slot = Agenda::<T>::contains_key(contested.until, id);
					holds(slot, &id, "contested request that nobody will end")?;
					holds(Inputs::<T>::contains_key(id), &id, "contested request without input")?;
				},
				Some(escalation) => {
					let decides = Requests::<T>::get(escalation).and_then(|open| open.escalates);
					holds(decides == Some(id), &id, "escalation of another request")?;
				},
			}
		}
		for (id, request) in Requests::<T>::iter() {
			let Some(first) = request.escalates else { continue };
			let named = Contested::<T>::get(first).and_then(|contested| contested.escalation);
			holds(named == Some(id), &id, "escalation that nobody asked for")?;
		}
		Ok(())
	}

	fn check_settlements(
		slots: &BTreeMap<RequestId, BlockNumberFor<T>>,
	) -> Result<(), TryRuntimeError> {
		let now = frame_system::Pallet::<T>::block_number();
		let next = NextRequest::<T>::get();
		for (id, settlement) in Settlements::<T>::iter() {
			holds(id < next, &id, "settlement's number was not given out")?;
			let later = slots.get(&id).is_some_and(|slot| *slot > settlement.settled_at);
			holds(later, &id, "settlement is not in a later slot")?;
			holds(settlement.settled_at <= now, &id, "settlement is from the future")?;
			let paid = settlement
				.panel
				.iter()
				.map(|member| member.paid)
				.chain([settlement.royalty, settlement.protocol])
				.fold(BalanceOf::<T>::zero(), |sum, part| sum.saturating_add(part));
			holds(paid == settlement.charged, &id, "settlement's charge is not its parts")?;
		}
		Ok(())
	}

	fn check_holds() -> Result<(), TryRuntimeError> {
		let mut owed = BTreeMap::<T::AccountId, BalanceOf<T>>::new();
		for request in Requests::<T>::iter_values() {
			owed.entry(request.requester).or_default().saturating_accrue(request.escrow);
		}
		for settlement in Settlements::<T>::iter_values() {
			owed.entry(settlement.requester).or_default();
		}
		for (requester, escrow) in owed {
			let held = T::Currency::balance_on_hold(&HoldReason::Escrow.into(), &requester);
			holds(held == escrow, &requester, "escrows are not what is held")?;
		}
		Ok(())
	}
}

/// The error carries no data, so that `subject` goes to the log.
fn holds(condition: bool, subject: &dyn Debug, flaw: &'static str) -> Result<(), TryRuntimeError> {
	if condition {
		return Ok(());
	}
	log::error!(target: LOG_TARGET, "{subject:?}: {flaw}");
	Err(TryRuntimeError::Other(flaw))
}
