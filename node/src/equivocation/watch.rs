// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! From what the node sees to reports.

use jurat_primitives::equivocation::Equivocation;
use jurat_runtime::{AccountId, Hash, configs::governance::TreasuryAccount};
use sp_core::H256;

use super::{
	LOG_TARGET,
	cases::{Cases, Reporter},
	chain::{Chain, Rosters},
	memory::Memory,
	message::Message,
	metrics::Metrics,
};

/// Holds what attesters say against what they said before.
pub struct Watch<C> {
	chain: C,
	genesis: H256,
	/// Who the operator wants to be paid.
	reporter: Option<AccountId>,
	memory: Memory,
	rosters: Rosters,
	cases: Cases,
	metrics: Metrics,
}

impl<C: Chain> Watch<C> {
	/// Knows nothing yet.
	pub fn new(chain: C, genesis: H256, reporter: Option<AccountId>, metrics: Metrics) -> Self {
		Self {
			chain,
			genesis,
			reporter,
			memory: Memory::default(),
			rosters: Rosters::default(),
			cases: Cases::default(),
			metrics,
		}
	}

	/// Takes a message that the runtime found valid in some block. `seen` is that block, or one near
	/// it.
	pub fn hear(&mut self, message: &Message, seen: Hash) {
		let (attester, session) = (&message.attester, message.seal.session);
		// Further equivocations in one session cost nothing more.
		if self.cases.has(session, attester) {
			return;
		}
		let comparison = self.memory.compare(message);
		if !comparison.is_news && comparison.contradiction.is_none() {
			return;
		}
		let Some(key) = self.rosters.key(&self.chain, session, seen, attester) else {
			log::debug!(target: LOG_TARGET, "no key of {attester} in session {session}");
			return;
		};
		if !message.is_signed(&self.genesis, &key) {
			log::debug!(target: LOG_TARGET, "{attester} did not sign for session {session}");
			return;
		}
		let now = self.chain.best().number;
		if let Some(contradiction) = comparison.contradiction {
			let evidence = Equivocation { attester: attester.clone(), key, contradiction };
			match evidence.check(&self.genesis) {
				Ok(()) => {
					self.metrics.found();
					self.cases.open(&self.chain, evidence, now);
					self.pursue();
				},
				Err(reason) => log::debug!(target: LOG_TARGET, "no evidence: {reason:?}"),
			}
		}
		self.memory.remember(message, now);
		self.metrics.watched(self.memory.len());
	}

	/// There is a new best block.
	pub fn tick(&mut self) {
		self.memory.forget(self.chain.best().number);
		self.metrics.watched(self.memory.len());
		self.pursue();
	}

	fn pursue(&mut self) {
		if !self.cases.is_idle() {
			let reporter = self.reporter();
			self.cases.pursue(&self.chain, &reporter, &self.metrics);
		}
	}

	/// Whom the operator named; else the first of this session's attesters whose key this node has;
	/// else the treasury.
	fn reporter(&self) -> Reporter {
		let own = || {
			let keys = self.chain.keys(self.chain.best().hash)?;
			keys.into_iter().find(|(_, key)| self.chain.is_own(key)).map(|(who, _)| who)
		};
		match self.reporter.clone().or_else(own) {
			Some(account) => Reporter { account, is_last_resort: false },
			None => Reporter { account: TreasuryAccount::get(), is_last_resort: true },
		}
	}
}
