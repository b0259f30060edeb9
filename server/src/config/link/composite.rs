//! Composites: their members, which may be composites too, but never themselves.
//!
//! Invariant: what is in the estate has no cycle and at most `MAX_NESTING` composites inside each other, so that what
//! walks them ends, and soon.

use std::collections::{BTreeMap, BTreeSet};

use domain::composite::{Composite, CompositeRule, Member};
use domain::{Estate, Slo};

use super::dangling;
use crate::config::declared::{Declared, DeclaredComposite, DeclaredMember, Kind};
use crate::config::finding::{Report, quote};
use crate::config::window;

/// Composites inside each other.
const MAX_NESTING: usize = 8;
/// Names in the path of a cycle that a finding prints.
const MAX_SHOWN: usize = 16;

/// The composites whose members all resolve, in order of declaration.
pub(super) fn link(
    composites: Vec<DeclaredComposite>,
    declared: &Declared,
    estate: &Estate,
    report: &mut Report,
) -> Vec<Composite> {
    let slos: BTreeMap<&str, &Slo> = estate.slos.iter().map(|slo| (slo.name.as_str(), slo)).collect();
    let services: BTreeSet<&str> = estate.services.iter().map(|service| service.name.as_str()).collect();
    let mut unsound = BTreeSet::new();
    for composite in &composites {
        let has_service = services.contains(composite.service.name.as_str());
        if !has_service {
            dangling(Kind::Service, &composite.service, "declare it with `kind: Service`", declared, report);
        }
        // Each member is looked at, for its findings.
        let bad =
            composite.members.iter().filter(|member| !resolves(member, &slos, declared, report)).count();
        if bad > 0 || !has_service {
            unsound.insert(composite.name.name.clone());
        }
        mixed_windows(composite, &slos, report);
    }
    unsound.extend(without_slices(&composites, report));
    let levels = levels(&composites);
    cycles(&composites, &levels, report);
    for composite in &composites {
        if levels.get(composite.name.name.as_str()) == Some(&(MAX_NESTING + 1)) {
            let message = format!(
                "the Composite {} holds more than {MAX_NESTING} composites inside each other: flatten it",
                quote(&composite.name.name)
            );
            report.error(composite.name.place, message);
        }
    }
    let sound = sound_names(&composites, &levels, &slos, unsound);
    let sound: Vec<DeclaredComposite> =
        composites.into_iter().filter(|composite| sound.contains(&composite.name.name)).collect();
    sound.into_iter().map(build).collect()
}

fn build(composite: DeclaredComposite) -> Composite {
    let member = |member: DeclaredMember| Member {
        slo: member.slo.name,
        objective: member.objective.map(|named| named.name),
        weight_parts: member.weight_parts,
    };
    Composite { members: composite.members.into_iter().map(member).collect(), ..composite.composite }
}

/// Whether a member and its objective are there; else a finding, unless the member itself has one.
fn resolves(
    member: &DeclaredMember,
    slos: &BTreeMap<&str, &Slo>,
    declared: &Declared,
    report: &mut Report,
) -> bool {
    let Some(slo) = slos.get(member.slo.name.as_str()) else {
        if declared.is_composite(&member.slo.name) {
            let Some(objective) = &member.objective else { return true };
            let message = format!(
                "{} is a Composite, which has one target: remove `objective`",
                quote(&member.slo.name)
            );
            report.error(objective.place, message);
        } else {
            dangling(Kind::Slo, &member.slo, "declare it with `kind: SLO`", declared, report);
        }
        return false;
    };
    let Some(named) = &member.objective else { return true };
    let known: Vec<&str> = slo.objectives.iter().map(|objective| objective.name.as_str()).collect();
    if known.contains(&named.name.as_str()) {
        return true;
    }
    let message = format!(
        "the SLO {} has no objective {}: write one that it has, `{}`",
        quote(&slo.name),
        quote(&named.name),
        known.join("`, `")
    );
    report.error(named.place, message);
    false
}

/// Names of the composites that look at slices of members which have none, with an error for each such member.
fn without_slices(composites: &[DeclaredComposite], report: &mut Report) -> Vec<String> {
    let rules: BTreeMap<&str, CompositeRule> =
        composites.iter().map(|composite| (composite.name.name.as_str(), composite.composite.rule)).collect();
    let mut unsound = Vec::new();
    for outer in composites.iter().filter(|outer| outer.composite.rule == CompositeRule::AnyBadSlice) {
        for member in &outer.members {
            let Some(rule) = rules.get(member.slo.name.as_str()) else { continue };
            if *rule == CompositeRule::AnyBadSlice {
                continue;
            }
            let message = format!(
                "{} is a Composite by {}, which judges no slices, so any-bad-slice cannot look at any: name its members \
                 instead, or give it `rule: any-bad-slice`",
                quote(&member.slo.name),
                rule.words()
            );
            report.error(member.slo.place, message);
            unsound.push(outer.name.name.clone());
        }
    }
    unsound
}

