// SPDX-License-Identifier: Apache-2.0
//! Models made for measuring: their weights are noise, their work is that of real ones.

use jurat_onnx::{
	build::{self, fixed, node},
	proto::{AttributeProto, ModelProto, NodeProto, TensorProto, attribute_type},
};
use jurat_primitives::ElementType;

/// Sizes of all-MiniLM-L6-v2.
const LAYERS: usize = 6;
const HIDDEN: i64 = 384;
const HEADS: i64 = 12;
const INNER: i64 = 1536;
const VOCABULARY: i64 = 30_522;
const SEQUENCE: i64 = 128;

/// A model by name, for a batch of this size.
pub fn named(name: &str, batch: i64) -> Option<Vec<u8>> {
	let model = match name {
		"mlp" => mlp(batch),
		"transformer" => transformer(batch),
		_ => return None,
	};
	Some(build::file(&model))
}

/// A graph that grows.
#[derive(Default)]
struct Graph {
	nodes: Vec<NodeProto>,
	constants: Vec<TensorProto>,
}

impl Graph {
	/// Adds a node with one output, and gives that output's name.
	fn add(&mut self, operator: &str, inputs: &[&str], attributes: Vec<AttributeProto>) -> String {
		let output = format!("v{}", self.nodes.len());
		let mut node = node(operator, inputs, &[&output]);
		node.attribute = attributes;
		self.nodes.push(node);
		output
	}

	/// Adds a constant of noise between −`most` and `most`, and gives its name.
	fn noise(&mut self, dims: &[i64], most: f32) -> String {
		let name = format!("c{}", self.constants.len());
		let mut state = 0x2545_f491u32.wrapping_mul(self.constants.len() as u32 + 1) | 1;
		let mut next = || {
			state ^= state << 13;
			state ^= state >> 17;
			state ^= state << 5;
			(state as f32 / u32::MAX as f32 * 2.0 - 1.0) * most
		};
		let values: Vec<f32> = (0..dims.iter().product()).map(|_| next()).collect();
		self.constants.push(build::floats(&name, dims, &values));
		name
	}

	fn ints(&mut self, values: &[i64]) -> String {
		let name = format!("c{}", self.constants.len());
		self.constants.push(build::ints(&name, &[values.len() as i64], values));
		name
	}

	/// `x · w + b`
	fn linear(&mut self, x: &str, from: i64, to: i64) -> String {
		let weights = self.noise(&[from, to], (from as f32).powf(-0.5));
		let bias = self.noise(&[to], 0.1);
		let product = self.add("MatMul", &[x, &weights], vec![]);
		self.add("Add", &[&product, &bias], vec![])
	}

	fn normal(&mut self, x: &str) -> String {
		let (scale, bias) = (self.noise(&[HIDDEN], 1.0), self.noise(&[HIDDEN], 0.1));
		self.add("LayerNormalization", &[x, &scale, &bias], vec![])
	}

	fn finish(
		self,
		(input, element, from): (&str, ElementType, &[i64]),
		(output, to): (&str, &[i64]),
	) -> ModelProto {
		let dims = |sizes: &[i64]| sizes.iter().copied().map(fixed).collect::<Vec<_>>();
		let inputs = [build::value(input, element, dims(from))];
		let outputs = [build::value(output, ElementType::F32, dims(to))];
		build::model(build::graph(inputs, outputs, self.nodes, self.constants), 20)
	}
}

/// 64 → 256 → 256 → 10.
fn mlp(batch: i64) -> ModelProto {
	let mut graph = Graph::default();
	let sizes = [64, 256, 256, 10];
	let mut x = "x".to_string();
	for (index, pair) in sizes.windows(2).enumerate() {
		x = graph.linear(&x, pair[0], pair[1]);
		if index + 2 < sizes.len() {
			x = graph.add("Relu", &[&x], vec![]);
		}
	}
	graph.finish(("x", ElementType::F32, &[batch, sizes[0]]), (&x, &[batch, sizes[3]]))
}

fn permutation(order: &[i64]) -> Vec<AttributeProto> {
	vec![AttributeProto {
		name: "perm".into(),
		ints: order.to_vec(),
		r#type: attribute_type::INTS,
		..Default::default()
	}]
}

/// An encoder with a mean over its sequence.
fn transformer(batch: i64) -> ModelProto {
	let mut graph = Graph::default();
	let table = graph.noise(&[VOCABULARY, HIDDEN], 0.1);
	let positions = graph.noise(&[SEQUENCE, HIDDEN], 0.1);
	let words = graph.add("Gather", &[&table, "ids"], vec![]);
	let sum = graph.add("Add", &[&words, &positions], vec![]);
	let mut x = graph.normal(&sum);
	let head = HIDDEN / HEADS;
	let split = graph.ints(&[batch, SEQUENCE, HEADS, head]);
	let joined = graph.ints(&[batch, SEQUENCE, HIDDEN]);
	let scale = graph.noise(&[1], (head as f32).powf(-0.5));
	for _ in 0..LAYERS {
		let [q, k, v] = [[0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]].map(|order| {
			let linear = graph.linear(&x, HIDDEN, HIDDEN);
			let heads = graph.add("Reshape", &[&linear, &split], vec![]);
			graph.add("Transpose", &[&heads], permutation(&order))
		});
		let scores = graph.add("MatMul", &[&q, &k], vec![]);
		let scores = graph.add("Mul", &[&scores, &scale], vec![]);
		let weights = graph.add("Softmax", &[&scores], vec![]);
		let heads = graph.add("MatMul", &[&weights, &v], vec![]);
		let heads = graph.add("Transpose", &[&heads], permutation(&[0, 2, 1, 3]));
		let heads = graph.add("Reshape", &[&heads, &joined], vec![]);
		let attention = graph.linear(&heads, HIDDEN, HIDDEN);
		let sum = graph.add("Add", &[&x, &attention], vec![]);
		let middle = graph.normal(&sum);
		let inner = graph.linear(&middle, HIDDEN, INNER);
		let inner = graph.add("Gelu", &[&inner], vec![]);
		let outer = graph.linear(&inner, INNER, HIDDEN);
		let sum = graph.add("Add", &[&middle, &outer], vec![]);
		x = graph.normal(&sum);
	}
	let axes = graph.ints(&[1]);
	let keep = vec![build::int_attribute("keepdims", 0)];
	let mean = graph.add("ReduceMean", &[&x, &axes], keep);
	graph.finish(("ids", ElementType::I64, &[batch, SEQUENCE]), (&mean, &[batch, HIDDEN]))
}
