// SPDX-License-Identifier: Apache-2.0
//! Frames between a node and the process that runs its models, of which the node trusts none: cut
//! off, too long, or no message at all. It reads them with a deadline and never hangs.

#![no_main]

use codec::Encode;
use jurat_engine::wire::{self, MAX_REQUEST, MAX_RESPONSE, Request, Response};
use libfuzzer_sys::fuzz_target;
use std::{
	io::Write,
	os::unix::net::UnixStream,
	time::{Duration, Instant},
};

fuzz_target!(|data: &[u8]| {
	let Some((kind, data)) = data.split_first() else { return };
	// What fits into a socket's buffer, so that nobody has to read while we write.
	if data.len() > 64 << 10 {
		return;
	}
	let Ok((ours, mut theirs)) = UnixStream::pair() else { return };
	if theirs.write_all(data).is_err() {
		return;
	}
	drop(theirs);
	let deadline = Some(Instant::now() + Duration::from_secs(5));
	if kind % 2 == 0 {
		again(wire::receive::<Response>(&ours, MAX_RESPONSE, deadline), MAX_RESPONSE, data);
	} else {
		again(wire::receive::<Request>(&ours, MAX_REQUEST, deadline), MAX_REQUEST, data);
	}
	assert!(deadline.is_some_and(|deadline| Instant::now() < deadline), "it waited");
});

/// A message that was read is the frame that was sent.
fn again<T: Encode>(message: Result<T, wire::WireError>, limit: usize, data: &[u8]) {
	if let Ok(message) = message {
		let frame = wire::frame(&message, limit).expect("it was within the limit; qed");
		assert!(data.starts_with(&frame));
	}
}
