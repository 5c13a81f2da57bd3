// SPDX-License-Identifier: Apache-2.0
//! Submitting calls: nonces, signing, inclusion, errors by name.

use super::{
	BlockId, ChainConfig, Client, Keypair, block_number,
	calls::Call,
	decode,
	events::{ChainEvent, explain},
	root_cause, rpc_error,
};
use crate::{
	error::{Error, Passing, Result},
	keys::account,
};
use serde::Deserialize;
use std::time::Duration;
use subxt::{
	client::OnlineClientAtBlockImpl,
	config::{DefaultExtrinsicParamsBuilder, Hasher},
	error::{ExtrinsicError, TransactionProgressError},
	rpcs,
	transactions::{TransactionProgress, TransactionStatus},
	utils::{AccountId32, H256},
};

type Progress = TransactionProgress<ChainConfig, OnlineClientAtBlockImpl<ChainConfig>>;

/// Blocks for which a transaction may be included.
const MORTALITY: u32 = 128;
/// How many blocks the finalised one may be behind before a younger ancestor is named instead.
const FINALITY_LAG: u32 = 64;
/// New attempts when the pool refuses for a reason that passes. They take nine seconds together.
const ATTEMPTS: u32 = 8;
/// How much longer than the one before each of them waits.
const PAUSE: Duration = Duration::from_millis(250);

/// What a submission waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wait {
	/// Inclusion in a best block, which a re-organisation may still undo.
	#[default]
	Best,
	/// Inclusion in a finalised block.
	Finalised,
}

/// How to submit.
#[derive(Clone, Copy, Debug)]
pub struct SubmitOptions {
	/// The nonce. `None`: the account's next one; if another transaction takes it, the next.
	pub nonce: Option<u64>,
	/// What to wait for.
	pub wait: Wait,
	/// How long to wait for it.
	pub timeout: Duration,
}

impl Default for SubmitOptions {
	fn default() -> Self {
		Self { nonce: None, wait: Wait::Best, timeout: Duration::from_secs(180) }
	}
}

/// What the node says of a transaction.
pub(super) struct News(TransactionStatus<ChainConfig, OnlineClientAtBlockImpl<ChainConfig>>);

/// A call that a block includes and that succeeded.
pub struct Included {
	/// The block.
	pub block: BlockId,
	/// Hash of the transaction.
	pub extrinsic: H256,
	/// Its events.
	pub events: Vec<ChainEvent>,
	call: String,
	client: Client,
	/// What tells of later re-organisations.
	progress: Option<Progress>,
}

impl Included {
	/// What the node says next of the transaction: `None` once it says no more. May be dropped at
	/// any time without losing anything; what it gave goes to [`Self::apply`].
	pub(super) async fn news(&mut self) -> Option<News> {
		self.progress.as_mut()?.next().await?.ok().map(News)
	}

	/// Takes news in: reads the transaction's events again where it is in another block now.
	pub(super) async fn apply(&mut self, news: Option<News>) -> Result<()> {
		match news.map(|news| news.0) {
			// News may be old: of a block that lost since, and that the node has forgotten.
			Some(TransactionStatus::InBestBlock(place)) => {
				self.set(place.block_hash()).await?;
			},
			Some(TransactionStatus::InFinalizedBlock(place)) => {
				let hash = place.block_hash();
				if hash != self.block.hash && !self.set(hash).await? {
					return Err(no_block(hash));
				}
				self.progress = None;
			},
			Some(
				TransactionStatus::Validated
				| TransactionStatus::Broadcasted
				| TransactionStatus::NoLongerInBestBlock,
			) => {},
			// The node watches no longer. What was seen stands until the chain says otherwise.
			_ => self.progress = None,
		}
		Ok(())
	}

	/// Whether there may be news.
	pub(super) fn is_watched(&self) -> bool {
		self.progress.is_some()
	}

	/// Waits until the transaction is in a finalised block.
	pub async fn finalised(&mut self) -> Result<BlockId> {
		while self.is_watched() {
			let news = self.news().await;
			if news.is_none() {
				return Err(Error::Disconnected(format!("nothing more is heard of {}", self.call)));
			}
			self.apply(news).await?;
		}
		Ok(self.block)
	}

	/// Takes in that this block includes the transaction, if the node has the block.
	async fn set(&mut self, hash: H256) -> Result<bool> {
		let outcome = self.client.outcome(&self.call, hash, self.extrinsic).await?;
		let known = outcome.is_some();
		if let Some(outcome) = outcome {
			(self.block, self.events) = outcome;
		}
		Ok(known)
	}

	/// The first event of this name.
	pub fn event(&self, pallet: &str, name: &str) -> Option<&ChainEvent> {
		self.events.iter().find(|event| event.is(pallet, name))
	}
}

impl Client {
	/// Signs and submits a call, and waits for a best block to include it.
	pub async fn submit(&self, call: &Call, signer: &Keypair) -> Result<Included> {
		self.submit_with(call, signer, SubmitOptions::default()).await
	}

