// SPDX-License-Identifier: Apache-2.0
//! The life of a panel: draw, end of the commit window, close, judgement.

use crate::{
	Answers, Assignments, Attesters, BalanceOf, Config, Event, OpenPanels, Pallet, Roster, Servers,
	draw::weighted_draw,
	types::{Panel, PanelMember, Phase},
};
use alloc::vec::Vec;
use frame_support::{BoundedVec, defensive};
use frame_system::pallet_prelude::BlockNumberFor;
use jurat_primitives::{
	ReleaseId, RequestId, UnservedReason, Verdict,
	traits::{BlockRandomness, Case, ClosedPanel, Conduct, PanelSpec, Panels, Seat},
};
use sp_core::Get;
use sp_runtime::{SaturatedConversion, Saturating, traits::Zero};

/// A member of a panel that is being drawn.
type MemberOf<T> = PanelMember<<T as frame_system::Config>::AccountId, BalanceOf<T>>;

/// What panel is wanted, in the types of the chain.
type SpecOf<T> = PanelSpec<<T as frame_system::Config>::AccountId, BalanceOf<T>, BlockNumberFor<T>>;

/// Blocks that a window has at least, whatever its parameter says: one that nobody can meet would
/// make every attester look at fault.
const LEAST_WINDOW: u32 = 2;

impl<T: Config> Pallet<T> {
	/// Blocks for commitments.
	pub(crate) fn commit_window() -> BlockNumberFor<T> {
		T::CommitWindow::get().max(LEAST_WINDOW.into())
	}

	/// Blocks for reveals.
	pub(crate) fn reveal_window() -> BlockNumberFor<T> {
		T::RevealWindow::get().max(LEAST_WINDOW.into())
	}

	/// Who could be drawn for a release now, and with what weight.
	fn candidates(spec: &SpecOf<T>) -> Vec<(MemberOf<T>, u128)> {
		Servers::<T>::get(spec.release)
			.into_iter()
			.filter(|attester| !spec.exclude.contains(attester))
			.filter_map(|attester| {
				let entry = Roster::<T>::get(&attester)?;
				let record = Attesters::<T>::get(&attester)?;
				let stake = entry.exposure.total;
				let free = Self::takes_work(&record) && !stake.is_zero();
				let weight = record.reputation.weighs(stake.saturated_into());
				let member =
					PanelMember { attester, key: entry.key, stake, conduct: Conduct::Silent };
				free.then_some((member, weight))
			})
			.collect()
	}

	pub(crate) fn seat(member: MemberOf<T>) -> Seat<T::AccountId, BalanceOf<T>> {
		Seat { attester: member.attester, stake: member.stake, conduct: member.conduct }
	}

	/// Members of an open panel, for whoever shows them.
	pub fn seats(request: RequestId) -> Vec<Seat<T::AccountId, BalanceOf<T>>> {
		OpenPanels::<T>::get(request)
			.map(|panel| panel.members.into_iter().map(Self::seat).collect())
			.unwrap_or_default()
	}
}

impl<T: Config> Panels<T::AccountId, BalanceOf<T>, BlockNumberFor<T>> for Pallet<T> {
	fn duration() -> BlockNumberFor<T> {
		Self::commit_window().saturating_add(Self::reveal_window())
	}

	fn servers(release: ReleaseId) -> u32 {
		// At most one of each validator.
		Servers::<T>::decode_len(release).map_or(0, |servers| servers as u32)
	}

	fn max_servers() -> u32 {
		T::MaxServers::get()
	}

	fn draw(request: RequestId, spec: &SpecOf<T>) -> Result<BlockNumberFor<T>, UnservedReason> {
		// Without randomness of this very block somebody could have known the panel before.
		let Some(randomness) = T::Randomness::current() else {
			defensive!("each block carries the VRF output of its author");
			return Err(UnservedReason::TooFewAttesters);
		};
		let candidates = Self::candidates(spec);
		let weights: Vec<(&T::AccountId, u128)> =
			candidates.iter().map(|(member, weight)| (&member.attester, *weight)).collect();
		let size = usize::from(spec.size);
		let places = weighted_draw(&randomness, &spec.digest, &weights, size);
		if places.len() < size {
			return Err(UnservedReason::TooFewAttesters);
		}
		let members: Vec<MemberOf<T>> = places
			.into_iter()
			.filter_map(|place| candidates.get(place).map(|(member, _)| member.clone()))
			.collect();
		let stake = members
			.iter()
			.fold(BalanceOf::<T>::zero(), |sum, member| sum.saturating_add(member.stake));
		if stake < spec.min_stake {
			return Err(UnservedReason::TooLittleStake);
		}
		let Ok(members) = BoundedVec::try_from(members) else {
			defensive!("a sound assurance asks for at most MAX_PANEL seats");
			return Err(UnservedReason::TooFewAttesters);
		};

		for member in &members {
			Assignments::<T>::insert(&member.attester, request, ());
			Attesters::<T>::mutate(&member.attester, |slot| {
				if let Some(attester) = slot {
					attester.open_panels.saturating_inc();
				}
			});
		}
		let now = frame_system::Pallet::<T>::block_number();
		let until = now.saturating_add(Self::commit_window());
		Self::deposit_event(Event::PanelDrawn {
			request,
			members: members.iter().map(|member| member.attester.clone()).collect(),
			until,
		});
		OpenPanels::<T>::insert(
			request,
			Panel {
				digest: spec.digest,
				session: T::Session::get(),
				threshold: spec.threshold,
				exact: spec.exact,
				phase: Phase::Commit(until),
				members,
			},
		);
		Ok(until)
	}

	fn close_commitments(request: RequestId) -> Option<BlockNumberFor<T>> {
		OpenPanels::<T>::mutate(request, |slot| {
			let panel = slot.as_mut()?;
			match panel.phase {
				Phase::Reveal(until) => Some(until),
				Phase::Commit(_) if panel.committed() < usize::from(panel.threshold) => None,
				Phase::Commit(_) => {
					let now = frame_system::Pallet::<T>::block_number();
					let until = now.saturating_add(Self::reveal_window());
					panel.phase = Phase::Reveal(until);
					Self::deposit_event(Event::RevealsOpened { request, until });
					Some(until)
				},
			}
		})
	}

	fn close(request: RequestId) -> ClosedPanel<T::AccountId, BalanceOf<T>> {
		let Some(panel) = OpenPanels::<T>::take(request) else {
			defensive!("only an open panel is closed");
			return ClosedPanel { seats: Vec::new(), answers: Vec::new(), session: 0 };
		};
		for member in &panel.members {
			Assignments::<T>::remove(&member.attester, request);
			Attesters::<T>::mutate(&member.attester, |slot| {
				if let Some(attester) = slot {
					attester.open_panels.saturating_dec();
				}
			});
		}
		ClosedPanel {
			seats: panel.members.into_iter().map(Self::seat).collect(),
			// At most one answer of each member.
			answers: Answers::<T>::drain_prefix(request).collect(),
			session: panel.session,
		}
	}

	fn judge(
		case: &Case<T::AccountId, BalanceOf<T>>,
		rulings: &[(T::AccountId, Verdict)],
	) -> BalanceOf<T> {
		Self::do_judge(case, rulings)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_servers(release: ReleaseId, count: u32) {
		crate::benchmarking::servers::<T>(release, count);
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_reveal(request: RequestId, answers: Vec<jurat_primitives::Answer>) {
		crate::benchmarking::reveal_all::<T>(request, answers);
	}
}
