// SPDX-License-Identifier: Apache-2.0
//! Messages of peers about blobs: what is read is bounded, and is what was sent.

#![no_main]

use codec::Encode;
use libfuzzer_sys::fuzz_target;

// As the exchange has it; the crate itself would bring a whole network along.
#[allow(dead_code)]
#[path = "../../node/exchange/src/protocol.rs"]
mod protocol;

fuzz_target!(|data: &[u8]| {
	let Some((kind, data)) = data.split_first() else { return };
	if kind % 2 == 0 {
		if let Ok(request) = protocol::Request::read(data) {
			assert_eq!(request.encode(), data);
		}
	} else if let Ok(response) = protocol::Response::read(data) {
		if let protocol::Response::Have(held) = &response {
			assert!(matches!(held, protocol::Held::All) || !held.has(u32::MAX));
		}
		// A length can be written in more ways than one, but means the same.
		assert_eq!(protocol::Response::read(&response.encode()), Ok(response));
	}
});
