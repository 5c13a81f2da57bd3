// SPDX-License-Identifier: Apache-2.0
//! `jurat blob`.

use super::{Context, facts};
use crate::{error::Error, ui::show_bytes};
use anyhow::{Context as _, Result, bail};
use clap::Subcommand;
use jurat_primitives::ContentHash;
use serde_json::json;
use std::{
	fs,
	io::{BufWriter, IsTerminal, Write},
	path::{Path, PathBuf},
	process::ExitCode,
};

/// Blobs: files that the node keeps by their BLAKE3 hash.
#[derive(Debug, Subcommand)]
pub enum Blob {
	/// Give a file to the node.
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
}

impl Blob {
	/// Runs the command.
	pub async fn run(self, context: &Context) -> Result<ExitCode> {
		match self {
			Self::Put { file } => put(context, &file).await?,
			Self::Get { hash, output } => get(context, hash, output.as_deref()).await?,
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
