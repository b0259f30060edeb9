//! "How computed" of a composite, term by term.
//!
//! Invariant: what the composite consumed can be recomputed from what is printed of its members; only that of a member
//! which is a composite itself is printed as a rounded figure, and derived on its own.

use super::member::{Found, Kind};
use crate::composite::{Composite, CompositeRule, CompositeStatus, MemberStatus, Taken};
use crate::count::Count;
use crate::explain::{Term, state_word};
use crate::format::{self, UNKNOWN, counted};

pub(super) fn terms(
    composite: &Composite,
    status: &CompositeStatus,
    members: &[Found<'_>],
    is_boundless: bool,
) -> Vec<Term> {
    let budget = composite.target.budget_percent();
    let mut terms = vec![term("Rule", formula(composite.rule), composite.rule.words())];
    let weights = Weights::of(status);
    let line = |(found, line): (&Found<'_>, &MemberStatus)| member(composite.rule, found, line, &weights);
    terms.extend(members.iter().zip(&status.members).map(line));
    if let Some(slices) = &status.slices {
        let window = format!("{} to {}, {} s each", slices.window.from, slices.window.to, slices.seconds);
        let count =
            |label: &str, what: &str, count: u64| term(label, format!("slices {what}"), format::count(count));
        terms.push(term("Window", "where the windows of all members have begun", window));
        terms.extend([
            count("Good", "good for every member with a say", slices.good),
            count("Bad", "bad for a member", slices.bad),
            count("Unknown", "bad for none, and a member has no data", slices.unknown),
            count("Left out", "without traffic, excluded, or before the first data", slices.left_out),
            term(
                "Coverage",
                "known slices ÷ known and unknown ones",
                format::percent_down(slices.coverage, 1),
            ),
        ]);
    }
    let sli = match composite.rule {
        CompositeRule::SumOfBurns => format!("1 − consumed × {budget} %, rounded down"),
        CompositeRule::AnyBadSlice => "good ÷ (good + bad), rounded down".to_owned(),
        CompositeRule::SumOfMissing | CompositeRule::WeightedMean => {
            "1 − what is missing, rounded down".to_owned()
        }
    };
    terms.push(term("SLI", sli, format::percent_down(status.sli, format::decimals(composite.target))));
    terms.push(term("Target", "as declared", format!("{} %", composite.target)));
    if composite.target.is_zero_tolerance() || is_boundless {
        let none = "a target of 100 % tolerates nothing, so nothing can be a share of it";
        terms.push(term("Error budget", none, UNKNOWN));
    } else {
        let consumed = match composite.rule {
            CompositeRule::SumOfBurns => "sum of what the members add, rounded up".to_owned(),
            _ => format!("(1 − SLI) ÷ {budget} %, rounded up; the sum of what the members add"),
        };
        terms.extend([
            term("Error budget", "1 − target", format!("{budget} %")),
            term("Consumed", consumed, format::consumed(status.consumed_ratio)),
            term(
                "Remaining",
                "1 − consumed, rounded down; below zero when over budget",
                format::remaining(status.remaining_ratio),
            ),
        ]);
        terms.extend(status.projected_consumed_ratio.map(|projected| {
            let what =
                "the same, with what running periods will have consumed at their end if nothing more is bad";
            term("Consumed of the projected budget", what, format::consumed(Some(projected)))
        }));
    }
    terms.push(term("State", status.state_reason.clone(), state_word(status.state)));
    terms
}

/// The rule as a formula.
const fn formula(rule: CompositeRule) -> &'static str {
    match rule {
        CompositeRule::SumOfBurns => "consumed = sum of weight × (bad ÷ total) ÷ (1 − the member's target)",
        CompositeRule::AnyBadSlice => "a slice is bad if it is bad for any member",
        CompositeRule::SumOfMissing => "1 − SLI = sum of weight × (bad ÷ total)",
        CompositeRule::WeightedMean => "1 − SLI = sum of weight × (bad ÷ total) ÷ sum of the weights",
    }
}

/// The weights that matter.
struct Weights {
    /// Of all members.
    all: Count,
    /// Of those that are not left out.
    left: Count,
    /// Of those with figures.
    counted: Count,
}

impl Weights {
    fn of(status: &CompositeStatus) -> Self {
        let sum = |wanted: &dyn Fn(Taken) -> bool| {
            let members = status.members.iter().filter(|line| wanted(line.taken));
            Count::from_parts(members.map(|line| u128::from(line.weight_parts)).sum())
        };
        Self {
            all: sum(&|_| true),
            left: sum(&|taken| taken != Taken::LeftOut),
            counted: sum(&|taken| matches!(taken, Taken::Counted | Taken::AsBad)),
        }
    }
}

fn member(rule: CompositeRule, found: &Found<'_>, line: &MemberStatus, weights: &Weights) -> Term {
    let label = match &line.objective {
        Some(objective) => format!("Member {}, {objective}", line.slo),
        None => format!("Member {}", line.slo),
    };
    let missing = match &found.kind {
        _ if line.taken == Taken::AsBad => "1".to_owned(),
        Kind::Objective(leaf) => format!("({} ÷ {})", counted(leaf.status.bad), counted(leaf.status.total)),
        Kind::Composite(outcome) => {
            format!(
                "(1 − {})",
                format::percent_down(outcome.status.sli, format::decimals(outcome.status.target))
            )
        }
        Kind::Nothing(_) => UNKNOWN.to_owned(),
    };
    let weight = counted(Some(Count::from_parts(line.weight_parts.into())));
    let grown = if weights.left == weights.all {
        String::new()
    } else {
        format!(" × {} ÷ {}", counted(Some(weights.all)), counted(Some(weights.left)))
    };
    let own =
        found.target().map_or_else(|| UNKNOWN.to_owned(), |target| format!("{} %", target.budget_percent()));
    let expression = match (line.taken, rule) {
        (Taken::Counted | Taken::AsBad, CompositeRule::SumOfBurns) => {
            format!("{weight}{grown} × {missing} ÷ {own}")
        }
        (Taken::Counted | Taken::AsBad, CompositeRule::SumOfMissing) => {
            format!("{weight}{grown} × {missing}")
        }
        (Taken::Counted | Taken::AsBad, CompositeRule::WeightedMean) => {
            format!("{weight} × {missing} ÷ {}", counted(Some(weights.counted)))
        }
        (Taken::Counted | Taken::AsBad, CompositeRule::AnyBadSlice) => {
            "its part of the bad slices; one that is bad for several is shared evenly".to_owned()
        }
        (Taken::Idle | Taken::LeftOut | Taken::NoFigure, _) => String::new(),
    };
    let note = match (line.taken, expression.is_empty()) {
        (Taken::Counted, _) => expression,
        (taken, true) => taken.words().to_owned(),
        (taken, false) => format!("{expression}: {}", taken.words()),
    };
    let value = match (line.adds_ratio, line.share) {
        (Some(adds), Some(share)) => format!(
            "adds {} of the budget, {} of what is consumed",
            format::consumed(Some(adds)),
            format::percent_down(Some(share), 1)
        ),
        (Some(adds), None) => format!("adds {} of the budget", format::consumed(Some(adds))),
        (None, Some(share)) => format!("{} of what is missing", format::percent_down(Some(share), 1)),
        (None, None) => UNKNOWN.to_owned(),
    };
    term(label, note, value)
}

fn term(label: impl Into<String>, expression: impl Into<String>, value: impl Into<String>) -> Term {
    Term { label: label.into(), expression: expression.into(), value: value.into() }
}
