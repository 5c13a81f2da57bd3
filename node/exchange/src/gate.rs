// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! How much a peer, and all peers together, may have of this node.
//!
//! Nothing here waits: who asks for too much is told when to come back. Who does not heed it, or
//! asks for the same again and again, loses reputation, and in the end the connection.

use governor::{
	DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter,
	clock::{Clock, DefaultClock},
};
use jurat_store::{ContentHash, MAX_ENCODED_RANGE};
use sc_network::ReputationChange;
use sc_network_types::PeerId;
use schnellru::{ByLength, LruMap};
use std::{
	num::NonZeroU32,
	time::{Duration, Instant},
};

use crate::{network::cost, protocol::MAX_RETRY_AFTER};

/// Upload is counted in these, since the limiter counts in 32 bits.
const UNIT: u64 = 1024;

/// Peers whose conduct is remembered.
const PEERS: u32 = 4096;

/// Ranges sent to peers that are remembered.
const SENT: u32 = 16 * 1024;

/// How long both are.
const WINDOW: Duration = Duration::from_secs(60);

/// Limits of what is served.
#[derive(Clone, Debug)]
pub struct ServeLimits {
	/// Bytes of ranges sent in a second, to all peers together. `None`: as many as the line takes.
	/// A second's worth is at least one range.
	pub upload: Option<u64>,
	/// Bytes of ranges sent in a second to one peer.
	pub peer_upload: u64,
	/// Requests of one peer in a second. For a moment twice as many.
	pub peer_requests: u32,
	/// Ranges of one peer that are waited for, read or sent at a time.
	pub peer_ranges: usize,
	/// Ranges that are read or sent at a time. Each takes as much memory as a range.
	pub ranges: usize,
	/// Requests that wait for one of those to end.
	pub queue: usize,
	/// Requests over a limit that are forgiven a peer in a minute.
	pub forgiven: u32,
	/// How often one range is sent to the same peer in a minute.
	pub same: u32,
	/// How long the sending of a range may take before it no longer counts as one of `ranges`.
	pub send_timeout: Duration,
}

impl Default for ServeLimits {
	fn default() -> Self {
		Self {
			upload: None,
			peer_upload: 64 * 1024 * 1024,
			peer_requests: 128,
			peer_ranges: 8,
			ranges: 24,
			queue: 64,
			forgiven: 64,
			same: 4,
			send_timeout: Duration::from_secs(20),
		}
	}
}

/// Why a request is not served.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Refusal {
	/// Come back later.
	Busy(Duration),
	/// No answer, and this change of reputation.
	Abuse(ReputationChange),
}

/// Conduct of a peer.
struct Conduct {
	since: Instant,
	/// Requests over a limit since.
	over: u32,
	/// When it was last told to come back later, and when to.
	told: Option<(Instant, Instant)>,
}

struct Sent {
	since: Instant,
	times: u32,
}

/// Counts what peers have.
pub(crate) struct Gate {
	limits: ServeLimits,
	requests: DefaultKeyedRateLimiter<PeerId>,
	peer_upload: DefaultKeyedRateLimiter<PeerId>,
	upload: Option<DefaultDirectRateLimiter>,
	conduct: LruMap<PeerId, Conduct>,
	sent: LruMap<(PeerId, ContentHash, u32), Sent>,
	clock: DefaultClock,
	cleaned: Instant,
}

impl Gate {
	pub fn new(limits: ServeLimits) -> Self {
		let requests = NonZeroU32::new(limits.peer_requests).unwrap_or(NonZeroU32::MIN);
		let burst = NonZeroU32::new(requests.get().saturating_mul(2)).unwrap_or(requests);
		Self {
			requests: RateLimiter::keyed(Quota::per_second(requests).allow_burst(burst)),
			peer_upload: RateLimiter::keyed(bytes_per_second(limits.peer_upload)),
			upload: limits.upload.map(|upload| RateLimiter::direct(bytes_per_second(upload))),
			conduct: LruMap::new(ByLength::new(PEERS)),
			sent: LruMap::new(ByLength::new(SENT)),
			clock: DefaultClock::default(),
			cleaned: Instant::now(),
			limits,
		}
	}

