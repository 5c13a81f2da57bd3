// SPDX-License-Identifier: Apache-2.0
//! From what came out of a run to what an attester swears to.

use crate::RunOutput;
use codec::Encode;
use jurat_primitives::{
	Answer, JobFailure, Manifest, Tensors,
	manifest::check_tensors,
	tensor::{BlobTensors, NamedTensor},
};

/// What an attester swears to, given what [`Executor::run`](crate::Executor::run) returned.
pub fn answer(result: Result<RunOutput, JobFailure>, manifest: &Manifest) -> Answer {
	match result.and_then(|output| accept(output.outputs, manifest)) {
		Ok(outputs) => Answer::Output(outputs),
		Err(failure) => Answer::Failure(failure),
	}
}

/// The outputs as an answer may hold them.
///
/// # Errors
/// [`JobFailure::OutputMismatch`] if they do not fit the manifest's signature, else
/// [`JobFailure::OutputTooLarge`] if they are larger than [`Manifest::output_limit`].
pub fn accept(outputs: BlobTensors, manifest: &Manifest) -> Result<Tensors, JobFailure> {
	check_tensors(&manifest.outputs, &outputs, true).map_err(|_| JobFailure::OutputMismatch)?;
	// Before the tensors are moved: nothing of them is copied.
	if outputs.encoded_size() > manifest.output_limit() as usize {
		return Err(JobFailure::OutputTooLarge);
	}
	let tensors = outputs
		.into_iter()
		.map(|NamedTensor { name, tensor }| {
			let tensor = tensor.into_limit().map_err(|_| JobFailure::OutputTooLarge)?;
			Ok(NamedTensor { name, tensor })
		})
		.collect::<Result<Vec<_>, JobFailure>>()?;
	let tensors = Tensors::try_from(tensors).map_err(|_| JobFailure::OutputMismatch)?;
	// What the chain asks; implied by the two checks above.
	if manifest.accepts_output(&tensors) { Ok(tensors) } else { Err(JobFailure::OutputMismatch) }
}

#[cfg(test)]
mod tests {
	use super::*;
	use jurat_onnx::{Activations, Dim, GraphFacts, ManifestOptions, ValueFacts, derive_manifest};
	use jurat_primitives::{ElementType, tensor::Tensor};

	fn manifest() -> Manifest {
		let value = |name: &str| ValueFacts {
			name: name.into(),
			element: ElementType::U8,
			dims: vec![Dim::Symbol("N".into())],
		};
		let facts = GraphFacts {
			opset: 17,
			inputs: vec![value("x")],
			outputs: vec![value("y")],
			operators: vec!["Softmax".into()],
			nodes: 1,
			initialiser_bytes: 0,
			file_bytes: 0,
			activations: Activations::None,
		};
		let options = ManifestOptions { symbol_max: 1 << 20, ..Default::default() };
		derive_manifest(&facts, &options).unwrap()
	}

	fn output(name: &str, bytes: usize) -> Result<RunOutput, JobFailure> {
		let tensor = Tensor::new(ElementType::U8, [bytes as u64], vec![0; bytes]).unwrap();
		let named = NamedTensor::new(name, tensor).unwrap();
		Ok(RunOutput { outputs: BlobTensors::truncate_from(vec![named]), micros: 1 })
	}

	#[test]
	fn an_answer_is_an_output_only_if_the_chain_would_take_it() {
		let failure = |result| match answer(result, &manifest()) {
			Answer::Failure(failure) => failure,
			Answer::Output(_) => panic!("accepted"),
		};
		assert!(matches!(answer(output("y", 100), &manifest()), Answer::Output(_)));
		assert_eq!(failure(output("z", 100)), JobFailure::OutputMismatch);
		assert_eq!(failure(output("y", 4096)), JobFailure::OutputTooLarge);
		assert_eq!(failure(output("y", 70_000)), JobFailure::OutputTooLarge);
		assert_eq!(failure(Err(JobFailure::Crashed)), JobFailure::Crashed);
	}
}
