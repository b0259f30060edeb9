//! Probes: what is asked, how often, and how an SLI judges the answer.

mod expect;
mod http;
mod judgement;
mod protocols;
mod words;

use std::time::Duration;

use super::duration::{self, people};
use super::finding::{Report, quote};
use super::read::Fields;
use crate::source::ProbeRequest;
pub(super) use judgement::Judgement;
pub(super) use protocols::address;
#[cfg(test)]
pub(super) use words::range;
pub(super) use words::{meaning, sentence};

const DEFAULT_INTERVAL: Duration = Duration::from_secs(15);
/// The timeout where none is declared, unless the interval is shorter.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest time between two attempts: a day.
const MAX_INTERVAL_SECONDS: u32 = 86_400;
const HTTP: &str = "{url: \"https://shop.example/health\"}";
/// What judges an answer, and so belongs to an SLI.
const JUDGING: [&str; 3] = ["status", "within", "expect"];

/// What is asked, how often and for how long.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Request {
    pub(super) asked: ProbeRequest,
    pub(super) interval: Duration,
    pub(super) timeout: Duration,
}

impl Request {
    /// What is asked, in a few words.
    pub(super) fn subject(&self) -> String {
        match &self.asked {
            ProbeRequest::Http(http) => http.url.to_string(),
            other => other.to_string(),
        }
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
    let misplaced = details.refuse(&JUDGING, why, report);
    let request = request(&mut details, report);
    details.finish(report);
    spec.finish(report);
    request.filter(|_| is_probe && !misplaced)
}

/// `spec` of a metric source of type `Probe`.
pub(super) fn inline(mut spec: Fields<'_>, report: &mut Report) -> Option<(Request, Judgement)> {
    let request = request(&mut spec, report);
    let judgement = Judgement::read(&mut spec, report);
    spec.finish(report);
    request.zip(judgement)
}

/// `spec` of a metric source that refers to a `DataSource`.
pub(super) fn shared(mut spec: Fields<'_>, report: &mut Report) -> Option<Judgement> {
    let why = "stands in the DataSource: remove it here";
    let misplaced = spec.refuse(&["http", "tcp", "dns", "tls", "grpc", "interval", "timeout"], why, report);
    let judgement = Judgement::read(&mut spec, report);
    spec.finish(report);
    judgement.filter(|_| !misplaced)
}

/// `spec.probe` of the short form.
pub(super) fn short(mut probe: Fields<'_>, report: &mut Report) -> Option<(Request, Judgement)> {
    let asked = protocols::short(&mut probe, report);
    let timing = timing(&mut probe, report);
    let judgement = Judgement::read(&mut probe, report);
    probe.finish(report);
    let (interval, timeout) = timing?;
    Some((Request { asked: asked?, interval, timeout }, judgement?))
}

/// Why a type of metric source cannot be used.
pub(super) fn unsupported(kind: &str) -> String {
    format!("the source type {} is not supported yet in this version: use `Probe` or `Push`", quote(kind))
}

fn request(fields: &mut Fields<'_>, report: &mut Report) -> Option<Request> {
    let asked = protocols::read(fields, report);
    let (interval, timeout) = timing(fields, report)?;
    Some(Request { asked: asked?, interval, timeout })
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
