// SPDX-License-Identifier: Apache-2.0
//! NumPy's `.npy` files, versions 1 to 3: little endian, C order. The format is NEP 1.

use super::FormatError;
use jurat_primitives::{ElementType, tensor::BlobTensor};

const MAGIC: &[u8] = b"\x93NUMPY";
/// Longest header that is read, in bytes. NumPy writes less than 200 for what is supported here.
const MAX_HEADER: usize = 16 * 1024;

/// Whether these are the first bytes of a `.npy` file.
pub fn is_npy(bytes: &[u8]) -> bool {
	bytes.starts_with(MAGIC)
}

/// Reads a `.npy` file.
pub fn parse(bytes: &[u8]) -> Result<BlobTensor, FormatError> {
	let malformed = |what: &str| FormatError::Malformed(format!("not a .npy file: {what}"));
	let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| malformed("it has another beginning"))?;
	let cut = || malformed("it ends early");
	let (version, rest) = rest.split_at_checked(2).ok_or_else(cut)?;
	let (length, rest) = match version[0] {
		1 => {
			let (bytes, rest) = rest.split_first_chunk().ok_or_else(cut)?;
			(u16::from_le_bytes(*bytes) as usize, rest)
		},
		2 | 3 => {
			let (bytes, rest) = rest.split_first_chunk().ok_or_else(cut)?;
			(u32::from_le_bytes(*bytes) as usize, rest)
		},
		other => return Err(malformed(&format!("version {other} is not known"))),
	};
	if length > MAX_HEADER {
		return Err(malformed("its header is too long"));
	}
	let (header, data) = rest.split_at_checked(length).ok_or_else(cut)?;
	let header = std::str::from_utf8(header).map_err(|_| malformed("its header is not text"))?;
	let header =
		Header::parse(header).ok_or_else(|| malformed("its header is not a dictionary"))?;
	if header.fortran {
		return Err(FormatError::Malformed(
			"the array is in Fortran order: save np.ascontiguousarray(a)".into(),
		));
	}
	let element = element_type(&header.descr)?;
	Ok(BlobTensor::new(element, header.shape, data.to_vec())?)
}

fn element_type(descr: &str) -> Result<ElementType, FormatError> {
	let (order, kind) = match descr.split_at_checked(1) {
		Some((order @ ("<" | ">" | "|" | "="), kind)) => (order, kind),
		_ => ("|", descr),
	};
	let element = match kind {
		"f2" => ElementType::F16,
		"f4" => ElementType::F32,
		"f8" => ElementType::F64,
		"i1" => ElementType::I8,
		"i2" => ElementType::I16,
		"i4" => ElementType::I32,
		"i8" => ElementType::I64,
		"u1" => ElementType::U8,
		"u2" => ElementType::U16,
		"u4" => ElementType::U32,
		"u8" => ElementType::U64,
		"b1" => ElementType::Bool,
		_ => {
			return Err(FormatError::Malformed(format!(
				"arrays of `{descr}` are not read: save floats, integers or bools, such as \
				 a.astype(np.float32); give text as JSON"
			)));
		},
	};
	// One byte has no order.
	if order != "<" && element.size() != Some(1) {
		return Err(FormatError::Malformed(format!(
			"the array is not little endian (`{descr}`): save a.astype('<{kind}')"
		)));
	}
	Ok(element)
}

/// What the header's dictionary says.
struct Header {
	descr: String,
	fortran: bool,
	shape: Vec<u64>,
}

impl Header {
	/// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`: the three keys in any
	/// order, each once, nothing else.
	fn parse(text: &str) -> Option<Self> {
		let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
		let (mut descr, mut fortran, mut shape) = (None, None, None);
		while !rest.is_empty() {
			let (key, tail) = quoted(rest)?;
			let tail = tail.trim_start().strip_prefix(':')?.trim_start();
			let tail = match key {
				"descr" if descr.is_none() => {
					let (value, tail) = quoted(tail)?;
					descr = Some(value.to_owned());
					tail
				},
				"fortran_order" if fortran.is_none() => {
					let (value, tail) = match tail.strip_prefix("False") {
						Some(tail) => (false, tail),
						None => (true, tail.strip_prefix("True")?),
					};
					fortran = Some(value);
					tail
				},
				"shape" if shape.is_none() => {
					let (inside, tail) = tail.strip_prefix('(')?.split_once(')')?;
					let sizes = inside.trim().trim_end_matches(',');
					let sizes = sizes.split(',').map(str::trim).filter(|size| !size.is_empty());
					// Python 2 wrote long integers with an L.
					shape = Some(
						sizes
							.map(|size| size.trim_end_matches('L').parse().ok())
							.collect::<Option<Vec<u64>>>()?,
					);
					tail
				},
				_ => return None,
			};
			let tail = tail.trim_start();
			rest = match tail.strip_prefix(',') {
				Some(tail) => tail.trim_start(),
				None if tail.is_empty() => tail,
				None => return None,
			};
		}
		Some(Self { descr: descr?, fortran: fortran?, shape: shape? })
	}
}

