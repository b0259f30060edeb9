//! Probes: what is asked, how often, and how an SLI judges the answer.

mod words;

use std::time::Duration;

use url::Url;

use super::duration::{self, people};
use super::finding::{Place, Report, quote};
use super::read::{Field, Fields};
use super::tree::Value;
use crate::source::{DEFAULT_STATUS, HttpRequest};
#[cfg(test)]
pub(super) use words::range;
pub(super) use words::{meaning, sentence};

const DEFAULT_INTERVAL: Duration = Duration::from_secs(15);
/// The timeout where none is declared, unless the interval is shorter.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest time between two attempts: a day.
const MAX_INTERVAL_SECONDS: u32 = 86_400;
/// Ranges of status codes on one SLI.
const MAX_RANGES: usize = 32;
const HTTP: &str = "{url: \"https://shop.example/health\"}";
const STATUS: &str = "\"200-399\"";

/// What is asked, how often and for how long.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Request {
    pub(super) http: HttpRequest,
    pub(super) interval: Duration,
    pub(super) timeout: Duration,
}

/// What an SLI takes for good; none where it does not say.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Judgement {
    pub(super) status: Option<Vec<(u16, u16)>>,
    pub(super) within: Option<(Duration, Place)>,
}

impl Judgement {
    /// The status codes that are good.
    pub(super) fn status(&self) -> Vec<(u16, u16)> {
        self.status.clone().unwrap_or_else(|| vec![DEFAULT_STATUS])
    }

    /// The longest time of a good answer.
    pub(super) fn within(&self) -> Option<Duration> {
        self.within.map(|(within, _)| within)
    }

    /// Whether it says nothing, or what `other` says.
    pub(super) fn adds_nothing_to(&self, other: &Self) -> bool {
        let same_status = self.status.is_none() || self.status == other.status;
        same_status && (self.within.is_none() || self.within() == other.within())
    }

    /// Whether `within` can be told apart from the timeout; else a finding.
    pub(super) fn fits(&self, request: &Request, report: &mut Report) -> bool {
        let Some((within, place)) = self.within.filter(|(within, _)| *within > request.timeout) else {
            return true;
        };
        let (within, timeout) = (people(within), people(request.timeout));
        let message = format!(
            "`within` ({within}) is longer than the probe's timeout ({timeout}), so it is never reached: shorten it, \
             or write a longer `timeout`"
        );
        report.error(place, message);
        false
    }
}

/// `spec` of a `DataSource`.
pub(super) fn data_source(mut spec: Fields<'_>, report: &mut Report) -> Option<Request> {
    spec.text("description", "text", report);
    let kind = spec
        .need("type", "Probe", report)
        .and_then(|field| Some((field.text("Probe", report)?, field.place())));
    let is_probe = match kind {
        Some(("Probe", _)) => true,
        Some(("Push", place)) => {
            let fix = "Push needs no DataSource: write `metricSource: {type: Push, spec: {}}` in the SLI";
            report.error(place, fix);
            false
        }
        Some((other, place)) => {
            report.error(place, unsupported(other));
            false
        }
        None => false,
    };
    if kind.is_some() && !is_probe {
        // The details are another type's, and to judge them would only add noise.
        return None;
    }
    let details = spec.need("connectionDetails", &format!("{{http: {HTTP}}}"), report);
    let mut details = details.and_then(|field| field.fields(&format!("{{http: {HTTP}}}"), report))?;
    let why = "belongs to the SLI: write it in `good.metricSource.spec`";
    let misplaced = details.refuse(&["status", "within"], why, report);
    let request = request(&mut details, report);
    details.finish(report);
    spec.finish(report);
    request.filter(|_| is_probe && !misplaced)
}

/// `spec` of a metric source of type `Probe`.
pub(super) fn inline(mut spec: Fields<'_>, report: &mut Report) -> Option<(Request, Judgement)> {
    let request = request(&mut spec, report);
    let judgement = judgement(&mut spec, report);
    spec.finish(report);
    request.zip(judgement)
}

/// `spec` of a metric source that refers to a `DataSource`.
pub(super) fn shared(mut spec: Fields<'_>, report: &mut Report) -> Option<Judgement> {
    let why = "stands in the DataSource: remove it here";
    let misplaced = spec.refuse(&["http", "interval", "timeout"], why, report);
    let judgement = judgement(&mut spec, report);
    spec.finish(report);
    judgement.filter(|_| !misplaced)
}

/// `spec.probe` of the short form.
pub(super) fn short(mut probe: Fields<'_>, report: &mut Report) -> Option<(Request, Judgement)> {
    let refused = other_protocols(&mut probe, report);
    let http = if refused { None } else { http(&mut probe, report) };
    let timing = timing(&mut probe, report);
    let judgement = judgement(&mut probe, report);
    probe.finish(report);
    let (interval, timeout) = timing?;
    Some((Request { http: http?, interval, timeout }, judgement?))
}

/// Why a type of metric source cannot be used.
pub(super) fn unsupported(kind: &str) -> String {
    format!("the source type {} is not supported yet in this version: use `Probe` or `Push`", quote(kind))
}

