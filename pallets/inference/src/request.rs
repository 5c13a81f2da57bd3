// SPDX-License-Identifier: Apache-2.0
//! From a call to an open request.

use crate::{
	Agenda, BalanceOf, Config, Error, Event, FeeTerms, HoldReason, Inputs, NextRequest, Pallet,
	Request, RequestCounters, Requests, settlement::Ending,
};
use alloc::vec::Vec;
use frame_support::{
	ensure,
	storage::with_storage_layer,
	traits::{
		fungible::{Inspect, MutateHold},
		tokens::{Fortitude, Preservation},
	},
};
use frame_system::pallet_prelude::BlockNumberFor;
use jurat_primitives::{
	Assurance, NumericProfile, Outcome, ReleaseId, RequestId, RequestInput, RequestOptions,
	commitment::{genesis_hash, input_digest, request_digest},
	limits::MAX_INLINE_INPUT,
	traits::{Inference, Panels, ReleaseTerms, Releases},
	view::Stage,
};
use sp_core::{Get, H256};
use sp_runtime::{
	ArithmeticError, DispatchError, DispatchResult, Saturating,
	traits::{One, Zero},
};

/// What requests that are opened together have in common.
#[derive(Clone, Copy)]
pub(crate) struct Opening<'a, T: Config> {
	pub release: ReleaseId,
	pub terms: &'a ReleaseTerms<T::AccountId, BalanceOf<T>>,
	pub options: &'a OptionsOf<T>,
	/// The request whose disagreement they are to decide.
	pub escalates: Option<RequestId>,
}

/// What a requester chose, in the types of the chain.
pub(crate) type OptionsOf<T> = RequestOptions<BalanceOf<T>, BlockNumberFor<T>>;

impl<T: Config> Pallet<T> {
	/// Opens a request for each input: all or none.
	pub(crate) fn do_request(
		requester: &T::AccountId,
		release: ReleaseId,
		inputs: Vec<RequestInput>,
		options: OptionsOf<T>,
	) -> Result<Vec<RequestId>, DispatchError> {
		ensure!(!inputs.is_empty(), Error::<T>::EmptyBatch);
		let terms = T::Releases::terms(release).ok_or(Error::<T>::UnknownRelease)?;
		ensure!(terms.active, Error::<T>::InactiveRelease);
		Self::check_options(&options)?;
		Self::ensure_room(inputs.len())?;
		let Assurance::Quorum { size, .. } = options.assurance;
		let mut escrow = BalanceOf::<T>::zero();
		let mut priced = Vec::with_capacity(inputs.len());
		for input in inputs {
			Self::check_input(&input, &terms)?;
			let fees = Self::fee_terms(&terms, input.size());
			let quote = fees.quote(size).total;
			ensure!(quote <= options.max_fee, Error::<T>::FeeAboveMax);
			escrow = escrow.saturating_add(quote);
			priced.push((input, fees, quote));
		}

		// Nothing is written before this line, and nothing is left if what follows fails, even if
		// the caller is a hook without a transaction of its own.
		with_storage_layer(|| {
			Self::take_escrow(requester, escrow)?;
			priced
				.into_iter()
				.map(|(input, fees, quote)| {
					let opening =
						Opening { release, terms: &terms, options: &options, escalates: None };
					Self::open(requester, opening, input, fees, quote)
				})
				.collect()
		})
	}

	/// Whether the chain takes so many more requests.
	pub(crate) fn ensure_room(requests: usize) -> DispatchResult {
		let room = T::MaxOpenRequests::get().saturating_sub(Requests::<T>::count());
		ensure!(requests <= room as usize, Error::<T>::TooManyOpenRequests);
		Ok(())
	}

	pub(crate) fn check_options(options: &OptionsOf<T>) -> DispatchResult {
		ensure!(options.assurance.is_sound(), Error::<T>::UnsoundAssurance);
		// The panel is drawn one block after inclusion at the earliest.
		let shortest = T::MinDeadline::get().max(T::Panels::duration().saturating_add(One::one()));
		let possible = shortest <= options.deadline && options.deadline <= T::MaxDeadline::get();
		ensure!(possible, Error::<T>::DeadlineOutOfRange);
		Ok(())
	}

