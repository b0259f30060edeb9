//! The status of an SLO at an instant, from sums over the stretches of its plan.

use crate::budget::Budget;
use crate::burn::{self, EXHAUSTION_SECONDS, LookBack};
use crate::coverage::Coverage;
use crate::estate::{Method, Objective, Sli, Slo, Window};
use crate::exhaustion;
use crate::plan::Plan;
use crate::ratio::ratio;
use crate::slice::{Bounds, Sum};
use crate::status::{Alert, BurnRate, ErrorBudget, ObjectiveStatus, SloStatus, WindowBounds};
use crate::time::Instant;
use crate::verdict::{Evidence, verdict};

/// The flag of an objective whose window holds a slice with more good than total.
pub const FLAG_GOOD_OVER_TOTAL: &str = "good_over_total";

/// The status of every objective of `slo` at `at`.
///
/// `data_until` and `plan` belong to the same `at`; `sums` gives the sum of the slices that start in a stretch of the
/// plan, and is asked once for each.
pub fn evaluate(
    slo: &Slo,
    sli: &Sli,
    at: Instant,
    data_until: Option<Instant>,
    plan: &Plan,
    sums: impl Fn(Bounds) -> Sum,
) -> SloStatus {
    let past = Past::new(at, data_until, plan, sums);
    SloStatus {
        slo: slo.name.clone(),
        service: slo.service.clone(),
        method: match slo.method {
            Method::Occurrences => "Occurrences".to_owned(),
        },
        revision: slo.revision,
        at,
        data_until,
        objectives: slo.objectives.iter().map(|objective| past.judge(slo, sli, objective)).collect(),
    }
}

/// What was measured over the stretches of a plan.
pub(crate) struct Past {
    at: Instant,
    data_until: Option<Instant>,
    window: Bounds,
    sum: Sum,
    look_backs: Vec<LookBack>,
}

impl Past {
    pub(crate) fn new(
        at: Instant,
        data_until: Option<Instant>,
        plan: &Plan,
        sums: impl Fn(Bounds) -> Sum,
    ) -> Self {
        let look_back = |(seconds, bounds): &(u32, Bounds)| LookBack {
            seconds: *seconds,
            bounds: *bounds,
            sum: sums(*bounds),
        };
        Self {
            at,
            data_until,
            window: plan.window,
            sum: sums(plan.window),
            look_backs: plan.look_backs.iter().map(look_back).collect(),
        }
    }

    fn look_back(&self, seconds: u32) -> Option<&LookBack> {
        self.look_backs.iter().find(|past| past.seconds == seconds)
    }

    pub(crate) fn judge(&self, slo: &Slo, sli: &Sli, objective: &Objective) -> ObjectiveStatus {
        let target = objective.target;
        let budget = Budget { bad: self.sum.bad(), total: self.sum.total, target };
        let coverage = Coverage::of(&self.sum, self.window);
        let alerts = self.alerts(slo, objective);
        let seconds_left = coverage.zip(self.look_back(EXHAUSTION_SECONDS)).and_then(|(coverage, recent)| {
            let window_seconds = slo.window.seconds();
            exhaustion::seconds_left(budget, recent, slo.coverage_floor, coverage.seconds, window_seconds)
        });
        let exhausts_at = seconds_left.map(|seconds| self.window.to + seconds);
        let evidence = Evidence {
            at: self.at,
            data_until: self.data_until,
            stale_seconds: sli.stale_seconds(),
            coverage,
            floor: slo.coverage_floor,
            budget,
            alerts: &alerts,
            exhausts_at: exhausts_at.filter(|at| at.seconds_since(self.window.to) < slo.window.seconds()),
        };
        let (state, state_reason) = verdict(&evidence);
        ObjectiveStatus {
            name: objective.name.clone(),
            target,
            state,
            state_reason,
            window: WindowBounds {
                from: self.window.from,
                to: self.window.to,
                kind: match slo.window {
                    Window::Rolling { .. } => "rolling".to_owned(),
                },
                time_zone: None,
            },
            effective_from: self.sum.first.map(|first| first.max(self.window.from)),
            good: self.sum.good,
            bad: self.sum.bad(),
            total: self.sum.total,
            unit: "events".to_owned(),
            sli: ratio(i128::from(self.sum.good), i128::from(self.sum.total)),
            coverage: coverage.and_then(Coverage::ratio),
            flags: if self.sum.good_over_total > 0 { vec![FLAG_GOOD_OVER_TOTAL.to_owned()] } else { vec![] },
            raw: None,
            excluded: None,
            error_budget: ErrorBudget {
                total: budget.allowed_events(),
                consumed_ratio: budget.consumed(),
                remaining_ratio: budget.remaining(),
                exhausts_at,
                projected: None,
            },
            burn_rates: self.burn_rates(objective),
            alerts,
        }
    }

    fn burn_rates(&self, objective: &Objective) -> Vec<BurnRate> {
        let burn_rate = |past: &LookBack| BurnRate {
            window_seconds: past.seconds,
            burn_rate: past.budget(objective.target).consumed(),
            coverage: past.coverage().and_then(Coverage::ratio),
        };
        let used = burn::look_backs(objective.target);
        used.into_iter().filter_map(|seconds| self.look_back(seconds)).map(burn_rate).collect()
    }

    fn alerts(&self, slo: &Slo, objective: &Objective) -> Vec<Alert> {
        let alert = |tier: burn::Tier| {
            let (long, short) = (self.look_back(tier.long_seconds)?, self.look_back(tier.short_seconds())?);
            let state = tier.judge(objective.target, slo.coverage_floor, long, short);
            Some(Alert { policy: tier.name(), state, since: None })
        };
        burn::tiers(objective.target).into_iter().filter_map(alert).collect()
    }
}

#[cfg(test)]
mod tests;
