// SPDX-License-Identifier: Apache-2.0
//! How the end of a request is shown, and its stages on the way.

use super::{Context, EXIT_CANCELLED, EXIT_DISAGREED, EXIT_EXPIRED, EXIT_UNSERVED, facts, table};
use crate::{
	amount::Amount,
	client::{
		Client, Included, Step,
		reads::{Aftermath, Request, Security, Settled},
	},
	tensors::{json, show_name, show_shape},
	ui::Task,
	view::{SettlementJson, outcome_text, verdict_name},
};
use anyhow::Result;
use jurat_primitives::{Assurance, InlineTensor, Outcome, Tensors, traits::Conduct, view::Stage};
use std::process::ExitCode;

/// Elements of a tensor that are shown to people; the rest is cut, and `--json` shows all.
const SHOWN: usize = 2000;

/// The exit status of an outcome.
pub fn exit_code(outcome: &Outcome) -> ExitCode {
	match outcome {
		Outcome::Answered(_) => ExitCode::SUCCESS,
		Outcome::Disagreed => ExitCode::from(EXIT_DISAGREED),
		Outcome::Expired(_) => ExitCode::from(EXIT_EXPIRED),
		Outcome::Unserved(_) => ExitCode::from(EXIT_UNSERVED),
		Outcome::Cancelled => ExitCode::from(EXIT_CANCELLED),
	}
}

/// Shows each stage of a request once, as it is reached.
pub struct Stages<'a> {
	task: &'a Task,
	last: Option<(Stage, usize)>,
}

impl<'a> Stages<'a> {
	/// Shows them on this line.
	pub fn new(task: &'a Task) -> Self {
		Self { task, last: None }
	}

	/// Takes in what was seen.
	pub fn see(&mut self, step: &Step) {
		match step {
			Step::Open { block, view } => {
				let acted = acted(view);
				if self.last == Some((view.stage, acted)) {
					return;
				}
				self.last = Some((view.stage, acted));
				self.task.set(format!(
					"request {} · block {} · {}",
					view.request,
					block.number,
					stage_text(view, acted)
				));
			},
			Step::Renumbered { from, to } => {
				self.task.line(format!("a re-organisation made request {from} number {to}"));
				self.last = None;
			},
			Step::Settled { settlement, .. } => self.task.set(format!(
				"settled in block {}, {} blocks after its inclusion",
				settlement.settled_at,
				settlement.settled_at.saturating_sub(settlement.requested_at)
			)),
		}
	}
}

/// Members of the panel that did what this stage waits for.
fn acted(view: &Request) -> usize {
	let did = |conduct: &Conduct| match view.stage {
		Stage::Pending => false,
		Stage::Assigned => !matches!(conduct, Conduct::Silent),
		Stage::Committed | Stage::Revealing => {
			matches!(conduct, Conduct::Revealed(_) | Conduct::BadOpening)
		},
	};
	view.panel.iter().filter(|seat| did(&seat.conduct)).count()
}

fn stage_text(view: &Request, acted: usize) -> String {
	let (seats, due) = (view.panel.len(), view.due);
	match view.stage {
		Stage::Pending => "pending: the next block draws the panel".into(),
		Stage::Assigned => {
			format!("assigned: {acted} of {seats} committed, due by block {due}")
		},
		Stage::Committed => format!("committed: {acted} of {seats} revealed, due by block {due}"),
		Stage::Revealing => format!("revealing: {acted} of {seats} revealed, due by block {due}"),
	}
}

/// Follows the request that a transaction made to its end, on this line, and shows it.
pub async fn see_through(
	context: &Context,
	client: &Client,
	task: Task,
	included: Included,
	release: &str,
) -> Result<ExitCode> {
	let block = included.block;
	let mut ticket = client.ticket(included)?;
	task.set(format!("request {} · block {} · included", ticket.request, block.number));
	let mut stages = Stages::new(&task);
	let settled = client.wait_for_ticket(&mut ticket, |step| stages.see(step)).await?;
	drop(task);
	show_settlement(context, client, ticket.request, release, &settled).await
}

