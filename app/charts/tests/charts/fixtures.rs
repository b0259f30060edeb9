//! Histories and statuses to draw, and a reader of what was drawn.

use charts::{BurnDown, Excluded};
use domain::slice::Bounds;
use domain::status::{ErrorBudget, WindowBounds};
use domain::{Count, HistoryPoint, Instant, ObjectiveStatus, State, Target};

pub(crate) const HOUR: i64 = 3_600;
pub(crate) const DAY: i64 = 86_400;

/// 2026-11-23T14:05:10Z, when all figures here end.
pub(crate) fn now() -> Instant {
    Instant::from_unix(1_795_442_710)
}

#[expect(clippy::unwrap_used, reason = "tests name valid targets")]
pub(crate) fn target(parts: u32) -> Target {
    Target::from_parts(parts).unwrap()
}

/// The status of a rolling window that ends at `to`.
pub(crate) fn status(
    to: Instant,
    window_seconds: i64,
    budget: f64,
    remaining: Option<f64>,
) -> ObjectiveStatus {
    ObjectiveStatus {
        name: "99.9".to_owned(),
        target: target(999_000_000),
        state: State::Met,
        state_reason: String::new(),
        window: WindowBounds { from: to - window_seconds, to, kind: "rolling".to_owned(), time_zone: None },
        effective_from: None,
        good: None,
        bad: None,
        total: None,
        unit: "events".to_owned(),
        sli: None,
        coverage: None,
        measured_seconds: None,
        covered_seconds: None,
        flags: Vec::new(),
        gap: None,
        raw: None,
        excluded: None,
        error_budget: ErrorBudget {
            total: budget,
            consumed_ratio: remaining.map(|remaining| 1.0 - remaining),
            remaining_ratio: remaining,
            seconds: None,
            remaining_seconds: None,
            exhausts_at: None,
            projected: None,
        },
        burn_rates: Vec::new(),
        alerts: Vec::new(),
    }
}

/// A step of history; `counts` are bad and total, none if nothing was measured.
pub(crate) fn point(from: Instant, to: Instant, counts: Option<(u64, u64)>) -> HistoryPoint {
    HistoryPoint {
        from,
        to,
        good: counts.map(|(bad, total)| Count::whole(total - bad)),
        total: counts.map(|(_, total)| Count::whole(total)),
        coverage: counts.map(|_| 1.0),
        remaining_ratio: None,
        state: None,
    }
}

/// Aligned steps over `range`, clipped to it at both ends.
pub(crate) fn history(
    range: Bounds,
    step_seconds: i64,
    counts: impl Fn(i64) -> Option<(u64, u64)>,
) -> Vec<HistoryPoint> {
    let first = range.from.floor_to(step_seconds);
    let count = (range.to.seconds_since(first) + step_seconds - 1) / step_seconds;
    let step = |index: i64| {
        let from = first + index * step_seconds;
        point(from.max(range.from), (from + step_seconds).min(range.to), counts(index))
    };
    (0..count).map(step).collect()
}

/// A burn-down over its whole window, with the remaining that follows from its own counts.
pub(crate) fn whole_window(
    seconds: i64,
    step_seconds: i64,
    budget: u32,
    counts: impl Fn(i64) -> Option<(u64, u64)>,
) -> BurnDown {
    let range = Bounds { from: now() - seconds, to: now() };
    let points = history(range, step_seconds, counts);
    let bad: u64 = points
        .iter()
        .map(|point| point.total.unwrap_or_default().less(point.good.unwrap_or_default()).floor())
        .sum();
    let remaining = 1.0 - f64::from(u32::try_from(bad).unwrap_or(u32::MAX)) / f64::from(budget);
    let status = status(now(), seconds, f64::from(budget), Some(remaining));
    BurnDown::from_history(&points, &status, step_seconds, range)
}

/// Two hours of each week, of which the next lie ahead of now, and two days.
pub(crate) fn nights_and_a_move() -> Vec<Excluded> {
    let night = |week: i64| {
        let from = now() + DAY - week * 7 * DAY;
        Bounds { from, to: from + 2 * HOUR }
    };
    let days = Bounds { from: now() - 9 * DAY, to: now() - 7 * DAY };
    vec![
        Excluded { name: "Stocktaking".to_owned(), stretches: (0..5).rev().map(night).collect() },
        Excluded { name: "Move".to_owned(), stretches: vec![days] },
    ]
}

/// The drawn paths of a class, as absolute points.
pub(crate) fn paths(geometry: &str, class: &str) -> Vec<Vec<(i64, i64)>> {
    let start = format!("<path class=\"{class}\" d=\"M");
    geometry.split(&start).skip(1).map(|rest| absolute(rest.split('"').next().unwrap_or_default())).collect()
}

/// Reads `x y` absolute, then `l` and pairs relative to the point before.
fn absolute(path: &str) -> Vec<(i64, i64)> {
    let spaced = path.trim_end_matches("h0").trim_end_matches('z').replace('l', " ").replace('-', " -");
    let numbers: Vec<i64> = spaced.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    let mut at = (0, 0);
    let step = |pair: &[i64]| {
        at = (at.0 + pair.first().unwrap_or(&0), at.1 + pair.last().unwrap_or(&0));
        at
    };
    numbers.chunks(2).map(step).collect()
}
