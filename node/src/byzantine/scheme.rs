// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Which messages go out instead of those of the worker, and when.

use std::collections::{HashMap, HashSet};

use codec::Encode;
use jurat_primitives::{
	Answer, JobFailure, RequestDigest,
	batch::{CommitEntry, RevealEntry, Revealed},
};
use jurat_runtime::{AccountId, BlockNumber};
use sp_core::{H256, hexdisplay::HexDisplay};
use sp_io::hashing::blake2_256;
use sp_runtime::OpaqueExtrinsic;

use super::{
	Kind, LOG_TARGET,
	message::{Message, Signer},
};

/// How often `replay` sends a message at once.
const COPIES: usize = 3;
/// Messages that `replay` remembers; it forgets the oldest.
const REMEMBERED: usize = 64;

/// Something to do in place of what the worker asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
	/// Into this node's pool.
	Submit(OpaqueExtrinsic),
	/// To the peers, past gossip.
	Tell(OpaqueExtrinsic),
}

/// What this node has heard from others on panels.
#[derive(Default)]
struct Heard {
	commitments: HashMap<RequestDigest, Vec<(AccountId, CommitEntry)>>,
	reveals: HashMap<RequestDigest, Vec<(AccountId, RevealEntry)>>,
	/// Whom it copies.
	models: HashMap<RequestDigest, AccountId>,
}

/// A kind of misbehaviour at work.
pub struct Scheme {
	kind: Kind,
	signer: Signer,
	/// Held back until a block.
	held: Vec<(BlockNumber, OpaqueExtrinsic)>,
	/// What waits for somebody to copy: the worker's message, and one entry of it.
	waiting: Vec<(Message, Message)>,
	/// What was held or waiting once, by the bytes that are signed: the worker sends again what is
	/// not included with the next block, and no two signatures of one key are equal.
	handled: HashSet<Vec<u8>>,
	heard: Heard,
	/// For `replay`.
	said: Vec<OpaqueExtrinsic>,
	/// The last block that was acted on.
	last: BlockNumber,
}

impl Scheme {
	/// Signs with these keys.
	pub fn new(kind: Kind, signer: Signer) -> Self {
		Self {
			kind,
			signer,
			held: Vec::new(),
			waiting: Vec::new(),
			handled: HashSet::new(),
			heard: Heard::default(),
			said: Vec::new(),
			last: 0,
		}
	}

	/// What is done instead of submitting a message in this block.
	pub fn instead(&mut self, message: Message, now: BlockNumber) -> Vec<Action> {
		let is_commit = matches!(message, Message::Commit(..));
		match self.kind {
			Kind::Silent if is_commit => Vec::new(),
			Kind::Withhold if !is_commit => Vec::new(),
			Kind::BadOpening if !is_commit => {
				let changed = change_reveals(&message, |entry| entry.salt[0] ^= 1);
				self.signed(&message, changed).map(Action::Submit).into_iter().collect()
			},
			Kind::Copy => {
				for single in message.split() {
					if self.is_new(&single) {
						self.waiting.push((message.clone(), single));
					}
				}
				Vec::new()
			},
			Kind::Late(blocks) => {
				if self.is_new(&message) {
					self.held.push((now.saturating_add(blocks), message.transaction()));
				}
				Vec::new()
			},
			Kind::Equivocate if is_commit => {
				let changed = change_commits(&message, |entry| {
					entry.commitment = H256(blake2_256(entry.commitment.as_bytes()));
				});
				self.both(message, changed)
			},
			Kind::EquivocateReveal if !is_commit => {
				let changed = change_reveals(&message, |entry| {
					entry.revealed = match entry.revealed {
						Revealed::Full(_) => Revealed::Full(Answer::Failure(JobFailure::Crashed)),
						Revealed::Digest(digest) => {
							Revealed::Digest(H256(blake2_256(digest.as_bytes())))
						},
					};
				});
				self.both(message, changed)
			},
			Kind::Replay => {
				let transaction = message.transaction();
				self.said.push(transaction.clone());
				let surplus = self.said.len().saturating_sub(REMEMBERED);
				self.said.drain(..surplus);
				let copies = std::iter::repeat_n(Action::Submit(transaction), COPIES);
				copies.chain(self.all_said()).collect()
			},
			_ => vec![Action::Submit(message.transaction())],
		}
	}

