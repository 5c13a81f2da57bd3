// SPDX-License-Identifier: Apache-2.0
//! Does this machine compute what the others do? Asked once, before the first job.
//!
//! An answer is compared with the answers of others. Integer kernels gave the same bytes on every
//! machine tried but one kind: on x86-64 with AVX2 and without VNNI, products of `u8` by `s8` are
//! added in 16 bits and saturate, unless ONNX Runtime is told to be precise. Another build, another
//! processor or a broken one may have surprises of its own. A node that would answer differently
//! would lose its stake; here it learns that before, and declines.
//!
//! Three small models are run in a real child, with the options that any model gets
//! ([`crate::session`]), on inputs that make such sums saturate. Their outputs are compared with
//! bytes in [`references`](self): integer outputs must be equal. Floats differ between machines by
//! their nature; those that are not equal are told, and those that are off by more than
//! [`NEAR`] are an error of the machine.

mod references;

use crate::{
	LOG_TARGET,
	child::{Lost, Worker},
	pool::EngineError,
};
use jurat_onnx::{
	ManifestOptions, build, derive_manifest, inspect,
	proto::{ModelProto, NodeProto, TensorProto},
};
use jurat_primitives::{
	ContentHash, ElementType, Manifest, NumericProfile,
	tensor::{BlobTensors, NamedTensor, Tensor},
};
use rustix::fs::{MemfdFlags, memfd_create};
use serde::Serialize;
use std::{collections::BTreeMap, fmt, fs::File, io::Write, time::Instant};

/// How far a float may be from its reference: absolute, and relative to the reference. A hundred
/// times what was seen between processors (8·10⁻⁶ at most, over a whole transformer).
pub const NEAR: f32 = 1e-4;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KnownAnswers {
	/// Outputs of integer models: what is wrong with them, if anything is.
	pub integers_wrong: Option<String>,
	/// Outputs of float models: what is wrong with them, if anything is.
	pub floats_wrong: Option<String>,
	/// Float outputs that are near their references, and not equal to them.
	pub floats_near: Vec<String>,
}

impl KnownAnswers {
	/// Why models of this profile are not run here, if they are not.
	pub fn refusal(&self, profile: &NumericProfile) -> Option<String> {
		match profile {
			NumericProfile::Exact => self.integers_wrong.clone(),
			// Its integer parts must be right, too.
			NumericProfile::Approximate { .. } => {
				self.integers_wrong.clone().or_else(|| self.floats_wrong.clone())
			},
		}
	}

	/// What is wrong, if anything is.
	pub fn wrong(&self) -> Option<&str> {
		self.integers_wrong.as_deref().or(self.floats_wrong.as_deref())
	}

	pub(crate) fn log(&self) {
		for (what, wrong) in [("exact", &self.integers_wrong), ("approximate", &self.floats_wrong)]
		{
			if let Some(wrong) = wrong {
				log::error!(
					target: LOG_TARGET,
					"known answers: {wrong}. This machine serves no {what} models; its answers \
					would be judged wrong.",
				);
			}
		}
		if self.integers_wrong.is_none() && self.floats_wrong.is_none() {
			log::info!(target: LOG_TARGET, "{self}");
		}
	}
}

impl fmt::Display for KnownAnswers {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let state = |wrong: &Option<String>, otherwise| match wrong {
			Some(_) => "WRONG",
			None => otherwise,
		};
		let near = if self.floats_near.is_empty() { "equal" } else { "near" };
		let integers = state(&self.integers_wrong, "equal");
		write!(
			f,
			"known answers: integers {integers}, floats {}",
			state(&self.floats_wrong, near)
		)?;
		match self.floats_near.as_slice() {
			[] => Ok(()),
			near => write!(f, " ({})", near.join(", ")),
		}
	}
}

/// Bytes that are expected, by output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct References(BTreeMap<&'static str, Vec<u8>>);

impl Default for References {
	/// Those in the source.
	fn default() -> Self {
		Self(references::all())
	}
}

impl References {
	/// The same with one byte of one output changed.
	pub fn spoilt(mut self, output: &str, byte: usize, bits: u8) -> Self {
		if let Some(byte) = self.0.get_mut(output).and_then(|bytes| bytes.get_mut(byte)) {
			*byte ^= bits;
		}
		self
	}
}

