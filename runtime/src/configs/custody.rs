// SPDX-License-Identifier: Apache-2.0
//! Proofs that attesters hold the files which they announce.

use frame_support::{parameter_types, traits::ConstU32, weights::Weight};
use sp_runtime::Perbill;

use crate::{
	Attestation, Models, Runtime,
	configs::attestation::{AuthorVrf, SubmissionPriority},
	constants::MAXIMUM_BLOCK_WEIGHT,
	parameters::dynamic_params::custody::{AnswerDeadline, QuestionPeriod},
};

/// Questions that one block asks. With as many validators as there may be, and by default, a block
/// asks one in six times.
const MAX_QUESTIONS: u32 = 8;

parameter_types! {
	/// What questions and deadlines may use at the start of a block.
	pub HookWeight: Weight = Perbill::from_percent(5) * MAXIMUM_BLOCK_WEIGHT;
}

impl pallet_custody::Config for Runtime {
	type Custodians = Attestation;
	type Deadline = AnswerDeadline;
	type Files = Models;
	type HookWeight = HookWeight;
	type MaxQuestions = ConstU32<MAX_QUESTIONS>;
	type Period = QuestionPeriod;
	type Randomness = AuthorVrf;
	type SubmissionPriority = SubmissionPriority;
	type WeightInfo = pallet_custody::weights::SubstrateWeight<Runtime>;
}
