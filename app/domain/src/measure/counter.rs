//! Cumulative counters: one series each, differenced on its own, then summed.
//!
//! The rules are those of [`super::cumulative`]. Values are kept in millionths, exactly (see [`super::amount`]); a
//! decrease by less than half a millionth is not seen as a reset.

use super::amount::Amount;
use super::counts::Counts;
use super::cumulative::{Change, Cumulative, Slicing};
use super::track::{Reading, Track};

/// The samples of one counter series.
pub type Counter = Track<Amount>;

impl Reading<Amount> {
    /// A sample's value as Prometheus and OTLP doubles have it: NaN, with stale markers among them, ends the series;
    /// a negative, infinite or too large (2^64) one is invalid.
    pub fn from_f64(value: f64) -> Self {
        if value.is_nan() {
            return Self::End;
        }
        Amount::from_f64(value).map_or(Self::Invalid, Self::Value)
    }

    /// A sample's value as OTLP integers have it; a negative one is invalid.
    pub fn from_i64(value: i64) -> Self {
        Amount::from_i64(value).map_or(Self::Invalid, Self::Value)
    }

    /// A whole count.
    pub fn from_u64(value: u64) -> Self {
        Self::Value(Amount::from_u64(value))
    }
}

impl Cumulative for Amount {
    type Increase = Amount;

    fn since_zero(&self) -> Amount {
        *self
    }

    fn since(&self, earlier: &Self) -> Change<Amount> {
        self.less(*earlier).map_or(Change::Reset(*self), Change::Grew)
    }

    fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }
}

impl Counter {
    /// The increases of this series by slice.
    pub fn increases(&self, slicing: &Slicing) -> Counts<Amount> {
        self.increases_by(slicing, |increase| increase)
    }
}

/// The increases of all series, summed by slice. A slice's time is measured where any of them is: one lost series of
/// many is a flag and a smaller count, not an hour without figures.
pub fn sum_increases<'a>(series: impl IntoIterator<Item = &'a Counter>, slicing: &Slicing) -> Counts<Amount> {
    let mut sum = Counts::new(slicing.slice_seconds());
    for counter in series {
        sum.add(&counter.increases(slicing));
    }
    sum
}

#[cfg(test)]
mod tests;
