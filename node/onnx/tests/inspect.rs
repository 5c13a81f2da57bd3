// SPDX-License-Identifier: Apache-2.0
//! What is read of a file, and what is refused.

use jurat_onnx::{
	Activations, Dim, InspectError, build,
	inspect::{self, MAX_CONSTANTS, MAX_DEPTH, MAX_NODES},
	inspect_bytes,
	proto::{Kind, ModelProto, Opaque, SparseTensorProto, TypeProto},
};
use jurat_primitives::ElementType;

fn read(model: &ModelProto) -> Result<jurat_onnx::GraphFacts, InspectError> {
	inspect::inspect(&build::file(model))
}

/// y[N, ?] = MatMul(x[N, 3], w[3, 2]), then a Loop whose body adds.
fn sample() -> ModelProto {
	let body = build::graph(
		[
			build::value("i", ElementType::I64, []),
			build::value("c", ElementType::Bool, []),
			build::value("a", ElementType::F32, [build::unnamed()]),
		],
		[
			build::value("c2", ElementType::Bool, []),
			build::value("b", ElementType::F32, [build::unnamed()]),
		],
		[build::node("Identity", &["c"], &["c2"]), build::node("Add", &["a", "one"], &["b"])],
		[build::floats("one", &[1], &[1.0])],
	);
	let mut looped = build::node("Loop", &["times", "", "m"], &["y"]);
	looped.attribute.push(build::graph_attribute("body", body));
	let mut gelu = build::node("Gelu", &["p"], &["m"]);
	gelu.domain = "com.microsoft".into();
	let model = build::model(
		build::graph(
			[
				build::value("x", ElementType::F32, [build::symbol("N"), build::fixed(3)]),
				build::value("w", ElementType::F32, [build::fixed(3), build::fixed(2)]),
			],
			[build::value("y", ElementType::F32, [build::symbol("N"), build::unnamed()])],
			[build::node("MatMul", &["x", "w"], &["p"]), gelu, looped],
			[build::floats("w", &[3, 2], &[0.5; 6]), build::ints("times", &[], &[2])],
		),
		17,
	);
	build::importing(model, "com.microsoft", 1)
}

#[test]
fn the_facts_of_a_graph_are_found() {
	let file = build::file(&sample());
	let facts = inspect::inspect(&file).unwrap();
	assert_eq!(facts.opset, 17);
	assert_eq!(facts.inputs.len(), 1);
	assert_eq!(facts.inputs[0].name, "x");
	assert_eq!(facts.inputs[0].element, ElementType::F32);
	assert_eq!(facts.inputs[0].dims, [Dim::Symbol("N".into()), Dim::Fixed(3)]);
	assert_eq!(facts.outputs[0].dims, [Dim::Symbol("N".into()), Dim::Unnamed]);
	assert_eq!(facts.operators, ["Add", "Identity", "Loop", "MatMul", "com.microsoft:Gelu"]);
	assert_eq!(facts.nodes, 5);
	assert_eq!(facts.initialiser_bytes, 24 + 8 + 4);
	assert_eq!(facts.file_bytes, file.len() as u64);
	assert_eq!(facts.activations, Activations::None);
	assert_eq!(inspect_bytes(file.into()).unwrap(), facts);
}

#[test]
fn a_graph_of_foreign_tensors_needs_no_default_operator_set() {
	let mut trees = build::node("TreeEnsembleRegressor", &["x"], &["y"]);
	trees.domain = "ai.onnx.ml".into();
	let x = build::value("x", ElementType::F32, [build::fixed(1)]);
	let y = build::value("y", ElementType::F32, [build::fixed(1)]);
	let mut model = build::model(build::graph([x], [y], [trees], []), 1);
	model.opset_import[0].domain = "ai.onnx.ml".into();
	let facts = read(&model).unwrap();
	assert_eq!(
		(facts.opset, facts.operators),
		(0, vec!["ai.onnx.ml:TreeEnsembleRegressor".into()])
	);
}

fn refused(change: impl FnOnce(&mut ModelProto)) -> InspectError {
	let mut model = sample();
	change(&mut model);
	read(&model).unwrap_err()
}

fn graph(model: &mut ModelProto) -> &mut jurat_onnx::proto::GraphProto {
	model.graph.as_mut().unwrap()
}