	/// What is due by itself in this block; `overheard` is what others sent since the last time.
	pub fn meanwhile(&mut self, now: BlockNumber, overheard: Vec<Message>) -> Vec<Action> {
		let is_new = now > self.last;
		self.last = now;
		match self.kind {
			Kind::Late(_) => {
				let (due, held) = self.held.drain(..).partition(|(when, _)| *when <= now);
				self.held = held;
				due.into_iter().map(|(_, transaction)| Action::Submit(transaction)).collect()
			},
			Kind::Copy => {
				overheard.into_iter().for_each(|message| self.heard.note(message));
				self.copies()
			},
			Kind::Replay if is_new => self.all_said().collect(),
			_ => Vec::new(),
		}
	}

	/// Whether it wants to know what others send.
	pub fn listens(&self) -> bool {
		self.kind == Kind::Copy
	}

	fn is_new(&mut self, message: &Message) -> bool {
		self.handled.insert(message.payload(&self.signer.genesis))
	}

	fn all_said(&self) -> impl Iterator<Item = Action> {
		self.said.iter().flat_map(|said| [Action::Submit(said.clone()), Action::Tell(said.clone())])
	}

	fn signed(&self, original: &Message, changed: Message) -> Option<OpaqueExtrinsic> {
		let signed = self.signer.sign(original, changed).map(Message::transaction);
		if signed.is_none() {
			log::error!(target: LOG_TARGET, "no key here signed {original:?}");
		}
		signed
	}

	/// Two messages for one duty: one to the peers, the other here. Both go to the log, as evidence.
	fn both(&self, message: Message, changed: Message) -> Vec<Action> {
		let second = self.signed(&message, changed);
		let first = message.transaction();
		if let Some(second) = &second {
			log::warn!(
				target: LOG_TARGET,
				"equivocation: {} {}",
				HexDisplay::from(&first.encode()),
				HexDisplay::from(&second.encode()),
			);
		}
		second.map(Action::Tell).into_iter().chain([Action::Submit(first)]).collect()
	}

	/// Copies of what waited for somebody to copy.
	fn copies(&mut self) -> Vec<Action> {
		let mut actions = Vec::new();
		for (whole, single) in std::mem::take(&mut self.waiting) {
			match self.heard.copy(&single) {
				Some(copy) => actions.extend(self.signed(&whole, copy).map(Action::Submit)),
				None => self.waiting.push((whole, single)),
			}
		}
		actions
	}
}

fn change_commits(message: &Message, change: impl FnMut(&mut CommitEntry)) -> Message {
	let mut message = message.clone();
	if let Message::Commit(batch, _) = &mut message {
		batch.entries.iter_mut().for_each(change);
	}
	message
}

fn change_reveals(message: &Message, change: impl FnMut(&mut RevealEntry)) -> Message {
	let mut message = message.clone();
	if let Message::Reveal(batch, _) = &mut message {
		batch.entries.iter_mut().for_each(change);
	}
	message
}

impl Heard {
	fn note(&mut self, message: Message) {
		match message {
			Message::Commit(batch, _) => {
				for entry in batch.entries {
					let known = self.commitments.entry(entry.digest).or_default();
					if known.iter().all(|(who, _)| *who != batch.attester) {
						known.push((batch.attester.clone(), entry));
					}
				}
			},
			Message::Reveal(batch, _) => {
				for entry in batch.entries {
					let known = self.reveals.entry(entry.digest).or_default();
					if known.iter().all(|(who, _)| *who != batch.attester) {
						known.push((batch.attester.clone(), entry));
					}
				}
			},
		}
	}

