//! The table against figures worked out by hand, and its formulas against the engine's own comparisons.

use super::*;
use crate::budget::Budget;
use crate::excluded::Exclusions;
use crate::plan::{Question, plan};
use crate::slice::Bounds;
use crate::status::AlertState;
use crate::testing::{sli, slice, slo};
use crate::time::Instant;
use crate::{Series, evaluate};
use proptest::prelude::*;

const DAY: i64 = 86_400;

fn target(percent: &str) -> Target {
    Target::parse_percent(percent).unwrap()
}

fn row(window_seconds: i64, percent: &str) -> CostOfTarget {
    cost_of(window_seconds, target(percent), &burn::default_rules(target(percent)), None)
}

#[test]
fn the_table_of_thirty_days() {
    let table = cost_of_nines(30 * DAY, &default_targets(), None);
    let found: Vec<(&str, &str, &str)> = table
        .rows
        .iter()
        .map(|row| (row.target_label.as_str(), row.allowed.as_str(), row.events.as_str()))
        .collect();
    let expected = [
        ("90 %", "3 d", "10"),
        ("95 %", "1 d 12 h", "20"),
        ("99 %", "7 h 12 min", "100"),
        ("99.5 %", "3 h 36 min", "200"),
        ("99.9 %", "43 min 12 s", "1,000"),
        ("99.95 %", "21 min 36 s", "2,000"),
        ("99.99 %", "4 min 19 s", "10,000"),
        ("99.999 %", "25 s", "100,000"),
    ];
    assert_eq!((table.window.as_str(), found.as_slice()), ("30 d", expected.as_slice()));
}

#[test]
fn a_calendar_period_has_its_own_length() {
    let allowed = |seconds: i64| row(seconds, "99.9").allowed;
    assert_eq!(
        [28, 29, 30, 31].map(|days| allowed(days * DAY)),
        ["40 min 19 s", "41 min 45 s", "43 min 12 s", "44 min 38 s"]
    );
    // Days on which the clocks change.
    assert_eq!([23, 24, 25].map(|hours| row(hours * 3_600, "99.9").allowed_seconds), [82, 86, 90]);
    assert_eq!(row(-5, "99.9").allowed_seconds, 0);
    assert_eq!(row(i64::MAX, "99.9").allowed_seconds, i64::MAX / 1_000);
}

#[test]
fn a_target_of_one_hundred_tolerates_nothing() {
    let row = row(30 * DAY, "100");
    assert_eq!((row.allowed_seconds, row.survived_seconds, row.events.as_str()), (0, Some(0), "never"));
    assert!(row.tiers.is_empty() && row.events_for_one_failure.is_none());
}

#[test]
fn tiers_fire_at_known_seconds() {
    let tiers = |percent: &str| -> Vec<(String, String)> {
        row(30 * DAY, percent).tiers.into_iter().map(|tier| (tier.fires_after, tier.consumed)).collect()
    };
    let pairs = |expected: &[(&str, &str)]| -> Vec<(String, String)> {
        expected.iter().map(|(after, consumed)| ((*after).into(), (*consumed).into())).collect()
    };
    // 14.4 x 0.001 x 3,600 s = 51.84 s; 2 % of 2,592 s are 51.84 s, and the whole second is a little more.
    let expected =
        [("52 s", "2.1 %"), ("2 min 10 s", "5.1 %"), ("4 min 20 s", "10.1 %"), ("4 min 20 s", "10.1 %")];
    assert_eq!(tiers("99.9"), pairs(&expected));
    // At 90 % nothing burns faster than 10x: the first tier is out of reach.
    assert_eq!(
        tiers("90"),
        pairs(&[("3 h 36 min", "5.0 %"), ("7 h 12 min", "10.0 %"), ("7 h 12 min", "10.0 %")])
    );
    // Over a day the tickets come after the budget is gone.
    let late: Vec<bool> = row(DAY, "99.9").tiers.iter().map(|tier| tier.consumed_ratio > Some(1.0)).collect();
    assert_eq!(late, [false, true, true, true]);
}

