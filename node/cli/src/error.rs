// SPDX-License-Identifier: Apache-2.0
//! What can go wrong between client and chain.

use jurat_primitives::{ReleaseId, RequestId};

/// An error of the client.
#[derive(Debug, thiserror::Error)]
pub enum Error {
	/// No connection.
	#[error(
		"no node answers at {url}: {reason}. Start one (`jurat-node --dev`), or name another with \
		 --url or JURAT_URL"
	)]
	Connect {
		/// Where.
		url: String,
		/// Why.
		reason: String,
	},
	/// The connection is gone.
	#[error("the connection to the node was lost: {0}")]
	Disconnected(String),
	/// The node refuses a call of its own interface.
	#[error("the node refuses {method}: {message}")]
	Node {
		/// The method.
		method: String,
		/// JSON-RPC code; `-32601`: no such method.
		code: i32,
		/// What the node says.
		message: String,
		/// What it says for programs.
		data: Option<serde_json::Value>,
	},
	/// The node takes a call from its own machine only.
	#[error(
		"the node takes {0} from its own machine only: run `jurat` there, or start the node with \
		 --rpc-methods unsafe where only you can reach it"
	)]
	NotLocal(String),
	/// The node answers with something else than was asked for.
	#[error(
		"{what} cannot be read: {reason}. Node and client are probably of different versions; \
		 `jurat status` shows the node's"
	)]
	Decode {
		/// What.
		what: String,
		/// Why.
		reason: String,
	},
	/// The call was included in a block and failed.
	#[error("the chain refuses {call}: {name}{}", in_brackets(.docs))]
	Dispatch {
		/// The call, as `Pallet.call`.
		call: String,
		/// The error, as `Pallet::Error`.
		name: String,
		/// What the chain says of it.
		docs: String,
	},
	/// The call cannot be built or never entered the pool.
	#[error("{call} was not taken: {reason}")]
	NotTaken {
		/// The call, as `Pallet.call`.
		call: String,
		/// Why.
		reason: String,
		/// Why a new attempt may succeed, if it may.
		passing: Option<Passing>,
	},
	/// The call entered the pool but no block.
	#[error("{call} was in no block within {seconds} s; it may still enter one")]
	NotIncluded {
		/// The call, as `Pallet.call`.
		call: String,
		/// How long was waited.
		seconds: u64,
	},
	/// An event that the chain should have given is not there.
	#[error(
		"the block has no {0} for this transaction. Node and client are probably of different versions"
	)]
	NoEvent(&'static str),
	/// Neither open nor settled.
	#[error("request {0} is not known: it never was, or its result is no longer kept")]
	NoRequest(RequestId),
	/// No such release.
	#[error("release {0} is not known")]
	NoRelease(ReleaseId),
	/// A request did not end by its deadline.
	#[error(
		"request {request} has not ended although its deadline, block {deadline}, has passed; \
		 `jurat request watch {request}` waits on"
	)]
	Overdue {
		/// Which.
		request: RequestId,
		/// Its last block.
		deadline: u32,
	},
	/// A blob is not what its name says.
	#[error("the node gave other bytes than {expected}: got {got}")]
	WrongBlob {
		/// The hash asked for.
		expected: String,
		/// The hash of what came.
		got: String,
	},
	/// The node lacks a blob.
	#[error("the node does not have blob {0}. Put it there with `jurat blob put <file>`")]
	NoBlob(String),
	/// The node's store of blobs has reached its limit.
	#[error(
		"{0}. On the node: `jurat blob list` shows what is pinned, `jurat blob unpin <hash>` lets \
		 it go, and --blob-cap-gib raises the limit"
	)]
	StoreFull(String),
	/// The node's disk is full.
	#[error("the disk of the node is full: make room there, then try again; what it has it keeps")]
	NodeDiskFull,
	/// The node takes many files at a time already.
	#[error("{0}. Try again when one of them is complete")]
	TooManyUploads(String),
	/// The node's copy of a blob was damaged, and is gone.
	#[error(
		"blob {0} was damaged on the node's disk and is removed there. Put it again with \
		 `jurat blob put <file>`, and have a look at the disk"
	)]
	DamagedBlob(String),
	/// Reading or writing a file.
	#[error("{path}: {reason}")]
	File {
		/// Which.
		path: String,
		/// Why.
		reason: std::io::Error,
	},
}

/// Why a node's pool refuses a transaction now that it may take a little later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passing {
	/// Another transaction of the account took the same place.
	Raced,
	/// The node has the block from which the transaction's life is counted, its pool has not seen it
	/// yet: the node has just caught up with the chain.
	Behind,
}

fn in_brackets(docs: &str) -> String {
	if docs.is_empty() { String::new() } else { format!(" ({docs})") }
}

impl Error {
	/// Whether the node does not know the method that was called.
	pub fn is_unknown_method(&self) -> bool {
		matches!(self, Self::Node { code: -32601, .. })
	}

	/// The name of the chain's error, as `Pallet::Error`, if the chain refused a call.
	pub fn dispatch(&self) -> Option<&str> {
		match self {
			Self::Dispatch { name, .. } => Some(name),
			_ => None,
		}
	}
}

/// A result of the client.
pub type Result<T, E = Error> = core::result::Result<T, E>;
