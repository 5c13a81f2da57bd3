// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! Wrong answers in place of right ones.

use std::{sync::Arc, time::Instant};

use codec::Encode;
use jurat_primitives::{
	Answer, ElementType, InlineTensor, JobFailure,
	mailbox::{Job, JobResult},
};

use crate::inference::Answerer;

/// Answers as an honest executor does, and then changes the answer.
pub struct Liar {
	/// Runs the model.
	pub honest: Arc<dyn Answerer>,
	/// Which wrong answer.
	pub seed: u64,
}

impl Answerer for Liar {
	fn missing(&self, job: &Job) -> Option<JobFailure> {
		self.honest.missing(job)
	}

	fn fetch(&self, job: &Job, until: Instant) -> Result<(), JobFailure> {
		self.honest.fetch(job, until)
	}

	fn answer(&self, job: &Job, deadline: Instant) -> JobResult {
		let mut result = self.honest.answer(job, deadline);
		result.answer = lie(result.answer, self.seed);
		result
	}
}

/// Another answer of the same types and shapes: a function of answer and seed, so that those who
/// share a seed agree. A failure stays one.
pub fn lie(answer: Answer, seed: u64) -> Answer {
	let Answer::Output(mut outputs) = answer else { return answer };
	outputs.iter_mut().for_each(|output| falsify(&mut output.tensor, seed));
	Answer::Output(outputs)
}

fn falsify(tensor: &mut InlineTensor, seed: u64) {
	// Never zero, in no type.
	let step = 1 + (seed % 100) as u8;
	let first = |tensor: &mut InlineTensor, size: usize| {
		if let Some(bytes) = tensor.data.get_mut(..size) {
			let mut number = [0; 8];
			number[..size].copy_from_slice(bytes);
			let other = u64::from_le_bytes(number).wrapping_add(step.into()).to_le_bytes();
			bytes.copy_from_slice(&other[..size]);
		}
	};
	match tensor.element_type {
		ElementType::String => falsify_strings(tensor, seed),
		ElementType::Bool => {
			let count = tensor.data.len().max(1) as u64;
			if let Some(value) = tensor.data.get_mut((seed % count) as usize) {
				*value ^= 1;
			}
		},
		// Far beyond every tolerance, and finite: 8,192 and more.
		ElementType::F16 => fill(tensor, &(0x7000 + u16::from(step)).to_le_bytes()),
		ElementType::BF16 => fill(tensor, &(0x4600 + u16::from(step)).to_le_bytes()),
		ElementType::F32 => fill(tensor, &(8192.0 * f32::from(step)).to_le_bytes()),
		ElementType::F64 => fill(tensor, &(8192.0 * f64::from(step)).to_le_bytes()),
		integer => first(tensor, integer.size().unwrap_or(1)),
	}
}

/// Gives every element the same value.
fn fill(tensor: &mut InlineTensor, value: &[u8]) {
	let data: &mut [u8] = tensor.data.as_mut();
	data.chunks_exact_mut(value.len()).for_each(|element| element.copy_from_slice(value));
}

/// Puts a lie in place of the first string, if the tensor has one and does not grow too large.
fn falsify_strings(tensor: &mut InlineTensor, seed: u64) {
	let mut strings: Vec<_> = match tensor.as_strings() {
		Some(strings) => strings.into_iter().map(str::to_owned).collect(),
		None => return,
	};
	if let Some(string) = strings.first_mut() {
		*string = format!("a lie, {seed}");
		let data = strings.iter().flat_map(|string| string.as_bytes().encode()).collect::<Vec<_>>();
		if let Ok(data) = data.try_into() {
			tensor.data = data;
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use jurat_primitives::{NamedTensor, Tensors};

	fn output(tensor: InlineTensor) -> Answer {
		let named = NamedTensor::new("x", tensor).unwrap();
		Answer::Output(Tensors::try_from(vec![named]).unwrap())
	}

	fn tensor(answer: &Answer) -> &InlineTensor {
		let Answer::Output(outputs) = answer else { panic!("{answer:?}") };
		&outputs[0].tensor
	}

	#[test]
	fn a_lie_is_valid_of_the_same_shape_and_the_same_for_one_seed() {
		for element in ElementType::ALL {
			let honest = output(match element.size() {
				Some(size) => InlineTensor::new(element, [2, 3], vec![1; 6 * size]).unwrap(),
				None => InlineTensor::strings([2, 3], ["seven"; 6]).unwrap(),
			});
			let (first, other) = (lie(honest.clone(), 7), lie(honest.clone(), 8));
			assert_ne!(first, honest, "{element}");
			assert_ne!(first, other, "{element}");
			assert_eq!(first, lie(honest.clone(), 7), "{element}");
			let (before, after) = (tensor(&honest), tensor(&first));
			assert_eq!((after.element_type, &after.shape), (before.element_type, &before.shape));
			assert_eq!(after.check(), Ok(()), "{element}");
			assert!(!after.has_nan(), "{element}");
		}
	}

	#[test]
	fn a_lie_in_floats_is_gross() {
		for element in [ElementType::F16, ElementType::BF16, ElementType::F32, ElementType::F64] {
			let zeros = vec![0; 4 * element.size().unwrap()];
			let lied = lie(output(InlineTensor::new(element, [4], zeros).unwrap()), 99);
			assert!(tensor(&lied).floats().all(|value| value.is_finite() && value > 8_000.0));
		}
	}

	#[test]
	fn a_label_becomes_another_label() {
		let seven = InlineTensor::new(ElementType::I64, [1], 7i64.to_le_bytes().to_vec()).unwrap();
		let lied = lie(output(seven), 1);
		assert_eq!(tensor(&lied).data.to_vec(), 9i64.to_le_bytes());
	}

	#[test]
	fn there_is_no_lie_about_a_failure_or_about_nothing() {
		let failure = Answer::Failure(JobFailure::TimedOut);
		assert_eq!(lie(failure.clone(), 7), failure);
		for element in ElementType::ALL {
			let empty = output(InlineTensor::new(element, [0], vec![]).unwrap());
			assert_eq!(lie(empty.clone(), 7), empty);
		}
	}
}
