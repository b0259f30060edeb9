//! Histograms whose bucket bounds are powers of one base: Prometheus' native and OTLP's exponential ones.
//!
//! Invariants: bucket `i` of scale `s` holds `base^i < |x| <= base^(i + 1)` with `base = 2^(2^-s)` (OTLP's numbering;
//! Prometheus' index is one more); the zero bucket holds `|x| <= zero_threshold`; empty buckets are not kept.
//!
//! Whether a threshold is a bound is decided in integers. Powers of two are compared exactly. Every other bound is
//! irrational and no `f64` is equal to it; a threshold within a relative 2^-52 of it, about one unit in its last
//! place, is taken to be the bound, as writers place observations by the bound's `f64`. The error of the decision
//! itself is below 2^-61.

use std::collections::BTreeMap;

use super::{Bounded, HistogramError, LatencyCount, MAX_BUCKETS};
use crate::measure::cumulative::Change;

/// The coarsest scale: one bucket spans all powers that an `f64` has.
pub const MIN_SCALE: i32 = -10;
/// The finest scale that OTLP writers use.
pub const MAX_SCALE: i32 = 20;

type Buckets = BTreeMap<i64, u64>;

/// A histogram with exponential buckets.
#[derive(Debug, Clone, PartialEq)]
pub struct Exponential {
    scale: i32,
    zero_threshold: f64,
    zero_count: u64,
    positive: Buckets,
    negative: Buckets,
    /// Observations in no bucket: NaN.
    unplaced: u64,
}

/// Where a positive threshold lies between bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At the upper bound of this bucket.
    Bound(i64),
    /// Inside this bucket.
    Inside(i64),
}

impl Exponential {
    /// From OTLP: the buckets of each side are an offset and the counts from there on.
    pub fn from_otlp(
        scale: i32,
        zero_threshold: f64,
        zero_count: u64,
        positive: (i32, &[u64]),
        negative: (i32, &[u64]),
        count: u64,
    ) -> Result<Self, HistogramError> {
        if positive.1.len().saturating_add(negative.1.len()) > MAX_BUCKETS {
            return Err(HistogramError::TooManyBuckets);
        }
        let numbered = |(offset, counts): (i32, &[u64])| -> Buckets {
            (i64::from(offset)..).zip(counts.iter().copied()).filter(|bucket| bucket.1 > 0).collect()
        };
        Self::checked(scale, zero_threshold, zero_count, numbered(positive), numbered(negative), count)
    }

    /// From Prometheus: spans and deltas are decoded to (index, observations in the bucket). Schema -53, custom
    /// bounds, is a [`super::Classic`] histogram. Histograms with fractional counts are not supported.
    pub fn from_prometheus(
        schema: i32,
        zero_threshold: f64,
        zero_count: u64,
        positive: &[(i32, u64)],
        negative: &[(i32, u64)],
        count: u64,
    ) -> Result<Self, HistogramError> {
        if positive.len().saturating_add(negative.len()) > MAX_BUCKETS {
            return Err(HistogramError::TooManyBuckets);
        }
        let renumbered = |buckets: &[(i32, u64)]| {
            let mut all = Buckets::new();
            for (index, count) in buckets.iter().filter(|bucket| bucket.1 > 0) {
                add(&mut all, i64::from(*index) - 1, *count);
            }
            all
        };
        Self::checked(schema, zero_threshold, zero_count, renumbered(positive), renumbered(negative), count)
    }

    fn checked(
        scale: i32,
        zero_threshold: f64,
        zero_count: u64,
        positive: Buckets,
        negative: Buckets,
        count: u64,
    ) -> Result<Self, HistogramError> {
        if !(MIN_SCALE..=MAX_SCALE).contains(&scale) {
            return Err(HistogramError::Scale(scale));
        }
        if !(0.0..f64::INFINITY).contains(&zero_threshold) {
            return Err(HistogramError::ZeroThreshold);
        }
        let placed =
            positive.values().chain(negative.values()).try_fold(zero_count, |sum, n| sum.checked_add(*n));
        let unplaced =
            placed.and_then(|placed| count.checked_sub(placed)).ok_or(HistogramError::CountMismatch)?;
        let zero_threshold = zero_threshold + 0.0; // -0 becomes 0
        Ok(Self { scale, zero_threshold, zero_count, positive, negative, unplaced })
    }

