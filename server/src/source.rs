//! Where an SLI's figures come from, as the configuration declares it and the collectors carry it out.

mod expect;
mod request;

use std::time::Duration;

use regex::Regex;

pub use expect::{BodyExpectation, Expect, HeaderExpectation, JsonExpectation, Pattern, TextMatch};
pub use request::{
    Address, DnsRequest, GrpcRequest, HttpRequest, ProbeRequest, REDIRECTS_MAX, RecordType, TcpRequest,
    TlsRequest,
};

/// One probe and every SLI that judges its results: it is asked once for all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeSource {
    /// The declared `DataSource`, or for an inline probe the SLI's name.
    pub name: String,
    /// What is asked.
    pub request: ProbeRequest,
    /// Time between two attempts; whole seconds, at least 1.
    pub interval: Duration,
    /// One deadline over everything that an attempt does; at most the interval.
    pub timeout: Duration,
    /// The SLIs that judge each result.
    pub slis: Vec<ProbeSli>,
}

/// How one SLI judges a probe's result. Every attempt with a known result counts in `total`.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeSli {
    /// The SLI's name.
    pub sli: String,
    /// Status codes that are good, as inclusive ranges; by default 200 to 399. Of HTTP only.
    pub status: Vec<(u16, u16)>,
    /// The longest that a good answer may take, from connect to the end of the answer; none: the timeout.
    pub within: Option<Duration>,
    /// What else a good answer must be like.
    pub expect: Expect,
}

/// Status codes that are good unless the SLI says otherwise.
pub const DEFAULT_STATUS: (u16, u16) = (200, 399);

/// An SLI whose events are counted by series that reach us.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricSource {
    /// The SLI's name.
    pub sli: String,
    /// Seconds between two samples of a series; samples more than twice as far apart leave a gap.
    pub cadence_seconds: u32,
    /// What the two sides are.
    pub ratio: Ratio,
    /// The series of the good or, with [`Ratio::BadTotal`], the bad events.
    pub first: Selector,
    /// The series of all or, with [`Ratio::GoodBad`], the bad events.
    pub second: Selector,
}

/// What the two sides of a ratio count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ratio {
    /// Good events, all events.
    GoodTotal,
    /// Bad events, all events.
    BadTotal,
    /// Good events, bad events.
    GoodBad,
}

/// Which series count on one side.
#[derive(Debug, Clone, PartialEq)]
pub struct Selector {
    /// The metric's name, of a histogram that of its buckets.
    pub metric: String,
    /// What further labels must match, by the order of their names; a label that is not there is the empty string.
    pub matchers: Vec<(String, LabelPattern)>,
    /// Of a histogram: the bucket with this upper bound.
    pub le: Option<f64>,
}

/// A regular expression that has to match the whole of a text.
#[derive(Debug, Clone)]
pub struct LabelPattern {
    text: String,
    whole: Regex,
}

/// Bytes that a compiled expression may take: it is one of thousands.
const PATTERN_BYTES_MAX: usize = 256 * 1_024;

impl LabelPattern {
    /// Compiles `text`, to be matched against whole values as Prometheus does.
    pub fn new(text: &str) -> Result<Self, regex::Error> {
        // On its own first: `a)(b` must not borrow our brackets.
        Regex::new(text)?;
        let whole =
            regex::RegexBuilder::new(&format!("^(?s:{text})$")).size_limit(PATTERN_BYTES_MAX).build()?;
        Ok(Self { text: text.to_owned(), whole })
    }

    /// As it was declared.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it matches the whole of `value`.
    pub fn matches(&self, value: &str) -> bool {
        self.whole.is_match(value)
    }
}

impl PartialEq for LabelPattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
