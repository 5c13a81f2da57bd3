// SPDX-License-Identifier: Apache-2.0
//! Inputs made up from a manifest, to see whether and how fast a model runs.

use codec::{Compact, Encode};
use jurat_primitives::{
	Dimension, Manifest, TensorSpec,
	tensor::{BlobTensors, NamedTensor, Tensor, elements},
};
use std::collections::BTreeMap;

/// Bytes of all inputs of a probe, at most. Where the largest sizes allowed would give more, the
/// free dimensions are halved until they do not.
pub const MAX_BYTES: u64 = 64 << 20;

/// What the elements of a probe are. Strings are always empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
	/// Zero: a valid index everywhere.
	Zeros,
	/// One: a mask that lets through, a divisor.
	Ones,
	/// Made up, but the same each time: floats of either sign below this size, 8-bit numbers of
	/// any value, truth values; other integers are zero or one, which are valid indices.
	Noise(u32),
}

/// How large the free dimensions of a probe are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
	/// As large as the manifest allows, within [`MAX_BYTES`].
	Largest,
	/// One.
	Smallest,
}

/// Inputs that fit the manifest. `None` if its fixed sizes alone are beyond [`MAX_BYTES`].
pub fn inputs(manifest: &Manifest, size: Size, fill: Fill) -> Option<BlobTensors> {
	let mut sizes = BTreeMap::new();
	for dimension in manifest.inputs.iter().flat_map(|spec| &spec.shape) {
		if let Dimension::Symbolic { name, max } = dimension {
			let size = match size {
				Size::Largest => *max,
				Size::Smallest => (*max).min(1),
			};
			sizes.insert(name.as_slice(), size);
		}
	}
	loop {
		let total = manifest
			.inputs
			.iter()
			.try_fold(0u64, |total, spec| total.checked_add(bytes(spec, &sizes)?));
		if total.is_some_and(|total| total <= MAX_BYTES) {
			break;
		}
		// The largest one first, so that a batch of 4096 goes before a sequence of 128.
		let largest = sizes.values_mut().max()?;
		if *largest <= 1 {
			return None;
		}
		*largest /= 2;
	}
	let tensors = manifest.inputs.iter().map(|spec| tensor(spec, &sizes, fill));
	BlobTensors::try_from(tensors.collect::<Option<Vec<_>>>()?).ok()
}

fn shape(spec: &TensorSpec, sizes: &BTreeMap<&[u8], u64>) -> Vec<u64> {
	let size = |dimension: &Dimension| match dimension {
		Dimension::Fixed(size) => *size,
		Dimension::Symbolic { name, .. } => sizes.get(name.as_slice()).copied().unwrap_or(1),
	};
	spec.shape.iter().map(size).collect()
}

fn bytes(spec: &TensorSpec, sizes: &BTreeMap<&[u8], u64>) -> Option<u64> {
	// An empty string is one byte long.
	let element = spec.element_type.size().unwrap_or(1) as u64;
	elements(&shape(spec, sizes))?.checked_mul(element)
}

