//! Minutes from the live stream: each event is counted once, however often it is delivered.

use charts::{BurnDown, Step};
use domain::slice::Bounds;
use domain::{HistoryPoint, Instant, ObjectiveStatus};
use proptest::prelude::*;

use crate::fixtures::{DAY, HOUR, history, point, status};

/// 2026-11-23T14:00:00Z.
fn two() -> Instant {
    Instant::from_unix(1_795_442_400)
}

fn minute(index: i64, bad: u64, total: u64) -> HistoryPoint {
    point(two() + index * 60, two() + index * 60 + 60, Some((bad, total)))
}

fn at(seconds: i64) -> ObjectiveStatus {
    status(two() + seconds, 30 * DAY, 1_000.0, Some(0.5))
}

/// Five-minute steps over the hour before 14:00 plus `seconds`, 5 bad of 100 in each.
fn burn_down(seconds: i64) -> BurnDown {
    let range = Bounds { from: two() + seconds - HOUR, to: two() + seconds };
    BurnDown::from_history(&history(range, 300, |_| Some((5, 100))), &at(seconds), 300, range)
}

/// Bad and total of the last step.
fn counted(burn_down: &BurnDown) -> (u64, u64) {
    let step = last(burn_down);
    (step.bad.floor(), step.total.floor())
}

#[expect(clippy::unwrap_used, reason = "every history here has steps")]
fn last(burn_down: &BurnDown) -> Step {
    *burn_down.steps.last().unwrap()
}

#[test]
fn the_same_minute_twice_changes_nothing() {
    let mut once = burn_down(0);
    once.push(&at(20), Some(&minute(0, 3, 40)));
    let mut twice = once.clone();
    twice.push(&at(20), Some(&minute(0, 3, 40)));
    assert_eq!(once, twice);
    assert_eq!(counted(&once), (3, 40));
}

#[test]
fn the_minute_before_may_come_once_more() {
    let mut live = burn_down(0);
    live.push(&at(50), Some(&minute(0, 3, 40)));
    live.push(&at(70), Some(&minute(1, 1, 10)));
    live.push(&at(71), Some(&minute(0, 4, 60)));
    live.push(&at(72), Some(&minute(1, 1, 12)));
    assert_eq!(counted(&live), (5, 72));
    assert_eq!(live.steps.len(), 13, "one was opened, and the oldest still reaches into the range");
}

#[test]
fn a_minute_that_was_replaced_by_less_is_taken_back() {
    let mut live = burn_down(0);
    live.push(&at(50), Some(&minute(0, 30, 40)));
    live.push(&at(55), Some(&minute(0, 2, 40)));
    assert_eq!(counted(&live), (2, 40));
}

/// History ends at 14:02:10 inside the step from 14:00 and holds part of the minute 14:02.
#[test]
fn the_first_delivery_of_a_minute_that_history_holds_is_the_baseline() {
    let mut live = burn_down(130);
    let (step, known) = (last(&live), counted(&live));
    assert_eq!((step.from, step.to), (two(), two() + 130));
    live.push(&at(132), Some(&minute(2, 2, 30)));
    assert_eq!(counted(&live), known, "nobody knows which are new");
    live.push(&at(134), Some(&minute(2, 3, 50)));
    assert_eq!(counted(&live), (known.0 + 1, known.1 + 20), "growth is");
    live.push(&at(135), Some(&minute(1, 9, 90)));
    assert_eq!(counted(&live), (known.0 + 1, known.1 + 20), "held in full by history");
    live.push(&at(181), Some(&minute(3, 4, 40)));
    assert_eq!(counted(&live), (known.0 + 5, known.1 + 60), "beyond history, all is new");
    assert_eq!(last(&live).to, two() + 240);
}

