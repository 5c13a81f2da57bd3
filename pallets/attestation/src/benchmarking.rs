// SPDX-License-Identifier: Apache-2.0
//! Benchmarks: each call, each authorisation, and the start of a session, at their worst.

use super::{Pallet as Attestation, *};
use crate::types::{Panel, PanelMember, Phase, RosterEntry};
use alloc::{vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{
	BoundedVec,
	traits::{
		Get,
		fungible::{Inspect, Mutate},
	},
};
use frame_system::RawOrigin;
use jurat_primitives::{
	Answer, ElementType, ReleaseId, RequestId,
	batch::{CommitBatch, CommitEntry, RevealBatch, RevealEntry, Revealed},
	commitment::{answer_digest, commitment},
	crypto::{AttestationId, AttestationSignature},
	limits::{MAX_BATCH, MAX_OUTPUT_EXACT, MAX_PANEL},
	tensor::{InlineTensor, NamedTensor, Tensors},
	traits::{Conduct, ServedReleases},
};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::H256;
use sp_runtime::Saturating;

const SALT: [u8; 32] = [7; 32];

fn origin<T: Config>(who: &T::AccountId) -> T::RuntimeOrigin {
	RawOrigin::Signed(who.clone()).into()
}

/// An account with money for ten bonds.
fn funded<T: Config>(name: &'static str, index: u32) -> T::AccountId {
	let who: T::AccountId = account(name, index, 0);
	let amount = T::MinBond::get()
		.saturating_mul(10u32.into())
		.saturating_add(T::Currency::minimum_balance());
	T::Currency::set_balance(&who, amount);
	who
}

fn key_of(index: u32) -> AttestationId {
	AttestationId::generate_pair(Some(alloc::format!("//attester{index}").into_bytes()))
}

/// A bonded validator.
fn validator<T: Config>(index: u32) -> (T::AccountId, AttestationId) {
	let who = funded::<T>("attester", index);
	let key = key_of(index);
	Roster::<T>::insert(&who, RosterEntry { key: key.clone(), stake: T::MinBond::get() });
	RosterIndex::<T>::mutate(|all| all.try_push(who.clone())).expect("few validators; qed");
	Attestation::<T>::bond(origin::<T>(&who), T::MinBond::get()).expect("funded; qed");
	(who, key)
}

/// Makes as many attesters as possible serve a release.
pub(crate) fn most_servers<T: Config>(release: ReleaseId) {
	servers::<T>(release, T::MaxServers::get().min(T::MaxValidators::get()));
}

/// Makes `size` attesters serve a release.
fn servers<T: Config>(release: ReleaseId, size: u32) {
	for index in 0..size {
		let (who, _) = validator::<T>(index);
		Servers::<T>::mutate(release, |all| all.try_push(who)).expect("few servers; qed");
	}
}

/// Lets every member of a panel commit to and reveal an answer; the n-th member the n-th.
pub(crate) fn reveal_all<T: Config>(request: RequestId, answers: Vec<Answer>) {
	OpenPanels::<T>::mutate(request, |slot| {
		let Some(panel) = slot else { return };
		panel.phase = Phase::Reveal(frame_system::Pallet::<T>::block_number());
		for (member, answer) in panel.members.iter_mut().zip(answers) {
			let digest = answer_digest(&answer);
			member.conduct = Conduct::Revealed(digest);
			Answers::<T>::insert(request, digest, answer);
		}
	});
}

/// `n` panels of the largest size, on each of which one attester is the last that is missing.
fn panels<T: Config>(
	n: u32,
	conduct: impl Fn(&T::AccountId, RequestId) -> Conduct,
) -> T::AccountId {
	let (who, key) = validator::<T>(0);
	let far = frame_system::Pallet::<T>::block_number().saturating_add(100u32.into());
	for request in 0..RequestId::from(n) {
		let mut members: Vec<_> = (1..MAX_PANEL)
			.map(|index| PanelMember {
				attester: account("other", index, 0),
				key: key.clone(),
				stake: T::MinBond::get(),
				conduct: Conduct::Committed(H256::zero()),
			})
			.collect();
		let mine = conduct(&who, request);
		members.push(PanelMember {
			attester: who.clone(),
			key: key.clone(),
			stake: T::MinBond::get(),
			conduct: mine,
		});
		let phase = if mine == Conduct::Silent { Phase::Commit(far) } else { Phase::Reveal(far) };
		OpenPanels::<T>::insert(
			request,
			Panel {
				digest: digest(request),
				threshold: (MAX_PANEL / 2 + 1) as u8,
				exact: true,
				phase,
				members: BoundedVec::truncate_from(members),
			},
		);
	}
	who
}

fn digest(request: RequestId) -> H256 {
	H256(sp_io::hashing::blake2_256(&request.to_le_bytes()))
}

fn sign(attester_payload: Vec<u8>) -> AttestationSignature {
	key_of(0).sign(&attester_payload).expect("the key was generated; qed")
}

fn commits<T: Config>(n: u32) -> (CommitBatch<T::AccountId>, AttestationSignature) {
	let attester = panels::<T>(n, |_, _| Conduct::Silent);
	let entries: Vec<_> = (0..RequestId::from(n))
		.map(|request| CommitEntry {
			request,
			digest: digest(request),
			commitment: H256::repeat_byte(1),
		})
		.collect();
	let batch = CommitBatch { attester, entries: BoundedVec::truncate_from(entries) };
	let signature = sign(batch.signing_payload(&Attestation::<T>::genesis()));
	(batch, signature)
}

/// `n` reveals that together hold about `b` bytes, and at least what `n` of them need.
fn reveals<T: Config>(n: u32, b: u32) -> (RevealBatch<T::AccountId>, AttestationSignature) {
	let each = (b / n).min(MAX_OUTPUT_EXACT.saturating_sub(64)) as usize;
	let tensor = InlineTensor::new(ElementType::U8, [each as u64], vec![1; each])
		.expect("bytes fit the shape; qed");
	let named = NamedTensor::new("output", tensor).expect("a short name; qed");
	let answer = Answer::Output(Tensors::truncate_from(vec![named]));
	let sworn = answer_digest(&answer);
	let genesis = Attestation::<T>::genesis();
	let attester = panels::<T>(n, |who, request| {
		Conduct::Committed(commitment(&genesis, &digest(request), who, &sworn, &SALT))
	});
	let entries: Vec<_> = (0..RequestId::from(n))
		.map(|request| RevealEntry {
			request,
			digest: digest(request),
			salt: SALT,
			revealed: Revealed::Full(answer.clone()),
		})
		.collect();
	let batch = RevealBatch { attester, entries: BoundedVec::truncate_from(entries) };
	let signature = sign(batch.signing_payload(&genesis));
	(batch, signature)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn bond() {
		let who = funded::<T>("attester", 0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), T::MinBond::get());
		assert_eq!(Attesters::<T>::get(who).map(|a| a.bonded), Some(T::MinBond::get()));
	}

	#[benchmark]
	fn bond_extra() {
		let (who, _) = validator::<T>(0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), T::MinBond::get());
		assert!(Attesters::<T>::get(who).is_some_and(|a| a.bonded > T::MinBond::get()));
	}

	#[benchmark]
	fn unbond() {
		let (who, _) = validator::<T>(0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), T::MinBond::get());
		assert!(Attesters::<T>::get(who).is_some_and(|a| a.unlocking.len() == 1));
	}

	#[benchmark]
	fn withdraw() -> Result<(), BenchmarkError> {
		let (who, _) = validator::<T>(0);
		for _ in 1..T::MaxUnlocking::get() {
			Attestation::<T>::unbond(origin::<T>(&who), T::MinBond::get())?;
			Attestation::<T>::bond(origin::<T>(&who), T::MinBond::get()).or_else(|_| {
				T::Currency::set_balance(&who, T::MinBond::get().saturating_mul(4u32.into()));
				Attestation::<T>::bond(origin::<T>(&who), T::MinBond::get())
			})?;
		}
		Attestation::<T>::unbond(origin::<T>(&who), T::MinBond::get())?;
		let later =
			frame_system::Pallet::<T>::block_number().saturating_add(T::UnbondingPeriod::get());
		frame_system::Pallet::<T>::set_block_number(later);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));
		assert!(Attesters::<T>::get(who).is_none());
		Ok(())
	}

	/// The list is full; its last place is idle.
	#[benchmark]
	fn serve() -> Result<(), BenchmarkError> {
		let release = T::Releases::benchmark_release(0);
		let full = T::MaxServers::get().min(T::MaxValidators::get().saturating_sub(1));
		servers::<T>(release, full);
		if full == T::MaxServers::get() {
			let idle = Servers::<T>::get(release).last().cloned();
			Roster::<T>::remove(idle.ok_or("the list is full")?);
		}
		let (who, _) = validator::<T>(full);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), release);
		assert!(Servers::<T>::get(release).contains(&who));
		Ok(())
	}

	#[benchmark]
	fn stop_serving() -> Result<(), BenchmarkError> {
		let release = T::Releases::benchmark_release(0);
		servers::<T>(release, T::MaxServers::get().min(T::MaxValidators::get()));
		let who = Servers::<T>::get(release).last().cloned().ok_or("the list is full")?;
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()), release);
		assert!(!Servers::<T>::get(release).contains(&who));
		Ok(())
	}

	#[benchmark]
	fn pause() {
		let (who, _) = validator::<T>(0);
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));
		assert!(Attesters::<T>::get(who).is_some_and(|a| a.paused));
	}

	#[benchmark]
	fn resume() -> Result<(), BenchmarkError> {
		let (who, _) = validator::<T>(0);
		Attestation::<T>::pause(origin::<T>(&who))?;
		#[extrinsic_call]
		_(RawOrigin::Signed(who.clone()));
		assert!(Attesters::<T>::get(who).is_some_and(|a| !a.paused));
		Ok(())
	}

	/// Each commitment is the last of its panel.
	#[benchmark]
	fn commit(n: Linear<1, { MAX_BATCH }>) {
		let (batch, signature) = commits::<T>(n);
		#[extrinsic_call]
		_(RawOrigin::Authorized, batch, signature);
		assert!(matches!(OpenPanels::<T>::get(0).map(|p| p.phase), Some(Phase::Reveal(_))));
	}

	#[benchmark]
	fn authorize_commit(n: Linear<1, { MAX_BATCH }>) {
		let (batch, signature) = commits::<T>(n);
		let result;
		#[block]
		{
			result = Attestation::<T>::authorize_commit(&batch, &signature);
		}
		assert!(result.is_ok());
	}

	#[benchmark]
	fn reveal(n: Linear<1, { MAX_BATCH }>, b: Linear<0, 524_288>) {
		let (batch, signature) = reveals::<T>(n, b);
		#[extrinsic_call]
		_(RawOrigin::Authorized, batch, signature);
		assert_eq!(Answers::<T>::iter().count() as u32, n);
	}

	#[benchmark]
	fn authorize_reveal(n: Linear<1, { MAX_BATCH }>, b: Linear<0, 524_288>) {
		let (batch, signature) = reveals::<T>(n, b);
		let result;
		#[block]
		{
			result = Attestation::<T>::authorize_reveal(&batch, &signature);
		}
		assert!(result.is_ok());
	}

	#[benchmark]
	fn on_new_session(v: Linear<1, { T::MaxValidators::get() }>) {
		// Whoever genesis made a validator.
		Attestation::<T>::set_roster(core::iter::empty());
		let before: Vec<_> = (0..v).map(validator::<T>).collect();
		assert_eq!(before.len() as u32, v);
		#[block]
		{
			Attestation::<T>::set_roster(before.into_iter());
		}
		assert_eq!(RosterIndex::<T>::get().len() as u32, v);
	}

	impl_benchmark_test_suite!(Attestation, crate::benchmarking::ext(), crate::mock::Test);
}

/// Externalities for the benchmarks as tests: with a keystore, and without a session.
#[cfg(test)]
pub(crate) fn ext() -> sp_io::TestExternalities {
	let mut ext = crate::mock::ExtBuilder.build();
	ext.register_extension(sp_keystore::KeystoreExt::new(
		sp_keystore::testing::MemoryKeystore::new(),
	));
	ext.execute_with(|| crate::mock::session(&[]));
	ext
}