/// A model whose outputs are known, and inputs for it.
pub struct Probe {
	/// Its name, for messages.
	pub name: &'static str,
	/// The file.
	pub file: Vec<u8>,
	/// Its manifest.
	pub manifest: Manifest,
	/// What to run it on.
	pub inputs: BlobTensors,
	/// Whether its outputs are floats that may differ.
	pub floats: bool,
}

impl Probe {
	/// The file's hash.
	pub fn content(&self) -> ContentHash {
		ContentHash(*blake3::hash(&self.file).as_bytes())
	}
}

/// Runs all probes in this child, and leaves it without sessions.
pub(crate) fn ask(
	worker: &mut Worker,
	references: &References,
	deadline: Instant,
) -> Result<KnownAnswers, EngineError> {
	let mut answers =
		KnownAnswers { integers_wrong: None, floats_wrong: None, floats_near: Vec::new() };
	for probe in probes() {
		let wrong = match run(worker, &probe, deadline).map_err(|lost| match lost {
			Lost::TimedOut => EngineError::TimedOut,
			_ => EngineError::Died,
		})? {
			Ok(outputs) => compare(&probe, &outputs, references, &mut answers.floats_near),
			Err(error) => Some(format!("probe `{}` fails: {error}", probe.name)),
		};
		let place =
			if probe.floats { &mut answers.floats_wrong } else { &mut answers.integers_wrong };
		if place.is_none() {
			*place = wrong;
		}
	}
	Ok(answers)
}

fn run(
	worker: &mut Worker,
	probe: &Probe,
	deadline: Instant,
) -> Result<Result<BlobTensors, String>, Lost> {
	let content = probe.content();
	let file = match in_memory(&probe.file) {
		Ok(file) => file,
		Err(error) => return Ok(Err(error.to_string())),
	};
	if let Err(error) = worker.load_from(content, &probe.manifest, Some(&file), deadline)? {
		return Ok(Err(error.to_string()));
	}
	let run = worker.run(content, &probe.inputs, deadline)?;
	worker.unload(content, deadline)?;
	Ok(run.map(|run| run.outputs).map_err(|error| error.to_string()))
}

/// A file that holds these bytes and has no name.
fn in_memory(bytes: &[u8]) -> std::io::Result<File> {
	let mut file = File::from(memfd_create("jurat-known-answer", MemfdFlags::CLOEXEC)?);
	file.write_all(bytes)?;
	Ok(file)
}

/// What is wrong with the outputs, if anything is. Notes floats that are near and not equal.
fn compare(
	probe: &Probe,
	outputs: &BlobTensors,
	references: &References,
	near: &mut Vec<String>,
) -> Option<String> {
	if outputs.len() != probe.manifest.outputs.len() {
		return Some(format!("probe `{}` gives {} outputs", probe.name, outputs.len()));
	}
	outputs.iter().find_map(|NamedTensor { name, tensor }| {
		let name = String::from_utf8_lossy(name).into_owned();
		let Some(expected) = references.0.get(name.as_str()) else {
			return Some(format!("output `{name}` has no reference"));
		};
		let found = tensor.data.as_slice();
		if found == expected.as_slice() {
			return None;
		}
		let floats = probe.floats && tensor.element_type == ElementType::F32;
		if !floats || found.len() != expected.len() {
			return Some(format!("output `{name}` differs from its reference"));
		}
		let distance = distance(found, expected);
		if distance <= NEAR {
			near.push(format!("{name} within {distance:.0e}"));
			return None;
		}
		Some(format!("output `{name}` is {distance:.0e} from its reference"))
	})
}

/// Largest difference between two lists of floats: absolute, or relative to the second where that
/// is larger than one. Not finite where one of them is not.
fn distance(found: &[u8], expected: &[u8]) -> f32 {
	let float = |bytes: &[u8; 4]| f32::from_le_bytes(*bytes);
	let (found, _) = found.as_chunks::<4>();
	let (expected, _) = expected.as_chunks::<4>();
	let pairs = found.iter().map(float).zip(expected.iter().map(float));
	let distances =
		pairs.map(|(found, expected)| (found - expected).abs() / expected.abs().max(1.0));
	// `f32::max` would lose a NaN.
	distances.fold(0.0, |most, next| if next <= most || most.is_nan() { most } else { next })
}

