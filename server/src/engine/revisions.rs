//! Revisions of SLOs: when a declaration is a new one, and which targets were valid before. Pure.
//!
//! Invariants: what no figure depends on (names for people, the description, the place in a file) makes no revision; a
//! target is valid from the instant of the revision that brought it; past targets that a file declares are right
//! alone, and with them everything that was stored before they were declared is overruled.

mod changes;

#[cfg(test)]
mod tests;

use app::view::DeclaredPast;
use domain::estate::PastTarget;
use domain::{AlertRule, GapPolicy, Instant, Method, Objective, Slo, Target, Window};
use serde::{Deserialize, Serialize};

use crate::store::{Declarations, Generation, Revision};

/// What the figures of an SLO depend on. As JSON it is what the store keeps of a revision: a field that is added later
/// needs a default, or every declaration becomes a new one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Terms {
    sli: String,
    window: Window,
    method: Method,
    gap: GapPolicy,
    coverage_floor: Target,
    rules: Option<Vec<AlertRule>>,
    objectives: Vec<Objective>,
}

impl Terms {
    fn of(slo: &Slo) -> Self {
        Self {
            sli: slo.sli.clone(),
            window: slo.window.clone(),
            method: slo.method,
            gap: slo.gap,
            coverage_floor: slo.coverage_floor,
            rules: slo.rules.clone(),
            objectives: slo.objectives.clone(),
        }
    }

    /// None if another version of the server wrote what this one cannot read.
    fn read(declared: &str) -> Option<Self> {
        serde_json::from_str(declared).ok()
    }

    fn json(&self) -> String {
        // Plain data whose keys are text is always JSON.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The revision that an SLO, as its file declares it, adds to those that are stored (oldest first); none if it is the
/// latest of them.
pub(super) fn next(slo: &Slo, stored: &[Revision], now: Instant) -> Option<Revision> {
    let terms = Terms::of(slo);
    let latest = stored.last();
    if latest.and_then(|latest| Terms::read(&latest.declared)).as_ref() == Some(&terms) {
        return None;
    }
    Some(Revision {
        slo: slo.name.clone(),
        revision: latest.map_or(1, |latest| latest.revision.saturating_add(1)),
        // A clock that was set back must not reorder the past.
        valid_from: latest.map(|latest| latest.valid_from.map_or(now, |from| from.max(now))),
        declared: terms.json(),
    })
}

/// Fills in an SLO's revision, and the past targets of objectives whose file declares none, from what is stored
/// (oldest first, the present declaration last).
pub(super) fn apply(slo: &mut Slo, stored: &[Revision]) {
    let Some(latest) = stored.last() else { return };
    slo.revision = latest.revision;
    let readable = |one: &Revision| Some((one.valid_from, Terms::read(&one.declared)?));
    let past = past_targets(&slo.objectives, &stored.iter().filter_map(readable).collect::<Vec<_>>());
    for (objective, past) in slo.objectives.iter_mut().zip(past) {
        if objective.past_targets.is_empty() {
            objective.past_targets = past;
        }
    }
}

/// What is stored of one SLO and its SLI (oldest first), for people: the latest first.
pub(crate) fn declared_past(stored: Declarations) -> DeclaredPast {
    let generation = |one: Generation| app::view::Generation {
        generation: one.generation,
        began: one.began,
        meaning: one.meaning,
    };
    DeclaredPast {
        revisions: history(&stored.revisions),
        generations: stored.generations.into_iter().rev().map(generation).collect(),
    }
}

/// What changed with each of the stored revisions (oldest first), the latest first.
fn history(stored: &[Revision]) -> Vec<app::view::Revision> {
    let mut before: Option<Terms> = None;
    let mut rows = Vec::new();
    for one in stored {
        let terms = Terms::read(&one.declared);
        let changes = before.as_ref().zip(terms.as_ref()).map(|(before, after)| changes::of(before, after));
        rows.push(app::view::Revision {
            revision: one.revision,
            valid_from: one.valid_from,
            changes: changes.unwrap_or_default(),
        });
        before = terms.or(before);
    }
    rows.reverse();
    rows
}

/// The targets that each objective had before its present one, by the revisions of its SLO (oldest first).
fn past_targets(objectives: &[Objective], revisions: &[(Option<Instant>, Terms)]) -> Vec<Vec<PastTarget>> {
    let mut traces: Vec<Trace> = objectives.iter().map(Trace::of).collect();
    for (valid_from, terms) in revisions.iter().rev() {
        let matched = matches(&traces, &terms.objectives);
        for (trace, found) in traces.iter_mut().zip(matched) {
            trace.is_continuous = found.is_some();
            if let Some(found) = found {
                trace.name = &found.name;
                trace.spans.push((*valid_from, found));
            }
        }
    }
    traces.into_iter().map(Trace::past_targets).collect()
}

/// An objective on its way back through the revisions.
struct Trace<'a> {
    /// Its name in the revision that was looked at last.
    name: &'a str,
    /// Whether that revision had it.
    is_continuous: bool,
    /// The objective in each revision that has it, the latest first.
    spans: Vec<(Option<Instant>, &'a Objective)>,
}

impl<'a> Trace<'a> {
    fn of(objective: &'a Objective) -> Self {
        Self { name: &objective.name, is_continuous: true, spans: Vec::new() }
    }

    fn past_targets(self) -> Vec<PastTarget> {
        let mut valid: Vec<(Option<Instant>, Target)> = Vec::new();
        for (from, objective) in self.spans.into_iter().rev() {
            if objective.past_targets.is_empty() {
                // Declared ends may lie beyond the revision that replaced them.
                valid.retain(|(began, _)| *began < from || began.is_none());
                if valid.last().is_none_or(|(_, target)| *target != objective.target) {
                    valid.push((from, objective.target));
                }
            } else {
                let past = &objective.past_targets;
                let begins = std::iter::once(None).chain(past.iter().map(|past| Some(past.until)));
                let targets = past.iter().map(|past| past.target).chain([objective.target]);
                valid = begins.zip(targets).collect();
            }
        }
        let ends = valid.iter().skip(1).filter_map(|(from, _)| *from);
        valid.iter().zip(ends).map(|((_, target), until)| PastTarget { until, target: *target }).collect()
    }
}

/// Which of a revision's objectives each trace is: by name; those left over on both sides in their order if they are
/// as many, because a target that is edited renames an objective that is called after it.
fn matches<'a>(traces: &[Trace<'_>], objectives: &'a [Objective]) -> Vec<Option<&'a Objective>> {
    let named = |name: &str| objectives.iter().find(|objective| objective.name == name);
    let mut found: Vec<_> = traces.iter().map(|trace| named(trace.name)).collect();
    let is_left = |objective: &&Objective| traces.iter().all(|trace| trace.name != objective.name);
    let left: Vec<&Objective> = objectives.iter().filter(is_left).collect();
    let nameless =
        traces.iter().zip(&mut found).filter(|(trace, found)| trace.is_continuous && found.is_none());
    let nameless: Vec<_> = nameless.map(|(_, found)| found).collect();
    if nameless.len() == left.len() {
        for (found, objective) in nameless.into_iter().zip(left) {
            *found = Some(objective);
        }
    }
    found
}
