// SPDX-License-Identifier: Apache-2.0
//! # ONNX files, read without running them
//!
//! ```text
//! file ──inspect──► GraphFacts ──derive_manifest──► Manifest      (who publishes a model)
//!                       └────────check_signature(Manifest)        (who serves it)
//! ```
//!
//! | module | holds |
//! | --- | --- |
//! | [`proto`] | the part of ONNX's protobuf schema that is read |
//! | [`facts`] | what is known of a graph |
//! | [`inspect`](mod@inspect) | from bytes to facts, or a typed refusal |
//! | [`derive`](mod@derive) | from facts to a manifest |
//! | [`check`] | whether facts and manifest say the same |
//! | [`build`] | small graphs, written by hand: for examples and tests |
//!
//! A model is untrusted input. Nothing here recurses deeper than [`inspect::MAX_DEPTH`] graphs (and
//! prost's limit of 100 messages) or panics on any bytes; time is linear in the file's size, and so
//! is memory, with a factor of up to 100 for a file of nothing but empty nodes. What is refused is
//! refused by a typed [`InspectError`].
//!
//! Not done here: bounds on loops and attributes. A file that passes may still hang or kill the
//! process that runs it; that is why models run in a child process.

pub mod build;
pub mod check;
pub mod derive;
pub mod facts;
pub mod inspect;
pub mod proto;
mod quantisation;
mod tensors;

pub use check::{Mismatch, Side, check_signature};
pub use derive::{DeriveError, ManifestOptions, default_profile, derive_manifest};
pub use facts::{Activations, Dim, GraphFacts, ValueFacts};
pub use inspect::{InspectError, inspect, inspect_bytes};
/// A file's bytes, shared without copying.
pub use prost::bytes::Bytes;
