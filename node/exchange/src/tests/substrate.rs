// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! The network of a node, with both backends: real connections on this machine's loopback.

use super::net::{Tokio, bytes};
use crate::{Config, Exchange, ExchangeParams, SubstrateNetwork, protocol_config};
use futures::{FutureExt, StreamExt};
use jurat_store::{Limits, RANGE, Store, hash};
use parking_lot::Mutex;
use sc_network::{
	Event, Litep2pNetworkBackend, NetworkBackend, NetworkWorker,
	config::{
		FullNetworkConfiguration, MultiaddrWithPeerId, NetworkConfiguration, NotificationHandshake,
		Params, ProtocolId, Role, SetConfig,
	},
	service::traits::{NetworkService, NotificationEvent, ValidationResult},
};
use sc_network_types::PeerId;
use sp_core::H256;
use sp_runtime::{
	OpaqueExtrinsic,
	generic::{self, Header},
	traits::BlakeTwo256,
};
use std::{
	collections::HashSet,
	fs,
	sync::Arc,
	time::{Duration, Instant},
};
use tempfile::TempDir;

type Block = generic::Block<Header<u32, BlakeTwo256>, OpaqueExtrinsic>;

struct Node {
	service: Arc<dyn NetworkService>,
	store: Store,
	exchange: Exchange,
	connected: Arc<Mutex<HashSet<PeerId>>>,
	_dir: TempDir,
}

impl Node {
	/// A node that knows of these. `blind`: the exchange does not learn who is connected.
	async fn start<N: NetworkBackend<Block, H256>>(boot: &[&Node], blind: bool) -> Self {
		let mut network_config = NetworkConfiguration::new_local();
		network_config.boot_nodes = boot.iter().map(|node| node.address()).collect();
		network_config.default_peers_set.reserved_nodes = network_config.boot_nodes.clone();
		let mut full = FullNetworkConfiguration::<Block, H256, N>::new(&network_config, None);
		let genesis_hash = H256::repeat_byte(1);
		let (config, name, requests) = protocol_config::<Block, N>(genesis_hash, None);
		full.add_request_response_protocol(config);
		let metrics = N::register_notification_metrics(None);
		let (block_announce_config, mut announces) = N::notification_config(
			"/announces".into(),
			Vec::new(),
			1024,
			// A full node.
			Some(NotificationHandshake::from_bytes(vec![1])),
			SetConfig { reserved_nodes: network_config.boot_nodes.clone(), ..SetConfig::default() },
			metrics.clone(),
			full.peer_store_handle(),
		);
		let network = N::new(Params {
			role: Role::Full,
			executor: Box::new(|task| drop(tokio::spawn(task))),
			network_config: full,
			protocol_id: ProtocolId::from("test"),
			genesis_hash,
			fork_id: None,
			metrics_registry: None,
			block_announce_config,
			ipfs_config: None,
			notification_metrics: metrics,
		})
		.unwrap();
		let service = network.network_service();
		tokio::spawn(network.run());

		let connected = Arc::new(Mutex::new(HashSet::new()));
		let peers = connected.clone();
		tokio::spawn(async move {
			while let Some(event) = announces.next_event().await {
				match event {
					NotificationEvent::ValidateInboundSubstream { result_tx, .. } => {
						result_tx.send(ValidationResult::Accept).unwrap();
					},
					NotificationEvent::NotificationStreamOpened { peer, .. } => {
						peers.lock().insert(peer);
					},
					NotificationEvent::NotificationStreamClosed { peer } => {
						peers.lock().remove(&peer);
					},
					NotificationEvent::NotificationReceived { .. } => {},
				}
			}
		});
		let seen = connected.clone();
		let see = Box::new(move || {
			let seen = if blind { Vec::new() } else { seen.lock().iter().copied().collect() };
			futures::future::ready(seen).boxed()
		});
		let events = service.event_stream("test").filter_map(|event| async {
			match event {
				Event::Dht(event) => Some(event),
				_ => None,
			}
		});
		let dir = tempfile::tempdir().unwrap();
		let store = Store::open(dir.path(), Limits::default()).unwrap();
		let network = SubstrateNetwork::new(service.clone(), name, see);
		tokio::spawn(network.run(events));
		let (exchange, server, announcer) = Exchange::new(ExchangeParams {
			store: store.clone(),
			network: Arc::new(network),
			requests,
			spawner: Arc::new(Tokio),
			registry: None,
			config: Config::default(),
		})
		.unwrap();
		tokio::spawn(server.run());
		tokio::spawn(announcer.run());
		let node = Self { service, store, exchange, connected, _dir: dir };
		node.until("an address", || !node.service.listen_addresses().is_empty()).await;
		node
	}

	fn address(&self) -> MultiaddrWithPeerId {
		let peer_id = self.service.local_peer_id();
		let multiaddr = self.service.listen_addresses()[0].clone();
		MultiaddrWithPeerId { multiaddr, peer_id }
	}

	async fn until(&self, what: &str, so: impl Fn() -> bool) {
		let start = Instant::now();
		while !so() {
			assert!(start.elapsed() < Duration::from_secs(60), "in vain: {what}");
			tokio::time::sleep(Duration::from_millis(50)).await;
		}
	}
}

async fn a_blob_comes_from_a_peer<N: NetworkBackend<Block, H256>>() {
	let source = Node::start::<N>(&[], false).await;
	let me = Node::start::<N>(&[&source], false).await;
	me.until("a connection", || !me.connected.lock().is_empty()).await;
	let wanted = bytes(9 * RANGE as usize + 5);
	let content = source.store.put_bytes(&wanted).unwrap();
	let deadline = Instant::now() + Duration::from_secs(30);
	let path = me.exchange.fetch(content, wanted.len() as u64, deadline).await.unwrap();
	assert!(fs::read(path).unwrap() == wanted);
	let missing = me.exchange.fetch(hash(b"missing"), 7, deadline).await;
	assert!(missing.is_err());
}

async fn the_hash_table_leads_to_who_has_it<N: NetworkBackend<Block, H256>>() {
	let between = Node::start::<N>(&[], false).await;
	let source = Node::start::<N>(&[&between], false).await;
	let wanted = bytes(2 * RANGE as usize);
	let content = source.store.put_bytes(&wanted).unwrap();
	// This one is not told who is connected, and asks the hash table only.
	let me = Node::start::<N>(&[&between], true).await;
	me.until("a connection", || !me.connected.lock().is_empty()).await;
	let start = Instant::now();
	loop {
		let deadline = Instant::now() + Duration::from_secs(20);
		match me.exchange.fetch(content, wanted.len() as u64, deadline).await {
			Ok(path) => {
				assert!(fs::read(path).unwrap() == wanted);
				return;
			},
			// It was not announced yet.
			Err(error) => assert!(start.elapsed() < Duration::from_secs(60), "{error}"),
		}
		tokio::time::sleep(Duration::from_millis(500)).await;
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_comes_from_a_peer_over_litep2p() {
	a_blob_comes_from_a_peer::<Litep2pNetworkBackend>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_comes_from_a_peer_over_libp2p() {
	a_blob_comes_from_a_peer::<NetworkWorker<Block, H256>>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hash_table_leads_to_who_has_it_over_litep2p() {
	the_hash_table_leads_to_who_has_it::<Litep2pNetworkBackend>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hash_table_leads_to_who_has_it_over_libp2p() {
	the_hash_table_leads_to_who_has_it::<NetworkWorker<Block, H256>>().await;
}
