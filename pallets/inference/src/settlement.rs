// SPDX-License-Identifier: Apache-2.0
//! Settlement: from the end of a request to the record of it, with every planck accounted for.
//!
//! Nothing here can fail, so that no request can be stuck. The escrow of a request goes, in this
//! order, to
//!
//! 1. each agreeing member of the panel, the same amount, of which its nominators' part goes to
//!    their pot (see [`jurat_primitives::income`]);
//! 2. the owner of the model at this moment;
//! 3. the protocol: its share of what was really paid in 1 and 2, rounded up;
//! 4. the requester: the rest.
//!
//! A payment that cannot arrive, because the account does not exist and the amount is below the
//! minimum balance, stays with the requester and raises no protocol share. If the rest cannot go
//! back because the requester's own free balance has fallen below the minimum (possible only for
//! an account that something else keeps alive), it goes to the protocol; if the protocol's account
//! cannot take it either, it is burnt, as the currency does with any balance below the minimum.

use crate::{
	Agenda, BalanceOf, ClosedPanelOf, Config, Event, HoldReason, Inputs, Pallet, RequestOf,
	Requests, SettlementOf, Settlements,
	agreement::{self, Decision},
	escalation::SecondOpinion,
};
use alloc::vec::Vec;
use frame_support::{
	BoundedVec, defensive,
	storage::with_storage_layer,
	traits::{
		Defensive,
		fungible::MutateHold,
		tokens::{Fortitude, Precision, Restriction},
	},
};
use frame_system::pallet_prelude::BlockNumberFor;
use jurat_primitives::{
	JobFailure, Outcome, RequestId, UnservedReason, Verdict,
	income::Income,
	settlement::{Member, Settlement},
	traits::{Case, ClosedPanel, Conduct, OnSettled, Panels, Releases},
};
use sp_core::Get;
use sp_runtime::{
	DispatchError, Saturating,
	traits::{One, Zero},
};

/// How a request comes to its end.
pub(crate) enum Ending {
	/// The requester withdrew it.
	Cancelled,
	/// No panel could be drawn.
	Unserved(UnservedReason),
	/// A panel was drawn, but too few of it committed.
	CommitmentsMissing,
	/// Reveals are over.
	Revealed,
}

/// The escrow of one request while it is being paid out.
struct Purse<'a, T: Config> {
	requester: &'a T::AccountId,
	left: BalanceOf<T>,
}

impl<T: Config> Purse<'_, T> {
	/// Pays what is owed and returns what arrived: all of it or nothing.
	fn pay(&mut self, to: &T::AccountId, owed: BalanceOf<T>) -> BalanceOf<T> {
		// Never more than is there, though no sum of debts exceeds the quote.
		if owed.is_zero() || owed > self.left {
			return Zero::zero();
		}
		let paid = with_storage_layer::<_, DispatchError, _>(|| {
			T::Currency::transfer_on_hold(
				&HoldReason::Escrow.into(),
				self.requester,
				to,
				owed,
				Precision::Exact,
				Restriction::Free,
				Fortitude::Force,
			)
		})
		.unwrap_or_default();
		self.left = self.left.saturating_sub(paid);
		paid
	}

	/// Pays an attester: its own part to itself, the part of its nominators into their pot.
	/// Returns what arrived of both.
	fn pay_attester(&mut self, attester: &T::AccountId, owed: BalanceOf<T>) -> BalanceOf<T> {
		let division = T::Income::divide(attester, owed);
		let own = self.pay(attester, division.own);
		let shared = T::Income::pot().map(|pot| self.pay(&pot, division.shared));
		let shared = shared.unwrap_or_default();
		if !shared.is_zero() {
			T::Income::shared(attester, shared);
		}
		own.saturating_add(shared)
	}

	/// Gives back what is left. Returns what the protocol got because the requester could not.
	fn refund(mut self) -> BalanceOf<T> {
		let reason = HoldReason::Escrow.into();
		if self.left.is_zero() {
			return Zero::zero();
		}
		let released = with_storage_layer::<_, DispatchError, _>(|| {
			T::Currency::release(&reason, self.requester, self.left, Precision::Exact)
		});
		if released.is_ok() {
			return Zero::zero();
		}
		let left = self.left;
		let kept = self.pay(&T::ProtocolAccount::get(), left);
		if kept.is_zero() {
			let burnt = with_storage_layer::<_, DispatchError, _>(|| {
				T::Currency::burn_held(
					&reason,
					self.requester,
					left,
					Precision::Exact,
					Fortitude::Force,
				)
			});
			let _ = burnt.defensive_proof("what is held for a request is there until it ends");
		}
		kept
	}
}

