// SPDX-License-Identifier: Apache-2.0
//! Which answer is accepted, and what becomes of the members.

use super::*;
use crate::agreement::{Decision, commitments_missing, decide};
use Verdict::*;
use jurat_primitives::{
	Manifest, NumericProfile,
	commitment::{AnswerDigest, answer_digest},
	traits::Conduct,
};
use proptest::prelude::*;
use sp_core::H256;
use std::collections::BTreeMap;

/// What a member does in a test.
#[derive(Clone, Debug)]
enum Does {
	Nothing,
	Commits,
	OpensBadly,
	/// Reveals, and shows the answer.
	Shows(Answer),
	/// Reveals the digest only.
	Names(Answer),
}

use Does::*;

fn says(value: f32) -> Does {
	Shows(output(&[value]))
}

fn fails(reason: JobFailure) -> Does {
	Shows(failure(reason))
}

fn panel(members: &[Does]) -> (Vec<Conduct>, Vec<(AnswerDigest, Answer)>) {
	let mut shown = BTreeMap::new();
	let conducts = members
		.iter()
		.map(|does| match does {
			Nothing => Conduct::Silent,
			Commits => Conduct::Committed(H256::repeat_byte(1)),
			OpensBadly => Conduct::BadOpening,
			Shows(answer) => {
				shown.insert(answer_digest(answer), answer.clone());
				Conduct::Revealed(answer_digest(answer))
			},
			Names(answer) => Conduct::Revealed(answer_digest(answer)),
		})
		.collect();
	(conducts, shown.into_iter().collect())
}

fn judge(members: &[Does], manifest: &Manifest, threshold: u8) -> Decision {
	let (conducts, answers) = panel(members);
	decide(&conducts, &answers, manifest, threshold)
}

fn exact(members: &[Does], threshold: u8) -> (OutcomeKind, Vec<Verdict>) {
	let decision = judge(members, &manifest(NumericProfile::Exact), threshold);
	((&decision.outcome).into(), decision.verdicts)
}

fn close(members: &[Does], threshold: u8) -> (Outcome, Vec<Verdict>) {
	let decision = judge(members, &manifest(approximate(true)), threshold);
	(decision.outcome, decision.verdicts)
}

const DISAGREED: OutcomeKind = OutcomeKind::Disagreed;
const ANSWERED: OutcomeKind = OutcomeKind::Answered;

fn expired(reason: ExpiryReason) -> OutcomeKind {
	OutcomeKind::Expired(reason)
}

fn unserved(reason: JobFailure) -> OutcomeKind {
	OutcomeKind::Unserved(UnservedReason::Execution(reason))
}

#[test]
fn exact_answers_are_equal_or_wrong() {
	assert_eq!(
		exact(&[says(1.0), says(2.0), says(1.0)], 2),
		(ANSWERED, vec![Agreed, Divergent, Agreed])
	);
	// A difference within any tolerance is a difference.
	let near = f32::from_bits(1.0f32.to_bits() + 1);
	assert_eq!(exact(&[says(1.0), says(near)], 2), (DISAGREED, vec![Undecided, Undecided]));
	// Three of five, wherever they sit.
	assert_eq!(
		exact(&[says(2.0), says(1.0), says(3.0), says(1.0), says(1.0)], 3),
		(ANSWERED, vec![Divergent, Agreed, Divergent, Agreed, Agreed])
	);
}

#[test]
fn one_that_shows_is_enough_for_all_that_name() {
	let named = || Names(output(&[1.0]));
	assert_eq!(exact(&[named(), says(1.0), named()], 3), (ANSWERED, vec![Agreed, Agreed, Agreed]));
	assert_eq!(
		exact(&[named(), named(), Nothing], 2),
		(expired(ExpiryReason::AnswerMissing), vec![Undecided, Undecided, NoShow])
	);
	// Too few for an answer, shown or not.
	assert_eq!(
		exact(&[named(), Names(output(&[2.0])), says(3.0)], 2),
		(DISAGREED, vec![Undecided; 3])
	);
}

