// SPDX-License-Identifier: Apache-2.0
//! Computes what `docs/security.md` says. Without options it prints the tables.

use anyhow::Result;
use clap::Parser;
use jurat_simulation::{SAMPLES, SEED, page::Files, plot, tables};
use std::path::PathBuf;

/// Computes what docs/security.md says, and prints it.
#[derive(Parser)]
struct Arguments {
	/// Seed of the dice.
	#[arg(long, default_value_t = SEED)]
	seed: u64,
	/// Panels sampled for each case.
	#[arg(long, default_value_t = SAMPLES, value_parser = clap::value_parser!(u32).range(1..))]
	samples: u32,
	/// Write the tables into security.md and the plot to security.svg.
	#[arg(long)]
	write: bool,
	/// Fail if the two files are not what would be written.
	#[arg(long, conflicts_with = "write")]
	check: bool,
	/// Folder of the two files.
	#[arg(long, value_name = "FOLDER", default_value = "docs")]
	docs: PathBuf,
}

fn main() -> Result<()> {
	let Arguments { seed, samples, write, check, docs } = Arguments::parse();
	let files = Files::in_folder(&docs);
	let tables = tables::compute(seed, samples);
	let plot = plot::draw(&tables.sampled)?;
	if write {
		files.write(&tables.sections, &plot)
	} else if check {
		files.check(&tables.sections, &plot)
	} else {
		for (name, text) in &tables.sections {
			println!("{name}\n\n{text}");
		}
		Ok(())
	}
}
