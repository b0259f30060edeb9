//! The three rules that add members up, with w the weight of a member, m what it misses (1 - SLI), B its budget
//! (1 - its target), and W the sum of the weights of all members:
//!
//! - *sum of burns*: consumed = sum of w x m / B.
//! - *sum of missing*: missing = sum of w x m.
//! - *weighted mean*: missing = (sum of w x m) / (sum of w of those that had traffic).
//!
//! A member that is left out takes its weight with it: in the sums the other weights grow by W / (W - those left out),
//! in the mean the divisor shrinks by itself.

use super::exact::Fraction;
use super::figure::Figure;
use crate::composite::{CompositeRule, Taken};
use crate::ratio::ONE;

/// A member with how it is taken.
#[derive(Debug)]
pub(super) struct Part<'a> {
    pub(super) weight_parts: u64,
    pub(super) taken: Taken,
    /// What is counted: none of who is left out.
    pub(super) figure: Option<&'a Figure>,
}

/// What members add up to: of the composite's whole (1 is all) or, with the sum of burns, of its budget.
#[derive(Debug)]
pub(super) struct Added {
    /// Of each member, in their order; zero of who adds nothing.
    pub(super) parts: Vec<Fraction>,
    /// All of them.
    pub(super) sum: Fraction,
    /// All of them as of the end of running periods; none if none is.
    pub(super) foreseen: Option<Fraction>,
}

/// None if no weight is left, or the sum of burns is boundless.
pub(super) fn added(rule: CompositeRule, parts: &[Part<'_>]) -> Option<Added> {
    let weight_of = |wanted: &dyn Fn(&Part<'_>) -> bool| -> u128 {
        parts.iter().filter(|part| wanted(part)).map(|part| u128::from(part.weight_parts)).sum()
    };
    let all = weight_of(&|_| true);
    let left = all - weight_of(&|part| part.taken == Taken::LeftOut);
    let scale = match rule {
        CompositeRule::WeightedMean => {
            Fraction::new(1, weight_of(&|part| matches!(part.taken, Taken::Counted | Taken::AsBad)))?
        }
        // Weights are in parts of `ONE`.
        _ => Fraction::new(all, left)?.times(&Fraction::new(1, ONE.unsigned_abs())?),
    };
    let of = |part: &Part<'_>, missing: &dyn Fn(&Figure) -> Fraction| -> Option<Fraction> {
        let Some(figure) = part.figure else { return Some(Fraction::zero()) };
        let missing = missing(figure);
        let counted = if rule == CompositeRule::SumOfBurns { figure.consumed(&missing)? } else { missing };
        Some(counted.times(&Fraction::whole(part.weight_parts.into())).times(&scale))
    };
    let own: Option<Vec<Fraction>> =
        parts.iter().map(|part| of(part, &|figure| figure.missing.clone())).collect();
    let own = own?;
    let is_running = parts.iter().any(|part| part.figure.is_some_and(|figure| figure.projected.is_some()));
    let foreseen: Option<Vec<Fraction>> =
        parts.iter().map(|part| of(part, &|figure| figure.foreseen().clone())).collect();
    Some(Added {
        sum: total(&own),
        foreseen: foreseen.filter(|_| is_running).map(|parts| total(&parts)),
        parts: own,
    })
}

fn total(parts: &[Fraction]) -> Fraction {
    parts.iter().fold(Fraction::zero(), |sum, part| sum.plus(part))
}
