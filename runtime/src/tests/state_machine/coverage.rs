// SPDX-License-Identifier: Apache-2.0
//! How often what was reached, and whether the chain complained.

use std::{
	cell::RefCell,
	collections::BTreeMap,
	fmt::{self, Debug, Display},
	sync::Once,
};

/// Counts of what was reached.
#[derive(Clone, Debug, Default)]
pub struct Coverage(BTreeMap<String, u64>);

impl Coverage {
	/// One more.
	pub fn note(&mut self, what: impl Into<String>) {
		*self.0.entry(what.into()).or_default() += 1;
	}

	/// How often.
	pub fn count(&self, what: &str) -> u64 {
		self.0.get(what).copied().unwrap_or_default()
	}

	/// Takes in what another thread reached.
	pub fn merge(&mut self, other: Self) {
		for (what, count) in other.0 {
			*self.0.entry(what).or_default() += count;
		}
	}
}

impl Display for Coverage {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		self.0.iter().try_for_each(|(what, count)| writeln!(f, "{count:>9}  {what}"))
	}
}

/// The name of a variant: of its `Debug`, what stands before its fields.
pub fn name(value: &impl Debug) -> String {
	let shown = format!("{value:?}");
	let shown = shown.split([' ', '{']).next().unwrap_or_default();
	shown.trim_start_matches("Event::").into()
}

thread_local! {
	static COMPLAINTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Keeps errors that the runtime logs, by thread.
struct Complaints;

impl log::Log for Complaints {
	fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
		metadata.level() == log::Level::Error
	}

	fn log(&self, record: &log::Record<'_>) {
		if self.enabled(record.metadata()) {
			let line = format!("{}: {}", record.target(), record.args());
			COMPLAINTS.with_borrow_mut(|all| all.push(line));
		}
	}

	fn flush(&self) {}
}

/// Listens to what the runtime logs. A path that is defensive only, and is taken all the same, says
/// so there and nowhere else.
pub fn listen() {
	static ONCE: Once = Once::new();
	ONCE.call_once(|| {
		if log::set_logger(&Complaints).is_ok() {
			log::set_max_level(log::LevelFilter::Error);
		}
	});
}

/// Errors that this thread's chain logged since this was asked last.
pub fn complaints() -> Vec<String> {
	COMPLAINTS.take()
}
