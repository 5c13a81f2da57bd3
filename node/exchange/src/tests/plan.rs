// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Whom a plan asks, and when.

use crate::{
	plan::{Action, Plan, Rules},
	protocol::Held,
};
use sc_network_types::PeerId;
use std::{
	collections::HashMap,
	time::{Duration, Instant},
};

const TOOK: Duration = Duration::from_millis(100);

fn plan(ranges: u32) -> Plan {
	Plan::new(Rules::default(), ranges, (0..ranges).collect())
}

/// A plan that has its last range, and these peers, who have all.
fn with_peers(ranges: u32, count: usize, now: Instant) -> (Plan, Vec<PeerId>) {
	let mut plan = Plan::new(Rules::default(), ranges + 1, (0..ranges).collect());
	let peers: Vec<_> = (0..count).map(|_| PeerId::random()).collect();
	for peer in &peers {
		plan.add(*peer, true, now);
	}
	peers.iter().for_each(|_| assert!(matches!(plan.next(now), Some(Action::Ask(_)))));
	peers.iter().for_each(|peer| plan.has(peer, Held::All, now));
	(plan, peers)
}

fn gets(plan: &mut Plan, now: Instant) -> Vec<(PeerId, u32)> {
	let mut gets = Vec::new();
	while let Some(action) = plan.next(now) {
		if let Action::Get(peer, index) = action {
			gets.push((peer, index));
		}
	}
	gets
}

#[test]
fn the_last_range_comes_first_and_alone() {
	let now = Instant::now();
	let mut plan = plan(10);
	let peers = [PeerId::random(), PeerId::random()];
	peers.iter().for_each(|peer| plan.add(*peer, true, now));
	peers.iter().for_each(|_| assert!(matches!(plan.next(now), Some(Action::Ask(_)))));
	peers.iter().for_each(|peer| plan.has(peer, Held::All, now));
	let [(peer, 9)] = gets(&mut plan, now)[..] else { panic!("not the last one") };
	plan.received(&peer, 9, TOOK);
	let rest = gets(&mut plan, now);
	assert_eq!(rest.len(), 3, "two for who has delivered one, one for the other");
	assert!(rest.iter().all(|(_, index)| *index < 9));
}

#[test]
fn who_delivers_gets_more_and_who_fails_less() {
	let now = Instant::now();
	let (mut plan, peers) = with_peers(100, 1, now);
	let peer = peers[0];
	let mut most = 0;
	for _ in 0..8 {
		let asked = gets(&mut plan, now);
		most = most.max(asked.len());
		asked.iter().for_each(|(_, index)| plan.received(&peer, *index, TOOK));
	}
	assert_eq!(most, Rules::default().window);
	let asked = gets(&mut plan, now);
	plan.failed(&peer, Some(asked[0].1), now);
	asked[1..].iter().for_each(|(_, index)| plan.superfluous(&peer, *index));
	assert!(gets(&mut plan, now).is_empty(), "put off");
	let later = plan.wake_at(now).unwrap();
	assert!(later - now <= Rules::default().backoff * 2);
	assert!(gets(&mut plan, later).len() <= Rules::default().window / 2);
}

#[test]
fn each_failure_puts_off_for_longer_up_to_a_limit() {
	let mut now = Instant::now();
	let (mut plan, peers) = with_peers(10, 1, now);
	let rules = Rules::default();
	for failures in 0..12 {
		let Some(Action::Get(peer, index)) = plan.next(now) else { panic!("nothing to do") };
		assert_eq!(peer, peers[0]);
		plan.failed(&peer, Some(index), now);
		let expected = (rules.backoff * 2u32.pow(failures)).min(rules.backoff_max);
		let off = plan.wake_at(now).unwrap() - now;
		assert!(off >= expected / 2 && off <= expected * 3 / 2, "{failures}: {off:?}");
		now += off;
	}
	assert!(plan.is_hopeless(), "too many failures to hope for anything");
}

#[test]
fn who_is_busy_is_left_alone_for_as_long_as_it_said() {
	let now = Instant::now();
	let (mut plan, _) = with_peers(10, 1, now);
	let Some(Action::Get(peer, index)) = plan.next(now) else { panic!() };
	let wait = Duration::from_secs(3);
	plan.busy(&peer, Some(index), wait, now);
	assert!(plan.next(now + wait - Duration::from_millis(1)).is_none());
	let later = now + wait + Rules::default().backoff;
	// Nobody can put itself off for ever and be waited for.
	let Some(Action::Get(peer, index)) = plan.next(later) else { panic!() };
	plan.busy(&peer, Some(index), Duration::MAX / 4, now);
	assert!(plan.wake_at(now).unwrap() < now + Duration::from_secs(40));
}

#[test]
fn a_range_that_is_late_is_asked_of_one_other_peer() {
	let now = Instant::now();
	let (mut plan, peers) = with_peers(1, 3, now);
	let first = gets(&mut plan, now);
	assert_eq!(first.len(), 1);
	let hedge = Rules::default().hedge_first;
	assert_eq!(plan.wake_at(now), Some(now + hedge));
	let second = gets(&mut plan, now + hedge);
	assert_eq!(second.len(), 1, "one other, not all");
	assert_eq!(plan.wake_at(now + hedge), Some(now + 2 * hedge));
	assert_ne!(first[0].0, second[0].0);
	plan.received(&second[0].0, 0, TOOK);
	assert!(plan.is_done() && !plan.wants(0) && plan.missing().is_empty());
	assert!(peers.len() == 3);
}

