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
use crate::source::{Expect, ProbeRequest, Selector, TextMatch};

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
    let Request { asked, interval, timeout } = request;
    let mut out = format!("{{type: Probe, spec: {{{}", probe_request(asked));
    let _ = write!(out, ", interval: {}, timeout: {}", millis(*interval), millis(*timeout));
    if let Some((status, _)) = judgement.and_then(|judgement| judgement.status.as_ref()) {
        let ranges: Vec<String> = status.iter().map(|(from, to)| range(*from, *to)).collect();
        let _ = write!(out, ", status: {:?}", ranges.join(","));
    }
    if let Some(within) = judgement.and_then(Judgement::within) {
        let _ = write!(out, ", within: {}", millis(within));
    }
    if let Some(judgement) = judgement.filter(|judgement| !judgement.expect().is_empty()) {
        let _ = write!(out, ", expect: {{{}}}", expect(&judgement.expect()));
    }
    out.push_str("}}");
    out
}

fn probe_request(asked: &ProbeRequest) -> String {
    match asked {
        ProbeRequest::Http(http) => {
            let mut out = format!("http: {{url: {:?}, method: {}", http.url.as_str(), http.method);
            if !http.headers.is_empty() {
                let headers: Vec<String> =
                    http.headers.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
                let _ = write!(out, ", headers: {{{}}}", headers.join(", "));
            }
            if let Some(body) = &http.body {
                let _ = write!(out, ", body: {body:?}");
            }
            if http.redirects > 0 {
                let _ = write!(out, ", redirects: {}", http.redirects);
            }
            out + "}"
        }
        ProbeRequest::Tcp(tcp) => format!("tcp: {{address: \"{}\"}}", tcp.address),
        ProbeRequest::Dns(dns) => {
            let server = dns.server.as_ref().map(|server| format!(", server: \"{server}\""));
            let (name, record) = (&dns.name, dns.record.name());
            format!("dns: {{name: {name:?}, type: {record}{}}}", server.unwrap_or_default())
        }
        ProbeRequest::Tls(tls) => {
            let name = tls.name.as_ref().map(|name| format!(", name: {name:?}"));
            format!(
                "tls: {{address: \"{}\"{}, verify: {}}}",
                tls.address,
                name.unwrap_or_default(),
                tls.verify
            )
        }
        ProbeRequest::Grpc(grpc) => {
            let service = Some(&grpc.service).filter(|service| !service.is_empty());
            let service = service.map(|service| format!(", service: {service:?}"));
            format!(
                "grpc: {{address: \"{}\"{}, tls: {}}}",
                grpc.address,
                service.unwrap_or_default(),
                grpc.tls
            )
        }
    }
}

fn expect(expect: &Expect) -> String {
    let mut parts = Vec::new();
    let headers: Vec<String> =
        expect.headers.iter().map(|header| format!("{}: {}", header.name, text(&header.value))).collect();
    if !headers.is_empty() {
        parts.push(format!("headers: {{{}}}", headers.join(", ")));
    }
    parts.extend(expect.body.iter().map(|body| format!("body: {}", text(&body.text))));
    let json: Vec<String> =
        expect.json.iter().map(|json| format!("{:?}: {:?}", json.path, json.equals)).collect();
    if !json.is_empty() {
        parts.push(format!("json: {{{}}}", json.join(", ")));
    }
    if !expect.records.is_empty() {
        parts.push(format!("records: {:?}", expect.records));
    }
    parts.extend(expect.expiry.map(|expiry| format!("expiry: {}", millis(expiry))));
    parts.join(", ")
}

fn text(text: &TextMatch) -> String {
    match text {
        TextMatch::Equals(text) => format!("{{equals: {text:?}}}"),
        TextMatch::Contains(text) => format!("{{contains: {text:?}}}"),
        TextMatch::Lacks(text) => format!("{{lacks: {text:?}}}"),
        TextMatch::Matches(_) => unreachable!("no sample has a pattern"),
    }
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
