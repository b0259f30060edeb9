//! The derivation of a status, as people read it.

use super::*;
use crate::slice::Sum;
use crate::testing::{sli, slo};
use crate::time::Instant;

fn lines(terms: &[Term]) -> Vec<String> {
    terms.iter().map(|term| format!("{}: {} = {}", term.label, term.expression, term.value)).collect()
}

fn explained(target: &str, data: bool) -> Vec<String> {
    explained_since(target, data, Vec::new())
}

fn explained_since(target: &str, data: bool, generations: Vec<Instant>) -> Vec<String> {
    let sli = crate::estate::Sli { generations, ..sli(60) };
    let slo = slo(30 * 86_400, &[target]);
    let to = Instant::parse("2026-10-31T00:00:00Z").unwrap();
    let until = data.then_some(to);
    let question = crate::plan::Question {
        slo: &slo,
        sli: &sli,
        at: to,
        closed: false,
        exclusions: &crate::excluded::Exclusions::default(),
    };
    let plan = crate::plan::plan(&question, until);
    let status = crate::evaluate::evaluate(&question, until, &plan, |_, bounds| {
        let full = Sum {
            good: 999_500,
            total: 1_000_000,
            measured_seconds: u64::try_from(bounds.to.seconds_since(bounds.from)).unwrap(),
            good_over_total: 0,
            first: Some(bounds.from),
            last: Some(bounds.to),
        };
        if data { full } else { Sum::default() }
    });
    lines(&explain(&status, 0, &slo, &sli))
}

#[test]
fn a_generation_that_begins_inside_the_window_is_told() {
    let since = |began: &str| {
        let found = explained_since("99.9", true, vec![Instant::parse(began).unwrap()]);
        found.into_iter().find(|line| line.starts_with("Measured since"))
    };
    let expected = "Measured since: SLI generation began: what was measured before measured something else = 2026-10-12T09:30:00Z";
    assert_eq!(since("2026-10-12T09:30:00Z").as_deref(), Some(expected));
    // Where it cuts nothing, or is not in force yet, nothing is said.
    for began in ["2026-10-01T00:00:00Z", "2026-09-01T00:00:00Z", "2026-10-31T00:00:00Z"] {
        assert_eq!(since(began), None, "{began}");
    }
}

#[test]
fn every_figure_is_derived() {
    let expected = [
        "As of: the instant asked about = 2026-10-31T00:00:00Z",
        "Data until: end of the latest measured slice that starts before it = 2026-10-31T00:00:00Z",
        "Window: the last 30 d up to the end of the data; start inclusive, end exclusive; 2592000 s = 2026-10-01T00:00:00Z to 2026-10-31T00:00:00Z",
        "Effective window: from the first measured second inside the window = 2026-10-01T00:00:00Z to 2026-10-31T00:00:00Z, 30 d of 30 d",
        "Good: good events that start in the window = 999,500",
        "Total: all events that start in the window = 1,000,000",
        "Bad: total − good = 1,000,000 − 999,500 = 500",
        "SLI: good ÷ total = 999,500 ÷ 1,000,000, rounded down = 99.95 %",
        "Target: valid at the end of the window = 99.9 %",
        "Coverage: measured ÷ effective window less excluded time = 2592000 s ÷ 2592000 s, rounded down = 100 %",
        "Coverage floor: least coverage for a verdict = 90 %",
        "Error budget: total × (1 − target) = 1,000,000 × 0.1 %, rounded down = 1,000 events",
        "Consumed: bad ÷ budget = 500 ÷ (1,000,000 × 0.1 %), rounded up = 50.0 %",
        "Remaining: 1 − consumed = 1 − 500 ÷ (1,000,000 × 0.1 %), rounded down; below zero when over budget = 50.0 %",
        "Budget as time: (1 − target) × window less removed time = 0.1 % × 2592000 s, of full outage, rounded down = 43 min 12 s",
        "Remaining as time: remaining × budget as time, rounded down to seconds = 21 min 36 s",
        "Exhausted by: remaining ÷ (spend rate of the last 6 h − what the window gives back); 2592000 s of 2592000 s are filled, after 2026-10-31T00:00:00Z = never at the present rate",
        "Burn rate over 5 min: (bad ÷ total) ÷ (1 − target) = (500 ÷ 1,000,000) ÷ 0.1 %, rounded up, coverage 100 % = 0.5×",
    ];
    let found = explained("99.9", true);
    assert_eq!(found[..expected.len()], expected);
    let rest = &found[expected.len()..];
    assert!(
        rest.contains(&"Rule 14.4x over 1 h: fires at 14.4× over both 1 h and 5 min = ok".to_owned()),
        "{rest:?}"
    );
    assert_eq!(
        rest[rest.len() - 3..],
        [
            "State: SLI >= target = met",
            "Source: as delivered = pushed",
            "Revision: declared in checkout.yaml, line 12 = 3",
        ]
    );
}

#[test]
fn zero_tolerance_has_no_ratios() {
    let found = explained("100", true);
    assert!(found.contains(
        &"Error budget: a target of 100 % tolerates nothing; what is bad is counted = 0 events".to_owned()
    ));
    assert!(!found.iter().any(|line| line.starts_with("Consumed")));
}

#[test]
fn nothing_known_is_a_dash() {
    let found = explained("99.9", false);
    for line in
        ["Data until: ", "Effective window: ", "SLI: ", "Coverage: ", "Consumed: ", "Remaining as time: "]
    {
        assert!(
            found.iter().any(|found| found.starts_with(line) && found.ends_with("= —")),
            "{line} {found:#?}"
        );
    }
}
