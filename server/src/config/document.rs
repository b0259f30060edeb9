//! One document: which kind of object it is, and who reads it.

use domain::estate::Service;

use super::annotations::Bearer;
use super::declared::{COMPOSITE, DataSource, Declared, DeclaredPolicy, Kind};
use super::finding::{Report, quote};
use super::metadata::{self, Metadata};
use super::object::Object;
use super::read::{Field, Fields};
use super::tree::{Node, Value};
use super::{alert, canary, composite, exclusion, metric, probe, short_form, slo};

/// Objects in one configuration.
const MAX_OBJECTS: usize = 10_000;
const OPENSLO: &str = "openslo/v1";
const NINES: &str = "nines/v1";
/// Kinds that are carried out.
const KINDS: [(&str, &str); 11] = [
    (OPENSLO, "Service"),
    (OPENSLO, "SLI"),
    (OPENSLO, "SLO"),
    (OPENSLO, "DataSource"),
    (OPENSLO, "AlertPolicy"),
    (OPENSLO, "AlertCondition"),
    (NINES, "Objective"),
    (NINES, "BurnRatePolicy"),
    (NINES, "Exclusion"),
    (NINES, "Canary"),
    (NINES, COMPOSITE),
];
/// Kinds of `OpenSLO` that change no figure, so that files which hold them can be used.
const KEPT_ASIDE: [&str; 1] = ["AlertNotificationTarget"];
/// Kinds of ours that this version lacks.
const NOT_YET: [&str; 3] = ["ErrorBudgetPolicy", "Wall", "ReportSchedule"];

/// Reads one document into `declared`.
pub(super) fn read(document: &Node, declared: &mut Declared, report: &mut Report) {
    // `---` at the end of a file opens a document with nothing in it.
    if matches!(document.value, Value::Null) {
        return;
    }
    declared.objects += 1;
    if declared.objects > MAX_OBJECTS {
        if declared.objects == MAX_OBJECTS + 1 {
            let message = format!(
                "the configuration has more than {MAX_OBJECTS} objects, and the rest is not read: split it"
            );
            report.error(document.place, message);
        }
        return;
    }
    let example = "apiVersion: openslo/v1";
    let Some(mut fields) = Field::root(document).fields(example, report) else { return };
    let version =
        fields.need("apiVersion", OPENSLO, report).and_then(|f| Some((f.text(OPENSLO, report)?, f.place())));
    let kind = fields.need("kind", "SLO", report).and_then(|f| Some((f.text("SLO", report)?, f.place())));
    let Some((kind, kind_place)) = kind else { return };
    if KEPT_ASIDE.contains(&kind) {
        report.warning(
            kind_place,
            format!("{kind} is not carried out yet: it is kept aside, and nobody is notified"),
        );
        return;
    }
    if NOT_YET.contains(&kind) {
        let message = format!("{kind} is not available in this version and would do nothing: remove it");
        report.error(kind_place, message);
        return;
    }
    let Some((expected, kind)) = KINDS.iter().find(|(_, known)| *known == kind) else {
        let known: Vec<&str> = KINDS.iter().map(|(_, kind)| *kind).chain(KEPT_ASIDE).collect();
        let message = match report.did_you_mean(kind, known.iter().copied()) {
            hint if hint.is_empty() => {
                format!("the kind {} is unknown; known: {}", quote(kind), known.join(", "))
            }
            hint => format!("the kind {} is unknown{hint} Known: {}", quote(kind), known.join(", ")),
        };
        report.error(kind_place, message);
        return;
    };
    let right_version = version.is_some_and(|(version, place)| {
        if version != *expected {
            let hint = format!("`apiVersion` {} does not go with {kind}: write `{expected}`", quote(version));
            report.error(place, hint);
        }
        version == *expected
    });
    let bearer = match *kind {
        "Objective" => Bearer::ShortForm,
        "SLO" => Bearer::Slo,
        "SLI" => Bearer::Sli,
        _ => Bearer::Other,
    };
    let meta = metadata::read(&mut fields, bearer, None, report);
    let sound = right_version && meta.sound;
    let object = Object { fields, meta, sound };
    match *kind {
        "Service" => service(object, declared, report),
        "DataSource" => data_source(object, declared, report),
        "SLI" => sli(object, declared, report),
        "SLO" => slo::read(object, declared, report),
        "AlertCondition" => alert_condition(object, declared, report),
        "AlertPolicy" | "BurnRatePolicy" => alert_policy(kind, object, declared, report),
        "Exclusion" => exclusion::read(object, declared, report),
        "Canary" => canary::read(object, declared, report),
        COMPOSITE => composite::read(object, declared, report),
        _ => short_form::read(object, declared, report),
    }
}

