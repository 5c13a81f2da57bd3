// SPDX-License-Identifier: Apache-2.0
//! What the chain should be, kept beside it, and what is compared after each step.
//!
//! The model knows what it sent, and hears of the rest by events. It does not look into the state
//! of the pallets for anything that it checks, but for the record of a settlement, which is what it
//! checks then.

use std::collections::{BTreeMap, BTreeSet};

use frame_support::traits::{Get, fungible::Inspect};
use jurat_primitives::{
	Answer, ExpiryReason, Outcome, ReleaseId, RequestId, UnservedReason, Verdict, Version,
	commitment::{AnswerDigest, Salt, answer_digest},
	outcome::Fault,
};
use pallet_inference::{OutcomeKind, SettlementOf};
use pallet_staking::RewardDestination;
use sp_core::H256;
use sp_staking::SessionIndex;

use super::{
	answers::{GROSS, Profile, TOLERANCE},
	chain,
	coverage::{Coverage, complaints, name},
	custody::Custody,
};
use crate::{
	AccountId, Balance, Balances, BlockNumber, Inference, Runtime, RuntimeEvent, System,
	constants::time::DAYS,
	parameters::dynamic_params::attestation::{
		BadOpeningPenalty, DailyPenaltyCap, DivergentPenalty, NoShowPenalty, NotHeldPenalty,
		RevealWindow, WithheldPenalty,
	},
};

/// What a check says that fails.
pub type Checked = Result<(), String>;

/// Fails with a message unless the condition holds.
macro_rules! require {
	($condition:expr, $($message:tt)+) => {
		if !$condition {
			return Err(format!($($message)+));
		}
	};
}
pub(super) use require;

/// A release of the test.
#[derive(Clone, Copy, Debug)]
pub struct Release {
	/// Its name.
	pub id: ReleaseId,
	/// What it promises.
	pub profile: Profile,
}

/// What a member of a panel did, as far as the chain took it.
#[derive(Clone, Debug)]
pub enum Stand {
	/// Nothing.
	Silent,
	/// Committed.
	Committed,
	/// Revealed.
	Revealed(Answer),
	/// Revealed what does not open its commitment.
	Bad,
}

/// A seat of a panel.
#[derive(Clone, Debug)]
pub struct Seat {
	/// Whose, by place.
	pub place: usize,
	/// What it did.
	pub stand: Stand,
	/// What it committed to.
	pub sworn: Option<(Answer, Salt)>,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
	/// Who asked.
	pub requester: AccountId,
	/// What.
	pub profile: Profile,
	/// On which input.
	pub input: u8,
	/// What it is on every fork.
	pub digest: H256,
	/// Held for it.
	pub escrow: Balance,
	/// How many must agree.
	pub threshold: usize,
	/// The block by which it must end.
	pub deadline: BlockNumber,
	/// Its panel; empty before the draw.
	pub seats: Vec<Seat>,
	/// The session of the draw.
	pub session: SessionIndex,
	/// Answers that were shown.
	pub shown: BTreeSet<AnswerDigest>,
	/// The reveal window at the draw, and the longest since.
	windows: Option<(BlockNumber, BlockNumber)>,
	/// Blocks by which a busy agenda may have put it off: a commit window that is closed late opens
	/// its reveal window late.
	delay: BlockNumber,
	/// The request that it is to decide.
	pub decides: Option<RequestId>,
	/// The request that decides it.
	decided_by: Option<RequestId>,
	/// The larger panel that may still be asked for ends before this block.
	pub contested_until: Option<BlockNumber>,
}

impl Request {
	/// A threshold of its members that the model does not keep honest gave a wrong answer.
	fn is_lied_to(&self, honest: &[bool]) -> bool {
		let liars = self.seats.iter().filter(|seat| {
			!honest[seat.place]
				&& matches!(&seat.stand, Stand::Revealed(answer @ Answer::Output(_))
					if !self.profile.is_right(answer, self.input))
		});
		liars.count() >= self.threshold
	}
}

/// A day in which an attester was penalised.
#[derive(Clone, Copy, Debug)]
struct Day {
	begun: BlockNumber,
	liable: Balance,
	taken: Balance,
}