	/// Signs and submits a call, and waits as told.
	pub async fn submit_with(
		&self,
		call: &Call,
		signer: &Keypair,
		options: SubmitOptions,
	) -> Result<Included> {
		let mut attempt = 0;
		let progress = loop {
			match self.send(call, signer, options.nonce, attempt).await {
				Err(Error::NotTaken { passing: Some(passing), .. })
					if attempt < ATTEMPTS
						&& (options.nonce.is_none() || passing == Passing::Behind) =>
				{
					attempt += 1;
					tokio::time::sleep(PAUSE.saturating_mul(attempt)).await;
				},
				sent => break sent?,
			}
		};
		let included = self.inclusion(call, progress, options);
		let result = match tokio::time::timeout(options.timeout, included).await {
			Ok(result) => result,
			Err(_) => {
				Err(Error::NotIncluded { call: call.label(), seconds: options.timeout.as_secs() })
			},
		};
		if !matches!(result, Ok(_) | Err(Error::Dispatch { .. })) {
			// The nonce may not have been used: ask the node again.
			self.nonces.lock().await.remove(&account(signer).0);
		}
		result
	}

	/// Signs and submits several calls in one transaction: all succeed or none.
	pub async fn submit_all(&self, calls: &[Call], signer: &Keypair) -> Result<Included> {
		match calls {
			[call] => self.submit(call, signer).await,
			_ => {
				let at = self.api().at_block(self.best().await?.hash).await;
				let at = at.map_err(|error| Error::Disconnected(error.to_string()))?;
				let transactions = at.transactions();
				let encoded = calls
					.iter()
					.map(|call| {
						let data = transactions.call_data(call);
						data.map_err(|error| not_taken(&call.label(), error))
					})
					.collect::<Result<Vec<_>>>()?;
				self.submit(&Call::batch_all(&encoded), signer).await
			},
		}
	}

	/// The nonce of an account's next transaction, those in the node's pool counted.
	pub async fn next_nonce(&self, who: &AccountId32) -> Result<u64> {
		let method = "system_accountNextIndex";
		let next = self.legacy.system_account_next_index(who).await;
		next.map_err(|error| rpc_error(method, error))
	}

	/// Signs a call and gives it to the node's pool.
	async fn send(
		&self,
		call: &Call,
		signer: &Keypair,
		nonce: Option<u64>,
		attempt: u32,
	) -> Result<Progress> {
		let label = call.label();
		let who = account(signer);
		// Other submissions of this client wait here, so that each sees the nonce of the one before.
		let mut nonces = self.nonces.lock().await;
		let used = match nonce {
			Some(nonce) => nonce,
			None => {
				let next = self.next_nonce(&who).await?;
				next.max(nonces.get(&who.0).copied().unwrap_or(0))
			},
		};
		let best = self.best().await?;
		let birth = self.birth(best, attempt).await?;
		let params = DefaultExtrinsicParamsBuilder::<ChainConfig>::new()
			.nonce(used)
			.mortal_from_unchecked(MORTALITY.into(), birth.number.into(), birth.hash)
			.build();
		let at = self.api().at_block(best.hash).await;
		let at = at.map_err(|error| Error::Disconnected(error.to_string()))?;
		let signed = at
			.transactions()
			.create_signable_offline(call, params)
			.and_then(|mut signable| signable.sign(signer))
			.map_err(|error| not_taken(&label, error))?;
		match signed.submit_and_watch().await {
			Ok(progress) => {
				let next = nonces.entry(who.0).or_default();
				*next = (*next).max(used.saturating_add(1));
				Ok(progress)
			},
			Err(error) => {
				nonces.remove(&who.0);
				Err(refused(&label, error))
			},
		}
	}

	/// The block from which a transaction's life is counted: on every fork that can win. Each attempt
	/// names an older one, so that a pool that remembers what it refused takes it for another.
	async fn birth(&self, best: BlockId, attempt: u32) -> Result<BlockId> {
		let finalised = self.finalised().await?;
		let number = if best.number.saturating_sub(finalised.number) <= FINALITY_LAG {
			finalised.number
		} else {
			best.number.saturating_sub(FINALITY_LAG / 2)
		};
		let number = number.saturating_sub(attempt);
		if number == finalised.number {
			return Ok(finalised);
		}
		Ok(BlockId { number, hash: self.block_hash(Some(number)).await? })
	}

