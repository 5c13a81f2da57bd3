// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! What the exchange needs of a network. [`SubstrateNetwork`](crate::SubstrateNetwork) is the one
//! that a node has.

use futures::{future::BoxFuture, stream::BoxStream};
use jurat_store::ContentHash;
use sc_network::ReputationChange;
use sc_network_types::PeerId;

/// Why a request got no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
	/// No response in time.
	#[error("no response in time")]
	TimedOut,
	/// The peer closed the stream without an answer: its queue is full, it has banned us, or it
	/// does not speak the protocol.
	#[error("refused")]
	Refused,
	/// There is no connection, and none could be made.
	#[error("not connected")]
	Unreachable,
}

/// Requests to peers, and who may have what.
pub trait Network: Send + Sync + 'static {
	/// Sends a request to a peer, connecting to it first if that is needed.
	fn request(
		&self,
		peer: PeerId,
		request: Vec<u8>,
	) -> BoxFuture<'static, Result<Vec<u8>, RequestError>>;

	/// Peers connected now.
	fn connected(&self) -> BoxFuture<'static, Vec<PeerId>>;

	/// Peers of which the network says that they have this blob. Ends when the network knows no
	/// more. Anybody can claim to have anything.
	fn providers(&self, content: ContentHash) -> BoxStream<'static, PeerId>;

	/// Tells the network that this node has this blob. Whether the network took note.
	fn start_providing(&self, content: ContentHash) -> BoxFuture<'static, bool>;

	/// This node no longer has this blob.
	fn stop_providing(&self, content: ContentHash);

	/// Changes what this node thinks of a peer.
	fn report(&self, peer: PeerId, change: ReputationChange);
}

/// What misbehaviour costs. Reputation recovers by 1/200 of itself each second; a peer is
/// disconnected and refused below 71% of [`i32::MIN`].
pub(crate) mod cost {
	use sc_network::ReputationChange as Rep;

	/// A range that is not the one of the blob: nobody sends such a range by mistake, since who
	/// encodes it checks it.
	pub const WRONG_RANGE: Rep = Rep::new_fatal("Wrong range of a blob");
	/// Bytes that are no response.
	pub const BAD_RESPONSE: Rep = Rep::new_fatal("Malformed response about a blob");
	/// Bytes that are no request.
	pub const BAD_REQUEST: Rep = Rep::new(-(1 << 28), "Malformed request for a blob");
	/// One more than the many requests over a limit that are tolerated. Ten in a second, kept up,
	/// end the connection.
	pub const OVER_LIMIT: Rep = Rep::new(-(1 << 20), "Requests for blobs over the limit");
	/// The same range again and again.
	pub const SAME_REQUEST: Rep = Rep::new(-(1 << 20), "Same range of a blob many times");
	/// Says that it has a range, and does not send it. May be a slow line.
	pub const STALLED: Rep = Rep::new(-(1 << 14), "Range of a blob not sent in time");
}
