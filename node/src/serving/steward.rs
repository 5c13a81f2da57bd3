// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Which releases this node serves, and how far it is with each.
//!
//! A release that fits a rule is fetched and tried, one after another. Those that run here are what
//! the node wishes to serve; the off-chain worker announces the difference to what the chain says.
//! What cannot be fetched, or failed for what may pass, is tried again, ever less often; what is
//! refused stays so until the node starts anew, since file and manifest of a release never change.
//!
//! Until everything has been tried once, nothing is said: a node that starts would else withdraw
//! what it served before. So what was never tried comes first.

use jurat_primitives::{ContentHash, ModelId, ReleaseId};
use jurat_runtime::Hash;
use parking_lot::Mutex;
use std::{
	collections::{BTreeMap, BTreeSet},
	sync::Arc,
	time::{Duration, Instant},
};

use super::{
	LOG_TARGET,
	catalogue::{Catalogue, Changes, Offer},
	policy::Rule,
};

/// Time until the second attempt to fetch a file; each further one waits twice as long.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest time between two attempts.
const LONGEST_PATIENCE: Duration = Duration::from_secs(15 * 60);
/// Blocks after which the whole catalogue is read again, whatever happened.
const SURVEY: u32 = 1_000;

/// How far the node is with a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
	/// Its turn has not come.
	Waiting,
	/// Its file is being fetched, or it is being tried.
	Trying,
	/// Runs here: announced, or about to be.
	Ready {
		/// Time of a run on the largest inputs, in microseconds.
		micros: u64,
	},
	/// Its file is not to be had now, or it failed for what may pass.
	Missing {
		/// Why.
		reason: String,
	},
	/// Does not run here.
	Refused {
		/// Why.
		reason: String,
	},
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried {
	/// It runs, in so many microseconds.
	Runs(u64),
	/// Its file is not to be had now, or it failed for what may pass.
	Missing(String),
	/// Its file is not here yet, but more of it than before.
	Coming(String),
	/// It does not run here.
	Refused(String),
}

/// A release that fits the policy.
#[derive(Clone, Debug)]
struct Entry {
	offer: Arc<Offer>,
	stage: Stage,
	/// Attempts so far that brought it no further; 0: there was none.
	attempts: u32,
	/// When it may be tried again.
	due: Instant,
}

/// What is shown of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
	/// Which.
	pub release: ReleaseId,
	/// The model's name.
	pub name: String,
	/// The file.
	pub content: ContentHash,
	/// Its size in bytes.
	pub size: u64,
	/// How far the node is.
	pub stage: Stage,
}

/// What others may read at any time.
pub type Board = Arc<Mutex<Vec<Shown>>>;

/// Keeps the list of what is served.
pub struct Steward<C> {
	catalogue: C,
	rules: Vec<Rule>,
	limit: usize,
	entries: BTreeMap<ReleaseId, Entry>,
	/// Blocks until the next survey; `None`: there was none yet.
	survey_in: Option<u32>,
	/// Every release was tried once.
	complete: bool,
	board: Board,
}

impl<C: Catalogue> Steward<C> {
	/// Serves what fits one of the rules.
	pub fn new(catalogue: C, rules: Vec<Rule>, limit: usize, board: Board) -> Self {
		let (entries, survey_in, complete) = (BTreeMap::new(), None, false);
		Self { catalogue, rules, limit, entries, survey_in, complete, board }
	}

	/// Reads the whole catalogue, in a block that cannot be undone.
	pub fn survey(&mut self, at: Hash) {
		if self.read(at) {
			self.survey_in = Some(SURVEY);
		} else if let Some(left) = &mut self.survey_in {
			// Again with the next block.
			*left = 0;
		}
		self.show();
	}

	/// Whether the whole catalogue could be read.
	fn read(&mut self, at: Hash) -> bool {
		let models = match self.catalogue.models(at) {
			Ok(models) => models,
			Err(error) => {
				log::debug!(target: LOG_TARGET, "no catalogue: {error}");
				return false;
			},
		};
		let known: BTreeSet<ModelId> = self.entries.keys().map(|release| release.model).collect();
		let there: BTreeSet<ModelId> = models.into_iter().collect();
		known.difference(&there).for_each(|model| self.offers(*model, Vec::new()));
		there.into_iter().all(|model| self.refresh(at, model))
	}

