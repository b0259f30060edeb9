//! How an SLI judges a probe's answers: by status, by time, by what it expects.

use std::time::Duration;

use super::expect;
use super::{ProbeRequest, Request};
use crate::config::duration::{self, people};
use crate::config::finding::{Place, Report, quote};
use crate::config::read::{Field, Fields};
use crate::config::tree::Value;
use crate::source::{DEFAULT_STATUS, Expect};

/// Ranges of status codes on one SLI.
const MAX_RANGES: usize = 32;
const STATUS: &str = "\"200-399\"";

/// What an SLI takes for good; none where it does not say.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::config) struct Judgement {
    pub(in crate::config) status: Option<(Vec<(u16, u16)>, Place)>,
    pub(super) within: Option<(Duration, Place)>,
    pub(super) expect: Option<(Expect, Place)>,
}

impl Judgement {
    /// Reads `status`, `within` and `expect`.
    pub(super) fn read(fields: &mut Fields<'_>, report: &mut Report) -> Option<Self> {
        let status = fields.get("status").map(|field| Some((read_status(&field, report)?, field.place())));
        let within =
            fields.get("within").map(|field| Some((duration::read(&field, "300ms", report)?, field.place())));
        let expect = fields.get("expect").map(|field| Some((expect::read(&field, report)?, field.place())));
        // Declared but wrong is not the same as not declared.
        let (sound, status) = declared(status);
        let (timed, within) = declared(within);
        let (expecting, expect) = declared(expect);
        (sound && timed && expecting).then_some(Self { status, within, expect })
    }

    /// The status codes that are good.
    pub(in crate::config) fn status(&self) -> Vec<(u16, u16)> {
        self.status.as_ref().map_or_else(|| vec![DEFAULT_STATUS], |(status, _)| status.clone())
    }

    /// The longest time of a good answer.
    pub(in crate::config) fn within(&self) -> Option<Duration> {
        self.within.map(|(within, _)| within)
    }

    /// What else a good answer must be like.
    pub(in crate::config) fn expect(&self) -> Expect {
        self.expect.as_ref().map(|(expect, _)| expect.clone()).unwrap_or_default()
    }

    /// Whether it says nothing, or what `other` says.
    pub(in crate::config) fn adds_nothing_to(&self, other: &Self) -> bool {
        let same_status = self.status.is_none() || self.status() == other.status();
        let same_expectation = self.expect.is_none() || self.expect() == other.expect();
        same_status && same_expectation && (self.within.is_none() || self.within() == other.within())
    }

    /// Whether it can judge what is asked, and `within` can be told apart from the timeout; else a finding.
    pub(in crate::config) fn fits(&self, request: &Request, report: &mut Report) -> bool {
        let kind = request.asked.kind();
        if let (Some((_, place)), false) = (&self.status, matches!(request.asked, ProbeRequest::Http(_))) {
            report.error(*place, format!("`status` is of HTTP, and this probe is {kind}: remove it"));
            return false;
        }
        if let Some((expect, place)) = &self.expect
            && let Some(field) = expect::foreign(expect, &request.asked)
        {
            let message = match &request.asked {
                ProbeRequest::Http(http) if http.method == "HEAD" && matches!(field, "body" | "json") => {
                    format!("`expect.{field}` needs a body, which a HEAD does not bring: write `method: GET`")
                }
                _ => format!("`expect.{field}` cannot be told of a probe by `{kind}`: remove it"),
            };
            report.error(*place, message);
            return false;
        }
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

/// Whether it is sound, and what it says.
#[expect(clippy::option_option, reason = "wrong and not declared differ")]
fn declared<T>(field: Option<Option<T>>) -> (bool, Option<T>) {
    match field {
        None => (true, None),
        Some(None) => (false, None),
        Some(value) => (true, value),
    }
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
