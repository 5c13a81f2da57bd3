// SPDX-License-Identifier: Apache-2.0
//! Waiting, bounded in blocks. A clock runs only beside it, for a chain that stands still.

use anyhow::{Context, Result, ensure};
use jurat_cli::{
	Client,
	client::{BlockId, BlockNumber},
};
use std::{future::Future, time::Duration};

/// Time between two blocks.
pub const BLOCK_TIME: Duration = Duration::from_secs(3);

/// A chain without a new block for so long stands still: many times what one absent validator of
/// four explains.
const STANDSTILL: Duration = Duration::from_secs(45);

/// Looks at each new best block, the present one included, until there is something to see; at
/// most for so many blocks.
pub async fn until<T>(
	client: &Client,
	blocks: BlockNumber,
	what: &str,
	mut look: impl AsyncFnMut(BlockId) -> Result<Option<T>>,
) -> Result<T> {
	let first = client.best().await?;
	if let Some(seen) = look(first).await? {
		return Ok(seen);
	}
	let mut stream = client.best_blocks().await?;
	loop {
		let block = tokio::time::timeout(STANDSTILL, stream.next())
			.await
			.with_context(|| format!("the chain stands still; waited for: {what}"))?
			.with_context(|| format!("waited for: {what}"))?;
		if let Some(seen) = look(block).await? {
			return Ok(seen);
		}
		let passed = block.number.saturating_sub(first.number);
		ensure!(passed < blocks, "not within {blocks} blocks: {what}");
	}
}

/// As [`until`], for what is either true or not.
pub async fn until_true(
	client: &Client,
	blocks: BlockNumber,
	what: &str,
	mut look: impl AsyncFnMut(BlockId) -> Result<bool>,
) -> Result<()> {
	until(client, blocks, what, async |block| Ok(look(block).await?.then_some(()))).await
}

/// Gives up on what takes more than twice the time of so many blocks, which happens only where the
/// chain stands still: what is awaited counts blocks itself.
pub async fn at_most<T, E>(
	blocks: BlockNumber,
	what: &str,
	future: impl Future<Output = Result<T, E>>,
) -> Result<T>
where
	E: Into<anyhow::Error>,
{
	let time = BLOCK_TIME * 2 * blocks.max(10);
	tokio::time::timeout(time, future)
		.await
		.with_context(|| format!("not within twice the time of {blocks} blocks: {what}"))?
		.map_err(|error| error.into().context(what.to_owned()))
}
