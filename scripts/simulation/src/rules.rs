// SPDX-License-Identifier: Apache-2.0
//! The rules of the chain, called as the runtime calls them, and dice.

use jurat_primitives::{
	Answer, Dimension, EngineId, Manifest, NamedTensor, NumericProfile, Outcome, Tensor,
	TensorSpec, Tensors, Verdict,
	assurance::default_threshold,
	commitment::{AnswerDigest, answer_digest},
	limits::MAX_PANEL,
	manifest::{Operators, Signature},
	traits::Conduct,
};
use pallet_attestation::weighted_draw;
use pallet_inference::agreement::{commitments_missing, decide};
use sp_core::{Blake2Hasher, H256, Hasher};

/// Pseudo-random numbers (SplitMix64), seeded by a hash.
pub struct Dice(u64);

impl Dice {
	/// Dice of their own for each `label`.
	pub fn new(seed: u64, label: &str) -> Self {
		let hash = Blake2Hasher::hash(format!("jurat/simulation {seed} {label}").as_bytes());
		let mut state = [0u8; 8];
		state.copy_from_slice(&hash.as_bytes()[..8]);
		Self(u64::from_le_bytes(state))
	}

	fn next(&mut self) -> u64 {
		self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
		let mut word = self.0;
		word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
		word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
		word ^ (word >> 31)
	}

	/// True with probability `p`.
	pub fn chance(&mut self, p: f64) -> bool {
		p > 0.0 && ((self.next() >> 11) as f64) < p * (1u64 << 53) as f64
	}

	/// Draws a panel: randomness of a block, and the rule of the chain.
	pub fn panel(&mut self, weights: &[u128], seats: usize) -> Vec<usize> {
		let mut randomness = H256::zero();
		for part in randomness.as_bytes_mut().chunks_mut(8) {
			part.copy_from_slice(&self.next().to_le_bytes());
		}
		let candidates: Vec<(u32, u128)> = (0..).zip(weights.iter().copied()).collect();
		weighted_draw(&randomness, &H256::zero(), &candidates, seats)
	}
}

/// What a member does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
	/// Commits to the true answer and reveals it.
	TellsTruth,
	/// Commits to the answer that all liars give, and reveals it.
	Lies,
	/// Nothing.
	Nothing,
}

/// How a panel ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
	/// The true answer was accepted.
	Right,
	/// The answer of the liars was accepted.
	Wrong,
	/// Members contradicted each other.
	Disagreed,
	/// Too few committed or revealed.
	Expired,
}

/// Judges panels on an `Exact` release.
pub struct Judge {
	manifest: Manifest,
	truth: AnswerDigest,
	lie: AnswerDigest,
	answers: Vec<(AnswerDigest, Answer)>,
}

impl Default for Judge {
	fn default() -> Self {
		let one = |name: &str| {
			let name = name.as_bytes().to_vec().try_into().expect("a short name");
			TensorSpec {
				name,
				element_type: jurat_primitives::ElementType::U8,
				shape: vec![Dimension::Fixed(1)].try_into().expect("one dimension"),
			}
		};
		let manifest = Manifest {
			opset: 17,
			engine: EngineId::OnnxRuntime1_31,
			profile: NumericProfile::Exact,
			inputs: Signature::truncate_from(vec![one("x")]),
			outputs: Signature::truncate_from(vec![one("y")]),
			operators: Operators::truncate_from(vec![
				b"Identity".to_vec().try_into().expect("a short name"),
			]),
			compute_units: 1,
			allow_nan: false,
			licence: Default::default(),
			tags: Default::default(),
		};
		let answer = |value: u8| {
			let tensor = Tensor::new(jurat_primitives::ElementType::U8, [1], vec![value])
				.expect("one byte is one u8");
			let output = NamedTensor::new("y", tensor).expect("a short name");
			let answer = Answer::Output(Tensors::truncate_from(vec![output]));
			(answer_digest(&answer), answer)
		};
		let answers = vec![answer(1), answer(2)];
		Self { manifest, truth: answers[0].0, lie: answers[1].0, answers }
	}
}

impl Judge {
	/// How the panel ends, and what becomes of each member.
	pub fn judge(&self, members: &[Does], threshold: usize) -> (End, Vec<Verdict>) {
		let conducts: Vec<_> = members
			.iter()
			.map(|does| match does {
				Does::TellsTruth => Conduct::Revealed(self.truth),
				Does::Lies => Conduct::Revealed(self.lie),
				Does::Nothing => Conduct::Silent,
			})
			.collect();
		let committed = members.iter().filter(|does| **does != Does::Nothing).count();
		let decision = if committed < threshold {
			commitments_missing(&conducts)
		} else {
			decide(&conducts, &self.answers, &self.manifest, threshold as u8)
		};
		let end = match decision.outcome {
			Outcome::Answered(_) if decision.answer == Some(self.truth) => End::Right,
			Outcome::Answered(_) => End::Wrong,
			Outcome::Disagreed => End::Disagreed,
			_ => End::Expired,
		};
		(end, decision.verdicts)
	}
}

/// Threshold of a panel that says nothing else.
pub fn threshold(seats: u8) -> usize {
	assert!(u32::from(seats) <= MAX_PANEL);
	usize::from(default_threshold(seats))
}

#[cfg(test)]
mod tests {
	use super::*;
	use Does::*;

	#[test]
	fn panels_end_as_the_chain_ends_them() {
		let judge = Judge::default();
		assert!(judge.manifest.check().is_ok());
		let judged = |members: &[Does], threshold| judge.judge(members, threshold);
		assert_eq!(
			judged(&[Lies, TellsTruth, TellsTruth], 2),
			(End::Right, vec![Verdict::Divergent, Verdict::Agreed, Verdict::Agreed])
		);
		assert_eq!(
			judged(&[Lies, TellsTruth, Lies], 2),
			(End::Wrong, vec![Verdict::Agreed, Verdict::Divergent, Verdict::Agreed])
		);
		assert_eq!(
			judged(&[Lies, TellsTruth, Nothing], 2),
			(End::Disagreed, vec![Verdict::Undecided, Verdict::Undecided, Verdict::NoShow])
		);
		assert_eq!(judged(&[Lies, Nothing, Nothing], 2).0, End::Expired);
		assert_eq!(judged(&[Lies], 1).0, End::Wrong);
	}

	#[test]
	fn chances_are_what_they_say() {
		let mut dice = Dice::new(1, "test");
		let hits = (0..100_000).filter(|_| dice.chance(0.01)).count();
		assert!((850..1_150).contains(&hits), "{hits}");
		assert!(!dice.chance(0.0) && dice.chance(1.0));
	}
}