/// A bond.
#[derive(Clone, Debug, Default)]
struct Bond {
	liable: Balance,
	pending: Balance,
	warned_until: Option<BlockNumber>,
	day: Option<Day>,
}

/// A penalty that waits.
#[derive(Clone, Debug)]
struct Waiting {
	amount: Balance,
	/// The latest block of its own and of all that were imposed before.
	due: BlockNumber,
	/// Blocks since with room for it.
	chances: u32,
	/// Penalties that were due at once with it, itself included.
	crowd: u32,
}

/// Requests that a block settles in any case. With more, some may wait for the next.
const SURELY_SERVED: usize = 30;
/// Blocks with room in which a penalty that is due is shared out, one offence each at worst.
const PATIENCE: u32 = 3;

/// The model.
pub struct Model {
	/// What was reached.
	pub coverage: Coverage,
	/// Which attesters always do their duty.
	pub honest: Vec<bool>,
	/// Releases, removed ones included.
	pub releases: Vec<Release>,
	/// Requests, ended ones included.
	pub requests: BTreeMap<RequestId, Request>,
	/// Those that have not ended.
	pub open: BTreeSet<RequestId>,
	/// Inputs of requests that are about to be accepted.
	pub asked: Vec<u8>,
	/// Whose bytes contradicted each other, as the test knows.
	pub convicts: BTreeSet<AccountId>,
	/// Blocks until which the agenda may be late.
	busy_until: BlockNumber,
	bonds: BTreeMap<AccountId, Bond>,
	waiting: BTreeMap<(AccountId, RequestId), Waiting>,
	latest_due: BlockNumber,
	divergents: BTreeMap<SessionIndex, BTreeSet<AccountId>>,
	reported: BTreeSet<AccountId>,
	ledgers: BTreeMap<AccountId, Balance>,
	totals: BTreeMap<AccountId, Balance>,
	issuance: Balance,
	/// Questions for proofs.
	pub custody: Custody,
	/// What the next event about this fault must say was taken.
	expected: Option<(AccountId, RequestId, Balance)>,
}

impl Model {
	/// Of the chain as it is now.
	pub fn new(honest: Vec<bool>) -> Self {
		let mut model = Self {
			coverage: Coverage::default(),
			honest,
			releases: Vec::new(),
			requests: BTreeMap::new(),
			open: BTreeSet::new(),
			asked: Vec::new(),
			convicts: BTreeSet::new(),
			busy_until: 0,
			bonds: BTreeMap::new(),
			waiting: BTreeMap::new(),
			latest_due: 0,
			divergents: BTreeMap::new(),
			reported: BTreeSet::new(),
			ledgers: BTreeMap::new(),
			totals: BTreeMap::new(),
			issuance: Balances::total_issuance(),
			custody: Custody::default(),
			expected: None,
		};
		for index in 0..chain::ATTESTERS {
			let who = chain::attester(index);
			let stake = model.ledger(&who);
			model.ledgers.insert(who, stake);
		}
		for index in 0..chain::ASKERS {
			let who = chain::asker(index);
			model.totals.insert(who.clone(), Balances::total_balance(&who));
		}
		model
	}

	/// Penalties that wait, for whoever overturns one.
	pub fn waiting(&self) -> Vec<(AccountId, RequestId)> {
		self.waiting.keys().cloned().collect()
	}

	/// Requests on which a larger panel may be asked.
	pub fn contested(&self) -> Vec<RequestId> {
		// With some for which it is just too late.
		let now = System::block_number();
		let contested = self.requests.iter().filter(|(_, request)| {
			request.contested_until.is_some_and(|until| now < until + 2)
				&& request.decided_by.is_none()
		});
		contested.map(|(id, _)| *id).collect()
	}

	fn ledger(&self, who: &AccountId) -> Balance {
		pallet_staking::Ledger::<Runtime>::get(who).map(|ledger| ledger.total).unwrap_or_default()
	}

	pub fn is_honest(&self, who: &AccountId) -> bool {
		chain::place(who).is_some_and(|place| self.honest[place])
	}

