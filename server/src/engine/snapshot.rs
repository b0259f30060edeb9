//! The evaluated state of the whole estate at one instant.

use std::collections::{BTreeSet, HashMap};

use app::view::{ServiceRow, SloRow, urgency, worst};
use domain::composite::CompositeStatus;
use domain::exclusion::Category;
use domain::status::{AlertState, ServiceObjective, ServiceStatus};
use domain::{
    Bounds, Estate, Health, HealthVerdict, Instant, Lens, Service, Sli, SliHealth, Slo, State, calendar,
    service_health,
};

use super::evaluate::{self, Evaluated};

/// All services and SLOs, evaluated; pages and the stream read nothing else.
#[derive(Debug, Clone, Default)]
pub struct Snapshot {
    /// When it was made; services' health is as of then.
    pub at: Instant,
    /// Since when the store cannot be read; figures are as of before.
    pub blind_since: Option<Instant>,
    /// Worst first, then by name.
    pub services: Vec<ServiceRow>,
    /// In the order of declaration.
    pub composites: Vec<CompositeStatus>,
    evaluated: HashMap<String, Evaluated>,
}

impl Snapshot {
    /// Names only: nothing is known yet.
    pub(super) fn before_first_round(estate: &Estate, at: Instant) -> Self {
        let verdicts = verdicts(estate, &no_results_yet(estate), at);
        let unread = |slo: &Slo| Some((slo.name.clone(), evaluate::unread(estate, slo, at)?));
        let nothing = estate.slos.iter().filter_map(unread).collect();
        Self::next(&Self::default(), estate, at, None, nothing, verdicts)
    }

    /// The snapshot after `before`: what was evaluated now replaces what was there.
    pub(super) fn next(
        before: &Self,
        estate: &Estate,
        at: Instant,
        blind_since: Option<Instant>,
        now_evaluated: HashMap<String, Evaluated>,
        verdicts: Vec<HealthVerdict>,
    ) -> Self {
        let mut evaluated = before.evaluated.clone();
        evaluated.extend(now_evaluated);
        if blind_since.is_some() {
            for evaluated in evaluated.values_mut() {
                go_stale(estate, evaluated, at);
            }
        }
        let mut services: Vec<ServiceRow> = estate
            .services
            .iter()
            .zip(verdicts)
            .map(|(service, verdict)| service_row(estate, service, verdict, &evaluated, at))
            .collect();
        services.sort_by(|a, b| {
            let key = |row: &ServiceRow| urgency(row.service.health, &row.slos);
            key(a).cmp(&key(b)).then_with(|| a.service.name.cmp(&b.service.name))
        });
        // Composites follow from the rest.
        Self { at, blind_since, services, composites: before.composites.clone(), evaluated }
    }

    /// The evaluation of an SLO; none before the first.
    pub(super) fn row(&self, slo: &str) -> Option<&Evaluated> {
        self.evaluated.get(slo)
    }

    /// All evaluations.
    pub(super) fn rows(&self) -> impl Iterator<Item = &Evaluated> {
        self.evaluated.values()
    }

    /// The end of the latest measured data of all.
    pub fn data_until(&self) -> Option<Instant> {
        self.evaluated.values().filter_map(|evaluated| evaluated.row.status.data_until).max()
    }

    /// A service with its objectives, as the API lists it.
    pub fn with_objectives(row: &ServiceRow) -> ServiceStatus {
        let objectives = row.slos.iter().flat_map(|slo| {
            let name = &slo.slo.name;
            slo.status
                .objectives
                .iter()
                .map(|status| ServiceObjective { slo: name.clone(), status: status.clone() })
        });
        ServiceStatus { objectives: Some(objectives.collect()), ..row.service.clone() }
    }
}

/// While the store cannot be read, figures stand still but time does not: old ones stop being a verdict.
fn go_stale(estate: &Estate, evaluated: &mut Evaluated, at: Instant) {
    let slo = &evaluated.row.slo;
    let Some(sli) = estate.sli(&slo.sli) else { return };
    let judged = slo.objectives.iter().filter_map(|objective| Lens::of(slo, objective).slice_seconds()).max();
    let status = &mut evaluated.row.status;
    let fresh = status.data_until.is_some_and(|until| at.seconds_since(until) <= sli.stale_seconds(judged));
    if fresh {
        return;
    }
    for objective in &mut status.objectives {
        if objective.state != State::NoData {
            objective.state = State::NoData;
            "the database cannot be reached".clone_into(&mut objective.state_reason);
        }
        for alert in &mut objective.alerts {
            alert.state = AlertState::Frozen;
        }
    }
}

