//! "How computed": the derivation of every figure of an objective, term by term, in the order of reading.
//!
//! Invariant: each figure can be recomputed from the numbers that are printed here, and from nothing else.

mod alerts;
mod budget;
mod projected;

use serde::{Deserialize, Serialize};

use crate::estate::{GapPolicy, Sli, Slo, Window};
use crate::format::{self, UNKNOWN, counted, duration};
use crate::status::FLAG_GOOD_OVER_TOTAL;
use crate::status::{ObjectiveStatus, SloStatus, State};
use crate::time::Instant;

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
    terms.extend(generation(status, objective, slo, sli));
    terms.extend(exclusions(objective));
    terms.extend(counts(objective, slo, objective_index));
    terms.extend(budget::terms(objective, horizon(status, objective, slo)));
    terms.extend(alerts::terms(objective, slo));
    terms.push(term("State", objective.state_reason.clone(), state_word(objective.state)));
    terms.push(term("Source", "as delivered", sli.source.clone()));
    let declared = format!("{}, line {}", slo.origin.file, slo.origin.line);
    terms.push(term("Revision", format!("declared in {declared}"), status.revision.to_string()));
    terms
}

/// Where the sums of the window end: inside a running period with the data, or with now where silence counts.
fn horizon(status: &SloStatus, objective: &ObjectiveStatus, slo: &Slo) -> Instant {
    let until = match slo.gap {
        GapPolicy::Gap => status.data_until.unwrap_or(status.at),
        _ => status.at,
    };
    objective.window.to.min(until.max(objective.window.from))
}

/// What a window is, in words.
pub fn window_words(window: &Window) -> String {
    match window {
        Window::Rolling { seconds } => format!("the last {}", duration(i64::from(*seconds))),
        Window::Calendar(calendar) if calendar.count == 1 => {
            format!("the calendar {} in {}", calendar.unit.word(), calendar.zone)
        }
        Window::Calendar(calendar) => {
            format!("{} calendar {}s in {}", calendar.count, calendar.unit.word(), calendar.zone)
        }
    }
}

fn windows(status: &SloStatus, objective: &ObjectiveStatus, slo: &Slo) -> Vec<Term> {
    let window = &objective.window;
    let length = window.to.seconds_since(window.from);
    let words = window_words(&slo.window);
    let end = match (&slo.window, slo.gap, status.data_until) {
        (Window::Calendar(_), ..) => "",
        (_, GapPolicy::Gap, Some(_)) => " up to the end of the data",
        (_, GapPolicy::Gap, None) => " up to now, as there are no data",
        _ => " up to now, as silence counts",
    };
    let effective = objective.effective_from.map_or_else(
        || UNKNOWN.to_owned(),
        |from| {
            let to = horizon(status, objective, slo).max(from);
            format!("{from} to {to}, {} of {}", duration(to.seconds_since(from)), duration(length))
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
            format!("{words}{end}; start inclusive, end exclusive; {length} s"),
            format!("{} to {}", window.from, window.to),
        ),
        term("Effective window", "from the first measured second inside the window", effective),
    ]
}

/// The begin of the SLI's generation, where it lies inside the window.
fn generation(status: &SloStatus, objective: &ObjectiveStatus, slo: &Slo, sli: &Sli) -> Option<Term> {
    let window = &objective.window;
    // Of a closed period, the generation of its last second.
    let asked = if slo.window.is_calendar() { window.to.min(status.at) } else { status.at };
    let began = sli.generation_began(asked).filter(|began| *began > window.from)?;
    let words = "SLI generation began: what was measured before measured something else";
    Some(term("Measured since", words, began.to_string()))
}

fn exclusions(objective: &ObjectiveStatus) -> Vec<Term> {
    let (Some(raw), Some(excluded)) = (&objective.raw, &objective.excluded) else {
        return Vec::new();
    };
    let length = objective.window.to.seconds_since(objective.window.from);
    vec![
        term("Measured good", "before exclusions", counted(Some(raw.good))),
        term("Measured total", "before exclusions", counted(Some(raw.total))),
        term(
            "SLI without exclusions",
            format!(
                "good ÷ total = {} ÷ {}, rounded down",
                counted(Some(raw.good)),
                counted(Some(raw.total))
            ),
            format::sli_percent(Some(raw.good), Some(raw.total), objective.target),
        ),
        term(
            "Excluded",
            format!("{} s of the window's {length} s", excluded.seconds),
            format!("{} good of {}", counted(Some(excluded.good)), counted(Some(excluded.total))),
        ),
    ]
}

fn counts(objective: &ObjectiveStatus, slo: &Slo, index: usize) -> Vec<Term> {
    let ObjectiveStatus { good, bad, total, target, unit, .. } = objective;
    let rule = slo.objectives.get(index).and_then(|objective| objective.slices);
    let judged = match rule.map(|rule| (rule.seconds, rule.target)) {
        Some((seconds, Some(target))) => format!(", {seconds} s each, good from {target} % on"),
        Some((seconds, None)) => format!(", {seconds} s each, by their ratio"),
        None => String::new(),
    };
    let capped = if objective.flags.iter().any(|flag| flag == FLAG_GOOD_OVER_TOTAL) {
        "; some delivered more good than total and count as all good"
    } else {
        ""
    };
    let gap = objective.gap.as_ref().map(|gap| {
        let (policy, added) = match (gap.policy, gap.added) {
            (GapPolicy::Good, added) => ("good", format!("{} added to good and total", counted(added))),
            (GapPolicy::Bad, added) => ("bad", format!("{} added to total", counted(added))),
            _ => ("held", "each minute repeats the slice before it".to_owned()),
        };
        term("Gaps", format!("{} s without a measurement count as {policy}", gap.seconds), added)
    });
    let seconds = objective.measured_seconds.zip(objective.covered_seconds);
    let coverage = seconds.map_or_else(
        || "measured seconds ÷ seconds of the effective window".to_owned(),
        |(measured, all)| {
            format!("measured ÷ effective window less excluded time = {measured} s ÷ {all} s, rounded down")
        },
    );
    let mut terms: Vec<Term> = gap.into_iter().collect();
    terms.extend([
        term("Good", format!("good {unit} that start in the window{judged}{capped}"), counted(*good)),
        term("Total", format!("all {unit} that start in the window{judged}"), counted(*total)),
        term("Bad", format!("total − good = {} − {}", counted(*total), counted(*good)), counted(*bad)),
        term(
            "SLI",
            format!("good ÷ total = {} ÷ {}, rounded down", counted(*good), counted(*total)),
            format::sli_percent(*good, *total, *target),
        ),
        term("Target", "valid at the end of the window", format!("{target} %")),
        term("Coverage", coverage, format::percent_down(objective.coverage, 1)),
        term("Coverage floor", "least coverage for a verdict", format!("{} %", slo.coverage_floor)),
    ]);
    terms
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

#[cfg(feature = "engine")]
#[cfg(test)]
mod tests;
