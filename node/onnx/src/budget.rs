// SPDX-License-Identifier: Apache-2.0
//! What reading a file will cost, found before anything is allocated for it.
//!
//! Two bytes of a file can be an empty node, which takes hundreds of bytes once it is read. So the
//! file's structure is walked first: lengths only, nothing copied, constants jumped over. The walk
//! counts nodes, constants and nesting, adds up what the structures of [`crate::proto`] will take,
//! and refuses what the parsers of two languages could read in two ways: fields that may be there
//! once and are there twice, and groups.
//!
//! Time is linear in the file's size and the walk itself takes a few kilobytes of stack. What
//! [`crate::inspect()`] then holds is at most the file once more, and beside it 256 MiB and twelve
//! bytes for each byte of the file, but never more than 2 GiB.

use crate::{
	error::InspectError,
	inspect::{MAX_CONSTANTS, MAX_DEPTH, MAX_NODES, shown},
	proto,
};
use prost::{
	bytes::{Buf, Bytes},
	encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field},
};

/// Bytes that the structures of any file may take once it is read.
pub const BASE: u64 = 256 << 20;
/// Bytes that they may take beyond that, for each byte of the file: enough for constants that are
/// written as lists of numbers.
pub const FACTOR: u64 = 12;
/// Bytes that they may take however large the file is.
pub const MOST: u64 = 2 << 30;

/// The messages that are read.
#[derive(Clone, Copy)]
enum Message {
	Model,
	OperatorSet,
	Graph,
	Node,
	Attribute,
	Tensor,
	Sparse,
	Value,
	Type,
	TensorType,
	Shape,
	Dimension,
	Opaque,
}

/// What a field holds.
enum Field {
	/// One message.
	One(Message),
	/// Messages.
	Many(Message),
	/// A number, or text: kept once.
	Single,
	/// Texts, or byte strings.
	Texts,
	/// Numbers, of which each takes this many bytes in memory.
	Numbers(u64),
	/// Read by nobody here.
	Unknown,
}

impl Message {
	fn field(self, tag: u32) -> Field {
		use Field::*;
		match (self, tag) {
			(Self::Model, 1) => Single,
			(Self::Model, 7) => One(Self::Graph),
			(Self::Model, 8) => Many(Self::OperatorSet),
			(Self::Model, 20 | 25) => Many(Self::Opaque),
			(Self::OperatorSet, 1 | 2) => Single,
			(Self::Graph, 1) => Many(Self::Node),
			(Self::Graph, 2) => Single,
			(Self::Graph, 5) => Many(Self::Tensor),
			(Self::Graph, 11..=13) => Many(Self::Value),
			(Self::Graph, 15) => Many(Self::Sparse),
			(Self::Node, 1 | 2) => Texts,
			(Self::Node, 3 | 4 | 7 | 8) => Single,
			(Self::Node, 5) => Many(Self::Attribute),
			(Self::Attribute, 1..=4 | 20 | 21) => Single,
			(Self::Attribute, 5) => One(Self::Tensor),
			(Self::Attribute, 6) => One(Self::Graph),
			(Self::Attribute, 7) => Numbers(4),
			(Self::Attribute, 8) => Numbers(8),
			(Self::Attribute, 9) => Texts,
			(Self::Attribute, 10) => Many(Self::Tensor),
			(Self::Attribute, 11) => Many(Self::Graph),
			(Self::Attribute, 14) => One(Self::Opaque),
			(Self::Attribute, 15) => Many(Self::Opaque),
			(Self::Attribute, 22) => One(Self::Sparse),
			(Self::Attribute, 23) => Many(Self::Sparse),
			(Self::Tensor, 2 | 8 | 9 | 14) => Single,
			(Self::Tensor, 1 | 7 | 10 | 11) => Numbers(8),
			(Self::Tensor, 4 | 5) => Numbers(4),
			(Self::Tensor, 3) => One(Self::Opaque),
			(Self::Tensor, 6) => Texts,
			(Self::Tensor, 13) => Many(Self::Opaque),
			(Self::Sparse, 1) => One(Self::Tensor),
			(Self::Value, 1) => Single,
			(Self::Value, 2) => One(Self::Type),
			(Self::Type, 1) => One(Self::TensorType),
			(Self::Type, 4 | 5 | 8 | 9) => One(Self::Opaque),
			(Self::TensorType, 1) => Single,
			(Self::TensorType, 2) => One(Self::Shape),
			(Self::Shape, 1) => Many(Self::Dimension),
			(Self::Dimension, 1 | 2) => Single,
			_ => Unknown,
		}
	}

