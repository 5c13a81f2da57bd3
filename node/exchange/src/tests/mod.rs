// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Real stores, real servers and real messages, over a network inside this process.

mod announce;
mod fetch;
mod messages;
mod mirror;
mod net;
mod plan;
mod serve;
mod substrate;
