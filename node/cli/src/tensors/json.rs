// SPDX-License-Identifier: Apache-2.0
//! Tensors and JSON.
//!
//! A tensor is nested arrays, outermost dimension first; a scalar is a bare value. Its shape is read
//! off the nesting. Where that cannot say it (`[0, 3]`), or where the data is flat, an object names
//! it: `{"shape": [2, 2], "data": [1, 2, 3, 4]}`.
//!
//! Every element is read from its digits straight into its type, so that 64-bit integers are exact
//! and an `f32` is the one nearest to what was written. What JSON has no number for is a string:
//! `"NaN"`, `"Infinity"`, `"-Infinity"`. Integers may be strings too, as JavaScript programs must
//! write large ones.

use super::{FormatError, Named, show_shape};
use codec::Encode;
use half::{bf16, f16};
use jurat_primitives::{
	ElementType, NamedTensor, Tensor,
	limits::MAX_RANK,
	tensor::{BlobTensor, elements},
};
use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};
use serde_json::value::RawValue;
use sp_core::Get;
use std::fmt::Write;

/// Reads a tensor of this element type.
pub fn parse(text: &str, element: ElementType) -> Result<BlobTensor, FormatError> {
	let raw: &RawValue = serde_json::from_str(text).map_err(not_json)?;
	parse_raw(raw, element)
}

/// Reads a tensor of this element type from a part of a JSON text.
pub fn parse_raw(raw: &RawValue, element: ElementType) -> Result<BlobTensor, FormatError> {
	let mut reader = Reader { element, shape: Vec::new(), rank: None, data: Vec::new(), count: 0 };
	let stated = if raw.get().starts_with('{') {
		let explicit: Explicit<'_> = serde_json::from_str(raw.get()).map_err(|error| {
			FormatError::NotJson(format!(
				"an object must be {{\"shape\": [...], \"data\": [...]}}: {error}"
			))
		})?;
		explicit.check(element)?;
		reader.value(explicit.data, 0)?;
		explicit.shape
	} else {
		reader.value(raw, 0)?;
		None
	};
	let found = reader.shape;
	let shape = match stated {
		None => found,
		Some(stated) if stated == found => stated,
		// Flat data, or none: the shape says how it is to be read.
		Some(stated)
			if (found.len() == 1 || reader.count == 0)
				&& elements(&stated) == Some(reader.count) =>
		{
			stated
		},
		Some(stated) => {
			return Err(FormatError::Shape {
				stated: show_shape(&stated),
				found: match found.len() {
					1 => format!("{} elements", reader.count),
					_ => show_shape(&found),
				},
			});
		},
	};
	Ok(BlobTensor::new(element, shape, reader.data)?)
}

fn not_json(error: serde_json::Error) -> FormatError {
	FormatError::NotJson(error.to_string())
}

/// A tensor that states its shape.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Explicit<'a> {
	#[serde(rename = "type", alias = "datatype")]
	element: Option<String>,
	shape: Option<Vec<u64>>,
	#[serde(borrow)]
	data: &'a RawValue,
	// Given by what this client prints; the caller knows the name already.
	#[serde(rename = "name")]
	_name: Option<String>,
}

impl Explicit<'_> {
	fn check(&self, wanted: ElementType) -> Result<(), FormatError> {
		match &self.element {
			Some(found) if !is_named(wanted, found) => {
				Err(FormatError::Element { found: found.clone(), wanted, hint: String::new() })
			},
			_ => Ok(()),
		}
	}
}

/// Whether a name means this element type: this project's, or the Open Inference Protocol's.
fn is_named(element: ElementType, name: &str) -> bool {
	let protocol = match element {
		ElementType::F16 => "FP16",
		ElementType::F32 => "FP32",
		ElementType::F64 => "FP64",
		ElementType::BF16 => "BF16",
		ElementType::U8 => "UINT8",
		ElementType::U16 => "UINT16",
		ElementType::U32 => "UINT32",
		ElementType::U64 => "UINT64",
		ElementType::I8 => "INT8",
		ElementType::I16 => "INT16",
		ElementType::I32 => "INT32",
		ElementType::I64 => "INT64",
		ElementType::Bool => "BOOL",
		ElementType::String => "BYTES",
	};
	name == element.name() || name == protocol
}

/// Collects elements and the shape of their nesting.
struct Reader {
	element: ElementType,
	shape: Vec<u64>,
	/// Depth of the elements, once one was seen.
	rank: Option<usize>,
	data: Vec<u8>,
	count: u64,
}

