//! The status of an objective by `RULES.md`, from single slices, without a function of the engine.
//!
//! Invariants: exact up to the one rounding of each figure; nothing is shared with the engine but the types of
//! questions and answers; slow and plain on purpose.

mod answer;
mod budget;
mod counters;
mod figures;
mod judge;
mod rules;
mod state;

use std::borrow::Cow;

use domain::estate::{GapPolicy, Method, Objective, Window};
use domain::slice::{Measurement, Slice};
use domain::status::ObjectiveStatus;

use crate::raw::Case;
use crate::raw::counters::Flags;
use crate::zone;
use figures::{Counting, Figures, Usual};

/// An hour-long burn rate decides nothing about exhaustion; six hours do (R12).
const EXHAUSTION_LOOK_BACK: u32 = 6 * 3_600;

/// The status of each objective of a case, in their order.
pub fn statuses(case: &Case) -> Vec<ObjectiveStatus> {
    let case = &*sliced(case);
    case.slo.objectives.iter().map(|objective| answer::status(&Question::new(case, objective))).collect()
}

/// The end of the latest measured stretch among the slices that start before `at`, at most `at` (R4), which the next
/// generation ends (R20).
pub fn data_until(case: &Case) -> Option<i64> {
    let case = &*sliced(case);
    let at = case.at.min(generation(case).1);
    let until =
        seen(case).into_iter().filter(|slice| slice.start.unix() < at).map(|slice| match slice.measurement {
            Measurement::Measured(measured) => measured.to.unix().min(at),
            Measurement::Unknown(_) => i64::MIN,
        });
    until.max()
}

/// Where the generation that is asked about begins, and where the next one does (R20).
fn generation(case: &Case) -> (i64, i64) {
    let asked = match &case.slo.window {
        Window::Calendar(window) if case.closed => zone::period(window, case.at, true).1,
        _ => case.at,
    };
    let (mut from, mut to) = (i64::MIN, i64::MAX);
    for began in case.sli.generations.iter().map(|began| began.unix()) {
        if began < asked {
            from = from.max(began);
        } else {
            to = to.min(began);
        }
    }
    (from, to)
}

/// The measured slices of that generation, in the order of time: there are no others (R20).
fn seen(case: &Case) -> Vec<Slice> {
    let (from, to) = generation(case);
    let is_seen = |slice: &Slice| from <= slice.start.unix() && slice.start.unix() < to;
    case.measured().into_iter().filter(is_seen).collect()
}

/// The slices that a case's counters make, and what was met on the way; none without counters.
pub fn counted(case: &Case) -> Option<(Vec<Slice>, Flags)> {
    case.counters.as_ref().map(counters::slices)
}

/// The case with the slices that its counters make, if it has any.
fn sliced(case: &Case) -> Cow<'_, Case> {
    let Some((slices, _)) = counted(case) else { return Cow::Borrowed(case) };
    Cow::Owned(Case { slices, counters: None, ..case.clone() })
}

/// The kinds of window that rules tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rolling,
    Running,
    Closed,
}

/// An objective with the window that is asked about (R5).
#[derive(Debug)]
struct Question<'a> {
    case: &'a Case,
    objective: &'a Objective,
    counting: Counting,
    kind: Kind,
    from: i64,
    to: i64,
    horizon: i64,
    /// The target that was valid at the horizon, in parts per 10^9.
    target: u32,
    /// The figures of the window up to its horizon.
    figures: Figures,
}

impl<'a> Question<'a> {
    fn new(case: &'a Case, objective: &'a Objective) -> Self {
        let method = case.slo.method;
        let length_of = |one: &Objective| {
            one.slices.filter(|_| method != Method::Occurrences).map(|rule| i64::from(rule.seconds))
        };
        let length = length_of(objective);
        let grid = case.slo.objectives.iter().filter_map(length_of).max().unwrap_or(60);
        let forward = |instant: i64| instant + (-instant).rem_euclid(grid);
        let moved = case.exclusions.iter().map(|(from, to, effect)| (forward(*from), forward(*to), *effect));
        let counting = Counting {
            pieces: judge::judged(case, objective),
            exclusions: moved.collect(),
            gap: case.slo.gap,
            length,
            scale: judge::scale(method),
        };
        let until = match case.slo.gap {
            GapPolicy::Gap => data_until(case).unwrap_or(case.at),
            _ => case.at,
        };
        let (kind, from, to, horizon) = match &case.slo.window {
            Window::Rolling { seconds } => (Kind::Rolling, until - i64::from(*seconds), until, until),
            Window::Calendar(window) => {
                let (from, to) = zone::period(window, case.at, case.closed);
                let kind = if case.closed { Kind::Closed } else { Kind::Running };
                (kind, from, to, if case.closed { to } else { until.max(from) })
            }
        };
        let mut figures = counting.figures(from, horizon, None);
        if figures.effective.is_none() {
            (figures.good, figures.total) = (0, 0);
        }
        let target = target(objective, if kind == Kind::Closed { horizon - 1 } else { horizon });
        Self { case, objective, counting, kind, from, to, horizon, target, figures }
    }

    /// Parts per 10^9 that may be bad.
    fn budget_parts(&self) -> u32 {
        1_000_000_000 - self.target
    }

    /// The figures of the look-back of so many seconds.
    fn look_back(&self, seconds: u32) -> Figures {
        let usual = Usual {
            since: self.figures.effective,
            total: self.figures.total - self.figures.added,
            measured: self.figures.measured,
        };
        self.counting.figures(self.horizon - i64::from(seconds), self.horizon, Some(usual))
    }

    /// Whether a stretch is covered by measurements well enough to speak of it.
    fn is_covered(&self, figures: &Figures) -> bool {
        let floor = i128::from(self.case.slo.coverage_floor.parts());
        figures.coverage().is_some()
            && figures.measured * judge::PARTS >= floor * i128::from(figures.covered())
    }
}

/// The target that was valid at an instant: of the first past one that ends later, else the present one.
fn target(objective: &Objective, at: i64) -> u32 {
    for past in &objective.past_targets {
        if at < past.until.unix() {
            return past.target.parts();
        }
    }
    objective.target.parts()
}
