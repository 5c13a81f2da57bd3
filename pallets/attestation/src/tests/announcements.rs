// SPDX-License-Identifier: Apache-2.0
//! Announcements that a node signs.

use crate::{Announced, Call, Error, Event, mock::*};
use frame_support::{assert_noop, assert_ok};
use jurat_primitives::{
	ReleaseId, announcement::Announcement, crypto::AttestationSignature, limits::MAX_ANNOUNCED,
};
use sp_core::Pair;
use sp_runtime::{
	BoundedVec, DispatchError,
	transaction_validity::{InvalidTransaction, TransactionValidityError, ValidTransaction},
};

fn releases(models: &[u32]) -> BoundedVec<ReleaseId, jurat_primitives::limits::MaxAnnounced> {
	BoundedVec::truncate_from(models.iter().map(|model| release(*model)).collect())
}

fn of(who: AccountId, sequence: u64, serve: &[u32], stop: &[u32]) -> Announcement<AccountId> {
	let (serve, stop) = (releases(serve), releases(stop));
	Announcement { attester: who, session: Session::get(), sequence, serve, stop }
}

fn sign(who: AccountId, announcement: &Announcement<AccountId>) -> AttestationSignature {
	pair(who).sign(&announcement.signing_payload(&Attestation::genesis()))
}

type Done = Result<ValidTransaction, TransactionValidityError>;

fn announce(announcement: Announcement<AccountId>) -> Done {
	let signature = sign(announcement.attester, &announcement);
	apply(Call::announce { announcement, signature })
}

fn refused(done: Done) -> InvalidTransaction {
	match done {
		Err(TransactionValidityError::Invalid(reason)) => reason,
		other => panic!("{other:?}"),
	}
}

fn bond(validators: &[AccountId]) {
	for who in validators {
		assert_ok!(Attestation::bond(RuntimeOrigin::signed(*who), MinBond::get()));
	}
}

fn later() {
	System::set_block_number(System::block_number() + 10);
}

#[test]
fn a_node_announces_and_withdraws_without_a_fee_or_an_account_s_signature() {
	ExtBuilder.build_and_execute(|| {
		bond(&[1]);
		let valid = announce(of(1, 1, &[1, 2, 3], &[])).unwrap();
		assert!(valid.propagate && valid.priority < 1_000_000);
		assert_eq!(valid.provides.len(), 1);
		assert_eq!(Attestation::serving(1), [release(1), release(2), release(3)]);
		later();
		let next = announce(of(1, 2, &[4], &[1, 3])).unwrap();
		assert_ne!(valid.provides, next.provides);
		assert_eq!(Attestation::serving(1), [release(2), release(4)]);
		assert!(Attestation::servers(release(1)).is_empty());
		assert_eq!(
			events()[5..],
			[
				Event::Announced { attester: 1, sequence: 2 },
				Event::ServingStopped { attester: 1, release: release(1) },
				Event::ServingStopped { attester: 1, release: release(3) },
				Event::ServingStarted { attester: 1, release: release(4) },
			]
		);
	});
}

#[test]
fn what_does_not_apply_is_said_and_keeps_nothing_back() {
	ExtBuilder.build_and_execute(|| {
		bond(&[1]);
		announce(of(1, 1, &[1], &[])).unwrap();
		later();
		announce(of(1, 2, &[1, 2], &[7])).unwrap();
		assert_eq!(Attestation::serving(1), [release(1), release(2)]);
		let skipped = |release, error: Error<Test>| Event::AnnouncementSkipped {
			attester: 1,
			release,
			error: error.into(),
		};
		assert_eq!(
			events()[4..],
			[
				skipped(release(7), Error::NotServing),
				skipped(release(1), Error::AlreadyServing),
				Event::ServingStarted { attester: 1, release: release(2) },
			]
		);
	});
}

#[test]
fn an_announcement_counts_once_and_in_its_turn() {
	ExtBuilder.build_and_execute(|| {
		bond(&[1]);
		assert_eq!(refused(announce(of(1, 0, &[1], &[]))), InvalidTransaction::Stale);
		assert_eq!(refused(announce(of(1, 2, &[1], &[]))), InvalidTransaction::Future);
		let first = of(1, 1, &[1], &[]);
		announce(first.clone()).unwrap();
		// Back to where it could be taken again, if it were not for its number.
		assert_ok!(Attestation::stop_serving(RuntimeOrigin::signed(1), release(1)));
		later();
		assert_eq!(refused(announce(first)), InvalidTransaction::Stale);
		announce(of(1, 2, &[1], &[])).unwrap();
	});
}

