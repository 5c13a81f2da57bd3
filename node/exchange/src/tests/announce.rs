// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! What the network is told.

use super::net::{Net, until};
use jurat_store::hash;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn the_network_is_told_once_of_what_is_here_and_of_what_no_longer_is() {
	let net = Net::default();
	let mut peer = net.peer();
	let (one, two) = (peer.store.put_bytes(b"one").unwrap(), peer.store.put_bytes(b"two").unwrap());
	let announcer = peer.announcer.take().unwrap();
	let news = announcer.news();
	let running = tokio::spawn(announcer.run());
	tokio::time::sleep(Duration::from_millis(200)).await;
	assert_eq!(net.announcements(), 0, "there is nobody to tell");

	let _other = net.peer();
	news.notify_one();
	until("both", || net.is_provider(&one, &peer) && net.is_provider(&two, &peer)).await;
	peer.store.remove(&one).unwrap();
	news.notify_one();
	until("no longer", || !net.is_provider(&one, &peer)).await;
	news.notify_one();
	tokio::time::sleep(Duration::from_millis(100)).await;
	assert!(net.is_provider(&two, &peer));
	assert_eq!(net.announcements(), 2);
	running.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_network_does_not_note_is_told_again_later_and_not_for_ever() {
	let net = Net::default();
	let mut peer = net.peer();
	let _other = net.peer();
	net.set_deaf(true);
	peer.store.put_bytes(b"one").unwrap();
	let announcer = peer.announcer.take().unwrap().again(Duration::from_millis(10));
	let news = announcer.news();
	let running = tokio::spawn(announcer.run());
	for _ in 0..100 {
		news.notify_one();
		tokio::time::sleep(Duration::from_millis(10)).await;
	}
	assert_eq!(net.announcements(), 5);
	assert!(!net.is_provider(&hash(b"one"), &peer));
	running.abort();
}
