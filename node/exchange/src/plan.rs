// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Who is asked for which range, and when: the rules of one transfer, without a clock or a network
//! of their own.
//!
//! A peer that is new is asked what it has. One that has something wanted gets requests, as many at
//! a time as its window allows: one at first, one more for each range that it delivers, half as
//! many when it fails or is busy. So a slow peer gets less by itself. A failure puts a peer off for
//! a time that doubles with each one after it. Who lies is not asked again. When every missing
//! range is on its way, peers with nothing to do are asked for the ones that have been on their way
//! the longest, so that one slow peer cannot hold up the end.
//!
//! Anybody can say that it has everything, under as many names as it likes, and send nothing. So
//! who has delivered is asked before who has not, who is connected before who was only named, and
//! strangers get a small share of the requests as soon as there is somebody who delivers.
//!
//! The last range of a blob comes first, and alone: it alone is right under the blob's true size
//! only. So under a wrong size nothing is taken, whoever sends it.

use crate::protocol::{Held, MAX_RETRY_AFTER};
use sc_network_types::PeerId;
use std::{
	collections::{BTreeMap, BTreeSet, HashMap},
	time::{Duration, Instant},
};

/// Numbers of a plan.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
	/// Peers that a transfer knows at a time.
	pub candidates: usize,
	/// Peers that are asked what they have at a time.
	pub asks: usize,
	/// Ranges asked of one peer at a time, at most.
	pub window: usize,
	/// Ranges asked at a time of peers that have not delivered yet, while there are others.
	pub strangers: usize,
	/// How long a peer is put off after its first failure.
	pub backoff: Duration,
	/// How long it is put off at most.
	pub backoff_max: Duration,
	/// Failures in a row after which nothing more is hoped of a peer. It is still tried.
	pub failures: u32,
	/// After how long on its way a range may be asked of a second peer, after twice as long of a
	/// third, and so on.
	pub hedge: Duration,
	/// The same while nobody has delivered anything: then time matters more than traffic.
	pub hedge_first: Duration,
	/// Peers that are asked for one range at a time, at most.
	pub copies: usize,
	/// How long after a peer said what it has, and that was not all, it is asked again.
	pub ask_again: Duration,
}

impl Default for Rules {
	fn default() -> Self {
		Self {
			candidates: 64,
			asks: 8,
			window: 4,
			strangers: 2,
			backoff: Duration::from_millis(250),
			backoff_max: Duration::from_secs(10),
			failures: 5,
			hedge: Duration::from_secs(2),
			hedge_first: Duration::from_millis(500),
			copies: 6,
			ask_again: Duration::from_secs(2),
		}
	}
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
	/// Ask this peer what it has.
	Ask(PeerId),
	/// Ask this peer for this range.
	Get(PeerId, u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
	/// May be asked.
	Good,
	/// Lied: is not asked again in this transfer.
	Out,
}

/// In which order peers are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
	/// Delivered the last time that it was asked.
	Proven,
	/// Is connected.
	Connected,
	/// Was named by the network.
	Named,
	/// Failed the last time that it was asked.
	Failing,
}

#[derive(Debug)]
struct Peer {
	standing: Standing,
	/// Whether it was connected when it was found.
	connected: bool,
	/// What it said that it has; `None` until it did.
	held: Option<Held>,
	/// When to ask what it has; `None` while it is being asked, or has all.
	ask_at: Option<Instant>,
	asking: bool,
	/// Ranges that are asked of it now.
	in_flight: usize,
	window: usize,
	/// Failures since its last success.
	failures: u32,
	/// Nothing is asked of it before.
	not_before: Instant,
	/// Mean time of a range, newer ones counting more.
	latency: Option<Duration>,
}

impl Peer {
	fn new(connected: bool, now: Instant) -> Self {
		Self {
			standing: Standing::Good,
			connected,
			held: None,
			ask_at: Some(now),
			asking: false,
			in_flight: 0,
			window: 1,
			failures: 0,
			not_before: now,
			latency: None,
		}
	}