/// A quoted word at the start, and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
	let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
	text[1..].split_once(quote)
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	fn file(version: u8, header: &str, data: &[u8]) -> Vec<u8> {
		let mut bytes = MAGIC.to_vec();
		bytes.extend([version, 0]);
		match version {
			1 => bytes.extend((header.len() as u16).to_le_bytes()),
			_ => bytes.extend((header.len() as u32).to_le_bytes()),
		}
		bytes.extend(header.as_bytes());
		bytes.extend(data);
		bytes
	}

	fn header(descr: &str, shape: &str) -> String {
		format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}   \n")
	}

	#[test]
	fn each_supported_type_is_read_in_each_version() {
		for (descr, element) in [
			("<f2", ElementType::F16),
			("<f4", ElementType::F32),
			("<f8", ElementType::F64),
			("|i1", ElementType::I8),
			("<i2", ElementType::I16),
			("<i4", ElementType::I32),
			("<i8", ElementType::I64),
			("|u1", ElementType::U8),
			("<u2", ElementType::U16),
			("<u4", ElementType::U32),
			("<u8", ElementType::U64),
			("|b1", ElementType::Bool),
		] {
			for (shape, sizes) in
				[("()", vec![]), ("(3,)", vec![3]), ("(2, 3)", vec![2, 3]), ("(0, 3)", vec![0, 3])]
			{
				let count = jurat_primitives::tensor::elements(&sizes).unwrap() as usize;
				let data = vec![1; count * element.size().unwrap()];
				for version in 1..=3 {
					let tensor = parse(&file(version, &header(descr, shape), &data)).unwrap();
					let expected = BlobTensor::new(element, sizes.clone(), data.clone()).unwrap();
					assert_eq!(tensor, expected, "{descr} {shape}");
				}
			}
		}
	}

	#[test]
	fn what_numpy_wrote_is_read() {
		// np.save(f, np.array([[1, 2], [3, 4]], dtype='<i2')) of NumPy 2.
		let mut bytes = b"\x93NUMPY\x01\x00v\x00".to_vec();
		let header = "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2), }";
		bytes.extend(format!("{header:<117}\n").as_bytes());
		bytes.extend([1, 0, 2, 0, 3, 0, 4, 0]);
		let tensor = parse(&bytes).unwrap();
		assert_eq!(tensor.shape.to_vec(), [2, 2]);
		assert_eq!(tensor.data.to_vec(), [1, 0, 2, 0, 3, 0, 4, 0]);
	}

	#[test]
	fn what_is_not_read_says_what_to_save_instead() {
		let message = |bytes: &[u8]| parse(bytes).unwrap_err().to_string();
		assert!(message(&file(1, &header(">f4", "(1,)"), &[0; 4])).contains("astype('<f4')"));
		assert!(message(&file(1, &header("<U3", "(1,)"), &[0; 12])).contains("as JSON"));
		assert!(message(&file(1, &header("|O", "(1,)"), &[0; 8])).contains("|O"));
		let fortran = header("<f4", "(1, 1)").replace("False", "True");
		assert!(message(&file(1, &fortran, &[0; 4])).contains("ascontiguousarray"));
		assert!(message(b"PK\x03\x04").contains("beginning"));
		assert!(message(&file(9, "", &[])).contains("version 9"));
		assert!(message(&file(1, "{'descr': '<f4'}", &[])).contains("dictionary"));
		assert!(message(&file(1, &header("<f4", "(-1,)"), &[])).contains("dictionary"));
		assert!(message(&file(2, &" ".repeat(MAX_HEADER + 1), &[])).contains("too long"));
		let short = file(1, &header("<f4", "(3,)"), &[0; 11]);
		assert!(message(&short).contains("number of bytes"));
		assert!(message(&short[..9]).contains("ends early"));
		let bools = file(1, &header("|b1", "(2,)"), &[1, 2]);
		assert!(message(&bools).contains("neither 0 nor 1"));
		let huge = file(1, &header("<f4", "(4294967296, 4294967296, 4294967296)"), &[]);
		assert!(message(&huge).contains("multiply"));
	}

	proptest! {
		#[test]
		fn no_bytes_make_the_reader_panic(version in 0u8..4, header in ".{0,80}", data: Vec<u8>) {
			let _ = parse(&file(version, &header, &data));
			let _ = parse(&data);
		}
	}
}
