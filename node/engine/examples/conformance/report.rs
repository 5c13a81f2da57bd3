// SPDX-License-Identifier: Apache-2.0
//! What came of it, in words.

use crate::{Outcome, Row};
use std::{collections::BTreeMap, fmt::Write};

/// All cases.
pub struct Report {
	pub rows: Vec<Row>,
	pub skipped: Vec<(String, String)>,
	pub sandbox: String,
	pub library: String,
	/// Child processes that died, and that were killed.
	pub children: (u64, u64),
}

impl Report {
	fn count(&self, of: impl Fn(&Row) -> bool) -> usize {
		self.rows.iter().filter(|row| of(row)).count()
	}

	/// Cases that ONNX Runtime passes and the executor fails without having refused them.
	pub fn lost(&self) -> impl Iterator<Item = &Row> {
		self.rows.iter().filter(|row| {
			row.alone == Outcome::Passed && matches!(row.executor, Outcome::Failed(_))
		})
	}

	/// One line.
	pub fn summary(&self) -> String {
		let passed = self.count(|row| row.executor == Outcome::Passed);
		let alone = self.count(|row| row.alone == Outcome::Passed);
		let refused = self.count(|row| {
			row.alone == Outcome::Passed && matches!(row.executor, Outcome::Refused(_))
		});
		let (lost, tried) = (self.lost().count(), self.rows.len());
		let skipped = self.skipped.len();
		let (crashes, kills) = self.children;
		format!(
			"conformance: executor {passed} passed, ONNX Runtime alone {alone}, of {tried} cases with \
			tensors that Jurat has ({skipped} without); {refused} refused by name, {lost} lost; \
			{crashes} children died, {kills} killed; sandbox: {}",
			self.sandbox,
		)
	}

	/// The whole report.
	pub fn markdown(&self) -> String {
		let mut text = String::new();
		// Writing to a string does not fail.
		let _ = self.write(&mut text);
		text
	}

	fn write(&self, text: &mut String) -> std::fmt::Result {
		let all = self.rows.len() + self.skipped.len();
		let passed = self.count(|row| row.executor == Outcome::Passed);
		let alone = self.count(|row| row.alone == Outcome::Passed);
		let percent = |part: usize| 100.0 * part as f64 / self.rows.len().max(1) as f64;
		writeln!(text, "# Conformance\n")?;
		writeln!(text, "Written by `scripts/conformance.sh`; do not edit.\n")?;
		writeln!(
			text,
			"The node tests of the ONNX backend suite (PyPI `onnx` 1.22.0, Apache-2.0), run through \
			Jurat's\nexecutor: pre-scan, manifest, child process, sandbox ({}),\nONNX Runtime {}, the \
			execution profile. Beside it ONNX Runtime alone: the same library and\nsession options in \
			one process, no pre-scan, no sandbox. Outputs are compared as the suite's runner\ndoes: \
			floats within 1e-3 relative plus 1e-7, everything else equal.\n",
			self.sandbox, self.library,
		)?;
		writeln!(text, "| | cases | of those tried |\n| --- | ---: | ---: |")?;
		writeln!(text, "| in the suite | {all} | |")?;
		writeln!(text, "| with tensors that Jurat has: tried | {} | |", self.rows.len())?;
		writeln!(text, "| ONNX Runtime alone passes | {alone} | {:.1} % |", percent(alone))?;
		writeln!(text, "| **the executor passes** | **{passed}** | {:.1} % |", percent(passed))?;
		let refused = |row: &Row| matches!(row.executor, Outcome::Refused(_));
		let refused_passes = self.count(|row| refused(row) && row.alone == Outcome::Passed);
		writeln!(
			text,
			"| the executor refuses by name what ONNX Runtime passes | {refused_passes} | |"
		)?;
		writeln!(
			text,
			"| lost: ONNX Runtime passes, the executor fails | {} | |",
			self.lost().count()
		)?;
		let (crashes, kills) = self.children;
		writeln!(text, "\nChild processes that died: {crashes}; that were killed: {kills}.\n")?;

		writeln!(text, "## Refused before ONNX Runtime sees it\n")?;
		writeln!(text, "| reason | cases | of which ONNX Runtime passes |\n| --- | ---: | ---: |")?;
		let mut classes: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
		for row in &self.rows {
			if let Outcome::Refused(why) = &row.executor {
				let (cases, passes) = classes.entry(why).or_default();
				*cases += 1;
				*passes += usize::from(row.alone == Outcome::Passed);
			}
		}
		for (why, (cases, passes)) in classes {
			writeln!(text, "| {why} | {cases} | {passes} |")?;
		}

		writeln!(text, "\n## Not passed, and not refused\n")?;
		writeln!(text, "| executor | ONNX Runtime alone | cases |\n| --- | --- | ---: |")?;
		let mut failures: BTreeMap<(&str, &str), usize> = BTreeMap::new();
		for row in &self.rows {
			if let Outcome::Failed(why) = &row.executor {
				let alone = match &row.alone {
					Outcome::Passed => "passed",
					Outcome::Failed(why) | Outcome::Refused(why) => why,
				};
				*failures.entry((why, alone)).or_default() += 1;
			}
		}
		for ((executor, alone), cases) in failures {
			writeln!(text, "| {executor} | {alone} | {cases} |")?;
		}
		let lost: Vec<_> = self.lost().map(|row| format!("`{}`", row.name)).collect();
		if !lost.is_empty() {
			writeln!(text, "\nLost: {}.", lost.join(", "))?;
		}

		writeln!(text, "\n## Not tried: Jurat has no such tensor\n")?;
		writeln!(text, "| reason | cases |\n| --- | ---: |")?;
		let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
		for (_, why) in &self.skipped {
			*reasons.entry(why).or_default() += 1;
		}
		for (why, cases) in reasons {
			writeln!(text, "| {why} | {cases} |")?;
		}
		Ok(())
	}
}
