// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! The network of a node: `sc-network`, whichever backend it has.

use futures::{
	FutureExt, Stream, StreamExt,
	channel::{mpsc, oneshot},
	future::BoxFuture,
	stream::BoxStream,
};
use jurat_store::ContentHash;
use parking_lot::Mutex;
use sc_network::{
	DhtEvent, IfDisconnected, KademliaKey, NetworkBackend, OutboundFailure, ProtocolName,
	ReputationChange, RequestFailure, request_responses::IncomingRequest,
	service::traits::NetworkService,
};
use sc_network_types::PeerId;
use sp_runtime::traits::Block;
use std::{collections::HashMap, sync::Arc, time::Duration};

use crate::{
	Network, RequestError,
	protocol::{MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES, protocol_name},
};

/// How long the network gives a request. The exchange itself gives less.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// Requests that wait until the exchange looks at them. It looks at each at once, so that this many
/// come only in a moment; more are refused by the network.
const QUEUE: usize = 256;

/// Peers that one look-up may name. Anybody can claim to have anything.
const PROVIDERS: usize = 64;

/// The protocol, for the configuration of the network; its name; and what peers will ask.
pub fn protocol_config<B: Block, N: NetworkBackend<B, B::Hash>>(
	genesis_hash: B::Hash,
	fork_id: Option<&str>,
) -> (N::RequestResponseProtocolConfig, ProtocolName, async_channel::Receiver<IncomingRequest>) {
	let name = ProtocolName::from(protocol_name(genesis_hash, fork_id));
	let (requests, queue) = async_channel::bounded(QUEUE);
	let config = N::request_response_config(
		name.clone(),
		Vec::new(),
		MAX_REQUEST_BYTES,
		MAX_RESPONSE_BYTES,
		REQUEST_TIMEOUT,
		Some(requests),
	);
	(config, name, queue)
}

/// Says which peers are connected now.
pub type Connected = Box<dyn Fn() -> BoxFuture<'static, Vec<PeerId>> + Send + Sync>;

/// The network of a node.
pub struct SubstrateNetwork {
	service: Arc<dyn NetworkService>,
	protocol: ProtocolName,
	connected: Connected,
	/// Who waits for an event of the hash table. One key has no more entries than there are fetches
	/// and announcements of one blob.
	waiting: Arc<Mutex<Waiting>>,
}

#[derive(Default)]
struct Waiting {
	providers: HashMap<Vec<u8>, Vec<mpsc::Sender<PeerId>>>,
	announcements: HashMap<Vec<u8>, oneshot::Sender<bool>>,
}

impl SubstrateNetwork {
	/// The network, the protocol that was [configured](protocol_config), and who is connected:
	/// only those who sync the chain know that.
	pub fn new(
		service: Arc<dyn NetworkService>,
		protocol: ProtocolName,
		connected: Connected,
	) -> Self {
		Self { service, protocol, connected, waiting: Default::default() }
	}

	/// Hands on what the hash table says: the `Event::Dht` of the network's event stream. Runs until
	/// that ends.
	pub fn run(
		&self,
		events: impl Stream<Item = DhtEvent> + Send + 'static,
	) -> impl Future<Output = ()> + Send + 'static {
		let waiting = self.waiting.clone();
		events.for_each(move |event| {
			waiting.lock().take(event);
			futures::future::ready(())
		})
	}
}

impl Waiting {
	fn take(&mut self, event: DhtEvent) {
		match event {
			DhtEvent::ProvidersFound(key, peers) => {
				let Some(waiting) = self.providers.get_mut(key.as_ref()) else { return };
				for sender in waiting {
					// A channel that is full has enough.
					peers.iter().all(|peer| sender.try_send(*peer).is_ok());
				}
			},
			DhtEvent::NoMoreProviders(key) | DhtEvent::ProvidersNotFound(key) => {
				self.providers.remove(key.as_ref());
			},
			DhtEvent::StartedProviding(key) => self.announced(&key, true),
			DhtEvent::StartProvidingFailed(key) => self.announced(&key, false),
			_ => {},
		}
	}

	fn announced(&mut self, key: &KademliaKey, noted: bool) {
		if let Some(announcement) = self.announcements.remove(key.as_ref()) {
			// Who no longer waits need not know.
			let _ = announcement.send(noted);
		}
	}
}

/// The key of a blob in the hash table: its hash.
fn key(content: &ContentHash) -> KademliaKey {
	KademliaKey::new(&content.0)
}

impl Network for SubstrateNetwork {
	fn request(
		&self,
		peer: PeerId,
		request: Vec<u8>,
	) -> BoxFuture<'static, Result<Vec<u8>, RequestError>> {
		let (tx, rx) = oneshot::channel();
		// Who has a blob need not be a peer with which this node syncs.
		let connect = IfDisconnected::TryConnect;
		self.service.start_request(peer, self.protocol.clone(), request, None, tx, connect);
		async move {
			match rx.await {
				Ok(Ok((response, _))) => Ok(response),
				Ok(Err(RequestFailure::Network(OutboundFailure::Timeout))) => {
					Err(RequestError::TimedOut)
				},
				Ok(Err(RequestFailure::NotConnected))
				| Ok(Err(RequestFailure::Network(
					OutboundFailure::DialFailure | OutboundFailure::ConnectionClosed,
				)))
				| Err(_) => Err(RequestError::Unreachable),
				Ok(Err(_)) => Err(RequestError::Refused),
			}
		}
		.boxed()
	}

	fn connected(&self) -> BoxFuture<'static, Vec<PeerId>> {
		(self.connected)()
	}

	fn providers(&self, content: ContentHash) -> BoxStream<'static, PeerId> {
		let key = key(&content);
		let (tx, rx) = mpsc::channel(PROVIDERS);
		{
			let mut waiting = self.waiting.lock();
			// Those who stopped waiting before their answer came.
			waiting.providers.retain(|_, waiting| {
				waiting.retain(|sender| !sender.is_closed());
				!waiting.is_empty()
			});
			waiting.providers.entry(key.to_vec()).or_default().push(tx);
		}
		self.service.get_providers(key);
		let me = self.service.local_peer_id();
		rx.filter(move |peer| futures::future::ready(*peer != me)).boxed()
	}

	fn start_providing(&self, content: ContentHash) -> BoxFuture<'static, bool> {
		let key = key(&content);
		let (tx, rx) = oneshot::channel();
		self.waiting.lock().announcements.insert(key.to_vec(), tx);
		self.service.start_providing(key);
		rx.map(|noted| noted.unwrap_or(false)).boxed()
	}

	fn stop_providing(&self, content: ContentHash) {
		let key = key(&content);
		self.waiting.lock().announcements.remove(key.as_ref());
		self.service.stop_providing(key);
	}

	fn report(&self, peer: PeerId, change: ReputationChange) {
		self.service.report_peer(peer, change);
	}
}
