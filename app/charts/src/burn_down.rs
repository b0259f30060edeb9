//! The error budget left over time, walked backwards from the exact figure of now.
//!
//! The budget left at the end of a step is the budget left now plus what the later steps spent of it. So the curve
//! ends at the very figure that the page shows as a number, and it tells where today's figure was lost; it is not
//! what the figure was then, when the window held other events. Unmeasured steps are gaps, never zeroes.
//!
//! The same steps also make the figure of the SLI over time (`sli`): two figures, one set of data to keep up to date.

mod draw;
mod excluded;
mod live;
mod plot;
mod sli;
mod stretches;

use domain::slice::Bounds;
use domain::{Count, HistoryPoint, Instant, ObjectiveStatus, Target};
use serde::{Deserialize, Serialize};

use crate::figure::Figure;
pub use excluded::Excluded;
pub use sli::SliSummary;

/// A figure holds at most this many steps, as many as the history delivers; older ones are dropped.
const STEPS_MAX: usize = 1_500;
/// The stream repeats the newest minute while it grows and the one before; five leave room for late ones.
const RECENT_MINUTES_MAX: usize = 5;
/// The live stream delivers minutes.
const MINUTE_SECONDS: i64 = 60;

/// The error budget left over time, and with it the SLI of each step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BurnDown {
    /// The objective's window.
    pub window: Bounds,
    /// What is shown of it.
    pub range: Bounds,
    /// Length of a step; steps are aligned to multiples of it since 1970.
    pub step_seconds: i64,
    /// Oldest first, without overlap.
    pub steps: Vec<Step>,
    /// Budget left now, a ratio; negative when overspent, none without a budget.
    pub remaining: Option<f64>,
    /// Bad events allowed in the window.
    pub budget: f64,
    /// The objective's target.
    pub target: Target,
    /// The newest minutes as the live stream last delivered them, oldest first.
    pub recent: Vec<Minute>,
    /// Up to here the steps hold what the history knew.
    pub history_to: Instant,
    /// What is excluded.
    #[serde(default)]
    pub excluded: Vec<Excluded>,
}

/// A stretch of time and what happened in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Inclusive.
    pub from: Instant,
    /// Exclusive.
    pub to: Instant,
    /// Bad events.
    pub bad: Count,
    /// All events.
    pub total: Count,
    /// Whether anything was measured; if not, there are no events.
    pub measured: bool,
    /// Seconds of it that were measured.
    pub measured_seconds: i64,
}

/// A minute as the live stream last delivered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Minute {
    /// Its first second.
    pub from: Instant,
    /// Bad events.
    pub bad: Count,
    /// All events.
    pub total: Count,
    /// Seconds of it that were measured.
    pub measured_seconds: i64,
}

/// What the cursor reads at the end of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// End of the step, or of the range if that is earlier.
    pub at: Instant,
    /// Budget left then, a ratio; none if the step is not measured or there is no budget.
    pub remaining: Option<f64>,
    /// Bad events of the step.
    pub bad: Count,
    /// All events of the step.
    pub total: Count,
    /// Whether anything was measured in the step.
    pub measured: bool,
    /// Measured share of the step, 0 to 1; none of a step without length.
    pub coverage: Option<f64>,
}

impl BurnDown {
    /// From an objective's history, oldest first and no later than now, and its status of the same moment.
    pub fn from_history(
        points: &[HistoryPoint],
        status: &ObjectiveStatus,
        step_seconds: i64,
        range: Bounds,
    ) -> Self {
        let (known, recent) = live::history_end(points, status, step_seconds);
        let mut burn_down = Self {
            window: Bounds { from: status.window.from, to: status.window.to },
            range,
            step_seconds,
            steps: points.iter().map(Step::from).collect(),
            remaining: status.error_budget.left(),
            budget: live::budget(status),
            target: status.target,
            recent,
            history_to: known.unwrap_or(range.from),
            excluded: Vec::new(),
        };
        burn_down.drop_old_steps();
        burn_down
    }

    /// Draws it.
    pub fn figure(&self) -> Figure {
        draw::figure(self)
    }

    /// Budget left at the end of step `index`, a ratio, at most 1; none if it is not measured or there is no budget.
    pub fn y_at(&self, index: usize) -> Option<f64> {
        let step = self.steps.get(index).filter(|step| step.measured)?;
        let later =
            self.steps.iter().skip(index + 1).map(|step| step.bad).fold(Count::default(), Count::plus);
        // A rolling window sheds events from inside the first step, which could lift the sum a little above 1.
        self.has_budget().then_some(step)?;
        Some((self.remaining? + self.share(later)).min(1.0))
    }