/// Shows the end of a request, and gives the exit status.
pub async fn show_settlement(
	context: &Context,
	client: &Client,
	request: u64,
	release: &str,
	settled: &Settled,
) -> Result<ExitCode> {
	let after = client.aftermath(request, settled).await?;
	let document = SettlementJson::new(request, release, settled, &after);
	context.ui.result(&document, || settlement_text(request, release, settled, &after))?;
	Ok(exit_code(&settled.outcome))
}

/// What stands behind an answer now, in one line.
fn security_text(security: &Security) -> String {
	format!(
		"those who agreed can still lose bonds of {}, own stake of {}, nominated stake of {}",
		Amount(security.bonds),
		Amount(security.own),
		Amount(security.nominated)
	)
}

fn settlement_text(request: u64, release: &str, settled: &Settled, after: &Aftermath) -> String {
	let mut text = String::new();
	if let Outcome::Answered(tensors) = &settled.outcome {
		text += &tensors_text(tensors);
		text += "\n";
	}
	let Assurance::Quorum { size, threshold } = settled.assurance;
	let answered = matches!(settled.outcome, Outcome::Answered(_));
	let mut lines = vec![
		("request", request.to_string()),
		("outcome", outcome_text(&settled.outcome)),
		("release", format!("{release} ({})", settled.content)),
		("assurance", assurance_text(size, threshold)),
	];
	if answered {
		lines.push(("agreement", format!("{} of {size}", settled.agreement)));
		lines.push(("stake behind", Amount(settled.stake_behind).to_string()));
	}
	if let Some(security) = &after.security {
		lines.push(("security", security_text(security)));
	}
	if let Some(first) = settled.escalates {
		lines.push(("escalates", format!("request {first}")));
	}
	if matches!(settled.outcome, Outcome::Disagreed) {
		lines.push(("escalation", escalation_text(request, settled.assurance, after)));
	}
	lines.push(("blocks", format!("{} to {}", settled.requested_at, settled.settled_at)));
	let attesters =
		settled.charged.saturating_sub(settled.royalty).saturating_sub(settled.protocol);
	lines.push((
		"bill",
		format!(
			"{} (attesters {}, royalty {}, protocol {}), {} refunded",
			Amount(settled.charged),
			Amount(attesters),
			Amount(settled.royalty),
			Amount(settled.protocol),
			Amount(settled.refunded)
		),
	));
	if settled.compensated > 0 {
		let text = "out of what faults on the panel cost";
		lines.push(("compensated", format!("{}, {text}", Amount(settled.compensated))));
	}
	text += &facts(&lines);
	if !settled.panel.is_empty() {
		let mut table = table(&["attester", "verdict", "paid", "stake"]);
		for member in &settled.panel {
			table.add_row([
				member.attester.to_string(),
				verdict_name(member.verdict).replace('_', " "),
				Amount(member.paid).to_string(),
				Amount(member.stake).to_string(),
			]);
		}
		text += &format!("\n\n{table}");
	}
	text
}

/// Whether a larger panel may decide, and until when.
fn escalation_text(request: u64, assurance: Assurance, after: &Aftermath) -> String {
	match (after.contestable_until, assurance.larger()) {
		(Some(until), Some(Assurance::Quorum { size, threshold })) => format!(
			"before block {until} a panel of {size} others, of which {threshold} must agree, may \
			 decide: `jurat request escalate {request}`"
		),
		_ => "not possible, or not any more".into(),
	}
}

/// An assurance, for people: what a panel of one is, is said.
pub fn assurance_text(size: u8, threshold: u8) -> String {
	match size {
		1 => "a single attester: nobody checked it".into(),
		_ => format!("{threshold} of a panel of {size} must agree"),
	}
}

/// An answer, for people.
pub fn tensors_text(tensors: &Tensors) -> String {
	let mut text = String::new();
	for named in tensors {
		let InlineTensor { element_type, shape, .. } = &named.tensor;
		text += &format!("{}: {element_type}{}\n", show_name(&named.name), show_shape(shape));
		text += &values(&named.tensor);
		text += "\n";
	}
	text
}

