//! A slice as it waits for the store: everything that is known of it, so that another process can go on with it.

use domain::{Instant, Measured};
use serde::{Deserialize, Serialize};

use super::Minute;

/// Later than any instant: of a slice all that results cover.
pub(super) const FAR: Instant = Instant::from_unix(i64::MAX / 4);

/// What a process knows of a slice and the store perhaps does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Where the slice begins.
    pub start: Instant,
    /// Good results.
    pub good: u64,
    /// All results.
    pub total: u64,
    /// Bit `n` is set when second `n` of the slice is covered by one of them.
    pub covered: u64,
    /// What an earlier process left in the store, apart from the above.
    pub resumed: Option<Stored>,
    /// Whether the store was asked for that; else it may hold results that are not in here.
    pub settled: bool,
}

/// What the store held of a slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    pub good: u64,
    pub total: u64,
    pub measured_seconds: u32,
    pub from: Instant,
    pub to: Instant,
}

impl From<Measured> for Stored {
    fn from(Measured { good, total, measured_seconds, from, to }: Measured) -> Self {
        Self { good, total, measured_seconds, from, to }
    }
}

impl From<Stored> for Measured {
    fn from(Stored { good, total, measured_seconds, from, to }: Stored) -> Self {
        Self { good, total, measured_seconds, from, to }
    }
}

impl Waiting {
    /// Together with what a later process added to it.
    pub(super) fn with(&self, minute: &Minute) -> Self {
        Self {
            good: self.good.saturating_add(minute.good),
            total: self.total.saturating_add(minute.total),
            covered: self.covered | minute.covered,
            ..self.clone()
        }
    }

    /// All of it as the store would hold it.
    pub(super) fn measured(&self) -> Option<Measured> {
        let minute = Minute {
            good: self.good,
            total: self.total,
            covered: self.covered,
            resumed: self.resumed.map(Measured::from),
            ..Minute::default()
        };
        minute.measured(self.start, FAR)
    }
}

/// Whether `stored` holds at least what `known` does. A slice only ever grows while one process after the other writes
/// it, so that the one with more results is the later one.
pub(super) fn holds(stored: &Measured, known: Option<&Measured>) -> bool {
    known.is_none_or(|known| (stored.total, stored.measured_seconds) >= (known.total, known.measured_seconds))
}