#[test]
fn each_refusal_is_named() {
	use InspectError::*;
	assert!(matches!(inspect::inspect(b"no protobuf at all").unwrap_err(), Malformed(_)));
	assert_eq!(inspect::inspect(b"").unwrap_err(), NoGraph);
	assert_eq!(refused(|m| m.graph = None), NoGraph);
	assert_eq!(refused(|m| m.opset_import.clear()), Opset);
	for version in [-1, 0, 27, 70_000, i64::MAX] {
		let error = OpsetVersion { domain: "ai.onnx".into(), version, newest: 26 };
		assert_eq!(refused(|m| m.opset_import[0].version = version), error);
	}
	let error = OpsetVersion { domain: "com.microsoft".into(), version: 2, newest: 1 };
	assert_eq!(refused(|m| m.opset_import[1].version = 2), error);
	let error = OpsetMissing { domain: "com.microsoft".into() };
	assert_eq!(refused(|m| drop(m.opset_import.pop())), error);
	assert_eq!(refused(|m| m.opset_import.push(m.opset_import[0].clone())), Opset);
	assert_eq!(refused(|m| m.functions.push(Opaque {})), LocalFunctions);
	assert_eq!(refused(|m| m.training_info.push(Opaque {})), Training);
	assert_eq!(refused(|m| graph(m).node[0].op_type.clear()), NoOperator);
	assert_eq!(
		refused(|m| graph(m).node[0].domain = "evil".into()),
		ForeignDomain { operator: "MatMul".into(), domain: "evil".into() }
	);
	let random = |m: &mut ModelProto| graph(m).node[0].op_type = "RandomNormal".into();
	assert_eq!(refused(random), Random { operator: "RandomNormal".into() });
	let unknown = |m: &mut ModelProto| graph(m).node[0].op_type = "NoSuchOperator".into();
	assert_eq!(refused(unknown), Operator { operator: "NoSuchOperator".into() });
	let overloaded = |m: &mut ModelProto| graph(m).node[0].overload = "mine".into();
	assert_eq!(refused(overloaded), LocalFunctions);
	assert_eq!(refused(|m| graph(m).node.clear()), NoNodes);
	assert_eq!(refused(|m| graph(m).output.clear()), NoSignature);
	let constant = |m: &mut ModelProto| {
		graph(m).input.clear();
		graph(m).initializer.push(build::floats("x", &[1, 3], &[0.5; 3]));
	};
	assert_eq!(refused(constant), NoSignature);
	assert_eq!(refused(|m| graph(m).input[0].r#type = None), NotTensor { value: "x".into() });
	let sequence = Some(TypeProto { value: Some(Kind::Sequence(Opaque {})) });
	assert_eq!(refused(|m| graph(m).output[0].r#type = sequence), NotTensor { value: "y".into() });
	let tensor = |m: &mut ModelProto, change: &dyn Fn(&mut jurat_onnx::proto::TensorType)| {
		let value = graph(m).input[0].r#type.as_mut().unwrap().value.as_mut();
		let Some(Kind::Tensor(tensor)) = value else { unreachable!() };
		change(tensor);
	};
	assert_eq!(refused(|m| tensor(m, &|t| t.shape = None)), NoShape { value: "x".into() });
	// complex64, f8e4m3fn, int4
	for code in [14, 17, 22] {
		let error = ElementType { value: "x".into(), code };
		assert_eq!(refused(|m| tensor(m, &|t| t.elem_type = code)), error);
	}
	let negative = |t: &mut jurat_onnx::proto::TensorType| {
		t.shape.as_mut().unwrap().dim[0] = build::fixed(-1);
	};
	assert_eq!(refused(|m| tensor(m, &negative)), Dimension { value: "x".into() });
	assert_eq!(refused(|m| graph(m).output[0].name.clear()), Name { value: "".into() });
	let twice = |m: &mut ModelProto| {
		let x = graph(m).input[0].clone();
		graph(m).input.push(x);
	};
	assert_eq!(refused(twice), Name { value: "x".into() });
	let twice = |m: &mut ModelProto| graph(m).initializer[1].name = "w".into();
	assert_eq!(refused(twice), Name { value: "w".into() });
	assert_eq!(refused(|m| graph(m).sparse_initializer.push(SparseTensorProto::default())), Sparse);
	let sparse = |m: &mut ModelProto| {
		let mut attribute = build::int_attribute("sparse_value", 0);
		attribute.sparse_tensor = Some(Box::default());
		graph(m).node[0].attribute.push(attribute);
	};
	assert_eq!(refused(sparse), Sparse);
}

#[test]
fn a_constant_must_be_here_and_be_what_it_says() {
	use InspectError::*;
	let constant = || Constant { tensor: "w".into() };
	let external = ExternalData { tensor: "w".into() };
	assert_eq!(refused(|m| graph(m).initializer[0].data_location = 1), external);
	assert_eq!(refused(|m| graph(m).initializer[0].external_data.push(Opaque {})), external);
	assert_eq!(refused(|m| graph(m).initializer[0].dims[0] = 4), constant());
	assert_eq!(refused(|m| graph(m).initializer[0].dims = vec![-1]), constant());
	assert_eq!(refused(|m| graph(m).initializer[0].dims = vec![0, -1]), constant());
	assert_eq!(refused(|m| graph(m).initializer[0].dims = vec![i64::MAX; 9]), constant());
	let code = ElementType { value: "w".into(), code: 15 };
	assert_eq!(refused(|m| graph(m).initializer[0].data_type = 15), code);
	let not_bool = |m: &mut ModelProto| {
		let bools = jurat_primitives::ElementType::Bool;
		graph(m).initializer[0] = build::constant("w", bools, &[2], vec![1, 2]);
	};
	assert_eq!(refused(not_bool), constant());

	// deep in an attribute of a loop's body as well
	let hidden = |m: &mut ModelProto| {
		let mut value = build::floats("hidden", &[1], &[0.0]);
		value.data_location = 1;
		let body = graph(m).node[2].attribute[0].g.as_mut().unwrap();
		body.node[0].attribute.push(build::tensor_attribute("value", value));
	};
	assert_eq!(refused(hidden), ExternalData { tensor: "hidden".into() });
}

#[test]
fn constants_in_typed_fields_are_read() {
	let mut model = sample();
	let mut typed = build::floats("w", &[3, 2], &[]);
	typed.float_data = vec![0.5; 6];
	graph(&mut model).initializer[0] = typed;
	assert_eq!(read(&model).unwrap(), {
		let mut facts = read(&sample()).unwrap();
		facts.file_bytes = build::file(&model).len() as u64;
		facts
	});
}

#[test]
fn sizes_are_bounded() {
	let many = |m: &mut ModelProto| {
		let node = build::node("Identity", &[], &[]);
		graph(m).node = vec![node; MAX_NODES as usize + 1];
	};
	assert_eq!(refused(many), InspectError::TooManyNodes);
	let many = |m: &mut ModelProto| {
		graph(m).initializer = vec![build::floats("", &[0], &[]); MAX_CONSTANTS as usize + 1];
	};
	assert_eq!(refused(many), InspectError::TooManyConstants);

	let nested = |depth: u32| {
		let name = |level: u32| format!("y{level}");
		let mut inner = build::graph([], [], [build::node("Identity", &["x"], &["y0"])], []);
		for level in 1..depth {
			let mut node = build::node("If", &["c"], &[&name(level)]);
			node.attribute.push(build::graph_attribute("then_branch", inner));
			inner = build::graph([], [], [node], []);
		}
		let mut model = sample();
		graph(&mut model).initializer.push(build::constant("c", ElementType::Bool, &[], vec![1]));
		graph(&mut model).node = inner.node;
		graph(&mut model).output[0].name = name(depth - 1);
		read(&model)
	};
	nested(MAX_DEPTH).unwrap();
	let nested = |depth| nested(depth).unwrap_err();
	assert_eq!(nested(MAX_DEPTH + 1), InspectError::TooDeep);
	// before prost looks at it
	assert_eq!(nested(2000), InspectError::TooDeep);
}

/// A graph of one node that takes `element`, by its zero point.
fn quantised(op_type: &str, zero_point_at: usize, element: ElementType) -> ModelProto {
	let mut inputs = vec!["x"; zero_point_at];
	inputs.push("zp");
	build::model(
		build::graph(
			[build::value("x", ElementType::F32, [build::fixed(1)])],
			[build::value("y", ElementType::F32, [build::fixed(1)])],
			[build::node(op_type, &inputs, &["y"])],
			[build::constant("zp", element, &[], vec![0])],
		),
		17,
	)
}

#[test]
fn unsigned_and_signed_activations_are_told_apart() {
	let activations = |model: &ModelProto| read(model).unwrap().activations;
	for op_type in
		["QLinearConv", "QLinearMatMul", "MatMulInteger", "ConvInteger", "QuantizeLinear"]
	{
		let unsigned = activations(&quantised(op_type, 2, ElementType::U8));
		assert_eq!(unsigned, Activations::Unsigned, "{op_type}");
		assert!(unsigned.needs_precise_products());
		let signed = activations(&quantised(op_type, 2, ElementType::I8));
		assert_eq!(signed, Activations::Signed, "{op_type}");
		assert!(!signed.needs_precise_products());
	}
	// without a zero point: the activation's own type, or the operator's default
	let mut direct = quantised("MatMulInteger", 2, ElementType::U8);
	graph(&mut direct).node[0].input.pop();
	graph(&mut direct).input[0] = build::value("x", ElementType::I8, [build::fixed(1)]);
	assert_eq!(activations(&direct), Activations::Signed);
	let mut default = quantised("QuantizeLinear", 2, ElementType::I8);
	graph(&mut default).node[0].input.pop();
	assert_eq!(activations(&default), Activations::Unsigned);

	// a weight quantised in the graph is no activation
	let mut weight = quantised("QuantizeLinear", 2, ElementType::I8);
	graph(&mut weight).node[0].input[0] = "zp".into();
	assert_eq!(activations(&weight), Activations::None);

	let mut mixed = quantised("QLinearConv", 2, ElementType::U8);
	let signed = quantised("QLinearConv", 2, ElementType::I8);
	let mut second = signed.graph.unwrap();
	second.initializer[0].name = "zp2".into();
	second.node[0].input[2] = "zp2".into();
	second.node[0].output[0] = "y2".into();
	graph(&mut mixed).initializer.append(&mut second.initializer);
	graph(&mut mixed).node.append(&mut second.node);
	assert_eq!(activations(&mixed), Activations::Mixed);
	assert!(!Activations::Mixed.needs_precise_products());

	let dynamic = build::node("DynamicQuantizeLinear", &["x"], &["q", "s", "z"]);
	let product = build::node("MatMulInteger", &["q", "zp"], &["y"]);
	let mut model = quantised("Identity", 0, ElementType::I8);
	graph(&mut model).node = vec![dynamic, product];
	assert_eq!(activations(&model), Activations::Unsigned);
}

/// Small and fast, the same sequence each time (xorshift64*).
struct Random(u64);

impl Random {
	fn below(&mut self, limit: usize) -> usize {
		self.0 ^= self.0 >> 12;
		self.0 ^= self.0 << 25;
		self.0 ^= self.0 >> 27;
		(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
	}
}

#[test]
fn no_bytes_make_it_panic() {
	let file = build::file(&sample());
	for end in 0..file.len() {
		let _ = inspect::inspect(&file[..end]);
	}
	for position in 0..file.len() {
		for bit in 0..8 {
			let mut broken = file.clone();
			broken[position] ^= 1 << bit;
			let _ = inspect::inspect(&broken);
		}
	}
	let mut random = Random(0x4a75_7261_7400_0001);
	let mut read = 0;
	for _ in 0..20_000 {
		let mut broken = file.clone();
		for _ in 0..=random.below(4) {
			let position = random.below(broken.len() - 1);
			match random.below(4) {
				0 => broken[position] = random.below(256) as u8,
				1 if broken.len() > 8 => drop(broken.remove(position)),
				2 => broken.insert(position, random.below(256) as u8),
				_ => broken.truncate(position.max(8)),
			}
		}
		if let Ok(facts) = inspect::inspect(&broken) {
			read += 1;
			if let Ok(manifest) = jurat_onnx::derive_manifest(&facts, &Default::default()) {
				let _ = jurat_onnx::check_signature(&facts, &manifest);
			}
		}
	}
	assert!(read > 100, "only {read} mutants were read; the test says nothing");
}
