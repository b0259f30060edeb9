//! The status of an SLO at an instant, from sums over the stretches of its plan.

use crate::alerting::Scene;
use crate::budget::{Budget, Stretch};
use crate::burn::{self, EXHAUSTION_SECONDS};
use crate::count::Count;
use crate::coverage::Coverage;
use crate::estate::{GapPolicy, Objective, Slo, Window};
use crate::exhaustion;
use crate::lens::Lens;
use crate::plan::{Plan, Question};
use crate::projection::Projection;
use crate::ratio::{Target, ratio};
use crate::slice::{Bounds, Sum};
use crate::status::{
    BurnRate, ErrorBudget, Excluded, FLAG_GAP_FILLED, FLAG_GOOD_OVER_TOTAL, GapFill, ObjectiveStatus, Raw,
    SloStatus, WindowBounds,
};
use crate::tally::{Counting, Tally, Usual};
use crate::time::Instant;
use crate::verdict::{Evidence, no_data, verdict};

/// The status of every objective at the instant of the question.
///
/// `data_until` and `plan` belong to the same question, as [`Question::data_until`] and [`plan`](crate::plan()) say; `sums` gives, for the index of an objective, the sum of what
/// its lens shows of the slices that start in a stretch.
pub fn evaluate(
    question: &Question<'_>,
    data_until: Option<Instant>,
    plan: &Plan,
    sums: impl Fn(usize, Bounds) -> Sum,
) -> SloStatus {
    let slo = question.slo;
    let judged = |(index, objective): (usize, &Objective)| {
        judge(question, data_until, plan, objective, |bounds| sums(index, bounds))
    };
    SloStatus {
        slo: slo.name.clone(),
        service: slo.service.clone(),
        method: slo.method.name().to_owned(),
        revision: slo.revision,
        at: question.at,
        data_until,
        objectives: slo.objectives.iter().enumerate().map(judged).collect(),
    }
}

