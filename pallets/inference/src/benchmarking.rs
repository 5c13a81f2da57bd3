// SPDX-License-Identifier: Apache-2.0
//! Benchmarks of the calls and of each part of the agenda, each in its worst case: manifests with
//! everything in them, inputs of the element type that is slowest to check, outputs as large as
//! they may be.

use crate::{
	Agenda, BalanceOf, Call, Config, Contested, IncompleteSince, Pallet, Requests, Settlements,
	WeightInfo,
	escalation::{MAX_CONTESTED, SecondOpinion},
	request::OptionsOf,
	settlement::Ending,
};
use alloc::{format, vec, vec::Vec};
use frame_benchmarking::{BenchmarkError, v2::*};
use frame_support::{
	BoundedVec,
	traits::fungible::{Inspect, Mutate},
	weights::WeightMeter,
};
use frame_system::{RawOrigin, pallet_prelude::BlockNumberFor};
use jurat_primitives::{
	Answer, Assurance, Dimension, ElementType, EngineId, InlineTensor, Manifest, NamedTensor,
	NumericProfile, Outcome, ReleaseId, RequestId, RequestInput, RequestOptions, TensorSpec,
	Tensors, Verdict,
	commitment::answer_digest,
	limits::{
		MAX_OPERATORS, MAX_OUTPUT_APPROXIMATE, MAX_OUTPUT_EXACT, MAX_PANEL, MAX_RANK, MAX_TENSORS,
	},
	manifest::{Operators, Signature},
	profile::{Bounds, EXACT_OPERATORS, Tolerance, outputs_agree},
	settlement::Member,
	tensor::Name,
	traits::{Panels, Releases},
	view::Stage,
};
use sp_core::Get;
use sp_runtime::{
	Saturating,
	traits::{Bounded, One, Zero},
};

const OUTPUT: &str = "y";
/// Bytes around the data of the only tensor of an output: lengths, name, element type, shape.
const AROUND: u32 = 17;
/// Bytes of string data in an input; with the headers of all tensors, an input is just below its
/// limit.
const MAX_DATA: u32 = 62_000;

fn name(text: impl AsRef<str>) -> Name {
	Name::truncate_from(text.as_ref().as_bytes().to_vec())
}

/// A name as long as a name may be.
fn long_name(prefix: char, i: u32) -> Name {
	name(format!("{prefix}{i:063}"))
}

fn tolerance() -> Bounds {
	Bounds { abs: Tolerance(1_000 * Tolerance::UNITS), rel: Tolerance(0) }
}

fn approximate() -> NumericProfile {
	let gross = Bounds { abs: Tolerance(10_000 * Tolerance::UNITS), rel: Tolerance(1) };
	NumericProfile::Approximate { tolerance: tolerance(), gross: Some(gross) }
}

/// As many inputs, dimensions, symbols and operators as possible. One output, so that nearly all
/// its bytes are elements.
fn manifest(profile: NumericProfile) -> Manifest {
	let dimension = |tensor, i| Dimension::Symbolic {
		name: long_name('d', tensor * MAX_RANK + i),
		max: u64::from(u32::MAX),
	};
	let input = |tensor| TensorSpec {
		name: long_name('x', tensor),
		element_type: ElementType::String,
		shape: BoundedVec::truncate_from((0..MAX_RANK).map(|i| dimension(tensor, i)).collect()),
	};
	let exact = matches!(profile, NumericProfile::Exact);
	let output = TensorSpec {
		name: name(OUTPUT),
		element_type: if exact { ElementType::String } else { ElementType::F16 },
		shape: BoundedVec::truncate_from(vec![Dimension::Symbolic {
			name: long_name('n', 0),
			max: u64::from(u32::MAX),
		}]),
	};
	let operators = if exact {
		EXACT_OPERATORS.iter().map(name).collect()
	} else {
		(0..MAX_OPERATORS).map(|i| long_name('o', i)).collect()
	};
	Manifest {
		opset: 17,
		engine: EngineId::OnnxRuntime1_31,
		profile,
		inputs: Signature::truncate_from((0..MAX_TENSORS).map(input).collect()),
		outputs: Signature::truncate_from(vec![output]),
		operators: Operators::truncate_from(operators),
		compute_units: 1,
		allow_nan: false,
		licence: Default::default(),
		tags: Default::default(),
	}
}

/// An input with `bytes` empty strings in its first tensor: nothing is slower to check by the byte.
fn input(bytes: u32) -> RequestInput {
	let tensor = |i: u32| {
		let count = if i == 0 { bytes } else { 0 };
		let mut shape = vec![1u64; MAX_RANK as usize];
		shape[0] = count.into();
		let tensor = InlineTensor::new(ElementType::String, shape, vec![0; count as usize]);
		tensor.ok().and_then(|tensor| NamedTensor::new(long_name('x', i).into_inner(), tensor))
	};
	RequestInput::Inline(Tensors::truncate_from((0..MAX_TENSORS).filter_map(tensor).collect()))
}

