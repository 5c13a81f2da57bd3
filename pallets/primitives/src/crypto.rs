// SPDX-License-Identifier: Apache-2.0
//! The attestation session key: sr25519, key type `infr`.

use sp_core::crypto::KeyTypeId;

/// Key type of attestation keys in a node's keystore.
pub const ATTESTATION_KEY_TYPE: KeyTypeId = KeyTypeId(*b"infr");

mod app {
	use super::ATTESTATION_KEY_TYPE;
	use sp_application_crypto::{app_crypto, sr25519};

	app_crypto!(sr25519, ATTESTATION_KEY_TYPE);
}

sp_application_crypto::with_pair! {
	/// An attestation key pair.
	pub type AttestationPair = app::Pair;
}

/// A signature by an attestation key.
pub type AttestationSignature = app::Signature;

/// The public attestation key of a validator.
pub type AttestationId = app::Public;
