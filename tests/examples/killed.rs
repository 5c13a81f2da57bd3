// SPDX-License-Identifier: Apache-2.0
//! Kills a node, again and again, while it fetches a large file from another: whatever moment it
//! dies at, what it has is right when it is back, and in the end it has the file.
//!
//! ```text
//! killed --times 50
//! ```
//!
//! Takes some seconds for each death. A shorter version of it, on the store alone, is among the
//! tests of `node/store`.

use anyhow::{Context, Result, ensure};
use clap::Parser;
use jurat_cli::Client;
use jurat_primitives::ContentHash;
use jurat_tests::network::Network;
use std::time::{Duration, Instant};

/// The node that has the file, and the one that dies.
const ALICE: usize = 0;
const DAVE: usize = 3;

/// Kills a node while it fetches a large file.
#[derive(Parser)]
struct Arguments {
	/// How often it dies.
	#[arg(long, default_value_t = 50)]
	times: u32,
	/// Bytes of the file.
	#[arg(long, default_value_t = 100_000_000)]
	bytes: usize,
	/// What the other nodes send, all together, in MiB per second: little, so that it lasts.
	#[arg(long, default_value_t = 4)]
	upload: u32,
	/// Where the moments of the deaths come from.
	#[arg(long, default_value_t = 1)]
	seed: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
	let Arguments { times, bytes, upload, seed } = Arguments::parse();
	let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
	let size = bytes as u64;
	let mut network = Network::local_with(&[&format!("--blob-upload-mib={upload}")]).await?;
	let mut content = give(network.client(ALICE), bytes, &mut random).await?;

	let (mut files, mut unfinished) = (1, 0);
	for death in 1..=times {
		let client = network.client(DAVE).clone();
		let fetch = tokio::spawn(async move { client.fetch_blob(content, size, |_| ()).await });
		// From the first moment to three seconds.
		tokio::time::sleep(Duration::from_millis(random.next() % 3_000)).await;
		network.kill(DAVE);
		fetch.abort();
		network.restart(DAVE).await.with_context(|| format!("after death {death}"))?;
		let client = network.client(DAVE);
		for blob in client.blobs().await? {
			if blob.is_complete() {
				let blob = blob.hash.parse().map_err(|error| anyhow::anyhow!("{error}"))?;
				ensure!(client.verify_blob(blob).await?, "death {death}: a blob is damaged");
			} else {
				unfinished += 1;
			}
		}
		if client.blob_size(content).await?.is_some() {
			content = give(network.client(ALICE), bytes, &mut random).await?;
			files += 1;
		}
	}
	let started = Instant::now();
	let client = network.client(DAVE);
	client.fetch_blob(content, size, |_| ()).await?;
	ensure!(client.verify_blob(content).await?, "it is damaged in the end");
	println!(
		"{times} deaths: {unfinished} left a part; {files} files of {bytes} bytes were fetched, the \
		 rest of the last one in {:.1} s; nothing was ever wrong",
		started.elapsed().as_secs_f64(),
	);
	Ok(())
}

/// Gives a node a new file.
async fn give(client: &Client, bytes: usize, random: &mut Random) -> Result<ContentHash> {
	let words = (0..bytes.div_ceil(8)).flat_map(|_| random.next().to_le_bytes());
	let file: Vec<u8> = words.take(bytes).collect();
	Ok(client.put_blob(&file, |_| ()).await?)
}

/// xorshift64*
struct Random(u64);

impl Random {
	fn next(&mut self) -> u64 {
		self.0 ^= self.0 >> 12;
		self.0 ^= self.0 << 25;
		self.0 ^= self.0 >> 27;
		self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
	}
}