	fn check_input(
		input: &RequestInput,
		release: &ReleaseTerms<T::AccountId, BalanceOf<T>>,
	) -> DispatchResult {
		let limit = match input {
			RequestInput::Inline(_) => MAX_INLINE_INPUT.into(),
			RequestInput::Blob { .. } => T::MaxBlobInput::get(),
		};
		// Size first: it bounds the work of the rest.
		ensure!(input.size() <= limit, Error::<T>::InputTooLarge);
		ensure!(input.size() > 0, Error::<T>::InputEmpty);
		input.check(&release.manifest).map_err(Error::<T>::from)?;
		Ok(())
	}

	pub(crate) fn take_escrow(requester: &T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
		if amount.is_zero() {
			return Ok(());
		}
		// What is frozen when the request is made does not count; what is frozen later does not
		// keep attesters from their pay.
		let free =
			T::Currency::reducible_balance(requester, Preservation::Protect, Fortitude::Polite);
		ensure!(free >= amount, Error::<T>::InsufficientBalance);
		T::Currency::hold(&HoldReason::Escrow.into(), requester, amount)
	}

	pub(crate) fn open(
		requester: &T::AccountId,
		opening: Opening<'_, T>,
		input: RequestInput,
		fees: FeeTerms<BalanceOf<T>>,
		escrow: BalanceOf<T>,
	) -> Result<RequestId, DispatchError> {
		let Opening { release, terms, options, escalates } = opening;
		T::Releases::pin(release)?;
		let id = NextRequest::<T>::get();
		NextRequest::<T>::put(id.checked_add(1).ok_or(ArithmeticError::Overflow)?);
		let counter = RequestCounters::<T>::get(requester);
		let next = counter.checked_add(1).ok_or(ArithmeticError::Overflow)?;
		RequestCounters::<T>::insert(requester, next);

		let digest = request_digest(
			&Self::genesis(),
			requester,
			counter,
			release,
			terms.content,
			input_digest(&input),
			options,
		);
		let now = frame_system::Pallet::<T>::block_number();
		let due = now.saturating_add(One::one());
		let request = Request {
			requester: requester.clone(),
			release,
			content: terms.content,
			digest,
			options: options.clone(),
			terms: fees,
			escrow,
			exact: matches!(terms.manifest.profile, NumericProfile::Exact),
			escalates,
			stage: Stage::Pending,
			refused: None,
			due,
			deadline: now.saturating_add(options.deadline),
			requested_at: now,
		};
		Requests::<T>::insert(id, request);
		Inputs::<T>::insert(id, input);
		Agenda::<T>::insert(due, id, ());
		Self::deposit_event(Event::Requested {
			request: id,
			requester: requester.clone(),
			release,
			digest,
			escrow,
		});
		Ok(id)
	}

	pub(crate) fn do_cancel(requester: &T::AccountId, id: RequestId) -> DispatchResult {
		let request = Requests::<T>::get(id).ok_or(Error::<T>::UnknownRequest)?;
		ensure!(request.requester == *requester, Error::<T>::NotRequester);
		ensure!(request.stage == Stage::Pending, Error::<T>::PanelDrawn);
		Self::settle(id, request, Ending::Cancelled);
		Ok(())
	}

	/// Genesis hash: what is signed for one chain is worth nothing on another. It is kept in state
	/// for ever, unlike the hashes of later blocks.
	pub(crate) fn genesis() -> H256 {
		let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
		genesis_hash(&hash)
	}
}

impl<T: Config> Inference<T::AccountId, BalanceOf<T>, BlockNumberFor<T>> for Pallet<T> {
	fn request(
		requester: &T::AccountId,
		release: ReleaseId,
		input: RequestInput,
		options: OptionsOf<T>,
	) -> Result<RequestId, DispatchError> {
		let requests = Self::do_request(requester, release, alloc::vec![input], options)?;
		requests.into_iter().next().ok_or(DispatchError::Corruption)
	}

	fn outcome(request: RequestId) -> Option<Outcome> {
		crate::Settlements::<T>::get(request).map(|settlement| settlement.outcome)
	}
}
