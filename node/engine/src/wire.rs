// SPDX-License-Identifier: Apache-2.0
//! What node and child say to each other: SCALE in frames, over a Unix socket.
//!
//! ```text
//! node                             child
//! Hello ─────────────────────────► limits itself, loads the library, closes its sandbox
//!       ◄─────────────── Ready | Refused
//! Load + open file ──────────────►
//!       ◄────────── Loaded | LoadFailed
//! Run   ─────────────────────────►
//!       ◄──────────── Output | RunFailed
//! Unload ────────────────────────►
//!       ◄────────────────────── Unloaded
//! ```
//!
//! A frame is its length, a little-endian `u32`, and that many bytes. An open file travels beside
//! the first byte of a frame (`SCM_RIGHTS`), one at most, to the child only. The child is not
//! trusted: its frames are bounded, and memory is taken as bytes arrive, not as they are announced.

use crate::{
	LoadError, Loaded, RunError, RunOutput, SessionUse,
	sandbox::{SandboxMode, SandboxReport},
	spread::Variant,
};
use codec::{Decode, DecodeAll, Encode};
use jurat_primitives::{ContentHash, Manifest, tensor::BlobTensors};
use rustix::{
	cmsg_space,
	net::{
		RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
		SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
	},
};
use std::{
	io::{self, IoSlice, IoSliceMut, Read, Write},
	mem::MaybeUninit,
	os::{
		fd::{AsFd, BorrowedFd, OwnedFd},
		unix::net::UnixStream,
	},
	time::{Duration, Instant},
};

/// Version of this protocol. Node and child are the same program, unless somebody mixes builds.
pub const VERSION: u16 = 2;
/// Bytes of a frame to the child, at most.
pub const MAX_REQUEST: usize = 1 << 30;
/// Bytes of a run's outputs, at most. Far above what an answer may be, for dry runs.
pub const MAX_OUTPUT: usize = 64 << 20;
/// Bytes of a frame from the child that answers a run, at most.
pub const MAX_RESPONSE: usize = MAX_OUTPUT + (1 << 20);
/// Bytes of any other frame from the child, at most. Lists take several times as many bytes once
/// they are read.
pub const MAX_REPLY: usize = 1 << 20;
/// Sessions that a child keeps, at most: twice what a node may announce.
pub const MAX_SESSIONS: usize = 512;

/// From the node.
#[derive(Debug, Encode, Decode)]
pub enum Request {
	/// The first frame.
	#[codec(index = 0)]
	Hello {
		/// [`VERSION`].
		version: u16,
		/// The library's file.
		library: Vec<u8>,
		/// Bytes of sessions to keep.
		session_budget: u64,
		/// Bytes of address space to be content with; 0: no limit.
		memory_limit: u64,
		/// What to do where the kernel cannot hold the child.
		sandbox: SandboxMode,
	},
	/// Make a session from the file that comes with it, or say that there is one.
	#[codec(index = 1)]
	Load {
		/// Hash of the file.
		content: ContentHash,
		/// What it must fit.
		manifest: Manifest,
	},
	/// Run a loaded model.
	#[codec(index = 2)]
	Run {
		/// Hash of its file.
		content: ContentHash,
		/// Microseconds after which the run is to be stopped.
		micros: u64,
		/// Inputs in the order of the manifest.
		inputs: BlobTensors,
	},
	/// Close the session of a model, if there is one.
	#[codec(index = 3)]
	Unload {
		/// Hash of its file.
		content: ContentHash,
	},
	/// Close all sessions, and make those to come in this way: to measure, see [`crate::spread`].
	#[codec(index = 4)]
	Vary(Variant),
}

/// From the child.
#[derive(Debug, Encode, Decode)]
pub enum Response {
	/// The library is loaded.
	#[codec(index = 0)]
	Ready {
		/// What it says of its own build.
		build_info: String,
		/// [`crate::library::cpu_features`].
		cpu_features: Vec<String>,
		/// What holds it.
		sandbox: SandboxReport,
	},
	/// The child cannot work, and ends.
	#[codec(index = 1)]
	Refused(Refusal),
	/// There is a session.
	#[codec(index = 2)]
	Loaded {
		/// What it is.
		loaded: Loaded,
		/// All sessions of the child.
		sessions: Vec<SessionUse>,
	},
	/// There is no session.
	#[codec(index = 3)]
	LoadFailed {
		/// Why.
		error: LoadError,
		/// All sessions of the child.
		sessions: Vec<SessionUse>,
	},
	/// The run ended well.
	#[codec(index = 4)]
	Output(RunOutput),
	/// The run did not end well.
	#[codec(index = 5)]
	RunFailed {
		/// Why.
		error: RunError,
		/// All sessions of the child.
		sessions: Vec<SessionUse>,
	},
	/// There is no session any more.
	#[codec(index = 6)]
	Unloaded {
		/// All sessions of the child.
		sessions: Vec<SessionUse>,
	},
	/// There are no sessions any more.
	#[codec(index = 7)]
	Varied,
}

