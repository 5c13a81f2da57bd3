// SPDX-License-Identifier: Apache-2.0
//! Tests, one file per subject. `ExtBuilder` checks the invariants after each.

mod activation;
mod constants;
mod deposits;
mod invariants;
mod models;
mod queries;
mod releases;
mod removal;
mod requests;
