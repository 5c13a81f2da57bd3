// SPDX-License-Identifier: Apache-2.0
//! ONNX Runtime's shared library: finding it, naming it, loading it.
//!
//! The node finds and names the file; only a child process loads it. The official builds of the
//! library report home unless [`TELEMETRY_VARIABLE`] is `1` in the environment before they are
//! loaded. The node sets it for its children, and [`open`] refuses to load without it.

use ort::environment::Environment;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::{
	env, fs, io,
	path::{Path, PathBuf},
};

/// Version of ONNX Runtime that [`jurat_primitives::EngineId::OnnxRuntime1_31`] names.
pub const VERSION: &str = "1.31.1";

/// The execution profile that [`jurat_primitives::EngineId::OnnxRuntime1_31`] names. On x86-64 with
/// AVX2 and FMA it gave equal bytes for all but a few float operators.
pub const PROFILE: &str = "cpu; intra=1; inter=1; sequential; level2; x64quantprecision=u8";

/// SHA-256 of the builds of [`VERSION`] that `scripts/setup.sh` installs: the Linux library in the
/// `onnxruntime` wheel, for x86-64, with which Jurat is tested, and for aarch64.
pub const PINNED_SHA256: &[&str] = &[
	"fc44112fbe06d7d689c57e11d3862031f64711007e4ee020f8eed5185fd2c1d3",
	"8aa3b76b28c778a2b1dd660d34161adb1d508c9ccd04ff9dc80e26eca5df8467",
];

/// Must be `1` in the environment of the process that loads the library.
pub const TELEMETRY_VARIABLE: &str = "ORT_DISABLE_TELEMETRY";

/// Names the library, for a node that was not told otherwise.
pub const PATH_VARIABLE: &str = "JURAT_ONNXRUNTIME";

/// Where a system keeps the library.
pub const SYSTEM_DIRECTORY: &str = "/usr/local/lib/jurat";

const FILE_PREFIX: &str = "libonnxruntime.so";

/// What a node runs models with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LibraryInfo {
	/// Version of ONNX Runtime: [`VERSION`].
	pub version: String,
	/// SHA-256 of the file, hexadecimal.
	pub sha256: String,
	/// Whether that is one of [`PINNED_SHA256`].
	pub pinned: bool,
	/// The file.
	pub path: String,
	/// What the library says of its own build.
	pub build_info: String,
	/// Features of the processor that change which kernels are chosen.
	pub cpu_features: Vec<String>,
	/// [`PROFILE`].
	pub profile: &'static str,
}

/// A library that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LibraryFile {
	/// The file, absolute.
	pub path: PathBuf,
	/// Version by its own account.
	pub version: String,
	/// SHA-256, hexadecimal.
	pub sha256: String,
}

/// Why there is no library to load.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
	/// None where it was looked for.
	#[error("no ONNX Runtime library; searched {}", list(.searched))]
	NotFound {
		/// Files and directories that were tried, in order.
		searched: Vec<PathBuf>,
	},
	/// It cannot be read.
	#[error("{} cannot be read: {error}", .path.display())]
	Unreadable {
		/// The file.
		path: PathBuf,
		/// Why.
		error: io::Error,
	},
	/// It is another version, or no ONNX Runtime.
	#[error(
		"{} is ONNX Runtime {}, not {VERSION}", .path.display(),
		.found.as_deref().unwrap_or("of no known version")
	)]
	WrongVersion {
		/// The file.
		path: PathBuf,
		/// Its version by its own account.
		found: Option<String>,
	},
	/// The environment would let the library report home.
	#[error("{TELEMETRY_VARIABLE} is not 1 in the environment; the library is not loaded")]
	Telemetry,
	/// It does not load.
	#[error("ONNX Runtime does not load: {0}")]
	Load(String),
}

