// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! The network inside this process, and peers of all kinds on it.

use crate::{
	Announcer, Config, Exchange, ExchangeParams, FetchError, Network, Request, RequestError,
	metrics::{Asked, Metrics},
};
use futures::{
	FutureExt, StreamExt,
	channel::oneshot,
	future::BoxFuture,
	stream::{self, BoxStream},
};
use jurat_store::{ContentHash, Limits, Store};
use parking_lot::Mutex;
use sc_network::{ReputationChange, request_responses::IncomingRequest};
use sc_network_types::PeerId;
use sp_core::traits::SpawnNamed;
use std::{
	collections::{HashMap, HashSet},
	path::PathBuf,
	sync::{Arc, OnceLock},
	time::{Duration, Instant},
};
use substrate_prometheus_endpoint::Registry;
use tempfile::TempDir;

/// What a peer does with requests that reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conduct {
	/// Answers as it should.
	Honest,
	/// Answers as it should, after this time.
	Slow(Duration),
	/// Changes a byte of each range.
	Lies,
	/// Says what it has, and sends none of it.
	Stalls,
	/// Answers so many requests for ranges, and is gone.
	DiesAfter(usize),
	/// Is not there.
	Gone,
	/// Answers with what is no message.
	Babbles,
}

struct Member {
	requests: async_channel::Sender<IncomingRequest>,
	conduct: Conduct,
	/// Ranges that were asked of it, in order.
	asked: Vec<u32>,
}

#[derive(Default)]
struct World {
	members: HashMap<PeerId, Member>,
	/// Who says what of whom.
	reports: Vec<(PeerId, PeerId, ReputationChange)>,
	/// The hash table.
	providers: HashMap<ContentHash, HashSet<PeerId>>,
	/// Whether announcements are taken note of.
	deaf: bool,
	announcements: usize,
	/// Pairs that are not connected, though they can reach each other.
	apart: HashSet<(PeerId, PeerId)>,
}

/// All peers.
#[derive(Clone, Default)]
pub struct Net(Arc<Mutex<World>>);

/// What one of them sees.
pub struct Port {
	pub me: PeerId,
	pub net: Net,
}

/// A peer with its store.
pub struct Peer {
	pub id: PeerId,
	pub store: Store,
	pub exchange: Exchange,
	pub net: Net,
	pub announcer: Option<Announcer>,
	pub metrics: Metrics,
	_dir: TempDir,
}

#[derive(Clone)]
pub struct Tokio;

impl SpawnNamed for Tokio {
	fn spawn(&self, _: &'static str, _: Option<&'static str>, task: BoxFuture<'static, ()>) {
		tokio::spawn(task);
	}

	fn spawn_blocking(
		&self,
		_: &'static str,
		_: Option<&'static str>,
		task: BoxFuture<'static, ()>,
	) {
		tokio::spawn(task);
	}
}

/// Numbers with which a test need not wait.
pub fn quick() -> Config {
	let mut config = Config::default();
	config.pace.range_timeout = Duration::from_millis(800);
	config.pace.ask_timeout = Duration::from_millis(400);
	config.pace.look_again = Duration::from_millis(200);
	config.pace.look_up = Duration::from_millis(300);
	config.pace.nobody = Duration::from_millis(800);
	config.pace.stalled = Duration::from_secs(4);
	config.pace.rules.backoff = Duration::from_millis(20);
	config.pace.rules.backoff_max = Duration::from_millis(300);
	config.pace.rules.hedge = Duration::from_millis(200);
	config.pace.rules.hedge_first = Duration::from_millis(100);
	config.pace.rules.ask_again = Duration::from_millis(100);
	config
}

impl Net {
	/// A new peer with an empty store.
	pub fn peer(&self) -> Peer {
		self.peer_with(quick(), Limits::default())
	}

	/// A new peer.
	pub fn peer_with(&self, config: Config, limits: Limits) -> Peer {
		let id = PeerId::random();
		let dir = tempfile::tempdir().unwrap();
		let store = Store::open(dir.path(), limits).unwrap();
		let (tx, requests) = async_channel::bounded(256);
		let member = Member { requests: tx, conduct: Conduct::Honest, asked: Vec::new() };
		self.0.lock().members.insert(id, member);
		let registry = Registry::new();
		let (exchange, server, announcer) = Exchange::new(ExchangeParams {
			store: store.clone(),
			network: Arc::new(Port { me: id, net: self.clone() }),
			requests,
			spawner: Arc::new(Tokio),
			registry: Some(&registry),
			config,
		})
		.unwrap();
		let metrics = exchange.metrics().clone();
		tokio::spawn(server.run());
		let announcer = Some(announcer);
		Peer { id, store, exchange, net: self.clone(), announcer, metrics, _dir: dir }
	}

	/// A new peer that has these bytes.
	pub fn peer_having(&self, bytes: &[u8]) -> Peer {
		let peer = self.peer();
		peer.store.put_bytes(bytes).unwrap();
		peer
	}

	pub fn set_deaf(&self, deaf: bool) {
		self.0.lock().deaf = deaf;
	}

	pub fn announcements(&self) -> usize {
		self.0.lock().announcements
	}

	/// The hash table says that this peer has this.
	pub fn provides(&self, content: &ContentHash, peer: &Peer) {
		self.0.lock().providers.entry(*content).or_default().insert(peer.id);
	}

	pub fn is_provider(&self, content: &ContentHash, peer: &Peer) -> bool {
		self.0.lock().providers.get(content).is_some_and(|of| of.contains(&peer.id))
	}
}

impl Peer {
	/// From now on this peer does this.
	pub fn is(self, conduct: Conduct) -> Self {
		self.set(conduct);
		self
	}