/// A [`Response`] to a run, for the node: nothing else is read where frames may be large.
#[derive(Debug, Decode)]
pub enum Ran {
	/// [`Response::Output`].
	#[codec(index = 4)]
	Output(RunOutput),
	/// [`Response::RunFailed`].
	#[codec(index = 5)]
	Failed {
		/// Why.
		error: RunError,
		/// All sessions of the child.
		sessions: Vec<SessionUse>,
	},
}

/// Why a child cannot work.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, thiserror::Error)]
pub enum Refusal {
	/// It speaks another version.
	#[error("it speaks version {0} of the protocol, not {VERSION}")]
	Version(u16),
	/// The environment would let the library report home.
	#[error("telemetry is not switched off in its environment")]
	Telemetry,
	/// It cannot limit itself.
	#[error("it cannot limit itself: {0}")]
	Limits(String),
	/// The kernel cannot hold it, and it was told not to work then.
	#[error("no sandbox: {0}")]
	Sandbox(String),
	/// The library does not load.
	#[error("the library does not load: {0}")]
	Library(String),
}

/// Why there is no frame.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
	/// Not in time.
	#[error("timed out")]
	TimedOut,
	/// The other side is gone. It may have read what was sent.
	#[error("closed")]
	Closed,
	/// The other side is gone, and has not read all that was sent. Not every system tells this from
	/// [`Self::Closed`]; Linux does.
	#[error("closed unread")]
	Unread,
	/// Larger than a frame may be.
	#[error("a frame of {0} bytes is too large")]
	TooLarge(usize),
	/// Bytes that are no message.
	#[error("not a message")]
	Malformed,
	/// The socket failed.
	#[error(transparent)]
	Io(io::Error),
}

impl From<io::Error> for WireError {
	fn from(error: io::Error) -> Self {
		match error.kind() {
			io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Self::TimedOut,
			io::ErrorKind::UnexpectedEof => Self::Closed,
			// Writing to a socket that is closed; reading from one that was closed with bytes in it.
			io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset => Self::Unread,
			_ => Self::Io(error),
		}
	}
}

/// A message as a frame of at most `limit` bytes.
pub fn frame<T: Encode>(message: &T, limit: usize) -> Result<Vec<u8>, WireError> {
	let mut frame = vec![0; 4];
	message.encode_to(&mut frame);
	let length = frame.len() - 4;
	let header = u32::try_from(length).ok().filter(|_| length <= limit);
	frame[..4].copy_from_slice(&header.ok_or(WireError::TooLarge(length))?.to_le_bytes());
	Ok(frame)
}

/// Writes a frame; forever, if there is no deadline. After an error the other side does not have
/// all of it.
pub fn send(stream: &UnixStream, frame: &[u8], deadline: Option<Instant>) -> Result<(), WireError> {
	send_with(stream, frame, None, deadline)
}

/// Writes a frame with an open file. The file stays open here too.
pub fn send_with(
	stream: &UnixStream,
	frame: &[u8],
	file: Option<BorrowedFd<'_>>,
	deadline: Option<Instant>,
) -> Result<(), WireError> {
	let mut rest = frame;
	if let Some(file) = file {
		if let Some(deadline) = deadline {
			stream.set_write_timeout(Some(remaining(deadline)?))?;
		}
		let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
		let mut control = SendAncillaryBuffer::new(&mut space);
		let files = [file];
		// There is room: it was made for one.
		let _ = control.push(SendAncillaryMessage::ScmRights(&files));
		let sent = loop {
			// NOSIGNAL: an error, as for `write`, and not the end of the node.
			match sendmsg(stream, &[IoSlice::new(rest)], &mut control, SendFlags::NOSIGNAL) {
				Err(rustix::io::Errno::INTR) => {},
				result => break result.map_err(io::Error::from)?,
			}
		};
		rest = &rest[sent..];
	}
	while !rest.is_empty() {
		if let Some(deadline) = deadline {
			stream.set_write_timeout(Some(remaining(deadline)?))?;
		}
		match (&*stream).write(rest) {
			Ok(0) => return Err(WireError::Unread),
			Ok(written) => rest = &rest[written..],
			Err(error) if error.kind() == io::ErrorKind::Interrupted => {},
			Err(error) => return Err(error.into()),
		}
	}
	Ok(())
}

