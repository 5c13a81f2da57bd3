// SPDX-License-Identifier: Apache-2.0
//! Models made to harm who reads or runs them: what becomes of each, and that nobody else notices.
//!
//! The files are those of `tests/hostile-models`, whose script says how they are made; those that
//! are not small are made here. Each must end in the one way that its line says. After each, this
//! process must hold no more memory than before, and the executor must answer a good model.

mod common;

use common::*;
use jurat_engine::{AdmissionError, EngineConfig, Executor, Model};
use jurat_onnx::{ManifestOptions, build, derive_manifest, inspect, proto::GraphProto};
use jurat_primitives::{ContentHash, ElementType, JobFailure};
use std::{
	collections::BTreeSet,
	fs,
	path::Path,
	sync::{Mutex, MutexGuard, PoisonError},
	time::{Duration, Instant},
};
use tempfile::TempDir;

/// What becomes of a file.
#[derive(Clone, Copy, Debug)]
enum Becomes {
	/// Refused before ONNX Runtime sees it, by this refusal: when it is published, and again by the
	/// process that would run it.
	Refused(&'static str),
	/// Not admitted, by one of these: ONNX Runtime finds the fault, or falls over it, in a process
	/// that is there for that.
	NotAdmitted(&'static [&'static str]),
	/// Harmless, though it does not look so.
	Admitted,
}
use Becomes::*;

const TOO_MUCH: Becomes =
	NotAdmitted(&["LoadFailed(TimedOut)", "ProbeLost(TimedOut)", "ProbeFailed"]);

const FILES: &[(&str, Becomes)] = &[
	("attention-heads-that-do-not-divide", Refused("Attribute")),
	("attention-of-no-heads-in-its-shape", NotAdmitted(&["ProbeLost(Crashed)"])),
	("attention-zero-heads", Refused("Attribute")),
	("attribute-of-2-40", Refused("Attribute")),
	("attribute-of-a-function", Refused("LocalFunctions")),
	("attribute-of-another-type", Refused("Attribute")),
	("attribute-sparse", Refused("Attribute")),
	("attribute-twice", Refused("Attribute")),
	("block-of-zero", Refused("Attribute")),
	("constant-below-zero", Refused("Constant")),
	("constant-of-computed-shape", NotAdmitted(&["ProbeFailed", "NotLoaded"])),
	("constant-of-many-without-data", Refused("Constant")),
	("constant-of-overflowing-size", Refused("Constant")),
	("constant-of-shape", Refused("Growth")),
	("constant-twice", Refused("Name")),
	("control-characters", Refused("NameCharacter")),
	("convolution-dilation-below-zero", Refused("Attribute")),
	("convolution-group-zero", Refused("Attribute")),
	("convolution-kernel-huge", Refused("Attribute")),
	("convolution-padding-huge", Refused("Attribute")),
	("convolution-stride-zero", Refused("Attribute")),
	("cycle", Refused("Order")),
	("cycle-of-one", Refused("Order")),
	("division-that-integers-do-not-have", NotAdmitted(&["LoadFailed(Crashed)"])),
	("epsilon-nan", Refused("Attribute")),
	("expand", Refused("Growth")),
	("expand-by-constant-node", Refused("Growth")),
	("expand-by-identity", Refused("Growth")),
	("external-absolute", Refused("ExternalData")),
	("external-beside", Refused("ExternalData")),
	("external-device", Refused("ExternalData")),
	("external-memory", Refused("ExternalData")),
	("external-parent", Refused("ExternalData")),
	("field-twice", Refused("Malformed")),
	("function-unused", Refused("LocalFunctions")),
	("graph-in-a-node-that-holds-none", Refused("Attribute")),
	("group", Refused("Malformed")),
	("if-24-deep", Refused("TooDeep")),
	("if-7-deep", Admitted),
	("index-that-is-a-float", NotAdmitted(&["NotLoaded"])),
	("input-huge", Refused("Absurd")),
	("input-of-1000-dimensions", Refused("Absurd")),
	("input-twice", Refused("Name")),
	("layer-normalisation-axis", Refused("Attribute")),
	("local-functions", Refused("LocalFunctions")),
	("loop-2-62", Refused("LoopTooLong")),
	("loop-as-long-as-the-input-says", Refused("Unbounded")),
	("loop-endless", Refused("Unbounded")),
	("loop-in-loop", Refused("TooManyRuns")),
	("loop-of-few-rounds", Admitted),
	("much-computed-in-advance", TOO_MUCH),
	("ngrams-backwards", Refused("Attribute")),
	("ngrams-beyond-the-pool", Refused("Attribute")),
	("ngrams-far-places", Refused("Attribute")),
	("ngrams-good", Admitted),
	("ngrams-without-places", Refused("Attribute")),
	("no-graph", Refused("NoGraph")),
	("no-nodes", Refused("NoNodes")),
	("no-outputs", Refused("NoSignature")),
	("one-hot", Refused("Growth")),
	("one-huge-product", NotAdmitted(&["ProbeLost(TimedOut)"])),
	("operand-of-nobody", Refused("Undefined")),
	("operator-foreign", Refused("ForeignDomain")),
	("operator-in-training", Refused("Random")),
	("operator-not-utf8", Refused("Malformed")),
	("operator-of-sequences", Refused("Operator")),
	("operator-random", Refused("Random")),
	("operator-that-searches", Refused("Unbounded")),
	("operator-unknown", Refused("Operator")),
	("opset-27", Refused("OpsetVersion")),
	("opset-missing", Refused("OpsetMissing")),
	("opset-ml-9", Refused("OpsetVersion")),
	("opset-twice", Refused("Opset")),
	("opset-zero", Refused("OpsetVersion")),
	("output-of-another-type", NotAdmitted(&["NotLoaded"])),
	("output-of-nobody", Refused("Undefined")),
	("pad", Refused("Growth")),
	("range", Refused("Growth")),
	("range-of-floats", Refused("Growth")),
	("reshape", Refused("Growth")),
	("resize", Refused("Growth")),
	("resize-nan", Refused("Growth")),
	("scan", Refused("Unbounded")),
	("sparse", Refused("Sparse")),
	("strings-as-raw-bytes", Refused("Constant")),
	("tile", Refused("Growth")),
	("training", Refused("Training")),
	("transpose-beyond", Refused("Attribute")),
	("transpose-repeats", Refused("Attribute")),
	("trees-cycle", NotAdmitted(&["NotLoaded"])),
	("trees-far-feature", Refused("Attribute")),
	("trees-far-target", NotAdmitted(&["NotLoaded", "ProbeFailed"])),
	("unsorted", Refused("Order")),
	("upsample", Refused("Growth")),
	("value-info-huge", Refused("Absurd")),
	("value-that-is-an-input", Refused("Name")),
	("value-twice", Refused("Name")),
	("weights-denormal", Admitted),
	("weights-infinite", Admitted),
	("weights-nan", Admitted),
	("window", Refused("Growth")),
];