/// The models.
///
/// # Panics
/// Never: they are as they are, and a test loads them.
pub fn probes() -> [Probe; 3] {
	let probe = |name, model: ModelProto, inputs, floats| {
		let file = build::file(&model);
		let facts = inspect(&file).expect("a model of this file's making is one; qed");
		let manifest = derive_manifest(&facts, &ManifestOptions::default())
			.expect("all its sizes are fixed and small; qed");
		Probe { name, file, manifest, inputs, floats }
	};
	[
		probe("unsigned", quantised(ElementType::U8), quantised_inputs(ElementType::U8), false),
		probe("signed", quantised(ElementType::I8), quantised_inputs(ElementType::I8), false),
		probe("floats", float(), float_inputs(), true),
	]
}

/// A sequence that looks random and is the same everywhere.
fn noise(count: usize, seed: u32) -> Vec<u8> {
	let mixed =
		|i: u32| (i ^ seed).wrapping_mul(0x9e37_79b1).rotate_left(15).wrapping_mul(0x85eb_ca6b);
	(0..count as u32).map(|i| (mixed(i) >> 24) as u8).collect()
}

/// Rows, columns and terms of the matrix products, channels and sizes of the convolutions.
const ROWS: usize = 4;
const TERMS: usize = 64;
const COLUMNS: usize = 16;
const IMAGE: [i64; 4] = [1, 3, 6, 6];
const KERNEL: [i64; 4] = [4, 3, 3, 3];

/// Activations: the first row is as large as can be, the rest is noise.
fn activations(element: ElementType) -> Vec<u8> {
	let most = if element == ElementType::U8 { 255 } else { 127 };
	let mut bytes = noise(ROWS * TERMS, 1);
	bytes[..TERMS].fill(most);
	bytes
}

/// Weights: the first two columns are as large and as small as can be, the rest is noise.
fn weights(element: ElementType) -> Vec<u8> {
	let [most, least] = if element == ElementType::U8 { [255, 0] } else { [127, 0x80] };
	let mut bytes = noise(TERMS * COLUMNS, 2);
	bytes.chunks_exact_mut(COLUMNS).for_each(|row| row[..2].copy_from_slice(&[most, least]));
	bytes
}

/// Scales of activations, weights and outputs: the sums above fill the range of an output.
const SCALES: [f32; 3] = [0.02, 0.011, 5.5];
/// Zero point of activations and outputs of this type.
const fn zero_point(element: ElementType) -> u8 {
	if matches!(element, ElementType::U8) { 119 } else { 3 }
}
/// Added to the channels of the convolution.
const BIAS: [i32; 4] = [0, 1000, -1000, 77_777];

