// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Mirrors: plain web servers that have blobs, for when no peer has one. The operator names some,
//! which have any blob under its hash; a release may name some, which have its file.
//!
//! A mirror proves nothing, so what comes from it goes through the store's path for whole files: it
//! becomes a blob only if all of it has the hash. It comes in pieces, by `Range` requests, so that a
//! connection that breaks costs one piece, and no mirror can send more than was asked for.
//!
//! Addresses that are not of the public internet are refused where names are resolved: what is
//! checked is what is connected to, on every redirect too. A redirect to another scheme is refused
//! there as well. No proxy is asked, whatever the environment says, since it would resolve names by
//! itself.

use jurat_store::{ContentHash, Store, StoreError};
use std::{
	io::{self, Read},
	net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
	time::Duration,
};
use ureq::{
	Agent,
	config::Config,
	http::{StatusCode, Uri, header, uri::Scheme},
	unversioned::{
		resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
		transport::{DefaultConnector, NextTimeout},
	},
};

use crate::LOG_TARGET;

/// Bytes of one request.
const PIECE: u64 = 8 * 1024 * 1024;

/// Bytes read and written at a time.
const CHUNK: usize = 256 * 1024;

/// How long a piece may take: below 140 KiB in a second a mirror is of no use.
const PIECE_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a mirror may send nothing.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a name and a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

const REDIRECTS: u32 = 3;

