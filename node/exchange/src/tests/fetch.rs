// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! What a fetch does with peers of all kinds.

use super::net::{Conduct, Net, Peer, bytes, quick, until};
use crate::{FetchError, Held, Request, Response, metrics::Asked, network::cost};
use jurat_store::{BlobError, BlobSource, ContentHash, Limits, RANGE, StoreError, hash};
use sc_network_types::PeerId;
use std::{
	fs,
	time::{Duration, Instant},
};

const MIB: usize = RANGE as usize;
const LONG: Duration = Duration::from_secs(30);

async fn fetched(peer: &Peer, wanted: &[u8]) {
	let path = peer.fetch(hash(wanted), wanted.len() as u64, LONG).await.unwrap();
	assert!(fs::read(path).unwrap() == wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_blob_comes_from_three_peers_though_one_lies_and_one_dies() {
	let net = Net::default();
	let wanted = bytes(100_000_001);
	let honest = net.peer_having(&wanted);
	let liar = net.peer_having(&wanted).is(Conduct::Lies);
	let dying = net.peer_having(&wanted).is(Conduct::DiesAfter(10));
	let me = net.peer();
	let start = Instant::now();
	fetched(&me, &wanted).await;
	println!("100 MB in {:?}", start.elapsed());
	assert_eq!(me.reported(&liar), [cost::WRONG_RANGE]);
	assert!(me.reported(&honest).is_empty() && me.reported(&dying).is_empty());
	assert!(me.count(Asked::Wrong) >= 1);
	assert_eq!(me.count(Asked::Ok), (wanted.len() as u64).div_ceil(RANGE));
	assert!(dying.asked().len() >= 10 && honest.asked().len() > 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_byte_costs_its_range_only_and_who_sent_it_is_not_asked_again() {
	let net = Net::default();
	let wanted = bytes(20 * MIB);
	let liar = net.peer_having(&wanted).is(Conduct::Lies);
	let honest = net.peer_having(&wanted);
	honest.set(Conduct::Gone);
	let me = net.peer();
	let (content, size) = (hash(&wanted), wanted.len() as u64);
	// With the liar alone there is no blob, and it is asked once only.
	let alone = me.fetch(content, size, LONG).await;
	assert!(matches!(alone, Err(FetchError::NotFound(_))), "{alone:?}");
	assert_eq!(liar.asked().len(), 1);
	assert_eq!(me.reported(&liar), [cost::WRONG_RANGE]);
	honest.set(Conduct::Honest);
	fetched(&me, &wanted).await;
	assert_eq!(me.count(Asked::Ok), 20);
	assert!(me.reported(&honest).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_answers_with_what_is_no_message_is_disconnected() {
	let net = Net::default();
	let wanted = bytes(3 * MIB);
	let (babbler, _honest) =
		(net.peer_having(&wanted).is(Conduct::Babbles), net.peer_having(&wanted));
	let me = net.peer();
	fetched(&me, &wanted).await;
	assert!(me.reported(&babbler).iter().all(|change| *change == cost::BAD_RESPONSE));
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_want_the_same_blob_share_one_fetch() {
	let net = Net::default();
	let wanted = bytes(12 * MIB + 5);
	let (source, me) =
		(net.peer_having(&wanted).is(Conduct::Slow(Duration::from_millis(20))), net.peer());
	tokio::join!(fetched(&me, &wanted), fetched(&me, &wanted), fetched(&me, &wanted));
	let mut asked = source.asked();
	asked.sort_unstable();
	assert_eq!(asked, (0..13).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_that_nobody_waits_for_stops_and_the_next_goes_on_where_it_was() {
	let net = Net::default();
	let wanted = bytes(30 * MIB);
	let source = net.peer_having(&wanted).is(Conduct::Slow(Duration::from_millis(40)));
	let me = net.peer();
	let (content, size) = (hash(&wanted), wanted.len() as u64);
	{
		let fetch = me.fetch(content, size, LONG);
		tokio::select! {
			_ = fetch => panic!("too soon"),
			() = until("some ranges", || me.count(Asked::Ok) >= 8) => {},
		}
	}
	tokio::time::sleep(Duration::from_millis(300)).await;
	let (got, asked) = (me.count(Asked::Ok), source.asked().len());
	tokio::time::sleep(Duration::from_millis(300)).await;
	assert_eq!(source.asked().len(), asked, "it goes on though nobody waits");
	assert!(got < 30);
	fetched(&me, &wanted).await;
	// What was on its way when the first fetch stopped may have been written without being counted.
	assert!(me.count(Asked::Ok) <= 30, "ranges came twice");
	assert!(source.asked().len() <= 30 + 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_is_kept_whoever_stalls_and_what_came_is_kept() {
	let net = Net::default();
	let wanted = bytes(10 * MIB);
	let source = net.peer_having(&wanted).is(Conduct::Slow(Duration::from_millis(50)));
	let me = net.peer();
	let (content, size) = (hash(&wanted), wanted.len() as u64);
	let start = Instant::now();
	let (outcome, ()) = tokio::join!(me.fetch(content, size, Duration::from_millis(600)), async {
		until("a few ranges", || me.count(Asked::Ok) >= 2).await;
		source.set(Conduct::Stalls);
	});
	assert!(matches!(outcome, Err(FetchError::TimedOut(_))), "{outcome:?}");
	assert!(start.elapsed() < Duration::from_secs(2));
	let before = me.count(Asked::Ok);
	source.set(Conduct::Honest);
	fetched(&me, &wanted).await;
	assert!(before >= 2 && me.count(Asked::Ok) <= 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stalls_loses_a_little_and_does_not_hold_up_the_end() {
	let net = Net::default();
	let wanted = bytes(16 * MIB);
	let staller = net.peer_having(&wanted).is(Conduct::Stalls);
	let _honest = net.peer_having(&wanted);
	let mut config = quick();
	config.pace.range_timeout = Duration::from_secs(10);
	let me = net.peer_with(config, Limits::default());
	let start = Instant::now();
	fetched(&me, &wanted).await;
	assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
	assert!(staller.asked().len() <= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_claim_all_and_send_nothing_do_not_keep_a_blob_away() {
	let net = Net::default();
	let wanted = bytes(24 * MIB);
	let stallers: Vec<_> = (0..40).map(|_| net.peer_having(&wanted).is(Conduct::Stalls)).collect();
	let _honest = net.peer_having(&wanted);
	let mut config = quick();
	config.pace.range_timeout = Duration::from_secs(10);
	config.pace.stalled = LONG;
	let me = net.peer_with(config, Limits::default());
	// Thirty are only named by the hash table, ten are connected.
	for staller in &stallers[10..] {
		me.part_from(staller);
		net.provides(&hash(&wanted), staller);
	}
	let start = Instant::now();
	fetched(&me, &wanted).await;
	assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
	println!("{:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_that_nobody_has_is_soon_not_found() {
	let net = Net::default();
	let me = net.peer();
	let content = ContentHash([7; 32]);
	let start = Instant::now();
	let alone = me.fetch(content, 5, LONG).await;
	assert!(matches!(alone, Err(FetchError::NotFound(_))), "{alone:?}");
	let _other = net.peer();
	let not_found = me.fetch(content, 5, LONG).await;
	assert!(matches!(not_found, Err(FetchError::NotFound(_))), "{not_found:?}");
	assert!(start.elapsed() < Duration::from_secs(5));
	assert!(me.reports().is_empty(), "not to have it is no fault");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_size_harms_nobody() {
	let net = Net::default();
	let wanted = bytes(3 * MIB);
	let (source, me) = (net.peer_having(&wanted), net.peer());
	for size in [0, 1, 3 * RANGE - 1, 3 * RANGE + 1, 4 * RANGE] {
		let outcome = me.fetch(hash(&wanted), size, LONG).await;
		assert!(matches!(outcome, Err(FetchError::NotFound(_))), "{size}: {outcome:?}");
	}
	assert!(me.reports().is_empty() && source.reports().is_empty());
	assert_eq!(me.store.usage().reserved, 0);
	fetched(&me, &wanted).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn blobs_of_any_length_come_whole() {
	let net = Net::default();
	let me = net.peer();
	for length in [0, 1, 1024, MIB - 1, MIB, MIB + 1, 2 * MIB] {
		let wanted = bytes(length);
		let _source = net.peer_having(&wanted);
		fetched(&me, &wanted).await;
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hash_table_leads_to_those_who_are_not_connected() {
	let net = Net::default();
	let wanted = bytes(4 * MIB);
	let (mut source, me, between) = (net.peer_having(&wanted), net.peer(), net.peer());
	me.part_from(&source);
	tokio::spawn(source.announcer.take().unwrap().run());
	until("the announcement", || net.is_provider(&hash(&wanted), &source)).await;
	fetched(&me, &wanted).await;
	assert_eq!(source.asked().len(), 4);
	assert!(between.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_half_way_helps_others() {
	let net = Net::default();
	let wanted = bytes(12 * MIB);
	let (content, size) = (hash(&wanted), wanted.len() as u64);
	let source = net.peer_having(&wanted).is(Conduct::DiesAfter(6));
	let mut config = quick();
	config.pace.nobody = Duration::from_secs(20);
	config.pace.stalled = Duration::from_secs(20);
	let first = net.peer_with(config.clone(), Limits::default());
	let second = net.peer_with(config, Limits::default());
	second.set(Conduct::Gone);
	let half_way = first.exchange.clone();
	let half_way =
		tokio::spawn(async move { half_way.fetch(content, size, Instant::now() + LONG).await });
	until("six ranges", || first.count(Asked::Ok) == 6).await;
	let have = first.asked_by(PeerId::random(), Request::Have { content, size }).await.unwrap();
	let Response::Have(held @ Held::Some(_)) = have else { panic!("{have:?}") };
	assert_eq!((0..12).filter(|index| held.has(*index)).count(), 6);
	// The source is gone for the second as well: what it gets, it has from the first.
	let other = second.fetch(content, size, Duration::from_secs(2));
	let (other, ()) = tokio::join!(other, until("help", || second.count(Asked::Ok) == 6));
	assert!(matches!(other, Err(FetchError::TimedOut(_))), "{other:?}");
	source.set(Conduct::Honest);
	half_way.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_store_refuses_before_the_disk_is_full() {
	let net = Net::default();
	let wanted = bytes(8 * MIB);
	let source = net.peer_having(&wanted);
	let limits = Limits { bytes: 4 * RANGE, ..Limits::default() };
	let me = net.peer_with(quick(), limits);
	let outcome = me.fetch(hash(&wanted), wanted.len() as u64, LONG).await;
	let Err(FetchError::Store(error)) = outcome else { panic!("{outcome:?}") };
	assert!(matches!(*error, StoreError::Full { .. }), "{error}");
	assert!(source.asked().len() <= 2);
	let limits = Limits { blob_bytes: RANGE, ..Limits::default() };
	let me = net.peer_with(quick(), limits);
	let outcome = me.fetch(hash(&wanted), wanted.len() as u64, LONG).await;
	let Err(FetchError::Store(error)) = outcome else { panic!("{outcome:?}") };
	assert!(matches!(*error, StoreError::TooLarge { .. }), "{error}");
	assert!(me.reports().is_empty(), "that is nobody's fault");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_fetches_wait_than_may() {
	let net = Net::default();
	let wanted = bytes(MIB);
	let _source = net.peer_having(&wanted).is(Conduct::Stalls);
	let mut config = quick();
	config.fetches_waiting = 2;
	let me = net.peer_with(config, Limits::default());
	let time = Duration::from_millis(300);
	let (first, second, third) = tokio::join!(
		me.fetch(hash(&wanted), MIB as u64, time),
		me.fetch(ContentHash([1; 32]), 1, time),
		me.fetch(ContentHash([2; 32]), 1, time),
	);
	assert!(matches!(first, Err(FetchError::TimedOut(_))), "{first:?}");
	assert!(!matches!(second, Err(FetchError::TooMany(_))), "{second:?}");
	assert!(matches!(third, Err(FetchError::TooMany(2))), "{third:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_limits_its_upload_is_asked_as_often_as_it_likes() {
	let net = Net::default();
	let wanted = bytes(24 * MIB);
	let mut config = quick();
	config.serve.upload = Some(8 * RANGE);
	let source = net.peer_with(config, Limits::default());
	source.store.put_bytes(&wanted).unwrap();
	let mut config = quick();
	config.pace.stalled = LONG;
	let me = net.peer_with(config, Limits::default());
	let start = Instant::now();
	fetched(&me, &wanted).await;
	// Two seconds' worth is sent at once, and no more.
	assert!(start.elapsed() > Duration::from_millis(700), "{:?}", start.elapsed());
	assert!(me.count(Asked::Busy) > 0);
	assert!(me.reports().is_empty() && source.reports().is_empty(), "{:?}", source.reports());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_can_wait_for_a_blob_and_learns_what_is_wrong_with_it() {
	let net = Net::default();
	let wanted = bytes(2 * MIB);
	let (_source, me) = (net.peer_having(&wanted), net.peer());
	let (content, size) = (hash(&wanted), wanted.len() as u64);
	let exchange = me.exchange.clone();
	let (path, other_size, missing) = tokio::task::spawn_blocking(move || {
		let source: &dyn BlobSource = &exchange;
		let deadline = Instant::now() + LONG;
		(
			source.fetch(&content, size, deadline),
			source.fetch(&content, size + 1, deadline),
			source.fetch(&ContentHash([1; 32]), size, deadline),
		)
	})
	.await
	.unwrap();
	assert!(fs::read(path.unwrap()).unwrap() == wanted);
	assert!(matches!(other_size, Err(BlobError::WrongSize { .. })), "{other_size:?}");
	assert!(matches!(missing, Err(BlobError::NotFound(_))), "{missing:?}");
}
