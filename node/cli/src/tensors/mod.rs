// SPDX-License-Identifier: Apache-2.0
//! Tensors from and to the formats that people have.

pub mod json;
pub mod npy;
pub mod onnx;

use jurat_primitives::{
	Dimension, ElementType, TensorSpec,
	limits::{BlobLimit, MAX_BLOB_TENSOR},
	tensor::{NamedTensor, TensorError},
};

/// A named tensor of any size.
pub type Named = NamedTensor<BlobLimit>;

/// Why something is not a tensor. Says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
	/// Not JSON.
	#[error("not JSON: {0}")]
	NotJson(String),
	/// A value that the element type does not have.
	#[error("{value} is no {element}: {hint}")]
	Value {
		/// As written, shortened.
		value: String,
		/// What was wanted.
		element: ElementType,
		/// What to write instead.
		hint: String,
	},
	/// Rows of different length or depth.
	#[error("ragged: {0}")]
	Ragged(String),
	/// Data and stated shape differ.
	#[error("the shape is {stated}, but the data has {found}")]
	Shape {
		/// The shape, as stated.
		stated: String,
		/// The shape or number of elements found.
		found: String,
	},
	/// Another element type than stated.
	#[error("the elements are {found} but {wanted} is wanted{hint}")]
	Element {
		/// What is there.
		found: String,
		/// What is wanted.
		wanted: ElementType,
		/// How to convert.
		hint: String,
	},
	/// A file that is not of its format, or of a part of it that is not read.
	#[error("{0}")]
	Malformed(String),
	/// Bytes and shape do not fit.
	#[error("{0}")]
	Tensor(TensorError),
}

impl From<TensorError> for FormatError {
	fn from(error: TensorError) -> Self {
		match error {
			TensorError::TooLarge => {
				Self::Malformed(format!("more than {} MiB of data", MAX_BLOB_TENSOR >> 20))
			},
			other => Self::Tensor(other),
		}
	}
}

/// A shape as people write it: `[2, 3]`.
pub fn show_shape(shape: &[u64]) -> String {
	let sizes: Vec<_> = shape.iter().map(u64::to_string).collect();
	format!("[{}]", sizes.join(", "))
}

/// A name from the chain, as text.
pub fn show_name(name: &[u8]) -> String {
	String::from_utf8_lossy(name).into_owned()
}

/// The shape of a specification: `[N≤64, 784]`.
pub fn show_spec_shape(spec: &TensorSpec) -> String {
	let sizes: Vec<_> = spec
		.shape
		.iter()
		.map(|dimension| match dimension {
			Dimension::Fixed(size) => size.to_string(),
			Dimension::Symbolic { name, max } => format!("{}≤{max}", show_name(name)),
		})
		.collect();
	format!("[{}]", sizes.join(", "))
}

/// A specification as people write it: `image: f32[1, 784]`.
pub fn show_spec(spec: &TensorSpec) -> String {
	format!("{}: {}{}", show_name(&spec.name), spec.element_type, show_spec_shape(spec))
}
