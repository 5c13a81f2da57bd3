// SPDX-License-Identifier: Apache-2.0
//! `jurat status`.

use super::{Context, chain_kind, facts};
use crate::error::Error;
use anyhow::Result;
use serde_json::{Value, json};
use std::process::ExitCode;
use subxt::rpcs::rpc_params;

/// Shows the chain, the node and its inference engine.
pub async fn run(context: &Context) -> Result<ExitCode> {
	let client = context.connect().await?;
	let (kind, chain) = chain_kind(&client).await?;
	let name: String = client.rpc("system_name", rpc_params![]).await?;
	let version: String = client.rpc("system_version", rpc_params![]).await?;
	let health: Value = client.rpc("system_health", rpc_params![]).await?;
	let runtime: Value = client.rpc("state_getRuntimeVersion", rpc_params![]).await?;
	let (best, finalised) = (client.best().await?, client.finalised().await?);
	let engine = match client.engine_status().await {
		Ok(status) => Some(status),
		Err(Error::Node { code: -32601, .. }) => None,
		Err(error) => return Err(error.into()),
	};
	let of = |value: &Value, key: &str| value.get(key).cloned().unwrap_or(Value::Null);
	let document = json!({
		"url": client.url(),
		"chain": chain,
		"chain_type": kind,
		"genesis": format!("{:?}", client.genesis()),
		"best": { "number": best.number, "hash": format!("{:?}", best.hash) },
		"finalised": { "number": finalised.number, "hash": format!("{:?}", finalised.hash) },
		"runtime": { "name": of(&runtime, "specName"), "version": of(&runtime, "specVersion") },
		"node": {
			"name": name,
			"version": version,
			"peers": of(&health, "peers"),
			"syncing": of(&health, "isSyncing"),
		},
		"engine": engine,
	});
	context.ui.result(&document, || {
		let kind = kind.as_str().map(str::to_lowercase).unwrap_or_else(|| kind.to_string());
		let syncing = of(&health, "isSyncing") == true;
		let mut lines = vec![
			("chain", format!("{chain} ({kind})")),
			("genesis", format!("{:?}", client.genesis())),
			("best block", best.number.to_string()),
			("finalised", finalised.number.to_string()),
			("runtime", {
				let name = of(&runtime, "specName");
				format!("{} {}", name.as_str().unwrap_or("?"), of(&runtime, "specVersion"))
			}),
			("node", format!("{name} {version} at {}", client.url())),
			("peers", {
				let syncing = if syncing { ", syncing" } else { "" };
				format!("{}{syncing}", of(&health, "peers"))
			}),
		];
		match &engine {
			None => lines.push(("engine", "this node does not serve models".into())),
			Some(status) if !status.available => {
				let reason = status.reason.as_deref().unwrap_or("it does not say why");
				lines.push(("engine", format!("not available: {reason}")));
			},
			Some(status) => {
				let library = status.library.as_ref();
				let version = library.and_then(|library| library.version.as_deref());
				lines.push(("engine", format!("ONNX Runtime {}", version.unwrap_or("?"))));
				if let Some(path) = library.and_then(|library| library.path.as_deref()) {
					lines.push(("library", path.into()));
				}
				if let Some(profile) = &status.profile {
					let text = profile.as_str().map(str::to_owned);
					lines.push(("profile", text.unwrap_or_else(|| profile.to_string())));
				}
				let count = |number: Option<u32>| number.unwrap_or(0);
				let failed: u64 = status.jobs_failed.iter().flat_map(|map| map.values()).sum();
				lines.push((
					"slots",
					format!("{} of {} busy", count(status.busy), count(status.slots)),
				));
				lines.push((
					"jobs",
					format!("{} done, {failed} failed", status.jobs_done.unwrap_or(0)),
				));
			},
		}
		facts(&lines)
	})?;
	Ok(ExitCode::SUCCESS)
}
