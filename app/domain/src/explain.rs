//! "How computed": the derivation of every figure of an objective, term by term, in the order of reading.

use serde::{Deserialize, Serialize};

use crate::budget::Budget;
use crate::burn;
use crate::estate::{Sli, Slo};
use crate::evaluate::FLAG_GOOD_OVER_TOTAL;
use crate::format::{self, UNKNOWN, count, duration};
use crate::status::{AlertState, BurnRate, ObjectiveStatus, SloStatus, State};

/// One line of a derivation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// What it is, e.g. `SLI`.
    pub label: String,
    /// How it comes about, e.g. `good ÷ total = 998,000 ÷ 1,000,000`.
    pub expression: String,
    /// Its value, e.g. `99.80 %`; `—` if unknown.
    pub value: String,
}

fn term(label: impl Into<String>, expression: impl Into<String>, value: impl Into<String>) -> Term {
    Term { label: label.into(), expression: expression.into(), value: value.into() }
}

/// The derivation of an objective's figures; empty if there is no such objective.
pub fn explain(status: &SloStatus, objective_index: usize, slo: &Slo, sli: &Sli) -> Vec<Term> {
    let Some(objective) = status.objectives.get(objective_index) else {
        return Vec::new();
    };
    let mut terms = windows(status, objective, slo);
    terms.extend(counts(objective, slo));
    terms.extend(budget(objective, slo));
    terms.extend(objective.burn_rates.iter().map(|rate| burn_rate(objective, rate)));
    terms.extend(tiers(objective, slo));
    terms.push(term("State", objective.state_reason.clone(), state_word(objective.state)));
    terms.push(term("Source", "events delivered, gaps left out", sli.source.clone()));
    let declared = format!("{}, line {}", slo.origin.file, slo.origin.line);
    terms.push(term("Revision", format!("declared in {declared}"), status.revision.to_string()));
    terms
}

fn windows(status: &SloStatus, objective: &ObjectiveStatus, slo: &Slo) -> Vec<Term> {
    let window = &objective.window;
    let length = duration(slo.window.seconds());
    let end = if status.data_until.is_some() { "the end of the data" } else { "now, as there are no data" };
    let effective = objective.effective_from.map_or_else(
        || UNKNOWN.to_owned(),
        |from| {
            let seconds = window.to.seconds_since(from);
            format!("{from} to {}, {} of {length}", window.to, duration(seconds))
        },
    );
    vec![
        term("As of", "the instant asked about", status.at.to_string()),
        term(
            "Data until",
            "end of the latest measured slice that starts before it",
            status.data_until.map_or_else(|| UNKNOWN.to_owned(), |until| until.to_string()),
        ),
        term(
            "Window",
            format!("the last {length} up to {end}; start inclusive, end exclusive"),
            format!("{} to {}", window.from, window.to),
        ),
        term("Effective window", "from the first measured second inside the window", effective),
    ]
}

fn counts(objective: &ObjectiveStatus, slo: &Slo) -> Vec<Term> {
    let ObjectiveStatus { good, bad, total, target, .. } = objective;
    let capped = if objective.flags.iter().any(|flag| flag == FLAG_GOOD_OVER_TOTAL) {
        "good events of the slices that start in the window; some delivered more good than total and count as all good"
    } else {
        "good events of the slices that start in the window"
    };
    let coverage = objective.effective_from.map_or_else(
        || "measured seconds ÷ seconds of the effective window".to_owned(),
        |from| {
            let seconds = objective.window.to.seconds_since(from);
            format!("measured seconds ÷ {seconds} s of the effective window")
        },
    );
    vec![
        term("Good", capped, count(*good)),
        term("Total", "all events of the slices that start in the window", count(*total)),
        term("Bad", format!("total − good = {} − {}", count(*total), count(*good)), count(*bad)),
        term(
            "SLI",
            format!("good ÷ total = {} ÷ {}, rounded down", count(*good), count(*total)),
            format::sli_percent(*good, *total, *target),
        ),
        term("Target", "declared", format!("{target} %")),
        term("Coverage", coverage, format::percent_down(objective.coverage, 1)),
        term("Coverage floor", "least coverage for a verdict", format!("{} %", slo.coverage_floor)),
    ]
}

fn budget(objective: &ObjectiveStatus, slo: &Slo) -> Vec<Term> {
    let ObjectiveStatus { bad, total, target, error_budget, .. } = objective;
    if target.is_zero_tolerance() {
        return vec![term(
            "Error budget",
            "a target of 100 % tolerates nothing; bad events are counted",
            "0 events",
        )];
    }
    let allowed = format::events_down(error_budget.total);
    let tolerated = target.budget_percent();
    let time = Budget { bad: *bad, total: *total, target: *target }.remaining_seconds(slo.window.seconds());
    let length = duration(slo.window.seconds());
    let (remaining, consumed) =
        (format::remaining(error_budget.remaining_ratio), format::consumed(error_budget.consumed_ratio));
    vec![
        term(
            "Error budget",
            format!("total × (1 − target) = {} × {tolerated} %", count(*total)),
            format!("{allowed} events"),
        ),
        term("Consumed", format!("bad ÷ budget = {} ÷ {allowed}, rounded up", count(*bad)), consumed),
        term("Remaining", "1 − consumed, rounded down; below zero when over budget", remaining.clone()),
        term(
            "Remaining as time",
            format!(
                "remaining × (1 − target) × window = {remaining} × {tolerated} % × {length} of full outage"
            ),
            time.map_or_else(|| UNKNOWN.to_owned(), duration),
        ),
        term(
            "Exhausted by",
            "remaining ÷ (spend rate of the last 6 h − what the window gives back)",
            match (error_budget.exhausts_at, error_budget.remaining_ratio) {
                (Some(at), _) => format::clock(at),
                (None, Some(remaining)) if remaining <= 0.0 => "already spent".to_owned(),
                (None, _) => "never at the present rate".to_owned(),
            },
        ),
    ]
}

fn burn_rate(objective: &ObjectiveStatus, rate: &BurnRate) -> Term {
    let coverage = format::percent_down(rate.coverage, 1);
    term(
        format!("Burn rate over {}", duration(i64::from(rate.window_seconds))),
        format!("(bad ÷ total) ÷ {} %, coverage {coverage}", objective.target.budget_percent()),
        format::burn(rate.burn_rate),
    )
}

fn tiers(objective: &ObjectiveStatus, slo: &Slo) -> Vec<Term> {
    let line = |tier: burn::Tier| {
        let name = tier.name();
        let alert = objective.alerts.iter().find(|alert| alert.policy == name)?;
        let short = duration(i64::from(tier.short_seconds()));
        let value = match alert.state {
            AlertState::Ok => "ok".to_owned(),
            AlertState::Firing => "firing".to_owned(),
            AlertState::Frozen => format!("frozen, coverage below {} %", slo.coverage_floor),
        };
        Some(term(format!("Tier {name}"), format!("fires at {name} and over {short}"), value))
    };
    burn::tiers(objective.target).into_iter().filter_map(line).collect()
}

/// The state in a word or two, for people.
pub const fn state_word(state: State) -> &'static str {
    match state {
        State::Breached => "breached",
        State::AtRisk => "at risk",
        State::NoData => "no data",
        State::NoTraffic => "no traffic",
        State::Met => "met",
    }
}

#[cfg(test)]
mod tests;