fn service_row(
    estate: &Estate,
    service: &Service,
    verdict: HealthVerdict,
    evaluated: &HashMap<String, Evaluated>,
    at: Instant,
) -> ServiceRow {
    let mut slos: Vec<SloRow> = estate
        .slos
        .iter()
        .filter(|slo| slo.service == service.name)
        .filter_map(|slo| evaluated.get(&slo.name).map(|evaluated| evaluated.row.clone()))
        .collect();
    slos.sort_by_key(|row| worst(&row.status).map_or(State::NoData, |objective| objective.state));
    // A service whose data were never there has no age, however old its neighbours' are.
    let oldest = slos.iter().map(|row| row.status.data_until).min().flatten();
    ServiceRow {
        service: ServiceStatus {
            name: service.name.clone(),
            display_name: service.display_name.clone(),
            group: service.group.clone(),
            owner: service.owner.clone(),
            tags: service.tags.clone(),
            health: verdict.health,
            since: verdict.since,
            reason: verdict.reason,
            data_age_seconds: oldest.map(|until| at.seconds_since(until).max(0)),
            objectives: None,
        },
        description: service.description.clone(),
        slos,
    }
}

/// The health of every service, in the order of declaration.
pub(super) fn verdicts(
    estate: &Estate,
    health: &HashMap<String, SliHealth>,
    at: Instant,
) -> Vec<HealthVerdict> {
    let judged =
        |service| maintenance(estate, service, at).unwrap_or_else(|| verdict(estate, service, health, at));
    estate.services.iter().map(judged).collect()
}

/// Planned work on the whole service; whatever its probes find, nobody has to get up for it.
fn maintenance(estate: &Estate, service: &Service, at: Instant) -> Option<HealthVerdict> {
    let now = Bounds { from: at, to: at + 1 };
    let planned = estate.exclusions.iter().filter(|one| {
        one.category == Category::Maintenance
            && one
                .services
                .iter()
                .chain(&one.slos)
                .next()
                .is_none_or(|_| one.services.contains(&service.name))
    });
    let (work, stretch) = planned
        .filter_map(|one| Some((one, calendar::occurrences(&one.when, now).into_iter().next()?)))
        .max_by_key(|(_, stretch)| stretch.to)?;
    let until = domain::format::clock(stretch.to);
    Some(HealthVerdict {
        health: Health::Maintenance,
        since: Some(stretch.from),
        reason: format!("{}, until {until} ({})", work.reason.trim_end_matches('.'), work.author),
    })
}

fn verdict(
    estate: &Estate,
    service: &Service,
    health: &HashMap<String, SliHealth>,
    at: Instant,
) -> HealthVerdict {
    let judged =
        |sli: &&Sli| estate.slos.iter().any(|slo| slo.service == service.name && slo.sli == sli.name);
    let slis: Vec<(&Sli, &SliHealth)> = estate
        .slis
        .iter()
        .filter(judged)
        .filter_map(|sli| health.get(&sli.name).map(|health| (sli, health)))
        .collect();
    if slis.is_empty() {
        return HealthVerdict {
            health: Health::Unknown,
            since: None,
            reason: "No SLO is declared for this service, so nothing is measured.".to_owned(),
        };
    }
    service_health(at, &slis)
}

/// A service that is up since the first result that a restart recalled was up before that, for all we know.
pub(super) fn forget_recalled_beginnings(verdicts: &mut [HealthVerdict], recalled: &BTreeSet<Instant>) {
    for verdict in verdicts.iter_mut().filter(|verdict| verdict.health == Health::Up) {
        verdict.since = verdict.since.filter(|since| !recalled.contains(since));
    }
}

/// An empty record for every SLI that some SLO judges; results are judged against the lowest target on it.
pub(super) fn no_results_yet(estate: &Estate) -> HashMap<String, SliHealth> {
    let lowest = |sli: &Sli| {
        let slos = estate.slos.iter().filter(|slo| slo.sli == sli.name);
        slos.flat_map(|slo| slo.objectives.iter().map(|objective| objective.target)).min()
    };
    let record = |sli: &Sli| lowest(sli).map(|target| (sli.name.clone(), SliHealth::new(target)));
    estate.slis.iter().filter_map(record).collect()
}
