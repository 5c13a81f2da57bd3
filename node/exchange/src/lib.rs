// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! # Jurat exchange
//!
//! Moves blobs between nodes. Whoever knows hash and size of a blob, as the chain says them, can
//! have it from anybody, since every range of it comes with its proof.
//!
//! ```text
//! fetch(hash, size) ──► job ──► plan           who is asked for what, and when
//!                        │ ▲
//!          Have, Range   ▼ │  ranges, checked before they are written
//!                      network ◄──────────────► server ──► gate      who may have how much
//!                        │                        │
//!                 hash table ◄── announcer ◄── store
//! ```
//!
//! | file | holds |
//! | --- | --- |
//! | `protocol` | the messages, and their bounds |
//! | `exchange` | fetches: who waits for which blob |
//! | `job`, `plan` | one fetch: what it does, and by which rules |
//! | `server`, `gate` | the serving side, and its limits |
//! | `announce` | tells the network what is here |
//! | `mirror` | web servers, for what no peer has |
//! | `network`, `substrate` | what is needed of a network, and `sc-network` as one |
//! | `shelf` | the store, with what is on its way into it |
//! | `metrics` | for Prometheus |
//!
//! ## What a stranger can do
//!
//! * *Send wrong bytes*: costs one range of traffic, and the sender its connection. Nothing wrong is
//!   ever written.
//! * *Send nothing, or slowly*: the range is asked of another after two seconds, and of this peer
//!   less and less. A fetch ends at its deadline, or earlier if nothing comes.
//! * *Claim to have what it has not*: costs one small request, then one for a range.
//! * *Ask for too much*: is told to come back later, from a queue that does not grow; if it does not
//!   heed that, loses reputation and the connection.
//! * *Read slowly*: holds one of a bounded number of places for a bounded time.
//! * *Publish a wrong size on the chain*: nobody has the blob under that size, and nothing is
//!   written. Under a right size, what the store's limits allow is what it can take.

mod announce;
mod error;
mod exchange;
mod gate;
mod job;
mod metrics;
mod mirror;
mod network;
mod plan;
mod protocol;
mod server;
mod shelf;
mod substrate;

pub use announce::Announcer;
pub use async_channel;
pub use error::FetchError;
pub use exchange::{Config, Exchange, ExchangeParams, Hint, Hints};
pub use gate::ServeLimits;
pub use mirror::{MirrorError, Mirrors};
pub use network::{Network, RequestError};
pub use protocol::{
	Held, MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES, Malformed, Request, Response, protocol_name,
};
pub use server::Server;
pub use substrate::{Connected, SubstrateNetwork, protocol_config};

/// Target of log lines.
const LOG_TARGET: &str = "exchange";

#[cfg(test)]
mod tests;
