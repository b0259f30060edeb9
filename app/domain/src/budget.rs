//! The error budget of a number of events: what a target tolerates, what is spent, what is left.
//!
//! Signed and never clamped. All comparisons are exact, in integers; floats only come out.

use std::cmp::Ordering;

use crate::ratio::{ONE, Target, compare_products, ratio};

/// Bad events out of all, against a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Bad events, in units of `scale`.
    pub bad: u64,
    /// All events, in units of `scale`.
    pub total: u64,
    /// How many units make up one event or slice.
    pub scale: u32,
    /// The target.
    pub target: Target,
    /// What the total is multiplied with: 1, or of a running period its length over what has passed of it.
    pub stretch: Stretch,
}

/// A ratio of two lengths of time, each at least 1 s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Seconds of the whole.
    pub whole: u32,
    /// Seconds that have passed.
    pub passed: u32,
}

impl Stretch {
    /// Nothing is stretched.
    pub const NONE: Self = Self { whole: 1, passed: 1 };

    /// From lengths in seconds; none unless both are positive.
    pub fn new(whole: i64, passed: i64) -> Option<Self> {
        let seconds = |length: i64| u32::try_from(length).ok().filter(|length| *length > 0);
        Some(Self { whole: seconds(whole)?, passed: seconds(passed)? })
    }
}

impl Budget {
    /// Bad out of all, as they are.
    pub const fn new(bad: u64, total: u64, scale: u32, target: Target) -> Self {
        Self { bad, total, scale, target, stretch: Stretch::NONE }
    }

    /// The budget of a whole period at the mean traffic so far.
    #[must_use]
    pub const fn stretched(self, stretch: Stretch) -> Self {
        Self { stretch, ..self }
    }

    /// Allowed bad units in parts per 10^9 of `stretch.passed`. At most 2^64 x 10^9 x 2^32 < 2^127.
    fn allowed(self) -> i128 {
        i128::from(self.total) * i128::from(self.target.budget_parts()) * i128::from(self.stretch.whole)
    }

    /// Spent bad units in the same parts.
    fn spent(self) -> i128 {
        i128::from(self.bad) * ONE * i128::from(self.stretch.passed)
    }

    /// Bad events allowed: total x (1 - target).
    pub fn allowed_events(self) -> f64 {
        let parts = i128::from(self.stretch.passed) * i128::from(self.scale.max(1));
        ratio(self.allowed(), ONE * parts).unwrap_or(0.0)
    }

    /// bad / (total x (1 - target)); none without traffic or with a target of 1. Over a look-back: its burn rate.
    pub fn consumed(self) -> Option<f64> {
        ratio(self.spent(), self.allowed())
    }

    /// 1 - consumed, rounded from integers on its own; none as for `consumed`.
    pub fn remaining(self) -> Option<f64> {
        ratio(self.allowed() - self.spent(), self.allowed())
    }

    /// What is left as time of full outage, rounded down: remaining x (1 - target) x window; none as for `remaining`.
    pub fn remaining_seconds(self, window_seconds: i64) -> Option<i64> {
        if self.allowed() == 0 {
            return None;
        }
        let whole = i128::from(self.total).checked_mul(ONE)?.checked_mul(i128::from(self.stretch.whole))?;
        let left = self.allowed() - self.spent();
        let (wholes, rest) = (left.div_euclid(whole), left.rem_euclid(whole));
        let window = u64::try_from(window_seconds).ok()?;
        let part = share_of(rest.unsigned_abs(), window, whole.unsigned_abs());
        let seconds = wholes.checked_mul(window.into())?.checked_add(part.into())?;
        i64::try_from(seconds).ok()
    }

    /// Whether the SLI is below the target; with a target of 1, whether anything was bad.
    pub fn is_missed(self) -> bool {
        self.spent() > self.allowed()
    }

    /// Whether nothing is left: bad = allowed counts as spent.
    pub fn is_spent(self) -> bool {
        self.spent() >= self.allowed()
    }

    /// Whether less than `percent` % of the budget is left; never with a target of 1, which has no such share.
    pub fn is_below_percent(self, percent: u8) -> bool {
        if self.target.is_zero_tolerance() {
            return false;
        }
        let (left, allowed) = (self.allowed() - self.spent(), self.allowed().unsigned_abs());
        left < 0 || compare_products(left.unsigned_abs(), 100, allowed, percent.into()) == Ordering::Less
    }