	fn may_get(&self, now: Instant) -> bool {
		self.standing == Standing::Good
			&& self.not_before <= now
			&& self.in_flight < self.window
			&& self.held.as_ref().is_some_and(|held| !held.is_empty())
	}

	fn rank(&self) -> Rank {
		match (self.failures, self.latency, self.connected) {
			(0, Some(_), _) => Rank::Proven,
			(0, None, true) => Rank::Connected,
			(0, None, false) => Rank::Named,
			_ => Rank::Failing,
		}
	}

	/// Whether it has nothing, as far as that is known, and nothing is expected of it now.
	fn is_useless(&self) -> bool {
		let nothing = match &self.held {
			Some(held) => held.is_empty(),
			None => self.failures > 0,
		};
		nothing && self.standing == Standing::Good && !self.asking && self.in_flight == 0
	}

	fn may_be_asked(&self, now: Instant) -> bool {
		self.standing == Standing::Good
			&& !self.asking
			&& self.not_before <= now
			&& self.ask_at.is_some_and(|at| at <= now)
	}
}

/// The state of one transfer.
pub(crate) struct Plan {
	rules: Rules,
	/// The number of the last range.
	last: u32,
	/// Ranges not yet there.
	missing: BTreeSet<u32>,
	/// Of those, the ones that are on their way: from whom, since when.
	on_the_way: BTreeMap<u32, Vec<(PeerId, Instant)>>,
	peers: HashMap<PeerId, Peer>,
	/// Whether anybody ever said to have any of it.
	claimed: bool,
}

impl Plan {
	/// A transfer of these, out of so many ranges.
	pub fn new(rules: Rules, ranges: u32, missing: BTreeSet<u32>) -> Self {
		let (on_the_way, peers) = Default::default();
		let last = ranges.saturating_sub(1);
		Self { rules, last, missing, on_the_way, peers, claimed: false }
	}

	/// Whether nothing is missing.
	pub fn is_done(&self) -> bool {
		self.missing.is_empty()
	}

	/// Ranges not yet there.
	#[cfg(test)]
	pub fn missing(&self) -> &BTreeSet<u32> {
		&self.missing
	}

	/// Whether this peer is known.
	#[cfg(test)]
	pub fn knows(&self, peer: &PeerId) -> bool {
		self.peers.contains_key(peer)
	}

	/// Whether anybody ever said to have any of it.
	pub fn was_claimed(&self) -> bool {
		self.claimed
	}

	/// Whether nobody is known who may have it.
	pub fn is_alone(&self) -> bool {
		self.peers.is_empty()
	}

	/// Whether all who are known have said what they have, and none is left who could help.
	pub fn is_hopeless(&self) -> bool {
		self.peers.values().all(|peer| {
			peer.standing == Standing::Out
				|| peer.failures >= self.rules.failures
				|| (!peer.asking && peer.held.as_ref().is_some_and(Held::is_empty))
		})
	}

	/// A peer that may have the blob; whether it is connected. Nothing changes if too many are known.
	pub fn add(&mut self, peer: PeerId, connected: bool, now: Instant) {
		if let Some(peer) = self.peers.get_mut(&peer) {
			peer.connected |= connected;
			return;
		}
		if self.peers.len() >= self.rules.candidates {
			// Make room at the expense of one that is of no use.
			let useless = self.peers.iter().find(|(_, peer)| peer.is_useless());
			let Some(useless) = useless.map(|(id, _)| *id) else { return };
			self.peers.remove(&useless);
		}
		self.peers.insert(peer, Peer::new(connected, now));
	}

