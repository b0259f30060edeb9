//! Counts kept exactly, in millionths of an event.
//!
//! Integers stay integers. A fraction is rounded to the nearest millionth (halves up) once, where the cumulative value
//! enters, and differences are taken of what was rounded: so the increases of a series add up to its last value less
//! its first, and no residue piles up, however many samples there are.

/// Millionths in one event.
pub const MILLIONTHS: u64 = 1_000_000;

/// A count of events, in millionths. Never negative; sums saturate far above what `u64` events need.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(u128);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Whole events.
    pub fn from_u64(events: u64) -> Self {
        Self(u128::from(events) * u128::from(MILLIONTHS))
    }

    /// Whole events; none if negative.
    pub fn from_i64(events: i64) -> Option<Self> {
        u64::try_from(events).ok().map(Self::from_u64)
    }

    /// The nearest millionth of `events`; none if negative, NaN, or 2^64 or more.
    pub fn from_f64(events: f64) -> Option<Self> {
        const TOO_LARGE: f64 = 18_446_744_073_709_551_616.0;
        if !(0.0..TOO_LARGE).contains(&events) {
            return None;
        }
        let bits = events.to_bits() & !(1 << 63);
        let (field, fraction) = (bits >> 52, bits & ((1 << 52) - 1));
        // events = mantissa x 2^power; mantissa x 10^6 takes 73 bits, a positive power at most 11 more.
        let mantissa = if field == 0 { fraction } else { fraction | (1 << 52) };
        let power = i64::try_from(field.max(1)).unwrap_or(0) - 1_075;
        let scaled = u128::from(mantissa) * u128::from(MILLIONTHS);
        Some(Self(match u32::try_from(power) {
            Ok(up) => scaled << up.min(11),
            Err(_) if power < -100 => 0,
            Err(_) => {
                let down = power.unsigned_abs();
                (scaled + (1 << (down - 1))) >> down
            }
        }))
    }

    /// From millionths of an event.
    pub const fn from_millionths(millionths: u128) -> Self {
        Self(millionths)
    }

    /// Millionths of an event.
    pub const fn millionths(self) -> u128 {
        self.0
    }

    /// The number of events; none if it has a fraction or does not fit.
    pub fn whole(self) -> Option<u64> {
        let unit = u128::from(MILLIONTHS);
        if self.0.is_multiple_of(unit) { u64::try_from(self.0 / unit).ok() } else { None }
    }

    /// What is left after taking `other` away; none if `other` is more.
    pub fn less(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The sum, saturating.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn whole_numbers_stay_whole_and_nothing_else_is_a_count() {
        assert_eq!(Amount::from_f64(9_223_372_036_854_777_856.0).unwrap().whole(), Some((1 << 63) + 2_048));
        assert_eq!(Amount::from_u64(u64::MAX).whole(), Some(u64::MAX));
        assert_eq!(Amount::from_f64(-0.0), Some(Amount::ZERO));
        assert_eq!(Amount::from_f64(f64::MIN_POSITIVE / 4.0), Some(Amount::ZERO));
        assert_eq!(Amount::from_f64(0.000_000_5), Some(Amount(0)), "the nearest f64 is below the half");
        assert_eq!(Amount::from_f64(0.000_000_500_000_000_1), Some(Amount(1)));
        for bad in [-1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 18_446_744_073_709_551_616.0] {
            assert_eq!(Amount::from_f64(bad), None, "{bad}");
        }
        assert_eq!(Amount::from_i64(-1), None);
        assert_eq!(Amount::from_f64(0.5).unwrap().whole(), None);
    }

    proptest! {
        #[test]
        fn decimals_with_six_places_are_exact(millionths in 0_u64..4_000_000_000_000_000) {
            let text = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
            prop_assert_eq!(Amount::from_f64(text.parse().unwrap()), Some(Amount(u128::from(millionths))));
        }

        #[test]
        fn integers_survive_f64(events in 0_u64..=(1 << 53), bits in any::<u64>()) {
            #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
            let value = events as f64;
            prop_assert_eq!(Amount::from_f64(value), Some(Amount::from_u64(events)));
            let _ = Amount::from_f64(f64::from_bits(bits));
        }
    }
}
