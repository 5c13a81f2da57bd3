// SPDX-License-Identifier: Apache-2.0
//! Commitments signed by hand, honest and otherwise.

use crate::wait::until_true;
use anyhow::{Context, Result, bail};
use codec::{Compact, Decode, Encode};
use jurat_cli::{
	Client, Error,
	client::{AccountId32, Call, Keypair, events::Requested},
};
use jurat_primitives::{
	Answer, RequestDigest, RequestId,
	batch::{CommitBatch, CommitEntry, RevealBatch, RevealEntry, Revealed},
	commitment::{answer_digest, commitment},
	view::Stage,
};
use serde_json::Value;
use subxt::{rpcs::rpc_params, utils::H256};

/// Preamble of a general transaction: format 5 with the two bits of its kind, extension version 0.
const GENERAL: [u8; 2] = [0b0100_0101, 0];
/// Extensions of an authorised transaction: immortal, nonce 0, no tip, no metadata hash.
const EXTENSIONS: [u8; 4] = [0; 4];

/// A batch of commitments to nothing in particular.
pub fn batch(
	attester: AccountId32,
	session: SessionIndex,
	requests: &[(RequestId, RequestDigest)],
) -> CommitBatch<AccountId32> {
	let entries = requests.iter().map(|(request, digest)| CommitEntry {
		request: *request,
		digest: *digest,
		commitment: RequestDigest::repeat_byte(7),
	});
	let entries = entries.collect::<Vec<_>>().try_into().expect("tests make small batches; qed");
	CommitBatch { attester, session, entries }
}

/// The call that submits a batch, signed with this key.
pub fn commit(client: &Client, batch: &CommitBatch<AccountId32>, key: &Keypair) -> Call {
	let genesis = RequestDigest::from(client.genesis().0);
	let signature = key.sign(&batch.signing_payload(&genesis));
	Call::new("Attestation", "commit", (batch, signature.0))
}

/// The call that submits a batch of reveals, signed with this key.
pub fn reveal(client: &Client, batch: &RevealBatch<AccountId32>, key: &Keypair) -> Call {
	let genesis = RequestDigest::from(client.genesis().0);
	let signature = key.sign(&batch.signing_payload(&genesis));
	Call::new("Attestation", "reveal", (batch, signature.0))
}

/// Commits to any answer to a request, by hand, and reveals it when its panel of one may.
pub async fn swear(
	client: &Client,
	requested: &Requested,
	attester: AccountId32,
	key: &Keypair,
	answer: Answer,
) -> Result<()> {
	let (request, digest, salt) = (requested.request, requested.digest, [7; 32]);
	let (genesis, session) = (RequestDigest::from(client.genesis().0), session(client).await?);
	let commitment = commitment(&genesis, &digest, &attester, &answer_digest(&answer), &salt);
	let entry = CommitEntry { request, digest, commitment };
	let entries = vec![entry].try_into().expect("one entry is a batch; qed");
	let batch = CommitBatch { attester, session, entries };
	send(client, &commit(client, &batch, key)).await?;
	until_true(client, 8, "a commitment", async |block| {
		let view = client.request_at(request, Some(block.hash)).await?;
		Ok(view.is_some_and(|view| view.stage == Stage::Committed))
	})
	.await?;
	let entry = RevealEntry { request, digest, salt, revealed: Revealed::Full(answer) };
	let entries = vec![entry].try_into().expect("one entry is a batch; qed");
	let batch = RevealBatch { attester, session, entries };
	send(client, &reveal(client, &batch, key)).await
}

async fn send(client: &Client, call: &Call) -> Result<()> {
	let transaction = hex(&authorised(client, call).await?);
	let hash: Value = client.rpc("author_submitExtrinsic", rpc_params![transaction]).await?;
	anyhow::ensure!(hash.is_string(), "{hash}");
	Ok(())
}

/// The current session.
pub async fn session(client: &Client) -> Result<SessionIndex> {
	Ok(client.runtime_api("AttestationApi_session", (), None).await?)
}

/// A session, by its number.
pub type SessionIndex = u32;

/// An authorised transaction: it has no sender.
pub async fn authorised(client: &Client, call: &Call) -> Result<Vec<u8>> {
	let at = client.api().at_block(client.best().await?.hash).await?;
	let call = at.transactions().call_data(call)?;
	let body = [&GENERAL[..], &EXTENSIONS[..], &call[..]].concat();
	Ok([Compact(body.len() as u32).encode(), body].concat())
}

/// Writes authorised transactions with commitments without asking the node each time.
#[derive(Clone, Debug)]
pub struct Wire {
	start: Vec<u8>,
}

