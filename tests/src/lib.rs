// SPDX-License-Identifier: Apache-2.0
//! # End-to-end tests
//!
//! Real nodes, started from the built binary, on this machine's loopback. What is waited for is
//! waited for in blocks.
//!
//! | module | holds |
//! | --- | --- |
//! | [`harness`] | runs the promises of a file, one after another, on one network |
//! | [`node`] | one node: its process, its log, its end |
//! | [`network`] | the nodes of a chain |
//! | [`wait`] | waiting, bounded in blocks |
//! | [`actors`] | validators that serve, owners that publish, dApps that ask |
//! | [`models`] | the models and inputs of the tests |
//! | [`events`] | events of whole blocks, and what they say of fees |
//! | [`attestation`] | commitments signed by hand, honest and otherwise |
//! | [`witness`] | what was committed to in any block of any fork |
//! | [`economics`] | who gains and who loses over some blocks, to the unit |
//! | [`invariants`] | what holds at the end of every test |
//!
//! Settings, all of them optional: `JURAT_NODE_BIN` and `JURAT_BYZANTINE_NODE_BIN` (else the nodes
//! that were built with the tests), `JURAT_ONNXRUNTIME` (else that of `scripts/setup.sh`), `JURAT_TEST_LOG` (targets and levels, as
//! the node's `--log` takes them).

pub mod actors;
pub mod attestation;
pub mod economics;
pub mod events;
pub mod harness;
pub mod invariants;
pub mod models;
pub mod network;
pub mod node;
pub mod wait;
pub mod witness;