	/// Takes in a block that cannot be undone, the one after the last that was taken in.
	pub fn block(&mut self, at: Hash) {
		let Some(left @ 1..) = self.survey_in else { return self.survey(at) };
		self.survey_in = Some(left - 1);
		match self.catalogue.changes(at) {
			Changes::Unknown => self.survey(at),
			Changes::Models(models) if models.is_empty() => {},
			Changes::Models(models) => {
				if !models.into_iter().all(|model| self.refresh(at, model)) {
					self.survey_in = Some(0);
				}
				self.show();
			},
		}
	}

	fn refresh(&mut self, at: Hash, model: ModelId) -> bool {
		match self.catalogue.model(at, model) {
			Ok(offers) => {
				self.offers(model, offers);
				true
			},
			Err(error) => {
				log::debug!(target: LOG_TARGET, "model {model}: {error}");
				false
			},
		}
	}

	/// Takes in what a model offers.
	fn offers(&mut self, model: ModelId, offers: Vec<Offer>) {
		let fitting: BTreeMap<_, _> = offers
			.into_iter()
			.filter(|offer| offer.in_use && self.rules.iter().any(|rule| rule.fits(offer)))
			.map(|offer| (offer.release, offer))
			.collect();
		self.entries.retain(|release, entry| {
			let keep = release.model != model || fitting.contains_key(release);
			if !keep {
				let name = label(&entry.offer);
				tracing::info!(target: LOG_TARGET, %release, "{name} is not served any more");
			}
			keep
		});
		for (release, offer) in fitting {
			let offer = Arc::new(offer);
			self.entries
				.entry(release)
				.and_modify(|entry| {
					// What was not to be had may be somewhere else now.
					if entry.offer.mirrors != offer.mirrors {
						entry.due = Instant::now();
					}
					entry.offer = offer.clone();
				})
				.or_insert_with(|| {
					let (stage, due) = (Stage::Waiting, Instant::now());
					Entry { offer, stage, attempts: 0, due }
				});
		}
	}

	/// The next release to try, if one is due. It is being tried from then on.
	pub fn next(&mut self, now: Instant) -> Option<Arc<Offer>> {
		// Before the first survey nothing is known.
		self.survey_in?;
		self.settle();
		if !self.has_room() {
			return None;
		}
		// What was never tried goes first, for until then the node says nothing. Then who has waited
		// longest, so that nobody whose file is never there keeps others waiting.
		let due = self.entries.values_mut().filter(|entry| {
			matches!(entry.stage, Stage::Waiting | Stage::Missing { .. }) && entry.due <= now
		});
		let entry = due.min_by_key(|entry| (entry.attempts > 0, entry.due))?;
		entry.stage = Stage::Trying;
		let offer = entry.offer.clone();
		self.show();
		Some(offer)
	}

	/// Takes in what came of a try.
	pub fn tried(&mut self, offer: &Offer, tried: Tried, now: Instant) {
		// It may have been withdrawn meanwhile.
		let Some(entry) = self.entries.get_mut(&offer.release) else { return };
		let (name, release) = (label(offer), offer.release);
		entry.attempts = match tried {
			Tried::Coming(_) => 1,
			_ => entry.attempts.saturating_add(1),
		};
		entry.stage = match tried {
			Tried::Runs(micros) => {
				tracing::info!(target: LOG_TARGET, %release, micros, "{name} runs here");
				Stage::Ready { micros }
			},
			Tried::Missing(reason) | Tried::Coming(reason) => {
				let attempts = entry.attempts;
				// Its owner has said meanwhile that it is somewhere else.
				let moved = entry.offer.mirrors != offer.mirrors;
				let wait = if moved { Duration::ZERO } else { patience(attempts) };
				entry.due = now + wait;
				let seconds = wait.as_secs();
				tracing::info!(
					target: LOG_TARGET, %release, attempts, "{name}: {reason}; again in {seconds} s",
				);
				Stage::Missing { reason }
			},
			Tried::Refused(reason) => {
				tracing::warn!(target: LOG_TARGET, %release, "{name} is not served: {reason}");
				Stage::Refused { reason }
			},
		};
		self.settle();
		self.show();
	}

