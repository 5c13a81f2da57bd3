// SPDX-License-Identifier: Apache-2.0
//! How each pallet is wired, one file for one concern.

pub mod attestation;
pub mod consensus;
pub mod custody;
pub mod governance;
pub mod inference;
pub mod models;
pub mod money;
pub mod rewards;
pub mod staking;
pub mod system;
pub mod utility;
