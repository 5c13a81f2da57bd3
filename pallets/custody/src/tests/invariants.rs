// SPDX-License-Identifier: Apache-2.0
//! Each invariant is broken once, and found.

use crate::{Deadlines, NextDeadline, Questions, Records, mock::*};

fn broken(by: fn(u64)) -> bool {
	ExtBuilder.build().execute_with(|| {
		until_asked(1);
		Custody::do_try_state().unwrap();
		by(1);
		Custody::do_try_state().is_err()
	})
}

#[test]
fn each_flaw_is_found() {
	assert!(broken(Questions::<Test>::remove));
	assert!(broken(|who| {
		let question = Questions::<Test>::get(who).unwrap();
		Deadlines::<Test>::remove(question.until, who);
	}));
	assert!(broken(|_| Deadlines::<Test>::insert(9_999, 77, ())));
	assert!(broken(|_| NextDeadline::<Test>::put(9_999)));
	assert!(broken(Records::<Test>::remove));
	assert!(broken(|who| Records::<Test>::mutate(who, |record| record.proved += 1)));
	assert!(broken(|who| {
		Questions::<Test>::mutate(who, |slot| slot.as_mut().unwrap().chunk = u64::MAX);
	}));
	assert!(broken(|who| {
		Questions::<Test>::mutate(who, |slot| slot.as_mut().unwrap().asked = u64::MAX);
	}));
}