fn request(fields: &mut Fields<'_>, report: &mut Report) -> Option<Request> {
    let refused = other_protocols(fields, report);
    let http = if refused { fields.get("http") } else { fields.need("http", HTTP, report) };
    let http = http.and_then(|field| field.fields(HTTP, report)).and_then(|mut fields| {
        let request = self::http(&mut fields, report);
        fields.finish(report);
        request
    });
    let (interval, timeout) = timing(fields, report)?;
    Some(Request { http: http.filter(|_| !refused)?, interval, timeout })
}

fn other_protocols(fields: &mut Fields<'_>, report: &mut Report) -> bool {
    let why = "is not supported yet in this version: probe with `http`, or push results";
    fields.refuse(&["tcp", "dns", "tls", "grpc", "heartbeat"], why, report)
}

fn http(fields: &mut Fields<'_>, report: &mut Report) -> Option<HttpRequest> {
    let url = fields
        .need("url", "\"https://shop.example/health\"", report)
        .and_then(|field| read_url(&field, report));
    let method = match fields.get("method") {
        None => Some("GET".to_owned()),
        Some(field) => field.text("GET", report).and_then(|text| {
            let method = text.to_ascii_uppercase();
            if !matches!(method.as_str(), "GET" | "HEAD") {
                report
                    .error(field.place(), format!("`{}` is {}: write GET or HEAD", field.path, quote(text)));
                return None;
            }
            Some(method)
        }),
    };
    Some(HttpRequest { url: url?, method: method? })
}

fn read_url(field: &Field<'_>, report: &mut Report) -> Option<Url> {
    let text = field.text("https://shop.example/health", report)?;
    let problem = match Url::parse(text) {
        Err(error) => format!("is no URL ({error}): write e.g. `https://shop.example/health`"),
        Ok(url) if !matches!(url.scheme(), "http" | "https") => {
            "begins neither with `http://` nor with `https://`: write e.g. `https://shop.example/health`"
                .to_owned()
        }
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            // The URL is shown on pages; its secrets must not be.
            report.error(
                field.place(),
                format!("`{}` holds credentials, and URLs are shown: remove them", field.path),
            );
            return None;
        }
        Ok(url) => return Some(url),
    };
    field.wrong(text, &problem, report);
    None
}

/// Interval and timeout.
fn timing(fields: &mut Fields<'_>, report: &mut Report) -> Option<(Duration, Duration)> {
    let interval = match fields.get("interval") {
        None => Some(DEFAULT_INTERVAL),
        Some(field) => {
            let seconds = duration::read_seconds(&field, "15s", MAX_INTERVAL_SECONDS, report);
            seconds.map(|seconds| Duration::from_secs(seconds.into()))
        }
    };
    let Some(field) = fields.get("timeout") else {
        return interval.map(|interval| (interval, DEFAULT_TIMEOUT.min(interval)));
    };
    let timeout = duration::read(&field, "5s", report);
    let (interval, timeout) = (interval?, timeout?);
    if timeout > interval {
        let (timeout, interval) = (people(timeout), people(interval));
        let message = format!(
            "`{}` ({timeout}) is longer than the interval ({interval}), so attempts would pile up: write at most \
             {interval}, or a longer `interval`",
            field.path
        );
        report.error(field.place(), message);
        return None;
    }
    Some((interval, timeout))
}

fn judgement(fields: &mut Fields<'_>, report: &mut Report) -> Option<Judgement> {
    let status = fields.get("status").map(|field| read_status(&field, report));
    let within =
        fields.get("within").map(|field| Some((duration::read(&field, "300ms", report)?, field.place())));
    // Declared but wrong is not the same as not declared.
    let status = match status {
        Some(status) => Some(status?),
        None => None,
    };
    let within = match within {
        Some(within) => Some(within?),
        None => None,
    };
    Some(Judgement { status, within })
}

/// `200-399`, `200,204` or a list of such.
fn read_status(field: &Field<'_>, report: &mut Report) -> Option<Vec<(u16, u16)>> {
    let mut ranges = Vec::new();
    let items = match &field.node.value {
        Value::List(_) => field.items(STATUS, report)?,
        _ => vec![field.clone()],
    };
    for item in items {
        let text = item.text(STATUS, report)?;
        for part in text.split(',').map(str::trim) {
            let Some(range) = read_range(part) else {
                let message = format!(
                    "`{}`: {} is no status code or range from 100 to 599: write e.g. {STATUS} or \"200,204\"",
                    item.path,
                    quote(part)
                );
                report.error(item.place(), message);
                return None;
            };
            ranges.push(range);
        }
    }
    if ranges.is_empty() || ranges.len() > MAX_RANGES {
        let message =
            format!("`{}` must hold 1 to {MAX_RANGES} codes or ranges: write e.g. {STATUS}", field.path);
        report.error(field.place(), message);
        return None;
    }
    Some(ranges)
}

fn read_range(text: &str) -> Option<(u16, u16)> {
    let code = |text: &str| {
        let text = text.trim();
        let is_code = text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|code| is_code && (100..=599).contains(code))
    };
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let (from, to) = (code(from)?, code(to)?);
    (from <= to).then_some((from, to))
}
