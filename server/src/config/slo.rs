//! An SLO of `OpenSLO`: service, indicator, window, budgeting method and objectives.

use domain::estate::DEFAULT_COVERAGE_FLOOR;

use super::declared::{Declared, DeclaredSlo, Kind};
use super::finding::{Report, quote};
use super::metadata::{self, Metadata, Named};
use super::read::{Field, Fields};
use super::{duration, metric, objective};

const WINDOW: &str = "[{duration: 30d, isRolling: true}]";
const SPEC: &str = "{service: my-service, indicatorRef: my-sli, timeWindow: …, objectives: …}";
const METHODS: [&str; 3] = ["Occurrences", "Timeslices", "RatioTimeslices"];

/// Reads an SLO, and the SLI that may stand in it, into `declared`.
pub(super) fn read(
    mut object: Fields<'_>,
    meta: Metadata,
    sound: bool,
    declared: &mut Declared,
    report: &mut Report,
) {
    let is_new = declared.register(Kind::Slo, &meta.name, report);
    let spec = object.need("spec", SPEC, report).and_then(|spec| spec.fields(SPEC, report));
    let slo = spec.and_then(|spec| read_spec(spec, meta, declared, report));
    object.finish(report);
    declared.slos.extend(slo.filter(|_| is_new && sound));
}

fn read_spec(
    mut spec: Fields<'_>,
    meta: Metadata,
    declared: &mut Declared,
    report: &mut Report,
) -> Option<DeclaredSlo> {
    let description = spec.text("description", "text", report).map(str::to_owned);
    let service =
        spec.need("service", "my-service", report).and_then(|field| metadata::reference(&field, report));
    let sli = indicator(&mut spec, &meta, declared, report);
    let window = spec.need("timeWindow", WINDOW, report).and_then(|field| time_window(&field, report));
    let counts = method(&mut spec, report);
    let objectives = spec.need("objectives", "[{target: 0.999}]", report);
    let objectives = objectives.and_then(|field| objective::read(&field, report));
    spec.ignore(&["alertPolicies"], "is not evaluated yet: nobody is alerted", report);
    spec.finish(report);
    counts?;
    Some(DeclaredSlo {
        display_name: meta.display_name(),
        name: meta.name,
        description,
        service: service?,
        sli: sli?,
        window_seconds: window?,
        objectives: objectives?,
        coverage_floor: meta.coverage_floor.or(DEFAULT_COVERAGE_FLOOR)?,
        cadence: meta.cadence,
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
            let own = metadata::read(&mut object, Some(&meta.name), report);
            let (named, own_sound) = (own.name.clone(), own.sound);
            let is_new = declared.register(Kind::Sli, &named, report);
            let sli = metric::sli(&mut object, own, report);
            // What OpenSLO asks of a document may stand here too.
            object.get("apiVersion");
            object.get("kind");
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

/// The one rolling window, in seconds.
fn time_window(field: &Field<'_>, report: &mut Report) -> Option<u32> {
    let items = field.items(WINDOW, report)?;
    let [window] = items.as_slice() else {
        let message =
            format!("`{}` holds {} windows and must hold one: write `{WINDOW}`", field.path, items.len());
        report.error(field.place(), message);
        return None;
    };
    let mut fields = window.fields("{duration: 30d, isRolling: true}", report)?;
    let rolling = fields.get("isRolling").map(|field| (field.boolean(report), field.place()));
    let calendar = fields.present("calendar").map(|field| field.key);
    let not_yet = "calendar windows are not supported yet; use `isRolling: true`";
    let is_rolling = match (rolling, calendar) {
        (Some((Some(true), _)), None) => true,
        (Some((Some(true), _)), Some(place)) => {
            report.error(place, format!("{not_yet} without `calendar`"));
            false
        }
        (_, Some(place)) | (Some((Some(false), place)), None) => {
            report.error(place, not_yet);
            false
        }
        (Some((None, _)), None) => false,
        (None, None) => {
            fields.need("isRolling", "true", report);
            false
        }
    };
    let duration = fields.need("duration", "30d", report);
    // A calendar's `1M` is right there, and wrong only for a rolling window.
    let seconds = duration.filter(|_| is_rolling).and_then(|field| duration::read_window(&field, report));
    fields.finish(report);
    seconds
}

/// Some if budget is counted as this version can.
fn method(spec: &mut Fields<'_>, report: &mut Report) -> Option<()> {
    let Some(field) = spec.get("budgetingMethod") else {
        let message =
            "`spec.budgetingMethod` is missing and taken for Occurrences: add `budgetingMethod: Occurrences`";
        report.warning(spec.place, message);
        return Some(());
    };
    let text = field.text("Occurrences", report)?;
    let message = match text {
        "Occurrences" => return Some(()),
        "Timeslices" | "RatioTimeslices" => {
            format!("the budgeting method {text} is not supported yet: use `Occurrences`")
        }
        _ => {
            let hint = report.did_you_mean(text, METHODS);
            format!("the budgeting method {} is unknown: use `Occurrences`{hint}", quote(text))
        }
    };
    report.error(field.place(), message);
    None
}
