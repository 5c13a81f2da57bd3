// SPDX-License-Identifier: Apache-2.0
//! Runs the promises of a file, one after another, on one network.
//!
//! The network is started for the first promise that is run, and ends after the last. After each
//! promise the [invariants](crate::invariants) are checked; where one is broken, the ends of the
//! nodes' logs are printed and their files kept.

use crate::{invariants, network::Network};
use anyhow::{Context, Result, bail};
use futures::future::LocalBoxFuture;
use libtest_mimic::{Arguments, Failed, Trial};
use std::{
	panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
	process::ExitCode,
	sync::{Arc, Mutex, PoisonError},
	time::Instant,
};
use tokio::runtime::Runtime;

/// What the promises of a file share.
pub trait World: Send + Sized + 'static {
	/// Starts the network and prepares what all promises need.
	fn start() -> impl Future<Output = Result<Self>>;

	/// The network.
	fn network(&mut self) -> &mut Network;
}

/// A promise: its name, and how it is kept.
pub struct Promise<W> {
	/// Its name.
	pub name: &'static str,
	/// Keeps it, or says why it is broken.
	pub keep: for<'a> fn(&'a mut W) -> LocalBoxFuture<'a, Result<()>>,
}

/// Lists functions as promises.
#[macro_export]
macro_rules! promises {
	($($name:ident),* $(,)?) => {
		vec![$($crate::harness::Promise {
			name: stringify!($name),
			keep: |world| Box::pin($name(world)),
		}),*]
	};
}

/// What the runs of a file share.
enum Stage<W> {
	Untouched,
	Ready(W),
	Failed,
}

/// Runs promises, in this order.
pub fn run<W: World>(promises: Vec<Promise<W>>) -> ExitCode {
	let mut arguments = Arguments::from_args();
	arguments.test_threads = Some(1);
	let runtime = match Runtime::new() {
		Ok(runtime) => Arc::new(runtime),
		Err(error) => {
			eprintln!("no runtime: {error}");
			return ExitCode::FAILURE;
		},
	};
	let stage = Arc::new(Mutex::new(Stage::<W>::Untouched));
	let trials = promises.into_iter().map(|promise| {
		let (runtime, stage) = (runtime.clone(), stage.clone());
		Trial::test(promise.name, move || {
			let mut stage = stage.lock().unwrap_or_else(PoisonError::into_inner);
			keep(&runtime, &mut stage, &promise).map_err(|error| Failed::from(format!("{error:#}")))
		})
	});
	let conclusion = libtest_mimic::run(&arguments, trials.collect());
	// Connections are closed by tasks of the runtime: the network goes first.
	drop(stage);
	conclusion.exit_code()
}

fn keep<W: World>(runtime: &Runtime, stage: &mut Stage<W>, promise: &Promise<W>) -> Result<()> {
	if matches!(stage, Stage::Untouched) {
		let begun = Instant::now();
		*stage = Stage::Failed;
		*stage = Stage::Ready(runtime.block_on(W::start()).context("before the first promise")?);
		println!("(network prepared in {:.0?})", begun.elapsed());
	}
	let Stage::Ready(world) = stage else { bail!("the network could not be prepared") };
	let begun = Instant::now();
	let kept = catch_unwind(AssertUnwindSafe(|| {
		runtime.block_on(async {
			(promise.keep)(world).await?;
			invariants::check(world.network()).await
		})
	}));
	if !matches!(kept, Ok(Ok(()))) {
		world.network().print_logs();
		world.network().keep_files();
	}
	match kept {
		Ok(kept) => {
			println!("({:.0?})", begun.elapsed());
			kept
		},
		Err(panic) => resume_unwind(panic),
	}
}
