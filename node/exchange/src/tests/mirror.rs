// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Mirrors of all kinds: real HTTP, on this machine's loopback.

use super::net::{Net, Peer, bytes, quick, until};
use crate::{
	Config, FetchError, Hints, MirrorError, Mirrors,
	mirror::{is_public, join},
};
use futures::future::{Either, select};
use jurat_store::{Limits, RANGE, Store, hash};
use std::{
	fs,
	io::{BufRead, BufReader, Write},
	net::{SocketAddr, TcpListener, TcpStream},
	pin::pin,
	sync::{
		Arc,
		atomic::{AtomicUsize, Ordering},
	},
	thread,
	time::{Duration, Instant},
};

const MIB: usize = RANGE as usize;

/// What a web server does.
#[derive(Clone)]
enum Web {
	/// Gives pieces.
	Pieces,
	/// Gives the whole, whatever piece is asked for.
	Whole,
	/// Gives this piece, whatever piece is asked for.
	OtherPiece,
	/// Gives the first piece, and half of the second the first time that it is asked for.
	Breaks,
	/// Gives this much of the first piece.
	Stops(usize),
	/// Sends elsewhere.
	Redirect(String),
	/// The same, and hangs up within the end of a body in chunks.
	RedirectHalf(String),
	/// Never ends.
	Endless,
	/// Gives a byte in a while.
	Trickles,
	NotFound,
}

/// A web server with one file. Its address, and how often it was asked.
fn serve(web: Web, file: Vec<u8>) -> (String, Arc<AtomicUsize>) {
	let listener = TcpListener::bind("127.0.0.1:0").unwrap();
	let address = format!("http://{}", listener.local_addr().unwrap());
	let asked = Arc::new(AtomicUsize::new(0));
	let counter = asked.clone();
	thread::spawn(move || {
		for stream in listener.incoming().flatten() {
			let (web, file, counter) = (web.clone(), file.clone(), counter.clone());
			// Who hangs up early makes no server fail.
			thread::spawn(move || answer(stream, &web, &file, &counter).ok());
		}
	});
	(address, asked)
}