impl Reader {
	fn value(&mut self, raw: &RawValue, depth: usize) -> Result<(), FormatError> {
		if !raw.get().starts_with('[') {
			match self.rank {
				None if depth == self.shape.len() => self.rank = Some(depth),
				Some(rank) if rank == depth => {},
				_ => return Err(FormatError::Ragged(format!("{} is not a row", short(raw.get())))),
			}
			self.count += 1;
			return element_bytes(raw.get(), self.element, &mut self.data);
		}
		if depth == MAX_RANK as usize {
			return Err(FormatError::Ragged(format!("more than {MAX_RANK} dimensions")));
		}
		if self.rank.is_some_and(|rank| depth >= rank) {
			let text = format!("{} is a row where others have an element", short(raw.get()));
			return Err(FormatError::Ragged(text));
		}
		let rows: Vec<&RawValue> = serde_json::from_str(raw.get()).map_err(not_json)?;
		match self.shape.get(depth) {
			None => self.shape.push(rows.len() as u64),
			Some(size) if *size == rows.len() as u64 => {},
			Some(size) => {
				return Err(FormatError::Ragged(format!(
					"{} has {} elements where the row before it has {size}",
					short(raw.get()),
					rows.len(),
				)));
			},
		}
		rows.into_iter().try_for_each(|row| self.value(row, depth + 1))
	}
}

fn short(text: &str) -> String {
	match text.char_indices().nth(40) {
		Some((end, _)) => format!("{}…", &text[..end]),
		None => text.into(),
	}
}

fn element_bytes(text: &str, element: ElementType, out: &mut Vec<u8>) -> Result<(), FormatError> {
	macro_rules! int {
		($type:ty) => {
			out.extend(integer::<$type>(text, element)?.to_le_bytes())
		};
	}
	match element {
		ElementType::U8 => int!(u8),
		ElementType::U16 => int!(u16),
		ElementType::U32 => int!(u32),
		ElementType::U64 => int!(u64),
		ElementType::I8 => int!(i8),
		ElementType::I16 => int!(i16),
		ElementType::I32 => int!(i32),
		ElementType::I64 => int!(i64),
		ElementType::F32 => {
			let value: f32 = float(text, element, |v: &f32| v.is_infinite())?;
			out.extend(if value.is_nan() { f32::NAN } else { value }.to_le_bytes());
		},
		ElementType::F64 => {
			let value: f64 = float(text, element, |v: &f64| v.is_infinite())?;
			out.extend(if value.is_nan() { f64::NAN } else { value }.to_le_bytes());
		},
		ElementType::F16 => {
			let value: f64 = float(text, element, |v: &f64| f16::from_f64(*v).is_infinite())?;
			out.extend(if value.is_nan() { f16::NAN } else { f16::from_f64(value) }.to_le_bytes());
		},
		ElementType::BF16 => {
			let value: f64 = float(text, element, |v: &f64| bf16::from_f64(*v).is_infinite())?;
			let value = if value.is_nan() { bf16::NAN } else { bf16::from_f64(value) };
			out.extend(value.to_le_bytes());
		},
		ElementType::Bool => match text {
			"true" => out.push(1),
			"false" => out.push(0),
			_ => return Err(refuse(text, element, "write true or false")),
		},
		ElementType::String => {
			let value: String = serde_json::from_str(text)
				.map_err(|_| refuse(text, element, "write it in double quotes"))?;
			value.as_bytes().encode_to(out);
		},
	}
	Ok(())
}

fn refuse(value: &str, element: ElementType, hint: &str) -> FormatError {
	FormatError::Value { value: short(value), element, hint: hint.into() }
}

fn integer<T: std::str::FromStr>(text: &str, element: ElementType) -> Result<T, FormatError> {
	let digits = match text.strip_prefix('"') {
		Some(rest) => rest.strip_suffix('"').unwrap_or(rest),
		None => text,
	};
	digits.parse().map_err(|_| {
		let unsigned = digits.strip_prefix('-').unwrap_or(digits);
		let whole = !unsigned.is_empty() && unsigned.bytes().all(|b| b.is_ascii_digit());
		if whole {
			refuse(text, element, "out of range")
		} else {
			refuse(text, element, "write a whole number without point or exponent")
		}
	})
}

fn float<T: std::str::FromStr>(
	text: &str,
	element: ElementType,
	is_infinite: impl Fn(&T) -> bool,
) -> Result<T, FormatError> {
	let hint = "write a number, or \"NaN\", \"Infinity\", \"-Infinity\"";
	if let Some(rest) = text.strip_prefix('"') {
		let word = rest.strip_suffix('"').unwrap_or(rest);
		let plain = word.strip_prefix(['-', '+']).unwrap_or(word).to_ascii_lowercase();
		if !matches!(plain.as_str(), "nan" | "inf" | "infinity") {
			return Err(refuse(text, element, hint));
		}
		return word.parse().map_err(|_| refuse(text, element, hint));
	}
	let value = text.parse().map_err(|_| refuse(text, element, hint))?;
	if is_infinite(&value) {
		return Err(refuse(text, element, "out of range; write \"Infinity\" if it is meant"));
	}
	Ok(value)
}

/// Writes a tensor's elements as nested arrays. `None` if its bytes do not fit its shape.
pub fn data<L: Get<u32>>(tensor: &Tensor<L>) -> Option<String> {
	tensor.check().ok()?;
	let values = element_texts(tensor)?;
	let mut out = String::new();
	let mut values = values.into_iter();
	nest(&tensor.shape, &mut values, &mut out)?;
	Some(out)
}

