// SPDX-License-Identifier: Apache-2.0
//! Rules on objects: no file, no TCP port, no abstract socket, no signal to others.
//!
//! A Landlock ruleset that handles every right and allows none. It binds this thread and those it
//! starts later.

use codec::{Decode, Encode};
use landlock::{
	ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, LandlockStatus, Ruleset,
	RulesetAttr, RulesetError, RulesetStatus, Scope,
};
use serde::Serialize;
use std::{fmt, fs};

/// The newest version of Landlock whose rights are all asked for: Linux 6.12.
const KNOWN: ABI = ABI::V6;

/// How far Landlock holds a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Landlock {
	/// Every right that this program knows is taken.
	Whole,
	/// The kernel is older than some of them: rights on files are taken, those on TCP (Linux 6.7)
	/// or signals (Linux 6.12) may not be.
	Partial,
	/// The kernel has none, or it was not asked.
	Off,
}

impl fmt::Display for Landlock {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		f.write_str(match self {
			Self::Whole => "on",
			Self::Partial => "on (older kernel: files only, or files and TCP)",
			Self::Off => "off",
		})
	}
}

/// Why there are no rules.
#[derive(Debug, thiserror::Error)]
pub enum LandlockError {
	/// The kernel is without it.
	#[error("the kernel has none ({0})")]
	Absent(&'static str),
	/// Other threads would stay free.
	#[error("{0} threads were there before it")]
	Threads(usize),
	/// The kernel refuses.
	#[error(transparent)]
	Refused(#[from] RulesetError),
}

/// Takes every right from this thread.
pub fn apply() -> Result<Landlock, LandlockError> {
	let threads = fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
	if threads > 1 {
		return Err(LandlockError::Threads(threads));
	}
	let status = Ruleset::default()
		.set_compatibility(CompatLevel::BestEffort)
		.handle_access(AccessFs::from_all(KNOWN))?
		.handle_access(AccessNet::from_all(KNOWN))?
		.scope(Scope::from_all(KNOWN))?
		.create()?
		.restrict_self()?;
	match status.ruleset {
		RulesetStatus::FullyEnforced => Ok(Landlock::Whole),
		RulesetStatus::PartiallyEnforced => Ok(Landlock::Partial),
		RulesetStatus::NotEnforced => Err(LandlockError::Absent(match status.landlock {
			LandlockStatus::NotEnabled => "it is not enabled at boot: kernel option lsm=",
			_ => "Linux 5.13 or later, built with CONFIG_SECURITY_LANDLOCK, has it",
		})),
	}
}
