// SPDX-License-Identifier: Apache-2.0
//! Who gains and who loses over some blocks, to the unit.
//!
//! [`Books`] are opened before something happens and closed after it. Closing them explains the
//! wealth of every account by what the chain is known to move: fees of transactions to the
//! treasury, settlements from requesters to attesters, owners and treasury, what faults cost and
//! equivocations, and what an era mints. Whatever is left unexplained is an error.
//!
//! What each fault costs is computed once more from the rules of `docs/protocol.md`, by
//! [`Liability`], and compared with what the chain took.

use crate::{
	events::{Span, treasury},
	invariants::{Hold, entries, pallet_index},
};
use anyhow::{Context, Result, bail, ensure};
use jurat_cli::{
	Client,
	client::{
		AccountId32, Balance, BlockId, BlockNumber, ChainEvent,
		reads::{AccountBalance, Settled},
	},
};
use jurat_primitives::{RequestDigest, RequestId, outcome::Fault, view::Unlocking};
use std::collections::BTreeMap;
use subxt::utils::H256;

/// How often books are read while the chain is re-organised.
const ATTEMPTS: usize = 5;
/// Units of a share in one.
const WHOLE: Balance = 1_000_000_000;
/// Share of a bond that is taken within a day, at most.
const DAILY_CAP: Balance = WHOLE / 5;
/// Blocks of a day, and of a warning.
const DAY: BlockNumber = 28_800;
/// What the staking pallet pays who reports an offence first: half of two fifths of the slash.
const REPORTERS: [Balance; 2] = [WHOLE / 5 * 2, WHOLE / 2];

/// All money in a block.
#[derive(Clone, Debug)]
pub struct Books {
	/// The block.
	pub at: BlockId,
	/// What there is.
	pub issuance: Balance,
	/// What each account has, held amounts included.
	pub wealth: BTreeMap<[u8; 32], Balance>,
	/// What each attester has on hold for its bond, penalties that wait included.
	pub bonds: BTreeMap<[u8; 32], Balance>,
	/// What each attester answers with.
	liable: BTreeMap<[u8; 32], Liability>,
	/// The number of the next request, when the books were opened.
	next: RequestId,
}

/// What an attester answers with, and what was taken of it.
#[derive(Clone, Copy, Debug)]
struct Liability {
	/// Its bond, what is on its way out included.
	bond: Balance,
	/// The block before which an absence is not its first.
	warned_until: BlockNumber,
	/// When its day began, what it answered with then, and what was taken since.
	day: Option<(BlockNumber, Balance, Balance)>,
}

impl Liability {
	/// What a fault costs in a block, by the rules. `None`: a warning.
	fn pays(&mut self, fault: Fault, now: BlockNumber) -> Option<Balance> {
		let share = match fault {
			Fault::NoShow | Fault::NotHeld if now >= self.warned_until => {
				self.warned_until = now + DAY;
				return None;
			},
			Fault::NoShow => WHOLE / 1_000,
			Fault::NotHeld => WHOLE / 200,
			Fault::Withheld => WHOLE / 100,
			Fault::BadOpening | Fault::Divergent => WHOLE / 20,
		};
		let today = self.day.filter(|(begun, ..)| now < begun + DAY);
		let (begun, then, taken) = today.unwrap_or((now, self.bond, 0));
		let left = of(DAILY_CAP, then).saturating_sub(taken);
		let amount = of(share, self.bond).min(left);
		self.day = Some((begun, then, taken + amount));
		self.bond -= amount;
		Some(amount)
	}

	fn gets_back(&mut self, amount: Balance) {
		self.bond += amount;
	}
}

/// A share of an amount, to the nearest unit.
const fn of(share: Balance, amount: Balance) -> Balance {
	let (whole, rest) = (amount / WHOLE * share, amount % WHOLE * share);
	// Of two that are as near, the lower.
	whole + rest / WHOLE + (rest % WHOLE > WHOLE / 2) as Balance
}

/// What became of somebody for a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Price {
	/// Nothing yet.
	Warning,
	/// It paid at once.
	Paid(Balance),
	/// It paid, and the money waits.
	Waits(Balance),
}

/// A fault, and its price.
#[derive(Clone, Debug)]
pub struct Penalty {
	/// Whose.
	pub attester: AccountId32,
	/// On which request.
	pub request: RequestId,
	/// Which.
	pub fault: Fault,
	/// What it cost.
	pub price: Price,
}

/// Gains and losses.
type Changes = BTreeMap<[u8; 32], i128>;

/// `pallet_attestation::types::Attester`, from its encoding.
type Record = (
	Balance,
	Vec<Unlocking<Balance, BlockNumber>>,
	Balance,
	bool,
	u32,
	[u32; 5],
	Option<BlockNumber>,
	Option<(BlockNumber, Balance, Balance)>,
);

impl Books {
	/// As things are in the last finalised block, which nothing can undo.
	pub async fn open(client: &Client) -> Result<Self> {
		let next = client.storage("Inference", "NextRequest", (), None).await?;
		let books = Self::read(client, client.finalised().await?).await?;
		Ok(Self { next: next.unwrap_or_default(), ..books })
	}