fn service(object: Object<'_>, declared: &mut Declared, report: &mut Report) {
    let Object { mut fields, meta, sound } = object;
    let is_new = declared.register(Kind::Service, &meta.name, report);
    let mut description = None;
    // OpenSLO lets a Service go without a spec.
    if let Some(mut spec) = fields.get("spec").and_then(|spec| spec.fields("{description: text}", report)) {
        description = spec.text("description", "text", report).map(str::to_owned);
        spec.finish(report);
    }
    fields.finish(report);
    if !(is_new && sound) {
        return;
    }
    let label = |key: &str| meta.labels.iter().find(|(k, _)| k == key).map(|(_, value)| value.clone());
    let others = meta.labels.iter().filter(|(key, _)| !matches!(key.as_str(), "group" | "owner" | "tier"));
    let mut tags: Vec<String> = others.map(|(key, value)| format!("{key}={value}")).collect();
    tags.sort();
    declared.services.push(Service {
        name: meta.name.name.clone(),
        display_name: meta.display_name(),
        description,
        group: label("group"),
        owner: label("owner"),
        tier: label("tier"),
        tags,
        origin: report.origin(meta.name.place),
    });
}

fn data_source(object: Object<'_>, declared: &mut Declared, report: &mut Report) {
    let example = "{type: Probe, connectionDetails: {http: {url: \"https://shop.example/health\"}}}";
    let read = |spec: Fields<'_>, meta: Metadata, _: &mut Declared, report: &mut Report| {
        Some(DataSource { name: meta.name, request: probe::data_source(spec, report)? })
    };
    let is_new = declared.register(Kind::DataSource, &object.meta.name, report);
    let source = object.read(is_new, example, declared, report, read);
    declared.data_sources.extend(source.map(|source| (source.name.name.clone(), source)));
}

fn sli(object: Object<'_>, declared: &mut Declared, report: &mut Report) {
    let Object { mut fields, meta, sound } = object;
    let is_new = declared.register(Kind::Sli, &meta.name, report);
    let sli = metric::sli(&mut fields, meta, report);
    fields.finish(report);
    declared.slis.extend(sli.filter(|_| is_new && sound));
}

fn alert_condition(object: Object<'_>, declared: &mut Declared, report: &mut Report) {
    let Object { mut fields, meta, sound } = object;
    let is_new = declared.register(Kind::AlertCondition, &meta.name, report);
    let rule = alert::condition(&mut fields, &meta, report);
    fields.finish(report);
    if let Some(rule) = rule.filter(|_| is_new && sound) {
        declared.conditions.insert(meta.name.name, (rule, meta.name.place));
    }
}

fn alert_policy(kind: &'static str, object: Object<'_>, declared: &mut Declared, report: &mut Report) {
    let Object { mut fields, meta, sound } = object;
    let is_new = declared.register_as(Kind::AlertPolicy, kind, &meta.name, report);
    let rules = match kind {
        "AlertPolicy" => alert::policy(&mut fields, &meta, report),
        _ => alert::burn_rate_policy(&mut fields, report),
    };
    fields.finish(report);
    if let Some(rules) = rules.filter(|_| is_new && sound) {
        declared.policies.insert(meta.name.name.clone(), DeclaredPolicy { name: meta.name, rules });
    }
}