impl<T: Config> Pallet<T> {
	/// Ends a request: decides, judges, pays, refunds, records.
	pub(crate) fn settle(id: RequestId, request: RequestOf<T>, ending: Ending) {
		Requests::<T>::remove(id);
		Agenda::<T>::remove(request.due, id);

		let (decision, closed, owner) = Self::conclude(id, &request, ending);
		let Decision { outcome, answer, verdicts } = decision;
		let answered = matches!(outcome, Outcome::Answered(_));

		let mut purse = Purse::<T> { requester: &request.requester, left: request.escrow };
		let (mut attesters, mut royalty) = (BalanceOf::<T>::zero(), BalanceOf::<T>::zero());
		let mut panel = Vec::with_capacity(closed.seats.len());
		let mut rulings = Vec::with_capacity(closed.seats.len());
		let mut stake_behind = BalanceOf::<T>::zero();
		let mut agreement = 0u8;
		for (seat, verdict) in closed.seats.iter().cloned().zip(verdicts) {
			let mut paid = Zero::zero();
			if answered && verdict == Verdict::Agreed {
				paid = purse.pay_attester(&seat.attester, request.terms.per_attester);
				attesters.saturating_accrue(paid);
				stake_behind.saturating_accrue(seat.stake);
				agreement.saturating_inc();
			}
			rulings.push((seat.attester.clone(), verdict));
			panel.push(Member { attester: seat.attester, stake: seat.stake, verdict, paid });
		}
		let mut protocol = BalanceOf::<T>::zero();
		if answered {
			if let Some(owner) = owner {
				royalty = purse.pay(&owner, request.terms.royalty);
			}
			let share = request.terms.protocol(attesters, royalty);
			protocol = purse.pay(&T::ProtocolAccount::get(), share);
		}
		protocol.saturating_accrue(purse.refund());

		let charged = attesters.saturating_add(royalty).saturating_add(protocol);
		let refunded = request.escrow.saturating_sub(charged);
		let witnesses: Vec<_> = rulings
			.iter()
			.filter(|(_, verdict)| *verdict == Verdict::Agreed)
			.map(|(attester, _)| attester.clone())
			.collect();
		let compensated = T::Panels::judge(
			&Case {
				request: id,
				requester: request.requester.clone(),
				// Whoever has its answer has what it paid for. Whoever has not is owed as much
				// again as it offered.
				damages: if answered { Zero::zero() } else { request.escrow },
				reward: request.terms.per_attester,
				session: closed.session,
				witnesses: witnesses.clone(),
			},
			&rulings,
		);
		if let Some(first) = request.escalates {
			let opinion =
				answer.map(|answer| SecondOpinion { answer, outcome: &outcome, witnesses });
			Self::conclude_escalation(first, opinion, charged);
		}
		T::Releases::unpin(request.release);
		let prune_at = Self::prune_at();
		if Self::is_contestable(&request, &outcome) {
			Self::contest(id, &request, closed, prune_at);
		} else {
			Inputs::<T>::remove(id);
		}
		let settlement = Settlement {
			requester: request.requester,
			release: request.release,
			content: request.content,
			digest: request.digest,
			assurance: request.options.assurance,
			outcome,
			answer,
			panel: Self::bounded(panel),
			agreement,
			stake_behind,
			charged,
			royalty,
			protocol,
			refunded,
			compensated,
			escalates: request.escalates,
			requested_at: request.requested_at,
			settled_at: frame_system::Pallet::<T>::block_number(),
		};
		Self::record(id, settlement, prune_at);
	}

	/// The block in which a settlement of this one is forgotten.
	fn prune_at() -> BlockNumberFor<T> {
		let retention = T::ResultRetention::get().max(One::one());
		frame_system::Pallet::<T>::block_number().saturating_add(retention)
	}

	/// What came of the request, its panel, and who gets the royalty.
	fn conclude(
		id: RequestId,
		request: &RequestOf<T>,
		ending: Ending,
	) -> (Decision, ClosedPanelOf<T>, Option<T::AccountId>) {
		let without_panel = |outcome| {
			let none = ClosedPanel { seats: Vec::new(), answers: Vec::new(), session: 0 };
			(agreement::undecidable(0, outcome), none, None)
		};
		let conducts = |closed: &ClosedPanelOf<T>| -> Vec<Conduct> {
			closed.seats.iter().map(|seat| seat.conduct).collect()
		};
		match ending {
			Ending::Cancelled => without_panel(Outcome::Cancelled),
			Ending::Unserved(reason) => without_panel(Outcome::Unserved(reason)),
			Ending::CommitmentsMissing => {
				let closed = T::Panels::close(id);
				(agreement::commitments_missing(&conducts(&closed)), closed, None)
			},
			Ending::Revealed => {
				let closed = T::Panels::close(id);
				let Some(release) = T::Releases::terms(request.release) else {
					defensive!("a release that is pinned cannot be removed");
					let gone = UnservedReason::Execution(JobFailure::ModelUnavailable);
					let outcome = Outcome::Unserved(gone);
					return (agreement::undecidable(closed.seats.len(), outcome), closed, None);
				};
				let decision = agreement::decide(
					&conducts(&closed),
					&closed.answers,
					&release.manifest,
					request.threshold(),
				);
				(decision, closed, Some(release.owner))
			},
		}
	}

	/// The record of a panel. No panel has more members than the protocol allows.
	fn bounded<M, S: Get<u32>>(members: Vec<M>) -> BoundedVec<M, S> {
		let count = members.len();
		let bounded = BoundedVec::truncate_from(members);
		if bounded.len() < count {
			defensive!("panels are drawn for sound assurances only");
		}
		bounded
	}

	fn record(id: RequestId, settlement: SettlementOf<T>, prune_at: BlockNumberFor<T>) {
		Agenda::<T>::insert(prune_at, id, ());
		Settlements::<T>::insert(id, &settlement);
		let Settlement {
			requester,
			outcome,
			answer,
			agreement,
			stake_behind,
			charged,
			refunded,
			compensated,
			..
		} = settlement;
		Self::deposit_event(Event::Settled {
			request: id,
			requester: requester.clone(),
			outcome: (&outcome).into(),
			answer,
			agreement,
			stake_behind,
			charged,
			refunded,
			compensated,
		});
		T::OnSettled::on_settled(id, &requester, &outcome);
	}
}
