//! A member of a composite, looked up, and how it is taken.

use std::rc::Rc;

use super::figure::Figure;
use super::slices::MemberSlices;
use super::{Leaf, Outcome};
use crate::composite::{Member, MemberNoData, MemberStatus, Taken};
use crate::ratio::Target;
use crate::status::State;

/// A member, looked up.
pub(super) struct Found<'a> {
    pub(super) member: &'a Member,
    pub(super) kind: Kind<'a>,
}

pub(super) enum Kind<'a> {
    Objective(Leaf<'a>),
    Composite(Rc<Outcome>),
    /// Why there is none.
    Nothing(&'static str),
}

impl Found<'_> {
    pub(super) fn figure(&self) -> Option<Figure> {
        match &self.kind {
            Kind::Objective(leaf) => Figure::of(leaf.status),
            Kind::Composite(outcome) => outcome.figure.clone(),
            Kind::Nothing(_) => None,
        }
    }

    pub(super) fn slices(&self) -> Option<&MemberSlices> {
        match &self.kind {
            Kind::Objective(leaf) => leaf.slices,
            Kind::Composite(outcome) => outcome.slices.as_ref(),
            Kind::Nothing(_) => None,
        }
    }

    pub(super) fn target(&self) -> Option<Target> {
        match &self.kind {
            Kind::Objective(leaf) => Some(leaf.status.target),
            Kind::Composite(outcome) => Some(outcome.status.target),
            Kind::Nothing(_) => None,
        }
    }

    pub(super) fn state(&self) -> Option<State> {
        match &self.kind {
            Kind::Objective(leaf) => Some(leaf.status.state),
            Kind::Composite(outcome) => Some(outcome.status.state),
            Kind::Nothing(_) => None,
        }
    }

    /// Why it has no figure.
    pub(super) fn trouble(&self) -> String {
        let why = match &self.kind {
            Kind::Objective(leaf) => leaf.status.state_reason.as_str(),
            Kind::Composite(outcome) => outcome.status.state_reason.as_str(),
            Kind::Nothing(why) => return format!("member {} {why}", self.member.slo),
        };
        format!("member {}: {why}", self.member.slo)
    }

    /// Its line, before it is known what it adds.
    pub(super) fn status(&self, taken: Taken) -> MemberStatus {
        let (objective, sli, consumed_ratio) = match &self.kind {
            Kind::Objective(Leaf { status, .. }) => {
                (Some(status.name.clone()), status.sli, status.error_budget.consumed_ratio)
            }
            Kind::Composite(outcome) => (None, outcome.status.sli, outcome.status.consumed_ratio),
            Kind::Nothing(_) => (self.member.objective.clone(), None, None),
        };
        MemberStatus {
            slo: self.member.slo.clone(),
            objective,
            weight_parts: self.member.weight_parts,
            state: self.state(),
            sli,
            consumed_ratio,
            taken,
            adds_ratio: None,
            share: None,
        }
    }
}

/// The figure that a member counts with: its own, or all bad where it has none and that is the rule.
pub(super) fn counted(no_data: MemberNoData, found: &Found<'_>) -> Option<Figure> {
    found.figure().or_else(|| {
        let target = found.target().filter(|_| no_data == MemberNoData::Bad)?;
        Some(Figure::all_bad(target))
    })
}

/// Whoever had a say in a slice is counted, whether it has a figure now or not; unless nobody may lack one. What is
/// not there at all is no matter of the rule.
pub(super) fn taken(no_data: MemberNoData, found: &Found<'_>, figure: Option<&Figure>, spoke: bool) -> Taken {
    match (found.state(), no_data, figure) {
        (None, ..) | (Some(State::NoData), MemberNoData::NoData, _) => Taken::NoFigure,
        (Some(State::NoData), ..) if spoke => Taken::Counted,
        (Some(State::NoData), MemberNoData::Bad, _) => Taken::AsBad,
        (Some(State::NoData), MemberNoData::LeaveOut, _) => Taken::LeftOut,
        (_, _, Some(figure)) if figure.is_idle => Taken::Idle,
        (_, _, Some(_)) => Taken::Counted,
        (_, _, None) => Taken::NoFigure,
    }
}
