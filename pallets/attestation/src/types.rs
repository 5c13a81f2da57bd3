// SPDX-License-Identifier: Apache-2.0
//! What the pallet stores.

use crate::reputation::Reputation;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound};
use jurat_primitives::{
	RequestDigest,
	crypto::AttestationId,
	limits::MaxPanel,
	outcome::Fault,
	traits::{Conduct, Exposure},
	view::Unlocking,
};
use scale_info::TypeInfo;
use sp_core::Get;
use sp_runtime::{Perbill, traits::AtLeast32BitUnsigned};
use sp_staking::SessionIndex;

/// An attestation key of this session and the stake behind it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct RosterEntry<Balance> {
	/// The validator's attestation key.
	pub key: AttestationId,
	/// Its exposure: own stake and nominators'.
	pub exposure: Exposure<Balance>,
}

/// What faults cost, and for how long what is counted and what waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PenaltyTerms<BlockNumber> {
	/// Share of the bond for an absence that is not the first.
	pub no_show: Perbill,
	/// Share of the bond for a commitment that is not opened.
	pub withheld: Perbill,
	/// Share of the bond for a reveal that does not open the commitment.
	pub bad_opening: Perbill,
	/// Share of the bond for a wrong answer.
	pub divergent: Perbill,
	/// Share of the bond for a file that is not proved to be there, if it is not the first absence.
	pub not_held: Perbill,
	/// The most that is taken within a day, as a share of what was liable at its beginning.
	pub daily_cap: Perbill,
	/// What an equivocation costs of the stake in consensus, if nobody else is convicted of one in
	/// the same session.
	pub equivocation: Perbill,
	/// Blocks of a day.
	pub day: BlockNumber,
	/// Blocks after a warning in which the next absence costs.
	pub warning_period: BlockNumber,
	/// Blocks for which what was taken for a wrong answer can be given back.
	pub challenge_window: BlockNumber,
}

impl<BlockNumber> PenaltyTerms<BlockNumber> {
	/// The share of the bond that a fault costs.
	pub const fn fraction(&self, fault: Fault) -> Perbill {
		match fault {
			Fault::NoShow => self.no_show,
			Fault::Withheld => self.withheld,
			Fault::BadOpening => self.bad_opening,
			Fault::Divergent => self.divergent,
			Fault::NotHeld => self.not_held,
		}
	}
}

/// What was taken of a bond within a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Toll<Balance, BlockNumber> {
	/// When the day began.
	pub begun: BlockNumber,
	/// What was liable then.
	pub liable: Balance,
	/// What was taken since.
	pub taken: Balance,
}

/// How often an attester breached its duties.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct FaultCounts {
	/// Panels without a commitment of it.
	pub no_show: u32,
	/// Commitments without a reveal.
	pub withheld: u32,
	/// Reveals that did not open the commitment.
	pub bad_opening: u32,
	/// Wrong answers by a decidable rule.
	pub divergent: u32,
	/// Files that were not proved to be there.
	pub not_held: u32,
}

impl FaultCounts {
	/// The count of one kind.
	pub fn of(&self, fault: Fault) -> u32 {
		match fault {
			Fault::NoShow => self.no_show,
			Fault::Withheld => self.withheld,
			Fault::BadOpening => self.bad_opening,
			Fault::Divergent => self.divergent,
			Fault::NotHeld => self.not_held,
		}
	}

	fn count(&mut self, fault: Fault) -> &mut u32 {
		match fault {
			Fault::NoShow => &mut self.no_show,
			Fault::Withheld => &mut self.withheld,
			Fault::BadOpening => &mut self.bad_opening,
			Fault::Divergent => &mut self.divergent,
			Fault::NotHeld => &mut self.not_held,
		}
	}

	/// One more of a kind.
	pub fn book(&mut self, fault: Fault) {
		let count = self.count(fault);
		*count = count.saturating_add(1);
	}

	/// One less of a kind: it was none.
	pub fn strike(&mut self, fault: Fault) {
		let count = self.count(fault);
		*count = count.saturating_sub(1);
	}
}

/// The last announcement of an attester that its node signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct LastAnnouncement<BlockNumber> {
	/// Its number. Zero if there was none.
	pub sequence: u64,
	/// The block that had it.
	pub at: BlockNumber,
}

/// An attester: its bond and its standing.
#[derive(
	CloneNoBound, PartialEqNoBound, EqNoBound, DebugNoBound, Encode, Decode, MaxEncodedLen, TypeInfo,
)]
#[scale_info(skip_type_params(MaxUnlocking))]
#[codec(mel_bound(Balance: MaxEncodedLen, BlockNumber: MaxEncodedLen))]
pub struct Attester<
	Balance: Clone + PartialEq + Eq + core::fmt::Debug,
	BlockNumber: Clone + PartialEq + Eq + core::fmt::Debug,
	MaxUnlocking: Get<u32>,
