// SPDX-License-Identifier: Apache-2.0
//! What must hold of Jurat's own state, and between its pallets.

use alloc::collections::{BTreeMap, BTreeSet};

use frame_support::ensure;
use jurat_primitives::ReleaseId;
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
	panels_belong_to_open_requests()?;
	releases_know_who_uses_and_who_serves_them()
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

/// Each release counts its open requests, and the attesters that announce it, as they are.
fn releases_know_who_uses_and_who_serves_them() -> Result<(), TryRuntimeError> {
	let mut users = BTreeMap::<ReleaseId, u32>::new();
	for request in pallet_inference::Requests::<Runtime>::iter_values() {
		let count = users.entry(request.release).or_default();
		*count = count.saturating_add(1);
	}
	let mut servers = BTreeMap::<ReleaseId, u32>::new();
	for (release, attesters) in pallet_attestation::Servers::<Runtime>::iter() {
		servers.insert(release, attesters.len() as u32);
	}
	for (model, version, record) in pallet_models::Releases::<Runtime>::iter() {
		let release = ReleaseId { model, version };
		let counted = users.remove(&release).unwrap_or_default();
		ensure!(record.users == counted, "a release miscounts its open requests");
		let announced = servers.remove(&release).unwrap_or_default();
		ensure!(record.servers == announced, "a release miscounts its attesters");
	}
	ensure!(users.is_empty(), "a request of a release that does not exist");
	ensure!(
		servers.values().all(|count| *count == 0),
		"attesters of a release that does not exist"
	);
	Ok(())
}
