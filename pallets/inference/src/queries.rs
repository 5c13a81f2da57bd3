// SPDX-License-Identifier: Apache-2.0
//! What others may ask of open requests.

use crate::{BalanceOf, Config, Contested, Inputs, Pallet, Requests, SeatsOf};
use frame_system::pallet_prelude::BlockNumberFor;
use jurat_primitives::{
	RequestId,
	traits::{JobSource, JobTerms, Releases},
	view::RequestView,
};

impl<T: Config> Pallet<T> {
	/// An open request. `panel`: the members of its panel, which are not this pallet's to know.
	pub fn request_view(
		id: RequestId,
		panel: SeatsOf<T>,
	) -> Option<RequestView<T::AccountId, BalanceOf<T>, BlockNumberFor<T>>> {
		let request = Requests::<T>::get(id)?;
		Some(RequestView {
			request: id,
			digest: request.digest,
			requester: request.requester,
			release: request.release,
			options: request.options,
			stage: request.stage,
			due: request.due,
			deadline: request.deadline,
			escrow: request.escrow,
			escalates: request.escalates,
			requested_at: request.requested_at,
			panel,
		})
	}
}

impl<T: Config> Pallet<T> {
	/// The block before which a request on which a panel disagreed may be escalated. `None` if it
	/// may not be.
	pub fn contestable_until(id: RequestId) -> Option<BlockNumberFor<T>> {
		let now = frame_system::Pallet::<T>::block_number();
		Contested::<T>::get(id)
			.filter(|contested| contested.escalation.is_none() && now < contested.until)
			.map(|contested| contested.until)
	}
}

impl<T: Config> JobSource for Pallet<T> {
	fn job(id: RequestId) -> Option<JobTerms> {
		let request = Requests::<T>::get(id)?;
		let release = T::Releases::terms(request.release)?;
		Some(JobTerms {
			content: request.content,
			size: release.size,
			manifest: release.manifest,
			input: Inputs::<T>::get(id)?,
		})
	}
}
