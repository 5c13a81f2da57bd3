// SPDX-License-Identifier: Apache-2.0
//! Ranges of a blob as strangers send them. Only the right one is taken, and taking it makes the
//! blob whole; all others change nothing.

#![no_main]

use jurat_store::{ContentHash, Limits, Store, StoreError};
use libfuzzer_sys::fuzz_target;
use std::{env, fs, sync::OnceLock};

/// The blob that is fetched: that of the seeds.
const SIZE: u64 = 40_000;

/// The store of this process, and the blob's name.
fn store() -> &'static (Store, ContentHash) {
	static STORE: OnceLock<(Store, ContentHash)> = OnceLock::new();
	STORE.get_or_init(|| {
		let folder = env::temp_dir().join(format!("jurat-fuzz-{}", std::process::id()));
		let _ = fs::remove_dir_all(&folder);
		let store = Store::open(&folder, Limits::default()).expect("a temporary folder; qed");
		let blob: Vec<u8> = (0..SIZE as u32).map(|i| (i % 251) as u8).collect();
		(store, jurat_store::hash(&blob))
	})
}

fuzz_target!(|data: &[u8]| {
	let (store, content) = store();
	let download = store.download(content, SIZE).expect("one download is open; qed");
	match download.accept(0, data) {
		Ok(accepted) => {
			assert!(accepted.complete && store.verify(content).expect("it is there; qed"));
			store.remove(content).expect("it is there; qed");
		},
		Err(StoreError::InvalidRange { .. }) => assert!(store.stat(content).is_none()),
		Err(error) => panic!("{error}"),
	}
});