/// Products, convolution and quantisation of activations of this type; weights are signed, and
/// unsigned as well where that is allowed.
fn quantised(element: ElementType) -> ModelProto {
	use ElementType::{F32, I8, I32, U8};
	let fixed = |dims: &[i64]| dims.iter().copied().map(build::fixed).collect::<Vec<_>>();
	let (rows, terms, columns) = (ROWS as i64, TERMS as i64, COLUMNS as i64);
	let mut constants: Vec<TensorProto> = ["sx", "sw", "sy"]
		.into_iter()
		.zip(SCALES)
		.map(|(name, scale)| build::floats(name, &[], &[scale]))
		.collect();
	let kernel = noise(KERNEL.iter().product::<i64>() as usize, 3);
	let bias = BIAS.iter().flat_map(|value| value.to_le_bytes()).collect();
	// Signed weights and their zero points are there once for each node: told to be precise, ONNX
	// Runtime makes them unsigned, and fails where two nodes share one.
	constants.extend(["z1", "z2", "z3"].map(|name| build::constant(name, I8, &[], vec![0])));
	constants.extend([
		build::constant("z", element, &[], vec![zero_point(element)]),
		build::constant("w1", I8, &[terms, columns], weights(I8)),
		build::constant("w2", I8, &[terms, columns], weights(I8)),
		build::constant("k", I8, &KERNEL, kernel),
		build::constant("bias", I32, &[BIAS.len() as i64], bias),
	]);
	let mut nodes = vec![
		build::node("MatMulInteger", &["a", "w1", "z", "z1"], &["product"]),
		build::node("QLinearMatMul", &["a", "sx", "z", "w2", "sw", "z2", "sy", "z"], &["linear"]),
		build::node(
			"QLinearConv",
			&["x", "sx", "z", "k", "sw", "z3", "sy", "z", "bias"],
			&["convolved"],
		),
		build::node("QuantizeLinear", &["f", "sx", "z"], &["rounded"]),
		build::node("DequantizeLinear", &["a", "sx", "z"], &["widened"]),
	];
	let matrix = fixed(&[rows, columns]);
	let mut outputs = vec![
		("product", I32, matrix.clone()),
		("linear", element, matrix.clone()),
		("convolved", element, fixed(&[1, KERNEL[0], IMAGE[2] - 2, IMAGE[3] - 2])),
		("rounded", element, fixed(&[32])),
		("widened", F32, fixed(&[rows, terms])),
	];
	if element == U8 {
		constants.extend([
			build::constant("v", U8, &[terms, columns], weights(U8)),
			build::constant("zv", U8, &[], vec![128]),
		]);
		let names = ["a", "sx", "z", "v", "sw", "zv", "sy", "z"];
		nodes.push(build::node("MatMulInteger", &["a", "v", "z", "zv"], &["product_u8"]));
		nodes.push(build::node("QLinearMatMul", &names, &["linear_u8"]));
		outputs.push(("product_u8", I32, matrix.clone()));
		outputs.push(("linear_u8", element, matrix));
	}
	let suffix = if element == U8 { "u8" } else { "s8" };
	let named = |name: &str| format!("{name}_of_{suffix}");
	let known: Vec<&str> = outputs.iter().map(|(name, ..)| *name).collect();
	for name in nodes.iter_mut().flat_map(|node: &mut NodeProto| &mut node.output) {
		if known.contains(&name.as_str()) {
			*name = named(name);
		}
	}
	build::model(
		build::graph(
			[
				build::value("a", element, fixed(&[rows, terms])),
				build::value("x", element, fixed(&IMAGE)),
				build::value("f", F32, fixed(&[32])),
			],
			outputs
				.into_iter()
				.map(|(name, element, dims)| build::value(&named(name), element, dims)),
			nodes,
			constants,
		),
		17,
	)
}

/// Halves, so that rounding has to decide, and values beyond the range.
fn halves() -> Vec<f32> {
	(0..32).map(|i| (i as f32 - 16.0) * 0.25 + 0.01).collect()
}

fn tensors(list: Vec<(&str, ElementType, Vec<u64>, Vec<u8>)>) -> BlobTensors {
	let tensors = list.into_iter().map(|(name, element, shape, data)| {
		let tensor = Tensor::new(element, shape, data).expect("the data fits the shape; qed");
		NamedTensor::new(name, tensor).expect("the name is short; qed")
	});
	BlobTensors::truncate_from(tensors.collect())
}

