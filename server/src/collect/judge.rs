//! How an SLI judges one attempt: good or not, and why not, for people.
//!
//! Invariant: a reason quotes the declaration, never the answer.

use std::time::Duration;

use domain::Instant;
use serde_json::Value;

use super::probe::http::HttpAnswer;
use super::probe::{Answer, Attempt, Certificates, Outcome};
use crate::source::{Expect, ProbeSli};

/// What an SLI makes of a known result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Counts as good.
    pub(crate) good: bool,
    /// Why it does not.
    pub(crate) reason: Option<String>,
}

/// The verdict of `sli` on the attempt that was scheduled then; none if the result is unknown.
pub(crate) fn judge(sli: &ProbeSli, scheduled: Instant, attempt: &Attempt) -> Option<Verdict> {
    let reason = match &attempt.outcome {
        Outcome::NotMade(_) => return None,
        Outcome::Failed(reason) => Some(reason.to_string()),
        Outcome::Answered(answer) => {
            let unexpected = unexpected(sli, scheduled, answer);
            let slow = || sli.within.and_then(|limit| too_slow(attempt.finished_after, limit));
            let reason = unexpected.clone().or_else(slow);
            if reason.is_some() && unexpected.is_none() && attempt.stalled {
                return None;
            }
            reason
        }
    };
    Some(Verdict { good: reason.is_none(), reason })
}

/// What is wrong with an answer, apart from its time.
fn unexpected(sli: &ProbeSli, scheduled: Instant, answer: &Answer) -> Option<String> {
    match answer {
        Answer::Http(answer) if !in_ranges(&sli.status, answer.status) => {
            Some(format!("HTTP {}", answer.status))
        }
        Answer::Http(answer) => header(&sli.expect, answer).or_else(|| body(&sli.expect, answer)),
        Answer::Connected | Answer::Serving => None,
        Answer::Records(found) => {
            let lacks = |wanted: &&String| !found.iter().any(|record| same_record(record, wanted));
            sli.expect.records.iter().find(lacks).map(|record| format!("no record {record:?}"))
        }
        Answer::Certificates(found) => certificates(&sli.expect, scheduled, found),
    }
}

fn header(expect: &Expect, answer: &HttpAnswer) -> Option<String> {
    let lacks = expect.headers.iter().find(|wanted| {
        let mut values = answer.headers.get_all(&wanted.name).iter();
        !values.any(|value| wanted.value.holds(&String::from_utf8_lossy(value.as_bytes())))
    })?;
    Some(format!("not so: header {} {}", lacks.name, lacks.value))
}

fn body(expect: &Expect, answer: &HttpAnswer) -> Option<String> {
    if !expect.needs_body() {
        return None;
    }
    let body = answer.body.as_ref()?;
    if let Some(encoding) = &body.encoding {
        let named: String = encoding.chars().filter(char::is_ascii_alphanumeric).take(20).collect();
        return Some(format!("the body's encoding {named} is not known here"));
    }
    let text = String::from_utf8_lossy(&body.bytes);
    if let Some(lacks) = expect.body.iter().find(|wanted| !wanted.text.holds(&text)) {
        let cut = if body.is_cut { " in its first MiB" } else { "" };
        return Some(format!("not so: body {}{cut}", lacks.text));
    }
    if expect.json.is_empty() {
        return None;
    }
    let Ok(document) = serde_json::from_slice::<Value>(&body.bytes) else {
        return Some(
            if body.is_cut { "the body is larger than 1 MiB" } else { "the body is no JSON" }.to_owned(),
        );
    };
    let lacks = expect.json.iter().find(|wanted| !wanted.holds(&document))?;
    Some(format!("not so: JSON {} is {:?}", lacks.path, lacks.equals))
}

fn certificates(expect: &Expect, scheduled: Instant, found: &Certificates) -> Option<String> {
    let left = found.expires.map(|expires| expires.seconds_since(scheduled));
    if let Some(fault) = &found.fault {
        let expiry = left.filter(|left| *left > 0).map(|left| format!(", expires in {}", days(left)));
        return Some(format!("TLS: {fault}{}", expiry.unwrap_or_default()));
    }
    let Some(left) = left else { return Some("TLS: certificate malformed".to_owned()) };
    if left <= 0 {
        return Some("TLS: certificate expired".to_owned());
    }
    let wanted = i64::try_from(expect.expiry?.as_secs()).unwrap_or(i64::MAX);
    (left < wanted).then(|| format!("certificate expires in {}, wanted {}", days(left), days(wanted)))
}

/// Whole days, rounded against the certificate.
fn days(seconds: i64) -> String {
    format!("{} d", seconds.div_euclid(86_400))
}

/// Names are compared as DNS does: without case, and without the dot at their end.
fn same_record(found: &str, wanted: &str) -> bool {
    found.eq_ignore_ascii_case(wanted.trim_end_matches('.'))
}

fn in_ranges(ranges: &[(u16, u16)], status: u16) -> bool {
    ranges.iter().any(|(low, high)| (*low..=*high).contains(&status))
}

fn too_slow(took: Duration, limit: Duration) -> Option<String> {
    // Rounded up, or 100.4 ms would read "took 100 ms, limit 100 ms".
    let took_millis = took.as_micros().div_ceil(1_000);
    (took > limit).then(|| format!("took {took_millis} ms, limit {} ms", limit.as_millis()))
}

#[cfg(test)]
mod tests;
