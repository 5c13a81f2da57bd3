// SPDX-License-Identifier: Apache-2.0
//! The inputs of a request, from the command line.
//!
//! ```text
//! -i image=@digit.npy          a file: .json, .npy, .pb (ONNX TensorProto), .bin (raw bytes)
//! -i image=@-                  JSON from standard input
//! -i x='[[1, 2], [3, 4]]'      JSON; the element type is the manifest's
//! -i '[[1, 2], [3, 4]]'        without a name, where the model has one input
//! -i @inputs.json              without a name, where it has several: an object of all inputs
//! ```

use crate::{
	client::node::hash_bytes,
	tensors::{FormatError, Named, json, npy, onnx, show_name, show_shape, show_spec},
};
use codec::Encode;
use jurat_primitives::{
	Dimension, ElementType, Manifest, NamedTensor, RequestInput, TensorSpec, Tensors,
	limits::{MAX_BLOB_TENSOR, MAX_INLINE_INPUT},
	manifest::{Signature, SignatureError, TensorHeader, check_headers, check_tensors},
	tensor::{BlobTensor, BlobTensors},
};
use serde_json::value::RawValue;
use std::{
	collections::BTreeMap,
	io::Read,
	path::{Path, PathBuf},
};

/// Bytes of headers and the like that a file may have besides its data.
const OVERHEAD: u64 = 64 * 1024;

/// Why inputs cannot be used. Says what to do.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
	/// No input of this name.
	#[error("the model has no input `{name}`; it takes {}", specs(.known))]
	Unknown {
		/// The name given.
		name: String,
		/// Inputs that the model has.
		known: Signature,
	},
	/// Several inputs, and no name.
	#[error("the model takes {}: say which is meant, such as -i {}=…", specs(.0), first_name(.0))]
	Unnamed(Signature),
	/// An input twice.
	#[error("input `{0}` is given twice")]
	Twice(String),
	/// An input not at all.
	#[error("input `{}` is missing: give it as -i {}", show_name(&.0.name), example(.0))]
	Missing(Box<TensorSpec>),
	/// Something that is not the tensor that is wanted.
	#[error("input `{}` is {}, {reason}", show_name(&.spec.name), show_spec_type(.spec))]
	Value {
		/// What is wanted.
		spec: Box<TensorSpec>,
		/// What is wrong.
		reason: Box<FormatError>,
	},
	/// A tensor that does not fit the manifest.
	#[error("input `{}` is {}, but what is given is {found}: {why}", show_name(&.spec.name), show_spec_type(.spec))]
	Fit {
		/// What is wanted.
		spec: Box<TensorSpec>,
		/// What is there.
		found: String,
		/// How it differs.
		why: SignatureError,
	},
	/// A file that cannot be read.
	#[error("{path}: {reason}")]
	File {
		/// Which.
		path: PathBuf,
		/// Why.
		reason: String,
	},
	/// An input that no request can carry.
	#[error("the inputs take {0} bytes; a request may carry at most 256 MiB")]
	TooLarge(u64),
}

fn specs(signature: &Signature) -> String {
	signature.iter().map(show_spec).collect::<Vec<_>>().join(", ")
}

fn first_name(signature: &Signature) -> String {
	signature.first().map(|spec| show_name(&spec.name)).unwrap_or_default()
}

fn show_spec_type(spec: &TensorSpec) -> String {
	format!("{}{}", spec.element_type, crate::tensors::show_spec_shape(spec))
}

/// An input of the right type and rank, as an example.
fn example(spec: &TensorSpec) -> String {
	let value = match spec.element_type {
		ElementType::Bool => "true",
		ElementType::String => "\"text\"",
		element if element.is_float() => "0.5",
		_ => "1",
	};
	let rank = spec.shape.len();
	let name = show_name(&spec.name);
	let more = if rank == 0 { "" } else { ", …" };
	let data = format!("{}{value}{more}{}", "[".repeat(rank), "]".repeat(rank));
	format!("{name}='{data}' or -i {name}=@file.npy ({})", show_spec_type(spec))
}

