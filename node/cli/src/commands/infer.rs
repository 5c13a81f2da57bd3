// SPDX-License-Identifier: Apache-2.0
//! `jurat infer`.

use super::{
	Context,
	outcome::{assurance_text, see_through},
};
use crate::{
	amount::Amount,
	client::{AccountId32, Balance, Call, Client},
	input,
	reference::Reference,
};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use jurat_primitives::{
	Assurance, ReleaseId, RequestOptions, assurance::default_threshold, limits::MAX_PANEL,
};
use serde_json::json;
use std::process::ExitCode;

const INPUTS: &str = "\
Inputs:
  -i image=@digit.npy          a file: .json, .npy, .pb (ONNX TensorProto) or .bin (raw bytes)
  -i image=@-                  JSON from standard input
  -i x='[[1, 2], [3, 4]]'      JSON; the element type is the model's
  -i '[[1, 2], [3, 4]]'        without a name, where the model has one input
  -i @inputs.json              an object of all inputs, by name

Exit status: 0 answered, 10 disagreed, 11 expired, 12 unserved, 13 cancelled; 1 for any error, 2 for
wrong usage.";

/// Ask for an inference and wait for the answer.
#[derive(Debug, Args)]
#[command(after_help = INPUTS)]
pub struct Infer {
	/// The model, by name or number; without a version, its newest release that takes requests.
	#[arg(value_name = "MODEL[@VERSION]")]
	pub model: Reference,
	/// An input of the model; may be given several times.
	#[arg(short, long = "input", value_name = "NAME=VALUE", allow_hyphen_values = true)]
	pub inputs: Vec<String>,
	/// Attesters on the panel. 1: a single one answers, and nobody checks it.
	#[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=i64::from(MAX_PANEL)))]
	pub panel: u8,
	/// How many of them must agree: more than half. Two thirds unless said otherwise.
	#[arg(long)]
	pub threshold: Option<u8>,
	/// The most that it may cost, in JUR. The present price and a tenth more unless said otherwise.
	#[arg(long, value_name = "JUR")]
	pub max_fee: Option<Amount>,
	/// Blocks from inclusion within which the request must end.
	#[arg(long, default_value_t = 50, value_name = "BLOCKS")]
	pub deadline: u32,
	/// Stake that the panel must have in sum, in JUR.
	#[arg(long, value_name = "JUR")]
	pub min_stake: Option<Amount>,
	/// Print the request's number once a block includes it, and do not wait for its end.
	#[arg(long)]
	pub no_wait: bool,
}

impl Infer {
	/// Runs the command.
	pub async fn run(self, context: &Context) -> Result<ExitCode> {
		let assurance = assurance(self.panel, self.threshold)?;
		let client = context.connect().await?;
		let found = client.find_active(&self.model).await?;
		let tensors = input::parse(&found.release.manifest, &self.inputs)?;
		let prepared = input::prepare(tensors)?;
		let ready = ready_attesters(&client, found.release.release, self.panel, &[]).await?;
		if ready < u32::from(self.panel) {
			bail!("{}", too_few(&found.label(), ready, self.panel));
		}
		let signer = context.signer(&client).await?;
		let release = found.release.release;

		let quote = client.quote(release, assurance, prepared.input.size()).await?;
		let max_fee = affordable(&found.label(), quote.total, self.max_fee)?;
		let task = context.ui.task(format!("asking {} for {}", found.label(), Amount(quote.total)));
		if let Some(blob) = &prepared.blob {
			let total = blob.len() as u64;
			let put = client.put_blob(blob, |done| task.bytes(done, total)).await;
			put.context(
				"the input is too large for a transaction and could not be given to the node",
			)?;
		}
		let min_stake = self.min_stake.unwrap_or_default().0;
		let options = RequestOptions { assurance, max_fee, deadline: self.deadline, min_stake };
		let call = Call::request(release, &prepared.input, &options);
		let included = client.submit(&call, &signer).await?;
		if self.no_wait {
			drop(task);
			let block = included.block;
			let ticket = client.ticket(included)?;
			let document = json!({
				"request": ticket.request,
				"digest": format!("{:?}", ticket.digest),
				"release": found.label(),
				"model": release.model,
				"block": block.number,
				"deadline": block.number.saturating_add(self.deadline),
			});
			context.ui.result(&document, || ticket.request.to_string())?;
			return Ok(ExitCode::SUCCESS);
		}
		see_through(context, &client, task, included, &found.label()).await
	}
}

