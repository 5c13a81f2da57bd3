// SPDX-License-Identifier: Apache-2.0
//! Attesters: where stake and randomness come from.

use codec::{Decode, Encode};
use frame_support::{
	parameter_types,
	traits::{ConstU32, ConstU64, Get},
};
use frame_system::EnsureRoot;
use jurat_primitives::{
	income::PagedExposures,
	traits::{BlockRandomness, Exposure, ValidatorStake},
};
use pallet_attestation::types::PenaltyTerms;
use pallet_session::historical;
use sp_consensus_babe::{BABE_ENGINE_ID, digests::PreDigest};
use sp_core::H256;
use sp_runtime::{traits::Convert, transaction_validity::TransactionPriority};
use sp_staking::SessionIndex;

use crate::{
	AccountId, Balance, Balances, BlockNumber, Historical, Inference, Models, Offences, Runtime,
	RuntimeHoldReason, System,
	configs::governance::TreasuryAccount,
	constants::{
		MAX_EXPOSURE_PAGE_SIZE, MAX_VALIDATORS,
		time::{DAYS, MILLISECS_PER_BLOCK},
	},
	parameters::dynamic_params::attestation::{
		AnnouncementInterval, BadOpeningPenalty, ChallengeWindow, CommitWindow, DailyPenaltyCap,
		DivergentPenalty, EquivocationPenalty, MinBond, NoShowPenalty, NotHeldPenalty,
		ReferenceReward, RevealWindow, UnbondingPeriod, WarningPeriod, WithheldPenalty,
	},
};

/// Attesters that may announce one release. A draw looks at each of them.
const MAX_SERVERS: u32 = 100;
/// Panels on which one attester may sit at once.
const MAX_OPEN_PANELS: u32 = 1_024;
/// Parts of a bond that may be on their way out at once.
const MAX_UNLOCKING: u32 = 16;
/// How long the off-chain worker waits for short jobs, in milliseconds: a third of a block.
const WORKER_PATIENCE: u64 = MILLISECS_PER_BLOCK / 3;
/// How long after a block the off-chain worker submits, in milliseconds: time for that block to
/// reach other validators.
const SUBMISSION_DELAY: u64 = MILLISECS_PER_BLOCK / 6;

parameter_types! {
	/// Above anything that a fee can buy: an attestation that waits makes an honest node look absent.
	pub const SubmissionPriority: TransactionPriority = TransactionPriority::MAX / 2;
}

/// Exposures of `pallet-staking`. How it stores them is known in one place,
/// [`crate::configs::rewards`].
pub struct Exposures;

impl ValidatorStake<AccountId, Balance> for Exposures {
	fn exposure(validator: &AccountId) -> Exposure<Balance> {
		Self::overview(Self::era(), validator)
			.map(|overview| Exposure { own: overview.own, total: overview.total })
			.unwrap_or_default()
	}
}

/// The current session.
pub struct CurrentSession;

impl Get<SessionIndex> for CurrentSession {
	fn get() -> SessionIndex {
		pallet_session::CurrentIndex::<Runtime>::get()
	}
}

/// What faults cost, as the parameters say now.
pub struct Penalties;

impl Get<PenaltyTerms<BlockNumber>> for Penalties {
	fn get() -> PenaltyTerms<BlockNumber> {
		PenaltyTerms {
			no_show: NoShowPenalty::get(),
			withheld: WithheldPenalty::get(),
			bad_opening: BadOpeningPenalty::get(),
			divergent: DivergentPenalty::get(),
			not_held: NotHeldPenalty::get(),
			daily_cap: DailyPenaltyCap::get(),
			equivocation: EquivocationPenalty::get(),
			day: DAYS,
			// A warning that lasts no block would never end in a penalty.
			warning_period: WarningPeriod::get().max(1),
			challenge_window: ChallengeWindow::get(),
		}
	}
}

/// The name of a validator in the offences pallet: its account, and nothing else.
pub struct Identify;

impl Convert<AccountId, historical::IdentificationTuple<Runtime>> for Identify {
	fn convert(validator: AccountId) -> historical::IdentificationTuple<Runtime> {
		(validator, ())
	}
}

/// The VRF output of this block's author.
///
/// It stands in the block's pre-runtime digest, so it is there before any hook runs. It is a
/// function of the author's key, the epoch's randomness and the slot; the import of the block has
/// verified its proof. `pallet_babe::AuthorVrfRandomness` would be the parent's: whoever wrote the
/// block that includes a request would have known it.
pub struct AuthorVrf;

impl BlockRandomness for AuthorVrf {
	fn current() -> Option<H256> {
		// Benchmarks run in no block that anybody wrote.
		#[cfg(feature = "runtime-benchmarks")]
		if System::digest().logs.is_empty() {
			return Some(H256::repeat_byte(1));
		}
		let digest = System::digest();
		let pre_digest = digest.logs.iter().find_map(|item| match item.as_pre_runtime() {
			Some((BABE_ENGINE_ID, mut data)) => PreDigest::decode(&mut data).ok(),
			_ => None,
		})?;
		let vrf = pre_digest.vrf_signature()?;
		Some(H256(
			(b"jurat/vrf/v1", vrf.pre_output.encode()).using_encoded(sp_io::hashing::blake2_256),
		))
	}
}

impl pallet_attestation::Config for Runtime {
	type AnnouncementInterval = AnnouncementInterval;
	type BlockTime = ConstU64<MILLISECS_PER_BLOCK>;
	type CommitWindow = CommitWindow;
	type Currency = Balances;
	type IdentificationTuple = historical::IdentificationTuple<Self>;
	type Identify = Identify;
	type Jobs = Inference;
	type KeyOwnerProof = sp_session::MembershipProof;
	type KeyOwners = Historical;
	type MaxNominators = ConstU32<MAX_EXPOSURE_PAGE_SIZE>;
	type MaxOpenPanels = ConstU32<MAX_OPEN_PANELS>;
	type MaxServers = ConstU32<MAX_SERVERS>;
	type MaxUnlocking = ConstU32<MAX_UNLOCKING>;
	type MaxValidators = ConstU32<MAX_VALIDATORS>;
	type MinBond = MinBond;
	type Observer = Inference;
	type Offences = Offences;
	type OverturnOrigin = EnsureRoot<AccountId>;
	type PenaltyTerms = Penalties;
	type Randomness = AuthorVrf;
	type ReferenceReward = ReferenceReward;
	type Releases = Models;
	type RevealWindow = RevealWindow;
	type RuntimeHoldReason = RuntimeHoldReason;
	type Session = CurrentSession;
	type Stake = Exposures;
	type SubmissionDelay = ConstU64<SUBMISSION_DELAY>;
	type SubmissionPriority = SubmissionPriority;
	type Treasury = TreasuryAccount;
	type UnbondingPeriod = UnbondingPeriod;
	type WeightInfo = pallet_attestation::weights::SubstrateWeight<Runtime>;
	type WorkerPatience = ConstU64<WORKER_PATIENCE>;

	#[cfg(feature = "runtime-benchmarks")]
	fn benchmark_validator() -> (AccountId, jurat_primitives::crypto::AttestationId) {
		use sp_application_crypto::RuntimeAppPublic;
		// The first validator of each preset, whose key everybody knows.
		let seed = alloc::vec::Vec::from(&b"//Alice"[..]);
		let key = jurat_primitives::crypto::AttestationId::generate_pair(Some(seed));
		(sp_keyring::Sr25519Keyring::Alice.to_account_id(), key)
	}
}
