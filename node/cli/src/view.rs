// SPDX-License-Identifier: Apache-2.0
//! What the command prints, as data. Field names are stable: they are what `--json` promises.
//!
//! Amounts are strings of planck (10⁻¹² JUR); accounts are SS58; hashes are hexadecimal without
//! prefix for contents, with `0x` for the chain's own.

mod names;

pub use names::{failure_name, fault_name, outcome_names, outcome_text, stage_name, verdict_name};

use crate::{
	amount::Amount,
	client::reads::{Attester, Model, Release, Request, Settled},
	reference::state_name,
	tensors::{json, json::JsonTensor, show_name},
};
use jurat_primitives::{
	Assurance, Dimension, Manifest, NumericProfile, Outcome, TensorSpec, limits::InlineLimit,
	profile::Bounds,
};
use names::conduct_name;
use serde::Serialize;

/// One dimension: a number, or a symbol with its maximum.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum DimensionJson {
	/// Always this size.
	Fixed(u64),
	/// Chosen by the request.
	Symbolic {
		/// Name of the symbol.
		symbol: String,
		/// Largest size.
		max: u64,
	},
}

/// An input or output of a model.
#[derive(Debug, Serialize)]
pub struct SpecJson {
	/// Its name.
	pub name: String,
	/// Type of its elements.
	#[serde(rename = "type")]
	pub element_type: &'static str,
	/// Its dimensions, outermost first.
	pub shape: Vec<DimensionJson>,
}

impl From<&TensorSpec> for SpecJson {
	fn from(spec: &TensorSpec) -> Self {
		let dimension = |dimension: &Dimension| match dimension {
			Dimension::Fixed(size) => DimensionJson::Fixed(*size),
			Dimension::Symbolic { name, max } => {
				DimensionJson::Symbolic { symbol: show_name(name), max: *max }
			},
		};
		Self {
			name: show_name(&spec.name),
			element_type: spec.element_type.name(),
			shape: spec.shape.iter().map(dimension).collect(),
		}
	}
}

/// Absolute and relative tolerance.
#[derive(Debug, Serialize)]
pub struct BoundsJson {
	/// Absolute part.
	pub abs: f64,
	/// Relative part.
	pub rel: f64,
}

impl From<&Bounds> for BoundsJson {
	fn from(bounds: &Bounds) -> Self {
		Self { abs: bounds.abs.as_f64(), rel: bounds.rel.as_f64() }
	}
}

/// When two answers count as equal.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ProfileJson {
	/// Bytes must be equal.
	Exact,
	/// Floats may differ.
	Approximate {
		/// Within it, answers agree.
		tolerance: BoundsJson,
		/// Beyond it, a difference is a fault.
		gross: Option<BoundsJson>,
	},
}

/// What a release promises.
#[derive(Debug, Serialize)]
pub struct ManifestJson {
	/// Version of ONNX's operator set.
	pub opset: u16,
	/// Engine and execution profile.
	pub engine: String,
	/// When two answers count as equal.
	pub profile: ProfileJson,
	/// Inputs, in order.
	pub inputs: Vec<SpecJson>,
	/// Outputs, in order.
	pub outputs: Vec<SpecJson>,
	/// The graph's operators.
	pub operators: Vec<String>,
	/// Cost of one run.
	pub compute_units: u32,
	/// Whether an input may hold NaN.
	pub allow_nan: bool,
	/// Licence (SPDX expression).
	pub licence: String,
	/// For search.
	pub tags: Vec<String>,
}

impl From<&Manifest> for ManifestJson {
	fn from(manifest: &Manifest) -> Self {
		Self {
			opset: manifest.opset,
			engine: format!("{:?}", manifest.engine),
			profile: match &manifest.profile {
				NumericProfile::Exact => ProfileJson::Exact,
				NumericProfile::Approximate { tolerance, gross } => ProfileJson::Approximate {
					tolerance: tolerance.into(),
					gross: gross.as_ref().map(Into::into),
				},
			},
			inputs: manifest.inputs.iter().map(Into::into).collect(),
			outputs: manifest.outputs.iter().map(Into::into).collect(),
			operators: manifest.operators.iter().map(|name| show_name(name)).collect(),
			compute_units: manifest.compute_units,
			allow_nan: manifest.allow_nan,
			licence: show_name(&manifest.licence),
			tags: manifest.tags.iter().map(|tag| show_name(tag)).collect(),
		}
	}
}

