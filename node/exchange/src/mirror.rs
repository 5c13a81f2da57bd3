// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Mirrors: plain web servers that have blobs, for when no peer has one. The operator names some,
//! which have any blob under its hash; a release may name some, which have its file.
//!
//! A mirror proves nothing, so what comes from it goes through the store's path for whole files: it
//! becomes a blob only if all of it has the hash. It comes in pieces, by `Range` requests, so that a
//! connection that breaks costs one piece, and no mirror can send more than was asked for. Of what
//! comes from a stranger's address nothing is kept unless it is the blob.
//!
//! Addresses that are not of the public internet are refused where names are resolved: what is
//! checked is what is connected to, on every redirect too. Redirects are followed here and not by
//! the HTTP library, so that each is held to the same as the first address, and no body of one is
//! read. No proxy is asked, whatever the environment says, since it would resolve names by itself.
//!
//! A panic of the HTTP library is caught: a server of a stranger must not end the node with it.

use jurat_store::{ContentHash, Store, StoreError};
use sp_panic_handler::AbortGuard;
use std::{
	io::{self, Read},
	net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
	panic::{self, AssertUnwindSafe},
	time::{Duration, Instant},
};
use ureq::{
	Agent, Body,
	config::Config,
	http::{Response, StatusCode, Uri, header, uri::Scheme},
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

/// How long a piece may take, redirects and all: below 140 KiB in a second a mirror is of no use.
const PIECE_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a mirror may send nothing.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a name and a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Redirects that are followed for one piece.
const REDIRECTS: usize = 3;

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
	/// A redirect to what is no address, of another scheme, or, from a stranger's, with a password.
	#[error("a redirect that is not followed")]
	BadRedirect,
	/// One redirect after another.
	#[error("more than {REDIRECTS} redirects")]
	TooManyRedirects,
	/// Another piece than the one asked for, or one that is not whole.
	#[error("not the piece that was asked for")]
	WrongPiece,
	/// The store did not take it: also if it has another hash.
	#[error(transparent)]
	Store(#[from] StoreError),
	/// The HTTP library panicked over what came.
	#[error("the HTTP library failed over the answer")]
	Panicked,
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
	/// Whether strangers named them, and not the operator.
	of_strangers: bool,
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
		Ok(Self { places, allow_private, of_strangers: false })
	}

	/// Addresses of one file, as a stranger gives them. Those that are none are left out, and so are
	/// those with a password. Unless `allow_private`, only the ports of the web are connected to.
	pub fn of_file(addresses: impl IntoIterator<Item = String>, allow_private: bool) -> Self {
		let fits = |address: &String| web_address(address).is_some_and(|uri| !names_user(&uri));
		let places = addresses.into_iter().filter(fits).map(Place::File).collect();
		Self { places, allow_private, of_strangers: true }
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
		let wanted = Wanted { store, content, size, stop, count };
		for place in &self.places {
			let url = place.url(content);
			let begun = store.progress(content, size).is_some_and(|progress| progress.received > 0);
			let mut result = caught(|| self.download_from(&url, &wanted));
			if let Err(MirrorError::Store(StoreError::WrongHash { .. })) = result
				&& begun && !self.of_strangers
			{
				// The store has discarded all of it. What was wrong may have been the beginning,
				// which another mirror had sent.
				result = caught(|| self.download_from(&url, &wanted));
			}
			match result {
				Ok(()) => return Ok(()),
				Err(MirrorError::Stopped) => return Err(MirrorError::Stopped),
				Err(error) => tracing::info!(target: LOG_TARGET, url, %error, "mirror"),
			}
		}
		Err(MirrorError::None)
	}

	fn download_from(&self, url: &str, wanted: &Wanted<'_>) -> Result<(), MirrorError> {
		let Wanted { store, content, size, .. } = *wanted;
		let at = match store.progress(content, size) {
			Some(progress) if progress.complete => return Ok(()),
			Some(progress) => progress.received,
			None => 0,
		};
		if self.of_strangers {
			// Nothing stays if it breaks off, nor takes more room than what has come: there may be
			// as many such addresses as somebody likes to publish.
			let mut incoming = store.incoming(content, size)?;
			self.pieces(url, wanted, 0, &mut |_, chunk| incoming.write(chunk))?;
			return Ok(incoming.finish()?);
		}
		if size == 0 {
			return Ok(store.receive(content, 0, 0, &[]).map(|_| ())?);
		}
		self.pieces(url, wanted, at, &mut |at, chunk| {
			store.receive(content, size, at, chunk).map(|progress| progress.received)
		})
	}

	/// Gets all that is from `at` on, piece by piece, and gives it to `take`, which says where to go
	/// on.
	fn pieces(
		&self,
		url: &str,
		wanted: &Wanted<'_>,
		mut at: u64,
		take: &mut dyn FnMut(u64, &[u8]) -> Result<u64, StoreError>,
	) -> Result<(), MirrorError> {
		let uri = web_address(url).ok_or_else(|| MirrorError::BadAddress(url.to_string()))?;
		let agent = self.agent(&uri)?;
		let size = wanted.size;
		while at < size {
			let end = (at + PIECE).min(size);
			let mut response = self.get(&agent, &uri, &format!("bytes={at}-{}", end - 1))?;
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
				let chunk = read_chunk(&mut body, wanted.stop)?;
				if chunk.is_empty() {
					return Err(MirrorError::WrongPiece);
				}
				at = take(at, &chunk)?;
				(wanted.count)(chunk.len() as u64);
			}
		}
		Ok(())
	}

	/// Asks for a range, there and wherever that redirects to.
	fn get(&self, agent: &Agent, uri: &Uri, range: &str) -> Result<Response<Body>, MirrorError> {
		let deadline = Instant::now() + PIECE_TIMEOUT;
		let mut uri = uri.clone();
		for _ in 0..=REDIRECTS {
			let left = deadline.saturating_duration_since(Instant::now());
			let request = agent.get(uri.clone()).header(header::RANGE, range);
			let response = request.config().timeout_global(Some(left)).build().call()?;
			if !is_redirect(response.status()) {
				return Ok(response);
			}
			// The body is not read, and if there is one the connection goes with it.
			uri = self.target(&uri, &response)?;
		}
		Err(MirrorError::TooManyRedirects)
	}

	/// Where a redirect leads, if that is held to the same as the address that was given. The rest
	/// is looked at where names are resolved.
	fn target(&self, from: &Uri, response: &Response<Body>) -> Result<Uri, MirrorError> {
		let location = response.headers().get(header::LOCATION);
		let location = location.and_then(|location| location.to_str().ok());
		let to = location.and_then(|location| join(from, location));
		let fits = |to: &Uri| {
			is_web(to) && to.scheme() == from.scheme() && !(self.of_strangers && names_user(to))
		};
		to.filter(fits).ok_or(MirrorError::BadRedirect)
	}

	fn agent(&self, uri: &Uri) -> Result<Agent, MirrorError> {
		let bad = || MirrorError::BadAddress(uri.to_string());
		let scheme = uri.scheme().ok_or_else(bad)?.clone();
		let config = Agent::config_builder()
			.proxy(None)
			.http_status_as_error(false)
			.max_redirects(0)
			.max_redirects_will_error(false)
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
			web_only: self.of_strangers && !self.allow_private,
			resolver: DefaultResolver::default(),
		};
		Ok(Agent::with_parts(config, DefaultConnector::default(), resolver))
	}
}

