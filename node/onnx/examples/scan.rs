// SPDX-License-Identifier: Apache-2.0
//! Reads model files as a node does before ONNX Runtime sees them: what each is refused for, or how
//! large it is, how long reading took, and the memory of this process.
//!
//! ```text
//! cargo run --release -p jurat-onnx --example scan -- FILE...
//! ```

use jurat_onnx::{Bytes, inspect_bytes};
use std::{env, fs, io, time::Instant};

fn main() -> io::Result<()> {
	for path in env::args().skip(1) {
		// Kept until the time is taken: giving memory back is no part of reading.
		let file = Bytes::from(fs::read(&path)?);
		let (bytes, before) = (file.len(), peak()?);
		let start = Instant::now();
		let read = inspect_bytes(file.clone());
		let time = start.elapsed();
		let more = peak()?.saturating_sub(before);
		match read {
			Ok(facts) => {
				println!(
					"{path}: {bytes} bytes, {} nodes, {time:.1?}, {more} kB more",
					facts.nodes
				);
			},
			Err(refusal) => {
				println!("{path}: {bytes} bytes, {time:.1?}, {more} kB more: {refusal}")
			},
		}
	}
	Ok(())
}

/// Largest resident set of this process so far, in kB.
fn peak() -> io::Result<u64> {
	let status = fs::read_to_string("/proc/self/status")?;
	let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
	Ok(line.and_then(|l| l.trim().strip_suffix("kB")?.trim().parse().ok()).unwrap_or(0))
}