#[test]
fn what_was_named_but_not_shown_is_another_answer() {
	assert_eq!(
		exact(&[says(1.0), Names(output(&[2.0])), says(1.0)], 2),
		(ANSWERED, vec![Agreed, Divergent, Agreed])
	);
}

#[test]
fn each_breach_keeps_its_name_whatever_the_outcome() {
	assert_eq!(
		exact(&[says(1.0), Nothing, says(1.0), Commits, OpensBadly, says(1.0)], 3),
		(ANSWERED, vec![Agreed, NoShow, Agreed, Withheld, BadOpening, Agreed])
	);
	assert_eq!(
		exact(&[says(1.0), Nothing, says(2.0), Commits, OpensBadly, says(3.0)], 4),
		(
			expired(ExpiryReason::RevealsMissing),
			vec![Undecided, NoShow, Undecided, Withheld, BadOpening, Undecided]
		)
	);
}

#[test]
fn a_bad_opening_is_no_reveal() {
	assert_eq!(
		exact(&[says(1.0), OpensBadly, OpensBadly], 2),
		(expired(ExpiryReason::RevealsMissing), vec![Undecided, BadOpening, BadOpening])
	);
}

#[test]
fn nobody_at_all_is_missing_reveals() {
	assert_eq!(
		exact(&[Commits, Commits, Nothing], 2),
		(expired(ExpiryReason::RevealsMissing), vec![Withheld, Withheld, NoShow])
	);
	assert_eq!(exact(&[], 1), (expired(ExpiryReason::RevealsMissing), vec![]));
}

#[test]
fn failures_abstain_and_never_win() {
	use JobFailure::*;
	assert_eq!(
		exact(&[fails(TimedOut), fails(TimedOut), says(1.0)], 2),
		(unserved(TimedOut), vec![Abstained, Abstained, Undecided])
	);
	assert_eq!(
		exact(&[fails(TimedOut), says(1.0), says(1.0)], 2),
		(ANSWERED, vec![Abstained, Agreed, Agreed])
	);
	// The reason that most give.
	assert_eq!(
		exact(&[fails(TimedOut), fails(Crashed), fails(Crashed)], 2),
		(unserved(Crashed), vec![Abstained; 3])
	);
	// Of equally many, that of the first.
	assert_eq!(
		exact(&[fails(Overloaded), fails(Crashed), Commits], 2),
		(unserved(Overloaded), vec![Abstained, Abstained, Withheld])
	);
	// Enough revealed, too few of them outputs: the failure made an answer impossible.
	assert_eq!(
		exact(&[says(1.0), fails(ModelRejected), Commits], 2),
		(unserved(ModelRejected), vec![Undecided, Abstained, Withheld])
	);
	// Enough outputs for an answer: they disagree, failure or not.
	assert_eq!(
		exact(&[says(1.0), says(2.0), fails(TimedOut)], 2),
		(DISAGREED, vec![Undecided, Undecided, Abstained])
	);
	// Too few revealed anything.
	assert_eq!(
		exact(&[fails(TimedOut), Commits, Commits], 2),
		(expired(ExpiryReason::RevealsMissing), vec![Abstained, Withheld, Withheld])
	);
}

#[test]
fn a_failure_is_known_by_its_digest() {
	use JobFailure::*;
	let named = |reason| Names(failure(reason));
	assert_eq!(
		exact(&[named(TimedOut), says(1.0), says(1.0)], 2),
		(ANSWERED, vec![Abstained, Agreed, Agreed])
	);
	// From the first to the last of them.
	for reason in [EngineUnavailable, Overloaded] {
		assert_eq!(
			exact(&[named(reason), named(reason), Nothing], 2),
			(unserved(reason), vec![Abstained, Abstained, NoShow])
		);
	}
}