#[test]
fn who_lied_is_never_asked_again() {
	let now = Instant::now();
	let (mut plan, _) = with_peers(10, 1, now);
	let Some(Action::Get(peer, index)) = plan.next(now) else { panic!() };
	plan.lied(&peer, Some(index));
	plan.add(peer, true, now);
	assert!(plan.is_hopeless());
	assert!(plan.next(now + Duration::from_secs(3600)).is_none());
	let honest = PeerId::random();
	plan.add(honest, true, now);
	assert_eq!(plan.next(now), Some(Action::Ask(honest)));
	plan.has(&honest, Held::All, now);
	assert_eq!(gets(&mut plan, now).len(), 1);
}

#[test]
fn the_quicker_of_two_gets_the_more() {
	let mut now = Instant::now();
	let (mut plan, peers) = with_peers(400, 2, now);
	let (quick, slow) = (peers[0], peers[1]);
	let mut on_the_way: Vec<(Instant, PeerId, u32)> = Vec::new();
	let mut delivered = HashMap::<PeerId, u32>::new();
	while !plan.is_done() {
		for (peer, index) in gets(&mut plan, now) {
			let took = if peer == quick { 10 } else { 100 };
			on_the_way.push((now + Duration::from_millis(took), peer, index));
		}
		on_the_way.sort();
		let (at, peer, index) = on_the_way.remove(0);
		now = at;
		if plan.wants(index) {
			plan.received(&peer, index, TOOK);
			*delivered.entry(peer).or_default() += 1;
		} else {
			plan.superfluous(&peer, index);
		}
	}
	assert!(delivered[&quick] > 5 * delivered[&slow], "{delivered:?}");
}

#[test]
fn a_transfer_knows_a_bounded_number_of_peers() {
	let now = Instant::now();
	let mut plan = plan(3);
	let peers: Vec<_> = (0..1000).map(|_| PeerId::random()).collect();
	peers.iter().for_each(|peer| plan.add(*peer, true, now));
	let known = peers.iter().filter(|peer| plan.knows(peer));
	assert_eq!(known.count(), Rules::default().candidates);
	let mut asked = 0;
	while let Some(Action::Ask(_)) = plan.next(now) {
		asked += 1;
	}
	assert_eq!(asked, Rules::default().asks);
}

#[test]
fn one_who_has_nothing_makes_room_and_is_asked_again_later() {
	let now = Instant::now();
	let mut plan = plan(3);
	for _ in 0..Rules::default().candidates {
		plan.add(PeerId::random(), true, now);
	}
	let Some(Action::Ask(first)) = plan.next(now) else { panic!() };
	plan.not_here(&first, None, now);
	let other = PeerId::random();
	plan.add(other, true, now);
	assert!(plan.knows(&other) && !plan.knows(&first));

	let mut plan = self::plan(3);
	plan.add(first, true, now);
	assert_eq!(plan.next(now), Some(Action::Ask(first)));
	plan.not_here(&first, None, now);
	assert!(plan.is_hopeless() && plan.next(now).is_none());
	let later = plan.wake_at(now).unwrap();
	assert_eq!(plan.next(later), Some(Action::Ask(first)));
}

#[test]
fn strangers_get_a_small_share_as_soon_as_somebody_delivers() {
	let now = Instant::now();
	let (mut plan, _) = with_peers(100, 1, now);
	let Some(Action::Get(peer, index)) = plan.next(now) else { panic!() };
	plan.received(&peer, index, TOOK);
	let strangers: Vec<_> = (0..5).map(|_| PeerId::random()).collect();
	strangers.iter().for_each(|stranger| plan.add(*stranger, false, now));
	let mut asked = Vec::new();
	for _ in 0..50 {
		match plan.next(now) {
			Some(Action::Ask(stranger)) => plan.has(&stranger, Held::All, now),
			Some(Action::Get(peer, _)) => asked.push(peer),
			None => break,
		}
	}
	let theirs = asked.iter().filter(|asked| strangers.contains(asked)).count();
	assert_eq!(theirs, Rules::default().strangers, "{asked:?}");
}

#[test]
fn who_is_connected_is_asked_before_who_was_only_named() {
	let now = Instant::now();
	let mut plan = plan(3);
	let named: Vec<_> = (0..20).map(|_| PeerId::random()).collect();
	named.iter().for_each(|peer| plan.add(*peer, false, now));
	let connected = PeerId::random();
	plan.add(connected, true, now);
	assert_eq!(plan.next(now), Some(Action::Ask(connected)));
	let Some(Action::Ask(other)) = plan.next(now) else { panic!() };
	plan.has(&other, Held::All, now);
	plan.has(&connected, Held::All, now);
	assert_eq!(plan.next(now), Some(Action::Get(connected, 2)));
}
