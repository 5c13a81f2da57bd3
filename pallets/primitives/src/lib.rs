// SPDX-License-Identifier: Apache-2.0
//! # Jurat primitives
//!
//! The one vocabulary of Jurat, shared by its pallets, its node and its clients. `no_std`.
//!
//! | module | holds |
//! | --- | --- |
//! | [`ids`] | names of things: models, releases, requests, contents |
//! | [`tensor`] | typed tensors, exact from client to ONNX Runtime and back |
//! | [`manifest`] | what a release promises: signature, engine, numeric profile, cost |
//! | [`profile`] | when two answers count as equal |
//! | [`assurance`] | how an answer becomes accepted |
//! | [`answer`] | what an attester swears to: an output or a typed failure |
//! | [`commitment`] | digests and the salted, sender-bound commitment |
//! | [`batch`] | what an attester's session key signs |
//! | [`equivocation`] | evidence that a key signed two things that contradict each other |
//! | [`crypto`] | the attestation session key |
//! | [`announcement`] | what an attester's node announces by itself |
//! | [`custody`] | proofs that an attester holds a file |
//! | [`mirror`] | where a release's file can be had besides |
//! | [`mailbox`] | how the off-chain worker and the native executor meet |
//! | [`request`] | what a requester sends and what it costs |
//! | [`outcome`] | how a request ends, and why |
//! | [`settlement`] | the terminal record of a request |
//! | [`income`] | who shares in what attesters earn |
//! | [`view`] | what the runtime APIs show |
//! | [`traits`] | the seams between the pallets |

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

pub mod announcement;
pub mod answer;
pub mod assurance;
pub mod batch;
pub mod commitment;
pub mod crypto;
pub mod custody;
pub mod equivocation;
pub mod ids;
pub mod income;
pub mod limits;
pub mod mailbox;
pub mod manifest;
pub mod mirror;
pub mod outcome;
pub mod profile;
pub mod request;
pub mod settlement;
pub mod tensor;
pub mod traits;
pub mod view;

pub use answer::{Answer, JobFailure};
pub use assurance::Assurance;
pub use crypto as attestation_crypto;
pub use ids::{ContentHash, ModelId, ReleaseId, RequestDigest, RequestId, Version};
pub use manifest::{Dimension, EngineId, Manifest, TensorSpec};
pub use mirror::{Mirror, Mirrors};
pub use outcome::{ExpiryReason, Outcome, UnservedReason, Verdict};
pub use profile::NumericProfile;
pub use request::{RequestInput, RequestOptions};
pub use settlement::Settlement;
pub use tensor::{ElementType, InlineTensor, NamedTensor, Tensor, Tensors};
