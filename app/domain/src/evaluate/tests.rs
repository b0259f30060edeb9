//! Laws of a status that hold for any data.

use super::*;
use crate::excluded::Exclusions;
use crate::plan::plan;
use crate::ratio::Target;
use crate::status::{AlertState, State};
use crate::testing::{sli, slo};
use proptest::prelude::*;

fn instant() -> impl Strategy<Value = Instant> {
    prop_oneof![Just(i64::MIN), Just(i64::MAX), any::<i64>(), 0_i64..10_000_000].prop_map(Instant::from_unix)
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(u64::MAX), any::<u64>(), 0_u64..1_000]
}

fn sum() -> impl Strategy<Value = Sum> {
    let instants = (proptest::option::of(instant()), proptest::option::of(instant()));
    (number(), number(), number(), number(), instants).prop_map(
        |(good, total, measured_seconds, over, (first, last))| Sum {
            good: good.min(total),
            total,
            measured_seconds,
            good_over_total: over,
            first,
            last,
        },
    )
}

fn status(slo: &Slo, at: Instant, until: Option<Instant>, window: Sum, look_back: Sum) -> SloStatus {
    let question = Question { slo, sli: &sli(60), at, closed: false, exclusions: &Exclusions::default() };
    let plan = plan(&question, until);
    let sums = |_, bounds| if bounds == plan.summed() { window } else { look_back };
    evaluate(&question, until, &plan, sums)
}

/// A full hour, all of it measured, up to 7200 s after 1970.
fn full_hour(bad: u64, total: u64) -> Sum {
    Sum {
        good: total - bad,
        total,
        measured_seconds: 3_600,
        good_over_total: 0,
        first: Some(Instant::from_unix(3_600)),
        last: Some(Instant::from_unix(7_200)),
    }
}

#[test]
fn json_has_nulls_where_nothing_is_known() {
    let slo = slo(3_600, &["99.9"]);
    let at = Instant::from_unix(7_200);
    let json = serde_json::to_value(status(&slo, at, None, Sum::default(), Sum::default())).unwrap();
    let objective = &json["objectives"][0];
    assert_eq!(objective["state"], "no_data");
    for path in [
        "/good",
        "/bad",
        "/total",
        "/sli",
        "/coverage",
        "/effective_from",
        "/raw",
        "/excluded",
        "/error_budget/consumed_ratio",
        "/error_budget/remaining_ratio",
        "/error_budget/exhausts_at",
        "/error_budget/projected",
        "/burn_rates/0/burn_rate",
        "/burn_rates/0/coverage",
        "/window/time_zone",
    ] {
        assert_eq!(objective.pointer(path), Some(&serde_json::Value::Null), "{path}");
    }
    assert_eq!(objective["window"]["kind"], "rolling");
    assert_eq!(objective["unit"], "events");
    assert_eq!(json["method"], "Occurrences");
}

#[test]
fn a_slice_measured_for_no_second_is_no_coverage() {
    let slo = slo(3_600, &["99.9"]);
    let until = Some(Instant::from_unix(7_200));
    let nothing = Sum { first: until, last: until, ..Sum::default() };
    let found = status(&slo, Instant::from_unix(7_200), until, nothing, nothing);
    assert_eq!(found.objectives[0].state_reason, "nothing measured in the window");
}

proptest! {
    #[test]
    fn nothing_panics_and_laws_hold(
        (window, look_back, at, until) in (sum(), sum(), instant(), proptest::option::of(instant())),
        (parts, floor, seconds) in (1_u32..=1_000_000_000, 1_u32..=1_000_000_000, any::<u32>()),
    ) {
        let mut slo = slo(seconds, &["50"]);
        slo.objectives[0].target = Target::from_parts(parts).unwrap();
        slo.coverage_floor = Target::from_parts(floor).unwrap();
        let found = status(&slo, at, until, window, look_back);
        let objective = &found.objectives[0];
        let sum = objective.good.zip(objective.bad).map(|(good, bad)| good.plus(bad));
        prop_assert_eq!(sum, objective.total);
        prop_assert_eq!(objective.total.is_some(), window.first.is_some());
        prop_assert!(objective.sli.is_none_or(|sli| (0.0..=1.0).contains(&sli)));
        prop_assert!(objective.coverage.is_none_or(|coverage| (0.0..=1.0).contains(&coverage)));
        let has_traffic = window.total > 0 && window.first.is_some();
        prop_assert_eq!(objective.sli.is_some(), has_traffic);
        let budget = &objective.error_budget;
        prop_assert_eq!(budget.consumed_ratio.is_some(), has_traffic && parts < 1_000_000_000);
        prop_assert_eq!(budget.consumed_ratio.is_some(), budget.remaining_ratio.is_some());
        if let (Some(consumed), Some(remaining)) = (budget.consumed_ratio, budget.remaining_ratio) {
            let scale = consumed.abs().max(1.0);
            prop_assert!(((consumed + remaining - 1.0) / scale).abs() < 1e-15);
        }
        prop_assert!(budget.exhausts_at.is_none_or(|at| at >= objective.window.to));
        prop_assert!(!crate::explain::explain(&found, 0, &slo, &sli(60)).is_empty());
    }

    #[test]
    fn states_follow_the_order_of_the_rules(bad in 0_u64..=2_000, total in 1_u64..=1_000_000) {
        let bad = bad.min(total);
        let slo = slo(3_600, &["99.9"]);
        let until = Some(Instant::from_unix(7_200));
        let sums = full_hour(bad, total);
        let found = status(&slo, Instant::from_unix(7_200), until, sums, sums);
        let objective = &found.objectives[0];
        let fires = objective.alerts.iter().any(|alert| alert.state == AlertState::Firing);
        let expected = if bad * 1_000 > total {
            State::Breached
        } else if bad * 4_000 > total * 3 || fires {
            State::AtRisk
        } else {
            State::Met
        };
        prop_assert_eq!(objective.state, expected);
        // A tier fires exactly if bad / total >= threshold / 1000, all look-backs being the same hour.
        for alert in &objective.alerts {
            let threshold = match alert.policy.as_str() {
                "14.4x over 1 h" => 144,
                "6x over 6 h" => 60,
                "3x over 24 h" => 30,
                _ => 10,
            };
            prop_assert_eq!(alert.state == AlertState::Firing, bad * 10_000 >= total * threshold);
        }
    }
}
