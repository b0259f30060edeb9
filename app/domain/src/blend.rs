//! How composites stand, from how their members stand.
//!
//! With m what is missing (1 - SLI), w a member's weight, B = 1 - target of a member and b = 1 - target of the
//! composite, the four rules are
//!
//! - *sum of burns* (R16): consumed = sum of w x m / B, the weighted shares of their own budgets that members
//!   consumed; SLI = 1 - consumed x b.
//! - *any bad slice* (R17): m = bad slices / (good and bad slices); see `joined`.
//! - *sum of missing* (R18): m = sum of w x m; SLI = 1 - m, which may be below 0.
//! - *weighted mean* (R19): m = (sum of w x m) / (sum of w).
//!
//! and consumed = m / b, remaining = 1 - consumed. All of it is exact in fractions of whole numbers (`exact`) and
//! rounded once; of a running period the projected share is the member's own, which is rounded already.
//!
//! Invariants: members that are composites are evaluated once, at most `MAX_NESTING` inside each other; what is itself
//! its member has no data. The members' parts add up to what the composite consumed.

mod exact;
mod figure;
mod joined;
mod member;
mod slices;
mod sum;
mod verdict;
mod words;

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::composite::{Composite, CompositeRule, CompositeStatus, Member, MemberStatus, Taken};
use crate::status::ObjectiveStatus;

use figure::{Figure, tolerated};
use joined::Joined;
use member::{Found, Kind, counted, taken};
use sum::{Added, Part};
use verdict::Evidence;

pub use slices::{MAX_SLOTS, MemberSlices, member_bounds, member_lens};

/// Composites inside each other; more of them are no data.
pub const MAX_NESTING: usize = 8;

/// What is known of an objective that is a member.
#[derive(Debug, Clone, Copy)]
pub struct Leaf<'a> {
    /// Its status.
    pub status: &'a ObjectiveStatus,
    /// Its judged slices; only any-bad-slice composites ask for them.
    pub slices: Option<&'a MemberSlices>,
}

/// The statuses of composites, in their order.
///
/// `composites` are all that there are; `leaf` gives, for the name of an SLO and of one of its objectives (none for
/// its first), what is known of it.
pub fn blend<'a>(
    composites: &'a [Composite],
    leaf: &dyn Fn(&str, Option<&str>) -> Option<Leaf<'a>>,
) -> Vec<CompositeStatus> {
    let mut blender = Blender { composites, leaf, done: BTreeMap::new(), open: Vec::new() };
    composites.iter().map(|composite| blender.outcome(composite).status.clone()).collect()
}

/// The objectives that composites are made of, directly or not, each once; and whether its judged slices are needed.
pub fn leaves(composites: &[Composite]) -> Vec<(&Member, bool)> {
    let mut found: BTreeMap<(&str, Option<&str>), (&Member, bool)> = BTreeMap::new();
    for composite in composites {
        for member in composite.members.iter().filter(|member| named(composites, &member.slo).is_none()) {
            let entry = found.entry((&member.slo, member.objective.as_deref())).or_insert((member, false));
            entry.1 |= composite.rule == CompositeRule::AnyBadSlice;
        }
    }
    found.into_values().collect()
}

fn named<'a>(composites: &'a [Composite], name: &str) -> Option<&'a Composite> {
    composites.iter().find(|composite| composite.name == name)
}

/// A composite that was evaluated.
#[derive(Debug)]
struct Outcome {
    status: CompositeStatus,
    /// For a composite that it is a member of.
    figure: Option<Figure>,
    slices: Option<MemberSlices>,
}

struct Blender<'a, 'f> {
    composites: &'a [Composite],
    leaf: &'f dyn Fn(&str, Option<&str>) -> Option<Leaf<'a>>,
    done: BTreeMap<&'a str, Rc<Outcome>>,
    /// The composites that are being evaluated, outermost first.
    open: Vec<&'a str>,
}

