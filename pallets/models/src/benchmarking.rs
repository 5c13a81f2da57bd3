// SPDX-License-Identifier: Apache-2.0
//! Benchmarks, and releases for the benchmarks of other pallets.

use crate::{
	BalanceOf, Call, Config, MAX_METADATA, MAX_MODEL_NAME, Metadata, ModelName, Models, NextModel,
	Pallet, ReleaseMirrors, Releases,
};
use alloc::{vec, vec::Vec};
use codec::Encode;
use core::fmt::Write;
use frame_benchmarking::v2::*;
use frame_support::traits::fungible::{Inspect, Mutate};
use frame_system::RawOrigin;
use jurat_primitives::{
	ContentHash, Dimension, ElementType, EngineId, Manifest, Mirror, Mirrors, ModelId,
	NumericProfile, ReleaseId, TensorSpec, Version,
	custody::ReleaseFile,
	limits::{
		MAX_LICENCE, MAX_MIRROR, MAX_MIRRORS, MAX_MODEL_BYTES, MAX_NAME, MAX_OPERATORS, MAX_RANK,
		MAX_TAG, MAX_TAGS, MAX_TENSORS,
	},
	profile::{Bounds, Tolerance},
	tensor::Name,
	traits::{Releases as _, ServedReleases},
	view::ReleaseState,
};
use sp_core::Get;
use sp_runtime::{
	Saturating,
	traits::{One, StaticLookup},
};

const FIRST: Version = Version { major: 1, minor: 0 };

/// An account with enough for any deposit of one model and one release.
pub(crate) fn benchmark_owner<T: Config>(seed: u32) -> T::AccountId {
	let owner = account("owner", seed, 0);
	fund::<T>(&owner);
	owner
}

fn fund<T: Config>(who: &T::AccountId) {
	let bytes = 64 * 1024u32;
	let amount = T::ModelDeposit::get()
		.saturating_add(T::ReleaseDeposit::get())
		.saturating_add(T::DepositPerByte::get().saturating_mul(bytes.into()))
		.saturating_add(T::Currency::minimum_balance().saturating_mul(10u32.into()));
	T::Currency::mint_into(who, amount).expect("the issuance has room");
}

/// The longest names are the worst to compare if they differ only at their end.
fn long_name(text: &str, number: u32) -> Vec<u8> {
	let mut end = alloc::string::String::new();
	write!(end, "{text}{number:08}").expect("a string has room");
	let mut name = vec![b'a'; MAX_NAME as usize - end.len()];
	name.extend(end.bytes());
	name
}

/// The manifest that takes most bytes and most time to check: every list full, every name as long
/// as allowed, every dimension a symbol of its own.
pub(crate) fn largest_manifest() -> Manifest {
	let name = |text: &str, number| Name::truncate_from(long_name(text, number));
	let signature = |side: u32| {
		let spec = |tensor: u32| TensorSpec {
			name: name("t", tensor),
			element_type: ElementType::F32,
			shape: (0..MAX_RANK)
				.map(|axis| Dimension::Symbolic {
					name: name("s", (side * MAX_TENSORS + tensor) * MAX_RANK + axis),
					max: u64::MAX,
				})
				.collect::<Vec<_>>()
				.try_into()
				.expect("as many as allowed"),
		};
		(0..MAX_TENSORS).map(spec).collect::<Vec<_>>().try_into().expect("as many as allowed")
	};
	let bounds = |units| Bounds { abs: Tolerance(units), rel: Tolerance(units) };
	let tag = vec![b'a'; MAX_TAG as usize].try_into().expect("as long as allowed");
	Manifest {
		opset: 25,
		engine: EngineId::OnnxRuntime1_31,
		profile: NumericProfile::Approximate { tolerance: bounds(1), gross: Some(bounds(10)) },
		inputs: signature(0),
		outputs: signature(1),
		operators: (0..MAX_OPERATORS)
			.map(|operator| name("o", operator))
			.collect::<Vec<_>>()
			.try_into()
			.expect("as many as allowed"),
		compute_units: u32::MAX,
		allow_nan: false,
		licence: vec![b'a'; MAX_LICENCE as usize].try_into().expect("as long as allowed"),
		tags: vec![tag; MAX_TAGS as usize].try_into().expect("as many as allowed"),
	}
}