	/// Whether any request of this peer is answered now.
	pub fn request(&mut self, peer: &PeerId) -> Result<(), Refusal> {
		if self.cleaned.elapsed() > WINDOW {
			// Peers that have been quiet need no entry.
			self.requests.retain_recent();
			self.peer_upload.retain_recent();
			self.cleaned = Instant::now();
		}
		let wait = match self.requests.check_key(peer) {
			Ok(()) => return Ok(()),
			Err(not_until) => not_until.wait_time_from(self.clock.now()),
		};
		self.over(peer)?;
		Err(self.put_off(peer, wait))
	}

	/// Whether this peer gets this range, of so many bytes, now. If so, it counts as sent.
	pub fn range(
		&mut self,
		peer: &PeerId,
		content: ContentHash,
		index: u32,
		bytes: u64,
	) -> Result<(), Refusal> {
		let now = Instant::now();
		let conduct = self.conduct(peer, now);
		// What was on its way when it was told counts as nothing.
		if let Some((told, until)) = conduct.and_then(|conduct| conduct.told)
			&& now > told + Duration::from_millis(500)
			&& now + Duration::from_millis(50) < until
		{
			self.over(peer)?;
			return Err(Refusal::Busy(until - now));
		}
		if self.was_sent(peer, content, index, now) >= self.limits.same {
			return Err(Refusal::Abuse(cost::SAME_REQUEST));
		}
		let units = NonZeroU32::new(u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX));
		let units = units.unwrap_or(NonZeroU32::MIN);
		let wait = match self.peer_upload.check_key_n(peer, units) {
			Ok(Ok(())) => None,
			Ok(Err(not_until)) => Some(not_until.wait_time_from(self.clock.now())),
			Err(_) => Some(MAX_RETRY_AFTER),
		};
		if let Some(wait) = wait {
			return Err(self.put_off(peer, wait));
		}
		if let Some(upload) = &self.upload {
			let wait = match upload.check_n(units) {
				Ok(Ok(())) => None,
				Ok(Err(not_until)) => Some(not_until.wait_time_from(self.clock.now())),
				Err(_) => Some(MAX_RETRY_AFTER),
			};
			if let Some(wait) = wait {
				return Err(self.put_off(peer, wait));
			}
		}
		if let Some(sent) = self.sent.get(&(*peer, content, index)) {
			sent.times += 1;
		} else {
			self.sent.insert((*peer, content, index), Sent { since: now, times: 1 });
		}
		Ok(())
	}

	/// Tells this peer to come back later.
	pub fn put_off(&mut self, peer: &PeerId, wait: Duration) -> Refusal {
		let now = Instant::now();
		let wait = wait.clamp(Duration::from_millis(250), MAX_RETRY_AFTER);
		if let Some(conduct) = self.conduct(peer, now) {
			// The first word counts: later ones are about requests that were on their way.
			match conduct.told {
				Some((_, until)) if until > now => {},
				_ => conduct.told = Some((now, now + wait)),
			}
		}
		Refusal::Busy(wait)
	}

	/// One more request over a limit.
	fn over(&mut self, peer: &PeerId) -> Result<(), Refusal> {
		let forgiven = self.limits.forgiven;
		match self.conduct(peer, Instant::now()) {
			Some(conduct) => {
				conduct.over = conduct.over.saturating_add(1);
				let abuse = conduct.over > forgiven;
				if abuse { Err(Refusal::Abuse(cost::OVER_LIMIT)) } else { Ok(()) }
			},
			None => Ok(()),
		}
	}

	fn conduct(&mut self, peer: &PeerId, now: Instant) -> Option<&mut Conduct> {
		let new = || Conduct { since: now, over: 0, told: None };
		let conduct = self.conduct.get_or_insert(*peer, new)?;
		if now.saturating_duration_since(conduct.since) > WINDOW {
			conduct.since = now;
			conduct.over = 0;
		}
		Some(conduct)
	}

	fn was_sent(&mut self, peer: &PeerId, content: ContentHash, index: u32, now: Instant) -> u32 {
		let Some(sent) = self.sent.get(&(*peer, content, index)) else { return 0 };
		if now.saturating_duration_since(sent.since) > WINDOW {
			*sent = Sent { since: now, times: 0 };
		}
		sent.times
	}
}

/// So many bytes in a second; for a moment what two seconds give, and never less than one range.
fn bytes_per_second(bytes: u64) -> Quota {
	let units = |bytes: u64| {
		let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
		NonZeroU32::new(units).unwrap_or(NonZeroU32::MIN)
	};
	let burst = units(bytes.saturating_mul(2).max(MAX_ENCODED_RANGE as u64));
	Quota::per_second(units(bytes)).allow_burst(burst)
}
