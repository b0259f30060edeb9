//! Targets as integer parts per 10^9, and ratios of integers rounded once to the nearest `f64`.
//!
//! `1 - 0.999` is 0.0010000000000000009 in `f64`; so nothing here subtracts floats. Figures are carried as integers
//! and become a float in one rounding, at the edge.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Parts that make up 1.
pub const ONE: i128 = 1_000_000_000;

/// A target between 0 (exclusive) and 1 (inclusive), kept in parts per 10^9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target(u32);

/// Why a text is no target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Not a decimal number.
    #[error("`{0}` is no decimal number such as 0.999")]
    NotANumber(String),
    /// More digits than parts per 10^9 can hold.
    #[error("`{0}` has more than 9 decimal places")]
    TooFine(String),
    /// Zero, negative or above one.
    #[error("`{0}` is not above 0 and at most 1")]
    OutOfRange(String),
}

impl Target {
    /// 0.9.
    pub(crate) const NINE_TENTHS: Self = Self(900_000_000);

    /// From parts per 10^9; none if zero or above one.
    pub const fn from_parts(parts: u32) -> Option<Self> {
        if parts == 0 || parts > 1_000_000_000 { None } else { Some(Self(parts)) }
    }

    /// Parts per 10^9.
    pub const fn parts(self) -> u32 {
        self.0
    }

    /// Parts per 10^9 that may be bad: 10^9 less the target.
    pub const fn budget_parts(self) -> u32 {
        1_000_000_000 - self.0
    }

    /// A target of 1 tolerates nothing and has no budget ratio.
    pub const fn is_zero_tolerance(self) -> bool {
        self.0 == 1_000_000_000
    }

    /// The nearest `f64`.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 1e9
    }

    /// Reads a fraction such as `0.999`, exactly.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        Self::from_scaled(text, parse_scaled(text, 9)?)
    }

    /// Reads a percentage such as `99.9`, exactly.
    pub fn parse_percent(text: &str) -> Result<Self, TargetError> {
        Self::from_scaled(text, parse_scaled(text, 7)?)
    }

    fn from_scaled(text: &str, parts: u128) -> Result<Self, TargetError> {
        u32::try_from(parts)
            .ok()
            .and_then(Self::from_parts)
            .ok_or_else(|| TargetError::OutOfRange(text.to_owned()))
    }

    /// The target in percent without trailing zeros: `99.9`.
    pub fn percent(self) -> String {
        parts_percent(self.0)
    }

    /// What may be bad, in percent without trailing zeros: `0.1`.
    pub fn budget_percent(self) -> String {
        parts_percent(self.budget_parts())
    }
}

fn parts_percent(parts: u32) -> String {
    let (whole, fraction) = (parts / 10_000_000, parts % 10_000_000);
    let text = format!("{whole}.{fraction:07}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.percent())
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_f64())
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f64::deserialize(deserializer)?;
        // A target has at most nine decimals, so nine decimals of its nearest f64 are the target itself.
        Self::parse(&format!("{value:.9}")).map_err(serde::de::Error::custom)
    }
}

/// A decimal text times 10^`places`, exactly; scientific notation is refused.
fn parse_scaled(text: &str, places: usize) -> Result<u128, TargetError> {
    let not_a_number = || TargetError::NotANumber(text.to_owned());
    let trimmed = text.trim();
    if trimmed.starts_with('-') {
        return Err(TargetError::OutOfRange(text.to_owned()));
    }
    let (whole, fraction) = trimmed.split_once('.').unwrap_or((trimmed, ""));
    let fraction = fraction.trim_end_matches('0');
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
        return Err(not_a_number());
    }
    if fraction.len() > places {
        return Err(TargetError::TooFine(text.to_owned()));
    }
    if whole.trim_start_matches('0').len() > 12 {
        return Err(TargetError::OutOfRange(text.to_owned()));
    }
    let digits = format!("{whole}{fraction:0<places$}");
    digits.parse().map_err(|_| not_a_number())
}

/// `numerator / denominator` rounded once to the nearest `f64` (ties to even); none if the denominator is 0.
///
/// Both are reduced to 64 significant bits of quotient with a sticky bit, so that the one rounding is the final one.
pub fn ratio(numerator: i128, denominator: i128) -> Option<f64> {
    if denominator == 0 {
        return None;
    }
    let negative = (numerator < 0) != (denominator < 0);
    let magnitude = divide(numerator.unsigned_abs(), denominator.unsigned_abs());
    Some(if negative && magnitude != 0.0 { -magnitude } else { magnitude })
}