	/// Whether a wrong answer may have won on the panel of a request, or on the one that decides it.
	fn may_be_wrong(&self, id: RequestId) -> bool {
		let Some(request) = self.requests.get(&id) else { return true };
		let second = request.decided_by.and_then(|id| self.requests.get(&id));
		request.is_lied_to(&self.honest)
			|| second.is_some_and(|second| second.is_lied_to(&self.honest))
	}

	/// Takes in what happened, and checks all that must hold now.
	pub fn check(&mut self) -> Checked {
		let events = chain::take_events();
		for (index, event) in events.iter().enumerate() {
			self.hear(event, &events[index + 1..])
				.map_err(|flaw| format!("{flaw}, by {event:?}"))?;
		}
		self.nothing_expected()?;
		let logged = complaints();
		require!(
			crate::invariants::check().is_ok(),
			"an invariant does not hold: {:?} {:?}",
			crate::invariants::check(),
			complaints()
		);
		let own: Vec<_> = logged.iter().filter(|line| !is_expected(line)).collect();
		require!(own.is_empty(), "the chain complains: {own:?}");
		self.check_money()?;
		self.check_bonds()?;
		self.watch_windows();
		Ok(())
	}

	/// Checks what must hold when a block ends. `full`: without room for more.
	pub fn check_end_of_block(&mut self, full: bool) -> Checked {
		self.check_questions()?;
		let now = System::block_number();
		if self.open.len() > SURELY_SERVED {
			let delay = 2 + (self.open.len() / SURELY_SERVED) as u32;
			self.busy_until = now + delay;
			for id in &self.open {
				let request = self.requests.get_mut(id).expect("what is open is known");
				request.delay = request.delay.max(delay);
			}
		}
		for id in &self.open {
			let request = &self.requests[id];
			let longer = request.windows.map(|(first, longest)| longest - first);
			let latest = (request.deadline + longer.unwrap_or_default() + request.delay)
				.max(self.busy_until);
			require!(now < latest, "request {id} is open after block {now}: {request:?}");
		}
		let due = self.waiting.values().filter(|penalty| penalty.due <= now).count() as u32;
		for ((who, id), penalty) in &mut self.waiting {
			if penalty.due > now || full {
				continue;
			}
			penalty.chances += 1;
			penalty.crowd = penalty.crowd.max(due);
			require!(
				penalty.chances <= PATIENCE + penalty.crowd,
				"a penalty of {who} on {id} is stuck"
			);
		}
		Ok(())
	}

	/// Units: none is made or lost but as events say, and all of them are somewhere.
	fn check_money(&mut self) -> Checked {
		let issuance = Balances::total_issuance();
		require!(issuance == self.issuance, "issuance is {issuance}, not {}", self.issuance);
		let sum: Balance = frame_system::Account::<Runtime>::iter_values()
			.map(|account| account.data.free + account.data.reserved)
			.sum();
		require!(sum == issuance, "accounts hold {sum} of {issuance}");
		for (who, expected) in &self.totals {
			let total = Balances::total_balance(who);
			require!(total == *expected, "{who} has {total}, not {expected}");
		}
		Ok(())
	}

	/// Bonds and stakes are what events made of them.
	fn check_bonds(&mut self) -> Checked {
		for index in 0..chain::ATTESTERS {
			let who = chain::attester(index);
			let stake = self.ledger(&who);
			let expected = self.ledgers.get(&who).copied().unwrap_or_default();
			require!(stake == expected, "stake of {who} is {stake}, not {expected}");
			let bond = self.bonds.entry(who.clone()).or_default();
			match pallet_attestation::Attesters::<Runtime>::get(&who) {
				Some(record) => {
					let (liable, pending) = (record.liable(), record.pending);
					require!(
						(liable, pending) == (bond.liable, bond.pending),
						"bond of {who} is {liable} and {pending}, not {bond:?}"
					);
					// A record that ends forgets; one with a bond of none has not ended.
				},
				None => {
					require!(
						bond.liable + bond.pending == 0,
						"bond of {who} is gone, but was {bond:?}"
					);
					*bond = Bond::default();
				},
			}
		}
		Ok(())
	}