fn output(tensor: Option<InlineTensor>) -> Tensors {
	let named = tensor.and_then(|tensor| NamedTensor::new(OUTPUT, tensor));
	Tensors::truncate_from(named.into_iter().collect())
}

/// A full-size `Exact` output of empty strings and one that is not; different for each `i`.
fn exact_output(i: u32) -> Tensors {
	let text = format!("{i:0100}");
	let empty = MAX_OUTPUT_EXACT - AROUND - 102;
	let strings = core::iter::once(text.as_str()).chain((0..empty).map(|_| ""));
	output(InlineTensor::strings([u64::from(empty) + 1], strings).ok())
}

/// A full-size `Approximate` output in the element type that is slowest to compare; different for
/// each `i` in its last element only.
fn approximate_output(i: u32) -> Tensors {
	let elements = (MAX_OUTPUT_APPROXIMATE - AROUND) / 2;
	let mut data = vec![0u8; elements as usize * 2];
	if let Some(last) = data.len().checked_sub(2) {
		data[last] = i as u8;
	}
	output(InlineTensor::new(ElementType::F16, [u64::from(elements)], data).ok())
}

/// A full-size `Approximate` output beyond all bounds of the others.
fn far_output() -> Tensors {
	let elements = (MAX_OUTPUT_APPROXIMATE - AROUND) / 2;
	// The largest number of this type.
	let data = [0xff, 0x7b].repeat(elements as usize);
	output(InlineTensor::new(ElementType::F16, [u64::from(elements)], data).ok())
}

fn fund<T: Config>(who: &T::AccountId) {
	T::Currency::set_balance(who, BalanceOf::<T>::max_value() / 16_384u32.into());
}

fn requester<T: Config>() -> T::AccountId {
	let requester = whitelisted_caller();
	fund::<T>(&requester);
	requester
}

fn release<T: Config>(profile: NumericProfile) -> ReleaseId {
	let owner = account("owner", 0, 0);
	fund::<T>(&owner);
	T::Currency::set_balance(&T::ProtocolAccount::get(), T::Currency::minimum_balance());
	T::Releases::benchmark_release(owner, manifest(profile), T::Currency::minimum_balance())
}

fn options<T: Config>(size: u32) -> OptionsOf<T> {
	let size = size as u8;
	RequestOptions {
		assurance: Assurance::Quorum { size, threshold: size / 2 + 1 },
		max_fee: Bounded::max_value(),
		deadline: T::MaxDeadline::get(),
		min_stake: Zero::zero(),
	}
}

/// An open request with an input as large as possible, for a release that as many attesters announce
/// as may.
fn open<T: Config>(profile: NumericProfile, size: u32) -> Result<RequestId, BenchmarkError> {
	open_among::<T>(profile, size, T::Panels::max_servers())
}

/// The same, with so many of them.
fn open_among<T: Config>(
	profile: NumericProfile,
	size: u32,
	servers: u32,
) -> Result<RequestId, BenchmarkError> {
	// Slot zero is not special, but block zero is.
	frame_system::Pallet::<T>::set_block_number(One::one());
	let release = release::<T>(profile);
	T::Panels::benchmark_servers(release, servers);
	let inputs = vec![input(MAX_DATA)];
	let ids = Pallet::<T>::do_request(&requester::<T>(), release, inputs, options::<T>(size))?;
	Ok(ids[0])
}

/// The same with its panel drawn.
fn assigned<T: Config>(profile: NumericProfile, size: u32) -> Result<RequestId, BenchmarkError> {
	let id = open::<T>(profile, size)?;
	let now = next_block::<T>();
	Pallet::<T>::draw_panel(id, record::<T>(id)?, now);
	assert_eq!(record::<T>(id)?.stage, Stage::Assigned);
	Ok(id)
}

/// A request on which a panel of this size disagreed, each member with a full-size answer.
fn contested<T: Config>(profile: NumericProfile, size: u32) -> Result<RequestId, BenchmarkError> {
	let id = assigned::<T>(profile, size)?;
	let answers = (0..size).map(|i| Answer::Output(approximate_output(i)));
	T::Panels::benchmark_reveal(id, answers.collect());
	let closed = T::Panels::close(id);
	let request = record::<T>(id)?;
	Requests::<T>::remove(id);
	Agenda::<T>::remove(request.due, id);
	Pallet::<T>::contest(id, &request, closed, Bounded::max_value());
	Ok(id)
}

