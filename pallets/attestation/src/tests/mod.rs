// SPDX-License-Identifier: Apache-2.0
//! Tests of the pallet, one file for each subject.

mod announcements;
mod announcer;
mod bonding;
mod custody;
mod equivocation;
mod panels;
mod penalties;
mod serving;
mod submissions;
mod worker;