	pub fn set(&self, conduct: Conduct) {
		if let Some(member) = self.net.0.lock().members.get_mut(&self.id) {
			member.conduct = conduct;
		}
	}

	/// These two can reach each other, but are not connected.
	pub fn part_from(&self, other: &Peer) {
		let mut world = self.net.0.lock();
		world.apart.insert((self.id, other.id));
		world.apart.insert((other.id, self.id));
	}

	/// Ranges that were asked of this peer, in order.
	pub fn asked(&self) -> Vec<u32> {
		self.net.0.lock().members[&self.id].asked.clone()
	}

	/// What this peer said of others.
	pub fn reports(&self) -> Vec<(PeerId, ReputationChange)> {
		let world = self.net.0.lock();
		let mine = world.reports.iter().filter(|(by, ..)| *by == self.id);
		mine.map(|(_, of, change)| (*of, *change)).collect()
	}

	/// What this peer said of that one.
	pub fn reported(&self, other: &Peer) -> Vec<ReputationChange> {
		let of = self.reports().into_iter().filter(|(of, _)| *of == other.id);
		of.map(|(_, change)| change).collect()
	}

	/// Fetches within this time.
	pub async fn fetch(
		&self,
		content: ContentHash,
		size: u64,
		time: Duration,
	) -> Result<PathBuf, FetchError> {
		self.exchange.fetch(content, size, Instant::now() + time).await
	}

	/// Ranges asked for by this peer that had this result.
	pub fn count(&self, result: Asked) -> u64 {
		self.metrics.ranges(result)
	}

	/// Asks this peer, as `from`. `None` if it closes the stream.
	pub async fn asked_by(&self, from: PeerId, request: Request) -> Option<crate::Response> {
		let port = Port { me: from, net: self.net.clone() };
		let response = port.request(self.id, codec::Encode::encode(&request)).await.ok()?;
		Some(crate::Response::read(&response).unwrap())
	}
}

impl Network for Port {
	fn request(
		&self,
		peer: PeerId,
		request: Vec<u8>,
	) -> BoxFuture<'static, Result<Vec<u8>, RequestError>> {
		let (net, me) = (self.net.clone(), self.me);
		async move {
			let (requests, conduct) = {
				let mut world = net.0.lock();
				let Some(member) = world.members.get_mut(&peer) else {
					return Err(RequestError::Unreachable);
				};
				let range = match Request::read(&request) {
					Ok(Request::Range { index, .. }) => Some(index),
					_ => None,
				};
				if let Some(index) = range {
					member.asked.push(index);
				}
				let conduct = member.conduct;
				match conduct {
					Conduct::DiesAfter(0) | Conduct::Gone => return Err(RequestError::Unreachable),
					Conduct::DiesAfter(left) if range.is_some() => {
						member.conduct = Conduct::DiesAfter(left - 1);
					},
					_ => {},
				}
				(member.requests.clone(), if range.is_some() { conduct } else { Conduct::Honest })
			};
			match conduct {
				Conduct::Stalls => return futures::future::pending().await,
				Conduct::Babbles => return Ok(vec![0xff; 100]),
				Conduct::Slow(time) => tokio::time::sleep(time).await,
				_ => {},
			}
			let (tx, rx) = oneshot::channel();
			let request = IncomingRequest { peer: me, payload: request, pending_response: tx };
			requests.try_send(request).map_err(|_| RequestError::Refused)?;
			let response = rx.await.map_err(|_| RequestError::Refused)?;
			for change in response.reputation_changes {
				net.0.lock().reports.push((peer, me, change));
			}
			let mut bytes = response.result.map_err(|()| RequestError::Refused)?;
			if conduct == Conduct::Lies {
				let middle = bytes.len() / 2;
				bytes[middle] ^= 1;
			}
			if let Some(sent) = response.sent_feedback {
				let _ = sent.send(());
			}
			Ok(bytes)
		}
		.boxed()
	}

	fn connected(&self) -> BoxFuture<'static, Vec<PeerId>> {
		let world = self.net.0.lock();
		let others = world.members.keys().copied();
		let others = others.filter(|id| *id != self.me && !world.apart.contains(&(self.me, *id)));
		futures::future::ready(others.collect()).boxed()
	}

	fn providers(&self, content: ContentHash) -> BoxStream<'static, PeerId> {
		let providers = self.net.0.lock().providers.get(&content).cloned().unwrap_or_default();
		stream::iter(providers).boxed()
	}

	fn start_providing(&self, content: ContentHash) -> BoxFuture<'static, bool> {
		let mut world = self.net.0.lock();
		world.announcements += 1;
		let noted = !world.deaf;
		if noted {
			world.providers.entry(content).or_default().insert(self.me);
		}
		futures::future::ready(noted).boxed()
	}

	fn stop_providing(&self, content: ContentHash) {
		if let Some(providers) = self.net.0.lock().providers.get_mut(&content) {
			providers.remove(&self.me);
		}
	}

	fn report(&self, peer: PeerId, change: ReputationChange) {
		self.net.0.lock().reports.push((self.me, peer, change));
	}
}

/// Bytes that are the same in every test, and not two ranges of them alike.
pub fn bytes(length: usize) -> Vec<u8> {
	static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
	let all = BYTES.get_or_init(|| {
		let mut bytes = vec![0; 100_000_001];
		fastrand::Rng::with_seed(7).fill(&mut bytes);
		bytes
	});
	all[..length].to_vec()
}

/// Waits until something is so.
pub async fn until(what: &str, so: impl Fn() -> bool) {
	let start = Instant::now();
	while !so() {
		assert!(start.elapsed() < Duration::from_secs(20), "in vain: {what}");
		tokio::time::sleep(Duration::from_millis(5)).await;
	}
}
