// SPDX-License-Identifier: Apache-2.0
//! A sample of the ONNX backend node tests, through the chain: each model is published, served and
//! asked for, and the answer that is settled is compared with the one of the suite. All of the suite
//! goes through the executor in `scripts/conformance.sh`, which fetches it.

// The suite as the executor's own comparison reads it.
#[path = "../../node/engine/examples/conformance/suite.rs"]
mod suite;

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use jurat_primitives::{Assurance, NamedTensor, RequestInput, tensor::BlobTensor};
use jurat_tests::{
	actors::{self, Model, Terms, key, publish_model},
	harness::World,
	network::Network,
	promises,
};
use std::{env, path::PathBuf, process::ExitCode};
use suite::{Case, Set, same};

/// Tolerances of the suite.
const RELATIVE: f64 = 1e-3;
const ABSOLUTE: f64 = 1e-7;

/// Something of each kind: arithmetic, comparison, logic, shapes, neural networks, quantisation,
/// text; floats of all widths, integers of all widths, truth values.
const SAMPLE: [&str; 28] = [
	"test_abs",
	"test_add_uint8",
	"test_and2d",
	"test_argmax_default_axis_example",
	"test_bitshift_left_uint8",
	"test_cast_FLOAT_to_FLOAT16",
	"test_cast_DOUBLE_to_FLOAT",
	"test_cast_FLOAT_to_BFLOAT16",
	"test_clip_default_int8_inbounds",
	"test_concat_1d_axis_0",
	"test_conv_with_strides_no_padding",
	"test_cumsum_1d",
	"test_equal_string",
	"test_gather_0",
	"test_gelu_tanh_1",
	"test_gemm_default_no_bias",
	"test_layer_normalization_2d_axis0",
	"test_matmul_2d",
	"test_matmulinteger",
	"test_max_uint64",
	"test_maxpool_2d_uint8",
	"test_mod_mixed_sign_int32",
	"test_qlinearmatmul_2D_uint8_float32",
	"test_quantizelinear",
	"test_softmax_axis_0",
	"test_string_concat",
	"test_top_k_smallest",
	"test_where_long_example",
];

/// Cases of which so many must be in the suite, and pass.
const LEAST: usize = 24;

struct Conformance {
	network: Network,
	cases: Vec<(&'static str, Case, Model)>,
}

/// Where `scripts/conformance.sh` puts the suite.
fn folder() -> Result<PathBuf> {
	let home = match env::var_os("JURAT_HOME") {
		Some(home) => PathBuf::from(home),
		None => PathBuf::from(env::var_os("HOME").context("HOME is not set")?).join(".cache/jurat"),
	};
	let folder = home.join("conformance/onnx-1.22.0/onnx/backend/test/data/node");
	ensure!(folder.is_dir(), "no suite in {}: scripts/conformance.sh fetches it", folder.display());
	Ok(folder)
}

impl World for Conformance {
	async fn start() -> Result<Self> {
		let folder = folder()?;
		let mut cases = Vec::new();
		for name in SAMPLE {
			let path = folder.join(name);
			if !path.is_dir() {
				println!("({name} is not in the suite)");
				continue;
			}
			match Case::read(&path).map_err(|error| anyhow::anyhow!("{name}: {error}"))? {
				Ok(case) => cases.push((name, case)),
				Err(why) => anyhow::bail!("{name}: {why}"),
			}
		}
		let network = Network::dev(&[]).await?;
		let (client, owner) = (network.client(0), key("Bob"));
		let publish = cases.iter().map(async |(name, case)| {
			let model = name.replace('_', "-").to_lowercase();
			let terms = Terms { units: Some(5), allow_nan: true, ..Terms::default() };
			publish_model(client, &owner, &model, &case.file, terms).await.context(*name)
		});
		let (_, models) = futures::try_join!(actors::bond_all(&network), try_join_all(publish))?;
		let releases: Vec<_> = models.iter().map(|model| model.release).collect();
		actors::serve(&network, &[0], &releases).await?;
		let cases = cases.into_iter().zip(models);
		let cases = cases.map(|((name, case), model)| (name, case, model)).collect();
		Ok(Self { network, cases })
	}

	fn network(&mut self) -> &mut Network {
		&mut self.network
	}
}

/// The inputs of a set, in an extrinsic.
fn inline(set: &Set) -> Result<RequestInput> {
	let tensors = set.inputs.iter().cloned().map(|NamedTensor { name, tensor }| {
		let tensor = tensor.into_limit().ok().context("too large for an extrinsic")?;
		anyhow::Ok(NamedTensor { name, tensor })
	});
	let tensors = tensors.collect::<Result<Vec<_>>>()?;
	Ok(RequestInput::Inline(tensors.try_into().ok().context("too many inputs")?))
}

async fn what_the_suite_expects_is_what_is_settled(world: &mut Conformance) -> Result<()> {
	let client = world.network.client(0);
	let asked = world.cases.iter().map(async |(name, case, model)| {
		for set in &case.sets {
			let input = inline(set)?;
			let assurance = Assurance::quorum(1);
			let included =
				actors::request(client, &key("Ferdie"), model.release, assurance, &input).await?;
			let settled = actors::settled(client, &mut client.ticket(included)?).await?;
			let outputs = actors::answer(&settled)?;
			ensure!(outputs.len() == set.outputs.len(), "{settled:?}");
			for (found, expected) in outputs.iter().zip(&set.outputs) {
				let found: BlobTensor = found.tensor.clone().into_limit().ok().context("fits")?;
				ensure!(same(&found, expected), "{found:?} instead of {expected:?}");
			}
		}
		anyhow::Ok(*name)
	});
	let results = futures::future::join_all(asked).await;
	let passed = results.iter().filter(|result| result.is_ok()).count();
	println!("({passed} of {} cases of the suite settled as expected)", results.len());
	let failures: Vec<_> = results
		.into_iter()
		.zip(&world.cases)
		.filter_map(|(result, (name, ..))| Some(format!("{name}: {:#}", result.err()?)))
		.collect();
	ensure!(failures.is_empty(), "{}", failures.join("; "));
	ensure!(passed >= LEAST, "only {passed} cases");
	Ok(())
}

fn main() -> ExitCode {
	jurat_tests::harness::run::<Conformance>(promises![what_the_suite_expects_is_what_is_settled])
}
