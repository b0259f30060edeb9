//! Raw samples of cumulative counters, as sources deliver them.
//!
//! Invariant: samples are in the order of their arrival, which is not that of time.

/// Millionths in one event.
pub const MILLIONTHS: u64 = 1_000_000;

/// The counters of a case, from which its slices are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counters {
    /// What the two sides count.
    pub sides: Sides,
    /// Length of the slices.
    pub slice_seconds: u32,
    /// How often the source is asked.
    pub cadence_seconds: u32,
    /// Since when it has been, in milliseconds since 1970, where that is known.
    pub covered_from: Option<i64>,
    /// In the order of their arrival.
    pub samples: Vec<Sample>,
}

/// What the first and the second side of a ratio count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sides {
    /// Good events, all events.
    GoodTotal,
    /// Bad events, all events.
    BadTotal,
    /// Good events, bad events.
    GoodBad,
}

/// One sample of one series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Whether it is of the second side.
    pub second: bool,
    /// The series within the side.
    pub series: u8,
    /// When it was taken, in milliseconds since 1970.
    pub at: i64,
    /// When the series was zero, where it says so, in milliseconds since 1970.
    pub created: Option<i64>,
    /// What it says.
    pub value: Value,
}

/// What a sample says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// So many millionths of an event.
    Millionths(u64),
    /// NaN: the series goes no further.
    End,
    /// A negative count.
    Invalid,
}

/// How often something was met, over all series of both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags {
    /// Series that began again at zero.
    pub resets: u32,
    /// Samples too far apart.
    pub gaps: u32,
    /// Instants with different samples.
    pub conflicts: u32,
    /// Samples that are no counts.
    pub invalid: u32,
    /// Series that appeared above zero, and nobody knows since when they count.
    pub unseen_starts: u32,
}
