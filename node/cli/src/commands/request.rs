// SPDX-License-Identifier: Apache-2.0
//! `jurat request`.

use super::{
	Context, facts,
	infer::{affordable, ready_attesters},
	outcome::{Stages, assurance_text, see_through, show_settlement},
	table,
};
use crate::{
	amount::Amount,
	client::{Call, Client, events::escalated, reads::Request as OpenRequest},
	error::Error,
	view::{RequestJson, stage_name},
};
use anyhow::{Result, bail};
use clap::Subcommand;
use jurat_primitives::{Assurance, Outcome, RequestId};
use serde_json::json;
use std::process::ExitCode;

/// Requests: look at them, wait for them, withdraw them, have a larger panel decide.
#[derive(Debug, Subcommand)]
pub enum Request {
	/// Show how a request stands, or how it ended.
	Show {
		/// Its number.
		request: RequestId,
	},
	/// Withdraw a request that has no panel yet.
	Cancel {
		/// Its number.
		request: RequestId,
	},
	/// Wait for a request to end.
	Watch {
		/// Its number.
		request: RequestId,
	},
	/// Have a larger panel decide where one disagreed, and wait for its answer.
	///
	/// Twice as many attesters and one, none of whom sat on the first panel, and the same share of
	/// them must agree. Possible once, and for a while only; `show` says until when.
	Escalate {
		/// Its number.
		request: RequestId,
		/// The most that it may cost, in JUR. The present price and a tenth more unless said
		/// otherwise.
		#[arg(long, value_name = "JUR")]
		max_fee: Option<Amount>,
	},
}

impl Request {
	/// Runs the command.
	pub async fn run(self, context: &Context) -> Result<ExitCode> {
		let client = context.connect().await?;
		match self {
			Self::Show { request } => {
				if let Some(settled) = client.settlement(request).await? {
					let label = client.release_label(settled.release).await?;
					show_settlement(context, &client, request, &label, &settled).await?;
				} else {
					let view = client.request(request).await?.ok_or(Error::NoRequest(request))?;
					let label = client.release_label(view.release).await?;
					let document = RequestJson::new(&label, &view);
					context.ui.result(&document, || open_text(&document, &view))?;
				}
				Ok(ExitCode::SUCCESS)
			},
			Self::Cancel { request } => {
				let signer = context.signer(&client).await?;
				let included = client.submit(&Call::cancel(request), &signer).await?;
				let block = included.block.number;
				let document = json!({ "request": request, "cancelled": true, "block": block });
				context.ui.result(&document, || format!("request {request} is cancelled"))?;
				Ok(ExitCode::SUCCESS)
			},
			Self::Watch { request } => {
				let task = context.ui.task(format!("request {request}"));
				let mut stages = Stages::new(&task);
				let settled = client.wait_for_settlement(request, |step| stages.see(step)).await?;
				drop(task);
				let label = client.release_label(settled.release).await?;
				show_settlement(context, &client, request, &label, &settled).await
			},
			Self::Escalate { request, max_fee } => {
				escalate(context, &client, request, max_fee).await
			},
		}
	}
}

async fn escalate(
	context: &Context,
	client: &Client,
	request: RequestId,
	max_fee: Option<Amount>,
) -> Result<ExitCode> {
	let Some(settled) = client.settlement(request).await? else {
		client.request(request).await?.ok_or(Error::NoRequest(request))?;
		bail!("request {request} has not ended yet: `jurat request watch {request}`");
	};
	if !matches!(settled.outcome, Outcome::Disagreed) {
		bail!("request {request} cannot be escalated: no panel disagreed on it");
	}
	let possible = client.aftermath(request, &settled).await?.contestable_until.is_some();
	let (true, Some(assurance)) = (possible, settled.assurance.larger()) else {
		bail!(
			"request {request} cannot be escalated: the time for it is over, a larger panel was \
			 asked already, or there is none that is larger"
		);
	};
	let input = client.input(request).await?.ok_or(Error::NoRequest(request))?;
	let label = client.release_label(settled.release).await?;
	let Assurance::Quorum { size, threshold } = assurance;
	let first: Vec<_> = settled.panel.iter().map(|member| member.attester).collect();
	let ready = ready_attesters(client, settled.release, size, &first).await?;
	if ready < u32::from(size) {
		bail!(
			"{label}: a panel of {size} others is needed, and only {ready} attesters that did not \
			 sit on the first one serve it at present"
		);
	}
	let signer = context.signer(client).await?;
	let quote = client.quote(settled.release, assurance, input.size()).await?;
	let max_fee = affordable(&label, quote.total, max_fee)?;
	let task = context.ui.task(format!(
		"asking {label} again for {}: {}",
		Amount(quote.total),
		assurance_text(size, threshold)
	));
	let included = client.submit(&Call::escalate(request, max_fee), &signer).await?;
	let escalation = escalated(&included.events)?.escalation;
	task.line(format!("request {escalation} decides request {request}"));
	see_through(context, client, task, included, &label).await
}

fn open_text(document: &RequestJson, view: &OpenRequest) -> String {
	let Assurance::Quorum { size, threshold } = view.options.assurance;
	let mut lines = vec![
		("request", view.request.to_string()),
		("stage", format!("{}, due by block {}", stage_name(view.stage), view.due)),
		("release", document.release.clone()),
		("requester", view.requester.to_string()),
		("assurance", assurance_text(size, threshold)),
		("escrow", Amount(view.escrow).to_string()),
		("included", format!("block {}", view.requested_at)),
		("ends by", format!("block {}", view.deadline)),
	];
	if let Some(first) = view.escalates {
		lines.push(("escalates", format!("request {first}")));
	}
	let mut text = facts(&lines);
	if !view.panel.is_empty() {
		let mut table = table(&["attester", "conduct", "stake"]);
		for seat in &document.panel {
			table.add_row([
				seat.attester.clone(),
				seat.conduct.replace('_', " "),
				seat.stake.to_string(),
			]);
		}
		text += &format!("\n\n{table}");
	}
	text
}
