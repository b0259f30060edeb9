//! Series that arrive and feed no SLI: counted by metric, so that who looks for them finds them, and what is flooding us.
//!
//! Invariants: memory is bounded; counts past a bound say that they are lower bounds.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Metrics that are told apart; samples of further ones are counted together.
const METRICS_MAX: usize = 2_000;
/// Series that are told apart, over all metrics.
const SERIES_MAX: usize = 500_000;

/// A metric whose series arrive and feed nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnneededMetric {
    /// Its name.
    pub metric: String,
    /// Different series seen.
    pub series: u64,
    /// Samples seen.
    pub samples: u64,
    /// When the latest came, in milliseconds since 1970.
    pub last_millis: i64,
}

/// What arrives and feeds nothing, since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnneededSeries {
    /// By metric, those with the most series first.
    pub metrics: Vec<UnneededMetric>,
    /// Samples of metrics beyond those that are told apart.
    pub other_samples: u64,
    /// Series were not told apart any more: their numbers are lower bounds.
    pub series_are_incomplete: bool,
}

/// The counts.
#[derive(Debug, Default)]
pub(super) struct Unneeded {
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    metrics: HashMap<String, Metric>,
    series: usize,
    other_samples: u64,
    incomplete: bool,
}

#[derive(Debug, Default)]
struct Metric {
    fingerprints: HashSet<u64>,
    samples: u64,
    last_millis: i64,
}

impl Unneeded {
    /// Counts samples of a series, whose fingerprint tells it from others (almost always: it is a count).
    pub(super) fn note(&self, metric: &str, fingerprint: u64, samples: u64, now_millis: i64) {
        let mut counts = self.lock();
        let Counts { metrics, series, other_samples, incomplete } = &mut *counts;
        if !metrics.contains_key(metric) {
            if metrics.len() >= METRICS_MAX {
                *other_samples = other_samples.saturating_add(samples);
                return;
            }
            metrics.insert(metric.to_owned(), Metric::default());
        }
        let Some(found) = metrics.get_mut(metric) else { return };
        found.samples = found.samples.saturating_add(samples);
        found.last_millis = now_millis;
        if *series >= SERIES_MAX {
            *incomplete |= !found.fingerprints.contains(&fingerprint);
        } else if found.fingerprints.insert(fingerprint) {
            *series += 1;
        }
    }

    /// The counts as they are now.
    pub(super) fn snapshot(&self) -> UnneededSeries {
        let counts = self.lock();
        let mut metrics: Vec<UnneededMetric> = counts
            .metrics
            .iter()
            .map(|(metric, found)| UnneededMetric {
                metric: metric.clone(),
                series: u64::try_from(found.fingerprints.len()).unwrap_or(u64::MAX),
                samples: found.samples,
                last_millis: found.last_millis,
            })
            .collect();
        metrics.sort_by(|a, b| b.series.cmp(&a.series).then_with(|| a.metric.cmp(&b.metric)));
        UnneededSeries {
            metrics,
            other_samples: counts.other_samples,
            series_are_incomplete: counts.incomplete,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_are_counted_once_and_metrics_are_bounded() {
        let unneeded = Unneeded::default();
        for number in 0..METRICS_MAX + 5 {
            unneeded.note(&format!("m{number}"), 1, 2, 7);
        }
        unneeded.note("m0", 1, 1, 8);
        unneeded.note("m0", 2, 1, 9);
        let found = unneeded.snapshot();
        assert_eq!((found.metrics.len(), found.other_samples), (METRICS_MAX, 10));
        let first = UnneededMetric { metric: "m0".to_owned(), series: 2, samples: 4, last_millis: 9 };
        assert_eq!((found.metrics.first(), found.series_are_incomplete), (Some(&first), false));
    }
}
