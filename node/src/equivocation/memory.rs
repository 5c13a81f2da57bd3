// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! What attesters said lately: the first thing that each of them said about each request.
//!
//! Bounded in number and in age; the oldest goes first. An entry is a few hundred bytes, and the
//! entries of a batch share its signature and its hashes.

use jurat_primitives::{
	RequestDigest,
	batch::{CommitEntry, RevealHead, Signed},
	equivocation::{Contradiction, SignedEntry},
};
use jurat_runtime::{AccountId, BlockNumber};
use sp_staking::SessionIndex;
use std::{
	collections::{HashMap, VecDeque},
	sync::Arc,
};

use super::message::{Entries, Message, Seal};

/// Entries that are remembered at most: some twenty megabytes.
pub const CAPACITY: usize = 65_536;
/// Blocks for which an entry is remembered: many times what a panel is open, and longer than forks
/// live where finality works.
pub const MAX_AGE: BlockNumber = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
	Commit,
	Reveal,
}

/// Who said something about what. The session is a part of it, since evidence has one: on another
/// fork the same panel may have been drawn in another session.
type Topic = (AccountId, SessionIndex, Kind, RequestDigest);

#[derive(Clone, Debug)]
enum Entry {
	Commit(CommitEntry),
	Reveal(RevealHead),
}

#[derive(Clone, Debug)]
struct Statement {
	seal: Arc<Seal>,
	place: u8,
	entry: Entry,
}

/// What comes of holding a message against what is remembered.
#[derive(Debug, Default)]
pub struct Comparison {
	/// Something of it is new.
	pub is_news: bool,
	/// It contradicts something.
	pub contradiction: Option<Contradiction>,
}

/// What attesters said.
#[derive(Debug)]
pub struct Memory {
	statements: HashMap<Topic, Statement>,
	/// Topics by the block at which they were heard of first.
	order: VecDeque<(BlockNumber, Topic)>,
	capacity: usize,
	max_age: BlockNumber,
}

impl Default for Memory {
	fn default() -> Self {
		Self::new(CAPACITY, MAX_AGE)
	}
}

impl Memory {
	/// A memory with other bounds.
	pub fn new(capacity: usize, max_age: BlockNumber) -> Self {
		Self { statements: HashMap::new(), order: VecDeque::new(), capacity, max_age }
	}

	/// Entries that are remembered.
	pub fn len(&self) -> usize {
		self.statements.len()
	}

	/// Holds a message against what is remembered. Signatures are not looked at.
	pub fn compare(&self, message: &Message) -> Comparison {
		let mut comparison = Comparison::default();
		for (topic, statement) in statements(message) {
			match self.statements.get(&topic) {
				None => comparison.is_news = true,
				Some(known) => {
					comparison.contradiction = known.against(&statement);
					if comparison.contradiction.is_some() {
						break;
					}
				},
			}
		}
		comparison
	}

	/// Remembers what is new of a message.
	pub fn remember(&mut self, message: &Message, now: BlockNumber) {
		for (topic, statement) in statements(message) {
			if !self.statements.contains_key(&topic) {
				self.order.push_back((now, topic.clone()));
				self.statements.insert(topic, statement);
			}
		}
		while self.statements.len() > self.capacity {
			self.forget_first();
		}
	}

	/// Forgets what is too old.
	pub fn forget(&mut self, now: BlockNumber) {
		while self.order.front().is_some_and(|(at, _)| at.saturating_add(self.max_age) < now) {
			self.forget_first();
		}
	}

	fn forget_first(&mut self) {
		if let Some((_, topic)) = self.order.pop_front() {
			self.statements.remove(&topic);
		}
	}
}

fn statements(message: &Message) -> Vec<(Topic, Statement)> {
	let topic = |kind, digest| (message.attester.clone(), message.seal.session, kind, digest);
	let statement = |place, entry| Statement { seal: message.seal.clone(), place, entry };
	match &message.entries {
		Entries::Commits(entries) => entries
			.iter()
			.zip(0u8..=u8::MAX)
			.map(|(entry, place)| {
				let said = statement(place, Entry::Commit(entry.clone()));
				(topic(Kind::Commit, entry.digest), said)
			})
			.collect(),
		Entries::Reveals(entries) => entries
			.iter()
			.zip(0u8..=u8::MAX)
			.map(|(entry, place)| {
				(topic(Kind::Reveal, entry.digest), statement(place, Entry::Reveal(*entry)))
			})
			.collect(),
	}
}

impl Statement {
	/// The contradiction between two statements on one topic, if there is one.
	fn against(&self, other: &Self) -> Option<Contradiction> {
		match (&self.entry, &other.entry) {
			(Entry::Commit(a), Entry::Commit(b)) => a.contradicts(b).then(|| {
				Contradiction::Commitments(self.signed(a.clone()), other.signed(b.clone()))
			}),
			(Entry::Reveal(a), Entry::Reveal(b)) => {
				a.contradicts(b).then(|| Contradiction::Reveals(self.signed(*a), other.signed(*b)))
			},
			_ => None,
		}
	}

	fn signed<E>(&self, entry: E) -> SignedEntry<E> {
		SignedEntry {
			session: self.seal.session,
			hashes: self.seal.hashes.clone(),
			place: self.place,
			entry,
			signature: self.seal.signature.clone(),
		}
	}
}
