// SPDX-License-Identifier: Apache-2.0
//! Prints `src/known_answer/references.rs` as this machine would have it. To be run once for a new
//! execution profile, on the machine that sets the standard; the crate's tests then compare the
//! integers with ONNX's definitions.
//!
//! ```sh
//! ORT_DISABLE_TELEMETRY=1 cargo run --release -p jurat-engine --example known_answers > references.rs
//! ```

use jurat_engine::{Engine, Model, OnnxRuntime, known_answer::probes, library};
use jurat_primitives::ElementType;
use std::{error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
	let mut engine = OnnxRuntime::open(&library::locate(None)?.path, u64::MAX)?;
	let directory = tempfile::tempdir()?;
	let (mut constants, mut entries) = (String::new(), Vec::new());
	for probe in probes() {
		let path = directory.path().join(probe.name);
		fs::write(&path, &probe.file)?;
		let model = Model { content: probe.content(), manifest: probe.manifest, path };
		engine.load(&model.content, &model.manifest, Some(&model.open()?))?;
		let output = engine.run(&model.content, &probe.inputs)?;
		for named in output.outputs {
			let name = String::from_utf8(named.name.into_inner())?;
			let constant = name.to_uppercase();
			let (kind, values) = values(named.tensor.element_type, &named.tensor.data);
			let count = values.len();
			constants += &format!("\nconst {constant}: [{kind}; {count}] = [\n");
			constants += &wrapped(&values);
			constants += "];\n";
			entries
				.push(format!("\t\t(\"{name}\", bytes({constant}.map({kind}::to_le_bytes))),\n"));
		}
	}
	println!(
		"// SPDX-License-Identifier: Apache-2.0\n\
		//! What the probes give with ONNX Runtime 1.31.1 on x86-64 with AVX-512 and VNNI. Floats are \
		written as\n//! their bits. Made by `examples/known_answers.rs`.\n\n\
		use std::collections::BTreeMap;\n\n\
		/// Bytes by output.\n\
		pub(super) fn all() -> BTreeMap<&'static str, Vec<u8>> {{\n\tBTreeMap::from([\n{}\t])\n}}\n\n\
		fn bytes<const SIZE: usize, const COUNT: usize>(values: [[u8; SIZE]; COUNT]) -> Vec<u8> {{\n\
		\tvalues.as_flattened().to_vec()\n}}\n{constants}",
		entries.concat(),
	);
	Ok(())
}

fn values(element: ElementType, data: &[u8]) -> (&'static str, Vec<String>) {
	let words = || data.as_chunks::<4>().0.iter();
	match element {
		ElementType::U8 => ("u8", data.iter().map(u8::to_string).collect()),
		ElementType::I8 => ("i8", data.iter().map(|byte| (*byte as i8).to_string()).collect()),
		ElementType::I32 => ("i32", words().map(|w| i32::from_le_bytes(*w).to_string()).collect()),
		_ => ("u32", words().map(|w| format!("{:#010x}", u32::from_le_bytes(*w))).collect()),
	}
}

fn wrapped(values: &[String]) -> String {
	let mut lines = vec![String::new()];
	for value in values {
		if lines.last().is_none_or(|line| line.len() + value.len() > 92) {
			lines.push(String::new());
		}
		if let Some(line) = lines.last_mut() {
			*line += &format!("{}{value},", if line.is_empty() { "" } else { " " });
		}
	}
	lines.iter().filter(|line| !line.is_empty()).map(|line| format!("\t{line}\n")).collect()
}
