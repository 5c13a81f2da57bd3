// SPDX-License-Identifier: Apache-2.0
//! Constants of a graph: refused if they lie elsewhere or are not what they say.

use crate::{error::InspectError, inspect::MAX_AXES, proto::TensorProto};
use jurat_primitives::ElementType;

/// Bytes of a constant, or why it is refused.
pub(crate) fn check_tensor(tensor: &TensorProto) -> Result<u64, InspectError> {
	let name = || crate::inspect::shown(&tensor.name);
	if tensor.data_location != 0 || !tensor.external_data.is_empty() {
		return Err(InspectError::ExternalData { tensor: name() });
	}
	let element = ElementType::from_onnx_code(tensor.data_type)
		.ok_or_else(|| InspectError::ElementType { value: name(), code: tensor.data_type })?;
	let wrong = || InspectError::Constant { tensor: name() };
	let elements = if tensor.dims.contains(&0) {
		0
	} else {
		tensor
			.dims
			.iter()
			.try_fold(1u64, |product, dim| product.checked_mul(u64::try_from(*dim).ok()?))
			.ok_or_else(wrong)?
	};
	if tensor.dims.len() > MAX_AXES || tensor.dims.iter().any(|dim| *dim < 0) {
		return Err(wrong());
	}
	if tensor.segment.is_some() {
		return Err(wrong());
	}
	if lists(tensor) + usize::from(!tensor.raw_data.is_empty()) > 1 {
		return Err(wrong());
	}
	let Some(size) = element.size() else {
		let bytes = tensor.string_data.iter().map(|s| s.len() as u64).sum();
		let fits = tensor.string_data.len() as u64 == elements && tensor.raw_data.is_empty();
		return if fits { Ok(bytes) } else { Err(wrong()) };
	};
	let bytes = elements.checked_mul(size as u64).ok_or_else(wrong)?;
	let fits = if tensor.raw_data.is_empty() {
		let (typed, in_range) = typed_elements(tensor, element);
		typed as u64 == elements && in_range
	} else {
		// A `bool` that is neither 0 nor 1 would travel through the graph as what it is not.
		let bools = element != ElementType::Bool || tensor.raw_data.iter().all(|byte| *byte <= 1);
		tensor.raw_data.len() as u64 == bytes && bools
	};
	if fits { Ok(bytes) } else { Err(wrong()) }
}

/// Fields for elements of some type that are not empty.
fn lists(tensor: &TensorProto) -> usize {
	let lengths = [
		tensor.float_data.len(),
		tensor.int32_data.len(),
		tensor.string_data.len(),
		tensor.int64_data.len(),
		tensor.double_data.len(),
		tensor.uint64_data.len(),
	];
	lengths.iter().filter(|length| **length > 0).count()
}

/// Small integers that a constant holds; `None` if it is of another type or has more than
/// [`MAX_AXES`] of them. `tensor` has been checked.
pub(crate) fn integers(tensor: &TensorProto) -> Option<Vec<i64>> {
	let raw = &tensor.raw_data;
	let integers: Vec<i64> = match ElementType::from_onnx_code(tensor.data_type)? {
		ElementType::I64 if raw.is_empty() => tensor.int64_data.iter().copied().collect_few()?,
		ElementType::I32 if raw.is_empty() => {
			tensor.int32_data.iter().map(|i| (*i).into()).collect_few()?
		},
		ElementType::I64 => {
			raw.as_chunks().0.iter().map(|b| i64::from_le_bytes(*b)).collect_few()?
		},
		ElementType::I32 => {
			raw.as_chunks().0.iter().map(|b| i32::from_le_bytes(*b).into()).collect_few()?
		},
		_ => return None,
	};
	Some(integers)
}

/// Floats that a constant holds, as [`integers`].
pub(crate) fn few_floats(tensor: &TensorProto) -> Option<Vec<f32>> {
	let raw = &tensor.raw_data;
	match ElementType::from_onnx_code(tensor.data_type)? {
		ElementType::F32 if raw.is_empty() => tensor.float_data.iter().copied().collect_few(),
		ElementType::F32 => raw.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect_few(),
		_ => None,
	}
}

trait Few<T> {
	/// All, unless they are more than [`MAX_AXES`].
	fn collect_few(self) -> Option<Vec<T>>;
}

impl<T, I: Iterator<Item = T>> Few<T> for I {
	fn collect_few(self) -> Option<Vec<T>> {
		let few: Vec<T> = self.take(MAX_AXES + 1).collect();
		(few.len() <= MAX_AXES).then_some(few)
	}
}

/// Number of elements in the field for `element`, and whether they are values of that type.
fn typed_elements(tensor: &TensorProto, element: ElementType) -> (usize, bool) {
	use ElementType::*;
	match element {
		F32 => (tensor.float_data.len(), true),
		F64 => (tensor.double_data.len(), true),
		I64 => (tensor.int64_data.len(), true),
		U32 | U64 => (tensor.uint64_data.len(), true),
		Bool => {
			let bools = tensor.int32_data.iter().all(|value| matches!(value, 0 | 1));
			(tensor.int32_data.len(), bools)
		},
		U8 | I8 | U16 | I16 | I32 | F16 | BF16 => (tensor.int32_data.len(), true),
		String => (tensor.string_data.len(), true),
	}
}
