//! The error budget of a number of events: what a target tolerates, what is spent, what is left.
//!
//! Signed and never clamped. All comparisons are exact, in parts per 10^9 of an event; floats only come out.

use crate::ratio::{ONE, Target, ratio};

/// Bad events out of all, against a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Bad events.
    pub bad: u64,
    /// All events.
    pub total: u64,
    /// The target.
    pub target: Target,
}

impl Budget {
    /// Allowed bad events in parts per 10^9.
    fn allowed(self) -> i128 {
        i128::from(self.total) * i128::from(self.target.budget_parts())
    }

    /// Spent bad events in parts per 10^9.
    fn spent(self) -> i128 {
        i128::from(self.bad) * ONE
    }

    /// Bad events allowed: total x (1 - target).
    pub fn allowed_events(self) -> f64 {
        ratio(self.allowed(), ONE).unwrap_or(0.0)
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
        let left = (self.allowed() - self.spent()).checked_mul(i128::from(window_seconds))?;
        i64::try_from(left.div_euclid(i128::from(self.total) * ONE)).ok()
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
        (self.allowed() - self.spent()) * 100 < self.allowed() * i128::from(percent)
            && !self.target.is_zero_tolerance()
    }

    /// Whether it is being spent at least `tenths` / 10 times as fast as the target tolerates; never without traffic
    /// or with a target of 1.
    pub fn burns_at_least(self, tenths: u32) -> bool {
        self.allowed() > 0 && self.spent() * 10 >= self.allowed() * i128::from(tenths)
    }
}
