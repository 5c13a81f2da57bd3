// SPDX-License-Identifier: Apache-2.0
//! `jurat attester`.

use super::{Context, facts};
use crate::{
	amount::Amount,
	client::{AccountId32, Call, Client},
	error::Error,
	reference::{Found, Reference},
	tensors::show_name,
	view::{AttesterJson, CustodyJson},
};
use anyhow::{Result, bail};
use clap::Subcommand;
use serde_json::json;
use std::process::ExitCode;

/// Serve models as an attester. The node that is asked must be the attester's own.
#[derive(Debug, Subcommand)]
pub enum Attester {
	/// Bond for attestation, or add to a bond.
	#[command(visible_alias = "bond-extra")]
	Bond {
		/// How much, in JUR.
		#[arg(value_name = "JUR")]
		amount: Amount,
	},
	/// Begin to take out a bond. It stays liable until it can be withdrawn.
	Unbond {
		/// How much, in JUR.
		#[arg(value_name = "JUR")]
		amount: Amount,
	},
	/// Take out what is due of a bond.
	Withdraw,
	/// Announce that your node serves these releases. It is asked first whether it can.
	Serve {
		/// The models, by name or number; without a version, the newest release.
		#[arg(required = true, value_name = "MODEL[@VERSION]")]
		models: Vec<Reference>,
		/// Do not ask the node: it is not the one that this command talks to.
		#[arg(long)]
		no_check: bool,
	},
	/// Take back the announcement of these releases.
	Stop {
		/// The models, by name or number; without a version, the newest release.
		#[arg(required = true, value_name = "MODEL[@VERSION]")]
		models: Vec<Reference>,
	},
	/// Take no new work until `resume`.
	Pause,
	/// Take work again.
	Resume,
	/// Show an attester: its bond, penalties, standing, reputation, work, and what it serves.
	Status {
		/// Its account in SS58, or a key; yours unless said otherwise.
		account: Option<String>,
	},
}

impl Attester {
	/// Runs the command.
	pub async fn run(self, context: &Context) -> Result<ExitCode> {
		let client = context.connect().await?;
		match self {
			Self::Bond { amount } => {
				let signer = context.signer(&client).await?;
				let view = client.attester(&crate::keys::account(&signer)).await?;
				let bonded = view.map(|view| view.bonded).unwrap_or(0);
				let call = if bonded > 0 { Call::bond_extra } else { Call::bond };
				client.submit(&call(amount.0), &signer).await?;
				let sum = Amount(bonded.saturating_add(amount.0));
				let document = json!({ "added": amount, "bonded": sum });
				context.ui.result(&document, || format!("{sum} are bonded"))?;
			},
			Self::Unbond { amount } => {
				let signer = context.signer(&client).await?;
				client.submit(&Call::unbond(amount.0), &signer).await?;
				let view = client.attester(&crate::keys::account(&signer)).await?;
				let at = view.and_then(|view| view.unlocking.last().map(|part| part.at));
				let document = json!({ "unbonding": amount, "at": at });
				context.ui.result(&document, || match at {
					Some(at) => format!(
						"{amount} can be withdrawn from block {at} on: `jurat attester withdraw`"
					),
					None => format!("{amount} are on their way out"),
				})?;
			},
			Self::Withdraw => simple(context, &client, Call::withdraw(), "withdrawn").await?,
			Self::Pause => simple(context, &client, Call::pause(), "paused").await?,
			Self::Resume => simple(context, &client, Call::resume(), "resumed").await?,
			Self::Serve { models, no_check } => serve(context, &client, &models, no_check).await?,
			Self::Stop { models } => {
				let found = find(&client, &models).await?;
				let signer = context.signer(&client).await?;
				let calls: Vec<_> =
					found.iter().map(|found| Call::stop_serving(found.release.release)).collect();
				client.submit_all(&calls, &signer).await?;
				let labels: Vec<_> = found.iter().map(Found::label).collect();
				let text = || format!("no longer serving {}", labels.join(", "));
				context.ui.result(&json!({ "stopped": labels }), text)?;
			},
			Self::Status { account } => {
				let account = context.account(&client, account.as_deref()).await?;
				status(context, &client, account).await?;
			},
		}
		Ok(ExitCode::SUCCESS)
	}
}

async fn simple(context: &Context, client: &Client, call: Call, done: &str) -> Result<()> {
	let signer = context.signer(client).await?;
	let included = client.submit(&call, &signer).await?;
	let document = json!({ "done": done, "block": included.block.number });
	context.ui.result(&document, || done.into())?;
	Ok(())
}

/// The releases that are named, each once.
async fn find(client: &Client, models: &[Reference]) -> Result<Vec<Found>> {
	let mut all: Vec<Found> = Vec::new();
	for reference in models {
		let found = client.find_any(reference).await?;
		if !all.iter().any(|seen| seen.release.release == found.release.release) {
			all.push(found);
		}
	}
	Ok(all)
}

