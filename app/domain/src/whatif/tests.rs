//! A proposal says what the engine would say after the change, and counts alerts as people would get them.

use super::*;
use crate::estate::{
    CalendarUnit, CalendarWindow, LocalTime, Method, Objective, PastTarget, SliceRule, Window,
};
use crate::evaluate::evaluate;
use crate::slice::Block;
use crate::testing::{coarse, sli, slice, slo};
use proptest::prelude::*;

const DAY: i64 = 86_400;

fn target(percent: &str) -> Target {
    Target::parse_percent(percent).unwrap()
}

/// Minutes from 0 on, each of 100 events of which so many are bad; `None` was not measured.
fn minutes(bad: impl Iterator<Item = Option<u64>>) -> Vec<Block> {
    (0_i64..).zip(bad).filter_map(|(minute, bad)| Some(slice(minute * 60, 60, 60, 100 - bad?, 100))).collect()
}

fn look_back(at: i64, seconds: i64, step: i64) -> LookBack {
    LookBack::new(Instant::from_unix(at), seconds, step).unwrap()
}

/// Both sides on single slices, without exclusions.
fn what_if(slo: &Slo, change: &Change, look_back: LookBack, slices: &[Block]) -> Result<WhatIf, ChangeError> {
    let comparison = Comparison::new(slo, 0, change, look_back)?;
    let (raw, sli, none) = (Series::new(slices.to_vec()), sli(60), Exclusions::default());
    let until = look_back.bounds().to;
    let shown = |side: &Side| Series::new(side.lens().unwrap().derive(slices, None, until, &sli.generations));
    let (before, after) = (shown(&comparison.before), shown(&comparison.after));
    comparison.judge(
        &Evidence { sli: &sli, exclusions: &none, series: &before, slices: &raw },
        &Evidence { sli: &sli, exclusions: &none, series: &after, slices: &raw },
    )
}

fn rule<'a>(outlook: &'a Outlook, policy: &str) -> &'a crate::proposal::RuleActivity {
    outlook.rules.iter().find(|rule| rule.policy == policy).unwrap()
}

/// Four days; two outages of ten minutes each on the last one, at its first and seventh hour.
fn two_outages() -> Vec<Block> {
    let bad = |minute: i64| {
        let of_day = minute - 3 * 1_440;
        Some(if (60..70).contains(&of_day) || (420..430).contains(&of_day) { 100 } else { 0 })
    };
    minutes((0..4 * 1_440).map(bad))
}

#[test]
fn a_stricter_target_fires_more_often() {
    let slo = slo(30 * 86_400, &["90"]);
    let change = Change { target: Some(target("99.9")), ..Change::default() };
    let found = what_if(&slo, &change, look_back(4 * DAY, DAY, 60), &two_outages()).unwrap();
    let WhatIf { before, after, .. } = found;
    // At 90 % an hour with ten bad minutes burns at 1.7x: nothing fires, and the first tier is out of reach.
    assert!(before.rules.iter().all(|rule| rule.firings == 0 && rule.firing_seconds == 0));
    assert_eq!((before.unreachable, before.rules.len()), (vec!["14.4x over 1 h".to_owned()], 3));
    assert_eq!((before.status.state, before.breached_steps), (State::Met, 0));
    // At 99.9 % the first minute of an outage is 16.7x over the hour, and one bad minute of the last five is 200x: it
    // fires for ten minutes, and for four more.
    let fast = rule(&after, "14.4x over 1 h");
    assert_eq!((fast.firings, fast.was_firing, fast.firing_seconds), (2, false, 2 * 14 * 60));
    assert_eq!((after.steps, after.judged_steps), (1_440, 1_440));
    // 20 of 5,760 minutes bad are 3.5 budgets.
    assert_eq!(after.status.state, State::Breached);
    let breached = after.states.iter().find(|time| time.state == State::Breached).unwrap().seconds;
    assert_eq!(i64::from(after.breached_steps) * 60, breached);
    assert_eq!(after.states.iter().map(|time| time.seconds).sum::<i64>(), DAY);
    assert_eq!(after.breached_share, ratio(after.breached_steps.into(), 1_440));
    assert_eq!(after.unreachable, Vec::<String>::new());
}

#[test]
fn what_fired_before_the_range_is_no_new_firing() {
    let change = Change { target: Some(target("99.9")), ..Change::default() };
    // The range begins in the middle of the second outage.
    let at = 3 * DAY + 425 * 60;
    let found =
        what_if(&slo(30 * 86_400, &["90"]), &change, look_back(at + 3_600, 3_600, 60), &two_outages());
    let after = found.unwrap().after;
    let fast = rule(&after, "14.4x over 1 h");
    assert_eq!((fast.firings, fast.was_firing, fast.firing_seconds), (0, true, 9 * 60));
    let slow = rule(&after, "6x over 6 h");
    assert!(slow.suppressed_seconds > 0 && slow.suppressed_seconds <= fast.firing_seconds, "{slow:?}");
}

