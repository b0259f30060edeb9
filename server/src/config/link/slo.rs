//! SLOs: their service, their SLI and their alert rules.

use std::collections::{BTreeMap, BTreeSet};

use domain::{Estate, Slo};

use super::rules::{self, Used};
use super::{Probes, dangling};
use crate::config::declared::{Declared, DeclaredSlo, Kind};
use crate::config::finding::Report;
use crate::config::lint::{self, Source};

/// Every declaration starts here; what keeps revisions counts on.
const FIRST_REVISION: u32 = 1;

/// What SLOs may refer to.
pub(super) struct Sound {
    services: BTreeSet<String>,
    slis: BTreeMap<String, Source>,
}

impl Sound {
    pub(super) fn of(estate: &Estate, probes: &Probes) -> Self {
        let judges = probes.sources.iter().flat_map(|source| &source.slis);
        let asked: BTreeSet<&str> = judges.map(|sli| sli.sli.as_str()).collect();
        let source = |sli: &domain::Sli| Source {
            interval_seconds: sli.interval_seconds.max(1),
            is_probed: asked.contains(sli.name.as_str()),
        };
        Self {
            services: estate.services.iter().map(|service| service.name.clone()).collect(),
            slis: estate.slis.iter().map(|sli| (sli.name.clone(), source(sli))).collect(),
        }
    }
}

/// The SLO with its references followed; none, with a finding, if one of them leads nowhere.
pub(super) fn link(
    slo: DeclaredSlo,
    declared: &Declared,
    sound: &Sound,
    used: &mut Used,
    report: &mut Report,
) -> Option<Slo> {
    let fix = "declare it with `kind: Service`";
    let has_service = sound.services.contains(&slo.service.name);
    if !has_service {
        dangling(Kind::Service, &slo.service, fix, declared, report);
    }
    let rules = rules::of(&slo, declared, used, report);
    let fix = "declare it with `kind: SLI`, or write the SLI here as `indicator`";
    let Some(&source) = sound.slis.get(&slo.sli.name) else {
        dangling(Kind::Sli, &slo.sli, fix, declared, report);
        return None;
    };
    let rules = rules.filter(|_| has_service)?;
    lint::slo(&slo, source, report);
    Some(Slo {
        origin: report.origin(slo.name.place),
        name: slo.name.name,
        display_name: slo.display_name,
        description: slo.description,
        service: slo.service.name,
        sli: slo.sli.name,
        window: slo.window.0,
        method: slo.method,
        gap: slo.gap,
        objectives: slo.objectives.into_iter().map(|(objective, _)| objective).collect(),
        coverage_floor: slo.coverage_floor,
        rules,
        revision: FIRST_REVISION,
    })
}