/// A good model beside bad ones.
struct Bystander {
	directory: TempDir,
	executor: Executor,
	good: Model,
	memory: u64,
	/// One test at a time: they look at the memory of the process that they share.
	_turn: MutexGuard<'static, ()>,
}

static TURN: Mutex<()> = Mutex::new(());

/// Bytes that this process may hold more than before. What is read of a file is given back.
const MORE: u64 = 192 << 20;
/// How long a bad model may take.
const PATIENCE: Duration = Duration::from_secs(3);

impl Bystander {
	fn new() -> Self {
		let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
		let directory = tempfile::tempdir().unwrap();
		let good = publish(&directory, &product());
		let executor = Executor::start(EngineConfig { memory_limit: 3 << 30, ..config() }).unwrap();
		Self { directory, executor, good, memory: memory(), _turn: turn }
	}

	/// Publishes and serves a file, as far as it comes.
	fn meet(&self, name: &str, file: &[u8], becomes: Becomes) {
		let read = inspect(file);
		let path = self.directory.path().join("hostile");
		fs::write(&path, file).unwrap();
		let content = ContentHash(*blake3::hash(file).as_bytes());
		let manifest = match &read {
			Ok(facts) => derive_manifest(facts, &options()).unwrap(),
			// Somebody publishes it nonetheless, under the manifest of another one.
			Err(_) => self.good.manifest.clone(),
		};
		let model = Model { content, manifest, path };
		let admitted = self.executor.admit(&model, Instant::now() + PATIENCE);
		match becomes {
			Refused(by) => {
				let refusal = read.map(drop).expect_err(name);
				assert_eq!(variant(&refusal), by, "{name}: {refusal}");
				let again = admitted.map(drop).expect_err(name);
				assert!(matches!(again, AdmissionError::Refused(_)), "{name}: {again}");
			},
			NotAdmitted(by) => {
				read.unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
				let error = admitted.map(drop).expect_err(name);
				let debug = format!("{error:?}");
				assert!(by.iter().any(|by| debug.starts_with(by)), "{name}: {debug}");
			},
			Admitted => drop(admitted.unwrap_or_else(|error| panic!("{name}: {error}"))),
		}
		self.is_unharmed(name);
	}

