//! Puts the figures into the shape of a status.

use domain::count::Count;
use domain::estate::{GapPolicy, Method, Window};
use domain::exclusion::Effect;
use domain::ratio::Target;
use domain::status::{
    BurnRate, ErrorBudget, Excluded, GapFill, ObjectiveStatus, Profile, ProjectedBudget, Raw, WindowBounds,
};
use domain::time::Instant;

use super::figures::Figures;
use super::judge::PARTS;
use super::{Kind, Question};
use crate::fraction::Fraction;

/// A date further off than a hundred years of 365.25 days is none.
const FARTHEST_SECONDS: i64 = 3_155_760_000;

impl Question<'_> {
    fn count(&self, parts: i128) -> Count {
        Count::from_parts((parts * (PARTS / self.counting.scale)).unsigned_abs())
    }

    /// Seconds that shorten the window.
    fn removed_seconds(&self) -> i64 {
        let from = self.figures.effective.unwrap_or(self.horizon);
        self.counting.seconds(from, self.horizon, |effect| effect == Effect::RemoveTime)
    }

    fn gap_fill(&self) -> Option<GapFill> {
        let policy = self.case.slo.gap;
        let seconds = i128::from(self.figures.covered()) - self.figures.measured;
        let added =
            matches!(policy, GapPolicy::Good | GapPolicy::Bad).then(|| self.count(self.figures.added));
        let seconds = u64::try_from(seconds).unwrap_or(0);
        (policy != GapPolicy::Gap && self.figures.coverage().is_some()).then_some(GapFill {
            policy,
            seconds,
            added,
        })
    }

    /// Whether a part of the effective window is excluded, or a slice.
    fn is_touched(&self) -> bool {
        self.figures.excluded > 0 || self.figures.took
    }

    fn raw(&self) -> Option<Raw> {
        if !self.is_touched() {
            return None;
        }
        let mut raw = self.counting.raw().figures(self.from, self.horizon, None);
        if raw.effective.is_none() {
            (raw.good, raw.total) = (0, 0);
        }
        Some(Raw {
            good: self.count(raw.good),
            bad: self.count(raw.bad()),
            total: self.count(raw.total),
            sli: sli(&raw),
            coverage: coverage(&raw),
        })
    }

    fn budget(&self) -> ErrorBudget {
        let consumed = self.consumed();
        let remaining = consumed.as_ref().map(|consumed| &Fraction::whole(1) - consumed);
        // To the nearest second: half a second more, rounded down.
        let half = Fraction::new(2 * self.horizon + 1, 2);
        let near = self.exhaustion().filter(|after| *after <= Fraction::whole(FARTHEST_SECONDS));
        let exhausts = near.zip(half).and_then(|(after, half)| (&after + &half).floor());
        let expected = self.expected();
        let projected = self.projected().map(|total| ProjectedBudget {
            total: total.nearest(),
            consumed_ratio: self.governing().map(|consumed| consumed.nearest()),
            remaining_ratio: self.governing().map(|consumed| (&Fraction::whole(1) - &consumed).nearest()),
            period_seconds: self.figures.effective.map_or(0, |from| self.period_seconds(from).unsigned_abs()),
            profile: if expected.is_some() { Profile::Week } else { Profile::Linear },
            rest_seconds: self.rest_seconds().unsigned_abs(),
            expected_total: expected.as_ref().map(|expected| self.count(expected.total)),
            week_total: expected.as_ref().map(|expected| self.count(expected.week)),
            part_total: expected.as_ref().map(|expected| self.count(expected.part)),
        });
        let length = i128::from(self.to - self.from - self.removed_seconds());
        let seconds = Fraction::new(length * i128::from(self.budget_parts()), PARTS);
        let seconds = seconds.filter(|_| self.budget_parts() > 0);
        let left = seconds.as_ref().zip(self.governing());
        let left = left.map(|(seconds, gone)| seconds * &(&Fraction::whole(1) - &gone));
        ErrorBudget {
            total: self.allowed().nearest(),
            consumed_ratio: consumed.map(|consumed| consumed.nearest()),
            remaining_ratio: remaining.map(|remaining| remaining.nearest()),
            seconds: seconds
                .and_then(|seconds| seconds.floor())
                .and_then(|seconds| u64::try_from(seconds).ok()),
            remaining_seconds: left.and_then(|left| left.floor()).and_then(|left| i64::try_from(left).ok()),
            exhausts_at: exhausts.and_then(|at| i64::try_from(at).ok()).map(Instant::from_unix),
            projected,
        }
    }
}

fn sli(figures: &Figures) -> Option<f64> {
    Fraction::new(figures.good, figures.total).map(|ratio| ratio.nearest())
}

fn coverage(figures: &Figures) -> Option<f64> {
    figures.coverage().map(|coverage| coverage.nearest())
}

/// The status of the objective; `state_reason` is one word of `Reason`, for the engine's sentences are its own.
pub(super) fn status(question: &Question<'_>) -> ObjectiveStatus {
    let (figures, alerts) = (&question.figures, question.alerts());
    let (state, reason) = question.state(&alerts);
    let measured = figures.effective.is_some();
    let count = |parts: i128| measured.then(|| question.count(parts));
    let mut flags = Vec::new();
    if figures.over {
        flags.push("good_over_total".to_owned());
    }
    if question.gap_fill().is_some_and(|fill| fill.seconds > 0) {
        flags.push("gap_filled".to_owned());
    }
    let burn_rates = question.look_backs().into_iter().map(|window_seconds| {
        let look_back = question.look_back(window_seconds);
        let burn_rate = look_back.burn(question.budget_parts()).map(|burn| burn.nearest());
        let known = look_back.effective.is_some() || look_back.total > 0;
        let seen = |parts: i128| known.then(|| question.count(parts));
        let (bad, total) = (seen(look_back.bad()), seen(look_back.total));
        BurnRate { window_seconds, burn_rate, coverage: coverage(&look_back), bad, total }
    });
    let covered = figures.coverage().is_some();
    ObjectiveStatus {
        name: question.objective.name.clone(),
        target: Target::from_parts(question.target).unwrap_or(question.objective.target),
        state,
        state_reason: format!("{reason:?}"),
        window: WindowBounds {
            from: Instant::from_unix(question.from),
            to: Instant::from_unix(question.to),
            kind: if question.kind == Kind::Rolling { "rolling" } else { "calendar" }.to_owned(),
            time_zone: match &question.case.slo.window {
                Window::Rolling { .. } => None,
                Window::Calendar(window) => Some(window.zone.clone()),
            },
        },
        effective_from: figures.effective.map(Instant::from_unix),
        good: count(figures.good),
        bad: count(figures.bad()),
        total: count(figures.total),
        unit: if question.case.slo.method == Method::Occurrences { "events" } else { "slices" }.to_owned(),
        sli: sli(figures),
        coverage: coverage(figures),
        measured_seconds: covered.then(|| u64::try_from(figures.measured).unwrap_or(0)),
        covered_seconds: covered.then(|| u64::try_from(figures.covered()).unwrap_or(0)),
        flags,
        gap: question.gap_fill(),
        raw: question.raw(),
        excluded: question.is_touched().then(|| Excluded {
            seconds: u64::try_from(figures.excluded).unwrap_or(0),
            removed_seconds: question.removed_seconds().unsigned_abs(),
            good: question.count(figures.taken_good),
            total: question.count(figures.taken_total),
        }),
        error_budget: question.budget(),
        burn_rates: burn_rates.collect(),
        alerts,
    }
}
