//! Round places on the axes, and their labels in UTC and percent.

use domain::slice::Bounds;
use domain::{Instant, format};

use crate::figure::Tick;

/// A time axis carries at most this many labels: more run into each other at 320 px.
const X_TICKS_MAX: i64 = 7;
/// The lowest budget that the axis shows; a curve that falls further is cut, or it would flatten everything else.
pub(crate) const BOTTOM_PERCENT_MIN: i32 = -300;

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;
/// Distances between labels, shortest first; the last one serves every longer range.
const DISTANCES_SECONDS: [i64; 25] = [
    MINUTE,
    2 * MINUTE,
    3 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    20 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    4 * HOUR,
    6 * HOUR,
    8 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    3 * DAY,
    5 * DAY,
    7 * DAY,
    10 * DAY,
    15 * DAY,
    30 * DAY,
    60 * DAY,
    120 * DAY,
];

/// Labels at round times inside `range`, its end left out; none for an empty range or one of more than two years.
pub(crate) fn time_ticks(range: Bounds) -> Vec<Tick> {
    let seconds = range.to.seconds_since(range.from);
    let count = |distance: i64| {
        let first = range.from.ceil_to(distance);
        (range.to.seconds_since(first) + distance - 1).max(0) / distance
    };
    let Some(distance) = DISTANCES_SECONDS.into_iter().find(|distance| count(*distance) <= X_TICKS_MAX)
    else {
        return Vec::new();
    };
    let first = range.from.ceil_to(distance);
    let tick = |index: i64| {
        let at = first + index * distance;
        #[expect(clippy::cast_precision_loss, reason = "lengths of a range are far below 2^53")]
        let fraction = at.seconds_since(range.from) as f64 / seconds as f64;
        Tick { fraction, label: label(at, distance) }
    };
    (0..count(distance)).map(tick).collect()
}

/// The date where days are counted and at midnight, else the time of day.
fn label(at: Instant, distance: i64) -> String {
    if distance >= DAY || at.unix().rem_euclid(DAY) == 0 { format::date(at) } else { time_of_day(at) }
}

/// Hour and minute in UTC, such as `14:05`.
fn time_of_day(at: Instant) -> String {
    let civil = at.civil();
    format!("{:02}:{:02}", civil.hour, civil.minute)
}

/// The bottom of a value axis, in percent, that shows `lowest` (a ratio): 0, or a round figure below.
pub(crate) fn bottom_percent(lowest: f64) -> i32 {
    const BOTTOMS: [i32; 5] = [0, -50, -100, -150, -200];
    BOTTOMS.into_iter().find(|bottom| lowest * 100.0 >= f64::from(*bottom)).unwrap_or(BOTTOM_PERCENT_MIN)
}

/// A percentage as the pages write it, such as `−50 %`.
fn percent(value: i32) -> String {
    format::percent_down(Some(f64::from(value) / 100.0), 0)
}

/// Labels from 100 % at the top down to `bottom` percent: at most six.
pub(crate) fn budget_ticks(bottom: i32) -> Vec<(i32, Tick)> {
    let distance = if bottom < -150 { 100 } else { 50 };
    let height = f64::from(100 - bottom);
    let tick = |value: i32| {
        let fraction = f64::from(100 - value) / height;
        (value, Tick { fraction, label: percent(value) })
    };
    (0..6).map(|index| 100 - index * distance).take_while(|value| *value >= bottom).map(tick).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn labels(from: &str, to: &str) -> String {
        let range = Bounds { from: Instant::parse(from).unwrap(), to: Instant::parse(to).unwrap() };
        time_ticks(range).into_iter().map(|tick| tick.label).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn round_times_in_every_range_that_pages_offer() {
        assert_eq!(
            labels("2026-11-23T13:05:10Z", "2026-11-23T14:05:10Z"),
            "13:10, 13:20, 13:30, 13:40, 13:50, 14:00"
        );
        assert_eq!(
            labels("2026-11-22T14:05:10Z", "2026-11-23T14:05:10Z"),
            "16:00, 20:00, 23 Nov, 04:00, 08:00, 12:00"
        );
        assert_eq!(
            labels("2026-11-16T14:05:10Z", "2026-11-23T14:05:10Z"),
            "17 Nov, 18 Nov, 19 Nov, 20 Nov, 21 Nov, 22 Nov, 23 Nov"
        );
        assert_eq!(
            labels("2026-10-24T14:05:10Z", "2026-11-23T14:05:10Z"),
            "29 Oct, 3 Nov, 8 Nov, 13 Nov, 18 Nov, 23 Nov"
        );
        assert_eq!(
            labels("2026-10-26T14:05:10Z", "2026-11-23T14:05:10Z"),
            "29 Oct, 3 Nov, 8 Nov, 13 Nov, 18 Nov, 23 Nov"
        );
        assert_eq!(labels("2026-11-23T14:05:10Z", "2026-11-23T14:05:10Z"), "");
    }

    #[test]
    fn values_have_at_most_six_labels_and_the_ends_are_labelled() {
        for (lowest, bottom) in
            [(0.2, 0), (0.0, 0), (-0.01, -50), (-0.7, -100), (-1.2, -150), (-1.6, -200), (-9.0, -300)]
        {
            assert_eq!(bottom_percent(lowest), bottom, "{lowest}");
            let ticks = budget_ticks(bottom);
            assert!((3..=6).contains(&ticks.len()), "{ticks:?}");
            assert_eq!(ticks.first().unwrap().1, Tick { fraction: 0.0, label: "100 %".to_owned() });
            assert_eq!(ticks.last().unwrap().1, Tick { fraction: 1.0, label: percent(bottom) });
            assert!(ticks.iter().any(|(value, tick)| *value == 0 && tick.label == "0 %"));
        }
        assert_eq!(budget_ticks(-150).last().unwrap().1.label, "−150 %");
    }

    proptest! {
        #[test]
        fn labels_are_few_ordered_and_inside(from in 0_i64..4_000_000_000, seconds in 300_i64..63_000_000) {
            let from = Instant::from_unix(from);
            let ticks = time_ticks(Bounds { from, to: from + seconds });
            prop_assert!((3..=7).contains(&ticks.len()), "{} s: {ticks:?}", seconds);
            prop_assert!(ticks.iter().all(|tick| (0.0..1.0).contains(&tick.fraction)));
            prop_assert!(ticks.windows(2).all(|pair| pair[0].fraction < pair[1].fraction));
        }
    }
}
