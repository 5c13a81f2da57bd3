// SPDX-License-Identifier: Apache-2.0
//! The tables of `docs/security.md`.

use crate::{
	ATTESTERS, AVAILABILITY, BONDS, CAREER_PANELS, CAREER_SHARES, CAREERS, COPYING, FEE,
	FEW_SHARES, GOOD_REPUTATION, JOBS_PER_DAY, LARGEST_STAKE, NEW_REPUTATION, OUTAGES, PANELS,
	POOLS, REQUESTS_PER_SESSION, SESSIONS, SHARES, SILENT, VALIDATORS,
	cheating::{Career, average, blind, career, careful_session},
	correlated_slash, equivocation_slash, escalated,
	exact::{Ends, at_least, binomial, divergence, ends, escalation, hypergeometric, two_classes},
	income::{break_even, day, penalty},
	reputation_weight,
	rules::{Dice, Judge, threshold},
	sampling::{Liars, Pool, Tally, each, escalations, panels},
};
use std::fmt::Write;

/// A table of Markdown with its name.
pub type Section = (&'static str, String);

/// What the program counted, held against the closed form.
struct Comparison {
	counted: u32,
	of: u32,
	expected: f64,
}

impl Comparison {
	/// The difference in standard deviations, where the normal approximation holds.
	fn deviations(&self) -> Option<f64> {
		let of = f64::from(self.of);
		let variance = of * self.expected * (1.0 - self.expected);
		(variance > 9.0).then(|| (f64::from(self.counted) - of * self.expected) / variance.sqrt())
	}
}

/// All tables, and the largest deviation between Monte Carlo and closed form.
pub struct Tables {
	/// In the order of the page.
	pub sections: Vec<Section>,
	/// In standard deviations.
	pub largest_deviation: f64,
	/// Detection and acceptance, sampled: share of liars (percent), panel, accepted lies.
	pub sampled: Vec<(usize, u8, f64)>,
}

/// Computes everything.
pub fn compute(seed: u64, samples: u32) -> Tables {
	let judge = Judge::default();
	let mut comparisons = Vec::new();
	let grid = sample_grid(&judge, seed, samples, &mut comparisons);
	let mut sections = vec![
		("summary", summary()),
		("accepted", accepted()),
		("pools", pools()),
		("skew", skew(&judge, seed, samples)),
		("honest", honest()),
		("silent", silent(&judge, seed, samples, &mut comparisons)),
		("detection", detection()),
		("cheating", cheating()),
		("careers", careers(&judge, seed)),
		("careful", careful(&judge, seed)),
		("income", income()),
		("outages", outages()),
		("escalation", escalations_table(&judge, seed, samples, &mut comparisons)),
		("reputation", reputation(&judge, seed, samples, &mut comparisons)),
		("correlation", correlation()),
	];
	let deviations: Vec<_> = comparisons.iter().filter_map(Comparison::deviations).collect();
	let largest_deviation = deviations.iter().fold(0.0f64, |largest, d| largest.max(d.abs()));
	sections.push(("check", check(&grid, &deviations, largest_deviation, seed, samples)));
	let sampled = grid
		.iter()
		.map(|(share, seats, tally)| (*share, *seats, tally.share(tally.wrong)))
		.collect();
	Tables { sections, largest_deviation, sampled }
}

// --- words ---------------------------------------------------------------------------------------

/// A table: names of columns, then rows. The first column is aligned left.
fn table(head: &[String], rows: &[Vec<String>]) -> String {
	let mut text = String::new();
	let mut line = |cells: &[String]| {
		writeln!(text, "| {} |", cells.join(" | ")).expect("writing to a string");
	};
	line(head);
	let rule: Vec<_> =
		(0..head.len()).map(|at| if at == 0 { "---" } else { "---:" }.to_string()).collect();
	line(&rule);
	rows.iter().for_each(|row| line(row));
	text
}

/// A first cell, and one for each of the others.
fn row<T>(first: impl Into<String>, others: &[T], cell: impl FnMut(&T) -> String) -> Vec<String> {
	std::iter::once(first.into()).chain(others.iter().map(cell)).collect()
}

/// A number with about this many significant digits, thousands apart.
fn number(value: f64, digits: i32) -> String {
	if value == 0.0 {
		return "0".into();
	}
	let mut before = 0;
	// What was computed as 9.999999999 is 10.
	let mut scale = value.abs() * (1.0 + 1e-9);
	while scale >= 1.0 {
		scale /= 10.0;
		before += 1;
	}
	while scale < 0.1 {
		scale *= 10.0;
		before -= 1;
	}
	let text = format!("{value:.*}", (digits - before).max(0) as usize);
	let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
	let mut grouped = String::new();
	for (at, digit) in whole.chars().enumerate() {
		if at > 0 && (whole.len() - at) % 3 == 0 && whole.len() > 3 {
			grouped.push(',');
		}
		grouped.push(digit);
	}
	if rest.is_empty() { grouped } else { format!("{grouped}.{rest}") }
}

/// A probability.
pub fn percent(probability: f64) -> String {
	if probability == 0.0 {
		return "0".into();
	}
	if probability > 1.0 - 1e-9 {
		return "100 %".into();
	}
	if probability > 0.9995 {
		return "> 99.9 %".into();
	}
	if probability >= 1e-6 {
		return format!(
			"{} %",
			number(probability * 100.0, if probability > 0.0999 { 3 } else { 2 })
		);
	}
	let (mut digits, mut exponent) = (probability, 0);
	while digits < 0.95 {
		digits *= 10.0;
		exponent -= 1;
	}
	format!("{digits:.0}·{}", power_of_ten(exponent))
}

/// "10⁻³".
pub fn power_of_ten(exponent: i32) -> String {
	const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
	let raised = |sign: char| match sign.to_digit(10) {
		Some(digit) => DIGITS[digit as usize],
		None => '⁻',
	};
	format!("10{}", exponent.to_string().chars().map(raised).collect::<String>())
}

/// A number without bounds.
fn large(value: f64) -> String {
	if value < 1e7 {
		return number(value, 2);
	}
	let (mut digits, mut exponent) = (value, 0);
	while digits >= 9.95 {
		digits /= 10.0;
		exponent += 1;
	}
	format!("{digits:.1}·{}", power_of_ten(exponent))
}

fn count(number_of: u32) -> String {
	number(f64::from(number_of), 0)
}

fn jur(amount: f64) -> String {
	number(amount, 3)
}

fn share_of(percent: usize) -> String {
	format!("{percent} %")
}

fn panel_of(seats: u8) -> String {
	match seats {
		1 => "1".into(),
		_ => format!("{seats} ({} agree)", threshold(seats)),
	}
}

fn panels_head(first: &str) -> Vec<String> {
	row(first, &PANELS, |seats| panel_of(*seats))
}

fn drawn(share: usize, seats: u8) -> Vec<f64> {
	hypergeometric(ATTESTERS, ATTESTERS * share / 100, seats.into())
}

// --- tables --------------------------------------------------------------------------------------

fn summary() -> String {
	const LIMITS: [(f64, &str); 4] =
		[(0.01, "1 in 100"), (1e-3, "1 in 1,000"), (1e-4, "1 in 10,000"), (1e-6, "1 in a million")];
	let mut head: Vec<String> = ["panel", "must agree", "may be silent"].map(String::from).into();
	head.extend(LIMITS.iter().map(|(_, words)| format!("wrong at most {words}")));
	let rows: Vec<_> = PANELS
		.iter()
		.map(|seats| {
			let needed = threshold(*seats);
			let mut cells = vec![
				seats.to_string(),
				needed.to_string(),
				(usize::from(*seats) - needed).to_string(),
			];
			cells.extend(LIMITS.iter().map(|(limit, _)| {
				let liars = (1..=ATTESTERS).take_while(|liars| {
					let drawn = hypergeometric(ATTESTERS, *liars, (*seats).into());
					at_least(&drawn, needed) <= *limit
				});
				match liars.last() {
					Some(liars) => format!("up to {} %", liars * 100 / ATTESTERS),
					None => "never".into(),
				}
			}));
			cells
		})
		.collect();
	table(&head, &rows)
}

fn accepted() -> String {
	let rows: Vec<_> = SHARES
		.iter()
		.map(|share| {
			row(share_of(*share), &PANELS, |seats| {
				percent(at_least(&drawn(*share, *seats), threshold(*seats)))
			})
		})
		.collect();
	table(&panels_head("share that lies"), &rows)
}

fn pools() -> String {
	const SHARE: usize = 30;
	let cell =
		|distribution: Vec<f64>, seats: u8| percent(at_least(&distribution, threshold(seats)));
	let mut rows: Vec<_> = POOLS
		.iter()
		.map(|attesters| {
			let liars = attesters * SHARE / 100;
			row(format!("{attesters}, of which {liars} lie"), &PANELS, |seats| {
				if usize::from(*seats) > *attesters {
					return "–".into();
				}
				cell(hypergeometric(*attesters, liars, (*seats).into()), *seats)
			})
		})
		.collect();
	rows.push(row("without end (binomial)", &PANELS, |seats| {
		cell(binomial((*seats).into(), SHARE as f64 / 100.0), *seats)
	}));
	table(&panels_head("attesters of the release"), &rows)
}

fn skew(judge: &Judge, seed: u64, samples: u32) -> String {
	let mut rows = Vec::new();
	for share in FEW_SHARES {
		rows.push(row(format!("{share} %, equal stakes (closed form)"), &PANELS, |seats| {
			percent(at_least(&drawn(share, *seats), threshold(*seats)))
		}));
		for (liars, words) in [(Liars::Large, "largest"), (Liars::Small, "smallest")] {
			let pool = Pool::skewed(share, liars);
			let tallies = each(&PANELS, |seats| {
				let dice = Dice::new(seed, &format!("skew {share} {words} {seats}"));
				panels(dice, judge, samples, &pool, *seats, 0.0)
			});
			let first = format!("{share} %, the {words} lie ({} validators)", pool.liars());
			rows.push(row(first, &tallies, |tally| sampled(tally.wrong, tally.panels)));
		}
	}
	table(&panels_head("share and hands"), &rows)
}

/// A sampled probability. Never "0": what did not happen in n tries may have probability 3/n.
fn sampled(count: u32, of: u32) -> String {
	match count {
		0 => format!("< {}", percent(3.0 / f64::from(of))),
		_ => percent(f64::from(count) / f64::from(of)),
	}
}

fn honest() -> String {
	let rows: Vec<_> = [0]
		.iter()
		.chain(&SHARES)
		.filter(|share| *share % 10 == 0 || FEW_SHARES.contains(share))
		.map(|share| {
			row(share_of(*share), &PANELS, |seats| {
				let Ends { right, disagreed, .. } =
					ends(&drawn(*share, *seats), threshold(*seats), 0.0);
				format!("{} · {}", percent(right), percent(disagreed))
			})
		})
		.collect();
	table(&panels_head("share that lies"), &rows)
}

fn silent(judge: &Judge, seed: u64, samples: u32, comparisons: &mut Vec<Comparison>) -> String {
	let mut tasks = Vec::new();
	for share in [0].into_iter().chain(FEW_SHARES) {
		for silent in SILENT {
			tasks.extend(PANELS.map(|seats| (share, silent, seats)));
		}
	}
	let tallies = each(&tasks, |(share, silent, seats)| {
		let dice = Dice::new(seed, &format!("silent {share} {silent} {seats}"));
		panels(dice, judge, samples, &Pool::equal(*share), *seats, *silent as f64 / 100.0)
	});
	let mut rows = Vec::new();
	for (cases, tallies) in tasks.chunks(PANELS.len()).zip(tallies.chunks(PANELS.len())) {
		let (share, silent, _) = cases[0];
		let mut cells = vec![format!("{share} %, {silent} %")];
		for ((_, _, seats), tally) in cases.iter().zip(tallies) {
			let expected = ends(&drawn(share, *seats), threshold(*seats), silent as f64 / 100.0);
			compare_ends(comparisons, tally, expected);
			cells.push(format!(
				"{} · {}",
				percent(expected.right),
				percent(expected.disagreed + expected.expired)
			));
		}
		rows.push(cells);
	}
	table(&panels_head("lie, silent"), &rows)
}

fn compare_ends(comparisons: &mut Vec<Comparison>, tally: &Tally, expected: Ends) {
	for (counted, expected) in [
		(tally.right, expected.right),
		(tally.wrong, expected.wrong),
		(tally.disagreed, expected.disagreed),
		(tally.expired, expected.expired),
	] {
		comparisons.push(Comparison { counted, of: tally.panels, expected });
	}
}

fn detection() -> String {
	let rows: Vec<_> = SHARES
		.iter()
		.map(|share| {
			row(share_of(*share), &PANELS, |seats| {
				let divergence = divergence(&drawn(*share, *seats), threshold(*seats));
				format!("{} · {}", percent(divergence.liar), percent(divergence.honest))
			})
		})
		.collect();
	table(&panels_head("share that lies"), &rows)
}

fn cheating() -> String {
	let mut head: Vec<String> = [
		"share that lies",
		"panel",
		"requests until the first accepted lie",
		"penalties until then",
	]
	.map(String::from)
	.into();
	head.extend(BONDS.map(|bond| format!("cost at a bond of {} JUR", jur(bond))));
	let mut rows = Vec::new();
	for share in FEW_SHARES {
		for seats in PANELS {
			let blind = blind(ATTESTERS * share / 100, seats);
			let mut cells = vec![
				share_of(share),
				seats.to_string(),
				large(blind.requests),
				large(blind.penalties),
			];
			cells.extend(BONDS.map(|bond| match blind.cost(bond) {
				0.0 => "0".into(),
				cost => format!("{} JUR", large(cost)),
			}));
			rows.push(cells);
		}
	}
	table(&head, &rows)
}

fn careers(judge: &Judge, seed: u64) -> String {
	let mut tasks = Vec::new();
	for share in CAREER_SHARES {
		for seats in CAREER_PANELS {
			for bond in BONDS {
				tasks.extend((0..CAREERS).map(|number| (share, seats, bond, number)));
			}
		}
	}
	let played = each(&tasks, |(share, seats, bond, number)| {
		let dice = Dice::new(seed, &format!("career {share} {seats} {bond} {number}"));
		career(dice, judge, ATTESTERS * share / 100, *seats, *bond)
	});
	let head: Vec<String> = [
		"share that lies",
		"panel",
		"bond, each",
		"lies accepted",
		"bonds lost, together",
		"lost per accepted lie",
		"still drawn",
		"days",
		"worst slash of stake in a session",
	]
	.map(String::from)
	.into();
	let rows: Vec<_> = tasks
		.chunks(CAREERS as usize)
		.zip(played.chunks(CAREERS as usize))
		.map(|(cases, played)| {
			let (share, seats, bond, _) = cases[0];
			let Career { accepted, lost, left, days, slash } = average(played);
			let each = if accepted == 0.0 {
				"none accepted".into()
			} else {
				format!("{} JUR", number(lost / accepted, 2))
			};
			vec![
				share_of(share),
				seats.to_string(),
				format!("{} JUR", jur(bond)),
				number(accepted, 2),
				format!("{} JUR", jur(lost)),
				each,
				format!("{} of {share}", number(left, 2)),
				number(days, 2),
				percent(slash),
			]
		})
		.collect();
	table(&head, &rows)
}

fn careful(judge: &Judge, seed: u64) -> String {
	let mut head: Vec<String> =
		["share that lies", "panel", "requests per accepted lie"].map(String::from).into();
	head.extend(REQUESTS_PER_SESSION.map(|requests| format!("{requests} requests a session")));
	let mut rows = Vec::new();
	for share in CAREER_SHARES {
		for seats in CAREER_PANELS {
			let liars = ATTESTERS * share / 100;
			let mut cells =
				vec![share_of(share), seats.to_string(), large(blind(liars, seats).requests)];
			for requests in REQUESTS_PER_SESSION {
				let sessions: Vec<_> = (0..SESSIONS).collect();
				let judged = each(&sessions, |session| {
					let label = format!("careful {share} {seats} {requests} {session}");
					careful_session(Dice::new(seed, &label), judge, liars, seats, requests)[1]
				});
				let mean = |of: &dyn Fn(usize) -> f64| {
					judged.iter().map(|judged| of(*judged)).sum::<f64>() / f64::from(SESSIONS)
				};
				cells.push(format!(
					"{} · {}",
					number(mean(&|judged| judged as f64), 2),
					percent(mean(&|judged| correlated_slash(judged, ATTESTERS)))
				));
			}
			rows.push(cells);
		}
	}
	table(&head, &rows)
}

fn income() -> String {
	let mut head: Vec<String> =
		["availability", "jobs a day", "missed", "penalised", "earned a day"]
			.map(String::from)
			.into();
	head.extend(BONDS.map(|bond| format!("lost a day at {} JUR", jur(bond))));
	head.extend(BONDS.map(|bond| format!("fee to break even at {} JUR", jur(bond))));
	let mut rows = Vec::new();
	for availability in AVAILABILITY {
		for jobs in JOBS_PER_DAY {
			let day = day(jobs, availability);
			let mut cells = vec![
				format!("{} %", number(availability * 100.0, 3)),
				count(jobs),
				number(day.missed, 2),
				number(day.penalised, 2),
				format!("{} JUR", number(day.earned, 2)),
			];
			cells.extend(BONDS.map(|bond| format!("{} JUR", number(day.lost * bond, 2))));
			cells.extend(BONDS.map(|bond| {
				let fee = break_even(jobs, availability, bond);
				format!("{} JUR ({}×)", number(fee, 2), number(fee / FEE, 2))
			}));
			rows.push(cells);
		}
	}
	table(&head, &rows)
}

fn outages() -> String {
	let head = row("jobs a day", &OUTAGES, |hours| format!("down for {hours} h"));
	let rows: Vec<_> = JOBS_PER_DAY
		.iter()
		.map(|jobs| {
			row(count(*jobs), &OUTAGES, |hours| {
				let missed = (f64::from(*jobs) * f64::from(*hours) / 24.0).round() as u32;
				let lost = penalty(missed);
				if lost == 0.0 {
					"nothing".into()
				} else {
					format!("{} of the bond", percent(lost))
				}
			})
		})
		.collect();
	table(&head, &rows)
}

fn escalations_table(
	judge: &Judge,
	seed: u64,
	samples: u32,
	comparisons: &mut Vec<Comparison>,
) -> String {
	let sizes: Vec<_> = PANELS
		.into_iter()
		.filter(|seats| *seats > 1)
		.map(|seats| [seats, escalated(seats)])
		.collect();
	let mut tasks = Vec::new();
	for share in FEW_SHARES.into_iter().chain([40]) {
		for copying in COPYING {
			tasks.extend(sizes.iter().map(|sizes| (share, copying, *sizes)));
		}
	}
	let tallies = each(&tasks, |(share, copying, sizes)| {
		let dice = Dice::new(seed, &format!("escalation {share} {copying} {sizes:?}"));
		escalations(dice, judge, samples, &Pool::equal(*share), *sizes, *copying as f64 / 100.0)
	});
	let expected: Vec<_> = tasks
		.iter()
		.map(|(share, copying, sizes)| {
			let panels = sizes.map(|seats| (usize::from(seats), threshold(seats)));
			escalation(ATTESTERS, ATTESTERS * share / 100, panels, *copying as f64 / 100.0)
		})
		.collect();
	for (tally, expected) in tallies.iter().zip(&expected) {
		compare_ends(comparisons, tally, *expected);
	}
	let mut rows = Vec::new();
	for (cases, expected) in tasks.chunks(sizes.len()).zip(expected.chunks(sizes.len())) {
		let (share, copying, _) = cases[0];
		if copying == 0 {
			rows.push(row(format!("{share} %, one panel only"), &sizes, |[seats, _]| {
				let Ends { wrong, disagreed, .. } =
					ends(&drawn(share, *seats), threshold(*seats), 0.0);
				format!("{} · {}", percent(wrong), percent(disagreed))
			}));
		}
		let first = match copying {
			0 => format!("{share} %, second panel computes"),
			_ => format!("{share} %, {copying} % of its honest members copy"),
		};
		rows.push(row(first, expected, |ends| {
			format!("{} · {}", percent(ends.wrong), percent(ends.disagreed))
		}));
	}
	let head = row("share that lies", &sizes, |[first, second]| format!("{first}, then {second}"));
	table(&head, &rows)
}

fn reputation(judge: &Judge, seed: u64, samples: u32, comparisons: &mut Vec<Comparison>) -> String {
	let standing = [
		("best", 1.0, "new", NEW_REPUTATION),
		("best", 1.0, "good", GOOD_REPUTATION),
		("new", NEW_REPUTATION, "good", GOOD_REPUTATION),
		("worst", 0.0, "good", GOOD_REPUTATION),
	];
	let mut tasks = Vec::new();
	for share in FEW_SHARES {
		for case in standing {
			tasks.extend(PANELS.map(|seats| (share, case, seats)));
		}
	}
	let tallies = each(&tasks, |(share, (liar, lies, other, honest), seats)| {
		let weight = |reputation: f64| {
			(LARGEST_STAKE as f64 * reputation_weight(reputation)).round() as u128
		};
		let liars = ATTESTERS * share / 100;
		let pool = Pool::two_classes(ATTESTERS, liars, weight(*lies), weight(*honest));
		let dice = Dice::new(seed, &format!("reputation {share} {liar} {other} {seats}"));
		panels(dice, judge, samples, &pool, *seats, 0.0)
	});
	let mut head = panels_head("share, liars, honest");
	head.insert(1, "share of the draw".into());
	let mut rows = Vec::new();
	for (cases, tallies) in tasks.chunks(PANELS.len()).zip(tallies.chunks(PANELS.len())) {
		let (share, (liar, lies, other, honest), _) = cases[0];
		if liar == "best" && other == "new" {
			let mut plain = row(format!("{share} %, all alike"), &PANELS, |seats| {
				percent(at_least(&drawn(share, *seats), threshold(*seats)))
			});
			plain.insert(1, share_of(share));
			rows.push(plain);
		}
		let (lies, honest) = (reputation_weight(lies), reputation_weight(honest));
		let liars = ATTESTERS * share / 100;
		let lying = liars as f64 * lies;
		let of_the_draw = lying / (lying + (ATTESTERS - liars) as f64 * honest);
		let mut cells = vec![format!("{share} %, {liar}, {other}"), percent(of_the_draw)];
		for ((_, _, seats), tally) in cases.iter().zip(tallies) {
			let drawn = two_classes(ATTESTERS, liars, lies, honest, (*seats).into());
			let expected = ends(&drawn, threshold(*seats), 0.0);
			compare_ends(comparisons, tally, expected);
			cells.push(percent(expected.wrong));
		}
		rows.push(cells);
	}
	table(&head, &rows)
}

fn correlation() -> String {
	let head = row("validators that offend in one session", &VALIDATORS, |validators| {
		format!("of {validators}")
	});
	let offenders = ["one", "two", "5 %", "10 %", "20 %", "a third"];
	let rows: Vec<_> = offenders
		.iter()
		.enumerate()
		.map(|(at, words)| {
			row(*words, &VALIDATORS, |validators| {
				let k = match at {
					0 => 1,
					1 => 2,
					2 => validators.div_ceil(20),
					3 => validators.div_ceil(10),
					4 => validators.div_ceil(5),
					_ => validators.div_ceil(3),
				};
				format!(
					"{k}: {} · {}",
					percent(correlated_slash(k, *validators)),
					percent(equivocation_slash(k, *validators))
				)
			})
		})
		.collect();
	table(&head, &rows)
}

// --- check ---------------------------------------------------------------------------------------

type Grid = Vec<(usize, u8, Tally)>;

fn sample_grid(judge: &Judge, seed: u64, samples: u32, comparisons: &mut Vec<Comparison>) -> Grid {
	let tasks: Vec<_> =
		SHARES.iter().flat_map(|share| PANELS.map(|seats| (*share, seats))).collect();
	let tallies = each(&tasks, |(share, seats)| {
		let dice = Dice::new(seed, &format!("grid {share} {seats}"));
		panels(dice, judge, samples, &Pool::equal(*share), *seats, 0.0)
	});
	for ((share, seats), tally) in tasks.iter().zip(&tallies) {
		let drawn = drawn(*share, *seats);
		compare_ends(comparisons, tally, ends(&drawn, threshold(*seats), 0.0));
		let expected = divergence(&drawn, threshold(*seats));
		for (counted, expected) in
			[(tally.caught, expected.caught), (tally.wronged, expected.wronged)]
		{
			comparisons.push(Comparison { counted, of: tally.panels, expected });
		}
	}
	tasks.into_iter().zip(tallies).map(|((share, seats), tally)| (share, seats, tally)).collect()
}

fn check(grid: &Grid, deviations: &[f64], largest: f64, seed: u64, samples: u32) -> String {
	const SHARE: usize = 30;
	let head: Vec<String> = [
		"panel",
		"wrong accepted",
		"sampled",
		"right accepted",
		"sampled",
		"liar judged",
		"sampled",
	]
	.map(String::from)
	.into();
	let rows: Vec<_> = grid
		.iter()
		.filter(|(share, ..)| *share == SHARE)
		.map(|(share, seats, tally)| {
			let drawn = drawn(*share, *seats);
			let ends = ends(&drawn, threshold(*seats), 0.0);
			vec![
				seats.to_string(),
				percent(ends.wrong),
				sampled(tally.wrong, tally.panels),
				percent(ends.right),
				sampled(tally.right, tally.panels),
				percent(divergence(&drawn, threshold(*seats)).liar),
				match tally.liars_divergent {
					0 => "0".into(),
					judged => sampled(judged, tally.liars_seated),
				},
			]
		})
		.collect();
	let beyond = deviations.iter().filter(|deviation| deviation.abs() > 2.0).count();
	format!(
		"{}\nShare that lies: {SHARE} %. Seed {seed}, {} panels for each case. {} comparisons of\n\
		 sampled with computed: the largest difference is {largest:.1} standard deviations, {} % \
		 are beyond two (4.6 % expected).\n",
		table(&head, &rows),
		count(samples),
		deviations.len(),
		number(beyond as f64 * 100.0 / deviations.len().max(1) as f64, 2),
	)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn numbers_are_readable() {
		assert_eq!(number(1_234_567.0, 3), "1,234,567");
		assert_eq!(number(0.012345, 2), "0.012");
		assert_eq!(number(9.876, 2), "9.9");
		assert_eq!(number(100.0, 3), "100");
		assert_eq!(large(5_764_338_813.0), "5.8·10⁹");
		assert_eq!(count(10), "10");
		assert_eq!(percent(0.5), "50.0 %");
		assert_eq!(percent(0.1), percent(0.3 - 0.2));
		assert_eq!(percent(0.0123), "1.2 %");
		assert_eq!(percent(0.00000123), "0.00012 %");
		assert_eq!(percent(3.2e-9), "3·10⁻⁹");
		assert_eq!(percent(0.99999), "> 99.9 %");
		assert_eq!((percent(0.0), percent(1.0)), ("0".into(), "100 %".into()));
	}
}