fn next_block<T: Config>() -> BlockNumberFor<T> {
	let next = frame_system::Pallet::<T>::block_number().saturating_add(One::one());
	frame_system::Pallet::<T>::set_block_number(next);
	next
}

fn record<T: Config>(id: RequestId) -> Result<crate::RequestOf<T>, BenchmarkError> {
	Requests::<T>::get(id).ok_or(BenchmarkError::Stop("the request is open"))
}

fn settled<T: Config>(id: RequestId) -> Result<crate::SettlementOf<T>, BenchmarkError> {
	Settlements::<T>::get(id).ok_or(BenchmarkError::Stop("the request is settled"))
}

#[benchmarks]
mod benchmarks {
	use super::*;

	/// `b`: bytes of the input.
	#[benchmark]
	fn request(b: Linear<0, MAX_DATA>) -> Result<(), BenchmarkError> {
		let release = release::<T>(approximate());
		let requester = requester::<T>();

		#[extrinsic_call]
		_(RawOrigin::Signed(requester), release, input(b), options::<T>(MAX_PANEL));

		assert_eq!(Requests::<T>::count(), 1);
		Ok(())
	}

	/// `n`: inputs; `b`: bytes of all of them.
	#[benchmark]
	fn request_batch(n: Linear<1, 256>, b: Linear<0, MAX_DATA>) -> Result<(), BenchmarkError> {
		let release = release::<T>(approximate());
		let requester = requester::<T>();
		let inputs = BoundedVec::truncate_from(vec![input(b / n); n as usize]);

		#[extrinsic_call]
		_(RawOrigin::Signed(requester), release, inputs, options::<T>(MAX_PANEL));

		assert_eq!(Requests::<T>::count(), n);
		Ok(())
	}

