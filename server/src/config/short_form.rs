//! The short form, `nines/v1` `Objective`: one document for an SLI, an SLO and, if need be, a service.

use domain::estate::Objective;
use domain::{Method, Sli, Window};

use super::annotations::{self, MAX_CADENCE_SECONDS};
use super::declared::{Declared, DeclaredSli, Kind, Metric};
use super::finding::{Place, Report};
use super::metadata::{self, Metadata, Named};
use super::method::{self, Wrong};
use super::object::Object;
use super::read::{Field, Fields};
use super::slo::{self, Subject, Terms};
use super::{duration, metrics, objective, probe, window};

const SPEC: &str =
    "{service: my-service, target: 99.9%, window: 30d, probe: {url: \"https://shop.example/health\"}}";
const METRICS: &str =
    "{good: {metric: http_requests_total, match: {code: \"2..\"}}, total: {metric: http_requests_total}}";
const PROBE: &str = "{url: \"https://shop.example/health\"}";

/// An `Objective` as it was read.
#[derive(Debug, Clone)]
pub(super) struct ShortForm {
    /// With the annotations that fields of the `spec` stand for.
    pub(super) meta: Metadata,
    pub(super) description: Option<String>,
    pub(super) service: Named,
    pub(super) objective: (Objective, Place),
    pub(super) method: Method,
    pub(super) window: (Window, Place),
    pub(super) metric: Metric,
}

/// Reads an `Objective` into the SLI, the SLO and the service that it stands for.
pub(super) fn read(object: Object<'_>, declared: &mut Declared, report: &mut Report) {
    let is_new = declared.register(Kind::Sli, &object.meta.name, report);
    let is_new = declared.register(Kind::Slo, &object.meta.name, report) && is_new;
    let Some(short) = object.read(is_new, SPEC, declared, report, read_spec) else { return };
    #[cfg(test)]
    declared.short_forms.push(short.clone());
    expand_into(short, declared, report);
}

fn read_spec(
    mut spec: Fields<'_>,
    mut meta: Metadata,
    declared: &mut Declared,
    report: &mut Report,
) -> Option<ShortForm> {
    let Subject { description, service } = Subject::read(&mut spec, report);
    // Even a short form that is wrong elsewhere makes its service, so that references to it do not dangle.
    declared.implied.extend(service.clone());
    let target = spec.need("target", "99.9%", report);
    let target = target.and_then(|field| Some((objective::read_either(&field, report)?, field.place())));
    let window = spec.need("window", "30d", report).and_then(|field| window::read_short(&field, report));
    let method = method(&mut spec, report);
    let slices = method.map_or(Err(Wrong), |method| method::slices(&mut spec, method, report));
    let metric = metric(&mut spec, report);
    let annotated = annotate(&mut spec, &mut meta, report);
    spec.finish(report);
    let (metric, pushed) = metric?;
    if let (Some((_, place)), Some(_)) = (pushed, meta.annotations.cadence) {
        let source = if matches!(metric, Metric::Series(_)) { "metrics" } else { "push" };
        let message =
            format!("both `spec.{source}.cadence` and the annotation `nines/cadence` are given: keep one");
        report.error(place, message);
        return None;
    }
    annotated?;
    meta.annotations.cadence = pushed.or(meta.annotations.cadence);
    let ((target, place), Ok(slices)) = (target?, slices) else { return None };
    let objective = Objective { slices, ..Objective::new(target.percent(), target) };
    Some(ShortForm {
        description,
        service: service?,
        objective: (objective, place),
        method: method?,
        window: window?,
        metric,
        meta,
    })
}

/// `method`; a slice target alone says it too.
fn method(spec: &mut Fields<'_>, report: &mut Report) -> Option<Method> {
    match (spec.get("method"), spec.get("timeSliceTarget")) {
        (Some(field), _) => method::named(&field, report),
        (None, Some(_)) => Some(Method::Timeslices),
        (None, None) => Some(Method::Occurrences),
    }
}