fn nest(shape: &[u64], values: &mut impl Iterator<Item = String>, out: &mut String) -> Option<()> {
	let Some((size, inner)) = shape.split_first() else {
		out.push_str(&values.next()?);
		return Some(());
	};
	// An empty tensor may have a dimension of any size: what cannot be nested is written flat, and
	// the shape beside it says the rest.
	let empty = inner.contains(&0);
	out.push('[');
	for i in 0..if empty { 0 } else { *size } {
		if i > 0 {
			out.push(',');
		}
		nest(inner, values, out)?;
	}
	out.push(']');
	Some(())
}

/// The elements of a tensor as JSON texts, in row-major order.
fn element_texts<L: Get<u32>>(tensor: &Tensor<L>) -> Option<Vec<String>> {
	macro_rules! numbers {
		($type:ty, $show:expr) => {
			tensor
				.data
				.chunks_exact(size_of::<$type>())
				.map(|bytes| Some($show(<$type>::from_le_bytes(bytes.try_into().ok()?))))
				.collect()
		};
	}
	macro_rules! ints {
		($type:ty) => {
			numbers!($type, |v: $type| v.to_string())
		};
	}
	match tensor.element_type {
		ElementType::U8 => ints!(u8),
		ElementType::U16 => ints!(u16),
		ElementType::U32 => ints!(u32),
		ElementType::U64 => ints!(u64),
		ElementType::I8 => ints!(i8),
		ElementType::I16 => ints!(i16),
		ElementType::I32 => ints!(i32),
		ElementType::I64 => ints!(i64),
		ElementType::F32 => {
			numbers!(f32, |v: f32| float_text(v.into(), |out| write!(out, "{v:?}")))
		},
		ElementType::F64 => numbers!(f64, |v: f64| float_text(v, |out| write!(out, "{v:?}"))),
		ElementType::F16 => {
			numbers!(f16, |v: f16| { float_text(v.into(), |out| write!(out, "{:?}", v.to_f32())) })
		},
		ElementType::BF16 => numbers!(bf16, |v: bf16| {
			float_text(v.into(), |out| write!(out, "{:?}", v.to_f32()))
		}),
		ElementType::Bool => tensor
			.data
			.iter()
			.map(|b| Some(if *b == 1 { "true" } else { "false" }.into()))
			.collect(),
		ElementType::String => {
			tensor.as_strings()?.into_iter().map(|text| serde_json::to_string(text).ok()).collect()
		},
	}
}

/// The shortest digits that read back as the same number, or a name for what has none.
fn float_text(value: f64, digits: impl FnOnce(&mut String) -> std::fmt::Result) -> String {
	if value.is_nan() {
		return "\"NaN\"".into();
	}
	if value.is_infinite() {
		return if value > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" }.into();
	}
	let mut out = String::new();
	match digits(&mut out) {
		Ok(()) => out,
		// Writing to a string cannot fail.
		Err(_) => "0".into(),
	}
}

/// A named tensor as JSON: `{"name", "type", "shape", "data"}`.
pub struct JsonTensor<'a, L: Get<u32>>(pub &'a NamedTensor<L>);

impl<L: Get<u32>> Serialize for JsonTensor<'_, L> {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		let text = data(&self.0.tensor)
			.ok_or_else(|| serde::ser::Error::custom("bytes do not fit the tensor's shape"))?;
		let raw = RawValue::from_string(text).map_err(serde::ser::Error::custom)?;
		let mut out = serializer.serialize_struct("Tensor", 4)?;
		out.serialize_field("name", &String::from_utf8_lossy(&self.0.name))?;
		out.serialize_field("type", self.0.tensor.element_type.name())?;
		out.serialize_field("shape", &self.0.tensor.shape.as_slice())?;
		out.serialize_field("data", &raw)?;
		out.end()
	}
}

/// Tensors as a JSON list.
pub fn list<L: Get<u32>>(tensors: &[NamedTensor<L>]) -> Vec<JsonTensor<'_, L>> {
	tensors.iter().map(JsonTensor).collect()
}

/// Reads a tensor that [`JsonTensor`] wrote: name and element type are in it.
pub fn parse_named(text: &str) -> Result<Named, FormatError> {
	#[derive(Deserialize)]
	struct Head {
		name: String,
		#[serde(rename = "type", alias = "datatype")]
		element: String,
	}
	let head: Head = serde_json::from_str(text).map_err(not_json)?;
	let element = ElementType::ALL
		.into_iter()
		.find(|element| is_named(*element, &head.element))
		.ok_or_else(|| FormatError::Malformed(format!("no element type {}", head.element)))?;
	NamedTensor::new(head.name, parse(text, element)?)
		.ok_or_else(|| FormatError::Malformed("the name is longer than 64 bytes".into()))
}

#[cfg(test)]
mod tests;
