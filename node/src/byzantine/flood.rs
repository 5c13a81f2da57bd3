// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Garbage at full speed: authorised transactions that no node may accept.

use std::{
	num::NonZeroU32,
	sync::Arc,
	time::{Duration, Instant},
};

use codec::{Decode, Encode};
use futures_timer::Delay;
use jurat_primitives::batch::{CommitBatch, CommitEntry};
use jurat_runtime::AccountId;
use sp_core::{H256, Pair, sr25519};
use sp_io::hashing::blake2_256;
use sp_runtime::{BoundedVec, OpaqueExtrinsic, traits::TrailingZeroInput};

use super::{message::Message, pool::Shared};

/// Transactions that are made at once.
const ROUND: u32 = 32;
/// Pause between two rounds of a flood without a rate.
const BREATH: Duration = Duration::from_millis(1);

/// Sends garbage to the node's own pool and to its peers, for as long as the node runs.
pub async fn run(shared: Arc<Shared>, genesis: H256, rate: Option<NonZeroU32>) {
	let mut source = Garbage::new(genesis);
	let mut next = Instant::now();
	loop {
		let count = rate.map_or(ROUND, |rate| rate.get().min(ROUND));
		let last = shared.last_message();
		let garbage: Vec<_> = (0..count).map(|_| source.next(last.as_ref())).collect();
		shared.tell(&garbage);
		garbage.into_iter().for_each(|transaction| shared.submit(transaction));
		let wait = match rate {
			Some(rate) => {
				next += Duration::from_secs(1) * count / rate.get();
				next.saturating_duration_since(Instant::now())
			},
			None => Duration::ZERO,
		};
		// A task ends where it waits.
		Delay::new(wait.max(BREATH)).await;
	}
}

/// Makes garbage of four kinds, one after another, never twice the same.
struct Garbage {
	genesis: H256,
	/// A key that nobody appointed.
	stranger: sr25519::Pair,
	count: u64,
}

impl Garbage {
	fn new(genesis: H256) -> Self {
		let stranger = sr25519::Pair::from_seed(&blake2_256(b"nobody appointed this key"));
		Self { genesis, stranger, count: 0 }
	}

	/// Garbage that resembles this message, if there is one.
	fn next(&mut self, like: Option<&Message>) -> OpaqueExtrinsic {
		self.count += 1;
		let unique = H256(blake2_256(&self.count.encode()));
		let mut batch = match like {
			Some(Message::Commit(batch, _)) => batch.clone(),
			_ => nothing(),
		};
		if batch.entries.is_empty() {
			let entry: CommitEntry = zeroes();
			batch.entries = BoundedVec::truncate_from(vec![entry]);
		}
		for entry in batch.entries.iter_mut() {
			entry.commitment = unique;
			match self.count % 4 {
				// A request that never was.
				1 => entry.request = entry.request.saturating_add(1_000_000 + self.count),
				// Another request of that number.
				2 => entry.digest = unique,
				// Signed by a stranger.
				_ => {},
			}
		}
		let message = Message::Commit(batch, sr25519::Signature::default().into());
		let signature = self.stranger.sign(&message.payload(&self.genesis));
		let whole = message.with_signature(signature).transaction();
		if self.count % 4 == 3 { truncated(&whole) } else { whole }
	}
}

/// A transaction that ends too early.
fn truncated(transaction: &OpaqueExtrinsic) -> OpaqueExtrinsic {
	let bytes = Vec::<u8>::decode(&mut &transaction.encode()[..]).unwrap_or_default();
	let short = bytes[..bytes.len() * 3 / 4].to_vec().encode();
	OpaqueExtrinsic::decode(&mut &short[..]).unwrap_or_default()
}

fn zeroes<T: Decode>() -> T {
	T::decode(&mut TrailingZeroInput::zeroes()).expect("zeroes are such a value; qed")
}

fn nothing() -> CommitBatch<AccountId> {
	zeroes()
}

#[cfg(test)]
mod tests {
	use super::{
		super::message::testing::{commits, is_signed_by},
		*,
	};
	use sp_keyring::Sr25519Keyring::Alice;
	use std::collections::HashSet;

	#[test]
	fn garbage_is_of_four_kinds_and_never_twice_the_same() {
		let mut source = Garbage::new(H256([1; 32]));
		let like = commits(Alice, &[5]);
		let garbage: Vec<_> = (0..400).map(|_| source.next(Some(&like))).collect();
		let distinct: HashSet<_> = garbage.iter().map(Encode::encode).collect();
		assert_eq!(distinct.len(), garbage.len());
		let read: Vec<_> = garbage.iter().map(Message::read).collect();
		assert_eq!(read.iter().filter(|message| message.is_none()).count(), 100);
		assert!(read.iter().flatten().all(|message| !is_signed_by(message, Alice)));
		let Message::Commit(honest, _) = &like else { panic!("not a commitment") };
		let (mut unknown, mut other, mut foreign) = (0, 0, 0);
		for message in read.iter().flatten() {
			let Message::Commit(batch, _) = message else { panic!("not a commitment") };
			let (entry, honest) = (&batch.entries[0], &honest.entries[0]);
			match (entry.request == honest.request, entry.digest == honest.digest) {
				(false, true) => unknown += 1,
				(true, false) => other += 1,
				(true, true) => foreign += 1,
				_ => panic!("{entry:?}"),
			}
		}
		assert_eq!((unknown, other, foreign), (100, 100, 100));
	}

	#[test]
	fn there_is_garbage_before_there_is_a_message() {
		let mut source = Garbage::new(H256([1; 32]));
		assert!((0..4).all(|_| !source.next(None).encode().is_empty()));
	}
}
