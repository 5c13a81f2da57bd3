// SPDX-License-Identifier: Apache-2.0
//! Benchmarks: each call, each authorisation, and the start of a session, at their worst.

use super::{Pallet as Attestation, *};
use crate::types::{Panel, PanelMember, Phase, RosterEntry};
use alloc::{vec, vec::Vec};
use frame_benchmarking::v2::*;
use frame_support::{
	BoundedVec,
	traits::{
		EnsureOrigin, Get, KeyOwnerProofSystem,
		fungible::{Inspect, Mutate},
	},
};
use frame_system::RawOrigin;
use jurat_primitives::{
	Answer, ElementType, ReleaseId, RequestId, Verdict,
	announcement::Announcement,
	batch::{CommitBatch, CommitEntry, RevealBatch, RevealEntry, Revealed},
	commitment::{answer_digest, commitment},
	crypto::{ATTESTATION_KEY_TYPE, AttestationId, AttestationSignature},
	custody::Custodian,
	equivocation::{Contradiction, Equivocation, signed_commitments},
	limits::{MAX_ANNOUNCED, MAX_BATCH, MAX_OUTPUT_EXACT, MAX_PANEL, MAX_SERVED, MaxServed},
	tensor::{InlineTensor, NamedTensor, Tensors},
	traits::{Case, Conduct, Exposure, ReleaseObserver, ServedReleases},
};
use sp_application_crypto::RuntimeAppPublic;
use sp_core::H256;
use sp_runtime::{Saturating, traits::Bounded};
use sp_session::GetSessionNumber;

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
	let exposure = Exposure { own: T::MinBond::get(), total: T::MinBond::get() };
	Roster::<T>::insert(&who, RosterEntry { key: key.clone(), exposure });
	RosterStake::<T>::mutate(|sum| *sum = sum.saturating_add(exposure.total));
	RosterIndex::<T>::mutate(|all| all.try_push(who.clone())).expect("few validators; qed");
	Attestation::<T>::bond(origin::<T>(&who), T::MinBond::get()).expect("funded; qed");
	(who, key)
}

/// Makes so many attesters serve a release. Each was warned: an absence costs it.
pub(crate) fn servers<T: Config>(release: ReleaseId, count: u32) {
	for index in 0..count {
		let (who, _) = validator::<T>(index);
		Attesters::<T>::mutate(&who, |slot| {
			if let Some(record) = slot {
				record.warned_until = Some(Bounded::max_value());
			}
		});
		list::<T>(&who, release);
	}
}

/// Lists an attester as a server of a release, which it does not serve yet.
fn list<T: Config>(who: &T::AccountId, release: ReleaseId) {
	Servers::<T>::mutate(release, |all| all.try_push(who.clone())).expect("few servers; qed");
	Serving::<T>::mutate(who, |all| all.try_push(release)).expect("few releases; qed");
}

/// Some release: what nobody looks up need not be in the registry.
fn some_release(model: u32) -> ReleaseId {
	ReleaseId { model, version: Default::default() }
}

/// An attester that serves as many releases as anybody may, this one the last, in a full roster of
/// which it is the last.
pub(crate) fn busiest_custodian<T: Config>(release: ReleaseId) -> Custodian<T::AccountId> {
	Attestation::<T>::set_roster(core::iter::empty());
	let last = T::MaxValidators::get().saturating_sub(1);
	(0..last).for_each(|index| drop(validator::<T>(index)));
	let (attester, key) = validator::<T>(last);
	for model in 1..MAX_SERVED {
		list::<T>(&attester, some_release(u32::MAX.saturating_sub(model)));
	}
	// Of the others one is where the list is full, which costs most to leave.
	for index in 1..T::MaxServers::get().min(last) {
		list::<T>(&RosterIndex::<T>::get()[index as usize], release);
	}
	list::<T>(&attester, release);
	// It was warned: an absence costs it.
	Attesters::<T>::mutate(&attester, |slot| {
		if let Some(record) = slot {
			record.warned_until = Some(Bounded::max_value());
		}
	});
	T::Currency::set_balance(&T::Treasury::get(), T::Currency::minimum_balance());
	Custodian { attester: attester.clone(), key, serves: Serving::<T>::get(attester).into_inner() }
}

