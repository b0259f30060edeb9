//! The state of an objective, the first that applies (R13).

use domain::estate::GapPolicy;
use domain::status::{Alert, AlertState, State};

use super::{Kind, Question, data_until};
use crate::fraction::Fraction;

/// Slices are no shorter than this, so that data cannot come more often.
const SHORTEST_CADENCE: i64 = 60;

/// Why an objective is in its state: one word for each clause of the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// No slice was measured yet.
    Nothing,
    /// The latest data are too old.
    Stale,
    /// Too little of the window was measured.
    Coverage,
    /// No event at all.
    NoTraffic,
    /// More bad than the budget allows.
    Budget,
    /// Less than a quarter of the budget remains.
    Quarter,
    /// A burn rule fires.
    Burn,
    /// More bad so far than the budget so far.
    SoFar,
    /// The budget will be gone inside the window.
    Exhaustion,
    /// None of these.
    Met,
}

impl Question<'_> {
    /// Why there are too few data for a verdict, if so.
    pub(super) fn no_data(&self) -> Option<Reason> {
        if self.case.slo.gap != GapPolicy::Gap {
            let nothing = self.figures.effective.is_none() || data_until(self.case).is_none();
            return nothing.then_some(Reason::Nothing);
        }
        let Some(until) = data_until(self.case) else { return Some(Reason::Nothing) };
        let sli = &self.case.sli;
        let shortest = self.counting.length.unwrap_or(SHORTEST_CADENCE).max(SHORTEST_CADENCE);
        let cadence = i64::from(sli.interval_seconds).max(shortest);
        if self.kind != Kind::Closed && self.case.at - until > 2 * cadence + i64::from(sli.timeout_seconds) {
            return Some(Reason::Stale);
        }
        (!self.is_covered(&self.figures)).then_some(Reason::Coverage)
    }

    pub(super) fn state(&self, alerts: &[Alert]) -> (State, Reason) {
        if let Some(reason) = self.no_data() {
            return (State::NoData, reason);
        }
        if self.figures.total == 0 {
            return (State::NoTraffic, Reason::NoTraffic);
        }
        let (bad, allowed) = (self.bad(), self.allowed());
        let limit = self.projected().unwrap_or_else(|| allowed.clone());
        if bad > limit {
            return (State::Breached, Reason::Budget);
        }
        // Remaining below 1/4: consumed above 3/4.
        let three_quarters = Fraction::new(3, 4);
        if self.governing().is_some() && self.governing() > three_quarters {
            return (State::AtRisk, Reason::Quarter);
        }
        let burns = |alert: &Alert| {
            matches!(alert.condition, domain::rules::Condition::Burn { .. })
                && alert.state == AlertState::Firing
        };
        if alerts.iter().any(burns) {
            return (State::AtRisk, Reason::Burn);
        }
        if self.kind == Kind::Running && bad > allowed {
            return (State::AtRisk, Reason::SoFar);
        }
        let half = Fraction::new(1, 2);
        let seconds = self.exhaustion().zip(half).and_then(|(after, half)| (&after + &half).floor());
        let inside = seconds.is_some_and(|seconds| match self.kind {
            Kind::Rolling => seconds < i128::from(self.to - self.from),
            Kind::Running => seconds < i128::from(self.to - self.horizon),
            Kind::Closed => false,
        });
        if inside { (State::AtRisk, Reason::Exhaustion) } else { (State::Met, Reason::Met) }
    }
}