/// Why a mirror is of no use.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
	/// Not an address of a mirror.
	#[error("{0} is not an http or https address")]
	BadAddress(String),
	/// No answer, or an answer that is not HTTP.
	#[error(transparent)]
	Http(#[from] ureq::Error),
	/// The connection broke.
	#[error(transparent)]
	Io(#[from] io::Error),
	/// Another answer than the piece asked for.
	#[error("status {0}")]
	Status(StatusCode),
	/// Another piece than the one asked for, or one that is not whole.
	#[error("not the piece that was asked for")]
	WrongPiece,
	/// The store did not take it: also if it has another hash.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// Nobody waits for it any more.
	#[error("nobody waits for it any more")]
	Stopped,
	/// None of the mirrors gave it.
	#[error("no mirror has it")]
	None,
}

/// Web servers that have blobs.
#[derive(Clone, Debug)]
pub struct Mirrors {
	places: Vec<Place>,
	allow_private: bool,
	/// Whether only the ports of the web are connected to.
	web_only: bool,
}

/// What an address is of.
#[derive(Clone, Debug)]
enum Place {
	/// Of many blobs, each under its hash in hexadecimal digits. Ends with a slash.
	Folder(String),
	/// Of one.
	File(String),
}

impl Place {
	fn url(&self, content: &ContentHash) -> String {
		match self {
			Self::Folder(base) => format!("{base}{content}"),
			Self::File(url) => url.clone(),
		}
	}
}

impl Mirrors {
	/// Mirrors at these addresses: a blob is at `ADDRESS/HASH`. With `allow_private` they may be in
	/// networks that are not the public internet, for tests and for mirrors of one's own.
	pub fn new(
		addresses: impl IntoIterator<Item = String>,
		allow_private: bool,
	) -> Result<Self, MirrorError> {
		let places = addresses.into_iter().map(|address| match web_address(&address) {
			Some(uri) if uri.query().is_none() => {
				Ok(Place::Folder(format!("{}/", address.trim_end_matches('/'))))
			},
			_ => Err(MirrorError::BadAddress(address)),
		});
		let places = places.collect::<Result<_, _>>()?;
		Ok(Self { places, allow_private, web_only: false })
	}

	/// Addresses of one file, as a stranger gives them. Those that are none are left out, and so are
	/// those with a password. Unless `allow_private`, only the ports of the web are connected to.
	pub fn of_file(addresses: impl IntoIterator<Item = String>, allow_private: bool) -> Self {
		let fits = |address: &String| {
			let authority = web_address(address).and_then(|uri| uri.into_parts().authority);
			authority.is_some_and(|authority| !authority.as_str().contains('@'))
		};
		let places = addresses.into_iter().filter(fits).map(Place::File).collect();
		Self { places, allow_private, web_only: !allow_private }
	}

	/// Gets a blob from the first mirror that has it. Blocks; looks at `stop` after each chunk.
	/// Tells `count` how many bytes came.
	pub(crate) fn download(
		&self,
		store: &Store,
		content: &ContentHash,
		size: u64,
		stop: &dyn Fn() -> bool,
		count: &dyn Fn(u64),
	) -> Result<(), MirrorError> {
		for place in &self.places {
			let url = place.url(content);
			let begun = store.progress(content, size).is_some_and(|progress| progress.received > 0);
			let mut result = self.download_from(&url, store, content, size, stop, count);
			if let Err(MirrorError::Store(StoreError::WrongHash { .. })) = result
				&& begun
			{
				// The store has discarded all of it. What was wrong may have been the beginning,
				// which another mirror had sent.
				result = self.download_from(&url, store, content, size, stop, count);
			}
			match result {
				Ok(()) => return Ok(()),
				Err(MirrorError::Stopped) => return Err(MirrorError::Stopped),
				Err(error) => tracing::info!(target: LOG_TARGET, url, %error, "mirror"),
			}
		}
		Err(MirrorError::None)
	}

	fn download_from(
		&self,
		url: &str,
		store: &Store,
		content: &ContentHash,
		size: u64,
		stop: &dyn Fn() -> bool,
		count: &dyn Fn(u64),
	) -> Result<(), MirrorError> {
		let agent = self.agent(url)?;
		let mut at = match store.progress(content, size) {
			Some(progress) if progress.complete => return Ok(()),
			Some(progress) => progress.received,
			None => 0,
		};
		if size == 0 {
			return Ok(store.receive(content, 0, 0, &[]).map(|_| ())?);
		}
		while at < size {
			let end = (at + PIECE).min(size);
			let range = format!("bytes={at}-{}", end - 1);
			let mut response = agent.get(url).header(header::RANGE, range).call()?;
			match response.status() {
				StatusCode::PARTIAL_CONTENT => {
					let expected = format!("bytes {at}-{}/{size}", end - 1);
					let given = response.headers().get(header::CONTENT_RANGE);
					if given.is_none_or(|given| given.as_bytes() != expected.as_bytes()) {
						return Err(MirrorError::WrongPiece);
					}
				},
				// A server without ranges sends the whole.
				StatusCode::OK if at == 0 => {},
				status => return Err(MirrorError::Status(status)),
			}
			let whole = response.status() == StatusCode::OK;
			let end = if whole { size } else { end };
			let mut body = response.body_mut().as_reader().take(end - at);
			while at < end {
				let chunk = read_chunk(&mut body, stop)?;
				if chunk.is_empty() {
					return Err(MirrorError::WrongPiece);
				}
				at = store.receive(content, size, at, &chunk)?.received;
				count(chunk.len() as u64);
			}
		}
		Ok(())
	}

	fn agent(&self, url: &str) -> Result<Agent, MirrorError> {
		let bad = || MirrorError::BadAddress(url.to_string());
		let uri: Uri = url.parse().map_err(|_| bad())?;
		let scheme = uri.scheme().ok_or_else(bad)?.clone();
		let config = Agent::config_builder()
			.proxy(None)
			.http_status_as_error(false)
			.max_redirects(REDIRECTS)
			.timeout_resolve(Some(CONNECT_TIMEOUT))
			.timeout_connect(Some(CONNECT_TIMEOUT))
			.timeout_per_read(Some(READ_TIMEOUT))
			.timeout_global(Some(PIECE_TIMEOUT))
			.user_agent("jurat")
			.accept_encoding("identity")
			.build();
		let resolver = Guard {
			scheme,
			allow_private: self.allow_private,
			web_only: self.web_only,
			resolver: DefaultResolver::default(),
		};
		Ok(Agent::with_parts(config, DefaultConnector::default(), resolver))
	}
}

/// An address with a scheme of the web.
fn web_address(address: &str) -> Option<Uri> {
	let uri: Uri = address.parse().ok()?;
	let web = matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some();
	web.then_some(uri)
}

/// Reads until there is enough to write, or no more. Looks at `stop` whenever something came.
fn read_chunk(body: &mut impl Read, stop: &dyn Fn() -> bool) -> Result<Vec<u8>, MirrorError> {
	let mut chunk = vec![0; CHUNK];
	let mut filled = 0;
	while filled < CHUNK {
		if stop() {
			return Err(MirrorError::Stopped);
		}
		match body.read(&mut chunk[filled..])? {
			0 => break,
			read => filled += read,
		}
	}
	chunk.truncate(filled);
	Ok(chunk)
}

/// Resolves names to addresses of the public internet, for one scheme.
#[derive(Debug)]
struct Guard {
	scheme: Scheme,
	allow_private: bool,
	web_only: bool,
	resolver: DefaultResolver,
}

impl Resolver for Guard {
	fn resolve(
		&self,
		uri: &Uri,
		config: &Config,
		timeout: NextTimeout,
	) -> Result<ResolvedSocketAddrs, ureq::Error> {
		let refused = |what: &str| {
			let error = io::Error::new(io::ErrorKind::PermissionDenied, format!("{uri}: {what}"));
			Err(ureq::Error::Io(error))
		};
		if uri.scheme() != Some(&self.scheme) {
			return refused("redirected to another scheme");
		}
		if self.web_only && !matches!(uri.port_u16(), None | Some(80 | 443)) {
			return refused("a port of another service than the web");
		}
		let addresses = self.resolver.resolve(uri, config, timeout)?;
		let mut allowed = self.resolver.empty();
		for address in addresses.iter() {
			if self.allow_private || is_public(address) {
				allowed.push(*address);
			}
		}
		if allowed.is_empty() {
			return refused("not an address of the public internet");
		}
		Ok(allowed)
	}
}

/// Whether an address is of the public internet: in none of the blocks of IANA's registries of
/// special addresses that are not globally reachable (RFC 6890 and its updates).
pub(crate) fn is_public(address: &SocketAddr) -> bool {
	match address.ip() {
		IpAddr::V4(ip) => is_public_v4(ip),
		IpAddr::V6(ip) => is_public_v6(ip),
	}
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
	let [a, b, c, _] = ip.octets();
	!(a == 0
		|| ip.is_private()
		|| ip.is_loopback()
		|| ip.is_link_local()
		|| ip.is_multicast()
		|| ip.is_documentation()
		// Reserved, and broadcast.
		|| a >= 240
		// Shared by customers of a provider (RFC 6598).
		|| (a == 100 && (64..128).contains(&b))
		// Of the IETF; once relays to IPv6; benchmarks (RFC 2544).
		|| (a == 192 && b == 0 && c == 0)
		|| (a == 192 && b == 88 && c == 99)
		|| (a == 198 && (18..20).contains(&b)))
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
	if let Some(ip) = ip.to_ipv4_mapped() {
		return is_public_v4(ip);
	}
	let [a, b, ..] = ip.segments();
	// Global unicast is 2000::/3. Of that: protocols of the IETF, among them Teredo (2001::/23),
	// documentation (2001:db8::/32, 3fff::/20), and 6to4 (2002::/16), which wraps an IPv4 address.
	(0x2000..0x4000).contains(&a)
		&& !(a == 0x2001 && (b < 0x0200 || b == 0x0db8))
		&& a != 0x2002
		&& !(a == 0x3fff && b < 0x1000)
}