async fn serve(
	context: &Context,
	client: &Client,
	models: &[Reference],
	no_check: bool,
) -> Result<()> {
	let found = find(client, models).await?;
	let signer = context.signer(client).await?;
	let who = crate::keys::account(&signer);
	let view = client.attester(&who).await?;
	if view.as_ref().is_none_or(|view| view.bonded == 0) {
		bail!(
			"{} has no bond: `jurat attester bond <JUR>` first. Whoever serves a model answers for \
			 it with money",
			context.show_signer(&signer)
		);
	}
	let mut micros = Vec::new();
	if !no_check {
		let task = context.ui.task("asking the node");
		for found in &found {
			task.set(format!("the node loads {} and measures a run", found.label()));
			micros.push(admitted(client, found).await?);
		}
	}
	let calls: Vec<_> = found.iter().map(|found| Call::serve(found.release.release)).collect();
	client.submit_all(&calls, &signer).await?;
	if view.is_some_and(|view| !view.active) {
		context.ui.note(
			"note: the account is no active validator with an attestation key in this session, so \
			 it is given no work yet",
		);
	}
	let served: Vec<_> = found
		.iter()
		.enumerate()
		.map(|(i, found)| json!({ "release": found.label(), "micros": micros.get(i) }))
		.collect();
	context.ui.result(&json!({ "serving": served }), || {
		let lines = found.iter().enumerate().map(|(i, found)| match micros.get(i) {
			Some(Some(micros)) => {
				format!("serving {} (a run takes {} ms)", found.label(), micros.div_ceil(1000))
			},
			_ => format!("serving {}", found.label()),
		});
		lines.collect::<Vec<_>>().join("\n")
	})?;
	Ok(())
}

/// Asks the node whether it can serve a release: microseconds of one run.
async fn admitted(client: &Client, found: &Found) -> Result<Option<u64>> {
	let status = client.engine_status().await?;
	if !status.available {
		let reason = status.reason.unwrap_or_else(|| "it does not say why".into());
		bail!("the node at {} cannot serve models: {reason}", client.url());
	}
	let release = &found.release;
	let admission = client.admit(release.content, release.size, &release.manifest).await?;
	if !admission.ok {
		let reason = admission.reason.unwrap_or_else(|| "it does not say why".into());
		bail!("the node at {} cannot serve {}: {reason}", client.url(), found.label());
	}
	// It may have come from peers just now, and would go when room is needed.
	match client.pin_blob(release.content).await {
		Err(error) if !error.is_unknown_method() && !matches!(error, Error::NotLocal(_)) => {
			return Err(error.into());
		},
		_ => {},
	}
	Ok(admission.micros)
}

async fn status(context: &Context, client: &Client, account: AccountId32) -> Result<()> {
	let Some(view) = client.attester(&account).await? else {
		bail!("{account} is no attester: `jurat attester bond <JUR>` makes it one");
	};
	let serves = serves(client, &account).await?;
	let custody = client.custody_record(&account).await?;
	let document = AttesterJson::new(account.to_string(), &view, serves, &custody);
	context.ui.result(&document, || status_text(&document))?;
	Ok(())
}

/// The releases that an attester announces, by name.
async fn serves(client: &Client, account: &AccountId32) -> Result<Vec<String>> {
	let mut serves = Vec::new();
	for release in client.announced(account).await? {
		let model = client.model(release.model).await?;
		let name = model.map(|model| show_name(&model.name)).unwrap_or_default();
		serves.push(format!("{name}@{}", release.version));
	}
	Ok(serves)
}

fn status_text(document: &AttesterJson) -> String {
	let standing = match (document.active, document.paused) {
		(true, false) => "takes work",
		(true, true) => {
			"paused: `jurat attester resume` takes work again; a bond below the minimum has to be \
			 raised first"
		},
		(false, _) => "no active validator with an attestation key in this session: takes no work",
	};
	let faults: Vec<_> = document
		.faults
		.iter()
		.filter(|(_, count)| **count > 0)
		.map(|(fault, count)| format!("{count} {}", fault.replace('_', " ")))
		.collect();
	let unlocking: Vec<_> = document
		.unlocking
		.iter()
		.map(|part| format!("{} from block {}", part.amount, part.at))
		.collect();
	let pending: Vec<_> = document
		.pending
		.iter()
		.map(|penalty| {
			format!(
				"{} for request {} ({}) until block {}, of it {} to the requester",
				penalty.amount,
				penalty.request,
				penalty.fault.replace('_', " "),
				penalty.until,
				penalty.owed
			)
		})
		.collect();
	let or_none = |list: &[String]| {
		if list.is_empty() { "none".into() } else { list.join("\n") }
	};
	facts(&[
		("attester", document.account.clone()),
		("standing", standing.into()),
		("bond", document.bonded.to_string()),
		("unbonding", or_none(&unlocking)),
		("penalties that wait", or_none(&pending)),
		(
			"stake",
			format!(
				"{} (own {}, nominated {})",
				document.stake, document.own_stake, document.nominated_stake
			),
		),
		("reputation", format!("{:.2} %", document.reputation)),
		("weight in the draw", document.weight.to_string()),
		("open panels", document.open_panels.to_string()),
		("faults", or_none(&faults)),
		(
			"warned",
			match document.warned_until {
				Some(until) => format!("the next absence before block {until} costs"),
				None => "no: the next absence is a warning".into(),
			},
		),
		("serves", or_none(&document.serves)),
		("files proved", {
			let CustodyJson { asked, proved, failed, .. } = document.custody;
			match failed {
				0 => format!("{proved} of {asked} times asked"),
				failed => format!("{proved} of {asked} times asked, {failed} times not"),
			}
		}),
	])
}
