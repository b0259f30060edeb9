//! The past of one objective, step by step.
//!
//! Each point's remaining budget and state are those that the status of the SLO has at the point's `to`.

use std::collections::BTreeSet;

use crate::calendar;
use crate::count::Count;
use crate::estate::{Sli, Slo, Window};
use crate::evaluate::judge;
use crate::excluded::Exclusions;
use crate::lens::Lens;
use crate::plan::{Question, drops, look_back_seconds, plan};
use crate::ratio::ratio;
use crate::series::{HOUR_SECONDS, Series};
use crate::slice::Bounds;
use crate::status::{AlertState, HistoryPoint};
use crate::tally::{Counting, Tally};
use crate::time::Instant;
use crate::week::{WEEK_SECONDS, Week};

/// A history has no more points than a wide screen has columns for; longer ones end early.
pub const MAX_HISTORY_POINTS: usize = 1_500;

/// Longest staleness that the first plan provides for; points behind longer gaps are left to `replan`.
const MAX_MARGIN_SECONDS: i64 = 4 * HOUR_SECONDS;

/// The past that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct History<'a> {
    /// The SLO.
    pub slo: &'a Slo,
    /// Its SLI.
    pub sli: &'a Sli,
    /// The SLO's exclusions, resolved.
    pub exclusions: &'a Exclusions,
    /// From the first step's begin to the last step's end.
    pub bounds: Bounds,
    /// Length of a step; the last is clipped. Less than a second gives no steps.
    pub step_seconds: i64,
}

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

