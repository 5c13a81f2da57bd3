// SPDX-License-Identifier: Apache-2.0
//! What a request costs.

use super::*;
use crate::FeeTerms;
use jurat_primitives::{Version, request::Quote, traits::Releases};
use proptest::prelude::*;

#[test]
fn a_quote_is_base_and_compute_and_bytes_and_royalty_and_cut() {
	ExtBuilder::default().build_and_execute(|| {
		let quote = Inference::quote(EXACT, Assurance::quorum(3), 1_000).unwrap();
		let per_attester = 100 + 7 * 10 + 1_000;
		let attesters = 3 * per_attester;
		// 2 % of 3,843 is 76.86.
		let expected = Quote {
			per_attester,
			attesters,
			royalty: ROYALTY,
			protocol: 77,
			total: attesters + ROYALTY + 77,
		};
		assert_eq!(quote, expected);
	});
}

#[test]
fn room_for_the_output_has_its_price() {
	ExtBuilder::default().build_and_execute(|| {
		let quote = || Inference::quote(EXACT, Assurance::quorum(3), 1_000).unwrap().per_attester;
		let without = quote();
		OutputBytePrice::set(3);
		let terms = <Registry as Releases<_, _>>::terms(EXACT).unwrap();
		let bound = terms.manifest.output_bound();
		assert!(bound > 0);
		assert_eq!(quote(), without + 3 * Balance::from(bound));
		OutputBytePrice::set(0);
	});
}

#[test]
fn nothing_is_quoted_for_what_cannot_be_asked() {
	ExtBuilder::default().build_and_execute(|| {
		let unknown = ReleaseId { model: 77, version: Version::default() };
		assert_eq!(Inference::quote(unknown, Assurance::quorum(3), 1), None);
		let unsound = Assurance::Quorum { size: 3, threshold: 1 };
		assert_eq!(Inference::quote(EXACT, unsound, 1), None);
		// A release that is not active yet has its price already.
		Registry::change(EXACT, |terms| terms.active = false);
		assert!(Inference::quote(EXACT, Assurance::quorum(3), 1).is_some());
	});
}

#[test]
fn the_quote_is_what_is_held_and_with_all_in_agreement_what_is_charged() {
	ExtBuilder::default().build_and_execute(|| {
		for size in 1..=15 {
			let quote = Inference::quote(EXACT, Assurance::quorum(size), 18).unwrap();
			let before = held(ALICE);
			let id = committed_request(EXACT, size);
			assert_eq!(held(ALICE) - before, quote.total);
			for attester in ATTESTERS.into_iter().take(size.into()) {
				Attestation::reveal(id, attester, output(&[1.0]));
			}
			end_block();
			let settled = settled(id);
			assert_eq!(settled.charged, quote.total);
			assert_eq!(settled.royalty, quote.royalty);
			assert_eq!(settled.protocol, quote.protocol);
			assert!(settled.panel.iter().all(|member| member.paid == quote.per_attester));
		}
	});
}

#[test]
fn the_view_function_gives_the_same_quote() {
	use codec::{Decode, Encode};
	use frame_support::view_functions::ViewFunction;
	ExtBuilder::default().build_and_execute(|| {
		let id = crate::pallet::QuoteViewFunction::<Test>::id();
		let arguments = (EXACT, Assurance::quorum(5), 99u64).encode();
		let answer = Test::execute_view_function(id, arguments).unwrap();
		let quote = Option::<Quote<Balance>>::decode(&mut &answer[..]).unwrap();
		assert_eq!(quote, Inference::quote(EXACT, Assurance::quorum(5), 99));
		assert!(quote.is_some());
	});
}

proptest! {
	#[test]
	fn a_quote_is_the_sum_of_its_parts_and_a_bill_never_above_it(
		per_attester in 0..u64::MAX / 64,
		royalty in 0..u64::MAX / 64,
		parts in 0..=1_000_000_000u32,
		size in 1..=15u8,
		agreeing in 0..=15u8,
	) {
		let cut = Perbill::from_parts(parts);
		let terms = FeeTerms { per_attester, royalty, cut };
		let quote = terms.quote(size);
		prop_assert_eq!(quote.attesters, per_attester * Balance::from(size));
		prop_assert_eq!(quote.attesters + quote.royalty + quote.protocol, quote.total);
		// Rounded up, exactly.
		let base = u128::from(quote.attesters + quote.royalty);
		let share = (base * u128::from(parts)).div_ceil(1_000_000_000);
		prop_assert_eq!(u128::from(quote.protocol), share);

		let bill = terms.quote(agreeing.min(size));
		prop_assert!(bill.total <= quote.total);
		// A requester cannot pay less by splitting attesters and royalty.
		prop_assert_eq!(terms.protocol(quote.attesters, royalty), quote.protocol);
	}

	#[test]
	fn a_quote_that_does_not_fit_is_more_than_anybody_has(
		per_attester: u64,
		royalty: u64,
		parts in 0..=1_000_000_000u32,
		size in 1..=15u8,
	) {
		let terms = FeeTerms { per_attester, royalty, cut: Perbill::from_parts(parts) };
		let base = u128::from(per_attester) * u128::from(size) + u128::from(royalty);
		let exact = base + (base * u128::from(parts)).div_ceil(1_000_000_000);
		let total = terms.quote(size).total;
		prop_assert_eq!(u128::from(total), exact.min(u64::MAX.into()));
	}
}
