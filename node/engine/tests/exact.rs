// SPDX-License-Identifier: Apache-2.0
//! What goes in comes out: every element type, every rank, bit for bit.

mod common;

use codec::Encode;
use common::*;
use jurat_onnx::ManifestOptions;
use jurat_primitives::{
	ElementType, JobFailure,
	limits::MAX_RANK,
	tensor::{BlobTensor, Tensor},
};

/// Bytes with every pattern that matters to a type: for floats zeros of both signs, subnormals,
/// infinities and the one NaN that Jurat has.
fn patterns(element: ElementType, count: usize) -> Vec<u8> {
	let mixed = |i: usize| (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes();
	let special: &[u64] = match element {
		ElementType::F16 => &[0, 0x8000, 1, 0x03ff, 0x3c00, 0x7bff, 0x7c00, 0xfc00, 0x7e00],
		ElementType::BF16 => &[0, 0x8000, 1, 0x007f, 0x3f80, 0x7f7f, 0x7f80, 0xff80, 0x7fc0],
		ElementType::F32 => {
			&[0, 0x8000_0000, 1, 0x7f7f_ffff, 0x7f80_0000, 0xff80_0000, 0x7fc0_0000]
		},
		ElementType::F64 => &[0, 1 << 63, 1, 0x7ff0 << 48, 0xfff0 << 48, 0x7ff8 << 48],
		ElementType::Bool => &[0, 1],
		_ => &[0, 1, u64::MAX, 1 << 63, 1 << 31, 1 << 15, 1 << 7],
	};
	let size = element.size().unwrap();
	let bytes = |i: usize| match special.get(i) {
		Some(bits) => bits.to_le_bytes(),
		None if element == ElementType::Bool => (i as u64 % 2).to_le_bytes(),
		None => mixed(i),
	};
	let mut data: Vec<u8> = (0..count).flat_map(|i| bytes(i)[..size].to_vec()).collect();
	let mut tensor: BlobTensor =
		Tensor::new(element, [count as u64], std::mem::take(&mut data)).unwrap();
	tensor.canonicalise_nans();
	tensor.data.into_inner()
}

fn nan_allowed() -> ManifestOptions {
	ManifestOptions { allow_nan: true, ..Default::default() }
}

fn strings(count: usize) -> Vec<String> {
	let samples = ["", "plain", "héllo ✓ 日本語", "🦀\u{200d}🦀", "line\nbreak\ttab", "x"];
	(0..count).map(|i| samples[i % samples.len()].repeat(1 + i % 3)).collect()
}

fn sample(element: ElementType, shape: &[u64]) -> BlobTensor {
	let count = shape.iter().product::<u64>() as usize;
	if element == ElementType::String {
		return Tensor::strings(shape.to_vec(), strings(count)).unwrap();
	}
	Tensor::new(element, shape.to_vec(), patterns(element, count)).unwrap()
}

#[test]
fn every_element_type_comes_back_bit_for_bit() {
	let directory = tempfile::tempdir().unwrap();
	let executor = executor();
	for element in ElementType::ALL {
		for shape in [
			vec![],
			vec![1],
			vec![37],
			vec![0],
			vec![2, 0, 3],
			vec![3, 4, 5],
			vec![2, 1, 2, 1, 2, 1, 2, 3],
			vec![1; MAX_RANK as usize],
		] {
			// The largest of these has a NaN among its patterns, which `Identity` hands through.
			let model = publish_with(&directory, &identity(element, shape.len()), &nan_allowed());
			let tensor = sample(element, &shape);
			let output = executor
				.run(&model, tensors(vec![("x", tensor.clone())]), in_time())
				.unwrap_or_else(|failure| panic!("{element} {shape:?}: {failure}"));
			assert_eq!(output.outputs, tensors(vec![("y", tensor)]), "{element} {shape:?}");
		}
	}
}

#[test]
fn a_nan_comes_back_as_the_one_nan() {
	let directory = tempfile::tempdir().unwrap();
	let executor = executor();
	for (element, odd, canonical) in [
		(ElementType::F32, vec![1, 2, 0x80, 0xff], vec![0, 0, 0xc0, 0x7f]),
		(ElementType::F16, vec![1, 0xfc], vec![0, 0x7e]),
		(ElementType::BF16, vec![0x81, 0xff], vec![0xc0, 0x7f]),
		(ElementType::F64, vec![9, 0, 0, 0, 0, 0, 0xf0, 0xff], vec![0, 0, 0, 0, 0, 0, 0xf8, 0x7f]),
	] {
		let model = publish_with(&directory, &identity(element, 0), &nan_allowed());
		let input: BlobTensor = Tensor::new(element, [], odd).unwrap();
		assert!(input.has_nan());
		let output = executor.run(&model, tensors(vec![("x", input)]), in_time()).unwrap();
		assert_eq!(output.outputs[0].tensor.data.as_slice(), canonical, "{element}");
	}
}

#[test]
fn a_string_with_a_nul_is_an_input_that_cannot_be_given() {
	let directory = tempfile::tempdir().unwrap();
	let executor = executor();
	let model = publish(&directory, &identity(ElementType::String, 1));
	let run = |text: &str| {
		// The chain takes no such tensor; an executor may still be handed one.
		let tensor = BlobTensor {
			element_type: ElementType::String,
			shape: vec![1].try_into().unwrap(),
			data: text.encode().try_into().unwrap(),
		};
		executor.run(&model, tensors(vec![("x", tensor)]), in_time())
	};
	assert_eq!(run("a\0b"), Err(JobFailure::InputMismatch));
	run("ab").unwrap();
}

#[test]
fn arithmetic_is_done() {
	let directory = tempfile::tempdir().unwrap();
	let executor = executor();
	let doubled = executor
		.run(
			&publish(&directory, &doubling()),
			tensors(vec![("x", floats(&[3], &[1.5, -2.0, 0.0]))]),
			in_time(),
		)
		.unwrap();
	assert_eq!(doubled.outputs, tensors(vec![("y", floats(&[3], &[3.0, -4.0, 0.0]))]));
	let product = executor
		.run(
			&publish(&directory, &product()),
			tensors(vec![("x", floats(&[2, 3], &[1.0, 2.0, 3.0, 0.0, 1.0, 0.0]))]),
			in_time(),
		)
		.unwrap();
	assert_eq!(product.outputs, tensors(vec![("y", floats(&[2, 2], &[14.0, 140.0, 2.0, 20.0]))]));
	let looped = executor.run(&publish(&directory, &looping()), loop_inputs(1000, 7), in_time());
	assert_eq!(looped.unwrap().outputs, tensors(vec![("y", ints(&[], &[1007]))]));
}
