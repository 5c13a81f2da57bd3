// SPDX-License-Identifier: Apache-2.0
//! What the worker announces of what the node wants to serve.

use super::worker::{Pool, next_block, on_node, submitted, work};
use crate::{Call, mock::*};
use frame_support::assert_ok;
use jurat_primitives::{
	ReleaseId,
	announcement::Announcement,
	limits::{MAX_ANNOUNCED, MAX_SERVED},
	mailbox::serving::{ServingWish, set_wish},
};
use sp_runtime::BoundedVec;

fn wish(models: impl IntoIterator<Item = u32>) {
	let releases: Vec<ReleaseId> = models.into_iter().map(release).collect();
	set_wish(Some(&ServingWish { releases: BoundedVec::truncate_from(releases) }));
}

fn bond(validators: &[AccountId]) {
	for who in validators {
		assert_ok!(Attestation::bond(RuntimeOrigin::signed(*who), MinBond::get()));
	}
}

/// Announcements that the worker submitted, which are applied.
fn announced(pool: &Pool) -> Vec<Announcement<AccountId>> {
	submitted(pool)
		.into_iter()
		.map(|call| {
			let Call::announce { ref announcement, .. } = call else { panic!("{call:?}") };
			let announcement = announcement.clone();
			apply(call).unwrap();
			announcement
		})
		.collect()
}

fn later() {
	System::set_block_number(System::block_number() + 10);
}

fn models(releases: &[ReleaseId]) -> Vec<u32> {
	releases.iter().map(|release| release.model).collect()
}

#[test]
fn a_node_announces_what_it_wants_and_withdraws_what_it_does_not() {
	on_node(&[1], |pool| {
		bond(&[1]);
		wish([5, 3]);
		work();
		let [first] = announced(pool).try_into().unwrap();
		assert_eq!((models(&first.serve), models(&first.stop)), (vec![3, 5], vec![]));
		wish([5, 4]);
		later();
		work();
		let [second] = announced(pool).try_into().unwrap();
		assert_eq!((models(&second.serve), models(&second.stop)), (vec![4], vec![3]));
		assert_eq!(models(&Attestation::serving(1)), [5, 4]);
		// Nothing differs.
		later();
		work();
		assert!(announced(pool).is_empty());
		// Nothing is wanted.
		wish([]);
		work();
		announced(pool);
		assert!(Attestation::serving(1).is_empty());
	});
}

#[test]
fn without_a_wish_the_operator_announces_by_hand() {
	on_node(&[1], |pool| {
		serve(&[1]);
		set_wish(None);
		work();
		assert!(submitted(pool).is_empty());
		assert_eq!(models(&Attestation::serving(1)), [0]);
	});
}

#[test]
fn what_was_not_included_is_announced_again_once_at_each_block() {
	on_node(&[1], |pool| {
		bond(&[1]);
		wish([1]);
		for _ in 0..3 {
			work();
			work();
			assert_eq!(submitted(pool).len(), 1);
			next_block();
		}
		// As what the chain says then.
		work();
		let [call] = submitted(pool).try_into().unwrap();
		apply(call).unwrap();
		next_block();
		work();
		assert!(submitted(pool).is_empty());
	});
}

#[test]
fn a_node_waits_for_its_turn() {
	on_node(&[1], |pool| {
		bond(&[1]);
		wish([1]);
		work();
		announced(pool);
		wish([1, 2]);
		let begun = System::block_number();
		while System::block_number() < begun + 8 {
			next_block();
			work();
			assert!(submitted(pool).is_empty());
		}
		// The next block is the tenth.
		next_block();
		work();
		let [call] = submitted(pool).try_into().unwrap();
		next_block();
		apply(call).unwrap();
		assert_eq!(models(&Attestation::serving(1)), [1, 2]);
	});
}

#[test]
fn each_attester_of_a_node_announces_and_nobody_else() {
	on_node(&[1, 2, 3], |pool| {
		bond(&[1, 2, 4]);
		wish([1]);
		work();
		let who: Vec<_> = announced(pool).into_iter().map(|one| one.attester).collect();
		assert_eq!(who.len(), 2);
		assert!(who.contains(&1) && who.contains(&2));
		// One that has left the session can not.
		session(&[3, 4]);
		wish([2]);
		later();
		work();
		assert!(submitted(pool).is_empty());
	});
}

#[test]
fn what_can_not_be_announced_is_not_tried() {
	on_node(&[1], |pool| {
		// Without a bond.
		wish([1]);
		work();
		assert!(submitted(pool).is_empty());
		bond(&[1]);
		forbid_serving();
		next_block();
		work();
		assert!(submitted(pool).is_empty());
	});
}

#[test]
fn a_long_wish_takes_several_announcements() {
	on_node(&[1], |pool| {
		bond(&[1]);
		wish(0..MAX_SERVED);
		let mut count = 0;
		while Attestation::serving(1).len() < MAX_SERVED as usize {
			later();
			work();
			let [one] = announced(pool).try_into().unwrap();
			assert_eq!(one.serve.len(), MAX_ANNOUNCED as usize);
			count += 1;
		}
		assert_eq!(count, MAX_SERVED / MAX_ANNOUNCED);
		// All of them others: room is made first.
		wish(MAX_SERVED..2 * MAX_SERVED);
		for _ in 0..20 {
			later();
			work();
			announced(pool);
		}
		let all = Attestation::serving(1);
		assert!(all.len() == MAX_SERVED as usize && all.iter().all(|r| r.model >= MAX_SERVED));
	});
}
