// SPDX-License-Identifier: Apache-2.0
//! What becomes a request, and what is refused before a unit moves.

use super::*;
use crate::{Agenda, Inputs, RequestCounters};
use codec::Encode;
use frame_support::{BoundedVec, assert_storage_noop};
use jurat_primitives::{
	ContentHash, Version,
	commitment::{input_digest, request_digest},
	limits::MAX_INLINE_INPUT,
	manifest::TensorHeader,
	traits::Inference as _,
};

fn refused(release: ReleaseId, input: RequestInput, options: OptionsOf<Test>, error: Failure) {
	let error = sp_runtime::DispatchError::from(error);
	assert_noop!(
		Inference::request(RuntimeOrigin::signed(ALICE), release, input.clone(), options.clone()),
		error
	);
	let batch = BoundedVec::truncate_from(vec![input]);
	assert_noop!(
		Inference::request_batch(RuntimeOrigin::signed(ALICE), release, batch, options),
		error
	);
}

fn refused_input(input: RequestInput, error: Failure) {
	refused(EXACT, input, options(3), error);
}

fn changed(
	change: impl FnOnce(&mut NamedTensor<jurat_primitives::limits::InlineLimit>),
) -> RequestInput {
	let mut tensors = tensors("x", &[1.0, 2.0]);
	change(&mut tensors[0]);
	RequestInput::Inline(tensors)
}

fn blob(size: u64) -> RequestInput {
	let header = TensorHeader::from(&tensors("x", &[1.0])[0]);
	RequestInput::Blob {
		content: ContentHash([9; 32]),
		size,
		headers: BoundedVec::truncate_from(vec![header]),
	}
}

#[test]
fn a_request_is_recorded_as_it_was_asked() {
	ExtBuilder::default().build_and_execute(|| {
		let asked = RequestOptions { min_stake: 77, ..options(3) };
		assert_ok!(Inference::request(
			RuntimeOrigin::signed(ALICE),
			EXACT,
			input(&[1.0]),
			asked.clone()
		));
		let request = Requests::<Test>::get(0).unwrap();
		let digest = request_digest(
			&GENESIS,
			&ALICE,
			0,
			EXACT,
			ContentHash([1; 32]),
			input_digest(&input(&[1.0])),
			&asked,
		);
		// 18 bytes of input: 100 + 7 · 10 + 18 · 1 each.
		assert_eq!(input(&[1.0]).size(), 18);
		assert_eq!(
			request,
			crate::Request {
				requester: ALICE,
				release: EXACT,
				content: ContentHash([1; 32]),
				digest,
				options: asked,
				terms: crate::FeeTerms {
					per_attester: 188,
					royalty: ROYALTY,
					cut: Perbill::from_percent(2)
				},
				escrow: 915,
				exact: true,
				escalates: None,
				stage: Stage::Pending,
				refused: None,
				due: 2,
				deadline: 51,
				requested_at: 1,
			}
		);
		assert_eq!(Inputs::<Test>::get(0), Some(input(&[1.0])));
		assert!(Agenda::<Test>::contains_key(2, 0));
		assert_eq!(held(ALICE), 915);
		assert_eq!(free(ALICE), ENDOWMENT - 915);
		assert_eq!(Registry::users(EXACT), 1);
		let requested =
			Event::Requested { request: 0, requester: ALICE, release: EXACT, digest, escrow: 915 };
		assert_eq!(events(), std::slice::from_ref(&requested));
		// Clients read the first fields by position.
		assert_eq!(requested.encode()[..17], (0u8, 0u64, ALICE).encode());
	});
}

#[test]
fn equal_requests_of_one_account_have_different_digests() {
	ExtBuilder::default().build_and_execute(|| {
		let digests: Vec<_> = [ALICE, ALICE, BOB]
			.into_iter()
			.map(|who| request_by(who, EXACT, options(1)))
			.map(|id| Requests::<Test>::get(id).unwrap().digest)
			.collect();
		assert!(digests[0] != digests[1] && digests[0] != digests[2]);
		assert_eq!(RequestCounters::<Test>::get(ALICE), 2);
		assert_eq!(RequestCounters::<Test>::get(BOB), 1);
		assert_eq!(NextRequest::<Test>::get(), 3);
	});
}

#[test]
fn a_release_that_does_not_exist_is_refused() {
	ExtBuilder::default().build_and_execute(|| {
		let unknown = ReleaseId { model: 1, version: Version { major: 9, minor: 9 } };
		refused(unknown, input(&[1.0]), options(3), Failure::UnknownRelease);
	});
}

