//! An SLI: `ratioMetric` with the same source on both sides, or with series on each.

use domain::Sli;

use super::declared::{DeclaredSli, Metric};
use super::finding::{Place, Report, quote};
use super::metadata::{self, Metadata, Named};
use super::metrics;
use super::probe::{self, Judgement, Request};
use super::read::{Field, Fields};

const RATIO: &str =
    "{good: {metricSource: {type: Push, spec: {}}}, total: {metricSource: {type: Push, spec: {}}}}";
const SIDE: &str = "{metricSource: {type: Push, spec: {}}}";
const SOURCE: &str = "{type: Push, spec: {}}";

/// Reads the `spec` of an SLI, whether a document of its own or an SLO's `indicator`.
pub(super) fn sli(object: &mut Fields<'_>, meta: Metadata, report: &mut Report) -> Option<DeclaredSli> {
    let example = format!("{{ratioMetric: {RATIO}}}");
    let mut spec = object.spec(&example, report)?;
    let description = spec.text("description", "text", report).map(str::to_owned);
    let why = "is not supported yet: write a `ratioMetric` that counts good and all events";
    let refused = spec.refuse(&["thresholdMetric"], why, report);
    let metric = if refused { spec.get("ratioMetric") } else { spec.need("ratioMetric", RATIO, report) };
    let metric = metric.and_then(|field| ratio(field.fields(RATIO, report)?, report));
    spec.finish(report);
    let sli = Sli {
        name: meta.name.name.clone(),
        display_name: meta.display_name(),
        description,
        declared_generation: meta.annotations.generation,
        origin: report.origin(meta.name.place),
        ..Sli::default()
    };
    let metric = metric.filter(|_| !refused)?;
    Some(DeclaredSli { sli, place: meta.name.place, cadence: meta.annotations.cadence, metric })
}

fn ratio(mut fields: Fields<'_>, report: &mut Report) -> Option<Metric> {
    let sides = ["good", "bad", "total"].map(|name| fields.get(name));
    if sides.iter().flatten().any(metrics::is_metrics) {
        return metrics::ratio(fields, report).map(Metric::Series);
    }
    if let Some(counter) = fields.get("counter")
        && counter.boolean(report) == Some(true)
    {
        let message = format!("`{}` is ignored: probes and pushes deliver counts per slice", counter.path);
        report.warning(counter.place(), message);
    }
    let why = "is not supported yet: count what went well under `good`, and remove it";
    let refused = fields.refuse(&["bad", "raw", "rawType"], why, report);
    let good = if refused { fields.get("good") } else { fields.need("good", SIDE, report) };
    let good = good.and_then(|field| side(&field, report));
    let total = fields.need("total", SIDE, report).and_then(|field| side(&field, report));
    fields.finish(report);
    pair(good?, total?, report).filter(|_| !refused)
}

/// One side of a ratio.
struct Side {
    source: Source,
    place: Place,
}

enum Source {
    Push,
    Inline(Request, Judgement),
    Shared(Named, Judgement),
}

fn side(field: &Field<'_>, report: &mut Report) -> Option<Side> {
    let mut fields = field.fields(SIDE, report)?;
    let source = fields.need("metricSource", SOURCE, report);
    let source = source.and_then(|field| {
        let place = field.place();
        Some(Side { source: metric_source(field.fields(SOURCE, report)?, report)?, place })
    });
    fields.finish(report);
    source
}

fn metric_source(mut fields: Fields<'_>, report: &mut Report) -> Option<Source> {
    let kind = fields.get("type").map(|field| (field.text("Probe", report), field.place()));
    let reference = fields.get("metricSourceRef").map(|field| metadata::reference(&field, report));
    let spec = fields.get("spec");
    let source = match (reference, kind) {
        (Some(reference), None | Some((Some("Probe"), _))) => {
            let judgement = match spec {
                Some(spec) => probe::shared(spec.fields("{within: 300ms}", report)?, report),
                None => Some(Judgement::default()),
            };
            reference.zip(judgement).map(|(reference, judgement)| Source::Shared(reference, judgement))
        }
        (Some(_), Some((Some("Push"), place))) => {
            report.error(place, "Push needs no DataSource: remove `metricSourceRef`");
            None
        }
        (None, Some((Some("Push"), _))) => {
            if let Some(spec) = spec {
                spec.fields("{}", report)?.finish(report);
            }
            Some(Source::Push)
        }
        (None, Some((Some("Probe"), _))) => {
            let example = "{http: {url: \"https://shop.example/health\"}}";
            let spec = match spec {
                Some(spec) => Some(spec),
                None => fields.need("spec", example, report),
            };
            let inline = spec.and_then(|spec| probe::inline(spec.fields(example, report)?, report));
            inline.map(|(request, judgement)| Source::Inline(request, judgement))
        }
        (_, Some((Some(other), place))) => {
            let hint = report.did_you_mean(other, ["Metrics", "Probe", "Push"]);
            report.error(place, format!("{}{hint}", probe::unsupported(other)));
            return None;
        }
        (_, Some((None, _))) => None,
        (None, None) => {
            let known = "add `type: Push`, `type: Probe` or `metricSourceRef: my-data-source`";
            report.error(fields.place, format!("the metric source names no source: {known}"));
            None
        }
    };
    fields.finish(report);
    source
}

/// Both sides as one source that is asked once.
fn pair(good: Side, total: Side, report: &mut Report) -> Option<Metric> {
    let (metric, judged) = match (good.source, total.source) {
        (Source::Push, Source::Push) => return Some(Metric::Push),
        (Source::Shared(name, judgement), Source::Shared(other, judged)) if name.name == other.name => {
            (Metric::Shared(name, judgement.clone()), judged.adds_nothing_to(&judgement))
        }
        (Source::Inline(request, judgement), Source::Inline(other, judged)) if request == other => {
            (Metric::Inline(request, judgement.clone()), judged.adds_nothing_to(&judgement))
        }
        (good, other) => {
            let message = format!(
                "`good` names {} and `total` names {}: name the same source on both sides, which is then asked once",
                named(&good),
                named(&other)
            );
            report.error(total.place, message);
            return None;
        }
    };
    if !judged {
        let why = "`status`, `within` and `expect` of `total` are ignored, because every attempt with a known result counts: \
                   write them under `good`";
        report.warning(total.place, why);
    }
    Some(metric)
}

fn named(source: &Source) -> String {
    match source {
        Source::Push => "a Push".to_owned(),
        Source::Inline(request, _) => format!("a probe of {}", quote(&request.subject())),
        Source::Shared(name, _) => format!("the DataSource {}", quote(&name.name)),
    }
}