	/// Remembers whether all that fits was tried once, whatever is due again since.
	fn settle(&mut self) {
		let tried = self.entries.values().all(|entry| entry.attempts > 0);
		self.complete = self.complete || (self.survey_in.is_some() && (tried || !self.has_room()));
	}

	/// Whether one more may be served.
	fn has_room(&self) -> bool {
		self.ready().count() < self.limit
	}

	/// What the node wishes to serve, once it knows.
	pub fn wish(&self) -> Option<BTreeSet<ReleaseId>> {
		self.complete.then(|| self.ready().map(|(release, _)| *release).collect())
	}

	/// The files of what is served or being tried; and until all was tried once, of what waits, as far
	/// as there may be room: the chain may say of it that it is here.
	pub fn files(&self) -> BTreeSet<ContentHash> {
		let of = |which: fn(&Stage) -> bool| {
			let entries = self.entries.values().filter(move |entry| which(&entry.stage));
			entries.map(|entry| entry.offer.content)
		};
		let mut files: BTreeSet<_> =
			of(|stage| matches!(stage, Stage::Trying | Stage::Ready { .. })).collect();
		if !self.complete {
			for file in of(|stage| *stage == Stage::Waiting) {
				if files.len() >= self.limit {
					break;
				}
				files.insert(file);
			}
		}
		files
	}

	fn ready(&self) -> impl Iterator<Item = (&ReleaseId, &Entry)> {
		self.entries.iter().filter(|(_, entry)| matches!(entry.stage, Stage::Ready { .. }))
	}

	fn show(&self) {
		let shown = self.entries.iter().map(|(release, Entry { offer, stage, .. })| Shown {
			release: *release,
			name: offer.name.clone(),
			content: offer.content,
			size: offer.size,
			stage: stage.clone(),
		});
		*self.board.lock() = shown.collect();
	}
}

/// How long to wait after so many attempts.
fn patience(attempts: u32) -> Duration {
	let doublings = attempts.saturating_sub(1).min(16);
	PATIENCE.saturating_mul(1 << doublings).min(LONGEST_PATIENCE)
}

fn label(offer: &Offer) -> String {
	format!("{}@{}", offer.name, offer.release.version)
}

#[cfg(test)]
mod tests {
	use super::{
		super::testing::{Table, offer},
		*,
	};

	fn steward(rules: &[&str], limit: usize, offers: Vec<Offer>) -> (Steward<Table>, Table) {
		let table = Table::default();
		*table.offers.lock() = offers;
		let rules = rules.iter().map(|rule| rule.parse().unwrap()).collect();
		(Steward::new(table.clone(), rules, limit, Board::default()), table)
	}

	fn at() -> Hash {
		Hash::zero()
	}

	/// Tries what is due until nothing is.
	fn try_all(steward: &mut Steward<Table>, now: Instant, of: impl Fn(&Offer) -> Tried) -> usize {
		let mut count = 0;
		while let Some(offer) = steward.next(now) {
			let tried = of(&offer);
			steward.tried(&offer, tried, now);
			count += 1;
		}
		count
	}

	#[test]
	fn nothing_is_wished_before_all_was_tried() {
		let (mut steward, _) = steward(&["all"], 9, vec![offer(0, "a", 1), offer(1, "b", 1)]);
		let now = Instant::now();
		assert_eq!((steward.next(now).map(|_| ()), steward.wish()), (None, None));
		steward.block(at());
		let first = steward.next(Instant::now()).unwrap();
		steward.tried(&first, Tried::Runs(5), Instant::now());
		assert_eq!(steward.wish(), None);
		assert_eq!(try_all(&mut steward, Instant::now(), |_| Tried::Refused("no".into())), 1);
		assert_eq!(steward.wish(), Some([first.release].into()));
		assert_eq!(steward.files(), [first.content].into());
	}

	#[test]
	fn what_is_missing_is_tried_again_ever_less_often_and_what_is_refused_is_not() {
		let (mut steward, _) = steward(&["all"], 9, vec![offer(0, "a", 1), offer(1, "b", 1)]);
		steward.block(at());
		let verdict = |offer: &Offer| match offer.release.model {
			0 => Tried::Missing("nobody has it".into()),
			_ => Tried::Refused("it does not load".into()),
		};
		let mut now = Instant::now();
		assert_eq!(try_all(&mut steward, now, verdict), 2);
		assert_eq!(steward.wish(), Some(BTreeSet::new()));
		for seconds in [5, 10, 20, 40] {
			now += Duration::from_secs(seconds - 1);
			assert_eq!(try_all(&mut steward, now, verdict), 0, "{seconds}");
			now += Duration::from_secs(1);
			assert_eq!(try_all(&mut steward, now, verdict), 1, "{seconds}");
		}
		now += LONGEST_PATIENCE;
		assert_eq!(try_all(&mut steward, now, |_| Tried::Runs(1)), 1);
		assert_eq!(steward.wish().unwrap().len(), 1);
	}

