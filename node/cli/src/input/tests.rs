// SPDX-License-Identifier: Apache-2.0

use super::*;
use jurat_primitives::{
	EngineId, NumericProfile,
	manifest::Operators,
	tensor::{Name, decode_tensors},
};
use proptest::prelude::*;

fn spec(name: &str, element_type: ElementType, shape: Vec<Dimension>) -> TensorSpec {
	let name = Name::truncate_from(name.into());
	TensorSpec { name, element_type, shape: shape.try_into().unwrap() }
}

fn free(max: u64) -> Dimension {
	Dimension::Symbolic { name: Name::truncate_from(b"N".to_vec()), max }
}

fn manifest(inputs: Vec<TensorSpec>) -> Manifest {
	Manifest {
		opset: 17,
		engine: EngineId::OnnxRuntime1_31,
		profile: NumericProfile::Exact,
		outputs: inputs.clone().try_into().unwrap(),
		inputs: inputs.try_into().unwrap(),
		operators: Operators::truncate_from(vec![Name::truncate_from(b"Identity".to_vec())]),
		compute_units: 1,
		allow_nan: false,
		licence: Default::default(),
		tags: Default::default(),
	}
}

fn one() -> Manifest {
	manifest(vec![spec("x", ElementType::F32, vec![free(4), Dimension::Fixed(2)])])
}

fn two() -> Manifest {
	manifest(vec![
		spec("x", ElementType::F32, vec![free(4)]),
		spec("x=y", ElementType::I64, vec![free(4)]),
	])
}

fn read(manifest: &Manifest, arguments: &[&str]) -> Result<Vec<Named>, InputError> {
	parse(manifest, &arguments.iter().map(|a| a.to_string()).collect::<Vec<_>>())
}

fn message(manifest: &Manifest, arguments: &[&str]) -> String {
	read(manifest, arguments).unwrap_err().to_string()
}

