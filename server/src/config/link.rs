//! Follows references and builds the estate and the probes; what does not resolve is left out, with a finding.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::estate::{Method, SLICE_SECONDS, Service, Window};
use domain::{Estate, Slo, Target};

use super::declared::{Declared, DeclaredSli, DeclaredSlo, Kind, Metric};
use super::duration::people;
use super::finding::{Place, Report, quote};
use super::metadata::Named;
use super::probe::{self, Judgement, Request};
use crate::source::{ProbeSli, ProbeSource};

/// Every declaration starts here; what keeps revisions counts on.
const FIRST_REVISION: u32 = 1;

/// The sound part of what was declared.
pub(super) fn link(mut declared: Declared, report: &mut Report) -> (Estate, Vec<ProbeSource>) {
    imply_services(&mut declared, report);
    cadences(&mut declared, report);
    let mut probes = Probes::default();
    let mut slis = Vec::new();
    for sli in std::mem::take(&mut declared.slis) {
        slis.extend(link_sli(sli, &declared, &mut probes, report));
    }
    // An SLI with an error is not here, and the DataSource that it uses is no loose end.
    let all_sound = slis.len() == declared.names(Kind::Sli).count();
    for source in declared.data_sources.values().filter(|_| all_sound) {
        if !probes.used.contains(&source.name.name) {
            let name = quote(&source.name.name);
            let message =
                format!("no SLI uses the DataSource {name}, so it is not probed: refer to it, or remove it");
            report.warning(source.name.place, message);
        }
    }
    let mut estate = Estate { services: std::mem::take(&mut declared.services), slis, slos: Vec::new() };
    let sound = Sound {
        services: estate.services.iter().map(|service| service.name.clone()).collect(),
        slis: estate.slis.iter().map(|sli| (sli.name.clone(), sli.interval_seconds)).collect(),
        probed: probes.sources.iter().flat_map(|source| &source.slis).map(|sli| sli.sli.clone()).collect(),
    };
    for slo in std::mem::take(&mut declared.slos) {
        estate.slos.extend(link_slo(slo, &declared, &sound, report));
    }
    (estate, probes.sources)
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

/// The probes so far, by the `DataSource` they come from.
#[derive(Default)]
struct Probes {
    sources: Vec<ProbeSource>,
    used: BTreeSet<String>,
    shared: BTreeMap<String, usize>,
}

fn link_sli(
    declared_sli: DeclaredSli,
    declared: &Declared,
    probes: &mut Probes,
    report: &mut Report,
) -> Option<domain::Sli> {
    let DeclaredSli { mut sli, place, cadence, metric } = declared_sli;
    match metric {
        Metric::Push => {
            sli.interval_seconds = cadence.map_or(SLICE_SECONDS, |(seconds, _)| seconds);
            let every = people(Duration::from_secs(sli.interval_seconds.into()));
            sli.source = format!("counts that are sent to us every {every}");
        }
        Metric::Inline(request, judgement) => {
            if let Some(other) = declared.place_of(Kind::DataSource, &sli.name) {
                let other = report.file_and_line(other);
                let message = format!(
                    "the inline probe of the SLI {} bears the name of the DataSource at {other}: rename one",
                    quote(&sli.name)
                );
                report.error(place, message);
                return None;
            }
            judge(&mut sli, &request, &judgement, report)?;
            let name = sli.name.clone();
            probes.sources.push(source(name, &request, vec![judge_of(&sli.name, &judgement)]));
        }
        Metric::Shared(name, judgement) => {
            probes.used.insert(name.name.clone());
            let Some(found) = declared.data_sources.get(&name.name) else {
                dangling(Kind::DataSource, &name, "declare it with `kind: DataSource`", declared, report);
                return None;
            };
            judge(&mut sli, &found.request, &judgement, report)?;
            let judge = judge_of(&sli.name, &judgement);
            let known = probes.shared.get(&name.name).and_then(|index| probes.sources.get_mut(*index));
            if let Some(source) = known {
                source.slis.push(judge);
            } else {
                probes.shared.insert(name.name.clone(), probes.sources.len());
                probes.sources.push(source(name.name, &found.request, vec![judge]));
            }
        }
    }
    if let Some((_, place)) = cadence.filter(|_| sli.timeout_seconds > 0) {
        let message = "the cadence is ignored: a probe has its `interval`; remove it";
        report.warning(place, message);
    }
    Some(sli)
}

/// Fills in what the probe says about the SLI; none if they do not go together.
fn judge(sli: &mut domain::Sli, request: &Request, judgement: &Judgement, report: &mut Report) -> Option<()> {
    sli.source = probe::sentence(request, judgement);
    sli.interval_seconds = u32::try_from(request.interval.as_secs()).unwrap_or(u32::MAX);
    let timeout_seconds = request.timeout.as_millis().div_ceil(1_000);
    sli.timeout_seconds = u32::try_from(timeout_seconds).unwrap_or(u32::MAX);
    judgement.fits(request, report).then_some(())
}

fn judge_of(sli: &str, judgement: &Judgement) -> ProbeSli {
    ProbeSli { sli: sli.to_owned(), status: judgement.status(), within: judgement.within() }
}

fn source(name: String, request: &Request, slis: Vec<ProbeSli>) -> ProbeSource {
    let Request { http, interval, timeout } = request.clone();
    ProbeSource { name, http, interval, timeout, slis }
}

/// What SLOs may refer to.
struct Sound {
    services: BTreeSet<String>,
    slis: BTreeMap<String, u32>,
    probed: BTreeSet<String>,
}

fn link_slo(slo: DeclaredSlo, declared: &Declared, sound: &Sound, report: &mut Report) -> Option<Slo> {
    let fix = "declare it with `kind: Service`";
    if !sound.services.contains(&slo.service.name) {
        dangling(Kind::Service, &slo.service, fix, declared, report);
    }
    let fix = "declare it with `kind: SLI`, or write the SLI here as `indicator`";
    let Some(interval_seconds) = sound.slis.get(&slo.sli.name) else {
        dangling(Kind::Sli, &slo.sli, fix, declared, report);
        return None;
    };
    if !sound.services.contains(&slo.service.name) {
        return None;
    }
    if sound.probed.contains(&slo.sli.name) {
        for (objective, place) in &slo.objectives {
            too_fine(objective.target, *place, slo.window_seconds, *interval_seconds, report);
        }
    }
    Some(Slo {
        origin: report.origin(slo.name.place),
        name: slo.name.name,
        display_name: slo.display_name,
        description: slo.description,
        service: slo.service.name,
        sli: slo.sli.name,
        window: Window::Rolling { seconds: slo.window_seconds },
        method: Method::Occurrences,
        objectives: slo.objectives.into_iter().map(|(objective, _)| objective).collect(),
        coverage_floor: slo.coverage_floor,
        revision: FIRST_REVISION,
    })
}

/// Warns of a target that a single failure in the window breaks.
fn too_fine(target: Target, place: Place, window_seconds: u32, interval_seconds: u32, report: &mut Report) {
    let attempts = u64::from(window_seconds / interval_seconds.max(1));
    if target.is_zero_tolerance() || u64::from(target.budget_parts()) * attempts >= 1_000_000_000 {
        return;
    }
    let window = people(Duration::from_secs(window_seconds.into()));
    let message = format!(
        "the target {target} % allows less than one failure in the {attempts} attempts of {window}, so one breaks it: \
         probe more often, or write a longer window or a lower target"
    );
    report.warning(place, message);
}

/// An error for a name that nothing bears; an object that is wrong has its findings already.
fn dangling(kind: Kind, named: &Named, fix: &str, declared: &Declared, report: &mut Report) {
    if declared.knows(kind, &named.name) {
        return;
    }
    let hint = report.did_you_mean(&named.name, declared.names(kind));
    report.error(named.place, format!("the {kind} {} is not declared: {fix}{hint}", quote(&named.name)));
}
