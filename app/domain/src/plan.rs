//! Which stretches of the past the status of an SLO at an instant is made of.

use crate::burn;
use crate::calendar;
use crate::estate::{GapPolicy, Sli, Slo, Window};
use crate::excluded::Exclusions;
use crate::rules::Condition;
use crate::series::Series;
use crate::slice::Bounds;
use crate::time::Instant;
use crate::week::Week;

/// What is asked of an SLO.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The SLO.
    pub slo: &'a Slo,
    /// Its SLI.
    pub sli: &'a Sli,
    /// The instant asked about.
    pub at: Instant,
    /// Whether it is about the last calendar period that has ended; of no effect on a rolling window.
    pub closed: bool,
    /// The SLO's exclusions, resolved.
    pub exclusions: &'a Exclusions,
}

impl Question<'_> {
    /// The generation of the SLI that it is about: slices that start elsewhere are as if they had never been measured.
    /// Of a closed period, the one in force at its last second (R20).
    pub fn generation(&self) -> Bounds {
        let asked = match &self.slo.window {
            Window::Calendar(calendar) if self.closed => calendar::closed_period(calendar, self.at).to,
            _ => self.at,
        };
        self.sli.generation(asked)
    }

    /// How far its data reach: the end of the latest measured slice of its generation that starts before `at`, at most
    /// `at` and the end of the generation; none before the first.
    ///
    /// `slices` are those of the SLI itself, exact as [`Series::data_until_in`] says.
    pub fn data_until(&self, slices: &Series) -> Option<Instant> {
        let generation = self.generation();
        slices.data_until_in(Bounds { to: self.at.min(generation.to), ..generation })
    }
}

/// The stretches that `evaluate` sums.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The nominal window, start inclusive, end exclusive.
    pub window: Bounds,
    /// Where sums end: the window's end, or that of the data inside a running period.
    pub horizon: Instant,
    /// Whether the window is a calendar period that has not ended.
    pub running: bool,
    /// Every look-back of every objective with its length in seconds, shortest first; all end at the horizon.
    pub look_backs: Vec<(u32, Bounds)>,
    /// For rules that compare: the window as it was so many seconds before the horizon.
    pub earlier: Vec<(u32, Bounds)>,
    /// What the rest of a running period is projected from.
    pub week: Option<Week>,
    /// Excluded stretches inside all of these.
    pub excluded: Vec<Bounds>,
    /// The generation of the SLI that the question is about: sums are of slices that start in it.
    pub generation: Bounds,
}

/// The plan of a question; `data_until` as [`Question::data_until`] says.
pub fn plan(question: &Question<'_>, data_until: Option<Instant>) -> Plan {
    let Question { slo, at, .. } = *question;
    let silence_counts = slo.gap != GapPolicy::Gap;
    let until = if silence_counts { at } else { data_until.map_or(at, |until| until.min(at)) };
    let (window, horizon, running) = match &slo.window {
        Window::Rolling { seconds } => {
            (Bounds { from: until - i64::from(*seconds), to: until }, until, false)
        }
        Window::Calendar(calendar) if question.closed => {
            let period = calendar::closed_period(calendar, at);
            (period, period.to, false)
        }
        Window::Calendar(calendar) => {
            let period = calendar::period(calendar, at);
            (period, until.max(period.from), true)
        }
    };
    let ending_at_horizon =
        |seconds: u32| (seconds, Bounds { from: horizon - i64::from(seconds), to: horizon });
    let earlier = |seconds: u32| {
        let to = horizon - i64::from(seconds);
        let from = if running { window.from } else { to - window.to.seconds_since(window.from) };
        (seconds, Bounds { from, to: to.max(from) })
    };
    let mut plan = Plan {
        window,
        horizon,
        running,
        look_backs: look_back_seconds(slo).into_iter().map(ending_at_horizon).collect(),
        earlier: drops(slo).map(earlier).collect(),
        week: running.then(|| Week::before(horizon, window.to)),
        excluded: Vec::new(),
        generation: question.generation(),
    };
    let span =
        plan.bounds().into_iter().reduce(|a, b| Bounds { from: a.from.min(b.from), to: a.to.max(b.to) });
    plan.excluded = span
        .map(|span| question.exclusions.inside(span).map(|(bounds, _)| bounds).collect())
        .unwrap_or_default();
    plan
}

/// The distinct look-backs of all objectives of an SLO, at all of their targets, shortest first.
pub(crate) fn look_back_seconds(slo: &Slo) -> Vec<u32> {
    let targets = slo.objectives.iter().flat_map(|objective| {
        objective.past_targets.iter().map(|past| past.target).chain([objective.target])
    });
    let mut seconds: Vec<u32> = targets.flat_map(|target| burn::look_backs(slo, target)).collect();
    seconds.sort_unstable();
    seconds.dedup();
    seconds
}

/// The look-backs of rules that compare the budget with what it was.
pub(crate) fn drops(slo: &Slo) -> impl Iterator<Item = u32> + '_ {
    slo.rules.iter().flatten().filter_map(|rule| match rule.condition {
        Condition::BudgetDrop { seconds, .. } => Some(seconds),
        _ => None,
    })
}

impl Plan {
    /// What is summed of the window, but for what is not of the generation.
    pub const fn summed(&self) -> Bounds {
        Bounds { from: self.window.from, to: self.horizon }
    }

    /// All stretches as far as they lie in the generation, for `fine_hours` and for loading.
    pub fn bounds(&self) -> Vec<Bounds> {
        let others = self.look_backs.iter().chain(&self.earlier).map(|(_, bounds)| *bounds);
        let week = self.week.into_iter().flat_map(|week| [week.whole, week.part]);
        let all =
            std::iter::once(self.summed()).chain(others).chain(week).chain(self.excluded.iter().copied());
        all.map(|bounds| bounds.within(self.generation)).filter(|bounds| !bounds.is_empty()).collect()
    }
}