	/// A window that grows lets a panel end later than it was thought to.
	fn watch_windows(&mut self) {
		let now = RevealWindow::get().max(2);
		for id in &self.open {
			let request = self.requests.get_mut(id).expect("what is open is known");
			if let Some((_, longest)) = &mut request.windows {
				*longest = now.max(*longest);
			}
		}
	}

	fn nothing_expected(&mut self) -> Checked {
		match self.expected.take() {
			Some((who, id, amount)) if amount > 0 => {
				Err(format!("{amount} of {who} should have been taken for {id}"))
			},
			_ => Ok(()),
		}
	}

	fn hear(&mut self, event: &RuntimeEvent, later: &[RuntimeEvent]) -> Checked {
		match event {
			RuntimeEvent::Inference(event) => {
				self.coverage.note(format!("event {}", name(event)));
				self.hear_inference(event)
			},
			RuntimeEvent::Attestation(event) => {
				self.coverage.note(format!("event {}", name(event)));
				self.hear_attestation(event, later)
			},
			RuntimeEvent::Custody(event) => self.hear_custody(event),
			RuntimeEvent::Models(event) => {
				self.coverage.note(format!("event {}", name(event)));
				Ok(())
			},
			RuntimeEvent::Balances(event) => self.hear_balances(event),
			RuntimeEvent::Staking(event) => self.hear_staking(event),
			RuntimeEvent::Offences(pallet_offences::Event::Offence { kind, .. }) => {
				let kind = String::from_utf8_lossy(kind).into_owned();
				self.coverage.note(format!("offence {kind}"));
				Ok(())
			},
			RuntimeEvent::Session(pallet_session::Event::NewSession { .. }) => {
				self.coverage.note("event NewSession");
				Ok(())
			},
			_ => Ok(()),
		}
	}

	fn hear_balances(&mut self, event: &pallet_balances::Event<Runtime>) -> Checked {
		use pallet_balances::Event::*;
		let mut change = |who: &AccountId, by: i128| {
			if let Some(total) = self.totals.get_mut(who) {
				*total = total.saturating_add_signed(by);
			}
		};
		match event {
			Transfer { from, to, amount } => {
				change(from, -(*amount as i128));
				change(to, *amount as i128);
			},
			DustLost { account, amount } => {
				change(account, -(*amount as i128));
				self.coverage.note("money: dust to the treasury");
			},
			BurnedHeld { who, amount, .. } => {
				change(who, -(*amount as i128));
				self.issuance -= amount;
				self.coverage.note("money: burnt");
			},
			_ => {},
		}
		Ok(())
	}

	fn hear_staking(&mut self, event: &pallet_staking::Event<Runtime>) -> Checked {
		use pallet_staking::Event::*;
		match event {
			EraPaid { remainder, .. } => {
				self.issuance += remainder;
				self.coverage.note("event EraPaid");
			},
			Rewarded { stash, dest, amount } => {
				self.issuance += amount;
				if *dest == RewardDestination::Staked {
					*self.ledgers.entry(stash.clone()).or_default() += amount;
				}
				self.coverage.note("event Rewarded");
			},
			SlashReported { validator, .. } => {
				require!(self.convicts.contains(validator), "an offence that was none");
				self.reported.insert(validator.clone());
				self.coverage.note("event SlashReported");
			},
			Slashed { staker, amount } => {
				require!(self.reported.contains(staker), "a slash without an offence");
				let stake = self.ledgers.entry(staker.clone()).or_default();
				*stake = stake.checked_sub(*amount).ok_or("more was slashed than there was")?;
				self.coverage.note("event Slashed");
			},
			_ => {},
		}
		Ok(())
	}