	#[benchmark]
	fn cancel() -> Result<(), BenchmarkError> {
		let id = open::<T>(approximate(), MAX_PANEL)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), id);

		assert_eq!(settled::<T>(id)?.outcome, Outcome::Cancelled);
		Ok(())
	}

	/// The input is as large as possible.
	#[benchmark]
	fn escalate() -> Result<(), BenchmarkError> {
		let id = contested::<T>(approximate(), MAX_CONTESTED)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(whitelisted_caller()), id, Bounded::max_value());

		assert!(Contested::<T>::get(id).is_some_and(|contested| contested.escalation.is_some()));
		Ok(())
	}

	/// `p`: seats of the first panel. Everybody on it was wrong.
	#[benchmark]
	fn judge_again(p: Linear<1, MAX_CONTESTED>) -> Result<(), BenchmarkError> {
		let id = contested::<T>(approximate(), p)?;
		let far = far_output();
		let answer = answer_digest(&Answer::Output(far.clone()));
		let outcome = Outcome::Answered(far);
		let charged = T::Currency::minimum_balance();

		#[block]
		{
			let opinion =
				SecondOpinion { answer, outcome: &outcome, witnesses: vec![requester::<T>()] };
			Pallet::<T>::conclude_escalation(id, Some(opinion), charged);
		}

		assert!(!Contested::<T>::contains_key(id));
		Ok(())
	}

	/// With an input and answers as large as possible.
	#[benchmark]
	fn drop_contested() -> Result<(), BenchmarkError> {
		let id = contested::<T>(approximate(), MAX_CONTESTED)?;
		let until = Contested::<T>::get(id).ok_or(BenchmarkError::Stop("it is contested"))?.until;

		#[block]
		{
			Pallet::<T>::drop_contested(until, id);
		}

		assert!(!Contested::<T>::contains_key(id));
		Ok(())
	}

	/// A run that comes to no slot.
	#[benchmark]
	fn agenda_base() -> Result<(), BenchmarkError> {
		open::<T>(approximate(), 1)?;
		let now = next_block::<T>();
		IncompleteSince::<T>::put(now);
		let mut meter = WeightMeter::with_limit(T::WeightInfo::agenda_base());

		#[block]
		{
			Pallet::<T>::serve_agenda(now, &mut meter, false);
		}

		assert_eq!(IncompleteSince::<T>::get(), Some(now));
		Ok(())
	}

	/// An empty slot.
	#[benchmark]
	fn agenda_slot() -> Result<(), BenchmarkError> {
		open::<T>(approximate(), 1)?;
		let now = next_block::<T>();
		let later = now.saturating_add(One::one());
		let mut meter = WeightMeter::new();

		#[block]
		{
			Pallet::<T>::serve_slot(later, now, &mut meter, false);
		}

		Ok(())
	}

	/// An entry that has to wait.
	#[benchmark]
	fn agenda_item() -> Result<(), BenchmarkError> {
		let id = open::<T>(approximate(), 1)?;
		let now = next_block::<T>();
		let mut meter = WeightMeter::new();

		#[block]
		{
			Pallet::<T>::serve_slot(now, now, &mut meter, false);
		}

		assert_eq!(record::<T>(id)?.stage, Stage::Pending);
		Ok(())
	}

	/// `p`: seats. `s`: attesters that announce the release.
	#[benchmark]
	fn draw(
		p: Linear<1, MAX_PANEL>,
		s: Linear<MAX_PANEL, { T::Panels::max_servers() }>,
	) -> Result<(), BenchmarkError> {
		let id = open_among::<T>(approximate(), p, s)?;
		let now = next_block::<T>();
		let opened = record::<T>(id)?;

		#[block]
		{
			Pallet::<T>::draw_panel(id, opened, now);
		}

		assert_eq!(record::<T>(id)?.stage, Stage::Assigned);
		Ok(())
	}

	/// `p`: seats. Nobody committed: everybody is at fault, the request is settled at once.
	#[benchmark]
	fn close_commitments(p: Linear<1, MAX_PANEL>) -> Result<(), BenchmarkError> {
		let id = assigned::<T>(approximate(), p)?;
		let opened = record::<T>(id)?;
		let now = opened.due;
		frame_system::Pallet::<T>::set_block_number(now);

		#[block]
		{
			Pallet::<T>::close_commitments(id, opened, now);
		}

		assert_eq!(settled::<T>(id)?.panel.len(), p as usize);
		Ok(())
	}

	/// `p`: seats. A bare majority agrees and is paid; the others are at fault, each with a
	/// full-size answer of its own.
	#[benchmark]
	fn settle_exact(p: Linear<1, MAX_PANEL>) -> Result<(), BenchmarkError> {
		let id = assigned::<T>(NumericProfile::Exact, p)?;
		let majority = p / 2 + 1;
		let answers = (0..p).map(|i| exact_output(i.saturating_sub(majority - 1)));
		T::Panels::benchmark_reveal(id, answers.map(Answer::Output).collect());
		let opened = record::<T>(id)?;

		#[block]
		{
			Pallet::<T>::settle(id, opened, Ending::Revealed);
		}

		assert_eq!(u32::from(settled::<T>(id)?.agreement), majority);
		Ok(())
	}

	/// `p`: seats. Everybody agrees and is paid, each with a full-size answer of its own.
	#[benchmark]
	fn settle_approximate(p: Linear<1, MAX_PANEL>) -> Result<(), BenchmarkError> {
		let id = assigned::<T>(approximate(), p)?;
		let answers = (0..p).map(|i| Answer::Output(approximate_output(i)));
		T::Panels::benchmark_reveal(id, answers.collect());
		let opened = record::<T>(id)?;

		#[block]
		{
			Pallet::<T>::settle(id, opened, Ending::Revealed);
		}

		assert_eq!(u32::from(settled::<T>(id)?.agreement), p);
		Ok(())
	}

	/// Two full-size approximate answers.
	#[benchmark]
	fn compare() -> Result<(), BenchmarkError> {
		let (a, b) = (approximate_output(0), approximate_output(1));
		assert_ne!(a, b);
		let agree;

		#[block]
		{
			agree = outputs_agree(&a, &b, &tolerance());
		}

		assert!(agree);
		Ok(())
	}

	/// A settlement with a full-size answer and a full panel.
	#[benchmark]
	fn prune() -> Result<(), BenchmarkError> {
		let id = open::<T>(NumericProfile::Exact, MAX_PANEL)?;
		Pallet::<T>::settle(id, record::<T>(id)?, Ending::Cancelled);
		let mut settlement = settled::<T>(id)?;
		settlement.outcome = Outcome::Answered(exact_output(0));
		let members: Vec<_> = (0..MAX_PANEL)
			.map(|i| Member {
				attester: account("attester", i, 0),
				stake: Zero::zero(),
				verdict: Verdict::Agreed,
				paid: Zero::zero(),
			})
			.collect();
		settlement.panel = BoundedVec::truncate_from(members);
		Settlements::<T>::insert(id, settlement);
		let slot = Agenda::<T>::iter_keys()
			.find_map(|(slot, entry)| (entry == id).then_some(slot))
			.ok_or(BenchmarkError::Stop("the settlement is in the agenda"))?;

		#[block]
		{
			Pallet::<T>::prune(slot, id);
		}

		assert!(!Settlements::<T>::contains_key(id));
		Ok(())
	}

	impl_benchmark_test_suite!(
		Pallet,
		crate::mock::ExtBuilder::default().build(),
		crate::mock::Test
	);
}
