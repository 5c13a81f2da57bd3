// SPDX-License-Identifier: Apache-2.0
//! Names and sentences for what the chain knows as variants.

use jurat_primitives::{
	ExpiryReason, Outcome, UnservedReason, Verdict, answer::JobFailure, outcome::Fault,
	traits::Conduct, view::Stage,
};

/// Name of an outcome, and of its reason.
pub fn outcome_names(outcome: &Outcome) -> (&'static str, Option<&'static str>) {
	match outcome {
		Outcome::Answered(_) => ("answered", None),
		Outcome::Disagreed => ("disagreed", None),
		Outcome::Cancelled => ("cancelled", None),
		Outcome::Expired(reason) => (
			"expired",
			Some(match reason {
				ExpiryReason::CommitmentsMissing => "commitments_missing",
				ExpiryReason::RevealsMissing => "reveals_missing",
				ExpiryReason::AnswerMissing => "answer_missing",
			}),
		),
		Outcome::Unserved(reason) => (
			"unserved",
			Some(match reason {
				UnservedReason::TooFewAttesters => "too_few_attesters",
				UnservedReason::TooLittleStake => "too_little_stake",
				UnservedReason::Execution(failure) => failure_name(*failure),
				UnservedReason::ChainBusy => "chain_busy",
			}),
		),
	}
}

/// How a request ended, in a sentence.
pub fn outcome_text(outcome: &Outcome) -> String {
	match outcome {
		Outcome::Answered(_) => "answered".into(),
		Outcome::Disagreed => {
			"disagreed: the panel answered, but too few of it agreed. Nobody is right for sure; you \
			 are refunded"
				.into()
		},
		Outcome::Cancelled => "cancelled, and refunded".into(),
		Outcome::Expired(reason) => {
			let why = match reason {
				ExpiryReason::CommitmentsMissing => "too few of the panel committed in time",
				ExpiryReason::RevealsMissing => "too few of the panel revealed in time",
				ExpiryReason::AnswerMissing => "nobody showed the answer that enough swore to",
			};
			format!("expired: {why}; you are refunded")
		},
		Outcome::Unserved(reason) => match reason {
			UnservedReason::TooFewAttesters => {
				"unserved: fewer attesters serve the release than the panel has seats; you are \
				 refunded. A smaller --panel may be served"
					.into()
			},
			UnservedReason::TooLittleStake => {
				"unserved: no panel with the requested stake could be drawn; you are refunded. A \
				 smaller --min-stake may be served"
					.into()
			},
			UnservedReason::ChainBusy => {
				"unserved: the chain had too much to do until its deadline; you are refunded. Try \
				 again, perhaps with a longer --deadline"
					.into()
			},
			UnservedReason::Execution(failure) => {
				format!("unserved: the panel could not run it ({failure}); you are refunded")
			},
		},
	}
}

/// Name of a failure of a node.
pub fn failure_name(failure: JobFailure) -> &'static str {
	match failure {
		JobFailure::EngineUnavailable => "engine_unavailable",
		JobFailure::ModelUnavailable => "model_unavailable",
		JobFailure::ModelRejected => "model_rejected",
		JobFailure::InputUnavailable => "input_unavailable",
		JobFailure::InputMismatch => "input_mismatch",
		JobFailure::RunFailed => "run_failed",
		JobFailure::TimedOut => "timed_out",
		JobFailure::Crashed => "crashed",
		JobFailure::OutputMismatch => "output_mismatch",
		JobFailure::OutputTooLarge => "output_too_large",
		JobFailure::Overloaded => "overloaded",
	}
}

/// Name of a verdict.
pub fn verdict_name(verdict: Verdict) -> &'static str {
	match verdict {
		Verdict::Agreed => "agreed",
		Verdict::Outlier => "outlier",
		Verdict::Abstained => "abstained",
		Verdict::Undecided => "undecided",
		Verdict::Divergent => "divergent",
		Verdict::NoShow => "no_show",
		Verdict::Withheld => "withheld",
		Verdict::BadOpening => "bad_opening",
		Verdict::Excused => "excused",
	}
}

/// Name of a fault.
pub fn fault_name(fault: Fault) -> &'static str {
	match fault {
		Fault::NoShow => "no_show",
		Fault::Withheld => "withheld",
		Fault::BadOpening => "bad_opening",
		Fault::Divergent => "divergent",
		Fault::NotHeld => "not_held",
	}
}

/// Name of a stage.
pub fn stage_name(stage: Stage) -> &'static str {
	match stage {
		Stage::Pending => "pending",
		Stage::Assigned => "assigned",
		Stage::Committed => "committed",
		Stage::Revealing => "revealing",
	}
}

/// Name of what a member of a panel did.
pub(super) fn conduct_name(conduct: &Conduct) -> &'static str {
	match conduct {
		Conduct::Silent => "silent",
		Conduct::Committed(_) => "committed",
		Conduct::Revealed(_) => "revealed",
		Conduct::BadOpening => "bad_opening",
	}
}
