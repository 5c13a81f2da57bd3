// SPDX-License-Identifier: Apache-2.0
//! Jobs and results as they lie in a node's off-chain database. What decodes must encode to what it
//! was read from: an entry has one form.

#![no_main]

use codec::{DecodeAll, Encode};
use jurat_primitives::mailbox::{Job, JobKey, JobResult};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
	let Some((kind, data)) = data.split_first() else { return };
	let mut rest = data;
	match kind % 3 {
		0 => {
			if let Ok(job) = Job::decode_all(&mut rest) {
				assert_eq!(job.encode(), data);
				// A job's manifest is compared with itself and its inputs wherever it is used.
				let _ = job.manifest.check();
				let _ = job.manifest.output_bound();
			}
		},
		1 => {
			if let Ok(result) = JobResult::decode_all(&mut rest) {
				assert_eq!(result.encode(), data);
			}
		},
		_ => {
			if let Ok(pending) = Vec::<JobKey>::decode_all(&mut rest) {
				assert_eq!(pending.encode(), data);
			}
		},
	}
});
