// SPDX-License-Identifier: Apache-2.0
//! Digests and commitments. Every one is `blake2_256` over the SCALE encoding of a tuple that begins
//! with a domain separator, so that no digest of one kind can be one of another. The separator is a
//! byte *string*: in the encoding its compact length comes first (`0x40` for 16 bytes).

use crate::{
	answer::Answer,
	ids::{ContentHash, ReleaseId, RequestDigest},
};
use codec::Encode;
use sp_core::H256;

/// Random bytes that hide a committed answer. Without them, answers from a small set (class
/// labels) could be guessed from their digest.
pub type Salt = [u8; 32];

/// Digest of an answer.
pub type AnswerDigest = H256;

/// A salted, sender-bound digest of an answer.
pub type Commitment = H256;

fn digest(domain: &'static [u8], rest: impl Encode) -> H256 {
	(domain, rest).using_encoded(|bytes| H256(sp_io::hashing::blake2_256(bytes)))
}

/// A block hash of any chain as 32 bytes; shorter ones are filled up with zeros.
pub fn genesis_hash(hash: &impl AsRef<[u8]>) -> H256 {
	let mut genesis = [0u8; 32];
	genesis.iter_mut().zip(hash.as_ref()).for_each(|(to, from)| *to = *from);
	H256(genesis)
}

/// Digest of an answer: `blake2_256("jurat/answer/v1" ‖ answer)`.
pub fn answer_digest(answer: &Answer) -> AnswerDigest {
	digest(b"jurat/answer/v1", answer)
}

/// Digest of a request's input as the chain stores it: `blake2_256("jurat/input/v1" ‖ input)`.
pub fn input_digest(input: &impl Encode) -> H256 {
	digest(b"jurat/input/v1", input)
}

/// What a request is, on whichever fork:
/// `blake2_256("jurat/request/v1" ‖ genesis ‖ requester ‖ counter ‖ release ‖ content ‖ input
/// digest ‖ options)`, where `counter` numbers the requester's own requests.
pub fn request_digest<AccountId: Encode, Options: Encode>(
	genesis: &H256,
	requester: &AccountId,
	counter: u64,
	release: ReleaseId,
	content: ContentHash,
	input: H256,
	options: &Options,
) -> RequestDigest {
	digest(b"jurat/request/v1", (genesis, requester, counter, release, content, input, options))
}

/// The commitment: `blake2_256("jurat/commit/v1" ‖ genesis ‖ request ‖ attester ‖ answer digest ‖
/// salt)`. Bound to its sender, so that to copy another's commitment gains nothing.
pub fn commitment<AccountId: Encode>(
	genesis: &H256,
	request: &RequestDigest,
	attester: &AccountId,
	answer: &AnswerDigest,
	salt: &Salt,
) -> Commitment {
	digest(b"jurat/commit/v1", (genesis, request, attester, answer, salt))
}

/// The salt of an attester for a request: `blake2_256("jurat/salt/v1" ‖ seed ‖ request ‖
/// attester)`. `seed` is 32 random bytes that never leave the node. Derived rather than drawn, so
/// that a node that is killed between signing and writing uses the same salt again and cannot
/// equivocate.
pub fn derive_salt<AccountId: Encode>(
	seed: &[u8; 32],
	request: &RequestDigest,
	attester: &AccountId,
) -> Salt {
	digest(b"jurat/salt/v1", (seed, request, attester)).0
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::answer::JobFailure;

	#[test]
	fn a_commitment_depends_on_each_of_its_parts() {
		let answer = answer_digest(&Answer::Failure(JobFailure::RunFailed));
		let other = answer_digest(&Answer::Failure(JobFailure::TimedOut));
		assert_ne!(answer, other);
		let (g, r, h) = (H256([1; 32]), H256([2; 32]), H256([9; 32]));
		let base = commitment(&g, &r, &7u64, &answer, &[3; 32]);
		assert_ne!(base, commitment(&h, &r, &7u64, &answer, &[3; 32]));
		assert_ne!(base, commitment(&g, &h, &7u64, &answer, &[3; 32]));
		assert_ne!(base, commitment(&g, &r, &8u64, &answer, &[3; 32]));
		assert_ne!(base, commitment(&g, &r, &7u64, &other, &[3; 32]));
		assert_ne!(base, commitment(&g, &r, &7u64, &answer, &[4; 32]));
		assert_eq!(base, commitment(&g, &r, &7u64, &answer, &[3; 32]));
	}

	#[test]
	fn the_salt_is_the_same_after_a_restart_and_different_for_each_request() {
		let (r, s) = (H256([2; 32]), H256([3; 32]));
		assert_eq!(derive_salt(&[1; 32], &r, &7u64), derive_salt(&[1; 32], &r, &7u64));
		assert_ne!(derive_salt(&[1; 32], &r, &7u64), derive_salt(&[1; 32], &s, &7u64));
		assert_ne!(derive_salt(&[1; 32], &r, &7u64), derive_salt(&[1; 32], &r, &8u64));
		assert_ne!(derive_salt(&[1; 32], &r, &7u64), derive_salt(&[2; 32], &r, &7u64));
	}
}