/// A release.
#[derive(Debug, Serialize)]
pub struct ReleaseJson {
	/// Its version.
	pub version: String,
	/// The model file.
	pub content: String,
	/// Its size in bytes.
	pub size: u64,
	/// `published`, `active` or `deprecated`.
	pub state: &'static str,
	/// Royalty of one request.
	pub price: Amount,
	/// Attesters that announce it.
	pub servers: u32,
	/// Open requests that use it.
	pub users: u32,
	/// Held for its storage.
	pub deposit: Amount,
	/// Block of publication.
	pub published_at: u32,
	/// What it promises.
	pub manifest: ManifestJson,
}

impl From<&Release> for ReleaseJson {
	fn from(release: &Release) -> Self {
		Self {
			version: release.release.version.to_string(),
			content: release.content.to_string(),
			size: release.size,
			state: state_name(release.state),
			price: release.price.into(),
			servers: release.servers,
			users: release.users,
			deposit: release.deposit.into(),
			published_at: release.published_at,
			manifest: (&release.manifest).into(),
		}
	}
}

/// A model.
#[derive(Debug, Serialize)]
pub struct ModelJson {
	/// Its number.
	pub model: u32,
	/// Its name.
	pub name: String,
	/// Its owner.
	pub owner: String,
	/// What the owner says of it.
	pub metadata: String,
	/// Held for its storage.
	pub deposit: Amount,
	/// Its releases, oldest version first.
	pub releases: Vec<ReleaseJson>,
}

impl ModelJson {
	/// A model and its releases.
	pub fn new(model: &Model, releases: &[Release]) -> Self {
		Self {
			model: model.model,
			name: show_name(&model.name),
			owner: model.owner.to_string(),
			metadata: show_name(&model.metadata),
			deposit: model.deposit.into(),
			releases: releases.iter().map(Into::into).collect(),
		}
	}
}

/// How an answer becomes accepted.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AssuranceJson {
	/// A panel, and how many of it must agree.
	Quorum {
		/// Attesters on the panel.
		size: u8,
		/// How many of them must agree.
		threshold: u8,
	},
}

impl From<Assurance> for AssuranceJson {
	fn from(assurance: Assurance) -> Self {
		let Assurance::Quorum { size, threshold } = assurance;
		Self::Quorum { size, threshold }
	}
}

/// One member of a panel.
#[derive(Debug, Serialize)]
pub struct MemberJson {
	/// Who.
	pub attester: String,
	/// Its stake when it was drawn.
	pub stake: Amount,
	/// What became of it.
	pub verdict: &'static str,
	/// What it was paid.
	pub paid: Amount,
}

/// How a request ended.
#[derive(Serialize)]
pub struct SettlementJson<'a> {
	/// Its number.
	pub request: u64,
	/// `answered`, `disagreed`, `expired`, `unserved` or `cancelled`.
	pub outcome: &'static str,
	/// Why it has no answer, where that is more than one thing.
	pub reason: Option<&'static str>,
	/// The answer.
	pub outputs: Option<Vec<JsonTensor<'a, InlineLimit>>>,
	/// The release, as `name@version`.
	pub release: String,
	/// The model's number.
	pub model: u32,
	/// The model file.
	pub content: String,
	/// Who asked and paid.
	pub requester: String,
	/// What the request was.
	pub digest: String,
	/// Digest of the accepted answer.
	pub answer: Option<String>,
	/// What the requester chose.
	pub assurance: AssuranceJson,
	/// How many members agreed.
	pub agreement: u8,
	/// The panel, in the order in which it was drawn.
	pub panel: Vec<MemberJson>,
	/// Stake of those who agreed, in sum.
	pub stake_behind: Amount,
	/// What the requester paid.
	pub charged: Amount,
	/// Of it, to the model's owner.
	pub royalty: Amount,
	/// Of it, to the treasury.
	pub protocol: Amount,
	/// What went back to the requester.
	pub refunded: Amount,
	/// Block of inclusion.
	pub requested_at: u32,
	/// Block of settlement.
	pub settled_at: u32,
}