/// `gap` and `alerts`, which stand for annotations; none if they are wrong or given twice.
fn annotate(spec: &mut Fields<'_>, meta: &mut Metadata, report: &mut Report) -> Option<()> {
    let (gap, alerts) = (spec.get("gap"), spec.get("alerts"));
    let annotations = &mut meta.annotations;
    let mut twice = |field: &Option<Field<'_>>, annotation: &str, given: bool| {
        let field = field.as_ref().filter(|_| given);
        if let Some(field) = field {
            let message =
                format!("both `{}` and the annotation `{annotation}` are given: keep one", field.path);
            report.error(field.key, message);
        }
        field.is_some()
    };
    let gap_twice = twice(&gap, "nines/gap", annotations.gap.is_some());
    if twice(&alerts, "nines/alerts", annotations.alerts.is_some()) || gap_twice {
        return None;
    }
    if let Some(field) = gap {
        annotations.gap = Some((annotations::read_gap(&field, report)?, field.place()));
    }
    if let Some(field) = alerts {
        annotations.alerts = Some(metadata::reference(&field, report)?);
    }
    Some(())
}

/// The one source, and how often a push comes.
fn metric(spec: &mut Fields<'_>, report: &mut Report) -> Option<(Metric, Option<(u32, Place)>)> {
    let why = "is not supported yet in this version: use `probe` or `push`";
    let refused = spec.refuse(&["query"], why, report);
    let (probe, push) = (spec.present("probe"), spec.present("push"));
    if let Some(metrics) = spec.present("metrics") {
        if let Some(other) = probe.as_ref().or(push.as_ref()) {
            report.error(
                metrics.key,
                format!("both `{}` and `{}` are given: keep one", other.path, metrics.path),
            );
            return None;
        }
        let mut fields = metrics.fields(METRICS, report)?;
        let series = metrics::short(&mut fields, report);
        let cadence = cadence_of(&mut fields, report);
        fields.finish(report);
        return Some((Metric::Series(series?), cadence?)).filter(|_| !refused);
    }
    match (probe, push) {
        (Some(_), Some(push)) => {
            report.error(push.key, "both `spec.probe` and `spec.push` are given: keep one");
            None
        }
        (Some(probe), None) => {
            let (request, judgement) = probe::short(probe.fields(PROBE, report)?, report)?;
            Some((Metric::Inline(request, judgement), None))
        }
        (None, Some(push)) => Some((Metric::Push, cadence(&push, report)?)),
        (None, None) if refused => None,
        (None, None) => {
            let message = format!("`spec` names no source: add `probe: {PROBE}` or `push: {{}}`");
            report.error(spec.place, message);
            None
        }
    }
}

/// None if it is wrong, none inside if it is not declared.
#[expect(clippy::option_option, reason = "wrong and not declared differ")]
fn cadence(push: &Field<'_>, report: &mut Report) -> Option<Option<(u32, Place)>> {
    if matches!(push.node.value, super::tree::Value::Null) {
        return Some(None);
    }
    let mut fields = push.fields("{cadence: 60s}", report)?;
    let cadence = cadence_of(&mut fields, report);
    fields.finish(report);
    cadence
}

/// Likewise, of the field itself.
#[expect(clippy::option_option, reason = "wrong and not declared differ")]
fn cadence_of(fields: &mut Fields<'_>, report: &mut Report) -> Option<Option<(u32, Place)>> {
    let cadence = fields.get("cadence").map(|field| {
        let seconds = duration::read_seconds(&field, "60s", MAX_CADENCE_SECONDS, report)?;
        Some((seconds, field.place()))
    });
    match cadence {
        Some(None) => None,
        Some(cadence) => Some(cadence),
        None => Some(None),
    }
}

/// The mapping of the short form: see the table in the module `config`.
fn expand_into(short: ShortForm, declared: &mut Declared, report: &mut Report) {
    let ShortForm { mut meta, description, service, objective, method, window, metric } = short;
    let name = meta.name.clone();
    let sli = Sli {
        name: name.name.clone(),
        display_name: meta.display_name(),
        description: description.clone(),
        declared_generation: meta.annotations.generation,
        origin: report.origin(name.place),
        ..Sli::default()
    };
    let cadence = meta.annotations.cadence.take();
    declared.slis.push(DeclaredSli { sli, place: name.place, cadence, metric });
    let subject = Subject { description, service: Some(service) };
    let sli = Named { name: name.name, place: objective.1 };
    let terms = Terms { window, method, objectives: vec![objective], alerts: Vec::new() };
    declared.slos.extend(slo::declare(meta, subject, sli, terms, report));
}
