//! Metric sources of type `Metrics`: which series count on each side of a ratio.
//!
//! A side is `{metric, match, le}`: the metric's name, anchored regular expressions for further labels, and of a
//! histogram the upper bound of the bucket that counts (the name may then be given without `_bucket`). Sides are
//! `good` and `total`, `bad` and `total`, or `good` and `bad`.

use domain::measure::histogram::parse_bound;

use super::finding::{Report, quote};
use super::read::{Field, Fields};
use super::tree::Value;
use crate::source::{LabelPattern, Ratio, Selector};

/// Labels that a selector may name: a series has no more.
const MATCHERS_MAX: usize = 30;
/// What the name of a histogram's buckets ends with.
const BUCKET: &str = "_bucket";
const METRICS: &str = "Metrics";
const SELECTOR: &str = "{metric: http_requests_total, match: {code: \"2..\"}}";
const SIDE: &str = "{metricSource: {type: Metrics, spec: {metric: http_requests_total}}}";
const SOURCE: &str = "{type: Metrics, spec: {metric: http_requests_total}}";

/// Two sides that series count on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series {
    pub(super) ratio: Ratio,
    pub(super) first: Selector,
    pub(super) second: Selector,
}

impl Series {
    /// The sides with the words for them.
    pub(super) fn sides(&self) -> [(&'static str, &Selector); 2] {
        let (first, second) = match self.ratio {
            Ratio::GoodTotal => ("good", "total"),
            Ratio::BadTotal => ("bad", "total"),
            Ratio::GoodBad => ("good", "bad"),
        };
        [(first, &self.first), (second, &self.second)]
    }

    /// What is measured, in one form for all ways to declare it.
    pub(super) fn meaning(&self) -> String {
        let [first, second] = self.sides().map(|(word, selector)| format!("{word} {}", text(selector)));
        format!("counters: {first}, {second}")
    }

    /// The sentence for people.
    pub(super) fn sentence(&self, every: &str) -> String {
        let [first, second] = self.sides().map(|(word, selector)| format!("{word} {}", text(selector)));
        format!("series that are sent to us every {every}: {first}, {second}")
    }
}

/// Whether the metric source of a side says that it is of this type.
pub(super) fn is_metrics(side: &Field<'_>) -> bool {
    let of = |node: &super::tree::Node, name: &str| match &node.value {
        Value::Map(entries) => {
            entries.iter().find(|(key, _)| &*key.text == name).map(|(_, node)| node.clone())
        }
        _ => None,
    };
    let kind = of(side.node, "metricSource").and_then(|source| of(&source, "type"));
    kind.is_some_and(|kind| matches!(&kind.value, Value::Text(text) if text.trim() == METRICS))
}

/// A `ratioMetric` with a side of this type.
pub(super) fn ratio(mut fields: Fields<'_>, report: &mut Report) -> Option<Series> {
    let counts = match fields.need("counter", "true", report) {
        None => false,
        Some(counter) => match counter.boolean(report) {
            Some(false) => {
                let why = "is false, which is not supported yet with `Metrics`: count events in a counter, and write true";
                report.error(counter.place(), format!("`{}` {why}", counter.path));
                false
            }
            found => found.is_some(),
        },
    };
    let why = "is not supported yet: name the series under `good`, `bad` and `total`, and remove it";
    let refused = fields.refuse(&["raw", "rawType"], why, report);
    let series = sides(&mut fields, side, report);
    fields.finish(report);
    series.filter(|_| counts && !refused)
}

/// `spec.metrics` of the short form, without its cadence.
pub(super) fn short(fields: &mut Fields<'_>, report: &mut Report) -> Option<Series> {
    sides(fields, |field, report| selector(field.fields(SELECTOR, report)?, report), report)
}

/// Two of the three sides.
fn sides(
    fields: &mut Fields<'_>,
    read: impl Fn(&Field<'_>, &mut Report) -> Option<Selector>,
    report: &mut Report,
) -> Option<Series> {
    let [good, bad, total] = ["good", "bad", "total"].map(|name| fields.get(name));
    let ratio = match (&good, &bad, &total) {
        (Some(_), None, Some(_)) => Ratio::GoodTotal,
        (None, Some(_), Some(_)) => Ratio::BadTotal,
        (Some(_), Some(_), None) => Ratio::GoodBad,
        (Some(_), Some(bad), Some(_)) => {
            let message = format!("`{}` is one side too many: keep two of good, bad and total", bad.path);
            report.error(bad.key, message);
            return None;
        }
        _ => {
            let message =
                "two sides are needed: add `good` and `total`, `bad` and `total`, or `good` and `bad`";
            report.error(fields.place, message);
            return None;
        }
    };
    let place = fields.place;
    let [good, bad, total] = [good, bad, total].map(|field| field.map(|field| read(&field, report)));
    let (first, second) = match ratio {
        Ratio::GoodTotal => (good??, total??),
        Ratio::BadTotal => (bad??, total??),
        Ratio::GoodBad => (good??, bad??),
    };
    if first == second {
        report.warning(place, "both sides name the same series: tell them apart with `match` or `le`");
    }
    Some(Series { ratio, first, second })
}

fn side(field: &Field<'_>, report: &mut Report) -> Option<Selector> {
    let mut fields = field.fields(SIDE, report)?;
    let source = fields.need("metricSource", SOURCE, report);
    let source = source.and_then(|field| field.fields(SOURCE, report)).and_then(|mut source| {
        let why = "is not used here: series are found by their names; remove it";
        let refused = source.refuse(&["metricSourceRef"], why, report);
        let kind = source.need("type", METRICS, report);
        let is_ours = kind.is_some_and(|kind| {
            let text = kind.text(METRICS, report);
            if let Some(other) = text.filter(|text| *text != METRICS) {
                let message = format!(
                    "one side is of type {}, the other of type `Metrics`: use one type",
                    quote(other)
                );
                report.error(kind.place(), message);
            }
            text == Some(METRICS)
        });
        let spec = source.need("spec", SELECTOR, report).filter(|_| is_ours);
        let selector = spec.and_then(|spec| selector(spec.fields(SELECTOR, report)?, report));
        source.finish(report);
        selector.filter(|_| !refused)
    });
    fields.finish(report);
    source
}

fn selector(mut fields: Fields<'_>, report: &mut Report) -> Option<Selector> {
    let metric = fields.need("metric", "http_requests_total", report);
    let metric = metric.and_then(|field| field.text("http_requests_total", report));
    let le = fields.get("le").map(|field| bound(&field, report));
    let matchers = match fields.get("match") {
        None => Some(Vec::new()),
        Some(field) => matchers(&field, le.is_some(), report),
    };
    fields.finish(report);
    let le = match le {
        None => None,
        Some(bound) => Some(bound?),
    };
    let bucket = if le.is_some() && !metric?.ends_with(BUCKET) { BUCKET } else { "" };
    Some(Selector { metric: format!("{}{bucket}", metric?), matchers: matchers?, le })
}

/// An upper bound that a bucket may have.
fn bound(field: &Field<'_>, report: &mut Report) -> Option<f64> {
    let text = field.text("0.3", report)?;
    let bound = parse_bound(text);
    if bound.is_none() {
        field.wrong(text, "is no upper bound of a bucket: write a number, e.g. `0.3`", report);
    }
    bound
}

fn matchers(field: &Field<'_>, has_bound: bool, report: &mut Report) -> Option<Vec<(String, LabelPattern)>> {
    let mut fields = field.fields("{code: \"2..\"}", report)?;
    let mut found = Vec::new();
    let mut sound = true;
    for (key, value) in fields.all() {
        let problem = match &*key.text {
            "__name__" => Some("is what `metric` says: write it there"),
            "le" if has_bound => Some("is what `le` says: keep one of them"),
            _ => None,
        };
        if let Some(problem) = problem {
            report.error(key.place, format!("`{}` {problem}", value.path));
            sound = false;
            continue;
        }
        let Some(text) = value.text("2..", report) else {
            sound = false;
            continue;
        };
        match LabelPattern::new(text) {
            Ok(pattern) => found.push((key.text.to_string(), pattern)),
            Err(error) => {
                let why = error.to_string();
                let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ");
                value.wrong(text, &format!("is no regular expression ({why}): write e.g. `2..`"), report);
                sound = false;
            }
        }
    }
    if found.len() > MATCHERS_MAX {
        report.error(
            field.place(),
            format!("`{}` names more than {MATCHERS_MAX} labels: remove some", field.path),
        );
        return None;
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    sound.then_some(found)
}

/// As PromQL has it: `http_requests_total{code=~"2.."}`.
fn text(selector: &Selector) -> String {
    let matchers = selector.matchers.iter().map(|(name, pattern)| format!("{name}=~{:?}", pattern.as_str()));
    let le = selector.le.map(|le| format!("le=\"{le}\""));
    let all: Vec<String> = matchers.chain(le).collect();
    if all.is_empty() { selector.metric.clone() } else { format!("{}{{{}}}", selector.metric, all.join(",")) }
}
