// SPDX-License-Identifier: Apache-2.0
//! Structural limits of the protocol. Amounts and lengths of time are runtime parameters instead.

use sp_core::ConstU32;

/// Tensors on one side (inputs or outputs) of a model.
pub const MAX_TENSORS: u32 = 16;
/// Dimensions of one tensor.
pub const MAX_RANK: u32 = 8;
/// Bytes of a tensor's, symbol's or operator's name.
pub const MAX_NAME: u32 = 64;
/// Bytes of data in one tensor that travels inside an extrinsic.
pub const MAX_INLINE_TENSOR: u32 = 64 * 1024;
/// SCALE-encoded bytes of all inline inputs of one request.
pub const MAX_INLINE_INPUT: u32 = 64 * 1024;
/// Bytes of data in one tensor that a request names by hash.
pub const MAX_BLOB_TENSOR: u32 = 256 * 1024 * 1024;
/// SCALE-encoded bytes of the outputs of a release with the `Exact` profile.
pub const MAX_OUTPUT_EXACT: u32 = 64 * 1024;
/// SCALE-encoded bytes of the outputs of a release with the `Approximate` profile, where each
/// member of the panel posts its own.
pub const MAX_OUTPUT_APPROXIMATE: u32 = 4 * 1024;
/// Attesters on one panel.
pub const MAX_PANEL: u32 = 15;
/// Entries of one batch: of requests, of commitments, of reveals.
pub const MAX_BATCH: u32 = 256;
/// Releases in each list of one announcement.
pub const MAX_ANNOUNCED: u32 = 32;
/// Releases that one attester serves.
pub const MAX_SERVED: u32 = 256;
/// Distinct operators in one graph, as listed by its manifest.
pub const MAX_OPERATORS: u32 = 128;
/// Tags of one release.
pub const MAX_TAGS: u32 = 8;
/// Bytes of one tag.
pub const MAX_TAG: u32 = 32;
/// Bytes of a licence identifier (SPDX expression).
pub const MAX_LICENCE: u32 = 64;
/// Addresses that a release names for its file.
pub const MAX_MIRRORS: u32 = 4;
/// Bytes of one of them.
pub const MAX_MIRROR: u32 = 256;
/// Bytes of a model file.
pub const MAX_MODEL_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// [`MAX_TENSORS`] as a type.
pub type MaxTensors = ConstU32<MAX_TENSORS>;
/// [`MAX_RANK`] as a type.
pub type MaxRank = ConstU32<MAX_RANK>;
/// [`MAX_NAME`] as a type.
pub type MaxName = ConstU32<MAX_NAME>;
/// [`MAX_PANEL`] as a type.
pub type MaxPanel = ConstU32<MAX_PANEL>;
/// [`MAX_BATCH`] as a type.
pub type MaxBatch = ConstU32<MAX_BATCH>;
/// [`MAX_ANNOUNCED`] as a type.
pub type MaxAnnounced = ConstU32<MAX_ANNOUNCED>;
/// [`MAX_SERVED`] as a type.
pub type MaxServed = ConstU32<MAX_SERVED>;
/// [`MAX_INLINE_TENSOR`] as a type: the limit of a tensor inside an extrinsic.
pub type InlineLimit = ConstU32<MAX_INLINE_TENSOR>;
/// [`MAX_BLOB_TENSOR`] as a type: the limit of a tensor that travels by hash.
pub type BlobLimit = ConstU32<MAX_BLOB_TENSOR>;
