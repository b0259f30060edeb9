//! Exclusions: the services and SLOs that they name.

use std::collections::BTreeSet;

use domain::{Estate, Exclusion};

use super::dangling;
use crate::config::declared::{Declared, DeclaredExclusion, Kind};
use crate::config::finding::{Report, quote};

/// The exclusions whose references all lead somewhere; the others leave findings.
pub(super) fn link(
    exclusions: Vec<DeclaredExclusion>,
    declared: &Declared,
    estate: &Estate,
    report: &mut Report,
) -> Vec<Exclusion> {
    let services = estate.services.iter().map(|service| service.name.as_str()).collect();
    let slos = estate.slos.iter().map(|slo| slo.name.as_str()).collect();
    exclusions
        .into_iter()
        .filter_map(|exclusion| one(exclusion, declared, (&services, &slos), report))
        .collect()
}

/// `known` are the names of the sound services and SLOs.
fn one(
    exclusion: DeclaredExclusion,
    declared: &Declared,
    known: (&BTreeSet<&str>, &BTreeSet<&str>),
    report: &mut Report,
) -> Option<Exclusion> {
    let DeclaredExclusion { mut exclusion, services, slos } = exclusion;
    let mut sound = true;
    for named in &services {
        if !known.0.contains(named.name.as_str()) {
            dangling(Kind::Service, named, "declare it with `kind: Service`", declared, report);
            sound = false;
        }
    }
    for named in &slos {
        if declared.is_composite(&named.name) {
            let message = format!(
                "{} is a Composite, which has no measurements of its own: name the SLOs that are its members",
                quote(&named.name)
            );
            report.error(named.place, message);
            sound = false;
        } else if !known.1.contains(named.name.as_str()) {
            dangling(Kind::Slo, named, "declare it with `kind: SLO`", declared, report);
            sound = false;
        }
    }
    exclusion.services = services.into_iter().map(|named| named.name).collect();
    exclusion.slos = slos.into_iter().map(|named| named.name).collect();
    sound.then_some(exclusion)
}
