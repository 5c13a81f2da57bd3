// SPDX-License-Identifier: Apache-2.0
//! `docs/security.md` between its markers, and `docs/security.svg`.

use crate::tables::Section;
use anyhow::{Context, Result, bail, ensure};
use std::{
	fs,
	path::{Path, PathBuf},
};

/// Where the page and the plot are.
pub struct Files {
	/// `security.md`.
	pub page: PathBuf,
	/// `security.svg`.
	pub plot: PathBuf,
}

impl Files {
	/// In this folder.
	pub fn in_folder(folder: &Path) -> Self {
		Self { page: folder.join("security.md"), plot: folder.join("security.svg") }
	}

	/// Writes what is new.
	pub fn write(&self, sections: &[Section], plot: &str) -> Result<()> {
		let page = with_sections(&read(&self.page)?, sections)?;
		fs::write(&self.page, page).with_context(|| format!("{}", self.page.display()))?;
		fs::write(&self.plot, plot).with_context(|| format!("{}", self.plot.display()))
	}

	/// Fails if anything would be written that is not there.
	pub fn check(&self, sections: &[Section], plot: &str) -> Result<()> {
		const HELP: &str = "run scripts/simulate.sh --write";
		let page = read(&self.page)?;
		for (name, _) in sections {
			let with = |text: &str| section(text, name).map(|(from, to)| text[from..to].to_owned());
			let new = with_sections(&page, sections)?;
			ensure!(with(&page)? == with(&new)?, "the table {name} is not up to date: {HELP}");
		}
		ensure!(read(&self.plot)? == plot, "the plot is not up to date: {HELP}");
		Ok(())
	}
}

fn read(path: &Path) -> Result<String> {
	fs::read_to_string(path).with_context(|| format!("{}", path.display()))
}

/// Begin and end of what stands between a section's markers.
fn section(page: &str, name: &str) -> Result<(usize, usize)> {
	let (begin, end) =
		(format!("<!-- simulation: {name} -->\n"), format!("<!-- /simulation: {name} -->"));
	let Some((before, rest)) = page.split_once(&begin) else { bail!("no line {begin:?}") };
	let Some(length) = rest.find(&end) else { bail!("no line {end:?}") };
	let from = before.len() + begin.len();
	Ok((from, from + length))
}

/// The page with these tables.
fn with_sections(page: &str, sections: &[Section]) -> Result<String> {
	let mut page = page.to_owned();
	for (name, text) in sections {
		let (from, to) = section(&page, name)?;
		page.replace_range(from..to, &format!("\n{text}\n"));
	}
	Ok(page)
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{SAMPLES, SEED, plot, tables};

	#[test]
	fn the_committed_page_is_what_the_simulation_gives() {
		let tables = tables::compute(SEED, SAMPLES);
		// About 900 comparisons: beyond five deviations by chance once in a thousand seeds.
		assert!(tables.largest_deviation < 5.0, "{}", tables.largest_deviation);
		let plot = plot::draw(&tables.sampled).unwrap();
		// From the folder of the package, in which tests run.
		Files::in_folder(Path::new("../../docs")).check(&tables.sections, &plot).unwrap();
	}

	#[test]
	fn only_what_stands_between_markers_is_replaced() {
		let page = "a\n<!-- simulation: x -->\nold\n<!-- /simulation: x -->\nb\n";
		let new = with_sections(page, &[("x", "new".into())]).unwrap();
		assert_eq!(new, "a\n<!-- simulation: x -->\n\nnew\n<!-- /simulation: x -->\nb\n");
		assert!(with_sections(page, &[("y", String::new())]).is_err());
	}
}