/// The values of a tensor: rows and columns where there are two dimensions that matter.
fn values(tensor: &InlineTensor) -> String {
	let Some(data) = json::data(tensor) else { return "(not a valid tensor)\n".into() };
	let elements = tensor.elements().unwrap_or(0) as usize;
	if elements > SHOWN {
		let short: String = data.chars().take(SHOWN).collect();
		return format!("{short}… ({elements} elements; --json shows all)\n");
	}
	let outer = tensor.shape.iter().rev().skip(2).all(|size| *size == 1);
	match tensor.shape.as_slice() {
		[.., rows, columns] if outer && *rows > 1 && *columns > 1 && *columns <= 16 => {
			let mut table = comfy_table::Table::new();
			table.load_preset(comfy_table::presets::NOTHING);
			let inner = data.trim_matches(['[', ']']);
			for row in inner.split("],[") {
				table.add_row(row.split(',').collect::<Vec<_>>());
			}
			// Strings may hold what splits them; they are shown as they are.
			if tensor.element_type.size().is_some() {
				return format!("{table}\n");
			}
			format!("{data}\n")
		},
		_ => format!("{}\n", data.replace("],[", "],\n [")),
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::view::tests::{aftermath, settled};
	use jurat_primitives::{ElementType, ExpiryReason, UnservedReason};

	#[test]
	fn each_outcome_has_its_own_exit_status() {
		let outcomes = [
			Outcome::Answered(Default::default()),
			Outcome::Disagreed,
			Outcome::Expired(ExpiryReason::RevealsMissing),
			Outcome::Unserved(UnservedReason::TooFewAttesters),
			Outcome::Cancelled,
		];
		let mut codes: Vec<_> =
			outcomes.iter().map(|outcome| format!("{:?}", exit_code(outcome))).collect();
		codes.push(format!("{:?}", ExitCode::FAILURE));
		codes.push(format!("{:?}", ExitCode::from(2)));
		let count = codes.len();
		codes.sort();
		codes.dedup();
		assert_eq!(codes.len(), count);
	}

	#[test]
	fn an_answer_is_reported_with_what_can_still_be_lost_for_it() {
		let settled = settled(Outcome::Answered(Default::default()));
		let text = settlement_text(42, "digits@1.0", &settled, &aftermath());
		let line = text.lines().find(|line| line.starts_with("security")).unwrap();
		assert!(line.contains("bonds of 0.000000002 JUR"), "{line}");
		assert!(line.contains("nominated stake of 0.00000000003 JUR"), "{line}");
		assert!(text.contains("0.000000000008 JUR, out of what faults"), "{text}");
		assert!(text.contains("request 41") && !text.contains("jurat request escalate"), "{text}");
		let text = settlement_text(42, "digits@1.0", &settled, &Aftermath::default());
		assert!(!text.contains("security"), "{text}");
	}

	#[test]
	fn a_disagreement_says_whether_and_until_when_a_larger_panel_may_decide() {
		let settled = settled(Outcome::Disagreed);
		let text = settlement_text(42, "digits@1.0", &settled, &aftermath());
		assert!(text.contains("before block 203 a panel of 7 others, of which 5"), "{text}");
		assert!(text.contains("`jurat request escalate 42`"), "{text}");
		let text = settlement_text(42, "digits@1.0", &settled, &Aftermath::default());
		assert!(text.contains("not any more"), "{text}");
	}

	#[test]
	fn matrices_are_shown_as_rows() {
		let data = (0..4u8).collect();
		let tensor = InlineTensor::new(ElementType::U8, [1, 2, 2], data).unwrap();
		let text = values(&tensor);
		let rows: Vec<Vec<&str>> =
			text.lines().map(|line| line.split_whitespace().collect()).collect();
		assert_eq!(rows, [["0", "1"], ["2", "3"]]);
		let tensor = InlineTensor::strings([2, 2], ["a],[b", ",", "", "d"]).unwrap();
		assert!(values(&tensor).contains(r#""a],"#));
		let large = InlineTensor::new(ElementType::U8, [3000], vec![0; 3000]).unwrap();
		assert!(values(&large).contains("3000 elements"));
	}
}