/// An announcement of one attester: `s` releases with a full list of servers, of which the last can
/// make room, and `t` to be stopped, in full lists too.
fn announcement<T: Config>(
	s: u32,
	t: u32,
) -> Result<(Announcement<T::AccountId>, AttestationSignature), BenchmarkError> {
	let full = T::MaxServers::get().min(T::MaxValidators::get().saturating_sub(1));
	let others: Vec<_> = (1..=full).map(|index| validator::<T>(index).0).collect();
	let (attester, key) = validator::<T>(0);
	let mut serve = Vec::new();
	for seed in 0..s {
		let release = T::Releases::benchmark_release(seed);
		others.iter().for_each(|other| list::<T>(other, release));
		serve.push(release);
	}
	if full == T::MaxServers::get() {
		Roster::<T>::remove(others.last().ok_or("the lists are full")?);
	}
	let mut stop = Vec::new();
	for seed in s..s.saturating_add(t) {
		let release = T::Releases::benchmark_release(seed);
		others.iter().skip(1).for_each(|other| list::<T>(other, release));
		list::<T>(&attester, release);
		stop.push(release);
	}
	serve.sort_unstable();
	stop.sort_unstable();
	let announcement = Announcement {
		attester,
		session: T::Session::get(),
		sequence: 1,
		serve: BoundedVec::truncate_from(serve),
		stop: BoundedVec::truncate_from(stop),
	};
	let payload = announcement.signing_payload(&Attestation::<T>::genesis());
	let signature = key.sign(&payload).ok_or("the keystore has the key")?;
	Ok((announcement, signature))
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
				session: T::Session::get(),
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
	let entries = BoundedVec::truncate_from(entries);
	let batch = CommitBatch { attester, session: T::Session::get(), entries };
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
	let entries = BoundedVec::truncate_from(entries);
	let batch = RevealBatch { attester, session: T::Session::get(), entries };
	let signature = sign(batch.signing_payload(&genesis));
	(batch, signature)
}

/// An attester that was found to diverge, on request 0.
fn divergent<T: Config>() -> T::AccountId {
	let (who, _) = validator::<T>(0);
	let case = Case {
		request: 0,
		requester: funded::<T>("requester", 0),
		damages: T::Currency::minimum_balance(),
		reward: T::MinBond::get(),
		session: T::Session::get(),
		witnesses: (0..MAX_PANEL).map(|index| account("other", index, 0)).collect(),
	};
	Attestation::<T>::do_judge(&case, &[(who.clone(), Verdict::Divergent)]);
	who
}