	async fn read(client: &Client, at: BlockId) -> Result<Self> {
		let issuance = client.storage("Balances", "TotalIssuance", (), Some(at.hash)).await?;
		// `frame_system::AccountInfo`: nonce and three reference counts before the balance.
		type Info = (u32, u32, u32, u32, AccountBalance);
		let accounts = entries::<Info>(client, "System", "Account", at.hash).await?;
		let attesters = entries::<Record>(client, "Attestation", "Attesters", at.hash).await?;
		let liable = attesters.into_iter().map(|(who, record)| {
			let leaving: Balance = record.1.iter().map(|part| part.amount).sum();
			let liability = Liability {
				bond: record.0 + leaving,
				warned_until: record.6.unwrap_or_default(),
				day: record.7,
			};
			(who.0, liability)
		});
		Ok(Self {
			at,
			issuance: issuance.context("an issuance")?,
			wealth: accounts
				.into_iter()
				.map(|(who, info)| (who.0, info.4.free + info.4.reserved))
				.collect(),
			bonds: bonds(client, at.hash).await?,
			liable: liable.collect(),
			next: 0,
		})
	}

	/// Compares with the best block now: everything that changed is explained. The faults that were
	/// found meanwhile, on requests that are younger than the books.
	pub async fn close(&self, client: &Client) -> Result<Vec<Penalty>> {
		for _ in 0..ATTEMPTS {
			let now = Self::read(client, client.best().await?).await?;
			let explained = self.explain(client, &now).await;
			// Blocks were read by their numbers: they were those of one chain if its end still is.
			if client.block_hash(Some(now.at.number)).await? == now.at.hash {
				return explained;
			}
		}
		bail!("the chain was re-organised at each attempt")
	}

	async fn explain(&self, client: &Client, now: &Self) -> Result<Vec<Penalty>> {
		let span = Span { first: self.at.number + 1, last: now.at.number };
		let mut account = Account {
			client,
			end: now.at.hash,
			changes: Changes::new(),
			bonds: self.bonds.clone(),
			liable: self.liable.clone(),
			minted: 0,
			penalties: Vec::new(),
			fault: None,
		};
		for (number, event) in span.all(client).await? {
			account.book(number, &event).await.with_context(|| format!("{event:?}"))?;
		}
		let Account { changes: expected, bonds, minted, penalties, .. } = account;
		ensure!(
			now.issuance == self.issuance + minted,
			"issuance {} became {}, minted were {minted}",
			self.issuance,
			now.issuance,
		);
		let mut changes = Changes::new();
		for (who, wealth) in &now.wealth {
			*changes.entry(*who).or_default() += *wealth as i128;
		}
		for (who, wealth) in &self.wealth {
			*changes.entry(*who).or_default() -= *wealth as i128;
		}
		for (who, expected) in &expected {
			*changes.entry(*who).or_default() -= expected;
		}
		changes.retain(|_, unexplained| *unexplained != 0);
		ensure!(changes.is_empty(), "unexplained in {span:?}: {}", named(&changes));
		ensure!(now.bonds == bonds, "bonds {bonds:?} expected, they are {:?}", now.bonds);
		Ok(penalties.into_iter().filter(|penalty| penalty.request >= self.next).collect())
	}
}

/// What attesters have held as their bonds.
async fn bonds(client: &Client, at: H256) -> Result<BTreeMap<[u8; 32], Balance>> {
	let attestation = pallet_index(client, "Attestation", at).await?;
	let holds = entries::<Vec<Hold>>(client, "Balances", "Holds", at).await?;
	let bonded = holds.into_iter().map(|(who, holds)| {
		let ours = holds.iter().filter(|hold| hold.0.0 == attestation);
		(who.0, ours.map(|hold| hold.1).sum())
	});
	Ok(bonded.filter(|(_, amount)| *amount > 0).collect())
}

/// Explains changes event by event.
struct Account<'a> {
	client: &'a Client,
	end: H256,
	changes: Changes,
	bonds: BTreeMap<[u8; 32], Balance>,
	liable: BTreeMap<[u8; 32], Liability>,
	minted: Balance,
	penalties: Vec<Penalty>,
	/// The fault that was recorded last: its price follows.
	fault: Option<(AccountId32, RequestId, Fault)>,
}