#[test]
fn frozen_in_between_is_one_firing() {
    // An hour of good, an outage, then nothing for half an hour, and the outage goes on.
    let bad = |minute: i64| match minute {
        0..600 => Some(0),
        640..670 => None,
        _ => Some(100),
    };
    let slices = minutes((0..700).map(bad));
    let found =
        what_if(&slo(86_400, &["99"]), &Change::default(), look_back(700 * 60, 100 * 60, 60), &slices);
    let WhatIf { before, after, .. } = found.unwrap();
    let fast = rule(&before, "14.4x over 1 h");
    assert_eq!(fast.firings, 1);
    assert!(fast.frozen_seconds > 0 && fast.firing_seconds + fast.frozen_seconds <= 6_000, "{fast:?}");
    // Silence of more than two minutes is no data, and neither breached nor met.
    assert!(before.judged_steps < before.steps);
    assert_eq!(before, after, "nothing was changed");
}

#[test]
fn slices_and_windows_can_be_changed() {
    let slo = slo(30 * 86_400, &["99"]);
    let hour = look_back(4 * DAY, 3_600, 300);
    let slices = Change {
        method: Some(Method::Timeslices),
        slice_seconds: Some(300),
        slice_target: Some(target("50")),
        ..Change::default()
    };
    let after = what_if(&slo, &slices, hour, &two_outages()).unwrap().after;
    // Twenty bad minutes are four bad slices of five minutes, out of 1,152.
    let count = |count: Option<crate::Count>| count.unwrap().floor();
    assert_eq!((count(after.status.bad), count(after.status.total)), (4, 1_152));
    assert_eq!(
        (after.slice_seconds, after.slice_target, after.method),
        (Some(300), Some(target("50")), Method::Timeslices)
    );
    let rolling = Change { window: Some(Window::Rolling { seconds: 43_200 }), ..Change::default() };
    let after = what_if(&slo, &rolling, hour, &two_outages()).unwrap().after;
    assert_eq!(
        (count(after.status.bad), count(after.status.total), after.status.state),
        (0, 72_000, State::Met)
    );
    assert_eq!(after.window, "the last 12 h");
    let start = LocalTime { year: 2024, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
    let day = CalendarWindow { count: 1, unit: CalendarUnit::Day, start, zone: "UTC".into() };
    let calendar = Change { window: Some(Window::Calendar(day)), ..Change::default() };
    let after = what_if(&slo, &calendar, look_back(4 * DAY - 60, 3_600, 300), &two_outages()).unwrap().after;
    assert_eq!((count(after.status.bad), count(after.status.total)), (2_000, 143_900));
    assert!(after.status.error_budget.projected.is_some());
}

#[test]
fn impossible_changes_are_refused() {
    let slo = slo(86_400, &["99"]);
    let refused = |change: Change| change.apply(&slo).unwrap_err();
    let timeslices = Change { method: Some(Method::Timeslices), ..Change::default() };
    let rolling = |seconds| Change { window: Some(Window::Rolling { seconds }), ..timeslices.clone() };
    assert_eq!(refused(Change { slice_seconds: Some(60), ..Change::default() }), ChangeError::NoSlices);
    assert_eq!(
        refused(Change { slice_target: Some(target("9")), ..Change::default() }),
        ChangeError::NoSlices
    );
    let ratios = Change {
        method: Some(Method::RatioTimeslices),
        slice_target: Some(target("9")),
        ..Change::default()
    };
    assert_eq!(refused(ratios), ChangeError::NoSliceTarget);
    for seconds in [0, 59, 61, 7_200, u32::MAX] {
        let change = Change { slice_seconds: Some(seconds), ..timeslices.clone() };
        assert_eq!(refused(change), ChangeError::SliceSeconds(seconds));
    }
    let below = ChangeError::WindowBelowSlice { window_seconds: 600, slice_seconds: 900 };
    assert_eq!(refused(Change { slice_seconds: Some(900), ..rolling(600) }), below);
    assert_eq!(refused(rolling(0)), ChangeError::WindowSeconds(0));
    assert_eq!(refused(rolling(90)), ChangeError::WindowSeconds(90));
    assert_eq!(refused(rolling(401 * 86_400)), ChangeError::WindowTooLong);
    let start = LocalTime { year: 2024, month: 2, day: 30, hour: 0, minute: 0, second: 0 };
    let calendar = |count, zone: &str, day| {
        let start = LocalTime { day, ..start };
        let window = CalendarWindow { count, unit: CalendarUnit::Month, start, zone: zone.into() };
        refused(Change { window: Some(Window::Calendar(window)), ..Change::default() })
    };
    assert!(matches!(calendar(1, "Atlantis", 1), ChangeError::Calendar(_)));
    assert!(matches!(calendar(1, "UTC", 30), ChangeError::Calendar(_)));
    assert!(matches!(calendar(0, "UTC", 1), ChangeError::Calendar(_)));
    assert_eq!(calendar(13, "UTC", 1), ChangeError::WindowTooLong);
    let at = Instant::from_unix(0);
    assert_eq!(LookBack::new(at, 3_600, 59), Err(ChangeError::StepTooShort(59)));
    assert_eq!(LookBack::new(at, i64::MAX, 60), Err(ChangeError::TooManySteps(i64::MAX / 60)));
    assert_eq!(LookBack::new(at, 28 * DAY, 300), Ok(LookBack::four_weeks(at)));
    let none = Comparison::new(&slo, 1, &Change::default(), LookBack::four_weeks(at));
    assert_eq!(none.unwrap_err(), ChangeError::NoSuchObjective);
}

#[test]
fn past_targets_yield_to_another_one() {
    let mut slo = slo(86_400, &["99"]);
    let until = Instant::from_unix(0);
    slo.objectives[0].past_targets = vec![PastTarget { until, target: target("90") }];
    let kept = Change::default().apply(&slo).unwrap();
    assert_eq!(kept, slo);
    let changed = Change { target: Some(target("99")), ..Change::default() }.apply(&slo).unwrap();
    assert_eq!(changed.objectives, [Objective::new("99", target("99"))]);
    // A slice threshold that is not named is the declared one, else the target.
    let sliced = Change { method: Some(Method::Timeslices), target: Some(target("95")), ..Change::default() };
    assert_eq!(
        sliced.apply(&slo).unwrap().objectives[0].slices,
        Some(SliceRule { seconds: 60, target: Some(target("95")) })
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// The sides are what the engine says of an SLO that is declared so, on single slices and on sums of hours alike.
    #[test]
    fn a_side_is_the_status_of_an_slo_declared_so(
        runs in proptest::collection::vec((0_i64..90, 1_i64..200, 0_u64..=10), 1..6),
        parts in 800_000_000_u32..1_000_000_000, window in prop_oneof![Just(3_600_u32), Just(86_400)],
        step in prop_oneof![Just(60_i64), Just(300), Just(3_600)], end in 300_i64..1_200,
    ) {
        let mut slices = Vec::new();
        let mut minute = 0;
        for (gap, length, bad) in runs {
            minute += gap;
            slices.extend((minute..minute + length).map(|minute| slice(minute * 60, 60, 60, 10 - bad, 10)));
            minute += length;
        }
        let change = Change { target: Target::from_parts(parts), window: Some(Window::Rolling { seconds: window }), ..Change::default() };
        let look_back = look_back(end * 60, 5 * 3_600, step);
        let comparison = Comparison::new(&slo(7_200, &["99"]), 0, &change, look_back).unwrap();
        let (sli, none) = (sli(60), Exclusions::default());
        let single = Series::new(slices.clone());
        let after = &comparison.after;
        let of = |series: &Series| {
            after.outlook(look_back, &Evidence { sli: &sli, exclusions: &none, series, slices: &single }).unwrap()
        };
        let found = of(&single);
        let mut declared = slo(window, &["99"]);
        declared.objectives[0].target = Target::from_parts(parts).unwrap();
        let at = look_back.bounds().to;
        let question = Question { slo: &declared, sli: &sli, at, closed: false, exclusions: &none };
        let until = single.data_until(at);
        let status = evaluate(&question, until, &plan(&question, until), |_, bounds| single.sum(bounds));
        prop_assert_eq!(&found.status, &status.objectives[0]);
        let history = History { slo: &declared, sli: &sli, exclusions: &none, bounds: look_back.bounds(), step_seconds: step };
        let points = history.points(0, &single, &single);
        let breached = points.iter().filter(|point| point.state == Some(State::Breached)).count();
        prop_assert_eq!(usize::try_from(found.breached_steps).unwrap(), breached);
        let firing = history.firing(0, &single, &single);
        for rule in &found.rules {
            let steps = firing.iter().filter(|(_, names)| names.contains(&rule.policy)).count();
            prop_assert_eq!(rule.firing_seconds, i64::try_from(steps).unwrap() * step);
        }
        let mut stretches = after.plan(look_back, &sli, &none);
        let first = Series::new(coarse(&slices, &stretches));
        stretches.extend(after.replan(look_back, &sli, &none, &first));
        prop_assert_eq!(&of(&Series::new(coarse(&slices, &stretches))), &found);
    }
}