/// The status of one objective.
pub(crate) fn judge(
    question: &Question<'_>,
    data_until: Option<Instant>,
    plan: &Plan,
    objective: &Objective,
    sums: impl Fn(Bounds) -> Sum,
) -> ObjectiveStatus {
    let slo = question.slo;
    let lens = Lens::of(slo, objective);
    let counting =
        Counting { lens, gap: slo.gap, exclusions: question.exclusions, generation: plan.generation };
    let closed = slo.window.is_calendar() && !plan.running;
    // A closed period is judged by the target of its last second, whatever came into force at its end.
    let judged_at = if closed { plan.horizon - 1 } else { plan.horizon };
    let past = Past { plan, counting, target: objective.target_at(judged_at), sums };
    let window = past.tally(plan.summed(), None).or_nothing();
    let usual = Some(window.usual());
    let look_backs: Vec<(u32, Tally)> =
        plan.look_backs.iter().map(|(seconds, bounds)| (*seconds, past.tally(*bounds, usual))).collect();
    let look_back = |seconds: u32| look_backs.iter().find(|(its, _)| *its == seconds).map(|(_, tally)| tally);

    let budget = past.budget(&window);
    let projection = Projection::new(plan, &past.counting, slo.coverage_floor, &window, budget, &past.sums);
    let projected = projection.map(|projection| projection.budget);
    let exhausted_in = if closed {
        None
    } else {
        look_back(EXHAUSTION_SECONDS).and_then(|recent| past.exhausted_in(slo, &window, recent, projection))
    };
    let limit =
        if plan.running { plan.window.to.seconds_since(plan.horizon) } else { slo.window.usual_seconds() };
    let mut evidence = Evidence {
        at: question.at,
        data_until,
        stale_seconds: (!closed).then(|| question.sli.stale_seconds(lens.slice_seconds())),
        coverage: window.counts.coverage,
        measured: window.seen.first.is_some(),
        excluded: window.is_corrected(),
        floor: slo.coverage_floor,
        gap: slo.gap,
        budget,
        projected,
        alerts: &[],
        exhausts_at: exhausted_in.filter(|seconds| *seconds < limit).map(|seconds| plan.horizon + seconds),
    };
    let earlier = |seconds: u32| {
        let (_, bounds) = plan.earlier.iter().find(|(its, _)| *its == seconds)?;
        Some(past.budget(&past.tally(*bounds, None)))
    };
    let scene = Scene {
        target: past.target,
        scale: lens.scale(),
        floor: slo.coverage_floor,
        gap: slo.gap,
        budget: projected.unwrap_or(budget),
        window_is_thin: no_data(&evidence).is_some(),
        running: plan.running,
        whole: projected.unwrap_or_else(|| past.whole(&window)),
        exhausted_in,
        look_back: &look_back,
        earlier: &earlier,
    };
    let alerts = if closed { Vec::new() } else { scene.alerts(burn::rules(slo, past.target)) };
    evidence.alerts = &alerts;
    let (state, state_reason) = verdict(&evidence);
    let used = burn::look_backs(slo, past.target);
    let burn_rates =
        used.into_iter().filter_map(|seconds| Some(past.burn_rate(seconds, look_back(seconds)?)));
    let counts = window.counts;
    let count = |units: u64| window.seen.first.map(|_| Count::scaled(units, lens.scale()));
    ObjectiveStatus {
        name: objective.name.clone(),
        target: past.target,
        state,
        state_reason,
        window: window_bounds(slo, plan),
        effective_from: window.effective_from,
        good: count(counts.good),
        bad: count(counts.bad()),
        total: count(counts.total),
        unit: slo.method.unit().to_owned(),
        sli: ratio(counts.good.into(), counts.total.into()),
        coverage: counts.coverage.and_then(Coverage::ratio),
        measured_seconds: counts.coverage.map(|coverage| coverage.measured_seconds.unsigned_abs()),
        covered_seconds: counts.coverage.map(|coverage| coverage.seconds.unsigned_abs()),
        flags: flags(&window, slo.gap),
        gap: gap_fill(&window, slo.gap, lens),
        raw: raw(&window, lens),
        excluded: excluded(&window, lens),
        error_budget: ErrorBudget {
            total: budget.allowed_events(),
            consumed_ratio: budget.consumed(),
            remaining_ratio: budget.remaining(),
            seconds: budget_seconds(past.target, plan, &window),
            remaining_seconds: projected.unwrap_or(budget).remaining_seconds(counted_seconds(plan, &window)),
            exhausts_at: exhausted_in.map(|seconds| plan.horizon + seconds),
            projected: projection.map(|projection| projection.shown()),
        },
        burn_rates: burn_rates.collect(),
        alerts,
    }
}

/// What is known of an objective's past, and how it counts.
struct Past<'a, S> {
    plan: &'a Plan,
    counting: Counting<'a>,
    target: Target,
    sums: S,
}

