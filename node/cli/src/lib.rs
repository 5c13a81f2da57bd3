// SPDX-License-Identifier: Apache-2.0
//! # The client of Jurat
//!
//! What the command `jurat` is made of, and what other programs talk to the chain with.
//!
//! | module | holds |
//! | --- | --- |
//! | [`client`] | [`client::Client`]: submits calls, reads state, follows requests, speaks to the node |
//! | [`tensors`] | tensors from and to JSON, NumPy and ONNX files |
//! | [`input`] | the inputs of a request, from the command line |
//! | [`publish`] | a manifest from an ONNX file |
//! | [`reference`] | models by name, number and version |
//! | [`amount`] | amounts of JUR |
//! | [`keys`] | key files and secret URIs |
//! | [`view`] | what the command prints, as data |
//! | [`cli`], [`commands`] | the command line |

pub mod amount;
pub mod cli;
pub mod client;
pub mod commands;
pub mod error;
pub mod input;
pub mod keys;
pub mod publish;
pub mod reference;
pub mod tensors;
pub mod ui;
pub mod view;

pub use client::Client;
pub use error::Error;
pub use tensors::{json, npy};
