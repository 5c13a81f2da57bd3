// SPDX-License-Identifier: Apache-2.0
//! Escalation: a larger panel for a request on which the first one disagreed.
//!
//! [`jurat_primitives::Outcome::Disagreed`] ends a request, and its requester has the money back.
//! For a while it may then ask, once, `2n + 1` attesters that did not sit on the panel of `n`: a
//! request of its own, with the same input and options, an escrow of its own, and the first
//! threshold's share of the larger panel. If that panel accepts an answer, the members of the first
//! are judged by it: those who gave it were right, and those who gave a wrong one, by the same rules
//! as on one panel, were at fault. Out of what that costs them the requester gets what the
//! escalation cost it beyond the quote of the first request.
//!
//! Nobody is judged by a second panel that accepts no answer, and there is no third.

use crate::{
	Agenda, BalanceOf, Config, Contested, ContestedOf, Error, Event, Inputs, Pallet, RequestOf,
	agreement, request::Opening,
};
use alloc::vec::Vec;
use frame_support::{BoundedVec, ensure, storage::with_storage_layer};
use frame_system::pallet_prelude::BlockNumberFor;
use jurat_primitives::{
	Assurance, Outcome, RequestId,
	commitment::AnswerDigest,
	limits::MAX_PANEL,
	traits::{Case, ClosedPanel, Panels, ReleaseTerms, Releases},
};
use sp_core::Get;
use sp_runtime::{DispatchError, Saturating};

/// Members of the largest panel that a larger one can follow.
pub(crate) const MAX_CONTESTED: u32 = (MAX_PANEL - 1) / 2;

/// What an escalation that was answered says of the panel before it.
pub(crate) struct SecondOpinion<'a, AccountId> {
	/// The accepted answer.
	pub answer: AnswerDigest,
	/// How the escalation ended.
	pub outcome: &'a Outcome,
	/// Who agreed on it.
	pub witnesses: Vec<AccountId>,
}

impl<T: Config> Pallet<T> {
	/// Keeps what an escalation needs, if there can be one. The input stays where it is.
	pub(crate) fn contest(
		id: RequestId,
		request: &RequestOf<T>,
		closed: ClosedPanel<T::AccountId, BalanceOf<T>>,
		prune_at: BlockNumberFor<T>,
	) {
		let now = frame_system::Pallet::<T>::block_number();
		let until = now
			.saturating_add(T::EscalationWindow::get())
			.min(prune_at.saturating_sub(1u32.into()));
		if until <= now {
			Inputs::<T>::remove(id);
			return;
		}
		// Equal bytes are equal digests; only tolerances need the numbers.
		let answers = if request.exact { Vec::new() } else { closed.answers };
		Contested::<T>::insert(
			id,
			ContestedOf::<T> {
				request: request.clone(),
				seats: BoundedVec::truncate_from(closed.seats),
				answers: BoundedVec::truncate_from(answers),
				session: closed.session,
				until,
				escalation: None,
			},
		);
		Agenda::<T>::insert(until, id, ());
		Self::deposit_event(Event::Contested { request: id, until });
	}

	/// Whether a request on which a panel disagreed may be escalated.
	pub(crate) fn is_contestable(request: &RequestOf<T>, outcome: &Outcome) -> bool {
		matches!(outcome, Outcome::Disagreed)
			&& request.escalates.is_none()
			&& request.options.assurance.larger().is_some()
	}

	pub(crate) fn do_escalate(
		requester: &T::AccountId,
		id: RequestId,
		max_fee: BalanceOf<T>,
	) -> Result<RequestId, DispatchError> {
		let mut contested = Contested::<T>::get(id).ok_or(Error::<T>::NotContested)?;
		ensure!(contested.request.requester == *requester, Error::<T>::NotRequester);
		ensure!(contested.escalation.is_none(), Error::<T>::AlreadyEscalated);
		// The agenda may be late.
		let now = frame_system::Pallet::<T>::block_number();
		ensure!(now < contested.until, Error::<T>::NotContested);
		let assurance =
			contested.request.options.assurance.larger().ok_or(Error::<T>::NotContested)?;
		let release = contested.request.release;
		let terms = T::Releases::terms(release).ok_or(Error::<T>::UnknownRelease)?;
		ensure!(terms.active, Error::<T>::InactiveRelease);
		Self::ensure_room(1)?;
		let mut options = contested.request.options.clone();
		options.assurance = assurance;
		options.max_fee = max_fee;
		Self::check_options(&options)?;
		with_storage_layer(|| {
			let input = Inputs::<T>::take(id).ok_or(Error::<T>::NotContested)?;
			let fees = Self::fee_terms(&terms, input.size());
			let Assurance::Quorum { size, .. } = assurance;
			let escrow = fees.quote(size).total;
			ensure!(escrow <= max_fee, Error::<T>::FeeAboveMax);
			Self::take_escrow(requester, escrow)?;
			let opening =
				Opening { release, terms: &terms, options: &options, escalates: Some(id) };
			let escalation = Self::open(requester, opening, input, fees, escrow)?;
			Agenda::<T>::remove(contested.until, id);
			contested.escalation = Some(escalation);
			Contested::<T>::insert(id, contested);
			Self::deposit_event(Event::Escalated { request: id, escalation });
			Ok(escalation)
		})
	}

	/// Who must not sit on the panel of a request.
	pub(crate) fn excluded(request: &RequestOf<T>) -> Vec<T::AccountId> {
		let first = request.escalates.and_then(Contested::<T>::get);
		let seats = first.map(|first| first.seats.into_inner()).unwrap_or_default();
		seats.into_iter().map(|seat| seat.attester).collect()
	}

	/// The end of an escalation: judges the first panel, if there is an answer to judge it by.
	/// `charged`: what the escalation cost.
	pub(crate) fn conclude_escalation(
		first: RequestId,
		opinion: Option<SecondOpinion<'_, T::AccountId>>,
		charged: BalanceOf<T>,
	) {
		let Some(contested) = Contested::<T>::take(first) else { return };
		let Some(SecondOpinion { answer, outcome: Outcome::Answered(output), witnesses }) = opinion
		else {
			return;
		};
		let Some(ReleaseTerms { manifest, .. }) = T::Releases::terms(contested.request.release)
		else {
			return;
		};
		let conducts: Vec<_> = contested.seats.iter().map(|seat| seat.conduct).collect();
		let verdicts =
			agreement::judge_again(&conducts, &contested.answers, &manifest, (answer, output));
		let rulings: Vec<_> = contested
			.seats
			.into_iter()
			.zip(verdicts)
			.filter_map(|(seat, verdict)| Some((seat.attester, verdict?)))
			.collect();
		let case = Case {
			request: first,
			damages: charged.saturating_sub(contested.request.escrow),
			requester: contested.request.requester,
			reward: contested.request.terms.per_attester,
			session: contested.session,
			witnesses,
		};
		T::Panels::judge(&case, &rulings);
		Self::deposit_event(Event::Rejudged { request: first, rulings });
	}

	/// The time to escalate is over.
	pub(crate) fn drop_contested(slot: BlockNumberFor<T>, id: RequestId) {
		Agenda::<T>::remove(slot, id);
		Contested::<T>::remove(id);
		Inputs::<T>::remove(id);
	}
}
