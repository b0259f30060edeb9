//! A sealed day: the slices of one SLI that start in one UTC day, compressed into one row, with their sums beside it.
//!
//! Invariants: of an SLI's day either its slices are rows or it is sealed, never both, but for what a release that does
//! not know sealed days has written beside one (it is merged when the day is sealed again); a sealed day answers every
//! question as its slices would; it is rewritten whole, never added to.

mod hours;
mod payload;
mod varint;

use domain::{Instant, Measurement, Slice, Sum};

pub(super) use hours::unpack as unpack_hours;
pub(super) use payload::{Encoder, decode};

/// Length of a day.
pub(super) const DAY_SECONDS: i64 = 86_400;

/// A UTC day, as days since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Day(pub(super) i32);

impl Day {
    /// The day that an instant lies in.
    pub(super) fn of(instant: Instant) -> Self {
        // Instants end with the year 9999.
        Self(i32::try_from(instant.unix().div_euclid(DAY_SECONDS)).unwrap_or(i32::MAX))
    }

    /// Its first second.
    pub(super) fn start(self) -> Instant {
        Instant::from_unix(i64::from(self.0) * DAY_SECONDS)
    }

    /// The first second after it.
    pub(super) fn end(self) -> Instant {
        self.start() + DAY_SECONDS
    }
}

/// A sealed day that cannot be written or read, and why; nothing is made up of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Corrupt(pub(super) &'static str);

/// What stands beside a day's slices, so that most questions need not decode them. Offsets are seconds since the
/// beginning of the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Summary {
    /// Slices, unknown ones too.
    pub(super) slices: i32,
    /// Of the measured ones, good capped at total.
    pub(super) sum: Sum,
    /// Of the first measured slice: its start.
    pub(super) first_start: Option<i32>,
    /// Of the last measured slice: its start.
    pub(super) last_start: Option<i32>,
    /// Of the last measured slice: its length.
    pub(super) last_seconds: Option<i32>,
    /// The end of the last slice, unknown ones too: it may reach into later days.
    pub(super) reach: i32,
    /// Packed sums of its hours.
    pub(super) hours: Vec<u8>,
}

impl Summary {
    /// Of a day's slices, sorted by their start.
    pub(super) fn of(day: Day, slices: &[Slice]) -> Self {
        let hours = hours::sums(slices);
        let mut sum = Sum::default();
        for hour in hours.values() {
            sum.add(hour);
        }
        let is_measured = |slice: &&Slice| matches!(slice.measurement, Measurement::Measured(_));
        let first = slices.iter().find(is_measured);
        let last = slices.iter().rfind(is_measured);
        Self {
            slices: i32::try_from(slices.len()).unwrap_or(i32::MAX),
            sum,
            first_start: first.map(|slice| day.offset(slice.start)),
            last_start: last.map(|slice| day.offset(slice.start)),
            last_seconds: last.map(|slice| i32::try_from(slice.seconds).unwrap_or(i32::MAX)),
            reach: slices.iter().map(|slice| day.offset(slice.end())).max().unwrap_or(0),
            hours: hours::pack(&hours),
        }
    }
}

impl Day {
    /// Seconds since its beginning; slices are shorter than 68 years.
    pub(super) fn offset(self, instant: Instant) -> i32 {
        i32::try_from(instant.seconds_since(self.start())).unwrap_or(i32::MAX)
    }
}

#[cfg(test)]
mod tests;
