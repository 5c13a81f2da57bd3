// SPDX-License-Identifier: Apache-2.0
//! Amounts of JUR. The chain counts in planck: 10⁻¹² JUR.

use serde::{Serialize, Serializer};
use std::{fmt, str::FromStr};

/// Decimals of one JUR.
pub const DECIMALS: usize = 12;

/// Planck in one JUR.
pub const JUR: u128 = 1_000_000_000_000;

/// An amount, in planck of JUR. Reads and prints as JUR (`0.5`, `1.5 JUR`); in JSON it is a string
/// of planck, since JSON's readers lose digits of large numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount(pub u128);

/// Why a text is not an amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
	/// Not a number.
	#[error("`{0}` is not an amount: write it in JUR, such as `0.5` or `1.5 JUR`")]
	NotANumber(String),
	/// Finer than planck.
	#[error("`{0}` has more than 12 decimals: the smallest amount is 0.000000000001 JUR")]
	TooFine(String),
	/// Larger than the chain can count.
	#[error("`{0}` is more than there can be")]
	TooLarge(String),
}

impl FromStr for Amount {
	type Err = AmountError;

	fn from_str(text: &str) -> Result<Self, Self::Err> {
		let trimmed = text.trim();
		let lower = trimmed.to_ascii_lowercase();
		let number = lower.strip_suffix("jur").unwrap_or(&lower).trim_end();
		let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
		let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || b == b'_');
		let has_digit = number.bytes().any(|b| b.is_ascii_digit());
		if !has_digit || !digits(whole) || !digits(fraction) {
			return Err(AmountError::NotANumber(text.into()));
		}
		let clean = |part: &str| part.replace('_', "");
		let (whole, fraction) = (clean(whole), clean(fraction));
		let fraction = fraction.trim_end_matches('0');
		if fraction.len() > DECIMALS {
			return Err(AmountError::TooFine(text.into()));
		}
		let too_large = || AmountError::TooLarge(text.into());
		let parse = |part: &str| match part {
			"" => Ok(0u128),
			part => part.parse().map_err(|_| too_large()),
		};
		let fraction = parse(&format!("{fraction:0<DECIMALS$}"))?;
		let planck = parse(&whole)?.checked_mul(JUR).and_then(|p| p.checked_add(fraction));
		planck.map(Self).ok_or_else(too_large)
	}
}

impl fmt::Display for Amount {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		let (whole, fraction) = (self.0 / JUR, self.0 % JUR);
		let mut text = whole.to_string();
		if fraction > 0 {
			let digits = format!("{fraction:0>DECIMALS$}");
			text = format!("{text}.{}", digits.trim_end_matches('0'));
		}
		f.pad(&format!("{text} JUR"))
	}
}

impl Serialize for Amount {
	fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
		serializer.collect_str(&self.0)
	}
}

impl From<u128> for Amount {
	fn from(planck: u128) -> Self {
		Self(planck)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;

	#[test]
	fn amounts_are_read_in_jur() {
		for (text, planck) in [
			("0", 0),
			("1", JUR),
			("0.5", JUR / 2),
			("1.5 JUR", JUR * 3 / 2),
			("1.5jur", JUR * 3 / 2),
			(" 2 Jur ", 2 * JUR),
			(".25", JUR / 4),
			("3.", 3 * JUR),
			("1_000", 1000 * JUR),
			("0.000000000001", 1),
			("0.1000000000000000", JUR / 10),
			("340282366920938463463374607.431768211455", u128::MAX),
		] {
			assert_eq!(text.parse(), Ok(Amount(planck)), "{text}");
		}
	}

	#[test]
	fn what_is_no_amount_says_how_to_write_one() {
		for text in ["", ".", "JUR", "-1", "1e3", "1,5", "0x10", "1.2.3", "1 EUR", "_"] {
			let error = text.parse::<Amount>().unwrap_err();
			assert_eq!(error, AmountError::NotANumber(text.into()));
			assert!(error.to_string().contains("1.5 JUR"), "{error}");
		}
		let fine = "0.0000000000001".parse::<Amount>().unwrap_err();
		assert!(matches!(fine, AmountError::TooFine(_)));
		for text in ["340282366920938463463374607.431768211456", "9".repeat(60).as_str()] {
			assert!(matches!(text.parse::<Amount>(), Err(AmountError::TooLarge(_))), "{text}");
		}
	}

	proptest! {
		#[test]
		fn an_amount_reads_back_what_it_prints(planck: u128) {
			prop_assert_eq!(Amount(planck).to_string().parse(), Ok(Amount(planck)));
		}

		#[test]
		fn no_text_makes_the_reader_panic(text in ".{0,40}") {
			let _ = text.parse::<Amount>();
		}
	}
}