	fn hear_inference(&mut self, event: &pallet_inference::Event<Runtime>) -> Checked {
		use pallet_inference::Event::*;
		match event {
			Requested { request: id, requester, release, digest, escrow } => {
				let open = pallet_inference::Requests::<Runtime>::get(id).ok_or("not open")?;
				let known = self.releases.iter().find(|known| known.id == *release);
				let decides = open.escalates;
				let input = match decides {
					Some(first) => self.requests.get(&first).ok_or("nothing to decide")?.input,
					None => {
						require!(!self.asked.is_empty(), "a request that nobody made");
						self.asked.remove(0)
					},
				};
				let request = Request {
					requester: requester.clone(),
					profile: known.ok_or("an unknown release")?.profile,
					input,
					digest: *digest,
					escrow: *escrow,
					threshold: open.threshold().into(),
					deadline: System::block_number() + open.options.deadline,
					seats: Vec::new(),
					session: 0,
					shown: BTreeSet::new(),
					windows: None,
					delay: 0,
					decides,
					decided_by: None,
					contested_until: None,
				};
				require!(self.requests.insert(*id, request).is_none(), "a number given twice");
				self.open.insert(*id);
			},
			Settled { request: id, outcome, charged, refunded, .. } => {
				require!(self.open.remove(id), "an end of what is not open");
				let request = &self.requests[id];
				require!(charged + refunded == request.escrow, "of {} in escrow", request.escrow);
				if let Some(total) = self.totals.get_mut(&request.requester) {
					*total = total.checked_sub(*charged).ok_or("charged more than there was")?;
				}
				self.coverage.note(format!("outcome {outcome:?}"));
				let settlement = Inference::settlement(*id).ok_or("without a record")?;
				self.check_settlement(*id, &settlement, *outcome)?;
			},
			Contested { request: id, until } => {
				let request = self.requests.get_mut(id).ok_or("unknown")?;
				request.contested_until = Some(*until);
			},
			Escalated { request: id, escalation } => {
				self.requests.get_mut(id).ok_or("unknown")?.decided_by = Some(*escalation);
			},
			Rejudged { request: id, rulings } => {
				for (who, verdict) in rulings {
					self.coverage.note(format!("second verdict {verdict:?}"));
					require!(
						verdict.fault().is_none() || *verdict == Verdict::Divergent,
						"a second panel can not say that"
					);
					self.check_verdict_on(who, *verdict, *id)?;
				}
			},
			_ => {},
		}
		Ok(())
	}

	fn check_verdict_on(&self, who: &AccountId, verdict: Verdict, id: RequestId) -> Checked {
		require!(
			!self.is_honest(who) || verdict.fault().is_none() || self.may_be_wrong(id),
			"honest {who} is {verdict:?} on {id}: {:?}",
			self.requests.get(&id)
		);
		Ok(())
	}

