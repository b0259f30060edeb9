//! "What if it were declared differently?": an objective judged on the same history under another target, slice
//! threshold, budgeting method or window.
//!
//! Invariant: nothing is computed here that the engine computes. A change makes another SLO, and the engine's own
//! judge is asked about it: so what is proposed is what would be shown after the change is declared.

mod activity;
mod change;

use crate::burn;
use crate::estate::{Sli, Slo};
use crate::evaluate::judge;
use crate::excluded::Exclusions;
use crate::explain::window_words;
use crate::history::{History, MAX_HISTORY_POINTS, steps};
use crate::lens::Lens;
use crate::plan::{Question, plan};
use crate::proposal::{Change, Outlook, WhatIf};
use crate::ratio::{Target, ratio};
use crate::rules::{AlertRule, Condition};
use crate::series::Series;
use crate::slice::Bounds;
use crate::status::{ObjectiveStatus, State};
use crate::time::Instant;

use activity::Activity;

pub use change::{ChangeError, MAX_WINDOW_DAYS};

/// A look-back has no more steps than 28 days of five minutes: both sides are judged at each.
pub const MAX_STEPS: i64 = 28 * 288;
/// Data have a resolution of a minute; shorter steps say nothing more.
pub const MIN_STEP_SECONDS: i64 = 60;

/// The stretch of the past in which alerts and states are counted: steps that end at `at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookBack {
    at: Instant,
    steps: i64,
    step_seconds: i64,
}

impl LookBack {
    /// The last `seconds` before `at`, rounded down to whole steps and one at least; refused if the steps are shorter
    /// than `MIN_STEP_SECONDS` or more than `MAX_STEPS`.
    pub fn new(at: Instant, seconds: i64, step_seconds: i64) -> Result<Self, ChangeError> {
        if step_seconds < MIN_STEP_SECONDS {
            return Err(ChangeError::StepTooShort(step_seconds));
        }
        let steps = (seconds / step_seconds).max(1);
        if steps > MAX_STEPS {
            return Err(ChangeError::TooManySteps(steps));
        }
        Ok(Self { at, steps, step_seconds })
    }

    /// 28 days in steps of five minutes.
    pub const fn four_weeks(at: Instant) -> Self {
        Self { at, steps: MAX_STEPS, step_seconds: 300 }
    }

    /// From the first step's begin to the last one's end.
    pub fn bounds(self) -> Bounds {
        Bounds { from: self.at - self.steps * self.step_seconds, to: self.at }
    }

    /// Length of a step.
    pub const fn step_seconds(self) -> i64 {
        self.step_seconds
    }
}

/// One side of a comparison: an SLO of a single objective, as declared or as changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    slo: Slo,
}

/// An objective as declared, and as a change would have it.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// As declared.
    pub before: Side,
    /// As changed.
    pub after: Side,
    /// Where alerts and states are counted.
    pub look_back: LookBack,
}

/// What a side is judged on.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The SLI, with the cadence that the engine gives it.
    pub sli: &'a Sli,
    /// What touches the SLO, resolved on the grid of the side's own slices.
    pub exclusions: &'a Exclusions,
    /// What the side's lens shows of all that `Side::plan` and `Side::replan` ask for.
    pub series: &'a Series,
    /// The slices of the SLI itself, which tell how far the data reach.
    pub slices: &'a Series,
}

impl Comparison {
    /// Refused if there is no such objective, or the change is impossible.
    pub fn new(
        slo: &Slo,
        objective_index: usize,
        change: &Change,
        look_back: LookBack,
    ) -> Result<Self, ChangeError> {
        let objective = slo.objectives.get(objective_index).ok_or(ChangeError::NoSuchObjective)?;
        let before = Slo { objectives: vec![objective.clone()], ..slo.clone() };
        let after = change.apply(&before)?;
        Ok(Self { before: Side { slo: before }, after: Side { slo: after }, look_back })
    }

    /// Both sides.
    pub fn judge(&self, before: &Evidence<'_>, after: &Evidence<'_>) -> Result<WhatIf, ChangeError> {
        Ok(WhatIf {
            range: self.look_back.bounds(),
            step_seconds: self.look_back.step_seconds,
            before: self.before.outlook(self.look_back, before)?,
            after: self.after.outlook(self.look_back, after)?,
        })
    }
}

impl Side {
    /// The SLO, with the one objective that is compared.
    pub const fn slo(&self) -> &Slo {
        &self.slo
    }

