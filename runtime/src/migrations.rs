// SPDX-License-Identifier: Apache-2.0
//! Storage migrations, run once when the chain changes to a newer runtime.

/// Not yet on any chain. Emptied when a release is made.
pub type Unreleased = ();

/// Run at every upgrade.
pub type Permanent = ();

/// All single-block migrations, in order.
pub type SingleBlockMigrations = (Unreleased, Permanent);
