// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! The messages, byte for byte, and what is not one.

use crate::{
	Held, MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES, Malformed, Request, Response,
	protocol::{MAX_RANGES, MAX_RETRY_AFTER, protocol_name},
};
use codec::{Decode, Encode};
use jurat_store::{ContentHash, MAX_ENCODED_RANGE};
use std::time::Duration;

#[test]
fn messages_are_these_bytes() {
	let content = ContentHash([0xab; 32]);
	let hash = "ab".repeat(32);
	let have = Request::Have { content, size: 0x0102 };
	assert_eq!(hex::encode(have.encode()), format!("00{hash}0201000000000000"));
	let range = Request::Range { content, size: 1, index: 0x0203 };
	assert_eq!(hex::encode(range.encode()), format!("01{hash}010000000000000003020000"));
	let held = Response::Have(Held::of([0, 9]));
	for (response, expected) in [
		(Response::Range(vec![5, 6]), "00080506"),
		(Response::Have(Held::All), "0100"),
		(held, "0101080102"),
		(Response::NotHere, "02"),
		(Response::busy(Duration::from_millis(258)), "0302010000"),
	] {
		assert_eq!(hex::encode(response.encode()), expected);
		assert_eq!(Response::read(&response.encode()), Ok(response));
	}
}

#[test]
fn requests_and_responses_fit_the_limits_of_the_network() {
	let content = ContentHash([0; 32]);
	for request in [
		Request::Have { content, size: u64::MAX },
		Request::Range { content, size: u64::MAX, index: u32::MAX },
	] {
		assert!(request.encoded_size() as u64 <= MAX_REQUEST_BYTES);
	}
	let largest = Response::Range(vec![0; MAX_ENCODED_RANGE]);
	assert!(largest.encoded_size() as u64 <= MAX_RESPONSE_BYTES);
	assert!(Response::read(&largest.encode()).is_ok());
	let all = Response::Have(Held::of(0..MAX_RANGES as u32));
	assert!(Response::read(&all.encode()).is_ok());
}

#[test]
fn what_is_longer_than_there_is_use_for_is_no_message() {
	let content = ContentHash([0; 32]);
	let mut request = Request::Have { content, size: 1 }.encode();
	request.push(0);
	assert_eq!(Request::read(&request), Err(Malformed));
	assert_eq!(Request::read(&request[..20]), Err(Malformed));
	assert_eq!(Request::read(&[]), Err(Malformed));
	let too_many = Response::Have(Held::of([MAX_RANGES as u32]));
	assert_eq!(Response::read(&too_many.encode()), Err(Malformed));
	let too_long = Response::Range(vec![0; MAX_ENCODED_RANGE + 1]);
	assert_eq!(Response::read(&too_long.encode()), Err(Malformed));
	let mut followed = Response::NotHere.encode();
	followed.push(0);
	assert_eq!(Response::read(&followed), Err(Malformed));
	// A length that is not there takes no memory.
	assert_eq!(Response::read(&[0, 0xfe, 0xff, 0xff, 0xff]), Err(Malformed));
}

#[test]
fn nobody_is_put_off_for_longer_than_half_a_minute() {
	let Response::Busy { retry_after } = Response::busy(Duration::MAX) else { panic!() };
	assert_eq!(u128::from(retry_after), MAX_RETRY_AFTER.as_millis());
}

#[test]
fn what_is_held_is_what_was_said() {
	let held = Held::of([1, 8, 1000]);
	let read = Held::decode(&mut &*held.encode()).unwrap();
	for index in 0..3000 {
		assert_eq!(read.has(index), [1, 8, 1000].contains(&index));
	}
	assert!(Held::of([]).is_empty() && Held::Some(vec![0; 9]).is_empty());
	assert!(!held.is_empty() && !Held::All.is_empty() && Held::All.has(u32::MAX));
}

#[test]
fn the_protocol_has_the_name_of_its_chain_and_fork() {
	let genesis = [0xcd; 32];
	let hash = "cd".repeat(32);
	assert_eq!(protocol_name(genesis, None), format!("/{hash}/jurat/blob/1"));
	assert_eq!(protocol_name(genesis, Some("fork")), format!("/{hash}/fork/jurat/blob/1"));
}