	/// Bytes that one takes in memory, as an element of a list that doubles when it is full.
	fn size(self) -> u64 {
		let size = match self {
			Self::Model => size_of::<proto::ModelProto>(),
			Self::OperatorSet => size_of::<proto::OperatorSetIdProto>(),
			Self::Graph => size_of::<proto::GraphProto>(),
			Self::Node => size_of::<proto::NodeProto>(),
			Self::Attribute => size_of::<proto::AttributeProto>(),
			Self::Tensor => size_of::<proto::TensorProto>(),
			Self::Sparse => size_of::<proto::SparseTensorProto>(),
			Self::Value => size_of::<proto::ValueInfoProto>(),
			Self::Type | Self::TensorType | Self::Shape => 0,
			Self::Dimension => size_of::<proto::DimensionProto>(),
			Self::Opaque => 0,
		};
		2 * size as u64
	}
}

/// Walks a file. `Ok` means that reading it stays within the bounds of this module.
pub(crate) fn check(file: &[u8]) -> Result<(), InspectError> {
	let size = file.len() as u64;
	let structures = size.saturating_mul(FACTOR).saturating_add(BASE).min(MOST);
	let limit = size.saturating_add(structures);
	let mut walk = Walk { nodes: 0, constants: 0, bytes: 0, limit };
	walk.message(Message::Model, file, 0)
}

struct Walk {
	nodes: u64,
	constants: u64,
	bytes: u64,
	limit: u64,
}

impl Walk {
	/// `depth`: graphs around this message. Recursion goes down by at most four messages for each.
	fn message(&mut self, kind: Message, mut rest: &[u8], depth: u32) -> Result<(), InspectError> {
		let mut depth = depth;
		match kind {
			Message::Opaque => return Ok(()),
			Message::Graph => depth += 1,
			Message::Node => self.nodes += 1,
			Message::Tensor => self.constants += 1,
			_ => {},
		}
		if depth > MAX_DEPTH {
			return Err(InspectError::TooDeep);
		}
		if self.nodes > MAX_NODES {
			return Err(InspectError::TooManyNodes);
		}
		if self.constants > MAX_CONSTANTS {
			return Err(InspectError::TooManyConstants);
		}
		self.take(kind.size())?;
		let mut seen = 0u32;
		while rest.has_remaining() {
			let (tag, wire_type) = decode_key(&mut rest).map_err(malformed)?;
			let field = kind.field(tag);
			if let Field::One(_) | Field::Single = field {
				// All these tags are below 32.
				let bit = 1u32.checked_shl(tag).unwrap_or(0);
				if seen & bit != 0 {
					return Err(InspectError::Malformed(format!("field {tag} is there twice")));
				}
				seen |= bit;
			}
			if matches!(wire_type, WireType::StartGroup | WireType::EndGroup) {
				return Err(InspectError::Malformed("a group".into()));
			}
			if wire_type != WireType::LengthDelimited {
				let before = rest.len();
				skip_field(wire_type, tag, &mut rest, DecodeContext::default())
					.map_err(malformed)?;
				if let Field::Numbers(size) = field {
					self.take(2 * size)?;
				}
				debug_assert!(rest.len() < before);
				continue;
			}
			let length = decode_varint(&mut rest).map_err(malformed)?;
			let body =
				usize::try_from(length).ok().and_then(|length| rest.split_at_checked(length));
			let Some((body, after)) = body else {
				return Err(InspectError::Malformed("cut short".into()));
			};
			rest = after;
			match field {
				Field::One(message) | Field::Many(message) => {
					self.message(message, body, depth)?;
				},
				// A reference into the file, or, if the file was not shared, one copy.
				Field::Texts => self.take(2 * size_of::<Bytes>() as u64 + length)?,
				Field::Single => self.take(length)?,
				// As many numbers as bytes, or fewer: floats take what they took in the file.
				Field::Numbers(size) => self.take(length.saturating_mul(match (kind, tag) {
					(Message::Attribute, 7) | (Message::Tensor, 4 | 10) => 2,
					_ => 2 * size,
				}))?,
				Field::Unknown => {},
			}
		}
		Ok(())
	}

	fn take(&mut self, bytes: u64) -> Result<(), InspectError> {
		self.bytes = self.bytes.saturating_add(bytes);
		let bytes = self.bytes;
		if bytes > self.limit { Err(InspectError::Memory { bytes }) } else { Ok(()) }
	}
}

fn malformed(error: prost::DecodeError) -> InspectError {
	InspectError::Malformed(shown(&error.to_string()))
}
