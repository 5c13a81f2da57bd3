// SPDX-License-Identifier: Apache-2.0
//! Tests of the pallet, one file for each subject.

mod answers;
mod asking;
mod constants;
mod expiry;
mod invariants;
mod worker;
