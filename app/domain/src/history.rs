//! The past of one objective, step by step.
//!
//! Each point's remaining budget and state are those that the status of the SLO has at the point's `to`.

use std::collections::BTreeSet;

use crate::estate::{Sli, Slo};
use crate::evaluate::Past;
use crate::plan::{look_back_seconds, plan};
use crate::ratio::ratio;
use crate::series::{HOUR_SECONDS, Series};
use crate::slice::Bounds;
use crate::status::HistoryPoint;
use crate::time::Instant;

/// A history has no more points than a wide screen has columns for; longer ones end early.
pub const MAX_HISTORY_POINTS: usize = 1_500;

/// Longest staleness that the first plan provides for; points behind longer gaps are left to `history_replan`.
const MAX_MARGIN_SECONDS: i64 = 4 * HOUR_SECONDS;

/// The steps of a history, each `[from, to)`, the last clipped to `bounds.to`; none for a step of less than a second.
pub fn steps(bounds: Bounds, step_seconds: i64) -> impl Iterator<Item = Bounds> {
    let start = move |index: usize| {
        i64::try_from(index)
            .ok()
            .and_then(|index| index.checked_mul(step_seconds))
            .map(|ahead| bounds.from + ahead)
    };
    (0..MAX_HISTORY_POINTS)
        .map_while(start)
        .take_while(move |from| step_seconds > 0 && *from < bounds.to)
        .map(move |from| Bounds { from, to: (from + step_seconds).min(bounds.to) })
}

/// Stretches whose `fine_hours` must be there in slices, and whose span must be loaded, for `history` to be exact at
/// every point at which the data were fresh.
///
/// It does not know the data: where a point's data end depends on them, every hour in which they may end is named by
/// a stretch that starts one second into it.
pub fn history_plan(slo: &Slo, sli: &Sli, bounds: Bounds, step_seconds: i64) -> Vec<Bounds> {
    let margin = sli.stale_seconds().clamp(0, MAX_MARGIN_SECONDS);
    let starts: Vec<i64> = offsets(slo).collect();
    let mut hours = BTreeSet::new();
    let mut planned = Vec::new();
    for step in steps(bounds, step_seconds) {
        planned.push(step);
        for offset in starts.iter().copied() {
            let (earliest, latest) = (step.to - offset - margin, step.to - offset);
            let mut hour = earliest.floor_to(HOUR_SECONDS);
            while hour < latest {
                hours.insert(hour);
                hour = hour + HOUR_SECONDS;
            }
        }
    }
    planned.extend(hours.into_iter().map(|hour| Bounds { from: hour + 1, to: hour + HOUR_SECONDS }));
    planned
}

/// Further stretches, for the points at which the data were stale, given the series that was loaded by
/// `history_plan`; load again if their `fine_hours` or their span are not there yet. Mostly empty.
pub fn history_replan(
    slo: &Slo,
    sli: &Sli,
    bounds: Bounds,
    step_seconds: i64,
    series: &Series,
) -> Vec<Bounds> {
    let margin = sli.stale_seconds().clamp(0, MAX_MARGIN_SECONDS);
    let mut ends: Vec<Instant> = steps(bounds, step_seconds)
        .filter_map(|step| series.data_until(step.to).filter(|until| step.to.seconds_since(*until) > margin))
        .collect();
    ends.dedup();
    ends.into_iter().flat_map(|until| plan(slo, until, Some(until)).bounds()).collect()
}

/// The history of an objective over `bounds`; empty if there is no such objective.
///
/// `series` holds what `history_plan` asks for, and from the latest measured slice before `bounds.from` back as long as
/// the window, should that be older: a step without data still shows the budget as of the last ones. Good, total and coverage are the step's own, none if nothing was
/// measured in it; coverage is the measured share of the whole step.
pub fn history(
    slo: &Slo,
    sli: &Sli,
    objective_index: usize,
    bounds: Bounds,
    step_seconds: i64,
    series: &Series,
) -> Vec<HistoryPoint> {
    let Some(objective) = slo.objectives.get(objective_index) else {
        return Vec::new();
    };
    let point = |step: Bounds| {
        let own = series.sum(step);
        let measured = own.first.is_some();
        let seconds = step.to.seconds_since(step.from);
        let measured_seconds = i64::try_from(own.measured_seconds).unwrap_or(i64::MAX).min(seconds);
        let data_until = series.data_until(step.to);
        let plan = plan(slo, step.to, data_until);
        let past = Past::new(step.to, data_until, &plan, |bounds| series.sum(bounds));
        let status = past.judge(slo, sli, objective);
        HistoryPoint {
            from: step.from,
            to: step.to,
            good: measured.then_some(own.good),
            total: measured.then_some(own.total),
            coverage: measured.then(|| ratio(measured_seconds.into(), seconds.into())).flatten(),
            remaining_ratio: status.error_budget.remaining_ratio,
            state: Some(status.state),
        }
    };
    steps(bounds, step_seconds).map(point).collect()
}

/// How far before the end of the data the stretches of a status begin.
fn offsets(slo: &Slo) -> impl Iterator<Item = i64> {
    look_back_seconds(slo).into_iter().map(i64::from).chain([slo.window.seconds()])
}

#[cfg(test)]
mod tests;
