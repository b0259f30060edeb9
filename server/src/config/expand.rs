//! The `OpenSLO` documents that a short form stands for, as text; see the table in the module `config`.

use std::fmt::Write as _;
use std::time::Duration;

use domain::Window;
use domain::estate::{CalendarUnit, CalendarWindow};

use super::annotations::gap_word;
use super::declared::Metric;
use super::local;
use super::objective::fraction;
use super::probe::{Judgement, Request, range};
use super::short_form::ShortForm;
use crate::source::Selector;

/// A `Service`, an `SLI` and an `SLO` in YAML that the reader takes for the same estate.
pub(super) fn expand(short: &ShortForm) -> String {
    let name = &short.meta.name.name;
    let service = &short.service.name;
    let cadence = short.meta.annotations.cadence;
    let cadence = cadence.map(|(seconds, _)| ("cadence", duration(u64::from(seconds) * 1_000)));
    let generation = short.meta.annotations.generation;
    let generation = generation.map(|number| ("generation", format!("\"{number}\"")));
    let metadata = metadata(short, cadence.into_iter().chain(generation).collect());
    let description =
        short.description.as_ref().map_or_else(String::new, |text| format!("  description: {text:?}\n"));
    let mut out = format!("apiVersion: openslo/v1\nkind: Service\nmetadata: {{name: {service}}}\n---\n");
    let _ = write!(out, "apiVersion: openslo/v1\nkind: SLI\n{metadata}spec:\n{description}");
    if let Metric::Series(series) = &short.metric {
        out.push_str("  ratioMetric:\n    counter: true\n");
        for (side, selector) in series.sides() {
            let _ = writeln!(
                out,
                "    {side}: {{metricSource: {{type: Metrics, spec: {}}}}}",
                self::selector(selector)
            );
        }
        out.push_str("---\n");
    } else {
        out.push_str("  ratioMetric:\n    counter: false\n");
        let _ = write!(out, "{}", asked(&short.metric));
    }
    let metadata = self::metadata(short, slo_annotations(short));
    let _ = write!(out, "apiVersion: openslo/v1\nkind: SLO\n{metadata}spec:\n{description}");
    let _ = write!(out, "  service: {service}\n  indicatorRef: {name}\n");
    let _ = writeln!(out, "  timeWindow: [{}]", window(&short.window.0));
    let _ = writeln!(out, "  budgetingMethod: {}", short.method.name());
    let objective = &short.objective.0;
    let mut fields = format!("target: {}", fraction(objective.target));
    if let Some(rule) = objective.slices {
        let target = rule.target.map(|target| format!(", timeSliceTarget: {}", fraction(target)));
        let _ = write!(
            fields,
            "{}, timeSliceWindow: {}",
            target.unwrap_or_default(),
            duration(u64::from(rule.seconds) * 1_000)
        );
    }
    let _ = writeln!(out, "  objectives: [{{{fields}}}]");
    out
}

/// Both sides of a probe or a push.
fn asked(metric: &Metric) -> String {
    let (good, total) = match metric {
        Metric::Push => ("{type: Push, spec: {}}".to_owned(), "{type: Push, spec: {}}".to_owned()),
        Metric::Inline(request, judgement) => (probe(request, Some(judgement)), probe(request, None)),
        Metric::Series(_) | Metric::Shared(..) => unreachable!("the short form names no DataSource"),
    };
    format!("    good:  {{metricSource: {good}}}\n    total: {{metricSource: {total}}}\n---\n")
}

fn selector(selector: &Selector) -> String {
    let mut out = format!("{{metric: {}", selector.metric);
    let matchers =
        selector.matchers.iter().map(|(name, pattern)| format!("{name:?}: {:?}", pattern.as_str()));
    let matchers: Vec<String> = matchers.collect();
    if !matchers.is_empty() {
        let _ = write!(out, ", match: {{{}}}", matchers.join(", "));
    }
    if let Some(le) = selector.le {
        let _ = write!(out, ", le: {le}");
    }
    out + "}"
}

fn window(window: &Window) -> String {
    match window {
        Window::Rolling { seconds } => {
            format!("{{duration: {}, isRolling: true}}", duration(u64::from(*seconds) * 1_000))
        }
        Window::Calendar(CalendarWindow { count, unit, start, zone }) => {
            let unit = match unit {
                CalendarUnit::Day => "d",
                CalendarUnit::Week => "w",
                CalendarUnit::Month => "M",
                CalendarUnit::Quarter => "Q",
                CalendarUnit::Year => "Y",
            };
            let start = local::text_of(*start);
            format!("{{duration: {count}{unit}, calendar: {{startTime: {start:?}, timeZone: {zone}}}}}")
        }
    }
}

fn slo_annotations(short: &ShortForm) -> Vec<(&'static str, String)> {
    let annotations = &short.meta.annotations;
    let mut out = Vec::new();
    out.extend(annotations.alerts.as_ref().map(|named| ("alerts", named.name.clone())));
    out.extend(
        annotations.coverage_floor.map(|floor| ("coverage-floor", format!("\"{}\"", fraction(floor)))),
    );
    out.extend(annotations.gap.map(|(gap, _)| ("gap", gap_word(gap).to_owned())));
    let past = annotations.past_targets.as_ref().map(|(past, _)| {
        let parts = past.iter().map(|past| format!("{} until {}", fraction(past.target), past.until));
        format!("{:?}", parts.collect::<Vec<_>>().join("; "))
    });
    out.extend(past.map(|past| ("past-targets", past)));
    out
}

fn metadata(short: &ShortForm, annotations: Vec<(&str, String)>) -> String {
    let meta = &short.meta;
    let mut out = format!("metadata:\n  name: {}\n", meta.name.name);
    if let Some(name) = &meta.display_name {
        let _ = writeln!(out, "  displayName: {name:?}");
    }
    if !meta.labels.is_empty() {
        out.push_str("  labels:\n");
        for (key, value) in &meta.labels {
            let _ = writeln!(out, "    {key:?}: {value:?}");
        }
    }
    if !annotations.is_empty() {
        out.push_str("  annotations:\n");
    }
    for (key, value) in annotations {
        let _ = writeln!(out, "    nines/{key}: {value}");
    }
    out
}

fn probe(request: &Request, judgement: Option<&Judgement>) -> String {
    let Request { http, interval, timeout } = request;
    let mut out =
        format!("{{type: Probe, spec: {{http: {{url: {:?}, method: {}}}", http.url.as_str(), http.method);
    let _ = write!(out, ", interval: {}, timeout: {}", millis(*interval), millis(*timeout));
    if let Some(status) = judgement.and_then(|judgement| judgement.status.as_ref()) {
        let ranges: Vec<String> = status.iter().map(|(from, to)| range(*from, *to)).collect();
        let _ = write!(out, ", status: {:?}", ranges.join(","));
    }
    if let Some(within) = judgement.and_then(Judgement::within) {
        let _ = write!(out, ", within: {}", millis(within));
    }
    out.push_str("}}");
    out
}

fn millis(of: Duration) -> String {
    duration(u64::try_from(of.as_millis()).unwrap())
}

/// In the largest unit that it is a whole number of.
fn duration(millis: u64) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms")];
    let (size, unit) = units.into_iter().find(|(size, _)| millis.is_multiple_of(*size)).unwrap();
    format!("{}{unit}", millis / size)
}
