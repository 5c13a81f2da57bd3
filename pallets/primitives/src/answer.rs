// SPDX-License-Identifier: Apache-2.0
//! What an attester swears to.

use crate::tensor::Tensors;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use core::fmt;
use scale_info::TypeInfo;

/// Why an attester's node could not give an output. To say so in time is honest: it is unpaid, but
/// no fault.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Hash,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum JobFailure {
	/// This node has no inference engine, or not the one that the manifest names.
	#[codec(index = 0)]
	EngineUnavailable,
	/// The model file could not be had.
	#[codec(index = 1)]
	ModelUnavailable,
	/// The engine does not load the model, or it is not what its manifest says.
	#[codec(index = 2)]
	ModelRejected,
	/// The input named by hash could not be had.
	#[codec(index = 3)]
	InputUnavailable,
	/// The input named by hash is not what the request says.
	#[codec(index = 4)]
	InputMismatch,
	/// The model failed on this input.
	#[codec(index = 5)]
	RunFailed,
	/// The run did not end in time.
	#[codec(index = 6)]
	TimedOut,
	/// The process that ran the model died: a crash, or a limit on its memory.
	#[codec(index = 7)]
	Crashed,
	/// The output does not fit the manifest.
	#[codec(index = 8)]
	OutputMismatch,
	/// The output is larger than an answer may be.
	#[codec(index = 9)]
	OutputTooLarge,
	/// The node has more work than it can do in time.
	#[codec(index = 10)]
	Overloaded,
}

impl fmt::Display for JobFailure {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::EngineUnavailable => "the inference engine is not available",
			Self::ModelUnavailable => "the model file could not be had",
			Self::ModelRejected => "the engine rejects the model",
			Self::InputUnavailable => "the input could not be had",
			Self::InputMismatch => "the input is not what the request says",
			Self::RunFailed => "the model failed on this input",
			Self::TimedOut => "the run did not end in time",
			Self::Crashed => "the process that ran the model died",
			Self::OutputMismatch => "the output does not fit the manifest",
			Self::OutputTooLarge => "the output is too large",
			Self::Overloaded => "the node has more work than it can do in time",
		})
	}
}

/// What an attester swears to: the output of the release on the input, or why there is none.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Answer {
	/// The output, in the order of the manifest, NaNs canonical.
	#[codec(index = 0)]
	Output(Tensors),
	/// No output.
	#[codec(index = 1)]
	Failure(JobFailure),
}