	#[test]
	fn releases_come_and_go_with_the_chain() {
		let (mut steward, table) = steward(&["max-size=9"], 9, vec![offer(0, "a", 1)]);
		steward.block(at());
		try_all(&mut steward, Instant::now(), |_| Tried::Runs(1));
		assert_eq!(steward.wish().unwrap().len(), 1);

		// One that fits, and one that does not.
		table.offers.lock().extend([offer(1, "b", 9), offer(2, "c", 10)]);
		table.touch([1, 2]);
		steward.block(at());
		assert_eq!(try_all(&mut steward, Instant::now(), |_| Tried::Runs(1)), 1);
		assert_eq!(steward.wish().unwrap().len(), 2);

		// Deprecated, and nobody waits for an answer.
		table.offers.lock()[0].in_use = false;
		table.touch([0]);
		steward.block(at());
		assert_eq!(steward.wish(), Some([offer(1, "b", 9).release].into()));
		// Removed, in a block that cannot be read.
		table.offers.lock().clear();
		*table.changes.lock() = Changes::Unknown;
		steward.block(at());
		assert_eq!(steward.wish(), Some(BTreeSet::new()));
		assert!(steward.board.lock().is_empty());
	}

	#[test]
	fn what_is_missing_is_tried_at_once_when_its_owner_says_where_it_is() {
		let (mut steward, table) = steward(&["all"], 9, vec![offer(0, "a", 1)]);
		steward.block(at());
		let missing = |_: &Offer| Tried::Missing("nobody has it".into());
		// As if tried an hour from now: it is due later still.
		let later = Instant::now() + LONGEST_PATIENCE * 4;
		assert_eq!(try_all(&mut steward, later, missing), 1);
		assert_eq!(try_all(&mut steward, later, missing), 0);
		table.offers.lock()[0].mirrors = vec!["https://a.org".into()];
		table.touch([0]);
		steward.block(at());
		assert_eq!(try_all(&mut steward, later, |_| Tried::Runs(1)), 1);
	}

	#[test]
	fn no_more_is_served_than_the_limit() {
		let offers = (0..5).map(|model| offer(model, "m", 1)).collect();
		let (mut steward, table) = steward(&["all"], 2, offers);
		steward.block(at());
		assert_eq!(try_all(&mut steward, Instant::now(), |_| Tried::Runs(1)), 2);
		assert_eq!(steward.wish().unwrap().len(), 2);
		table.offers.lock().remove(0);
		table.touch([0]);
		steward.block(at());
		assert_eq!(try_all(&mut steward, Instant::now(), |_| Tried::Runs(1)), 1);
	}

	#[test]
	fn a_release_that_is_withdrawn_while_it_is_tried_is_forgotten() {
		let (mut steward, table) = steward(&["all"], 9, vec![offer(0, "a", 1)]);
		steward.block(at());
		let tried = steward.next(Instant::now()).unwrap();
		table.offers.lock().clear();
		table.touch([0]);
		steward.block(at());
		steward.tried(&tried, Tried::Runs(1), Instant::now());
		assert_eq!(try_all(&mut steward, Instant::now(), |_| Tried::Runs(1)), 0);
		assert_eq!(steward.wish(), Some(BTreeSet::new()));
	}

	#[test]
	fn releases_that_nobody_has_do_not_keep_the_node_from_saying_what_it_serves() {
		let offers = (0..4).map(|model| offer(model, "m", 1)).collect();
		let (mut steward, _) = steward(&["all"], 9, offers);
		steward.block(at());
		let mut now = Instant::now();
		// Each attempt lasts longer than any is to wait: something is due at all times.
		for round in 0..8 {
			assert_eq!(steward.wish().is_some(), round >= 4, "{round}");
			let tried = steward.next(now).unwrap();
			assert_eq!(tried.release.model, round % 4, "who has waited longest");
			now += LONGEST_PATIENCE * 2;
			let verdict = match tried.release.model {
				3 => Tried::Coming("half of it".into()),
				_ => Tried::Missing("nobody has it".into()),
			};
			steward.tried(&tried, verdict, now);
		}
		assert_eq!(steward.wish(), Some(BTreeSet::new()));
	}