	fn hear_attestation(
		&mut self,
		event: &pallet_attestation::Event<Runtime>,
		later: &[RuntimeEvent],
	) -> Checked {
		use pallet_attestation::Event::*;
		match event {
			Bonded { attester, amount } => {
				self.bonds.entry(attester.clone()).or_default().liable += amount;
			},
			Withdrawn { attester, amount } => {
				let bond = self.bonds.entry(attester.clone()).or_default();
				bond.liable = bond.liable.checked_sub(*amount).ok_or("more than was bonded")?;
			},
			PanelDrawn { request: id, members, .. } => {
				let request = self.requests.get_mut(id).ok_or("a panel for nothing")?;
				require!(request.seats.is_empty(), "a second panel");
				let seat = |who| Seat {
					place: chain::place(who).unwrap(),
					stand: Stand::Silent,
					sworn: None,
				};
				request.seats = members.iter().map(seat).collect();
				request.session = chain::session();
				let window = RevealWindow::get().max(2);
				request.windows = Some((window, window));
				if let Some(first) = request.decides {
					let both = |seat: &Seat| {
						self.requests[&first].seats.iter().any(|other| other.place == seat.place)
					};
					require!(!self.requests[id].seats.iter().any(both), "a judge of its own case");
				}
			},
			FaultRecorded { attester, request: id, fault } => {
				self.coverage.note(format!("fault {fault:?}"));
				self.nothing_expected()?;
				require!(
					!self.is_honest(attester) || self.may_be_wrong(*id),
					"an honest attester at fault: {:?}",
					self.requests.get(id)
				);
				let warned = later.iter().find_map(|event| match event {
					RuntimeEvent::Attestation(Warned { attester: who, request, .. })
						if who == attester && request == id =>
					{
						Some(())
					},
					_ => None,
				});
				let taken = self.absence(attester, *fault);
				require!(warned.is_some() == taken.is_none(), "warned, or not, of {attester}");
				if let Some(amount) = taken {
					self.expected = Some((attester.clone(), *id, amount));
				}
			},
			Warned { attester, until, .. } => self.warned(attester, Some(*until)),
			NotHeld { attester, amount, warned_until, .. } => {
				self.hear_not_held(attester, *amount, *warned_until)?;
			},
			Penalised { attester, request: id, amount, compensated } => {
				let expected = self.expected.take();
				require!(
					expected == Some((attester.clone(), *id, *amount)),
					"expected was {expected:?}"
				);
				self.take(attester, *amount)?;
				self.compensate(*id, *compensated, *amount)?;
			},
			PenaltyDeferred { attester, request: id, amount, until } => {
				let expected = self.expected.take();
				require!(
					expected == Some((attester.clone(), *id, *amount)),
					"expected was {expected:?}"
				);
				self.take(attester, *amount)?;
				self.bonds.entry(attester.clone()).or_default().pending += amount;
				self.latest_due = self.latest_due.max(*until);
				let penalty =
					Waiting { amount: *amount, due: self.latest_due, chances: 0, crowd: 0 };
				let before = self.waiting.insert((attester.clone(), *id), penalty);
				require!(before.is_none(), "twice for one request");
			},
			PenaltyFinal { attester, request: id, amount, compensated } => {
				let penalty = self.waiting.remove(&(attester.clone(), *id));
				require!(penalty.is_some_and(|p| p.amount == *amount), "another penalty waited");
				let bond = self.bonds.entry(attester.clone()).or_default();
				bond.pending = bond.pending.checked_sub(*amount).ok_or("more than waited")?;
				self.compensate(*id, *compensated, *amount)?;
				let session = self.requests.get(id).ok_or("unknown")?.session;
				let all = self.divergents.entry(session).or_default();
				all.insert(attester.clone());
				if all.len() > 1 {
					self.convicts.extend(all.iter().cloned());
				}
			},
			PenaltyOverturned { attester, request: id, amount } => {
				let penalty = self.waiting.remove(&(attester.clone(), *id));
				require!(penalty.is_some_and(|p| p.amount == *amount), "another penalty waited");
				let bond = self.bonds.entry(attester.clone()).or_default();
				bond.pending = bond.pending.checked_sub(*amount).ok_or("more than waited")?;
				bond.liable += amount;
				// What it counted for in its day, it counts for still.
			},
			EquivocationReported { attester, .. } => {
				require!(self.convicts.contains(attester), "a conviction of the innocent");
				require!(!self.is_honest(attester), "a conviction of the honest");
			},
			_ => {},
		}
		Ok(())
	}

	/// What a fault costs now. `None`: it is the first absence in a while.
	pub fn absence(&mut self, who: &AccountId, fault: Fault) -> Option<Balance> {
		let now = System::block_number();
		let bond = self.bonds.entry(who.clone()).or_default();
		let forgiven = matches!(fault, Fault::NoShow | Fault::NotHeld)
			&& bond.warned_until.is_none_or(|until| until <= now);
		(!forgiven).then(|| bond.takes(fault, now))
	}

	/// An attester was warned, if it was.
	pub fn warned(&mut self, who: &AccountId, until: Option<BlockNumber>) {
		let bond = self.bonds.entry(who.clone()).or_default();
		bond.warned_until = until.or(bond.warned_until);
	}

	pub fn take(&mut self, who: &AccountId, amount: Balance) -> Checked {
		let bond = self.bonds.entry(who.clone()).or_default();
		bond.liable = bond.liable.checked_sub(amount).ok_or("more was taken than was bonded")?;
		Ok(())
	}

	fn compensate(&mut self, id: RequestId, amount: Balance, of: Balance) -> Checked {
		require!(amount <= of, "more was given than taken");
		let requester = &self.requests.get(&id).ok_or("unknown")?.requester;
		if let Some(total) = self.totals.get_mut(requester) {
			*total += amount;
		}
		if amount > 0 {
			self.coverage.note("money: compensation");
		}
		Ok(())
	}