/// Evidence against a validator, as large as it may be, and the proof that the key was its.
fn equivocation<T: Config>()
-> Result<(Equivocation<T::AccountId>, T::KeyOwnerProof), BenchmarkError> {
	let (attester, key) = T::benchmark_validator();
	T::Currency::set_balance(&attester, T::MinBond::get().saturating_mul(10u32.into()));
	Attestation::<T>::bond(origin::<T>(&attester), T::MinBond::get())?;
	let proof = T::KeyOwners::prove((ATTESTATION_KEY_TYPE, key.clone())).ok_or("it has keys")?;
	let exposure = Exposure { own: T::MinBond::get(), total: T::MinBond::get() };
	Roster::<T>::insert(&attester, RosterEntry { key: key.clone(), exposure });
	let half = |value: u8| {
		let mut entries: Vec<_> = (0..RequestId::from(MAX_BATCH))
			.map(|request| CommitEntry {
				request,
				digest: digest(request),
				commitment: H256::repeat_byte(1),
			})
			.collect();
		if let Some(last) = entries.last_mut() {
			last.commitment = H256::repeat_byte(value);
		}
		let batch = CommitBatch {
			attester: attester.clone(),
			session: proof.session(),
			entries: BoundedVec::truncate_from(entries),
		};
		let payload = batch.signing_payload(&Attestation::<T>::genesis());
		let signature = key.sign(&payload)?;
		signed_commitments(&batch, &signature).pop()
	};
	let signed = half(2).zip(half(3)).ok_or("the keystore has the key")?;
	let contradiction = Contradiction::Commitments(signed.0, signed.1);
	Ok((Equivocation { attester, key, contradiction }, proof))
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

	/// As many servers as there may be, each of which serves as much as it may.
	#[benchmark]
	fn release_removed(n: Linear<0, { T::MaxServers::get() }>) {
		let release = some_release(0);
		for index in 0..n.min(T::MaxValidators::get()) {
			let (who, _) = validator::<T>(index);
			let others = (1..MAX_SERVED).map(some_release).collect();
			Serving::<T>::insert(&who, BoundedVec::<_, MaxServed>::truncate_from(others));
			list::<T>(&who, release);
		}
		#[block]
		{
			Attestation::<T>::release_removed(release);
		}
		assert!(Servers::<T>::get(release).is_empty());
	}

	#[benchmark]
	fn announce(
		s: Linear<0, { MAX_ANNOUNCED }>,
		t: Linear<0, { MAX_ANNOUNCED }>,
	) -> Result<(), BenchmarkError> {
		let (announcement, signature) = announcement::<T>(s, t)?;
		let who = announcement.attester.clone();
		#[extrinsic_call]
		_(RawOrigin::Authorized, announcement, signature);
		assert_eq!(Serving::<T>::get(who).len() as u32, s);
		Ok(())
	}

	/// None of it would change anything: no list has room.
	#[benchmark]
	fn authorize_announce(
		s: Linear<0, { MAX_ANNOUNCED }>,
		t: Linear<1, { MAX_ANNOUNCED }>,
	) -> Result<(), BenchmarkError> {
		let (announcement, signature) = announcement::<T>(s, t)?;
		for release in &announcement.stop {
			let attester = announcement.attester.clone();
			Attestation::<T>::do_stop_serving(attester, *release)?;
		}
		if let Some(release) = announcement.serve.first() {
			// Whoever could make room is back.
			let last = Servers::<T>::get(release).last().cloned().ok_or("the list is full")?;
			let exposure = Exposure { own: T::MinBond::get(), total: T::MinBond::get() };
			Roster::<T>::insert(last, RosterEntry { key: key_of(0), exposure });
		}
		let result;
		#[block]
		{
			result = Attestation::<T>::authorize_announce(&announcement, &signature);
		}
		let full = T::MaxServers::get() < T::MaxValidators::get();
		assert_eq!(result.is_err(), s == 0 || full);
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

	/// Two commitments, each the last of a batch of the largest size.
	#[benchmark]
	fn report_equivocation() -> Result<(), BenchmarkError> {
		let (evidence, proof) = equivocation::<T>()?;
		let reporter = funded::<T>("reporter", 0);
		let caller = reporter.clone();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), alloc::boxed::Box::new(evidence.clone()), proof, reporter);

		assert!(Attesters::<T>::get(evidence.attester).is_some_and(|record| record.paused));
		Ok(())
	}

	#[benchmark]
	fn authorize_report_equivocation() -> Result<(), BenchmarkError> {
		let (evidence, proof) = equivocation::<T>()?;
		let result;
		#[block]
		{
			result = Attestation::<T>::authorize_report(&evidence, &proof);
		}
		assert!(result.is_ok());
		Ok(())
	}

	#[benchmark]
	fn overturn() -> Result<(), BenchmarkError> {
		let who = divergent::<T>();
		let origin =
			T::OverturnOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, who.clone(), 0);
		assert!(PendingPenalties::<T>::get(who, 0).is_none());
		Ok(())
	}

	/// One penalty, part of it the requester's, of an attester that nearly everybody has contradicted.
	#[benchmark]
	fn finalise_penalty() -> Result<(), BenchmarkError> {
		let who = divergent::<T>();
		let known = T::MaxValidators::get().saturating_sub(MAX_PANEL);
		let validators: Vec<_> = (1..known).map(|index| validator::<T>(index).0).collect();
		let witnesses = BoundedVec::truncate_from(validators);
		Witnesses::<T>::insert(T::Session::get(), &who, witnesses);
		let penalty = PendingPenalties::<T>::get(&who, 0).ok_or("it waits")?;
		T::Currency::set_balance(&T::Treasury::get(), T::Currency::minimum_balance());
		#[block]
		{
			Attestation::<T>::finalise(&who, 0, penalty);
			PenaltyQueue::<T>::remove(0);
			PenaltyQueueHead::<T>::put(1);
		}
		assert!(PendingPenalties::<T>::get(who, 0).is_none());
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