impl Account<'_> {
	fn moves(&mut self, who: &AccountId32, amount: Balance, sign: i128) {
		*self.changes.entry(who.0).or_default() += sign * amount as i128;
	}

	async fn settled(&self, request: RequestId) -> Result<Settled> {
		let settled = self.client.settlement_at(request, Some(self.end)).await?;
		settled.with_context(|| format!("request {request} settled"))
	}

	async fn book(&mut self, now: BlockNumber, event: &ChainEvent) -> Result<()> {
		match (event.pallet.as_str(), event.name.as_str()) {
			("TransactionPayment", "TransactionFeePaid") => {
				let (payer, fee, tip): (AccountId32, Balance, Balance) = event.fields()?;
				// The tip is part of the fee.
				ensure!(tip == 0, "{payer} gives a tip");
				self.moves(&payer, fee, -1);
				self.moves(&treasury(), fee, 1);
			},
			("Inference", "Settled") => {
				let settled = self.settled(event.fields()?).await?;
				self.moves(&settled.requester, settled.charged, -1);
				for member in &settled.panel {
					self.moves(&member.attester, member.paid, 1);
				}
				if settled.royalty > 0 {
					let model = self.client.model(settled.release.model).await?;
					self.moves(&model.context("a model")?.owner, settled.royalty, 1);
				}
				self.moves(&treasury(), settled.protocol, 1);
			},
			("Staking", "EraPaid") => {
				let (_era, _payout, remainder): (u32, Balance, Balance) = event.fields()?;
				self.moves(&treasury(), remainder, 1);
				self.minted += remainder;
			},
			("Staking", "Slashed") => {
				let (who, amount): (AccountId32, Balance) = event.fields()?;
				self.moves(&who, amount, -1);
				self.moves(&treasury(), amount, 1);
			},
			("Attestation", "EquivocationReported") => {
				// The slash comes at once, before this event; of it the reporter has its share.
				type Reported = (AccountId32, AccountId32, u32, RequestDigest);
				let (attester, reporter, ..): Reported = event.fields()?;
				let slashed = self.slashed(&attester, now).await?;
				let share = REPORTERS.into_iter().fold(slashed, |sum, part| of(part, sum));
				self.moves(&treasury(), share, -1);
				self.moves(&reporter, share, 1);
			},
			("Attestation", "FaultRecorded") => {
				ensure!(self.fault.is_none(), "a fault without a price: {:?}", self.fault);
				self.fault = Some(event.fields()?);
			},
			("Attestation", "Warned") => {
				let (attester, request): (AccountId32, RequestId) = event.fields()?;
				self.priced(attester, request, now, Price::Warning)?;
			},
			("Attestation", "Penalised") => {
				let paid: (AccountId32, RequestId, Balance, Balance) = event.fields()?;
				self.shared_out(&paid).await?;
				self.priced(paid.0, paid.1, now, Price::Paid(paid.2))?;
			},
			("Attestation", "PenaltyDeferred") => {
				let (attester, request, amount): (AccountId32, RequestId, Balance) =
					event.fields()?;
				self.priced(attester, request, now, Price::Waits(amount))?;
			},
			("Attestation", "PenaltyFinal") => {
				let paid: (AccountId32, RequestId, Balance, Balance) = event.fields()?;
				self.shared_out(&paid).await?;
			},
			("Attestation", "PenaltyOverturned") => {
				let (attester, _request, amount): (AccountId32, RequestId, Balance) =
					event.fields()?;
				let liability = self.liable.get_mut(&attester.0).context("an attester")?;
				liability.gets_back(amount);
			},
			_ => {},
		}
		Ok(())
	}

	/// What was slashed of somebody in a block.
	async fn slashed(&self, who: &AccountId32, number: BlockNumber) -> Result<Balance> {
		let span = Span { first: number, last: number };
		let mut sum = 0;
		for event in span.events(self.client, "Staking", "Slashed").await? {
			let (staker, amount): (AccountId32, Balance) = event.fields()?;
			sum += if staker == *who { amount } else { 0 };
		}
		ensure!(sum > 0, "{who} was not slashed");
		Ok(sum)
	}

	/// Money that left a bond: to the requester what it was owed, the rest to the treasury.
	async fn shared_out(
		&mut self,
		(attester, request, amount, compensated): &(AccountId32, RequestId, Balance, Balance),
	) -> Result<()> {
		let settled = self.settled(*request).await?;
		self.moves(attester, *amount, -1);
		self.moves(&settled.requester, *compensated, 1);
		self.moves(&treasury(), amount - compensated, 1);
		let bond = self.bonds.get_mut(&attester.0).context("a bond")?;
		*bond -= amount;
		Ok(())
	}

	/// The price of the fault that was recorded last must be what the rules say.
	fn priced(
		&mut self,
		attester: AccountId32,
		request: RequestId,
		now: BlockNumber,
		price: Price,
	) -> Result<()> {
		let fault = self.fault.take().context("a price without a fault")?;
		ensure!((&fault.0, fault.1) == (&attester, request), "{fault:?} has another's price");
		let liability = self.liable.get_mut(&attester.0).context("an attester")?;
		let expected = match (liability.pays(fault.2, now), fault.2) {
			(None, _) => Price::Warning,
			(Some(amount), Fault::Divergent) => Price::Waits(amount),
			(Some(amount), _) => Price::Paid(amount),
		};
		ensure!(price == expected, "{price:?} for {fault:?} instead of {expected:?}");
		self.penalties.push(Penalty { attester, request, fault: fault.2, price });
		Ok(())
	}
}

fn named(changes: &Changes) -> String {
	let name = |(who, change): (&[u8; 32], &i128)| format!("{} {change:+}", AccountId32(*who));
	changes.iter().map(name).collect::<Vec<_>>().join(", ")
}
