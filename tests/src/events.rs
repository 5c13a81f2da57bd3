// SPDX-License-Identifier: Apache-2.0
//! Events of whole blocks, and what they and the state of a block say of money.

use anyhow::Result;
use jurat_cli::{
	Client,
	client::{AccountId32, Balance, BlockNumber, ChainEvent, reads::AccountBalance},
};
use subxt::{events::Phase, utils::H256};

/// The treasury's account: what `PalletId(*b"ju/trsry")` stands for.
pub fn treasury() -> AccountId32 {
	let mut account = [0; 32];
	account[..12].copy_from_slice(b"modlju/trsry");
	AccountId32(account)
}

/// All events of a block.
pub async fn in_block(client: &Client, block: H256) -> Result<Vec<ChainEvent>> {
	let at = client.api().at_block(block).await?;
	let mut events = Vec::new();
	for event in at.events().fetch().await?.iter() {
		let event = event?;
		events.push(ChainEvent {
			pallet: event.pallet_name().into(),
			name: event.event_name().into(),
			fields: event.field_bytes().to_vec(),
			extrinsic: match event.phase() {
				Phase::ApplyExtrinsic(index) => Some(index),
				_ => None,
			},
		});
	}
	Ok(events)
}

/// Blocks of the best chain, both ends included.
#[derive(Clone, Copy, Debug)]
pub struct Span {
	/// The first.
	pub first: BlockNumber,
	/// The last.
	pub last: BlockNumber,
}

impl Span {
	/// Events of this name in these blocks.
	pub async fn events(
		&self,
		client: &Client,
		pallet: &str,
		name: &str,
	) -> Result<Vec<ChainEvent>> {
		let mut found = Vec::new();
		for number in self.first..=self.last {
			let events = in_block(client, client.block_hash(Some(number)).await?).await?;
			found.extend(events.into_iter().filter(|event| event.is(pallet, name)));
		}
		Ok(found)
	}

	/// All events in these blocks, in their order, each with the number of its block.
	pub async fn all(&self, client: &Client) -> Result<Vec<(BlockNumber, ChainEvent)>> {
		let mut found = Vec::new();
		for number in self.first..=self.last {
			let events = in_block(client, client.block_hash(Some(number)).await?).await?;
			found.extend(events.into_iter().map(|event| (number, event)));
		}
		Ok(found)
	}

	/// Fees that an account paid for its transactions in these blocks.
	pub async fn fees(&self, client: &Client, who: &AccountId32) -> Result<Balance> {
		let mut sum = 0;
		for event in self.events(client, "TransactionPayment", "TransactionFeePaid").await? {
			let (payer, fee, _tip): (AccountId32, Balance, Balance) = event.fields()?;
			sum += if payer == *who { fee } else { 0 };
		}
		Ok(sum)
	}

	/// What an account had before these blocks, and what it has after them; held amounts included.
	pub async fn wealth(&self, client: &Client, who: &AccountId32) -> Result<(Balance, Balance)> {
		let before = client.block_hash(Some(self.first - 1)).await?;
		let after = client.block_hash(Some(self.last)).await?;
		let wealth = async |at| {
			let balance = balance_at(client, who, at).await?;
			anyhow::Ok(balance.free + balance.reserved)
		};
		Ok((wealth(before).await?, wealth(after).await?))
	}
}

/// An account's balance in a block.
pub async fn balance_at(client: &Client, who: &AccountId32, at: H256) -> Result<AccountBalance> {
	// `frame_system::AccountInfo`: nonce and three reference counts before the balance.
	type Info = (u32, u32, u32, u32, AccountBalance);
	let info: Option<Info> = client.storage("System", "Account", (*who,), Some(at)).await?;
	Ok(info.map(|info| info.4).unwrap_or_default())
}
