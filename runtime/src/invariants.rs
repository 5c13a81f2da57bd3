// SPDX-License-Identifier: Apache-2.0
//! What must hold of Jurat's own state, and between its pallets.

use alloc::collections::BTreeSet;

use frame_support::ensure;
use sp_runtime::TryRuntimeError;

use crate::{Attestation, Custody, Inference, Models, Rewards, Runtime};

/// Checks every invariant of Jurat's pallets and those between them. Reads the whole state of
/// these pallets: for tests and for whoever wants to audit a live chain, not for blocks.
pub fn check() -> Result<(), TryRuntimeError> {
	Models::do_try_state()?;
	Attestation::do_try_state()?;
	Inference::do_try_state()?;
	Rewards::do_try_state()?;
	Custody::do_try_state()?;
	panels_belong_to_open_requests()
}

/// Each panel is that of an open request whose panel is drawn, and the other way round.
fn panels_belong_to_open_requests() -> Result<(), TryRuntimeError> {
	use jurat_primitives::view::Stage;
	let panels: BTreeSet<_> = pallet_attestation::OpenPanels::<Runtime>::iter_keys().collect();
	let assigned: BTreeSet<_> = pallet_inference::Requests::<Runtime>::iter()
		.filter(|(_, request)| request.stage != Stage::Pending)
		.map(|(number, _)| number)
		.collect();
	ensure!(panels == assigned, "panels and assigned requests differ");
	for (number, panel) in pallet_attestation::OpenPanels::<Runtime>::iter() {
		let request = pallet_inference::Requests::<Runtime>::get(number)
			.ok_or("a panel without a request")?;
		ensure!(panel.digest == request.digest, "a panel works on another request's digest");
	}
	Ok(())
}
