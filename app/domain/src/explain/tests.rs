//! The derivation of a status, as people read it.

use super::*;
use crate::slice::Sum;
use crate::testing::{sli, slo};
use crate::time::Instant;

fn lines(terms: &[Term]) -> Vec<String> {
    terms.iter().map(|term| format!("{}: {} = {}", term.label, term.expression, term.value)).collect()
}

fn explained(target: &str, data: bool) -> Vec<String> {
    let slo = slo(30 * 86_400, &[target]);
    let to = Instant::parse("2026-10-31T00:00:00Z").unwrap();
    let until = data.then_some(to);
    let plan = crate::plan::plan(&slo, to, until);
    let status = crate::evaluate::evaluate(&slo, &sli(60), to, until, &plan, |bounds| {
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
    lines(&explain(&status, 0, &slo, &sli(60)))
}

#[test]
fn every_figure_is_derived() {
    let expected = [
        "As of: the instant asked about = 2026-10-31T00:00:00Z",
        "Data until: end of the latest measured slice that starts before it = 2026-10-31T00:00:00Z",
        "Window: the last 30 d up to the end of the data; start inclusive, end exclusive = 2026-10-01T00:00:00Z to 2026-10-31T00:00:00Z",
        "Effective window: from the first measured second inside the window = 2026-10-01T00:00:00Z to 2026-10-31T00:00:00Z, 30 d of 30 d",
        "Good: good events of the slices that start in the window = 999,500",
        "Total: all events of the slices that start in the window = 1,000,000",
        "Bad: total − good = 1,000,000 − 999,500 = 500",
        "SLI: good ÷ total = 999,500 ÷ 1,000,000, rounded down = 99.95 %",
        "Target: declared = 99.9 %",
        "Coverage: measured seconds ÷ 2592000 s of the effective window = 100 %",
        "Coverage floor: least coverage for a verdict = 90 %",
        "Error budget: total × (1 − target) = 1,000,000 × 0.1 % = 1,000 events",
        "Consumed: bad ÷ budget = 500 ÷ 1,000, rounded up = 50.0 %",
        "Remaining: 1 − consumed, rounded down; below zero when over budget = 50.0 %",
        "Remaining as time: remaining × (1 − target) × window = 50.0 % × 0.1 % × 30 d of full outage = 21 min 36 s",
        "Exhausted by: remaining ÷ (spend rate of the last 6 h − what the window gives back) = never at the present rate",
        "Burn rate over 5 min: (bad ÷ total) ÷ 0.1 %, coverage 100 % = 0.5×",
    ];
    let found = explained("99.9", true);
    assert_eq!(found[..expected.len()], expected);
    let rest = &found[expected.len()..];
    assert!(
        rest.contains(&"Tier 14.4x over 1 h: fires at 14.4x over 1 h and over 5 min = ok".to_owned()),
        "{rest:?}"
    );
    assert_eq!(
        rest[rest.len() - 3..],
        [
            "State: SLI >= target = met",
            "Source: events delivered, gaps left out = pushed",
            "Revision: declared in checkout.yaml, line 12 = 3",
        ]
    );
}

#[test]
fn zero_tolerance_has_no_ratios() {
    let found = explained("100", true);
    assert!(found.contains(
        &"Error budget: a target of 100 % tolerates nothing; bad events are counted = 0 events".to_owned()
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