/// Reads a frame of at most `limit` bytes; forever, if there is no deadline.
pub fn receive<T: Decode>(
	stream: &UnixStream,
	limit: usize,
	deadline: Option<Instant>,
) -> Result<T, WireError> {
	// Read by itself: a process that is killed while it waits for a frame takes no more of it than
	// this, and leaves the rest unread, which tells the sender that it may ask another one.
	let mut header = [0; 4];
	fill(stream, &mut header, deadline)?;
	body(stream, header, limit, deadline)
}

/// Reads a frame as [`receive`] does, and the open file that may have come with it. Of several
/// files the last one is kept; those that do not fit into the limit of open files are lost.
pub fn receive_with<T: Decode>(
	stream: &UnixStream,
	limit: usize,
	deadline: Option<Instant>,
) -> Result<(T, Option<OwnedFd>), WireError> {
	let (mut header, mut filled, mut file) = ([0; 4], 0, None);
	while filled < header.len() {
		if let Some(deadline) = deadline {
			stream.set_read_timeout(Some(remaining(deadline)?))?;
		}
		let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
		let mut control = RecvAncillaryBuffer::new(&mut space);
		let mut into = [IoSliceMut::new(&mut header[filled..])];
		match recvmsg(stream.as_fd(), &mut into, &mut control, RecvFlags::CMSG_CLOEXEC) {
			Ok(message) if message.bytes == 0 => return Err(WireError::Closed),
			Ok(message) => filled += message.bytes,
			Err(rustix::io::Errno::INTR) => {},
			Err(error) => return Err(io::Error::from(error).into()),
		}
		for message in control.drain() {
			if let RecvAncillaryMessage::ScmRights(files) = message {
				file = files.last().or(file);
			}
		}
	}
	Ok((body(stream, header, limit, deadline)?, file))
}

fn body<T: Decode>(
	stream: &UnixStream,
	header: [u8; 4],
	limit: usize,
	deadline: Option<Instant>,
) -> Result<T, WireError> {
	let length = u32::from_le_bytes(header) as usize;
	if length > limit {
		return Err(WireError::TooLarge(length));
	}
	let mut body = Vec::new();
	while body.len() < length {
		let start = body.len();
		// As much again as has arrived, so that an announcement costs nothing.
		let more = (length - start).min(start.max(1 << 20));
		body.resize(start + more, 0);
		fill(stream, &mut body[start..], deadline)?;
	}
	T::decode_all(&mut body.as_slice()).map_err(|_| WireError::Malformed)
}

fn fill(
	mut stream: &UnixStream,
	buffer: &mut [u8],
	deadline: Option<Instant>,
) -> Result<(), WireError> {
	let mut filled = 0;
	while filled < buffer.len() {
		if let Some(deadline) = deadline {
			stream.set_read_timeout(Some(remaining(deadline)?))?;
		}
		match stream.read(&mut buffer[filled..]) {
			Ok(0) => return Err(WireError::Closed),
			Ok(read) => filled += read,
			Err(error) if error.kind() == io::ErrorKind::Interrupted => {},
			Err(error) => return Err(error.into()),
		}
	}
	Ok(())
}

fn remaining(deadline: Instant) -> Result<Duration, WireError> {
	let remaining = deadline.saturating_duration_since(Instant::now());
	// Less than a microsecond would be rounded to a timeout of zero, which means none.
	if remaining < Duration::from_micros(1) { Err(WireError::TimedOut) } else { Ok(remaining) }
}

#[cfg(test)]
mod tests {
	use super::*;

	fn soon() -> Option<Instant> {
		Some(Instant::now() + Duration::from_millis(50))
	}

	#[test]
	fn a_message_arrives_as_it_was_sent() {
		let (ours, theirs) = UnixStream::pair().unwrap();
		let text = "x".repeat(3 << 20);
		let sent = frame(&Response::Refused(Refusal::Library(text.clone())), MAX_RESPONSE).unwrap();
		let sender = std::thread::spawn(move || send(&ours, &sent, None));
		let received = receive::<Response>(&theirs, MAX_RESPONSE, None).unwrap();
		assert!(matches!(received, Response::Refused(Refusal::Library(t)) if t == text));
		sender.join().unwrap().unwrap();
	}