    /// All observations. Cannot overflow: the constructors have added them up.
    pub fn total(&self) -> u64 {
        sum(self.positive.values())
            .saturating_add(sum(self.negative.values()))
            .saturating_add(self.zero_count)
            .saturating_add(self.unplaced)
    }

    /// How many observations are at most `threshold`: exact if that is a bucket's bound.
    pub fn at_most(&self, threshold: f64) -> LatencyCount {
        let total = self.total();
        let good = if threshold.is_nan() {
            Bounded { lower: 0, upper: total }
        } else if threshold < 0.0 {
            self.at_most_negative(-threshold)
        } else {
            self.at_most_positive(threshold)
        };
        LatencyCount { good, total }
    }

    fn at_most_positive(&self, threshold: f64) -> Bounded {
        let below = sum(self.negative.values());
        if threshold < self.zero_threshold {
            return Bounded { lower: below, upper: below.saturating_add(self.zero_count) };
        }
        let below = below.saturating_add(self.zero_count);
        let (whole, cut) = match self.place(threshold) {
            None if threshold > 0.0 => (sum(self.positive.values()), 0),
            None => (0, 0),
            Some(Place::Bound(index)) => (sum(self.positive.range(..=index).map(|b| b.1)), 0),
            Some(Place::Inside(index)) => (
                sum(self.positive.range(..index).map(|b| b.1)),
                self.positive.get(&index).copied().unwrap_or(0),
            ),
        };
        let lower = below.saturating_add(whole);
        Bounded { lower, upper: lower.saturating_add(cut) }
    }

    /// How many are at most `-size`, that is: negative and at least `size` away from zero.
    fn at_most_negative(&self, size: f64) -> Bounded {
        let (whole, cut) = match self.place(size) {
            // Only minus infinity itself is that small; it sits in the last bucket.
            None => (0, self.negative.last_key_value().map_or(0, |last| *last.1)),
            // At an upper bound, what sits exactly on it is inside the bucket and is small enough, too.
            Some(Place::Bound(index) | Place::Inside(index)) => (
                sum(self.negative.range(index.saturating_add(1)..).map(|b| b.1)),
                self.negative.get(&index).copied().unwrap_or(0),
            ),
        };
        let zeros = if size <= self.zero_threshold { self.zero_count } else { 0 };
        Bounded { lower: whole, upper: whole.saturating_add(cut).saturating_add(zeros) }
    }

    fn place(&self, size: f64) -> Option<Place> {
        place(size, self.scale)
    }

    /// What was observed since `earlier`: both are brought to the coarser scale and the wider zero bucket first. If
    /// that would cut a bucket that is not empty, nothing can be said.
    pub(super) fn since(&self, earlier: &Self) -> Change<Self> {
        let scale = self.scale.min(earlier.scale);
        let zero_threshold = self.zero_threshold.max(earlier.zero_threshold);
        let brought = |histogram: &Self| histogram.downscaled(scale).widened(zero_threshold);
        let (Some(now), Some(before)) = (brought(self), brought(earlier)) else {
            return Change::Incomparable;
        };
        now.less(&before).map_or_else(|| Change::Reset(self.clone()), Change::Grew)
    }

    /// With buckets merged to a coarser scale; a finer one changes nothing.
    fn downscaled(&self, scale: i32) -> Self {
        let merged = |buckets: &Buckets| {
            let mut all = Buckets::new();
            for (index, count) in buckets {
                // Arithmetic shift: floor, also of negative indexes. The scales are at most 30 apart.
                add(&mut all, index >> self.scale.saturating_sub(scale).clamp(0, 63), *count);
            }
            all
        };
        Self {
            scale: self.scale.min(scale),
            positive: merged(&self.positive),
            negative: merged(&self.negative),
            ..self.clone()
        }
    }