impl<S: Fn(Bounds) -> Sum> Past<'_, S> {
    fn tally(&self, bounds: Bounds, usual: Option<Usual>) -> Tally {
        Tally::new(&self.counting, bounds, &self.sums, usual)
    }

    fn budget(&self, tally: &Tally) -> Budget {
        Budget::new(tally.counts.bad(), tally.counts.total, self.counting.lens.scale(), self.target)
    }

    /// The budget of a whole window at the mean traffic of its effective part.
    fn whole(&self, window: &Tally) -> Budget {
        let seconds = self.plan.window.to.seconds_since(self.plan.window.from);
        let stretch = window.counts.coverage.and_then(|passed| Stretch::new(seconds, passed.seconds));
        let budget = self.budget(window);
        stretch.map_or(budget, |stretch| budget.stretched(stretch))
    }

    fn exhausted_in(
        &self,
        slo: &Slo,
        window: &Tally,
        recent: &Tally,
        projection: Option<Projection>,
    ) -> Option<i64> {
        let coverage = window.counts.coverage?;
        if recent.counts.coverage.is_none_or(|coverage| coverage.is_below(slo.coverage_floor)) {
            return None;
        }
        let (budget, recent) = (self.budget(window), self.budget(recent));
        match projection {
            Some(projection) => exhaustion::running(projection.budget, recent, projection.neutral_seconds()?),
            None => exhaustion::rolling(budget, recent, coverage.seconds, slo.window.usual_seconds()),
        }
    }

    fn burn_rate(&self, seconds: u32, past: &Tally) -> BurnRate {
        // What is held was not measured here, but counts.
        let is_known = past.effective_from.is_some() || past.counts.total > 0;
        BurnRate {
            window_seconds: seconds,
            burn_rate: self.budget(past).consumed(),
            coverage: past.counts.coverage.and_then(Coverage::ratio),
            bad: is_known.then(|| Count::scaled(past.counts.bad(), self.counting.lens.scale())),
            total: is_known.then(|| Count::scaled(past.counts.total, self.counting.lens.scale())),
        }
    }
}

fn window_bounds(slo: &Slo, plan: &Plan) -> WindowBounds {
    let (kind, time_zone) = match &slo.window {
        Window::Rolling { .. } => ("rolling", None),
        Window::Calendar(calendar) => ("calendar", Some(calendar.zone.clone())),
    };
    WindowBounds { from: plan.window.from, to: plan.window.to, kind: kind.to_owned(), time_zone }
}

fn flags(window: &Tally, gap: GapPolicy) -> Vec<String> {
    let mut flags = Vec::new();
    if window.seen.good_over_total > 0 {
        flags.push(FLAG_GOOD_OVER_TOTAL.to_owned());
    }
    if gap != GapPolicy::Gap && window.counts.coverage.is_some_and(|coverage| coverage.gap_seconds() > 0) {
        flags.push(FLAG_GAP_FILLED.to_owned());
    }
    flags
}

fn gap_fill(window: &Tally, policy: GapPolicy, lens: Lens) -> Option<GapFill> {
    let coverage = window.counts.coverage.filter(|_| policy != GapPolicy::Gap)?;
    Some(GapFill {
        policy,
        seconds: coverage.gap_seconds().unsigned_abs(),
        added: (policy != GapPolicy::Hold).then(|| Count::scaled(window.counts.filled, lens.scale())),
    })
}

fn raw(window: &Tally, lens: Lens) -> Option<Raw> {
    let count = |units: u64| Count::scaled(units, lens.scale());
    window.is_corrected().then(|| Raw {
        good: count(window.raw.good),
        bad: count(window.raw.bad()),
        total: count(window.raw.total),
        sli: ratio(window.raw.good.into(), window.raw.total.into()),
        coverage: window.raw.coverage.and_then(Coverage::ratio),
    })
}

fn excluded(window: &Tally, lens: Lens) -> Option<Excluded> {
    window.is_corrected().then(|| Excluded {
        seconds: window.excluded_seconds,
        removed_seconds: window.removed_seconds.unsigned_abs(),
        good: Count::scaled(window.excluded.good, lens.scale()),
        total: Count::scaled(window.excluded.total, lens.scale()),
    })
}

/// Seconds that the budget is a share of: the nominal window, less what is removed from it.
fn counted_seconds(plan: &Plan, window: &Tally) -> i64 {
    plan.window.to.seconds_since(plan.window.from) - window.removed_seconds
}

fn budget_seconds(target: Target, plan: &Plan, window: &Tally) -> Option<u64> {
    let seconds = i128::from(counted_seconds(plan, window)) * i128::from(target.budget_parts());
    if target.is_zero_tolerance() { None } else { u64::try_from(seconds / crate::ratio::ONE).ok() }
}

#[cfg(test)]
mod tests;