impl<'a> Blender<'a, '_> {
    fn outcome(&mut self, composite: &'a Composite) -> Rc<Outcome> {
        if let Some(done) = self.done.get(composite.name.as_str()) {
            return Rc::clone(done);
        }
        self.open.push(&composite.name);
        let members: Vec<Found<'a>> = composite.members.iter().map(|member| self.find(member)).collect();
        self.open.pop();
        let outcome = Rc::new(evaluated(composite, &members));
        self.done.insert(&composite.name, Rc::clone(&outcome));
        outcome
    }

    fn find(&mut self, member: &'a Member) -> Found<'a> {
        let kind = match named(self.composites, &member.slo) {
            Some(inner) if self.open.contains(&inner.name.as_str()) => Kind::Nothing("is a member of itself"),
            Some(_) if self.open.len() >= MAX_NESTING => Kind::Nothing("is nested too deep"),
            Some(inner) => Kind::Composite(self.outcome(inner)),
            None => match (self.leaf)(&member.slo, member.objective.as_deref()) {
                Some(leaf) => Kind::Objective(leaf),
                None => Kind::Nothing("is not there"),
            },
        };
        Found { member, kind }
    }
}

fn evaluated(composite: &Composite, members: &[Found<'_>]) -> Outcome {
    let figures: Vec<Option<Figure>> =
        members.iter().map(|found| counted(composite.no_data, found)).collect();
    let joined = (composite.rule == CompositeRule::AnyBadSlice).then(|| {
        let slices: Option<Vec<&MemberSlices>> = members.iter().map(Found::slices).collect();
        slices.and_then(|slices| Joined::new(&slices, composite.no_data))
    });
    let taken: Vec<Taken> = members
        .iter()
        .zip(&figures)
        .enumerate()
        .map(|(index, (found, figure))| {
            let spoke = joined.as_ref().and_then(|joined| joined.as_ref()?.spoke.get(index).copied());
            taken(composite.no_data, found, figure.as_ref(), spoke.unwrap_or(false))
        })
        .collect();
    let mut evidence = Evidence::new(composite, members, &taken);
    let added = match &joined {
        _ if evidence.nothing.is_some() => None,
        Some(None) => {
            evidence.nothing = Some(missing_slices(members));
            None
        }
        Some(Some(joined)) => evidence.any_bad(joined),
        None => {
            let parts: Vec<Part<'_>> = members
                .iter()
                .zip(&figures)
                .zip(&taken)
                .map(|((found, figure), taken)| Part {
                    weight_parts: found.member.weight_parts,
                    taken: *taken,
                    figure: figure.as_ref().filter(|_| !matches!(taken, Taken::LeftOut | Taken::NoFigure)),
                })
                .collect();
            evidence.sums(&parts)
        }
    };
    let lines = lines(composite, members, &taken, added.as_ref());
    let joined = joined.flatten();
    let mut status = evidence.status(added.as_ref(), joined.as_ref(), lines);
    status.terms = words::terms(composite, &status, members, evidence.is_boundless);
    let figure = evidence.figure(&status, added.as_ref());
    Outcome { status, figure, slices: joined.map(|joined| joined.slices) }
}

fn missing_slices(members: &[Found<'_>]) -> String {
    let without = members.iter().find(|found| found.slices().is_none());
    match without.map(|found| (&found.kind, &found.member.slo)) {
        Some((Kind::Composite(_), name)) => {
            format!("member {name} has no slices, as it is put together by another rule")
        }
        Some((_, name)) => format!("member {name} has no slices"),
        None => "the members' windows have no slice in common".to_owned(),
    }
}

/// What each member adds, in budgets of the composite, and its share of the sum.
fn lines(
    composite: &Composite,
    members: &[Found<'_>],
    taken: &[Taken],
    added: Option<&Added>,
) -> Vec<MemberStatus> {
    let in_budgets = composite.rule == CompositeRule::SumOfBurns;
    let of = |index: usize| -> Option<(Option<f64>, Option<f64>)> {
        let added = added?;
        let part = added.parts.get(index)?;
        let adds =
            if in_budgets { Some(part.clone()) } else { part.divided_by(&tolerated(composite.target)) };
        let share = part.divided_by(&added.sum);
        Some((adds.map(|adds| adds.as_f64()), share.map(|share| share.as_f64())))
    };
    let line = |(index, (found, taken)): (usize, (&Found<'_>, &Taken))| {
        let (adds_ratio, share) = of(index).unwrap_or_default();
        MemberStatus { adds_ratio, share, ..found.status(*taken) }
    };
    members.iter().zip(taken).enumerate().map(line).collect()
}

#[cfg(test)]
mod tests;
