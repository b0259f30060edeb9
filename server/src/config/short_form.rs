//! The short form, `nines/v1` `Objective`: one document for an SLI, an SLO and, if need be, a service.

use domain::Sli;
use domain::Target;
use domain::estate::{DEFAULT_COVERAGE_FLOOR, Objective};

use super::declared::{Declared, DeclaredSli, DeclaredSlo, Kind, Metric};
use super::finding::{Place, Report};
use super::metadata::{self, Metadata, Named};
use super::read::{Field, Fields};
use super::{duration, objective, probe};

const SPEC: &str =
    "{service: my-service, target: 99.9%, window: 30d, probe: {url: \"https://shop.example/health\"}}";
const PROBE: &str = "{url: \"https://shop.example/health\"}";
/// Longest time between two pushes.
const MAX_CADENCE_SECONDS: u32 = 86_400;

/// An `Objective` as it was read.
#[derive(Debug, Clone)]
pub(super) struct ShortForm {
    pub(super) meta: Metadata,
    pub(super) description: Option<String>,
    pub(super) service: Named,
    pub(super) target: (Target, Place),
    pub(super) window_seconds: u32,
    pub(super) metric: Metric,
    /// `push.cadence`, else the annotation.
    pub(super) cadence: Option<(u32, Place)>,
}

/// Reads an `Objective` into the SLI, the SLO and the service that it stands for.
pub(super) fn read(
    mut object: Fields<'_>,
    meta: Metadata,
    sound: bool,
    declared: &mut Declared,
    report: &mut Report,
) {
    let is_new = declared.register(Kind::Sli, &meta.name, report);
    let is_new = declared.register(Kind::Slo, &meta.name, report) && is_new;
    let spec = object.need("spec", SPEC, report).and_then(|spec| spec.fields(SPEC, report));
    let short = spec.and_then(|spec| read_spec(spec, meta, declared, report));
    object.finish(report);
    let Some(short) = short.filter(|_| is_new && sound) else { return };
    #[cfg(test)]
    declared.short_forms.push(short.clone());
    expand_into(short, declared, report);
}

fn read_spec(
    mut spec: Fields<'_>,
    meta: Metadata,
    declared: &mut Declared,
    report: &mut Report,
) -> Option<ShortForm> {
    let description = spec.text("description", "text", report).map(str::to_owned);
    let service =
        spec.need("service", "my-service", report).and_then(|field| metadata::reference(&field, report));
    // Even a short form that is wrong elsewhere makes its service, so that references to it do not dangle.
    declared.implied.extend(service.clone());
    let target = spec.need("target", "99.9%", report);
    let target = target.and_then(|field| Some((objective::read_either(&field, report)?, field.place())));
    let window = spec.need("window", "30d", report).and_then(|field| duration::read_window(&field, report));
    let metric = metric(&mut spec, report);
    spec.finish(report);
    let (metric, pushed) = metric?;
    Some(ShortForm {
        description,
        service: service?,
        target: target?,
        window_seconds: window?,
        metric,
        cadence: pushed.or(meta.cadence),
        meta,
    })
}

/// The one source, and how often a push comes.
fn metric(spec: &mut Fields<'_>, report: &mut Report) -> Option<(Metric, Option<(u32, Place)>)> {
    let why = "is not supported yet in this version: use `probe` or `push`";
    let refused = spec.refuse(&["query"], why, report);
    let (probe, push) = (spec.present("probe"), spec.present("push"));
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
    let cadence = fields.get("cadence").map(|field| {
        let seconds = duration::read_seconds(&field, "60s", MAX_CADENCE_SECONDS, report)?;
        Some((seconds, field.place()))
    });
    fields.finish(report);
    match cadence {
        Some(None) => None,
        Some(cadence) => Some(cadence),
        None => Some(None),
    }
}

/// The mapping of the short form: see the table in the module `config`.
fn expand_into(short: ShortForm, declared: &mut Declared, report: &Report) {
    let ShortForm { meta, description, service, target: (target, place), window_seconds, metric, cadence } =
        short;
    let origin = report.origin(meta.name.place);
    let display_name = meta.display_name();
    declared.slis.push(DeclaredSli {
        sli: Sli {
            name: meta.name.name.clone(),
            display_name: display_name.clone(),
            description: description.clone(),
            origin,
            ..Sli::default()
        },
        place: meta.name.place,
        cadence,
        metric,
    });
    let Some(coverage_floor) = meta.coverage_floor.or(DEFAULT_COVERAGE_FLOOR) else { return };
    declared.slos.push(DeclaredSlo {
        name: meta.name,
        display_name,
        description,
        sli: Named { name: declared.slis.last().map_or_else(String::new, |sli| sli.sli.name.clone()), place },
        service,
        window_seconds,
        objectives: vec![(Objective { name: target.percent(), target }, place)],
        coverage_floor,
        cadence: None,
    });
}
