// SPDX-License-Identifier: Apache-2.0
//! What panels, penalties and reputation are worth against validators that lie.
//!
//! Panels are drawn by [`pallet_attestation::weighted_draw`] and judged by
//! [`pallet_inference::agreement`], the functions that the runtime calls; everything around them
//! (who lies, what it costs) is modelled here. Where a closed form exists it is computed too
//! ([`exact`]), and a test holds the two against each other.
//!
//! The tables of `docs/security.md` and `docs/security.svg` come from here. A test fails if the
//! committed ones are not what this crate gives; `jurat-simulation --write` writes them.

pub mod cheating;
pub mod exact;
pub mod income;
pub mod page;
pub mod plot;
pub mod rules;
pub mod sampling;
pub mod tables;

/// Seed of the committed page.
pub const SEED: u64 = 1;
/// Panels sampled for each case of the committed page.
pub const SAMPLES: u32 = 10_000;

/// Attesters that serve the release, unless a table says otherwise: as many as a release can have.
pub const ATTESTERS: usize = 100;
/// Sizes of panels. Thresholds are the default ones.
pub const PANELS: [u8; 6] = [1, 3, 5, 7, 9, 15];
/// Shares of stake that lie, in percent: the rows of most tables.
pub const SHARES: [usize; 12] = [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60];
/// Three shares, in percent, for tables with more columns: some, many, and as many as a
/// proof-of-stake chain survives.
pub const FEW_SHARES: [usize; 3] = [10, 20, 33];
/// Shares of honest members that are silent, in percent.
pub const SILENT: [usize; 4] = [0, 1, 5, 10];
/// Numbers of attesters in the table about small pools.
pub const POOLS: [usize; 4] = [10, 20, 50, 100];
/// Exponent of the skewed distribution: the stake of the r-th largest is proportional to
/// 1 / r^ZIPF.
pub const ZIPF: i32 = 1;
/// Stake of the largest validator of the skewed distribution, in units of the draw.
pub const LARGEST_STAKE: u128 = 1_000_000_000_000;

/// Penalty for `Divergent`, of the attestation bond.
pub const DIVERGENT: f64 = 0.05;
/// Penalty for a `NoShow` that is not the first of its day, of the attestation bond.
pub const NO_SHOW: f64 = 0.001;
/// `NoShow`s of a day that are only a warning.
pub const WARNINGS: u32 = 1;
/// What penalties of one day take from a bond at most.
pub const DAILY_CAP: f64 = 0.20;
/// Least bond with which an attester is drawn, in JUR.
pub const MIN_BOND: f64 = 1_000.0;
/// Attestation bonds, in JUR.
pub const BONDS: [f64; 2] = [1_000.0, 10_000.0];
/// What one agreeing attester earns for one answer, in JUR: the example of `docs/protocol.md`.
pub const FEE: f64 = 0.001_224_3;

/// Requests of a day in the table about careers of liars.
pub const REQUESTS_PER_DAY: u32 = 1_000;
/// Sessions of a day: of 200 blocks of 3 seconds.
pub const SESSIONS_PER_DAY: u32 = 144;
/// Days after which a career is looked at, if it has not ended before.
pub const CAREER_DAYS: u32 = 30;
/// Careers that are played for each row.
pub const CAREERS: u32 = 10;
/// Sizes of panels in the table about careers.
pub const CAREER_PANELS: [u8; 4] = [3, 5, 7, 15];
/// Shares of stake that lie in the table about careers, in percent.
pub const CAREER_SHARES: [usize; 2] = [20, 33];

/// Requests of one session in the table about careful liars.
pub const REQUESTS_PER_SESSION: [u32; 3] = [7, 70, 700];
/// Sessions that are played for each of its cells.
pub const SESSIONS: u32 = 30;

/// Availability of honest nodes.
pub const AVAILABILITY: [f64; 2] = [0.99, 0.999];
/// Jobs of a day for one attester.
pub const JOBS_PER_DAY: [u32; 3] = [10, 100, 1_000];
/// Lengths of an outage, in hours.
pub const OUTAGES: [u32; 3] = [1, 6, 24];

/// Size of the panel to which a panel of this size escalates.
pub fn escalated(size: u8) -> u8 {
	(2 * size + 1).min(jurat_primitives::limits::MAX_PANEL as u8)
}
/// Shares of honest members of a second panel that repeat what most of the first panel said,
/// in percent.
pub const COPYING: [usize; 3] = [0, 50, 100];

/// Weight in the draw of a whole stake with this reputation: 1/4 + 3/4 × reputation.
pub fn reputation_weight(reputation: f64) -> f64 {
	0.25 + 0.75 * reputation
}
/// Reputation of a new attester.
pub const NEW_REPUTATION: f64 = 0.5;
/// Reputation of attesters that have long been right, in the table about reputation.
pub const GOOD_REPUTATION: f64 = 0.9;

/// Share of the staked exposure that is taken from each of k validators out of n that were
/// `Divergent` in one session: (3 (k − 1) / n)², at most all.
pub fn correlated_slash(offenders: usize, validators: usize) -> f64 {
	let ratio = 3.0 * offenders.saturating_sub(1) as f64 / validators as f64;
	(ratio * ratio).min(1.0)
}
/// Share of the staked exposure that is taken for an equivocation, before correlation.
pub const EQUIVOCATION: f64 = 0.10;
/// The same with correlation: 10 % + (3 (k − 1) / n)², at most all.
pub fn equivocation_slash(offenders: usize, validators: usize) -> f64 {
	if offenders == 0 {
		return 0.0;
	}
	(EQUIVOCATION + correlated_slash(offenders, validators)).min(1.0)
}
/// Numbers of validators in the table about correlation.
pub const VALIDATORS: [usize; 4] = [4, 20, 100, 300];