	fn is_unharmed(&self, name: &str) {
		let inputs = tensors(vec![("x", floats(&[1, 3], &[1.0, 2.0, 3.0]))]);
		let output =
			self.executor.run(&self.good, inputs, Instant::now() + Duration::from_secs(20));
		let output = output.unwrap_or_else(|failure| panic!("after {name}: {failure}"));
		assert_eq!(output.outputs, tensors(vec![("y", floats(&[1, 2], &[14.0, 140.0]))]));
		let more = memory().saturating_sub(self.memory);
		assert!(more < MORE, "after {name} this process holds {more} bytes more");
	}
}

/// NaN may be among what a model with such weights gives; time is what is tried here, not cost.
fn options() -> ManifestOptions {
	ManifestOptions { compute_units: 60_000, ..Default::default() }
}

/// Resident memory of this process.
fn memory() -> u64 {
	let status = fs::read_to_string("/proc/self/status").unwrap();
	let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
	line.trim().strip_suffix("kB").unwrap().trim().parse::<u64>().unwrap() * 1024
}

/// Name of a variant, without its fields.
fn variant(error: &impl std::fmt::Debug) -> String {
	let debug = format!("{error:?}");
	debug.split([' ', '(', '{']).next().unwrap_or_default().into()
}

/// From the folder of the package, in which tests run.
const FOLDER: &str = "../../tests/hostile-models/files";

#[test]
fn every_hostile_file_ends_as_it_must_and_harms_nobody() {
	let names = |entry: Result<fs::DirEntry, _>| {
		let path = entry.unwrap().path();
		path.file_stem().unwrap().to_str().unwrap().to_string()
	};
	let there: BTreeSet<_> = fs::read_dir(FOLDER).unwrap().map(names).collect();
	let known: BTreeSet<_> = FILES.iter().map(|(name, _)| name.to_string()).collect();
	assert_eq!(there, known, "files and table differ");
	let bystander = Bystander::new();
	for (name, becomes) in FILES {
		let file = fs::read(Path::new(FOLDER).join(name).with_extension("onnx")).unwrap();
		assert!(file.len() <= 4096, "{name}");
		bystander.meet(name, &file, *becomes);
	}
}

/// A field of bytes, as protobuf writes it.
fn field(tag: u8, body: &[u8]) -> Vec<u8> {
	let mut field = vec![tag << 3 | 2];
	let mut length = body.len();
	while length > 127 {
		field.push(length as u8 | 128);
		length >>= 7;
	}
	field.push(length as u8);
	field.extend(body);
	field
}

/// A model whose main graph is these bytes.
fn of_graph(graph: &[u8]) -> Vec<u8> {
	let mut file = build::file(&build::model(GraphProto::default(), 17));
	// Without its own empty graph, which would be one too many.
	let empty = field(7, &field(2, b"graph"));
	let at = file.windows(2).position(|two| two == [7 << 3 | 2, 0]);
	match at {
		Some(at) => drop(file.drain(at..at + 2)),
		None => panic!("no empty graph of {} bytes", empty.len()),
	}
	file.extend(field(7, graph));
	file
}

