// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Equivocations that were found, until the chain has convicted for them: each attester once for
//! each session, as the chain does.

use jurat_runtime::{AccountId, BlockNumber};
use jurat_runtime_api::KeyOwnershipProof;
use sp_staking::SessionIndex;
use std::collections::BTreeMap;

use super::{
	LOG_TARGET,
	chain::{At, Chain, Evidence, Standing},
	metrics::Metrics,
};

/// Cases that are kept at most, closed ones included; those of the oldest session go first.
const CAPACITY: usize = 1_024;
/// Blocks between two attempts, at most.
const LONGEST_PAUSE: BlockNumber = 64;
/// Attempts after which a case is given up: about 800 blocks.
const ATTEMPTS: u32 = 16;
/// Blocks for which a node that has nobody to be paid leaves a report to those that have.
const COURTESY: BlockNumber = 10;

/// Who is paid for reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reporter {
	/// The account.
	pub account: AccountId,
	/// Whether it is the treasury's: others go first.
	pub is_last_resort: bool,
}

#[derive(Debug)]
struct Case {
	evidence: Evidence,
	proof: Option<KeyOwnershipProof>,
	/// The block at which it was found.
	found: BlockNumber,
	/// The block from which on it is looked at again.
	due: BlockNumber,
	attempts: u32,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Cases(BTreeMap<(SessionIndex, AccountId), Option<Case>>);

impl Cases {
	/// Whether there is a case of this attester in this session, open or closed.
	pub fn has(&self, session: SessionIndex, attester: &AccountId) -> bool {
		self.0.contains_key(&(session, attester.clone()))
	}

	/// Opens a case. Evidence against oneself is not reported: there is something to be mended.
	pub fn open(&mut self, chain: &impl Chain, evidence: Evidence, now: BlockNumber) {
		let (session, attester) = (evidence.session(), evidence.attester.clone());
		let is_own = chain.is_own(&evidence.key);
		if is_own {
			tracing::error!(
				target: LOG_TARGET,
				%attester,
				session,
				request = ?evidence.digest(),
				"{attester} equivocated with a key of THIS NODE: is there another node with the same \
				 key, or an old database?",
			);
		} else {
			tracing::warn!(
				target: LOG_TARGET,
				%attester,
				session,
				request = ?evidence.digest(),
				"{attester} equivocated",
			);
		}
		let case = Case { evidence, proof: None, found: now, due: now, attempts: 0 };
		self.0.insert((session, attester), (!is_own).then_some(case));
		while self.0.len() > CAPACITY {
			self.0.pop_first();
		}
	}

	/// Does what is due.
	pub fn pursue(&mut self, chain: &impl Chain, reporter: &Reporter, metrics: &Metrics) {
		let best = chain.best();
		for slot in self.0.values_mut() {
			if let Some(case) = slot
				&& case.due <= best.number
				&& case.pursue(chain, reporter, metrics, best)
			{
				*slot = None;
			}
		}
	}

	/// Whether something is still to be done.
	pub fn is_idle(&self) -> bool {
		self.0.values().all(Option::is_none)
	}
}

impl Case {
	/// Does what is due. Whether the case is closed.
	fn pursue(
		&mut self,
		chain: &impl Chain,
		reporter: &Reporter,
		metrics: &Metrics,
		best: At,
	) -> bool {
		let (attester, session) = (&self.evidence.attester, self.evidence.session());
		if reporter.is_last_resort && best.number < self.found.saturating_add(COURTESY) {
			self.due = self.found.saturating_add(COURTESY);
			return false;
		}
		if self.attempts >= ATTEMPTS {
			tracing::warn!(
				target: LOG_TARGET,
				%attester,
				session,
				"giving up to report {attester}: the chain does not take it",
			);
			return true;
		}
		let pause = 2u32.saturating_pow(self.attempts.saturating_add(1)).min(LONGEST_PAUSE);
		self.due = best.number.saturating_add(pause);
		self.attempts = self.attempts.saturating_add(1);

		if self.proof.is_none() {
			self.proof = chain
				.block_of(session, best.hash)
				.and_then(|at| chain.proof(at, &self.evidence.key));
		}
		let Some(proof) = &self.proof else {
			log::debug!(target: LOG_TARGET, "no block of session {session} to prove a key by");
			return false;
		};
		match chain.standing(best.hash, &self.evidence, proof) {
			Standing::Known => {
				// A block that may be undone convicted; the pool would take the report up again,
				// but so do we.
				let is_final = chain.standing(chain.finalised(), &self.evidence, proof);
				return is_final == Standing::Known;
			},
			Standing::Refused(reason) => {
				log::debug!(
					target: LOG_TARGET,
					"the report on {attester} for session {session} is not valid: {reason}",
				);
				return false;
			},
			Standing::Due => {},
		}
		if chain.submit(best.hash, &self.evidence, proof, &reporter.account) {
			metrics.reported();
			tracing::info!(
				target: LOG_TARGET,
				%attester,
				session,
				reporter = %reporter.account,
				"reported {attester}; the reporter is paid if this report is the first",
			);
		} else {
			// It has another's report already, most likely.
			log::debug!(target: LOG_TARGET, "the pool refused the report on {attester}");
		}
		false
	}
}
