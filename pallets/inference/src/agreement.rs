// SPDX-License-Identifier: Apache-2.0
//! Agreement: from what the members of a panel did to the outcome of the request and a verdict on
//! each of them. Pure: no storage, no money.
//!
//! # What a member stands for
//!
//! | it | counts as |
//! | --- | --- |
//! | did not commit | silent |
//! | committed, did not reveal | withholding |
//! | revealed what does not open its commitment | a bad opening: **no** reveal |
//! | revealed a digest behind which an output was shown, by whomever | an output |
//! | revealed the digest of a failure, shown or not | that failure |
//! | revealed any other digest, behind which nothing was shown | an output unseen |
//!
//! There are so few failures that each is known by its digest. So a member that said in time that
//! it could not run the model is never punished because nobody repeated its words in full.
//!
//! # Which answer is accepted
//!
//! * `Exact`: the output whose digest at least `threshold` members revealed. `threshold` is more
//!   than half of the panel, so there is at most one.
//! * `Approximate`: of the outputs shown, the one within the tolerance of which most members are,
//!   itself included; of several, that of the member drawn first. At least `threshold` of them.
//!   Being within a tolerance is not transitive; only distance to the accepted output counts.
//! * A failure is never accepted, an output unseen neither, nor one that does not fit the manifest
//!   ([`Manifest::accepts_output`]).
//!
//! # If none is, in this order
//!
//! 1. fewer than `threshold` members revealed (outputs, seen or not, and failures):
//!    [`ExpiryReason::RevealsMissing`];
//! 2. fewer than `threshold` members revealed outputs, seen or not, so that no answer could have
//!    been accepted: [`UnservedReason::Execution`], with the failure of most members, of several
//!    the one of the member drawn first;
//! 3. at least `threshold` members revealed one digest, but its answer was not shown:
//!    [`ExpiryReason::AnswerMissing`];
//! 4. [`Outcome::Disagreed`].
//!
//! # What becomes of the members
//!
//! | member | an answer was accepted | none was | commit window failed |
//! | --- | --- | --- | --- |
//! | silent | `NoShow` | `NoShow` | `NoShow` |
//! | withholding | `Withheld` | `Withheld` | `Excused` |
//! | bad opening | `BadOpening` | `BadOpening` | `BadOpening` |
//! | failure | `Abstained` | `Abstained` | `Abstained` |
//! | the accepted answer, or within tolerance of it | `Agreed` | | |
//! | another output, `Exact` | `Divergent` | `Undecided` | `Undecided` |
//! | another output, `Approximate`, within the gross bound, or no such bound | `Outlier` | `Undecided` | `Undecided` |
//! | another output, `Approximate`, beyond the gross bound | `Divergent` | `Undecided` | `Undecided` |
//! | an output unseen, `Exact` | `Divergent` | `Undecided` | `Undecided` |
//! | an output unseen, `Approximate` | `Outlier` | `Undecided` | `Undecided` |
//!
//! The last row cannot happen while panels insist on the answer itself from each member of an
//! `Approximate` panel; what nobody saw is not known to be beyond a bound. Reveals before the end
//! of the commit window cannot happen either.

use alloc::{vec, vec::Vec};
use codec::Decode;
use jurat_primitives::{
	Answer, ExpiryReason, JobFailure, Manifest, NumericProfile, Outcome, Tensors, UnservedReason,
	Verdict,
	commitment::{AnswerDigest, answer_digest},
	profile::outputs_agree,
	traits::Conduct,
};

/// What a panel's members made of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
	/// How the request ends.
	pub outcome: Outcome,
	/// Digest of the accepted answer. Of `Approximate` answers, the one that is handed out.
	pub answer: Option<AnswerDigest>,
	/// What becomes of each member, in the order in which they were given.
	pub verdicts: Vec<Verdict>,
}

/// What a member stands for.
#[derive(Clone, Copy)]
enum Stand<'a> {
	Silent,
	Withholding,
	BadOpening,
	Failure(JobFailure),
	Output(AnswerDigest, &'a Tensors),
	Unseen(AnswerDigest),
}

