//! Burn-rate tiers over several windows, after the SRE workbook, chapter 5.
//!
//! A tier fires while the burn rate is at or above its threshold over its long *and* its short look-back; there is no
//! "for" duration, which would let short spikes go unseen for ever. With too little data it is frozen, not resolved.

use crate::budget::Budget;
use crate::coverage::Coverage;
use crate::ratio::{ONE, Target};
use crate::slice::{Bounds, Sum};
use crate::status::AlertState;

/// A burn-rate threshold over a long look-back and one of a twelfth of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// The threshold in tenths: 144 is 14.4 times the neutral rate.
    pub threshold_tenths: u32,
    /// Length of the long look-back.
    pub long_seconds: u32,
}

/// The tiers of an SLO that declares none: 2 %, 5 %, 10 % and 10 % of a 30-day budget.
pub const DEFAULT_TIERS: [Tier; 4] = [
    Tier { threshold_tenths: 144, long_seconds: 3_600 },
    Tier { threshold_tenths: 60, long_seconds: 21_600 },
    Tier { threshold_tenths: 30, long_seconds: 86_400 },
    Tier { threshold_tenths: 10, long_seconds: 259_200 },
];

/// How many short look-backs make a long one.
const SHORT_PARTS: u32 = 12;

/// The look-back whose spending says when the budget will be gone.
pub const EXHAUSTION_SECONDS: u32 = 21_600;

impl Tier {
    /// Length of the short look-back.
    pub const fn short_seconds(self) -> u32 {
        self.long_seconds / SHORT_PARTS
    }

    /// Name for people and scripts, e.g. `14.4x over 1 h`.
    pub fn name(self) -> String {
        let (whole, tenth) = (self.threshold_tenths / 10, self.threshold_tenths % 10);
        let hours = self.long_seconds / 3_600;
        if tenth == 0 {
            format!("{whole}x over {hours} h")
        } else {
            format!("{whole}.{tenth}x over {hours} h")
        }
    }

    /// Whether the threshold can be reached at all: nothing burns faster than 1 / (1 - target), when all is bad.
    /// A target of 1 has no burn rate.
    pub fn can_fire(self, target: Target) -> bool {
        !target.is_zero_tolerance()
            && i128::from(self.threshold_tenths) * i128::from(target.budget_parts()) <= 10 * ONE
    }

    /// What the tier says about the sums of its two look-backs.
    pub fn judge(self, target: Target, floor: Target, long: &LookBack, short: &LookBack) -> AlertState {
        if long.is_thin(floor) || short.is_thin(floor) {
            AlertState::Frozen
        } else if [long, short].iter().all(|past| past.budget(target).burns_at_least(self.threshold_tenths)) {
            AlertState::Firing
        } else {
            AlertState::Ok
        }
    }
}

/// What was measured over a look-back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookBack {
    /// Length.
    pub seconds: u32,
    /// Where it lies.
    pub bounds: Bounds,
    /// What was measured in it.
    pub sum: Sum,
}

impl LookBack {
    /// Its events against a target; `Budget::consumed` of it is the burn rate.
    pub fn budget(&self, target: Target) -> Budget {
        Budget { bad: self.sum.bad(), total: self.sum.total, target }
    }

    /// Its coverage; none if nothing was measured.
    pub fn coverage(&self) -> Option<Coverage> {
        Coverage::of(&self.sum, self.bounds)
    }

    /// Whether too little was measured for a verdict.
    pub fn is_thin(&self, floor: Target) -> bool {
        self.coverage().is_none_or(|coverage| coverage.is_below(floor))
    }
}

/// The default tiers that a target leaves reachable, fastest first; none for a target of 1.
pub fn tiers(target: Target) -> Vec<Tier> {
    DEFAULT_TIERS.into_iter().filter(|tier| tier.can_fire(target)).collect()
}

/// The default tiers that can never fire for a target, for a warning; none for a target of 1, which has no rates.
pub fn unreachable_tiers(target: Target) -> Vec<Tier> {
    let reachable = |tier: &Tier| target.is_zero_tolerance() || tier.can_fire(target);
    DEFAULT_TIERS.into_iter().filter(|tier| !reachable(tier)).collect()
}

/// The distinct look-backs of the tiers of a target, shortest first; of all default tiers for a target of 1.
pub fn look_backs(target: Target) -> Vec<u32> {
    let used = if target.is_zero_tolerance() { DEFAULT_TIERS.to_vec() } else { tiers(target) };
    let mut seconds: Vec<u32> =
        used.iter().flat_map(|tier| [tier.short_seconds(), tier.long_seconds]).collect();
    seconds.push(EXHAUSTION_SECONDS);
    seconds.sort_unstable();
    seconds.dedup();
    seconds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(percent: &str) -> Target {
        Target::parse_percent(percent).unwrap()
    }

    #[test]
    fn tiers_beyond_a_total_outage_are_left_out() {
        assert_eq!(tiers(target("99.9")), DEFAULT_TIERS);
        assert_eq!(unreachable_tiers(target("90")), DEFAULT_TIERS[..1]);
        // 1 / (1 - 0.8333333334) is just above 6, 1 / (1 - 0.8333333333) just below.
        assert_eq!(tiers(target("83.3333334")).len(), 3);
        assert_eq!(tiers(target("83.3333333")).len(), 2);
        assert_eq!(tiers(target("0.0000001")).len(), 1);
        assert!(tiers(target("100")).is_empty() && unreachable_tiers(target("100")).is_empty());
    }

    #[test]
    fn look_backs_are_the_tiers_own_and_six_hours() {
        assert_eq!(look_backs(target("99.9")), [300, 1_800, 3_600, 7_200, 21_600, 86_400, 259_200]);
        assert_eq!(look_backs(target("100")), look_backs(target("99.9")));
        assert_eq!(look_backs(target("10")), [21_600, 259_200]);
    }

    #[test]
    fn names_are_short() {
        let names: Vec<String> = DEFAULT_TIERS.into_iter().map(Tier::name).collect();
        assert_eq!(names, ["14.4x over 1 h", "6x over 6 h", "3x over 24 h", "1x over 72 h"]);
    }
}
