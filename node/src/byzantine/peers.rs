// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! The way to other nodes past gossip: their JSON-RPC.

use std::{
	io::{self, Read, Write},
	net::TcpStream,
	time::Duration,
};

use codec::Encode;
use serde_json::json;
use sp_core::hexdisplay::HexDisplay;
use sp_runtime::OpaqueExtrinsic;

use super::LOG_TARGET;

/// How long a peer may take to listen or to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Nodes whose JSON-RPC is known.
pub struct Peers(Vec<String>);

impl Peers {
	/// Nodes at these URLs, of which host and port count.
	pub fn new(urls: &[String]) -> Self {
		let host = |url: &String| {
			let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
			rest.trim_end_matches('/').to_owned()
		};
		Self(urls.iter().map(host).collect())
	}

	/// Submits transactions to each of them, in one call.
	pub fn tell(&self, transactions: &[OpaqueExtrinsic]) {
		if transactions.is_empty() || self.0.is_empty() {
			return;
		}
		let calls = transactions.iter().enumerate().map(|(id, transaction)| {
			let bytes = format!("0x{}", HexDisplay::from(&transaction.encode()));
			json!({"jsonrpc": "2.0", "id": id, "method": "author_submitExtrinsic", "params": [bytes]})
		});
		let body = serde_json::Value::from_iter(calls).to_string();
		for host in &self.0 {
			match post(host, &body) {
				Ok(answer) => log::debug!(target: LOG_TARGET, "{host} answers {answer}"),
				Err(error) => log::debug!(target: LOG_TARGET, "{host} does not answer: {error}"),
			}
		}
	}
}

fn post(host: &str, body: &str) -> io::Result<String> {
	let mut stream = TcpStream::connect(host)?;
	stream.set_read_timeout(Some(PATIENCE))?;
	stream.set_write_timeout(Some(PATIENCE))?;
	write!(
		stream,
		"POST / HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
		Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
		body.len(),
	)?;
	let mut answer = String::new();
	stream.read_to_string(&mut answer)?;
	Ok(answer.split_once("\r\n\r\n").map_or(answer.clone(), |(_, body)| body.to_owned()))
}

#[cfg(test)]
mod tests {
	use super::{
		super::message::testing::{commits, reveals},
		*,
	};
	use sp_keyring::Sr25519Keyring::Alice;
	use std::{
		io::{BufRead, BufReader},
		net::TcpListener,
		thread,
	};

	#[test]
	fn a_peer_is_told_of_all_transactions_in_one_call() {
		let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
		let url = format!("http://127.0.0.1:{}/", listener.local_addr().unwrap().port());
		let peer = thread::spawn(move || {
			let mut stream = BufReader::new(listener.accept().unwrap().0);
			let (mut line, mut length) = (String::new(), 0);
			while line != "\r\n" {
				line.clear();
				stream.read_line(&mut line).unwrap();
				if let Some(bytes) = line.strip_prefix("Content-Length: ") {
					length = bytes.trim().parse().unwrap();
				}
			}
			let mut body = vec![0; length];
			stream.read_exact(&mut body).unwrap();
			stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\n\r\n[]").unwrap();
			serde_json::from_slice::<serde_json::Value>(&body).unwrap()
		});
		let sent = [commits(Alice, &[1]).transaction(), reveals(Alice, &[1]).transaction()];
		Peers::new(&[url]).tell(&sent);
		let calls = peer.join().unwrap();
		for (call, transaction) in calls.as_array().unwrap().iter().zip(&sent) {
			assert_eq!(call["method"], "author_submitExtrinsic");
			let bytes = format!("0x{}", HexDisplay::from(&transaction.encode()));
			assert_eq!(call["params"][0], bytes);
		}
	}

	#[test]
	fn a_peer_that_is_not_there_is_no_trouble() {
		Peers::new(&["ws://127.0.0.1:1".into()]).tell(&[commits(Alice, &[1]).transaction()]);
		Peers::new(&[]).tell(&[commits(Alice, &[1]).transaction()]);
	}
}