impl Stand<'_> {
	/// What was revealed, if it is not a failure.
	const fn output(&self) -> Option<AnswerDigest> {
		match self {
			Self::Output(digest, _) | Self::Unseen(digest) => Some(*digest),
			_ => None,
		}
	}

	const fn failure(&self) -> Option<JobFailure> {
		match self {
			Self::Failure(failure) => Some(*failure),
			_ => None,
		}
	}

	/// What becomes of a member if no answer was accepted.
	const fn without_answer(&self) -> Verdict {
		match self {
			Self::Silent => Verdict::NoShow,
			Self::Withholding => Verdict::Withheld,
			Self::BadOpening => Verdict::BadOpening,
			Self::Failure(_) => Verdict::Abstained,
			Self::Output(..) | Self::Unseen(_) => Verdict::Undecided,
		}
	}
}

/// Every failure, by its digest.
fn failures() -> impl Iterator<Item = (AnswerDigest, JobFailure)> {
	(0u8..=u8::MAX)
		.map_while(|index| JobFailure::decode(&mut &[index][..]).ok())
		.map(|failure| (answer_digest(&Answer::Failure(failure)), failure))
}

fn stands<'a>(conducts: &[Conduct], answers: &'a [(AnswerDigest, Answer)]) -> Vec<Stand<'a>> {
	// Hashed only if somebody revealed what nobody showed.
	let mut known_failures = None;
	let mut unshown = |digest: AnswerDigest| {
		let known = known_failures.get_or_insert_with(|| failures().collect::<Vec<_>>());
		match known.iter().find(|(failure, _)| *failure == digest) {
			Some((_, failure)) => Stand::Failure(*failure),
			None => Stand::Unseen(digest),
		}
	};
	conducts
		.iter()
		.map(|conduct| match conduct {
			Conduct::Silent => Stand::Silent,
			Conduct::Committed(_) => Stand::Withholding,
			Conduct::BadOpening => Stand::BadOpening,
			Conduct::Revealed(digest) => match answers.iter().find(|(shown, _)| shown == digest) {
				Some((_, Answer::Output(output))) => Stand::Output(*digest, output),
				Some((_, Answer::Failure(failure))) => Stand::Failure(*failure),
				None => unshown(*digest),
			},
		})
		.collect()
}

/// The value that occurs most often, and how often; of several, the one that comes first.
fn most_frequent<V: PartialEq + Copy>(values: impl Iterator<Item = V>) -> Option<(V, usize)> {
	let mut counts: Vec<(V, usize)> = Vec::new();
	for value in values {
		match counts.iter_mut().find(|(counted, _)| *counted == value) {
			Some((_, count)) => *count += 1,
			None => counts.push((value, 1)),
		}
	}
	first_most(counts)
}

/// Of those with the highest count, the first.
fn first_most<V>(counts: Vec<(V, usize)>) -> Option<(V, usize)> {
	counts.into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best })
}