#[test]
fn a_release_that_is_not_active_is_refused() {
	ExtBuilder::default().build_and_execute(|| {
		Registry::change(EXACT, |terms| terms.active = false);
		refused_input(input(&[1.0]), Failure::InactiveRelease);
	});
}

#[test]
fn each_way_not_to_fit_the_manifest_has_its_error() {
	ExtBuilder::default().build_and_execute(|| {
		refused_input(RequestInput::Inline(Tensors::default()), Failure::WrongTensorCount);
		refused_input(changed(|t| t.name = name("z")), Failure::WrongTensorName);
		refused_input(
			changed(|t| t.tensor.element_type = ElementType::I32),
			Failure::WrongElementType,
		);
		refused_input(
			changed(|t| t.tensor.shape = BoundedVec::truncate_from(vec![1, 2])),
			Failure::WrongRank,
		);
		let long = vec![0.0; 1_001];
		refused_input(input(&long), Failure::WrongDimension);
		refused_input(changed(|t| _ = t.tensor.data.pop()), Failure::WrongByteLength);
		refused_input(input(&[f32::NAN]), Failure::NanNotAllowed);

		Registry::change(EXACT, |terms| terms.manifest.allow_nan = true);
		request(EXACT, 1);
		let nan = input(&[f32::NAN]);
		assert_ok!(Inference::request(RuntimeOrigin::signed(BOB), EXACT, nan, options(1)));
	});
}

#[test]
fn an_input_is_at_most_as_large_as_allowed() {
	ExtBuilder::default().build_and_execute(|| {
		BytePrice::set(0);
		Registry::change(EXACT, |terms| {
			let shape = &mut terms.manifest.inputs[0].shape;
			shape[0] = jurat_primitives::Dimension::Symbolic { name: name("N"), max: 20_000 };
		});
		// Name, element type, shape and lengths take 17 bytes.
		let elements = ((MAX_INLINE_INPUT - 17) / 4) as usize;
		let fits = input(&vec![0.0; elements]);
		assert_eq!(fits.size(), u64::from(MAX_INLINE_INPUT) - 3);
		refused_input(input(&vec![0.0; elements + 1]), Failure::InputTooLarge);
		refused_input(blob(0), Failure::InputEmpty);
		refused_input(blob(1_000_001), Failure::InputTooLarge);
		for input in [fits, blob(1), blob(1_000_000)] {
			assert_ok!(Inference::request(RuntimeOrigin::signed(BOB), EXACT, input, options(1)));
		}
	});
}

#[test]
fn what_is_said_of_a_blob_must_fit_the_manifest() {
	ExtBuilder::default().build_and_execute(|| {
		let RequestInput::Blob { content, size, mut headers } = blob(5) else { unreachable!() };
		headers[0].element_type = ElementType::U8;
		refused_input(RequestInput::Blob { content, size, headers }, Failure::WrongElementType);
	});
}

#[test]
fn impossible_panels_are_refused() {
	ExtBuilder::default().build_and_execute(|| {
		for (size, threshold) in [(0, 0), (3, 1), (3, 4), (16, 11), (4, 2)] {
			let assurance = Assurance::Quorum { size, threshold };
			let options = RequestOptions { assurance, ..options(3) };
			refused(EXACT, input(&[1.0]), options, Failure::UnsoundAssurance);
		}
	});
}

#[test]
fn the_deadline_leaves_time_for_a_panel_and_has_bounds() {
	ExtBuilder::default().build_and_execute(|| {
		let with = |deadline| RequestOptions { deadline, ..options(3) };
		for deadline in [0, 19, 1_001, u64::MAX] {
			refused(EXACT, input(&[1.0]), with(deadline), Failure::DeadlineOutOfRange);
		}
		for deadline in [20, 1_000] {
			request_by(ALICE, EXACT, with(deadline));
		}
		// One block until the draw, then the windows: 1 + 10 + 5.
		MinDeadline::set(1);
		refused(EXACT, input(&[1.0]), with(15), Failure::DeadlineOutOfRange);
		let id = request_by(ALICE, EXACT, with(16));
		next_block();
		assert_eq!(stage(id), Some(Stage::Assigned));
	});
}