    /// What the cursor reads at step `index`; past the last step, the last one; without steps, nothing at the end of
    /// the range.
    pub fn reading(&self, index: usize) -> Reading {
        let index = index.min(self.steps.len().saturating_sub(1));
        let end = self.range.to;
        let none = Step {
            from: end,
            to: end,
            bad: Count::default(),
            total: Count::default(),
            measured: false,
            measured_seconds: 0,
        };
        let step = self.steps.get(index).copied().unwrap_or(none);
        let Step { to, bad, total, measured, .. } = step;
        let coverage = step.coverage();
        Reading { at: to.min(end), remaining: self.y_at(index), bad, total, measured, coverage }
    }

    /// Where the end of step `index` stands in the figure: fractions from the left and from the top, 0 to 1. The
    /// height is none where there is no value, and 1 where the value lies below the axis. None past the last step.
    pub fn place(&self, index: usize) -> Option<(f64, Option<f64>)> {
        let at = self.steps.get(index)?.to.min(self.range.to);
        let bottom = f64::from(draw::bottom_percent(self)) / 100.0;
        let height = self.y_at(index).map(|y| ((1.0 - y) / (1.0 - bottom)).clamp(0.0, 1.0));
        Some((self.fraction(at), height))
    }

    /// The step whose end is nearest to `fraction` (0 to 1, from the left); 0 if there are no steps.
    pub fn nearest(&self, fraction: f64) -> usize {
        let distance = |step: &Step| (self.fraction(step.to.min(self.range.to)) - fraction).abs();
        let nearer = |(index, least): (usize, f64), (at, step): (usize, &Step)| {
            let distance = distance(step);
            if distance < least { (at, distance) } else { (index, least) }
        };
        self.steps.iter().enumerate().fold((0, f64::INFINITY), nearer).0
    }

    /// Whether there is a budget of which shares can be spent.
    fn has_budget(&self) -> bool {
        self.remaining.is_some() && self.budget > 0.0
    }

    /// The share of the budget that `bad` events spend.
    fn share(&self, bad: Count) -> f64 {
        bad.as_f64() / self.budget
    }

    /// Place of an instant in the range: 0 at its start, 1 at its end.
    #[expect(clippy::cast_precision_loss, reason = "lengths of a range are far below 2^53")]
    fn fraction(&self, at: Instant) -> f64 {
        let seconds = self.range.to.seconds_since(self.range.from).max(1);
        (at.seconds_since(self.range.from) as f64 / seconds as f64).clamp(0.0, 1.0)
    }

    fn drop_old_steps(&mut self) {
        let left = self.steps.iter().take_while(|step| step.to <= self.range.from).count();
        let surplus = self.steps.len().saturating_sub(STEPS_MAX);
        self.steps.drain(..left.max(surplus));
    }
}

impl Step {
    /// Seconds of it that were not measured.
    fn unmeasured_seconds(&self) -> i64 {
        (self.to.seconds_since(self.from) - self.measured_seconds).max(0)
    }

    /// The measured share, 0 to 1; none without length.
    #[expect(clippy::cast_precision_loss, reason = "lengths of a step are far below 2^53")]
    fn coverage(&self) -> Option<f64> {
        let seconds = self.to.seconds_since(self.from);
        (seconds > 0).then(|| 1.0 - self.unmeasured_seconds() as f64 / seconds as f64)
    }
}

impl From<&HistoryPoint> for Step {
    fn from(point: &HistoryPoint) -> Self {
        let total = point.total.unwrap_or_default();
        let bad = total.less(point.good.unwrap_or(total));
        let measured_seconds = measured_seconds(point, point.to.seconds_since(point.from));
        Self { from: point.from, to: point.to, bad, total, measured: point.total.is_some(), measured_seconds }
    }
}

#[expect(clippy::cast_precision_loss, reason = "spans between instants are far below 2^53")]
fn seconds(span: i64) -> f64 {
    span as f64
}

/// What a point's coverage amounts to over `seconds` of it. Events of which nobody tells the coverage cover all.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "lengths of a step are far below 2^53"
)]
fn measured_seconds(point: &HistoryPoint, seconds: i64) -> i64 {
    if point.total.is_none() {
        return 0;
    }
    (point.coverage.unwrap_or(1.0).clamp(0.0, 1.0) * seconds.max(0) as f64).round() as i64
}
