//! Burn-rate tiers over several windows, after the SRE workbook, chapter 5: the rules of an SLO that declares none.

use crate::estate::Slo;
use crate::ratio::{ONE, Target};
use crate::rules::{AlertRule, Condition, Severity};

/// A burn-rate threshold over a long look-back and one of a twelfth of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// In thousandths: 14,400 is 14.4 times the neutral rate.
    pub threshold_thousandths: u32,
    /// Length of the long look-back.
    pub long_seconds: u32,
    /// How urgent.
    pub severity: Severity,
}

/// The tiers of an SLO that declares none: 2 %, 5 %, 10 % and 10 % of a 30-day budget.
pub const DEFAULT_TIERS: [Tier; 4] = [
    Tier { threshold_thousandths: 14_400, long_seconds: 3_600, severity: Severity::Page },
    Tier { threshold_thousandths: 6_000, long_seconds: 21_600, severity: Severity::Page },
    Tier { threshold_thousandths: 3_000, long_seconds: 86_400, severity: Severity::Ticket },
    Tier { threshold_thousandths: 1_000, long_seconds: 259_200, severity: Severity::Ticket },
];

/// How many short look-backs make a long one.
pub const SHORT_PARTS: u32 = 12;

/// The look-back whose spending says when the budget will be gone.
pub const EXHAUSTION_SECONDS: u32 = 21_600;

impl Tier {
    /// The rule that it stands for.
    pub fn rule(self) -> AlertRule {
        let Self { threshold_thousandths, long_seconds, severity } = self;
        AlertRule {
            name: burn_name(threshold_thousandths, long_seconds),
            severity,
            condition: Condition::Burn {
                threshold_thousandths,
                long_seconds,
                short_seconds: long_seconds / SHORT_PARTS,
            },
            min_events: 0,
        }
    }
}

/// Name of a burn rule for people and scripts, e.g. `14.4x over 1 h`.
pub fn burn_name(threshold_thousandths: u32, long_seconds: u32) -> String {
    let times = format!("{}.{:03}", threshold_thousandths / 1_000, threshold_thousandths % 1_000);
    let times = times.trim_end_matches('0').trim_end_matches('.');
    if long_seconds.is_multiple_of(3_600) {
        format!("{times}x over {} h", long_seconds / 3_600)
    } else {
        format!("{times}x over {} min", long_seconds / 60)
    }
}

/// Whether a burn rate can be reached at all: nothing burns faster than 1 / (1 - target), when all is bad. A target
/// of 1 has no burn rate.
pub fn can_burn(threshold_thousandths: u32, target: Target) -> bool {
    !target.is_zero_tolerance()
        && i128::from(threshold_thousandths) * i128::from(target.budget_parts()) <= 1_000 * ONE
}

/// The rules of an SLO for a target: as declared, else the default tiers that the target leaves reachable.
pub fn rules(slo: &Slo, target: Target) -> Vec<AlertRule> {
    match &slo.rules {
        Some(declared) => declared.clone(),
        None => default_rules(target),
    }
}

/// The default tiers that a target leaves reachable, fastest first; none for a target of 1.
pub fn default_rules(target: Target) -> Vec<AlertRule> {
    let reachable = |tier: &Tier| can_burn(tier.threshold_thousandths, target);
    DEFAULT_TIERS.into_iter().filter(reachable).map(Tier::rule).collect()
}

/// The default tiers that can never fire for a target, for a warning; none for a target of 1, which has no rates.
pub fn unreachable_tiers(target: Target) -> Vec<Tier> {
    let reachable = |tier: &Tier| target.is_zero_tolerance() || can_burn(tier.threshold_thousandths, target);
    DEFAULT_TIERS.into_iter().filter(|tier| !reachable(tier)).collect()
}

/// The distinct look-backs of the rules for a target, shortest first, and six hours for exhaustion; of all default
/// tiers for a target of 1 without declared rules.
pub fn look_backs(slo: &Slo, target: Target) -> Vec<u32> {
    let conditions: Vec<Condition> = match &slo.rules {
        Some(declared) => declared.iter().map(|rule| rule.condition).collect(),
        None => DEFAULT_TIERS
            .into_iter()
            .filter(|tier| target.is_zero_tolerance() || can_burn(tier.threshold_thousandths, target))
            .map(|tier| Condition::Burn {
                threshold_thousandths: tier.threshold_thousandths,
                long_seconds: tier.long_seconds,
                short_seconds: tier.long_seconds / SHORT_PARTS,
            })
            .collect(),
    };
    let mut seconds: Vec<u32> = conditions.into_iter().flat_map(Condition::look_backs).collect();
    seconds.push(EXHAUSTION_SECONDS);
    seconds.sort_unstable();
    seconds.dedup();
    seconds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::slo;

    fn target(percent: &str) -> Target {
        Target::parse_percent(percent).unwrap()
    }

    #[test]
    fn tiers_beyond_a_total_outage_are_left_out() {
        assert_eq!(default_rules(target("99.9")).len(), 4);
        assert_eq!(unreachable_tiers(target("90")), DEFAULT_TIERS[..1]);
        // 1 / (1 - 0.8333333334) is just above 6, 1 / (1 - 0.8333333333) just below.
        assert_eq!(default_rules(target("83.3333334")).len(), 3);
        assert_eq!(default_rules(target("83.3333333")).len(), 2);
        assert_eq!(default_rules(target("0.0000001")).len(), 1);
        assert!(default_rules(target("100")).is_empty() && unreachable_tiers(target("100")).is_empty());
    }

    #[test]
    fn look_backs_are_the_tiers_own_and_six_hours() {
        let of = |percent: &str| look_backs(&slo(3_600, &[percent]), target(percent));
        assert_eq!(of("99.9"), [300, 1_800, 3_600, 7_200, 21_600, 86_400, 259_200]);
        assert_eq!(of("100"), of("99.9"));
        assert_eq!(of("10"), [21_600, 259_200]);
    }

    #[test]
    fn names_are_short() {
        let names: Vec<String> = DEFAULT_TIERS.into_iter().map(|tier| tier.rule().name).collect();
        assert_eq!(names, ["14.4x over 1 h", "6x over 6 h", "3x over 24 h", "1x over 72 h"]);
        assert_eq!(burn_name(13_440, 5_400), "13.44x over 90 min");
    }
}