#[test]
fn approximate_answers_agree_within_the_tolerance_of_the_accepted_one() {
	// A chain: the middle one is near both ends, which are not near each other.
	let chain = [says(1.0), says(1.0009), says(1.0018)];
	let middle = Outcome::Answered(tensors("y", &[1.0009]));
	assert_eq!(close(&chain, 2), (middle.clone(), vec![Agreed; 3]));
	assert_eq!(close(&chain, 3), (middle, vec![Agreed; 3]));
	// Two pairs of a kind: the first of them is accepted.
	let (outcome, verdicts) = close(&[says(1.0009), says(1.0), says(5.0)], 2);
	assert_eq!(outcome, Outcome::Answered(tensors("y", &[1.0009])));
	assert_eq!(verdicts, [Agreed, Agreed, Divergent]);
}

#[test]
fn an_approximate_difference_is_a_fault_only_beyond_the_gross_bound() {
	let members = [says(1.0), says(1.0), says(1.0), says(1.9), says(2.1)];
	let answered = Outcome::Answered(tensors("y", &[1.0]));
	assert_eq!(
		close(&members, 3),
		(answered.clone(), vec![Agreed, Agreed, Agreed, Outlier, Divergent])
	);
	// Without such a bound, never.
	let decision = judge(&members, &manifest(approximate(false)), 3);
	assert_eq!(decision.outcome, answered);
	assert_eq!(decision.verdicts, [Agreed, Agreed, Agreed, Outlier, Outlier]);
	// Another shape is beyond every bound.
	let shape = Shows(output(&[1.0, 1.0]));
	assert_eq!(close(&[says(1.0), shape.clone(), says(1.0)], 2).1, [Agreed, Divergent, Agreed]);
	let never_gross = judge(&[says(1.0), shape, says(1.0)], &manifest(approximate(false)), 2);
	assert_eq!(never_gross.verdicts, [Agreed, Outlier, Agreed]);
}

#[test]
fn approximate_answers_too_far_apart_are_a_draw_without_faults() {
	let members = [says(1.0), says(50.0), says(900.0)];
	assert_eq!(close(&members, 2), (Outcome::Disagreed, vec![Undecided; 3]));
}

#[test]
fn nan_agrees_with_nan() {
	let members = [says(f32::NAN), says(f32::NAN), says(1.0)];
	let (outcome, verdicts) = close(&members, 2);
	assert!(matches!(outcome, Outcome::Answered(_)));
	assert_eq!(verdicts, [Agreed, Agreed, Divergent]);
}

#[test]
fn an_approximate_answer_that_nobody_showed_is_no_fault() {
	let unseen = || Names(output(&[7.0]));
	assert_eq!(close(&[says(1.0), unseen(), says(1.0)], 2).1, [Agreed, Outlier, Agreed]);
	assert_eq!(
		close(&[unseen(), unseen(), says(1.0)], 2),
		(Outcome::Expired(ExpiryReason::AnswerMissing), vec![Undecided; 3])
	);
}

#[test]
fn an_answer_that_does_not_fit_the_manifest_is_a_draw() {
	let wrong = Shows(Answer::Output(tensors("z", &[1.0])));
	let large = Shows(output(&[0.0; 1_001]));
	for answer in [wrong, large] {
		let members = [answer.clone(), answer.clone(), answer];
		assert_eq!(exact(&members, 2), (DISAGREED, vec![Undecided; 3]));
		assert_eq!(close(&members, 2), (Outcome::Disagreed, vec![Undecided; 3]));
	}
	// 4 KiB for `Approximate`, 64 KiB for `Exact`.
	let answer = Shows(output(&[0.0; 1_000]));
	let members = [answer.clone(), answer.clone(), answer];
	assert_eq!(exact(&members, 2).0, ANSWERED);
	assert!(matches!(close(&members, 2).0, Outcome::Answered(_)));
	let mut wide = manifest(approximate(true));
	wide.outputs[0].shape[0] =
		jurat_primitives::Dimension::Symbolic { name: name("N"), max: 100_000 };
	let answer = Shows(output(&[0.0; 1_024]));
	let members = [answer.clone(), answer.clone(), answer];
	assert_eq!(judge(&members, &wide, 2).outcome, Outcome::Disagreed);
}