fn tensor(
	spec: &TensorSpec,
	sizes: &BTreeMap<&[u8], u64>,
	fill: Fill,
) -> Option<NamedTensor<jurat_primitives::limits::BlobLimit>> {
	use jurat_primitives::ElementType::*;
	let shape = shape(spec, sizes);
	let count = usize::try_from(elements(&shape)?).ok()?;
	let one: Vec<u8> = match spec.element_type {
		U8 | I8 | Bool => vec![1],
		U16 | I16 => 1u16.to_le_bytes().into(),
		I32 | U32 => 1u32.to_le_bytes().into(),
		I64 | U64 => 1u64.to_le_bytes().into(),
		F16 => half::f16::ONE.to_le_bytes().into(),
		BF16 => half::bf16::ONE.to_le_bytes().into(),
		F32 => 1f32.to_le_bytes().into(),
		F64 => 1f64.to_le_bytes().into(),
		String => Compact(0u32).encode(),
	};
	let data = match fill {
		Fill::Ones => one.repeat(count),
		Fill::Zeros => vec![0; one.len() * count],
		Fill::Noise(size) => {
			let mut noise = Noise::new(&spec.name, size);
			match spec.element_type {
				U8 | I8 => (0..count).map(|_| (noise.next() >> 56) as u8).collect(),
				F16 => noise.floats(count, |x| half::f16::from_f64(x).to_le_bytes()),
				BF16 => noise.floats(count, |x| half::bf16::from_f64(x).to_le_bytes()),
				F32 => noise.floats(count, |x| (x as f32).to_le_bytes()),
				F64 => noise.floats(count, f64::to_le_bytes),
				Bool => (0..count).map(|_| (noise.next() >> 63) as u8).collect(),
				String => vec![0; count],
				U16 | I16 | I32 | U32 | I64 | U64 => {
					let zero = vec![0; one.len()];
					let pick = |_| if noise.next() >> 63 == 0 { &zero } else { &one };
					(0..count).flat_map(pick).copied().collect()
				},
			}
		},
	};
	let tensor = Tensor::new(spec.element_type, shape, data).ok()?;
	Some(NamedTensor { name: spec.name.clone(), tensor })
}

/// Numbers that look random, the same on every machine (xorshift64*, Vigna 2016).
struct Noise {
	state: u64,
	size: f64,
}

impl Noise {
	/// `name` and `size` choose the sequence.
	fn new(name: &[u8], size: u32) -> Self {
		let seed = name.iter().fold(0x9e37_79b9_7f4a_7c15, |seed: u64, byte| {
			(seed ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
		});
		Self { state: (seed ^ u64::from(size)) | 1, size: size.into() }
	}

	fn next(&mut self) -> u64 {
		self.state ^= self.state >> 12;
		self.state ^= self.state << 25;
		self.state ^= self.state >> 27;
		self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
	}

	fn floats<const N: usize>(&mut self, count: usize, bytes: impl Fn(f64) -> [u8; N]) -> Vec<u8> {
		let unit = |noise: u64| (noise >> 11) as f64 / (1u64 << 52) as f64 - 1.0;
		(0..count).flat_map(|_| bytes(unit(self.next()) * self.size)).collect()
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use jurat_onnx::{Activations, Dim, GraphFacts, ManifestOptions, ValueFacts, derive_manifest};
	use jurat_primitives::{ElementType, manifest::check_tensors};

	fn manifest(symbol_max: u64, fixed: u64) -> Manifest {
		let dims = || vec![Dim::Symbol("N".into()), Dim::Fixed(fixed), Dim::Unnamed];
		let value = |element: ElementType| ValueFacts {
			name: element.name().into(),
			element,
			dims: dims(),
		};
		let facts = GraphFacts {
			opset: 17,
			inputs: ElementType::ALL.into_iter().map(value).collect(),
			outputs: vec![value(ElementType::F32)],
			operators: vec!["Identity".into()],
			nodes: 1,
			initialiser_bytes: 0,
			file_bytes: 0,
			activations: Activations::None,
		};
		let options = ManifestOptions { symbol_max, ..Default::default() };
		derive_manifest(&facts, &options).unwrap()
	}

	#[test]
	fn a_probe_fits_its_manifest_and_its_bound() {
		for (symbol_max, fixed) in [(64, 3), (1 << 40, 2), (u64::MAX, 0), (7, 1)] {
			let manifest = manifest(symbol_max, fixed);
			for size in [Size::Largest, Size::Smallest] {
				for fill in [Fill::Zeros, Fill::Ones, Fill::Noise(1), Fill::Noise(16)] {
					let inputs = inputs(&manifest, size, fill).unwrap();
					check_tensors(&manifest.inputs, &inputs, false).unwrap();
					let bytes: usize = inputs.iter().map(|named| named.tensor.data.len()).sum();
					assert!(bytes as u64 <= MAX_BYTES);
				}
			}
		}
		assert_eq!(inputs(&manifest(4, u64::MAX), Size::Smallest, Fill::Ones), None);
	}
}
