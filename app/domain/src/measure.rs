//! From raw samples to what a slice holds: events, measured time, and flags for what could not be counted.
//!
//! Invariants: counts are integers (fractions in millionths); no result depends on the order in which samples
//! arrive or on how they were batched, unless two different values claim one instant; what was not measured is
//! absent, never zero; every function is total.
//!
//! | input | type | events | measured time |
//! |---|---|---|---|
//! | cumulative counter, one series | [`Counter`] | its increase | between samples at most 2 x cadence apart |
//! | several series of one counter | [`sum_increases`] | the sum of their increases, never the increase of a sum | where any series is measured |
//! | cumulative histogram | [`HistogramTrack`] | its increase; good: at most the threshold, as a lower and an upper bound | as a counter |
//! | gauge | [`Gauge`] | one for each sample; good: `value op threshold`; NaN is none | up to the next sample, or one cadence |
//! | newest item | [`freshness`] | one for each slice; good: age at its end at most the bound | where the collector ran |
//! | counts | [`throughput`] | one for each slice; good: at least the minimum | where the collector ran |
//! | heartbeat messages | [`Heartbeat`] | one for each expected beat; good: in time | where the collector ran |
//!
//! Two sides of a ratio meet in [`sides`], which says what a missing side means.
//!
//! Samples are placed in milliseconds, not in whole seconds: two scrapes within a second are two samples, and taking
//! them for one would make a conflict of them. A slice holds the samples with `start <= at < end`. An increase
//! belongs to the slice of the later sample; its time is counted where it passed. With samples exactly on the slice
//! bounds a slice's events are therefore those of the minute before, and the newest slice may hold events before it
//! holds measured time.

pub mod amount;
pub mod counter;
pub mod counts;
pub mod cumulative;
pub mod histogram;
pub mod kinds;
pub mod sides;
pub mod spans;
pub mod threshold;
pub mod track;

pub use amount::Amount;
pub use counter::{Counter, sum_increases};
pub use counts::{Counted, Counts, Events, Flags, Judged};
pub use cumulative::{Change, Cumulative, Slicing, SlicingError};
pub use histogram::{Bounded, Classic, Exponential, Histogram, HistogramError, HistogramTrack, LatencyCount};
pub use kinds::{Heartbeat, freshness, throughput};
pub use sides::{Side, Sides};
pub use spans::{Spans, Timestamp};
pub use threshold::{Gauge, Operator, Threshold};
pub use track::{Added, Reading, Sample, Track};
