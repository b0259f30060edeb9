//! What came of a probe's latest attempt, for people: the result and how long each phase took.
//!
//! Invariant: it holds nothing of an answer's content and no header values.

use std::time::Duration;

use domain::Instant;
use serde::Serialize;

use super::judge::Verdict;
use super::probe::{Attempt, Outcome, Timings};
use crate::source::ProbeSource;

/// The latest attempt of a probe as one SLI judges it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Latest {
    /// The probe's name.
    pub probe: String,
    /// `http`, `tcp`, `dns`, `tls` or `grpc`.
    pub kind: &'static str,
    /// What was asked, without secrets.
    pub request: String,
    /// The instant that the attempt was scheduled for.
    pub at: Instant,
    /// `good`, `bad` or `unknown`.
    pub result: &'static str,
    /// Why it is not good.
    pub reason: Option<String>,
    /// How long the phases took; null where it did not come to one.
    pub timings_ms: Millis,
    /// When the first of the presented certificates expires; of TLS probes only.
    pub certificate_expires: Option<Instant>,
}

/// The phases in milliseconds, to the microsecond.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Millis {
    pub dns: Option<f64>,
    pub connect: Option<f64>,
    pub tls: Option<f64>,
    pub first_byte: Option<f64>,
    pub body: Option<f64>,
    /// All phases together.
    pub total: Option<f64>,
}

impl Latest {
    pub(super) fn new(
        source: &ProbeSource,
        at: Instant,
        attempt: &Attempt,
        verdict: Option<&Verdict>,
    ) -> Self {
        let reason = match &attempt.outcome {
            Outcome::NotMade(reason) => Some(reason.clone()),
            _ if verdict.is_none() => Some("the collector stood still during the attempt".to_owned()),
            _ => verdict.and_then(|verdict| verdict.reason.clone()),
        };
        Self {
            probe: source.name.clone(),
            kind: source.request.kind(),
            request: source.request.to_string(),
            at,
            result: match verdict {
                Some(verdict) if verdict.good => "good",
                Some(_) => "bad",
                None => "unknown",
            },
            reason,
            timings_ms: Millis::of(&attempt.timings),
            certificate_expires: match &attempt.outcome {
                Outcome::Answered(answer) => answer.expires(),
                _ => None,
            },
        }
    }
}

impl Millis {
    fn of(timings: &Timings) -> Self {
        let Timings { dns, connect, tls, first_byte, body } = *timings;
        let phases = [dns, connect, tls, first_byte, body];
        let total = phases.iter().flatten().sum::<Duration>();
        let millis = |phase: Option<Duration>| phase.map(millis);
        Self {
            dns: millis(dns),
            connect: millis(connect),
            tls: millis(tls),
            first_byte: millis(first_byte),
            body: millis(body),
            total: millis((!total.is_zero()).then_some(total)),
        }
    }
}

fn millis(duration: Duration) -> f64 {
    let micros = u32::try_from(duration.as_micros()).unwrap_or(u32::MAX);
    f64::from(micros) / 1_000.0
}