	/// A message of one entry with what another member of the panel said in place of it: always the
	/// same member. `None` until that one has said it.
	fn copy(&mut self, message: &Message) -> Option<Message> {
		let mut copy = message.clone();
		match &mut copy {
			Message::Commit(batch, _) => {
				let entry = batch.entries.iter_mut().next()?;
				let mut others = self.commitments.get(&entry.digest)?.iter();
				let (who, other) = others.find(|(who, _)| *who != batch.attester)?;
				self.models.insert(entry.digest, who.clone());
				*entry = other.clone();
			},
			Message::Reveal(batch, _) => {
				let entry = batch.entries.iter_mut().next()?;
				let model = self.models.get(&entry.digest)?;
				let mut others = self.reveals.get(&entry.digest)?.iter();
				*entry = others.find(|(who, _)| who == model)?.1.clone();
			},
		}
		Some(copy)
	}
}

#[cfg(test)]
mod tests {
	use super::{super::message::testing::*, *};
	use sp_keyring::Sr25519Keyring::{Alice, Bob, Charlie};

	fn scheme(kind: Kind) -> Scheme {
		Scheme::new(kind, signer())
	}

	fn submitted(actions: &[Action]) -> Vec<Message> {
		let submitted = actions.iter().filter_map(|action| match action {
			Action::Submit(transaction) => Message::read(transaction),
			Action::Tell(_) => None,
		});
		submitted.collect()
	}

	fn told(actions: &[Action]) -> Vec<Message> {
		let told = actions.iter().filter_map(|action| match action {
			Action::Tell(transaction) => Message::read(transaction),
			Action::Submit(_) => None,
		});
		told.collect()
	}

	fn honest(message: &Message) -> Vec<Action> {
		vec![Action::Submit(message.clone().transaction())]
	}

	#[test]
	fn silence_drops_commitments_and_withholding_drops_reveals() {
		let (commit, reveal) = (commits(Alice, &[1]), reveals(Alice, &[1]));
		assert_eq!(scheme(Kind::Silent).instead(commit.clone(), 5), []);
		assert_eq!(scheme(Kind::Silent).instead(reveal.clone(), 5), honest(&reveal));
		assert_eq!(scheme(Kind::Withhold).instead(commit.clone(), 5), honest(&commit));
		assert_eq!(scheme(Kind::Withhold).instead(reveal, 5), []);
	}

	#[test]
	fn what_is_wrong_in_its_content_travels_as_it_is() {
		for kind in [Kind::Wrong(3), Kind::Flood(None)] {
			let commit = commits(Alice, &[1]);
			assert_eq!(scheme(kind).instead(commit.clone(), 5), honest(&commit));
		}
	}

	#[test]
	fn a_bad_opening_has_another_salt_and_a_good_signature() {
		let (commit, reveal) = (commits(Alice, &[1]), reveals(Alice, &[1, 2]));
		let mut scheme = scheme(Kind::BadOpening);
		assert_eq!(scheme.instead(commit.clone(), 5), honest(&commit));
		let sent = submitted(&scheme.instead(reveal.clone(), 6)).remove(0);
		assert!(is_signed_by(&sent, Alice));
		let (Message::Reveal(before, _), Message::Reveal(after, _)) = (reveal, sent) else {
			panic!("not reveals")
		};
		for (before, after) in before.entries.iter().zip(&after.entries) {
			assert_ne!(before.salt, after.salt);
			assert_eq!((before.digest, &before.revealed), (after.digest, &after.revealed));
		}
	}

