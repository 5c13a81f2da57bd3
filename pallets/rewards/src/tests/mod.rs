// SPDX-License-Identifier: Apache-2.0
//! Tests, one file per subject. `ExtBuilder` checks the invariants after each.

mod commission;
mod constants;
mod division;
mod invariants;
mod payout;
mod pot;
mod properties;
mod queries;
mod sweep;
