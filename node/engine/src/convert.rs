// SPDX-License-Identifier: Apache-2.0
//! Tensors to ONNX Runtime and back, bit for bit.
//!
//! Both sides hold numbers in row-major order without padding; ours are little endian, ONNX
//! Runtime's are the machine's. The one thing changed on the way is a NaN that comes out: it gets
//! the one pattern that Jurat has for it
//! ([`canonicalise_nans`](jurat_primitives::Tensor::canonicalise_nans)).
//!
//! Strings that hold a NUL cannot be given to ONNX Runtime and are an error.

use crate::{RunError, wire::MAX_OUTPUT};
use half::{bf16, f16};
use jurat_primitives::{
	ElementType,
	tensor::{BlobTensor, BlobTensors, NamedTensor, Tensor},
};
use ort::{
	session::SessionInputValue,
	value::{DynValue, PrimitiveTensorElementType, Tensor as OrtTensor, TensorElementType},
};
use std::{borrow::Cow, fmt::Debug};
use zerocopy::{FromBytes, Immutable, IntoBytes};

#[cfg(target_endian = "big")]
compile_error!("tensors are little endian and are copied to ONNX Runtime as they are");

/// Inputs by name, for `ort::session::Session::run`.
pub type Inputs<'a> = Vec<(Cow<'a, str>, SessionInputValue<'static>)>;

/// Inputs as ONNX Runtime takes them. Each tensor is checked first.
pub fn inputs(tensors: &BlobTensors) -> Result<Inputs<'_>, RunError> {
	tensors
		.iter()
		.map(|named| {
			let name = str::from_utf8(&named.name)
				.map_err(|_| RunError::Input("a name is not UTF-8".into()))?;
			let value = to_value(&named.tensor)
				.map_err(|why| RunError::Input(crate::shown(&format!("`{name}`: {why}"))))?;
			Ok((name.into(), value.into()))
		})
		.collect()
}

/// Outputs as ONNX Runtime gives them.
pub fn outputs<'a>(
	values: impl IntoIterator<Item = (&'a str, DynValue)>,
) -> Result<BlobTensors, RunError> {
	let mut room = MAX_OUTPUT;
	let tensors = values
		.into_iter()
		.map(|(name, value)| {
			let tensor = from_value(&value, room)?;
			room = room.saturating_sub(tensor.data.len());
			NamedTensor::new(name, tensor).ok_or_else(|| RunError::Output("a name is long".into()))
		})
		.collect::<Result<Vec<_>, _>>()?;
	BlobTensors::try_from(tensors).map_err(|_| RunError::Output("too many outputs".into()))
}

/// One tensor, as ONNX Runtime takes it.
pub fn to_value(tensor: &BlobTensor) -> Result<DynValue, String> {
	use ElementType::*;
	// Strings are checked as they are taken apart, below.
	if tensor.element_type != String {
		tensor.check().map_err(|error| error.to_string())?;
	}
	let shape = tensor
		.shape
		.iter()
		.map(|size| i64::try_from(*size))
		.collect::<Result<Vec<_>, _>>()
		.map_err(|_| "a dimension is larger than ONNX Runtime can count")?;
	let data = tensor.data.as_slice();
	let value = match tensor.element_type {
		F32 => numbers::<f32>(shape, data),
		U8 => numbers::<u8>(shape, data),
		I8 => numbers::<i8>(shape, data),
		U16 => numbers::<u16>(shape, data),
		I16 => numbers::<i16>(shape, data),
		I32 => numbers::<i32>(shape, data),
		I64 => numbers::<i64>(shape, data),
		F16 => numbers::<f16>(shape, data),
		F64 => numbers::<f64>(shape, data),
		U32 => numbers::<u32>(shape, data),
		U64 => numbers::<u64>(shape, data),
		BF16 => numbers::<bf16>(shape, data),
		Bool => {
			let bools: Vec<bool> = data.iter().map(|byte| *byte != 0).collect();
			OrtTensor::from_array((shape, bools)).map(|tensor| tensor.into_dyn())
		},
		String => {
			let strings = tensor.as_strings().ok_or("not a tensor of strings")?;
			if tensor.elements() != Some(strings.len() as u64) {
				return Err("the number of strings does not fit the shape".into());
			}
			// `ort` asks for strings that borrow nothing.
			let strings: Vec<std::string::String> = strings.into_iter().map(Into::into).collect();
			OrtTensor::from_string_array((shape, strings.as_slice()))
				.map(|tensor| tensor.into_dyn())
		},
	};
	value.map_err(|error| error.to_string())
}

