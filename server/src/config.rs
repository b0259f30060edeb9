//! Reads a configuration: a directory of YAML in the language of `OpenSLO` v1, with `nines/v1` for what it lacks.
//!
//! Invariants: one run gives every finding of every file, each with its place and its fix; nothing in a file can stop
//! the reader, exhaust it or make it panic; an object with an error is left out of the estate, so what is in the
//! estate is sound and every reference in it resolves.
//!
//! | `apiVersion` | `kind` | read as |
//! |---|---|---|
//! | `openslo/v1` | `Service`, `SLI`, `SLO`, `DataSource` | themselves |
//! | `openslo/v1` | `AlertPolicy`, `AlertCondition` | burn rules; see the module `alert` |
//! | `openslo/v1` | `AlertNotificationTarget` | kept aside, with a warning |
//! | `nines/v1` | `BurnRatePolicy` | alert rules of all kinds; see `alert::tiers` |
//! | `nines/v1` | `Exclusion`, `Composite` | themselves; see the modules of their names |
//! | `nines/v1` | `Canary` | itself; see the module `canary` |
//! | `nines/v1` | `Objective` | the short form, below |
//!
//! What `OpenSLO` has no field for stands in annotations; see the module `annotations`. The targets that an SLO had
//! before are one of them, `nines/past-targets: "0.99 until 2026-07-01T00:00:00Z; 0.995 until 2026-10-01T00:00:00Z"`:
//! each is valid until its instant, the objective's own `target` from the last one on.
//!
//! Where `OpenSLO` is unclear or its own examples are wrong: `m` is minutes and `M` months everywhere; a bare number in
//! `timeSliceWindow` is minutes; labels may be lists; `startTime` is by the clocks of `timeZone`; `op` on a ratio and
//! `alertAfter` are ignored, with a warning.
//!
//! The short form `Objective` stands for three objects of `OpenSLO`:
//!
//! | short form | `OpenSLO` |
//! |---|---|
//! | `metadata.name` | the name of an `SLI` and of an `SLO`; display name, labels and annotations go along |
//! | `spec.service` | `spec.service` of the SLO, and a `Service` of that name unless one is declared |
//! | `spec.target: 99.9%` | the one objective, `target: 0.999`, named `99.9` |
//! | `spec.window: 30d` | `timeWindow: [{duration: 30d, isRolling: true}]` |
//! | `spec.window: month Europe/Paris` | `timeWindow: [{duration: 1M, calendar: {startTime: "2024-01-01 00:00:00", timeZone: Europe/Paris}}]`; `day`, `week` (from Monday), `quarter` and `year` likewise; the zone is UTC if none is named |
//! | `spec.method` | `budgetingMethod`; without it Timeslices where there is a `timeSliceTarget`, else Occurrences |
//! | `spec.timeSliceTarget`, `spec.timeSliceWindow` | the same of the objective |
//! | `spec.gap`, `spec.alerts` | annotations `nines/gap`, `nines/alerts` |
//! | `spec.probe: {url, method, headers, body, redirects, interval, timeout, status, within, expect}` | `ratioMetric` with that inline `Probe` on both sides, what is asked under `http` |
//! | `spec.probe: {tcp: ..}`, or `dns`, `tls`, `grpc` | the same with that protocol |
//! | `spec.push: {cadence}` | `ratioMetric` with `type: Push` on both sides, annotation `nines/cadence` |
//! | `spec.metrics: {good, bad, total, cadence}` | `ratioMetric` with `counter: true` and `type: Metrics` on two sides, each with its `{metric, match, le}`; annotation `nines/cadence` |

mod alert;
mod annotations;
mod canary;
mod check;
mod composite;
mod declared;
mod document;
mod duration;
mod exclusion;
mod files;
mod finding;
mod link;
mod lint;
mod local;
mod metadata;
mod method;
mod metric;
mod metrics;
mod number;
mod object;
mod objective;
mod probe;
mod read;
mod short_form;
mod slo;
mod tree;
mod window;

#[cfg(test)]
mod expand;
#[cfg(test)]
mod tests;

use std::path::Path;

pub use check::{Checked, check};
pub use finding::{Finding, Severity};

use crate::source::{Address, MetricSource, ProbeSource};
use declared::Declared;
use finding::Report;

/// What a configuration says, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Loaded {
    /// The sound part of what is declared: objects with an error are left out.
    pub estate: domain::Estate,
    /// The probes to run, each once, in order of declaration; every one has at least one SLI.
    pub probes: Vec<ProbeSource>,
    /// The SLIs that series feed, in order of declaration.
    pub metrics: Vec<MetricSource>,
    /// Hosts that tell whether our own network works; none: targets of the probes tell.
    pub canaries: Vec<Address>,
    /// Everything worth saying, sorted by file, line and column.
    pub findings: Vec<Finding>,
    /// Documents that were read, sound or not.
    pub objects: usize,
}

impl Loaded {
    /// Whether any finding is an error; a server must not start on such a configuration.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// Reads every `*.yaml` and `*.yml` below `dir` in order of path, or the one file that `dir` names.
///
/// Never fails: what cannot be read is a finding, a missing or empty directory too.
pub fn load(dir: &Path) -> Loaded {
    let mut report = Report::default();
    let mut declared = Declared::default();
    files::each(dir, &mut report, |file, text, report| {
        for node in tree::documents(file, text, report) {
            document::read(&node, &mut declared, report);
        }
    });
    let objects = declared.objects;
    let canaries = std::mem::take(&mut declared.canaries);
    let (estate, probes, metrics) = link::link(declared, &mut report);
    Loaded { estate, probes, metrics, canaries, findings: report.finish(), objects }
}
