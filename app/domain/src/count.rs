//! A count of events or slices, exact to 10^-9: slices counted by their ratio are fractions of one.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ratio::{ONE, ratio};

/// How many parts make up 1.
const PARTS: u128 = ONE.unsigned_abs();

/// A count in parts per 10^9. In JSON a whole one is an integer, any other the nearest `f64`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Count(u128);

impl Count {
    /// A whole number.
    pub const fn whole(count: u64) -> Self {
        Self(count as u128 * PARTS)
    }

    /// `units` of which `scale` make up 1.
    pub fn scaled(units: u64, scale: u32) -> Self {
        Self(u128::from(units) * PARTS / u128::from(scale.max(1)))
    }

    /// From parts per 10^9.
    pub const fn from_parts(parts: u128) -> Self {
        Self(parts)
    }

    /// Parts per 10^9.
    pub const fn parts(self) -> u128 {
        self.0
    }

    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The whole number, rounded down.
    pub fn floor(self) -> u64 {
        u64::try_from(self.0 / PARTS).unwrap_or(u64::MAX)
    }

    /// The nearest `f64`.
    pub fn as_f64(self) -> f64 {
        ratio(i128::try_from(self.0).unwrap_or(i128::MAX), ONE).unwrap_or(0.0)
    }

    /// The difference, at least 0.
    #[must_use]
    pub const fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// By how many parts per 10^9 this is more than `other`; negative if it is less.
    pub fn growth_since(self, other: Self) -> i128 {
        let parts = |count: Self| i128::try_from(count.0).unwrap_or(i128::MAX);
        parts(self) - parts(other)
    }

    /// Moved by so many parts per 10^9, at least to 0.
    #[must_use]
    pub const fn moved(self, parts: i128) -> Self {
        Self(self.0.saturating_add_signed(parts))
    }

    /// The sum.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Count {
    /// As a decimal without trailing zeros: `1440` or `1439.5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0 / PARTS, self.0 % PARTS);
        if fraction == 0 {
            return write!(f, "{whole}");
        }
        let text = format!("{whole}.{fraction:09}");
        f.write_str(text.trim_end_matches('0'))
    }
}

impl Serialize for Count {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match u64::try_from(self.0 / PARTS) {
            Ok(whole) if self.0.is_multiple_of(PARTS) => serializer.serialize_u64(whole),
            _ => serializer.serialize_f64(self.as_f64()),
        }
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CountVisitor)
    }
}

struct CountVisitor;

impl Visitor<'_> for CountVisitor {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a count that is not negative")
    }

    fn visit_u64<E: Error>(self, count: u64) -> Result<Count, E> {
        Ok(Count::whole(count))
    }

    fn visit_i64<E: Error>(self, count: i64) -> Result<Count, E> {
        u64::try_from(count).map(Count::whole).map_err(|_| E::custom("a count is not negative"))
    }

    fn visit_f64<E: Error>(self, count: f64) -> Result<Count, E> {
        if !(0.0..1e20).contains(&count) {
            return Err(E::custom("a count is not negative, and below 10^20"));
        }
        // The shortest decimal is what was written; digits beyond the ninth are rounding of the float.
        let text = format!("{count:.9}");
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
        let parts = |digits: &str| digits.parse::<u128>().map_err(|_| E::custom("no count"));
        Ok(Count(parts(whole)? * PARTS + parts(fraction)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_counts_are_integers_in_json_and_others_fractions() {
        for (count, json) in [
            (Count::whole(u64::MAX), "18446744073709551615"),
            (Count::scaled(1_439_500_000_000, 1_000_000_000), "1439.5"),
            (Count::scaled(7, 1_000), "0.007"),
        ] {
            assert_eq!(serde_json::to_string(&count).unwrap(), json);
            assert_eq!(serde_json::from_str::<Count>(json).unwrap(), count, "{json}");
        }
        for bad in ["-1", "-0.5", "1e30", "\"1\"", "null"] {
            assert!(serde_json::from_str::<Count>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn counts_read_as_decimals() {
        assert_eq!(Count::whole(1_440).to_string(), "1440");
        assert_eq!(Count::scaled(500_000_000, 1_000_000_000).to_string(), "0.5");
        assert_eq!(Count::whole(1).less(Count::whole(2)), Count::default());
    }
}
