//! Where an SLI's figures come from, as the configuration declares it and the collectors carry it out.

use std::time::Duration;

use url::Url;

/// One HTTP probe and every SLI that judges its results: it is asked once for all of them.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeSource {
    /// The declared `DataSource`, or for an inline probe the SLI's name.
    pub name: String,
    /// What is asked.
    pub http: HttpRequest,
    /// Time between two attempts; whole seconds, at least 1.
    pub interval: Duration,
    /// One deadline over connect, TLS, headers and body; at most the interval.
    pub timeout: Duration,
    /// The SLIs that judge each result.
    pub slis: Vec<ProbeSli>,
}

/// The request of an HTTP probe.
#[derive(Debug, Clone, PartialEq)]
pub struct HttpRequest {
    /// `http` or `https`.
    pub url: Url,
    /// `GET` unless declared (`HEAD`).
    pub method: String,
}

/// How one SLI judges a probe's result. Every attempt with a known result counts in `total`.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeSli {
    /// The SLI's name.
    pub sli: String,
    /// Status codes that are good, as inclusive ranges; by default 200 to 399.
    pub status: Vec<(u16, u16)>,
    /// The longest that a good answer may take, from connect to the end of the body; none: the timeout.
    pub within: Option<Duration>,
}

/// Status codes that are good unless the SLI says otherwise.
pub const DEFAULT_STATUS: (u16, u16) = (200, 399);
