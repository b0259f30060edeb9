//! Histograms with explicit upper bounds: Prometheus' `le` buckets, OTLP's explicit bounds.
//!
//! Invariants: bounds ascend strictly, the last is +Inf, `-0` is `0`; counts are per bucket, not cumulative, so that
//! a bucket that lost observations shows even while the cumulative counts grow.

use super::{Bounded, HistogramError, LatencyCount, MAX_BUCKETS};
use crate::measure::cumulative::Change;

/// Reads a bucket bound such as the label `le` carries: `1`, `1.0` and `1e0` are the same bound; `+Inf` is one.
/// Bounds are compared as the nearest `f64` of their text, without tolerance. None for NaN or what is no number.
pub fn parse_bound(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|bound| !bound.is_nan())
}

/// A histogram with explicit bounds.
#[derive(Debug, Clone, PartialEq)]
pub struct Classic {
    /// Upper bound, inclusive, and observations in the bucket.
    buckets: Vec<(f64, u64)>,
}

impl Classic {
    /// From cumulative buckets (bound, observations at most that bound), in any order, as Prometheus exposes them.
    /// Without a bucket up to +Inf, `count` says how many there are.
    pub fn from_cumulative(
        buckets: impl IntoIterator<Item = (f64, u64)>,
        count: Option<u64>,
    ) -> Result<Self, HistogramError> {
        let mut cumulative: Vec<(f64, u64)> = buckets.into_iter().take(MAX_BUCKETS + 1).collect();
        cumulative.sort_by(|a, b| a.0.total_cmp(&b.0));
        if cumulative.last().is_none_or(|last| last.0 != f64::INFINITY) {
            cumulative.push((f64::INFINITY, count.ok_or(HistogramError::NoTotal)?));
        } else if count.is_some_and(|count| cumulative.last().is_some_and(|last| last.1 != count)) {
            return Err(HistogramError::CountMismatch);
        }
        let mut below = 0;
        let mut own = Vec::with_capacity(cumulative.len());
        for (bound, count) in cumulative {
            own.push((bound, count.checked_sub(below).ok_or(HistogramError::NotCumulative)?));
            below = count;
        }
        Self::checked(own)
    }

    /// From OTLP's explicit bounds and counts: one count more than bounds; with neither, `count` in one bucket.
    pub fn from_counts(bounds: &[f64], counts: &[u64], count: u64) -> Result<Self, HistogramError> {
        if bounds.is_empty() && counts.is_empty() {
            return Ok(Self { buckets: vec![(f64::INFINITY, count)] });
        }
        if counts.len() != bounds.len().saturating_add(1) {
            return Err(HistogramError::BucketCount);
        }
        let finite = bounds.last().is_none_or(|last| *last != f64::INFINITY);
        let bounds = bounds.iter().copied().chain(finite.then_some(f64::INFINITY));
        let mut buckets: Vec<(f64, u64)> = bounds.zip(counts.iter().copied()).take(MAX_BUCKETS + 1).collect();
        if !finite {
            // A bound of +Inf was spelled out; what OTLP counts above it cannot exist, but belongs to the total.
            let above = counts.last().copied().unwrap_or(0);
            if let Some(last) = buckets.last_mut() {
                last.1 = last.1.saturating_add(above);
            }
        }
        let classic = Self::checked(buckets)?;
        if classic.total() == count { Ok(classic) } else { Err(HistogramError::CountMismatch) }
    }

    fn checked(mut buckets: Vec<(f64, u64)>) -> Result<Self, HistogramError> {
        if buckets.len() > MAX_BUCKETS {
            return Err(HistogramError::TooManyBuckets);
        }
        if buckets.iter().any(|bucket| bucket.0.is_nan()) {
            return Err(HistogramError::BoundNotANumber);
        }
        let ascends = |pair: (&(f64, u64), &(f64, u64))| pair.0.0 < pair.1.0;
        if !buckets.iter().zip(buckets.iter().skip(1)).all(ascends) {
            return Err(HistogramError::DuplicateBound);
        }
        for bucket in &mut buckets {
            bucket.0 += 0.0; // -0 becomes 0
        }
        Ok(Self { buckets })
    }

    /// All observations.
    pub fn total(&self) -> u64 {
        self.buckets.iter().fold(0, |sum, bucket| sum.saturating_add(bucket.1))
    }

    /// How many observations are at most `threshold`: exact if that is a bucket's bound.
    pub fn at_most(&self, threshold: f64) -> LatencyCount {
        let mut good = Bounded::default();
        for (bound, count) in &self.buckets {
            if *bound <= threshold {
                good.lower = good.lower.saturating_add(*count);
            }
            good.upper = good.upper.saturating_add(*count);
            // The first bound that is not below the threshold: equal to it, or the bucket that the threshold cuts.
            // None is reached with NaN.
            if *bound >= threshold {
                break;
            }
        }
        LatencyCount { good, total: self.total() }
    }

    /// What was observed since `earlier`.
    pub(super) fn since(&self, earlier: &Self) -> Change<Self> {
        let same =
            self.buckets.iter().map(|bucket| bucket.0).eq(earlier.buckets.iter().map(|bucket| bucket.0));
        if !same {
            return Change::Incomparable;
        }
        let pairs = self.buckets.iter().zip(&earlier.buckets);
        let grown: Option<Vec<_>> =
            pairs.map(|(now, before)| Some((now.0, now.1.checked_sub(before.1)?))).collect();
        grown.map_or_else(|| Change::Reset(self.clone()), |buckets| Change::Grew(Self { buckets }))
    }
}
