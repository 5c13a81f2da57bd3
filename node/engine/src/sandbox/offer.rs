// SPDX-License-Identifier: Apache-2.0
//! What the kernel offers, read without changing anything: for the log of a node that starts.

use serde::Serialize;
use std::{fmt, fs};

/// What the kernel offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Offer {
	/// The kernel's version, such as `6.12.8`.
	pub kernel: String,
	/// Security modules that are active; empty if the kernel does not tell.
	pub modules: Vec<String>,
	/// What a filter of system calls may do with a call; empty if there are no such filters.
	pub seccomp_actions: Vec<String>,
}

/// Asks the kernel, through `/proc` and `/sys`.
pub fn offer() -> Offer {
	let words = |path: &str, separator: char| -> Vec<String> {
		let text = fs::read_to_string(path).unwrap_or_default();
		let words = text.trim().split(separator).filter(|word| !word.is_empty());
		words.map(crate::shown).collect()
	};
	Offer {
		kernel: words("/proc/sys/kernel/osrelease", '\n').concat(),
		modules: words("/sys/kernel/security/lsm", ','),
		seccomp_actions: words("/proc/sys/kernel/seccomp/actions_avail", ' '),
	}
}

impl fmt::Display for Offer {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let list = |words: &[String]| match words {
			[] => "not told".into(),
			words => words.join(","),
		};
		let Self { kernel, modules, seccomp_actions } = self;
		let (modules, actions) = (list(modules), list(seccomp_actions));
		write!(f, "Linux {kernel}; security modules: {modules}; seccomp actions: {actions}")
	}
}
