// SPDX-License-Identifier: Apache-2.0
//! The agenda: what is to be done in which block, and how it is done without ever exceeding the
//! weight allowed or losing an entry.
//!
//! Slots are served in order from [`IncompleteSince`] to the current block. A step is
//! taken only if its benchmarked worst case fits; the first that does not fit ends the run, and the
//! next run goes on there. Serving an entry always moves it: to a later slot, or out.

use crate::{
	Agenda, Config, Contested, Event, IncompleteSince, Pallet, RequestOf, Requests, Settlements,
	WeightInfo, escalation::MAX_CONTESTED, settlement::Ending,
};
use frame_support::{
	defensive,
	weights::{Weight, WeightMeter},
};
use frame_system::pallet_prelude::BlockNumberFor;
use jurat_primitives::{
	RequestId, UnservedReason,
	income::Income,
	limits::MAX_PANEL,
	traits::{PanelObserver, PanelSpec, Panels},
	view::Stage,
};
use sp_core::Get;
use sp_runtime::{
	Saturating,
	traits::{One, Zero},
};

/// Slots that one run looks at. Only empty slots are many: after blocks without weight for the
/// agenda. What is left is looked at in the next block.
pub(crate) const MAX_SLOTS: u32 = 256;

/// What became of an entry or of a slot.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Served {
	/// It is done.
	Done,
	/// It has to wait for the next block, but what comes after it need not.
	Waits,
	/// There is no weight left for it.
	OutOfWeight,
}

impl<T: Config> Pallet<T> {
	/// Does what is due, as far as the weight allows. `draws`: whether panels may be drawn.
	pub(crate) fn serve_agenda(now: BlockNumberFor<T>, meter: &mut WeightMeter, draws: bool) {
		if meter.try_consume(T::WeightInfo::agenda_base()).is_err() {
			return;
		}
		let mut incomplete_since = None;
		let mut slot = IncompleteSince::<T>::get().unwrap_or(now).min(now);
		for _ in 0..MAX_SLOTS {
			let served = Self::serve_slot(slot, now, meter, draws);
			if served != Served::Done {
				incomplete_since.get_or_insert(slot);
			}
			if served == Served::OutOfWeight || slot == now {
				break;
			}
			slot.saturating_inc();
		}
		// The current slot may be written to until the block ends: it is never passed.
		IncompleteSince::<T>::put(incomplete_since.unwrap_or(slot));
	}

	pub(crate) fn serve_slot(
		slot: BlockNumberFor<T>,
		now: BlockNumberFor<T>,
		meter: &mut WeightMeter,
		draws: bool,
	) -> Served {
		if meter.try_consume(T::WeightInfo::agenda_slot()).is_err() {
			return Served::OutOfWeight;
		}
		let mut slot_served = Served::Done;
		// An entry that is served leaves the slot, which this iterator can bear, as `drain` does;
		// none is added to a slot that is being served, except perhaps to the current one, which is
		// looked at again.
		for id in Agenda::<T>::iter_key_prefix(slot) {
			match Self::serve_entry(slot, id, now, meter, draws) {
				Served::Done => {},
				Served::Waits => slot_served = Served::Waits,
				Served::OutOfWeight => return Served::OutOfWeight,
			}
		}
		slot_served
	}

	fn serve_entry(
		slot: BlockNumberFor<T>,
		id: RequestId,
		now: BlockNumberFor<T>,
		meter: &mut WeightMeter,
		draws: bool,
	) -> Served {
		if meter.try_consume(T::WeightInfo::agenda_item()).is_err() {
			return Served::OutOfWeight;
		}
		let Some(request) = Requests::<T>::get(id) else {
			if Contested::<T>::get(id).is_some_and(|contested| contested.until == slot) {
				if meter.try_consume(T::WeightInfo::drop_contested()).is_err() {
					return Served::OutOfWeight;
				}
				Self::drop_contested(slot, id);
				return Served::Done;
			}
			if meter.try_consume(T::WeightInfo::prune()).is_err() {
				return Served::OutOfWeight;
			}
			Self::prune(slot, id);
			return Served::Done;
		};
		if request.due != slot {
			defensive!("a request sits in the slot that it names");
			Agenda::<T>::remove(slot, id);
			return Served::Done;
		}
		if request.stage == Stage::Pending && !draws {
			return Served::Waits;
		}
		let most = Self::weight_of_stage(&request);
		if !meter.can_consume(most) {
			return Served::OutOfWeight;
		}
		let spent = match request.stage {
			Stage::Pending => {
				let open = Self::draw_panel(id, request, now);
				if open { most.saturating_sub(T::WeightInfo::cancel()) } else { most }
			},
			Stage::Assigned => {
				Self::close_commitments(id, request, now);
				most
			},
			Stage::Committed | Stage::Revealing => {
				Self::settle(id, request, Ending::Revealed);
				most
			},
		};
		meter.consume(spent);
		Served::Done
	}

