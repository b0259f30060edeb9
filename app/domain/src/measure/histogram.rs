//! How many observations are at most a threshold, from the buckets of a histogram.
//!
//! Invariants: never interpolated; where the threshold is a bucket's bound the count is exact, elsewhere it lies
//! between the counts at the bounds on both sides. Bounds belong to the bucket below them: `le` is inclusive, and an
//! exponential bucket holds `base^i < x <= base^(i + 1)`. Observations of NaN count in the total and are never good.

mod classic;
mod exponential;

pub use classic::{Classic, parse_bound};
pub use exponential::{Exponential, MAX_SCALE, MIN_SCALE};

use super::counts::{Counts, Events};
use super::cumulative::{Change, Cumulative, Slicing};
use super::track::Track;

/// Buckets that one histogram may have.
pub const MAX_BUCKETS: usize = 4_096;

/// Why buckets are no histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HistogramError {
    /// More than [`MAX_BUCKETS`].
    #[error("a histogram has at most 4096 buckets")]
    TooManyBuckets,
    /// A bucket bound is NaN.
    #[error("a bucket bound is no number")]
    BoundNotANumber,
    /// Two buckets have the same bound (`1` and `1.0` are the same) or bounds that do not ascend.
    #[error("two buckets have the same upper bound, or bounds do not ascend")]
    DuplicateBound,
    /// No bucket holds everything, and the count is not given.
    #[error("there is neither a bucket up to +Inf nor a count")]
    NoTotal,
    /// A cumulative bucket holds less than the one below it.
    #[error("a cumulative bucket holds less than the one below it")]
    NotCumulative,
    /// The number of buckets does not fit the number of bounds.
    #[error("there must be one bucket count more than bounds")]
    BucketCount,
    /// The count is less than the buckets add up to, or, where every bucket is there, differs from it.
    #[error("the count does not match the buckets")]
    CountMismatch,
    /// The scale (Prometheus: schema) is outside [`MIN_SCALE`] to [`MAX_SCALE`].
    #[error("the scale {0} is not supported")]
    Scale(i32),
    /// The zero threshold is negative, infinite or NaN.
    #[error("the zero threshold is negative or no finite number")]
    ZeroThreshold,
}

/// A number that is known up to two bounds, both inclusive; `lower <= upper`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bounded {
    /// At least this many.
    pub lower: u64,
    /// At most this many.
    pub upper: u64,
}

impl Bounded {
    /// A number that is known.
    pub const fn exact(number: u64) -> Self {
        Self { lower: number, upper: number }
    }

    /// Whether both bounds are the same.
    pub const fn is_exact(&self) -> bool {
        self.lower == self.upper
    }
}

/// Observations, and how many of them were at most the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LatencyCount {
    /// At most the threshold.
    pub good: Bounded,
    /// All.
    pub total: u64,
}

impl Events for LatencyCount {
    fn add(&mut self, other: &Self) {
        self.good.lower = self.good.lower.saturating_add(other.good.lower);
        self.good.upper = self.good.upper.saturating_add(other.good.upper);
        self.total = self.total.saturating_add(other.total);
    }
}

/// A histogram of either kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Histogram {
    /// Explicit bounds.
    Classic(Classic),
    /// Bounds that are powers of one base.
    Exponential(Exponential),
}

impl Histogram {
    /// How many observations are at most `threshold`. Of a NaN threshold nothing is known.
    pub fn at_most(&self, threshold: f64) -> LatencyCount {
        match self {
            Self::Classic(classic) => classic.at_most(threshold),
            Self::Exponential(exponential) => exponential.at_most(threshold),
        }
    }
}

impl Cumulative for Histogram {
    type Increase = Histogram;

    fn since_zero(&self) -> Histogram {
        self.clone()
    }

    /// Any bucket that lost observations means that all began again. Histograms of two kinds, or with other explicit
    /// bounds, cannot be compared; of two scales the finer one is brought to the coarser.
    fn since(&self, earlier: &Self) -> Change<Histogram> {
        match (self, earlier) {
            (Self::Classic(now), Self::Classic(earlier)) => wrap(now.since(earlier), Self::Classic),
            (Self::Exponential(now), Self::Exponential(earlier)) => {
                wrap(now.since(earlier), Self::Exponential)
            }
            _ => Change::Incomparable,
        }
    }

    fn is_zero(&self) -> bool {
        match self {
            Self::Classic(classic) => classic.total() == 0,
            Self::Exponential(exponential) => exponential.total() == 0,
        }
    }
}

fn wrap<A, B>(change: Change<A>, kind: impl Fn(A) -> B) -> Change<B> {
    match change {
        Change::Grew(increase) => Change::Grew(kind(increase)),
        Change::Reset(increase) => Change::Reset(kind(increase)),
        Change::Incomparable => Change::Incomparable,
    }
}

/// The samples of one cumulative histogram series.
pub type HistogramTrack = Track<Histogram>;

impl HistogramTrack {
    /// By slice, how many of the new observations were at most `threshold`. The samples are differenced first, so the
    /// threshold may change at any time. Add the counts of several series with [`Counts::add`].
    pub fn at_most(&self, threshold: f64, slicing: &Slicing) -> Counts<LatencyCount> {
        self.increases_by(slicing, |increase| increase.at_most(threshold))
    }
}

#[cfg(test)]
mod tests;
