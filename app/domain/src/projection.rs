//! What a running calendar period will have been allowed at its end (R10).
//!
//! The rest of the period is expected to bring what the same stretch of the week brought before: a month that began
//! with a quiet weekend is not judged as if every day were one. Where that week was not measured well enough, or
//! something of it or of the rest is taken out by an exclusion, the mean traffic so far is expected to go on.

use crate::budget::{Budget, Stretch};
use crate::count::Count;
use crate::coverage::Coverage;
use crate::plan::Plan;
use crate::ratio::{Target, ratio};
use crate::slice::{Bounds, Sum};
use crate::status::{Profile, ProjectedBudget};
use crate::tally::{Counting, Tally};
use crate::week::{WEEK_SECONDS, Week};

/// The budget of a whole running period, and how it comes about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Projection {
    /// What is bad so far, of all that the period is expected to bring.
    pub(crate) budget: Budget,
    /// Seconds from the effective begin to the period's end, without what is removed or dropped in them.
    period_seconds: i64,
    /// Of these, those that are still to come.
    rest_seconds: i64,
    expected: Option<Expected>,
}

/// What the week before says of the rest of the period, in units of the lens's scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Expected {
    week: u64,
    part: u64,
    total: u64,
}

impl Projection {
    /// The projection of a running period with the `budget` that it has so far; none of any other window, or before
    /// anything of it counts.
    pub(crate) fn new(
        plan: &Plan,
        counting: &Counting<'_>,
        floor: Target,
        window: &Tally,
        budget: Budget,
        sums: &impl Fn(Bounds) -> Sum,
    ) -> Option<Self> {
        let passed = window.counts.coverage.filter(|_| plan.running)?.seconds;
        let period = Bounds { from: window.effective_from?, to: plan.window.to };
        let period_seconds = period.to.seconds_since(period.from) - counting.taken_seconds(period);
        let linear = budget.stretched(Stretch::new(period_seconds, passed)?);
        let expected = plan.week.filter(|_| budget.total > 0).and_then(|week| {
            let free = counting.taken_seconds(Bounds { from: week.whole.from, to: plan.window.to }) == 0;
            free.then(|| Expected::new(&week, counting, floor, sums)).flatten()
        });
        Some(Self {
            budget: expected.map_or(linear, |expected| Budget {
                total: budget.total.saturating_add(expected.total),
                ..budget
            }),
            period_seconds,
            rest_seconds: period_seconds - passed,
            expected,
        })
    }

    /// How long the whole budget would last if all of the period had the traffic that its rest is expected to have,
    /// and spent neutrally: the period itself where traffic is the same throughout.
    pub(crate) fn neutral_seconds(&self) -> Option<f64> {
        let Some(expected) = self.expected else { return ratio(self.period_seconds.into(), 1) };
        ratio(i128::from(self.budget.total) * i128::from(self.rest_seconds), expected.total.into())
    }

    /// As a status shows it.
    pub(crate) fn shown(&self) -> ProjectedBudget {
        let count =
            |of: fn(Expected) -> u64| self.expected.map(|its| Count::scaled(of(its), self.budget.scale));
        ProjectedBudget {
            total: self.budget.allowed_events(),
            consumed_ratio: self.budget.consumed(),
            remaining_ratio: self.budget.remaining(),
            period_seconds: self.period_seconds.unsigned_abs(),
            profile: if self.expected.is_some() { Profile::Week } else { Profile::Linear },
            rest_seconds: self.rest_seconds.unsigned_abs(),
            expected_total: count(|expected| expected.total),
            week_total: count(|expected| expected.week),
            part_total: count(|expected| expected.part),
        }
    }
}

impl Expected {
    /// None if too little of the week was measured, or nothing is expected.
    fn new(
        week: &Week,
        counting: &Counting<'_>,
        floor: Target,
        sums: &impl Fn(Bounds) -> Sum,
    ) -> Option<Self> {
        let whole = Tally::new(counting, week.whole, sums, Some(Tally::since(week.whole.from)));
        // Of the whole week, also where the first measured second lies inside it: who is younger has no profile yet.
        let coverage = Coverage::new(whole.seen.measured_seconds, WEEK_SECONDS)?;
        if coverage.is_below(floor) {
            return None;
        }
        let part = Tally::new(counting, week.part, sums, Some(whole.usual()));
        let (week_total, part_total) = (whole.counts.total, part.counts.total);
        let total = week.times.saturating_mul(week_total).saturating_add(part_total);
        (total > 0).then_some(Self { week: week_total, part: part_total, total })
    }
}