	/// Worst case of the end of a stage.
	fn weight_of_stage(request: &RequestOf<T>) -> Weight {
		let seats = request.seats().into();
		match request.stage {
			// With the refund that follows if no panel can be had.
			Stage::Pending => Self::weight_of_draw(request).saturating_add(T::WeightInfo::cancel()),
			// If too few committed, the request is settled at once; the benchmark does that.
			Stage::Assigned => T::WeightInfo::close_commitments(seats)
				.saturating_add(Self::weight_of_first_panel(request)),
			Stage::Committed | Stage::Revealing => {
				let settlement = Self::weight_of_settlement(seats, request.exact);
				match request.escalates {
					Some(_) => settlement.saturating_add(Self::weight_of_second_opinion()),
					None => settlement,
				}
			},
		}
	}

	/// The members of a first panel are judged once more.
	fn weight_of_second_opinion() -> Weight {
		T::WeightInfo::judge_again(MAX_CONTESTED)
	}

	/// Without the refund that follows if no panel can be had.
	fn weight_of_draw(request: &RequestOf<T>) -> Weight {
		T::WeightInfo::draw(request.seats().into(), T::Panels::servers(request.release))
			.saturating_add(Self::weight_of_first_panel(request))
	}

	/// What is kept of the panel before, if there was one, is read, and dropped in the end.
	fn weight_of_first_panel(request: &RequestOf<T>) -> Weight {
		match request.escalates {
			Some(_) => T::DbWeight::get().reads_writes(1, 1),
			None => Weight::zero(),
		}
	}

	/// Members are either paid, as in the benchmarks of settlements, or at fault, as in that of
	/// [`WeightInfo::close_commitments`]. Pairs of approximate answers are compared one by one,
	/// which no weight linear in the seats can say; and each that is outside the tolerance once
	/// more, with the gross bound.
	fn weight_of_settlement(seats: u32, exact: bool) -> Weight {
		let agreed = if exact {
			T::WeightInfo::settle_exact(seats)
		} else {
			let pairs = u64::from(seats).saturating_mul(seats.saturating_sub(1).into()) / 2;
			T::WeightInfo::settle_approximate(seats).saturating_add(
				T::WeightInfo::compare().saturating_mul(pairs.saturating_add(seats.into())),
			)
		};
		// The benchmarks pay attesters whom nobody nominates.
		let divided = T::Income::weight().saturating_mul(seats.into());
		let agreed = agreed.saturating_add(divided);
		agreed.max(T::WeightInfo::close_commitments(seats))
	}

	pub(crate) fn prune(slot: BlockNumberFor<T>, id: RequestId) {
		Agenda::<T>::remove(slot, id);
		if !Settlements::<T>::contains_key(id) {
			defensive!("an entry is of an open request or of a settlement");
			return;
		}
		Settlements::<T>::remove(id);
		Self::deposit_event(Event::ResultPruned { request: id });
	}

	/// Moves an open request to another slot.
	fn reschedule(id: RequestId, mut request: RequestOf<T>, at: BlockNumberFor<T>) {
		Agenda::<T>::remove(request.due, id);
		request.due = at;
		Agenda::<T>::insert(at, id, ());
		Requests::<T>::insert(id, request);
	}

	/// Draws a panel, or says when to try again. Whether the request is still open.
	pub(crate) fn draw_panel(
		id: RequestId,
		mut request: RequestOf<T>,
		now: BlockNumberFor<T>,
	) -> bool {
		let in_time = |start: BlockNumberFor<T>| {
			start.saturating_add(T::Panels::duration()) <= request.deadline
		};
		// Only if the chain has been too busy to come to it. Attesters are not to be hurried for
		// that.
		if !in_time(now) {
			let reason = request.refused.unwrap_or(UnservedReason::ChainBusy);
			Self::settle(id, request, Ending::Unserved(reason));
			return false;
		}
		let spec = PanelSpec {
			release: request.release,
			digest: request.digest,
			size: request.seats(),
			threshold: request.threshold(),
			exact: request.exact,
			min_stake: request.options.min_stake,
			deadline: request.deadline,
			exclude: Self::excluded(&request),
		};
		match T::Panels::draw(id, &spec) {
			Ok(until) => {
				let until = until.max(now.saturating_add(One::one()));
				request.stage = Stage::Assigned;
				request.refused = None;
				Self::reschedule(id, request, until);
				Self::deposit_event(Event::Assigned { request: id, commit_until: until });
				true
			},
			Err(reason) => {
				let latest = request.deadline.saturating_sub(T::Panels::duration());
				let again = Self::next_draw(&request, now).min(latest);
				if again > now {
					request.refused = Some(reason);
					Self::reschedule(id, request, again);
				} else {
					Self::settle(id, request, Ending::Unserved(reason));
				}
				again > now
			},
		}
	}