	/// The record of a settlement against what the members did: outcome, verdicts, pay.
	fn check_settlement(
		&mut self,
		id: RequestId,
		settlement: &SettlementOf<Runtime>,
		kind: OutcomeKind,
	) -> Checked {
		let request = &self.requests[&id];
		require!(OutcomeKind::from(&settlement.outcome) == kind, "another outcome in the record");
		if request.seats.is_empty() {
			require!(settlement.panel.is_empty(), "a panel that was not drawn");
			let fits = match kind {
				OutcomeKind::Cancelled => true,
				OutcomeKind::Unserved(reason) => !matches!(reason, UnservedReason::Execution(_)),
				_ => false,
			};
			require!(fits, "an outcome of no panel");
			return Ok(());
		}
		let expected = request.expected();
		require!(
			expected.as_ref().is_ok_and(|answer| settlement.answer == Some(answer_digest(answer)))
				|| expected == Err(kind),
			"expected was {expected:?} of {request:?}"
		);
		if let (Ok(answer), Outcome::Answered(output)) = (&expected, &settlement.outcome) {
			require!(*answer == Answer::Output(output.clone()), "another answer");
			require!(
				request.is_lied_to(&self.honest) || !request.is_false(answer),
				"a wrong answer without enough liars"
			);
		}
		require!(request.seats.len() == settlement.panel.len(), "another panel");
		let mut agreed = 0;
		for (seat, member) in request.seats.iter().zip(&settlement.panel) {
			require!(member.attester == chain::attester(seat.place), "another member");
			let verdict = request.verdict(seat, &expected);
			require!(member.verdict == verdict, "{seat:?} is {:?}", member.verdict);
			require!(verdict == Verdict::Agreed || member.paid == 0, "paid for {verdict:?}");
			agreed += u8::from(verdict == Verdict::Agreed);
			self.check_verdict_on(&member.attester, verdict, id)?;
			self.coverage.note(format!("verdict {verdict:?}"));
		}
		require!(settlement.agreement == agreed, "agreement is not of {agreed}");
		let answered = matches!(settlement.outcome, Outcome::Answered(_));
		require!(
			answered || settlement.charged == 0 || settlement.protocol == settlement.charged,
			"charged for nothing"
		);
		if !answered && settlement.charged > 0 {
			self.coverage.note("money: refund that its account can not take");
		}
		Ok(())
	}
}

/// What logs say that is no flaw: of evidence that is refused.
fn is_expected(line: &str) -> bool {
	line.contains("key ownership proof")
}

impl Bond {
	/// What a fault costs now, as the parameters say; at most what the day leaves.
	fn takes(&mut self, fault: Fault, now: BlockNumber) -> Balance {
		let fraction = match fault {
			Fault::NoShow => NoShowPenalty::get(),
			Fault::Withheld => WithheldPenalty::get(),
			Fault::BadOpening => BadOpeningPenalty::get(),
			Fault::Divergent => DivergentPenalty::get(),
			Fault::NotHeld => NotHeldPenalty::get(),
		};
		let today = self.day.filter(|day| now < day.begun + DAYS);
		let mut day = today.unwrap_or(Day { begun: now, liable: self.liable, taken: 0 });
		let left = (DailyPenaltyCap::get() * day.liable).saturating_sub(day.taken);
		let amount = (fraction * self.liable).min(left);
		day.taken += amount;
		self.day = Some(day);
		amount
	}
}

impl Request {
	/// What a member revealed, if it is not a failure.
	fn output(seat: &Seat) -> Option<&Answer> {
		match &seat.stand {
			Stand::Revealed(answer @ Answer::Output(_)) => Some(answer),
			_ => None,
		}
	}

	fn outputs(&self) -> impl Iterator<Item = &Answer> {
		self.seats.iter().filter_map(Self::output)
	}

	fn agree(&self, a: &Answer, b: &Answer, within: f32) -> bool {
		if a == b {
			return true;
		}
		match (self.profile.value(a), self.profile.value(b)) {
			(Some(a), Some(b)) => !self.profile.exact() && (a - b).abs() <= within,
			_ => false,
		}
	}

	fn is_false(&self, answer: &Answer) -> bool {
		match self.profile.value(answer) {
			Some(value) if !self.profile.exact() => {
				(value - f32::from(self.input % 100)).abs() > 2.0 * TOLERANCE
			},
			_ => !self.profile.is_right(answer, self.input),
		}
	}