#[test]
fn one_is_taken_in_an_interval() {
	ExtBuilder.build_and_execute(|| {
		bond(&[1, 2]);
		announce(of(1, 1, &[1], &[])).unwrap();
		System::set_block_number(System::block_number() + 9);
		assert_eq!(refused(announce(of(1, 2, &[2], &[]))), InvalidTransaction::Future);
		// Others have their own.
		announce(of(2, 1, &[2], &[])).unwrap();
		System::set_block_number(System::block_number() + 1);
		announce(of(1, 2, &[2], &[])).unwrap();
		assert_eq!(Announced::<Test>::get(1).map(|last| last.sequence), Some(2));
	});
}

#[test]
fn only_the_key_of_this_session_announces() {
	ExtBuilder.build_and_execute(|| {
		bond(&[1]);
		let outsider = VALIDATORS + 1;
		bond(&[outsider]);
		let done = announce(of(outsider, 1, &[1], &[]));
		assert_eq!(refused(done), InvalidTransaction::BadSigner);
		let announcement = of(1, 1, &[1], &[]);
		let signature = sign(2, &announcement);
		let done = apply(Call::announce { announcement, signature });
		assert_eq!(refused(done), InvalidTransaction::BadProof);
		for change in [(|a| a.serve = releases(&[2])) as fn(&mut Announcement<AccountId>), |a| {
			a.stop = releases(&[2])
		}] {
			let mut announcement = of(1, 1, &[1], &[]);
			let signature = sign(1, &announcement);
			change(&mut announcement);
			let done = apply(Call::announce { announcement, signature });
			assert_eq!(refused(done), InvalidTransaction::BadProof);
		}
		let old = of(1, 1, &[1], &[]);
		Session::set(8);
		assert_eq!(refused(announce(old)), InvalidTransaction::Stale);
		announce(of(1, 1, &[1], &[])).unwrap();
	});
}

#[test]
fn what_would_change_nothing_never_enters_a_block() {
	ExtBuilder.build_and_execute(|| {
		// Without a bond.
		assert_eq!(refused(announce(of(1, 1, &[1], &[]))), InvalidTransaction::Call);
		bond(&[1]);
		announce(of(1, 1, &[1], &[])).unwrap();
		later();
		assert_eq!(refused(announce(of(1, 2, &[1], &[]))), InvalidTransaction::Call);
		assert_eq!(refused(announce(of(1, 2, &[], &[2]))), InvalidTransaction::Call);
		forbid_serving();
		assert_eq!(refused(announce(of(1, 2, &[2], &[]))), InvalidTransaction::Call);
		// A full list has a place only if somebody in it can not work.
		announce(of(1, 2, &[2], &[1])).unwrap();
	});
}

#[test]
fn a_full_list_is_no_reason_to_be_taken() {
	ExtBuilder.build_and_execute(|| {
		serve(&(1..=20).collect::<Vec<_>>());
		bond(&[21]);
		assert_eq!(refused(announce(of(21, 1, &[0], &[]))), InvalidTransaction::Call);
		assert_ok!(Attestation::unbond(RuntimeOrigin::signed(6), 1_000));
		announce(of(21, 1, &[0], &[])).unwrap();
		assert_eq!(Attestation::serving(6), []);
	});
}

#[test]
fn lists_that_are_empty_unordered_or_repeat_a_release_are_refused() {
	ExtBuilder.build_and_execute(|| {
		bond(&[1]);
		for (serve, stop) in
			[(&[][..], &[][..]), (&[2, 1], &[]), (&[1, 1], &[]), (&[], &[2, 1]), (&[1, 2], &[1])]
		{
			assert_eq!(refused(announce(of(1, 1, serve, stop))), InvalidTransaction::Call);
		}
	});
}

#[test]
fn nobody_announces_by_a_signed_or_root_origin() {
	ExtBuilder.build_and_execute(|| {
		bond(&[1]);
		let announcement = of(1, 1, &[1], &[]);
		let signature = sign(1, &announcement);
		for origin in [RuntimeOrigin::signed(1), RuntimeOrigin::root(), RuntimeOrigin::none()] {
			assert_noop!(
				Attestation::announce(origin, announcement.clone(), signature.clone()),
				DispatchError::BadOrigin
			);
		}
	});
}

#[test]
fn room_is_made_before_it_is_taken() {
	ExtBuilder.build_and_execute(|| {
		bond(&[1]);
		let limit = jurat_primitives::limits::MAX_SERVED;
		for model in 0..limit {
			assert_ok!(Attestation::serve(RuntimeOrigin::signed(1), release(model)));
		}
		let serve: Vec<_> = (limit..limit + MAX_ANNOUNCED).collect();
		let stop: Vec<_> = (0..MAX_ANNOUNCED).collect();
		announce(of(1, 1, &serve, &stop)).unwrap();
		assert!(!events().iter().any(|event| matches!(event, Event::AnnouncementSkipped { .. })));
		assert_eq!(Attestation::serving(1).len(), limit as usize);
	});
}