#[test]
fn inputs_are_read_by_name_and_brought_into_order() {
	let tensors = read(&two(), &["x=y=[1, 2]", "x=[0.5, 1]"]).unwrap();
	assert_eq!(tensors[0].name.as_slice(), b"x");
	assert_eq!(tensors[1].name.as_slice(), b"x=y");
	assert_eq!(tensors[1].tensor.element_type, ElementType::I64);
	let object = read(&two(), &[r#"{"x=y": [1, 2], "x": [0.5, 1]}"#]).unwrap();
	assert_eq!(object, tensors);
	let unnamed = read(&one(), &["[[1, 2]]"]).unwrap();
	assert_eq!(unnamed, read(&one(), &["x=[[1, 2]]"]).unwrap());
	let stated = read(&one(), &[r#"{"shape": [1, 2], "data": [1, 2]}"#]).unwrap();
	assert_eq!(unnamed, stated);
}

#[test]
fn each_file_format_gives_the_same_tensor() {
	let folder = tempfile::tempdir().unwrap();
	let data: Vec<u8> = [1f32, 2.0, 3.0, 4.0].into_iter().flat_map(f32::to_le_bytes).collect();
	let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }\n";
	let mut npy = b"\x93NUMPY\x01\x00".to_vec();
	npy.extend((header.len() as u16).to_le_bytes());
	npy.extend(header.as_bytes());
	npy.extend(&data);
	let mut pb = vec![0x08, 2, 0x08, 2, 0x10, 1, 0x4a, 16];
	pb.extend(&data);
	let expected = read(&one(), &["x=[[1, 2], [3, 4]]"]).unwrap();
	for (name, bytes) in [
		("a.json", b"[[1, 2], [3, 4]]".to_vec()),
		("b.json", br#"{"x": [[1, 2], [3, 4]]}"#.to_vec()),
		("c.npy", npy),
		("d.pb", pb),
		("e.bin", data),
	] {
		let path = folder.path().join(name);
		std::fs::write(&path, bytes).unwrap();
		let path = path.to_str().unwrap();
		assert_eq!(read(&one(), &[&format!("@{path}")]).unwrap(), expected, "{name}");
		if name != "b.json" {
			assert_eq!(read(&one(), &[&format!("x=@{path}")]).unwrap(), expected, "{name}");
		}
	}
}

#[test]
fn errors_say_what_to_do() {
	assert!(message(&one(), &[]).contains("-i x='[[0.5, …]]'"));
	assert!(message(&one(), &["y=[1]"]).contains("takes x: f32[N≤4, 2]"));
	assert!(message(&two(), &["[1]"]).contains("-i x=…"));
	assert!(message(&one(), &["[[1, 2]]", "x=[[1, 2]]"]).contains("twice"));
	assert!(message(&one(), &["x=[1, 2]"]).contains("f32[N≤4, 2], but what is given is f32[2]"));
	assert!(message(&one(), &["x=[[1, 2, 3]]"]).contains("wrong size of a dimension"));
	assert!(message(&one(), &["x=[[1, 2],[1,2],[1,2],[1,2],[1,2]]"]).contains("f32[5, 2]"));
	assert!(message(&one(), &[r#"x=[[1, "NaN"]]"#]).contains("NaN is not allowed"));
	assert!(message(&one(), &["x=[[1, true]]"]).contains("write a number"));
	assert!(message(&one(), &["x=@nowhere.npy"]).contains("nowhere.npy"));
	assert!(message(&one(), &["x=@picture.png"]).contains(".npy (numpy.save)"));
	assert!(message(&two(), &["x=[1]", "x=y=[1, 2]"]).contains("input `x=y`"));
	assert!(message(&two(), &[r#"{"x": [1], "z": [1]}"#]).contains("no input `z`"));
}

#[test]
fn another_element_type_is_refused_with_the_conversion() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("x.npy");
	let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }\n";
	let mut npy = b"\x93NUMPY\x01\x00".to_vec();
	npy.extend((header.len() as u16).to_le_bytes());
	npy.extend(header.as_bytes());
	npy.extend([0; 16]);
	std::fs::write(&path, npy).unwrap();
	let text = message(&one(), &[&format!("x=@{}", path.display())]);
	assert!(text.contains("f64 but f32 is wanted: save a.astype(np.float32)"), "{text}");
}

#[test]
fn raw_bytes_must_fill_the_shape() {
	let raw = |shape, length| {
		let spec = spec("x", ElementType::I16, shape);
		raw_tensor(&spec, vec![0; length]).map(|tensor| tensor.shape.to_vec())
	};
	let fixed = || vec![Dimension::Fixed(2), Dimension::Fixed(3)];
	assert_eq!(raw(fixed(), 12).unwrap(), [2, 3]);
	assert!(raw(fixed(), 13).unwrap_err().to_string().contains("12 bytes"));
	let half = || vec![free(9), Dimension::Fixed(3)];
	assert_eq!(raw(half(), 18).unwrap(), [3, 3]);
	assert!(raw(half(), 13).unwrap_err().to_string().contains("6 of one row"));
	let error = raw(vec![free(9), free(9)], 18).unwrap_err();
	assert!(error.to_string().contains(".npy or .json"));
	let empty = raw(vec![free(9), Dimension::Fixed(0)], 0).unwrap_err();
	assert!(empty.to_string().contains("multiple"));
}

#[test]
fn what_does_not_fit_an_extrinsic_travels_by_hash() {
	let named = |count: usize| {
		let tensor = BlobTensor::new(ElementType::U8, [count as u64], vec![7; count]).unwrap();
		vec![NamedTensor::new("x", tensor).unwrap()]
	};
	// One tensor, its name, type, one dimension and the length of its bytes: 17 bytes besides.
	for (count, inline) in
		[(0, true), (65_000, true), (65_519, true), (65_520, false), (300_000, false)]
	{
		let prepared = prepare(named(count)).unwrap();
		assert_eq!(prepared.blob.is_none(), inline, "{count}");
		match (&prepared.input, &prepared.blob) {
			(RequestInput::Inline(_), None) => {
				assert!(prepared.input.size() <= MAX_INLINE_INPUT.into());
			},
			(RequestInput::Blob { content, size, headers }, Some(blob)) => {
				assert_eq!(*content, hash_bytes(blob));
				assert_eq!(*size, blob.len() as u64);
				assert_eq!(headers.len(), 1);
				assert_eq!(decode_tensors(blob).unwrap().into_inner(), named(count));
			},
			other => panic!("{other:?}"),
		}
	}
}

proptest! {
	#[test]
	fn no_argument_makes_the_reader_panic(argument in "[x=@\\[\\]{}\":,0-9.a-z-]{0,30}") {
		// Files are another test's subject; `@-` would wait for standard input.
		prop_assume!(!argument.contains('@'));
		let _ = read(&one(), &[&argument]);
		let _ = read(&two(), &[&argument]);
	}
}