fn answer(stream: TcpStream, web: &Web, file: &[u8], counter: &AtomicUsize) -> std::io::Result<()> {
	let mut lines = BufReader::new(stream.try_clone()?).lines();
	let mut stream = stream;
	let mut range = 0..file.len();
	for line in lines.by_ref() {
		let line = line?.to_lowercase();
		if let Some(given) = line.strip_prefix("range: bytes=") {
			let (from, to) = given.split_once('-').unwrap();
			range = from.parse().unwrap()..to.parse::<usize>().unwrap() + 1;
		}
		if line.is_empty() {
			break;
		}
	}
	let nth = counter.fetch_add(1, Ordering::Relaxed);
	let total = file.len();
	let piece = |stream: &mut TcpStream, range: std::ops::Range<usize>, send: usize| {
		let (from, last) = (range.start, range.end - 1);
		let body = &file[range];
		write!(
			stream,
			"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {from}-{last}/{total}\r\n\
			 Content-Length: {}\r\nConnection: close\r\n\r\n",
			body.len(),
		)?;
		stream.write_all(&body[..send.min(body.len())])
	};
	match web {
		Web::Pieces => piece(&mut stream, range, usize::MAX),
		Web::Breaks if nth == 1 => piece(&mut stream, range, MIB),
		Web::Breaks => piece(&mut stream, range, usize::MAX),
		Web::OtherPiece => piece(&mut stream, 1..range.end, usize::MAX),
		Web::Whole => {
			write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {total}\r\n\r\n")?;
			stream.write_all(file)
		},
		Web::Stops(after) => piece(&mut stream, range, *after),
		Web::RedirectHalf(to) => write!(
			stream,
			"HTTP/1.1 302 Found\r\nLocation: {to}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
		),
		Web::Redirect(to) => {
			write!(stream, "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
		},
		Web::Endless => {
			write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
			loop {
				stream.write_all(&[7; 65536])?;
			}
		},
		Web::Trickles => {
			write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {total}\r\n\r\n")?;
			loop {
				stream.write_all(&[7])?;
				thread::sleep(Duration::from_millis(100));
			}
		},
		Web::NotFound => write!(stream, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
	}
}

/// A peer without peers, and with these mirrors.
fn with_mirrors(mirrors: &[&str], allow_private: bool) -> Peer {
	let mirrors = Mirrors::new(mirrors.iter().map(|it| it.to_string()), allow_private).unwrap();
	let config = Config { mirrors: Some(mirrors), ..quick() };
	Net::default().peer_with(config, Limits::default())
}

async fn outcome(peer: &Peer, wanted: &[u8]) -> Result<bool, FetchError> {
	let time = Duration::from_secs(20);
	let path = peer.fetch(hash(wanted), wanted.len() as u64, time).await?;
	Ok(fs::read(path).unwrap() == wanted)
}

fn is_not_found(outcome: Result<bool, FetchError>) -> bool {
	matches!(outcome, Err(FetchError::NotFound(_)))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_peer_has_comes_from_a_mirror_in_pieces_or_whole() {
	let wanted = bytes(20 * MIB + 3);
	for (web, requests) in [(Web::Pieces, 3), (Web::Whole, 1)] {
		let (address, asked) = serve(web, wanted.clone());
		let (missing, _) = serve(Web::NotFound, Vec::new());
		let peer = with_mirrors(&[&missing, &address], true);
		assert!(outcome(&peer, &wanted).await.unwrap());
		assert_eq!(asked.load(Ordering::Relaxed), requests);
	}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_mirror_sends_becomes_a_blob_only_if_it_is_the_one() {
	let wanted = bytes(9 * MIB);
	let mut wrong = wanted.clone();
	wrong[8 * MIB + 7] ^= 1;
	let (liar, _) = serve(Web::Pieces, wrong);
	let (other_piece, _) = serve(Web::OtherPiece, wanted.clone());
	let (endless, _) = serve(Web::Endless, Vec::new());
	let peer = with_mirrors(&[&liar, &other_piece, &endless], true);
	assert!(is_not_found(outcome(&peer, &wanted).await));
	let usage = peer.store.usage();
	assert_eq!((usage.blobs, usage.bytes, usage.reserved), (0, 0, 0), "{usage:?}");

	let (honest, _) = serve(Web::Pieces, wanted.clone());
	let peer = with_mirrors(&[&liar, &honest], true);
	assert!(outcome(&peer, &wanted).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_costs_what_had_not_come() {
	let wanted = bytes(20 * MIB);
	let (breaks, _) = serve(Web::Breaks, wanted.clone());
	let (then, asked) = serve(Web::Pieces, wanted.clone());
	let peer = with_mirrors(&[&breaks, &then], true);
	assert!(outcome(&peer, &wanted).await.unwrap());
	// Of the twenty, eight and a bit had come.
	assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_beginning_of_one_mirror_does_not_spoil_what_the_next_sends() {
	let wanted = bytes(20 * MIB);
	let mut wrong = wanted.clone();
	wrong[7] ^= 1;
	let (breaks, _) = serve(Web::Breaks, wrong);
	let (honest, _) = serve(Web::Pieces, wanted.clone());
	assert!(outcome(&with_mirrors(&[&breaks, &honest], true), &wanted).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_inside_is_not_connected_to_also_by_a_redirect() {
	let wanted = bytes(MIB);
	let (inside, asked) = serve(Web::Pieces, wanted.clone());
	let by_name = inside.replace("127.0.0.1", "localhost");
	for address in [inside.as_str(), &by_name] {
		let peer = with_mirrors(&[address], false);
		assert!(is_not_found(outcome(&peer, &wanted).await));
	}
	assert_eq!(asked.load(Ordering::Relaxed), 0, "not even a connection");
	assert!(outcome(&with_mirrors(&[&by_name], true), &wanted).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_followed_a_few_times_and_to_no_other_scheme() {
	let wanted = bytes(MIB);
	let (target, asked) = serve(Web::Pieces, wanted.clone());
	let (once, _) = serve(Web::Redirect(format!("{target}/file")), Vec::new());
	assert!(outcome(&with_mirrors(&[&once], true), &wanted).await.unwrap());
	assert_eq!(asked.load(Ordering::Relaxed), 1);

	let secure = target.replace("http:", "https:");
	let (other_scheme, _) = serve(Web::Redirect(secure), Vec::new());
	let (file, _) = serve(Web::Redirect("file:///etc/passwd".into()), Vec::new());
	let (itself, rounds) = serve(Web::Redirect("/".into()), Vec::new());
	let peer = with_mirrors(&[&other_scheme, &file, &itself], true);
	assert!(is_not_found(outcome(&peer, &wanted).await));
	assert_eq!(asked.load(Ordering::Relaxed), 1);
	assert!(rounds.load(Ordering::Relaxed) <= 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_body_of_a_redirect_is_not_read_wherever_it_ends() {
	let wanted = bytes(9 * MIB);
	let (target, asked) = serve(Web::Pieces, wanted.clone());
	let (missing, _) = serve(Web::NotFound, Vec::new());
	let (lost, _) = serve(Web::RedirectHalf(missing), Vec::new());
	let (half, _) = serve(Web::RedirectHalf(format!("{target}/file")), Vec::new());
	assert!(is_not_found(outcome(&with_mirrors(&[&lost], true), &wanted).await));
	assert!(outcome(&with_mirrors(&[&lost, &half], true), &wanted).await.unwrap());
	assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[test]
fn a_location_is_seen_from_where_it_was_given() {
	let from = "http://user@a.org:81/x/y/z?q=1".parse().unwrap();
	for (location, to) in [
		("https://b.org", "https://b.org/"),
		("//b.org/c?d", "http://b.org/c?d"),
		("/c/d?e=f#g", "http://user@a.org:81/c/d?e=f"),
		("/c/../../d/.", "http://user@a.org:81/d/"),
		("c", "http://user@a.org:81/x/y/c"),
		("../c?d=/../e", "http://user@a.org:81/x/c?d=/../e"),
		("../../../..", "http://user@a.org:81/"),
		("./c:d", "http://user@a.org:81/x/y/c:d"),
		("?r=2", "http://user@a.org:81/x/y/z?r=2"),
		("#g", "http://user@a.org:81/x/y/z?q=1"),
		("", "http://user@a.org:81/x/y/z?q=1"),
	] {
		assert_eq!(join(&from, location).unwrap().to_string(), to, "{location}");
	}
	for nowhere in ["a b", "mailto:x@b.org", "http://", "//", "//?", "http:///c"] {
		let to = join(&from, nowhere);
		let host = to.as_ref().is_some_and(|to| to.scheme().is_some() && to.host().is_some());
		assert!(!host, "{nowhere}: {to:?}");
	}
	let bare = "http://a.org".parse().unwrap();
	assert_eq!(join(&bare, "c").unwrap().to_string(), "http://a.org/c");
}

#[test]
fn a_panic_over_what_a_mirror_sends_is_a_failed_mirror_and_not_the_end_of_the_node() {
	const INSIDE: &str = "JURAT_TEST_PANIC";
	if std::env::var_os(INSIDE).is_none() {
		// In a process of its own, since the node's way to panic is that of a whole process.
		let name = "tests::mirror::a_panic_over_what_a_mirror_sends_is_a_failed_mirror_and_not_the_end_\
		            of_the_node";
		let mut process = std::process::Command::new(std::env::current_exe().unwrap());
		let output = process.args(["--exact", name]).env(INSIDE, "1").output().unwrap();
		let said = String::from_utf8_lossy(&output.stdout);
		assert!(output.status.success() && said.contains("1 passed"), "{output:?}");
		return;
	}
	sp_panic_handler::set("https://example.org", "1");
	let dir = tempfile::tempdir().unwrap();
	let store = Store::open(dir.path(), Limits::default()).unwrap();
	let wanted = bytes(MIB);
	let (web, _) = serve(Web::Pieces, wanted.clone());
	let (content, size) = (hash(&wanted), wanted.len() as u64);
	let panics = |_| panic!("what came is not to its taste");
	for mirrors in
		[Mirrors::of_file([web.clone()], true), Mirrors::new([web.clone()], true).unwrap()]
	{
		let failed = mirrors.download(&store, &content, size, &|| false, &panics);
		assert!(matches!(failed, Err(MirrorError::None)), "{failed:?}");
	}
	Mirrors::of_file([web], true).download(&store, &content, size, &|| false, &|_| ()).unwrap();
}

/// A peer without peers and mirrors, that does so with hints.
fn with_hints(hints: Hints) -> Peer {
	Net::default().peer_with(Config { hints, ..quick() }, Limits::default())
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_stranger_says_a_file_is_a_node_looks_if_its_operator_wants_that() {
	let wanted = bytes(9 * MIB);
	let (place, asked) = serve(Web::Pieces, wanted.clone());
	// The address of the file itself, whatever its name.
	let addresses = || vec!["nonsense".to_string(), format!("{place}/model.onnx?download=1")];

	let peer = with_hints(Hints::Ignored);
	let hint = peer.exchange.hint(hash(&wanted), addresses());
	assert!(is_not_found(outcome(&peer, &wanted).await));
	drop(hint);
	// Nor does it connect to a place inside, or to a port of another service.
	let peer = with_hints(Hints::Public);
	let hint = peer.exchange.hint(hash(&wanted), addresses());
	assert!(is_not_found(outcome(&peer, &wanted).await));
	drop(hint);
	assert_eq!(asked.load(Ordering::Relaxed), 0, "not even a connection");

	let peer = with_hints(Hints::All);
	assert!(is_not_found(outcome(&peer, &wanted).await), "nobody said anything");
	let hint = peer.exchange.hint(hash(&wanted), addresses());
	assert!(outcome(&peer, &wanted).await.unwrap());
	drop(hint);
	// What was said of one file is of that file, and until it is taken back.
	let other = bytes(MIB);
	let (place, asked) = serve(Web::Pieces, other.clone());
	drop(peer.exchange.hint(hash(&other), vec![place]));
	assert!(is_not_found(outcome(&peer, &other).await));
	assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_lies_or_names_other_services_wastes_no_more_than_time() {
	let wanted = bytes(9 * MIB);
	let mut wrong = wanted.clone();
	wrong[7] ^= 1;
	let (liar, _) = serve(Web::Pieces, wrong);
	let (honest, asked) = serve(Web::Pieces, wanted.clone());
	let with_password = honest.replace("http://", "http://user:password@");
	let peer = with_hints(Hints::All);
	let hint = peer.exchange.hint(hash(&wanted), vec![liar, with_password.clone()]);
	assert!(is_not_found(outcome(&peer, &wanted).await));
	drop(hint);
	assert_eq!((peer.store.usage().blobs, asked.load(Ordering::Relaxed)), (0, 0));
	// Nor is a password taken to where a redirect leads; without one, it is followed.
	for (to, found) in [(&with_password, false), (&honest, true)] {
		let (redirect, _) = serve(Web::Redirect(to.clone()), Vec::new());
		let hint = peer.exchange.hint(hash(&wanted), vec![redirect]);
		assert_eq!(outcome(&peer, &wanted).await.is_ok(), found);
		drop(hint);
		assert_eq!(asked.load(Ordering::Relaxed) > 0, found);
	}
	// Refused before anything is looked up, so this asks nobody.
	let peer = with_hints(Hints::Public);
	let elsewhere = vec!["http://example.invalid:22/x".into(), "https://192.0.2.1:6379/".into()];
	let hint = peer.exchange.hint(hash(&wanted), elsewhere);
	let begun = Instant::now();
	assert!(is_not_found(outcome(&peer, &wanted).await));
	assert!(begun.elapsed() < Duration::from_secs(5));
	drop(hint);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_breaks_off_leaves_nothing_and_takes_no_room() {
	let wanted = bytes(9 * MIB);
	let (stops, asked) = serve(Web::Stops(MIB / 4), wanted.clone());
	let peer = with_hints(Hints::All);
	let hint = peer.exchange.hint(hash(&wanted), vec![stops.clone(), stops]);
	assert!(is_not_found(outcome(&peer, &wanted).await));
	assert_eq!(asked.load(Ordering::Relaxed), 2);
	drop(hint);
	let nothing = |peer: &Peer| {
		let usage = peer.store.usage();
		(usage.blobs, usage.bytes, usage.uploads, usage.reserved) == (0, 0, 0, 0)
	};
	assert!(nothing(&peer), "{:?}", peer.store.usage());

	// Nor does one who is too slow, once nobody waits any more.
	let (slow, asked) = serve(Web::Trickles, wanted.clone());
	let hint = peer.exchange.hint(hash(&wanted), vec![slow]);
	{
		let fetch = pin!(outcome(&peer, &wanted));
		let asked = pin!(until("it is asked", || asked.load(Ordering::Relaxed) > 0));
		assert!(matches!(select(fetch, asked).await, Either::Right(_)));
	}
	drop(hint);
	until("room is free", || nothing(&peer)).await;
}

#[test]
fn a_download_that_nobody_waits_for_stops_and_is_kept() {
	let dir = tempfile::tempdir().unwrap();
	let store = Store::open(dir.path(), Limits::default()).unwrap();
	let wanted = bytes(16 * MIB);
	let (web, asked) = serve(Web::Pieces, wanted.clone());
	let mirrors = Mirrors::new([web], true).unwrap();
	let (content, size) = (hash(&wanted), wanted.len() as u64);
	let chunks = AtomicUsize::new(0);
	let stop = || chunks.load(Ordering::Relaxed) >= 4;
	let count = |_| {
		chunks.fetch_add(1, Ordering::Relaxed);
	};
	let stopped = mirrors.download(&store, &content, size, &stop, &count);
	assert!(matches!(stopped, Err(MirrorError::Stopped)), "{stopped:?}");
	let kept = store.progress(&content, size).unwrap().received;
	assert_eq!(kept, MIB as u64);
	mirrors.download(&store, &content, size, &|| false, &count).unwrap();
	assert_eq!(asked.load(Ordering::Relaxed), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_that_trickles_holds_nobody_longer_than_the_deadline() {
	let wanted = bytes(MIB);
	let (web, _) = serve(Web::Trickles, wanted.clone());
	let peer = with_mirrors(&[&web], true);
	let start = Instant::now();
	let time = Duration::from_secs(2);
	let outcome = peer.fetch(hash(&wanted), wanted.len() as u64, time).await;
	assert!(matches!(outcome, Err(FetchError::TimedOut(_))), "{outcome:?}");
	assert!(start.elapsed() < Duration::from_secs(4));
}

#[test]
fn only_addresses_of_the_public_internet_are_public() {
	for inside in [
		"0.0.0.0",
		"10.1.2.3",
		"100.64.0.1",
		"127.0.0.1",
		"169.254.169.254",
		"172.16.0.1",
		"192.0.0.8",
		"192.0.2.1",
		"192.168.1.1",
		"198.18.0.1",
		"203.0.113.5",
		"224.0.0.1",
		"240.0.0.1",
		"255.255.255.255",
		"::",
		"::1",
		"::ffff:10.0.0.1",
		"::ffff:127.0.0.1",
		"64:ff9b::a00:1",
		"100::1",
		"2001::1",
		"2001:db8::1",
		"2002:a00:1::",
		"3fff::1",
		"fc00::1",
		"fd00::1",
		"fe80::1",
		"ff02::1",
		"::127.0.0.1",
	] {
		assert!(!is_public(&SocketAddr::new(inside.parse().unwrap(), 443)), "{inside}");
	}
	for outside in ["1.1.1.1", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8"] {
		assert!(is_public(&SocketAddr::new(outside.parse().unwrap(), 443)), "{outside}");
	}
}

#[test]
fn what_is_no_web_address_is_no_mirror() {
	for address in ["", "ftp://example.org", "file:///etc", "example.org", "https://a.org/?q=1"] {
		let mirrors = Mirrors::new([address.to_string()], false);
		assert!(matches!(mirrors, Err(MirrorError::BadAddress(_))), "{address}");
	}
	assert!(Mirrors::new(["https://example.org/blobs".to_string()], false).is_ok());
}