/// With steps of a minute the history itself says what it holds of the running one.
#[test]
fn minute_steps_need_no_baseline() {
    let range = Bounds { from: two() + 130 - HOUR, to: two() + 130 };
    let points = history(range, 60, |_| Some((1, 10)));
    let mut live = BurnDown::from_history(&points, &at(130), 60, range);
    live.push(&at(140), Some(&minute(2, 3, 50)));
    assert_eq!((last(&live).from, counted(&live).0, counted(&live).1), (two() + 120, 3, 50));
    live.push(&at(181), Some(&minute(3, 0, 7)));
    assert_eq!((last(&live).from, counted(&live).0, counted(&live).1), (two() + 180, 0, 7));
}

#[test]
fn window_range_and_figures_follow_the_status() {
    let mut live = burn_down(0);
    let mut status = at(600);
    status.error_budget.remaining_ratio = Some(-0.25);
    status.error_budget.total = 1_234.0;
    live.push(&status, None);
    assert_eq!(live.range, Bounds { from: two() + 600 - HOUR, to: two() + 600 });
    assert_eq!(live.window, Bounds { from: two() + 600 - 30 * DAY, to: two() + 600 });
    assert_eq!((live.remaining, live.budget), (Some(-0.25), 1_234.0));
    assert!(live.steps.iter().all(|step| step.to > live.range.from));
}

/// A calendar window ends ahead; the range grows up to the data, and begins anew with the next period.
#[test]
fn a_calendar_window_keeps_its_start() {
    let calendar = |from: i64| {
        let mut status = at(0);
        status.window.kind = "calendar".to_owned();
        (status.window.from, status.window.to) = (two() + from, two() + from + DAY);
        status
    };
    let range = Bounds { from: two() - HOUR, to: two() };
    let mut live =
        BurnDown::from_history(&history(range, 300, |_| Some((5, 100))), &calendar(-HOUR), 300, range);
    live.push(&calendar(-HOUR), Some(&minute(0, 1, 10)));
    assert_eq!(live.range, Bounds { from: two() - HOUR, to: two() + 60 });
    live.push(&calendar(60), Some(&minute(1, 1, 10)));
    assert_eq!(live.range, Bounds { from: two() + 60, to: two() + 120 });
    assert_eq!(live.steps.len(), 1);
}

#[test]
fn silence_is_a_hole_and_a_long_one_costs_nothing() {
    let mut live = burn_down(0);
    live.push(&at(31 * 60), Some(&minute(30, 1, 10)));
    let unmeasured = live.steps.iter().filter(|step| !step.measured).count();
    assert_eq!(unmeasured, 6, "{:?}", live.steps);
    assert_eq!((last(&live).from, counted(&live).0), (two() + 1_800, 1));
    assert_eq!(live.figure().overlay.matches("class=\"band\"").count(), 1);

    live.push(&at(4_000 * DAY), Some(&minute(4_000 * 1_440, 1, 10)));
    assert_eq!(live.steps.len(), 1);
    live.push(&at(4_000 * DAY), Some(&minute(3, 1, 10)));
    assert_eq!(live.steps.len(), 1, "a minute left of the figure is not shown");
}

/// A minute of which half is measured, then all; another that begins late and is never completed.
#[test]
fn measured_time_grows_with_the_minutes() {
    let covered = |index: i64, to: i64, coverage: f64| {
        let mut point = minute(index, 0, 10);
        point.to = point.from + to;
        point.coverage = Some(coverage);
        point
    };
    let mut live = burn_down(0);
    live.push(&at(40), Some(&covered(0, 40, 0.5)));
    assert_eq!((last(&live).measured_seconds, live.reading(99).coverage), (20, Some(0.5)));
    live.push(&at(60), Some(&covered(0, 60, 1.0)));
    assert_eq!((last(&live).measured_seconds, live.reading(99).coverage), (60, Some(1.0)));
    live.push(&at(150), Some(&covered(2, 30, 1.0)));
    assert_eq!(
        (last(&live).measured_seconds, live.reading(99).coverage),
        (90, Some(0.6)),
        "a minute is missing"
    );
    live.push(&at(151), Some(&covered(1, 60, 1.0)));
    assert_eq!((last(&live).measured_seconds, live.reading(99).coverage), (150, Some(1.0)), "it came late");
}