impl<'a> History<'a> {
    fn steps(&self) -> impl Iterator<Item = Bounds> + use<'a> {
        steps(self.bounds, self.step_seconds)
    }

    /// What is asked at the end of a step: at the very end of a calendar period that period, closed, and not the next
    /// one, of which nothing has passed.
    pub fn question(&self, at: Instant) -> Question<'a> {
        let closed = match &self.slo.window {
            Window::Calendar(calendar) => calendar::period(calendar, at).from == at,
            Window::Rolling { .. } => false,
        };
        Question { slo: self.slo, sli: self.sli, at, closed, exclusions: self.exclusions }
    }

    /// Stretches whose `fine_hours` must be there in slices, and whose span must be loaded, for `points` to be exact
    /// at every point at which the data were fresh.
    ///
    /// It does not know the data: where a point's data end depends on them, every hour in which they may end is named
    /// by a stretch that starts one second into it.
    pub fn plan(&self) -> Vec<Bounds> {
        let margin = self.margin();
        let starts: Vec<i64> = offsets(self.slo).collect();
        let mut hours = BTreeSet::new();
        let mut planned = Vec::new();
        for step in self.steps() {
            planned.push(step);
            if let Window::Calendar(calendar) = &self.slo.window {
                let period = calendar::period(calendar, step.to);
                planned.push(Bounds { to: step.to, ..period });
                planned.push(calendar::closed_period(calendar, step.to));
                // The week's part ends whole weeks before the period, wherever in the margin the data end: so many, or one more.
                let weeks = [step.to - margin, step.to].map(|horizon| Week::before(horizon, period.to));
                planned.extend(weeks.map(|week| week.part));
            }
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
        let span =
            planned.iter().copied().reduce(|a, b| Bounds { from: a.from.min(b.from), to: a.to.max(b.to) });
        planned
            .extend(span.into_iter().flat_map(|span| self.exclusions.inside(span)).map(|(bounds, _)| bounds));
        // No point sees what was before the generation of the first one; later ones end at the begin of theirs.
        let first = self.steps().next().map_or(Bounds::ALWAYS, |step| self.question(step.to).generation());
        let seen = |bounds: Bounds| bounds.within(Bounds { from: first.from, ..Bounds::ALWAYS });
        let mut planned: Vec<Bounds> =
            planned.into_iter().map(seen).filter(|bounds| !bounds.is_empty()).collect();
        let begins = self.sli.generations.iter().copied();
        let inside = begins.filter(|began| span.is_some_and(|span| span.from < *began && *began < span.to));
        planned.extend(inside.map(|began| Bounds { from: began, to: began }));
        planned
    }

    /// Further stretches, for the points at which the data were stale, given the series that was loaded by `plan`;
    /// load again if their `fine_hours` or their span are not there yet. Mostly empty.
    pub fn replan(&self, series: &Series) -> Vec<Bounds> {
        let margin = self.margin();
        let mut ends: Vec<(Instant, Instant)> = self
            .steps()
            .filter_map(|step| Some((step.to, self.question(step.to).data_until(series)?)))
            .filter(|(at, until)| at.seconds_since(*until) > margin)
            .collect();
        ends.dedup_by_key(|(_, until)| *until);
        ends.into_iter().flat_map(|(at, until)| plan(&self.question(at), Some(until)).bounds()).collect()
    }

    /// The points of an objective; empty if there is no such objective.
    ///
    /// `series` is what the objective's lens shows of what `plan` asks for, and from the latest measured slice before
    /// `bounds.from` back as long as the window, should that be older: a step without data still shows the budget as
    /// of the last ones. `slices` are those of the SLI itself, which tell how far the data reach. Good, total and
    /// coverage are the step's own, none if nothing was measured in it; coverage is the measured share of the whole
    /// step. Each point is about the SLI's generation at its end.
    pub fn points(&self, objective_index: usize, series: &Series, slices: &Series) -> Vec<HistoryPoint> {
        let Some(objective) = self.slo.objectives.get(objective_index) else {
            return Vec::new();
        };
        let lens = Lens::of(self.slo, objective);
        let sums = |bounds| series.sum(bounds);
        let point = |step: Bounds| {
            let question = self.question(step.to);
            let until = question.data_until(slices);
            let plan = plan(&question, until);
            let (gap, exclusions) = (self.slo.gap, self.exclusions);
            let counting = Counting { lens, gap, exclusions, generation: plan.generation };
            let own = Tally::new(&counting, step, &sums, None);
            let measured = own.seen.first.is_some();
            let seconds = step.to.seconds_since(step.from) - counting.taken_seconds(step);
            let measured_seconds =
                own.counts.coverage.map_or(0, |coverage| coverage.measured_seconds.min(seconds));
            let status = judge(&question, until, &plan, objective, sums);
            HistoryPoint {
                from: step.from,
                to: step.to,
                good: measured.then(|| Count::scaled(own.counts.good, lens.scale())),
                total: measured.then(|| Count::scaled(own.counts.total, lens.scale())),
                coverage: measured.then(|| ratio(measured_seconds.into(), seconds.into())).flatten(),
                remaining_ratio: status.error_budget.remaining_ratio,
                state: Some(status.state),
            }
        };
        self.steps().map(point).collect()
    }

    /// At the end of each step, the names of the objective's rules that fire; otherwise as `points`.
    pub fn firing(
        &self,
        objective_index: usize,
        series: &Series,
        slices: &Series,
    ) -> Vec<(Instant, Vec<String>)> {
        let Some(objective) = self.slo.objectives.get(objective_index) else {
            return Vec::new();
        };
        let names = |step: Bounds| {
            let question = self.question(step.to);
            let until = question.data_until(slices);
            let status =
                judge(&question, until, &plan(&question, until), objective, |bounds| series.sum(bounds));
            let firing = status.alerts.into_iter().filter(|alert| alert.state == AlertState::Firing);
            (step.to, firing.map(|alert| alert.policy).collect())
        };
        self.steps().map(names).collect()
    }

    fn margin(&self) -> i64 {
        let judged =
            self.slo.objectives.iter().filter_map(|one| Lens::of(self.slo, one).slice_seconds()).max();
        self.sli.stale_seconds(judged).clamp(0, MAX_MARGIN_SECONDS)
    }
}

/// How far before the end of the data the stretches of a status begin.
fn offsets(slo: &Slo) -> impl Iterator<Item = i64> + '_ {
    let window = match slo.window {
        Window::Rolling { seconds } => Some(i64::from(seconds)),
        Window::Calendar(_) => None,
    };
    let week = slo.window.is_calendar().then_some(WEEK_SECONDS);
    let earlier = drops(slo).map(i64::from).flat_map(move |seconds| [seconds, seconds + window.unwrap_or(0)]);
    look_back_seconds(slo).into_iter().map(i64::from).chain(window).chain(week).chain(earlier).chain([0])
}

#[cfg(test)]
mod tests;