fn numbers<T>(shape: Vec<i64>, data: &[u8]) -> ort::Result<DynValue>
where
	T: FromBytes + IntoBytes + Clone + Debug + PrimitiveTensorElementType + 'static,
{
	let mut values = vec![T::new_zeroed(); data.len() / size_of::<T>()];
	let bytes = values.as_mut_slice().as_mut_bytes();
	// The lengths are equal: `check` has compared the data's with the shape.
	let length = bytes.len();
	bytes.copy_from_slice(&data[..length]);
	Ok(OrtTensor::from_array((shape, values))?.into_dyn())
}

/// One tensor, as ONNX Runtime gives it: at most `room` bytes.
pub fn from_value(value: &DynValue, room: usize) -> Result<BlobTensor, RunError> {
	use TensorElementType::*;
	let element =
		value.dtype().tensor_type().ok_or_else(|| RunError::Output("not a tensor".into()))?;
	let (element, shape, data) = match element {
		Float32 => bytes::<f32>(ElementType::F32, value, room),
		Uint8 => bytes::<u8>(ElementType::U8, value, room),
		Int8 => bytes::<i8>(ElementType::I8, value, room),
		Uint16 => bytes::<u16>(ElementType::U16, value, room),
		Int16 => bytes::<i16>(ElementType::I16, value, room),
		Int32 => bytes::<i32>(ElementType::I32, value, room),
		Int64 => bytes::<i64>(ElementType::I64, value, room),
		Bool => bytes::<bool>(ElementType::Bool, value, room),
		Float16 => bytes::<f16>(ElementType::F16, value, room),
		Float64 => bytes::<f64>(ElementType::F64, value, room),
		Uint32 => bytes::<u32>(ElementType::U32, value, room),
		Uint64 => bytes::<u64>(ElementType::U64, value, room),
		Bfloat16 => bytes::<bf16>(ElementType::BF16, value, room),
		String => return strings(value, room),
		other => Err(RunError::Output(format!("elements of type {other}"))),
	}?;
	// `new` also refuses a `bool` that is neither 0 nor 1.
	let mut tensor =
		Tensor::new(element, shape, data).map_err(|error| RunError::Output(error.to_string()))?;
	tensor.canonicalise_nans();
	Ok(tensor)
}

type Parts = (ElementType, Vec<u64>, Vec<u8>);

fn bytes<T>(element: ElementType, value: &DynValue, room: usize) -> Result<Parts, RunError>
where
	T: IntoBytes + Immutable + PrimitiveTensorElementType,
{
	let (shape, values) = value.try_extract_tensor::<T>().map_err(output_error)?;
	// As bytes from here on: a model can put any byte into a `bool`.
	let bytes = values.as_bytes();
	if bytes.len() > room {
		return Err(RunError::TooLarge);
	}
	Ok((element, sizes(shape)?, bytes.to_vec()))
}

fn strings(value: &DynValue, room: usize) -> Result<BlobTensor, RunError> {
	let (shape, strings) = value.try_extract_strings().map_err(output_error)?;
	if strings.iter().map(|string| string.len() + 4).sum::<usize>() > room {
		return Err(RunError::TooLarge);
	}
	Tensor::strings(sizes(shape)?, strings).map_err(|error| RunError::Output(error.to_string()))
}

fn sizes(shape: &[i64]) -> Result<Vec<u64>, RunError> {
	let sizes = shape.iter().map(|size| u64::try_from(*size)).collect::<Result<_, _>>();
	sizes.map_err(|_| RunError::Output("a dimension below zero".into()))
}

fn output_error(error: ort::Error) -> RunError {
	RunError::Output(crate::shown(error.message()))
}