impl Wire {
	/// As the node's chain numbers its calls.
	pub async fn new(client: &Client) -> Result<Self> {
		let at = client.api().at_block(client.best().await?.hash).await?;
		let pallet = at.metadata_ref().pallet_by_name("Attestation").context("a pallet")?;
		let commit = pallet.call_variant_by_name("commit").context("a call")?.index;
		Ok(Self { start: [&GENERAL[..], &EXTENSIONS, &[pallet.call_index(), commit]].concat() })
	}

	/// The transaction that submits a batch with this signature.
	pub fn commit(&self, batch: &CommitBatch<AccountId32>, signature: &[u8; 64]) -> Vec<u8> {
		let body = [&self.start[..], &batch.encode(), signature].concat();
		[Compact(body.len() as u32).encode(), body].concat()
	}

	/// A batch that travelled and its signature, if the transaction is one.
	pub fn read(&self, transaction: &[u8]) -> Result<Option<(CommitBatch<AccountId32>, [u8; 64])>> {
		let mut body = transaction;
		Compact::<u32>::decode(&mut body)?;
		Ok(match body.strip_prefix(&self.start[..]) {
			Some(mut fields) => Some(Decode::decode(&mut fields)?),
			None => None,
		})
	}
}

/// Submits a transaction to the pool of the node: its hash.
pub async fn submit(client: &Client, transaction: &[u8]) -> Result<H256> {
	Ok(client.rpc("author_submitExtrinsic", rpc_params![hex(transaction)]).await?)
}

/// Why the pool of the node refuses a transaction. An error if it does not.
pub async fn refusal(client: &Client, transaction: &[u8]) -> Result<String> {
	let bytes = hex(transaction);
	match client.rpc::<Value>("author_submitExtrinsic", rpc_params![bytes]).await {
		Ok(hash) => bail!("the pool takes it: {hash}"),
		Err(Error::Node { message, .. }) => Ok(message),
		Err(error) => Err(error.into()),
	}
}

/// The transactions of a block that commit or reveal.
pub async fn attestations(client: &Client, block: H256) -> Result<Vec<Vec<u8>>> {
	let at = client.api().at_block(block).await?;
	let pallet = at.metadata_ref().pallet_by_name("Attestation").context("a pallet")?;
	let call = |name| pallet.call_variant_by_name(name).context("a call").map(|call| call.index);
	let calls = [call("commit")?, call("reveal")?];
	let start = [&GENERAL[..], &EXTENSIONS, &[pallet.call_index()]].concat();
	let details: Value = client.rpc("chain_getBlock", rpc_params![block]).await?;
	let extrinsics = details["block"]["extrinsics"].as_array().context("a block has extrinsics")?;
	let mut found = Vec::new();
	for extrinsic in extrinsics {
		let bytes = unhex(extrinsic.as_str().context("extrinsics are hexadecimal digits")?)?;
		let mut body = bytes.as_slice();
		Compact::<u32>::decode(&mut body)?;
		let call = body.strip_prefix(start.as_slice()).and_then(|rest| rest.first());
		if call.is_some_and(|call| calls.contains(call)) {
			found.push(bytes);
		}
	}
	Ok(found)
}

/// The commitments in a block, of whichever fork.
pub async fn commitments(client: &Client, block: H256) -> Result<Vec<CommitBatch<AccountId32>>> {
	let at = client.api().at_block(block).await?;
	let pallet = at.metadata_ref().pallet_by_name("Attestation").context("a pallet")?;
	let commit = pallet.call_variant_by_name("commit").context("a call")?.index;
	let transactions = attestations(client, block).await?;
	let bodies = transactions.iter().map(|bytes| {
		let mut body = bytes.as_slice();
		Compact::<u32>::decode(&mut body)?;
		let (call, mut arguments) = body
			.get(GENERAL.len() + EXTENSIONS.len() + 1..)
			.and_then(<[u8]>::split_first)
			.context("a call after the extensions")?;
		anyhow::Ok(match *call == commit {
			true => Some(CommitBatch::decode(&mut arguments)?),
			false => None,
		})
	});
	bodies.filter_map(Result::transpose).collect()
}

fn hex(bytes: &[u8]) -> String {
	bytes.iter().fold("0x".to_owned(), |text, byte| text + &format!("{byte:02x}"))
}

/// Bytes from hexadecimal digits, with `0x` in front or not.
pub fn unhex(text: &str) -> Result<Vec<u8>> {
	let digits = text.strip_prefix("0x").unwrap_or(text).as_bytes();
	digits.chunks(2).map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?)).collect()
}