#[test]
fn a_commit_window_that_fails_excuses_who_committed() {
	let (conducts, _) = panel(&[Nothing, Commits, OpensBadly, says(1.0)]);
	let decision = commitments_missing(&conducts);
	assert_eq!(decision.outcome, Outcome::Expired(ExpiryReason::CommitmentsMissing));
	assert_eq!(decision.answer, None);
	assert_eq!(decision.verdicts, [NoShow, Excused, BadOpening, Undecided]);
}

// --- whatever the panel does ---

fn member() -> impl Strategy<Value = Does> {
	use JobFailure::*;
	let reason = prop_oneof![Just(TimedOut), Just(Crashed), Just(Overloaded)];
	// Few values, some of them near each other, so that majorities happen.
	let value = prop_oneof![
		6 => Just(1.0f32),
		2 => (0..6u8).prop_map(|step| 1.0 + f32::from(step) * 0.0006),
		1 => Just(1.5f32),
		1 => Just(40.0f32),
		1 => Just(f32::NAN),
	];
	prop_oneof![
		1 => Just(Nothing),
		1 => Just(Commits),
		1 => Just(OpensBadly),
		8 => value.clone().prop_map(says),
		2 => value.prop_map(|value| Names(output(&[value]))),
		1 => reason.clone().prop_map(fails),
		1 => reason.prop_map(|reason| Names(failure(reason))),
	]
}

prop_compose! {
	/// A panel, a sound threshold, and the same panel in another order.
	fn any_panel()(members in prop::collection::vec(member(), 1..=15))(
		threshold in members.len() / 2 + 1..=members.len(),
		shuffled in Just(members.iter().cloned().enumerate().collect::<Vec<_>>()).prop_shuffle(),
		members in Just(members),
	) -> (Vec<Does>, u8, Vec<(usize, Does)>) {
		(members, threshold as u8, shuffled)
	}
}

fn count(verdicts: &[Verdict], of: Verdict) -> usize {
	verdicts.iter().filter(|verdict| **verdict == of).count()
}

/// What holds for every profile.
fn check(members: &[Does], threshold: u8, manifest: &Manifest) -> Result<(), TestCaseError> {
	let (conducts, answers) = panel(members);
	let decision = decide(&conducts, &answers, manifest, threshold);
	let Decision { outcome, answer, verdicts } = &decision;
	prop_assert_eq!(verdicts.len(), members.len());
	let agreed = count(verdicts, Agreed);
	match outcome {
		Outcome::Answered(output) => {
			prop_assert!(agreed >= threshold.into());
			let digest = answer_digest(&Answer::Output(output.clone()));
			prop_assert_eq!(*answer, Some(digest));
			prop_assert!(manifest.accepts_output(output));
			// It was shown, and by a member that is paid for it.
			let winner = conducts.iter().position(|c| *c == Conduct::Revealed(digest)).unwrap();
			prop_assert_eq!(verdicts[winner], Agreed);
			prop_assert_eq!(count(verdicts, Undecided), 0);
		},
		_ => {
			prop_assert_eq!(*answer, None);
			prop_assert_eq!(agreed + count(verdicts, Outlier) + count(verdicts, Divergent), 0);
		},
	}
	for (does, verdict) in members.iter().zip(verdicts) {
		let fits = match does {
			Nothing => *verdict == NoShow,
			Commits => *verdict == Withheld,
			OpensBadly => *verdict == BadOpening,
			Shows(Answer::Failure(_)) | Names(Answer::Failure(_)) => *verdict == Abstained,
			Shows(_) | Names(_) => {
				matches!(verdict, Agreed | Outlier | Divergent | Undecided)
			},
		};
		prop_assert!(fits, "{:?} got {:?}", does, verdict);
	}
	// Reveals are missing exactly if too few revealed.
	let revealed =
		conducts.iter().filter(|conduct| matches!(conduct, Conduct::Revealed(_))).count();
	let missing = Outcome::Expired(ExpiryReason::RevealsMissing);
	prop_assert_eq!(*outcome == missing, revealed < threshold.into());
	Ok(())
}