fn longest_name(model: ModelId) -> ModelName {
	long_name("m", model).try_into().expect("as long as allowed")
}

fn longest_metadata(byte: u8) -> Metadata {
	vec![byte; MAX_METADATA as usize].try_into().expect("as long as allowed")
}

fn create<T: Config>(owner: &T::AccountId, metadata: Metadata) -> ModelId {
	let name = longest_name(NextModel::<T>::get());
	Pallet::<T>::do_create_model(owner.clone(), name, metadata).expect("the owner has funds")
}

/// Publishes the first release of a new model of `owner`, who is given what the deposits need.
pub(crate) fn publish<T: Config>(
	owner: &T::AccountId,
	manifest: Manifest,
	price: BalanceOf<T>,
) -> ReleaseId {
	publish_as::<T>(owner, manifest, price, |release| ReleaseFile {
		content: ContentHash(sp_io::hashing::blake2_256(&release.encode())),
		size: MAX_MODEL_BYTES,
	})
}

/// A release of this file.
pub(crate) fn publish_file<T: Config>(file: ReleaseFile) -> ReleaseId {
	publish_as::<T>(&benchmark_owner::<T>(0), largest_manifest(), One::one(), |_| file)
}

fn publish_as<T: Config>(
	owner: &T::AccountId,
	manifest: Manifest,
	price: BalanceOf<T>,
	file: impl FnOnce(ReleaseId) -> ReleaseFile,
) -> ReleaseId {
	fund::<T>(owner);
	let model = create::<T>(owner, longest_metadata(b'a'));
	let release = ReleaseId { model, version: FIRST };
	let ReleaseFile { content, size } = file(release);
	Pallet::<T>::do_publish_release(owner.clone(), release, content, size, manifest, price)
		.expect("the manifest is sound and the owner has funds");
	release
}

/// Makes a release take requests.
pub(crate) fn activate<T: Config>(release: ReleaseId) {
	Pallet::<T>::servers_changed(release, T::ActivationQuorum::get());
}

fn state<T: Config>(release: ReleaseId) -> Option<ReleaseState> {
	Releases::<T>::get(release.model, release.version).map(|record| record.state)
}