/// Warns of members over different windows.
fn mixed_windows(composite: &DeclaredComposite, slos: &BTreeMap<&str, &Slo>, report: &mut Report) {
    let mut windows = composite.members.iter().filter_map(|member| slos.get(member.slo.name.as_str()));
    let Some(first) = windows.next() else { return };
    if let Some(other) = windows.find(|slo| slo.window != first.window) {
        let (ours, theirs) = (window::people(&first.window), window::people(&other.window));
        let differ = if ours == theirs {
            "that begin at different times".to_owned()
        } else {
            format!("{ours} and {theirs}")
        };
        let message = format!(
            "the members {} and {} have different windows, {differ}, so the figure is about no one stretch of time: \
             prefer members with one window",
            quote(&first.name),
            quote(&other.name)
        );
        report.warning(composite.name.place, message);
    }
}

/// How many composites are inside each other, itself counted, up to one more than allowed; none of those in a cycle or
/// above one.
fn levels(composites: &[DeclaredComposite]) -> BTreeMap<&str, usize> {
    let names: BTreeSet<&str> = composites.iter().map(|composite| composite.name.name.as_str()).collect();
    let mut waiting: BTreeMap<&str, usize> = BTreeMap::new();
    let mut above: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for composite in composites {
        let name = composite.name.name.as_str();
        let inner: BTreeSet<&str> = inner(composite, &names).collect();
        waiting.insert(name, inner.len());
        for member in inner {
            above.entry(member).or_default().push(name);
        }
    }
    let mut levels: BTreeMap<&str, usize> = BTreeMap::new();
    let mut ready: Vec<&str> =
        waiting.iter().filter(|(_, left)| **left == 0).map(|(name, _)| *name).collect();
    // Ends: each name becomes ready once.
    let mut deepest: BTreeMap<&str, usize> = BTreeMap::new();
    while let Some(name) = ready.pop() {
        let level = (deepest.get(name).copied().unwrap_or_default() + 1).min(MAX_NESTING + 2);
        levels.insert(name, level);
        for outer in above.get(name).into_iter().flatten() {
            let deep = deepest.entry(outer).or_default();
            *deep = level.max(*deep);
            if let Some(left) = waiting.get_mut(outer) {
                *left -= 1;
                if *left == 0 {
                    ready.push(outer);
                }
            }
        }
    }
    levels
}

/// The members that are composites.
fn inner<'a>(composite: &'a DeclaredComposite, names: &BTreeSet<&str>) -> impl Iterator<Item = &'a str> {
    let members = composite.members.iter().map(|member| member.slo.name.as_str());
    members.filter(|name| names.contains(name))
}

/// An error for each cycle, at the composite of it that is declared first.
fn cycles(composites: &[DeclaredComposite], levels: &BTreeMap<&str, usize>, report: &mut Report) {
    let open: BTreeSet<&str> = composites
        .iter()
        .map(|composite| composite.name.name.as_str())
        .filter(|name| !levels.contains_key(name))
        .collect();
    // Of each, a member that is open too: following them must come round to a cycle.
    let next: BTreeMap<&str, &str> = composites
        .iter()
        .filter_map(|composite| Some((composite.name.name.as_str(), inner(composite, &open).next()?)))
        .filter(|(name, _)| open.contains(name))
        .collect();
    let mut known = BTreeSet::new();
    for composite in composites {
        let mut path: Vec<&str> = Vec::new();
        let mut at = composite.name.name.as_str();
        while open.contains(at) && !known.contains(at) {
            known.insert(at);
            path.push(at);
            let Some(member) = next.get(at) else { break };
            at = member;
        }
        let Some(cycle) = path.iter().position(|name| *name == at).and_then(|start| path.get(start..)) else {
            continue;
        };
        let mut shown: Vec<String> = cycle.iter().take(MAX_SHOWN).map(|name| quote(name)).collect();
        if cycle.len() > MAX_SHOWN {
            shown.push("…".to_owned());
        }
        shown.push(quote(at));
        let Some(first) = composites.iter().find(|composite| composite.name.name == at) else { continue };
        let message = format!(
            "the Composite {} is a member of itself: {}: remove one of these members",
            quote(at),
            shown.join(" → ")
        );
        report.error(first.name.place, message);
    }
}

/// Names of the composites that are sound, and so is all that is in them. From the innermost out.
fn sound_names(
    composites: &[DeclaredComposite],
    levels: &BTreeMap<&str, usize>,
    slos: &BTreeMap<&str, &Slo>,
    unsound: BTreeSet<String>,
) -> BTreeSet<String> {
    let level = |composite: &&DeclaredComposite| levels.get(composite.name.name.as_str()).copied();
    let mut by_level: Vec<&DeclaredComposite> = composites
        .iter()
        .filter(|composite| level(composite).is_some_and(|level| level <= MAX_NESTING))
        .collect();
    by_level.sort_by_key(level);
    let mut sound = BTreeSet::new();
    for composite in by_level {
        let has = |member: &DeclaredMember| {
            slos.contains_key(member.slo.name.as_str()) || sound.contains(&member.slo.name)
        };
        if !unsound.contains(&composite.name.name) && composite.members.iter().all(has) {
            sound.insert(composite.name.name.clone());
        }
    }
    sound
}