    /// Whether at least `share_parts` / 10^9 of it is spent, or of a look-back: whether it burns that fast; never
    /// without traffic or with a target of 1.
    pub fn is_consumed_at_least(self, share_parts: u64) -> bool {
        let (spent, allowed) = (self.spent().unsigned_abs(), self.allowed().unsigned_abs());
        allowed > 0
            && compare_products(spent, ONE.unsigned_abs(), allowed, share_parts.into()) != Ordering::Less
    }

    /// Whether what remains is less than what remained `earlier` by at least `share_parts` / 10^9 of a budget; never
    /// if either has none. Exact as long as the totals fit 2^53.
    pub fn fell_by(self, earlier: Self, share_parts: u64) -> bool {
        let (Some(now), Some(then)) = (self.reduced(), earlier.reduced()) else { return false };
        // then.left / then.allowed - now.left / now.allowed >= share, with the denominators multiplied out.
        let difference = then
            .0
            .checked_mul(now.1)
            .zip(now.0.checked_mul(then.1))
            .and_then(|(then, now)| then.checked_sub(now));
        let (Some(difference), Some(whole)) = (difference, now.1.checked_mul(then.1)) else {
            let fall = earlier.remaining().zip(self.remaining()).map(|(then, now)| then - now);
            return fall.zip(ratio(share_parts.into(), ONE)).is_some_and(|(fall, share)| fall >= share);
        };
        difference >= 0
            && compare_products(
                difference.unsigned_abs(),
                ONE.unsigned_abs(),
                whole.unsigned_abs(),
                share_parts.into(),
            ) != Ordering::Less
    }

    /// What is left and what was allowed, without their common factors; none where there is no ratio.
    fn reduced(self) -> Option<(i128, i128)> {
        let (left, allowed) = (self.allowed() - self.spent(), self.allowed());
        if allowed == 0 {
            return None;
        }
        let (mut high, mut low) = (allowed.unsigned_abs(), left.unsigned_abs());
        while low != 0 {
            (high, low) = (low, high % low);
        }
        let divisor = i128::try_from(high).ok().filter(|divisor| *divisor > 0)?;
        Some((left / divisor, allowed / divisor))
    }
}

/// floor(`part` x `count` / `whole`) for `part` < `whole` < 2^127, bit by bit: the product may exceed 128 bits.
fn share_of(part: u128, count: u64, whole: u128) -> u64 {
    let (mut quotient, mut remainder) = (0_u64, 0_u128);
    for bit in (0..u64::BITS).rev() {
        quotient = quotient.wrapping_mul(2);
        remainder *= 2;
        if remainder >= whole {
            remainder -= whole;
            quotient = quotient.wrapping_add(1);
        }
        if count >> bit & 1 == 1 {
            remainder += part;
            if remainder >= whole {
                remainder -= whole;
                quotient = quotient.wrapping_add(1);
            }
        }
    }
    quotient
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(bad: u64, total: u64) -> Budget {
        Budget::new(bad, total, 1, Target::parse("0.999").unwrap())
    }

    #[test]
    fn a_drop_is_compared_exactly() {
        // 10 of 1,000 bad allowed by a million: 1 % each.
        let (full, later) = (budget(0, 1_000_000), budget(20, 1_000_000));
        assert!(later.fell_by(full, 20_000_000));
        assert!(!later.fell_by(full, 20_000_001));
        assert!(!full.fell_by(later, 0), "it rose");
        assert!(full.fell_by(full, 0));
        assert!(!budget(0, 0).fell_by(full, 0));
    }

    #[test]
    fn a_projection_multiplies_the_budget_not_the_spending() {
        let half = budget(1_000, 1_000_000).stretched(Stretch::new(200, 100).unwrap());
        assert_eq!((half.allowed_events(), half.consumed()), (2_000.0, Some(0.5)));
        assert_eq!(half.remaining_seconds(1_000_000), Some(500));
    }

    #[test]
    fn the_largest_counts_neither_panic_nor_wrap() {
        let most = Budget {
            stretch: Stretch { whole: u32::MAX, passed: u32::MAX },
            ..Budget::new(u64::MAX, u64::MAX, 1, Target::from_parts(1).unwrap())
        };
        assert!(most.is_missed() && most.is_consumed_at_least(1_000_000_000) && most.fell_by(most, 0));
        assert!(most.remaining().unwrap() < 0.0 && most.is_below_percent(25));
        assert_eq!(most.remaining_seconds(i64::MAX), Some(-9_223_372_037));
        assert_eq!(u128::from(share_of(6, u64::MAX, 7)), u128::from(u64::MAX) * 6 / 7);
        assert_eq!(share_of(u128::MAX / 4, 1_000, u128::MAX / 3), 749);
    }
}
