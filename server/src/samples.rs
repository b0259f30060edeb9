//! Samples of series: from whoever decodes them to slices of SLIs. Remote write uses this way in, and whatever else
//! brings samples is to use it, too.
//!
//! ```text
//! Intake::gather -> Gather: a request's series and samples, checked, borrowed; what no SLI needs is counted only
//!        ::offer -> writer: one transaction for all requests that wait: new series and ONE row of the log; then the head
//!                   fold:   every second the slices that samples touched are made anew from the head and replaced
//! ```
//!
//! Invariants: [`Intake::offer`] returns `Ok` only after COMMIT; figures are made of committed samples only; of two
//! samples of one series and instant the first that was committed stays; slices are overwritten and never added to, so
//! that anything may be done twice; the head and the log hold the same.

mod fold;
mod gather;
mod head;
mod intake;
mod labels;
mod log;
mod registry;
mod selectors;
mod unneeded;
mod writer;

#[cfg(test)]
mod tests;

pub use gather::{Gather, Told};
pub use intake::{Intake, Refusal};
pub use labels::LabelFault;
pub use unneeded::{UnneededMetric, UnneededSeries};
pub use writer::Totals;

/// A name and a value.
pub type Label<'a> = (&'a str, &'a str);

/// One sample of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// When it was taken, in milliseconds since 1970.
    pub millis: i64,
    /// What it says, by its bits: a NaN may be the mark of an end.
    pub value: f64,
    /// When its series was zero, in milliseconds since 1970, where the sender says so.
    pub created_millis: Option<i64>,
}

impl Sample {
    /// Whether another one says the same, bit by bit: NaN is itself.
    fn is_same(&self, other: &Self) -> bool {
        self.millis == other.millis
            && self.value.to_bits() == other.value.to_bits()
            && self.created_millis == other.created_millis
    }
}

/// Samples further in the future than this are refused, as Prometheus does: their clock is wrong.
pub const AHEAD_MAX_MILLIS: i64 = 10 * 60 * 1_000;
/// Samples older than this are refused: slices of before are not made anew. A sender that was cut off keeps about as much.
pub const LATE_MAX_MILLIS: i64 = 2 * 60 * 60 * 1_000;
