// SPDX-License-Identifier: Apache-2.0
//! The pallets together, under programs that nobody thought of.
//!
//! A program is a list of operations: requests, blocks, sessions, commitments, reveals and proofs of
//! custody right and wrong, announcements, bonds, parameters, releases, reports, transfers. It is
//! applied to the real runtime, and after each operation, and after each half of a block, all
//! invariants are checked, and the chain is compared with a model that is kept beside it ([`model`]):
//!
//! 1. no unit is made or lost: issuance changes by what staking pays and by what is burnt, as events
//!    say, and accounts hold it all; whoever only asks has exactly what its transfers, charges and
//!    compensations make;
//! 2. each request ends once, by its deadline, as what its members did demands, each member is
//!    judged as it deserves, and its escrow is charged or refunded;
//! 3. of a bond exactly what its faults cost is taken, never more than a day allows; a stake shrinks
//!    after an offence only; who is honest loses nothing unless a threshold lies;
//! 4. a penalty that waits ends in time;
//! 5. a question for a proof of custody ends once, in time, and no honest attester fails; a node's
//!    announcement does what its releases one by one would, or is refused.
//!
//! What fails is shrunk, printed, and kept in `proptest-regressions`. By default the programs are the
//! same each time. `JURAT_STATE_MACHINE_STEPS` sets the number of steps, and looks for new ones; with
//! at least as many as by default, everything that can be reached must have been.

mod answers;
mod chain;
mod coverage;
mod custody;
mod model;
mod operations;

use std::sync::{Mutex, OnceLock};

use proptest::{
	prelude::*,
	test_runner::{Config, FileFailurePersistence, RngSeed, TestCaseError, TestRunner},
};

use coverage::Coverage;
use operations::{Ask, Emphasis, Machine, Operation, operation};

/// Operations, if the environment does not say otherwise.
const STEPS: u64 = 100_000;
/// What the programs of a default run come from.
const SEED: u64 = 2_609;
/// Operations of the longest program.
const LONGEST: usize = 800;

/// A kind of programs.
struct Course {
	/// Its name.
	name: &'static str,
	/// Where programs that failed are kept.
	regressions: &'static str,
	/// Of so many attesters in a hundred the model keeps honest.
	honest: u32,
	/// What happens more often.
	emphasis: Emphasis,
}

macro_rules! regressions {
	($name:literal) => {
		// From the folder of the package, in which tests run.
		concat!("proptest-regressions/state_machine/", $name, ".txt")
	};
}

const COURSES: [Course; 4] = [
	Course {
		name: "calm",
		regressions: regressions!("calm"),
		honest: 80,
		emphasis: Emphasis { parameters: 1, bonds: 6, consensus: 8, models: 3 },
	},
	Course {
		name: "liars",
		regressions: regressions!("liars"),
		honest: 25,
		emphasis: Emphasis { parameters: 2, bonds: 10, consensus: 8, models: 2 },
	},
	Course {
		name: "governance",
		regressions: regressions!("governance"),
		honest: 45,
		emphasis: Emphasis { parameters: 30, bonds: 30, consensus: 5, models: 10 },
	},
	Course {
		name: "consensus",
		regressions: regressions!("consensus"),
		honest: 45,
		emphasis: Emphasis { parameters: 4, bonds: 8, consensus: 40, models: 3 },
	},
];

/// Who is honest, and what happens.
type Program = (Vec<bool>, Vec<Operation>);

fn program(course: &Course) -> impl Strategy<Value = Program> + use<> {
	let honest = prop::bool::weighted(f64::from(course.honest) / 100.0);
	(
		prop::collection::vec(honest, chain::ATTESTERS),
		prop::collection::vec(operation(course.emphasis), 1..=LONGEST),
	)
}

/// Runs one program. What it reached, and what is wrong.
fn run((honest, operations): Program) -> (Coverage, Result<(), String>) {
	coverage::complaints();
	chain::new_chain().execute_with(|| {
		let mut machine = match Machine::new(honest) {
			Ok(machine) => machine,
			Err(flaw) => return (Coverage::default(), Err(format!("at first: {flaw}"))),
		};
		let mut result = Ok(());
		for (index, operation) in operations.iter().enumerate() {
			result = machine.step(operation).map_err(|flaw| {
				format!("step {index}, {operation:?}, in block {}: {flaw}", operations::now())
			});
			if result.is_err() {
				break;
			}
		}
		let result =
			result.and_then(|()| machine.finish().map_err(|flaw| format!("at the end: {flaw}")));
		for _ in 0..machine.blocks {
			machine.model.coverage.note(BLOCKS);
		}
		(machine.model.coverage, result)
	})
}

/// Under which blocks are counted.
const BLOCKS: &str = "blocks";
/// Under which operations are counted.
const OPERATIONS: &str = "operations";

/// Runs programs of one kind until so many steps are done.
fn follow(course: &Course, steps: u64, seed: Option<u64>) -> Result<Coverage, String> {
	let reached = Mutex::new(Coverage::default());
	let first = OnceLock::new();
	for round in 0u64.. {
		let done = reached.lock().unwrap().count(OPERATIONS);
		let Some(left) = steps.checked_sub(done).filter(|left| *left > 0) else { break };
		let default = Config::default();
		let config = Config {
			// Other programs in each round.
			rng_seed: seed.map_or(default.rng_seed, |seed| RngSeed::Fixed(seed + round)),
			cases: left.div_ceil(LONGEST as u64 / 2) as u32,
			failure_persistence: Some(Box::new(FileFailurePersistence::Direct(course.regressions))),
			max_shrink_iters: 100_000,
			max_shrink_time: 120_000,
			..default
		};
		TestRunner::new(config)
			.run(&program(course), |program| {
				let length = program.1.len();
				let (coverage, result) = run(program);
				if let Err(flaw) = &result {
					// The first, before it is shrunk, which takes a while.
					first.get_or_init(|| eprintln!("{}: {flaw}", course.name));
				}
				result.map_err(TestCaseError::fail)?;
				let mut reached = reached.lock().unwrap();
				reached.merge(coverage);
				(0..length).for_each(|_| reached.note(OPERATIONS));
				Ok(())
			})
			.map_err(|error| format!("{}: {error}", course.name))?;
	}
	Ok(reached.into_inner().unwrap())
}