/// History ends at 14:02:10; what lies beyond is new, whatever of the minute was measured before.
#[test]
fn of_the_baseline_the_time_beyond_the_history_counts() {
    let mut live = burn_down(130);
    let mut point = minute(2, 2, 30);
    point.to = two() + 140;
    live.push(&at(140), Some(&point));
    assert_eq!((last(&live).measured_seconds, live.reading(99).coverage), (140, Some(1.0)));
}

#[test]
fn a_minute_without_measurement_opens_a_gap() {
    let mut live = burn_down(0);
    live.push(&at(60), Some(&point(two(), two() + 60, None)));
    assert_eq!((last(&live).measured, last(&live).to), (false, two() + 60));
    live.push(&at(120), Some(&minute(1, 0, 5)));
    assert_eq!((last(&live).measured, counted(&live).1), (true, 5));
}

proptest! {
    /// Deliveries in any growing steps add up to the last one.
    #[test]
    fn growing_deliveries_equal_the_final_one(
        minutes in prop::collection::vec((0_u64..50, 0_u64..500, 1_u64..6), 1..30),
        step_seconds in prop::sample::select(vec![60_i64, 300, 900]),
    ) {
        let range = Bounds { from: two() - HOUR, to: two() };
        let start = BurnDown::from_history(&history(range, step_seconds, |_| Some((5, 100))), &at(0), step_seconds, range);
        let (mut growing, mut at_once) = (start.clone(), start);
        for (index, (bad, good, deliveries)) in (0_i64..).zip(minutes) {
            let full = minute(index, bad, bad + good);
            for delivery in 1..=deliveries {
                let (bad, good) = (bad * delivery / deliveries, good * delivery / deliveries);
                growing.push(&at(index * 60 + 60), Some(&minute(index, bad, bad + good)));
            }
            at_once.push(&at(index * 60 + 60), Some(&full));
        }
        prop_assert_eq!(&growing, &at_once);
        prop_assert_eq!(growing.figure(), at_once.figure());
    }

    /// Following the stream leads to the figure that a fresh page would show.
    #[test]
    fn the_stream_leads_to_the_same_figure_as_a_fresh_page(
        counts in prop::collection::vec((0_u64..5, 5_u64..50), 120),
        loaded in 60_usize..119,
        step_minutes in prop::sample::select(vec![1_usize, 5, 15]),
    ) {
        let step_seconds = i64::try_from(step_minutes).unwrap() * 60;
        let first = two();
        let page = |minutes: usize| {
            let end = i64::try_from(minutes).unwrap() * 60;
            let range = Bounds { from: first + end - HOUR, to: first + end };
            let begin = (minutes - 60) / step_minutes * step_minutes;
            let points: Vec<_> = counts[..minutes].chunks(step_minutes).enumerate().skip(begin / step_minutes).map(|(index, chunk)| {
                let from = first + i64::try_from(index * step_minutes).unwrap() * 60;
                let to = from + i64::try_from(chunk.len()).unwrap() * 60;
                let sum = chunk.iter().fold((0, 0), |sum, (bad, total)| (sum.0 + bad, sum.1 + total));
                point(from, to, Some(sum))
            }).collect();
            BurnDown::from_history(&points, &at(end), step_seconds, range)
        };
        let mut live = page(loaded);
        for (index, (bad, total)) in counts.iter().copied().enumerate().skip(loaded) {
            let index = i64::try_from(index).unwrap();
            live.push(&at(index * 60 + 60), Some(&minute(index, bad, total)));
        }
        let fresh = page(counts.len());
        prop_assert_eq!(&live.steps, &fresh.steps);
        prop_assert_eq!(live.figure(), fresh.figure());
    }
}