	async fn inclusion(
		&self,
		call: &Call,
		mut progress: Progress,
		options: SubmitOptions,
	) -> Result<Included> {
		let label = call.label();
		loop {
			let status = progress.next().await;
			let (place, is_final) = match status {
				Some(Ok(TransactionStatus::InFinalizedBlock(place))) => (place, true),
				Some(Ok(TransactionStatus::InBestBlock(place))) if options.wait == Wait::Best => {
					(place, false)
				},
				Some(Ok(
					TransactionStatus::Error { message }
					| TransactionStatus::Invalid { message }
					| TransactionStatus::Dropped { message },
				)) => return Err(not_taken(&label, message)),
				Some(Ok(_)) => continue,
				Some(Err(TransactionProgressError::CannotGetNextProgressUpdate(error))) => {
					return Err(Error::Disconnected(error.to_string()));
				},
				Some(Err(error)) => return Err(Error::Disconnected(error.to_string())),
				None => {
					return Err(Error::Disconnected(format!("nothing more is heard of {label}")));
				},
			};
			let (hash, extrinsic) = (place.block_hash(), place.extrinsic_hash());
			let (block, events) = match self.outcome(&label, hash, extrinsic).await? {
				Some(outcome) => outcome,
				None if is_final => return Err(no_block(hash)),
				// It lost meanwhile; the transaction will be in another.
				None => continue,
			};
			let (client, progress) = (self.clone(), Some(progress));
			return Ok(Included { block, extrinsic, events, call: label, client, progress });
		}
	}
}

/// A block as `chain_getBlock` gives it, as far as it matters here.
#[derive(Deserialize)]
struct Details {
	block: Body,
}

#[derive(Deserialize)]
struct Body {
	extrinsics: Vec<Extrinsic>,
}

/// A transaction: in hexadecimal digits, or, from a node whose blocks are typed, as a list of bytes.
#[derive(Deserialize)]
#[serde(untagged)]
enum Extrinsic {
	Hex(String),
	Bytes(Vec<u8>),
}

impl Extrinsic {
	fn into_bytes(self) -> Option<Vec<u8>> {
		match self {
			Self::Hex(text) => hex::decode(text.strip_prefix("0x").unwrap_or(&text)).ok(),
			Self::Bytes(bytes) => Some(bytes),
		}
	}
}

impl Client {
	/// Where a transaction is, and its events; or why it failed. `None`: the node does not have
	/// the block, as happens to one that lost.
	async fn outcome(
		&self,
		call: &str,
		hash: H256,
		extrinsic: H256,
	) -> Result<Option<(BlockId, Vec<ChainEvent>)>> {
		let details: Option<Details> = self.rpc("chain_getBlock", rpcs::rpc_params![hash]).await?;
		let Some(details) = details else { return Ok(None) };
		let at = self.api().at_block(hash).await;
		let at = at.map_err(|error| Error::Disconnected(error.to_string()))?;
		let is_ours = |other: Extrinsic| {
			other.into_bytes().is_some_and(|bytes| at.hasher().hash(&bytes) == extrinsic)
		};
		let place = details.block.extrinsics.into_iter().position(is_ours);
		let place = place.and_then(|place| u32::try_from(place).ok());
		let place = place.ok_or_else(|| {
			decode("the block of a transaction", format!("{extrinsic:?} is not in {hash:?}"))
		})?;
		let events = at.events().fetch().await;
		let events = events.map_err(|error| decode("the events of a block", error))?;
		let mut own = Vec::new();
		for event in events.iter() {
			let event = ChainEvent::read(event)?;
			if event.extrinsic == Some(place) {
				own.push(event);
			}
		}
		if let Some(failed) = own.iter().find(|event| event.is("System", "ExtrinsicFailed")) {
			let (name, docs) = explain(&failed.fields, at.metadata());
			return Err(Error::Dispatch { call: call.into(), name, docs });
		}
		Ok(Some((BlockId { number: block_number(at.block_number())?, hash }, own)))
	}
}

fn no_block(hash: H256) -> Error {
	decode("the block of a transaction", format!("the node does not have {hash:?}"))
}

fn not_taken(call: &str, reason: impl ToString) -> Error {
	Error::NotTaken { call: call.into(), reason: reason.to_string(), passing: None }
}

/// Why the pool refuses a transaction. The codes are those of the node's `author_*` methods.
fn refused(call: &str, error: ExtrinsicError) -> Error {
	let ExtrinsicError::ErrorSubmittingTransaction(subxt::error::BackendError::Rpc(
		subxt::error::RpcError::ClientError(rpcs::Error::User(user)),
	)) = &error
	else {
		return not_taken(call, root_cause(&error));
	};
	let data = user.data.as_ref().map(|data| data.get().trim_matches('"').to_owned());
	let data = data.unwrap_or_default();
	// 1010 invalid, 1012 banned, 1013 already imported, 1014 priority too low.
	let passing = if matches!(user.code, 1013 | 1014) || data.contains("outdated") {
		Some(Passing::Raced)
	} else if data.contains("ancient birth block") {
		Some(Passing::Behind)
	} else {
		None
	};
	let reason = if data.contains("pay some fees") {
		"the account cannot pay the fee: send it some JUR".into()
	} else if data.is_empty() {
		user.message.clone()
	} else {
		format!("{}: {data}", user.message)
	};
	Error::NotTaken { call: call.into(), reason, passing }
}
