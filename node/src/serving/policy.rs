// SPDX-License-Identifier: GPL-3.0-or-later WITH Classpath-exception-2.0
//! What the operator wants to serve.

use jurat_primitives::{Version, limits::MAX_SERVED};
use jurat_runtime::AccountId;
use sp_core::crypto::Ss58Codec;
use std::str::FromStr;

use super::catalogue::Offer;

/// Options of serving.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Serving")]
pub struct ServingArgs {
	/// Serve the releases that fit this rule: fetch their files, try them, and announce with this
	/// node's session key those that run here. A rule is `all`, or conditions joined by commas, all
	/// of which must hold: `owner=SS58`, `model=NAME` or `model=NAME@MAJOR.MINOR`, `max-size=BYTES`
	/// (with `KiB`, `MiB` or `GiB`). May be given several times: one rule that fits is enough.
	/// Without it nothing is announced but by `jurat attester serve`.
	#[arg(long, value_name = "RULE")]
	pub serve: Vec<Rule>,

	/// Releases that are served at a time, oldest first.
	#[arg(long, value_name = "N", default_value_t = 64,
		value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_SERVED)))]
	pub serve_limit: u32,
}

/// Conditions that must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
	owner: Option<AccountId>,
	model: Option<(String, Option<Version>)>,
	max_size: Option<u64>,
}

impl Rule {
	/// Whether a release fits.
	pub fn fits(&self, offer: &Offer) -> bool {
		let version = offer.release.version;
		self.owner.as_ref().is_none_or(|owner| *owner == offer.owner)
			&& self.max_size.is_none_or(|most| offer.size <= most)
			&& self.model.as_ref().is_none_or(|(name, exactly)| {
				*name == offer.name && exactly.is_none_or(|exactly| exactly == version)
			})
	}
}

impl FromStr for Rule {
	type Err = String;

	fn from_str(text: &str) -> Result<Self, String> {
		let mut rule = Self::default();
		for condition in text.split(',').map(str::trim) {
			let twice = || format!("`{condition}`: the rule has such a condition already");
			match condition.split_once('=') {
				None if condition == "all" => {},
				Some(("owner", account)) => {
					let account = AccountId::from_ss58check(account)
						.map_err(|error| format!("`{account}` is no SS58 address: {error:?}"))?;
					rule.owner.replace(account).map_or(Ok(()), |_| Err(twice()))?;
				},
				Some(("model", name)) => {
					let (name, version) = match name.split_once('@') {
						Some((name, version)) => {
							let version = version.parse::<Version>();
							(
								name,
								Some(version.map_err(|error| format!("`{condition}`: {error}"))?),
							)
						},
						None => (name, None),
					};
					if name.is_empty() {
						return Err(format!("`{condition}` names no model"));
					}
					let model = (name.to_owned(), version);
					rule.model.replace(model).map_or(Ok(()), |_| Err(twice()))?;
				},
				Some(("max-size", size)) => {
					let size = bytes(size).ok_or_else(|| {
						format!("`{size}` is no size: a number, and KiB, MiB or GiB if need be")
					})?;
					rule.max_size.replace(size).map_or(Ok(()), |_| Err(twice()))?;
				},
				_ => {
					return Err(format!(
						"`{condition}` is none of `all`, `owner=…`, `model=…`, `max-size=…`"
					));
				},
			}
		}
		Ok(rule)
	}
}

fn bytes(text: &str) -> Option<u64> {
	let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];
	let (number, unit) = units
		.iter()
		.find_map(|(name, unit)| Some((text.strip_suffix(name)?, *unit)))
		.unwrap_or((text, 1));
	number.trim().parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
	use super::{super::testing::offer, *};
	use sp_keyring::Sr25519Keyring::{Alice, Bob};

	fn rule(text: &str) -> Rule {
		text.parse().unwrap()
	}

	#[test]
	fn all_conditions_of_a_rule_must_hold() {
		let offer = offer(3, "digits", 1 << 20);
		assert_eq!(offer.owner, Alice.to_account_id());
		assert!(rule("all").fits(&offer));
		assert!(rule("max-size=1MiB").fits(&offer));
		assert!(!rule("max-size=1023KiB").fits(&offer));
		assert!(rule("model=digits").fits(&offer));
		assert!(rule("model=digits@1.0").fits(&offer));
		assert!(!rule("model=digits@1.1").fits(&offer));
		assert!(!rule("model=digit").fits(&offer));
		let owned = |who: sp_keyring::Sr25519Keyring| format!("owner={}", who.to_account_id());
		assert!(rule(&owned(Alice)).fits(&offer));
		assert!(!rule(&owned(Bob)).fits(&offer));
		assert!(!rule(&format!("{}, max-size=1", owned(Alice))).fits(&offer));
		assert!(rule(&format!("{},model=digits,max-size=1GiB", owned(Alice))).fits(&offer));
	}

	#[test]
	fn what_is_no_rule_is_refused_with_the_reason() {
		for text in [
			"",
			"everything",
			"owner=",
			"owner=5x",
			"model=",
			"model=digits@",
			"model=digits@1",
			"max-size=",
			"max-size=-1",
			"max-size=1TB",
			"max-size=18446744073709551615KiB",
			"max-size=1,max-size=2",
			"model=a,model=b",
			"all,",
		] {
			assert!(text.parse::<Rule>().is_err(), "{text}");
		}
	}
}
