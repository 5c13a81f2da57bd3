// SPDX-License-Identifier: Apache-2.0
//! What the command prints, as data. Field names are stable: they are what `--json` promises.
//!
//! Amounts are strings of planck (10⁻¹² JUR); accounts are SS58; hashes are hexadecimal without
//! prefix for contents, with `0x` for the chain's own.

mod names;

pub use names::{failure_name, fault_name, outcome_names, outcome_text, stage_name, verdict_name};

use crate::{
	amount::Amount,
	client::{
		AccountId32,
		reads::{Aftermath, Attester, Model, Pending, Release, Request, Security, Settled},
	},
	reference::state_name,
	tensors::{json, json::JsonTensor, show_name},
};
use jurat_primitives::{
	Assurance, Dimension, Manifest, NumericProfile, Outcome, TensorSpec,
	custody::CustodyRecord,
	limits::InlineLimit,
	profile::Bounds,
	traits::Exposure,
	view::{Backing, Unlocking},
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
	/// Where its file can be had, besides from attesters.
	pub mirrors: Vec<String>,
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
			mirrors: release.mirrors.iter().map(|mirror| show_name(mirror)).collect(),
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

/// What one of those who agreed can still lose.
#[derive(Debug, Serialize)]
pub struct BackingJson {
	/// Who.
	pub attester: String,
	/// Its attestation bond, also what is on the way out.
	pub bond: Amount,
	/// Its own stake in consensus.
	pub own: Amount,
	/// Its nominators' stake.
	pub nominated: Amount,
}

/// What those who agreed on an answer can still lose, at the time of the query.
#[derive(Debug, Serialize)]
pub struct SecurityJson {
	/// Their bonds in sum: what faults are paid from.
	pub bonds: Amount,
	/// Their own stakes in consensus in sum: what an equivocation is paid from.
	pub own: Amount,
	/// Their nominators' stakes in sum.
	pub nominated: Amount,
	/// Each of them.
	pub members: Vec<BackingJson>,
}

impl From<&Security> for SecurityJson {
	fn from(security: &Security) -> Self {
		let member = |one: &Backing<AccountId32, u128>| BackingJson {
			attester: one.attester.to_string(),
			bond: one.bond.into(),
			own: one.exposure.own.into(),
			nominated: nominated(&one.exposure).into(),
		};
		Self {
			bonds: security.bonds.into(),
			own: security.own.into(),
			nominated: security.nominated.into(),
			members: security.members.iter().map(member).collect(),
		}
	}
}

/// Of an exposure, what is not the validator's own.
fn nominated(exposure: &Exposure<u128>) -> u128 {
	exposure.total.saturating_sub(exposure.own)
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
	/// What the requester got, at once, of what faults on its panel cost.
	pub compensated: Amount,
	/// The request whose disagreement it decides, if it was an escalation.
	pub escalates: Option<u64>,
	/// Whether a larger panel may be asked now.
	pub escalatable: bool,
	/// In blocks before this one.
	pub escalatable_until: Option<u32>,
	/// What those who agreed can still lose, now.
	pub security: Option<SecurityJson>,
	/// Block of inclusion.
	pub requested_at: u32,
	/// Block of settlement.
	pub settled_at: u32,
}

impl<'a> SettlementJson<'a> {
	/// The settlement of a request for a release of this name, and what is said of it now.
	pub fn new(request: u64, release: &str, settled: &'a Settled, after: &Aftermath) -> Self {
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
			compensated: settled.compensated.into(),
			escalates: settled.escalates,
			escalatable: after.contestable_until.is_some(),
			escalatable_until: after.contestable_until,
			security: after.security.as_ref().map(Into::into),
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
	/// The request whose disagreement it is to decide, if it is an escalation.
	pub escalates: Option<u64>,
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
			escalates: view.escalates,
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
	/// Bond on its way out; still liable.
	pub unlocking: Vec<UnlockingJson>,
	/// What was taken of its bond and waits for the end of a challenge window.
	pub pending: Vec<PendingJson>,
	/// Whether it takes no new work, by its own choice or because of what it did.
	pub paused: bool,
	/// Whether it is a validator of this session with an attestation key.
	pub active: bool,
	/// Its stake in this session: its own and its nominators'.
	pub stake: Amount,
	/// Of it, its own.
	pub own_stake: Amount,
	/// Of it, its nominators'.
	pub nominated_stake: Amount,
	/// Expected share of its work that is right, in percent with two decimals.
	pub reputation: f64,
	/// What it is drawn by: its stake, weighted by its reputation.
	pub weight: Amount,
	/// Panels it sits on now.
	pub open_panels: u32,
	/// Faults booked so far, by name.
	pub faults: std::collections::BTreeMap<&'static str, u32>,
	/// It was warned: the next absence in blocks before this one costs.
	pub warned_until: Option<u32>,
	/// Releases it announces, as `name@version`.
	pub serves: Vec<String>,
	/// Whether it could prove that it has their files.
	pub custody: CustodyJson,
}

/// What became of the questions whether an attester has the files that it announced.
#[derive(Debug, Serialize)]
pub struct CustodyJson {
	/// Questions so far.
	pub asked: u32,
	/// It proved it.
	pub proved: u32,
	/// It did not, in time.
	pub failed: u32,
	/// Nobody was to blame.
	pub lapsed: u32,
}

impl From<&CustodyRecord> for CustodyJson {
	fn from(record: &CustodyRecord) -> Self {
		let CustodyRecord { asked, proved, failed, lapsed } = *record;
		Self { asked, proved, failed, lapsed }
	}
}

/// A part of a bond on its way out.
#[derive(Debug, Serialize)]
pub struct UnlockingJson {
	/// How much.
	pub amount: Amount,
	/// From which block it can be withdrawn.
	pub at: u32,
}

/// A penalty that waits.
#[derive(Debug, Serialize)]
pub struct PendingJson {
	/// For its answer to which request.
	pub request: u64,
	/// For which fault.
	pub fault: &'static str,
	/// How much.
	pub amount: Amount,
	/// From which block on it is shared out.
	pub until: u32,
	/// Who asked.
	pub requester: String,
	/// How much of it the requester gets.
	pub owed: Amount,
	/// The session in which the panel was drawn.
	pub session: u32,
}

impl From<&(u64, Pending)> for PendingJson {
	fn from((request, penalty): &(u64, Pending)) -> Self {
		Self {
			request: *request,
			fault: fault_name(penalty.fault),
			amount: penalty.amount.into(),
			until: penalty.until,
			requester: penalty.requester.to_string(),
			owed: penalty.owed.into(),
			session: penalty.session,
		}
	}
}

/// A share of 10⁹ parts, in percent with two decimals.
fn percent(parts: u32) -> f64 {
	f64::from((parts + 50_000) / 100_000) / 100.0
}

impl AttesterJson {
	/// An attester and the releases that it announces.
	pub fn new(
		account: String,
		view: &Attester,
		serves: Vec<String>,
		custody: &CustodyRecord,
	) -> Self {
		let unlocking =
			|part: &Unlocking<u128, u32>| UnlockingJson { amount: part.amount.into(), at: part.at };
		Self {
			account,
			bonded: view.bonded.into(),
			unlocking: view.unlocking.iter().map(unlocking).collect(),
			pending: view.pending.iter().map(Into::into).collect(),
			paused: view.paused,
			active: view.active,
			stake: view.exposure.total.into(),
			own_stake: view.exposure.own.into(),
			nominated_stake: nominated(&view.exposure).into(),
			reputation: percent(view.reputation.deconstruct()),
			weight: view.weight.into(),
			open_panels: view.open_panels,
			faults: view.faults.iter().map(|(fault, count)| (fault_name(*fault), *count)).collect(),
			warned_until: view.warned_until,
			serves,
			custody: custody.into(),
		}
	}
}

#[cfg(test)]
pub(crate) mod tests {
	use super::*;
	use codec::{Decode, Encode};
	use jurat_primitives::{
		ContentHash, ReleaseId, RequestDigest, Settlement, Verdict, Version, outcome::Fault,
		settlement::Member, view::AttesterView,
	};
	use serde_json::{json, to_value};

	const EVE: AccountId32 = AccountId32([7; 32]);

	/// So many parts of 10⁹, as the chain has them.
	fn parts<T: Decode>(parts: u32) -> T {
		T::decode(&mut &parts.encode()[..]).unwrap()
	}

	fn attester() -> Attester {
		let penalty = Pending {
			fault: Fault::Divergent,
			amount: 50,
			until: 2_410,
			requester: EVE,
			owed: 9,
			session: 3,
			weight: parts(0),
			validators: 4,
			witnesses: Default::default(),
		};
		AttesterView {
			bonded: 950,
			unlocking: vec![Unlocking { amount: 5, at: 99 }],
			pending: vec![(7, penalty)],
			paused: true,
			active: true,
			exposure: Exposure { own: 100, total: 160 },
			reputation: parts(666_666_667),
			weight: 120,
			open_panels: 2,
			faults: vec![(Fault::NoShow, 0), (Fault::Divergent, 1)],
			warned_until: Some(30_000),
		}
	}

	/// The end of a request, answered or not.
	pub(crate) fn settled(outcome: Outcome) -> Settled {
		let answered = matches!(outcome, Outcome::Answered(_));
		let member = Member { attester: EVE, stake: 5, verdict: Verdict::Agreed, paid: 1 };
		Settlement {
			requester: EVE,
			release: ReleaseId { model: 3, version: Version { major: 1, minor: 0 } },
			content: ContentHash([1; 32]),
			digest: RequestDigest::repeat_byte(2),
			assurance: Assurance::quorum(3),
			outcome,
			answer: answered.then(|| RequestDigest::repeat_byte(3)),
			panel: vec![member].try_into().unwrap(),
			agreement: 2,
			stake_behind: 10,
			charged: 4,
			royalty: 1,
			protocol: 1,
			refunded: 6,
			compensated: 8,
			escalates: Some(41),
			requested_at: 100,
			settled_at: 103,
		}
	}

	/// What is said of such a request: two agreed, and it may be escalated.
	pub(crate) fn aftermath() -> Aftermath {
		let member = |byte, own, total| Backing {
			attester: AccountId32([byte; 32]),
			bond: 1_000,
			exposure: Exposure { own, total },
		};
		let members = vec![member(1, 100, 130), member(2, 0, 0)];
		let security = Security { members, bonds: 2_000, own: 100, nominated: 30 };
		Aftermath { security: Some(security), contestable_until: Some(203) }
	}

	#[test]
	fn an_attester_is_shown_with_all_that_it_can_lose_and_all_that_is_known_of_it() {
		let document = AttesterJson::new(
			"me".into(),
			&attester(),
			vec!["digits@1.0".into()],
			&CustodyRecord { asked: 4, proved: 2, failed: 1, lapsed: 0 },
		);
		let expected = json!({
			"account": "me",
			"bonded": "950",
			"unlocking": [{ "amount": "5", "at": 99 }],
			"pending": [{
				"request": 7,
				"fault": "divergent",
				"amount": "50",
				"until": 2_410,
				"requester": EVE.to_string(),
				"owed": "9",
				"session": 3,
			}],
			"paused": true,
			"active": true,
			"stake": "160",
			"own_stake": "100",
			"nominated_stake": "60",
			"reputation": 66.67,
			"weight": "120",
			"open_panels": 2,
			"faults": { "no_show": 0, "divergent": 1 },
			"warned_until": 30_000,
			"serves": ["digits@1.0"],
			"custody": { "asked": 4, "proved": 2, "failed": 1, "lapsed": 0 },
		});
		assert_eq!(to_value(&document).unwrap(), expected);
	}

	#[test]
	fn reputations_have_two_decimals() {
		for (parts, shown) in [
			(0, 0.0),
			(19_230_769, 1.92),
			(333_333_333, 33.33),
			(500_000_000, 50.0),
			(980_769_230, 98.08),
			(1_000_000_000, 100.0),
		] {
			assert_eq!(percent(parts), shown);
			assert_eq!(to_value(percent(parts)).unwrap(), json!(shown));
		}
	}

	#[test]
	fn a_settlement_says_what_was_compensated_and_what_still_stands_behind_it() {
		let settled = settled(Outcome::Answered(Default::default()));
		let after = aftermath();
		let value = to_value(SettlementJson::new(42, "digits@1.0", &settled, &after)).unwrap();
		for (name, expected) in [
			("compensated", json!("8")),
			("escalates", json!(41)),
			("escalatable", json!(true)),
			("escalatable_until", json!(203)),
			("refunded", json!("6")),
			("stake_behind", json!("10")),
		] {
			assert_eq!(value[name], expected, "{name}");
		}
		let security = &value["security"];
		assert_eq!(security["bonds"], "2000");
		assert_eq!((&security["own"], &security["nominated"]), (&json!("100"), &json!("30")));
		assert_eq!(security["members"][0]["nominated"], "30");
		assert_eq!(security["members"][1]["bond"], "1000");
		let nothing = Aftermath::default();
		let value = to_value(SettlementJson::new(42, "digits@1.0", &settled, &nothing)).unwrap();
		assert_eq!((&value["security"], &value["escalatable"]), (&json!(null), &json!(false)));
	}
}
