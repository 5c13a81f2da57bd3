// SPDX-License-Identifier: Apache-2.0
//! What holds a child that reads models: it can compute and talk to the node, and nothing else.
//!
//! ```text
//! child   limits ─► load the library ─► Landlock ─► watch thread ─► seccomp ─► first model
//! ```
//!
//! The library needs files and executable mappings to load, so walls go up right after it, and
//! before the first byte that is not trusted. From then on
//! * no path can be opened, made, or looked at: models come as open files over the socket
//!   ([`crate::wire`]);
//! * no socket, process, thread or executable page can be made;
//! * nobody can be signalled or traced.
//!
//! Landlock ([`landlock`]) and seccomp ([`seccomp`]) cover each other: the first knows objects, the
//! second calls. Limits on memory, CPU time, files and processes are in `limits`.

pub mod landlock;
pub mod offer;
pub mod seccomp;

use codec::{Decode, Encode};
use serde::Serialize;
use std::fmt;

pub use landlock::Landlock;
pub use offer::{Offer, offer};

/// What to do where the kernel cannot hold a child as described above.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SandboxMode {
	/// Do not run models.
	Enforce,
	/// Use what the kernel has, and say loudly what is missing.
	#[default]
	BestEffort,
	/// Limits only. For measuring what the sandbox costs, and finding errors in it.
	Off,
}

/// What holds a child.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SandboxReport {
	/// What was asked for.
	pub mode: SandboxMode,
	/// Rules on files, sockets and signals.
	pub landlock: Landlock,
	/// Whether system calls are filtered.
	pub seccomp: bool,
	/// What could not be done, and why. For the log.
	pub missing: Vec<String>,
}

impl SandboxReport {
	/// Whether a child is held as described above. Landlock of any version will do: what older
	/// ones cannot forbid, the filter of system calls does.
	pub fn is_whole(&self) -> bool {
		self.seccomp && self.landlock != Landlock::Off
	}
}

impl fmt::Display for SandboxReport {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		if self.mode == SandboxMode::Off {
			return write!(f, "off");
		}
		let seccomp = if self.seccomp { "on" } else { "off" };
		write!(f, "seccomp {seccomp}, landlock {}", self.landlock)
	}
}

/// A sandbox that is half up: threads that the process needs are started now.
#[must_use]
pub struct Walls(SandboxReport);

/// First half: forbids this thread, and all that it will start, to touch files, sockets and
/// other processes. To be called while there is one thread.
pub fn forbid(mode: SandboxMode) -> Walls {
	let mut report =
		SandboxReport { mode, landlock: Landlock::Off, seccomp: false, missing: Vec::new() };
	if mode != SandboxMode::Off {
		match landlock::apply() {
			Ok(landlock) => report.landlock = landlock,
			Err(error) => report.missing.push(format!("landlock: {error}")),
		}
	}
	Walls(report)
}

impl Walls {
	/// Second half: from here on all threads of this process may make those system calls only that
	/// [`seccomp`] lists.
	pub fn close(self) -> SandboxReport {
		let Self(mut report) = self;
		if report.mode != SandboxMode::Off {
			match seccomp::apply() {
				Ok(()) => report.seccomp = true,
				Err(error) => report.missing.push(format!("seccomp: {error}")),
			}
		}
		report
	}
}