#[test]
fn what_is_spent_shortens_the_outage_that_is_survived() {
    let remaining = Some(Remaining { target: target("99.9"), seconds: 592 });
    let survived =
        |percent: &str| cost_of(30 * DAY, target(percent), &[], remaining).survived_seconds.unwrap();
    // 2,000 s of outage are spent: all of a budget of 1,296 s and more, a fraction of one of 12,960 s.
    assert_eq!([survived("99.9"), survived("99.95"), survived("99.5")], [592, -704, 10_960]);
    assert_eq!(cost_of(30 * DAY, target("99.95"), &[], remaining).survived, "−11 min 44 s");
    assert_eq!(survived("100"), -2_000);
}

/// The engine itself, asked second by second of an outage, on a window of three days.
#[test]
fn the_engine_fires_in_the_very_second() {
    let (slo, sli, none) = (slo(3 * 86_400, &["99"]), sli(60), Exclusions::default());
    let onset = Instant::from_unix(4 * DAY);
    // A second each: 1 of 1 good before the onset, 0 of 1 after it.
    let good = |second: i64| u64::from(second < 4 * DAY);
    let from = 4 * DAY - 3 * DAY - 60;
    let series =
        Series::new((from..4 * DAY + 2_000).map(|second| slice(second, 1, 1, good(second), 1)).collect());
    for tier in row(3 * DAY, "99").tiers.into_iter().take(2) {
        let says = |seconds: i64| {
            let at = onset + seconds;
            let question = Question { slo: &slo, sli: &sli, at, closed: false, exclusions: &none };
            let status = evaluate(&question, Some(at), &plan(&question, Some(at)), |_, bounds: Bounds| {
                series.sum(bounds)
            });
            let objective = &status.objectives[0];
            let alert = objective.alerts.iter().find(|alert| alert.policy == tier.policy).unwrap();
            (alert.state, objective.error_budget.consumed_ratio)
        };
        assert_eq!(says(tier.fires_after_seconds - 1).0, AlertState::Ok, "{}", tier.policy);
        assert_eq!(
            says(tier.fires_after_seconds),
            (AlertState::Firing, tier.consumed_ratio),
            "{}",
            tier.policy
        );
    }
}

proptest! {
    #[test]
    fn rows_are_what_budgets_say(
        window in 60_i64..400 * DAY, parts in 1_u32..1_000_000_000, bad in 0_u64..1_000_000, total in 1_000_000_u64..10_000_000,
    ) {
        let target = Target::from_parts(parts).unwrap();
        let budget = Budget::new(bad, total, 1, target);
        let seconds = budget.remaining_seconds(window).unwrap();
        let row = cost_of(window, target, &burn::default_rules(target), Some(Remaining { target, seconds }));
        prop_assert_eq!(row.survived_seconds, Some(seconds));
        prop_assert_eq!(Some(row.allowed_seconds), Budget::new(0, 1, 1, target).remaining_seconds(window));
        // Of another target: never more than is true, and at most a second less.
        let other = Target::from_parts((parts / 2).max(1)).unwrap();
        let truth = Budget { target: other, ..budget }.remaining_seconds(window).unwrap();
        let survived = cost_of(window, other, &[], Some(Remaining { target, seconds })).survived_seconds.unwrap();
        prop_assert!(survived <= truth && truth - survived <= 1, "{} {}", survived, truth);
        let events = row.events_for_one_failure.unwrap();
        prop_assert!(!Budget::new(1, events, 1, target).is_missed());
        prop_assert!(Budget::new(1, events - 1, 1, target).is_missed());
    }

    #[test]
    fn a_tier_fires_when_the_burn_rate_over_its_look_back_says_so(parts in 1_u32..1_000_000_000) {
        let target = Target::from_parts(parts).unwrap();
        for (rule, tier) in burn::default_rules(target).into_iter().zip(row(30 * DAY, &target.percent()).tiers) {
            let Condition::Burn { threshold_thousandths, long_seconds, .. } = rule.condition else { unreachable!() };
            let fires = |seconds: i64| {
                let bad = u64::try_from(seconds).unwrap();
                let budget = Budget::new(bad, long_seconds.into(), 1, target);
                budget.is_consumed_at_least(u64::from(threshold_thousandths) * 1_000_000)
            };
            prop_assert!(fires(tier.fires_after_seconds) && !fires(tier.fires_after_seconds - 1));
        }
    }
}