/// Reads the inputs of a model from the command line's `-i` arguments, in the manifest's order, and
/// checks them against it.
pub fn parse(manifest: &Manifest, arguments: &[String]) -> Result<Vec<Named>, InputError> {
	let mut given = BTreeMap::<Vec<u8>, BlobTensor>::new();
	for argument in arguments {
		for (spec, tensor) in argument_tensors(&manifest.inputs, argument)? {
			if given.insert(spec.name.to_vec(), tensor).is_some() {
				return Err(InputError::Twice(show_name(&spec.name)));
			}
		}
	}
	assemble(manifest, given)
}

/// Brings tensors, by name, into the manifest's order, and checks them against it.
pub fn assemble(
	manifest: &Manifest,
	mut given: BTreeMap<Vec<u8>, BlobTensor>,
) -> Result<Vec<Named>, InputError> {
	let mut tensors = Vec::new();
	for spec in &manifest.inputs {
		let tensor = given
			.remove(spec.name.as_slice())
			.ok_or_else(|| InputError::Missing(Box::new(spec.clone())))?;
		tensors.push(NamedTensor { name: spec.name.clone(), tensor });
	}
	if let Some(name) = given.into_keys().next() {
		return Err(InputError::Unknown { name: show_name(&name), known: manifest.inputs.clone() });
	}
	let headers: Vec<_> = tensors.iter().map(TensorHeader::from).collect();
	for (i, (spec, named)) in manifest.inputs.iter().zip(&tensors).enumerate() {
		// The headers up to here, for symbols that inputs share; then the bytes of this one. So the
		// error names the input.
		let before = Signature::truncate_from(manifest.inputs[..=i].to_vec());
		let alone = Signature::truncate_from(vec![spec.clone()]);
		check_headers(&before, &headers[..=i])
			.and_then(|()| check_tensors(&alone, std::slice::from_ref(named), manifest.allow_nan))
			.map_err(|why| {
				let tensor = &named.tensor;
				let found = format!("{}{}", tensor.element_type, show_shape(&tensor.shape));
				InputError::Fit { spec: Box::new(spec.clone()), found, why }
			})?;
	}
	Ok(tensors)
}

/// The tensors that one argument gives.
fn argument_tensors<'a>(
	signature: &'a Signature,
	argument: &str,
) -> Result<Vec<(&'a TensorSpec, BlobTensor)>, InputError> {
	// A name may itself hold `=`: the longest name that fits is meant.
	let named = signature
		.iter()
		.filter_map(|spec| {
			let name = std::str::from_utf8(&spec.name).ok()?;
			Some((spec, argument.strip_prefix(name)?.strip_prefix('=')?))
		})
		.min_by_key(|(_, value)| value.len());
	if let Some((spec, value)) = named {
		return Ok(vec![(spec, value_tensor(spec, value)?)]);
	}
	let looks_like_value = argument.starts_with(['@', '[', '{', '"', '-'])
		|| argument.starts_with(|c: char| c.is_ascii_digit())
		|| matches!(argument, "true" | "false");
	if !looks_like_value {
		let name = argument.split('=').next().unwrap_or(argument);
		return Err(InputError::Unknown { name: name.into(), known: signature.clone() });
	}
	if let Some(all) = object_of_inputs(signature, argument)? {
		return Ok(all);
	}
	match signature.as_slice() {
		[spec] => Ok(vec![(spec, value_tensor(spec, argument)?)]),
		_ => Err(InputError::Unnamed(signature.clone())),
	}
}

