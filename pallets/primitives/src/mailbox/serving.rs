// SPDX-License-Identifier: Apache-2.0
//! What the node wants to serve, for the off-chain worker of `pallet-attestation`, which announces
//! it.
//!
//! The node writes it whenever it changes, the worker reads it with each block and announces what
//! differs from what the chain says. Without a wish the worker announces nothing: the operator does
//! so by hand.

use crate::{ids::ReleaseId, limits::MaxServed};
use alloc::vec::Vec;
use codec::{Decode, Encode};
use frame_support::BoundedVec;
use sp_runtime::offchain::storage::StorageValueRef;

/// Releases that the node wants to serve: those that it has admitted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct ServingWish {
	/// All of them. What the chain knows beyond is to be stopped.
	pub releases: BoundedVec<ReleaseId, MaxServed>,
}

/// Key of the [`ServingWish`].
pub fn wish_key() -> Vec<u8> {
	b"jurat/mailbox/v1/serving".to_vec()
}

/// What the node wants to serve. `None`: the operator announces by hand. A record that can not be
/// read is none.
pub fn wish() -> Option<ServingWish> {
	StorageValueRef::persistent(&wish_key()).get().ok().flatten()
}

/// Says what the node wants to serve. For tests: a node writes the same bytes under [`wish_key`].
pub fn set_wish(wish: Option<&ServingWish>) {
	match wish {
		Some(wish) => StorageValueRef::persistent(&wish_key()).set(wish),
		None => StorageValueRef::persistent(&wish_key()).clear(),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::{ids::Version, limits::MAX_SERVED};
	use sp_core::offchain::{OffchainDbExt, testing::TestOffchainExt};

	fn release(model: u32) -> ReleaseId {
		ReleaseId { model, version: Version { major: 1, minor: 0 } }
	}

	#[test]
	fn no_wish_is_told_from_an_empty_one_and_damage_is_none() {
		let mut ext = sp_io::TestExternalities::default();
		ext.register_extension(OffchainDbExt::new(TestOffchainExt::new().0));
		ext.execute_with(|| {
			assert_eq!(wish(), None);
			set_wish(Some(&ServingWish::default()));
			assert_eq!(wish(), Some(ServingWish::default()));
			let some = ServingWish { releases: vec![release(3)].try_into().unwrap() };
			set_wish(Some(&some));
			assert_eq!(wish(), Some(some));
			// More than anybody may serve is no wish.
			let many: Vec<_> = (0..=MAX_SERVED).map(release).collect();
			StorageValueRef::persistent(&wish_key()).set(&many);
			assert_eq!(wish(), None);
			set_wish(Some(&ServingWish::default()));
			set_wish(None);
			assert_eq!(wish(), None);
		});
	}
}
