// SPDX-License-Identifier: Apache-2.0
//! Model files, from bytes to a manifest. A manifest that is derived must be sound, and fit the file.

#![no_main]

use jurat_onnx::{
	Bytes, ManifestOptions, check_signature, derive_manifest, inspect, inspect_bytes,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
	let facts = inspect(data);
	// Reading without copying reads the same.
	assert_eq!(facts, inspect_bytes(Bytes::copy_from_slice(data)));
	let Ok(facts) = facts else { return };
	assert!(facts.nodes > 0 && !facts.inputs.is_empty() && !facts.outputs.is_empty());
	if let Ok(manifest) = derive_manifest(&facts, &ManifestOptions::default()) {
		assert_eq!(manifest.check(), Ok(()));
		assert_eq!(check_signature(&facts, &manifest), Ok(()));
	}
});
