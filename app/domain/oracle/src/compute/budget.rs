//! The budget, its projection and its end (R9, R10, R12).

use super::figures::Usual;
use super::judge::PARTS;
use super::{EXHAUSTION_LOOK_BACK, Kind, Question};
use crate::fraction::Fraction;

const WEEK: i64 = 7 * 86_400;

/// What the rest of a running period is expected to bring, in parts.
pub(super) struct Expected {
    /// Of the week before the horizon.
    pub(super) week: i128,
    /// Of its begin, as long as what is left beyond whole weeks.
    pub(super) part: i128,
    /// Of the rest of the period.
    pub(super) total: i128,
}

impl Question<'_> {
    /// Bad events or slices allowed, in ones.
    pub(super) fn allowed(&self) -> Fraction {
        let parts = self.figures.total * i128::from(self.budget_parts());
        Fraction::new(parts, PARTS * self.counting.scale).unwrap_or_else(|| Fraction::whole(0))
    }

    /// bad / allowed.
    pub(super) fn consumed(&self) -> Option<Fraction> {
        self.figures.burn(self.budget_parts())
    }

    /// How many times the measured time a whole window is: W / (E - X), or P / (E - X) of a running period.
    pub(super) fn whole_window(&self) -> Option<Fraction> {
        let effective = self.figures.effective?;
        let length = match self.kind {
            Kind::Rolling => self.to - self.from,
            Kind::Running | Kind::Closed => self.period_seconds(effective),
        };
        Fraction::new(length, self.figures.covered())
    }

    /// P: seconds from the effective window's begin to the period's end, less what is removed or dropped in them.
    pub(super) fn period_seconds(&self, effective: i64) -> i64 {
        self.to - effective - self.counting.removed(effective, self.to)
    }

    /// What the rest of a running period is expected to bring by the week before; none if that says nothing.
    pub(super) fn expected(&self) -> Option<Expected> {
        let (since, weeks) = (self.horizon - WEEK, (self.to - self.horizon) / WEEK);
        if self.kind != Kind::Running || self.counting.removed(since, self.to) > 0 || self.figures.total == 0
        {
            return None;
        }
        let usual = Usual { since: Some(since), total: 0, measured: 0 };
        let week = self.counting.figures(since, self.horizon, Some(usual));
        let floor = i128::from(self.case.slo.coverage_floor.parts());
        if week.seen.min(WEEK.into()) * PARTS < floor * i128::from(WEEK) {
            return None;
        }
        let usual = Usual { total: week.total - week.added, measured: week.measured, ..usual };
        let left = self.to - self.horizon - weeks * WEEK;
        let part = self.counting.figures(since, since + left, Some(usual)).total;
        let total = i128::from(weeks) * week.total + part;
        (total > 0).then_some(Expected { week: week.total, part, total })
    }

    /// Seconds of the period after the horizon that count.
    pub(super) fn rest_seconds(&self) -> i64 {
        self.to - self.horizon - self.counting.removed(self.horizon, self.to)
    }

    /// The budget of the whole running period; none of any other window.
    pub(super) fn projected(&self) -> Option<Fraction> {
        let linear = &self.allowed() * &self.whole_window()?;
        match (self.kind, self.expected()) {
            (Kind::Rolling | Kind::Closed, _) => None,
            (Kind::Running, None) => Some(linear),
            (Kind::Running, Some(expected)) => {
                let parts = (self.figures.total + expected.total) * i128::from(self.budget_parts());
                Fraction::new(parts, PARTS * self.counting.scale)
            }
        }
    }

    /// Bad events or slices, in ones.
    pub(super) fn bad(&self) -> Fraction {
        Fraction::new(self.figures.bad(), self.counting.scale).unwrap_or_else(|| Fraction::whole(0))
    }

    /// The share of the budget, or of a running period's projected budget, that is gone.
    pub(super) fn governing(&self) -> Option<Fraction> {
        match self.projected() {
            Some(projected) => self.bad().over(&projected),
            None => self.consumed(),
        }
    }

    /// Seconds from the horizon until the budget is gone; none if never, or if it is gone.
    pub(super) fn exhaustion(&self) -> Option<Fraction> {
        self.figures.coverage()?;
        let recent = self.look_back(EXHAUSTION_LOOK_BACK);
        if !self.is_covered(&recent) {
            return None;
        }
        let (b, c, one) = (recent.burn(self.budget_parts())?, self.governing()?, Fraction::whole(1));
        if c >= one {
            return None;
        }
        let left = &one - &c;
        match self.kind {
            Kind::Closed => None,
            Kind::Running => match self.expected() {
                None => (&left * &Fraction::whole(self.period_seconds(self.figures.effective?))).over(&b),
                Some(expected) => {
                    let whole = self.figures.total + expected.total;
                    let lasts = Fraction::new(whole * i128::from(self.rest_seconds()), expected.total)?;
                    (&left * &lasts).over(&b)
                }
            },
            Kind::Rolling if b <= c => None,
            Kind::Rolling => {
                let window = Fraction::whole(self.to - self.from);
                let seconds = Fraction::whole(self.figures.covered());
                let (left, free) = (&left * &seconds, &window - &seconds);
                let faster = &b - &one;
                if b > one
                    && let Some(after) = left.over(&faster)
                    && after <= free
                {
                    return Some(after);
                }
                let full = &(&left - &(&faster * &free)) * &window;
                Some(&free + &full.over(&(&(&b - &c) * &seconds))?)
            }
        }
    }
}
