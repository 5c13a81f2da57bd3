// SPDX-License-Identifier: Apache-2.0
//! Who gains and who loses over some blocks, to the unit.
//!
//! [`Books`] are opened before something happens and closed after it. Closing them explains the
//! wealth of every account by what the chain is known to move: fees of transactions to the
//! treasury, settlements from requesters to attesters, owners and treasury, and what an era mints.
//! Whatever is left unexplained is an error, and so is a bond that changed.

use crate::{
	events::{Span, treasury},
	invariants::{Hold, entries, pallet_index},
};
use anyhow::{Context, Result, ensure};
use jurat_cli::{
	Client,
	client::{
		AccountId32, Balance, BlockId,
		reads::{AccountBalance, Settled},
	},
};
use jurat_primitives::RequestId;
use std::collections::BTreeMap;
use subxt::utils::H256;

/// How often books are read while the chain is re-organised.
const ATTEMPTS: usize = 5;

/// All money in a block.
#[derive(Clone, Debug)]
pub struct Books {
	/// The block.
	pub at: BlockId,
	/// What there is.
	pub issuance: Balance,
	/// What each account has, held amounts included.
	pub wealth: BTreeMap<[u8; 32], Balance>,
	/// What each attester has bonded.
	pub bonds: BTreeMap<[u8; 32], Balance>,
}

/// Gains and losses.
type Changes = BTreeMap<[u8; 32], i128>;

impl Books {
	/// As things are in the last finalised block, which nothing can undo.
	pub async fn open(client: &Client) -> Result<Self> {
		Self::read(client, client.finalised().await?).await
	}

	async fn read(client: &Client, at: BlockId) -> Result<Self> {
		let issuance = client.storage("Balances", "TotalIssuance", (), Some(at.hash)).await?;
		// `frame_system::AccountInfo`: nonce and three reference counts before the balance.
		type Info = (u32, u32, u32, u32, AccountBalance);
		let accounts = entries::<Info>(client, "System", "Account", at.hash).await?;
		Ok(Self {
			at,
			issuance: issuance.context("an issuance")?,
			wealth: accounts
				.into_iter()
				.map(|(who, info)| (who.0, info.4.free + info.4.reserved))
				.collect(),
			bonds: bonds(client, at.hash).await?,
		})
	}

	/// Compares with the best block now: everything that changed is explained.
	pub async fn close(&self, client: &Client) -> Result<Self> {
		for _ in 0..ATTEMPTS {
			let now = Self::read(client, client.best().await?).await?;
			let explained = self.explain(client, &now).await;
			// Blocks were read by their numbers: they were those of one chain if its end still is.
			if client.block_hash(Some(now.at.number)).await? == now.at.hash {
				return explained.map(|()| now);
			}
		}
		anyhow::bail!("the chain was re-organised at each attempt")
	}

	async fn explain(&self, client: &Client, now: &Self) -> Result<()> {
		let span = Span { first: self.at.number + 1, last: now.at.number };
		let (expected, minted) = explain(client, span, now.at.hash).await?;
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
		ensure!(now.bonds == self.bonds, "bonds {:?} became {:?}", self.bonds, now.bonds);
		Ok(())
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

/// Gains and losses that these blocks explain, and what they minted.
async fn explain(client: &Client, span: Span, end: H256) -> Result<(Changes, Balance)> {
	let (mut changes, mut minted) = (Changes::new(), 0);
	let mut moves = |who: &AccountId32, amount: Balance, sign: i128| {
		*changes.entry(who.0).or_default() += sign * amount as i128;
	};
	for event in span.events(client, "TransactionPayment", "TransactionFeePaid").await? {
		let (payer, fee, tip): (AccountId32, Balance, Balance) = event.fields()?;
		// The tip is part of the fee.
		ensure!(tip == 0, "{payer} gives a tip");
		moves(&payer, fee, -1);
		moves(&treasury(), fee, 1);
	}
	for event in span.events(client, "Inference", "Settled").await? {
		let request: RequestId = event.fields()?;
		let settled = client.settlement_at(request, Some(end)).await?;
		let settled: Settled = settled.with_context(|| format!("request {request} settled"))?;
		moves(&settled.requester, settled.charged, -1);
		for member in &settled.panel {
			moves(&member.attester, member.paid, 1);
		}
		if settled.royalty > 0 {
			let model = client.model(settled.release.model).await?.context("a model")?;
			moves(&model.owner, settled.royalty, 1);
		}
		moves(&treasury(), settled.protocol, 1);
	}
	for event in span.events(client, "Staking", "EraPaid").await? {
		let (_era, _payout, remainder): (u32, Balance, Balance) = event.fields()?;
		moves(&treasury(), remainder, 1);
		minted += remainder;
	}
	Ok((changes, minted))
}

fn named(changes: &Changes) -> String {
	let name = |(who, change): (&[u8; 32], &i128)| format!("{} {change:+}", AccountId32(*who));
	changes.iter().map(name).collect::<Vec<_>>().join(", ")
}
