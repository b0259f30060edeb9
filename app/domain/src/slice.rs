//! A slice: one SLI's measurement over `[start, start + seconds)`, measured or unknown.
//!
//! Good or bad is an objective's judgement and is never stored. No slice at a place means unknown.

use serde::{Deserialize, Serialize};

use crate::time::Instant;

/// One SLI's measurement over `[start, start + seconds)`. Its place is (SLI, start).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// First second, inclusive.
    pub start: Instant,
    /// Length.
    pub seconds: u32,
    /// What was found.
    pub measurement: Measurement,
}

impl Slice {
    /// First second after the slice.
    pub fn end(&self) -> Instant {
        self.start + i64::from(self.seconds)
    }
}

/// What a slice found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measurement {
    /// Counts were taken.
    Measured(Measured),
    /// Nothing could be measured, and why (free text, at most 100 characters).
    Unknown(String),
}

/// The counts of a measured slice. `good > total` is kept as delivered and flagged by whoever sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// Good events.
    pub good: u64,
    /// All events.
    pub total: u64,
    /// Seconds of the slice that were measured, at most its length.
    pub measured_seconds: u32,
    /// The first measured second.
    pub from: Instant,
    /// The first second after the last measured one; of a running slice: measured up to.
    pub to: Instant,
}

/// Sums over the slices whose start lies in a window, good capped at total slice by slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sum {
    /// Good events.
    pub good: u64,
    /// All events.
    pub total: u64,
    /// Measured seconds.
    pub measured_seconds: u64,
    /// Slices that delivered more good than total.
    pub good_over_total: u64,
    /// The first measured second inside the window; none if nothing was measured.
    pub first: Option<Instant>,
    /// The end of the latest measured second; none if nothing was measured.
    pub last: Option<Instant>,
}

impl Sum {
    /// Events that were not good.
    pub const fn bad(&self) -> u64 {
        self.total.saturating_sub(self.good)
    }

    /// Adds another sum, in any order.
    pub fn add(&mut self, other: &Self) {
        self.good = self.good.saturating_add(other.good);
        self.total = self.total.saturating_add(other.total);
        self.measured_seconds = self.measured_seconds.saturating_add(other.measured_seconds);
        self.good_over_total = self.good_over_total.saturating_add(other.good_over_total);
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = self.last.max(other.last);
    }
}

impl From<&Measured> for Sum {
    fn from(measured: &Measured) -> Self {
        Self {
            good: measured.good.min(measured.total),
            total: measured.total,
            measured_seconds: u64::from(measured.measured_seconds),
            good_over_total: u64::from(measured.good > measured.total),
            first: Some(measured.from),
            last: Some(measured.to),
        }
    }
}

/// A half-open stretch of time, `[from, to)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// Inclusive.
    pub from: Instant,
    /// Exclusive.
    pub to: Instant,
}

impl Bounds {
    /// All time that there is.
    pub const ALWAYS: Self = Self { from: Instant::from_unix(i64::MIN), to: Instant::from_unix(i64::MAX) };

    /// What lies in both; nothing, at an end of `other`, if that is not there.
    #[must_use]
    pub fn within(self, other: Self) -> Self {
        let from = self.from.max(other.from).min(other.to);
        Self { from, to: self.to.min(other.to).max(from) }
    }

    /// Whether nothing lies in it.
    pub fn is_empty(self) -> bool {
        self.to <= self.from
    }
}

/// The sums of a block of slices that all start in `[start, start + seconds)`: a minute, an hour, a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// First second.
    pub start: Instant,
    /// Length.
    pub seconds: u32,
    /// What its slices add up to.
    pub sum: Sum,
}