	/// What to do now; `None` if there is nothing. What it says is taken as done.
	pub fn next(&mut self, now: Instant) -> Option<Action> {
		if self.is_done() {
			return None;
		}
		if let Some((peer, index)) = self.next_get(now) {
			self.on_the_way.entry(index).or_default().push((peer, now));
			if let Some(peer) = self.peers.get_mut(&peer) {
				peer.in_flight += 1;
			}
			return Some(Action::Get(peer, index));
		}
		let asking = self.peers.values().filter(|peer| peer.asking).count();
		if asking < self.rules.asks {
			let mut ready: Vec<_> =
				self.peers.iter().filter(|(_, peer)| peer.may_be_asked(now)).collect();
			fastrand::shuffle(&mut ready);
			if let Some((id, _)) = ready.into_iter().min_by_key(|(_, peer)| peer.rank()) {
				let id = *id;
				if let Some(peer) = self.peers.get_mut(&id) {
					peer.asking = true;
					peer.ask_at = None;
				}
				return Some(Action::Ask(id));
			}
		}
		None
	}

	fn next_get(&self, now: Instant) -> Option<(PeerId, u32)> {
		let mut ready: Vec<_> = self.peers.iter().filter(|(_, peer)| peer.may_get(now)).collect();
		if self.somebody_delivers() {
			let strangers = self.peers.values().filter(|peer| peer.rank() != Rank::Proven);
			if strangers.map(|peer| peer.in_flight).sum::<usize>() >= self.rules.strangers {
				ready.retain(|(_, peer)| peer.rank() == Rank::Proven);
			}
		}
		// Among equals whoever comes: peers should share the work.
		fastrand::shuffle(&mut ready);
		// Who has the least to do first, so that strangers are tried; then who is quicker.
		ready.sort_by_key(|(_, peer)| (peer.in_flight, peer.rank(), peer.latency));
		for (id, peer) in &ready {
			let held = peer.held.as_ref()?;
			let from = if self.missing.contains(&self.last) { self.last } else { 0 };
			let waiting = self.missing.range(from..).copied();
			let waiting = waiting.filter(|i| held.has(*i) && !self.on_the_way.contains_key(i));
			// Not all in the same order, so that who is half-way can help another.
			if let Some(index) = fastrand::choice(waiting.take(64).collect::<Vec<_>>()) {
				return Some((**id, index));
			}
		}
		for (id, peer) in ready {
			let held = peer.held.as_ref()?;
			let late = self.on_the_way.iter().filter_map(|(index, from)| {
				let late = self.next_copy(from).is_some_and(|at| at <= now);
				let other = from.iter().all(|(peer, _)| peer != id);
				(late && other && held.has(*index)).then_some((from.len(), from.first()?.1, *index))
			});
			if let Some((.., index)) = late.min() {
				return Some((*id, index));
			}
		}
		None
	}

	fn somebody_delivers(&self) -> bool {
		self.peers.values().any(|peer| peer.rank() == Rank::Proven)
	}

	/// When a range that is on its way from these may be asked of one more.
	fn next_copy(&self, from: &[(PeerId, Instant)]) -> Option<Instant> {
		let (_, since) = from.first()?;
		let copies = from.len();
		let hedge =
			if self.somebody_delivers() { self.rules.hedge } else { self.rules.hedge_first };
		(copies < self.rules.copies).then(|| *since + hedge * copies as u32)
	}

	/// When [`Plan::next`] may have something that it has not now, if nothing happens before.
	pub fn wake_at(&self, now: Instant) -> Option<Instant> {
		let peers = self.peers.values().filter(|peer| peer.standing == Standing::Good);
		let peers = peers.flat_map(|peer| {
			let ask = peer.ask_at.filter(|_| !peer.asking).map(|at| at.max(peer.not_before));
			let get =
				(peer.held.is_some() && peer.in_flight < peer.window).then_some(peer.not_before);
			[ask, get].into_iter().flatten()
		});
		let late = self.on_the_way.values().filter_map(|from| self.next_copy(from));
		peers.chain(late).filter(|at| *at > now).min()
	}

	/// A peer said what it has.
	pub fn has(&mut self, id: &PeerId, held: Held, now: Instant) {
		let ask_again = self.rules.ask_again;
		let Some(peer) = self.peers.get_mut(id) else { return };
		peer.asking = false;
		peer.failures = 0;
		peer.ask_at = match held {
			Held::All => None,
			_ => Some(now + jitter(ask_again)),
		};
		self.claimed |= !held.is_empty();
		peer.held = Some(held);
	}