/// What is to be got, and for whom.
struct Wanted<'a> {
	store: &'a Store,
	content: &'a ContentHash,
	size: u64,
	stop: &'a dyn Fn() -> bool,
	count: &'a dyn Fn(u64),
}

/// Runs this so that a panic of the HTTP library, over what some server sent, is an error and not
/// the end of the process, which is what the node makes of any other panic.
fn caught(run: impl FnOnce() -> Result<(), MirrorError>) -> Result<(), MirrorError> {
	let _unwind = AbortGuard::force_unwind();
	panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or(Err(MirrorError::Panicked))
}

/// Whether an answer says to look elsewhere.
fn is_redirect(status: StatusCode) -> bool {
	matches!(
		status,
		StatusCode::MOVED_PERMANENTLY
			| StatusCode::FOUND
			| StatusCode::SEE_OTHER
			| StatusCode::TEMPORARY_REDIRECT
			| StatusCode::PERMANENT_REDIRECT
	)
}

/// The address that a `Location` is of, seen from another (RFC 3986, section 5.2).
pub(crate) fn join(from: &Uri, location: &str) -> Option<Uri> {
	let (scheme, authority) = (from.scheme_str()?, from.authority()?);
	let location = location.split('#').next().unwrap_or_default();
	let (path, query) = location.split_at(location.find('?').unwrap_or(location.len()));
	let text = if location.is_empty() {
		return Some(from.clone());
	} else if path.split('/').next().is_some_and(|first| first.contains(':')) {
		location.to_string()
	} else if path.starts_with("//") {
		format!("{scheme}:{location}")
	} else {
		let path = if path.is_empty() {
			from.path().to_string()
		} else if path.starts_with('/') {
			without_dots(path)
		} else {
			let folder = from.path().rsplit_once('/').map_or("", |(folder, _)| folder);
			without_dots(&format!("{folder}/{path}"))
		};
		format!("{scheme}://{authority}{path}{query}")
	};
	text.parse().ok()
}

/// A path that begins with a slash, without its segments `.` and `..`.
fn without_dots(path: &str) -> String {
	let mut kept = Vec::new();
	for segment in path.split('/').skip(1) {
		match segment {
			"." => {},
			".." => drop(kept.pop()),
			segment => kept.push(segment),
		}
	}
	if path.ends_with("/.") || path.ends_with("/..") {
		kept.push("");
	}
	format!("/{}", kept.join("/"))
}

/// An address with a scheme of the web.
fn web_address(address: &str) -> Option<Uri> {
	address.parse().ok().filter(is_web)
}

fn is_web(uri: &Uri) -> bool {
	matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some()
}

/// Whether an address names a user, or a password.
fn names_user(uri: &Uri) -> bool {
	uri.authority().is_some_and(|authority| authority.as_str().contains('@'))
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
			return refused("another scheme");
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
