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
//! | [`error`] | why a file is refused |
//! | [`inspect`](mod@inspect) | from bytes to facts, or a typed refusal; the limits |
//! | [`budget`] | what reading a file will cost, found before it is read |
//! | [`opsets`] | versions of operator sets |
//! | [`operators`] | operators that can be served |
//! | `survey` | the walk over a graph, node by node: control flow, constants |
//! | `scope` | names: each defined once, before it is used |
//! | `attributes` | attributes within ranges |
//! | `growth` | sizes that constants alone make absurd |
//! | `quantisation` | whether quantised operators take unsigned or signed activations |
//! | [`derive`](mod@derive) | from facts to a manifest |
//! | [`check`] | whether facts and manifest say the same |
//! | [`build`] | small graphs, written by hand: for examples and tests |
//!
//! A model is untrusted input. Nothing here recurses deeper than [`inspect::MAX_DEPTH`] graphs or
//! panics on any bytes. Time is linear in the file's size; memory is bounded before any is taken
//! ([`budget`]).
//!
//! What passes is a graph in single static assignment, without cycles, without loops that depend on
//! data, made of known operators with attributes in their ranges and of constants that are here. It
//! may still be slow, take much memory for some inputs, or meet a flaw of ONNX Runtime (dividing
//! -2³¹ by -1, say): that is why models run in a child process.

mod attributes;
pub mod budget;
pub mod build;
pub mod check;
pub mod derive;
pub mod error;
pub mod facts;
mod growth;
pub mod inspect;
pub mod operators;
pub mod opsets;
pub mod proto;
mod quantisation;
mod scope;
mod survey;
mod tensors;

pub use check::{Mismatch, Side, check_signature};
pub use derive::{DeriveError, ManifestOptions, default_profile, derive_manifest};
pub use error::InspectError;
pub use facts::{Activations, Dim, GraphFacts, ValueFacts};
pub use inspect::{inspect, inspect_bytes};
/// A file's bytes, shared without copying.
pub use prost::bytes::Bytes;
