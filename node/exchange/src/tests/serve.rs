// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! What the serving side does with those who ask too much.

use super::net::{Net, bytes, quick};
use crate::{
	Config, Request, Response, ServeLimits, Server, metrics::Metrics, network::cost, shelf::Shelf,
};
use codec::Encode;
use futures::channel::oneshot;
use jurat_store::{ContentHash, Limits, RANGE, Store, hash};
use sc_network::request_responses::{IncomingRequest, OutgoingResponse};
use sc_network_types::PeerId;
use std::{sync::Arc, time::Duration};
use tempfile::TempDir;

const MIB: usize = RANGE as usize;

/// A server, without a network in front of it.
struct Desk {
	requests: async_channel::Sender<IncomingRequest>,
	content: ContentHash,
	size: u64,
	_dir: TempDir,
}

impl Desk {
	fn new(limits: ServeLimits, blob: &[u8]) -> Self {
		let dir = tempfile::tempdir().unwrap();
		let store = Store::open(dir.path(), Limits::default()).unwrap();
		let content = store.put_bytes(blob).unwrap();
		let (requests, queue) = async_channel::bounded(10_000);
		let shelf = Arc::new(Shelf::new(store));
		tokio::spawn(Server::new(queue, shelf, limits, Metrics::default()).run());
		Self { requests, content, size: blob.len() as u64, _dir: dir }
	}

	fn ask(&self, peer: PeerId, payload: Vec<u8>) -> oneshot::Receiver<OutgoingResponse> {
		let (tx, rx) = oneshot::channel();
		let request = IncomingRequest { peer, payload, pending_response: tx };
		self.requests.try_send(request).unwrap();
		rx
	}

	fn range(&self, peer: PeerId, index: u32) -> oneshot::Receiver<OutgoingResponse> {
		let request = Request::Range { content: self.content, size: self.size, index };
		self.ask(peer, request.encode())
	}
}

#[derive(Default, Debug)]
struct Answers {
	ranges: usize,
	busy: usize,
	abuse: usize,
	other: usize,
	/// Kept: what is not sent yet.
	sending: Vec<oneshot::Sender<()>>,
}