/// The accepted output: the place of a member that revealed it.
fn accepted(stands: &[Stand<'_>], manifest: &Manifest, threshold: usize) -> Option<usize> {
	let (place, supporters) = match manifest.profile {
		NumericProfile::Exact => {
			let (digest, supporters) = most_frequent(stands.iter().filter_map(Stand::output))?;
			(stands.iter().position(|stand| stand.output() == Some(digest))?, supporters)
		},
		NumericProfile::Approximate { tolerance, .. } => {
			let outputs: Vec<_> = stands
				.iter()
				.enumerate()
				.filter_map(|(place, stand)| match stand {
					Stand::Output(digest, output) => Some((place, *digest, *output)),
					_ => None,
				})
				.collect();
			// Each with itself; then each pair once, for agreement is symmetric.
			let mut supporters = vec![1usize; outputs.len()];
			for (i, (_, digest, output)) in outputs.iter().enumerate() {
				for (j, (_, other_digest, other)) in outputs.iter().enumerate().skip(i + 1) {
					if digest == other_digest || outputs_agree(output, other, &tolerance) {
						supporters[i] += 1;
						supporters[j] += 1;
					}
				}
			}
			let places = outputs.iter().map(|(place, ..)| *place);
			first_most(places.zip(supporters).collect())?
		},
	};
	match stands.get(place)? {
		Stand::Output(_, output) => {
			(supporters >= threshold && manifest.accepts_output(output)).then_some(place)
		},
		_ => None,
	}
}

/// What becomes of a member, given the accepted output.
fn verdict(
	stand: &Stand<'_>,
	accepted: (AnswerDigest, &Tensors),
	profile: &NumericProfile,
) -> Verdict {
	let Some(digest) = stand.output() else { return stand.without_answer() };
	if digest == accepted.0 {
		return Verdict::Agreed;
	}
	match (profile, stand) {
		(NumericProfile::Exact, _) => Verdict::Divergent,
		(NumericProfile::Approximate { tolerance, gross }, Stand::Output(_, output)) => {
			let within = |bounds| outputs_agree(output, accepted.1, bounds);
			if within(tolerance) {
				Verdict::Agreed
			} else if gross.as_ref().is_some_and(|gross| !within(gross)) {
				Verdict::Divergent
			} else {
				Verdict::Outlier
			}
		},
		(NumericProfile::Approximate { .. }, _) => Verdict::Outlier,
	}
}

/// The outcome if no answer was accepted.
fn without_answer(stands: &[Stand<'_>], threshold: usize) -> Outcome {
	let outputs = stands.iter().filter(|stand| stand.output().is_some()).count();
	let failures = stands.iter().filter(|stand| stand.failure().is_some()).count();
	if outputs + failures < threshold {
		return Outcome::Expired(ExpiryReason::RevealsMissing);
	}
	if outputs < threshold {
		// At least one, for with the outputs they reach the threshold.
		if let Some((failure, _)) = most_frequent(stands.iter().filter_map(Stand::failure)) {
			return Outcome::Unserved(UnservedReason::Execution(failure));
		}
	}
	let unseen = stands.iter().filter_map(|stand| match stand {
		Stand::Unseen(digest) => Some(*digest),
		_ => None,
	});
	match most_frequent(unseen) {
		Some((_, count)) if count >= threshold => Outcome::Expired(ExpiryReason::AnswerMissing),
		_ => Outcome::Disagreed,
	}
}

/// What comes of a panel whose reveals are over. `conducts`: what each member did, in the order in
/// which they were drawn; `answers`: what was shown, by digest; `threshold`: more than half of the
/// panel.
pub fn decide(
	conducts: &[Conduct],
	answers: &[(AnswerDigest, Answer)],
	manifest: &Manifest,
	threshold: u8,
) -> Decision {
	let threshold = usize::from(threshold);
	let stands = stands(conducts, answers);
	let winner = accepted(&stands, manifest, threshold).and_then(|place| stands.get(place));
	match winner {
		Some(Stand::Output(digest, output)) => Decision {
			outcome: Outcome::Answered((*output).clone()),
			answer: Some(*digest),
			verdicts: stands
				.iter()
				.map(|stand| verdict(stand, (*digest, output), &manifest.profile))
				.collect(),
		},
		_ => Decision {
			outcome: without_answer(&stands, threshold),
			answer: None,
			verdicts: stands.iter().map(Stand::without_answer).collect(),
		},
	}
}

/// What becomes of the members of a panel that disagreed, in the light of the answer that a larger
/// one accepted. `None`: of a member that gave no answer, which was judged for that already.
pub fn judge_again(
	conducts: &[Conduct],
	answers: &[(AnswerDigest, Answer)],
	manifest: &Manifest,
	accepted: (AnswerDigest, &Tensors),
) -> Vec<Option<Verdict>> {
	stands(conducts, answers)
		.iter()
		.map(|stand| stand.output().map(|_| verdict(stand, accepted, &manifest.profile)))
		.collect()
}

/// What comes of a panel of which too few committed in time.
pub fn commitments_missing(conducts: &[Conduct]) -> Decision {
	let verdicts = stands(conducts, &[])
		.iter()
		.map(|stand| match stand {
			Stand::Withholding => Verdict::Excused,
			other => other.without_answer(),
		})
		.collect();
	Decision { outcome: Outcome::Expired(ExpiryReason::CommitmentsMissing), answer: None, verdicts }
}

/// What comes of a panel that nothing can be said of, through no fault of its members.
pub(crate) fn undecidable(members: usize, outcome: Outcome) -> Decision {
	Decision { outcome, answer: None, verdicts: vec![Verdict::Excused; members] }
}
