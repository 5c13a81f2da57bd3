// SPDX-License-Identifier: Apache-2.0
//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, CloneNoBound, DebugNoBound, EqNoBound, PartialEqNoBound};
use jurat_primitives::{
	RequestDigest, crypto::AttestationId, limits::MaxPanel, outcome::Fault, traits::Conduct,
	view::Unlocking,
};
use scale_info::TypeInfo;
use sp_core::Get;
use sp_runtime::traits::AtLeast32BitUnsigned;

/// An attestation key of this session and the stake behind it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct RosterEntry<Balance> {
	/// The validator's attestation key.
	pub key: AttestationId,
	/// Its exposure: own stake and nominators'.
	pub stake: Balance,
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
}

impl FaultCounts {
	/// The count of one kind.
	pub fn of(&self, fault: Fault) -> u32 {
		match fault {
			Fault::NoShow => self.no_show,
			Fault::Withheld => self.withheld,
			Fault::BadOpening => self.bad_opening,
			Fault::Divergent => self.divergent,
		}
	}

	/// One more of a kind.
	pub fn book(&mut self, fault: Fault) {
		let count = match fault {
			Fault::NoShow => &mut self.no_show,
			Fault::Withheld => &mut self.withheld,
			Fault::BadOpening => &mut self.bad_opening,
			Fault::Divergent => &mut self.divergent,
		};
		*count = count.saturating_add(1);
	}
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
	/// Takes no new work, by its own choice.
	pub paused: bool,
	/// Panels on which it sits.
	pub open_panels: u32,
	/// Its faults so far.
	pub faults: FaultCounts,
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
			paused: false,
			open_panels: 0,
			faults: Default::default(),
		}
	}

	/// All that is held of it: standing and on its way out.
	pub fn liable(&self) -> Balance {
		self.unlocking.iter().fold(self.bonded, |sum, chunk| sum.saturating_add(chunk.amount))
	}

	/// Nothing of it is left but its past.
	pub fn is_gone(&self) -> bool {
		self.liable().is_zero() && self.open_panels == 0
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