fn divide(numerator: u128, denominator: u128) -> f64 {
    if numerator == 0 {
        return 0.0;
    }
    let (mut quotient, mut remainder) = (numerator / denominator, numerator % denominator);
    let mut exponent = 0_i32;
    // Long division, a bit at a time, until 64 significant bits are there: more than the 53 an f64 keeps.
    while remainder != 0 && quotient < (1 << 63) {
        let carry = remainder >= denominator - remainder;
        remainder = if carry { remainder - (denominator - remainder) } else { remainder * 2 };
        quotient = quotient * 2 + u128::from(carry);
        exponent -= 1;
    }
    if remainder != 0 {
        quotient |= 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "this is the one rounding")]
    let rounded = quotient as f64;
    // Two steps keep the power of two itself a normal number; scaling by it is exact for every ratio of two i128.
    rounded * 2.0_f64.powi(exponent / 2) * 2.0_f64.powi(exponent - exponent / 2)
}

/// Compares `a` x `b` with `c` x `d` exactly, whatever their size.
pub fn compare_products(a: u128, b: u128, c: u128, d: u128) -> std::cmp::Ordering {
    wide_product(a, b).cmp(&wide_product(c, d))
}

/// The product as its upper and lower 128 bits.
const fn wide_product(a: u128, b: u128) -> (u128, u128) {
    const LOW: u128 = u64::MAX as u128;
    let (a1, a0, b1, b0) = (a >> 64, a & LOW, b >> 64, b & LOW);
    let (low, middle, other, high) = (a0 * b0, a0 * b1, a1 * b0, a1 * b1);
    let carry = (low >> 64) + (middle & LOW) + (other & LOW);
    let upper = high + (middle >> 64) + (other >> 64) + (carry >> 64);
    (upper, (carry << 64) | (low & LOW))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn targets_are_read_exactly() {
        assert_eq!(Target::parse("0.999").unwrap().parts(), 999_000_000);
        assert_eq!(Target::parse("1").unwrap().parts(), 1_000_000_000);
        assert_eq!(Target::parse(".5").unwrap().percent(), "50");
        assert_eq!(Target::parse_percent("99.95").unwrap().parts(), 999_500_000);
        assert_eq!(Target::parse_percent("99.9").unwrap().percent(), "99.9");
        assert_eq!(Target::parse("0.9999999999"), Err(TargetError::TooFine("0.9999999999".into())));
        for out in ["0", "1.1", "-0.5", "99.9"] {
            assert_eq!(Target::parse(out), Err(TargetError::OutOfRange(out.into())), "{out}");
        }
        for bad in ["", ".", "abc", "1e-3", "0,9"] {
            assert_eq!(Target::parse(bad), Err(TargetError::NotANumber(bad.into())), "{bad}");
        }
    }

    #[test]
    fn one_less_three_nines_is_exactly_a_thousandth() {
        let target = Target::parse("0.999").unwrap();
        assert_eq!(ratio(i128::from(target.budget_parts()), ONE), Some(0.001));
        assert_eq!(ratio(1, 0), None);
        assert_eq!(ratio(-1, 2), Some(-0.5));
        assert_eq!(ratio(0, -5), Some(0.0));
    }

    #[test]
    fn products_are_compared_beyond_128_bits() {
        use std::cmp::Ordering;
        let most = u128::MAX;
        assert_eq!(compare_products(most, most, most, most - 1), Ordering::Greater);
        assert_eq!(compare_products(most, 2, 2, most), Ordering::Equal);
        assert_eq!(compare_products(1 << 100, 1 << 100, 1 << 101, 1 << 99), Ordering::Equal);
        assert_eq!(compare_products(most, 1, 1 << 64, 1 << 64), Ordering::Less);
    }

    proptest! {
        #[test]
        fn small_products_are_compared_as_integers(a: u64, b: u64, c: u64, d: u64) {
            let [a, b, c, d] = [a, b, c, d].map(u128::from);
            prop_assert_eq!(compare_products(a, b, c, d), (a * b).cmp(&(c * d)));
        }

        #[test]
        fn ratio_of_small_integers_is_ieee_division(n in -9_007_199_254_740_992_i64..9_007_199_254_740_992, d in 1_i64..9_007_199_254_740_992) {
            #[expect(clippy::cast_precision_loss, reason = "both are exact below 2^53")]
            let expected = n as f64 / d as f64;
            prop_assert_eq!(ratio(i128::from(n), i128::from(d)), Some(expected));
        }

        #[test]
        fn a_target_survives_json(parts in 1_u32..=1_000_000_000) {
            let target = Target::from_parts(parts).unwrap();
            let json = serde_json::to_string(&target).unwrap();
            prop_assert_eq!(serde_json::from_str::<Target>(&json).unwrap(), target);
        }
    }
}
