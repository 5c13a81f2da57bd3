// SPDX-License-Identifier: Apache-2.0
//! A request, from inclusion to settlement.
//!
//! A re-organisation may give a request another number. What stays is its digest; so whoever
//! submitted a request follows it by a [`Ticket`], which moves with the transaction.

use super::{
	BlockId, BlockNumber, Client, Included,
	events::{Requested, requested},
	reads::{Request, Settled},
	submit::News,
};
use crate::error::{Error, Result};
use jurat_primitives::{RequestDigest, RequestId};

/// Blocks after its deadline within which a request must have ended: the chain may put off what
/// does not fit into a block, and the client may be a block behind.
const GRACE: BlockNumber = 20;
/// Blocks for which a request may be in neither state, while forks are settled.
const LOST: u32 = 10;

/// What is seen of a request in a new best block.
#[derive(Clone, Debug)]
pub enum Step {
	/// It is open.
	Open {
		/// Where this was seen.
		block: BlockId,
		/// How it stands.
		view: Box<Request>,
	},
	/// It has ended.
	Settled {
		/// Where this was seen.
		block: BlockId,
		/// How.
		settlement: Box<Settled>,
	},
	/// A re-organisation gave it another number.
	Renumbered {
		/// The number before.
		from: RequestId,
		/// The number now.
		to: RequestId,
	},
}

/// A request that this client submitted.
pub struct Ticket {
	/// Its number, in the block that includes it now.
	pub request: RequestId,
	/// What it is, on whichever fork.
	pub digest: RequestDigest,
	/// The block that includes it.
	pub block: BlockId,
	/// Its place among the requests of its transaction.
	place: usize,
	included: Option<Included>,
}

impl Ticket {
	/// What the node says next of the transaction; never, once it says no more.
	async fn news(&mut self) -> Option<News> {
		match &mut self.included {
			Some(included) if included.is_watched() => included.news().await,
			_ => std::future::pending().await,
		}
	}

	/// Takes news in: the number that the request has now, if it is another one.
	async fn apply(&mut self, news: Option<News>) -> Result<Option<RequestId>> {
		let Some(included) = &mut self.included else { return Ok(None) };
		included.apply(news).await?;
		self.block = included.block;
		let requests = requested(&included.events)?;
		let before = self.request;
		if let Some(now) = requests.get(self.place) {
			self.request = now.request;
		}
		Ok((self.request != before).then_some(self.request))
	}
}

/// What is followed.
struct Trail {
	request: RequestId,
	digest: Option<RequestDigest>,
	deadline: Option<BlockNumber>,
	lost: u32,
}

impl Client {
	/// Tickets for the requests of a transaction, in the order of its inputs. Only the first is
	/// told of re-organisations; the others trust the block that includes them.
	pub fn tickets(&self, included: Included) -> Result<Vec<Ticket>> {
		let requests = requested(&included.events)?;
		let block = included.block;
		let mut included = Some(included);
		let ticket = |(place, requested): (usize, Requested)| Ticket {
			request: requested.request,
			digest: requested.digest,
			place,
			block,
			included: included.take(),
		};
		Ok(requests.into_iter().enumerate().map(ticket).collect())
	}

	/// The ticket for the only request of a transaction.
	pub fn ticket(&self, included: Included) -> Result<Ticket> {
		let ticket = self.tickets(included)?.into_iter().next();
		ticket.ok_or(Error::NoEvent("Inference.Requested"))
	}

	/// Waits for a request to end, through re-organisations. `on` hears of every new stage.
	pub async fn wait_for_ticket(
		&self,
		ticket: &mut Ticket,
		mut on: impl FnMut(&Step),
	) -> Result<Settled> {
		let mut trail =
			Trail { request: ticket.request, digest: Some(ticket.digest), deadline: None, lost: 0 };
		let mut blocks = self.best_blocks().await?;
		loop {
			tokio::select! {
				block = blocks.next() => {
					if let Some(settlement) = self.look(&mut trail, block?, &mut on).await? {
						return Ok(settlement);
					}
				},
				news = ticket.news() => {
					if let Some(to) = ticket.apply(news).await? {
						on(&Step::Renumbered { from: trail.request, to });
						(trail.request, trail.lost) = (to, 0);
					}
				},
			}
		}
	}

	/// Waits for a request to end. `on` hears of what is seen in each block.
	pub async fn wait_for_settlement(
		&self,
		request: RequestId,
		mut on: impl FnMut(&Step),
	) -> Result<Settled> {
		let mut trail = Trail { request, digest: None, deadline: None, lost: 0 };
		// What is neither open nor settled now is not worth waiting for.
		let best = self.best().await?;
		if let Some(settlement) = self.look(&mut trail, best, &mut on).await? {
			return Ok(settlement);
		}
		if trail.deadline.is_none() {
			return Err(Error::NoRequest(request));
		}
		let mut blocks = self.best_blocks().await?;
		loop {
			let block = blocks.next().await?;
			if let Some(settlement) = self.look(&mut trail, block, &mut on).await? {
				return Ok(settlement);
			}
		}
	}

	/// Looks for the request in one block.
	async fn look(
		&self,
		trail: &mut Trail,
		block: BlockId,
		on: &mut impl FnMut(&Step),
	) -> Result<Option<Settled>> {
		let request = trail.request;
		// Another request may have this number on this block's fork.
		let same = |digest| trail.digest.is_none_or(|expected| expected == digest);
		let at = Some(block.hash);
		if let Some(settlement) = self.settlement_at(request, at).await?
			&& same(settlement.digest)
		{
			on(&Step::Settled { block, settlement: Box::new(settlement.clone()) });
			return Ok(Some(settlement));
		}
		match self.request_at(request, at).await? {
			Some(view) if same(view.digest) => {
				(trail.lost, trail.deadline) = (0, Some(view.deadline));
				trail.digest = Some(view.digest);
				on(&Step::Open { block, view: Box::new(view) });
			},
			_ => trail.lost += 1,
		}
		match trail.deadline {
			_ if trail.lost > LOST => Err(Error::NoRequest(request)),
			Some(deadline) if block.number > deadline.saturating_add(GRACE) => {
				Err(Error::Overdue { request, deadline })
			},
			_ => Ok(None),
		}
	}
}