	/// What should come of what its members did: the accepted answer, or the reason why none is.
	fn expected(&self) -> Result<Answer, OutcomeKind> {
		let count =
			|of: fn(&Stand) -> bool| self.seats.iter().filter(|seat| of(&seat.stand)).count();
		let silent = count(|stand| matches!(stand, Stand::Silent));
		if self.seats.len() - silent < self.threshold {
			return Err(OutcomeKind::Expired(ExpiryReason::CommitmentsMissing));
		}
		let support =
			|answer: &Answer| self.outputs().filter(|o| self.agree(answer, o, TOLERANCE)).count();
		// Of the most supported, the one whose member was drawn first.
		let mut best: Option<(&Answer, usize)> = None;
		for answer in self.outputs() {
			let supporters = support(answer);
			if best.is_none_or(|(_, most)| supporters > most) {
				best = Some((answer, supporters));
			}
		}
		let seen = |answer: &Answer| self.shown.contains(&answer_digest(answer));
		if let Some((answer, supporters)) = best {
			let fits = self.profile.value(answer).is_some();
			if supporters >= self.threshold && seen(answer) && fits {
				return Ok(answer.clone());
			}
		}
		let outputs = self.outputs().count();
		let failures: Vec<_> = self
			.seats
			.iter()
			.filter_map(|seat| match &seat.stand {
				Stand::Revealed(Answer::Failure(failure)) => Some(*failure),
				_ => None,
			})
			.collect();
		if outputs + failures.len() < self.threshold {
			return Err(OutcomeKind::Expired(ExpiryReason::RevealsMissing));
		}
		if outputs < self.threshold {
			let times = |failure| failures.iter().filter(|other| **other == failure).count();
			let most = failures.iter().map(|failure| times(*failure)).max();
			let first = failures.iter().find(|failure| Some(times(**failure)) == most);
			let reason = *first.expect("with the outputs they reach the threshold");
			return Err(OutcomeKind::Unserved(UnservedReason::Execution(reason)));
		}
		let unseen = |answer: &&Answer| !seen(answer) && support(answer) >= self.threshold;
		if self.outputs().any(|answer| unseen(&answer)) {
			return Err(OutcomeKind::Expired(ExpiryReason::AnswerMissing));
		}
		Err(OutcomeKind::Disagreed)
	}

	/// What should become of a member.
	fn verdict(&self, seat: &Seat, outcome: &Result<Answer, OutcomeKind>) -> Verdict {
		let too_few = Err(OutcomeKind::Expired(ExpiryReason::CommitmentsMissing));
		match (&seat.stand, outcome) {
			(Stand::Silent, _) => Verdict::NoShow,
			(Stand::Committed, outcome) if *outcome == too_few => Verdict::Excused,
			(Stand::Committed, _) => Verdict::Withheld,
			(Stand::Bad, _) => Verdict::BadOpening,
			(Stand::Revealed(Answer::Failure(_)), _) => Verdict::Abstained,
			(Stand::Revealed(_), Err(_)) => Verdict::Undecided,
			(Stand::Revealed(answer), Ok(accepted)) => match self.profile {
				_ if self.agree(answer, accepted, TOLERANCE) => Verdict::Agreed,
				Profile::Exact => Verdict::Divergent,
				Profile::Gross if !self.agree(answer, accepted, GROSS) => Verdict::Divergent,
				Profile::Gross | Profile::Lenient => Verdict::Outlier,
			},
		}
	}
}

/// A release by its number.
pub fn release_id(model: u32, minor: u16) -> ReleaseId {
	ReleaseId { model, version: Version { major: 1, minor } }
}

/// Whether an answer was shown to a panel, by the chain's own word.
pub fn is_shown(id: RequestId, answer: &AnswerDigest) -> bool {
	pallet_attestation::Answers::<Runtime>::contains_key(id, answer)
}

/// The panel of a request, as it is on the chain.
pub fn panel(id: RequestId) -> Option<pallet_attestation::PanelOf<Runtime>> {
	pallet_attestation::OpenPanels::<Runtime>::get(id)
}
