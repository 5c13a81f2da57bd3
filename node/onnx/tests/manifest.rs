// SPDX-License-Identifier: Apache-2.0
//! From facts to a manifest, and back.

use jurat_onnx::{
	Activations, DeriveError, Dim, GraphFacts, ManifestOptions, Mismatch, Side, ValueFacts,
	check_signature, derive::DEFAULT_TOLERANCE, derive_manifest,
};
use jurat_primitives::{
	Dimension, ElementType, EngineId, Manifest, NumericProfile, manifest::ManifestError,
};

fn values(name: &str, dims: &[Dim]) -> ValueFacts {
	ValueFacts { name: name.into(), element: ElementType::F32, dims: dims.to_vec() }
}

fn symbol(name: &str) -> Dim {
	Dim::Symbol(name.into())
}

fn facts() -> GraphFacts {
	GraphFacts {
		opset: 17,
		inputs: vec![
			values("a", &[symbol("N"), Dim::Fixed(3), Dim::Unnamed]),
			values("b", &[symbol("N")]),
		],
		outputs: vec![values("y", &[symbol("N"), symbol("M"), Dim::Unnamed, Dim::Fixed(2)])],
		operators: vec!["MatMul".into(), "Softmax".into(), "com.microsoft:QGemm".into()],
		nodes: 3,
		initialiser_bytes: 0,
		file_bytes: 9,
		activations: Activations::None,
	}
}

fn dimension(name: &str, max: u64) -> Dimension {
	Dimension::Symbolic { name: name.as_bytes().to_vec().try_into().unwrap(), max }
}

fn manifest() -> Manifest {
	derive_manifest(&facts(), &ManifestOptions::default()).unwrap()
}

#[test]
fn what_the_file_leaves_open_is_named_and_bounded() {
	let options = ManifestOptions {
		symbol_max: 32,
		symbol_overrides: [("M".to_string(), 7), ("dim_a_2".to_string(), 5)].into(),
		licence: "MIT".into(),
		tags: vec!["text".into()],
		compute_units: 3,
		allow_nan: true,
		..Default::default()
	};
	let manifest = derive_manifest(&facts(), &options).unwrap();
	assert_eq!((manifest.opset, manifest.engine), (17, EngineId::OnnxRuntime1_31));
	assert_eq!(
		manifest.inputs[0].shape.to_vec(),
		[dimension("N", 32), Dimension::Fixed(3), dimension("dim_a_2", 5)]
	);
	assert_eq!(
		manifest.outputs[0].shape.to_vec(),
		[dimension("N", 32), dimension("M", 7), dimension("dim_y_2", 32), Dimension::Fixed(2)]
	);
	assert_eq!(manifest.licence.as_slice(), b"MIT");
	assert_eq!(manifest.tags[0].as_slice(), b"text");
	assert_eq!((manifest.compute_units, manifest.allow_nan), (3, true));
	assert_eq!(check_signature(&facts(), &manifest), Ok(()));
}

#[test]
fn generated_names_are_unique_and_fit() {
	let long = "é".repeat(32);
	let mut facts = facts();
	facts.inputs[1] = values(&long, &[symbol("dim_a_2"), Dim::Unnamed, Dim::Unnamed]);
	let manifest = derive_manifest(&facts, &ManifestOptions::default()).unwrap();
	assert_eq!(manifest.inputs[0].shape[2], dimension("_dim_a_2", 64));
	let expected = format!("dim_{}_1", "é".repeat(29));
	assert_eq!(manifest.inputs[1].shape[1], dimension(&expected, 64));
}

#[test]
fn a_graph_is_exact_only_if_all_its_operators_are() {
	let approximate = NumericProfile::Approximate { tolerance: DEFAULT_TOLERANCE, gross: None };
	assert_eq!(manifest().profile, approximate);
	let mut exact = facts();
	exact.operators = vec!["QLinearMatMul".into(), "com.microsoft:QGemm".into()];
	let derived = derive_manifest(&exact, &ManifestOptions::default()).unwrap();
	assert_eq!(derived.profile, NumericProfile::Exact);
	let options = ManifestOptions { profile: Some(approximate), ..Default::default() };
	assert_eq!(derive_manifest(&exact, &options).unwrap().profile, approximate);

	// unsigned times signed saturates on some processors, and the option against it is for all or
	// none
	let claimed = derive_manifest(&exact, &ManifestOptions::default()).unwrap();
	let options = ManifestOptions { profile: Some(NumericProfile::Exact), ..Default::default() };
	exact.activations = Activations::Mixed;
	assert_eq!(derive_manifest(&exact, &options), Err(DeriveError::Activations));
	assert_eq!(check_signature(&exact, &claimed), Err(Mismatch::Activations));
	assert_eq!(derive_manifest(&exact, &Default::default()).unwrap().profile, approximate);
}