#[test]
fn a_price_that_rises_between_quote_and_inclusion_costs_nothing() {
	ExtBuilder::default().build_and_execute(|| {
		let quote = Inference::quote(EXACT, Assurance::quorum(3), 18).unwrap();
		let options = RequestOptions { max_fee: quote.total, ..options(3) };
		Registry::change(EXACT, |terms| terms.royalty += 1);
		refused(EXACT, input(&[1.0]), options.clone(), Failure::FeeAboveMax);
		// It falls: what is held is the price now, not the most that was offered.
		Registry::change(EXACT, |terms| terms.royalty = 0);
		request_by(ALICE, EXACT, options);
		// 564 and 2 % of it.
		assert_eq!(held(ALICE), 564 + 12);
	});
}

#[test]
fn prices_that_change_later_do_not_change_the_charge() {
	ExtBuilder::default().build_and_execute(|| {
		let id = committed_request(EXACT, 1);
		Registry::change(EXACT, |terms| terms.royalty = 900_000);
		BaseFee::set(900_000);
		ProtocolCut::set(Perbill::one());
		Attestation::reveal(id, ATTESTERS[0], output(&[1.0]));
		end_block();
		// 188 + 333 and 2 % of it.
		assert_eq!(settled(id).charged, 188 + 333 + 11);
		assert_eq!(settled(id).refunded, 0);
	});
}

#[test]
fn an_empty_batch_is_refused() {
	ExtBuilder::default().build_and_execute(|| {
		let origin = RuntimeOrigin::signed(ALICE);
		let empty = BoundedVec::default();
		let call = Inference::request_batch(origin, EXACT, empty, options(3));
		assert_eq!(call, Err(Failure::EmptyBatch.into()));
	});
}

#[test]
fn the_chain_has_no_more_open_requests_than_it_may() {
	ExtBuilder::default().build_and_execute(|| {
		MaxOpenRequests::set(3);
		let origin = || RuntimeOrigin::signed(ALICE);
		let batch = |n| BoundedVec::truncate_from(vec![input(&[1.0]); n]);
		assert_ok!(Inference::request_batch(origin(), EXACT, batch(2), options(1)));
		assert_noop!(
			Inference::request_batch(origin(), EXACT, batch(2), options(1)),
			Failure::TooManyOpenRequests
		);
		request(EXACT, 1);
		refused(EXACT, input(&[1.0]), options(1), Failure::TooManyOpenRequests);
		// One that ends makes room.
		assert_ok!(Inference::cancel(origin(), 1));
		request(EXACT, 1);
	});
}

#[test]
fn the_escrow_and_the_minimum_balance_must_be_there() {
	ExtBuilder::default().build_and_execute(|| {
		let poor = 7;
		let give = |amount| {
			assert_ok!(Balances::transfer_allow_death(RuntimeOrigin::signed(BOB), poor, amount));
		};
		let ask =
			|| Inference::request(RuntimeOrigin::signed(poor), EXACT, input(&[1.0]), options(3));
		give(915 + ED - 1);
		assert_noop!(ask(), Failure::InsufficientBalance);
		give(1);
		assert_ok!(ask());
		assert_eq!((free(poor), held(poor)), (ED, 915));
	});
}

#[test]
#[allow(deprecated)]
fn frozen_money_pays_for_nothing_new() {
	use frame_support::traits::{LockableCurrency, WithdrawReasons};
	ExtBuilder::default().build_and_execute(|| {
		Balances::set_lock(*b"vesting ", &ALICE, ENDOWMENT - 914, WithdrawReasons::all());
		refused(EXACT, input(&[1.0]), options(3), Failure::InsufficientBalance);
		Balances::set_lock(*b"vesting ", &ALICE, ENDOWMENT - 915, WithdrawReasons::all());
		request(EXACT, 3);
	});
}

#[test]
fn nobody_can_hold_a_price_that_does_not_fit() {
	ExtBuilder::default().build_and_execute(|| {
		BaseFee::set(Balance::MAX / 2);
		let quote = Inference::quote(EXACT, Assurance::quorum(3), 18).unwrap();
		assert_eq!(quote.total, Balance::MAX);
		refused(EXACT, input(&[1.0]), options(3), Failure::InsufficientBalance);
	});
}