	/// This range is there. Who else is asked for it, is asked in vain.
	pub fn received(&mut self, id: &PeerId, index: u32, took: Duration) {
		self.missing.remove(&index);
		self.landed(id, index);
		self.on_the_way.remove(&index);
		let window = self.rules.window;
		if let Some(peer) = self.peers.get_mut(id) {
			peer.failures = 0;
			peer.window = (peer.window + 1).min(window);
			peer.latency = Some(peer.latency.map_or(took, |mean| (mean * 3 + took) / 4));
		}
	}

	/// A peer sent a range that another had already sent.
	pub fn superfluous(&mut self, id: &PeerId, index: u32) {
		self.landed(id, index);
	}

	/// Whether this range is still wanted.
	pub fn wants(&self, index: u32) -> bool {
		self.missing.contains(&index)
	}

	/// A peer does not have what it was asked for, a range or (`None`) any.
	pub fn not_here(&mut self, id: &PeerId, index: Option<u32>, now: Instant) {
		if let Some(index) = index {
			self.landed(id, index);
		}
		let ask_again = self.rules.ask_again;
		let Some(peer) = self.peers.get_mut(id) else { return };
		// What it said is no longer true. One that says so again and again is of no use.
		peer.failures += u32::from(index.is_some());
		peer.asking &= index.is_some();
		peer.held = Some(Held::Some(Vec::new()));
		peer.ask_at = Some(now + jitter(ask_again * 2u32.saturating_pow(peer.failures.min(4))));
	}

	/// A peer wants to be left alone for this long.
	pub fn busy(&mut self, id: &PeerId, index: Option<u32>, retry_after: Duration, now: Instant) {
		if let Some(index) = index {
			self.landed(id, index);
		}
		let backoff = self.rules.backoff;
		let Some(peer) = self.peers.get_mut(id) else { return };
		if index.is_none() {
			peer.asking = false;
			peer.ask_at = Some(now);
		}
		peer.window = (peer.window / 2).max(1);
		let put_off = retry_after.clamp(backoff, MAX_RETRY_AFTER);
		// Never before it said, so that it does not count as a flood.
		peer.not_before = peer.not_before.max(now + put_off + jitter(backoff) / 2);
	}

	/// A peer did not answer.
	pub fn failed(&mut self, id: &PeerId, index: Option<u32>, now: Instant) {
		if let Some(index) = index {
			self.landed(id, index);
		}
		let (first, max) = (self.rules.backoff, self.rules.backoff_max);
		let Some(peer) = self.peers.get_mut(id) else { return };
		if index.is_none() {
			peer.asking = false;
			peer.ask_at = Some(now);
		}
		peer.failures += 1;
		peer.window = (peer.window / 2).max(1);
		let backoff = first.saturating_mul(2u32.saturating_pow(peer.failures - 1)).min(max);
		peer.not_before = peer.not_before.max(now + jitter(backoff));
	}

	/// A peer lied. It is not asked again.
	pub fn lied(&mut self, id: &PeerId, index: Option<u32>) {
		if let Some(index) = index {
			self.landed(id, index);
		}
		if let Some(peer) = self.peers.get_mut(id) {
			peer.asking = false;
			peer.standing = Standing::Out;
		}
	}

	/// A request for a range has come to its end.
	fn landed(&mut self, id: &PeerId, index: u32) {
		if let Some(peer) = self.peers.get_mut(id) {
			peer.in_flight = peer.in_flight.saturating_sub(1);
		}
		if let Some(from) = self.on_the_way.get_mut(&index) {
			from.retain(|(peer, _)| peer != id);
			if from.is_empty() {
				self.on_the_way.remove(&index);
			}
		}
	}
}

/// A time between half of this and one and a half of it, so that many who failed together do not
/// come back together.
pub(crate) fn jitter(time: Duration) -> Duration {
	time.mul_f64(0.5 + fastrand::f64())
}
