//! What a composite knows of a member: how much is missing, exactly.

use super::exact::Fraction;
use crate::ratio::{ONE, Target};
use crate::status::{ObjectiveStatus, State};

/// The figures of a member that has some.
#[derive(Debug, Clone)]
pub(super) struct Figure {
    /// 1 - SLI; zero without traffic.
    pub(super) missing: Fraction,
    /// Of a running period: what will be missing at its end if nothing more is.
    pub(super) projected: Option<Fraction>,
    pub(super) target: Target,
    /// Whether it had no traffic.
    pub(super) is_idle: bool,
    /// Whether it spent more than any number of budgets: something bad where nothing is tolerated.
    pub(super) is_boundless: bool,
}

impl Figure {
    /// Of an objective; none if it has no data for a verdict.
    pub(super) fn of(status: &ObjectiveStatus) -> Option<Self> {
        let target = status.target;
        let idle =
            Self { missing: Fraction::zero(), projected: None, target, is_idle: true, is_boundless: false };
        match status.state {
            State::NoData => None,
            State::NoTraffic => Some(idle),
            _ => {
                let (bad, total) = status.bad.zip(status.total)?;
                let missing = Fraction::new(bad.parts(), total.parts())?;
                let projected = status.error_budget.projected.as_ref().map(|projected| {
                    // The status has it as a ratio of the budget, rounded once.
                    let consumed = projected.consumed_ratio.and_then(Fraction::from_f64);
                    consumed.map_or_else(|| missing.clone(), |consumed| consumed.times(&tolerated(target)))
                });
                let is_boundless = target.is_zero_tolerance() && !missing.is_zero();
                Some(Self { missing, projected, is_idle: false, is_boundless, ..idle })
            }
        }
    }

    /// All of it bad.
    pub(super) fn all_bad(target: Target) -> Self {
        let is_boundless = target.is_zero_tolerance();
        Self { missing: Fraction::whole(1), projected: None, target, is_idle: false, is_boundless }
    }

    /// In budgets of its own; none if boundless.
    pub(super) fn consumed(&self, missing: &Fraction) -> Option<Fraction> {
        match (self.is_boundless, self.target.is_zero_tolerance()) {
            (true, _) => None,
            (false, true) => Some(Fraction::zero()),
            (false, false) => missing.divided_by(&tolerated(self.target)),
        }
    }

    /// As of the end of a running period, else as it is.
    pub(super) fn foreseen(&self) -> &Fraction {
        self.projected.as_ref().unwrap_or(&self.missing)
    }
}

/// 1 - target.
pub(super) fn tolerated(target: Target) -> Fraction {
    Fraction::new(target.budget_parts().into(), ONE.unsigned_abs()).unwrap_or_else(Fraction::zero)
}