impl<'a> SettlementJson<'a> {
	/// The settlement of a request for a release of this name.
	pub fn new(request: u64, release: &str, settled: &'a Settled) -> Self {
		let (outcome, reason) = outcome_names(&settled.outcome);
		Self {
			request,
			outcome,
			reason,
			outputs: match &settled.outcome {
				Outcome::Answered(tensors) => Some(json::list(tensors)),
				_ => None,
			},
			release: release.into(),
			model: settled.release.model,
			content: settled.content.to_string(),
			requester: settled.requester.to_string(),
			digest: format!("{:?}", settled.digest),
			answer: settled.answer.map(|digest| format!("{digest:?}")),
			assurance: settled.assurance.into(),
			agreement: settled.agreement,
			panel: settled
				.panel
				.iter()
				.map(|member| MemberJson {
					attester: member.attester.to_string(),
					stake: member.stake.into(),
					verdict: verdict_name(member.verdict),
					paid: member.paid.into(),
				})
				.collect(),
			stake_behind: settled.stake_behind.into(),
			charged: settled.charged.into(),
			royalty: settled.royalty.into(),
			protocol: settled.protocol.into(),
			refunded: settled.refunded.into(),
			requested_at: settled.requested_at,
			settled_at: settled.settled_at,
		}
	}
}

/// An open request.
#[derive(Debug, Serialize)]
pub struct RequestJson {
	/// Its number.
	pub request: u64,
	/// `pending`, `assigned`, `committed` or `revealing`.
	pub stage: &'static str,
	/// The release, as `name@version`.
	pub release: String,
	/// The model's number.
	pub model: u32,
	/// Who asked.
	pub requester: String,
	/// What it is.
	pub digest: String,
	/// What the requester chose.
	pub assurance: AssuranceJson,
	/// The most that it may cost.
	pub max_fee: Amount,
	/// Stake that the panel must have in sum.
	pub min_stake: Amount,
	/// Held for it.
	pub escrow: Amount,
	/// Block of inclusion.
	pub requested_at: u32,
	/// The block by which this stage ends.
	pub due: u32,
	/// The block by which the request ends.
	pub deadline: u32,
	/// The panel, once drawn: account and stake.
	pub panel: Vec<SeatJson>,
}

/// A seat of an open panel.
#[derive(Debug, Serialize)]
pub struct SeatJson {
	/// Who.
	pub attester: String,
	/// Its stake when it was drawn.
	pub stake: Amount,
	/// What it did: `silent`, `committed`, `revealed` or `bad_opening`.
	pub conduct: &'static str,
}

impl RequestJson {
	/// An open request of a release of this name.
	pub fn new(release: &str, view: &Request) -> Self {
		Self {
			request: view.request,
			stage: stage_name(view.stage),
			release: release.into(),
			model: view.release.model,
			requester: view.requester.to_string(),
			digest: format!("{:?}", view.digest),
			assurance: view.options.assurance.into(),
			max_fee: view.options.max_fee.into(),
			min_stake: view.options.min_stake.into(),
			escrow: view.escrow.into(),
			requested_at: view.requested_at,
			due: view.due,
			deadline: view.deadline,
			panel: view
				.panel
				.iter()
				.map(|seat| SeatJson {
					attester: seat.attester.to_string(),
					stake: seat.stake.into(),
					conduct: conduct_name(&seat.conduct),
				})
				.collect(),
		}
	}
}

/// An attester.
#[derive(Debug, Serialize)]
pub struct AttesterJson {
	/// Who.
	pub account: String,
	/// Bond that stands for new work.
	pub bonded: Amount,
	/// Bond on its way out.
	pub unlocking: Vec<UnlockingJson>,
	/// Whether it takes no new work by its own choice.
	pub paused: bool,
	/// Whether it is a validator of this session with an attestation key.
	pub active: bool,
	/// Its stake in this session.
	pub stake: Amount,
	/// Panels it sits on now.
	pub open_panels: u32,
	/// Faults booked so far, by name.
	pub faults: std::collections::BTreeMap<&'static str, u32>,
	/// Releases it announces, as `name@version`.
	pub serves: Vec<String>,
}

/// A part of a bond on its way out.
#[derive(Debug, Serialize)]
pub struct UnlockingJson {
	/// How much.
	pub amount: Amount,
	/// From which block it can be withdrawn.
	pub at: u32,
}

impl AttesterJson {
	/// An attester and the releases that it announces.
	pub fn new(account: String, view: &Attester, serves: Vec<String>) -> Self {
		let unlocking = |part: &jurat_primitives::view::Unlocking<u128, u32>| UnlockingJson {
			amount: part.amount.into(),
			at: part.at,
		};
		Self {
			account,
			bonded: view.bonded.into(),
			unlocking: view.unlocking.iter().map(unlocking).collect(),
			paused: view.paused,
			active: view.active,
			stake: view.exposure.total.into(),
			open_panels: view.open_panels,
			faults: view.faults.iter().map(|(fault, count)| (fault_name(*fault), *count)).collect(),
			serves,
		}
	}
}
