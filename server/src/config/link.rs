//! Follows references and builds the estate, the probes and what series feed; what does not resolve is left out, with a finding.

mod composite;
mod exclusion;
mod rules;
mod sli;
mod slo;

use std::collections::BTreeMap;

use domain::Estate;
use domain::estate::Service;

use super::declared::{Declared, DeclaredSli, Kind};
use super::finding::{Report, quote};
use super::metadata::Named;
use crate::source::{MetricSource, ProbeSource};
use rules::Used;
use sli::Probes;
use slo::Sound;

/// The sound part of what was declared.
pub(super) fn link(
    mut declared: Declared,
    report: &mut Report,
) -> (Estate, Vec<ProbeSource>, Vec<MetricSource>) {
    imply_services(&mut declared, report);
    cadences(&mut declared, report);
    let mut probes = Probes::default();
    let mut estate = Estate { services: std::mem::take(&mut declared.services), ..Estate::default() };
    for sli in std::mem::take(&mut declared.slis) {
        estate.slis.extend(sli::link(sli, &declared, &mut probes, report));
    }
    unused_sources(&estate, &declared, &probes, report);
    rules::check_policies(&declared, report);
    let sound = Sound::of(&estate, &probes);
    let mut used = Used::default();
    for slo in std::mem::take(&mut declared.slos) {
        estate.slos.extend(slo::link(slo, &declared, &sound, &mut used, report));
    }
    estate.composites = composite::link(std::mem::take(&mut declared.composites), &declared, &estate, report);
    let named = declared.names(Kind::Slo).count();
    if estate.slos.len() + estate.composites.len() == named {
        used.warn_of_others(&declared, report);
    }
    estate.exclusions = exclusion::link(std::mem::take(&mut declared.exclusions), &declared, &estate, report);
    (estate, probes.sources, probes.metrics)
}

/// Warns of a `DataSource` that nothing uses.
fn unused_sources(estate: &Estate, declared: &Declared, probes: &Probes, report: &mut Report) {
    // An SLI with an error is not here, and the DataSource that it uses is no loose end.
    if estate.slis.len() != declared.names(Kind::Sli).count() {
        return;
    }
    for source in declared.data_sources.values() {
        if !probes.used.contains(&source.name.name) {
            let name = quote(&source.name.name);
            let message =
                format!("no SLI uses the DataSource {name}, so it is not probed: refer to it, or remove it");
            report.warning(source.name.place, message);
        }
    }
}

/// Makes the services that only short forms name.
fn imply_services(declared: &mut Declared, report: &mut Report) {
    for service in std::mem::take(&mut declared.implied) {
        if declared.knows(Kind::Service, &service.name) {
            continue;
        }
        declared.register(Kind::Service, &service, report);
        declared.services.push(Service {
            name: service.name.clone(),
            display_name: service.name,
            origin: report.origin(service.place),
            ..Service::default()
        });
    }
}

/// Hands an SLO's annotation `nines/cadence` to its SLI.
fn cadences(declared: &mut Declared, report: &mut Report) {
    let mut slis: BTreeMap<String, &mut DeclaredSli> =
        declared.slis.iter_mut().map(|sli| (sli.sli.name.clone(), sli)).collect();
    for slo in &declared.slos {
        let Some((seconds, place)) = slo.cadence else { continue };
        let Some(sli) = slis.get_mut(&slo.sli.name) else { continue };
        match sli.cadence {
            None => sli.cadence = Some((seconds, place)),
            Some((other, _)) if other == seconds => {}
            Some((other, first)) => {
                let (first, name) = (report.file_and_line(first), quote(&sli.sli.name));
                let message = format!(
                    "`nines/cadence` is ignored: the cadence of the SLI {name} is {other} s, by {first}; keep one"
                );
                report.warning(place, message);
            }
        }
    }
}

/// An error for a name that nothing bears; an object that is wrong has its findings already.
fn dangling(kind: Kind, named: &Named, fix: &str, declared: &Declared, report: &mut Report) {
    if declared.knows(kind, &named.name) {
        return;
    }
    let hint = report.did_you_mean(&named.name, declared.names(kind));
    report.error(named.place, format!("the {kind} {} is not declared: {fix}{hint}", quote(&named.name)));
}