    /// What its objective sees of slices; none if it has no objective, which `Comparison` never makes.
    pub fn lens(&self) -> Option<Lens> {
        self.slo.objectives.first().map(|objective| Lens::of(&self.slo, objective))
    }

    /// Stretches to load, as those of `History::plan`.
    pub fn plan(&self, look_back: LookBack, sli: &Sli, exclusions: &Exclusions) -> Vec<Bounds> {
        let histories = self.histories(look_back, sli, exclusions);
        joined(histories.flat_map(|history| history.plan()))
    }

    /// Further stretches where the data were stale, as those of `History::replan`: mostly none.
    pub fn replan(
        &self,
        look_back: LookBack,
        sli: &Sli,
        exclusions: &Exclusions,
        raw: &Series,
    ) -> Vec<Bounds> {
        let histories = self.histories(look_back, sli, exclusions);
        joined(histories.flat_map(|history| history.replan(raw)))
    }

    /// How the objective stands at the end of the look-back, and how it did in it.
    pub fn outlook(&self, look_back: LookBack, evidence: &Evidence<'_>) -> Result<Outlook, ChangeError> {
        let slo = &self.slo;
        let objective = slo.objectives.first().ok_or(ChangeError::NoSuchObjective)?;
        let judged = |at: Instant| -> ObjectiveStatus {
            let question =
                Question { slo, sli: evidence.sli, at, closed: false, exclusions: evidence.exclusions };
            let until = question.data_until(evidence.slices);
            judge(&question, until, &plan(&question, until), objective, |bounds| evidence.series.sum(bounds))
        };
        let range = look_back.bounds();
        let mut activity = Activity::beginning_with(judged(range.from).alerts);
        for step in 1..=look_back.steps {
            let status = judged(range.from + step * look_back.step_seconds);
            activity.add(status.state, status.alerts, look_back.step_seconds);
        }
        let status = judged(range.to);
        let lens = Lens::of(slo, objective);
        let breached_steps = activity.steps_in(State::Breached);
        let judged_steps = activity.steps() - activity.steps_in(State::NoData);
        Ok(Outlook {
            window: window_words(&slo.window),
            method: slo.method,
            slice_seconds: lens.slice_seconds(),
            slice_target: objective.slices.and_then(|rule| rule.target),
            unreachable: unreachable(slo, status.target),
            status,
            states: activity.states(look_back.step_seconds),
            steps: activity.steps(),
            judged_steps,
            breached_steps,
            breached_share: ratio(breached_steps.into(), judged_steps.into()),
            rules: activity.into_rules(),
        })
    }

    /// The look-back in histories that are as long as they may be, and the instant at which it begins.
    fn histories<'a>(
        &'a self,
        look_back: LookBack,
        sli: &'a Sli,
        exclusions: &'a Exclusions,
    ) -> impl Iterator<Item = History<'a>> {
        let Bounds { from, to } = look_back.bounds();
        let step_seconds = look_back.step_seconds;
        let most = i64::try_from(MAX_HISTORY_POINTS).unwrap_or(i64::MAX).saturating_mul(step_seconds);
        let begin = Bounds { from: from - step_seconds, to: from };
        let parts = steps(Bounds { from, to }, most);
        std::iter::once(begin).chain(parts).map(move |bounds| History {
            slo: &self.slo,
            sli,
            exclusions,
            bounds,
            step_seconds,
        })
    }
}

/// The names of the burn rules, declared or default, that a target puts out of reach.
fn unreachable(slo: &Slo, target: Target) -> Vec<String> {
    if slo.rules.is_none() {
        return burn::unreachable_tiers(target).into_iter().map(|tier| tier.rule().name).collect();
    }
    let is_out_of_reach = |rule: &AlertRule| {
        matches!(rule.condition, Condition::Burn { threshold_thousandths, .. }
            if !burn::can_burn(threshold_thousandths, target))
    };
    burn::rules(slo, target).into_iter().filter(is_out_of_reach).map(|rule| rule.name).collect()
}

/// Sorted, each once.
fn joined(bounds: impl Iterator<Item = Bounds>) -> Vec<Bounds> {
    let mut all: Vec<Bounds> = bounds.collect();
    all.sort_unstable_by_key(|bounds| (bounds.from, bounds.to));
    all.dedup();
    all
}

#[cfg(test)]
mod tests;