/// Reads `{"x": [1, 2], "y": 3}`, if that is what the argument or its file is.
fn object_of_inputs<'a>(
	signature: &'a Signature,
	argument: &str,
) -> Result<Option<Vec<(&'a TensorSpec, BlobTensor)>>, InputError> {
	let text = match argument.strip_prefix('@') {
		None => argument.to_owned(),
		Some("-") if signature.len() > 1 => read_text(Path::new("-"))?,
		Some(path) if is_json(Path::new(path)) => read_text(Path::new(path))?,
		Some(_) => return Ok(None),
	};
	let Ok(object) = serde_json::from_str::<BTreeMap<String, &RawValue>>(&text) else {
		return Ok(None);
	};
	let of = |name: &str| signature.iter().find(|spec| spec.name.as_slice() == name.as_bytes());
	if !object.keys().any(|name| of(name).is_some()) {
		return Ok(None);
	}
	let tensors = object.into_iter().map(|(name, raw)| {
		let Some(spec) = of(&name) else {
			return Err(InputError::Unknown { name, known: signature.clone() });
		};
		let tensor = json::parse_raw(raw, spec.element_type);
		Ok((spec, tensor.map_err(|reason| value_error(spec, reason))?))
	});
	tensors.collect::<Result<_, _>>().map(Some)
}

fn value_error(spec: &TensorSpec, reason: FormatError) -> InputError {
	InputError::Value { spec: Box::new(spec.clone()), reason: Box::new(reason) }
}

fn value_tensor(spec: &TensorSpec, value: &str) -> Result<BlobTensor, InputError> {
	match value.strip_prefix('@') {
		Some(path) => file_tensor(spec, Path::new(path)),
		None => json::parse(value, spec.element_type).map_err(|reason| value_error(spec, reason)),
	}
}

