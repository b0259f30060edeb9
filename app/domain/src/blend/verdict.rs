//! The state of a composite: the first rule that applies, as for an objective. Composites have no alert rules.

use std::cmp::Ordering;

use super::exact::Fraction;
use super::figure::{Figure, tolerated};
use super::joined::Joined;
use super::member::Found;
use super::sum::{Added, Part, added};
use crate::composite::{Composite, CompositeRule, CompositeStatus, MemberNoData, MemberStatus, Taken};
use crate::estate::DEFAULT_COVERAGE_FLOOR;
use crate::format;
use crate::status::State;
use crate::verdict::RISK_PERCENT;

/// What is known of a composite as a whole.
#[derive(Debug)]
pub(super) struct Evidence<'a> {
    composite: &'a Composite,
    /// Why there is no figure.
    pub(super) nothing: Option<String>,
    /// Whether all members that count had no traffic.
    idle: bool,
    /// Whether a member that tolerates nothing has something bad, in a sum of burns.
    pub(super) is_boundless: bool,
    boundless_member: String,
}

impl<'a> Evidence<'a> {
    pub(super) fn new(composite: &'a Composite, members: &[Found<'_>], taken: &[Taken]) -> Self {
        let without = members.iter().zip(taken).find(|(_, taken)| **taken == Taken::NoFigure);
        let is_silent = |found: &Found<'_>| found.state().is_none_or(|state| state == State::NoData);
        let nobody = composite.no_data == MemberNoData::LeaveOut && members.iter().all(is_silent);
        let nothing = match without {
            Some((found, _)) => Some(found.trouble()),
            None if members.is_empty() => Some("it has no members".to_owned()),
            None if nobody => Some("every member is left out".to_owned()),
            None => None,
        };
        let idle =
            nothing.is_none() && taken.iter().all(|taken| matches!(taken, Taken::Idle | Taken::LeftOut));
        let boundless = members.iter().find(|found| found.figure().is_some_and(|figure| figure.is_boundless));
        Self {
            composite,
            nothing,
            idle,
            is_boundless: false,
            boundless_member: boundless.map(|found| found.member.slo.clone()).unwrap_or_default(),
        }
    }

    /// The part of each member that adds up, unless there is none.
    pub(super) fn sums(&mut self, parts: &[Part<'_>]) -> Option<Added> {
        if self.idle {
            return None;
        }
        let is_boundless = |part: &Part<'_>| part.figure.is_some_and(|figure| figure.is_boundless);
        if self.composite.rule == CompositeRule::SumOfBurns && parts.iter().any(is_boundless) {
            self.is_boundless = true;
            return None;
        }
        let added = added(self.composite.rule, parts);
        if added.is_none() {
            self.nothing = Some("no weight is left".to_owned());
        }
        added
    }

    /// Bad slices over good and bad ones, with each member's part of the bad ones.
    pub(super) fn any_bad(&mut self, joined: &Joined) -> Option<Added> {
        let floor = DEFAULT_COVERAGE_FLOOR;
        let Some(coverage) = joined.coverage else {
            self.nothing = Some("no slice in the window is known".to_owned());
            return None;
        };
        if coverage.is_below(floor) {
            let known = format::percent_down(coverage.ratio(), 1);
            self.nothing = Some(format!("{known} of the slices are known, below the floor {floor} %"));
            return None;
        }
        let known = u128::from(joined.counts.good) + u128::from(joined.counts.bad);
        let Some(one) = Fraction::new(1, known) else {
            self.idle = true;
            return None;
        };
        self.idle = false;
        let sum = one.times(&Fraction::whole(joined.counts.bad.into()));
        // As if the rest of the period were as long in slices as it is in time, all of them good.
        let shrunk = joined.stretch.and_then(|(whole, passed)| Fraction::new(passed, whole));
        Some(Added {
            parts: joined.blame.iter().map(|blame| blame.times(&one)).collect(),
            foreseen: shrunk.map(|shrunk| sum.times(&shrunk)),
            sum,
        })
    }

    /// `missing` of the composite; none with a sum of burns where nothing is tolerated.
    fn missing(&self, sum: &Fraction) -> Option<Fraction> {
        let target = self.composite.target;
        match self.composite.rule {
            CompositeRule::SumOfBurns if target.is_zero_tolerance() => sum.is_zero().then(Fraction::zero),
            CompositeRule::SumOfBurns => Some(sum.times(&tolerated(target))),
            _ => Some(sum.clone()),
        }
    }

    fn consumed(&self, sum: &Fraction) -> Option<Fraction> {
        match self.composite.rule {
            _ if self.composite.target.is_zero_tolerance() => None,
            CompositeRule::SumOfBurns => Some(sum.clone()),
            _ => sum.divided_by(&tolerated(self.composite.target)),
        }
    }

    pub(super) fn status(
        &self,
        added: Option<&Added>,
        joined: Option<&Joined>,
        members: Vec<MemberStatus>,
    ) -> CompositeStatus {
        let consumed = added.and_then(|added| self.consumed(&added.sum));
        let foreseen = added.and_then(|added| self.consumed(added.foreseen.as_ref()?));
        let (state, state_reason) = self.verdict(added, consumed.as_ref(), foreseen.as_ref());
        CompositeStatus {
            composite: self.composite.name.clone(),
            display_name: self.composite.display_name.clone(),
            service: self.composite.service.clone(),
            rule: self.composite.rule,
            target: self.composite.target,
            state,
            state_reason,
            sli: added.and_then(|added| self.missing(&added.sum)).map(|missing| missing.one_less()),
            consumed_ratio: consumed.as_ref().map(Fraction::as_f64),
            remaining_ratio: consumed.as_ref().map(Fraction::one_less),
            projected_consumed_ratio: foreseen.as_ref().map(Fraction::as_f64),
            slices: joined.map(|joined| joined.counts),
            members,
            terms: Vec::new(),
        }
    }

    fn verdict(
        &self,
        added: Option<&Added>,
        consumed: Option<&Fraction>,
        foreseen: Option<&Fraction>,
    ) -> (State, String) {
        let say = |state: State, reason: &str| (state, reason.to_owned());
        if let Some(reason) = &self.nothing {
            return say(State::NoData, reason);
        }
        if self.is_boundless {
            let reason = format!("member {} has target 100 % and bad > 0", self.boundless_member);
            return (State::Breached, reason);
        }
        let Some(added) = added else {
            return say(State::NoTraffic, "no events in the members' windows");
        };
        let Some(consumed) = consumed else {
            return if added.sum.is_zero() {
                say(State::Met, "SLI >= target")
            } else {
                say(State::Breached, "target 100 % and something is missing")
            };
        };
        let one = Fraction::whole(1);
        let judged = foreseen.unwrap_or(consumed);
        if judged.compare(&one) == Ordering::Greater {
            let reason = match foreseen {
                Some(_) => "consumed > projected budget",
                None => "SLI < target",
            };
            return say(State::Breached, reason);
        }
        let spent = Fraction::new(u128::from(100 - RISK_PERCENT), 100);
        if spent.is_some_and(|spent| judged.compare(&spent) == Ordering::Greater) {
            let which = if foreseen.is_some() { "remaining projected budget" } else { "remaining budget" };
            let remaining = format::percent_down(Some(judged.one_less()), 1);
            return (State::AtRisk, format!("{which} {remaining} is below {RISK_PERCENT} %"));
        }
        if consumed.compare(&one) == Ordering::Greater {
            return say(State::AtRisk, "consumed > budget so far");
        }
        say(State::Met, "SLI >= target")
    }

    /// What it is to a composite that it is a member of.
    pub(super) fn figure(&self, status: &CompositeStatus, added: Option<&Added>) -> Option<Figure> {
        let target = self.composite.target;
        let figure = match (status.state, added) {
            (State::NoData, _) => return None,
            (State::NoTraffic, _) => Figure {
                missing: Fraction::zero(),
                projected: None,
                target,
                is_idle: true,
                is_boundless: false,
            },
            (_, None) => Figure { is_boundless: true, ..Figure::all_bad(target) },
            (_, Some(added)) => match self.missing(&added.sum) {
                Some(missing) => Figure {
                    is_boundless: target.is_zero_tolerance() && !missing.is_zero(),
                    projected: added.foreseen.as_ref().and_then(|sum| self.missing(sum)),
                    missing,
                    target,
                    is_idle: false,
                },
                None => Figure { is_boundless: true, ..Figure::all_bad(target) },
            },
        };
        Some(figure)
    }
}