#[test]
fn large_hostile_files_end_as_they_must_and_harm_nobody() {
	let bystander = Bystander::new();
	// 2 MB that would be 300 MB once read
	let nodes = field(1, &[]).repeat(1_000_000);
	bystander.meet("a million empty nodes", &of_graph(&nodes), Refused("TooManyNodes"));
	let attributes = field(1, &field(5, &[]).repeat(5_000_000));
	bystander.meet("five million empty attributes", &of_graph(&attributes), Refused("Memory"));
	let names = field(1, &field(1, &[]).repeat(10_000_000));
	bystander.meet("ten million operands without a name", &of_graph(&names), Refused("Memory"));
	let constants = field(5, &[]).repeat(1_000_000);
	bystander.meet("a million constants", &of_graph(&constants), Refused("TooManyConstants"));

	let mut model = product();
	let long = "n".repeat(1 << 20);
	let graph = model.graph.as_mut().unwrap();
	graph.node[0].name = long.clone();
	bystander.meet("a name of a megabyte", &build::file(&model), Refused("NameTooLong"));
	let graph = model.graph.as_mut().unwrap();
	graph.node[0].name.clear();
	graph.name = long;
	bystander.meet("a graph's name", &build::file(&model), Refused("NameTooLong"));

	let mut nested = build::graph([], [], [build::node("Identity", &["x"], &["y0"])], []);
	for level in 1..2000 {
		let mut node = build::node("If", &["c"], &[&format!("y{level}")]);
		node.attribute.push(build::graph_attribute("then_branch", nested));
		nested = build::graph([], [], [node], []);
	}
	let nested = build::file(&build::model(nested, 17));
	bystander.meet("2000 graphs within each other", &nested, Refused("TooDeep"));

	// 16 MiB of text, handed out
	let x = build::value("x", ElementType::F32, [build::fixed(1)]);
	let y = build::value("y", ElementType::String, [build::fixed(1)]);
	let mut text = build::constant("text", ElementType::String, &[1], Vec::new());
	text.string_data = vec![vec![b't'; 16 << 20].into()];
	let nodes = [build::node("Identity", &["text"], &["y"]), build::node("Neg", &["x"], &["z"])];
	let text = build::file(&build::model(build::graph([x], [y], nodes, [text]), 17));
	bystander.meet("a text of 16 MiB", &text, NotAdmitted(&["OutputTooLarge"]));
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

/// A broken copy: cut off, or with up to four bytes changed.
fn broken(file: &[u8], random: &mut Random) -> Vec<u8> {
	let mut broken = file.to_vec();
	if random.below(5) == 0 {
		broken.truncate(random.below(file.len()));
		return broken;
	}
	for _ in 0..=random.below(4) {
		let at = random.below(broken.len());
		match random.below(3) {
			0 => broken[at] ^= 1 << random.below(8),
			1 => broken[at] = random.below(256) as u8,
			_ => broken.insert(at, random.below(256) as u8),
		}
	}
	broken
}

#[test]
fn thousands_of_broken_files_are_refused_or_end_in_a_typed_way() {
	/// Of those that pass, so many are run.
	const RUN: usize = 150;
	let bystander = Bystander::new();
	let mut random = Random(0x4a75_7261_7400_0002);
	let models = Path::new("../../scripts/models");
	let samples =
		["digits-int8.onnx", "identity.onnx"].map(|name| fs::read(models.join(name)).unwrap());
	let small =
		["ngrams-good", "loop-of-few-rounds", "if-7-deep", "attention-of-no-heads-in-its-shape"]
			.map(|name| fs::read(Path::new(FOLDER).join(name).with_extension("onnx")).unwrap());
	let (mut refused, mut passed, mut ends) = (0, 0, BTreeSet::new());
	for round in 0..20_000 {
		let sample = samples.iter().chain(&small).nth(round % 6).unwrap();
		let file = broken(sample, &mut random);
		let Ok(facts) = inspect(&file) else {
			refused += 1;
			continue;
		};
		passed += 1;
		let Ok(manifest) = derive_manifest(&facts, &options()) else { continue };
		if passed % 8 != 0 || passed / 8 > RUN {
			continue;
		}
		let path = bystander.directory.path().join("broken");
		fs::write(&path, &file).unwrap();
		let content = ContentHash(*blake3::hash(&file).as_bytes());
		let model = Model { content, manifest, path };
		match bystander.executor.admit(&model, Instant::now() + PATIENCE) {
			Ok(_) => drop(ends.insert("Admitted".to_string())),
			Err(AdmissionError::Unavailable(why)) => assert_eq!(why, JobFailure::Overloaded),
			// What passed here passes there: it is the same code.
			Err(AdmissionError::Refused(why)) => panic!("refused only by the child: {why}"),
			Err(error) => drop(ends.insert(variant(&error))),
		}
	}
	bystander.is_unharmed("thousands of broken files");
	println!("{refused} refused, {passed} read; those that were run ended in {ends:?}");
	assert!(refused > 2000 && passed > 500, "{refused} refused, {passed} read");
	assert!(ends.len() > 1, "{ends:?}: the broken files that were run tell nothing");
}