	#[test]
	fn an_open_file_arrives_with_its_frame_and_with_no_other() {
		use std::io::Seek;
		let (ours, theirs) = UnixStream::pair().unwrap();
		let mut file = tempfile::tempfile().unwrap();
		file.write_all(b"content").unwrap();
		file.rewind().unwrap();
		let text = "x".repeat(3 << 20);
		let large = frame(&text, MAX_REQUEST).unwrap();
		let sender = std::thread::spawn(move || {
			send_with(&ours, &large, Some(file.as_fd()), None).unwrap();
			send_with(&ours, &frame(&7u8, 9).unwrap(), None, None).unwrap();
			send_with(&ours, &frame(&8u8, 9).unwrap(), Some(file.as_fd()), None).unwrap();
		});
		let (received, file) = receive_with::<String>(&theirs, MAX_REQUEST, None).unwrap();
		assert_eq!(received, text);
		let mut content = String::new();
		std::fs::File::from(file.unwrap()).read_to_string(&mut content).unwrap();
		assert_eq!(content, "content");
		let (number, file) = receive_with::<u8>(&theirs, 9, None).unwrap();
		assert!(number == 7 && file.is_none());
		// Who does not ask for a file gets none.
		assert_eq!(receive::<u8>(&theirs, 9, None).unwrap(), 8);
		sender.join().unwrap();
		let closed = receive_with::<u8>(&theirs, 9, None);
		assert!(matches!(closed, Err(WireError::Closed)), "{closed:?}");
	}

	#[test]
	fn silence_ends_at_the_deadline() {
		let (ours, theirs) = UnixStream::pair().unwrap();
		let silence = receive::<u8>(&ours, 9, soon());
		assert!(matches!(silence, Err(WireError::TimedOut)), "{silence:?}");
		// a frame that is announced, and never comes
		send(&theirs, &[9, 0, 0, 0, 1], None).unwrap();
		let half = receive::<u8>(&ours, 9, soon());
		assert!(matches!(half, Err(WireError::TimedOut)), "{half:?}");
		let full = vec![0; 64 << 20];
		let nobody_reads = send(&ours, &full, soon());
		assert!(matches!(nobody_reads, Err(WireError::TimedOut)), "{nobody_reads:?}");
	}

	#[test]
	fn a_closed_socket_tells_whether_all_was_read() {
		let (ours, mut theirs) = UnixStream::pair().unwrap();
		send(&ours, &[1, 2, 3], None).unwrap();
		theirs.read_exact(&mut [0; 3]).unwrap();
		drop(theirs);
		let read = receive::<u8>(&ours, 9, None);
		assert!(matches!(read, Err(WireError::Closed)), "{read:?}");

		let (ours, mut theirs) = UnixStream::pair().unwrap();
		send(&ours, &[1, 2, 3], None).unwrap();
		theirs.read_exact(&mut [0; 2]).unwrap();
		drop(theirs);
		let unread = receive::<u8>(&ours, 9, None);
		assert!(matches!(unread, Err(WireError::Unread)), "{unread:?}");

		let (ours, theirs) = UnixStream::pair().unwrap();
		drop(theirs);
		let unsent = send(&ours, &[1, 2, 3], None);
		assert!(matches!(unsent, Err(WireError::Unread)), "{unsent:?}");
	}

	#[test]
	fn frames_are_bounded_and_must_be_messages() {
		assert!(matches!(frame(&vec![0u8; 9], 8), Err(WireError::TooLarge(10))));
		let (ours, theirs) = UnixStream::pair().unwrap();
		send(&theirs, &u32::MAX.to_le_bytes(), None).unwrap();
		let large = receive::<u8>(&ours, MAX_RESPONSE, None);
		assert!(matches!(large, Err(WireError::TooLarge(_))), "{large:?}");
		send(&theirs, &[2, 0, 0, 0, 1, 2], None).unwrap();
		let trailing = receive::<u8>(&ours, 9, None);
		assert!(matches!(trailing, Err(WireError::Malformed)), "{trailing:?}");
	}

	#[test]
	fn an_answer_to_a_run_is_that_and_no_list_of_texts() {
		let session = SessionUse { content: ContentHash([7; 32]), bytes: 8, uses: 9 };
		let failed = Response::RunFailed { error: RunError::Stopped, sessions: vec![session] };
		let read = Ran::decode_all(&mut failed.encode().as_slice());
		assert!(matches!(read, Ok(Ran::Failed { error: RunError::Stopped, sessions })
			if sessions.len() == 1 && sessions[0].uses == 9));
		let output = RunOutput { outputs: Default::default(), micros: 6 };
		let read = Ran::decode_all(&mut Response::Output(output.clone()).encode().as_slice());
		assert!(matches!(read, Ok(Ran::Output(read)) if read == output));
		for other in [Response::Varied, Response::Unloaded { sessions: Vec::new() }] {
			assert!(Ran::decode_all(&mut other.encode().as_slice()).is_err(), "{other:?}");
		}
	}
}
