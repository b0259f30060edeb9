//! How the budget of a running period is projected to its end.

use super::{Term, term};
use crate::format::{self, counted, duration};
use crate::status::{ObjectiveStatus, Profile, ProjectedBudget};
use crate::time::Instant;
use crate::week::WEEK_SECONDS;

/// `horizon` is where the sums of the window end.
pub(super) fn terms(objective: &ObjectiveStatus, projected: &ProjectedBudget, horizon: Instant) -> Vec<Term> {
    let ObjectiveStatus { bad, total, target, unit, .. } = objective;
    let tolerated = target.budget_percent();
    let words = projected.profile.words();
    let (mut terms, allowed) = match projected.profile {
        Profile::Linear => (
            Vec::new(),
            format!(
                "{words}: error budget × period ÷ time so far, without what is excluded = {} × {tolerated} % × {} s ÷ {} s, rounded down",
                counted(*total),
                projected.period_seconds,
                objective.covered_seconds.unwrap_or(0)
            ),
        ),
        Profile::Week => (
            week(objective, projected, horizon),
            format!(
                "{words}: (total + expected total) × (1 − target) = ({} + {}) × {tolerated} %, rounded down",
                counted(*total),
                counted(projected.expected_total)
            ),
        ),
    };
    terms.extend([
        term("Projected budget", allowed, format!("{} {unit}", format::events_down(projected.total))),
        term(
            "Consumed of the projected budget",
            format!("bad ÷ projected budget = {} ÷ projected budget, rounded up", counted(*bad)),
            format::consumed(projected.consumed_ratio),
        ),
        term(
            "Left of the projected budget",
            "1 − consumed of the projected budget, rounded down".to_owned(),
            format::remaining(projected.remaining_ratio),
        ),
    ]);
    terms
}

/// What the rest of the period is expected to bring, from the week before it.
fn week(objective: &ObjectiveStatus, projected: &ProjectedBudget, horizon: Instant) -> Vec<Term> {
    let rest = i64::try_from(projected.rest_seconds).unwrap_or(i64::MAX);
    let (weeks, part) = (rest / WEEK_SECONDS, rest % WEEK_SECONDS);
    let unit = &objective.unit;
    let from = horizon - WEEK_SECONDS;
    let (whole, begin) = (counted(projected.week_total), counted(projected.part_total));
    vec![
        term(
            "Rest of the period",
            format!("after {horizon}: {weeks} × {WEEK_SECONDS} s + {part} s = {rest} s"),
            duration(rest),
        ),
        term("Total of the week before", format!("{unit} from {from} to {horizon}"), whole.clone()),
        term(
            "Total of its begin",
            format!("{unit} from {from} on, of {part} s, as long as what is left beyond whole weeks"),
            begin.clone(),
        ),
        term(
            "Expected total",
            format!("weeks × total of the week before + total of its begin = {weeks} × {whole} + {begin}"),
            counted(projected.expected_total),
        ),
    ]
}
