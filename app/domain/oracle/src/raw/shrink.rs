//! Makes a failing case small: leaves out what the failure does not need.

use super::Case;
use super::counters::{Counters, Sample, Sides};

/// Rounds over all the parts of a case; each leaves something out, or is the last.
const MAX_ROUNDS: usize = 12;

/// The smallest case found that still fails.
pub fn shrink(case: &Case, fails: impl Fn(&Case) -> bool) -> Case {
    let mut smallest = case.clone();
    for _ in 0..MAX_ROUNDS {
        let before = smallest.clone();
        lists(&mut smallest, &fails);
        for simpler in simpler(&smallest) {
            if fails(&simpler) {
                smallest = simpler;
            }
        }
        if smallest == before {
            break;
        }
    }
    smallest
}

/// Leaves out slices, exclusions, generations, objectives, earlier targets and rules.
fn lists(case: &mut Case, fails: &impl Fn(&Case) -> bool) {
    let stored = Case { slices: case.stored(), ..case.clone() };
    if fails(&stored) {
        *case = stored;
    }
    leave_out(case, |case| &mut case.slices, 0, fails);
    if case.counters.is_some() {
        leave_out(case, samples, 0, fails);
    }
    leave_out(case, |case| &mut case.exclusions, 0, fails);
    leave_out(case, |case| &mut case.sli.generations, 0, fails);
    leave_out(case, |case| &mut case.slo.objectives, 1, fails);
    let without = |change: fn(&mut Case)| {
        let mut simpler = case.clone();
        change(&mut simpler);
        simpler
    };
    let plain =
        without(|case| case.slo.objectives.iter_mut().for_each(|objective| objective.past_targets.clear()));
    if fails(&plain) {
        *case = plain;
    }
    if case.slo.rules.is_some() {
        leave_out(case, |case| case.slo.rules.get_or_insert_default(), 0, fails);
    }
}

/// The samples of a case that has counters.
fn samples(case: &mut Case) -> &mut Vec<Sample> {
    let none = || Counters {
        sides: Sides::GoodTotal,
        slice_seconds: 60,
        cadence_seconds: 60,
        covered_from: None,
        samples: Vec::new(),
    };
    &mut case.counters.get_or_insert_with(none).samples
}

/// Tries to do without halves, quarters and so on of a list, keeping at least `keep`.
fn leave_out<T: Clone>(
    case: &mut Case,
    list: impl Fn(&mut Case) -> &mut Vec<T>,
    keep: usize,
    fails: &impl Fn(&Case) -> bool,
) {
    let mut length = list(case).len();
    while length > 0 {
        let mut from = 0;
        loop {
            let mut without = case.clone();
            let items = list(&mut without);
            if from >= items.len() {
                break;
            }
            let to = (from + length).min(items.len());
            items.drain(from..to);
            if items.len() >= keep && fails(&without) {
                *case = without;
            } else {
                from += length;
            }
        }
        length /= 2;
    }
}

/// The case with one thing made plain.
fn simpler(case: &Case) -> Vec<Case> {
    let change = |with: fn(&mut Case)| {
        let mut changed = case.clone();
        with(&mut changed);
        changed
    };
    vec![
        change(|case| case.closed = false),
        change(|case| case.at -= case.at.rem_euclid(60)),
        change(|case| case.slo.gap = domain::estate::GapPolicy::Gap),
        change(|case| case.slo.rules = Some(Vec::new())),
        change(|case| case.sli.timeout_seconds = 0),
        change(|case| case.sli.interval_seconds = 60),
    ]
}
