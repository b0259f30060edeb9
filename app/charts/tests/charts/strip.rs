//! How days are judged, and what the cells say.

use charts::strip;
use domain::{HistoryPoint, Instant};
use proptest::prelude::*;

use crate::fixtures::{DAY, point, target};

fn day(index: i64, counts: Option<(u64, u64)>) -> HistoryPoint {
    let from = Instant::from_unix(1_793_664_000) + index * DAY;
    point(from, from + DAY, counts)
}

/// The class of the first day.
fn class(counts: Option<(u64, u64)>) -> String {
    let drawn = strip(&[day(0, counts)], target(999_000_000), 30 * DAY).markup;
    drawn.split('"').nth(1).unwrap_or_default().to_owned()
}

#[test]
fn days_are_judged_exactly_at_the_thresholds() {
    assert_eq!(class(None), "cell unknown");
    assert_eq!(class(Some((0, 0))), "cell idle");
    assert_eq!(class(Some((10, 10_000))), "cell ok");
    assert_eq!(class(Some((11, 10_000))), "cell risk");
    // A fifth of a 30-day budget in one day is six times the neutral burn.
    assert_eq!(class(Some((59, 10_000))), "cell risk");
    assert_eq!(class(Some((60, 10_000))), "cell bad");
}

#[test]
fn cells_say_what_they_show() {
    let mut point = day(0, Some((12, 9_300)));
    point.coverage = Some(0.987);
    let drawn = strip(&[point.clone(), day(1, None)], target(999_000_000), 30 * DAY);
    assert!(
        drawn.markup.contains("<title>3 Nov: 99.87 %, 12 bad of 9,300, coverage 98 %</title>"),
        "{}",
        drawn.markup
    );
    assert!(drawn.markup.contains("<title>4 Nov: not measured</title>"));
    assert_eq!(drawn.summary, "2 days: 1 missed, 1 not measured.");
    assert_eq!(strip(&[], target(999_000_000), DAY).summary, "No days.");
}

#[test]
fn a_thinly_measured_day_is_hatched_in_part_unless_it_is_still_running() {
    let mut thin = day(0, Some((0, 10)));
    thin.coverage = Some(0.25);
    let drawn = strip(&[thin.clone(), thin], target(999_000_000), 30 * DAY).markup;
    let (first, last) = drawn.split_once("</g>").unwrap();
    // Three quarters of an ok day's 60 %.
    assert!(first.contains(r#"fill="url(#hatch)" x="0%" y="40%" width="40%" height="45%""#), "{first}");
    assert!(first.contains(r#"class="day" x="0%" y="85%" width="40%" height="15%""#), "{first}");
    assert!(!last.contains("hatch"), "{last}");
}

proptest! {
    #[test]
    fn every_day_has_its_cell(days in prop::collection::vec(prop::option::of((0_u64..1_000_000_000_000_000, 0_u64..1_000_000_000_000_000)), 0..120)) {
        let points: Vec<_> = (0_i64..).zip(&days).map(|(index, counts)| day(index, counts.map(|(bad, good)| (bad, bad + good)))).collect();
        let drawn = strip(&points, target(999_990_000), 7 * DAY);
        prop_assert_eq!(drawn.markup.matches("<title>").count(), days.len());
        prop_assert!(!drawn.markup.contains('-') || !drawn.markup.contains("=\"-"));
    }
}