	#[test]
	fn what_was_never_tried_goes_before_what_failed() {
		let (mut steward, table) = steward(&["all"], 9, vec![offer(0, "a", 1)]);
		steward.block(at());
		let now = Instant::now();
		let missing = |_: &Offer| Tried::Missing("nobody has it".into());
		assert_eq!(try_all(&mut steward, now, missing), 1);
		table.offers.lock().push(offer(1, "b", 1));
		table.touch([1]);
		steward.block(at());
		let later = now + LONGEST_PATIENCE;
		assert_eq!(steward.next(later).unwrap().release.model, 1);
	}

	#[test]
	fn a_retry_is_a_try_and_its_attempts_are_counted_on() {
		let (mut steward, _) = steward(&["all"], 9, vec![offer(0, "a", 1)]);
		steward.block(at());
		let mut now = Instant::now();
		for seconds in [5, 10, 20] {
			let tried = steward.next(now).unwrap();
			assert_eq!(steward.board.lock()[0].stage, Stage::Trying);
			assert_eq!(steward.files(), [tried.content].into());
			assert!(steward.next(now).is_none(), "it is being tried");
			steward.tried(&tried, Tried::Missing("nobody has it".into()), now);
			assert!(steward.files().is_empty());
			now += Duration::from_secs(seconds);
		}
		// What comes bit by bit is due again soon, however often.
		for _ in 0..9 {
			let tried = steward.next(now).unwrap();
			steward.tried(&tried, Tried::Coming("more of it".into()), now);
			assert!(steward.next(now).is_none());
			now += PATIENCE;
		}
		assert_eq!(try_all(&mut steward, now, |_| Tried::Runs(1)), 1);
	}

	#[test]
	fn until_all_was_tried_the_files_of_what_waits_are_kept_up_to_the_limit() {
		let offers = (0..5).map(|model| offer(model, "m", 1)).collect();
		let (mut steward, _) = steward(&["all"], 3, offers);
		steward.block(at());
		let file = |model| offer(model, "m", 1).content;
		assert_eq!(steward.files(), [file(0), file(1), file(2)].into());
		let first = steward.next(Instant::now()).unwrap();
		assert_eq!(steward.files(), [file(0), file(1), file(2)].into());
		steward.tried(&first, Tried::Refused("no".into()), Instant::now());
		assert_eq!(steward.files(), [file(1), file(2), file(3)].into());
		try_all(&mut steward, Instant::now(), |_| Tried::Runs(1));
		assert_eq!(steward.files(), [file(1), file(2), file(3)].into());
		assert_eq!(steward.wish().unwrap().len(), 3);
	}

	#[test]
	fn mirrors_that_are_named_during_a_try_are_asked_at_once() {
		let (mut steward, table) = steward(&["all"], 9, vec![offer(0, "a", 1)]);
		steward.block(at());
		let now = Instant::now();
		let tried = steward.next(now).unwrap();
		table.offers.lock()[0].mirrors = vec!["https://a.org".into()];
		table.touch([0]);
		steward.block(at());
		steward.tried(&tried, Tried::Missing("nobody has it".into()), now);
		let again = steward.next(now).unwrap();
		assert_eq!(again.mirrors, ["https://a.org"]);
		steward.tried(&again, Tried::Missing("nobody has it".into()), now);
		assert!(steward.next(now).is_none());
	}

	#[test]
	fn a_catalogue_that_could_not_be_read_is_read_with_the_next_block() {
		let (mut steward, table) = steward(&["all"], 9, Vec::new());
		steward.block(at());
		table.offers.lock().push(offer(0, "a", 1));
		*table.broken.lock() = true;
		steward.survey(at());
		assert!(steward.next(Instant::now()).is_none());
		// The next block says nothing of it.
		*table.broken.lock() = false;
		steward.block(at());
		assert_eq!(try_all(&mut steward, Instant::now(), |_| Tried::Runs(1)), 1);
	}
}