fn list(paths: &[PathBuf]) -> String {
	paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// Finds the library: `explicit` if given, else what [`PATH_VARIABLE`] names, else next to the
/// executable, in `$HOME/.cache/jurat/onnxruntime`, in [`SYSTEM_DIRECTORY`]. A path that somebody
/// named is the only one tried.
pub fn locate(explicit: Option<&Path>) -> Result<LibraryFile, LibraryError> {
	let mut searched = Vec::new();
	let variable = env::var_os(PATH_VARIABLE).filter(|value| !value.is_empty());
	let found = if let Some(path) = explicit.map(PathBuf::from).or(variable.map(PathBuf::from)) {
		find(path, &mut searched)
	} else {
		let executable = env::current_exe().ok().and_then(|path| Some(path.parent()?.to_owned()));
		let home = env::var_os("HOME").filter(|home| !home.is_empty());
		let cache = home.map(|home| PathBuf::from(home).join(".cache/jurat/onnxruntime"));
		let places = [executable, cache, Some(SYSTEM_DIRECTORY.into())];
		places.into_iter().flatten().find_map(|place| find(place, &mut searched))
	};
	identify(found.ok_or(LibraryError::NotFound { searched })?)
}

/// `place` itself if it is a file; if it is a directory, the library with the highest name in it.
fn find(place: PathBuf, searched: &mut Vec<PathBuf>) -> Option<PathBuf> {
	searched.push(place.clone());
	if place.is_file() {
		return Some(place);
	}
	let entries = fs::read_dir(place).ok()?.flatten().map(|entry| entry.path());
	entries
		.filter(|path| {
			let name = path.file_name().and_then(|name| name.to_str());
			name.is_some_and(|name| name.starts_with(FILE_PREFIX)) && path.is_file()
		})
		.max()
}

fn identify(path: PathBuf) -> Result<LibraryFile, LibraryError> {
	let unreadable = |error| LibraryError::Unreadable { path: path.clone(), error };
	let absolute = fs::canonicalize(&path).map_err(unreadable)?;
	let bytes = fs::read(&absolute).map_err(unreadable)?;
	let version = version(&bytes);
	if version.as_deref() != Some(VERSION) {
		return Err(LibraryError::WrongVersion { path: absolute, found: version });
	}
	let sha256 = hex::encode(Sha256::digest(&bytes));
	Ok(LibraryFile { path: absolute, version: VERSION.into(), sha256 })
}

/// The version of the library's symbols, `VERS_1.31.1`, from the table of strings of its file.
fn version(bytes: &[u8]) -> Option<String> {
	const MARK: &[u8] = b"\0VERS_";
	let start = bytes.windows(MARK.len()).position(|window| window == MARK)? + MARK.len();
	let rest = &bytes[start..bytes.len().min(start + 32)];
	let end = rest.iter().position(|byte| *byte == 0)?;
	let digits = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
	let version = rest[..end].iter().all(digits).then(|| rest[..end].to_vec())?;
	String::from_utf8(version).ok()
}

/// Loads the library into this process, which must be one that may die. Once per process.
///
/// # Errors
/// [`LibraryError::Telemetry`] if the environment would let the library report home;
/// [`LibraryError::Load`] if it does not load.
pub fn open(path: &Path) -> Result<Environment, LibraryError> {
	if env::var_os(TELEMETRY_VARIABLE).is_none_or(|value| value != "1") {
		return Err(LibraryError::Telemetry);
	}
	let builder = ort::init_from(path).map_err(|error| LibraryError::Load(error.to_string()))?;
	// `with_telemetry(false)` alone would not stop the reports; the variable does.
	let environment = builder.with_name("jurat").with_telemetry(false).build();
	environment.map_err(|error| LibraryError::Load(error.to_string()))
}

/// Features of this processor that change which kernels ONNX Runtime chooses.
pub fn cpu_features() -> Vec<String> {
	#[cfg(target_arch = "x86_64")]
	let features = [
		("sse4.1", std::is_x86_feature_detected!("sse4.1")),
		("avx", std::is_x86_feature_detected!("avx")),
		("avx2", std::is_x86_feature_detected!("avx2")),
		("fma", std::is_x86_feature_detected!("fma")),
		("f16c", std::is_x86_feature_detected!("f16c")),
		("avxvnni", std::is_x86_feature_detected!("avxvnni")),
		("avx512f", std::is_x86_feature_detected!("avx512f")),
		("avx512bw", std::is_x86_feature_detected!("avx512bw")),
		("avx512vnni", std::is_x86_feature_detected!("avx512vnni")),
		("avx512bf16", std::is_x86_feature_detected!("avx512bf16")),
	];
	#[cfg(target_arch = "aarch64")]
	let features = [
		("neon", std::arch::is_aarch64_feature_detected!("neon")),
		("dotprod", std::arch::is_aarch64_feature_detected!("dotprod")),
		("i8mm", std::arch::is_aarch64_feature_detected!("i8mm")),
		("fp16", std::arch::is_aarch64_feature_detected!("fp16")),
		("bf16", std::arch::is_aarch64_feature_detected!("bf16")),
		("sve", std::arch::is_aarch64_feature_detected!("sve")),
	];
	#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
	let features = [("", false)];
	features.iter().filter(|(_, there)| *there).map(|(name, _)| name.to_string()).collect()
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_version_is_read_from_the_table_of_strings() {
		assert_eq!(version(b"..\0VERS_1.31.1\0.."), Some("1.31.1".into()));
		assert_eq!(version(b"..\0VERS_1.31.1"), None);
		assert_eq!(version(b"..\0VERS_x\0"), None);
		assert_eq!(version(b""), None);
	}

	#[test]
	fn a_missing_library_names_where_it_was_looked_for() {
		let path = PathBuf::from("/nonexistent/libonnxruntime.so");
		let Err(LibraryError::NotFound { searched }) = locate(Some(&path)) else {
			panic!("found a library that is not there")
		};
		assert_eq!(searched, [path]);
	}

	#[test]
	fn another_library_is_refused_by_its_version() {
		let directory = tempfile::tempdir().unwrap();
		let path = directory.path().join("libonnxruntime.so.1.30.0");
		fs::write(&path, b"\0VERS_1.30.0\0").unwrap();
		let error = locate(Some(directory.path())).unwrap_err();
		assert!(
			matches!(&error, LibraryError::WrongVersion { found: Some(v), .. } if v == "1.30.0"),
			"{error}"
		);
		fs::write(&path, b"something else").unwrap();
		let error = locate(Some(&path)).unwrap_err();
		assert!(matches!(error, LibraryError::WrongVersion { found: None, .. }), "{error}");
	}

	#[test]
	fn the_library_is_not_loaded_where_it_would_report_home() {
		// The tests of this crate run without the variable.
		if env::var_os(TELEMETRY_VARIABLE).is_none() {
			assert!(matches!(open(Path::new("any")), Err(LibraryError::Telemetry)));
		}
	}
}