async fn answers(asked: Vec<oneshot::Receiver<OutgoingResponse>>, read: bool) -> Answers {
	let mut answers = Answers::default();
	for response in asked {
		let Ok(answer) = tokio::time::timeout(Duration::from_secs(1), response).await else {
			answers.other += 1;
			continue;
		};
		let OutgoingResponse { result, reputation_changes, sent_feedback } = answer.unwrap();
		match result.map(|bytes| Response::read(&bytes).unwrap()) {
			Ok(Response::Range(_)) => answers.ranges += 1,
			Ok(Response::Busy { retry_after }) => {
				assert!(retry_after >= 250);
				answers.busy += 1;
			},
			Ok(_) => answers.other += 1,
			Err(()) => {
				assert!(reputation_changes.iter().all(|change| change.value < 0));
				assert_eq!(reputation_changes.len(), 1);
				answers.abuse += 1;
			},
		}
		match sent_feedback {
			Some(sent) if read => drop(sent.send(())),
			Some(sent) => answers.sending.push(sent),
			None => {},
		}
	}
	answers
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_bounded_costs_reputation_and_leaves_others_served() {
	let limits = ServeLimits::default();
	let desk = Desk::new(limits.clone(), &bytes(8 * MIB));
	let (flooder, other) = (PeerId::random(), PeerId::random());
	let flood: Vec<_> = (0..5000).map(|i| desk.range(flooder, i % 8)).collect();
	let mut theirs = Vec::new();
	for index in 0..8 {
		theirs.push(desk.range(other, index));
	}
	let theirs = answers(theirs, true).await;
	assert_eq!(theirs.ranges, 8, "{theirs:?}");
	let flood = answers(flood, true).await;
	assert!(flood.ranges <= 8 * limits.same as usize, "{flood:?}");
	assert!(flood.busy <= 2 * limits.peer_requests as usize + 200 + limits.forgiven as usize);
	assert!(flood.abuse > 4000, "{flood:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_range_again_and_again_costs_reputation() {
	let desk = Desk::new(ServeLimits::default(), &bytes(2 * MIB));
	let peer = PeerId::random();
	for _ in 0..ServeLimits::default().same {
		assert_eq!(answers(vec![desk.range(peer, 1)], true).await.ranges, 1);
	}
	let again = desk.range(peer, 1).await.unwrap();
	assert!(again.result.is_err());
	assert_eq!(again.reputation_changes, [cost::SAME_REQUEST]);
	// Other ranges, and other peers, are another matter.
	assert_eq!(answers(vec![desk.range(peer, 0)], true).await.ranges, 1);
	assert_eq!(answers(vec![desk.range(PeerId::random(), 1)], true).await.ranges, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_slowly_holds_only_its_own_places_and_not_for_ever() {
	let limits = ServeLimits {
		peer_ranges: 3,
		ranges: 6,
		send_timeout: Duration::from_millis(500),
		..ServeLimits::default()
	};
	let desk = Desk::new(limits, &bytes(16 * MIB));
	let (slow, other) = (PeerId::random(), PeerId::random());
	let held = answers((0..8).map(|index| desk.range(slow, index)).collect(), false).await;
	assert_eq!((held.ranges, held.busy), (3, 5), "{held:?}");
	let theirs = answers((0..3).map(|index| desk.range(other, index)).collect(), true).await;
	assert_eq!(theirs.ranges, 3, "{theirs:?}");
	tokio::time::sleep(Duration::from_millis(1200)).await;
	let again = answers(vec![desk.range(slow, 9)], true).await;
	assert_eq!(again.ranges, 1, "{again:?}");
	drop(held);
}

#[tokio::test(flavor = "multi_thread")]
async fn places_are_bounded_whoever_asks() {
	let limits = ServeLimits {
		peer_ranges: 2,
		ranges: 4,
		queue: 6,
		send_timeout: Duration::from_secs(60),
		..ServeLimits::default()
	};
	let desk = Desk::new(limits, &bytes(2 * MIB));
	let many: Vec<_> = (0..50).map(|_| desk.range(PeerId::random(), 0)).collect();
	let many = answers(many, false).await;
	// Four are being sent; six wait, without an answer yet; the others are put off.
	assert_eq!((many.ranges, many.other, many.busy), (4, 6, 40), "{many:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_is_sent_than_the_operator_allows() {
	let limits = ServeLimits { upload: Some(4 * RANGE), ..ServeLimits::default() };
	let desk = Desk::new(limits, &bytes(32 * MIB));
	// Each of them is within its own limits.
	let asked: Vec<_> = (0..32).map(|index| desk.range(PeerId::random(), index)).collect();
	let got = answers(asked, true).await;
	assert!((4..=9).contains(&got.ranges), "{got:?}");
	assert_eq!(got.busy, 32 - got.ranges);
	tokio::time::sleep(Duration::from_millis(1100)).await;
	let asked: Vec<_> = (0..32).map(|index| desk.range(PeerId::random(), index)).collect();
	let later = answers(asked, true).await;
	assert!((3..=6).contains(&later.ranges), "{later:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_peer_gets_no_more_than_its_share_and_pays_for_not_heeding_it() {
	let limits = ServeLimits { peer_upload: RANGE, forgiven: 5, ..ServeLimits::default() };
	let desk = Desk::new(limits, &bytes(8 * MIB));
	let greedy = PeerId::random();
	let first = answers((0..8).map(|index| desk.range(greedy, index)).collect(), true).await;
	assert!(first.ranges <= 3 && first.busy >= 5 && first.abuse == 0, "{first:?}");
	assert_eq!(answers(vec![desk.range(PeerId::random(), 0)], true).await.ranges, 1);
	// Told to wait, and half a second later it still does not.
	tokio::time::sleep(Duration::from_millis(400)).await;
	let mut abuse = 0;
	for round in 0..200 {
		abuse += answers(vec![desk.range(greedy, round % 8)], true).await.abuse;
		tokio::time::sleep(Duration::from_millis(5)).await;
	}
	assert!(abuse > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_request_cost_reputation() {
	let desk = Desk::new(ServeLimits::default(), b"blob");
	for garbage in [vec![], vec![9; 45], vec![0; 64]] {
		let response = desk.ask(PeerId::random(), garbage).await.unwrap();
		assert!(response.result.is_err());
		assert_eq!(response.reputation_changes, [cost::BAD_REQUEST]);
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_here_is_told_and_costs_nothing() {
	let desk = Desk::new(ServeLimits::default(), &bytes(MIB));
	let peer = PeerId::random();
	let (content, size) = (desk.content, desk.size);
	let other = hash(b"other");
	for request in [
		Request::Have { content: other, size: 5 },
		Request::Have { content, size: size + 1 },
		Request::Range { content: other, size: 5, index: 0 },
		Request::Range { content, size: size + 1, index: 0 },
		Request::Range { content, size, index: 1 },
		Request::Range { content, size, index: u32::MAX },
	] {
		let response = desk.ask(peer, request.encode()).await.unwrap();
		let answer = Response::read(&response.result.unwrap()).unwrap();
		assert_eq!(answer, Response::NotHere, "{request:?}");
		assert!(response.reputation_changes.is_empty());
	}
	let have = desk.ask(peer, Request::Have { content, size }.encode()).await.unwrap();
	assert!(matches!(Response::read(&have.result.unwrap()), Ok(Response::Have(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_that_rots_is_not_sent() {
	let net = Net::default();
	let blob = bytes(2 * MIB);
	let rotten = net.peer_having(&blob);
	let (content, size) = (hash(&blob), blob.len() as u64);
	let path = rotten.store.path_if_present(&content).unwrap();
	let mut bytes = blob.clone();
	bytes[1_500_000] ^= 1;
	// The blob is read-only: another file takes its name.
	std::fs::remove_file(&path).unwrap();
	std::fs::write(&path, bytes).unwrap();
	let me = net.peer_with(Config { fetches: 1, ..quick() }, Limits::default());
	let outcome = me.fetch(content, size, Duration::from_secs(10)).await;
	assert!(outcome.is_err());
	assert!(me.reports().is_empty(), "who does not know that its disk rots is no liar");
}
