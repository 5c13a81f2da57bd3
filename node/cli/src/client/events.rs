// SPDX-License-Identifier: Apache-2.0
//! Events.

use super::{AccountId32, Balance, ChainConfig, decode};
use crate::error::{Error, Result};
use codec::Decode;
use jurat_primitives::{ReleaseId, RequestDigest, RequestId};
use subxt::{
	ArcMetadata,
	error::{DispatchError, EventsError},
	events::{Event, Phase},
};

/// An event of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainEvent {
	/// The pallet that gave it.
	pub pallet: String,
	/// Its name.
	pub name: String,
	/// Its fields, in SCALE.
	pub fields: Vec<u8>,
	/// The transaction that caused it, by its place in the block.
	pub extrinsic: Option<u32>,
}

impl ChainEvent {
	pub(super) fn read(event: Result<Event<'_, ChainConfig>, EventsError>) -> Result<Self> {
		let event = event.map_err(|error| decode("an event", error))?;
		Ok(Self {
			pallet: event.pallet_name().into(),
			name: event.event_name().into(),
			fields: event.field_bytes().to_vec(),
			extrinsic: match event.phase() {
				Phase::ApplyExtrinsic(index) => Some(index),
				_ => None,
			},
		})
	}

	/// Whether it is this event of this pallet.
	pub fn is(&self, pallet: &str, name: &str) -> bool {
		self.pallet == pallet && self.name == name
	}

	/// Its first fields.
	pub fn fields<T: Decode>(&self) -> Result<T> {
		T::decode(&mut self.fields.as_slice())
			.map_err(|error| decode(&format!("event {}.{}", self.pallet, self.name), error))
	}
}

/// A request as its event tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Decode)]
pub struct Requested {
	/// Its number.
	pub request: RequestId,
	/// Who pays.
	pub requester: AccountId32,
	/// What was asked.
	pub release: ReleaseId,
	/// What the request is, on whichever fork.
	pub digest: RequestDigest,
	/// Held for it.
	pub escrow: Balance,
}

/// A request that a larger panel is to decide, as its event tells of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Decode)]
pub struct Escalated {
	/// The request on which a panel disagreed.
	pub request: RequestId,
	/// The request that decides.
	pub escalation: RequestId,
}

/// The escalation that a transaction asked for, by its events.
pub fn escalated(events: &[ChainEvent]) -> Result<Escalated> {
	let event = events.iter().find(|event| event.is("Inference", "Escalated"));
	event.ok_or(Error::NoEvent("Inference.Escalated"))?.fields()
}

/// The requests that a transaction made, by its events.
pub fn requested(events: &[ChainEvent]) -> Result<Vec<Requested>> {
	events.iter().filter(|event| event.is("Inference", "Requested")).map(|e| e.fields()).collect()
}

/// The chain's name for a dispatch error, as `Pallet::Error`, and what it says of it.
pub(super) fn explain(bytes: &[u8], metadata: ArcMetadata) -> (String, String) {
	match DispatchError::decode_from(bytes, metadata) {
		Ok(DispatchError::Module(error)) => match error.details() {
			Ok(details) => {
				let docs: Vec<_> = details.variant.docs.iter().map(|line| line.trim()).collect();
				(error.details_string(), docs.join(" ").trim().trim_end_matches('.').into())
			},
			Err(_) => (error.details_string(), String::new()),
		},
		Ok(other) => {
			let name = format!("{other:?}");
			(name.replace(['(', ')'], " ").trim().replace("  ", " "), other.to_string())
		},
		Err(error) => ("an error that cannot be read".into(), error.to_string()),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use codec::Encode;
	use jurat_primitives::Version;

	fn event(name: &str, fields: Vec<u8>) -> ChainEvent {
		ChainEvent { pallet: "Inference".into(), name: name.into(), fields, extrinsic: Some(1) }
	}

	#[test]
	fn the_requests_of_a_transaction_are_read_off_its_events_in_order() {
		let release = ReleaseId { model: 3, version: Version { major: 1, minor: 0 } };
		let fields = |request: RequestId| {
			let digest = RequestDigest::repeat_byte(5);
			(request, AccountId32([7; 32]), release, digest, 9 as Balance).encode()
		};
		let events = [
			event("Requested", fields(8)),
			event("PanelDrawn", vec![1, 2, 3]),
			event("Requested", fields(9)),
		];
		let requests = requested(&events).unwrap();
		assert_eq!(requests.iter().map(|r| r.request).collect::<Vec<_>>(), [8, 9]);
		assert_eq!((requests[0].release, requests[0].escrow), (release, 9));
		let escalation = event("Escalated", (8u64, 9u64).encode());
		let expected = Escalated { request: 8, escalation: 9 };
		assert_eq!(escalated(&[event("Requested", fields(9)), escalation]).unwrap(), expected);
		let error = escalated(&events).unwrap_err().to_string();
		assert!(error.contains("Inference.Escalated"), "{error}");
		let error = requested(&[event("Requested", vec![1])]).unwrap_err();
		assert!(error.to_string().contains("different versions"), "{error}");
	}
}
