// SPDX-License-Identifier: Apache-2.0
//! What others may ask.

use super::*;
use jurat_primitives::{
	ContentHash,
	traits::{Conduct, JobSource, JobTerms, Seat},
	view::RequestView,
};

#[test]
fn an_open_request_is_shown_with_its_panel() {
	ExtBuilder::default().build_and_execute(|| {
		let id = request(EXACT, 1);
		next_block();
		let panel = vec![Seat { attester: ATTESTERS[0], stake: STAKE, conduct: Conduct::Silent }];
		let view = Inference::request_view(id, panel.clone()).unwrap();
		let request = Requests::<Test>::get(id).unwrap();
		assert_eq!(
			view,
			RequestView {
				request: id,
				digest: request.digest,
				requester: ALICE,
				release: EXACT,
				options: options(1),
				stage: Stage::Assigned,
				due: 12,
				deadline: 51,
				escrow: request.escrow,
				escalates: None,
				requested_at: 1,
				panel,
			}
		);
		assert_eq!(Inference::request_view(id + 1, vec![]), None);
		assert_eq!(Inference::settlement(id), None);
	});
}

#[test]
fn attesters_learn_what_to_run_while_a_request_is_open() {
	ExtBuilder::default().build_and_execute(|| {
		let id = request(APPROXIMATE, 1);
		let expected = JobTerms {
			content: ContentHash([2; 32]),
			size: 12_345,
			manifest: manifest(approximate(true)),
			input: input(&[1.0]),
		};
		assert_eq!(Inference::job(id), Some(expected));
		assert_ok!(Inference::cancel(RuntimeOrigin::signed(ALICE), id));
		assert_eq!(Inference::job(id), None);
		assert_eq!(Inference::job(77), None);
	});
}

#[test]
fn a_settlement_says_what_was_asked_and_by_whom() {
	ExtBuilder::default().build_and_execute(|| {
		let id = committed_request(EXACT, 1);
		let request = Requests::<Test>::get(id).unwrap();
		Attestation::reveal(id, ATTESTERS[0], output(&[4.0]));
		end_block();
		let settled = Inference::settlement(id).unwrap();
		assert_eq!(settled.requester, ALICE);
		assert_eq!(settled.release, EXACT);
		assert_eq!(settled.content, request.content);
		assert_eq!(settled.digest, request.digest);
		assert_eq!(settled.assurance, request.options.assurance);
		assert_eq!((settled.requested_at, settled.settled_at), (1, 4));
		assert_eq!(Inference::request_view(id, vec![]), None);
	});
}
