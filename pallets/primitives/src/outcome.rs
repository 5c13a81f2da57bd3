// SPDX-License-Identifier: Apache-2.0
//! How a request ends, and why.

use crate::{answer::JobFailure, tensor::Tensors};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Why a panel that was drawn gave nothing in time.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum ExpiryReason {
	/// Fewer commitments than the threshold within the commit window.
	#[codec(index = 0)]
	CommitmentsMissing,
	/// Fewer reveals than the threshold within the reveal window.
	#[codec(index = 1)]
	RevealsMissing,
	/// Enough attesters swore to one digest, but nobody showed the answer behind it.
	#[codec(index = 2)]
	AnswerMissing,
}

/// Why nobody could serve a request.
#[derive(
	Clone,
	Copy,
	Debug,
	PartialEq,
	Eq,
	Encode,
	Decode,
	DecodeWithMemTracking,
	MaxEncodedLen,
	TypeInfo,
)]
pub enum UnservedReason {
	/// Fewer attesters serve the release than the panel has seats.
	#[codec(index = 0)]
	TooFewAttesters,
	/// No panel with the requested stake could be drawn.
	#[codec(index = 1)]
	TooLittleStake,
	/// So many members of the panel could not run the model that no answer could be accepted.
	#[codec(index = 2)]
	Execution(JobFailure),
	/// The chain had so much to do that it came to the request when no panel could finish in time
	/// any more.
	#[codec(index = 3)]
	ChainBusy,
}

/// How a request ended.
#[derive(
	Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum Outcome {
	/// Enough of the panel agreed on this output.
	#[codec(index = 0)]
	Answered(Tensors),
	/// The panel answered, but too few of it agreed. Nobody is right for sure.
	#[codec(index = 1)]
	Disagreed,
	/// A panel was drawn but did not deliver.
	#[codec(index = 2)]
	Expired(ExpiryReason),
	/// Nobody could serve it.
	#[codec(index = 3)]
	Unserved(UnservedReason),
	/// The requester withdrew it before a panel was drawn.
	#[codec(index = 4)]
	Cancelled,
}

/// What became of one member of the panel.
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
pub enum Verdict {
	/// Agreed with the accepted answer; paid.
	#[codec(index = 0)]
	Agreed,
	/// `Approximate`: outside the tolerance but not beyond the gross bound; unpaid, no fault.
	#[codec(index = 1)]
	Outlier,
	/// Said in time that it could not run the model; unpaid, no fault.
	#[codec(index = 2)]
	Abstained,
	/// Answered, but no answer was accepted; unpaid, no fault.
	#[codec(index = 3)]
	Undecided,
	/// Fault: `Exact` answer other than the accepted one, or beyond the gross bound.
	#[codec(index = 4)]
	Divergent,
	/// Fault: no commitment.
	#[codec(index = 5)]
	NoShow,
	/// Fault: no reveal after a commitment.
	#[codec(index = 6)]
	Withheld,
	/// Fault: a reveal that does not open the commitment.
	#[codec(index = 7)]
	BadOpening,
	/// Committed, but the panel failed before reveals were due; unpaid, no fault.
	#[codec(index = 8)]
	Excused,
}

impl Verdict {
	/// The fault it is, if it is one.
	pub const fn fault(self) -> Option<Fault> {
		match self {
			Self::Divergent => Some(Fault::Divergent),
			Self::NoShow => Some(Fault::NoShow),
			Self::Withheld => Some(Fault::Withheld),
			Self::BadOpening => Some(Fault::BadOpening),
			_ => None,
		}
	}
}

/// A breach of an attester's duty.
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
pub enum Fault {
	/// No commitment within the window.
	#[codec(index = 0)]
	NoShow,
	/// No reveal after a commitment.
	#[codec(index = 1)]
	Withheld,
	/// A reveal that does not open the commitment.
	#[codec(index = 2)]
	BadOpening,
	/// A wrong answer by a decidable rule.
	#[codec(index = 3)]
	Divergent,
	/// No proof, within its deadline, that a file is there which the attester announced.
	#[codec(index = 4)]
	NotHeld,
}

impl Fault {
	/// All of them, in the order of their indices.
	pub const ALL: [Self; 5] =
		[Self::NoShow, Self::Withheld, Self::BadOpening, Self::Divergent, Self::NotHeld];
}
