// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Answers what peers ask.
//!
//! Every request is answered, refused or put off as it comes; nothing waits without a bound. A
//! range holds its place from when it is admitted until the network has sent it, so that memory is
//! at most [`ServeLimits::ranges`] ranges, however slowly peers read. A peer that reads too slowly
//! loses its place after [`ServeLimits::send_timeout`]; the network drops its answer soon after.

use codec::Encode;
use futures::{
	FutureExt, StreamExt, channel::oneshot, future::BoxFuture, stream::FuturesUnordered,
};
use jurat_store::{ContentHash, RANGE};
use sc_network::{
	ReputationChange,
	request_responses::{IncomingRequest, OutgoingResponse},
};
use sc_network_types::PeerId;
use std::{
	collections::{HashMap, VecDeque},
	sync::Arc,
	time::Duration,
};

use crate::{
	LOG_TARGET,
	gate::{Gate, Refusal, ServeLimits},
	metrics::{Metrics, Served},
	network::cost,
	protocol::{Request, Response},
	shelf::Shelf,
};

/// How long who comes when every place is taken is put off.
const CROWDED: Duration = Duration::from_millis(500);

/// Answers what peers ask, until the network is gone.
pub struct Server {
	requests: async_channel::Receiver<IncomingRequest>,
	desk: Desk,
}

/// A range that somebody waits for.
struct Order {
	peer: PeerId,
	content: ContentHash,
	size: u64,
	index: u32,
	reply: oneshot::Sender<OutgoingResponse>,
}

struct Desk {
	shelf: Arc<Shelf>,
	gate: Gate,
	limits: ServeLimits,
	metrics: Metrics,
	/// Orders that are waited for, read or sent, by peer.
	of_peer: HashMap<PeerId, usize>,
	waiting: VecDeque<Order>,
	/// Orders that are read or sent. Gives back whose it was.
	busy: FuturesUnordered<BoxFuture<'static, PeerId>>,
}

impl Server {
	pub(crate) fn new(
		requests: async_channel::Receiver<IncomingRequest>,
		shelf: Arc<Shelf>,
		limits: ServeLimits,
		metrics: Metrics,
	) -> Self {
		let gate = Gate::new(limits.clone());
		let (of_peer, waiting, busy) = Default::default();
		Self { requests, desk: Desk { shelf, gate, limits, metrics, of_peer, waiting, busy } }
	}

	/// Answers until the network is gone. Reads disks on tokio's threads for blocking work.
	pub async fn run(mut self) {
		loop {
			tokio::select! {
				request = self.requests.next() => match request {
					Some(request) => self.desk.take(request),
					None => return,
				},
				Some(peer) = self.desk.busy.next() => self.desk.left(&peer),
			}
			self.desk.serve_waiting();
		}
	}
}

impl Desk {
	fn take(&mut self, request: IncomingRequest) {
		let IncomingRequest { peer, payload, pending_response: reply } = request;
		let Ok(request) = Request::read(&payload) else {
			return self.refuse(&peer, reply, Refusal::Abuse(cost::BAD_REQUEST));
		};
		if let Err(refusal) = self.gate.request(&peer) {
			return self.refuse(&peer, reply, refusal);
		}
		match request {
			Request::Have { content, size } => {
				let held = self.shelf.held(&content, size);
				let result = if held.is_some() { Served::Ok } else { Served::NotHere };
				answer(reply, held.map_or(Response::NotHere, Response::Have), None);
				self.metrics.served(result, 0);
			},
			Request::Range { content, size, index } => {
				self.order(Order { peer, content, size, index, reply });
			},
		}
	}

	fn order(&mut self, order: Order) {
		let Order { peer, content, size, index, .. } = order;
		// What is not here is not waited for.
		if !self.shelf.held(&content, size).is_some_and(|held| held.has(index)) {
			answer(order.reply, Response::NotHere, None);
			return self.metrics.served(Served::NotHere, 0);
		}
		let orders = self.of_peer.get(&peer).copied().unwrap_or_default();
		if orders >= self.limits.peer_ranges || self.waiting.len() >= self.limits.queue {
			let refusal = self.gate.put_off(&peer, CROWDED);
			return self.refuse(&peer, order.reply, refusal);
		}
		if let Err(refusal) = self.gate.range(&peer, content, index, RANGE.min(size)) {
			return self.refuse(&peer, order.reply, refusal);
		}
		*self.of_peer.entry(peer).or_default() += 1;
		self.waiting.push_back(order);
	}

	fn serve_waiting(&mut self) {
		while self.busy.len() < self.limits.ranges
			&& let Some(order) = self.waiting.pop_front()
		{
			let peer = order.peer;
			let (shelf, metrics) = (self.shelf.clone(), self.metrics.clone());
			let serve = serve(order, shelf, self.limits.send_timeout, metrics);
			self.busy.push(serve.map(move |()| peer).boxed());
		}
		self.metrics.queue(self.waiting.len() + self.busy.len());
	}

	/// An order of this peer has come to its end.
	fn left(&mut self, peer: &PeerId) {
		if let Some(orders) = self.of_peer.get_mut(peer) {
			*orders -= 1;
			if *orders == 0 {
				self.of_peer.remove(peer);
			}
		}
	}

	fn refuse(&self, peer: &PeerId, reply: oneshot::Sender<OutgoingResponse>, refusal: Refusal) {
		match refusal {
			Refusal::Busy(wait) => {
				answer(reply, Response::busy(wait), None);
				self.metrics.served(Served::Busy, 0);
			},
			Refusal::Abuse(change) => {
				log::debug!(target: LOG_TARGET, "{peer}: {}", change.reason);
				dismiss(reply, change);
				self.metrics.served(Served::Abuse, 0);
				self.metrics.penalised();
			},
		}
	}
}

/// Reads a range and sends it.
async fn serve(order: Order, shelf: Arc<Shelf>, send_timeout: Duration, metrics: Metrics) {
	let Order { peer, content, size, index, reply } = order;
	if reply.is_canceled() {
		return metrics.served(Served::Gone, 0);
	}
	let read = tokio::task::spawn_blocking(move || shelf.encode(&content, size, index)).await;
	let Ok(Some(encoded)) = read else {
		answer(reply, Response::NotHere, None);
		return metrics.served(Served::NotHere, 0);
	};
	let bytes = encoded.len() as u64;
	log::trace!(target: LOG_TARGET, "range {index} of {content} goes to {peer}");
	let (sent, was_sent) = oneshot::channel();
	if !answer(reply, Response::Range(encoded), Some(sent)) {
		return metrics.served(Served::Gone, 0);
	}
	// An error says that the network has dropped it, which frees the memory as well.
	let _ = tokio::time::timeout(send_timeout, was_sent).await;
	metrics.served(Served::Ok, bytes);
}

/// Sends a response. Whether somebody was there to take it.
fn answer(
	reply: oneshot::Sender<OutgoingResponse>,
	response: Response,
	sent_feedback: Option<oneshot::Sender<()>>,
) -> bool {
	let result = Ok(response.encode());
	reply.send(OutgoingResponse { result, reputation_changes: Vec::new(), sent_feedback }).is_ok()
}

/// Closes the stream without an answer.
fn dismiss(reply: oneshot::Sender<OutgoingResponse>, change: ReputationChange) {
	let reputation_changes = vec![change];
	// Who is gone has the change of reputation coming at its next request.
	let _ =
		reply.send(OutgoingResponse { result: Err(()), reputation_changes, sent_feedback: None });
}