/// The assurance that is asked for, or why there is none like it.
fn assurance(panel: u8, threshold: Option<u8>) -> Result<Assurance> {
	let threshold = threshold.unwrap_or(default_threshold(panel));
	let assurance = Assurance::Quorum { size: panel, threshold };
	if !assurance.is_sound() {
		bail!(
			"--threshold {threshold} does not fit --panel {panel}: it must be from {} to {panel}, \
			 since half a panel or less could accept two answers at once",
			panel / 2 + 1
		);
	}
	Ok(assurance)
}

/// The most that a request may cost: what was said, or the present price and a tenth more.
pub(super) fn affordable(label: &str, price: Balance, most: Option<Amount>) -> Result<Balance> {
	match most {
		Some(Amount(most)) if most < price => bail!(
			"{label} costs {} at present, more than --max-fee {}",
			Amount(price),
			Amount(most)
		),
		Some(Amount(most)) => Ok(most),
		None => Ok(price.saturating_add(price / 10)),
	}
}

/// Attesters that could be drawn for a release now, these left out; counted up to a panel's size.
/// Nobody is ever asked for a smaller panel than was meant.
pub(super) async fn ready_attesters(
	client: &Client,
	release: ReleaseId,
	panel: u8,
	exclude: &[AccountId32],
) -> Result<u32> {
	let mut ready = 0u32;
	for server in client.servers(release).await?.iter().filter(|who| !exclude.contains(who)) {
		let view = client.attester(server).await?;
		ready += u32::from(view.is_some_and(|view| view.active && !view.paused));
		if ready >= u32::from(panel) {
			break;
		}
	}
	Ok(ready)
}

fn too_few(label: &str, ready: u32, panel: u8) -> String {
	let serve = match ready {
		0 => "no attester serves it".into(),
		1 => "1 attester serves it".into(),
		more => format!("{more} attesters serve it"),
	};
	let hint = match ready {
		0 => "`jurat attester serve` lets your node serve it".into(),
		1 => format!(
			"Wait for others, or take less assurance knowingly: --panel 1 ({})",
			assurance_text(1, 1)
		),
		more => format!("Wait for others, or take a smaller panel knowingly: --panel {more}"),
	};
	format!("{label}: {serve} at present, and a panel of {panel} is asked for. {hint}")
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn impossible_thresholds_are_refused_with_the_possible_ones() {
		let quorum = |size, threshold| Assurance::Quorum { size, threshold };
		assert_eq!(assurance(3, None).unwrap(), quorum(3, 2));
		assert_eq!(assurance(1, None).unwrap(), quorum(1, 1));
		assert_eq!(assurance(4, Some(4)).unwrap(), quorum(4, 4));
		for (panel, threshold) in [(3, 1), (3, 4), (4, 2), (3, 0)] {
			let error = assurance(panel, Some(threshold)).unwrap_err().to_string();
			let range = format!("from {} to {panel}", panel / 2 + 1);
			assert!(error.contains(&range), "{error}");
		}
	}

	#[test]
	fn nothing_costs_more_than_was_said() {
		assert_eq!(affordable("digits@1.0", 100, None).unwrap(), 110);
		assert_eq!(affordable("digits@1.0", 100, Some(Amount(100))).unwrap(), 100);
		assert_eq!(affordable("digits@1.0", u128::MAX, None).unwrap(), u128::MAX);
		let error = affordable("digits@1.0", 100, Some(Amount(99))).unwrap_err().to_string();
		assert!(error.contains("--max-fee") && error.contains("digits@1.0"), "{error}");
	}

	#[test]
	fn too_few_attesters_is_an_error_that_says_what_to_do_and_never_a_smaller_panel() {
		assert!(too_few("digits@1.0", 1, 3).contains("--panel 1 (a single attester: nobody"));
		assert!(too_few("digits@1.0", 2, 3).contains("--panel 2"));
		assert!(too_few("digits@1.0", 0, 3).contains("jurat attester serve"));
	}
}