	#[test]
	fn a_copy_waits_for_one_to_copy_and_stays_with_that_one() {
		let mut scheme = scheme(Kind::Copy);
		assert_eq!(scheme.instead(commits(Alice, &[1, 2]), 5), []);
		// Its own does not count, nor does another request.
		assert_eq!(scheme.meanwhile(5, vec![commits(Alice, &[1, 2]), commits(Bob, &[3])]), []);
		let copied = submitted(&scheme.meanwhile(6, vec![commits(Bob, &[2])]));
		assert_eq!(copied.len(), 1);
		assert!(is_signed_by(&copied[0], Alice));
		let (Message::Commit(copy, _), Message::Commit(model, _)) =
			(&copied[0], commits(Bob, &[2]))
		else {
			panic!("not commitments")
		};
		assert_eq!((copy.attester.clone(), &copy.entries), (Alice.to_account_id(), &model.entries));
		// Once is enough, and the rest still waits.
		assert_eq!(scheme.instead(commits(Alice, &[1, 2]), 6), []);
		assert_eq!(scheme.meanwhile(7, vec![commits(Charlie, &[2])]), []);

		assert_eq!(scheme.instead(reveals(Alice, &[2]), 8), []);
		assert_eq!(scheme.meanwhile(8, vec![reveals(Charlie, &[2])]), []);
		let copied = submitted(&scheme.meanwhile(9, vec![reveals(Bob, &[2])]));
		let (Message::Reveal(copy, _), Message::Reveal(model, _)) =
			(&copied[0], reveals(Bob, &[2]))
		else {
			panic!("not reveals")
		};
		assert_eq!(copy.entries, model.entries);
	}

	#[test]
	fn late_is_so_many_blocks_late_and_once() {
		let (mut scheme, commit) = (scheme(Kind::Late(3)), commits(Alice, &[1]));
		assert_eq!(scheme.instead(commit.clone(), 5), []);
		assert_eq!(scheme.instead(commits(Alice, &[1]), 6), []);
		assert_eq!(scheme.meanwhile(7, vec![]), []);
		assert_eq!(scheme.meanwhile(8, vec![]), honest(&commit));
		assert_eq!(scheme.meanwhile(9, vec![]), []);
	}

	#[test]
	fn an_equivocation_is_two_signed_commitments_to_one_request() {
		let (mut scheme, commit) = (scheme(Kind::Equivocate), commits(Alice, &[1]));
		let actions = scheme.instead(commit.clone(), 5);
		assert_eq!(submitted(&actions), vec![commit.clone()]);
		let second = told(&actions).remove(0);
		assert!(is_signed_by(&second, Alice));
		let (Message::Commit(first, _), Message::Commit(second, _)) = (&commit, &second) else {
			panic!("not commitments")
		};
		assert_eq!(first.entries[0].digest, second.entries[0].digest);
		assert_ne!(first.entries[0].commitment, second.entries[0].commitment);
		// The second one is the same at each attempt: it is one lie, not many.
		let again = told(&scheme.instead(commits(Alice, &[1]), 6)).remove(0);
		assert_eq!(
			again.payload(&H256([1; 32])),
			Message::Commit(second.clone(), void()).payload(&H256([1; 32]))
		);
		let reveal = reveals(Alice, &[1]);
		assert_eq!(scheme.instead(reveal.clone(), 7), honest(&reveal));
	}

	#[test]
	fn a_second_reveal_shows_another_answer() {
		let (mut scheme, reveal) = (scheme(Kind::EquivocateReveal), reveals(Alice, &[1]));
		let actions = scheme.instead(reveal.clone(), 5);
		assert_eq!(submitted(&actions), vec![reveal.clone()]);
		let second = told(&actions).remove(0);
		assert!(is_signed_by(&second, Alice));
		assert_ne!(second, reveal);
		let commit = commits(Alice, &[1]);
		assert_eq!(scheme.instead(commit.clone(), 7), honest(&commit));
	}

	#[test]
	fn replays_are_many_and_do_not_end() {
		let (mut scheme, commit) = (scheme(Kind::Replay), commits(Alice, &[1]));
		assert_eq!(submitted(&scheme.instead(commit.clone(), 5)).len(), COPIES + 1);
		let reveal = reveals(Alice, &[1]);
		let actions = scheme.instead(reveal.clone(), 6);
		assert_eq!(told(&actions), vec![commit.clone(), reveal.clone()]);
		assert_eq!(submitted(&scheme.meanwhile(7, vec![])), vec![commit, reveal]);
		assert_eq!(scheme.meanwhile(7, vec![]), []);
		for request in 0..2 * REMEMBERED as u64 {
			scheme.instead(commits(Alice, &[request]), 8);
		}
		assert_eq!(told(&scheme.meanwhile(9, vec![])).len(), REMEMBERED);
	}
}
