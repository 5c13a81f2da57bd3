// SPDX-License-Identifier: Apache-2.0
//! Benchmarks: what each block does, each question, each end of one, each answer, at their worst.

use super::{Pallet as Custody, *};
use crate::asking::Draw;
use frame_benchmarking::v2::*;
use frame_support::{BoundedVec, traits::Get};
use frame_system::RawOrigin;
use jurat_primitives::{
	crypto::AttestationSignature,
	custody::{
		CHUNK_BYTES, ChunkProof, Custodian, Custodians, MAX_SIBLINGS, Question, ReleaseFile,
		ReleaseFiles,
	},
	limits::MAX_MODEL_BYTES,
};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::H256;
use sp_runtime::Saturating;

/// A file of this size, and the proof of one of its chunks. The rest of it is whatever has these
/// siblings.
fn file(size: u64, siblings: u32) -> Result<(ReleaseFile, ChunkProof), BenchmarkError> {
	let proof = ChunkProof {
		bytes: BoundedVec::truncate_from(alloc::vec![7; CHUNK_BYTES as usize]),
		siblings: BoundedVec::truncate_from(alloc::vec![[9; 32]; siblings as usize]),
	};
	let content = proof.root(size, 0).map_err(|_| "the proof is of this depth")?;
	Ok((ReleaseFile { content, size }, proof))
}

/// The worst that can be asked, and how to answer it.
fn ask<T: Config>(
	file: ReleaseFile,
) -> Result<(Custodian<T::AccountId>, BlockNumberFor<T>), BenchmarkError> {
	let published = ReleaseFile { size: file.size.min(MAX_MODEL_BYTES), ..file };
	let release = T::Files::benchmark_file(published);
	let custodian = T::Custodians::benchmark_custodian(release);
	let asked = frame_system::Pallet::<T>::block_number();
	let until = asked.saturating_add(10u32.into());
	let session = T::Custodians::session();
	let key = custodian.key.clone();
	let question = Question { release, file, chunk: 0, key, session, asked, until };
	Questions::<T>::insert(&custodian.attester, question);
	Deadlines::<T>::insert(until, &custodian.attester, ());
	Records::<T>::mutate(&custodian.attester, |record| record.asked = 1);
	Ok((custodian, until))
}

/// An answer of the largest depth that can be proved, to an open question.
fn answer<T: Config>() -> Result<(Proof<T::AccountId>, AttestationSignature), BenchmarkError> {
	let size = u64::from(CHUNK_BYTES) << MAX_SIBLINGS;
	let (file, answer) = file(size, MAX_SIBLINGS)?;
	let (Custodian { attester, key, .. }, _) = ask::<T>(file)?;
	let Question { release, session, chunk, .. } =
		Questions::<T>::get(&attester).ok_or("it is open")?;
	let proof = Proof { attester, session, release, chunk, answer };
	let payload = proof.signing_payload(&Custody::<T>::genesis());
	let signature = key.sign(&payload).ok_or("the keystore has the key")?;
	Ok((proof, signature))
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// What each block does in any case.
	#[benchmark]
	fn on_initialize() {
		let now = frame_system::Pallet::<T>::block_number();
		let randomness = H256::repeat_byte(3);
		let _ = T::Files::benchmark_file(ReleaseFile { content: Default::default(), size: 1 });
		let draws;
		#[block]
		{
			Custody::<T>::expire(now, &mut frame_support::weights::WeightMeter::new());
			let _ = <T::Randomness as jurat_primitives::traits::BlockRandomness>::current();
			draws = Custody::<T>::draws(&randomness);
		}
		assert!(draws <= T::MaxQuestions::get());
	}

	/// A block whose deadlines are all served, while something else is open.
	#[benchmark]
	fn look() -> Result<(), BenchmarkError> {
		let (file, _) = file(MAX_MODEL_BYTES, 21)?;
		let (custodian, until) = ask::<T>(file)?;
		let now = frame_system::Pallet::<T>::block_number();
		NextDeadline::<T>::put(now);
		#[block]
		{
			Custody::<T>::expire(now, &mut frame_support::weights::WeightMeter::new());
		}
		assert!(NextDeadline::<T>::get() > now && until > now);
		assert!(Questions::<T>::contains_key(custodian.attester));
		Ok(())
	}

	/// One that serves as much as it may, the last of a full roster.
	#[benchmark]
	fn ask_one() -> Result<(), BenchmarkError> {
		let (file, _) = file(MAX_MODEL_BYTES, 21)?;
		let release = T::Files::benchmark_file(file);
		let custodian = T::Custodians::benchmark_custodian(release);
		let now = frame_system::Pallet::<T>::block_number();
		let count = u64::from(T::Custodians::count());
		let place = |release| custodian.serves.iter().position(|other| *other == release);
		let draw =
			Draw::of(count.saturating_sub(1), place(release).ok_or("it serves it")? as u64, 77);
		#[block]
		{
			let _ = Custody::<T>::ask_one(now, &draw);
		}
		assert_eq!(Questions::<T>::get(custodian.attester).map(|q| q.release), Some(release));
		Ok(())
	}

	/// It pays, and is the last in the list of those who serve the release.
	#[benchmark]
	fn expire_one() -> Result<(), BenchmarkError> {
		let (file, _) = file(MAX_MODEL_BYTES, 21)?;
		let (Custodian { attester, .. }, until) = ask::<T>(file)?;
		#[block]
		{
			Custody::<T>::expire_one(until, &attester);
		}
		assert_eq!(Records::<T>::get(attester).failed, 1);
		Ok(())
	}

	#[benchmark]
	fn prove() -> Result<(), BenchmarkError> {
		let (proof, signature) = answer::<T>()?;
		let attester = proof.attester.clone();
		#[extrinsic_call]
		_(RawOrigin::Authorized, proof, signature);
		assert_eq!(Records::<T>::get(attester).proved, 1);
		Ok(())
	}

	#[benchmark]
	fn authorize_prove() -> Result<(), BenchmarkError> {
		let (proof, signature) = answer::<T>()?;
		let result;
		#[block]
		{
			result = Custody::<T>::authorize_prove(&proof, &signature);
		}
		assert!(result.is_ok());
		Ok(())
	}

	impl_benchmark_test_suite!(Custody, crate::benchmarking::ext(), crate::mock::Test);
}

/// Externalities for the benchmarks as tests: with a keystore.
#[cfg(test)]
pub(crate) fn ext() -> sp_io::TestExternalities {
	let mut ext = crate::mock::ExtBuilder.build();
	ext.register_extension(sp_keystore::KeystoreExt::new(
		sp_keystore::testing::MemoryKeystore::new(),
	));
	ext
}
