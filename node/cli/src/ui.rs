// SPDX-License-Identifier: Apache-2.0
//! What the command shows: results on standard output, everything else on standard error.
//!
//! With `--json`, standard output holds exactly one JSON document, whatever happens.

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::{
	io::{IsTerminal, Write},
	sync::Mutex,
	time::Duration,
};

/// Where a command shows what it does.
#[derive(Debug)]
pub struct Ui {
	json: bool,
	/// Whether a person looks at standard error, where lines can be redrawn.
	live: bool,
}

impl Ui {
	/// For people, or with `json` for programs.
	pub fn new(json: bool) -> Self {
		Self { json, live: !json && std::io::stderr().is_terminal() }
	}

	/// Whether results are JSON.
	pub fn is_json(&self) -> bool {
		self.json
	}

	/// Says something besides the result.
	pub fn note(&self, text: impl AsRef<str>) {
		// Nothing is lost if nobody listens any more.
		let _ = writeln!(std::io::stderr(), "{}", text.as_ref());
	}

	/// Gives the result: `value` as JSON, or the text for people.
	pub fn result<T: Serialize>(
		&self,
		value: &T,
		human: impl FnOnce() -> String,
	) -> std::io::Result<()> {
		let text = if self.json { serde_json::to_string(value)? } else { human() };
		print(&text)
	}

	/// Shows work that takes a while.
	pub fn task(&self, text: impl Into<String>) -> Task {
		let text = text.into();
		let bar = if self.live {
			let bar = ProgressBar::new_spinner();
			bar.enable_steady_tick(Duration::from_millis(100));
			bar.set_message(text.clone());
			bar
		} else {
			let _ = writeln!(std::io::stderr(), "{text}");
			ProgressBar::hidden()
		};
		Task { live: self.live, bar, last: Mutex::new(text) }
	}
}

/// Prints a text on standard output. A reader that left early (`| head`) is no error.
pub fn print(text: &str) -> std::io::Result<()> {
	let mut out = std::io::stdout().lock();
	match writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()) {
		Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
		result => result,
	}
}

/// Work that takes a while. Its line goes away when it is dropped.
#[derive(Debug)]
pub struct Task {
	live: bool,
	bar: ProgressBar,
	last: Mutex<String>,
}

impl Task {
	/// Says how the work stands. Where lines cannot be redrawn, each text is one line, once.
	pub fn set(&self, text: impl Into<String>) {
		let text = text.into();
		if self.live {
			self.bar.set_message(text);
			return;
		}
		let Ok(mut last) = self.last.lock() else { return };
		if *last != text {
			let _ = writeln!(std::io::stderr(), "{text}");
			*last = text;
		}
	}

	/// Leaves a line that stays.
	pub fn line(&self, text: impl AsRef<str>) {
		if self.live {
			self.bar.println(text);
		} else {
			let _ = writeln!(std::io::stderr(), "{}", text.as_ref());
		}
	}

	/// Shows bytes of a total. Only where lines can be redrawn.
	pub fn bytes(&self, done: u64, total: u64) {
		if self.bar.length() != Some(total) {
			self.bar.set_length(total);
			let template = "{spinner} {msg} {bytes}/{total_bytes} {bytes_per_sec} {eta} {wide_bar}";
			if let Ok(style) = ProgressStyle::with_template(template) {
				self.bar.set_style(style);
			}
		}
		self.bar.set_position(done);
	}
}

impl Drop for Task {
	fn drop(&mut self) {
		self.bar.finish_and_clear();
	}
}

/// A size in bytes, for people.
pub fn show_bytes(bytes: u64) -> String {
	indicatif::HumanBytes(bytes).to_string()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn nothing_is_drawn_for_programs() {
		assert!(!Ui::new(true).live);
	}
}