> {
	/// Bond that stands for new work.
	pub bonded: Balance,
	/// Bond on its way out; liable until it is withdrawn.
	pub unlocking: BoundedVec<Unlocking<Balance, BlockNumber>, MaxUnlocking>,
	/// Taken for faults and waiting, in case it is given back. Not part of the bond.
	pub pending: Balance,
	/// Takes no new work, by its own choice or because of what it did.
	pub paused: bool,
	/// Panels on which it sits.
	pub open_panels: u32,
	/// Its faults so far.
	pub faults: FaultCounts,
	/// The block before which an absence is not the first.
	pub warned_until: Option<BlockNumber>,
	/// What was taken of it in the day that began with the last fault that began one.
	pub toll: Option<Toll<Balance, BlockNumber>>,
	/// What its past says of it.
	pub reputation: Reputation,
}

impl<Balance, BlockNumber, MaxUnlocking> Attester<Balance, BlockNumber, MaxUnlocking>
where
	Balance: AtLeast32BitUnsigned + Copy + core::fmt::Debug,
	BlockNumber: Clone + PartialEq + Eq + core::fmt::Debug,
	MaxUnlocking: Get<u32>,
{
	/// A new attester with this bond.
	pub fn new(bonded: Balance) -> Self {
		Self {
			bonded,
			unlocking: Default::default(),
			pending: Balance::zero(),
			paused: false,
			open_panels: 0,
			faults: Default::default(),
			warned_until: None,
			toll: None,
			reputation: Default::default(),
		}
	}

	/// Takes `amount`, at most all that is liable: from what stands first, then from what is on its
	/// way out, the last due first.
	pub fn deduct(&mut self, amount: Balance) {
		let mut left = amount;
		let mut from = |part: &mut Balance| {
			let taken = left.min(*part);
			*part = part.saturating_sub(taken);
			left = left.saturating_sub(taken);
		};
		from(&mut self.bonded);
		self.unlocking.iter_mut().rev().for_each(|chunk| from(&mut chunk.amount));
		self.unlocking.retain(|chunk| !chunk.amount.is_zero());
	}

	/// All that faults are paid from: standing and on its way out.
	pub fn liable(&self) -> Balance {
		self.unlocking.iter().fold(self.bonded, |sum, chunk| sum.saturating_add(chunk.amount))
	}

	/// Nothing of it is left but its past.
	pub fn is_gone(&self) -> bool {
		self.liable().is_zero() && self.pending.is_zero() && self.open_panels == 0
	}
}

/// Where a panel stands.
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
pub enum Phase<BlockNumber> {
	/// Commitments are taken in blocks before this one.
	#[codec(index = 0)]
	Commit(BlockNumber),
	/// Reveals are taken in blocks before this one.
	#[codec(index = 1)]
	Reveal(BlockNumber),
}

/// A member of a panel.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct PanelMember<AccountId, Balance> {
	/// Who.
	pub attester: AccountId,
	/// The key that signs for it on this panel: that of the session of the draw.
	pub key: AttestationId,
	/// Its stake at the draw.
	pub stake: Balance,
	/// What it did.
	pub conduct: Conduct,
}

/// A panel.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Panel<AccountId, Balance, BlockNumber> {
	/// What the request is.
	pub digest: RequestDigest,
	/// The session in which it was drawn.
	pub session: SessionIndex,
	/// How many members must agree.
	pub threshold: u8,
	/// Whether one shown answer may stand for many.
	pub exact: bool,
	/// Where it stands.
	pub phase: Phase<BlockNumber>,
	/// Its members, in the order in which they were drawn.
	pub members: BoundedVec<PanelMember<AccountId, Balance>, MaxPanel>,
}

impl<AccountId: PartialEq, Balance, BlockNumber> Panel<AccountId, Balance, BlockNumber> {
	/// The seat of an attester.
	pub fn member(&self, attester: &AccountId) -> Option<&PanelMember<AccountId, Balance>> {
		self.members.iter().find(|member| &member.attester == attester)
	}

	/// The seat of an attester.
	pub fn member_mut(
		&mut self,
		attester: &AccountId,
	) -> Option<&mut PanelMember<AccountId, Balance>> {
		self.members.iter_mut().find(|member| &member.attester == attester)
	}

	/// Members that committed, whatever they did since.
	pub fn committed(&self) -> usize {
		self.members.iter().filter(|member| member.conduct != Conduct::Silent).count()
	}

	/// Members that revealed an answer of this digest.
	pub fn revealed(&self, digest: &jurat_primitives::commitment::AnswerDigest) -> usize {
		self.members.iter().filter(|member| member.conduct == Conduct::Revealed(*digest)).count()
	}
}
