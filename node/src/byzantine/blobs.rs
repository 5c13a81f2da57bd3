// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Wrong bytes for peers that fetch blobs.

use codec::Encode;
use futures::{FutureExt, channel::oneshot};
use jurat_exchange::{Response, async_channel};
use sc_network::request_responses::IncomingRequest;
use sc_service::SpawnTaskHandle;

/// Requests that wait for the honest part, at most.
const WAITING: usize = 64;

/// Passes requests on, and spoils each range on its way back.
pub fn spoiled(
	requests: async_channel::Receiver<IncomingRequest>,
	spawner: SpawnTaskHandle,
) -> async_channel::Receiver<IncomingRequest> {
	let (pass, passed) = async_channel::bounded(WAITING);
	let tasks = spawner.clone();
	let task = async move {
		while let Ok(IncomingRequest { peer, payload, pending_response }) = requests.recv().await {
			let (answer, answered) = oneshot::channel();
			let request = IncomingRequest { peer, payload, pending_response: answer };
			if pass.send(request).await.is_err() {
				return;
			}
			let reply = async move {
				if let Ok(mut response) = answered.await {
					response.result = response.result.map(spoil);
					// Who asked may be gone.
					let _ = pending_response.send(response);
				}
			};
			tasks.spawn("byzantine-blob", None, reply.boxed());
		}
	};
	spawner.spawn("byzantine-blobs", None, task.boxed());
	passed
}

/// Flips a bit in the middle of a range.
fn spoil(bytes: Vec<u8>) -> Vec<u8> {
	match Response::read(&bytes) {
		Ok(Response::Range(mut range)) => {
			let middle = range.len() / 2;
			if let Some(byte) = range.get_mut(middle) {
				*byte ^= 1;
			}
			Response::Range(range).encode()
		},
		_ => bytes,
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use jurat_exchange::Held;

	#[test]
	fn a_range_is_spoiled_by_one_bit_and_all_else_is_as_it_was() {
		let range = Response::Range(vec![7; 99]).encode();
		let spoiled = spoil(range.clone());
		let differing = range.iter().zip(&spoiled).filter(|(a, b)| a != b).count();
		assert_eq!((range.len(), differing), (spoiled.len(), 1));
		for other in [Response::Range(Vec::new()), Response::NotHere, Response::Have(Held::All)] {
			assert_eq!(spoil(other.encode()), other.encode());
		}
		assert_eq!(spoil(vec![9, 9]), vec![9, 9]);
	}
}
