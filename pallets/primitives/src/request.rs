// SPDX-License-Identifier: Apache-2.0
//! What a requester sends, and what it costs.

use crate::{
	assurance::Assurance,
	ids::ContentHash,
	limits::MaxTensors,
	manifest::{Manifest, SignatureError, TensorHeader, check_headers, check_tensors},
	tensor::Tensors,
};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::BoundedVec;
use scale_info::TypeInfo;

/// Input of a request.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum RequestInput {
	/// The tensors themselves, in the order of the manifest.
	#[codec(index = 0)]
	Inline(Tensors),
	/// A blob that holds the SCALE encoding of the tensors ([`crate::tensor::BlobTensors`]).
	#[codec(index = 1)]
	Blob {
		/// BLAKE3 hash of the blob.
		content: ContentHash,
		/// Its size in bytes.
		size: u64,
		/// What the tensors are, in the order of the manifest.
		headers: BoundedVec<TensorHeader, MaxTensors>,
	},
}

impl RequestInput {
	/// Whether the input fits the manifest. For a blob, whether what is said of it fits; attesters
	/// compare the blob with what is said.
	pub fn check(&self, manifest: &Manifest) -> Result<(), SignatureError> {
		match self {
			Self::Inline(tensors) => check_tensors(&manifest.inputs, tensors, manifest.allow_nan),
			Self::Blob { headers, .. } => check_headers(&manifest.inputs, headers),
		}
	}

	/// Bytes an attester has to fetch and read; what the fee per byte is charged for.
	pub fn size(&self) -> u64 {
		match self {
			Self::Inline(tensors) => tensors.encoded_size() as u64,
			Self::Blob { size, .. } => *size,
		}
	}
}

/// What the requester chose.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct RequestOptions<Balance, BlockNumber> {
	/// How an answer becomes accepted.
	pub assurance: Assurance,
	/// The most that the request may cost. Protects from a price that rises between quote and
	/// inclusion; what is held is the quote at inclusion.
	pub max_fee: Balance,
	/// Blocks from inclusion within which the request must end.
	pub deadline: BlockNumber,
	/// Stake (exposure in consensus) that the panel must have in sum.
	pub min_stake: Balance,
}

/// What a request costs at most, and what for. All amounts in planck of JUR.
#[derive(
	Clone,
	Debug,
	Default,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub struct Quote<Balance> {
	/// To each attester that agrees: base fee + compute units × price + bytes of the input × price
	/// + bytes that the output may have × price.
	pub per_attester: Balance,
	/// To all attesters of the panel.
	pub attesters: Balance,
	/// To the model's owner.
	pub royalty: Balance,
	/// To the treasury: the protocol's share of the two before, rounded up.
	pub protocol: Balance,
	/// Sum; what is held in escrow.
	pub total: Balance,
}
