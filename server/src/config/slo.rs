//! An SLO of `OpenSLO`: service, indicator, window, budgeting method, objectives and alert policies.

use domain::estate::{DEFAULT_COVERAGE_FLOOR, Objective};
use domain::{Method, Window};

use super::alert::{self, AlertUse};
use super::annotations::Bearer;
use super::declared::{Declared, DeclaredSlo, Kind};
use super::finding::{Place, Report};
use super::metadata::{self, Metadata, Named};
use super::object::Object;
use super::read::Fields;
use super::{method, metric, objective, window};

const WINDOW: &str = "[{duration: 30d, isRolling: true}]";
const SPEC: &str = "{service: my-service, indicatorRef: my-sli, timeWindow: …, objectives: …}";

/// What an SLO, a composite and a short form begin with.
pub(super) struct Subject {
    pub(super) description: Option<String>,
    /// None if it is missing or wrong.
    pub(super) service: Option<Named>,
}

impl Subject {
    pub(super) fn read(spec: &mut Fields<'_>, report: &mut Report) -> Self {
        let description = spec.text("description", "text", report).map(str::to_owned);
        let service = spec.need("service", "my-service", report);
        Self { description, service: service.and_then(|field| metadata::reference(&field, report)) }
    }
}

/// What an SLO promises.
pub(super) struct Terms {
    pub(super) window: (Window, Place),
    pub(super) method: Method,
    pub(super) objectives: Vec<(Objective, Place)>,
    pub(super) alerts: Vec<AlertUse>,
}

/// Reads an SLO, and the SLI that may stand in it, into `declared`.
pub(super) fn read(object: Object<'_>, declared: &mut Declared, report: &mut Report) {
    let is_new = declared.register(Kind::Slo, &object.meta.name, report);
    let slo = object.read(is_new, SPEC, declared, report, read_spec);
    declared.slos.extend(slo);
}

fn read_spec(
    mut spec: Fields<'_>,
    meta: Metadata,
    declared: &mut Declared,
    report: &mut Report,
) -> Option<DeclaredSlo> {
    let subject = Subject::read(&mut spec, report);
    let sli = indicator(&mut spec, &meta, declared, report);
    let window = spec.need("timeWindow", WINDOW, report).and_then(|field| window::read(&field, report));
    let method = method::read(&mut spec, report);
    let objectives = spec.need("objectives", "[{target: 0.999}]", report);
    // With an unknown method the slices cannot be judged, but everything else of the objectives can.
    let counted = method.unwrap_or(Method::Occurrences);
    let objectives = objectives.and_then(|field| objective::read(&field, counted, report));
    let alerts = match spec.get("alertPolicies") {
        Some(field) => alert::uses(&field, &meta.name, report),
        None => Some(Vec::new()),
    };
    spec.finish(report);
    let terms = Terms { window: window?, method: method?, objectives: objectives?, alerts: alerts? };
    declare(meta, subject, sli?, terms, report)
}

/// Puts together an SLO and what its annotations say; none, with a finding, if they contradict it.
pub(super) fn declare(
    meta: Metadata,
    subject: Subject,
    sli: Named,
    terms: Terms,
    report: &mut Report,
) -> Option<DeclaredSlo> {
    let Terms { window, method, mut objectives, mut alerts } = terms;
    let display_name = meta.display_name();
    let annotations = meta.annotations;
    if let Some((past, place)) = annotations.past_targets {
        let [(objective, _)] = objectives.as_mut_slice() else {
            let fix = "with several objectives nothing says whose they are, so write one SLO for each";
            report.error(place, format!("`nines/past-targets` goes with one objective: {fix}"));
            return None;
        };
        objective.past_targets = past;
    }
    alerts.extend(annotations.alerts.map(AlertUse::Policy));
    Some(DeclaredSlo {
        name: meta.name,
        display_name,
        description: subject.description,
        service: subject.service?,
        sli,
        window,
        method,
        gap: annotations.gap.map(|(gap, _)| gap).unwrap_or_default(),
        objectives,
        coverage_floor: annotations.coverage_floor.unwrap_or(DEFAULT_COVERAGE_FLOOR),
        cadence: annotations.cadence,
        alerts,
    })
}

/// The SLI: a reference, or one that is declared here and bears the SLO's name unless it has its own.
fn indicator(
    spec: &mut Fields<'_>,
    meta: &Metadata,
    declared: &mut Declared,
    report: &mut Report,
) -> Option<Named> {
    let inline = spec.get("indicator");
    let reference = spec.get("indicatorRef");
    match (inline, reference) {
        (None, Some(field)) => metadata::reference(&field, report),
        (Some(field), None) => {
            let mut object = field.fields("{metadata: {name: my-sli}, spec: {ratioMetric: …}}", report)?;
            let own = metadata::read(&mut object, Bearer::Sli, Some(&meta.name), report);
            let (named, own_sound) = (own.name.clone(), own.sound);
            let is_new = declared.register(Kind::Sli, &named, report);
            if !object.inline("SLI", report) {
                return None;
            }
            let sli = metric::sli(&mut object, own, report);
            object.finish(report);
            declared.slis.extend(sli.filter(|_| is_new && own_sound));
            Some(named)
        }
        (Some(_), Some(field)) => {
            report.error(field.key, "both `indicator` and `indicatorRef` are given: keep one");
            None
        }
        (None, None) => {
            spec.need("indicatorRef", "my-sli", report);
            None
        }
    }
}