/// What must be reached, or the test tests less than it says.
const REACHED: &[&str] = &[
	"outcome Answered",
	"outcome Cancelled",
	"outcome Disagreed",
	"outcome Expired(AnswerMissing)",
	"outcome Expired(CommitmentsMissing)",
	"outcome Expired(RevealsMissing)",
	"outcome Unserved(ChainBusy)",
	"outcome Unserved(Execution(RunFailed))",
	"outcome Unserved(Execution(TimedOut))",
	"outcome Unserved(TooFewAttesters)",
	"outcome Unserved(TooLittleStake)",
	"verdict Abstained",
	"verdict Agreed",
	"verdict BadOpening",
	"verdict Divergent",
	"verdict Excused",
	"verdict NoShow",
	"verdict Outlier",
	"verdict Undecided",
	"verdict Withheld",
	"second verdict Agreed",
	"second verdict Divergent",
	"event Contested",
	"event EquivocationReported",
	"event EraPaid",
	"event Escalated",
	"event NewSession",
	"event Paused",
	"event Penalised",
	"event PenaltyDeferred",
	"event PenaltyFinal",
	"event PenaltyOverturned",
	"event Rejudged",
	"event ReleaseRemoved",
	"event ResultPruned",
	"event Rewarded",
	"event SlashReported",
	"event Slashed",
	"event Warned",
	"event Withdrawn",
	"announcement: refused as BadProof",
	"announcement: refused as BadSigner",
	"announcement: refused as Call",
	"announcement: refused as Future",
	"announcement: refused as Stale",
	"announcement: taken",
	"custody Asked",
	"custody Lapsed",
	"custody Missed",
	"custody Proved",
	"event AnnouncementSkipped",
	"forged proof: refused as BadProof",
	"forged proof: refused as Stale",
	"not held: penalty",
	"not held: warning",
	"forged commit: refused as BadProof",
	"forged commit: refused as BadSigner",
	"forged commit: refused as Call",
	"forged commit: refused as Stale",
	"forged reveal: refused as Call",
	"forged reveal: refused as Stale",
	"honest batch of several",
	"late bytes: taken",
	"money: compensation",
	"money: refund that its account can not take",
	"offence jurat:divergence",
	"offence jurat:equivocate",
	"replay: refused as Stale",
	"report: refused as Stale",
	"reveal: refused as Call",
	"reveal: refused as ExhaustsResources",
	"slander: refused as BadProof",
];

#[test]
fn whatever_happens_the_chain_is_what_its_model_says() {
	let (steps, seed) = match std::env::var("JURAT_STATE_MACHINE_STEPS") {
		Ok(steps) => (steps.parse().expect("JURAT_STATE_MACHINE_STEPS is a number"), None),
		Err(_) => (STEPS, Some(SEED)),
	};
	coverage::listen();
	let begun = std::time::Instant::now();
	let each = steps.div_ceil(COURSES.len() as u64);
	let results: Vec<_> = std::thread::scope(|scope| {
		let threads: Vec<_> =
			COURSES.iter().map(|course| scope.spawn(move || follow(course, each, seed))).collect();
		threads.into_iter().map(|thread| thread.join().expect("it ends")).collect()
	});
	let mut reached = Coverage::default();
	let mut flaws = Vec::new();
	for result in results {
		match result {
			Ok(coverage) => reached.merge(coverage),
			Err(flaw) => flaws.push(flaw),
		}
	}
	println!("{reached}\n{:.1} s", begun.elapsed().as_secs_f64());
	assert!(flaws.is_empty(), "{}", flaws.join("\n\n"));
	if steps >= STEPS {
		let missed: Vec<_> = REACHED.iter().filter(|what| reached.count(what) == 0).collect();
		assert!(missed.is_empty(), "never reached: {missed:?}");
	}
}

/// Found by the test above: an absence that costs all of a bond left a record without a bond.
#[test]
fn an_absence_may_cost_everything() {
	coverage::listen();
	let ask = Ask {
		who: 0,
		release: 0,
		input: 0,
		count: 2,
		size: 2,
		threshold: 0,
		deadline: 1,
		min_stake: 0,
		flaw: 9,
	};
	let all_of_it = |which| Operation::Parameter { which, value: 4 };
	// The cap of a day, and the price of an absence.
	let operations = vec![all_of_it(6), all_of_it(2), Operation::Ask(ask), Operation::Ask(ask)];
	let (coverage, result) = run((vec![false; chain::ATTESTERS], operations));
	assert_eq!(result, Ok(()));
	assert!(coverage.count("event Penalised") > 0);
}

/// Found by the test above: whoever stopped to validate came back to the list of voters, if the list
/// was just to go on with it.
#[test]
fn any_validator_may_stop() {
	coverage::listen();
	for who in 0..chain::ATTESTERS as u8 {
		let block = Operation::Block { by: 0, late: 0, full: false };
		let operations = vec![block, Operation::Chill { who }, Operation::Session { by: 0 }];
		let (_, result) = run((vec![true; chain::ATTESTERS], operations));
		assert_eq!(result, Ok(()), "{who}");
	}
}