#[test]
fn a_batch_is_many_requests_or_none() {
	ExtBuilder::default().build_and_execute(|| {
		let origin = || RuntimeOrigin::signed(ALICE);
		let good = [input(&[1.0]), input(&[1.0, 2.0])];
		let with = |last| BoundedVec::truncate_from([&good[..], &[last]].concat());
		for (last, error) in [
			(input(&[f32::NAN]), Failure::NanNotAllowed),
			(blob(0), Failure::InputEmpty),
			(RequestInput::Inline(Tensors::default()), Failure::WrongTensorCount),
		] {
			assert_noop!(Inference::request_batch(origin(), EXACT, with(last), options(3)), error);
		}
		// The third alone is above the most that one may cost.
		let capped = RequestOptions { max_fee: 928, ..options(3) };
		assert_noop!(
			Inference::request_batch(origin(), EXACT, with(input(&[0.0; 9])), capped.clone()),
			Failure::FeeAboveMax
		);
		// All three together are more than there is.
		let dear = BoundedVec::truncate_from(vec![input(&[1.0]); 3]);
		BaseFee::set(ENDOWMENT / 7);
		assert_noop!(
			Inference::request_batch(origin(), EXACT, dear, options(3)),
			Failure::InsufficientBalance
		);
		BaseFee::set(100);
		assert_eq!(Registry::users(EXACT), 0);

		let inputs = with(input(&[3.0]));
		assert_ok!(Inference::request_batch(origin(), EXACT, inputs.clone(), capped));
		assert_eq!(Requests::<Test>::count(), 3);
		assert_eq!(RequestCounters::<Test>::get(ALICE), 3);
		assert_eq!(Registry::users(EXACT), 3);
		for (id, input) in inputs.into_iter().enumerate() {
			assert_eq!(Inputs::<Test>::get(id as u64), Some(input));
		}
		// The second has 4 bytes more, 12 for three attesters: 909 and 2 % of it, which is 18.18.
		let escrows: Vec<_> = (0..3).map(|id| Requests::<Test>::get(id).unwrap().escrow).collect();
		assert_eq!(escrows, [915, 928, 915]);
		assert_eq!(held(ALICE), 915 * 2 + 928);
		assert_eq!(events().len(), 3);
	});
}

#[test]
fn a_release_that_cannot_be_pinned_leaves_nothing_behind() {
	ExtBuilder::default().build_and_execute(|| {
		Registry::refuse_pins();
		let error = sp_runtime::DispatchError::Other("no pins");
		assert_noop!(
			Inference::request(RuntimeOrigin::signed(ALICE), EXACT, input(&[1.0]), options(3)),
			error
		);
		// Another pallet has no transaction around the call.
		assert_storage_noop!({
			let asked = <Inference as jurat_primitives::traits::Inference<_, _, _>>::request(
				&ALICE,
				EXACT,
				input(&[1.0]),
				options(3),
			);
			assert_eq!(asked, Err(error));
		});
	});
}

#[test]
fn other_pallets_ask_as_accounts_do() {
	ExtBuilder::default().build_and_execute(|| {
		type Asks = Pallet<Test>;
		let refused = <Asks as jurat_primitives::traits::Inference<_, _, _>>::request(
			&ALICE,
			EXACT,
			input(&[f32::NAN]),
			options(3),
		);
		assert_eq!(refused, Err(Failure::NanNotAllowed.into()));
		let id = <Asks as jurat_primitives::traits::Inference<_, _, _>>::request(
			&ALICE,
			EXACT,
			input(&[1.0]),
			options(1),
		);
		assert_eq!(id, Ok(0));
		assert_eq!(Asks::outcome(0), None);
		next_block();
		next_block();
		Attestation::commit(0, ATTESTERS[0]);
		Attestation::reveal(0, ATTESTERS[0], output(&[2.0]));
		end_block();
		assert_eq!(Asks::outcome(0), Some(Outcome::Answered(tensors("y", &[2.0]))));
	});
}

#[test]
fn requests_need_a_signature() {
	ExtBuilder::default().build_and_execute(|| {
		for origin in [RuntimeOrigin::root(), RuntimeOrigin::none()] {
			let bad = sp_runtime::DispatchError::BadOrigin;
			assert_noop!(Inference::request(origin.clone(), EXACT, input(&[1.0]), options(3)), bad);
			let batch = BoundedVec::truncate_from(vec![input(&[1.0])]);
			assert_noop!(Inference::request_batch(origin.clone(), EXACT, batch, options(3)), bad);
			assert_noop!(Inference::cancel(origin, 0), bad);
		}
	});
}

#[test]
fn a_request_may_be_free() {
	ExtBuilder::default().build_and_execute(|| {
		BaseFee::set(0);
		ComputePrice::set(0);
		BytePrice::set(0);
		Registry::change(EXACT, |terms| terms.royalty = 0);
		let id = committed_request(EXACT, 1);
		assert_eq!(held(ALICE), 0);
		Attestation::reveal(id, ATTESTERS[0], output(&[1.0]));
		end_block();
		assert_eq!((settled(id).charged, settled(id).refunded), (0, 0));
		assert_eq!(free(ALICE), ENDOWMENT);
	});
}