fn users<T: Config>(release: ReleaseId) -> Option<u32> {
	Releases::<T>::get(release.model, release.version).map(|record| record.users)
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn create_model() {
		let owner = benchmark_owner::<T>(0);
		let name = longest_name(0);
		assert_eq!(name.len(), MAX_MODEL_NAME as usize);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), name.clone(), longest_metadata(b'a'));

		assert!(Pallet::<T>::model_by_name(&name).is_some());
	}

	#[benchmark]
	fn publish_release() {
		let owner = benchmark_owner::<T>(0);
		let model = create::<T>(&owner, longest_metadata(b'a'));
		let manifest = largest_manifest();

		#[extrinsic_call]
		_(
			RawOrigin::Signed(owner),
			model,
			FIRST,
			ContentHash([1; 32]),
			MAX_MODEL_BYTES,
			manifest,
			One::one(),
		);

		assert_eq!(state::<T>(ReleaseId { model, version: FIRST }), Some(ReleaseState::Published));
	}

	#[benchmark]
	fn deprecate_release() {
		let owner = benchmark_owner::<T>(0);
		let release = publish::<T>(&owner, largest_manifest(), One::one());
		activate::<T>(release);

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), release);

		assert_eq!(state::<T>(release), Some(ReleaseState::Deprecated));
	}

	#[benchmark]
	fn transfer_model() {
		let owner = benchmark_owner::<T>(0);
		let new_owner = benchmark_owner::<T>(1);
		let ReleaseId { model, .. } = publish::<T>(&owner, largest_manifest(), One::one());

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), model, T::Lookup::unlookup(new_owner.clone()));

		assert_eq!(Models::<T>::get(model).map(|record| record.owner), Some(new_owner));
	}

	#[benchmark]
	fn set_price() {
		let owner = benchmark_owner::<T>(0);
		let release = publish::<T>(&owner, largest_manifest(), One::one());

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), release, 2u32.into());

		let price = Releases::<T>::get(release.model, FIRST).map(|record| record.price);
		assert_eq!(price, Some(2u32.into()));
	}

	#[benchmark]
	fn set_mirrors() {
		let owner = benchmark_owner::<T>(0);
		let release = publish::<T>(&owner, largest_manifest(), One::one());
		let address = |number: u32| {
			let mut address = b"https://".to_vec();
			address.resize(MAX_MIRROR as usize, b'a' + number as u8);
			Mirror::truncate_from(address)
		};
		let mirrors = Mirrors::truncate_from((0..MAX_MIRRORS).map(address).collect());

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), release, mirrors.clone());

		assert_eq!(ReleaseMirrors::<T>::get(release.model, FIRST), Some(mirrors));
	}

	#[benchmark]
	fn update_metadata() {
		let owner = benchmark_owner::<T>(0);
		let model = create::<T>(&owner, Metadata::default());
		let metadata = longest_metadata(b'b');

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), model, metadata.clone());

		assert_eq!(Models::<T>::get(model).map(|record| record.metadata), Some(metadata));
	}

	// By somebody else, after the activation period: the owner's own case reads no more.
	#[benchmark]
	fn remove_release() {
		let owner = benchmark_owner::<T>(0);
		let caller = whitelisted_caller();
		let release = publish::<T>(&owner, largest_manifest(), One::one());
		Pallet::<T>::servers_changed(release, T::ActivationQuorum::get().saturating_sub(1));
		let overdue = frame_system::Pallet::<T>::block_number()
			.saturating_add(T::ActivationPeriod::get())
			.saturating_add(One::one());
		frame_system::Pallet::<T>::set_block_number(overdue);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), release);

		assert_eq!(state::<T>(release), None);
	}

	#[benchmark]
	fn remove_model() {
		let owner = benchmark_owner::<T>(0);
		let model = create::<T>(&owner, longest_metadata(b'a'));

		#[extrinsic_call]
		_(RawOrigin::Signed(owner), model);

		assert!(Models::<T>::get(model).is_none());
	}

	#[benchmark]
	fn terms() {
		let owner = benchmark_owner::<T>(0);
		let release = publish::<T>(&owner, largest_manifest(), One::one());
		let found;

		#[block]
		{
			found = Pallet::<T>::terms(release);
		}

		assert_eq!(found.map(|found| found.owner), Some(owner));
	}

	#[benchmark]
	fn pin() -> Result<(), BenchmarkError> {
		let release = publish::<T>(&benchmark_owner::<T>(0), largest_manifest(), One::one());
		activate::<T>(release);

		#[block]
		{
			Pallet::<T>::pin(release)?;
		}

		assert_eq!(users::<T>(release), Some(1));
		Ok(())
	}

	#[benchmark]
	fn unpin() -> Result<(), BenchmarkError> {
		let release = publish::<T>(&benchmark_owner::<T>(0), largest_manifest(), One::one());
		activate::<T>(release);
		Pallet::<T>::pin(release)?;

		#[block]
		{
			Pallet::<T>::unpin(release);
		}

		assert_eq!(users::<T>(release), Some(0));
		Ok(())
	}

	#[benchmark]
	fn may_be_served() {
		let release = publish::<T>(&benchmark_owner::<T>(0), largest_manifest(), One::one());
		let result;

		#[block]
		{
			result = Pallet::<T>::may_be_served(release);
		}

		assert_eq!(result, Ok(()));
	}

	// The announcement that activates the release.
	#[benchmark]
	fn servers_changed() {
		let release = publish::<T>(&benchmark_owner::<T>(0), largest_manifest(), One::one());

		#[block]
		{
			Pallet::<T>::servers_changed(release, T::ActivationQuorum::get());
		}

		assert_eq!(state::<T>(release), Some(ReleaseState::Active));
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::ExtBuilder::build(), crate::mock::Test);
}
