//! A history is the status at the end of each step, whether from single slices or from sums of hours.

use super::*;
use crate::estate::{CalendarUnit, CalendarWindow, LocalTime};
use crate::evaluate::evaluate;
use crate::slice::Block;
use crate::testing::{coarse, sli, slice, slo};
use proptest::prelude::*;

fn bounds(from: i64, to: i64) -> Bounds {
    Bounds { from: Instant::from_unix(from), to: Instant::from_unix(to) }
}

/// Runs of slices with gaps of up to hours between them; the last slice of a run ends early.
fn slices() -> impl Strategy<Value = Vec<Block>> {
    let run = (0_i64..400, 1_i64..200, 1_u32..=60, 0_u64..=10);
    proptest::collection::vec(run, 0..6).prop_map(|runs| {
        let mut slices = Vec::new();
        let mut minute = 0;
        for (gap, length, measured, good) in runs {
            minute += gap;
            for index in 0..length {
                let seconds = if index == length - 1 { measured } else { 60 };
                slices.push(slice(minute * 60, 60, seconds, good, 10));
                minute += 1;
            }
        }
        slices
    })
}

#[test]
fn steps_are_bounded_and_the_last_is_clipped() {
    let found: Vec<Bounds> = steps(bounds(0, 150), 60).collect();
    assert_eq!(found, [bounds(0, 60), bounds(60, 120), bounds(120, 150)]);
    assert_eq!(steps(bounds(0, 150), 0).count(), 0);
    assert_eq!(steps(bounds(150, 150), 60).count(), 0);
    assert_eq!(steps(bounds(0, i64::MAX), 1).count(), MAX_HISTORY_POINTS);
    assert_eq!(steps(bounds(i64::MIN, i64::MAX), i64::MAX).count(), 1);
}

#[test]
fn no_such_objective_has_no_history() {
    let (slo, sli, none) = (slo(60, &["99"]), sli(60), Exclusions::default());
    let history =
        History { slo: &slo, sli: &sli, exclusions: &none, bounds: bounds(0, 60), step_seconds: 60 };
    assert!(history.points(1, &Series::default(), &Series::default()).is_empty());
}

#[test]
fn the_plan_of_a_month_in_days_asks_for_few_hours() {
    let month = bounds(0, 30 * 86_400);
    let (slo, sli, none) = (slo(30 * 86_400, &["99.9"]), sli(5), Exclusions::default());
    let history = History { slo: &slo, sli: &sli, exclusions: &none, bounds: month, step_seconds: 86_400 };
    let stretches = history.plan();
    // Of each day: the hour before midnight, the hours before 1 h, 2 h and 6 h before it, and of the first day those
    // of the month and of the three days before.
    assert!(crate::series::fine_hours(&stretches).len() <= 60 * 4);
    assert_eq!(
        stretches.iter().map(|stretch| stretch.from).min(),
        Some(Instant::from_unix(-29 * 86_400 - 3_600 + 1))
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    /// Of hours, for weeks, of which half a month or a week is asked about: the week before is summed exactly, too.
    #[test]
    fn every_point_of_a_running_period_is_the_status_at_its_end(
        bad in proptest::collection::vec(0_u64..12, 200..500), (odd, minutes) in (0_i64..60, 1_i64..10_000),
        (unit, zone) in (prop_oneof![Just(CalendarUnit::Week), Just(CalendarUnit::Month)], prop_oneof![Just("Asia/Kolkata"), Just("Europe/Paris")]),
        (step, interval) in (prop_oneof![Just(3_600_i64), Just(86_400), 3_600_i64..50_000], prop_oneof![Just(60_u32), Just(3_600), Just(20_000)]),
    ) {
        let start = LocalTime { year: 2024, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
        let window = Window::Calendar(CalendarWindow { count: 1, unit, start, zone: zone.into() });
        let (slo, sli) = (Slo { window, ..slo(60, &["90"]) }, sli(interval));
        // Slices of half an hour that begin at odd minutes; every twelfth pair is missing.
        let half = |(index, bad): (i64, &u64)| (*bad < 11).then(|| slice(index * 1_800 + odd * 60, 1_800, 1_800, 10 - bad.min(&10), 10 + (*bad % 3)));
        let slices: Vec<Block> = (0_i64..).zip(bad.iter().flat_map(|bad| [bad, bad])).filter_map(half).collect();
        let none = Exclusions::default();
        let end = i64::try_from(bad.len()).unwrap() * 3_600;
        let bounds = bounds(end - minutes * 60, end);
        let history = History { slo: &slo, sli: &sli, exclusions: &none, bounds, step_seconds: step };
        let single = Series::new(slices.clone());
        let points = history.points(0, &single, &single);
        let mut stretches = history.plan();
        let first = Series::new(coarse(&slices, &stretches));
        stretches.extend(history.replan(&first));
        let hours = Series::new(coarse(&slices, &stretches));
        for point in &points {
            let question = history.question(point.to);
            let budget = |series: &Series| {
                let until = question.data_until(series);
                let status = evaluate(&question, until, &plan(&question, until), |_, bounds| series.sum(bounds));
                status.objectives.into_iter().map(|objective| objective.error_budget).collect::<Vec<_>>()
            };
            prop_assert_eq!(budget(&single), budget(&hours), "at {}", point.to);
        }
        prop_assert_eq!(points, history.points(0, &hours, &hours));
    }

    #[test]
    fn every_point_is_the_status_at_its_end(
        slices in slices(),
        (from, minutes, step) in (-500_i64..1_500, 1_i64..600, prop_oneof![Just(60_i64), Just(300), Just(3_600), 1_i64..5_000]),
        (window, interval) in (prop_oneof![Just(60_u32), Just(3_600), Just(86_400)], prop_oneof![Just(5_u32), Just(60), Just(9_000)]),
        edits in proptest::collection::btree_set(0_i64..1_500, 0..3),
    ) {
        let (slo, mut sli) = (slo(window, &["90"]), sli(interval));
        sli.generations = edits.into_iter().map(|minute| Instant::from_unix(minute * 60)).collect();
        let none = Exclusions::default();
        let bounds = bounds(from * 60, (from + minutes) * 60);
        let history = History { slo: &slo, sli: &sli, exclusions: &none, bounds, step_seconds: step };
        let single = Series::new(slices.clone());
        let points = history.points(0, &single, &single);
        for point in &points {
            let question = history.question(point.to);
            let until = question.data_until(&single);
            let status = evaluate(&question, until, &plan(&question, until), |_, bounds| single.sum(bounds));
            prop_assert_eq!(point.state, Some(status.objectives[0].state));
            prop_assert_eq!(point.remaining_ratio, status.objectives[0].error_budget.remaining_ratio);
        }
        let mut stretches = history.plan();
        let first = Series::new(coarse(&slices, &stretches));
        stretches.extend(history.replan(&first));
        let hours = Series::new(coarse(&slices, &stretches));
        let from_hours = history.points(0, &hours, &hours);
        prop_assert_eq!(points, from_hours);
    }
}