fn le(values: &[f32]) -> Vec<u8> {
	values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

fn quantised_inputs(element: ElementType) -> BlobTensors {
	let image = noise(IMAGE.iter().product::<i64>() as usize, 4);
	tensors(vec![
		("a", element, vec![ROWS as u64, TERMS as u64], activations(element)),
		("x", element, IMAGE.map(|size| size as u64).into(), image),
		("f", ElementType::F32, vec![32], le(&halves())),
	])
}

/// A matrix product, and what transformers are made of besides.
fn float() -> ModelProto {
	let value = |name, dims: &[i64]| {
		build::value(name, ElementType::F32, dims.iter().copied().map(build::fixed))
	};
	let terms = TERMS as i64;
	let small = |seed, count| -> Vec<f32> {
		noise(count, seed).into_iter().map(|byte| (f32::from(byte) - 127.5) / 64.0).collect()
	};
	let constants = [
		build::floats("w", &[terms, 16], &small(5, TERMS * 16)),
		build::floats("scale", &[terms], &small(6, TERMS)),
		build::floats("bias", &[terms], &small(7, TERMS)),
	];
	let nodes = [
		build::node("MatMul", &["x", "w"], &["matmul"]),
		build::node("Softmax", &["x"], &["softmax"]),
		build::node("LayerNormalization", &["x", "scale", "bias"], &["normal"]),
		build::node("Gelu", &["x"], &["gelu"]),
	];
	let outputs = [
		value("matmul", &[2, 16]),
		value("softmax", &[2, terms]),
		value("normal", &[2, terms]),
		value("gelu", &[2, terms]),
	];
	build::model(build::graph([value("x", &[2, terms])], outputs, nodes, constants), 20)
}

fn float_inputs() -> BlobTensors {
	let values: Vec<f32> =
		noise(2 * TERMS, 8).into_iter().map(|byte| (f32::from(byte) - 127.5) / 32.0).collect();
	tensors(vec![("x", ElementType::F32, vec![2, TERMS as u64], le(&values))])
}

#[cfg(test)]
mod tests {
	use super::*;
	use jurat_onnx::Activations;

	/// `zero_point + round(sum · scale)`, within the range of the type: ONNX's definition of the
	/// `QLinear` operators.
	fn requantise(sum: i32, element: ElementType) -> u8 {
		let [sx, sw, sy] = SCALES;
		let scaled = (sum as f32 * (sx * sw / sy)).round_ties_even();
		let zero = zero_point(element);
		match element {
			ElementType::U8 => (scaled + f32::from(zero)).clamp(0.0, 255.0) as u8,
			_ => (scaled + f32::from(zero as i8)).clamp(-128.0, 127.0) as i8 as u8,
		}
	}

	fn signed(byte: u8, element: ElementType) -> i32 {
		if element == ElementType::U8 { byte.into() } else { (byte as i8).into() }
	}

	fn expect(name: &str, bytes: Vec<u8>) {
		assert_eq!(references::all()[name], bytes, "{name}");
	}

	fn le_i32(values: &[i32]) -> Vec<u8> {
		values.iter().flat_map(|value| value.to_le_bytes()).collect()
	}

	/// The sums of a product, by definition.
	fn sums(element: ElementType, weight: ElementType, weight_zero: i32) -> Vec<i32> {
		let (a, w) = (activations(element), weights(weight));
		let zero = signed(zero_point(element), element);
		let cell = |row: usize, column: usize| {
			(0..TERMS)
				.map(|term| {
					(signed(a[row * TERMS + term], element) - zero)
						* (signed(w[term * COLUMNS + column], weight) - weight_zero)
				})
				.sum()
		};
		(0..ROWS).flat_map(|row| (0..COLUMNS).map(move |column| cell(row, column))).collect()
	}

	#[test]
	fn references_of_integers_are_what_onnx_defines() {
		for (element, suffix) in [(ElementType::U8, "u8"), (ElementType::I8, "s8")] {
			let requantised = |sums: &[i32]| -> Vec<u8> {
				sums.iter().map(|sum| requantise(*sum, element)).collect()
			};
			let product = sums(element, ElementType::I8, 0);
			expect(&format!("product_of_{suffix}"), le_i32(&product));
			expect(&format!("linear_of_{suffix}"), requantised(&product));

			let [_, channels, height, width] = IMAGE.map(|size| size as usize);
			let image = noise(channels * height * width, 4);
			let kernel = noise(KERNEL.iter().product::<i64>() as usize, 3);
			let zero = signed(zero_point(element), element);
			let mut convolved = Vec::new();
			for (out, bias) in BIAS.iter().enumerate() {
				for (y, x) in (0..height - 2).flat_map(|y| (0..width - 2).map(move |x| (y, x))) {
					let mut sum = *bias;
					for (c, i) in (0..channels).flat_map(|c| (0..9).map(move |i| (c, i))) {
						let pixel = image[(c * height + y + i / 3) * width + x + i % 3];
						let weight = kernel[(out * channels + c) * 9 + i] as i8;
						sum += (signed(pixel, element) - zero) * i32::from(weight);
					}
					convolved.push(sum);
				}
			}
			expect(&format!("convolved_of_{suffix}"), requantised(&convolved));

			let round = |value: f32| {
				let scaled = (value / SCALES[0]).round_ties_even();
				match element {
					ElementType::U8 => {
						(scaled + f32::from(zero_point(element))).clamp(0.0, 255.0) as u8
					},
					_ => (scaled + zero as f32).clamp(-128.0, 127.0) as i8 as u8,
				}
			};
			expect(&format!("rounded_of_{suffix}"), halves().into_iter().map(round).collect());
			let widened = activations(element)
				.into_iter()
				.map(|byte| (signed(byte, element) - zero) as f32 * SCALES[0]);
			expect(&format!("widened_of_{suffix}"), le(&widened.collect::<Vec<_>>()));
		}
		let product = sums(ElementType::U8, ElementType::U8, 128);
		expect("product_u8_of_u8", le_i32(&product));
		let requantised = product.iter().map(|sum| requantise(*sum, ElementType::U8)).collect();
		expect("linear_u8_of_u8", requantised);
	}

	#[test]
	fn references_of_floats_are_near_what_onnx_defines() {
		let input = float_inputs();
		let (chunks, _) = input[0].tensor.data.as_chunks::<4>();
		let x: Vec<f64> = chunks.iter().map(|bytes| f32::from_le_bytes(*bytes).into()).collect();
		let near = |name: &str, expected: Vec<f64>| {
			let expected: Vec<f32> = expected.into_iter().map(|value| value as f32).collect();
			let distance = distance(&references::all()[name], &le(&expected));
			assert!(distance < 1e-5, "{name}: {distance}");
		};
		let rows: Vec<&[f64]> = x.chunks(TERMS).collect();
		let softmax = rows.iter().flat_map(|row| {
			let sum: f64 = row.iter().map(|value| value.exp()).sum();
			row.iter().map(move |value| value.exp() / sum).collect::<Vec<_>>()
		});
		near("softmax", softmax.collect());
		let small = |seed, count| -> Vec<f64> {
			noise(count, seed).into_iter().map(|byte| (f64::from(byte) - 127.5) / 64.0).collect()
		};
		let (scale, bias, w) = (small(6, TERMS), small(7, TERMS), small(5, TERMS * 16));
		let normal = rows.iter().flat_map(|row| {
			let mean = row.iter().sum::<f64>() / TERMS as f64;
			let variance = row.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / TERMS as f64;
			let normal =
				|(v, (s, b)): (&f64, (&f64, &f64))| (v - mean) / (variance + 1e-5).sqrt() * s + b;
			row.iter().zip(scale.iter().zip(&bias)).map(normal).collect::<Vec<_>>()
		});
		near("normal", normal.collect());
		let matmul = rows.iter().flat_map(|row| {
			let cell = |column| (0..TERMS).map(|i| row[i] * w[i * 16 + column]).sum();
			(0..16).map(cell).collect::<Vec<f64>>()
		});
		near("matmul", matmul.collect());
	}

	#[test]
	fn the_probes_are_run_as_any_model_of_their_kind() {
		let activations = probes().map(|probe| inspect(&probe.file).unwrap().activations);
		assert_eq!(activations, [Activations::Unsigned, Activations::Signed, Activations::None]);
		let exact = probes().map(|probe| probe.manifest.profile == NumericProfile::Exact);
		assert_eq!(exact, [true, true, false]);
	}

	#[test]
	fn sums_of_the_unsigned_probe_would_saturate_in_16_bits() {
		// What `VPMADDUBSW` adds at once: two products, here of the first row and column.
		let (a, w) = (activations(ElementType::U8), weights(ElementType::I8));
		let product = |term: usize| i32::from(a[term]) * i32::from(w[term * COLUMNS] as i8);
		assert!(product(0) + product(1) > i32::from(i16::MAX));
	}

	#[test]
	fn a_distance_sees_what_is_not_a_number() {
		let far = |a: f32, b: f32| distance(&a.to_le_bytes(), &b.to_le_bytes());
		assert_eq!(far(1.0, 1.0), 0.0);
		assert_eq!(far(200.0, 100.0), 1.0);
		assert!(far(f32::NAN, 0.0).is_nan());
		assert_eq!(far(f32::INFINITY, 0.0), f32::INFINITY);
		let hidden = distance(&le(&[f32::NAN, 0.0]), &le(&[0.0, 0.0]));
		assert!(hidden.is_nan(), "a later element hides it: {hidden}");
	}
}
