// SPDX-License-Identifier: Apache-2.0
//! Tests by subject.

mod agenda;
mod agreement;
mod cancel;
mod escalation;
mod income;
mod invariants;
mod queries;
mod quote;
mod request;
mod settlement;
mod stages;

use crate::{
	Error, Event, HoldReason, NextRequest, OutcomeKind, Pallet, Requests, Settlements, mock::*,
	request::OptionsOf,
};
use frame_support::{
	assert_noop, assert_ok,
	traits::{
		Hooks,
		fungible::{Inspect, InspectHold},
	},
	weights::Weight,
};
use jurat_primitives::{
	Answer, Assurance, ElementType, ExpiryReason, InlineTensor, JobFailure, NamedTensor, Outcome,
	ReleaseId, RequestId, RequestInput, RequestOptions, Settlement, Tensors, UnservedReason,
	Verdict, view::Stage,
};
use sp_runtime::Perbill;

type Failure = Error<Test>;

pub fn tensors(text: &str, values: &[f32]) -> Tensors {
	let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
	let tensor = InlineTensor::new(ElementType::F32, [values.len() as u64], bytes).unwrap();
	Tensors::truncate_from(vec![NamedTensor::new(text, tensor).unwrap()])
}

pub fn input(values: &[f32]) -> RequestInput {
	RequestInput::Inline(tensors("x", values))
}

pub fn output(values: &[f32]) -> Answer {
	Answer::Output(tensors("y", values))
}

pub fn failure(failure: JobFailure) -> Answer {
	Answer::Failure(failure)
}

pub fn options(size: u8) -> OptionsOf<Test> {
	RequestOptions {
		assurance: Assurance::quorum(size),
		max_fee: Balance::MAX,
		deadline: 50,
		min_stake: 0,
	}
}

/// A request of Alice's for a panel of this size. Its number.
pub fn request(release: ReleaseId, size: u8) -> RequestId {
	request_by(ALICE, release, options(size))
}

pub fn request_by(who: AccountId, release: ReleaseId, options: OptionsOf<Test>) -> RequestId {
	let id = NextRequest::<Test>::get();
	let origin = RuntimeOrigin::signed(who);
	frame_support::assert_ok!(Inference::request(origin, release, input(&[1.0]), options));
	id
}

/// A request whose panel, the first `size` attesters, has committed.
pub fn committed_request(release: ReleaseId, size: u8) -> RequestId {
	let id = request(release, size);
	next_block();
	next_block();
	for attester in ATTESTERS.into_iter().take(size.into()) {
		Attestation::commit(id, attester);
	}
	next_block();
	id
}

pub fn stage(id: RequestId) -> Option<Stage> {
	Requests::<Test>::get(id).map(|request| request.stage)
}

pub fn settled(id: RequestId) -> Settlement<AccountId, Balance, u64> {
	assert_eq!(stage(id), None, "request {id} is still open");
	Settlements::<Test>::get(id).expect("the request is settled")
}

pub fn outcome(id: RequestId) -> Outcome {
	settled(id).outcome
}

pub fn free(who: AccountId) -> Balance {
	Balances::balance(&who)
}

pub fn held(who: AccountId) -> Balance {
	Balances::balance_on_hold(&HoldReason::Escrow.into(), &who)
}

/// The pallet's events so far.
pub fn events() -> Vec<Event<Test>> {
	let of_pallet =
		|record: frame_system::EventRecord<RuntimeEvent, sp_core::H256>| match record.event {
			RuntimeEvent::Inference(event) => Some(event),
			_ => None,
		};
	System::events().into_iter().filter_map(of_pallet).collect()
}
