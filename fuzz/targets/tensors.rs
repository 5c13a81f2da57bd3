// SPDX-License-Identifier: Apache-2.0
//! Tensors from outside. What is read has the bytes it was read from, fits in memory what its shape
//! says, and agrees with itself.

#![no_main]

use codec::Encode;
use jurat_primitives::{
	profile::{Bounds, tensors_agree},
	tensor::decode_tensors,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
	let Some(tensors) = decode_tensors(data) else { return };
	assert_eq!(tensors.encode(), data);
	for named in &tensors {
		let tensor = &named.tensor;
		assert!(tensor.check().is_ok());
		assert!(tensors_agree(tensor, tensor, &Bounds::default()));
		if tensor.element_type.is_float() {
			let count = tensor.floats().count();
			let size = tensor.element_type.size().expect("floats have a size; qed");
			assert_eq!(count * size, tensor.data.len());
			let mut canonical = tensor.clone();
			canonical.canonicalise_nans();
			assert_eq!(canonical.has_nan(), tensor.has_nan());
			assert!(tensors_agree(tensor, &canonical, &Bounds::default()));
		}
	}
});
