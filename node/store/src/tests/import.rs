// SPDX-License-Identifier: Apache-2.0
//! Import of a directory.

use super::Fixture;
use crate::{Imported, Limits, StoreError, hash};
use std::{fs, os::unix::fs::symlink};
use tempfile::TempDir;

#[test]
fn every_regular_file_of_a_directory_is_imported_under_its_hash() {
	let dir = TempDir::new().unwrap();
	fs::write(dir.path().join("b.onnx"), b"second").unwrap();
	fs::write(dir.path().join("a.onnx"), b"first").unwrap();
	fs::write(dir.path().join(".hidden"), b"hidden").unwrap();
	fs::create_dir(dir.path().join("folder")).unwrap();
	symlink(dir.path().join("a.onnx"), dir.path().join("c.onnx")).unwrap();
	symlink("/nowhere", dir.path().join("broken")).unwrap();
	let fixture = Fixture::default();
	let imported = |name: &str, bytes: &[u8]| Imported {
		name: name.into(),
		content: hash(bytes),
		size: bytes.len() as u64,
	};
	let expected =
		[imported("a.onnx", b"first"), imported("b.onnx", b"second"), imported("c.onnx", b"first")];
	for _ in 0..2 {
		let import = fixture.store.import_dir(dir.path()).unwrap();
		assert_eq!(import.imported, expected);
		assert!(import.refused.is_empty());
		assert_eq!(fixture.store.list().len(), 2);
	}
	// The original is its owner's: a change does not reach the blob.
	fs::write(dir.path().join("a.onnx"), b"wrong").unwrap();
	assert_eq!(fixture.store.get_range(&hash(b"first"), 0, 9).unwrap(), b"first");
}

#[test]
fn a_file_that_is_refused_does_not_keep_the_others_out() {
	let dir = TempDir::new().unwrap();
	fs::write(dir.path().join("a"), [0; 11]).unwrap();
	fs::write(dir.path().join("b"), [1; 8]).unwrap();
	fs::write(dir.path().join("c"), [2; 8]).unwrap();
	let fixture = Fixture::new(Limits { bytes: 10, blob_bytes: 10, ..Default::default() });
	let import = fixture.store.import_dir(dir.path()).unwrap();
	assert_eq!(import.imported.len(), 1);
	assert_eq!(import.imported[0].name, "b");
	let refused: Vec<_> = import.refused.iter().map(|r| (r.name.as_str(), &r.error)).collect();
	assert!(matches!(
		refused[..],
		[
			("a", StoreError::TooLarge { size: 11, limit: 10 }),
			("c", StoreError::Full { needed: 8, free: 2 })
		]
	));
	assert_eq!(fixture.store.usage().reserved, 0);
}

#[test]
fn a_directory_that_is_not_there_is_an_error() {
	let missing = Fixture::default().store.import_dir("/nowhere");
	assert!(matches!(missing, Err(StoreError::Io(_))));
}