proptest! {
	#![proptest_config(ProptestConfig::with_cases(2_000))]

	#[test]
	fn every_member_gets_the_verdict_that_it_earned((members, threshold, _) in any_panel()) {
		let profiles = [NumericProfile::Exact, approximate(true), approximate(false)];
		for profile in profiles {
			check(&members, threshold, &manifest(profile))?;
		}
	}

	#[test]
	fn an_exact_answer_does_not_depend_on_the_order((members, threshold, shuffled) in any_panel()) {
		let manifest = manifest(NumericProfile::Exact);
		let before = judge(&members, &manifest, threshold);
		let reordered: Vec<_> = shuffled.iter().map(|(_, does)| does.clone()).collect();
		let after = judge(&reordered, &manifest, threshold);
		prop_assert_eq!(before.answer, after.answer);
		for ((place, _), verdict) in shuffled.iter().zip(&after.verdicts) {
			prop_assert_eq!(before.verdicts[*place], *verdict);
		}
		// Only which of several equally frequent failures is named depends on it.
		match (&before.outcome, &after.outcome) {
			(
				Outcome::Unserved(UnservedReason::Execution(_)),
				Outcome::Unserved(UnservedReason::Execution(_)),
			) => {},
			(before, after) => prop_assert_eq!(before, after),
		}
	}

	#[test]
	fn two_exact_answers_are_never_accepted_at_once((members, threshold, _) in any_panel()) {
		let (conducts, _) = panel(&members);
		let mut votes = BTreeMap::<_, u8>::new();
		for conduct in &conducts {
			if let Conduct::Revealed(digest) = conduct {
				*votes.entry(digest).or_default() += 1;
			}
		}
		let winners: Vec<_> = votes.iter().filter(|(_, votes)| **votes >= threshold).collect();
		prop_assert!(winners.len() <= 1);
		let decision = judge(&members, &manifest(NumericProfile::Exact), threshold);
		if let Some(answer) = decision.answer {
			prop_assert_eq!(winners[0].0, &&answer);
			prop_assert_eq!(usize::from(*winners[0].1), count(&decision.verdicts, Agreed));
		}
	}

	#[test]
	fn how_many_approximate_answers_agree_does_not_depend_on_the_order(
		(members, threshold, shuffled) in any_panel()
	) {
		let manifest = manifest(approximate(true));
		let before = judge(&members, &manifest, threshold);
		let reordered: Vec<_> = shuffled.into_iter().map(|(_, does)| does).collect();
		let after = judge(&reordered, &manifest, threshold);
		prop_assert_eq!(before.answer.is_some(), after.answer.is_some());
		let agreed = |decision: &Decision| count(&decision.verdicts, Agreed);
		prop_assert_eq!(agreed(&before), agreed(&after));
	}

	#[test]
	fn one_more_supporter_never_costs_an_answer((members, threshold, _) in any_panel()) {
		let manifest = manifest(NumericProfile::Exact);
		let before = judge(&members, &manifest, threshold);
		let Outcome::Answered(output) = &before.outcome else { return Ok(()) };
		let Some(idle) = members.iter().position(|does| matches!(does, Nothing | Commits)) else {
			return Ok(());
		};
		let mut more = members.clone();
		more[idle] = Names(Answer::Output(output.clone()));
		let after = judge(&more, &manifest, threshold);
		prop_assert_eq!(before.answer, after.answer);
		prop_assert_eq!(count(&before.verdicts, Agreed) + 1, count(&after.verdicts, Agreed));
	}
}
