//! Warnings about SLOs that can be evaluated but will not tell what was meant: targets too fine for what is measured,
//! slices too coarse for their window.

use std::time::Duration;

use domain::Method;
use domain::estate::{Objective, SliceRule};

use super::declared::DeclaredSlo;
use super::duration::people;
use super::finding::{Place, Report, quote};
use super::window;

/// Parts of a target.
const WHOLE: u64 = 1_000_000_000;
/// A budget of fewer slices than this is all but spent by a bad one.
const MIN_BUDGET_SLICES: u64 = 2;

/// What is known of an SLI's source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source {
    /// Between two results, at least 1.
    pub(super) interval_seconds: u32,
    /// Whether each result is one attempt; else it may hold any number of events.
    pub(super) is_probed: bool,
}

/// Warns of what is wrong with an SLO on a source.
pub(super) fn slo(slo: &DeclaredSlo, source: Source, report: &mut Report) {
    let mut seen = Vec::new();
    for (objective, place) in &slo.objectives {
        let scene = Scene { slo, source, objective, place: *place };
        if let Some(rule) = objective.slices {
            // Said once for all objectives with slices of that length.
            if !seen.contains(&rule.seconds) {
                seen.push(rule.seconds);
                scene.short_slices(rule, report);
            }
            if scene.long_slices(rule, report) || slo.method == Method::Timeslices {
                scene.few_slices(rule, report);
                continue;
            }
        }
        if objective.target.is_zero_tolerance() {
            continue;
        }
        if source.is_probed {
            scene.few_attempts(report);
        } else {
            scene.short_budget(report);
        }
    }
}

struct Scene<'a> {
    slo: &'a DeclaredSlo,
    source: Source,
    objective: &'a Objective,
    place: Place,
}

impl Scene<'_> {
    fn window_seconds(&self) -> u64 {
        u64::try_from(self.slo.window.0.usual_seconds()).unwrap_or_default()
    }

    fn window(&self) -> String {
        window::people(&self.slo.window.0)
    }

    fn budget_parts(&self) -> u64 {
        self.objective.target.budget_parts().into()
    }

    /// Slices that are shorter than the time between two results.
    fn short_slices(&self, rule: SliceRule, report: &mut Report) {
        let interval = self.source.interval_seconds;
        if rule.seconds >= interval {
            return;
        }
        let message = format!(
            "slices of {} are shorter than the {} between two results of the SLI {}, so a result decides several slices \
             or leaves them unknown: write a longer `timeSliceWindow`",
            seconds(rule.seconds.into()),
            seconds(interval.into()),
            quote(&self.slo.sli.name)
        );
        report.warning(self.place, message);
    }

    /// Slices that are longer than the window; true if they are.
    fn long_slices(&self, rule: SliceRule, report: &mut Report) -> bool {
        let longer = u64::from(rule.seconds) > self.window_seconds();
        if longer {
            let message = format!(
                "the window of {} is shorter than its slices of {}: write shorter slices, or a longer window",
                self.window(),
                seconds(rule.seconds.into())
            );
            report.warning(self.slo.window.1, message);
        }
        longer
    }

    /// A budget that a single bad slice spends half of, or more.
    fn few_slices(&self, rule: SliceRule, report: &mut Report) {
        let slices = self.window_seconds() / u64::from(rule.seconds).max(1);
        let budget = self.budget_parts() * slices;
        if budget == 0 || budget >= MIN_BUDGET_SLICES * WHOLE {
            return;
        }
        let message = format!(
            "one bad slice of {} spends {} % of the budget of the target {} % over {}: write shorter slices, a longer \
             window or a lower target",
            seconds(rule.seconds.into()),
            (100 * WHOLE).div_ceil(budget),
            self.objective.target,
            self.window()
        );
        report.warning(self.place, message);
    }

    /// A target that a single failure in the window breaks.
    fn few_attempts(&self, report: &mut Report) {
        let attempts = self.window_seconds() / u64::from(self.source.interval_seconds);
        if self.budget_parts() * attempts >= WHOLE {
            return;
        }
        let message = format!(
            "the target {} % allows less than one failure in the {attempts} attempts of {}, so one breaks it: \
             probe more often, or write a longer window or a lower target",
            self.objective.target,
            self.window()
        );
        report.warning(self.place, message);
    }

    /// A budget that is spent before the next result comes.
    fn short_budget(&self, report: &mut Report) {
        let budget_seconds = self.budget_parts() * self.window_seconds() / WHOLE;
        if budget_seconds >= u64::from(self.source.interval_seconds) {
            return;
        }
        let message = format!(
            "the budget of the target {} % over {} is {} of outage, less than the {} between two results of the SLI {}, \
             so it is spent before anything is seen: send results more often, or write a longer window or a lower target",
            self.objective.target,
            self.window(),
            seconds(budget_seconds),
            seconds(self.source.interval_seconds.into()),
            quote(&self.slo.sli.name)
        );
        report.warning(self.place, message);
    }
}

fn seconds(seconds: u64) -> String {
    if seconds == 0 { "0 s".to_owned() } else { people(Duration::from_secs(seconds)) }
}
