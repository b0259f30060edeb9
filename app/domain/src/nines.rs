//! The cost of nines: what targets allow over a window, and how soon burn rules notice.
//!
//! All of it is about a full outage at steady traffic, in whole seconds rounded against us, with T the target, W the
//! seconds of the window and B = 1 - T:
//!
//! - allowed outage: floor(W x B).
//! - survived outage: what is left of the budget. Of another target than the one that it is known of, what is left
//!   there and the difference of the two whole budgets: left + floor(W x (B' - B)), at most 1 s too little.
//! - a burn rule at threshold k over long and short look-backs fires once the bad share of both is at least k x B; the
//!   share of a look-back of w seconds is d / w after d seconds, so after d = ceil(k x B x longer look-back). If k x B
//!   is above 1 it never fires. Gone by then: d / (W x B).
//! - one failure out of n events misses the target if 1 > n x B: if n is less than ceil(1 / B).

use crate::burn;
use crate::format::{self, UNKNOWN, duration};
use crate::proposal::{CostOfNines, CostOfTarget, Remaining, TierCost};
use crate::ratio::{ONE, Target, ratio};
use crate::rules::{AlertRule, Condition};

/// The targets of a table that names none, in parts per 10^9: 90 to 99.999 %.
const DEFAULT_PARTS: [u32; 8] =
    [900_000_000, 950_000_000, 990_000_000, 995_000_000, 999_000_000, 999_500_000, 999_900_000, 999_990_000];

/// The targets of a table that names none: 90, 95, 99, 99.5, 99.9, 99.95, 99.99 and 99.999 %.
pub fn default_targets() -> Vec<Target> {
    DEFAULT_PARTS.into_iter().filter_map(Target::from_parts).collect()
}

/// What targets cost over a window of so many seconds (less than 0 counts as 0), with the default burn tiers.
///
/// The length is that of a rolling window, or of one calendar period from bound to bound (28 to 31 days, 23 hours),
/// less what exclusions remove from it. Without `remaining` nothing of the budgets is spent.
pub fn cost_of_nines(window_seconds: i64, targets: &[Target], remaining: Option<Remaining>) -> CostOfNines {
    let window_seconds = window_seconds.max(0);
    let row = |target: &Target| cost_of(window_seconds, *target, &burn::default_rules(*target), remaining);
    CostOfNines { window_seconds, window: duration(window_seconds), rows: targets.iter().map(row).collect() }
}

/// What one target costs, with the burn rules among `rules`; otherwise as `cost_of_nines`.
pub fn cost_of(
    window_seconds: i64,
    target: Target,
    rules: &[AlertRule],
    remaining: Option<Remaining>,
) -> CostOfTarget {
    let window_seconds = window_seconds.max(0);
    let allowed_seconds = budget_seconds(window_seconds, i64::from(target.budget_parts()));
    let survived_seconds = match remaining {
        None => Some(allowed_seconds),
        Some(remaining) => {
            let more = i64::from(target.budget_parts()) - i64::from(remaining.target.budget_parts());
            remaining.seconds.checked_add(budget_seconds(window_seconds, more))
        }
    };
    let events_for_one_failure = events_for_one_failure(target);
    CostOfTarget {
        target,
        target_label: format!("{target} %"),
        allowed_seconds,
        allowed: duration(allowed_seconds),
        survived_seconds,
        survived: survived_seconds.map_or_else(|| UNKNOWN.to_owned(), duration),
        tiers: rules.iter().filter_map(|rule| tier(window_seconds, target, rule)).collect(),
        events_for_one_failure,
        events: events_for_one_failure.map_or_else(|| "never".to_owned(), format::count),
    }
}

/// With fewer events than this one failure misses the target; none with a target of 1.
pub fn events_for_one_failure(target: Target) -> Option<u64> {
    let budget = u64::from(target.budget_parts());
    (budget > 0)
        .then(|| ONE.unsigned_abs())
        .and_then(|one| u64::try_from(one).ok())
        .map(|one| one.div_ceil(budget))
}

/// floor(window x parts / 10^9); both may be of either sign.
fn budget_seconds(window_seconds: i64, parts: i64) -> i64 {
    let product = i128::from(window_seconds) * i128::from(parts);
    i64::try_from(product.div_euclid(ONE)).unwrap_or(i64::MAX)
}

/// None of a rule that is about something else, or that a target puts out of reach.
fn tier(window_seconds: i64, target: Target, rule: &AlertRule) -> Option<TierCost> {
    let Condition::Burn { threshold_thousandths, long_seconds, short_seconds } = rule.condition else {
        return None;
    };
    if !burn::can_burn(threshold_thousandths, target) {
        return None;
    }
    let look_back = i128::from(long_seconds.max(short_seconds));
    let bad = i128::from(threshold_thousandths) * i128::from(target.budget_parts()) * look_back;
    let seconds = (bad + 1_000 * ONE - 1) / (1_000 * ONE);
    let consumed_ratio = ratio(seconds * ONE, i128::from(window_seconds) * i128::from(target.budget_parts()));
    let fires_after_seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    Some(TierCost {
        policy: rule.name.clone(),
        severity: rule.severity,
        fires_after_seconds,
        fires_after: duration(fires_after_seconds),
        consumed_ratio,
        consumed: format::consumed(consumed_ratio),
    })
}

#[cfg(test)]
mod tests;