    /// With buckets up to `threshold` merged into the zero bucket; none if that cuts a bucket that is not empty.
    fn widened(mut self, threshold: f64) -> Option<Self> {
        if threshold <= self.zero_threshold {
            return Some(self);
        }
        let first_kept = match self.place(threshold)? {
            Place::Bound(index) => index.saturating_add(1),
            Place::Inside(index)
                if self.positive.contains_key(&index) || self.negative.contains_key(&index) =>
            {
                return None;
            }
            Place::Inside(index) => index,
        };
        for buckets in [&mut self.positive, &mut self.negative] {
            let kept = buckets.split_off(&first_kept);
            self.zero_count = self.zero_count.saturating_add(sum(buckets.values()));
            *buckets = kept;
        }
        self.zero_threshold = threshold;
        Some(self)
    }

    /// Bucket by bucket; none if any bucket of `before`, which has the same layout, holds more.
    fn less(mut self, before: &Self) -> Option<Self> {
        self.zero_count = self.zero_count.checked_sub(before.zero_count)?;
        self.unplaced = self.unplaced.checked_sub(before.unplaced)?;
        take(&mut self.positive, &before.positive)?;
        take(&mut self.negative, &before.negative)?;
        Some(self)
    }
}

fn add(buckets: &mut Buckets, index: i64, count: u64) {
    let own = buckets.entry(index).or_default();
    *own = own.saturating_add(count);
}

fn sum<'a>(counts: impl Iterator<Item = &'a u64>) -> u64 {
    counts.fold(0, |sum, count| sum.saturating_add(*count))
}

fn take(buckets: &mut Buckets, before: &Buckets) -> Option<()> {
    for (index, count) in before {
        let own = buckets.get_mut(index)?;
        *own = own.checked_sub(*count)?;
    }
    buckets.retain(|_, count| *count > 0);
    Some(())
}

/// Where `size` lies between the bounds of this scale; none unless it is positive and finite.
fn place(size: f64, scale: i32) -> Option<Place> {
    if !(size > 0.0 && size < f64::INFINITY) {
        return None;
    }
    let bits = size.to_bits();
    let (field, fraction) = (bits >> 52, bits & ((1 << 52) - 1));
    // size = mantissa / 2^63 x 2^exponent, with the top bit of the mantissa set.
    let (exponent, mut mantissa) = if field == 0 {
        (-1_011 - i64::from(fraction.leading_zeros()), fraction << fraction.leading_zeros())
    } else {
        (i64::try_from(field).unwrap_or(0) - 1_023, (1 << 63) | (fraction << 11))
    };
    let power_of_two = mantissa == 1 << 63;
    if scale <= 0 {
        let shift = scale.unsigned_abs().min(63);
        let index = exponent >> shift;
        let on_bound = power_of_two && index << shift == exponent;
        return Some(if on_bound { Place::Bound(index - 1) } else { Place::Inside(index) });
    }
    // The binary digits of log2 by repeated squaring; each squaring doubles the relative error and adds 2^-63.
    let mut index = exponent;
    for _ in 0..scale {
        let square = u128::from(mantissa) * u128::from(mantissa);
        let digit = square >> 127;
        index = (index << 1) | i64::try_from(digit).unwrap_or(0);
        mantissa = u64::try_from(square >> (63 + digit)).unwrap_or(u64::MAX);
    }
    // Now size = base^index x (mantissa / 2^63)^(1 / 2^scale): what is left, magnified 2^scale times.
    if power_of_two {
        return Some(Place::Bound(index - 1));
    }
    let tolerance = 1_u64 << (11 + scale.unsigned_abs().min(MAX_SCALE.unsigned_abs()));
    let (over, under) = (mantissa - (1 << 63), u64::MAX - mantissa);
    let whole = 1_i64 << scale.unsigned_abs().min(MAX_SCALE.unsigned_abs());
    Some(if over <= tolerance && index % whole != 0 {
        Place::Bound(index - 1)
    } else if under < 2 * tolerance && (index + 1) % whole != 0 {
        Place::Bound(index)
    } else {
        Place::Inside(index)
    })
}

#[cfg(test)]
mod tests;
