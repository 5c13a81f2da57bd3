// SPDX-License-Identifier: Apache-2.0
//! `jurat request`.

use super::{
	Context, facts,
	outcome::{Stages, assurance_text, show_settlement},
	table,
};
use crate::{
	amount::Amount,
	client::{Call, reads::Request as OpenRequest},
	error::Error,
	view::{RequestJson, stage_name},
};
use anyhow::Result;
use clap::Subcommand;
use jurat_primitives::{Assurance, RequestId};
use serde_json::json;
use std::process::ExitCode;

/// Requests: look at them, wait for them, withdraw them.
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
}

impl Request {
	/// Runs the command.
	pub async fn run(self, context: &Context) -> Result<ExitCode> {
		let client = context.connect().await?;
		match self {
			Self::Show { request } => {
				if let Some(settled) = client.settlement(request).await? {
					let label = client.release_label(settled.release).await?;
					show_settlement(context, request, &label, &settled)?;
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
				show_settlement(context, request, &label, &settled)
			},
		}
	}
}

fn open_text(document: &RequestJson, view: &OpenRequest) -> String {
	let Assurance::Quorum { size, threshold } = view.options.assurance;
	let mut text = facts(&[
		("request", view.request.to_string()),
		("stage", format!("{}, due by block {}", stage_name(view.stage), view.due)),
		("release", document.release.clone()),
		("requester", view.requester.to_string()),
		("assurance", assurance_text(size, threshold)),
		("escrow", Amount(view.escrow).to_string()),
		("included", format!("block {}", view.requested_at)),
		("ends by", format!("block {}", view.deadline)),
	]);
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
