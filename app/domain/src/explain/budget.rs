//! How the error budget comes about.

use super::{Term, projected, term};
use crate::format::{self, UNKNOWN, counted, duration};
use crate::status::{ObjectiveStatus, Profile};
use crate::time::Instant;

/// `horizon` is where the sums of the window end.
pub(super) fn terms(objective: &ObjectiveStatus, horizon: Instant) -> Vec<Term> {
    let ObjectiveStatus { bad, total, target, unit, error_budget, .. } = objective;
    if target.is_zero_tolerance() {
        let none = "a target of 100 % tolerates nothing; what is bad is counted";
        return vec![term("Error budget", none, format!("0 {unit}"))];
    }
    let tolerated = target.budget_percent();
    let spent = format!("{} ÷ ({} × {tolerated} %)", counted(*bad), counted(*total));
    let mut terms = vec![
        term(
            "Error budget",
            format!("total × (1 − target) = {} × {tolerated} %, rounded down", counted(*total)),
            total.map_or_else(
                || UNKNOWN.to_owned(),
                |_| format!("{} {unit}", format::events_down(error_budget.total)),
            ),
        ),
        term(
            "Consumed",
            format!("bad ÷ budget = {spent}, rounded up"),
            format::consumed(error_budget.consumed_ratio),
        ),
        term(
            "Remaining",
            format!("1 − consumed = 1 − {spent}, rounded down; below zero when over budget"),
            format::remaining(error_budget.remaining_ratio),
        ),
    ];
    if let Some(projected) = &error_budget.projected {
        terms.extend(projected::terms(objective, projected, horizon));
    }
    terms.extend(time(objective, horizon));
    terms
}

fn time(objective: &ObjectiveStatus, horizon: Instant) -> Vec<Term> {
    let budget = &objective.error_budget;
    let running = budget.projected.is_some();
    let tolerated = objective.target.budget_percent();
    let which = if running { "projected remaining" } else { "remaining" };
    let effective = objective.covered_seconds.unwrap_or(0);
    let removed = objective.excluded.as_ref().map_or(0, |excluded| excluded.removed_seconds);
    let window = objective.window.to.seconds_since(objective.window.from);
    let counted_seconds = window - i64::try_from(removed).unwrap_or(0);
    let what_if = match &budget.projected {
        Some(projected) if projected.profile == Profile::Week => format!(
            "what remains of the projected budget × all that is expected ÷ expected total × rest of the period ÷ burn rate over 6 h = remaining × ({} + {expected}) ÷ {expected} × {} s ÷ burn rate over 6 h, after {horizon}",
            counted(objective.total),
            projected.rest_seconds,
            expected = counted(projected.expected_total),
        ),
        Some(projected) => {
            format!(
                "what remains of the projected budget × {} s ÷ burn rate over 6 h, after {horizon}",
                projected.period_seconds
            )
        }
        None => format!(
            "remaining ÷ (spend rate of the last 6 h − what the window gives back); {effective} s of {window} s are filled, after {horizon}"
        ),
    };
    let spent = budget.remaining_seconds.is_some_and(|seconds| seconds <= 0);
    let exhausted = match budget.exhausts_at {
        Some(at) => format::clock(at),
        None if spent => "already spent".to_owned(),
        None if budget.remaining_seconds.is_none() => UNKNOWN.to_owned(),
        None => "never at the present rate".to_owned(),
    };
    vec![
        term(
            "Budget as time",
            format!(
                "(1 − target) × window less removed time = {tolerated} % × {counted_seconds} s, of full outage, rounded down"
            ),
            budget.seconds.map_or_else(
                || UNKNOWN.to_owned(),
                |seconds| duration(i64::try_from(seconds).unwrap_or(i64::MAX)),
            ),
        ),
        term(
            "Remaining as time",
            format!("{which} × budget as time, rounded down to seconds"),
            budget.remaining_seconds.map_or_else(|| UNKNOWN.to_owned(), duration),
        ),
        term("Exhausted by", what_if, exhausted),
    ]
}