fn is_json(path: &Path) -> bool {
	path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

fn file_tensor(spec: &TensorSpec, path: &Path) -> Result<BlobTensor, InputError> {
	let failed = |reason: FormatError| value_error(spec, reason);
	let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("").to_ascii_lowercase();
	match extension.as_str() {
		_ if path == Path::new("-") => {
			json::parse(&read_text(path)?, spec.element_type).map_err(failed)
		},
		"json" => json::parse(&read_text(path)?, spec.element_type).map_err(failed),
		"npy" => npy::parse(&read_bytes(path)?)
			.and_then(|tensor| same_type(spec, tensor, "save a.astype"))
			.map_err(failed),
		"pb" => onnx::parse(&read_bytes(path)?)
			.and_then(|(_, tensor)| same_type(spec, tensor, ""))
			.map_err(failed),
		"bin" => raw_tensor(spec, read_bytes(path)?).map_err(failed),
		_ => Err(InputError::File {
			path: path.into(),
			reason:
				"which format? Name it .json, .npy (numpy.save), .pb (ONNX TensorProto) or .bin \
			         (raw bytes)"
					.into(),
		}),
	}
}

/// The element type must be the manifest's: nothing is converted silently.
fn same_type(
	spec: &TensorSpec,
	tensor: BlobTensor,
	convert: &str,
) -> Result<BlobTensor, FormatError> {
	let (found, wanted) = (tensor.element_type, spec.element_type);
	if found == wanted {
		return Ok(tensor);
	}
	let numpy = match wanted {
		ElementType::F16 => Some("float16"),
		ElementType::F32 => Some("float32"),
		ElementType::F64 => Some("float64"),
		ElementType::I8 => Some("int8"),
		ElementType::I16 => Some("int16"),
		ElementType::I32 => Some("int32"),
		ElementType::I64 => Some("int64"),
		ElementType::U8 => Some("uint8"),
		ElementType::U16 => Some("uint16"),
		ElementType::U32 => Some("uint32"),
		ElementType::U64 => Some("uint64"),
		ElementType::Bool => Some("bool_"),
		ElementType::BF16 | ElementType::String => None,
	};
	let hint = match numpy {
		Some(name) if !convert.is_empty() => format!(": {convert}(np.{name})"),
		_ => String::new(),
	};
	Err(FormatError::Element { found: found.to_string(), wanted, hint })
}

/// Raw bytes: every dimension must be known, but one may be found by division.
fn raw_tensor(spec: &TensorSpec, data: Vec<u8>) -> Result<BlobTensor, FormatError> {
	let Some(size) = spec.element_type.size() else {
		return Err(FormatError::Malformed("strings cannot be raw bytes: give JSON".into()));
	};
	let fixed = spec.shape.iter().filter_map(|dimension| match dimension {
		Dimension::Fixed(size) => Some(*size),
		Dimension::Symbolic { .. } => None,
	});
	let free = spec.shape.iter().filter(|d| matches!(d, Dimension::Symbolic { .. })).count();
	let row = fixed.clone().try_fold(size as u64, u64::checked_mul).unwrap_or(u64::MAX);
	let length = data.len() as u64;
	let found = match free {
		0 => 0,
		1 if row > 0 && length.is_multiple_of(row) => length / row,
		1 => {
			return Err(FormatError::Malformed(format!(
				"{length} bytes are no multiple of the {row} of one row"
			)));
		},
		_ => {
			return Err(FormatError::Malformed(
				"raw bytes do not say the sizes of several free dimensions: give .npy or .json"
					.into(),
			));
		},
	};
	let shape: Vec<u64> = spec
		.shape
		.iter()
		.map(|dimension| match dimension {
			Dimension::Fixed(size) => *size,
			Dimension::Symbolic { .. } => found,
		})
		.collect();
	if free == 0 && row != length {
		return Err(FormatError::Shape {
			stated: format!("{} of {row} bytes", show_shape(&shape)),
			found: format!("{length} bytes"),
		});
	}
	Ok(BlobTensor::new(spec.element_type, shape, data)?)
}

fn read_text(path: &Path) -> Result<String, InputError> {
	let failed =
		|reason: std::io::Error| InputError::File { path: path.into(), reason: reason.to_string() };
	if path == Path::new("-") {
		let mut text = String::new();
		std::io::stdin().read_to_string(&mut text).map_err(failed)?;
		return Ok(text);
	}
	std::fs::read_to_string(path).map_err(failed)
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, InputError> {
	let failed =
		|reason: std::io::Error| InputError::File { path: path.into(), reason: reason.to_string() };
	let size = std::fs::metadata(path).map_err(failed)?.len();
	if size > u64::from(MAX_BLOB_TENSOR) + OVERHEAD {
		return Err(InputError::TooLarge(size));
	}
	std::fs::read(path).map_err(failed)
}

/// What a request carries, and the blob that the node must have first, if any.
#[derive(Clone, Debug)]
pub struct Prepared {
	/// The input.
	pub input: RequestInput,
	/// Its blob, where it is too large to travel inside the extrinsic.
	pub blob: Option<Vec<u8>>,
}

/// Chooses how tensors travel: inside the extrinsic up to 64 KiB, else by hash.
pub fn prepare(tensors: Vec<Named>) -> Result<Prepared, InputError> {
	let size = tensors.encoded_size() as u64;
	if size <= MAX_INLINE_INPUT.into() {
		let inline: Option<Vec<_>> = tensors
			.iter()
			.cloned()
			.map(|NamedTensor { name, tensor }| {
				Some(NamedTensor { name, tensor: tensor.into_limit().ok()? })
			})
			.collect();
		if let Some(inline) = inline.and_then(|inline| Tensors::try_from(inline).ok()) {
			return Ok(Prepared { input: RequestInput::Inline(inline), blob: None });
		}
	}
	let headers: Vec<_> = tensors.iter().map(TensorHeader::from).collect();
	let headers = headers.try_into().map_err(|_| InputError::TooLarge(size))?;
	let blob = BlobTensors::try_from(tensors).map_err(|_| InputError::TooLarge(size))?.encode();
	let (content, size) = (hash_bytes(&blob), blob.len() as u64);
	Ok(Prepared { input: RequestInput::Blob { content, size, headers }, blob: Some(blob) })
}

#[cfg(test)]
mod tests;