	/// When to try again after a draw that gave no panel: after [`Config::DrawRetryPeriod`], or a
	/// quarter of the request's age if that is more. So a request that nobody can serve costs the
	/// chain a number of draws that grows with the logarithm of its deadline only.
	fn next_draw(request: &RequestOf<T>, now: BlockNumberFor<T>) -> BlockNumberFor<T> {
		let age = now.saturating_sub(request.requested_at);
		let period = T::DrawRetryPeriod::get().max(One::one());
		now.saturating_add(period.max(age / 4u32.into()))
	}

	pub(crate) fn close_commitments(
		id: RequestId,
		mut request: RequestOf<T>,
		now: BlockNumberFor<T>,
	) {
		match T::Panels::close_commitments(id) {
			Some(until) => {
				request.stage = Stage::Committed;
				Self::reschedule(id, request, until.max(now.saturating_add(One::one())));
			},
			None => Self::settle(id, request, Ending::CommitmentsMissing),
		}
	}

	/// The relations between parameters without which the agenda could stand still or a request
	/// could not be made.
	pub(crate) fn check_parameters() {
		let duration = T::Panels::duration();
		assert!(
			T::MinDeadline::get() <= T::MaxDeadline::get(),
			"MinDeadline must not be above MaxDeadline"
		);
		assert!(duration < T::MaxDeadline::get(), "MaxDeadline must leave time for a panel");
		assert!(!T::DrawRetryPeriod::get().is_zero(), "DrawRetryPeriod must be at least 1");
		assert!(!T::ResultRetention::get().is_zero(), "ResultRetention must be at least 1");
		assert!(T::MaxOpenRequests::get() > 0, "MaxOpenRequests must be at least 1");
		assert!(T::MaxBlobInput::get() > 0, "MaxBlobInput must be at least 1");

		// In each block the last slots are looked at and at least one entry is served.
		let entry = [
			T::WeightInfo::draw(MAX_PANEL, T::Panels::max_servers())
				.saturating_add(T::WeightInfo::cancel()),
			T::WeightInfo::close_commitments(MAX_PANEL),
			Self::weight_of_settlement(MAX_PANEL, true)
				.saturating_add(Self::weight_of_second_opinion()),
			Self::weight_of_settlement(MAX_PANEL, false)
				.saturating_add(Self::weight_of_second_opinion()),
			T::WeightInfo::drop_contested(),
			T::WeightInfo::prune(),
		]
		.into_iter()
		.fold(T::WeightInfo::agenda_item(), |most, weight| {
			most.max(T::WeightInfo::agenda_item().saturating_add(weight))
		});
		let least = T::WeightInfo::agenda_base()
			.saturating_add(T::WeightInfo::agenda_slot().saturating_mul(2))
			.saturating_add(entry);
		let share = T::AgendaWeight::get();
		assert!(
			least.all_lte(share),
			"AgendaWeight {share:?} must have room for one entry of each kind: {least:?}"
		);
		let block = T::BlockWeights::get().max_block;
		assert!(share.all_lte(block), "AgendaWeight must fit a block");
	}
}

impl<T: Config> PanelObserver<BlockNumberFor<T>> for Pallet<T> {
	fn panel_committed(id: RequestId, until: BlockNumberFor<T>) {
		match Requests::<T>::get(id) {
			Some(mut request) if request.stage == Stage::Assigned => {
				let now = frame_system::Pallet::<T>::block_number();
				request.stage = Stage::Committed;
				Self::reschedule(id, request, until.max(now));
			},
			_ => {
				defensive!("only a panel that was drawn commits");
			},
		}
	}

	fn panel_revealing(id: RequestId) {
		match Requests::<T>::get(id) {
			Some(mut request) if request.stage == Stage::Committed => {
				request.stage = Stage::Revealing;
				Requests::<T>::insert(id, request);
			},
			// Not the first reveal.
			Some(request) if request.stage == Stage::Revealing => {},
			_ => {
				defensive!("only a panel that has committed reveals");
			},
		}
	}

	fn panel_complete(id: RequestId) {
		match Requests::<T>::get(id) {
			Some(request) if request.stage != Stage::Pending => {
				let now = frame_system::Pallet::<T>::block_number();
				Self::reschedule(id, request, now);
			},
			_ => {
				defensive!("only a panel that was drawn completes");
			},
		}
	}
}