#[test]
fn each_reason_for_no_manifest_is_named() {
	let failed = |change: &dyn Fn(&mut GraphFacts)| {
		let mut facts = facts();
		change(&mut facts);
		derive_manifest(&facts, &ManifestOptions::default()).unwrap_err()
	};
	let long = "n".repeat(65);
	let too_long = DeriveError::NameTooLong("n".repeat(64));
	assert_eq!(failed(&|f| f.inputs[0].name = long.clone()), too_long);
	assert_eq!(failed(&|f| f.inputs[0].dims[0] = symbol(&long)), too_long);
	assert_eq!(failed(&|f| f.operators[0] = long.clone()), too_long);
	assert_eq!(
		failed(&|f| f.inputs[0].dims = vec![Dim::Fixed(1); 9]),
		DeriveError::Rank("a".into())
	);
	let many = |f: &mut GraphFacts| {
		f.outputs = (0..17).map(|i| values(&i.to_string(), &[])).collect();
	};
	assert_eq!(failed(&many), DeriveError::TooManyTensors);
	let many = |f: &mut GraphFacts| f.operators = (0..129).map(|i| format!("Op{i:03}")).collect();
	assert_eq!(failed(&many), DeriveError::TooManyOperators);

	let failed = |options| derive_manifest(&facts(), &options).unwrap_err();
	let base = ManifestOptions::default;
	let unknown = ManifestOptions { symbol_overrides: [("X".to_string(), 1)].into(), ..base() };
	assert_eq!(failed(unknown), DeriveError::UnknownSymbol("X".into()));
	assert_eq!(failed(ManifestOptions { licence: "l".repeat(65), ..base() }), DeriveError::Licence);
	assert_eq!(failed(ManifestOptions { tags: vec!["t".repeat(33)], ..base() }), DeriveError::Tags);
	assert_eq!(failed(ManifestOptions { tags: vec!["t".into(); 9], ..base() }), DeriveError::Tags);
	let flawed = |options, flaw| assert_eq!(failed(options), DeriveError::Manifest(flaw));
	flawed(
		ManifestOptions { profile: Some(NumericProfile::Exact), ..base() },
		ManifestError::NotExact,
	);
	flawed(ManifestOptions { compute_units: 0, ..base() }, ManifestError::Cost);
	flawed(ManifestOptions { symbol_max: 0, ..base() }, ManifestError::Symbol);
}

#[test]
fn each_difference_between_file_and_manifest_is_named() {
	let differs = |change: &dyn Fn(&mut Manifest)| {
		let mut manifest = manifest();
		change(&mut manifest);
		check_signature(&facts(), &manifest).unwrap_err()
	};
	use Mismatch::{Count, Fixed, Name, Operators, Opset, Rank, Symbol};
	assert_eq!(differs(&|m| m.compute_units = 0), Mismatch::Manifest(ManifestError::Cost));
	assert_eq!(differs(&|m| m.opset = 18), Opset { file: 17, manifest: 18 });
	assert_eq!(
		differs(&|m| drop(m.inputs.pop())),
		Count { side: Side::Input, file: 2, manifest: 1 }
	);
	assert_eq!(
		differs(&|m| m.outputs[0].name = b"z".to_vec().try_into().unwrap()),
		Name { side: Side::Output, index: 0, file: "y".into() }
	);
	assert_eq!(
		differs(&|m| m.inputs[1].element_type = ElementType::F64),
		Mismatch::ElementType {
			side: Side::Input,
			name: "b".into(),
			file: ElementType::F32,
			manifest: ElementType::F64,
		}
	);
	assert_eq!(
		differs(&|m| drop(m.inputs[0].shape.pop())),
		Rank { side: Side::Input, name: "a".into(), file: 3, manifest: 2 }
	);
	for other in [Dimension::Fixed(4), dimension("other", 64)] {
		assert_eq!(
			differs(&|m| m.inputs[0].shape[1] = other.clone()),
			Fixed { side: Side::Input, name: "a".into(), index: 1, file: 3 }
		);
	}
	assert_eq!(
		differs(&|m| m.outputs[0].shape[3] = Dimension::Fixed(3)),
		Fixed { side: Side::Output, name: "y".into(), index: 3, file: 2 }
	);
	for untied in [dimension("other", 64), Dimension::Fixed(4)] {
		let symbol = Symbol { symbol: "N".into() };
		assert_eq!(differs(&|m| m.inputs[1].shape[0] = untied.clone()), symbol);
	}
	assert_eq!(differs(&|m| drop(m.operators.pop())), Operators);
	assert_eq!(
		differs(&|m| m.profile = NumericProfile::Exact),
		Mismatch::Manifest(ManifestError::NotExact)
	);
}

#[test]
fn a_manifest_may_narrow_what_the_file_leaves_free() {
	let mut manifest = manifest();
	for input in manifest.inputs.iter_mut() {
		input.shape[0] = Dimension::Fixed(1);
	}
	manifest.inputs[0].shape[2] = Dimension::Fixed(9);
	manifest.outputs[0].shape[0] = Dimension::Fixed(1);
	assert_eq!(check_signature(&facts(), &manifest), Ok(()));
}
