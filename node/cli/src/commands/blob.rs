// SPDX-License-Identifier: Apache-2.0
//! `jurat blob`.

use super::{Context, facts, table};
use crate::{
	client::{decode, node::BlobInfo},
	error::Error,
	ui::show_bytes,
};
use anyhow::{Context as _, Result, bail};
use clap::Subcommand;
use indicatif::HumanDuration;
use jurat_primitives::ContentHash;
use serde_json::json;
use std::{
	fs,
	io::{BufWriter, IsTerminal, Write},
	path::{Path, PathBuf},
	process::ExitCode,
	time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Blobs: files that the node keeps by their BLAKE3 hash.
#[derive(Debug, Subcommand)]
pub enum Blob {
	/// Give a file to the node, which keeps it until it is unpinned.
	Put {
		/// The file.
		file: PathBuf,
	},
	/// Take a blob from the node. What comes is compared with its hash.
	Get {
		/// Its hash: 64 hexadecimal digits.
		hash: ContentHash,
		/// Where to write it; without it, on standard output.
		#[arg(short, long, value_name = "FILE")]
		output: Option<PathBuf>,
	},
	/// Have the node get a blob from its peers.
	Fetch {
		/// Its hash: 64 hexadecimal digits.
		hash: ContentHash,
		/// Its size in bytes: `jurat model show` tells that of a model.
		size: u64,
	},
	/// List the blobs of the node.
	List,
	/// Keep a blob on the node until it is unpinned.
	Pin {
		/// Its hash: 64 hexadecimal digits.
		hash: ContentHash,
	},
	/// Let a blob go when the node has no room for others.
	Unpin {
		/// Its hash: 64 hexadecimal digits.
		hash: ContentHash,
	},
	/// Have the node read its blobs and compare their hashes. One that is damaged is removed there.
	Verify {
		/// The hash of one: 64 hexadecimal digits; without it, all.
		hash: Option<ContentHash>,
	},
}

impl Blob {
	/// Runs the command.
	pub async fn run(self, context: &Context) -> Result<ExitCode> {
		match self {
			Self::Put { file } => put(context, &file).await?,
			Self::Get { hash, output } => get(context, hash, output.as_deref()).await?,
			Self::Fetch { hash, size } => {
				let client = context.connect().await?;
				let task = context.ui.task(format!("the node fetches {hash}"));
				client.fetch_blob(hash, size, |done| task.bytes(done, size)).await?;
				drop(task);
				let document = json!({ "hash": hash.to_string(), "size": size });
				context.ui.result(&document, || "it is there".into())?;
			},
			Self::List => list(context).await?,
			Self::Pin { hash } => {
				context.connect().await?.pin_blob(hash).await?;
				let document = json!({ "hash": hash.to_string(), "pinned": true });
				context.ui.result(&document, || "it stays until it is unpinned".into())?;
			},
			Self::Unpin { hash } => {
				context.connect().await?.unpin_blob(hash).await?;
				let document = json!({ "hash": hash.to_string(), "pinned": false });
				context.ui.result(&document, || "it may go when room is needed".into())?;
			},
			Self::Verify { hash } => return verify(context, hash).await,
		}
		Ok(ExitCode::SUCCESS)
	}
}

async fn put(context: &Context, file: &Path) -> Result<()> {
	let total = fs::metadata(file).with_context(|| file.display().to_string())?.len();
	let client = context.connect().await?;
	let task = context.ui.task(format!("giving {} to the node", file.display()));
	let (content, size) = client.put_file(file, |done| task.bytes(done, total)).await?;
	drop(task);
	let hash = content.to_string();
	context.ui.result(&json!({ "hash": hash, "size": size }), || hash.clone())?;
	Ok(())
}

async fn get(context: &Context, hash: ContentHash, output: Option<&Path>) -> Result<()> {
	let Some(path) = output else {
		if context.ui.is_json() {
			bail!(
				"with --json, standard output is for the result: write the blob to a file with -o"
			);
		}
		if std::io::stdout().is_terminal() {
			bail!("a blob is no text: write it to a file with -o, or send it through a pipe");
		}
		let client = context.connect().await?;
		let mut out = BufWriter::new(std::io::stdout().lock());
		client.get_blob(hash, &mut out, "standard output", |_, _| ()).await?;
		out.flush()?;
		return Ok(());
	};
	let client = context.connect().await?;
	let task = context.ui.task(format!("taking {hash} from the node"));
	// Under another name first: whoever finds the file finds all of it, and the right bytes.
	let mut partial = path.as_os_str().to_owned();
	partial.push(".partial");
	let partial = PathBuf::from(partial);
	let failed = |path: &Path| {
		let path = path.display().to_string();
		move |reason| Error::File { path, reason }
	};
	let result = async {
		let mut out = BufWriter::new(fs::File::create(&partial).map_err(failed(&partial))?);
		let label = partial.display().to_string();
		let size =
			client.get_blob(hash, &mut out, &label, |done, all| task.bytes(done, all)).await?;
		out.flush().map_err(failed(&partial))?;
		fs::rename(&partial, path).map_err(failed(path))?;
		Ok::<_, Error>(size)
	}
	.await;
	drop(task);
	let size = match result {
		Ok(size) => size,
		Err(error) => {
			// What came so far is of no use.
			let _ = fs::remove_file(&partial);
			return Err(error.into());
		},
	};
	let document = json!({ "hash": hash.to_string(), "size": size, "path": path });
	context.ui.result(&document, || {
		facts(&[("file", path.display().to_string()), ("size", show_bytes(size))])
	})?;
	Ok(())
}

async fn list(context: &Context) -> Result<()> {
	let blobs = context.connect().await?.blobs().await?;
	context.ui.result(&json!({ "blobs": blobs }), || {
		if blobs.is_empty() {
			return "no blobs: `jurat blob put <file>` gives one to the node".into();
		}
		let mut table = table(&["hash", "size", "state", "last used"]);
		let now = SystemTime::now();
		for blob in &blobs {
			table.add_row([
				blob.hash.clone(),
				show_bytes(blob.size),
				state(blob),
				blob.last_used.map(|at| show_age(at, now)).unwrap_or_default(),
			]);
		}
		table.to_string()
	})?;
	Ok(())
}

/// Whether and why a blob stays.
fn state(blob: &BlobInfo) -> String {
	match blob {
		blob if !blob.is_complete() => {
			let received = blob.received.unwrap_or(0);
			format!("coming: {} here", show_bytes(received))
		},
		BlobInfo { pinned: Some(true), .. } => "pinned".into(),
		BlobInfo { kept: Some(true), .. } => "served".into(),
		// A node that does not say lets nothing go.
		BlobInfo { pinned: None, .. } => String::new(),
		_ => "may go".into(),
	}
}

/// How long ago a time is, given in seconds since 1970.
fn show_age(at: u64, now: SystemTime) -> String {
	let at = UNIX_EPOCH.checked_add(Duration::from_secs(at));
	// A clock that is ahead of ours by a little says no more than "now".
	let age = at.and_then(|at| now.duration_since(at).ok()).unwrap_or_default();
	if age.as_secs() == 0 { "now".into() } else { format!("{} ago", HumanDuration(age)) }
}

async fn verify(context: &Context, hash: Option<ContentHash>) -> Result<ExitCode> {
	let client = context.connect().await?;
	let blobs = client.blobs().await?;
	let mut blobs: Vec<_> = blobs.into_iter().filter(BlobInfo::is_complete).collect();
	if let Some(hash) = hash {
		blobs.retain(|blob| blob.hash == hash.to_string());
		if blobs.is_empty() {
			return Err(Error::NoBlob(hash.to_string()).into());
		}
	}
	let total = blobs.iter().map(|blob| blob.size).sum();
	let task = context.ui.task("the node reads its blobs");
	let (mut verified, mut damaged, mut done) = (Vec::new(), Vec::new(), 0);
	for blob in blobs {
		task.bytes(done, total);
		let content = blob.hash.parse().map_err(|error| decode("blob_list", error))?;
		match client.verify_blob(content).await {
			Ok(true) => verified.push(blob.hash),
			Ok(false) => damaged.push(blob.hash),
			// It went while others were read.
			Err(Error::NoBlob(_)) if hash.is_none() => {},
			Err(error) => return Err(error.into()),
		}
		done += blob.size;
	}
	drop(task);
	let document = json!({ "verified": verified, "damaged": damaged });
	context.ui.result(&document, || match verified.len() {
		1 => "1 blob is what its hash says".into(),
		count => format!("{count} blobs are what their hashes say"),
	})?;
	for hash in &damaged {
		context.ui.note(format!("error: {}", Error::DamagedBlob(hash.clone())));
	}
	Ok(if damaged.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(test)]
mod tests {
	use super::*;

	fn blob(complete: bool, pinned: bool, kept: bool) -> BlobInfo {
		BlobInfo {
			hash: "00".repeat(32),
			size: 2048,
			received: Some(1024),
			complete: Some(complete),
			pinned: Some(pinned),
			kept: Some(kept),
			last_used: None,
		}
	}

	#[test]
	fn the_list_says_whether_and_why_a_blob_stays() {
		assert_eq!(state(&blob(true, true, true)), "pinned");
		assert_eq!(state(&blob(true, false, true)), "served");
		assert_eq!(state(&blob(true, false, false)), "may go");
		assert_eq!(state(&blob(false, false, false)), "coming: 1.00 KiB here");
		assert_eq!(state(&BlobInfo { pinned: None, kept: None, ..blob(true, true, true) }), "");
	}

	#[test]
	fn ages_are_told_in_words() {
		let now = UNIX_EPOCH + Duration::from_secs(10_000);
		assert_eq!(show_age(10_000, now), "now");
		assert_eq!(show_age(10_005, now), "now");
		assert_eq!(show_age(10_000 - 120, now), "2 minutes ago");
		assert_eq!(show_age(u64::MAX, now), "now");
	}
}
