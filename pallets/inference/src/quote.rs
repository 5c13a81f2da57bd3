// SPDX-License-Identifier: Apache-2.0
//! What a request costs.
//!
//! One function makes the terms, one makes the sum: a quote, an escrow and a bill all come from
//! them, so that they cannot differ. Sums saturate; a saturated quote is more than anybody can have
//! free, so it is never held.

use crate::{BalanceOf, Config, FeeTerms, Pallet};
use jurat_primitives::{
	Assurance, ReleaseId,
	request::Quote,
	traits::{ReleaseTerms, Releases},
};
use sp_core::Get;
use sp_runtime::{SaturatedConversion, Saturating, traits::AtLeast32BitUnsigned};

impl<Balance: AtLeast32BitUnsigned + Copy> FeeTerms<Balance> {
	/// The protocol's share of what attesters and owner get, rounded up.
	pub fn protocol(&self, attesters: Balance, royalty: Balance) -> Balance {
		self.cut.mul_ceil(attesters.saturating_add(royalty))
	}

	/// What a request costs if so many attesters agree: at most this for a panel of that size.
	pub fn quote(&self, attesters: u8) -> Quote<Balance> {
		let paid = self.per_attester.saturating_mul(attesters.into());
		let protocol = self.protocol(paid, self.royalty);
		Quote {
			per_attester: self.per_attester,
			attesters: paid,
			royalty: self.royalty,
			protocol,
			total: paid.saturating_add(self.royalty).saturating_add(protocol),
		}
	}
}

impl<T: Config> Pallet<T> {
	/// The prices of a request included now.
	pub(crate) fn fee_terms(
		release: &ReleaseTerms<T::AccountId, BalanceOf<T>>,
		input_size: u64,
	) -> FeeTerms<BalanceOf<T>> {
		let compute = T::ComputePrice::get().saturating_mul(release.manifest.compute_units.into());
		// What has to be fetched, and what the chain has to keep for a while.
		let input = T::BytePrice::get().saturating_mul(input_size.saturated_into());
		let bound = release.manifest.output_bound();
		let output = T::OutputBytePrice::get().saturating_mul(bound.into());
		FeeTerms {
			per_attester: T::BaseFee::get()
				.saturating_add(compute)
				.saturating_add(input)
				.saturating_add(output),
			royalty: release.royalty,
			cut: T::ProtocolCut::get(),
		}
	}

	pub(crate) fn do_quote(
		release: ReleaseId,
		assurance: Assurance,
		input_size: u64,
	) -> Option<Quote<BalanceOf<T>>> {
		if !assurance.is_sound() {
			return None;
		}
		let Assurance::Quorum { size, .. } = assurance;
		let release = T::Releases::terms(release)?;
		Some(Self::fee_terms(&release, input_size).quote(size))
	}
}
